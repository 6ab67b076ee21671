"""File names: how they are reported, and what they mean."""

from __future__ import annotations

import os
import re
from pathlib import Path

from nemolint.base.bom import wide_encoding
from nemolint.base.patterns import lazily

# The variable of the environment that names the env TOML.
ENV_FILE_VARIABLE = "NEMOTRON_ENV_FILE"
_STEP_FILE = lazily(
    r"(?:^|/)src/nemotron/steps/(?:types\.toml|(?:.+/)?(?:step\.(?:toml|py)|config/[^/]+\.ya?ml))\Z", re.DOTALL
)


def display_path(path: Path, cwd: Path) -> str:
    """A path as reported: relative to the working directory with `/`, absolute outside it."""
    absolute = os.path.join(cwd, path)
    inside = os.path.join(cwd, "")
    shown = absolute.removeprefix(inside) if absolute != str(cwd) else "."
    return shown if os.sep == "/" else shown.replace(os.sep, "/")


def is_env_file(path: str) -> bool:
    """True for `env.toml` and `env.*.toml`."""
    name = path.rpartition("/")[2]
    return name == "env.toml" or (name.startswith("env.") and name.endswith(".toml"))


def is_step_file(path: str) -> bool:
    """True for a file that describes steps: a manifest, a runner's header, a config, the artifact types."""
    return _STEP_FILE.search(path) is not None


def is_subject(path: str) -> bool:
    """True for a file that is checked even if it names no command: an env TOML, a step's config."""
    return is_env_file(path) or (path.endswith((".yaml", ".yml")) and is_step_file(path))


COMMAND_WORDS = (b"nemotron", b"steps")


def is_candidate(path: str, data: bytes) -> bool:
    """Whether a file may have findings: it may hold a run, or is an env TOML or a step's config."""
    if all(word in data for word in COMMAND_WORDS):
        return True
    if is_subject(path):
        return True
    if (codec := wide_encoding(data)) is not None:
        text = data.decode(codec, "replace")
        return "nemotron" in text and "steps" in text
    return False
