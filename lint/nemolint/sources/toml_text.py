"""The strings and comments of a TOML text with their offsets and keys. The text must be valid TOML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap

_TOKEN = lazily(
    r'''(?P<blank>[ \t]+)
      | (?P<line>\r?\n)
      | (?P<comment>\#[^\n\r]*)
      | (?P<ml_basic>"""(?:[^"\\]|\\(?s:.)|"{1,2}(?!"))*+"{3,5})
      | (?P<ml_literal>\'\'\'(?:[^']|'{1,2}(?!'))*+'{3,5})
      | (?P<basic>"(?:[^"\\\n]|\\.)*+")
      | (?P<literal>'[^'\n]*+')
      | (?P<mark>[\[\]{}=,])
      | (?P<bare>[^\s\[\]{}=,"'\#]+)''',
    re.VERBOSE,
)
_STRINGS = frozenset({"ml_basic", "ml_literal", "basic", "literal"})
_ESCAPE = lazily(
    r"\\(?:[ \t]*\n\s*|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))",
)
_NAMED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class TomlString(NamedTuple):
    """A string value: offsets of its quotes, the kind of string, its key, its list and its table.

    `path` has the names of the tables and the key; `array` is the number of the innermost list around the string, or 0;
    `table` is where the innermost table begins: tables of an array have the same names.
    """

    start: int
    end: int
    kind: str
    path: tuple[str, ...]
    array: int
    table: int = 0

    def map(self, text: str) -> TextMap:
        """The value, mapped to the text."""
        width = 3 if self.kind.startswith("ml_") else 1
        position, end = self.start + width, self.end - width
        if width == 3 and text[position] == "\n":
            position += 1
        builder = MapBuilder()
        if self.kind in ("basic", "ml_basic"):
            for match in _ESCAPE.finditer(text, position, end):
                builder.verbatim(text, position, match.start())
                code = match[1] or match[2] or match[3]
                value = chr(int(code, 16)) if code else _NAMED.get(match[4], match[4]) if match[4] else ""
                builder.escape(value, match.start(), match.end() - match.start())
                position = match.end()
        builder.verbatim(text, position, end)
        return builder.build(position)

    @property
    def encoder(self) -> str:
        return "toml-basic" if self.kind in ("basic", "ml_basic") else "toml-literal"


class TomlTable(NamedTuple):
    """An inline table among the values of a list, which `array` numbers: its place, braces included."""

    start: int
    end: int
    array: int


class TomlComment(NamedTuple):
    start: int
    end: int
    own_line: bool


class _Open(NamedTuple):
    """A list or an inline table that is not yet closed: sign, the key before it, number if a list, where it begins."""

    sign: str
    path: tuple[str, ...]
    number: int
    start: int


def scan(text: str) -> Iterator[TomlString | TomlTable | TomlComment]:
    """The string values, tables in lists and comments of a valid TOML text with LF line ends, in order.

    A table comes after its contents.
    """
    table: tuple[str, ...] = ()
    table_start = 0
    key: list[str] = []
    opened: list[_Open] = []
    in_value = False
    header = False
    line_empty = True
    numbers = 0
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "blank":
            continue
        path = (*(opened[-1].path if opened else table), *key)
        if kind == "line":
            line_empty = True
            if not opened:
                if header:
                    table, header = tuple(key), False
                key, in_value = [], False
            continue
        if kind == "comment":
            yield TomlComment(match.start(), match.end(), line_empty)
            continue
        first, line_empty = line_empty, False
        if kind == "mark":
            if token == "[" and first and not opened and not in_value:
                header, table_start = True, match.start()
            elif header:
                continue
            elif token == "=":
                in_value = True
            elif token in "[{":
                numbers += 1
                opened.append(_Open(token, path, numbers if token == "[" else 0, match.start()))
                key, in_value = [], token == "["
            elif token in "]}":
                closed = opened.pop() if opened else None
                if closed and closed.sign == "{" and opened and opened[-1].number:
                    yield TomlTable(closed.start, match.end(), opened[-1].number)
                key, in_value = [], True
            else:  # a comma
                key, in_value = [], bool(opened) and opened[-1].sign == "["
        elif not in_value:
            key += _key_parts(kind or "", token)
        elif kind in _STRINGS:
            array = opened[-1].number if opened else 0
            within = next((item.start for item in reversed(opened) if item.sign == "{"), table_start)
            yield TomlString(match.start(), match.end(), kind or "", path, array, within)


def _key_parts(kind: str, token: str) -> list[str]:
    if kind == "bare":
        return [part for part in token.split(".") if part]
    return [token[1:-1]]
