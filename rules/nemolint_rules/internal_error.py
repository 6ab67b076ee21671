"""The rule `internal-error`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, good, rule


@rule(
    good("nemotron steps run sft/automodel -c tiny --dry-run"),
    group="tool",
    severity="error",
    reports="failed-rule",
    final=True,
)
def internal_error(document: Document) -> Iterator[Finding]:
    """Report a rule that failed to its author.

    A rule that raises is a fault of nemolint or of a rule pack, never of the file. The finding names the rule and what
    it said, secrets masked; the other rules go on, and the exit code is 2. Turn the rule off (`--ignore RULE`) until
    it is mended. No suppression and no baseline hides this.
    """
    return iter(())
