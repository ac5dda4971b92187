"""What every test shares: a pipe without a width, and prices that stand still."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from old_sheets import write_sheets

from serverless_tax.prices import price_sheet
from serverless_tax.prices.tokens import token_prices
from serverless_tax.widgets.scenario import page_prices

# A program for a fuzzer that is in no list of packages, and a calendar that is not this year's.
collect_ignore = ["audit/fuzz_lines.py", "support/a_year_ahead", "data"]


def pytest_collection() -> None:
    """Look for no garbage among what stays to the end: a fifth of what finding the tests takes."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for it from here on, and not in what was collected."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _no_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a pipe have no width, whatever runs the tests says of its own."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def old_sheets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every price sheet as it stood on the day of the tests' figures."""
    folder = tmp_path_factory.mktemp("old-sheets")
    write_sheets(folder)
    return folder


@pytest.fixture
def prices_of_the_day(old_sheets: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let no later price hold: for what asks for today's, as the pages of the book do."""
    monkeypatch.setenv("SERVERLESS_TAX_PRICES", str(old_sheets))
    _forget_prices()
    yield
    monkeypatch.undo()
    _forget_prices()


def _forget_prices() -> None:
    for kept in (price_sheet, token_prices, page_prices):
        kept.cache_clear()
