"""One workload on several days: its price then, and what was sold."""

from __future__ import annotations

import json
from datetime import date

import pytest

from serverless_tax import UnknownPrice, Workload, bill, eras, history, tax_multiple
from serverless_tax.platforms import platform
from serverless_tax.questions.days import BEFORE, BETWEEN, with_one_cpu

ARTICLE = Workload.preset("article")
COLD = Workload.preset("article", init_ms="1s", cold_start_share=0.01)


def test_init_costs_money_from_august_2025_on() -> None:
    """100,000 cold starts of a second at 1 GB are 100,000 GB-seconds: $1.67 from one day on."""
    before, after = history("aws-lambda", COLD)
    assert (before.on, after.on) == (date(2025, 7, 31), date(2025, 8, 1))
    assert after.total - before.total == pytest.approx(100_000 * 0.0000166667)


def test_without_cold_starts_that_day_changes_nothing() -> None:
    """The bill of a warm month is the same on both."""
    before, after = history("aws-lambda", COLD.replace(cold_start_share=0))
    assert before.total == after.total


def test_the_tax_multiple_has_a_date_too() -> None:
    """With a second of INIT: 5,856 ms over 1,005.5 once billed, 4,856 over 5.5 before."""
    cold = COLD.replace(cold_start_share=1)
    assert tax_multiple(cold, on=date(2025, 7, 31)) == pytest.approx(4856 / 5.5)
    assert tax_multiple(cold, on=date(2025, 8, 1)) == pytest.approx(5856 / 1005.5)
    assert tax_multiple(cold) == tax_multiple(cold, on=date(2026, 11, 1))


def test_days_come_back_in_the_order_given() -> None:
    """Latest first, if that is what is asked for, with the keywords of a bill."""
    days = [date(2026, 11, 1), date(2022, 8, 5)]
    months = history("aws-lambda", COLD, days, free_tier=True)
    assert [month.on for month in months] == days
    assert all(month.free_tier for month in months)


def test_a_day_before_the_first_price_is_refused() -> None:
    """It must not come out as a month that was free."""
    with pytest.raises(UnknownPrice, match="2019-01-01"):
        history("aws-lambda", COLD, [date(2026, 11, 1), date(2019, 1, 1)])


def test_by_default_they_are_2022_2024_and_today() -> None:
    """Each priced as of its day, cheapest first, whatever the vendor."""
    found = eras(ARTICLE)
    assert (
        [era.day for era in found[:2]] == [BEFORE, BETWEEN] == [date(2022, 7, 1), date(2024, 7, 1)]
    )
    assert found[2].day >= date(2026, 11, 24)
    for era in found:
        servable = [month.total for month in era.bills if not month.obstacles]
        assert servable == sorted(servable)
        assert {month.on for month in era.bills} == {era.day}


def test_an_era_is_plain_values() -> None:
    """Its day, and every bill of it."""
    [era] = eras(ARTICLE, [BEFORE])
    plain = json.loads(json.dumps(era.to_dict()))
    assert plain["day"] == "2022-07-01"
    assert [month["total"] for month in plain["bills"]] == [month.total for month in era.bills]


def test_lambda_billed_the_wait_alike_in_all_of_them() -> None:
    """Its price of a GB-second on x86 did not move in those years."""
    found = eras(ARTICLE, [BEFORE, BETWEEN, date(2026, 11, 1)])
    assert {round(era.of("aws-lambda").total, 2) for era in found} == {811.33}  # type: ignore[union-attr]


def test_cloudflare_stopped_billing_the_wait() -> None:
    """Unbound billed 4.86 s at 128 MB for each: 12.50 USD a million GB-s beyond 400,000."""
    before, between = eras(ARTICLE, [BEFORE, BETWEEN])
    unbound, standard = before.of("cloudflare-workers"), between.of("cloudflare-workers")
    assert unbound is not None
    assert standard is not None
    # 4,850 ms of waits and 5.5 ms of CPU on a whole vCPU.
    gb_s = 1e7 * (4.85 + 0.0055) * 128 / 1024  # as in Cloudflare's own example
    usd = 5 + (gb_s - 400_000) * 12.5 / 1e6 + 9e6 * 0.15 / 1e6
    assert unbound.total == pytest.approx(usd, rel=1e-6)
    assert unbound.waiting > unbound.total / 2
    assert standard.waiting == 0


