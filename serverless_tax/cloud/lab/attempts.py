"""Trying what a learner wrote: deployed, invoked, and refused in one sentence where it fails."""

from __future__ import annotations

import base64
import functools
import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from serverless_tax.cloud.lab.deploying import Deployed, LabError, deploy
from serverless_tax.cloud.simulated.cloud import SimulatedClient
from serverless_tax.cloud.simulated.network import NotSimulatedError
from serverless_tax.ground.report import Report, parse_reports

if TYPE_CHECKING:
    from serverless_tax.cloud.lab.target import Target

Check = TypeVar("Check", bound=Callable[..., None])

#: How late a wait may end, as a share of it.
LATE = 1.5
#: What a handler that cannot be used did, by the error that Lambda names.
_FAULTS = {
    "Runtime.MarshalError": "What it returns cannot be sent as JSON. Lambda's Python awaits no"
    " coroutine: return the answer itself, from a plain `def`.",
    "Runtime.HandlerNotFound": "The file has no `handler` in it: that is the name Lambda calls.",
    "Sandbox.Timedout": "It did not end, and was stopped: does it wait for something that never"
    " comes?",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One invocation of a learner's handler: what it returned, its REPORT line, what it logged."""

    answer: Any
    report: Report
    log: str

    def __str__(self) -> str:
        memory = f"{self.report.max_memory_used_mb} of {self.report.memory_mb:,} MB"
        return f"REPORT: billed {self.report.billed_ms:,} ms, {memory} used."


def tried(check: Check) -> Check:
    """Have a check tried in a replay too, in its simulated cloud, which it then names first."""

    @functools.wraps(check)
    def run(target: Target, *args: Any) -> None:
        if target.simulated is None:
            check(target, *args)
            return
        with target.simulated.on():
            print("Simulated: your handler runs in this process, on a clock of its own.")
            try:
                check(target, *args)
            except NotSimulatedError as refused:
                print(refused)

    return cast("Check", run)


def deploy_mine(target: Target, lab: int, **options: Any) -> Deployed:
    """Deploy what the learner wrote."""
    name = f"my_handler_{lab}"
    return deploy(target, f"{name}.handler", name.replace("_", "-"), folder=Path(), **options)


def connect(target: Target, url: str) -> Any:
    """Connect to a WebSocket API."""
    if target.simulated:
        return SimulatedClient(target.simulated, target.url(url))
    from websockets.sync.client import connect as to  # noqa: PLC0415 - an extra of the labs

    return to(target.url(url), open_timeout=30)


def invoke(target: Target, made: Deployed, event: Mapping[str, Any]) -> Attempt:
    """Invoke a learner's function, and refuse it if it failed."""
    lambda_ = target.client("lambda")
    told = lambda_.invoke(FunctionName=made.name, Payload=json.dumps(event), LogType="Tail")
    answer = json.load(told["Payload"])
    if "FunctionError" in told:
        refuse(answer)
    log = base64.b64decode(told["LogResult"]).decode()
    return Attempt(answer, [*parse_reports(log)][-1], log)


def quickest(target: Target, made: Deployed, event: Mapping[str, Any], wait_ms: float) -> Attempt:
    """Invoke again what took long: a neighbour only ever makes a wait longer."""
    run = invoke(target, made, event)
    if run.report.billed_ms < LATE * wait_ms:
        return run
    return min(run, invoke(target, made, event), key=lambda one: one.report.billed_ms)


def expect(is_so: object, says: str) -> None:
    """Refuse, with this sentence, what is not so."""
    if not is_so:
        raise LabError(f"Not yet. {says}")


def expect_parts(answer: Any, kinds: Mapping[str, type]) -> None:
    """Whether it returned a dict with these parts."""
    names = " and ".join(f'"{name}"' for name in kinds)
    good = isinstance(answer, dict) and all(
        isinstance(answer.get(name), kind) for name, kind in kinds.items()
    )
    said = json.dumps(answer)
    expect(good, f"It returned {said[:80]}. What is asked for is a dict with {names}.")


def refuse(error: Mapping[str, Any]) -> None:
    """Refuse a handler that failed, by the error that Lambda names."""
    kind = str(error.get("errorType"))
    says = " ".join(str(error.get("errorMessage")).split())
    if kind.endswith("NotImplementedError"):
        raise LabError(f"Not yet. {says}")
    known = next((says for fault, says in _FAULTS.items() if fault == kind), "")
    raise LabError(f"Not yet. {known or f'It failed with {kind}: {says}'}")


def read_object(text: str) -> dict[str, Any]:
    """Return the object in a JSON text; an empty one if there is none."""
    try:
        read = json.loads(text)
    except ValueError:
        read = {}
    return read if isinstance(read, dict) else {}


def _lines(target: Target, made: Deployed, since_ms: int) -> list[str]:
    logs = target.client("logs")
    found = logs.filter_log_events(logGroupName=made.log_group, startTime=since_ms)["events"]
    return [one["message"] for one in found]


def reports(target: Target, made: Deployed, since_ms: int) -> list[Report]:
    """The REPORT lines since a moment, once there is one."""

    def look() -> list[Report]:
        return [*parse_reports("".join(_lines(target, made, since_ms)))]

    return _once(look, "There is no REPORT line within 30 seconds: did a message reach it?")


def logged_error(target: Target, made: Deployed, since_ms: int) -> dict[str, str]:
    """The error that a function logged, by its type."""

    def look() -> list[str]:
        lines = _lines(target, made, since_ms)
        return [line for line in lines if line.startswith("[ERROR]")]

    error = _once(look, "The function failed, and logged no error within 30 seconds.")[-1]
    kind, _, says = error.removeprefix("[ERROR]").strip().splitlines()[0].partition(": ")
    return {"errorType": kind, "errorMessage": says}


def _once(look: Callable[[], list[Any]], says: str) -> list[Any]:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.1)
    raise LabError(f"Not yet. {says}")


def ask_provider(target: Target, path: str) -> dict[str, Any]:
    """What the model provider says of something."""
    said = target.function_environment
    base = urlsplit(said["OPENAI_BASE_URL"])
    connection = http.client.HTTPConnection(base.netloc, timeout=10)
    headers = {"Authorization": f"Bearer {said['OPENAI_API_KEY']}"}
    try:
        connection.request("GET", f"{base.path}{path}", headers=headers)
        found: dict[str, Any] = json.load(connection.getresponse())
    finally:
        connection.close()
    return found
