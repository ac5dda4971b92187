"""The cloud commands: up, provider and sweep."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

from cyclopts import App, Parameter

from serverless_tax.cli.output import remark, say, verbatim
from serverless_tax.ground.show import many
from serverless_tax.ground.units import InvalidQuantity

if TYPE_CHECKING:
    from serverless_tax.cloud import LocalCloud

app = App(name="cloud", help="The local cloud: AWS on this machine, which bills like the real one.")

#: Where local AWS clouds usually listen.
_PORT, _LAST_PORT = 4566, 65_535
_SHOWN = 5  # of the invocations that a killed server has lost


@app.command(name="up")
def up(
    *,
    port: Annotated[int, Parameter(help="Listen here on 127.0.0.1; 0 for any free port.")] = _PORT,
    cpu_share: Annotated[
        bool, Parameter(help="Give a function the CPU its memory buys on AWS.", negative=())
    ] = False,
    bill: Annotated[
        Path | None,
        Parameter(
            help="At its end, write the bill into this folder: REPORT lines, CUR 2.0, FOCUS."
        ),
    ] = None,
) -> int:
    """Run the local cloud in the foreground until Ctrl-C, and print how to reach it.

    The lines it prints point any AWS client at it: paste them into another shell. The keys are new
    at every start, and nothing but this machine can reach it. Function URLs, HTTP APIs and
    WebSocket APIs are under the address in the last line, which has a token of this start.

    ```console
    serverless-tax cloud up
    serverless-tax cloud up --port 0
    serverless-tax cloud up --bill last-session
    ```
    """
    _can_start(port)
    if bill is not None:
        _make_room(bill)
    from serverless_tax.cloud import LocalCloud  # noqa: PLC0415 - needs the labs' packages

    start = partial(LocalCloud, port, cpu_share=cpu_share)
    with _until_asked() as done, _started(port, start) as cloud:
        verbatim(f"export AWS_ENDPOINT_URL={cloud.endpoint_url}")
        verbatim(f"export AWS_ACCESS_KEY_ID={cloud.access_key}")
        verbatim(f"export AWS_SECRET_ACCESS_KEY={cloud.secret_key}")
        verbatim(f"export AWS_DEFAULT_REGION={cloud.region}")
        verbatim(f"export AWS_REGION={cloud.region}")  # what the JavaScript SDK reads
        front = f"{cloud.endpoint_url}/~{cloud.path_token}"
        verbatim(f"# function URL ID: {front}/_aws/lambda-url/ID/")
        verbatim(f"# stage of API ID: {front}/_aws/execute-api/ID/STAGE (ws:// for WebSocket)")
        remark(f"The local cloud listens on {cloud.endpoint_url}. Stop it with Ctrl-C.")
        said = _wait(done, cloud)
        if said:  # what it has left of its session is kept, and one sentence is enough
            with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
                cloud.close()
            remark(_left_of_session(cloud))
        if bill is not None:
            _write_bill(cloud, bill)
    return _stopped(said)


def _make_room(bill: Path) -> None:
    """Make a bill's folder before the session, whose end is too late to say that it cannot be."""
    try:
        bill.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        msg = f"--bill is {str(bill)!r}, which is a file; expected a folder."
        raise InvalidQuantity(msg) from None
    except OSError as error:
        msg = f"--bill is {str(bill)!r}, which cannot be made ({error.strerror}); choose another."
        raise InvalidQuantity(msg) from None


def _left_of_session(cloud: LocalCloud) -> str:
    """Say which invocations a bill has and which it lacks, after the server's own end."""
    kept = f"{many(len(cloud.readings()), 'invocation')} had ended, and REPORT lines are kept"
    if not cloud.lost:
        return f"{kept}; none was running."
    some = ", ".join(f"{one.request_id} ({one.function})" for one in cloud.lost[:_SHOWN])
    more = f" and {len(cloud.lost) - _SHOWN:,} more" if len(cloud.lost) > _SHOWN else ""
    ran = "was running and is" if len(cloud.lost) == 1 else "were running and are"
    return f"{kept}; {len(cloud.lost):,} {ran} on no bill: {some}{more}."


