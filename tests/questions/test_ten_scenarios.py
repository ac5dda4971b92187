"""Ten functions and some more, each worked out by hand: what to do, and its dollars.

The prices of 1 November 2026 in US East: x86 $0.0000166667 and Arm $0.0000133334 a GB-second, each
request $0.0000002, CloudWatch aside. Work is ours to guess: memory 2 h, Arm 4 h, calls together
8 h, a move to another vendor 80 h; an hour costs $100 where nothing else is said. A function is
given a fifth more memory than its peak. Under a whole vCPU, at 1,769 MB, work takes as much longer
as there is less memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import Answers, Facts, Workload, advise
from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.questions.advise import Advice, ranked

X86, ARM, REQUEST = 0.0000166667, 0.0000133334, 0.0000002


def month(requests: float, seconds: float, memory_mb: float, rate: float = X86) -> float:
    """Return what a month costs: each request, and its GB-seconds."""
    return requests * (REQUEST + seconds * memory_mb / 1024 * rate)


def advised(w: Workload, *, hour_usd: float = 100, **answers: Any) -> Advice:
    """Return the advice where every fact is known."""
    return advise(Facts.stated(w, Answers(**answers), hour_usd=hour_usd), on=DAY)


def steps(advice: Advice) -> list[str]:
    """Return the ids of what is recommended."""
    return [rung.id for rung in advice.most.steps]


def test_an_etl_that_computes() -> None:
    """100,000 files a month, 4.8 s of CPU each, in 1,024 MB with a peak of 600 MB.

    It has 1,024 / 1,769 of a vCPU and takes 8.29 s: $13.82 and 2 cents. At 1,769 MB it takes 4.8 s,
    and the same GB-seconds. Arm would save a fifth, $33 in the year: less than 4 h. There is no
    wait, so nothing streams, overlaps or is suspended.
    """
    w = Workload(requests_per_month=1e5, memory_mb=1024, peak_memory_mb=600, cpu_ms=4800)
    found = advised(w, reads_along=False, sees_answer=False, own_process=False, in_order=False)
    assert found.is_point
    assert steps(found) == []
    assert found.sentence == (
        "Set memory to 1,769 MB: about the same bill, and an answer after 4.8 s instead of 8.281 s,"
        " two hours. Then stop."
    )
    assert found.most.start_usd == pytest.approx(month(1e5, 4.8 * 1769 / 1024, 1024), rel=0.01)
    assert found.most.considered == ()


def test_work_at_a_third_of_a_vcpu() -> None:
    """Two million requests of 600 ms of CPU in 512 MB, with a peak of 300 MB.

    A quota there is 5.79 ms: 599 ms are 103 whole ones, of 20 ms each and one more, 2.061 s. In
    1,712 MB it is 19.35 ms, 30 whole ones and 0.601 s. That is 86 cents a month less, which is $10
    a year and pays for no two hours: the answer is what changes.
    """
    w = Workload(requests_per_month=2e6, memory_mb=512, peak_memory_mb=300, cpu_ms=600)
    found = advised(w, reads_along=False, sees_answer=False, own_process=False, in_order=False)
    assert found.sentence == (
        "Set memory to 1,712 MB: about the same bill, and an answer after 0.601 s instead of"
        " 2.061 s, two hours. Then stop."
    )
    assert found.most.start_usd == pytest.approx(month(2e6, 2.061, 512), abs=0.01)
    often = advised(w.replace(requests_per_month=1e8), own_process=False)
    assert often.sentence.startswith("Set memory to 1,712 MB, then build for Arm: $")


def test_a_function_that_runs_out_of_memory() -> None:
    """A million requests of 2 s in 512 MB, of which some end for want of memory.

    What they need is not known, so twice as much: 1,024 MB. The month goes from $16.87 to $33.53:
    $16.67 more, which is needed, and not for money. Arm would save $6.67, $80 a year for $400.
    """
    w = Workload(requests_per_month=1e6, memory_mb=512, peak_memory_mb=512, wait_ms=2000)
    found = advised(w, out_of_memory=True)
    assert steps(found) == ["memory"]
    more_usd = month(1e6, 2, 1024) - month(1e6, 2, 512)
    assert found.most.saving_usd == pytest.approx(-more_usd, rel=0.01)
    assert found.sentence.startswith("Set memory to 1,024 MB")
    assert "it has too little" in found.sentence
    assert found.most.sum == "$16.87 a month now, $33.53 then; 2 h of work."


def test_an_agent_whose_calls_need_each_other() -> None:
    """A million runs of twelve calls of 2.5 s, each with what the one before brought; 300 MB peak.

    30 s in 1,024 MB are $500.20, in 360 MB $175.98: $324.22 less. On Arm $140.83, $35.16 less,
    $421.85 a year for $400 of work. Nothing overlaps, and no gateway runs an agent.
    """
    calls = [("wait", 2500)] * 12
    w = Workload.from_steps(calls, requests_per_month=1e6, memory_mb=1024, peak_memory_mb=300)
    found = advised(w, calls=12, in_order=True, sees_answer=False, own_process=False)
    assert steps(found) == ["memory", "arm"]
    saving_usd = month(1e6, 30, 1024) - month(1e6, 30, 360, ARM)
    assert found.most.saving_usd == pytest.approx(saving_usd, rel=0.01)
    assert found.sentence == (
        "Set memory to 360 MB, then build for Arm: $359.38 a month less, six hours. Then stop."
    )
    assert found.most.cannot["overlap"] == "Each call needs what the one before brought."
    assert found.most.cannot["gateway"].startswith("A request makes several calls")


def test_a_stream_that_is_read_along_is_named_as_what_overlaps_nothing() -> None:
    """It waits nine seconds, so that it hardly waits would be a false reason."""
    streams = {"streaming_ms": 9000, "cpu_ms_per_output_token": 0}
    w = Workload(requests_per_month=1e6, memory_mb=1024, peak_memory_mb=300, **streams)
    found = advised(w, calls=4, in_order=False, longest_ms=4000, reads_along=True)
    assert found.most.cannot["overlap"].startswith("A person reads the stream along")


def test_an_agent_whose_calls_are_independent() -> None:
    """The same twelve calls, none of which needs another: all wait while the first does.

    In 360 MB 2.5 s are $14.85 for 30 s' $175.98: $161.13 less, $1,934 a year for 8 h. Arm would
    save $2.93 of what is left, $35 a year for $400: it earned its work only while all waited.
    """
    calls = [("wait", 2500)] * 12
    w = Workload.from_steps(calls, requests_per_month=1e6, memory_mb=1024, peak_memory_mb=300)
    found = advised(w, calls=12, in_order=False, own_process=False)
    assert steps(found) == ["memory", "overlap"]
    assert found.most.total_usd == pytest.approx(month(1e6, 2.5, 360), rel=0.01)
    step_usd = month(1e6, 30, 360) - month(1e6, 2.5, 360)
    assert found.most.steps[-1].step_usd == pytest.approx(step_usd, rel=0.01)
    assert "then start the calls together" in found.sentence


def test_a_chat_that_streams() -> None:
    """Ten million answers of 4.8 s, read as they are written, filtered on the way; 100 MB peak.

    In 1,024 MB they are $802.00, in 128 MB $102.00: $700.00 less for 2 h. Arm is $20 a month, for
    $400 of work: $160 lost in the year. Nothing may stand beside the function. So: stop.
    """
    w = Workload(
        requests_per_month=1e7,
        memory_mb=1024,
        peak_memory_mb=100,
        streaming_ms=4800,
        cpu_ms_per_output_token=0,
    )
    found = advised(w, own_process=False)
    assert steps(found) == ["memory"]
    saving_usd = month(1e7, 4.8, 1024) - month(1e7, 4.8, 128)
    assert found.most.saving_usd == pytest.approx(saving_usd, rel=0.01)
    assert found.sentence == "Set memory to 128 MB: $700.00 a month less, two hours. Then stop."
    assert found.most.first_year_usd == pytest.approx(12 * saving_usd - 200, rel=0.01)


def test_a_nightly_batch() -> None:
    """30 runs a month of ten minutes, at 3,008 MB: 88 cents. No hour of anybody's pays for that."""
    w = Workload(requests_per_month=30, memory_mb=3008, peak_memory_mb=900, wait_ms=600_000)
    found = advised(w, reads_along=False, sees_answer=False, in_order=False)
    assert found.most.start_usd == pytest.approx(month(30, 600, 3008), rel=0.01)
    assert found.sentence == "Leave it as it is: nothing earns its work within a year."
    assert found.saving_usd == (0, 0)


