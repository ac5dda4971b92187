"""The Python of the functions: this machine's, with the packages that AWS's runtime brings.

A function sees its own package, the runtime client and boto3, as on AWS, and not what happens to be
installed beside the notebook. The folder is a virtual environment, so that a wrapper script and a
child process that start the same interpreter see the same packages.
Source: https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

#: What AWS's Python runtime brings: its client and the SDK, each with what it needs.
MODULES = (
    *("awslambdaric", "runtime_client", "snapshot_restore_py", "simplejson"),
    *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"),
)


def make_home(folder: Path) -> Path:
    """Make the virtual environment in a folder; return its interpreter."""
    base = Path(getattr(sys, "_base_executable", "") or sys.executable)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (folder / "bin").mkdir()
    said = f"home = {base.parent}\ninclude-system-site-packages = false\n"
    (folder / "pyvenv.cfg").write_text(said)
    interpreter = folder / "bin" / "python3"
    interpreter.symlink_to(base)
    for module in MODULES:
        found = find_spec(module)
        if found is not None and found.origin is not None:
            path = Path(found.origin)
            path = path.parent if path.name == "__init__.py" else path
            (packages / path.name).symlink_to(path)
    return interpreter
