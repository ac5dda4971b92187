"""What a request pays for an instance that it shares, on every platform that has such."""

from __future__ import annotations

import math
from datetime import date

import pytest

from serverless_tax import Workload, bill, platforms
from serverless_tax.ground.units import InvalidQuantity

DAY = date(2026, 11, 1)
SHARED = [p.id for p in platforms().values() if p.shares]
#: A month of hours in which 100 requests are in flight on average.
HOURS = Workload(requests_per_month=73_000, memory_mb=1769, wait_ms=3_600_000)


def gib_hours(name: str, w: Workload) -> float:
    """Return the hours of instances that a month bills, as their memory's line says."""
    dimension, unit = MEMORY[name]
    lines = bill(name, w, on=DAY).items
    return sum(line.quantity for line in lines if line.dimension == dimension) * unit


#: The line that bills an instance's memory, and its unit in hours of the default instance.
MEMORY = {
    "google-cloud-run": ("cloud_run_gib_seconds", 1 / 2 / 3600),
    "google-cloud-run-instance": ("cloud_run_instance_gib_seconds", 1 / 2 / 3600),
    "vercel-fluid": ("vercel_fluid_gb_hours", 1 / 2),
    "azure-functions-flex": ("azure_flex_gb_seconds", 1 / 2 / 3600),
    "azure-container-apps": ("container_apps_gib_seconds", 1 / 2 / 3600),
    "cloudflare-containers": ("cloudflare_containers_gib_seconds", 1 / 6 / 3600),
}


@pytest.mark.parametrize("name", sorted(MEMORY))
def test_alone_each_request_pays_for_all_of_its_hour(name: str) -> None:
    """73,000 hours of waiting are 73,000 hours of instances, with nothing kept beyond."""
    alone = HOURS.replace(requests_per_instance=1, keep_alive_ms=1e-9)
    assert gib_hours(name, alone) == pytest.approx(73_000, rel=1e-3)


@pytest.mark.parametrize("name", sorted(MEMORY))
def test_ten_to_an_instance_pay_for_a_tenth_and_at_most_an_instance_more(name: str) -> None:
    """A hundred in flight, ten to each: ten instances, and what does not fill one."""
    ten = HOURS.replace(requests_per_instance=10, keep_alive_ms=1e-9)
    assert 7300 <= gib_hours(name, ten) <= 7300 + 730


@pytest.mark.parametrize("name", ["google-cloud-run", "vercel-fluid", "azure-functions-flex"])
def test_one_instance_for_all_is_billed_while_anybody_is_there(name: str) -> None:
    """With one request in flight on average, nobody is there for 1/e of the month."""
    w = HOURS.replace(requests_per_month=730, requests_per_instance=500)
    assert gib_hours(name, w) == pytest.approx(730 * (1 - math.exp(-1)), rel=1e-3)


@pytest.mark.parametrize("name", SHARED)
def test_a_bill_says_how_many_share(name: str) -> None:
    """The platform's own number, and the reader's instead of it."""
    default = platforms()[name].shares
    assert default is not None
    plain = " ".join(bill(name, HOURS, on=DAY).notes)
    moved = " ".join(bill(name, HOURS.replace(requests_per_instance=7), on=DAY).notes)
    assert f"{default[0]:g} request" in plain
    assert "7 requests may share an instance" in moved


@pytest.mark.parametrize("name", SHARED)
def test_the_more_share_the_less_it_costs(name: str) -> None:
    """Never more with more of them to an instance, and less from one to ten."""
    totals = [
        bill(name, HOURS.replace(requests_per_instance=n), on=DAY).total for n in (1, 2, 10, 100)
    ]
    assert totals == sorted(totals, reverse=True)
    assert totals[2] < totals[0]


@pytest.mark.parametrize("name", ["google-cloud-run", "vercel-fluid"])
def test_cpu_limits_how_many_can_share(name: str) -> None:
    """Requests that work for half of their time do not fit on one vCPU by the eighty."""
    busy = HOURS.replace(cpu_ms=1_800_000, wait_ms=1_800_000, requests_per_instance=80)
    hours = gib_hours(name, busy)
    assert hours >= 73_000 / 2 / busy.target_utilisation


@pytest.mark.parametrize("name", ["azure-container-apps", "google-cloud-run-instance"])
def test_what_is_kept_between_rare_requests_is_idle(name: str) -> None:
    """Ten requests of a second, hours apart, and a minute after each: ten minutes of idling."""
    month = bill(
        name, HOURS.replace(requests_per_month=10, wait_ms=1000, keep_alive_ms=60_000), on=DAY
    )
    memory, unit = MEMORY[name]
    kept = next(item for item in month.items if item.dimension == memory)
    assert kept.quantity * unit * 3600 == pytest.approx(610, rel=1e-3)
    split = kept.idle / kept.cost if kept.cost else 600 / 610
    assert split == pytest.approx(600 / 610, rel=1e-3)


def test_a_size_that_is_not_offered_is_refused() -> None:
    """In a sentence with the size and what there is."""
    with pytest.raises(InvalidQuantity, match="instance_vcpu is 64; Google Cloud Run offers"):
        bill("google-cloud-run", HOURS.replace(instance_vcpu=64), on=DAY)
