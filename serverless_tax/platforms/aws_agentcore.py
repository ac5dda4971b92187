"""Amazon Bedrock AgentCore Runtime v2: a microVM for each session, CPU billed only while it works.

While a request waits it bills the memory of its session and no CPU, provided that nothing in the
background uses any. After the last request the session stays open until its idle timeout; the
second version gives idle memory back after 120 seconds.
Source: https://aws.amazon.com/bedrock/agentcore/pricing/
"""

from __future__ import annotations

from typing import Any

import numpy as np

from serverless_tax.platforms import timeline
from serverless_tax.platforms.base import Platform

#: A session uses at least this much memory, and lasts at least this long. Same source.
MINIMUM_MB = 128
MINIMUM_MS = 1000

#: Idle memory is given back after this long.
RECLAIMED_AFTER_MS = 120_000

#: The longest session, and the most memory one may have.
#: Source: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/bedrock-agentcore-limits.html
SESSION_MS = 28_800_000
MEMORY_MB = (128, 8192)

_HOUR_MS = 3_600_000


def session_usage(w: Any, version: str, idle_ms: Any) -> dict[str, Any]:
    """Meter the sessions of a month, each of ``requests_per_session`` and then ``idle_ms``.

    Whole seconds of the memory that is used: ``peak_memory_mb`` where somebody has looked, else
    all of ``memory_mb``. Starting the session (``init_ms``) is billed, CPU and memory. A gigabyte
    is 1,024 MB. Time between the requests of one session is not in it: give it as a longer tail.
    """
    requests, each = w.requests_per_month, w.requests_per_session
    wall_ms, busy_ms = timeline.wall_ms(w), timeline.busy_ms(w)
    init_ms = w.init_ms / each
    session_ms = np.maximum(w.init_ms + wall_ms * each + idle_ms, MINIMUM_MS)
    billed_s = np.ceil(session_ms / 1000 - timeline.HAIR_MS) / each
    seen_mb = w.peak_memory_mb + w.memory_mb * (w.peak_memory_mb == 0)
    gb = np.maximum(seen_mb, MINIMUM_MB) / 1024
    wall, busy, init = requests * wall_ms, requests * busy_ms, requests * init_ms
    return {
        f"agentcore_{version}_vcpu_hours": (busy + init) * (1 / _HOUR_MS),
        f"agentcore_{version}_gb_hours": requests * (billed_s * gb / 3600),
        "agentcore_used_gb_hours": requests * ((wall_ms + init_ms) * gb / _HOUR_MS),
        "agentcore_busy_gb_hours": requests * ((busy_ms + init_ms) * gb / _HOUR_MS),
        "billed_ms": wall + init,
        "busy_ms": busy + init,
    }


def usage(w: Any) -> dict[str, Any]:
    """CPU while it works, memory for the session and for two minutes of its idle tail."""
    return session_usage(w, "v2", np.minimum(w.session_idle_ms, RECLAIMED_AFTER_MS))


PLATFORM = Platform(
    id="aws-agentcore",
    name="Bedrock AgentCore Runtime v2",
    waits="Bills the memory of the session while it waits, and no CPU.",
    source="https://aws.amazon.com/bedrock/agentcore/pricing/",
    usage=usage,
    offers={"memory_mb": MEMORY_MB},
    limit_ms=SESSION_MS,
    limit_why="ends a session",
)
