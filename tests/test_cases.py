"""Case files, the shared ones and our own: tricky snippets whose runs are known exactly.

Our own, in `data/`, have the format of the shared ones; the note of a row says what it is about. What a row expects was
decided from the rules of the format (what bash runs, what CommonMark renders), not read off the program.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nemolint.reader import read_document

SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "cases"
OWN = Path(__file__).with_name("data")


def rows(name: str) -> Iterator[Any]:
    """One pytest parameter for each row of both files; one that skips where the shared folder is missing."""
    for folder in (SHARED, OWN):
        if folder == SHARED and not (folder / name).is_file():
            yield pytest.param(None, marks=pytest.mark.skip(reason="../shared is not here"), id="none")
            continue
        for line in (folder / name).read_text("utf-8").split("\n")[:-1]:
            row = json.loads(line)
            yield pytest.param(row, id=row["name"])


@pytest.mark.parametrize("row", list(rows("shell.jsonl")))
def test_shell(row: dict[str, Any]) -> None:
    """Each run of a shell snippet is found with its words, on its line, and nothing else is."""
    document = read_document("case.sh", row["text"].encode())
    found = [
        {"argv": [word.value for word in run.words], "line": document.lines.position(run.span.file_span()[0]).line}
        for run in document.runs
    ]
    assert found == row["expected"]


@pytest.mark.parametrize("row", list(rows("containers.jsonl")))
def test_container(row: dict[str, Any]) -> None:
    """Each run of a container file is found at its exact start and end, and nothing else is."""
    document = read_document(row["path"], row["source"].encode())
    found = []
    for run in document.runs:
        start, end = (document.lines.position(offset) for offset in run.span.file_span())
        found.append({"line": start.line, "column": start.column, "end_line": end.line, "end_column": end.column})
    assert found == row["runs"], row["note"]
