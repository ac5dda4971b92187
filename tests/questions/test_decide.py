"""The decision: what is recommended follows the answers, and its sum can be checked by hand."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampled import at_most
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.questions.answers import Answers
from serverless_tax.questions.choose import NEEDS
from serverless_tax.questions.decide import decide

ARTICLE = Workload.preset("article")
THINKING = Workload.preset("thinking")
EVERY_ANSWER = [Answers(**dict(zip(
    ("reads_along", "sees_answer", "own_process", "other_vendor"), choice, strict=True
))) for choice in itertools.product((False, True), repeat=4)]  # fmt: skip


def test_a_small_bill_is_left_alone() -> None:
    """Eight dollars a month pay for no work at all."""
    found = decide(ARTICLE.replace(requests_per_month=100_000))

    assert (found.tuning, found.change) == ((), None)
    assert found.total_usd == found.start_usd
    assert str(found).startswith("Leave it as it is: ")


def test_the_article_takes_its_memory_and_stops() -> None:
    """Less memory saves $707 a month; Arm's $20 do not pay for four hours within a year."""
    found = decide(ARTICLE, on=DAY)

    assert [rung.id for rung in found.tuning] == ["memory"]
    assert found.change is None
    assert found.total_usd == pytest.approx(104.15, abs=0.01)
    assert found.first_year_usd == pytest.approx(12 * 707.189 - 2 * 100, abs=0.1)


@pytest.mark.parametrize("answers", EVERY_ANSWER, ids=str)
def test_nothing_is_recommended_that_the_answers_rule_out(answers: Answers) -> None:
    """However much a change would save, it is not even considered against an answer."""
    found = decide(THINKING.replace(requests_per_month=100e6), answers)

    for rung in found.considered:
        assert all(getattr(answers, name) is wanted for name, wanted in NEEDS[rung.id].items())
    if found.change is not None:
        assert found.change.id in [rung.id for rung in found.considered]


def test_more_freedom_never_saves_less() -> None:
    """Opening one more door can only add to what the first year saves."""
    w = THINKING.replace(requests_per_month=100e6)
    closed = Answers(own_process=False)
    for freer in (
        Answers(own_process=True),
        Answers(own_process=False, other_vendor=True),
        Answers(own_process=False, sees_answer=False),
        Answers(own_process=False, reads_along=False),
    ):
        assert decide(w, freer).first_year_usd >= decide(w, closed).first_year_usd


@at_most(60)
@given(st.floats(1e4, 1e9), st.sampled_from(EVERY_ANSWER), st.floats(0, 1000))
def test_what_is_recommended_earns_its_work(
    requests: float, answers: Answers, hour_usd: float
) -> None:
    """A year's saving is more than the work, whenever anything at all is recommended."""
    found = decide(ARTICLE.replace(requests_per_month=requests), answers, hour_usd=hour_usd)

    if found.tuning or found.change:
        assert found.first_year_usd > 0
        assert found.payback_months < 12
        assert found.total_usd < found.start_usd
    else:
        assert found.first_year_usd == 0


def test_the_bill_after_a_change_is_the_change_s_own_bill() -> None:
    """What the recommendation ends at can be billed again from its workload."""
    found = decide(THINKING.replace(requests_per_month=100e6))

    assert found.change is not None
    assert found.change.id == "share"
    again = bill(found.change.design, found.change.workload, path="needed").total
    assert found.total_usd == pytest.approx(again)
    assert "Share the wait in one process of your own" in str(found)


def test_each_figure_of_a_decision_by_hand() -> None:
    """A hundred million of the article's requests, and an hour at $50.

    As it is: $20 + 100 M × 4.856 s × 1 GB, in three tiers of x86; at 128 MB on Arm: $20 + 100 M ×
    4.903 s × 0.125 GB at $0.0000133334 = $837.17. A gateway: $3.50 a million, $350 (333 M at that).
    Without the answer 0.103 s are left, of which Arm would save $51 a year for $200 of work: it is
    not built for, and its hours are spared.
    """
    w = ARTICLE.replace(requests_per_month=100e6)
    found = decide(w, Answers(sees_answer=False, own_process=False), hour_usd=50, on=DAY)
    start_usd = 20 + 100e6 * 4.856 * 0.0000166667
    tuned_usd = 20 + 100e6 * 4.903 * 0.125 * 0.0000133334
    no_proxy_usd = 20 + 100e6 * 0.103 * 0.125 * 0.0000166667
    assert found.start_usd == pytest.approx(start_usd)
    small_usd = 20 + 100e6 * 4.903 * 0.125 * 0.0000166667
    assert [rung.id for rung in found.tuning] == ["memory"]
    assert found.tuning[0].total_usd == pytest.approx(small_usd)
    assert found.change is not None
    assert found.change.id == "no-proxy"
    assert found.total_usd == pytest.approx(no_proxy_usd)
    assert found.change.step_usd == pytest.approx(small_usd - no_proxy_usd)
    assert found.change.payback_months == pytest.approx(40 * 50 / (small_usd - no_proxy_usd))
    work_usd = (2 + 40) * 50
    assert found.first_year_usd == pytest.approx(12 * (start_usd - no_proxy_usd) - work_usd)
    assert found.payback_months == pytest.approx(work_usd / (start_usd - no_proxy_usd))
    years = {rung.id: rung.step_usd * 12 - rung.effort_hours * 50 for rung in found.considered}
    assert list(years) == ["no-proxy", "gateway"]  # of one call nothing can overlap
    assert years["gateway"] == pytest.approx(12 * (tuned_usd - 350) - 24 * 50)


