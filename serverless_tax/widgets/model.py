"""The page's arithmetic: :func:`figures` traced to JavaScript, and the prices it is given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from serverless_tax.ground.trace import Scope, to_javascript
from serverless_tax.prices import Price
from serverless_tax.widgets.figures import figures
from serverless_tax.widgets.figures_log import busy_figures, log_figures, size_figures
from serverless_tax.widgets.scenario import FIELDS, page_prices, scenarios


def model_javascript() -> str:
    """Return the traced model and its data as plain JavaScript: ``figures(s, p)`` and constants."""
    sheet = page_prices()
    data = {
        "PRICES": price_parameters(sheet),
        "FIELDS": [{k: getattr(f, k) for k in f.__slots__} for f in FIELDS],
        "SCENARIOS": scenarios(),
    }
    constants = [f"const {name} = {json.dumps(value)};" for name, value in data.items()]
    traced = to_javascript("figures", lambda s, p: figures(s, _symbolic(sheet, p)), "s", "p")
    of_a_log = [
        to_javascript("sizeFigures", size_figures, "s"),
        to_javascript("busyFigures", busy_figures, "s"),
        to_javascript("logFigures", lambda s, p: log_figures(s, _symbolic(sheet, p)), "s", "p"),
    ]
    return "\n".join([*constants, traced, *of_a_log, ""])


def price_parameters(sheet: Mapping[str, Price]) -> dict[str, float]:
    """Return each number of a price sheet under the name it has in the traced formula."""
    named: dict[str, float] = {}
    for name, price in sheet.items():
        named[f"{name}_free"] = price.free_per_month
        for k, (above, usd) in enumerate(price.tiers):
            named[f"{name}_above_{k}"] = above
            named[f"{name}_usd_{k}"] = usd
    return named


def _symbolic(sheet: Mapping[str, Price], p: Scope) -> dict[str, Any]:
    return {
        name: replace(
            price,
            free_per_month=getattr(p, f"{name}_free"),
            tiers=tuple(
                (getattr(p, f"{name}_above_{k}"), getattr(p, f"{name}_usd_{k}"))
                for k in range(len(price.tiers))
            ),
        )
        for name, price in sheet.items()
    }
