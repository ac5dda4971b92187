"""The book stays shorter than it was when its look was designed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import book_counts

THEN = json.loads(book_counts.RESULTS.read_text("utf-8"))["counts"][0]


@pytest.mark.parametrize("kind", ["words", "read_words", "listing_words", "tables"])
def test_the_book_is_shorter_than_before(kind: str) -> None:
    """All pages, the nine to read, the listings and the tables: what is added takes a place."""
    assert book_counts.count()[kind] < THEN[kind]
