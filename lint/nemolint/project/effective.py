"""The effective config: a step's YAML with the overrides of a run applied as the CLI applies them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from types import MappingProxyType

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.yaml_values import YamlError
from nemolint.project.model import MISSING, UNKNOWN, ConfigFile, Marker, Place, Same, Tree
from nemolint.project.overrides import (
    HOLDS,
    MAX_KEY_PARTS,
    Layers,
    MergeError,
    is_interpolation,
    is_mandatory,
    join_key,
    leaves,
    lookup,
    merge,
    set_key,
    split_key,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Literal

    from nemolint.invocation import Override, StepRun
    from nemolint.project.known import Conditions, Wanted


class Refusal(NamedTuple):
    """An override that the CLI refuses to apply, and so the whole run.

    `fault` is what is wrong: `value` (not YAML, or not a value for a config), `key` (it leads to no place among the
    overrides before it), `fit` (the config holds another kind of value under the key `at`: `holds`). `reason` says more
    and quotes no value; `syntax`: the value is not YAML at all.
    """

    override: Override
    fault: Literal["value", "key", "fit"]
    reason: str
    at: str = ""
    holds: Literal["list", "mapping", ""] = ""
    syntax: bool = False

    @property
    def key(self) -> str:
        """The override's key in its dotted form."""
        return join_key(split_key(self.override.key))


class Effective:
    """A config with a run's overrides.

    `exact` is False if a word may become other words or a key has an expansion: then a key that looks untouched may be
    set after all, so no value may be reported as missing. `refused` are overrides that the CLI refuses to apply (no
    YAML, a list over a mapping); what they would set is UNKNOWN. What the config holds is shared by all its runs.
    """

    config: Final[ConfigFile]
    exact: Final[bool]
    refused: Final[tuple[Refusal, ...]]

    def __init__(
        self,
        config: ConfigFile,
        exact: bool,
        refused: tuple[Refusal, ...] = (),
        over: Mapping[str, Tree] = MappingProxyType({}),
        applied: tuple[tuple[Override, str, Tree], ...] = (),
        place: Callable[[ConfigFile, str], Place] | None = None,
    ) -> None:
        self.config = config
        self.exact = exact
        self.refused = refused
        self._over = over
        self._set = applied
        self._place = place

    @property
    def _layers(self) -> Layers:
        return Layers((self.config.tree or {}, self._over))

    @property
    def tree(self) -> dict[str, Tree]:
        """The whole config with the overrides, merged again on each call."""
        return self._layers.plain()

    def get(self, key: str) -> Tree:
        """The value of a dotted key as YAML gives it (interpolations stay strings); MISSING or UNKNOWN."""
        parts = split_key(key)
        # Most keys are not overridden.
        return lookup(self._layers if parts[0] in self._over else self.config.tree or {}, parts)

    def over(self, key: str, value: dict[str, Tree]) -> dict[str, Tree] | None:
        """The overrides below a dotted key, applied to another mapping than the config's; None if it is not a mapping.

        The CLI applies them a second time, when it has put the profile in.
        """
        own = lookup(self._over, split_key(key))
        if own is MISSING:
            return value
        return Layers((value, own)).plain() if isinstance(own, dict) and Layers((value,)).fits(own) else None

    def sets(self, key: str) -> bool:
        """True if an override sets a key at the top, or anything below it."""
        return key in self._over

    def refused_by(self, key: str, job: dict[str, Tree]) -> tuple[Refusal, ...]:
        """The overrides that do not fit `job`, what the CLI has made of a key at the top when it applies them again."""
        own = self._over.get(key)
        if not self.exact or self.refused or not isinstance(own, dict):
            return ()
        root = {**(self.config.tree or {}), key: job}
        return tuple(_at_fault(self._set, dict(Layers((root,)).conflicts({key: own}))))

    def meets(self, conditions: Conditions) -> bool | None:
        """Whether the config meets all of some conditions (see `known.Conditions`); None where that cannot be known."""
        answers = [_meets(self.get(key), wanted) for key, wanted in conditions]
        if False in answers:
            return False
        return None if None in answers else True

    def origin(self, key: str) -> Override | Place | None:
        """What set the key last: an override, or a place in a config file; None if nothing did."""
        parts = split_key(key)
        wanted = join_key(parts)
        exact, whole = self._setters
        last = exact.get(wanted, -1)
        for end in range(1, min(len(parts), MAX_KEY_PARTS)):
            last = max(last, whole.get(join_key(parts[:end]), -1))
        if last >= 0:
            return self._set[last][0]
        if self.config.tree is None or lookup(self.config.tree, parts) is MISSING:
            return None
        return self._place(self.config, wanted) if self._place is not None else self.config.place

    @cached_property
    def _setters(self) -> tuple[dict[str, int], dict[str, int]]:
        """By key, the index of the last override that sets it, and of the last that sets everything below it."""
        exact: dict[str, int] = {}
        whole: dict[str, int] = {}
        for index, (_, name, value) in enumerate(self._set):
            waiting: list[tuple[str, Tree]] = [(name, value)]
            while waiting:
                key, node = waiting.pop()
                exact[key] = index
                if isinstance(node, dict):
                    waiting += [(f"{key}.{inner}", below) for inner, below in node.items()]
                elif key == name or isinstance(node, list) or node is UNKNOWN or is_interpolation(node):
                    whole[key] = index
        return exact, whole

    @cached_property
    def leaves(self) -> tuple[tuple[str, Tree | Marker], ...]:
        """Every dotted key with a scalar, an empty mapping or list, or UNKNOWN; list items by index."""
        outline = outline_of(self.config)
        if not self._over:
            return outline.leaves
        result: list[tuple[str, Tree]] = []
        at = 0
        for change in _changes(outline, self.config.tree or {}, self._over):
            result += outline.leaves[at : change.start]
            result += change.leaves
            at = change.end
        return (*result, *outline.leaves[at:])


