"""The options that say what only its owner knows of a function."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any

from cyclopts import Group, Parameter

from serverless_tax.ground.units import InvalidQuantity, parse_ms, parse_number, parse_share
from serverless_tax.platforms import platform

#: What the advisor knows changes to.
ADVISED = "aws-lambda"

#: What is written for a fact that nobody knows, where leaving it out means something else.
UNKNOWN = "unknown"
#: The facts that have no such word of their own, by their options.
_UNKNOWABLE = {
    "calls": "calls",
    "longest-call": "longest_ms",
    **{
        name.replace("_", "-"): name
        for name in ("in_order", "reads_along", "sees_answer", "own_process", "other_vendor")
    },
}
#: The facts that are a number where nothing is said.
OF_MONEY = ("hour_usd", "effective_rate")

FACTS = Group("What only you know", sort_key=0)


@Parameter(name="*", group=FACTS)
@dataclass(kw_only=True)
class FactOptions:
    """Answers that no log and no bill has; None where nothing is said."""

    calls: Annotated[float | None, Parameter(help="Calls that a request waits for.")] = None
    in_order: Annotated[
        bool | None, Parameter(help="Each call needs what the one before brought.")
    ] = None
    longest_call: Annotated[
        str | None,
        Parameter(
            help="How long the longest of its calls takes, such as 400ms; where some"
            " of them need others, the longest chain."
        ),
    ] = None
    reads_along: Annotated[
        bool | None, Parameter(help="A person reads the answer while it is written.")
    ] = None
    sees_answer: Annotated[
        bool | None, Parameter(help="Your code must see the answer on its way.")
    ] = None
    own_process: Annotated[
        bool | None, Parameter(help="A process of your own may run all month.")
    ] = None
    other_vendor: Annotated[bool | None, Parameter(help="It may move to another vendor.")] = None
    hour_usd: Annotated[
        str | None, Parameter(help="What an hour of your time costs, or unknown. Default: 100.")
    ] = None
    effective_rate: Annotated[
        str | None,
        Parameter(
            help="Share of AWS's list prices that you pay: 0.83, 83%, or unknown. Default: 1."
        ),
    ] = None

    def said(self) -> dict[str, Any]:
        """Return what was said, by its name among the facts."""
        if self.calls is not None:
            _check_calls(self.calls)
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        said = {name: value for name, value in given.items() if value is not None}
        if text := said.pop("longest_call", None):
            said["longest_ms"] = parse_ms(text, field="--longest-call")
        for name in OF_MONEY:
            if text := said.get(name):
                field = f"--{name.replace('_', '-')}"
                parse = parse_share if name == "effective_rate" else parse_number
                said[name] = None if text == UNKNOWN else parse(text, field=field)
        return said


@Parameter(name="*", group=FACTS)
@dataclass(kw_only=True)
class AllFacts(FactOptions):
    """What advice takes that no quantity says: those answers, and what a log has of a function."""

    out_of_memory: Annotated[bool | None, Parameter(help="Requests end for want of memory.")] = None
    times_out: Annotated[bool | None, Parameter(help="Requests reach the time limit.")] = None
    took: Annotated[
        str | None,
        Parameter(
            help="How long a request takes in all, as its REPORT lines say. Beside --wait or --cpu"
            " the rest is the other; without, it is not known how much of it is work."
        ),
    ] = None
    unknown: Annotated[
        list[str] | None,
        Parameter(
            help="What you do not know though a preset or a scenario says it:"
            f" {', '.join(_UNKNOWABLE)}. Repeatable. A quantity, an hour's price and the share paid"
            " take the word unknown themselves.",
            negative="",
        ),
    ] = None
    runs_on: Annotated[str, Parameter(help="What it runs on now: only Lambda is advised on.")] = (
        ADVISED
    )

    def said(self) -> dict[str, Any]:
        """Return what was said, by its name among the facts; ``took_ms`` is a length of its own."""
        refuse_another(self.runs_on)
        said = super().said()
        said.pop("runs_on")
        if text := said.pop("took", None):
            said["took_ms"] = parse_ms(text, field="--took")
        not_known = [_not_known(option) for option in said.pop("unknown", ())]
        if both := [name for name in not_known if name in said]:
            option = next(one for one, name in _UNKNOWABLE.items() if name == both[0])
            msg = f"--unknown {option}, and another option says what it is; leave one of them out."
            raise InvalidQuantity(msg)
        return said | dict.fromkeys(not_known)


def _not_known(option: str) -> str:
    """Return the name of a fact that is said to be unknown, by its option.

    Raises:
        InvalidQuantity: for any other word, and what to write.
    """
    if name := _UNKNOWABLE.get(option.removeprefix("--").replace("_", "-")):
        return name
    msg = f"--unknown is {option!r}; expected one of {', '.join(_UNKNOWABLE)}."
    raise InvalidQuantity(msg)


def _check_calls(calls: float) -> None:
    from serverless_tax.questions.answers import MOST_CALLS  # noqa: PLC0415 - numpy, only if said

    if not 1 <= calls <= MOST_CALLS or calls != int(calls):
        msg = (
            f"--calls is {calls:g}; expected a whole number from 1 to {MOST_CALLS:g}. Leave it out"
            " where a request waits for no call, or where nobody has counted them."
        )
        raise InvalidQuantity(msg)


def refuse_another(runs_on: str) -> None:
    """Refuse to advise on what is no function of AWS Lambda, and say why and what to ask instead.

    Raises:
        InvalidQuantity: for any other platform, and for one that does not exist.
    """
    there = platform(runs_on)
    if there.id == ADVISED:
        return
    msg = (
        f"{runs_on} is not advised on: the changes known here are to a Lambda function: its memory,"
        f" its chip, its waiting. {there.name}: {there.waits} Ask serverless-tax price"
        f" {runs_on} what it costs, and compare --all where the same requests cost less."
    )
    raise InvalidQuantity(msg)
