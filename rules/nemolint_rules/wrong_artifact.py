"""The rule `wrong-artifact`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Finding, Override, Project, Related, Step, StepRun, artifacts, bad, good, or_list, rule

_MOST_NAMED = 3  # steps that a message names
_PACK = "nemotron steps run data_prep/sft_packing -c tiny output_dir=/out/packed"
_TRAIN = "nemotron steps run sft/megatron_bridge -c tiny"
_LORA = "nemotron steps run peft/automodel -c default -d"
_TRANSLATE = "nemotron steps run translate/nemo_curator -d"


@rule(
    good(f"{_PACK}\n{_TRAIN} dataset.packed_sequence_specs.packed_train_data_path=/out/packed/splits/train"),
    good(f"{_LORA} dataset.path_or_dataset_id=/data/chat.jsonl"),
    good(f"{_LORA} dataset.path_or_dataset_id=/data/chat.parquet"),
    good(f"{_TRANSLATE} input_path=/data/news.parquet output_dir=/data/news_hi"),
    good(f"{_TRANSLATE} 'input_path=/data/news/*.jsonl' output_dir=/data/news"),
    good(f"{_TRAIN} checkpoint.load=/out/sft checkpoint.save=/out/sft"),
    good(f'{_TRAIN} dataset.dataset_root="$DATA" checkpoint.save="$DATA"'),
    good(
        "nemotron steps run curate/nemo_curator -c tiny 'input_glob=/raw/*.jsonl' output_dir=/data/clean\n"
        f"{_TRANSLATE} input_path=/data/clean output_dir=/data/hi"
    ),
    bad(
        f"""
        {_TRAIN} dataset.packed_sequence_specs.packed_train_data_path=/data/chat.jsonl
        {" " * len(_TRAIN)}                                                      ^^^^^^^^^^^^^^^^
        """,
        surface="script",
        severity="error",
        message="`data_prep/sft_packing`",
    ),
    bad(
        f"""
        nemotron steps run curate/nemo_curator -c tiny 'input_glob=/raw/*.jsonl' output_dir=/data/clean
        {_TRAIN} dataset.dataset_root=/data/clean
        {" " * len(_TRAIN)}                      ^^^^^^^^^^^
        """,
        surface="script",
        message="the `filtered_jsonl` that `curate/nemo_curator` writes",
    ),
    bad(
        f"""
        {_PACK}
        {_LORA} dataset.path_or_dataset_id=/out/packed/splits/train
        {" " * len(_LORA)}                            ^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="`training_jsonl`",
    ),
    bad(
        """
        nemotron steps run pretrain/automodel -c tiny dataset.paths=/data/corpus.jsonl.gz
                                                                    ^^^^^^^^^^^^^^^^^^^^^
        """,
        message="`data_prep/pretrain_prep`",
    ),
    bad(
        f"""
        {_LORA} dataset.path_or_dataset_id=/data/packed/train-00.parquet
        {" " * len(_LORA)}                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="`packed_parquet`",
    ),
    bad(
        f"""
        {_TRANSLATE} input_path=/out/mcq/benchmark.parquet output_dir=/out/hi
        {" " * len(_TRANSLATE)}            ^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="`byob/mcq` reads it",
    ),
    bad(
        f"""
        {_TRANSLATE} input_path=/data/news/ output_dir=/data/news
        {" " * len(_TRANSLATE)}                                   ^^^^^^^^^^
        """,
        message="write somewhere else",
    ),
    bad(
        """
        nemotron steps run convert/megatron_to_hf -c default -d megatron_path=/m/iter_1 hf_path=/m/iter_1
                                                                                                ^^^^^^^^^
        """,
    ),
    bad(
        f"""
        ```bash
        {_TRANSLATE} input_path=/out/mcq/benchmark.parquet output_dir=/out/hi
        {" " * len(_TRANSLATE)}            ^^^^^^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="page.md",
        severity="warning",
    ),
    bad(
        """
        Save this as `own.yaml`:

        ```yaml
        input_path: /data/news
        output_dir: /data/news
                    ^^^^^^^^^^
        source_language: en
        target_language: hi
        ```

        ```bash
        nemotron steps run translate/nemo_curator -c own.yaml --dry-run
        ```
        """,
        path="a.answer.md",
        message="would overwrite what it reads",
    ),
    group="pipelines",
    severity={"script": "error", "answer": "error", "doc": "warning"},
    supersedes=("altered-value",),
    whole_configs=True,
    about="text",
)
def wrong_artifact(run: StepRun, project: Project) -> Iterator[Finding]:
    """Give a step the kind of data that it reads.

    Megatron-Bridge training reads packed Parquet and pretraining bin/idx data, while AutoModel reads chat JSONL. A
    benchmark of multiple-choice questions loses its fields in a translation that is made for a corpus. Input of another
    kind fails once the job has started, or is read as something that it is not. A dry run does not notice, since it
    opens no input.

    What a step reads and writes is in its manifest. What an input is, its name says, or the earlier run of the document
    that writes it. An output path that is the input's own is reported, too: the job would overwrite what it reads.
    Checkpoints of another layout are left to `missing-conversion`.
    """
    for wrong in artifacts.wrong_inputs(run, project):
        related = (Related("it is written here", wrong.source.override.span),) if wrong.source is not None else ()
        yield Finding(
            wrong.override.value.span,
            f"`{wrong.step.id}` reads {or_list(wrong.accepted)}, but `{wrong.override.value.text}` is {wrong.found}: "
            f"{_advice(wrong, project)}",
            related=related,
        )
    step = project.step_of(run)
    if step is not None:
        yield from _overwritten(run, step, project)


def _advice(wrong: artifacts.Wrong, project: Project) -> str:
    """What to do: run the step that makes the right kind of it, or take the step that reads it."""
    between = [
        maker
        for maker in artifacts.makers(wrong.accepted, project)
        if maker != wrong.step.id and artifacts.reads_any(project.steps[maker], wrong.kinds, project)
    ]
    if between:
        return f"run {or_list(between[:_MOST_NAMED])} first, and pass on what it writes"
    readers = [step.id for step in project.steps.values() if artifacts.reads_any(step, wrong.kinds, project)]
    if readers:
        return f"{or_list(readers[:_MOST_NAMED])} reads it"
    writers = [maker for maker in artifacts.makers(wrong.accepted, project) if maker != wrong.step.id]
    written = f", which {or_list(writers[:_MOST_NAMED])} writes" if writers else ""
    return f"pass {or_list(wrong.accepted)} instead{written}"


def _overwritten(run: StepRun, step: Step, project: Project) -> Iterator[Finding]:
    """An output whose path is that of an input."""
    inputs: dict[str, Override] = {}
    outputs: list[tuple[str, Override]] = []
    converts = set(artifacts.layouts(step.consumes, project)).isdisjoint(artifacts.layouts(step.produces, project))
    for override in run.overrides:
        path = artifacts.path_of(override)
        if not path:
            continue
        if artifacts.is_output(override, step, project):
            outputs.append((path, override))
        elif artifacts.is_data_input(override, step, project) or (
            converts and artifacts.named_type(override.key, artifacts.layouts(step.consumes, project)) is not None
        ):
            inputs[path] = override
    for path, override in outputs:
        if path in inputs:
            yield Finding(
                override.value.span,
                f"`{override.key}` is the path of `{inputs[path].key}`, so the job would overwrite what it reads: "
                "write somewhere else",
                related=(Related("the input is here", inputs[path].span),),
            )
