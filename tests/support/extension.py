"""Builds the extension for VS Code, once for all processes of a test run.

Most of the time its packages are downloaded. So it is also a program, which runs beside the first tests.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from subprocess import Popen

from support.command import execute, start
from support.once import once

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = ROOT / "editors" / "vscode"
NPM = shutil.which("npm") or ""
NODE = shutil.which("node") or ""


def build(common: Path) -> tuple[Path, str, str]:
    """Check, bundle and package it: the folder, why that cannot be done here, and what failed."""
    top = common / "vscode"
    folder = top / "editors" / "vscode"
    why, failed = once(top, lambda: _build(folder))
    return folder, why, failed


def start_building(common: Path) -> Popen[str]:
    """Do the same in a process of its own."""
    return start([sys.executable, "-m", "support.extension", common], ROOT / "tests", heard=False)


def _build(folder: Path) -> tuple[str, str]:
    shutil.copytree(EXTENSION, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "out"))
    shutil.copy(ROOT / "LICENSE", folder.parents[1])
    # Nothing that a package brings runs while it is installed.
    quiet = ("--ignore-scripts", "--no-progress", "--no-audit", "--no-fund")
    done = execute([NPM, "ci", "--prefer-offline", *quiet], folder, timeout=600)
    if done.code:
        unreachable = re.search(
            r"\b(E(?:NOTFOUND|CONNREFUSED|AI_AGAIN|TIMEDOUT|CONNRESET)|ENOTCACHED|E404)\b", done.err
        )
        return (f"npm reaches no registry here ({unreachable[1]})", "") if unreachable else ("", done.shown)
    for command in (["run", "package"], ["run", "bundle", "--", "--test"]):
        done = execute([NPM, *command], folder)
        if done.code:
            return "", done.shown
    return "", ""


if __name__ == "__main__":
    build(Path(sys.argv[1]))
