"""The simulated cloud beside the local one: the same calls, the same lines and the same errors."""

from __future__ import annotations

import base64
import io
import json
import math
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from serverless_tax.cloud.model.pace import Pace
from serverless_tax.cloud.simulated.clients import ERRORS
from serverless_tax.cloud.simulated.cloud import SimulatedCloud
from serverless_tax.cloud.simulated.packages import packages
from serverless_tax.cloud.simulated.refusals import NotSimulatedError
from serverless_tax.cloud.simulated.services import client
from serverless_tax.ground.report import Report, parse_reports

ROOT = Path(__file__).resolve().parents[2]
PROVIDER = """
import http.client, json, os, time, urllib.request
from urllib.parse import urlsplit
BASE = urlsplit(os.environ["OPENAI_BASE_URL"])
def ask(tokens):
    connection = http.client.HTTPConnection(BASE.netloc)
    body = {"model": "sim", "stream": True, "max_completion_tokens": tokens,
            "messages": [{"role": "user", "content": "?"}]}
    key = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
    connection.request("POST", BASE.path + "/chat/completions", json.dumps(body), key)
    return connection.getresponse().read().count(b'"content":" ')
"""
#: Each call by its event, with what the handler waits in it, in seconds.
HANDLER = """
import asyncio, os, sys, time
calls = 0
async def nap(seconds):
    await asyncio.sleep(seconds)
async def naps(each):
    await asyncio.gather(*map(nap, each))
class Own(Exception):
    pass
def handler(event, context):
    global calls
    calls += 1
    what = event["do"]
    if what == "sleep": time.sleep(event["s"])
    if what == "gather": asyncio.run(naps(event["each"]))
    if what == "raise": raise Own("as it says")
    if what == "set": return {1}
    if what == "coroutine": return nap(1)
    if what == "exit": sys.exit(3)
    if what == "large": return "x" * 7_000_000
    if what == "left": return context.get_remaining_time_in_millis() > 500
    if what == "print": print("said", event["do"])
    return {"calls": calls, "name": context.function_name, "in": os.environ["OWN"]}
"""
#: Long beside a start of the runtime, of which a busy machine makes a second and more.
TIMEOUT_S = 6
CALLS: list[tuple[dict[str, Any], float]] = [
    ({"do": "print"}, 0.0),
    ({"do": "sleep", "s": 0.3}, 0.3),
    ({"do": "gather", "each": [0.1, 0.25]}, 0.25),
    ({"do": "raise"}, 0.0),
    ({"do": "set"}, 0.0),
    ({"do": "coroutine"}, 0.0),
    ({"do": "left"}, 0.0),
    ({"do": "large"}, 0.0),
    ({"do": "sleep", "s": 90}, TIMEOUT_S),
    ({"do": "print"}, 0.0),  # the runtime starts anew within it
    ({"do": "exit"}, 0.0),
    ({"do": "print"}, 0.0),
]
BROKEN = {
    "a module that is not there": "import nothing_of_this_name",
    "no handler": "x = 1",
    "an error at the top": "raise ValueError('at the top')",
    "no Python": "def handler(:",
}


@pytest.fixture
def simulated() -> Iterator[SimulatedCloud]:
    """A cloud whose model takes a second and a half for an answer."""
    pace = Pace(ttft_ms=500, tokens_per_s=100, output_tokens=101)
    cloud = SimulatedCloud(pace, packages, cpu_share=True)
    yield cloud
    cloud.close()


