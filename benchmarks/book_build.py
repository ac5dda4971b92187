"""How long `make book` takes in a fresh clone: the environment included, then without it."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def seconds(*command: str | Path, folder: Path) -> float:
    """Return how long a command takes in a folder; it must succeed, and stays quiet if it does."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"book: {' '.join(map(str, command))} failed\n{done.stdout}{done.stderr}")
    return time.perf_counter() - began


def main() -> None:
    """Clone what is committed, build it twice, print both times."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        seconds("git", "clone", "--quiet", ROOT, clone, folder=ROOT)
        cold_s = seconds("make", "book", folder=clone)
        again_s = seconds("make", "book", folder=clone)
    print(
        f"make book: {cold_s:.0f} s in a fresh clone, {again_s:.0f} s once the environment stands"
    )


if __name__ == "__main__":
    main()
