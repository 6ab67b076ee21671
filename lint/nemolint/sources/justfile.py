"""Justfiles: recipe lines, each run by a separate shell, and recipes that are a single script."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Reading, kind_of
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.text_reader import LineReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.positions import TextMap
    from nemolint.document import Document

_ASSIGNMENT = lazily(r"(?P<export>export\s+)?(?P<name>[A-Za-z_][\w-]*)\s*:=\s*")
_STRING = lazily(r"""(?P<quote>["'])(?P<text>(?:(?!(?P=quote))[^\\\n])*+)(?P=quote)[ \t]*(?:#.*)?$""")
_SHELL_SETTING = lazily(r"""^set\s+shell\s*:=\s*\[\s*["']([^"']*)["']""", re.MULTILINE)
_ATTRIBUTE_SCRIPT = lazily(r"\bscript\b(?:\s*\(([^)\n]*)\))?")
_LIST_SIGNS = lazily(r"[\"',\s]+")
_NO_HEADER = lazily(r"(?:set|alias|import|mod|unexport)\b")
_HEADER = lazily(r"@?[A-Za-z_][^\n]*:(?!=)")
_SIGNS = lazily(r"[@-]{0,2}[ \t]*")
_INTERPOLATION = lazily(r"\{\{\{\{|\{\{\s*([\w-]+)\s*\}\}")
_POLICY_VARIABLE = lazily(r"NEMOTRON_[A-Z0-9_]+")
_MAX_VALUE = 300


def read(document: Document) -> Reading:
    """Read a justfile."""
    return read_text(body(document), RegionContext(document, "script", "just"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read a justfile inside another container (see `nemolint.sources.ReadText`)."""
    # just expands {{ x }} itself.
    return _JustfileReader(normal_lines(map), place._replace(templated=True)).read()


class _JustfileReader(LineReader):
    def prepare(self) -> None:
        shell = _SHELL_SETTING.search(self._text)
        self._is_shell = shell is None or _runs_shell(shell[1])
        self._commands: dict[str, str] = {}
        self._budget = len(self._text) + 65_536

    def read(self) -> Reading:
        index, attributes = 0, ""
        while index < len(self._lines):
            start, end = self._lines[index]
            line = self._text[start:end]
            index += 1
            if line.startswith("#"):
                self._add_comment(start, end, line.lstrip("#").strip())
            elif line.startswith("["):
                attributes += line
            elif assignment := _ASSIGNMENT.match(self._text, start, end):
                self._assignment(assignment, end)
            elif _HEADER.match(line) and not _NO_HEADER.match(line):
                stop = self._body_end(index)
                self._recipe(index, stop, attributes)
                index, attributes = stop, ""
        return self.reading()

    def _body_end(self, index: int) -> int:
        """The line after a recipe's body, whose lines are indented or blank."""
        while index < len(self._lines):
            start, end = self._lines[index]
            if start < end and self._text[start] not in " \t":
                break
            index += 1
        return index

    def _recipe(self, index: int, stop: int, attributes: str) -> None:
        while index < stop and not self._text[slice(*self._lines[index])].strip():
            index += 1
        if index == stop:
            return
        start, end = self._lines[index]
        first = self._text[start:end].lstrip()
        indent = end - start - len(first)
        script = _ATTRIBUTE_SCRIPT.search(attributes)
        if script or first.startswith("#!"):
            interpreter = _LIST_SIGNS.sub(" ", script[1] or "sh").strip() if script else ""
            kind = kind_of("recipe", f"#!{interpreter}" if script else first)
            if kind == "shell":
                self._shell(self._joined(index, stop, indent), "recipe")
            elif kind == "python":
                self._other_source(self._joined(index, stop, indent), kind, "recipe", "just")
            return
        while index < stop and self._is_shell:
            following = index + 1
            while following < stop and self._text[slice(*self._lines[following - 1])].endswith("\\"):
                following += 1
            self._shell(self._joined(index, following, indent, signs=True), "recipe")
            index = following

    def _joined(self, index: int, stop: int, indent: int, *, signs: bool = False) -> TextMap:
        """Lines without their indentation and, if `signs`, without the `@` and `-` for just."""
        text = self._text
        builder = MapBuilder()
        for number in range(index, stop):
            start, end = self._lines[number]
            blank = len(text[start:end]) - len(text[start:end].lstrip(" \t"))
            start += min(indent, blank)
            if signs and number == index and (sign := _SIGNS.match(text, start, end)):
                start = sign.end()
            self._add(builder, start, end)
            if end < len(text):
                builder.verbatim(text, end, end + 1)
        return builder.build(self._lines[index][0])

    def _add(self, builder: MapBuilder, start: int, end: int) -> None:
        """Add part of a line. `{{{{` is `{{`; a variable that holds the command is its value; `{{ x }}` stays."""
        text = self._text
        for match in _INTERPOLATION.finditer(text, start, end):
            value = self._commands.get(match[1]) if match[1] else "{{"
            if value is None or self._budget < len(value):
                continue
            self._budget -= len(value)
            builder.verbatim(text, start, match.start())
            builder.escape(value, match.start(), match.end() - match.start())
            start = match.end()
        builder.verbatim(text, start, end)

    def _assignment(self, match: re.Match[str], end: int) -> None:
        start = match.end()
        if self._text.startswith("`", start):
            close = self._text.find("`", start + 1, end)
            if close > start + 1:
                builder = MapBuilder()
                builder.verbatim(self._text, start + 1, close)
                self._shell(builder.build(), "backticks")
            return
        string = _STRING.match(self._text, start, end)
        if string is None:
            return
        if len(string["text"]) <= _MAX_VALUE and "{{" not in string["text"]:
            self._commands[match["name"]] = string["text"]
        if match["export"] and _POLICY_VARIABLE.fullmatch(match["name"]):
            builder = MapBuilder()
            builder.synthetic("export ", match.start("name"))
            builder.verbatim(self._text, match.start("name"), match.end("name"))
            builder.escape("=", match.end("name"), start - match.end("name"))
            builder.verbatim(self._text, start, string.end("text") + 1)
            self._shell(builder.build(), "env", "none")

    def _shell(self, map: TextMap, name: str, encoder: str = "just") -> None:
        if map.text.strip():
            self._region(map, "shell", name, encoder)


def _runs_shell(command: str) -> bool:
    return kind_of("shell", f"#!{command}") == "shell"
