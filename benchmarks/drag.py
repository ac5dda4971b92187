"""How long a drag takes to show: from the pointer's event to the painted frame, widget by widget.

Each widget is dragged where it stands in the built book: plain, with the CPU slowed four times as
on a phone, and plain on a machine that does other things too. An empty frame is the same measured
where nothing happens: only the ratio to it travels between machines.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from page_weight import BOOK, find_chromium, pages_of_the_book, served
from playwright.sync_api import CDPSession, Locator, Page, sync_playwright

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


@dataclass(frozen=True, slots=True)
class Drag:
    """The 95th percentile of the steps of a drag, in milliseconds, and that of an empty frame."""

    p95_ms: float
    empty_ms: float

    def __str__(self) -> str:
        """Return the time, and how many empty frames it is."""
        return f"{self.p95_ms:5.1f} ms {self.p95_ms / self.empty_ms:5.1f}x"


def widgets() -> dict[str, str]:
    """Return the page on which each kind of widget first stands, by its kind."""
    found: dict[str, str] = {}
    for name in pages_of_the_book():
        parts = (BOOK / name).read_text("utf-8").split('data-kind="')[1:]
        for part in parts:
            found.setdefault(part.partition('"')[0], name)
    return found


def zigzag() -> Iterator[int]:
    """Yield how far each step of a drag is from its start, in pixels: there and back."""
    for k in range(1, STEPS + 1):
        along = k * STRIDE_PX % (4 * REACH_PX)
        yield abs((along + REACH_PX) % (4 * REACH_PX) - 2 * REACH_PX) - REACH_PX


def p95_ms(page: Page, x: float, y: float) -> float:
    """Move the pointer back and forth around a place; return the 95th percentile of its frames."""
    page.evaluate("window.drags.length = 0")
    for distance in zigzag():
        page.mouse.move(x + distance, y + distance / 2)
    page.wait_for_function(f"window.drags.length >= {STEPS // 2}")  # some share a frame
    drags: list[float] = page.evaluate("window.drags")
    return statistics.quantiles(drags, n=20)[-1]


def handle_of(page: Page, widget: Locator) -> Locator | None:
    """Return what moves a widget: its first grip, else the first number that can be set, if any."""
    for found in (widget.locator(GRIP), widget.locator(KNOB), page.locator(KNOB)):
        if found.count():
            return found.first
    return None


@contextmanager
def busy_core() -> Iterator[None]:
    """Keep another core busy for a while."""
    with subprocess.Popen([sys.executable, "-c", BUSY]) as other:
        yield
        other.kill()


def dragged(page: Page, widget: Locator, grip: Locator) -> Drag:
    """Drag what moves the widget, after the same with nothing under the pointer."""
    widget.scroll_into_view_if_needed()
    grip.scroll_into_view_if_needed()
    empty_ms = p95_ms(page, REACH_PX, REACH_PX)
    box = grip.bounding_box()
    if box is None:
        raise SystemExit("drag: the widget shows no grip: look at its page")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    took_ms = p95_ms(page, x, y)
    page.mouse.up()
    return Drag(p95_ms=took_ms, empty_ms=empty_ms)


def slowed(session: CDPSession, times: int) -> None:
    """Let the page's CPU run so many times slower."""
    session.send("Emulation.setCPUThrottlingRate", {"rate": times})


def main() -> None:
    """Print a line a widget: plain, slowed, and beside another program."""
    found, chromium = widgets(), find_chromium()
    if not found or chromium is None:
        raise SystemExit("drag: needs the built book (make book) and a Chromium")
    print(
        f"drag to paint, 95th percentile of {STEPS} steps (and how many empty frames it is):"
        f" plain, target < {TARGET_MS} ms; CPU {SLOWER}x slower, target < {SLOWED_TARGET_MS} ms;"
        " plain while another program keeps a core busy"
    )
    with served() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium))
        for kind, name in found.items():
            context = browser.new_context(reduced_motion="reduce", viewport=VIEWPORT)
            page = context.new_page()
            page.add_init_script(PROBE)
            page.goto(f"{site}/{name}")
            widget = page.locator(f"st-widget[data-kind={kind}][data-ready]").first
            widget.wait_for()
            grip = handle_of(page, widget)
            if grip is None:
                print(f"drag: {kind:10} has nothing to drag")
                context.close()
                continue
            plain = dragged(page, widget, grip)
            with busy_core():
                beside = dragged(page, widget, grip)
            slowed(context.new_cdp_session(page), SLOWER)
            slow = dragged(page, widget, grip)
            missed = plain.p95_ms >= TARGET_MS or slow.p95_ms >= SLOWED_TARGET_MS
            print(f"drag: {kind:10} {plain}   {slow}   {beside}{'   missed' if missed else ''}")
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
