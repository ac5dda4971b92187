"""AWS Lambda with SnapStart, for Python and .NET: a snapshot restored in place of INIT.

While a request waits it bills what a function on demand does. A cold start bills the restored
memory and the billed restore duration, not INIT. The snapshot of each version is paid for as
long as the version is published, whether anybody asks or not. For Java neither has a price.

Left out: the INIT that runs when a version is published or patched, a fraction of a cent.
Sources: https://aws.amazon.com/lambda/pricing/,
https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html and
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms import aws_lambda
from serverless_tax.platforms.base import Limit
from serverless_tax.platforms.meters.changed import changed

#: The storage of a function that can have a snapshot, in MB. Source: the second page above.
STORAGE_MB = 512


def usage(w: Request) -> dict[str, Quantity]:
    """What Lambda meters with the restore duration where INIT was, and the memory restored.

    Billed duration is ``ceil(duration + billed restore duration)``, as REPORT lines show.
    Restoring counts as work, as INIT does.
    """
    used = aws_lambda.usage(changed(w, init_ms=w.restore_ms))
    restored_x86 = used.pop("init_x86_gb_seconds")
    restored_arm = used.pop("init_arm_gb_seconds")
    gb = w.memory_mb / 1024
    return used | {
        "duration_x86_gb_seconds": used["duration_x86_gb_seconds"] + restored_x86,
        "duration_arm_gb_seconds": used["duration_arm_gb_seconds"] + restored_arm,
        "busy_gb_seconds": used["busy_gb_seconds"] + (restored_x86 + restored_arm),
        "snapstart_restored_gb": w.requests_per_month * (gb * w.cold_start_share),
    }


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Snapshots of the published versions, each of the whole memory, for the whole month.

    No request is ever in a snapshot, so keeping it is idle, neither work nor waiting.
    ``snapstart_versions`` is the month's mean: a version that is there for half of it is half of
    one. One that is there for less than three hours is billed for three.
    """
    del used
    kept_gb = w.snapstart_versions * (w.memory_mb / 1024)
    return {
        "snapstart_cache_gb_seconds": kept_gb * w.hours_per_month * 3600,
        "snapstart_used_gb_seconds": 0.0,
    }


PLATFORM = replace(
    aws_lambda.PLATFORM,
    id="aws-lambda-snapstart",
    name="AWS Lambda, SnapStart",
    waits="Bills the whole memory for wall clock, as on demand, and keeping the snapshot.",
    usage=usage,
    month=month,
    sheets=("aws-lambda", "aws-lambda-snapstart"),
    limits=(
        *aws_lambda.PLATFORM.limits,
        Limit(
            most=STORAGE_MB,
            of=lambda w: w.ephemeral_storage_mb,
            says="keeps no snapshot of a function with more than 512 MB of storage",
        ),
    ),
)
