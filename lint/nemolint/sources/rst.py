"""reStructuredText: code directives, literal blocks, inline literals and comments."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Reading, nested_reader
from nemolint.sources.lines import body, normal_lines, replaced, unmarked
from nemolint.sources.myst import (
    CELL_DIRECTIVES,
    CODE_DIRECTIVES,
    OPAQUE_DIRECTIVES,
    SESSION_LANGUAGES,
    SHELL_LANGUAGES,
    Info,
    parse_info,
)
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import filled
from nemolint.sources.text_reader import LineReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.positions import TextMap
    from nemolint.document import Document

_DIRECTIVE = lazily(r"[ \t]*+\.\.[ \t]++(?:\|[^|\n]*+\|[ \t]++)?([\w:+.-]*\w)::(?:[ \t]++(.*)|[ \t]*)$")
_EXPLICIT = lazily(r"[ \t]*+\.\.(?:[ \t]++(.*)|[ \t]*)$")
_NO_COMMENT = lazily(r"_|\[[^\]]*\](?:\s|$)|\|[^|]*\|\s")
_OPTION = lazily(r"[ \t]*:[^:\s][^:]*:(?:\s|$)")
_LITERAL_ROLE = lazily(r":(?:bash|code|command|console|kbd|literal|program|samp|sh|shell):\Z")
_LINE_PREFIX = lazily(r"\n[ \t]*")
_DOCTEST = lazily(r"[ \t]*>>>(?:[ ]|$)")
# What Sphinx puts into a literal block that it parses: a substitution, a word in italics.
_PARSED = lazily(r"\|[A-Za-z][\w.-]*+\||(?<![\w*'\"/])\*[A-Za-z][^*\n]*+\*(?![\w*])")
# An option of a directive that lets it replace `|name|`.
_SUBSTITUTED = lazily(r"\s*:substitut(?:e|ions):")
_REFERENCE = lazily(r"\|[A-Za-z][\w.-]*+\|")
# What it shows without its signs: bold text, a literal.
_STRONG = lazily(r"(?<![\w*`])(?P<mark>\*\*|``)(?=[^\s*`])(?P<text>[^\n*`]+)(?<=\S)(?P=mark)(?![\w*`])")
# What begins each line of a literal block that is not indented.
_QUOTES = frozenset(">$%#|")
_COMMAND = "nemotron"
# Directives whose argument is the beginning of their text.
_TEXT_DIRECTIVES = frozenset(
    {"attention", "caution", "danger", "deprecated", "error", "hint", "important", "note", "seealso", "tip", "todo"}
    | {"versionadded", "versionchanged", "warning"}
)
_CODE = CODE_DIRECTIVES | SHELL_LANGUAGES | SESSION_LANGUAGES | {"doctest", "parsed-literal", "testcode"}


def read(document: Document) -> Reading:
    """Read a reStructuredText file."""
    return read_text(body(document), RegionContext(document, "doc", "rst"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read reStructuredText inside another container (see `nemolint.sources.ReadText`)."""
    return _RstReader(normal_lines(map), place).read()