def test_a_front_end_at_vercel() -> None:
    """A site at Vercel asks a function at AWS: fifty million answers of 30 s, so it may move.

    In 128 MB on Arm, 1,500 M s are $2,510 a month: 187.5 M GB-s × $0.0000133334, and $10. A vendor
    that bills CPU alone, and no waiting, is the one change that earns 80 h more: Workers at 30
    cents for each of 40 million requests, and 2 cents for each of 220 million ms of CPU: the plan's
    $5 have the rest in them. The function is gone then: nobody tunes it first, and pays for that.
    """
    w = Workload(
        requests_per_month=5e7, memory_mb=1024, peak_memory_mb=100, cpu_ms=5, wait_ms=30_000
    )
    found = advised(w, own_process=False, other_vendor=True)
    assert steps(found) == ["active-cpu"]
    start_usd, tuned_usd = month(5e7, 30, 1024), month(5e7, 30, 128, ARM)
    workers_usd = 5 + (50 - 10) * 0.30 + (250 - 30) * 0.02
    assert found.most.total_usd == pytest.approx(workers_usd, rel=0.01)
    year_usd = 12 * (start_usd - workers_usd) - 80 * 100
    assert found.most.first_year_usd == pytest.approx(year_usd, rel=0.01)
    # Against the function as it could be tuned it is worth less, and that is said beside it.
    assert found.most.considered[0].step_usd == pytest.approx(tuned_usd - workers_usd, rel=0.01)
    assert found.most.alone == pytest.approx((tuned_usd, 6), rel=0.01)
    assert "Kept and tuned, the function would take $2,51" in str(found)


