"""How long a drag takes to show: from the pointer's event to the painted frame, widget by widget.

Each widget (or each that is named: ``drag.py market ladder``) is dragged on every page of the built
book where it stands: plain, with the CPU slowed four times as on a phone, and plain on a machine
that does other things too. An empty frame is the same measured where nothing happens: only the
ratio to it travels between machines. The paste box has no handle: the first number in its page's
text is dragged instead.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from page_weight import BOOK, find_chromium, pages_of_the_book, served
from playwright.sync_api import Browser, CDPSession, Locator, Page, sync_playwright

from serverless_tax.widgets.widget import kinds

STEPS = 200
STRIDE_PX = 3
REACH_PX = 60
SLOWER = 4
TARGET_MS, SLOWED_TARGET_MS = 16, 50
#: Tall, so that a number in the text and the widget that follows it are both in view.
VIEWPORT = {"width": 1280, "height": 1600}
#: What another program does meanwhile: it takes a core, and ends by itself if nothing ends it.
BUSY_S = 60
BUSY = f"import time; end = time.monotonic() + {BUSY_S}\nwhile time.monotonic() < end: pass"
#: Of a step, what is the page's own and not the machine's, whatever else that does.
OWN = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
GRIP, KNOB = ".st-grip[role=slider]", "st-input .st-knob"

#: Notes, for each move of the pointer, when it was first heard of and when its frame was painted.
#: A message posted from a frame arrives once that frame's styles, layout and paint are done.
PROBE = """
window.drags = [];
window.addEventListener('pointermove', () => {
  const began = performance.now();
  const painted = new MessageChannel();
  painted.port1.onmessage = () => window.drags.push(performance.now() - began);
  requestAnimationFrame(() => painted.port2.postMessage(0));
}, { capture: true });
"""
#: Notes whether the handle has moved since.
WATCHED = """handle => {
  window.hasMoved = false;
  const watch = new MutationObserver(() => { window.hasMoved = true; });
  watch.observe(handle, { attributeFilter: ['aria-valuenow'] });
}"""


@dataclass(frozen=True, slots=True)
class Drag:
    """The median and the 95th percentile of a drag's steps, and the latter of empty frames: ms.

    ``own_ms`` is the page's own part of a step: scripts, styles and layout, in CPU time.
    """

    p50_ms: float
    p95_ms: float
    empty_ms: float
    own_ms: float

    def __str__(self) -> str:
        """Return both times, and how many empty frames the longer is."""
        return f"{self.p50_ms:5.1f} {self.p95_ms:5.1f} ms {self.p95_ms / self.empty_ms:5.1f}x"


def stop(why: str) -> NoReturn:
    """End with a sentence."""
    raise SystemExit(f"drag: {why}")


def places(named: Sequence[str]) -> list[tuple[str, str]]:
    """Return each widget of those names, or each, with a page on which it stands."""
    known = kinds()
    unknown = [name for name in named if name not in known]
    if unknown:
        stop(f"there is no widget {unknown[0]!r}; there are {', '.join(known)}")
    pages = {
        name: (BOOK / name).read_text("utf-8")
        for name in pages_of_the_book()
        if (BOOK / name).exists()
    }
    found = []
    for kind in named or known:
        on = [name for name, html in pages.items() if f'<st-widget data-kind="{kind}"' in html]
        if not on:
            stop(f"the widget {kind!r} is on no page of the built book (make book)")
        found += [(kind, name) for name in on]
    return found


def zigzag() -> Iterator[int]:
    """Yield how far each step of a drag is from its start, in pixels: there and back."""
    for k in range(1, STEPS + 1):
        along = k * STRIDE_PX % (4 * REACH_PX)
        yield abs((along + REACH_PX) % (4 * REACH_PX) - 2 * REACH_PX) - REACH_PX


def frames_ms(page: Page, x: float, y: float) -> list[float]:
    """Move the pointer back and forth around a place; return how long its frames took."""
    page.evaluate("window.drags.length = 0")
    for distance in zigzag():
        page.mouse.move(x + distance, y + distance / 2)
    page.wait_for_function(f"window.drags.length >= {STEPS // 2}")  # some share a frame
    drags: list[float] = page.evaluate("window.drags")
    return drags


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


def handle_of(page: Page, widget: Locator) -> Locator | None:
    """Return what moves a widget: its first grip, else the first number in the text, if any."""
    for found in (widget.locator(GRIP), page.locator(KNOB)):
        if found.count():
            return found.first
    return None


@contextmanager
def busy_core() -> Iterator[None]:
    """Keep another core busy for a while."""
    with subprocess.Popen([sys.executable, "-c", BUSY]) as other:
        yield
        other.kill()


def own_ms(session: CDPSession) -> float:
    """Return the milliseconds of CPU time that the page has taken so far."""
    told = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return 1000 * sum(told[name] for name in OWN)


def dragged(page: Page, session: CDPSession, handle: Locator, where: str) -> Drag:
    """Drag what moves the widget, after the same with nothing under the pointer."""
    handle.scroll_into_view_if_needed()
    empty = frames_ms(page, REACH_PX, REACH_PX)
    box = handle.bounding_box()
    if box is None:
        stop(f"{where}: its handle is not shown")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    handle.evaluate(WATCHED)
    page.mouse.move(x, y)
    page.mouse.down()
    before_ms = own_ms(session)
    took = frames_ms(page, x, y)
    own = (own_ms(session) - before_ms) / len(took)
    page.mouse.up()
    if not page.evaluate("window.hasMoved"):
        stop(f"{where}: its handle was dragged and did not move")
    return Drag(p50_ms=statistics.median(took), p95_ms=p95(took), empty_ms=p95(empty), own_ms=own)


def measured(browser: Browser, site: str, kind: str, name: str) -> str:
    """Return a line on a widget of a page: plain, slowed, and beside another program."""
    context = browser.new_context(reduced_motion="reduce", viewport=VIEWPORT)
    page = context.new_page()
    page.add_init_script(PROBE)
    page.goto(f"{site}/{name}")
    widget = page.locator(f"st-widget[data-kind={kind}][data-ready]").first
    widget.wait_for()
    widget.scroll_into_view_if_needed()
    handle, where = handle_of(page, widget), f"{kind} on {name}"
    if handle is None:
        stop(f"{where}: there is nothing to drag")
    load = os.getloadavg()[0]
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    plain = dragged(page, session, handle, where)
    with busy_core():
        beside = dragged(page, session, handle, where)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    slow = dragged(page, session, handle, where)
    context.close()
    missed = plain.p95_ms >= TARGET_MS or slow.p95_ms >= SLOWED_TARGET_MS
    mark = "   missed" if missed else ""
    own = f"own {plain.own_ms:4.1f} ms"
    return f"{plain}   {slow}   {beside}   {own}   load {load:.1f}   {where}{mark}"


def main() -> None:
    """Print a line a place of a widget."""
    chromium = find_chromium(whole=True)
    if chromium is None:
        stop("needs a Chromium")
    found = places(sys.argv[1:])
    print(
        f"drag to paint, median and 95th percentile of {STEPS} steps (and how many empty frames"
        f" that is): plain, target < {TARGET_MS} ms; CPU {SLOWER}x slower, target <"
        f" {SLOWED_TARGET_MS} ms; plain while another program keeps a core busy; the page's own"
        " CPU time a step, plain: scripts, styles, layout; the machine's load average before"
    )
    with served(BOOK) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium))
        for kind, name in found:
            print(f"drag: {measured(browser, site, kind, name)}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
