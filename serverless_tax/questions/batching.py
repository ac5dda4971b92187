"""How many tokens to put into one WebSocket message: cost, delay and calls a second."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from serverless_tax.bill.bill import bill
from serverless_tax.bill.totals import sum_in_order
from serverless_tax.ground.checks import several
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_websocket import messages_out
from serverless_tax.platforms.meters.capacity import busy_hours
from serverless_tax.request.workload import Workload, a_workload

#: Tokens a message to try: each a little more than twice the one before.
TOKENS_PER_MESSAGE = (1, 2, 5, 10, 20, 50, 100, 200, 500)

_SECONDS_PER_HOUR = 3600
DESIGN = "aws-lambda+aws-websocket"
_FRONT_DOOR = "aws-websocket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One way of cutting an answer into messages, and what it costs in a month.

    ``total_usd`` is the bill of the design and ``front_door_usd`` the WebSocket API's part of it.
    ``messages`` are those an answer leaves in. ``added_delay_ms`` is how long the first token of
    a message waits for its last, the longest delay a reader sees; the mean is half of it.
    Calls a second are those that post to the connections, on average while there is traffic and
    at its peak.
    """

    tokens_per_message: float
    messages: float
    total_usd: float
    front_door_usd: float
    added_delay_ms: float
    mean_delay_ms: float
    calls_per_second_mean: float
    calls_per_second_peak: float

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain values, ready for JSON."""
        return asdict(self)


def batching(
    workload: Workload,
    tokens_per_message: Iterable[float] = TOKENS_PER_MESSAGE,
    *,
    platform_id: str = DESIGN,
    **when: Any,
) -> list[Batch]:
    """Return the frontier between what messages cost and how long tokens are held back.

    Tokens are taken to arrive evenly over the streaming step. CPU is what the workload says a
    token costs: what fewer posts save of it is left out. Other keywords are those of
    :func:`bill`.

    >>> from datetime import date
    >>> rows = batching(Workload.preset("article"), [1, 10], on=date(2026, 11, 1))
    >>> [(round(r.front_door_usd), r.added_delay_ms) for r in rows]
    [(4208, 0.0), (510, 86.4)]

    Raises:
        InvalidQuantity: if the answer has no tokens, or the design no WebSocket API; and as
            :func:`bill` does.
    """
    if not np.any(a_workload(workload).output_tokens):
        msg = "output_tokens is 0, so there is nothing to batch; say how long answers are."
        raise InvalidQuantity(msg)
    if _FRONT_DOOR not in str(platform_id).split("+"):
        msg = f"{platform_id} sends no WebSocket messages; add +{_FRONT_DOOR} to it."
        raise InvalidQuantity(msg)
    return [
        _batch(workload.replace(tokens_per_message=n), platform_id, when)
        for n in several("tokens_per_message", tokens_per_message, "[1, 10]")
    ]


class Cut(NamedTuple):
    """What cutting an answer into messages does beside its cost, in plain arithmetic.

    The names are those of :class:`Batch`.
    """

    messages: Any
    added_delay_ms: Any
    mean_delay_ms: Any
    calls_per_second_mean: Any
    calls_per_second_peak: Any


def cut(w: Any) -> Cut:
    """Return what ``tokens_per_message`` does to a request, or to a sample's mean: a page asks too.

    A message's first token waits for its last, and tokens come evenly.
    """
    messages = _mean(messages_out(w))
    held = np.maximum(np.minimum(w.tokens_per_message, w.output_tokens) - 1, 0)
    delay_ms = _mean(held * w.streaming_ms / np.maximum(w.output_tokens, 1))
    a_second = w.requests_per_month * messages / (busy_hours(w) * _SECONDS_PER_HOUR)
    return Cut(messages, delay_ms, delay_ms / 2, a_second, a_second * w.peak_to_mean)


def door_usd(lines: Iterable[tuple[str, Any]]) -> Any:
    """Return the WebSocket API's part of a month, from its lines: each a dimension and a cost."""
    return sum_in_order(usd for dimension, usd in lines if dimension.startswith("websocket_"))


def _mean(values: Any) -> Any:
    return np.mean(values) if np.ndim(values) else values


def _batch(w: Workload, platform_id: str, when: dict[str, Any]) -> Batch:
    billed = bill(platform_id, w, **when)
    return Batch(
        tokens_per_message=float(np.mean(w.tokens_per_message)),
        total_usd=billed.total,
        front_door_usd=float(door_usd((item.dimension, item.cost) for item in billed.items)),
        **{name: float(value) for name, value in cut(w)._asdict().items()},
    )
