"""Cell magics of the labs: record the figures of a run, and load them where no cloud can run.

A lab says, in its first code cell::

    %load_ext serverless_tax.cloud.lab.replay
    %recording results/1-what-a-waiting-function-costs.json

and begins each cell that talks to a cloud with ``%%live`` and the names that later cells need. The
cell then runs as any other. With ``LABS_REPLAY=1`` in the environment the cell does not run: its
names and its output come from the recording. If it was edited since, or uses what an edited cell
made (any cell that is not the lab's own) or a changed file of a handler, its recording answers
another question: it then runs in the simulated cloud, and says so. ``%record``, at the end, writes
the recording if ``LAB_RECORD=1`` is set, and into another folder if ``LAB_RECORD`` names one.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import re
import sys
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.function.logbook import Reading
from serverless_tax.cloud.lab import RECORD
from serverless_tax.cloud.lab.edited import (
    Edited,
    handlers_here,
    plain_parts,
    settings_of,
    statement_digest,
)
from serverless_tax.cloud.simulated.stated import OF_MEMORY
from serverless_tax.ground.files import write_whole
from serverless_tax.ground.report import Report, format_report, parse_report
from serverless_tax.ground.sentences import use_sentences
from serverless_tax.metered import Metered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from serverless_tax.cloud.simulated.cloud import SimulatedCloud

REPLAY = "LABS_REPLAY"


class RecordingError(RuntimeError):
    """A recording is missing, or lacks a figure of a cell."""


def is_replaying() -> bool:
    """Whether the labs load recorded figures instead of deploying."""
    return os.environ.get(REPLAY) == "1"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a recording has of a cell.

    Attributes:
        values: of its names.
        printed: its output.
        settings: the notebook's when it was recorded: its constants and the model's pace.
        handlers: the digests of the handlers' files then.
        is_edited: whether the cell is another than the recorded one.
    """

    values: dict[str, Any]
    printed: str
    settings: Mapping[str, Any]
    handlers: Mapping[str, str]
    is_edited: bool


class Recording:
    """One lab's file of figures: the names and output of each live cell, the date, the machine.

    Args:
        path: the JSON file, under ``results/``.

    Raises:
        RecordingError: if it is replayed and cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._replayed: dict[str, Any] | None = None
        self.kept: dict[str, Any] = {}
        self.printed: dict[str, str] = {}
        self.cells: dict[str, str] = {}
        self.settings: dict[str, Any] = {}
        self.statements: set[str] = set()
        if is_replaying():
            self._replayed = _read(path)

    def replay(self, names: list[str], cell: str) -> Replayed | None:
        """Return the recorded values and output of a cell; None if the cell must run.

        Raises:
            RecordingError: if the recording lacks a name.
        """
        if self._replayed is None:
            return None
        missing = [name for name in names if name not in self._replayed["figures"]]
        if missing:
            msg = f"{self.path} has no {', '.join(missing)}: make it anew with {RECORD}=1."
            raise RecordingError(msg)
        values = {name: decode(self._replayed["figures"][name]) for name in names}
        was = self._replayed.get("cells", {}).get(_key(names))
        printed = str(self._replayed["printed"].get(_key(names), ""))
        settings = self._replayed.get("settings", {})
        handlers = self._replayed.get("handlers", {})
        return Replayed(values, printed, settings, handlers, is_edited=was != digest(cell))

    def own_statements(self) -> set[str]:
        """The digests of the lab's own statements beside its live cells, as they were recorded."""
        return set((self._replayed or {}).get("statements", []))

    def keep(self, names: list[str], namespace: Mapping[str, Any], printed: str, cell: str) -> None:
        """Record the names, the output and the text of a live cell.

        Raises:
            RecordingError: if the cell has not made one of the names.
        """
        for name in names:
            if name not in namespace:
                msg = f"The cell's first line promises {name}, and the cell does not make it."
                raise RecordingError(msg)
            self.kept[name] = encode(namespace[name])
        self.printed[_key(names)] = printed
        self.cells[_key(names)] = digest(cell)
        self.settings |= settings_of(namespace)

    def when(self) -> str:
        """Name the source of the replayed figures."""
        said = self._replayed or {}
        return f"{self.path}, recorded {said.get('date')} on {said.get('machine')}"

    def write(self, folder: Path | None = None) -> None:
        """Write the recording to its own place or into another folder, whole or not at all.

        Raises:
            RecordingError: if the folder does not exist.
            InvalidQuantity: if the recording cannot be written.
        """
        whole = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "target": os.environ.get("SERVERLESS_TAX_TARGET", "local"),
            "figures": self.kept,
            "printed": self.printed,
            "cells": self.cells,
            "settings": self.settings,
            "statements": sorted(self.statements),
            "handlers": handlers_here(),
        }
        path = folder / self.path.name if folder else self.path
        if not path.parent.is_dir():
            msg = f"{RECORD} is {str(folder)!r}: say 1, or an existing folder to record into."
            raise RecordingError(msg)
        write_whole(path, json.dumps(whole, indent=1) + "\n")


