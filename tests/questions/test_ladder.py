"""The ladder: what each rung does to the bill, and what it says about it."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from sampled import fewer
from workloads import DAY, workloads

from serverless_tax import Facts, InvalidQuantity, Rung, Workload, advise, bill, ladder
from serverless_tax.platforms.aws_lambda import cpu_wall_ms
from serverless_tax.prices.overrides import Rates
from serverless_tax.questions.right_size import Choices, Resized, cheapest_size
from serverless_tax.questions.rungs import CHANGES, ON_TUNED, RUNGS
from serverless_tax.request.workload import QUANTITIES

ARTICLE = Workload.preset("article")


def rungs(w: Workload = ARTICLE, **options: Any) -> dict[str, Rung]:
    """Return the rungs by id."""
    return {rung.id: rung for rung in ladder(w, **({"on": DAY} | options))}


def test_the_article_s_ladder() -> None:
    """$811.33; at 128 MB 4,903 ms × 10 M × 0.125 GB, $104.15; on Arm a fifth less, $83.72."""
    found = rungs()
    assert list(found)[:3] == ["as-it-is", "memory", "arm"]
    assert [round(rung.total_usd, 2) for rung in list(found.values())[:3]] == [
        811.33,
        104.15,
        83.72,
    ]
    assert found["memory"].total_usd == pytest.approx(2 + 1e7 * 4.903 * 0.125 * 0.0000166667)
    assert found["arm"].total_usd == pytest.approx(2 + 1e7 * 4.903 * 0.125 * 0.0000133334)
    assert found["memory"].workload.memory_mb == 128
    assert found["arm"].workload.architecture == "arm64"


def test_an_answer_that_is_left_whole_saves_nothing() -> None:
    """``shorter`` may be 1: the function as tuned, and no less."""
    found = rungs(shorter=1)
    assert found["shorter"].total_usd == pytest.approx(found["arm"].total_usd)


def test_each_rung_is_a_bill() -> None:
    """Its design with its workload, with the parts of the path without which nobody gets there."""
    for rung in ladder(ARTICLE, on=DAY):
        month = bill(rung.design, rung.workload, on=DAY, path="needed")
        assert rung.total_usd == month.total
        assert rung.name == RUNGS[rung.id].name
        assert not month.obstacles


def test_savings_are_against_the_start_and_against_the_tuned_function() -> None:
    """Memory and Arm stand on each other; all others beside each other on the two."""
    found = rungs()
    start, memory, arm = (found[name].total_usd for name in ("as-it-is", "memory", "arm"))
    assert found["memory"].step_usd == found["memory"].saving_usd == start - memory
    assert found["arm"].step_usd == memory - arm
    for rung in list(found.values())[3:]:
        assert rung.saving_usd == start - rung.total_usd
        assert rung.step_usd == arm - rung.total_usd


def test_the_payback_is_the_effort_at_your_rate_over_the_step() -> None:
    """Four hours at $50 for $20.43 a month; no saving never pays, and is null in JSON."""
    found = rungs(hour_usd=50)
    assert found["arm"].payback_months == pytest.approx(4 * 50 / (104.1460 - 83.7171), rel=1e-4)
    assert rungs(hour_usd=0)["arm"].payback_months == 0
    assert found["share"].step_usd < 0
    assert found["share"].payback_months == math.inf
    assert json.loads(json.dumps(found["share"].to_dict()))["payback_months"] is None
    assert json.loads(json.dumps(found["arm"].to_dict()))["design"] == "aws-lambda"


def test_each_rung_takes_the_hours_that_the_book_starts_from() -> None:
    """Typed once more: an estimate of ours that is moved is moved here too."""
    assert {name: rung.effort_hours for name, rung in rungs().items()} == {
        "as-it-is": 0,
        "memory": 2,
        "arm": 4,
        "provisioned": 4,
        "overlap": 8,
        "shorter": 8,
        "gateway": 24,
        "no-proxy": 40,
        "suspended": 40,
        "share": 80,
        "active-memory": 80,
        "active-cpu": 80,
    }


def test_less_memory_stops_at_the_peak_with_headroom() -> None:
    """A peak of 100 MB fits 128; 200 need 240; what no size holds leaves the size as it is."""
    assert rungs(ARTICLE.replace(peak_memory_mb=100))["memory"].workload.memory_mb == 128
    known = rungs(ARTICLE.replace(peak_memory_mb=200))["memory"]
    assert known.workload.memory_mb == 240
    assert "1.2 times the peak of 200 MB fits" in known.finding
    tight = rungs(ARTICLE.replace(peak_memory_mb=9000))["memory"]
    assert tight.workload.memory_mb == 1024
    assert "No size on offer holds the peak of 9,000 MB" in tight.finding


def test_less_memory_warns_of_cpu_init_and_the_peak_nobody_looked_at() -> None:
    """128 of 1,769 MB are 7.2 % of a vCPU; 5.5 ms of CPU become 52.6.

    A quota is 1.447 ms. The CPU is counted between 3.5 ms and 5.5, after two quotas until 4.34 and
    three from there on: (0.8415 × 40 + 1.1585 × 60) / 2 ms, and a millisecond since.
    """
    finding = rungs()["memory"].finding
    assert finding.startswith("128 MB has 7.2 % of a vCPU; an answer takes 47.1 ms longer.")
    assert "INIT has its boost" in finding
    assert "the peak memory is unknown" in finding


def test_less_memory_says_what_becomes_of_work_on_several_threads() -> None:
    """10,240 MB have almost six vCPUs: on all of them 3,600 MB take 2.84 times as long."""
    month = {"requests_per_month": 20_000, "wait_ms": 0, "cpu_ms": 60_000}
    large = Workload(memory_mb=10_240, peak_memory_mb=3000, **month)
    finding = rungs(large)["memory"].finding
    assert finding.startswith("3,600 MB has 100 % of a vCPU; an answer takes as long as now. Its ")
    assert "if it uses every vCPU of 10,240 MB, it takes 2.84 times as long and costs" in finding
    assert "thread" not in rungs()["memory"].finding
    assert "Its work runs on one thread." in advise(Facts.stated(large), on=DAY).assumed
    assert "Its work runs on one thread." not in advise(Facts.preset("article"), on=DAY).assumed


@pytest.mark.parametrize(("slower", "most_ms"), [(1, 1000), (1.05, 1050), (1.25, 1250)])
def test_less_memory_keeps_the_answer_fast_enough(slower: float, most_ms: float) -> None:
    """100 ms of CPU at a whole vCPU and 900 ms of waiting: the limit says what size.

    Within 2 % of the cheapest, as far as the law of the CPU is sure, the present one may stay.
    """
    w = Workload(requests_per_month=1e6, memory_mb=1769, cpu_ms=100, wait_ms=900)
    size_mb = rungs(w, slower=slower)["memory"].workload.memory_mb
    assert 900 + cpu_wall_ms(100, size_mb) <= most_ms
    assert bill("aws-lambda", w.replace(memory_mb=size_mb), on=DAY).total <= 1.02 * min(
        bill("aws-lambda", w.replace(memory_mb=mb), on=DAY).total
        for mb in range(128, 1769)
        if 900 + cpu_wall_ms(100, mb) <= most_ms
    )


def test_pure_computing_keeps_its_memory() -> None:
    """Slower and no cheaper: a GB-second is the same at half the size for twice as long."""
    found = rungs(Workload.preset("transcode"))
    assert found["memory"].workload.memory_mb == 1769
    assert found["memory"].step_usd == 0
    assert "gateway" not in found  # there is no wait that a proxy could take over
    assert "shorter" not in found
    assert found["arm"].total_usd == pytest.approx(
        0.8 * (found["as-it-is"].total_usd - 2) + 2, rel=1e-4
    )


def test_a_function_on_arm_is_not_moved_there_again() -> None:
    """The rung is left out, and the others stand on memory alone."""
    found = rungs(ARTICLE.replace(architecture="arm64"))
    assert "arm" not in found
    assert found["memory"].total_usd == pytest.approx(83.72, abs=0.005)


def test_only_waits_beside_each_other_overlap() -> None:
    """The 50 ms under the generation; three calls of a second each become one; one call stays."""
    assert rungs()["overlap"].workload.wait_ms == 0
    calls = Workload.from_steps(
        [("wait", 1000), ("wait", 1000), ("cpu", 1), ("wait", 1000)],
        requests_per_month=1e6,
        memory_mb=128,
    )
    assert rungs(calls)["overlap"].workload.wait_ms == 1000
    assert "At most 2,000 ms of waiting" in rungs(calls)["overlap"].finding
    assert "overlap" not in rungs(ARTICLE.replace(wait_ms=0))


def test_provisioned_concurrency_pays_above_three_fifths() -> None:
    """0.0000041667 / (0.0000166667 - 0.0000097222) = 60 %: below it dearer, above it cheaper."""
    for peak_to_mean, pays in ((1.8, False), (1.4, True)):
        w = ARTICLE.replace(peak_to_mean=peak_to_mean, requests_per_month=1e9)
        rung = rungs(w)["provisioned"]
        assert (rung.step_usd > 0) == pays, peak_to_mean
        assert "It pays where more than 60 % of it is in use" in rung.finding
    assert "this month uses 33.3 %" in rungs()["provisioned"].finding


def test_a_shorter_answer_takes_its_tokens_along() -> None:
    """Half of the streaming and of the tokens; the retrieval stays as long as it is."""
    w = rungs()["shorter"].workload
    assert (w.streaming_ms, w.output_tokens, w.wait_ms) == (2400, 250, 50)
    assert rungs(shorter=0.25)["shorter"].workload.streaming_ms == 1200


def test_a_function_that_does_not_proxy_keeps_its_work() -> None:
    """52.6 ms of CPU and 50 of retrieval at 128 MB on Arm: 103 ms billed, and no stream."""
    rung = rungs()["no-proxy"]
    assert rung.total_usd == pytest.approx(2 + 1e7 * 0.103 * 0.125 * 0.0000133334)
    assert "works and looks up for 102.6 ms" in rung.finding


def test_a_request_that_only_waits_waits_for_its_model() -> None:
    """Without a streaming step the longest wait is the model's, with or without a timeline."""
    plain = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=4800, output_tokens=500)
    steps = [("wait", 100), ("wait", 4800)]
    timed = Workload.from_steps(steps, requests_per_month=1e6, memory_mb=1024, output_tokens=500)
    assert rungs(plain)["shorter"].workload.wait_ms == 2400
    assert rungs(timed)["shorter"].workload.wait_ms == 2500
    assert rungs(plain)["no-proxy"].workload.wait_ms == 0
    assert rungs(timed)["no-proxy"].workload.wait_ms == 100
    assert rungs(timed)["shorter"].workload.output_tokens == 250


