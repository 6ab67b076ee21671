"""AsciiDoc and Org: blocks of a language, literal text, and inline code; lines outside that name the command."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources import Reading
from nemolint.sources.command_text import has_prompted_command, is_script, names_command
from nemolint.sources.lines import body, replaced, unmarked
from nemolint.sources.myst import SESSION_LANGUAGES, SHELL_LANGUAGES
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import filled
from nemolint.sources.text_reader import LineReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document

_LINE_END = lazily(r"\n[ \t]*")
_BLANK = lazily(r"\s*\Z")
_COMMAND = "nemotron"


def read(document: Document) -> Reading:
    """Read a page in AsciiDoc or Org."""
    if document.path.lower().endswith(".org"):
        return _OrgReader(body(document), RegionContext(document, "doc", "org")).read()
    return _AsciiDocReader(body(document), RegionContext(document, "doc", "adoc")).read()


class _BlockReader(LineReader):
    def _line(self, index: int) -> str:
        return self._text[slice(*self._lines[index])]

    def _closing(self, index: int, close: re.Pattern[str]) -> int:
        """The first line from `index` on that closes a block, or the number of lines."""
        while index < len(self._lines) and not close.match(self._line(index)):
            index += 1
        return index

    def _paragraph(self, first: int, stop: int) -> None:
        """Read the lines of text `first:stop`: their inline code, and what names the command outside of it."""
        start, end = self._lines[first][0], self._lines[stop - 1][1]
        if self._text.find(_COMMAND, start, end) < 0:
            return
        done, outside = start, []
        for begin, finish, code in self._codes(start, end):
            if _COMMAND in code.text:
                self._region(code, "snippet", "inline-code", "md-code")
                outside.append(self._text[done:begin])
                done = finish
        if names_command(" ".join([*outside, self._text[done:end]])):
            self._region(TextMap.identity(self._text[start:end], start), "mention", "line")

    def _codes(self, start: int, end: int) -> list[tuple[int, int, TextMap]]:
        """The inline code of a paragraph: start and end with its marks, and its text."""
        raise NotImplementedError

    def _code(self, block: TextMap, language: str, *, template: bool = False) -> None:
        """Read the text of a block."""
        name = language.lower()
        console = name in SESSION_LANGUAGES
        container = f"block:{name}" if name else "block"
        if console or name in SHELL_LANGUAGES or (not name and is_script(block.text)):
            self._region(block, "shell", container, console=console, template=template)
        elif not name and has_prompted_command(block.text):
            self._region(block, "shell", container, console=True, template=template)
        elif names_command(block.text) and not self._other_source(block, name, "block"):
            self._region(block, "mention", container)


_ORG_BEGIN = lazily(r"[ \t]*#\+begin_(?P<kind>comment|src|example)\b[ \t]*(?P<language>[\w-]*)", re.IGNORECASE)
_ORG_FIXED = lazily(r"[ \t]*:(?:[ ]|\Z)")
_ORG_COMMENT = lazily(r"[ \t]*#(?:[ \t]|\Z)")
_ORG_CODE = lazily(
    r"(?<![^\s(\"'{|-])(?P<mark>[=~])(?P<code>(?!\s)(?:(?!(?P=mark)(?<=\S.)(?![^\s.,:!?;'\")}\[|-]))[^\n]|\n(?!\s*\n)){0,400}?\S)"
    r"(?P=mark)(?![^\s.,:!?;'\")}\[|-])"
)


class _OrgReader(_BlockReader):
    def read(self) -> Reading:
        index = 0
        while index < len(self._lines):
            line = self._line(index)
            first = index
            index += 1
            if begin := _ORG_BEGIN.match(line):
                close = re.compile(rf"[ \t]*#\+end_{begin['kind']}\b", re.IGNORECASE)
                stop = self._closing(index, close)
                if index < stop and begin["kind"].lower() != "comment":
                    start, end = self._lines[index][0], self._lines[stop - 1][1]
                    self._code(TextMap.identity(self._text[start:end], start), begin["language"])
                index = stop + 1
            elif _ORG_FIXED.match(line):
                builder = MapBuilder()
                while first < len(self._lines) and (fixed := _ORG_FIXED.match(self._line(first))):
                    start, end = self._lines[first]
                    builder.verbatim(self._text, start + fixed.end(), min(end + 1, len(self._text)))
                    first += 1
                index = first
                self._code(builder.build(), "")
            elif _ORG_COMMENT.match(line):
                self._add_comment(*self._lines[first], line.strip("# \t"))
            elif line.strip():
                while index < len(self._lines) and not self._begins(index):
                    index += 1
                self._paragraph(first, index)
        return self.reading()

    def _begins(self, index: int) -> bool:
        """Whether a line is blank, or begins something else than text."""
        line = self._line(index)
        return not line.strip() or any(
            pattern.match(line) is not None for pattern in (_ORG_BEGIN, _ORG_FIXED, _ORG_COMMENT)
        )

    def _codes(self, start: int, end: int) -> list[tuple[int, int, TextMap]]:
        return [
            (match.start(), match.end(), replaced(self._text, *match.span("code"), _LINE_END, " "))
            for match in _ORG_CODE.finditer(self._text, start, end)
        ]


_STYLE = lazily(
    r"\[(?:(?:source|listing)?[%\w]*,[ \t]*(?P<language>[\w-]+)[^\]\n]*|(?:source|listing|literal)[^\]\n]*)\][ \t]*\Z"
)
# Of a line `[…]` of attributes: what else is put into the block.
_SUBSTITUTED = lazily(r"\bsubs=[\"']?[^\"'\]]*\b(?:attributes|normal|macros)\b")
_FORMATTED = lazily(r"\bsubs=[\"']?[^\"'\]]*\b(?:quotes|normal)\b")
_ATTRIBUTES = lazily(r"\[[^\]\n]*\][ \t]*\Z")
_FENCE = lazily(r"(-{4,}|\.{4,}|`{3,}|/{4,})(?P<language>[\w-]*)[ \t]*\Z")
_NOT_TEXT = lazily(r"//|\.\w|\[|:[\w-]+:|\+[ \t]*\Z")
_REFERENCE = lazily(r"(?<!\\)\{[A-Za-z_][\w-]*(?::[^{}\n]*)?\}")
_FORMAT = lazily(r"(?<![\w*_`])([*_`])(?![\s*_`])(?P<text>[^\n*_`]+)(?<!\s)\1(?![\w*_`])")
_CALLOUTS = lazily(r"(?m)(?<![ \t])(?:[ \t]++(?:#[ \t]*+)?<(?:\d+|\.)>)++[ \t]*+$")
_TICKED = lazily(
    r"(?<![\w`])(?P<mark>``?)(?P<code>(?![\s`])[^`]+?)(?P=mark)(?![\w`])|\bkbd:\[(?P<keys>[^\[\]\n]{1,2000}+)\]"
)


class _AsciiDocReader(_BlockReader):
    def read(self) -> Reading:
        language: str | None = None
        attributes = ""
        index = 0
        fresh = True  # only blank lines, titles and attributes are between the last paragraph and this line
        while index < len(self._lines):
            line = self._line(index)
            first = index
            index += 1
            if fence := _FENCE.match(line):
                stop = self._closing(index, re.compile(rf"{re.escape(fence[1])}[ \t]*\Z"))
                if index < stop and fence[1][0] != "/":
                    self._block(index, stop, fence["language"] or language or "", attributes)
                index = stop + 1
                language, attributes, fresh = None, "", True
            elif line.startswith("//"):
                self._add_comment(*self._lines[first], line.strip("/ \t"))
            elif _ATTRIBUTES.match(line):
                style = _STYLE.match(line)
                language = style["language"] or "" if style is not None else language
                attributes += line
            elif not line.strip():
                fresh = True
                attributes = attributes if language is not None else ""
            elif language is not None and not line.startswith("."):
                index = self._closing(first, _BLANK)
                self._block(first, index, language, attributes)
                language, attributes = None, ""
            elif fresh and line[0] in " \t":
                index = self._closing(first, _BLANK)
                self._literal(first, index)
            elif line.startswith(".") or _NOT_TEXT.match(line):
                self._paragraph(first, index)
            else:
                while index < len(self._lines) and not self._begins(index):
                    index += 1
                self._paragraph(first, index)
                fresh = False
        return self.reading()

    def _begins(self, index: int) -> bool:
        line = self._line(index)
        return not line.strip() or any(pattern.match(line) is not None for pattern in (_FENCE, _NOT_TEXT, _ATTRIBUTES))

    def _block(self, index: int, stop: int, language: str, attributes: str) -> None:
        """Read the lines of a block, with what the attributes above it have put in as open."""
        start, end = self._lines[index][0], self._lines[stop - 1][1]
        block = TextMap.identity(self._text[start:end], start)
        if "<" in block.text:
            block = block.compose(replaced(block.text, 0, len(block.text), _CALLOUTS, ""))
        if _FORMATTED.search(attributes) is not None:
            block = unmarked(block, _FORMAT)
        outer = self._place
        if _SUBSTITUTED.search(attributes) is not None:
            block = filled(block, _REFERENCE)
            self._place = outer._replace(templated=True)
        self._code(block, language)
        self._place = outer

    def _literal(self, first: int, stop: int) -> None:
        """Read an indented paragraph, which is literal."""
        start, end = self._lines[first][0], self._lines[stop - 1][1]
        text = self._text[start:end]
        if is_script(text) or has_prompted_command(text):
            self._code(TextMap.identity(text, start), "")
        else:
            self._paragraph(first, stop)

    def _codes(self, start: int, end: int) -> list[tuple[int, int, TextMap]]:
        found = []
        for match in _TICKED.finditer(self._text, start, end):
            name = "keys" if match["code"] is None else "code"
            code = match[name]
            literal = len(code) > 2 and code[0] == code[-1] == "+"
            begin, finish = match.span(name)
            text = replaced(self._text, begin + literal, finish - literal, _LINE_END, " ")
            found.append((match.start(), match.end(), text if literal else filled(text, _REFERENCE)))
        return found
