"""Edits of configuration files as text: all that stands in a file besides the edit keeps its place.

An edit can be taken back exactly, by what the text itself shows. What is added to an empty object or array of the file
follows its opening bracket at once; an object or array that an edit makes has white space there, and goes with the last
thing that it holds. Offsets are code points.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SPACE = " \t\r\n"
_NUMBER = lazily(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_STRING = lazily(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_WORDS = {"true": True, "false": False, "null": None}
_DEEPEST = 100
_MOST_BLOCKS = 100


class InvalidConfig(Exception):
    """A file that is not changed, since it is not `valid`, or has something else where an entry is to go.

    The message says why; `line` counts from 1.
    """

    def __init__(self, line: int, reason: str, *, valid: bool = False) -> None:
        super().__init__(reason)
        self.line = line
        self.valid = valid


class JsonNode(NamedTuple):
    """A value of a JSON text, and where it stands.

    `items` has the values of an object or an array, `keys` the names of an object's with the place of each.
    """

    start: int
    end: int
    kind: str
    value: Any = None
    items: tuple[JsonNode, ...] = ()
    keys: tuple[tuple[str, int], ...] = ()

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each item begins, with its key."""
        return tuple(start for _, start in self.keys) if self.kind == "object" else tuple(i.start for i in self.items)

    def place(self, key: str) -> int | None:
        """The index of a key. Where a key stands twice, the last one counts, as for every reader."""
        return next((at for at in reversed(range(len(self.keys))) if self.keys[at][0] == key), None)

    def get(self, key: str) -> JsonNode | None:
        """The value of a key; None if there is none, or if this is not an object."""
        at = self.place(key)
        return None if at is None else self.items[at]

    def data(self) -> Any:
        """The value as `json` has it."""
        if self.kind == "object":
            return {key: item.data() for (key, _), item in zip(self.keys, self.items, strict=True)}
        return [item.data() for item in self.items] if self.kind == "array" else self.value


def line_of(text: str, offset: int) -> int:
    """The line of an offset, from 1."""
    return text.count("\n", 0, offset) + 1


def parse_json(text: str, *, comments: bool = False) -> JsonNode:
    """The root of a JSON text, which may begin with a byte order mark. Raises InvalidConfig.

    With `comments`, comments and a comma behind the last item are allowed.
    """
    return _JsonParser(text, comments).whole()


