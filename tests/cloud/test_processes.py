"""All processes of an environment are its own: frozen, counted and killed with it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from serverless_tax.cloud import LocalCloud
from serverless_tax.cloud.child import EndedError
from serverless_tax.cloud.function import sandbox
from serverless_tax.cloud.function.private_tmp import is_possible
from serverless_tax.cloud.function.spec import LAYER_FILE

DETACHES = """
import os, time
def detach():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.environ.clear()
            while True:
                with open(os.path.join(FOLDER, "ticks"), "a") as ticks:
                    ticks.write(f"{time.time()}\\n")
                time.sleep(0.02)
        os._exit(0)
    os.wait()
FOLDER = os.environ["TMPDIR"]
def handler(event, context):
    if event.get("detach"):
        detach()
    time.sleep(0.2)
    return open(os.path.join(FOLDER, "ticks")).read().split()
"""


KEPT = """
import asyncio, json, os, sys
from pathlib import Path
from serverless_tax.cloud.function.private_tmp import own_mounts
from serverless_tax.cloud.function.process import Keeper
from serverless_tax.cloud.function.sandbox import descendants
folder, own_pids, code = Path(sys.argv[1]), sys.argv[2] == "True", sys.argv[3]
async def keep():
    keeper, ticks, began = Keeper(folder), [], asyncio.Event()
    (folder / "code").mkdir()
    mounts = own_mounts(folder / "environment", folder / "code")
    process = await keeper.start(
        {**mounts, **({} if own_pids else {"root": ""}), "own_pids": own_pids,
         "command": [sys.executable, "-c", code], "variables": {}},
        lambda some: (ticks.append(some), began.set()))
    await began.wait()
    while True:
        told = {"family": descendants(os.getpid()), "ticks": sum(map(len, ticks))}
        print(json.dumps(told), flush=True)
        said = (await asyncio.to_thread(sys.stdin.readline)).strip()
        getattr(process, said)()
        if said == "kill":
            await process.exited
asyncio.run(keep())
"""
TICKS = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.environ.clear()
        while True:
            os.write(1, b"x")
            time.sleep(0.01)
    os._exit(0)
os.wait()
time.sleep(600)
"""
MODES = [False, pytest.param(True, marks=pytest.mark.skipif(
    not is_possible(own_pids=True), reason="this machine forbids PID namespaces"))]  # fmt: skip


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def gone(pids: list[int], seconds: float = 60) -> bool:
    """Whether all of them end, however long it takes."""
    until = time.monotonic() + seconds
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(alive(pid) for pid in pids)


