"""Each way things may be where facts are unknown, with the rungs of its ladder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from serverless_tax.questions.answers import Answers
from serverless_tax.questions.choose import Choice
from serverless_tax.questions.decide import Climbed, climbed_for
from serverless_tax.questions.facts import Facts, Possibility, some_facts
from serverless_tax.questions.paid_months import Bills

#: The facts that only rule changes out: the rungs are the same whatever they are.
_RULES_OUT = ("in_order", "reads_along", "sees_answer", "own_process", "other_vendor", "hour_usd")
_RULES_OUT_OF_A_STREAM = tuple(name for name in _RULES_OUT if name != "reads_along")

#: Each way things may be, with its rungs.
Worked = list[tuple[Possibility, Climbed]]


def worked_out(
    facts: Facts,
    priced: Callable[[float], Bills] | None = None,
    known: dict[Any, Climbed] | None = None,
    **when: Any,
) -> Worked:
    """Return each way things may be with its rungs, which cost the most to find.

    ``priced`` gives the bills at a share of AWS's list prices, where several functions are asked
    for, and ``known`` are the rungs that were found for other facts at the same prices.

    Raises:
        InvalidQuantity: as :func:`advise` does.
    """
    priced = priced or cache(partial(Bills, prices_of(when)))
    known = {} if known is None else known
    climbed: dict[Any, Climbed] = {}
    worked: Worked = []
    for case in some_facts(facts).cases():
        key = decides_rungs(case)
        if key not in climbed:
            climbed[key] = rungs_of(case, priced(case.rate), known, when)
        worked.append((case, climbed[key]))
    return worked


def choices_of(worked: Worked) -> list[Choice]:
    """Return what is recommended in each way, those with the same rungs found at once."""
    alike: dict[int, tuple[Climbed, list[tuple[Answers, float]]]] = {}
    for case, climbed in worked:
        alike.setdefault(id(climbed), (climbed, []))[1].append((case.answers, case.hour_usd))
    for climbed, asked in alike.values():
        climbed.choose_all(asked)
    return [climbed.choose(case.answers, case.hour_usd) for case, climbed in worked]


def rungs_of(
    case: Possibility, pricing: Bills, known: dict[Any, Climbed], when: Mapping[str, Any]
) -> Climbed:
    """Return the rungs of one way: those that are known, where it asks for the same."""
    of_calls = case.overlaps
    but_calls = _asks(case)
    alike = *but_calls, of_calls.calls, of_calls.longest_ms, of_calls.reads_along
    if alike not in known:
        known[alike] = (
            known[but_calls].with_calls(case.workload, of_calls)
            if but_calls in known
            else climbed_for(case.workload, of_calls, case.rate, pricing, **when)
        )
        known.setdefault(but_calls, known[alike])
    return known[alike]


def prices_of(when: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords of a bill among those of a ladder."""
    return {name: value for name, value in when.items() if name not in ("shorter", "slower")}


def _asks(case: Possibility) -> Any:
    """Return all that the rungs of a way depend on but the answers about its calls.

    A sample's are alike where it is the same.
    """
    w, one = case.workload, case.overlaps
    month = repr(w) if w.sample_size == 1 else id(w)
    return month, one.out_of_memory, one.times_out, case.rate


def decides_rungs(case: Possibility) -> Any:
    """Return what two ways have in common whose rungs are the same."""
    ms = case.workload.streaming_ms
    streams = bool(ms > 0 if isinstance(ms, float) else np.any(ms))  # a person reads along, or not
    alike = _RULES_OUT_OF_A_STREAM if streams else _RULES_OUT
    return streams, *(side for name, side in case.ends.items() if name not in alike)