def test_a_function_resized_in_mid_month() -> None:
    """It went from 3,008 MB to 512 on day 20; the facts are those of now: 512, with a peak of 400.

    A fifth over 400 is 480, and that saves 6 % of $8.53: nothing for 2 h. What was paid at 3,008
    is gone. The run rate is the present one's.
    """
    now = Workload(requests_per_month=1e6, memory_mb=512, peak_memory_mb=400, wait_ms=1000)
    found = advised(now)
    assert steps(found) == []
    assert found.most.start_usd == pytest.approx(month(1e6, 1, 512), rel=0.01)
    assert found.sentence == "Leave it as it is: nothing earns its work within a year."


def test_a_hobby_in_the_free_tier() -> None:
    """10,000 requests of 5 s in 512 MB are 25,000 GB-s of 400,000 free: nothing is paid at all."""
    w = Workload(requests_per_month=1e4, memory_mb=512, peak_memory_mb=90, wait_ms=5000)
    facts = Facts.stated(w, Answers(sees_answer=False, reads_along=False), hour_usd=0)
    found = advise(facts, on=DAY, free_tier=True)
    assert found.most.start_usd == 0
    assert found.sentence == "Leave it as it is: nothing earns its work within a year."


def test_a_voice_bot_with_a_process_of_its_own() -> None:
    """1.5 million calls of three minutes in 2,048 MB, 350 MB of it needed; an hour is $150.

    103.2 are in flight on average and 309.8 at the peak, planned at 70 % of 100 a task: five tasks
    of one vCPU and 2 GB on Arm, 730 hours each, are $144.18. A balancer is $16.43 and 20 cents of
    capacity, seven addresses are $25.55. Tuned alone, at 420 MB on Arm, it would take $1,508.
    """
    w = Workload(
        requests_per_month=1.5e6,
        memory_mb=2048,
        peak_memory_mb=350,
        cpu_ms=900,
        wait_ms=180_000,
    )
    found = advised(w, own_process=True, hour_usd=150)
    assert steps(found) == ["share"]
    shared_usd = 5 * 730 * (0.03238 + 2 * 0.00356) + 730 * 0.0225 + 0.20 + 7 * 730 * 0.005
    assert found.most.total_usd == pytest.approx(shared_usd, rel=0.01)
    year_usd = 12 * (month(1.5e6, 180.9, 2048) - shared_usd) - 80 * 150
    assert found.most.first_year_usd == pytest.approx(year_usd, rel=0.01)
    tuned_usd = month(1.5e6, 180 + 0.9 * 1769 / 420, 420, ARM)
    assert found.most.alone == pytest.approx((tuned_usd, 6), rel=0.01)
    assert found.most.sentence.startswith("Share the wait in one process of your own: ")


