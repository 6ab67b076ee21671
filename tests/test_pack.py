"""A rule pack of a third party is installed, found, and held to the same examples as our own."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import pytest

from support.command import execute, nemolint, python
from support.hosts import command_payload, read_command

PACK = Path(__file__).parent / "pack"


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the pack is installed."""
    site = tmp_path_factory.mktemp("site")
    source = tmp_path_factory.mktemp("pack")
    for file in PACK.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            target = source / file.relative_to(PACK)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    execute([*pip, "--target", site, source], source, code=0)
    return {"PYTHONPATH": str(site)}


def test_an_installed_pack_is_found_and_runs(environ: dict[str, str], tmp_path: Path) -> None:
    """Its rule is listed, explained, and reports."""
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel -c tiny -d\n", "utf-8")
    assert "missing-seed" in nemolint(tmp_path, "rules", env=environ).out
    assert "cannot be compared" in nemolint(tmp_path, "explain", "missing-seed", env=environ).out
    done = nemolint(tmp_path, "--output-format", "concise", "a.sh", env=environ)
    assert done.out.startswith("a.sh:1:20: warning[missing-seed] sft/automodel runs without `seed=`"), done
    assert done.code == 1


def test_a_new_module_of_a_pack_is_a_new_rule(tmp_path: Path) -> None:
    """A rule that is added to a pack, as one in editable mode, reports at once, whatever was cached before."""
    site = tmp_path / "site"
    pack = site / "nemolint_demo_pack"
    shutil.copytree(PACK / pack.name, pack)
    (site / "demo-1.dist-info").mkdir()
    (site / "demo-1.dist-info/entry_points.txt").write_text(f"[nemolint.rules]\ndemo = {pack.name}\n", "utf-8")
    work = tmp_path / "work"
    work.mkdir()
    command = "nemotron steps run sft/automodel -c tiny --dry-run"
    (work / "a.sh").write_text(f"{command}\n", "utf-8")
    payload = json.dumps(command_payload("claude", command, str(work)))
    env = {"PYTHONPATH": str(site), "NEMOLINT_CACHE_DIR": str(tmp_path / "cache")}

    def said() -> list[bool]:
        done = nemolint(work, "hook", stdin=payload, env=env)
        hook = read_command("claude", done.out, done.err, done.code)
        check = nemolint(work, "a.sh", env=env).out
        return [name in text for text in (check, hook.model) for name in ("missing-seed", "other-seed")]

    time.sleep(0.2)  # stamps of files that are this young are not trusted
    for _ in range(2):
        assert said() == [True, False, True, False]
        time.sleep(0.5)
    source = (pack / "missing_seed.py").read_text("utf-8").replace("missing_seed", "other_seed")
    (pack / "other_seed.py").write_text(source, "utf-8")
    assert said() == [True, True, True, True]


def test_a_pack_proves_its_examples_with_our_harness(environ: dict[str, str], tmp_path: Path) -> None:
    """`check_example` is for packs, too."""
    code = (
        "from nemolint.linter.loader import load_pack\n"
        "from nemolint.testing import check_example, examples\n"
        "for rule, example in examples(load_pack('nemolint_demo_pack')):\n"
        "    check_example(rule, example)\n"
        "    print(rule.name)\n"
    )
    done = python(code, tmp_path, env=environ)
    assert done.out.split() == ["missing-seed"] * 4, done.err


def test_a_broken_pack_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    """A pack that does not import stops the check with one message that names it."""
    site = tmp_path / "site"
    (site / "broken-1.dist-info").mkdir(parents=True)
    (site / "broken-1.dist-info" / "entry_points.txt").write_text("[nemolint.rules]\nx = no_such_pack\n", "utf-8")
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel\n", "utf-8")
    done = nemolint(tmp_path, "a.sh", env={"PYTHONPATH": str(site)})
    assert done.code == 2
    assert "no_such_pack" in done.err
