"""File names: how they are written, compared and reported, and what they mean.

Paths are texts in the engine: importing `pathlib` takes a fifteenth of the time in which the hook answers. They are
written as `pathlib` writes them, which `plain` and `joined` see to; what the other functions get is written so.
"""

from __future__ import annotations

import os
import re

from nemolint.base.bom import wide_encoding
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Location = str | os.PathLike[str]
    """A path as functions take it: a text, or a `Path`."""

# The variable of the environment that names the env TOML.
ENV_FILE_VARIABLE = "NEMOTRON_ENV_FILE"
_STEP_FILE = lazily(
    r"(?:^|/)src/nemotron/steps/(?:types\.toml|(?:.+/)?(?:step\.(?:toml|py)|config/[^/]+\.ya?ml))\Z", re.DOTALL
)


def plain(path: Location) -> str:
    """The path without what says nothing: doubled separators, one at the end, and `.`, but with its `..`.

    It is `.` for an empty path.
    """
    text = os.fspath(path)
    if os.sep == "/":
        dotted = (text[:1] == "." and text[:2] != "..") or ("/." in text and ("/./" in text or text.endswith("/.")))
        if not dotted and "//" not in text and text[-1:] not in ("", "/"):
            return text
    else:
        text = text.replace("/", os.sep)
    drive, rest = os.path.splitdrive(text)
    if drive[:1] == os.sep:  # of a share
        root = os.sep
    elif os.sep == "/" and rest[:2] == "//" and rest[2:3] != "/":  # which need not be the root
        root = "//"
    else:
        root = os.sep if rest[:1] == os.sep else ""
    return f"{drive}{root}{os.sep.join(part for part in rest.split(os.sep) if part not in ('', '.'))}" or "."


def joined(folder: Location, *names: Location) -> str:
    """The path that the names lead to from a folder. An absolute name stands for itself."""
    return plain(os.path.join(folder, *names))


def parent(path: str) -> str:
    """The folder of a path; that of a root is itself, and that of a name alone is `.`."""
    return os.path.dirname(path) or os.curdir


def and_above(path: str) -> Iterator[str]:
    """The path, and the folders above it."""
    while True:
        yield path
        outer = parent(path)
        if outer == path:
            return
        path = outer


def relative(path: Location, folder: Location) -> str | None:
    """The path as written from a folder, with `/`: `.` for the folder itself, None for what is not below it.

    Links and `..` are not followed.
    """
    written, start = os.path.normcase(path), os.path.normcase(folder)
    if written == start:
        return os.curdir
    if start == os.curdir:
        return None if os.path.splitdrive(written)[0] or written.startswith(os.sep) else as_posix(os.fspath(path))
    tail = os.path.splitdrive(start)[1]
    if tail and not tail.endswith(os.sep):
        start += os.sep
    if not written.startswith(start) or written[len(start)] == os.sep:
        return None
    return as_posix(os.fspath(path)[len(start) :])


def below(path: Location, folder: Location) -> bool:
    """Whether a path is a folder, or below it, as the two are written."""
    return relative(path, folder) is not None


def same(path: Location, other: Location) -> bool:
    """Whether two paths are written alike, for the system."""
    return os.path.normcase(path) == os.path.normcase(other)


def as_posix(path: str) -> str:
    """The path with `/`."""
    return path if os.sep == "/" else path.replace(os.sep, "/")


def suffix_of(name: str) -> str:
    """The extension of a file name, with its dot; empty for a name without one, such as `.env`."""
    at = name.rfind(".")
    return name[at:] if 0 < at < len(name) - 1 else ""


def stem_of(name: str) -> str:
    """A file name without its extension."""
    return name.removesuffix(suffix_of(name))


def in_order(paths: Iterable[str]) -> list[str]:
    """Paths sorted folder by folder: what is in `a` comes before what is in `a-b`."""
    return sorted(paths, key=lambda path: path.split(os.sep))


def root_of(folder: str) -> str:
    """The folder of the repository that a folder is in, or the folder itself."""
    return next((inner for inner in and_above(folder) if os.path.exists(os.path.join(inner, ".git"))), folder)


def display_path(path: Location, cwd: Location) -> str:
    """A path as reported: relative to the working directory with `/`, absolute outside it."""
    absolute = joined(cwd, path)
    inside = relative(absolute, cwd)
    return as_posix(absolute) if inside is None else inside


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
