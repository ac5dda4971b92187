"""Logs older than the status on a REPORT line: what a line beside it says of how a call ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from audit_logs import by_audit, by_plain_reader, line
from py_mini_racer import MiniRacer
from sampled import one_in

from serverless_tax.audit.sums.table import Sums
from serverless_tax.widgets import reader_javascript

STAMP = "2019-12-04T13:09:05.263Z "
ENDINGS = ("timeouts", "timeout_billed_ms", "failures", "failure_billed_ms", "out_of_memory")


def request(k: int) -> str:
    """The id of a request."""
    return f"{k:08x}-1111-4222-8333-444444444444"


def late(k: int) -> list[str]:
    """A call that ran into its limit of 3 s."""
    record = line("3003.17", request_id=request(k), billed_ms=3000)
    return [STAMP + record, f"{STAMP}{request(k)} Task timed out after 3.00 seconds"]


def killed(k: int, how: str = "signal: killed") -> list[str]:
    """A call whose process was ended."""
    record = line("812.04", request_id=request(k), billed_ms=900, max_memory_used_mb=1024)
    said = f"RequestId: {request(k)} Error: Runtime exited with error: {how}"
    return [STAMP + record, said, "Runtime.ExitError"]


def ended(path: Path, lines: list[str]) -> dict[str, int]:
    """What the audit says of them; the reader of single lines must agree."""
    path.write_text("\n".join(lines) + "\n", "utf-8")
    sums = by_audit(path)
    assert sums == by_plain_reader(path)
    return counted(sums)


def counted(sums: Any) -> dict[str, int]:
    """What there is of endings and invocations in all groups."""
    total = Sums()
    for group in sums.groups.values():
        total.add(group.sums)
    return {
        name: getattr(total, name) for name in (*ENDINGS, "invocations") if getattr(total, name)
    }


PLAIN = [STAMP + line("5.00", request_id=request(900))]
CASES: dict[str, tuple[list[str], dict[str, int]]] = {
    "late": ([*late(1), *PLAIN], {"timeouts": 1, "timeout_billed_ms": 3000, "invocations": 2}),
    "killed": (
        [*PLAIN, *killed(1)],
        {"failures": 1, "failure_billed_ms": 900, "out_of_memory": 1, "invocations": 2},
    ),
    "ended by itself": (
        killed(1, "exit status 1"),
        {"failures": 1, "failure_billed_ms": 900, "invocations": 1},
    ),
    "newest first": (
        [*late(2), *killed(1)][::-1],
        {
            "timeouts": 1, "timeout_billed_ms": 3000, "failures": 1, "failure_billed_ms": 900,
            "out_of_memory": 1, "invocations": 2,
        },
    ),
    "said on the record too": (
        [STAMP + line("3000.00", request_id=request(1), status="timeout"), late(1)[1]],
        {"timeouts": 1, "timeout_billed_ms": 3000, "invocations": 1},
    ),
    "of another log": ([*PLAIN, late(1)[1]], {"invocations": 1}),
    "tried again, and once in time": (
        [
            *late(1),
            STAMP.replace("13:09", "13:12") + late(1)[0].removeprefix(STAMP),
            late(1)[1],
            STAMP.replace("13:09", "13:15") + line("20.00", request_id=request(1)),
        ],
        {"timeouts": 2, "timeout_billed_ms": 6000, "invocations": 3},
    ),
    "in a shipper's JSON": (
        [json.dumps({"timestamp": 1575464945263, "message": one}) for one in late(1)],
        {"timeouts": 1, "timeout_billed_ms": 3000, "invocations": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_call_ends_as_the_line_beside_its_record_says(name: str, tmp_path: Path) -> None:
    """It counts as one whose record says its status."""
    lines, right = CASES[name]
    assert ended(tmp_path / "old.log", lines) == right


@pytest.mark.parametrize("name", CASES)
def test_the_page_joins_them_too(name: str) -> None:
    """The same sums from what is pasted."""
    lines, right = CASES[name]
    racer = MiniRacer()
    racer.eval(reader_javascript())
    sums = f"readLog({json.dumps(chr(10).join(lines))}).functions.flatMap((one) => one.sizes)"
    found: list[dict[str, Any]] = json.loads(str(racer.eval(f"JSON.stringify({sums})")))
    total = {name: sum(one[name] for one in found) for name in (*ENDINGS, "invocations")}
    assert {name: value for name, value in total.items() if value} == right


@pytest.mark.parametrize("with_json", one_in(2, [False, True], 1))
def test_endings_are_joined_where_a_log_has_many_blocks(tmp_path: Path, *, with_json: bool) -> None:
    """Wherever a block ends, and whether the log has quotes or none."""
    lines: list[str] = []
    for k in range(30_000):
        lines += [f"{STAMP}START RequestId: {request(k)} Version: $LATEST", f"took {k}.5 seconds"]
        some = late(k) if k % 3 == 1 else killed(k) if k % 3 else PLAIN
        lines += [some[0].replace(request(900), request(k)), *some[1:], "\t\n"]
        lines += ['{"level": "info"}'] * with_json
    path = tmp_path / "old.log"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    assert counted(by_audit(path)) == {
        "timeouts": 10_000, "timeout_billed_ms": 30_000_000, "failures": 10_000,
        "failure_billed_ms": 9_000_000, "out_of_memory": 10_000, "invocations": 30_000,
    }  # fmt: skip
