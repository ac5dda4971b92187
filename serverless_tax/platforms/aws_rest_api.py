"""Amazon API Gateway, REST API: a front door that can stream an answer for up to 15 minutes.

While a request waits it bills nothing: a call costs the same however long it takes. An
integration that streams may take 15 minutes, and pause for five; one that buffers has 10 MB and
29 seconds, up to five minutes where a regional API has asked for more. What is behind it may run
on, and bill on, after the front door has given up.
Sources: https://aws.amazon.com/api-gateway/pricing/ and
https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.front_door import FrontDoor, silent_ms
from serverless_tax.platforms.meters import timeline

#: A streamed answer is metered in steps of 10 MB, and a buffered one cannot be longer.
STEP_BYTES = 10 * 1024 * 1024

#: The longest stream. Source: the page on response transfer modes above.
TIMEOUT_MS = 900_000

#: How long an answer that is buffered may take, unless more was asked for.
#: Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
BUFFERED_MS = 29_000

#: The longest pause in a stream, of a regional or private API. Same source.
IDLE_MS = 300_000


def usage(w: Request) -> dict[str, Quantity]:
    """Calls as they are metered: one for each started 10 MB of answer."""
    steps = np.maximum(np.ceil(timeline.answer_bytes(w) / STEP_BYTES), 1)
    return {"rest_api_requests": w.requests_per_month * steps}


LIMITS = (
    Limit(
        most=IDLE_MS, of=silent_ms, says="ends a stream on which nothing passes for five minutes"
    ),
    Limit(most=STEP_BYTES, of=lambda w: w.request_bytes, says="takes requests of up to 10 MB"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestApi(FrontDoor):
    """A REST API, which by default ends a buffered answer long before a streamed one."""

    def notes(self, w: Request) -> Iterator[str]:
        """Yield what a bill takes for granted; of longer requests, that they stream."""
        yield from FrontDoor.notes(self, w)
        if not np.all(self.wall_ms(w) <= BUFFERED_MS):
            yield (
                f"A REST API ends a buffered answer after {BUFFERED_MS / 1000:g} s by default, and"
                " some of these requests take longer: stream the answer, or ask for more time for a"
                " regional API, up to five minutes."
            )


PLATFORM = RestApi(
    id="aws-rest-api",
    name="API Gateway REST API",
    waits="Bills each call alike, however long it waits or streams.",
    source="https://aws.amazon.com/api-gateway/pricing/",
    usage=usage,
    limit_ms=TIMEOUT_MS,
    limit_why="ends a streamed response",
    limits=LIMITS,
    serves=False,
)
