"""Your own receipt: numbers typed, the advice on them, and a picture of what stands there."""

from __future__ import annotations

import base64
import json
import re

import pytest
from hands import open_widget
from playwright.sync_api import Locator, Page, expect

from serverless_tax import Facts, Workload, advise, bill
from serverless_tax.cli.app import run
from serverless_tax.ground.show import show
from serverless_tax.ground.units import InvalidQuantity
from serverless_tax.widgets.page_request import page_day

PAGE = "book/6-your-own-bill.html"
#: Whether a picture of the file has the pixels of the receipt as it stands on the page.
SAME = """async ([receipt, file]) => {
  const pixels = async (address, wide, high) => {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: wide, height: high });
    canvas.getContext('2d').drawImage(picture, 0, 0, wide, high);
    return [picture, canvas.getContext('2d').getImageData(0, 0, wide, high).data];
  };
  const [kept] = await pixels(file, 1, 1);
  const [wide, high] = [kept.width, kept.height];
  const text = new XMLSerializer().serializeToString(receipt);
  const [, there] = await pixels(`data:image/svg+xml,${encodeURIComponent(text)}`, wide, high);
  const [, here] = await pixels(file, wide, high);
  return [there.length === here.length && there.every((one, k) => one === here[k]),
    new Set(here).size > 8, wide / high];
}"""


@pytest.fixture
def receipt(still_page: Page, site: str) -> Locator:
    """The figure on its page."""
    return open_widget(still_page, f"{site}/{PAGE}", "slip")


def put(receipt: Locator, **numbers: str) -> None:
    """Type numbers into the boxes of these names."""
    for name, text in numbers.items():
        box = receipt.get_by_label(name.replace("_", " "), exact=True)
        box.fill(text)
        box.press("Tab")


def paper(receipt: Locator) -> Locator:
    """The receipt itself; its name has every line of it."""
    return receipt.get_by_role("img")


def test_typed_numbers_make_a_receipt_and_one_thing_to_do(
    receipt: Locator, capsys: pytest.CaptureFixture[str]
) -> None:
    """The dollars are the bill's, the sentence the advisor's; the command gives the same answer."""
    put(receipt, Requests_a_month="2,000,000", Memory="1.5 GB", Peak_memory="300")
    put(receipt, Wait_for_the_model="9 s", CPU_time="40 ms")
    w = Workload(
        requests_per_month=2e6,
        memory_mb=1536,
        peak_memory_mb=300,
        cpu_ms=40,
        streaming_ms=9000,
        cpu_ms_per_output_token=0,
    )
    month = bill("aws-lambda", w, on=page_day())
    for part in (month.total, month.waiting, month.fees):
        expect(paper(receipt)).to_have_accessible_name(re.compile(re.escape(show(part, "usd"))))
    advice = advise(Facts.stated(w), on=page_day())
    expect(receipt.locator(".st-advice")).to_have_text(advice.sentence)
    ends = re.compile(f"{re.escape(advice.sentence)}$")
    expect(paper(receipt)).to_have_accessible_name(ends)
    assert "Other waits" not in str(paper(receipt).get_attribute("aria-label"))
    command = receipt.locator("code")
    expect(command).to_contain_text("receive=40ms")  # the last of what was typed
    link = command.inner_text().split("'")[1]
    assert run(["decide", "--scenario", link, "--on", page_day().isoformat(), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sentence"] == advice.sentence


def test_what_is_unknown_is_asked_for(receipt: Locator) -> None:
    """An empty box is unknown: on the receipt, in the link, and in the advice, which is a range."""
    put(receipt, Peak_memory="", Requests_a_month="")
    advice = receipt.locator(".st-advice")
    expect(advice).to_contain_text("First find out")
    million = bill(
        "aws-lambda", Workload.preset("article").replace(requests_per_month=1e6), on=page_day()
    )
    expect(receipt.locator("figcaption")).to_have_text(
        f"AWS Lambda takes {show(million.total, 'usd')} for a million requests,"
        f" {show(million.waiting, 'usd')} of that for waiting."
    )
    expect(paper(receipt)).to_have_accessible_name(re.compile("Requests a month unknown"))
    expect(paper(receipt)).to_have_accessible_name(re.compile("Peak memory unknown .*A million"))
    expect(receipt.locator("code")).to_contain_text("peak=0MB")
    put(receipt, CPU_time="")
    expect(paper(receipt)).to_have_accessible_name(re.compile("CPU time unknown"))
    expect(paper(receipt)).to_have_accessible_name(re.compile("A million unknown First find out"))
    expect(paper(receipt)).to_have_accessible_name(re.compile(r"Fees \$0\.20 Work unknown"))
    expect(advice).to_contain_text("Without it no dollars can be told.")
    expect(receipt.locator("figcaption")).to_contain_text("No bill follows from these numbers.")
    expect(receipt.locator("code")).to_contain_text("receive=unknown")


def test_a_peak_above_the_memory_makes_no_bill(receipt: Locator) -> None:
    """The sentence is the package's, which refuses it too; nothing is promised for later."""
    put(receipt, Peak_memory="2000", Wait_for_the_model="1m30s")
    w = Workload.preset("article").replace(peak_memory_mb=2000)
    with pytest.raises(InvalidQuantity) as refused:
        Facts.stated(w)
    expect(receipt.locator(".st-advice")).to_have_text(str(refused.value))
    expect(receipt.locator("figcaption")).to_contain_text("No bill follows from these numbers.")
    put(receipt, Peak_memory="900")
    expect(receipt.get_by_label("Wait for the model", exact=True)).to_have_value("90,000 ms")
    expect(receipt.locator("figcaption")).to_contain_text("a month for it")


def test_the_bar_of_the_receipt_is_drawn_for_one_bill_alone(receipt: Locator) -> None:
    """A pasted line has no CPU time: from all work to all waiting is no shape to draw."""
    bar = receipt.locator("svg.st-paper > rect")
    expect(bar).to_have_count(3)
    put(receipt, Peak_memory="")  # the advice is a range, and the month is not
    expect(bar).to_have_count(3)
    line = "Duration: 4856 ms Billed Duration: 4856 ms Memory Size: 1024 MB Max Memory Used: 96 MB"
    receipt.page.locator("textarea").first.fill(f"REPORT RequestId: 8f5e2a {line}")
    receipt.page.get_by_role("button", name="Put it on the receipt").click()
    expect(paper(receipt)).to_have_accessible_name(re.compile("Work .* to .* Waiting .* to "))
    expect(bar).to_have_count(0)
    put(receipt, CPU_time="")
    expect(bar).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "typed", "kept", "high"),
    [
        ("Memory", "plenty", "1,024 MB", "128 MB to 10,240 MB"),
        ("Memory", "333.3", "1,024 MB", "128 MB to 10,240 MB"),
        ("Requests a month", "-5", "10,000,000", "0 to 1,000,000,000"),
        ("Requests a month", "−5", "10,000,000", "0 to 1,000,000,000"),
        ("CPU time", "5 parsecs", "5.5 ms", "0 ms to 900,000 ms"),
    ],
)
def test_what_is_no_number_is_refused_in_a_sentence(
    receipt: Locator, name: str, typed: str, kept: str, high: str
) -> None:
    """Where a reader sees it; the last good value stays, in its box and on the receipt."""
    before = paper(receipt).get_attribute("aria-label")
    put(receipt, **{name.replace(" ", "_"): typed})
    kind = "whole number" if name == "Memory" else "number"
    said = f"{name}: “{typed}” is not a {kind} from {high}."
    expect(receipt.get_by_role("status").filter(has_text=said)).to_be_visible()
    expect(receipt.get_by_label(name, exact=True)).to_have_value(kept)
    assert paper(receipt).get_attribute("aria-label") == before
    put(receipt, **{name.replace(" ", "_"): "512"})
    expect(receipt.get_by_text(said)).to_have_count(0)


