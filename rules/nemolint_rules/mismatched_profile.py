"""The rule `mismatched-profile`."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from nemolint import (
    MISSING,
    Finding,
    Profile,
    Project,
    Related,
    Step,
    StepRun,
    bad,
    context,
    good,
    profile_in_force,
    rule,
)

_ENV = """
[base]
executor = "slurm"
nodes = 1
gpus_per_node = 8

[cpu]
extends = "base"
gpus_per_node = 0

[one]
extends = "base"
gpus_per_node = 1

[site]
executor = "slurm"
gpus_per_node = "${oc.env:GPUS,0}"
"""
# Each kind of parallelism under the names that the libraries give it.
_PARALLEL = {
    "TP": ("tensor_model_parallel_size", "tensor_parallel_size", "tp_size", "tp"),
    "PP": ("pipeline_model_parallel_size", "pipeline_parallel_size", "pp_size", "pp"),
    "CP": ("context_parallel_size", "cp_size", "cp"),
}
_KIND_OF = {name: kind for kind, names in _PARALLEL.items() for name in names}


@rule(
    good("nemotron steps run sft/automodel -c default --batch base", files={"env.toml": _ENV}),
    good("nemotron steps run data_prep/sft_packing -c tiny --batch cpu", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c default --batch site", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c default --batch cpu run.env.gpus_per_node=8", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c default --batch cpu run.env.gpus_per_node=$N", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c tiny --batch cpu", files={"env.toml": _ENV}),
    good("nemotron steps run sft/megatron_bridge -c default --batch slurm_sft_megatron_bridge"),
    good(
        "nemotron steps run sft/megatron_bridge -c default --batch base "
        "recipe.tensor_model_parallel_size=8 recipe.pipeline_model_parallel_size=4",
        files={"env.toml": _ENV},
    ),
    bad(
        """
        nemotron steps run sft/automodel -c default --dry-run --batch cpu
                                                                      ^^^
        """,
        files={"env.toml": _ENV},
        severity="error",
        message="no GPU",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c default --batch slurm_prep_sft_packing
                                                            ^^^^^^^^^^^^^^^^^^^^^^
        """,
        severity="error",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c default --batch one model.tensor_model_parallel_size=4
                                                                  ^^^
        """,
        files={"env.toml": _ENV},
        severity="error",
        message="TP 4",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c default --batch one distributed.ep_size=1
                                                            ^^^
        """,
        files={"env.toml": _ENV},
        severity="warning",
        message="at least 8 GPUs",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --run base run.env.gpus_per_node=0
                                                       ^^^^
        """,
        files={"env.toml": _ENV},
    ),
    group="profiles",
)
def mismatched_profile(run: StepRun, project: Project) -> Iterator[Finding]:
    """Run a step on a profile with the GPUs that it needs.

    A GPU step on a CPU profile is scheduled, pulls its image and fails. With fewer GPUs than the product of tensor,
    pipeline and context parallelism, it stops when the process groups are built. What is checked is the effective
    profile: the profile with what it extends, then `run.env` of the config, then `run.env.…` overrides. Numbers taken
    from the environment are not checked.
    """
    value = profile_in_force.literal_profile(run)
    step = project.step_of(run)
    if value is None or step is None or not project.is_gpu_step(step) or context.total_gpus(run, project) is None:
        return
    profile = _profile(run, project, value.text)
    gpus = context.total_gpus(run, project, profile) if profile is not None else None
    if profile is None or gpus is None:
        return
    related = (Related(f"profile `{profile.name}`", profile.place),)
    if gpus == 0:
        yield Finding(
            value.span,
            f"profile `{profile.name}` has no GPUs, but `{step.id}` needs them: use a profile with GPUs",
            related=related,
        )
        return
    needed, factors = _parallelism(run, step, project)
    if needed > gpus:
        yield Finding(
            value.span,
            f"profile `{profile.name}` has {_count(gpus)}, but {factors} needs {needed}: "
            "use a larger profile or less parallelism",
            related=related,
        )
        return
    model, least = _chosen_model(run, step, project)
    if least > gpus:
        yield Finding(
            value.span,
            f"profile `{profile.name}` has {_count(gpus)}, but {model} needs at least {_count(least)}: "
            "use a larger profile or a smaller model",
            severity="warning",
            related=related,
        )


def _profile(run: StepRun, project: Project, name: str) -> Profile | None:
    """The profile of that name; without an env TOML, the one that the generator writes."""
    state = profile_in_force.env_state(run, project)
    if state.kind == "unknown":
        return None
    if state.file is not None and name in state.file.profiles:
        return state.file.profiles[name]
    if state.file is not None and not state.generated:
        return None
    return project.generated_profile(name)


def _parallelism(run: StepRun, step: Step, project: Project) -> tuple[int, str]:
    """The largest product of parallel sizes in one section of the config, and its factors as text."""
    effective = project.effective(run)
    if effective is None:
        return 1, ""
    shadows = project.known(step).shadows
    groups: dict[str, dict[str, int]] = {}
    for key, written in effective.leaves:
        parent, _, name = key.rpartition(".")
        kind = _KIND_OF.get(name)
        if kind is None:
            continue
        winner = effective.get(shadows[key]) if key in shadows else MISSING
        value = written if winner is MISSING else winner
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            groups.setdefault(parent, {})[kind] = value
    most = max(groups.values(), key=lambda group: prod(group.values()), default={})
    factors = [f"{kind} {most[kind]}" for kind in _PARALLEL if most.get(kind, 1) > 1]
    return prod(most.values()), " x ".join(factors)


def _chosen_model(run: StepRun, step: Step, project: Project) -> tuple[str, int]:
    """The model of the manifest that the effective config names, and its minimum of GPUs (0 if unknown)."""
    effective = project.effective(run)
    if effective is None or not effective.exact:
        return "", 0
    least = {model.name: model.min_gpus for model in step.models if model.min_gpus}
    named = [value for _, value in effective.leaves if isinstance(value, str) and value in least]
    name = max(named, key=lambda model: least[model] or 0, default="")
    return name, least.get(name) or 0


def _count(gpus: int) -> str:
    return "1 GPU" if gpus == 1 else f"{gpus} GPUs"
