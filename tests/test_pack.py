"""A rule pack of a third party is installed, found, and held to the same examples as our own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    subprocess.run([*pip, "--target", str(site), str(source)], check=True, capture_output=True)
    return {**os.environ, "PYTHONPATH": str(site)}


def nemolint(environ: dict[str, str], cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nemolint", *arguments]
    return subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True, check=False)


def test_an_installed_pack_is_found_and_runs(environ: dict[str, str], tmp_path: Path) -> None:
    """Its rule is listed, explained, and reports."""
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel -c tiny -d\n", "utf-8")
    assert "missing-seed" in nemolint(environ, tmp_path, "rules").stdout
    assert "cannot be compared" in nemolint(environ, tmp_path, "explain", "missing-seed").stdout
    done = nemolint(environ, tmp_path, "--output-format", "concise", "a.sh")
    assert done.stdout.startswith("a.sh:1:20: warning[missing-seed] sft/automodel runs without `seed=`"), done
    assert done.returncode == 1


def test_a_pack_proves_its_examples_with_our_harness(environ: dict[str, str], tmp_path: Path) -> None:
    """`check_example` is for packs, too."""
    code = (
        "from nemolint.linter.loader import load_pack\n"
        "from nemolint.testing import check_example, examples\n"
        "for rule, example in examples(load_pack('nemolint_demo_pack')):\n"
        "    check_example(rule, example)\n"
        "    print(rule.name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environ, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split() == ["missing-seed"] * 4, done.stderr


def test_a_broken_pack_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    """A pack that does not import stops the check with one message that names it."""
    site = tmp_path / "site"
    (site / "broken-1.dist-info").mkdir(parents=True)
    (site / "broken-1.dist-info" / "entry_points.txt").write_text("[nemolint.rules]\nx = no_such_pack\n", "utf-8")
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel\n", "utf-8")
    done = nemolint({**os.environ, "PYTHONPATH": str(site)}, tmp_path, "a.sh")
    assert done.returncode == 2
    assert "no_such_pack" in done.stderr
    assert "Traceback" not in done.stderr
