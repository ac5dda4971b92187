"""Amazon Bedrock AgentCore Runtime v1: the same as v2, with memory that never goes down.

While a request waits it bills the memory of its session and no CPU. Memory is billed at its peak
so far until the session ends, the whole idle tail included: 15 minutes, unless that is set
shorter or the session is stopped.
Source: https://aws.amazon.com/bedrock/agentcore/pricing/
"""

from __future__ import annotations

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms import aws_agentcore
from serverless_tax.platforms.base import Platform


def usage(w: Request) -> dict[str, Quantity]:
    """CPU while it works, memory until the session ends."""
    return aws_agentcore.session_usage(w, "v1", w.session_idle_ms)


PLATFORM = Platform(
    id="aws-agentcore-v1",
    name="Bedrock AgentCore Runtime v1",
    waits="Bills the memory of the session while it waits and until it ends, and no CPU.",
    source="https://aws.amazon.com/bedrock/agentcore/pricing/",
    assumes=(
        "An AgentCore session stays open for session_idle_ms after its last request, and that is"
        " billed: stop it after the answer, or share it, and the idle part goes."
    ),
    usage=usage,
    offers={"memory_mb": aws_agentcore.MEMORY_MB},
    limit_ms=aws_agentcore.STREAM_MS,
    limit_why="ends a streamed answer",
)
