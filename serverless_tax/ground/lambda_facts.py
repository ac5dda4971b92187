"""What AWS says of Lambda, typed once: the rules bill by it, and the local cloud behaves by it."""

from __future__ import annotations

_MB = 1024 * 1024

#: Memory at which a function has the equivalent of one vCPU; below it, its share of one.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
FULL_VCPU_MB = 1769

#: Memory that can be configured: the least and the most. Source: https://aws.amazon.com/lambda/pricing/
MEMORY_MB = (128, 10_240)

#: A function is stopped after this long.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
TIMEOUT_MS = 900_000

#: The largest request that is waited for and the largest buffered answer; and the largest event of
#: an asynchronous invocation. Same source.
PAYLOAD_BYTES = 6 * _MB
EVENT_BYTES = _MB

#: INIT of a function on demand is given up after this long, and starts again in the invocation.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
INIT_MS = 10_000

#: Bytes of a streamed answer that leave at full speed and free of charge, the speed of those past
#: them, in bytes a second, and the largest answer.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
STREAM_FREE_BYTES = 6 * _MB
STREAM_BYTES_PER_S = 2 * _MB
STREAM_BYTES = 200 * _MB
