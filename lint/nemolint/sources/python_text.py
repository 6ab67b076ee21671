"""The string literals of Python source, mapped onto their values character by character; what a session typed."""

from __future__ import annotations

import ast
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources.lines import line_spans

_GAP = lazily(r"(?:[\s()]|\\\n|#[^\n]*)*+")
_OPEN = lazily(r"""([A-Za-z]{0,2})("{3}|'{3}|"|')""")
_BODY = {
    '"': lazily(r'(?:[^"\\\n]|\\(?s:.))*+"'),
    "'": lazily(r"(?:[^'\\\n]|\\(?s:.))*+'"),
    '"""': lazily(r'(?:[^"\\]|\\(?s:.)|"{1,2}(?!"))*+"""'),
    "'''": lazily(r"(?:[^'\\]|\\(?s:.)|'{1,2}(?!'))*+'''"),
}
# The text of an f-string whose fields hold no braces, comments or backslashes, and only strings in the other quote.
_SIMPLE_F_BODY = {
    quote: lazily(
        rf"(?:[^{quote[0]}\\{{}}]|\\[^N{{}}]|\{{\{{|\}}\}}"
        rf"|\{{(?:[^\"'\\{{}}#]|{other}[^\"'\\{{}}#!:]*{other})*\}}"
        rf"{'|' + quote[0] + '{1,2}(?!' + quote[0] + ')' if len(quote) == 3 else ''})*+{quote}"
    )
    for quote, other in (('"', "'"), ("'", '"'), ('"""', "'"), ("'''", '"'))
}
_FIELD = lazily(r"\{\{|\}\}|\{([^{}]*)\}")
_FIELD_END = lazily(r"[!:]")
_ESCAPE = lazily(
    r"\\(?:(\n)|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|N\{([^}\n]+)\}|([0-7]{1,3})|([\\'\"abfnrtv]))"
)
_NAMED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ENCODERS = {'"': "py-dq", "'": "py-sq", '"""': "py-tdq", "'''": "py-tsq"}
# A longer f-string is generated code; reading its parts exactly is not worth the time.
_MAX_F_STRING = 20_000
_MAX_QUOTES = 800
_PROMPT = lazily(r"[ \t]*(?:>>>|\.\.\.|In \[\d*\]:|\.{3,}:)(?:[ ]|$)", re.MULTILINE)
_DOUBLED = lazily(r"\{\{|\}\}")


