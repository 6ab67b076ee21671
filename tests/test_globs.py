"""Globs as paths, and which of a document's globs are given as inputs."""

from __future__ import annotations

import pytest

from nemolint.analysis import globs
from nemolint.reader import read_document


@pytest.mark.parametrize(
    ("path", "parent"),
    [
        ("/data/news/*.jsonl", "/data/news"),
        ("./data/**/*.jsonl", "data"),
        ("/data/a[0-9]/x", "/data"),
        ("*.jsonl", ""),
        ("/data/news", ""),
        ("/*.jsonl", "/"),
    ],
)
def test_literal_parent(path: str, parent: str) -> None:
    """The parent is what stands before the first part with a pattern."""
    assert globs.literal_parent(path) == parent


def test_given() -> None:
    """Prose and variables give inputs; other commands, outputs and URLs do not."""
    text = (
        "The data is in `/data/a/*.jsonl`.\nIt writes /data/b/*.jsonl.\nSee https://x.org/y?z=1 and **bold/text**.\n"
        "Or **/x/*.py.\n\n"
        "```bash\nls /data/c/*.jsonl\nIN='/data/d/*.jsonl'\nnemotron steps run a/b -d\n```\n"
    )
    document = read_document("a.md", text.encode())
    assert sorted(globs.given(document)) == ["/data/a", "/data/d"]
    assert globs.given(document)["/data/a"].text == "/data/a/*.jsonl"


def test_overridden_and_written() -> None:
    """A glob that another run gives to the same key is known by key; folders that runs write to are known."""
    text = "nemotron steps run a/b 'input_path=/data/a/*' output_dir=/out/x server.url=/v1\n"
    document = read_document("a.sh", text.encode())
    assert list(globs.overridden(document)) == [("input_path", "/data/a")]
    assert globs.written(document) == {"/out/x"}
