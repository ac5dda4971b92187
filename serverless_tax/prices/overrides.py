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

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from serverless_tax.ground.checks import meant
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.prices import Price, price_sheet, sheet_ids
from serverless_tax.prices.schema import is_amount, read_toml, unknown


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
        found = read_toml(path, "The file of rates")
        for sentence in unknown(found, ("name", "rates")):
            msg = f"{path} {sentence}."
            raise InvalidQuantity(msg)
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


#: How a rate is written where it is a table.
_WAYS = {"discount", "tiers", "usd"}


def _known() -> list[str]:
    return [
        f"{sheet}.{dimension}"
        for sheet in sheet_ids()
        for dimension in dict.fromkeys(row.dimension for row in price_sheet(sheet).rows)
    ]


def _flat(rates: Mapping[str, Any]) -> Any:
    """Yield each rate under ``sheet.dimension``, whether the file quotes the name or nests it."""
    for name, value in rates.items():
        nested = isinstance(value, dict) and value and not _WAYS & value.keys()
        if nested:
            yield from ((f"{name}.{inner}", rate) for inner, rate in value.items())
        else:
            yield name, value


def _check(path: str, name: str, rate: Any, known: list[str]) -> None:
    if not any(fnmatchcase(one, name) for one in known):
        hint = meant(name, known, "see serverless-tax prices show.")
        msg = f"{path} has a rate for {name!r}, which no price sheet has; {hint}"
        raise InvalidQuantity(msg)
    if isinstance(rate, dict) and (len(rate) != 1 or not rate.keys() <= _WAYS):
        ways = ", ".join(rate) or "nothing"
        msg = f"{path} gives {name} a table of {ways}; expected one of discount, tiers and usd."
        raise InvalidQuantity(msg)
    if isinstance(rate, dict) and "discount" in rate:
        discount = rate["discount"]
        if not is_amount(discount) or discount > 1:
            msg = f"{path} gives {name} a discount of {discount!r}; expected a share from 0 to 1."
            raise InvalidQuantity(msg)
        return
    tiers = _written(rate)
    numbers = [number for tier in tiers for number in tier]
    if not numbers or not all(map(is_amount, numbers)) or tiers[0][0] != 0:
        msg = (
            f"{path} gives {name} the rate {rate!r}; expected USD a unit of at least 0,"
            " a discount, or tiers such as [[0, 0.05], [10240, 0.04]]."
        )
        raise InvalidQuantity(msg)
    edges = [above for above, _ in tiers]
    if edges != sorted(set(edges)):
        msg = f"{path} gives {name} tiers from {edges}; expected them to rise."
        raise InvalidQuantity(msg)


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
