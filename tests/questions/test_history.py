"""One workload under the prices of several days."""

from __future__ import annotations

from datetime import date

import pytest

from serverless_tax import UnknownPrice, Workload, history, tax_multiple

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
