"""Patterns of `.gitignore`: what git says, and no pattern that takes ages."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from nemolint.base.gitignore import IgnorePatterns
from support.command import execute, git

_NAMES = ("a", "b", "ab", "a.b", "aab", "ba", "a b", "[a]", "!a", "-", "b]", "#a")
_PATHS = [f"{one}/{two}/{three}" for one in ("a", "ab", "b") for two in ("a", "ba", "a.b") for three in _NAMES]
_BITS = (
    "a", "b", "*", "?", "/", "/**/", "**/", "/**", "[ab]", "[!a]", "[^b]", "[a-c]", "[b-a]", "[", "[]a]", "[\\]]", "]",
    "-", ".", " ", "!", "#", "[[:alpha:]]", "[a-]", "\\a", "\\*", "[!/]",
)  # fmt: skip
_LINES = st.lists(
    st.tuples(st.sampled_from(("", "", "!", "/")), st.lists(st.sampled_from(_BITS), min_size=1, max_size=6)).map(
        lambda parts: parts[0] + "".join(parts[1])
    ),
    min_size=1,
    max_size=3,
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with files of all those names, on two levels."""
    root = tmp_path_factory.mktemp("tree")
    for name in (*_PATHS, "-", "#a", "!a", "a b"):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    git(root, "init", "-q")
    return root


def _ignored(tree: Path, lines: list[str], names: list[str]) -> dict[str, bool]:
    """What git says of each path."""
    (tree / ".git" / "info" / "exclude").write_text("\n".join(lines) + "\n", "utf-8")
    call = ["git", "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"]
    fields = execute(call, tree, stdin="\0".join(names) + "\0").out.split("\0")
    rows = [fields[at : at + 4] for at in range(0, len(fields) - 3, 4)]
    return {path: bool(pattern) and not pattern.startswith("!") for _, _, pattern, path in rows}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=_LINES)
def test_patterns_match_what_git_matches(tree: Path, lines: list[str]) -> None:
    """Every kind of pattern, alone and with others, on files and folders: git is the oracle."""
    found = sorted(path for path in tree.rglob("*") if ".git" not in path.parts)
    names = [path.relative_to(tree).as_posix() for path in found]
    said = _ignored(tree, lines, names)
    # git reads `a**` with text before the stars as if that text were not part of the pattern.
    if any("**" in line.replace("/**", "").removeprefix("!").removeprefix("**") for line in lines):
        return
    patterns = IgnorePatterns(lines)
    ours = {name: patterns.match(name, path.is_dir()) for name, path in zip(names, found, strict=True)}
    assert ours == said


@pytest.mark.parametrize(
    "pattern", ["*a" * 40 + "*b", "**/" * 40 + "*b", "**/a/" * 40 + "b", "*a*b/" * 40, "[a-z]*" * 60 + "b"]
)
def test_no_pattern_takes_ages(pattern: str) -> None:
    """Dozens of stars against a long path that nearly matches: going back over them would never end."""
    assert not IgnorePatterns([pattern]).match("a" * 200 + "/" + "a/" * 400 + "a" * 200 + "1", False)


def test_a_pattern_longer_than_any_path_matches_nothing() -> None:
    """A megabyte of stars is not even compiled."""
    assert not IgnorePatterns(["*a" * 500_000, "!" + "b" * 5000]).match("aaa", False)


def test_blanks_and_comments() -> None:
    """A blank behind a pattern is layout unless a backslash keeps it; a comment is not a pattern."""
    assert IgnorePatterns(["a  "]).match("a", False)
    assert IgnorePatterns(["a\\ "]).match("a ", False)
    assert not IgnorePatterns(["#a", "", "/"]).match("#a", False)
    assert IgnorePatterns(["\\#a", "*.md\r\n"]).match("x/#a", False) and IgnorePatterns(["*.md\r\n"]).match(
        "x/b.md", False
    )
