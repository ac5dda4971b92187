"""A rule -> JavaScript: run the Python function once on symbols, write down what it did.

numpy hands every operation on a :class:`Symbol` to ``__array_ufunc__``; each one becomes a
``const`` of the JavaScript function. Only operations that give the same last bit in numpy and
in a browser are let through, so the page's slider and the package can never disagree.

What is done often is written once: :func:`part` makes a function of its own and calls it;
:func:`best_of` and :func:`repeat` make loops. All do the same in plain numpy while nothing is
traced.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

_SUMS = {"add": "+", "subtract": "-"}  # of two truths they differ: 2 there, true in numpy
_COMPARISONS = {
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "===",
    "not_equal": "!==",
}
_INFIX = {**_SUMS, "multiply": "*", "divide": "/", **_COMPARISONS}
_CALLS = {
    "ceil": "Math.ceil",
    "floor": "Math.floor",
    "minimum": "Math.min",
    "maximum": "Math.max",
    "sqrt": "Math.sqrt",
}
#: What a loop can keep of its values, and what it starts from.
_KEPT = {"minimum": "Infinity", "maximum": "-Infinity"}

_NAME = re.compile(r"\bv\d+\b")


class Untraceable(TypeError):
    """A rule did something that has no exact twin in JavaScript."""


@dataclass
class _Constant:
    name: str
    expression: str

    @property
    def names(self) -> set[str]:
        return {self.name}

    def lines(self, indent: str) -> list[str]:
        return [f"{indent}const {self.name} = {self.expression};"]

    def kept(self, needed: set[str]) -> _Constant:
        needed.update(_NAME.findall(self.expression))
        return self


@dataclass
class _Loop:
    """A loop over whole numbers that keeps the least or the most of a value."""

    name: str
    keeps: str
    index: str
    bounds: tuple[int, int]
    body: list[_Entry]
    value: str

    @property
    def names(self) -> set[str]:
        return {self.name}

    def lines(self, indent: str) -> list[str]:
        low, high = self.bounds
        inner = f"{indent}  "
        return [
            f"{indent}{self._start()};",
            f"{indent}for (let {self.index} = {low}; {self.index} <= {high}; {self.index} += 1) {{",
            *(line for entry in self.body for line in entry.lines(inner)),
            f"{inner}{self._step()};",
            f"{indent}}}",
        ]

    def _start(self) -> str:
        return f"let {self.name} = {_KEPT[self.keeps]}"

    def _step(self) -> str:
        return f"{self.name} = {_CALLS[self.keeps]}({self.name}, {self.value})"

    def kept(self, needed: set[str]) -> _Loop:
        needed.update(_NAME.findall(self.value))
        self.body = _needed(self.body, needed)
        return self


class _Table(_Loop):
    """A loop over whole numbers that keeps every value, each under its number."""

    def _start(self) -> str:
        return f"const {self.name} = new Float64Array({self.bounds[1] + 1})"

    def _step(self) -> str:
        return f"{self.name}[{self.index}] = {self.value}"


@dataclass
class _Repeat:
    """A loop of a fixed count that makes its values anew from what they were."""

    kept_names: tuple[str, ...]
    index: str
    count: int
    start: tuple[str, ...]
    body: list[_Entry]
    values: tuple[str, ...]

    @property
    def names(self) -> set[str]:
        return set(self.kept_names)

    def lines(self, indent: str) -> list[str]:
        inner, kept, k = f"{indent}  ", self.kept_names, self.index
        starts, values = (zip(kept, each, strict=True) for each in (self.start, self.values))
        return [
            *(f"{indent}let {name} = {value};" for name, value in starts),
            f"{indent}for (let {k} = 0; {k} < {self.count}; {k} += 1) {{",
            *(line for entry in self.body for line in entry.lines(inner)),
            # All are read before any is written: one may become what another was.
            *(f"{inner}const {name}n = {value};" for name, value in values),
            *(f"{inner}{name} = {name}n;" for name in kept),
            f"{indent}}}",
        ]

    def kept(self, needed: set[str]) -> _Repeat:
        needed.update(_NAME.findall(" ".join((*self.start, *self.values))))
        self.body = _needed(self.body, needed)
        return self


_Entry = _Constant | _Loop | _Repeat


def _needed(entries: list[_Entry], needed: set[str]) -> list[_Entry]:
    """Drop what nothing needs, from the last entry back; what is needed is added to ``needed``."""
    return [entry.kept(needed) for entry in reversed(entries) if entry.names & needed][::-1]


@dataclass(eq=False)
class _Body:
    """The body of a function, or of a loop in it; ``outer`` is the block around it."""

    function: _Function
    outer: _Body | None = None
    entries: list[_Entry] = field(default_factory=list)
    known: dict[str, Symbol] = field(default_factory=dict)

    @property
    def within(self) -> tuple[_Body, ...]:
        """This block and those around it, from the outermost in."""
        return (*(self.outer.within if self.outer else ()), self)


@dataclass(eq=False)
class _Function:
    """One JavaScript function, while it is being written down."""

    name: str
    scopes: dict[str, None] = field(default_factory=dict)
    given: dict[str, None] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def __post_init__(self) -> None:
        self.root = self.block = _Body(self)

    def new_name(self) -> str:
        self.count += 1
        return f"v{self.count - 1}"

    def home(self, operands: Iterable[Symbol]) -> _Body:
        """Return the innermost block that one of the operands belongs to.

        So what does not change in a loop is computed before it.
        """
        around = self.block.within
        depth = 0
        for symbol in operands:
            if symbol.scope:
                self.scopes[symbol.scope] = None
            elif symbol.block not in around:
                msg = f"A part of a rule may use only what it is given, not {symbol.name}."
                raise Untraceable(msg)
            else:
                depth = max(depth, around.index(symbol.block))
        return around[depth]

    def operand(self, value: Any, symbols: Iterable[Symbol]) -> str:
        """Return how a value is written among these: in a loop, a scope is read before it."""
        if isinstance(value, Symbol) and value.scope and self.home(symbols) is not self.root:
            return self.record(value.name, [value]).name
        return _literal(value)

    def record(
        self, expression: str, operands: Iterable[Symbol], *, is_comparison: bool = False
    ) -> Symbol:
        """Give an expression a name, the same name if it was seen before."""
        block = self.home(operands)
        if expression not in block.known:
            name = self.new_name()
            block.entries.append(_Constant(name, expression))
            block.known[expression] = Symbol(name, block, is_comparison=is_comparison)
        return block.known[expression]

    def text(self) -> str:
        returned = [f"    {key}: {value}," for key, value in self.results.items()]
        entries = _needed(self.root.entries, set(_NAME.findall("\n".join(returned))))
        body = [line for entry in entries for line in entry.lines("  ")]
        head = f"function {self.name}({', '.join((*self.scopes, *self.given))}) {{"
        return "\n".join([head, *body, "  return {", *returned, "  };", "}"])


class Program:
    """Several JavaScript functions that share the parts they call."""

    def __init__(self) -> None:
        self._functions: dict[str, _Function] = {}

    def add(self, name: str, function: Callable[..., Mapping[str, Any]], *scopes: str) -> None:
        """Trace ``function``, which is called with one :class:`Scope` for each name given.

        Raises:
            Untraceable: if the function does anything but exact arithmetic.
        """
        self._trace(_Function(name, dict.fromkeys(scopes)), lambda: function(*map(Scope, scopes)))

    def call(
        self, name: str, of: Callable[[Any], Mapping[str, Any]], w: Any
    ) -> Mapping[str, Symbol]:
        """Return what the function of that name makes of ``w``, traced when first called."""
        if name not in self._functions:
            part_ = _Function(name)
            self._trace(part_, lambda: of(_Given(part_, w)))
        part_, caller = self._functions[name], _open[-1][1]
        arguments = [getattr(w, wanted) for wanted in part_.given]
        symbols = _symbols(arguments)
        written = ", ".join((*part_.scopes, *map(_literal, arguments)))
        caller.scopes |= part_.scopes
        result = caller.record(f"{name}({written})", symbols)
        return {key: Symbol(f"{result.name}.{key}", result.block) for key in part_.results}

    def _trace(self, function: _Function, run: Callable[[], Mapping[str, Any]]) -> None:
        _open.append((self, function))
        try:
            results = run()
            function.home(_symbols(results.values()))
            function.results = {key: _literal(value) for key, value in results.items()}
        finally:
            _open.pop()
        self._functions[function.name] = function

    def text(self) -> str:
        """Return the functions as JavaScript, each after those it calls."""
        return "\n".join(function.text() for function in self._functions.values())


#: The functions that are being written down, each within the one before it.
_open: list[tuple[Program, _Function]] = []


class Symbol(NDArrayOperatorsMixin):
    """A number that is not known yet, only named."""

    def __init__(
        self, name: str, block: _Body | None = None, *, is_comparison: bool = False
    ) -> None:
        self.name = name
        self.block = block
        self.is_comparison = is_comparison

    @property
    def scope(self) -> str:
        """The scope it is an attribute of, where it was not computed."""
        return "" if self.block else self.name.partition(".")[0]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Symbol:
        """Record one numpy operation, or refuse it by name."""
        operation = ufunc.__name__
        if method != "__call__" or kwargs or operation not in _INFIX | _CALLS:
            allowed = ", ".join(sorted(_INFIX | _CALLS))
            msg = f"A rule may not use numpy's {operation} ({method}); it may use {allowed}."
            raise Untraceable(msg)
        if operation in _SUMS and all(map(_is_comparison, inputs)):
            msg = "A rule may not add or subtract two comparisons; multiply each by a number first."
            raise Untraceable(msg)
        symbols = _symbols(inputs)
        function = _open[-1][1]
        operands = [function.operand(value, symbols) for value in inputs]
        if operation in _INFIX:
            expression = f" {_INFIX[operation]} ".join(operands)
            return function.record(expression, symbols, is_comparison=operation in _COMPARISONS)
        return function.record(f"{_CALLS[operation]}({', '.join(operands)})", symbols)

    def __bool__(self) -> bool:
        """Refuse to branch: an ``if`` would be decided once, at build time, for every reader."""
        msg = "A rule may not branch on a value; use minimum, maximum or a comparison as a factor."
        raise Untraceable(msg)

    def __float__(self) -> float:
        """Refuse to become a plain number: the value is the reader's to choose."""
        msg = "A rule may not turn a quantity into a plain number."
        raise Untraceable(msg)


