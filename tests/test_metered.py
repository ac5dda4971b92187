"""The meter: it logs what a handler cost and changes nothing else."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import threading
import time
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from serverless_tax import metered as metered_module
from serverless_tax.metered import Metered, metered, parse_metered
from serverless_tax.platforms.aws_logs import GB
from serverless_tax.prices import price_sheet

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator

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


@pytest.mark.parametrize("odd", ["1 GB", "", object(), -1, 1.5])
def test_a_context_that_a_test_made_up_is_metered(
    odd: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """Memory that is no number is unknown, and a name is written as it prints."""
    metered(lambda _event, _context: None)(
        {}, SimpleNamespace(aws_request_id="1a", function_name=odd, memory_limit_in_mb=odd)
    )
    said = json.loads(capsys.readouterr().out)
    assert said["memory_mb"] is None
    assert str(said["function"]) == str(odd)


def test_the_line_names_function_version_and_memory(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object a line, the memory a number."""
    metered(lambda _event, _context: None)({}, CONTEXT)

    line = json.loads(capsys.readouterr().out)
    assert (line["request_id"], line["function"], line["version"]) == ("1a", "rag", "7")
    assert line["memory_mb"] == 1769


async def _coroutine(_event: object, _context: object) -> str:
    burn(0.02)
    await asyncio.sleep(0.03)
    return "answer"


def _generator(_event: object, _context: object) -> Iterator[int]:
    yield 1
    burn(0.02)
    time.sleep(0.03)
    yield 2


async def _async_generator(_event: object, _context: object) -> AsyncIterator[int]:
    yield 1
    burn(0.02)
    await asyncio.sleep(0.03)
    yield 2


async def _collected(values: AsyncIterator[int]) -> list[int]:
    return [value async for value in values]


