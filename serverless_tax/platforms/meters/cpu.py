"""CPU on a vCPU of a known share, and the CPU of a token where CPU is what is billed."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.meters.changed import changed

#: CPU of passing one token on, on a whole vCPU: the first lab's, with the usual SDK. It is read
#: from the record here because the presets, which read it too, build on the platforms.
MEASURED_CPU_MS_PER_TOKEN: float = json.loads(
    files("serverless_tax.ground").joinpath("measured.json").read_text("utf-8")
)["clients"]["openai"]["cpu_ms_per_output_token"]

#: What goes with every bill of a platform that meters a token's CPU.
ASSUMES = (
    "CPU is billed, and passing a token on takes some: where a workload leaves out how much, the"
    f" {MEASURED_CPU_MS_PER_TOKEN:g} ms that the first lab measured are billed."
)


def cpu_wall_ms(burst_ms: Quantity, vcpu: Quantity) -> Quantity:
    """Return how long one thread's burst of CPU takes on ``vcpu``: a second one speeds none up."""
    return burst_ms * np.maximum(1, 1 / vcpu)


def on_its_instance(burst_ms: Quantity, w: Request) -> Quantity:
    """Return how long a burst takes on the vCPUs of a shared instance."""
    return cpu_wall_ms(burst_ms, w.instance_vcpu)


def metered(w: Request) -> Request:
    """Return the workload with the CPU of a token that is billed where CPU is, if any."""
    return changed(w, cpu_ms_per_output_token=w.metered_cpu_ms_per_token)
