"""The timeline of a request, as every rule reads it."""

from __future__ import annotations

import numpy as np

from serverless_tax.ground.request import Quantity, Request


def busy_ms(w: Request, stretch: Quantity = 1) -> Quantity:
    """CPU time of a request: its serial work, and passing its tokens on."""
    return w.cpu_ms * stretch + forwarding_ms(w, stretch)


def forwarding_ms(w: Request, stretch: Quantity = 1) -> Quantity:
    """CPU time of passing the tokens on, spread over the streaming step."""
    return w.output_tokens * w.cpu_ms_per_output_token * stretch


def wall_ms(w: Request, stretch: Quantity = 1, *, less_ms: Quantity = 0) -> Quantity:
    """Wall clock of a request whose CPU work takes ``stretch`` times as long as was measured.

    The streaming step lasts as long as the model takes, or as long as passing its tokens on
    takes, whichever is longer. ``less_ms`` is taken off, see :data:`HAIR_MS`.
    """
    serial_ms = w.cpu_ms * stretch - less_ms
    return serial_ms + np.maximum(w.streaming_ms, forwarding_ms(w, stretch)) + w.wait_ms


#: What is taken off a length before it is rounded up to whole milliseconds. Sums of decimal
#: fractions miss by less than that, and a length that means 4,855 ms must not bill as 4,856 for
#: a stray bit: it is rounded to a millionth of a millisecond, and then up.
HAIR_MS = 5e-7


def whole_ms(ms: Quantity) -> Quantity:
    """Round a length up to whole milliseconds, once it is rounded to a millionth of one."""
    return np.ceil(ms - HAIR_MS)


def answer_bytes(w: Request) -> Quantity:
    """Bytes of an answer: its fixed part and its tokens."""
    return w.response_bytes + w.output_tokens * w.bytes_per_output_token