def test_other_designs_serve_the_request_as_it_was() -> None:
    """Their bill does not depend on how the function was tuned; a process runs on Arm."""
    found = rungs()
    assert found["gateway"].workload == ARTICLE
    assert found["gateway"].total_usd == 35
    assert found["share"].workload == ARTICLE.replace(architecture="arm64")
    assert found["share"].finding == (
        "Sized for 3 times the mean, with 100 streams a vCPU and at least 2 tasks."
    )


def test_an_obstacle_stands_on_its_rung() -> None:
    """An answer of 16 minutes fits no function, and no gateway."""
    slow = rungs(ARTICLE.replace(streaming_ms=960_000))
    assert slow["memory"].finding.endswith("No size serves these requests in the time allowed.")
    assert "900 s" in slow["as-it-is"].finding
    assert "900 s" in slow["gateway"].finding


def test_a_sample_climbs_too() -> None:
    """Two requests that are alike climb like one; two that differ are held to their mean."""
    alike = rungs(ARTICLE.replace(output_tokens=np.array([500.0, 500.0])))
    assert [r.total_usd for r in alike.values()] == pytest.approx(
        [r.total_usd for r in rungs().values()]
    )
    mixed = ARTICLE.replace(streaming_ms=np.array([1000.0, 9000.0]), peak_memory_mb=150)
    memory = rungs(mixed)["memory"]
    assert memory.workload.memory_mb == 180
    peaks = rungs(mixed.replace(peak_memory_mb=np.array([100.0, 150.0])))["memory"]
    assert peaks.workload.memory_mb == 180
    assert memory.total_usd < rungs(mixed)["as-it-is"].total_usd / 4


