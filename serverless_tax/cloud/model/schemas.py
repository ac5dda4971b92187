"""JSON schemas that clients send: what is wrong with one, and a value that fits it.

The sentences about a keyword's type are those of Python's jsonschema, which OpenAI's API hands on.
The others are ours: the vendors' are not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_LEAST = ("minItems", "minLength")
_KEYWORDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("properties", "$defs", "definitions"), (dict,)),
    **dict.fromkeys(("required", "enum", "anyOf", "oneOf", "allOf"), (list,)),
    **dict.fromkeys(_LEAST, (int,)),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (int, float)),
    "$ref": (str,),
}
_NAMES = {dict: "object", list: "array", int: "integer", str: "string"}
_CHOICES = ("anyOf", "oneOf", "allOf")
_MOST = 10_000
"""Characters or items that a made-up value may be asked to have at least."""
_WORDS = "bill counts the"
_DATES = {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "time": "00:00:00Z"}

Context = tuple[str, ...]


class NoFitError(Exception):
    """No value fits a schema, or none that ends."""


def wrong_in(schema: Mapping[str, Any]) -> tuple[Context, str] | None:
    """Say what is wrong with a schema, and where in it; None if it can be filled."""
    try:
        for context, text in _faults(schema, schema, ()):
            return context, text
        fitting(schema)
    except NoFitError:
        return (), "no value that ends fits this schema."
    except RecursionError:
        return (), "the schema has too many levels."
    return None


def is_open(schema: Any) -> bool:
    """Whether an object of a schema may have more properties; `wrong_in` has nothing to say."""
    if not isinstance(schema, dict):
        return False
    more = schema.get("type") == "object" and schema.get("additionalProperties") is not False
    return more or any(is_open(below) for _, below in _below(schema))


def _faults(one: Any, whole: Mapping[str, Any], at: Context) -> Iterator[tuple[Context, str]]:
    if isinstance(one, bool):
        return
    if not isinstance(one, dict):
        yield at, f"{one!r} is not of type 'object', 'boolean'"
        return
    for name in _KEYWORDS.keys() & one.keys():
        if text := _wrong_value(name, one[name]):
            yield (*at, name), text
            return
    kind = one.get("type", "object")
    named = kind if isinstance(kind, list) and kind else [kind]
    if not all(name in _TYPES for name in named):
        yield (*at, "type"), f"{kind!r} is not valid under any of the given schemas"
    if "$ref" in one and _referred(one["$ref"], whole) is None:
        yield at, f"reference to component '{one['$ref']}' which was not found in the schema."
    for context, below in _below(one):
        yield from _faults(below, whole, at + context)


def _wrong_value(name: str, value: Any) -> str:
    kinds = _KEYWORDS[name]
    if not isinstance(value, kinds) or isinstance(value, bool):
        return f"{value!r} is not of type '{_NAMES.get(kinds[-1], 'number')}'"
    if name in _CHOICES and not value:
        return "[] should be non-empty"
    if name in _LEAST and isinstance(value, int) and value > _MOST:
        return f"{value} is more than {_MOST:,}, the most that this provider makes."
    return ""


def _below(one: Mapping[str, Any]) -> Iterator[tuple[Context, Any]]:
    """The schemas directly inside a schema, each with the way there."""
    for name in ("properties", "$defs", "definitions"):
        for key, below in one.get(name, {}).items():
            yield (name, key), below
    for name in _CHOICES:
        for number, below in enumerate(one.get(name, [])):
            yield (name, str(number)), below
    if "items" in one:
        yield ("items",), one["items"]


def fitting(
    schema: Any, whole: Mapping[str, Any] | None = None, within: tuple[str, ...] = ()
) -> Any:
    """Return a value that fits a JSON schema, as far as the vendors' strict mode goes.

    Args:
        schema: of the value; `wrong_in` has nothing to say of it.
        whole: the schema that references lead into.
        within: the references that this value is inside of; none is followed twice.

    Raises:
        NoFitError: where every value would have to go on for ever.
    """
    if schema is False:
        raise NoFitError
    schema = {} if schema is True else schema
    whole = schema if whole is None else whole
    for name in _CHOICES:
        if schema.get(name):
            return _first(schema[name][: 1 if name == "allOf" else None], whole, within)
    if "$ref" in schema:
        name = schema["$ref"]
        if name in within:
            raise NoFitError
        return fitting(_referred(name, whole), whole, (*within, name))
    fixed = [schema["const"]] if "const" in schema else schema.get("enum")
    if fixed:
        return fixed[0]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object":
        return _object(schema, whole, within)
    if kind == "array":
        return _array(schema, whole, within)
    return _scalar(kind, schema)


def _first(choices: Sequence[Any], whole: Mapping[str, Any], within: tuple[str, ...]) -> Any:
    for one in choices:
        try:
            return fitting(one, whole, within)
        except NoFitError:
            continue
    raise NoFitError


def _object(schema: Mapping[str, Any], whole: Mapping[str, Any], within: tuple[str, ...]) -> Any:
    made = {}
    for name, one in schema.get("properties", {}).items():
        try:
            made[name] = fitting(one, whole, within)
        except NoFitError:
            if name in schema.get("required", []):
                raise
    return made


def _array(schema: Mapping[str, Any], whole: Mapping[str, Any], within: tuple[str, ...]) -> Any:
    least = schema.get("minItems", 0)
    try:
        return [fitting(schema.get("items", {}), whole, within)] * max(1, least)
    except NoFitError:
        if least > 0:
            raise
        return []


def _scalar(kind: str, schema: Mapping[str, Any]) -> Any:
    if kind in {"integer", "number"}:
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        return min(least, schema.get("maximum", least))
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    text = _WORDS.ljust(schema.get("minLength", 0), ".")
    return _DATES.get(str(schema.get("format")), text)


def _referred(name: str, whole: Any) -> Any:
    """The schema that a reference leads to; None if it leads nowhere."""
    found = whole
    for part in name.removeprefix("#").strip("/").split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if part:
            found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict | bool) and name.startswith("#") else None