def zipped(code: str, beside: int = 0) -> bytes:
    """A deployment package with app.py, and so many empty modules beside it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("app.py", textwrap.dedent(code))
        for k in range(beside):
            package.writestr(f"beside_{k}.py", "")
    return archive.getvalue()


Invoke = Callable[[dict[str, Any]], tuple[Any, str | None, Report]]


def simulate(cloud: SimulatedCloud, code: str, beside: int = 0, **settings: Any) -> Invoke:
    """Deploy a function in the simulated cloud; return what invokes it."""
    lambda_ = client(cloud, "lambda")
    settings = {"Timeout": 10, "MemorySize": 1769, **settings}
    variables = {**cloud.function_environment, "OWN": "its own"}
    lambda_.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Handler="app.handler",
        Code={"ZipFile": zipped(code, beside)},
        Environment={"Variables": variables},
        **settings,
    )

    def invoke(event: dict[str, Any]) -> tuple[Any, str | None, Report]:
        told = lambda_.invoke(FunctionName="f", Payload=json.dumps(event), LogType="Tail")
        [report] = parse_reports(base64.b64decode(told["LogResult"]).decode())
        return json.load(told["Payload"]), told.get("FunctionError"), report

    return invoke


def plain(payload: Any) -> Any:
    """An answer without what differs from run to run: ids, names and places."""
    if isinstance(payload, dict) and "errorType" in payload:
        says = payload["errorMessage"].rpartition(" Error: ")[2]
        return {"errorType": payload["errorType"], "says": says[:40]}
    if isinstance(payload, dict):
        return {**payload, "name": None}
    return payload


def test_both_clouds_say_the_same_of_the_same_calls(deploy: Any, simulated: SimulatedCloud) -> None:
    """Answers, errors, where there was an INIT, and what was billed: at least the wait."""
    own = {"Variables": {"OWN": "its own"}}
    real = deploy(HANDLER, timeout=TIMEOUT_S, MemorySize=1769, Environment=own)
    mine = simulate(simulated, HANDLER, Timeout=TIMEOUT_S)
    for event, wait_s in CALLS:
        theirs, (payload, error, report) = real.invoke(**event), mine(event)
        assert plain(payload) == plain(theirs.payload), event
        assert error == theirs.error, event
        same = ("memory_mb", "status", "error_type")
        assert [getattr(report, one) for one in same] == [
            getattr(theirs.report, one) for one in same
        ], event
        assert (report.init_ms is None) == (theirs.report.init_ms is None), event
        billed_ms = [one.billed_ms for one in (report, theirs.report)]
        assert all(one >= 1000 * wait_s for one in billed_ms), event
        # The other way a busy machine delays only the real one.
        assert billed_ms[0] - 1000 * wait_s < 900, (event, billed_ms)


@pytest.mark.parametrize("code", BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_imported_fails_alike(
    code: str, deploy: Any, simulated: SimulatedCloud
) -> None:
    """INIT fails twice, and the error is the runtime client's own."""
    theirs = deploy(code).invoke()
    payload, error, report = simulate(simulated, code)({})
    assert plain(payload) == plain(theirs.payload)
    assert error == theirs.error
    assert report.error_type == theirs.report.error_type
    assert report.init_ms is None
    assert theirs.report.init_ms is None


def test_a_wait_takes_no_time_and_is_billed(simulated: SimulatedCloud) -> None:
    """Ten answers of the model, fifteen seconds of them, at once."""
    invoke = simulate(simulated, f"{PROVIDER}\ndef handler(event, context): return ask(101)")
    began = time.monotonic()
    for _ in range(10):
        answer, error, report = invoke({})
        assert (answer, error) == (101, None)
        assert 1500 <= report.billed_ms < 3000
    assert time.monotonic() - began < 10
    assert [bool(one.init_cpu_ms) for one in simulated.readings()] == [True] + 9 * [False]


def test_calls_at_once_have_an_environment_each(simulated: SimulatedCloud) -> None:
    """Two cold starts, and the clock goes on by the longer; the third finds one of them."""
    invoke = simulate(simulated, "import time\ndef handler(event, context): time.sleep(event['s'])")
    names = {"ThreadPoolExecutor": ThreadPoolExecutor}
    with simulated.on(names):
        began_s = time.time()
        with names["ThreadPoolExecutor"](2) as pool:
            runs = [*pool.map(lambda s: invoke({"s": s})[2], (2, 3))]
        took_s = time.time() - began_s
        runs.append(invoke({"s": 0})[2])
    assert [one.init_ms is None for one in runs] == [False, False, True]
    assert 3 < took_s < 4
    assert names["ThreadPoolExecutor"] is ThreadPoolExecutor


def test_an_environment_goes_when_nobody_calls(simulated: SimulatedCloud) -> None:
    """Warm after fifty seconds, gone after six minutes."""
    invoke = simulate(simulated, "def handler(event, context): return 1")
    with simulated.on():
        inits = []
        for pause_s in (0, 50, 361):
            time.sleep(pause_s)
            inits.append(invoke({})[2].init_ms is not None)
    assert inits == [True, False, True]


def test_what_the_simulation_itself_does_is_nobodys_work(simulated: SimulatedCloud) -> None:
    """To put a package of two thousand modules in place takes longer than this handler."""
    code = "def handler(event, context): return 1"
    invoke = simulate(simulated, code, beside=2000, MemorySize=128)
    assert min(invoke({})[2].duration_ms for _ in range(3)) < 5


def test_cpu_follows_memory(simulated: SimulatedCloud) -> None:
    """Work of a given length in the CPU's clock takes a fourteenth of the speed at 128 MB."""
    code = """
import time
def handler(event, context):
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
"""
    invoke = simulate(simulated, code, MemorySize=128)
    invoke({})
    report = invoke({})[2]
    cpu_ms = simulated.readings()[-1].cpu_ms
    assert cpu_ms >= 50
    assert report.billed_ms == pytest.approx(cpu_ms * 1769 / 128, rel=0.25)


