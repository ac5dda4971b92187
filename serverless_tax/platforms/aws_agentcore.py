"""Amazon Bedrock AgentCore Runtime v2: a microVM for each session, CPU billed only while it works.

While a request waits it bills the memory of its session and no CPU, provided that nothing in the
background uses any. After the last request the session stays open until its idle timeout; the
second version gives idle memory back after 120 seconds, and bills the least there is for the rest.
Source: https://aws.amazon.com/bedrock/agentcore/pricing/
"""

from __future__ import annotations

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import Platform
from serverless_tax.platforms.meters import cpu, timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS

#: A session bills at least this much memory for as long as it lasts, and lasts at least this long.
#: Same source.
MINIMUM_MB = 128
MINIMUM_MS = 1000

#: Idle memory is given back after this long. Same source.
RECLAIMED_AFTER_MS = 120_000

#: The longest answer it streams (a session may last 8 hours), and the most memory a session has.
#: Source: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
STREAM_MS = 3_600_000
MEMORY_MB = (128, 8192)


def session_usage(w: Request, version: str, kept_ms: Quantity) -> dict[str, Quantity]:
    """Meter the sessions of a month, each of ``requests_per_session`` and then its idle tail.

    The memory that is used is ``peak_memory_mb`` where somebody has looked, else all of
    ``memory_mb``. It is billed for whole seconds until the session ends, ``kept_ms`` of its idle
    tail included; the rest of the tail bills the minimum. Starting the session (``init_ms``) is
    billed, CPU and memory. A gigabyte is 1,024 MB. Time between the requests of one session is
    not in it: give it as a longer tail.
    """
    w = cpu.metered(w)
    each = w.requests_per_session
    wall_ms, busy_ms = timeline.wall_ms(w), timeline.busy_ms(w)
    init_ms = w.init_ms / each
    session_ms = np.maximum(w.init_ms + wall_ms * each + w.session_idle_ms, MINIMUM_MS)
    billed_s = np.ceil((session_ms - timeline.HAIR_MS) / 1000)
    given_back_s = (w.session_idle_ms - np.minimum(w.session_idle_ms, kept_ms)) / 1000
    seen_mb = w.peak_memory_mb + w.memory_mb * (w.peak_memory_mb == 0)
    gb = np.maximum(seen_mb, MINIMUM_MB) / 1024
    gb_hours = (billed_s * gb - given_back_s * (gb - MINIMUM_MB / 1024)) / 3600

    requests = w.requests_per_month
    wall, busy, init = requests * wall_ms, requests * busy_ms, requests * init_ms
    return {
        f"agentcore_{version}_vcpu_hours": (busy + init) * (1 / HOUR_MS),
        f"agentcore_{version}_gb_hours": requests * (gb_hours / each),
        "agentcore_used_gb_hours": requests * ((wall_ms + init_ms) * gb / HOUR_MS),
        "agentcore_busy_gb_hours": requests * ((busy_ms + init_ms) * gb / HOUR_MS),
        "billed_ms": wall + init,
        "busy_ms": busy + init,
    }


def usage(w: Request) -> dict[str, Quantity]:
    """CPU while it works, memory for the session, the least of it after two idle minutes."""
    return session_usage(w, "v2", RECLAIMED_AFTER_MS)


PLATFORM = Platform(
    id="aws-agentcore",
    name="Bedrock AgentCore Runtime v2",
    waits="Bills the memory of the session while it waits, and no CPU.",
    source="https://aws.amazon.com/bedrock/agentcore/pricing/",
    assumes=(
        f"{cpu.ASSUMES} An AgentCore session stays open for session_idle_ms after its last"
        " request, and that is billed: stop it after the answer, or share it, and the idle part"
        " goes."
    ),
    usage=usage,
    offers={"memory_mb": MEMORY_MB},
    limit_ms=STREAM_MS,
    limit_why="ends a streamed answer",
)
