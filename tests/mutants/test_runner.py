"""The runner of `make mutants` itself: what it changes, draws, counts and reports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from mutants import run
from mutants.sites import Mutant, mutants, mutants_below
from tree import ROOT, pytest_in

TOY = b'''\
"""A toy: 1 + 1."""
LIMIT: int = 10


def price(hours, usd, *, least=0):
    """Return ``hours * usd``, at least ``least``."""
    if hours > LIMIT and not least:
        return max(hours * usd, least)
    return f"{hours + 1} h" + "!"
'''
TEST = """\
from toy import price


def test_price():
    assert price(11, 2) == 22
    assert price(10, 2) == "11 h!"


def test_least():
    assert price(11, 2, least=3) == "12 h!"
"""


def shown() -> set[str]:
    """Return every line that the toy can be changed to."""
    return {mutant.shown(TOY) for mutant in mutants("toy.py", TOY)}


def test_every_change_is_one_that_a_person_could_type() -> None:
    """Operators, bounds, terms, numbers, truths, what is returned; and Python can read each."""
    assert shown() == {
        "LIMIT: int = 11",
        "LIMIT: int = 0",
        "def price(hours, usd, *, least=1):",
        "if (hours >= LIMIT) and not least:",
        "if (hours > LIMIT or not least):",
        "if hours > LIMIT and least:",
        "return max((hours / usd), least)",
        "return max(hours, least)",
        "return max(usd, least)",
        "return min(hours * usd, least)",
        "return None",
    }
    for mutant in mutants("toy.py", TOY):
        assert ast.parse(mutant.applied(TOY))
        assert mutant.applied(TOY) != TOY


def test_what_changes_nothing_is_left_alone() -> None:
    """A factor of one left out is the same number, and so is what is divided by one."""
    source = b"a = 1.0 * x\nb = x * 1\nc = zip(x, y, strict=True)\nd = 1 - x\n"
    assert {mutant.shown(source) for mutant in mutants("toy.py", source)} == {
        *("a = 2.0 * x", "a = 0 * x", "a = (1.0 / x)", "a = 1.0"),
        *("b = x * 2", "b = x * 0", "b = 1"),
        *("d = (1 + x)", "d = 1", "d = 2 - x", "d = 0 - x"),
    }


def test_every_change_of_the_package_can_be_read() -> None:
    """Wherever a bracket, a comment or a text of several bytes a letter stands."""
    sources = [source for group, _ in run.GROUPS.values() for source in group]
    found = mutants_below(ROOT, *sources)
    assert len(found) > 4 * run.SAMPLE
    for mutant in found[::40]:
        assert ast.parse(mutant.applied((ROOT / mutant.file).read_bytes())), mutant


def test_a_sample_is_the_same_for_a_seed() -> None:
    """Another seed draws others; a line that is added elsewhere does not change the draw."""
    found = mutants("toy.py", TOY)
    assert run.drawn(found, 1, 5) == run.drawn(found[::-1], 1, 5)
    assert run.drawn(found, 1, 5) != run.drawn(found, 2, 5)
    before = {mutant.shown(TOY) for mutant in run.drawn(found, 1, 5)}
    longer = TOY.replace(b"\n\n\n", b"\n# A comment.\n\n\n", 1)
    after = run.drawn(mutants("toy.py", longer), 1, 5)
    assert {mutant.shown(longer) for mutant in after} == before


def test_doctests_alone_have_its_profile_too() -> None:
    """A change may be covered by them and by no test in ``tests``."""
    done = pytest_in(ROOT, *run.STEADY, "serverless_tax/ground/units.py")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with the toy and its tests."""
    root = tmp_path_factory.mktemp("toy")
    (root / "toy.py").write_bytes(TOY)
    (root / "test_toy.py").write_text(TEST)
    settings = "from hypothesis import settings\nsettings.register_profile('steady')\n"
    (root / "conftest.py").write_text(settings)
    markers = "markers = browser\n slow\n"
    (root / "pytest.ini").write_text(f"[pytest]\npythonpath = .\n{markers}")
    return root


@pytest.fixture(scope="module")
def cover(toy: Path) -> run.Cover:
    """What the toy's tests run."""
    return run.covered(toy, ["toy.py"], ["test_toy.py"])


def change(line: str) -> Mutant:
    """Return the change of the toy that makes that line."""
    [found] = {mutant for mutant in mutants("toy.py", TOY) if mutant.shown(TOY) == line}
    return found


