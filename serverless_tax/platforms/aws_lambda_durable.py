"""AWS Lambda durable functions: a wait that is suspended costs nothing, one that is awaited does.

While a request waits in a ``wait`` or for a callback the function is suspended and no duration is
billed, only the data kept for it. A step that calls a model and awaits its answer bills wall
clock like any function: streaming is billed in full, and of the waiting only the share that is
really suspended (``suspended_share``) is free. Who asks can wait for the answer for 15 minutes;
an execution that takes longer is started and left to report by itself.
Sources: https://aws.amazon.com/lambda/pricing/,
https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html and
https://docs.aws.amazon.com/lambda/latest/dg/durable-invocation.html
"""

from __future__ import annotations

from dataclasses import replace

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms import aws_lambda
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.meters import timeline
from serverless_tax.platforms.meters.changed import changed

#: The price page's example makes a million times 104 KB 104 GB, so a gigabyte is 10^9 bytes
#: here, and 14 days 14/30 of a month.
GB = 1e9
_DAY_MS = 86_400_000
_THIRTY_DAYS_MS = 30 * _DAY_MS

#: An execution may last a year. Source: the second page above.
LONGEST_MS = 365 * _DAY_MS


def invocations(w: Request) -> Quantity:
    """How often the function is invoked for a request: at its start, and after each wait."""
    return 1 + w.durable_waits * (1.0 * (w.suspended_share > 0))


def _awake_ms(w: Request) -> Quantity:
    """Return the length of each invocation of a request, taken to be alike, less a hair."""
    awake = changed(w, wait_ms=w.wait_ms * (1 - w.suspended_share))
    return timeline.wall_ms(awake, aws_lambda.at_its_memory) / invocations(w) - timeline.HAIR_MS


def usage(w: Request) -> dict[str, Quantity]:
    """What Lambda meters while the function is awake, its operations and the data they write.

    An execution is started once and invoked again after each wait. Each invocation is rounded up
    on its own, and may be a cold start. Replaying the steps done before is taken to need no time.

    Starting it, each step and each wait are an operation. The start writes the request, and each
    of the others as much as the answer has, as in the price page's example. The data is kept
    while the execution runs and for the retention after it; what is kept while the function is
    suspended is what waiting costs here.
    """
    count = w.requests_per_month * invocations(w)
    return _data(w) | aws_lambda.invocations(w, count, _awake_ms(w))


def _data(w: Request) -> dict[str, Quantity]:
    """Return the operations, what they write, and for how long it is kept: in all, and awake."""
    requests = w.requests_per_month
    operations = w.durable_steps + w.durable_waits
    gb = (w.request_bytes + operations * timeline.answer_bytes(w)) / GB
    suspended_ms = w.wait_ms * w.suspended_share
    awake_ms = timeline.wall_ms(w, aws_lambda.at_its_memory) - suspended_ms
    kept_awake_ms = awake_ms + w.retention_days * _DAY_MS
    return {
        "durable_operations": requests * (1 + operations),
        "durable_written_gb": requests * gb,
        "durable_retained_gb_months": requests
        * (gb * (kept_awake_ms + suspended_ms) / _THIRTY_DAYS_MS),
        "durable_awake_gb_months": requests * (gb * kept_awake_ms / _THIRTY_DAYS_MS),
    }


PLATFORM = replace(
    aws_lambda.PLATFORM,
    id="aws-lambda-durable",
    name="AWS Lambda durable functions",
    waits="Bills nothing while suspended, and the whole memory while a step awaits its answer.",
    assumes=(
        "A durable function is priced with its waits suspended, as far as suspended_share says:"
        " a step that awaits the model is billed in full, and so is streaming."
    ),
    usage=usage,
    sheets=("aws-lambda", "aws-lambda-durable"),
    limit_ms=LONGEST_MS,
    limit_why="ends an execution",
    limits=(
        *aws_lambda.PLATFORM.limits,
        Limit(
            most=aws_lambda.TIMEOUT_MS,
            of=_awake_ms,
            says="stops a function that is awake for 900 s at a stretch",
        ),
    ),
)
