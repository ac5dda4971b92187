"""Log groups of an account for the audit: which they are, what their scan costs, and the answer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from serverless_tax.cli.output import remark
from serverless_tax.ground.units import InvalidQuantity

if TYPE_CHECKING:
    from serverless_tax.audit.read.insights import Window
    from serverless_tax.audit.read.sources import Source
    from serverless_tax.audit.sums.tally import Tally

#: Groups that are named where the price is shown; of the others it says how many.
_NAMED = 3
_ROUNDED = (
    "Sums of a log group are exact; its percentiles are to three per cent. Its lines of CPU are not"
    " read there: state it with --cpu-ms, or export the group."
)
_EVENTS = (
    "The endpoint does not add up what a query of CloudWatch Logs Insights asks for, as no local"
    " cloud does: the events of the log groups were read one by one."
)


def asked_for(
    words: Sequence[str], days: float, region: str, resume: Path | None, *, yes: bool
) -> tuple[Tally, list[Source], list[str]]:
    """Add up log groups where they are, once their user has seen the price and agreed.

    Args:
        words: names of log groups, or patterns.
        days: how many, up to now, or up to when the file was begun.
        region: of the groups.
        resume: a file that keeps the answers.
        yes: whether its user agrees already.

    Returns:
        The sums, the groups as logs, and what to know about them.

    Raises:
        InvalidQuantity: if boto3 is missing, AWS refuses, or the user does.
    """
    if find_spec("boto3") is None:
        msg = "A log group is read with boto3; pip install boto3, or export it and name the files."
        raise InvalidQuantity(msg)
    import boto3  # noqa: PLC0415 - only for this
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    from serverless_tax.audit.read import insights  # noqa: PLC0415 - as above
    from serverless_tax.audit.read.kept import AskedGroups, KeptAnswers  # noqa: PLC0415 - as above

    now = datetime.now(UTC).replace(microsecond=0) + timedelta(
        seconds=1
    )  # with what is of this one
    insights.window(words, days, now)  # refused before anything is asked
    asked = AskedGroups(words=list(words), region=region, days=days, end_s=int(now.timestamp()))
    kept = KeptAnswers.of(asked, resume)
    end = datetime.fromtimestamp(kept.asked.end_s, UTC)
    try:
        session = boto3.Session(region_name=region)
        logs, metrics = session.client("logs"), session.client("cloudwatch")
        found = insights.listed(words, logs)
        window = insights.window(list(found), days, end)
        _agree(window, insights.scanned_gb(window, metrics, kept), region, yes=yes)
        sums = insights.tally(window, logs, kept=kept, said=_said)
    except (BotoCoreError, ClientError) as refused:
        msg = f"AWS did not answer as expected: {refused}"
        raise InvalidQuantity(msg) from None
    about = _EVENTS if sums.by_events else _ROUNDED
    return sums, insights.sources(window), [*insights.retention(window, found), about]


def _said(read: int, of: int) -> None:
    """Say on a terminal how far it is, where there is more than one step."""
    if sys.stderr.isatty() and of > read:
        remark(f"{read} of {of} log groups are read.")


def _agree(window: Window, gigabytes: float, region: str, *, yes: bool) -> None:
    """Show what the queries scan and cost, and ask.

    Raises:
        InvalidQuantity: if nobody agrees.
    """
    from serverless_tax.audit.read import insights  # noqa: PLC0415 - only for this
    from serverless_tax.ground.show import show  # noqa: PLC0415 - as above

    usd = insights.scan_usd(gigabytes, window.end.date(), region)
    names = ", ".join(window.groups[:_NAMED])
    more = len(window.groups) - _NAMED
    if more > 0:
        names += f" and {more} more log groups"
    remark(
        f"{len(insights.QUERIES)} queries of {names} since {window.start:%Y-%m-%d} scan about"
        f" {show(gigabytes, 'number')} GB in {region}, for {show(usd, 'usd')}."
    )
    if yes:
        return
    if not sys.stdin.isatty():
        msg = "There is no terminal to ask for your consent; say --yes to run the queries."
        raise InvalidQuantity(msg)
    sys.stderr.write("Run them? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        msg = "The queries were not run, and nothing was scanned."
        raise InvalidQuantity(msg)
