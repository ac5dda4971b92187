"""What moves the answer: the bill's pairs, and the advice at both ends of each fact."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from workloads import DAY

from serverless_tax import InvalidQuantity, Workload
from serverless_tax.cli.app import run
from serverless_tax.questions.advise import advise
from serverless_tax.questions.decide import climbed_for
from serverless_tax.questions.facts import Facts
from serverless_tax.questions.sensitivity import pairs
from serverless_tax.questions.what_moves import fact_ranges, what_moves

WAITS = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=1000)


def test_three_ranges_have_the_pairs_that_multiply() -> None:
    """A month of 1 s at 1,024 MB is $16.6667 of time, and $0.20 of requests.

    Wait from half to twice: 16.6667 x 1.5 = $25.00. Memory from half to twice: the same. Both at
    once go from a quarter to four times, 16.6667 x 3.75 = $62.50: $12.50 more than the two apart.
    Requests take their $0.30 along: to them the three are alike. INIT without a cold start moves
    nothing, and is in no pair.
    """
    ranges = {
        "wait_ms": ("500ms", "2s"),
        "memory_mb": (512, 2048),
        "requests_per_month": (5e5, 2e6),
        "init_ms": (0, 1000),
    }
    found = {frozenset(pair.quantities): pair.usd for pair in pairs(WAITS, ranges=ranges, on=DAY)}
    assert found == {
        frozenset(names): pytest.approx(12.5, abs=0.001)
        for names in (
            ("wait_ms", "memory_mb"),
            ("wait_ms", "requests_per_month"),
            ("memory_mb", "requests_per_month"),
        )
    }


def test_quantities_that_only_add_up_are_no_pair() -> None:
    """Waiting and CPU at one memory are milliseconds of the same bill."""
    ranges = {"wait_ms": (500, 2000), "cpu_ms": (100, 900)}
    assert pairs(WAITS.replace(memory_mb=1769), ranges=ranges, on=DAY) == ()


def test_each_end_is_the_advice_with_that_one_fact() -> None:
    """The article's, with an hour at $50 and $200: Arm's 20.43 a month pays for 4 h at 50 only."""
    facts = Facts.preset("article")
    ranges = {"hour_usd": (50, 200), "requests_per_month": ("1e4", "10e6"), "own_process": (0, 1)}
    told: list[str] = []
    found = what_moves(facts, ranges, progress=told.append, on=DAY)
    assert [one.partition(" of ")[2] for one in told] == [
        f"{name}, fact {k} of 3 …" for k, name in enumerate(ranges, 1)
    ]
    by_fact = {move.fact: move for move in found.moves}
    hour = by_fact["hour_usd"]
    assert (hour.low_changes, hour.high_changes, hour.base) == (True, False, 100.0)
    assert "then build for Arm" in hour.low_says
    cheap = advise(Facts.preset("article", hour_usd=50), on=DAY)
    assert hour.low_usd == cheap.first_year_usd[0]
    few = by_fact["requests_per_month"]
    assert (few.low, few.low_says) == (
        1e4,
        "Leave it as it is: nothing earns its work within a year.",
    )
    assert found.moves[0].fact == "requests_per_month"
    assert not by_fact["own_process"].changes
    assert found.advice.sentence == advise(facts, on=DAY).sentence


def test_another_size_is_another_advice_and_so_is_what_an_unknown_leaves() -> None:
    """A peak of 300 MB needs 360, one of 600 needs 720.

    Where nobody knows whether calls overlap, Arm pays in any case for 1e8 requests: of the $150 of
    3e5 it takes $360 a year for $400, and the fact to find out is no other.
    """
    w = WAITS.replace(requests_per_month=1e8, wait_ms=30_000, peak_memory_mb=300)
    facts = Facts.stated(w, own_process=False)
    (peak,) = what_moves(facts, {"peak_memory_mb": (300, 600)}, on=DAY).moves
    assert (peak.low_changes, peak.high_changes) == (False, True)
    assert peak.high_says.startswith("Set memory to 720 MB")
    w = w.replace(peak_memory_mb=900)
    unknown = Facts.stated(w, own_process=False, calls=3, in_order=None)
    (few,) = what_moves(unknown, {"requests_per_month": (3e5, 1e8)}, on=DAY).moves
    assert (few.low_changes, few.high_changes) == (True, False)
    assert few.low_says.startswith("First find out whether each call needs the one before: ")


def test_what_is_tried_is_what_is_known_and_what_may_be() -> None:
    """Memory is chosen and no fact; of one call there is no order; a peak is below the memory.

    What nobody knows is tried over all that it can be: 1 to 100 calls, of which one takes all of
    the second or a hundredth, an hour of $20 to $250, and of 800 ms in all any part as work.
    """
    known = fact_ranges(Facts(workload=WAITS, calls=1))
    assert set(known) == {
        *("requests_per_month", "wait_ms", "hour_usd", "effective_rate", "peak_memory_mb"),
        *("reads_along", "sees_answer", "own_process", "other_vendor"),
    }
    assert known["peak_memory_mb"] == (1, 1023)
    assert fact_ranges(Facts.preset("article"))["peak_memory_mb"] == (50, 200)
    any_calls = fact_ranges(Facts(workload=WAITS, in_order=False, hour_usd=None))
    assert (any_calls["calls"], any_calls["longest_ms"]) == ((1, 100), (10, 1000))
    assert any_calls["hour_usd"] == (20, 250)
    whole = {"requests_per_month": 1e6, "memory_mb": 1769}
    split = fact_ranges(Facts.of(whole, took_ms=800, calls=1))
    assert split["cpu_ms"] == (0, pytest.approx(800))
    assert "wait_ms" not in split


def test_an_unknown_peak_has_a_row_for_facts_told_by_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """5 s in 1,024 MB ten million times are $835.34: 128 MB save $729.17 a month, for 2 h.

    With a peak of 1,023 MB Arm alone pays: $166.67 a month, for 4 h. Between the two lies all that
    an unknown peak leaves, $1,600 to $8,550 with $100 an hour.
    """
    words = ["--requests", "1e7", "--memory", "1024", "--took", "5s", "--cpu", "0ms"]
    words += ["--calls", "1", "--no-own-process", "--no-other-vendor", "--sees-answer"]
    words += ["--reads-along", "--on", str(DAY)]
    assert run(["sensitivity", "--advice", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert run(["decide", *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sentence"] == found["sentence"]
    (peak,) = (one for one in found["moves"] if one["fact"] == "peak_memory_mb")
    assert (peak["low"], peak["base"], peak["high"]) == (1, None, 1023)
    ends = (peak["low_usd"], peak["low_most_usd"], peak["high_usd"], peak["high_most_usd"])
    assert ends == pytest.approx((8550, 8550, 1600, 1600), rel=1e-3)
    assert peak["swing_usd"] == pytest.approx(6950, rel=1e-3)
    assert run(["sensitivity", *words]) == 2
    assert "moves with calls, sees_answer" in capsys.readouterr().err.replace("reads_along, ", "")


def test_of_a_length_in_all_one_part_is_the_rest_of_the_other() -> None:
    """Of 5 s at 1,769 MB 2 s of work leave 3 s of waiting, and the other way round."""
    facts = Facts.of({"requests_per_month": 1e7, "memory_mb": 1769}, took_ms=5000, calls=1)
    of_work, of_wait = (
        what_moves(facts, {name: ends}, on=DAY).moves[0]
        for name, ends in (("cpu_ms", (0, 2000)), ("wait_ms", (3000, 5000)))
    )
    assert (of_work.low_usd, of_work.high_usd) == (of_wait.high_usd, of_wait.low_usd)
    assert (of_work.base, of_work.low, of_work.high) == (None, 0, 2000)


@pytest.mark.parametrize(
    ("ranges", "says"),
    [
        ({"nix": (1, 2)}, "There is no quantity 'nix'"),
        ({"own_process": ("maybe", "yes")}, "expected no and yes"),
        ({"calls": (1, 1000)}, "calls is 1000; expected 1 to 100"),
        ({"out_of_memory": (0, 1)}, "out_of_memory has no range; use a quantity"),
    ],
)
def test_a_range_that_is_none_is_refused(ranges: dict[str, Any], says: str) -> None:
    """In a sentence that names it."""
    with pytest.raises(InvalidQuantity, match=says):
        what_moves(Facts.preset("article"), ranges, on=DAY)


def test_what_facts_share_is_found_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 5 s, work or not, 1 to 100 calls, advice is asked for 21 times: 280 ladders if anew."""
    asked = []

    def climbed(*given: Any, **when: Any) -> Any:
        asked.append(given)
        return climbed_for(*given, **when)

    monkeypatch.setattr("serverless_tax.questions.ways.climbed_for", climbed)
    words = ["--requests", "1e6", "--memory", "1024", "--took", "5s", "--on", str(DAY)]
    assert run(["sensitivity", "--advice", *words]) == 0
    assert len(asked) < 100
    # All work of 5 s in 1,024 MB, 5,000 x 1,024 / 1,769, in whole milliseconds.
    rows = capsys.readouterr().out.splitlines()
    assert any(re.match(r"cpu_ms +0 .* 2,896 ", row) for row in rows)
    assert any(re.match(r"requests_per_month +500,000 .* 2,000,000 ", row) for row in rows)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The advice, a row for each fact, and what else there would be to do; the same in JSON."""
    words = ["sensitivity", "--advice", "--preset", "article", "--range", "hour_usd=50..200"]
    words += ["--on", str(DAY)]
    assert run([*words, "--range", "sees_answer=no..yes"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Set memory to 128 MB: $707.19 a month less, two hours. Then stop.")
    assert "hour_usd 50: Set memory to 128 MB, then build for Arm" in out
    assert run([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["moves"][0]["low_changes"] is True
    assert run(["sensitivity", "aws-fargate", "--advice", "--preset", "article"]) == 2
    assert "leave aws-fargate or --advice out" in capsys.readouterr().err


def test_a_longer_wait_has_a_longer_longest_call() -> None:
    """Three calls fill 5 s, the longest 2.5 s: half of the wait and twice as much are possible."""
    w = WAITS.replace(wait_ms=5000)
    facts = Facts(workload=w, calls=3, longest_ms=2500, in_order=False, own_process=False)
    assert {"wait_ms"} <= {move.fact for move in what_moves(facts, on=DAY).moves}


def test_nothing_moves_what_nothing_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    """Of unknown work the advice says what to find out; no table of nothing stands under it."""
    found = what_moves(Facts.of({"memory_mb": 1024, "wait_ms": 1000}, calls=1), on=DAY)
    assert (found.advice.ask, found.moves, found.pairs) == ("cpu_ms", (), ())
    assert found.to_dict()["first_year_usd"] == [0, None]
    link = "#st?v=2&preset=article&receive=unknown"
    assert run(["sensitivity", "--advice", "--scenario", link]) == 0
    (said,) = capsys.readouterr().out.splitlines()
    assert said.endswith("Without it no dollars can be told.")
