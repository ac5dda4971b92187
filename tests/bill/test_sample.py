"""A sample of requests bills as the sum of its requests, each rounded on its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampled import at_most
from workloads import DAY, quantities

from serverless_tax import InvalidQuantity, Workload, bill, tax_multiple, waiting_rate
from serverless_tax.bill.design import design
from serverless_tax.bill.month import BLOCK, month_usage

LAMBDA = design("aws-lambda")
MONTH = 1_000_000.0
DRAWN = {name: drawn for name, drawn in quantities().items() if name != "requests_per_month"}


@st.composite
def samples(draw: st.DrawFn) -> dict[str, Any]:
    """Draw quantities of which any may be one number or one for each of two to five requests."""
    n = draw(st.integers(2, 5))
    either = {
        name: st.one_of(drawn, st.lists(drawn, min_size=n, max_size=n))
        for name, drawn in DRAWN.items()
    }
    return draw(st.fixed_dictionaries(either))


def request(values: dict[str, Any], k: int, weight: float) -> Workload:
    """Return the k-th request of a sample alone."""
    own = {name: v[k] if isinstance(v, list) else v for name, v in values.items()}
    return Workload(requests_per_month=weight, **own)


@given(samples())
def test_a_sample_is_the_sum_of_its_requests(values: dict[str, Any]) -> None:
    """Every dimension comes to what the requests come to, priced one by one and added up."""
    sample = Workload(requests_per_month=MONTH, **values)
    n = sample.sample_size
    used = month_usage(LAMBDA, sample)
    each = [month_usage(LAMBDA, request(values, k, MONTH / n)) for k in range(n)]
    assert used.keys() == each[0].keys()
    for name, quantity in used.items():
        assert quantity == pytest.approx(sum(one[name] for one in each), rel=1e-9, abs=1e-9)


def test_products_are_summed_not_means_multiplied() -> None:
    """10 s at 128 MB and 1 s at 1,024 MB are 1.125 GB-seconds a request, not 0.5625 × 5.5."""
    sample = Workload(requests_per_month=1_000_000, memory_mb=[128, 1024], wait_ms=[10_000, 1000])
    duration = bill("aws-lambda", sample, on=DAY).items[1]
    assert duration.quantity == 1_125_000


def test_each_request_is_rounded_on_its_own() -> None:
    """Two requests of 0.1 and 0.2 ms bill two milliseconds, though together they take 0.3."""
    sample = Workload(requests_per_month=2, memory_mb=1024, wait_ms=[0.1, 0.2])
    assert month_usage(LAMBDA, sample)["billed_ms"] == 2


def test_tiers_apply_to_the_month_not_to_a_request() -> None:
    """Half the requests short, half long: the total of 9 billion GB-seconds meets tier two."""
    sample = Workload(requests_per_month=9e8, memory_mb=1024, wait_ms=[5000, 15_000])
    duration = bill("aws-lambda", sample, on=DAY).items[1:]
    assert [item.quantity for item in duration] == [6e9, 3e9]


@pytest.mark.parametrize("n", [2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1])
def test_a_sample_of_equal_requests_bills_as_one(n: int) -> None:
    """However many blocks it fills, and be the last block a single request."""
    article = Workload.preset("article", cold_start_share=0.01, init_ms=500)
    alike = article.replace(wait_ms=np.full(n, 50))
    used, expected = month_usage(LAMBDA, alike), month_usage(LAMBDA, article)
    for name, quantity in expected.items():
        assert used[name] == pytest.approx(quantity, rel=1e-12)


def test_a_sample_in_which_only_memory_differs() -> None:
    """A length that is one number is rounded once and weighed by each request's memory."""
    n = BLOCK + 1
    memory = np.full(n, 1024.0)
    memory[-1] = 2048
    used = month_usage(LAMBDA, Workload(requests_per_month=n, memory_mb=memory, wait_ms=1000))
    assert used["duration_x86_gb_seconds"] == pytest.approx(n + 1)
    assert used["requests"] == n


def test_a_sample_in_which_only_storage_differs() -> None:
    """A length that is one number for all is weighed by each request's storage."""
    sample = Workload(
        requests_per_month=200, memory_mb=1024, wait_ms=1000, ephemeral_storage_mb=[1536, 3584]
    )
    used = month_usage(LAMBDA, sample)
    assert used["ephemeral_storage_gb_seconds"] == pytest.approx(100 * 1 + 100 * 3)


@at_most(20)
@given(st.integers(1, 3 * BLOCK))
def test_a_sample_stands_for_the_month_whatever_its_size(n: int) -> None:
    """The requests on the bill are those of the month, not those sampled."""
    sample = Workload(requests_per_month=10e6, memory_mb=1024, wait_ms=np.ones(n))
    assert month_usage(LAMBDA, sample)["requests"] == pytest.approx(10e6, rel=1e-12)


def test_an_array_of_one_is_a_number() -> None:
    """A single measurement bills as the same length written as a number."""
    single = Workload(requests_per_month=10, memory_mb=[1024], wait_ms=[1000])
    number = Workload(requests_per_month=10, memory_mb=1024, wait_ms=1000)
    assert month_usage(LAMBDA, single) == month_usage(LAMBDA, number)


def test_many_months_are_not_a_month() -> None:
    """An array of requests a month has no one bill; the message points to the sweep."""
    months = Workload(requests_per_month=[1e6, 2e6], memory_mb=1769, wait_ms=1000, cpu_ms=1000)
    for ask in (bill, waiting_rate):
        with pytest.raises(InvalidQuantity, match=r"^requests_per_month is an array; .*sweep\(\)"):
            ask("aws-lambda", months)
    assert tax_multiple(months) == 2
