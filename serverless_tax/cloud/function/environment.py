"""One execution environment: AWS's own runtime client in a process, and the Runtime API it calls.

The client asks for `/next`, runs the handler, posts `/response` or `/error`, and asks again. Then
AWS freezes the environment. This file does the same, and thaws it just before it answers.

Protocol: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import time
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from serverless_tax.cloud.exchange import HttpRequest, HttpResponse, is_local_and_direct
from serverless_tax.cloud.function.cpu_quota import hold_to_share
from serverless_tax.cloud.function.log_stream import LogStream, Put
from serverless_tax.cloud.function.outcome import MAX_RESPONSE_BYTES, too_large, too_much
from serverless_tax.cloud.function.platform_lines import init_start, start
from serverless_tax.cloud.function.private_tmp import is_possible, own_mounts
from serverless_tax.cloud.function.startup import command, notice, variables
from serverless_tax.cloud.function.streamed_answer import StreamedAnswer
from serverless_tax.cloud.http import Server, Sink, loopback_socket
from serverless_tax.ground.lambda_facts import STREAM_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from serverless_tax.cloud.function.invocation import Invocation
    from serverless_tax.cloud.function.process import Keeper, Process
    from serverless_tax.cloud.function.spec import FunctionSpec

API = "/2018-06-01/runtime"
NOT_NOW = HttpResponse(
    403,
    b'{"errorMessage":"State transition is not allowed","errorType":"InvalidStateTransition"}',
    {"Content-Type": "application/json"},
)
TOO_LARGE = HttpResponse(413, too_much(), {"Content-Type": "application/json"})
ACCEPTED = HttpResponse(202, b'{"status":"OK"}', {"Content-Type": "application/json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What all environments of a cloud share.

    Attributes:
        keeper: starts their processes.
        python: the interpreter of Python functions.
        base: variables of every environment (credentials, endpoint).
        put_logs: takes their log lines.
        cpu_share: whether each is held to its memory's share of CPU.
    """

    keeper: Keeper
    python: Path
    base: Mapping[str, str]
    put_logs: Put
    cpu_share: bool = False


