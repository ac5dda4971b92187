"""Shared platforms as they rank where each keeps as many instances when nobody asks.

Tasks and machines always run, one for each of two zones, while instances that come with the
requests are kept at none unless a minimum is set. A ranking has both, so it says what they cost
with the same minimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serverless_tax.bill.bill import Bill, bill
from serverless_tax.bill.design import design
from serverless_tax.bill.unread import reads
from serverless_tax.ground.settings import UNSET
from serverless_tax.ground.show import show
from serverless_tax.platforms.meters.capacity import ZONES
from serverless_tax.request.workload import Workload

#: Amounts that differ by less show alike.
_ALIKE_USD = 0.005


@dataclass(frozen=True, slots=True)
class SameMinimum:
    """A bill with as many instances kept as those that always run keep, and its place then."""

    title: str
    minimum_instances: int
    total_usd: float
    place: int


def same_minimum(workload: Workload, ranked: Sequence[Bill], **when: Any) -> list[SameMinimum]:
    """Return the bills of a ranking that move if all keep the same minimum of instances.

    None if the workload says how many are kept, or if no bill of the ranking keeps any by itself.
    """
    if np.any(np.asarray(workload.minimum_instances) != UNSET):
        return []
    kept = workload.replace(minimum_instances=float(ZONES))
    usd = {one.title: one.total for one in ranked if not one.obstacles}
    shared = [one for one in ranked if one.title in usd and _keeps(one)]
    again = {one.title: bill(one.platform, kept, **when | {"path": one.path}) for one in shared}
    moved = [name for name, one in again.items() if abs(one.total - usd[name]) > _ALIKE_USD]
    if len(moved) == len(again):
        return []
    usd |= {name: one.total for name, one in again.items()}
    return [
        SameMinimum(name, ZONES, usd[name], 1 + sum(each < usd[name] for each in usd.values()))
        for name in moved
    ]


def _keeps(one: Bill) -> bool:
    return "minimum_instances" in reads(design(one.platform, one.path))


def says(found: Sequence[SameMinimum]) -> str:
    """Say what moves where all keep the same minimum, and to which place; nothing if nothing."""
    if not found:
        return ""
    each = ", ".join(
        f"{one.title} is {show(one.total_usd, 'usd')} (place {one.place})" for one in found
    )
    return (
        f"Tasks and machines keep {ZONES} instances when nobody asks, one in each of two zones;"
        f" what comes with the requests keeps none. With {ZONES} kept wherever a minimum can be"
        f" set {each}. The same of any number: --minimum-instances."
    )
