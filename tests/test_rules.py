"""Every rule, every example, in every container. Nobody edits this file to add a rule."""

from __future__ import annotations

import pytest

from nemolint.linter.loader import load_rules
from nemolint.linter.rule import Example, Rule
from nemolint.testing import check_example, examples

RULES = load_rules()


def _named(rule: Rule, example: Example) -> str:
    """`RULE allows EXAMPLE` or `RULE reports EXAMPLE`, with the line of the example that it is about."""
    lines = example.text.split("\n")
    line = example.text.count("\n", 0, example.carets[0][0]) if example.carets else -1
    shown = lines[line].strip().removeprefix("nemotron steps run ") or lines[0]
    return f"{rule.name} {'allows' if example.good else 'reports'} {shown[:60]}"


CASES = [pytest.param(rule, example, id=_named(rule, example)) for rule, example in examples(RULES)]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example(rule: Rule, example: Example) -> None:
    """A rule reports what its examples say, at the very characters, and fixes as they say."""
    check_example(rule, example, RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_docs(rule: Rule) -> None:
    """A rule's docs begin with one sentence that stands alone, and the rule lives in the file of its name."""
    assert rule.summary.endswith("."), rule.summary
    assert len(rule.summary) <= 100, rule.summary
    assert rule.file.replace("\\", "/").endswith(f"/{rule.name.replace('-', '_')}.py")
    unknown = (rule.supersedes | rule.supersedes_run) - RULES.keys()
    assert not unknown, f"supersedes rules that do not exist: {sorted(unknown)}"
