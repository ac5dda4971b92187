"""A row under a running cell that ticks while its function waits: seconds, dollars, then the CPU.

The kernel says what began, at which rate, and what ended; the seconds pass in the browser, so the
row moves while the kernel is busy with the call.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.display import display

from serverless_tax.cloud.child import EndedError
from serverless_tax.cloud.lab import RECORD
from serverless_tax.ground.colours import CPU, WAITING
from serverless_tax.prices import price_sheet

if TYPE_CHECKING:
    from serverless_tax.cloud.function.logbook import Begun, Reading
    from serverless_tax.cloud.local import LocalCloud

LOOK_S = 0.25
_STYLE = f"""
.st-ticker {{ font-variant-numeric: tabular-nums; padding: 2px 0; }}
.st-ticker p {{ margin: 2px 0; }}
.st-ticker [hidden] {{ display: none !important; }}
.st-ticker-bar {{ display: block; height: 8px; max-width: 100%; box-sizing: border-box;
  border: 1px solid currentColor; }}
.st-ticker-sum > .st-ticker-bar {{ width: 100%;
  background: repeating-linear-gradient(45deg, {WAITING} 0 4px, #fff8 4px 6px), {WAITING}; }}
.st-ticker-bar > span {{ display: block; height: 100%; background: {CPU}; }}
.st-ticker-row > .st-ticker-bar > span {{ display: none; }}
"""


class Ticker(anywidget.AnyWidget):
    """What the invocations of one cell cost, while they run and once they have ended.

    Args:
        cloud: where they run; what began before is left out.
    """

    _esm = files(__package__).joinpath("ticker.js").read_text("utf-8")
    _css = _STYLE
    now_ms = traitlets.Float(help="the kernel's clock when the row was made").tag(sync=True)
    began_ms = traitlets.Float(help="when the cell began").tag(sync=True)
    running: Any = traitlets.List(help="what runs, since when, USD a ms").tag(sync=True)
    ended = traitlets.Dict(help="how many have ended: billed ms, USD, ms of CPU").tag(sync=True)
    over = traitlets.Bool(help="whether the cell has ended").tag(sync=True)

    def __init__(self, cloud: LocalCloud) -> None:
        now_ms = 1000 * time.time()
        super().__init__(now_ms=now_ms, began_ms=now_ms, running=[], ended=_sum([], {}))
        self._cloud = cloud
        self._before = len(cloud.begun())
        self._usd_per_gb_s = _prices()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="ticker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look once more, and stand still."""
        self._stopped.set()
        self._thread.join()
        self._look()
        self.over = True

    def _follow(self) -> None:
        while not self._stopped.wait(LOOK_S):
            if not self._look():
                return

    def _look(self) -> bool:
        """Show what the cloud has done; return False once it is gone."""
        try:
            begun = self._cloud.begun()[self._before :]
            read = {one.request_id: one for one in self._cloud.readings()} if begun else {}
        except (OSError, EndedError):
            return False
        if self._cloud.closed:
            return False
        rates = {one.request_id: self._usd_per_ms(one) for one in begun}
        self.running = [
            {
                "name": one.function,
                "began_ms": 1000 * one.began_s,
                "usd_per_ms": rates[one.request_id],
            }
            for one in begun
            if one.request_id not in read
        ]
        self.ended = _sum([read[key] for key in rates if key in read], rates)
        return True

    def _usd_per_ms(self, one: Begun) -> float:
        return one.memory_mb / 1024 / 1000 * self._usd_per_gb_s[one.architecture]

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Describe the row where no front end draws it."""
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, "text/plain": "Ticker"}, metadata


def _sum(ended: list[Reading], usd_per_ms: dict[str, float]) -> dict[str, float]:
    return {
        "invocations": len(ended),
        "billed_ms": sum(one.billed_ms for one in ended),
        "usd": sum(one.billed_ms * usd_per_ms[one.request_id] for one in ended),
        "cpu_ms": sum(one.cpu_ms + one.init_cpu_ms for one in ended),
    }


def _prices() -> dict[str, float]:
    """Return today's USD for a GB-second, by what a function calls its architecture."""
    today = price_sheet("aws-lambda").on(datetime.now(UTC).date())
    named = (("x86_64", "x86"), ("arm64", "arm"))
    return {asked: today[f"duration_{chip}_gb_seconds"].tiers[0][1] for asked, chip in named}


@contextmanager
def ticking(target: Any) -> Iterator[None]:
    """Show the row while a block runs, where a target runs in a local cloud; else nothing.

    Nor does a run that is recorded or compared show it: it is not the same twice.
    """
    cloud = getattr(target, "cloud", None)
    if cloud is None or cloud.closed or RECORD in os.environ:
        yield
        return
    ticker = Ticker(cloud)
    display(ticker)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        ticker.stop()
