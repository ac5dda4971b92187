"""Recorded answers of the price list served over HTTP, and sheets to write to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from old_sheets import as_of
from served import served

from serverless_tax.prices import aws_list, price_sheet, shipped_path, tokens

ANSWERS = Path(__file__).parents[1] / "data" / "price-list"


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Serve a copy of the recorded answers in the place of the price list."""
    folder = tmp_path / "answers"
    shutil.copytree(ANSWERS, folder)
    with served(folder) as address:
        monkeypatch.setattr(aws_list, "ADDRESS", f"{address}/{{offer}}.{{region}}.json")
        yield folder


@pytest.fixture
def sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Copy the sheets as they were when the answers were recorded, and read and write there."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    for name in ("aws-lambda", "aws-lambda-provisioned", "aws-alb"):
        (folder / f"{name}.toml").write_text(as_of(shipped_path(name).read_text("utf-8")))
    monkeypatch.setenv("SERVERLESS_TAX_PRICES", str(folder))
    price_sheet.cache_clear()
    yield folder
    monkeypatch.undo()
    price_sheet.cache_clear()
    tokens.token_prices.cache_clear()
