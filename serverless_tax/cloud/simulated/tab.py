"""A notebook in a browser's tab: what a lab imports and Python lacks there, and its own command.

``serverless_tax.cloud.simulated.tab.open_tab()`` is the first thing that a lab does there. It goes
on in a replay, whose edited cells run in the simulated cloud.
"""

from __future__ import annotations

import concurrent.futures
import http.client
import io
import json
import os
import socket
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from importlib.metadata import entry_points
from pathlib import PurePath
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from serverless_tax.cloud.lab.replay import REPLAY
from serverless_tax.cloud.simulated.clients import ERRORS
from serverless_tax.cloud.simulated.packages import is_here
from serverless_tax.cloud.simulated.refusals import not_simulated
from serverless_tax.cloud.simulated.stand_ins import module_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMAND = "serverless-tax"
_NO_CHILDREN = SimpleNamespace(ru_utime=0.0, ru_stime=0.0)  # a tab has none


def open_tab() -> None:
    """Put in what is absent, and say where the lab runs."""
    os.environ[REPLAY] = "1"
    sys.executable = sys.executable or "/usr/bin/python3"
    for name, members in _absent().items():
        if not is_here(name):
            parent, _, last = name.rpartition(".")
            sys.modules[name] = module_of(name, members)
            if parent:
                setattr(sys.modules[parent], last, sys.modules[name])
    _without_tls()
    concurrent.futures.ThreadPoolExecutor = AtOnce  # type: ignore[misc, assignment]
    import subprocess  # noqa: PLC0415 - a tab has the module, and no process

    subprocess.run = _run  # type: ignore[assignment]
    print("This lab runs in this tab: nothing is installed, and nothing leaves it.")  # noqa: T201


def _absent() -> dict[str, dict[str, Any]]:
    """Modules that the labs import, by name, parents first; each has what a replay asks of it."""

    def too_early(*_: Any, **__: Any) -> Any:
        raise not_simulated("a client of boto3 before `open_target`")

    session = SimpleNamespace(get_credentials=lambda: None)
    return {
        "boto3": {"client": too_early, "Session": lambda **_: session},
        "botocore": {},
        "botocore.auth": {"SigV4Auth": _Signer},
        "botocore.awsrequest": {"AWSRequest": _Request},
        "botocore.config": {"Config": SimpleNamespace},
        "botocore.credentials": {"Credentials": lambda *_: None},
        "botocore.exceptions": {"ClientError": ERRORS.ClientError},
        "websockets": {},
        "websockets.sync": {},
        "websockets.sync.client": {"connect": too_early},
        "httpx": {"stream": _stream},
        "resource": {"RUSAGE_CHILDREN": -1, "getrusage": lambda _: _NO_CHILDREN},
    }


class AtOnce(concurrent.futures.Executor):
    """What stands for threads where there are none: it does a piece of work when it gets it."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take how many threads there might be."""

    def submit(self, fn: Any, /, *args: Any, **named: Any) -> concurrent.futures.Future[Any]:
        """Do it now."""
        done: concurrent.futures.Future[Any] = concurrent.futures.Future()
        try:
            done.set_result(fn(*args, **named))
        except Exception as error:  # noqa: BLE001 - it is given to who asks for the result
            done.set_exception(error)
        return done


class _Request:
    """A request to be signed: the simulated cloud asks for no signature."""

    def __init__(self, method: str, url: str, data: Any = None, headers: Any = None) -> None:
        self.method, self.url, self.body, self.headers = method, url, data, dict(headers or {})


class _Signer:
    def __init__(self, *_: Any) -> None:
        """Take the keys, the service and the region."""

    def add_auth(self, request: _Request) -> None:
        """Leave it as it is."""


@contextmanager
def _stream(
    method: str, url: str, *, json: Any = None, headers: Any = None, **_: Any
) -> Iterator[Any]:
    """Do as `httpx.stream`, with the standard library."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc)
    body = _dumped(json)
    connection.request(method, where.path, body, {"Content-Type": "application/json", **headers})
    answer = connection.getresponse()

    def check() -> None:
        if answer.status >= http.client.BAD_REQUEST:
            msg = f"The provider answered {answer.status}."
            raise RuntimeError(msg)

    lines = (line.decode().rstrip("\r\n") for line in answer)
    try:
        yield SimpleNamespace(
            status_code=answer.status, iter_lines=lambda: lines, raise_for_status=check
        )
    finally:
        connection.close()


def _dumped(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _without_tls() -> None:
    """Let a client that knows `https` be imported: here it is never asked for."""
    if not hasattr(http.client, "HTTPSConnection"):
        http.client.HTTPSConnection = _refused("an encrypted connection")  # type: ignore[misc]
    if not is_here("ssl"):
        sys.modules["ssl"] = module_of("ssl", {})
    if not hasattr(socket, "create_connection"):
        socket.create_connection = _refused("a socket of this machine")


def _refused(what: str) -> Any:
    def refuse(*_: Any, **__: Any) -> Any:
        raise not_simulated(what)

    return refuse


def _run(words: list[Any], **_: Any) -> Any:
    """Do as `subprocess.run` for the lab's own command, in this process."""
    if PurePath(str(words[0])).name != _COMMAND:
        raise not_simulated("another process, and its CPU")
    [command] = entry_points(group="console_scripts", name=_COMMAND)
    main = command.load()
    out, err, given = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = [_COMMAND, *map(str, words[1:])]
    code: Any = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as left:
        code = left.code
    finally:
        sys.argv = given
    if code:
        msg = err.getvalue().strip() or f"{_COMMAND} ended with {code}."
        raise RuntimeError(msg)
    return SimpleNamespace(stdout=out.getvalue(), stderr=err.getvalue(), returncode=0)
