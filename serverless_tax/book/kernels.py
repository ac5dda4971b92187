"""Kernels for the pages of the book, each a copy of one process that has imported what they import.

Most of the time of a page's kernel goes into imports. As a Sphinx extension this starts one process
that imports them once, and lets it fork a kernel for each page: a page still begins with an empty
namespace, in its own folder, and shares nothing with another. Where a fork is not safe, or a page
asks for another kernel than Python's, Jupyter starts it as ever.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint
from typing import Any, NoReturn, TextIO

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from sphinx.application import Sphinx

_NAME = "forked"
_LAUNCHER = ["-m", "ipykernel_launcher"]
#: What pages import, and what it costs them seconds to import.
_IMPORTED = (
    "ipykernel.kernelapp",
    "matplotlib.backends.backend_svg",
    "serverless_tax.public",
    "serverless_tax.book.claims",
    "serverless_tax.book.figures",
    "serverless_tax.book.teaching",
    "serverless_tax.widgets.jupyter",
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Let the kernels of a build be forked, where a process with libraries in it can be."""
    del app
    if sys.platform == "linux":
        factory = KernelProvisionerFactory.instance()
        entry = EntryPoint(_NAME, f"{__name__}:ForkedProvisioner", factory.GROUP_NAME)
        factory.provisioners[_NAME] = entry
        factory.default_provisioner_name = _NAME
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel as a copy of the process that has imported everything.

    It is spoken to over sockets in a folder of its own. Jupyter would look for five free ports and
    let the kernel take them later, and whatever connects to something in between may have one.
    """

    _sockets: tempfile.TemporaryDirectory[str] | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the launch: the addresses the kernel is spoken to at, and its command."""
        manager: Any = self.parent
        if self.kernel_spec.argv[1:3] == _LAUNCHER and manager.transport == "tcp":
            self._sockets = tempfile.TemporaryDirectory(prefix="kernel-")
            manager.transport, manager.cache_ports = "ipc", False
            manager.ip = f"{self._sockets.name}/socket"
        return await super().pre_launch(**kwargs)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - Jupyter's
        """Remove the sockets of a kernel that has ended."""
        await super().cleanup(restart)
        if self._sockets is not None and not restart:
            self._sockets.cleanup()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel; one of another language as Jupyter does."""
        if cmd[1:3] != _LAUNCHER:
            return await super().launch_kernel(cmd, **kwargs)
        asked = {"argv": cmd[3:], "cwd": kwargs.get("cwd"), "env": kwargs.get("env")}
        _, lines = _server()
        lines.write(json.dumps(asked) + "\n")
        lines.flush()
        self.process: Any = _Forked(int(lines.readline()))
        self.pid, self.cwd = self.process.pid, kwargs.get("cwd")
        return self.connection_info


class _Forked:
    """What Jupyter asks of a kernel's process; this one is another process's child."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self) -> int:
        return 0  # asked for once it is gone

    def send_signal(self, signum: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signum)


@cache
def _server() -> tuple[subprocess.Popen[bytes], TextIO]:
    """Return the process that forks, and what it reads and writes; it ends with this one."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen([sys.executable, "-m", __name__], stdin=theirs.fileno())  # noqa: S603 - ourselves
    return process, ours.makefile("rw")


def _serve() -> None:
    """Fork a kernel for each line that is asked, and answer with its process's number."""
    del sys.path[0]  # where this was started: a kernel has its page's folder there
    for name in _IMPORTED:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a kernel that has ended leaves nothing behind
    with socket.socket(fileno=0) as asked, asked.makefile("rw") as lines:
        while line := lines.readline():
            pid = os.fork()
            if not pid:
                _run(**json.loads(line))
            lines.write(f"{pid}\n")
            lines.flush()


def _run(argv: list[str], cwd: str | None, env: dict[str, str] | None) -> NoReturn:
    """Be the kernel, until it is told to end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if env is not None:
        os.environ.clear()
        os.environ.update(env)
    if cwd:
        os.chdir(cwd)
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"
    status = 1
    try:
        import_module("ipykernel.kernelapp").launch_new_instance([*argv, parent])
        status = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
