"""AWS Lambda durable functions: a wait that is suspended costs nothing, one that is awaited does.

While a request waits in a ``wait`` or for a callback the function is suspended and no duration is
billed. A step that calls a model and awaits its answer bills wall clock like any function: only
the share of the waiting that is really suspended (``suspended_share``) is free.
Source: https://aws.amazon.com/lambda/pricing/
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from serverless_tax.platforms import aws_lambda, timeline

#: A gigabyte of an execution's data is taken as 1,024 MB, like Lambda's other gigabytes.
GB = 1024**3

_DAYS_A_MONTH = 365 / 12


def usage(w: Any) -> dict[str, Any]:
    """Operations, the data they write, and the duration of what is not suspended.

    An execution is started once and invoked again after each wait; each invocation is rounded up
    on its own. Replaying the steps done before is taken to need no time. An answer that arrives
    while the function is suspended is not passed on token by token.
    """
    requests, stretch = w.requests_per_month, aws_lambda.cpu_stretch(w)
    awake = 1 - w.suspended_share
    invocations = 1 + w.durable_waits * (w.suspended_share > 0)
    forwarding_ms = timeline.forwarding_ms(w, stretch) * awake
    streaming_ms = np.maximum(w.streaming_ms * awake, forwarding_ms)
    duration_ms = w.cpu_ms * stretch + w.wait_ms * awake + streaming_ms
    each_ms = duration_ms / invocations - timeline.HAIR_MS
    warm_ms = np.ceil(each_ms)
    init_ms = np.ceil(each_ms + w.init_ms) - warm_ms
    gb_s = w.memory_mb / 1024 / 1000
    storage_gb_s = np.maximum(w.ephemeral_storage_mb - 512, 0) / 1024 / 1000
    written_gb = (w.request_bytes + timeline.answer_bytes(w)) / GB
    warm = requests * (warm_ms * invocations)
    init = requests * (init_ms * invocations) * w.cold_start_share
    busy = requests * (w.cpu_ms * stretch + forwarding_ms)
    return {
        "requests": requests * invocations,
        "duration_x86_gb_seconds": warm * gb_s * (1 - w.arm),
        "duration_arm_gb_seconds": warm * gb_s * w.arm,
        "init_x86_gb_seconds": init * gb_s * (1 - w.arm),
        "init_arm_gb_seconds": init * gb_s * w.arm,
        "ephemeral_storage_gb_seconds": warm * storage_gb_s + init * storage_gb_s,
        "durable_operations": requests * (1 + w.durable_steps + w.durable_waits),
        "durable_written_gb": requests * written_gb,
        "durable_retained_gb_months": requests * (written_gb * w.retention_days / _DAYS_A_MONTH),
        "busy_gb_seconds": busy * gb_s,
        "busy_storage_gb_seconds": busy * storage_gb_s + init * storage_gb_s,
        "billed_ms": warm + init,
        "busy_ms": busy + init,
    }


PLATFORM = replace(
    aws_lambda.PLATFORM,
    id="aws-lambda-durable",
    name="AWS Lambda durable functions",
    waits="Bills nothing while suspended, and the whole memory while a step awaits its answer.",
    usage=usage,
    sheets=("aws-lambda", "aws-lambda-durable"),
    limit_ms=31_536_000_000,
    limit_why="ends an execution",
)