@pytest.mark.parametrize(
    ("handler", "answer", "expected"),
    [
        (_coroutine, asyncio.run, "answer"),
        (_generator, list, [1, 2]),
        (_async_generator, lambda call: asyncio.run(_collected(call)), [1, 2]),
    ],
)
def test_async_handlers_and_generators_are_timed_to_their_end(
    handler: Callable[[object, object], Any],
    answer: Callable[[Any], object],
    expected: object,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Their call returns before their work is done: the line comes after it, and has all of it."""
    call = metered(handler)({}, CONTEXT)
    assert logged(capsys) == []

    assert answer(call) == expected
    [line] = logged(capsys)
    assert line.cpu_ms >= 20
    assert line.wall_ms >= 50


def test_a_generator_that_is_left_early_is_metered(capsys: pytest.CaptureFixture[str]) -> None:
    """A reader who hangs up ends the call."""
    values = metered(_generator)({}, CONTEXT)
    assert next(values) == 1
    values.close()

    assert len(logged(capsys)) == 1


def test_calls_side_by_side_say_that_they_cannot_be_measured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Two requests in one process: no CPU on either line, and a word about why."""

    async def both() -> None:
        handler = metered(_coroutine)
        contexts = (SimpleNamespace(aws_request_id=name) for name in ("1a", "2b"))
        await asyncio.gather(*(handler({}, context) for context in contexts))

    asyncio.run(both())
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [(line["cpu_ms"], line["concurrent"]) for line in lines] == [(None, True)] * 2
    assert [parse_metered(json.dumps(line)) for line in lines] == [None, None]


def test_calls_one_after_the_other_are_measured_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Being concurrent is a property of a call, not of the process."""
    test_calls_side_by_side_say_that_they_cannot_be_measured(capsys)
    metered(lambda _event, _context: None)({}, CONTEXT)

    assert len(logged(capsys)) == 1


def test_a_metered_part_of_a_metered_request_is_no_other_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One request, one line, whatever in it is metered too."""
    part = metered(lambda: burn(0.01))
    inner = metered(lambda _event, _context: part())
    metered(inner)({}, CONTEXT)

    assert [line.cpu_ms >= 10 for line in logged(capsys)] == [True]


def test_the_lines_own_cost_is_what_its_file_says(capsys: pytest.CaptureFixture[str]) -> None:
    """About ten cents for a million invocations, with the 26 bytes CloudWatch adds to each."""
    context = SimpleNamespace(
        aws_request_id="c3252230-c73d-49f6-8844-968c01d1e2e1", function_name="answer-questions",
        function_version="$LATEST", memory_limit_in_mb="1024",
    )  # fmt: skip
    metered(lambda _event, _context: None)({}, context)
    each_bytes = len(capsys.readouterr().out.strip()) + 26
    prices = price_sheet("aws-logs").on(date(2026, 11, 1))
    usd = each_bytes * 1e6 / GB * prices["lambda_logs_gb"].tiers[0][1]

    assert 170 <= each_bytes <= 230
    assert round(usd, 1) == 0.1


def test_it_is_one_file_of_the_standard_library(tmp_path: Path) -> None:
    """Copied beside a handler, with no package in reach, it works."""
    source = Path(metered_module.__file__).read_text("utf-8")
    (tmp_path / "metered.py").write_text(source, "utf-8")
    code = "from metered import metered\nprint(metered(lambda e, c: 'ok')({}, None))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "ok"


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


class _Handlers:
    """Handlers that are methods, each of another kind."""

    @metered
    def plain(self, event: object, context: object) -> str:  # noqa: ARG002
        return f"plain {event}"

    @metered
    @staticmethod
    def static(event: object, context: object) -> str:  # noqa: ARG004
        return f"static {event}"

    async def __call__(self, event: object, context: object) -> str:  # noqa: ARG002
        await asyncio.sleep(0.05)
        return "called"


def test_methods_and_callable_objects_are_metered(capsys: pytest.CaptureFixture[str]) -> None:
    """Their results are their own, and each call has one line."""
    handlers = _Handlers()
    assert handlers.plain(1, CONTEXT) == "plain 1"
    assert handlers.plain(event=2, context=CONTEXT) == "plain 2"
    assert handlers.static(3, CONTEXT) == "static 3"
    assert asyncio.run(metered(handlers)({}, CONTEXT)) == "called"
    lines = logged(capsys)
    assert len(lines) == 4
    assert lines[-1].wall_ms >= 50


def test_what_a_handler_returns_is_timed_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    """A coroutine, a generator and another iterator that a plain function hands on."""
    handed = metered(lambda *both: _coroutine(*both))  # noqa: PLW0108 - no coroutine function itself
    assert asyncio.run(handed({}, CONTEXT)) == "answer"
    passed = metered(lambda *both: _generator(*both))  # noqa: PLW0108 - no generator function itself
    assert list(passed({}, CONTEXT)) == [1, 2]
    assert list(metered(lambda e, c: map(str, _generator(e, c)))({}, CONTEXT)) == ["1", "2"]
    assert [line.wall_ms >= 30 for line in logged(capsys)] == [True] * 3


def test_a_metered_part_without_a_context_leaves_the_request_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It writes no line, and the request's is measured."""
    part = metered(lambda text: burn(0.01) or text)
    assert metered(lambda _event, _context: part("found"))({}, CONTEXT) == "found"
    [line] = logged(capsys)
    assert line.cpu_ms >= 10


async def _answering(_event: object, _context: object) -> AsyncGenerator[object, object]:
    said = yield 1
    try:
        yield said
    except ValueError:
        yield "caught"


@pytest.mark.parametrize("handler", [_answering, partial(_answering, {})])
def test_values_reach_an_async_generator(handler: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Those that are sent to it, and errors thrown in; its line comes at its end."""

    async def spoken() -> list[object]:
        values = metered(handler)(*[{}] * (handler is _answering), CONTEXT)
        found = [await anext(values), await values.asend(2), await values.athrow(ValueError())]
        assert not capsys.readouterr().out
        await values.aclose()
        return found

    assert asyncio.run(spoken()) == [1, 2, "caught"]
    assert parse_metered(capsys.readouterr().out) is not None


def test_a_task_stays_a_task(capsys: pytest.CaptureFixture[str]) -> None:
    """Its caller may wait for several, and cancel one; its line comes when it is done."""

    async def waited() -> float:
        start: Any = metered(lambda _event, _context: asyncio.ensure_future(asyncio.sleep(0.02, 7)))
        (done,), _ = await asyncio.wait([start({}, CONTEXT)])
        cancelled = start({}, CONTEXT)
        cancelled.cancel()
        await asyncio.wait([cancelled])
        return float(done.result())

    assert asyncio.run(waited()) == 7
    first, second = logged(capsys)
    assert first.wall_ms >= 20 > second.wall_ms


def test_what_is_opened_stays_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file is an iterator too, and is closed by its caller."""
    path = tmp_path / "a"
    path.write_text("text")
    with metered(lambda _event, _context: path.open())({}, CONTEXT) as opened:
        assert opened.read() == "text"
    assert len(logged(capsys)) == 1


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_what_nobody_waits_for_leaves_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does it make the calls behind it concurrent with it."""
    metered(lambda _event, _context: asyncio.sleep(0))({}, CONTEXT).close()
    other = SimpleNamespace(**vars(CONTEXT) | {"aws_request_id": "2b"})
    metered(lambda _event, _context: None)({}, other)
    assert [line.request_id for line in logged(capsys)] == ["2b"]


class Proxy:
    """What says nothing of itself where there is no request, as a framework's proxies do."""

    def __init__(self, *, is_iterator: bool) -> None:
        """Say whether it looks like an iterator."""
        self._is_iterator = is_iterator

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        if self._is_iterator:
            return iter([]).__class__
        raise RuntimeError("outside of a request")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"outside of a request: {name}")


@pytest.mark.parametrize("is_iterator", [False, True])
def test_a_result_that_refuses_to_be_looked_at_is_returned(
    *, is_iterator: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the next call is not taken for one that overlaps it."""
    result = Proxy(is_iterator=is_iterator)
    returned = metered(lambda _event, _context: result)({}, None)
    assert is_iterator or returned is result
    del returned
    capsys.readouterr()
    metered(lambda _event, _context: 1)({}, None)
    assert '"concurrent"' not in capsys.readouterr().out
