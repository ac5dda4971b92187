"""The CPU that a token may cost before a platform that bills CPU loses to a tuned Lambda."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from serverless_tax.bill.design import design
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.questions.break_even import BreakEven, break_even
from serverless_tax.questions.ladder import check_slower, resized
from serverless_tax.questions.paid_months import Bills
from serverless_tax.request.presets import lab_run
from serverless_tax.request.workload import Workload, a_workload

_OVER = "cpu_ms_per_output_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuBudget:
    """``ms_per_token`` of CPU on a whole vCPU, from which on Lambda is cheaper.

    Zero if Lambda always is, infinite if it never is, up to the end of the curve. ``curve`` has
    both bills along the CPU of a token, and ``measured_ms`` what the first lab's clients took.
    ``memory_mb`` is the size that Lambda was tuned to.
    """

    active: str
    ms_per_token: float
    memory_mb: float
    curve: BreakEven
    measured_ms: dict[str, float]

    def __str__(self) -> str:
        """Say what was found in two sentences."""
        tuned = f"AWS Lambda at {self.memory_mb:,g} MB"
        if not self.ms_per_token:
            first = f"{tuned} is cheaper than {self.active} whatever a token's CPU is."
        elif math.isinf(self.ms_per_token):
            first = f"{self.active} is cheaper than {tuned} up to {self.curve.x[-1]:g} ms a token."
        else:
            first = (
                f"{self.active} is cheaper than {tuned} as long as a token takes less than"
                f" {self.ms_per_token:.3g} ms of CPU."
            )
        fits = [name for name, ms in self.measured_ms.items() if ms < self.ms_per_token]
        clients = ", ".join(f"{name} {ms:.3g} ms" for name, ms in self.measured_ms.items())
        return f"{first} Of the clients measured ({clients}), {len(fits)} stay below that."

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, ready for JSON; no limit is null."""
        limit = self.ms_per_token if math.isfinite(self.ms_per_token) else None
        return {
            "active": self.active,
            "ms_per_token": limit,
            "memory_mb": self.memory_mb,
            "measured_ms": self.measured_ms,
            "curve": self.curve.to_dict(),
        }


def cpu_budget(
    workload: Workload, active: str = "vercel-fluid", *, slower: float = 1.25, **when: Any
) -> CpuBudget:
    """Return how much CPU a token may take before ``active`` is dearer than a tuned Lambda.

    Lambda is given the memory that is cheapest for the workload as it is and takes at most
    ``slower`` times as long. The CPU of a token moves on both sides, the rest stays. Other
    keywords are those of :func:`bill`.

    >>> from datetime import date
    >>> round(cpu_budget(Workload.preset("article"), on=date(2026, 11, 1)).ms_per_token, 1)
    0.3

    Raises:
        InvalidQuantity: if the answers have no tokens, and as :func:`bill` does.
    """
    if not float(a_workload(workload).largest["output_tokens"]):
        msg = "output_tokens is 0, so no token takes any CPU; say how long answers are."
        raise InvalidQuantity(msg)
    if design(active).platform.id == "aws-lambda":
        msg = f"active is {active!r}, which is what it is compared with; name another platform."
        raise InvalidQuantity(msg)
    check_slower(slower)
    tuned, _ = resized(workload, Bills(when), slower)
    curve = break_even(active, "aws-lambda", tuned, over=_OVER, **when)
    if curve.crossings:
        first = curve.crossings[0]
        limit = first.at if first.cheaper_below == active else 0.0
    else:
        limit = math.inf if curve.a_usd[0] <= curve.b_usd[0] else 0.0
    clients = lab_run()["clients"]
    return CpuBudget(
        active=active,
        ms_per_token=limit,
        memory_mb=float(tuned.memory_mb),
        curve=curve,
        measured_ms={name: client[_OVER] for name, client in clients.items()},
    )
