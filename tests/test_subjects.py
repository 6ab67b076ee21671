"""Configs and env files are checked for themselves, even where they name no command."""

from __future__ import annotations

from pathlib import Path

import pytest

from nemolint.linter.checker import Checker
from nemolint.settings import Settings

VALUE = "k7Qw" + "9zLm2X" * 3


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one step, whose config and env TOML hold a secret, and a config of a team's own."""
    files = {
        "pyproject.toml": "[project]\nname = 'x'\n",
        "src/nemotron/steps/a/b/step.toml": "[step]\nid = 'a/b'\nname = 'B'\ncategory = 'a'\n",
        "src/nemotron/steps/a/b/config/default.yaml": f"server:\n  api_key: {VALUE}\n",
        "env.toml": f"[p]\nexecutor = 'slurmy'\n[p.env_vars]\nHF_TOKEN = '{VALUE}'\n",
        "own/mine.yaml": f"server:\n  # two\n  api_key: {VALUE}\n  api_key_env: {VALUE}\n",
        "run.sh": "nemotron steps run a/b -c own/mine.yaml -d\nnemotron steps run a/b -d --config own/mine.yaml\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def found(root: Path, name: str, *severities: str) -> list[tuple[str, str, int, int]]:
    checker = Checker(Settings(root=root), cwd=root, environ={})
    items = checker.check(checker.read(root / name))
    assert all(VALUE not in item.message for item in items)
    assert all(item.fix is None for item in items if item.path != name)
    return [
        (item.rule, item.path, item.line, item.column) for item in items if item.severity in (severities or ("error",))
    ]


def test_a_config_of_a_step(root: Path) -> None:
    """A step's own config."""
    name = "src/nemotron/steps/a/b/config/default.yaml"
    assert found(root, name) == [("inlined-secret", name, 2, 12)]


def test_an_env_file(root: Path) -> None:
    """Its executor, which stops no run of that file, and what its profiles export."""
    assert found(root, "env.toml", "error", "warning") == [
        ("invalid-env-file", "env.toml", 2, 12),
        ("inlined-secret", "env.toml", 4, 13),
    ]


def test_a_config_that_a_run_names(root: Path) -> None:
    """A file that `-c` names is checked once, in its own place, and never fixed in the place of the script."""
    assert found(root, "run.sh") == [
        ("inlined-secret", "own/mine.yaml", 3, 12),
        ("secret-in-name-field", "own/mine.yaml", 4, 16),
    ]
