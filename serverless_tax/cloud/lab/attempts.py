"""Trying what a learner wrote: deployed, invoked, and refused in one sentence where it fails."""

from __future__ import annotations

import base64
import functools
import http.client
import json
import math
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

from serverless_tax.cloud.lab.deploying import Api, Deployed, LabError
from serverless_tax.cloud.model.answers import WORDS, input_tokens
from serverless_tax.cloud.simulated.cloud import SimulatedClient
from serverless_tax.cloud.simulated.refusals import NotSimulatedError, not_simulated
from serverless_tax.cloud.simulated.stated import OF_MEMORY
from serverless_tax.ground.report import Report, parse_reports

if TYPE_CHECKING:
    from serverless_tax.cloud.lab.target import Target

Check = TypeVar("Check", bound=Callable[..., None])

#: How early a wait may end, as a share of it.
EARLY = 0.7
#: What a handler is asked: longer than what it may ask instead.
LONG = " ".join(40 * ["Why is my bill so high?"])
#: What is said of a question that was asked again.
PAID_AGAIN = (
    ", and each is paid for: ask once. What stands in a step beside the question is done again"
    " until the step has ended."
)
#: What is said of a function that has not ended.
NO_REPORT = "There is no REPORT line: did a message reach it?"
#: What is said of several tokens in one text.
JOINED = "It joined its tokens into one text. In the list each of them stands alone."
#: How late a wait may end, as a share of it; and from where on no neighbour has made it so late.
LATE, FAR = 1.5, 6
#: Pieces come over this share of the time that the model writes; where nobody knows that, over this
#: one of the whole stream's.
SPREAD_OUT, SOON = 0.5, 0.25
#: How often it is tried again whether it was late by chance.
TRIES = 3
#: So many letters of an answer are shown.
SHOWN = 60
_KINDS = {str: "a text", int: "a whole number", list: "a list"}
#: What a handler that cannot be used did, by the error that Lambda names.
_FAULTS = {
    "Runtime.HandlerNotFound": "The file has no `handler` in it: that is the name Lambda calls.",
    "Runtime.ImportModuleError": "What it imports is not there. Take Python's own modules, or a"
    " package that this notebook can import.",
    "Sandbox.Timedout": "It did not end, and was stopped: does it wait for something that never"
    " comes?",
    "KeyError": "It takes {says} from a dict that has no such part. Return the dict once, and this"
    " cell shows its parts.",
}
#: The same by what the error says.
_SLIPS = {
    "type (_GatheringFuture|Future|Task) |await wasn't used|'coroutine' object|'await' outside": ""
    "It uses what nobody has awaited: await it in an `async def`, and run that with `asyncio.run`.",
    "awaitable is required": "`gather` takes what can be awaited, which `complete_async` gives.",
    "from a running event loop": "`asyncio.run` stands outside of the `async def`: `await` in it.",
    "InvalidURL": "`call` takes the path first, and then the body, a dict.",
    "type (coroutine|async_generator)": "Lambda's Python awaits no coroutine: return the answer"
    " itself, from a plain `def`.",
    "type 'generator' has no len|not 'generator'|cannot be interpreted as an integer": ""
    "It yields the generator, not what is in it: `yield from`.",
    "of type '\\w+' has no len|%b requires a bytes-like": "It yields something else than text:"
    " yield each piece as it is.",
    "ParamValidationError": "`send` takes the connection's id, and then the message, a dict.",
    "GoneException": "There is no such connection: `send` takes its id first,"
    ' `event["requestContext"]["connectionId"]`.',
    "CancelledError": "Its process ended while something was not awaited.",
    "'dict' object has no attribute": "A dict's parts are taken with brackets:"
    ' `event["question"]`.',
    "string indices must be integers|'str' object has no attribute": "It takes a text for a dict:"
    ' `json.loads(event["body"])` makes a dict of it.',
    "metered\\(\\) missing": "`@metered` stands above the handler without brackets.",
    r"handler\(\) missing 2": "It calls the handler. Hand it over by its name, without brackets.",
    "handler\\(\\) (takes 1|missing)": "Lambda gives a handler two arguments:"
    " `def handler(event, context)`.",
    r"not (builtin_function_or_)?(method|function)\b|type (method|function) is not JSON": ""
    "It hands a function over where its value belongs: call it, with brackets behind its name.",
    "Task got bad yield": "`gather` takes no generator: a star before it hands over its parts.",
    "unhashable type: 'list'": "`gather` takes no list: a star before it hands over its parts.",
    "different loop|no (running|current) event loop|a coroutine was expected": "`gather` stands"
    " inside the `async def` that `asyncio.run` gets: no loop runs outside of it.",
    "is not callable": "It calls what is no function, or decorates with what is none.",
    "takes 0 positional arguments": "It gives an argument to a function that takes none.",
    "JSONDecodeError": "It reads as JSON what is none. An answer that is asked for with `stream`"
    " comes as lines of text: ask without it, or read it line by line.",
    "type generator is not JSON": "A `yield` makes a generator of it, and none of its lines runs.",
    "JSON serializable": "What it returns or sends is nothing for JSON: a dict of texts and numbers"
    " is.",
}
#: The provider's own words, in those of the labs' clients.
_REFUSED = re.compile(r"""the provider answered .*?"message": "(.*?)", "type":""")
#: What a handler is told that waits or calls in a way that no simulated network sees.
_OF_THE_SIMULATION = re.compile(
    r"another loop is running|port=9\b|in a TaskGroup|Connect(?:ion)?Error|Connection error"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One invocation of a learner's handler: what it returned, its REPORT line, what it logged.

    Attributes:
        runs: how often it was invoked until then, where the quickest was taken.
    """

    answer: Any
    report: Report
    log: str
    runs: int = 1

    def __str__(self) -> str:
        memory = f"{self.report.max_memory_used_mb} of {self.report.memory_mb:,} MB"
        return f"REPORT: billed {self.report.billed_ms:,} ms, {memory} used."


def tried(check: Check) -> Check:
    """Let the meter tick in a notebook while a handler is tried.

    In a replay the check is tried in its simulated cloud, which it then names first.
    """

    @functools.wraps(check)
    def run(target: Target, *args: Any) -> None:
        if target.simulated is None:
            with _ticking(target):
                check(target, *args)
            return
        machine = target.simulated.machine
        with target.simulated.on():
            threads = machine.threads
            print("Simulated: your handler runs in this process, on a clock of its own.", OF_MEMORY)
            try:
                check(target, *args)
            except NotSimulatedError as refused:
                print(refused)
            except LabError as refused:
                is_a_threads = machine.threads > threads and "collected first" in str(refused)
                if not (is_a_threads or _OF_THE_SIMULATION.search(str(refused))):
                    raise
                print(not_simulated("the way in which this handler waits, or calls"))

    return cast("Check", run)


def _ticking(target: Target) -> AbstractContextManager[Any]:
    from IPython.core.getipython import get_ipython  # noqa: PLC0415 - an extra of the labs

    if get_ipython() is None:
        return nullcontext()
    from serverless_tax.cloud.lab.ticker import ticking  # noqa: PLC0415 - see above

    return ticking(target)


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
    log = base64.b64decode(told["LogResult"]).decode()
    if "FunctionError" in told:
        refuse(answer, log)
    return Attempt(answer, [*parse_reports(log)][-1], log)


def quickest(target: Target, made: Deployed, event: Mapping[str, Any], wait_ms: float) -> Attempt:
    """Invoke again what took longer than is known: a neighbour only ever makes a wait longer."""
    runs = [invoke(target, made, event)]
    while LATE * wait_ms <= runs[-1].report.billed_ms < FAR * wait_ms and len(runs) < TRIES:
        runs.append(invoke(target, made, event))
    return replace(min(runs, key=lambda one: one.report.billed_ms), runs=len(runs))


def expect(is_so: object, says: str) -> None:
    """Refuse, with this sentence, what is not so."""
    if not is_so:
        raise LabError(f"Not yet. {says}")


def expect_parts(answer: Any, kinds: Mapping[str, type]) -> None:
    """Whether it returned a dict with these parts."""
    names = " and ".join(f'"{name}" ({_KINDS[kind]})' for name, kind in kinds.items())
    good = isinstance(answer, dict) and all(
        isinstance(answer.get(name), kind) for name, kind in kinds.items()
    )
    expect(good, f"It returned {shown(answer)}. What is asked for is a dict with {names}.")


def shown(answer: Any) -> str:
    """An answer as JSON, cut where it is long."""
    text = json.dumps(answer)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def refuse(
    error: Mapping[str, Any], log: str = "", slips: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Refuse a handler that failed, by the error that Lambda names, or that its log ends with.

    Args:
        error: as Lambda tells it.
        log: what was logged until then.
        slips: what else is said of an error, by what it says.
    """
    kind = str(error.get("errorType"))
    says = " ".join(str(error.get("errorMessage")).split())
    if kind.endswith("NotImplementedError"):
        raise LabError(f"Not yet. {says}")
    if kind == "Runtime.ExitError":
        last = re.findall(r"^[\w.]+(?:Error|Exit|Interrupt)\b.*$", log, re.MULTILINE)[-2:-1]
        says = last[0] if last else "it was ended, or had no memory left"
        known = f"Its process ended before it had answered: {says}."
    else:
        known = _FAULTS.get(kind, "It failed with {kind}: {says}").format(kind=kind, says=says)
    if told := _REFUSED.search(says):
        known = f"The provider refused what it was asked: {told[1]}".replace("\\'", "'")
    of_it = f"{kind}: {says}"
    hints = (hint for slip, hint in (*slips.items(), *_SLIPS.items()) if re.search(slip, of_it))
    known = next(hints, known)
    raise LabError(f"Not yet. {known}")


class ModelUse(NamedTuple):
    """What the model was asked for: tokens, in so many questions; and those of whole answers.

    `said` are the tokens of the questions themselves; `beside`, how many answers each came during.
    """

    tokens: int
    times: int
    whole: int
    said: int
    beside: int


def asked_so_far(target: Target) -> ModelUse:
    """What the model was asked for so far; 0 on AWS, where nobody knows it."""
    if target.pace is None:
        return ModelUse(0, 0, 0, 0, 0)
    used = ask_provider(target, "/organization/usage/completions")["data"]
    counts = [one for bucket in used for one in bucket["results"]]
    parts = (
        *("output_tokens", "num_model_requests", "whole_tokens", "input_tokens"),
        "requests_beside",
    )
    return ModelUse(*(sum(int(one[it]) for one in counts) for it in parts))


def expect_asked(
    target: Target, before: ModelUse, least: int, most: float = math.inf, text: str = ""
) -> None:
    """Refuse an answer that the model has not given, or that it was asked for more than for.

    Args:
        target: where it was tried.
        before: what was asked for until then.
        least: how many tokens it takes.
        most: how many it may have been asked for.
        text: of the answer, where it has one.
    """
    found = asked_so_far(target).tokens - before.tokens
    expect(
        target.pace is None or found >= least,
        f"The model was asked for {found} tokens, and {least} were returned: the answer is not"
        " its own. Ask it, and return what it answers.",
    )
    expect(
        target.pace is None or found <= most,
        f"The model was asked for {found} tokens, and the event asks for {most}: each is paid for."
        " Ask for no more.",
    )
    changed = next((one for one in text.strip().split(" ") if one not in ("", *WORDS)), None)
    expect(
        target.pace is None or changed is None,
        f"It answered {changed!r}, which the model did not write: leave its text as it is.",
    )


def expect_awaited(run: Attempt, least_ms: float, wait_ms: float) -> None:
    """Refuse an answer that came sooner than the model gives one."""
    expect(
        run.report.billed_ms >= least_ms,
        f"It was billed {run.report.billed_ms:,} ms, and the model takes {wait_ms:,.0f}: this"
        " answer was kept from before. Ask at each invocation.",
    )


def expect_one_question(target: Target, before: ModelUse, runs: int, why: str = PAID_AGAIN) -> None:
    """Refuse a handler that asked the model more often than once.

    Args:
        target: where it was tried.
        before: what was asked for until then.
        runs: how often it was tried.
        why: what follows behind the count of both.
    """
    times = asked_so_far(target).times - before.times
    expect(times <= runs, f"The model was asked {times} questions for {runs} answers{why}")


def expect_the_question(target: Target, before: ModelUse, question: str, runs: int) -> None:
    """Refuse a handler that asked the model something else than the event says, or a part of it.

    Args:
        target: where it was tried.
        before: what was asked for until then.
        question: of each event; a long one, or one's own might be as long.
        runs: how often it was tried.
    """
    found, least = asked_so_far(target).said - before.said, runs * input_tokens(question)
    expect(
        target.pace is None or found >= least,
        f"The model was asked {found:,} tokens, and the event's question has {least:,}: it was"
        ' asked something else. Hand over the whole of `event["question"]`.',
    )


def without_prelude(sent: bytes) -> str:
    """The text, without the status and headers that a function may send before it."""
    return sent.rpartition(bytes(8))[2].decode()


def is_json(text: str) -> bool:
    """Whether a text is JSON, as what a handler returns is."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


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
    return _once(lambda: reports_so_far(target, made, since_ms), NO_REPORT)


def reports_so_far(target: Target, made: Deployed, since_ms: int) -> list[Report]:
    """The REPORT lines since a moment; it waits for none."""
    return [*parse_reports("".join(_lines(target, made, since_ms)))]


def last_cpu_ms(target: Target, made: Deployed) -> float:
    """The CPU of a function's last invocation in the local cloud."""
    assert target.cloud  # noqa: S101 - its callers have looked
    return [one.cpu_ms for one in target.cloud.readings() if one.function == made.name][-1]


def warm_cpu_ms(target: Target, api: Api, made: Deployed, message: Mapping[str, Any]) -> float:
    """The least CPU of a warm answer to a message."""
    took = []
    for _ in range(TRIES):
        since_ms = int(1000 * time.time())
        with connect(target, api.endpoint) as socket:
            socket.send(json.dumps(message))
            reports(target, made, since_ms)
        took.append(last_cpu_ms(target, made))
    return min(took[1:])


def logged_error(target: Target, made: Deployed, since_ms: int) -> dict[str, str]:
    """The error that a function logged, by its type, once it is there."""

    def look() -> list[dict[str, str]]:
        return [error] if (error := find_error(target, made, since_ms)) else []

    found: dict[str, str] = _once(look, "The function failed, and logged no error.")[-1]
    return found


def find_error(target: Target, made: Deployed, since_ms: int) -> dict[str, str]:
    """The last error that a function has logged since a moment, by its type; empty if none."""
    lines = [*_lines(target, made, since_ms)]
    errors = [k for k, one in enumerate(lines) if one.startswith("[ERROR]")]
    if not errors:
        return {}
    first, *more = "\n".join(lines[errors[-1] :]).removeprefix("[ERROR]").strip().splitlines()
    # What a library logs of an error that it caught begins with a moment; its error comes later.
    named = [one for one in (first, *more) if re.match(r"[A-Za-z_][\w.]*: ", one)]
    kind, _, says = (named or [first])[0].partition(": ")
    return {"errorType": kind, "errorMessage": says}


def _once(look: Callable[[], list[Any]], says: str) -> list[Any]:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.1)
    raise LabError(f"Not yet. {says} (It was looked for during 30 seconds.)")


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


