"""Queues as SQS makes and fills them; ministack keeps any attribute of any queue.

The texts are AWS's as others have met them: LocalStack's provider, hashicorp/terraform-provider-aws
#42209, cloudfoundry/csb-brokerpak-aws's notes, snapshots of other emulators. The one about a
queue that another one's RedriveAllowPolicy keeps out is ours.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from serverless_tax.cloud.front.message_attributes import attribute_error

QUEUES = "ministack.services.sqs"
Handle = Callable[[dict[str, Any], str], Any]
Refusal = tuple[str, str]
"""A code and a text."""
Given = Mapping[str, Any]
_NAME = re.compile(r"[A-Za-z0-9_-]{1,75}\.fifo|[A-Za-z0-9_-]{1,80}")
_VALUE, _ATTRIBUTE, _UNKNOWN = (
    "InvalidParameterValue", "InvalidAttributeValue", "InvalidAttributeName",
)  # fmt: skip
_OF_ALL = frozenset(
    [
        *("DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "Policy"),
        *("ReceiveMessageWaitTimeSeconds", "VisibilityTimeout", "RedrivePolicy"),
        *("RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"),
        "SqsManagedSseEnabled",
    ]
)
_OF_FIFO: Mapping[str, tuple[str, ...]] = {
    "FifoQueue": ("true",), "ContentBasedDeduplication": ("true", "false"),
    "DeduplicationScope": ("messageGroup", "queue"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}  # fmt: skip
"""Attributes of FIFO queues alone, and what each may be."""
_WORDS = {**_OF_FIFO, "SqsManagedSseEnabled": ("true", "false")}
_TOLD = frozenset(
    [
        *("All", "QueueArn", "CreatedTimestamp", "LastModifiedTimestamp"),
        *("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"),
        "ApproximateNumberOfMessagesNotVisible",
    ]
)
"""What GetQueueAttributes knows too."""
_PERMISSIONS = ("allowAll", "denyAll", "byQueue")
_MOST_SOURCES = 10
_PERMITTED = frozenset(
    [
        *("*", "SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"),
        *("GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue"),
    ]
)
_PURGE_S = _GONE_S = 60
_gone_s: dict[str, float] = {}
"""When a queue was last deleted, by its ARN."""


def install() -> None:
    """Put the checks before the actions in ministack's table."""
    names = vars(import_module(QUEUES))
    handlers, error = names["_HANDLERS"], names["_Err"]
    for action, check in (
        ("CreateQueue", made_error),
        ("SetQueueAttributes", _changed_error),
        ("GetQueueAttributes", _asked_error),
        ("SendMessage", _sent_error),
        ("AddPermission", _permission_error),
        ("RemovePermission", _label_error),
        ("SendMessageBatch", _batch_error),
        ("DeleteMessageBatch", _batch_error),
        ("ChangeMessageVisibilityBatch", _batch_error),
    ):
        handlers[action] = _checked(handlers[action], check, error)
    names["_act_send_message"] = handlers["SendMessage"]  # a batch sends by it
    for action in ("DeleteMessage", "ChangeMessageVisibility"):
        for name in (action, f"{action}Batch"):
            handlers[name] = _handled(handlers[name], error, changes=action != "DeleteMessage")
    handlers["GetQueueAttributes"] = _told(handlers["GetQueueAttributes"])
    handlers["PurgeQueue"] = _emptied(handlers["PurgeQueue"], error)
    handlers["DeleteQueue"] = _deleted(handlers["DeleteQueue"])
    handlers["CreateQueue"] = _waited(handlers["CreateQueue"], error)


def _checked(
    original: Handle, check: Callable[[Given, str], Refusal | None], error: Callable[..., Exception]
) -> Handle:
    def act(data: dict[str, Any], url: str) -> Any:
        wrong = check(data, _name_of(str(data.get("QueueUrl") or url)))
        if wrong:
            raise error(*wrong)
        return original(data, url)

    return act


def _name_of(url: str) -> str:
    return url.rpartition("/")[2]


def _told(original: Handle) -> Handle:
    """GetQueueAttributes, which tells nothing to those who ask for nothing."""

    def tell(data: dict[str, Any], url: str) -> Any:
        told = original(data, url)
        return told if data.get("AttributeNames") else {}

    return tell


