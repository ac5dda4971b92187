"""The figures of the first lab that the package carries are those of its recorded run."""

from __future__ import annotations

import json
from pathlib import Path

from serverless_tax import Workload, tax_multiple
from serverless_tax.request.presets import lab_run

RESULTS = Path(__file__).parents[2] / "labs/results"
QUIET, BUSY = RESULTS / "1-on-a-quiet-machine.json", RESULTS / "1-on-a-busy-machine.json"
LATEST = RESULTS / "1-what-a-waiting-function-costs.json"


def test_the_package_carries_the_recorded_runs() -> None:
    """Three machines, three records: the package's copy has the date and the figures of each."""
    quiet, busy, latest = (json.loads(path.read_text("utf-8")) for path in (QUIET, BUSY, LATEST))
    carried = dict(lab_run())
    assert carried.pop("busy_machine_clients") == busy["clients"]
    assert carried.pop("slower_machine_clients") == latest["figures"]["figures"], (
        "copy `figures` of labs/results/1-what-….json to serverless_tax/ground/measured.json"
    )
    assert carried == {key: quiet[key] for key in carried}


def test_the_measured_preset_has_the_multiple_of_the_lab() -> None:
    """The preset built from fixed and per-token CPU comes within a tenth of what was measured."""
    measured = lab_run()["clients"]["openai"]["multiple"]
    assert abs(tax_multiple(Workload.preset("measured")) / measured - 1) < 0.1
