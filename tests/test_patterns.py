"""No regular expression takes the square of its text: shapes that once did, in the place where they are read.

And each means the same under every Python.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nemolint.base.patterns import compile_sound
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


# -- Pythons whose possessive repetitions are not sound


_GAP = r"(?:\s|\\\r?\n)++"
POSSESSIVE = [
    rf"(?:{_GAP}-\S++){{0,8}}+{_GAP}s", rf"(?:{_GAP}-\S++(?:{_GAP}(?!-|s)\S++)?+){{0,8}}+{_GAP}s",
    r"(?:(a|b)++-)*+(a)?", r"(?=(?:ab?+)++-)a",
    r"(?<![ab])(?:a(?:b|-)*+)++s", r"(?:a|(?:b\s)?+-)*+s|(?P<x>s)", r"(?i:(?:A|b)++-)?+B",
]  # fmt: skip


@pytest.mark.parametrize("source", POSSESSIVE)
@given(st.text(alphabet="ab-s \\\r\n", max_size=24))
def test_atomic_groups_take_the_place_of_possessive_repetitions(source: str, text: str) -> None:
    """What is compiled for a Python that gets these wrong matches as the expression is meant."""
    sound = compile_sound(source, unsound=True)
    # The meaning, by definition: what the greedy repetition takes first is never given back.
    meant = compile_sound(_spelled_out(source), unsound=False)
    assert sound.groupindex == meant.groupindex
    assert [(match.span(), match.groups()) for match in sound.finditer(text)] == [
        (match.span(), match.groups()) for match in meant.finditer(text)
    ]


def _spelled_out(source: str) -> str:
    """The expression with `(?>(?:X)*)` for each `(?:X)*+`."""
    closes = re.search(r"\)(\*|\+|\?|\{0,8\})\+", source)
    if closes is None:
        return source
    depth, begin = 0, closes.start()
    while True:
        depth += (source[begin] == ")") - (source[begin] == "(")
        if not depth:
            break
        begin -= 1
    group = source[begin : closes.start() + 1]
    return _spelled_out(f"{source[:begin]}(?>{group}{closes[1]}){source[closes.end() :]}")


def test_no_possessive_repetition_of_a_group_is_compiled_otherwise() -> None:
    """Wherever one is written, it goes through `lazily`."""
    root = Path(__file__).resolve().parents[1]
    for folder in ("lint", "rules"):
        for file in (root / folder).rglob("*.py"):
            if file.name == "patterns.py":
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.") and node.args:
                    source = ast.unparse(node.args[0])
                    assert not re.search(r"\)(?:[*+?]|\{[\d,]+\})\+", source), f"{file}:{node.lineno}"
