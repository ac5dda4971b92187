"""Which cells of a replay have to run: those that were edited, and those that use what these make.

They run in the simulated cloud. So that what they need is there, the cells above them run in it
first, in silence; of those the recorded figures stay.
"""

from __future__ import annotations

import ast
import io
import symtable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.simulated.refusals import NotSimulatedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serverless_tax.cloud.simulated.cloud import SimulatedCloud


#: What a recording calls the pace of the model.
_PACE = "the model's pace"


@dataclass(slots=True)
class _Seen:
    """A cell that was replayed, and whether the simulated cloud has done what it does."""

    cell: str
    values: Mapping[str, Any]
    is_done: bool = False


class Edited:
    """What of a notebook was edited, and what follows from it.

    Args:
        shell: IPython's.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._seen: dict[str, _Seen] = {}
        self._changed: set[str] = set()
        #: Whether an error of the cell that runs now is kept from the screen.
        self.is_quiet = False

    def why(self, cell: str, settings: Mapping[str, Any], *, is_edited: bool) -> str:
        """Say why a cell has to run; empty where its recording answers it.

        Args:
            cell: its text.
            settings: the notebook's, when it was recorded.
            is_edited: whether it was another cell then.
        """
        if is_edited:
            return "it was edited"
        now = settings_of(self._shell.user_ns)
        for name in sorted((_read(cell) | {_PACE}) & settings.keys() & now.keys()):
            if settings[name] != now[name]:
                return f"{name} is not what it was when it was recorded"
        if changed := sorted(_read(cell) & self._changed):
            return f"it uses `{changed[0]}`, which an edited cell made"
        if self._changed and "target.cloud" in cell:
            return "it reads the meter, which an edited cell has moved"
        return ""

    def note(self, key: str, cell: str, values: Mapping[str, Any]) -> None:
        """Note a cell whose recording was shown."""
        self._seen[key] = _Seen(cell, values)

    def run(self, key: str, cell: str, cloud: SimulatedCloud) -> str:
        """Run a cell in a cloud, after what was replayed above it.

        Returns:
            Why it cannot be simulated; empty where it ran.

        Raises:
            Exception: whatever the cell raises.
        """
        self._seen.pop(key, None)
        made, names = _made(cell), self._shell.user_ns
        refused = ""
        with cloud.on(names):
            for seen in [*self._seen.values()]:
                if not seen.is_done:
                    seen.is_done = True
                    quiet = io.StringIO()
                    with redirect_stdout(quiet), redirect_stderr(quiet):
                        error = self._try(seen.cell)
                    if isinstance(error, NotSimulatedError):
                        refused = refused or str(error)
                    names.update(
                        {name: one for name, one in seen.values.items() if not _is_text(one)}
                    )
            error = self._try(cell, is_quiet=bool(refused))
        if error is not None and (refused or isinstance(error, NotSimulatedError)):
            return refused or str(error)
        self._changed |= made
        if error is not None:
            raise error
        self._seen[key] = _Seen(cell, {}, is_done=True)
        return ""

    def _try(self, cell: str, *, is_quiet: bool = True) -> BaseException | None:
        self.is_quiet = is_quiet
        try:
            result = self._shell.run_cell(cell)
        finally:
            self.is_quiet = False
        error: BaseException | None = result.error_in_exec or result.error_before_exec
        return error

    def hides(self, error: BaseException) -> bool:
        """Whether an error is not for the screen: what is not simulated is told otherwise."""
        return self.is_quiet or isinstance(error, NotSimulatedError)


def settings_of(names: Mapping[str, Any]) -> dict[str, Any]:
    """A notebook's constants by name, and its model's pace: what a recording answers for."""
    found = {
        name: [*value] if isinstance(value, tuple) else value
        for name, value in names.items()
        if name.isupper() and not name.startswith("_") and _is_number(value)
    }
    pace = getattr(names.get("target"), "pace", None)
    return (
        {**found, _PACE: [pace.ttft_ms, pace.tokens_per_s, pace.output_tokens]} if pace else found
    )


def _is_number(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_number, value))
    return isinstance(value, (int, float))


def _is_text(value: Any) -> bool:
    """Whether a value is a name or an address, or holds nothing else: not a figure."""
    if isinstance(value, dict):
        return all(map(_is_text, value.values()))
    return isinstance(value, str)


def _plain(cell: str) -> str:
    """A cell without the notebook's own commands."""
    lines = cell.splitlines()
    return "\n".join("" if one.lstrip().startswith(("%", "!")) else one for one in lines)


def _read(cell: str) -> set[str]:
    """The notebook's names that a cell uses, in its functions too, and has not made before."""
    read: set[str] = set()
    made: set[str] = set()
    for part in _parts(cell):
        used = {
            name.get_name()
            for table in _tables(part)
            for name in table.get_symbols()
            if name.is_referenced() and (name.is_global() or table.get_type() == "module")
        }
        read |= used - made - _held(part)
        made |= _made(part)
    return read


def _made(cell: str) -> set[str]:
    """The notebook's names that a cell gives a value, its functions among them; no loop's own."""
    return {
        name.get_name()
        for part in _parts(cell)
        for name in next(_tables(part)).get_symbols()
        if name.is_assigned() and not name.is_imported()
    } - _held(cell)


def _held(cell: str) -> set[str]:
    """The names of loops and of what is opened `as` something: each cell has its own."""
    targets: list[ast.AST] = []
    for part in _parts(cell):
        for node in ast.walk(ast.parse(part)):
            if isinstance(node, (ast.For, ast.comprehension)):
                targets.append(node.target)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                targets.append(node.optional_vars)
    return {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}


def _parts(cell: str) -> list[str]:
    """Its statements; none where Python cannot read it."""
    try:
        return [ast.unparse(one) for one in ast.parse(_plain(cell)).body]
    except SyntaxError:
        return []


def _tables(part: str) -> Iterator[symtable.SymbolTable]:
    """The names of a statement, and then those of each function in it."""
    tables = [symtable.symtable(part, "cell", "exec")]
    while tables:
        table = tables.pop(0)
        tables += table.get_children()
        yield table
