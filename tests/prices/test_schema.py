"""A price sheet of one's own: whatever is wrong with it is one sentence, here and on the line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from workloads import DAY

from serverless_tax import InvalidQuantity, Workload, bill
from serverless_tax.cli.app import run
from serverless_tax.prices import _head, price_sheet, shipped_path
from serverless_tax.prices.overrides import Rates
from serverless_tax.prices.schema import read_sheet
from serverless_tax.prices.tokens import token_prices

SHEETS = [
    path
    for folder in ("serverless_tax.platforms", "serverless_tax.prices")
    for path in Path(str(files(folder))).glob("*.toml")
]
PLAIN = """platform = "aws-lambda"
vendor = "AWS"
region = "us-east-1"
currency = "USD"

[[price]]
dimension = "requests"
label = "Requests"
unit = "request"
usd = 0.0000001
effective_from = 2026-01-01
source = "our contract"
seen = 2026-01-01
confidence = "seen"

[[price]]
dimension = "duration_x86_gb_seconds"
label = "Duration, x86"
unit = "GB-second"
tiers = [{ above = 0, usd = 0.00001 }, { above = 1000000, usd = 0.000009 }]
effective_from = 2026-01-01
source = "our contract"
seen = 2026-01-01
confidence = "seen"
busy = "busy_gb_seconds"
"""
INIT = PLAIN[PLAIN.index("[[price]]") : PLAIN.rindex("[[price]]")]
INIT = INIT.replace('"requests"', '"init_x86_gb_seconds"').replace("Requests", "INIT")


def _forget() -> None:
    for kept in (price_sheet, _head, token_prices):
        kept.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Look for sheets in a folder of the test's own first."""
    monkeypatch.setenv("SERVERLESS_TAX_PRICES", str(tmp_path))
    _forget()
    yield tmp_path
    monkeypatch.undo()
    _forget()


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_every_sheet_that_is_shipped_passes(path: Path) -> None:
    """Those of other regions too."""
    assert read_sheet(path)["currency"] == "USD"


def test_a_sheet_of_your_own_is_priced(folder: Path) -> None:
    """10 million requests at $0.10 a million, 48.56 million GB-seconds, the first at $10."""
    (folder / "aws-lambda.toml").write_text(PLAIN, "utf-8")
    month = bill("aws-lambda", Workload.preset("article"), on=DAY)
    assert [round(item.cost, 2) for item in month.items] == [1.00, 10.00, 428.04]


