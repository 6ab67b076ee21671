"""Scripts and jobs that ask a person before they launch."""

from __future__ import annotations

import pytest

from nemolint.analysis.confirmation import asks_first, ci_job
from nemolint.analysis.misspellings import meant_dry_run
from nemolint.analysis.profile_in_force import exported_env_file
from nemolint.document import Document
from nemolint.reader import read_text

RUN = "nemotron steps run sft/automodel -c tiny --batch big"


def document(text: str, path: str = "x.sh") -> Document:
    return read_text(path, text)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        (f"read -p 'Launch? ' answer\n{RUN}", True),
        (f"read -r answer </dev/tty\n{RUN}", True),
        (f"gum confirm Launch && {RUN}", True),
        (f"select p in a b; do {RUN}; done", True),
        (f"{RUN}\nread -p 'Done. ' answer", False),
        (f"while read -r line; do {RUN}; done < list", False),
        (f"while IFS= read -r line; do {RUN}; done < list", False),
        (f"read -r version < VERSION\n{RUN}", False),
        (f"git log | read -r head\n{RUN}", False),
        (RUN, False),
    ],
)
def test_asks_first(text: str, asks: bool) -> None:
    """A question before the run counts, reading a file does not."""
    assert asks_first(document(text).runs[-1]) is asks


@pytest.mark.parametrize(
    ("head", "asks"),
    [
        ("on: workflow_dispatch\n", True),
        ("on: [workflow_dispatch]\n", True),
        ("on:\n  workflow_dispatch:\n    inputs: {}\n", True),
        ("on: [push, workflow_dispatch]\n", False),
        ("on: push\n", False),
    ],
)
def test_manual_workflow(head: str, asks: bool) -> None:
    """Only a workflow that nothing but a person starts asks first."""
    page = document(f"{head}jobs:\n  a:\n    steps:\n      - run: {RUN}\n", ".github/workflows/x.yml")
    assert asks_first(page.runs[0]) is asks


def test_manual_gitlab_job() -> None:
    """`when: manual` counts for its own job, over `extends` too."""
    text = (
        f".hand:\n  when: manual\nby-hand:\n  extends: .hand\n  script:\n    - {RUN}\n"
        f"at-once:\n  script:\n    - {RUN}\n"
    )
    page = document(text, ".gitlab-ci.yml")
    assert [asks_first(run) for run in page.runs] == [True, False]
    assert ci_job(page, len(text) - 1) == "at-once"


def test_hostile_text_stays_linear() -> None:
    """Many exports, runs and questions in one file take time in proportion."""
    page = document(f"export NEMOTRON_ENV_FILE=a.toml\nread x < y\n{RUN}\n" * 2_000)
    for run in page.runs:
        exported_env_file(run)
        asks_first(run)
        meant_dry_run(run)
