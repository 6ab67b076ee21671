"""The rule `mismatched-profile`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nemolint import (
    Finding,
    Project,
    Related,
    Step,
    StepRun,
    bad,
    good,
    launch_cost,
    or_list,
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
_PROCESSES = "torchrun.nproc_per_node"
_GENERATOR = "env/env_toml"
_NAMES = {"TP": "tensor", "PP": "pipeline", "CP": "context"}


@rule(
    good("nemotron steps run sft/automodel -c default --batch base", files={"env.toml": _ENV}),
    good("nemotron steps run data_prep/sft_packing -c tiny --batch cpu", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c default --batch site", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c default --batch cpu run.env.gpus_per_node=8", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c default --batch cpu run.env.gpus_per_node=$N", files={"env.toml": _ENV}),
    good("nemotron steps run sft/megatron_bridge -c default --batch one run.env.nodes=$N", files={"env.toml": _ENV}),
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
        message="as `env/env_toml` generates it, has no GPUs",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c default --batch one model.tensor_model_parallel_size=4
                                                                  ^^^
        """,
        files={"env.toml": _ENV},
        severity="error",
        message="tensor parallelism of 4 needs 4: use a larger profile, or lower `model.tensor_model_parallel_size`",
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
    about="profile",
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
    if value is None or step is None or not project.is_gpu_step(step) or launch_cost.total_gpus(run, project) is None:
        return
    profile = profile_in_force.profile_of(run, project)
    gpus = launch_cost.total_gpus(run, project, profile) if profile is not None else None
    if profile is None or gpus is None:
        return
    related = (Related(f"profile `{profile.name}`", profile.place),)
    has = f"profile `{profile.name}` has"
    if not _in_env_file(run, project, profile.name):
        has = f"profile `{profile.name}`, as `{_GENERATOR}` generates it, has"
    if gpus == 0:
        yield Finding(
            value.span,
            f"{has} no GPUs, but `{step.id}` needs them: use a profile with GPUs",
            related=related,
        )
        return
    parallelism = project.parallelism(run)
    if parallelism.dense > gpus:
        yield Finding(
            value.span,
            f"{has} {_count(gpus)}, but {_spelled(parallelism.sizes)} needs {parallelism.dense}: "
            f"use a larger profile{_and_processes(run, project, parallelism.dense)}, "
            f"or lower {or_list(parallelism.dense_keys)}",
            related=related,
        )
        return
    model, least = _chosen_model(run, step, project)
    if least > gpus:
        yield Finding(
            value.span,
            f"{has} {_count(gpus)}, but {model} needs at least {_count(least)}: "
            "use a larger profile or a smaller model",
            severity="warning",
            related=related,
        )


def _in_env_file(run: StepRun, project: Project, name: str) -> bool:
    file = profile_in_force.env_state(run, project).file
    return file is not None and name in file.profiles


def _spelled(sizes: Iterable[tuple[str, int]]) -> str:
    return " x ".join(f"{_NAMES[kind]} parallelism of {size}" for kind, size in sizes if kind in _NAMES)


def _chosen_model(run: StepRun, step: Step, project: Project) -> tuple[str, int]:
    """The model of the manifest that the effective config names, and its minimum of GPUs (0 if unknown)."""
    effective = project.effective(run)
    if effective is None or not effective.exact:
        return "", 0
    least = {model.name: model.min_gpus for model in step.models if model.min_gpus}
    named = [value for _, value in effective.leaves if isinstance(value, str) and value in least]
    name = max(named, key=lambda model: least[model] or 0, default="")
    return name, least.get(name) or 0


def _and_processes(run: StepRun, project: Project, needed: int) -> str:
    """What a larger profile needs besides, as a clause: a config may fix the number of processes."""
    effective = project.effective(run)
    processes = effective.get(_PROCESSES) if effective is not None else None
    return f" and raise `{_PROCESSES}`" if isinstance(processes, int) and processes < needed else ""


def _count(gpus: int) -> str:
    return "1 GPU" if gpus == 1 else f"{gpus} GPUs"
