"""Maps a YAML scalar as written character by character to its value."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap

_BREAK = "\n\x85\u2028\u2029"
_PROPERTIES = lazily(r"(?:[&!][^\s]*|\#[^\n]*|[\s\x85\u2028\u2029])*+")
_HEADER = lazily(r"[|>][-+0-9]*[ \t]*(?:#[^\n\x85\u2028\u2029]*)?")
_LINE = lazily(r"([^\n\x85\u2028\u2029]*)([\n\x85\u2028\u2029]|\Z)")
_SPACES = lazily(r" *")
_BLANKS = lazily(r"[ \t\n\x85\u2028\u2029]+")
_FOLD = r"[\n\x85\u2028\u2029][ \t\n\x85\u2028\u2029]*"
_STOPS = {"": lazily(_FOLD), "'": lazily(f"'|{_FOLD}"), '"': lazily(f'["\\\\]|{_FOLD}')}
_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}
_HEX = {"x": 2, "u": 4, "U": 8}


def map_scalar(source: str, start: int, end: int, style: str | None, value: str) -> TextMap | None:
    """The map of the scalar at `source[start:end]` (properties such as `&a` and `!!str` included).

    `source` has LF line ends; `style` is `|`, `>`, `"`, `'` or empty for plain, `value` the parser's result. None if
    the source does not give that value (which should not happen).
    """
    at = _content_start(source, start, end)
    if style in ("|", ">"):
        found = _block(source, at, end, style == "|", value)
    else:
        found = _flow(source, at, end, style or "")
    return found if found is not None and found.text == value else None


def encoder_of(written: str, style: str, *, flow: bool) -> str:
    """The encoder for replacement text inside a scalar of this style."""
    if style:
        return {"|": "yaml-literal", ">": "yaml-folded", '"': "yaml-dq", "'": "yaml-sq"}.get(style, "none")
    if re.search(f"[{_BREAK}]", written):
        return "none"
    return "yaml-flow" if flow else "yaml-plain"


def header_comment(source: str, start: int, end: int) -> tuple[int, int] | None:
    """The place of a comment on the line of a block scalar's indicator."""
    at = _content_start(source, start, end)
    header = _HEADER.match(source, at, end)
    if header is None or "#" not in header.group():
        return None
    return at + header.group().index("#"), header.end()


def _content_start(source: str, start: int, end: int) -> int:
    """Where the scalar begins after its anchor and tag."""
    if source[start : start + 1] not in ("&", "!"):
        return start
    return _PROPERTIES.match(source, start, end).end()  # type: ignore[union-attr]


def _add_break(builder: MapBuilder, source: str, at: int) -> None:
    if source[at] == "\x85":
        builder.escape("\n", at, 1)
    else:
        builder.verbatim(source, at, at + 1)


def _block(source: str, start: int, end: int, literal: bool, value: str) -> TextMap | None:
    header = _HEADER.match(source, start, end)
    if header is None:
        return None
    lines: list[tuple[int, int]] = []  # where each line and its content end; the break is at the second offset
    position = min(header.end() + 1, end)
    while position < end:
        line = _LINE.match(source, position, end)
        assert line is not None  # it matches the empty string
        lines.append((position, line.end(1)))
        position = line.end()
    indent = _indent(source, lines, value)
    builder = MapBuilder()
    pending: list[int] = []  # offsets of breaks to be written
    first = True
    was_blank = False
    for begin, stop in lines:
        content = min(begin + indent, _SPACES.match(source, begin, stop).end())  # type: ignore[union-attr]
        if content >= stop:
            if stop < end:
                pending.append(stop)
            continue
        blank = source[content] in " \t"
        if not literal and not first and pending and source[pending[0]] in "\n\x85" and not was_blank and not blank:
            if len(pending) == 1:
                builder.escape(" ", pending[0], content - pending[0])
            for at in pending[1:]:
                _add_break(builder, source, at)
        else:
            for at in pending:
                _add_break(builder, source, at)
        builder.verbatim(source, content, stop)
        pending = [stop] if stop < end else []
        first, was_blank = False, blank
    kept = len(value) - len(builder)
    for at in pending[: max(kept, 0)]:
        _add_break(builder, source, at)
    return builder.build(min(header.end() + 1, end))


def _indent(source: str, lines: list[tuple[int, int]], value: str) -> int:
    """The block's indentation: that of the first line with content in the file, minus that in the value."""
    for begin, stop in lines:
        written = source[begin:stop]
        if written.strip(" "):
            break
    else:
        return max((stop - begin for begin, stop in lines), default=0)
    for line in re.split(r"[\n\u2028\u2029]", value):
        if line.strip(" "):
            return (len(written) - len(written.lstrip(" "))) - (len(line) - len(line.lstrip(" ")))
    return 0


def _flow(source: str, start: int, end: int, quote: str) -> TextMap | None:
    if quote:
        if source[start] != quote:
            return None
        start, end = start + 1, end - 1
    stops = _STOPS[quote]
    builder = MapBuilder()
    position = start
    while position < end:
        stop = stops.search(source, position, end)
        if stop is None:
            builder.verbatim(source, position, end)
            break
        at = fold = stop.start()
        if source[at] in _BREAK:
            while fold > position and source[fold - 1] in " \t":
                fold -= 1
        builder.verbatim(source, position, fold)
        if source[at] == "'" and quote == "'":
            builder.escape("'", at, 2)
            position = at + 2
        elif source[at] == '"' and quote == '"':
            return None
        elif source[at] == "\\" and quote == '"':
            if at + 1 >= end:
                return None
            if source[at + 1] in _BREAK:
                rest = _BLANKS.match(source, at + 1, end)
                assert rest is not None  # the break itself matches
                breaks = [i for i in range(rest.start(), rest.end()) if source[i] in _BREAK]
                for index in breaks[1:]:
                    _add_break(builder, source, index)
                position = rest.end()
            else:
                position = _escape(builder, source, at)
        else:
            _fold(builder, source, fold, stop.end())
            position = stop.end()
    return builder.build(start)


def _fold(builder: MapBuilder, source: str, start: int, end: int) -> None:
    """Add blanks and line breaks inside a flow scalar, folded."""
    breaks = [index for index in range(start, end) if source[index] in _BREAK]
    if source[breaks[0]] not in "\n\x85":
        for index in breaks:
            _add_break(builder, source, index)
    elif len(breaks) == 1:
        builder.escape(" ", start, end - start)
    else:
        for index in breaks[1:]:
            _add_break(builder, source, index)


def _escape(builder: MapBuilder, source: str, at: int) -> int:
    """Add the escape at `at`; returns where it ends."""
    code = source[at + 1]
    if (width := _HEX.get(code)) is not None:
        digits = source[at + 2 : at + 2 + width]
        builder.escape(chr(int(digits, 16)), at, 2 + width)
        return at + 2 + width
    builder.escape(_ESCAPES.get(code, code), at, 2)
    return at + 2
