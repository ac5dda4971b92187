"""Filters of subscriptions and pollers: each operator lets through what EventBridge's rules do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from refusals import refusal
from waiters import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_tax.cloud import LocalCloud

SAID: dict[str, Any] = {
    "n": 5, "s": "Hello.World", "none": None, "list": ["a", "b"], "ip": "10.0.0.5",
    "inside": {"x": 1},
}  # fmt: skip
FITTING: dict[str, dict[str, Any]] = {
    "number": {"n": [5]},
    "range": {"n": [{"numeric": [">", 3, "<=", 5]}]},
    "case": {"s": [{"equals-ignore-case": "hello.world"}]},
    "prefix": {"s": [{"prefix": {"equals-ignore-case": "hELLO"}}]},
    "wildcard": {"s": [{"wildcard": "H*.W*d"}]},
    "null": {"none": [None]},
    "element": {"list": ["b"]},
    "other": {"s": [{"anything-but": {"prefix": ["x", "y"]}}]},
    "cidr": {"ip": [{"cidr": "10.0.0.0/24"}]},
    "below": {"inside": {"x": [1]}},
    "or": {"$or": [{"n": [4]}, {"s": [{"suffix": "ld"}]}]},
}
OTHERS: dict[str, dict[str, Any]] = {
    "no-text": {"n": ["5"]},
    "no-leaf": {"inside": [{"exists": True}]},
    "no-prefix": {"s": [{"anything-but": {"prefix": ["x", "He"]}}]},
    "no-wildcard": {"s": [{"wildcard": "H*x"}]},
    "no-or": {"$or": [{"n": [4]}, {"s": ["x"]}]},
}
QUEUE = "arn:aws:sqs:us-east-1:000000000000:"


@pytest.fixture(scope="module")
def topic(cloud: LocalCloud) -> Iterator[str]:
    """The ARN of a topic."""
    sns = boto3.client("sns", **cloud.boto3_kwargs)
    made = str(sns.create_topic(Name="filtered")["TopicArn"])
    yield made
    sns.delete_topic(TopicArn=made)


def test_a_message_is_filtered_by_its_body(cloud: LocalCloud, topic: str) -> None:
    """One message, a subscription for each filter: those that fit get it, and nobody else."""
    sns, sqs = (boto3.client(name, **cloud.boto3_kwargs) for name in ("sns", "sqs"))
    queues = {}
    for name, policy in {**FITTING, **OTHERS}.items():
        queues[name] = sqs.create_queue(QueueName=f"f-{name}")["QueueUrl"]
        asked = {"FilterPolicyScope": "MessageBody", "FilterPolicy": json.dumps(policy)}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{QUEUE}f-{name}", Attributes=asked)
    sns.publish(TopicArn=topic, Message=json.dumps(SAID))
    got = {name: "Messages" in sqs.receive_message(QueueUrl=url) for name, url in queues.items()}
    assert {name for name, is_there in got.items() if is_there} == FITTING.keys()
    for url in queues.values():
        sqs.delete_queue(QueueUrl=url)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"FilterPolicy": '{"n": 5}'}, 'FilterPolicy: "n" must be an object or an array'),
        ({"FilterPolicy": '{"n": [{"about": 5}]}'}, "FilterPolicy: Unrecognized match type about"),
        ({"FilterPolicy": '{"a": {"b": ["c"]}}'}, "does not support nested filter policy"),
        ({"FilterPolicy": json.dumps({key: ["x"] for key in "abcdef"})}, "have more than 5 keys"),
        ({"FilterPolicy": '{"n": [{"prefix": {"equals-ignore-case": "a"}}]}'},
         'This local cloud filters no attributes by prefix of {"equals-ignore-case": "a"}'),
        ({"FilterPolicyScope": "Both"}, "FilterPolicyScope: Invalid value [Both]. Please use"),
        ({"RawMessageDelivery": "maybe"}, "Invalid value [maybe]. Must be true or false."),
        ({"Colour": "blue"}, "Unknown attribute: Colour"),
    ],
)  # fmt: skip
def test_a_filter_that_could_not_work_is_refused(
    cloud: LocalCloud, topic: str, attributes: dict[str, str], words: str
) -> None:
    """At first, and set later."""
    sns = boto3.client("sns", **cloud.boto3_kwargs)
    asked = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": f"{QUEUE}none"}
    said = refusal(sns.subscribe, **asked, Attributes=attributes)
    assert said[0] == "InvalidParameter"
    assert words in said[2]


def test_a_filter_is_changed_and_taken_away(cloud: LocalCloud, topic: str) -> None:
    """As it is checked at first; an empty one filters nothing."""
    sns = boto3.client("sns", **cloud.boto3_kwargs)
    asked = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": f"{QUEUE}later"}
    of_it = {"SubscriptionArn": sns.subscribe(**asked)["SubscriptionArn"]}
    name = {"AttributeName": "FilterPolicy"}
    wrong = refusal(sns.set_subscription_attributes, **of_it, **name, AttributeValue='{"n": []}')
    assert "Empty arrays are not allowed" in wrong[2]
    for value in ('{"n": [1]}', "{}"):
        sns.set_subscription_attributes(**of_it, **name, AttributeValue=value)
    sns.unsubscribe(**of_it)


def test_a_poller_filters_as_rules_do(cloud: LocalCloud, deploy: Any) -> None:
    """Also by operators that its own matcher does not know; a broken filter is refused."""
    sqs = boto3.client("sqs", **cloud.boto3_kwargs)
    url = sqs.create_queue(QueueName="polled-by-filter")["QueueUrl"]
    function = deploy("def handler(event, context): print('got', event['Records'][0]['body'])")
    arn = f"{QUEUE}polled-by-filter"

    def filtered(pattern: dict[str, Any]) -> dict[str, Any]:
        every = {"Filters": [{"Pattern": json.dumps(pattern)}]}
        return {"FunctionName": function.name, "EventSourceArn": arn, "FilterCriteria": every}

    wrong = refusal(function.client.create_event_source_mapping, **filtered({"body": "x"}))
    assert wrong[2] == "Invalid filter pattern definition."
    either = {"$or": [{"city": [{"wildcard": "R*e"}]}, {"n": [{"anything-but": {"prefix": "a"}}]}]}
    made = function.client.create_event_source_mapping(**filtered({"body": either}), BatchSize=1)
    for body in ({"city": "Paris"}, {"n": "an"}, {"city": "Rome"}):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    logs = boto3.client("logs", **cloud.boto3_kwargs)
    group = {"logGroupName": f"/aws/lambda/{function.name}", "filterPattern": "got"}
    function.client.get_waiter("function_active_v2").wait(FunctionName=function.name)

    def lines() -> list[str]:
        return [one["message"].strip() for one in logs.filter_log_events(**group)["events"]]

    until(lines)
    assert lines() == ['got {"city": "Rome"}']
    function.client.delete_event_source_mapping(UUID=made["UUID"])
    sqs.delete_queue(QueueUrl=url)
