"""Mappings that runners take apart, and keys that win over others: held against every step that has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nemolint.linter.checker import Checker
from nemolint.linter.loader import load_rules
from nemolint.project import known, snapshot
from nemolint.settings import Settings

RULES = load_rules()
KNOWN = {step.id: known.of(step.runner) for step in snapshot.steps(snapshot.bundled()).values()}
_SHADOWS = [(step, key, winner) for step, facts in KNOWN.items() for key, winner in facts.shadows.items()]


def _found(root: Path, override: str, step: str, rule: str = "ineffective-override") -> list[str]:
    """What the rule says of a dry run of `step` with the config `mine.yaml` of `root`."""
    command = f"nemotron steps run {step} -c mine.yaml --dry-run {override}\n"
    checker = Checker(Settings(root=root), cwd=root, environ={}, rules=RULES)
    found = checker.check(checker.read(root / "run.sh", command.encode()))
    return [one.message for one in found if one.rule == rule]


def _config(root: Path, key: str, value: str) -> None:
    """Write `mine.yaml`, which sets one dotted key."""
    text = value
    for part in reversed(key.split(".")):
        text = f"{{{part}: {text}}}"
    (root / "mine.yaml").write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("step", KNOWN)
def test_plain_value_for_a_mapping(step: str, tmp_path: Path) -> None:
    """A string or a number in the place of a mapping that is taken apart is one finding; null and references none."""
    for key in sorted(KNOWN[step].unpacked):
        _config(tmp_path, key, "{some: 1}")
        for value in ("org/name", "5"):
            # The CLI itself takes these two apart, and stops.
            by_cli = key in ("run", "run.env")
            (message,) = _found(tmp_path, f"{key}={value}", step, "invalid-value" if by_cli else "ineffective-override")
            assert f"`{key}`" in message and ("loses `some`" in message or by_cli)
        for value in ("null", "'${other}'", '"$VALUE"', "'{some: 2}'"):
            assert not _found(tmp_path, f"{key}={value}", step), (key, value)


@pytest.mark.parametrize(("step", "key", "winner"), _SHADOWS)
def test_shadowed_key(step: str, key: str, winner: str, tmp_path: Path) -> None:
    """A shadowed key is reported while its winner differs: setting both alike, as the finding asks, is silent."""
    _config(tmp_path, winner, "4")
    assert _found(tmp_path, f"{key}=8", step) == [
        f"the config pins `{winner}`, which wins over `{key}`: override `{winner}` instead"
    ]
    assert len(_found(tmp_path, f"{key}=8 {winner}=2", step)) == 1
    for silent in (
        f"{key}=4",
        f"{key}=8 {winner}=8",
        f"{winner}=8 {key}=8",
        f"{key}=8 {winner}=null",
        f'{key}=8 {winner}="$X"',
    ):
        assert not _found(tmp_path, silent, step), silent
    _config(tmp_path, winner, f"'${{{key}}}'")
    assert not _found(tmp_path, f"{key}=8", step)


@pytest.mark.parametrize("key", ["dataset", "dataset.tokenizer", "no_runner.says.so"])
def test_instantiated_mapping(key: str, tmp_path: Path) -> None:
    """A mapping with `_target_` becomes an object: a name or a number cannot, an import path or a switch may."""
    _config(tmp_path, key, "{_target_: a.b.C}")
    for value in ("org/name-8B", "fsdp2", "5"):
        (message,) = _found(tmp_path, f"{key}={value}", "pretrain/automodel")
        assert "loses `_target_`" in message
    silent = ["null", "'${other}'"] + ([] if key == "dataset" else ["false", "a.b.function", "a.b:Class"])
    for value in silent:
        assert not _found(tmp_path, f"{key}={value}", "pretrain/automodel"), value


def test_shadowed_length(tmp_path: Path) -> None:
    """A length that another one wins over is compared with nothing; the winner is, wherever it is set."""
    text = "{recipe: {seq_length: 8192}, dataset: {seq_length: 2048}, model: {seq_length: 2048}}\n"
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    step, rule = "peft/megatron_bridge", "misaligned-lengths"
    assert not _found(tmp_path, "", step, rule)
    assert not _found(tmp_path, "recipe.seq_length=4096", step, rule)
    assert len(_found(tmp_path, "model.seq_length=8192", step, rule)) == 1
    assert len(_found(tmp_path, "model.seq_length=null", step, rule)) == 1