class Scope:
    """An object whose every attribute is the symbol of that name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Symbol:
        return Symbol(f"{self._name}.{name}")


class _Given:
    """What a part is given: each quantity that it reads becomes a parameter of its function."""

    def __init__(self, function: _Function, w: Any) -> None:
        self._function = function
        self._w = w

    def __getattr__(self, name: str) -> Symbol:
        getattr(self._w, name)  # what the caller does not have cannot be handed on
        self._function.given[name] = None
        return Symbol(name, self._function.root)


def _is_comparison(value: Any) -> bool:
    return getattr(value, "is_comparison", isinstance(value, np.bool_))


def _literal(value: Any) -> str:
    if isinstance(value, Symbol):
        return value.name
    if isinstance(value, np.bool_):  # two known numbers, compared; as a factor it is 1 or 0
        return repr(int(value))
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        msg = f"A rule may compute with numbers only, not with {value!r}."
        raise Untraceable(msg)
    if not math.isfinite(value):
        msg = f"A rule may not write down {value}; compute with finite numbers."
        raise Untraceable(msg)
    return repr(float(value)).removesuffix(".0")


def part(name: str, of: Callable[[Any], Mapping[str, Any]], w: Any) -> Mapping[str, Any]:
    """Return ``of(w)``; under the tracer as a call of a JavaScript function of that name.

    The function is written once, however often it is called, and gets the quantities of ``w``
    that it reads. It may read scopes too, and nothing else that is not known yet. One name
    stands for one function.
    """
    return _open[-1][0].call(name, of, w) if _open else of(w)


def best_of(kept: Any, low: int, high: int, value: Callable[[Any], Any]) -> Any:
    """Return the least or the most of ``value(k)``, for each whole ``k`` from low to high.

    ``kept`` is ``np.minimum`` or ``np.maximum``. Plain numpy evaluates them all at once; under
    the tracer it is a loop, in which only what depends on ``k`` is computed again.

    >>> float(best_of(np.minimum, 1, 9, lambda k: (k - 3) * (k - 3) + 2))
    2.0
    """
    if not _open:
        numbers = np.arange(low, high + 1.0)
        return kept.reduce(np.broadcast_to(value(numbers), numbers.shape))
    return _looped(_Loop, kept.__name__, low, high, value)


def tabulated(low: int, high: int, value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that looks up ``value(k)``, computed once for each whole ``k``.

    ``k`` runs from ``low``, which is at least 0, to ``high``; under the tracer it is the number of
    a loop.

    >>> squares = tabulated(1, 9, lambda k: k * k)
    >>> float(best_of(np.maximum, 1, 9, lambda k: k * (squares(k) < 50)))
    7.0
    """
    if not _open:
        numbers = np.arange(low, high + 1.0)
        held = np.broadcast_to(value(numbers), numbers.shape)
        return lambda k: held[np.asarray(k - low).astype(int)]
    function = _open[-1][1]
    table = _looped(_Table, "", low, high, value)
    return lambda k: function.record(f"{table.name}[{_literal(k)}]", _symbols([table, k]))


