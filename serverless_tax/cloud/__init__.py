"""The local cloud that the labs run on, and the model provider; Linux only.

The cloud meters and does not price: no file here imports a price or a rule. A recorded run is read
without it, so what runs it is loaded when the first of it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serverless_tax.cloud.function.logbook import Reading
    from serverless_tax.cloud.lab.target import Target, open_target
    from serverless_tax.cloud.local import LocalCloud
    from serverless_tax.cloud.model.provider import Provider

__all__ = ["LocalCloud", "Provider", "Reading", "Target", "open_target"]
_FROM = {
    "LocalCloud": "local",
    "Provider": "model.provider",
    "Reading": "function.logbook",
    "Target": "lab.target",
    "open_target": "lab.target",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for."""
    if name not in _FROM:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_FROM[name]}"), name)
