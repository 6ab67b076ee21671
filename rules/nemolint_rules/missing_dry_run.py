"""The rule `missing-dry-run`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Edit,
    Finding,
    Fix,
    Project,
    Span,
    Step,
    StepRun,
    answers,
    bad,
    confirmation,
    dry_runs,
    good,
    launch_cost,
    rule,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint import Severity

_ENV = '[slurm_sft_automodel]\nexecutor = "slurm"\nnodes = 2\ngpus_per_node = 8\n'


@rule(
    good("nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft_automodel"),
    good("nemotron steps run sft/automodel -dc tiny"),
    good(
        "nemotron steps run sft/automodel -c tiny --dry-run\n"
        "nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel"
    ),
    good("nemotron steps run data_prep/sft_packing -c tiny --batch slurm_prep_sft_packing"),
    good("nemotron steps run eval/model_eval -c tiny_chat dry_run=true"),
    good('nemotron steps run sft/automodel -c tiny "$@"'),
    good('ARGS="$*"\nnemotron steps run sft/automodel $ARGS', surface="script"),
    good('nemotron steps run "$STEP" -c tiny --batch slurm_sft_automodel'),
    good("nemotron steps run sft/automodel --help"),
    good("nemotron steps run sft/automodel run.env.gpus_per_node=0"),
    good(
        'read -r -p "Launch on the cluster? " go\n[ "$go" = y ] || exit 1\n'
        "nemotron steps run sft/automodel -c tiny --batch h100"
    ),
    good(
        "select p in small big; do\n  nemotron steps run sft/automodel -c tiny --batch h100\n  break\ndone",
        surface="script",
    ),
    good(
        "on:\n  workflow_dispatch:\njobs:\n  a:\n    runs-on: x\n    steps:\n"
        "      - run: nemotron steps run sft/automodel -c tiny --batch h100",
        path=".github/workflows/train.yml",
    ),
    good(
        "train:\n  when: manual\n  script:\n    - nemotron steps run sft/automodel -c tiny --batch h100",
        path=".gitlab-ci.yml",
    ),
    good(
        "nemotron steps run translate/nemo_curator backend=nmt faith_eval.enabled=false "
        "input_path=a output_dir=b source_language=en target_language=hi"
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel
                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft_automodel",
        severity="error",
    ),
    bad(
        """
        nemotron steps run sft/automodel -r slurm_sft_automodel -c tiny
                                         ^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -r slurm_sft_automodel -c tiny --dry-run",
        severity="error",
    ),
    bad(
        """
        nemotron steps run rl/nemo_rl/rlvr
                           ^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run rl/nemo_rl/rlvr --dry-run",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny
                           ^^^^^^^^^^^^^
        nemotron steps run sft/automodel -c tiny --dry-run
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run\nnemotron steps run sft/automodel -c tiny --dry-run",
        surface="script",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dry-run
        nemotron steps run sft/automodel -c default --batch slurm_sft_automodel
                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run\n"
        "nemotron steps run sft/automodel -c default --dry-run --batch slurm_sft_automodel",
        surface="script",
    ),
    bad(
        """
        while read -r seed; do nemotron steps run sft/automodel -c tiny --batch h100; done < seeds
                                                                        ^^^^^^^^^^^^
        """,
        fixed="while read -r seed; do nemotron steps run sft/automodel -c tiny --dry-run --batch h100; done < seeds",
    ),
    bad(
        """
        nemotron steps run byob/mcq -c tiny -b lepton_byob_cpu
                                            ^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run byob/mcq -c tiny --dry-run -b lepton_byob_cpu",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run byob/mcq -c tiny
                           ^^^^^^^^
        """,
        fixed="nemotron steps run byob/mcq -c tiny --dry-run",
        surface="answer",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run byob/mcq -c tiny
                           ^^^^^^^^
        """,
        fixed="nemotron steps run byob/mcq -c tiny --dry-run",
        surface="script",
        severity="info",
    ),
    bad(
        """
        nemotron steps run curate/nemo_curator -c default
                           ^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run curate/nemo_curator -c default --dry-run",
        settings={"steps": {"curate/nemo_curator": {"expensive": True}}},
        message="the settings call expensive",
        severity="info",
    ),
    good(
        "nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel",
        settings={"steps": {"sft/automodel": {"expensive": False}}},
    ),
    group="launch",
    yields=True,
    presets={"docs": "info", "scripts": "error"},
    hook="ask",
    about="launch",
)
def missing_dry_run(run: StepRun, project: Project) -> Iterator[Finding]:
    """Dry-run an expensive step before launching it.

    `--dry-run` compiles the config and prints it; nothing is submitted. Without it a GPU step claims its nodes at once
    (`tiny` is not cheap: 2 nodes of 8 GPUs in most training steps), and a step that calls hosted models is billed. A
    dry run of the same step and config earlier in the same document or script is enough; so is a script that asks first
    (`read`, `select`, a CI job that is started manually). On a page any dry run of the step is, and a command without a
    profile, which claims no cluster, is only info. A dry run proves nothing about the inputs. The setting
    `steps` says what else is expensive (see docs/facts.md).
    """
    step = project.step_of(run)
    cost = launch_cost.of_run(run, project)
    if step is None or cost is None:
        return
    if dry_runs.has_dry_run(run, project) or confirmation.asks_first(run) or answers.answers_with_command(run.document):
        return
    remote = None
    if run.profile is not None:
        remote = run.option("run" if run.run_profile is not None and run.run_profile.text else "batch")
    if cost == "gpu":
        severity: Severity = "error" if remote is not None else "warning"
    else:
        severity = "warning" if remote is not None or run.surface == "answer" else "info"
    # On a page, a command without a profile is one to try on the reader's own machine, which claims no cluster.
    if run.surface == "doc" and (remote is None or run.region.kind == "snippet"):
        severity = "info"
    at = remote.span if remote is not None else (run.step.span if run.step is not None else run.span)
    yield Finding(
        at,
        f"{_what(run, step, project, cost)}, without an earlier dry run: run it with `--dry-run` first",
        severity=severity,
        fix=_fix(run),
        together=step.id if run.surface == "doc" else "",
        doubt="" if cost == "gpu" else project.doubt(step, "hosted"),
    )


def _what(run: StepRun, step: Step, project: Project, cost: str) -> str:
    does = {"gpu": "uses GPUs", "paid": "calls hosted models", "stated": "the settings call expensive"}[cost]
    if cost == "paid" and project.deploys(run):
        does = "deploys a checkpoint"
    if run.profile is None:
        return f"this launches `{step.id}`, which {does}"
    flag = "--run" if run.profile == run.run_profile else "--batch"
    return f"`{flag} {run.profile.text}` launches `{step.id}`, which {does}"


def _fix(run: StepRun) -> Fix | None:
    """Insert the option after the config, or after the step."""
    word = run.config.word if run.config is not None else run.step
    if word is None or word.derived or word.region is not run.region:
        return None
    return Fix("Add `--dry-run`", (Edit(Span(word.region, word.end, word.end), " --dry-run"),))
