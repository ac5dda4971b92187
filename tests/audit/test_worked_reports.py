"""Every figure that a report shows, in text, HTML, CSV and JSON, of a log worked by hand.

Two functions in October: ``rag`` at 2,048 MB, measured, and ``chat`` at 1,024 MB, not measured.
Prices as in `test_worked_examples`: $0.0000166667 a GB-second, $0.0000002 a request.

rag has 110 calls of 100 s on eleven days (10, four times 8, 10, four times 12, 10), so 22,000
GB-seconds and $0.3666894, of which $0.000022 are requests. 10 of each 100 s were CPU, so 90 % of
$0.3666674 waited, $0.33000066. Of 2,048 MB it needs 128: 1,920 / 2,048 of its time is $0.34375.
A month like it is $1.11535, from 8⅔ to 11⅓ calls of $0.00333354 a day: $0.87876 to $1.14914.

chat has a call of 50 s a day, so 550 GB-seconds and $0.009168885; the first was cold, and 10 s of
it INIT, $0.000166667, 1.818 % of its time. Of 1,024 MB it needs 128: $0.00802085 for the rest.
A month like it is $0.02789.
"""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from audit_logs import line, meter, numbered

from serverless_tax.cli.app import run

CALLS = (10, 8, 8, 8, 8, 10, 12, 12, 12, 12, 10)
#: The wall clock and the memory of rag's calls, and of chat's.
RAG, CHAT = line("100000.00", memory_mb=2048), line("50000.00")
CHAT_COLD = line("40000.00", init_ms=Decimal("10000.00"))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of both."""
    lines = []
    for day, calls in enumerate(CALLS, 1):
        head = f"2026-10-{day:02d}T12:00:00.000Z"
        measured = f"{head} {meter(10_000, 100_000, memory_mb=2048)}"
        lines += [f"{head} 2026/10/{day:02d}/rag[$LATEST]4f0c {RAG}", measured] * calls
        lines.append(f"{head} 2026/10/{day:02d}/chat[$LATEST]4f0c {CHAT if day > 1 else CHAT_COLD}")
    path = tmp_path / "two.log"
    path.write_text(numbered(lines))
    return path


def said(capsys: pytest.CaptureFixture[str], log: Path, *words: str) -> str:
    """Run an audit with the prices of the day and return what it prints."""
    assert run(["audit", str(log), "--on", "2026-11-01", *words]) == 0
    return capsys.readouterr().out


def cells(text: str) -> list[list[str]]:
    """Cut lines where there are two spaces or more."""
    return [re.split(r" {2,}", row.strip()) for row in text.splitlines()]


def test_the_overview(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row a function and their total."""
    rows = cells(said(capsys, log))
    rows = rows[rows.index(["Audit, 2026-10-01 12:00 to 2026-10-11 12:00 UTC"]) :]
    assert rows[0] == ["Audit, 2026-10-01 12:00 to 2026-10-11 12:00 UTC"]
    assert rows[1] == [
        "Function", "Invocations", "GB-s", "USD", "A month", "INIT", "Waiting", "Unused memory",
    ]  # fmt: skip
    assert rows[2:5] == [
        ["rag", "110", "22,000", "$0.37", "$1.12 ($0.88 to $1.15)", "0 %", "90 %", "$0.34"],
        ["chat", "11", "550", "$0.00917", "$0.03", "1.8 %", "unknown", "$0.00802"],
        # Waiting: rag's alone, or with all of chat's but INIT, $0.00900. The range of a month: a
        # day's calls of rag are $0.0333354 ± 0.0044447, and chat's is $0.000833535.
        ["Total", "121", "22,550", "$0.38", "$1.14 ($0.90 to $1.17)", "0.0443 %",
         "$0.33 to $0.34", "$0.35"],
    ]  # fmt: skip


