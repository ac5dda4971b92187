"""Words that are found together stand where they are looked for one by one, wherever that is."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from serverless_tax.audit.read.many_words import ManyWords

WORDS = (
    b"REPORT",
    b'Data":',
    b"platform.re",
    b"platform.init",
    b"\n0000020 ",
    b"1f8b0800",
    b"H4sI",
)
THEN = {b"H4sI": b"ABCDEFGH"}
#: What stands behind the last word, as it does in a block.
ROOM = b"\n" * 8


def found(text: bytes) -> dict[bytes, list[int]]:
    """Where each word stands that is found, and those alone that are followed as they should be."""
    places = {word: at.tolist() for word, at in ManyWords(WORDS, THEN).found(text)}
    begun = [
        at
        for at in places[b"H4sI"]
        if text[at + 4] in THEN[b"H4sI"] and bytes([text[at + 5]]).isalnum()
    ]
    return places | {b"H4sI": begun}


def one_by_one(text: bytes) -> dict[bytes, list[int]]:
    """Where a search for each says that it stands."""
    behind = {word: b"[%s][0-9A-Za-z]" % then for word, then in THEN.items()}
    return {
        word: [
            one.start()
            for one in re.finditer(b"(?=%s%s)" % (re.escape(word), behind.get(word, b"")), text)
        ]
        for word in WORDS
    }


@pytest.mark.parametrize("seed", range(40))
def test_every_word_is_found_where_it_stands(seed: int) -> None:
    """Words, parts of them and signs beside them, in any place to each other."""
    draw = random.Random(seed)  # noqa: S311 - texts to try, no secrets
    pieces = [
        draw.choice(
            [
                draw.choice(WORDS),
                draw.choice(WORDS)[: draw.randint(1, 6)],
                bytes([draw.randrange(256)]),
            ]
        )
        for _ in range(300)
    ]
    text = b"".join(pieces) + ROOM
    assert found(text) == one_by_one(text)


@pytest.mark.parametrize("before", range(9))
def test_nothing_is_missed_across_the_steps_of_a_large_text(before: int) -> None:
    """A block is looked at in steps, between which a word may stand."""
    step = 1 << 17
    text = bytearray(b"-" * (3 * step) + ROOM)
    for at in (0, step - before, 2 * step - before):
        text[at : at + 6] = b"REPORT"
    assert found(bytes(text))[b"REPORT"] == [0, step - before, 2 * step - before]


def test_a_text_without_words_has_none() -> None:
    """No text at all has none either."""
    assert not any(found(ROOM).values())
    assert all(
        isinstance(at, np.ndarray) and not len(at) for _, at in ManyWords(WORDS, THEN).found(b"")
    )
