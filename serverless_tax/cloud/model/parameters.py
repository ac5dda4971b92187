"""OpenAI's checks of a request's parameters, with its codes and its words.

The texts are those of the API's own answers: as a public conformance list has measured them (chat
completions with gpt-5.6-terra, 30 August to 4 September 2026), and as issues and forums quote them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from serverless_tax.cloud.model.errors import ApiError
from serverless_tax.cloud.model.schemas import wrong_in

_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "integer": (int, "an integer"),
    "decimal": ((int, float), "a decimal"),
    "string": (str, "a string"),
    "boolean": (bool, "a boolean"),
    "array": (list, "an array"),
    "objects": (list, "an array of objects"),
    "object": (dict, "an object"),
    "metadata": (dict, "a metadata object"),
}
_GOT: tuple[tuple[type, str], ...] = (
    *((bool, "a boolean"), (int, "an integer"), (float, "a decimal number")),
    *((str, "a string"), (list, "an array"), (dict, "an object")),
)
_DECIMALS = {
    "temperature": (0, 2), "top_p": (0, 1),
    "frequency_penalty": (-2, 2), "presence_penalty": (-2, 2),
}  # fmt: skip
_CHOICES = {
    "service_tier": ("auto", "default", "fast", "flex", "priority"),
    "verbosity": ("low", "medium", "high"),
    "prompt_cache_retention": ("in_memory", "24h"),
    "truncation": ("auto", "disabled"),
}
_OTHERS = {
    "stream": "boolean", "store": "boolean", "parallel_tool_calls": "boolean", "user": "string",
    "safety_identifier": "string", "prompt_cache_key": "string", "seed": "integer",
    "logit_bias": "object", "prediction": "object", "instructions": "string",
    "prompt_cache_options": "object",
}  # fmt: skip
"""What changes nothing here, or is honoured by any answer: ranges, values and types."""
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_MOST_PAIRS, _MOST_KEY, _MOST_VALUE = 16, 64, 512


def object_of(body: bytes, *, by_anthropic: bool) -> dict[str, Any]:
    """Read a request's body.

    Raises:
        ApiError: if it is no JSON object, in each vendor's words.
    """
    text = "Input should be a valid dictionary or object to extract fields from"
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        asked, text = None, f"The request body is not valid JSON: {error}"
    if isinstance(asked, dict):
        return asked
    if not by_anthropic:
        text = (
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
            "using your HTTP library correctly. The OpenAI API expects a JSON payload, but what "
            "was sent was not valid JSON.)"
        )
    raise ApiError(400, text)


def refuse_unknown(
    asked: Mapping[str, Any], known: Collection[str], not_here: Collection[str]
) -> None:
    """Refuse parameters that the API does not know, and those that this provider cannot honour.

    Args:
        asked: the request.
        known: parameters that are honoured, or that mean nothing without a model.
        not_here: parameters that ask for parts of an answer which only a real model has.

    Raises:
        ApiError: naming the parameter.
    """
    for name, value in asked.items():
        if name in not_here and (value or value == {}):
            text = f"Unsupported parameter: '{name}' needs a real model, which this provider lacks."
            raise ApiError(400, text, "unsupported_parameter", name)
        if name not in known and name not in not_here:
            raise ApiError(400, f"Unknown parameter: '{name}'.", "unknown_parameter", name)


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
        raise wrong_type(value, path or name, called)
    return value


def wrong_type(value: Any, where: str, called: str) -> ApiError:
    """The refusal of a value that has another type than the one that is called so."""
    got = next((said for kind, said in _GOT if isinstance(value, kind)), "null")
    text = f"Invalid type for '{where}': expected {called}, but got {got} instead."
    return ApiError(400, text, "invalid_type", where)


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
    asked: Mapping[str, Any],
    name: str,
    kind: str,
    least: float,
    most: float | None = None,
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
    text = f"Invalid value: '{value}'. Supported values are: {_listed(choices, 'and')}."
    raise ApiError(400, text, "invalid_value", path)


def _listed(choices: Collection[str], word: str) -> str:
    *most, last = [f"'{one}'" for one in choices]
    if len(most) < 2:  # noqa: PLR2004 - two need no comma
        return f"{most[0]} {word} {last}" if most else last
    return f"{', '.join(most)}, {word} {last}"


def chosen(asked: Mapping[str, Any], name: str, choices: Collection[str], path: str = "") -> None:
    """Refuse a parameter that is none of some texts; it may be missing.

    Raises:
        ApiError: naming them.
    """
    value, where = asked.get(name), path or name
    if value is None:
        return
    if not isinstance(value, str):
        raise wrong_type(value, where, f"one of {_listed(choices, 'or')}")
    one_of(value, choices, where)


def check_effort(value: Any, path: str) -> None:
    """Refuse an effort of reasoning that no model has.

    Raises:
        ApiError: naming the efforts.
    """
    if value is None or (isinstance(value, str) and value in EFFORTS):
        return
    said = f"'{value}'" if isinstance(value, str) else value
    text = (
        f"Unsupported value: '{path}' does not support {said} with this model. Supported values "
        f"are: {_listed(EFFORTS, 'and')}."
    )
    raise ApiError(400, text, "unsupported_value", path)


def check_common(asked: Mapping[str, Any]) -> None:
    """Check the parameters that change no answer here, as far as a request has them.

    Raises:
        ApiError: for the first that has another type, or is out of range.
    """
    for name, (least, most) in _DECIMALS.items():
        number(asked, name, "decimal", least, most)
    for name, kind in _OTHERS.items():
        given(asked, name, kind)
    for name, choices in _CHOICES.items():
        chosen(asked, name, choices)
    _check_metadata(given(asked, "metadata", "metadata") or {})
    if asked.get("safety_identifier") is not None:
        limited_text(asked, "safety_identifier", "safety_identifier", most=_MOST_KEY, least=0)
    for token in asked.get("logit_bias") or {}:
        if not token.isdecimal():
            text = (
                f"Invalid key in 'logit_bias': {token}. You should only be submitting non-negative "
                "integers."
            )
            raise ApiError(400, text, None, "logit_bias")
    biases = {f"logit_bias.{token}": one for token, one in (asked.get("logit_bias") or {}).items()}
    for name in biases:
        number(biases, name, "decimal", -100, 100)


def _check_metadata(metadata: Mapping[str, Any]) -> None:
    if len(metadata) > _MOST_PAIRS:
        text = (
            f"Invalid 'metadata': too many properties. Expected an object with at most "
            f"{_MOST_PAIRS} properties, but got an object with {len(metadata)} properties instead."
        )
        raise ApiError(400, text, "object_above_max_properties", "metadata")
    for name, value in metadata.items():
        where = f"metadata.{name}"
        if len(name) > _MOST_KEY:
            text = (
                f"Invalid property name in 'metadata': '{name[:3]}...{name[-3:]}' is too long. "
                f"Expected a string with maximum length {_MOST_KEY}, but got a string with length "
                f"{len(name)} instead."
            )
            raise ApiError(400, text, "property_name_above_max_length", where)
        limited_text({"value": value}, "value", where, most=_MOST_VALUE, least=0)


def at_most(array: Collection[Any], most: int, name: str) -> None:
    """Refuse an array that is too long.

    Raises:
        ApiError: with both lengths.
    """
    if len(array) > most:
        text = (
            f"Invalid '{name}': array too long. Expected an array with maximum length {most}, but "
            f"got an array with length {len(array)} instead."
        )
        raise ApiError(400, text, "array_above_max_length", name)


_NAME = re.compile(r"[a-zA-Z0-9_-]+")


def limited_text(
    asked: Mapping[str, Any], name: str, path: str, *, most: int, least: int = 1
) -> str:
    """Return a text that must be there, within its length.

    Raises:
        ApiError: if it is missing, empty, too long, or no text.
    """
    text = str(required(asked, name, "string", path))
    if len(text) < least:
        said = (
            f"Invalid '{path}': empty string. Expected a string with minimum length {least}, but "
            "got an empty string instead."
        )
        raise ApiError(400, said, "empty_string", path)
    if len(text) > most:
        said = (
            f"Invalid '{path}': string too long. Expected a string with maximum length {most}, but "
            f"got a string with length {len(text)} instead."
        )
        raise ApiError(400, said, "string_above_max_length", path)
    return text


def identifier(asked: Mapping[str, Any], path: str) -> str:
    """Return the name of a function or a schema.

    Raises:
        ApiError: if it is missing, or is none.
    """
    name = limited_text(asked, "name", path, most=64)
    if not _NAME.fullmatch(name):
        said = (
            f"Invalid '{path}': string does not match pattern. Expected a string that matches the "
            "pattern '^[a-zA-Z0-9_-]+$'."
        )
        raise ApiError(400, said, "invalid_value", path)
    return name


def parameters_of(function: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
    """Return the schema of a function's arguments.

    Raises:
        ApiError: for a schema of anything but an object, and where strict mode forbids it.
    """
    schema = given(function, "parameters", "object", path) or {"type": "object"}
    what = f"function '{name}'"
    if schema and schema.get("type") != "object":
        text = (
            f"Invalid schema for {what}: schema must be a JSON Schema of 'type: \"object\"', got "
            f"'type: \"{schema.get('type')}\"'."
        )
        raise ApiError(400, text, "invalid_function_parameters", path)
    strict = bool(function.get("strict"))
    check_schema(schema, what, path, "invalid_function_parameters", strict=strict)
    return schema


def check_schema(
    schema: Mapping[str, Any], what: str, path: str, code: str | None, *, strict: bool
) -> None:
    """Refuse a schema that is none, and one of an object that strict mode does not take.

    Strict mode wants every property named.

    Raises:
        ApiError: with the place in the schema.
    """
    if found := wrong_in(schema):
        context, wrong = found
        text = f"Invalid schema for {what}: In context={context}, {wrong}"
        raise ApiError(400, text, code, path)

    def look(one: Any, context: tuple[str, ...]) -> None:
        inside = {} if isinstance(one, bool) else one.get("properties") or {}
        wrong = ""
        if isinstance(one, bool):
            wrong = "schema must have a 'type' key."
        elif one.get("type") == "object" and one.get("additionalProperties") is not False:
            wrong = "'additionalProperties' is required to be supplied and to be false."
        elif missing := [name for name in inside if name not in (one.get("required") or [])]:
            wrong = (
                "'required' is required to be supplied and to be an array including every key in "
                f"properties. Missing '{missing[0]}'."
            )
        if wrong:
            text = f"Invalid schema for {what}: In context={context}, {wrong}"
            raise ApiError(400, text, code, path)
        for name, below in inside.items():
            look(below, (*context, "properties", name))
        if isinstance(one.get("items"), dict):
            look(one["items"], (*context, "items"))

    if strict:
        look(schema, ())
