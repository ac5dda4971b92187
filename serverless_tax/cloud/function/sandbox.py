"""Keeps the functions' processes: one supervisor an environment, and one keeper for all of them.

This file runs as a script, without the package and without site-packages, because every supervisor
is a fork of it. A supervisor is a child subreaper (prctl(2)): a process that the function has
detached becomes the supervisor's child, so it is found, frozen and killed with its environment. It
needs no privilege. When the server ends, in whatever way, the kernel closes the server's end of a
pipe. Each supervisor then kills its own, and the keeper removes the cloud's folder.

Each environment also has a mount namespace, where the kernel allows one: a /tmp of its own, which
it keeps from request to request, and the rest read-only, as on AWS: this machine's folders, disks
and settings too, where the server runs as root. It does not see another's. Where the kernel also
allows a PID namespace, the supervisor is its first process: the function sees and signals its own
processes alone, and the kernel itself ends them when the supervisor ends, in whatever way. It costs
0.8 ms of a start (3.5 ms without it and 4.3 with it, the least of 60), before INIT's clock begins,
and no memory; CPU and memory are read from outside as before.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

# ruff: noqa: PTH110, PTH115, PTH123, PTH208 - pathlib would cost every supervisor its memory

from __future__ import annotations

import ctypes
import errno
import json
import os
import select
import signal
import socket
import sys
import time
from typing import Any

TRY = "--try"
_MESSAGE_BYTES = 1 << 18
_PR_SET_CHILD_SUBREAPER = 36
_NEW_MOUNTS, _NEW_USER, _NEW_PIDS = 0x0002_0000, 0x1000_0000, 0x2000_0000  # unshare(2)
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 32, 4096, 16384, 1 << 18  # mount(2)
_PROC_FLAGS = 2 | 4 | 8
_PR_CAPBSET_DROP, _CAPABILITIES, _OF_FILES = 24, 64, 8
"""The first eight are about files, users and signals: capabilities(7)."""
_MOST_FILES = 1024  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_KEPT_FLAGS = {"nosuid": 2, "nodev": 4, "noexec": 8, "noatime": 1024, "nodiratime": 2048}
_HIDDEN = (errno.ENOENT, errno.ENOTDIR, errno.EINVAL, errno.EACCES)
"""What the kernel says of a mount below another one, which the function does not reach either."""
_TMP = "/tmp"  # noqa: S108 - the folder that is the environment's own
_NOT_STARTED = 127  # what a shell says of a command that it cannot start


_loaded: list[ctypes.CDLL] = []


def _libc() -> ctypes.CDLL:
    """The C library, loaded once: a start calls it dozens of times."""
    if not _loaded:
        _loaded.append(ctypes.CDLL(None, use_errno=True))
    return _loaded[0]


#: Whether this kernel lists a process's children (CONFIG_PROC_CHILDREN).
lists_children = os.path.exists(f"/proc/self/task/{os.getpid()}/children")


def descendants(pid: int) -> list[int]:
    """Its living children, and theirs; not the process itself."""
    if not lists_children:
        return _descendants_of_all(pid)
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as listed:
                found += map(int, listed.read().split())
    except OSError:  # it has ended meanwhile
        return found
    return found + [far for near in found for far in descendants(near)]


def _descendants_of_all(pid: int) -> list[int]:
    """The same from the parent that each process of this machine names."""
    by_parent: dict[int, list[int]] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="latin-1") as stat:
                parent = int(stat.read().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        by_parent.setdefault(parent, []).append(int(name))
    found, waiting = [], [pid]
    while waiting:
        near = by_parent.get(waiting.pop(), [])
        found += near
        waiting += near
    return found


def keep(control: socket.socket, life: int, folder: str) -> None:
    """Start environments as the server asks, until the server ends; then remove its folder."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the supervisors
    _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # those in a PID namespace are grandchildren
    while True:
        ready, _, _ = select.select([control.fileno(), life], [], [])
        if life in ready:
            break
        said, handles, _, _ = socket.recv_fds(control, _MESSAGE_BYTES, 2)
        if not said:
            break
        if os.fork() == 0:
            control.close()
            out, status = handles
            order = json.loads(said)
            if order["own_pids"]:
                _unshare(_NEW_PIDS)  # of which the next that starts is the first process
                if os.fork():
                    os._exit(0)
            os._exit(_supervise(order, out, status, life))
        for handle in handles:
            os.close(handle)
    import contextlib  # noqa: PLC0415 - a supervisor never needs these
    import shutil  # noqa: PLC0415 - as above

    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, 0)  # it returns once no supervisor is left

    shutil.rmtree(folder, ignore_errors=True)


def _supervise(order: dict[str, Any], out: int, status: int, life: int) -> int:
    """Start an environment's process, and stay until it and all that it started are gone."""
    own = int(os.readlink("/proc/self"))  # as the server sees it, in a PID namespace too
    _libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    began = time.perf_counter()  # Linux's monotonic clock, which the server reads too
    main = os.fork()
    if main == 0:
        _become(order, out)
    os.close(out)
    _tell(status, {"supervisor": own, "pid": descendants(own)[0], "began": began})
    ended = _reap(main)
    while ended is None:
        ready, _, _ = select.select([woken, life], [], [])
        if life in ready:
            break
        os.read(woken, 512)
        ended = _reap(main)
    killed = _end_all(own, main)
    ended = killed if ended is None else ended
    import resource  # noqa: PLC0415 - the package is imported on other systems too, which lack it

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = used.ru_utime + used.ru_stime
    _tell(status, {"status": ended, "cpu_s": cpu_s, "peak_kib": used.ru_maxrss})
    return 0


def _tell(status: int, said: dict[str, Any]) -> None:
    try:
        os.write(status, json.dumps(said).encode() + b"\n")
    except OSError:  # the server is gone
        return