ROW = r"in row 1 of its \[\[price\]\], 'requests', "
DURATION = r"in row 2 of its \[\[price\]\], 'duration_x86_gb_seconds', "
#: What is replaced in the sheet above, by what, and what is said.
WRONG = [
    ("source =", "sorce =", ROW + "has 'sorce', which means nothing there; did you mean 'source'"),
    ("source = ", "# ", ROW + "has no 'source'; expected some text"),
    ("usd = 0.0000001", 'usd = "cheap"', ROW + "has usd = 'cheap'; expected USD a unit"),
    ("usd = 0.0000001", "usd = -0.5", ROW + r"has usd = -0\.5; expected .* at least 0"),
    ("usd = 0.0000001", "usd = nan", ROW + "has usd = nan; expected"),
    ("usd = 0.0000001", "usd = 1" + 400 * "0", ROW + "has usd = 1000"),
    ("usd = 0.0000001", "usd = 1e308", ROW + r"has usd = 1e\+308; expected .* below 1e15"),
    ('"aws-lambda"', '"aws-fargate"', "is of 'aws-fargate'; expected 'aws-lambda'"),
    (
        "[[price]]",
        "note = " + 100_000 * "[",
        "is not TOML that can be read: its brackets go too deep",
    ),
    ("usd = 0.0000001", "usd = inf", ROW + "has usd = inf; expected"),
    ("usd = 0.0000001", "usd = true", ROW + "has usd = True; expected"),
    ("usd = 0.0000001", "", ROW + "has no price; expected one of usd, tiers and charged_as"),
    ("usd = 0.0000001", "usd = 1\ntiers = [{above = 0, usd = 1}]", ROW + "has usd and tiers;"),
    ("usd = 0.0000001", "usd = 1\nfree_per_month = -1", ROW + "has free_per_month = -1; expected"),
    ('dimension = "requests"', "", r"in row 1 of its \[\[price\]\] has no 'dimension'"),
    ('unit = "request"', 'unit = ""', ROW + "has unit = ''; expected some text"),
    ('region = "us-east-1"', "", "has no 'region'; expected some text"),
    ('region = "us-east-1"', "region = 7", "has region = 7; expected some text"),
    ('"USD"', '"EUR"', "has currency = 'EUR'; expected \"USD\""),
    ("vendor", "vender", "has 'vender', which means nothing there; did you mean 'vendor'"),
    ("seen = 2026-01-01", 'seen = "last week"', ROW + "has seen = 'last week'; expected a day"),
    ("seen = 2026-01-01", "seen = 2026-01-01T00:00:00", ROW + "has seen = 2026-01-01 .*a day"),
    ("above = 1000000", "above = 0", DURATION + r"has tiers from \[0, 0\]; expected .* rise"),
    ("above = 0,", "above = 5,", DURATION + r"has tiers from \[5, 1000000\]; expected"),
    ("usd = 0.000009", 'usd = "x"', DURATION + "has usd = 'x'; expected .*, in tier 2"),
    ("above = 0,", "form = 0,", DURATION + "has 'form', .* in tier 1"),
    ("tiers = [{", "tiers = [7, {", DURATION + "has tiers = .*; expected tiers such as"),
    ("[[price]]", "[price]", "is not TOML"),
    ("[[price]]", "[[price", "is not TOML"),
    ('busy = "busy_gb_seconds"\n', f"\n{INIT}{INIT}", "has two prices of 'init_x86_gb_seconds'"),
    (
        'busy = "busy_gb_seconds"\n',
        "\n" + INIT.replace("usd = 0.0000001", 'charged_as = "duration"'),
        "has 'init_x86_gb_seconds' charged as 'duration', which has no price of its own",
    ),
]
ONE_ROW = PLAIN[: PLAIN.index("[[price]]")] + "price = 7\n"