def test_an_image_pipeline() -> None:
    """Three million pictures of 1.2 s of CPU and 0.3 s of fetching, in 2,048 MB; 700 MB needed.

    Less memory slows the work: a quarter longer, 1.875 s, is allowed, and that is 1,348 MB. There a
    month is $124.00 for $150.60: $26.60 less, $319 a year for $200. Arm is $24.68, $296 for $400.
    """
    w = Workload(
        requests_per_month=3e6, memory_mb=2048, peak_memory_mb=700, cpu_ms=1200, wait_ms=300
    )
    found = advised(w, reads_along=False, own_process=False)
    assert steps(found) == ["memory"]
    assert found.most.start_usd == pytest.approx(month(3e6, 1.5, 2048), rel=0.01)
    # The CPU's periods move the size a little, and the month by a hundredth.
    assert found.most.total_usd == pytest.approx(month(3e6, 1.875, 1348), rel=0.015)
    assert float(found.most.steps[0].workload.memory_mb) == pytest.approx(1348, rel=0.01)


def test_a_webhook_that_tells_six_others() -> None:
    """Sixty million events, told one after the other: 90 to 400 ms each, 1,340 ms in all.

    In 128 MB they are $183.63 a month, with 4 ms of CPU in two periods more; together they take 400
    ms, $66.13: $117.50 less, $1,410 a year for 8 h at $120. Were all alike they would take 223 ms.
    """
    waits = [("wait", ms) for ms in (120, 180, 250, 300, 90, 400)]
    w = Workload.from_steps(
        [("cpu", 4), *waits], requests_per_month=6e7, memory_mb=256, peak_memory_mb=90
    )
    found = advised(w, calls=6, in_order=False, own_process=False, hour_usd=120)
    assert steps(found) == ["memory", "overlap"]
    taken_ms = float(np.mean(PLATFORM.wall_ms(found.most.steps[-1].workload))) - 400
    assert 4 <= taken_ms <= 60
    then_usd = month(6e7, (400 + taken_ms) / 1000, 128)
    assert found.most.total_usd == pytest.approx(then_usd, rel=0.01)
    assert not any("equally long" in each for each in found.assumed)


def test_a_hundred_functions_of_which_three_matter() -> None:
    """Ninety-seven of 1,000 requests, and three with 10, 5 and 2 million of 5 s in 1,024 MB.

    For 5 s the memory saves 7/8 of 1,024 MB: $72.92 a million requests. Of the largest, $729.17.
    """

    def facts(requests: float) -> Facts:
        sized = {"memory_mb": 1024, "peak_memory_mb": 100, "wait_ms": 5000}
        w = Workload(requests_per_month=requests, **sized)
        return Facts.stated(w, Answers(own_process=False))

    functions = {f"small-{k}": facts(1000) for k in range(97)}
    functions |= {"chat": facts(1e7), "search": facts(5e6), "mail": facts(2e6)}
    order = ranked(functions, on=DAY)
    assert [name for name, _ in order[:3]] == ["chat", "search", "mail"]
    for (_, found), millions in zip(order[:3], (10, 5, 2), strict=True):
        assert steps(found) == ["memory"]
        assert found.most.saving_usd == pytest.approx(millions * 72.92, rel=0.01)
    assert all(steps(found) == [] for _, found in order[3:])


