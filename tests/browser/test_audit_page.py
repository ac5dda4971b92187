"""The audit's page on a phone: what to do first, names in whole words, and an end in sight."""

from __future__ import annotations

from pathlib import Path

from audit_logs import line, numbered
from playwright.sync_api import Page

from serverless_tax.cli.app import run

NAMES = [f"team-payments-production-service-{k:02d}-handler" for k in range(40)]


def test_a_phone_shows_a_report_of_forty_functions(page: Page, tmp_path: Path) -> None:
    """A summary within the first screen, six screens in all, no name cut into letters."""
    lines = [
        f"2026-10-{day:02d}T12:00:00.000Z /aws/lambda/{name} 2026/10/01/[$LATEST]4f0c"
        f" {line('500000.00')}"
        for day in range(1, 12)
        for name in NAMES
    ]  # fmt: skip
    (tmp_path / "a.log").write_text(numbered(lines))
    report = tmp_path / "a.html"
    words = ["audit", str(tmp_path / "a.log"), "--hour-usd", "0", "--html", str(report)]
    assert run(words) == 0
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(report.as_uri())
    size = page.evaluate(
        "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
    )
    assert size[0] < 6 * 844
    assert size[1] == 390
    tables = page.locator(".wide:has(table)")
    assert tables.count() == 2
    page.locator("summary", has_text="All functions").click()
    over = tables.evaluate_all("all => all.map((one) => one.scrollWidth - one.clientWidth)")
    assert over == [0, 0]
    head = page.locator("td").first.evaluate("one => getComputedStyle(one, '::before').content")
    assert head == '"Saves a month: "'
    first = page.locator("p.first").last.bounding_box()
    assert first is not None
    assert first["y"] + first["height"] < 844
    rows = page.locator("tbody th").evaluate_all("all => all.map((one) => one.offsetHeight)")
    assert max(rows) < 150  # a letter a line was over 800
    bars = page.locator("svg text").evaluate_all("all => all.map((one) => one.textContent)")
    named = [text for text in bars if "…" in text]
    assert len(named) == len(set(named)) == 20  # cut in the middle: the end tells them apart
