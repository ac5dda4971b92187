"""The decision of a scenario: the arithmetic of ``serverless_tax.decide``, run here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from serverless_tax.platforms.aws_lambda import PLATFORM, cpu_time_ms
from serverless_tax.prices import Price
from serverless_tax.questions.choose import NEEDS, TUNING, allowed_by, choose, tune
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.widgets.ladder.figures import PARTS, climbed
from serverless_tax.widgets.market.figures import slug

#: What a sentence of advice and the bill beside it are said with.
SAID = (
    "rung_as_it_is_usd",
    *(f"rung_as_it_is_{part}_usd" for part in PARTS),
    *(f"decided_{slug(name)}_open" for name in (*TUNING, *NEEDS)),
    *(f"decided_{name}_open" for name in ("short", "faster")),
    *(f"decided_{name}_ms" for name in ("now", "then")),
    *("decided_usd", "decided_year_usd", "decided_hours"),
    *("said_usd", "said_year_usd", "said_hours", "said_payback_months"),
    *("decided_size_mb", "all_work_ms"),
    *(f"worth_{slug(name)}_usd" for name in ("tuned", *NEEDS)),
)

#: What the first year of a change is worth that is not open.
_NEVER_USD = -1e99


def decision_figures(s: Any, prices: Mapping[str, Price]) -> dict[str, Any]:
    """Return what is recommended where every fact is known: a peak memory of 0 is none.

    ``rung_<id>_open`` and ``change_<id>_year_usd`` of each change beside the tuning, on top of the
    tuning that is recommended, and ``decided_<id>_open`` for what is recommended; the month then
    (``decided_usd``) and its first year (``decided_year_usd``). ``said_usd`` and the like are the
    same with the size for a shorter answer as its step, where that is all it says.
    ``step_<id>_usd`` is what the tuning saves of a month, the one on top of the other.
    ``worth_<id>_usd`` is the first year of the tuning (what is sure of it, where the wait may be
    work), and of each change, where it is open. ``all_work_ms`` is the CPU of a request if its
    wait were work.
    """
    # More calls than the page tells apart are all in what streams: none of them is read along.
    told = np.maximum(1.0 * (s.retrieve_ms > 0) + 1.0 * (s.generate_ms > 0), 1)
    found, pricing = climbed(s, prices, s.peak_memory_mb, s.reads_along * (s.calls <= told))
    tuned = tune(found, s.out_of_memory, pricing, s.hour_usd)
    choice = choose(tuned, allowed_by(s))
    left_open = {name: choice.left_open.get(name, 0.0) for name in RUNGS}
    resizes = np.maximum(1 - s.unsplit, choice.needed)
    now = found.rungs["as-it-is"].month
    work_ms = s.receive_ms + s.prompt_ms + s.call_ms
    memory, slow = found.rungs["memory"], found.rungs["as-it-is"].request
    fast = memory.request
    alone = choice.faster * (1.0 * (choice.hours <= 0))
    said_usd = memory.month.total * alone + choice.total_usd * (1 - alone)
    said_hours = RUNGS["memory"].effort_hours * alone + choice.hours * (1 - alone)
    said = memory._replace(step_usd=now.total - said_usd).for_work(said_hours * s.hour_usd)
    return {
        "rung_as_it_is_usd": now.total,
        **{f"rung_as_it_is_{part}_usd": getattr(now, part) for part in PARTS},
        **{f"rung_{slug(name)}_open": is_open for name, is_open in left_open.items()},
        **{f"change_{slug(name)}_year_usd": choice.changes[name].year_usd for name in NEEDS},
        **{f"decided_{slug(name)}_open": taken for name, taken in choice.taken.items()},
        "worth_tuned_usd": choice.tuned_year_usd * resizes + tuned.any_split_usd() * (1 - resizes),
        **{
            f"worth_{slug(name)}_usd": (choice.tuned_year_usd + choice.changes[name].year_usd)
            * left_open[name]
            + _NEVER_USD * (1 - left_open[name])
            for name in NEEDS
        },
        "step_memory_usd": memory.step_usd,
        "step_arm_usd": choice.arm.step_usd,
        "all_work_ms": work_ms + cpu_time_ms(s.generate_ms, s.memory_mb),
        "decided_short_open": choice.needed,
        "decided_faster_open": choice.faster,
        "decided_now_ms": PLATFORM.wall_ms(slow),
        "decided_then_ms": PLATFORM.wall_ms(fast),
        "decided_size_mb": fast.memory_mb,
        "decided_hours": choice.hours,
        "decided_usd": choice.total_usd,
        "decided_year_usd": choice.first_year_usd,
        "said_usd": said_usd,
        "said_hours": said_hours,
        "said_year_usd": said.year_usd,
        "said_payback_months": said.payback_months,
    }
