"""The command that says what to do about one function."""

from __future__ import annotations

import csv as table
import io
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from cyclopts import App, Group, Parameter

from serverless_tax.cli.bills import Json
from serverless_tax.cli.options import Asked, When
from serverless_tax.cli.output import say, write_json
from serverless_tax.cli.read_scenario import facts_of_preset, read_facts
from serverless_tax.ground.files import write_whole
from serverless_tax.ground.units import InvalidQuantity, parse_ms
from serverless_tax.questions.advise import Advice, advise
from serverless_tax.questions.compare import left_out
from serverless_tax.questions.facts import Facts
from serverless_tax.questions.ladder import BESIDE

_FACTS = Group("What only you know", sort_key=0)


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(decide_command, name="decide")


def decide_command(
    *,
    calls: Annotated[
        float | None, Parameter(help="Calls that a request waits for.", group=_FACTS)
    ] = None,
    in_order: Annotated[
        bool | None, Parameter(help="Each call needs what the one before brought.", group=_FACTS)
    ] = None,
    reads_along: Annotated[
        bool | None, Parameter(help="A person reads the answer while it is written.", group=_FACTS)
    ] = None,
    sees_answer: Annotated[
        bool | None, Parameter(help="Your code must see the answer on its way.", group=_FACTS)
    ] = None,
    own_process: Annotated[
        bool | None, Parameter(help="A process of your own may run all month.", group=_FACTS)
    ] = None,
    other_vendor: Annotated[
        bool | None, Parameter(help="It may move to another vendor.", group=_FACTS)
    ] = None,
    out_of_memory: Annotated[
        bool | None, Parameter(help="Requests end for want of memory.", group=_FACTS)
    ] = None,
    times_out: Annotated[
        bool | None, Parameter(help="Requests reach the time limit.", group=_FACTS)
    ] = None,
    took: Annotated[
        str | None,
        Parameter(
            help="How long a request takes, where it is not known how much of that is work.",
            group=_FACTS,
        ),
    ] = None,
    hour_usd: Annotated[
        float | None, Parameter(help="What an hour of your time costs. Default: 100.", group=_FACTS)
    ] = None,
    effective_rate: Annotated[
        float | None,
        Parameter(
            help="Share of AWS's list prices that you pay, such as 0.83. Default: 1.", group=_FACTS
        ),
    ] = None,
    asked: Asked | None = None,
    when: When | None = None,
    json: Json = False,
    csv: Annotated[Path | None, Parameter(help="Write the advice as a table here.")] = None,
) -> None:
    """Say what to do about a function: one sentence, its sum, and what to find out first.

    What you do not say stays unknown, and the advice is then a range. A preset says everything.

    ```console
    serverless-tax decide --preset article
    serverless-tax decide --requests 1e6 --memory 1024 --took 5s --peak-memory 300
    serverless-tax decide --scenario my.toml --no-sees-answer --csv advice.csv
    ```
    """
    given = {
        "calls": calls,
        "in_order": in_order,
        "reads_along": reads_along,
        "sees_answer": sees_answer,
        "own_process": own_process,
        "other_vendor": other_vendor,
        "out_of_memory": out_of_memory,
        "times_out": times_out,
        "hour_usd": hour_usd,
        "effective_rate": effective_rate,
    }
    said = {name: value for name, value in given.items() if value is not None}
    facts = facts_asked(asked or Asked(), said, took)
    keywords = (when or When()).keywords()
    advice = advise(facts, **keywords)
    if csv is not None:
        write_whole(csv, as_csv(advice))
    if json:
        write_json(advice.to_dict())
    else:
        say(str(advice))
        for sentence in left_out(BESIDE, keywords):
            say(sentence)


def facts_asked(asked: Asked, said: dict[str, Any], took: str | None) -> Facts:
    """Return what was said of a function, on the line and in the scenario it starts from."""
    known: dict[str, Any] = {}
    if asked.scenario and not asked.preset:
        workload, known = read_facts(asked.scenario, asked.given())
        if "#st?" in asked.scenario:  # each vendor's own sharing, as on the page
            workload = workload.replace(requests_per_instance=0)
    else:
        workload = asked.workload()
        known = facts_of_preset(asked.preset, workload) if asked.preset else {}
    peak_mb = known.pop("peak_memory_mb", 0.0)
    if peak_mb and not np.any(workload.peak_memory_mb):
        workload = workload.replace(peak_memory_mb=peak_mb)
    if took is None:
        return Facts(workload=workload, **(known | said))
    if any(np.any(getattr(workload, name)) for name in ("cpu_ms", "wait_ms", "streaming_ms")):
        msg = "--took says how long a request takes in all; leave --cpu, --wait and steps out."
        raise InvalidQuantity(msg)
    took_ms = parse_ms(took, field="--took")
    waits = workload.replace(wait_ms=took_ms)
    works = workload.replace(cpu_ms=took_ms, measured_at_mb=float(np.max(workload.memory_mb)))
    return Facts(workload=waits, busiest=works, **(known | said))


def as_csv(advice: Advice) -> str:
    """Return the advice as a table with a head, ready to be written."""
    text = io.StringIO()
    writer = table.writer(text, lineterminator="\n")
    writer.writerow(("what", "value", "unit or reason"))
    writer.writerows(advice.rows())
    for field in fields(advice.facts):
        value = getattr(advice.facts, field.name)
        if field.name not in ("workload", "busiest"):
            writer.writerow((f"fact: {field.name}", "unknown" if value is None else value, ""))
    return text.getvalue()
