"""The figures of the first lab that the package carries are those of its recorded run."""

from __future__ import annotations

import json
from pathlib import Path

from serverless_tax import Workload, tax_multiple
from serverless_tax.presets import lab_run

RESULTS = Path(__file__).parents[1] / "labs/results"
RECORD = RESULTS / "1-what-a-waiting-function-costs.json"
BUSY = RESULTS / "1-on-a-busy-machine.json"


def test_the_package_carries_the_recorded_run() -> None:
    """Record the lab again, and the package's copy must follow: same date, machine and figures."""
    record = json.loads(RECORD.read_text("utf-8"))
    busy = json.loads(BUSY.read_text("utf-8"))["clients"]
    carried = dict(lab_run())
    assert carried.pop("busy_machine_clients") == busy
    assert carried == {key: record[key] for key in carried}, (
        "copy date, machine, memory_mb and clients of labs/results/1-what-….json"
        " to serverless_tax/measured.json"
    )


def test_the_measured_preset_has_the_multiple_of_the_lab() -> None:
    """The preset built from fixed and per-token CPU comes within a tenth of what was measured."""
    measured = lab_run()["clients"]["openai"]["multiple"]
    assert abs(tax_multiple(Workload.preset("measured")) / measured - 1) < 0.1
