"""Expressions that DynamoDB refuses, by the real client; and their neighbours, taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from refusals import refusal
from shapes import client_of

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

KEY = {"own": {"S": "a"}, "moment": {"S": "b"}}
SET: dict[str, Any] = {":v": {"S": "x"}}


@pytest.fixture(scope="module")
def tables(cloud: LocalCloud) -> Any:
    """A client; there is a table with an item."""
    made = client_of(cloud, "dynamodb")
    kinds = {"own": "HASH", "moment": "RANGE"}
    made.create_table(
        TableName="written",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in kinds.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in kinds],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {**KEY, "m": {"M": {"a": {"S": "1"}, "b": {"S": "2"}}}, "said": {"S": "x"}}
    made.put_item(TableName="written", Item=item)
    return made


@pytest.mark.parametrize(
    ("expression", "how", "one", "two"),
    [
        ("SET said = :v, said = :v", "overlap", "[said]", "[said]"),
        ("SET m.a = :v REMOVE m", "overlap", "[m, a]", "[m]"),
        ("SET #n = :v ADD counted :v", "overlap", "[counted]", "[counted]"),
        ("SET l[0] = :v, l.x = :v", "conflict", "[l, [0]]", "[l, x]"),
    ],
)
def test_an_update_changes_a_place_once(
    tables: Any, expression: str, how: str, one: str, two: str
) -> None:
    """Also in a transaction; nothing of it is done."""
    asked = {
        "TableName": "written", "Key": KEY, "UpdateExpression": expression,
        "ExpressionAttributeValues": SET,
        **({"ExpressionAttributeNames": {"#n": "counted"}} if "#n" in expression else {}),
    }  # fmt: skip
    text = (
        f"Invalid UpdateExpression: Two document paths {how} with each other; must remove or "
        f"rewrite one of these paths; path one: {one}, path two: {two}"
    )
    assert refusal(tables.update_item, **asked) == ("ValidationException", 400, text)
    said = refusal(tables.transact_write_items, TransactItems=[{"Update": asked}])
    assert said == ("ValidationException", 400, text)


def test_an_update_changes_neighbours_at_once(tables: Any) -> None:
    """Two parts of one map are no overlap, nor are two attributes of which one begins another."""
    tables.update_item(
        TableName="written",
        Key=KEY,
        UpdateExpression="SET m.a = :v, m.b = if_not_exists(m.a, :v), saids = :v REMOVE otherwise",
        ExpressionAttributeValues=SET,
    )


@pytest.mark.parametrize(
    ("expression", "key"),
    [
        ("moment = :v", "moment"),
        ("said = :v AND NOT begins_with(#n, :v)", "moment"),
        ("own IN (:v)", "own"),
    ],
)
def test_a_filter_of_a_query_knows_no_key(tables: Any, expression: str, key: str) -> None:
    """Its condition does."""
    asked = {
        "TableName": "written", "KeyConditionExpression": "own = :v",
        "FilterExpression": expression, "ExpressionAttributeValues": SET,
        **({"ExpressionAttributeNames": {"#n": key}} if "#n" in expression else {}),
    }  # fmt: skip
    code, _, text = refusal(tables.query, **asked)
    assert code == "ValidationException"
    assert text == (
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: "
        f"{key}"
    )


def test_a_scan_may_filter_by_a_key(tables: Any) -> None:
    """And a query by anything inside of a map, whatever it is called there."""
    given = {"TableName": "written", "ExpressionAttributeValues": {":v": {"S": "b"}}}
    assert tables.scan(**given, FilterExpression="moment = :v")["Count"] == 1
    found = tables.query(
        TableName="written",
        KeyConditionExpression="own = :o",
        FilterExpression="attribute_not_exists(m.own) AND said <> :v",
        ExpressionAttributeValues={":o": {"S": "a"}, ":v": {"S": "y"}},
    )
    assert found["Count"] == 1


@pytest.mark.parametrize(
    ("call", "more"),
    [
        ("get_item", {"Key": KEY, "ProjectionExpression": "said, name"}),
        ("scan", {"FilterExpression": "name = :v", "ExpressionAttributeValues": SET}),
        ("query", {"KeyConditionExpression": "name = :v", "ExpressionAttributeValues": SET}),
        ("delete_item", {"Key": KEY, "ConditionExpression": "attribute_exists(name)"}),
        ("update_item", {"Key": KEY, "UpdateExpression": "SET said = :v REMOVE name",
                         "ExpressionAttributeValues": SET}),
    ],
)  # fmt: skip
def test_a_reserved_word_is_no_name(tables: Any, call: str, more: dict[str, Any]) -> None:
    """In none of the expressions, each of which is called by its own name."""
    kind = next(one for one in more if one.endswith("Expression"))
    text = f"Invalid {kind}: Attribute name is a reserved keyword; reserved keyword: name"
    said = refusal(getattr(tables, call), TableName="written", **more)
    assert said == ("ValidationException", 400, text)
