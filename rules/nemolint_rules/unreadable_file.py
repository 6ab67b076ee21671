"""The rule `unreadable-file`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, bad, good, rule


@rule(
    good("on:\n  push: {}\n", path="a.yaml"),
    bad(
        """
        run: b: c
              ^^^
        # nemotron steps run sft/automodel -c tiny
        """,
        path="a.yaml",
    ),
    group="tool",
    severity="warning",
    reports="broken-file",
    about="nothing",
)
def unreadable_file(document: Document) -> Iterator[Finding]:
    """Save a file as UTF-8, and in the syntax of its type.

    A file that is not UTF-8, a YAML, TOML or JSON file that does not parse, and a broken notebook cannot be read
    reliably. What can still be found in it line by line is checked, the rest is not.

    Fix the file at the place that the message names, or exclude it with the setting `exclude`.
    """
    return iter(())
