"""AWS Lambda with a streamed response: the same bill, and bytes past 6 MB of an answer.

While a request waits it bills what a buffered function does: the whole memory, wall clock, until
the last byte has left, even if the client has gone. Streaming shortens the wait for the first
token, not the bill. The first 6 MB leave as fast as they can, the rest at 2 MB a second.
Sources: https://aws.amazon.com/lambda/pricing/ and
https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
"""

from __future__ import annotations

import numpy as np

from serverless_tax.ground.lambda_facts import (
    STREAM_BYTES,
    STREAM_BYTES_PER_S,
    STREAM_FREE_BYTES,
)
from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms import aws_lambda
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import timeline

#: The price page's example has 1 GB = 1,024 MB.
GB = 1024**3


def usage(w: Request) -> dict[str, Quantity]:
    """What Lambda meters, for as long as the stream takes, and the bytes past 6 MB of each."""
    over_bytes = np.maximum(timeline.answer_bytes(w) - STREAM_FREE_BYTES, 0)
    streamed_ms = timeline.streamed_ms(w, aws_lambda.at_its_memory)
    slowed_ms = np.maximum(over_bytes / STREAM_BYTES_PER_S * 1000 - streamed_ms, 0)
    metered = aws_lambda.usage(w, more_ms=slowed_ms)
    return metered | {"streamed_gb": w.requests_per_month * (over_bytes / GB)}


PLATFORM = FrontDoor(
    id="aws-lambda-streaming",
    name="AWS Lambda, response streaming",
    waits="Bills the whole memory until the last byte has left, even after the client has gone.",
    source="https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html",
    usage=usage,
    cpu_wall_ms=aws_lambda.at_its_memory,
    sheets=("aws-lambda", "aws-lambda-streaming"),
    offers=aws_lambda.PLATFORM.offers,
    limit_ms=aws_lambda.TIMEOUT_MS,
    limit_why="stops a function",
    path=("aws-function-url",),
    # Both wait for the whole answer. Source: the page above, on ways to invoke.
    not_behind=("aws-http-api", "aws-alb"),
    limits=(
        aws_lambda.PLATFORM.limits[0],
        Limit(most=STREAM_BYTES, of=timeline.answer_bytes, says="streams answers up to 200 MB"),
    ),
)
