"""The gate's refusals, as AWS words them, in AWS's two dialects: JSON and XML."""

from __future__ import annotations

import functools
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from xml.sax.saxutils import escape

from botocore.exceptions import DataNotFoundError, UnknownServiceError

from serverless_tax.cloud.exchange import MAX_BODY_BYTES
from serverless_tax.cloud.front.operations import model_of
from serverless_tax.cloud.function.event import TOO_LARGE_AN_EVENT
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
"""Services that answer in XML; for them a wrong key is InvalidClientTokenId."""


@dataclass(frozen=True, slots=True)
class AwsError:
    """Why a request is refused, with its code in each dialect; S3 speaks a third one."""

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
    "Refused: the request comes from a web page, or its Host header is not this server. This cloud "
    "answers clients that call 127.0.0.1 or localhost at its port.",
)  # fmt: skip
FORBIDDEN = AwsError(
    "AccessDeniedException", "AccessDenied",
    "Forbidden: the path of a function URL or an API must begin with this cloud's token; "
    "LocalCloud.local_url gives the whole address.",
)  # fmt: skip

TOO_LARGE = AwsError(
    "RequestEntityTooLargeException", "EntityTooLarge",
    f"This local cloud takes requests of up to {MAX_BODY_BYTES:,} bytes. AWS may take this one.",
    status=413,
)  # fmt: skip
EXPIRED = AwsError("AccessDeniedException", "AccessDenied", "Request has expired", "s3")
TOO_LONG_A_LINK = AwsError(
    "AuthorizationQueryParametersError", "AuthorizationQueryParametersError",
    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be "
    "less than 604800 seconds",
    "s3", 400,
)  # fmt: skip

MOST_MESSAGE_BYTES = 128 * 1024
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html"""
MOST_REQUEST_BYTES = 10 * 1024 * 1024
"""To an HTTP or REST API:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""


_OF_A_LARGE_REST_REQUEST = f"HTTP content length exceeded {MOST_REQUEST_BYTES} bytes."
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""


def wrong_owner(headers: Mapping[str, str]) -> AwsError | None:
    """Refuse a request for a bucket of another account; None for any other request."""
    wanted = headers.get("x-amz-expected-bucket-owner")
    own = vars(import_module("ministack.core.responses"))["get_account_id"]
    if wanted in {None, own()}:
        return None
    return AwsError("AccessDenied", "AccessDenied", "Access Denied", "s3")


def too_large(path: str, headers: Mapping[str, str], body_bytes: int) -> AwsError | None:
    """Refuse an event or a socket's message past its limit; None for any other request."""
    if "/@connections/" in path and body_bytes > MOST_MESSAGE_BYTES:
        code = "PayloadTooLargeException"
        return AwsError(code, code, "Message too long", "execute-api", 413)
    if "/_aws/execute-api/" in path and body_bytes > MOST_REQUEST_BYTES:
        api_id = path.partition("/_aws/execute-api/")[2].partition("/")[0]
        is_rest = api_id in vars(import_module("ministack.services.apigateway_v1"))["_rest_apis"]
        said = _OF_A_LARGE_REST_REQUEST if is_rest else "Request Entity Too Large"
        return AwsError("", "", said, "execute-api", 413)
    if not path.endswith(("/invocations", "/response-streaming-invocations")):
        return None
    kind = headers.get("x-amz-invocation-type", "RequestResponse")
    if body_bytes > PAYLOAD_BYTES:
        return _too_large(TOO_LARGE_AN_EVENT)
    if kind != "Event" or body_bytes <= EVENT_BYTES:
        return None
    return _too_large(
        f"{body_bytes} byte payload is too large for the Event invocation type "
        f"(limit {EVENT_BYTES} bytes)"
    )


def _too_large(text: str) -> AwsError:
    code = "RequestEntityTooLargeException"
    return AwsError(code, code, text, "lambda", 413)


MAY = "AWS would accept this request."
"""The end of each refusal of what only AWS can do."""


def json_refusal(code: str, text: str) -> tuple[Any, ...]:
    """A service's refusal in JSON, as ministack's own answers have it."""
    make = vars(import_module("ministack.core.responses"))["error_response_json"]
    reply: tuple[Any, ...] = make(code, text, 400)
    return reply


def not_here(service: str, more: str = "") -> AwsError:
    """Refuse a service that this cloud does not have."""
    code = "UnknownOperationException"
    text = f"This local cloud does not have the service {service!r}. {more}AWS does."
    return AwsError(code, code, text, service, 404)


def unknown_key(service: str) -> AwsError:
    """Refuse a request signed with another start's keys, or with a session that is over."""
    message = "The security token included in the request is invalid."
    return AwsError("UnrecognizedClientException", "InvalidClientTokenId", message, service)


def mismatch(service: str) -> AwsError:
    """Refuse a request with another request's signature."""
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method."
    )
    return AwsError("InvalidSignatureException", "SignatureDoesNotMatch", message, service)


_OF_S3 = {
    "MissingAuthenticationToken": ("AccessDenied", "Access Denied"),
    "InvalidClientTokenId": (
        "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."
    ),
    "SignatureDoesNotMatch": (
        "SignatureDoesNotMatch",
        (
            "The request signature we calculated does not match the signature you provided. Check "
            "your key and signing method."
        ),
    ),
}  # fmt: skip
"""S3's own code and text: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""


def _of_s3(error: AwsError) -> str:
    code, message = _OF_S3.get(error.query_code, (error.query_code, error.message))
    request_id, host_id = secrets.token_hex(8).upper(), secrets.token_urlsafe(48)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message>"
        f"<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>"
    )


@functools.cache
def _answers_in_xml(service: str) -> bool:
    """Whether a service, by the name that signatures have for it, is one of AWS's XML dialects."""
    try:
        return model_of(service).metadata["protocol"] in {"query", "ec2", "rest-xml"}
    except (UnknownServiceError, DataNotFoundError):
        return False


async def refuse(send: Callable[[dict[str, Any]], Awaitable[None]], error: AwsError) -> None:
    """Send the error in the dialect of the called service."""
    if error.service == "s3":
        kind, body = "application/xml", _of_s3(error)
    elif error.service in QUERY_SERVICES or _answers_in_xml(error.service):
        kind, body = "text/xml", (
            '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error>'
            f"<Type>Sender</Type><Code>{error.query_code}</Code>"
            f"<Message>{escape(error.message)}</Message></Error></ErrorResponse>"
        )  # fmt: skip
    else:
        kind = "application/json"
        said = {"message": error.message}
        if error.json_code:  # a gateway's own answers have none
            said = {"__type": error.json_code, **said}
        if error.service == "lambda" and error.json_code != "ValidationException":
            said["Type"] = "User"  # as Lambda sends it beside its own exceptions
        body = json.dumps(said)
    whole = body.encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"x-amzn-errortype", error.json_code.encode()),
        (b"content-length", str(len(whole)).encode()),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": whole})
