"""Figures of dollars on a page that moved: what stood there, what stands there now, and why.

What stood there is history, so it is written down; what stands there now is computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from serverless_tax.bill.bill import bill
from serverless_tax.book.examples import EXAMPLES
from serverless_tax.ground.html import WORDS, Markup, Piece, Table, tag
from serverless_tax.ground.settings import HOURS_PER_MONTH
from serverless_tax.ground.show import show
from serverless_tax.platforms import platform
from serverless_tax.questions.ladder import ladder
from serverless_tax.request.workload import Workload

_DAY = date(2026, 11, 1)


@dataclass(frozen=True, slots=True)
class Moved:
    """A figure: what it is of, what a page said, how it is computed now, and why it moved.

    ``design`` is the platform that it prices.
    """

    what: str
    design: str
    before_usd: float
    now: Callable[[], float]
    why: str


def _usd(design: str, workload: Workload, on: date = _DAY) -> float:
    return bill(design, workload, on=on).total


def _article(**changes: float) -> Workload:
    return Workload.preset("article").replace(**changes)


def _example(what: str) -> float:
    return next(one.our_usd for one in EXAMPLES if one.what == what)


_TEN_ON_EIGHT = Workload(
    requests_per_month=10 * HOURS_PER_MONTH * 3600 / 5,
    memory_mb=1024,
    wait_ms=5000,
    minimum_instances=8,
)

_IN_THE_QUOTA = (
    "Its work, timed by the clock at 1,024 MB, fits one period's quota, so all of that time is CPU."
)
_ROUTED = "Instances are counted as its vendor's router keeps them; the form before was too high."
_METERS_TOKENS = "It bills active CPU, and the CPU of passing tokens on was left out."


def _month_on(design: str, before_usd: float, why: str) -> Moved:
    what = f"The article's month on {platform(design).name}"
    return Moved(what, design, before_usd, lambda: _usd(design, _article()), why)


def _rung(name: str, design: str, before_usd: float) -> Moved:
    def now_usd() -> float:
        rungs = ladder(_article(), on=_DAY)
        return next(rung.total_usd for rung in rungs if rung.id == name)

    what = f"The article's month on the ladder: {_RUNGS[name]}"
    return Moved(what, design, before_usd, now_usd, _IN_STEPS)


_RUNGS = {
    "memory": "with the memory it needs",
    "arm": "then on Arm",
    "overlap": "its waits overlapped",
    "provisioned": "with environments kept ready",
    "shorter": "a shorter wait",
    "no-proxy": "the answer not passed on",
    "suspended": "the wait suspended",
}
_IN_STEPS = (
    "Its work at little memory takes whole periods of the quota; before, it took CPU over memory."
)

MOVED = (
    Moved(
        "Cloudflare's example of 100 Durable Objects with 100 sockets each",
        "cloudflare-durable-objects-hibernating",
        8.15,
        lambda: _example("Durable Objects that hibernate, 100 of 100 sockets"),
        "A key chooses the object, so none is filled before the next; each has its own share.",
    ),
    _month_on(
        "google-cloud-run",
        84.30,
        "Its router packs requests; what was counted held at ten to an instance, not at eighty.",
    ),
    Moved(
        "30 M such requests on Cloud Run",
        "google-cloud-run",
        125.0,
        lambda: _usd("google-cloud-run", _article(requests_per_month=30e6)),
        "The same; the more are in flight, the more it was too much.",
    ),
    Moved(
        "Cloudflare's cheapest for the article's month, July 2022, no CPU for a token",
        "cloudflare-workers-bundled",
        79.00,
        lambda: _usd(
            "cloudflare-workers-bundled", _article(metered_cpu_ms_per_token=0), date(2022, 7, 1)
        ),
        "Bundled was sold beside Unbound, without a charge for duration; a price of a day is the"
        " cheapest that could serve.",
    ),
    Moved(
        "The article's month on Workers, no CPU for a token",
        "cloudflare-workers",
        24.11,
        lambda: _usd("cloudflare-workers", _article(cpu_ms_per_output_token=0)),
        "0 was taken for what the first lab measured; zero is zero.",
    ),
    Moved(
        "The article's month on Unbound Workers, July 2022",
        "cloudflare-workers",
        79.04,
        lambda: _usd("cloudflare-workers", _article(), date(2022, 7, 1)),
        "Its vendor counted the 128 MB of a Worker as an eighth of a gigabyte, not 0.128.",
    ),
    _month_on("cloudflare-workers", 24.11, _IN_THE_QUOTA),
    _month_on("vercel-fluid", 83.54, _ROUTED),
    _month_on("azure-functions-flex", 291.36, _ROUTED),
    _month_on("azure-container-apps", 477.04, _ROUTED),
    _month_on("google-cloud-run-instance", 60.92, _ROUTED),
    _month_on(
        "azure-functions-consumption",
        778.64,
        "Executions that overlap in a process share its memory, as its vendor says.",
    ),
    _month_on(
        "cloudflare-containers",
        121.09,
        "A key chooses the container: each is billed for its own share of the requests.",
    ),
    Moved(
        "The article's month on AgentCore, each session stopped after its answer",
        "aws-agentcore",
        236.67,
        lambda: _usd("aws-agentcore", _article(session_idle_ms=0)),
        _METERS_TOKENS,
    ),
    _month_on("aws-agentcore", 10_447.09, _METERS_TOKENS),
    _month_on("aws-agentcore-v1", 23_757.04, _METERS_TOKENS),
    _rung("memory", "aws-lambda", 103.96),
    _rung("arm", "aws-lambda", 83.57),
    _rung("overlap", "aws-lambda", 82.73),
    _rung("provisioned", "aws-lambda-provisioned", 110.90),
    _rung("shorter", "aws-lambda", 43.57),
    _rung("no-proxy", "aws-lambda", 3.57),
    _rung("suspended", "aws-lambda-durable", 350.33),
    Moved(
        "Ten in flight on eight replicas of Container Apps",
        "azure-container-apps",
        282.26,
        lambda: _usd("azure-container-apps", _TEN_ON_EIGHT),
        "Its ingress gives each replica the next request; before, they were packed on the first.",
    ),
)


def moved_table() -> Markup:
    """Show every figure that moved, before and after, with the reason, folded."""
    rows = [
        (one.what, *(_said(usd, one.design) for usd in (one.before_usd, one.now())), one.why)
        for one in MOVED
    ]
    head = (f"{WORDS}Figure", "Before", "Now", f"{WORDS}Why it moved")
    table = Table.of("Dollars on a page that moved", head, rows)
    return tag("details", tag("summary", f"All {len(rows)} of them, with the reasons"), table)


def _said(usd: float, design: str) -> Piece:
    return tag("span", show(usd, "usd"), data_design=design)
