"""Each environment has a /tmp of its own, as on AWS, if the kernel allows a mount namespace.

On AWS two environments never share /tmp, and each keeps its own from request to request. A mount
namespace does the same here; :mod:`serverless_tax.cloud.function.sandbox` makes it. It needs no
privileges if user namespaces are allowed. In a container that forbids both, functions see the
machine's /tmp, and TMPDIR names a folder of their own.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from serverless_tax.cloud.function import sandbox

TMP = Path("/tmp")  # noqa: S108 - the folder that becomes private


@functools.cache
def is_possible(*, own_pids: bool = False) -> bool:
    """Whether this machine allows a mount for one process alone; tried once.

    Args:
        own_pids: whether it must also allow a PID namespace.
    """
    with tempfile.TemporaryDirectory() as folder:
        root, shown = _make_root(Path(folder))
        order = {"root": root, "shown": shown, "code": folder, "own_pids": own_pids}
        asked = json.dumps(order)
        command = [sys.executable, "-I", "-S", sandbox.__file__, sandbox.TRY, asked]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def own_root(folder: Path) -> tuple[str, list[str]]:
    """Make the folder that becomes /tmp; return it, and the folders of the real /tmp it shows.

    Both are empty where mounts are impossible.

    Args:
        folder: the environment's.
    """
    return _make_root(folder) if is_possible() else ("", [])


def _make_root(folder: Path) -> tuple[str, list[str]]:
    root = folder / "tmp"
    shown = _needed(folder)
    for path in [root, *(root / path.name for path in shown)]:
        path.mkdir(parents=True, exist_ok=True)
    return str(root), [str(path) for path in shown]


def _needed(folder: Path) -> list[Path]:
    """The folders directly in /tmp that hold the function's code or its Python."""
    package = Path(__file__).parents[2]
    pythons = [sys.prefix, sys.base_prefix, *sys.path]
    inside = [folder, package, *(Path(path).absolute() for path in pythons)]
    names = {path.relative_to(TMP).parts[0] for path in inside if TMP in path.parents}
    return sorted(TMP / name for name in names if (TMP / name).is_dir())
