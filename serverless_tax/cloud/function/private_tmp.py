"""A /tmp of its own for each environment, as on AWS, where the kernel lets us mount one.

On AWS two environments never share /tmp, and one keeps its own from request to request. Here a
mount namespace does that, without privileges where user namespaces are allowed; in a container
that forbids both, functions see the machine's /tmp, and TMPDIR names a folder of their own.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TMP = Path("/tmp")  # noqa: S108 - the very folder that is to be private

# What the function needs and would hide beneath the mount is mounted back first.
_SCRIPT = """set -e
root=$1; shift
while [ "$1" != -- ]; do mount --bind "$1" "$root/${1#/tmp/}"; shift; done
shift
mount --rbind "$root" /tmp
exec "$@"
"""


def private_tmp(folder: Path) -> list[str]:
    """Return what to put before a command so that it sees ``folder/tmp`` as /tmp; maybe nothing.

    Args:
        folder: the environment's own, within the cloud's.
    """
    return _prefix(folder) if is_possible() else []


@functools.cache
def is_possible() -> bool:
    """Whether this machine lets us mount for one process alone; tried once."""
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = [*_prefix(Path(folder)), sys.executable, "-c", ""]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def _prefix(folder: Path) -> list[str]:
    root = folder / "tmp"
    kept = _needed(folder)
    for path in kept:
        (root / path.name).mkdir(parents=True, exist_ok=True)
    root.mkdir(parents=True, exist_ok=True)
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    names = [str(path) for path in kept]
    return [
        *("unshare", *as_root, "--mount", "--", "sh", "-c", _SCRIPT, "private-tmp"),
        *(str(root), *names, "--"),
    ]


def _needed(folder: Path) -> list[Path]:
    """The folders right below /tmp that hold the function's code or its Python, if any."""
    package = Path(__file__).parents[2]
    pythons = [sys.prefix, sys.base_prefix, *sys.path]
    inside = [folder, package, *(Path(path).absolute() for path in pythons)]
    names = {path.relative_to(TMP).parts[0] for path in inside if TMP in path.parents}
    return sorted(TMP / name for name in names if (TMP / name).is_dir())