def _reap(main: int) -> int | None:
    """Reap what has ended; return the main process's status if it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == main:
            found = status


def _end_all(own: int, main: int) -> int | None:
    """Kill every process of the environment, those too that start while it looks."""
    found = None
    while True:
        for pid in [-1] if os.getpid() == 1 else descendants(own):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            pid, status = os.waitpid(-1, 0)
        except ChildProcessError:
            return found
        if pid == main:
            found = status


def _become(order: dict[str, Any], out: int) -> None:
    """Turn this process into the function's, in its own mounts; it does not return."""
    try:
        signal.set_wakeup_fd(-1)
        for handled in (signal.SIGCHLD, signal.SIGINT, signal.SIGPIPE):
            signal.signal(handled, signal.SIG_DFL)
        os.setpgid(0, 0)
        os.dup2(out, 1)  # the keeper's own input and output are the null device
        os.dup2(out, 2)
        if order["root"]:
            own_mounts(order)
        # Where the server runs as root, the function must neither mount anew nor reach the kernel.
        for number in range(_OF_FILES, _CAPABILITIES):
            _libc().prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
        os.closerange(3, 1 << 16)
        import resource  # noqa: PLC0415 - other systems lack it

        resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_FILES, _MOST_FILES))
        os.chdir(order["code"])
        command = order["command"]
        os.execvpe(command[0], command, order["variables"])  # noqa: S606 - the function's own code
    except BaseException as error:  # noqa: BLE001 - a fork of the keeper must not live on
        os.write(1, f"{order['command'][0]}: {error}\n".encode())
    os._exit(_NOT_STARTED)


def own_mounts(order: dict[str, Any]) -> None:
    """Show this process alone another /tmp, and its own processes; all else is read-only.

    Args:
        order: ``root`` becomes /tmp; ``shown`` is what stays of the real one, ``veil`` becomes the
            folder of the ``cloud``, of which ``veiled`` stays, and ``dev`` becomes /dev, with its
            ``devices``; each has an empty folder or file of its name in ``root``, ``veil`` and
            ``dev``. ``own_pids`` says whether it is in a PID namespace.

    Raises:
        OSError: if the kernel does not allow it.
    """
    root, veil, cloud = order["root"], order["veil"], order["cloud"]
    if order["own_pids"]:  # it has the rights of its user namespace until it starts the function
        _call(_libc().unshare(_NEW_MOUNTS))
    else:
        _unshare(_NEW_MOUNTS)
    _mount("none", "/", _RECURSIVE | _PRIVATE)
    if order["own_pids"]:
        _mount("proc", "/proc", _PROC_FLAGS, "proc")
    _close()  # what is bound from here on is read-only too
    for path in order["devices"]:
        _mount(path, order["dev"] + path.removeprefix("/dev"), _BIND)
    _mount(order["dev"], "/dev", _BIND | _RECURSIVE)
    for path in order["shown"]:
        _mount(path, root + path.removeprefix(_TMP), _BIND | _RECURSIVE)
    for path in order["veiled"]:
        _mount(path, veil + path.removeprefix(cloud), _BIND | _RECURSIVE)
    in_tmp = cloud.startswith(f"{_TMP}/")
    if in_tmp:
        _mount(veil, root + cloud.removeprefix(_TMP), _BIND | _RECURSIVE)
    _mount(root, _TMP, _BIND | _RECURSIVE)
    if not in_tmp:
        _mount(veil, cloud, _BIND | _RECURSIVE)
    _mount("none", _TMP, _REMOUNT | _BIND | os.statvfs(_TMP).f_flag & sum(_KEPT_FLAGS.values()))


def _close() -> None:
    """Make every mount read-only, for this process alone."""
    with open("/proc/self/mountinfo", "rb") as mounts:
        listed = [line.decode("unicode_escape").split(" ")[4:6] for line in mounts]
    for path, said in listed:
        options = said.split(",")
        if "ro" in options:
            continue
        kept = sum(flag for name, flag in _KEPT_FLAGS.items() if name in options)
        try:
            where = os.fsdecode(path.encode("latin-1"))
            _mount("none", where, _REMOUNT | _BIND | _READ_ONLY | kept)
        except OSError as error:
            if error.errno not in _HIDDEN:
                raise


def _unshare(kind: int) -> None:
    """Make a namespace; without privileges in a user namespace of its own."""
    user, group, as_root = os.getuid(), os.getgid(), os.geteuid() == 0
    _call(_libc().unshare(kind | (0 if as_root else _NEW_USER)))
    if not as_root:
        # The same names inside as outside: after exec the function has no right to unmount.
        rules = {
            "setgroups": "deny",
            "uid_map": f"{user} {user} 1",
            "gid_map": f"{group} {group} 1",
        }
        for name, said in rules.items():
            with open(f"/proc/self/{name}", "w", encoding="ascii") as rule:
                rule.write(said)


def _mount(source: str, where: str, flags: int, kind: str | None = None) -> None:
    named = kind.encode() if kind else None
    places = os.fsencode(source), os.fsencode(where)
    _call(_libc().mount(*places, named, ctypes.c_ulong(flags), None))


def _call(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _try(order: dict[str, Any]) -> None:
    """Do in this process what an environment would; it fails where the kernel does not allow it."""
    if order["own_pids"]:
        _unshare(_NEW_PIDS)
        child = os.fork()
        if child:
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    own_mounts(order)


def main() -> None:
    """Keep environments, or with ``--try`` show that their namespaces are possible."""
    if sys.argv[1] == TRY:
        _try(json.loads(sys.argv[2]))
        return
    control, life, folder = sys.argv[1:]
    keep(socket.socket(fileno=int(control)), int(life), folder)


if __name__ == "__main__":
    main()
