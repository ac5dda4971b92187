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
    names = vars(import_module(TABLES))
    for kind in _EXPRESSIONS:
        given = asked.get(f"{kind}Expression")
        if given == "":
            text = f"Invalid {kind}Expression: The expression can not be empty;"
            return "ValidationException", text
        tokens = [one for one in names["_tokenize"](given or "") if one[1].upper() not in _CLAUSES]
        # ministack looks at some expressions alone, and calls each of them an update's.
        if text := names["_check_reserved_keyword_usage"](tokens):
            return "ValidationException", text.replace("Update", kind, 1)
    return _paths_error(asked)


def _paths_error(asked: Mapping[str, Any]) -> Refusal | None:
    """Return why the places that an update changes are refused; None if they are not."""
    places = _changed(str(asked.get("UpdateExpression") or ""), _names_in(asked))
    for number, two in enumerate(places):
        for one in places[:number]:
            near = [*zip(one, two, strict=False)]
            apart = next((pair for pair in near if pair[0] != pair[1]), None)
            if apart and isinstance(apart[0], int) == isinstance(apart[1], int):
                continue
            text = (
                f"Invalid UpdateExpression: Two document paths {'conflict' if apart else 'overlap'}"
                " with each other; must remove or rewrite one of these paths; path one: "
                f"{_place(one)}, path two: {_place(two)}"
            )
            return "ValidationException", text
    return None


def _names_in(asked: Mapping[str, Any]) -> Mapping[str, str]:
    return asked.get("ExpressionAttributeNames") or {}


def _place(path: list[Any]) -> str:
    return f"[{', '.join(f'[{one}]' if isinstance(one, int) else one for one in path)}]"


def _changed(expression: str, given: Mapping[str, str]) -> list[list[Any]]:
    """The places that an expression sets, removes, adds to or deletes from."""
    names, clauses = vars(import_module(TABLES)), list[list[Any]]()
    for token in names["_tokenize"](expression):
        if token[0] == "IDENT" and token[1].upper() in _CLAUSES:
            clauses.append([])
        elif clauses and token[0] != "EOF":
            clauses[-1].append(token)
    parts = [part for clause in clauses for part in names["_split_by_comma"](clause)]
    places = [names["_parse_path_from_tokens"](part, given) for part in parts]
    return [one for one in places if one]


_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
_WORDS = ("AND", "OR", "NOT", "BETWEEN", "IN")


def sought(original: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Query, whose filter knows no key: that is what its condition is for.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.FilterExpression.html
    """

    def query(data: dict[str, Any]) -> Any:
        names = vars(import_module(TABLES))
        table = names["_tables"].get(names["_normalize_table_name"](data.get("TableName"))) or {}
        every = [*(table.get("GlobalSecondaryIndexes") or ())]
        every += table.get("LocalSecondaryIndexes") or ()
        of_index = [one for one in every if one["IndexName"] == data.get("IndexName")]
        schema = (of_index[0] if of_index else table).get("KeySchema") or ()
        keys = [one["AttributeName"] for one in schema]
        told = _filtered(str(data.get("FilterExpression") or ""), _names_in(data))
        for where, used in (("Filter Expression", told), ("QueryFilter", data.get("QueryFilter"))):
            if found := [one for one in keys if one in (used or ())]:
                text = f"{where} can only contain non-primary key attributes: Primary key attribute"
                return json_refusal("ValidationException", f"{text}: {found[0]}")
        return original(data)

    return query


def _filtered(expression: str, given: Mapping[str, str]) -> set[str]:
    """The attributes that a filter looks at, without what is inside of them."""
    tokens = vars(import_module(TABLES))["_tokenize"](expression)
    found = set()
    for before, token, after in zip([("", ""), *tokens], tokens, tokens[1:], strict=False):
        is_word = token[0] == "IDENT" and (after[0] == "LPAREN" or token[1].upper() in _WORDS)
        if token[0] in {"IDENT", "NAME_REF"} and before[0] != "DOT" and not is_word:
            found.add(given.get(token[1], token[1]))
    return found


def together_error(asked: Mapping[str, Any]) -> Refusal | None:
    """Return why the items of a transaction are refused; None if they are not."""
    every = asked.get("TransactItems") or ()
    if all(len(one) == 1 for one in every):
        wrong = (expression_error(said) for one in every for said in one.values())
        return next(filter(None, wrong), None)
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
