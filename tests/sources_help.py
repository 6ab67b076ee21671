"""Helpers of the tests of the containers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nemolint.document import Document
from nemolint.sources import Reading, kind_of, read_regions

if TYPE_CHECKING:
    from pathlib import Path

    from nemolint.document import Region


def read(path: str, text: str) -> Reading:
    """Read a text and hold its maps against it: segments without gaps, verbatim ones equal to their slices."""
    document = Document(path, text, kind_of(path, text) or "")
    reading = read_regions(document)
    for region in reading.regions:
        at = 0
        for segment in region.map.segments:
            assert segment.start == at
            at += segment.length
            end = segment.outer_start + segment.outer_length
            assert 0 <= segment.outer_start <= end <= len(text)
            if segment.kind == "verbatim":
                assert region.text[segment.start : at] == text[segment.outer_start : end]
        assert at == len(region.text)
    for comment in reading.suppress_comments:
        assert 0 <= comment.start < comment.end <= len(text)
    return reading


def shell(path: str, text: str) -> list[str]:
    """The texts of a file's shell regions."""
    return [region.text for region in read(path, text).regions if region.kind == "shell"]


def place(region: Region, words: str) -> tuple[int, int, int, int]:
    """Lines and columns of `words` in a region, as a file has them."""
    at = region.text.index(words)
    start, end = region.map.to_outer(at, at + len(words))
    lines = region.document.lines
    return (*lines.position(start), *lines.position(end))


def container_cases(shared: Path, *kinds: str) -> list[dict[str, Any]]:
    """The cases of `containers.jsonl` for these kinds of files."""
    rows = (json.loads(line) for line in (shared / "cases" / "containers.jsonl").read_text("utf-8").splitlines())
    return [row for row in rows if kind_of(row["path"], row["source"]) in kinds]
