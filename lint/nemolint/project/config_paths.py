"""What `-c` names: an alias of the step, a file below one of a few folders, or nothing that can be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from nemolint.base.closest import Names
from nemolint.base.paths import joined, stem_of
from nemolint.project.configs import SUFFIXES, ConfigLoader
from nemolint.project.model import ConfigLookup, Step

MAX_GUESS = 100  # longer texts are not a name that somebody misspelled
# Cached answers about texts that documents repeat.
MAX_KEPT = 4_096


def is_open(written: str) -> bool:
    """True if what `-c` is given has characters that a shell, a reader or a template puts something in place of."""
    return any(char in written for char in "$`<>{}*?\0")


def is_alias(written: str) -> bool:
    """True if the CLI looks `-c written` up among the configs of the step; anything else is a path."""
    return "/" not in written and not written.endswith(SUFFIXES)


def name_of(written: str) -> str:
    """The last part of a path that is written with `/`."""
    return next((part for part in reversed(written.split("/")) if part not in ("", ".")), "")


def alias_of(written: str) -> str:
    """The alias of a config of that path: the name of the file without its extension."""
    return stem_of(name_of(written))


class ConfigPaths:
    """Looks up what `-c` names. `steps` gives the steps of the project by id when they are needed."""

    def __init__(self, loader: ConfigLoader, root: str | None, steps: Callable[[], Mapping[str, Step]]) -> None:
        self._loader = loader
        self._reader = loader.reader
        self._root = root
        self._steps = steps
        self._aliases = lru_cache(maxsize=MAX_KEPT)(Names)
        self._lookups: dict[tuple[str | None, str | None, str | None], ConfigLookup] = {}

    def lookup(self, step: Step | None, written: str | None, near: str | None) -> ConfigLookup:
        """What `-c written` names for a step in a file of the folder `near`; None means no `-c`."""
        at = (step.id if step is not None else None, written, near)
        known = self._lookups.get(at)
        if known is None:
            if len(self._lookups) > MAX_KEPT:
                self._lookups.clear()
            known = self._lookups[at] = self._find(step, written, near)
        return known

    def _find(self, step: Step | None, written: str | None, near: str | None) -> ConfigLookup:
        aliases = tuple(step.configs) if step is not None else ()
        if written is None:
            written = step.default_config if step is not None else ""
        if not written or written.startswith("~") or is_open(written):
            return ConfigLookup("unknowable", None, aliases)
        if is_alias(written):
            if step is None:
                return ConfigLookup("unknowable")
            if written in step.configs:
                return ConfigLookup("alias", step.configs[written], aliases)
            if self._reader.is_unlisted(joined(self._reader.cwd, step.config_dir)):
                return ConfigLookup("unknowable")
            close = self._aliases(aliases).close_to(written[:MAX_GUESS])
            return ConfigLookup("missing-alias", None, aliases, close)
        return self._at(aliases, written, near)

    def _at(self, aliases: tuple[str, ...], written: str, near: str | None) -> ConfigLookup:
        stem = alias_of(written)
        close = (stem,) if stem in aliases else self._aliases(aliases).close_to(stem[:MAX_GUESS])
        folders = [self._root, self._reader.cwd]
        if near is not None:
            folders.append(near)
        for folder in folders:
            if folder is not None and self._reader.exists(path := joined(folder, written)):
                return ConfigLookup("path", self._loader.config(path, written), aliases)
        for step in self._steps().values():
            inner = written.removeprefix("./").removeprefix(f"{step.config_dir}/")
            if inner != written.removeprefix("./") and alias_of(inner) in step.configs:
                if step.source == "snapshot" and "/" not in inner:
                    return ConfigLookup("path", step.configs[alias_of(inner)], aliases)
        relative = not written.startswith("/") and ".." not in written.split("/")
        bare = "/" not in written
        # Outside a checkout the working directory of a command is unknown.
        if relative and (self._root is not None or (bare and stem in aliases)):
            return ConfigLookup("missing-path", None, aliases, close)
        return ConfigLookup("unknowable", None, aliases)
