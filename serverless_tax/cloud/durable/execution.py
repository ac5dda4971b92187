"""One durable execution: its operations, its history, and what AWS meters of it.

Operations and events are kept in the form of AWS's API, with times in seconds since 1970.
Shapes: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecutionHistory.html
"""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import secrets
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

RUNNING, SUCCEEDED, FAILED = "RUNNING", "SUCCEEDED", "FAILED"
TIMED_OUT, STOPPED = "TIMED_OUT", "STOPPED"
STARTED, PENDING, READY = "STARTED", "PENDING", "READY"

#: What of a payload goes into the event of an invocation; the rest is fetched by pages.
_PAGE_BYTES = 5 * 1024 * 1024
_PENDING_STATES = {
    "WAIT": (STARTED,),
    "CALLBACK": (STARTED,),
    "CHAINED_INVOKE": (STARTED,),
    "STEP": (PENDING,),
}
_NAMES = ("Id", "Name", "ParentId", "SubType")
_PAYLOADS = ("Input", "Result", "Error")
_TIMES = frozenset(
    ["StartTimestamp", "EndTimestamp", "NextAttemptTimestamp", "ScheduledEndTimestamp"]
)

USAGE_FILE = "durable.jsonl"
"""In the cloud's folder: a line for each use of what is billed beside invocations."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableUsage:
    """What a durable execution has used at one moment, beside its invocations.

    Attributes:
        at: the moment, in UTC.
        arn: of the function's version.
        operations: started, ended and tried again: an execution, a step, a wait, a callback, an
            invocation of another function.
        written_bytes: of payloads.
        kept_byte_s: bytes times seconds of keeping, told at the execution's end: while it ran and
            for the retention after it.
    """

    at: str
    arn: str
    operations: int
    written_bytes: int
    kept_byte_s: float


@dataclass(kw_only=True, eq=False)
class Execution:
    """What is known of one execution.

    Attributes:
        name: given by the caller, or made.
        function: name of the function.
        function_arn: without a version.
        version: the one that it started on, and goes on with.
        payload: what it was started with, as JSON.
        timeout_s: of the whole execution.
        retention_days: how long it is kept after its end.
        most_result_bytes: that whoever started it takes.
        account: of the function.
        region: of the function.
        trace_id: of who started it.
        meter: is told operations, written bytes, and kept byte-seconds.
        parent: called once it has ended, for an execution that another one has invoked.
        log: the tail of the last invocation's.
        logged: set while no invocation runs, which may still be so once the execution is done.
    """

    name: str
    function: str
    function_arn: str
    version: str
    payload: str
    timeout_s: int
    retention_days: int
    most_result_bytes: int
    account: str
    region: str
    trace_id: str
    meter: Callable[[Execution, int, int, float], None]
    parent: Callable[[Execution], None] | None = None
    status: str = RUNNING
    began: float = field(default_factory=time.time)
    ended: float | None = None
    result: str | None = None
    error: Json | None = None
    log: str = ""
    operations: dict[str, Json] = field(default_factory=dict)
    history: list[Json] = field(default_factory=list)
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    logged: asyncio.Event = field(default_factory=asyncio.Event)
    token: str = ""
    is_invoking: bool = False
    failures: int = 0
    written_bytes: int = 0
    last_checkpoint: tuple[str, str, Json] | None = None
    _id: str = field(default_factory=lambda: str(uuid.uuid4()))
    _changes: int = 0
    _changed: dict[str, int] = field(default_factory=dict)
    _seen: int = 0

    def __post_init__(self) -> None:
        """Begin its history, and note its input."""
        details = {"InputPayload": self.payload}
        operation: Json = {"Id": self._id, "Type": "EXECUTION", "Status": STARTED}
        operation |= {"StartTimestamp": self.began, "ExecutionDetails": details}
        self.operations[self._id] = operation
        self.note(
            "ExecutionStarted", {"Input": payload(self.payload), "ExecutionTimeout": self.timeout_s}
        )
        self.use(operations=1, written=self.payload)

    @property
    def arn(self) -> str:
        """Its own ARN, with the function's version in it."""
        return f"{self.function_arn}:{self.version}/durable-execution/{self.name}/{self._id}"

    @property
    def is_over(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self.status != RUNNING

    def use(self, *, operations: int = 0, written: str | None = None) -> None:
        """Meter operations, and the bytes of a payload."""
        size = len((written or "").encode())
        self.written_bytes += size
        self.meter(self, operations, size, 0.0)

    def touch(self, operation: Json) -> None:
        """Note that an operation has changed, for the function to be told."""
        self._changes += 1
        self._changed[operation["Id"]] = self._changes
        self.operations[operation["Id"]] = operation

    def finish(self, operation: Json, status: str, **details: Any) -> None:
        """End an operation; details go where its type has them."""
        operation |= {"Status": status, "EndTimestamp": time.time()}
        said = {name: value for name, value in details.items() if value is not None}
        operation.setdefault(details_name(operation["Type"]), {}).update(said)
        timer = self.timers.pop(operation["Id"], None)
        if timer is not None:
            timer.cancel()
        self.touch(operation)

    def note(self, kind: str, details: Json, operation: Json | None = None) -> None:
        """Append an event to the history."""
        of_it = operation or {}
        event = {"EventType": kind, "EventId": len(self.history) + 1, "EventTimestamp": time.time()}
        event |= {name: of_it[name] for name in _NAMES if name in of_it}
        self.history.append({**event, f"{kind}Details": details})

    def end(self, status: str, *, result: str | None = None, error: Json | None = None) -> None:
        """End it, once, and wake who waits for it."""
        if self.is_over:
            return
        self.status, self.ended, self.result, self.error = status, time.time(), result, error
        for timer in self.timers.values():
            timer.cancel()
        self.timers.clear()
        self.token = ""
        kind = {TIMED_OUT: "TimedOut"}.get(status, status.title())
        told = {"Result": payload(result)} if status == SUCCEEDED else {"Error": payload(error)}
        self.note(f"Execution{kind}", told)
        self.use(written=result if error is None else json.dumps(error))
        kept_s = self.ended - self.began + self.retention_days * 86_400
        self.meter(self, 0, 0, self.written_bytes * kept_s)
        self.done.set()
        if self.parent is not None:
            self.parent(self)

    def has_news(self) -> bool:
        """Whether an operation has changed since the function was last told."""
        return any(change > self._seen for change in self._changed.values())

    def waits(self) -> bool:
        """Whether an operation is open that will wake it."""
        every = self.operations.values()
        return any(one["Status"] in _PENDING_STATES.get(one["Type"], ()) for one in every)

    def new_token(self) -> str:
        """A token for the next checkpoint; the one before is void."""
        self.token = base64.b64encode(secrets.token_bytes(30)).decode()
        return self.token

    def news(self) -> list[Json]:
        """The operations that have changed since the function was last told."""
        changed = [name for name, change in self._changed.items() if change > self._seen]
        self._seen = self._changes
        return [self.operations[name] for name in changed]

    def page(self, marker: str, most: int) -> tuple[list[Json], str]:
        """Operations from a marker on, by number and by size; and the next marker, or nothing."""
        every = [*self.operations.values()]
        first = int(marker or 0)
        size, page = 0, list[Json]()
        for operation in every[first : first + most]:
            size += len(json.dumps(operation))
            if page and size > _PAGE_BYTES:
                break
            page.append(operation)
        last = first + len(page)
        return page, str(last) if last < len(every) else ""

    def invocation_event(self) -> Json:
        """The event of its next invocation, which is told everything so far."""
        updated = [one["Id"] for one in self.news()]
        page, marker = self.page("", len(self.operations))
        return {
            "DurableExecutionArn": self.arn,
            "CheckpointToken": self.new_token(),
            "InitialExecutionState": {
                "Operations": [*in_milliseconds(page)],
                "NextMarker": marker,
            },
            "UpdatedOperationIds": updated,
        }


def payload(value: Any) -> Json:
    """A payload as an event has it."""
    return {"Payload": value, "Truncated": False} if value is not None else {"Truncated": False}


def without_data(event: Json) -> Json:
    """An event without its payloads, as it is told unless a client asks for them."""
    kind = f"{event['EventType']}Details"
    details = {
        name: {"Truncated": True} if name in _PAYLOADS else value
        for name, value in event[kind].items()
    }
    return {**event, kind: details}


def details_name(kind: str) -> str:
    """Where an operation of a type has its details: ``ChainedInvokeDetails``."""
    return "".join(word.title() for word in kind.split("_")) + "Details"


def error_object(kind: str, message: str) -> Json:
    """An error as the API has it."""
    return {"ErrorType": kind, "ErrorMessage": message}


def in_milliseconds(operations: Iterable[Mapping[str, Any]]) -> Iterable[Json]:
    """Operations as the event of an invocation has them, with times in milliseconds."""
    for operation in operations:
        told = copy.deepcopy(dict(operation))
        for part in (told, *(one for one in told.values() if isinstance(one, dict))):
            for name in _TIMES & part.keys():
                part[name] = int(part[name] * 1000)
        yield told
