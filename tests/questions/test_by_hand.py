"""Every figure that a question prints, worked by hand on requests that are easy to reckon with."""

from __future__ import annotations

from datetime import date

import pytest
from workloads import DAY

from serverless_tax import (
    Facts,
    Workload,
    advise,
    batching,
    break_even,
    by_speed,
    compare,
    history,
    sensitivity,
    sweep,
    tax_multiple,
    tax_share,
    waiting_rate,
)

#: Three million requests of 1 GB that wait for a second: 3 M GB-s at $0.0000166667, and $0.60.
WAITS = Workload(requests_per_month=3_000_000, memory_mb=1024, wait_ms=1000)
#: A whole vCPU for a quarter of a second, and waiting for three.
WORKS = Workload(requests_per_month=1_000_000, memory_mb=1769, cpu_ms=250, wait_ms=750)
#: A hundred tokens in ten seconds.
STREAMS = Workload(
    requests_per_month=1_000_000,
    memory_mb=1024,
    streaming_ms=10_000,
    output_tokens=100,
    cpu_ms_per_output_token=0,
)
#: 365 requests of an hour, six minutes of it CPU: one in flight for half of the month.
HOURS = Workload(requests_per_month=365, memory_mb=1769, cpu_ms=360_000, wait_ms=3_240_000)


def test_compare() -> None:
    """50.6001 alone; three million calls at $1.00 and at $3.50 a million before it."""
    doors = ("aws-lambda+aws-rest-api", "aws-lambda", "aws-lambda+aws-http-api")
    ranked = compare(WAITS, doors, on=DAY, path=())
    assert [month.title for month in ranked] == [doors[1], doors[2], doors[0]]
    assert [month.total for month in ranked] == pytest.approx([50.6001, 53.6001, 61.1001])


def test_the_multiple_and_the_share_of_the_tax() -> None:
    """A second billed for a quarter worked; 21.59428 of 28.79237 for the time, and $0.20 more."""
    assert tax_multiple(WORKS) == pytest.approx(4)
    assert tax_share(WORKS, on=DAY) == pytest.approx(21.594281 / 28.992375, abs=1e-6)
    assert tax_share(WAITS, on=DAY) == pytest.approx(50.0001 / 50.6001)


def test_an_hour_of_waiting_in_a_function() -> None:
    """3,600 s of 1 GB at $0.0000166667, one hour more and the mean hour alike."""
    rate = waiting_rate("aws-lambda", WAITS, on=DAY)
    assert (rate.marginal_usd, rate.average_usd) == pytest.approx((0.06000012, 0.06000012))


def test_an_hour_of_waiting_in_a_process() -> None:
    """Two tasks cost $72.0802, of which 2.5 % is work: 70.2782 for the 328.5 hours waited.

    One hour more finds room in them.
    """
    rate = waiting_rate("aws-fargate", HOURS, on=DAY)
    assert rate.average_usd == pytest.approx(70.278195 / 328.5)
    assert rate.marginal_usd == pytest.approx(0, abs=1e-9)


def test_where_a_function_and_two_tasks_cost_the_same() -> None:
    """72.0802 over 0.0000168667 a request are 4,273,521.7 requests; two tasks carry them."""
    found = break_even("aws-lambda", "aws-fargate", WAITS, on=DAY, path=(), high=1e7)
    [crossing] = found.crossings
    assert crossing.at == 4_273_522
    assert (crossing.cheaper_below, crossing.cheaper_from_here) == ("aws-lambda", "aws-fargate")
    assert (found.a_usd[0], found.b_usd[0]) == pytest.approx((0.0168667, 72.0802))


def test_batches_of_ten_tokens() -> None:
    """Ten messages out and one in: 11 M at $1.00; ten seconds are 166,667 minutes at $0.25 a M.

    The first of ten tokens waits for nine more, 100 ms each. The function bills 10 M GB-s:
    166.667, and 0.20. Ten million posts in 730 hours are 3.805 a second, and three times that at
    the peak.
    """
    [row] = batching(STREAMS, [10], on=DAY)
    assert row.messages == 10
    assert row.front_door_usd == pytest.approx(11 + 0.0416667)
    assert row.total_usd == pytest.approx(11.0416667 + 166.667 + 0.20)
    assert (row.added_delay_ms, row.mean_delay_ms) == pytest.approx((900, 450))
    rates = (row.calls_per_second_mean, row.calls_per_second_peak)
    assert rates == pytest.approx((3.805175, 11.415525), abs=1e-6)


