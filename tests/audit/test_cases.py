"""Logs and bills as tools, stores and people hand them on: command and page read each.

`tests/data/audit-cases/README.md` says where each comes from and what is right of it.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from audit_logs import by_audit
from py_mini_racer import MiniRacer
from sampled import one_in

from serverless_tax import metered as metered_module
from serverless_tax.audit.find.findings import findings
from serverless_tax.audit.read.sources import find_sources
from serverless_tax.audit.sums.functions import functions
from serverless_tax.cli.app import run
from serverless_tax.widgets import reader_javascript

CASES = Path(__file__).parents[1] / "data" / "audit-cases"
EXPECTED = {
    path.name.removesuffix(".expected.json"): json.loads(path.read_text("utf-8"))
    for path in sorted(CASES.glob("*.expected.json"))
}
HANDED_ON = json.loads((CASES / "handed-on.json").read_text("utf-8"))
#: Files that nobody pastes: bills, packed ones, folders, programs.
PASTED = (".json", ".ndjson", ".log", ".csv")
SUMS = """((text) => {
  const log = readLog(text);
  const found = findingsOf(log);
  const total = (name) => found.reduce((sum, one) => sum + one[name], 0);
  return { names: found.map((one) => one.name).sort(), unread: log.unread.length,
    invocations: total("invocations"), billed_ms: total("billed_total_ms"), mb_ms: total("mb_ms") };
})"""


@pytest.fixture(scope="module")
def reader() -> Any:
    """Call a function of the page's reader: what crosses is JSON."""
    racer = MiniRacer()
    racer.eval(reader_javascript())
    return lambda name, *words: json.loads(
        racer.eval(f"JSON.stringify({name}({', '.join(map(json.dumps, words))}))")
    )


def input_of(name: str) -> Path:
    """The file or folder of a case."""
    (path,) = (
        one for one in CASES.iterdir()
        if (one.name == name or one.name.startswith(f"{name}.")) and ".expected." not in one.name
    )  # fmt: skip
    return path


def of_kind(*kinds: str) -> list[str]:
    """Cases that expect a thing."""
    return [
        name for name, case in EXPECTED.items() if any(kind in case["expect"] for kind in kinds)
    ]


