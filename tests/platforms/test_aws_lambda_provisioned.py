"""Provisioned concurrency: paid for as long as kept, and taking no more than it has room for."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill, tax_multiple

#: At 1,024 MB a GB-second is a second, so that the quantities below are seconds.
HOUR = 3600.0


def month(**quantities: Any) -> Bill:
    """Return the bill of 1,000 requests of a second at 1,024 MB, unless said otherwise."""
    one = {"requests_per_month": 1000, "memory_mb": 1024, "wait_ms": 1000}
    return bill("aws-lambda-provisioned", Workload(**(one | quantities)), on=DAY)


def metered(priced: Bill) -> dict[str, float]:
    """Return the quantities on the bill that are not nothing."""
    return {item.dimension: item.quantity for item in priced.items if item.quantity}


@pytest.mark.parametrize(
    ("hours", "billed"),
    [(0, 0), (1e-6, 1 / 12), (1 / 12, 1 / 12), (0.0834, 1 / 6), (1.1, 14 / 12), (8, 8)],
)
def test_time_is_rounded_up_to_five_minutes(hours: float, billed: float) -> None:
    """A started five minutes is billed, and nothing is not."""
    kept = metered(month(provisioned_concurrency=10, provisioned_hours=hours))
    seconds = kept.get("provisioned_x86_gb_seconds", 0.0)
    assert seconds == pytest.approx(10 * billed * HOUR)


@pytest.mark.parametrize(("architecture", "chip"), [("x86_64", "x86"), ("arm64", "arm")])
def test_each_architecture_has_its_own_lines(architecture: str, chip: str) -> None:
    """Environments and duration on them are lines of one architecture, and no line of the other."""
    lines = metered(month(provisioned_concurrency=1, architecture=architecture))
    assert lines == {
        "provisioned_requests": 1000,
        f"provisioned_{chip}_gb_seconds": 730 * HOUR,
        f"provisioned_duration_{chip}_gb_seconds": pytest.approx(1000),
    }


@pytest.mark.parametrize(("peak_to_mean", "kept"), [(1, 1), (1.001, 2), (3, 3), (3.5, 4), (20, 20)])
def test_the_peak_decides_how_many_are_kept(peak_to_mean: float, kept: int) -> None:
    """One request in flight on average, all month, and so many environments at its peak."""
    steady = month(requests_per_month=730 * HOUR, peak_to_mean=peak_to_mean)
    assert metered(steady)["provisioned_x86_gb_seconds"] == pytest.approx(kept * 730 * HOUR)


@pytest.mark.parametrize("wait_ms", [0, 1e-3])
def test_one_is_kept_for_the_shortest_requests(wait_ms: float) -> None:
    """Those of no length meet it too: none of them pays for a cold start."""
    short = metered(month(wait_ms=wait_ms, init_ms=2000, cold_start_share=1))
    assert short["provisioned_x86_gb_seconds"] == pytest.approx(730 * HOUR)
    assert "init_x86_gb_seconds" not in short
    assert short["provisioned_requests"] == 1000


def test_requests_all_come_in_the_hours_in_which_they_are_kept() -> None:
    """A mean of one in flight over the month is one of ten in a tenth of its hours."""
    lines = metered(month(requests_per_month=730 * HOUR, peak_to_mean=1, provisioned_hours=73))
    assert lines["provisioned_x86_gb_seconds"] == pytest.approx(10 * 73 * HOUR)
    assert "duration_x86_gb_seconds" not in lines


def test_what_finds_no_environment_ready_runs_on_demand() -> None:
    """One environment has room for an hour of an hour: of two, the second is on demand."""
    lines = metered(
        month(
            requests_per_month=2 * HOUR,
            provisioned_concurrency=1,
            provisioned_hours=1,
            init_ms=500,
            cold_start_share=0.1,
        )
    )
    assert lines["provisioned_duration_x86_gb_seconds"] == pytest.approx(HOUR)
    assert lines["duration_x86_gb_seconds"] == pytest.approx(HOUR)
    assert lines["init_x86_gb_seconds"] == pytest.approx(HOUR * 0.5 * 0.1)
    assert lines["requests"] == lines["provisioned_requests"] == pytest.approx(HOUR)


def test_init_is_in_the_time_that_is_kept() -> None:
    """Whoever meets an environment pays no INIT; with a share of 0.75 a quarter of them do."""
    cold = {"provisioned_concurrency": 5, "init_ms": 1000, "cold_start_share": 1}
    assert metered(month(**cold)) == metered(month(provisioned_concurrency=5))
    lines = metered(month(**cold, provisioned_share=0.75))
    assert lines["init_x86_gb_seconds"] == pytest.approx(250)


def test_none_kept_is_a_function_on_demand() -> None:
    """With no hours, or for no request, the bill is that of plain Lambda."""
    w = Workload.preset("article")
    plain = bill("aws-lambda", w, on=DAY)
    for none in ({"provisioned_hours": 0}, {"provisioned_share": 0}):
        priced = bill("aws-lambda-provisioned", w.replace(**none), on=DAY)
        assert priced.total == pytest.approx(plain.total)
        assert priced.waiting == pytest.approx(plain.waiting)


def test_an_environment_that_nobody_uses_is_idle() -> None:
    """Half of an hour in use and waiting: work none, half waiting, half idle, of what is kept."""
    half = month(
        requests_per_month=HOUR / 2, provisioned_concurrency=1, provisioned_hours=1, cpu_ms=0
    )
    kept = next(i for i in half.items if i.dimension == "provisioned_x86_gb_seconds")
    assert kept.work == 0
    assert kept.waiting == pytest.approx(kept.cost / 2)
    assert kept.idle == pytest.approx(kept.cost / 2)


def test_it_is_cheaper_than_on_demand_above_sixty_per_cent_of_its_time() -> None:
    """41.667 kept and 97.222 in use are as much as 166.667 on demand at 60 %.

    Worked by hand from the three prices: 41,667 / (166,667 - 97,222) = 0.60.
    """
    for used, cheaper in ((0.59, False), (0.61, True)):
        requests = used * 730 * HOUR
        kept = month(requests_per_month=requests, provisioned_concurrency=1)
        plain = bill(
            "aws-lambda",
            Workload(requests_per_month=requests, memory_mb=1024, wait_ms=1000),
            on=DAY,
        )
        assert (kept.total < plain.total) is cheaper


def test_the_tax_does_not_change_with_where_a_request_runs() -> None:
    """Billed over CPU time is the same, kept ready or not."""
    w = Workload.preset("article")
    assert tax_multiple(w, "aws-lambda-provisioned") == pytest.approx(tax_multiple(w))


def test_a_night_without_traffic_makes_the_day_fuller() -> None:
    """A mean of one in flight is one of two in half of the hours; two are kept, at night too."""
    lines = metered(month(requests_per_month=730 * HOUR, peak_to_mean=1, busy_hours_a_day=12))
    assert lines["provisioned_x86_gb_seconds"] == pytest.approx(2 * 730 * HOUR)


def test_an_environment_is_kept_whole() -> None:
    """One and a half are two."""
    lines = metered(month(provisioned_concurrency=1.5))
    assert lines["provisioned_x86_gb_seconds"] == pytest.approx(2 * 730 * HOUR)


def test_storage_is_billed_wherever_a_request_runs() -> None:
    """A gigabyte over the free 512 MB, for a second of each of 1,000 requests."""
    lines = metered(month(provisioned_concurrency=1, ephemeral_storage_mb=1536))
    assert lines["ephemeral_storage_gb_seconds"] == pytest.approx(1000)


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
@pytest.mark.parametrize("step", ["cpu_ms", "wait_ms"])
def test_half_of_what_is_kept_is_used(architecture: str, step: str) -> None:
    """Half an hour of an hour is work if the CPU works and waiting if not; the rest is idle."""
    priced = month(
        **{"requests_per_month": HOUR / 2, "measured_at_mb": 1024, "wait_ms": 0, step: 1000},
        provisioned_concurrency=1,
        provisioned_hours=1,
        architecture=architecture,
    )
    kept, duration = (i for i in priced.items if i.unit == "GB-second")
    is_work = step == "cpu_ms"
    assert kept.idle == pytest.approx(kept.cost / 2)
    assert (kept.work if is_work else kept.waiting) == pytest.approx(kept.cost / 2)
    assert (duration.work if is_work else duration.waiting) == pytest.approx(duration.cost)
