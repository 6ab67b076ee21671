"""Names of files: how they are reported, and what they tell."""

from __future__ import annotations

from pathlib import Path


def display_path(path: Path, cwd: Path) -> str:
    """A path as reported: relative to the working directory with `/`, absolute outside it."""
    absolute = path if path.is_absolute() else cwd / path
    try:
        return absolute.relative_to(cwd).as_posix()
    except ValueError:
        return absolute.as_posix()


def is_env_file(path: str) -> bool:
    """True for `env.toml` and `env.*.toml`."""
    name = path.rpartition("/")[2]
    return name == "env.toml" or (name.startswith("env.") and name.endswith(".toml"))
