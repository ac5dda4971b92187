"""CPU on a vCPU of a known share, and the CPU of a token where CPU is what is billed."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np

from serverless_tax.ground.request import Quantity, Request
from serverless_tax.platforms.aws_lambda import FULL_VCPU_MB
from serverless_tax.platforms.meters.changed import changed

#: CPU of passing one token on, on a whole vCPU: the first lab's, with the usual SDK. It is read
#: from the record here because the presets, which read it too, build on the platforms.
MEASURED_CPU_MS_PER_TOKEN: float = json.loads(
    files("serverless_tax.ground").joinpath("measured.json").read_text("utf-8")
)["clients"]["openai"]["cpu_ms_per_output_token"]

#: What goes with every bill of a platform that meters a token's CPU.
ASSUMES = (
    f"CPU is billed, and a token takes some: where a workload says none, the"
    f" {MEASURED_CPU_MS_PER_TOKEN:g} ms a token that the first lab measured are billed."
)


def stretch(w: Request, vcpu: Quantity = 1) -> Quantity:
    """How much longer one thread's CPU takes on ``vcpu`` than where it was measured.

    The lengths are taken as they were measured at ``measured_at_mb`` on Lambda, brought to a
    whole vCPU first. A second vCPU does not speed one thread up.
    """
    return np.maximum(1, 1 / vcpu) / np.maximum(1, FULL_VCPU_MB / w.measured_at_mb)


def metered(w: Request) -> Request:
    """Return the workload with CPU for each token: its own, or what was measured, never zero.

    What was measured is brought to the memory at which the workload's lengths were.
    """
    own = w.cpu_ms_per_output_token
    at_its_memory = MEASURED_CPU_MS_PER_TOKEN * np.maximum(1, FULL_VCPU_MB / w.measured_at_mb)
    return changed(w, cpu_ms_per_output_token=own + (own <= 0) * at_its_memory)
