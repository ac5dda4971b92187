"""Which cells of a replay have to run: those that were edited, and those that use what these make.

They run in the simulated cloud. So that what they need is there, the cells above them run in it
first, in silence; of those the recorded figures stay. What a plain cell that is not the lab's own
binds or changes counts as edited, and so does what follows from it.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import io
import re
import symtable
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.simulated.refusals import NotSimulatedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serverless_tax.cloud.simulated.cloud import SimulatedCloud


#: What a recording calls the pace of the model.
_PACE = "the model's pace"
#: Methods that change what they are called on.
_CHANGES = frozenset(
    {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove"}
    | {"reverse", "setdefault", "sort", "update"}
)
#: Cell magics whose text is not this notebook's Python.
_NO_PYTHON = re.compile(r"%%(live|writefile|file|bash|sh|script|html|javascript|markdown|latex)\b")


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
        #: Of these, what plain cells changed: no cell that runs again in silence takes it back.
        self._by_hand: set[str] = set()
        self._shown: dict[str, Any] = {}
        self._uses: dict[str, set[str]] = {}
        #: Whether a cell has run in the simulated cloud.
        self._has_run = False
        #: Whether a `%%live` cell has the shell: what it runs is no plain cell.
        self.is_live = False
        #: Whether an error of the cell that runs now is kept from the screen.
        self.is_quiet = False

    def why(
        self,
        cell: str,
        settings: Mapping[str, Any],
        handlers: Mapping[str, str],
        *,
        is_edited: bool,
    ) -> str:
        """Say why a cell has to run; empty where its recording answers it.

        Args:
            cell: its text.
            settings: the notebook's, when it was recorded.
            handlers: the digests of the handlers' files, when it was recorded.
            is_edited: whether it was another cell then.
        """
        if is_edited:
            return "it was edited"
        now, read = settings_of(self._shell.user_ns), self._closure(_read(cell))
        for name in sorted((read | {_PACE}) & settings.keys() & now.keys()):
            if settings[name] != now[name]:
                return f"{name} is not what it was when it was recorded"
        here = handlers_here()
        for name, was in handlers.items():
            if here.get(name) != was and _mentions(cell, name):
                return f"handlers/{name} is not what it was when it was recorded"
        if changed := sorted(read & self._changed):
            return f"it uses `{changed[0]}`, which an edited cell made"
        if self._has_run and "target.cloud" in cell:
            return "it reads the meter, which an edited cell has moved"
        return ""

    def note(self, key: str, cell: str, values: Mapping[str, Any]) -> None:
        """Note a cell whose recording was shown."""
        self._seen[key] = _Seen(cell, values)
        self._shown |= copy.deepcopy(dict(values))
        self._take_back(cell)

    def note_plain(self, cell: str, own: set[str]) -> None:
        """Note a cell that ran beside the recording's.

        Args:
            cell: its text.
            own: the digests of the lab's own statements.
        """
        names = self._shell.user_ns
        for part in plain_parts(cell):
            bound, changed = _bound(part)
            is_own = statement_digest(part) in own
            follows = bool(self._closure(_read(part)) & self._changed)
            self._note_functions(part)
            if not is_own or follows:
                self._changed |= bound | changed
                self._by_hand |= bound | changed
                continue
            self._changed -= bound
            self._by_hand -= bound
            for name in (bound | changed) & self._shown.keys() & names.keys():
                self._shown[name] = copy.deepcopy(names[name])
        other = {name for name, was in self._shown.items() if names.get(name) != was}
        self._changed |= other
        self._by_hand |= other

    def _take_back(self, cell: str) -> None:
        """A `%%live` cell has made its names: they are no more what plain cells made of them."""
        made = _made(cell)
        self._by_hand -= made
        self._changed -= made
        for part in _parts(cell):
            self._note_functions(part)

    def _note_functions(self, part: str) -> None:
        [node] = ast.parse(part).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self._uses[node.name] = _read(part)

    def _closure(self, names: set[str]) -> set[str]:
        """These names, and those that the notebook's functions among them use."""
        found: set[str] = set()
        left = set(names)
        while left:
            found |= left
            left = {one for name in left for one in self._uses.get(name, ())} - found
        return found

    def run(self, key: str, cell: str, cloud: SimulatedCloud) -> str:
        """Run a cell in a cloud, after what was replayed above it.

        Returns:
            Why it cannot be simulated; empty where it ran.

        Raises:
            Exception: whatever the cell raises.
        """
        self._seen.pop(key, None)
        made, names = _made(cell), self._shell.user_ns
        by_hand = {name: names[name] for name in self._by_hand & names.keys()}
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
            names.update(by_hand)
            error = self._try(cell, is_quiet=bool(refused))
        if error is not None and (refused or isinstance(error, NotSimulatedError)):
            return refused or str(error)
        self._take_back(cell)
        self._changed |= made
        self._has_run = True
        for name in [*self._shown]:
            if name in made:
                del self._shown[name]
            else:
                self._shown[name] = copy.deepcopy(names.get(name))
        if error is not None:
            raise error
        self._seen[key] = _Seen(cell, {}, is_done=True)
        return ""

    def _try(self, cell: str, *, is_quiet: bool = True) -> BaseException | None:
        self.is_quiet = is_quiet
        result = self.run_live(cell)
        error: BaseException | None = result.error_in_exec or result.error_before_exec
        return error

    def run_live(self, cell: str) -> Any:
        """Run the text of a `%%live` cell."""
        self.is_live = True
        try:
            return self._shell.run_cell(cell)
        finally:
            self.is_live = self.is_quiet = False

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


