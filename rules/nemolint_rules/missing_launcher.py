"""The rule `missing-launcher`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Edit, Finding, Fix, Project, StepRun, bad, caching, good, rule


@rule(
    good("uv run nemotron steps run sft/automodel -c tiny"),
    good("uv run --no-sync nemotron steps run sft/automodel -c tiny"),
    good("./.venv/bin/nemotron steps run sft/automodel -c tiny"),
    good("source .venv/bin/activate\nnemotron steps run sft/automodel -c tiny"),
    bad(
        """
        nemotron steps run sft/automodel -c tiny
        ^^^^^^^^
        """,
        fixed="uv run nemotron steps run sft/automodel -c tiny",
        severity="warning",
    ),
    group="optional",
    severity="warning",
    default=False,
)
def missing_launcher(run: StepRun, project: Project) -> Iterator[Finding]:
    """Start the CLI with `uv run`.

    Without it the shell runs the first `nemotron` on `PATH`, if any, rather than the one in the project's locked
    environment.

    Write `uv run nemotron …`, activate the environment earlier in the script, or give the path of the command.
    """
    first = run.words[0]
    if run.launcher or "/" in first.value or first.derived or first.expansion:
        return
    activated = _activation(run.document)
    if activated is not None and activated < run.file_start:
        return
    fix = Fix("Add `uv run`", (Edit(first.span.sub(0, 0), "uv run "),))
    yield Finding(first.span, "`nemotron` is looked up on `PATH`: start it with `uv run nemotron`", fix=fix)


@caching.once_per_document
def _activation(document: Document) -> int | None:
    """Where the document first activates an environment, as a file offset."""
    return min(
        (
            command.span.file_span()[0]
            for command in document.commands
            if command.name in ("source", ".", "conda", "mamba")
            and any("activate" in word.value for word in command.words[1:])
        ),
        default=None,
    )
