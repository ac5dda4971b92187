"""How far an audit is, on standard error, for anything that takes more than two seconds."""

from __future__ import annotations

import sys
import time

#: Nothing is said before this, and then no more often than the second figure.
_FIRST_S, _AGAIN_S = 2.0, 0.5
_AGAIN_IN_A_PIPE_S = 10.0
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


class Progress:
    """Counts bytes, and says how many of how many, and at which rate.

    Args:
        total_bytes: what there is to read; 0 where nobody knows, as on standard input.
        silent: say nothing.
    """

    def __init__(self, total_bytes: int, *, silent: bool = False) -> None:
        self._total, self._silent = total_bytes, silent
        self._read_bytes = 0
        self._began = time.monotonic()
        self._next = self._began + _FIRST_S
        self._said = False
        self._terminal = sys.stderr.isatty()

    def read(self, size_bytes: int) -> None:
        """Count what has been read since the last time."""
        self._read_bytes += size_bytes
        self._say()

    def end(self) -> None:
        """Clear the line, if one was written."""
        if self._said and self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _say(self) -> None:
        now = time.monotonic()
        if self._silent or now < self._next:
            return
        self._next = now + (_AGAIN_S if self._terminal else _AGAIN_IN_A_PIPE_S)
        self._said = True
        text = self.text(now - self._began)
        sys.stderr.write(f"\r\x1b[K{text}" if self._terminal else f"{text}\n")
        sys.stderr.flush()

    def text(self, seconds: float) -> str:
        """Return the sentence: what has been read of what, and the rate."""
        read = self._read_bytes
        of = f" of {amount(self._total)}" if self._total else ""
        return f"audit: {amount(read)}{of} read, {amount(read / max(seconds, 1e-9))} a second"


def amount(size_bytes: float) -> str:
    """Return a number of bytes as a reader takes it in.

    >>> amount(4_690_000_000), amount(512)
    ('4.7 GB', '512 bytes')
    """
    size, k = float(size_bytes), 0
    while size >= 1000 and k < len(_UNITS) - 1:  # noqa: PLR2004 - a thousand is the next unit
        size, k = size / 1000, k + 1
    return f"{size:.1f} {_UNITS[k]}" if k else f"{size:.0f} {_UNITS[k]}"
