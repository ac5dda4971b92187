"""A scenario from outside: a file of quantities, or the address that a widget's link copies."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import numpy as np

from serverless_tax.cli.facts import ADVISED, UNKNOWN, refuse_another
from serverless_tax.ground.checks import checked
from serverless_tax.ground.files import unreadable
from serverless_tax.ground.units import InvalidQuantity, parse_share
from serverless_tax.platforms.aws_lambda import cpu_time_ms
from serverless_tax.questions.answers import MOST_CALLS
from serverless_tax.questions.facts import KIND_OF, MILLION, Facts
from serverless_tax.request.presets import STATED_PEAK_MB
from serverless_tax.request.retries import MOST_RETRIES, Retried, longest_ms
from serverless_tax.request.workload import SAID, Kind, Step, Workload

_MARK = "st?"
#: What a log says, so that nobody has to leave it unknown.
_IN_THE_LOG = ("out_of_memory", "times_out")
_YES_OR_NO = (
    *("in_order", "reads_along", "sees_answer", "own_process", "other_vendor"),
    *_IN_THE_LOG,
)


#: What a scenario may say beside the quantities of a workload, for advice.
_OF_THE_MONTH = ("workload", "busiest", "per_million", "between", "one_wait")
FACTS = tuple(f.name for f in fields(Facts) if f.name not in _OF_THE_MONTH)
#: What is said of steps that wait for others, which no step says of itself.
_SOME_NEED = "Where some need others, longest_ms says how long the longest chain of them takes."
#: What a step of a scenario's file may say.
_OF_A_STEP = ("kind", "ms", "name", "times", "retries")


def read_scenario(source: str, changes: dict[str, Any]) -> Workload:
    """Return the workload of a file or an address, with ``changes`` made to it.

    A file is TOML or JSON with the quantities of :class:`Workload` by name, and may say
    ``preset``, or ``steps``. An address is what "copy link" on a widget gives: what follows
    ``#st?``.

    Raises:
        InvalidQuantity: if it cannot be read, or names something that does not exist.
    """
    if f"#{_MARK}" in source:
        workload, facts, unknown = _from_address(source)
        if facts["unsplit"]:
            unknown.append("cpu_ms")
        if left := [name for name in unknown if name not in changes]:
            msg = (
                f"The address leaves {left[0]} unknown; decide answers with a range, and any other"
                f" command needs it."
            )
            raise InvalidQuantity(msg)
        return workload.replace(**changes)
    said = _from_file(source)
    if said.preset is not None:
        return Workload.preset(said.preset, **(said.quantities | changes))
    there = said.quantities | changes
    missing = [name for name in ("requests_per_month", "memory_mb") if name not in there]
    if missing:
        msg = f"{source} lacks {' and '.join(missing)}; add it, or a preset to start from."
        raise InvalidQuantity(msg)
    if said.steps is None:
        return Workload(**there)
    return Workload.from_steps(said.steps, **said.quantities).replace(**changes)


def not_used(source: str) -> Iterator[str]:
    """Yield which facts a file or an address says that no bill has, in a sentence.

    Raises:
        InvalidQuantity: if it cannot be read.
    """
    if f"#{_MARK}" in source:
        from serverless_tax.widgets.scenario import FIELDS  # noqa: PLC0415

        keys = dict(parse_qsl(urlsplit(source).fragment.removeprefix(_MARK)))
        names = [field.name for field in FIELDS if field.key in keys and field.name in FACTS]
    else:
        names = list(_from_file(source).facts)
    if names:
        yield (
            f"Not used here, where bills are at list prices: {', '.join(names)}."
            " `serverless-tax decide` takes them."
        )


def read_facts(
    source: str,
    changes: dict[str, Any],
    more: dict[str, Any] | None = None,
    took_ms: float | None = None,
) -> Facts:
    """Return the facts of a file or an address; what neither it nor the changes say is unknown.

    ``changes`` are made to its quantities, ``more`` to its other facts, and ``took_ms`` is how long
    a request takes, where it says nothing of that. A quantity may be the word unknown.

    Raises:
        InvalidQuantity: if it cannot be read, or names something that does not exist.
    """
    more, (changes, not_known) = more or {}, apart(changes)
    if f"#{_MARK}" in source:
        workload, facts, unknown = _from_address(source)
        unknown += not_known
        unsplit = facts.pop("unsplit")
        # Each vendor's own sharing, as on the page.
        workload = workload.replace(**{"requests_per_instance": 0} | changes)
        if not np.any(workload.requests_per_month):  # as on the page, where 0 is unknown
            workload = workload.replace(requests_per_month=MILLION)
            more = more | {"per_million": True}
        left = [n for n in unknown if n not in changes]
        if unsplit and not {"cpu_ms", "streaming_ms"} & {*left}:
            facts["busiest"] = _all_work(workload)
        return stated(workload, facts | {"one_wait": True} | more, took_ms, left)
    said = _from_file(source)
    refuse_another(said.runs_on)
    facts = said.facts | more
    quantities, unknown = apart(said.quantities | changes | dict.fromkeys(not_known, UNKNOWN))
    if said.preset is not None:
        workload = Workload.preset(said.preset, **quantities)
        of_preset = facts_of_preset(said.preset, workload)
        return stated(workload, of_preset | facts, took_ms, unknown)
    took_ms = said.took_ms if took_ms is None else took_ms
    steps = said.steps
    if steps and took_ms is None and "wait_ms" not in (*unknown, *quantities):
        steps = [*steps, Step("wait", 0.0)]  # a timeline without a wait waits for nothing
    if any(call.retries for _, call in said.calls) and facts.get("longest_ms") is None:
        facts["longest_ms"] = _longest_ms(said.calls, facts, source)
    return Facts.of(quantities, steps=steps, took_ms=took_ms, **facts)


def _longest_ms(
    calls: Sequence[tuple[Kind, Retried]], facts: dict[str, Any], source: str
) -> float | None:
    """Return how long those of a file take that may overlap, with the retries of each.

    Raises:
        InvalidQuantity: where nobody says whether a stream is one of them.
    """
    reads_along, streams = facts.get("reads_along"), any(kind == "streaming" for kind, _ in calls)
    if facts.get("in_order") is True:
        return None
    if streams and reads_along is None:
        msg = (
            f"{source} has retries and a step that streams; say reads_along: what a person reads"
            " along lasts as long as it is read, and overlaps with no call."
        )
        raise InvalidQuantity(msg)
    kinds = {"wait"} if reads_along else {"wait", "streaming"}
    return longest_ms([call for kind, call in calls if kind in kinds]) or None


#: The quantities that may be the word unknown.
_MAY_BE_UNKNOWN = ("requests_per_month", "memory_mb", "peak_memory_mb", *KIND_OF)


def apart(quantities: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the quantities that are known, and the names of those that are the word unknown."""
    unknown = [n for n, v in quantities.items() if v == UNKNOWN and n in _MAY_BE_UNKNOWN]
    return {name: v for name, v in quantities.items() if name not in unknown}, unknown


