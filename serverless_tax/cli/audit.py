"""The audit command: from logs to what their functions cost, and what to change."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from serverless_tax.cli import log_groups
from serverless_tax.cli.audit_options import LogOptions, PriceOptions, ReportOptions
from serverless_tax.cli.bills import Json
from serverless_tax.cli.facts import FactOptions
from serverless_tax.cli.output import remark, say, verbatim, write_json, write_table
from serverless_tax.ground.files import write_whole
from serverless_tax.ground.show import many, show
from serverless_tax.ground.units import InvalidQuantity, parse_ms

if TYPE_CHECKING:
    from serverless_tax.audit.find.findings import Audit
    from serverless_tax.audit.find.money import Terms
    from serverless_tax.audit.find.reconcile import Reconciled
    from serverless_tax.audit.read.bills import AwsBill
    from serverless_tax.audit.read.sources import Source
    from serverless_tax.audit.sums.tally import Tally

#: What takes less is over before a reader would wonder.
_PROGRESS_AFTER_S = 2.0

#: Part of the invocations that --fail-above lets go unread: the line that the log's end cuts.
_UNREAD_AT_MOST = 0.01
#: Functions that a refusal names.
_NAMED_AT_MOST = 5


def register(app: App) -> None:
    """Add this command to the command line."""
    app.command(audit_command, name="audit")


def audit_command(
    *sources: Annotated[str, Parameter(allow_leading_hyphen=True)],
    log: LogOptions | None = None,
    prices: PriceOptions | None = None,
    known: FactOptions | None = None,
    report: ReportOptions | None = None,
    json: Json = False,
) -> int:
    """Say what the functions of a log cost, how much of it was waiting, and what to change.

    It reads REPORT lines and JSON platform.report events, alone or in what carries them, and CPU
    time where the log has it: from the meter (serverless_tax.metered), Lambda Insights or Datadog.
    Files of spans say how long calls took without either: OpenTelemetry's, or X-Ray's segments.
    Nothing of a log is sent anywhere. It exits with 1 if no invocation was found, or
    none in a file that is named.

    ```console
    serverless-tax audit rag.log --function rag
    aws logs tail /aws/lambda/rag --since 7d | serverless-tax audit - --function rag
    serverless-tax audit 'exports/**/*.gz' --json
    serverless-tax audit log-group:/aws/lambda/rag --days 30
    serverless-tax audit 'log-group:/aws/lambda/*' --resume answers.json
    serverless-tax audit logs/ --reconcile cur.parquet
    serverless-tax audit --reconcile cur.parquet
    serverless-tax audit logs/ --html report.html --csv report.csv --anonymise
    serverless-tax audit --from-rows rows.csv left.csv
    serverless-tax audit rag.log --spans traces.json
    serverless-tax audit rag.log --function rag --cpu-ms rag=40ms --fail-above 100
    ```

    Parameters
    ----------
    sources
        Files, globs and folders, plain or packed with gz, bz2 or xz; - for standard input;
        log-group:NAME for a log group of your account, or several where it has a star. CloudWatch
        Logs Insights adds up where they are: the price of that is shown first, and asked for. This
        needs boto3 (pip install boto3), and your credentials of AWS.
    """
    log, prices, report = log or LogOptions(), prices or PriceOptions(), report or ReportOptions()
    _no_options(sources)
    if report.sql or report.sql_left:
        from serverless_tax.audit.read import sql  # noqa: PLC0415 - only if asked for

        verbatim(sql.left_over() if report.sql_left else sql.analysis())
        return 0
    report.check()
    terms = prices.terms(known or FactOptions())
    bill = _bill(report)
    if bill and not sources and not log.from_rows:
        return _bill_alone(bill, report, json=json)
    found = _audited(sources, log, _with_what_the_bill_says(terms, bill))
    _named(found, "--cpu-ms", log.cpu_ms)
    _named(found, "--architecture", prices.architecture)
    compared = _reconciled(found, bill, report)
    if report.anonymise:
        from serverless_tax.audit.report.anonymous import anonymous  # noqa: PLC0415 - only if asked for

        found = anonymous(found)
    _write_files(found, report)
    if json:
        beside = {"reconciled": compared.to_dict()} if compared else {}
        write_json(found.to_dict() | beside)
    else:
        _write(found)
        for line in compared.sentences() if compared else ():
            say(line)
    return _gate(found, report.fail_above, sources)


def _bill(report: ReportOptions) -> AwsBill | None:
    if report.reconcile is None:
        return None
    from serverless_tax.audit.read.bills import read_bill  # noqa: PLC0415 - only if asked for

    return read_bill(report.reconcile)


def _bill_alone(bill: AwsBill, report: ReportOptions, *, json: bool) -> int:
    """Say what a bill has of each function, where there is no log."""
    from serverless_tax.audit.find.billed import billed  # noqa: PLC0415 - only if asked for

    if report.html or report.csv:
        msg = "--html and --csv are of a log, and none was named; a bill alone is text or --json."
        raise InvalidQuantity(msg)
    found = billed(bill, anonymous=report.anonymise)
    if json:
        write_json({"bill": found.to_dict()})
    else:
        say(f"{found.head}\n")
        write_table(*found.table())
        say("\n".join(["", *found.notes]))
    if report.fail_above is None or found.usd <= report.fail_above:
        return 0
    remark(f"serverless-tax: the bill has ${found.usd:,.2f}, above ${report.fail_above:,.2f}.")
    return 1


def _with_what_the_bill_says(terms: Terms, bill: AwsBill | None) -> Terms:
    """Take architectures of a bill, and its region where lines say none; what was said stands."""
    if bill is None:
        return terms
    from serverless_tax.audit.find.reconcile import architectures_billed, region_billed  # noqa: PLC0415 - if asked for
    from serverless_tax.prices import regions  # noqa: PLC0415 - numpy and the sheets

    if not (terms.architecture_is_given or terms.free_tier):
        of_bill = architectures_billed(bill)
        terms = replace(terms, architectures={**of_bill, **terms.architectures})
        of_one = {*of_bill.values()}
        if len(of_one) == 1:
            terms = replace(terms, architecture=of_one.pop())
    if terms.region_is_given:
        return terms
    billed, known = region_billed(bill), regions("aws-lambda")
    if billed and billed not in known:
        remark(
            f"The bill is of {billed}, and there are prices here of {', '.join(known)}:"
            f" dollars are those of {terms.region}, except where a line names another."
        )
        return terms
    return replace(terms, region=billed or terms.region)


def _no_options(sources: tuple[str, ...]) -> None:
    """Refuse a misspelt option, which would be taken for a file: a lone hyphen is none."""
    for word in sources:
        if word.startswith("--"):
            msg = f"Unknown option: {word}. See serverless-tax audit --help."
            raise InvalidQuantity(msg)


def _audited(words: tuple[str, ...], log: LogOptions, terms: Terms) -> Audit:
    from serverless_tax.audit.find.findings import IN_DETAIL, findings  # noqa: PLC0415 - only where a log is read
    from serverless_tax.audit.read.insights import PREFIX  # noqa: PLC0415 - as above
    from serverless_tax.audit.sums.tally import Tally  # noqa: PLC0415 - as above

    stated = dict(_stated(text) for text in log.cpu_ms or ())
    groups = [word.removeprefix(PREFIX) for word in words if word.startswith(PREFIX)]
    files = [word for word in words if not word.startswith(PREFIX)]
    if not groups and (log.days is not None or log.resume):
        option = "--resume" if log.days is None else "--days"
        msg = f"{option} is for a log group, and none is named: log-group:/aws/lambda/NAME."
        raise InvalidQuantity(msg)
    sums, logs, notes = Tally(), list[Any](), list[str]()
    if log.from_rows:
        from serverless_tax.audit.read import rows  # noqa: PLC0415 - as above

        if words or log.spans:
            msg = "--from-rows stands alone: its rows are whole, and nothing in them joins a log."
            raise InvalidQuantity(msg)
        sums, logs = rows.tally([str(path) for path in log.from_rows], log.function or "")
    elif files or not groups:
        sums, logs = _read(files, log.function or "", log.spans or ())
    if groups:
        asked, named, notes = log_groups.asked_for(
            groups, 30 if log.days is None else log.days, terms.region, log.resume, yes=log.yes
        )
        sums.add(asked)
        logs += named
    many_functions = len({key[1:3] for key in sums.groups}) > IN_DETAIL
    if many_functions and sys.stderr.isatty():
        remark("Working out what to do about each of the functions …")
    found = findings(sums, logs, terms, stated)
    return replace(found, notes=(*found.notes, *notes))


def _read(files: list[str], function: str, spans: Sequence[Path]) -> tuple[Tally, list[Source]]:
    from serverless_tax.audit import run as adding  # noqa: PLC0415 - only where a log is read
    from serverless_tax.audit.read.sources import SPANS, find_sources  # noqa: PLC0415 - as above

    logs = find_sources(files, function, [str(path) for path in spans])
    if all(one.form == SPANS for one in logs):
        msg = f"{logs[0].label} holds spans, which have no bill; name the log of that time too."
        raise InvalidQuantity(msg)
    with _stopped_cleanly(), _progress(sum(source.size_bytes for source in logs)) as read:
        return adding.tally(logs, read), logs


@contextmanager
def _progress(total_bytes: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how much of a log is read, if it takes long; what it yields counts bytes.

    Nothing is written where standard error is no terminal, and nothing is left on one at the end.

    Args:
        total_bytes: what there is to read; 0 where nobody knows, as on standard input.
    """
    from rich import progress as bars  # noqa: PLC0415 - only where a log is read
    from rich.console import Console  # noqa: PLC0415 - as above

    console = Console(stderr=True)
    if not (sys.stderr.isatty() and console.is_interactive):
        yield lambda _: None
        return
    columns = ("audit", bars.BarColumn(), bars.DownloadColumn(), bars.TransferSpeedColumn())
    shown = bars.Progress(*columns, bars.TimeRemainingColumn(), console=console, transient=True)
    task = shown.add_task("", total=total_bytes or None)
    start = threading.Timer(_PROGRESS_AFTER_S, shown.start)
    start.start()
    try:
        yield lambda size_bytes: shown.advance(task, size_bytes)
    finally:
        start.cancel()
        start.join()
        shown.stop()


