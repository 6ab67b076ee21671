"""The rule `missing-conversion`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Document, Finding, Override, Project, Related, Step, and_list, artifacts, bad, good, rule


@rule(
    good(
        "nemotron steps run sft/megatron_bridge -c tiny checkpoint.save=/out/sft\n"
        "nemotron steps run convert/megatron_to_hf -c default megatron_path=/out/sft/iter_0000010 hf_path=/out/sft/hf\n"
        "nemotron steps run optimize/modelopt/prune -c tiny args.hf_model_name_or_path=/out/sft/hf"
    ),
    good(
        "nemotron steps run sft/megatron_bridge -c tiny checkpoint.save=/out/sft\n"
        "nemotron steps run eval/model_eval -c default deployment.checkpoint_path=/out/sft/iter_0000010"
    ),
    good(
        "nemotron steps run sft/megatron_bridge -c tiny checkpoint.save=/out/sft\n"
        "nemotron steps run rl/nemo_rl/dpo -c tiny policy.model_name=/out/sft-base"
    ),
    good(
        "nemotron steps run convert/megatron_to_hf -c default megatron_path=/ck/iter_0000900 hf_path=/ck/hf "
        "hf_model_id=nvidia/nano-30b\n"
        "nemotron steps run eval/model_eval -c default deployment.checkpoint_path=/ck/iter_0000900 "
        "evaluation.nemo_evaluator_config.config.params.extra.tokenizer=nvidia/nano-30b"
    ),
    good(
        "nemotron steps run convert/megatron_to_hf -c default megatron_path=/ck/iter_0000900 hf_path=/ck/hf\n"
        "nemotron steps run eval/model_eval -c default deployment.checkpoint_path=/ck/iter_0000900 "
        "evaluation.nemo_evaluator_config.config.params.extra.tokenizer=/ck/hf"
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny checkpoint.checkpoint_dir=/out/sft
        nemotron steps run rl/nemo_rl/dpo -c tiny policy.model_name=/out/sft/step_100
                                                                    ^^^^^^^^^^^^^^^^^
        """,
        surface="script",
        severity="warning",
        message="`convert/hf_to_megatron`",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny checkpoint.save="$OUT"/sft
        nemotron steps run peft/automodel -c tiny model.pretrained_model_name_or_path="${OUT}"/sft/iter_10
                                                                                      ^^^^^^^^^^^^^^^^^^^^
        """,
        surface="script",
        message="`convert/megatron_to_hf`",
    ),
    bad(
        """
        nemotron steps run peft/automodel -c tiny checkpoint.checkpoint_dir=/out/lora
        nemotron steps run eval/model_eval -c default deployment.checkpoint_path=/out/lora
                                                                                 ^^^^^^^^^
        """,
        surface="answer",
        message="`convert/merge_lora` and `convert/hf_to_megatron`",
    ),
    group="pipelines",
    severity={"script": "warning", "answer": "warning"},
    about="runs",
)
def missing_conversion(document: Document, project: Project) -> Iterator[Finding]:
    """Convert a checkpoint before a stage that expects another layout.

    AutoModel writes Hugging Face checkpoints, Megatron-Bridge sharded Megatron ones, PEFT an adapter. A stage that gets
    a layout it cannot read fails once its job has started. Run the converter in between, and pass on its output; the
    catalog says which step converts.

    Scripts and answers are checked, in which one run reads what another wrote. Pages are not checked.
    """
    if len(document.runs) < 2:
        return
    outputs: dict[str, artifacts.WrittenData] = {}
    for run in document.runs:
        step = project.step_of(run)
        if step is None or run.help or run.surface not in ("script", "answer"):
            continue
        for override in run.overrides:
            if artifacts.is_output(override, step, project) or "tokenizer" in override.key.lower():
                continue
            source = artifacts.innermost(artifacts.path_of(override), outputs)
            if source is None:
                continue
            accepted = artifacts.checkpoints_read(override.key, step, project)
            (kind,) = source.types
            converters = _converters(kind, accepted, project)
            if converters:
                yield Finding(
                    override.value.span,
                    f"`{source.step.id}` writes a checkpoint of type `{kind}`, but `{step.id}` expects "
                    f"{_any_of(accepted)} here: run {and_list(converters)} in between and pass on the result",
                    related=(Related("the checkpoint is written here", source.override.span),),
                )
        outputs.update((output.path, output) for output in _outputs(run.overrides, step, project))


def _outputs(overrides: tuple[Override, ...], step: Step, project: Project) -> Iterator[artifacts.WrittenData]:
    """The checkpoints that a run writes."""
    for override in overrides:
        path = artifacts.path_of(override)
        if path and artifacts.is_output(override, step, project):
            made = artifacts.checkpoints_written(override.key, step, project)
            if len(made) == 1:
                yield artifacts.WrittenData(path, (made[0],), step, override)


def _converters(written: str, accepted: list[str], project: Project) -> list[str]:
    """The steps that convert the written type into an accepted one, in order; empty if none is needed or known."""
    ways: list[tuple[str, list[str]]] = [(written, [])]
    seen = {written}
    for kind, steps in ways:
        if any(project.is_a(kind, wanted) for wanted in accepted):
            return steps
        known = project.types.get(kind)
        for target, step in known.convert_to.items() if known is not None else ():
            if target not in seen:
                seen.add(target)
                ways.append((target, [*steps, step]))
    return []


def _any_of(types: list[str]) -> str:
    return "one of type " + " or ".join(f"`{name}`" for name in types)