def stated(
    workload: Workload,
    facts: dict[str, Any],
    took_ms: float | None = None,
    unknown: Sequence[str] = (),
) -> Facts:
    """Return the facts of a workload of which all but the ``unknown`` is said.

    Raises:
        InvalidQuantity: if it is said in another way too how long it takes.
    """
    if took_ms is not None:
        msg = "--took says how long a request takes, and the preset or link says that already."
        raise InvalidQuantity(msg)
    peak_mb = facts.get("peak_memory_mb", 0.0)
    if "peak_memory_mb" in unknown:
        workload = workload.replace(peak_memory_mb=0)
    elif peak_mb and not np.any(workload.peak_memory_mb):
        workload = workload.replace(peak_memory_mb=peak_mb)
    if facts.get("calls", 1) is None:  # the calls of its timeline are none that were told
        workload = workload.replace(cpu_ms=workload.cpu_ms)
    known = {name: value for name, value in facts.items() if name != "peak_memory_mb"}
    if "requests_per_month" in unknown:
        workload, known["per_million"] = workload.replace(requests_per_month=MILLION), True
    return (
        Facts.without(workload, unknown, **known) if unknown else Facts(workload=workload, **known)
    )


def _all_work(w: Workload) -> Workload:
    """Return a page's request as it is if its stream is work."""
    work_ms = w.cpu_ms + cpu_time_ms(w.streaming_ms, w.memory_mb)
    return w.replace(cpu_ms=work_ms, streaming_ms=0.0)


