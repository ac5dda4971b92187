"""NAT gateways: hours in two zones, and what passes between the code and the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.cloud.model.chat import Completion, read_chat
from serverless_tax.cloud.model.pace import Pace
from serverless_tax.platforms.aws_nat_gateway import CHUNK_BYTES, GB, usage


def passed_bytes(**quantities: Any) -> float:
    """Return the bytes that one request sends through."""
    w = Workload(**({"requests_per_month": 1, "memory_mb": 128} | quantities))
    return float(usage(w)["nat_gateway_gb"]) * GB


def test_two_gateways_cost_the_same_with_no_request() -> None:
    """Two for 730 hours at $0.045 are $65.70 a month, all idle when nobody asks."""
    unused = bill("aws-nat-gateway", Workload(requests_per_month=0, memory_mb=128), on=DAY)
    assert unused.total == unused.idle == pytest.approx(65.70)


def test_a_request_waiting_is_what_the_hours_are_used_for() -> None:
    """73 hours of waiting, one request after the other, use a tenth of the hours."""
    w = Workload(requests_per_month=73, memory_mb=128, wait_ms="60min")
    hours = bill("aws-nat-gateway", w, on=DAY).items[0]
    assert (hours.work, hours.waiting, hours.idle) == pytest.approx((0, 6.57, 59.13))


def test_a_streamed_token_comes_in_an_envelope() -> None:
    """1,000 prompt tokens of 4 bytes, and 500 answer tokens of a chunk each, or of 4 bytes."""
    tokens = {"input_tokens": 1000, "output_tokens": 500, "cpu_ms_per_output_token": 0}
    assert passed_bytes(**tokens, streaming_ms=1) == pytest.approx(4000 + 500 * CHUNK_BYTES)
    assert passed_bytes(**tokens, wait_ms=1) == pytest.approx(4000 + 500 * 4)


def test_a_sample_may_have_both() -> None:
    """Of two requests one streams and the other does not."""
    tokens = {"output_tokens": 500, "cpu_ms_per_output_token": 0}
    mixed = Workload(requests_per_month=2, memory_mb=128, **tokens, streaming_ms=np.array([0, 9.0]))
    gigabytes = bill("aws-nat-gateway", mixed, on=DAY).items[1].quantity
    assert gigabytes * GB == pytest.approx(500 * 4 + 500 * CHUNK_BYTES)


def test_a_chunk_is_as_long_as_the_stand_in_sends_it() -> None:
    """The envelope is that of the Chat Completions API; the token in it makes no difference."""
    asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}
    answer = Completion(read_chat(asked), Pace(output_tokens=50), 1)
    chunks = [answer._chunk(0, {"content": word}, None) for word in answer._answers[0].tokens]
    assert {len(chunk) for chunk in chunks} == {CHUNK_BYTES}
