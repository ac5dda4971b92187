"""The constraints that AWS itself publishes for each value of a request.

botocore brings AWS's model of each API: which members a request must have, and for each its least
and most, its pattern or its list of values. AWS's validator answers from the same model, and its
sentences are written here from recorded answers of AWS's (LocalStack's snapshots in
tests/aws/services/lambda_, November 2025 to March 2026).
"""

from __future__ import annotations

import functools
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from botocore.model import OperationModel, Shape

from serverless_tax.cloud.front.operations import ApiRequest, model_of, operation_of

#: Executions of durable functions answer for themselves, with texts of their own.
_ELSEWHERE = "/2025-12-01/"
_MOST = {"Timeout": 900, "EphemeralStorageSize": 10_240, "TenantId": 256}
"""Of an ordinary function; the model has those of managed instances."""
_ORDER = {
    "InvokeMode": ("RESPONSE_STREAM", "BUFFERED"),
    "RecursiveLoop": ("Terminate", "Allow"),
    "EventSourcePosition": ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"),
    "ScalarAttributeType": ("B", "N", "S"),
    "ReturnConsumedCapacity": ("INDEXES", "TOTAL", "NONE"),
    "ReturnItemCollectionMetrics": ("SIZE", "NONE"),
    "ReturnValue": ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
    "Select": ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
    "ConditionalOperator": ("OR", "AND"),
    "ProjectionType": ("ALL", "INCLUDE", "KEYS_ONLY"),
}
"""Values in the order of AWS's answers, where it is not the model's."""
_OTHERWISE = frozenset(
    [
        "Runtime",
        "AuthorizerType",
        "IntegerWithLengthBetween50And30000",
        "ProtocolType",
        "QuotaPeriodType",
    ]
)
"""AWS answers for these with another text than its validator's."""
_SOUND = frozenset(["blob", "timestamp", "boolean"])
_NOT_NULL = "Member must not be null"
_JAVA = (
    ("\\p{L}", r"\w"), ("\\p{N}", r"\w"), ("\\p{Z}", r"\s"), ("\\p{Print}", "[ -~]"),
    ("\\p{ASCII}", r"[\x00-\x7f]"), ("\\w-", r"\w\-"),
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010ffff"),
)  # fmt: skip
"""Parts of Java's patterns that Python reads otherwise or not at all, and the same in Python."""


def broken_constraints(request: ApiRequest, asked: Any) -> list[str]:
    """Return a sentence of AWS's validator for each constraint that a request breaks.

    Args:
        request: without its body.
        asked: the body's JSON; None where the body is an event or a package.

    Raises:
        TypeError: if a member has the wrong type.
    """
    found = _operation(request)
    if found is None or found[0].input_shape is None:
        return []
    operation, uri = found
    shape = operation.input_shape
    queried = parse_qs(request.query, keep_blank_values=True)
    sentences: list[str] = []
    for name, member in shape.members.items():
        where, wire = member.serialization.get("location"), member.serialization.get("name", name)
        if where == "uri":
            given: Any = _queried(member, [unquote(uri[wire])])
        elif where == "querystring":
            given = _queried(member, queried.get(wire))
        elif where == "header":
            given = request.headers.get(wire.lower())
        elif asked is None or name == shape.serialization.get("payload"):
            continue
        else:
            given = _as(dict, asked).get(wire)
        sentences += _of_member(shape, name, member, given, _lower(name))
    return sentences


def broken_value(value: str, called: str, limit: str) -> str:
    """Return the validator's sentence for a value that breaks a limit."""
    return f"Value '{value}' at '{called}' failed to satisfy constraint: {limit}"


def detected(broken: list[str]) -> str:
    """Return the validator's answer for such sentences."""
    errors = "error" if len(broken) == 1 else "errors"
    return f"{len(broken)} validation {errors} detected: {'; '.join(broken)}"


def broken_action(service: str, action: str, asked: Mapping[str, Any]) -> list[str]:
    """Return the sentences for a call of a service that names its action in a header.

    Args:
        service: as the request's signature names it.
        action: the operation; an unknown one has no constraints.
        asked: the body's JSON.

    Raises:
        TypeError: if a member has the wrong type.
    """
    shape = _input_of(service, action)
    return [] if shape is None else _of_all(shape, asked)