class Stream(NamedTuple):
    """A streamed answer as its client heard it."""

    moments_ms: list[float]
    """Of each piece, since the call."""
    sent: bytes
    report: Report
    was_whole: bool
    """Whether the model had nothing left to write when the first text came."""


def hear(target: Target, made: Deployed, tokens: int) -> Stream:
    """Invoke a function that streams, and hear it to its end.

    Raises:
        LabError: if it failed.
    """
    began, moments_ms, sent = time.perf_counter(), list[float](), b""
    earlier, was_whole = asked_so_far(target).whole, False
    told = target.client("lambda").invoke_with_response_stream(
        FunctionName=made.name, Payload=json.dumps({"max_tokens": tokens}), LogType="Tail"
    )
    for one in told["EventStream"]:
        if "PayloadChunk" not in one:
            end = one["InvokeComplete"]
            continue
        moments_ms.append(1000 * (time.perf_counter() - began))
        is_first = not without_prelude(sent).strip()
        sent += one["PayloadChunk"]["Payload"]
        if is_first and without_prelude(sent).strip():
            was_whole = asked_so_far(target).whole - earlier >= tokens
    if error := end.get("ErrorCode"):
        refuse({"errorType": error, **read_object(end.get("ErrorDetails") or sent.decode())})
    log = base64.b64decode(end["LogResult"]).decode()
    return Stream(moments_ms, sent, [*parse_reports(log)][-1], was_whole)


def apart_ms(moments_ms: list[float]) -> float:
    """Return the time from a stream's first piece to its last, milliseconds."""
    return moments_ms[-1] - moments_ms[0] if moments_ms else 0.0


def came_apart(moments_ms: list[float], writes_ms: float) -> bool:
    """Whether a stream's pieces came as the model wrote them, for so long; 0 if nobody knows."""
    whole_ms = moments_ms[-1] if moments_ms else 0.0
    return apart_ms(moments_ms) > (SPREAD_OUT * writes_ms or SOON * whole_ms)


def at_most(of_the_wait_ms: float) -> float:
    """Return a limit that follows from the model's wait; none on AWS, where nobody knows it."""
    return of_the_wait_ms or math.inf
