"""Progress is for people who wait at a terminal, and leaves nothing behind."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from nemolint.commands.check import run as run_check
from nemolint.driver import progress
from nemolint.driver.request import Request, Streams
from nemolint.settings import Settings

RUN = "uv run nemotron steps run sft/automodel -c tiny --dryrun\n"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _check(folder: Path, err: io.StringIO, *paths: str, quiet: bool = False) -> str:
    out = io.StringIO()
    request = Request(paths=paths or (".",), quiet=quiet)
    run_check(request, Settings(folder), Streams(io.BytesIO(), out, err))
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty files, in a terminal whose user has no patience."""
    for number in range(20):
        (tmp_path / f"{number:02}.sh").write_text(RUN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.setattr(progress, "_PAUSE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def _visible(text: str) -> str:
    """What is left on the screen: a line up to the last erasure is gone."""
    return "\n".join(line.rpartition("\r\x1b[K")[2] for line in text.split("\n"))


def test_a_terminal_sees_the_count_and_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named files are counted against their number, a walk without one; other output stands on clean lines."""
    monkeypatch.setenv("COLUMNS", "200")  # the summary fits into a line
    pipe, terminal = io.StringIO(), _Terminal()
    found = _check(folder, pipe, "absent.sh", *(f"{number:02}.sh" for number in range(20)))
    assert _check(folder, terminal, "absent.sh", *(f"{number:02}.sh" for number in range(20))) == found
    assert "checking 1/21 …" in terminal.getvalue() and "checking 21/21 …" in terminal.getvalue()
    assert "\x1b" not in pipe.getvalue() and _visible(terminal.getvalue()) == pipe.getvalue()
    walked = _Terminal()
    _check(folder, walked)
    assert "checking 20 …" in walked.getvalue() and "checking" not in _visible(walked.getvalue())


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb"), ("quiet", "")])
def test_where_nobody_watches(folder: Path, name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """CI, dumb terminals and `--quiet` get no progress."""
    if value:
        monkeypatch.setenv(name, value)
    terminal = _Terminal()
    _check(folder, terminal, quiet=name == "quiet")
    assert "checking" not in terminal.getvalue() and "\x1b" not in terminal.getvalue()


def test_a_short_check_shows_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the first second nothing flickers."""
    monkeypatch.setattr(progress, "_PATIENCE", 60.0)
    terminal = _Terminal()
    _check(folder, terminal)
    assert "\x1b" not in terminal.getvalue()
