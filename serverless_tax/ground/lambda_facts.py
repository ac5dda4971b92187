"""What AWS says of Lambda, typed once: the rules bill by it, and the local cloud behaves by it."""

from __future__ import annotations

#: Memory at which a function has the equivalent of one vCPU; below it, its share of one.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
FULL_VCPU_MB = 1769