def _handled(original: Handle, error: Callable[..., Exception], *, changes: bool) -> Handle:
    """A call about received messages; who deletes one that is gone has done no wrong.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
    """

    def act(data: dict[str, Any], url: str) -> Any:
        own = _name_of(str(data.get("QueueUrl") or url))
        try:
            told = original(data, url)
        except error as refused:  # type: ignore[misc] # ministack's own class
            if getattr(refused, "code", "") != _NO_HANDLE:
                raise
            if wrong := _handle_error(str(data["ReceiptHandle"]), own, changes=changes):
                raise error(*wrong) from None
            return {}
        failed, told["Failed"] = told.get("Failed") or (), []
        handles = {one.get("Id"): str(one.get("ReceiptHandle")) for one in data.get("Entries", ())}
        for one in failed:
            if wrong := _handle_error(handles[one["Id"]], own, changes=changes):
                told["Failed"].append({**one, "Code": wrong[0], "Message": wrong[1]})
            else:
                told["Successful"].append({"Id": one["Id"]})
        return told if "Entries" in data else {}

    return act


_NO_HANDLE = "ReceiptHandleIsInvalid"
_HANDLE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What ministack gives with a message."""


def _handle_error(handle: str, own: str, *, changes: bool) -> Refusal | None:
    """Why a handle is refused that no message has; None if its message may be gone."""
    if not _HANDLE.fullmatch(handle):
        return _NO_HANDLE, f'The input receipt handle "{handle}" is not a valid receipt handle.'
    why = "The receipt handle has expired."
    if changes:
        why = "Message does not exist or is not available for visibility timeout change."
    elif not own.endswith(".fifo"):
        return None
    return _VALUE, f"Value {handle} for parameter ReceiptHandle is invalid. Reason: {why}"


def _emptied(original: Handle, error: Callable[[str, str], Exception]) -> Handle:
    """PurgeQueue, once a minute."""
    last_s: dict[str, float] = {}

    def purge(data: dict[str, Any], url: str) -> Any:
        own = str(data.get("QueueUrl") or url)
        if time.monotonic() - last_s.get(own, -_PURGE_S) < _PURGE_S:
            text = f"Only one PurgeQueue operation on {_name_of(own)} is allowed every "
            code = "AWS.SimpleQueueService.PurgeQueueInProgress"
            raise error(code, f"{text}{_PURGE_S} seconds.")
        done = original(data, url)
        last_s[own] = time.monotonic()
        return done

    return purge


def _deleted(original: Handle) -> Handle:
    """DeleteQueue, whose name is nobody's for a minute."""

    def delete(data: dict[str, Any], url: str) -> Any:
        own = str(data.get("QueueUrl") or url)
        arn = _attribute_of(_name_of(own), "QueueArn")
        done = original(data, url)
        _gone_s[arn] = time.monotonic()
        return done

    return delete


def _waited(original: Handle, error: Callable[[str, str], Exception]) -> Handle:
    """CreateQueue, of a name that no queue had a moment ago."""

    def create(data: dict[str, Any], url: str) -> Any:
        names = vars(import_module(QUEUES))
        place = f"{names['get_region']()}:{names['get_account_id']()}"
        arn = f"arn:aws:sqs:{place}:{data.get('QueueName')}"
        if time.monotonic() - _gone_s.get(arn, -_GONE_S) >= _GONE_S:
            return original(data, url)
        text = (
            f"You must wait {_GONE_S} seconds after deleting a queue before you can create another "
            "with the same name."
        )
        raise error("AWS.SimpleQueueService.QueueDeletedRecently", text)

    return create


def made_error(data: Given, _: str = "") -> Refusal | None:
    """Return why a new queue is refused; None if it is not.

    Args:
        data: QueueName, and Attributes as the API has them.
    """
    name, attributes = str(data.get("QueueName") or ""), data.get("Attributes") or {}
    is_fifo = str(attributes.get("FifoQueue")) == "true"
    if name and (not _NAME.fullmatch(name) or (name.endswith(".fifo") and not is_fifo)):
        text = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in "
        return _VALUE, f"{text}length"
    return attributes_error(name, attributes)


