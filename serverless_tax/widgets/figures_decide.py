"""The decision of a scenario: what ``serverless_tax.decide`` recommends, as plain arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np

from serverless_tax.prices import Price
from serverless_tax.questions.compare import sum_in_order
from serverless_tax.questions.decide import HORIZON_MONTHS, NEEDS, TUNING
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.widgets.figures_ladder import on_function, tuned_for
from serverless_tax.widgets.figures_market import slug
from serverless_tax.widgets.request import Request, month_of


def decide_figures(s: Any, prices: Mapping[str, Price], f: Mapping[str, Any]) -> dict[str, Any]:
    """Return what each change earns on top of the recommended tuning, and what is recommended.

    ``change_<id>_year_usd`` for each change, ``decided_<id>_open`` 1 for what is recommended and
    0 for the rest, the month then (``decided_usd``) and its first year (``decided_year_usd``).
    ``f`` are the ladder's figures of the same scenario.
    """
    tuning = {name: (f[f"rung_{name}_year_usd"] > 0) * 1 for name in TUNING}
    tuned_usd = f["rung_as_it_is_usd"] - sum_in_order(
        f[f"rung_{name}_step_usd"] * tuning[name] for name in TUNING
    )
    totals = _totals(s, prices, f, np.maximum(tuning["arm"], s.arm))
    years = {
        name: (tuned_usd - usd) * HORIZON_MONTHS - RUNGS[name].effort_hours * s.hour_usd
        for name, usd in totals.items()
    }
    left_open = {name: f[f"rung_{slug(name)}_open"] for name in NEEDS}
    best = reduce(np.maximum, (years[name] * left_open[name] for name in NEEDS), 0.0)
    chosen = {
        name: left_open[name] * (years[name] >= best) * (years[name] > 0) for name in NEEDS
    } | tuning
    changed = sum_in_order(chosen[name] for name in NEEDS)
    then_usd = sum_in_order(chosen[name] * totals[name] for name in NEEDS)
    then_usd = then_usd + tuned_usd * (1 - changed)
    work_usd = s.hour_usd * sum_in_order(
        taken * RUNGS[name].effort_hours for name, taken in chosen.items()
    )
    return {
        **{f"change_{slug(name)}_year_usd": usd for name, usd in years.items()},
        **{f"decided_{slug(name)}_open": taken for name, taken in chosen.items()},
        "decided_usd": then_usd,
        "decided_year_usd": (f["rung_as_it_is_usd"] - then_usd) * HORIZON_MONTHS - work_usd,
    }


def _totals(s: Any, prices: Mapping[str, Price], f: Mapping[str, Any], arm: Any) -> dict[str, Any]:
    """Return each change's month; those on the function run on the processor recommended."""
    start = Request(s)
    tuned = tuned_for(start, f["rung_as_it_is_usd"], prices)[2].changed(arm=arm)
    kept = on_function(start, tuned)
    return {
        name: month_of(kept[name][0], kept[name][1], prices).total
        if name in kept
        else f[f"rung_{slug(name)}_usd"]
        for name in NEEDS
    }
