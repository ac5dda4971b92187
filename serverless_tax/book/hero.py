"""The first thing a reader sees: one request as a strip of time, and what a month of it costs."""

from __future__ import annotations

from serverless_tax.bill.bill import bill
from serverless_tax.ground.html import Markup, joined, link, tag
from serverless_tax.ground.show import show
from serverless_tax.platforms.aws_lambda import MEMORY_MB
from serverless_tax.request.presets import measured_client
from serverless_tax.request.workload import Workload
from serverless_tax.traffic import load
from serverless_tax.widgets.page_request import page_day
from serverless_tax.widgets.prose import Html, knob, quantities, value


def measured_work() -> dict[str, float]:
    """Return what makes the article's request work for as long as the first lab measured.

    Its steps stay as they are, and so does the bill. The rest of the CPU time that one request
    took there with the usual SDK is spread over its tokens.
    """
    article = Workload.preset("article")
    rest_ms = measured_client("openai")["cpu_ms"] - float(article.cpu_ms)
    return {"cpu_ms_per_output_token": rest_ms / float(article.output_tokens)}


def hero(read: str, own: str) -> Markup:
    """Return the strip, the counter, what to trust, and two links: to read on, and to one's own.

    The strip is the page's request, and its dollars are the page's live numbers. The whole of it
    stands without a script, which only moves the playhead.
    """
    q = quantities()
    work_ms, wall_ms, share = q["busy_ms"], q["billed_ms"], q["cpu_share"]
    finding = (
        f"One request, {show(wall_ms / 1000, 's')} long: the function works for"
        f" {show(work_ms, 'ms')}, {show(share, 'percent')} of it, and waits for the rest."
    )
    strip = _strip(share, finding, data_ms=f"{wall_ms:g}", data_usd=f"{q['request_usd']:.10f}")
    said = tag(
        "p",
        tag("span", f"{show(work_ms, 'ms')} of work ({show(share, 'percent')})"),
        tag("span", "waiting for the model", class_="hero-middle"),
        tag("span", show(wall_ms / 1000, "s"), class_="hero-now"),
        class_="hero-says",
    )
    counter = tag(
        "p",
        tag("strong", _of(value("month_usd")), class_="hero-usd"),
        tag(
            "span",
            "a month for ",
            _of(knob("requests_per_month")),
            " of these requests. ",
            tag("b", _of(value("waiting_month_usd"))),
            " of it pays for waiting.",
            class_="hero-words",
        ),
        class_="hero-counter",
    )
    trust = tag(
        "p",
        f"List price of {page_day().isoformat()}, us-east-1, {show(q['memory_mb'], 'mb')}."
        " Free up to ",
        _of(value("free_requests")),
        " requests a month.",
        class_="hero-trust",
    )
    measured = tag(
        "p",
        "The work is what our lab measured with the usual SDK, on a local cloud, not on AWS.",
        class_="hero-trust",
    )
    ways = tag(
        "p",
        link(read, "Read chapter one", class_="hero-way"),
        link(own, "Put in your own function", class_="hero-way"),
        class_="hero-ways",
    )
    play = tag("button", "Pause", type="button", class_="hero-play js-only", hidden=True)
    parts = (strip, said, joined(counter, play), trust, ways, measured)
    return tag("div", *parts, class_="hero")


def ending(*, share: str, lab: str, log: str) -> Markup:
    """Return the strip once more, to the scale of the least memory, and three links."""
    article = Workload.preset("article")
    tuned = article.replace(memory_mb=MEMORY_MB[0])
    wall_ms, work_ms = sum(step.ms for step in article.steps), measured_client("openai")["cpu_ms"]
    many, large, small = (
        show(load(article.requests_per_month, wall_ms), "number"),
        *(bill("aws-lambda", w).total for w in (article, tuned)),
    )
    found = (
        f"The same {many} requests wait at any moment, for {show(small, 'usd')} a month instead of"
        f" {show(large, 'usd')}, if {show(tuned.memory_mb, 'mb')} is enough."
    )
    strip = _strip(
        work_ms / wall_ms,
        f"The five-second request, {show(tuned.memory_mb, 'mb')} high. {found}",
        style=f"--part:{tuned.memory_mb / article.memory_mb:g}",
    )
    ways = ((share, "Share your receipt"), (lab, "Run lab six"), (log, "Paste a log"))
    links = (link(address, name, class_="hero-way") for address, name in ways)
    return tag(
        "div",
        strip,
        tag("p", found, class_="hero-found"),
        tag("p", *links, class_="hero-ways"),
        class_="hero hero-ending",
    )


def _strip(work: float, says: str, **more: str) -> Markup:
    """Return one request as a strip: its work, which is that share of it, and its wait."""
    pieces = (
        tag("span", class_="hero-wait"),
        tag("span", class_="hero-work", style=f"width:{work:.4%}"),
        tag("span", class_="hero-head"),
    )
    return tag("div", *pieces, class_="hero-strip", role="img", aria_label=says, **more)


def _of(number: Html) -> Markup:
    """Return a live number as HTML to put into an element."""
    return Markup(number.html)
