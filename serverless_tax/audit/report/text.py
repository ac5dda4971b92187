"""An audit for a terminal or a pipe: what is paid, for what, and what to change first."""

from __future__ import annotations

from collections.abc import Iterator

from serverless_tax.audit.find.changes import LEAST_USD, Change
from serverless_tax.audit.find.findings import Audit, FunctionFinding
from serverless_tax.audit.sums.period import Period, Range
from serverless_tax.ground.show import many, show
from serverless_tax.questions.sentence import SAYS

#: Functions of which the details are printed; the table has all.
DETAILED = 10
#: Changes that are printed, of all functions.
_CHANGES = 12

Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def overview(audit: Audit) -> Table:
    """Return the table of all functions: its title, heads and rows."""
    head = ("Function", "Invocations", "GB-s", "USD", "A month", "INIT", "Waiting", "Unused memory")
    rows = [_row(one) for one in audit.functions]
    low, high = audit.waiting_usd
    init = audit.total("init_usd")
    total = (
        "Total",
        show(audit.total("invocations"), "count"),
        show(audit.total("gb_seconds"), "count"),
        show(audit.usd, "usd"),
        estimated(audit.month),
        _part(init, audit.usd),
        _between(low, high),
        show(audit.total("unused_usd"), "usd"),
    )
    return f"Audit, {covered(audit.period)}", head, [*rows, total]


def _row(one: FunctionFinding) -> tuple[str, ...]:
    return (
        printable(one.name),
        show(one.invocations, "count"),
        show(one.gb_seconds, "count"),
        show(one.usd, "usd"),
        estimated(one.month),
        _part(one.init_usd, one.usd),
        share(one),
        show(one.unused_usd, "usd") if any(size.peak_used_mb for size in one.sizes) else "unknown",
    )


def share(one: FunctionFinding) -> str:
    """Return the part of the billed time that was waiting, or that it is not known."""
    least, most = one.waiting.share, one.waiting.most_share
    if least is None or most is None:
        return "unknown"
    ends = " to ".join(dict.fromkeys(show(end, "percent") for end in (least, most)))
    likely = one.waiting.likely_share
    return ends if likely is None else f"{show(likely, 'percent')} likely, {ends}"


def _part(usd: float, of_usd: float) -> str:
    return show(usd / of_usd if of_usd else 0.0, "percent")


def _between(low: float, high: float) -> str:
    same = show(low, "usd") == show(high, "usd")
    return show(low, "usd") if same else f"{show(low, 'usd')} to {show(high, 'usd')}"


def estimated(amount: Range | None) -> str:
    """Return a month's cost with its range, or a dash."""
    if amount is None:
        return "–"
    usd, spread = show(amount.usd, "usd"), _between(amount.low_usd, amount.high_usd)
    return usd if spread == usd else f"{usd} ({spread})"


def covered(period: Period) -> str:
    """Return the period in words."""
    if period.first is None or period.last is None:
        return "no line says when"
    missing = f", {many(len(period.missing), 'day')} without a line" if period.missing else ""
    return f"{period.first:%Y-%m-%d %H:%M} to {period.last:%Y-%m-%d %H:%M} UTC{missing}"


def printable(text: str) -> str:
    """Return text without what steers a terminal.

    >>> printable("a" + chr(27) + "[31mb")
    'a?[31mb'
    """
    return "".join(c if c.isprintable() else "?" for c in text)


