"""AWS Lambda with SnapStart, for Python and .NET: a snapshot restored in place of INIT.

While a request waits it bills what a function on demand does. A cold start bills the restored
memory and the billed restore duration, not INIT, and the snapshot is paid for as long as its
version is published. For Java neither has a price.
Sources: https://aws.amazon.com/lambda/pricing/ and
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from serverless_tax.platforms import aws_lambda, capacity, timeline

_MONTH_S = capacity.HOURS_PER_MONTH * 3600


def usage(w: Any) -> dict[str, Any]:
    """What Lambda meters with the restore duration where INIT was, and the memory restored.

    Billed duration is ``ceil(duration + billed restore duration)``. Restoring counts as work.
    """
    stretch = aws_lambda.cpu_stretch(w)
    duration_ms = timeline.wall_ms(w, stretch, less_ms=timeline.HAIR_MS)
    warm_ms = np.ceil(duration_ms)
    restore_ms = np.ceil(duration_ms + w.restore_ms) - warm_ms
    gb = w.memory_mb / 1024
    gb_s = gb / 1000
    storage_gb_s = np.maximum(w.ephemeral_storage_mb - 512, 0) / 1024 / 1000
    requests = w.requests_per_month
    warm = requests * warm_ms
    restored = requests * restore_ms * w.cold_start_share
    busy = requests * timeline.busy_ms(w, stretch)
    duration_gb_s = warm * gb_s + restored * gb_s
    return {
        "requests": requests * 1,
        "duration_x86_gb_seconds": duration_gb_s * (1 - w.arm),
        "duration_arm_gb_seconds": duration_gb_s * w.arm,
        "ephemeral_storage_gb_seconds": warm * storage_gb_s + restored * storage_gb_s,
        "snapstart_restored_gb": requests * (gb * w.cold_start_share),
        "busy_gb_seconds": busy * gb_s + restored * gb_s,
        "busy_storage_gb_seconds": busy * storage_gb_s + restored * storage_gb_s,
        "billed_ms": warm + restored,
        "busy_ms": busy + restored,
    }


def month(used: Mapping[str, Any], w: Any) -> dict[str, Any]:
    """Snapshots of the published versions, each of the whole memory, for the whole month.

    At least three hours are billed for a version; a month has more.
    """
    kept_gb = w.snapstart_versions * (w.memory_mb / 1024)
    in_use_s = np.minimum(used["billed_ms"] / 1000, _MONTH_S)
    return {
        "snapstart_cache_gb_seconds": kept_gb * _MONTH_S,
        "snapstart_used_gb_seconds": kept_gb * in_use_s,
    }


PLATFORM = replace(
    aws_lambda.PLATFORM,
    id="aws-lambda-snapstart",
    name="AWS Lambda, SnapStart",
    waits="Bills the whole memory for wall clock, as on demand, and keeping the snapshot.",
    usage=usage,
    month=month,
    sheets=("aws-lambda", "aws-lambda-snapstart"),
)
