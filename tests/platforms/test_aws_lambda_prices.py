"""The prices of Lambda's other ways of running a function stand as the vendor prints them."""

from __future__ import annotations

import pytest
from workloads import DAY

from serverless_tax.prices import price_sheet

#: Source: https://aws.amazon.com/lambda/pricing/ and the price list for us-east-1.
PRICES = {
    "aws-lambda-streaming": {"streamed_gb": 0.008},
    "aws-lambda-provisioned": {
        "provisioned_requests": 0.0000002,
        "provisioned_x86_gb_seconds": 0.0000041667,
        "provisioned_arm_gb_seconds": 0.0000033334,
        "provisioned_duration_x86_gb_seconds": 0.0000097222,
        "provisioned_duration_arm_gb_seconds": 0.0000077778,
    },
    "aws-lambda-snapstart": {
        "snapstart_cache_gb_seconds": 0.0000015046,
        "snapstart_restored_gb": 0.0001397998,
    },
    "aws-lambda-managed-instances": {
        "managed_requests": 0.0000002,
        "managed_m7g_xlarge_hours": 0.1632,
        "managed_fee_hours": 0.02448,
    },
    "aws-lambda-durable": {
        "durable_operations": 0.000008,
        "durable_written_gb": 0.25,
        "durable_retained_gb_months": 0.15,
    },
}


@pytest.mark.parametrize("sheet", PRICES)
def test_the_prices_of_a_sheet(sheet: str) -> None:
    """One tier each, and of them only streaming has something free: 100 GB a month."""
    prices = price_sheet(sheet).on(DAY)
    assert {name: price.tiers for name, price in prices.items()} == {
        name: ((0, usd),) for name, usd in PRICES[sheet].items()
    }
    free = {name: price.free_per_month for name, price in prices.items() if price.free_per_month}
    assert free == ({"streamed_gb": 100} if sheet == "aws-lambda-streaming" else {})


def test_a_price_stands_once() -> None:
    """No dimension of these is on Lambda's own sheet, or on two of them."""
    sheets = [{row.dimension for row in price_sheet(name).rows} for name in ("aws-lambda", *PRICES)]
    assert len(set().union(*sheets)) == sum(map(len, sheets))
