"""A check for a pipeline: what your design costs and waits, against a limit and the last commit."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter

from serverless_tax.bill.bill import Bill
from serverless_tax.cli.output import remark, say
from serverless_tax.ground.files import unreadable, write_whole
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity, parse_share

#: The design that is judged where neither an option nor a platform names one.
USUAL = "aws-lambda"
_CENT_USD = 0.005
#: A share of waiting that grows by less is the same.
_SAME_SHARE = 0.0005
_GATE = Group("The check", sort_key=4)


@dataclass(frozen=True, slots=True)
class Before:
    """Your design of the last commit: a month in USD, waiting's part, and what was priced."""

    total: float
    waiting: float
    title: str
    region: str
    on: str
    free_tier: bool

    @classmethod
    def read(cls, path: Path) -> Before:
        """Return the design marked as yours in what `compare --json` wrote.

        Raises:
            InvalidQuantity: if the file is not what the command writes.
        """
        expected = f"write it with: serverless-tax compare … --json > {path.name}"
        try:
            found = json.loads(path.read_text("utf-8-sig"))
            (yours,) = [one for one in found if one["yours"]]
            title = "+".join((yours["platform"], *yours["path"]))
            priced = title, str(yours["region"]), str(yours["on"]), bool(yours["free_tier"])
            before = cls(float(yours["total"]), float(yours["waiting"]), *priced)
        except OSError as error:
            raise InvalidQuantity(unreadable(f"--against {path}", error, expected)) from None
        except (ValueError, TypeError, KeyError):
            msg = f"--against {path} holds no ranking with a design marked as yours; {expected}"
            raise InvalidQuantity(msg) from None
        if not (0 <= before.waiting <= before.total * (1 + 1e-9) and before.total < math.inf):
            msg = f"--against {path} has a bill of {before.total} USD; {expected}"
            raise InvalidQuantity(msg)
        return before


