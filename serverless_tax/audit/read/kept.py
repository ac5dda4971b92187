"""What an account has answered already, kept in a file: a scan that was paid for is not lost.

An audit of many log groups asks query after query. Each answer is written as it comes, with what
was asked; who is interrupted names the same file again, and only the rest is asked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from serverless_tax.ground.files import write_whole
from serverless_tax.ground.units import InvalidQuantity

Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedGroups:
    """What was asked: log groups as they were named, where, of how many days, up to when.

    ``end_s`` is in seconds since 1970, and the only part that is taken from the file.
    """

    words: list[str]
    region: str
    days: float
    end_s: int


@dataclass(slots=True)
class KeptAnswers:
    """The answers so far, in memory, and in a file if there is one."""

    asked: AskedGroups
    path: Path | None = None
    rows: dict[str, Rows] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: AskedGroups, path: Path | None) -> KeptAnswers:
        """Return the answers in a file, if it has some to the same question.

        Raises:
            InvalidQuantity: if it is another file, or its answers are to something else.
        """
        if path is None or not path.exists():
            return cls(asked, path)
        try:
            said = json.loads(path.read_text("utf-8"))
            before, rows = AskedGroups(**said["asked"]), dict(said["rows"])
        except (OSError, ValueError, KeyError, TypeError):
            msg = f"{path} holds no answers of an audit; name a new file, or that of a run before."
            raise InvalidQuantity(msg) from None
        if (before.words, before.region, before.days) != (asked.words, asked.region, asked.days):
            msg = (
                f"{path} is of {', '.join(before.words)} in {before.region} over {before.days:g}"
                " days; ask the same again, or name a new file."
            )
            raise InvalidQuantity(msg)
        return cls(before, path, rows)

    def get(self, query: str, groups: Sequence[str]) -> Rows | None:
        """Return the rows that a query of these groups returned, or None if it was not asked."""
        return self.rows.get(_key(query, groups))

    def put(self, query: str, groups: Sequence[str], rows: Rows) -> None:
        """Keep the rows that a query returned.

        Raises:
            InvalidQuantity: if the file cannot be written.
        """
        self.rows[_key(query, groups)] = rows
        if self.path:
            said: dict[str, Any] = {"asked": asdict(self.asked), "rows": self.rows}
            write_whole(self.path, json.dumps(said))


def _key(query: str, groups: Sequence[str]) -> str:
    return f"{query}: {' '.join(groups)}"
