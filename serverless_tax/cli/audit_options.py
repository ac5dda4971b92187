"""What can be said to an audit: of the log, of its prices and of the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from serverless_tax.cli.options import Day, rates_of
from serverless_tax.ground.checks import MOST, setting
from serverless_tax.ground.units import InvalidQuantity

if TYPE_CHECKING:
    from serverless_tax.audit.find.money import Terms
    from serverless_tax.cli.facts import FactOptions

_LOG = Group("The log", sort_key=1)
_PRICES = Group("Prices of the log", sort_key=2)
_OUTPUT = Group("The report", sort_key=3)


@Parameter(name="*", group=_LOG)
@dataclass(kw_only=True)
class LogOptions:
    """What the log does not say."""

    function: Annotated[
        str | None, Parameter(help="The function's name, where the log does not say it.")
    ] = None
    cpu_ms: Annotated[
        list[str] | None,
        Parameter(
            help="CPU of an invocation, if you know it: 40ms, or rag=40ms. Repeatable.", negative=()
        ),
    ] = None
    spans: Annotated[
        list[Path] | None,
        Parameter(
            help="Spans of the same time: OTLP as JSON, or X-Ray's segments. Repeatable.",
            negative=(),
        ),
    ] = None
    from_rows: Annotated[
        list[Path] | None,
        Parameter(
            help="Read what an engine returned for --sql and --sql-left: CSV, JSON or Parquet.",
            negative=(),
            consume_multiple=True,
        ),
    ] = None
    days: Annotated[
        float | None, Parameter(help="Of a log group: how many days back; 30 if not said.")
    ] = None
    yes: Annotated[bool, Parameter(help="Of a log group: scan it without asking.", negative=())] = (
        False
    )
    resume: Annotated[
        Path | None,
        Parameter(help="Of log groups: keep the answers in this file, and go on from it."),
    ] = None


@Parameter(name="*", group=_PRICES)
@dataclass(kw_only=True)
class PriceOptions:
    """Whose prices of which day."""

    on: Day = None
    region: Annotated[
        str | None, Parameter(help="Where the functions run; as the log says, or us-east-1.")
    ] = None
    architecture: Annotated[
        list[str] | None,
        Parameter(
            help="Of the functions: x86_64 or arm64; of one as rag=arm64. Repeatable; x86_64.",
            negative=(),
        ),
    ] = None
    free_tier: Annotated[bool, Parameter(help="Take the free allowances off.", negative="")] = False
    prices: Annotated[Path | None, Parameter(help="A TOML file of rates that are yours.")] = None

    def terms(self, facts: FactOptions) -> Terms:
        """Return them as the audit takes them, with what is said of every function."""
        from serverless_tax.audit.find.money import Terms  # noqa: PLC0415 - numpy and the sheets
        from serverless_tax.cli.facts import OF_MONEY  # noqa: PLC0415 - as above
        from serverless_tax.prices import HOME_REGION  # noqa: PLC0415 - as above
        from serverless_tax.questions.facts import Facts  # noqa: PLC0415 - as above

        by_name = [said.rpartition("=") for said in self.architecture or ()]
        of_all = [which for _, equals, which in by_name if not equals]
        of_one = {name: which for name, equals, which in by_name if equals}
        if of_one and self.free_tier:
            msg = "--free-tier is shared by all functions; leave it out, or name one architecture."
            raise InvalidQuantity(msg)
        said = facts.said()
        checked = Facts.of({}, **said)
        terms = Terms(
            on=self.on,
            region=self.region or HOME_REGION,
            region_is_given=self.region is not None,
            architecture=of_all[-1] if of_all else "x86_64",
            architecture_is_given=bool(of_all),
            architectures=of_one,
            free_tier=self.free_tier,
            rates=rates_of(self.prices),
            hour_usd=checked.hour_usd,
            effective_rate=checked.effective_rate,
            known={name: value for name, value in said.items() if name not in OF_MONEY},
        )
        _ = (
            [terms.chip_of(name) for name in ("", *of_one)],
            terms.prices(),
        )  # refused before a long log is read, not after
        return terms


@Parameter(name="*", group=_OUTPUT)
@dataclass(kw_only=True)
class ReportOptions:
    """What is written, and when the command fails."""

    html: Annotated[
        Path | None, Parameter(help="Write a page into this file, whole in itself.")
    ] = None
    csv: Annotated[Path | None, Parameter(help="Write a row a function into this file.")] = None
    sql: Annotated[
        bool,
        Parameter(help="Print the SQL, for a table `lines` of `source` and `line`.", negative=""),
    ] = False
    sql_left: Annotated[
        bool,
        Parameter(
            help="Print the SQL for the lines which that one leaves to other rules.", negative=""
        ),
    ] = False
    anonymise: Annotated[
        bool, Parameter(help="Hash the names, and show no line of the log.", negative="")
    ] = False
    reconcile: Annotated[
        Path | None,
        Parameter(
            help="Compare with this bill, or report it alone: CUR or FOCUS, in Parquet or CSV; what"
            " Cost Explorer answers by usage type, or the console's CSV."
        ),
    ] = None
    fail_above: Annotated[
        float | None, Parameter(help="Exit with 1 if the functions cost more than this, in USD.")
    ] = None

    def check(self) -> None:
        """Refuse what could not be written or judged, before a long log is read.

        Raises:
            InvalidQuantity: if a file's folder does not exist, or a limit is none.
        """
        if self.fail_above is not None:
            setting("--fail-above", self.fail_above, "dollars, at least 0", most=MOST)
        if self.reconcile and not self.reconcile.exists():
            kinds = "CUR, FOCUS or Cost Explorer"
            msg = f"There is no bill {self.reconcile}; name a file or folder of {kinds}."
            raise InvalidQuantity(msg)
        for path in (self.html, self.csv):
            if path and (path.is_dir() or not path.parent.is_dir()):
                msg = f"{path} cannot be written: name a file in a folder that exists."
                raise InvalidQuantity(msg)
