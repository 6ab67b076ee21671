"""The config in force: a step's YAML with the overrides of a run applied as the CLI applies them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nemolint.project.config import MergeError, dotlist, join_key, leaves, lookup, merge, set_key, split_key
from nemolint.project.facts import MISSING, UNKNOWN, ConfigFile, Marker, Place, Tree

if TYPE_CHECKING:
    from nemolint.invocation import Override, StepRun


@dataclass(frozen=True, eq=False)
class Effective:
    """A config with a run's overrides.

    `exact` is False where a word may become other words or a key holds an expansion: then a key that looks untouched
    may be set after all, and nothing may be said to be missing. `refused` are overrides that the CLI refuses to apply
    (no YAML, a list over a mapping); their keys are UNKNOWN.
    """

    config: ConfigFile
    tree: dict[str, Tree]
    exact: bool
    refused: tuple[Override, ...] = ()
    _set: tuple[tuple[Override, str, Tree], ...] = ()
    _place: Callable[[ConfigFile, str], Place] | None = field(default=None, repr=False)

    def get(self, key: str) -> Tree:
        """The value of a dotted key as YAML gives it (interpolations stay strings); MISSING or UNKNOWN."""
        return lookup(self.tree, split_key(key))

    def origin(self, key: str) -> Override | Place | None:
        """Who set the key last: an override, or a place in a config file; None if nobody did."""
        parts = split_key(key)
        wanted = join_key(parts)
        for override, name, value in reversed(self._set):
            if name == wanted:
                return override
            if wanted.startswith(f"{name}."):
                below = lookup(value, split_key(wanted[len(name) + 1 :]))
                if below is not MISSING or not isinstance(value, dict):
                    return override
        if self.config.tree is None or lookup(self.config.tree, parts) is MISSING:
            return None
        return self._place(self.config, wanted) if self._place is not None else self.config.place

    @cached_property
    def leaves(self) -> tuple[tuple[str, Tree | Marker], ...]:
        """Every dotted key with a scalar, an empty mapping or list, or UNKNOWN; list items by index."""
        return tuple(leaves(self.tree))


def apply(config: ConfigFile, run: StepRun, place: Callable[[ConfigFile, str], Place]) -> Effective | None:
    """`config` with the overrides of `run`; None where the config could not be read."""
    if config.tree is None:
        return None
    exact = not run.open
    refused: list[Override] = []
    applied: list[tuple[Override, str, Tree]] = []
    for override in run.overrides:
        if not _key_is_known(override):
            exact = False
            continue
        value = _value(override)
        if value is MISSING:
            refused.append(override)
            value = UNKNOWN
        applied.append((override, join_key(split_key(override.key)), value))
    over: dict[str, Tree] = {}
    for override, _, value in applied:
        try:
            set_key(over, override.key, dotlist([("value", value)])["value"])
        except MergeError:
            refused.append(override)
            _spoil(over, override.key)
    tree: Tree
    try:
        tree = merge(dict(config.tree), over)
    except MergeError:
        tree, bad = _merge_each(config, applied)
        refused.extend(override for override in bad if override not in refused)
    assert isinstance(tree, dict)
    return Effective(config, tree, exact, tuple(refused), tuple(applied), place)


def _merge_each(
    config: ConfigFile, applied: list[tuple[Override, str, Tree]]
) -> tuple[dict[str, Tree], list[Override]]:
    """Merge the overrides one by one, to find those that do not fit the config."""
    tree: dict[str, Tree] = dict(config.tree or {})
    bad: list[Override] = []
    for override, _, value in applied:
        try:
            merged = merge(tree, dotlist([(override.key, value)]))
            assert isinstance(merged, dict)
            tree = merged
        except MergeError:
            bad.append(override)
            top = split_key(override.key)[0]
            tree[top] = UNKNOWN
    return tree, bad


def _spoil(over: dict[str, Tree], key: str) -> None:
    """Nothing can be said about the first part of a key that the CLI refuses."""
    over[split_key(key)[0]] = UNKNOWN


def _key_is_known(override: Override) -> bool:
    position = 0
    for piece in override.word.pieces:
        if piece.kind == "expansion" and position < len(override.key):
            return False
        position += len(piece.text)
    return True


def _value(override: Override) -> Tree:
    """The value as YAML, UNKNOWN where it depends on an expansion, MISSING where it is no YAML."""
    if not override.value.known:
        return UNKNOWN
    try:
        value: Tree = override.parsed()  # type: ignore[assignment]
    except ValueError:
        return MISSING
    return value
