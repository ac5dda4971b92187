"""The recipe for one host, as far as a machine without its own hub allows: two users, no container.

A JupyterHub starts each learner's server as a process with a home of its own, a copy of the student
labs in it, and the recipe's setting for kernels. Both run a cell on the local cloud at once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

ROOT = Path(__file__).resolve().parents[2]
USERS = ("ana", "ben")
TOKEN = uuid.uuid4().hex
CONFIG = """
import sys
from pathlib import Path

c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_port = {hub}
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.cookie_secret_file = "cookie"
c.ConfigurableHTTPProxy.command = [str(Path(sys.executable).with_name("configurable-http-proxy"))]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.pid_file = "proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(Path("home").resolve() / "{{username}}")
c.Spawner.cmd = [str(Path(sys.executable).with_name("jupyterhub-singleuser")), "--allow-root"]
c.Spawner.env_keep = ["PATH", "PYTHONPATH"]
c.Spawner.environment = {{"JUPYTER_CONFIG_PATH": str(Path("etc").resolve())}}
c.JupyterHub.services = [{{"name": "class", "api_token": "{token}", "admin": True}}]
"""
#: What a learner's cell does: a cloud, a function, one invocation.
CELL = """
import os
from serverless_tax.cloud import trial

trial.main()
print("answered in", os.getcwd())
"""


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    import socket  # noqa: PLC0415 - here alone

    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def once(look: Callable[[], Any], what: str, limit_s: float = 120) -> Any:
    """Return what ``look`` finds, as soon as it finds something."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        try:
            if found := look():
                return found
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    pytest.fail(f"{what}: not within {limit_s:.0f} s")


@pytest.fixture
def host() -> Iterator[Path]:
    """A folder with a short path, as homes have."""
    with tempfile.TemporaryDirectory(prefix="hub-") as folder:
        yield Path(folder).resolve()


@pytest.fixture
def hub(host: Path) -> Iterator[httpx.Client]:
    """A hub in a folder of its own, with the student labs in each home; asked as its service."""
    pytest.importorskip("jupyterhub", reason="needs the packages of the slow tests: make test-all")
    recipe = (ROOT / "book/teaching/one-host.md").read_text("utf-8")
    [settings] = re.findall(r'listing\("""(import os.*?)""",', recipe, re.DOTALL)
    (host / "etc").mkdir()
    (host / "etc/jupyter_server_config.py").write_text(settings, "utf-8")
    subprocess.run([sys.executable, "-m", "serverless_tax.book.student"], cwd=ROOT, check=True)
    for user in USERS:
        shutil.copytree(ROOT / "_build/student-labs", host / "home" / user / "student-labs")
    public, own, api = free_ports(3)
    (host / "hub.py").write_text(CONFIG.format(public=public, hub=own, api=api, token=TOKEN))
    with (host / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "--config", "hub.py"],
            cwd=host,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        headers = {"Authorization": f"token {TOKEN}"}
        address = f"http://127.0.0.1:{public}"
        try:
            with httpx.Client(
                base_url=address, headers=headers, timeout=60, trust_env=False
            ) as one:
                once(lambda: one.get("/hub/api/").status_code == 200, "the hub")
                yield one
                for user in USERS:
                    one.delete(f"/hub/api/users/{user}/server")
        finally:
            process.terminate()
            process.wait(60)
            sys.stdout.write((host / "log").read_text("utf-8")[-4000:])


def run_cell(hub: httpx.Client, user: str, cell: str) -> str:
    """Run a cell in a new kernel of somebody's server; what it printed."""
    hub.post(f"/hub/api/users/{user}").raise_for_status()
    hub.post(f"/hub/api/users/{user}/server")
    once(lambda: hub.get(f"/hub/api/users/{user}").json()["servers"].get("", {}).get("ready"), user)
    made = hub.post(f"/hub/api/users/{user}/tokens", json={"note": "a test"}).json()
    mine = {"Authorization": f"token {made['token']}"}
    labs = hub.get(f"/user/{user}/api/contents/student-labs", headers=mine).json()["content"]
    notebooks = sorted(one["name"] for one in labs if one["name"].endswith(".ipynb"))
    assert [name[0] for name in notebooks] == [*"1234567"]
    kernel = hub.post(f"/user/{user}/api/kernels", headers=mine).json()["id"]
    address = f"ws{str(hub.base_url)[4:].rstrip('/')}/user/{user}/api/kernels/{kernel}/channels"
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": user}
    header |= {"username": user, "version": "5.3"}
    content = {"code": cell, "silent": False, "store_history": False, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell"}
    printed: list[str] = []
    with connect(address, additional_headers=mine, open_timeout=60, max_size=None) as socket:
        socket.send(json.dumps({**message, "content": content}))
        while True:
            got = json.loads(socket.recv(timeout=120))
            if got["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            if got["msg_type"] == "stream":
                printed.append(got["content"]["text"])
            elif got["msg_type"] == "error":
                printed += got["content"]["traceback"]
            elif got["msg_type"] == "execute_reply":
                return "".join(printed)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_learners_of_one_host_run_the_local_cloud_at_once(
    hub: httpx.Client, host: Path
) -> None:
    """Each sees the labs without solutions in a home of their own, and a function answers."""
    with ThreadPoolExecutor() as pool:
        said = list(pool.map(lambda user: run_cell(hub, user, CELL), USERS))
    for user, printed in zip(USERS, said, strict=True):
        assert f"answered in {host / 'home' / user}" in printed
