"""The timeline of a request, as every rule reads it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from serverless_tax.ground.lambda_facts import FULL_VCPU_MB
from serverless_tax.ground.request import Quantity, Request

#: How long a burst of so much CPU time takes on a platform: ``(burst_ms, w) -> wall_ms``. A longer
#: burst takes no less, and that is all that may be taken for granted: twice the burst need not
#: take twice as long.
CpuWall = Callable[[Quantity, Request], Quantity]


def on_a_whole_vcpu(burst_ms: Quantity, _w: Request) -> Quantity:
    """Return how long a burst takes that has a vCPU to itself: as long as the CPU it needs."""
    return burst_ms


def cpu_time_ms(taken_ms: Quantity, w: Request) -> Quantity:
    """Return the CPU time of work that took so long on the clock, at ``measured_at_mb``.

    A function of 1,769 MB has a whole vCPU, so there both are the same. One of less memory has
    that share of one, and the CPU worked for that share of the time.
    """
    return in_cpu_time(taken_ms, w.measured_at_mb)


def in_cpu_time(taken_ms: Quantity, at_mb: Quantity) -> Quantity:
    """Return the CPU time of work that took so long on the clock in a function of ``at_mb``."""
    return taken_ms * np.minimum(1, at_mb / FULL_VCPU_MB)


def serial_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return how long the serial work of a request takes: one burst."""
    return cpu_wall_ms(cpu_time_ms(w.cpu_ms, w), w)


def token_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return how long passing one token on takes: a short burst."""
    return cpu_wall_ms(cpu_time_ms(w.cpu_ms_per_output_token, w), w)


def forwarding_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return how long passing the tokens on takes: many short bursts, and not a long one."""
    return w.output_tokens * token_ms(w, cpu_wall_ms)


def busy_ms(w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu) -> Quantity:
    """Return for how long a request's code runs: its serial work, and passing its tokens on."""
    return serial_ms(w, cpu_wall_ms) + forwarding_ms(w, cpu_wall_ms)


def wall_ms(
    w: Request, cpu_wall_ms: CpuWall = on_a_whole_vcpu, *, less_ms: Quantity = 0
) -> Quantity:
    """Return the wall clock of a request.

    The streaming step lasts as long as the model takes, or as long as passing its tokens on
    takes, whichever is longer. ``less_ms`` is taken off, see :data:`HAIR_MS`.
    """
    streamed_ms = np.maximum(w.streaming_ms, forwarding_ms(w, cpu_wall_ms))
    return serial_ms(w, cpu_wall_ms) - less_ms + streamed_ms + w.wait_ms


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
