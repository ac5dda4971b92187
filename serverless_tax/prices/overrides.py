"""Rates of your own in place of list prices: negotiated ones, or those of a Savings Plan.

A file of rates is TOML. Each name is a sheet and a dimension of it, see ``serverless-tax prices
show``; a star stands for any, and a whole name goes before a star. Each value is USD a unit, a
discount, or tiers::

    name = "Compute Savings Plan"

    [rates]
    "aws-lambda.duration_x86_gb_seconds" = 0.0000138334
    "aws-fargate.*" = { discount = 0.2 }
    "aws-data-transfer.transfer_out_gb" = { tiers = [[0, 0.05], [10240, 0.04]] }
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from math import isfinite
from pathlib import Path
from typing import Any

from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.prices import Price, price_sheet, sheet_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Your own rates: what they are called, where they stand, and the rate of each dimension."""

    name: str
    source: str
    rates: Mapping[str, Any]

    @classmethod
    def load(cls, path: str | Path) -> Rates:
        """Read a file of rates.

        Raises:
            InvalidQuantity: if the file cannot be read, names a price that does not exist, or
                holds something that is no rate.
        """
        path = Path(path)
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            msg = f"The rates {path} cannot be read: {error.strerror or error}."
            raise InvalidQuantity(msg) from None
        except ValueError as error:
            msg = f"The rates {path} are not TOML: {error}."
            raise InvalidQuantity(msg) from None
        rates = found.get("rates")
        if not isinstance(rates, dict) or not rates:
            msg = f'{path} has no [rates]; give lines such as "aws-lambda.requests" = 0.00000018.'
            raise InvalidQuantity(msg)
        known = _known()
        flat = dict(_flat(rates))
        for name, rate in flat.items():
            _check(str(path), name, rate, known)
        return cls(name=str(found.get("name", "your rate")), source=path.name, rates=flat)

    def apply(self, prices: Mapping[str, Price]) -> dict[str, Price]:
        """Return the prices with your rates in their place, each named as such."""
        names = {known.partition(".")[2]: known for known in _known()}
        yours = {d: self._of(price, names.get(d, d)) for d, price in prices.items()}
        for name, price in yours.items():
            if price.charged_as and price is prices[name]:  # INIT is charged at duration's rate
                meter = yours[price.charged_as]
                if meter is not prices[price.charged_as]:
                    label = f"{price.label} ({self.name})"
                    yours[name] = replace(
                        price, tiers=meter.tiers, label=label, source=meter.source
                    )
        return yours

    def _of(self, price: Price, name: str) -> Price:
        """Return the price at the rate for its name, or for the first pattern that it fits."""
        fitting = (pattern for pattern in self.rates if fnmatchcase(name, pattern))
        found = name if name in self.rates else next(fitting, None)
        if found is None:
            return price
        return replace(
            price,
            tiers=_tiers(price, self.rates[found]),
            label=f"{price.label} ({self.name})",
            source=self.source,
        )


def _known() -> list[str]:
    return [
        f"{sheet}.{dimension}"
        for sheet in sheet_ids()
        for dimension in dict.fromkeys(row.dimension for row in price_sheet(sheet).rows)
    ]


def _flat(rates: Mapping[str, Any]) -> Any:
    """Yield each rate under ``sheet.dimension``, whether the file quotes the name or nests it."""
    for name, value in rates.items():
        nested = isinstance(value, dict) and not {"discount", "tiers", "usd"} & value.keys()
        if nested:
            yield from ((f"{name}.{inner}", rate) for inner, rate in value.items())
        else:
            yield name, value


def _check(path: str, name: str, rate: Any, known: list[str]) -> None:
    if not any(fnmatchcase(one, name) for one in known):
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "see serverless-tax prices show."
        msg = f"{path} has a rate for {name!r}, which no price sheet has; {hint}"
        raise InvalidQuantity(msg)
    discount = rate.get("discount") if isinstance(rate, dict) else None
    if discount is not None:
        if not _is_number(discount) or not 0 <= discount <= 1:
            msg = f"{path} gives {name} a discount of {discount!r}; expected a share from 0 to 1."
            raise InvalidQuantity(msg)
        return
    tiers = _written(rate)
    numbers = [number for tier in tiers for number in tier]
    if not numbers or not all(_is_number(n) and n >= 0 for n in numbers) or tiers[0][0] != 0:
        msg = (
            f"{path} gives {name} the rate {rate!r}; expected USD a unit of at least 0,"
            " a discount, or tiers such as [[0, 0.05], [10240, 0.04]]."
        )
        raise InvalidQuantity(msg)
    edges = [above for above, _ in tiers]
    if edges != sorted(set(edges)):
        msg = f"{path} gives {name} tiers from {edges}; expected them to rise."
        raise InvalidQuantity(msg)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _written(rate: Any) -> list[tuple[Any, Any]]:
    """Return a rate as tiers; none if it is not written as one."""
    if isinstance(rate, dict):
        rate = rate.get("usd", rate.get("tiers"))
    if isinstance(rate, list):
        pairs = [t for t in rate if isinstance(t, list) and len(t) == 2]  # noqa: PLR2004 - a pair
        return [(above, usd) for above, usd in pairs] if len(pairs) == len(rate) else []
    return [(0, rate)]


def _tiers(price: Price, rate: Any) -> tuple[tuple[float, float], ...]:
    if isinstance(rate, dict) and "discount" in rate:
        return tuple((above, usd * (1 - rate["discount"])) for above, usd in price.tiers)
    return tuple((float(above), float(usd)) for above, usd in _written(rate))
