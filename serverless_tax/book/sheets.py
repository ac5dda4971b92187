"""Every price of every sheet as tables: what it is, what it costs, since when, seen when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from serverless_tax.ground.html import WORDS, Markup, Piece, Table, joined, lines, link, tag
from serverless_tax.ground.show import show
from serverless_tax.platforms import platforms
from serverless_tax.prices import (
    HOME_VENDOR,
    Price,
    PriceSheet,
    price_sheet,
    regions,
    sheet_ids,
    vendor,
)
from serverless_tax.prices.tokens import SHEET as TOKENS
from serverless_tax.prices.tokens import token_prices

_CONFIDENCE = {"seen": "one source", "two-sources": "two sources"}
_A_MILLION = 1e6


def serving_sheets() -> list[str]:
    """Return the ids of the sheets that price what serves a request.

    >>> "aws-lambda" in serving_sheets(), "aws-alb" in serving_sheets()
    (True, False)
    """
    serving = {p.id for p in platforms().values() if p.serves}
    return [name for name in sheet_ids() if name in serving]


def path_sheets() -> list[str]:
    """Return the ids of the sheets that price the parts of the path."""
    serving = {*serving_sheets(), TOKENS}
    return [name for name in sheet_ids() if name not in serving]


def addresses(names: Iterable[str]) -> Markup:
    """Return a sentence of links to the tables of this page."""
    links = joined(*(link(f"#{name}", _title(name)) for name in names), by=" · ")
    return tag("p", links, ".", class_="st-plain")


def sheets(names: Iterable[str]) -> Markup:
    """Return the tables of several sheets, one below the other."""
    return joined(*(_sheet(price_sheet(name)) for name in names))


def token_table() -> Table:
    """Return the price of a million tokens of each model in the token sheet."""

    def million(usd: float | None) -> str:
        return "–" if usd is None else show(usd * _A_MILLION, "usd")

    rows = (
        (
            link(p.source, name),
            million(p.input_usd),
            million(p.output_usd),
            million(p.cached_input_usd),
            f"{million(p.batch_input_usd)}, {million(p.batch_output_usd)}",
            f"{p.seen}, {p.via}",
        )
        for name, p in token_prices().items()
    )
    return Table.of(
        "A million tokens, short context; – where genai-prices knows no price",
        ("Model", "Read", "Written", "Read from a cache", "In a batch", f"{WORDS}Seen"),
        rows,
        anchor=TOKENS,
        stacks=True,
    )


def regions_table(day: date) -> Table:
    """Return AWS's prices of a day in the regions that have some: a row for each that is charged.

    A price of several tiers is that of the first; a dash is where none could be sourced.
    """
    names = [name for name in sheet_ids() if vendor(name) == HOME_VENDOR and len(regions(name)) > 1]
    columns = list(dict.fromkeys(region for name in names for region in regions(name)))
    rows = []
    for name in names:
        here = {one: price_sheet(name, one).on(day) for one in regions(name)}
        for dimension, price in here[columns[0]].items():
            held = [here.get(region, {}).get(dimension) for region in columns]
            if price.charged_as is None and sum(map(bool, held)) > 1:
                shown = (_first(one) for one in held)
                rows.append((lines(price.label, tag("small", _one(price.unit))), *shown))
    head = (f"{WORDS}Price", *(f"{WORDS}{region}" for region in columns))
    title = f"USD in each region, first tiers, {day}"
    return Table.of(title, head, rows, anchor="regions", stacks=True)


def _first(price: Price | None) -> Piece:
    if price is None:
        return "–"
    seen = tag("small", _day(price.seen), f", {_CONFIDENCE[price.confidence]}")
    return lines(link(price.source, show(price.tiers[0][1], "price")), seen)


def _title(name: str) -> str:
    if known := platforms().get(name):
        return known.name
    return f"{vendor(name)}: {price_sheet(name).rows[0].label}"


def _sheet(sheet: PriceSheet) -> Table:
    title = f"{_title(sheet.platform)}, {sheet.region}"
    if not sheet.rows:
        waits = platforms()[sheet.platform].waits
        return Table.of(f"{title}: no price", (f"{WORDS}Price",), [(waits,)], sheet.platform)
    head = (f"{WORDS}Price", f"{WORDS}USD", f"{WORDS}Since, seen")
    return Table.of(title, head, _rows(sheet), anchor=sheet.platform)


def _rows(sheet: PriceSheet) -> Iterator[tuple[Piece, Piece, Piece]]:
    for row in sheet.rows:
        yield _what(row), _amount(row, sheet), _dates(row, _ended(row, sheet))


def _what(row: Price) -> Markup:
    what = link(row.source, row.label)
    return lines(what, tag("small", row.note)) if row.note else what


def _amount(row: Price, sheet: PriceSheet) -> Piece:
    if not row.tiers:
        meter = next((r.label for r in sheet.rows if r.dimension == row.charged_as), "")
        return f"as {meter}"
    steps = [
        show(usd, "price") + (f" above {show(above, 'count')}" if above else "")
        for above, usd in row.tiers
    ]
    free = f", {show(row.free_per_month, 'count')} a month free" if row.free_per_month else ""
    if row.free_after:
        free = ", free where the active line leaves some of its allowance"
    return lines(*steps, tag("small", f"{_one(row.unit)}{free}"))


def _ended(row: Price, sheet: PriceSheet) -> date | None:
    """Return the day on which a later row of the same dimension took over, if one has."""
    later = [
        r.effective_from
        for r in sheet.rows
        if r.dimension == row.dimension and r.effective_from > row.effective_from
    ]
    return min(later, default=None)


def _dates(row: Price, ended: date | None) -> Markup:
    until = (tag("strong", "until ", _day(ended)),) if ended else ()
    seen = tag("small", _day(row.seen), f", {_CONFIDENCE[row.confidence]}")
    return lines(_day(row.effective_from), *until, seen)


def _day(day: date) -> Markup:
    return tag("time", str(day))


def _one(unit: str) -> str:
    """Return a unit with its article.

    >>> _one("GB-second"), _one("hour"), _one("operation")
    ('a GB-second', 'an hour', 'an operation')
    """
    return f"{'an' if unit.startswith(('a', 'e', 'hour', 'i', 'o')) else 'a'} {unit}"
