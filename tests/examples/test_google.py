"""Months on Google Cloud Run. Its page prints no example with a total: these are worked by hand.

Source: https://cloud.google.com/run/pricing, tier 1 regions.
"""

from __future__ import annotations

from datetime import date

import pytest

from serverless_tax import InvalidQuantity, Workload, bill

DAY = date(2026, 11, 1)
ALONE = {"memory_mb": 1769, "requests_per_instance": 1, "instance_memory_mb": 512}


@pytest.mark.parametrize(("wait_ms", "billed_s"), [(1, 0.1), (100, 0.1), (101, 0.2), (2000, 2.0)])
def test_time_is_rounded_up_to_a_tenth_of_a_second(wait_ms: float, billed_s: float) -> None:
    """Each request on its own, where none shares its instance."""
    w = Workload(requests_per_month=1e6, wait_ms=wait_ms, **ALONE)
    by = {item.dimension: item.quantity for item in bill("google-cloud-run", w, on=DAY).items}
    assert by["cloud_run_vcpu_seconds"] == pytest.approx(billed_s * 1e6)
    assert by["cloud_run_gib_seconds"] == pytest.approx(billed_s * 0.5 * 1e6)


def test_ten_million_requests_of_a_fifth_of_a_second() -> None:
    """After the free tier: 1.82 M vCPU-s, 640,000 GiB-s and 8 M requests, 48.48 USD in all."""
    w = Workload(requests_per_month=10e6, wait_ms=200, **ALONE)
    usd = 1_820_000 * 0.000024 + 640_000 * 0.0000025 + 8 * 0.40
    month = bill("google-cloud-run", w, on=DAY, free_tier=True)
    assert round(month.total, 2) == round(usd, 2) == 48.48


def test_by_instance_a_month_of_one_is_2628000_seconds() -> None:
    """1 vCPU and half a GiB all month: 47.30 + 2.63 USD, and nothing for requests."""
    always = Workload(
        requests_per_month=20_000, memory_mb=1769, wait_ms=60_000, instance_memory_mb=512
    )
    month = bill("google-cloud-run-instance", always, on=DAY)
    assert month.total == pytest.approx(2_628_000 * (0.000018 + 0.5 * 0.000002), rel=0.01)
    assert month.idle > month.total / 2


def test_less_than_a_vcpu_serves_one_request_at_a_time() -> None:
    """So it bills as if each were alone, and more at a time are refused."""
    half = Workload(
        requests_per_month=1e6,
        memory_mb=1769,
        wait_ms=1000,
        instance_vcpu=0.5,
        instance_memory_mb=1024,
    )
    alone = bill("google-cloud-run", half.replace(requests_per_instance=1), on=DAY)
    assert bill("google-cloud-run", half, on=DAY).total == alone.total
    assert alone.total == pytest.approx(1e6 * (0.5 * 0.000024 + 0.0000025) + 0.40)
    said = "1 request may share an instance (requests_per_instance: 1 by default, at most 1)"
    assert said in " ".join(alone.notes)
    with pytest.raises(InvalidQuantity, match="takes one request at a time"):
        bill("google-cloud-run", half.replace(requests_per_instance=80), on=DAY)
    with pytest.raises(InvalidQuantity, match=r"instance_vcpu is 0.5; .* offers 1 to 8"):
        bill("google-cloud-run-instance", half, on=DAY)


@pytest.mark.parametrize(("vcpu", "room"), [(1, 80), (2, 160), (8, 640)])
def test_each_vcpu_takes_eighty_requests(vcpu: float, room: int) -> None:
    """Unless it is set; as gcloud and Terraform deploy.

    Source: https://docs.cloud.google.com/run/docs/about-concurrency
    """
    w = Workload(
        requests_per_month=1e7,
        memory_mb=1769,
        wait_ms=5000,
        instance_vcpu=vcpu,
        instance_memory_mb=4096,
    )
    for name in ("google-cloud-run", "google-cloud-run-instance"):
        month = bill(name, w, on=DAY)
        assert f"{room} requests may share an instance" in " ".join(month.notes)
        assert month.total == bill(name, w.replace(requests_per_instance=room), on=DAY).total


@pytest.mark.parametrize(
    ("vcpu", "memory_mb", "says"),
    [
        (0.1, 16_384, "with 0.1 vCPU Google Cloud Run offers 128 to 512 MB"),
        (0.5, 2048, "with 0.5 vCPU Google Cloud Run offers 128 to 1,024 MB"),
        (7.3, 8192, "instance_vcpu is 7.3; Google Cloud Run offers less than 1, or 1, 2, 4, 6, 8"),
        (1, 8192, "with 1 vCPU Google Cloud Run offers 128 to 4,096 MB"),
        (4, 1024, "with 4 vCPU Google Cloud Run offers 2,048 to 16,384 MB"),
    ],
)
def test_sizes_go_together(vcpu: float, memory_mb: float, says: str) -> None:
    """As the table of the vendor's page has them.

    Source: https://cloud.google.com/run/docs/configuring/services/cpu
    """
    w = Workload(
        requests_per_month=1, memory_mb=128, instance_vcpu=vcpu, instance_memory_mb=memory_mb
    )
    with pytest.raises(InvalidQuantity, match=says):
        bill("google-cloud-run", w, on=DAY)


def test_instances_at_a_minimum_bill_the_idle_rate() -> None:
    """Two of 1 vCPU and half a GiB, a month without a request: a tenth of the active rate."""
    idle = Workload(
        requests_per_month=0, memory_mb=128, minimum_instances=2, instance_memory_mb=512
    )
    month = bill("google-cloud-run", idle, on=DAY)
    assert month.total == pytest.approx(2 * 2_628_000 * (1 + 0.5) * 0.0000025)
    assert month.idle == month.total
    of_31_days = bill("google-cloud-run", idle.replace(hours_per_month=744), on=DAY)
    assert of_31_days.total == pytest.approx(month.total * 744 / 730)


def test_what_is_free_is_money_for_idle_seconds_too() -> None:
    """One instance at the minimum, 1 vCPU and half a GiB for 30 days: 6.48 and 3.24 USD less it.

    What 180,000 active vCPU-seconds and 360,000 GiB-seconds cost is taken off: 4.32 and 0.90 USD.
    Source: ``monthlyMinInstanceCost`` of
    https://github.com/firebase/firebase-tools/blob/master/src/deploy/functions/pricing.ts
    """
    idle = Workload(
        requests_per_month=0,
        memory_mb=128,
        minimum_instances=1,
        instance_memory_mb=512,
        hours_per_month=720,
    )
    month = bill("google-cloud-run", idle, on=DAY, free_tier=True)
    assert month.total == pytest.approx(6.48 - 4.32 + 3.24 - 0.90)
    # A request makes idle seconds active ones, which is never cheaper.
    busier = idle.replace(requests_per_month=1000, wait_ms=10_000)
    assert bill("google-cloud-run", busier, on=DAY, free_tier=True).total > month.total
