"""Recorded answers of the price list served over HTTP, and sheets to write to."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from old_sheets import as_of

from serverless_tax.prices import aws_list, price_sheet, shipped_path, tokens

ANSWERS = Path(__file__).parents[1] / "data" / "price-list"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Serve a copy of the recorded answers in the place of the price list."""
    folder = tmp_path / "answers"
    shutil.copytree(ANSWERS, folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    port = server.server_address[1]
    monkeypatch.setattr(aws_list, "ADDRESS", f"http://127.0.0.1:{port}/{{offer}}.{{region}}.json")
    yield folder
    server.shutdown()
    server.server_close()
    thread.join()


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
