"""No regular expression takes the square of its text: shapes that once did, in the place where they are read.

And each means the same under every Python.
"""

from __future__ import annotations

import ast
import pkgutil
import re
import string
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from re._compiler import compile
from re._constants import ANY, IN, LITERAL, MAX_REPEAT, MAXREPEAT, NOT_LITERAL
from re._parser import SubPattern, parse
from typing import Any

import pytest
from hypothesis import given, strategies as st

import nemolint
import nemolint_rules
from nemolint.base.patterns import compile_sound
from nemolint.linter.checker import Checker
from nemolint.project.overrides import split_key
from nemolint.settings import Settings
from support.hostile import ATTACKS, Shape

_ONE = (ANY, IN, LITERAL, NOT_LITERAL)  # what takes one character
_SIZE = 100_000  # a square took seconds for a tenth of it


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    """All rules, far from any project."""
    return Checker(Settings(tmp_path, extend_select=("all",)), cwd=tmp_path, environ={})


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_part_is_looked_at_over_and_over(attack: Shape, checker: Checker) -> None:
    """A check comes to its end. With the square of the text's length it would take minutes (the benchmarks time it)."""
    document = checker.read(Path(checker.cwd, attack.path), attack.make(_SIZE))
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


def test_no_character_is_looked_for_among_its_like() -> None:
    """`X*yX*` with a y that is an X has as many ways as there are y: y is kept out of the first repetition."""
    wrong = []
    for package in (nemolint, nemolint_rules):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if info.name.startswith("nemolint.testing") or info.name.endswith("__main__"):
                continue
            for name, value in vars(import_module(info.name)).items():
                source = getattr(value, "pattern", None)
                if isinstance(source, str) and hasattr(value, "fullmatch"):
                    wrong += [f"{info.name}.{name}" for _ in _ambiguous(parse(source, value.flags))]
    assert not wrong
    for source in (r"-[A-Za-z]*[qc][A-Za-z]*", r"(?:a|.*/.*)", r"x\s+(?:\S*[/.]\S+y)?"):
        assert list(_ambiguous(parse(source)))


def _ambiguous(tree: Any) -> Iterator[Any]:
    """Each part of a parsed expression that a repetition of it stands before and behind of."""
    for first, middle, last in zip(tree, tree[1:], tree[2:], strict=False):
        if middle[0] in _ONE and all(
            code == MAX_REPEAT and argument[1] == MAXREPEAT for code, argument in (first, last)
        ):
            takes = [_taken_by(tree.state, part) for part in (first[1][2][0], middle, last[1][2][0])]
            if len(first[1][2]) == len(last[1][2]) == 1 and set.intersection(*takes):
                yield middle
    for _, argument in tree:
        for part in argument if isinstance(argument, tuple) else (argument,):
            for item in part if isinstance(part, list) else (part,):
                if isinstance(item, SubPattern):
                    yield from _ambiguous(item)


def _taken_by(state: Any, part: Any) -> set[str]:
    pattern = compile(SubPattern(state, [part])) if part[0] in _ONE else None
    return {char for char in string.printable if pattern is not None and pattern.fullmatch(char)}


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
