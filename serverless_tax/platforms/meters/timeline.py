"""The timeline of a request, as every rule reads it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from serverless_tax.ground.request import Quantity, Request

#: How long a burst of so much CPU time takes on a platform: ``(burst_ms, w) -> wall_ms``. A longer
#: burst takes no less, and that is all that may be taken for granted: twice the burst need not
#: take twice as long.
CpuWall = Callable[[Quantity, Request], Quantity]


def on_a_whole_vcpu(burst_ms: Quantity, _w: Request) -> Quantity:
    """Return how long a burst takes that has a vCPU to itself: as long as the CPU it needs."""
    return burst_ms


def serial_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return how long the serial work of a request takes: one burst."""
    return cpu_wall_ms(w.cpu_ms, w)


def token_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return how long passing one token on takes: a short burst."""
    return cpu_wall_ms(w.cpu_ms_per_output_token, w)


def at_once_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return how long passing the tokens on takes when they come all at once: one burst."""
    return cpu_wall_ms(w.output_tokens * w.cpu_ms_per_output_token, w)


def forwarding_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return for how long passing the tokens on keeps the code busy.

    Tokens that come with time between them are many short bursts. Where they come faster than the
    CPU can pass them on, the stream lasts as long as the CPU takes, and is one long burst.
    """
    bursts_ms = w.output_tokens * token_ms(w, cpu_wall_ms)
    one_ms = at_once_ms(w, cpu_wall_ms)
    return bursts_ms + (w.streaming_ms < one_ms) * np.maximum(one_ms - bursts_ms, 0)


def busy_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return for how long a request's code runs: its serial work, and passing its tokens on."""
    return serial_ms(w, cpu_wall_ms) + forwarding_ms(w, cpu_wall_ms)


def wall_ms(
    w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu, *, less_ms: Quantity = 0
) -> Quantity:
    """Return the wall clock of a request.

    ``less_ms`` is taken off, see :data:`HAIR_MS`.
    """
    return serial_ms(w, cpu_wall_ms) - less_ms + streamed_ms(w, cpu_wall_ms) + w.wait_ms


def streamed_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return how long the streaming step lasts.

    As long as the model takes, or as long as passing its tokens on takes, whichever is longer.
    """
    return np.maximum(w.streaming_ms, forwarding_ms(w, cpu_wall_ms))


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
