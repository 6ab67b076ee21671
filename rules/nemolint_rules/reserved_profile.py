"""The rule `reserved-profile`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from nemolint import Finding, Project, StepRun, bad, good, profile_in_force, rule

_RESERVED = frozenset({"wandb", "cli", "cache", "artifacts"})
_ENV = """
[wandb]
project = "nemotron"

[slurm_base]
executor = "slurm"

[slurm_sft_automodel]
extends = "slurm_base"

[slurm_sft_automodel_big]
extends = "slurm_sft_automodel"
nodes = 4
"""


@rule(
    good("nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel_big", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel", files={"env.toml": _ENV}),
    good("nemotron steps run byob/mcq -c tiny --batch slurm_byob_cpu"),
    good("nemotron steps run sft/automodel -c tiny --batch=", files={"env.toml": _ENV}),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --batch wandb
                                                         ^^^^^
        """,
        files={"env.toml": _ENV},
        severity="error",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -r artifacts
                                                    ^^^^^^^^^
        """,
        severity="error",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --batch slurm_base
                                                         ^^^^^^^^^^
        """,
        files={"env.toml": _ENV},
        severity="warning",
        message="`slurm_sft_automodel`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --batch lepton_base
                                                         ^^^^^^^^^^^
        """,
        severity="warning",
    ),
    group="profiles",
    supersedes=("unknown-profile", "mismatched-profile", "unread-env-file"),
    about="profile",
)
def reserved_profile(run: StepRun, project: Project) -> Iterator[Finding]:
    """Use a profile that describes a job, not a section of CLI settings or a base profile.

    The tables `wandb`, `cli`, `cache` and `artifacts` of an env TOML are settings. The CLI still accepts their names as
    profiles, and then finds no executor in them. A table such as `slurm_base`, which others extend and which is not
    named after a step, only holds what they share: it lacks the image, nodes and paths that a step needs.
    """
    value = profile_in_force.literal_profile(run)
    if value is None:
        return
    name = value.text
    if name in _RESERVED:
        yield Finding(
            value.span, f"`{name}` is a section of CLI settings, not a profile: use a profile that has an executor"
        )
        return
    state = profile_in_force.env_state(run, project)
    if state.kind == "unknown":
        return
    children = (state.file.children if state.file is not None else _generated(project)).get(name, ())
    if not children or _named_after_step(name, project):
        return
    step = project.step_of(run)
    wanted = step.id.replace("/", "_") if step is not None else ""
    better = next((child for child in children if wanted and child.endswith(wanted)), children[0])
    extend = "profile extends" if len(children) == 1 else "profiles extend"
    yield Finding(
        value.span,
        f"`{name}` is a base profile, which {len(children)} {extend}: use one of those, such as `{better}`",
        severity="warning",
    )


def _named_after_step(name: str, project: Project) -> bool:
    """True if the name contains a step's category, or the last part of its id, as whole words."""
    words = f"_{name.replace('-', '_')}_"
    if words.endswith("_base_"):
        return False
    parts = {part for step in project.steps.values() for part in (step.category, step.id.rpartition("/")[2])}
    return any(f"_{part.replace('-', '_')}_" in words for part in parts if part)


@lru_cache(maxsize=8)
def _generated(project: Project) -> Mapping[str, list[str]]:
    """The generated profiles that other generated profiles extend, each with the sorted names of those."""
    children: dict[str, list[str]] = {}
    names = project.generated_profiles()
    for name in sorted(names):
        profile = project.generated_profile(name)
        if profile is not None and profile.extends is not None and profile.extends in names:
            children.setdefault(profile.extends, []).append(name)
    return children