def test_a_day_without_a_rung_leaves_it_out() -> None:
    """REST APIs have streamed since November 2025; the function's own rungs are older."""
    old = rungs(on=date(2022, 9, 1))
    assert "gateway" not in old
    assert old["arm"].total_usd == pytest.approx(83.72, abs=0.005)


def test_the_free_tier_is_taken_off_each_bill() -> None:
    """400,000 GB-seconds and a million requests less: $6.87 of the $811.33."""
    free = rungs(free_tier=True)
    assert free["as-it-is"].total_usd == pytest.approx(
        811.33495 - 400_000 * 0.0000166667 - 0.2, abs=1e-3
    )
    assert free["as-it-is"].saving_usd == 0


def test_your_own_rates_are_on_every_rung() -> None:
    """With 40 % off on demand, provisioned concurrency at list price never pays."""
    less = {"aws-lambda.duration_*": {"discount": 0.4}}
    found = rungs(rates=Rates(name="less", source="mine.toml", rates=less))
    assert found["as-it-is"].total_usd == pytest.approx(2 + 0.6 * 809.33495, rel=1e-6)
    assert found["arm"].total_usd == pytest.approx(2 + 0.6 * 81.7171, rel=1e-5)
    assert found["provisioned"].step_usd < 0
    assert found["provisioned"].finding.startswith("It never pays at these rates")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"slower": 0.9}, r"^slower is 0.9; expected at least 1, and at most 900,000\.$"),
        ({"slower": math.nan}, r"^slower is nan; expected at least 1, and at most"),
        ({"shorter": 0}, r"^shorter is 0; expected more than 0 and at most 1\.$"),
        ({"shorter": 1.5}, r"^shorter is 1.5; expected more than 0 and at most 1\.$"),
        ({"hour_usd": -1}, r"^hour_usd is -1; expected dollars an hour, at least 0 and"),
        ({"hour_usd": math.inf}, r"^hour_usd is inf; expected dollars an hour"),
    ],
)
def test_a_setting_out_of_range_is_refused(options: dict[str, float], sentence: str) -> None:
    """The sentence names the setting and what was expected."""
    with pytest.raises(InvalidQuantity, match=sentence):
        ladder(ARTICLE, **options)


