"""Procfiles: each process is a name and one line for a shell."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.base.positions import TextMap
from nemolint.sources import Reading
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.text_reader import LineReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document

_PROCESS = lazily(r"[ \t]*+[A-Za-z0-9_][\w.-]*+[ \t]*+:[ \t]*+(?=\S)")


def read(document: Document) -> Reading:
    """Read a Procfile."""
    return read_text(body(document), RegionContext(document, "script", "procfile"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read a Procfile inside another container (see `nemolint.sources.ReadText`)."""
    return _ProcfileReader(normal_lines(map), place).read()


class _ProcfileReader(LineReader):
    def read(self) -> Reading:
        for start, end in self._lines:
            line = self._text[start:end]
            if line.lstrip(" \t").startswith("#"):
                self._add_comment(start, end, line.strip("# \t"))
            elif process := _PROCESS.match(self._text, start, end):
                command = TextMap.identity(self._text[process.end() : end], process.end())
                self._region(command, "shell", "process", "line")
        return self.reading()
