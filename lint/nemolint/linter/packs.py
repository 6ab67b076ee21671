"""Which rule packs are installed: the packages behind the entry point group `nemolint.rules`.

The `entry_points.txt` files are read directly: importing `importlib.metadata` takes longer than checking a small file.
The result is the same (a test compares).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache

GROUP = "nemolint.rules"


def packs(path: list[str]) -> list[str]:
    """Names of the packages behind the entry point group, in the order of `path`, each once."""
    return list(_packs(tuple(path)))


@lru_cache(maxsize=1)
def _packs(path: tuple[str, ...]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for folder in path:
        for text in _entry_point_files(folder or "."):
            for name in _group_values(text):
                names.setdefault(name)
    return tuple(names)


def _entry_point_files(folder: str) -> Iterator[str]:
    try:
        entries = sorted(os.listdir(folder))
    except OSError:  # a zip file or a missing folder on sys.path has no installed distributions
        return
    for entry in entries:
        if entry.endswith((".dist-info", ".egg-info")):
            try:
                with open(os.path.join(folder, entry, "entry_points.txt"), encoding="utf-8") as file:
                    yield file.read()
            except OSError:  # most distributions have none
                continue


def _group_values(text: str) -> Iterator[str]:
    inside = False
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            inside = line == f"[{GROUP}]"
        elif inside and "=" in line and not line.startswith(("#", ";")):
            yield line.partition("=")[2].partition(":")[0].strip()
