"""Clients of others, installed from the package indices at each run, in folders of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"


def installed(*words: str | Path, folder: Path) -> None:
    """Install a client, or skip the test by the client's name."""
    said = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        pytest.skip(f"{words[-1]} cannot be installed: {said.stderr.strip()[-200:]}")


def with_npm(folder: Path, *packages: str) -> Path:
    """Install packages for Node in a folder; return the folder of their commands."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"{packages[0]} needs npm, which is not installed")
    installed(npm, "install", "--no-audit", "--no-fund", *packages, folder=folder)
    return folder / "node_modules" / ".bin"


def with_pip(folder: Path, *packages: str) -> Path:
    """Install packages for Python in an environment of its own; return its commands' folder."""
    subprocess.run([sys.executable, "-m", "venv", folder / "own"], check=True)
    tools = folder / "own" / "bin"
    uv = [Path(sys.executable).with_name("uv"), "--system-certs", "pip", "install", "--quiet"]
    quick = [*uv, "--python", tools / "python", *packages]  # a tenth of pip's time
    if not uv[0].exists() or subprocess.run(quick, check=False, capture_output=True).returncode:
        installed(tools / "pip", "install", "--quiet", *packages, folder=folder)
    return tools
