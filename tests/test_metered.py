"""The meter: it logs what a handler cost and changes nothing else."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from serverless_tax.metered import Metered, metered, parse_metered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONTEXT = SimpleNamespace(
    aws_request_id="1a", function_name="rag", function_version="7", memory_limit_in_mb="1769"
)


def burn(cpu_s: float) -> None:
    """Use the CPU of this thread for a given time."""
    end = time.thread_time() + cpu_s
    while time.thread_time() < end:
        pass


def logged(capsys: pytest.CaptureFixture[str]) -> list[Metered]:
    """The meter's lines printed so far."""
    lines = (parse_metered(line) for line in capsys.readouterr().out.splitlines())
    return [line for line in lines if line is not None]


def test_waiting_is_wall_time_and_not_cpu_time(capsys: pytest.CaptureFixture[str]) -> None:
    """A handler that sleeps 50 ms used next to none of the CPU."""
    metered(lambda _event, _context: time.sleep(0.05))({}, CONTEXT)

    [line] = logged(capsys)
    assert line.wall_ms >= 50
    assert line.cpu_ms < 25


def test_cpu_of_threads_and_of_children_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole process is metered, and the children it waited for."""

    def handler(_event: object, _context: object) -> None:
        thread = threading.Thread(target=burn, args=[0.05])
        thread.start()
        thread.join()
        code = "import time\nwhile time.process_time() < 0.1: pass"
        subprocess.run([sys.executable, "-S", "-c", code], check=True)

    metered(handler)({}, CONTEXT)

    [line] = logged(capsys)
    assert line.cpu_ms >= 145


def test_the_result_and_the_arguments_pass_unchanged() -> None:
    """The same objects go in and come out."""
    result = object()
    seen: list[object] = []

    def handler(event: object, context: object) -> object:
        seen.extend([event, context])
        return result

    event = {"question": "?"}
    assert metered(handler)(event, CONTEXT) is result
    assert seen == [event, CONTEXT]


def test_an_exception_passes_and_is_metered(capsys: pytest.CaptureFixture[str]) -> None:
    """A failing call is billed too: it is logged, and its error is the handler's own."""

    def handler(_event: object, _context: object) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        metered(handler)({}, CONTEXT)
    assert len(logged(capsys)) == 1


def test_a_closed_standard_output_harms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log may fail; the answer does not."""
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)

    assert metered(lambda _event, _context: 42)({}, CONTEXT) == 42


def test_only_the_first_call_is_cold(capsys: pytest.CaptureFixture[str]) -> None:
    """Cold is a property of the environment's first call of this handler."""
    handler = metered(lambda _event, _context: None)
    handler({}, CONTEXT)
    handler({}, CONTEXT)

    assert [line.cold for line in logged(capsys)] == [True, False]


def test_the_line_names_function_version_and_memory(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object a line, the memory a number."""
    metered(lambda _event, _context: None)({}, CONTEXT)

    line = json.loads(capsys.readouterr().out)
    assert (line["request_id"], line["function"], line["version"]) == ("1a", "rag", "7")
    assert line["memory_mb"] == 1769


async def _coroutine(_event: object, _context: object) -> None:
    await asyncio.sleep(0)


def _generator(_event: object, _context: object) -> Iterator[None]:
    yield


@pytest.mark.parametrize("handler", [_coroutine, _generator])
def test_what_it_cannot_time_is_refused(handler: Callable[[object, object], object]) -> None:
    """Their calls return before their work: a clear refusal, not a wrong figure."""
    with pytest.raises(TypeError, match="metered cannot time"):
        metered(handler)


@pytest.mark.parametrize("line", ["", "REPORT", '{"metered": 1, "cpu', '{"metered": 1, "a": 1}'])
def test_other_lines_are_not_the_meters(line: str) -> None:
    """Anything else in the log is passed over."""
    assert parse_metered(line) is None


def test_metering_costs_under_50_microseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The meter itself, printing apart, is small beside a millisecond; the best of many calls."""
    monkeypatch.setattr("builtins.print", lambda *_args, **_kwargs: None)
    handler = metered(lambda _event, _context: None)
    best_s = float("inf")
    for _ in range(2000):
        started = time.perf_counter()
        handler({}, CONTEXT)
        best_s = min(best_s, time.perf_counter() - started)

    assert best_s < 50e-6
