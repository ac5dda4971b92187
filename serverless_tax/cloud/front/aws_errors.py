"""What the gate says to whom it turns away: AWS's own answers, in its two dialects."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from serverless_tax.ground.lambda_facts import EVENT_BYTES, PAYLOAD_BYTES

QUERY_SERVICES = frozenset(
    [
        "autoscaling",
        "cloudformation",
        "ec2",
        "elasticloadbalancing",
        "iam",
        "rds",
        "ses",
        "sns",
        "sts",
    ]
)
"""Services that answer in XML and name a wrong key InvalidClientTokenId."""


@dataclass(frozen=True, slots=True)
class AwsError:
    """Why a request is turned away, in AWS's two dialects."""

    json_code: str
    query_code: str
    message: str
    service: str = ""
    status: int = 403


MISSING = AwsError(
    "MissingAuthenticationTokenException", "MissingAuthenticationToken",
    "Request is missing Authentication Token",
)  # fmt: skip
FOREIGN = AwsError(
    "AccessDeniedException", "AccessDenied",
    "This cloud answers only clients on this machine that name it as 127.0.0.1 or localhost; "
    "web pages are refused.",
)  # fmt: skip
FORBIDDEN = AwsError(
    "AccessDeniedException", "AccessDenied",
    "Forbidden: function URLs and APIs of this cloud are reached by the path that begins with its "
    "token; LocalCloud.local_url has it.",
)  # fmt: skip

MOST_EVENT_BYTES = {"Event": EVENT_BYTES, "RequestResponse": PAYLOAD_BYTES}
"""Largest event of an asynchronous and of a synchronous invocation."""


def too_large(path: str, headers: Mapping[str, str], body_bytes: int) -> AwsError | None:
    """Refuse an event past the limit, as Lambda does; None for everything else."""
    if not path.endswith(("/invocations", "/response-streaming-invocations")):
        return None
    kind = headers.get("x-amz-invocation-type", "RequestResponse")
    most = MOST_EVENT_BYTES.get(kind, MOST_EVENT_BYTES["RequestResponse"])
    if body_bytes <= most:
        return None
    message = (
        f"{body_bytes} byte payload is too large for the {kind} invocation type "
        f"(limit {most} bytes)"
    )
    code = "RequestTooLargeException"
    return AwsError(code, code, message, "lambda", 413)


def mismatch(service: str) -> AwsError:
    """Refuse a request whose signature is not this request's."""
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method."
    )
    return AwsError("InvalidSignatureException", "SignatureDoesNotMatch", message, service)


async def refuse(send: Callable[[dict[str, Any]], Awaitable[None]], error: AwsError) -> None:
    """Send the error in the dialect of the service that was called."""
    if error.service in QUERY_SERVICES:
        kind, body = "text/xml", (
            '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error>'
            f"<Type>Sender</Type><Code>{error.query_code}</Code>"
            f"<Message>{escape(error.message)}</Message></Error></ErrorResponse>"
        )  # fmt: skip
    else:
        kind = "application/json"
        said = {"__type": error.json_code, "message": error.message}
        if error.service == "lambda" and error.json_code != "ValidationException":
            said["Type"] = "User"  # as Lambda sends it beside its own exceptions
        body = json.dumps(said)
    headers = [
        (b"content-type", kind.encode()),
        (b"x-amzn-errortype", error.json_code.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})
