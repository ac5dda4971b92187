"""What one request does, and how many of them there are in a month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, fields
from operator import attrgetter
from typing import Any, Literal, Self

import numpy as np

from serverless_tax.ground.checks import Value, checked, is_one_of, meant, of_kind, several
from serverless_tax.ground.request import Quantity
from serverless_tax.ground.settings import UNSET, Settings, check_bounds
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.aws_lambda import cpu_time_ms
from serverless_tax.platforms.meters.cpu import MEASURED_CPU_MS_PER_TOKEN

Kind = Literal["cpu", "wait", "streaming"]
Architecture = Literal["x86_64", "arm64"]
_KINDS = ("cpu", "wait", "streaming")
_ARCHITECTURES = ("x86_64", "arm64")


@dataclass(frozen=True, slots=True, eq=False)
class Step(Value):
    """One stretch of a request's timeline.

    ``cpu`` is serial work, ``wait`` is time in which the function does nothing, and
    ``streaming`` is a wait with a little CPU work spread over it (forwarding tokens).

    >>> Step("wait", "50ms", "query the vector store").ms
    50.0
    """

    kind: Kind
    ms: Quantity
    name: str = ""

    def __post_init__(self) -> None:
        if not is_one_of(_KINDS, self.kind):
            msg = f"A step's kind is {self.kind!r}; use one of {', '.join(_KINDS)}."
            raise InvalidQuantity(msg)
        object.__setattr__(self, "ms", checked("ms of a step", self.ms))

    @classmethod
    def of(cls, kind: Kind, ms: Quantity, name: str = "") -> Step:
        """Make a step of a length that is checked already, or is only a symbol so far."""
        step = object.__new__(cls)
        for name_, value in (("kind", kind), ("ms", ms), ("name", name)):
            object.__setattr__(step, name_, value)
        return step


def step_totals(steps: Iterable[Step]) -> dict[str, Quantity]:
    """Add up the lengths of the steps of each kind, in milliseconds, in the order given."""
    totals: dict[str, Quantity] = dict.fromkeys(_KINDS, 0.0)
    for step in steps:
        totals[step.kind] = totals[step.kind] + step.ms
    return {"cpu_ms": totals["cpu"], "wait_ms": totals["wait"], "streaming_ms": totals["streaming"]}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workload(Value, Settings):
    """A month of requests that are alike, or a sample of requests that stands for a month.

    Every quantity carries its unit in its name. A value may be text with a unit (``"4.85s"``,
    ``"1 GB"``) or an array. Arrays make the workload a *sample*: each element is one request,
    and the sample is weighted to ``requests_per_month``. An array is kept as it is, not copied,
    and cannot be written to through the workload.

    ``cpu_ms`` and ``cpu_ms_per_output_token`` are CPU time, as a meter of CPU time says; a platform
    makes wall clock of it. Where the work was timed by the clock instead, in a function with less
    than a whole vCPU, ``measured_at_mb`` says in how much memory, and both are brought to the CPU
    time that takes so long there. The other lengths are wall clock. How a request is delivered and
    hosted (:class:`Settings`) has defaults for every quantity.

    >>> Workload(requests_per_month=10e6, memory_mb=1024, cpu_ms=5.5, wait_ms="4.85s").wait_ms
    4850.0

    Raises:
        InvalidQuantity: if a value is not a finite number of at least zero, and what to do.
    """

    #: Requests in a month, such as 10e6.
    requests_per_month: Quantity
    #: Memory of the function, such as 1024 or 1GB.
    memory_mb: Quantity
    #: Serial CPU work of a request, in CPU time.
    cpu_ms: Quantity = 0.0
    #: Time in which a request only waits.
    wait_ms: Quantity = 0.0
    #: How long the answer streams: a wait in which each token takes a little CPU to pass on.
    streaming_ms: Quantity = 0.0
    #: CPU time in milliseconds to receive a token and pass it on; needed once there is streaming.
    cpu_ms_per_output_token: Quantity = None
    #: The same in CPU time, where CPU is billed. Left out, that of ``cpu_ms_per_output_token``; and
    #: where that was left out too, what the first lab measured.
    metered_cpu_ms_per_token: Quantity = None
    #: Tokens of an answer; needed once passing them on takes CPU.
    output_tokens: Quantity = None
    #: Tokens that the model reads for a request.
    input_tokens: Quantity = 0.0
    #: INIT phase of a cold start.
    init_ms: Quantity = 0.0
    #: Share of requests that meet a cold start, 0 to 1.
    cold_start_share: Quantity = 0.0
    #: Disk of the function in /tmp, of which the first 512 MB are free.
    ephemeral_storage_mb: Quantity = 512.0
    #: ``x86_64`` or ``arm64``.
    architecture: Architecture = "x86_64"
    #: Memory of the function in which CPU work was timed by the clock; left out, it is CPU time.
    measured_at_mb: InitVar[Quantity] = None
    #: The timeline this came from, where it came from one.
    steps: tuple[Step, ...] = ()
    #: Whether a token's CPU, where CPU is billed, was left to what the first lab measured.
    token_cpu_is_left_open: bool = field(default=False, init=False, compare=False)
    #: The largest value of each quantity, so that a limit need not look at ten million requests.
    largest: dict[str, float] = field(default_factory=dict, init=False, compare=False)

    def __new__(cls, *positional: Any, **quantities: Any) -> Self:
        """Refuse a name that is none of a workload's, and a workload that lacks what each has.

        Raises:
            InvalidQuantity: naming it, and the nearest there is, or what to add.
        """
        if positional:
            msg = (
                f"Workload is given {positional[0]!r} without a name; name each quantity, as in"
                " Workload(requests_per_month=1e6, memory_mb=512), or take a named request:"
                " Workload.preset('article')."
            )
            raise InvalidQuantity(msg)
        _check_known(quantities)
        if lacks := [name for name in _SUCH_AS if name not in quantities]:
            msg = (
                f"A workload lacks {' and '.join(lacks)}; give"
                f" {' and '.join(_SUCH_AS[name] for name in lacks)}, or start from a named"
                " request: Workload.preset('article')."
            )
            raise InvalidQuantity(msg)
        return object.__new__(cls)

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        """Give a copy what a workload cannot be made without."""
        return (), {name: getattr(self, name) for name in _SUCH_AS}

    def __post_init__(self, measured_at_mb: Quantity) -> None:
        follows = self.metered_cpu_ms_per_token is None and self.cpu_ms_per_output_token is not None
        self._settle(QUANTITIES)
        if measured_at_mb is not None:
            _bring_to_cpu_time(self, _memory("measured_at_mb", measured_at_mb))
            if follows:
                object.__setattr__(self, "metered_cpu_ms_per_token", self.cpu_ms_per_output_token)

    def _settle(self, names: Iterable[str]) -> None:
        """Check the quantities of these names at the door, and what they have to do with others."""
        _fill_in_what_is_metered(self)
        _ask_for_what_streaming_needs(self)
        for name in names:
            value = _checked(name, getattr(self, name))
            object.__setattr__(self, name, value)
            self.largest[name] = value if isinstance(value, float) else float(np.max(value))
        object.__setattr__(self, "steps", _timeline(self.steps))
        _check_bounds(self)
        _ = self.sample_size  # lengths that do not fit together are refused here, not in a bill

    def __repr__(self) -> str:
        """Name each quantity with its value; settings only where they are not the default."""
        unset: dict[str, Any] = {f.name: f.default for f in fields(Settings)}
        shown = (
            f"{name}={getattr(self, name)!r}"
            for name in (*QUANTITIES, "architecture", "steps")
            if name not in unset or not np.array_equal(getattr(self, name), unset[name])
        )
        return f"Workload({', '.join(shown)})"

    @classmethod
    def from_steps(cls, steps: Sequence[Step | tuple[Any, ...]], **quantities: Any) -> Self:
        """Build a workload from a timeline of steps; everything else by keyword, as ever.

        >>> rag = Workload.from_steps([("cpu", 2), ("wait", 50), ("cpu", "3ms")],
        ...                           requests_per_month=1e6, memory_mb=1024)
        >>> rag.cpu_ms, rag.wait_ms
        (5.0, 50.0)

        Raises:
            InvalidQuantity: as the class does, and for a step of an unknown kind.
        """
        _check_known(quantities)
        timeline = _timeline(steps)
        if twice := [name for name in step_totals(()) if name in quantities]:
            msg = f"{twice[0]} is the sum of its steps; leave it out, or make it a step."
            raise InvalidQuantity(msg)
        return cls(steps=timeline, **step_totals(timeline), **quantities)

    @classmethod
    def preset(cls, name: str, **changes: Any) -> Workload:
        """Return a named request of the book, changed where you say so.

        >>> Workload.preset("article", memory_mb=128).wait_ms
        50.0

        Raises:
            InvalidQuantity: if there is no preset of that name; the message lists them.
        """
        if not is_one_of(tuple(NAMED), name):
            msg = f"There is no preset {name!r}; {meant(name, NAMED)}"
            raise InvalidQuantity(msg)
        return NAMED[name]().replace(**changes)

    def replace(self, **changes: Any) -> Self:
        """Return this workload with some values changed.

        ``measured_at_mb`` says where the CPU given beside it was timed by the clock. A new length
        for a kind of step drops the timeline, which would no longer add up.

        Raises:
            InvalidQuantity: as the class does, and for ``measured_at_mb`` without any CPU.
        """
        _check_known(changes)
        at_mb = changes.pop("measured_at_mb", None)
        if at_mb is not None:
            timed = [name for name in _CPU if name in changes]
            if not timed:
                raise InvalidQuantity(NOTHING_TIMED)
            at_mb = _memory("measured_at_mb", at_mb)
            for name in timed:
                changes[name] = _cpu_time_ms(checked(name, changes[name]), at_mb)
        if {"cpu_ms", "wait_ms", "streaming_ms"} & changes.keys():
            changes.setdefault("steps", ())
        own = self.cpu_ms_per_output_token
        if "cpu_ms_per_output_token" in changes or np.array_equal(
            self.metered_cpu_ms_per_token, own
        ):
            changes.setdefault("metered_cpu_ms_per_token", None)
        if "streaming_ms" in changes and not np.any(self.streaming_ms):
            for name in ("cpu_ms_per_output_token", "output_tokens"):
                if not np.any(getattr(self, name)):  # nothing streamed, so it was not asked for
                    changes.setdefault(name, None)
        moved: Self = object.__new__(type(self))
        for name, value in zip(_KEPT, _kept(self), strict=True):
            object.__setattr__(moved, name, changes.get(name, value))
        as_it_was = self.token_cpu_is_left_open and "metered_cpu_ms_per_token" not in changes
        object.__setattr__(moved, "token_cpu_is_left_open", as_it_was)
        object.__setattr__(moved, "largest", dict(self.largest))
        moved._settle([name for name in QUANTITIES if name in changes])
        return moved

    @property
    def arm(self) -> float:
        """A switch that arithmetic can use, 1.0 on arm64 and 0.0 on x86_64."""
        return float(self.architecture == "arm64")

    @property
    def sample_size(self) -> int:
        """The number of requests sampled, 1 unless some quantity is an array."""
        lengths = {np.size(q) for q in _quantities(self) if type(q) is not float and np.ndim(q)}
        if len(lengths - {1}) > 1:
            msg = (
                f"The arrays of this workload have {', '.join(map(str, sorted(lengths)))} elements;"
                " give each the same number, or one number for all requests."
            )
            raise InvalidQuantity(msg)
        return max(lengths, default=1)


#: How each named request of the book is made. The module that names them, which is built of
#: workloads, puts them here.
NAMED: dict[str, Callable[[], Workload]] = {}


def a_workload(value: Any) -> Workload:
    """Return what is asked about, if it is a workload.

    Raises:
        InvalidQuantity: if it is something else, and what to write.
    """
    return of_kind("workload", value, Workload, "a Workload: Workload.preset('article')")


#: What every workload has, and how it may be given.
_SUCH_AS = {
    "requests_per_month": "requests_per_month=10e6",
    "memory_mb": "memory_mb=1024",
}
#: What a named request gives for what a token takes where CPU is billed, to leave that open though
#: the token takes nothing elsewhere.
AS_MEASURED: Any = object()
#: What is CPU time.
_CPU = ("cpu_ms", "cpu_ms_per_output_token")
#: What is said where nothing is given that was timed at the memory that is.
NOTHING_TIMED = (
    "measured_at_mb says where CPU was timed by the clock, and none is given with it; give"
    f" {' or '.join(_CPU)} too, or leave it out: what there is, is CPU time already."
)

_SETTINGS = tuple(f.name for f in fields(Settings))
#: What a workload can be made of.
_KEPT = tuple(f.name for f in fields(Workload) if f.init)
_kept = attrgetter(*_KEPT)
_FIELDS = (*_KEPT, "measured_at_mb")
#: Of how many parts a step is: with a name, or without.
_PARTS_OF_A_STEP = (2, 3)
#: The settings that may be left to the platform.
_LEFT_OPEN = tuple(f.name for f in fields(Settings) if f.default == UNSET)


#: The numeric fields of a workload: what a request does, then how it is delivered and hosted.
QUANTITIES = (
    *(
        f.name
        for f in fields(Workload)
        if f.init and f.name not in (*_SETTINGS, "architecture", "steps")
    ),
    *_SETTINGS,
)
_quantities = attrgetter(*QUANTITIES)

#: What can be said of a workload: its quantities, its architecture, and where CPU was timed.
SAID = (*QUANTITIES, "architecture", "measured_at_mb")


def _check_known(quantities: Mapping[str, Any]) -> None:
    for name in quantities:
        if name not in _FIELDS:
            hint = meant(name, _FIELDS, f"it has {', '.join(_FIELDS)}.")
            msg = f"A workload has no {name!r}; {hint}"
            raise InvalidQuantity(msg)


def _timeline(steps: Any) -> tuple[Step, ...]:
    return tuple(map(_step, several("steps", steps, "[('wait', '50ms')]"))) if steps != () else ()


def _step(step: Any) -> Step:
    """Return a step, or make one of its kind, length and name."""
    if isinstance(step, Step):
        return step
    if not isinstance(step, tuple | list) or len(step) not in _PARTS_OF_A_STEP:
        msg = f"A step is {step!r}; expected its kind and length, such as ('wait', '50ms')."
        raise InvalidQuantity(msg)
    return Step(*step)


def _checked(name: str, value: Quantity) -> Quantity:
    """Check a value at the door; a setting that may be left to the platform may be."""
    if isinstance(value, float) and value >= 0:
        return checked(name, value)
    # Of a list that is no array, as it is: numpy refuses lists of several lengths.
    as_it_is = None if isinstance(value, np.ndarray) else object
    if name in _LEFT_OPEN and np.any(left := np.asarray(value, as_it_is) == UNSET):
        checked(name, np.where(left, 0, value))
        return np.asarray(value) if np.ndim(value) else value
    return checked(name, value)


def _fill_in_what_is_metered(w: Workload) -> None:
    """Where CPU is billed a token takes what was said, nothing included, or what was measured."""
    said, own = w.metered_cpu_ms_per_token, w.cpu_ms_per_output_token
    left_open = said is AS_MEASURED or (said is None and own is None)
    if left_open:
        object.__setattr__(w, "token_cpu_is_left_open", True)
    if left_open or said is None:
        metered = MEASURED_CPU_MS_PER_TOKEN if left_open else own
        object.__setattr__(w, "metered_cpu_ms_per_token", metered)


def _ask_for_what_streaming_needs(w: Workload) -> None:
    """Take nothing for the CPU of passing tokens on where nothing streams; else ask for it."""
    streaming = np.any(np.asarray(checked("streaming_ms", w.streaming_ms)) > 0)
    if w.cpu_ms_per_output_token is None:
        if streaming:
            msg = (
                "cpu_ms_per_output_token is missing; a streaming step needs it, because passing"
                " tokens on costs CPU: measure it, or write 0 if you mean to leave it out."
            )
            raise InvalidQuantity(msg)
        object.__setattr__(w, "cpu_ms_per_output_token", 0.0)
    if w.output_tokens is None:
        each_ms = checked("cpu_ms_per_output_token", w.cpu_ms_per_output_token)
        if streaming and np.any(np.asarray(each_ms) > 0):
            msg = (
                "output_tokens is missing; without it the CPU of passing tokens on would be left"
                " out: say how many tokens an answer has, or write 0 if you mean none."
            )
            raise InvalidQuantity(msg)
        object.__setattr__(w, "output_tokens", 0.0)


def _check_bounds(w: Workload) -> None:
    if not is_one_of(_ARCHITECTURES, w.architecture):
        msg = f"architecture is {w.architecture!r}; use one of {', '.join(_ARCHITECTURES)}."
        raise InvalidQuantity(msg)
    check_bounds(w)
    _memory("memory_mb", w.memory_mb)
    totals = step_totals(w.steps).items() if w.steps else ()
    if not all(np.array_equal(getattr(w, name), ms) for name, ms in totals):
        msg = (
            "steps do not add up to cpu_ms, wait_ms and streaming_ms; leave those out and build"
            " the workload with Workload.from_steps."
        )
        raise InvalidQuantity(msg)


def _memory(name: str, value: Quantity) -> Quantity:
    """Return a memory, checked."""
    memory_mb = checked(name, value)
    if np.min(memory_mb) == 0:
        msg = f"{name} is 0; expected at least 1 (Lambda offers 128 to 10,240 MB)."
        raise InvalidQuantity(msg)
    return memory_mb


def _cpu_time_ms(taken_ms: Quantity, measured_at_mb: Quantity) -> Quantity:
    return checked("cpu_ms", cpu_time_ms(taken_ms, measured_at_mb))


def _bring_to_cpu_time(w: Workload, measured_at_mb: Quantity) -> None:
    """Replace CPU as the clock timed it, at that memory, by CPU time; each step by its own."""
    changes = {name: _cpu_time_ms(getattr(w, name), measured_at_mb) for name in _CPU}
    if w.steps:
        steps = [
            Step.of(s.kind, _cpu_time_ms(s.ms, measured_at_mb), s.name) if s.kind == "cpu" else s
            for s in w.steps
        ]
        changes |= {"steps": tuple(steps), "cpu_ms": step_totals(steps)["cpu_ms"]}
    for name, value in changes.items():
        object.__setattr__(w, name, value)
    w.largest.update({name: float(np.max(getattr(w, name))) for name in _CPU})
