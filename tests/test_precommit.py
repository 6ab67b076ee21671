"""The pre-commit hooks, installed from this very tree by pre-commit itself, and by prek."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from support import command
from support.command import Done, execute, git
from support.once import common, once

PROJECT = Path(__file__).resolve().parents[1]
MISSPELT, CLEAN = f"{command.MISSPELT}\n", f"{command.CORRECT}\n"
CONFIG = "repos:\n- repo: {repo}\n  rev: {rev}\n  hooks:\n  - id: {hook}\n"


class Hooks(NamedTuple):
    """A program that runs hooks, the repository and commit that they come from, and the home where it keeps them."""

    program: str
    repo: Path
    rev: str
    home: Path

    def __call__(self, folder: Path, *arguments: str) -> Done:
        """Run the program in `folder`, without colours."""
        home = str(self.home)
        plain = {"PRE_COMMIT_HOME": home, "PREK_HOME": home, "PRE_COMMIT_COLOR": "never", "NO_COLOR": "1"}
        return execute([sys.executable, "-m", self.program, *arguments], folder, env=plain, timeout=600)


@pytest.fixture(scope="module", params=["pre_commit", "prek"])
def hooks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Hooks:
    """The hooks, installed from a repository that holds this tree as it is now."""
    program: str = request.param
    if importlib.util.find_spec(program) is None:
        pytest.skip(f"{program} is not installed")
    top = common(tmp_path_factory) / f"hooks of {program}"
    hooks = Hooks(program, top / "repo", "", top / "home")
    rev, why, failed = once(top, lambda: _install(hooks, top / "user"))
    if why:
        pytest.skip(why)
    assert not failed, failed
    return hooks._replace(rev=rev)


def _install(hooks: Hooks, user: Path) -> tuple[str, str, str]:
    """Install the hooks for a repository: their commit, why that cannot be done here, and what failed."""
    repo = hooks.repo
    for folder in (repo, user, hooks.home):
        folder.mkdir()
    listed = execute(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], PROJECT)
    if listed.code != 0:
        return "", "the tests run outside the project's repository", ""
    for name in filter(None, listed.out.split("\0")):
        if (PROJECT / name).is_file():
            (repo / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, repo / name)
    git(repo, "init", "-q")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "all")
    rev = git(repo, "rev-parse", "HEAD").strip()
    git(user, "init", "-q")
    (user / ".pre-commit-config.yaml").write_text(CONFIG.format(repo=repo, rev=rev, hook="nemolint"))
    installed = hooks(user, "install-hooks")
    if installed.code != 0:
        log = installed.out + installed.err
        words = ("Could not find a version", "Connection", "resolve", "No matching distribution")
        if any(word in log for word in words):
            return "", "pip cannot fetch the hook's dependencies here", ""
        return "", "", log
    return rev, "", ""


def _user(folder: Path, hooks: Hooks, hook: str, files: dict[str, str], more: str = "") -> None:
    """A repository whose hook has `more` settings."""
    git(folder, "init", "-q")
    (folder / ".pre-commit-config.yaml").write_text(CONFIG.format(repo=hooks.repo, rev=hooks.rev, hook=hook) + more)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "-A")


def test_every_kind_of_file_reaches_the_hook(hooks: Hooks, tmp_path: Path) -> None:
    """pre-commit hands over every kind of file that may hold a command, and the hook fails on each."""
    files = {
        "a.md": f"```bash\n{MISSPELT}```\n",
        "b.sh": MISSPELT,
        "c.sbatch": f"#!/bin/bash\n{MISSPELT}",
        "d.yaml": "# uv run nemotron steps run sft/automodle -c tiny --dry-run\na: 1\n",
        ".github/workflows/e.yml": f"jobs:\n  a:\n    steps:\n      - run: {MISSPELT}",
        "Makefile": f"all:\n\t{MISSPELT}",
        "justfile": f"all:\n  {MISSPELT}",
        "Dockerfile": f"FROM x\nRUN {MISSPELT}",
        "f.py": f"import os\n\nos.system({MISSPELT.strip()!r})\n",
        "g.rst": f".. code-block:: bash\n\n   {MISSPELT}",
        "script": f"#!/bin/bash\n{MISSPELT}",
        "h.cpp": f"// {MISSPELT}",
        "clean.md": f"```bash\n{CLEAN}```\n",
    }
    _user(tmp_path, hooks, "nemolint", files)
    done = hooks(tmp_path, "run", "--all-files", "--verbose")
    assert done.code == 1, done.out
    for name in files:
        assert (f"--> {name}:" in done.out) == (name not in ("h.cpp", "clean.md")), f"{name}\n{done.out}"


def test_clean_files_pass(hooks: Hooks, tmp_path: Path) -> None:
    """Without findings the hook passes, without a word about files that are not its business."""
    _user(tmp_path, hooks, "nemolint", {"a.sh": CLEAN, "b.md": "# x\n", "c.bin.md": "x\0y", "d.cpp": "int x;\n"})
    done = hooks(tmp_path, "run", "--all-files")
    assert done.code == 0 and "Passed" in done.out, done.out


def test_fix_hook(hooks: Hooks, tmp_path: Path) -> None:
    """The fixing hook changes the file, which pre-commit reports, and passes the second time."""
    _user(tmp_path, hooks, "nemolint-fix", {"a.sh": MISSPELT})
    first = hooks(tmp_path, "run", "--all-files")
    assert first.code == 1 and "files were modified by this hook" in first.out
    assert (tmp_path / "a.sh").read_text() == CLEAN
    git(tmp_path, "add", "-A")
    assert hooks(tmp_path, "run", "--all-files").code == 0


def test_project_file_means_the_whole_tree(hooks: Hooks, tmp_path: Path) -> None:
    """A commit that changes a profile also fails for commands in files that it does not touch."""
    run = "uv run nemotron steps run sft/automodel -c tiny --dry-run --batch gone\n"
    profile = '[kept]\nexecutor = "slurm"\n'
    _user(tmp_path, hooks, "nemolint", {"a.sh": run, "env.toml": f'[gone]\nexecutor = "slurm"\n{profile}'})
    git(tmp_path, "commit", "-qm", "x", "--no-verify")
    assert hooks(tmp_path, "run", "--all-files").code == 0
    (tmp_path / "env.toml").write_text(profile)
    git(tmp_path, "add", "-A")
    done = hooks(tmp_path, "run")
    assert done.code == 1 and "error[unknown-profile]" in done.out and "--> a.sh:1:" in done.out


def test_many_files(hooks: Hooks, tmp_path: Path) -> None:
    """However pre-commit splits a long list of files, every finding is reported once and none is lost."""
    deep = "/".join(["a-folder-with-a-long-name"] * 6)
    files = {f"{deep}/{number:04}.sh": MISSPELT if number % 500 == 0 else CLEAN for number in range(2000)}
    _user(tmp_path, hooks, "nemolint", files)
    done = hooks(tmp_path, "run", "--all-files")
    assert done.code == 1
    for number in range(0, 2000, 500):
        assert done.out.count(f"{number:04}.sh:1:") == 1
    assert done.out.count("error[misspelled-dry-run]") == 4


# Files that, as options, would fix, hide, redirect or stop.
OPTIONS = (
    "--fix", "--exit-zero", "--output-format=json=x", "--hook", "--", "-", "-q", "--no-such-option", "--ignore=callouts"
)  # fmt: skip


@pytest.mark.parametrize("hook", ["nemolint", "nemolint-fix"])
@pytest.mark.parametrize("args", ["", "    args: [--]\n", "    args: [--statistics, --baseline, known.json, --]\n"])
def test_files_with_the_names_of_options(hooks: Hooks, tmp_path: Path, hook: str, args: str) -> None:
    """Each is checked as the file that it is, whatever options the user gives."""
    unfixable = "nemotron steps run sft/no-such-step -c tiny --dry-run\n"
    files = dict.fromkeys(OPTIONS, f"#!/bin/bash\n{unfixable}") | {"a.sh": MISSPELT}
    files["known.json"] = '{"version": 1, "findings": []}\n'
    _user(tmp_path, hooks, hook, files, args)
    done = hooks(tmp_path, "run", "--all-files", "--verbose")
    assert done.code == 1, done.out
    for name in OPTIONS:
        assert f"--> {name}:2:" in done.out, f"{name}\n{done.out}"
    assert (tmp_path / "a.sh").read_text() == (CLEAN if hook == "nemolint-fix" else MISSPELT)
    assert not (tmp_path / "x").exists()


def test_no_file_passes_for_an_option(hooks: Hooks, tmp_path: Path) -> None:
    """Where a user's `args` do not end in `--`, a file with the name of an option stops the hook, and others do not."""
    _user(tmp_path, hooks, "nemolint", {"a.sh": MISSPELT, "c.sh": CLEAN}, "    args: [--statistics, --show, info]\n")
    done = hooks(tmp_path, "run", "--all-files")
    assert done.code == 1 and "misspelled-dry-run" in done.out and "--> a.sh:1:" in done.out
    (tmp_path / "--exit-zero").write_text(f"#!/bin/bash\n{CLEAN}")
    git(tmp_path, "add", "-A")
    done = hooks(tmp_path, "run", "--all-files")
    assert done.code == 1 and "--exit-zero: a file is named like an option" in done.out