#: Odd functions: what is said of them, the memory that is set (0 for none), and a month less.
ANSWERED = {"reads_along": True, "sees_answer": True, "own_process": False, "other_vendor": False}


@pytest.mark.parametrize(
    ("quantities", "more", "says", "saving_usd"),
    [
        # The largest function, with a peak that needs it: Arm is a fifth of $366.67.
        ({"memory_mb": 10_240, "peak_memory_mb": 9000, "wait_ms": 2200}, {}, "Build for", 73.33),
        # A Node.js chat of three million streams of 6 s, in 512 MB with a peak of 140: 168 serve.
        (
            {"requests_per_month": 3e6, "memory_mb": 512, "peak_memory_mb": 140, "wait_ms": 6000},
            {},
            "Set memory to 168 MB: ",
            3 * (month(1e6, 6, 512) - month(1e6, 6, 168)),
        ),
        # On Arm already, at what its peak needs: nothing is left.
        (
            {"requests_per_month": 5e6, "memory_mb": 256, "peak_memory_mb": 213, "wait_ms": 3000,
             "architecture": "arm64"},
            {},
            "Leave it as it is",
            0,
        ),
        # Two cents a month: not for two hours. For nothing an hour, every cent is worth it.
        ({"requests_per_month": 1e3, "memory_mb": 1024, "peak_memory_mb": 90, "wait_ms": 1200}, {},
         "Leave it as it is", 0),
        ({"requests_per_month": 1e3, "memory_mb": 1024, "peak_memory_mb": 90, "wait_ms": 1200},
         {"hour_usd": 0}, "Set memory to 128 MB, then build for Arm", 0.018),
        # At $500 an hour the memory still pays, and Arm no more.
        ({"requests_per_month": 1e7, "memory_mb": 1024, "peak_memory_mb": 300, "wait_ms": 5000},
         {"hour_usd": 500}, "Set memory to 360 MB: ", month(1e7, 5, 1024) - month(1e7, 5, 360)),
        # At six tenths of the list price: six tenths of what it saves.
        ({"requests_per_month": 1e7, "memory_mb": 1024, "peak_memory_mb": 90, "wait_ms": 5000},
         {"effective_rate": 0.6}, "Set memory to 128 MB: ",
         0.6 * (month(1e7, 5, 1024) - month(1e7, 5, 128))),
        # A peak as large as the memory is no peak that is known: twice as much.
        ({"memory_mb": 512, "peak_memory_mb": 512, "wait_ms": 5000}, {}, "Set memory to 1,024 MB",
         month(1e6, 5, 512) - month(1e6, 5, 1024)),
    ],
)  # fmt: skip
def test_odd_functions(
    quantities: dict[str, Any], more: dict[str, float], says: str, saving_usd: float
) -> None:
    """Each as an outsider would bring it."""
    w = Workload(**{"requests_per_month": 1e6} | quantities)
    found = advise(Facts.stated(w, Answers(**ANSWERED), **more), on=DAY)
    assert found.sentence.startswith(says)
    assert found.most.saving_usd == pytest.approx(saving_usd, rel=0.01, abs=0.001)


@pytest.mark.parametrize(
    ("quantities", "answers", "warning"),
    [
        (
            {"memory_mb": 10_240, "peak_memory_mb": 10_240, "wait_ms": 5000},
            {},
            "No size has enough",
        ),
        ({"memory_mb": 10_240, "wait_ms": 5000}, {"out_of_memory": True}, "No size has enough"),
        ({"memory_mb": 256, "peak_memory_mb": 90, "wait_ms": 1_200_000}, {}, "after 900 s"),
    ],
)
def test_what_no_change_mends_is_said(
    quantities: dict[str, float], answers: dict[str, bool], warning: str
) -> None:
    """More memory than there is, or more time: neither is passed over beside what saves."""
    w = Workload(requests_per_month=1e4, **quantities)
    found = advise(Facts.stated(w, Answers(**ANSWERED | answers)), on=DAY)
    assert warning in found.said[0]
    assert any(warning in one for one in found.to_dict()["most"]["warnings"])
