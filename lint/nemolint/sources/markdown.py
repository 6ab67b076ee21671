"""Markdown (CommonMark with tables and footnotes, MyST, MDX): fences, indented code, inline code, tables, prose."""

from __future__ import annotations

import re
from bisect import bisect_left

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.document import Note
from nemolint.sources import Reading
from nemolint.sources.command_text import is_script
from nemolint.sources.front_matter import switches
from nemolint.sources.lines import body, normal_lines, replaced
from nemolint.sources.markdown_events import Events, added, front_matter, parse
from nemolint.sources.myst import NESTED_KINDS, SHELL_LANGUAGES, Info, body_start, parse_info, tag_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import open_text
from nemolint.sources.text_reader import TextReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from nemolint.document import Document, RegionKind
    from nemolint.sources.myst import Info

_COMMAND = "nemotron"
_MAX_DEPTH = 10
_BREAKS = frozenset({"SoftBreak", "HardBreak"})
_INLINE_TAGS = frozenset({"Emphasis", "Strong", "Strikethrough", "Link", "Image"})
_FRONT_SCALAR = lazily(r"""[ \t]*+(?:-[ \t]++)*+(?:[\w.-]++[ \t]*+[:=][ \t]++)?(["']?)(.*?)\1$""")
_MYST_COMMENT = lazily(r"(?m)^[ \t>]*+(%[ \t]*+nemolint:[^\n]*+)")
_HTML_COMMENT = lazily(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_FENCE_WITHIN = lazily(r"^[ \t>]*(?:```|~~~)", re.MULTILINE)
_BETWEEN_BLOCKS = lazily(r"[\s>]*")
_CELL_COMMAND = lazily(r"\s*(?:\$\s+)?(?:[A-Za-z_]\w*=\S*\s+)*(?:uv\s+run|python3?\s+-m|nemotron)\s")
# In a fence that does not say so, the lines of a diff: a command, or a value that goes on with one.
_REMOVED = lazily(r"^-(?!-)(?:[^\n]*nemotron|[ \t]+[\w.]+=)", re.MULTILINE)
_ADDED = lazily(r"^\+(?!\+)(?:[^\n]*nemotron|[ \t]+[\w.]+=)", re.MULTILINE)
_LINE_PREFIX = lazily(r"\n[ \t>]*")
_CELL_ESCAPE = lazily(r"\\\|")
# `!command`, as a notebook writes it; `! command` is the shell's own.
_BANG = lazily(r"^([ \t]*+(?:\$[ \t]++)?)!(?=[A-Za-z./~])", re.MULTILINE)
# What converters to MDX put before signs of JSX, in code too. In other Markdown `\<name>` is one all the same.
_JSX_ESCAPE = lazily(r"\\(?=[<>{}])")
_ANGLE_ESCAPE = lazily(r"\\(?=<[A-Za-z][\w .:/|-]*+>)")
_KERNEL = lazily(r"^[ ]*kernelspec:[ ]*\n(?:[ ]+.*\n)*?[ ]+(?:language|name):[ ]*[\"']?(\w+)", re.MULTILINE)
_PRE = lazily(r"(?s:<!--.*?(?:-->|\Z))|(?P<pre><pre\b[^<>]*>)", re.IGNORECASE)
_PRE_END = lazily(r"</pre\s*>", re.IGNORECASE)
_HTML_CODE = lazily(
    r"<!--(?P<comment>.*?)(?:-->|\Z)|<(?P<other>script|style)\b.*?(?:</(?P=other)|\Z)"
    r"|<(?P<tag>code|kbd|samp|tt)\b[^<>]*>(?P<code>.*?)(?:</(?P=tag)|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_CODE_TAG = lazily(r"<(/?)(?:code|kbd|samp|tt)\b[^<>]*>", re.IGNORECASE)
_TAG_LANGUAGE = lazily(
    r"\b(?:language|lang|highlight|highlight-source)-([\w+-]+)|\bclass(?:Name)?=[\"']?(bash|sh|shell|console)\b"
)
_MARKUP = lazily(
    r"(?P<line><br\s*/?>)|(?P<tag></?[A-Za-z][^<>]*>)|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
)
_JSX_TEXT = lazily(r"\s*\{(?P<mark>[`\"'])\n?(?P<text>(?:(?!(?P=mark))[^\\]|\\(?s:.))*)(?P=mark)\}\s*\Z")
# What stands for something else in a string of JavaScript.
_JS_ESCAPE = lazily(r"\\(?s:.)|\$\{[^{}\n]*\}")
_TEMPLATE_LITERAL = lazily(r"\{`((?:[^`\\]|\\(?s:.))*)`\}")
# What a tag is given that is not text for people.
_ATTRIBUTE = lazily(
    r"""(?<=[\s"'}])(?!(?:alt|aria-\w+|caption|description|label|placeholder|subtitle|summary|title)=)[A-Za-z][\w-]*="""
    r"""(?:(?P<quote>["'])(?P<text>(?:(?!(?P=quote))[^<>])*+)(?P=quote)"""
    r"""|\{(?P<mark>[`"'])(?P<js>(?:(?!(?P=mark))[^\\]|\\(?s:.))*+)(?P=mark)\})"""
)
_JS_NAMED = {"n": "\n", "t": "\t", "\n": ""}


def read(document: Document) -> Reading:
    """Read a Markdown file."""
    return read_document(RegionContext(document, "doc", "md"))


def read_document(place: RegionContext) -> Reading:
    """Read the whole file as Markdown, front matter included."""
    map = body(place.document)
    reader = _MarkdownReader(map, place)
    front = front_matter(map.text)
    if front is None:
        return reader.read()
    rest = _MarkdownReader(map.slice(front.end(), len(map.text)), place)
    if kernel := _KERNEL.search(front[2]):
        rest.kernel = kernel[1].lower() if kernel[1].lower() in SHELL_LANGUAGES else "ipython"
    rest.commented_magics = "jupytext:" in front[2] and place.document.path.lower().endswith(".rmd")
    reader.front_matter(front.start(2), front.end(2))
    reading = Reading.join((reader.reading(), rest.read()))
    if (
        "nemolint:" in front[2]
        and not place.document.answer
        and any(item.kind == "template" for item in switches(place.document))
    ):
        regions = tuple(region.with_surface(region.surface, template=True) for region in reading.regions)
        return reading._replace(regions=regions)
    return reading


def read_html(map: TextMap, place: RegionContext) -> Reading:
    """Read text that is HTML alone."""
    return _MarkdownReader(normal_lines(map), place).read_html()


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read Markdown inside another container (see `nemolint.sources.ReadText`)."""
    return _MarkdownReader(normal_lines(map), place).read()


def _shown(text: str, start: int, end: int) -> TextMap:
    """Preformatted HTML as a browser shows it: without tags, and with entities decoded."""
    from html import unescape

    builder = MapBuilder()
    if text.startswith("\n", start):
        start += 1
    for match in _MARKUP.finditer(text, start, end):
        builder.verbatim(text, start, match.start())
        start = match.end()
        if match["line"] or match["entity"]:
            builder.escape("\n" if match["line"] else unescape(match[0]), match.start(), start - match.start())
    builder.verbatim(text, start, end)
    shown = builder.build(start)
    # JSX shows text that holds its own signs as a string.
    literal = _JSX_TEXT.match(shown.text)
    return (
        shown if literal is None else shown.compose(_string_of_js(shown.text, *literal.span("text"), literal["mark"]))
    )


def _string_of_js(text: str, start: int, end: int, mark: str) -> TextMap:
    """What a string of JavaScript says; what a template literal puts in is open."""
    builder = MapBuilder()
    for match in _JS_ESCAPE.finditer(text, start, end):
        if match[0][0] == "$" and mark != "`":
            continue
        builder.verbatim(text, start, match.start())
        start = match.end()
        value = open_text(match[0]) if match[0][0] == "$" else _JS_NAMED.get(match[0][1], match[0][1])
        builder.escape(value, match.start(), start - match.start())
    builder.verbatim(text, start, end)
    return builder.build(start)


def _without_bangs(text: str) -> TextMap:
    """The text without the `!` of a notebook before its commands."""
    builder = MapBuilder()
    done = 0
    for match in _BANG.finditer(text):
        builder.verbatim(text, done, match.end(1))
        done = match.end()
    builder.verbatim(text, done, len(text))
    return builder.build()


class _MarkdownReader(TextReader):
    """Turns one Markdown text into regions, block by block."""

    def __init__(self, map: TextMap, place: RegionContext, depth: int = 0) -> None:
        super().__init__(map, place)
        self._depth = depth
        self._names = [match.start() for match in re.finditer(_COMMAND, map.text)]
        self._prose: MapBuilder | None = None
        self._prose_start = 0
        self._wanted = True
        self._in_cell = False
        self._in_code = False
        self._template_end = -1
        # What the front matter says: the language of cells, and whether jupytext put their magics into comments.
        self.kernel = "ipython"
        self.commented_magics = False

    def read(self) -> Reading:
        try:
            self._map, events = parse(self._map, is_mdx=self._is_mdx)
            if self._map.text is not self._text:
                self._text = self._map.text
                self._names = [match.start() for match in re.finditer(_COMMAND, self._text)]
            self._walk(events)
            if self._is_mdx and self._names:  # the parser does not see them
                for start, end in tag_lines(self._text):
                    self._html(start, end)
                self._regions.sort(key=lambda region: region.map.outer_start(0))
            for match in _MYST_COMMENT.finditer(self._text) if "nemolint" in self._text else ():
                self._comment(*match.span(1), match[1].lstrip("%"))
        except BaseException as error:
            # A panic of the parser is not an Exception.
            if type(error).__name__ != "PanicException":
                raise
            start, end = self._map.to_outer(0, len(self._text))
            self._notes.append(Note("broken-file", f"the Markdown parser failed: {error}", start, end))
        return self.reading()

    def read_html(self) -> Reading:
        """Read the text as HTML alone: what is preformatted, inline code, what tags are given, and comments."""
        start = 0
        for first, last in [*self._preformatted(TextMap.identity(self._text, 0)), (len(self._text), len(self._text))]:
            for _, _, map, encoder in self._attributes(start, first):
                self._region(map, "snippet", "attribute", encoder)
            for match in _HTML_CODE.finditer(self._text, start, first):
                if match["code"] is not None and _COMMAND in (shown := _shown(self._text, *match.span("code"))).text:
                    self._region(shown, "snippet", "inline-code", "html")
                elif match["comment"] is not None:
                    self._comment(match.start(), match.end(), match["comment"])
            start = last
        self._regions.sort(key=lambda region: region.map.outer_start(0))
        return self.reading()

    @property
    def _is_mdx(self) -> bool:
        return self._place.document.path.lower().endswith(".mdx")

    def _walk(self, events: Events) -> None:
        for event, span in events:
            # Most events are prose that does not name the command: skip these first.
            if event.__class__ is str:
                if self._wanted and event in _BREAKS:
                    self._add_prose("\n", *events.offsets(span))
                continue
            if "Text" in event:
                if self._wanted:
                    self._add_prose(event["Text"], *events.offsets(span))
                continue
            ((name, value),) = event.items()
            if name == "Start":
                tag = value if value.__class__ is str else next(iter(value))
                if tag in _INLINE_TAGS:
                    continue
                if self._prose is not None:
                    self._end_prose()
                if tag == "HtmlBlock":
                    self._html_block(span, events)
                elif tag == "CodeBlock":
                    self._code_block(value["CodeBlock"], span, events)
                else:
                    self._wanted = bool(self._names) and self._names_command(*events.offsets(span))
                    self._in_cell = tag == "TableCell"
                    self._in_code = False
            elif name == "End":
                tag = value if value.__class__ is str else next(iter(value))
                if tag not in _INLINE_TAGS:
                    if self._prose is not None:
                        self._end_prose()
                    self._wanted = bool(self._names)
                    self._in_cell = False
            elif name == "Code":
                self._end_prose()
                if _COMMAND in value:
                    self._inline_code(value, *events.offsets(span))
            elif name == "InlineHtml":
                self._end_prose()
                if tag := _CODE_TAG.fullmatch(value):
                    self._in_code = not tag[1]
                else:
                    self._html(*events.offsets(span))
        self._end_prose()

    def _names_command(self, start: int, end: int) -> bool:
        if not self._names:
            return False
        index = bisect_left(self._names, start)
        return index < len(self._names) and self._names[index] < end

    def _mention(self, start: int, end: int, container: str, *encoders: str) -> None:
        """Add `text[start:end]` as a mention, if it names the command at all."""
        if self._names_command(start, end):
            builder = MapBuilder()
            builder.verbatim(self._text, start, end)
            self._region(builder.build(start), "mention", container, *encoders)

    # Prose

    def _add_prose(self, written: str, start: int, end: int) -> None:
        if self._prose is None:
            self._prose, self._prose_start = MapBuilder(), start
        if written == "\n":
            self._prose.escape("\n", start, end - start)
        else:
            added(self._prose, self._text, written, start, end)

    def _end_prose(self) -> None:
        if self._prose is None:
            return
        map, self._prose = self._prose.build(self._prose_start), None
        if _COMMAND not in map.text:
            return
        if self._in_code:
            self._region(map, "snippet", "table-cell" if self._in_cell else "inline-code", "html")
        elif self._in_cell:
            kind: RegionKind = "snippet" if _CELL_COMMAND.match(map.text) else "mention"
            self._region(map, kind, "table-cell", "md-text")
        else:
            self._region(map, "mention", "prose", "md-text")

    # Code

    def _inline_code(self, written: str, start: int, end: int) -> None:
        text = self._text
        template = _TEMPLATE_LITERAL.match(text, start - 1) if self._is_mdx and start else None
        if template is not None:
            literal = _string_of_js(text, *template.span(1), "`")
            kind: RegionKind = "shell" if is_script(literal.text) else "snippet"
            self._region(literal, kind, "inline-code", "none")
            return
        container, encoders = (
            ("table-cell", ("md-code", "md-table")) if self._in_cell else ("inline-code", ("md-code",))
        )
        map = self._plain(self._inline_map(written, start, end))
        self._region(map.slice(1, len(map.text)) if _BANG.match(map.text) else map, "snippet", container, *encoders)

    def _plain(self, map: TextMap) -> TextMap:
        """The text of code without the escapes of a converter to MDX."""
        if "\\" not in map.text:
            return map
        pattern = _JSX_ESCAPE if self._is_mdx else _ANGLE_ESCAPE
        return map.compose(replaced(map.text, 0, len(map.text), pattern, ""))

    def _inline_map(self, written: str, start: int, end: int) -> TextMap:
        """The map of a code span: a line end is a space, `\\|` in a table is `|`, one blank at each end is cut."""
        text = self._text
        ticks = 0
        while text[start + ticks] == "`":
            ticks += 1
        start, end = start + ticks, end - ticks
        pattern, meant = (_CELL_ESCAPE, "|") if self._in_cell else (_LINE_PREFIX, " ")
        map = replaced(text, start, end, pattern, meant)
        if len(map.text) == len(written) + 2 and map.text[0] == map.text[-1] == " ":
            map = map.slice(1, len(map.text) - 1)
        # The parser reads a line end of two characters as two blanks.
        if map.text == written or map.text.split() == written.split():
            return map
        builder = MapBuilder()
        builder.escape(written, start, end - start)
        return builder.build()

    def _code_block(self, kind: Any, span: Any, events: Events) -> None:
        start, _ = events.offsets(span)
        map = events.code(self._text, start)
        template = self._template_end >= 0 and self._blank(self._template_end, start)
        if not isinstance(kind, dict):
            self._indented_code(map, template)
            return
        line_start = self._text.rfind("\n", 0, start) + 1
        self._fence(map, kind["Fenced"], self._text[line_start:start], template)

    def _blank(self, start: int, end: int) -> bool:
        """Whether there are only white space and quote markers between two blocks."""
        return _BETWEEN_BLOCKS.fullmatch(self._text, start, end) is not None

    def _indented_code(self, map: TextMap, template: bool) -> None:
        # MDX has no indented code: indented text in an element is Markdown. So is, elsewhere, indented text with a
        # fence: the body of a tab (`=== "Title"`) or of an admonition (`!!! note`).
        markdown = self._is_mdx or (not template and _FENCE_WITHIN.search(map.text) is not None)
        if not (markdown and self._nested(map, ("line",))):
            if "!" in map.text:
                map = map.compose(_without_bangs(map.text))
            self._region(map, "shell", "indented", "line", template=template)

    def _fence(self, map: TextMap, info_string: str, line_prefix: str, template: bool) -> None:
        info = parse_info(info_string, self.kernel)
        encoders = ("line",) if line_prefix else ()
        if info.directive:
            map = map.slice(body_start(map.text), len(map.text))
        if self._place.document.answer and (new := self._new_side(map, info)) is not None:
            self._command_lines(new, f"fence:{info.language}".removesuffix(":"), "line")
            return
        if info.markdown and self._place.document.path.lower().endswith((".qmd", ".rmd")):
            info = info._replace(markdown=False)  # of another language: there are no directives
        if info.markdown and self._nested(map, encoders):
            return
        indent = "indented:" if line_prefix and line_prefix.isspace() else ""
        name = info_string.strip() if info.directive == info.language else info.language
        container = f"fence:{indent}{name}".removesuffix(":")
        if info.shell:
            console = info.session or info.auto
            map = self._plain(map)
            if "!" in map.text:
                map = map.compose(_without_bangs(map.text))
            self._region(map, "shell", container, *encoders, console=console, template=template)
            return
        if self.commented_magics and NESTED_KINDS.get(info.language) == "python":
            from nemolint.sources.jupytext import uncommented

            map = uncommented(map)
        other = self._other_source(map, info.language, container, *encoders, template=template)
        if other or _COMMAND not in map.text:
            return
        if not (self._place.document.answer and self._command_lines(map, container, *encoders)):
            self._region(map, "mention", container, *encoders)

    def _new_side(self, map: TextMap, info: Info) -> TextMap | None:
        """What a diff makes of its lines: those that it keeps and those that it adds. None if it is none."""
        if info.language not in ("diff", "patch", "udiff"):
            if not info.shell or (_REMOVED.search(map.text) is None or _ADDED.search(map.text) is None):
                return None
        builder = MapBuilder()
        at = 0
        for line in map.text.splitlines(keepends=True):
            end = at + len(line)
            if not line.startswith(("-", "+++ ", "@@", "\\")):
                builder.verbatim(map.text, at + line.startswith(("+", " ")), end)
            at = end
        return map.compose(builder.build())

    def _command_lines(self, map: TextMap, container: str, *encoders: str) -> bool:
        """Add the commands among the lines of a fence in an answer. False if there are none."""
        from nemolint.sources.command_lines import command_groups, marked_lines, script

        groups = list(command_groups(map.text, marked_lines(map.text), answer=True))
        for group in groups:
            self._region(script(map, group), "shell", container, *encoders)
        return bool(groups)

    def _nested(self, map: TextMap, encoders: tuple[str, ...]) -> bool:
        """Read Markdown inside Markdown, unless it is nested unreasonably deep."""
        if self._depth >= _MAX_DEPTH:
            return False
        self._take(_MarkdownReader(self._map.compose(map), self._place.encoded(*encoders), self._depth + 1).read())
        return True

    # HTML and front matter

    def _html_block(self, span: Any, events: Events) -> None:
        start, _ = events.offsets(span)
        end = start
        lines = MapBuilder()
        for event, part in events:
            if "End" in event:
                break
            begin, end = events.offsets(part)
            start = min(start, begin)
            lines.verbatim(self._text, begin, end)
        shown = self._preformatted(lines.build(start)) if self._names_command(start, end) else []
        for first, last in shown:
            self._html(start, first)
            start = last
        self._html(start, end)

    def _preformatted(self, html: TextMap) -> list[tuple[int, int]]:
        """Read the blocks between `<pre>` and `</pre>`; returns their places."""
        text = html.text
        found: list[tuple[int, int]] = []
        at = 0
        while opened := _PRE.search(text, at):
            start = at = opened.end()
            if opened["pre"] is None:
                continue
            # An unclosed one continues to the end of the block.
            closed = _PRE_END.search(text, start)
            end, at = closed.span() if closed is not None else (len(text), len(text))
            if _COMMAND not in text[start:end]:
                continue
            code = _CODE_TAG.search(text, start, end)
            language = _TAG_LANGUAGE.search(text, opened.start(), code.end() if code else start)
            info = parse_info(language[1] or language[2]) if language else Info()
            map = html.compose(_shown(text, start, end))
            name = f"pre:{info.language}".removesuffix(":")
            self._region(map, "shell" if info.shell else "mention", name, "html", "line", console=info.session)
            found.append(html.to_outer(opened.start(), at))
        return found

    def _html(self, start: int, end: int) -> None:
        for match in _HTML_COMMENT.finditer(self._text, start, end):
            self._mention(start, match.start(), "html", "html")
            start = match.end()
            self._comment(match.start(), match.end(), match[1])
            fenced = ":fence" if _FENCE_WITHIN.search(match[1]) else ""
            self._mention(match.start(1), match.end(1), f"html-comment{fenced}", "line")
        for first, last, map, encoder in self._attributes(start, end) if self._names_command(start, end) else ():
            self._mention(start, first, "html", "html")
            self._region(map, "snippet", "attribute", encoder)
            start = last
        self._mention(start, end, "html", "html")

    def _attributes(self, start: int, end: int) -> Iterator[tuple[int, int, TextMap, str]]:
        """The commands that tags are given: where each begins and ends, its text, and how that is encoded."""
        for match in _ATTRIBUTE.finditer(self._text, start, end):
            if not is_script(match["text"] or match["js"] or ""):
                continue
            if match["js"] is not None:
                yield *match.span(), _string_of_js(self._text, *match.span("js"), match["mark"]), "none"
            else:
                yield *match.span(), _shown(self._text, *match.span("text")), "html"

    def _comment(self, start: int, end: int, content: str) -> None:
        if self._add_comment(start, end, content.strip()).is_template and not self._place.document.answer:
            self._template_end = end

    def front_matter(self, start: int, end: int) -> None:
        """Read the front matter `text[start:end]`: one mention per line, without key and quotes.

        A YAML value that is folded over lines is one mention.
        """
        folded = self._folded(start, end) if self._names_command(start, end) else []
        number = 0
        while start < end:
            stop = self._text.find("\n", start, end)
            stop = end if stop < 0 else stop
            while number < len(folded) and folded[number][0] < start:
                number += 1
            if number < len(folded) and folded[number][0] < stop:
                _, stop, map = folded[number]
                self._region(map, "mention", "frontmatter", "none")
                start = stop + 1
                continue
            line = self._text[start:stop]
            if line.lstrip().startswith("#"):
                self._comment(start, stop, line.lstrip().lstrip("#"))
            elif scalar := _FRONT_SCALAR.match(line.rstrip(" \t")):
                encoder = {'"': "yaml-dq", "'": "yaml-sq", "": "yaml-plain"}[scalar[1]]
                self._mention(start + scalar.start(2), start + scalar.end(2), "frontmatter", encoder)
            start = stop + 1

    def _folded(self, start: int, end: int) -> list[tuple[int, int, TextMap]]:
        """The YAML values of `text[start:end]` whose lines are folded and that name the command.

        Their start, the end of their last line, and the value mapped to this reader's text.
        """
        from nemolint.sources.yaml_scalar import map_scalar
        from nemolint.sources.yaml_tree import YamlSyntaxError, parse, values

        text = self._text[start:end]
        try:
            roots = parse(text)
        except YamlSyntaxError:
            return []
        outer = TextMap.identity(text, start)
        found: list[tuple[int, int, TextMap]] = []
        for scalar in values(roots):
            written = text[scalar.start : scalar.end].rstrip()
            if scalar.style != "|" and _COMMAND in scalar.value and "\n" in written:
                map = map_scalar(text, scalar.start, scalar.end, scalar.style, scalar.value)
                stop = text.find("\n", scalar.start + len(written))
                if map is not None:
                    found.append((start + scalar.start, end if stop < 0 else start + stop, outer.compose(map)))
        return found
