"""Words that were meant to be an option."""

from __future__ import annotations

import pytest

from nemolint.analysis.misspellings import meant_dry_run
from nemolint.base.close_matches import edit_distance
from nemolint.document import Document
from nemolint.reader import read_text

RUN = "nemotron steps run sft/automodel -c tiny --batch big"


def document(text: str, path: str = "x.sh") -> Document:
    return read_text(path, text)


@pytest.mark.parametrize(
    "word",
    [
        "--dryrun",
        "--dry_run",
        "--dry",
        "--DRY-RUN",
        "--preview",
        "-n",
        "-dryrun",
        "-dry-run",
        "-preview",
        "—dry-run",
        "–d",
        "−−dry-run",
        "--dr-run",
    ],
)
def test_meant_dry_run(word: str) -> None:
    """Each of these launches the job, or runs on a bogus profile."""
    run = document(f"nemotron steps run sft/automodel -c tiny {word}").runs[0]
    found = meant_dry_run(run)
    assert found is not None
    assert found.value == word


@pytest.mark.parametrize(
    "words",
    [
        "--dry-run",
        "-d",
        "-dc tiny",
        "-b dryrun",
        "-r -n",
        "dryrun=true",
        "--force-squash",
        "-dr prod",
        "--run",
        "--try",
        "-v",
    ],
)
def test_not_meant_dry_run(words: str) -> None:
    """Options that exist, values, overrides and other words are left alone."""
    assert meant_dry_run(document(f"nemotron steps run sft/automodel {words}").runs[0]) is None


def test_distance_counts_swaps_once() -> None:
    """Neighbours swapped are one slip, as people make it."""
    assert edit_distance("dyr-run", "dry-run", 2) == 1
    assert edit_distance("dry", "dry-run", 2) == 3
