"""YAML as the CLI reads it (OmegaConf's dialect of YAML 1.1), safe for untrusted text.

The dialect: `yes`, `no`, `on`, `off` are booleans, `0123` is octal, `1e3` is a float, dates stay strings. Only this
module imports yaml, lazily. Alias expansion has a budget and nesting a limit, so that no text takes long.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache, lru_cache

from nemolint.base import interpolations
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    import yaml

MAX_CHARACTERS = 300_000  # a hundred times a real config; the parser needs seconds for a megabyte
MAX_NODES = 100_000
# Values that aliases may add to a text, and per character: many times what people write.
_MORE_NODES = 100
_NODES_PER_CHARACTER = 2
MAX_DEPTH = 100
MAX_NUMBER = 1000  # characters; Python takes quadratic time to read or print a longer one
MAX_KEPT = 1000  # characters of a value that is cached
MAX_STRICT = 10_000  # characters; the Python parser, for texts that libyaml reads differently, is ten times slower

_STRING = "tag:yaml.org,2002:str"

_FLOAT = lazily(
    r"""^(?:
     [-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)
    |\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?
    |[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)


_QUOTED = lazily(r""" +(?:'[^']{2,}'|"[^"]{2,}")""")
# A plain or quoted scalar that is certainly a string, or a number: avoids importing yaml for nearly every override.
_PLAIN = lazily(r"(?:\.{0,2}/|<(?!<)|[A-Za-z_$])(?:[A-Za-z0-9_/.${}*?,\[\]=+@%<>-]|:(?=\S)| +(?=[A-Za-z0-9_]))*\Z")
_PLAIN_QUOTED = lazily(r"([\"'])[A-Za-z0-9_/.,:@=+ -]*\1\Z")
_INTEGER = lazily(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_DECIMAL = lazily(r"-?[0-9]{1,17}(?:\.[0-9]{1,17}(?:[eE][-+][0-9]{1,3})?|[eE][-+]?[0-9]{1,3})\Z")
_WORDS = {
    **dict.fromkeys(("yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "null", "Null", "NULL"), None),
}


_NO_CONSTRUCTOR = "could not determine a constructor for the tag"
_TWICE = "a key is given twice"
# Lists and mappings that begin in each other, deeper than the CLI's parser can go; it takes quadratic time to find out.
_TOO_DEEP = lazily(r"(?:[\[{]\s*(?:[\w.-]+:\s+)?){500}")
# Characters of texts that libyaml and the CLI's parser may read differently. Texts that libyaml rejects are parsed
# again.
_READ_DIFFERENTLY = "\t\r\ufeff\x85\u2028\u2029!?|>%"


class Marker(Enum):
    """Results that are not values. `MISSING`: no such key. `UNKNOWN`: set to a value that the text does not show."""

    MISSING = "missing"
    UNKNOWN = "unknown"


MISSING: Final = Marker.MISSING
UNKNOWN: Final = Marker.UNKNOWN

Scalar = str | int | float | bool | None
Tree = Scalar | Marker | list["Tree"] | dict[str, "Tree"]


class YamlError(ValueError):
    """Text that is not YAML (`syntax`), or that the CLI would refuse. `line`, `column` count from 1, 0 if unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0, *, syntax: bool = False) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.syntax = syntax


class YamlLimitError(YamlError):
    """Text that is beyond what is read here; what the CLI makes of it is not known."""


def _path(parts: list[str]) -> object:
    """The path that a text asks for by a tag, which hardly any does."""
    from pathlib import PurePosixPath

    return PurePosixPath(*parts)


@cache
def _loader(*, strict: bool = False) -> Any:
    """The loader of the dialect. `strict`: with the CLI's own parser, which rejects some texts that libyaml accepts."""
    import yaml

    base: Any = yaml.SafeLoader if strict else getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        """The safe loader with the dialect's resolvers and its check for duplicate keys."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen: set[str] = set()
            for key, _ in node.value if node.id == "mapping" else ():
                if key.tag == _STRING and key.id == "scalar":
                    if key.value in seen:
                        raise yaml.constructor.ConstructorError(None, None, _TWICE, key.start_mark)
                    seen.add(key.value)
            made: dict[Any, Any] = super().construct_mapping(node, deep=deep)
            return made

    for name in ("Path", "PosixPath", "WindowsPath"):
        Loader.add_constructor(
            f"tag:yaml.org,2002:python/object/apply:pathlib.{name}",
            lambda loader, node: _path(loader.construct_sequence(node)),
        )
    Loader.yaml_implicit_resolvers = {
        char: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for char, resolvers in base.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))
    return Loader


def load(text: str) -> Tree:
    """The value of a YAML document, None for an empty one. Raises YamlError."""
    loader, node = _compose(text)
    if node is None:
        return None
    return _Builder(loader, min(MAX_NODES, _MORE_NODES + _NODES_PER_CHARACTER * len(text))).build(node, 0)


def _compose(text: str, *, strict: bool = False) -> tuple[Any, yaml.Node | None]:
    import yaml

    if len(text) > MAX_CHARACTERS:
        raise YamlLimitError(f"longer than {MAX_CHARACTERS} characters")
    try:
        loader = _loader(strict=strict)(text)
        return loader, loader.get_single_node()
    except yaml.YAMLError as error:
        raise _translate(error, text) from None
    except RecursionError:
        if strict:
            raise
        raise YamlLimitError("nested too deeply") from None
    except UnicodeEncodeError:  # bytes that were not UTF-8
        raise YamlError("not UTF-8") from None


def _translate(error: Any, text: str = "") -> YamlError:
    import yaml

    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not readable as YAML"
    # No part of a value is quoted: it might be a part of a secret that would not be recognised.
    message = _QUOTED.sub("", str(problem)).replace(_NO_CONSTRUCTOR, "the CLI does not know this tag")
    syntax = not isinstance(error, yaml.constructor.ConstructorError)
    if mark is None:
        return YamlError(message, syntax=syntax)
    lines = text.splitlines()
    if lines and mark.line >= len(lines):  # an error at the end may be on a line that does not exist
        return YamlError(message, len(lines), len(lines[-1]) + 1, syntax=syntax)
    return YamlError(message, mark.line + 1, mark.column + 1, syntax=syntax)


class _Builder:
    """Turns nodes into plain values, and counts alias expansions."""

    def __init__(self, loader: Any, most: int) -> None:
        self._loader = loader
        self._most = self._left = most

    def build(self, node: Any, depth: int) -> Tree:
        self._left -= 1
        if self._left < 0:
            raise _limit(node, f"aliases expand to more than {self._most} values")
        if depth > MAX_DEPTH:
            raise _limit(node, f"nested more than {MAX_DEPTH} levels deep")
        if node.id == "scalar":
            return self._scalar(node)
        if node.id == "sequence":
            return [self.build(item, depth + 1) for item in node.value]
        return self._mapping(node, depth)

    def _mapping(self, node: Any, depth: int) -> dict[str, Tree]:
        result: dict[str, Tree] = {}
        texts: set[str] = set()
        merged: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                sources = value_node.value if value_node.id == "sequence" else [value_node]
                for source in reversed(sources):
                    value = self.build(source, depth + 1)
                    if not isinstance(value, dict):
                        raise _at(source, "only a mapping can be merged with `<<`")
                    merged.update(value)
                continue
            if key_node.id != "scalar":
                raise _at(key_node, "a key must be a scalar")
            key = self._scalar(key_node)
            if key is None:
                raise _at(key_node, "a key must not be null")
            name = key if isinstance(key, str) else str(key)
            if isinstance(key, str):
                if name in texts:
                    raise _at(key_node, f"the key {name!r} is given twice")
                texts.add(name)
            result[name] = self.build(value_node, depth + 1)
        return {**merged, **result} if merged else result

    def _scalar(self, node: Any) -> Scalar:
        if node.tag == "tag:yaml.org,2002:str":
            text: str = node.value
            return text
        if len(node.value) > MAX_NUMBER:
            raise _limit(node, f"a number of more than {MAX_NUMBER} characters")
        import yaml

        try:
            value = self._loader.construct_object(node)
        except yaml.YAMLError as error:
            raise _translate(error) from None
        except (ValueError, KeyError, IndexError, OverflowError):
            # The value is not quoted: it may be a secret.
            raise _at(node, f"this cannot be read as {node.tag.rpartition(':')[2]}") from None
        if value is None or isinstance(value, str | int | float):
            return value
        raise _at(node, f"values of type {node.tag.rpartition(':')[2]} are not supported")


def _at(node: Any, message: str) -> YamlError:
    return YamlError(message, node.start_mark.line + 1, node.start_mark.column + 1)


def _limit(node: Any, message: str) -> YamlLimitError:
    return YamlLimitError(message, node.start_mark.line + 1, node.start_mark.column + 1)


def positions(text: str) -> dict[str, tuple[int, int]]:
    """Line and column (from 1) of every dotted key and list item of a YAML text. Raises YamlError."""
    _, node = _compose(text)
    result: dict[str, tuple[int, int]] = {}
    stack: list[tuple[str, Any, int]] = [("", node, 0)] if node is not None else []
    seen: set[int] = set()
    while stack:
        prefix, current, depth = stack.pop()
        if current.id == "scalar" or depth > MAX_DEPTH or id(current) in seen:
            continue
        seen.add(id(current))  # an alias: keep the first position
        if current.id == "sequence":
            children = [(str(index), item, item) for index, item in enumerate(current.value)]
        else:
            children = [(key.value, key, value) for key, value in current.value if key.id == "scalar"]
        for name, place, value in children:
            path = f"{prefix}.{name}" if prefix else name
            result[path] = (place.start_mark.line + 1, place.start_mark.column + 1)
            stack.append((path, value, depth + 1))
    return result


def is_text(text: str) -> bool:
    """False for a number, a boolean or null in its usual form, which is no name and no path."""
    return not (text in _WORDS or _INTEGER.match(text) or _DECIMAL.match(text))


def parse_value(text: str) -> Tree:
    """The value of an override as YAML, UNKNOWN if it is too long, too deep or too large.

    Bytes are given as text. Raises YamlError if the CLI would refuse the text.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text in ("[]", "{}"):
        return [] if text == "[]" else {}
    if text.isdecimal() and _INTEGER.match(text):
        return int(text)
    if _PLAIN.match(text):
        return _as_tree(text)
    if _PLAIN_QUOTED.match(text):
        return text[1:-1]
    if _INTEGER.match(text):
        return int(text)
    if _DECIMAL.match(text):
        return float(text)
    return _parse_once(text) if len(text) <= MAX_KEPT else _parse(text)


@lru_cache(maxsize=256)
def _parse_once(text: str) -> Tree:
    return _parse(text)


def _parse(text: str) -> Tree:
    strict = any(char in text for char in _READ_DIFFERENTLY)
    if len(text) > (MAX_STRICT if strict else MAX_CHARACTERS) or _TOO_DEEP.match(text):
        return UNKNOWN
    try:
        return _parse_as(text, strict=strict)
    except YamlError:
        if strict:
            raise
        return _parse_as(text, strict=True) if len(text) <= MAX_STRICT else UNKNOWN


def _parse_as(text: str, *, strict: bool) -> Tree:
    import yaml

    try:
        loader, node = _compose(text, strict=strict)
        if node is None:
            return None
        if not _is_bounded(node, min(MAX_NODES, _MORE_NODES + _NODES_PER_CHARACTER * len(text))):
            return UNKNOWN
        return _as_tree(loader.construct_document(node))
    except yaml.YAMLError as error:
        raise _translate(error, text) from None
    except RecursionError:
        return UNKNOWN
    except (ValueError, KeyError, IndexError, OverflowError, TypeError, AttributeError) as error:
        if isinstance(error, YamlError):
            raise
        raise YamlError("a value cannot be read as the type that its tag names") from None


def _is_bounded(node: Any, most: int) -> bool:
    """Whether a value, with its aliases expanded, is small enough to be built.

    Raises YamlError for one that contains itself, which the CLI follows endlessly.
    """
    waiting = [(node, 0)]
    left = most
    path: list[Any] = []
    while waiting:
        current, depth = waiting.pop()
        del path[depth:]
        left -= 1
        if left < 0 or depth > MAX_DEPTH:
            return False
        if current.id == "scalar":
            if current.tag != _STRING and len(current.value) > MAX_NUMBER:
                return False
            continue
        if any(current is above for above in path):
            raise _at(current, "the value contains itself")
        path.append(current)
        inner = current.value if current.id == "sequence" else [item for pair in current.value for item in pair]
        waiting += [(item, depth + 1) for item in inner]
    return True


def _as_tree(value: Any) -> Tree:
    """A parsed value as a config stores it. Raises YamlError for one that a config cannot store."""
    if isinstance(value, str):
        if not interpolations.is_taken(value):
            raise YamlError("an interpolation `${…}` is not closed or malformed")
        return str(value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, dict):
        result: dict[str, Tree] = {}
        for key, item in value.items():
            if key is None:
                raise YamlError("a key must not be null")
            if not isinstance(key, str | int | float | bytes):
                raise YamlError("a key must be a scalar")
            held = _as_tree(item)
            # A number is a different key than the same digits in a dotted key, but all keys here are text.
            result[str(key)] = held if isinstance(key, str) else UNKNOWN
        return result
    if isinstance(value, list | tuple):
        return [_as_tree(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if hasattr(value, "__fspath__"):
        return str(value)
    raise YamlError("a value has a type that a config cannot store")