def _looped(
    kind: type[_Loop], keeps: str, low: int, high: int, value: Callable[[Any], Any]
) -> Symbol:
    """Write down a loop over ``value``, and return the name of what it keeps."""
    function = _open[-1][1]
    around, name = function.block, function.new_name()
    body, index = _body(function)
    function.block = body
    try:
        result = value(Symbol(index, body))
        function.home(_symbols([result]))
    finally:
        function.block = around
    around.entries.append(kind(name, keeps, index, (low, high), body.entries, _literal(result)))
    return Symbol(name, around)


def repeat(count: int, state: tuple[Any, ...], step: Callable[..., tuple[Any, ...]]) -> Any:
    """Return what ``count`` times ``state = step(*state)`` makes of a state; a loop when traced.

    >>> repeat(3, (1, 1), lambda a, b: (b, a + b))
    (3, 5)
    """
    if not _open:
        for _ in range(count):
            state = step(*state)
        return state
    function = _open[-1][1]
    around, names = function.block, tuple(function.new_name() for _ in state)
    function.home(_symbols(state))
    body, index = _body(function)
    function.block = body
    try:
        results = step(*(Symbol(name, body) for name in names))
        function.home(_symbols(results))
    finally:
        function.block = around
    start, values = (tuple(map(_literal, each)) for each in (state, results))
    around.entries.append(_Repeat(names, index, count, start, body.entries, values))
    return tuple(Symbol(name, around) for name in names)


def _body(function: _Function) -> tuple[_Body, str]:
    """Return the body of a new loop in the block that is open, and the name of its index."""
    body = _Body(function, function.block)
    return body, f"i{len(body.within) - 1}"


def _symbols(values: Iterable[Any]) -> list[Symbol]:
    return [value for value in values if isinstance(value, Symbol)]


def to_javascript(name: str, function: Callable[..., Mapping[str, Any]], *scopes: str) -> str:
    """Trace ``function`` and return a JavaScript function of the same result.

    The function is called with one :class:`Scope` for each name and returns a mapping of
    names to values; the JavaScript takes plain objects and returns a plain object. The parts it
    calls stand before it.

    >>> print(to_javascript("area", lambda w: {"cm2": w.a * w.b}, "w"))
    function area(w) {
      const v0 = w.a * w.b;
      return {
        cm2: v0,
      };
    }

    Raises:
        Untraceable: if the function does anything but exact arithmetic.
    """
    program = Program()
    program.add(name, function, *scopes)
    return program.text()
