"""Paste REPORT lines of a log; read what they cost and for what. Nothing leaves the page."""

from __future__ import annotations

from serverless_tax.widgets.widget import Numbers, Quantities, Widget


def _still(_: Quantities) -> tuple[Numbers, str]:
    return (), (
        "<p>Reading a log here takes JavaScript. On the command line it is"
        " <code>serverless-tax audit FILE</code>.</p>"
    )


def _reader() -> str:
    # With what it is traced from, the audit's: a cell of a page waits for no audit.
    from serverless_tax.widgets.paste.reader import reader_javascript  # noqa: PLC0415

    return reader_javascript()


WIDGET = Widget(
    kind="paste",
    caption="What you paste is read on this page, by this page. Nothing is sent anywhere.",
    still=_still,
    before=_reader,
)
