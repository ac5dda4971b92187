"""The tracer's JavaScript, written shorter: for a page that is read by machines only.

A value that is used once stands where it is used, and what no reader sees has short names. The
operations, their order and their numbers stay, and so does the last bit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from string import ascii_letters

_VALUE = re.compile(r"\bv\d+\b")
#: A value, or a parameter as it is named on the way here.
_INNER = re.compile(r"(?<![.\w])(?:v\d+|[a-zA-Z]{1,2}_)\b")
#: Words of JavaScript that are as short as a name.
_WORDS = frozenset(("do", "if", "in", "of", "as"))
_CONSTANT = re.compile(r"\s*const (v\d+) = (.*);")
_BINARY = re.compile(r"(\S+) ([-+*/]|[<>]=?|[!=]==) (\S+)")
_FUNCTION = re.compile(r"^function (\w+)\(([^)]*)\) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_RESULT = re.compile(r"    (\w+): (.*),")
_STRENGTH = {"*": 3, "/": 3, "+": 2, "-": 2}
#: A comparison, and what needs no brackets anywhere.
_WEAK, _WHOLE = 1, 4


@dataclass(frozen=True)
class Compact:
    """JavaScript, and the short name that it has for each price that it reads."""

    text: str
    prices: dict[str, str]


def compact(traced: str, shown: Iterable[str]) -> Compact:
    """Return what :meth:`serverless_tax.ground.trace.Program.text` wrote, shorter.

    The functions ``shown`` keep their name, and return a list of their results, in order.

    >>> compact('''function area(s, p) {
    ...   const v0 = s.a - s.b;
    ...   const v1 = v0 * p.price_usd;
    ...   return {
    ...     cm2: v1,
    ...   };
    ... }''', ["area"])
    Compact(text='function area(s,p){return[(s.a-s.b)*p.a];}', prices={'price_usd': 'a'})
    """
    functions = _FUNCTION.findall(traced)
    parts, keys, prices = (
        _ShortNames(lambda k: f"f{k}"),
        _ShortNames(_letters),
        _ShortNames(_letters),
    )
    written = []
    for name, given, body in functions:
        text = re.sub(r"\b(v\d+)\.(\w+)", lambda m: f"{m[1]}.{keys[m[2]]}", body)
        text = re.sub(r"\bp\.(\w+)", lambda m: f"p.{prices[m[1]]}", text)
        text = re.sub(r"\b[a-z]\w+(?=\()", lambda m: parts.get(m[0], m[0]), text)
        head = f"function {name}({given})"
        if name not in shown:  # each stands after those that it calls
            text = _RESULT.sub(lambda m: f"    {keys[m[1]]}: {m[2]},", text)
            short, text = _with_short_parameters(given.split(", "), text)
            head = f"function {parts[name]}({short})"
        else:
            text = _with_short_fields(text)
        written.append(_renamed(_Writer(f"{head} {{{text}}}", name in shown).text()))
    return Compact("\n".join(written), prices)


class _ShortNames(dict[str, str]):
    """Short names by long ones, made when first asked for."""

    def __init__(self, made: Callable[[int], str]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, name: str) -> str:
        self[name] = self._made(len(self))
        return self[name]


def _letters(k: int) -> str:
    """Return the name of that number: from a to Z, then aa, ab and so on."""
    first = _letters(k // len(ascii_letters) - 1) if k >= len(ascii_letters) else ""
    return first + ascii_letters[k % len(ascii_letters)]


def _renamed(function: str) -> str:
    """Return a function whose parameters and values have the shortest names it leaves free.

    Those that are named most often come first.
    """
    uses = Counter(_INNER.findall(function))
    taken = set(re.findall(r"(?<![.\w])[a-zA-Z]{1,2}\b", function)) | _WORDS
    free = (name for name in map(_letters, count()) if name not in taken)
    short = dict(zip((name for name, _ in uses.most_common()), free, strict=False))
    return _INNER.sub(lambda m: short[m[0]], function)


def _with_short_parameters(given: list[str], body: str) -> tuple[str, str]:
    """Return the parameters and the body of a function, short; the prices stay ``p``."""
    short = dict(zip((one for one in given if one != "p"), _parameters(), strict=False))
    lines, opened, results = body.partition("  return {")
    lines = re.sub(r"(?<![.\w])(\w+)\b(?!\()", lambda m: str(short.get(m[1], m[1])), lines)
    results = re.sub(r": (\w+),", lambda m: f": {short.get(m[1], m[1])},", results)
    return ", ".join(short.get(one, one) for one in given), lines + opened + results


def _with_short_fields(body: str) -> str:
    """Return the body of a function that takes what it reads of the scenario apart, once."""
    uses = Counter(re.findall(r"\bs\.(\w+)", body))
    short = dict(
        zip((name for name, count in uses.items() if count > 1), _parameters(), strict=False)
    )
    if not short:
        return body
    body = re.sub(r"\bs\.(\w+)", lambda m: short.get(m[1], m[0]), body)
    return f"\n  const {{{', '.join(f'{name}: {to}' for name, to in short.items())}}} = s;{body}"


def _parameters() -> Iterator[str]:
    """Yield names that nothing else in a function has: ``p`` are the prices, ``i0`` a loop's."""
    return (f"{_letters(k)}_" for k in count())


