"""Build the archive for a classroom without a network: book, wheels, labs and local cloud.

``make classroom`` builds the book first. The wheels are those of the lock file, checked against
its hashes, for the Python that runs this and for its system; ``PYTHONS="3.12 3.13"`` in the
environment adds those of further CPythons on the same system. Nothing half-written is left: the
archive gets its name when it is whole.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import fits

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SITE = ROOT / "_build" / "html"
ARCHIVE = ROOT / "_build" / "serverless-tax-classroom.tar.gz"
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")
LOCK = ROOT / "requirements.txt"
#: A package of the lock file, with what it is needed for and its hashes.
LOCKED = re.compile(r"^([\w.-]+)==\S+(?: ; (.*?))? \\\n(?:    --hash.*\n?)+", re.MULTILINE)
# Wheels named after these older promises need the glibc that stands beside them.
OLD_NAMES = {"manylinux1": [2, 5], "manylinux2010": [2, 12], "manylinux2014": [2, 17]}
#: Unpacked, packages take about so many times the room of their wheels.
UNPACKED = 4
MB = 1_000_000


def say(what: str) -> None:
    """Print one line of progress at once."""
    print(f"classroom: {what}", flush=True)


def build_wheels(folder: Path) -> None:
    """Fetch or build every locked package and the project itself.

    Raises:
        CalledProcessError: if pip cannot; it has said why.
    """
    say("collecting the locked packages as wheels (a minute or two)")
    lock = ("--require-hashes", "-r", str(LOCK))
    subprocess.run([*PIP, "wheel", *lock, "--wheel-dir", str(folder)], check=True)
    own = ("--no-deps", "--no-build-isolation", str(ROOT))
    subprocess.run([*PIP, "wheel", *own, "--wheel-dir", str(folder)], check=True)


def further_pythons() -> list[str]:
    """Return the versions of the Pythons whose wheels are packed too, without this one.

    Raises:
        OSError: if one is no version, or this is not Linux, whose tags alone are known here.
    """
    asked = os.environ.get("PYTHONS", "").split()
    if wrong := [one for one in asked if not re.fullmatch(r"3\.\d+", one)]:
        raise OSError(f"PYTHONS has {wrong[0]!r}; say versions such as 3.12")
    if asked and sys.platform != "linux":
        raise OSError("wheels for further Pythons are packed on Linux only; leave PYTHONS out")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return [one for one in dict.fromkeys(asked) if one != here]


def still_needed(lock: str, python: str, wheels: Iterable[str]) -> str:
    """Return the part of the lock file for which another Python has no wheel yet.

    Without the conditions, which pip would ask of the Python that runs it.
    """
    from packaging.markers import Marker  # noqa: PLC0415 - the environment has it
    from packaging.utils import canonicalize_name, parse_wheel_filename  # noqa: PLC0415

    universal = {
        name
        for name, _, _, tags in map(parse_wheel_filename, wheels)
        if any(tag.abi == "none" and tag.platform == "any" for tag in tags)
    }
    there = {"python_version": python, "python_full_version": f"{python}.0"}
    return "".join(
        one[0].replace(f" ; {one[2]}", "").rstrip("\n") + "\n"
        for one in LOCKED.finditer(lock)
        if canonicalize_name(one[1]) not in universal
        and (not one[2] or Marker(one[2]).evaluate(there))
    )


def add_wheels_for(python: str, folder: Path) -> None:
    """Fetch the locked packages that have compiled parts for another CPython.

    Raises:
        CalledProcessError: if one has no such wheel; pip has said which.
    """
    say(f"collecting the wheels that differ for CPython {python}")
    machine, (major, minor) = platform.machine(), fits.this_glibc()
    fit = [f"manylinux_{major}_{one}" for one in range(minor, 4, -1)] + [*OLD_NAMES, "linux"]
    lock = folder.parent / f"needed-by-{python}.txt"
    names = [wheel.name for wheel in folder.iterdir()]
    lock.write_text(still_needed(LOCK.read_text("utf-8"), python, names), "utf-8")
    command = [*PIP, "download", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    command += ["--implementation", "cp", "--python-version", python]
    command += [part for one in fit for part in ("--platform", f"{one}_{machine}")]
    subprocess.run([*command, "-r", str(lock), "--dest", str(folder)], check=True)
    lock.unlink()


def glibc_of(wheel: str) -> list[int]:
    """Return the oldest glibc that a wheel is for, by its name; ``[0, 0]`` where any will do."""
    tags = wheel.removesuffix(".whl").rpartition("-")[2].split(".")
    if any(tag.startswith("linux_") for tag in tags):
        return fits.this_glibc()  # built here, so for what is here
    named = [[int(a), int(b)] for a, b in re.findall(r"manylinux_(\d+)_(\d+)", wheel)]
    named += [glibc for name, glibc in OLD_NAMES.items() if f"{name}_" in wheel]
    return min(named, default=[0, 0])


def add_labs(folder: Path) -> None:
    """Copy the labs, with their solutions and without."""
    say("copying the labs, and writing them without their solutions")
    clean = shutil.ignore_patterns(".*", "__pycache__", "nbval.cfg", "ruff.toml", "my_handler_*")
    shutil.copytree(ROOT / "labs", folder / "labs", ignore=clean)
    student = [sys.executable, "-m", "serverless_tax.book.student"]
    subprocess.run(student, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(ROOT / "_build" / "student-labs", folder / "student-labs", ignore=clean)


def add_scripts(folder: Path, further: Sequence[str]) -> None:
    """Copy what installs and starts it, and write down what the wheels are for."""
    wheels = sorted((folder / "wheels").iterdir())
    glibc = max(glibc_of(wheel.name) for wheel in wheels)
    here = fits.this_python()
    pythons = [here["python"], *(f"CPython {one}" for one in further)]
    made_for = {"pythons": pythons, "platform": here["platform"], "glibc": glibc}
    (folder / fits.FOR).write_text(json.dumps(made_for, indent=1) + "\n", "utf-8")
    for path in [*HERE.glob("*.sh"), HERE / "fits.py", ROOT / "LICENSE", ROOT / "LICENSE-text"]:
        shutil.copy(path, folder / path.name)
    shutil.copytree(HERE / "jupyter", folder / "jupyter")
    installed_mb = UNPACKED * sum(wheel.stat().st_size for wheel in wheels) / MB
    words = {
        "PYTHON": " or ".join(pythons),
        "PLATFORM": here["platform"],
        "SYSTEM": f"glibc {glibc[0]}.{glibc[1]} or newer" if any(glibc) else "any C library",
        "INSTALLED": f"{installed_mb:,.0f}",
        "VERSION": version("serverless-tax"),
    }
    text = (HERE / "README.txt").read_text("utf-8")
    for name, word in words.items():
        text = text.replace(f"@{name}@", str(word))
    (folder / "README.txt").write_text(text, "utf-8")


def nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Keep the builder's name and number out of the archive."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def size_mb(path: Path) -> float:
    """Return how much a file, or all the files of a folder, take, MB."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files) / MB


