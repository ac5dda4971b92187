"""The local cloud that the labs run on, and the model provider; Linux only.

The cloud meters and does not price: no file here imports a price or a rule. What runs processes is
loaded when it is asked for: a replay, and the simulated cloud, do without it.
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
_WHERE = {
    "LocalCloud": "local",
    "Provider": "model.provider",
    "Reading": "function.logbook",
    "Target": "lab.target",
    "open_target": "lab.target",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for."""
    if name not in _WHERE:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