def _write_bill(cloud: LocalCloud, folder: Path) -> None:
    from serverless_tax.bill.session import write_bill  # noqa: PLC0415 - only where it is asked for

    readings = cloud.readings()
    if not readings:
        remark("No function was invoked, so there is no bill.")
        return
    lines = write_bill(readings, folder, cloud.durable_usage())
    usd = sum(line.usd for line in lines)
    of = many(len(readings), "invocation")
    remark(f"The bill of {of}, ${usd:.8f} at list price, is in {folder}.")


@app.command(name="provider")
def provider(
    *,
    port: Annotated[int, Parameter(help="Listen here on 127.0.0.1; 0 for any free port.")] = 0,
    ttft_ms: Annotated[float, Parameter(help="Milliseconds to the first token.")] = 500.0,
    tokens_per_s: Annotated[float, Parameter(help="Tokens a second after the first.")] = 116.0,
    output_tokens: Annotated[int, Parameter(help="Length of an answer, in tokens.")] = 500,
    spread: Annotated[float, Parameter(help="How much the pace varies: 0.3 for 30 %.")] = 0.0,
) -> int:
    """Run the model provider alone, in the foreground until Ctrl-C, and print how to reach it.

    It speaks OpenAI's chat completions and responses and Anthropic's messages. It has no model:
    the words mean nothing, and the pace is yours. The key is new at every start. A model's name can
    set the pace (sim-200ms-50tps) or ask for an error (sim-429, sim-500, sim-529).

    ```console
    serverless-tax cloud provider
    serverless-tax cloud provider --ttft-ms 200 --tokens-per-s 50
    ```
    """
    _can_start(port)
    from serverless_tax.cloud import Provider  # noqa: PLC0415 - needs the labs' packages

    pace = {
        "ttft_ms": ttft_ms,
        "tokens_per_s": tokens_per_s,
        "output_tokens": output_tokens,
        "spread": spread,
    }
    try:
        running = _started(port, partial(Provider, port, **pace))  # type: ignore[arg-type]  # the names are Provider's own
    except ValueError as refused:
        raise InvalidQuantity(str(refused)) from None
    with _until_asked() as done, running:
        verbatim(f"export OPENAI_BASE_URL={running.base_url}")
        verbatim(f"export OPENAI_API_KEY={running.api_key}")
        verbatim(f"export OPENAI_WEBHOOK_SECRET={running.webhook_secret}")
        verbatim(f"export ANTHROPIC_BASE_URL={running.anthropic_url}")
        verbatim(f"export ANTHROPIC_API_KEY={running.api_key}")
        verbatim("export MODEL=sim")
        remark(f"The provider listens on {running.anthropic_url}. Stop it with Ctrl-C.")
        said = _wait(done, running)
    return _stopped(said)


Started = TypeVar("Started")


class _Server(Protocol):
    @property
    def ended(self) -> str: ...


@contextmanager
def _until_asked() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C or a request to end sets; a server's own end is told elsewhere."""
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield done


def _wait(done: threading.Event, server: _Server) -> str:
    """Wait until it is asked to end; return a sentence where the server ends by itself."""
    while not done.wait(0.2):
        if said := server.ended:
            return said
    return ""


def _stopped(said: str) -> int:
    remark(said or "Stopped: no process, socket or folder is left.")
    return 1 if said else 0


