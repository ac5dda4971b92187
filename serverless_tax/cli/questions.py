"""Commands that answer a question of several bills, and price what really arrives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from serverless_tax.bill.bill import Bill
from serverless_tax.cli.bills import Json
from serverless_tax.cli.ladder import ladder_command
from serverless_tax.cli.options import Asked, When, as_option, option_name
from serverless_tax.cli.output import remark, say, write_json, write_table
from serverless_tax.cli.unmoved import TUNED, priced, say_obstacles, say_unmoved
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.questions.batching import DESIGN, batching
from serverless_tax.questions.break_even import OVER, break_even
from serverless_tax.questions.by_client import by_client, by_client_of
from serverless_tax.questions.compare import designs, left_out, not_offered
from serverless_tax.questions.cpu_budget import cpu_budget
from serverless_tax.questions.days import Era, eras, with_one_cpu
from serverless_tax.questions.sensitivity import TOKENS_PER_SECOND
from serverless_tax.questions.whole_bill import MODELS, by_speed, whole_bill
from serverless_tax.request.workload import Workload
from serverless_tax.traffic import TRACES, load_trace, realistic_month
from serverless_tax.traffic.quantiles import CITATION

_ROWS = 9
_SPEEDS = (TOKENS_PER_SECOND[0], 80.0, TOKENS_PER_SECOND[1])
#: A file of this size takes about two seconds to read.
_LARGE_BYTES = 20_000_000

Traffic = Annotated[
    str | None, Parameter(help=f"Draw the requests as in real traffic: {' or '.join(TRACES)}.")
]


def register(app: App) -> None:
    """Add these commands to the command line."""
    app.command(break_even_command, name="break-even")
    app.command(ladder_command, name="ladder")
    app.command(batching_command, name="batching")
    app.command(eras_command, name="eras")
    app.command(cpu_budget_command, name="cpu-budget")
    app.command(whole_bill_command, name="whole-bill")
    app.command(traffic_command, name="traffic")


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
    asked = asked or Asked()
    workload, keywords = asked.workload(), (when or When()).keywords()
    found = break_even(a, b, workload, over=over, low=low, high=high, **keywords)
    but = ("output_tokens",) if over == "cpu_ms_per_output_token" else ()
    say_unmoved(asked, workload, keywords, priced([a, b], keywords), but=but)
    _say_moved(asked, *_MOVED_BY.get(over, (over,)))
    if json:
        write_json(found.to_dict())
        return
    step = max(len(found.x) // (_ROWS - 1), 1)
    chosen = sorted({*range(0, len(found.x), step), len(found.x) - 1})
    rows = [
        (show(found.x[k], "count"), show(found.a_usd[k], "usd"), show(found.b_usd[k], "usd"))
        for k in chosen
    ]
    say(str(found))
    write_table("USD a month", (over, a, b), rows)


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
    asked = asked or Asked()
    workload, keywords = asked.workload(), (when or When()).keywords()
    rows = batching(workload, sizes, **keywords) if sizes else batching(workload, **keywords)
    of = priced([DESIGN], keywords)
    say_unmoved(asked, workload, keywords, of, of_totals=True)
    say_obstacles(of, workload)
    _say_moved(asked, "tokens_per_message")
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
    first, last = rows[0], rows[-1]
    say(
        f"With messages of {show(first.tokens_per_message, 'tokens')} it is"
        f" {show(first.total_usd, 'usd')} a month; with {last.tokens_per_message:g},"
        f" {show(last.total_usd, 'usd')}, and words come"
        f" {show(last.added_delay_ms - first.added_delay_ms, 'ms')} later."
    )
    head = ("Tokens a message", "Messages", "Door, USD", "Total, USD", "Delay", "Calls/s", "Peak")
    write_table(f"WebSocket messages ({option_name('tokens_per_message')})", head, table)


#: What is set along a curve over a quantity, where that is not the quantity alone.
_MOVED_BY = {
    "concurrent_waits": ("requests_per_month",),
    "cpu_ms_per_output_token": ("cpu_ms_per_output_token", "metered_cpu_ms_per_token"),
}


def _say_moved(asked: Asked, *quantities: str) -> None:
    """Remark on each quantity that was given and that the command sets itself."""
    for name in quantities:
        if name in asked.given():
            remark(f"{option_name(name)} changes nothing here: the command sets it itself.")


def _workload(asked: Asked | None, traffic: str | None) -> Workload:
    asked = asked or Asked()
    if traffic is None:
        return asked.workload()
    if asked.preset or asked.scenario:
        msg = f"--traffic {traffic} draws its own requests; leave --preset and --scenario out."
        raise InvalidQuantity(msg)
    return realistic_month(traffic, **asked.given())


def eras_command(
    *days: date,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Price the month under what each vendor sold in 2022, in 2024 and sells today.

    ```console
    serverless-tax eras --preset article
    serverless-tax eras 2023-01-01 2025-01-01 --preset article
    ```

    Parameters
    ----------
    days
        The days; without any, July 2022, July 2024 and today.
    """
    workload = (asked or Asked()).workload()
    days, keywords = (when or When()).of_days(days)
    _say_left_out(keywords)
    for sentence in not_offered(designs(everything=True), workload, keywords):
        remark(f"Left out: {as_option(sentence)}")
    found = eras(workload, days or None, **keywords)
    alike = with_one_cpu(workload, days or None, **keywords)
    say_unmoved(
        asked or Asked(),
        workload,
        keywords,
        lambda w: [one for era in eras(w, days or None, **keywords) for one in _shown(era)],
    )
    if json:
        plain = [era.to_dict() for era in found]
        for ms, same in alike.items():
            for era, one in zip(plain, same, strict=True):
                cheapest = {name: billed.total for name, billed in one.by_vendor.items()}
                era.setdefault("cheapest_usd_by_cpu_ms_per_token", {})[f"{ms:g}"] = cheapest
        write_json(plain)
        return
    vendors = dict.fromkeys(vendor for era in found for vendor in era.by_vendor)
    rows = []
    for name in vendors:
        months = [era.by_vendor.get(name) for era in found]
        rows.append((name, *(f"{m.platform} {show(m.total, 'usd')}" if m else "-" for m in months)))
    of_lambda = [era.of("aws-lambda") for era in found]
    rows.append(("AWS Lambda", *(show(m.total, "usd") if m else "-" for m in of_lambda)))
    first, last = found[0], found[-1]
    ends = [
        f"{one.day} {show(min(m.total for m in one.by_vendor.values()), 'usd')}"
        for one in (first, last)
    ]
    assumed = ", with no CPU for a token" if alike else ""
    say(f"The cheapest of all vendors: {', '.join(dict.fromkeys(ends))} a month{assumed}.")
    head = ("Cheapest of each", *(era.day.isoformat() for era in found))
    write_table("USD a month, by what was sold and charged on each day", head, rows)
    moved = [v for v in vendors if len({_of_vendor(v, same) for same in alike.values()}) > 1]
    for ms, same in alike.items():
        amounts = "; ".join(f"{name} {_of_vendor(name, same)}" for name in moved)
        if moved:
            say(f"With {show(ms, 'ms')} of CPU for a token on each of those days: {amounts}.")


