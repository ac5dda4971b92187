"""What Web Functions would have to cost: meters by hand, and the rates at which nothing changes."""

from __future__ import annotations

import pytest
from workloads import DAY

from serverless_tax import Workload
from serverless_tax.questions.web_functions import web_functions, without_a_price

ARTICLE = Workload.preset("article")


def test_the_meters_by_hand() -> None:
    """Five hundred tokens of measured CPU and the rest, and one environment of 2 GB, all month."""
    found = web_functions(ARTICLE, on=DAY)
    cpu_ms = 500 * 0.1907 + 5.5
    assert found.vcpu_hours == pytest.approx(10e6 * cpu_ms / 3.6e6)
    assert found.gb_hours == pytest.approx(2 * 730, rel=1e-3)
    assert found.requests_usd == pytest.approx(2.00)


def test_at_the_rates_found_it_costs_what_the_tuned_function_does() -> None:
    """With the other rate at Vercel's, 0.128 USD a vCPU-hour and 0.0106 a GB-hour."""
    found = web_functions(ARTICLE, on=DAY)
    at_cpu = found.vcpu_hours * found.vcpu_hour_usd + found.gb_hours * 0.0106
    at_memory = found.vcpu_hours * 0.128 + found.gb_hours * found.gb_hour_usd
    for usd in (at_cpu, at_memory):
        assert usd + found.requests_usd == pytest.approx(found.tuned_usd)
    assert found.month_usd(found.vcpu_hour_usd) == pytest.approx(found.tuned_usd)


def test_others_rates_are_their_sheets_own() -> None:
    """Vercel's by the hour, Cloud Run's by the second."""
    found = web_functions(ARTICLE, on=DAY)
    vercel = 2 + found.vcpu_hours * 0.128 + found.gb_hours * 0.0106
    cloud_run = 2 + found.vcpu_hours * 0.0864 + found.gb_hours * 0.009
    assert found.like_usd == pytest.approx({"vercel-fluid": vercel, "google-cloud-run": cloud_run})
    assert found.to_dict()["tuned_usd"] == found.tuned_usd


def test_their_limits_and_their_fourth_meter_are_read() -> None:
    """A request takes 900 s at most; what leaves is counted in GB, at no price."""
    longest = ARTICLE.replace(cpu_ms=0, wait_ms=0, streaming_ms=900_000, output_tokens=0)
    fits, too_long = (
        web_functions(longest.replace(streaming_ms=900_000 + more), on=DAY) for more in (0, 1)
    )
    assert fits.obstacles == ()
    (why,) = too_long.obstacles
    assert why.startswith("AWS Lambda Web Functions stops a request after 900 s")
    gb = web_functions(ARTICLE.replace(response_bytes=2**20, bytes_per_output_token=0), on=DAY)
    assert gb.transfer_gb == pytest.approx(10e6 / 1024)


@pytest.mark.parametrize(("peak_mb", "fits"), [(2048, True), (2049, False)])
def test_a_peak_above_an_environment_s_memory_is_in_the_way(peak_mb: float, *, fits: bool) -> None:
    """It has 2 GB: a request that takes more is said not to be served, and no price is named."""
    large = ARTICLE.replace(memory_mb=4096, peak_memory_mb=peak_mb)
    assert (web_functions(large, on=DAY).obstacles == ()) is fits
    [said] = without_a_price(large, {"on": DAY})
    assert said.startswith("Lambda Web Functions, for Node, are documented") is fits
