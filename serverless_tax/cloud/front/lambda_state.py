"""Requests to Lambda's API whose answer depends on what is there, and those that this cloud lacks.

ministack makes a function of a package that is not in its bucket, an alias of a version that does
not exist, and reserves more than the account has. It knows no UpdateFunctionEventInvokeConfig, and
answers an operation that it does not know as if a function were missing. The texts are AWS's, from
public issues.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from serverless_tax.cloud.durable.api import Reply, error_reply
from serverless_tax.cloud.durable.engine import DurableError
from serverless_tax.cloud.front.aws_errors import AwsError
from serverless_tax.cloud.front.lambda_checks import parameter
from serverless_tax.cloud.front.sockets import LAMBDA

_ALIAS = re.compile(r"/\d{4}-\d{2}-\d{2}/functions/(?P<name>[^/]+)/aliases(?:/[^/]+)?/?")
_CONCURRENCY = re.compile(r"/\d{4}-\d{2}-\d{2}/functions/(?P<name>[^/]+)/concurrency/?")
_ASYNCHRONOUS = re.compile(r"/\d{4}-\d{2}-\d{2}/functions/[^/]+/event-invoke-config/?")
_CODE = re.compile(r"/\d{4}-\d{2}-\d{2}/functions(?:/[^/]+/code)?/?")
_UNKNOWN = re.compile(rb'"Function not found: /[^"]*"')
_ACCOUNT, _LEAST_UNRESERVED = 1000, 100
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""

Handle = Callable[..., Awaitable[Reply]]


def known(original: Handle) -> Handle:
    """Return the function that answers Lambda's API; it passes on what it has no word about."""

    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
    ) -> Reply:
        if method in {"POST", "PUT"}:
            refused = _refused(path, body)
            if refused is not None:
                return error_reply(DurableError(refused.json_code, refused.message, refused.status))
        if method == "POST" and _ASYNCHRONOUS.fullmatch(path):
            method, body = "PUT", await _merged(original, path, headers, body, query_params)
        reply: Reply = await original(method, path, headers, body, query_params)
        if reply[0] == 404 and _UNKNOWN.search(bytes(reply[2])):  # noqa: PLR2004 - HTTP's
            text = f"This local cloud does not have this operation ({method} {path}). AWS may."
            return error_reply(DurableError("UnknownOperationException", text, 404))
        return reply

    return handle


def _refused(path: str, body: bytes) -> AwsError | None:
    names = vars(import_module(LAMBDA))
    if match := _CODE.fullmatch(path):
        asked = json.loads(body or b"{}")
        return package_error(asked if path.endswith("/code") else asked.get("Code") or {})
    if match := _ALIAS.fullmatch(path):
        wanted = json.loads(body or b"{}").get("FunctionVersion")
        name = names["_resolve_name_and_qualifier"](unquote(match["name"]))[0]
        func = names["_functions"].get(name)
        if func and wanted and wanted != "$LATEST" and wanted not in func["versions"]:
            text = f"Function not found: {names['_func_arn'](name)}:{wanted}"
            return AwsError("ResourceNotFoundException", "", text, "lambda", 404)
    if match := _CONCURRENCY.fullmatch(path):
        own = names["_resolve_name_and_qualifier"](unquote(match["name"]))[0]
        every = names["_functions"].items()
        others = sum(int(one.get("concurrency") or 0) for name, one in every if name != own)
        wanted = int(json.loads(body or b"{}").get("ReservedConcurrentExecutions") or 0)
        if wanted + others > _ACCOUNT - _LEAST_UNRESERVED:
            return parameter(
                "Specified ReservedConcurrentExecutions for function decreases account's "
                f"UnreservedConcurrentExecution below its minimum value of [{_LEAST_UNRESERVED}]."
            )
    return None


def package_error(code: Mapping[str, Any]) -> AwsError | None:
    """Refuse a deployment package that is not where a request says."""
    bucket, key = code.get("S3Bucket"), code.get("S3Key")
    if not bucket or not key:
        return None
    fetch = vars(import_module(LAMBDA))["_fetch_code_from_s3"]
    if fetch(bucket, key, version_id=code.get("S3ObjectVersion")) is not None:
        return None
    buckets = vars(import_module("ministack.services.s3"))["_buckets"]
    why = "NoSuchKey", "The specified key does not exist."
    if bucket not in buckets:
        why = "NoSuchBucket", "The specified bucket does not exist"
    return parameter(
        f"Error occurred while GetObject. S3 Error Code: {why[0]}. S3 Error Message: {why[1]}"
    )


async def _merged(
    original: Handle, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> bytes:
    """The settings of an asynchronous invocation, with what an update changes of them."""
    status, _, said = await original("GET", path, headers, b"", query)
    before = json.loads(said) if status == 200 else {}  # noqa: PLR2004 - HTTP's
    return json.dumps({**before, **json.loads(body or b"{}")}).encode()
