"""The command line, ``serverless-tax``: the package's functions, for a terminal and for scripts."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    It is 0, or 1 for a failed check, 2 for usage, 130 for Ctrl-C.

    ``arguments`` are those of the process, unless some are given.
    """
    if not _opened():
        sys.stderr.write("serverless-tax: standard output is closed; nothing was done.\n")
        sys.exit(2)
    if (sys.argv[1:] if arguments is None else arguments) == ["--version"]:
        sys.exit(_version())  # at once, without what commands need
    if any(find_spec(name) is None for name in ("cyclopts", "rich")):
        sys.stderr.write(
            "serverless-tax: cyclopts and rich are missing, which its installation brings;"
            " pip install cyclopts rich\n"
        )
        sys.exit(2)
    try:
        from serverless_tax.cli.app import run  # noqa: PLC0415 - only once its packages are there
        from serverless_tax.cli.output import use_any_encoding  # noqa: PLC0415 - as above
    except MemoryError:
        sys.stderr.write("serverless-tax: there is too little memory; allow more, see ulimit -v.\n")
        sys.exit(2)
    use_any_encoding()
    sys.exit(run(arguments))


def _opened() -> bool:
    """Open what is closed of the standard streams, to nothing; say whether the output was open."""
    is_open = sys.stdout is not None
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r+", encoding="utf-8"))  # noqa: SIM115 - to the end
    return is_open


def _version() -> int:
    try:
        sys.stdout.write(f"{sys.modules['serverless_tax'].__version__}\n")
        sys.stdout.flush()
    except OSError as error:
        sys.stdout = None  # or its end would try once more
        if isinstance(error, BrokenPipeError):
            return 0
        sys.stderr.write(
            f"serverless-tax: there is no room for what it writes: {error.strerror}.\n"
        )
        return 2
    return 0
