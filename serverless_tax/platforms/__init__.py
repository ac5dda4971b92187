"""The platforms: one rule file each, and one price sheet each beside it.

A rule is a plain function ``usage(w) -> {dimension: quantity}`` of additions, multiplications,
ceilings, minima and maxima. It never branches on a value, so the same function runs on one
request, on ten million at once, and under the tracer that turns it into JavaScript.

A module of this folder that has a ``PLATFORM`` is a platform; nothing else has to name it. So is a
module of another package that is named there under the entry points ``serverless_tax.platforms``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from serverless_tax.ground.checks import meant
from serverless_tax.ground.plugged_in import plugged_in
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.platforms.base import Platform

__all__ = ["Platform", "platform", "platforms"]


@cache
def platforms() -> MappingProxyType[str, Platform]:
    """Return everything that can be priced, by id: what serves first, then what leads to it.

    >>> platforms()["aws-lambda"].name
    'AWS Lambda'

    Raises:
        InvalidQuantity: if a package that adds a platform is broken, or takes an id that is taken.
    """
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found = {m.PLATFORM.id: m.PLATFORM for m in modules if hasattr(m, "PLATFORM")}
    for entry in plugged_in():
        added = _added(entry)
        if added.id in found:
            msg = f"{_named(entry)} adds the platform {added.id!r}, which there is already."
            raise InvalidQuantity(msg)
        found[added.id] = added
    order = sorted(found.values(), key=lambda p: (not p.serves, p.id))
    return MappingProxyType({p.id: p for p in order})


def _added(entry: EntryPoint) -> Platform:
    """Return the platform of another package's module."""
    try:
        found = getattr(import_module(entry.module), "PLATFORM", None)
    except Exception as error:  # whatever somebody else's module does while it is read
        msg = f"{_named(entry)} cannot be read: {type(error).__name__}: {error}."
        raise InvalidQuantity(msg) from error
    if not isinstance(found, Platform):
        msg = f"{_named(entry)} has no PLATFORM; expected one, made of {Platform.__module__}."
        raise InvalidQuantity(msg)
    id_ = entry.module.rpartition(".")[2].replace("_", "-")
    if found.id != id_:
        msg = f"{_named(entry)} has a platform {found.id!r}; expected {id_!r}, the module's name."
        raise InvalidQuantity(msg)
    return found


def _named(entry: EntryPoint) -> str:
    package = entry.dist.name if entry.dist else "a package"
    return f"The module {entry.module} of {package}"


def platform(name: Any) -> Platform:
    """Return one platform by its id.

    Raises:
        InvalidQuantity: if there is none of that id, with the nearest one or the list.
    """
    known = platforms()
    if not isinstance(name, str) or name not in known:
        msg = f"There is no platform {name!r}; {meant(name, known)}"
        raise InvalidQuantity(msg)
    return known[name]
