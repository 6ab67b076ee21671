"""Which keys a step knows, and whether anything reads an override."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache

from nemolint.base.patterns import lazily
from nemolint.project.known import Known
from nemolint.project.model import ANY, BUT, OR, UNKNOWN, ConfigFile, Reads, Step, Tree
from nemolint.project.overrides import is_interpolation, is_mandatory, split_key

MAX_PARTS = 50
_MAX_KEPT = 4_096
# What the CLI itself reads, whatever the step's code does (`nemo_runspec/config/loader.py`, `run_cmd.py`).
CLI_KEYS = frozenset({"run", "artifacts"})
_REFERENCE = lazily(r"\$\{(?:oc\.select:)?(\.*[A-Za-z_][\w-]*(?:\.[\w-]+)*)\s*(?=[},])")


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

    def __init__(self, step: Step, configs: Iterable[ConfigFile], reads: Reads | None, known: Known) -> None:
        self.mappings: set[str] = set()
        self.leaves: set[str] = set()
        self.known_open = known.open_under
        self.open_under: set[str] = set(known.open_under)
        self.parameters = {parameter.name for parameter in step.parameters}
        self.read_all = True
        self.any_config = False
        self._closed, self._stated_closed = known.closed, known.stated_closed
        self._reads = None if reads is None else KeyPatterns(reads)
        # Keys that a config takes the value of another from.
        self._references: set[str] = set()
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
            for text in _texts(value):
                if "${" in text:
                    self._references.update(name.lstrip(".") for name in _REFERENCE.findall(text))
            # Anything may be set below these: they are empty, or filled in from elsewhere.
            if value is None or value is UNKNOWN or isinstance(value, dict | list) or is_filled_in(value):
                self.open_under.add(key)

    def home(self, key: str) -> bool | None:
        """True if `key` has a place, False if not, None where that cannot be said."""
        return self._known_home(key)

    def _home(self, key: str) -> bool | None:
        parts = split_key(key)
        if len(parts) > MAX_PARTS:
            return None
        name = ".".join(parts)
        if parts[0] in CLI_KEYS or name in self.mappings or name in self.leaves:
            return True
        prefixes = list(_prefixes(parts))
        if any(prefix in self.open_under and not self._is_spelled_out(prefix) for prefix in prefixes):
            return True
        if self._is_parameter(name, prefixes):
            return True
        if self._reads is None or not self.read_all or not (self.any_config or self.parameters):
            return None
        if self._reads.literal(name) or self._is_referred(name):
            return True
        if self._reads.read(parts) and not self._reads.whole:
            return True
        # A runner that is known to take fixed keys, and hands the whole config on, cannot be judged.
        return None if self._closed and self._reads.whole and not self._stated_closed else False

    def _is_spelled_out(self, name: str) -> bool:
        """True for a mapping that only some configs leave empty, where the code reads the keys below it by name."""
        if self._reads is None or name not in self.mappings or name in self.known_open:
            return False
        return self._reads.by_name(name) and not self._reads.reach_library(name.split("."))

    def _is_parameter(self, name: str, prefixes: list[str]) -> bool:
        """True if the manifest names the key, one below it, or one above that no config spells out.

        Where a config holds the same key under another name of the mapping, the parameter is of another version.
        """
        if name in self.parameters and self.beside(name):
            return False
        if name in self.parameters or any(parameter.startswith(f"{name}.") for parameter in self.parameters):
            return True
        return any(prefix in self.parameters and prefix not in self.mappings for prefix in prefixes)

    def beside(self, name: str) -> str:
        """The key of the same name in the mapping that configs hold in the place of the one above `name`; else ""."""
        above, _, key = name.rpartition(".")
        place = above.rpartition(".")[0]
        if not place or above in self.mappings:
            return ""
        found = (f"{mapping}.{key}" for mapping in self.mappings if mapping.rpartition(".")[0] == place)
        return min((one for one in found if one in self.leaves), default="")

    def _is_referred(self, name: str) -> bool:
        last = name.rpartition(".")[2]
        return any(
            one in (name, last) or one.startswith(f"{name}.") or name.startswith(f"{one}.") for one in self._references
        )

    def reaches_library(self, key: str) -> bool | None:
        """True if a library may read `key`, False if the runner's code alone decides, None where that is not known."""
        if self._reads is None or self._stated_closed:
            return None
        parts = split_key(key)
        return self._reads.reach_library(parts) or (self._reads.whole and self._reads.read(parts))

    def is_unread(self, key: str) -> bool:
        """True if a config or the manifest names `key`, and neither the code, a library nor another key reads it."""
        parts = split_key(key)
        name = ".".join(parts)
        if self._reads is None or not self.read_all or parts[0] in CLI_KEYS or len(parts) > MAX_PARTS:
            return False
        if any(prefix in self.known_open for prefix in _prefixes(parts)):
            return False
        named = name in self.mappings or name in self.leaves or name in self.parameters
        return named and not (self._reads.reach_library(parts) or self._reads.read(parts) or self._is_referred(name))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every key that is spelled out somewhere, sorted."""
        return tuple(sorted(self.mappings | self.leaves | self.parameters))

    @cached_property
    def sections(self) -> frozenset[str]:
        """The first parts of `names`."""
        return frozenset(name.partition(".")[0] for name in self.names)


def _prefixes(parts: list[str]) -> Iterator[str]:
    """The keys above a key, nearest first."""
    for end in range(len(parts) - 1, 0, -1):
        yield ".".join(parts[:end])


def _texts(value: Tree) -> Iterator[str]:
    """The interpolations in a value of a config."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if "${" in item:
                yield item
        elif isinstance(item, list):
            pending += item
        elif isinstance(item, dict):
            pending += item.values()


class KeyPatterns:
    """The keys of `Reads`, ready to be asked for."""

    def __init__(self, reads: Reads) -> None:
        self._literal: set[str] = set()
        self._read: list[list[str]] = []
        self._passed_whole: list[list[str]] = [entry.split(".") if entry else [] for entry in reads.passed_whole]
        for entry in (*reads.keys, *reads.passed_whole):
            parts = entry.split(".") if entry else []
            if any(ANY in part or part.startswith(BUT) for part in parts):
                self._read.append(parts)
            else:
                self._literal.add(entry)
                self._literal.update(_prefixes(parts))
        self.whole = any(not parts or (len(parts) == 1 and parts[0][:1] in (ANY, BUT)) for parts in self._passed_whole)
        """True if any key, but some, of the config as a whole reaches a library."""

    def literal(self, name: str) -> bool:
        """True if the code spells the key out, or one below it."""
        return name in self._literal

    def by_name(self, name: str) -> bool:
        """True if the code spells out the keys that it reads right below `name`, and reads no others there."""
        parts = name.split(".")
        below = any(len(pattern) > len(parts) and all(map(_fits, pattern, parts)) for pattern in self._read)
        return not below and any(entry.startswith(f"{name}.") for entry in self._literal)

    def read(self, parts: list[str]) -> bool:
        """True if the code reads the key, or one below it."""
        return ".".join(parts) in self._literal or any(
            len(pattern) >= len(parts) and all(map(_fits, pattern, parts)) for pattern in self._read
        )

    def reach_library(self, parts: list[str]) -> bool:
        """True if the key, or one above it, reaches a library."""
        return any(len(pattern) <= len(parts) and all(map(_fits, pattern, parts)) for pattern in self._passed_whole)


def _fits(pattern: str, part: str) -> bool:
    if pattern.startswith(BUT):
        return part not in pattern[1:].split(OR)
    before, any_text, after = pattern.partition(ANY)
    if not any_text:
        return pattern == part
    return len(part) >= len(before) + len(after) and part.startswith(before) and part.endswith(after)
