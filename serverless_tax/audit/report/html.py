"""An audit as one page in one file: no script, nothing loaded, every name of the log escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from serverless_tax.audit.find.findings import Audit, FunctionFinding
from serverless_tax.audit.report.text import (
    Table,
    about_changes,
    closing,
    covered,
    details,
    overview,
    ranked_table,
    summary,
)
from serverless_tax.ground import html
from serverless_tax.ground.colours import CPU, IDLE, WAITING
from serverless_tax.ground.show import show

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
#: Functions that have a bar of their own, and a section.
_SHOWN = 20
_WIDTH, _BAR, _GAP, _NAMES = 640, 22, 10, 200
#: Letters of a name that fit there.
_LETTERS = 27
#: INIT, from the same palette as the book's three; grey is here what is not known.
_INIT = "#56B4E9"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0; }
.wide { overflow-x: auto; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; border-bottom: 1px solid #8884; }
td { white-space: nowrap; }
th:first-child { text-align: left; min-width: 13rem; max-width: 26rem; overflow-wrap: break-word; }
p { overflow-wrap: break-word; }
.first { font-size: 1.2rem; }
summary { cursor: pointer; padding: .2rem 0; }
tbody th { font-weight: normal; }
tfoot { font-weight: bold; }
svg { width: 100%; min-width: 36rem; height: auto; }
caption { text-align: left; max-width: calc(100vw - 2rem); }
h1 { font-size: clamp(1.4rem, 6vw, 2rem); }
time { white-space: nowrap; }
@media (max-width: 40rem) {
  .st-stacks :is(tbody, tfoot, tr, th, td) { display: block; white-space: normal; }
  .st-stacks thead, .st-stacks td:empty { display: none; }
  .st-stacks :is(th, td) { padding: 0; border: 0; text-align: left; }
  .st-stacks tr { padding-block: .3rem; border-bottom: 1px solid #8884; }
  .st-stacks td::before { content: attr(data-head) ": "; }
}
svg text { font: 13px system-ui, sans-serif; fill: currentColor; }
"""


def html_text(audit: Audit) -> str:
    """Return the page."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What the functions of a log cost</title><style>{_STYLE}</style></head><body>
<h1>{escape(show(audit.usd, "usd"))}, {_dated(covered(audit.period))}</h1>
{_paragraphs(summary(audit), "first")}
{_table(ranked_table(audit)) if audit.listed else ""}
{_paragraphs(about_changes(audit))}
{_figure(audit.functions[:_SHOWN])}
<details{"" if len(audit.functions) > _SHOWN else " open"}><summary>All functions</summary>
{_table(overview(audit))}
</details>
<h2>Each function</h2>
{"".join(_section(one) for one in audit.functions[:_SHOWN])}
<h2>What to know</h2>
{_paragraphs(closing(audit))}
</body></html>
"""


def _dated(text: str) -> str:
    """Return a text with its days kept on one line each."""
    return re.sub(r"\d{4}-\d\d-\d\d", r"<time>\g<0></time>", escape(text))


def _figure(functions: Iterable[FunctionFinding]) -> str:
    """Return a bar a function: what it cost, in CPU, waiting, INIT and what is not known."""
    shown = list(functions)
    most = max((one.usd for one in shown), default=0.0)
    if not most:
        return ""
    height = len(shown) * (_BAR + _GAP) + 2 * _BAR
    bars = "".join(_bar(one, k * (_BAR + _GAP), most) for k, one in enumerate(shown))
    key = _key(height - _BAR)
    label = "What each function cost: work, waiting, INIT, and what is not known."
    return (
        f'<div class="wide"><svg viewBox="0 0 {_WIDTH + _NAMES} {height}" role="img"'
        f' aria-label="{label}">'
        f"{bars}{key}</svg></div>"
    )


def _bar(one: FunctionFinding, top: float, most: float) -> str:
    left, parts = float(_NAMES), []
    for colour, name, usd in _parts(one):
        width = usd / most * (_WIDTH - 90)
        title = escape(f"{one.name}: {name}, {show(usd, 'usd')}")
        parts.append(
            f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{colour}">'
            f"<title>{title}</title></rect>"
        )
        left += width
    middle = top + _BAR * 0.7
    name = escape(_in_short(one.name))
    return (
        f'<text x="0" y="{middle}">{name}</text>{"".join(parts)}'
        f'<text x="{left + 6:.1f}" y="{middle}">{escape(show(one.usd, "usd"))}</text>'
    )


def _in_short(name: str) -> str:
    """Return a name that fits before its bar; what tells two long ones apart is often their end.

    >>> _in_short("prod-conversation-orchestrator-07-retrieval-handler")
    'prod-convers…rieval-handler'
    """
    return name if len(name) <= _LETTERS else f"{name[:12]}…{name[12 - _LETTERS + 1 :]}"


def _parts(one: FunctionFinding) -> Iterator[tuple[str, str, float]]:
    rest = max(one.usd - one.init_usd, 0.0)
    least, most = one.waiting_usd, one.most_waiting_usd
    if least is None or most is None:
        yield IDLE, "work and waiting, not known apart", rest
    else:
        least, most = min(least, rest), min(most, rest)
        yield CPU, "work and requests", rest - most
        if most > least:
            yield IDLE, "work or waiting, not known apart", most - least
        yield WAITING, "waiting", least
    yield _INIT, "INIT", one.init_usd


def _key(top: float) -> str:
    names = ((CPU, "work"), (WAITING, "waiting"), (_INIT, "INIT"), (IDLE, "not known apart"))
    return "".join(
        f'<rect x="{_NAMES + k * 110}" y="{top}" width="12" height="12" fill="{colour}"/>'
        f'<text x="{_NAMES + k * 110 + 18}" y="{top + 11}">{name}</text>'
        for k, (colour, name) in enumerate(names)
    )


def _section(one: FunctionFinding) -> str:
    head, *lines = details(one)
    return f"<details><summary>{escape(head)}</summary>\n{_paragraphs(lines)}\n</details>\n"


def _paragraphs(lines: Iterable[str], kind: str = "") -> str:
    opening = f'<p class="{kind}">' if kind else "<p>"
    return "\n".join(f"{opening}{escape(line.strip())}</p>" for line in lines)


def _table(table: Table) -> str:
    title, head, rows = table
    body = [[cell.strip() for cell in row] for row in rows]
    total = body.pop() if body and body[-1][0] == "Total" else ()
    heads = [name.strip() for name in head]
    return html.Table.of(title.strip(), heads, body, foot=total, kind="wide", stacks=True).html
