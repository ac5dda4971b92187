"""The price sheet is dated, sourced data, and says so when it cannot answer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from workloads import DAY, INIT_BILLED, INIT_FREE

from serverless_tax import InvalidQuantity, UnknownPrice, Workload, bill
from serverless_tax.prices import (
    STALE_AFTER_DAYS,
    billing_day,
    price_sheet,
    regions,
    sheet_ids,
    stale,
)

SHEET = price_sheet("aws-lambda")


def test_the_prices_of_lambda() -> None:
    """The figures stand as on the vendor's price list, in the sheet's own units.

    Source: https://aws.amazon.com/lambda/pricing/ and the price list for us-east-1.
    """
    tiers = {name: price.tiers for name, price in SHEET.on(DAY).items()}
    x86 = ((0, 0.0000166667), (6e9, 0.000015), (15e9, 0.0000133334))
    arm = ((0, 0.0000133334), (7.5e9, 0.0000120001), (18.75e9, 0.0000106667))
    assert tiers == {
        "requests": ((0, 0.0000002),),
        "duration_x86_gb_seconds": x86,
        "duration_arm_gb_seconds": arm,
        "init_x86_gb_seconds": x86,
        "init_arm_gb_seconds": arm,
        "ephemeral_storage_gb_seconds": ((0, 0.0000000309),),
    }


def test_the_free_allowances_of_lambda() -> None:
    """A million requests and 400,000 GB-seconds a month, and nothing else."""
    free = {name: price.free_per_month for name, price in SHEET.on(DAY).items()}
    assert {name: amount for name, amount in free.items() if amount} == {
        "requests": 1_000_000,
        "duration_x86_gb_seconds": 400_000,
        "duration_arm_gb_seconds": 400_000,
        "init_x86_gb_seconds": 400_000,
        "init_arm_gb_seconds": 400_000,
    }


def test_every_row_says_where_it_is_from() -> None:
    """A price has a page, the day it was seen and how sure we are of it."""
    for row in SHEET.rows:
        assert row.source.startswith("https://"), row
        assert row.effective_from <= row.seen, row
        assert row.confidence in {"seen", "two-sources"}, row


def test_every_row_is_a_price_or_charged_as_another() -> None:
    """Tiers start at nothing and rise; their prices fall and are never negative."""
    names = {row.dimension for row in SHEET.rows}
    for row in SHEET.rows:
        assert bool(row.tiers) is (row.charged_as is None), row
        assert row.charged_as is None or row.charged_as in names, row
        if row.tiers:
            assert row.tiers[0][0] == 0, row
            assert all(low[0] < high[0] for low, high in pairwise(row.tiers)), row
            assert all(low[1] > high[1] >= 0 for low, high in pairwise(row.tiers)), row
            assert row.tiers[0][1] >= 0, row


def test_changes_are_appended_in_order_of_date() -> None:
    """The rows of a dimension follow each other in time, one for a day."""
    for name in {row.dimension for row in SHEET.rows}:
        days = [row.effective_from for row in SHEET.rows if row.dimension == name]
        assert days == sorted(set(days)), name


@pytest.mark.parametrize(("day", "tiers"), [(date(2022, 8, 4), 1), (date(2022, 8, 5), 3), (DAY, 3)])
def test_a_price_holds_from_its_day_on(day: date, tiers: int) -> None:
    """Tiers came on 2022-08-05: one price the day before, three from then on."""
    assert len(SHEET.on(day)["duration_x86_gb_seconds"].tiers) == tiers


def test_init_is_charged_as_duration_since_august_2025() -> None:
    """The day before it costs nothing; from 2025-08-01 it shares duration's tiers."""
    assert SHEET.on(INIT_FREE)["init_x86_gb_seconds"].tiers == ((0, 0),)
    billed = SHEET.on(INIT_BILLED)
    assert billed["init_x86_gb_seconds"].tiers == billed["duration_x86_gb_seconds"].tiers


