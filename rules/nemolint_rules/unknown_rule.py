"""The rule `unknown-rule`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, bad, good, rule


@rule(
    good("nemotron steps run sft/automodel seed=1  # nemolint: ignore[unknown-rule] the name of a rule"),
    bad(
        """
        nemotron steps run sft/automodel seed=1  # nemolint: ignore[unknown-rul]
                                                                    ^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel seed=1  # nemolint: ignore[unknown-rule]",
        path="a.sh",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run sft/automodel seed=1  # nemolint: disable[unknown-rule]
                                                             ^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel seed=1  # nemolint: ignore[unknown-rule]",
        path="a.sh",
        message="unknown directive `disable`",
    ),
    bad(
        """
        nemotron steps run sft/automodel seed=1  # nemolint: ignore[contract]
                                                                    ^^^^^^^^
        """,
        path="a.sh",
        message="is a group",
    ),
    good("nemotron steps run sft/automodel seed=1  # nemolint: skip this one, it says", path="a.sh"),
    group="tool",
    severity="warning",
    reports="misread-suppression",
    about="nothing",
)
def unknown_rule(document: Document) -> Iterator[Finding]:
    """Name existing rules in a suppression.

    A misspelled name in `# nemolint: ignore[…]` suppresses nothing, and it is hard to see why the finding is still
    reported. The same goes for the name of a group, another tool's keyword (`disable`, `noqa`), and `NEMOLINT:` in
    capitals. `nemolint rules` lists the names.

    The findings are created where suppressions are applied, after all other rules have run.
    """
    return iter(())
