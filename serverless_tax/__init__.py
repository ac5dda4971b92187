"""What serverless platforms charge for while a request waits: usage, prices, bills, the tax.

>>> from serverless_tax import Workload, bill
>>> month = bill("aws-lambda", Workload.preset("article"))
>>> round(month.waiting / month.total, 2)
1.0
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serverless_tax.public import *  # noqa: F403
    from serverless_tax.public import __all__ as __all__

__version__ = "0.1.0"


def _public(name: str) -> Any:
    import serverless_tax.public  # noqa: PLC0415 - only once something is asked for

    return getattr(serverless_tax.public, name)


class _Package(ModuleType):
    """Loads what is public when the first of it is asked for: to say its version needs nothing."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__" or (not name.startswith("_") and name in _public("__all__")):
            return _public(name)
        msg = f"module {self.__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *_public("__all__")})


def _function(name: str) -> property:
    """Return what keeps a function in its place where a folder of the same name is imported."""

    def keep(_: _Package, value: object) -> None:
        if not isinstance(value, ModuleType):
            msg = f"{name} is a function of the package"
            raise TypeError(msg)

    return property(lambda _: _public(name), keep)


_Package.bill, _Package.platforms = _function("bill"), _function("platforms")  # type: ignore[attr-defined]
sys.modules[__name__].__class__ = _Package
