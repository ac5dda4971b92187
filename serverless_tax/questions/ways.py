"""Each way things may be where facts are unknown, with the rungs of its ladder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from serverless_tax.questions.decide import Climbed, climbed_for
from serverless_tax.questions.facts import Facts, Possibility, some_facts
from serverless_tax.questions.paid_months import Bills

#: The facts that only rule changes out: the rungs are the same whatever they are.
_RULES_OUT = ("in_order", "reads_along", "sees_answer", "own_process", "other_vendor", "hour_usd")

#: Each way things may be, with its rungs.
Worked = list[tuple[Possibility, Climbed]]


def worked_out(facts: Facts, priced: Callable[[float], Bills] | None = None, **when: Any) -> Worked:
    """Return each way things may be with its rungs, which cost the most to find.

    ``priced`` gives the bills at a share of AWS's list prices, where several functions are asked
    for; without it each way has new ones.

    Raises:
        InvalidQuantity: as :func:`advise` does.
    """
    climbed: dict[Any, Climbed] = {}
    for case in (cases := list(some_facts(facts).cases())):
        key = decides_rungs(case)
        if key not in climbed:
            pricing = priced(case.rate) if priced else None
            climbed[key] = climbed_for(case.workload, case.overlaps, case.rate, pricing, **when)
    return [(case, climbed[decides_rungs(case)]) for case in cases]


def decides_rungs(case: Possibility) -> Any:
    """Return what two ways have in common whose rungs are the same."""
    streams = np.any(case.workload.streaming_ms)  # along which a person reads, or not
    kept = {*_RULES_OUT} - ({"reads_along"} if streams else set())
    return streams, *(side for name, side in case.ends.items() if name not in kept)
