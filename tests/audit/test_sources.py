"""What an audit may be pointed at: each kind of file is read whole, or refused in a sentence."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from audit_logs import (
    ID,
    billed_total_ms,
    both,
    by_audit,
    by_plain_reader,
    event,
    invocations,
    line,
    meter,
)

from serverless_tax.audit import run as adding
from serverless_tax.audit.find.findings import findings
from serverless_tax.audit.find.money import Terms
from serverless_tax.audit.read.sources import find_sources
from serverless_tax.audit.report.anonymous import anonymous
from serverless_tax.audit.sums.functions import functions
from serverless_tax.cli.app import run
from serverless_tax.ground.units import InvalidQuantity

TEXT = f"START\n{line('10.00')}\n{line('20.00')}\n{event()}\n"
STAMP_MS = 1_793_527_200_123
TASK = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"


def events(*messages: str, **more: object) -> dict[str, object]:
    """An answer of FilterLogEvents."""
    return {
        "events": [
            {"logStreamName": "2026/11/01/[$LATEST]4f0c", "timestamp": STAMP_MS, "message": m}
            for m in messages
        ],
        **more,
    }


ANSWER = events("START RequestId: 1\n", line("10.00") + "\n", line("20.00"), event())
DELIVERED = {
    "messageType": "DATA_MESSAGE",
    "logGroup": "/aws/lambda/rag",
    "logStream": "s",
    "logEvents": [{"id": "1", "timestamp": STAMP_MS, "message": line("10.00")}],
}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.log", TEXT.encode()),
        ("crlf.log", TEXT.replace("\n", "\r\n").encode()),
        ("bom.log", b"\xef\xbb\xbf" + TEXT.encode()),
        ("a.log.gz", gzip.compress(TEXT.encode())),
        ("no-extension", gzip.compress(TEXT.encode())),
        ("two-members.gz", gzip.compress(TEXT[:90].encode()) + gzip.compress(TEXT[90:].encode())),
        ("text-named.gz", TEXT.encode()),
        ("a.bz2", bz2.compress(TEXT.encode())),
        ("a.xz", lzma.compress(TEXT.encode())),
        ("powershell.log", TEXT.encode("utf-16")),
        ("no-mark.log", TEXT.encode("utf-16-le")),
        ("utf-32.log", TEXT.encode("utf-32")),
        ("bad-bytes.log", b"\x80 \xe9\x80\n" + TEXT.encode()),
        ("bad-byte-in-the-line.log", TEXT.encode().replace(b"Billed", b"\xe9 Billed")),
        ("nul.log", b"a\x00b\n" + TEXT.encode()),
        ("stray-return.log", b"a\rb\x01c\n" + TEXT.encode()),
        ("long-line.log", b"x" * 3_000_000 + b"\n" + TEXT.encode()),
        ("quotes.log", b'"a "" b\n\'c\n' + TEXT.encode()),
        ("compact.json", json.dumps(ANSWER, separators=(",", ":")).encode()),
        ("indented.json", json.dumps(ANSWER, indent=4).encode()),
        ("list.json", json.dumps(ANSWER["events"]).encode()),
        ("lines.json", "\n".join(map(json.dumps, ANSWER["events"])).encode()),  # type: ignore[call-overload]
        ("pages.json", (json.dumps(events(line("10.00"))) + json.dumps(
            events(line("20.00"), event(), nextToken="t"))).encode()),
        ("events.json.gz", gzip.compress(json.dumps(ANSWER).encode())),
    ],
)  # fmt: skip
def test_whatever_it_is_packed_in_every_record_is_read(
    name: str, data: bytes, tmp_path: Path
) -> None:
    """Three invocations of 10, 20 and 101 ms; both readers agree."""
    path = tmp_path / name
    path.write_bytes(data)
    sums = both(path)
    assert (invocations(sums), billed_total_ms(sums), sums.unread) == (3, 131, 0)


def test_an_empty_log_has_no_invocation(tmp_path: Path) -> None:
    """And that is no error."""
    path = tmp_path / "empty.log"
    path.touch()
    assert invocations(both(path)) == 0


def test_a_long_answer_on_one_line_is_read_in_pieces(tmp_path: Path) -> None:
    """Compact JSON of many megabytes is one line, and counts every event."""
    path = tmp_path / "long.json"
    filler = [one for k in range(400) for one in ("x" * 20_000, line("10.00", request_id=f"{k:x}"))]
    path.write_text(json.dumps(events(*filler), separators=(",", ":")))
    assert path.stat().st_size > 8_000_000
    assert invocations(both(path)) == 400


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\x28\xb5\x2f\xfdrest", "zstd -d"),
        (b"PAR1rest", "--reconcile"),
        (b"SQLite format 3\x00", "a database"),
    ],
)
def test_what_is_no_log_is_refused(data: bytes, says: str, tmp_path: Path) -> None:
    """The sentence names the file and says what to do."""
    path = tmp_path / "thing"
    path.write_bytes(data)
    with pytest.raises(InvalidQuantity, match=says) as refused:
        find_sources([str(path)])
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("cut.gz", gzip.compress(TEXT.encode() * 500)[:-20]),
        ("cut.json", json.dumps(ANSWER).encode()[:-40]),
        ("cut.xz", lzma.compress(TEXT.encode() * 500)[:-20]),
    ],
)
def test_a_file_that_is_cut_off_is_refused(name: str, data: bytes, tmp_path: Path) -> None:
    """Its sum would be too small, so there is none."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InvalidQuantity, match="fetch it again"):
        both(path)


