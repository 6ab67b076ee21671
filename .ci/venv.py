#!/usr/bin/env python3
"""Run nemolint, or its tests, on a machine that has Python 3.11 or newer with `venv` or `pip`, and nothing else.

    python3 .ci/venv.py nemolint PATH …    check a path
    python3 .ci/venv.py test [ARGS …]      lint, type check and test the project; ARGS go to pytest

Everything goes into a virtual environment, `.venv` beside this folder; nothing is installed into the system's Python.
The environment is made anew when the dependencies in `pyproject.toml` or the Python change; the sources are used where
they are. A `.venv` that something else made is left alone, and `.venv-nemolint` is used instead.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Only a folder with this file is ever emptied: it is the first thing written, and says what was installed.
STAMP = "nemolint-stamp"
INTERRUPTED = 130


class Stop(Exception):
    """There can be no environment here; the message says why and what to do."""


def main(arguments: list[str]) -> int:
    """Run the command line: 0, 1 after a failed check or test, 2 if it cannot start, 130 after Ctrl-C."""
    if sys.version_info < (3, 11):
        print(f"nemolint needs Python 3.11 or newer; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if not arguments or arguments[0] not in ("nemolint", "test"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with alone():
            home = prepare(with_tests=arguments[0] == "test")
        return start(home, arguments[0], arguments[1:])
    except Stop as stop:
        print(f"venv.py: {stop}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"venv.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


def start(home: Path, what: str, rest: list[str]) -> int:
    """Run nemolint or the tests in a prepared environment. Python imports nothing of the working directory."""
    environ = dict(os.environ)
    environ["PATH"] = os.pathsep.join([str(python_of(home).parent), environ.get("PATH", "")])
    python = [str(python_of(home)), "-I"]
    if what == "nemolint":
        return call([*python, "-m", "nemolint", *rest], env=environ)
    steps = [
        ["-m", "ruff", "check", "."],
        ["-m", "ruff", "format", "--check", "."],
        ["-m", "mypy"],
        ["-m", "pytest", "-p", "xdist", "--numprocesses=auto", *rest],
    ]
    failed = [" ".join(step[1:3]) for step in steps if call([*python, *step], cwd=ROOT, env=environ)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let only one run of this clone at a time look for, make and fill the environment. The system ends the lock.

    What is locked is this file, so that no further one is left behind.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(Path(__file__).open("r+b"))  # some network file systems lock no other way
        except PermissionError:
            file = stack.enter_context(Path(__file__).open("rb"))
        if not lock(file.fileno(), wait=False):
            say("another run prepares the environment: waiting for it")
            while not lock(file.fileno(), wait=True):
                pass
        yield


def lock(descriptor: int, *, wait: bool) -> bool:
    """Lock a file; False if another process has it locked. On Windows waiting ends after ten seconds."""
    if os.name == "nt":
        import msvcrt

        os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # a lock keeps others from reading what it is on: here is nothing
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLK):
                return False
            raise
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        say(f"this file system knows no locks ({error}): start no second run before this one checks something")
    return True


def prepare(*, with_tests: bool) -> Path:
    """Make the environment if it is missing or out of date, and return its folder."""
    import tomllib

    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    # Other tables, such as the settings of linters, change nothing that is installed.
    content = [table["build-system"], table["project"], table["dependency-groups"], table["tool"]["hatch"]]
    wanted = hashlib.sha256(json.dumps([content, sys.version, str(ROOT)]).encode()).hexdigest()
    home = place()
    stamp = home / STAMP
    known = stamp.read_text("utf-8").split() if stamp.is_file() else []
    if known[:1] != [wanted] or not python_of(home).exists():
        if known:
            say(f"{home.name} is out of date, and is made anew")
        clear(home)
        make(home)
        known = []
    if not known or (with_tests and "test" not in known):
        group: list[str] = table["dependency-groups"]["test"] if with_tests else []
        names = ", ".join([*table["project"]["dependencies"], *group])
        say(f"installing nemolint into {home}, with {names}")
        install([str(python_of(home)), "-I"], ["--editable", str(ROOT), *group])
        stamp.write_text(" ".join([wanted, *(["test"] if with_tests else known[1:])]), "utf-8")
    return home


def place() -> Path:
    """The folder of the environment. What something else made is never touched."""
    for name in (".venv", ".venv-nemolint"):
        home = ROOT / name
        if not os.path.lexists(home) or (not home.is_symlink() and (home / STAMP).is_file()):
            return home
    raise Stop(f"{home} was not made by this script: move it away")


def clear(home: Path) -> None:
    """Empty the folder, or create it. The stamp stays, so that the folder is known again if this is interrupted."""
    home.mkdir(exist_ok=True)
    (home / STAMP).write_text("", "utf-8")
    for path in home.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != STAMP:
            path.unlink()


def make(home: Path) -> None:
    """Make a virtual environment with pip in an empty folder.

    Debian ships the venv module without what it needs to put pip into an environment, unless python3-venv is
    installed; then pip brings virtualenv, which needs nothing else.
    """
    # Within a virtual environment, which may be the one to make anew, the Python that it was made with.
    base = getattr(sys, "_base_executable", None) or sys.executable
    code = call([base, "-I", "-m", "venv", str(home)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if code == 0:
        return
    clear(home)
    if call([base, "-I", "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        raise Stop("this Python has neither venv nor pip (on Debian and Ubuntu: apt install python3-venv)")
    say("this Python has no venv: getting virtualenv for the time of the installation")
    with tempfile.TemporaryDirectory() as tools:
        install([base, "-I"], ["--no-user", "--target", tools, "virtualenv"])
        environ = {**os.environ, "PYTHONPATH": tools}
        if call([base, "-P", "-m", "virtualenv", "--quiet", str(home)], env=environ, stdout=sys.stderr):
            raise Stop("virtualenv could not make an environment (on Debian and Ubuntu: apt install python3-venv)")


def install(python: list[str], what: list[str]) -> None:
    """Let pip install. Its messages go to standard error, where they are not taken for a report."""
    plain = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
    if call([*python, "-m", "pip", "install", *plain, *what], stdout=sys.stderr):
        raise Stop("pip could not install what is needed; its message is above")


def python_of(home: Path) -> Path:
    """The Python of an environment."""
    return home / "Scripts" / "python.exe" if os.name == "nt" else home / "bin" / "python"


def call(command: list[str], **options: Any) -> int:
    """Run a program to its end and return its exit code.

    Raises KeyboardInterrupt on Ctrl-C, after the program, which a terminal interrupts as well, has come to its end.
    """
    with subprocess.Popen(command, **options) as process:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            try:
                process.wait(timeout=10)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                process.terminate()
            raise
    return code if code >= 0 else 128 - code


def say(text: str) -> None:
    print(f"venv.py: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
