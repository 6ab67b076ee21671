"""The rule `misordered-steps`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint import Document, Finding, Project, Region, Related, Step, StepRun, bad, good, rule
from nemolint.asking import ci_job
from nemolint.context import dry, produces, root_of, start_of

# Artifacts that exist only once their producer has run; the others (JSONL, checkpoints) may come from anywhere.
_HANDED_ON = ("packed_parquet", "binidx", "checkpoint_lora")
# Constructs whose order in the text is not the order in which they run.
_UNORDERED = re.compile(
    r"^[ \t]*(?:function[ \t]+[\w:-]+|[\w:-]+[ \t]*\([ \t]*\))[ \t]*(?:\(\))?\s*[{(]"  # a shell function
    r"|;;|^[ \t]*(?:else|elif)\b|\bdef \w+\(",
    re.MULTILINE,
)


@rule(
    good("nemotron steps run data_prep/sft_packing -c tiny\nnemotron steps run sft/megatron_bridge -c tiny"),
    good("nemotron steps run sft/automodel -c tiny\nnemotron steps run data_prep/sft_packing -c tiny"),
    good("nemotron steps run sft/megatron_bridge -c tiny --dry-run\nnemotron steps run data_prep/sft_packing -c tiny"),
    good(
        "nemotron steps run data_prep/sft_packing -c tiny\n"
        "nemotron steps run sft/megatron_bridge -c tiny\n"
        "nemotron steps run data_prep/sft_packing -c default"
    ),
    good("nemotron steps run sft/megatron_bridge -c tiny"),
    good(
        "train() {\n  nemotron steps run sft/megatron_bridge -c tiny\n}\n"
        "nemotron steps run data_prep/sft_packing -c tiny\ntrain",
        surface="script",
    ),
    good(
        'case "$1" in\n  train) nemotron steps run sft/megatron_bridge -c tiny ;;\n'
        "  pack) nemotron steps run data_prep/sft_packing -c tiny ;;\nesac",
        surface="script",
    ),
    good(
        "| Step | Command |\n|---|---|\n"
        "| train | `nemotron steps run sft/megatron_bridge -c tiny` |\n"
        "| pack | `nemotron steps run data_prep/sft_packing -c tiny` |",
        path="page.md",
    ),
    good(
        "train:\n\tnemotron steps run sft/megatron_bridge -c tiny\n\n"
        "pack:\n\tnemotron steps run data_prep/sft_packing -c tiny",
        path="Makefile",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny
                           ^^^^^^^^^^^^^^^^^^^
        nemotron steps run data_prep/sft_packing -c tiny
        """,
        message="`data_prep/sft_packing`",
    ),
    bad(
        """
        nemotron steps run pretrain/automodel -c tiny
                           ^^^^^^^^^^^^^^^^^^
        nemotron steps run data_prep/pretrain_prep -c tiny
        """,
        message="`binidx`",
    ),
    bad(
        """
        nemotron steps run convert/merge_lora -c default
                           ^^^^^^^^^^^^^^^^^^
        nemotron steps run peft/automodel -c tiny
        """
    ),
    bad(
        """
        First train:

        ```bash
        nemotron steps run sft/megatron_bridge -c tiny
                           ^^^^^^^^^^^^^^^^^^^
        ```

        Then pack:

        ```bash
        nemotron steps run data_prep/sft_packing -c tiny
        ```
        """,
        path="page.md",
    ),
    group="pipelines",
)
def misordered_steps(document: Document, project: Project) -> Iterator[Finding]:
    """Run the step that makes an artifact before the step that needs it.

    Packed Parquet, bin/idx data and LoRA adapters exist only once their step has run: Megatron-Bridge training needs
    `data_prep/sft_packing` first, pretraining `data_prep/pretrain_prep`, `convert/merge_lora` a PEFT run. What a step
    needs and makes is read from its manifest. Dry runs may stand in any order.
    """
    runs = [(run, step) for run in document.runs if (step := _judged(run, project)) is not None]
    for artifact in _HANDED_ON:
        makers = [(start_of(run), run, step) for run, step in runs if produces(step, artifact, project)]
        if not makers:
            continue
        first = makers[0][0]
        for run, step in runs:
            if start_of(run) >= first:
                break
            if not _needs(step, artifact, project) or dry(run, project) is not False or run.step is None:
                continue
            maker = next((found for found in makers if _in_sequence(run, found[1])), None)
            if maker is not None and dry(maker[1], project) is False:
                yield Finding(
                    run.step.span,
                    f"`{step.id}` needs the `{artifact}` that `{maker[2].id}` makes, which runs only after it; "
                    f"run `{maker[2].id}` first",
                    related=(Related(f"`{artifact}` is made here", maker[1].span),),
                )


def _judged(run: StepRun, project: Project) -> Step | None:
    """The step of a run that stands in a sequence; a table or a sentence lists commands, it orders none."""
    if run.help or run.region.kind != "shell" or run.surface == "comment" or run.usage_error:
        return None
    if run.role != "command" and run.surface != "answer":
        return None
    return project.step_of(run)


def _needs(step: Step, artifact: str, project: Project) -> bool:
    return not produces(step, artifact, project) and any(
        item.required and project.is_a(artifact, item.type) for item in step.consumes if item.type in _HANDED_ON
    )


def _in_sequence(earlier: StepRun, later: StepRun) -> bool:
    """True if the text order of two runs is the order in which they run."""
    document = earlier.document
    one, other = root_of(earlier.region), root_of(later.region)
    if earlier.surface != later.surface:
        return False
    if document.kind in ("make", "just", "python") and one is not other:
        return False
    if document.kind == "yaml" and ci_job(document, start_of(earlier)) != ci_job(document, start_of(later)):
        return False
    return not (_unordered(one) or (one is not other and _unordered(other)))


def _unordered(region: Region) -> bool:
    return _UNORDERED.search(region.text) is not None
