"""Values and overrides as OmegaConf reads them: YAML values, dotted keys, merging from left to right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nemolint.base.interpolations import (
    env_default as env_default,
    is_grammatical,
    mentions as mentions,
    reference,
)
from nemolint.base.patterns import lazily
from nemolint.base.yaml_values import MISSING, UNKNOWN, Marker, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

MAX_KEY_PARTS = 100
_MAX_REFERENCES = 10
_LONGEST_INDEX = 20  # digits

_HEAD = lazily(r"\.*[^.\[]*")
_DOTTED = lazily(r"\.([^.\[]*)")
_SCALARS = frozenset({str, int, float, bool, type(None)})


def is_interpolation(value: object) -> bool:
    """True for a string that OmegaConf fills in later (`${oc.env:X}`)."""
    return isinstance(value, str) and "${" in value


def is_mandatory(value: object) -> bool:
    """True for `???`: a value that must be given."""
    return value == "???" and isinstance(value, str)


def override_text(value: Tree) -> str:
    """A value as an override gives it; `...` for one that is not known."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Marker):
        return "..."
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {override_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join('""' if item == "" else override_text(item) for item in value) + "]"
    return str(value)


def split_key(key: str) -> list[str]:
    """The parts of a dotted key, at least one; `a[b]` is `a.b`."""
    return _parts(key) or [key]


def _parts(key: str) -> list[str]:
    """The parts of a dotted key; none if an open bracket comes first."""
    if "[" not in key:
        return key.split(".")
    head = _HEAD.match(key)
    assert head is not None
    parts = head.group().split(".")
    at = head.end()
    if key[at] == "[" and not parts[-1]:
        parts.pop()
    closing = line_end = at  # of the bracket that is looked at; each is searched for once
    while at < len(key):
        dotted = _DOTTED.match(key, at)
        if dotted is not None:
            parts.append(dotted.group(1))
            at = dotted.end()
            continue
        if key[at] == "[":
            if closing <= at:
                closing = _find(key, "]", at)
            if line_end <= at:
                line_end = _find(key, "\n", at)
            if closing < line_end:
                parts.append(key[at + 1 : closing])
                at = closing
        at += 1  # a bracket that its line does not close is passed over
    return parts


def _find(text: str, wanted: str, at: int) -> int:
    found = text.find(wanted, at)
    return found if found >= 0 else len(text)


def join_key(parts: Iterable[str]) -> str:
    """The dotted form of a key's parts."""
    return ".".join(parts)


class MergeError(ValueError):
    """What OmegaConf refuses to do: to merge a mapping and a list, to name an item that a list does not have."""


_MAPPING_OVER_LIST = "a mapping cannot be merged into a list"
_LIST_OVER_MAPPING = "a list cannot replace a mapping"
_NO_GRAMMAR = "a malformed interpolation is in the way"
# What the base holds where a merge is refused for a reason.
HOLDS: Mapping[str, Literal["list", "mapping"]] = {_MAPPING_OVER_LIST: "list", _LIST_OVER_MAPPING: "mapping"}


def merge(base: Tree, over: Tree) -> Tree:
    """`over` merged into `base`: mappings merge, all else replaces, `???` replaces nothing.

    Neither argument is changed. Raises MergeError for a mapping over a list or a list over a mapping.
    """
    return _merge(
        base, over, Layers((base,) if isinstance(base, dict) else (), partial=not isinstance(base, dict)), over, ()
    )


def _merge(base: Tree, over: Tree, root: Layers, changed: Tree, at: tuple[str, ...]) -> Tree:
    """`merge` for the value under the key `at` of `root`, into which `changed` is merged."""
    if over is UNKNOWN or base is UNKNOWN:
        return UNKNOWN if over is UNKNOWN or isinstance(over, dict) else over
    refusal = _refusal(base, over, root, changed, at)
    if refusal:
        raise MergeError(refusal)
    if is_mandatory(over):
        return base
    if not isinstance(over, dict):
        return over
    if is_interpolation(base):
        return UNKNOWN  # it may refer to a mapping that keeps its other keys
    if not isinstance(base, dict):
        return _copy(over)
    result = dict(base)
    for key, value in over.items():
        result[key] = _merge(result[key], value, root, changed, (*at, key)) if key in result else _copy(value)
    return result


def _refusal(base: Tree | Layers, over: Tree, root: Layers, changed: Tree, at: tuple[str, ...]) -> str:
    """Why `over` cannot be merged into `base`, their keys left alone; "" if it can, or if that cannot be known."""
    if not isinstance(over, dict | list):
        mapping = isinstance(base, dict | Layers)
        return _NO_GRAMMAR if mapping and is_interpolation(over) and not is_grammatical(str(over)) else ""
    if is_interpolation(base):
        base = _referred(str(base), root, changed, at)
    if isinstance(over, dict):
        return _MAPPING_OVER_LIST if isinstance(base, list) else ""
    return _LIST_OVER_MAPPING if isinstance(base, dict | Layers) else ""


def _referred(text: str, root: Layers, changed: Tree, at: tuple[str, ...]) -> Tree | Layers:
    """The value of an interpolation under the key `at`: MISSING if there is none, UNKNOWN if that cannot be decided."""
    for _ in range(_MAX_REFERENCES):
        found = reference(text)
        if found is None:
            return UNKNOWN if text.startswith("${") and text.endswith("}") else text
        if found.key is None:
            return ""  # a variable of the environment is text
        parts = split_key(found.key)
        if isinstance(changed, dict) and parts[0] in changed:
            return UNKNOWN
        if at[: len(parts)] == tuple(parts):
            return MISSING  # an interpolation cannot refer to what contains it
        value = _under(root, parts)
        if not isinstance(value, str) or not is_interpolation(value):
            return MISSING if is_mandatory(value) else value
        text = value
    return UNKNOWN


def _under(root: Layers, parts: Iterable[str]) -> Tree | Layers:
    node: Tree | Layers = root
    for part in parts:
        if isinstance(node, Layers):
            node = node.at(part)
        elif isinstance(node, dict):
            node = node.get(part, MISSING)
        elif isinstance(node, list):
            index = _index(node, part, strict=False)
            node = node[index] if index is not None and index >= 0 else MISSING
        else:
            return UNKNOWN if node is UNKNOWN or is_interpolation(node) else MISSING
    return node


class Layers(Mapping[str, Tree]):
    """Mappings merged from left to right, lazily for each key: their content is shared, never copied.

    The result equals that of `merge`, one after the other. If a value cannot be merged into the one below it, reading
    its key raises MergeError (see `fits`). `partial`: there are further mappings below that were not read, so a key
    that is not here is UNKNOWN instead of missing, and so is a value that does not fit.
    """

    __slots__ = ("_layers", "_partial")

    def __init__(self, layers: Iterable[Mapping[str, Tree]], *, partial: bool = False) -> None:
        self._layers = tuple(layers)
        self._partial = partial

    def at(self, key: str) -> Tree | Layers:
        """The value of a key, a mapping as layers of its own; MISSING if there is none. Raises MergeError."""
        value: Tree | Layers = UNKNOWN if self._partial else MISSING
        above: list[Mapping[str, Tree]] = []  # mappings over the one in `value`, put together once
        for layer in self._layers:
            if key not in layer:
                continue
            over = layer[key]
            if isinstance(over, dict) and isinstance(value, Layers):
                above.append(over)
                continue
            if above and isinstance(value, Layers):
                value = Layers((*value._layers, *above), partial=self._partial)
                above.clear()
            value = self._merged(value, over)
        if above and isinstance(value, Layers):
            value = Layers((*value._layers, *above), partial=self._partial)
        return value

    def _merged(self, base: Tree | Layers, over: Tree) -> Tree | Layers:
        if isinstance(over, dict):
            if isinstance(base, Layers):
                return Layers((*base._layers, over), partial=self._partial)
            if self._partial:
                return UNKNOWN if isinstance(base, list) else Layers((over,), partial=True)
            if isinstance(base, list) or base is UNKNOWN or is_interpolation(base):
                return merge(base, over)
            return Layers((over,))
        if self._partial and (is_mandatory(over) or (isinstance(over, list) and isinstance(base, Layers))):
            return base if is_mandatory(over) else UNKNOWN
        if base is MISSING:
            return over
        if isinstance(base, Layers):
            return base if is_mandatory(over) else merge({}, over)  # raises for a list
        return merge(base, over)

    def fits(self, over: Mapping[str, Tree]) -> bool:
        """True if `over` can be merged into this: it replaces no list by a mapping, and no mapping by a list."""
        return next(self.conflicts(over), None) is None

    def conflicts(self, over: Mapping[str, Tree]) -> Iterator[tuple[tuple[str, ...], str]]:
        """The keys, by their parts, whose values in `over` cannot be merged into this, each with the reason."""
        waiting: list[tuple[tuple[str, ...], Layers, Mapping[str, Tree]]] = [((), self, over)]
        changed = over if isinstance(over, dict) else dict(over)
        while waiting:
            path, base, above = waiting.pop()
            for key, value in above.items():
                if not isinstance(value, dict | list) and not is_interpolation(value):
                    continue
                below, at = base.at(key), (*path, key)
                refusal = _refusal(below, value, self, changed, at)
                if refusal:
                    yield at, refusal
                elif isinstance(value, dict) and isinstance(below, Layers):
                    waiting.append((at, below, value))

    def plain(self) -> dict[str, Tree]:
        """The merged mapping; nested mappings that come from a single layer are not copied."""
        if len(self._layers) == 1 and isinstance(self._layers[0], dict):
            return self._layers[0]
        return dict(self.items())

    def __getitem__(self, key: str) -> Tree:
        value = self.at(key)
        if value is MISSING:
            raise KeyError(key)
        return value.plain() if isinstance(value, Layers) else value

    def __contains__(self, key: object) -> bool:
        return self._partial or any(key in layer for layer in self._layers)

    def __iter__(self) -> Iterator[str]:
        """The keys that are known, in the order of the merged mapping."""
        return iter(dict.fromkeys(key for layer in self._layers for key in layer))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _copy(tree: Tree) -> Tree:
    """A copy that may be changed."""
    if isinstance(tree, dict):
        return {key: _copy(value) for key, value in tree.items()}
    return [_copy(item) for item in tree] if isinstance(tree, list) else tree


def set_key(tree: dict[str, Tree], key: str, value: Tree) -> None:
    """Apply one override in place to the mapping that a dotlist builds.

    Raises MergeError if the CLI would refuse it, or if the key has more than MAX_KEY_PARTS parts.
    """
    parts = _parts(key)
    if not parts:
        raise MergeError("the bracket of the key is not closed")
    if len(parts) > MAX_KEY_PARTS:
        raise MergeError("the key has too many parts")
    node: dict[str, Tree] | list[Tree] = tree
    for part in parts[:-1]:
        child = _child(node, part)
        if child is UNKNOWN:
            return
        if not isinstance(child, dict | list):
            child = {}
            _assign(node, part, child)
        node = child
    last = parts[-1]
    if not isinstance(value, dict | list):
        _assign(node, last, value)
        return
    old = _child(node, last, last=True)
    if old is UNKNOWN and isinstance(value, dict):
        value = UNKNOWN
    elif isinstance(old, dict) and isinstance(value, dict):
        _merge_in(old, value, Layers((tree,)), tuple(parts))
        return
    elif isinstance(old, dict | list) and isinstance(old, dict) != isinstance(value, dict):
        raise MergeError(_LIST_OVER_MAPPING if isinstance(old, dict) else _MAPPING_OVER_LIST)
    _assign(node, last, _copy(value))


def _merge_in(base: dict[str, Tree], over: dict[str, Tree], root: Layers, at: tuple[str, ...]) -> None:
    """Merge a mapping into one that a dotlist has built, in place. Raises MergeError."""
    for key, value in over.items():
        below = (*at, key)
        old = base.get(key, MISSING)
        refusal = _refusal(old, value, root, None, below)
        if is_interpolation(old) and not is_grammatical(str(old)):
            refusal = _NO_GRAMMAR
        if refusal:
            raise MergeError(refusal)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge_in(old, value, root, below)
        elif old is MISSING or not (is_mandatory(value) or isinstance(value, dict)):
            base[key] = _copy(value)
        elif isinstance(value, dict):
            # What an interpolation points at may be a mapping that keeps its other keys.
            base[key] = UNKNOWN if old is UNKNOWN or is_interpolation(old) else _copy(value)


def _child(node: dict[str, Tree] | list[Tree], part: str, *, last: bool = False) -> Tree:
    """The value of a part of a key. An item of a list counts from its end in the last part alone."""
    if isinstance(node, dict):
        return node.get(part)
    index = _index(node, part)
    if index is None and last:
        raise MergeError(f"the list has no item {part}")
    return None if index is None or (index < 0 and not last) else node[index]


def _index(node: list[Tree], part: str, *, strict: bool = True) -> int | None:
    """The index that a part of a key is, None if the list has none such."""
    try:
        index = int(part) if len(part) < _LONGEST_INDEX else len(node)
    except ValueError:
        if strict:
            raise MergeError(f"{part!r} is not a list index") from None
        return None
    return index if -len(node) <= index < len(node) else None


def _assign(node: dict[str, Tree] | list[Tree], part: str, value: Tree) -> None:
    if isinstance(node, dict):
        node[part] = value
        return
    index = _index(node, part)
    if index is None:
        raise MergeError(f"the list has no item {part}")
    node[index] = value


def lookup(tree: Tree | Mapping[str, Tree], parts: Iterable[str]) -> Tree:
    """The value under a key's parts; MISSING, or UNKNOWN below an unknown value or an interpolation."""
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
        if node.__class__ in _SCALARS:  # most are; checks of abstract classes are slow
            if key:
                yield key, node
        elif isinstance(node, Mapping) and node:
            waiting += [(f"{below}{name}", value) for name, value in [*node.items()][::-1]]
        elif isinstance(node, list) and node:
            waiting += [(f"{below}{index}", node[index]) for index in range(len(node) - 1, -1, -1)]
        elif key:
            yield key, node