@fewer(10)
@given(w=workloads())
def test_a_rung_changes_only_what_it_changes(w: Workload) -> None:
    """Beside what is declared, and what the tuned function has, every quantity stays."""
    for rung in ladder(w, on=DAY):
        may = {*CHANGES[rung.id]}
        may |= {"memory_mb", "architecture"} if rung.id in ON_TUNED else set()
        may |= {"memory_mb"} if rung.id == "arm" else set()  # it stands on that
        may |= {"metered_cpu_ms_per_token"} if "cpu_ms_per_output_token" in may else set()
        moved = {
            name
            for name in (*QUANTITIES, "architecture")
            if getattr(rung.workload, name) != getattr(w, name)
        }
        assert moved <= may, rung.id


def test_tokens_that_a_client_fetches_are_still_paid_for() -> None:
    """10 M × (2,000 × $0.15 + 500 × $0.60) a million tokens are $6,000, proxied or not."""
    found = rungs(model="gpt-4o-mini")
    plain = rungs()
    for name in ("as-it-is", "no-proxy", "gateway", "overlap", "suspended"):
        assert found[name].total_usd - plain[name].total_usd == pytest.approx(6000), name
    # A shorter answer saves half of its 500 tokens, of which 10 M × 500 cost $3,000.
    assert found["shorter"].total_usd - plain["shorter"].total_usd == pytest.approx(4500)


def test_a_function_that_does_not_proxy_forwards_nothing() -> None:
    """Neither the CPU of a token nor its bytes: 0.7 ms for each of 500 would be 350 ms more."""
    w = ARTICLE.replace(cpu_ms_per_output_token=0.7)
    rung = rungs(w)["no-proxy"]
    assert rung.total_usd == rungs()["no-proxy"].total_usd
    assert rung.workload.output_tokens == 500
    assert rung.workload.bytes_per_output_token == 0
    assert "for 102.6 ms" in rung.finding


def test_the_first_rung_is_the_bill_with_its_cold_starts() -> None:
    """A second of INIT for one request in ten is 1 M seconds at 1 GB: $16.67 beside $811.33."""
    cold = rungs(ARTICLE.replace(init_ms=1000, cold_start_share=0.1))["as-it-is"]
    assert cold.total_usd == pytest.approx(
        2 + 1e7 * 4.856 * 0.0000166667 + 1e6 * 1.0 * 0.0000166667
    )
    assert (cold.saving_usd, cold.step_usd, cold.payback_months) == (0, 0, math.inf)


def test_what_is_suspended_is_the_model_and_the_lookup() -> None:
    """Awake twice for 27 ms at 128 MB on Arm; 4 operations, of which 3 write 2,000 bytes."""
    rung = rungs()["suspended"]
    assert (rung.workload.wait_ms, rung.workload.streaming_ms) == (4850, 0)
    written_gb = 1e7 * (2000 + 3 * 2000) / 1e9
    kept_months = 14 / 30 + (4.850 + 0.0525856) / (30 * 86_400)
    function_usd = 2 * 2 + 1e7 * 2 * 0.027 * 0.125 * 0.0000133334
    assert rung.total_usd == pytest.approx(
        function_usd + 1e7 * 4 * 8e-6 + written_gb * 0.25 + written_gb * kept_months * 0.15
    )


