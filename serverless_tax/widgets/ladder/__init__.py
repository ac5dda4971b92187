"""Climb the changes for a function that waits: what each saves, takes and risks."""

from __future__ import annotations

from serverless_tax.ground.html import tag
from serverless_tax.questions.ladder import BESIDE
from serverless_tax.widgets.ladder.figures import ladder_figures
from serverless_tax.widgets.ladder.words import RUNG_SAYS, rung_words, web_says
from serverless_tax.widgets.still import bars, split
from serverless_tax.widgets.widget import Numbers, Quantities, Widget


def _still(q: Quantities) -> tuple[Numbers, str]:
    numbers = (
        ("rung_as_it_is_usd", "usd", "a month, as it is"),
        ("rung_memory_usd", "usd", "with the memory it needs"),
    )
    rungs = [(each["name"], f"rung_{each['slug']}") for each in rung_words()]
    rows = [(name, q[f"{rung}_usd"], split(q, rung)) for name, rung in rungs]
    return numbers, bars(rows) + tag("p", web_says(q["web_vcpu_hour_usd"])).html


WIDGET = Widget(
    kind="ladder",
    caption=(
        "From {rung_as_it_is_usd:usd} a month to {rung_memory_usd:usd} with"
        " {least_memory_mb:mb}, and to {rung_arm_usd:usd} on Arm too. A shared process on Arm costs"
        " {rung_share_usd:usd}, and a key for the client, without a proxy, {rung_no_proxy_usd:usd}."
    ),
    still=_still,
    figures=ladder_figures,
    words=lambda: {"RUNGS": rung_words(), "RUNG_SAYS": RUNG_SAYS},
    designs=BESIDE,
)