def test_tuning_that_earns_nothing_beside_a_change_is_left_out() -> None:
    """60,000 requests of sixty calls in 15 minutes, 512 MB: together they wait for 15 s.

    In 412 MB the month of $450.75 would be $88 less, $1,056 a year for $500 of work. Once the calls
    overlap, $7.51 are left, and a fifth of that pays for nothing.
    """
    w = Workload(
        requests_per_month=60_000, memory_mb=512, peak_memory_mb=343, cpu_ms=0, wait_ms=900_000
    )
    answers = Answers(in_order=False, own_process=False, calls=60)
    found = decide(w, answers, hour_usd=250, on=DAY)
    assert [rung.id for rung in found.steps] == ["overlap"]
    assert found.steps[0].finding.startswith("At most 885,000 ms of waiting fits under the longest")
    gb_s_usd = 0.5 * 0.0000166667
    assert found.start_usd == pytest.approx(0.012 + 60_000 * 900 * gb_s_usd)
    assert found.total_usd == pytest.approx(0.012 + 60_000 * 15 * gb_s_usd)
    assert found.first_year_usd == pytest.approx(60_000 * 885 * gb_s_usd * 12 - 8 * 250)


def test_what_cannot_serve_is_not_recommended() -> None:
    """A stream of 16 minutes passes no gateway and no function; a process of its own takes it."""
    w = ARTICLE.replace(streaming_ms=960_000)
    found = decide(w, Answers(sees_answer=False, reads_along=False), on=DAY)
    assert found.tuning == ()
    assert "gateway" not in {rung.id for rung in found.considered}
    assert found.change is not None
    assert found.change.id != "gateway"


def test_nothing_is_recommended_for_a_last_digit() -> None:
    """An hour that costs nothing makes no change out of a saving of nothing."""
    found = decide(Workload.preset("transcode", requests_per_month=0), hour_usd=0, on=DAY)
    assert (found.tuning, found.change, found.first_year_usd) == ((), None, 0)


def test_the_ladder_s_settings_reach_the_decision() -> None:
    """``slower`` is one of the ladder's other keywords: at 1 no size may take longer.

    487 MB are the least with 5.5 ms in a period: 20 × 487 / 1,769.
    """
    strict = decide(ARTICLE, Answers(own_process=False), hour_usd=0, slower=1, on=DAY)
    assert {rung.workload.memory_mb for rung in strict.tuning} == {487}


def test_of_two_open_doors_the_one_that_earns_more_in_a_year_is_taken() -> None:
    """300 M requests: sold by the CPU saves more than shared, for as many hours of work."""
    w = ARTICLE.replace(requests_per_month=3e8)
    found = decide(w, Answers(own_process=True, other_vendor=True), on=DAY)
    earns = {rung.id: 12 * rung.step_usd - 100 * rung.effort_hours for rung in found.considered}
    assert earns["active-cpu"] > earns["share"] > 0 > earns["active-memory"]
    assert found.change is not None
    assert found.change.id == "active-cpu"


def test_each_vendor_s_change_is_priced_in_its_own_region() -> None:
    """A hundred million of 40 ms of CPU: 1,111.1 h, at $0.128 in Washington, 0.184 in Frankfurt.

    The requests are $60 in both, and a GB-hour $0.0106 and $0.0152. The function is in Ireland,
    where Lambda costs what it does in Virginia.
    """
    w = Workload(requests_per_month=1e8, memory_mb=1024, peak_memory_mb=300, wait_ms=30_000,
                 cpu_ms=40)  # fmt: skip
    answers = Answers(other_vendor=True, own_process=False)
    here, there = (
        decide(w, answers, region=region, on=DAY)
        for region in ("us-east-1", "aws=eu-west-1,vercel=fra1")
    )
    assert there.start_usd == pytest.approx(here.start_usd)
    cpu_h, memory_usd = 1e8 * 0.04 / 3600, here.total_usd - 60 - 1e8 * 0.04 / 3600 * 0.128
    assert [rung.id for rung in there.steps] == ["active-memory"]
    assert there.total_usd == pytest.approx(60 + cpu_h * 0.184 + memory_usd * 0.0152 / 0.0106)
