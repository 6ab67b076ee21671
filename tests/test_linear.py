"""Files that ask the same question thousands of times: the work grows with the file, not with its square.

What is counted are the lines of Python that run, which is the same on every machine.
"""

from __future__ import annotations

import difflib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from nemolint.commands.commands import commands
from nemolint.driver.request import Request, Streams
from nemolint.linter.checker import Checker
from nemolint.settings import Settings, SettingsOverride, SettingsTree
from support.hostile import LETTERS, SHAPES
from support.sizes import THOROUGH

_SMALL, _TIMES = 2_000, 2
# Where a seventh of the work at the small size takes the square, it has grown more than this at the large one. The rest
# may grow with n log n, and a part of it may be the same at every size.
_SQUARE = 1 / 7
_MOST = (_TIMES + _TIMES**2 * _SQUARE) / (1 + _SQUARE)
_OF_PYTHON = ("a-dictionary", "variables-in-a-dictionary", "one-list-and-its-uses", "docstrings")
_FOLLOWED = (
    "variables-in-branches", "loops-in-a-row", "functions-of-branches", "lines-read", "pipelines",
    "pipelines-through-cat", "texts-for-a-shell", "items-of-an-array", "operators",
)  # fmt: skip
# Of which every line takes a hundred times the work of others: half the size has the same growth.
_HEAVY = tuple(f"followed-{name}" for name in ("functions-of-branches", "variables-in-branches", "texts-for-a-shell"))
_NAMES = (
    "tasks-of-near-names", "steps-unknown", "configs-unknown", "options-unknown", "options-misread",
    "options-of-tasks", "options-in-pieces", "options-behind", "env-unknown-parents",
    "ignores-of-many-names", "secrets-short", "secrets-short-in-runs", "secrets-in-a-line", "findings-in-a-line",
    "values-refused", "values-quoted", "values-open-interpolations", "values-open-brackets", "overrides-below-a-list",
    "overrides-of-one-list", "procfile-lines", "crontab-jobs", "cmake-targets",
    "arrays-and-uses", "run-typographic-quotes", "answer-hosted", "gitlab-extends",
    "choices", "conditions", "rst-ignores", "mdx-ignores", "rst-notes", "jupytext-cells", "jupytext-joined",
    "html-pre-blocks", "yaml-lists", "documented-options", "documented-columns", "documented-terms",
    "documented-plain-terms", "documented-headings", "documented-html", "documented-rst-terms", "documented-rst-tables",
    "txt-labels", "capitals", "base64-lines", "given-variables", "own-file", "html-tags", "two-keys",
    *(f"python-{name}" for name in _OF_PYTHON),
    *(f"followed-{name}" for name in _FOLLOWED),
)  # fmt: skip


