"""`check_example`: runs a rule's example through the real engine, plain and wrapped into other containers.

For our own rules and for rule packs: a pack's test is

    @pytest.mark.parametrize(("rule", "example"), examples(load_pack("my_pack")))
    def test_rule(rule, example):
        check_example(rule, example)
"""

from __future__ import annotations

from nemolint.linter.examples import (
    check_example as check_example,
    examples as examples,
    fix_safety as fix_safety,
    reported_severities as reported_severities,
)
