"""The helpers' cards as the tests hold them: by the fault that makes each one's words appear."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[2] / "book" / "teaching" / "cards.toml"


@dataclass(frozen=True, slots=True)
class CardError:
    """One error of a card."""

    lab: str
    fault: str
    sees: str

    def is_in(self, shown: str) -> bool:
        """Whether what a lab shows has its words, in a line."""
        pattern = ".*?".join(map(re.escape, self.sees.split("…")))
        return bool(re.search(pattern, re.sub(r"\x1b\[[\d;]*m", "", shown)))


def card_errors() -> Iterator[CardError]:
    """Yield the errors of all cards."""
    for card in tomllib.loads(FILE.read_text("utf-8"))["card"]:
        for error in card["error"]:
            yield CardError(card["lab"], error["fault"], error["sees"])


def card_error(fault: str, lab: int = 0) -> CardError | None:
    """Return the error that a fault makes in a lab; 0 is any. None if no card has it."""
    of = f"Lab {lab}" if lab else "Any lab"
    return next((one for one in card_errors() if (one.lab, one.fault) == (of, fault)), None)
