"""Odd handlers on both clouds: the same answers, the same errors, the same lines of the log."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from serverless_tax.cloud.model.pace import Pace
from serverless_tax.cloud.simulated.clients import ClientError as Refused
from serverless_tax.cloud.simulated.cloud import SimulatedCloud
from serverless_tax.cloud.simulated.packages import packages
from serverless_tax.cloud.simulated.refusals import NotSimulatedError
from serverless_tax.cloud.simulated.services import client
from serverless_tax.ground.report import parse_reports

from .conftest import PYTHON, zipped

HEAD = (
    "import asyncio, concurrent.futures as f, datetime, logging, os, queue, sys, threading, time\n"
)
#: Each body of a handler, which is called twice.
ALIKE = {
    "its environment's variables stay": (
        "was = os.environ.get('SEEN'); os.environ['SEEN'] = 'yes'; return was"
    ),
    "it runs beside its code": (
        "return [os.path.exists('app.py'), os.getcwd() == os.environ['LAMBDA_TASK_ROOT']]"
    ),
    "a level of its log stays": (
        "logging.info('said'); logging.warning('é'); print('a'); print('b', file=sys.stderr)\n"
        "    logging.getLogger().setLevel('INFO')"
    ),
    "an error without a text": "raise ValueError",
    "an error with a cause": "raise KeyError('k') from ValueError('v')",
    "an error that no client catches": "raise BaseException('b')",
    "an interrupt": "raise KeyboardInterrupt",
    "an exit with a text": "sys.exit('bye')",
    "an exit past all": "os._exit(3)",
    "what it is given": (
        "return [c.identity.cognito_identity_id, c.tenant_id, c.log_stream_name[:2], c.w3c(),"
        " repr(c)[:14], c.log('said\\n')]"
    ),
    "a negative wait": "time.sleep(-1)",
    "an answer that is too large": "return 'x' * 6_291_555",
    "a wait in words": "time.sleep('1')",
    "a date's clock": (
        "at = datetime.datetime.now(); time.sleep(0.4)\n"
        "    return round((datetime.datetime.now() - at).total_seconds(), 1)"
    ),
    "an event that nobody sets": "return threading.Event().wait(0.4)",
    "a queue that nobody fills": "return queue.Queue().get(timeout=0.4)",
    "the first that is done": (
        "pool = f.ThreadPoolExecutor(2); all = [pool.submit(time.sleep, s) for s in (0.5, 0.2)]\n"
        "    done, left = f.wait(all, return_when=f.FIRST_COMPLETED)\n"
        "    return [len(done), len(left), [all.index(one) for one in f.as_completed(all)]]"
    ),
    "a result that comes too late": (
        "one = f.ThreadPoolExecutor(1).submit(time.sleep, 0.5)\n"
        "    try: one.result(timeout=0.1)\n"
        "    except TimeoutError: return [one.done(), one.result(), one.done()]"
    ),
    "nobody types": "return [sys.stdin.read(), input('? ')]",
    "an error of a thread": (
        "one = threading.Thread(target=lambda: 1 / 0); one.start(); one.join(); return 'ok'"
    ),
}
#: What some of them wait, in milliseconds.
WAITS_MS = {
    "a date's clock": 400,
    "an event that nobody sets": 400,
    "a queue that nobody fills": 400,
    "the first that is done": 500,
    "a result that comes too late": 500,
}
#: Each module that never comes to a handler.
BROKEN = {
    "an error that no client catches": "raise BaseException('b')",
    # It waits, so that its memory is looked at while it is in INIT.
    "too much memory": "import time\nheld = b'x' * 200_000_000\ntime.sleep(2)\nhandler = len",
    "no such name": "import nothing_of_this_name",
}
EVENTS = [b"[NaN]", b"\xff", b"{bad", b'"' + b"x" * 6_291_456 + b'"']
_VARIES = re.compile(
    r"RequestId: \S+|[\da-f]{8}-[\da-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+Z|[\d.]+ ms|Used: \d+"
    r"|/\S*/(?=\w+\.py)|, line \d+|\[\d{13}\]"
)
#: What an interpreter says of its own files, and of their parts.
_OWN = re.compile(
    r"^\s*(File|~|\^|\S.*\(|self\.|exec|main|bootstrap|handle_event|return _boot|raise exc).*"
)


@pytest.fixture
def simulated() -> Iterator[SimulatedCloud]:
    """A cloud without CPU shares."""
    cloud = SimulatedCloud(Pace(ttft_ms=1, tokens_per_s=100, output_tokens=1), packages)
    yield cloud
    cloud.close()


def function(cloud: SimulatedCloud, code: str, memory_mb: int = 256) -> Any:
    """Deploy a function in the simulated cloud; return its client."""
    made = client(cloud, "lambda")
    made.create_function(
        FunctionName="f",
        Runtime=PYTHON,
        Handler="app.handler",
        Code={"ZipFile": zipped(code)},
        Timeout=10,
        MemorySize=memory_mb,
    )
    return made


def told(lambda_: Any, name: str) -> tuple[Any, Any, Any, list[str], int]:
    """Invoke, and return what both clouds have to say alike; last, what was billed."""
    answer = lambda_.invoke(FunctionName=name, Payload=b"{}", LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    payload = json.load(answer["Payload"])
    if isinstance(payload, dict):
        payload = {key: payload[key] for key in ("errorType", "errorMessage")}
    [report] = parse_reports(log)
    lines = [_VARIES.sub("…", line) for line in re.split(r"[\r\n]+", log)]
    lines = [line for line in lines if line.strip() and not _OWN.match(line)]
    payload = json.loads(_VARIES.sub("…", json.dumps(payload)))
    error = (answer.get("FunctionError"), report.status, report.error_type, report.init_ms is None)
    return payload, error, report.memory_mb, lines, report.billed_ms


@pytest.mark.parametrize("name", ALIKE)
def test_an_odd_handler_does_the_same_in_both(
    name: str, deploy: Any, simulated: SimulatedCloud
) -> None:
    """Twice: what is kept between two calls is the same; and what it waits is billed."""
    code = f"{HEAD}def handler(e, c):\n    {ALIKE[name]}\n"
    real, ours = deploy(code, MemorySize=256), function(simulated, code)
    for _ in range(2):
        *theirs, _ = told(real.client, real.name)
        *mine, my_ms = told(ours, "f")
        assert mine == theirs
        assert my_ms >= WAITS_MS.get(name, 0)


@pytest.mark.parametrize("code", BROKEN.values(), ids=BROKEN)
def test_a_module_that_ends_init_ends_it_in_both(
    code: str, deploy: Any, simulated: SimulatedCloud
) -> None:
    """It is told in the log, not to the notebook; the start of an interpreter is billed."""
    real, ours = deploy(code, MemorySize=128), function(simulated, code, 128)
    *theirs, _ = told(real.client, real.name)
    *mine, my_ms = told(ours, "f")
    assert mine == theirs
    assert my_ms > 90


@pytest.mark.parametrize("event", EVENTS, ids=["NaN", "no UTF-8", "no JSON", "too large"])
def test_an_event_that_lambda_does_not_take_is_refused_in_its_words(
    event: bytes, deploy: Any, simulated: SimulatedCloud
) -> None:
    """With the name of what was called."""
    code = "def handler(e, c): return e"
    real, ours = deploy(code), function(simulated, code)
    with pytest.raises(ClientError) as theirs:
        real.client.invoke(FunctionName=real.name, Payload=event)
    with pytest.raises(Refused) as mine:
        ours.invoke(FunctionName="f", Payload=event)
    assert str(mine.value) == str(theirs.value)


@pytest.mark.parametrize("body", ["return 'whole'", "raise ValueError('no')"])
def test_an_answer_that_is_not_streamed_ends_its_stream_alike(
    body: str, deploy: Any, simulated: SimulatedCloud
) -> None:
    """In one piece; an error is no piece of an answer."""
    code = f"def handler(e, c): {body}"
    real = deploy(code)
    heard = []
    for lambda_, name in ((real.client, real.name), (function(simulated, code), "f")):
        told = lambda_.invoke_with_response_stream(FunctionName=name, Payload=b"{}")
        heard.append([*told["EventStream"]])
        if details := heard[-1][-1]["InvokeComplete"].get("ErrorDetails"):
            heard[-1][-1]["InvokeComplete"]["ErrorDetails"] = json.loads(details)["errorMessage"]
    assert heard[0] == heard[1]


@pytest.mark.parametrize(
    "body",
    [
        "threading.Timer(1, print).start()",
        "one = threading.Thread(target=threading.Event().wait); one.start(); one.join()",
        "os.system('true')",
        "os.fork()",
    ],
)
def test_what_another_thread_or_process_would_do_is_refused(
    body: str, simulated: SimulatedCloud
) -> None:
    """A thread has done all its work when it starts: none can wait for another."""
    ours = function(simulated, f"{HEAD}def handler(e, c):\n    {body}\n")
    with pytest.raises(NotSimulatedError, match=r"^Not simulated: "):
        ours.invoke(FunctionName="f")