def _meets(value: Tree, wanted: Wanted) -> bool | None:
    if value is UNKNOWN or is_interpolation(value) or is_mandatory(value):
        return None if wanted not in ("present", "absent") or value is UNKNOWN else wanted == "present"
    if wanted in ("present", "absent"):
        return (value is MISSING) == (wanted == "absent")
    if wanted in ("set", "unset"):
        return bool(value is not MISSING and value) == (wanted == "set")
    plain = "" if value is MISSING or value is None else value
    return any(type(plain) is type(item) and plain == item for item in wanted)


class Outline(NamedTuple):
    """The leaves of a config; `spans` gives the range of leaves of each path. A path is the parts, joined by NUL."""

    leaves: tuple[tuple[str, Tree], ...]
    spans: Mapping[str, tuple[int, int]]


def outline_of(config: ConfigFile) -> Outline:
    """The outline of a config, cached since many runs share it."""
    return _outline(Same(config.tree))


@lru_cache(maxsize=32)
def _outline(kept: Same) -> Outline:
    tree: Mapping[str, Tree] | None = kept.value
    found: list[tuple[str, Tree]] = []
    spans: dict[str, tuple[int, int]] = {}
    waiting: list[tuple[str, str, Tree | Mapping[str, Tree], int]] = [("", "", tree or {}, -1)]
    while waiting:
        path, key, node, start = waiting.pop()
        if start >= 0:  # a mapping, met again after everything in it
            spans[path] = start, len(found)
        elif isinstance(node, Mapping) and node:
            waiting.append((path, key, None, len(found)))
            below = f"{key}." if key else ""
            waiting += [(f"{path}\0{name}", f"{below}{name}", value, -1) for name, value in [*node.items()][::-1]]
        else:
            start = len(found)
            found += leaves(node, key)
            spans[path] = start, len(found)
    return Outline(tuple(found), spans)


class _Change(NamedTuple):
    """Leaves that replace the leaves `start:end`. Deeper insertions come first."""

    start: int
    end: int
    depth: int
    leaves: list[tuple[str, Tree]]


