"""The prices commands: list, show, refresh, check."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from cyclopts import App, Parameter

from serverless_tax.cli.bills import Json
from serverless_tax.cli.options import Day
from serverless_tax.cli.output import remark, say, write_json, write_table
from serverless_tax.ground.show import show
from serverless_tax.platforms import platforms
from serverless_tax.prices import (
    Price,
    billing_day,
    home_region,
    price_sheet,
    regions,
    sheet_ids,
    to_come,
)

app = App(name="prices", help="The price sheets: what is in them, and whether it still holds.")


def _rows(price: Price) -> list[dict[str, Any]]:
    return [
        {
            "dimension": price.dimension,
            "label": price.label,
            "above": above,
            "usd": usd,
            "unit": price.unit,
            "free_per_month": price.free_per_month,
            "since": price.effective_from.isoformat(),
            "seen": price.seen.isoformat(),
            "confidence": price.confidence,
            "source": price.source,
        }
        for above, usd in price.tiers
    ]


@app.command(name="list")
def list_sheets(*, json: Json = False) -> None:
    """List the price sheets: how many prices each has, and when they were last seen.

    ```console
    serverless-tax prices list
    ```
    """
    sheets = {sheet: price_sheet(sheet) for p in platforms().values() for sheet in p.priced_by}
    rows: list[dict[str, Any]] = [
        {
            "sheet": name,
            "region": sheet.region,
            "other_regions": regions(name)[1:],
            "prices": len(sheet.on(date.today())),  # noqa: DTZ011 - a price holds by the local day
            "oldest_seen": min((row.seen for row in sheet.rows), default=None),
        }
        for name, sheet in sorted(sheets.items())
    ]
    if json:
        write_json([row | {"oldest_seen": str(row["oldest_seen"] or "")} for row in rows])
        return
    table = [
        (
            str(row["sheet"]),
            str(row["region"]),
            str(row["prices"]),
            str(row["oldest_seen"] or "free"),
        )
        for row in rows
    ]
    known = [row["oldest_seen"] for row in rows if row["oldest_seen"]]
    say(f"{len(rows)} price sheets, the oldest price of them seen on {min(known)}.")
    write_table("Price sheets", ("Sheet", "Region", "Prices", "Last seen"), table)
    beside: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        if row["other_regions"]:
            beside.setdefault(tuple(row["other_regions"]), []).append(str(row["sheet"]))
    for there, names in beside.items():
        say(f"{', '.join(names)}: also in {', '.join(there)}.")


@app.command(name="show")
def show_sheet(
    sheet: str,
    /,
    *,
    on: Day = None,
    region: Annotated[str, Parameter(help="Prices of this region.")] = "us-east-1",
    json: Json = False,
) -> None:
    """Show every price of one sheet, with its source and the day it was seen.

    ```console
    serverless-tax prices show aws-lambda
    serverless-tax prices show aws-lambda --on 2025-07-31
    ```

    Parameters
    ----------
    sheet
        The sheet's id, see `prices list`.
    """
    day = billing_day(on)
    there = price_sheet(sheet, home_region(sheet, region))
    held = there.on(day)
    for sentence in to_come(day):
        remark(sentence)
    rows = [row for price in held.values() for row in _rows(price)]
    if json:
        write_json(rows)
        return
    table = [
        (
            row["label"] + (f", above {show(row['above'], 'count')}" if row["above"] else ""),
            show(row["usd"], "price"),
            row["unit"],
            row["since"],
            row["seen"],
        )
        for row in rows
    ]
    seen = min((row["seen"] for row in rows), default="")
    title = f"{sheet}, {there.region}"
    say(f"{title}: {len(held)} prices" + (f", none older than {seen}." if seen else "."))
    write_table(title, ("Price", "USD", "a", "Since", "Seen"), table)
    for price in held.values():
        if price.note and len(price.tiers) > 1:
            say(f"{price.label}: {price.note}")
    for source in dict.fromkeys(row["source"] for row in rows):
        say(source)


@app.command
def refresh(
    *sheets: str,
    region: Annotated[str, Parameter(help="Prices of this region.")] = "us-east-1",
    via: Annotated[str, Parameter(help="The public files (bulk), or boto3 (api).")] = "bulk",
    json: Json = False,
) -> int:
    """Read the vendor's price list and append what has changed, with today's date.

    ```console
    serverless-tax prices refresh
    serverless-tax prices refresh aws-lambda --region eu-west-1
    ```

    Parameters
    ----------
    sheets
        The sheets to refresh; all of them if none is given.
    """
    from serverless_tax.prices import refresh as prices_refresh  # noqa: PLC0415 - needs tomlkit

    changed = prices_refresh.refresh(sheets=sheets or None, region=region, via=via, progress=remark)
    _write_differences(changed, json=json)
    _name_the_others(sheets)
    return 0


@app.command
def check(
    *sheets: str,
    region: Annotated[str, Parameter(help="Prices of this region.")] = "us-east-1",
    via: Annotated[str, Parameter(help="The public files (bulk), or boto3 (api).")] = "bulk",
    json: Json = False,
) -> int:
    """Compare the sheets with the vendor's price list; exit with 1 if one has drifted.

    ```console
    serverless-tax prices check
    ```

    Parameters
    ----------
    sheets
        The sheets to check; all of them if none is given.
    """
    from serverless_tax.prices import refresh as prices_refresh  # noqa: PLC0415 - needs tomlkit

    drifted = prices_refresh.check(sheets=sheets or None, region=region, via=via, progress=remark)
    _write_differences(drifted, json=json)
    _name_the_others(sheets)
    return 1 if drifted else 0


@app.command(name="new")
def new_things(
    *,
    region: Annotated[str, Parameter(help="The price list of this region.")] = "us-east-1",
    accept: Annotated[bool, Parameter(help="Note them as looked at.", negative="")] = False,
    json: Json = False,
) -> int:
    """List what AWS has that nobody here has looked at yet; exit with 1 if there is something.

    New services and operations in botocore, new usage types in the price list: for a person, who
    prices them or leaves them out, and then notes that they were looked at.

    ```console
    serverless-tax prices new
    serverless-tax prices new --accept
    ```
    """
    from serverless_tax.prices import news  # noqa: PLC0415 - only if asked for

    found = news.news(news.offered(region, remark), news.looked_at())
    if accept:
        news.accept(found)
    if json:
        write_json(found)
    else:
        for kind, names in found.items():
            say(f"{kind.replace('_', ' ')}, {len(names)} new:")
            for name in names:
                say(f"  {name}")
        if accept or not found:
            say("Noted as looked at." if found else "Nothing is new.")
    return 1 if found and not accept else 0


def _name_the_others(sheets: tuple[str, ...]) -> None:
    """Name the sheets that no list has, if all were asked for: people look those up by hand."""
    from serverless_tax.prices import refresh as prices_refresh  # noqa: PLC0415 - needs tomlkit

    by_hand = [sheet for sheet in sheet_ids() if sheet not in prices_refresh.refreshable()]
    if not sheets:
        remark(f"in no list, to be looked up by hand: {', '.join(by_hand)}")


def _write_differences(differences: list[Any], *, json: bool) -> None:
    if json:
        write_json([difference.to_dict() for difference in differences])
        return
    for difference in differences:
        say(str(difference))
    if not differences:
        say("Every price is as the sheet has it.")
