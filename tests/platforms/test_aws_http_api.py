"""The rule of an HTTP API: a call for each half megabyte, and no more than 30 seconds."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.platforms.aws_http_api import usage


def calls(**quantities: Any) -> float:
    """Return the calls that one request is metered as."""
    one = {"requests_per_month": 1, "memory_mb": 1024, "request_bytes": 0}
    return float(usage(Workload(**(one | quantities)))["http_api_requests"])


@pytest.mark.parametrize(
    ("kilobytes", "metered"),
    [(0, 1), (1, 1), (512, 1), (513, 2), (1024, 2), (1024.001, 3), (10_240, 20)],
)
def test_a_started_half_megabyte_is_a_call(kilobytes: float, metered: int) -> None:
    """A request with 513 KB of data is metered as two, and one without any as one."""
    assert calls(request_bytes=kilobytes * 1024) == metered
    assert calls(response_bytes=kilobytes * 1024) == metered


def test_tokens_are_data_too() -> None:
    """262,144 tokens of 2 bytes fill 512 KB; one byte more starts another call."""
    tokens = {"output_tokens": 262_144, "bytes_per_output_token": 2}
    assert calls(**tokens) == 1
    assert calls(**tokens, response_bytes=1) == 2


@pytest.mark.parametrize(("wait", "obstacles"), [("30s", 0), (30_000.001, 1)])
def test_an_integration_has_thirty_seconds(wait: object, obstacles: int) -> None:
    """The limit is AWS's own and cannot be raised: past it the answer never arrives."""
    w = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=wait)
    priced = bill("aws-lambda+aws-http-api", w, on=DAY)
    assert [("after 30 s" in why) for why in priced.obstacles] == [True] * obstacles


def test_waiting_costs_the_front_door_nothing() -> None:
    """A call costs the same whether it waits a millisecond or half a minute, and is all work."""
    short, long = (
        bill("aws-http-api", Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=ms), on=DAY)
        for ms in (1, 30_000)
    )
    assert short.total == long.total == long.work == pytest.approx(1.00)


@pytest.mark.parametrize("direction", ["request_bytes", "response_bytes"])
def test_ten_megabytes_pass_and_no_more(direction: str) -> None:
    """Either way: a larger request or answer is refused."""
    for size, obstacles in ((10 * 1024 * 1024, 0), (10 * 1024 * 1024 + 1, 1)):
        w = Workload(**{"requests_per_month": 1, "memory_mb": 1024, direction: size})
        assert len(bill("aws-http-api", w, on=DAY).obstacles) == obstacles
