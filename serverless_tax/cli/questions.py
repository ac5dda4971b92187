"""Commands that answer a question: break-even, ladder, sensitivity, batching."""

from __future__ import annotations

import math
from typing import Annotated, Any

from cyclopts import App, Parameter

from serverless_tax.cli.bills import Json
from serverless_tax.cli.options import Asked, When, option_name
from serverless_tax.cli.output import say, write_json, write_table
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.questions.batching import batching
from serverless_tax.questions.break_even import OVER, break_even
from serverless_tax.questions.ladder import ladder
from serverless_tax.questions.sensitivity import sensitivity

_ROWS = 9


def register(app: App) -> None:
    """Add these commands to the command line."""
    app.command(break_even_command, name="break-even")
    app.command(ladder_command, name="ladder")
    app.command(sensitivity_command, name="sensitivity")
    app.command(batching_command, name="batching")


def _asked(asked: Asked | None, when: When | None) -> tuple[Any, dict[str, Any]]:
    return (asked or Asked()).workload(), (when or When()).keywords()


def break_even_command(
    a: str,
    b: str,
    /,
    *,
    over: Annotated[str, Parameter(help=f"What moves: {', '.join(OVER)}.")] = "requests_per_month",
    low: Annotated[float | None, Parameter(help="From this value of it.")] = None,
    high: Annotated[float | None, Parameter(help="To this value of it.")] = None,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Find where two platforms cost the same.

    ```console
    serverless-tax break-even aws-lambda aws-fargate --preset article
    serverless-tax break-even aws-lambda aws-fargate --preset article --over concurrent_waits
    ```

    Parameters
    ----------
    a
        One platform.
    b
        The other.
    """
    workload, keywords = _asked(asked, when)
    found = break_even(a, b, workload, over=over, low=low, high=high, **keywords)
    if json:
        write_json(found.to_dict())
        return
    step = max(len(found.x) // (_ROWS - 1), 1)
    chosen = sorted({*range(0, len(found.x), step), len(found.x) - 1})
    rows = [
        (show(found.x[k], "count"), show(found.a_usd[k], "usd"), show(found.b_usd[k], "usd"))
        for k in chosen
    ]
    write_table("USD a month", (over, a, b), rows)
    say(str(found))


def ladder_command(
    *,
    hour_usd: Annotated[float, Parameter(help="What an hour of your time costs.")] = 100.0,
    slower: Annotated[
        float, Parameter(help="How many times as long a request may take for less memory.")
    ] = 1.25,
    shorter: Annotated[
        float, Parameter(help="Part of the streaming that a shorter wait leaves.")
    ] = 0.5,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """List what can be done about the bill, rung by rung, with what each saves and costs.

    ```console
    serverless-tax ladder --preset article
    serverless-tax ladder --preset measured --hour-usd 150
    ```
    """
    workload, keywords = _asked(asked, when)
    rungs = ladder(workload, hour_usd=hour_usd, slower=slower, shorter=shorter, **keywords)
    if json:
        write_json([rung.to_dict() for rung in rungs])
        return
    rows = [
        (
            rung.name,
            show(rung.total_usd, "usd"),
            show(rung.saving_usd, "usd"),
            show(rung.step_usd, "usd"),
            f"{rung.effort_hours:g} h",
            f"{rung.payback_months:,.1f} months" if math.isfinite(rung.payback_months) else "never",
        )
        for rung in rungs
    ]
    head = ("Rung", "USD a month", "Saves", "Over the rung below", "Effort", "Pays back in")
    write_table("The ladder", head, rows)
    for rung in rungs:
        said = (rung.finding, f"Risk: {rung.risk}" if rung.risk else "", _lost(rung.lost))
        if any(said):
            say(f"{rung.name}. {' '.join(part for part in said if part)}")


def _lost(text: str) -> str:
    return f"Lost: {text}" if text else ""


def sensitivity_command(
    platform: str = "aws-lambda",
    /,
    *,
    range: Annotated[  # noqa: A002 - the option is called so
        list[str] | None,
        Parameter(name="--range", help="A quantity and its ends: wait_ms=2s..20s. Repeatable."),
    ] = None,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Say how far the bill moves when one quantity goes from one end of its range to the other.

    ```console
    serverless-tax sensitivity --preset article
    serverless-tax sensitivity aws-lambda --preset article --range wait_ms=0ms..500ms
    ```

    Parameters
    ----------
    platform
        An id such as aws-lambda.
    """
    workload, keywords = _asked(asked, when)
    ranges = dict(_range(text) for text in range) if range else None
    rows = sensitivity(workload, platform, ranges, **keywords)
    if json:
        write_json([row.to_dict() for row in rows])
        return
    table = [
        (
            row.quantity,
            f"{row.low:,.6g} to {row.high:,.6g}",
            show(row.low_usd, "usd"),
            show(row.base_usd, "usd"),
            show(row.high_usd, "usd"),
            f"{show(row.low_share, 'percent')} to {show(row.high_share, 'percent')}",
        )
        for row in rows
    ]
    head = ("Quantity", "Range", "Low, USD", "As it is", "High, USD", "Waiting's share")
    write_table(f"{platform}: a month's bill, one quantity at a time", head, table)
    for row in rows:
        if row.source:
            say(f"{row.quantity}: {row.source}")


def _range(text: str) -> tuple[str, tuple[str, str]]:
    quantity, _, ends = text.partition("=")
    low, dots, high = ends.partition("..")
    if not (quantity and dots and low and high):
        msg = f"--range is {text}; expected a quantity and its ends, such as wait_ms=2s..20s."
        raise InvalidQuantity(msg)
    return quantity.strip(), (low.strip(), high.strip())


def batching_command(
    *sizes: float,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Price WebSocket messages that carry several tokens each, against how long those wait.

    ```console
    serverless-tax batching --preset article
    serverless-tax batching 1 5 25 --preset article
    ```

    Parameters
    ----------
    sizes
        Tokens a message; a range of them if none is given.
    """
    workload, keywords = _asked(asked, when)
    rows = batching(workload, sizes, **keywords) if sizes else batching(workload, **keywords)
    if json:
        write_json([row.to_dict() for row in rows])
        return
    table = [
        (
            f"{row.tokens_per_message:g}",
            show(row.messages, "count"),
            show(row.front_door_usd, "usd"),
            show(row.total_usd, "usd"),
            show(row.added_delay_ms, "ms"),
            f"{row.calls_per_second_mean:,.0f}",
            f"{row.calls_per_second_peak:,.0f}",
        )
        for row in rows
    ]
    head = ("Tokens a message", "Messages", "Door, USD", "Total, USD", "Delay", "Calls/s", "Peak")
    write_table(f"WebSocket messages ({option_name('tokens_per_message')})", head, table)
