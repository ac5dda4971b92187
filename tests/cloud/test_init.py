"""INIT's limit, and what an INIT inside an invocation takes from the function's time."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from serverless_tax.cloud.function import host as host_module
from serverless_tax.cloud.function.host import Host
from serverless_tax.cloud.function.spec import Call, FunctionSpec, Result
from serverless_tax.ground.report import billed_ms

LIMIT_S = 0.4
# Its first INIT sleeps longer than the limit, the second as long as asked.
CODE = """
import os, time
note = os.path.join(os.environ["TMPDIR"], "tried")
again = os.path.exists(note)
open(note, "w").close()
time.sleep({again_s} if again else 5)
def handler(event, context):
    time.sleep(event.get("s", 0))
    return context.get_remaining_time_in_millis()
"""


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run one cold invocation on a host with a short limit for INIT."""
    monkeypatch.setattr(host_module, "INIT_LIMIT_S", LIMIT_S)
    code = tmp_path / "code"
    code.mkdir()
    spec = FunctionSpec(
        identity="f", name="f", arn="arn", version="$LATEST", handler="app.handler",
        runtime="python3.13", architecture="x86_64", memory_mb=256, timeout_s=2,
        region="us-east-1", code=code, log_group="g",
    )  # fmt: skip

    async def put(_group: str, _stream: str, _events: list[dict[str, Any]]) -> None:
        return None

    def run(
        *, again_s: float, event: dict[str, float], timeout_s: int = 2, source: str = CODE
    ) -> Result:
        (code / "app.py").write_text(source.format(again_s=again_s))

        async def once() -> Result:
            host = Host(tmp_path, {}, put)
            try:
                call = Call(request_id="r", event=json.dumps(event).encode())
                return await host.invoke(replace(spec, timeout_s=timeout_s), call)
            finally:
                await host.close()

        return asyncio.run(once())

    return run


def test_an_init_that_sleeps_past_its_limit_is_tried_again_in_the_invocation(invoke: Any) -> None:
    """INIT_REPORT says timeout; the second INIT is in the Duration and counts for the deadline."""
    result = invoke(again_s=0.5, event={})

    assert not result.failed
    assert "Phase: init\tStatus: timeout" in result.log
    assert float(result.report.duration_ms) >= 500
    assert result.report.init_ms is None
    assert int(result.payload) <= 2000 - 500


@pytest.mark.parametrize(("again_s", "event"), [(5, {}), (0.5, {"s": 5})])
def test_the_timeout_covers_an_init_inside_the_invocation(
    invoke: Any, again_s: float, event: dict[str, float]
) -> None:
    """Whether INIT or the handler is cut off: billed is the timeout, and no more."""
    result = invoke(again_s=again_s, event=event, timeout_s=1)

    assert (result.report.status, result.report.duration_ms) == ("timeout", 1000)
    assert result.report.billed_ms == billed_ms(result.report.duration_ms) == 1000
    inside = re.findall(r"Init Duration: (\S+) ms\tPhase: invoke", result.log)
    assert inside == (["1000.00"] if again_s > 1 else [])
    assert json.loads(result.payload)["errorMessage"] == (
        "RequestId: r Error: Task timed out after 1.00 seconds"
    )


def test_no_event_reaches_an_init_past_its_memory(
    invoke: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be ready before anyone looks at its memory; START comes after both INIT_REPORTs."""
    monkeypatch.setattr(host_module, "MEMORY_LOOK_S", 60)
    monkeypatch.setattr(host_module, "INIT_LIMIT_S", 10)
    large = "held = bytes(1) * (300 * 2**20)\ndef handler(event, context): print('RUNS')"
    result = invoke(again_s=0, event={}, timeout_s=60, source=large)

    said = re.findall(r"^(INIT_REPORT|START|RUNS|END)", result.log, re.MULTILINE)
    assert said == ["INIT_REPORT", "INIT_REPORT", "START", "END"]
    assert result.report.error_type == "Runtime.OutOfMemory"
