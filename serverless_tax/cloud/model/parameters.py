"""OpenAI's checks of a request's parameters, with its codes and its words.

The texts are those of the API's own answers, as public issues and forums quote them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from serverless_tax.cloud.model.errors import ApiError

_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "integer": (int, "an integer"),
    "decimal": ((int, float), "a decimal"),
    "string": (str, "a string"),
    "boolean": (bool, "a boolean"),
    "array": (list, "an array"),
    "object": (dict, "an object"),
}


def object_of(body: bytes) -> dict[str, Any]:
    """Read a request's body.

    Raises:
        ApiError: if it is no JSON object.
    """
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        text = (
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
            "using your HTTP library correctly. The OpenAI API expects a JSON payload, but what "
            "was sent was not valid JSON.)"
        )
        raise ApiError(400, text)
    return asked


def refuse_unknown(
    asked: Mapping[str, Any], known: Collection[str], not_here: Collection[str], said: str
) -> None:
    """Refuse parameters that the API does not know, and those that this provider cannot honour.

    Args:
        asked: the request.
        known: parameters that are honoured, or that mean nothing without a model.
        not_here: parameters of the API that only a real model can honour.
        said: how the API begins its refusal of an unknown one.

    Raises:
        ApiError: naming the parameter.
    """
    for name, value in asked.items():
        if name in not_here and value:
            text = f"Unsupported parameter: '{name}' needs a real model, which this provider lacks."
            raise ApiError(400, text, "unsupported_parameter", name)
        if name not in known and name not in not_here:
            raise ApiError(400, f"{said}{name}", "unknown_parameter", name)


def given(asked: Mapping[str, Any], name: str, kind: str, path: str = "") -> Any:
    """Return a parameter of the right type, or None if it is not there.

    Raises:
        ApiError: for another type.
    """
    value = asked.get(name)
    if value is None:
        return None
    wanted, called = _KINDS[kind]
    is_good = isinstance(value, wanted) and (kind == "boolean" or not isinstance(value, bool))
    if not is_good:
        where = path or name
        got = next((say for one, say in _KINDS.values() if isinstance(value, one)), "null")
        got = "a boolean" if isinstance(value, bool) else got
        text = f"Invalid type for '{where}': expected {called}, but got {got} instead."
        raise ApiError(400, text, "invalid_type", where)
    return value


def required(asked: Mapping[str, Any], name: str, kind: str, path: str = "") -> Any:
    """Return a parameter that must be there.

    Raises:
        ApiError: if it is missing or of another type.
    """
    value = given(asked, name, kind, path)
    if value is None:
        where = path or name
        text = f"Missing required parameter: '{where}'."
        raise ApiError(400, text, "missing_required_parameter", where)
    return value


def number(
    asked: Mapping[str, Any], name: str, kind: str, least: float, most: float | None = None
) -> Any:
    """Return a number within its range, or None if it is not there.

    Raises:
        ApiError: for a number outside.
    """
    value = given(asked, name, kind)
    if value is None:
        return None
    for bound, side, sign, is_outside in (
        (least, "below min", ">=", value < least),
        (most, "above max", "<=", most is not None and value > most),
    ):
        if is_outside:
            text = (
                f"Invalid '{name}': {kind} {side}imum value. Expected a value {sign} {bound}, "
                f"but got {value} instead."
            )
            raise ApiError(400, text, f"{kind}_{side.replace(' ', '_')}_value", name)
    return value


def one_of(value: Any, choices: Collection[str], path: str) -> None:
    """Refuse a text that is none of some.

    Raises:
        ApiError: naming them.
    """
    if value in choices:
        return
    *most, last = [f"'{one}'" for one in choices]
    text = f"Invalid value: '{value}'. Supported values are: {', '.join(most)}, and {last}."
    raise ApiError(400, text, "invalid_value", path)
