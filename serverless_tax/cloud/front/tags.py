"""Tags whose keys begin with ``aws:``, which AWS keeps for itself; ministack takes them.

Each service has its own code and sentence. Those of API Gateway, S3 and CloudFormation are AWS's,
from public issues; the others are API Gateway's sentence under the service's usual code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from serverless_tax.cloud.front.aws_errors import AwsError

_TEXT = "Invalid tag key. Tag keys cannot start with 'aws:' (case insensitive)"
_TEXTS = {
    "s3": "System tags cannot be added/updated by requester",
    "cloudformation": "aws: prefixed tag key names are not allowed for external use.",
}
CODES = {
    "lambda": "InvalidParameterValueException", "apigateway": "BadRequestException",
    "s3": "InvalidTag", "cloudformation": "ValidationError", "iam": "InvalidInput",
    "cognito-idp": "InvalidParameterException", "logs": "InvalidParameterException",
    "sns": "InvalidParameter",
    "sqs": "InvalidParameterValue",
}  # fmt: skip
_MEMBERS = ("Tags", "tags", "UserPoolTags", "IdentityPoolTags", "TagsToAdd")
_OF_STACKS = "aws:cloudformation:"
_KEYS = ("Key", "key", "TagKey")
_OF_A_FORM = re.compile(r"Tags?\..*Key")
_OF_S3 = re.compile(rb"<Key>\s*(aws:[^<]*)</Key>", re.IGNORECASE)
_MAYBE = re.compile(rb"aws(:|%3A)", re.IGNORECASE)


def tag_error(
    method: str, service: str, query: str, headers: Mapping[str, str], body: bytes
) -> AwsError | None:
    """Return why a request's tags are refused; None for any other request.

    Args:
        method: HTTP's.
        service: that its signature names.
        query: of its address.
        headers: names in lower case.
        body: the whole of it.
    """
    in_a_header = headers.get("x-amz-tagging", "") if service == "s3" else ""
    if method not in {"POST", "PUT"} or not service:
        return None
    if not _MAYBE.search(body + in_a_header.encode()):
        return None
    if service == "s3":
        found = _OF_S3.findall(body) if "tagging" in query else []
        keys = [*map(bytes.decode, found), *filter(_is_kept, dict(parse_qsl(in_a_header)))]
    elif headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = parse_qsl(body.decode(errors="replace"))
        keys = [value for name, value in form if _OF_A_FORM.fullmatch(name) and _is_kept(value)]
    else:
        keys = [key for key in _keys(body) if _is_kept(key)]
    if not keys:
        return None
    return _refusal(service)


def stack_tag_error(props: Mapping[str, Any]) -> AwsError | None:
    """Return why a resource's tags in a template are refused; CloudFormation adds some itself."""
    found = (_keys_of(props.get(name)) for name in _MEMBERS)
    keys = [key for each in found for key in each if _is_kept(key)]
    return None if all(key.startswith(_OF_STACKS) for key in keys) else _refusal("cloudformation")


def _refusal(service: str) -> AwsError:
    code = CODES.get(service, "ValidationException")
    return AwsError(code, code, _TEXTS.get(service, _TEXT), service, 400)


def _keys(body: bytes) -> Iterator[str]:
    try:
        asked: Any = json.loads(body)
    except (ValueError, RecursionError):
        return
    for name in _MEMBERS:
        yield from _keys_of(asked.get(name) if isinstance(asked, dict) else None)


def _keys_of(tags: Any) -> Iterator[str]:
    """The keys of tags in a table, or in a list."""
    for one in tags if isinstance(tags, list | dict) else ():
        found = [one[key] for key in _KEYS if key in one] if isinstance(one, dict) else [one]
        yield from (key for key in found if isinstance(key, str))


def _is_kept(key: str) -> bool:
    return key.lower().startswith("aws:")
