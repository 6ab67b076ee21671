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
    group="tool",
    severity="warning",
)
def unknown_rule(document: Document) -> Iterator[Finding]:
    """Name rules that exist in a suppression.

    A misspelt name in `# nemolint: ignore[…]` waives nothing, so that the finding stays and nobody sees why.
    `nemolint rules` lists the names.

    The findings are made where suppressions are applied, after all other rules have spoken.
    """
    return iter(())
