"""What the tests of YAML, TOML, JSON, Python and notebooks share."""

from __future__ import annotations

import json
from pathlib import Path

from nemolint.document import Document, Region, TextMap
from nemolint.sources import Reading, read_regions


def check_map(map: TextMap, source: str) -> None:
    """Every verbatim segment of a map equals its slice of the file, and the segments cover the text."""
    position = 0
    for segment in map.segments:
        assert segment.start == position
        position += segment.length
        if segment.kind == "verbatim":
            inside = map.text[segment.start : segment.start + segment.length]
            assert inside == source[segment.outer_start : segment.outer_start + segment.outer_length]
    assert position == len(map.text)


def reading(source: str, path: str) -> tuple[Document, Reading]:
    """A file's regions, with every map checked against the file."""
    document = Document(path, source)
    result = read_regions(document)
    for region in result.regions:
        check_map(region.map, source)
    return document, result


def regions(source: str, path: str) -> list[tuple[str, str, str]]:
    """Kind, container and text of each region."""
    return [(region.kind, region.container, region.text) for region in reading(source, path)[1].regions]


def shell(source: str, path: str) -> list[str]:
    """The texts of the shell regions."""
    return [text for kind, _, text in regions(source, path) if kind == "shell"]


def place(document: Document, region: Region, text: str) -> tuple[int, int, int, int]:
    """Line and column of the first and past the last character of a text of a region."""
    at = region.text.index(text)
    start, end = region.map.to_outer(at, at + len(text))
    return (*document.lines.position(start), *document.lines.position(end))


def check_case(shared: Path, name: str, texts: list[str]) -> None:
    """The runs of a shared case stand, one in each shell region, at their exact places."""
    rows = map(json.loads, (shared / "cases/containers.jsonl").read_text().splitlines())
    case = next(row for row in rows if row["name"] == name)
    document, result = reading(case["source"], case["path"])
    scripts = [region for region in result.regions if region.kind == "shell"]
    assert len(scripts) == len(texts)
    for region, text, run in zip(scripts, texts, case["runs"], strict=True):
        assert place(document, region, text) == (run["line"], run["column"], run["end_line"], run["end_column"])