def _changed_error(data: Given, own: str) -> Refusal | None:
    attributes = data.get("Attributes") or {}
    if "FifoQueue" in attributes and not own.endswith(".fifo"):
        return _UNKNOWN, "Unknown Attribute FifoQueue."
    return attributes_error(own, attributes)


def attributes_error(own: str, attributes: Given) -> Refusal | None:
    """Return why a queue's attributes are refused; None if they are not.

    Args:
        own: the queue's name.
        attributes: as the API has them, which are texts.
    """
    wrong = (_one(name, value, own.endswith(".fifo")) for name, value in attributes.items())
    return (
        next(filter(None, wrong), None)
        or _together(own, attributes)
        or policy_error(attributes.get("Policy"))
        or _allowance_error(attributes.get("RedriveAllowPolicy"))
        or _redrive_error(own, attributes.get("RedrivePolicy"))
    )


def _one(name: str, value: Any, is_fifo: bool) -> Refusal | None:  # noqa: FBT001 - the queue's kind
    """Why an attribute is refused by itself."""
    if name in _OF_FIFO and not is_fifo:
        return _UNKNOWN, _OF_A_STANDARD_QUEUE.get(name, f"Unknown Attribute {name}.")
    if name not in _OF_ALL and name not in _OF_FIFO:
        return _UNKNOWN, f"Unknown Attribute {name}."
    if value in _WORDS.get(name, (value,)):
        return None
    return _ATTRIBUTE, f"Invalid value for the parameter {name}."


def _together(own: str, attributes: Given) -> Refusal | None:
    """Why attributes are refused that do not go together."""
    if attributes.get("SqsManagedSseEnabled") == "true" and attributes.get("KmsMasterKeyId"):
        return _ATTRIBUTE, (
            "You can use one type of server-side encryption (SSE) at one time. You can either "
            "enable KMS SSE or SQS SSE."
        )
    scope = attributes.get("DeduplicationScope") or _attribute_of(own, "DeduplicationScope")
    if attributes.get("FifoThroughputLimit") != "perMessageGroupId" or scope == "messageGroup":
        return None
    return _ATTRIBUTE, (
        "Invalid value for the parameter FifoThroughputLimit. Reason: To set FifoThroughputLimit "
        "to perMessageGroupId, the DeduplicationScope must be messageGroup."
    )


_OF_A_STANDARD_QUEUE = {
    name: f"You can specify the {name} only when FifoQueue is set to true."
    for name in ("DeduplicationScope", "FifoThroughputLimit")
}


def policy_error(policy: Any) -> Refusal | None:
    """Return why a queue's policy is refused, as text; None if it is not, or if there is none."""
    if not policy:
        return None
    try:
        said = json.loads(str(policy))["Statement"]
        every = said if isinstance(said, list) else [said]
        is_sound = bool(every) and all(map(_is_statement, every))
    except (ValueError, KeyError, TypeError):
        is_sound = False
    return None if is_sound else (_ATTRIBUTE, "Invalid value for the parameter Policy.")


def _is_statement(said: Any) -> bool:
    return (
        isinstance(said, dict)
        and said.get("Effect") in {"Allow", "Deny"}
        and bool({"Action", "NotAction"} & said.keys())
        and bool({"Principal", "NotPrincipal"} & said.keys())
    )


def _allowance_error(policy: Any) -> Refusal | None:
    """Why a RedriveAllowPolicy is refused: which queues may leave their dead letters here."""
    if not policy:
        return None
    broken = _ATTRIBUTE, "Invalid value for the parameter RedriveAllowPolicy."
    try:
        said = json.loads(str(policy))
        how, sources = said.get("redrivePermission"), said.get("sourceQueueArns")
    except (ValueError, AttributeError):
        return broken
    if how not in _PERMISSIONS or (sources is not None and not isinstance(sources, list)):
        return broken
    start = f"Value {policy} for parameter RedriveAllowPolicy is invalid. Reason: Amazon SQS can't "
    if how != "byQueue" and sources:
        return _VALUE, (
            f"{start}create the redrive allow policy. To specify one or more source queue ARNs, "
            "you must set redrivePermission to byQueue."
        )
    if how == "byQueue" and not sources:
        return _VALUE, (
            f"{start}create the redrive allow policy. When you specify the byQueue permission "
            "type, you must also specify one or more sourceQueueArns values."
        )
    return broken if sources and len(sources) > _MOST_SOURCES else None


