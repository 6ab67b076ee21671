"""Which keys a step knows, and whether anything reads an override."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache

from nemolint.project.known import Known
from nemolint.project.model import UNKNOWN, ConfigFile, Step, Tree
from nemolint.project.overrides import is_interpolation, is_mandatory, split_key

MAX_PARTS = 50
_MAX_KEPT = 4_096


def is_filled_in(value: Tree) -> bool:
    """True for a value that comes from elsewhere: an interpolation, `???`."""
    return is_interpolation(value) or is_mandatory(value)


def keys_of(tree: Mapping[str, Tree]) -> Iterator[str]:
    """The dotted keys of a config, those of its mappings among them; what stands in lists is left out."""
    stack: list[tuple[str, Tree]] = list(tree.items())
    while stack:
        key, value = stack.pop()
        yield key
        if isinstance(value, dict):
            stack.extend((f"{key}.{name}", item) for name, item in value.items())


class KeyTable:
    """The keys that configs, parameters and the runner's code give a step."""

    def __init__(self, step: Step, configs: Iterable[ConfigFile], strings: frozenset[str] | None, known: Known) -> None:
        self.mappings: set[str] = set()
        self.leaves: set[str] = set()
        self.open_under: set[str] = set(known.open_under)
        self.parameters = {parameter.name for parameter in step.parameters}
        self.strings = strings
        self.read_all = True
        self.any_config = False
        self._known_home = lru_cache(maxsize=_MAX_KEPT)(self._home)
        for config in configs:
            if config.tree is None:
                self.read_all = False
            else:
                self.any_config = True
                self._add(config.tree)

    def _add(self, tree: Mapping[str, Tree]) -> None:
        stack: list[tuple[str, Tree]] = list(tree.items())
        while stack:
            key, value = stack.pop()
            if isinstance(value, dict) and value:
                self.mappings.add(key)
                stack.extend((f"{key}.{name}", item) for name, item in value.items())
                continue
            self.leaves.add(key)
            # Anything may be set below these: they are empty, or filled in from elsewhere.
            if value is None or value is UNKNOWN or isinstance(value, dict | list) or is_filled_in(value):
                self.open_under.add(key)

    def home(self, key: str) -> bool | None:
        """True if `key` is read, False if not, None if that cannot be decided."""
        return self._known_home(key)

    def _home(self, key: str) -> bool | None:
        parts = split_key(key)
        if len(parts) > MAX_PARTS:
            return None
        name = ".".join(parts)
        if parts[0] == "run" or name in self.mappings or name in self.leaves:
            return True
        prefixes = list(_prefixes(parts))
        if any(prefix in self.open_under for prefix in prefixes):
            return True
        if name in self.parameters or any(parameter.startswith(f"{name}.") for parameter in self.parameters):
            return True
        # A parameter that no config spells out covers its whole subtree.
        if any(prefix in self.parameters and prefix not in self.mappings for prefix in prefixes):
            return True
        if self.strings is None or not self.read_all or not (self.any_config or self.parameters):
            return None
        if name in self.strings:
            return True
        # A literal of the code is a key under any parent that is known itself.
        for end in range(len(parts), 0, -1):
            if parts[end - 1] not in self.strings:
                return False
            parent = ".".join(parts[: end - 1])
            if parent in self.mappings or parent in self.leaves or parent in self.parameters:
                return True
        return True

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every key that is spelled out somewhere, sorted."""
        return tuple(sorted(self.mappings | self.leaves | self.parameters))


def _prefixes(parts: list[str]) -> Iterator[str]:
    """The keys above a key, nearest first."""
    for end in range(len(parts) - 1, 0, -1):
        yield ".".join(parts[:end])
