"""Where the built book is, what pages it has, and a record of what a page did in a browser."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "_build" / "html"
# Already compressed: a server sends these as they are.
_PACKED = {".woff2", ".woff", ".png", ".jpg"}


def sent_bytes(suffix: str, body: bytes) -> int:
    """Return how many bytes a server sends of a file: compressed (gzip, level 6), unless it is."""
    return len(body) if suffix in _PACKED else len(gzip.compress(body, 6))


def pages_in_order() -> list[str]:
    """Return the pages' places in the repository, without their endings, as `_toc.yml` has them."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    return [toc["root"], *(one["file"] for part in toc["parts"] for one in part["chapters"])]


def pages_of_the_book() -> list[str]:
    """Return the pages' addresses below the book's root, whether they are built yet or not."""
    return sorted(f"{page}.html" for page in pages_in_order())


def page_with(kind: str) -> str:
    """Return the address of the first built page that shows a widget."""
    shown = f'<st-widget data-kind="{kind}"'
    addresses = (f"{page}.html" for page in pages_in_order())
    found = [each for each in addresses if shown in (BOOK / each).read_text("utf-8")]
    assert found, f"no page of the book shows the widget {kind!r}"
    return found[0]


@dataclass
class Record:
    """What a page asked for outside its origin, and the errors it logged."""

    outside_requests: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)

    def note_error(self, text: str) -> None:
        """Keep an error's text."""
        self.console_errors.append(text)
