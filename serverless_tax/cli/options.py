"""The options that every command shares: a workload, and the prices to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

from cyclopts import Group, Parameter, Token, convert

from serverless_tax.cli.output import remark
from serverless_tax.cli.read_scenario import not_used, read_scenario
from serverless_tax.ground.described import described
from serverless_tax.ground.settings import UNSET, Settings
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.prices import to_come
from serverless_tax.request.workload import NOTHING_TIMED, SAID, Workload

if TYPE_CHECKING:
    from serverless_tax.prices.overrides import Rates

#: Names that are shorter on the command line than in the package.
_SHORT = {
    "requests_per_month": "requests",
    "cpu_ms_per_output_token": "cpu-per-token",
    "metered_cpu_ms_per_token": "metered-cpu-per-token",
    "output_tokens": "tokens",
    "ephemeral_storage_mb": "storage",
    "cold_start_share": "cold-starts",
    "measured_at_mb": "measured-at",
}

REQUEST = Group("The request", sort_key=1)
HOSTING = Group("How it is delivered and hosted", sort_key=3)
PRICES = Group("Prices", sort_key=2)


def option_name(quantity: str) -> str:
    """Return the option for a quantity of the workload: ``--wait`` for ``wait_ms``.

    >>> option_name("wait_ms"), option_name("output_tokens"), option_name("peak_memory_mb")
    ('--wait', '--tokens', '--peak-memory')
    """
    plain = quantity.removesuffix("_ms").removesuffix("_mb").replace("_", "-")
    return "--" + _SHORT.get(quantity, plain)


def as_option(sentence: str) -> str:
    """Name the option where a sentence starts with the quantity it sets."""
    quantity, space, rest = sentence.partition(" ")
    return option_name(quantity) + space + rest if quantity in SAID else sentence


def _help(quantity: str) -> str:
    """Return what the comment above the quantity's field says, its unit and its default."""
    text = {**described(Workload), **described(Settings)}[quantity].replace("``", "`")
    default = {f.name: f.default for f in fields(Settings)}.get(quantity)
    unit = " Needs a unit: ms, s or min." if _is_a_length(quantity) else ""
    return text + unit + (f" Default: {default:g}." if default not in (None, UNSET) else "")


def _is_a_length(quantity: str) -> bool:
    return quantity.endswith("_ms")


def _option(quantity: str) -> tuple[str, Any, Any]:
    settings = {f.name for f in fields(Settings)}
    parameter = Parameter(
        name=option_name(quantity),
        help=_help(quantity),
        group=HOSTING if quantity in settings else REQUEST,
    )
    return quantity, Annotated[str | None, parameter], field(default=None)


#: An option for each thing that can be said of a workload, made from the class.
_Quantities: Any = make_dataclass(
    "_Quantities",
    [_option(quantity) for quantity in SAID],
    kw_only=True,
)


@Parameter(name="*", group=REQUEST)
@dataclass(kw_only=True)
class Asked(_Quantities):  # type: ignore[misc]
    """The workload of a command: a preset or a scenario, with anything changed that is given."""

    preset: Annotated[str | None, Parameter(help="Start from a request of the book: article.")] = (
        None
    )
    scenario: Annotated[
        str | None, Parameter(help="Start from a TOML or JSON file, or a widget's copied link.")
    ] = None

    def given(self) -> dict[str, Any]:
        """Return the quantities that were given as options.

        Raises:
            InvalidQuantity: for a length without a unit, and a memory at which no CPU was timed.
        """
        given = {
            name: _with_unit(name, getattr(self, name))
            for name in SAID
            if getattr(self, name) is not None
        }
        timed = self.scenario or any(name.startswith("cpu_ms") for name in given)
        if "measured_at_mb" in given and not timed:
            raise InvalidQuantity(NOTHING_TIMED)
        return given

    def workload(self, *, takes_facts: bool = False) -> Workload:
        """Return the workload that was asked for.

        What a scenario says beside it is remarked upon, unless the command ``takes_facts`` too.

        Raises:
            InvalidQuantity: for a value that cannot be read, and what to write instead.
        """
        given = self.given()
        if self.preset and self.scenario:
            msg = "--preset and --scenario were both given; a workload starts from one of them."
            raise InvalidQuantity(msg)
        if self.preset:
            return Workload.preset(self.preset, **given)
        if self.scenario:
            for sentence in () if takes_facts else not_used(self.scenario):
                remark(sentence)
            return read_scenario(self.scenario, given)
        missing = [n for n in ("requests_per_month", "memory_mb") if n not in given]
        if missing:
            names = " and ".join(option_name(name) for name in missing)
            msg = f"{names} missing; give a number, or start from one with --preset article."
            raise InvalidQuantity(msg)
        return Workload(**given)


