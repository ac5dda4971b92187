"""Google Cloud Run, billed by instance: for as long as an instance is up, with or without requests.

A lower rate and no charge for requests; an idle instance is kept for up to 15 minutes and billed.
Source: https://cloud.google.com/run/pricing
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.ground.settings import given_or
from serverless_tax.platforms import google_cloud_run
from serverless_tax.platforms.meters import sharing

#: How long an idle instance may be kept.
#: Source: https://cloud.google.com/run/docs/about-instance-autoscaling
KEPT_MS = 900_000


def month(used: Mapping[str, Quantity], w: Request) -> dict[str, Quantity]:
    """Seconds of instances that are up, times what each has."""
    vcpu, gib = w.instance_vcpu, w.instance_memory_mb / 1024
    each = google_cloud_run.room(w)
    up_ms = sharing.up_ms(used, w, each, vcpu, given_or(w.keep_alive_ms, KEPT_MS))
    used_s = np.minimum(sharing.met_ms(used, w, each, vcpu), up_ms) / 1000
    busy_s = up_ms / 1000 * sharing.busy_share(used, up_ms, vcpu)
    return {
        f"cloud_run_instance_{part}{what}": seconds * size
        for part, seconds in (("", up_ms / 1000), ("used_", used_s), ("busy_", busy_s))
        for what, size in (("vcpu_seconds", vcpu), ("gib_seconds", gib))
    }


PLATFORM = replace(
    google_cloud_run.PLATFORM,
    id="google-cloud-run-instance",
    name="Google Cloud Run, by instance",
    waits="Bills the whole instance for as long as it is up; waits share it.",
    assumes="An idle instance is kept for keep_alive_ms, 15 minutes where that is not set.",
    usage=google_cloud_run.in_flight,
    month=month,
    kept_off=sharing.kept_off,
    offers=google_cloud_run.SIZES | {"instance_vcpu": (1, 8)},
)
