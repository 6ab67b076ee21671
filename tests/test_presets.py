"""Presets: what each changes, and that the user's own settings win."""

from __future__ import annotations

from pathlib import Path

import pytest

from nemolint.base.choices import Preset
from nemolint.linter.checker import Checker
from nemolint.linter.loader import load_rules
from nemolint.presets import PRESETS
from nemolint.settings import Settings, SettingsOverride
from support.command import nemolint

SCRIPT = "nemotron steps run sft/automodel -c default --batch h100\n"
PAGE = "```bash\nnemotron steps run byob/mcq -c tiny --batch <profile>\n```\n"


def _severities(root: Path, preset: Preset, name: str, text: str, **settings: object) -> dict[str, str]:
    (root / name).write_text(text, "utf-8")
    checker = Checker(Settings(root, preset=preset, **settings), cwd=root, environ={})  # type: ignore[arg-type]
    return {item.rule: item.severity for item in checker.check(checker.read(root / name))}


@pytest.mark.parametrize(
    ("preset", "missing", "inherited", "env"),
    [
        ("repo", "error", "warning", "info"),
        ("docs", "info", "info", None),
        ("scripts", "error", "warning", "warning"),
        ("strict", "error", "warning", "warning"),
    ],
)
def test_severities(tmp_path: Path, preset: Preset, missing: str, inherited: str, env: str | None) -> None:
    """Each preset sets the severities that its page names."""
    found = _severities(tmp_path, preset, "a.sh", SCRIPT)
    assert found["missing-dry-run"] == missing
    assert found["inherited-placeholder"] == inherited
    assert found.get("missing-env-file") == env
    assert ("missing-launcher" in found) == (preset == "strict")


def test_what_settings_say_wins(tmp_path: Path) -> None:
    """A severity of the settings, for all files or for some, wins over the preset."""
    assert (
        _severities(tmp_path, "docs", "a.sh", SCRIPT, severity={"missing-dry-run": "error"})["missing-dry-run"]
        == "error"
    )
    override = SettingsOverride(("a.sh",), severity={"missing-dry-run": "warning"}, preset="scripts")
    assert _severities(tmp_path, "docs", "a.sh", SCRIPT, overrides=(override,)) | {} == {
        "missing-dry-run": "warning",
        "inherited-placeholder": "warning",
        "missing-env-file": "warning",
    }
    assert _severities(tmp_path, "docs", "b.md", PAGE, overrides=(override,))["unfilled-placeholder"] == "info"


def test_names() -> None:
    """The presets that rules name, and the groups that presets name, exist."""
    rules = load_rules()
    assert {preset for rule in rules.values() for preset in rule.presets} <= set(PRESETS)
    assert {name for changes in PRESETS.values() for name in changes.extend_select} <= {r.group for r in rules.values()}


def test_statistics(tmp_path: Path) -> None:
    """A first check with many findings says how to start; a small one, or one with a baseline, only counts."""
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel -c tiny --dryrun\n" * 20, "utf-8")
    done = nemolint(tmp_path, "--statistics", "--output-format", "concise")
    assert done.err == (
        "     20  error    misspelled-dry-run\n"
        "How to start with so many:\n"
        "  nemolint baseline                  report only what is new from now on\n"
        "  nemolint --preset docs             lower what pages leave to their readers (docs/presets.md)\n"
        "  per-file-ignores in the settings   turn a rule such as `misspelled-dry-run` off for some files\n"
        "Found 20 errors in 1 file (checked 1 file, 20 runs).\n"
        "20 findings can be fixed with --fix.\n"
        "`nemolint explain misspelled-dry-run` says more.\n"
    )
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel -c tiny --dryrun\n", "utf-8")
    assert "How to start" not in nemolint(tmp_path, "--statistics").err


@pytest.mark.parametrize(("name", "preset"), [("a.answer.md", "repo"), ("a.md", "answer"), ("a.answer.md", "docs")])
def test_an_optional_rule_that_a_preset_names_is_on_in_it(tmp_path: Path, name: str, preset: Preset) -> None:
    """`recipe-cli` is on in answers, whatever says that a file is one, and elsewhere off."""
    text = "Repo-grounded.\n\n```bash\nuv run nemotron super3 sft -c tiny\n```\n"
    assert _severities(tmp_path, preset, name, text) == {"recipe-cli": "warning"}
    assert _severities(tmp_path, preset, name, text, severity={"recipe-cli": "off"}) == {}
    assert _severities(tmp_path, preset, name, text, ignore=("recipe-cli",)) == {}
    assert _severities(tmp_path, "repo", "b.md", text) == {}