@pytest.fixture(params=MODES, ids=["subreaper", "own pids"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A process that keeps an environment whose detached child ticks, and what it says first."""
    words = [sys.executable, "-c", KEPT, tmp_path / "kept", str(request.param), TICKS]
    (tmp_path / "kept").mkdir()
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        try:
            assert owner.stdout is not None
            yield owner, json.loads(owner.stdout.readline())["family"], tmp_path / "kept"
        finally:
            owner.kill()


def test_a_detached_child_is_stopped_and_killed_in_both_ways(kept: Any) -> None:
    """With a PID namespace and without one; it goes on when the environment does."""
    owner, family, _ = kept

    def ask(what: str) -> Any:
        print(what, file=owner.stdin, flush=True)
        return json.loads(owner.stdout.readline())

    until = time.monotonic() + 60
    while len(family) != 4 and time.monotonic() < until:  # the child between them ends first
        family = ask("drain")["family"]
    assert len(family) == 4, "the keeper, the supervisor, the function and its detached child"
    ask("freeze")
    frozen = ask("drain")["ticks"]
    time.sleep(0.1)
    assert ask("drain")["ticks"] == frozen
    ask("thaw")
    until = time.monotonic() + 60
    while ask("drain")["ticks"] == frozen and time.monotonic() < until:
        time.sleep(0.01)
    assert ask("drain")["ticks"] > frozen
    ask("kill")
    assert gone(family[1:])
    assert alive(family[0]), "the keeper"


@pytest.mark.parametrize("whom", ["owner", pytest.param("keeper", marks=pytest.mark.slow)])
def test_whoever_is_killed_the_detached_child_goes_too(kept: Any, whom: str) -> None:
    """SIGKILL of the server, or of the keeper, leaves no process."""
    owner, family, folder = kept
    os.kill(owner.pid if whom == "owner" else family[0], signal.SIGKILL)
    if whom == "keeper":
        owner.kill()
    assert gone(family)
    assert whom == "keeper" or not folder.exists()


@pytest.mark.skipif(not is_possible(own_pids=True), reason="this machine forbids PID namespaces")
def test_a_function_sees_its_own_processes_alone(deploy: Any) -> None:
    """The supervisor and itself; and no signal of its reaches another's."""
    code = """
        import os
        def handler(event, context):
            try:
                os.kill(event["pid"], 0)
            except ProcessLookupError:
                return sorted(name for name in os.listdir("/proc") if name.isdecimal())
        """
    assert deploy(code).invoke(pid=os.getpid()).payload == ["1", "2"]


def test_a_detached_child_is_frozen_and_killed_with_its_environment(
    cloud: LocalCloud, deploy: Any
) -> None:
    """Forked twice, in a session of its own and without variables, it is still the function's."""
    before = set(sandbox.descendants(cloud.pid))
    function = deploy(DETACHES)
    function.invoke(detach=1)
    frozen_from = time.time()
    time.sleep(0.3)
    frozen_to = time.time()
    ticks = [float(tick) for tick in function.invoke().payload]

    assert len(ticks) > 5
    assert not [tick for tick in ticks if frozen_from + 0.01 < tick < frozen_to]
    own = set(sandbox.descendants(cloud.pid)) - before
    assert len(own) == 3, "the supervisor, the function and its detached child"
    function.client.delete_function(FunctionName=function.name)
    assert gone([*own])
    deploy(DETACHES, FunctionName=function.name)


def test_descendants_are_found_where_the_kernel_lists_no_children(
    cloud: LocalCloud, deploy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the parent that each process names: the same ones."""
    deploy("def handler(event, context): pass").invoke()
    listed = set(sandbox.descendants(cloud.pid))
    assert len(listed) >= 3, "the keeper, a supervisor and a function"
    monkeypatch.setattr(sandbox, "lists_children", False)
    assert set(sandbox.descendants(cloud.pid)) == listed


def test_idle_forks_share_their_parents_memory(deploy: Any) -> None:
    """Three processes of 60 MB that are the same 60 MB are not 180; three of their own are."""
    code = """
        import os, time
        own = bytearray(b"x") * (60 * 2**20)
        def handler(event, context):
            ready, done = os.pipe()
            for _ in range(2):
                if os.fork() == 0:
                    mine = bytearray(b"x") * (60 * 2**20) if event.get("more") else None
                    os.write(done, b"x")
                    time.sleep(9)
                    os._exit(0)
            os.read(ready, 1), os.read(ready, 1)
            time.sleep(0.3)
        """
    shared = deploy(code, MemorySize=128).invoke()
    assert shared.error is None
    assert 60 < shared.report.max_memory_used_mb < 128

    several = deploy(code, MemorySize=1024).invoke(more=1)
    assert 180 < several.report.max_memory_used_mb < 300
    assert deploy(code, MemorySize=128).invoke(more=1).report.error_type == "Runtime.OutOfMemory"


@pytest.mark.skipif(not is_possible(), reason="this container forbids mount namespaces")
def test_no_function_writes_into_its_code(deploy: Any) -> None:
    """Two functions of one package: neither can change what the other runs."""
    code = """
        def handler(event, context):
            try:
                open(__file__, "a").write("# changed")
            except OSError as error:
                return error.strerror
        """
    assert [deploy(code).invoke().payload for _ in range(2)] == ["Read-only file system"] * 2


@pytest.mark.skipif(not is_possible(), reason="this container forbids mount namespaces")
def test_a_function_sees_nothing_of_another(deploy: Any) -> None:
    """Neither its /tmp nor its code, nor the cloud's keys; nor can root mount its own code anew."""
    code = """
        import os, subprocess
        def handler(event, context):
            if "note" in event:
                open("/tmp/note", "w").write(event["note"])
                return os.environ["LAMBDA_TASK_ROOT"]
            own = os.environ["LAMBDA_TASK_ROOT"]
            remount = ["mount", "-o", "remount,rw,bind", own]
            subprocess.run(remount, capture_output=True)
            cloud, home = os.path.dirname(own), os.environ["HOME"]
            seen = [os.path.join(at, name) for at, _, names in os.walk(cloud) for name in names]
            return {
                "beside": sorted(set(os.listdir(cloud)) - {"python", os.path.basename(home)}),
                "own": os.path.basename(own),
                "notes": [one for one in seen if one.endswith("note")],
                "codes": [one for one in seen if one.endswith("app.py")],
                "writable": os.access(os.path.join(own, "app.py"), os.W_OK),
            }
        """
    other = deploy(code).invoke(note="a secret").payload
    seen = deploy(code + "\n").invoke().payload
    assert other not in seen["codes"]
    assert seen["notes"] == []
    assert seen["codes"] == [one for one in seen["codes"] if f"/{seen['own']}/" in one]
    certificates = ["tls-certificate.pem", "tls-trusted.pem"]
    assert set(seen["beside"]) <= {seen["own"], *certificates}
    assert not seen["writable"]


WRITES = """
import os, stat
def refused(what, *given):
    try:
        what(*given)
    except OSError as error:
        return error.strerror
def handler(event, context):
    folders = [*event["folders"], os.environ["HOME"], "/dev", "/proc/sys/kernel"]
    said = {folder: refused(open, f"{folder}/made", "w") for folder in folders}
    disk = refused(os.mknod, "/tmp/disk", stat.S_IFBLK | 0o600, os.makedev(254, 0))
    blocks = [name for name in os.listdir("/dev") if stat.S_ISBLK(os.stat(f"/dev/{name}").st_mode)]
    open("/tmp/made", "w").close()
    open("/dev/null", "w").close()
    return {"said": said, "disk": disk, "blocks": blocks}
"""


@pytest.mark.skipif(not is_possible(), reason="this container forbids mount namespaces")
def test_a_function_writes_into_its_tmp_alone(deploy: Any) -> None:
    """As on AWS, in HOME neither; where the server is root, this machine and its disks are safe."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as ours:
        places = [ours, "/opt", "/home", "/etc", "/usr/local"]
        folders = [place for place in places if Path(place).exists()]
        told = deploy(WRITES).invoke(folders=folders).payload
        assert not [*Path(ours).iterdir()]
    system = told["said"].pop("/proc/sys/kernel")
    assert system in {"Read-only file system", "No such file or directory", "Permission denied"}
    assert set(told["said"].values()) == {"Read-only file system"}
    assert (told["disk"], told["blocks"]) == ("Operation not permitted", [])


@pytest.mark.parametrize("layer", ["", "h11"])
def test_a_function_sees_its_own_packages_and_aws_own(deploy: Any, layer: str) -> None:
    """boto3 is there, as on AWS; the notebook's other packages only where a lab asks for them."""
    code = "import boto3, h11\ndef handler(event, context): return h11.__name__"
    function = deploy(code, Publish=False)
    if layer:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr("app.py", code)
            package.writestr(LAYER_FILE, layer)
        function.client.update_function_code(FunctionName=function.name, ZipFile=archive.getvalue())
    answer = function.invoke()

    if layer:
        assert answer.payload == "h11"
    else:
        assert answer.payload["errorType"] == "Runtime.ImportModuleError"
        assert "No module named 'h11'" in answer.payload["errorMessage"]


@pytest.mark.slow  # the command's own test, in test_up.py, runs each time
def test_a_killed_server_is_noticed_and_leaves_nothing() -> None:
    """The next look at the cloud says what happened; its folder and processes are gone."""
    cloud = LocalCloud()
    folder, own = cloud._child.folder, set(sandbox.descendants(cloud.pid))
    assert own, "the keeper of the environments"
    os.kill(cloud.pid, signal.SIGKILL)
    until = time.monotonic() + 60
    while (folder.exists() or any(alive(pid) for pid in own)) and time.monotonic() < until:
        time.sleep(0.01)

    assert not folder.exists()
    assert not [pid for pid in own if alive(pid)]
    with pytest.raises(EndedError, match="ended by itself: signal 9"):
        cloud.readings()
    with pytest.warns(RuntimeWarning, match="ended by itself: signal 9"):
        cloud.close()
    assert (cloud.readings(), cloud.lost) == ([], [])


EARLY = """
import os
import urllib.error
import urllib.request
def handler(event, context):
    api = os.environ["AWS_LAMBDA_RUNTIME_API"]
    try:
        urllib.request.urlopen(f"http://{api}/2018-06-01/runtime/invocation/next", timeout=5)
    except urllib.error.HTTPError as refused:
        return refused.code
"""


def test_a_second_runtime_gets_no_event_before_the_answer(deploy: Any) -> None:
    """As a fork of the runtime would ask; the first one's answer is not made up."""
    assert deploy(EARLY).invoke().payload == 403


POOL = """
import multiprocessing
def double(pipe):
    pipe.send(2 * pipe.recv())
def handler(event, context):
    try:
        multiprocessing.Pool(2)
    except OSError as error:
        if error.errno not in {2, 38}:  # by the C library's version
            raise
        mine, theirs = multiprocessing.Pipe()
        multiprocessing.Process(target=double, args=(theirs,)).start()
        mine.send(21)
        return mine.recv()
"""


@pytest.mark.skipif(not is_possible(), reason="this machine forbids mount namespaces")
def test_processes_share_no_memory_by_name(deploy: Any) -> None:
    """AWS has no /dev/shm: a pool of processes fails there and here, and a pipe works."""
    assert deploy(POOL).invoke().payload == 42


EXITS = """
import os
def handler(event, context):
    bytes(b"x" * (event["mb"] << 20))
    os._exit(1)
"""


@pytest.mark.parametrize(
    ("size_mb", "kind"), [(300, "Runtime.OutOfMemory"), (40, "Runtime.ExitError")]
)
def test_the_peak_of_a_process_that_ended_itself_is_known(
    deploy: Any, size_mb: int, kind: str
) -> None:
    """It ends before anybody looks; one that was past its memory would have been killed."""
    report = deploy(EXITS, MemorySize=256).invoke(mb=size_mb).report
    assert report.error_type == kind
    assert min(size_mb, 256) <= report.max_memory_used_mb <= 256


def test_a_function_opens_as_many_files_as_on_aws(deploy: Any) -> None:
    """1,024, its own input and output among them."""
    function = deploy(
        """
        def handler(event, context):
            kept = []
            try:
                while len(kept) < 2000:
                    kept.append(open("/dev/null"))
            except OSError as error:
                return [error.errno, kept[-1].fileno()]
        """
    )
    assert function.invoke().payload == [24, 1023]
