"""What a bill says beside its lines."""

from __future__ import annotations

import pickle

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


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("vercel-fluid", "Logs and data transfer are not on this bill: "),
        ("cloudflare-workers", "Logs are not on this bill: "),
        ("aws-fargate", ""),
    ],
)
def test_the_whole_path_says_what_of_it_is_unknown(name: str, says: str) -> None:
    """What leaves AWS is a line; what leaves another vendor is never nothing in silence."""
    unknown = [
        note for note in bill(name, ARTICLE, on=DAY, path="whole").notes if "unknown here" in note
    ]
    assert [note.startswith(says) for note in unknown] == [True] * bool(says)


@pytest.mark.parametrize(
    ("name", "moved"), [("aws-fargate", False), ("aws-lambda", False), ("cloudflare-workers", True)]
)
def test_what_is_used_up_is_said_where_nothing_is_included(name: str, moved: bool) -> None:  # noqa: FBT001
    """A plan of Cloudflare's holds requests; of Lambda nothing is deducted unless that is asked."""
    usual, used_up = (bill(name, ARTICLE, on=DAY, used_up=asked) for asked in (False, True))
    said = [note for note in used_up.notes if note.startswith("used_up changes nothing on ")]
    assert (usual.total != used_up.total, bool(said)) == (moved, not moved)
    assert not [note for note in usual.notes if note.startswith("used_up")]


@pytest.mark.parametrize("name", ["aws-fargate", "aws-lambda", "cloudflare-workers"])
def test_a_free_tier_is_deducted_or_a_sentence_says_that_nothing_is_free(name: str) -> None:
    """A million requests of Lambda's; of a task of Fargate's and a Worker nothing."""
    usual, free = (bill(name, ARTICLE, on=DAY, free_tier=asked) for asked in (False, True))
    said = [note for note in free.notes if note.startswith("free_tier changes nothing on ")]
    assert (usual.total == free.total) is bool(said)
    assert not [note for note in usual.notes if note.startswith("free_tier")]


def test_a_pickled_bill_has_its_notes() -> None:
    """As where months are billed by several processes; a durable function has something to say."""
    month = bill("aws-lambda-durable", ARTICLE, on=DAY)
    again = pickle.loads(pickle.dumps(month))  # noqa: S301 - made in the line itself
    assert (again, again.notes) == (month, month.notes)
    assert again.notes


@pytest.mark.parametrize(
    ("name", "setting", "asked"),
    [
        ("aws-fargate", "minimum_instances", 2.5),
        ("google-cloud-run", "minimum_instances", 0.1),
        ("aws-lambda-provisioned", "provisioned_concurrency", 7.25),
    ],
)
def test_a_part_of_an_instance_is_said_to_be_billed_as_one(
    name: str, setting: str, asked: float
) -> None:
    """Instances are whole: the note names what was asked for, and whole numbers have none."""
    says = f"{setting} is {asked:g}; the next whole number is billed."
    part, whole = (
        bill(name, ARTICLE.replace(**{setting: n}), on=DAY) for n in (asked, int(asked) + 1)
    )
    assert says in part.notes
    assert part.total == whole.total
    assert not any("next whole number" in note for note in whole.notes)


@pytest.mark.parametrize("name", ["cloudflare-workers", "vercel-fluid", "aws-agentcore"])
def test_nothing_is_assumed_of_tokens_where_there_are_none(name: str) -> None:
    """A request that only waits has no token whose CPU could be billed."""
    waits = Workload(requests_per_month=1e6, memory_mb=1024, wait_ms=1000)
    assert not any("token" in note for note in bill(name, waits, on=DAY).notes)
    assert any("passing a token on takes some" in note for note in bill(name, ARTICLE).notes)
