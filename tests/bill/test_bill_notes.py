"""What a bill says beside its lines."""

from __future__ import annotations

import pytest
from workloads import DAY

from serverless_tax import Workload, bill

ARTICLE = Workload.preset("article")


def test_what_is_taken_for_granted_goes_with_every_bill(monkeypatch: pytest.MonkeyPatch) -> None:
    """A durable function's wait is free only if it is suspended, and the bill says so.

    How long ago a price was looked at is said as well, and no matter here.
    """
    monkeypatch.setattr("serverless_tax.prices.STALE_AFTER_DAYS", 100_000)
    notes = bill("aws-lambda-durable", ARTICLE, on=DAY).notes
    assert any("a step that awaits the model is billed in full" in note for note in notes)
    assert notes[0] in str(bill("aws-lambda-durable", ARTICLE, on=DAY))
    assert bill("aws-lambda", ARTICLE, on=DAY).notes == ()