def handlers_here() -> dict[str, str]:
    """The digest of each file of the labs' handlers, by its name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in sorted(Path("handlers").glob("*.py"))
    }


def plain_parts(cell: str) -> list[str]:
    """The statements of a cell that a recording does not answer; none of a `%%live` cell."""
    if _NO_PYTHON.match(cell.lstrip()):
        return []
    lines = _plain(cell)
    try:
        body = ast.parse(lines).body
    except SyntaxError:
        return []
    found = []
    for node in body:
        decorators = getattr(node, "decorator_list", [])
        above = [f"@{ast.get_source_segment(lines, one)}\n" for one in decorators]
        found.append("".join([*above, ast.get_source_segment(lines, node) or ""]))
    return found


def statement_digest(part: str) -> str:
    """Return a mark of a statement's text, the same in each Python."""
    text = "\n".join(line.rstrip() for line in part.splitlines())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _mentions(cell: str, file: str) -> bool:
    """Whether a cell deploys a file of the handlers: by its name, or by a part that it fills in."""
    stem = Path(file).stem
    filled = rf"\b{re.escape(stem.partition('_')[0])}_\{{" if "_" in stem else r"(?!)"
    return bool(re.search(rf"[\"'/]{re.escape(stem)}\.|{filled}", cell))


def _bound(part: str) -> tuple[set[str], set[str]]:
    """The names that a statement binds where it stands, and those whose values it changes."""
    bound: set[str] = set()
    changed: set[str] = set()
    left: list[ast.AST] = [*ast.parse(part).body]
    while left:
        node = left.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
            continue
        if isinstance(node, (ast.Lambda, ast.comprehension)):
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= _imported(node)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.Attribute, ast.Subscript)):
            is_called = isinstance(node, ast.Attribute) and node.attr in _CHANGES
            if is_called or not isinstance(node.ctx, ast.Load):
                changed |= _root(node)
        left += ast.iter_child_nodes(node)
    return bound, changed


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    """What an import binds, of modules that are neither Python's nor the package's."""
    known = sys.stdlib_module_names | {"serverless_tax"}
    if isinstance(node, ast.ImportFrom):
        is_known = (node.module or "").partition(".")[0] in known
        return set() if is_known else {one.asname or one.name for one in node.names}
    roots = {one.asname or one.name: one.name for one in node.names}
    return {
        name.partition(".")[0]
        for name, module in roots.items()
        if module.partition(".")[0] not in known
    }


def _root(node: ast.expr) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


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