def test_a_day_before_the_sheet_is_unknown() -> None:
    """The first day has prices, the day before names the first."""
    assert SHEET.on(date(2020, 12, 1))
    with pytest.raises(UnknownPrice, match=r"for 2020-11-30: the sheet starts on 2020-12-01; ask"):
        SHEET.on(date(2020, 11, 30))


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"architecture": "arm64"}, date(2021, 9, 29)),
        ({"ephemeral_storage_mb": 513}, date(2022, 3, 24)),
    ],
)
def test_what_was_not_on_offer_yet_is_not_free(changes: dict[str, object], first: date) -> None:
    """Arm and larger storage have a first day; the day before is an error, not a zero."""
    w = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=1000).replace(**changes)
    assert bill("aws-lambda", w, on=first).total > 0
    with pytest.raises(UnknownPrice, match=rf"it starts on {first}; ask for that day"):
        bill("aws-lambda", w, on=first - timedelta(days=1))


REGIONS = ("us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1", "ap-southeast-2")


def test_a_region_that_is_not_shipped_is_unknown() -> None:
    """The message names the region asked for, those there are, and what reads it."""
    there = "'us-east-1', 'ap-northeast-1', .*'us-west-2'; serverless-tax prices refresh"
    with pytest.raises(UnknownPrice, match=f"the region 'eu-west-9', only for {there}"):
        price_sheet("aws-lambda", "eu-west-9")


def test_a_region_of_what_no_list_has_is_looked_up_by_hand() -> None:
    """No command is named that would not help."""
    with pytest.raises(UnknownPrice, match=r"; look them up, and put aws-ec2\.eu-west-1"):
        price_sheet("aws-ec2", "eu-west-1")


@pytest.mark.parametrize("region", REGIONS)
def test_what_a_region_has_is_dated_and_sourced(region: str) -> None:
    """Every sheet of it, and Lambda with all that is charged at home."""
    for sheet in sheet_ids():
        if region in regions(sheet):
            there = price_sheet(sheet, region)
            assert there.region == region
            for row in there.rows:
                assert row.source.startswith("https://"), row
                assert row.effective_from <= row.seen, row
    assert set(price_sheet("aws-lambda", region).on(DAY)) == set(SHEET.on(DAY))


def test_the_prices_of_ireland() -> None:
    """As on the price list of that region, and in Frankfurt, Tokyo and Sydney for a few.

    Source: https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonApiGateway/current/eu-west-1/index.json
    of 2026-09-21, and the same of AmazonECS, AWSLambda and AmazonCloudWatch.
    """
    http = price_sheet("aws-http-api", "eu-west-1").on(DAY)["http_api_requests"]
    assert http.tiers == ((0, 0.00000111), (300_000_000, 0.000001))
    assert price_sheet("aws-lambda", "eu-west-1").on(DAY)["duration_arm_gb_seconds"].tiers == (
        (0, 0.0000133334),
        (7.5e9, 0.0000120001),
        (18.75e9, 0.0000106667),
    )
    assert price_sheet("aws-logs", "eu-west-1").on(DAY)["logs_gb"].tiers == ((0, 0.57),)
    vcpu = [
        price_sheet("aws-fargate", region).on(DAY)["fargate_x86_vcpu_hours"].tiers[0][1]
        for region in ("eu-central-1", "ap-northeast-1", "ap-southeast-2")
    ]
    assert vcpu == [0.04656, 0.05056, 0.04856]


def test_what_a_region_has_no_price_of_is_not_free() -> None:
    """CloudWatch's sheet there has no Athena; what uses it is refused, and what does not is not."""
    sheet = price_sheet("aws-logs", "eu-west-1")
    assert sheet.priced({"logs_gb": 1}, DAY)
    with pytest.raises(UnknownPrice, match="no aws-logs price for 'Data scanned by a query of Ath"):
        sheet.priced({"athena_scanned_tb": 1}, DAY)


def test_each_vendor_has_a_region() -> None:
    """Named by the vendor, each bill is of that region; those not named stay at home."""
    asked = "aws=eu-west-1, vercel=fra1"
    w = Workload.preset("article")
    found = [bill(p, w, on=DAY, region=asked).region for p in ("aws-lambda", "vercel-fluid")]
    assert found == ["eu-west-1", "fra1"]
    assert bill("aws-lambda", w, on=DAY, region="vercel=fra1").region == "us-east-1"
    assert bill("google-cloud-run", w, on=DAY, region=asked).region == "us-central1"


