"""What runs hand on to each other: judged by the manifests alone, whatever the steps are."""

from __future__ import annotations

from pathlib import Path

import pytest

from nemolint.analysis import artifacts
from nemolint.project import Project
from nemolint.project.model import Step
from nemolint.reader import read_document

PROJECT = Project(None, cwd=Path("/"))
FILES = {"jsonl": "/d/x.jsonl", "parquet": "/d/x.parquet", "binidx": "/d/x.bin"}


def kinds(step: Step, *, made: bool) -> list[set[str]]:
    """The data types that a step makes or reads, each with all that it is a kind of."""
    return [
        _closure(item.type)
        for item in (step.produces if made else step.consumes)
        if item.type.rpartition("_")[2] in FILES
    ]


def _closure(name: str) -> set[str]:
    known = PROJECT.types[name]
    return {name}.union(*map(_closure, known.is_a))


READERS = [step for step in PROJECT.steps.values() if artifacts.data_read(step, PROJECT)]
MAKERS = [step for step in PROJECT.steps.values() if kinds(step, made=True)]


def wrong(text: str) -> list[str]:
    document = read_document("a.sh", text.encode())
    return [item.found for run in document.runs for item in artifacts.wrong_inputs(run, PROJECT)]


@pytest.mark.parametrize("reader", READERS, ids=lambda step: step.id)
@pytest.mark.parametrize("maker", MAKERS, ids=lambda step: step.id)
def test_what_one_run_writes_and_another_reads(maker: Step, reader: Step) -> None:
    """It is wrong if, and only if, the manifests name no type in common."""
    made, read = f"steps run {maker.id} output_dir=/o/made", f"steps run {reader.id} dataset.data_path=/o/made/x"
    text = f"nemotron {made}\nnemotron {read}\n"
    common = any(not one.isdisjoint(other) for one in kinds(maker, made=True) for other in kinds(reader, made=False))
    assert bool(wrong(text)) is not common
    other_place = text.replace("=/o/made/x", "=/o/else/x")
    assert not wrong(other_place)
    assert not wrong(text.replace("dataset.data_path", "model.path"))


@pytest.mark.parametrize("reader", READERS, ids=lambda step: step.id)
def test_files_by_their_names(reader: Step) -> None:
    """A suffix that none of the types has is wrong; Parquet counts as JSONL's, since many read both."""
    read = {item.type.rpartition("_")[2] for item in reader.consumes}
    for kind, path in FILES.items():
        for packed in ("", ".gz", ".zst"):
            expected = kind not in read and not (kind == "parquet" and "jsonl" in read)
            assert bool(wrong(f"nemotron steps run {reader.id} data.train_path={path}{packed}\n")) is expected
    assert not wrong(f"nemotron steps run {reader.id} data.train_path=/d/x\n")
    assert not wrong(f'nemotron steps run {reader.id} data.train_path="$DATA"\n')


@pytest.mark.parametrize(
    "path, shown",
    [
        ("/d/packed/a.parquet", True),
        ("/d/packed_parquet", True),
        ("/d/mcq_benchmark/x.jsonl", True),
        ("/out/byob/benchmark.parquet", True),
        ("team/mcq_benchmark", False),
        ("/d/packed/a.jsonl", False),
        ("/d/training/a.jsonl", False),
        ("/d/filtered/a.parquet", False),
        ("/d/benchmarks-notes/a.jsonl", False),
        ("/d/unpacked/a.parquet", False),
    ],
)
def test_what_a_path_names(path: str, shown: bool) -> None:
    """The words of an artifact type in a path, with its format."""
    assert bool(wrong(f"nemotron steps run peft/automodel dataset.path_or_dataset_id={path}\n")) is shown


def test_a_step_that_reads_any_corpus_is_not_judged() -> None:
    """Where a type has no format, anything may be one."""
    assert not wrong("nemotron steps run byob/mcq input_dir=/d/packed/a.parquet dataset_path=/d/x.jsonl\n")


@pytest.mark.parametrize(
    "prompt, command, is_wrong",
    [
        ("Translate my MCQ benchmark at /d/x.parquet.", "translate/nemo_curator input_path=/d/x.parquet", True),
        ("My multiple-choice benchmark is in `/d/x.parquet`.", "translate/nemo_curator input_path=/d/x.parquet", True),
        ("Build an MCQ benchmark from /d/x.parquet.", "translate/nemo_curator input_path=/d/x.parquet", False),
        ("An MCQ benchmark comes later. /d/x.parquet", "translate/nemo_curator input_path=/d/x.parquet", False),
        ("I have chat JSONL in /d/chat.", "sft/megatron_bridge dataset.dataset_root=/d/chat", True),
        ("I have chat JSONL in /d/chat.", "peft/automodel dataset.path_or_dataset_id=/d/chat", False),
        ("Packed Parquet is under /d/p.", "peft/automodel dataset.path_or_dataset_id=/d/p", True),
        ("Packed Parquet is under /d/p.", "sft/megatron_bridge dataset.dataset_root=/d/p", False),
        ("I have chat JSONL and /d/p.", "sft/megatron_bridge dataset.dataset_root=/d/p", False),
    ],
)
def test_what_a_question_calls_a_path(prompt: str, command: str, is_wrong: bool) -> None:
    """The words right before a path say what is there."""
    document = read_document("a.answer.md", f"```bash\nnemotron steps run {command}\n```\n".encode(), prompt=prompt)
    assert any(artifacts.wrong_inputs(run, PROJECT) for run in document.runs) is is_wrong


@pytest.mark.parametrize("value", ["[/d/x.jsonl]", "[0.3, /d/a, 0.7, /d/x.jsonl]", "['/d/x.jsonl']"])
def test_paths_of_a_list(value: str) -> None:
    """Each counts."""
    run = f'nemotron steps run pretrain/automodel "dataset.paths={value}"\n'
    assert wrong(run)
    assert not wrong(run.replace("x.jsonl", "x"))
