"""The scenario of a page: what a reader can set, its bounds, and its short name in an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np

from serverless_tax.bill.design import design
from serverless_tax.platforms import google_cloud_run
from serverless_tax.platforms.aws_lambda import MEMORY_MB
from serverless_tax.platforms.aws_websocket import TIMEOUT_MS
from serverless_tax.prices import Price, home_region, price_sheet
from serverless_tax.questions.answers import MOST_CALLS, Answers
from serverless_tax.request.presets import PRESETS, RAG_STEPS, STATED_PEAK_MB
from serverless_tax.request.workload import Workload
from serverless_tax.widgets.figures import figures
from serverless_tax.widgets.page_request import page_day, sheets
from serverless_tax.widgets.widget import widgets


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a reader can set: ``key`` its short name in an address, ``unit`` how it shows."""

    name: str
    key: str
    label: str
    unit: str
    low: float
    high: float
    step: float


FIELDS = (
    Field("requests_per_month", "requests", "requests a month", "count", 0, 1e9, 10_000),
    Field("memory_mb", "memory", "memory", "mb", *MEMORY_MB, 1),
    Field("peak_memory_mb", "peak", "peak memory, 0 if unknown", "mb", 0, MEMORY_MB[1], 1),
    Field("receive_ms", "receive", "receive and parse the request", "ms", 0, 900_000, 0.5),
    Field("retrieve_ms", "retrieve", "look up the passages", "ms", 0, 900_000, 1),
    Field("prompt_ms", "prompt", "build the prompt", "ms", 0, 20_000, 0.5),
    Field("call_ms", "call", "call the model", "ms", 0, 20_000, 0.5),
    Field("generate_ms", "wait", "wait for the answer", "ms", 0, 3_600_000, 10),
    Field("output_tokens", "tokens", "tokens in the answer", "count", 0, 100_000, 1),
    Field("cpu_ms_per_output_token", "cpu", "CPU to pass on a token", "ms", 0, 10, 0.01),
    Field("metered_cpu_ms_per_token", "metered", "CPU billed for a token", "ms", 0, 10, 0.01),
    Field("init_ms", "init", "INIT of a cold start", "ms", 0, 20_000, 1),
    Field("cold_start_share", "cold", "share of cold starts", "percent", 0, 1, 0.001),
    Field("arm", "arm", "Arm instead of x86", "switch", 0, 1, 1),
    Field("requests_per_instance", "sharing", "requests to an instance", "count", 1, 1000, 1),
    Field("first_token_ms", "first", "time to first token", "ms", 0, 120_000, 10),
    Field("tokens_per_message", "batch", "tokens in a message", "count", 1, 1000, 1),
    Field("session_s", "session", "length of the conversation", "min", 60, TIMEOUT_MS / 1000, 60),
    Field("session_messages", "messages", "messages in the conversation", "count", 1, 40, 1),
    Field("streams_per_vcpu", "streams", "answers a process holds", "count", 1, 5000, 1),
    Field("hour_usd", "hour", "an hour of your time", "usd", 0, 1000, 5),
    Field("reads_along", "reads", "a person reads along", "switch", 0, 1, 1),
    Field("sees_answer", "sees", "your code sees the answer", "switch", 0, 1, 1),
    Field("own_process", "process", "a process of your own", "switch", 0, 1, 1),
    Field("other_vendor", "vendor", "another vendor", "switch", 0, 1, 1),
    Field("calls", "calls", "calls it waits for", "count", 1, MOST_CALLS, 1),
    Field("in_order", "order", "each call needs the one before", "switch", 0, 1, 1),
    Field("longest_ms", "longest", "its longest call, 0 if unknown", "ms", 0, 900_000, 10),
    Field("out_of_memory", "short", "runs out of memory", "switch", 0, 1, 1),
    Field("times_out", "late", "reaches its time limit", "switch", 0, 1, 1),
    Field("unsplit", "unsplit", "the wait may be work", "switch", 0, 1, 1),
    Field("effective_rate", "paid", "share of AWS's list price", "percent", 0.01, 1, 0.01),
    Field("plumber_work_s", "work", "the plumber’s work", "s", 1, 3600, 1),
    Field("plumber_wait_s", "part", "the wait for the part", "min", 0, 7200, 60),
    Field("plumber_hour_usd", "rate", "the plumber’s hour", "usd", 0, 1000, 1),
)

#: The facts that a link may leave unknown, and those of which nothing at all says so too.
UNKNOWABLE = (
    *("requests_per_month", "memory_mb", "peak_memory_mb", "receive_ms", "generate_ms", "calls"),
    *("in_order", "reads_along", "sees_answer", "own_process", "other_vendor"),
    *("hour_usd", "effective_rate"),
)
ZERO_IS_UNKNOWN = ("requests_per_month", "peak_memory_mb")

