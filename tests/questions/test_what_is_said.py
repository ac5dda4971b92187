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
