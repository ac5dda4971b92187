"""Amazon API Gateway, HTTP API: a front door that buffers the whole answer.

While a request waits it bills nothing: a call costs the same however long it takes. But it
passes nothing on before the answer is complete, gives up after 30 seconds, and takes no request
or answer of more than 10 MB.
Sources: https://aws.amazon.com/api-gateway/pricing/ and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

from __future__ import annotations

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import timeline

#: A call is metered in steps of 512 KB: 513 KB of data are two. A kilobyte is 1,024 bytes.
STEP_BYTES = 512 * 1024

#: The longest integration. Source: the page of quotas above.
TIMEOUT_MS = 30_000

#: The largest request or answer. Same source.
PAYLOAD_BYTES = 10 * 1024 * 1024


def usage(w: Request) -> dict[str, Quantity]:
    """Calls as they are metered: one for each started 512 KB.

    Whether a call's data are the request's or the answer's the price page leaves open, so both
    are taken together: that changes a bill only above half a megabyte.
    """
    data_bytes = w.request_bytes + timeline.answer_bytes(w)
    steps = np.maximum(np.ceil(data_bytes / STEP_BYTES), 1)
    return {"http_api_requests": w.requests_per_month * steps}


PLATFORM = FrontDoor(
    id="aws-http-api",
    name="API Gateway HTTP API",
    waits="Bills each call alike, however long it waits; it ends one that waits over 30 s.",
    source="https://aws.amazon.com/api-gateway/pricing/",
    usage=usage,
    limit_ms=TIMEOUT_MS,
    limit_why="gives up on an integration",
    limits=(
        Limit(
            most=PAYLOAD_BYTES,
            of=lambda w: np.maximum(w.request_bytes, timeline.answer_bytes(w)),
            says="takes requests and answers of up to 10 MB",
        ),
    ),
    serves=False,
)
