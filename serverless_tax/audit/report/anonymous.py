"""An audit that can be shown to others: names and lines of the log become hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace

from serverless_tax.audit.find.findings import Audit


def anonymous(audit: Audit, key: bytes | None = None) -> Audit:
    """Return the audit with functions and logs under hashes, and no line of the log in it.

    The key of the hashes is new each time unless one is given, so that nobody can try names; the
    same name has the same hash within one report.
    """
    key = key or secrets.token_bytes(32)
    unread = audit.unread | {
        "silent": [_hashed("log", label, key) for label in audit.unread["silent"]],
        "first": [
            {"source": _hashed("log", one["source"], key), "text": _length(one["text"])}
            for one in audit.unread["first"]
        ],
    }
    functions = tuple(
        replace(one, name=_hashed("function", one.name, key)) for one in audit.functions
    )
    notes = tuple(_without_names(note, audit, key) for note in audit.notes)
    return replace(audit, functions=functions, unread=unread, notes=notes)


#: How a note goes on before it names files.
_BEFORE_FILES = (
    *(" were not read: ", " was not counted: ", " empty: "),
    *(" no invocation: ", " no invocation that another does not: "),
)


def _without_names(note: str, audit: Audit, key: bytes) -> str:
    """Return a note with the names in it hashed; one that names files is left out of."""
    if any(end in note for end in _BEFORE_FILES):
        return f"{note.partition(': ')[0]}."
    for name in sorted((one.name for one in audit.functions), key=len, reverse=True):
        if note.startswith((f"{name}: ", "Priced as Lambda@Edge")):
            note = note.replace(name, _hashed("function", name, key))
    return note


def _hashed(kind: str, name: str, key: bytes) -> str:
    return f"{kind}-{hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:10]}"


def _length(text: str) -> str:
    return f"({len(text):,} characters, not shown)"
