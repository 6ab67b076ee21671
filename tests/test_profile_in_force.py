"""Which env TOML and which profile a run gets."""

from __future__ import annotations

import pytest

from nemolint.analysis.profile_in_force import exported_env_file, names_env_toml, near_miss, written_profiles
from nemolint.document import Document
from nemolint.reader import read_text

RUN = "nemotron steps run sft/automodel -c tiny --batch big"


def document(text: str, path: str = "x.sh") -> Document:
    return read_text(path, text)


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