def _changes(outline: Outline, tree: Mapping[str, Tree], over: Mapping[str, Tree]) -> list[_Change]:
    """What `over` changes in the leaves of `tree`, in the order of the leaves."""
    result: list[_Change] = []
    waiting = [("", "", tree, over)]
    while waiting:
        path, key, below, above = waiting.pop()
        depth = path.count("\0")
        for name, value in above.items():
            inner, inner_key = f"{path}\0{name}", f"{key}.{name}" if key else name
            old = below.get(name, MISSING)
            if isinstance(value, dict) and isinstance(old, dict) and old:
                waiting.append((inner, inner_key, old, value))
                continue
            start, end = outline.spans[inner if old is not MISSING else path]
            merged = value if old is MISSING else merge(old, value)
            result.append(_Change(start if old is not MISSING else end, end, -depth, [*leaves(merged, inner_key)]))
    result.sort(key=lambda change: change[:3])
    return result


def apply(
    config: ConfigFile,
    run: StepRun,
    place: Callable[[ConfigFile, str], Place],
    more: Iterable[tuple[Override, Tree]] = (),
) -> Effective | None:
    """`config` with the overrides of `run`, then with `more`; None if the config could not be read."""
    if config.tree is None:
        return None
    built = _build(run)
    for override, value in more:
        try:
            set_key(built.over, override.key, value)
        except MergeError:  # the runner leaves out what it cannot set
            continue
        built.applied.append((override, join_key(split_key(override.key)), value))
    refused = [*built.refused]
    conflicts = dict(Layers((config.tree,)).conflicts(built.over))
    if conflicts:
        if built.exact:
            refused += _at_fault(built.applied, conflicts)
        for path in conflicts:
            _spoil(built.over, path)
    return Effective(config, built.exact, tuple(refused), built.over, tuple(built.applied), place)


def refusals(run: StepRun) -> tuple[Refusal, ...]:
    """The overrides of a run that the CLI refuses whatever the config holds."""
    return tuple(_build(run).refused)


class _Built(NamedTuple):
    """What a run's overrides make before the config is looked at: `over`, and each with its key and value."""

    exact: bool
    over: dict[str, Tree]
    applied: list[tuple[Override, str, Tree]]
    refused: list[Refusal]


def _build(run: StepRun) -> _Built:
    exact = not run.may_gain_words
    over: dict[str, Tree] = {}
    applied: list[tuple[Override, str, Tree]] = []
    refused: list[Refusal] = []
    for override in run.overrides:
        parts = split_key(override.key)
        if not key_is_known(override) or len(parts) > MAX_KEY_PARTS:
            exact = False
            continue
        value: Tree = UNKNOWN
        if override.value.known:
            try:
                value = override.parsed()
            except YamlError as error:
                refused.append(Refusal(override, "value", str(error), syntax=error.syntax))
        try:
            set_key(over, override.key, value)
        except MergeError as error:
            refused.append(Refusal(override, "key", str(error)))
            _spoil(over, parts[:1])
            value = UNKNOWN
        applied.append((override, join_key(parts), value))
    return _Built(exact, over, applied, refused)


def _at_fault(
    applied: Iterable[tuple[Override, str, Tree]], conflicts: Mapping[tuple[str, ...], str]
) -> Iterator[Refusal]:
    """The overrides that put what the config cannot take under the keys of `conflicts`."""
    for override, _, value in applied:
        path = next((path for path in _containers(tuple(split_key(override.key)), value) if path in conflicts), None)
        if path is not None:
            reason = conflicts[path]
            yield Refusal(override, "fit", reason, join_key(path), HOLDS.get(reason, ""))


def _containers(parts: tuple[str, ...], value: Tree) -> Iterator[tuple[str, ...]]:
    """The keys, by their parts, under which an override puts a mapping, a list or an interpolation."""
    for end in range(1, len(parts)):
        yield parts[:end]
    waiting = [(parts, value)]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, dict):
            waiting += [((*path, key), inner) for key, inner in node.items()]
        if isinstance(node, dict | list) or is_interpolation(node):
            yield path


def _spoil(over: dict[str, Tree], path: Sequence[str]) -> None:
    """Nothing can be said about what a refused override sets."""
    node = over
    for part in path[:-1]:
        below = node.get(part)
        if not isinstance(below, dict):
            return
        node = below
    node[path[-1]] = UNKNOWN


def key_is_known(override: Override) -> bool:
    """True if no part of the key of an override depends on an expansion."""
    position = 0
    for piece in override.word.pieces:
        if piece.kind == "expansion" and position < len(override.key):
            return False
        position += len(piece.text)
    return True
