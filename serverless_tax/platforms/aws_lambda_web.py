"""AWS Lambda Web Functions: CPU while it works, memory for the life of an environment, shared.

AWS documents four meters, requests, active CPU time, memory over the life of each execution
environment and data transfer, and says that time blocked on a model is not billed as CPU. Its
docs call the classic function an *Event Function* since. **No price was seen** in any source, as of
2026-11-30: so this is a rule without a ``PLATFORM``, which nothing prices. Notes of 2026-10-22 know
of an announcement and of rates, and neither could be opened:
https://github.com/quattro004/Agent004/wiki/Source-Lambda-Web-Functions.
``questions.web_functions`` says what the prices would have to be.

An environment has 2 vCPU and 2 GB, on Arm, and takes up to 64 requests at a time unless it is set;
``nodejs24.x`` is the only runtime. How long an environment is kept is not documented: here it lives
while it has a request, the least it can.
Source: https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html
"""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.meters import cpu, sharing, timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS

#: What an environment has. Same source.
VCPU, MEMORY_GB = 2, 2
#: Requests that share an environment: by default, and the most that can be set.
#: Source: https://docs.aws.amazon.com/lambda/latest/dg/web-functions-scaling.html
SHARES = (64, 128)
#: The longest that a request can be set to take. Same source as the first.
LONGEST_MS = 900_000
#: Bytes of a gigabyte that leaves, as AWS bills others.
GB = 1024**3


def usage(w: Request) -> dict[str, Quantity]:
    """Requests, their active CPU, and the time they are in flight."""
    w = cpu.metered(w)
    requests, busy_ms = w.requests_per_month, timeline.busy_ms(w)
    active = {
        "web_requests": requests * 1,
        "web_vcpu_hours": requests * (busy_ms / HOUR_MS),
        "web_transfer_gb": requests * (timeline.answer_bytes(w) / GB),
    }
    return active | sharing.in_flight(requests, timeline.wall_ms(w), busy_ms)


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Gigabyte-hours of the environments that requests share."""
    each = sharing.requests_per_instance(w, *SHARES)
    return {"web_gb_hours": sharing.shared_ms(used, w, each, VCPU) / HOUR_MS * MEMORY_GB}
