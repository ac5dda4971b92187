"""Each environment has a /tmp of its own, as on AWS, if the kernel allows a mount namespace.

On AWS two environments never share /tmp, and each keeps its own from request to request. A mount
namespace does the same here. It needs no privileges if user namespaces are allowed. In a container
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

TMP = Path("/tmp")  # noqa: S108 - the folder that becomes private

# The mount would hide the folders that the function needs, so they are mounted into it first.
_SCRIPT = """set -e
root=$1; shift
while [ "$1" != -- ]; do mount --bind "$1" "$root/${1#/tmp/}"; shift; done
shift
mount --rbind "$root" /tmp
exec "$@"
"""


def private_tmp(folder: Path) -> list[str]:
    """Return a prefix for a command that shows it ``folder/tmp`` as /tmp; empty if impossible.

    Args:
        folder: the environment's.
    """
    return _prefix(folder) if is_possible() else []


@functools.cache
def is_possible() -> bool:
    """Whether this machine allows a mount for one process alone; tried once."""
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
    """The folders directly in /tmp that hold the function's code or its Python."""
    package = Path(__file__).parents[2]
    pythons = [sys.prefix, sys.base_prefix, *sys.path]
    inside = [folder, package, *(Path(path).absolute() for path in pythons)]
    names = {path.relative_to(TMP).parts[0] for path in inside if TMP in path.parents}
    return sorted(TMP / name for name in names if (TMP / name).is_dir())