@pytest.mark.parametrize("leave", ["Tab", "Enter", "elsewhere"])
@pytest.mark.parametrize("typed", ["", "   ", "unknown", "0"])
def test_an_empty_box_is_unknown_however_it_is_left(
    receipt: Locator, typed: str, leave: str
) -> None:
    """By a key or by a click; blanks, the word and a month of no requests are unknown too."""
    box = receipt.get_by_label("Requests a month", exact=True)
    box.fill(typed)
    if leave == "elsewhere":
        receipt.locator("figcaption").click()
    else:
        box.press(leave)
    expect(paper(receipt)).to_have_accessible_name(re.compile("Requests a month unknown"))
    expect(box).to_have_value("")
    expect(receipt.locator(".st-advice")).to_contain_text("First find out")


def test_a_line_of_the_receipt_ends_between_no_number_and_its_unit(receipt: Locator) -> None:
    """A function that is stopped after 900 s stands there with its unit."""
    put(receipt, Wait_for_the_model="15 min")
    lines = receipt.locator("svg.st-paper text").all_text_contents()
    assert any("900 s;" in line for line in lines), lines
    assert not [line for line in lines if re.search(r"\d$", line) and "a function" in line]


def test_the_picture_is_the_receipt_that_stands_there(receipt: Locator) -> None:
    """Pixel by pixel, before and after a change; one state's picture is not another's."""

    def kept() -> str:
        with receipt.page.expect_download() as waited:
            receipt.get_by_role("button", name="Save the picture").click()
        assert waited.value.suggested_filename == "receipt.png"
        written = base64.b64encode(waited.value.path().read_bytes())
        return f"data:image/png;base64,{written.decode()}"

    def same(file: str) -> list[object]:
        element = receipt.locator("svg.st-paper").element_handle()
        found: list[object] = receipt.page.evaluate(SAME, [element, file])
        return found

    first = kept()
    assert same(first)[:2] == [True, True]
    put(receipt, Requests_a_month="2000000")
    assert same(first)[0] is False
    assert same(kept())[:2] == [True, True]
