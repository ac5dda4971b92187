"""The platforms: one rule file each, and one price sheet each beside it in ``prices``.

A rule is a plain function ``usage(w) -> {dimension: quantity}`` of additions, multiplications,
ceilings, minima and maxima. It never branches on a value, so the same function runs on one
request, on ten million at once, and under the tracer that turns it into JavaScript.

A module of this folder that has a ``PLATFORM`` is a platform; nothing else has to name it.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.base import Platform

__all__ = ["Platform", "platform", "platforms"]


@cache
def platforms() -> MappingProxyType[str, Platform]:
    """Return everything this package can price, by id: what serves first, then what leads to it.

    >>> platforms()["aws-lambda"].name
    'AWS Lambda'
    """
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found = [module.PLATFORM for module in modules if hasattr(module, "PLATFORM")]
    return MappingProxyType({p.id: p for p in sorted(found, key=lambda p: (not p.serves, p.id))})


def platform(name: Any) -> Platform:
    """Return one platform by its id.

    Raises:
        InvalidQuantity: if there is none of that id, with the nearest one or the list.
    """
    known = platforms()
    if not isinstance(name, str) or name not in known:
        close = get_close_matches(str(name), known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(known)}."
        msg = f"There is no platform {name!r}; {hint}"
        raise InvalidQuantity(msg)
    return known[name]
