"""The rule `unused-suppression`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, bad, good, rule

_ALL = {"select": ("unused-suppression", "repeated-override")}


@rule(
    good(
        "nemotron steps run sft/automodel seed=1 seed=2  # nemolint: ignore[repeated-override] shown on purpose",
        settings=_ALL,
    ),
    good("nemotron steps run sft/automodel seed=1  # nemolint: ignore[inlined-secret] not selected", settings=_ALL),
    bad(
        """
        nemotron steps run sft/automodel seed=1  # nemolint: ignore[repeated-override]
                                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel seed=1",
        path="a.sh",
        settings=_ALL,
        severity="warning",
    ),
    group="tool",
    severity="warning",
    reports="idle-suppression",
    about="nothing",
    unnecessary=True,
)
def unused_suppression(document: Document) -> Iterator[Finding]:
    """Remove unused suppressions.

    A `# nemolint: ignore[…]` that no longer suppresses a finding hides the next one that appears on its line. Only
    selected rules are considered: a suppression of a rule that is not selected may be used elsewhere.

    The findings are created where suppressions are applied, after all other rules have run.
    """
    return iter(())
