"""Rankings whose order hangs on a measurement: what a client takes of CPU for a token.

Where CPU is what is billed, the same month costs several times as much with one client as with
another. The lab measured three, on three machines; a ranking shows one of nine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.ground.show import show
from serverless_tax.request.presets import lab_run
from serverless_tax.request.workload import Workload

_RUNS = ("clients", "busy_machine_clients", "slower_machine_clients")
#: A range whose ends are closer than this is none.
_ALIKE = 0.01


@dataclass(frozen=True, slots=True)
class ByClient:
    """A bill's least and most, over the clients and machines measured, and its places by them."""

    platform: str
    title: str
    least_usd: float
    most_usd: float
    best_place: int
    worst_place: int

    def __str__(self) -> str:
        """Say the range, and what becomes of its place."""
        least, most = (show(usd, "usd") for usd in (self.least_usd, self.most_usd))
        return (
            f"{self.title} is {least} to {most} by the client and the machine that were measured:"
            f" its place is {self.best_place} to {self.worst_place}."
        )


def by_client_of(title: str, ranged: Mapping[str, ByClient]) -> dict[str, Any]:
    """Return a bill's range as plain values, ready for JSON; null where its place has none."""
    found = asdict(ranged[title]) if title in ranged else {}
    ends = {name: usd for name, usd in found.items() if name not in ("platform", "title")}
    return {"by_client": ends or None}


def measured_ms() -> tuple[float, float]:
    """Return the least and the most CPU of a token that the lab measured, in milliseconds.

    >>> from serverless_tax.platforms.meters.cpu import MEASURED_CPU_MS_PER_TOKEN
    >>> least, most = measured_ms()
    >>> least < MEASURED_CPU_MS_PER_TOKEN < most
    True
    """
    run = lab_run()
    every = [one["cpu_ms_per_output_token"] for name in _RUNS for one in run[name].values()]
    return min(every), max(every)


def months_usd(design: str, workload: Workload, **when: Any) -> tuple[float, float] | None:
    """Return a month with the least and the most CPU of a token that was measured.

    None for a workload that says what CPU a token takes, rather than leave it to the lab.
    """
    if not workload.token_cpu_is_left_open:
        return None
    least, most = (
        bill(design, workload.replace(metered_cpu_ms_per_token=ms), **when).total
        for ms in measured_ms()
    )
    return least, most


def by_client(workload: Workload, ranked: Sequence[Bill], **when: Any) -> list[ByClient]:
    """Return the bills of a ranking whose place hangs on the client, with their ranges."""
    found = []
    able = [one for one in ranked if not one.obstacles]
    for one in able:
        ends = months_usd(one.platform, workload, **({"path": "needed"} | when))
        if not ends:
            return []
        least, most = ends
        others = [other.total for other in able if other is not one]
        best, worst = (1 + sum(usd < end for usd in others) for end in (least, most))
        if most - least > _ALIKE and best != worst:
            found.append(ByClient(one.platform, one.title, least, most, best, worst))
    return found
