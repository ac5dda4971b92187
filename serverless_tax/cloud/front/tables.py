"""Changes of DynamoDB's tables and items that AWS refuses, and ministack makes.

The texts are AWS's, as the tests of hashicorp/terraform-provider-aws and of moto have met them; the
one about a stream's view is ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.aws_errors import json_refusal

TABLES = "ministack.services.dynamodb"
_HOUR_S = 3_600
_changed_s: dict[str, float] = {}
"""When the lifetime of a table's items was last set, by the table's id."""


OF_ITEMS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")
_EXPRESSIONS = ("Projection", "Condition", "Update", "Filter", "KeyCondition")
Refusal = tuple[str, str]
"""A code and a text."""


def expression_error(asked: Mapping[str, Any]) -> Refusal | None:
    """Return why the expressions of a call are refused; None if they are not."""
    for kind in _EXPRESSIONS:
        if asked.get(f"{kind}Expression") == "":
            text = f"Invalid {kind}Expression: The expression can not be empty;"
            return "ValidationException", text
    return None


def together_error(asked: Mapping[str, Any]) -> Refusal | None:
    """Return why the items of a transaction are refused; None if they are not."""
    if all(len(one) == 1 for one in asked.get("TransactItems") or ()):
        return None
    text = "TransactItems can only contain one of Check, Put, Update or Delete"
    return "ValidationException", text


def stream_error(asked: Mapping[str, Any]) -> Refusal | None:
    """Return why the stream of a table is refused; None if it is not."""
    stream = asked.get("StreamSpecification") or {}
    if not stream.get("StreamEnabled") or stream.get("StreamViewType"):
        return None
    text = "One or more parameter values were invalid: A StreamViewType is needed for a stream"
    return "ValidationException", text


def lasting(original: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """UpdateTimeToLive, which changes something, and once an hour.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
    """

    def update(data: dict[str, Any]) -> Any:
        names, asked = vars(import_module(TABLES)), data.get("TimeToLiveSpecification") or {}
        name = names["_normalize_table_name"](data.get("TableName"))
        table = names["_tables"].get(name) or {}
        wrong = table and _lifetime_error(names["_ttl_settings"].get(name) or {}, asked, table)
        if wrong:
            return json_refusal("ValidationException", wrong)
        reply = original(data)
        if table and reply[0] == 200:  # noqa: PLR2004 - HTTP's
            _changed_s[table["TableId"]] = time.monotonic()
        return reply

    return update


def _lifetime_error(now: dict[str, Any], asked: dict[str, Any], table: dict[str, Any]) -> str:
    is_on, own = now.get("TimeToLiveStatus") == "ENABLED", now.get("AttributeName")
    if is_on and asked.get("AttributeName") not in {own, None, ""}:
        return f"TimeToLive is active on a different AttributeName: current AttributeName is {own}"
    if is_on == bool(asked.get("Enabled")):
        return f"TimeToLive is already {'enabled' if is_on else 'disabled'}"
    if time.monotonic() - _changed_s.get(str(table.get("TableId")), -_HOUR_S) < _HOUR_S:
        return "Time to live has been modified multiple times within a fixed interval"
    return ""
