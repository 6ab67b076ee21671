"""What the tests of the containers share: files are read with every map held against the text."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from nemolint.base.positions import MapBuilder, TextMap
from nemolint.document import Document, Region
from nemolint.reader import find_runs
from nemolint.sources import Reading, kind_of, read_regions
from nemolint.sources.markdown_events import Events, added


def assert_faithful(map: TextMap, outer: str) -> None:
    """The segments of a map cover its text in order, stay in the outer text, and equal it where they are verbatim."""
    at = 0
    for segment in map.segments:
        assert segment.start == at
        at += segment.length
        end = segment.outer_start + segment.outer_length
        assert 0 <= segment.outer_start <= end <= len(outer)
        if segment.kind == "verbatim":
            assert map.text[segment.start : at] == outer[segment.outer_start : end]
    assert at == len(map.text)


def read(path: str, text: str) -> Reading:
    """Read a text as the file that its name says; the maps of its regions are faithful, its comments are in it."""
    reading = read_regions(Document(path, text, kind_of(path, text) or ""))
    for region in reading.regions:
        assert_faithful(region.map, text)
    for comment in reading.suppress_comments:
        assert 0 <= comment.start < comment.end <= len(text)
    return reading


def code_blocks(text: str) -> Iterator[tuple[str | None, TextMap]]:
    """Every code block of a text with LF line ends: its info string (None for indented code) and its content."""
    info: str | None = None
    builder: MapBuilder | None = None
    start = 0
    events = Events(text)
    for event, span in events:
        match event:
            case {"Start": {"CodeBlock": kind}}:
                info = kind["Fenced"] if isinstance(kind, dict) else None
                builder, start = MapBuilder(), events.offsets(span)[0]
            case {"End": "CodeBlock"} if builder is not None:
                yield info, builder.build(start)
                builder = None
            case {"Text": written} if builder is not None:
                added(builder, text, written, *events.offsets(span))


def regions(path: str, text: str) -> list[tuple[str, str, str]]:
    """Kind, container and text of each region."""
    return [(region.kind, region.container, region.text) for region in read(path, text).regions]


def shell(path: str, text: str) -> list[str]:
    """The texts of a file's shell regions."""
    return [region.text for region in read(path, text).regions if region.kind == "shell"]


def runs(path: str, text: str) -> list[str]:
    """The words of each command run in a text, mentions left out; each word that is written there stands at its place.

    The maps are held against the text, too.
    """
    found = []
    for run in find_runs(path, text):
        assert_faithful(run.region.map, text)
        if run.role == "mention":
            continue
        for word in run.words:
            start, end = word.span.file_span()
            assert 0 <= start < end <= len(text)
            if re.fullmatch(r"[\w./=-]+", word.value) and run.region.map.editable(word.start, word.end):
                assert text[start:end] == word.value
        found.append(" ".join(word.value for word in run.words))
    return found


def place(region: Region, words: str) -> tuple[int, int, int, int]:
    """Lines and columns of the first and past the last character of `words` in a region, as its file has them."""
    at = region.text.index(words)
    start, end = region.map.to_outer(at, at + len(words))
    lines = region.document.lines
    return (*lines.position(start), *lines.position(end))


def notebook(*cells: str | list[str], kind: str = "code") -> str:
    """A notebook with cells of these sources."""
    listed = [{"cell_type": kind, "source": source, "metadata": {}, "outputs": []} for source in cells]
    return json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def workflow(script: str, head: str = "on: push\n") -> str:
    """A GitHub workflow with a step that runs this script."""
    steps = "jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n"
    return head + steps + textwrap.indent(script, " " * 10, lambda line: True) + "\n"


def script_of(workflow: str) -> str:
    """The script of that step, as a reader of YAML has it."""
    value: str = yaml.safe_load(workflow)["jobs"]["a"]["steps"][0]["run"]
    return value.removesuffix("\n")


def container_cases(shared: Path, *kinds: str) -> list[dict[str, Any]]:
    """The cases of `containers.jsonl` for these kinds of files."""
    rows = (json.loads(line) for line in (shared / "cases" / "containers.jsonl").read_text("utf-8").splitlines())
    return [row for row in rows if kind_of(row["path"], row["source"]) in kinds]


def check_case(shared: Path, name: str, texts: list[str]) -> None:
    """The runs of a shared case stand, one in each shell region, at their exact places."""
    rows = map(json.loads, (shared / "cases/containers.jsonl").read_text("utf-8").splitlines())
    case = next(row for row in rows if row["name"] == name)
    scripts = [region for region in read(case["path"], case["source"]).regions if region.kind == "shell"]
    assert len(scripts) == len(texts)
    for region, text, run in zip(scripts, texts, case["runs"], strict=True):
        assert place(region, text) == (run["line"], run["column"], run["end_line"], run["end_column"])
