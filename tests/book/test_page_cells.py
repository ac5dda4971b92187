"""The cells of a page as its worker runs them: in order, with what each shows."""

from __future__ import annotations

import ast
import asyncio
import sys

import pytest
from lint_pages import CELL, OPTION, PAGES

from serverless_tax import Workload, bill
from serverless_tax.book.python import session as sessions
from serverless_tax.book.python.pages import cells_of
from serverless_tax.book.python.session import MOST_PRINTED, Cell, Session
from serverless_tax.widgets import page_scenario

Told = list[tuple[str, str, str]]


def run(
    *codes: str, address: str = "", session: Session | None = None, told: Told | None = None
) -> Told:
    """Run cells one after the other and return what was told of them, but their seconds."""
    told = [] if told is None else told
    session = session or Session(lambda *event: told.append(event))
    cells = [Cell(f"<cell {k}>", code) for k, code in enumerate(codes, 1)]
    asyncio.run(session.run(cells, address))
    return [(name, what, "" if what == "ends" else text) for name, what, text in told]


def test_a_cell_shows_what_it_prints_and_its_last_value() -> None:
    """Text first, then the value: its HTML where it has one, else as Python writes it."""
    said = run("print('a')\n'b'")
    assert [text for _, what, text in said if what == "text"] == ["a\n", "'b'\n"]
    [(_, _, html)] = [
        one
        for one in run("import serverless_tax as s\ns.bill('aws-lambda', mine)")
        if one[1] == "html"
    ]
    assert "<table>" in html
    assert not [one for one in run("1;") if one[1] == "text"]
    assert not [one for one in run("x = 1") if one[1] == "text"]


def test_cells_run_in_order_and_once() -> None:
    """What ran stays as it is; what was changed since runs again."""
    told: Told = []
    session = Session(lambda *event: told.append(event))
    run("a = 1", "print(a)", session=session, told=told)
    assert [one[2] for one in told if one[1] == "text"] == ["1\n"]
    told.clear()
    run("a = 1", "print(a + 1)", session=session, told=told)
    assert [one[0] for one in told if one[1] == "begins"] == ["<cell 2>"]
    told.clear()
    run("a = 5", "print(a + 1)", session=session, told=told)
    assert [one[2] for one in told if one[1] == "text"] == ["6\n"]


def test_a_value_is_cut_where_print_would_be() -> None:
    """Five million letters would stand still a page: the first of them, and that they were cut."""
    [(_, _, text)] = [one for one in run("'y' * 5_000_000") if one[1] == "text"]
    assert len(text) < MOST_PRINTED + 100
    assert text.endswith(f"cut here: a cell shows {MOST_PRINTED:,} characters.\n")


def test_what_is_forgotten_runs_anew() -> None:
    """A cell that another one spoiled is as in the book again."""
    told: Told = []
    session = Session(lambda *event: told.append(event))
    run("a = [1]", "a.append(2)", session=session, told=told)
    session.forget()
    told.clear()
    run("a = [1]", "print(a)", session=session, told=told)
    assert [one[2] for one in told if one[1] == "text"] == ["[1]\n"]


def test_an_error_is_python_s_own_without_our_frames() -> None:
    """The lines of the cells, those of a function of an earlier cell too; and nothing after it."""
    said = run("def f(x):\n    return 1 / x", "f(0)", "print('never')")
    [(name, _, text)] = [one for one in said if one[1] == "error"]
    assert name == "<cell 2>"
    assert text.startswith('Traceback (most recent call last):\n  File "<cell 2>", line 1')
    assert 'File "<cell 1>", line 2, in f\n    return 1 / x' in text
    assert text.endswith("ZeroDivisionError: division by zero\n")
    assert "session.py" not in text
    assert "never" not in str(said)
    [(_, _, text)] = [one for one in run("bill('aws', 1") if one[1] == "error"]
    assert "SyntaxError: '(' was never closed" in text
    refused = "from serverless_tax import Workload\nWorkload(requests_per_month=-1, memory_mb=512)"
    [(_, _, text)] = [one for one in run(refused) if one[1] == "error"]
    assert text.count("File ") == 1
    assert "requests_per_month" in text.splitlines()[-1]


