"""The rule `unstated-faith-handoff`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, Project, StepRun, answers, bad, callouts, good, page_text, rule

_VALUES = "input_path=/in output_dir=/out source_language=en target_language=hi server.model=m"
_OFF = f"nemotron steps run translate/nemo_curator {_VALUES} --dry-run faith_eval.enabled=false"
_ON = f"nemotron steps run translate/nemo_curator {_VALUES} --dry-run faith_eval.enabled=true"
_DEFAULT = f"nemotron steps run translate/nemo_curator {_VALUES} --dry-run"


@rule(
    good(f"```bash\n{_OFF}\n```", path="a.answer.md"),
    good(
        f"```bash\n{_ON}\n```\n\nScores are written into each record below `/out`; rows below the threshold are kept "
        "for review.",
        path="a.answer.md",
    ),
    good(f"```bash\n{_ON}\n```", path="a.answer.md", prompt="I only want the command."),
    good(
        f"[Scores](faith.md)\n\n```bash\n{_ON}\n```",
        path="a.answer.md",
        files={"faith.md": "The scores are stored in the column `faith_avg`.\n\nLow ones are dropped.\n"},
    ),
    good("```bash\nnemotron steps run byob/mcq -c tiny --dry-run\n```", path="a.answer.md"),
    good(
        f"FAITH scoring is on; its scores are written beside each row. Filter on them.\n\n```bash\n{_ON}\n```",
        path="a.answer.md",
    ),
    bad(
        f"""
        ```bash
        {_ON}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="warning",
        message="where the scores are written, and whether rows with low scores are kept",
    ),
    bad(
        f"""
        FAITH is on, and its scores are written to a column of each record.

        ```bash
        {_DEFAULT}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="warning",
        message="say whether rows with low scores",
    ),
    bad(
        f"""
        ```bash
        {_DEFAULT}
                           ^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="info",
        message="by default",
    ),
    group="callouts",
    severity="warning",
    answers_only=True,
    about="run",
)
def unstated_faith_handoff(document: Document, project: Project) -> Iterator[Finding]:
    """Say what happens to the FAITH scores of a translation.

    With `faith_eval.enabled=true`, which is the default, a second model scores every row, and with
    `faith_eval.filter_enabled` rows below the threshold are dropped. Whoever uses the result has to know whether
    scoring is on, where the scores are written, and whether rows with low scores are kept, filtered or reviewed. A
    command that scores only by default is reported as info, and so is an answer that speaks of FAITH in a language
    other than English.
    """
    if answers.answers_with_command(document):
        return
    for run in callouts.command_runs(document):
        if not _scores(run, project):
            continue
        explicit = any(override.key.startswith("faith_eval.") for override in run.overrides)
        gaps = callouts.faith_gaps(
            callouts.said(document, project), set_in_command=run.override("faith_eval.enabled") is not None
        )
        if gaps:
            listed = gaps[0] if len(gaps) == 1 else f"{', '.join(gaps[:-1])}, and {gaps[-1]}"
            # What a text in another language says of the scores is not read.
            foreign = callouts.language(document) != "en" and "faith" in page_text.outside_runs(document).lower()
            asked = explicit or "faith" in f"{page_text.outside_runs(document)}\n{document.prompt or ''}".lower()
            yield Finding(
                callouts.place_of(run),
                f"FAITH scores the translation{'' if explicit else ' by default'}: say {listed}",
                severity=callouts.doubtful(document, says=False) if asked and not foreign else "info",
            )
            return


def _scores(run: StepRun, project: Project) -> bool:
    """True if the effective config turns FAITH scoring on."""
    effective = project.effective(run)
    if effective is not None:
        return effective.exact and effective.get("faith_eval.enabled") is True
    override = run.override("faith_eval.enabled")
    return override is not None and override.value.text.lower() == "true"
