"""What is shipped is whole: data files, types, licence, and the command itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = (
    "nemolint/project/snapshot.json",
    "nemolint/judging/eval_tasks.json",
    "nemolint/shell/bashlex_tables.json",
    "nemolint/py.typed",
    "nemolint_rules/py.typed",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=ROOT, check=True)
    return folder


def test_the_wheel_is_whole(built: Path) -> None:
    """Every module and data file of the tree is in the wheel, with the licence."""
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert not [name for name in DATA if name not in names]
    for base in ("lint", "rules"):
        for file in (ROOT / base).glob("nemo*/**/*.py"):
            assert file.relative_to(ROOT / base).as_posix() in names
    assert [name for name in names if name.endswith("licenses/LICENSE")]
    assert not [name for name in names if name.startswith(("tests", "benchmarks")) or "__pycache__" in name]


def test_the_sdist_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    """The source distribution holds all that a build of the wheel takes."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=source, check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    (other,) = built.glob("*.whl")
    assert set(zipfile.ZipFile(wheel).namelist()) == set(zipfile.ZipFile(other).namelist())


def test_the_installed_command_works(built: Path, tmp_path: Path) -> None:
    """Installed from the wheel, away from the source tree, the command finds its rules and its snapshot."""
    (wheel,) = built.glob("*.whl")
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(pip, check=True)
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel -c tiny --dryrun\n", "utf-8")
    environ = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "nemolint", "--no-cache", "--output-format", "concise", "a.sh"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("a.sh:1:42: error[misspelled-dry-run]")
    where = "import nemolint; print(nemolint.__file__)"
    shown = subprocess.run([sys.executable, "-c", where], env=environ, capture_output=True, text=True, check=True)
    assert str(site) in shown.stdout
