"""The command line as a whole: its commands, and what it says when something is wrong."""

from __future__ import annotations

import errno
import os
import sys

from cyclopts import App, CycloptsError

from serverless_tax.cli import audit, bills, cloud, decide, doctor, prices, questions, sensitivity
from serverless_tax.cli.options import as_option
from serverless_tax.cli.output import remark

app = App(
    name="serverless-tax",
    help="What a serverless platform charges for while a request waits for a model.",
    help_epilogue="List prices, each with its source and date, unless --prices has yours.",
    help_format="markdown",
    version_flags=["--version"],
    result_action="return_value",
)
bills.register(app)
questions.register(app)
sensitivity.register(app)
decide.register(app)
audit.register(app)
doctor.register(app)
app.command(prices.app)
app.command(cloud.app)

#: Exit codes: a check that failed, and a mistake in what was asked.
FAILED, USAGE = 1, 2
#: Of a process that Ctrl-C ended, as shells have it.
STOPPED = 130
#: What a disk, or a quota on it, says that is full.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run(  # noqa: PLR0911 - one return for each way in which a command ends
    arguments: list[str] | None = None,
) -> int:
    """Run one command and return its exit code; a user's mistake is one sentence on stderr."""
    try:
        result = app(arguments, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except CycloptsError as error:
        sentence = " ".join(str(error).split()).partition(" Available commands:")[0]
        sentence = sentence.replace(" into date.", " into date, such as 2026-11-01.")
        stop = "" if sentence.endswith(("?", ".")) else "."
        return _refuse(f"{sentence}{stop} See serverless-tax --help.")
    except BrokenPipeError:
        _write_no_more()
        return 0  # the reader of the pipe has closed it
    except (ValueError, LookupError, OSError) as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            _write_no_more()
            return _refuse(f"there is no room for what it writes: {error.strerror}")
        if isinstance(error, OSError) and error.filename:
            return _refuse(f"{error.filename}: {error.strerror}")
        if not _is_ours(error):
            raise
        typed = sys.argv[1:] if arguments is None else arguments
        in_a_file = any(word.startswith("--scenario") for word in typed)
        return _refuse(str(error) if in_a_file else as_option(str(error)))
    except KeyboardInterrupt:
        _refuse("stopped")
        return STOPPED
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "can't start new thread" not in str(error):
            raise
        return _refuse("there is too little memory; allow more, see ulimit -v")
    return int(result or 0)


def _write_no_more() -> None:
    """Let nothing that standard output still holds fail once more at the end."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for the exit


def _is_ours(error: Exception) -> bool:
    """Whether the error is a sentence for the user, written in this package."""
    return type(error).__module__.startswith("serverless_tax")


def _refuse(sentence: str) -> int:
    sentence = sentence.replace("\n", "\\n")  # of what was typed, or a file's name
    stop = "" if sentence.endswith((".", "?", "!")) else "."
    remark(f"serverless-tax: {sentence}{stop}")
    sys.stdout.flush()
    return USAGE