def test_what_does_not_fit_into_the_memory_is_killed(simulated: SimulatedCloud) -> None:
    """By what its variables hold when it waits."""
    code = """
import time
def handler(event, context):
    held = b"x" * (event["mb"] * 1024 * 1024)
    time.sleep(0.1)
    return len(held)
"""
    invoke = simulate(simulated, code, MemorySize=128)
    assert invoke({"mb": 60})[2].max_memory_used_mb == pytest.approx(24 + 60, abs=3)
    payload, error, report = invoke({"mb": 120})
    assert (payload["errorType"], error) == ("Runtime.ExitError", "Unhandled")
    assert (report.error_type, report.max_memory_used_mb) == ("Runtime.OutOfMemory", 128)


def test_no_more_than_the_reserved_run_at_once(simulated: SimulatedCloud) -> None:
    """The second is throttled, as on Lambda."""
    invoke = simulate(simulated, "import time\ndef handler(event, context): time.sleep(1)")
    lambda_ = client(simulated, "lambda")
    lambda_.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    names = {"ThreadPoolExecutor": ThreadPoolExecutor}
    with simulated.on(names), names["ThreadPoolExecutor"](2) as pool:
        calls = [pool.submit(invoke, {}) for _ in range(2)]
        calls[0].result()
        with pytest.raises(ERRORS.TooManyRequestsException):
            calls[1].result()


REFUSED = {
    "another machine": "import urllib.request\nurllib.request.urlopen('http://example.com')",
    "another process": "import subprocess\nsubprocess.Popen(['ls'])",
    "a thread left behind": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=[1], daemon=True).start()"
    ),
    "a thread that is not joined": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=[1]).start()\n"
        "time.sleep(0.05)"
    ),
    "a pool that nobody waits for": (
        "import time\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "ThreadPoolExecutor().submit(time.sleep, 1)"
    ),
}


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_simulated_says_so(code: str, simulated: SimulatedCloud) -> None:
    """In one sentence, which no handler's error is."""
    body = textwrap.indent(code, "    ")
    invoke = simulate(simulated, f"def handler(event, context):\n{body}\n")
    with pytest.raises(NotSimulatedError, match=r"^Not simulated: .*\. Run the lab on Linux"):
        invoke({})


def test_nothing_of_the_simulation_is_left_behind(simulated: SimulatedCloud) -> None:
    """The clock, the variables and the modules are the notebook's again."""
    before = (time.sleep, time.time, dict(sys.modules), sys.path[:])
    simulate(simulated, "import os\nos.environ['LEFT'] = 'x'\ndef handler(e, c): return 1")({})
    assert (time.sleep, time.time, sys.path) == (before[0], before[1], before[3])
    assert "app" not in sys.modules
    assert math.isclose(time.time(), time.time(), abs_tol=60)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("while True: pass", "Task timed out after 1.00 seconds"),
        ("threading.Event().wait()", "Task timed out after 1.00 seconds"),
        ("raise KeyboardInterrupt", "Runtime exited with error: signal: interrupt"),
        ("return asyncio.gather(asyncio.sleep(1))", "_GatheringFuture is not JSON serializable"),
    ],
)
def test_what_never_answers_is_ended(
    line: str, says: str, simulated: SimulatedCloud, caplog: pytest.LogCaptureFixture
) -> None:
    """By its timeout or its own doing, in one line; the next call is answered."""
    code = "import asyncio, threading\ndef handler(event, context):\n    if event:\n        "
    invoke = simulate(simulated, f"{code}{line}\n", Timeout=1)
    began_s = time.monotonic()
    payload, error, report = invoke({"do": 1})
    assert says in payload["errorMessage"]
    assert error == "Unhandled"
    assert (report.status == "timeout") == ("timed out" in says)
    if "timed out" in says:
        assert report.billed_ms == pytest.approx(1000, abs=300)
        assert time.monotonic() - began_s < 30
    assert invoke({})[:2] == (None, None)
    assert not caplog.records


def test_a_thread_that_is_waited_for_is_billed(simulated: SimulatedCloud) -> None:
    """Two of a second each, at the same time."""
    code = """
import threading, time
def handler(event, context):
    both = [threading.Thread(target=time.sleep, args=[1]) for _ in range(2)]
    for one in both: one.start()
    for one in both: one.join()
"""
    assert 1000 <= simulate(simulated, code)({})[2].billed_ms < 1900


ABSENT = ("lzma", "resource", "subprocess", "multiprocessing", "fcntl", "h11", "ministack", "boto3")
IMPORTS = """
import asyncio, sys  # asyncio names subprocess itself
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
for name in [*sys.modules]:
    if name.partition(".")[0] in {absent!r}:
        del sys.modules[name]
sys.meta_path.insert(0, Absent())
import serverless_tax.cloud.lab.replay
import serverless_tax.cloud.lab.builds
import serverless_tax.cloud.simulated.tab
from serverless_tax.cloud import Provider, open_target
"""


def test_it_needs_nothing_that_a_browser_lacks() -> None:
    """The import graph stays clean: what starts processes is asked for where one is started."""
    code = IMPORTS.format(absent=ABSENT)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr
