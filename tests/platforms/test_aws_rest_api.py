"""The rule of a REST API: a call for each 10 MB of answer, streamed for up to 15 minutes."""

from __future__ import annotations

from typing import Any

import pytest
from workloads import DAY

from serverless_tax import Workload, bill, platforms
from serverless_tax.platforms.aws_rest_api import usage

MB = 1024 * 1024


def one(**quantities: Any) -> Workload:
    """Return a month of a single request."""
    return Workload(**({"requests_per_month": 1, "memory_mb": 1024} | quantities))


@pytest.mark.parametrize(
    ("megabytes", "metered"), [(0, 1), (1, 1), (10, 1), (10.001, 2), (20, 2), (200, 20)]
)
def test_a_started_ten_megabytes_is_a_call(megabytes: float, metered: int) -> None:
    """Streamed answers are metered in steps of 10 MB; what a request brings is not metered."""
    metered_as = usage(one(response_bytes=megabytes * MB, request_bytes=99 * MB))
    assert metered_as["rest_api_requests"] == metered


@pytest.mark.parametrize("design", ["aws-lambda+aws-rest-api", "aws-rest-api-proxy"])
@pytest.mark.parametrize(
    ("quantities", "obstacle"),
    [
        ({"streaming_ms": "15min"}, ""),
        ({"streaming_ms": "15.001min"}, "after 900 s"),
        ({"wait_ms": "5min"}, ""),
        ({"wait_ms": "5.001min"}, "nothing passes for five minutes"),
        ({"request_bytes": 10 * MB}, ""),
        ({"request_bytes": 10 * MB + 1}, "requests of up to 10 MB"),
        ({"response_bytes": 11 * MB}, ""),
    ],
)
def test_a_stream_has_limits(design: str, quantities: dict[str, Any], obstacle: str) -> None:
    """15 minutes in all, five without a token, 10 MB in; with a function behind it or without."""
    w = one(**quantities, cpu_ms_per_output_token=0)
    found = [line for line in bill(design, w, on=DAY).obstacles if "API Gateway" in line]
    assert len(found) == bool(obstacle)
    assert obstacle in "".join(found)


def test_a_proxy_bills_calls_alone() -> None:
    """Without a function a million answers are $3.50, however long they take: all of it work."""
    w = one(requests_per_month=1e6, wait_ms="5min", cpu_ms=20)
    priced = bill("aws-rest-api-proxy", w, on=DAY)
    assert [item.dimension for item in priced.items] == ["rest_api_requests"]
    assert priced.total == priced.work == pytest.approx(3.50)


def test_a_proxy_runs_no_code() -> None:
    """Its requests are in flight for as long as they wait and stream; no CPU of yours works."""
    w = one(
        requests_per_month=1000,
        wait_ms=50,
        cpu_ms=20,
        streaming_ms=4800,
        output_tokens=500,
        cpu_ms_per_output_token=0.1,
    )
    used = platforms()["aws-rest-api-proxy"].usage(w)
    assert (used["billed_ms"], used["busy_ms"]) == (4_850_000, 0)


def test_a_proxy_is_priced_with_the_front_door_s_sheet() -> None:
    """A price stands once: the proxy has no sheet of its own."""
    assert platforms()["aws-rest-api-proxy"].priced_by == ("aws-rest-api",)
    assert platforms()["aws-rest-api-proxy"].serves
    assert not platforms()["aws-rest-api"].serves


@pytest.mark.parametrize("design", ["aws-lambda+aws-rest-api", "aws-rest-api-proxy"])
def test_an_answer_after_half_a_minute_has_to_be_streamed(design: str) -> None:
    """29 s pass unsaid; of a millisecond more the bill says what the default does to it."""
    fits, longer = (bill(design, one(wait_ms=29_000 + more), on=DAY).notes for more in (0, 1))
    assert not any("buffered answer" in note for note in fits)
    assert sum("buffered answer after 29 s by default" in note for note in longer) == 1
