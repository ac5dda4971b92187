"""What the ladder says of each rung, beside what the package says of it."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from serverless_tax.ground.show import show
from serverless_tax.questions.granted import NO_CODE, SAME_SPEED, SHORTENED, WHOLE_ANSWER
from serverless_tax.questions.ladder import SHORTER
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.questions.sentence import LONGEST_MONTHS
from serverless_tax.questions.web_functions import WITHOUT_A_PRICE
from serverless_tax.widgets.market.figures import slug

#: What a rung's price takes for granted, or the CPU that decides it; filled like a caption.
_COUNTED = {
    "as-it-is": "{rung_as_it_is_waiting_usd:usd} of it is for waiting.",
    "memory": "At {least_memory_mb:mb} the work takes {rung_memory_busy_ms:ms} of a request.",
    "arm": SAME_SPEED,
    "overlap": "Priced with the shorter wait under the longer one, as if neither needed the other.",
    "provisioned": "Priced for as many as the peak needs, day and night.",
    "shorter": SHORTENED.format(show(SHORTER, "percent")),
    "no-proxy": "Priced with the work and the lookup alone; the client talks to the model.",
    "gateway": NO_CODE,
    "share": "Priced on Arm with {streams_per_vcpu:answers} to a virtual CPU, for the peak.",
    "suspended": WHOLE_ANSWER,
    "active-memory": "A request is billed {rung_active_cpu_busy_ms:ms} of CPU.",
    "active-cpu": (
        "A request is billed {rung_active_cpu_busy_ms:ms} of CPU; if you set none for a token, it"
        " is what the first lab measured."
    ),
}
RUNG_SAYS: dict[str, Any] = {
    "longest_months": LONGEST_MONTHS,
    "start": "Where you stand: nothing to do.",
    "takes": "It takes about {effort_hours:hours} of work. ",
    "steps": "First these two, in this order",
    "doors": "Then at most one of these, each on top of both",
    "stop": "Stop here: at {hour_usd:usd0} an hour, nothing below earns its work within a year.",
    "paid_back": "At {hour_usd:usd} an hour they are paid back in {payback_months:months}.",
    "never": "At {hour_usd:usd} an hour they are not paid back within five years.",
    "web": WITHOUT_A_PRICE.replace("{usd}", "{web_vcpu_hour_usd:usd}"),
}


def web_says(vcpu_hour_usd: float) -> str:
    """Return the row of the rung that has no price, or nothing where none could pay."""
    pays = 0 < vcpu_hour_usd < math.inf
    return WITHOUT_A_PRICE.format(usd=show(vcpu_hour_usd, "usd")) if pays else ""


def rung_words() -> list[dict[str, Any]]:
    """Return the rungs of the ladder in order, each with its words."""
    return [
        {
            "id": name,
            "slug": slug(name),
            **asdict(about),
            "weeks": _weeks(about.effort_hours),
            "counted": _COUNTED[name],
        }
        for name, about in RUNGS.items()
    ]


def _weeks(hours: float) -> str:
    """Return hours of work as a calendar has them.

    >>> [" ".join(_weeks(hours).split()) for hours in (2, 4, 8, 24, 40, 80)]
    ['2 hours', '4 hours', '1 day', '3 days', '1 week', '2 weeks']
    """
    for unit, length in (("week", 40), ("day", 8), ("hour", 1)):
        if hours >= length:
            many = show(hours / length, "count")
            return f"{many}\N{NO-BREAK SPACE}{unit}{'' if many == '1' else 's'}"
    return ""
