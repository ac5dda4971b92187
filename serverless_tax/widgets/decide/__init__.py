"""Answer a few questions; what earns its work within a year is recommended, with its sum."""

from __future__ import annotations

from typing import Any

from serverless_tax.ground.settings import Settings
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB, PLATFORM, TIMEOUT_MS
from serverless_tax.questions.assumed import (
    any_assumed,
    prices_assumed,
    slower_assumed,
    suspended_assumed,
)
from serverless_tax.questions.choose import NEEDS, TUNING
from serverless_tax.questions.fact_rows import UNITS
from serverless_tax.questions.facts import BETWEEN, CALLS, HOURS_USD, LENGTHS_MS, RATES
from serverless_tax.questions.right_size import HEADROOM
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.questions.sentence import ASSUMES, COUNTED, LONGEST_MONTHS, SAYS
from serverless_tax.questions.to_find import ASK
from serverless_tax.request.workload import Workload
from serverless_tax.widgets.decide.figures import decision_figures
from serverless_tax.widgets.market.figures import slug
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.still import bars, split
from serverless_tax.widgets.widget import Numbers, Quantities, Widget

#: What the decision asks, by the field that holds the answer.
QUESTIONS = {
    "reads_along": "Does a person read along?",
    "sees_answer": "Must your code see the answer on its way?",
    "own_process": "May a process of your own run all month?",
    "other_vendor": "May it move to another vendor?",
    "out_of_memory": "Does it run out of memory?",
    "in_order": "Does each call need the one before?",
}


#: What may be unknown besides: a number of each field, and what it is called.
UNKNOWNS = (
    ("generate_ms", "the wait"),
    ("receive_ms", "the work"),
    ("memory_mb", "the memory"),
    ("calls", "the calls"),
    ("hour_usd", "the hour’s price"),
    ("effective_rate", "the discount"),
)

#: What no page says: of another region, of what is kept ready, of what is kept and tuned.
_NOT_ON_PAGES = ("there", "kept", "alone")

#: The field of a page that a fact stands in, where that has another name.
OF_FACT = {"cpu_ms": "receive_ms", "streaming_ms": "generate_ms"}


def _still(q: Quantities) -> tuple[Numbers, str]:
    numbers = (
        ("rung_as_it_is_usd", "usd", "a month now"),
        ("decided_usd", "usd", "a month then"),
        ("decided_year_usd", "usd", "in the first year, the work paid"),
    )
    then = q["decided_usd"]
    now = ("Now", q["rung_as_it_is_usd"], split(q, "rung_as_it_is"))
    return numbers, bars([now, ("Then", then, {"": then})])


def _too_long() -> str:
    """Return why the function cannot serve a request that takes longer than it may."""
    [why] = PLATFORM.obstacles(
        Workload(requests_per_month=1, memory_mb=128, wait_ms=2 * TIMEOUT_MS)
    )
    return why


def advice_words() -> dict[str, Any]:
    """Return what a page needs to say the advice: the changes, and how a sentence goes."""
    return {
        "CHANGES": [
            {"slug": slug(name), "do": about.do, "hours": about.effort_hours}
            for name, about in RUNGS.items()
            if name in (*TUNING, *NEEDS)
        ],
        "ADVICE": {
            "says": {name: text for name, text in SAYS.items() if name not in _NOT_ON_PAGES}
            | {"why": _too_long()},
            "counted": COUNTED,
            "longest_months": LONGEST_MONTHS,
            "ask": {
                OF_FACT.get(name, name): to_find
                for name, to_find in ASK.items()
                if name != "wait_ms"
            },
            "ends": {
                "calls": CALLS,
                "between": {"unsplit" if name == "cpu_ms" else name: 0 for name in BETWEEN},
                "lengths_ms": {
                    OF_FACT[name]: at for name, at in LENGTHS_MS.items() if name in OF_FACT
                },
                "limit_ms": TIMEOUT_MS,
                "whole_mb": FULL_VCPU_MB,
                "memory_mb": MEMORY_MB,
                "headroom": HEADROOM,
                "hour_usd": HOURS_USD,
                "effective_rate": RATES,
            },
            "assumes": {name: text for name, text in ASSUMES.items() if name != "alike"}
            | any_assumed()
            | {
                "prices": prices_assumed({"on": page_day()}),
                "slower": slower_assumed(),
                "suspended": suspended_assumed(Settings().suspended_share),
            },
        },
    }


WIDGET = Widget(
    kind="decide",
    caption=(
        "At {hour_usd:usd} an hour, this advice takes the month from {rung_as_it_is_usd:usd} to"
        " {decided_usd:usd}, and earns {decided_year_usd:usd} in its first year."
    ),
    still=_still,
    figures=decision_figures,
    words=lambda: {
        "QUESTIONS": QUESTIONS,
        "UNKNOWNS": UNKNOWNS,
        "UNITS": UNITS,
        "IDS": {slug(name): name for name in (*TUNING, *NEEDS)},
        "NAMES": {slug(name): RUNGS[name].name for name in NEEDS},
        **advice_words(),
    },
)