#: Where a preset leaves the sharing to the platform, a page starts from Cloud Run's own number.
_SHARING = {"requests_per_instance": float(google_cloud_run.SHARES[0])}
#: What is of a page alone, no part of the workload. The first token comes as it does in the labs.
_PAGE = {
    "first_token_ms": 500.0,
    "session_s": 1200.0,
    "session_messages": 5.0,
    "hour_usd": 100.0,
    "effective_rate": 1.0,
    "unsplit": 0.0,
    **{name: float(value) for name, value in asdict(Answers()).items()},
}
_PLUMBER = {"plumber_work_s": 90.0, "plumber_wait_s": 2700.0, "plumber_hour_usd": 200.0}


#: The designs that the figures of the request itself price.
_OF_A_REQUEST = ("aws-lambda", "google-cloud-run")

_MS = {"": (1, 0), "ms": (1, 0), "s": (1, 3), "m": (60, 3), "h": (3600, 3)}
#: What may stand behind a typed number of each unit, written short: its factor, and a power of ten.
#: The powers go into the number's exponent, so that 4.855s is exactly 4855 ms, as in Python.
SUFFIXES: dict[str, dict[str, tuple[int, int]]] = {
    "ms": _MS,
    "s": {"": (1, 0), "ms": (1, -3), "s": (1, 0), "m": (60, 0), "h": (3600, 0)},
    "min": {"": (60, 0), "m": (60, 0), "s": (1, 0), "h": (3600, 0)},  # seconds, shown as minutes
    "mb": {"": (1, 0), "mb": (1, 0), "gb": (1024, 0)},
    "count": {"": (1, 0), "k": (1, 3), "m": (1, 6)},
    "percent": {"": (1, 0), "%": (1, -2)},
    "usd": {"": (1, 0), "usd": (1, 0)},
    "switch": {"": (1, 0)},
}
#: The format of the addresses that "copy link" writes. One without a version is of the first, in
#: which a link to the article's request names no preset. Since the second, one without a preset
#: holds what was moved on a page, and changes the own request of the page that it opens.
LINK_VERSION = 2


def scenario(name: str = "article") -> dict[str, float]:
    """Return a preset as the values of :data:`FIELDS`."""
    w = Workload.preset(name)
    steps = {f"{step}_ms": float(s.ms) for (step, _), s in zip(RAG_STEPS, w.steps, strict=True)}
    plain = {f.name: float(getattr(w, f.name)) for f in FIELDS if hasattr(w, f.name)}
    plain["peak_memory_mb"] = STATED_PEAK_MB[name]
    return {f.name: (plain | steps | _SHARING | _PAGE | _PLUMBER)[f.name] for f in FIELDS}


def scenarios() -> dict[str, dict[str, Any]]:
    """Return every preset with the sentence that says what it is."""
    return {name: {"about": about, **scenario(name)} for name, (about, _) in PRESETS.items()}


def workload(values: dict[str, float]) -> Workload:
    """Return the workload a scenario stands for, so that a page and the package can be compared."""
    names = {f.name for f in FIELDS} - {f"{step}_ms" for step, _ in RAG_STEPS}
    names -= _PLUMBER.keys() | _PAGE.keys()
    steps = [(kind, values[f"{step}_ms"], step) for step, kind in RAG_STEPS]
    return Workload.from_steps(
        steps,
        architecture="arm64" if values["arm"] else "x86_64",
        **{name: values[name] for name in names - {"arm"}},
    )


@cache
def page_prices() -> Mapping[str, Price]:
    """The prices that the pages compute with: of every design that a widget prices."""
    compared = (*_OF_A_REQUEST, *(name for one in widgets().values() for name in one.designs))
    named = dict.fromkeys(sheet for name in compared for sheet in sheets(design(name)))
    days = (price_sheet(n, home_region(n, "us-east-1")).on(page_day()) for n in named)
    return MappingProxyType({name: price for sheet in days for name, price in sheet.items()})


class _Scenario(SimpleNamespace):
    """What a figure reads, by name."""

    def __getattr__(self, name: str) -> Any:
        """Refuse a name that no reader sets: asked as an attribute it would hide the figure."""
        if name.startswith("__"):
            raise AttributeError(name)
        msg = (
            f"A figure reads {name!r} of the scenario, which has {', '.join(sorted(vars(self)))}."
            " What follows from these, such as wait_ms, page_request() of the scenario has."
        )
        raise LookupError(msg)


def compute(
    values: dict[str, float], of: Callable[[Any, Any], Mapping[str, Any]] = figures
) -> dict[str, float]:
    """Return every figure of a scenario, or those ``of`` it, as the page's JavaScript does.

    Raises:
        LookupError: for a figure that reads what a reader cannot set.
    """
    prices = page_prices()
    s = _Scenario(**{name: np.float64(value) for name, value in values.items()})
    with np.errstate(
        divide="ignore", invalid="ignore", over="ignore"
    ):  # infinities, as in JavaScript
        return {name: float(value) for name, value in of(s, prices).items()}
