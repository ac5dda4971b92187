"""The ladder: what can be done about a bill for waiting, rung by rung, and what each is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from serverless_tax.bill.bill import bill
from serverless_tax.bill.design import design
from serverless_tax.bill.month import month_usage
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms import aws_lambda, platform
from serverless_tax.prices import UnknownPrice, billing_day
from serverless_tax.questions.right_size import right_size
from serverless_tax.questions.rungs import RUNGS
from serverless_tax.request.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One change: the month's bill with it, what it saves, what it takes and what it costs you.

    ``saving_usd`` is a month's, against the bill as it is; ``step_usd`` against the function
    as tuned by the rungs below: both can be negative. ``payback_months`` is the effort at your
    hourly rate over the step's saving; infinite where nothing is saved. ``effort_hours`` is an
    estimate of ours, for one function.
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
    function so tuned, and do not add up. A rung that was not on offer on the day asked for is
    left out, and so is what needs a wait where there is none. ``hour_usd`` is what an hour of
    your time costs, ``slower`` how many times as long a request may take for less memory, and
    ``shorter`` the part of the model's time that a shorter answer or a faster model leaves.
    Other keywords are those of :func:`bill`.

    >>> from datetime import date
    >>> rungs = ladder(Workload.preset("article"), on=date(2026, 11, 1))
    >>> [round(rung.total_usd) for rung in rungs[:3]]
    [811, 104, 84]

    Raises:
        InvalidQuantity: for a setting out of range, and as :func:`bill` does.
    """
    for name, value, most in (("slower", slower, math.inf), ("shorter", shorter, 1)):
        if not 0 < value <= most or (name == "slower" and value < 1):
            expected = "at least 1" if name == "slower" else "more than 0 and at most 1"
            msg = f"{name} is {value:g}; expected {expected}."
            raise InvalidQuantity(msg)
    if not 0 <= hour_usd < math.inf:
        msg = f"hour_usd is {hour_usd:g}; expected dollars an hour, at least 0."
        raise InvalidQuantity(msg)
    return list(_Ladder(workload, hour_usd, slower, shorter, when).rungs())


def payback_months(work_usd: float, saving_usd: float) -> float:
    """Return the months after which a month's saving has paid for the work; endless without one."""
    return work_usd / saving_usd if saving_usd > 0 else math.inf


