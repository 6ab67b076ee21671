"""A rule pack of a third party is installed, found, and held to the same examples as our own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.command import execute, nemolint, python

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