@contextmanager
def _stopped_cleanly() -> Iterator[None]:
    """Let the signal that ends a process do what Ctrl-C does, so that no copy of a log is left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _stated(text: str) -> tuple[str, float]:
    """Return the function that a CPU time is stated for, a star for every other, and the time."""
    name, equals, length = text.rpartition("=")
    value = parse_ms(length, field="--cpu-ms")
    if not 0 <= value < float("inf") or (equals and not name):
        msg = f"--cpu-ms is {text!r}; expected a length such as 40ms, or a function's as rag=40ms."
        raise InvalidQuantity(msg)
    return name or "*", value


def _named(found: Audit, option: str, said: Sequence[str] | None) -> None:
    """Refuse what is said of a function that the log does not have."""
    there = {one.name for one in found.functions}
    for text in said or () if there else ():
        name, equals, _ = text.rpartition("=")
        if equals and name not in {*there, "*"}:
            listed = ", ".join(sorted(there)[:_NAMED_AT_MOST])
            more = ", and more" if len(there) > _NAMED_AT_MOST else ""
            msg = f"{option} is {text}; {name} is not in the log, which has {listed}{more}."
            raise InvalidQuantity(msg)


def _reconciled(found: Audit, bill: AwsBill | None, report: ReportOptions) -> Reconciled | None:
    if bill is None:
        return None
    from serverless_tax.audit.find.reconcile import reconcile  # noqa: PLC0415 - only if asked for

    return reconcile(found, bill, anonymous=report.anonymise)


def _write_files(found: Audit, report: ReportOptions) -> None:
    # Only if asked for.
    from serverless_tax.audit.report import csv as report_csv  # noqa: PLC0415
    from serverless_tax.audit.report import html as report_html  # noqa: PLC0415

    if report.html:
        write_whole(report.html, report_html.html_text(found))
    if report.csv:
        write_whole(report.csv, report_csv.csv_text(found))


def _write(found: Audit) -> None:
    from serverless_tax.audit.report import text as report_text  # noqa: PLC0415 - only for this output

    for line in report_text.summary(found):
        say(line)
    if found.listed:
        say()
        write_table(*report_text.ranked_table(found))
        for line in report_text.about_changes(found):
            say(line)
    if found.functions:
        say()
        write_table(*report_text.overview(found))
    for one in found.functions[: report_text.DETAILED]:
        say()
        for line in report_text.details(one):
            say(line)
    say()
    for line in report_text.closing(found):
        say(line)


def _gate(found: Audit, most_usd: float | None, sources: Sequence[str]) -> int:
    sentence = next(_wrong(found, most_usd, sources), "")
    if sentence:
        remark(f"serverless-tax: {sentence}")
    return 1 if sentence else 0


def _wrong(found: Audit, most_usd: float | None, sources: Sequence[str]) -> Iterator[str]:
    """Yield what makes the command fail, the gravest first."""
    unread = found.unread["records"]
    if not found.functions:
        from serverless_tax.audit.read.sources import what_else  # noqa: PLC0415 - only if nothing was found

        but = f"{many(unread, 'record')} could not be read" if unread else ""
        but = but or next(filter(None, map(what_else, sources)), "is it a Lambda log?")
        yield f"no invocation was found in what was read; {but}"
    if silent := found.unread["silent"]:
        more = ", and more" if len(silent) > _NAMED_AT_MOST else ""
        yield (
            f"of {', '.join(silent[:_NAMED_AT_MOST])}{more} no invocation was counted; leave out"
            " what is no log of a Lambda function."
        )
    if most_usd is None:
        return
    dearer = f"so the log costs more than ${found.usd:,.2f}, and nobody knows how much"
    if files := found.unread["files"]:
        yield (
            f"{files:,} of the files could not be read to the end, {dearer}; see what was printed"
            " of them."
        )
    if unread > _UNREAD_AT_MOST * found.total("invocations"):
        yield (
            f"{many(unread, 'record')} could not be read, {dearer}; see what was printed of them."
        )
    if found.usd > most_usd:
        cost, most = show(found.usd, "usd"), show(most_usd, "usd")
        yield f"the log's functions cost {cost}, above {most}."
