"""Commands that print bills, and what bills go by: price, compare, history, settings and more."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from cyclopts import App, Parameter

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.bill.design import design
from serverless_tax.bill.unread import WHY_NOT, reads
from serverless_tax.cli.gate import DesignCheck
from serverless_tax.cli.options import Asked, When, as_option, option_name
from serverless_tax.cli.output import remark, say, write_json, write_table
from serverless_tax.cli.unmoved import priced, say_unsaid, without
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.questions.by_client import by_client, by_client_of
from serverless_tax.questions.compare import (
    compare,
    designs,
    is_priced,
    left_out,
    not_offered,
)
from serverless_tax.questions.days import history
from serverless_tax.questions.same_minimum import same_minimum, says
from serverless_tax.questions.waiting_rate import WaitingRate, waiting_rate
from serverless_tax.request.workload import Workload

Json = Annotated[bool, Parameter(name="--json", help="Write JSON.", negative="")]
Everything = Annotated[
    bool, Parameter(name="--all", negative="", help="Every vendor's platforms, not AWS's alone.")
]
_SPLIT = ("total", "work", "waiting", "idle")


def register(app: App) -> None:
    """Add these commands to the command line."""
    app.command(price)
    app.command(compare_command, name="compare")
    app.command(history_command, name="history")
    app.command(waiting_rate_command, name="waiting-rate")
    app.command(settings_command, name="settings")


def price(
    platform: str,
    /,
    *,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Price a month on one platform, line by line.

    ```console
    serverless-tax price aws-lambda --requests 10e6 --wait 4.85s --cpu 5.5ms --memory 1024
    serverless-tax price aws-lambda+aws-websocket --preset article --path whole
    serverless-tax price aws-fargate --preset article --path needed --architecture arm64 --json
    ```

    Parameters
    ----------
    platform
        An id such as aws-lambda, with parts of its path behind a plus; see `compare`.
    """
    workload, keywords = _of(asked).workload(), _at(when).keywords(noted=True)
    bill_ = bill(platform, workload, **keywords)
    say_unsaid(_of(asked), workload, priced([platform], {"path": ()} | keywords))
    if json:
        write_json(bill_.to_dict())
    else:
        _write_bill(bill_)


def _of(asked: Asked | None) -> Asked:
    return asked or Asked()


def _at(when: When | None) -> When:
    return when or When()


def _write_bill(bill_: Bill) -> None:
    title = f"{bill_.title}, {bill_.region}, prices of {bill_.on}"
    say(f"{bill_.title}: {show(bill_.total, 'usd')} a month, {_waits(bill_)}.")
    rows = [*bill_.rows(), ("Total", "", "", show(bill_.total, "usd"))]
    write_table(title, ("Line", "Quantity", "Unit price", "USD a month"), rows)
    for line in (bill_.split(), *bill_.obstacles, *bill_.notes):
        say(line)


def _waits(bill_: Bill) -> str:
    share = bill_.waiting / bill_.total if bill_.total else 0.0
    return f"{show(share, 'percent')} of it for waiting"


def compare_command(
    *platforms: str,
    everything: Everything = False,
    asked: Asked | None = None,
    when: When | None = None,
    gate: DesignCheck | None = None,
    json: Json = False,
) -> int:
    """Rank platforms by a month's bill, cheapest first; those that cannot serve come last.

    ```console
    serverless-tax compare --preset article
    serverless-tax compare --all --preset article
    serverless-tax compare aws-lambda aws-fargate --requests 2e6 --wait 30s --cpu 8ms --memory 512
    serverless-tax compare aws-lambda --scenario service.toml --fail-above 99%
    serverless-tax compare --yours aws-fargate --scenario service.toml --json
    serverless-tax compare aws-lambda --scenario service.toml --against main.json --tolerance 5%
    ```

    Parameters
    ----------
    platforms
        The ids to compare; all of AWS's if none is given.
    """
    check = gate or DesignCheck()
    _one_or_the_other(platforms, everything=everything)
    workload, keywords = _of(asked).workload(), _at(when).keywords(noted=True)
    (mine,) = compare(workload, [check.design(platforms)], **keywords)
    ranked = compare(workload, platforms or None, everything=everything, **keywords)
    ids = () if platforms else designs(everything=everything, on=keywords["on"])
    unfit = [f"Left out: {as_option(one)}" for one in not_offered(ids, workload, keywords)]
    titles = [one.title for one in ranked]
    say_unsaid(_of(asked), workload, priced(titles, {"path": ()} | keywords))
    if not any(_same(one, mine) for one in ranked):
        ranked = sorted([*ranked, mine], key=lambda one: (bool(one.obstacles), one.total))
    ranged = {one.title: one for one in by_client(workload, ranked, **keywords)}
    kept = {one.title: one for one in same_minimum(workload, ranked, **keywords)}
    if json:
        write_json(
            [
                one.to_dict()
                | {"yours": _same(one, mine)}
                | by_client_of(one.title, ranged)
                | {"same_minimum": asdict(kept[one.title]) if one.title in kept else None}
                for one in ranked
            ]
        )
        for sentence in unfit:
            remark(sentence)
    else:
        _write_ranking(ranked, mine)
        for sentence in (*left_out(ids, keywords), *unfit):
            say(sentence)
        for sentence in (*map(str, ranged.values()), says(list(kept.values()))):
            if sentence:
                say(sentence)
    return check.judge(mine, quiet=json)


def _same(one: Bill, other: Bill) -> bool:
    return (one.platform, one.path) == (other.platform, other.path)


def _one_or_the_other(platforms: tuple[str, ...], *, everything: bool) -> None:
    if platforms and everything:
        msg = f"--all compares every platform; leave it out to compare {', '.join(platforms)}."
        raise InvalidQuantity(msg)