def _input_of(service: str, action: str) -> Any:
    model = model_of(service)
    return model.operation_model(action).input_shape if action in model.operation_names else None


def members_of_form(service: str, action: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Return the members of a call that comes as a form, where lists are counted from 1.

    Raises:
        ValueError: if a number is none.
    """
    shape = _input_of(service, action)
    return {} if shape is None else dict(_formed(shape, form, "") or {})


def _formed(shape: Any, form: Mapping[str, str], place: str) -> Any:
    """The value at a place of a form; None if there is none."""
    kind, inside = shape.type_name, f"{place}." if place else ""
    if kind == "structure":
        members = {
            name: _formed(member, form, f"{inside}{member.serialization.get('name', name)}")
            for name, member in shape.members.items()
        }
        given = {name: one for name, one in members.items() if one is not None}
        return given or None
    if kind in {"list", "map"}:
        called = "entry" if kind == "map" else "member"
        middle = "" if shape.serialization.get("flattened") else f"{called}."
        numbers = sorted(
            {int(found[1]) for name in form if (found := _counted(inside + middle, name))}
        )
        if kind == "map":
            key, value = (
                one.serialization.get("name", word)
                for one, word in ((shape.key, "key"), (shape.value, "value"))
            )
            names = [form.get(f"{inside}{middle}{number}.{key}") for number in numbers]
            return {
                name: _formed(shape.value, form, f"{inside}{middle}{number}.{value}")
                for name, number in zip(names, numbers, strict=True)
            } or None
        return [_formed(shape.member, form, f"{inside}{middle}{one}") for one in numbers] or None
    said = form.get(place)
    if said and kind in {"integer", "long"}:
        return int(said)
    return float(said) if said and kind in {"double", "float"} else said


def _counted(before: str, name: str) -> re.Match[str] | None:
    return re.match(f"{re.escape(before)}(\\d+)(?:\\.|$)", name)


def of_template(operation: str, props: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource's properties as an operation's members: CloudFormation converts them.

    A template may have a number where the API has text, and text where it has a number.
    """
    return dict(_converted(_shape(operation), dict(props)))


def broken_members(operation: str, asked: Mapping[str, Any]) -> list[str]:
    """Return the sentences for the members of an operation that does not come by its API.

    Raises:
        TypeError: if a member has the wrong type.
    """
    return _of_all(_shape(operation), asked)


def _of_all(shape: Any, asked: Mapping[str, Any]) -> list[str]:
    return [
        sentence
        for name, member in shape.members.items()
        for sentence in _of_member(shape, name, member, asked.get(name), _lower(name))
    ]


def _shape(operation: str) -> Any:
    return model_of("lambda").operation_model(operation).input_shape


def _converted(shape: Any, given: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(given, dict):
        members = shape.members
        return {
            name: _converted(members[name], value) if name in members else value
            for name, value in given.items()
        }
    if kind == "list" and isinstance(given, list):
        return [_converted(shape.member, one) for one in given]
    if kind == "map" and isinstance(given, dict):
        return {name: _converted(shape.value, value) for name, value in given.items()}
    if kind == "string" and isinstance(given, bool | int | float):
        return str(given).lower() if isinstance(given, bool) else str(given)
    if kind in {"integer", "long"} and str(given).isdecimal():
        return int(given)
    return given


def takes_json(request: ApiRequest) -> bool:
    """Whether the body of a request is JSON, and not an event, a package or a document."""
    found = _operation(request)
    shape = found[0].input_shape if found else None
    return shape is not None and "payload" not in shape.serialization


def _operation(request: ApiRequest) -> tuple[OperationModel, dict[str, str]] | None:
    if request.path.startswith(_ELSEWHERE):
        return None
    return operation_of(request.service, request.method, request.path, request.query)


def _queried(shape: Shape, given: list[str] | None) -> Any:
    if given is None or shape.type_name == "list":
        return given
    if shape.type_name not in {"integer", "long"}:
        return given[0]
    if not re.fullmatch(r"-?\d+", given[0]):
        raise TypeError(given[0])
    return int(given[0])


def _of_member(parent: Any, name: str, shape: Shape, given: Any, called: str) -> Iterator[str]:
    if given is not None:
        yield from _broken(shape, given, called)
    elif name in parent.required_members:
        yield f"Value null at '{called}' failed to satisfy constraint: {_NOT_NULL}"


def _broken(shape: Any, given: Any, called: str) -> Iterator[str]:
    """Yield what is wrong with one value and what it contains."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            below = _as(dict, given).get(member.serialization.get("name", name), given.get(name))
            yield from _of_member(shape, name, member, below, f"{called}.{_lower(name)}")
        return
    for limit in _limits(shape, given):
        yield _sentence(shape, given, called, limit)
    if shape.type_name == "list":
        yield from _of_list(shape, given, called)
    elif shape.type_name == "map":
        if any(_limits(shape.key, key) for key in given):
            keys = ", ".join(_limits(shape.key, None))
            yield _sentence(shape, given, called, f"Map keys must satisfy constraint: [{keys}]")
        if any(value is None or _limits(shape.value, value) for value in given.values()):
            yield _sentence(shape, given, called, _each("Map value", shape.value))


def _of_list(shape: Any, given: list[Any], called: str) -> Iterator[str]:
    if shape.member.type_name == "structure":
        for number, one in enumerate(given, 1):
            yield from _broken(shape.member, one, f"{called}.{number}.member")
    elif any(one is None or _limits(shape.member, one) for one in given):
        yield _sentence(shape, given, called, _each("Member", shape.member))


def _each(what: str, shape: Shape) -> str:
    return f"{what} must satisfy constraint: [{', '.join([*_limits(shape, None), _NOT_NULL])}]"


def _sentence(shape: Any, given: Any, called: str, limit: str) -> str:
    hidden = (shape.key if shape.type_name == "map" else shape).metadata.get("sensitive")
    value = "Value" if hidden else f"Value '{_shown(shape, given)}'"
    return f"{value} at '{called}' failed to satisfy constraint: {limit}"


def _limits(shape: Any, given: Any) -> list[str]:
    """The limits that a value breaks; all of them for None."""
    kind, known = shape.type_name, shape.metadata
    if kind in _SOUND or kind == "structure" or shape.name in _OTHERWISE:
        return []
    size, is_sized = _size(kind, given), kind in {"string", "list", "map"}
    most, least = _MOST.get(shape.name, known.get("max")), known.get("min")
    said = "have length" if is_sized else "have value"
    limits = []
    if most is not None and (given is None or size > most):
        limits.append(f"Member must {said} less than or equal to {_bound(kind, most)}")
    if least is not None and (given is None or size < least):
        limits.append(f"Member must {said} greater than or equal to {_bound(kind, least)}")
    pattern = known.get("pattern")
    if pattern and (given is None or not re.fullmatch(in_python(pattern), given)):
        limits.append(f"Member must satisfy regular expression pattern: {pattern}")
    values = _ORDER.get(shape.name, shape.metadata.get("enum"))
    if values and (given is None or given not in values):
        limits.append(f"Member must satisfy enum value set: [{', '.join(values)}]")
    return limits


def _size(kind: str, given: Any) -> Any:
    """A number, or the length of anything else; it must be of its kind."""
    if given is None:
        return None
    if kind == "string":
        return len(_as(str, given))
    if kind in {"list", "map"}:
        return len(_as(list if kind == "list" else dict, given))
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise TypeError(kind)
    return given


def _as(kind: Any, given: Any) -> Any:
    if not isinstance(given, kind):
        raise TypeError(kind.__name__)
    return given


def _bound(kind: str, number: float) -> str:
    return str(float(number) if kind in {"double", "float"} else number)


def _shown(shape: Any, given: Any) -> str:
    """A value as Java prints it."""
    if isinstance(given, list):
        return f"[{', '.join(map(str, given))}]"
    if isinstance(given, dict):
        kind = shape.value.type_name
        told = (f"{key}={_bound(kind, value)}" for key, value in given.items() if value is not None)
        return f"{{{', '.join(told)}}}"
    return str(given)


def in_python(pattern: str) -> str:
    """A pattern of Java's, as Python reads it."""
    for java, python in _JAVA:
        pattern = pattern.replace(java, python)
    return re.sub(r"\\p\{([MPS])\}", lambda found: _characters(found[1]), pattern)


@functools.cache
def _characters(category: str) -> str:
    """The marks, punctuation or symbols of Unicode, to stand in a class of a pattern."""
    every = map(chr, range(sys.maxunicode + 1))
    return "".join(re.escape(one) for one in every if unicodedata.category(one)[0] == category)


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
