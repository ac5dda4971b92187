"""The attributes of a message, to a queue or to a topic, as AWS takes them.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
The texts are AWS's, as LocalStack's recorded answers and moto's tests have them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")
_RESERVED = re.compile(r"(?i)(aws|amazon)\.|\.|.*\.$")
_KIND = re.compile(r"(String|Number|Binary)(\..*)?")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_MOST = 10


def attribute_error(attributes: Mapping[str, Any], empty: str, most: int | None = _MOST) -> str:
    """Return why a message's attributes are refused; empty if they are not.

    Args:
        attributes: by name, each with DataType and a value.
        empty: the service's sentence for a value that is empty, with the fields name and kind.
        most: that one message may have; None for any number.
    """
    if most is not None and len(attributes) > most:
        return f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [10]."
    wrong = (_one(name, given, empty) for name, given in attributes.items())
    return next(filter(None, wrong), "")


def _one(name: str, given: Mapping[str, Any], empty: str) -> str:
    kind = str(given.get("DataType") or "")
    value = given.get("BinaryValue" if kind.startswith("Binary") else "StringValue")
    wrong = ""
    if not kind:
        wrong = f"The message attribute '{name}' must contain a non-empty message attribute type."
    elif not _NAME.fullmatch(name):
        wrong = (
            "Message (user) attribute name can contain upper and lower score characters, digits, "
            "periods, hyphens and underscores."
        )
    elif _RESERVED.match(name):
        wrong = (
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These "
            "strings are reserved for internal use. Additionally, they cannot start or end with "
            "'.'."
        )
    elif not _KIND.fullmatch(kind):
        wrong = (
            f"The message attribute '{name}' has an invalid message attribute type, the set of "
            "supported type prefixes is Binary, Number, and String."
        )
    elif not value:
        wrong = empty.format(name=name, kind=kind)
    elif kind.startswith("Number") and not _NUMBER.fullmatch(str(value)):
        wrong = f"Could not cast message attribute '{name}' value to number."
    return wrong
