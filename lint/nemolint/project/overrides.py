"""Values and overrides as OmegaConf reads them: YAML values, dotted keys, merging from left to right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nemolint.base.patterns import lazily
from nemolint.base.yaml_values import MISSING, UNKNOWN, Marker, Tree

MAX_KEY_PARTS = 100

_HEAD = lazily(r"\.*[^.\[]*")
_REST = lazily(r"\.([^.\[]*)|\[([^\]]*)\]")
_DOTTED = lazily(r"\.([^.\[]*)")
_SCALARS = frozenset({str, int, float, bool, type(None)})


def is_interpolation(value: object) -> bool:
    """True for a string that OmegaConf fills in later (`${oc.env:X}`)."""
    return isinstance(value, str) and "${" in value


def is_mandatory(value: object) -> bool:
    """True for `???`: a value that someone must give."""
    return value == "???" and isinstance(value, str)


def split_key(key: str) -> list[str]:
    """The parts of a dotted key, at least one; `a[b]` is `a.b`."""
    head = _HEAD.match(key)
    assert head is not None
    parts = head.group().split(".")
    if head.end() == len(key):
        return parts
    if key[head.end()] == "[" and not parts[-1]:
        parts.pop()
    # Brackets that nothing closes are passed over here, or each would be looked at to the end of the key.
    unclosed = key.find("[", key.rfind("]") + 1)
    closed = len(key) if unclosed < 0 else unclosed
    parts += [dotted or bracketed for dotted, bracketed in _REST.findall(key, head.end(), closed)]
    parts += _DOTTED.findall(key, closed)
    return parts or [key]  # a bracket that nothing closes


def join_key(parts: Iterable[str]) -> str:
    """The dotted form of a key's parts."""
    return ".".join(parts)


class MergeError(ValueError):
    """Two values that OmegaConf refuses to merge (a mapping and a list)."""


def merge(base: Tree, over: Tree) -> Tree:
    """`over` merged into `base`: mappings merge, all else replaces, `???` replaces nothing.

    Neither argument is changed. Raises MergeError for a mapping over a list or a list over a mapping.
    """
    if over is UNKNOWN or base is UNKNOWN:
        return UNKNOWN if over is UNKNOWN or isinstance(over, dict) else over
    if is_mandatory(over):
        return base
    if isinstance(over, dict):
        if isinstance(base, list):
            raise MergeError("a mapping cannot be merged into a list")
        if is_interpolation(base):
            return UNKNOWN  # what it points at may be a mapping that keeps its other keys
        if not isinstance(base, dict):
            return _copy(over)
        result = dict(base)
        for key, value in over.items():
            result[key] = merge(result[key], value) if key in result else _copy(value)
        return result
    if isinstance(over, list) and isinstance(base, dict):
        raise MergeError("a list cannot replace a mapping")
    return over


