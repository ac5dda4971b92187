"""The command doctor: whether this machine can run the book and the labs, before a class starts."""

from __future__ import annotations

import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from serverless_tax.cli.output import remark, say, write_json

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_PACKAGE = "serverless-tax"
_EXTRAS = ("book", "labs")
_INSTALL = "Install what the project needs: make env, or pip install '.[book,labs]' in a clone."
#: The doctor ends within ten seconds; the cloud's trial gets most of them.
_TRIAL_S = 8.0
#: A cloud, a model provider, a notebook's kernel and a page each listen on loopback.
_PORTS = 10
_BROWSERS = ("firefox", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_APPLICATIONS = ("Firefox", "Chromium", "Google Chrome", "Safari")


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check.

    Attributes:
        name: what was looked at.
        ok: whether it is as it should be.
        found: what is there, in a few words.
        remedy: one sentence on what to do, empty where all is well.
        needed: whether the labs fail without it.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True


def register(app: App) -> None:
    """Add the command to the program."""
    app.command(doctor, name="doctor")


def doctor(
    *,
    as_json: Annotated[bool, Parameter("--json", help="Write JSON.", negative=())] = False,
) -> int:
    """Say whether this machine can run the book and the labs. Exits with 1 if it cannot.

    It looks at Python, the packages, ports, a browser, a folder to write in, and the local cloud,
    which it starts for one invocation. Behind what is wrong stands what to do. A line that says
    *note* does not count as a failure. It takes at most ten seconds.

    On Windows run it inside of WSL: there the labs run live. On macOS they show their recorded
    runs. A Chromebook needs its Linux switched on, or a browser and a shared host.

    ```console
    serverless-tax doctor
    serverless-tax doctor --json
    ```
    """
    started = time.monotonic()
    checks = []
    for check in _checks():
        checks.append(check)
        if not as_json:
            word = "ok" if check.ok else "FAILED" if check.needed else "note"
            say(f"{word:<6}  {check.name}: {check.found}")
            if check.remedy:
                say(f"        {check.remedy}")
    failed = [check for check in checks if check.needed and not check.ok]
    took_s = time.monotonic() - started
    if as_json:
        write_json({"ok": not failed, "took_s": took_s, "checks": [asdict(one) for one in checks]})
    else:
        remark(f"{len(failed)} of {len(checks)} checks failed, in {took_s:.1f} s.")
    return 1 if failed else 0


def _checks() -> Iterator[Check]:
    yield python()
    yield packages()
    yield ports()
    yield browser()
    yield temporary_folder()
    yield private_folders()
    yield local_cloud()


def python() -> Check:
    """Whether this Python is new enough for the project, by the project's own word."""
    found = platform.python_version()
    try:
        wanted = metadata(_PACKAGE)["Requires-Python"]
    except PackageNotFoundError:
        return Check("Python", ok=False, found=found, remedy=_INSTALL)
    oldest = tuple(int(part) for part in wanted.removeprefix(">=").split("."))
    if sys.version_info[: len(oldest)] >= oldest:
        return Check("Python", ok=True, found=found)
    remedy = f"Install Python {wanted} and make the environment with it: make env PYTHON=/path."
    return Check("Python", ok=False, found=found, remedy=remedy)


def packages(extras: tuple[str, ...] = _EXTRAS) -> Check:
    """Whether what the extras ask for is installed, in the versions they ask for."""
    try:
        from packaging.requirements import Requirement  # noqa: PLC0415 - an extra brings it

        declared = requires(_PACKAGE) or []
    except (ImportError, PackageNotFoundError):
        return Check("Packages", ok=False, found="not all there", remedy=_INSTALL)
    wrong = []
    needed = _needed([Requirement(one) for one in declared], {"", *extras})
    for requirement in needed:
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            wrong.append(f"{requirement.name} is {found}, expected {requirement.specifier}")
    if wrong:
        return Check("Packages", ok=False, found="; ".join(wrong), remedy=_INSTALL)
    return Check("Packages", ok=True, found=f"{len(needed)} as needed")


def _needed(declared: list[Requirement], extras: set[str]) -> list[Requirement]:
    """Return what some extras ask for, and what further extras do that these ask for."""
    asked = [
        one
        for one in declared
        if not one.marker or any(one.marker.evaluate({"extra": extra}) for extra in extras)
    ]
    further = {extra for one in asked if one.name == _PACKAGE for extra in one.extras}
    if further - extras:
        return _needed(declared, extras | further)
    return [one for one in asked if one.name != _PACKAGE]


def ports() -> Check:
    """Whether programs of this user may listen on loopback and be reached, several at once."""
    sockets: list[socket.socket] = []
    try:
        for _ in range(_PORTS):
            sockets.append(socket.socket())
            sockets[-1].bind(("127.0.0.1", 0))
            sockets[-1].listen()
            # Without a loopback interface a socket still listens, but no connection gets through.
            socket.create_connection(sockets[-1].getsockname(), timeout=1).close()
    except OSError as refused:
        remedy = "Bring the loopback interface up (ip link set lo up), or raise ulimit -n."
        return Check("Ports", ok=False, found=str(refused), remedy=remedy)
    finally:
        for one in sockets:
            one.close()
    return Check("Ports", ok=True, found=f"{_PORTS} free on 127.0.0.1")


def browser() -> Check:
    """Which browser can show the pages. It may have none: another machine's will do."""
    places = [Path(f"/Applications/{name}.app") for name in _APPLICATIONS]
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    found = found or next((str(place) for place in places if place.exists()), None)
    if found:
        return Check("Browser", ok=True, found=found, needed=False)
    remedy = "Install Firefox or Chromium, or open Jupyter's address in a browser elsewhere."
    return Check("Browser", ok=False, found="none found", remedy=remedy, needed=False)


def temporary_folder() -> Check:
    """Whether programs of this user may write where temporary files go."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "written").write_bytes(b"\0" * 1_000_000)
    except OSError as refused:
        remedy = "Free some space, or name a folder you may write to in TMPDIR."
        return Check("Temporary folder", ok=False, found=str(refused), remedy=remedy)
    return Check("Temporary folder", ok=True, found=tempfile.gettempdir())


def private_folders() -> Check:
    """Whether each function can have a /tmp of its own, as on AWS; the labs run without."""
    name = "A private /tmp for each function"
    try:
        from serverless_tax.cloud.function.private_tmp import is_possible  # noqa: PLC0415 - Linux only
    except ImportError:  # a package is missing, which its own check says
        return Check(name, ok=False, found="not tried", remedy=_INSTALL, needed=False)
    if sys.platform == "linux" and is_possible():
        return Check(name, ok=True, found="yes", needed=False)
    remedy = "The labs run without it; a kernel that allows user namespaces (unshare) gives it."
    return Check(name, ok=False, found="no", remedy=remedy, needed=False)


def local_cloud(limit_s: float = _TRIAL_S) -> Check:
    """Whether the local cloud starts and a function on it answers, within ``limit_s`` seconds."""
    name = "Local cloud"
    if sys.platform != "linux":
        found = f"needs Linux, this is {sys.platform}"
        where = "inside of WSL, " if sys.platform == "win32" else ""
        remedy = (
            "Go through the labs with their recorded runs: LABS_REPLAY=1 make lab. Live:"
            f" {where}on a class's shared host, or in Binder."
        )
        return Check(name, ok=False, found=found, remedy=remedy, needed=False)
    started = time.monotonic()
    command = [sys.executable, "-m", "serverless_tax.cloud.trial"]
    try:
        run = subprocess.run(  # noqa: S603 - our own module
            command, capture_output=True, text=True, timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        remedy = "Close what keeps this machine busy, and run the doctor again."
        return Check(name, ok=False, found=f"no answer in {limit_s:g} s", remedy=remedy)
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return Check(name, ok=False, found=last, remedy=_INSTALL)
    return Check(name, ok=True, found=f"one invocation in {time.monotonic() - started:.1f} s")
