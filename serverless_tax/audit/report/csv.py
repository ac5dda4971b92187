"""An audit as rows, one for each function, for a spreadsheet."""

from __future__ import annotations

import csv
import io

from serverless_tax.audit.find.findings import Audit

_CSV = (
    *("name", "invocations", "billed_ms", "gb_seconds", "usd", "cold_starts", "init_usd"),
    *("timeouts", "timeout_usd", "crashes", "crash_usd", "unused_usd", "waiting_usd"),
)
_SHARES = ("waiting_share", "most_waiting_share")
# What a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(audit: Audit) -> str:
    """Return a row for each function; last stand the best change and what was not read at all.

    A change that is not worth its work is no best one.
    """
    out = io.StringIO()
    rows = csv.writer(out)
    columns = (*_SHARES, "waiting_known_from", "best_change", "best_change_usd", "unread_records")
    rows.writerow([*_CSV, "month_usd", *columns])
    unread = audit.unread["records"]
    for one in audit.functions:
        values = [_cell(getattr(one, name)) for name in _CSV]
        estimate_usd = one.month.usd if one.month else ""
        shares = [_cell(share) for share in (one.waiting.share, one.waiting.most_share)]
        best = next(((it.name, it.low_usd) for it in one.changes if it.pays or it.faster), ("", ""))
        rows.writerow([*values, estimate_usd, *shares, one.waiting.how, *best, unread])
    if not audit.functions:
        rows.writerow([""] * (len(_CSV) + 1 + len(columns) - 1) + [unread])
    return out.getvalue()


def _cell(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula; nothing for what is not known."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
