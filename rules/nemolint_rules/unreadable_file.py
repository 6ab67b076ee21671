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
)
def unreadable_file(document: Document) -> Iterator[Finding]:
    """Save a file in the encoding and the syntax that its name promises.

    A file that is not UTF-8, a YAML, TOML or JSON file that does not parse, and a broken notebook cannot be read for
    sure. What can still be found in it line by line is checked, the rest is not.

    Correct the file at the place that the message names, or leave it out with the setting `exclude`.
    """
    return iter(())
