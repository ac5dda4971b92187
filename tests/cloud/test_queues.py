"""Queues and messages that AWS refuses, by the real client; and their neighbours, taken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from refusals import refusal
from shapes import client_of

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

ARN = "arn:aws:sqs:us-east-1:000000000000:"
NAME = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
TEXT = {"DataType": "String", "StringValue": "x"}


@pytest.fixture(scope="module")
def sqs(cloud: LocalCloud) -> Any:
    """A client that sends what it is told."""
    return client_of(cloud, "sqs")


@pytest.fixture(scope="module")
def plain(sqs: Any) -> str:
    """The address of a standard queue."""
    return str(sqs.create_queue(QueueName="q-plain")["QueueUrl"])


@pytest.fixture(scope="module")
def ordered(sqs: Any) -> str:
    """The address of a FIFO queue."""
    made = sqs.create_queue(QueueName="q-ordered.fifo", Attributes={"FifoQueue": "true"})
    return str(made["QueueUrl"])


@pytest.mark.parametrize(
    ("name", "attributes", "code", "text"),
    [
        ("q-new", {"FifoQueue": "false"}, "InvalidAttributeName", "Unknown Attribute FifoQueue."),
        ("q-new.fifo", {}, "InvalidParameterValue", NAME),
        ("q-new", {"ContentBasedDeduplication": "true"}, "InvalidAttributeName",
         "Unknown Attribute ContentBasedDeduplication."),
        ("q-new", {"FifoThroughputLimit": "perQueue"}, "InvalidAttributeName",
         "You can specify the FifoThroughputLimit only when FifoQueue is set to true."),
        ("q-new", {"Policy": "{"}, "InvalidAttributeValue",
         "Invalid value for the parameter Policy."),
        ("q-new", {"Policy": json.dumps({"Statement": [{"Effect": "Allow"}]})},
         "InvalidAttributeValue", "Invalid value for the parameter Policy."),
        ("q-new", {"RedriveAllowPolicy": "none"}, "InvalidAttributeValue",
         "Invalid value for the parameter RedriveAllowPolicy."),
        ("q-new", {"SqsManagedSseEnabled": "true", "KmsMasterKeyId": "alias/aws/sqs"},
         "InvalidAttributeValue",
         ("You can use one type of server-side encryption (SSE) at one time. You can either enable "
         "KMS SSE or SQS SSE.")),
        ("q-new.fifo", {"FifoQueue": "true", "DeduplicationScope": "all"}, "InvalidAttributeValue",
         "Invalid value for the parameter DeduplicationScope."),
        ("q-new.fifo", {"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"},
         "InvalidAttributeValue",
         ("Invalid value for the parameter FifoThroughputLimit. Reason: To set FifoThroughputLimit "
         "to perMessageGroupId, the DeduplicationScope must be messageGroup.")),
    ],
)  # fmt: skip
def test_a_queue_is_refused(
    sqs: Any, name: str, attributes: dict[str, str], code: str, text: str
) -> None:
    """For its name, and for attributes that it cannot have; nothing is made."""
    assert refusal(sqs.create_queue, QueueName=name, Attributes=attributes) == (code, 400, text)
    assert not sqs.list_queues(QueueNamePrefix="q-new").get("QueueUrls")


def test_what_a_queue_takes(sqs: Any, ordered: str) -> None:
    """The same attributes, where they belong."""
    url = sqs.create_queue(
        QueueName="q-b",
        Attributes={"Policy": json.dumps({"Statement": OPEN}), "SqsManagedSseEnabled": "true"},
    )["QueueUrl"]
    both = {"FifoThroughputLimit": "perMessageGroupId", "DeduplicationScope": "messageGroup"}
    sqs.set_queue_attributes(QueueUrl=ordered, Attributes=both)
    told = sqs.get_queue_attributes(QueueUrl=ordered, AttributeNames=[*both])["Attributes"]
    assert told == both
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url)


@pytest.mark.parametrize(
    ("allowed", "code"),
    [
        ({"redrivePermission": "denyAll"}, "InvalidParameterValue"),
        (
            {"redrivePermission": "byQueue", "sourceQueueArns": [f"{ARN}other"]},
            "InvalidParameterValue",
        ),
        ({"redrivePermission": "byQueue", "sourceQueueArns": [f"{ARN}q-plain"]}, ""),
        ({"redrivePermission": "allowAll"}, ""),
    ],
)
def test_a_queue_takes_dead_letters_of_those_it_lets(
    sqs: Any, plain: str, allowed: dict[str, Any], code: str
) -> None:
    """The source is refused when it names the queue, as its messages would stay where they are."""
    url = sqs.create_queue(QueueName="keeper")["QueueUrl"]
    policy = {"RedriveAllowPolicy": json.dumps(allowed)}
    sqs.set_queue_attributes(QueueUrl=url, Attributes=policy)
    dead = json.dumps({"deadLetterTargetArn": f"{ARN}keeper", "maxReceiveCount": 3})
    asked = {"QueueUrl": plain, "Attributes": {"RedrivePolicy": dead}}
    if not code:
        sqs.set_queue_attributes(**asked)
        return
    said, _, text = refusal(sqs.set_queue_attributes, **asked)
    assert said == code
    assert text.startswith(f"Value {dead} for parameter RedrivePolicy is invalid. Reason: The dead")


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"MessageDeduplicationId": "d"},
         ("Value d for parameter MessageDeduplicationId is invalid. Reason: The request includes a "
         "parameter that is not valid for this queue type.")),
        ({"MessageAttributes": {"a": {**TEXT, "DataType": "Text"}}},
         ("The message attribute 'a' has an invalid message attribute type, the set of supported "
         "type prefixes is Binary, Number, and String.")),
        ({"MessageAttributes": {"a": {**TEXT, "StringValue": ""}}},
         "Message (user) attribute 'a' must contain a non-empty value of type 'String'."),
        ({"MessageAttributes": {"a": {**TEXT, "DataType": "Number"}}},
         "Could not cast message attribute 'a' value to number."),
        ({"MessageAttributes": {f"a{number}": TEXT for number in range(11)}},
         "Number of message attributes [11] exceeds the allowed maximum [10]."),
        ({"MessageSystemAttributes": {"a": TEXT}},
         "Message system attribute name 'a' is invalid."),
    ],
)  # fmt: skip
def test_a_message_is_refused(sqs: Any, plain: str, asked: dict[str, Any], text: str) -> None:
    """By itself, and alone in a batch."""
    message = {"MessageBody": "a", **asked}
    said = refusal(sqs.send_message, QueueUrl=plain, **message)
    assert said == ("InvalidParameterValue", 400, text)
    if "MessageSystemAttributes" not in asked:
        both = [{"Id": "bad", **message}, {"Id": "good", "MessageBody": "b"}]
        told = sqs.send_message_batch(QueueUrl=plain, Entries=both)
        assert [one["Message"] for one in told["Failed"]] == [text]
        assert [one["Id"] for one in told["Successful"]] == ["good"]


@pytest.mark.parametrize(
    ("call", "asked", "text"),
    [
        ("create_topic", {"Name": "a", "Attributes": {"Foo": "1"}},
         "Invalid parameter: Attributes Reason: Unknown attribute Foo"),
        ("create_topic", {"Name": "a", "Attributes": {"ContentBasedDeduplication": "true"}},
         ("Invalid parameter: Attributes Reason: Content-based deduplication can only be set for "
         "FIFO topics.")),
        ("set_topic_attributes", {"AttributeName": "Foo", "AttributeValue": "1"},
         "Invalid parameter: AttributeName"),
        ("set_topic_attributes", {"AttributeName": "Policy", "AttributeValue": "{"},
         "Invalid parameter: Policy Error: null"),
        ("publish", {"Message": "a", "MessageAttributes": {"a": {**TEXT, "DataType": "Text"}}},
         ("The message attribute 'a' has an invalid message attribute type, the set of supported "
         "type prefixes is Binary, Number, and String.")),
        ("publish", {"Message": "a", "MessageDeduplicationId": "d"},
         ("Invalid parameter: MessageDeduplicationId Reason: The request includes "
         "MessageDeduplicationId parameter that is not valid for this topic type")),
    ],
)  # fmt: skip
def test_a_topic_and_its_messages_are_refused(
    cloud: LocalCloud, call: str, asked: dict[str, Any], text: str
) -> None:
    """For what ministack would keep, and nothing would act by."""
    sns = client_of(cloud, "sns")
    where = {} if call == "create_topic" else {"TopicArn": sns.create_topic(Name="t")["TopicArn"]}
    assert refusal(getattr(sns, call), **where, **asked)[2] == text


def test_a_template_makes_no_such_queue(cloud: LocalCloud) -> None:
    """Its attributes are no texts there, and its policy is a resource of its own."""
    stacks = client_of(cloud, "cloudformation")
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"DeduplicationScope": "queue"}}
    policy = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"Queues": ["q"], "PolicyDocument": {"Statement": [{"Effect": "Allow"}]}},
    }
    for kind, made, text in (
        ("queue", queue, "DeduplicationScope only when FifoQueue"),
        ("policy", policy, "parameter Policy."),
    ):
        template = json.dumps({"Resources": {"Made": made}})
        stacks.create_stack(StackName=kind, TemplateBody=template)
        events = stacks.describe_stack_events(StackName=kind)["StackEvents"]
        assert any(text in one.get("ResourceStatusReason", "") for one in events)


def test_a_name_is_nobodys_for_a_minute(sqs: Any) -> None:
    """Who deletes a queue waits, or takes another name."""
    url = sqs.create_queue(QueueName="q-gone")["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    assert refusal(sqs.create_queue, QueueName="q-gone") == (
        "AWS.SimpleQueueService.QueueDeletedRecently",
        400,
        (
            "You must wait 60 seconds after deleting a queue before you can create another with "
            "the same name."
        ),
    )
    assert sqs.create_queue(QueueName="q-gone-2")["QueueUrl"]


@pytest.mark.parametrize("queue", ["plain", "ordered"])
def test_a_handle_is_a_messages(sqs: Any, queue: str, request: pytest.FixtureRequest) -> None:
    """Deleting twice is no fault of a standard queue's; a made-up handle is one anywhere."""
    of_it, is_plain = {"QueueUrl": request.getfixturevalue(queue)}, queue == "plain"
    group = {} if is_plain else {"MessageGroupId": "g", "MessageDeduplicationId": "d"}
    sqs.send_message(**of_it, MessageBody="m", **group)
    [message] = sqs.receive_message(**of_it)["Messages"]
    handle, invalid = message["ReceiptHandle"], "ReceiptHandleIsInvalid"
    wrong = 'The input receipt handle "bad" is not a valid receipt handle.'
    assert refusal(sqs.delete_message, **of_it, ReceiptHandle="bad") == (invalid, 400, wrong)
    sqs.delete_message(**of_it, ReceiptHandle=handle)
    gone = f"Value {handle} for parameter ReceiptHandle is invalid. Reason: "
    both = [{"Id": "1", "ReceiptHandle": handle}, {"Id": "2", "ReceiptHandle": "bad"}]
    told = sqs.delete_message_batch(**of_it, Entries=both)
    said = {one["Id"]: one["Message"] for one in told["Failed"]}
    assert said.pop("2") == wrong
    if is_plain:
        sqs.delete_message(**of_it, ReceiptHandle=handle)
        assert (told["Successful"], said) == ([{"Id": "1"}], {})
    else:
        assert said == {"1": f"{gone}The receipt handle has expired."}
    hidden = refusal(
        sqs.change_message_visibility, **of_it, ReceiptHandle=handle, VisibilityTimeout=1
    )
    assert hidden[0] == "InvalidParameterValue"
    assert hidden[2] == (
        f"{gone}Message does not exist or is not available for visibility timeout change."
    )