def test_a_vendor_s_price_of_a_day_is_its_cheapest_product_of_that_day() -> None:
    """In 2022 Cloudflare sold Bundled beside Unbound: ten million requests in the plan, 5 USD."""
    before, between = eras(ARTICLE, [BEFORE, BETWEEN])
    assert before.by_vendor["Cloudflare"].platform == "cloudflare-workers-bundled"
    assert before.by_vendor["Cloudflare"].total == pytest.approx(5.00)
    assert between.of("cloudflare-workers-bundled") is None
    # A request with more than 50 ms of CPU could not have it.
    [heavy] = eras(ARTICLE.replace(cpu_ms=120), [BEFORE])
    assert heavy.by_vendor["Cloudflare"].platform != "cloudflare-workers-bundled"


@pytest.mark.parametrize(
    ("said", "served"),
    [
        ({}, True),  # nothing is said of a token's CPU: no day's price has any
        ({"metered_cpu_ms_per_token": 0.1907}, False),  # what the lab measured, and it is said
        ({"metered_cpu_ms_per_token": 0.08}, True),
        ({"metered_cpu_ms_per_token": 0.09}, False),  # 45 ms and the request's 5.5
        ({"cpu_ms_per_output_token": 0.09}, False),
        ({"cpu_ms_per_output_token": 0.09, "metered_cpu_ms_per_token": 0.01}, True),
        ({"metered_cpu_ms_per_token": 0.01, "cpu_ms": 46}, False),
        ({"peak_memory_mb": 128}, True),
        ({"peak_memory_mb": 129}, False),
    ],
)
def test_bundled_serves_no_request_of_more_than_it_gave(
    said: dict[str, float],
    served: bool,  # noqa: FBT001
) -> None:
    """50 ms of CPU, a token's as it is said to be metered, and 128 MB."""
    [before] = eras(ARTICLE.replace(**said), [BEFORE])
    of_it = before.of("cloudflare-workers-bundled")
    assert of_it is not None
    assert bool(of_it.obstacles) is not served
    assert (before.by_vendor.get("Cloudflare") == of_it) is served
    assert not [n for n in of_it.notes if n.startswith("metered") and not served]


def test_what_was_not_sold_is_not_there() -> None:
    """No Fluid in 2024, no GB-hours of Vercel's today, and neither in 2022."""
    before, between, today = eras(ARTICLE)
    assert before.of("vercel-fluid") is before.of("vercel-functions") is None
    assert between.of("vercel-functions")
    assert between.of("vercel-fluid") is None
    assert today.of("vercel-fluid")
    assert today.of("vercel-functions") is None
    assert "No longer sold: the last day" in " ".join(bill("vercel-functions", ARTICLE).notes)


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(2019, 1, 6)])
def test_a_day_before_all_prices_names_the_first_that_has_one(day: date) -> None:
    """Not that of whichever platform is asked first; on the named day there is an era."""
    with pytest.raises(UnknownPrice, match=r"aws-fargate .*: the sheet starts on 2019-01-07") as no:
        eras(ARTICLE, [day])
    assert no.value.since
    assert eras(ARTICLE, [no.value.since])[0].of("aws-fargate")


