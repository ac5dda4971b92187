"""AWS Lambda, on demand, with a buffered response.

While a request waits, Lambda bills the function's whole configured memory for every
millisecond of wall clock: one execution environment serves one request at a time, and
how much of its CPU is used is not on the bill.
Source: https://aws.amazon.com/lambda/pricing/
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from serverless_tax.ground import lambda_facts
from serverless_tax.ground.lambda_facts import CPU_COUNTED_MS, CPU_PERIOD_MS, PAYLOAD_BYTES
from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.trace import part, repeat
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import timeline

#: Memory at which a function has one vCPU, and what can be configured, in MB.
FULL_VCPU_MB, MEMORY_MB = lambda_facts.FULL_VCPU_MB, lambda_facts.MEMORY_MB

#: A function is stopped after this long.
TIMEOUT_MS = lambda_facts.TIMEOUT_MS

#: Storage of a function, in MB, the first 512 of it free. Source: https://aws.amazon.com/lambda/pricing/
STORAGE_MB = (512, 10_240)


def cpu_wall_ms(burst_ms: Quantity, memory_mb: Quantity) -> Quantity:
    """Return how long a burst of so much CPU time takes in a function of that memory.

    A period of 20 ms has a quota of CPU, in proportion to memory: all of it from 1,769 MB on, where
    one busy thread gains nothing more. A burst within the quota runs at full speed. A longer one is
    stopped until later periods have paid for what it has used, so that it takes whole periods: the
    time is a staircase in both memory and CPU. When the CPU is counted varies, over the last
    2 ms of the burst, and this is the mean over that: monotone in CPU, never below it, and
    ``burst_ms * 1769 / memory_mb`` for a long burst.

    Found on one function of 17.3 ms of CPU at 98 sizes, of which it misses the mean durations by
    2 % on average and 8.4 % at most; those of the 97 sizes between them, which were not looked at,
    by 2.1 % and 12.2 %, at the edge of a step. For other bursts it is reasoned from the same quota.
    Source: https://arxiv.org/abs/2506.01283, data of
    https://github.com/ubc-cirrus-lab/demystifying-serverless-costs (MIT).
    """
    if isinstance(burst_ms, float) and burst_ms == 0:
        # As the staircase has it, which need not be climbed.
        one = isinstance(memory_mb, float) or not np.ndim(memory_mb)
        return 0.0 if one else 0.0 * memory_mb
    burst = SimpleNamespace(burst_ms=burst_ms, memory_mb=memory_mb)
    return part("cpu_wall", _staircase, burst)["wall_ms"]


#: A place in the quota's period as an angle: radians a millisecond.
TURN_A_MS = 2 * np.pi / CPU_PERIOD_MS


def place_in_period(burst_ms: Any, memory_mb: float) -> Any:
    """Return where in a period a burst that begins with one ends: the mean of ``exp(i angle)``.

    By the law of :func:`cpu_wall_ms`: a burst that is held ends when its CPU was counted, beyond
    whole periods, and one that is not ends with its work.
    """
    quota_ms = CPU_PERIOD_MS * min(1, memory_mb / FULL_VCPU_MB)
    held = np.clip((burst_ms - quota_ms) / CPU_COUNTED_MS, 0, quota_ms < CPU_PERIOD_MS)
    turn = 1j * TURN_A_MS * CPU_COUNTED_MS
    return np.expm1(turn * held) / turn + (1 - held) * np.exp(1j * TURN_A_MS * burst_ms)


def _staircase(of: SimpleNamespace) -> dict[str, Quantity]:
    """Return the mean of ``burst - counted + period * whole quotas counted``."""
    one = type(of.burst_ms) is type(of.memory_mb) is float
    climb = _climbed_before if one else _climbed
    return {"wall_ms": climb(of.burst_ms, of.memory_mb)}


def _climbed(burst_ms: Quantity, memory_mb: Quantity) -> Quantity:
    quota_ms = CPU_PERIOD_MS * np.minimum(1, memory_mb / FULL_VCPU_MB)
    # The mean over what was counted, from ``first_ms`` to the whole burst: an integral by pieces,
    # one for each whole quota. What stays within the first quota is not stopped.
    first_ms = np.minimum(np.maximum(burst_ms - CPU_COUNTED_MS, quota_ms), burst_ms)
    quotas = np.floor(first_ms / quota_ms)
    more = np.floor(burst_ms / quota_ms) - quotas
    before = (burst_ms - first_ms) * (CPU_PERIOD_MS * quotas - (first_ms + burst_ms) / 2)
    after = CPU_PERIOD_MS * more * (burst_ms - quota_ms * (quotas + (more + 1) / 2))
    return burst_ms + np.maximum(before + after, 0) / CPU_COUNTED_MS


#: One request's bill asks a few times for the same burst, and an advice a thousand times.
_climbed_before = lru_cache(1024)(_climbed)


def cpu_time_ms(taken_ms: Quantity, memory_mb: Quantity) -> Quantity:
    """Return the CPU time of a burst that took so long on the clock, at that memory.

    It is the least that takes as long by :func:`cpu_wall_ms`, as all on a step of the staircase do.
    """

    def halve(low: Quantity, high: Quantity) -> tuple[Quantity, Quantity]:
        middle = (low + high) / 2
        short = 1.0 * (cpu_wall_ms(middle, memory_mb) < taken_ms)
        return low + (middle - low) * short, middle + (high - middle) * short

    low, high = repeat(_HALVINGS, (taken_ms * 0.0, taken_ms * 1.0), halve)
    longer = 1.0 * (cpu_wall_ms(high, memory_mb) > taken_ms)
    return low * longer + high * (1 - longer)


#: After so many a length of CPU is known to its last bit.
_HALVINGS = 60


def at_its_memory(burst_ms: Quantity, w: Request) -> Quantity:
    """Return how long a burst of CPU takes in the function of a request."""
    return cpu_wall_ms(burst_ms, w.memory_mb)


def usage(w: Request, *, more_ms: Quantity = 0) -> dict[str, Quantity]:
    """Everything Lambda could meter about these requests, each of which is one invocation.

    ``more_ms`` is further time in which a request only waits.
    """
    # A hair less, once, so that no ceiling is a millisecond too high for a stray bit.
    duration_ms = timeline.wall_ms(w, at_its_memory, less_ms=timeline.HAIR_MS - more_ms)
    return invocations(w, w.requests_per_month, duration_ms)


def invocations(w: Request, count: Quantity, duration_ms: Quantity) -> dict[str, Quantity]:
    """Meter ``count`` invocations of ``duration_ms`` less a hair, added up over the month.

    Billed duration is ``ceil(duration + init)`` in whole milliseconds: the ceiling of the sum,
    as REPORT lines show. INIT is metered apart because until 2025-08-01 it was not billed for
    functions from a zip on a managed runtime. What INIT bills is what it adds to that ceiling.
    INIT runs with a CPU boost, so it takes as long with any memory, and counts as work.
    A gigabyte is 1,024 MB.

    The busy dimensions are the part of the same time in which the CPU works. Lambda prices
    none of them: that is the tax.
    Sources: https://aws.amazon.com/lambda/pricing/ and
    https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
    """
    warm_ms = np.ceil(duration_ms)
    # Known to be none, it spares a sample of ten million a third of the work.
    is_none = isinstance(w.init_ms, float) and w.init_ms == 0
    init_ms = 0.0 if is_none else np.ceil(duration_ms + w.init_ms) - warm_ms

    gb_s = w.memory_mb / 1024 / 1000  # GB-seconds in a millisecond
    storage_gb_s = np.maximum(w.ephemeral_storage_mb - 512, 0) / 1024 / 1000

    # ``count * x`` is the sum of x over the month (over a sample's requests, in a sample),
    # so it comes first in each product, and nothing is added to a product before it.
    warm, init = count * warm_ms, count * init_ms * w.cold_start_share
    busy = w.requests_per_month * timeline.busy_ms(w, at_its_memory)
    duration_gb_s, init_gb_s = warm * gb_s, init * gb_s
    return {
        "requests": count * 1,
        "duration_x86_gb_seconds": duration_gb_s * (1 - w.arm),
        "duration_arm_gb_seconds": duration_gb_s * w.arm,
        "init_x86_gb_seconds": init_gb_s * (1 - w.arm),
        "init_arm_gb_seconds": init_gb_s * w.arm,
        "ephemeral_storage_gb_seconds": warm * storage_gb_s + init * storage_gb_s,
        "busy_gb_seconds": busy * gb_s,
        "busy_storage_gb_seconds": busy * storage_gb_s + init * storage_gb_s,
        "billed_ms": warm + init,
        "busy_ms": busy + init,
    }


PLATFORM = FrontDoor(
    id="aws-lambda",
    name="AWS Lambda",
    waits="Bills the whole configured memory for every millisecond of wall clock, waiting or not.",
    source="https://aws.amazon.com/lambda/pricing/",
    usage=usage,
    cpu_wall_ms=at_its_memory,
    offers={"memory_mb": MEMORY_MB, "ephemeral_storage_mb": STORAGE_MB},
    limit_ms=TIMEOUT_MS,
    limit_why="stops a function",
    path=("aws-function-url",),
    limits=(
        Limit(most=PAYLOAD_BYTES, of=lambda w: w.request_bytes, says="takes requests up to 6 MB"),
        Limit(most=PAYLOAD_BYTES, of=timeline.answer_bytes, says="buffers answers up to 6 MB"),
    ),
)