def details(one: FunctionFinding) -> Iterator[str]:
    """Yield what to know about a function, a sentence a line."""
    yield f"{printable(one.name)}: {show(one.usd, 'usd')}"
    for size in one.sizes:
        over = size.memory_mb - size.needed_mb
        spare = f", {show(over, 'mb')} more than needed with headroom" if over > 0 else ""
        peak = show(size.peak_used_mb, "mb") if size.peak_used_mb else "unknown"
        until = f", until {size.gone_since[:10]}" if size.gone_since else ""
        spare = "" if size.gone_since else spare
        yield (
            f"  {show(size.memory_mb, 'mb')}{until}: {many(size.invocations, 'invocation')},"
            f" billed {show(size.p50_ms, 'ms')} at the median and {show(size.p99_ms, 'ms')} at the"
            f" 99th percentile, peak {peak}{spare}."
        )
    yield from (f"  {line}" for line in _paid_for_nothing(one))
    known = f"{share(one)}. " if one.waiting.share is not None else ""
    yield f"  Waiting: {known}{one.waiting.says}"
    if one.waiting.cpu_share is not None:
        most = "up to " if one.waiting.most_share != one.waiting.share else ""
        busy = show(one.waiting.cpu_share, "percent")
        yield f"  The CPU was busy for {most}{busy} of the time."
    if one.models:
        yield f"  {one.models.says}"
    if one.answers:
        yield f"  {one.answers.says}"
    if one.sentence:
        yield f"  {one.sentence}"
    elif one.changes_known and not one.changes:
        per = "a month" if one.month else "over this log"
        yield f"  No change is named: none that was looked at saves {show(LEAST_USD, 'usd')} {per}."


def _paid_for_nothing(one: FunctionFinding) -> Iterator[str]:
    if one.cold_starts:
        rule = one.init_rule
        known = [f"{n:,} {what}" for n, what in _rules(rule) if n]
        said = f" (on the line: {', '.join(known)})" if known else ""
        yield (
            f"Cold starts: {one.cold_starts:,}, INIT {show(one.init_usd, 'usd')}"
            f" or {show(one.init_share, 'percent')} of the time{said}."
        )
    if one.timeouts:
        yield f"Timeouts: {one.timeouts:,}, paid {show(one.timeout_usd, 'usd')} for no answer."
    if one.crashes:
        memory = f", {one.out_of_memory:,} of them out of memory" if one.out_of_memory else ""
        yield f"Crashes: {one.crashes:,}{memory}, paid {show(one.crash_usd, 'usd')}."


def _rules(rule: dict[str, int]) -> list[tuple[int, str]]:
    return [(rule["billed"], "billed"), (rule["not_billed"], "not billed")]


def summary(audit: Audit) -> Iterator[str]:
    """Yield what is paid, and what to do first, before everything else."""
    if not audit.functions:
        return
    month = f"; a month like the present: {estimated(audit.month)}" if audit.month else ""
    count = len(audit.functions)
    several = f"{count:,} functions" if count > 1 else "one function"
    yield f"{show(audit.usd, 'usd')} for {several}{month}."
    best = [one for one in audit.ranked if one[1].pays or one[1].faster]
    dearest = audit.functions[0]
    asking = (one for one in audit.functions if one.sentence and one.steps is None)
    open_ = next((one for one in asking if SAYS["nothing"] not in one.sentence), None)
    told = best[0][0] if best else dearest if not audit.month and dearest.sentence else open_
    alarmed = False
    for name in ("late", "full"):
        ill = [one for one in audit.functions if one is not told and _is_ill(one, name)]
        alarmed = alarmed or bool(ill)
        if ill:
            more = f" and {len(ill) - 1:,} more" if len(ill) > 1 else ""
            yield f"{printable(ill[0].name)}{more}: {SAYS[name]}"
    wrong = [one for one in audit.functions if one.waiting.is_too_long]
    if wrong:
        more = f" and {len(wrong) - 1:,} more" if len(wrong) > 1 else ""
        yield (
            f"Check the CPU stated for {printable(wrong[0].name)}{more}: it takes longer at this"
            " memory than an invocation lasts, and what is said of it rests on that."
        )
    if best:
        one, change = best[0]
        worth = "it has too little" if change.needed else f"{saves(change)} less over this log"
        said = one.sentence or f"{change.name}: {worth}."
        yield f"First, {printable(one.name)}: {_then(said)}"
    elif told:
        yield f"First, {printable(told.name)}: {_then(told.sentence)}"
    elif any(one.changes_known for one in audit.functions):
        leave = "Beside that" if alarmed else "Leave it as it is:"
        yield f"{leave} no change that is sure of its saving earns its work in a year."


