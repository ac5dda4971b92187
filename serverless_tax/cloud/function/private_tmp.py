"""Each environment has a /tmp of its own, as on AWS, if the kernel allows a mount namespace.

On AWS two environments never share /tmp, and each keeps its own from request to request; all else
is read-only. A mount namespace does the same here; :mod:`serverless_tax.cloud.function.sandbox`
makes it. It needs no privileges if user namespaces are allowed. Of the cloud's folder a function
then sees its own code, its Python and the cloud's certificate: neither another's /tmp and code nor
the cloud's keys. In a container that forbids both, functions write wherever the server's user may,
and TMPDIR names a folder of their own.
"""

from __future__ import annotations

import contextlib
import functools
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from serverless_tax.cloud.function import sandbox

TMP = Path("/tmp")  # noqa: S108 - the folder that becomes private
#: Of the cloud's folder, what every function sees.
_OF_ALL = ("python", "tls-trusted.pem", "tls-certificate.pem")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}
"""What else /dev has; disks are not among it, nor the memory that processes share by name."""


@functools.cache
def is_possible(*, own_pids: bool = False) -> bool:
    """Whether this machine allows a mount for one process alone; tried once.

    Args:
        own_pids: whether it must also allow a PID namespace.
    """
    with tempfile.TemporaryDirectory() as cloud:
        code = Path(cloud) / "code"
        code.mkdir()
        order = {**_mounts(Path(cloud) / "environment", code), "own_pids": own_pids}
        asked = json.dumps(order)
        command = [sys.executable, "-I", "-S", sandbox.__file__, sandbox.TRY, asked]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def own_mounts(folder: Path, code: Path) -> dict[str, Any]:
    """Make what an environment is to see in place of /tmp and of the cloud's folder.

    Args:
        folder: the environment's, in the cloud's.
        code: the function's.

    Returns:
        Members of the order for :func:`serverless_tax.cloud.function.sandbox.own_mounts`; without
        a ``root`` where mounts are impossible.
    """
    return _mounts(folder, code) if is_possible() else {"code": str(code), "root": ""}


def _mounts(folder: Path, code: Path) -> dict[str, Any]:
    cloud, root, veil, dev = folder.parent, folder / "tmp", folder / "veil", folder / "dev"
    devices = [path for name in _DEVICES if (path := Path("/dev", name)).exists()]
    shown = _needed(cloud)
    beside = [path for name in _OF_ALL if (path := cloud / name).exists()]
    for path in (root, dev, veil / folder.name):  # the latter is HOME
        path.mkdir(parents=True, exist_ok=True)
    for path in devices:
        _place(path, dev / path.name)
    for name, number in _LINKS.items():
        with contextlib.suppress(FileExistsError):
            (dev / name).symlink_to(f"/proc/self/fd{number}")
    for path in shown:
        _place(path, root / path.relative_to(TMP))
    for path in (code, *beside):
        _place(path, veil / path.relative_to(cloud))
    if TMP in cloud.parents and not any(path in cloud.parents for path in shown):
        (root / cloud.relative_to(TMP)).mkdir(parents=True, exist_ok=True)
    return {
        "code": str(code),
        "root": str(root),
        "dev": str(dev),
        "devices": [str(path) for path in devices],
        "shown": [str(path) for path in shown],
        "cloud": str(cloud),
        "veil": str(veil),
        "veiled": [str(path) for path in (code, *beside)],
    }


def _place(path: Path, mounted: Path) -> None:
    """Make the empty folder, or the empty file, on which another is to be mounted."""
    if path.is_dir():
        mounted.mkdir(parents=True, exist_ok=True)
        return
    mounted.parent.mkdir(parents=True, exist_ok=True)
    mounted.touch()


def _needed(cloud: Path) -> list[Path]:
    """What of /tmp holds the function's Python; the cloud's folder is shown in part only."""
    package = Path(__file__).parents[2]
    pythons = [sys.prefix, sys.base_prefix, *sys.path]
    found = {package, *(Path(path).absolute() for path in pythons)}
    inside = {path for path in found if TMP in path.parents and path.exists()}
    inside = {path for path in inside if path != cloud and cloud not in path.parents}
    return sorted(path for path in inside if not inside & {*path.parents})
