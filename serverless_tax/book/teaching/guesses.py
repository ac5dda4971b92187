"""What a learner gives before and after a lab's figure: a guess, and why it was not that."""

from __future__ import annotations

from typing import Any

from serverless_tax.book.teaching.checking import NotYet
from serverless_tax.ground.sentences import from_the_start

#: A reason takes as many.
_WORDS_OF_A_SENTENCE = 5


def guess(figure: Any, what: str) -> float:
    """Return a learner's guess; one has to be made before the figure is seen."""
    from_the_start()
    if figure is None or figure is ...:
        msg = f"Nothing is there yet. Put your guess in its place: {what}."
        raise NotYet(msg)
    if isinstance(figure, bool) or not isinstance(figure, (int, float)):
        msg = f"{figure!r} is no number. Guess {what}."
        raise NotYet(msg)
    print(f"My guess: {figure} {what}")
    return figure


def explain_the_gap(sentence: str) -> None:
    """Take the sentence in which a learner explains why the figure is not the guess.

    An empty one stops nothing: a pair that catches up runs all cells above.
    """
    if len(sentence.split()) < _WORDS_OF_A_SENTENCE:
        print("Not yet. Write one sentence in the quotation marks: what did your guess leave out?")
    else:
        print("Kept. Read it to your neighbour, and hear theirs.")
