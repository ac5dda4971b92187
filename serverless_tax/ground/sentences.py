"""What a lab shows in the place of a traceback: one sentence that says what to do.

``%tb`` still shows the traceback.
"""

from __future__ import annotations

import _thread
import asyncio
import linecache
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

FROM_THE_TOP = "Run the lab again from its set-up (Kernel, Restart Kernel and Run up to here)."
#: Errors of a cloud that is not there, of boto3 and its kin, by name: neither is imported for it.
_GONE = {
    *("EndpointConnectionError", "ConnectionClosedError", "ConnectionRefusedError"),
    *("EndedError", "ConnectError"),
}

#: IPython's error of a magic that is not there, or is called otherwise than it can be.
_USAGE = "UsageError"
#: What the notebook's stop button raises in a cell, and in one that awaits.
_STOPPED = (KeyboardInterrupt, asyncio.CancelledError)
#: Seconds after which an interrupt that Python has dropped comes again.
_SOON_S = 0.05


def from_the_start() -> None:
    """Have the notebook that runs this, if one does, show sentences before its set-up too."""
    ipython = sys.modules.get("IPython")  # which a notebook has loaded
    shell = ipython.get_ipython() if ipython else None
    if shell is not None and not shell.custom_exceptions:  # those of a set-up hide some errors
        use_sentences(shell, lambda _: False)


def use_sentences(shell: Any, hides: Callable[[BaseException], bool]) -> None:
    """Have a notebook show a sentence where it would show a traceback; each error once.

    Args:
        shell: IPython's.
        hides: whether an error is not shown at all.
    """
    shown: list[BaseException] = []

    def show(
        this: Any,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        del tb_offset
        if any(one is error for one in shown) or hides(error):
            return  # a cell of `%%live` has shown it already, or will say it otherwise
        shown[:] = [error]
        if isinstance(error, _STOPPED):
            _forget_half_imports(trace)
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
        render = getattr(error, "_render_traceback_", None)
        this._showtraceback(kind, error, render() if render else [sentence(error, trace)])  # noqa: SLF001 - IPython has no other way

    shell.set_custom_exc((Exception, *_STOPPED), show)
    sys.unraisablehook = _interrupt_again
    _say_what_comes_between(shell, show)


def _say_what_comes_between(shell: Any, show: Callable[..., None]) -> None:
    """Have a stop say its sentence that comes while IPython reads a cell, or tells of it.

    And a magic that is not there: it is IPython's own error, which it shows by itself.
    """
    usual = type(shell).showtraceback

    def showtraceback(exc_tuple: Any = None, *args: Any, **options: Any) -> None:
        kind, error, trace = exc_tuple or sys.exc_info()
        if isinstance(error, _STOPPED) or type(error).__name__ == _USAGE:
            show(shell, kind, error, trace)
        else:
            usual(shell, exc_tuple, *args, **options)

    shell.showtraceback = showtraceback


def _forget_half_imports(trace: TracebackType) -> None:
    """Let an import that was stopped begin anew: a part without its whole is never tied to it."""
    began = [one.filename for one in traceback.extract_tb(trace) if one.name == "<module>"]
    if len(began) < 2:  # noqa: PLR2004 - the cell's own alone: no module was being read
        return
    for name in [*sys.modules]:
        whole, _, part = name.rpartition(".")
        if part and whole and whole not in sys.modules:
            del sys.modules[name]


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """Interrupt once more where Python has dropped it: it came while an object was taken away."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Timer(_SOON_S, _thread.interrupt_main).start()  # here it would be dropped again
    else:
        sys.__unraisablehook__(lost)


def sentence(error: BaseException, trace: TracebackType | None = None) -> str:
    """Return what to say of an error.

    >>> sentence(NameError("name 'warm' is not defined", name="warm"))
    '`warm` is not there yet: run the cells above this one first, from the top.'
    """
    kind, said = type(error).__name__, " ".join(str(error).split())
    if isinstance(error, (*_STOPPED, SyntaxError)):
        return _not_run(error)
    name = error.name if isinstance(error, NameError) else _magic(kind, said)
    if name:
        return f"`{name}` is not there yet: run the cells above this one first, from the top."
    if isinstance(error, AssertionError):
        why = said or _line(trace)
        return (
            f"Not as it should be: {why}. {_busy()}If a cell was run out of order: {FROM_THE_TOP}"
        )
    if kind in _GONE:
        return f"The local cloud does not answer: it was closed, or has ended. {FROM_THE_TOP}"
    is_refused = kind == "InvalidStatus" and "HTTP 403" in said  # a WebSocket's, by no API
    gone = ("ResourceNotFound", "NoSuchEntity", "QueueDoesNotExist", "NotFound")
    if is_refused or kind.startswith(gone):
        return f"It is not there, or not any more: run the cells from “Deploy” on. ({said})"
    return _other(error, said, _line(trace))


def _magic(kind: str, said: str) -> str:
    """Return the name of a magic that is not there; empty for another error."""
    found = re.search(r"magic `(%+\w+)` not found", said) if kind == _USAGE else None
    return found[1] if found else ""


def _busy() -> str:
    """Say of a machine that has more to do than cores that its times are no good; or nothing."""
    cores = os.cpu_count() or 1
    wanted = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # Windows does not count it
    if wanted <= cores:
        return ""
    return (
        f"This machine is busy: {wanted:.0f} programs wanted its {cores} cores in the last minute,"
        " and each time is longer for it. Run the cell that measured again once it is quiet. "
    )


def _other(error: BaseException, said: str, where: str) -> str:
    """Return what to say of an error of no kind of ours, and of the line it came from."""
    at = f", at `{where}`" if where else ""
    if isinstance(error, KeyError):
        return f"{said} is not in it{at}: was a cell above left out, or interrupted? Run it again."
    if type(error).__name__.endswith("QueueDeletedRecently"):
        name = (
            "A queue of this name was deleted in the last minute, and SQS keeps the name as long."
        )
        return f"{name} Wait a minute and run the cell again."
    told = getattr(error, "stderr", None)  # of a command
    if isinstance(told, str) and told.strip():
        return f"The command refused: {told.strip()}"
    return f"{type(error).__name__}: {said or 'no message'}{at}"


def _not_run(error: BaseException) -> str:
    """Return what to say of a cell that was stopped, or not begun."""
    if not isinstance(error, SyntaxError):
        return "Interrupted. The cell may run again: what it had made is brought up to date."
    line = (error.text or "").strip()
    where = f", at `{line}`" if line else ""
    return f"Python cannot read line {error.lineno}: {error.msg}{where}."


def _line(trace: TracebackType | None) -> str:
    """Return the last line of the notebook's own that the error went through."""
    frames = traceback.extract_tb(trace)
    own = [one for one in frames if "ipykernel_" in one.filename or "<ipython" in one.filename]
    if not own:
        return ""
    line = linecache.getline(own[-1].filename, own[-1].lineno or 0).strip()
    return "" if line.startswith("get_ipython()") else line  # a magic, as IPython writes it
