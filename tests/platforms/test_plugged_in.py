"""A platform may live in somebody else's package, which names its module and brings its sheet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from workloads import DAY

from serverless_tax import (
    InvalidQuantity,
    Workload,
    bill,
    break_even,
    compare,
    platforms,
    sweep,
    tax_multiple,
)
from serverless_tax.cli.app import run
from serverless_tax.ground.plugged_in import plugged_in, plugged_in_sheet
from serverless_tax.prices import _head, price_sheet, sheet_ids

RULE = """
from serverless_tax.platforms.base import Platform

def usage(w):
    requests = w.requests_per_month
    return {"acme_requests": requests * 1}

PLATFORM = Platform(
    id="NAME", name="Acme", waits="Bills requests.", source="https://acme.example", usage=usage
)
"""
SHEET = """platform = "acme-fn"
vendor = "Acme"
region = "moon-1"
currency = "USD"

[[price]]
dimension = "acme_requests"
label = "Requests"
unit = "request"
usd = 0.000002
effective_from = 2026-01-01
source = "https://acme.example/prices"
seen = 2026-10-01
confidence = "seen"
"""
Install = Callable[..., None]


def _forget() -> None:
    for kept in (platforms, plugged_in, plugged_in_sheet, price_sheet, _head):
        kept.cache_clear()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs a small package with a module of that name and text."""

    def installed(module: str, rule: str, sheet: str | None = SHEET) -> None:
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[serverless_tax.platforms]\n{module} = {module}\n")
        (tmp_path / f"{module}.py").write_text(rule)
        if sheet:
            (tmp_path / f"{module}.toml").write_text(sheet)
        monkeypatch.syspath_prepend(tmp_path)
        _forget()

    before = set(sys.modules)
    yield installed
    monkeypatch.undo()
    for module in set(sys.modules) - before:
        if module.startswith("acme"):
            del sys.modules[module]
    _forget()


def test_a_platform_of_another_package_is_priced(install: Install) -> None:
    """10 million requests at $2 a million are $20; it is compared with everybody, after nobody."""
    install("acme_fn", RULE.replace("NAME", "acme-fn"))
    article = Workload.preset("article")
    month = bill("acme-fn", article, on=DAY)
    assert (round(month.total, 2), month.region) == (20.00, "moon-1")
    assert "acme-fn" in {one.platform for one in compare(article, ("acme-fn", "aws-lambda"))}
    assert platforms()["acme-fn"].name == "Acme"
    assert "acme-fn" in sheet_ids()
    assert run(["price", "acme-fn", "--preset", "article", "--on", str(DAY)]) == 0


def test_a_rule_need_not_say_how_long_requests_are_in_flight(install: Install) -> None:
    """10 million requests of 4,850 ms, 5.5 ms of it CPU, waited 13,457 hours for $20."""
    install("acme_fn", RULE.replace("NAME", "acme-fn"))
    plain = Workload(requests_per_month=10e6, memory_mb=1024, cpu_ms=5.5, wait_ms=4844.5)
    month = sweep("acme-fn", plain, on=DAY)
    assert (month["billed_ms"], month["busy_ms"]) == (48.5e9, 55e6)
    assert tax_multiple(plain, "acme-fn", on=DAY) == pytest.approx(4850 / 5.5)
    crossing = break_even("acme-fn", "aws-fargate", plain, over="wait_ms", low=1, high=1e5, on=DAY)
    assert float(crossing.a_usd[0]) == pytest.approx(20)


def test_other_files_beside_the_module_are_no_sheets(install: Install, tmp_path: Path) -> None:
    """A folder of somebody else's holds more than price sheets."""
    install("acme_fn", RULE.replace("NAME", "acme-fn"))
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'acme'\n")
    assert "pyproject" not in sheet_ids()


def test_its_prices_are_checked_too(install: Install) -> None:
    """With the file's name."""
    install("acme_fn", RULE.replace("NAME", "acme-fn"), SHEET.replace("usd", "usb"))
    with pytest.raises(InvalidQuantity, match=r"acme_fn\.toml in row 1 .* has 'usb'"):
        bill("acme-fn", Workload.preset("article"), on=DAY)


@pytest.mark.parametrize(
    ("module", "rule", "says"),
    [
        ("aws_lambda", RULE.replace("NAME", "aws-lambda"), "'aws-lambda', which there is already"),
        ("acme_one", "1 / 0", "cannot be read: ZeroDivisionError: division by zero"),
        ("acme_two", "import nowhere_at_all", "cannot be read: ModuleNotFoundError: No module"),
        ("acme_three", "PLATFORM = 7", "has no PLATFORM; expected one"),
        ("acme_four", RULE.replace("NAME", "acme"), "'acme'; expected 'acme-four', the module's"),
    ],
)
def test_a_broken_package_is_a_sentence(
    module: str, rule: str, says: str, install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the module and the package, whatever was asked for; the command ends with 2."""
    install(module, rule)
    sentence = f"The module {module} of {module} .*{says}"
    with pytest.raises(InvalidQuantity, match=sentence):
        platforms()
    assert run(["price", "aws-lambda", "--preset", "article"]) == 2
    assert f"The module {module} of {module}" in " ".join(capsys.readouterr().err.split())
