"""What was asked for and changes nothing in what a command says: a sentence each, with its reason.

A bill says so itself (:mod:`serverless_tax.bill.unread`). A command that asks a question of several
bills says it of what changes none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.cli.options import Asked
from serverless_tax.cli.output import remark
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.request.workload import Workload

#: How a bill begins to say that something leaves it as it is.
_NOTE = re.compile(r"(\w+) (?:changes nothing|is [\d.,e+-]+ and (?:init_ms|cold_start_share) 0)")
#: What stands before the reason in what a bill says.
_WHY = re.compile(": |, so ")
#: What a file has for other commands too, and a bill always: said where it was given as an option.
_IF_GIVEN = ("memory_mb", "peak_memory_mb")
#: What no bill says it of: presets have tokens, and CPU of a token may be hidden in a wait.
_UNSAID = (
    "output_tokens",
    "input_tokens",
    "cpu_ms_per_output_token",
    "metered_cpu_ms_per_token",
)
#: What decides how much memory a function is given, where a command gives it some.
TUNED = ("memory_mb", "peak_memory_mb")
Priced = Callable[[Workload], list[Bill]]


def priced(designs: Iterable[str], keywords: dict[str, Any]) -> Priced:
    """Return what bills a workload on each of these designs, with the path that they need."""
    return lambda w: [bill(name, w, **{"path": "needed"} | keywords) for name in designs]


def say_unmoved(
    asked: Asked,
    workload: Workload,
    keywords: dict[str, Any],
    of: Priced,
    *,
    but: Iterable[str] = (),
    of_totals: bool = False,
) -> None:
    """Remark on each option, and each setting of a scenario, that changes no bill of a command.

    ``but`` are those by which it asks another question. ``of_totals`` is for one that shows no
    split of them.
    """
    given = asked.given()
    if given or asked.scenario or keywords.get("used_up") or keywords["free_tier"]:
        said = _noted(of(workload), given) | _unsaid(given, workload, of, of_totals=of_totals)
        for sentence in (said[name] for name in said if name not in but):
            remark(sentence)


def without(asked: Asked) -> dict[str, Workload]:
    """Return for each option that was given, and is not needed, the workload without it."""
    found = {}
    for name in asked.given():
        with suppress(InvalidQuantity):
            found[name] = replace(asked, **{name: None}).workload(takes_facts=True)
    return found


def say_obstacles(of: Priced, workload: Workload) -> None:
    """Remark on why requests cannot be served, where a command shows no bill that says so."""
    for sentence in dict.fromkeys(one for each in of(workload) for one in each.obstacles):
        remark(sentence)


def say_unsaid(asked: Asked, workload: Workload, of: Priced) -> None:
    """Remark on what the bills do not say themselves, where they are shown whole."""
    for sentence in _unsaid(asked.given(), workload, of).values():
        remark(sentence)


def _noted(bills: Iterable[Bill], given: Iterable[str]) -> dict[str, str]:
    """Return what all the bills say of a setting: it is one sentence, with each reason once."""
    first, *others = [
        {said[1]: note for note in each.notes if (said := _NOTE.match(note))} for each in bills
    ]
    found = {}
    for name, note in first.items():
        if all(name in other for other in others) and (name not in _IF_GIVEN or name in given):
            notes = dict.fromkeys((note, *(other[name] for other in others)))
            reasons = dict.fromkeys(_WHY.split(one, maxsplit=1)[-1].rstrip(".") for one in notes)
            several = f"{name} changes nothing here: {'; '.join(reasons)}."
            found[name] = note if len(notes) == 1 else several
    return found


def _unsaid(
    given: Iterable[str], workload: Workload, of: Priced, *, of_totals: bool = False
) -> dict[str, str]:
    """Return a sentence for each such option that was given, where no dollars hang on it."""
    found = {}
    for name in sorted({*_UNSAID} & {*given}):
        more = workload.replace(**{name: getattr(workload, name) * 2 + 1})
        now, then = of(workload), of(more)
        before, after = (
            [(one.title, one.total, 0 if of_totals else one.work) for one in bills]
            for bills in (now, then)
        )
        noted = any(note.startswith(f"{name} ") for one in now for note in one.notes)
        if before == after and not noted:
            tokens = name.endswith("_tokens")
            model = "; with --model its tokens are on the bill" if tokens else ""
            found[name] = f"{name} changes nothing here: no dollars hang on it{model}."
    return found
