"""Advice on functions that are drawn: possible, paid for, and no wider for knowing more."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from workloads import DAY

from serverless_tax import Facts, Workload, advise
from serverless_tax.questions.advise import Advice
from serverless_tax.questions.choose import CALLS, NEEDS

FEW = settings(max_examples=6, deadline=None)
ANSWERS = ("in_order", "reads_along", "sees_answer", "own_process", "other_vendor")
MONTHS = st.builds(
    Workload,
    requests_per_month=st.floats(1, 8).map(lambda power: 10.0**power),
    memory_mb=st.integers(129, 2048) | st.integers(1769, 10_240),
    wait_ms=st.just(0.0) | st.floats(0, 60_000),
    cpu_ms=st.just(0.0) | st.floats(0, 5_000),
)
KNOWN = st.fixed_dictionaries({name: st.booleans() for name in ANSWERS})


@FEW
@given(w=MONTHS, known=KNOWN, calls=st.integers(1, 20), peak=st.floats(0.01, 1.3))
def test_no_advice_breaks_a_precondition_or_saves_more_than_is_paid(
    w: Workload, known: dict[str, bool], calls: int, peak: float
) -> None:
    """Every step is allowed by every answer; memory holds the peak with its headroom."""
    w = w.replace(peak_memory_mb=peak * float(w.memory_mb))
    facts = Facts(workload=w, calls=calls, longest_ms=0, out_of_memory=peak > 1, **known)
    found = advise(facts, on=DAY)
    assert found.is_point
    assert found.most.saving_usd <= found.most.start_usd
    for rung in found.most.steps:
        assert all(known[name] is wanted for name, wanted in NEEDS.get(rung.id, {}).items())
        least, most = CALLS.get(rung.id, (1, 100))
        assert least <= calls <= most
        if rung.id == "gateway":
            assert w.wait_ms > w.cpu_ms
        assert rung.id != "active-cpu" or w.peak_memory_mb <= 128
        if rung.id == "memory" and rung.workload.memory_mb < w.memory_mb:
            assert rung.workload.memory_mb >= 1.2 * w.peak_memory_mb


def _only_known(facts: dict[str, Any], hidden: list[str]) -> Advice:
    """Return the advice where the facts of these names are unknown."""
    told = {name: value for name, value in facts.items() if name not in hidden}
    told |= dict.fromkeys({*MONEY} & {*hidden})
    quantities = {name: told.pop(name) for name in QUANTITIES if name in told}
    return advise(Facts.of(quantities, **told), on=DAY)


CENT = 0.01
QUANTITIES = ("requests_per_month", "memory_mb", "peak_memory_mb", "wait_ms", "cpu_ms")
MONEY = ("hour_usd", "effective_rate")
UNKNOWN = ("peak_memory_mb", "memory_mb", "wait_ms", "cpu_ms", "calls", *ANSWERS, *MONEY)


@FEW
@given(
    w=MONTHS,
    known=KNOWN,
    hidden=st.lists(st.sampled_from(UNKNOWN), unique=True, min_size=1, max_size=2),
    numbers=st.tuples(
        st.floats(0.01, 0.99), st.integers(1, 20), st.floats(20, 250), st.floats(0.5, 1)
    ),
)
def test_more_knowledge_never_widens_a_range(
    w: Workload,
    known: dict[str, bool],
    hidden: list[str],
    numbers: tuple[float, int, float, float],
) -> None:
    """Each fact that is told leaves the first year within what it could have been before.

    To the cent. What bounds nothing, a length or the memory, has no upper end. Where the advice is
    a point all the same, each fact leaves its sentence and its steps.
    """
    peak, calls, *money = numbers
    facts = {name: float(getattr(w, name)) for name in QUANTITIES} | known | {"calls": calls}
    facts["peak_memory_mb"] = peak * facts["memory_mb"]
    facts |= dict(zip(MONEY, money, strict=True))
    unknown = _only_known(facts, hidden)
    low, high = unknown.first_year_usd
    for name in hidden:
        told = _only_known(facts, [one for one in hidden if one != name])
        assert low - CENT <= told.first_year_usd[0] <= told.first_year_usd[1] <= high + CENT
        if unknown.is_point:
            assert (told.sentence, told.steps) == (unknown.sentence, unknown.steps)


@FEW
@given(
    took_ms=st.floats(1, 20_000) | st.floats(20_000, 900_000),
    requests=st.floats(0, 8).map(lambda power: 10.0**power),
    memory_mb=st.integers(128, 1800) | st.integers(1769, 10_240),
    parts=st.tuples(st.floats(0.02, 0.95), st.sampled_from((0.0, 1.0)) | st.floats(0, 1)),
    known=KNOWN,
)
def test_nor_does_the_wait_of_what_a_request_takes_in_all(
    took_ms: float,
    requests: float,
    memory_mb: int,
    parts: tuple[float, float],
    known: dict[str, bool],
) -> None:
    """Whatever part of it was waiting, on whichever step of the CPU's staircase the rest ends.

    With more than one whole vCPU and with less, few requests and many. Where the advice is a point
    it is that of any part: the same steps to the same size, and the same sentence.
    """
    said = {
        "requests_per_month": requests,
        "memory_mb": memory_mb,
        "peak_memory_mb": parts[0] * memory_mb,
    }
    facts: dict[str, Any] = {"took_ms": took_ms, "calls": 1} | known
    unknown = advise(Facts.of(said, **facts), on=DAY)
    told = advise(Facts.of(said | {"wait_ms": parts[1] * took_ms}, **facts), on=DAY)
    for (low, high), (year_usd, most_usd) in (
        (unknown.first_year_usd, told.first_year_usd),
        [one.to_dict()["first_year_usd"] for one in (unknown, told)],
    ):
        assert low - CENT <= year_usd <= most_usd <= high + CENT
    if memory_mb > 1804 and not (known["own_process"] or known["other_vendor"]):
        # What less memory saves there is sure, but for a step of the staircase.
        year_usd = 12 * unknown.least.start_usd
        assert unknown.first_year_usd[0] >= unknown.least.first_year_usd - 0.01 * year_usd - CENT
    if unknown.is_point:
        assert (unknown.steps, unknown.sentence) == (told.steps, told.sentence)