def test_what_was_not_there_yet_is_priced_with_a_sentence_and_not_ranked() -> None:
    """Objects hibernate since August 2023, at the prices of 2021; function URLs are of 2022."""
    asleep = "cloudflare-durable-objects-hibernating"
    early, last, first = eras(ARTICLE, [date(2022, 3, 15), date(2023, 8, 3), date(2023, 8, 4)])
    assert early.of(asleep) is last.of(asleep) is None
    assert first.of(asleep)
    assert early.of("cloudflare-durable-objects")
    said = f"Not sold yet: the first day to choose {platform(asleep).name} was 2023-08-04."
    assert said in bill(asleep, ARTICLE, on=last.day).notes
    assert said not in bill(asleep, ARTICLE, on=first.day).notes
    urls = [bill("aws-lambda+aws-function-url", ARTICLE, on=date(2022, 4, day)) for day in (5, 6)]
    assert ["URL was 2022-04-06." in " ".join(one.notes) for one in urls] == [True, False]
    # What is no longer sold was, on its last day.
    days = [date(2024, 2, 29), date(2024, 3, 1)]
    sold = history("cloudflare-workers-bundled", ARTICLE, days)
    assert ["No longer sold" in " ".join(one.notes) for one in sold] == [False, True]


def test_a_vendor_is_its_cheapest_that_runs_code() -> None:
    """A proxy without code of yours is in the ranking, and stands for nobody."""
    [today] = eras(ARTICLE, [date(2026, 11, 1)])
    ranked = [one.platform for one in today.bills]
    assert ranked.index("aws-rest-api-proxy") < ranked.index("aws-fargate")
    assert today.by_vendor["AWS"].platform == "aws-fargate"
    assert next(iter(today.by_vendor)) == "Cloudflare"
    json.dumps(today.to_dict())


@pytest.mark.parametrize(
    ("cpu_ms", "sold"), [(49, "cloudflare-workers-bundled"), (51, "cloudflare-workers")]
)
def test_one_that_could_not_serve_the_request_is_not_a_vendor_s_price(
    cpu_ms: float, sold: str
) -> None:
    """Bundled ended a request after 50 ms of CPU; Unbound went on, at its price."""
    w = Workload(requests_per_month=10e6, memory_mb=1769, cpu_ms=cpu_ms, wait_ms=4800)
    [era] = eras(w, [BEFORE])
    assert era.by_vendor["Cloudflare"].platform == sold


def test_beyond_the_plan_a_million_requests_cost_half_a_dollar() -> None:
    """Bundled: thirty million are twenty beyond the ten in the plan.

    Source: https://developers.cloudflare.com/workers/platform/pricing/, as of 2021-08-09.
    """
    [era] = eras(ARTICLE.replace(requests_per_month=30e6), [BEFORE])
    month = era.of("cloudflare-workers-bundled")
    assert month is not None
    assert month.total == pytest.approx(5 + 20 * 0.50)
    assert month.waiting == 0


def test_days_are_compared_with_one_cpu_for_a_token() -> None:
    """Bundled ended what the usual client takes, so the two days are $5.00 and $5.50, or more."""
    days = [BEFORE, date(2026, 11, 1)]
    found = {
        ms: [era.by_vendor["Cloudflare"] for era in some]
        for ms, some in with_one_cpu(ARTICLE, days).items()
    }
    assert {ms: [round(one.total, 2) for one in some] for ms, some in found.items()} == {
        0.0: [5.0, 5.5],
        0.1907: [77.22, 24.57],
    }
    assert found[0.1907][0].platform == "cloudflare-workers"
    assert [era.by_vendor["Cloudflare"] for era in eras(ARTICLE, days)] == found[0.0]


@pytest.mark.parametrize("said", ["metered_cpu_ms_per_token", "cpu_ms_per_output_token"])
@pytest.mark.parametrize("ms", [0, 0.1, 0.1907])
def test_what_is_said_of_a_token_counts_as_said(said: str, ms: float) -> None:
    """Also where it is what the lab measured: that is billed on each day, and nothing beside it."""
    own = ARTICLE.replace(**{said: ms})
    days = [BEFORE, date(2026, 11, 1)]
    assert with_one_cpu(own, days) == {}
    before, today = (era.by_vendor["Cloudflare"] for era in eras(own, days))
    assert (before.platform == "cloudflare-workers-bundled") is (500 * ms + 5.5 <= 50)
    assert today.total == pytest.approx(5 + (1e7 * (500 * ms + 5.5) - 30e6) * 0.02e-6, abs=0.01)
