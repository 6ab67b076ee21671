"""What surrounds a run: exports of the env TOML, questions, words that were meant to be `--dry-run`."""

from __future__ import annotations

import pytest

from nemolint.analysis.confirmation import asks_first, ci_job
from nemolint.analysis.context import distance, meant_dry_run
from nemolint.analysis.profile_in_force import exported_env_file, names_env_toml, near_miss, written_profiles
from nemolint.document import Document
from nemolint.reader import read_document

RUN = "nemotron steps run sft/automodel -c tiny --batch big"


def document(text: str, path: str = "x.sh", prompt: str | None = None) -> Document:
    return read_document(path, text.encode(), prompt=prompt)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"export NEMOTRON_ENV_FILE=env.a.toml\n{RUN}", "env.a.toml"),
        (f"export NEMOTRON_ENV_FILE=env.a.toml\nexport NEMOTRON_ENV_FILE='env.b.toml'\n{RUN}", "env.b.toml"),
        (f"NEMOTRON_ENV_FILE=env.a.toml {RUN}", "env.a.toml"),
        (f"env NEMOTRON_ENV_FILE=env.a.toml {RUN}", "env.a.toml"),
        (f"NEMOTRON_ENV_FILE=env.a.toml\nexport NEMOTRON_ENV_FILE\n{RUN}", "env.a.toml"),
        (f"declare -x NEMOTRON_ENV_FILE=env.a.toml\n{RUN}", "env.a.toml"),
        (f"set -a\nNEMOTRON_ENV_FILE=env.a.toml\n{RUN}", "env.a.toml"),
        (f'export NEMOTRON_ENV_FILE="$PWD/env.a.toml"\n{RUN}', "env.a.toml"),
    ],
)
def test_exported(text: str, value: str) -> None:
    """An export or a prefix before the run says which env TOML the CLI reads."""
    export = exported_env_file(document(text).runs[-1])
    assert export is not None
    assert export.value == value


@pytest.mark.parametrize(
    "text",
    [
        f"export NEMOTRON_ENV_FILE=$SITE\n{RUN}",
        f"source site.sh\n{RUN}",
        f"uv run --env-file .env {RUN}",
    ],
)
def test_export_of_unknown_value(text: str) -> None:
    """Where the value cannot be known, nothing may be said about profiles."""
    export = exported_env_file(document(text).runs[-1])
    assert export is not None
    assert export.value is None


@pytest.mark.parametrize(
    "text",
    [
        f"{RUN}\nexport NEMOTRON_ENV_FILE=env.a.toml",
        f"# export NEMOTRON_ENV_FILE=env.a.toml\n{RUN}",
        f"NEMOTRON_ENV_FILE=env.a.toml\n{RUN}",
        f"export NEMOTRON_ENV_FILE=env.a.toml\nunset NEMOTRON_ENV_FILE\n{RUN}",
        f"source .venv/bin/activate\n{RUN}",
    ],
)
def test_not_exported(text: str) -> None:
    """A later export, a comment, a plain assignment and an `unset` leave the CLI with `env.toml`."""
    run = next(run for run in document(text).runs)
    assert exported_env_file(run) is None


def test_prose_names_the_variable() -> None:
    """A page that tells its reader to set the variable exports it; from there on only."""
    page = document(f"```bash\n{RUN}\n```\n\nSet `NEMOTRON_ENV_FILE=env.a.toml`.\n\n```bash\n{RUN}\n```\n", "x.md")
    before, after = (exported_env_file(run) for run in page.runs)
    assert before is None
    assert after is not None
    assert after.value == "env.a.toml"
    assert names_env_toml(page)


def test_workflow_names_the_variable() -> None:
    """`env:` of a workflow holds for the whole file."""
    text = f"on: push\nenv:\n  NEMOTRON_ENV_FILE: env.ci.toml\njobs:\n  a:\n    steps:\n      - run: {RUN}\n"
    export = exported_env_file(document(text, ".github/workflows/x.yml").runs[0])
    assert export is not None
    assert export.value == "env.ci.toml"


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
    assert distance("dyr-run", "dry-run", 2) == 1
    assert distance("dry", "dry-run", 2) == 3


def test_near_miss() -> None:
    """A misspelling is one, a variant of a name is none."""
    names = ("lepton_sft_automodel", "lepton_curate")
    assert near_miss("lepton_sft_automdel", names) == "lepton_sft_automodel"
    assert near_miss("lepton_curatee", names) == "lepton_curate"
    assert near_miss("lepton_curate", names) is None
    assert near_miss("lepton_curate2", names) is None
    assert near_miss("h100", names) is None


def test_written_profiles() -> None:
    """Tables that a script writes count as profiles."""
    assert written_profiles(document("cat > env.toml <<'EOF'\n[a]\n[ \"b\" ]\nEOF\n")) == {"a", "b"}


def test_hostile_text_stays_linear() -> None:
    """Many exports, runs and questions in one file take time in proportion."""
    page = document(f"export NEMOTRON_ENV_FILE=a.toml\nread x < y\n{RUN}\n" * 2_000)
    for run in page.runs:
        exported_env_file(run)
        asks_first(run)
        meant_dry_run(run)
