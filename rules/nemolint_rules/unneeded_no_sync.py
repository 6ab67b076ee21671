"""The rule `unneeded-no-sync`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Edit, Finding, Fix, Project, Span, StepRun, bad, caching, good, quoting, rule


@rule(
    good("uv run nemotron steps run sft/automodel -c tiny"),
    good("uv sync --all-extras\nuv run --no-sync nemotron steps run sft/automodel -c tiny"),
    bad(
        """
        uv run --no-sync nemotron steps run sft/automodel -c tiny
               ^^^^^^^^^
        """,
        fixed="uv run nemotron steps run sft/automodel -c tiny",
        severity="warning",
    ),
    group="optional",
    severity="warning",
    default=False,
)
def unneeded_no_sync(run: StepRun, project: Project) -> Iterator[Finding]:
    """Remove `--no-sync` unless the environment has just been synced.

    `uv run --no-sync` uses the environment as it is: packages that the lock file requires may be missing or outdated.
    It is meant for environments that are already synced, where syncing again would take time or drop what was added.

    Run `uv sync` earlier in the document, or remove the option.
    """
    words = run.command.words
    for index, word in enumerate(words):
        if word is run.words[0]:
            return
        if word.value == "--no-sync" and not word.derived and index > 0:
            synced = _sync(run.document)
            if synced is not None and synced < run.file_start:
                return
            span = Span(word.region, words[index - 1].end, word.end)
            fix = Fix("Remove it", (Edit(span, ""),)) if quoting.blank_between(words[index - 1], word) else None
            yield Finding(word.span, "`--no-sync` uses an environment that may be outdated: remove it", fix=fix)
            return


@caching.once_per_document
def _sync(document: Document) -> int | None:
    """Where the document first syncs the environment, as a file offset."""
    return min(
        (
            command.span.file_span()[0]
            for command in document.commands
            if command.name == "uv" and len(command.words) > 1 and command.words[1].value == "sync"
        ),
        default=None,
    )
