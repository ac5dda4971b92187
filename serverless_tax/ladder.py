"""The ladder: what can be done about a bill for waiting, rung by rung, and what each is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from serverless_tax.bill import bill
from serverless_tax.compare import sweep
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB, MEMORY_MB, TIMEOUT_MS, cpu_stretch
from serverless_tax.platforms.timeline import wall_ms
from serverless_tax.prices import billing_day, price_sheet
from serverless_tax.rungs import RUNGS
from serverless_tax.show import show
from serverless_tax.units import InvalidQuantity
from serverless_tax.workload import Workload

#: Memory kept over the peak that was seen.
HEADROOM = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One change: the month's bill with it, what it saves, what it takes and what it costs you.

    ``saving_usd`` is a month's, against the bill as it is; ``step_usd`` against the tuned function
    one rung below. ``payback_months`` is the effort at your hourly rate over the step's saving;
    infinite where nothing is saved. ``effort_hours`` is an estimate of ours, for one function.
    """

    id: str
    name: str
    design: str
    total_usd: float
    saving_usd: float
    step_usd: float
    effort_hours: float
    payback_months: float
    risk: str
    lost: str
    finding: str
    workload: Workload

    def to_dict(self) -> dict[str, Any]:
        """Return the rung as plain values, ready for JSON; no payback is null."""
        names = [name for name in self.__slots__ if name != "workload"]
        plain = {name: getattr(self, name) for name in names}
        if not math.isfinite(self.payback_months):
            plain["payback_months"] = None
        return plain


def ladder(
    workload: Workload,
    *,
    hour_usd: float = 100.0,
    slower: float = 1.25,
    shorter: float = 0.5,
    **when: Any,
) -> list[Rung]:
    """Return the rungs for a function that waits, from the least effort up.

    Memory and Arm build on each other, where they save. The others are alternatives to the
    function so tuned, and do not add up. ``hour_usd`` is
    what an hour of your time costs, ``slower`` how many times as long a request may take for less
    memory, and ``shorter`` the part of the streaming that a shorter answer or a faster model
    leaves. Other keywords are those of :func:`bill`.

    >>> [round(r.total_usd) for r in ladder(Workload.preset("article"))[:3]]
    [811, 104, 84]

    Raises:
        InvalidQuantity: for a sample of requests, or a setting out of range.
    """
    if workload.sample_size > 1:
        msg = f"The workload is a sample of {workload.sample_size:,}; a ladder needs one request."
        raise InvalidQuantity(msg)
    for name, value, most in (("slower", slower, math.inf), ("shorter", shorter, 1)):
        if not 0 < value <= most or (name == "slower" and value < 1):
            expected = "at least 1" if name == "slower" else "more than 0 and at most 1"
            msg = f"{name} is {value:g}; expected {expected}."
            raise InvalidQuantity(msg)
    if not 0 <= hour_usd < math.inf:
        msg = f"hour_usd is {hour_usd:g}; expected dollars an hour, at least 0."
        raise InvalidQuantity(msg)
    return list(_Ladder(workload, hour_usd, slower, shorter, when).rungs())