def test_memory_for_the_peak_costs_what_it_takes() -> None:
    """200 MB and a fifth are 240, 2.7 ms in a period: 5.5 ms of CPU take 21.4, 4,872 are billed."""
    memory = rungs(ARTICLE.replace(peak_memory_mb=200))["memory"]
    assert memory.total_usd == pytest.approx(2 + 1e7 * 4.872 * 240 / 1024 * 0.0000166667)


def test_any_time_allowed_makes_the_least_size_cheapest() -> None:
    """A second of work at a whole vCPU and one of waiting: at m MB, m + 1,769 megabyte-seconds.

    129 MB are within a thousandth of 128, 1,898 to 1,897, and faster. Without the wait it is 1,769
    at every size, or a little less where the last period is not waited for: the present one stays.
    """
    waits = Workload(requests_per_month=1e6, memory_mb=1769, cpu_ms=1000, wait_ms=1000)
    assert rungs(waits, slower=100)["memory"].workload.memory_mb == 129
    works = waits.replace(wait_ms=0)
    assert rungs(works, slower=100)["memory"].workload.memory_mb == 1769


#: Choices of which the dollars rise and fall, as under a CPU that comes in steps.
STAIRS = {128: 5.0, 256: 3.0, 512: 4.0, 1024: 3.002, 2048: 9.0}


@pytest.mark.parametrize(
    ("present_mb", "needed", "slower", "expected"),
    [
        (2048, 128, 10, 1024),  # 256 is cheapest, 1,024 within a thousandth of it and faster
        (256, 128, 10, None),  # the present one is among the cheapest
        (2048, 128, 2, 1024),
        (512, 1500, 10, 2048),  # no other holds the peak, whatever it costs
        (512, 300, 1, 1024),
        (512, 3000, 10, None),  # none does
    ],
)
def test_the_cheapest_of_all_sizes_is_found(
    present_mb: int, needed: int, slower: float, expected: int | None
) -> None:
    """Whatever the law: not the least that serves, and not the first that is cheaper."""

    def at(mb: float) -> Resized:
        return Resized(mb, STAIRS.get(int(mb), np.inf), 2048 / mb, 2048 / mb)

    tried = [at(mb) for mb in STAIRS]
    table = [np.array(column) for column in zip(*tried, strict=True)]
    here = at(present_mb)
    sizes = Choices(
        here, here, 0, 4, lambda k: Resized(*(c[k.astype(int)] for c in table)),
        lambda k: table[0][k.astype(int)], at,
    )  # fmt: skip
    found = cheapest_size(sizes, needed, slower)
    assert bool(found.moves) is (expected is not None)
    assert expected in {None, found.memory_mb}


@pytest.mark.parametrize(
    ("needed", "expected"),
    [
        (1, 50),  # fifty times as fast, for less than a thousandth more
        (600, 600),  # a larger one is within a thousandth too, and no faster
        (9_999, 9_999),
        (10_001, None),
    ],
)
def test_no_memory_is_taken_that_makes_nothing_faster(needed: int, expected: int | None) -> None:
    """A dollar, and a millionth for each megabyte: as fast from 50 MB on."""

    def at(mb: Any) -> Resized:
        takes_ms = 100 / np.minimum(mb, 50)
        return Resized(mb, 1 + mb / 1e6, takes_ms, takes_ms)

    found = cheapest_size(Choices(at(1e6), at(50), 1, 50, at, lambda k: k, at, 10_000), needed, 1e9)
    assert bool(found.exists) is (expected is not None)
    assert expected in {None, found.memory_mb}


def test_a_size_that_is_too_small_is_left_though_that_costs() -> None:
    """A peak of 2,000 MB takes 2,400, and what comes stands on that."""
    found = rungs(ARTICLE.replace(peak_memory_mb=2000))
    assert found["memory"].workload.memory_mb == 2400
    assert found["memory"].step_usd < 0
    assert found["arm"].workload.memory_mb == 2400


def test_less_memory_may_make_a_request_a_quarter_slower_and_no_more() -> None:
    """1 s of CPU takes 1,727 ms at 1,024 MB; with a second of waiting 2,727 ms, at most 3,409."""
    w = Workload(requests_per_month=1e7, memory_mb=1024, cpu_ms=1000, wait_ms=1000)
    memory_mb = float(rungs(w)["memory"].workload.memory_mb)
    assert memory_mb == pytest.approx(1000 * 1769 / 2409, rel=0.01)
