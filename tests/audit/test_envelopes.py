"""The invariant of reading: whatever names REPORT ends as counted or as unread, never as neither.

Records are wrapped in what carries a log, one thing in another, and each is counted once.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from audit_logs import by_audit, event, invocations, line
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TIME, MS = "2026-10-01T08:00:00.000Z", 1_790_841_600_000
GROUP, STREAM = "/aws/lambda/quote", "2026/10/01/[$LATEST]ab"


def kv(key: str, value: str) -> dict[str, object]:
    """An attribute as OpenTelemetry has it."""
    return {"key": key, "value": {"stringValue": value}}


def packed(text: str) -> str:
    """Gzip in base64."""
    return base64.b64encode(gzip.compress(text.encode())).decode()


Wrap = Callable[[list[str]], str]
#: What carries the messages of a log, all of one function.
DOCUMENTS: dict[str, Wrap] = {
    "lines": "\n".join,
    "tail": lambda m: "\n".join(f"{TIME} 2026/10/01/quote[$LATEST]ab {one}" for one in m),
    "shipper": lambda m: "\n".join(
        json.dumps({"message": one, "timestamp": TIME, "log_group": GROUP}) for one in m
    ),
    "collector": lambda m: json.dumps(
        [{"event": one, "time": MS / 1000, "source": GROUP} for one in m]
    ),
    "tags": lambda m: json.dumps(
        {"data": [{"attributes": {"message": one, "tags": ["functionname:quote"]}} for one in m]}
    ),
    "otlp": lambda m: json.dumps({"resourceLogs": [{
        "resource": {"attributes": [kv("faas.name", "quote")]},
        "scopeLogs": [{"logRecords": [
            {"timeUnixNano": f"{MS}000000", "body": {"stringValue": one}} for one in m]}],
    }]}),
    "answer": lambda m: json.dumps({"events": [
        {"logStreamName": STREAM, "timestamp": MS, "message": one + "\n"} for one in m]}, indent=4),
    "columns": lambda m: json.dumps(
        {"columns": [{"name": "@timestamp"}, {"name": "message"}],
         "values": [[TIME, one] for one in m]}),
    "delivered": lambda m: json.dumps({"awslogs": {"data": packed(json.dumps(
        {"logGroup": GROUP, "logStream": STREAM, "logEvents": [
            {"id": "1", "timestamp": MS, "message": one} for one in m]}))}}),
    "kinesis": lambda m: json.dumps({"Records": [
        {"kinesis": {"data": packed(json.dumps({"logGroup": GROUP, "logEvents": [
            {"timestamp": MS, "message": one}]}))}} for one in m]}),
    "quoted": lambda m: json.dumps(m, indent=2),
    "escaped": lambda m: json.dumps({"log": json.dumps({"message": "\n".join(m)})}),
    "yaml": lambda m: "events:\n" + "".join(
        f"- message: {json.dumps(one)}\n  timestamp: {MS}\n" for one in m),
}  # fmt: skip
#: What may happen to a text on its way.
WAYS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "gz": lambda text: gzip.compress(text.encode()),
    "gz in gz": lambda text: gzip.compress(gzip.compress(text.encode())),
    "wide": lambda text: text.encode("utf-16"),
    "a banner before it": lambda text: f"$ fetch the log\n{text}\n".encode(),
    "two lines before it": lambda text: f'{{"a": 1}}\n[INFO] up\n{text}\n'.encode(),
    "twice": lambda text: f"{text}\n{text}".encode(),
}


def record(k: int, how: str) -> str:
    """A record of its own, in one of the ways in which it is written."""
    request_id = f"{k:08x}-c73d-49f6-8844-968c01d1e2e1"
    text = line(f"{k + 1}.25", request_id=request_id).strip()
    return {
        "plain": text,
        "spaces": text.replace("\t", " "),
        "coloured": f"\x1b[90m{text}\x1b[0m",
        "web": text.replace(" ms", "\u00a0ms").replace("-", "\u2013"),
        "json": event(durationMs=k + 1.25).replace("c3252230", f"{k:08x}"),
        "cut": text[:70],
    }[how]


records = st.lists(
    st.sampled_from(["plain", "plain", "spaces", "coloured", "web", "json", "cut"]),
    min_size=1,
    max_size=6,
)


def hold(folder: Path, hows: list[str], document: str, way: str) -> None:
    """Wrap records, and find each of them."""
    path = folder / "a.log"
    path.write_bytes(WAYS[way](DOCUMENTS[document]([record(k, how) for k, how in enumerate(hows)])))
    sums = by_audit(path)
    whole = sum(how != "cut" for how in hows)
    assert invocations(sums) == whole
    assert sums.unread >= len(hows) - whole


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_carries_every_record(document: str, way: str, tmp_path: Path) -> None:
    """Whole ones are counted, each once; one that is cut off is unread."""
    hold(tmp_path, ["plain", "json", "spaces", "web", "coloured", "cut"], document, way)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hows=records, document=st.sampled_from(sorted(DOCUMENTS)), way=st.sampled_from(sorted(WAYS)))
def test_nothing_is_lost_without_a_word(
    hows: list[str], document: str, way: str, tmp_path: Path
) -> None:
    """Any records, in anything."""
    hold(tmp_path, hows, document, way)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@settings(max_examples=1_000_000, suppress_health_check=list(HealthCheck))
@given(hows=records, document=st.sampled_from(sorted(DOCUMENTS)), way=st.sampled_from(sorted(WAYS)))
def test_nothing_is_lost_in_a_million_documents(
    hows: list[str], document: str, way: str, tmp_path: Path
) -> None:
    """The same, for long."""
    hold(tmp_path, hows, document, way)
