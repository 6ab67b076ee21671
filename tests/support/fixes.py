"""Fixing a text: checking it, and checking what a fix leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nemolint.linter.checker import Checker
from nemolint.linter.fix import Fixed, FixState, fix_text
from nemolint.linter.loader import load_rules
from nemolint.settings import Settings

RULES = load_rules()


def checker_of(root: Path, *select: str, **settings: Any) -> Checker:
    """A checker of a folder, with these rules or those that are on by default."""
    return Checker(Settings(root, select=select or None, **settings), cwd=root, environ={}, rules=RULES)


def judge_of(checker: Checker, path: Path) -> Callable[[str], FixState]:
    """What checks a text as the file at this path."""

    def judge(text: str) -> FixState:
        document = checker.read(path, text.encode("utf-8", "surrogateescape"))
        return FixState(document, checker.check(document))

    return judge


def fixed(checker: Checker, path: Path, text: str, *, unsafe: bool = True) -> tuple[FixState, Fixed]:
    """What is found in a text, and what the fixes make of it."""
    judge = judge_of(checker, path)
    before = judge(text)
    return before, fix_text(before, judge, unsafe=unsafe, forget=checker.forget)
