"""Advice on what is only partly known: no point from an unknown, and no wider for knowing more."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import Facts, InvalidQuantity, Workload, advise, decide
from serverless_tax.questions.ladder import overlapped_ms
from serverless_tax.questions.to_find import ASK

ANSWERS = ("in_order", "reads_along", "sees_answer", "own_process", "other_vendor")
#: What asks for a fact: first of all, or after what pays in any case.
ASKS = r"(?:First|.* in any case, \w+ hours\. Then) find out "


#: Two unknown lengths, one of them, and the memory: each with what to find out first of all.
NO_END = [
    (("wait_ms", "cpu_ms"), "took_ms", "how long a request takes: read Duration"),
    (("wait_ms",), "wait_ms", "how long a request waits: take its CPU time off Duration"),
    (("cpu_ms",), "cpu_ms", "how much of the time is work: log its CPU time"),
    (("memory_mb",), "memory_mb", "its memory: read Memory Size"),
    (("memory_mb", "cpu_ms", "requests_per_month"), "cpu_ms", "how much of the time is work"),
]


@pytest.mark.parametrize(("left", "ask", "says"), NO_END)
def test_what_nothing_known_bounds_is_asked_for_without_dollars(
    left: tuple[str, ...], ask: str, says: str
) -> None:
    """No sum up to a quarter of an hour of each request: what to find out, and what pays anyway."""
    said = {name: usd for name, usd in EVERYTHING.items() if name not in left}
    found = advise(Facts.of(said, calls=1, own_process=False, other_vendor=False), on=DAY)
    assert (found.ask, found.steps, found.saving_usd) == (ask, None, None)
    assert says in found.sentence
    assert found.sentence.endswith("Without it no dollars can be told.")
    assert "$" not in str(found).partition("\nAssumed: ")[0]
    plain = found.to_dict()
    assert plain["first_year_usd"] == [0, None]
    assert plain["start_usd"] is plain["least"] is plain["most"] is None
    short = advise(Facts.of(said, out_of_memory=True), on=DAY)
    assert short.to_dict()["first_year_usd"] == [None, None]


def test_what_a_request_takes_in_all_bounds_its_work() -> None:
    """Of 5 s in 1,024 MB nobody knows what is work: at most $54.04 less a month, less two hours."""
    said = {name: usd for name, usd in EVERYTHING.items() if name not in ("cpu_ms", "wait_ms")}
    said["requests_per_month"] = 1e6
    facts = Facts.of(said, took_ms=5000, calls=1, own_process=False, other_vendor=False)
    found = advise(facts, on=DAY)
    assert found.first_year_usd == (0, pytest.approx(54.04 * 12 - 200, rel=1e-3))
    assert found.sentence.endswith("$448.44 in the first year, and perhaps nothing, depending on"
                                   " what is unknown.")  # fmt: skip


def test_more_than_a_whole_vcpu_saves_the_same_whatever_part_of_it_is_work() -> None:
    """Work on one thread gains nothing above 1,769 MB: 6 s cost as much less, worked or waited.

    A million of 6 s take $293.75 of time in 3,008 MB, $172.75 in 1,769, and a fifth less on Arm.
    The sum below is of 1,764 MB, at which 6 s of work end a millisecond later: another part of them
    may end on another step.
    """
    said = {"requests_per_month": 1e6, "memory_mb": 3008, "peak_memory_mb": 610}
    answers = dict.fromkeys(ANSWERS, False) | {"sees_answer": True, "calls": 1}
    found = advise(Facts.of(said, took_ms=6000, **answers), on=DAY)
    now_usd, whole_usd = (1e6 * 6 * mb / 1024 * 1.66667e-5 for mb in (3008, 1769))
    least_usd = 12 * (now_usd - 0.8 * whole_usd) - 6 * 100
    assert found.first_year_usd[0] == pytest.approx(least_usd, rel=0.002)
    assert found.first_year_usd[0] <= found.least.first_year_usd < found.first_year_usd[0] * 1.01
    assert "Between the ends below it may be less: $1,266.56 in the first year" in str(found)
    kept = advise(Facts.of(said | {"memory_mb": 1800}, took_ms=600, **answers), on=DAY)
    assert kept.first_year_usd[0] == 0  # a size within two hundredths stays


def test_the_length_of_the_only_call_is_the_wait() -> None:
    """Nobody says how long a request waits, and its one call takes 5 s."""
    said = {name: usd for name, usd in EVERYTHING.items() if name != "wait_ms"}
    answers = dict.fromkeys(ANSWERS, False) | {"reads_along": True, "calls": 1}
    by_call = advise(Facts.of(said, longest_ms=5000, **answers), on=DAY)
    by_wait = advise(Facts.of(said | {"wait_ms": 5000}, **answers), on=DAY)
    assert by_call.is_point
    assert by_call.sentence == by_wait.sentence


def test_a_new_size_leaves_a_tenth_of_the_time_limit_and_a_range_its_best_case() -> None:
    """880 s of waiting and 4 s of CPU stay where they are; 800 s and 4 s leave 90 s of the 900.

    4 s of CPU take 10 s on 4 / 10 of a vCPU, which 708 MB have: one less and it is 810.01 s. Where
    the wait is unknown no upper end is told that a wait could break.
    """
    w = Workload(requests_per_month=20_000, memory_mb=1024, peak_memory_mb=200, cpu_ms="4s")
    near = decide(w.replace(wait_ms="880s"), on=DAY)
    assert "memory" not in {rung.id for rung in near.steps}
    step = next(one for one in decide(w.replace(wait_ms="800s"), on=DAY).steps)
    assert (step.id, step.workload.memory_mb) == ("memory", 708)
    said = {"requests_per_month": 14_000, "memory_mb": 683, "peak_memory_mb": 223, "cpu_ms": 372}
    answers = dict.fromkeys(ANSWERS, True) | {"own_process": False, "other_vendor": False}
    unknown = advise(Facts.of(said, calls=1, **answers), on=DAY)
    for wait_ms in (0, 807_000, 850_000, 899_000):
        known = advise(Facts.of(said | {"wait_ms": wait_ms}, calls=1, **answers), on=DAY)
        low, high = unknown.first_year_usd
        assert low <= known.first_year_usd[0] <= known.first_year_usd[1] <= high


def test_a_stream_that_a_person_reads_is_no_call_to_overlap() -> None:
    """Three calls: a stream of 40 s, and 6 s for the two others, which may stand beside each other.

    Read along, 3 s of 46 are saved; where nobody reads, the stream is a call like them, and it is
    the longest: all 6 s fit under it.
    """
    w = Workload(requests_per_month=1e8, memory_mb=1024, peak_memory_mb=800, wait_ms=6000,
                 streaming_ms=40_000, cpu_ms_per_output_token=0)  # fmt: skip
    for reads, less_ms in ((1.0, 3000), (0.0, 30_666.67)):
        assert overlapped_ms(w, 3, 0, reads) == pytest.approx(less_ms, rel=1e-4)
    alone = w.replace(wait_ms=0)
    answers = dict.fromkeys(ANSWERS, False) | {"sees_answer": True, "calls": 3, "longest_ms": 0}
    for reads in (True, False):
        found = advise(Facts.stated(alone, **answers | {"reads_along": reads}), on=DAY)
        assert ("overlap" in {rung.id for rung in found.most.considered}) is not reads


def test_how_many_calls_there_can_be_is_said_and_bounded() -> None:
    """1 to 100 where nobody says; at least twelve where 30 s are filled by calls of up to 2.5 s."""
    month = {"requests_per_month": 1e6, "memory_mb": 1024, "peak_memory_mb": 300, "cpu_ms": 0}
    answers = dict.fromkeys(ANSWERS, True) | {"in_order": False, "own_process": False}
    facts = Facts.of(month | {"wait_ms": 30_000}, **answers)
    said = "A request waits for 1 to 100 calls: nobody said how many."
    assert said in advise(facts, on=DAY).assumed
    known = Facts.of(month | {"wait_ms": 30_000}, longest_ms=2500, **answers)
    assert {case.answers.calls for case in known.cases()} == {12, 100}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"longest_ms": 5000}, "longest_ms is 5,000, and a request waits 4,000 ms in all"),
        ({"calls": 4, "longest_ms": 100}, "they fill 400 ms at most, and a request waits 4,000"),
        ({"calls": 1, "longest_ms": 1000}, "longest_ms is 1,000 and calls 1"),
        ({"provisioned_concurrency": 5}, "provisioned_concurrency is 5, and what is kept ready"),
        ({"peak_memory_mb": 1100}, "Its peak memory is 1,100 MB, and it has 1,024 MB: no request"),
    ],
)
def test_facts_that_contradict_each_other_are_refused(more: dict[str, Any], says: str) -> None:
    """Whoever makes them, and however: what the command refuses no other door lets in.

    More memory than there is was needed only where requests ended for want of it.
    """
    quantities = {name: of for name, of in more.items() if name not in ("calls", "longest_ms")}
    more = {name: of for name, of in more.items() if name not in quantities}
    w = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=4000, **quantities)
    if np.any(w.peak_memory_mb):
        short = advise(Facts.stated(w, out_of_memory=True), on=DAY)
        assert short.sentence.startswith("Set memory to 1,320 MB: it has too little. ")
    with pytest.raises(InvalidQuantity, match=says):
        Facts(workload=w, **more)
    with pytest.raises(InvalidQuantity, match=says):
        Facts.stated(w, **more)


def test_what_is_worth_nothing_at_most_is_not_asked_for() -> None:
    """500 ms at 1 GB ten thousand times a month are 9 cents: no discount makes work of that pay.

    The bill is a range then, and what to do is none. What 3 s of a request
    are is unknown: were they work, 1,769 MB would answer sooner for the same bill. That is asked
    first where a million are $51.55, and behind what to do where a thousand are 5 cents.
    """
    month = {"requests_per_month": 10_000, "memory_mb": 1024, "wait_ms": 500, "cpu_ms": 0}
    answers = dict.fromkeys(ANSWERS, False) | {"reads_along": True, "calls": 1}
    facts = Facts.of(month | {"peak_memory_mb": 400}, effective_rate=None, **answers)
    found = advise(facts, on=DAY)
    assert found.sentence == "Leave it as it is: nothing earns its work within a year."
    assert (found.steps, found.saving_usd, found.first_year_usd) == ([], (0, 0), (0, 0))
    plain = found.to_dict()
    assert plain["start_usd"] is None
    assert plain["most"]["start_usd"] == pytest.approx(2 * plain["least"]["start_usd"])
    takes = {"requests_per_month": 1000, "memory_mb": 1024, "peak_memory_mb": 860}
    little = advise(Facts.of(takes, took_ms=3081, **answers), on=DAY)
    how = f"find out {ASK['cpu_ms'].what}: {ASK['cpu_ms'].how}."
    sooner = f"To know whether more memory answers sooner for about the same bill, {how}"
    assert (little.sentence, little.ask) == (f"{found.sentence} {sooner}", "cpu_ms")
    assert (little.steps, little.first_year_usd) == (None, (0, 0))
    works = advise(Facts.of(takes | {"wait_ms": 0}, took_ms=3081, **answers), on=DAY)
    assert works.sentence.startswith("Set memory to 1,769 MB: about the same bill")
    assert (works.to_dict()["steps"], works.to_dict()["first_year_usd"]) == (["memory"], [0, 0])
    works = advise(Facts.of(takes | {"requests_per_month": 1e6}, took_ms=3081, **answers), on=DAY)
    assert works.ask == "cpu_ms"
    assert works.sentence.endswith(
        " The dollars are the same in any case; how soon an answer comes is not."
    )
    assert works.least.what_to_do.startswith("Leave it as it is")
    assert "For about the same bill, 1,769 MB answer after 1.785 s" in works.most.what_to_do


def test_nothing_moves_to_a_place_that_it_does_not_fit() -> None:
    """A Worker has 128 MB: a peak of 100 fits there, and one of 300 goes where memory is larger."""
    w = Workload(requests_per_month=1e8, memory_mb=1024, wait_ms=30_000)
    for peak_mb, where in ((100, "active-cpu"), (300, "active-memory")):
        facts = Facts.stated(
            w.replace(peak_memory_mb=peak_mb), other_vendor=True, own_process=False
        )
        assert advise(facts, on=DAY).most.steps[-1].id == where


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"peak_memory_mb": 0, "own_process": False}, "peak_memory_mb"),
        ({"other_vendor": None, "own_process": False}, "other_vendor"),
        ({"sees_answer": None, "own_process": False}, "sees_answer"),
    ],
)
def test_an_unknown_that_matters_gives_no_point(changes: dict[str, Any], asked: str) -> None:
    """What is not known is asked for, with how to get it, and the range holds every answer."""
    peak_mb = changes.get("peak_memory_mb", 100)
    w = Workload.preset("thinking", requests_per_month=1e8, peak_memory_mb=peak_mb)
    facts = {name: value for name, value in changes.items() if name != "peak_memory_mb"}
    found = advise(Facts.stated(w, **facts), on=DAY)
    assert found.ask == asked
    assert found.saving_usd is None
    assert found.first_year_usd[0] < found.first_year_usd[1]
    assert re.match(ASKS + re.escape(f"{ASK[asked].what}: {ASK[asked].how}. $"), found.sentence)
    assert found.to_dict()["steps"] is None


#: A function of which everything is said.
EVERYTHING: dict[str, Any] = {
    "requests_per_month": 1e8,
    "memory_mb": 1024,
    "peak_memory_mb": 300,
    "cpu_ms": 50,
    "wait_ms": 30_000,
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_quantity_that_is_left_out_is_asked_for(name: str) -> None:
    """It is no error and no point; with it, the advice is one, and within what it could be."""
    answers = dict.fromkeys(ANSWERS, False)
    answers |= {"reads_along": True, "sees_answer": True, "calls": 1, "in_order": True}
    whole = advise(Facts.of(EVERYTHING, **answers), on=DAY)
    assert whole.is_point
    left = {key: value for key, value in EVERYTHING.items() if key != name}
    found = advise(Facts.of(left, **answers), on=DAY)
    assert found.ask == name
    assert re.match(ASKS + re.escape(f"{ASK[name].what}: {ASK[name].how}."), found.sentence)
    assert found.to_dict()["steps"] is None
    if name != "requests_per_month":
        low, high = found.first_year_usd
        assert low * 0.999 <= whole.first_year_usd[0] <= high * 1.001


def test_what_to_do_in_any_case_comes_before_what_to_find_out() -> None:
    """A hundred million of 30 s in 1,024 MB, 300 MB needed: 360 MB and Arm, whatever else may be.

    Its three calls may run together besides. Where the peak is unknown only the chip is sure, and
    nothing where a vendor may take its place.
    """
    w = Workload(requests_per_month=1e8, memory_mb=1024, peak_memory_mb=300, wait_ms=30_000)
    facts = {"own_process": False, "calls": 3, "in_order": None}
    calls = advise(Facts.stated(w, **facts), on=DAY)
    said = calls.to_dict()
    assert (said["steps"], said["in_any_case"]) == (None, ["memory", "arm"])
    assert calls.sentence.startswith(
        "Set memory to 360 MB, then build for Arm in any case, six hours. Then find out whether"
        " each call needs the one before: "
    )
    peak = advise(Facts.stated(w.replace(peak_memory_mb=0), own_process=False), on=DAY)
    assert peak.sentence.startswith("Build for Arm in any case, four hours. Then find out the peak")
    vendor = advise(Facts.stated(w, own_process=False, other_vendor=None), on=DAY)
    assert vendor.to_dict()["in_any_case"] == []
    assert vendor.sentence.startswith("First find out whether it may move to another vendor: ")


def test_what_pays_in_any_case_has_its_least_dollars_first() -> None:
    """The time of those costs $50,000.10 a month as they are, and $14,062.57 at 360 MB on Arm.

    Twelve months of $35,937.53, or of half if AWS is paid half its list prices, less six hours.
    """
    w = Workload(requests_per_month=1e8, memory_mb=1024, peak_memory_mb=300, wait_ms=30_000)
    facts = Facts.stated(w, own_process=False, calls=1, effective_rate=None)
    assert advise(facts, on=DAY).sentence.startswith(
        "Set memory to 360 MB, then build for Arm in any case: $215,025 to $430,650 in the first"
        " year, six hours. To know how much, find out what share of its list prices AWS is paid: "
    )


def test_work_that_is_unknown_gives_a_range() -> None:
    """Of 5 s nobody knows how much is work: from what waits throughout to what only computes."""
    waits = Workload(requests_per_month=1e7, memory_mb=1024, peak_memory_mb=300, wait_ms=5000)
    works = waits.replace(wait_ms=0, cpu_ms=5000, measured_at_mb=1024)
    found = advise(Facts.stated(waits, busiest=works, own_process=False), on=DAY)
    assert found.ask == "cpu_ms"
    ends = [advise(Facts.stated(w, own_process=False), on=DAY).most for w in (waits, works)]
    assert found.first_year_usd == tuple(sorted(one.first_year_usd for one in ends))


def test_what_is_paid_is_what_is_saved_of() -> None:
    """At 83 % of the list price the same change saves 83 % of the dollars."""
    w = Workload.preset("article", peak_memory_mb=100)
    full, paid = (advise(Facts.stated(w, effective_rate=r), on=DAY) for r in (1.0, 0.83))
    assert paid.most.saving_usd == pytest.approx(0.83 * full.most.saving_usd)
    assert "AWS is paid at 83 % of it." in paid.assumed


def test_calls_of_which_only_the_number_is_known_are_said_to_be_alike() -> None:
    """Six in 30 s, at $5 an hour: at once where each is 5 s, and not where one is 29.5 s."""
    month = {"requests_per_month": 30_000, "memory_mb": 1024, "peak_memory_mb": 300}
    answers = {"in_order": False, "own_process": False, "hour_usd": 5}
    counted = advise(Facts.stated(Workload(**month, wait_ms=30_000), calls=6, **answers), on=DAY)
    assert [rung.id for rung in counted.most.steps] == ["memory", "overlap"]
    (said,) = (each for each in counted.assumed if "equally long" in each)
    assert "steps in a file" in said
    for lengths_ms, steps in (
        ([5000.0] * 6, ["memory", "overlap"]),
        ([29_500.0] + [100.0] * 5, ["memory"]),
    ):
        w = Workload.from_steps([("wait", ms) for ms in lengths_ms], **month)
        listed = advise(Facts.stated(w, calls=6, **answers), on=DAY)
        assert [rung.id for rung in listed.most.steps] == steps
        assert not any("equally long" in each for each in listed.assumed)


def test_how_long_the_longest_call_takes_is_no_guess() -> None:
    """Six in 30 s, at $5 an hour: 30,000 of them in 360 MB are $5.28, and $0.88 where each is 5 s.

    Overlapped they save $4.40 a month, $52.77 a year for 8 h: that pays for calls that are alike
    and not where one takes nearly all. It is asked for until it is said, or listed as steps.
    """
    month = {"requests_per_month": 30_000, "memory_mb": 1024, "peak_memory_mb": 300, "cpu_ms": 0}
    answers = dict.fromkeys(ANSWERS, True) | {"own_process": False, "other_vendor": False}
    answers |= {"in_order": False, "calls": 6, "hour_usd": 5}
    unknown = advise(Facts.of(month | {"wait_ms": 30_000}, **answers), on=DAY)
    assert unknown.ask == "longest_ms"
    memory_usd = 30_000 * 30 * (1024 - 360) / 1024 * 0.0000166667
    overlap_usd = 30_000 * 25 * 360 / 1024 * 0.0000166667
    hours_usd = (2 * 5, 10 * 5)
    assert unknown.first_year_usd == pytest.approx(
        (memory_usd * 12 - hours_usd[0], (memory_usd + overlap_usd) * 12 - hours_usd[1]), rel=1e-3
    )
    for longest_ms, steps in ((5000, ["memory", "overlap"]), (29_500, ["memory"])):
        facts = Facts.of(month | {"wait_ms": 30_000}, longest_ms=longest_ms, **answers)
        assert advise(facts, on=DAY).steps == steps
    listed = Facts.of(month | {"wait_ms": 30_000}, **answers | {"calls": 1})
    assert advise(listed, on=DAY).is_point  # nothing runs beside one call


def test_what_can_be_suspended_is_said_beside_its_dollars() -> None:
    """All of a wait unless it is said: and nothing of it where nothing is suspended."""
    w = Workload(requests_per_month=1e7, memory_mb=1024, peak_memory_mb=300, wait_ms=30_000)
    answers = {"reads_along": False, "own_process": False}
    for share, said in ((1, "100 % of its waiting"), (0.9, "90 % of its waiting")):
        found = advise(Facts.stated(w.replace(suspended_share=share), **answers), on=DAY)
        assert found.most.steps[-1].id == "suspended"
        assert any(each.startswith(said) for each in found.assumed)
        assert "until the provider calls back" in found.sentence
        assert any("the provider calls back. Polling" in each for each in found.assumed)
    reader = advise(Facts.stated(w, own_process=False), on=DAY)
    assert not any("suspended" in each for each in reader.assumed)


def test_work_that_costs_nothing_has_hours_and_no_payback() -> None:
    """No `× $0.00`, and no day on which nothing is paid back; an hour with a price has both."""
    w = Workload.preset("article", requests_per_month=1_000, peak_memory_mb=300)
    free, paid = (advise(Facts.stated(w, hour_usd=usd), on=DAY) for usd in (0, 0.001))
    assert free.most.sum == "$0.08 a month now, $0.02 then; 6 h of work."
    assert "6 h × $0.001 = $0.69. Paid back: 3 days." in paid.most.sum


def test_a_function_that_nobody_calls_needs_no_faster_answer() -> None:
    """One request is answered sooner for about the same bill; none is as it is."""
    w = Workload.preset("transcode", memory_mb=512, peak_memory_mb=300)
    one, none = (
        advise(Facts.stated(w.replace(requests_per_month=n)), on=DAY).sentence for n in (1, 0)
    )
    assert one.startswith("Set memory to 1,769 MB: about the same bill")
    assert none == "Leave it as it is: nothing earns its work within a year."


def test_what_is_wrong_comes_before_what_it_costs() -> None:
    """Requests that end without an answer, and requests that Lambda cannot serve at all."""
    w = Workload(requests_per_month=30, memory_mb=1024, peak_memory_mb=300, wait_ms=5000)
    late = advise(Facts.stated(w, times_out=True), on=DAY).sentence
    assert late.startswith("Requests end without an answer: raise its timeout")
    assert late.endswith("Beside that nothing earns its work within a year.")
    found = advise(Facts.stated(w.replace(wait_ms="16min")), on=DAY)
    assert found.sentence.startswith("AWS Lambda stops a function after 900 s;")
    assert "Leave it" not in found.sentence
    assert str(found).count("cannot serve") == 1


def test_work_that_takes_too_long_gets_the_memory_that_ends_it_in_time() -> None:
    """600 s of CPU take 2,073 s in 512 MB and 600 s on a whole vCPU, at the same dollars."""
    w = Workload(requests_per_month=30_000, memory_mb=512, peak_memory_mb=300, cpu_ms="600s")
    found = decide(w, on=DAY)
    assert "stops a function after 900 s" in found.sentence
    assert (
        "With more memory they fit. Set memory to 1,769 MB, then build for Arm: " in found.sentence
    )
    assert "Cut it" not in found.sentence
    assert found.sentence == advise(Facts.stated(w), on=DAY).sentence
    longer = decide(w.replace(cpu_ms="901s"), on=DAY)
    assert "Cut it into shorter requests" in longer.sentence
    assert "Set memory" not in longer.sentence
    assert longer.sentence == advise(Facts.stated(w.replace(cpu_ms="901s")), on=DAY).sentence


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"calls": 0}, "calls is 0; expected 1 to 100"),
        ({"longest_ms": -1}, "longest_ms is -1; expected milliseconds, up to 900,000"),
        ({"hour_usd": -1}, "hour_usd is -1"),
        ({"effective_rate": 1.5}, "effective_rate is 1.5"),
    ],
)
def test_a_wrong_fact_has_its_sentence(wrong: dict[str, float], says: str) -> None:
    """It names the fact, what was given and what was expected."""
    with pytest.raises(InvalidQuantity, match=says):
        Facts(workload=Workload.preset("article"), **wrong)