class _Ladder:
    """The rungs while they are being climbed: the bill as it is, and the function tuned so far."""

    def __init__(
        self, w: Workload, hour_usd: float, slower: float, shorter: float, when: dict[str, Any]
    ) -> None:
        self.hour_usd, self.slower, self.shorter = hour_usd, slower, shorter
        self.when = {"path": "needed"} | when
        self.start_w = self.tuned = w
        self.start_usd = self.tuned_usd = bill("aws-lambda", w, **self.when).total

    def rungs(self) -> Iterator[Rung]:
        yield self.rung("as-it-is", "aws-lambda", self.start_w)
        yield self.climb("memory", *right_size(self.tuned, self.slower, self.when))
        if self.tuned.architecture != "arm64":
            yield self.climb("arm", self.tuned.replace(architecture="arm64"), SAME_SPEED)
        yield from self.alternatives()

    def alternatives(self) -> Iterator[Rung]:
        """Yield the rungs that stand beside each other on the tuned function, or instead of it."""
        overlapped = self.overlapped()
        if overlapped:
            yield self.rung("overlap", "aws-lambda", *overlapped)
        pays = self.when_provisioned_pays()
        yield self.rung("provisioned", "aws-lambda-provisioned", self.tuned, pays)
        if np.any(self.tuned.streaming_ms) or np.any(self.tuned.wait_ms):
            yield self.rung("shorter", "aws-lambda", *self.shorter_answer())
            yield self.rung("no-proxy", "aws-lambda", *self.unproxied())
            yield from self.elsewhere("gateway", "aws-rest-api-proxy", self.start_w, NO_CODE)
        w = self.start_w.replace(architecture="arm64")
        yield from self.elsewhere("share", "aws-fargate", w, _shared(w))
        yield from self.billed_by_cpu()

    def billed_by_cpu(self) -> Iterator[Rung]:
        """Yield the last rungs, on which a wait is suspended or its CPU is not billed."""
        w = self.start_w
        if np.any(w.streaming_ms):
            whole = self.tuned.replace(wait_ms=w.wait_ms + w.streaming_ms, streaming_ms=0)
            yield from self.elsewhere("suspended", "aws-lambda-durable", whole, WHOLE_ANSWER)
        elif np.any(w.wait_ms):
            yield from self.elsewhere("suspended", "aws-lambda-durable", self.tuned, "")
        if np.any(w.streaming_ms) or np.any(w.wait_ms):
            least_mb, most_mb = platform("vercel-fluid").offers["instance_memory_mb"]
            sized = w.replace(instance_memory_mb=np.clip(w.instance_memory_mb, least_mb, most_mb))
            yield from self.elsewhere("active-memory", "vercel-fluid", sized, "")
            yield from self.elsewhere("active-cpu", "cloudflare-workers", w, "")

    def elsewhere(self, name: str, platform_id: str, w: Workload, finding: str) -> Iterator[Rung]:
        """Yield a rung on another platform, unless it was not on offer on that day."""
        with suppress(UnknownPrice):
            said = (finding, platform(platform_id).assumes) if not finding else (finding,)
            yield self.rung(name, platform_id, w, " ".join(s for s in said if s))

    def rung(self, name: str, platform_id: str, w: Workload, finding: str = "") -> Rung:
        month = bill(platform_id, w, **self.when)
        about = RUNGS[name]
        step = self.tuned_usd - month.total
        effort_usd = about.effort_hours * self.hour_usd
        return Rung(
            id=name,
            name=about.name,
            design=platform_id,
            total_usd=month.total,
            saving_usd=self.start_usd - month.total,
            step_usd=step,
            effort_hours=about.effort_hours,
            payback_months=payback_months(effort_usd, step) if name != "as-it-is" else math.inf,
            risk=about.risk,
            lost=about.lost,
            finding=" ".join((*month.obstacles, *((finding,) if finding else ()))),
            workload=w,
        )

    def climb(self, name: str, w: Workload, finding: str) -> Rung:
        """Take a rung that the next ones build on, if it saves anything."""
        rung = self.rung(name, "aws-lambda", w, finding)
        if rung.step_usd > 0:
            self.tuned, self.tuned_usd = w, rung.total_usd
        return rung

    def overlapped(self) -> tuple[Workload, str] | None:
        """Return the timeline with its waits side by side, as far as they could be."""
        w = self.tuned
        waits = [np.asarray(s.ms) for s in w.steps if s.kind != "cpu"]
        waits = waits or [np.asarray(w.wait_ms), np.asarray(w.streaming_ms)]
        saved_ms = np.minimum(sum(waits) - reduce(np.maximum, waits), w.wait_ms)
        if not np.any(saved_ms > 0):
            return None
        mean_ms = float(np.mean(saved_ms))
        return w.replace(wait_ms=w.wait_ms - saved_ms), (
            f"At most {show(mean_ms, 'ms')} of waiting fits under the longest wait, and only if"
            " neither needs what the other brings."
        )

    def when_provisioned_pays(self) -> str:
        """Say from which use on provisioned concurrency is cheaper, and what this month's is."""
        w, rates = self.tuned, self.when.get("rates")
        kept = design("aws-lambda-provisioned")
        used = month_usage(kept, w)
        day, region = billing_day(self.when.get("on")), self.when.get("region", "us-east-1")
        prices = kept.prices(used, day, region)
        prices = rates.apply(prices) if rates is not None else prices
        chip = "arm" if w.arm else "x86"
        on_demand_usd, kept_usd, running_usd = (
            prices[f"{kind}_{chip}_gb_seconds"].tiers[0][1]
            for kind in ("duration", "provisioned", "provisioned_duration")
        )
        if kept_usd >= on_demand_usd - running_usd:
            return "It never pays at these rates: keeping it costs more than it takes off duration."
        worth = kept_usd / (on_demand_usd - running_usd)
        kept_gb_s = used[f"provisioned_{chip}_gb_seconds"]
        share = used["provisioned_used_gb_seconds"] / kept_gb_s if kept_gb_s else 0.0
        sized = "as many as you set" if w.provisioned_concurrency else "as many as the peak needs"
        return (
            f"It pays where more than {show(worth, 'percent')} of it is in use; with {sized}, this"
            f" month uses {show(share, 'percent')}."
        )

    def shorter_answer(self) -> tuple[Workload, str]:
        changed = _with_answer(self.tuned, self.shorter)
        return (
            changed,
            f"Priced with {show(self.shorter, 'percent')} of the model's time and tokens.",
        )

    def unproxied(self) -> tuple[Workload, str]:
        changed = _with_answer(self.tuned, 0)
        takes_ms = float(np.mean(aws_lambda.PLATFORM.wall_ms(changed)))
        return changed, (
            f"The function still works and looks up for {show(takes_ms, 'ms')}, hands out a token"
            " that soon ends, and the client streams from the provider."
        )


def _with_answer(w: Workload, part: float) -> Workload:
    """Return the request with a part of the model's time and tokens: what streams, else the wait.

    In a timeline that only waits, the model is its longest wait.
    """
    tokens = w.output_tokens * part
    if np.any(w.streaming_ms):
        return w.replace(streaming_ms=w.streaming_ms * part, output_tokens=tokens)
    waits = [np.asarray(s.ms) for s in w.steps if s.kind == "wait"] or [np.asarray(w.wait_ms)]
    return w.replace(
        wait_ms=np.maximum(w.wait_ms - reduce(np.maximum, waits) * (1 - part), 0),
        output_tokens=tokens,
    )


def _shared(w: Workload) -> str:
    return (
        f"On Arm, sized for {show(w.peak_to_mean, 'number')} times the mean, with"
        f" {show(w.streams_per_vcpu, 'count')} streams a vCPU and at least"
        f" {show(w.minimum_instances, 'count')} tasks."
    )


#: What a rung takes for granted, whatever the scenario.
NO_CODE = (
    "The work of a request, and what it looks up, are not on this bill: no code of yours runs."
)
WHOLE_ANSWER = (
    "Priced with the whole of the model's time suspended, and the answer delivered at its end."
)
SAME_SPEED = "Priced as if Arm were as fast as x86: measure yours."
