"""The rule `unparsed-shell`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, bad, good, rule


@rule(
    good("echo 'nemotron steps run sft/automodel'\nnemotron steps run sft/automodel -c tiny"),
    bad(
        """
        echo 'begun
        "nemotron steps run sft/automodel -c tiny
         ^^^^^^^^
        """,
        path="a.sh",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -d "seed=1
                                                    ^
        """,
        path="a.sh",
        message="this quote is never closed",
    ),
    group="tool",
    metric="contract",
    severity="warning",
    reports="broken-shell",
    about="nothing",
)
def unparsed_shell(document: Document) -> Iterator[Finding]:
    """Close open quotes, so that the command can be parsed.

    A line names `nemotron steps run`, but the shell text around it cannot be parsed, so no rule has checked the
    command. Or a quote in the command is never closed, so its words are a guess. Nothing is skipped silently: each
    place that names the command is a run, a mention, a comment, data, or reported here. A command in a variable or an
    alias of a shell that nemolint does not follow (fish, csh, PowerShell, a magic of a notebook) is information only.
    So is `$CLI steps run …` in a script if nothing says what `$CLI` is: it may be the command, and was not checked.
    So is a text that looks like a command where nothing says how it is run: a setting under a key that may be anything,
    a line of a page that is not marked as code, an alias that the file does not use, a program in JavaScript or Ruby.

    Look for an unclosed quote or bracket above the line. If the shell does accept the text, this is a bug in nemolint:
    please report it.
    """
    return iter(())
