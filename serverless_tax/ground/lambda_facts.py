"""What AWS says of Lambda, typed once: the rules bill by it, and the local cloud behaves by it."""

from __future__ import annotations

_MB = 1024 * 1024

#: Memory at which a function has the equivalent of one vCPU; below it, its share of one.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
FULL_VCPU_MB = 1769

#: The kernel hands out CPU by periods of this length: a function gets its share of each.
#: Source: Lin, Ma and Shahrad, Demystifying Serverless Costs on Public Platforms, EuroSys '26,
#: https://arxiv.org/abs/2506.01283
CPU_PERIOD_MS = 20

#: A burst of CPU is counted up to some moment in its last so many milliseconds. The one constant
#: here that is fitted: to a third of the sizes that the same authors measured.
CPU_COUNTED_MS = 2

#: Memory that can be configured: the least and the most. Source: https://aws.amazon.com/lambda/pricing/
MEMORY_MB = (128, 10_240)

#: An environment that has been idle for so many seconds is gone with this probability. Measured by
#: the same authors on 100 environments each; their 2, 0 and 1 of 100 up to 240 s are one here.
IDLE_GONE = (
    *((60, 0.0), (240, 0.01), (270, 0.03), (300, 0.08)),
    *((315, 0.43), (330, 0.68), (345, 0.94), (360, 1.0)),
)

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
