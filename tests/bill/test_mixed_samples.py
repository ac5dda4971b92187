"""A sample in which requests differ: some have none of what others have, and one may be alone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from serverless_tax import InvalidQuantity, Workload, bill, compare, eras, whole_bill
from serverless_tax.bill.session import BillLine, _cur
from serverless_tax.questions.batching import cut
from serverless_tax.questions.compare import designs
from serverless_tax.questions.sensitivity import TOKEN_SPEED, default_ranges

DAY = date(2026, 11, 1)
#: Two requests: one answers nothing, one 500 tokens.
MIXED: dict[str, Any] = {
    "requests_per_month": 1e6,
    "memory_mb": 1024,
    "cpu_ms": np.array([5.0, 5.0]),
    "wait_ms": np.array([50.0, 50.0]),
    "streaming_ms": np.array([0.0, 4800.0]),
    "output_tokens": np.array([0, 500]),
    "cpu_ms_per_output_token": 0,
}


def test_a_sample_of_one_has_a_bill_of_plain_numbers() -> None:
    """Its quantities are floats, as those of a workload without a sample are."""
    plain = {k: v for k, v in MIXED.items() if k in ("requests_per_month", "memory_mb")}
    one = Workload(**plain, cpu_ms=np.array([5.0]), wait_ms=np.array([1000.0]))
    alone = Workload(**plain, cpu_ms=5.0, wait_ms=1000.0)
    found, wanted = (bill("aws-lambda", w, on=DAY) for w in (one, alone))
    assert found.total == wanted.total
    assert [type(item.quantity) for item in found.items] == [float] * len(found.items)
    assert found.to_dict()["items"] == wanted.to_dict()["items"]


def test_one_long_request_among_short_ones_is_found() -> None:
    """A limit is that of the longest: half of these take longer than fifteen minutes."""
    w = Workload(**MIXED | {"streaming_ms": np.array([0.0, 1e6]), "output_tokens": 500})
    [obstacle] = bill("aws-lambda", w, on=DAY).obstacles
    assert "50.0% of these requests take longer" in obstacle


def test_cold_starts_of_some_requests_need_their_length() -> None:
    """A share that is zero for the first request, and not for the second, is a share."""
    w = Workload(**MIXED | {"cold_start_share": np.array([0.0, 0.5])})
    notes = " ".join(bill("aws-lambda", w, on=DAY).notes)
    assert "cold_start_share is 0.5 and init_ms 0" in notes


@pytest.mark.usefixtures("prices_of_the_day")
def test_tokens_of_some_requests_are_tokens() -> None:
    """Their whole bill is priced, and their speed is a thing to vary."""
    w = Workload(**MIXED)
    [row] = whole_bill(w, ["gpt-4o-mini"], ["aws-lambda"], on=DAY)
    # A million requests of 250 output tokens on average, at 0.60 USD a million.
    assert row.tokens_usd == pytest.approx(250 * 0.60)
    assert TOKEN_SPEED in default_ranges(w)
    without = Workload(**MIXED | {"output_tokens": 0, "streaming_ms": 0.0})
    assert TOKEN_SPEED not in default_ranges(without)
    with pytest.raises(InvalidQuantity, match="has no tokens"):
        whole_bill(without, ["gpt-4o-mini"], ["aws-lambda"], on=DAY)


def test_an_answer_without_a_token_is_not_late() -> None:
    """Nothing is held back, and nothing is divided by no tokens."""
    w = Workload.preset("article", tokens_per_message=10, output_tokens=0, streaming_ms=0)
    assert cut(w).added_delay_ms == 0


def test_by_default_the_designs_of_aws_alone_are_compared() -> None:
    """Other vendors' are, once they are asked for; a month's era can be written down."""
    assert {one.partition("-")[0] for one in designs(on=DAY)} == {"aws"}
    everything = designs(everything=True, on=DAY)
    assert "cloudflare-workers" in everything
    assert set(designs(on=DAY)) < set(everything)
    [era] = eras(Workload.preset("article"), [DAY])
    kept = era.to_dict()
    assert kept["day"] == "2026-11-01"
    assert [one["total"] for one in kept["bills"]] == [billed.total for billed in era.bills]
    assert 811.33 in {round(one["total"], 2) for one in kept["bills"]}
    assert compare(Workload.preset("article"), on=DAY)[0].platform.startswith("aws")


def test_an_hour_of_a_session_ends_an_hour_later() -> None:
    """As in AWS's own report: from the full hour to the next."""
    line = BillLine(
        start=datetime(2026, 11, 30, 23, tzinfo=UTC),
        arn="arn:aws:lambda:us-east-1:000000000000:function:chat",
        usage_type="Lambda-GB-Second",
        dimension="duration_x86_gb_seconds",
        unit="GB-Seconds",
        amount=Decimal(1),
        rate_usd=Decimal("0.0000166667"),
    )
    row = _cur(line)
    start, end = row["identity_time_interval"].split("/")
    assert (start[:13], end[:13]) == ("2026-11-30T23", "2026-12-01T00")
