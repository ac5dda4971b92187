"""The cloud commands: up and sweep."""

from __future__ import annotations

import os
import signal
import threading
from importlib.util import find_spec
from typing import Annotated

from cyclopts import App, Parameter

from serverless_tax.cli.output import remark, say
from serverless_tax.cloud.lab.survey import NAME_PREFIX
from serverless_tax.ground.units import InvalidQuantity

app = App(name="cloud", help="The local cloud: AWS on this machine, which bills like the real one.")

#: Where local AWS clouds usually listen.
_PORT, _LAST_PORT = 4566, 65_535


@app.command(name="up")
def up(
    *,
    port: Annotated[int, Parameter(help="Listen here on 127.0.0.1; 0 for any free port.")] = _PORT,
    cpu_share: Annotated[
        bool, Parameter(help="Give a function the CPU its memory buys on AWS.", negative=())
    ] = False,
) -> None:
    """Run the local cloud in the foreground until Ctrl-C, and print how to reach it.

    The lines it prints point any AWS client at it: paste them into another shell. The keys are new
    at every start, and nothing but this machine can reach it. Function URLs, HTTP APIs and
    WebSocket APIs are under the address in the last line, which has a token of this start.

    ```console
    serverless-tax cloud up
    serverless-tax cloud up --port 0
    ```
    """
    _can_start(port)
    from serverless_tax.cloud import LocalCloud  # noqa: PLC0415 - needs the labs' packages

    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with LocalCloud(port, cpu_share=cpu_share) as cloud:
        say(f"export AWS_ENDPOINT_URL={cloud.endpoint_url}")
        say(f"export AWS_ACCESS_KEY_ID={cloud.access_key}")
        say(f"export AWS_SECRET_ACCESS_KEY={cloud.secret_key}")
        say(f"export AWS_DEFAULT_REGION={cloud.region}")
        front = f"{cloud.endpoint_url}/~{cloud.path_token}"
        say(f"# function URL ID: {front}/_aws/lambda-url/ID/")
        say(f"# stage of API ID: {front}/_aws/execute-api/ID/STAGE (ws:// for WebSocket)")
        remark(f"The local cloud listens on {cloud.endpoint_url}. Stop it with Ctrl-C.")
        done.wait()
    remark("Stopped: no process, socket or folder is left.")


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

    It looks where your AWS settings point: at the local cloud after the lines that `cloud up`
    prints, otherwise at your account, whose number and region it says first. Where
    SERVERLESS_TAX_LEARNER is set, others may share the account: it then looks for that learner's.

    ```console
    serverless-tax cloud sweep
    serverless-tax cloud sweep --yes
    serverless-tax cloud sweep --prefix serverless-tax-ada-
    ```
    """
    prefix = _own_names() if prefix is None else prefix
    if not prefix.startswith(NAME_PREFIX):
        msg = f"--prefix is {prefix!r}; expected one that begins with {NAME_PREFIX!r}."
        raise InvalidQuantity(msg)
    _needs("boto3")
    import boto3  # noqa: PLC0415 - an extra of the labs
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    from serverless_tax.cloud.lab.survey import find  # noqa: PLC0415 - as above

    session = boto3.Session()
    region = session.region_name or "us-east-1"
    where = {"region_name": region}
    try:
        account = session.client("sts", **where).get_caller_identity()["Account"]
        remark(f"Looking in account {account}, region {region}, for {prefix}* …")
        found = find(where, prefix)
        for one in found:
            say(one.label)
            if yes:
                one.delete()
        left = find(where, prefix) if yes else found
    except (BotoCoreError, ClientError) as refused:
        msg = f"The cloud did not answer as expected: {refused}"
        raise InvalidQuantity(msg) from None
    if not found:
        say("Nothing is left.")
    elif not left:
        say(f"Deleted: {len(found)}. Nothing is left.")
    else:
        remark(f"Still there: {len(left)}." + ("" if yes else " Say --yes to delete them."))
        return 1
    return 0


def _own_names() -> str:
    """Return how the names of this learner's things begin, or those of all labs' things."""
    if not os.environ.get("SERVERLESS_TAX_LEARNER"):
        return NAME_PREFIX
    _needs("boto3")
    from serverless_tax.cloud.lab.target import learner_name  # noqa: PLC0415 - needs the labs' packages

    return f"{NAME_PREFIX}{learner_name()}-"


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
    from serverless_tax.cloud.http import loopback_socket  # noqa: PLC0415 - as above

    try:
        require_linux()
        loopback_socket(port=port).close()
    except UnsupportedPlatformError as elsewhere:
        raise InvalidQuantity(str(elsewhere)) from None
    except OSError:
        msg = f"Port {port} is taken; choose another with --port, or 0 for any that is free."
        raise InvalidQuantity(msg) from None