def test_the_details_of_each_function(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sizes, percentiles, INIT and waiting, a sentence each."""
    text = said(capsys, log)
    for sentence in (
        "rag: $0.37",
        (
            "  2,048 MB: 110 invocations, billed 100,000 ms at the median and 100,000 ms at the"
            " 99th percentile, peak 90 MB, 1,920 MB more than needed with headroom."
        ),
        "  Waiting: 90 %. CPU measured on 110 of 110 invocations.",
        "  The CPU was busy for 10 % of the time.",
        "chat: $0.00917",
        (
            "  1,024 MB: 11 invocations, billed 50,000 ms at the median and 50,000 ms at the"
            " 99th percentile, peak 90 MB, 896 MB more than needed with headroom."
        ),
        "  Cold starts: 1, INIT $0.000167 or 1.8 % of the time (on the line: 1 billed).",
        (
            "  Waiting: Unknown: a REPORT line has no CPU time."
            " Add the meter, or state it with --cpu-ms."
        ),
    ):
        assert sentence in text.splitlines()


def test_what_ended_badly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """3 s for no answer, and 1 s in three crashes, at 1,024 MB; one broken record."""
    path = tmp_path / "bad.log"
    path.write_text(
        numbered([
            line("3000.00", status="timeout"),
            line("500.00", status="error", error_type="Runtime.OutOfMemory"),
            *[line("250.00", status="failure")] * 2,
            line("100.00", init_ms=Decimal("50.00"), billed_ms=100),
            line()[:60],
        ])
    )  # fmt: skip
    text = said(capsys, path, "--function", "rag").splitlines()
    assert "  Timeouts: 1, paid $0.00005 for no answer." in text
    assert "  Crashes: 3, 1 of them out of memory, paid $0.0000167." in text
    assert "  Cold starts: 1, INIT $0.00 or 0 % of the time (on the line: 1 not billed)." in text
    assert "1 REPORT record could not be read and is not counted:" in text
    assert "5 of 5 invocations had no time on the line." in text
    # Out of memory at 1,024 MB with a peak of 90 MB on the line: twice as much, whatever it costs.
    (first,) = (sentence for sentence in text if sentence.startswith("First, rag: "))
    assert first.startswith("First, rag: Requests end without an answer: raise its timeout, ")
    assert "Set memory to 2,048 MB: it has too little. " in first


def test_the_rows_for_a_spreadsheet(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All amounts with every digit they have."""
    said(capsys, log, "--csv", str(tmp_path / "a.csv"))
    rag, chat = csv.DictReader((tmp_path / "a.csv").read_text("utf-8").splitlines())
    assert list(rag) == [
        "name", "invocations", "billed_ms", "gb_seconds", "usd", "cold_starts", "init_usd",
        "timeouts", "timeout_usd", "crashes", "crash_usd", "unused_usd", "waiting_usd",
        "month_usd", "waiting_share", "most_waiting_share", "waiting_known_from", "best_change",
        "best_change_usd", "unread_records",
    ]  # fmt: skip
    words = {"name", "waiting_known_from", "best_change", "best_change_usd"}
    assert {name: float(v) for name, v in rag.items() if name not in words} == pytest.approx({
        "invocations": 110, "billed_ms": 11_000_000, "gb_seconds": 22_000, "usd": 0.3666894,
        "cold_starts": 0, "init_usd": 0, "timeouts": 0, "timeout_usd": 0, "crashes": 0,
        "crash_usd": 0, "unused_usd": 0.3437506875, "waiting_usd": 0.33000066,
        "month_usd": 1.1153456, "waiting_share": 0.9, "most_waiting_share": 0.9,
        "unread_records": 0,
    }, rel=1e-7)  # fmt: skip
    assert (rag["name"], rag["waiting_known_from"]) == ("rag", "measured")
    assert (rag["best_change"], rag["best_change_usd"]) == ("", "")  # $12 a year pay for no hours
    assert {name: float(v) for name, v in chat.items() if v and name not in words} == pytest.approx(
        {
            "invocations": 11, "billed_ms": 550_000, "gb_seconds": 550, "usd": 0.009168885,
            "cold_starts": 1, "init_usd": 0.000166667, "timeouts": 0, "timeout_usd": 0,
            "crashes": 0, "crash_usd": 0, "unused_usd": 0.008020849375, "month_usd": 0.02788866,
            "unread_records": 0,
        }, rel=1e-6,
    )  # fmt: skip
    assert (chat["waiting_usd"], chat["waiting_share"]) == ("", "")
    assert chat["waiting_known_from"] == "unknown"


def test_the_totals_as_json(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sums of both functions."""
    totals = json.loads(said(capsys, log, "--json"))["totals"]
    month = totals.pop("month")
    assert totals.pop("period") == {
        "first": "2026-10-01T12:00:00", "last": "2026-10-11T12:00:00",
        "days": pytest.approx(10.0000116, abs=1e-7), "missing_days": 0, "missing": [],
        "invocations_without_a_time": 0,
    }  # fmt: skip
    numbers = {name: v for name, v in totals.items() if isinstance(v, int | float)}
    assert numbers.pop("free_tier") is False
    assert numbers == pytest.approx({
        "invocations": 121, "billed_ms": 11_550_000, "mb_ms": 23_091_200_000, "gb_seconds": 22_550,
        "cold_starts": 1, "timeouts": 0, "init_usd": 0.000166667, "timeout_usd": 0, "crashes": 0,
        "crash_usd": 0, "unused_usd": 0.351771536875, "usd": 0.375858285,
        "waiting_low_usd": 0.33000066, "waiting_high_usd": 0.339002878,
    }, rel=1e-7)  # fmt: skip
    assert month.pop("since") is None
    assert month == pytest.approx(
        {"usd": 1.143234, "low_usd": 0.904112, "high_usd": 1.174499}, abs=1e-5
    )


def test_each_function_as_json(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its sizes and its waiting."""
    rag, chat = json.loads(said(capsys, log, "--json"))["functions"]
    assert rag["sizes"] == [{
        "memory_mb": 2048, "invocations": 110, "peak_used_mb": 90, "needed_mb": 128,
        "p50_ms": 100_000, "p99_ms": 100_000,
        "gone_since": None,
    }]  # fmt: skip
    assert rag["waiting"] == {
        "how": "measured", "share": pytest.approx(0.9), "most_share": pytest.approx(0.9),
        "likely_share": None,
        "cpu_ms": pytest.approx(10_000), "cpu_share": pytest.approx(0.1),
        "busy_ms": pytest.approx(10_000), "least_busy_ms": pytest.approx(10_000),
        "says": "CPU measured on 110 of 110 invocations.",
    }  # fmt: skip
    assert rag["changes_per"] == "month"
    assert chat["init_rule"] == {"billed": 1, "not_billed": 0}
    assert chat["init_share"] == pytest.approx(10 / 550)
    # Nine days alike, $0.000833535 each, are $0.0253534 a month; the period says $0.0278887.
    assert chat["month"].pop("since") is None
    assert chat["month"] == pytest.approx(
        {"usd": 0.0278887, "low_usd": 0.0253534, "high_usd": 0.0278887}, abs=1e-7
    )


def test_the_page(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its title, and the bars: rag's is 550 units wide for $0.3666894, of which waiting is 495."""
    said(capsys, log, "--html", str(tmp_path / "a.html"))
    html = (tmp_path / "a.html").read_text("utf-8")
    title = re.sub("<.*?>", "", html.partition("<h1>")[2].partition("</h1>")[0])
    assert title == "$0.38, 2026-10-01 12:00 to 2026-10-11 12:00 UTC"
    bars = re.findall(r'<rect x="([\d.]+)" y="\d+" width="([\d.]+)".*?<title>(.*?)</title>', html)
    assert bars == [
        ("200.0", "55.0", "rag: work and requests, $0.04"),
        ("255.0", "495.0", "rag: waiting, $0.33"),
        ("750.0", "0.0", "rag: INIT, $0.00"),
        ("200.0", "13.5", "chat: work and waiting, not known apart, $0.009"),
        ("213.5", "0.2", "chat: INIT, $0.000167"),
    ]
    cells = ("Invocations", "121"), ("GB-s", "22,550"), ("USD", "$0.38")
    total = "".join(f'<td data-head="{head}">{cell}</td>' for head, cell in cells)
    assert f'<tfoot><tr><th scope="row">Total</th>{total}' in html
    assert "<p>Waiting: 90 %. CPU measured on 110 of 110 invocations.</p>" in html


def test_the_bars_of_the_page_stand_clear_of_each_other(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two rows of 32 units with a bar of 22, and a key of 12 below: 840 by 108, none of it cut.

    A name stands at the foot of its bar, 15.4 below the top; an amount 6 to the right of the bar.
    """
    said(capsys, log, "--html", str(tmp_path / "a.html"))
    drawn = (tmp_path / "a.html").read_text("utf-8").partition("<svg ")[2].partition("</svg>")[0]
    assert 'viewBox="0 0 840 108"' in drawn
    number = r'="([\d.]+)"'
    rect = rf"<rect x{number} y{number} width{number} height{number}"
    places = [tuple(map(float, one)) for one in re.findall(rect, drawn)]
    tops = [(y, high) for _, y, _, high in places]
    assert tops == [*[(0, 22)] * 3, *[(32, 22)] * 2, *[(86, 12)] * 4]
    assert [x for x, *_ in places[-4:]] == [200, 310, 420, 530]
    texts = re.findall(rf"<text x{number} y{number}>(.*?)</text>", drawn)
    assert [(float(x), round(float(y), 1), words) for x, y, words in texts] == [
        *((0, 15.4, "rag"), (756, 15.4, "$0.37")),
        *((0, 47.4, "chat"), (219.8, 47.4, "$0.00917")),
        *((218, 97, "work"), (328, 97, "waiting"), (438, 97, "INIT")),
        (548, 97, "not known apart"),
    ]


#: A thousand calls of 900 s at 1,024 MB, of which up to 500 MB were used: 900,000 GB-seconds.
LARGE = line("900000.00", max_memory_used_mb=500)


def changes(capsys: pytest.CaptureFixture[str], path: Path, *words: str) -> dict[str, Any]:
    """The changes of the only function, by their id."""
    (one,) = json.loads(said(capsys, path, "--json", *words))["functions"]
    assert [change["id"] for change in one["changes"]] == [
        f"{one['name']}/{change['rung']}" for change in one["changes"]
    ]
    return {change["rung"]: change for change in one["changes"]}


def test_what_less_memory_saves_holds_the_peak(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """500 MB with headroom are 600: of $15.00003, 424 / 1,024 is saved, $6.21.

    Arm stands on that: of what 527,343.75 GB-seconds are left to cost, $8.78908, it leaves
    $7.03129. A shorter answer is for a person to judge, and is not in the list.
    """
    path = tmp_path / "large.log"
    path.write_text(numbered([LARGE] * 1000))
    found = changes(capsys, path, "--cpu-ms", "0ms")
    assert found["memory"]["saving_usd"] == pytest.approx(15.00003 * 424 / 1024, abs=1e-6)
    assert found["memory"]["saving_usd"] == pytest.approx(6.21095, abs=1e-5)
    assert found["arm"]["saving_usd"] == pytest.approx(8.78908 - 7.03129, abs=1e-5)
    assert "shorter" not in found
    assert found["memory"]["payback"] == "unknown: no month is named"
    rows = cells(said(capsys, path, "--cpu-ms", "0ms"))
    assert ["Change", "Saves over the log", "Work", "Paid back in", "Known from"] in rows
    first = ["1. unknown function (large.log): Set memory to 600 MB", "$6.21", "2 h"]
    assert [*first, "unknown: no month is named", "stated"] in rows


def test_what_it_saves_is_of_a_month_where_one_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same calls in seven days and a second: 30.416667 / 7.0000116 = 4.345231 times as much."""
    path = tmp_path / "large.log"
    path.write_text(numbered(f"2026-10-0{1 + k // 125}T12:00:00Z {LARGE}" for k in range(1000)))
    found = changes(capsys, path, "--cpu-ms", "0ms")
    assert found["memory"]["saving_usd"] == pytest.approx(6.21095 * 4.345231, abs=1e-3)
    assert found["memory"]["saving_usd"] == pytest.approx(26.9880, abs=1e-3)


def test_what_it_saves_if_the_waiting_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """None of it did: a smaller size is slower by as much, and saves nothing. All of it: $4.97.

    Arm saves a fifth of $15.00003 in both cases, $3.00, so it stands before what may save nothing;
    on top of it, four fifths of $6.21 are left for the memory to save.
    """
    path = tmp_path / "large.log"
    path.write_text(numbered([LARGE] * 1000))
    found = changes(capsys, path)
    memory = found["memory"]
    assert (memory["saving_usd"], memory["low_usd"]) == (None, 0)
    assert memory["high_usd"] == pytest.approx(6.21095 * 0.8, abs=1e-4)
    assert memory["would_change"].startswith("CPU time")
    assert found["arm"]["saving_usd"] == pytest.approx(15.00003 * 0.2, abs=1e-4)
    rows = [row[0] for row in cells(said(capsys, path)) if row[0][:2] in ("1.", "2.")]
    assert rows[0].endswith(": Build for Arm")
    assert rows[1].endswith(": Set memory to 600 MB")


def test_what_costs_the_same_and_is_faster_heads_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """8.28 s of work at 1,024 MB are 4.8 s at 1,769 MB, and the same GB-seconds.

    Arm saves a fifth of $0.16 a month: no year of that is 4 h of work, and it stands behind.
    """
    calls = line("8281.00", memory_mb=1024)
    path = tmp_path / "etl.log"
    path.write_text(
        numbered(f"2026-10-0{1 + k // 125}T12:00:00Z {calls}" for k in range(1000)), "utf-8"
    )
    words = ("--function", "etl", "--cpu-ms", "4790ms")
    text = said(capsys, path, *words)
    faster = "Set memory to 1,769 MB: about the same bill, and an answer after "
    assert text.splitlines()[1].startswith(f"First, etl: {faster}")
    assert any(row.startswith(f"  {faster}") for row in text.splitlines())
    assert "Leave it as it is" not in text
    rows = cells(text)
    first = ["1. etl: Set memory to 1,769 MB", "about the same", "2 h", "for a shorter answer"]
    assert [*first, "stated"] in rows
    found = json.loads(said(capsys, path, *words, "--json"))
    assert found["ranked"][:2] == ["etl/memory", "etl/arm"]


def test_requests_that_reach_the_time_limit_come_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seven calls of 3 s in a week, of which one ended without an answer: nothing pays."""
    path = tmp_path / "late.log"
    calls = [line("3000.00", status="timeout"), *[line("2000.00")] * 7]
    path.write_text(
        numbered(f"2026-10-0{k}T12:00:00Z {each}" for k, each in enumerate(calls, 1)), "utf-8"
    )
    text = said(capsys, path, "--function", "rag", "--cpu-ms", "10ms")
    late = "Requests end without an answer: raise its timeout, up to 15 minutes, or shorten"
    assert text.splitlines()[1].startswith(f"rag: {late}")
    assert text.splitlines()[2].startswith("Beside that no change")
    assert any(row.startswith(f"  {late}") for row in text.splitlines())
    assert "Leave it as it is" not in text


@pytest.mark.parametrize(
    ("before", "now", "first"),
    [
        (
            {"memory_mb": 10_240, "max_memory_used_mb": 10_240},
            {"memory_mb": 10_240, "max_memory_used_mb": 10_240},
            "rag: No size has enough memory: let a request hold less, or run it elsewhere.",
        ),
        (
            {"memory_mb": 256, "status": "timeout"},
            {"memory_mb": 1024, "max_memory_used_mb": 900},
            "Leave it as it is: no change that is sure of its saving earns its work in a year.",
        ),
    ],
)
def test_the_first_line_is_of_the_size_it_has_now(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    before: dict[str, Any],
    now: dict[str, Any],
    first: str,
) -> None:
    """What no size mends is said; what ended with an older size is not."""
    calls = [line("2000.00", **before)] * 9 + [line("2000.00", **now)] * 9
    path = tmp_path / "now.log"
    path.write_text(
        numbered(f"2026-10-{k:02}T12:00:00Z {each}" for k, each in enumerate(calls, 1)), "utf-8"
    )
    text = said(capsys, path, "--function", "rag", "--cpu-ms", "10ms")
    assert text.splitlines()[1] == first


def test_what_the_headline_names_is_in_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two steps of less than half a cent each, and more than that together: both are named."""
    path = tmp_path / "resized.log"
    calls = line("104.50", memory_mb=512)
    path.write_text(
        numbered(f"2026-11-{1 + k // 300:02}T12:00:00Z {calls}" for k in range(3000)), "utf-8"
    )
    words = ("--function", "resized", "--cpu-ms", "5ms", "--hour-usd", "0", "--calls", "1")
    words += ("--reads-along", "--sees-answer", "--no-own-process", "--no-other-vendor")
    text = said(capsys, path, *words)
    headline = text.splitlines()[1]
    assert headline.startswith("First, resized: Set memory to ")
    assert "MB, then build for Arm: $0.00" in headline
    rows = [row[0] for row in cells(text) if row[0][1:].startswith(". resized: ")]
    assert sorted(row.partition(": ")[2].split()[0] for row in rows) == ["Build", "Set"]
    found = json.loads(said(capsys, path, *words, "--json"))
    (one,) = found["functions"]
    assert sorted(one["steps"]) == sorted(change["rung"] for change in one["changes"])
    least = min(change["saving_usd"] for change in one["changes"])
    assert 0 < least < 0.005


@pytest.mark.parametrize(
    ("hour_usd", "headline"),
    [("6", "First, rag: Find out how much of the time is work"), ("20", "Leave it as it is: ")],
)
def test_the_headline_the_table_and_the_function_speak_with_one_voice(
    hour_usd: str, headline: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Waiting is unknown: a smaller size saves some $9 to $20 a year, and takes 2 h of work.

    At $20 an hour these are more than a year of all that is paid: no change is listed at all.
    """
    path = tmp_path / "open.log"
    calls = line("6000.00", memory_mb=3008)
    path.write_text(
        numbered(f"2026-11-{1 + k // 200:02}T12:00:00Z {calls}" for k in range(2000)), "utf-8"
    )
    text = said(capsys, path, "--function", "rag", "--hour-usd", hour_usd)
    assert text.splitlines()[1].startswith(headline)
    listed = "What could be changed, none of it sure to earn its work" in text
    assert listed is (hour_usd == "6")
    assert " 40 h " not in text  # $240 of $24 a year
    more = " more do not pay within five years, whatever is unknown: see --json."
    assert (more in text) is (hour_usd == "6")
    assert "What to change" not in text
    assert text.count("Leave it as it is") in ((0,) if hour_usd == "6" else (2,))


@pytest.mark.parametrize(
    ("duration", "words", "asks"),
    [
        # $0.0044 a month for 300 ms in 256 MB; in 512 MB twice that, or as much where all is work.
        ("300.00", [], "Set memory to 512 MB or more: it has too little. Then find out how much"),
        # $1.12 a month: only of one call can a gateway take it over, and nobody says how many.
        ("31000.00", ["--no-sees-answer", "--cpu-ms", "5ms"], "Find out how many calls a request"),
    ],
)
def test_the_headline_is_a_range_where_the_table_has_one(
    duration: str, words: list[str], asks: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What decide asks for, the audit asks for; it takes no point of the range for granted."""
    path = tmp_path / "open.log"
    fate = {"status": "error", "error_type": "Runtime.OutOfMemory"} if not words else {}
    calls = line(duration, memory_mb=256, max_memory_used_mb=250, **fate)
    path.write_text(
        numbered(f"2026-11-{1 + k // 100:02}T12:00:00Z {calls}" for k in range(1200)), "utf-8"
    )
    text = said(capsys, path, "--function", "rag", *words, "--hour-usd", "0.02")
    assert text.splitlines()[1].startswith(f"First, rag: {asks}")


def test_stated_cpu_that_cannot_be_is_said_before_advice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """100 ms at 1,024 MB, 0.58 of a vCPU, are 58 ms of CPU: 60 ms do not fit, 50 ms do."""
    path = tmp_path / "rag.log"
    path.write_text(numbered([line("100.00", memory_mb=1024)] * 100))
    check = "Check the CPU stated for rag: it takes longer at this memory than an invocation lasts"
    text = said(capsys, path, "--function", "rag", "--cpu-ms", "60ms").splitlines()
    assert text[1].startswith(check)
    assert any(row.startswith("First, rag: ") for row in text[2:])
    assert check not in said(capsys, path, "--function", "rag", "--cpu-ms", "50ms")
