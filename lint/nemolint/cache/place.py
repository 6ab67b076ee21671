"""Where cache files are, and how they are written."""

from __future__ import annotations

import os
import sys

from nemolint import __version__

VARIABLE = "NEMOLINT_CACHE_DIR"
SUFFIXES = (".run", ".json")
MAX_FILES = 300
MAX_BYTES = 100_000_000


def home() -> str:
    """The folder of all versions: `NEMOLINT_CACHE_DIR`, else `nemolint` in the platform's cache folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return os.path.abspath(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # the standard says to ignore a relative one
            base = os.path.expanduser("~/.cache")
    return os.path.join(base, "nemolint")


def folder() -> str:
    """The folder of this version."""
    return os.path.join(home(), __version__)


def read(name: str) -> str | None:
    """The content of a cache file, None where there is none that can be read."""
    try:
        with open(os.path.join(folder(), name), encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except (OSError, ValueError):
        return None


def write(name: str, text: str) -> None:
    """Write a cache file whole or not at all, and keep the folder small. A folder that cannot be written is left be."""
    target = folder()
    try:
        os.makedirs(target, mode=0o700, exist_ok=True)
        temporary = os.path.join(target, f"{name}{os.urandom(8).hex()}.tmp")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except OSError:
        return
    try:
        with open(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        os.replace(temporary, os.path.join(target, name))
        _trim(target)
    except OSError:
        _remove(temporary)


def _trim(target: str) -> None:
    """Remove the files that were written longest ago, where there are too many, and what a killed check left behind."""
    with os.scandir(target) as entries:
        found = [(entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in entries if _ours(entry.name)]
    newest = max((age for age, _, _ in found), default=0.0)
    total = 0
    for count, (age, size, path) in enumerate(sorted(found, reverse=True), 1):
        total += size
        stale = path.endswith(".tmp") and newest - age > 3600
        if stale or total > MAX_BYTES or count > MAX_FILES:
            _remove(path)


def _ours(name: str) -> bool:
    return name.endswith((*SUFFIXES, ".tmp"))


def _remove(path: str) -> None:
    import contextlib

    with contextlib.suppress(OSError):  # another check removed it first
        os.remove(path)


def clean() -> tuple[int, str]:
    """Remove all cache files of all versions. Says how many, and from where. Raises OSError for what stays."""
    base = home()
    removed = 0
    try:
        versions = [entry.path for entry in os.scandir(base) if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return 0, base
    for version in versions:
        for entry in list(os.scandir(version)):
            if _ours(entry.name) and entry.is_file(follow_symlinks=False):
                os.remove(entry.path)
                removed += 1
        if not os.listdir(version):
            os.rmdir(version)
    return removed, base
