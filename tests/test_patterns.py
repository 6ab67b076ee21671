"""No regular expression takes the square of its text: shapes that once did, in the place where they are read."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hostile import RUN
from nemolint.engine import Checker
from nemolint.project.config import split_key
from nemolint.settings import Settings

_SMALL = 15_000
# Of four times the text: a square takes sixteen times as long, and these took seconds.
_MOST = 8.0
_NOISE = 0.3  # seconds; less says nothing about growth

_DASHES = "\u2011\u2212\u2013"
_ESCAPED = '"\\'
_ESCAPED_SINGLE = "'\\"
_STEP = "src/nemotron/steps/sft/automodel/config/a.yaml"
_ATTACKS: tuple[tuple[str, str, Callable[[int], str]], ...] = (
    ("open brackets in a key", "a.sh", lambda n: f"nemotron steps run sft/automodel '{'[aaa' * (n // 4)}=1'\n"),
    ("hashes of a comment", "a.py", lambda n: f"{'#' * n}\nimport os\nos.system('{RUN}')\n"),
    ("a long word that names no file", _STEP, lambda n: f"# {RUN} -{'c' * n}\nk: '-{'c' * n}'\n"),
    ("escaped quotes in a cell", "a.ipynb", lambda n: _cell(_ESCAPED * (n // 2))),
    ("escaped single quotes in a cell", "a.ipynb", lambda n: _cell(_ESCAPED_SINGLE * (n // 2))),
    ("dashes of all kinds", "a.sh", lambda n: f"nemotron steps run sft/automodel {_DASHES * (n // 3)}\n"),
    ("marks behind a word of confidence", "a.answer.md", lambda n: f"confidence{'`' * n} x\n\n```\n{RUN}\n```\n"),
    ("blanks behind a verb", "a.answer.md", lambda n: f"The run is{' ' * n}x\n\n```\n{RUN}\n```\n"),
    ("the info string of a fence", "a.md", lambda n: f"```{'a' * n}`\n```\n\n```bash\n{RUN}\n```\n"),
    (
        "a key without its colon",
        ".gitlab-ci.yml",
        lambda n: f"a{' ' * n}x\njob:\n  script:\n    - read x\n    - {RUN}\n",
    ),
    ("blanks before a suppression", "a.sh", lambda n: f"{' ' * n}x # nemolint: ignore[missing-dry-run] y\n{RUN}\n"),
    ("blanks behind a bracket", "a.py", lambda n: f"f({' ' * n}x\n# nemolint: ignore[missing-dry-run] y\n# {RUN}\n"),
    ("letters of an option", "a.sh", lambda n: f"bash -{'c' * n}1 '{RUN}'\nbash -{'s' * n}1 <<E\n{RUN}\nE\n"),
    ("letters of a trace option", "a.sh", lambda n: f"set -{'x' * n}1\nset +{'x' * n}1\necho $API_TOKEN\n{RUN}\n"),
    ("letters of a search", "a.sh", lambda n: f"env | grep -{'q' * n}1 x\n{RUN}\n"),
    ("blanks behind a function's name", "a.sh", lambda n: f"f() {' ' * n}x\n{RUN}\n"),
    ("the width of a field", "a.py", lambda n: f"import os\nos.system('nemotron steps run a/b %{'0' * n}!' % 1)\n"),
    ("blanks in front matter", "a.md", lambda n: f"---\na: nemotron{' ' * n}x\n---\n\n```\n{RUN}\n```\n"),
    ("blanks behind a quote", "a.py", lambda n: f"x = (\nos.system('{RUN}'{' ' * n}x\n"),
)


def _cell(line: str) -> str:
    import json

    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": f"{line}\n!{RUN}"}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    """All rules, far from any project."""
    return Checker(Settings(tmp_path, extend_select=("all",)), cwd=tmp_path, environ={})


@pytest.mark.parametrize(("path", "make"), [pytest.param(*rest, id=name) for name, *rest in _ATTACKS])
def test_time_grows_with_the_text(path: str, make: Callable[[int], str], checker: Checker) -> None:
    """Four times the text takes about four times as long."""

    def seconds(size: int) -> float:
        data = make(size).encode()
        begun = time.process_time()
        checker.check(checker.read(checker.cwd / path, data))
        return time.process_time() - begun

    seconds(10)  # what is loaded once
    small = seconds(_SMALL)
    large = seconds(4 * _SMALL)
    if large > max(_NOISE, _MOST * small):  # a busy machine: once more
        small, large = max(small, seconds(_SMALL)), min(large, seconds(4 * _SMALL))
    assert large < max(_NOISE, _MOST * small)
    assert not checker.internal_errors


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("a[b].c", ["a", "b", "c"]),
        ("a[b.c]", ["a", "b.c"]),
        ("a[b.c", ["a", "c"]),
        ("a[b][c.d", ["a", "b", "d"]),
        ("a].b[c]d", ["a]", "b", "c"]),
        ("[a", ["[a"]),
        ("a[b[c]", ["a", "b[c"]),
    ],
)
def test_brackets_in_keys(key: str, parts: list[str]) -> None:
    """What a bracket that nothing closes makes of a key has not changed with the time that it takes."""
    assert split_key(key) == parts