class _JsonParser:
    def __init__(self, text: str, comments: bool) -> None:
        self._text = text
        self._comments = comments
        self._at = 1 if text.startswith("\ufeff") else 0

    def _fail(self, reason: str, at: int | None = None) -> InvalidConfig:
        return InvalidConfig(line_of(self._text, self._at if at is None else at), reason)

    def whole(self) -> JsonNode:
        self._skip()
        if self._at == len(self._text):
            raise self._fail("is empty, which is not valid JSON")
        root = self._value(0)
        self._skip()
        if self._at < len(self._text):
            raise self._fail("has text behind the end of its JSON value")
        return root

    def _skip(self) -> None:
        """Go on behind white space and comments."""
        text = self._text
        while self._at < len(text):
            if text[self._at] in _SPACE:
                self._at += 1
            elif text[self._at] == "/" and (end := _comment_end(text, self._at)) is not None:
                if not self._comments:
                    raise self._fail("has a comment, which is not valid JSON")
                if end < 0:
                    raise self._fail("has a comment without an end")
                self._at = end
            else:
                break

    def _value(self, depth: int) -> JsonNode:
        text, start = self._text, self._at
        if depth > _DEEPEST:
            raise self._fail("is nested too deeply")
        char = text[start : start + 1]
        if char in ("{", "[") and char:
            return self._container(depth)
        if char == '"':
            return self._string()
        for word, value in _WORDS.items():
            if text.startswith(word, start):
                self._at += len(word)
                return JsonNode(start, self._at, "word", value)
        found = _NUMBER.match(text, start)
        if found is None:
            raise self._fail("is not valid JSON" if char else "ends before its JSON value does")
        self._at = found.end()
        number = found.group()
        # A number may have more digits than Python converts.
        return JsonNode(
            start, self._at, "number", float(number) if set(number) & set(".eE") or len(number) > 300 else int(number)
        )

    def _string(self) -> JsonNode:
        found = _STRING.match(self._text, self._at)
        if found is None:
            raise self._fail("is not valid JSON: a string has no end, or a character that must be escaped")
        start, self._at = self._at, found.end()
        return JsonNode(start, self._at, "string", json.loads(found.group()))

    def _container(self, depth: int) -> JsonNode:
        start, is_object = self._at, self._text[self._at] == "{"
        close = "}" if is_object else "]"
        keys: list[tuple[str, int]] = []
        items: list[JsonNode] = []
        self._at += 1
        self._skip()
        while self._text[self._at : self._at + 1] != close:
            if is_object:
                if self._text[self._at : self._at + 1] != '"':
                    raise self._fail('is not valid JSON: a key in double quotes, or "}", is expected')
                key = self._string()
                keys.append((key.value, key.start))
                self._skip()
                self._expect(":")
                self._skip()
            items.append(self._value(depth + 1))
            self._skip()
            if self._text[self._at : self._at + 1] == close:
                break
            comma = self._at
            self._expect(",")
            self._skip()
            if self._text[self._at : self._at + 1] == close and not self._comments:
                raise self._fail(f'has a comma before "{close}", which is not valid JSON', comma)
        self._at += 1
        return JsonNode(start, self._at, "object" if is_object else "array", None, tuple(items), tuple(keys))

    def _expect(self, char: str) -> None:
        if self._text[self._at : self._at + 1] != char:
            raise self._fail(f'is not valid JSON: "{char}" is expected')
        self._at += 1


def _comment_end(text: str, at: int) -> int | None:
    """The end of a comment that begins at `at`; -1 if it has none, None if none begins there."""
    if text.startswith("//", at):
        ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
        return min(ends, default=len(text))
    if text.startswith("/*", at):
        end = text.find("*/", at + 2)
        return end + 2 if end >= 0 else -1
    return None


class _Gap(NamedTuple):
    """What stands between two items, or between one and a bracket: where its content ends, and its comma is."""

    content: int
    comma: int | None
    comments: bool


def _gap(text: str, start: int, end: int) -> _Gap:
    content, comma, comments, at = start, None, False, start
    while at < end:
        if (after := _comment_end(text, at)) is not None:
            comments, at = True, after
            content = at
        else:
            if text[at] not in _SPACE:
                content = at + 1
                if text[at] == ",":
                    comma = at
            at += 1
    return _Gap(content, comma, comments)


class _Layout(NamedTuple):
    """How a text is laid out: its line ends, and one step of its indentation. `lines` is False for a single line."""

    newline: str
    unit: str
    lines: bool

    @classmethod
    def of(cls, text: str, root: JsonNode) -> _Layout:
        newline = "\r\n" if "\r\n" in text else "\n"
        unit = "  "
        if root.items:
            begin = text.rfind("\n", 0, root.starts[0]) + 1
            before = text[begin : root.starts[0]]
            if begin > root.start and before and not before.strip():
                unit = before
        return cls(newline, unit, "\n" in text[root.start : root.end])

    def render(self, value: Any, indent: str, *, lines: bool) -> str:
        """A value as JSON, its further lines indented by `indent`."""
        if not lines:
            return _one_line(value)
        text = json.dumps(value, ensure_ascii=False, indent=self.unit)
        return text.replace("\n", self.newline + indent)


