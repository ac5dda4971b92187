"""What is put before a line that nothing reads and that may be a record, so that it is unread."""

from __future__ import annotations

#: A line that looks encoded, and a row of a table.
LOOKS_ENCODED, IS_A_ROW = "REPORT RequestId: encoded in ", "REPORT RequestId: in columns "
#: What each is called among what is unread.
MARKS = {LOOKS_ENCODED: "encoded", IS_A_ROW: "row"}
#: What a table has that is read by its columns.
A_RECORD_HAS = "requestId, durationMs, billedDurationMs, memorySizeMB and maxMemoryUsedMB"