@pytest.mark.parametrize(
    ("word", "says"),
    [("nothing.log", "There is no file"), ("*.nothing", "No file fits"), ("empty", "no file")],
)
def test_a_word_that_names_nothing_is_refused(
    word: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing mistake is not an empty log."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidQuantity, match=says):
        find_sources([word])


def test_an_export_is_named_by_its_folders(tmp_path: Path) -> None:
    """Brackets of stream names are no pattern; AWS's own test file is no log."""
    stream = tmp_path / "exports" / "rag" / TASK / "2026-11-01-[$LATEST]4f0c"
    stream.mkdir(parents=True)
    (stream / "000000.gz").write_bytes(gzip.compress(TEXT.encode()))
    (tmp_path / "exports" / "rag" / "aws-logs-write-test").write_text("Permission check")
    sums = both(tmp_path / "exports")
    sources = find_sources([str(tmp_path / "exports" / "**" / "*.gz")])
    assert [log.name for log in functions(sums, sources)] == ["rag"]
    assert invocations(sums) == 3


def test_a_file_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    """By itself and by a pattern."""
    path = tmp_path / "a.log"
    path.write_text(TEXT)
    assert len(find_sources([str(path), str(tmp_path / "*.log"), str(tmp_path)])) == 1


def test_names_come_from_option_stream_group_and_meter(tmp_path: Path) -> None:
    """And where nothing says it, the file is named, not guessed from."""
    tail, group, plain = tmp_path / "tail.log", tmp_path / "group.json", tmp_path / "plain.log"
    tail.write_text(f"2026-11-01T10:00:00 2026/11/01/chat[$LATEST]4f0c {line()}\n")
    group.write_text(json.dumps(DELIVERED))
    plain.write_text(line(request_id="1a"))  # with the id of another it would be its copy
    paths = [str(tail), str(group), str(plain)]
    sums = both(tail, group, plain)
    names = {log.name for log in functions(sums, find_sources(paths))}
    assert names == {"chat", "rag", "unknown function (plain.log)"}
    named = {log.name for log in functions(sums, find_sources(paths, "mine"))}
    assert named == {"chat", "rag", "mine"}


def test_small_logs_that_are_read_together_stay_apart(tmp_path: Path) -> None:
    """Whatever each is, ends with, or measures: nothing of one is a part of the next."""
    stamp, record = "2026-11-01T10:00:00.123Z ", line("12.50").strip()
    head, tail = record[:60], record[60:]
    init = f"{stamp}INIT_START Runtime Version: python:3.13.v1 Runtime Version ARN:"
    texts = [
        *(f"{stamp}{line(f'{k}.25')}\n{stamp}{meter(k, k + 1, f'rag-{k}')}\n" for k in range(20)),
        f"{stamp}{meter(1, 2)}",  # whose record stands in the next one
        f"{stamp}{record}",
        f"{init} arn:aws:lambda:eu-west-1::runtime:4f0c\n{stamp}{line('7.50')}",
        f"{stamp}{head}",
        f"{tail}\n{stamp}{line('8.75')}",
        f"{stamp}REPORT RequestId: {ID}\tDuration: many ms",
        "",
    ]
    together, with_document = tmp_path / "together", tmp_path / "with a document"
    for folder in (together, with_document):
        folder.mkdir()
        for k, text in enumerate(texts):
            (folder / f"{k:02d}.log").write_text(text, encoding="utf-8")
    (with_document / "05a.json").write_text(json.dumps(ANSWER, indent=1), encoding="utf-8")
    (with_document / "07a.log").write_text(TEXT + json.dumps(DELIVERED, indent=1))
    for folder in (together, with_document):
        paths = sorted(folder.iterdir())
        assert by_audit(folder) == by_plain_reader(*paths)
    sums = by_audit(together)
    assert invocations(sums) == 23
    assert sums.unread == 2
    assert {key[2] for key in sums.groups} == {"", *(f"rag-{k}" for k in range(20)), "rag"}


def test_a_file_of_a_folder_that_cannot_be_read_is_counted(tmp_path: Path) -> None:
    """One that ends too early, that points to nothing, or is a pipe; named, each is refused."""
    whole, cut = tmp_path / "a.log", tmp_path / "b.gz"
    whole.write_text(TEXT)
    cut.write_bytes(gzip.compress(TEXT.encode())[:-9])
    (tmp_path / "c.log").symlink_to("nowhere")
    os.mkfifo(tmp_path / "d.log")
    sources = find_sources([str(tmp_path)])
    gone = replace(sources[0], label="e.log", path=tmp_path / "e.log", kept=b"")
    sums = adding.tally([*sources, gone])
    assert set(sums.failed) == {str(tmp_path / name) for name in ("b.gz", "c.log", "d.log")} | {
        "e.log"
    }
    assert invocations(sums) >= 3
    found = findings(sums, sources, Terms(), {})
    assert found.unread["files"] == 4
    assert any(str(cut) in note for note in found.notes)
    assert not any(str(cut) in note for note in anonymous(found).notes)
    for name in (cut, gone.path):
        with pytest.raises(InvalidQuantity, match=r"cannot be read|There is no file"):
            adding.tally(find_sources([str(name)]))


def test_a_pipe_that_is_named_is_read_as_it_comes(tmp_path: Path) -> None:
    """As a shell names what another command writes."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(
        ["dd", f"of={pipe}"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as to:
        assert to.stdin is not None
        to.stdin.write(gzip.compress(TEXT.encode()))
        to.stdin.close()
        assert invocations(by_audit(pipe)) == 3


def test_a_document_of_a_folder_that_is_cut_off_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said and counted; named by itself it is refused, as a bill is."""
    (tmp_path / "a.log").write_text(line())
    cut = tmp_path / "b.json"
    cut.write_text(json.dumps({"events": [{"message": line()}]}, indent=2)[:-9])
    assert run(["audit", str(tmp_path)]) == 0
    assert "1 could not be read to the end" in capsys.readouterr().out
    assert run(["audit", str(tmp_path), "--fail-above", "9"]) == 1
    assert run(["audit", str(cut)]) == 2
    bill = tmp_path / "bill.csv"
    bill.write_text("lineItem/UsageType,lineItem/UsageAmount\nRequest,1\n")
    assert run(["audit", str(bill)]) == 2
    assert "a bill, and no log: name it with --reconcile" in capsys.readouterr().err


def test_files_of_one_name_are_functions_of_their_own(tmp_path: Path) -> None:
    """Each is called by as much of its path as tells it apart from the others."""
    for k, folder in enumerate(("eu/rag", "us/rag", "us/chat")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "app.log").write_text(line(request_id=f"{k}a", memory_mb=512))
    (tmp_path / "one.log").write_text(line(request_id="9a"))
    found = findings(by_audit(tmp_path), find_sources([str(tmp_path)]))
    names = {one.name: one.invocations for one in found.functions}
    ends = ("eu/rag/app.log", "us/rag/app.log", "chat/app.log", "one.log")
    assert names == {f"unknown function ({end})": 1 for end in ends}


def test_no_file_without_an_invocation_is_silent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside a good log: said, and a mistake where the file itself is named; not in a folder."""
    log, empty, wrong = (tmp_path / name for name in ("a.log", "empty.log", "notes.txt"))
    log.write_text(line())
    empty.touch()
    wrong.write_text("nothing of Lambda\n")
    for other, said in ((empty, "1 file is empty: "), (wrong, "1 log holds no invocation: ")):
        assert run(["audit", str(log), str(other)]) == 1
        out, err = capsys.readouterr()
        assert f"\n{said}{other}.\n" in out
        assert f"of {other} no invocation was counted" in err
    assert run(["audit", str(tmp_path)]) == 0
    assert f"1 log holds no invocation: {wrong}." in capsys.readouterr().out
    (tmp_path / "more.txt").write_text("nothing of Lambda either\n")
    assert run(["audit", str(tmp_path)]) == 0
    assert "2 logs hold no invocation: " in capsys.readouterr().out
    assert run(["audit", str(log), str(wrong), "--anonymise"]) == 1
    assert "notes" not in capsys.readouterr().out
    copy = tmp_path / "copy.log"
    copy.write_text(line())
    assert run(["audit", str(log), str(copy)]) == 1
    said = f"1 log holds no invocation that another does not: {copy}."
    assert said in capsys.readouterr().out


def test_what_the_meter_wrote_alone_is_no_silent_file(tmp_path: Path) -> None:
    """A file of measurements belongs to the log beside it."""
    (tmp_path / "a.log").write_text(line())
    (tmp_path / "cpu.log").write_text(meter(40, 100))
    words = [str(tmp_path / name) for name in ("a.log", "cpu.log")]
    assert run(["audit", *words]) == 0


def test_a_file_that_holds_nothing_is_said(tmp_path: Path) -> None:
    """Beside others, and alone."""
    (tmp_path / "empty.log").touch()
    (tmp_path / "a.log").write_text(line())
    said = f"1 file is empty: {tmp_path / 'empty.log'}."
    for paths in ([tmp_path], [tmp_path / "empty.log"]):
        assert said in findings(by_audit(*paths), find_sources(map(str, paths))).notes
