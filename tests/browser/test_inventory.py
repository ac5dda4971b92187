"""The concept inventory on its pages: answered, saved without a name, read back as a gain."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from serverless_tax.book.teaching.inventory import LETTERS, load_inventory

TEACHING = Path(__file__).parents[2] / "book" / "teaching"
INVENTORY = load_inventory(TEACHING / "inventory.toml")
FORMS = {"before": "questions", "after": "questions-after"}


def answer(page: Page, choices: dict[str, int]) -> str:
    """Choose an answer of each item and save them; return the file's text."""
    for name, k in choices.items():
        page.locator(f"input[name='{name}']").nth(k).check()
    with page.expect_download() as found:
        page.get_by_role("button", name="Save my answers").click()
    return read(found.value)


def read(download: Download) -> str:
    """Return the text of a file that the page saved."""
    return Path(download.path()).read_bytes().decode()


def rights(form: str) -> dict[str, int]:
    """Return the right answer of each item."""
    return {item.name: getattr(item, form).right for item in INVENTORY.items}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_saves_what_was_chosen_and_no_name(page: Page, site: str, form: str) -> None:
    """Only once all are answered; only the form of after says what the answers mean."""
    page.goto(f"{site}/book/teaching/{FORMS[form]}.html")
    save = page.get_by_role("button", name="Save my answers")
    expect(save).to_be_disabled()
    expect(page.locator(".st-inventory-says")).to_have_text("0 of 13 answered.")
    expect(page.locator(".st-inventory-means:visible")).to_have_count(0)
    chosen = rights(form)
    first = next(iter(chosen))
    chosen[first] = (chosen[first] + 1) % 3
    text = answer(page, chosen)
    rows = [f"{form},{name},{LETTERS[k]}" for name, k in chosen.items()]
    assert text == "\r\n".join(["form,item,answer", *rows, ""])
    means = page.locator(".st-inventory-means:visible")
    if form == "before":
        expect(page.locator(".st-inventory-means")).to_have_count(0)
    else:
        expect(means).to_have_count(13)
        expect(means.first).to_contain_text("You may think that")
        expect(means.nth(1)).to_have_text("Right.")


def test_a_class_of_four_files_has_its_gain(page: Page, site: str, tmp_path: Path) -> None:
    """Two people, before and after: 13 of 26 right answers become 26, so all that was left."""
    page.goto(f"{site}/book/teaching/gain.html")
    files = []
    for form in FORMS:
        for person in range(2):
            rows = []
            for name, right in rights(form).items():
                wrong = form == "before" and person == 1
                rows.append(f"{form},{name},{LETTERS[(right + wrong) % 3 if wrong else right]}")
            file = tmp_path / f"{form}-{person}.csv"
            file.write_text("\r\n".join(["form,item,answer", *rows, ""]), "utf-8")
            files.append(file)
    stranger = tmp_path / "prices.csv"
    stranger.write_text("a,b,c\n1,2,3\n", "utf-8")
    page.locator("#gain-files").set_input_files([*files, stranger])
    says = page.locator(".st-gain-says")
    expect(says).to_contain_text(
        "50 % of the answers were right before and 100 % after, over 13 of 13 ideas:"
        " a gain of 100 % of what was left to learn."
    )
    expect(says).to_contain_text("Not read, for it holds no answers of this inventory: prices.csv.")
    expect(page.locator(".st-gain").first).to_have_text("100 %")


def test_counts_from_paper_have_a_gain_too(page: Page, site: str) -> None:
    """Twenty people: 8 right before and 14 after is half of what was left; 21 of 20 is refused."""
    page.goto(f"{site}/book/teaching/gain.html")
    people = page.locator(".st-gain-people input")
    people.nth(0).fill("20")
    people.nth(1).fill("20")
    one = page.locator("[data-item='memory']")
    one.locator("input").nth(0).fill("8")
    one.locator("input").nth(1).fill("14")
    expect(one.locator(".st-gain")).to_have_text("50 %")
    expect(page.locator(".st-gain-says")).to_contain_text("over 1 of 13 ideas: a gain of 50 %")
    one.locator("input").nth(1).fill("21")
    expect(page.locator(".st-gain-says")).to_contain_text("check the counts")
    one.locator("input").nth(0).fill("20")
    one.locator("input").nth(1).fill("20")
    expect(one.locator(".st-gain")).to_have_text("all knew it")


def test_feedback_is_saved_without_a_network_and_without_a_name(page: Page, site: str) -> None:
    """Choices and sentences, commas and quotation marks and all."""
    page.goto(f"{site}/book/teaching/feedback.html")
    page.context.set_offline(True)
    save = page.get_by_role("button", name="Save my answers")
    expect(save).to_be_disabled()
    for asked in page.locator("fieldset").all():
        asked.locator("input").first.check()
    page.locator("textarea[name='lost']").fill('At "Deploy", twice.\nThen not.')
    with page.expect_download() as found:
        save.click()
    page.context.set_offline(False)
    assert found.value.suggested_filename == "answers-feedback.csv"
    rows = list(csv.reader(read(found.value).splitlines(keepends=True)))
    assert rows[0] == ["form", "item", "answer"]
    assert ["feedback", "lost", 'At "Deploy", twice.\nThen not.'] in rows
    assert ["feedback", "pace", "Too slow"] in rows
    assert len(rows) == 1 + 5 + 3
