"""JSON with the offsets of its strings, read without recursion. Comments and trailing commas are allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap

_BLANK = lazily(r"(?:[ \t\n\r\f\v\xa0\ufeff]|//[^\n]*|/\*(?:[^*]|\*(?!/))*+\*/)*+")
_STRING = lazily(r'"(?:[^"\\\n]|\\[^\n])*+"')
# A string in a list of strings, which is what most lines of a notebook are, with the comma and the blanks behind it.
_ITEM = lazily(r'("(?:[^"\\\n]|\\[^\n])*+"),[ \t\n\r]*+(?=")')
_ATOM = lazily(r"[-+\w.]+")
_ESCAPE = lazily(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_NAMED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class JsonString:
    """A string as written: offsets of its quotes in `text`."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end

    @property
    def raw(self) -> str:
        """The text between the quotes."""
        return self.text[self.start + 1 : self.end - 1]

    @property
    def value(self) -> str:
        """The decoded value."""
        raw = self.text[self.start + 1 : self.end - 1]
        return _ESCAPE.sub(_decoded, raw) if "\\" in raw else raw

    def map(self) -> TextMap:
        """The value, mapped to the text. A lone surrogate becomes U+FFFD, an invalid escape stays as written."""
        builder = MapBuilder()
        self.add_to(builder)
        return builder.build(self.start + 1)

    def add_to(self, builder: MapBuilder) -> None:
        """Add the value to a map of several."""
        position, end = self.start + 1, self.end - 1
        for match in _ESCAPE.finditer(self.text, position, end):
            builder.verbatim(self.text, position, match.start())
            builder.escape(_decoded(match), match.start(), match.end() - match.start())
            position = match.end()
        builder.verbatim(self.text, position, end)


def decoded(raw: str) -> str:
    """What a string says, or several one behind the other, of which this stands between the quotes."""
    return _ESCAPE.sub(_decoded, raw) if "\\" in raw else raw


def _decoded(match: re.Match[str]) -> str:
    if (named := _NAMED.get(match.group()[1])) is not None:
        return named
    high, low, code, letter = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00))
    if code:
        point = int(code, 16)
        return "\ufffd" if 0xD800 <= point <= 0xDFFF else chr(point)
    found: str = letter
    return found


class JsonObject:
    __slots__ = ("members",)

    def __init__(self) -> None:
        self.members: list[tuple[JsonString, Json]] = []

    def get(self, name: str) -> Json | None:
        """The first member of that name."""
        for key, value in self.members:
            if key.value == name:
                return value
        return None


class JsonArray:
    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[Json] = []


class JsonAtom:
    """A number, `true`, `false` or `null`."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


Json = JsonString | JsonObject | JsonArray | JsonAtom


class JsonSyntaxError(ValueError):
    """Text that is not JSON: the problem, and its offset."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def parse(text: str) -> list[Json]:
    """The values of a text: one, or several in a row. Raises JsonSyntaxError."""
    roots: list[Json] = []
    stack: list[JsonObject | JsonArray] = []
    keys: list[JsonString | None] = []
    at = _blank(text, 0)
    while at < len(text):
        character = text[at]
        value: Json
        if stack and character == ("}" if isinstance(stack[-1], JsonObject) else "]"):
            if keys.pop() is not None:
                raise JsonSyntaxError("a member has no value", at)
            value = stack.pop()
            at += 1
        elif stack and isinstance(stack[-1], JsonObject) and keys[-1] is None:
            key = _string(text, at)
            at = _blank(text, key.end)
            if text[at : at + 1] != ":":
                raise JsonSyntaxError("expected `:`", at)
            keys[-1] = key
            at = _blank(text, at + 1)
            continue
        elif character in "{[":
            stack.append(JsonObject() if character == "{" else JsonArray())
            keys.append(None)
            at = _blank(text, at + 1)
            continue
        elif character == '"':
            if stack and isinstance(parent := stack[-1], JsonArray):
                while (item := _ITEM.match(text, at)) is not None:
                    parent.items.append(JsonString(text, at, item.end(1)))
                    at = item.end()
            value = _string(text, at)
            at = value.end
        elif atom := _ATOM.match(text, at):
            value = JsonAtom(atom.group())
            at = atom.end()
        else:
            raise JsonSyntaxError("expected a value", at)
        if not stack:
            roots.append(value)
            at = _blank(text, at)
            continue
        parent = stack[-1]
        if isinstance(parent, JsonArray):
            parent.items.append(value)
        elif (name := keys[-1]) is not None:
            parent.members.append((name, value))
            keys[-1] = None
        at = _blank(text, at)
        if text[at : at + 1] == ",":
            at = _blank(text, at + 1)
        elif text[at : at + 1] != ("}" if isinstance(parent, JsonObject) else "]"):
            raise JsonSyntaxError("expected `,` or the end of the list" if at < len(text) else "unexpected end", at)
    if stack:
        raise JsonSyntaxError("unexpected end", len(text))
    return roots


def _blank(text: str, at: int) -> int:
    if at < len(text) and text[at] in " \t\n\r/\f\v\xa0\ufeff":
        return _BLANK.match(text, at).end()  # type: ignore[union-attr]
    return at


def _string(text: str, at: int) -> JsonString:
    match = _STRING.match(text, at)
    if match is None:
        raise JsonSyntaxError("a string is not closed" if text[at] == '"' else "expected a name in quotes", at)
    return JsonString(text, match.start(), match.end())


def strings_by_line(text: str) -> Iterator[JsonString]:
    """The strings of a text that is not valid JSON, as far as single lines show them."""
    for match in _STRING.finditer(text):
        yield JsonString(text, match.start(), match.end())