def test_an_error_of_endless_calls_is_cut() -> None:
    """To read the line of each of a million took a page a minute, until its reader stopped it."""
    deep = "import sys\nsys.setrecursionlimit(20_000)\ndef f(n): return f(n + 1)\n"
    try:
        [(_, what, text)] = [one for one in run(f"{deep}f(0)") if one[1] == "error"]
    finally:
        sys.setrecursionlimit(1_000)
    lines = text.splitlines()
    assert what == "error"
    assert lines[-2].startswith("RecursionError: maximum recursion depth exceeded")
    assert lines[-1] == "… cut: an error shows its first 5,000 calls."


def test_mine_is_what_the_reader_has_set() -> None:
    """By the page's address, in each cell that runs, whatever another cell has made of the name."""
    set_here = "#st?v=2&preset=article&memory=512MB&requests=3000000"
    asked = "from serverless_tax import bill\nprint(bill('aws-lambda', mine).total)"
    [(_, _, text)] = [one for one in run(asked, address=set_here) if one[1] == "text"]
    there = Workload.preset("article", memory_mb=512, requests_per_month=3e6)
    assert float(text) == pytest.approx(bill("aws-lambda", there).total)
    told: Told = []
    session = Session(lambda *event: told.append(event))
    run("x = 1", "mine = 7", "print(mine.memory_mb)", session=session, told=told)
    run(
        "x = 1",
        "mine = 7",
        "print(mine.memory_mb, 2)",
        session=session,
        address=set_here,
        told=told,
    )
    assert [one[2] for one in told if one[1] == "text"] == ["1024.0\n", "512.0 2\n"]
    [(_, _, text)] = [one for one in run("1", address="#st?v=2&memory=1e9") if one[1] == "error"]
    assert text == "mine: memory in the address is 1,000,000,000; expected 128 to 10,240.\n"


def test_mine_is_the_page_s_own_request_with_what_was_moved() -> None:
    """An address without a preset holds no more than that; one with a preset says all of it."""
    page_scenario("article", cpu_ms_per_output_token=2)
    asked = "print(mine.memory_mb, mine.cpu_ms_per_output_token)"
    for address, shown in (
        ("", "1024.0 2.0\n"),
        ("#st?v=2&memory=512MB", "512.0 2.0\n"),
        ("#st?v=2&preset=article&memory=512MB", "512.0 0.0\n"),
    ):
        told = run(asked, address=address)
        assert "".join(text for _, what, text in told if what == "text") == shown
    page_scenario("article")


def test_a_cell_may_await() -> None:
    """As in a notebook."""
    said = run("import asyncio\nawait asyncio.sleep(0, 'done')")
    assert ("<cell 1>", "text", "'done'\n") in said


def test_a_line_is_told_whole_however_slow_its_cell_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """`print` writes a line's end by itself; what a cell flushes is told at once."""
    monkeypatch.setattr(sessions, "_PIECE_S", -1.0)
    said = run("import sys\nprint(1, 2)\nprint(3, end='')\nsys.stdout.flush()\nprint(4)")
    assert [text for _, what, text in said if what == "text"] == ["1 2\n", "3", "4\n"]


def test_endless_print_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page does not hold a million lines."""
    monkeypatch.setattr(sessions, "MOST_PRINTED", 100)
    text = "".join(one[2] for one in run("for k in range(1000): print(k)") if one[1] == "text")
    assert len(text) < 200
    assert "cut here: a cell shows 100 characters" in text


def test_a_drawing_is_shown_and_belongs_to_its_cell() -> None:
    """A figure as a value, or one that pyplot has open."""
    pytest.importorskip("matplotlib")
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    told: Told = []
    session = Session(lambda *event: told.append(event))
    run(draw, "1", session=session, told=told)
    drawn = [(name, text[:4]) for name, what, text in told if what == "html"]
    assert drawn == [("<cell 1>", "<svg")]


def test_what_a_cell_out_of_sight_shows_is_needed_by_none() -> None:
    """No reader waits for a drawing that stands on the page already; what it makes is kept."""
    left = []
    for page in PAGES:
        text = page.read_text("utf-8")
        for cell, one in zip(CELL.findall(text), cells_of(text), strict=True):
            *before, last = ast.parse(OPTION.sub("", cell[1])).body
            if one["shown"] or not isinstance(last, ast.Expr):
                assert one["needed"]
                continue
            left.append(ast.unparse(last))
            assert one["needed"] == bool(one["code"])
            assert ast.unparse(ast.parse(one["code"])) == ast.unparse(ast.Module(before, []))
    assert len(left) > 50
    for shows in left:
        assert not shows.startswith("page_scenario("), shows
        assert ":=" not in shows