@app.command(name="sweep")
def sweep(
    *,
    prefix: Annotated[
        str | None,
        Parameter(help="What the names begin with; by default all the labs' names, or your own."),
    ] = None,
    yes: Annotated[bool, Parameter(help="Delete what is listed.", negative=())] = False,
) -> int:
    """List what the labs have left in a cloud; with --yes delete it. Exits with 1 if any is left.

    It looks for everything whose name begins so, and for folders that a killed cloud has left here.

    It looks where your AWS settings point: at the local cloud after the lines that `cloud up`
    prints, otherwise at your account, whose number and region it says first; without keys it looks
    for folders alone. Where
    SERVERLESS_TAX_LEARNER is set, others may share the account: it then looks for that learner's.

    ```console
    serverless-tax cloud sweep
    serverless-tax cloud sweep --yes
    serverless-tax cloud sweep --prefix serverless-tax-ada-
    ```
    """
    _needs("boto3")
    import boto3  # noqa: PLC0415 - an extra of the labs
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    from serverless_tax.cloud.child import left_folders  # noqa: PLC0415 - as above
    from serverless_tax.cloud.lab.survey import (  # noqa: PLC0415 - as above
        NAME_PREFIX,
        Leftover,
        find,
    )

    prefix = _own_names(NAME_PREFIX) if prefix is None else prefix
    if not prefix.startswith(NAME_PREFIX):
        msg = f"--prefix is {prefix!r}; expected one that begins with {NAME_PREFIX!r}."
        raise InvalidQuantity(msg)
    session = boto3.Session()
    where = {"region_name": session.region_name or "us-east-1"}
    has_keys = session.get_credentials() is not None

    def look() -> list[Leftover]:
        # Another may be removing one at this moment; what stays is looked for again.
        folders = [
            Leftover("folder", str(path), partial(shutil.rmtree, path, ignore_errors=True))
            for path in left_folders()
        ]
        return [*(find(where, prefix, everything=True) if has_keys else []), *folders]

    try:
        if has_keys:
            account = session.client("sts", **where).get_caller_identity()["Account"]
            remark(f"Looking in account {account}, region {where['region_name']}, for {prefix}* …")
        else:
            remark(_NO_KEYS)
        found = look()
        for one in found:
            say(one.label)
            if yes:
                one.delete()
        left = look() if yes else found
    except (BotoCoreError, ClientError) as refused:
        msg = f"The cloud did not answer as expected: {refused}"
        raise InvalidQuantity(msg) from None
    nothing = "Nothing is left." if has_keys else "No folder is left here."
    if not found:
        say(nothing)
    elif not left:
        say(f"Deleted: {len(found)}. {nothing}")
    else:
        named = ": " + ", ".join(one.label for one in left) + "."
        remark(f"Still there: {len(left)}" + (named if yes else ". Say --yes to delete them."))
        return 1
    return 0


_NO_KEYS = (
    "Your settings have no AWS keys, so only folders here are looked for. To look in a cloud, "
    "paste the lines that `serverless-tax cloud up` prints, or set up a profile of AWS."
)


def _own_names(every: str) -> str:
    """Return how the names of this learner's things begin, or those of all labs' things."""
    if not os.environ.get("SERVERLESS_TAX_LEARNER"):
        return every
    from serverless_tax.cloud.lab.target import learner_name  # noqa: PLC0415 - needs the labs' packages

    return f"{every}{learner_name()}-"


def _needs(package: str) -> None:
    if find_spec(package) is None:
        msg = "The local cloud needs more packages; pip install '.[labs]' in a clone has them."
        raise InvalidQuantity(msg)


def _can_start(port: int) -> None:
    """Refuse what would fail later with a traceback.

    Raises:
        InvalidQuantity: if a package is missing, or the port is none or taken.
    """
    _needs("ministack")
    if not 0 <= port <= _LAST_PORT:
        msg = f"--port is {port}; expected a port from 0 to {_LAST_PORT:,}."
        raise InvalidQuantity(msg)
    from serverless_tax.cloud.function.process import (  # noqa: PLC0415 - where it can be served
        UnsupportedPlatformError,
        require_linux,
    )

    try:
        require_linux()
    except UnsupportedPlatformError as elsewhere:
        raise InvalidQuantity(str(elsewhere)) from None
    _refuse_taken(port)


def _refuse_taken(port: int) -> None:
    from serverless_tax.cloud.http import loopback_socket  # noqa: PLC0415 - where it can be served

    try:
        loopback_socket(port=port).close()
    except OSError:
        msg = f"Port {port} is taken; choose another with --port, or 0 for any that is free."
        raise InvalidQuantity(msg) from None


def _started(port: int, start: Callable[[], Started]) -> Started:
    """Start a server; another may have taken its port since it was looked at.

    Raises:
        InvalidQuantity: if it does not start.
    """
    from serverless_tax.cloud.child import StartError  # noqa: PLC0415 - where it can be served

    try:
        return start()
    except StartError as failed:
        _refuse_taken(port)
        what, _, log = str(failed).partition(" Its log says: ")
        last = log.rpartition("\n")[2]
        raise InvalidQuantity(f"{what} The last line of its log: {last}") from None
