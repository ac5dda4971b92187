"""What stands beside a recommendation: each of its parts, and what a rung takes for granted."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Facts, Workload, advise, ladder, platforms
from serverless_tax.questions.sentence import sentence
from serverless_tax.questions.what_moves import what_moves

WAITS = Workload(requests_per_month=1e6, memory_mb=512, wait_ms=2000, peak_memory_mb=300)


def test_what_is_wrong_is_said_first_and_the_rest_of_it_on_a_line_of_its_own() -> None:
    """360 MB would be $4.95 a month less, which does not pay for two hours within a year."""
    wrong, beside = str(advise(Facts.stated(WAITS, times_out=True), on=DAY)).splitlines()[:2]
    assert wrong.startswith("Requests end without an answer: raise its timeout")
    assert beside == "Beside that nothing earns its work within a year."


def test_that_an_answer_may_take_too_long_is_said_where_it_is_why_nothing_pays() -> None:
    """Three million requests of 300 ms of CPU and 700 ms of waiting in 1,024 MB; 300 MB peak.

    They take 1.218 s there: $61. In 360 MB it would be 2.17 s, and $38: $272 a year less, more than
    two hours cost. What rules that out is the time alone.
    """
    w = Workload(
        requests_per_month=3e6, memory_mb=1024, peak_memory_mb=300, cpu_ms=300, wait_ms=700
    )
    limit = "No size is taken at which an answer takes more than 25 % longer."
    found = advise(Facts.stated(w), on=DAY)
    assert found.sentence == "Leave it as it is: nothing earns its work within a year."
    assert limit in found.assumed
    assert advise(Facts.stated(w), slower=2.0, on=DAY).sentence.startswith("Set memory to ")
    full = advise(Facts.stated(w.replace(peak_memory_mb=1000)), on=DAY)
    assert limit not in full.assumed


def test_what_fills_its_memory_is_not_taken_to_have_enough_of_it() -> None:
    """It is told to have too little: that no request ends for want of it would say the contrary."""
    enough = "No request ends for want of memory."
    assert enough in advise(Facts.stated(WAITS), on=DAY).assumed
    filled = advise(Facts.stated(WAITS.replace(peak_memory_mb=512)), on=DAY)
    assert "it has too little" in filled.sentence
    assert enough not in filled.assumed
    assert not any("longer" in each for each in filled.assumed)


def test_requests_that_work_until_the_time_limit_are_not_told_to_wait_less_alone() -> None:
    """100 s of CPU in 512 MB take 345 s, and 100 s in 1,769 MB: the wait is 10 s of it."""
    w = WAITS.replace(requests_per_month=5e4, cpu_ms=1e5, wait_ms=1e4)
    late = advise(Facts.stated(w, times_out=True), on=DAY).sentence
    assert "or shorten the wait. Memory up to 1,769 MB shortens work." in late


def test_the_size_that_every_case_gives_is_not_said_to_be_the_least_of_several() -> None:
    """Of any number of requests 512 MB are too little, and twice that is what comes next."""
    month = {"memory_mb": 512, "wait_ms": 2000, "cpu_ms": 10}
    told = advise(Facts.of(month, out_of_memory=True), on=DAY).said
    assert told[0] == "Set memory to 1,024 MB: it has too little."


def test_a_rung_that_takes_something_for_granted_says_what() -> None:
    """Its platform's own sentence; a task, whose size is said instead, has none."""
    found = {rung.id: rung for rung in ladder(WAITS, on=DAY)}
    for name, platform in (
        ("suspended", "aws-lambda-durable"),
        ("active-memory", "vercel-fluid"),
        ("active-cpu", "cloudflare-workers"),
    ):
        assert found[name].finding.endswith(platforms()[platform].assumes)
    assert "Sized for 3 times the mean" in found["share"].finding


@pytest.mark.parametrize("ends", [("no", "yes"), ("False", "true"), (False, True)])
def test_no_and_yes_are_taken_in_each_of_their_words(ends: tuple[Any, Any]) -> None:
    """The two ends of an answer are its no and its yes, however they are typed."""
    facts = Facts.preset("article")
    (move,) = what_moves(facts, {"sees_answer": ends}, on=DAY).moves
    assert (move.low, move.high) == (False, True)


@pytest.mark.parametrize(
    ("saving_usd", "says"),
    [
        (0.5, "Set memory to 2,048 MB: $0.50 a month less, two hours. Then stop."),
        (
            -0.5,
            "Set memory to 2,048 MB: it has too little. $0.50 a month more, two hours. Then stop.",
        ),
    ],
)
def test_memory_that_is_lacking_may_save_half_a_dollar(saving_usd: float, says: str) -> None:
    """Less is less, however little: only a dearer month is told as one."""
    steps = [("memory", 2048.0)]
    assert sentence(steps, saving_usd=saving_usd, hours=2, raised=True, faster=None) == says
