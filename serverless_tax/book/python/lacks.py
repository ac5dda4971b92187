"""What a page's Python has not, said where Python's own error would not help a reader."""

from __future__ import annotations

import builtins
import sys
import warnings

_BROWSER = "emscripten"
#: How the errors of a thread, a process and a socket end there.
_ALONE = ("can't start new thread", "does not support processes.", "Operation in progress")


def fill_in() -> None:
    """Let what a page cannot do say so."""
    builtins.input = _input
    # After `plt.show()`, though the cell shows what is drawn.
    warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive", UserWarning)


def _input(prompt: object = "", /) -> str:
    del prompt
    msg = "a page cannot wait for what you type: write the value into the cell"
    raise EOFError(msg)


def note(error: BaseException, platform: str = sys.platform) -> str:
    """Return a sentence on an error that comes of what a page lacks; empty for every other.

    >>> note(ModuleNotFoundError("No module named 'duckdb'", name="duckdb"), "emscripten")
    'A page has numpy, matplotlib and most of the standard library: run a cell with duckdb at home.'
    """
    if platform != _BROWSER:
        return ""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ModuleNotFoundError) and link.name and "." not in link.name:
            return (
                "A page has numpy, matplotlib and most of the standard library:"
                f" run a cell with {link.name.lstrip('_')} at home."
            )
        if str(link).endswith(_ALONE):
            return "A page has one thread, no processes and no sockets: run this cell at home."
        link = link.__cause__ or link.__context__
    return ""
