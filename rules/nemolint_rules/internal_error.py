"""The rule `internal-error`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, good, rule


@rule(
    good("nemotron steps run sft/automodel -c tiny --dry-run"),
    group="tool",
    severity="error",
    reports="failed-rule",
    about="nothing",
    final=True,
)
def internal_error(document: Document) -> Iterator[Finding]:
    """Report a rule that crashed to its author.

    A rule that raises an exception is a bug in nemolint or in a rule pack, never a fault of the file. The finding names
    the rule and the exception, with secrets masked; the other rules still run, and the exit code is 2. Turn the rule
    off (`--ignore RULE`) until it is fixed. Neither a suppression nor a baseline hides this finding.
    """
    return iter(())
