"""What a learner gives before and after a lab's figure: a guess, and why it was not that."""

from __future__ import annotations

import math
from typing import Any

from serverless_tax.book.teaching.checking import NotYet
from serverless_tax.ground.sentences import from_the_start

#: A reason takes as many.
_WORDS_OF_A_SENTENCE = 5


def guess(figure: Any, *what: Any) -> float:
    """Return a learner's guess; one has to be made before the figure is seen.

    Args:
        figure: the guess.
        what: what is guessed, in words; more than that is what stands behind a decimal comma.

    Raises:
        NotYet: if it is none, or none of anything that a lab measures.
    """
    from_the_start()
    *decimals, what = what
    if figure is None or figure is ...:
        msg = f"Nothing is there yet. Put your guess in its place: {what}."
        raise NotYet(msg)
    if isinstance(figure, bool) or not isinstance(figure, (int, float)):
        msg = f"{figure!r} is no number. Guess {what}."
        raise NotYet(msg)
    if decimals:
        msg = f"A decimal point is a point: {figure}.{decimals[0]}. Guess {what}."
        raise NotYet(msg)
    if not 0 <= figure < math.inf:
        msg = f"{figure} cannot be: nothing is less than 0, or without end. Guess {what}."
        raise NotYet(msg)
    print(f"My guess: {figure} {what}")
    return figure


def explain_the_gap(sentence: Any = "") -> None:
    """Take the sentence in which a learner explains why the figure is not the guess.

    An empty one stops nothing: a pair that catches up runs all cells above.
    """
    if len(str(sentence).split()) < _WORDS_OF_A_SENTENCE:
        print("Not yet. Write one sentence in the quotation marks: what did your guess leave out?")
    else:
        print("Kept. Read it to your neighbour, and hear theirs.")
