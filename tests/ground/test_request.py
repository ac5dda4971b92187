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
from serverless_tax.bill.month import one_month, request_sums
from serverless_tax.ground.request import NAMES, Request
from serverless_tax.platforms.meters.changed import changed
from serverless_tax.request.workload import QUANTITIES
from serverless_tax.widgets.page_request import page_request
from serverless_tax.widgets.scenario import scenario


def test_a_rule_may_read_every_quantity_and_the_switch_of_the_architecture() -> None:
    """A quantity that is added to the workload is added to the request, and none besides."""
    assert set(NAMES) == {*QUANTITIES, "arm"}


#: Whatever a rule, a platform, a bill or a page may hold as a request.
HELD = {
    "w": "Request",
    "changed(w, wait_ms=1)": "Request",
    "PLATFORM.as_served(w)": "Sample",
    "one_month(Workload.preset('article'))": "Request",
    "page_request(scenario())": "Request",
}
HEAD = """\
from serverless_tax.bill.month import one_month
from serverless_tax.ground.request import Request
from serverless_tax.platforms.aws_lambda import PLATFORM
from serverless_tax.platforms.meters.changed import changed
from serverless_tax.request.workload import Workload
from serverless_tax.widgets.page_request import page_request
from serverless_tax.widgets.scenario import scenario
def rule(w: Request) -> None:
"""


def checked(folder: Path, read: list[str]) -> list[str]:
    """Return what the type checker says of a file in which a rule reads all that."""
    (folder / "rules.py").write_text(HEAD + "".join(f"    _ = {one}\n" for one in read), "utf-8")
    options = ["--strict", "--config-file=", f"--cache-dir={folder}", "--follow-imports=silent"]
    # What numpy's own types say is of no account here, and reading them takes ten seconds.
    options += ["--no-site-packages", "--ignore-missing-imports"]
    said, broke, _ = api.run([*options, str(folder / "rules.py")])
    assert not broke, broke
    return [line for line in said.splitlines() if "error:" in line]


def test_the_type_checker_finds_each_misspelt_quantity(tmp_path: Path) -> None:
    """``memory_m`` or ``ar`` is refused of whatever stands for a request; the name is not."""
    misspelt = [(held, name[:-1]) for held in HELD for name in NAMES]
    right = [f"{held}.{name}" for held in HELD for name in NAMES]
    found = checked(tmp_path, [*(f"{held}.{name}" for held, name in misspelt), *right])
    assert len(found) == len(misspelt), found
    for (held, name), line in zip(misspelt, found, strict=True):
        assert f'"{HELD[held]}" has no attribute "{name}"' in line


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
        "a month": one_month(one),
        "a block of a sample": got[0],
        "a workload as the path sees it": lambda_.as_served(one),
        "a workload that is changed": changed(one, wait_ms=1),
        "the request of a page": page_request(SimpleNamespace(**scenario())),
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
