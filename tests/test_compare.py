"""The tax, by its three definitions, and sweeps in which each element is a month of its own."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workloads import DAY, INIT_BILLED, INIT_FREE, workloads

from serverless_tax import (
    InvalidQuantity,
    UnknownPrice,
    Workload,
    bill,
    sweep,
    tax_multiple,
    tax_share,
    waiting_rate,
)

ARTICLE = Workload.preset("article")


def waiting(**quantities: Any) -> Workload:
    """Return requests that only wait, a second each unless said otherwise."""
    plain = {"requests_per_month": 1e6, "memory_mb": 1024, "wait_ms": 1000}
    return Workload(**(plain | quantities))


@pytest.mark.parametrize(
    ("cpu_ms", "wait_ms", "multiple"),
    [(5.5, 4850, 4856 / 5.5), (10, 0, 1), (10, 10, 2), (9.5, 0, 10 / 9.5), (1, 999, 1000)],
)
def test_the_multiple_is_billed_over_cpu(cpu_ms: float, wait_ms: float, multiple: float) -> None:
    """Billed milliseconds over CPU milliseconds, rounding included."""
    assert tax_multiple(waiting(cpu_ms=cpu_ms, wait_ms=wait_ms)) == pytest.approx(multiple)


def test_the_multiple_of_no_cpu_is_infinite() -> None:
    """Time in which nothing is done cannot be divided by."""
    assert tax_multiple(waiting()) == math.inf


def test_the_multiple_does_not_depend_on_how_many() -> None:
    """One request, ten million or none at all: it is a figure of the request."""
    expected = tax_multiple(ARTICLE)
    for requests in (0, 1, 7, 10e6):
        assert tax_multiple(ARTICLE.replace(requests_per_month=requests)) == expected


def test_the_multiple_falls_with_less_memory() -> None:
    """At 128 MB, 5.5 ms of CPU measured at 1,024 MB take eight times as long: 44 ms."""
    assert tax_multiple(ARTICLE.replace(memory_mb=128)) == pytest.approx(4894 / 44)


def test_the_multiple_of_a_sample_weighs_each_request() -> None:
    """Two requests of 1 and 3 s with a second of CPU between them: 4 s billed over 1 s."""
    sample = waiting(cpu_ms=[0, 1000], wait_ms=[1000, 2000], memory_mb=1769)
    assert tax_multiple(sample) == 4


@pytest.mark.parametrize(
    ("cpu_ms", "wait_ms", "share"), [(1000, 0, 0), (0, 1000, 1), (250, 750, 0.75)]
)
def test_the_share_is_waiting_s_part_of_the_bill(
    cpu_ms: float, wait_ms: float, share: float
) -> None:
    """Compute of $16.6667 splits by CPU; $0.20 of requests are work."""
    w = waiting(cpu_ms=cpu_ms, wait_ms=wait_ms)
    assert tax_share(w, on=DAY) == pytest.approx(share * 16.6667 / 16.8667)


def test_the_share_of_a_bill_of_nothing_is_nothing() -> None:
    """There is no waiting in a free month."""
    assert tax_share(waiting(requests_per_month=0), on=DAY) == 0
    assert tax_share(waiting(requests_per_month=1000), on=DAY, free_tier=True) == 0


@given(workloads())
def test_the_share_is_a_share(w: Workload) -> None:
    """It lies between 0 and 1, and the multiple is never below 1 but for rounding."""
    assert 0 <= tax_share(w, on=DAY) <= 1
    if w.cpu_ms >= 1:
        assert tax_multiple(w) >= 1 - 1e-6


def test_one_more_hour_costs_the_price_of_its_tier() -> None:
    """Beyond 6 billion GB-seconds an hour of 1 GB costs 5.4 cents; the mean is still above."""
    rate = waiting_rate("aws-lambda", waiting(requests_per_month=7e9), on=DAY)
    assert rate.marginal_usd == pytest.approx(3600 * 0.000015, rel=1e-4)
    mean = 3600 * (6e9 * 0.0000166667 + 1e9 * 0.000015) / 7e9
    assert rate.average_usd == pytest.approx(mean)


def test_the_mean_hour_counts_waiting_only() -> None:
    """CPU in the same requests changes what is paid, not the price of an hour of waiting."""
    rate = waiting_rate("aws-lambda", ARTICLE, on=DAY)
    assert rate.average_usd == pytest.approx(3600 * 0.0000166667)
    busy = waiting_rate("aws-lambda", Workload.preset("transcode"), on=DAY)
    assert busy.average_usd == 0
    assert busy.marginal_usd == pytest.approx(3600 * 0.0000166667 * 1769 / 1024, rel=1e-6)


def test_storage_waits_too() -> None:
    """An hour holds 1.5 GB of storage above the free 512 MB as well: 3,600 × 1.5 × $3.09e-8."""
    rate = waiting_rate("aws-lambda", waiting(ephemeral_storage_mb=2048), on=DAY)
    usd = 3600 * (0.0000166667 + 1.5 * 0.0000000309)
    assert rate.marginal_usd == pytest.approx(usd, rel=1e-6)
    assert rate.average_usd == pytest.approx(usd)


def test_no_request_has_no_price_of_waiting() -> None:
    """The message says what is needed; a size that is not on offer is refused as in a bill."""
    with pytest.raises(InvalidQuantity, match=r"^requests_per_month is 0; .*at least one request"):
        waiting_rate("aws-lambda", waiting(requests_per_month=0), on=DAY)
    with pytest.raises(InvalidQuantity, match=r"^memory_mb is 64; AWS Lambda offers 128"):
        waiting_rate("aws-lambda", waiting(memory_mb=64), on=DAY)


@given(
    w=workloads(),
    requests=st.lists(st.integers(0, 10**11), min_size=1, max_size=4),
    on=st.sampled_from([date(2022, 3, 24), INIT_FREE, INIT_BILLED, DAY]),
    free_tier=st.booleans(),
)
def test_an_element_of_a_sweep_is_a_month(
    w: Workload, requests: list[int], on: date, *, free_tier: bool
) -> None:
    """Bit for bit what the sweep of that month alone is, and its bill but for a last digit."""
    curve = sweep("aws-lambda", w.replace(requests_per_month=requests), on=on, free_tier=free_tier)
    for k, each in enumerate(requests):
        month = w.replace(requests_per_month=each)
        alone = sweep("aws-lambda", month, on=on, free_tier=free_tier)
        assert {name: values[k] for name, values in curve.items()} == alone
        priced = bill("aws-lambda", month, on=on, free_tier=free_tier)
        assert alone["total"] == pytest.approx(priced.total, rel=1e-12)
        assert alone["work"] == pytest.approx(priced.work, rel=1e-9)
        assert alone["waiting"] == pytest.approx(priced.waiting, rel=1e-9, abs=1e-12)


def test_a_sweep_over_memory_changes_nothing_else() -> None:
    """128 MB and 1,024 MB of a waiting request cost $2.08 and $16.67, and $0.20 of requests."""
    costs = sweep("aws-lambda", waiting(memory_mb=[128, 1024]), on=DAY)
    assert costs["total"] == pytest.approx([2.0833375 + 0.2, 16.6667 + 0.2])
    assert list(costs["billed_ms"]) == [1e9, 1e9]


def test_a_sweep_has_no_minus_zero() -> None:
    """The ceiling of no time at all is a minus zero, which a table would show."""
    nothing = sweep("aws-lambda", waiting(wait_ms=[0, 1000], requests_per_month=0), on=DAY)
    assert not np.signbit(np.concatenate([np.atleast_1d(v) for v in nothing.values()])).any()


def test_a_sweep_is_refused_like_a_bill() -> None:
    """A size that is not on offer, a region or a day without prices, an unknown platform."""
    with pytest.raises(InvalidQuantity, match=r"^memory_mb is 127; AWS Lambda offers 128"):
        sweep("aws-lambda", waiting(memory_mb=[127, 128]), on=DAY)
    with pytest.raises(UnknownPrice, match="'mars'"):
        sweep("aws-lambda", waiting(), on=DAY, region="mars")
    with pytest.raises(UnknownPrice, match=r"'Duration, Arm' on 2021-09-28: it starts on"):
        sweep("aws-lambda", waiting(architecture="arm64"), on=date(2021, 9, 28))
    with pytest.raises(InvalidQuantity, match="no platform 'x'"):
        sweep("x", waiting())
