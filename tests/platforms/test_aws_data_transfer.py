"""Data transfer: what leaves is answers and prompts, in gigabytes of 1,024 MB."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Bill, Workload, bill

GB = 1024**3


def sent(requests: float, *, free_tier: bool = False, **quantities: Any) -> Bill:
    """Return the bill of the bytes that leave in a month."""
    w = Workload(requests_per_month=requests, memory_mb=128, **quantities)
    return bill("aws-data-transfer", w, on=DAY, free_tier=free_tier)


def test_answers_and_prompts_leave() -> None:
    """A 1 GB answer, a 1 GB prompt and 1 GB of tokens are 3 GB; the request itself comes in."""
    quarter = GB / 4  # tokens, of 4 bytes each
    three = sent(1, response_bytes=GB, input_tokens=quarter, output_tokens=quarter)
    assert three.items[0].quantity == 3
    assert three.total == pytest.approx(0.27)
    assert sent(1, request_bytes=GB).items == ()


@pytest.mark.parametrize(
    ("gigabytes", "dollars"),
    [
        (10_240, 921.60),
        (10_241, 921.685),
        (51_200, 4403.20),
        (51_201, 4403.27),
        (153_600, 11_571.20),
        (153_601, 11_571.25),
    ],
)
def test_the_more_leaves_the_less_a_gigabyte_costs(gigabytes: float, dollars: float) -> None:
    """$0.09, $0.085, $0.07 and $0.05, from 0, 10, 50 and 150 TB of 1,024 GB."""
    assert sent(gigabytes, response_bytes=GB).total == pytest.approx(dollars)


@pytest.mark.parametrize(("gigabytes", "billed"), [(100, 0), (101, 1)])
def test_a_hundred_gigabytes_are_free(gigabytes: float, billed: float) -> None:
    """Every month, for the whole account: so only when the free tier is asked for."""
    free = sent(gigabytes, free_tier=True, response_bytes=GB)
    assert free.total == pytest.approx(0.09 * billed)
    assert sent(gigabytes, response_bytes=GB).total == pytest.approx(0.09 * gigabytes)


def test_nothing_leaves_while_a_request_waits() -> None:
    """An answer costs the same after an hour's wait, and all of it is work."""
    quick, slow = (sent(1e6, wait_ms=ms, output_tokens=500) for ms in (0, 3_600_000))
    assert quick.total == slow.total == slow.work
