"""AWS Lambda with provisioned concurrency: environments kept ready, and paid for as long as kept.

While a request waits it bills the environment that is kept, and duration on it at a lower rate
than on demand; between requests it bills the environment all the same. Requests that find none
free run on demand. The free tier is for those alone.
Source: https://aws.amazon.com/lambda/pricing/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.settings import given_or
from serverless_tax.platforms import aws_lambda
from serverless_tax.platforms.meters import capacity
from serverless_tax.platforms.meters.capacity import HOUR_MS
from serverless_tax.platforms.meters.changed import changed
from serverless_tax.platforms.meters.shares import share

#: Hours are rounded up to five minutes. Same source.
_STEPS_AN_HOUR = 12


def usage(w: Request) -> dict[str, Quantity]:
    """What Lambda meters, were all requests on demand, and were all to find one ready.

    On demand as ``cold``; as ``ready`` without INIT, which ran before in the time that is kept.
    How many of them do find one is for the month to say.
    """
    share = w.provisioned_share
    cold = aws_lambda.usage(w)
    ready = aws_lambda.usage(changed(w, init_ms=0))
    return (
        {f"cold_{name}": each for name, each in cold.items()}
        | {f"ready_{name}": each for name, each in ready.items()}
        | {
            name: cold[name] * (1 - share) + ready[name] * share
            for name in ("billed_ms", "busy_ms")
        }
    )


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """The environments kept, what requests do on them, and on demand what they cannot take.

    There are ``provisioned_concurrency`` of them, or as many as the peak needs, and all requests
    that should meet one come in the hours for which they are kept. They take no more than their
    number times those hours; the rest runs on demand. That is the most they could take: peaks
    above their number leave them less, and that is for ``provisioned_share`` to say.
    """
    gb = w.memory_mb / 1024
    asked = given_or(w.provisioned_hours, w.hours_per_month)
    hours = np.ceil(asked * _STEPS_AN_HOUR - 1e-9) / _STEPS_AN_HOUR
    ready_ms = used["ready_billed_ms"] * w.provisioned_share
    environments = _environments(ready_ms, hours, w)
    kept_ms = environments * hours * HOUR_MS
    met = w.provisioned_share * share(kept_ms, ready_ms)
    x86, arm = used["ready_duration_x86_gb_seconds"], used["ready_duration_arm_gb_seconds"]
    return _on_demand(used, met) | {
        "provisioned_requests": used["ready_requests"] * met,
        "provisioned_x86_gb_seconds": kept_ms / 1000 * gb * (1 - w.arm),
        "provisioned_arm_gb_seconds": kept_ms / 1000 * gb * w.arm,
        "provisioned_duration_x86_gb_seconds": x86 * met,
        "provisioned_duration_arm_gb_seconds": arm * met,
        "provisioned_used_gb_seconds": (x86 + arm) * met,
        "provisioned_busy_gb_seconds": used["ready_busy_gb_seconds"] * met,
        "environments": environments,
    }


def _on_demand(used: Mapping[str, Quantity], met: Quantity) -> dict[str, Quantity]:
    """Return what runs on demand, and with it what is metered on either in the same way."""
    names = [name.removeprefix("cold_") for name in used if name.startswith("cold_")]
    meters = {name: used[f"cold_{name}"] * (1 - met) for name in names}
    either = ("ephemeral_storage_gb_seconds", "busy_storage_gb_seconds", "billed_ms", "busy_ms")
    return meters | {name: meters[name] + used[f"ready_{name}"] * met for name in either}


def _environments(ready_ms: Quantity, hours: Quantity, w: Request) -> Quantity:
    """Return how many are kept: as many as asked for, or as the peak needs, and one at least."""
    # The shortest time that can be had keeps a month without any from being a division by zero.
    with_traffic = np.maximum(np.minimum(capacity.busy_hours(w), hours), 1 / _STEPS_AN_HOUR)
    peak = ready_ms / (with_traffic * HOUR_MS) * w.peak_to_mean
    asked = np.ceil(w.provisioned_concurrency)
    one = 1.0 * (w.requests_per_month * w.provisioned_share > 0)  # however short they are
    return asked + np.maximum(np.ceil(peak - 1e-9), one) * (asked == 0)


PLATFORM = replace(
    aws_lambda.PLATFORM,
    id="aws-lambda-provisioned",
    name="AWS Lambda, provisioned concurrency",
    waits="Bills the environments that are kept, and duration on them at a lower rate.",
    assumes=(
        "Provisioned concurrency is sized for the peak, peak_to_mean times the mean, unless"
        " provisioned_concurrency says otherwise."
    ),
    usage=usage,
    month=month,
    sheets=("aws-lambda-provisioned", "aws-lambda"),
)
