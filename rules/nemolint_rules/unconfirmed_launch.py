"""The rule `unconfirmed-launch`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Document,
    Finding,
    Project,
    answers,
    bad,
    callouts,
    confirmation,
    good,
    launch_cost,
    misspellings,
    rule,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_DRY = "nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft"
_LAUNCH = "nemotron steps run sft/automodel -c tiny --batch slurm_sft"
_BOTH = f"```bash\n{_DRY}\n{_LAUNCH}\n```"


@rule(
    good(f"{_BOTH}\n\nPlease confirm before the second one: it takes 16 GPUs.", path="a.answer.md"),
    good(f"```bash\n{_DRY}\n```\n\nShall I launch it?\n\n```bash\n{_LAUNCH}\n```", path="a.answer.md"),
    good(f"{_BOTH}\n\nI will not launch this without your approval.", path="a.answer.md"),
    good(f"```bash\n{_DRY}\n```", path="a.answer.md"),
    good(f"**Blocked** until there is an env TOML. Then:\n\n{_BOTH}", path="a.answer.md"),
    good(f'```bash\n{_DRY}\nread -p "Launch? " go\n{_LAUNCH}\n```', path="a.answer.md"),
    good(_BOTH, path="a.answer.md", prompt="Only the commands, please."),
    good(_BOTH, path="a.answer.md", prompt="The dry run was fine and I confirm the launch: what do I run?"),
    good("```bash\nnemotron steps run data_prep/sft_packing -c tiny\n```", path="a.answer.md"),
    good("```bash\nnemotron steps run sft/automodel -c tiny --dryrun --batch slurm_sft\n```", path="a.answer.md"),
    good("```bash\nnemotron --dry-run steps run sft/automodel -c tiny\n```", path="a.answer.md"),
    good('```bash\nnemotron steps run sft/automodel -c tiny "$@"\n```', path="a.answer.md"),
    good(f"Use `{_DRY}`.", path="a.answer.md"),
    good(f"{_BOTH}\n\nBitte bestätigen Sie den Start: Er belegt 16 GPUs.", path="a.answer.md"),
    good(f"{_BOTH}\n\n请在启动之前确认,这会占用 16 块 GPU。", path="a.answer.md"),
    bad(
        f"""
        Um zu bestätigen, dass die Config stimmt, zuerst der Probelauf, und dann der Start:

        ```bash
        {_DRY}
        {_LAUNCH}
                           ^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="error",
    ),
    bad(
        f"""
        First the dry run, to confirm that the config compiles:

        ```bash
        {_DRY}
        ```

        Then launch it:

        ```bash
        {_LAUNCH}
                           ^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="error",
        message="confirm",
    ),
    bad(
        f"""
        ```bash
        {_DRY}
        {_LAUNCH}
                           ^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        prompt="How do I launch it? I have not confirmed the launch yet.",
    ),
    bad(
        """
        No confirmation is needed.

        ```bash
        nemotron steps run sft/automodel -c tiny
                           ^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="warning",
    ),
    bad(
        """
        ```bash
        nemotron steps run byob/mcq -c tiny
                           ^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="warning",
    ),
    group="callouts",
    answers_only=True,
    about="run",
)
def unconfirmed_launch(document: Document, project: Project) -> Iterator[Finding]:
    """Ask the reader to confirm before an expensive launch.

    A run without `--dry-run` of a step that uses GPUs or calls hosted models costs money as soon as it is pasted. An
    answer that recommends it should say what it uses and ask for confirmation, even after a dry run. An answer marked
    Blocked recommends nothing yet, and a question that confirms the launch need not be asked again.
    """
    if answers.answers_with_command(document) or answers.is_blocked(document) or callouts.asks_to_confirm(document):
        return
    if document.prompt and callouts.confirms_launch(document.prompt):
        return
    for run in callouts.command_runs(document):
        cost = launch_cost.of_run(run, project)
        if cost is None or confirmation.asks_first(run):
            continue
        if misspellings.lost_dry_run(run, project) is not None or misspellings.misplaces(run, "dry_run"):
            continue  # it was meant to launch nothing
        severity: Literal["error", "warning"] = "error" if cost == "gpu" and run.profile is not None else "warning"
        step = run.step.value if run.step is not None else "this"
        what = "uses GPUs" if cost == "gpu" else "calls hosted models"
        yield Finding(
            callouts.place_of(run),
            f"`{step}` {what}: ask the reader to confirm before launching it",
            severity=callouts.doubtful(document) or severity,
        )
        return
