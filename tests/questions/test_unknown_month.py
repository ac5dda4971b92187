"""Advice where nobody says how many requests a month has."""

from __future__ import annotations

import pytest
from workloads import DAY

from serverless_tax import Facts, advise

ANSWERS = ("in_order", "reads_along", "sees_answer", "own_process", "other_vendor")


def test_an_unknown_number_of_requests_has_a_least_that_pays() -> None:
    """5 s in 1,024 MB, 360 MB of it needed: $54.04 less a million, and two hours are $200.

    $54.04 × 12 a million pay for two hours from 200 / 648.5 = 0.3084 million a month on.
    """
    answers = dict.fromkeys(ANSWERS, True) | {
        "own_process": False,
        "other_vendor": False,
        "calls": 1,
    }
    said = {"memory_mb": 1024, "peak_memory_mb": 300, "wait_ms": 5000, "cpu_ms": 0}
    found = advise(Facts.of(said, **answers), on=DAY)
    assert found.pays_from == pytest.approx(308_400, rel=2e-3)
    assert "Below 309,000 of them nothing earns its work within a year." in found.sentence
    assert found.sentence.endswith(
        "Set memory to 360 MB: $54.04 a month less, two hours. Then stop."
    )
    for requests, steps in ((300_000, 0), (309_000, 1)):
        point = advise(Facts.of(said | {"requests_per_month": requests}, **answers), on=DAY)
        assert (point.ask, len(point.most.steps)) == (None, steps)


def test_what_helps_from_the_first_request_on_has_no_dollars_of_an_unknown_month() -> None:
    """Too little memory, and a shorter answer for the same bill: to do whatever a month has.

    Its dollars are of a million requests, and said to be. Of any number, what is needed may cost
    anything, and what is not needed is left where it costs more.
    """
    answers = dict.fromkeys(ANSWERS, False) | {"sees_answer": True, "calls": 1}
    said = {"memory_mb": 512, "peak_memory_mb": 300, "cpu_ms": 500, "wait_ms": 0}
    for more, first, least_usd in (
        ({"out_of_memory": True, "peak_memory_mb": 512}, "Set memory to 1,7", None),
        ({}, "First find out how many requests", 0),
    ):
        quantities = said | {name: of for name, of in more.items() if name in said}
        others = {name: of for name, of in more.items() if name not in said}
        found = advise(Facts.of(quantities, **answers, **others), on=DAY)
        assert found.sentence.startswith(first)
        assert "find out how many requests it has in a month: " in found.sentence
        assert found.sentence.count("Set memory to 1,7") == 1  # what is needed is said before that
        assert " For a million: " in found.sentence
        plain = found.to_dict()
        assert plain["ask"]["fact"] == "requests_per_month"
        assert plain["steps"] is plain["saving_usd"] is plain["start_usd"] is None
        assert plain["first_year_usd"] == [least_usd, None]
        assert plain["dollars_per"] == "million requests"
        assert {row[2] for row in found.rows() if row[0].startswith("a month")} == {
            "USD for a million requests"
        }
