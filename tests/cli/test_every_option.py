"""Every option of every command that prices a month: what it says moves, or a sentence says why.

A command's result is what `--json` writes, and its remarks are on stderr.
"""

from __future__ import annotations

import json
from itertools import product

import pytest
from sampled import one_in

from serverless_tax.cli.app import run
from serverless_tax.cli.options import option_name
from serverless_tax.request.workload import SAID

ARTICLE = ("--preset", "article")
#: Each command, as it is asked for a month, and what it starts from.
COMMANDS = {
    "price": ("price", "aws-lambda", *ARTICLE),
    "compare": ("compare", *ARTICLE),
    "history": ("history", "google-cloud-run", "2026-10-01", "2026-11-01", *ARTICLE),
    "waiting-rate": ("waiting-rate", *ARTICLE),
    "break-even": ("break-even", "aws-lambda", "aws-fargate", *ARTICLE),
    "ladder": ("ladder", *ARTICLE),
    "batching": ("batching", *ARTICLE),
    "eras": ("eras", "2026-10-01", *ARTICLE),
    "cpu-budget": ("cpu-budget", *ARTICLE),
    "whole-bill": ("whole-bill", "aws-lambda", "vercel-fluid", *ARTICLE),
    "traffic": ("traffic",),
    "decide": ("decide", *ARTICLE),
    "sensitivity": ("sensitivity", *ARTICLE),
}
#: A value of each option that is far from what a command takes without it.
FAR = {
    "requests_per_month": "3e6",
    "memory_mb": "2048",
    "cpu_ms": "300ms",
    "wait_ms": "9s",
    "streaming_ms": "20s",
    "cpu_ms_per_output_token": "2",
    "metered_cpu_ms_per_token": "9",
    "output_tokens": "50",
    "input_tokens": "4000",
    "measured_at_mb": "300",
    "init_ms": "8s",
    "cold_start_share": "50%",
    "ephemeral_storage_mb": "10240",
    "architecture": "arm64",
    "request_bytes": "5e6",
    "response_bytes": "2e7",
    "bytes_per_output_token": "1e5",
    "log_bytes": "1e6",
    "tokens_per_message": "50",
    "messages_in": "4000",
    "connection_ms": "60min",
    "peak_to_mean": "60",
    "busy_hours_a_day": "2",
    "hours_per_month": "100",
    "minimum_instances": "500",
    "target_utilisation": "0.1",
    "streams_per_vcpu": "1",
    "instance_vcpu": "4",
    "instance_memory_mb": "4096",
    "requests_per_instance": "3",
    "keep_alive_ms": "60min",
    "instance_hours": "5000",
    "peak_memory_mb": "500",
    "provisioned_concurrency": "3",
    "provisioned_hours": "100",
    "provisioned_share": "0.2",
    "snapstart_versions": "9",
    "restore_ms": "9s",
    "suspended_share": "0.1",
    "durable_steps": "40",
    "durable_waits": "40",
    "retention_days": "90",
    "requests_per_session": "9",
    "session_idle_ms": "1000s",
    "suspensions": "7",
    "suspended_ms": "10000s",
}
OPTIONS = {option_name(name): (option_name(name), far) for name, far in FAR.items()} | {
    "--on": ("--on", "2015-01-01"),
    "--region": ("--region", "mars"),
    "--free-tier": ("--free-tier",),
    "--used-up": ("--used-up",),
    "--path": ("--path", "whole"),
    "--model": ("--model", "gpt-4o-mini"),
}


#: How a sentence begins that says why an option leaves everything as it is.
_IS_SO = ("changes nothing", "is ")
#: What is in one that begins otherwise: a limit that requests go beyond, prices of another place.
_OF_IT = dict.fromkeys(OPTIONS, ()) | {
    "--region": ("mars",),
    "--path": ("not on this bill",),
    "--response-bytes": ("go beyond that",),
    "--bytes-per-output-token": ("go beyond that",),
}


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str]:
    """Return a command's result, None where it is refused, and what it remarks upon."""
    refused = run([*words, "--json"])
    out, err = capsys.readouterr()
    assert refused in {0, 2}
    return (None if refused else json.loads(out)), err


@pytest.fixture
def usual(command: str, capsys: pytest.CaptureFixture[str]) -> object:
    """Return what a command says of the month as it is, asked once."""
    if command not in _USUAL:
        _USUAL[command], _ = said(capsys, *COMMANDS[command])
    return _USUAL[command]


_USUAL: dict[str, object] = {}


def without_notes(found: object) -> object:
    """Return a result without the sentences in it, and whether a free tier was asked for."""
    if isinstance(found, dict):
        left = {"notes", "free_tier", "assumed", "sentence", "without_a_price", "on", "region"}
        return {name: without_notes(value) for name, value in found.items() if name not in left}
    return [without_notes(one) for one in found] if isinstance(found, list) else found


def notes(found: object) -> list[str]:
    """Return every sentence in a result."""
    if isinstance(found, str):
        return [found]
    values = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [sentence for value in values for sentence in notes(value)]


def test_every_quantity_is_tried() -> None:
    """What can be said of a workload has a value here that is far from the usual."""
    assert sorted(FAR) == sorted(SAID)


@pytest.mark.parametrize(("command", "option"), one_in(31, product(COMMANDS, OPTIONS)))
def test_an_option_moves_what_a_command_says_or_a_sentence_says_why_not(
    command: str, option: str, usual: object, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused in a sentence, said to change nothing, or the result is another one."""
    found, remarks = said(capsys, *COMMANDS[command], *OPTIONS[option])
    assert usual is not None
    if found is None:
        assert remarks.startswith("serverless-tax: ")
        assert remarks.count("\n") == 1
        return
    sentences = {*remarks.splitlines(), *notes(found)}
    new = sentences - {*notes(usual)}
    names = [name for name in FAR if option_name(name) == option] or [option[2:].replace("-", "_")]
    why_not = tuple(f"{name} {is_so}" for name in (*names, option) for is_so in _IS_SO)
    told = [one for one in sentences if one.startswith(why_not)]
    told += [one for one in new if any(words in one for words in _OF_IT[option])]
    assert without_notes(found) != without_notes(usual) or told
