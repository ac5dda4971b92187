"""Which records are one event that stands there twice, and which a call that was tried again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from audit_logs import by_audit, invocations, line
from py_mini_racer import MiniRacer

from serverless_tax.audit.find.notes import repeated
from serverless_tax.widgets import reader_javascript

#: Two records of a request: when each was written, how long each ran, and what they are.
COPY, RETRY = (1, 1, 0), (2, 0, 1)
PAIRS = [
    (("2026-10-01T08:00:00", "812.34"), ("2026-10-01T08:00:00", "812.34"), COPY),
    # By another way: seconds later, over midnight, without a time, by a clock in Tokyo.
    (("2026-10-01T08:00:00", "812.34"), ("2026-10-01T08:00:09", "812.34"), COPY),
    (("2026-09-30T23:59:40", "812.34"), ("2026-10-01T00:00:20", "812.34"), COPY),
    (("2026-10-01T08:00:00", "812.34"), ("", "812.34"), COPY),
    (("", "812.34"), ("2026-10-01T08:00:00", "812.34"), COPY),
    (("2026-10-01T08:00:00", "812.34"), ("2026-10-01T17:00:00", "812.34"), COPY),
    # Tried again: it ran for another time, or began a minute later.
    (("2026-10-01T08:00:00", "812.34"), ("2026-10-01T08:00:09", "812.35"), RETRY),
    (("2026-10-01T08:00:00", "812.34"), ("2026-10-01T08:01:04", "812.34"), RETRY),
    (("2026-10-01T08:00:00", "812.34"), ("2026-10-02T08:00:00", "812.34"), RETRY),
    # What ran into its limit runs for the same time again, and no time tells which it is.
    (("2026-10-01T08:00:00", "3000.00"), ("2026-10-01T08:00:01", "3000.00"), COPY),
    (("2026-10-01T08:00:00", "3000.00"), ("2026-10-01T08:15:00", "3000.00"), RETRY),
    (("", "3000.00"), ("", "3000.00"), (2, 0, 0)),
]


def written(when: str, duration: str) -> str:
    """A record as an export has it."""
    return f"{when}.000Z " * bool(when) + line(duration) + "\n"


@pytest.mark.parametrize(("first", "second", "right"), PAIRS)
@pytest.mark.parametrize("files", [1, 2])
def test_copies_count_once_and_retries_each(
    first: tuple[str, str], second: tuple[str, str], right: tuple[int, ...], files: int,
    tmp_path: Path,
) -> None:  # fmt: skip
    """In one log, and in two; so many calls, so many copies, so many that were tried again."""
    texts = [written(*first), written(*second)]
    texts = ["".join(texts)] if files == 1 else texts
    paths = [tmp_path / f"{k}.log" for k in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, "utf-8")
    found = by_audit(*paths)
    assert (invocations(found), found.twice, found.again) == right
    alike = right[2] if first[1] == second[1] and first[1] != "3000.00" else 0
    assert found.alike == alike
    said = [*repeated(found)]
    assert len(said) == bool(right[1]) + bool(right[2]) + bool(alike)
    assert ("the very same figures" in " ".join(said)) == bool(alike)


def test_the_page_decides_the_same() -> None:
    """Where the two are pasted."""
    racer = MiniRacer()
    racer.eval(
        f"{reader_javascript()}; const counts = (text) => {{ const log = readLog(text);"
        " return [findingsOf(log).reduce((sum, one) => sum + one.invocations, 0), log.twice,"
        " log.again]; }"
    )
    for first, second, right in PAIRS:
        text = json.dumps(written(*first) + written(*second))
        found = json.loads(racer.eval(f"JSON.stringify(counts({text}))"))
        assert tuple(found) == right, (first, second)


def test_a_retry_that_stands_twice_counts_once(tmp_path: Path) -> None:
    """A call, it again, it again, and the fetch of all three again."""
    times = ("08:00:00", "08:01:05", "08:03:11")
    log = "".join(written(f"2026-10-01T{time}", "812.34") for time in times)
    (tmp_path / "a.log").write_text(log, "utf-8")
    (tmp_path / "b.log").write_text(log, "utf-8")
    found = by_audit(tmp_path)
    assert (invocations(found), found.twice, found.again) == (3, 3, 2)


def test_each_retry_counts_once_wherever_it_stands(tmp_path: Path) -> None:
    """A call as an event, and two records of its id that are read after it: two, not three."""
    event = {
        "requestId": "c3252230-c73d-49f6-8844-968c01d1e2e1",
        "status": "success",
        "metrics": {
            "durationMs": 1.1234567, "billedDurationMs": 101, "memorySizeMB": 1024,
            "maxMemoryUsedMB": 90,
        },
    }  # fmt: skip
    record = (
        "REPORT RequestId: c3252230-c73d-49f6-8844-968c01d1e2e1 Duration: {} ms Billed Duration:"
        " {} ms Memory Size: 128 MB Max Memory Used: 90 MB "
    )
    broken = f'{{"message": "{{ {record.format("17.53", 18)}\nXRAY TraceId: 1-6a507b87-0cc4 "}}'
    whole = {"time": "2026-11-01T10:00:00.000Z", "type": "platform.report", "record": event}
    lines = [json.dumps(whole), broken, f"INFO {record.format('437.92', 438)}"]
    path = tmp_path / "a.log"
    path.write_text("\nEND RequestId: 1a\n".join(["", *lines, ""]), "utf-8")
    found = by_audit(path)
    assert (invocations(found), found.twice, found.again) == (3, 0, 2)
