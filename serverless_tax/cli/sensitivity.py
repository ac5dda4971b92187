"""The sensitivity command: what moves a month's bill, and what moves the advice."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable
from typing import Annotated

from cyclopts import App, Parameter

from serverless_tax.cli.bills import Json
from serverless_tax.cli.decide import facts_asked
from serverless_tax.cli.facts import AllFacts
from serverless_tax.cli.options import Asked, When
from serverless_tax.cli.output import remark, say, write_json, write_table
from serverless_tax.cli.unmoved import priced, say_obstacles, say_unmoved
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.questions.facts import Facts
from serverless_tax.questions.sensitivity import Pair, pairs, sensitivity
from serverless_tax.questions.what_moves import YES_OR_NO, Move, what_moves


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(sensitivity_command, name="sensitivity")


def sensitivity_command(
    platform: str = "aws-lambda",
    /,
    *,
    range: Annotated[  # noqa: A002 - the option is called so
        list[str] | None,
        Parameter(name="--range", help="A quantity and its ends: wait_ms=2s..20s. Repeatable."),
    ] = None,
    advice: Annotated[
        bool,
        Parameter(help="What moves the advice of `decide`, and its first year.", negative=""),
    ] = False,
    known: AllFacts | None = None,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Say how far the bill moves when one quantity goes from one end of its range to the other.

    And which pairs of them act on each other. With --advice it says what moves the answer instead:
    of each fact, what to do at both ends of it, the others as they are. It takes what `decide`
    takes, and what is unknown over all that it can be.

    ```console
    serverless-tax sensitivity --preset article
    serverless-tax sensitivity aws-lambda --preset article --range wait_ms=0ms..500ms
    serverless-tax sensitivity --advice --scenario my.toml
    serverless-tax sensitivity --advice --preset article --range hour_usd=50..200
    serverless-tax sensitivity --advice --requests 1e6 --memory 1024 --took 5s
    ```

    Parameters
    ----------
    platform
        An id such as aws-lambda.
    """
    ranges = dict(_range(text) for text in range) if range else None
    said = (known or AllFacts()).said()
    if advice:
        _write_what_moves(platform, ranges, facts_asked(asked or Asked(), said), when, as_json=json)
        return
    if said:
        msg = f"No bill at list prices moves with {', '.join(said)}; add --advice, or leave it out."
        raise InvalidQuantity(msg)
    workload, keywords = (asked or Asked()).workload(), (when or When()).keywords()
    rows = sensitivity(workload, platform, ranges, **keywords)
    at = priced([platform], {"path": ()} | keywords)
    say_unmoved(asked or Asked(), workload, keywords, at, but=("output_tokens",))
    say_obstacles(at, workload)
    if json:
        write_json([row.to_dict() for row in rows])
        return
    first = rows[0]
    say(
        f"{first.quantity} moves the bill of {show(first.base_usd, 'usd')} most:"
        f" {show(first.low_usd, 'usd')} to {show(first.high_usd, 'usd')}."
    )
    table = [
        (
            row.quantity,
            f"{show(row.low, 'number')} to {show(row.high, 'number')}",
            show(row.low_usd, "usd"),
            show(row.base_usd, "usd"),
            show(row.high_usd, "usd"),
            f"{show(row.low_share, 'percent')} to {show(row.high_share, 'percent')}",
        )
        for row in rows
    ]
    head = ("Quantity", "Range", "Low, USD", "As it is", "High, USD", "Waiting's share")
    write_table(f"{platform}: a month's bill, one quantity at a time", head, table)
    _say_pairs(pairs(workload, platform, ranges, **keywords), "the bill")
    for row in rows:
        if row.source:
            say(f"{row.quantity}: {row.source}")


def _say_pairs(found: Iterable[Pair], what: str) -> None:
    for pair in found:
        one, other = pair.quantities
        more = "more" if pair.usd > 0 else "less"
        say(
            f"{one} and {other} act on each other: both at once move {what} by"
            f" {show(abs(pair.usd), 'usd')} {more} than the two apart."
        )


def _write_what_moves(
    platform: str,
    ranges: dict[str, tuple[str, str]] | None,
    facts: Facts,
    when: When | None,
    *,
    as_json: bool,
) -> None:
    if platform != "aws-lambda":
        msg = f"The advice is of a function on aws-lambda; leave {platform} or --advice out."
        raise InvalidQuantity(msg)
    progress = remark if sys.stderr.isatty() else None
    found = what_moves(facts, ranges, progress=progress, **(when or When()).keywords())
    if as_json:
        write_json(found.to_dict())
        return
    say(found.advice.sentence)
    rows = [
        (
            move.fact,
            _end(move, move.low),
            _year(move.low_usd, move.low_most_usd),
            _end(move, move.high),
            _year(move.high_usd, move.high_most_usd),
            "yes" if move.changes else "no",
        )
        for move in found.moves
    ]
    head = ("Fact", "From", "First year", "To", "First year", "Another advice")
    if rows:
        write_table("What moves the advice, one fact at a time", head, rows)
    for move in found.moves:
        for end, says, another in (
            (move.low, move.low_says, move.low_changes),
            (move.high, move.high_says, move.high_changes),
        ):
            if another:
                say(f"{move.fact} {_end(move, end)}: {says}")
    _say_pairs(found.pairs, "the first year")


def _end(move: Move, value: float) -> str:
    if move.fact in YES_OR_NO:
        return "yes" if value else "no"
    return show(value, "number")


def _year(*ends_usd: float) -> str:
    """Return what a first year leaves, from the least to the most; one amount where that is one."""
    if not all(map(math.isfinite, ends_usd)):
        return "unknown"
    return " to ".join(dict.fromkeys(show(usd, "usd0") for usd in ends_usd))


def _range(text: str) -> tuple[str, tuple[str, str]]:
    quantity, _, ends = text.partition("=")
    low, dots, high = ends.partition("..")
    if not (quantity and dots and low and high):
        msg = f"--range is {text}; expected a quantity and its ends, such as wait_ms=2s..20s."
        raise InvalidQuantity(msg)
    return quantity.strip(), (low.strip(), high.strip())
