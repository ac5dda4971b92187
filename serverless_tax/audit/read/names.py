"""Which function a log is of, from where it stands."""

from __future__ import annotations

import re
from pathlib import Path

_TASK_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The stream's name in an export: a slash has become a hyphen.
_STREAM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-([0-9A-Za-z_-]*)\[.*")


def function_of_path(path: Path) -> str:
    """Return the function's name from the folders of an export to S3, or nothing.

    An export writes ``PREFIX/TASK-ID/STREAM/000000.gz``, and the log group's name is not in it: so
    the name is that in the stream, if several functions share the group, or else the last part of
    the prefix.

    >>> task = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    >>> function_of_path(Path(f"exports/rag/{task}/2026-11-01-[$LATEST]4f0c/000000.gz"))
    'rag'
    >>> function_of_path(Path("rag.log"))
    ''
    """
    parts = path.parts
    for k in range(len(parts) - 2):
        stream = _STREAM.fullmatch(parts[k + 1])
        if _TASK_ID.fullmatch(parts[k]) and stream:
            return stream.group(1) or (parts[k - 1] if k else "")
    return ""


def unknown(label: str) -> str:
    """Return what a function is called whose name nothing says.

    >>> unknown("logs/rag.log")
    'unknown function (rag.log)'
    """
    return f"unknown function ({Path(label).name})"


def function_of_log_group(group: str) -> str:
    """Return the function's name from its log group's, or the group's name.

    >>> function_of_log_group("/aws/lambda/rag"), function_of_log_group("shared")
    ('rag', 'shared')
    """
    return group.removeprefix("/aws/lambda/")
