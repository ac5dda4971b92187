"""The command that lists what can be done about a bill, rung by rung."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from cyclopts import Parameter

from serverless_tax.cli.bills import Json
from serverless_tax.cli.decide import facts_asked
from serverless_tax.cli.facts import OF_MONEY
from serverless_tax.cli.options import Asked, When
from serverless_tax.cli.output import remark, say, write_json, write_table
from serverless_tax.cli.unmoved import TUNED, priced, say_unmoved
from serverless_tax.ground.show import show
from serverless_tax.questions.by_client import months_usd
from serverless_tax.questions.compare import left_out
from serverless_tax.questions.decide import ruled_out
from serverless_tax.questions.facts import Facts
from serverless_tax.questions.ladder import BESIDE, Rung, ladder
from serverless_tax.questions.sentence import paid_back
from serverless_tax.questions.web_functions import (
    RUNG_NAME,
    WebFunctions,
    unpriced,
    without_a_price,
)
from serverless_tax.request.presets import STATED_PEAK_MB


def ladder_command(
    *,
    hour_usd: Annotated[
        float | None,
        Parameter(help="What an hour of your time costs. Default: the scenario's, or 100."),
    ] = None,
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
    asked = asked or Asked()
    workload, keywords = asked.workload(takes_facts=True), (when or When()).keywords()
    if asked.preset and not np.any(workload.peak_memory_mb):
        workload = workload.replace(peak_memory_mb=STATED_PEAK_MB[asked.preset])
    # Of a preset every rung is shown, whatever its answers.
    facts = facts_asked(asked, {}) if asked.scenario else Facts(workload=workload)
    for name in OF_MONEY:
        if getattr(facts, name) is None:
            remark(f"The scenario leaves {name} unknown: the ladder takes {_MONEY[name]}.")
    rungs = ladder(
        workload,
        hour_usd=_given(hour_usd, facts.hour_usd, 100.0),
        slower=1.0 if facts.times_out else slower,
        shorter=shorter,
        effective_rate=_given(facts.effective_rate, 1.0),
        calls=facts.calls or 1.0,
        out_of_memory=facts.out_of_memory,
        **keywords,
    )
    designs = dict.fromkeys(rung.design for rung in rungs)
    say_unmoved(asked, workload, keywords, priced(designs, keywords), but=TUNED)
    out = {rung.id: why for rung in rungs if (why := ruled_out(rung.id, facts))}
    web = unpriced(workload, keywords)
    unpriced_says = list(without_a_price(workload, keywords))
    by_client_usd = {rung.id: _ends_usd(rung, keywords) for rung in rungs}
    if json:
        write_json(_plain(rungs, out, by_client_usd, web, " ".join(unpriced_says)))
        return
    least = min((rung for rung in rungs if rung.id not in out), key=lambda rung: rung.total_usd)
    say(
        f"As it is {show(rungs[0].total_usd, 'usd')} a month; least is left by the rung"
        f' "{least.name}",'
        f" {show(least.total_usd, 'usd')}. What to do first is said by `serverless-tax decide`."
    )
    rows = [
        (
            f"{rung.name} (ruled out)" if rung.id in out else rung.name,
            show(rung.total_usd, "usd"),
            show(rung.saving_usd, "usd"),
            show(rung.step_usd, "usd"),
            f"{rung.effort_hours:g} h",
            paid_back(rung.payback_months) if rung.effort_hours else "",
        )
        for rung in rungs
    ]
    rows += [(f"{_WEB['name']} (no price seen)", *_NO_PRICE, "", "")] if web else []
    head = ("Rung", "USD a month", "Saves", "Over the rung below", "Effort", "Pays back in")
    write_table("The ladder", head, rows)
    for rung in rungs:
        why = f"Ruled out: {out[rung.id]}" if rung.id in out else ""
        said = (why, rung.finding, f"Risk: {rung.risk}" if rung.risk else "", _lost(rung.lost))
        if any(said):
            say(f"{rung.name}. {' '.join(part for part in said if part)}")
    for rung in rungs:
        if ends := by_client_usd[rung.id]:
            ends_usd = " to ".join(show(usd, "usd") for usd in ends)
            say(f"{rung.name} leaves {ends_usd} by the client and the machine that were measured.")
    for sentence in (*left_out(BESIDE, keywords), *unpriced_says):
        say(sentence)


_WEB = {"id": "web-functions", "name": RUNG_NAME}
_NO_PRICE = ("unknown", "unknown", "unknown")
#: What the ladder takes where a scenario leaves money unknown, in words.
_MONEY = {"hour_usd": "$100", "effective_rate": "list prices"}


def _given(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def _plain(
    rungs: list[Rung],
    out: dict[str, str],
    by_client_usd: dict[str, tuple[float, float] | None],
    web: WebFunctions | None,
    unpriced_says: str,
) -> list[dict[str, Any]]:
    """Return the rungs as plain values, all with the same names: null is what is not known."""
    plain = [
        rung.to_dict()
        | {"ruled_out": out.get(rung.id), "by_client_usd": by_client_usd[rung.id]}
        | {"without_a_price": None}
        for rung in rungs
    ]
    if web:
        found = {"finding": unpriced_says, "without_a_price": web.to_dict()}
        plain.append(dict.fromkeys(plain[0]) | _WEB | found)
    return plain


def _ends_usd(rung: Rung, keywords: dict[str, Any]) -> tuple[float, float] | None:
    """Return a rung's range, where its dollars hang on the client that was measured."""
    ends = months_usd(rung.design, rung.workload, **keywords)
    return ends if ends and len({show(usd, "usd") for usd in ends}) > 1 else None


def _lost(text: str) -> str:
    return f"Lost: {text}" if text else ""
