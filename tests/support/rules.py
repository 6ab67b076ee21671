"""Rules that the tests make up."""

from __future__ import annotations

import inspect
from typing import Any

from nemolint.linter.rule import Rule


def stub(name: str, **more: Any) -> Rule:
    """A rule that reports nothing by itself, an error on every surface."""
    given: dict[str, Any] = {
        "visits": "Document",
        "function": lambda document: (),
        "group": "tool",
        "severity": dict.fromkeys(("script", "doc", "comment", "answer"), "error"),
        "examples": (),
        "takes_project": False,
    }
    return Rule(name=name, **given | more)


def other(rule: Rule, **changed: Any) -> Rule:
    """A rule that differs from another one in this."""
    names = inspect.signature(Rule).parameters
    return Rule(**{name: value for name, value in vars(rule).items() if name in names} | changed)
