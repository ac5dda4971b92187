"""A file is written whole or not at all, and what stops it is one sentence."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from serverless_tax import InvalidQuantity
from serverless_tax.ground.files import write_whole


@pytest.mark.parametrize("before", [None, "before, and longer than after"])
def test_a_file_is_what_was_written(before: str | None, tmp_path: Path) -> None:
    """New or in the place of another: UTF-8, its line ends as they are, readable by all."""
    path = tmp_path / "new" / "a.csv"
    if before:
        path.parent.mkdir()
        path.write_text(before)
        path.chmod(0o600)
    write_whole(path, "é\r\n–\n")
    assert path.read_bytes() == b"\xc3\xa9\r\n\xe2\x80\x93\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [p.name for p in path.parent.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("step", ["fdopen", "chmod", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whatever_stops_it_the_file_of_before_stays(
    step: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no neighbour is left: at the text, at the permissions, at the last step."""
    path = tmp_path / "a.html"
    path.write_text("before")

    def stopped(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(os, step, stopped)
    with pytest.raises((InvalidQuantity, KeyboardInterrupt)) as raised:
        write_whole(path, "after")
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]
    assert path.read_text() == "before"
    if isinstance(error, OSError):
        assert str(raised.value) == f"{path} cannot be written: No space left on device."


def test_a_caller_says_the_refusal_in_its_own_words(tmp_path: Path) -> None:
    """With the file's name and the reason in them."""
    (tmp_path / "a").write_text("no folder")
    path = tmp_path / "a" / "b.toml"
    with pytest.raises(InvalidQuantity) as raised:
        write_whole(path, "after", "{path}: not today ({reason}); try another.")
    said = str(raised.value)
    assert said.startswith(f"{path}: not today (")
    assert said.endswith("); try another.")


def test_a_pipe_stays_one_and_is_written(tmp_path: Path) -> None:
    """As a shell's, or a device: no file takes its place."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(path, "after")
    assert os.read(reader, 9) == b"after"
    os.close(reader)
    assert path.is_fifo()