def _with_unit(quantity: str, text: str) -> str:
    """Refuse a length without a unit: 4.855 may be seconds to one reader, milliseconds to another.

    CPU for a token is always given in milliseconds, a figure too small to be anything else.
    """
    if quantity.endswith("_ms") and text.strip() and text.strip()[-1:].isdigit():
        try:
            bare = float(text.replace(",", "").replace("_", ""))
        except ValueError:
            return text  # the workload says what is wrong with it
        if bare:
            msg = f"{option_name(quantity)} is {text}, without a unit; write {text}ms or {text}s."
            raise InvalidQuantity(msg)
    return text


def _a_day(_: object, tokens: Sequence[Token]) -> date:
    """Read a day; the word none is no day, and not today."""
    return cast("date", convert(date, tokens))


Day = Annotated[date | None, Parameter(help="Prices of this day; today's.", converter=_a_day)]


@Parameter(name="*", group=PRICES)
@dataclass(kw_only=True)
class When:
    """The prices to take, their day, and what else is on the bill."""

    on: Day = None
    region: Annotated[
        str, Parameter(help="Where it runs: of AWS, or one a vendor as aws=eu-west-1,vercel=fra1.")
    ] = "us-east-1"
    free_tier: Annotated[bool, Parameter(help="Take the free allowances off.", negative="")] = False
    used_up: Annotated[
        bool, Parameter(help="What a plan includes is used up already.", negative="")
    ] = False
    path: Annotated[
        str | None,
        Parameter(help="Parts of the path on the bill: needed, whole, none, or ids with commas."),
    ] = None
    model: Annotated[
        str | None, Parameter(help="Add this model's tokens to the bill: gpt-4o-mini.")
    ] = None
    prices: Annotated[Path | None, Parameter(help="A TOML file of rates that are yours.")] = None

    def keywords(self, *, noted: bool = False) -> dict[str, Any]:
        """Return the keywords of :func:`serverless_tax.bill`.

        A day that is to come is remarked upon, unless it is ``noted`` beside the result.
        """
        for name in ("region", "path", "model"):
            if getattr(self, name) == "":
                msg = f"{option_name(name)} is empty; name one, or leave the option out."
                raise InvalidQuantity(msg)
        for sentence in () if noted or self.on is None else to_come(self.on):
            remark(sentence)
        asked: dict[str, Any] = {
            "on": self.on,
            "region": self.region,
            "free_tier": self.free_tier,
            "model": self.model,
            "rates": rates_of(self.prices),
        }
        if self.path is not None:
            asked["path"] = path_of(self.path)
        if self.used_up:
            asked["used_up"] = True
        return asked

    def without(self, **why: str) -> dict[str, Any]:
        """Return the other keywords; those named are refused if they were given, and it says why.

        Raises:
            InvalidQuantity: for an option that would change nothing.
        """
        for name, reason in why.items():
            if getattr(self, name):
                msg = f"{option_name(name)} changes nothing here: {reason}; leave it out."
                raise InvalidQuantity(msg)
        return {name: value for name, value in self.keywords().items() if name not in why}

    def of_days(
        self, named: tuple[date, ...], *, noted: bool = False
    ) -> tuple[tuple[date, ...], dict[str, Any]]:
        """Return the days of a command that takes several, and the other keywords.

        ``--on`` is the only day, where none is named. Of one that is to come it is remarked that it
        is, unless that is ``noted`` beside the result.
        """
        if self.on is not None and named:
            msg = f"--on is {self.on}, and days are named: write {self.on} among them."
            raise InvalidQuantity(msg)
        days = named if self.on is None else (self.on,)
        asked = self.keywords(noted=True)
        for day in () if noted else dict.fromkeys(days):
            for sentence in to_come(day):
                remark(sentence)
        return days, {name: value for name, value in asked.items() if name != "on"}


def rates_of(path: Path | None) -> Rates | None:
    """Return the rates in a file that an option names, if it names one."""
    if path is None:
        return None
    from serverless_tax.prices.overrides import Rates as Read  # noqa: PLC0415 - only if asked for

    return Read.load(path)


def path_of(text: str) -> str | tuple[str, ...]:
    """Return the path that an option names.

    >>> path_of("whole"), path_of("aws-http-api,aws-logs"), path_of("none")
    ('whole', ('aws-http-api', 'aws-logs'), ())
    """
    if text in ("needed", "whole"):
        return text
    return tuple(part.strip() for part in text.split(",") if part.strip() not in ("", "none"))