def _lines_of(work: Callable[[], object]) -> int:
    """How many lines of Python some work runs."""
    count = 0

    def line(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += 1

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        return line

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def _checker(folder: Path) -> Checker:
    return Checker(Settings(folder), cwd=folder, environ={})


@pytest.mark.parametrize("name", _NAMES)
def test_the_work_grows_with_the_file(name: str, tmp_path: Path) -> None:
    """Close matches, short secrets, dictionaries, questions about a document: nothing is held against all else."""
    shape = next(shape for shape in SHAPES if shape.name == name)

    def work(size: int) -> Callable[[], object]:
        data = shape.make(size)
        return lambda: _checker(tmp_path).check(_checker(tmp_path).read(tmp_path / shape.path, data))

    size = _SMALL // 2 if name in _HEAVY and not THOROUGH else _SMALL
    work(size)()  # what is made once is not counted
    small, large = _lines_of(work(size)), _lines_of(work(size * _TIMES))
    assert large < small * _MOST


def _of_profiles(folder: Path, count: int) -> None:
    words = (f"{at * 0x9E3779B97F4A7C15 % (1 << 64):016x}" for at in range(1, count))
    names = [f"x{word.translate(LETTERS)}" for word in words]
    lines = [f"nemotron steps run sft/automodel -c tiny --batch {name[1:]}\n" for name in names]
    (folder / "a.sh").write_text("".join(lines), "utf-8")
    (folder / "env.toml").write_text("".join(f'[{name}]\nexecutor = "local"\n' for name in names), "utf-8")


def test_many_runs_with_many_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of misspelt profiles are not compared with hundreds of names each, and all get their suggestion."""
    compared = 0
    one = difflib.SequenceMatcher.set_seq1

    def counted(matcher: difflib.SequenceMatcher[str], name: str) -> None:
        nonlocal compared
        compared += 1
        one(matcher, name)

    monkeypatch.setattr(difflib.SequenceMatcher, "set_seq1", counted)
    _of_profiles(tmp_path, 900)
    checker = _checker(tmp_path)
    found = [item for item in checker.check(checker.read(tmp_path / "a.sh")) if item.rule == "unknown-profile"]
    assert len(found) == 899 and all("did you mean" in item.message for item in found)
    assert compared < 899 * 100


def test_many_runs_in_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`nemolint commands` does not look through all findings for each run."""
    monkeypatch.chdir(tmp_path)

    def work(count: int) -> Callable[[], object]:
        (tmp_path / "a.sh").write_text("nemotron steps run no/such -c <x>\n" * count, "utf-8")
        streams = Streams(sys.stdin.buffer, io.StringIO(), io.StringIO())
        request = Request(paths=("a.sh",))
        settings = Settings(tmp_path)
        tree = SettingsTree(lambda: settings)
        return lambda: commands(request, settings, streams, tree, mentions=False, format="json")

    work(50)()
    small, large = _lines_of(work(50)), _lines_of(work(50 * _TIMES))
    assert large < small * _MOST


def test_many_overrides_for_one_file(tmp_path: Path) -> None:
    """Thousands of overrides that hold for a file leave settings that are no longer than the list of rules."""
    overrides = tuple(
        SettingsOverride((f"*{at}*", "*.sh"), ("unknown-step",), ("missing-seed",), {"unknown-step": "info"})
        for at in range(3000)
    )
    last = SettingsOverride(
        ("a.sh",), extend_select=("unknown-step",), severity={"unknown-step": "error"}, preset="answer"
    )
    settings = Settings(tmp_path, ignore=("unknown-step",), severity={"missing-seed": "off"})
    got = settings._replace(overrides=(*overrides, last)).for_file(tmp_path / "a.sh")
    assert got.ignore == () and got.extend_select == ("missing-seed", "unknown-step")
    assert got.severity == {"unknown-step": "error"} and got.preset == "answer"
    assert settings.for_file(tmp_path / "a.sh") is settings


_WRITING = {
    "scripts": lambda number: f"echo '{_RUN}' > x{number}.sh",
    "scripts-looked-at": lambda number: f"echo '{_RUN}' > x{number}.sh\ncat x{number}.sh | wc -l",
    "copies": lambda number: f"cp x{number}.sh x{number + 1}.sh" if number else f"echo '{_RUN}' > x1.sh",
    "patterns": lambda number: f"echo '{_RUN}' > x{number}.sh; ls *{number}.sh",
    "folders": lambda number: f"bash -c 'cd a; {_RUN}'",
}
_RUN = "nemotron steps run sft/automodel -c tiny --dry-run"


@pytest.mark.parametrize("name", _WRITING)
def test_a_command_of_an_assistant(tmp_path: Path, name: str) -> None:
    """A command that writes thousands of scripts is judged before the deadline, after which it would run unchecked."""
    from nemolint.guard.payload import Payload
    from nemolint.guard.verdict import judge

    def lines(count: int) -> int:
        command = "\n".join(map(_WRITING[name], range(count)))
        return _lines_of(lambda: judge(Payload("claude", "command", folder=str(tmp_path), command=command)))

    lines(1)
    base = lines(0)
    assert lines(30 * _TIMES) - base < (lines(30) - base) * _MOST
