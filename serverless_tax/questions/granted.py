"""What a rung of the ladder takes for granted, in a sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.bill.design import design
from serverless_tax.bill.month import month_usage
from serverless_tax.bill.pricing import at_rates
from serverless_tax.ground.show import many, show
from serverless_tax.platforms import aws_lambda
from serverless_tax.platforms.meters.capacity import minimum
from serverless_tax.prices import billing_day
from serverless_tax.request.workload import Workload

#: What a rung takes for granted, whatever the scenario.
NO_CODE = (
    "The work of a request, and what it looks up, are not on this bill: no code of yours runs."
)
SHORTENED = "Priced with {} of the model's time and tokens."
WHOLE_ANSWER = (
    "Priced with the whole of the model's time suspended, and the answer delivered at its end."
)
SAME_SPEED = "Priced as if Arm were as fast as x86: measure yours."


def overlapped(w: Workload, together: Workload) -> str:
    """Say how much waiting can stand beside the longest, and on what condition."""
    less_ms = w.wait_ms + w.streaming_ms - together.wait_ms - together.streaming_ms
    return (
        f"At most {show(float(np.mean(less_ms)), 'ms')} of waiting fits under the longest wait, and"
        " only if neither needs what the other brings."
    )


def when_provisioned_pays(w: Workload, when: Mapping[str, Any]) -> str:
    """Say from which use on provisioned concurrency is cheaper, and what this month's is."""
    kept, rates = design("aws-lambda-provisioned"), when.get("rates")
    used = month_usage(kept, w)
    prices = kept.prices(used, billing_day(when.get("on")), when.get("region", "us-east-1"))
    prices = at_rates(prices, rates)
    chip = "arm" if w.arm else "x86"
    on_demand_usd, kept_usd, running_usd = (
        prices[f"{kind}_{chip}_gb_seconds"].tiers[0][1]
        for kind in ("duration", "provisioned", "provisioned_duration")
    )
    if kept_usd >= on_demand_usd - running_usd:
        return "It never pays at these rates: keeping it costs more than it takes off duration."
    worth = kept_usd / (on_demand_usd - running_usd)
    kept_gb_s = used[f"provisioned_{chip}_gb_seconds"]
    share = used["provisioned_used_gb_seconds"] / kept_gb_s if kept_gb_s else 0.0
    count = "as many as you set" if w.provisioned_concurrency else "as many as the peak needs"
    return (
        f"It pays where more than {show(worth, 'percent')} of it is in use; with {count}, this"
        f" month uses {show(share, 'percent')}."
    )


def unproxied(w: Workload) -> str:
    """Say what the function still does that hands out a token."""
    takes_ms = float(np.mean(aws_lambda.PLATFORM.wall_ms(w)))
    return (
        f"The function still works and looks up for {show(takes_ms, 'ms')}, hands out a token"
        " that soon ends, and the client streams from the provider."
    )


def shared(w: Workload) -> str:
    """Say for how much the shared process is sized."""
    return (
        f"Sized for {show(w.peak_to_mean, 'number')} times the mean, with"
        f" {many(w.streams_per_vcpu, 'stream')} a vCPU and at least {many(minimum(w), 'task')}."
    )
