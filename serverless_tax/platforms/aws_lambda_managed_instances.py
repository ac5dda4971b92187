"""AWS Lambda Managed Instances: functions on EC2 machines that Lambda looks after, m7g.xlarge.

While a request waits it bills the machines that are kept, and no duration; other requests wait
on the same machine at no further price. Python runs a process for each request in flight, each
with memory of its own, so memory bounds how many share a machine.

The machine is the one of the price page's example, an Arm one, whatever the workload's
architecture. Left out: that a burst of more than half again is throttled until machines follow,
and what its private network needs to reach the internet.
Sources: https://aws.amazon.com/lambda/pricing/ and
https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-python-runtime.html
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.settings import given_or
from serverless_tax.platforms import aws_lambda
from serverless_tax.platforms.base import memory_limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import capacity, timeline
from serverless_tax.platforms.meters.capacity import HOUR_MS
from serverless_tax.platforms.meters.shares import ratio

#: What functions get of an m7g.xlarge: of its 4 vCPU and 16 GB, one each is kept for the system.
#: Source: https://github.com/aws/agent-toolkit-for-aws, its guide to Managed Instances.
VCPU = 3
MEMORY_GB = 15

#: How many requests Python takes for each vCPU, at most and by default. Source: the second page.
REQUESTS_PER_VCPU = 16

#: Lambda keeps at least this many machines, one for each zone.
MINIMUM_MACHINES = 3


def usage(w: Request) -> dict[str, Quantity]:
    """Requests, the time they are in flight, the CPU they take, and the memory they hold.

    A process has ``peak_memory_mb`` where somebody has looked, else ``memory_mb``. No free tier
    is deducted: the price page's example deducts none.
    """
    requests = w.requests_per_month
    wall_ms = timeline.wall_ms(w)
    process_mb = w.peak_memory_mb + w.memory_mb * (w.peak_memory_mb == 0)
    return {
        "managed_requests": requests * 1,
        "managed_held_gb_hours": requests * (wall_ms / HOUR_MS * (process_mb / 1024)),
        "billed_ms": requests * wall_ms,
        "busy_ms": requests * timeline.busy_ms(w),
    }


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Machines for the peak, and the fee on each of their hours.

    Its CPU is busy in so far as the vCPUs that functions get are: the system's own share of the
    machine is split as theirs is.
    """
    in_flight_hours = used["billed_ms"] / HOUR_MS
    process_gb = np.maximum(ratio(used["managed_held_gb_hours"], in_flight_hours), 1e-3)
    fit = np.floor(MEMORY_GB / process_gb + 1e-9)
    streams = np.minimum(VCPU * REQUESTS_PER_VCPU, fit)
    count = capacity.instances(used, w, VCPU, np.maximum(streams, 1))
    busy_hours = capacity.busy_hours(w)
    at_night = np.maximum(capacity.minimum(w), MINIMUM_MACHINES)
    machines = np.maximum(count, MINIMUM_MACHINES)
    planned = machines * busy_hours + at_night * (w.hours_per_month - busy_hours)
    hours = given_or(w.instance_hours, planned)
    return {
        "requests": used["managed_requests"],  # by which the path knows that it is a function
        "managed_m7g_xlarge_hours": hours,
        "managed_fee_hours": hours,
        "managed_used_hours": capacity.occupied_hours(used, hours),
        "managed_busy_hours": used["busy_ms"] / HOUR_MS / VCPU,
        "instances": machines,
    }


PLATFORM = FrontDoor(
    id="aws-lambda-managed-instances",
    name="AWS Lambda Managed Instances",
    waits="Bills the machines that are kept, and no duration; waits share them.",
    source="https://aws.amazon.com/lambda/pricing/",
    usage=usage,
    limits=(memory_limit(MEMORY_GB * 1024),),
    month=month,
    limit_ms=aws_lambda.TIMEOUT_MS,
    limit_why="stops a function",
    path=("aws-function-url",),
)