def machine() -> str:
    """Name the machine by its cores, its system and its Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"{os.cpu_count()}-core {sys.platform.capitalize()}, Python {version}"


def encode(value: Any) -> Any:
    """Turn a figure of a lab into JSON; REPORT lines stay lines.

    Raises:
        TypeError: for a value that is neither JSON nor one of the package's records.
    """
    if isinstance(value, Report):
        return {"report_line": format_report(value)}
    if isinstance(value, Metered):
        return {"metered_line": asdict(value)}
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    msg = f"%%live cannot keep a {type(value).__name__}; name numbers, text, lists or dicts."
    raise TypeError(msg)


def decode(value: Any) -> Any:
    """Undo `encode`."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"report_line"}:
        return parse_report(value["report_line"])
    if value.keys() == {"metered_line"}:
        return Metered(**value["metered_line"])
    return {key: decode(item) for key, item in value.items()}


def load_recording(path: Path) -> dict[str, Any]:
    """Read the figures of a recording by name, for the book and the tests.

    Raises:
        RecordingError: if it cannot be read.
    """
    return {name: decode(value) for name, value in _read(path)["figures"].items()}


def load_ipython_extension(shell: Any) -> None:
    """Give a notebook the magics ``%recording``, ``%%live`` and ``%record``, and short errors."""
    if "recording" in shell.magics_manager.magics["line"]:
        return  # a set-up that runs again
    edited = Edited(shell)
    use_sentences(shell, edited.hides)
    current: list[Recording] = []

    def recording(line: str) -> None:
        current[:] = [Recording(Path(line.strip()))]
        if is_replaying():
            print(f"Replaying {current[0].when()}: nothing is deployed.")  # noqa: T201

    def live(line: str, cell: str) -> None:
        names = line.split()
        replayed = _the(current).replay(names, cell)
        if replayed is not None:
            _replay(shell, edited, replayed, names, cell)
            return
        # What draws is needed only where something runs.
        from serverless_tax.cloud.lab.ticker import ticking  # noqa: PLC0415

        both = _Both(sys.stdout)
        with ticking(shell.user_ns.get("target")), redirect_stdout(both):
            result = edited.run_live(cell)
        if result.success:
            _the(current).keep(names, shell.user_ns, both.copy.getvalue(), cell)
        else:
            # It is on the screen already; this stops "Run all" at this cell.
            raise result.error_in_exec or result.error_before_exec

    def record(line: str) -> None:
        del line
        where = os.environ.get(RECORD)
        if where and not is_replaying():
            _the(current).write(None if where == "1" else Path(where))

    # After a cell: the one that loads this has begun before.
    shell.events.register("post_run_cell", _noting(edited, current))
    # IPython says of what it keeps here that it is loaded already, where a set-up runs again.
    loaded = shell.extension_manager.loaded
    shell.events.register("post_run_cell", lambda _: loaded.discard(__name__))
    shell.register_magic_function(recording, "line", "recording")
    shell.register_magic_function(live, "cell", "live")
    shell.register_magic_function(record, "line", "record")