def test_speeds_of_the_model() -> None:
    """100 tokens at 10 and at 100 a second: ten seconds and one, 166.867 and 16.8667."""
    rows = by_speed(STREAMS, ["aws-lambda"], speeds=(10, 100), on=DAY, path=())
    assert rows == {"aws-lambda": pytest.approx([166.867, 16.8667])}


def test_how_far_a_bill_moves() -> None:
    """Half a second and two instead of one: 25.00005, 50.0001 and 100.0002 beside $0.60."""
    [row] = sensitivity(WAITS, ranges={"wait_ms": (500, 2000)}, on=DAY)
    bills = (row.low_usd, row.base_usd, row.high_usd)
    assert bills == pytest.approx((25.60005, 50.6001, 100.6002))
    assert row.swing_usd == pytest.approx(75.00015)
    shares = (row.low_share, row.base_share, row.high_share)
    assert shares == pytest.approx((0.976562, 0.988142, 0.994036), abs=1e-6)


def test_a_sweep_over_memory() -> None:
    """An eighth of a gigabyte and a whole one: 6.2500125 and 50.0001, with $0.60 each."""
    found = sweep("aws-lambda", WAITS.replace(memory_mb=[128, 1024]), on=DAY)
    assert list(found["total"]) == pytest.approx([6.8500125, 50.6001])
    assert list(found["waiting"]) == pytest.approx([6.2500125, 50.0001])
    assert list(found["work"]) == pytest.approx([0.60, 0.60])


def test_the_same_month_before_init_was_billed_and_since() -> None:
    """A tenth start cold for two seconds at 1 GB: 600,000 GB-s, 10.00002 more."""
    cold = WAITS.replace(init_ms=2000, cold_start_share=0.1)
    days = [date(2025, 7, 31), date(2025, 8, 1)]
    assert [m.total for m in history("aws-lambda", cold, days)] == pytest.approx(
        [50.6001, 60.60012]
    )


#: What is told of a function that runs on Lambda alone, and makes one call.
ON_LAMBDA = {
    **dict.fromkeys(("in_order", "own_process", "other_vendor"), False),
    "reads_along": True,
    "sees_answer": True,
    "calls": 1,
}


def test_a_first_year_that_is_the_same_whatever_is_unknown_is_no_range() -> None:
    """Arm takes a fifth of 31 s in 1 GB, work or not; were it work, 1,769 MB would be quicker."""
    takes = {"requests_per_month": 910_869, "memory_mb": 1024, "peak_memory_mb": 860}
    found = advise(Facts.of(takes, took_ms=31_007, **ON_LAMBDA), on=DAY)
    assert found.sentence.startswith("Build for Arm in any case, four hours. Then find out")
    assert found.sentence.endswith(" same in any case; how soon an answer comes is not.")
    assert found.least.what_to_do.endswith("four hours. Then stop.")
    assert "For about the same bill, 1,769 MB answer after" in found.most.what_to_do


def test_what_may_pay_from_some_number_on_is_no_point() -> None:
    """20 s in 128 MB on Arm are $33.53 a million, a gateway's $3.50: 24 h pay from 6.66 million."""
    month = {"memory_mb": 128, "wait_ms": 20_000, "cpu_ms": 0, "peak_memory_mb": 60}
    answers = ON_LAMBDA | {"sees_answer": None}
    found = advise(Facts.of(month | {"architecture": "arm64"}, **answers), on=DAY)
    assert (found.ask, found.pays_from) == ("requests_per_month", 6_660_000)


def test_what_pays_in_a_month_need_not_in_one_of_cheaper_seconds() -> None:
    """21 s in 128 MB on Arm are $35.00 a million; suspended, $32 of steps and a trace of time.

    The $2.16 less pay for 40 h from 155 million on. Of a million million requests a second costs a
    fifth less, and the steps do not: nothing pays there.
    """
    month = {"memory_mb": 128, "wait_ms": 21_000, "cpu_ms": 0, "peak_memory_mb": 60}
    answers = ON_LAMBDA | {"reads_along": False}
    found = advise(Facts.of(month | {"architecture": "arm64"}, **answers), on=DAY)
    assert found.pays_from == 155_000_000
    most = {"architecture": "arm64", "requests_per_month": 1e12}
    assert advise(Facts.of(month | most, **answers), on=DAY).steps == []
