"""`.ci/venv.py`, the two commands of the README for a machine with Python alone."""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support.command import MISSPELT, execute, start

ROOT = Path(__file__).resolve().parents[1]
PROJECT = """
[build-system]
requires = ["hatchling"]
[project]
dependencies = ["one>=1"]
[dependency-groups]
test = ["two>=2"]
[tool.hatch]
[tool.ruff]
line-length = 100
"""


class Script:
    """The script in a project of its own, with programs that only leave what they are known to leave.

    `programs` has each Python that was started, from the module's name on. `fails` tells which of them fail.
    """

    def __init__(self, root: Path, module: ModuleType) -> None:
        self.root, self.module = root, module
        self.started: list[list[str]] = []
        self.environs: list[dict[str, str]] = []
        self.fails: Callable[[list[str]], bool] = lambda program: False
        self.interrupts: Callable[[list[str]], bool] = lambda program: False
        (root / "pyproject.toml").write_text(PROJECT, "utf-8")

    @property
    def programs(self) -> list[str]:
        return [command[command.index("-m") + 1] for command in self.started]

    def call(self, command: list[str], **options: Any) -> int:
        """Stand in for the program."""
        self.started.append(command)
        self.environs.append(options.get("env") or dict(os.environ))
        program = command[command.index("-m") + 1 :]
        if program[0] in ("venv", "virtualenv"):
            # A Debian without python3-venv leaves a Python before it fails.
            python = self.module.python_of(Path(program[-1]))
            python.parent.mkdir(parents=True, exist_ok=True)
            python.touch()
        if self.interrupts(program):
            raise KeyboardInterrupt
        return 1 if self.fails(program) else 0

    def run(self, *arguments: str) -> int:
        """Run the script, with nothing started so far."""
        self.started.clear()
        self.environs.clear()
        return int(self.module.main(list(arguments)))


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """The script, whose project is an empty folder."""
    spec = importlib.util.spec_from_file_location("venv_script", ROOT / ".ci" / "venv.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    script = Script(tmp_path, module)
    monkeypatch.setattr(module, "call", script.call)
    return script


def _no_venv(program: list[str]) -> bool:
    return program[0] == "venv"


@pytest.mark.parametrize("fails", [lambda program: False, _no_venv], ids=["venv", "no venv module"])
def test_each_python_is_isolated(script: Script, fails: Callable[[list[str]], bool]) -> None:
    """Each Python that it starts ignores the working directory, and a `PYTHONPATH` of the user."""
    script.fails = fails
    assert script.run("nemolint", ".") == 0
    made = ["venv", "pip", "pip", "virtualenv"] if fails is _no_venv else ["venv"]
    assert script.programs == [*made, "pip", "nemolint"]
    for command, environ in zip(script.started, script.environs, strict=True):
        if command[1] == "-P":
            assert command[3] == "virtualenv" and Path(environ["PYTHONPATH"]).is_absolute()
        else:
            assert command[1] == "-I", command
    assert script.run("test", "-k", "x") == 0
    assert script.programs == ["pip", "ruff", "ruff", "mypy", "pytest"]
    assert script.started[-1][-2:] == ["-k", "x"]
    assert script.run("test") == 0 and "pip" not in script.programs


def test_a_machine_without_pip(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    """Where Python has neither venv nor pip, it says which package of Debian to install."""
    script.fails = lambda program: program[0] in ("venv", "pip")
    assert script.run("nemolint", ".") == 2
    assert "apt install python3-venv" in capsys.readouterr().err


def _folder(path: Path) -> None:
    (path / "bin").mkdir(parents=True)
    (path / "bin" / "python").write_text("mine", "utf-8")


def _link(path: Path) -> None:
    target = path.parent / "elsewhere"
    _folder(target)
    (target / "nemolint-stamp").touch()
    path.symlink_to(target, target_is_directory=True)


MADE_BY_OTHERS = [_folder, _link, Path.mkdir, Path.touch, lambda path: path.symlink_to("nowhere")]


def _content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): str(path.readlink()) if path.is_symlink() else path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize("other", MADE_BY_OTHERS, ids=["folder", "link", "empty folder", "file", "broken link"])
def test_what_others_made_is_left_alone(script: Script, other: Callable[[Path], None]) -> None:
    """A `.venv` that the script did not make is neither changed nor used, and the commands work all the same."""
    other(script.root / ".venv")
    before = _content(script.root)
    assert script.run("nemolint", ".") == 0
    assert ".venv-nemolint" in script.started[-1][0]
    after = _content(script.root)
    assert before.items() <= after.items() and all(".venv-nemolint" in name for name in after.keys() - before.keys())
    shutil.rmtree(script.root / ".venv-nemolint")
    other(script.root / ".venv-nemolint") if other is not _link else _folder(script.root / ".venv-nemolint")
    before = _content(script.root)
    assert script.run("nemolint", ".") == 2 and not script.started
    assert _content(script.root) == before


def test_it_is_made_anew_when_the_dependencies_change(script: Script) -> None:
    """A change of what is installed makes the folder anew, and only that does."""
    assert script.run("nemolint", ".") == 0
    (script.root / ".venv" / "old").mkdir()
    file = script.root / "pyproject.toml"
    file.write_text(file.read_text("utf-8").replace("line-length = 100", "line-length = 90"), "utf-8")
    assert script.run("nemolint", ".") == 0 and script.programs == ["nemolint"]
    file.write_text(file.read_text("utf-8").replace("one>=1", "one>=1.1"), "utf-8")
    assert script.run("nemolint", ".") == 0 and script.programs == ["venv", "pip", "nemolint"]
    assert not (script.root / ".venv" / "old").exists()
    script.module.python_of(script.root / ".venv").unlink()  # as when the system's Python was upgraded
    assert script.run("nemolint", ".") == 0 and script.programs == ["venv", "pip", "nemolint"]


@pytest.mark.parametrize("stage", ["venv", "pip"])
def test_what_is_half_done_is_done_again(script: Script, stage: str) -> None:
    """After Ctrl-C, or a failure of the package index, the next run starts again in the same folder."""
    script.interrupts = lambda program: program[0] == stage
    assert script.run("nemolint", ".") == 130
    script.interrupts = lambda program: False
    script.fails = lambda program: program[0] == "pip"
    assert script.run("nemolint", ".") == 2
    script.fails = lambda program: False
    assert script.run("nemolint", ".") == 0 and script.programs == ["venv", "pip", "nemolint"]
    assert not (script.root / ".venv-nemolint").exists()


def test_it_says_what_it_installs(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    """Each package that is named in `pyproject.toml` is announced, on standard error, where it spoils no report."""
    assert script.run("nemolint", ".") == 0
    shown = capsys.readouterr()
    assert shown.out == "" and "one>=1" in shown.err and "two>=2" not in shown.err
    assert script.run("test") == 0
    assert "two>=2" in capsys.readouterr().err
    assert script.run("test") == 0
    assert capsys.readouterr() == ("", "")


def test_its_own_usage(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` is no mistake; no command, or one that does not exist, is."""
    assert script.run("--help") == 0 and "venv.py test" in capsys.readouterr().out
    for wrong in ([], ["tset"]):
        assert script.run(*wrong) == 2 and "venv.py test" in capsys.readouterr().err
    assert not script.started


@pytest.mark.skipif(os.name == "nt", reason="a console's Ctrl-C cannot be sent to one process group there")
@pytest.mark.parametrize("what", ["nemolint", "test"])
def test_ctrl_c_ends_it_cleanly(tmp_path: Path, what: str) -> None:
    """On Ctrl-C it waits for the program that it started, starts no further one, and ends without a traceback."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "venv.py", tmp_path / ".ci")
    (tmp_path / "pyproject.toml").write_text(PROJECT, "utf-8")
    program = tmp_path / "program"
    program.write_text(
        f"#!/bin/sh\necho started >> {tmp_path}/log\ntrap 'echo ended >> {tmp_path}/log; exit 5' INT\n"
        "case $* in *pip*) exit 0;; esac\nwhile :; do sleep 0.1; done\n"
    )
    program.chmod(0o755)
    # Its own Python makes the environment; the program takes the place of the environment's Python.
    code = (
        "import runpy, shutil, sys\n"
        f"space = runpy.run_path({str(tmp_path / '.ci' / 'venv.py')!r})\n"
        "def make(home):\n"
        "    python = space['python_of'](home); python.parent.mkdir(parents=True)\n"
        f"    shutil.copy({str(program)!r}, python)\n"
        "space['prepare'].__globals__['make'] = make\n"
        f"sys.exit(space['main']([{what!r}]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE, text=True
    )
    log = tmp_path / "log"
    deadline = time.monotonic() + 60
    while (not log.exists() or log.read_text().count("started") < 2) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, shown = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in shown, shown
    assert log.read_text().split() == ["started", "started", "ended"]


def test_two_first_runs_at_once(tmp_path: Path) -> None:
    """The second one waits until the first has made the environment, says so, and uses it; Ctrl-C ends the waiting."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "venv.py", tmp_path / ".ci")
    (tmp_path / "pyproject.toml").write_text(PROJECT, "utf-8")
    # Each program is written down; making the environment lasts until the file `go` is there.
    code = (
        "import pathlib, runpy, sys, time\n"
        f"root = pathlib.Path({str(tmp_path)!r})\n"
        f"space = runpy.run_path({str(tmp_path / '.ci' / 'venv.py')!r})\n"
        "def call(command, **options):\n"
        "    program = command[command.index('-m') + 1]\n"
        "    with (root / 'log').open('a') as log: log.write(program + ' ')\n"
        "    if program == 'venv':\n"
        "        python = space['python_of'](pathlib.Path(command[-1]))\n"
        "        python.parent.mkdir(parents=True); python.touch()\n"
        "        while not (root / 'go').exists(): time.sleep(0.02)\n"
        "    return 0\n"
        "space['prepare'].__globals__['call'] = call\n"
        "sys.exit(space['main'](['nemolint']))\n"
    )
    log = tmp_path / "log"
    first = start([sys.executable, "-c", code], tmp_path)
    deadline = time.monotonic() + 60
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    others = [start([sys.executable, "-c", code], tmp_path) for _ in range(3)]
    for other in others:
        assert other.stderr is not None and "waiting" in other.stderr.readline()
    if os.name != "nt":
        os.killpg(others[0].pid, signal.SIGINT)
        _, shown = others.pop(0).communicate(timeout=60)
        assert "Traceback" not in shown, shown
    assert log.read_text().split() == ["venv"]
    (tmp_path / "go").touch()
    for process in [first, *others]:
        process.communicate(timeout=60)
        assert process.returncode == 0
    done = log.read_text().split()
    assert sorted(done) == sorted(["venv", "pip", *["nemolint"] * (1 + len(others))]) and done[:2] == ["venv", "pip"]
    assert not (tmp_path / ".venv-nemolint").exists()


def test_a_file_system_without_locks(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing can be locked it works all the same, and says what not to do."""
    fcntl = pytest.importorskip("fcntl", reason="this system locks in another way")

    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", refuse)
        assert script.run("nemolint", ".") == 0
    assert "no locks" in capsys.readouterr().err


def test_a_python_without_venv_shows_the_sources_of_today(tmp_path: Path) -> None:
    """Where only pip is there, both are installed for real, and a changed source is what the next run shows."""
    for name in (".ci", "lint", "rules"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / "python without venv"
    python.write_text(f'#!/bin/sh\ncase "$*" in *"-m venv"*) exit 1;; esac\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (tmp_path / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    code = (
        "import runpy, sys; sys._base_executable = sys.argv.pop(1)\n"
        f"sys.argv[0] = {str(tmp_path / '.ci' / 'venv.py')!r}\nrunpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    command = [sys.executable, "-c", code, python, "nemolint", "--output-format", "json", "a.sh"]
    done = execute(command, tmp_path, timeout=600)
    if done.code == 2 and "pip could not install" in done.err:
        pytest.skip("pip cannot fetch what is needed here")
    (finding,) = json.loads(done.out)
    assert finding["rule"] == "misspelled-dry-run"
    file = tmp_path / "rules" / "nemolint_rules" / "misspelled_dry_run.py"
    file.write_text(file.read_text("utf-8").replace("is not an option of the CLI", "is a text of today"), "utf-8")
    assert "is a text of today" in execute(command, tmp_path, code=1).out
