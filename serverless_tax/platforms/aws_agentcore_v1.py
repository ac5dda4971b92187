"""Amazon Bedrock AgentCore Runtime v1: the same as v2, with memory that never goes down.

While a request waits it bills the memory of its session and no CPU. Memory is billed at its peak
so far until the session ends, the whole idle tail included: 15 minutes, unless that is set
shorter or the session is stopped.
Source: https://aws.amazon.com/bedrock/agentcore/pricing/
"""

from __future__ import annotations

from dataclasses import replace

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms import aws_agentcore


def usage(w: Request) -> dict[str, Quantity]:
    """CPU while it works, memory until the session ends."""
    return aws_agentcore.session_usage(w, "v1", w.session_idle_ms)


PLATFORM = replace(
    aws_agentcore.PLATFORM,
    id="aws-agentcore-v1",
    name="Bedrock AgentCore Runtime v1",
    waits="Bills the memory of the session while it waits and until it ends, and no CPU.",
    usage=usage,
)
