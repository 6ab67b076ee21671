"""The rule `unread-env-file`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Finding, Project, StepRun, bad, good, profile_in_force, rule

_SLURM = '[slurm_sft]\nexecutor = "slurm"\n'


@rule(
    good(
        "export NEMOTRON_ENV_FILE=env.slurm.toml\nnemotron steps run sft/automodel --batch slurm_sft",
        files={"env.slurm.toml": _SLURM},
    ),
    good(
        "NEMOTRON_ENV_FILE=env.slurm.toml nemotron steps run sft/automodel --batch slurm_sft",
        files={"env.slurm.toml": _SLURM},
    ),
    good(
        "nemotron steps run sft/automodel --batch slurm_sft",
        files={"env.slurm.toml": _SLURM, "env.toml": _SLURM},
    ),
    good(
        "mv env.slurm.toml env.toml\nnemotron steps run sft/automodel --batch slurm_sft",
        files={"env.slurm.toml": _SLURM},
    ),
    good(
        "nemotron steps run env/env_toml -c slurm output_path=env.toml\n"
        "nemotron steps run sft/automodel --batch slurm_sft_automodel"
    ),
    good(
        "nemotron steps run env/env_toml -c slurm\n"
        "export NEMOTRON_ENV_FILE=env.slurm.toml\n"
        "nemotron steps run sft/automodel --batch slurm_sft_automodel"
    ),
    good("nemotron steps run env/env_toml -c slurm\nnemotron steps run sft/automodel --batch somewhere_else"),
    good(
        "Generate it, then set `NEMOTRON_ENV_FILE` to the file:\n\n"
        "```bash\nnemotron steps run env/env_toml -c slurm\n"
        "nemotron steps run sft/automodel --batch slurm_sft_automodel\n```",
        path="page.md",
    ),
    bad(
        """
        nemotron steps run sft/automodel --batch slurm_sft
                                                 ^^^^^^^^^
        """,
        files={"env.slurm.toml": _SLURM},
        severity="error",
        message="export NEMOTRON_ENV_FILE=env.slurm.toml",
    ),
    bad(
        """
        nemotron steps run sft/automodel --run=slurm_sft
                                               ^^^^^^^^^
        """,
        files={"env.slurm.toml": _SLURM, "env.toml": '[other]\nexecutor = "local"\n'},
        message="env.toml has no such profile",
    ),
    bad(
        """
        nemotron steps run env/env_toml -c slurm
        nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel
                                                         ^^^^^^^^^^^^^^^^^^^
        """,
        message="export NEMOTRON_ENV_FILE=env.slurm.toml",
    ),
    bad(
        """
        nemotron steps run env/env_toml -c lepton output_path=env.site.toml
        nemotron steps run sft/automodel -c tiny --batch lepton_sft_automodel
                                                         ^^^^^^^^^^^^^^^^^^^^
        """,
        message="export NEMOTRON_ENV_FILE=env.site.toml",
    ),
    bad(
        """
        ```bash
        nemotron steps run env/env_toml -c slurm
        nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft_automodel
                                                                   ^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        prompt="I do not have an env TOML file here. Give me the remote command.",
        message="export NEMOTRON_ENV_FILE=env.slurm.toml",
    ),
    group="profiles",
    supersedes=("unknown-profile", "missing-env-file"),
    about="profile",
)
def unread_env_file(run: StepRun, project: Project) -> Iterator[Finding]:
    """Export `NEMOTRON_ENV_FILE` if the profile is in a file other than `env.toml`.

    `env/env_toml` writes `env.slurm.toml`, `env.lepton.toml` or `env.dgxcloud.toml`, but the CLI reads only the file
    that `NEMOTRON_ENV_FILE` names, else `env.toml`. Without the export the profile is not found. Export the variable
    before the run, or write the profiles to `env.toml`.
    """
    value = profile_in_force.literal_profile(run)
    if value is None:
        return
    name = value.text
    state = profile_in_force.env_state(run, project)
    if state.kind == "unknown" or state.export is not None or name in state.names or name in project.profiles:
        return
    path = next((file.path for file in project.candidates() if name in file.names), None)
    path = path or profile_in_force.generated_holder(run, project, name)
    if path is None or profile_in_force.moves_file(run.document, path, run.file_start):
        return
    if state.kind == "file":
        because = f"{state.how} has no such profile"
    else:
        because = state.how or "the CLI reads only `env.toml` by default"
    yield Finding(
        value.span,
        f"profile `{name}` is in {path}, but {because}: run `export {profile_in_force.ENV_VARIABLE}={path}` first",
    )
