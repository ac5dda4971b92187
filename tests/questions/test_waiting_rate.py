"""The price of an hour of waiting, on every design."""

from __future__ import annotations

import pytest
from workloads import DAY

from serverless_tax import InvalidQuantity, WaitingRate, Workload, bill, waiting_rate
from serverless_tax.prices.overrides import Rates
from serverless_tax.questions.compare import designs

ARTICLE = Workload.preset("article")

#: Hours the article's requests wait in a month: 10 M × (4,856 - 5.5) ms.
HOURS = 1e7 * (4856 - 5.5) / 3_600_000


def rate(design: str, w: Workload = ARTICLE) -> WaitingRate:
    """Return the rate with the parts of the path the design needs."""
    return waiting_rate(design, w, on=DAY, path="needed")


@pytest.mark.parametrize("design", designs())
def test_every_design_has_a_rate(design: str) -> None:
    """Neither is ever negative: an hour more of waiting does not make a month cheaper."""
    found = rate(design)
    assert found.marginal_usd >= 0
    assert found.average_usd >= 0


@pytest.mark.parametrize("design", ["aws-lambda", "aws-fargate", "aws-ec2"])
def test_the_mean_hour_is_what_is_paid_for_waiting_and_idling(design: str) -> None:
    """Over the 13,474 hours that the article's requests wait; processes do not round them up."""
    month = bill(design, ARTICLE, on=DAY, path="needed")
    expected = (month.waiting + month.idle) / HOURS
    assert rate(design).average_usd == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize(("memory_mb", "usd"), [(128, 0.0075), (1024, 0.06), (1769, 0.10365)])
def test_an_hour_of_a_function_costs_its_memory(memory_mb: float, usd: float) -> None:
    """$0.06 for a gigabyte on x86, and a fifth less on Arm."""
    w = ARTICLE.replace(memory_mb=memory_mb)
    assert rate("aws-lambda", w).marginal_usd == pytest.approx(usd, rel=1e-4)
    arm = rate("aws-lambda", w.replace(architecture="arm64"))
    assert arm.marginal_usd == pytest.approx(0.8 * usd, rel=1e-4)


def test_an_hour_more_is_free_where_a_process_has_room() -> None:
    """Two tasks run anyway: one more wait among the 18.5 costs no task, the mean wait does."""
    shared = rate("aws-fargate")
    assert shared.marginal_usd == pytest.approx(0, abs=1e-9)
    assert 0.005 < shared.average_usd < 0.01


def test_an_hour_more_can_cost_a_whole_task() -> None:
    """At the very edge of what two tasks carry, the next hour of waiting needs a third."""
    w = ARTICLE.replace(peak_to_mean=1, target_utilisation=1)
    fits_ms = (
        2 * 100 * 730 * 3_600_000 / w.requests_per_month
    )  # two tasks of 100 streams, all month
    edge = w.replace(streaming_ms=0, cpu_ms=0, wait_ms=fits_ms)
    assert rate("aws-fargate", edge.replace(wait_ms=fits_ms - 1)).marginal_usd < 1
    assert rate("aws-fargate", edge).marginal_usd > 30


def test_idle_capacity_is_part_of_the_mean_hour() -> None:
    """A hundredth of the requests on the same two tasks: an hour is dearer, and mostly idle."""
    few = ARTICLE.replace(requests_per_month=1e5)
    month = bill("aws-fargate", few, on=DAY, path="needed")
    assert month.idle > month.waiting
    waited = HOURS / 100
    expected = (month.waiting + month.idle) / waited
    assert rate("aws-fargate", few).average_usd == pytest.approx(expected, rel=2e-4)


def test_a_proxy_without_a_function_waits_for_nothing() -> None:
    """Neither an hour more nor the mean one costs anything."""
    assert rate("aws-rest-api-proxy") == WaitingRate(marginal_usd=0, average_usd=0)


def test_a_door_that_bills_minutes_adds_them() -> None:
    """A WebSocket's hour is 60 minutes at $0.25 a million on top of the function's."""
    door, plain = rate("aws-lambda+aws-websocket"), rate("aws-lambda")
    assert door.marginal_usd - plain.marginal_usd == pytest.approx(60 * 0.25e-6, rel=1e-3)
    assert rate("aws-lambda+aws-http-api").marginal_usd == pytest.approx(plain.marginal_usd)


def test_a_kept_environment_makes_an_hour_cheaper_and_the_mean_dearer() -> None:
    """Duration on it is $0.035 an hour of 1 GB; a third of it used, the mean is above $0.06."""
    kept = rate("aws-lambda-provisioned")
    assert kept.marginal_usd == pytest.approx(0.0000097222 * 3600, rel=1e-4)
    assert kept.average_usd > 0.06


def test_a_sample_waits_like_its_mean() -> None:
    """Waits of 1 s and 3 s are two of 2 s to a vendor that bills time."""
    one = Workload(requests_per_month=1e6, memory_mb=512, wait_ms=2000)
    assert rate("aws-lambda", one.replace(wait_ms=[1000, 3000])).average_usd == pytest.approx(
        rate("aws-lambda", one).average_usd
    )


def test_your_own_rates_are_those_of_the_hour() -> None:
    """A discount of 17 % on duration is one on waiting."""
    saved = {"aws-lambda.duration_x86_gb_seconds": {"discount": 0.17}}
    yours = Rates(name="a Savings Plan", source="mine.toml", rates=saved)
    found = waiting_rate("aws-lambda", ARTICLE, on=DAY, rates=yours)
    assert found.marginal_usd == pytest.approx(0.83 * 0.06, rel=1e-5)
    assert found.average_usd == pytest.approx(0.83 * 0.06, rel=1e-5)


def test_the_rates_are_plain_values() -> None:
    """Ready for JSON, under the names of the fields."""
    found = rate("aws-lambda")
    assert found.to_dict() == {
        "marginal_usd": found.marginal_usd,
        "average_usd": found.average_usd,
    }


def test_a_day_has_its_own_rate_and_a_month_needs_requests() -> None:
    """An unknown design is refused as in a bill, and so is a month in which nothing waits."""
    with pytest.raises(InvalidQuantity, match="did you mean 'aws-fargate'"):
        rate("aws-fargat")
    with pytest.raises(InvalidQuantity, match=r"^requests_per_month is 0; .*at least one request"):
        rate("aws-fargate", ARTICLE.replace(requests_per_month=0))
