"""What the rules assume, as tables: what each platform bills for a wait, and every default."""

from __future__ import annotations

from dataclasses import fields

from serverless_tax.bill.design import design
from serverless_tax.bill.unread import WHY_NOT, reads
from serverless_tax.ground.described import described
from serverless_tax.ground.html import WORDS, Markup, Table, joined, link, marked, tag
from serverless_tax.ground.settings import UNSET, Settings
from serverless_tax.ground.show import show
from serverless_tax.platforms import platforms
from serverless_tax.questions.compare import tax_multiple
from serverless_tax.request.presets import PRESETS
from serverless_tax.request.workload import Workload


def waits_table(*, serves: bool) -> Table:
    """Return what each platform, or each part of the path, bills while a request waits."""
    rows = [(link(p.source, p.name), p.waits) for p in platforms().values() if p.serves is serves]
    caption = "What serves a request" if serves else "The way to it"
    return Table.of(caption, (f"{WORDS}Platform", f"{WORDS}While a request waits"), rows)


def fields_table(kind: type) -> Table:
    """Return every field of a dataclass that its source describes, apart from inherited ones."""
    rows = [(_name(name), marked(text)) for name, text in described(kind).items()]
    return Table.of(f"Fields of {kind.__name__}", ("Field", f"{WORDS}What it is"), rows)


def settings_table() -> Table:
    """Return every setting of a workload that has a default, its default, and what it is."""
    about = described(Settings)
    rows = [
        (_name(f.name), "" if f.default == UNSET else f"{f.default:,g}", marked(about[f.name]))
        for f in fields(Settings)
    ]
    return Table.of(
        "What is assumed until you say otherwise",
        ("Setting", "Default", f"{WORDS}What it is"),
        rows,
    )


def read_table() -> Markup:
    """Return, for each platform that serves, the settings that it bills by, folded."""
    rows = []
    for p in platforms().values():
        read = reads(design(p.id))
        by = joined(*(_name(name) for name in WHY_NOT if name in read), by=", ")
        if p.serves:
            rows.append((p.name, by if by.html else "requests alone"))
    table = Table.of("Settings", (f"{WORDS}Platform", f"{WORDS}Bills by"), rows)
    return tag("details", tag("summary", "Which settings each platform bills by"), table)


def unread_table() -> Markup:
    """Return why each setting changes nothing where a platform does not bill by it, folded."""
    rows = [(_name(name), why) for name, why in WHY_NOT.items()]
    table = Table.of("Reasons", ("Setting", f"{WORDS}It changes nothing:"), rows)
    return tag("details", tag("summary", "And what its bill says of the others"), table)


def presets_table() -> Table:
    """Return every preset of the book: its name, what it is, and its tax multiple."""
    rows = [
        (tag("code", name), about, show(tax_multiple(Workload.preset(name)), "x"))
        for name, (about, _) in PRESETS.items()
    ]
    return Table.of("Presets", ("Name", f"{WORDS}What it is", "Multiple"), rows)


def _name(field: str) -> Markup:
    """Return a field's name, which may break where it has an underscore."""
    first, *others = field.split("_")
    return tag("code", first, *(joined("_", tag("wbr"), other) for other in others))
