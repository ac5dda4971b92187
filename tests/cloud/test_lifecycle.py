"""However a cloud ends, it leaves no process, no socket and no folder behind."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from serverless_tax.cloud import LocalCloud, Provider, child
from serverless_tax.cloud.child import Child, StartError
from serverless_tax.cloud.function.process import UnsupportedPlatformError, require_linux

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OWNER = """
import json, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a job is in the background
from concurrent.futures import ThreadPoolExecutor
sys.path[:0] = [{tests!r}, {above!r}]
import boto3
from conftest import Function, zipped
from serverless_tax.cloud.roles import OF_LAMBDA
from waiters import OFTEN
from serverless_tax.cloud import LocalCloud, Provider
from serverless_tax.cloud.function.sandbox import descendants
cloud, provider = LocalCloud(), Provider()
client = boto3.client("lambda", **cloud.boto3_kwargs)
role = boto3.client("iam", **cloud.boto3_kwargs).create_role(
    RoleName="r", AssumeRolePolicyDocument=OF_LAMBDA)["Role"]["Arn"]
client.create_function(FunctionName="f", Runtime="python3.13", Role=role,
    Handler="app.handler", Timeout=60,
    Code={{"ZipFile": zipped('''
import time
def handler(event, context):
    time.sleep(event["s"])
''')}})
client.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig=OFTEN)
function = Function(client, "f")
with ThreadPoolExecutor() as pool:
    list(pool.map(lambda _: function.invoke(s=0.3), range(2)))
threading.Thread(target=function.invoke, kwargs={{"s": 50}}, daemon=True).start()
time.sleep(0.3)
print(json.dumps({{"server": cloud.pid, "provider": provider._child.pid,
    "environments": descendants(cloud.pid), "url": cloud.endpoint_url,
    "folder": str(cloud._child.folder)}}), flush=True)
time.sleep(60)
"""


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait until something holds, as long as it may take."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def group_of(folder: str) -> list[int]:
    """Processes that have a folder in their environment: the function's."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if folder.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return [pid for pid in found if alive(pid)]


def listening(url: str) -> bool:
    """Whether anything answers at an address."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def owner() -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A process that owns a cloud with a frozen and a busy environment."""
    here = Path(__file__).parent
    code = OWNER.format(tests=str(here), above=str(here.parent / "support"))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as one:
        try:
            assert one.stdout is not None
            said = json.loads(one.stdout.readline())
            yield one, said
            shutil.rmtree(said["folder"], ignore_errors=True)
        finally:
            one.kill()


def nothing_left(said: dict[str, Any]) -> bool:
    """Whether server, provider, environments, socket and folder are all gone."""
    pids = [said["server"], said["provider"], *said["environments"]]
    running = any(alive(pid) for pid in pids) or bool(group_of(said["folder"]))
    return not running and not listening(said["url"]) and not Path(said["folder"]).exists()


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),  # ends Python as SIGKILL does
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
    ],
)
def test_a_killed_notebook_leaves_nothing(how: signal.Signals) -> None:
    """SIGKILL of the owner, with invocations in flight: everything is gone soon after."""
    with owner() as (process, said):
        assert len(said["environments"]) == 5, "a keeper, and two supervisors with their functions"

        process.send_signal(how)
        process.wait()

        assert eventually(lambda: nothing_left(said)), f"left: {group_of(said['folder'])}"


def test_a_closed_cloud_leaves_nothing() -> None:
    """The ordinary end; closing twice is no error."""
    with LocalCloud() as cloud:
        folder = cloud._child.folder
        assert listening(cloud.endpoint_url)
    cloud.close()

    assert not alive(cloud.pid)
    assert not listening(cloud.endpoint_url)
    assert not folder.exists()


def test_a_cloud_starts_with_less_than_three_seconds_of_work() -> None:
    """Quick enough for a lab: the CPU time that it and the provider take from start to end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with LocalCloud(), Provider():
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 0.1 < used_s < 3  # time on the clock is also other programs'


def test_a_server_that_cannot_start_says_why() -> None:
    """The reason reaches the person, not only a log in a folder that is gone."""
    with pytest.raises(StartError, match="No module named"):
        Child("serverless_tax.cloud.no_such_module", {})


def test_a_server_that_starts_too_slowly_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine its log has nothing, and the clock and its CPU tell what happened."""
    monkeypatch.setattr(child, "left_folders", list)  # others may be starting, within their time
    monkeypatch.setattr(child, "READY_LIMIT_S", 0.01)
    why = r"still starting after 0\.01 s, in which it got 0\.\d s of CPU, .* start again\."
    with pytest.raises(StartError, match=why):
        LocalCloud()


def test_other_systems_are_told_where_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence that names the ways out."""
    monkeypatch.setattr(sys, "platform", "darwin")

    with pytest.raises(UnsupportedPlatformError, match=r"LABS_REPLAY=1.*Binder, or in WSL"):
        require_linux()


def test_the_package_can_be_imported_on_other_systems() -> None:
    """A lab is replayed there, without the modules that only Unix has, and without its libc."""
    code = """
import ctypes, sys
sys.modules["resource"] = sys.modules["fcntl"] = None
ctypes.CDLL = None
from serverless_tax.cloud import open_target
"""
    subprocess.run([sys.executable, "-c", code], check=True)
