"""The rule `misordered-steps`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint import (
    Document,
    Finding,
    Project,
    Related,
    Step,
    StepRun,
    bad,
    confirmation,
    dry_runs,
    good,
    lazily,
    rule,
)

# Artifacts that exist only once their producer has run; the others (JSONL, checkpoints) may come from anywhere.
_HANDED_ON = ("packed_parquet", "binidx", "checkpoint_lora")
# Constructs whose order in the text is not the order of execution.
_UNORDERED = lazily(
    r"^[ \t]*(?:function[ \t]+[\w:-]+|[\w:-]+[ \t]*\([ \t]*\))[ \t]*+(?:\(\))?\s*+[{(]"  # a shell function
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
        nemotron steps run data_prep/sft_packing -c tiny --dry-run
        nemotron steps run sft/megatron_bridge -c tiny
                           ^^^^^^^^^^^^^^^^^^^
        nemotron steps run data_prep/sft_packing -c tiny
        """,
        surface="script",
    ),
    good(
        "nemotron steps run data_prep/sft_packing -c tiny --dry-run\n"
        "nemotron steps run sft/megatron_bridge -c tiny\n"
        "nemotron steps run data_prep/sft_packing -c tiny",
        surface="doc",
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
    bad(
        """
        ```bash
        nemotron steps run sft/megatron_bridge -c tiny --dry-run
                           ^^^^^^^^^^^^^^^^^^^
        nemotron steps run data_prep/sft_packing -c tiny --dry-run
        ```
        """,
        path="a.answer.md",
        severity="error",
    ),
    group="pipelines",
    about="runs",
)
def misordered_steps(document: Document, project: Project) -> Iterator[Finding]:
    """Run the step that produces an artifact before the step that needs it.

    Packed Parquet, bin/idx data and LoRA adapters exist only once their step has run: Megatron-Bridge training needs
    `data_prep/sft_packing` first, pretraining `data_prep/pretrain_prep`, `convert/merge_lora` a PEFT run. What a step
    needs and produces is read from its manifest. Dry runs may come in any order, except in an answer: its reader will
    launch what it shows, in that order.
    """
    every = [(run, step) for run in document.runs if not run.help and (step := project.step_of(run)) is not None]
    if len({step.id for _, step in every}) < 2:
        return
    sequences = _sequences(document, every)
    for artifact in sorted({artifact for _, step in every for artifact in _needed(step, project)}):
        first = next((run.file_start for run, step in every if _makes(run, step, artifact, project)), None)
        if first is None:
            continue
        for runs in sequences:
            makers = [(run, step) for run, step in runs if _makes(run, step, artifact, project)]
            if not makers or not _counts(makers[0][0], project):
                continue
            maker, made_by = makers[0]
            for run, step in runs:
                if run is maker or run.file_start >= first:
                    break
                if run.step is not None and artifact in _needed(step, project) and _counts(run, project):
                    yield Finding(
                        run.step.span,
                        f"`{step.id}` needs the `{artifact}` that `{made_by.id}` produces only later: "
                        f"run `{made_by.id}` first",
                        related=(Related(f"`{artifact}` is produced here", maker.span),),
                    )


def _counts(run: StepRun, project: Project) -> bool:
    """True if a run's place says when it is to run: a launch, and in an answer, which has little else, a dry run."""
    return run.surface == "answer" or dry_runs.is_dry(run, project) is False


def _makes(run: StepRun, step: Step, artifact: str, project: Project) -> bool:
    """True if a run produces the artifact. A page often shows only the dry run, and leaves the launch to its reader."""
    return project.produces(step, artifact) and not (run.surface == "script" and dry_runs.is_dry(run, project) is True)


def _needed(step: Step, project: Project) -> Iterator[str]:
    """The artifacts that a step needs, does not produce itself, and can only get from another step."""
    for item in step.consumes:
        if item.required and any(project.is_a(item.type, name) for name in _HANDED_ON):
            if not project.produces(step, item.type):
                yield item.type


def _sequences(document: Document, runs: list[tuple[StepRun, Step]]) -> list[list[tuple[StepRun, Step]]]:
    """The runs that execute in the order of the text, grouped by script, job or page.

    Tables, sentences, branches and functions imply no order.
    """
    found: dict[tuple[str, object], list[tuple[StepRun, Step]]] = {}
    unordered: dict[int, bool] = {}
    for run, step in runs:
        root = run.region.root
        if root.kind != "shell" or run.usage_error or (run.role != "command" and run.surface != "answer"):
            continue
        if id(root) not in unordered:
            unordered[id(root)] = _UNORDERED.search(root.text) is not None
        if unordered[id(root)] or run.surface == "comment":
            continue
        part: object = None
        if document.kind in ("make", "just", "python"):
            part = id(root)
        elif document.kind == "yaml":
            part = confirmation.ci_job(document, run.file_start)
        found.setdefault((run.surface, part), []).append((run, step))
    return list(found.values())
