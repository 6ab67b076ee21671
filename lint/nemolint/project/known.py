"""What only the code of a runner says about a step, as data: looked up by step id, neutral for any other step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Known:
    """Facts of one runner. Keys are dotted; an empty field says nothing."""

    closed: bool | None = None
    paid: bool | None = None
    glob_only: frozenset[str] = frozenset()
    required: tuple[Required, ...] = ()
    unpacked: frozenset[str] = frozenset()
    shadows: Mapping[str, str] = field(default_factory=dict)
    language_keys: frozenset[str] = frozenset()
    dry_run_keys: frozenset[str] = frozenset()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Required:
    """A value that the runner raises without.

    `unless`: keys, any of which makes it needless when set. `when`: `(key, values)` pairs of which one must hold.
    """

    key: str
    unless: tuple[str, ...] = ()
    when: tuple[tuple[str, tuple[object, ...]], ...] = ()
