"""AsciiDoc and Org: blocks of a shell language, and the lines outside of them that name the command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nemolint.base.patterns import lazily
from nemolint.base.positions import TextMap
from nemolint.sources import Reading
from nemolint.sources.command_text import is_script, names_command
from nemolint.sources.lines import body
from nemolint.sources.myst import SESSION_LANGUAGES, SHELL_LANGUAGES
from nemolint.sources.region_context import RegionContext
from nemolint.sources.text_reader import LineReader

if TYPE_CHECKING:
    from nemolint.document import Document

_ORG_BEGIN = lazily(r"[ \t]*#\+begin_(?P<kind>src|example)\b[ \t]*(?P<language>[\w-]*)", re.IGNORECASE)
_ADOC_STYLE = lazily(
    r"\[(?:source|listing)?[%\w]*,[ \t]*(?P<language>[\w-]+)[^\]\n]*\][ \t]*\Z|\[source[^\]\n]*\][ \t]*\Z"
)
_ADOC_FENCE = lazily(r"(-{4,}|\.{4,}|`{3,})(?P<language>[\w-]*)[ \t]*\Z")


def read(document: Document) -> Reading:
    """Read a page in AsciiDoc or Org."""
    org = document.path.lower().endswith(".org")
    place = RegionContext(document, "doc", "org" if org else "adoc")
    return _BlockReader(body(document), place).read()


class _BlockReader(LineReader):
    def read(self) -> Reading:
        org = self._place.container == "org"
        language: str | None = None
        index = 0
        while index < len(self._lines):
            start, end = self._lines[index]
            line = self._text[start:end]
            index += 1
            if org and (begin := _ORG_BEGIN.match(line)):
                close = re.compile(rf"[ \t]*#\+end_{begin['kind']}\b", re.IGNORECASE)
                index = self._block(index, close, begin["language"])
            elif not org and (fence := _ADOC_FENCE.match(line)):
                close = re.compile(rf"{re.escape(fence[1])}[ \t]*\Z")
                index = self._block(index, close, fence["language"] or language or "")
                language = None
            elif not org and (style := _ADOC_STYLE.match(line)):
                language = style["language"] or ""
            elif language is not None and line.strip() and not line.startswith("."):
                index = self._block(index - 1, re.compile(r"\s*\Z"), language)
                language = None
            elif names_command(line):
                self._region(TextMap.identity(line, start), "mention", "line")
        return self.reading()

    def _block(self, index: int, close: re.Pattern[str], language: str) -> int:
        """Read the lines of a block; returns the line after the one that closes it."""
        stop = index
        while stop < len(self._lines) and not close.match(self._text[slice(*self._lines[stop])]):
            stop += 1
        if index < stop:
            start, end = self._lines[index][0], self._lines[stop - 1][1]
            block = TextMap.identity(self._text[start:end], start)
            name = language.lower()
            console = name in SESSION_LANGUAGES
            if console or name in SHELL_LANGUAGES or (not name and is_script(block.text)):
                self._region(block, "shell", f"block:{name}" if name else "block", console=console)
            elif names_command(block.text) and not self._other_source(block, name, "block"):
                self._region(block, "mention", "block")
        return stop + 1
