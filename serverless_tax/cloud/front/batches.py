"""Batches of a queue: how they are gathered, and a function's report of which messages failed.

ministack takes a report that it cannot read for a success, and deletes what has failed. To AWS it
is the failure of the whole batch:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
And it sends ten messages at most, at once, whatever the batch's size and window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from typing import Any

from serverless_tax.cloud.front.http_events import read
from serverless_tax.ground.lambda_facts import PAYLOAD_BYTES

_WINDOW = "MaximumBatchingWindowInSeconds"
#: Of the messages' own texts: with what goes round them an event stays below its limit.
_MOST_BYTES = PAYLOAD_BYTES // 2
_SENT: ContextVar[frozenset[str] | None] = ContextVar("_SENT", default=None)


def windowed(original: Callable[..., int]) -> Callable[..., int]:
    """How many batches may run at once: none while one is gathered for its window."""

    def concurrency(
        esm: Mapping[str, Any], func_rec: Any, config: Any, queue: Mapping[str, Any] | None = None
    ) -> int:
        window_s, size = (esm.get(name) or 0 for name in (_WINDOW, "BatchSize"))
        now = time.time()
        waits = [one for one in (queue or {}).get("messages") or () if one["visible_at"] <= now]
        if window_s and len(waits) < size and sum(map(_bytes, waits)) < _MOST_BYTES:
            since = min((one["visible_at"] for one in waits), default=now)
            if now - since < window_s:
                return 0
        return original(esm, func_rec, config, queue)

    return concurrency


def filled(original: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """The messages of a batch, up to its size; ministack receives ten at a time."""

    def receive(queue_url: str, max_number: int) -> list[Any]:
        batch: list[Any] = []
        while len(batch) < max_number and sum(map(_bytes, batch)) < _MOST_BYTES:
            more = original(queue_url, max_number - len(batch))
            if not more:
                break
            batch += more
        return batch

    return receive


def _bytes(message: Mapping[str, Any]) -> int:
    return len(message["body"])


def batched(original: Callable[..., Any]) -> Callable[..., Any]:
    """The work on a batch; the ids of its messages are known to the execution below."""

    def work(esm: Mapping[str, Any], func_rec: Any, event: Any, *batch: Any) -> Any:
        reports = "ReportBatchItemFailures" in (esm.get("FunctionResponseTypes") or ())
        _SENT.set(frozenset(one["id"] for one in batch[0]) if reports else None)
        try:
            return original(esm, func_rec, event, *batch)
        finally:
            _SENT.set(None)

    return work


def judged(original: Callable[..., Any]) -> Callable[..., Any]:
    """The execution of a function; a report of a batch that cannot be read is an error."""

    def execute(func: Any, event: Any) -> Any:
        sent = _SENT.get()
        result = original(func, event)
        if sent is None or result.get("error") or is_report(read(result.get("body")), sent):
            return result
        return {**result, "error": True}

    return execute


def is_report(answer: Any, sent: Collection[Any]) -> bool:
    """Whether an answer says which of the messages have failed; nothing, or no list, is none."""
    if answer is None:
        return True
    failed = answer.get("batchItemFailures") if isinstance(answer, dict) else ()
    return failed is None or (
        isinstance(failed, list)
        and all(isinstance(one, dict) and one.get("itemIdentifier") in sent for one in failed)
    )