class _RstReader(LineReader):
    def prepare(self) -> None:
        # The width of each line's indentation, -1 for a blank line.
        self._indents = [
            -1 if (bare := line.lstrip()) == "" else len(line) - len(bare)
            for line in (self._text[start:end] for start, end in self._lines)
        ]
        self._highlight = ""
        self._kernel = "ipython"
        self._template = False

    def read(self) -> Reading:
        index = 0
        while index < len(self._lines):
            if self._indents[index] < 0:
                index += 1
                continue
            line = self._line(index)
            if directive := _DIRECTIVE.match(line):
                index = self._directive(index, directive[1].lower(), (directive[2] or "").strip())
            elif (explicit := _EXPLICIT.match(line)) and not _NO_COMMENT.match(explicit[1] or ""):
                index = self._comment(index, explicit[1] or "")
            else:
                index = self._paragraph(index)
        return self.reading()

    # Lines

    def _line(self, index: int) -> str:
        return self._text[slice(*self._lines[index])]

    def _block_end(self, index: int, indent: int) -> int:
        """The line after a block whose lines are blank or indented by more than `indent`."""
        while index < len(self._lines) and (not 0 <= self._indents[index] <= indent):
            index += 1
        return index

    def _block(self, index: int, stop: int) -> TextMap:
        """The lines of a block without surrounding blank lines and without their common indentation."""
        while index < stop and self._indents[index] < 0:
            index += 1
        while stop > index and self._indents[stop - 1] < 0:
            stop -= 1
        indent = min((width for width in self._indents[index:stop] if width >= 0), default=0)
        builder = MapBuilder()
        for at in range(index, stop):
            start, end = self._lines[at]
            builder.verbatim(self._text, min(start + indent, end), min(end + 1, len(self._text)))
        return builder.build(self._lines[index][0] if index < len(self._lines) else len(self._text))

    # Blocks

    def _directive(self, index: int, name: str, argument: str) -> int:
        """Read a directive; returns the line where reading continues: after it, or at its body if that is text."""
        if name == "highlight":
            self._highlight = argument.split()[0] if argument else ""
            return index + 1
        if name == "jupyter-kernel":
            self._kernel = argument if argument in SHELL_LANGUAGES else "ipython"
            return index + 1
        if name in ("command-output", "program-output"):
            start, end = self._lines[index]
            builder = MapBuilder()
            builder.verbatim(self._text, self._text.rindex(argument, start, end), end)
            self._region(builder.build(start), "shell", name, "line")
            return index + 1
        if name not in _CODE and (name not in OPAQUE_DIRECTIVES or name == "option"):
            self._template = False
            if argument and name in _TEXT_DIRECTIVES:
                return self._paragraph(index, argument=True)
            self._inline(*self._lines[index])
            return index + 1
        stop = self._block_end(index + 1, self._indents[index])
        begin = index + 1
        while begin < stop and _OPTION.match(self._line(begin)):
            begin += 1
        block = self._block(begin, stop)
        if any(_SUBSTITUTED.match(self._line(line)) for line in range(index + 1, begin)):
            block = filled(block, _REFERENCE)
        if name in ("doctest", "testcode"):
            self._code(block, Info("python"), name)
        elif name == "parsed-literal":
            outer, self._place = self._place, self._place._replace(templated=True)
            self._code(filled(unmarked(block, _STRONG), _PARSED), Info(), name)
            self._place = outer
        elif name in _CODE:
            given = argument or ("" if name == "prompt" or name in CELL_DIRECTIVES else self._highlight)
            info = parse_info(f"{{{name}}} {given}", self._kernel)
            self._code(block, info, f"{name}:{info.language}".removesuffix(":"))
        elif name == "raw" and argument == "html" and (read_html := nested_reader("markdown")):
            self._take(read_html(self._map.compose(block), self._place.inside(name).encoded("line")))
        else:
            self._mention(block, name)
        return stop

    def _code(self, block: TextMap, info: Info, container: str) -> None:
        if info.shell:
            console = info.session or info.auto
            self._region(block, "shell", container, "line", console=console, template=self._template)
        elif not self._other_source(block, info.language, container, "line", template=self._template):
            self._mention(block, container)
        self._template = False

    def _comment(self, index: int, text: str) -> int:
        indent = self._indents[index]
        start, end = self._lines[index]
        stop = index + 1
        # An empty comment does not include a block after a blank line.
        if text or (stop < len(self._lines) and self._indents[stop] >= 0):
            stop = self._block_end(stop, indent)
        last = stop
        while last > index + 1 and self._indents[last - 1] < 0:
            last -= 1
        end = self._lines[last - 1][1]
        content = self._text[start + indent + 2 : end].strip()
        if self._add_comment(start + indent, end, content).is_template:
            self._template = True
        return stop

    def _paragraph(self, index: int, *, argument: bool = False) -> int:
        """Read lines of text up to a blank line, and the literal block after them if they end in `::`.

        `argument`: the first line is that of a directive, whose argument is the text.
        """
        first = index
        while index < len(self._lines) and self._indents[index] >= 0:
            if index > first and _DIRECTIVE.match(self._line(index)):
                break
            index += 1
        end = self._lines[index - 1][1]
        if _DOCTEST.match(self._line(first)):
            block = self._block(first, index)
            if not self._other_source(block, "doctest", "doctest", "line"):
                self._mention(block, "doctest")
            return index
        self._inline(self._lines[first][0], end)
        template, self._template = self._template, False
        if not self._text.endswith("::", self._lines[index - 1][0], end):
            return index
        content = index
        while content < len(self._lines) and self._indents[content] < 0:
            content += 1
        indent = self._indents[first if argument else index - 1]
        if content == index or content == len(self._lines) or self._indents[content] < indent:
            return index
        if self._indents[content] == indent:
            return self._quoted(content, template)
        stop = self._block_end(content, indent)
        if argument:
            # The text continues at a line that is indented less than the block.
            least = self._indents[content]
            stop = next((at for at in range(content, stop) if 0 <= self._indents[at] < least), stop)
        self._template = template and self._line(first).strip() == "::"
        self._code(self._block(content, stop), parse_info(self._highlight), "literal-block")
        return stop

    def _quoted(self, index: int, template: bool) -> int:
        """Read a literal block whose lines all begin with the same sign; returns the line after it."""
        first = index
        sign = self._line(index).lstrip()[0]
        if sign not in _QUOTES:
            return index
        builder = MapBuilder()
        while index < len(self._lines) and self._line(index).lstrip().startswith(sign):
            start, end = self._lines[index]
            start += self._indents[index]
            # `> ` is a sign of quoting; others, such as `$ `, are part of the text.
            start += (2 if self._text.startswith("> ", start) else 1) if sign == ">" else 0
            builder.verbatim(self._text, start, min(end + 1, len(self._text)))
            index += 1
        if index < len(self._lines) and self._indents[index] >= 0:
            return first
        self._template = template
        self._code(builder.build(), parse_info(self._highlight), "literal-block")
        return index

    # Regions

    def _inline(self, start: int, end: int) -> None:
        """Read the inline literals of a paragraph, and roles with the same meaning."""
        text = self._text
        at = text.find("`", start, end)
        while at >= 0:
            marks = "``" if text.startswith("``", at) else "`"
            close = text.find(marks, at + len(marks), end)
            if close < 0:
                break
            literal = marks == "``" or (_LITERAL_ROLE.search(text, max(start, at - 12), at) is not None)
            if literal and text.find(_COMMAND, at, close) >= 0:
                self._literal(at + len(marks), close)
            at = text.find("`", close + len(marks), end)

    def _literal(self, start: int, end: int) -> None:
        self._region(replaced(self._text, start, end, _LINE_PREFIX, " "), "snippet", "inline-code", "md-code")

    def _mention(self, block: TextMap, container: str) -> None:
        if _COMMAND in block.text:
            self._region(block, "mention", container, "line")