def _redrive_error(own: str, policy: Any) -> Refusal | None:
    """Why a RedrivePolicy is refused: the other queue is of another kind, or keeps this one out."""
    try:
        arn = str(json.loads(str(policy or "{}")).get("deadLetterTargetArn") or "")
    except (ValueError, AttributeError):
        return None  # ministack refuses it
    target = arn.rpartition(":")[2]
    start = f"Value {policy} for parameter RedrivePolicy is invalid. Reason: "
    if target and target.endswith(".fifo") != own.endswith(".fifo"):
        return _VALUE, f"{start}Dead-letter queue must be same type of queue as the source."
    allows = json.loads(_attribute_of(target, "RedriveAllowPolicy") or "{}")
    how = allows.get("redrivePermission", _PERMISSIONS[0])
    mine = f"{arn.rpartition(':')[0]}:{own}"
    if how == _PERMISSIONS[0] or mine in (allows.get("sourceQueueArns") or ()):
        return None
    return _VALUE, f"{start}The dead-letter queue's redriveAllowPolicy ({how}) does not allow it."


def _attribute_of(queue: str, attribute: str) -> str:
    names = vars(import_module(QUEUES))
    found = names["_queues"].get(names["_queue_name_to_url"].get(queue)) or {}
    return str((found.get("attributes") or {}).get(attribute) or "")


def _asked_error(data: Given, own: str) -> Refusal | None:
    known = {*_OF_ALL, *_TOLD, *(_OF_FIFO if own.endswith(".fifo") else ())}
    unknown = [name for name in data.get("AttributeNames") or () if name not in known]
    return (_UNKNOWN, f"Unknown Attribute {unknown[0]}.") if unknown else None


def _sent_error(data: Given, own: str) -> Refusal | None:
    twin = data.get("MessageDeduplicationId")
    if twin is not None and not own.endswith(".fifo"):
        return _VALUE, (
            f"Value {twin} for parameter MessageDeduplicationId is invalid. Reason: The request "
            "includes a parameter that is not valid for this queue type."
        )
    wrong = attribute_error(data.get("MessageAttributes") or {}, _EMPTY)
    for name in data.get("MessageSystemAttributes") or ():
        if name != "AWSTraceHeader":
            wrong = wrong or f"Message system attribute name '{name}' is invalid."
    return (_VALUE, wrong) if wrong else None


_EMPTY = "Message (user) attribute '{name}' must contain a non-empty value of type '{kind}'."


def _permission_error(data: Given, _: str) -> Refusal | None:
    for action in data.get("Actions") or ():
        if action not in _PERMITTED:
            return _VALUE, (
                f"Value SQS:{action} for parameter ActionName is invalid. Reason: Please refer to "
                "the appropriate WSDL for a list of valid actions."
            )
    return None


def _label_error(data: Given, name: str) -> Refusal | None:
    label, queues = data.get("Label"), vars(import_module(QUEUES))["_queues"].values()
    own = next((one for one in queues if one.get("name") == name), None)
    policy = json.loads(((own or {}).get("attributes") or {}).get("Policy") or "{}")
    statements = policy.get("Statement") or []
    if not statements or label in {one.get("Sid") for one in statements}:
        return None
    return _VALUE, f"Value {label} for parameter Label is invalid. Reason: can't find label."


def _batch_error(data: Given, _: str) -> Refusal | None:
    count = len(data.get("Entries") or [])
    if count <= _MOST_ENTRIES:
        return None
    code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"
    return code, (
        f"Maximum number of entries per request are {_MOST_ENTRIES}. You have sent {count}."
    )


_MOST_ENTRIES = 10


def of_template(props: Given) -> dict[str, Any]:
    """A queue of a template as CreateQueue has it: its attributes are texts there."""
    is_fifo = str(props.get("FifoQueue")).lower() == "true"
    given = {name: props[name] for name in (*_OF_ALL, *_OF_FIFO) if name in props}
    if not is_fifo:
        given.pop("FifoQueue", None)
    # A queue without a name of its own gets one that ends as its kind does.
    name = str(props.get("QueueName") or ("made.fifo" if is_fifo else "made"))
    return {"QueueName": name, "Attributes": {name: _text(one) for name, one in given.items()}}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
