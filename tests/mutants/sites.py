"""Where a line of Python can be changed a little, and into what.

Each change is one that a person could type by mistake: another operator, a bound that is open,
a factor or a term that was left out, a one that is a two. It is made in the text of the file, so
what is shown is what was run. What only words are made of is left alone: texts, f-strings,
annotations, docstrings. So is what changes nothing: a factor of one that is left out, and a
``strict`` that only asks whether we have counted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
#: Functions by the last part of their name.
FUNCTIONS = {
    "min": "max",
    "max": "min",
    "minimum": "maximum",
    "maximum": "minimum",
    "ceil": "floor",
    "floor": "ceil",
    "any": "all",
    "all": "any",
}
#: A term, or a factor, that is dropped leaves the other side of its operator.
DROPPED = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """One change: ``after`` in the place of what stands from byte ``start`` to ``end`` of a file.

    ``line`` counts from one; ``before`` is that line as it is, and ``kind`` says what was changed.
    """

    file: str
    line: int
    kind: str
    start: int
    end: int
    after: str
    before: str

    def applied(self, source: bytes) -> bytes:
        """Return the text of the file with the change made."""
        return source[: self.start] + self.after.encode() + source[self.end :]

    def shown(self, source: bytes) -> str:
        """Return the changed line, without what stands before it on the left."""
        changed = self.applied(source).decode().splitlines()
        return changed[self.line - 1].strip()


def mutants(file: str, source: bytes) -> list[Mutant]:
    """Return every change of a file that is worth a run, in the order of its text."""
    return sorted(_Finder(file, source).found)


def mutants_below(root: Path, *places: str) -> list[Mutant]:
    """Return those of every Python file of some files and folders below ``root``."""
    files = [path for place in places for path in _python_files(root / place)]
    return [
        mutant
        for path in sorted(set(files))
        for mutant in mutants(path.relative_to(root).as_posix(), path.read_bytes())
    ]


def _python_files(place: Path) -> Iterator[Path]:
    yield from [place] if place.is_file() else place.rglob("*.py")


class _Finder(ast.NodeVisitor):
    """Walks a module and notes what can be changed."""

    def __init__(self, file: str, source: bytes) -> None:
        self.file, self.source, self.found = file, source, set[Mutant]()
        self.lines = source.splitlines(keepends=True)
        self.starts = [sum(map(len, self.lines[:k])) for k in range(len(self.lines) + 1)]
        self.visit(ast.parse(source))

    def note(self, node: ast.expr | ast.stmt, kind: str, new: ast.AST | str) -> None:
        """Note that a node becomes another, in brackets where it is an expression of several."""
        after = new if isinstance(new, str) else ast.unparse(new)
        if isinstance(node, ast.expr) and not isinstance(new, (ast.Constant, ast.Name, ast.Call)):
            after = f"({after})"
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        before = self.lines[node.lineno - 1].decode().strip()
        self.found.add(Mutant(self.file, node.lineno, kind, start, end, after, before))

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Another operator, and one side alone."""
        if not (_is_text(node.left) or _is_text(node.right)):
            times_one = isinstance(node.op, (ast.Mult, ast.Div)) and _is_one(node.right)
            if type(node.op) in OPERATORS and not times_one:
                other: ast.operator = OPERATORS[type(node.op)]()  # type: ignore[assignment]
                self.note(node, "operator", ast.BinOp(node.left, other, node.right))
            if isinstance(node.op, DROPPED) and not times_one:
                self.note(node, "dropped", node.left)
            of_one = isinstance(node.op, ast.Mult) and _is_one(node.left)
            if isinstance(node.op, (ast.Add, ast.Mult)) and not of_one:
                self.note(node, "dropped", node.right)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Another operator."""
        if type(node.op) in OPERATORS and not _is_text(node.value):
            other: ast.operator = OPERATORS[type(node.op)]()  # type: ignore[assignment]
            self.note(node, "operator", ast.AugAssign(node.target, other, node.value))
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """A sign or a ``not`` that is forgotten."""
        if isinstance(node.op, (ast.USub, ast.Not)):
            self.note(node, "sign" if isinstance(node.op, ast.USub) else "not", node.operand)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Each comparison with its bound open or closed, or turned round."""
        for k, op in enumerate(node.ops):
            if type(op) in OPERATORS:
                other: ast.cmpop = OPERATORS[type(op)]()  # type: ignore[assignment]
                ops = [*node.ops[:k], other, *node.ops[k + 1 :]]
                self.note(node, "comparison", ast.Compare(node.left, ops, node.comparators))
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """``and`` for ``or``."""
        other: ast.boolop = OPERATORS[type(node.op)]()  # type: ignore[assignment]
        self.note(node, "boolean", ast.BoolOp(other, node.values))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """The least for the largest, up for down."""
        name = ast.unparse(node.func)
        front, dot, last = name.rpartition(".")
        if last in FUNCTIONS:
            self.note(node.func, "function", ast.Name(f"{front}{dot}{FUNCTIONS[last]}"))
        self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> None:
        """What is given by name, but for ``strict``."""
        if node.arg != "strict":
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A number one more, or nothing; the other truth."""
        if isinstance(node.value, bool):
            self.note(node, "truth", ast.Constant(not node.value))
        elif isinstance(node.value, (int, float)):
            self.note(node, "number", ast.Constant(node.value + 1))
            if node.value:
                self.note(node, "number", ast.Constant(0))

    def visit_Return(self, node: ast.Return) -> None:
        """Nothing where something is returned."""
        if node.value is not None and not (
            isinstance(node.value, ast.Constant) and node.value.value is None
        ):
            self.note(node, "return", "return None")
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Either side alone."""
        self.note(node, "either", node.body)
        self.note(node, "either", node.orelse)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """The value; an annotation holds nothing that runs."""
        if node.value is not None:
            self.visit(node.value)

    def visit_arguments(self, node: ast.arguments) -> None:
        """The defaults."""
        for default in (*node.defaults, *node.kw_defaults):
            if default is not None:
                self.visit(default)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """The defaults and the body, without decorators and what it is said to return."""
        self.visit(node.args)
        for statement in node.body:
            self.visit(statement)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """The body, without decorators."""
        for statement in node.body:
            self.visit(statement)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Words; and Python 3.11 does not say where their parts stand."""


def _is_one(node: ast.expr) -> bool:
    """Whether a factor is the number one."""
    return isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value == 1


def _is_text(node: ast.expr) -> bool:
    """Whether a side of an operator is certainly a text."""
    if isinstance(node, ast.BinOp):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
