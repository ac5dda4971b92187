"""A file written whole, or not at all, and what is said of one that cannot be read."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from serverless_tax.ground.units import InvalidQuantity

#: What is said of a file that cannot be written.
REFUSED = "{path} cannot be written: {reason}."


def reason(error: Exception) -> str:
    """Return why a file could not be read or written, in the system's words."""
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def unreadable(what: object, error: Exception, then: str = "") -> str:
    """Return the sentence that a file, ``what`` it is, cannot be read, and what to do ``then``.

    >>> unreadable("a.log", FileNotFoundError(2, "No such file or directory"))
    'a.log cannot be read: No such file or directory.'
    """
    return f"{what} cannot be read: {reason(error)}" + (f"; {then}" if then else ".")


def write_whole(path: Path, text: str, refused: str = REFUSED) -> None:
    """Write a file through a neighbour that takes its place once it is whole.

    Whatever stops it, the file of before stays and no neighbour is left. It is text in UTF-8, its
    line ends as they are, and for all to read. A pipe or a device has no neighbour: it is written.

    Args:
        path: of the file; its folder is made if there is none.
        text: all of it.
        refused: the sentence if it cannot be written, with ``{path}`` and ``{reason}``.

    Raises:
        InvalidQuantity: if it cannot be written.
    """
    neighbour = None
    try:
        if (path.exists() and not path.is_file()) or path.is_relative_to("/dev"):
            path.write_text(text, encoding="utf-8", newline="")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        number, neighbour = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        with os.fdopen(number, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        os.chmod(neighbour, 0o644)  # noqa: PTH101 - of a name, as mkstemp gives it
        os.replace(neighbour, path)  # noqa: PTH105 - as above
        neighbour = None
    except OSError as error:
        raise InvalidQuantity(refused.format(path=path, reason=reason(error))) from None
    finally:
        if neighbour is not None:
            Path(neighbour).unlink(missing_ok=True)