def _noting(edited: Edited, current: list[Recording]) -> Callable[[Any], None]:
    """What is called after each cell, and notes the plain ones."""

    def note(result: Any) -> None:
        cell = result.info.raw_cell
        if edited.is_live or not isinstance(cell, str) or not current:
            return
        if is_replaying():
            edited.note_plain(cell, current[0].own_statements())
        else:
            current[0].statements |= {statement_digest(part) for part in plain_parts(cell)}

    return note


class _Both(io.TextIOBase):
    """Standard output, with a copy."""

    def __init__(self, screen: Any) -> None:
        self._screen = screen
        self.copy = io.StringIO()

    def write(self, text: str) -> int:
        self.copy.write(text)
        return int(self._screen.write(text))

    def flush(self) -> None:
        self._screen.flush()


def _the(current: list[Recording]) -> Recording:
    if not current:
        msg = "Say %recording results/NAME.json before the first %%live cell."
        raise RecordingError(msg)
    return current[0]


def _key(names: list[str]) -> str:
    return " ".join(names)


def digest(cell: str) -> str:
    """Return a mark of a cell's text, whatever space ends its lines.

    >>> digest("a = 1  ") == digest("a = 1") != digest("a = 2")
    True
    """
    text = "\n".join(line.rstrip() for line in cell.strip().splitlines())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _replay(shell: Any, edited: Edited, replayed: Replayed, names: list[str], cell: str) -> None:
    """Show what was recorded of a cell, or run it in the simulated cloud if it answers no more."""
    cloud: SimulatedCloud | None = getattr(shell.user_ns.get("target"), "simulated", None)
    why = edited.why(cell, replayed.settings, replayed.handlers, is_edited=replayed.is_edited)
    if not why:
        shell.push(replayed.values)
        sys.stdout.write(replayed.printed)
        edited.note(_key(names), cell, replayed.values)
        if cloud is not None:
            for reading in _readings(replayed.values):
                cloud.note(reading)
        return
    unable = _unreadable(cell)
    if cloud is None or cloud.closed:
        unable = (
            unable or "Not run here: the cloud is closed, so run the lab again from its set-up."
        )
    elif not unable:
        sys.stdout.write(
            f"Simulated: {why}, so it runs in this process, on a clock of its own. CPU is this"
            f" machine's here, and the recording's in recorded cells. {OF_MEMORY}\n"
        )
        unable = edited.run(_key(names), cell, cloud)
    if unable:
        sys.stdout.write(
            f"{unable} The cells below use the recorded run of the cell as it"
            f" was ({_key(names)}).\n"
        )
        shell.push(replayed.values)


def _unreadable(cell: str) -> str:
    """Say of a cell that Python cannot read it, and why."""
    try:
        compile(cell, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        if not re.search(r"^\s*[%!]", cell, re.MULTILINE):  # a notebook's own commands
            return f"Not run here: Python cannot read it: line {error.lineno}, {error.msg}."
    return ""


def _readings(values: Any) -> Iterator[Reading]:
    """What a meter shows of recorded lines: CPU is known where the function logged it."""
    found = [*_records(values)]
    cpu_ms = {one.request_id: one.cpu_ms for one in found if isinstance(one, Metered)}
    for one in found:
        if isinstance(one, Report):
            yield Reading(
                request_id=one.request_id,
                function="recorded",
                billed_ms=one.billed_ms,
                cpu_ms=cpu_ms.get(one.request_id, 0.0),
                init_cpu_ms=0.0,
                frozen_ms=0.0,
                peak_memory_mb=one.max_memory_used_mb or 0,
                at="",
                arn="",
                architecture="x86_64",
                report=format_report(one),
                status=one.status,
            )


def _records(value: Any) -> Iterator[Report | Metered]:
    if isinstance(value, (Report, Metered)):
        yield value
    elif isinstance(value, dict):
        yield from _records([*value.values()])
    elif isinstance(value, list):
        for one in value:
            yield from _records(one)


def _read(path: Path) -> dict[str, Any]:
    try:
        read: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        read = None
    if not (isinstance(read, dict) and read.get("figures") and "printed" in read):
        msg = (
            f"{path} is no recording of this lab: run the lab once with {RECORD}=1 where it can "
            f"deploy, or without {REPLAY}=1."
        )
        raise RecordingError(msg)
    return read