class _Said(NamedTuple):
    """What a file says: what it starts from, what is said of it, and what it runs on.

    ``calls`` are those of its steps with their retries, which ``steps`` has as their mean.
    """

    preset: str | None
    quantities: dict[str, Any]
    steps: list[Step] | None
    took_ms: float | None
    facts: dict[str, Any]
    runs_on: str
    calls: Sequence[tuple[Kind, Retried]]


def _from_file(source: str) -> _Said:
    values = _values(Path(source))
    preset, steps = values.pop("preset", None), values.pop("steps", None)
    took = values.pop("took_ms", None)
    runs_on = str(values.pop("runs_on", ADVISED))
    facts = {name: _fact(name, values.pop(name), source) for name in FACTS if name in values}
    for name in values:
        if name not in SAID:
            close = get_close_matches(name, (*SAID, *FACTS, "steps", "took_ms"), n=1)
            hint = f"did you mean {close[0]}?" if close else "see the quantities of Workload."
            msg = f"{source} has {name!r}, which no workload has; {hint}"
            raise InvalidQuantity(msg)
    if preset is not None and (steps is not None or took is not None):
        what = "steps" if took is None else "took_ms"
        msg = f"{source} has both a preset and {what}; a timeline comes from one of them."
        raise InvalidQuantity(msg)
    calls = [] if steps is None else _steps(steps, source)
    timeline = None if steps is None else [step for step, _ in calls]
    for name, kind in KIND_OF.items() if timeline is not None else ():
        if name in values:
            if any(step.kind == kind for step in timeline or ()):
                msg = f"{source} has both {name} and steps of kind {kind}; leave one of them out."
                raise InvalidQuantity(msg)
            timeline = [*(timeline or ()), Step(kind, values.pop(name))]
    took_ms = None if took is None else checked("took_ms", took)
    told = [(step.kind, call) for step, call in calls if step.kind != "cpu"]
    return _Said(preset, values, timeline, took_ms, facts, runs_on, told)


def facts_of_preset(name: str, workload: Workload) -> dict[str, Any]:
    """Return the facts of a preset that are no part of its workload, and its peak memory."""
    known = Facts.preset(name)
    said = {fact: getattr(known, fact) for fact in FACTS}
    stated_mb = 0.0 if np.any(workload.peak_memory_mb) else STATED_PEAK_MB[name]
    return said | {"peak_memory_mb": stated_mb, "one_wait": known.one_wait}


def _fact(name: str, value: Any, source: str) -> Any:
    """Return a fact of a file, if it is of its kind."""
    if value == UNKNOWN and name not in _IN_THE_LOG:
        return None
    if name == "longest_ms":
        return checked(name, value)
    if name == "effective_rate" and isinstance(value, str):
        return parse_share(value, field=f"{name} in {source}")
    a_number = name in ("calls", "hour_usd", "effective_rate")
    if a_number is not isinstance(value, bool) and isinstance(value, (int, float)):
        return value
    expected = "a number or 'unknown'" if a_number else "true, false or 'unknown'"
    if name in _IN_THE_LOG:
        expected = "true, or false, which it is where it is left out: its log says it"
    msg = f"{name} in {source} is {value!r}; expected {expected}."
    raise InvalidQuantity(msg)