class _Ladder:
    """The rungs while they are being climbed: the bill as it is, and the function tuned so far."""

    def __init__(
        self, w: Workload, hour_usd: float, slower: float, shorter: float, when: dict[str, Any]
    ) -> None:
        self.hour_usd, self.slower, self.shorter, self.when = hour_usd, slower, shorter, when
        self.start_w = self.tuned = w
        self.start_usd = self.tuned_usd = self.usd("aws-lambda", w)

    def usd(self, design: str, w: Workload) -> float:
        return bill(design, w, **({"path": "needed"} | self.when)).total

    def rungs(self) -> Iterator[Rung]:
        yield self.rung("as-it-is", "aws-lambda", self.start_w, "")
        yield self.climb("memory", *self.less_memory())
        if self.tuned.architecture != "arm64":
            yield self.climb("arm", self.tuned.replace(architecture="arm64"), _SAME_SPEED)
        overlapped = self.overlapped()
        if overlapped:
            yield self.rung("overlap", "aws-lambda", *overlapped)
        yield self.rung(
            "provisioned", "aws-lambda-provisioned", self.tuned, self.when_provisioned_pays()
        )
        if np.any(self.tuned.streaming_ms):
            yield self.rung("shorter", "aws-lambda", *self.shorter_answer())
            yield self.rung("no-proxy", "aws-lambda", *self.unproxied())
        yield self.rung("gateway", "aws-rest-api-proxy", self.start_w, "")
        yield self.rung("share", "aws-fargate", self.start_w.replace(architecture="arm64"), "")

    def rung(self, name: str, design: str, w: Workload, finding: str) -> Rung:
        total = bill(design, w, **({"path": "needed"} | self.when))
        about = RUNGS[name]
        step = self.tuned_usd - total.total
        effort_usd = about.effort_hours * self.hour_usd
        payback = effort_usd / step if step > 0 else math.inf
        return Rung(
            id=name,
            name=about.name,
            design=design,
            total_usd=total.total,
            saving_usd=self.start_usd - total.total,
            step_usd=step,
            effort_hours=about.effort_hours,
            payback_months=payback if name != "as-it-is" else math.inf,
            risk=about.risk,
            lost=about.lost,
            finding=" ".join((*total.obstacles, *((finding,) if finding else ()))),
            workload=w,
        )

    def climb(self, name: str, w: Workload, finding: str) -> Rung:
        """Take a rung that the next ones build on, if it saves anything."""
        rung = self.rung(name, "aws-lambda", w, finding)
        if rung.step_usd > 0:
            self.tuned, self.tuned_usd = w, rung.total_usd
        return rung

    def less_memory(self) -> tuple[Workload, str]:
        """Return the cheapest size that still serves, and what to know before taking it."""
        w = self.tuned
        least = max(MEMORY_MB[0], math.ceil(w.peak_memory_mb * HEADROOM))
        sizes = np.arange(min(least, MEMORY_MB[1]), MEMORY_MB[1] + 1)
        resized = w.replace(memory_mb=sizes)
        took_ms = wall_ms(w, cpu_stretch(w))
        takes_ms = wall_ms(resized, cpu_stretch(resized))
        served = takes_ms <= min(took_ms * self.slower, TIMEOUT_MS)
        region_and_day = {k: v for k, v in self.when.items() if k in ("on", "region", "free_tier")}
        costs = np.where(served, sweep("aws-lambda", resized, **region_and_day)["total"], np.inf)
        if not np.isfinite(costs).any():
            return w, "No size serves these requests in the time allowed."
        best = int(np.argmin(costs))
        size_mb = float(sizes[best])
        longer_ms = float((np.zeros(sizes.shape) + takes_ms)[best]) - float(took_ms)
        share = min(1, size_mb / FULL_VCPU_MB)
        known = (
            f"{show(HEADROOM, 'number')} times the peak of {show(w.peak_memory_mb, 'mb')} fits"
            if w.peak_memory_mb
            else "nobody has looked at the peak memory: read Max Memory Used before you go there"
        )
        return w.replace(memory_mb=size_mb), (
            f"{show(size_mb, 'mb')} has {show(share, 'percent')} of a vCPU; an answer takes"
            f" {show(max(longer_ms, 0), 'ms')} longer. INIT has its boost on demand and stays as"
            f" it was; {known}."
        )

    def overlapped(self) -> tuple[Workload, str] | None:
        """Return the timeline with its waits side by side, as far as they could be."""
        w = self.tuned
        waits = [float(s.ms) for s in w.steps if s.kind != "cpu"] if w.steps else []
        waits = [ms for ms in (waits or [float(w.wait_ms), float(w.streaming_ms)]) if ms]
        saved_ms = sum(waits) - max(waits, default=0)
        saved_ms = min(saved_ms, float(w.wait_ms))
        if saved_ms <= 0:
            return None
        return w.replace(wait_ms=w.wait_ms - saved_ms), (
            f"At most {show(saved_ms, 'ms')} of waiting fits under the longest wait, and only if"
            " neither needs what the other brings."
        )

    def when_provisioned_pays(self) -> str:
        """Say from which utilisation on provisioned concurrency is cheaper than on demand."""
        day, region = billing_day(self.when.get("on")), self.when.get("region", "us-east-1")
        prices = price_sheet("aws-lambda", region).on(day)
        prices |= price_sheet("aws-lambda-provisioned", region).on(day)
        chip = "arm" if self.tuned.arm else "x86"
        on_demand, kept, running = (
            prices[f"{kind}_{chip}_gb_seconds"].tiers[0][1]
            for kind in ("duration", "provisioned", "provisioned_duration")
        )
        worth = kept / (on_demand - running)
        used = 1 / self.tuned.peak_to_mean * self.tuned.busy_hours_a_day / 24
        return (
            f"It pays from {show(worth, 'percent')} of use on; sized for the peak, this month"
            f" would use {show(used, 'percent')} of it."
        )

    def shorter_answer(self) -> tuple[Workload, str]:
        w, part = self.tuned, self.shorter
        changed = w.replace(
            streaming_ms=w.streaming_ms * part, output_tokens=w.output_tokens * part
        )
        return changed, f"Priced with {show(part, 'percent')} of the streaming and of its tokens."

    def unproxied(self) -> tuple[Workload, str]:
        w = self.tuned
        changed = w.replace(streaming_ms=0, output_tokens=0, cpu_ms_per_output_token=0)
        return changed, (
            f"The function still works and looks up for {show(float(w.cpu_ms + w.wait_ms), 'ms')},"
            " hands out a token that soon ends, and the client streams from the provider."
        )


_SAME_SPEED = "Priced as if Arm were as fast as x86: measure yours."
