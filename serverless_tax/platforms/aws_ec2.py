"""Amazon EC2 behind a load balancer: whole machines that many requests share, m7g.large (Arm).

While a request waits it bills the machine, second by second, whatever it does; other requests
wait on the same machine at no further price. Machines are counted for the peak, and the minimum
runs at night. Disk, patching and replacing a broken machine are not on this bill.
Source: https://aws.amazon.com/ec2/pricing/on-demand/
"""

from __future__ import annotations

from collections.abc import Mapping

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.base import memory_limit
from serverless_tax.platforms.front_door import FrontDoor
from serverless_tax.platforms.meters import capacity
from serverless_tax.platforms.meters.capacity import HOUR_MS

#: What an m7g.large has. Source: https://aws.amazon.com/ec2/instance-types/m7g/
VCPU, MEMORY_MB = 2, 8192


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Hours of whole machines, one process on each vCPU; idle while they have no request."""
    machines = capacity.instances(used, w, VCPU, w.streams_per_vcpu * VCPU)
    hours = capacity.instance_hours(machines, w)
    return {
        "ec2_m7g_large_hours": hours,
        "ec2_used_hours": capacity.occupied_hours(used, hours),
        "ec2_busy_hours": used["busy_ms"] / HOUR_MS / VCPU,
        "instances": machines,
        "instance_hours": hours,
    }


PLATFORM = FrontDoor(
    id="aws-ec2",
    name="EC2, m7g.large",
    waits="Bills the machines that are kept, by the second; waits share them.",
    source="https://aws.amazon.com/ec2/pricing/on-demand/",
    assumes=(
        "Shared processes are counted for the peak, peak_to_mean times the mean, at"
        " streams_per_vcpu and target_utilisation, and never fewer than minimum_instances."
    ),
    limits=(memory_limit(MEMORY_MB),),
    month=month,
    path=("aws-alb", "aws-public-ipv4"),
)
