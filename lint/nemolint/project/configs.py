"""YAML configs of steps: inheritance by `defaults:`, read when asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

from nemolint.base.paths import joined, parent, plain, suffix_of
from nemolint.project import codec
from nemolint.project.file_reader import FileReader, UnreadableFile
from nemolint.project.model import ConfigFile, Lazy, Place, Tree
from nemolint.project.overrides import MergeError, leaves, merge

SUFFIXES = (".yaml", ".yml")
MAX_CHAIN = 20
MAX_DEFAULTS = 100
# How many files one config may inherit, and how many keys and values the inheriting configs of a project may have. A
# checkout of a hundred steps has some ten thousand.
MAX_FILES = 200
MAX_INHERITED = 500_000

Loaded = tuple[dict[str, Tree] | None, tuple[str, ...]]


class ConfigLoader:
    """Loads config files of one project, each once."""

    def __init__(self, reader: FileReader) -> None:
        self.reader = reader
        self._loaded: dict[str, Loaded] = {}
        self._positions: dict[str, dict[str, tuple[int, int]]] = {}
        self._left = MAX_INHERITED

    def config(self, path: str, alias: str) -> ConfigFile:
        """The config at `path`; its `tree` is None if it cannot be read (a problem says why)."""
        tree, files = self._load(path, ())
        return ConfigFile(alias, Place(self.reader.report(path)), tree, files)

    def _load(self, path: str, chain: tuple[str, ...]) -> Loaded:
        if path in chain:
            message = f"`defaults` leads back to {os.path.basename(path)}: remove one of the two references"
            self.reader.problem(chain[-1], message, to_cli=True)
            return None, (path,)
        if len(chain) >= MAX_CHAIN:
            self.reader.problem(
                chain[-1], f"`defaults` leads through more than {MAX_CHAIN} configs, so it was not followed: use fewer"
            )
            return None, (path,)
        if path not in self._loaded:
            self._loaded[path] = self._read(path, (*chain, path))
        return self._loaded[path]

    def _read(self, path: str, chain: tuple[str, ...]) -> Loaded:
        own = self._own(path)
        files: tuple[str, ...] = (path,)
        if own is None:
            return None, files
        defaults = own.get("defaults")
        items = [defaults] if isinstance(defaults, str) else defaults
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            return own, files
        if len(items) > MAX_DEFAULTS:
            self.reader.problem(path, f"`defaults` names more than {MAX_DEFAULTS} configs, so none was read")
            return None, files
        base: Tree = {}
        names: dict[str, None] = dict.fromkeys(files)
        for item in items:
            if item == "_self_":
                continue
            name = plain(str(item))
            target = joined(parent(path), name if suffix_of(os.path.basename(name)) else f"{name}{SUFFIXES[0]}")
            if not self.reader.exists(target):
                shown = item or '""'
                message = f"`defaults` names {shown}, which does not exist: correct the name"
                self.reader.problem(path, message, to_cli=True)
                return None, files
            tree, more = self._load(target, chain)
            # Later ones win, and `place` takes the first file that has a key.
            names = dict.fromkeys((*files, *more, *names))
            if tree is None:
                return None, tuple(names)
            if not self._may_inherit(path, tree, len(names)):
                return None, files
            base = self._merge(path, base, tree)
        merged = self._merge(path, base, {key: value for key, value in own.items() if key != "defaults"})
        return (merged if isinstance(merged, dict) else None), tuple(names)

    def _may_inherit(self, path: str, tree: dict[str, Tree], files: int) -> bool:
        """Charge what a config inherits to the budget; False, with a problem, if that is exceeded."""
        if files <= MAX_FILES and self._left >= 0:
            self._left -= sum(1 for _ in leaves(tree))
        if files <= MAX_FILES and self._left >= 0:
            return True
        self.reader.problem(path, "inherits too much through `defaults`, so it was not read: inherit less")
        return False

    def _merge(self, path: str, base: Tree, over: Tree) -> Tree:
        try:
            return merge(base, over)
        except MergeError as error:
            self.reader.problem(path, f"does not fit the config that it inherits: {error}", to_cli=True)
            return None

    def _own(self, path: str) -> dict[str, Tree] | None:
        from nemolint.base import yaml_values

        text = self.reader.optional_text(path)
        if text is None:
            return None
        try:
            tree = self.reader.compiled.get(codec.CONFIG, text, lambda: yaml_values.load(text))
        except yaml_values.YamlError as error:
            message = f"is not YAML that the CLI can read ({error}): fix the file"
            to_cli = not isinstance(error, yaml_values.YamlLimitError)
            self.reader.problem(path, message, error.line, error.column, to_cli=to_cli)
            return None
        if tree is None:
            return {}
        if isinstance(tree, dict):
            return tree
        self.reader.problem(path, "must hold a mapping of keys to values", 1, 1)
        return None

    def place(self, config: ConfigFile, key: str) -> Place:
        """Where `key` is in the config's own file, else in one that it inherits; else the closest key above."""
        while key:
            for file in config.files:
                found = self._positions_of(file).get(key)
                if found is not None:
                    return Place(self.reader.report(os.path.normpath(file)), *found)
            key = key.rpartition(".")[0]
        return config.place

    def _positions_of(self, file: str) -> dict[str, tuple[int, int]]:
        from nemolint.base import yaml_values

        if file not in self._positions:
            try:
                text = self.reader.text(file)
                self._positions[file] = (
                    {}
                    if text is None
                    else self.reader.compiled.get(codec.POSITIONS, text, partial(yaml_values.positions, text))
                )
            except (UnreadableFile, yaml_values.YamlError):  # reported when the file was loaded
                self._positions[file] = {}
        return self._positions[file]


def configs_of(loader: ConfigLoader, folder: str) -> Mapping[str, ConfigFile]:
    """The configs of a folder by alias, each read on first use."""
    files: dict[str, str] = {}
    for suffix in SUFFIXES:  # `.yaml` is what the CLI tries first
        for name in loader.reader.names(folder):
            if name.endswith(suffix):
                files.setdefault(name.removesuffix(suffix), joined(folder, name))
    return Lazy(dict(sorted(files.items())), lambda alias, path: loader.config(path, alias))
