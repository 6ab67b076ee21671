"""Every rule, every example, in every container. Nobody edits this file to add a rule."""

from __future__ import annotations

import pytest

from nemolint.linter.loader import load_rules
from nemolint.linter.rule import Example, Rule
from nemolint.testing import check_example, examples

RULES = load_rules()
CASES = [
    pytest.param(rule, example, id=f"{rule.name}-{number}-{'good' if example.good else 'bad'}")
    for number, (rule, example) in enumerate(examples(RULES))
]


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
