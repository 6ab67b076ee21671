"""The rule `local-parallel-run`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Finding, Project, StepRun, bad, dry_runs, good, introduced, misspellings, profile_in_force, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_ENV = """
[here]
executor = "local"

[cluster]
executor = "slurm"
nodes = 2
gpus_per_node = 8
"""


@rule(
    good("nemotron steps run sft/megatron_bridge -c tiny --batch cluster", files={"env.toml": _ENV}),
    good("nemotron steps run sft/megatron_bridge -c tiny --dry-run"),
    good("nemotron steps run sft/megatron_bridge -c tiny --dryrun"),
    good("nemotron steps run sft/megatron_bridge -c tiny --batch $PROFILE"),
    good('nemotron steps run sft/megatron_bridge -c tiny "$@"'),
    good("nemotron steps run sft/megatron_bridge -c $CONFIG"),
    good("nemotron steps run sft/megatron_bridge -c tiny run.env.executor=slurm"),
    good("nemotron steps run sft/automodel -c default distributed.ep_size=1"),
    good("nemotron steps run sft/automodel -c default distributed.ep_size=$EP"),
    good("nemotron steps run sft/megatron_bridge -c mine.yaml", files={"mine.yaml": "train: {train_iters: 1}\n"}),
    good("nemotron steps run optimize/modelopt/prune -c default"),
    good("nemotron steps run rl/nemo_rl/dpo -c tiny policy.dtensor_cfg.tensor_parallel_size=2"),
    good("nemotron steps run convert/hf_to_megatron -c mine.yaml", files={"mine.yaml": "distributed: false\nep: 8\n"}),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny
                           ^^^^^^^^^^^^^^^^^^^
        """,
        severity="error",
        message="TP 4 x EP 8",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c default
                           ^^^^^^^^^^^^^
        """,
        message="one process",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny --run here
                           ^^^^^^^^^^^^^^^^^^^
        """,
        files={"env.toml": _ENV},
        message="`here`",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny --run cluster run.env.executor=local
                           ^^^^^^^^^^^^^^^^^^^
        """,
        files={"env.toml": _ENV},
    ),
    bad(
        """
        nemotron steps run sft/automodel -c default distributed.ep_size=1 distributed.tp_size=2
                           ^^^^^^^^^^^^^
        """,
        message="TP 2",
    ),
    bad(
        """
        Run `nemotron steps run sft/automodel -c default` on your cluster.
                                ^^^^^^^^^^^^^
        """,
        path="a.md",
        severity="info",
    ),
    good("nemotron steps run sft/automodel -c default --bacth h100"),
    good("nemotron steps run sft/automodel -c default —batch h100"),
    group="profiles",
    supersedes_run=("missing-dry-run", "inherited-placeholder"),
    about="launch",
)
def local_parallel_run(run: StepRun, project: Project) -> Iterator[Finding]:
    """Run a step that needs several processes on a cluster.

    Without a profile a step runs on this machine, and one that is launched with `torchrun` then gets a single process,
    whatever its config says. A config that asks for tensor, pipeline, context or expert parallelism fails as soon as
    the process groups are built.

    Name a profile with `--batch` or `--run`, or set the parallel sizes to 1 for a run on one GPU. What counts is the
    executor in force: `run.env.executor` as an override, else that of the profile, else that of the config, else
    `local`.
    """
    step = project.step_of(run)
    effective = project.effective(run)
    if (
        step is None
        or run.step is None
        or effective is None
        or run.may_gain_words
        or not effective.exact
        or run.usage_error
    ):
        return
    if (
        step.resources.launch != "torchrun"
        or dry_runs.is_dry(run, project) is not False
        or misspellings.loses_config(run)
    ):
        return
    if (
        misspellings.misplaces(run, "dry_run")
        or misspellings.meant_dry_run(run) is not None
        or misspellings.loses_profile(run)
    ):
        return
    profile = profile_in_force.profile_of(run, project)
    made = profile_in_force.job_env(run, project)
    if made is None or made.get("executor", "local" if profile is None else None) != "local":
        return
    parallelism = project.parallelism(run)
    if parallelism.dense == parallelism.experts == 1:
        return
    known = project.known(step)
    if known.one_process_when and effective.meets(known.one_process_when) is not False:
        return
    # A command inside a sentence or a comment is often incomplete.
    aside = run.region.kind == "snippet" or run.surface == "comment" or introduced.shows_config_option(run)
    severity: Literal["info"] | None = "info" if aside else None
    who = "without a profile" if profile is None else f"with profile `{profile.name}`"
    yield Finding(
        run.step.span,
        f"{who} the step runs on this machine, in one process, but {parallelism.shown(experts=True)} needs more than "
        "one: name the profile of a cluster with `--batch`, or set the sizes to 1",
        severity=severity,
        together=step.id if run.surface == "doc" else "",
    )