def _one_line(value: Any) -> str:
    """A value in one line, with white space behind its opening brackets."""
    if isinstance(value, dict) and value:
        return "{ " + ", ".join(f"{json.dumps(key)}: {_one_line(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list) and value:
        return "[ " + ", ".join(map(_one_line, value)) + " ]"
    return json.dumps(value, ensure_ascii=False)


def append(text: str, keys: Sequence[str], value: Any, *, comments: bool = False) -> str:
    """The text with `value` at the end of the array that `keys` lead to; what of this way is missing is made.

    Raises InvalidConfig if the text is not valid, or has something else in that place.
    """
    root = parse_json(text, comments=comments)
    node = root
    for depth, key in enumerate(keys):
        _require(text, node, "object", keys[:depth])
        inner = node.get(key)
        if inner is None:
            made: Any = [value]
            for outer in reversed(keys[depth + 1 :]):
                made = {outer: made}
            return _insert(text, root, node, key, made)
        node = inner
    _require(text, node, "array", keys)
    return _insert(text, root, node, None, value)


def put(text: str, key: str, value: Any, *, comments: bool = False) -> str:
    """The text with one more key at the end of its root. Raises InvalidConfig."""
    root = parse_json(text, comments=comments)
    _require(text, root, "object", ())
    return _insert(text, root, root, key, value)


def _require(text: str, node: JsonNode, kind: str, keys: Sequence[str]) -> None:
    if node.kind != kind:
        shown = f"`{'.'.join(keys)}`" if keys else "its JSON value"
        raise InvalidConfig(line_of(text, node.start), f"has {shown}, which is not an {kind}", valid=True)


def _insert(text: str, root: JsonNode, node: JsonNode, key: str | None, value: Any) -> str:
    """The text with one more item at the end of an object or array."""
    layout = _Layout.of(text, root)
    begin = text.rfind("\n", 0, node.start) + 1
    indent = text[begin : begin + len(text[begin : node.start]) - len(text[begin : node.start].lstrip(" \t"))]
    lines = "\n" in text[node.start : node.end] if node.items else layout.lines
    inner = indent + layout.unit
    if node.items:
        first = text.rfind("\n", node.start, node.starts[0]) + 1
        if first and not text[first : node.starts[0]].strip():
            inner = text[first : node.starts[0]]
    else:
        inner = indent
    head = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
    shown = head + layout.render(value, inner, lines=lines)
    if not node.items:
        return text[: node.start + 1] + shown + text[node.start + 1 :]
    last = node.items[-1].end
    gap = _gap(text, last, node.end - 1)
    separator = f"{layout.newline}{inner}" if lines else " "
    if gap.comma is not None:
        return text[: gap.content] + separator + shown + "," + text[gap.content :]
    return text[:last] + "," + text[last : gap.content] + separator + shown + text[gap.content :]


def remove(text: str, way: Sequence[int], *, comments: bool = False) -> str:
    """The text without the item that the indexes of `way` lead to, and without what an edit made to hold it.

    Raises InvalidConfig.
    """
    nodes = [parse_json(text, comments=comments)]
    for index in way[:-1]:
        nodes.append(nodes[-1].items[index])
    depth = len(way) - 1
    # What holds nothing else, not even a comment, was made for this item, unless the item follows its bracket at once.
    while depth and len(nodes[depth].items) == 1:
        node = nodes[depth]
        before = _gap(text, node.start + 1, node.starts[0])
        after = _gap(text, node.items[0].end, node.end - 1)
        if node.starts[0] == node.start + 1 or before.comments or after.comments:
            break
        depth -= 1
    return _cut(text, nodes[depth], way[depth])


def _cut(text: str, node: JsonNode, index: int) -> str:
    """The text without one item of an object or array, and without its comma."""
    start, end = node.starts[index], node.items[index].end
    before_from = node.items[index - 1].end if index else node.start + 1
    before = _gap(text, before_from, start)
    last = index == len(node.items) - 1
    after = _gap(text, end, node.end - 1 if last else node.starts[index + 1])
    begin = before.content
    if after.comma is not None:
        return text[:begin] + text[end : after.comma] + text[after.comma + 1 :]
    if before.comma is not None:
        return text[: before.comma] + text[before.comma + 1 : begin] + text[end:]
    return text[:begin] + text[end:]


def replace(text: str, node: JsonNode, value: str) -> str:
    """The text with another string in place of a value."""
    return text[: node.start] + json.dumps(value, ensure_ascii=False) + text[node.end :]


# TOML is only ever added to at its end, as one table of an array: this is the form of such a table.
_TOML_BLOCK = lazily(
    r"\[\[hooks\.(?P<event>\w+)\]\]\r?\n(?:matcher = [^\r\n]*\r?\n)?hooks = \[\{ (?P<inner>[^\r\n]*) \}\]"
)


class TomlBlock(NamedTuple):
    """A table that `append_toml` wrote: where it stands, and its values."""

    start: int
    end: int
    event: str
    table: dict[str, Any]


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises InvalidConfig."""
    import tomli

    try:
        return tomli.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise InvalidConfig(line, f"is not valid TOML: {getattr(error, 'msg', error)}") from None


def append_toml(text: str, event: str, entry: dict[str, Any]) -> str:
    """The text with one more table of the array `hooks.EVENT` at its end.

    Raises InvalidConfig if the text is not valid, or has the array in a form that cannot be added to.
    """
    before = parse_toml(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [f"[[hooks.{event}]]"]
    lines += [f"{key} = {_toml(value)}" for key, value in entry.items()]
    block = newline.join(lines)
    # The blank line before, and the end of the last line, are those of this edit.
    new = f"{text}{newline}{block}{newline}" if not text or text.endswith("\n") else f"{text}{newline}{newline}{block}"
    try:
        after = parse_toml(new)
    except InvalidConfig:
        line = next((number for number, line in enumerate(text.splitlines(), 1) if "hooks" in line), 1)
        reason = f"has `hooks` in a form that cannot be added to: write it as [[hooks.{event}]]"
        raise InvalidConfig(line, reason, valid=True) from None
    before.setdefault("hooks", {}).setdefault(event, []).append(entry)
    assert after == before
    return new


def toml_blocks(text: str) -> list[TomlBlock]:
    """The tables in the form of `append_toml` that name nemolint, in the order of the text, but not thousands.

    Raises InvalidConfig if the text is not valid.
    """
    blocks: list[TomlBlock] = []
    whole = parse_toml(text).get("hooks")
    for found in _TOML_BLOCK.finditer(text):
        if "nemolint" not in found.group() or (found.start() and text[found.start() - 1] != "\n"):
            continue
        if len(blocks) == _MOST_BLOCKS:
            break
        event = found["event"]
        try:
            table = parse_toml(found.group())["hooks"][event][0]
            left = parse_toml(text[: found.start()] + text[found.end() :]).get("hooks", {}).get(event, [])
        except InvalidConfig:
            continue
        # Else it is part of a string.
        if isinstance(whole, dict) and len(left) == len(whole.get(event, [])) - 1:
            blocks.append(TomlBlock(found.start(), found.end(), event, table))
    return blocks


def remove_toml(text: str, block: TomlBlock) -> str:
    """The text without a table that `append_toml` wrote."""
    start, end = block.start, block.end
    if text[end:].startswith(("\n", "\r\n")):
        end = text.index("\n", end) + 1
        start = _line_end_before(text, start)
    else:
        start = _line_end_before(text, _line_end_before(text, start))
    return text[:start] + text[end:]


def _line_end_before(text: str, at: int) -> int:
    """Where the line end directly before `at` begins; `at` itself if there is none."""
    if text[:at].endswith("\r\n"):
        return at - 2
    return at - 1 if text[:at].endswith("\n") else at


def replace_toml(text: str, block: TomlBlock, entry: dict[str, Any]) -> str:
    """The text with other values in a table that `append_toml` wrote."""
    newline = "\r\n" if "\r\n" in text[block.start : block.end] else "\n"
    lines = [f"[[hooks.{block.event}]]", *(f"{key} = {_toml(value)}" for key, value in entry.items())]
    return text[: block.start] + newline.join(lines) + text[block.end :]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        plain = value.isprintable() and "'" not in value
        return f"'{value}'" if plain else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
