"""A server in a process of its own, which ends when its owner ends.

The owner holds the write end of a pipe, and the server reads the other end as its standard input.
When the owner closes the pipe or is killed, the server reads end-of-file and shuts down. On Linux
the server also watches the owner's process, because another child may have inherited the pipe.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of a server's temporary folder, and of no other that this package makes.
PREFIX = "serverless-tax-cloud-"
_LOCK = "lock"  # held as long as the folder's server runs
_LOCK_LIMIT_S = 5
READY_LIMIT_S = 60
STOP_LIMIT_S = 10


class StartError(RuntimeError):
    """A server of this package did not come up; the message ends with its last log lines."""


class EndedError(RuntimeError):
    """A server of this package ended before its owner asked it to."""


class Child:
    """Owner's side: starts `python -m module` and keeps it until `stop`.

    Attributes:
        ready: the server's address and keys, as it announced them.
        folder: its temporary folder, which `stop` removes.
    """

    def __init__(self, module: str, settings: Mapping[str, Any]) -> None:
        import subprocess  # noqa: PLC0415 - a browser, where this is imported too, has none

        for left in left_folders():
            shutil.rmtree(left, ignore_errors=True)
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        # Open until the server is up: one that fails takes its folder along, and not this.
        with (self.folder / "server.log").open("w+b") as errors:
            self._popen = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", module, str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_clean_environment(self.folder),
                text=True,
                # A group of its own: Jupyter sends its interrupts and its kill to the kernel's.
                process_group=0,
            )
            self._stopped = False
            self.ready: dict[str, Any] = self._hand_shake(settings, errors)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._popen.pid

    @property
    def ended(self) -> str:
        """A sentence where the server has ended by itself; empty while it runs or was stopped."""
        code = self._popen.poll()
        if code is None or self._stopped:
            return ""
        how = f"signal {-code}" if code < 0 else f"exit status {code}"
        return f"The server (process {self.pid}) has ended by itself: {how}."

    def check(self) -> None:
        """Refuse to go on without the server.

        Raises:
            EndedError: if it has ended by itself.
        """
        if said := self.ended:
            raise EndedError(f"{said} Start another; what it held is gone.")

    def stop(self) -> None:
        """Ask the server to shut down, wait for it, remove its folder; may be called twice.

        Warns:
            RuntimeWarning: if it had ended by itself.
        """
        if said := self.ended:
            warnings.warn(said, RuntimeWarning, stacklevel=3)
        self._stopped = True
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        timer = threading.Timer(STOP_LIMIT_S, self._popen.kill)
        timer.start()
        self._popen.wait()
        timer.cancel()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _hand_shake(self, settings: Mapping[str, Any], log: IO[bytes]) -> dict[str, Any]:
        stdin, stdout = self._popen.stdin, self._popen.stdout
        line, began = "", time.monotonic()
        timer = threading.Timer(READY_LIMIT_S, self._popen.kill)
        timer.start()
        if stdin is not None and stdout is not None:
            with contextlib.suppress(OSError):
                stdin.write(json.dumps(dict(settings)) + "\n")
                stdin.flush()
                line = stdout.readline()
        is_late = time.monotonic() - began >= READY_LIMIT_S
        timer.cancel()
        if line:
            ready: dict[str, Any] = json.loads(line)
            return ready
        before = os.times()
        self._popen.wait()
        after = os.times()
        used_s = sum(after[2:4]) - sum(before[2:4])  # of children, once they are waited for
        log.seek(0)
        last_words = log.read().decode(errors="replace").strip()[-2000:]
        self._stopped = True
        self.stop()
        what = "The server did not start."
        if is_late:
            what = (
                f"The server was still starting after {READY_LIMIT_S} s, in which it got"
                f" {used_s:.1f} s of CPU, and was stopped. Close what keeps this"
                " machine busy, and start again."
            )
        raise StartError(f"{what} Its log says: {last_words or 'nothing'}")


class Lifeline:
    """Server's side: reads the settings, announces the server, and waits for the owner's end."""

    def __init__(self) -> None:
        self.folder = Path(sys.argv[1])
        import fcntl  # noqa: PLC0415 - the package is imported on other systems too, which lack it

        self._lock = (self.folder / _LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.settings: dict[str, Any] = json.loads(sys.stdin.readline())
        self._parent = os.getppid()

    def announce(self, ready: Mapping[str, Any]) -> None:
        """Tell the owner that the server is up; the server prints nothing else."""
        sys.stdout.write(json.dumps(dict(ready)) + "\n")
        sys.stdout.flush()

    async def cut(self) -> None:
        """Return when the owner has closed the pipe or is dead, or when SIGTERM or SIGINT comes."""
        loop = asyncio.get_running_loop()
        done = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, done.set)
        loop.add_signal_handler(signal.SIGINT, done.set)
        loop.add_reader(sys.stdin.fileno(), done.set)
        pidfd = os.pidfd_open(self._parent) if hasattr(os, "pidfd_open") else None
        if pidfd is not None:
            loop.add_reader(pidfd, done.set)
        await done.wait()

    def clear(self) -> None:
        """Remove the temporary folder, because a killed owner cannot."""
        shutil.rmtree(self.folder, ignore_errors=True)


def left_folders() -> list[Path]:
    """Folders of servers that have ended without removing them; none of another user."""
    found = []
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            age_s = time.time() - folder.stat().st_mtime
            is_ours = folder.is_dir() and folder.stat().st_uid == os.getuid()
            has_lock = (folder / _LOCK).exists()
            # A server that starts right now may not hold its lock yet.
            is_old = age_s > (_LOCK_LIMIT_S if has_lock else READY_LIMIT_S)
            if is_ours and is_old and (not has_lock or _is_free(folder / _LOCK)):
                found.append(folder)
        except OSError:  # it is being removed
            continue
    return sorted(found)


def _is_free(lock: Path) -> bool:
    import fcntl  # noqa: PLC0415 - as above

    with lock.open() as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _clean_environment(folder: Path) -> dict[str, str]:
    """The variables a server needs, without the learner's keys, profiles and proxies."""
    kept = {
        name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ
    }
    return {
        **kept,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
