"""The months of a workload as its bills have them, priced once each: what the ladder asks of us."""

from __future__ import annotations

from typing import Any

import numpy as np

from serverless_tax.bill.totals import Pricer, Totals
from serverless_tax.questions.right_size import (
    Chosen,
    cheapest_size,
    every_size,
    least_mb,
    round_sizes,
)
from serverless_tax.request.workload import QUANTITIES, Workload

_FUNCTION = "aws-lambda"
#: Months and changed workloads that are kept, more than the rungs of one workload.
_KEPT_MONTHS = _KEPT_CHANGES = 100


class Bills:
    """The package's prices: bills, of one request or of a sample of many.

    ``when`` are the keywords of :func:`bill`, and ``effective_rate`` is the share of AWS's list
    prices that is paid.
    """

    def __init__(self, when: dict[str, Any], effective_rate: float = 1.0) -> None:
        self.when = {"path": "needed"} | when
        self.effective_rate = effective_rate
        self._pricer = Pricer(**self.when)
        # What rungs share is priced once, and kept, so that no other workload has its id.
        self._months: dict[tuple[str, int], tuple[Workload, Totals]] = {}
        self._changed: dict[tuple[Any, ...], tuple[Workload, Workload]] = {}
        self._sizes: dict[tuple[int, float, float], tuple[Workload, Chosen]] = {}

    def changed(self, w: Workload, **quantities: Any) -> Workload:
        """Return the workload with quantities changed; one that stays keeps its timeline.

        The same change of the same workload is the same one, so that its month is priced once.
        """
        arm = quantities.pop("arm", w.arm)
        moved = {
            name: value
            for name, value in quantities.items()
            if not _is_same(getattr(w, name), value)
        }
        if arm == w.arm and not moved:
            return w
        key = (id(w), arm, *((name, float(v)) for name, v in moved.items() if not np.ndim(v)))
        if len(key) < len(moved) + 2:  # a sample's arrays
            return _moved(w, arm, moved)
        if key not in self._changed:
            if len(self._changed) > _KEPT_CHANGES:
                self._changed.clear()
            self._changed[key] = w, _moved(w, arm, moved)
        return self._changed[key][1]

    def month(self, name: str, w: Workload) -> Totals:
        """Return a design's bill as a month.

        Raises:
            UnknownPrice, InvalidQuantity: as :func:`bill` does.
        """
        if (name, id(w)) not in self._months:
            share = paid_share(name, self.effective_rate)
            if len(self._months) > _KEPT_MONTHS:
                self._months.clear()
            paid = Totals(*(part * share for part in self._pricer.totals(name, w)))
            self._months[name, id(w)] = w, paid
        return self._months[name, id(w)][1]

    def serves(self, name: str, w: Workload) -> float:
        """Return 1 where nothing stands in a design's way, else 0."""
        return float(not self.obstacles(name, w))

    def obstacles(self, name: str, w: Workload) -> tuple[str, ...]:
        """Return a sentence for each reason why a design cannot serve these requests."""
        return tuple(self._pricer.design(name).obstacles(w))

    def size(self, w: Workload, slower: float, out_of_memory: float = 0.0) -> Chosen:
        """Return the cheapest size that serves: the same for each rung of a workload."""
        key = id(w), slower, out_of_memory
        if key not in self._sizes:
            if len(self._sizes) > _KEPT_MONTHS:
                self._sizes.clear()
            self._sizes[key] = w, self._size(w, slower, out_of_memory)
        return self._sizes[key][1]

    def _size(self, w: Workload, slower: float, out_of_memory: float) -> Chosen:
        """Try every megabyte for one request; for a sample, a few dozen sizes.

        Those are round ones, and what is found for a request that is as long as theirs are on
        average: so that the same work gets the same size, however its waits scatter.
        """
        need_mb = least_mb(np.max(w.memory_mb), np.max(w.peak_memory_mb), out_of_memory)
        of_one = every_size(
            _mean_request(w), self.changed, lambda at: self._pricer.usd_of_each(_FUNCTION, at)
        )
        found = cheapest_size(of_one, need_mb, slower)
        if w.sample_size == 1:
            return found
        sizes = round_sizes(
            w,
            (need_mb, found.memory_mb),
            lambda at: self._pricer.totals(_FUNCTION, at).total,
            lambda mb: self._pricer.usd_by_memory(_FUNCTION, w, mb),
        )
        return cheapest_size(sizes, need_mb, slower)


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one == other
    return np.array_equal(one, other)


def _mean_request(w: Workload) -> Workload:
    """Return the month as one of requests that are alike, each as a sample's are on average."""
    sampled = [name for name in QUANTITIES if np.ndim(getattr(w, name))]
    if not sampled:
        return w
    return w.replace(**{name: float(np.mean(getattr(w, name))) for name in sampled})


def _moved(w: Workload, arm: Any, moved: dict[str, Any]) -> Workload:
    chip = {} if arm == w.arm else {"architecture": "arm64" if arm else "x86_64"}
    return w.replace(**moved, **chip)


def paid_share(name: str, effective_rate: Any) -> Any:
    """Return the share of its list price that is paid for a design: AWS's alone has another."""
    return effective_rate if name.startswith("aws-") else 1.0
