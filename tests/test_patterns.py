"""No regular expression takes the square of its text: shapes that once did, in the place where they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from nemolint.linter.checker import Checker
from nemolint.project.overrides import split_key
from nemolint.settings import Settings
from support.hostile import ATTACKS, Shape

_SIZE = 100_000  # a square took seconds for a tenth of it


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    """All rules, far from any project."""
    return Checker(Settings(tmp_path, extend_select=("all",)), cwd=tmp_path, environ={})


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_part_is_looked_at_over_and_over(attack: Shape, checker: Checker) -> None:
    """A check comes to its end. With the square of the text's length it would take minutes (the benchmarks time it)."""
    document = checker.read(checker.cwd / attack.path, attack.make(_SIZE))
    found = checker.check(document)
    assert not checker.internal_errors
    assert all(0 <= item.start <= item.end <= len(document.text) for item in found if item.path == document.path)


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
