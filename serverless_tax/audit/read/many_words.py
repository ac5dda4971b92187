"""Where some words stand in a text, all of them found in one look.

Cut into pieces of four bytes, a text has one in each word, wherever that begins: one of four pieces
of its letters. So every piece is looked up in one table of those, and only what is in it is
compared with the words. How many words there are costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_letters, digits
from typing import NamedTuple

import numpy as np

from serverless_tax.audit.read.plain import Ints

_SIZE = 4
#: The table has a place for so many bits of a piece that is multiplied, which scatters them.
_BITS, _SCATTERS = np.uint32(32 - 17), np.uint32(0x165667B1)
_IN_BASE64 = f"{ascii_letters}{digits}+/-_\\".encode()
#: Pieces that are looked up in one step, so that the processor keeps them near.
_STEP = 1 << 15
#: What the table has for a piece of several words.
_SEVERAL = 255
_ANY_BYTE = bytes(range(256))


class _Cut(NamedTuple):
    """A piece of a word: where it begins in the word, and which bits of it are the word's."""

    at: int
    bits: np.uint32
    value: np.uint32

    def values(self, then: bytes) -> np.ndarray:
        """Return every value that it may have with what stands beside the word."""
        values = np.array([self.value], np.uint32)
        behind = [then or _ANY_BYTE, _IN_BASE64 if then else _ANY_BYTE]
        for k in range(_SIZE):
            if not int(self.bits) >> 8 * k & 0xFF:
                beside = _ANY_BYTE if self.at < 0 else behind.pop(0)
                signs = np.frombuffer(beside, np.uint8).astype(np.uint32)
                values = (values[:, None] | signs << np.uint32(8 * k)).ravel()
        return values


class ManyWords:
    """Words that are looked for together, up to a hundred, of six letters or more.

    Of a shorter one that begins base64 ``then`` says which signs follow it.
    """

    def __init__(self, words: Sequence[bytes], then: Mapping[bytes, bytes]) -> None:
        """Make the table: of each piece that a word may have it says the number of the word."""
        self.words, self.then = words, then
        self._pieces = [[*_pieces(word)] for word in words]
        self._table = np.zeros(1 << (32 - int(_BITS)), np.uint8)
        for number, (word, pieces) in enumerate(zip(words, self._pieces, strict=True), 1):
            values = [piece.values(then.get(word, b"")) for piece in pieces]
            places = np.unique(np.concatenate(values) * _SCATTERS >> _BITS)
            self._table[places] = np.where(self._table[places] == 0, number, _SEVERAL)

    def found(self, text: bytes) -> Iterator[tuple[bytes, Ints]]:
        """Yield each word, and where it stands in a text, from its beginning on."""
        pieces = np.frombuffer(text, "<u4", len(text) // _SIZE)
        places, values, numbers = map(np.concatenate, zip(*self._places(pieces), strict=True))
        order = np.argsort(numbers, kind="stable")
        places, values = places[order] * _SIZE, values[order]
        ends = np.searchsorted(numbers[order], np.arange(_SEVERAL + 1), "right")
        several = slice(ends[_SEVERAL - 1], None)
        for number, (word, some) in enumerate(zip(self.words, self._pieces, strict=True), 1):
            own = slice(ends[number - 1], ends[number])
            begins = [
                places[of][(values[of] & one.bits) == one.value] - one.at
                for of in (own, several)
                for one in some
            ]
            yield word, _whole(text, word, np.sort(np.concatenate(begins)))

    def _places(self, pieces: np.ndarray) -> Iterator[tuple[Ints, np.ndarray, np.ndarray]]:
        """Yield where pieces stand that are in the table, they, and what it says of them."""
        index, said = np.empty(_STEP, np.intp), np.empty(_STEP, np.uint8)
        for begin in range(0, max(len(pieces), 1), _STEP):
            step = pieces[begin : begin + _STEP]
            size = len(step)
            index[:size] = step * _SCATTERS >> _BITS
            self._table.take(index[:size], out=said[:size], mode="wrap")
            places = np.flatnonzero(said[:size] != 0)
            yield places + begin, step[places], said[places]


def _pieces(word: bytes) -> Iterator[_Cut]:
    """Yield four pieces of a word, one of which begins at a multiple of four wherever it stands.

    Those are taken that have no small letters alone, as the words of most lines have.
    """
    last = max(len(word) - 2 * _SIZE + 1, 0)
    begin = max(
        range(last + 1),
        key=lambda k: sum(_is_rare(word[at : at + _SIZE]) for at in range(k, k + _SIZE)),
    )
    for at in range(begin, begin + _SIZE):
        missing = max(at + _SIZE - len(word), 0)
        yield _piece(word, at - _SIZE if missing > max(_SIZE - at, 0) else at)


def _is_rare(piece: bytes) -> bool:
    return not (piece.isalpha() and piece.islower())


def _piece(word: bytes, at: int) -> _Cut:
    bits = value = 0
    for k in range(_SIZE):
        if 0 <= at + k < len(word):
            bits |= 0xFF << 8 * k
            value |= word[at + k] << 8 * k
    return _Cut(at, np.uint32(bits), np.uint32(value))


def _whole(text: bytes, word: bytes, begins: Ints) -> Ints:
    """Return those of some places at which a word stands."""
    begins = begins[(begins >= 0) & (begins <= len(text) - len(word))]
    every = np.ndarray((max(len(text) - len(word) + 1, 0),), f"S{len(word)}", text, strides=(1,))
    found: Ints = begins[every[begins] == word]
    return found