def _steps(steps: Any, source: str) -> list[tuple[Step, Retried]]:
    """Return the timeline of a file: each call as often as it is made, with its retries."""
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        msg = f"steps in {source} is no list of [[steps]] with kind and ms."
        raise InvalidQuantity(msg)
    timeline: list[tuple[Step, Retried]] = []
    for step in steps:
        unknown = [key for key in step if key not in _OF_A_STEP]
        missing = [key for key in ("kind", "ms") if key not in step]
        if unknown or missing:
            wrong = f"has {unknown[0]!r}" if unknown else f"lacks {missing[0]}"
            msg = f"A step in {source} {wrong}; it has {', '.join(_OF_A_STEP)}. {_SOME_NEED}"
            raise InvalidQuantity(msg)
        times, retries = step.get("times", 1), step.get("retries", 0)
        if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= MOST_CALLS:
            expected = f"a whole number from 1 to {MOST_CALLS:g}"
            msg = f"times of a step in {source} is {times!r}; expected {expected}."
            raise InvalidQuantity(msg)
        if not isinstance(retries, (int, float)) or not 0 <= retries <= MOST_RETRIES:
            expected = f"a share from 0 to {MOST_RETRIES:g}"
            msg = f"retries of a step in {source} is {retries!r}; expected {expected}."
            raise InvalidQuantity(msg)
        one = Step(step["kind"], step["ms"], step.get("name", ""))
        call = Retried(float(one.ms), retries)
        timeline += [(Step(one.kind, call.mean_ms, one.name), call)] * times
    return timeline


def _values(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
        as_json = path.suffix == ".json"
        found = json.loads(text, object_pairs_hook=_once) if as_json else tomllib.loads(text)
    except OSError as error:
        raise InvalidQuantity(unreadable(f"The scenario {path}", error)) from None
    except (ValueError, RecursionError) as error:  # of either format, and of bytes, not text
        kind = "JSON" if path.suffix == ".json" else "TOML"
        msg = f"The scenario {path} is not {kind}: {error}."
        raise InvalidQuantity(msg) from None
    if not isinstance(found, dict) or not found:
        msg = f"The scenario {path} holds no names with values; write memory_mb = 1024 into it."
        raise InvalidQuantity(msg)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return what an object of JSON holds; a name that comes twice is refused, as in TOML."""
    names = [name for name, _ in pairs]
    if twice := [name for name in names if names.count(name) > 1]:
        msg = f"{twice[0]!r} is said twice"
        raise ValueError(msg)
    return dict(pairs)


#: The quantity of a workload that a field stands for, where a link leaves it unknown.
_OF_FIELD = {
    "requests_per_month": "requests_per_month",
    "memory_mb": "memory_mb",
    "receive_ms": "cpu_ms",
    "generate_ms": "streaming_ms",
}


def _from_address(address: str) -> tuple[Workload, dict[str, Any], list[str]]:
    """Return the workload of a widget's address, its facts, and the quantities that are unknown.

    What it leaves out is its preset's.

    An address without a version is of the first, and one without a preset is the article's.
    """
    from serverless_tax.widgets.address import read_address  # noqa: PLC0415
    from serverless_tax.widgets.scenario import workload  # noqa: PLC0415

    values, unknown, said_keys = read_address(address)
    facts: dict[str, Any] = {name: values[name] for name in FACTS if name in values}
    facts |= {name: bool(facts[name]) for name in _YES_OR_NO}
    facts |= {name: None for name in unknown if name in facts}
    facts["longest_ms"] = facts["longest_ms"] or None  # as on the page, where 0 is unknown
    facts["unsplit"] = bool(values["unsplit"])
    if "peak" not in said_keys:  # stated for advice; no bill of a preset has it
        facts["peak_memory_mb"] = values["peak_memory_mb"]
        values["peak_memory_mb"] = 0.0
    month = workload(values)
    return month, facts, [_OF_FIELD[name] for name in unknown if name in _OF_FIELD]