class Layers(Mapping[str, Tree]):
    """Mappings merged from left to right, each key when it is asked for: what they hold is shared, never copied.

    It is what `merge` gives for them, one after the other. Where a value cannot be merged into the one below it,
    asking for its key raises MergeError (see `fits`). `open`: further mappings lie below that were not looked at, so
    a key that is not here is UNKNOWN instead of missing, and so is a value that does not fit.
    """

    __slots__ = ("_layers", "_open")

    def __init__(self, layers: Iterable[Mapping[str, Tree]], *, open: bool = False) -> None:
        self._layers = tuple(layers)
        self._open = open

    def at(self, key: str) -> Tree | Layers:
        """The value of a key, a mapping as layers of its own; MISSING where there is none. Raises MergeError."""
        value: Tree | Layers = UNKNOWN if self._open else MISSING
        for layer in self._layers:
            if key in layer:
                over = layer[key]
                value = self._merged(value, over)
        return value

    def _merged(self, base: Tree | Layers, over: Tree) -> Tree | Layers:
        if isinstance(over, dict):
            if isinstance(base, Layers):
                return Layers((*base._layers, over), open=self._open)
            if self._open:
                return UNKNOWN if isinstance(base, list) else Layers((over,), open=True)
            if isinstance(base, list) or base is UNKNOWN or is_interpolation(base):
                return merge(base, over)
            return Layers((over,))
        if self._open and (is_mandatory(over) or (isinstance(over, list) and isinstance(base, Layers))):
            return base if is_mandatory(over) else UNKNOWN
        if base is MISSING:
            return over
        if isinstance(base, Layers):
            return base if is_mandatory(over) else merge({}, over)  # which refuses a list
        return merge(base, over)

    def fits(self, over: Mapping[str, Tree]) -> bool:
        """True if `over` can be merged into this: it holds no mapping for a list, and no list for a mapping."""
        waiting: list[tuple[Layers, Mapping[str, Tree]]] = [(self, over)]
        while waiting:
            base, above = waiting.pop()
            for key, value in above.items():
                if not isinstance(value, dict | list):
                    continue
                below = base.at(key)
                if isinstance(below, list) and isinstance(value, dict):
                    return False
                if isinstance(below, Layers):
                    if isinstance(value, list):
                        return False
                    waiting.append((below, value))
        return True

    def plain(self) -> dict[str, Tree]:
        """The merged mapping; mappings in it that stand in one place alone are those themselves."""
        if len(self._layers) == 1 and isinstance(self._layers[0], dict):
            return self._layers[0]
        return dict(self.items())

    def __getitem__(self, key: str) -> Tree:
        value = self.at(key)
        if value is MISSING:
            raise KeyError(key)
        return value.plain() if isinstance(value, Layers) else value

    def __contains__(self, key: object) -> bool:
        return self._open or any(key in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        """The keys that are known, in the order of the merged mapping."""
        return iter(dict.fromkeys(key for layer in self._layers for key in layer))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _copy(tree: Tree) -> Tree:
    """A copy whose mappings may be changed."""
    if isinstance(tree, dict):
        return {key: _copy(value) for key, value in tree.items()}
    return tree


def set_key(tree: dict[str, Tree], key: str, value: Tree) -> None:
    """Apply one override to the mapping that a dotlist builds up, in place.

    Raises MergeError where the CLI would refuse it, or where the key has more than MAX_KEY_PARTS parts.
    """
    parts = split_key(key)
    if len(parts) > MAX_KEY_PARTS:
        raise MergeError("the key has too many parts")
    node: dict[str, Tree] | list[Tree] = tree
    for part in parts[:-1]:
        child = _child(node, part)
        if child is UNKNOWN:
            return
        if is_interpolation(child):
            _assign(node, part, UNKNOWN)
            return
        if not isinstance(child, dict | list):
            child = {}
            _assign(node, part, child)
        node = child
    old = _child(node, parts[-1])
    if isinstance(old, dict | list) and isinstance(value, dict | list):
        value = merge(old, value)
    _assign(node, parts[-1], value)


def _child(node: dict[str, Tree] | list[Tree], part: str) -> Tree:
    if isinstance(node, dict):
        return node.get(part)
    index = _index(node, part)
    return None if index is None else node[index]


def _index(node: list[Tree], part: str) -> int | None:
    if not re.fullmatch(r"[-+]?[0-9]{1,9}", part):
        raise MergeError(f"{part!r} is no index of a list")
    index = int(part)
    return index if -len(node) <= index < len(node) else None


def _assign(node: dict[str, Tree] | list[Tree], part: str, value: Tree) -> None:
    if isinstance(node, dict):
        node[part] = value
        return
    index = _index(node, part)
    if index is None:
        raise MergeError(f"the list has no item {part}")
    node[index] = value


def dotlist(items: Iterable[tuple[str, Tree]]) -> dict[str, Tree]:
    """The mapping that `key=value` pairs build up from left to right. Raises MergeError."""
    result: dict[str, Tree] = {}
    for key, value in items:
        set_key(result, key, _copy(value))
    return result


def lookup(tree: Tree | Mapping[str, Tree], parts: Iterable[str]) -> Tree:
    """The value under a key's parts; MISSING, or UNKNOWN where an unknown value or an interpolation stands above."""
    node: Any = tree
    for part in parts:
        if isinstance(node, Layers):
            node = node.at(part)
        elif isinstance(node, Mapping):
            node = node.get(part, Marker.MISSING)
        elif isinstance(node, list) and part.isascii() and part.isdigit():
            node = node[int(part)] if len(part) < 10 and int(part) < len(node) else Marker.MISSING
        elif node is UNKNOWN or is_interpolation(node):
            return UNKNOWN
        else:
            return Marker.MISSING
        if node is Marker.MISSING:
            return Marker.MISSING
    result: Tree = node.plain() if isinstance(node, Layers) else node
    return result


def leaves(tree: Tree | Mapping[str, Tree], prefix: str = "") -> Iterator[tuple[str, Tree]]:
    """Every dotted key with a scalar, UNKNOWN, or an empty mapping or list; list items by index."""
    waiting: list[tuple[str, Any]] = [(prefix, tree)]
    while waiting:
        key, node = waiting.pop()
        below = f"{key}." if key else ""
        if node.__class__ in _SCALARS:  # most are; asking for abstract classes takes long
            if key:
                yield key, node
        elif isinstance(node, Mapping) and node:
            waiting += [(f"{below}{name}", value) for name, value in [*node.items()][::-1]]
        elif isinstance(node, list) and node:
            waiting += [(f"{below}{index}", node[index]) for index in range(len(node) - 1, -1, -1)]
        elif key:
            yield key, node
