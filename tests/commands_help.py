"""Runs the command as its users do, for several test modules."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

MISSPELT = "uv run nemotron steps run sft/automodel -c tiny --dryrun"
CORRECT = "uv run nemotron steps run sft/automodel -c tiny --dry-run"


class Done(NamedTuple):
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def nemolint(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> Done:
    """Run `nemolint` in a folder."""
    unset = ("NEMOTRON_ENV_FILE", "FORCE_COLOR", "NO_COLOR", "COLUMNS")
    environ = {name: value for name, value in os.environ.items() if name not in unset} | (env or {})
    done = subprocess.run(
        [sys.executable, "-m", "nemolint", *arguments],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err, err
    return Done(done.returncode, out, err)


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, with a name and an address of its own."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout
