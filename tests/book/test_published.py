"""What others published: a source and a day each, and what the book computes from it."""

from __future__ import annotations

from datetime import date

import pytest
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.book.published import (
    AGENTS,
    BILLABLE,
    COMPUTES,
    CONNECTIONS,
    DBOS,
    GATEWAY,
    GPT_4_TURBO,
    GPT_4O,
    Published,
)

EVERY = [
    AGENTS,
    BILLABLE,
    COMPUTES,
    CONNECTIONS,
    DBOS,
    GATEWAY,
    GPT_4O,
    GPT_4_TURBO,
]


@pytest.mark.parametrize(
    "figure", EVERY, ids=lambda figure: f"{figure.source} {getattr(figure, 'of', '')}".strip()
)
def test_a_published_figure_has_a_source_and_a_day(figure: Published) -> None:
    """An address that can be looked up, and a day that is not in the future."""
    assert figure.source.startswith("https://")
    assert date(2012, 1, 1) < figure.on <= date.today()  # noqa: DTZ011 - a calendar day


def test_the_gateway_waited_for_all_but_a_thirteenth() -> None:
    """14,800 of 16,000 hours, as the post has it, which calls the rest 8 % of the runtime."""
    assert GATEWAY.waiting_hours == 14_800
    assert round(GATEWAY.cpu_hours / GATEWAY.wall_hours, 3) == 0.075


def test_the_vendor_s_multiple_is_one_of_prices() -> None:
    """Ours of Lambda for its benchmark, over its CPU at $2.50 and a few dollars of requests."""
    lambda_bill = bill(
        "aws-lambda",
        Workload(requests_per_month=10e6, memory_mb=512, cpu_ms=5, wait_ms=4795),
        on=DAY,
    )
    assert lambda_bill.total == pytest.approx(402, abs=0.01)
    assert 2.50 < lambda_bill.total / DBOS.multiple < 10


def test_a_function_that_only_computes_is_cheapest_at_752_mb() -> None:
    """Of the sizes that the book quotes, and dearest at the largest: by 1.9x, of 17 ms of CPU."""
    months = {mb: COMPUTES.month_over(mb, 752) for mb in COMPUTES.billed_ms}
    assert min(months, key=lambda mb: months[mb]) == 752
    assert max(months, key=lambda mb: months[mb]) == 1849
    assert months[1849] == pytest.approx(1.9, abs=0.02)
    assert all(COMPUTES.mean_ms[mb] < COMPUTES.billed_ms[mb] for mb in COMPUTES.mean_ms)
