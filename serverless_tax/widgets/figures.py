"""Every figure a widget or a sentence can show, computed once, from one scenario.

The function runs in Python where a page is built, and is traced to the JavaScript that the
page runs when a reader moves something. So the two cannot disagree, and no formula is written
in JavaScript.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from serverless_tax.bill.pricing import charges
from serverless_tax.bill.totals import sum_in_order
from serverless_tax.ground.request import Request
from serverless_tax.ground.settings import HOURS_PER_MONTH, Settings
from serverless_tax.platforms import aws_lambda, google_cloud_run
from serverless_tax.platforms.meters import timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS
from serverless_tax.request.presets import RAG_STEPS
from serverless_tax.widgets.page_request import dimensions, page_request
from serverless_tax.widgets.widget import Figures, widgets

#: Settings that a page leaves as they are assumed.
_SETTINGS = Settings()


def figures(s: Any, prices: Any) -> dict[str, Any]:
    """Return what the pages show of scenario ``s`` at the ``prices`` of everything compared.

    ``s`` has the quantities of :data:`serverless_tax.widgets.scenario.FIELDS` as attributes;
    amounts of money are USD, ``*_month`` and the rest of the bill are of one month.
    """
    return {name: one for of in sources().values() for name, one in of(s, prices).items()}


def sources() -> dict[str, Figures]:
    """Return the functions that figures come from: the request's own, and each widget's."""
    own = {kind: one.figures for kind, one in widgets().items() if one.figures}
    sought = {f"{kind}_sought": one.sought for kind, one in widgets().items() if one.sought}
    return {"request": request_figures, **own, **sought}


def request_figures(s: Any, prices: Any) -> dict[str, Any]:
    """Return what the page shows of the request itself, on Lambda and on Cloud Run."""
    request = page_request(s, requests_per_instance=s.requests_per_instance)
    lambda_prices, run_prices = (
        {name: prices[name] for name in dimensions(platform)}
        for platform in ("aws-lambda", "google-cloud-run")
    )
    month = aws_lambda.usage(request)
    one = aws_lambda.usage(page_request(s, requests_per_month=1.0))
    lines = list(charges(month, lambda_prices))
    free = list(charges(month, lambda_prices, free_tier=1.0))
    each = list(charges(one, lambda_prices))
    hour_gb_s = s.memory_mb / 1024 * 3600

    forwarding_ms = timeline.forwarding_ms(request, aws_lambda.at_its_memory)
    streamed_ms = timeline.streamed_ms(request, aws_lambda.at_its_memory)
    waited_ms = one["billed_ms"] - one["busy_ms"]
    total = sum_in_order(line.cost for line in lines)
    waiting = sum_in_order(line.waiting for line in lines)
    shared = google_cloud_run.usage(request)
    shared |= google_cloud_run.month(shared, request)
    by_dimension = {
        name: sum_in_order(line.cost for line in lines if line.price.dimension.startswith(name))
        for name in ("requests", "duration", "init")
    }
    waiting_hours = s.requests_per_month * (request.wait_ms + request.streaming_ms) / HOUR_MS
    usd_per_gb_s = prices["duration_x86_gb_seconds"].tiers[0][1] * (1 - s.arm)
    usd_per_gb_s = usd_per_gb_s + prices["duration_arm_gb_seconds"].tiers[0][1] * s.arm
    free_gb_s = prices["duration_x86_gb_seconds"].free_per_month
    return {
        **{f"{name}_wall_ms": ms for name, ms in _steps_ms(s, request).items()},
        "generate_wall_ms": streamed_ms,
        "streamed_ms": streamed_ms,
        "forwarding_ms": forwarding_ms,
        "wall_ms": aws_lambda.PLATFORM.wall_ms(request),
        "billed_ms": one["billed_ms"],
        "busy_ms": one["busy_ms"],
        "needed_ms": request.cpu_ms + request.output_tokens * request.cpu_ms_per_output_token,
        "waited_ms": waited_ms,
        "cpu_share": one["busy_ms"] / one["billed_ms"],
        "tax_multiple": one["billed_ms"] / one["busy_ms"],
        "gb_seconds": one["billed_ms"] / 1000 * (s.memory_mb / 1024),
        "gb_seconds_month": one["billed_ms"] / 1000 * (s.memory_mb / 1024) * s.requests_per_month,
        "request_usd": sum_in_order(line.cost for line in each),
        "requests_month_usd": by_dimension["requests"],
        "duration_month_usd": by_dimension["duration"],
        "init_month_usd": by_dimension["init"],
        "month_usd": total,
        "work_month_usd": sum_in_order(line.work for line in lines),
        "waiting_month_usd": waiting,
        "free_month_usd": sum_in_order(line.cost for line in free),
        "tax_share": waiting / np.maximum(total, 1e-300),
        "waiting_hours": waiting_hours,
        "waits_at_once": waiting_hours / HOURS_PER_MONTH,
        "waiting_hour_usd": hour_gb_s * usd_per_gb_s,
        "free_requests": np.floor(
            np.minimum(
                prices["requests"].free_per_month,
                free_gb_s / (one["billed_ms"] / 1000 * (s.memory_mb / 1024)),
            )
        ),
        "cloud_run_month_usd": sum_in_order(line.cost for line in charges(shared, run_prices)),
        "cloud_run_instances": shared["cloud_run_vcpu_seconds"]
        / _SETTINGS.instance_vcpu
        / (HOURS_PER_MONTH * 3600),
        "vcpu_share": np.minimum(1, s.memory_mb / aws_lambda.FULL_VCPU_MB),
        "plumber_work_usd": s.plumber_work_s / 3600 * s.plumber_hour_usd,
        "plumber_wait_usd": s.plumber_wait_s / 3600 * s.plumber_hour_usd,
        "plumber_usd": (s.plumber_work_s + s.plumber_wait_s) / 3600 * s.plumber_hour_usd,
        "plumber_multiple": (s.plumber_work_s + s.plumber_wait_s) / s.plumber_work_s,
    }


def _steps_ms(s: Any, request: Request) -> dict[str, Any]:
    """Return how long each step before the stream takes at the scenario's memory.

    The CPU steps are one burst, as on the bill, and each has its part of it.
    """
    lengths_ms, done_ms, taken_ms = {}, 0.0, 0.0
    for name, kind in RAG_STEPS[:-1]:
        ms = getattr(s, f"{name}_ms")
        if kind != "cpu":
            lengths_ms[name] = ms * 1
            continue
        done_ms, before_ms = done_ms + ms, taken_ms
        taken_ms = aws_lambda.at_its_memory(done_ms, request)
        lengths_ms[name] = taken_ms - before_ms
    return lengths_ms
