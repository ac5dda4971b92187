"""The live meter: a widget that follows the readings while they are made."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from serverless_tax.cloud import LocalCloud, Reading, Target
from serverless_tax.cloud.lab.meter import LiveMeter, live_meter, table
from serverless_tax.cloud.lab.ticker import Ticker, ticking

if TYPE_CHECKING:
    from collections.abc import Callable

ONE = Reading(
    request_id="r",
    function="answer",
    billed_ms=4856,
    cpu_ms=97.9,
    init_cpu_ms=0.0,
    frozen_ms=2300.0,
    peak_memory_mb=68,
    at="2026-11-01T00:00:00.000Z",
    arn="arn:aws:lambda:us-east-1:000000000000:function:f",
    architecture="x86_64",
    report="",
)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; fail after ten seconds."""
    limit = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < limit, "the meter did not move"
        time.sleep(0.02)


def test_the_table_shows_what_the_report_line_leaves_out() -> None:
    """CPU, frozen time and memory beside what was billed, and the share of all."""
    shown = table([ONE, replace(ONE, frozen_ms=0.0, init_cpu_ms=400.0, status="timeout")])

    assert "4,856" in shown
    assert "2.3 s" in shown
    assert "cold start" in shown
    assert "answer (timeout)" in shown
    assert "2 invocations: 9,712 ms billed, 595.8 ms of CPU (6.1%)" in shown


def test_a_functions_name_is_text() -> None:
    """It cannot become markup."""
    assert "<img" not in table([replace(ONE, function="<img src=x>")])


def test_the_meter_moves_by_itself_and_ends_with_its_cloud(cloud: LocalCloud, deploy: Any) -> None:
    """An invocation appears without a cell being run; a closed cloud leaves the last state."""
    function = deploy("def handler(event, context): return 1")
    meter = LiveMeter(cloud)
    function.invoke()

    until(lambda: function.name in meter.value)
    meter.stop()
    with LocalCloud() as other:
        short = LiveMeter(other)
    until(lambda: not short._thread.is_alive())


def test_a_page_without_a_kernel_says_what_would_be_there(cloud: LocalCloud) -> None:
    """Text for the built book, beside the widget for a notebook."""
    meter = LiveMeter(cloud)
    bundle = meter._repr_mimebundle_()
    meter.stop()

    assert "live meter stands here" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_there_is_no_meter_without_a_local_cloud() -> None:
    """On AWS and in a replay nothing can be read from outside the process."""
    assert live_meter(Target("aws", {}, {})) is None


def test_the_row_under_a_cell_knows_what_runs_before_it_has_ended(
    cloud: LocalCloud, deploy: Any
) -> None:
    """Its rate is there while the call waits; what ended before the cell is not counted."""
    function = deploy(
        "import socket\n"
        "def handler(event, context):\n"
        '    socket.create_connection(("127.0.0.1", event["port"])).recv(1)\n'
    )
    with socket.create_server(("127.0.0.1", 0)) as gate, ThreadPoolExecutor(1) as pool:
        port = gate.getsockname()[1]
        before = pool.submit(function.invoke, port=port)
        gate.accept()[0].close()
        before.result()
        ticker = Ticker(cloud)
        call = pool.submit(function.invoke, port=port)
        waits, _ = gate.accept()
        until(lambda: bool(ticker.running))
        (one,) = ticker.running
        assert one["name"] == function.name
        assert one["usd_per_ms"] == pytest.approx(128 / 1024 * 0.0000166667 / 1000)
        assert ticker.ended["invocations"] == 0
        waits.close()
        call.result()
    ticker.stop()
    last = cloud.readings()[-1]
    assert (ticker.running, ticker.over) == ([], True)
    assert ticker.ended["billed_ms"] == last.billed_ms
    assert ticker.ended["cpu_ms"] == pytest.approx(last.cpu_ms)


@pytest.mark.parametrize("quiet", [True, False])
def test_a_run_that_is_compared_shows_no_row(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch, *, quiet: bool
) -> None:
    """Nor does a replay, or AWS, where no cloud of ours can be asked."""
    shown: list[Any] = []
    monkeypatch.setattr("serverless_tax.cloud.lab.ticker.display", shown.append)
    monkeypatch.delenv("LAB_RECORD", raising=False)
    if quiet:
        monkeypatch.setenv("LAB_RECORD", "1")
    with ticking(SimpleNamespace(cloud=cloud)):
        pass
    with ticking(SimpleNamespace(cloud=None)), ticking(None):
        pass
    assert len(shown) == (not quiet)
