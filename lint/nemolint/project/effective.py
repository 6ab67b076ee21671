"""The config in force: a step's YAML with the overrides of a run applied as the CLI applies them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nemolint.project.facts import ConfigFile, Marker, Place, Tree

if TYPE_CHECKING:
    from nemolint.invocation import Override


@dataclass(frozen=True, eq=False)
class Effective:
    """A config with a run's overrides.

    `exact` is False where a word may become other words or a key holds an expansion: then a key that looks untouched
    may be set after all, and nothing may be said to be missing.
    """

    config: ConfigFile
    exact: bool

    def get(self, key: str) -> Tree | Marker:
        """The value of a dotted key as YAML gives it (interpolations stay strings); MISSING or UNKNOWN."""
        raise NotImplementedError

    def origin(self, key: str) -> Override | Place | None:
        """Who set the key last: an override, or a place in a config file; None if nobody did."""
        raise NotImplementedError

    def leaves(self) -> Iterator[tuple[str, Tree | Marker]]:
        """Every dotted key with a scalar, an empty mapping or list, or UNKNOWN; list items by index."""
        raise NotImplementedError