class Source:
    """Python text (LF line ends), and the conversion of its syntax tree's positions, which count UTF-8 bytes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0]
        at = text.find("\n")
        while at >= 0:
            self._starts.append(at + 1)
            at = text.find("\n", at + 1)
        self._ascii = text.isascii()
        self._columns: dict[int, list[int]] = {}

    def offset(self, line: int, column: int) -> int:
        """The offset of a line (from 1) and a column in UTF-8 bytes."""
        start = self._starts[line - 1]
        if self._ascii:
            return start + column
        columns = self._columns.get(line)
        if columns is None:
            end = self._starts[line] if line < len(self._starts) else len(self.text)
            widths = (len(character.encode("utf-8", "surrogatepass")) for character in self.text[start:end])
            columns = self._columns[line] = [0, *accumulate(widths)]
        return start + bisect_right(columns, column) - 1

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Offsets of a node."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column)


def map_constant(source: Source, node: ast.Constant) -> tuple[TextMap, str] | None:
    """A string constant mapped to the source, with its encoder. None if the source does not show its value."""
    if not isinstance(node.value, str):
        return None
    start, end = source.span(node)
    builder = MapBuilder()
    encoders: set[str] = set()
    at = _GAP.match(source.text, start, end).end()  # type: ignore[union-attr]
    while at < end:
        opened = _OPEN.match(source.text, at, end)
        if opened is None or "f" in opened[1].lower():
            return None
        closed = _BODY[opened[2]].match(source.text, opened.end(), end)
        if closed is None:
            return None
        raw = "r" in opened[1].lower()
        _decode(builder, source.text, opened.end(), closed.end() - len(opened[2]), raw=raw)
        encoders.add("argv" if raw else _ENCODERS[opened[2]])
        at = _GAP.match(source.text, closed.end(), end).end()  # type: ignore[union-attr]
    found = builder.build(start + 1)
    if found.text != node.value:
        return None
    return found, encoders.pop() if len(encoders) == 1 else "none"


def _decode(builder: MapBuilder, text: str, start: int, end: int, *, raw: bool) -> None:
    """Add the text between the quotes of a literal."""
    if not raw:
        for match in _ESCAPE.finditer(text, start, end):
            builder.verbatim(text, start, match.start())
            builder.escape(_unescaped(match), match.start(), match.end() - match.start())
            start = match.end()
    builder.verbatim(text, start, end)


def _unescaped(match: re.Match[str]) -> str:
    line, *codes, name, octal, letter = match.groups()
    if line:
        return ""
    if code := next((code for code in codes if code), None):
        return chr(min(int(code, 16), 0x10FFFF))
    if octal:
        return chr(int(octal, 8))
    if name:
        try:
            return unicodedata.lookup(name)
        except KeyError:
            return match.group()
    return _NAMED.get(letter, letter)


def map_simple_f_string(source: Source, node: ast.JoinedStr, value_of: Callable[[str], str | None]) -> TextMap | None:
    """Like `map_f_string`, for literals with simple fields: names, calls, strings without a brace; else None."""
    start, end = source.span(node)
    builder = MapBuilder()
    at = start
    while at < end:
        opened = _OPEN.match(source.text, at, end)
        if opened is None:
            return None
        formatted, raw = "f" in opened[1].lower(), "r" in opened[1].lower()
        body = (_SIMPLE_F_BODY if formatted else _BODY)[opened[2]]
        closed = body.match(source.text, opened.end(), end)
        if closed is None:
            return None
        position, stop = opened.end(), closed.end() - len(opened[2])
        for match in _FIELD.finditer(source.text, position, stop) if formatted else ():
            _decode(builder, source.text, position, match.start(), raw=raw)
            field = match[1]
            if field is None:
                builder.escape(match.group()[0], match.start(), 2)
            else:
                known = value_of(field)
                written_as = f"${{{field_name(_FIELD_END.split(field)[0])}}}" if known is None else known
                builder.escape(written_as, match.start(), len(match.group()))
            position = match.end()
        _decode(builder, source.text, position, stop, raw=raw)
        at = _GAP.match(source.text, closed.end(), end).end()  # type: ignore[union-attr]
    return builder.build(start)


def map_f_string(source: Source, node: ast.JoinedStr, value_of: Callable[[str], str | None]) -> TextMap | None:
    """An f-string mapped to the source; a replacement field becomes the shell expansion `${name}`.

    `value_of` gives the text of a known name, which replaces its field. None if the parts cannot be separated. The
    tree's own positions inside f-strings are wrong before Python 3.12, so libcst reads the parts, whose nodes keep
    every character of the source.
    """
    start, end = source.span(node)
    written = source.text[start:end]
    if len(written) > _MAX_F_STRING or written.count('"') + written.count("'") > _MAX_QUOTES:
        return None
    import libcst

    try:
        current: libcst.BaseExpression = libcst.parse_expression(f"({written})")
    except (libcst.ParserSyntaxError, RecursionError, ValueError):
        return None
    code = libcst.Module([]).code_for_node
    builder = MapBuilder()
    at = start + len("".join(code(mark) for mark in current.lpar)) - 1
    while True:
        literal = current.left if isinstance(current, libcst.ConcatenatedString) else current
        if isinstance(literal, libcst.FormattedString):
            raw = "r" in literal.start.lower()
            at += len(literal.start)
            for part in literal.parts:
                length = len(code(part))
                if isinstance(part, libcst.FormattedStringText):
                    _decode_f_text(builder, source.text, at, at + length, raw=raw)
                elif isinstance(part, libcst.FormattedStringExpression):
                    expression = code(part.expression)
                    known = value_of(expression)
                    builder.escape(f"${{{field_name(expression)}}}" if known is None else known, at, length)
                at += length
            at += len(literal.end)
        elif isinstance(literal, libcst.SimpleString):
            stop = at + len(literal.value)
            width = len(literal.prefix) + len(literal.quote)
            raw = "r" in literal.prefix.lower()
            _decode(builder, source.text, at + width, stop - len(literal.quote), raw=raw)
            at = stop
        else:
            return None
        if not isinstance(current, libcst.ConcatenatedString):
            return builder.build(start)
        at += len(code(current.whitespace_between))
        current = current.right


def field_name(expression: str) -> str:
    """The name of a shell variable for a Python expression: the last name in it."""
    words = re.findall(r"[A-Za-z_]\w*", expression[:200], re.ASCII)
    return words[-1] if words else "x"


def _decode_f_text(builder: MapBuilder, text: str, start: int, end: int, *, raw: bool) -> None:
    """Add literal text of an f-string, in which braces are doubled."""
    for match in _DOUBLED.finditer(text, start, end):
        _decode(builder, text, start, match.start(), raw=raw)
        builder.escape(match.group()[0], match.start(), 2)
        start = match.end()
    _decode(builder, text, start, end, raw=raw)


def typed(map: TextMap) -> TextMap:
    """What was typed in a session of Python or IPython: no prompts, and no lines of output. Else the text itself."""
    text = map.text
    if not _PROMPT.match(text.lstrip()):
        return map
    builder = MapBuilder()
    for start, end in line_spans(text):
        if prompt := _PROMPT.match(text, start, end):
            builder.verbatim(text, prompt.end(), min(end + 1, len(text)))
    return map.compose(builder.build())
