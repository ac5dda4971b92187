"""What was sold and charged on several days, for the same month."""

from __future__ import annotations

import json
from datetime import date

import pytest

from serverless_tax import Workload, bill, eras
from serverless_tax.questions.eras import BEFORE, BETWEEN

ARTICLE = Workload.preset("article")


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
    # 4,850 ms of waits and the CPU on a whole vCPU, which takes 5.5 ms at 1,024 MB.
    gb_s = 1e7 * (4.85 + 0.0055 * 1024 / 1769) * 0.128
    usd = 5 + (gb_s - 400_000) * 12.5 / 1e6 + 9e6 * 0.15 / 1e6
    assert unbound.total == pytest.approx(usd, rel=1e-6)
    assert unbound.waiting > unbound.total / 2
    assert standard.waiting == 0


def test_what_was_not_sold_is_not_there() -> None:
    """No Fluid in 2024, no GB-hours of Vercel's today, and neither in 2022."""
    before, between, today = eras(ARTICLE)
    assert before.of("vercel-fluid") is before.of("vercel-functions") is None
    assert between.of("vercel-functions")
    assert between.of("vercel-fluid") is None
    assert today.of("vercel-fluid")
    assert today.of("vercel-functions") is None
    assert "No longer sold: the last day" in " ".join(bill("vercel-functions", ARTICLE).notes)


def test_a_vendor_is_its_cheapest_that_runs_code() -> None:
    """A proxy without code of yours is in the ranking, and stands for nobody."""
    [today] = eras(ARTICLE, [date(2026, 11, 1)])
    assert today.bills[1].platform == "aws-rest-api-proxy"
    assert today.by_vendor["AWS"].platform == "aws-fargate"
    assert next(iter(today.by_vendor)) == "Cloudflare"
    json.dumps(today.to_dict())
