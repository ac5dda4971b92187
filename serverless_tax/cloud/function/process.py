"""One execution environment's process: start, freeze, thaw, kill, CPU and memory.

Linux only: other systems have no CPU clock of another process, no pidfd and no VmHWM of the same
resolution. `require_linux` refuses them in one sentence.
"""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KIB_PER_MB = 1024
_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class UnsupportedPlatformError(RuntimeError):
    """The local cloud cannot run on this operating system."""


def require_linux() -> None:
    """Refuse other systems, and name the ways out.

    Raises:
        UnsupportedPlatformError: anywhere but on Linux.
    """
    if sys.platform != "linux":
        raise UnsupportedPlatformError(
            f"The local cloud runs on Linux and this is {sys.platform!r}: AWS's own Python runtime "
            "client is built for Linux only. Open the labs in Binder, or on Windows in WSL."
        )


class Process:
    """A process in a group of its own, which is stopped and killed as a whole.

    It is a group and not a session: when the server dies, the kernel ends the stopped groups of
    the server's session. A stopped process in a session of its own would stay for ever.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        before: Sequence[str] = (),
    ) -> None:
        self._popen = subprocess.Popen(  # noqa: S603 - the function's own code is what we run
            # The kernel drops the death signal when a process gains another user's rights.
            [*before, *_death_signal_prefix(), *command],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        self.pid = self._popen.pid
        self._pidfd = os.pidfd_open(self.pid)
        self._output = b""
        self._wait_status: int | None = None
        if self._popen.stdout is None:  # pragma: no cover - a pipe was asked for
            raise RuntimeError("the process has no standard output")
        self._stdout = self._popen.stdout
        os.set_blocking(self._stdout.fileno(), False)
        loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[str] = loop.create_future()
        """Resolves with a short reason, as `exit status 1`, when the process has ended."""
        loop.add_reader(self._pidfd, self._reap)
        loop.add_reader(self._stdout.fileno(), self._collect)

    def freeze(self) -> None:
        """Stop every thread of the group until `thaw`."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the group run again."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the group by SIGKILL; a stopped process does not react to a milder signal."""
        self._signal(signal.SIGKILL)

    def take_output(self) -> str:
        """Return the output since the last call."""
        self._collect()
        taken, self._output = self._output, b""
        return taken.decode("utf-8", errors="replace")

    def cpu_s(self) -> float:
        """User and system time so far of the process and of its children, in seconds."""
        try:
            own_s = _clock_s(self.pid)
            ended_s = sum(map(int, _stat(self.pid)[13:15])) / _TICKS_PER_S
        except (OSError, ValueError, IndexError):
            return self._final_cpu_s
        return own_s + ended_s + sum(map(_clock_of_a_child_s, _descendants(self.pid)))

    def peak_memory_mb(self) -> int:
        """Largest resident memory so far, children added, MB, rounded up; 0 once ended."""
        family = [self.pid, *_descendants(self.pid)]
        return -(-sum(map(_peak_kib, family)) // KIB_PER_MB)

    _final_cpu_s = 0.0

    def _signal(self, number: int) -> None:
        # Until it is reaped, no other process can have its number.
        if self._wait_status is None:
            os.killpg(self.pid, number)

    def _collect(self) -> None:
        while True:
            try:
                chunk = os.read(self._stdout.fileno(), 65536)
            except (BlockingIOError, ValueError, OSError):
                return
            if not chunk:
                asyncio.get_running_loop().remove_reader(self._stdout.fileno())
                return
            self._output += chunk

    def _reap(self) -> None:
        self._collect()
        _, status, usage = os.wait4(self.pid, 0)
        self._popen.returncode = os.waitstatus_to_exitcode(status)
        self._final_cpu_s = usage.ru_utime + usage.ru_stime
        # Its remaining children in the group die with it.
        self._signal_leftovers()
        self._wait_status = status
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._pidfd)
        loop.remove_reader(self._stdout.fileno())
        os.close(self._pidfd)
        self._collect()
        self._stdout.close()
        if not self.exited.done():
            self.exited.set_result(_exit_reason(self._popen.returncode))

    def _signal_leftovers(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _clock_s(pid: int) -> float:
    """CPU time of another process, all its threads."""
    # How Linux numbers another process's CPU clock (clock_getcpuclockid(3)).
    return time.clock_gettime((~pid << 3) | 2)


def _clock_of_a_child_s(pid: int) -> float:
    try:
        return _clock_s(pid)
    except OSError:  # it has ended since it was listed
        return 0.0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name; the 14th and 15th are of ended children."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _descendants(pid: int) -> list[int]:
    """Its living children, and their children."""
    found: list[int] = []
    try:
        for listed in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (listed / "children").read_text().split())
    except OSError:  # it has ended, or the kernel does not list children
        return found
    return found + [far for near in found for far in _descendants(near)]


def _peak_kib(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def _exit_reason(code: int) -> str:
    """The reason in AWS's words: `exit status 1`, `signal: killed`, or nothing for a clean exit."""
    if code < 0:
        return f"signal: {signal.strsignal(-code) or -code}".lower()
    return f"exit status {code}" if code else ""


@functools.cache
def _death_signal_prefix() -> tuple[str, ...]:
    """The setpriv command: with it the kernel kills an environment when its server dies.

    A stopped group ends without it (see `Process`). A running handler would otherwise go on after
    the server was killed.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    prefix = (setpriv, "--pdeathsig", "KILL", "--")
    tried = subprocess.run([*prefix, "true"], capture_output=True, check=False)  # noqa: S603
    return prefix if tried.returncode == 0 else ()