@pytest.mark.slow
def test_a_line_knows_its_tests(cover: run.Cover) -> None:
    """The largest is taken by one of two; what runs at import belongs to both."""
    one, two = "test_toy.py::test_price", "test_toy.py::test_least"
    assert cover.tests_of(change("return max(usd, least)")) == [one]
    assert set(cover.tests_of(change("if hours > LIMIT and least:"))) == {one, two}
    assert set(cover.tests_of(change("LIMIT: int = 11"))) == {one, two}
    assert len(cover.tests_of(change("LIMIT: int = 11"), budget_s=0)) == 1
    elsewhere = run.Cover({}, cover.seconds)
    assert set(elsewhere.tests_of(change("LIMIT: int = 11"))) == {one, two}


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "return max(usd, least)",
        "if (hours >= LIMIT) and not least:",
        "LIMIT: int = 11",
        "def price(hours, usd, *, least=1):",
        "return min(hours * usd, least)",
    ],
)
def test_a_change_that_a_test_notices_is_killed(toy: Path, cover: run.Cover, line: str) -> None:
    """And the file is as it was afterwards."""
    outcome = run.tried(toy, change(line), cover)
    assert outcome.killed
    assert "test_toy.py" in outcome.by
    assert (toy / "toy.py").read_bytes() == TOY


@pytest.mark.slow
def test_a_change_that_no_test_notices_survives(toy: Path, cover: run.Cover) -> None:
    """As one does whose line no test runs."""
    seen = run.Cover({"toy.py": {"8": ["test_toy.py::test_least"]}}, cover.seconds)
    outcome = run.tried(toy, change("return max(usd, least)"), seen)
    assert (outcome.killed, outcome.by) == (False, "")
    outcome = run.tried(toy, change("return max(usd, least)"), run.Cover({}, {}))
    assert (outcome.killed, outcome.by) == (False, "no test runs this line")


@pytest.mark.slow
def test_a_change_that_never_ends_is_killed(
    toy: Path, cover: run.Cover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run has its limit of time."""
    monkeypatch.setattr(run, "PATIENCE_S", 0.01)
    outcome = run.tried(toy, change("LIMIT: int = 11"), run.Cover(cover.lines, {}))
    assert outcome.killed
    assert outcome.by.startswith("more than")


def test_what_was_tried_when_the_time_is_up_is_a_sample(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By lot and not by place: none of none here, and it is said how many."""
    found = mutants("toy.py", TOY)
    assert run.drawn(found, 1, len(found)) != sorted(found)
    monkeypatch.setattr(run, "copy_of_the_tree", lambda _: toy)
    covers = {run.group_of("serverless_tax/bill/bill.py"): run.Cover({}, {})}
    assert run.all_tried(found, covers, toy, minutes=-1) == []
    assert f"0 of {len(found)} were tried in -1 minutes" in capsys.readouterr().out


def test_the_interval_is_wilson_s() -> None:
    """45 of 50 are 90 %, and 78.6 % to 95.7 %: the handbook's own kind of example, by hand.

    p = 0.9, z² / n = 0.076829: middle 0.938415, reach 1.96 × sqrt(0.0018 + 0.000384146) =
    0.0915993, both over 1.076829.
    """
    low, high = run.wilson(45, 50)
    assert (low, high) == pytest.approx((0.78640, 0.95652), abs=1e-5)


@pytest.mark.parametrize(("killed", "listed", "code"), [(9, True, 0), (9, False, 1), (8, True, 1)])
def test_too_few_or_an_unexplained_one_fail(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    killed: int,
    listed: bool,
    code: int,
) -> None:
    """Nine of ten with one that is listed pass; eight of ten never do."""
    (tmp_path / "toy.py").write_bytes(TOY)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "REPORT", tmp_path / "_build" / "mutants.json")
    monkeypatch.setattr(run, "SURVIVORS", tmp_path / "survivors.toml")
    row = (
        '[[survivor]]\nfile = "toy.py"\nline = "LIMIT: int = 10"\nbecomes = "LIMIT: int = 11"\n'
        'reason = "a toy"\n'
    )
    (tmp_path / "survivors.toml").write_text(row if listed else "")
    mutant = change("LIMIT: int = 11")
    outcomes = [run.Outcome(mutant, killed=k < killed, by="", seconds=2.0) for k in range(10)]
    assert run.reported(outcomes, 1) == code
    said = capsys.readouterr().out
    assert f"{killed} of 10 noticed, {killed * 10}.0%" in said
    assert "+ LIMIT: int = 11" in said
    assert "2.0 s each" in said
    assert ("That is less than 85%." in said) is (killed == 8)
    assert ("not in survivors.toml" in said) is not listed


def test_an_accepted_survivor_still_exists() -> None:
    """Its line stands in its file, becomes what is said, and its reason is a sentence."""
    for row in run.accepted():
        assert set(row) == {"file", "line", "becomes", "reason"}
        source = (ROOT / row["file"]).read_bytes()
        lines = {(m.before, m.shown(source)) for m in mutants(row["file"], source)}
        assert (row["line"], row["becomes"]) in lines, row
        assert row["reason"].endswith(".")
