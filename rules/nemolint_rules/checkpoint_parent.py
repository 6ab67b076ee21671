"""The rule `checkpoint-parent`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Finding, Project, StepRun, bad, good, placeholders, rule


@rule(
    good("nemotron steps run convert/megatron_to_hf -c default megatron_path=/ckpt/run/iter_0000100"),
    good("nemotron steps run convert/megatron_to_hf -c default 'megatron_path=/ckpt/run/iter_*' -d"),
    good("nemotron steps run convert/megatron_to_hf -c default megatron_path=2026 -d"),
    good('nemotron steps run convert/megatron_to_hf -c default megatron_path="$CKPT"'),
    good("nemotron steps run eval/model_eval -c default 'deployment.checkpoint_path=<iter_*>'"),
    good("nemotron steps run eval/model_eval deployment.type=none deployment.checkpoint_path=/ckpt/run"),
    good("nemotron steps run peft/megatron_bridge checkpoint.pretrained_checkpoint=/ckpt/run"),
    good("nemotron steps run convert/hf_to_megatron -c default megatron_path=/ckpt/run"),
    bad(
        """
        nemotron steps run convert/megatron_to_hf -c default megatron_path=/ckpt/run
                                                                           ^^^^^^^^^
        """,
        severity="warning",
        message="iter_",
    ),
    bad(
        """
        nemotron steps run eval/model_eval -c default deployment.checkpoint_path=/ckpt/run/
                                                                                 ^^^^^^^^^^
        """
    ),
    group="paths",
    severity="warning",
    whole_configs=True,
    about="text",
)
def checkpoint_parent(run: StepRun, project: Project) -> Iterator[Finding]:
    """Point to one iteration of a Megatron checkpoint, not to its parent folder.

    `convert/megatron_to_hf` and `eval/model_eval` load exactly the path that they are given. A training run writes
    folders such as `iter_0000100` into its checkpoint folder; given that parent, the job starts, waits for its GPUs and
    then fails.

    Give `…/iter_0000100`. (`checkpoint.pretrained_checkpoint` of a training step is different: its runner expects the
    parent folder.)
    """
    step = project.step_of(run)
    if step is None:
        return
    known = project.known(step)
    if any((other := run.override(key)) is not None and other.value.text in names for key, names in known.gpu_unless):
        return
    for key in sorted(known.iteration_paths):
        override = run.override(key)
        if (
            override is None
            or not (override.value.known and override.value.is_text)
            or placeholders.value_has(override.value, key=key)
        ):
            continue
        path = override.value.text
        if path == "~" or "${" in path or any(part.startswith("iter_") for part in path.split("/")):
            continue
        yield Finding(
            override.value.span,
            f"`{key}` takes one iteration of a checkpoint, but `{path}` looks like its parent folder: "
            "append the iteration (`…/iter_0000100`)",
            doubt=project.doubt(step, "iteration-paths", key),
        )
