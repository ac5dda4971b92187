"""The rule of a WebSocket API: messages both ways in steps of 32 KB, and minutes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import Workload, bill
from serverless_tax.platforms.aws_websocket import messages, usage

KB = 1024


def one(**quantities: Any) -> Workload:
    """Return a month of a single request, which brings no bytes unless it is said."""
    least = {"requests_per_month": 1, "memory_mb": 1024, "request_bytes": 0}
    return Workload(**(least | quantities))


@pytest.mark.parametrize(("kilobytes", "metered"), [(0, 1), (32, 1), (33, 2), (128, 4)])
def test_a_started_32_kilobytes_is_a_message(kilobytes: int, metered: int) -> None:
    """A 33 KB message is metered as two; an empty one is one."""
    assert messages(one(request_bytes=kilobytes * KB)) == metered


def test_a_request_in_several_messages() -> None:
    """96 KB in three messages are three; in two they are of 48 KB, metered as two each."""
    assert messages(one(request_bytes=96 * KB, messages_in=3)) == 3
    assert messages(one(request_bytes=96 * KB, messages_in=2)) == 4
    assert messages(one(request_bytes=96 * KB, messages_in=0)) == 0


@pytest.mark.parametrize(
    ("tokens", "in_each", "out"),
    [(500, 1, 500), (500, 10, 50), (501, 10, 51), (500, 1000, 1), (3, 0.1, 30), (0, 1, 0)],
)
def test_tokens_share_messages(tokens: float, in_each: float, out: int) -> None:
    """A started message is sent: 501 tokens, ten to a message, are 51."""
    assert messages(one(messages_in=0, output_tokens=tokens, tokens_per_message=in_each)) == out


def test_a_large_message_of_tokens_is_metered_as_several() -> None:
    """10,000 tokens of 4 bytes in one message are 40 KB, which is two."""
    tokens = {"output_tokens": 20_000, "tokens_per_message": 10_000}
    assert messages(one(messages_in=0, **tokens)) == 4


def test_the_rest_of_an_answer_comes_in_messages_too() -> None:
    """What is not tokens is sent in messages of up to 32 KB."""
    assert messages(one(messages_in=0, response_bytes=1)) == 1
    assert messages(one(messages_in=0, response_bytes=33 * KB)) == 2


def test_a_connection_lasts_at_least_as_long_as_its_request() -> None:
    """Two minutes of request in a connection of one minute are two minutes, none of them idle."""
    used = usage(one(wait_ms="2min", connection_ms="1min"))
    assert (used["websocket_minutes"], used["websocket_used_minutes"]) == (2, 2)


def test_a_client_that_stays_connected_pays_for_idle_minutes() -> None:
    """An hour's connection around a minute's request is a minute of waiting and 59 idle ones."""
    w = one(requests_per_month=1e6, messages_in=0, wait_ms="1min", connection_ms="60min")
    minutes = bill("aws-websocket", w, on=DAY).items[0]
    assert minutes.quantity == 60e6
    assert (minutes.work, minutes.waiting, minutes.idle) == pytest.approx((0, 0.25, 14.75))


def test_messages_are_work() -> None:
    """A message costs the same however long the request waited."""
    w = one(requests_per_month=1e6, wait_ms="20s")
    sent = bill("aws-websocket", w, on=DAY).items[0]
    assert (sent.cost, sent.work, sent.waiting) == (1.00, 1.00, 0)


def test_the_mean_answer_is_not_the_bill() -> None:
    """In a sample every request's last message is started on its own: 1 and 2, not twice 1.1."""
    w = one(
        requests_per_month=2, messages_in=0, output_tokens=np.array([1, 11]), tokens_per_message=10
    )
    assert bill("aws-websocket", w, on=DAY).items[0].quantity == 3


@pytest.mark.parametrize(
    ("quantities", "obstacle"),
    [
        ({"streaming_ms": "120min"}, ""),
        ({"streaming_ms": "120.001min"}, "after 7,200 s"),
        ({"wait_ms": "10min"}, ""),
        ({"wait_ms": "10.001min"}, "nothing passes for ten minutes"),
        ({"request_bytes": 128 * KB}, ""),
        ({"request_bytes": 128 * KB + 1}, "messages of up to 128 KB"),
        ({"request_bytes": 129 * KB, "messages_in": 2}, ""),
        ({"tokens_per_message": 32 * KB + 1}, "messages of up to 128 KB"),
    ],
)
def test_a_connection_has_limits(quantities: dict[str, Any], obstacle: str) -> None:
    """Two hours in all, ten minutes without a message, 128 KB in each."""
    found = bill("aws-websocket", one(**quantities, cpu_ms_per_output_token=0), on=DAY).obstacles
    assert len(found) == bool(obstacle)
    assert obstacle in "".join(found)


def test_a_share_of_a_sample_may_be_past_a_limit() -> None:
    """Of four requests one is silent for too long: a quarter."""
    w = one(requests_per_month=4, wait_ms=np.array([1.0, 2.0, 3.0, 700_000.0]))
    (found,) = bill("aws-websocket", w, on=DAY).obstacles
    assert "25.0% of these requests go beyond that" in found
