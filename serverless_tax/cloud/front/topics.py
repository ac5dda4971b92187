"""Topics as SNS makes, fills and serves them; ministack takes any attribute of any topic.

The texts are AWS's, as moto's and LocalStack's recorded answers have them (tests/aws/services/sns,
March 2026). Those about a value that is one of a few are ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.message_attributes import attribute_error
from serverless_tax.cloud.front.patterns import attributes_error
from serverless_tax.cloud.front.queues import policy_error

Asked = Mapping[str, Any]
Refusal = tuple[str, str]
"""A code and a text."""
_SNS = "ministack.services.sns"
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,256}(\.fifo)?")
_OF_A_TOPIC = frozenset(
    [
        *("ArchivePolicy", "DataProtectionPolicy", "DeliveryPolicy", "DisplayName", "Policy"),
        *("FifoThroughputScope", "FifoTopic", "KmsMasterKeyId", "SignatureVersion"),
        *("ContentBasedDeduplication", "TracingConfig"),
    ]
)
"""https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html"""
_MOST_SUBJECT, _MOST_ID, _ARN_PARTS = 100, 80, 6
_BATCH_ID = re.compile(r"[A-Za-z0-9_-]*")


def _topic(asked: Asked) -> Refusal | None:
    name = str(asked.get("Name") or "")
    attributes = asked.get("Attributes") or {}
    is_fifo = str(attributes.get("FifoTopic")).lower() == "true"
    if _TOPIC.fullmatch(name) and name.endswith(".fifo") == is_fifo:
        wrong = _attributes_error(name, attributes)
        if not wrong:
            return _known(asked)
        return "InvalidParameter", f"Invalid parameter: {wrong}"
    why = "Topic Name"
    if is_fifo and not name.endswith(".fifo"):
        why = (
            "Fifo Topic names must end with .fifo and must be made up of only uppercase and "
            "lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and "
            "256 characters long."
        )
    return "InvalidParameter", f"Invalid parameter: {why}"


def _known(asked: Asked) -> Refusal | None:
    """A topic that is there already, with other attributes."""
    arns = [arn for arn in _topics() if arn.endswith(f":{asked.get('Name')}")]
    if not arns:
        return None
    had = _topics()[arns[0]]["attributes"]
    given = asked.get("Attributes") or {}
    if all(had.get(name) == value for name, value in given.items()):
        return None
    why = "Attributes Reason: Topic already exists with different attributes"
    return "InvalidParameter", f"Invalid parameter: {why}"


def _topics() -> Mapping[str, Any]:
    return dict(vars(import_module(_SNS))["_topics"])


def _about_a_topic(asked: Asked, member: str = "TopicArn") -> Refusal | None:
    """A call that names a topic or a subscription by an ARN."""
    arn = str(asked.get(member) or "")
    parts = arn.count(":") + 1
    if not arn or parts >= _ARN_PARTS:
        return None
    why = f"{member} Reason: An ARN must have at least {_ARN_PARTS} elements, not {parts}"
    return "InvalidParameter", f"Invalid parameter: {why}"


def _ended(asked: Asked) -> Refusal | None:
    """Unsubscribe, by an ARN; of a subscription that is no more it says done, as AWS does."""
    wrong = _about_a_topic(asked, "SubscriptionArn")
    if wrong or str(asked.get("SubscriptionArn")).count(":") >= _ARN_PARTS:
        return wrong
    return "InvalidParameter", "Invalid parameter: SubscriptionId"


def _attributes_error(name: str, attributes: Asked) -> str:
    """Return what is wrong with the attributes of a topic; empty if nothing is.

    Args:
        name: the topic's.
        attributes: as the API has them, which are texts.
    """
    for one in attributes:
        if one not in _OF_A_TOPIC:
            return f"Attributes Reason: Unknown attribute {one}"
    if "ContentBasedDeduplication" in attributes and not name.endswith(".fifo"):
        return "Attributes Reason: Content-based deduplication can only be set for FIFO topics."
    for one, every in _VALUES.items():
        if attributes.get(one) not in {None, *every}:
            return f"Attributes Reason: {one} is one of {', '.join(every)}"
    return "Policy Error: null" if policy_error(attributes.get("Policy")) else ""


_VALUES = {
    "ContentBasedDeduplication": ("true", "false"), "SignatureVersion": ("1", "2"),
    "FifoThroughputScope": ("Topic", "MessageGroup"),
}  # fmt: skip


def _topic_changed(asked: Asked) -> Refusal | None:
    """One attribute of a topic; an unknown name is said otherwise than of a new topic."""
    name, value = str(asked.get("AttributeName")), asked.get("AttributeValue")
    if name not in _OF_A_TOPIC and not _OF_DELIVERIES.fullmatch(name):
        return "InvalidParameter", "Invalid parameter: AttributeName"
    if name not in _OF_A_TOPIC:
        return None
    topic = str(asked.get("TopicArn")).rpartition(":")[2]
    wrong = _attributes_error(topic, {name: value})
    return ("InvalidParameter", f"Invalid parameter: {wrong}") if wrong else None


_OF_DELIVERIES = re.compile(r"\w+(FeedbackRoleArn|FeedbackSampleRate)")


def _published(asked: Asked) -> Refusal | None:
    if wrong := _about_a_topic(asked):
        return wrong
    topic = str(asked.get("TopicArn") or "")
    if topic.endswith(".fifo") and not asked.get("MessageGroupId"):
        text = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
        return "InvalidParameter", text
    return _message_error(asked, topic)


def _together(asked: Asked) -> Refusal | None:
    """PublishBatch: its entries' names, and each message."""
    for one in asked.get("PublishBatchRequestEntries") or []:
        own = str(one.get("Id") or "")
        if len(own) > _MOST_ID:
            text = f"The Id of a batch entry in the batch request is too long: {own}"
            return "InvalidBatchEntryId", text
        if not _BATCH_ID.fullmatch(own):
            text = "The Id of a batch entry in the batch request contains an impermissible"
            return "InvalidBatchEntryId", f"{text} character: {own}"
        if wrong := _message_error(one, str(asked.get("TopicArn") or "")):
            return wrong
    return None


