"""Loading rules: every module of every package that the entry point group `nemolint.rules` names.

The `entry_points.txt` files are read directly: `importlib.metadata` costs more to import than a whole check of a small
file. What they say is the same (a test compares).
"""

from __future__ import annotations

import os
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module

from nemolint.rule import InvalidRule, Rule

GROUP = "nemolint.rules"


@lru_cache(maxsize=1)
def load_rules() -> Mapping[str, Rule]:
    """All installed rules by name, sorted. Raises InvalidRule for a pack that cannot be loaded."""
    rules: dict[str, Rule] = {}
    for package in packs(sys.path):
        for rule in load_pack(package):
            other = rules.get(rule.name)
            if other is not None and other.file != rule.file:
                raise InvalidRule(f"{rule.file}: rule {rule.name} exists already in {other.file}")
            rules[rule.name] = rule
    return dict(sorted(rules.items()))


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
    # Without pathlib, which takes longer for a folder of hundreds than all files that are opened.
    try:
        entries = sorted(os.listdir(folder))
    except OSError:  # a zip file or a missing folder on sys.path holds no installed distribution
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


def load_pack(package: str) -> list[Rule]:
    """The rules of a package: one a module, named like its module. Raises InvalidRule where that does not hold."""
    try:
        home = import_module(package)
    except ImportError as error:
        raise InvalidRule(f"rule pack {package} cannot be imported: {error}") from error
    rules: list[Rule] = []
    for module in pkgutil.iter_modules(home.__path__):
        if module.name.startswith("_"):
            continue
        try:
            loaded = import_module(f"{package}.{module.name}")
        except InvalidRule:
            raise
        except Exception as error:
            raise InvalidRule(f"rule module {package}.{module.name} cannot be imported: {error}") from error
        rule = getattr(loaded, module.name, None)
        if not isinstance(rule, Rule):
            raise InvalidRule(f"{loaded.__file__}: holds no rule named {module.name}")
        rules.append(rule)
    return rules
