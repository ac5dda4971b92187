"""Patches of what a REST API has: which paths one may name, and how its text becomes a value.

ministack puts any text at any path: a key that a patch switches off stays on, since the text
"false" is true, and a stage that a plan gets is a text too. The texts are AWS's, as LocalStack has
recorded them (tests/aws/services/apigateway, March 2026).
https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from serverless_tax.cloud.front.operations import model_of

Patch = Mapping[str, Any]
_REPLACED: Mapping[str, tuple[str, ...]] = {
    "UpdateApiKey": ("description", "enabled", "name", "customerId"),
    "UpdateModel": ("description", "schema"),
    "UpdateRequestValidator": ("name", "validateRequestParameters", "validateRequestBody"),
    "UpdateResource": ("parentId", "pathPart"),
}
"""By operation, all that a patch may name, in the order of AWS's text; it may replace it alone."""
_OF_A_METHOD = (
    *("authorizationType", "authorizerId", "apiKeyRequired", "operationName"),
    *("requestValidatorId", "authorizationScopes"),
)
_PARTS_OF_A_METHOD = ("requestParameters", "requestModels", "authorizationScopes")
_OTHER_PATHS = ("UpdateUsage", "UpdateStage")
"""What a patch names here stands in no answer: a stage's methods are named by their paths."""
_TYPED = (
    *("ApiKey", "Authorizer", "Integration", "Method", "QuotaSettings", "RestApi"),
    *("ThrottleSettings",),
)
_INSIDE = ("throttle", "quota")
_WRONG_PATH = "Invalid patch path  '{}' specified for op '{}'."
_ONE_VALUE = "Invalid patch operation specified. Must be one of: [replace]"


def patch_error(operation: str, answer: Any, patches: Sequence[Patch]) -> str:
    """Return why patches are refused; empty if they are not.

    Args:
        operation: an update's name.
        answer: the shape of what it answers with.
        patches: as they came.
    """
    if operation in _OTHER_PATHS:
        return ""
    known = {name.lower() for name in getattr(answer, "members", ())}
    for one in patches:
        path, op = str(one.get("path") or ""), one.get("op")
        first, *more = path.strip("/").split("/")
        if operation in _REPLACED:
            wrong = _replaced_error(_REPLACED[operation], path, op)
        elif operation == "UpdateMethod":
            wrong = _method_error(path, op, first, more)
        elif operation == "UpdateRestApi" and (first.lower() not in known or path == _BINARY):
            wrong = f"Invalid patch path {path}"
        elif path == _SIZE and op != "replace":
            wrong = _ONE_VALUE
        elif first.lower() in known:
            wrong = ""
        else:
            wrong = _WRONG_PATH.format(path, op)
        if wrong:
            return wrong
    return ""


_BINARY, _SIZE = "/binaryMediaTypes", "/minimumCompressionSize"


def _replaced_error(names: Sequence[str], path: str, op: Any) -> str:
    if op != "replace":
        return f"{_WRONG_PATH.format(path, op)} Please choose supported operations"
    if path.removeprefix("/") in names:
        return ""
    every = ", ".join(f"/{name}" for name in names)
    return f"{_WRONG_PATH.format(path, op)} Must be one of: [{every}]"


def _method_error(path: str, op: Any, first: str, more: Sequence[str]) -> str:
    if first in _PARTS_OF_A_METHOD and (more or first == "authorizationScopes"):
        return ""
    if first not in _OF_A_METHOD:
        return f"Invalid patch path {path}"
    return "" if op == "replace" else _ONE_VALUE


def apply(thing: dict[str, Any], patches: Sequence[Patch]) -> dict[str, Any]:
    """Patch a thing, each value in the type that AWS's model has for it; return the thing."""
    for one in patches:
        path, op = str(one.get("path") or "").strip("/"), str(one.get("op") or "replace")
        tokens = [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")]
        if tokens[0] == "apiStages":
            _join(thing, op, str(one.get("value")))
        elif path:
            _apply(thing, tokens, op, one.get("value"))
    return thing


def _apply(thing: dict[str, Any], tokens: Sequence[str], op: str, value: Any) -> None:
    inside: Any = thing
    for token in tokens[:-1]:
        if not isinstance(inside.get(token), dict | list):
            inside[token] = {}
        inside = inside[token]
        if isinstance(inside, list):  # whose one element the last token names
            inside[:] = [one for one in inside if one != tokens[-1]]
            inside += [] if op == "remove" else [value]
            return
    last = tokens[-1]
    if isinstance(inside.get(last), list) and op in {"add", "remove"}:
        kept = [one for one in inside[last] if one != value]
        inside[last] = [*kept, value] if op == "add" else kept
    elif op == "remove":
        inside.pop(last, None)
    else:
        inside[last] = _typed(thing, tokens, value)


def _join(plan: dict[str, Any], op: str, stage: str) -> None:
    """Put a stage into a usage plan, or take it out."""
    api, _, name = stage.partition(":")
    one = {"apiId": api, "stage": name}
    kept = [had for had in plan.get("apiStages") or [] if {**had, **one} != had]
    plan["apiStages"] = kept if op == "remove" else [*kept, one]


def _typed(thing: Mapping[str, Any], tokens: Sequence[str], value: Any) -> Any:
    """A patch's text as the value that it stands for; what is none stays a text."""
    if tokens[0] == "requestParameters" and "authorizationType" in thing:
        kind = "boolean"
    elif len(tokens) == 1 or tokens[0] in _INSIDE:
        kind = _types().get(tokens[-1], "")
    else:
        return value
    if not isinstance(value, str):
        return value
    if kind == "boolean":
        return value.lower() == "true"
    try:
        return {"integer": int, "double": float}.get(kind, str)(value)
    except ValueError:
        return value


@functools.cache
def _types() -> dict[str, str]:
    """The types of what a patch may name, by its name, which means one thing in all of them."""
    model = model_of("apigateway")
    shapes = (model.shape_for(name) for name in _TYPED)
    return {name: one.type_name for shape in shapes for name, one in shape.members.items()}