def _is_ill(one: FunctionFinding, name: str) -> bool:
    """Whether its advice says so of the size it has now; its log, where it has no advice."""
    return SAYS[name] in one.sentence or (name == "late" and not one.sentence and one.timeouts > 0)


def _then(sentence: str) -> str:
    """Return a sentence as it stands behind "First, …:", which is said once."""
    return sentence.replace("First find out", "Find out", 1)


def ranked_table(audit: Audit) -> Table:
    """Return the table of what could be changed in all functions, the best first."""
    per = "a month" if audit.month else "over the log"
    ranked = audit.listed
    what = "What to change, the best first"
    below = "what pays"
    rest = "The rest is not sure to earn its work within a year:"
    if not audit.month:
        below = "those"
        what = "What to change, first what earns its work of the fewest requests a month"
        rest = "The rest saves nothing where its condition is not met:"
    if not any(change.pays or change.faster for _, change in ranked):
        what = "What could be changed, none of it sure to earn its work"
    title = f"{what}; each on top of {below} of its function above it"
    rows: list[tuple[str, ...]] = [
        (
            f"{k}. {printable(one.name)}: {change.name}",
            saves(change),
            f"{change.effort_hours:g} h",
            change.payback.removeprefix("paid back in "),
            change.known_from,
        )
        for k, (one, change) in enumerate(ranked[:_CHANGES], 1)
    ]
    line = sum(change.pays or change.faster for _, change in ranked)
    if 0 < line < len(rows):
        rows.insert(line, (rest, "", "", "", ""))
    return title, ("Change", f"Saves {per}", "Work", "Paid back in", "Known from"), rows


def about_changes(audit: Audit) -> Iterator[str]:
    """Yield what each of these changes needs, risks and hangs on; once, where several are alike."""
    listed = audit.listed
    numbers: dict[str, list[int]] = {}
    for k, (_, change) in enumerate(listed[:_CHANGES], 1):
        said = (
            f"Only if {' and '.join(change.only_if)}." if change.only_if else "",
            change.change,
            f"Risk: {change.risk}" if change.risk else "",
            f"What would change this: {change.would_change}.",
        )
        numbers.setdefault(" ".join(part for part in said if part), []).append(k)
    for sentence, which in numbers.items():
        yield f"{', '.join(map(str, which))}. {sentence}"
    if len(listed) > _CHANGES:
        left = len(listed) - _CHANGES
        yield f"{left:,} more {'is' if left == 1 else 'are'} in --json."
    if never := len(audit.never):
        do = "does" if never == 1 else "do"
        yield f"{never:,} more {do} not pay within five years, whatever is unknown: see --json."


def saves(change: Change) -> str:
    """Return what a change saves: a figure, or from what to what if the waiting is not known."""
    if change.faster:
        return "about the same"
    if change.high_usd < 0:
        return f"costs {_between(-change.high_usd, -change.low_usd)}"
    if change.saving_usd is not None:
        return show(change.saving_usd, "usd")
    return _between(change.low_usd, change.high_usd)


def closing(audit: Audit) -> Iterator[str]:
    """Yield what could not be read, and what to know about the figures."""
    if not audit.functions:
        yield "No invocation was found: is it the log of a Lambda function?"
    unread = audit.unread
    if unread["records"]:
        are = "is" if unread["records"] == 1 else "are"
        records = many(unread["records"], "REPORT record")
        yield f"{records} could not be read and {are} not counted:"
        for one in unread["first"]:
            yield f"  {printable(one['source'])}: {printable(one['text'])}"
    if unread["measurements"]:
        yield f"{many(unread['measurements'], 'measurement')} of CPU could not be read."
    yield from audit.notes