def _shown(era: Era) -> list[Bill]:
    """Return the bills of a day that are in the table: the cheapest of each vendor, and Lambda."""
    of_lambda = era.of("aws-lambda")
    return [*era.by_vendor.values(), *([of_lambda] if of_lambda else [])]


def _say_left_out(keywords: Mapping[str, Any]) -> None:
    """Remark on the platforms without prices in the region that is asked for."""
    for sentence in left_out(designs(everything=True, on=keywords.get("on")), keywords):
        remark(sentence)


def _of_vendor(name: str, some: list[Era]) -> str:
    """Name a vendor's cheapest month in each era."""
    months = (era.by_vendor.get(name) for era in some)
    return ", ".join(show(month.total, "usd") if month else "-" for month in months)


def cpu_budget_command(
    platform: str = "vercel-fluid",
    /,
    *,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Say how much CPU a token may take before a platform that bills CPU loses to a tuned Lambda.

    ```console
    serverless-tax cpu-budget --preset article
    serverless-tax cpu-budget cloudflare-containers --preset article
    ```

    Parameters
    ----------
    platform
        A platform that bills CPU in use.
    """
    asked = asked or Asked()
    keywords = (when or When()).without(model="a model's tokens cost the same on both")
    workload = asked.workload()
    found = cpu_budget(workload, platform, **keywords)
    say_unmoved(asked, workload, keywords, priced([platform, "aws-lambda"], keywords), but=TUNED)
    _say_moved(asked, "memory_mb", *_MOVED_BY["cpu_ms_per_output_token"])
    if json:
        write_json(found.to_dict())
        return
    say(str(found))


def whole_bill_command(
    *platforms: str,
    models: Annotated[
        list[str] | None, Parameter(name="--models", help="A model; repeatable.", negative="")
    ] = None,
    cached_input: Annotated[
        float, Parameter(help="Share of what is read that comes from the provider's cache.")
    ] = 0.0,
    reasoning_tokens: Annotated[
        float, Parameter(help="Tokens of thinking a request, billed as those of the answer.")
    ] = 0.0,
    traffic: Traffic = None,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Say what share of the whole bill is waiting, tokens included, model by model.

    ```console
    serverless-tax whole-bill aws-lambda vercel-fluid --preset article
    serverless-tax whole-bill aws-lambda --cached-input 0.8 --reasoning-tokens 800 --preset article
    serverless-tax whole-bill aws-lambda --models gpt-4 --models gpt-5-nano --traffic conversation
    ```

    Parameters
    ----------
    platforms
        The ids; all that can serve the requests if none is given.
    """
    keywords = (when or When()).without(model="--models names the models")
    workload = _workload(asked, traffic)
    tokens = {"cached_share": cached_input, "reasoning_tokens": reasoning_tokens}
    rows = whole_bill(workload, models or MODELS, platforms or None, **tokens, **keywords)
    ranked = {row.hosting.platform: row.hosting for row in rows}
    ranged = {one.title: one for one in by_client(workload, [*ranked.values()], **keywords)}
    of = priced([one.title for one in ranked.values()], {"path": ()} | keywords)
    say_unmoved(asked or Asked(), workload, keywords, of)
    say_obstacles(of, workload)
    if json:
        write_json([row.to_dict() | by_client_of(row.platform, ranged) for row in rows])
        return
    table = [
        (
            f"{row.model}, {row.platform}",
            show(row.tokens_usd, "usd"),
            show(row.hosting_usd, "usd"),
            show(row.waiting_usd, "usd"),
            show(row.waiting_share, "percent"),
        )
        for row in rows
    ]
    least, most = (f(rows, key=lambda row: row.waiting_share) for f in (min, max))
    ends = [
        f"{show(one.waiting_share, 'percent')} ({one.model} on {one.platform})"
        for one in (least, most)
    ]
    say(f"Waiting and idle are {' to '.join(dict.fromkeys(ends))} of the whole bill.")
    head = ("Model and platform", "Tokens", "Hosting", "Waiting and idle", "Of it all")
    write_table("USD a month", head, table)
    for one in ranged.values():
        say(str(one))


def traffic_command(
    file: Path | None = None,
    /,
    *,
    traffic: Annotated[
        str | None,
        Parameter(
            help=f"Without a file, the traffic to draw: {' or '.join(TRACES)}."
            f" Default: {TRACES[0]}."
        ),
    ] = None,
    timestamp: Annotated[
        str | None, Parameter(help="The file's column of times. Default: TIMESTAMP.")
    ] = None,
    read: Annotated[
        str | None, Parameter(help="Its column of tokens read. Default: ContextTokens.")
    ] = None,
    written: Annotated[
        str | None, Parameter(help="Its column of tokens written. Default: GeneratedTokens.")
    ] = None,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Price real traffic on every platform, at a slow, a usual and a fast model.

    ```console
    serverless-tax traffic --traffic code --requests 10e6
    serverless-tax traffic requests.csv --timestamp time --read prompt --written answer
    ```

    Parameters
    ----------
    file
        A CSV file of requests, or a .csv.gz; without one, a month drawn from a public trace. The
        columns are those of Azure's LLM inference traces unless they are named.
    """
    asked = asked or Asked()
    if asked.preset or asked.scenario:
        msg = "The requests are those of the traffic; leave --preset and --scenario out."
        raise InvalidQuantity(msg)
    columns = {"timestamp": timestamp, "input_tokens": read, "output_tokens": written}
    named: dict[str, Any] = {name: column for name, column in columns.items() if column}
    if file is None:
        if named:
            msg = "--timestamp, --read and --written name a file's columns, and no file is named."
            raise InvalidQuantity(msg)
        workload, said = realistic_month(traffic or TRACES[0], **asked.given()), CITATION
    else:
        if traffic is not None:
            msg = f"--traffic {traffic} draws requests, and {file} has some; leave one out."
            raise InvalidQuantity(msg)
        if file.is_file() and file.stat().st_size > _LARGE_BYTES:
            remark(f"Reading {file} …")
        trace = load_trace(file, **named)
        workload = trace.to_workload(**asked.given())
        facts = trace.summary()
        said = (
            f"{show(facts['requests'], 'requests')} in {facts['span_s']:,.0f} s,"
            f" {facts['mean_output_tokens']:.1f} tokens written on average, the busiest minute"
            f" {facts['peak_to_mean']:.2g} times the mean. A month goes on like that."
        )
    keywords = (when or When()).keywords()
    _say_left_out(keywords)
    rows = by_speed(workload, speeds=_SPEEDS, **keywords)
    say_unmoved(asked, workload, keywords, priced(rows, {"path": ()} | keywords))
    _say_moved(asked, "streaming_ms")
    _write_traffic(rows, said, workload, as_json=json)


def _write_traffic(
    rows: dict[str, list[float]], said: str, workload: Workload, *, as_json: bool
) -> None:
    if as_json:
        plain: list[dict[str, Any]] = [
            {
                "platform": name,
                "usd_by_tokens_per_second": {
                    f"{speed:g}": usd if math.isfinite(usd) else None
                    for speed, usd in zip(_SPEEDS, row, strict=True)
                },
            }
            for name, row in rows.items()
        ]
        write_json(plain)
        return
    head = ("Platform and path", *(f"{speed:g} tokens/s" for speed in _SPEEDS))
    table = [
        (name, *(show(usd, "usd") if math.isfinite(usd) else "too slow" for usd in row))
        for name, row in rows.items()
    ]
    requests = show(float(workload.requests_per_month), "count")
    usual = {name: row[1] for name, row in rows.items() if math.isfinite(row[1])}
    if usual:
        first = min(usual, key=lambda name: usual[name])
        say(f"At {_SPEEDS[1]:g} tokens/s the cheapest is {first}, {show(usual[first], 'usd')}.")
    write_table(f"USD for a month of {requests} requests", head, table)
    say(said)
