"""The page on the local cloud: each behaviour names a source of AWS's and a test that exists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from serverless_tax.book import equivalence_list
from serverless_tax.book.behaviour import Behaviour
from serverless_tax.book.equivalence import BEHAVIOURS

CLOUD = Path(__file__).parents[1] / "cloud"


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: row.what)
def test_every_behaviour_is_held_by_a_test_that_exists(row: Behaviour) -> None:
    """A test that is renamed or deleted takes its row with it."""
    file, _, name = row.test.partition("::")
    tree = ast.parse((CLOUD / file).read_text())

    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", BEHAVIOURS, ids=lambda row: row.what)
def test_every_behaviour_cites_amazon(row: Behaviour) -> None:
    """What AWS does is what AWS says."""
    assert row.address.startswith(("https://docs.aws.amazon.com/", "https://aws.amazon.com/"))
    assert " " not in row.address
    assert f'href="{row.address}"' in equivalence_list().html
