"""A log pasted into the page: read there, told there, and never run."""

from __future__ import annotations

import re
from typing import Any

from hands import number, open_widget
from playwright.sync_api import Locator, Page, expect

from serverless_tax.audit.find.findings import findings
from serverless_tax.audit.sums.tally import Tally
from serverless_tax.ground.show import show
from serverless_tax.questions.sentence import SAYS
from serverless_tax.widgets.paste.words import sample_log

PAGE = "book/6-your-own-bill.html"
HOSTILE = (
    '<img src=x onerror="window.hit=1"><script>window.hit=1</script>REPORT RequestId:'
    " <b>1</b> Duration: 1 ms &lt;img src=x onerror=window.hit=1&gt; javascript:window.hit=1"
)


def box(page: Page, site: str) -> tuple[Locator, Locator]:
    """The widget, and the box to paste into."""
    widget = open_widget(page, f"{site}/{PAGE}", "paste")
    return widget, widget.get_by_label("Lines of your log")


def test_the_sample_says_what_the_audit_says(still_page: Page, site: str) -> None:
    """One button, and the dollars of these lines; another, and the box is empty again."""
    widget, pasted = box(still_page, site)
    widget.get_by_role("button", name="Load a sample").click()
    usd = findings(Tally.of("sample", sample_log().splitlines()), []).usd
    expect(number(widget, "for these lines")).to_have_text(show(usd, "usd"))
    widget.get_by_role("button", name="Clear").click()
    expect(pasted).to_have_value("")
    expect(widget.locator(".st-read section")).to_have_count(0)


def test_a_log_s_figures_can_be_put_on_the_receipt(still_page: Page, site: str) -> None:
    """Its memory and its peak; how many requests a month has is not in it, and is asked for."""
    widget, _ = box(still_page, site)
    widget.get_by_role("button", name="Load a sample").click()
    widget.get_by_role("button", name="Put it on the receipt above").click()
    receipt = still_page.locator("st-widget[data-kind=slip]")
    expect(receipt.get_by_label("Peak memory", exact=True).first).to_have_value("100 MB")
    expect(receipt.get_by_label("Requests a month", exact=True).first).to_have_value("")
    late = SAYS["late"]  # one of the seven timed out: one thing first, and then the others
    expect(receipt.locator(".st-advice")).to_have_text(late)
    expect(receipt.locator(".st-advice + p")).to_contain_text("Then find out how many requests")
    expect(receipt.get_by_role("img")).to_have_accessible_name(re.compile(f"{re.escape(late)}$"))
    # A mean has as many digits as a division leaves; the command has those that mean something.
    expect(receipt.locator("code")).to_have_text(re.compile(r"&wait=\d+(\.\d)?ms"))


def test_hostile_lines_are_text(still_page: Page, site: str, record: Any) -> None:
    """What cannot be read is shown without its tags, and nothing of it runs or is fetched."""
    widget, pasted = box(still_page, site)
    pasted.fill(HOSTILE)
    shown = widget.locator(".st-read pre")
    expect(shown).to_contain_text("RequestId: 1 Duration: 1 ms")
    expect(shown).to_contain_text("javascript:window.hit=1")
    assert widget.locator(".st-read img, .st-read script, .st-read b").count() == 0
    assert still_page.evaluate("window.hit") is None
    assert not record.outside_requests


def test_a_text_without_records_says_so(still_page: Page, site: str) -> None:
    """And what reads more; it does not look like a bill of nothing."""
    widget, pasted = box(still_page, site)
    pasted.fill("hello, world")
    said = [re.compile("^No REPORT line was found"), re.compile("serverless-tax audit FILE")]
    expect(widget.locator(".st-read p")).to_have_text(said)
    expect(widget.locator(".st-read .st-big")).to_have_count(0)
