"""Addresses that open a page of the book with a scenario set."""

from __future__ import annotations

from urllib.parse import quote

from serverless_tax.ground.html import Markup, link
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.widgets.scenario import FIELDS, scenarios


def scenario_address(page: str, preset: str = "article", **changes: object) -> str:
    """Return the address of a page with a preset and changes, as its *Copy link* would write it.

    Args:
        page: the page's address, without anything after it.
        preset: the name of a preset.
        **changes: a text for each quantity that is changed, by its name in the scenario.

    Raises:
        InvalidQuantity: if there is no such preset or quantity.

    >>> scenario_address("market.html", "thinking", memory_mb=512)
    'market.html#st?preset=thinking&memory=512'
    """
    if preset not in scenarios():
        msg = f"There is no preset {preset!r}; use one of {', '.join(scenarios())}."
        raise InvalidQuantity(msg)
    keys = {field.name: field.key for field in FIELDS}
    if unknown := changes.keys() - keys.keys():
        msg = f"{', '.join(sorted(unknown))} is not a quantity; use one of {', '.join(keys)}."
        raise InvalidQuantity(msg)
    parts = [f"preset={preset}"] if preset != "article" else []
    parts += [f"{keys[name]}={quote(str(value))}" for name, value in changes.items()]
    return f"{page}#st?{'&'.join(parts)}"


def scenario_link(page: str, preset: str = "article", **changes: object) -> Markup:
    """Return :func:`scenario_address` as a link that shows the address.

    The theme takes what follows a # for the name of a section and stops at one that cannot be a
    name, with an error; it passes over links of this class.
    """
    address = scenario_address(page, preset, **changes)
    return link(address, address.rsplit("/", 1)[-1], class_="disabled")
