"""Tokens a WebSocket message: what they cost, and how long they are held back."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from workloads import DAY

from serverless_tax import InvalidQuantity, Workload, batching, bill
from serverless_tax.questions.batching import cut

ARTICLE = Workload.preset("article")


def test_a_message_for_each_token_costs_more_than_the_function() -> None:
    """501 messages a request: 1,000 M at $1.00, 4,010 M at $0.80, and $0.20 of minutes."""
    (row,) = batching(ARTICLE, [1], on=DAY)
    assert row.messages == 500
    assert row.front_door_usd == pytest.approx(1000 + 4010 * 0.8 + 809_250 * 0.25e-6)
    assert row.total_usd == bill("aws-lambda+aws-websocket", ARTICLE, on=DAY).total
    assert row.added_delay_ms == row.mean_delay_ms == 0


def test_ten_tokens_a_message_hold_the_first_back_for_nine() -> None:
    """A token comes every 9.6 ms; 50 messages and the one that asked are 510 million a month."""
    (row,) = batching(ARTICLE, [10], on=DAY)
    assert row.added_delay_ms == pytest.approx(9 * 9.6)
    assert row.mean_delay_ms == pytest.approx(4.5 * 9.6)
    assert row.front_door_usd == pytest.approx(510 + 809_250 * 0.25e-6)


def test_calls_a_second_are_those_of_the_hours_with_traffic() -> None:
    """10 M × 500 over 730 hours are 1,903 a second; twelve hours a day double it."""
    (row,) = batching(ARTICLE, [1], on=DAY)
    assert row.calls_per_second_mean == pytest.approx(5e9 / (730 * 3600))
    assert row.calls_per_second_peak == pytest.approx(3 * row.calls_per_second_mean)
    (day,) = batching(ARTICLE.replace(busy_hours_a_day=12, peak_to_mean=5), [1], on=DAY)
    assert day.calls_per_second_mean == pytest.approx(2 * row.calls_per_second_mean)
    assert day.calls_per_second_peak == pytest.approx(5 * day.calls_per_second_mean)


@pytest.mark.parametrize(("tokens", "messages"), [(3, 167), (499, 2), (500, 1), (501, 1), (5e3, 1)])
def test_a_started_message_is_a_message(tokens: float, messages: int) -> None:
    """500 tokens in threes are 167 messages; no message waits for a token that never comes."""
    (row,) = batching(ARTICLE, [tokens], on=DAY)
    assert row.messages == messages
    assert row.added_delay_ms == pytest.approx((min(tokens, 500) - 1) * 9.6)


def test_an_answer_without_tokens_holds_none_back() -> None:
    """The page shows it: no message, and no delay of nothing over nothing."""
    with np.errstate(all="raise"):
        silent = cut(ARTICLE.replace(output_tokens=0.0, streaming_ms=0.0))
    assert (silent.messages, silent.added_delay_ms, silent.calls_per_second_peak) == (0, 0, 0)


def test_the_frontier_trades_cost_for_delay() -> None:
    """Down the default rows the bill never rises, and the delay always does."""
    for less, more in pairwise(batching(ARTICLE, on=DAY)):
        assert more.total_usd < less.total_usd
        assert more.added_delay_ms > less.added_delay_ms
        assert more.calls_per_second_peak < less.calls_per_second_peak


def test_a_sample_of_answers_is_batched_answer_by_answer() -> None:
    """Answers of 10 and of 1,000 tokens in tens leave in 1 and in 100 messages."""
    sample = ARTICLE.replace(output_tokens=[10, 1000], steps=())
    (row,) = batching(sample, [10], on=DAY)
    assert row.messages == 50.5
    assert row.added_delay_ms == pytest.approx((9 * 480 + 9 * 4.8) / 2)


def test_a_row_is_plain_values() -> None:
    """Ready for JSON."""
    (row,) = batching(ARTICLE, [20], on=DAY)
    assert json.loads(json.dumps(row.to_dict()))["messages"] == 25


def test_what_cannot_be_batched_is_refused() -> None:
    """No tokens, no WebSocket, or a message of nothing."""
    with pytest.raises(InvalidQuantity, match=r"^output_tokens is 0, so there is nothing to batch"):
        batching(ARTICLE.replace(output_tokens=0))
    with pytest.raises(
        InvalidQuantity, match=r"^aws-lambda sends no WebSocket messages; add \+aws"
    ):
        batching(ARTICLE, platform_id="aws-lambda")
    with pytest.raises(InvalidQuantity, match=r"^tokens_per_message is 0; expected more than 0"):
        batching(ARTICLE, [0])
