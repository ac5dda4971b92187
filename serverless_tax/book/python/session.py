"""Runs the cells of a page in order, as a notebook does, and says what each shows.

The page's worker makes one session in Pyodide; the tests make one in any Python. Nothing here is
of the browser: what happens is told to ``say``, an event at a time.
"""

from __future__ import annotations

import ast
import inspect
import io
import linecache
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NamedTuple

from serverless_tax.book.exercises import verdict
from serverless_tax.book.python.lacks import note
from serverless_tax.book.typeset import typeset
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.request.workload import Workload
from serverless_tax.widgets.address import read_address
from serverless_tax.widgets.prose import page_start
from serverless_tax.widgets.scenario import FIELDS, scenario, workload

#: Told of what a cell does: the cell's name, what it is, and the text or HTML of it.
Say = Callable[[str, str, str], object]
#: A cell that prints more than this in characters is cut.
MOST_PRINTED = 200_000
#: An error that goes through more calls shows the first of them.
MOST_CALLS = 5_000
#: Printed text is told in pieces, the first of them after so many seconds.
_PIECE_S = 0.1


class Cell(NamedTuple):
    """One cell: its name on the page, its code, and whether it is only there to show something."""

    name: str
    code: str


class Session:
    """What the cells of one page share: their names, and the reader's own scenario as ``mine``."""

    def __init__(self, say: Say) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self._say = say
        self._ran: dict[str, str] = {}

    async def run(self, cells: Iterable[Cell], address: str) -> bool:
        """Run cells up to the one asked for, the last; those that ran as they are stay as they are.

        ``address`` is what the reader has set on the page, as a link says it, or empty. Returns
        whether all ran without an error; at the first error the others are left.
        """
        *before, asked = cells
        mine = await self._prepare(before, asked, address)
        if mine is None:
            return False
        self.names["mine"] = mine  # whatever a cell before has made of it
        return await self._run(asked, self.names)

    async def check(self, label: str, cells: Iterable[Cell], address: str) -> bool:
        """Run an exercise's cell, the last, beside the page's names, and say how it was answered.

        Returns whether it ran; what is said of the answer is ``right`` or ``wrong``.
        """
        *before, asked = cells
        mine = await self._prepare(before, asked, address)
        names = {**self.names, "mine": mine}
        if mine is None or not await self._run(asked, names):
            return False
        is_right, says = verdict(label, names)
        self._say(asked.name, "right" if is_right else "wrong", says)
        return True

    def forget(self) -> None:
        """Forget what the cells have made: each runs anew, as it stands, before the next."""
        self.names.clear()
        self.names["__name__"] = "__main__"
        self._ran.clear()

    async def _prepare(self, before: list[Cell], asked: Cell, address: str) -> Workload | None:
        """Run what has not run yet as it is now; return the reader's scenario, or None."""
        for cell in before:
            if self._ran.get(cell.name) != cell.code and not await self._run(cell, self.names):
                return None
        try:
            return _workload_of(address)
        except InvalidQuantity as error:
            self._say(asked.name, "error", f"mine: {error}\n")
            return None

    async def _run(self, cell: Cell, names: dict[str, Any]) -> bool:
        self._say(cell.name, "begins", "")
        began = time.perf_counter()
        printed = _Printed(lambda text: self._say(cell.name, "text", text))
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                value = await _value(cell, names)
                printed.flush()
                if value is not None and not cell.code.rstrip().endswith(";"):
                    what, text = shown(value)
                    if what == "text":
                        printed.write(text)
                        printed.flush()
                    else:
                        self._say(cell.name, what, text)
                for figure in _open_figures():
                    self._say(cell.name, *shown(figure))
        except BaseException as error:  # noqa: BLE001 - whatever a reader's code raises is shown
            printed.flush()
            self._say(cell.name, "error", traceback_of(error))
            if isinstance(error, MemoryError):
                self._say(cell.name, "full", "")
            self._ran.pop(cell.name, None)
            return False
        self._ran[cell.name] = cell.code
        self._say(cell.name, "ends", f"{time.perf_counter() - began:.3f}")
        return True


def _workload_of(address: str) -> Workload:
    """Return what the page starts from, with what the reader has set."""
    values, _, said = read_address(address)
    if "preset" in said:
        return workload(values)
    start = page_start()
    own = scenario(start.preset) | dict(start.changes)
    return workload(own | {field.name: values[field.name] for field in FIELDS if field.key in said})


async def _value(cell: Cell, names: dict[str, Any]) -> Any:
    """Run a cell; return what its last expression gives."""
    lines = [f"{line}\n" for line in cell.code.splitlines()]
    linecache.cache[cell.name] = len(cell.code), None, lines, cell.name
    tree = ast.parse(cell.code, cell.name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    await _execute(tree, cell.name, names)
    if not isinstance(last, ast.Expr):
        return None
    return await _execute(ast.Expression(last.value), cell.name, names)


async def _execute(tree: ast.Module | ast.Expression, name: str, names: dict[str, Any]) -> Any:
    mode = "eval" if isinstance(tree, ast.Expression) else "exec"
    code = compile(tree, name, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    value = eval(code, names)  # noqa: S307 - the reader's own code, in the reader's own browser
    return await value if code.co_flags & inspect.CO_COROUTINE else value


def shown(value: Any) -> tuple[str, str]:
    """Return what a value shows: its HTML, its drawing, or its text, and which of them it is."""
    html = getattr(value, "_repr_html_", None)
    if html and not isinstance(value, type) and (text := html()) is not None:
        return "html", typeset(str(text))
    if hasattr(value, "savefig") and "matplotlib" in sys.modules:
        drawn = io.StringIO()
        value.savefig(drawn, format="svg", bbox_inches="tight")
        return "html", drawn.getvalue()[drawn.getvalue().index("<svg") :]
    return "text", f"{value!r}\n"


def _open_figures() -> list[Any]:
    """Return the figures that pyplot has open, and close them: they belong to the cell."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    figures = [pyplot.figure(number) for number in pyplot.get_fignums()]
    pyplot.close("all")
    return figures


def traceback_of(error: BaseException) -> str:
    """Return an error as Python prints it, with the lines of the page's cells alone.

    Python reads every call's line, which takes a page a minute for a million calls: here the first.
    """
    told = traceback.TracebackException.from_exception(error, limit=MOST_CALLS)
    is_cut = len(told.stack) == MOST_CALLS
    links: list[traceback.TracebackException | None] = [told]
    while links:
        one = links.pop()
        if one is not None:
            of_cells = [frame for frame in one.stack if frame.filename.startswith("<cell ")]
            one.stack = traceback.StackSummary.from_list(of_cells)
            links += [one.__cause__, one.__context__]
    said = note(error)
    if is_cut:
        said = f"… cut: an error shows its first {MOST_CALLS:,} calls."
    return "".join(told.format()) + (f"{said}\n" if said else "")


class _Printed(io.TextIOBase):
    """Tells what is printed as it comes, in pieces."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self._kept: list[str] = []
        self._left = MOST_PRINTED
        self._told_at = time.monotonic()

    def writable(self) -> bool:
        """Whether it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Keep a text; at a line's end tell all that is kept, if the last piece is a while ago."""
        if self._left > 0:
            self._kept.append(text[: self._left])
            self._left -= len(text)
            if self._left <= 0:
                self._kept.append(f"\n… cut here: a cell shows {MOST_PRINTED:,} characters.\n")
        if "\n" in text and time.monotonic() - self._told_at > _PIECE_S:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Tell what is kept."""
        if self._kept:
            self._tell("".join(self._kept))
            self._kept.clear()
        self._told_at = time.monotonic()
