"""The page's arithmetic: figures traced to JavaScript, and the prices they are given."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from serverless_tax.ground.trace import Program, Scope
from serverless_tax.prices import Price
from serverless_tax.widgets.compact import compact
from serverless_tax.widgets.figures import sources
from serverless_tax.widgets.prose import UnknownFigure
from serverless_tax.widgets.scenario import FIELDS, compute, page_prices, scenario
from serverless_tax.widgets.widget import Figures, Widget


def figures_javascript(wanted: Iterable[str], first: Collection[str] = ()) -> str:
    """Return the traced figures of these names as plain JavaScript, and the prices they read.

    The constant ``SOURCES`` lists functions ``f(s, p)``, each with the names of the figures that
    it returns: what comes from one function of Python's is computed together. A figure that
    several have is taken from the request's own, then from the sources named ``first``.

    Raises:
        UnknownFigure: if there is no figure of a name.
    """
    sheet = page_prices()
    program = Program()
    left, listed = set(wanted), []
    for source in sorted(sources(), key=lambda one: (one != "request", one not in first)):
        names = sorted(left & _names_of(source))
        if names:
            of = partial(_only, names, sources()[source], sheet)
            program.add(f"figures_{source}", of, "s", "p")
            listed.append(f"[figures_{source},{json.dumps(' '.join(names))}]")
            left -= set(names)
    if left:
        msg = f"There is no figure {min(left)!r}."
        raise UnknownFigure(msg)
    short = compact(program.text(), [f"figures_{source}" for source in sources()])
    prices = price_parameters(sheet)
    read = {name: prices[long] for long, name in short.prices.items()}
    return f"{constants({'PRICES': read})}{short.text}\nconst SOURCES=[{','.join(listed)}];\n"


def _only(
    names: Iterable[str], of: Figures, sheet: Mapping[str, Price], s: Any, p: Scope
) -> dict[str, Any]:
    """Compute those figures alone: what only others need is not written down."""
    all_of_them = of(s, symbolic(sheet, p))
    return {name: all_of_them[name] for name in names}


@cache
def _names_of(source: str) -> frozenset[str]:
    return frozenset(compute(scenario(), sources()[source]))


def figures_shown(widget: Widget) -> frozenset[str]:
    """Return the names of all figures that a widget's script and its sentence show."""
    own = _names_of(widget.kind) if widget.figures else frozenset()
    own |= _names_of(f"{widget.kind}_sought") if widget.sought else frozenset()
    named = own | widget.said_names() | set(widget.reads)
    return named - {field.name for field in FIELDS}


def constants(values: Mapping[str, Any]) -> str:
    """Return constants of JavaScript by name."""
    return "".join(f"const {name}={written(value)};\n" for name, value in values.items())


def written(value: Any) -> str:
    """Return plain values as JavaScript, in few letters: the names of many alike stand once.

    >>> written({"a": (1.0, 2.5), "b": "1.0"})
    '{a:[1,2.5],b:"1.0"}'
    >>> written([{"memory_mb": k, "requests_per_month": 0.5} for k in range(3)])
    '[[0,0.5],[1,0.5],[2,0.5]].map((r)=>({memory_mb:r[0],requests_per_month:r[1]}))'
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a whole number needs no point
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{_key(name)}:{written(each)}' for name, each in value.items())}}}"
    if isinstance(value, list | tuple):
        plain = f"[{','.join(map(written, value))}]"
        return min(plain, _in_rows(value) or plain, key=len)
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else json.dumps(name, ensure_ascii=False)


def _in_rows(values: Sequence[Any]) -> str:
    """Return what makes objects of rows, where all have the same names."""
    names = [*values[0]] if values and isinstance(values[0], Mapping) else []
    if (
        not names
        or not all(map(str.isidentifier, names))
        or not all(isinstance(each, Mapping) and [*each] == names for each in values)
    ):
        return ""
    rows = written([[*each.values()] for each in values])
    return f"{rows}.map((r)=>({{{','.join(f'{name}:r[{k}]' for k, name in enumerate(names))}}}))"


def prices_read(traced: str) -> list[str]:
    """Return the names of the prices that a traced text reads, each once, in order."""
    return list(dict.fromkeys(re.findall(r"\bp\.(\w+)", traced)))


def price_parameters(sheet: Mapping[str, Price]) -> dict[str, float]:
    """Return each number of a price sheet under the name it has in the traced formula."""
    named: dict[str, float] = {}
    for name, price in sheet.items():
        named[f"{name}_free"] = price.free_per_month
        for k, (above, usd) in enumerate(price.tiers):
            named[f"{name}_above_{k}"] = above
            named[f"{name}_usd_{k}"] = usd
    return named


def symbolic(sheet: Mapping[str, Price], p: Scope) -> dict[str, Price]:
    """Return the sheet with a symbol in place of each number."""
    return {
        name: replace(
            price,
            free_per_month=getattr(p, f"{name}_free"),
            tiers=tuple(
                (getattr(p, f"{name}_above_{k}"), getattr(p, f"{name}_usd_{k}"))
                for k in range(len(price.tiers))
            ),
        )
        for name, price in sheet.items()
    }
