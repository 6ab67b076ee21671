"""The real documents: what is found in them, beside labels that were made by other means."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from nemolint.invocation import StepRun
from nemolint.linter.checker import Checker
from nemolint.reader import Unreadable, read_document
from nemolint.settings import Settings

JUDGED = ("command", "template", "synopsis")

# Every error and warning has been read beside its page, config and manifest. When a rule changes, read what is new.
FINDINGS = {
    ("ineffective-override", "warning"): 19,
    ("inherited-placeholder", "info"): 9,
    ("inherited-placeholder", "warning"): 6,
    ("local-parallel-run", "error"): 15,
    ("local-parallel-run", "info"): 3,
    ("mismatched-profile", "error"): 1,
    ("mismatched-profile", "warning"): 1,
    ("missing-dry-run", "error"): 8,
    ("missing-dry-run", "info"): 25,
    ("missing-env-file", "info"): 15,
    ("missing-value", "error"): 17,
    ("missing-value", "info"): 14,
    ("overwritten-file", "warning"): 1,
    ("refused-override", "error"): 1,
    ("shell-expanded-value", "info"): 8,
    ("shell-expanded-value", "warning"): 1,
    ("unfilled-placeholder", "info"): 88,
    ("unfilled-placeholder", "warning"): 2,
    ("unknown-option", "error"): 1,
    ("unknown-override", "warning"): 3,
}


def logical_line(text: str, line: int) -> int:
    """The first line of the logical command that `line` belongs to (lines that end in a backslash go on)."""
    lines = text.split("\n")
    while line > 1 and lines[line - 2].rstrip("\r").endswith("\\"):
        line -= 1
    return line


@pytest.fixture(scope="session")
def labels(shared: Path) -> list[dict[str, Any]]:
    """The labelled rows whose file is here (git leaves out the folders that the corpus' own .gitignore names)."""
    rows = [json.loads(line) for line in (shared / "corpus/runs.jsonl").read_text("utf-8").splitlines()]
    return [row for row in rows if (shared / "corpus/nemotron" / row["path"]).is_file()]


@pytest.fixture(scope="session")
def found(shared: Path) -> Mapping[tuple[str, int], list[StepRun]]:
    """Every run of the corpus by path and first line of its logical command."""
    root = shared / "corpus/nemotron"
    runs: dict[tuple[str, int], list[StepRun]] = {}
    for file in sorted(root.rglob("*")):
        if not file.is_file():
            continue
        data = file.read_bytes()
        if b"nemotron" not in data or b"steps" not in data:
            continue
        try:
            document = read_document(file.relative_to(root).as_posix(), data)
        except Unreadable:
            continue
        for run in document.runs:
            line = document.lines.position(run.span.file_span()[0]).line
            runs.setdefault((document.path, logical_line(document.text, line)), []).append(run)
    return runs


def fields(run: StepRun) -> dict[str, Any]:
    """The parsed fields of a run under the names of the labels."""
    return {
        "step": run.step.value if run.step is not None else None,
        "config": run.config.text if run.config is not None else None,
        "run": run.run_profile.text if run.run_profile is not None else None,
        "batch": run.batch_profile.text if run.batch_profile is not None else None,
        "dry_run": bool(run.dry_run),
        "overrides": [{"key": item.key, "value": item.value.text} for item in run.overrides],
    }


def test_recall(shared: Path, labels: list[dict[str, Any]], found: Mapping[tuple[str, int], list[StepRun]]) -> None:
    """At least 99 % of the labelled commands, templates and usage lines are found, with every field right."""
    rows = [row for row in labels if row["role"] in JUDGED]
    assert len(rows) > 300
    missed = []
    for row in rows:
        text = (shared / "corpus/nemotron" / row["path"]).read_text("utf-8")
        runs = found.get((row["path"], logical_line(text, row["line"])), [])
        expected = {key: row[key] for key in ("step", "config", "run", "batch", "dry_run", "overrides")}
        if not any(fields(run) == expected and run.role == row["role"] for run in runs):
            missed.append((row["path"], row["line"], expected, row["role"], [(fields(r), r.role) for r in runs]))
    for item in missed:
        print(*item, sep="\n  ")
    assert len(missed) <= len(rows) * 0.01, f"{len(missed)} of {len(rows)}"


def test_nothing_else_is_a_command(
    shared: Path, labels: list[dict[str, Any]], found: Mapping[tuple[str, int], list[StepRun]]
) -> None:
    """What is called a command is labelled as one."""
    known = set()
    for row in labels:
        if row["role"] in (*JUDGED, "unjudged"):
            text = (shared / "corpus/nemotron" / row["path"]).read_text("utf-8")
            known.add((row["path"], logical_line(text, row["line"])))
    false = [key for key, runs in found.items() if key not in known and any(run.role in JUDGED for run in runs)]
    assert not false


def table(title: str, counts: Mapping[tuple[str, str], int]) -> None:
    """Print counts as rows by columns (seen with `-s`)."""
    rows = sorted({row for row, _ in counts})
    columns = sorted({column for _, column in counts})
    width = max(map(len, (title, *rows))) + 2
    print("\n" + title.ljust(width) + "".join(name.rjust(len(name) + 3) for name in columns))
    for row in rows:
        cells = (str(counts.get((row, name), 0) or "-").rjust(len(name) + 3) for name in columns)
        print(row.ljust(width) + "".join(cells))


def test_findings(shared: Path, found: Mapping[tuple[str, int], list[StepRun]]) -> None:
    """What is reported on the real pages, by rule and severity."""
    root = shared / "corpus/nemotron"
    checker = Checker(Settings(root=root), cwd=root, environ={})
    got: Counter[tuple[str, str]] = Counter()
    for path in sorted({path for path, _ in found}):
        for item in checker.check(checker.read(root / path)):
            got[item.rule, item.severity] += 1
    assert not checker.internal_errors
    everything = [run for runs in found.values() for run in runs]
    table("container", Counter((run.region.container, run.role) for run in everything))
    table("rule", got)
    assert dict(got) == FINDINGS


def mistakes(shared: Path, paths: Iterable[str]) -> set[tuple[str, int, str]]:
    """Path, line and rule of what is reported at warning or above in these files."""
    root = shared / "corpus/nemotron"
    checker = Checker(Settings(root=root), cwd=root, environ={})
    return {
        (item.path, item.line, item.rule)
        for path in paths
        for item in checker.check(checker.read(root / path))
        if item.severity != "info"
    }


def test_known_mistakes(shared: Path) -> None:
    """Mistakes of the real pages, each found by reading config and runner, are found."""
    known = {
        # nothing reads the value
        ("docs/train-models/reference/sft/megatron-bridge.md", 184, "ineffective-override"),
        ("src/nemotron/steps/sft/megatron_bridge/README.md", 36, "ineffective-override"),
        ("src/nemotron/steps/pretrain/megatron_bridge/README.md", 35, "ineffective-override"),
        # the config pins the key that wins
        ("docs/train-models/reference/peft/megatron-bridge.md", 163, "ineffective-override"),
        ("docs/train-models/reference/peft/megatron-bridge.md", 172, "ineffective-override"),
        # a scalar in the place of a mapping
        ("docs/train-models/reference/sft/automodel.md", 164, "ineffective-override"),
        ("docs/train-models/reference/sft/megatron-bridge.md", 183, "ineffective-override"),
        ("src/nemotron/steps/data_prep/sft_packing/README.md", 29, "ineffective-override"),
        # an empty mapping merges into the one that should be emptied
        ("docs/curate/how-to/use-huggingface-snapshot.md", 60, "ineffective-override"),
        # no model for the FAITH scores
        ("docs/translation/how-to/run-nmt-translation.md", 57, "missing-value"),
        ("docs/translation/how-to/run-google-aws-translation.md", 26, "missing-value"),
        # a base command in a generated preamble that gives the runner nothing to convert, merge or translate
        ("src/nemotron/steps/env/env_toml/config/dgxcloud.yaml", 27, "missing-value"),
        ("src/nemotron/steps/env/env_toml/config/lepton.yaml", 30, "missing-value"),
        ("src/nemotron/steps/env/env_toml/config/slurm.yaml", 39, "missing-value"),
        # several processes, where a local run has one
        ("docs/train-models/reference/peft/automodel.md", 70, "local-parallel-run"),
        ("docs/train-models/how-to/convert-checkpoints.md", 48, "local-parallel-run"),
        ("docs/train-models/reference/optimize/quantize.md", 125, "local-parallel-run"),
        # an adapter without its base, for which only a variable stands
        ("docs/train-models/reference/peft/megatron-bridge.md", 149, "missing-value"),
        # an option that does not exist
        ("src/nemotron/steps/sdg/README.md", 88, "unknown-option"),
        # fewer GPUs than the parallelism, or than the model needs
        ("docs/train-models/reference/optimize/prune.md", 153, "mismatched-profile"),
        ("docs/train-models/reference/sft/megatron-bridge.md", 191, "mismatched-profile"),
    }
    assert known <= mistakes(shared, sorted({path for path, _, _ in known}))


def test_known_mistakes_of_documented_keys(shared: Path) -> None:
    """Keys that the real reference pages teach and that do nothing, each found by reading config and runner."""
    pages = "docs/train-models/reference"
    known = {
        # `torch_dtype` wins, and every config has it
        (f"{pages}/convert/hf-to-megatron.md", 60, "ineffective-override"),
        # so do keys of `model`
        (f"{pages}/peft/megatron-bridge.md", 85, "ineffective-override"),
        (f"{pages}/peft/megatron-bridge.md", 93, "ineffective-override"),
        (f"{pages}/peft/megatron-bridge.md", 100, "ineffective-override"),
        (f"{pages}/sft/megatron-bridge.md", 103, "ineffective-override"),
        (f"{pages}/sft/megatron-bridge.md", 110, "ineffective-override"),
        # nothing reads the value
        (f"{pages}/peft/megatron-bridge.md", 121, "ineffective-override"),
        (f"{pages}/sft/megatron-bridge.md", 70, "ineffective-override"),
        # the mapping has another name in every config
        (f"{pages}/rl/rlhf.md", 73, "unknown-override"),
        # a key below a list
        ("docs/sdg/reference/cli-reference.md", 69, "refused-override"),
    }
    names = {"ineffective-override", "refused-override", "unknown-override"}
    root = shared / "corpus/nemotron"
    in_commands = {(path, line) for path, line in _lines_of_commands(root)}
    paths = [path.relative_to(root).as_posix() for path in root.rglob("*.md")]
    found = {item for item in mistakes(shared, sorted(paths)) if item[2] in names and item[:2] not in in_commands}
    assert found == known


def _lines_of_commands(root: Path) -> Iterator[tuple[str, int]]:
    """The lines of all runs of the pages."""
    for page in root.rglob("*.md"):
        path = page.relative_to(root).as_posix()
        document = read_document(path, page.read_bytes())
        for run in document.runs:
            start, end = run.span.file_span()
            first, last = (document.lines.position(offset).line for offset in (start, end))
            yield from ((path, line) for line in range(first, last + 1))
