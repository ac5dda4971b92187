"""What a workload says that moves no line of a design's bill: a sentence each, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache, cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from serverless_tax.bill.design import Design, design
from serverless_tax.bill.lines import LineItem
from serverless_tax.bill.month import BLOCK
from serverless_tax.ground.request import Request, Sample
from serverless_tax.ground.settings import UNSET, Settings
from serverless_tax.ground.show import show
from serverless_tax.request.workload import QUANTITIES, Workload

#: Why a quantity that was set says nothing on a platform that does not bill by it.
_NO_INSTANCE = "no instance of a size of your choice is billed"
_NOT_PLANNED = "no capacity is planned ahead"
_NOT_KEPT = "it keeps no environments of this kind"
_NOT_METERED = "it is not metered"
_NO_BYTES = (
    "its lines count no bytes: AWS's are aws-data-transfer's, Workers' are free, and others' are"
    " not priced here"
)
WHY_NOT: dict[str, str] = {
    "init_ms": "starting is not billed",
    "cold_start_share": "starting is billed for each session, or not at all",
    "ephemeral_storage_mb": _NOT_METERED,
    "architecture": "it has one price here for both",
    "memory_mb": "its memory is not a function's; see instance_memory_mb, where it can be chosen",
    "metered_cpu_ms_per_token": "CPU is not what is billed",
    "request_bytes": _NOT_METERED,
    "response_bytes": _NO_BYTES,
    "bytes_per_output_token": _NO_BYTES,
    "log_bytes": _NOT_METERED,
    "tokens_per_message": "no messages are metered",
    "messages_in": "no messages are metered",
    "connection_ms": "a connection without a request is not billed",
    "peak_to_mean": f"{_NOT_PLANNED}: a peak is paid while it lasts",
    "busy_hours_a_day": "hours without traffic cost nothing",
    "hours_per_month": "nothing is billed by the hour of the month",
    "minimum_instances": "it has no such minimum; Lambda's is provisioned_concurrency",
    "target_utilisation": _NOT_PLANNED,
    "streams_per_vcpu": _NOT_PLANNED,
    "instance_vcpu": _NO_INSTANCE,
    "instance_memory_mb": _NO_INSTANCE,
    "requests_per_instance": "requests are not billed by the instance they share",
    "keep_alive_ms": "nothing is billed after the last request",
    "instance_hours": "it is not billed by the hour of an instance",
    "peak_memory_mb": "memory is not billed as it is used",
    "provisioned_concurrency": _NOT_KEPT,
    "provisioned_hours": _NOT_KEPT,
    "provisioned_share": _NOT_KEPT,
    "snapstart_versions": "it keeps no snapshots",
    "restore_ms": "it restores no snapshots",
    "suspended_share": "it suspends no function",
    "durable_steps": "it has no steps that are billed",
    "durable_waits": "it has no waits that are billed",
    "retention_days": "it keeps no executions",
    "requests_per_session": "it has no sessions",
    "session_idle_ms": "it has no sessions",
    "suspensions": "it suspends no session",
    "suspended_ms": "it suspends no session",
}
_METERED = "metered_cpu_ms_per_token"
#: Of what a part of one is billed as a whole.
_WHOLE = ("minimum_instances", "provisioned_concurrency")
_DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Settings)}
_DEFAULTS |= {"init_ms": 0.0, "cold_start_share": 0.0, "ephemeral_storage_mb": 512.0}
_DEFAULTS |= {"architecture": "x86_64"}
_set_in = attrgetter(*_DEFAULTS)
#: Amounts that differ by less than this part differ by rounding alone.
_ROUNDING = 1e-12


class _Recorder:
    """A workload that remembers what was asked of it."""

    def __init__(self, w: Workload) -> None:
        self._w, self.read = w, set[str]()
        self.largest = _Largest(w.largest, self.read)

    if not TYPE_CHECKING:  # it would let a misspelt name pass

        def __getattr__(self, name: str) -> Any:
            self.read.add(name)
            return getattr(self._w, name)


class _Largest(Mapping[str, float]):
    """The largest value of each quantity; it remembers which were asked for."""

    def __init__(self, of: Mapping[str, float], read: set[str]) -> None:
        self._of, self._read = of, read

    def __getitem__(self, name: str) -> float:
        self._read.add(name)
        return self._of[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)


class _InTheWay:
    """Whether requests can be served, or not, for the way a setting is.

    What a design does not look at, as it says what it refuses of these requests, is in no way.
    """

    def __init__(self, target: Design, w: Workload) -> None:
        self._target, self._w = target, w

    @cached_property
    def _as_set(self) -> tuple[list[str], set[str]]:
        """What it refuses, and what it looked at for that."""
        recorder = _Recorder(self._w)
        refused = list(self._target.obstacles(cast("Sample", recorder)))
        return refused, recorder.read | ({"architecture"} if "arm" in recorder.read else set())

    def __call__(self, name: str) -> bool:
        refused, looked_at = self._as_set
        if name not in looked_at:
            return False
        left = self._w.replace(**{name: _DEFAULTS.get(name)})
        return refused != list(self._target.obstacles(left))


def reads(target: Design) -> frozenset[str]:
    """Return the quantities that decide a month on a design, or what it refuses."""
    return _reads(target.id)


@cache
def _reads(design_id: str) -> frozenset[str]:
    target = design(design_id)
    recorder = _Recorder(Workload(requests_per_month=1, memory_mb=1024, wait_ms=1))
    w = cast("Request", recorder)
    target.month(target.usage(w), w)
    offered = {name for part in (target.platform, *target.parts) for name in part.offers}
    chips = {"architecture"} if "arm" in recorder.read else set()
    return frozenset(recorder.read & set(QUANTITIES) | offered | chips)


def unread(
    target: Design,
    w: Workload,
    as_set: Sequence[LineItem],
    lines: Callable[[Workload], Iterable[LineItem]],
) -> Iterator[str]:
    """Yield a sentence for everything that was set and moves nothing.

    ``as_set`` is the bill as it is, and ``lines`` bills another workload.

    What the design does not bill by is told with its reason. What it does bill by may still leave
    a month as it is; then the bill without it is the same.
    """
    read = reads(target)
    if "memory_mb" not in read:
        yield f"memory_mb changes nothing on {target.platform.name}: {WHY_NOT['memory_mb']}."
    were_set = _set(w)
    in_the_way = _InTheWay(target, w)
    for name in were_set:
        if name not in read and not in_the_way(name):
            yield f"{name} changes nothing on {target.platform.name}: {WHY_NOT[name]}."
    if _METERED not in read and _says_what_a_token_takes(w) and not in_the_way(_METERED):
        yield f"{_METERED} changes nothing on {target.platform.name}: {WHY_NOT[_METERED]}."
    yield from _at_odds(read, target, w)
    billed_by = [name for name in were_set if name in read]
    yield from _unmoved(billed_by, target, w, as_set, lines)


def _set(w: Workload) -> list[str]:
    """Return the settings that are not as they are by default."""
    defaults = zip(_DEFAULTS.items(), _set_in(w), strict=True)
    return [name for (name, each), value in defaults if _differs(value, each)]


def _differs(value: object, default: object) -> bool:
    """Whether a setting is not its default; of a sample, whether any is not."""
    return bool(np.any(value != default) if isinstance(value, np.ndarray) else value != default)


def _unmoved(
    names: Sequence[str],
    target: Design,
    w: Workload,
    as_set: Sequence[LineItem],
    lines: Callable[[Workload], Iterable[LineItem]],
) -> Iterator[str]:
    """Yield a sentence for each setting that is billed by, and leaves this month as it is."""
    if not (np.any(w.init_ms) and np.any(w.cold_start_share)):
        names = [name for name in names if name not in ("init_ms", "cold_start_share")]
    if not names:
        return
    if w.sample_size > BLOCK:  # what moves these moves the others
        arrays = {name: getattr(w, name) for name in QUANTITIES}
        w = w.replace(**{n: v[:BLOCK] for n, v in arrays.items() if np.size(v) > BLOCK})
        as_set = list(lines(w))
    in_the_way = _InTheWay(target, w)
    for name in names:
        left = list(lines(w.replace(**{name: _DEFAULTS[name]})))
        if _alike(as_set, left) and not in_the_way(name):
            default = _DEFAULTS[name]
            said = f"{default:g}" if isinstance(default, float) else default
            without = f"at {said}" if default != UNSET else "without it"
            yield (
                f"{name} changes nothing in this month on {target.platform.name}:"
                f" {without} the bill is the same."
            )


def _alike(some: Sequence[LineItem], others: Sequence[LineItem]) -> bool:
    """Whether two bills have the same lines, of the same amounts and shares."""
    if [one.dimension for one in some] != [one.dimension for one in others]:
        return False
    one, other = ([(i.cost, i.work, i.waiting) for i in items] for items in (some, others))
    return np.allclose(one, other, rtol=_ROUNDING, atol=0)


def _says_what_a_token_takes(w: Workload) -> bool:
    """Whether the CPU billed for a token was given, and is not what follows from the rest."""
    given, own = w.metered_cpu_ms_per_token, w.cpu_ms_per_output_token
    return not w.token_cpu_is_left_open and bool(np.any(given != own))


def _at_odds(read: frozenset[str], target: Design, w: Workload) -> Iterator[str]:
    """Yield a sentence for values that do not go together."""
    if _METERED in read and _says_what_a_token_takes(w) and not np.any(w.output_tokens):
        yield f"{_METERED} changes nothing on {target.platform.name}: an answer has no tokens here."
    for name in _WHOLE:
        asked = np.asarray(getattr(w, name))
        if name in read and np.any(part := (asked > 0) & (np.ceil(asked) > asked)):
            yield f"{name} is {asked[part].min():,.10g}; the next whole number is billed."
    starts = "init_ms" in read
    if starts and np.any(w.cold_start_share) and not np.any(w.init_ms):
        yield (
            f"cold_start_share is {np.max(w.cold_start_share):g} and init_ms 0, so a cold start"
            " costs nothing here; say how long INIT takes."
        )
    if starts and np.any(w.init_ms) and not np.any(w.cold_start_share):
        yield (
            f"init_ms is {np.max(w.init_ms):,.10g} and cold_start_share 0, so no request meets a"
            " cold start here; say what share does."
        )
    is_set = "memory_mb" in read and "peak_memory_mb" not in read
    if is_set and np.any(np.asarray(w.peak_memory_mb) > w.memory_mb):
        yield (
            f"peak_memory_mb is {show(float(np.max(w.peak_memory_mb)), 'count')}, more than"
            f" memory_mb, {show(float(np.min(w.memory_mb)), 'count')}; {target.platform.name} ends"
            " a request that needs more memory than it has."
        )
