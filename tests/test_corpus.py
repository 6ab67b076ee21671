"""The real documents: what is found in them, beside labels that were made by other means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nemolint.invocation import StepRun
from nemolint.reader import Unreadable, read_document

JUDGED = ("command", "template", "synopsis")


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
        "run": run.run.text if run.run is not None else None,
        "batch": run.batch.text if run.batch is not None else None,
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
