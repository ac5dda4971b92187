"""What the rules assume, as tables: what each platform bills for a wait, and every default."""

from __future__ import annotations

import re
from dataclasses import fields
from html import escape

from serverless_tax.ground.described import described
from serverless_tax.ground.html import WORDS, Table, link
from serverless_tax.ground.settings import Settings
from serverless_tax.platforms import platforms


def waits_table(*, serves: bool) -> Table:
    """Return what each platform, or each part of the path, bills while a request waits."""
    rows = [
        (link(p.source, p.name), escape(p.waits))
        for p in platforms().values()
        if p.serves is serves
    ]
    caption = "What serves a request" if serves else "The way to it"
    return Table.of(caption, (f"{WORDS}Platform", f"{WORDS}While a request waits"), rows)


def fields_table(kind: type) -> Table:
    """Return every field of a dataclass that its source describes, apart from inherited ones."""
    rows = [(_name(name), _prose(text)) for name, text in described(kind).items()]
    return Table.of(f"Fields of {kind.__name__}", ("Field", f"{WORDS}What it is"), rows)


def settings_table() -> Table:
    """Return every setting of a workload that has a default, its default, and what it is."""
    about = described(Settings)
    rows = [(_name(f.name), f"{f.default:,g}", escape(about[f.name])) for f in fields(Settings)]
    return Table.of(
        "What is assumed until you say otherwise",
        ("Setting", "Default", f"{WORDS}What it is"),
        rows,
    )


def _name(field: str) -> str:
    """Return a field's name, which may break where it has an underscore."""
    return f"<code>{field.replace('_', '_<wbr>')}</code>"


def _prose(text: str) -> str:
    """Return a comment's text as HTML, with what stands in double backticks as code."""
    return re.sub(r"``(.+?)``", r"<code>\1</code>", escape(text))
