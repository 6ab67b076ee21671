"""The rule `unknown-profile`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Edit,
    Finding,
    Fix,
    Project,
    StepRun,
    Value,
    and_list,
    answers,
    bad,
    close_matches,
    good,
    or_list,
    placeholders,
    profile_in_force,
    rule,
)

_ENV = """
[slurm_base]
executor = "slurm"

[slurm_sft]
extends = "slurm_base"
nodes = 1
"""
_MOST_LISTED = 6


@rule(
    good("nemotron steps run sft/automodel -c tiny --batch slurm_sft", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c tiny --batch=", files={"env.toml": _ENV}),
    good('nemotron steps run sft/automodel -c tiny --batch "$PROFILE"', files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c tiny --batch YOUR-CLUSTER", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c tiny --batch my-cluster", files={"env.toml": _ENV}),
    good(
        "nemotron steps run sft/automodel -c tiny --batch h100",
        files={"env.toml": _ENV},
        settings={"profiles": ("h100",)},
    ),
    good("nemotron steps run sft/automodel -c tiny --batch h100"),
    good("nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel"),
    good("nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel_2"),
    good(
        "export NEMOTRON_ENV_FILE=env.slurm.toml\nnemotron steps run sft/automodel -c tiny --batch big",
        files={"env.toml": _ENV, "env.slurm.toml": '[big]\nexecutor = "slurm"\n'},
    ),
    good(
        "export NEMOTRON_ENV_FILE=$SITE/env.toml\nnemotron steps run sft/automodel -c tiny --batch big",
        files={"env.toml": _ENV},
    ),
    good(
        "cat >> env.toml <<'EOF'\n[extra]\nexecutor = \"slurm\"\nEOF\nnemotron steps run sft/automodel --batch extra",
        files={"env.toml": _ENV},
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --batch slurm_sfy
                                                         ^^^^^^^^^
        """,
        files={"env.toml": _ENV},
        fixed="nemotron steps run sft/automodel -c tiny --batch slurm_sft",
        severity="error",
        message="`--batch slurm_sfy` does not name a profile in env.toml: did you mean `slurm_sft`?",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -r lepton
                                                    ^^^^^^
        """,
        files={"env.toml": _ENV},
        message="it has `slurm_base` and `slurm_sft`",
    ),
    bad(
        """
        NEMOTRON_ENV_FILE=env.slurm.toml nemotron steps run sft/automodel --run=slurm_sft
                                                                                ^^^^^^^^^
        """,
        files={"env.toml": _ENV, "env.slurm.toml": '[big]\nexecutor = "slurm"\n'},
        message="env.slurm.toml",
    ),
    bad(
        """
        nemotron steps run env/env_toml -c slurm output_path=env.toml
        nemotron steps run sft/automodel -c tiny --batch slurm_everything
                                                         ^^^^^^^^^^^^^^^^
        """,
        message="generated",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --batch slurm_sft_automdel
                                                         ^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel",
        surface="script",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --batch slurm_sft_automdel
                                                         ^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel",
        surface="answer",
        severity="error",
    ),
    bad(
        """
        Blocked: `env.toml` has no profile for Lepton.

        ```bash
        nemotron steps run sft/automodel -c tiny -r lepton
                                                    ^^^^^^
        ```
        """,
        path="a.answer.md",
        files={"env.toml": _ENV},
        severity="info",
    ),
    group="profiles",
    about="profile",
)
def unknown_profile(run: StepRun, project: Project) -> Iterator[Finding]:
    """Name a profile that the env TOML has.

    `--run` and `--batch` take the name of a table of the env TOML: the file that `NEMOTRON_ENV_FILE` names, else
    `env.toml` from the current directory upward. With any other name the CLI fails, even in a dry run, and only after
    the commands before it have run. Do not invent profile names: use an existing one, or add the table.

    If no env TOML can be read (it is git-ignored, so it is rarely in a checkout), only a near miss of a name that
    `env/env_toml` generates is reported. List names that exist elsewhere in the setting `profiles`. In an answer marked
    Blocked this is info.
    """
    value = profile_in_force.literal_profile(run)
    if value is None:
        return
    name = value.text
    state = profile_in_force.env_state(run, project)
    if (
        state.kind == "unknown"
        or name in project.profiles
        or name in profile_in_force.written_profiles(run.document)
        or placeholders.mine(name)
    ):
        return
    if state.kind == "file":
        if name in state.names:
            return
        names = state.listed
        close = close_matches(name, state.choices, most=1)
        if close:
            hint = f"did you mean `{close[0]}`?"
        elif not names:
            hint = "the file has no profiles, so add the table"
        elif len(names) <= _MOST_LISTED:
            hint = f"it has {and_list(names)}"
        else:
            hint = f"use one of its {len(names)} profiles, such as `{names[0]}`, or add the table"
        source = state.how if state.file is not None else f"the generated {state.how}"
        yield Finding(
            value.span,
            f"`{_written(run, value)}` does not name a profile in {source}: {hint}",
            severity="info" if _blocked(run) else None,
            fix=_fix(value, close),
        )
        return
    generated = project.generated_profiles()
    meant = None if name in generated else profile_in_force.near_miss(name, generated)
    if meant is not None:
        yield Finding(
            value.span,
            f"`{_written(run, value)}` is not a profile that {_generators(project)} generates: did you mean `{meant}`?",
            severity="info" if _blocked(run) else "error" if run.surface == "answer" else "warning",
            fix=_fix(value, (meant,)),
        )


def _generators(project: Project) -> str:
    """The steps that write an env TOML, as text."""
    return or_list([step.id for step in project.steps.values() if project.produces(step, profile_in_force.ENV_TOML)])


def _blocked(run: StepRun) -> bool:
    """True in an answer marked Blocked, whose commands are not meant to be run yet."""
    return run.surface == "answer" and answers.is_blocked(run.document)


def _written(run: StepRun, value: Value) -> str:
    return f"--{'run' if run.run_profile == value else 'batch'} {value.text}"


def _fix(value: Value, close: tuple[str, ...]) -> Fix | None:
    if not close or value.word.derived:
        return None
    return Fix(f"Use `{close[0]}`", (Edit(value.span, close[0]),))