def answer(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the command says of a case as JSON."""
    case, path = EXPECTED[name], input_of(name)
    monkeypatch.chdir(CASES)
    if case["stdin"] or case["env"]:
        command = [str(Path(sys.executable).with_name("serverless-tax"))]
        command += [word.replace("{file}", str(path)) for word in case["run"]]
        done = subprocess.run(
            command, input=path.read_bytes() if case["stdin"] else b"",
            env=os.environ | case["env"], capture_output=True, check=True,
        )  # fmt: skip
        return json.loads(done.stdout)
    assert run([word.replace("{file}", str(path)) for word in case["run"]]) == 0
    return json.loads(capsys.readouterr().out)


def read(case: dict[str, Any]) -> bool:
    """Whether a case is of a log that is read."""
    return "invocations" in case["expect"]


@pytest.mark.parametrize("name", one_in(3, [name for name, case in EXPECTED.items() if read(case)]))
def test_every_invocation_is_counted_with_its_name_and_time(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums, names, the first time in UTC, and what is known of waiting."""
    right = EXPECTED[name]["expect"]
    found = answer(name, capsys, monkeypatch)
    totals, functions = found["totals"], found["functions"]
    sums = {key: totals[key] for key in ("invocations", "billed_ms", "mb_ms")}
    assert sums == {key: right[key] for key in sums}
    assert found["unread"]["records"] == right["unread"]
    names = sorted(one["name"] for one in functions)
    assert names == right.get("functions", names)
    assert len(names) == right.get("function_count", len(names))
    for function, calls in right.get("function_invocations", {}).items():
        assert next(one["invocations"] for one in functions if one["name"] == function) == calls
    period = totals["period"]
    assert (period["first"] or "")[:19] == right.get("first", (period["first"] or "")[:19])
    untimed = period["invocations_without_a_time"]
    assert untimed == right.get("untimed", untimed)
    for one in functions:
        assert one["waiting"]["how"] in right.get("waiting_how", [one["waiting"]["how"]])
    if "waiting_share_about" in right:
        assert functions[0]["waiting"]["share"] == pytest.approx(0.91, abs=0.02)
    assert totals["usd"] == pytest.approx(right.get("usd", totals["usd"]), rel=0.01)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("13-rie", "the local emulator"),
        ("26-region-on-init-start", "are of af-south-1, not of us-east-1"),
        ("27-provisioned", "$0.0000097222 a GB-second; the capacity comes on top"),
        ("28-overlap", "1 record stands in the logs twice, and is counted once."),
    ],
)
def test_what_the_log_says_of_its_price_is_said(
    name: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a note of the report."""
    assert said in " ".join(answer(name, capsys, monkeypatch)["totals"]["notes"])


@pytest.mark.parametrize("name", of_kind("reconciled"))
def test_a_bill_of_any_form_is_compared(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its figures, its days in UTC, and no word that is false."""
    right = EXPECTED[name]["expect"]["reconciled"]
    found = answer(name, capsys, monkeypatch)["reconciled"]
    for key in ("gb_seconds", "requests", "reasons"):
        assert found[key] == right.get(key, found[key])
    assert not set(right.get("reasons_never", ())) & set(found["reasons"])


def test_a_picture_is_no_log(capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused; a text without an invocation is read and fails."""
    assert run(["audit", str(input_of("30-picture"))]) == 2
    assert "no log" in capsys.readouterr().err
    assert run(["audit", str(CASES / "README.md")]) == 1
    assert "no invocation was found" in capsys.readouterr().err


@pytest.mark.parametrize("name", of_kind("exit"))
def test_the_meter_leaves_a_handler_as_it_is(name: str) -> None:
    """Methods, and objects that are called."""
    where = str(Path(metered_module.__file__).parent)
    subprocess.run(
        [sys.executable, str(input_of(name))], env=os.environ | {"PYTHONPATH": where}, check=True
    )


@pytest.mark.parametrize(
    "name",
    [name for name, case in EXPECTED.items() if (read(case) or "page" in case["expect"])
     and input_of(name).suffix in PASTED],
)  # fmt: skip
def test_the_page_reads_what_the_command_reads(name: str, reader: Any) -> None:
    """Pasted, each gives the same sums and the same names."""
    right = EXPECTED[name]["expect"]
    right = right.get("page", right)
    data = input_of(name).read_bytes()
    found = reader(SUMS, data.decode("utf-16" if data[:1] in b"\xff\xfe" else "utf-8"))
    for key in ("invocations", "billed_ms", "unread", "mb_ms"):
        assert found[key] == right.get(key, found[key])
    assert found["names"] == right.get("functions", found["names"])


@pytest.mark.parametrize("case", one_in(8, HANDED_ON), ids=lambda case: case["name"])
def test_what_tools_hand_on_is_read(case: dict[str, Any], reader: Any, tmp_path: Path) -> None:
    """Logs of shippers, stores, terminals and pastes: the same sums from command and page."""
    data = base64.b64decode(case["base64"]) if "base64" in case else case["text"].encode()
    path = tmp_path / case["name"]
    path.write_bytes(data)
    right = case["expect"]
    sums = by_audit(path)
    logs = functions(sums, find_sources([str(path)]))
    counted = {"invocations": 0, "billed_ms": 0, "mb_ms": 0, "unread": sums.unread}
    for one in logs:
        counted["invocations"] += one.sums.invocations
        counted["billed_ms"] += one.sums.billed_total_ms
        counted["mb_ms"] += one.mb_ms
    assert counted == {key: right[key] for key in counted}
    names = sorted(one.name for one in logs)
    assert names == right.get("functions", names)
    first = min(filter(None, (group.sums.first_time for group in sums.groups.values())), default="")
    assert first == right.get("first", first)
    if page := case.get("page", True):
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")
        pasted = reader(SUMS, text)
        for key, value in (right if page is True else page).items():
            assert pasted.get(key, value) == value


@pytest.mark.parametrize("case", one_in(80, HANDED_ON), ids=lambda case: case["name"])
def test_the_report_has_what_was_counted(case: dict[str, Any], tmp_path: Path) -> None:
    """Every function with its sums; the advice, which is what takes the time, is given of each."""
    data = base64.b64decode(case["base64"]) if "base64" in case else case["text"].encode()
    path = tmp_path / case["name"]
    path.write_bytes(data)
    sums, sources = by_audit(path), find_sources([str(path)])
    reported = [
        (one.name, one.invocations, one.billed_ms, one.mb_ms)
        for one in findings(sums, sources).functions
    ]
    assert reported == [
        (one.name, one.sums.invocations, one.sums.billed_total_ms, one.mb_ms)
        for one in functions(sums, sources)
    ]


def test_the_reader_is_what_is_evaluated(reader: Any) -> None:
    """The script of the seam defines both functions."""
    assert reader("(() => typeof readLog + typeof findingsOf)") == "functionfunction"
    assert "function readLog(text)" in reader_javascript()
