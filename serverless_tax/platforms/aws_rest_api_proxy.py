"""Amazon API Gateway, REST API, streaming from the model with no function behind it.

An HTTP proxy integration passes a request on to the model's address and streams the answer back.
While a request waits nothing is billed: no code of yours is running. That is also the catch:
whatever took CPU, retrieval or checks or the prompt, must be done elsewhere.
Sources: https://aws.amazon.com/api-gateway/pricing/ and
https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
"""

from __future__ import annotations

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms import aws_rest_api


def usage(w: Request) -> dict[str, Quantity]:
    """Calls, as of any REST API; the requests wait and stream, and no CPU of yours works."""
    requests = w.requests_per_month
    return aws_rest_api.usage(w) | {
        "billed_ms": requests * (w.wait_ms + w.streaming_ms),
        "busy_ms": requests * 0,
    }


PLATFORM = aws_rest_api.RestApi(
    id="aws-rest-api-proxy",
    name="API Gateway REST API as a proxy",
    waits="Bills each call alike, however long it waits or streams: no code of yours runs.",
    source="https://aws.amazon.com/api-gateway/pricing/",
    runs_code=False,
    assumes=(
        "A REST proxy runs no code of yours: the work of a request, and what it looks up, are not"
        " on this bill."
    ),
    usage=usage,
    sheets=("aws-rest-api",),
    limit_ms=aws_rest_api.TIMEOUT_MS,
    limit_why="ends a streamed response",
    limits=aws_rest_api.LIMITS,
)
