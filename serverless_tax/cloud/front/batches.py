"""Batches of a queue whose function reports which messages have failed.

ministack takes a report that it cannot read for a success, and deletes what has failed. To AWS it
is the failure of the whole batch:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from typing import Any

from serverless_tax.cloud.front.http_events import read

_SENT: ContextVar[frozenset[str] | None] = ContextVar("_SENT", default=None)


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
