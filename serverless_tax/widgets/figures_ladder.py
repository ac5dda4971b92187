"""The ladder of a scenario, rung by rung: what ``serverless_tax.ladder`` finds, in arithmetic.

The rungs are that function's, in its order and with its settings. It tries every size of memory;
here the least size that serves is found by halving, because a function never gets cheaper with
memory it does not need. The two agree to a thousandth, within which sizes count as equal there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.platforms import platform
from serverless_tax.platforms.aws_lambda import MEMORY_MB, PLATFORM
from serverless_tax.platforms.meters import cpu
from serverless_tax.prices import Price
from serverless_tax.questions.decide import HORIZON_MONTHS, NEEDS
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.widgets.figures_market import needed, sized, slug
from serverless_tax.widgets.request import Month, Request, month_of

#: How many times as long a request may take for less memory, and what a shorter answer leaves.
SLOWER, SHORTER = 1.25, 0.5
PARTS = ("work", "waiting", "idle")
_HALVINGS = 14  # 10,240 MB to the megabyte


def ladder_figures(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return each rung's month, what it saves on top of the tuned function, and what it earns.

    ``rung_<id>_usd`` and its parts, ``rung_<id>_step_usd``, ``rung_<id>_payback_months`` (endless
    where nothing is saved), ``rung_<id>_year_usd`` (a year's saving, less the hours of work at
    ``hour_usd``) and ``rung_<id>_open``, 1 where the reader's answers leave the change open;
    ``least_memory_mb`` is the size of the first rung. Two rungs say what CPU a request takes there.
    """
    months, least_mb = _months(s, prices)
    totals = {name: month.total for name, month in months.items()}
    tuned_usd = np.minimum(totals["memory"], totals["as-it-is"])
    figures: dict[str, Any] = {"least_memory_mb": least_mb}
    for name, usd in totals.items():
        before_usd = {"as-it-is": usd, "memory": totals["as-it-is"], "arm": tuned_usd}.get(
            name, np.minimum(totals["arm"], tuned_usd)
        )
        step_usd = before_usd - usd
        rung = f"rung_{slug(name)}"
        figures[f"{rung}_usd"] = usd
        figures |= {f"{rung}_{part}_usd": getattr(months[name], part) for part in PARTS}
        figures[f"{rung}_step_usd"] = step_usd
        work_usd = RUNGS[name].effort_hours * s.hour_usd
        figures[f"{rung}_payback_months"] = work_usd / np.maximum(step_usd, 0)
        figures[f"{rung}_year_usd"] = step_usd * HORIZON_MONTHS - work_usd
        figures[f"{rung}_open"] = _left_open(name, s)
    return figures | _worked(s, least_mb)


def _worked(s: Any, least_mb: Any) -> dict[str, Any]:
    """Return what CPU a request takes where that decides: on less memory, and where CPU is sold."""
    start = Request(s)
    smaller, metered = start.changed(memory_mb=least_mb), cpu.metered(start)
    return {
        "rung_memory_busy_ms": PLATFORM.busy_ms(smaller),
        "rung_active_cpu_busy_ms": platform("cloudflare-workers").busy_ms(metered),
    }


def _months(s: Any, prices: Mapping[str, Price]) -> tuple[dict[str, Month], Any]:
    start = Request(s)
    as_it_is = month_of("aws-lambda", start, prices)
    least_mb, smaller, tuned = tuned_for(start, as_it_is.total, prices)
    part = {
        "streaming_ms": tuned.streaming_ms * SHORTER,
        "output_tokens": tuned.output_tokens * SHORTER,
    }
    on_the_function = {
        name: month_of(platform_id, request, prices)
        for name, (platform_id, request) in on_function(start, tuned).items()
    }
    months = {
        "as-it-is": as_it_is,
        "memory": smaller,
        "arm": month_of("aws-lambda", tuned, prices),
        **on_the_function,
        "provisioned": month_of("aws-lambda-provisioned", tuned, prices),
        "shorter": month_of("aws-lambda", tuned.changed(**part), prices),
        "gateway": month_of("aws-rest-api-proxy", start, prices),
        "share": month_of(needed("aws-fargate"), start.changed(arm=1.0), prices),
        "active-memory": month_of("vercel-fluid", sized("vercel-fluid", start), prices),
        "active-cpu": month_of("cloudflare-workers", start, prices),
    }
    return months, least_mb


def tuned_for(
    start: Request, as_it_is_usd: Any, prices: Mapping[str, Price]
) -> tuple[Any, Month, Request]:
    """Return the least memory that serves, its month, and the request tuned so, on Arm."""
    least_mb = _least_memory(start)
    smaller = month_of("aws-lambda", start.changed(memory_mb=least_mb), prices)
    pays = smaller.total < as_it_is_usd
    memory_mb = least_mb * pays + start.memory_mb * (1 - pays * 1)
    return least_mb, smaller, start.changed(memory_mb=memory_mb, arm=1.0)


def on_function(start: Request, tuned: Request) -> dict[str, tuple[str, Request]]:
    """Return the changes that keep the function: the design each is priced on, and the request."""
    whole = tuned.changed(wait_ms=start.wait_ms + start.streaming_ms, streaming_ms=0.0)
    overlapped_ms = np.maximum(start.wait_ms, start.streaming_ms) - start.streaming_ms
    none = {"streaming_ms": tuned.streaming_ms * 0, "output_tokens": tuned.output_tokens * 0}
    return {
        "overlap": ("aws-lambda", tuned.changed(wait_ms=overlapped_ms)),
        "no-proxy": ("aws-lambda", tuned.changed(**none)),
        "suspended": ("aws-lambda-durable", whole),
    }


def _least_memory(start: Request) -> Any:
    """Return the least memory with which the request takes at most ``SLOWER`` times as long."""
    most_ms = PLATFORM.wall_ms(start) * SLOWER
    low: Any = MEMORY_MB[0] - 1.0  # below what is on offer
    high: Any = float(MEMORY_MB[1])
    for _ in range(_HALVINGS):
        middle = np.floor((low + high) / 2)
        resized = start.changed(memory_mb=np.maximum(middle, MEMORY_MB[0]))
        serves = PLATFORM.wall_ms(resized) <= most_ms
        high = middle * serves + high * (1 - serves * 1)
        low = low * serves + middle * (1 - serves * 1)
    return np.maximum(high, MEMORY_MB[0])


def _left_open(name: str, s: Any) -> Any:
    """Return 1 where every answer that a change needs is given as it needs it, else 0."""
    if name not in NEEDS:
        return 0.0
    left: Any = 1.0
    for answer, wanted in NEEDS[name].items():
        given = getattr(s, answer)
        left = left * (given if wanted else 1 - given)
    return left