@pytest.mark.parametrize(("text", "instead", "says"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_sheet_is_refused(
    text: str, instead: str, says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence names the file, the row and what was expected; the command ends with 2."""
    assert text in PLAIN
    _refused(folder, PLAIN.replace(text, instead, 1).encode(), says, capsys)


def test_rows_that_are_none_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A number in their place, or text."""
    _refused(folder, ONE_ROW.encode(), r"has price = 7; expected rows, each under", capsys)


def test_a_sheet_in_another_encoding_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A byte that is no UTF-8 is counted from the start of the file."""
    text = PLAIN.replace("our contract", "unser Rabatt für alle").encode("latin-1")
    at = text.index(b"\xfc")
    _refused(folder, text, f"is not text in UTF-8, from byte {at} on", capsys)


def test_a_price_split_by_what_nobody_meters_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sheet may be right by itself: what a rule meters is known when it is priced."""
    (folder / "aws-lambda.toml").write_text(PLAIN.replace("busy_gb", "bsy_gb"), "utf-8")
    says = "busy = 'bsy_gb_seconds' for 'duration_x86_gb_seconds', which no rule meters; did you"
    _says(re.escape(says), capsys)


@pytest.mark.parametrize("calls", [("read_text",), ("read_text", "exists")])
def test_a_sheet_that_may_not_be_read_is_refused(
    calls: tuple[str, ...],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the system's reason: the file may not be read, or its folder not be looked into."""
    (folder / "aws-lambda.toml").write_text(PLAIN, "utf-8")
    for call in calls:
        monkeypatch.setattr(Path, call, _denied(folder, getattr(Path, call)))
    _says(r"aws-lambda\.toml cannot be read: Permission denied", capsys)


def _denied(folder: Path, real: Callable[..., object]) -> Callable[..., object]:
    """Return a method of a path that a folder's rights forbid."""

    def method(path: Path, *options: str) -> object:
        if path.parent == folder:
            raise PermissionError(13, "Permission denied")
        return real(path, *options)

    return method


def test_tokens_need_both_ends(folder: Path) -> None:
    """A sheet of tokens with the price of what is read alone would leave the other out."""
    text = shipped_path("llm-tokens").read_text("utf-8").replace("/output", "/out")
    (folder / "llm-tokens.toml").write_text(text, "utf-8")
    with pytest.raises(InvalidQuantity, match=r"llm-tokens has no price for .*/output"):
        token_prices()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("naem = 'ours'\n[rates]\n'aws-lambda.requests' = 1", "has 'naem', .*did you mean 'name'"),
        ("[rates]\n'aws-lambda.requests' = { discuont = 0.1 }", "has a rate for 'aws-lambda.requ"),
        ("[rates]\n'aws-lambda.requests' = {}", "a table of nothing; expected one of discount"),
        (
            "[rates]\n'aws-lambda.requests' = { usd = 1, discount = 0.1 }",
            "a table of usd, discount",
        ),
    ],
)
def test_a_key_that_means_nothing_among_rates_is_refused(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be left out without a word."""
    path = tmp_path / "rates.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidQuantity, match=says) as refused:
        Rates.load(path)
    assert str(path) in str(refused.value)
    assert run(["price", "aws-lambda", "--preset", "article", "--prices", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


def test_rates_in_another_encoding_are_refused(tmp_path: Path) -> None:
    """As a sheet is."""
    (tmp_path / "rates.toml").write_bytes(b"name = '\xfc'")
    with pytest.raises(InvalidQuantity, match=r"rates\.toml is not text in UTF-8"):
        Rates.load(tmp_path / "rates.toml")


def _refused(folder: Path, content: bytes, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Expect a sheet of that content to be refused with the file's name and that sentence."""
    path = folder / "aws-lambda.toml"
    path.write_bytes(content)
    _says(f"^The price sheet {re.escape(str(path))} {says}", capsys)


def _says(sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    _forget()
    with pytest.raises(InvalidQuantity, match=sentence):
        bill("aws-lambda", Workload.preset("article"), on=DAY)
    _forget()
    assert run(["price", "aws-lambda", "--preset", "article", "--on", str(DAY)]) == 2
    shown = capsys.readouterr()
    assert not shown.out
    assert re.search(sentence.removeprefix("^"), " ".join(shown.err.split()))


def test_a_sheet_without_prices_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the shipped one has some: the whole platform would be free."""
    text = PLAIN[: PLAIN.index("[[price]]")]
    _refused(folder, text.encode(), r"has no \[\[price\]\]: all of aws-lambda", capsys)


def test_a_ranking_stops_at_a_broken_sheet(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without that platform it would be another ranking, and nothing would say so."""
    text = shipped_path("aws-alb").read_text("utf-8").replace("source", "sorce")
    (folder / "aws-alb.toml").write_text(text, "utf-8")
    assert run(["compare", "--preset", "article"]) == 2
    assert "aws-alb.toml in row 1" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["aws-lambda.toml", "aws_lambda.toml"])
def test_a_sheet_has_its_platform_s_name_or_that_under_which_it_is_shipped(
    folder: Path, name: str
) -> None:
    """A copy of a shipped sheet keeps its name. A byte-order mark at its head is no text."""
    (folder / name).write_text("\ufeff" + PLAIN, "utf-8")
    month = bill("aws-lambda", Workload.preset("article"), on=DAY)
    assert round(month.items[0].cost, 2) == 1.00


def test_what_stands_in_a_sheet_s_place_is_not_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of that name, a link to nothing, and a file where the folder should be."""
    w = Workload.preset("article")
    (folder / "aws-lambda.toml").mkdir()
    with pytest.raises(InvalidQuantity, match=r"aws-lambda\.toml cannot be read"):
        bill("aws-lambda", w, on=DAY)
    _forget()
    (folder / "aws-lambda.toml").rmdir()
    (folder / "aws-lambda.toml").symlink_to(folder / "nothing")
    with pytest.raises(InvalidQuantity, match=r"aws-lambda\.toml cannot be read"):
        bill("aws-lambda", w, on=DAY)
    _forget()
    (folder / "file").write_text("", "utf-8")
    monkeypatch.setenv("SERVERLESS_TAX_PRICES", str(folder / "file"))
    with pytest.raises(InvalidQuantity, match="which is no folder"):
        bill("aws-lambda", w, on=DAY)
