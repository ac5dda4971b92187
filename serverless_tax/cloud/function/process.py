"""One execution environment's process: start, freeze, thaw, kill, CPU and memory.

Linux only: other systems have no CPU clock of another process, no child subreaper and no VmHWM.
`require_linux` refuses them in one sentence.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_tax.cloud.function import sandbox
from serverless_tax.cloud.function.sandbox import descendants

if TYPE_CHECKING:
    from collections.abc import Callable

KIB_PER_MB = 1024
CLOSE_LIMIT_S = 5
COUNT_S = 0.010
_READ_BYTES = 65536
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
            "Set LABS_REPLAY=1 and start again to go through the lab with its recorded runs: the "
            f"local cloud needs Linux, and this is {sys.platform!r}, for which AWS's own Python "
            "runtime client is not built. To run it live, open the lab in Binder, or in WSL."
        )


class Keeper:
    """Starts the environments' processes; see :mod:`serverless_tax.cloud.function.sandbox`.

    Args:
        folder: the cloud's, which the keeper removes when this process has ended.
    """

    def __init__(self, folder: Path) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Nobody writes to this pipe. Its end tells the supervisors that this process has ended.
        life, self._life = os.pipe()
        command = [sys.executable, "-I", "-S", sandbox.__file__]
        handles = (theirs.fileno(), life)
        self._popen = subprocess.Popen(  # noqa: S603 - our own file
            [*command, *map(str, handles), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=handles,
        )
        theirs.close()
        os.close(life)

    async def start(self, order: dict[str, Any], on_output: Callable[[bytes], None]) -> Process:
        """Start an environment's process.

        Args:
            order: command, variables and code folder, and what its /tmp shows.
            on_output: takes what it writes, as it writes.
        """
        out, their_out = os.pipe()
        status, their_status = os.pipe()
        socket.send_fds(self._control, [json.dumps(order).encode()], [their_out, their_status])
        os.close(their_out)
        os.close(their_status)
        process = Process(out, status, on_output)
        await process.started
        return process

    def close(self) -> None:
        """End the keeper, and with it every environment that is left."""
        self._control.close()
        os.close(self._life)
        try:
            self._popen.wait(CLOSE_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


class Process:
    """A function's process and all that it starts, stopped and killed as a whole.

    Attributes:
        pid: of the function's own process.
        began: its start, on the clock of `time.perf_counter`.
        started: resolves when it runs.
        exited: resolves with a short reason, as `exit status 1`, when all of it has ended.
    """

    def __init__(self, out: int, status: int, on_output: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.pid = self._supervisor = 0
        self.began = time.perf_counter()
        self.started: asyncio.Future[None] = loop.create_future()
        self.exited: asyncio.Future[str] = loop.create_future()
        self._on_output = on_output
        self._detached: list[int] = []
        self._out, self._status, self._said = out, status, b""
        self._final_cpu_s = self._others_s = self._counted = 0.0
        self._final_peak_kib = 0
        for handle in (out, status):
            os.set_blocking(handle, False)
        loop.add_reader(status, self._hear)
        self._reads_output = False
        self.read_output()

    def read_output(self) -> None:
        """Take what it writes as it writes."""
        if self._out >= 0 and not self._reads_output:
            asyncio.get_running_loop().add_reader(self._out, self._collect)
            self._reads_output = True

    def read_no_more(self) -> None:
        """Let it wait once its pipe is full, which holds 64 KiB."""
        if self._out >= 0 and self._reads_output:
            asyncio.get_running_loop().remove_reader(self._out)
            self._reads_output = False

    def freeze(self) -> None:
        """Stop every process until `thaw`, those too that start meanwhile."""
        self._signal_group(signal.SIGSTOP)
        stopped: set[int] = set()
        while fresh := [pid for pid in self._family() if pid not in stopped]:
            for pid in fresh:
                _signal(pid, signal.SIGSTOP)
            stopped.update(fresh)
        self._detached = [pid for pid in stopped if _group_of(pid) != self.pid]

    def thaw(self) -> None:
        """Let all of it run again, as quickly as can be: the time is the function's."""
        self._signal_group(signal.SIGCONT)
        for pid in self._detached:
            _signal(pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it by SIGKILL; its supervisor then ends all that it has started."""
        if self.pid and not self.exited.done():
            _signal(self.pid, signal.SIGKILL)

    def drain(self) -> None:
        """Take all that a frozen or ended process has written."""
        while self._collect():
            pass

    def _collect(self) -> bool:
        """Take a piece of its output; return whether there was one."""
        try:
            chunk = os.read(self._out, _READ_BYTES)
        except OSError:  # nothing now, or closed
            return False
        if chunk:
            self._on_output(chunk)
        else:
            self.read_no_more()
        return bool(chunk)

    def cpu_s(self, *, newest: bool = False) -> float:
        """User and system time so far of all its processes, in seconds.

        Args:
            newest: count all of them now; else those that it has started are counted every 10 ms,
                because whoever holds it to its share asks every millisecond.
        """
        try:
            now, own_s = time.perf_counter(), _clock_s(self.pid)
            if newest or now - self._counted > COUNT_S:
                ended_s = _ended_children_s(self.pid) + _ended_children_s(self._supervisor)
                others = (pid for pid in self._family() if pid != self.pid)
                self._others_s = ended_s + sum(map(_clock_of_a_child_s, others))
                self._counted = now
        except (OSError, ValueError, IndexError):
            return self._final_cpu_s
        return own_s + self._others_s

    def memory_mb(self) -> int:
        """Memory in use, MB, rounded up; once ended, the peak of the largest process.

        It is the peak of the largest process, and what the others have now for themselves alone:
        a fork shares its parent's pages until it writes to them.
        """
        family = self._family()
        peaks_kib = {pid: _field_kib(f"/proc/{pid}/status", "VmHWM:") for pid in family}
        if not peaks_kib:
            return -(-self._final_peak_kib // KIB_PER_MB)
        largest = max(peaks_kib, key=lambda pid: peaks_kib[pid])
        others_kib = sum(
            _field_kib(f"/proc/{pid}/smaps_rollup", "Private_") for pid in family if pid != largest
        )
        return -(-(peaks_kib[largest] + others_kib) // KIB_PER_MB)

    def waited_for_cpu_s(self) -> float:
        """How long one of its threads was ready to run and had no CPU; 0 if the kernel hides it.

        https://docs.kernel.org/scheduler/sched-stats.html
        """
        waited_ns = 0
        for pid in self._family():
            try:
                for said in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                    waited_ns = max(waited_ns, int(said.read_text().split()[1]))
            except (OSError, IndexError, ValueError):
                continue
        return waited_ns / 1e9

    def _signal_group(self, number: int) -> None:
        if self.pid and not self.exited.done():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def _family(self) -> list[int]:
        return [] if self.exited.done() else descendants(self._supervisor)

    def _hear(self) -> None:
        """Read what the supervisor says: that the process runs, and how it ended."""
        try:
            said = os.read(self._status, 4096)
        except BlockingIOError:
            return
        *lines, self._said = (self._said + said).split(b"\n")
        for line in lines:
            self._note(json.loads(line))
        if not said:
            asyncio.get_running_loop().remove_reader(self._status)
            os.close(self._status)
            self._end("signal: killed")  # unless it has said more

    def _note(self, told: dict[str, Any]) -> None:
        if "pid" in told:
            self.pid, self._supervisor = told["pid"], told["supervisor"]
            self.began = told["began"]
            self.started.set_result(None)
            return
        self._final_cpu_s, self._final_peak_kib = told["cpu_s"], told["peak_kib"]
        self._end(_exit_reason(os.waitstatus_to_exitcode(told["status"])))

    def _end(self, reason: str) -> None:
        if not self.started.done():
            self.started.set_result(None)
        if not self.exited.done():
            self.drain()
            self.read_no_more()
            os.close(self._out)
            self._out = -1
            self.exited.set_result(reason)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _clock_s(pid: int) -> float:
    """CPU time of another process, all its threads."""
    # How Linux numbers another process's CPU clock (clock_getcpuclockid(3)).
    return time.clock_gettime((~pid << 3) | 2)


def _clock_of_a_child_s(pid: int) -> float:
    try:
        return _clock_s(pid)
    except OSError:  # it has ended since it was listed
        return 0.0


def _ended_children_s(pid: int) -> float:
    """CPU time of its ended children: the 14th and 15th field of its statistics after the name."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[13:15])) / _TICKS_PER_S


def _field_kib(path: str, name: str) -> int:
    """The sum of the fields whose names begin so, in KiB; 0 if the process has ended."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(name))


def _exit_reason(code: int) -> str:
    """The reason in AWS's words: `exit status 1`, `signal: killed`, or nothing for a clean exit."""
    if code < 0:
        return f"signal: {signal.strsignal(-code) or -code}".lower()
    return f"exit status {code}" if code else ""
