#!/usr/bin/env python3
"""Run nemolint, or its tests, on a machine that has Python 3.11 or newer and nothing else.

    python3 .ci/venv.py nemolint PATH …    check a path
    python3 .ci/venv.py test [ARGS …]      lint, type check and test the project; ARGS go to pytest

Everything goes into `.venv` beside this folder (a fallback without the venv module: `.venv/site`); nothing is installed
into the system's Python. The folder is made anew when `pyproject.toml` or the Python changes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".venv"
STAMP = HOME / "nemolint-stamp"


def main(arguments: list[str]) -> int:
    if sys.version_info < (3, 11):
        print(f"nemolint needs Python 3.11 or newer; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    if not arguments or arguments[0] not in ("nemolint", "test"):
        print(__doc__, file=sys.stderr)
        return 2
    what, rest = arguments[0], arguments[1:]
    python, environ = prepare(with_tests=what == "test")
    if what == "nemolint":
        return subprocess.call([*python, "-m", "nemolint", *rest], env=environ)
    steps = [
        ["-m", "ruff", "check", "."],
        ["-m", "ruff", "format", "--check", "."],
        ["-m", "mypy"],
        ["-m", "pytest", "-p", "xdist", "--numprocesses=auto", *rest],
    ]
    failed = [step[1] for step in steps if subprocess.call([*python, *step], cwd=ROOT, env=environ)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def prepare(*, with_tests: bool) -> tuple[list[str], dict[str, str]]:
    """Make the environment if it is missing or out of date: the Python to start, and its environment variables.

    Python imports nothing of the working directory, which may be a folder that is to be checked.
    """
    import tomllib

    text = (ROOT / "pyproject.toml").read_text("utf-8")
    group = tomllib.loads(text)["dependency-groups"]["test"] if with_tests else []
    wanted = hashlib.sha256(f"{text}{sys.version}{ROOT}".encode()).hexdigest()
    known = STAMP.read_text("utf-8").split() if STAMP.is_file() else []
    if known[:1] != [wanted]:
        shutil.rmtree(HOME, ignore_errors=True)
        known = []
    environ = dict(os.environ)
    bin_folder = HOME / ("Scripts" if os.name == "nt" else "bin")
    python = [str(bin_folder / "python"), "-I"]
    if not known:
        made = subprocess.run([sys.executable, "-I", "-m", "venv", str(HOME)], capture_output=True, check=False)
        if made.returncode:
            # Debian ships the venv module without what it needs to make one, unless python3-venv is installed.
            shutil.rmtree(HOME, ignore_errors=True)
    site = HOME / "site"
    if not Path(python[0]).exists():
        python = [sys.executable, "-P"]
        own = filter(os.path.isabs, environ.get("PYTHONPATH", "").split(os.pathsep))
        environ["PYTHONPATH"] = os.pathsep.join([str(site), *own])
        environ["PATH"] = os.pathsep.join([str(site / "bin"), environ.get("PATH", "")])
        target = ["--target", str(site), "--upgrade"]
    else:
        environ["PATH"] = os.pathsep.join([str(bin_folder), environ.get("PATH", "")])
        target = []
    if not known or (with_tests and "test" not in known[1:]):
        project = [str(ROOT)] if "--target" in target else ["--editable", str(ROOT)]
        command = [*python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *target, *project, *group]
        if subprocess.call(command, env=environ):
            print(
                "could not install: pip is missing or the package index is out of reach"
                " (on Debian: apt install python3-venv)",
                file=sys.stderr,
            )
            raise SystemExit(2)
        STAMP.write_text(" ".join([wanted, *(["test"] if with_tests else known[1:])]), "utf-8")
    return python, environ


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