@Parameter(name="*", group=_GATE)
@dataclass(kw_only=True)
class DesignCheck:
    """What makes the command fail, and which design it judges."""

    yours: Annotated[
        str | None, Parameter(help=f"The design that is judged: the first one named, or {USUAL}.")
    ] = None
    fail_above: Annotated[
        str | None,
        Parameter(
            help="Exit with 1 if waiting is more than this share, 0.3 or 30%, of your design's"
            " bill."
        ),
    ] = None
    against: Annotated[
        Path | None,
        Parameter(
            help="Exit with 1 if your design costs more than in this file, waits for more USD, or"
            " for a larger share unless neither is more: the last commit's, as --json wrote it."
        ),
    ] = None
    tolerance: Annotated[
        str | None, Parameter(help="How much more --against lets pass: 0.05 or 5%. Default: 0 %.")
    ] = None
    summary: Annotated[
        Path | None, Parameter(help="Write your design and the difference as Markdown here.")
    ] = None

    def __post_init__(self) -> None:
        """Refuse what could not be judged, before anything is priced."""
        self.most = None if self.fail_above is None else _share("--fail-above", self.fail_above)
        if self.tolerance is not None and self.against is None:
            msg = f"--tolerance {self.tolerance} is for --against, and no file is named with it."
            raise InvalidQuantity(msg)
        self.spare = _share("--tolerance", self.tolerance or "0%")
        self.before = None if self.against is None else Before.read(self.against)
        if self.summary and (self.summary.is_dir() or not self.summary.parent.is_dir()):
            msg = f"--summary {self.summary} cannot be written: name a file in a folder that exists"
            raise InvalidQuantity(msg)

    def design(self, platforms: tuple[str, ...]) -> str:
        """Return the design that is judged."""
        return self.yours or next(iter(platforms), USUAL)

    def _then(self, mine: Bill) -> str:
        """Return how it was before, where it is another design or priced in another way now."""
        then = self.before
        if then is None:
            return "before"
        free = "with" if then.free_tier else "without"
        unlike = [
            *([f"as {then.title}"] if then.title != mine.title else []),
            *([f"in {then.region}"] if then.region != mine.region else []),
            *([f"at prices of {then.on}"] if then.on != mine.on.isoformat() else []),
            *([f"{free} the free tier"] if then.free_tier != mine.free_tier else []),
        ]
        return " ".join(["before", *unlike])

    def judge(self, mine: Bill, *, quiet: bool) -> int:
        """Say what your design costs and what is wrong with it; return the exit code.

        Args:
            mine: the bill of your design.
            quiet: whether standard output is for JSON alone.
        """
        if not quiet and (self.most is not None or self.before):
            say(self._said(mine))
        wrong = list(self._wrong(mine))
        if self.summary:
            write_whole(self.summary, self._markdown(mine, wrong))
        for sentence in wrong:
            remark(f"serverless-tax: {sentence}")
        return 1 if wrong else 0

    def _said(self, mine: Bill) -> str:
        now = f"{show(mine.total, 'usd')} a month, {show(_part(mine), 'percent')} of it waiting"
        if self.before is None:
            return f"Your design, {mine.title}: {now}."
        then = f"{show(self.before.total, 'usd')}, {show(_part(self.before), 'percent')}"
        return f"Your design, {mine.title}: {now}; {self._then(mine)} {then}."

    def _wrong(self, mine: Bill) -> Iterator[str]:
        """Yield a sentence for each limit that your design breaks."""
        if self.most is None and self.before is None:
            return
        if mine.obstacles:
            yield f"{mine.title} cannot serve these requests: {' '.join(mine.obstacles)}"
        if not mine.total:
            yield f"{mine.title} costs nothing, so there is nothing to judge; are there requests?"
        if self.most is not None and _part(mine) > self.most:
            share, most = _apart(_part(mine), self.most)
            yield f"{share} of the bill of {mine.title} is waiting, more than {most}."
        if self.before is None:
            return
        for says, now, then in (
            ("costs {}", mine.total, self.before.total),
            ("pays {} for waiting", mine.waiting, self.before.waiting),
        ):
            if now > then * (1 + self.spare) + _CENT_USD:
                by = f"more than {show(self.spare, 'percent')} above" if self.spare else "more than"
                paid = says.format(f"{show(now, 'usd')} a month")
                yield f"{mine.title} {paid}, {by} the {show(then, 'usd')} of before."
        part, before = _part(mine), _part(self.before)
        if mine.total <= self.before.total and mine.waiting <= self.before.waiting:
            return  # no share makes worse what costs no more, and waits for no more
        if part > before * (1 + self.spare) + _SAME_SHARE:
            by = f"more than {show(self.spare, 'percent')} above" if self.spare else "more than"
            share, past = _apart(part, before)
            yield f"{share} of the bill of {mine.title} is waiting, {by} the {past} of before."

    def _markdown(self, mine: Bill, wrong: list[str]) -> str:
        """Return a comment for a pull request: the difference first, a table, what is wrong."""
        then = self.before
        head = f"{show(mine.total, 'usd')} a month"
        if then:
            head += f", {_signed(mine.total - then.total)}"
        rows = [
            ("A month", then.total if then else None, mine.total, "usd"),
            ("Of it waiting", then.waiting if then else None, mine.waiting, "usd"),
            ("Waiting's share", _part(then) if then else None, _part(mine), "percent"),
        ]
        table = [
            f"| {name} | {'–' if old is None else show(old, unit)} | {show(new, unit)} |"
            for name, old, new, unit in rows
        ]
        days = f"prices of {mine.on}"
        if (before := self._then(mine)) != "before":
            days += f"; {before}"
        lines = [
            f"### Serverless tax: {head}", "",
            "| | Before | Now |", "|---|---:|---:|", *table, "",
            f"{mine.title}, {mine.region}, {days}.",
            *(f"\n**Failed:** {sentence}" for sentence in wrong)
        ]  # fmt: skip
        return "\n".join(lines) + "\n"


def _signed(usd: float) -> str:
    if abs(usd) < _CENT_USD:
        return "as before"
    return f"{show(abs(usd), 'usd')} {'more' if usd > 0 else 'less'} than before"


def _apart(*shares: float) -> list[str]:
    """Return two shares as text, with more digits where they would read alike."""
    said = [show(share, "percent") for share in shares]
    return said if len({*said}) > 1 else [f"{100 * share:.6g} %" for share in shares]


def _part(billed: Any) -> float:
    """Return waiting's part of a bill, from 0 to 1."""
    return billed.waiting / billed.total if billed.total else 0.0


def _share(option: str, text: str) -> float:
    value = parse_share(text, field=option)
    if not 0 <= value <= 1:
        msg = f"{option} is {text}; expected a share such as 0.3 or 30%."
        raise InvalidQuantity(msg)
    return value
