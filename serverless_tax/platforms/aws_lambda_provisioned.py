"""AWS Lambda with provisioned concurrency: environments kept ready, and paid for as long as kept.

While a request waits it bills the environment that is kept, and duration on it at a lower rate
than on demand; between requests it bills the environment all the same. Requests that find none
free run on demand. The free tier does not apply.
Source: https://aws.amazon.com/lambda/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from serverless_tax.platforms import aws_lambda, capacity, timeline

#: Hours are rounded up to five minutes. Same source.
_STEPS_AN_HOUR = 12


def usage(w: Any) -> dict[str, Any]:
    """What Lambda meters, parted between the environments kept ready and those on demand.

    INIT runs before there is a request, in the time that is kept, so it is not billed apart.
    """
    on_demand = aws_lambda.usage(w)
    spilled = 1 - w.provisioned_share
    stretch = aws_lambda.cpu_stretch(w)
    duration_ms = np.ceil(timeline.wall_ms(w, stretch, less_ms=timeline.HAIR_MS))
    gb_s = w.memory_mb / 1024 / 1000
    kept = w.requests_per_month * duration_ms * w.provisioned_share
    busy = w.requests_per_month * timeline.busy_ms(w, stretch)
    parted = {
        name: quantity * spilled
        for name, quantity in on_demand.items()
        if name not in ("requests", "billed_ms", "busy_ms")
    }
    return parted | {
        "requests": on_demand["requests"],
        "provisioned_duration_x86_gb_seconds": kept * gb_s * (1 - w.arm),
        "provisioned_duration_arm_gb_seconds": kept * gb_s * w.arm,
        "provisioned_used_gb_seconds": kept * gb_s,
        "provisioned_busy_gb_seconds": busy * gb_s * w.provisioned_share,
        "kept_ms": kept * 1,
        "billed_ms": on_demand["billed_ms"] * spilled + kept * 1,
        "busy_ms": on_demand["busy_ms"] * spilled + busy * w.provisioned_share,
    }


def month(used: Mapping[str, Any], w: Any) -> dict[str, Any]:
    """Gigabyte-seconds of the environments kept: as many as asked for, or as the peak needs."""
    at_peak = np.ceil(capacity.peak_concurrency({"billed_ms": used["kept_ms"]}, w) - 1e-9)
    asked = np.ceil(w.provisioned_concurrency)
    environments = asked + at_peak * (asked == 0)
    hours = np.ceil(w.provisioned_hours * _STEPS_AN_HOUR - 1e-9) / _STEPS_AN_HOUR
    gb_s = environments * (w.memory_mb / 1024) * (hours * 3600)
    return {
        "provisioned_x86_gb_seconds": gb_s * (1 - w.arm),
        "provisioned_arm_gb_seconds": gb_s * w.arm,
        "environments": environments,
    }


PLATFORM = replace(
    aws_lambda.PLATFORM,
    id="aws-lambda-provisioned",
    name="AWS Lambda, provisioned concurrency",
    waits="Bills the environments that are kept, and duration on them at a lower rate.",
    usage=usage,
    month=month,
    sheets=("aws-lambda", "aws-lambda-provisioned"),
    free_tier=False,
)
