"""The cloud commands: up."""

from __future__ import annotations

import signal
import threading
from importlib.util import find_spec
from typing import Annotated

from cyclopts import App, Parameter

from serverless_tax.cli.output import remark, say
from serverless_tax.units import InvalidQuantity

app = App(name="cloud", help="The local cloud: AWS on this machine, which bills like the real one.")

#: Where local AWS clouds usually listen.
_PORT, _LAST_PORT = 4566, 65_535


@app.command(name="up")
def up(
    *,
    port: Annotated[int, Parameter(help="Listen here on 127.0.0.1; 0 for any free port.")] = _PORT,
) -> None:
    """Run the local cloud in the foreground until Ctrl-C, and print how to reach it.

    The lines it prints point any AWS client at it: paste them into another shell. The keys are new
    at every start, and nothing but this machine can reach it.

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
    with LocalCloud(port) as cloud:
        say(f"export AWS_ENDPOINT_URL={cloud.endpoint_url}")
        say(f"export AWS_ACCESS_KEY_ID={cloud.access_key}")
        say(f"export AWS_SECRET_ACCESS_KEY={cloud.secret_key}")
        say(f"export AWS_DEFAULT_REGION={cloud.region}")
        remark(f"The local cloud listens on {cloud.endpoint_url}. Stop it with Ctrl-C.")
        done.wait()
    remark("Stopped: no process, socket or folder is left.")


def _can_start(port: int) -> None:
    """Refuse what would fail later with a traceback.

    Raises:
        InvalidQuantity: if a package is missing, or the port is none or taken.
    """
    if find_spec("ministack") is None:
        msg = "The local cloud needs more packages; pip install '.[labs]' in a clone has them."
        raise InvalidQuantity(msg)
    if not 0 <= port <= _LAST_PORT:
        msg = f"--port is {port}; expected a port from 0 to {_LAST_PORT:,}."
        raise InvalidQuantity(msg)
    from serverless_tax.cloud.http import loopback_socket  # noqa: PLC0415 - as above
    from serverless_tax.cloud.process import (  # noqa: PLC0415 - as above
        UnsupportedPlatformError,
        require_linux,
    )

    try:
        require_linux()
        loopback_socket(port=port).close()
    except UnsupportedPlatformError as elsewhere:
        raise InvalidQuantity(str(elsewhere)) from None
    except OSError:
        msg = f"Port {port} is taken; choose another with --port, or 0 for any that is free."
        raise InvalidQuantity(msg) from None
