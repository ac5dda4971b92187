"""Objects and policies that S3 refuses, and ministack keeps.

The texts are AWS's: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, that about
a public policy from aws/aws-cdk's issues.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, unquote

from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.front.deliveries import BUCKETS
from serverless_tax.cloud.front.keys import missing_error

_OPEN = "_nothing_is_blocked"
_MOST_KEY, _MOST_METADATA = 1024, 2048
_META = "x-amz-meta-"
_CHANGES = (
    *("x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption"),
    *("x-amz-tagging-directive", "x-amz-acl"),
)
"""Headers of a copy that leave something changed."""


def install() -> None:
    """Note of a bucket that nothing is blocked there any more, once somebody has said so.

    And tell who puts an object its checksums, as AWS does; ministack keeps them.
    """
    names = vars(import_module(BUCKETS))
    names["_put_object"] = _summed(names["_put_object"])
    original = names["_delete_public_access_block"]

    def delete(bucket: str, *more: Any) -> Any:
        if bucket in names["_buckets"]:
            names["_buckets"][bucket][_OPEN] = True
        return original(bucket, *more)

    names["_delete_public_access_block"] = delete


def _summed(original: Callable[..., Any]) -> Callable[..., Any]:
    def put(bucket: str, key: str, body: bytes, headers: Mapping[str, str]) -> Any:
        reply = original(bucket, key, body, headers)
        here = vars(import_module(BUCKETS))["_buckets"].get(bucket) or {}
        had = (here.get("objects") or {}).get(key) or {}
        if reply[0] != 200:  # noqa: PLR2004 - HTTP's
            return reply
        sums = {f"x-amz-checksum-{name.lower()}": one for name, one in
                (had.get("checksums") or {}).items()}  # fmt: skip
        kind = {"x-amz-checksum-type": "FULL_OBJECT"} if sums else {}
        return (reply[0], {**reply[1], **sums, **kind}, *reply[2:])

    return put


def s3_error(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> AwsError | None:
    """Return why a request to S3 is refused; None if it is not.

    Args:
        method: HTTP's.
        path: of a bucket or an object, without its query.
        query: what follows it.
        headers: names in lower case.
        body: the whole of it.
    """
    asked = parse_qs(query, keep_blank_values=True)
    error = _query_error(method, asked) or _constraint_error(method, path, asked, body)
    bucket, _, key = path.lstrip("/").partition("/")
    part = asked.get("partNumber", [""])[0]
    if "partNumber" in asked and not (part.isdigit() and 1 <= int(part) <= _MOST_PARTS):
        text = f"Part number must be an integer between 1 and {_MOST_PARTS}, inclusive"
        return _refusal("InvalidArgument", text)
    if method in {"GET", "HEAD"} and part:
        return _part_error(bucket, key, part, headers)
    if error or method != "PUT":
        return error
    if "tagging" in asked:
        return _tagging_error(body)
    if key:
        return _object_error(f"{bucket}/{key}", headers)
    check = _OF_BUCKETS.get(query.partition("=")[0])
    return check(bucket, body) if check else None


def _object_error(place: str, headers: Mapping[str, str]) -> AwsError | None:
    """Refuse an object for its key, for what is told of it, or for a copy that changes nothing."""
    if len(place.partition("/")[2].encode()) > _MOST_KEY:
        return _refusal("KeyTooLongError", "Your key is too long")
    metadata = {name: one for name, one in headers.items() if name.startswith(_META)}
    if sum(len(name) - len(_META) + len(one) for name, one in metadata.items()) > _MOST_METADATA:
        text = "Your metadata headers exceed the maximum allowed metadata size"
        return _refusal("MetadataTooLarge", text)
    key = headers.get("x-amz-server-side-encryption-aws-kms-key-id")
    if key and (text := missing_error(key)):
        return _refusal("KMS.NotFoundException", text)
    redirect = headers.get("x-amz-website-redirect-location")
    if redirect is not None and not redirect.startswith(("http://", "https://", "/")):
        text = "The website redirect location must have a prefix of 'http://' or 'https://' or '/'."
        return _refusal("InvalidRedirectLocation", text)
    source = unquote(headers.get("x-amz-copy-source", "")).lstrip("/")
    replaces = headers.get("x-amz-metadata-directive", "COPY").upper() == "REPLACE"
    if source != place or replaces or any(name in headers for name in _CHANGES):
        return None
    text = (
        "This copy request is illegal because it is trying to copy an object to itself without "
        "changing the object's metadata, storage class, website redirect location or encryption "
        "attributes."
    )
    return _refusal("InvalidRequest", text)


def _part_error(bucket: str, key: str, number: str, headers: Mapping[str, str]) -> AwsError | None:
    """Refuse a part that an object does not have; one that was put whole has one."""
    if "range" in headers:
        text = "Cannot specify both Range header and partNumber query parameter"
        return _refusal("InvalidRequest", text)
    found = vars(import_module(BUCKETS))["_buckets"].get(bucket) or {}
    put = (found.get("objects") or {}).get(unquote(key))
    if put is None or int(number) in [one["PartNumber"] for one in put.get("parts") or _WHOLE]:
        return None
    text = "The requested partnumber is not satisfiable"
    return AwsError("InvalidPartNumber", "InvalidPartNumber", text, "s3", 416)


def _tagging_error(body: bytes) -> AwsError | None:
    keys = re.findall(rb"<Key>(.*?)</Key>", body)
    if len(set(keys)) == len(keys):
        return None
    return _refusal("InvalidTag", "Cannot provide multiple Tags with the same key")


_MOST_PARTS, _WHOLE = 10_000, ({"PartNumber": 1},)


def _query_error(method: str, asked: Mapping[str, list[str]]) -> AwsError | None:
    """Refuse what a list of objects is asked for, and is no number or no way to write them."""
    most, coded = asked.get("max-keys", ["1"])[0], asked.get("encoding-type", ["url"])[0]
    if method == "GET" and not most.isdigit():
        text = f"Argument maxKeys must be an integer between 0 and {2**31 - 1}"
        return _refusal("InvalidArgument", text)
    if method == "GET" and coded.lower() != "url":
        return _refusal("InvalidArgument", "Invalid Encoding Method specified in Request")
    token = asked.get("continuation-token", [""])[0]
    if method == "GET" and "list-type" in asked and not _is_token(token):
        text = "The continuation token provided is incorrect"
        return _refusal("InvalidArgument", text)
    return None


def _is_token(text: str) -> bool:
    """Whether a list could go on at it: it names a key."""
    try:
        return bool(base64.b64decode(text, validate=True).decode()) or not text
    except ValueError:
        return False


def _constraint_error(
    method: str, path: str, asked: Mapping[str, list[str]], body: bytes
) -> AwsError | None:
    """Refuse a new bucket in a region that there is none of."""
    found = _LOCATION.search(body) if method == "PUT" and not asked else None
    if found is None or "/" in path.strip("/") or _REGION.fullmatch(found[1].decode()):
        return None
    text = "The specified location-constraint is not valid"
    return _refusal("InvalidLocationConstraint", text)


_LOCATION = re.compile(rb"<LocationConstraint>(.*?)</LocationConstraint>")
_REGION = re.compile(r"EU|[a-z]{2}(-[a-z]+)+-\d")
_CORS_METHOD = re.compile(rb"<AllowedMethod>(.*?)</AllowedMethod>")
_CORS_METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD")


def _cors_error(_: str, body: bytes) -> AwsError | None:
    for given in _CORS_METHOD.findall(body):
        if given.decode() not in _CORS_METHODS:
            text = "Found unsupported HTTP method in CORS config. Unsupported method is "
            return _refusal("InvalidRequest", text + given.decode())
    return None


def _notification_error(_: str, body: bytes) -> AwsError | None:
    """Refuse a filter by anything but the ends of a key: ministack would leave it out."""
    return _rules_error(name.decode() for name in _RULE.findall(body))


def bucket_error(props: Mapping[str, Any]) -> AwsError | None:
    """Return why a bucket of a template is refused; None if it is not."""
    every = [*(props.get("NotificationConfiguration") or {}).values()]
    told = [one for each in every if isinstance(each, list) for one in each]
    keys = [((one.get("Filter") or {}).get("S3Key") or {}).get("Rules") or [] for one in told]
    return _rules_error(str(rule.get("Name")) for rules in keys for rule in rules)


def _rules_error(names: Iterable[str]) -> AwsError | None:
    if {name.lower() for name in names} <= {"prefix", "suffix"}:
        return None
    return _refusal("InvalidArgument", "filter rule name must be either prefix or suffix")


_RULE = re.compile(rb"<FilterRule>.*?<Name>(.*?)</Name>", re.DOTALL)


def _policy_error(bucket: str, body: bytes) -> AwsError | None:
    """Refuse what is no policy, and one that lets everybody in where the bucket blocks such.

    All buckets do at first. The texts about what is no policy are those of LocalStack's snapshots.
    """
    names = vars(import_module(BUCKETS))
    record: Mapping[str, Any] = names["_buckets"].get(bucket) or {}
    stored = record.get("_public_access_block")
    account = names["get_account_id"]()
    blocks = names["_public_access_blocked"](account, bucket, "BlockPublicPolicy")
    if not record:
        return None
    try:
        policy = json.loads(body)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        text = "Policies must be valid JSON and the first byte must be '{'"
        return _refusal("MalformedPolicy", text)
    if "Statement" not in policy:
        return _refusal("MalformedPolicy", "Missing required field Statement")
    said = policy["Statement"]
    statements = said if isinstance(said, list) else [said]
    if not statements:
        text = "Could not parse the policy: Statement is empty!"
        return _refusal("MalformedPolicy", text)
    is_open = not blocks and (stored or _OPEN in record)
    if is_open or not any(_is_public(one) for one in statements):
        return None
    who = f"arn:aws:iam::{account}:root"
    text = (
        f'User: {who} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::'
        f'{bucket}" because public policies are prevented by the BlockPublicPolicy setting in S3 '
        "Block Public Access."
    )
    return AwsError("AccessDenied", "AccessDenied", text, "s3", 403)


def _is_public(statement: Any) -> bool:
    """Whether a statement lets everybody in; what a condition leaves of them is not looked at."""
    if not isinstance(statement, Mapping) or statement.get("Condition"):
        return False
    principal = statement.get("Principal")
    everyone = principal.get("AWS") if isinstance(principal, Mapping) else principal
    return statement.get("Effect") == "Allow" and "*" in (
        everyone if isinstance(everyone, list) else [everyone]
    )


_OF_BUCKETS = {
    "cors": _cors_error, "policy": _policy_error, "notification": _notification_error,
}  # fmt: skip
"""The check of a bucket's setting, by the first word of the query."""


def _refusal(code: str, text: str) -> AwsError:
    return AwsError(code, code, text, "s3", 400)
