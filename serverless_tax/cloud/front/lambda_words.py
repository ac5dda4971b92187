"""What ministack refuses as AWS does, but in other words: the same refusals in AWS's.

The texts stand in LocalStack's snapshots (tests/aws/services/lambda_/test_lambda_api, March 2026).
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import NamedTuple

from serverless_tax.cloud.durable.api import Reply, error_reply
from serverless_tax.cloud.durable.engine import DurableError
from serverless_tax.cloud.front.sockets import LAMBDA

OTHER_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias "
    "API to retrieve the latest Revision Id"
)
_NOTHING = "The resource you requested does not exist."
_NO_FUNCTION = "The function doesn't exist."
_MISSING, _CONFLICT, _OTHER = 404, 409, 412


class Wording(NamedTuple):
    """A refusal, and AWS's text for it.

    Attributes:
        methods: HTTP's.
        path: after the API's date.
        status: of the refusal.
        text: with ``arn``, ``qualifier``, the path's last part as ``last``, and the last word of
            ministack's text as ``own``.
        qualified: whether it is only that of a request with a qualifier.
    """

    methods: str
    path: str
    status: int
    text: str
    qualified: bool = False


_WORDINGS = (
    Wording("GET PUT DELETE", r"event-source-mappings/[^/]+", _MISSING, _NOTHING),
    Wording("GET", r"functions/[^/]+/url", _MISSING, _NOTHING),
    Wording("POST", r"functions/[^/]+/url", _MISSING, "Function does not exist"),
    Wording(
        "POST", r"functions/[^/]+/url", _CONFLICT,
        "Failed to create function url config for [functionArn = {arn}]. Error message:  "
        "FunctionUrlConfig exists for this Lambda function",
    ),
    Wording("GET", r"functions/[^/]+/policy", _MISSING, _NOTHING),
    Wording(
        "DELETE", r"functions/[^/]+/policy/[^/]+", _MISSING,
        "Statement {last} is not found in resource policy.",
    ),
    Wording(
        "GET", r"functions/[^/]+/aliases/[^/]+", _MISSING, "Cannot find alias arn: {arn}:{last}"
    ),
    Wording("PUT POST", r"functions/[^/]+/event-invoke-config", _MISSING, _NO_FUNCTION),
    Wording("GET", r"functions/[^/]+/event-invoke-config/list", _MISSING, _NO_FUNCTION),
    Wording("POST", r"functions/[^/]+/aliases", _CONFLICT, "Alias already exists: {arn}:{own}"),
    Wording(
        "GET DELETE", r"functions/[^/]+/event-invoke-config", _MISSING,
        "The function {arn}:{qualifier} doesn't have an EventInvokeConfig",
    ),
    Wording(
        "PUT", r"functions/[^/]+/concurrency", _MISSING, "Function not found: {arn}:{qualifier}"
    ),
    Wording(
        "GET", r"functions/[^/]+(/configuration)?", _MISSING,
        "Function not found: {arn}:{qualifier}", qualified=True,
    ),
)  # fmt: skip


def in_aws_words(reply: Reply, method: str, path: str, qualifier: str) -> Reply:
    """Return an answer of ministack's, a refusal in AWS's words where they are known.

    Args:
        reply: ministack's.
        method: HTTP's.
        path: of the request.
        qualifier: of the query; empty without one.
    """
    if reply[0] == _OTHER:
        return error_reply(DurableError("PreconditionFailedException", OTHER_REVISION, _OTHER))
    if method == "GET" and path.endswith("/policy") and _is_empty(reply):
        reply = _MISSING, {}, b'{"__type": "ResourceNotFoundException"}'
    if reply[0] not in {_MISSING, _CONFLICT}:
        return reply
    below = path.rstrip("/").partition("/functions/")[2].split("/")
    names = vars(import_module(LAMBDA))
    name, own = names["_resolve_request_scoped_name_and_qualifier"](below[0])
    version = qualifier or own or ""
    for known in _WORDINGS:
        if method not in known.methods.split() or reply[0] != known.status:
            continue
        if known.qualified > bool(version) or not re.fullmatch(f"/[^/]+/{known.path}/?", path):
            continue
        arn = names["_func_arn"](name)
        said = json.loads(reply[2] or b"{}")
        own = str(said.get("message") or said.get("Message")).rpartition(" ")[2]
        place = {"arn": arn, "qualifier": version or "$LATEST", "last": below[-1], "own": own}
        text = known.text.format(**place)
        return error_reply(DurableError(str(said.get("__type")), text, reply[0]))
    return reply


def _is_empty(reply: Reply) -> bool:
    """Whether a policy has no statement, which on AWS is none."""
    said = json.loads(json.loads(reply[2] or b"{}").get("Policy") or "null")
    return said is not None and not said.get("Statement")
