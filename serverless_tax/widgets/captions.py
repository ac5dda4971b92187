"""What each widget says in a sentence: true untouched, and true after every change.

``{name:unit}`` stands for a figure or a field of the scenario; Python fills it where a page is
built, and the page fills it anew when a reader moves something.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from serverless_tax.bill.design import design
from serverless_tax.ground.show import show
from serverless_tax.questions.ladder import (
    NO_CODE,
    SAME_SPEED,
    SHORTENED,
    SHORTER,
    WHOLE_ANSWER,
)
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.widgets.figures_market import CROSSING, MARKET, needed, slug
from serverless_tax.widgets.request import dimensions
from serverless_tax.widgets.scenario import compute, page_prices, scenario

CAPTIONS = {
    "paste": "What you paste is read on this page, by this page. Nothing is sent anywhere.",
    "plumber": (
        "For {plumber_work_s:s} of work and {plumber_wait_s:min} of waiting for a part, the"
        " plumber's bill is {plumber_usd:usd}: {plumber_work_usd:usd} for the work and"
        " {plumber_wait_usd:usd} for the waiting. A Lambda function that waits is on the same"
        " clock, at {waiting_hour_usd:usd} an hour."
    ),
    "rectangle": (
        "The area is what Lambda bills: {memory_mb:mb} for {billed_ms:ms} a request, or"
        " {month_usd:usd} a month; the CPU works for {busy_ms:ms} of it."
    ),
    "meter": (
        "The request occupies the CPU for {busy_ms:ms} and is billed for {billed_ms:ms}:"
        " {tax_multiple:x}. A month of {requests_per_month:count} costs {month_usd:usd}."
    ),
    "race": (
        "Streamed, the first word is there after {first_word_ms:ms}; sent whole, after"
        " {wall_ms:ms}. Both are billed {billed_ms:ms}: {month_usd:usd} for"
        " {requests_per_month:count} answers a month."
    ),
    "session": (
        "Between its {session_messages:count} messages neither lane pays for a function. The"
        " answers of a month cost {http_usd:usd} over HTTP, {socket_usd:usd} over a WebSocket with"
        " a waiting function, and {handed_usd:usd} with a shared process that waits. Tokens to a"
        " message: {tokens_per_message:count}."
    ),
    "batching": (
        "Tokens to a message: {tokens_per_message:count}. The messages of"
        " {requests_per_month:count} answers cost {batch_door_usd:usd} a month, and the first"
        " token of each is held back for {batch_delay_ms:ms}."
    ),
    "market": (
        "{requests_per_month:count} requests that wait {generate_ms:ms} each cost"
        " {market_aws_lambda_usd:usd} a month on Lambda, {market_aws_fargate_usd:usd} in containers"
        " that share the wait, and {market_cloudflare_workers_usd:usd} where only CPU is billed."
    ),
    "ladder": (
        "From {rung_as_it_is_usd:usd} a month to {rung_memory_usd:usd} with"
        " {least_memory_mb:mb}, to {rung_arm_usd:usd} on Arm too; a shared process would cost"
        " {rung_share_usd:usd}, and not standing in the middle {rung_no_proxy_usd:usd}."
    ),
    "decide": (
        "At {hour_usd:usd} an hour, what is recommended takes {rung_as_it_is_usd:usd} a month to"
        " {decided_usd:usd}, and is worth {decided_year_usd:usd} in the first year."
    ),
}


def caption(kind: str, quantities: Mapping[str, float]) -> str:
    """Return a widget's sentence, filled with the scenario's quantities and figures."""
    return re.sub(
        r"\{(\w+):(\w+)\}",
        lambda match: show(quantities[match[1]], match[2]),
        CAPTIONS[kind],
    )


@cache
def market_words() -> list[dict[str, Any]]:
    """Return each design of the market: its part of a figure's name, its words, and its lines."""
    prices, known = page_prices(), compute(scenario())
    return [
        {
            "slug": slug(name),
            "name": design(name).name,
            "waits": design(name).platform.waits,
            "crosses": name in CROSSING,
            "lines": [
                [line, prices[line].label, prices[line].unit]
                for line in dimensions(needed(name))
                if f"market_{slug(name)}_{line}_usd" in known
            ],
        }
        for name in MARKET
    ]


#: What a rung's price takes for granted, or the CPU that decides it; filled like a caption.
_COUNTED = {
    "as-it-is": "{rung_as_it_is_waiting_usd:usd} of it is for waiting.",
    "memory": "At {least_memory_mb:mb} the CPU is busy for {rung_memory_busy_ms:ms} of a request.",
    "arm": SAME_SPEED,
    "overlap": "Priced with the shorter wait under the longer one, as if neither needed the other.",
    "provisioned": "Priced for as many as the peak needs, day and night.",
    "shorter": SHORTENED.format(show(SHORTER, "percent")),
    "no-proxy": "Priced with the work and the lookup alone; the client talks to the model.",
    "gateway": NO_CODE,
    "share": "Priced on Arm with {streams_per_vcpu:count} answers to a virtual CPU, for the peak.",
    "suspended": WHOLE_ANSWER,
    "active-memory": "A request is billed {rung_active_cpu_busy_ms:ms} of CPU.",
    "active-cpu": (
        "A request is billed {rung_active_cpu_busy_ms:ms} of CPU; where you set none for a token,"
        " what the first lab measured."
    ),
}


def rung_words() -> list[dict[str, Any]]:
    """Return the rungs of the ladder in order, each with its words."""
    return [
        {"id": name, "slug": slug(name), **asdict(about), "counted": _COUNTED[name]}
        for name, about in RUNGS.items()
    ]
