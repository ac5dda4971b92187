"""The lines of a text that arrives in pieces: those it has, and those that its documents carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from serverless_tax.audit.read.documents import Documents
from serverless_tax.audit.read.envelope import line_of, lines_of
from serverless_tax.audit.read.where import Where


class TextLines:
    """A text, by the label that errors name it with."""

    def __init__(self, label: str) -> None:
        self._documents = Documents(label)
        self._places: set[Where] = set()

    @property
    def waits(self) -> bool:
        """Whether what has been read ends within something."""
        return self._documents.waits

    def read(self, text: str) -> Iterator[str]:
        """Yield the lines of another piece, as far as they are whole."""
        return self._said(self._documents.add(text))

    def end(self) -> Iterator[str]:
        """Yield what is left.

        Raises:
            InvalidQuantity: if the text ends within a document.
        """
        return self._said(self._documents.end())

    def _said(self, values: Iterable[tuple[Any, Where]]) -> Iterator[str]:
        for value, where in values:
            if isinstance(value, str):
                yield value
                continue
            for place, text in lines_of(value, where):
                here = Where("", place.function, place.region, "")
                if here.region and here not in self._places:
                    self._places.add(here)
                    arn = f"arn:aws:lambda:{here.region}::runtime:"
                    yield line_of(place, f"INIT_START Runtime Version ARN: {arn}")
                yield line_of(place, text)
