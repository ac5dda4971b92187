"""Forms that put an object into a bucket with a signed policy: S3's presigned POST.

ministack holds the form to its policy; whether the policy is signed is looked at here.
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from botocore.auth import HmacV1Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from serverless_tax.cloud.front.aws_errors import MISSING, AwsError, mismatch, unknown_key
from serverless_tax.cloud.front.signature import Secrets

MOST_FIELDS_BYTES = 20_000
"""All of a form before its file."""
_BUCKET = re.compile(r"/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/?")
_SCOPE = re.compile(r"([^/\s]+)/(\d{8})/([^/\s]+)/s3/aws4_request")


def is_form(scope: MutableMapping[str, Any], headers: Mapping[str, str]) -> bool:
    """Whether a request is a form for a bucket, with nothing else that says who sends it."""
    return bool(
        scope["method"] == "POST"
        and not scope["query_string"]
        and "authorization" not in headers
        and headers.get("content-type", "").startswith("multipart/form-data")
        and _BUCKET.fullmatch(scope["path"])
    )


def form_error(content_type: str, body: bytes, secrets: Secrets) -> AwsError | None:
    """Refuse a form whose policy is not signed with a key of this start.

    Args:
        content_type: of the request; it names the boundary.
        body: all of it, or its beginning with every field before the file.
        secrets: gives the secret of a key.
    """
    read = vars(import_module("ministack.services.s3"))["_parse_multipart_form"]
    fields = {
        name.lower(): value.decode("latin-1")
        for name, _, _, value in read(content_type, body)
        if name != "file"
    }
    policy, token = fields.get("policy", ""), fields.get("x-amz-security-token", "")
    scope = _SCOPE.fullmatch(fields.get("x-amz-credential", ""))
    access_key = scope[1] if scope else fields.get("awsaccesskeyid", "")
    given = fields.get("x-amz-signature" if scope else "signature", "")
    if not (policy and access_key and given):
        return replace(MISSING, service="s3")
    secret = secrets(access_key, token)
    if secret is None:
        return unknown_key("s3")
    keys = Credentials(access_key, secret)
    if scope:
        request = AWSRequest("POST", "http://bucket")
        request.context["timestamp"] = scope[2]
        expected = str(SigV4Auth(keys, "s3", scope[3]).signature(policy, request))
    else:
        expected = str(HmacV1Auth(keys).sign_string(policy))
    is_good = hmac.compare_digest(expected.encode(), given.encode())
    return None if is_good else mismatch("s3")
