"""The part of the audit command that asks an account: what it will cost, and may it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from serverless_tax.cli.output import remark
from serverless_tax.ground.units import InvalidQuantity

if TYPE_CHECKING:
    from serverless_tax.audit.read.insights import Window
    from serverless_tax.audit.read.sources import Source
    from serverless_tax.audit.sums.tally import Tally


def asked_for(
    groups: Sequence[str], days: float, region: str, *, yes: bool
) -> tuple[Tally, list[Source], list[str]]:
    """Add up log groups where they are, once their user has seen the price and agreed.

    Returns the sums, the groups as logs, and what to know about them.

    Raises:
        InvalidQuantity: if boto3 is missing, AWS refuses, or the user does.
    """
    if find_spec("boto3") is None:
        msg = "A log group is read with boto3; pip install boto3, or export it and name the files."
        raise InvalidQuantity(msg)
    import boto3  # noqa: PLC0415 - only for this
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    from serverless_tax.audit.read import insights  # noqa: PLC0415 - as above

    window = insights.window(groups, days)
    try:
        session = boto3.Session(region_name=region)
        logs, metrics = session.client("logs"), session.client("cloudwatch")
        _agree(window, insights.scanned_gb(window, metrics), region, yes=yes)
        notes = insights.retention(window, logs)
        return insights.tally(window, logs), insights.sources(window), [*notes, _ROUNDED]
    except (BotoCoreError, ClientError) as refused:
        msg = f"AWS did not answer as expected: {refused}"
        raise InvalidQuantity(msg) from None


_ROUNDED = (
    "Sums of a log group are exact; its percentiles are to three per cent. Its lines of CPU are not"
    " read there: state it with --cpu-ms, or export the group."
)


def _agree(window: Window, gigabytes: float, region: str, *, yes: bool) -> None:
    """Show what the queries scan and cost, and ask.

    Raises:
        InvalidQuantity: if nobody agrees.
    """
    from serverless_tax.audit.read import insights  # noqa: PLC0415 - only for this
    from serverless_tax.ground.show import show  # noqa: PLC0415 - as above

    usd = insights.scan_usd(gigabytes, window.end.date(), region)
    names = ", ".join(window.groups)
    remark(
        f"{len(insights.QUERIES)} queries of {names} since {window.start:%Y-%m-%d} scan about"
        f" {show(gigabytes, 'number')} GB in {region}, for {show(usd, 'usd')}."
    )
    if yes:
        return
    if not sys.stdin.isatty():
        msg = "Nobody is there to agree to the price; say --yes to run the queries."
        raise InvalidQuantity(msg)
    sys.stderr.write("Run them? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        msg = "The queries were not run, and nothing was scanned."
        raise InvalidQuantity(msg)