@dataclass(slots=True)
class Environment:
    """Runs one invocation at a time, and is stopped between two invocations.

    Attributes:
        spec: its function.
        folder: its own temporary folder.
        machine: what it shares with all others.
        log: its own log stream.
        initialised: resolves at the first `/next` with None, or with the error of INIT.
    """

    spec: FunctionSpec
    folder: Path
    machine: Machine
    log: LogStream
    _: KW_ONLY
    initialised: asyncio.Future[bytes | None] = field(init=False)
    init_s: float = 0.0
    init_cpu_s: float = 0.0
    peak_memory_mb: int = 0
    frozen_since: float | None = None
    frozen_s: float = 0.0
    process: Process = field(init=False)
    _server: Server = field(init=False)
    _next: asyncio.Queue[Invocation] = field(init=False)
    _current: Invocation | None = None
    _throttle: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the Runtime API and start the process, which then initialises by itself."""
        self.initialised = asyncio.get_running_loop().create_future()
        self._next = asyncio.Queue()
        self._server = Server(
            self._answer, loopback_socket(), own_user_only=True, sink_for=self._sink_for
        )
        await self._server.start()
        self.folder.mkdir(parents=True, exist_ok=True)
        task_root = await asyncio.to_thread(self._task_root)
        given = variables(
            self.spec,
            self.machine.base,
            api_port=self._server.port,
            log_stream=self.log.name,
            folder=self.folder,
            task_root=task_root,
        )
        order = {
            **await asyncio.to_thread(own_mounts, self.folder, task_root),
            "command": command(self.spec, self.machine.python, task_root),
            "variables": given,
            "own_pids": is_possible(own_pids=True),
        }
        self.process = await self.machine.keeper.start(order, self.log.take)
        self.log.read_on = self.process.read_output
        self.log.read_no_more = self.process.read_no_more

    def _task_root(self) -> Path:
        """The function's code, or a copy for this environment where mounts are impossible."""
        if is_possible():
            return self.spec.code
        own = self.folder / "task"
        if not own.exists():
            shutil.copytree(self.spec.code, own)
            for path in [own, *own.rglob("*")]:
                path.chmod(path.stat().st_mode & ~0o222)
        return own

    def say_init_start(self) -> None:
        """Begin the log; only the stream shows the first line, and not the caller's tail."""
        if not self.spec.quiet:
            self.log.say(init_start(self.spec), in_tail=False)
        if said := notice(self.spec):
            self.log.say(f"{said}\n")

    def say_start(self, invocation: Invocation) -> None:
        """Log the start of an invocation, once."""
        if not invocation.said_start:
            invocation.said_start = True
            if not self.spec.quiet:
                self.log.say(start(self.spec, invocation.call.request_id))

    def say_rest(self) -> None:
        """Log what the handler has written and nobody has read."""
        self.process.drain()

    def hand_over(self, invocation: Invocation) -> None:
        """Give the environment its next event, and thaw it if it is stopped."""
        self._next.put_nowait(invocation)

    def successor(self) -> Environment:
        """The same sandbox, /tmp and log stream, for a new process."""
        return Environment(self.spec, self.folder, self.machine, self.log)

    def note_peak_memory(self) -> int:
        """The largest memory in use so far, MB; it stays known after the process has ended."""
        self.peak_memory_mb = max(self.process.memory_mb(), self.peak_memory_mb)
        return self.peak_memory_mb

    def is_past_its_memory(self) -> bool:
        """Whether it has used more than the function's memory."""
        return self.note_peak_memory() > self.spec.memory_mb

    async def close(self) -> None:
        """Kill its processes and wait until all are gone."""
        self._unthrottle()
        self.process.kill()
        await self.process.exited
        await self._server.close()

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        path = request.path
        if not is_local_and_direct(request.headers, {self._server.port}):
            return HttpResponse(403, b'{"errorMessage":"refused","errorType":"AccessDenied"}')
        if request.method == "GET" and path == f"{API}/invocation/next":
            return await self._on_next()
        if request.method == "POST" and path == f"{API}/init/error":
            self._init_done(request.body)
            return ACCEPTED
        current = self._current
        if request.method == "POST" and current and path.startswith(f"{API}/invocation/"):
            request_id, _, kind = path.removeprefix(f"{API}/invocation/").partition("/")
            if request_id == current.call.request_id and kind in {"response", "error"}:
                if _is_streamed(request):
                    return _settle_stream(current, request.trailers)
                return _settle(current, request.body, failed=kind == "error")
        return HttpResponse(404, b'{"errorMessage":"no such request","errorType":"InvalidRequest"}')

    def _sink_for(self, request: HttpRequest) -> Sink | None:
        """Return the sink for a streamed answer of the current invocation, else None."""
        current = self._current
        if current is None or not _is_streamed(request):
            return None
        if request.path != f"{API}/invocation/{current.call.request_id}/response":
            return None
        current.stream = current.stream or StreamedAnswer()
        current.stream.open(request.headers.get("content-type", "application/octet-stream"))
        return current.stream.write

    async def _on_next(self) -> HttpResponse:
        now = time.perf_counter()
        if self._current is not None and not self._current.settled:
            return NOT_NOW  # a fork of the runtime asks beside it
        self._unthrottle()
        if self._current is not None:
            self._finish(self._current, now)
        else:
            self._init_done(None)
            if self.peak_memory_mb > self.spec.memory_mb:
                await self.process.exited  # whoever started it ends it; no event reaches it
                return NOT_NOW
        if self._next.empty():
            self.process.freeze()
            self.frozen_since = time.perf_counter()
        invocation = await self._next.get()
        if self.frozen_since is not None:
            self.frozen_s = time.perf_counter() - self.frozen_since
            self.frozen_since = None
        self._current = invocation
        self.process.drain()  # what INIT wrote
        self.say_start(invocation)
        spent_s = 0.0 if invocation.began is None else time.perf_counter() - invocation.began
        deadline_ms = int((time.time() + invocation.timeout_s - spent_s) * 1000)
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.call.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Trace-Id": invocation.call.trace_id,
        }
        if invocation.call.client_context:
            headers["Lambda-Runtime-Client-Context"] = _in_ascii(invocation.call.client_context)
        invocation.cpu_before_s = self.process.cpu_s(newest=True)
        invocation.started = invocation.began or time.perf_counter()
        self.process.thaw()
        if self.machine.cpu_share:
            # Not during INIT: there AWS gives a function more, as many measurements show.
            self._throttle = asyncio.ensure_future(hold_to_share(self.process, self.spec.memory_mb))
        return HttpResponse(200, invocation.call.event, headers)

    def _unthrottle(self) -> None:
        if self._throttle is not None:
            self._throttle.cancel()
            self._throttle = None

    def _finish(self, invocation: Invocation, now: float) -> None:
        invocation.ended = now
        invocation.cpu_after_s = self.process.cpu_s(newest=True)
        self._current = None
        if not invocation.finished.done():
            invocation.finished.set_result(None)

    def note_init(self) -> None:
        """Note the time, CPU and memory of INIT so far."""
        self.init_s = time.perf_counter() - self.process.began
        self.init_cpu_s = self.process.cpu_s(newest=True)
        self.note_peak_memory()

    def _init_done(self, error: bytes | None) -> None:
        if not self.initialised.done():
            self.note_init()
            self.initialised.set_result(error)


def _in_ascii(text: str) -> str:
    """The same JSON in one line of ASCII, for a header."""
    return json.dumps(json.loads(text))


def _is_streamed(request: HttpRequest) -> bool:
    return request.headers.get("lambda-runtime-function-response-mode") == "streaming"


def _settle_stream(invocation: Invocation, trailers: Mapping[str, str]) -> HttpResponse:
    """Settle a streamed answer at its end; an error after its start stands in the trailers."""
    stream = invocation.stream
    error = trailers.get("lambda-runtime-function-error-body")
    if stream is not None and stream.overrun:
        invocation.payload, invocation.failed = too_large(STREAM_BYTES), True
    elif error is not None:
        invocation.payload, invocation.failed = base64.b64decode(error), True
    elif stream is not None:
        invocation.payload, invocation.failed = stream.collected(), False
    invocation.settled = True
    return ACCEPTED


def _settle(invocation: Invocation, body: bytes, *, failed: bool) -> HttpResponse:
    is_too_large = len(body) > MAX_RESPONSE_BYTES
    if is_too_large:
        body, failed = too_large(), True
    invocation.payload, invocation.failed, invocation.settled = body, failed, True
    return TOO_LARGE if is_too_large else ACCEPTED
