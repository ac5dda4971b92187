"""What a rule may read of a request is named once, and held by the type checker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mypy import api

from serverless_tax import Workload
from serverless_tax.bill.design import Design, design
from serverless_tax.bill.month import _Month, request_sums
from serverless_tax.ground.request import NAMES, Request
from serverless_tax.platforms.meters.changed import changed
from serverless_tax.request.workload import QUANTITIES
from serverless_tax.widgets.page_request import PageRequest
from serverless_tax.widgets.scenario import scenario


def test_a_rule_may_read_every_quantity_and_the_switch_of_the_architecture() -> None:
    """A quantity that is added to the workload is added to the request, and none besides."""
    assert set(NAMES) == {*QUANTITIES, "arm"}


def checked(folder: Path, names: list[str]) -> list[str]:
    """Return what the type checker says of a file in which a rule reads each of some names."""
    head = "from serverless_tax.ground.request import Request\n"
    rules = (
        f"def rule_{k}(w: Request) -> object:\n    return w.{n}\n" for k, n in enumerate(names)
    )
    (folder / "rules.py").write_text(head + "".join(rules), "utf-8")
    options = ["--strict", "--config-file=", f"--cache-dir={folder}", "--follow-imports=silent"]
    said, broke, _ = api.run([*options, str(folder / "rules.py")])
    assert not broke, broke
    return [line for line in said.splitlines() if "error:" in line]


def test_the_type_checker_finds_each_misspelt_quantity(tmp_path: Path) -> None:
    """A rule that reads ``memory_m`` or ``ar`` is refused, one that reads the name is not."""
    misspelt = [name[:-1] for name in NAMES]
    found = checked(tmp_path, [*misspelt, *NAMES])
    assert len(found) == len(NAMES), found
    for name, line in zip(misspelt, found, strict=True):
        assert f'"Request" has no attribute "{name}"' in line


def _seen_by_a_rule() -> dict[str, Request]:
    """Return everything that plays a request, as a rule gets it."""
    got: list[Request] = []

    def usage(w: Request) -> dict[str, Any]:
        got.append(w)
        return {"requests": w.requests_per_month * 1}

    one = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=100)
    lambda_ = design("aws-lambda").platform
    request_sums(Design(replace(lambda_, usage=usage)), one.replace(wait_ms=[100, 200]))
    return {
        "a workload": one,
        "a month": _Month(one),
        "a block of a sample": got[0],
        "a workload as the path sees it": lambda_.as_served(one),
        "a workload that is changed": changed(one, wait_ms=1),
        "the request of a page": PageRequest(SimpleNamespace(**scenario())),
    }


@pytest.mark.parametrize("which", range(6))
def test_whatever_stands_for_a_request_has_every_quantity(which: int) -> None:
    """Each name can be read of each of the six, and a name that is none cannot."""
    name, w = list(_seen_by_a_rule().items())[which]
    for quantity in NAMES:
        assert getattr(w, quantity) is not None, f"{name} has no {quantity}"
    with pytest.raises(AttributeError):
        _ = w.memroy_mb  # type: ignore[attr-defined]


def test_only_a_quantity_can_be_changed() -> None:
    """A misspelt name would change nothing, and the bill would not say so."""
    w = Workload(requests_per_month=1, memory_mb=128)
    assert changed(w, wait_ms=7).wait_ms == 7
    assert changed(w, wait_ms=7).memory_mb == 128
    with pytest.raises(TypeError, match="No request has wiat_ms"):
        changed(w, wiat_ms=7)
