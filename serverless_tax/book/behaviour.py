"""A row of the page of equivalence: what AWS documents, and what the local cloud does."""

from __future__ import annotations

from typing import Literal, NamedTuple

DOCS = "https://docs.aws.amazon.com/lambda/latest/dg/"


Answer = Literal["the same", "otherwise", "refused"]


class Behaviour(NamedTuple):
    """One row of the page.

    Attributes:
        what: the behaviour, in a few words.
        aws: what AWS documents.
        page: where, below `DOCS` unless it is a whole address.
        answer: the local cloud's.
        ours: what that means here.
        test: the test's file and name, below ``tests/cloud``.
    """

    what: str
    aws: str
    page: str
    answer: Answer
    ours: str
    test: str

    @property
    def address(self) -> str:
        """The source's whole address."""
        return self.page if self.page.startswith("https://") else DOCS + self.page