def _message_error(asked: Asked, topic: str) -> Refusal | None:
    message, subject = str(asked.get("Message") or ""), asked.get("Subject")
    why = ""
    if not message:
        why = "Empty message"
    elif subject is not None and not _is_subject(str(subject)):
        why = "Subject"
    elif asked.get("MessageStructure") == "json":
        try:
            said = json.loads(message)
        except ValueError:
            said = None
            why = "Message Structure - JSON message body failed to parse"
        if not why and not (isinstance(said, dict) and "default" in said):
            why = "Message Structure - No default entry in JSON message body"
    twin = asked.get("MessageDeduplicationId")
    if not why and twin and topic and not topic.endswith(".fifo"):
        why = (
            "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
            "that is not valid for this topic type"
        )
    if why:
        return "InvalidParameter", f"Invalid parameter: {why}"
    wrong = attribute_error(asked.get("MessageAttributes") or {}, _EMPTY, most=None)
    return ("ParameterValueInvalid", wrong) if wrong else None


_EMPTY = (
    "The message attribute '{name}' must contain non-empty message attribute value for message "
    "attribute type '{kind}'."
)


def _subscribed(asked: Asked) -> Refusal | None:
    """A subscription, with attributes that it may have, of a queue that its topic may have."""
    topic, endpoint = str(asked.get("TopicArn")), str(asked.get("Endpoint") or "")
    given = asked.get("Attributes") or {}
    why, reason = "", attributes_error(given)
    if asked.get("Protocol") == "sqs" and not endpoint.startswith("arn:"):
        why = "SQS endpoint ARN"
    elif endpoint.endswith(".fifo") and not topic.endswith(".fifo"):
        why = (
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard "
            "SNS topics"
        )
    for one in (_topics().get(topic) or {}).get("subscriptions", ()):
        is_it = (one["protocol"], one["endpoint"]) == (asked.get("Protocol"), endpoint)
        if is_it and any(one["attributes"].get(name) != value for name, value in given.items()):
            reason = reason or "Subscription already exists with different attributes"
    why = why or (f"Attributes Reason: {reason}" if reason else "")
    return ("InvalidParameter", f"Invalid parameter: {why}") if why else _about_a_topic(asked)


def _filtered(asked: Asked) -> Refusal | None:
    """One attribute of a subscription; what a filter of bodies may have depends on the others."""
    name, value = str(asked.get("AttributeName")), asked.get("AttributeValue") or "{}"
    scope = {"FilterPolicyScope": "MessageBody"} if name == "FilterPolicy" else {}
    wrong = attributes_error({name: value, **scope}) if asked.get("AttributeValue") else ""
    wrong = "AttributeName" if wrong.startswith("Unknown attribute") else wrong
    return ("InvalidParameter", f"Invalid parameter: {wrong}") if wrong else None


def _is_subject(text: str) -> bool:
    return 0 < len(text) <= _MOST_SUBJECT and text.isprintable() and not text.startswith(" ")


OF_TOPICS: Mapping[tuple[str, str], Callable[[Asked], Refusal | None]] = {
    ("sns", "CreateTopic"): _topic,
    ("sns", "Publish"): _published,
    ("sns", "PublishBatch"): _together,
    ("sns", "SetTopicAttributes"): _topic_changed,
    ("sns", "Subscribe"): _subscribed,
    ("sns", "SetSubscriptionAttributes"): _filtered,
    ("sns", "GetTopicAttributes"): _about_a_topic,
    ("sns", "DeleteTopic"): _about_a_topic,
    ("sns", "Unsubscribe"): _ended,
}
"""By service and operation, why a call about a topic is refused."""