@dataclass
class _Writer:
    """One function, line by line."""

    traced: str
    is_shown: bool
    #: The values that are written where they are used, each with how strongly it binds.
    inside: dict[str, tuple[str, int]] = field(default_factory=dict)

    def text(self) -> str:
        """Return the function on one line."""
        lines = self.traced.splitlines()
        once = self._used_once(lines)
        written = []
        for line in lines:
            constant = _CONSTANT.fullmatch(line)
            if not constant:
                written.append(self._other(line))
            elif constant[1] in once:
                self.inside[constant[1]] = self._expression(constant[2])
            else:
                written.append(f"const {constant[1]} = {self._expression(constant[2])[0]};")
        close = re.sub(r"\s*([-+*/<>=!,;:{}()])\s*", r"\1", "".join(written))
        close = re.sub(r"(const [^;]*;){2,}", _joined, close)
        return re.sub(r",(?=[]}])", "", close)

    def _other(self, line: str) -> str:
        """Return a line that makes no constant."""
        line = self._with_values(line.strip())
        if not self.is_shown:
            return line
        line = re.sub(r"^\w+: ", "", line)
        return {"return {": "return[", "};": "];"}.get(line, line)

    def _used_once(self, lines: list[str]) -> set[str]:
        """Return the values that are used once, and in no loop but the one they are made in."""
        uses: Counter[str] = Counter()
        made, used, loops = {}, {}, [0]
        for number, line in enumerate(lines, start=1):
            constant = _CONSTANT.fullmatch(line)
            for name in _VALUE.findall(constant[2] if constant else line):
                uses[name] += 1
                used[name] = loops[-1]
            if constant:
                made[constant[1]] = loops[-1]
            elif line.lstrip().startswith("for ("):
                loops.append(number)
            elif line.strip() == "}" and len(loops) > 1:
                loops.pop()
        return {name for name, loop in made.items() if uses[name] == 1 and used[name] == loop}

    def _expression(self, text: str) -> tuple[str, int]:
        """Return an expression with its values in it, and how strongly it binds."""
        binary = _BINARY.fullmatch(text)
        if not binary:
            return self._with_values(text), _WHOLE
        left, sign, right = binary.groups()
        binds = _STRENGTH.get(sign, _WEAK)
        return f"{self._operand(left, binds)} {sign} {self._operand(right, binds + 1)}", binds

    def _operand(self, text: str, least: int) -> str:
        """Return an operand, in brackets where it binds less than it must."""
        name = _VALUE.match(text)
        value, strength = text, _WHOLE
        if name and name[0] in self.inside:
            value, strength = self.inside[name[0]]
            value += text[name.end() :]
        # A number below zero stands in brackets too: two signs in a row mean something else.
        return value if strength >= least and value[0] != "-" else f"({value})"

    def _with_values(self, text: str) -> str:
        """Return a call, or a line, with its values in it: none of them needs brackets there."""
        return _VALUE.sub(lambda m: self.inside.get(m[0], (m[0], 0))[0], text)


def _joined(constants: re.Match[str]) -> str:
    """Write several constants in a row as one statement."""
    return constants[0].replace(";const ", ",")