def _write_ranking(ranked: list[Bill], mine: Bill) -> None:
    first = ranked[0]
    what = "The cheapest" if not first.obstacles else "Nothing serves it; the cheapest"
    yours = "" if _same(first, mine) else f"; {mine.title} {show(mine.total, 'usd')}"
    say(f"{what} is {first.title}, {show(first.total, 'usd')} a month{yours}, {_waits(mine)}.")
    rows = [
        (bill_.title, *(show(getattr(bill_, part), "usd") for part in _SPLIT)) for bill_ in ranked
    ]
    regions = ", ".join(dict.fromkeys(bill_.region for bill_ in ranked))
    title = f"USD a month, {regions}, prices of {first.on}"
    write_table(title, ("Platform and path", "Total", "Work", "Waiting", "Idle"), rows)
    for sentence in dict.fromkeys(s for bill_ in ranked for s in bill_.obstacles):
        say(sentence)
    told: dict[str, list[str]] = {}
    for bill_ in ranked:
        for sentence in bill_.notes:
            told.setdefault(sentence, []).append(bill_.platform)
    for sentence, names in told.items():
        say(f"{', '.join(dict.fromkeys(names))}: {sentence}")


def history_command(
    platform: str,
    /,
    *days: date,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Price the same month at the prices of several days.

    ```console
    serverless-tax history aws-lambda 2025-07-31 2025-08-01 --preset article --init 800ms
    ```

    Parameters
    ----------
    platform
        An id such as aws-lambda.
    days
        The days; without any, the day before INIT was billed and the day it was.
    """
    days, keywords = _at(when).of_days(days, noted=True)
    workload = _of(asked).workload()
    bills = (
        history(platform, workload, days, **keywords)
        if days
        else history(platform, workload, **keywords)
    )
    at = [keywords | {"on": bill_.on} for bill_ in bills]
    say_unsaid(_of(asked), workload, lambda w: [bill(platform, w, **each) for each in at])
    if json:
        write_json([bill_.to_dict() for bill_ in bills])
        return
    ends = dict.fromkeys(
        f"{show(m.total, 'usd')} at {m.on}'s prices" for m in (bills[0], bills[-1])
    )
    say(f"{bills[0].title}: {', '.join(ends)}.")
    rows = [(str(m.on), *(show(getattr(m, part), "usd") for part in _SPLIT)) for m in bills]
    write_table(f"{platform}, USD a month", ("Prices of", "Total", "Work", "Waiting", "Idle"), rows)
    told = [(*month.obstacles, *month.notes) for month in bills]
    for month, sentences in zip(bills, told, strict=True):
        for sentence in sentences:
            if not all(sentence in other for other in told):
                say(f"{month.on}: {sentence}")
    for sentence in told[0]:
        if all(sentence in other for other in told):
            say(sentence)


def waiting_rate_command(
    *platforms: str,
    everything: Everything = False,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
) -> None:
    """Say what an hour of waiting costs on each platform: one hour more, and on average.

    ```console
    serverless-tax waiting-rate --preset article
    serverless-tax waiting-rate aws-lambda aws-fargate --preset thinking
    ```

    Parameters
    ----------
    platforms
        The ids; all of AWS's if none is given.
    """
    keywords = _at(when).without(
        model="a model's tokens do not wait",
        free_tier="what is free is not counted in an hour's price",
        used_up="what a plan includes is not counted in an hour's price",
    )
    keywords.setdefault("path", "needed")
    workload = _of(asked).workload()
    _one_or_the_other(platforms, everything=everything)
    ids = platforms or designs(everything=everything, on=keywords.get("on"))
    gone = [] if platforms else list(left_out(ids, keywords))
    named = [name for name in ids if platforms or is_priced(name, keywords)] or ids[:1]

    def rated(w: Workload, **others: Any) -> list[tuple[str, WaitingRate]]:
        at = keywords | others
        rates = [(name, waiting_rate(name, w, **at)) for name in named]
        return sorted(rates, key=lambda named: named[1].average_usd)

    rates = rated(workload)
    for name, w in without(_of(asked)).items():
        if rated(w) == rates:
            remark(f"{name} changes nothing here: no hour of waiting costs another price for it.")
    if keywords["path"] != "needed" and rated(workload, path="needed") == rates:
        remark("--path changes nothing here: what it adds does not wait.")
    if json:
        write_json([{"platform": name} | rate.to_dict() for name, rate in rates])
        return
    dearest = max(rates, key=lambda named: named[1].average_usd)
    ends = dict.fromkeys(f"${rate.average_usd:.4f} on {on}" for on, rate in (rates[0], dearest))
    say(f"On average an hour of waiting costs {' and '.join(ends)}.")
    rows = [(name, f"${rate.marginal_usd:.4f}", f"${rate.average_usd:.4f}") for name, rate in rates]
    write_table("USD for an hour of waiting", ("Platform", "One hour more", "On average"), rows)
    for sentence in gone:
        say(sentence)


def settings_command(platform: str, /, *, json: Json = False) -> None:
    """Say by which settings a platform bills, and why the others change nothing there.

    ```console
    serverless-tax settings google-cloud-run
    serverless-tax settings aws-fargate+aws-alb --json
    ```

    Parameters
    ----------
    platform
        An id such as google-cloud-run, with parts of its path behind a plus.
    """
    target = design(platform)
    read = [name for name in WHY_NOT if name in reads(target)]
    others = {name: why for name, why in WHY_NOT.items() if name not in read}
    if json:
        write_json({"billed_by": read, "changes_nothing": others})
        return
    say(f"{target.name}, bills by {', '.join(map(option_name, read)) or 'none of them'}.")
    for name, why in others.items():
        say(f"{option_name(name)} changes nothing: {why}.")
