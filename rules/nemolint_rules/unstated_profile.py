"""The rule `unstated-profile`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Document,
    Finding,
    Project,
    StepRun,
    answers,
    bad,
    callouts,
    good,
    lazily,
    placeholders,
    profile_in_force,
    rule,
)

_ENV = '[slurm_sft]\nexecutor = "slurm"\nnodes = 1\n'
_RUN = "nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft"
_SOURCE = lazily(r"NEMOTRON_ENV_FILE|\benv[\w.-]*\.toml\b|[\w-]\.env\.toml\b|(?i:\bTOML\b)")


@rule(
    good(f"Profile `slurm_sft` of `env.toml`.\n\n```bash\n{_RUN}\n```", path="a.answer.md", files={"env.toml": _ENV}),
    good(f"`NEMOTRON_ENV_FILE` names the file.\n\n```bash\n{_RUN}\n```", path="a.answer.md", files={"env.toml": _ENV}),
    good(f"```bash\n{_RUN}\n```", path="a.answer.md", files={"env.toml": _ENV}, prompt="Give me only the command."),
    good(
        f"The cluster is described [here](cluster.md).\n\n```bash\n{_RUN}\n```",
        path="a.answer.md",
        files={"env.toml": _ENV, "cluster.md": "Profiles stand in `env.toml`.\n"},
    ),
    good(
        "```bash\nnemotron steps run env/env_toml -c slurm\n"
        "nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft_automodel\n```",
        path="a.answer.md",
    ),
    good("```bash\nnemotron steps run sft/automodel -c tiny --dry-run\n```", path="a.answer.md"),
    good("```bash\nnemotron steps run sft/automodel -c tiny --dry-run --batch '<profile>'\n```", path="a.answer.md"),
    good(f"```bash\n{_RUN}\n```", path="a.answer.md"),  # `missing-env-file` reports it
    bad(
        f"""
        Repo-grounded.

        ```bash
        {_RUN}
                                                                   ^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        files={"env.toml": _ENV},
        severity="error",
        message="`slurm_sft`",
    ),
    bad(
        """
        ```bash
        nemotron steps run sft/automodel -c tiny --dry-run --run "$PROFILE"
                                                                 ^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
    ),
    bad(
        f"""
        ```bash
        {_RUN}
                                                                   ^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        settings={"profiles": ("slurm_sft",)},
    ),
    group="callouts",
    answers_only=True,
    about="run",
)
def unstated_profile(document: Document, project: Project) -> Iterator[Finding]:
    """Say which profile a remote run uses and where it comes from.

    `--batch` and `--run` need a profile, a table of the env TOML that `NEMOTRON_ENV_FILE` names, or of `env.toml`. That
    file is not part of a checkout, so readers have to know which one is meant before the command can work. Name the
    file, or the variable, next to the profile. Where there is no env TOML at all, `missing-env-file` reports that
    instead.
    """
    if answers.answers_with_command(document) or profile_in_force.generated_env_files(document, project):
        return
    for run in callouts.command_runs(document):
        value = run.profile
        if value is None or _left_to_others(run, project):
            continue
        if any(_SOURCE.search(text) for text in callouts.said(document, project)):
            return
        yield Finding(
            value.span,
            f"say where the profile `{value.text}` comes from: name its env TOML, or `NEMOTRON_ENV_FILE`",
            severity=callouts.doubtful(document),
        )
        return


def _left_to_others(run: StepRun, project: Project) -> bool:
    """True for a profile that other rules report: a placeholder, a misspelled option, or no env TOML at all."""
    value = run.profile
    if value is None or not value.known:
        return False
    if (
        placeholders.is_metavariable(value.text)
        or placeholders.value_has(value)
        or placeholders.mine(value.text)
        or profile_in_force.literal_profile(run) is None
    ):
        return True
    return value.text not in project.profiles and profile_in_force.env_state(run, project).kind == "none"