def build(archive: Path) -> None:
    """Build the archive, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix="classroom-") as aside:
        folder = Path(aside) / "serverless-tax-classroom"
        folder.mkdir()
        further = further_pythons()
        build_wheels(folder / "wheels")
        for python in further:
            add_wheels_for(python, folder / "wheels")
        add_labs(folder)
        say("copying the book")
        shutil.copytree(SITE, folder / "site", ignore=shutil.ignore_patterns(".buildinfo"))
        add_scripts(folder, further)
        say("packing")
        packed = Path(aside) / archive.name
        with tarfile.open(packed, "w:gz") as tar:
            tar.add(folder, folder.name, filter=nobody)
        for part in ("site", "wheels", "labs", "student-labs"):
            say(f"{part + '/':<14} {size_mb(folder / part):6.1f} MB")
        packed.replace(archive)
    made_for = fits.this_python()
    pythons = " or ".join([made_for["python"], *(f"CPython {one}" for one in further)])
    say(f"{archive.relative_to(ROOT)}, {size_mb(archive):.1f} MB")
    say(f"for {pythons} on {made_for['platform']}; unpack it, then: sh install.sh")


def main() -> int:
    """Build it; return 1 with one sentence if that cannot be."""
    if not (SITE / "index.html").exists():
        print("classroom: there is no built book yet; say: make classroom", file=sys.stderr)
        return 1
    try:
        build(ARCHIVE)
    except subprocess.CalledProcessError as failed:
        what = "the labs could not be written" if "student" in failed.cmd[-1] else "pip failed"
        print(f"classroom: {what}, see above; no archive was written", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("classroom: stopped; no archive was written", file=sys.stderr)
        return 130
    except OSError as refused:
        print(f"classroom: {refused}; no archive was written", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
