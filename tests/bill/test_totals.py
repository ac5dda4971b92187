"""A month's dollars alone are those of its bill, at every size at once too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.bill import totals
from serverless_tax.bill.totals import Pricer
from serverless_tax.prices.overrides import Rates

DESIGNS = ("aws-lambda", "aws-lambda-durable", "aws-fargate", "aws-rest-api-proxy", "vercel-fluid")
DRAWN = np.random.default_rng(24)
SAMPLE = Workload(
    requests_per_month=3e6,
    memory_mb=1024,
    wait_ms=DRAWN.uniform(0, 9000, 50).round(),
    cpu_ms=DRAWN.uniform(0, 900, 50),
    init_ms=700,
    cold_start_share=[0.02],
    peak_memory_mb=300,
)
#: Ways to ask for a bill.
WAYS: list[dict[str, Any]] = [
    {},
    {"free_tier": True, "region": "us-east-1"},
    {"used_up": True, "model": "gpt-4o-mini"},
    {"rates": Rates(name="ours", source="a test", rates={"aws-lambda.*": {"discount": 0.17}})},
]


@pytest.mark.parametrize("way", WAYS)
def test_the_sums_are_the_bills(way: dict[str, Any]) -> None:
    """Each design's total and its split, for one request and for a sample."""
    way = {"on": DAY, "path": "needed"} | way
    pricer = Pricer(**way)
    for w in (SAMPLE, Workload.preset("article")):
        for name in DESIGNS:
            billed, sums = bill(name, w, **way), pricer.totals(name, w)
            for part in sums._fields:
                assert getattr(sums, part) == pytest.approx(getattr(billed, part), rel=1e-12)


@pytest.mark.parametrize("block", [10, 120, 131_072])
def test_sizes_at_once_are_sizes_one_by_one(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """Whether a sample's sizes fit into one go, into several, or not even one of them."""
    monkeypatch.setattr(totals, "BLOCK", block)
    sizes = np.array([128.0, 777, 1769, 10_240])
    found = Pricer(on=DAY, path="needed").usd_by_memory("aws-lambda", SAMPLE, sizes)
    each = [bill("aws-lambda", SAMPLE.replace(memory_mb=mb), on=DAY).total for mb in sizes]
    assert found == pytest.approx(each, rel=1e-12)
