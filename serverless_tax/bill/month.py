"""From a workload to the month's totals: one request, or a sample of ten million.

A rule multiplies each quantity of a request by ``requests_per_month``, first. For one request
that is arithmetic. For a sample it is a sum over the requests sampled, each of which weighs
``requests_per_month / sample_size`` and has been rounded on its own.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np

from serverless_tax.bill.design import Design
from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.settings import OF_THE_MONTH
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.request.workload import QUANTITIES, Workload

#: Requests that are priced at a time: few enough for a processor's second-level cache.
BLOCK = 131_072


def month_usage(target: Design, workload: Workload) -> dict[str, float]:
    """Return the month's total of every dimension a design meters.

    Raises:
        InvalidQuantity: if there is more than one month in the workload.
    """
    return whole_month(target, request_sums(target, workload), workload)


def whole_month(target: Design, sums: dict[str, float], workload: Workload) -> dict[str, float]:
    """Return the sums of the requests, and what only the month as a whole decides."""
    used = target.month(sums, one_month(workload))
    return {name: _added_up(quantity) for name, quantity in used.items()}


def _added_up(quantity: Quantity) -> float:
    """Return the sum of what is metered, without the sign of a minus zero."""
    return float(quantity if isinstance(quantity, float) else np.sum(quantity)) + 0.0


def request_sums(target: Design, workload: Workload) -> dict[str, float]:
    """Add up what is metered for each request."""
    n = workload.sample_size
    if n == 1:
        _ = one_month(workload).requests_per_month
        return {name: _added_up(q) for name, q in target.usage(workload).items()}
    # glibc hands freed arrays back to the system block after block, and faults them in again,
    # unless it has once seen a larger one come and go: three times faster over ten million.
    np.empty(24 * BLOCK)
    values = {name: _one_or_all(getattr(workload, name)) for name in QUANTITIES}
    values |= {"arm": workload.arm}
    month = one_month(workload)
    each = month.requests_per_month / n
    values |= {name: getattr(month, name) for name in OF_THE_MONTH}
    arrays = {name: values.pop(name) for name in QUANTITIES if np.ndim(values[name])}
    totals: dict[str, float] = {}
    for start in range(0, n, BLOCK):
        part = {name: value[start : start + BLOCK] for name, value in arrays.items()}
        weight = _Weight(each, min(start + BLOCK, n) - start)
        block = SimpleNamespace(**values | part | {"requests_per_month": weight})
        for name, quantity in target.usage(cast("Request", block)).items():
            totals[name] = totals.get(name, 0.0) + float(quantity)
    return totals


def _one_or_all(value: Quantity) -> Quantity:
    """Return an array of one as a number, and any other as it is."""
    if isinstance(value, float):
        return value
    return float(np.sum(value)) if np.ndim(value) and np.size(value) == 1 else value


def one_month(w: Workload) -> Request:
    """Return a workload as one month, of which a rule reads what is set for all of it.

    Raises:
        InvalidQuantity: when it reads a quantity that is not one number.
    """
    return cast("Request", _Month(w))


class _Month:
    """What :func:`one_month` returns."""

    def __init__(self, w: Workload) -> None:
        self._w = w

    if not TYPE_CHECKING:  # it would let a misspelt name pass

        def __getattr__(self, name: str) -> Quantity:
            value = _one_or_all(getattr(self._w, name))
            if not isinstance(value, float) and np.ndim(value):
                msg = f"{name} is an array; give the month's number, or use sweep() for a curve."
                raise InvalidQuantity(msg)
            return value


class _Weight:
    """The requests that each element of a block stands for; times a quantity, their sum."""

    __array_ufunc__ = None  # numpy leaves the multiplication to us

    def __init__(self, each: float, length: int) -> None:
        self.each = each
        self.length = length

    def __mul__(self, quantity: Quantity) -> _Total:
        if np.ndim(quantity):
            return _Total(quantity, self.each)
        return _Total(np.full(1, quantity), self.each * self.length)


class _Total:
    """``factor`` times the sum of an array: added up when asked for, once for all its multiples."""

    __array_ufunc__ = None

    def __init__(self, values: Quantity, factor: float, of: _Total | None = None) -> None:
        self.values = values
        self.factor = factor
        self.first = of or self  # the total whose sum this one shares
        self.sum: float | None = None

    def __mul__(self, other: Quantity) -> _Total:
        if not np.ndim(other):
            return _Total(self.values, self.factor * other, self.first)
        if len(self.values) == 1:  # one value stood for the whole block
            return _Total(self.values * other, self.factor / len(other))
        return _Total(self.values * other, self.factor)

    def __add__(self, other: _Total | float) -> float:
        return float(self) + float(other)

    __radd__ = __add__

    def __float__(self) -> float:
        first = self.first
        if first.sum is None:
            first.sum = float(np.add.reduce(first.values))
        return float(self.factor * first.sum)