@pytest.mark.parametrize(
    ("region", "says"),
    [
        ("vercel=xx1", "'xx1', only for 'iad1', 'arn1', 'bom1', 'cdg1'"),
        ("awz=eu-west-1", "names 'awz', which is no vendor here; there are aws, azure"),
        ("aws=", "region is 'aws='; write one a vendor, such as"),
    ],
)
def test_a_region_of_a_vendor_is_refused_in_a_sentence(region: str, says: str) -> None:
    """One that is not shipped, a vendor that is none, and what cannot be read."""
    with pytest.raises((UnknownPrice, InvalidQuantity), match=says):
        bill("vercel-fluid", Workload.preset("article"), on=DAY, region=region)


def test_vercel_in_sao_paulo() -> None:
    """A million requests of 4 s of CPU in 10 s of an instance of 4 GB, 449.49 USD by hand.

    Source: https://vercel.com/docs/functions/usage-and-pricing, the table of its regions.
    """
    w = Workload(
        requests_per_month=1e6,
        memory_mb=1769,
        cpu_ms=4000,
        wait_ms=6000,
        instance_vcpu=2,
        instance_memory_mb=4096,
        requests_per_instance=1,
    )
    by_hand = 4e6 / 3600 * 0.221 + 4 * 10e6 / 3600 * 0.0183 + 0.60
    assert bill("vercel-fluid", w, on=DAY, region="gru1").total == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("region", "usd", "by_instance_usd"),
    [
        ("europe-west1", 182 * 0.24 + 64 * 0.025 + 3.20, 176 * 0.18 + 55 * 0.02),
        # What is free is a sum of money: 4.32 and 0.90 USD, 4.32 and 0.90 by instance.
        (
            "europe-west3",
            200 * 0.336 + 100 * 0.035 - 4.32 - 0.90 + 3.20,
            200 * 0.216 + 100 * 0.024 - 4.32 - 0.90,
        ),
    ],
)
def test_cloud_run_in_both_tiers(region: str, usd: float, by_instance_usd: float) -> None:
    """Ten million requests of a fifth of a second, on 1 vCPU and half a GiB, by hand.

    Source: https://cloud.google.com/run/pricing; what is free is a discount at tier 1's prices.
    """
    w = Workload(
        requests_per_month=10e6,
        memory_mb=1769,
        wait_ms=200,
        requests_per_instance=1,
        instance_memory_mb=512,
        keep_alive_ms=0,
    )
    when = {"on": DAY, "region": f"google={region}", "free_tier": True}
    assert bill("google-cloud-run", w, **when).total == pytest.approx(usd)
    assert bill("google-cloud-run-instance", w, **when).total == pytest.approx(by_instance_usd)


def test_a_platform_without_a_sheet_is_unknown() -> None:
    """The message says where the platforms are listed."""
    with pytest.raises(UnknownPrice, match=r"no price sheet for 'abacus'; .*platforms\(\) lists"):
        price_sheet("abacus")


def test_an_unknown_price_is_a_mistake_of_the_caller() -> None:
    """It can be caught as a ValueError, like every other mistake in what was asked."""
    assert issubclass(UnknownPrice, ValueError)
    assert issubclass(InvalidQuantity, ValueError)


def test_a_price_not_looked_at_for_long_says_so() -> None:
    """After 180 days there is a sentence with the day and the page; on the 180th there is none."""
    price = SHEET.on(DAY)["requests"]
    last = price.seen + timedelta(days=STALE_AFTER_DAYS)
    assert stale(price, last) is None
    assert stale(price, last + timedelta(days=1)) == (
        f"Requests: price last seen {price.seen}, 181 days ago;"
        " see https://aws.amazon.com/lambda/pricing/"
    )


def test_a_billing_day_is_a_date() -> None:
    """Today by default; the day of a moment; anything else is refused with an example."""
    assert billing_day() >= DAY
    assert billing_day(DAY) == DAY
    assert billing_day(datetime(2026, 11, 1, 23, 59, tzinfo=UTC)) == DAY
    for wrong in ("2026-11-01", 20261101):
        with pytest.raises(InvalidQuantity, match=r"^on is .*; expected a date, such as"):
            billing_day(wrong)
