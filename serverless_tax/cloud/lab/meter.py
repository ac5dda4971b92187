"""The live meter of the labs: each invocation's bill, and the CPU that AWS's log does not show.

It is an ipywidgets display that follows the local cloud's readings while a notebook runs.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.child import EndedError
from serverless_tax.cloud.simulated.cloud import SimulatedCloud
from serverless_tax.ground.colours import CPU, WAITING
from serverless_tax.ground.html import Markup, Piece, Table, joined, tag
from serverless_tax.ground.show import many

try:
    import ipywidgets
except ImportError as error:
    msg = 'The live meter needs ipywidgets: install it with `pip install "serverless-tax[labs]"`.'
    raise ImportError(msg) from error

if TYPE_CHECKING:
    from serverless_tax.cloud.function.logbook import Reading
    from serverless_tax.cloud.lab.target import Target
    from serverless_tax.cloud.local import LocalCloud

LOOK_S = 0.25
SHOWN = 6
_HATCH = f"repeating-linear-gradient(45deg,{WAITING} 0 4px,#fff8 4px 6px),{WAITING}"
#: The table's class, and how it looks: a notebook has no style sheet of the book. At 800 pixels an
#: output is 368 wide: a long name is broken, and the bar is short.
_KIND = "st-live-meter"
_STYLE = (
    f".{_KIND} caption{{position:absolute;clip-path:inset(50%)}}"  # for a screen reader
    f".{_KIND} table{{font-variant-numeric:tabular-nums}}"
    f".{_KIND} :is(th,td){{padding:0 .35em;text-align:left;overflow-wrap:anywhere}}"
    f".{_KIND} tbody th{{font-weight:400}}"
)
_STILL = tag(
    "p",
    "While the lab runs, a live meter stands here: for each invocation what it was billed, how long"
    " its CPU was busy, how long it had been frozen before, and its memory.",
    class_="st-plain",
).html


class LiveMeter(ipywidgets.HTML):  # type: ignore[misc]
    """A table of the last invocations and the sum of all, renewed four times a second.

    When the cloud is closed, the meter stops and keeps its last table.

    Args:
        cloud: the source of the readings.
    """

    def __init__(self, cloud: LocalCloud | SimulatedCloud) -> None:
        super().__init__(value=table([]))
        self._cloud = cloud
        if isinstance(cloud, SimulatedCloud):  # it says itself when one has ended
            cloud.listeners.append(self._show)
            return
        self._thread = threading.Thread(target=self._follow, name="live-meter", daemon=True)
        self._ended = threading.Event()
        self._thread.start()

    def stop(self) -> None:
        """Stop the meter; may be called twice."""
        if isinstance(self._cloud, SimulatedCloud):
            return
        self._ended.set()
        self._thread.join()

    def _show(self) -> None:
        if isinstance(self._cloud, SimulatedCloud):
            self.value = table(self._cloud.shown)

    def _follow(self) -> None:
        before = ""
        while not self._ended.is_set():
            is_last = self._cloud.closed
            try:
                readings = self._cloud.readings()
            except (OSError, EndedError):  # the cloud is closed and its folder gone
                return
            shown = table(readings)
            if shown != before:
                self.value = before = shown
            if is_last:
                return
            self._ended.wait(LOOK_S)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Describe the meter on a page without a kernel."""
        bundle = super()._repr_mimebundle_(**options)
        return {**bundle, "text/plain": "LiveMeter", "text/html": _STILL}


def live_meter(target: Target) -> LiveMeter | None:
    """Show the target's invocations as they end, in a replay the recorded and the simulated."""
    return None if target.cloud is None else LiveMeter(target.cloud)


def table(readings: list[Reading]) -> str:
    """Return the meter's HTML: the last invocations, newest first, and the sum of all."""
    if not readings:
        return tag("p", "No invocation yet.").html
    heads = ("function", "billed ms", "CPU ms", "CPU and waiting", "frozen before", "peak MB")
    billed_ms = sum(reading.billed_ms for reading in readings)
    cpu_ms = sum(reading.cpu_ms + reading.init_cpu_ms for reading in readings)
    share = cpu_ms / billed_ms if billed_ms else 0.0
    said = (
        f"{many(len(readings), 'invocation')}: {billed_ms:,} ms billed, {cpu_ms:,.1f} ms of CPU"
        f" ({share:.1%})"
    )
    shown = Table.of(
        "The last invocations, newest first",
        heads,
        map(_row, reversed(readings[-SHOWN:])),
        below=(tag("b", said),),
        kind=_KIND,
    )
    return joined(tag("style", Markup(_STYLE)), shown).html


def _row(reading: Reading) -> tuple[Piece, ...]:
    cpu_ms = reading.cpu_ms + reading.init_cpu_ms
    frozen = f"{reading.frozen_ms / 1000:,.1f} s" if reading.frozen_ms else "cold start"
    return (
        reading.function + (f" ({reading.status})" if reading.status else ""),
        f"{reading.billed_ms:,}",
        f"{cpu_ms:,.1f}",
        _bar(cpu_ms, reading.billed_ms),
        frozen,
        f"{reading.peak_memory_mb:,}",
    )


def _bar(cpu_ms: float, billed_ms: int) -> Markup:
    share = min(1.0, cpu_ms / billed_ms) if billed_ms else 0.0
    busy = tag("div", style=f"width:{share:.1%};height:100%;background:{CPU}")
    style = f"width:clamp(3em,25vw - 150px,12em);height:1em;background:{_HATCH}"
    return tag("div", busy, title=f"{share:.1%} CPU", style=style)
