"""Plain text files, read like Markdown, except that commands need no fence here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Reading
from nemolint.sources.command_text import NAMES, is_command, is_setting, names_command, prompt_end
from nemolint.sources.lines import Line, body, line_spans
from nemolint.sources.markdown import read_document, read_text
from nemolint.sources.region_context import RegionContext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Region

_FENCE = lazily(r"[ \t>]*(?:[-*+]\s+|\d+[.)]\s+)*(`{3,}|~{3,})")
_INDENTED = lazily(r"[ ]{0,3}\t|[ ]{4}")
_PROMPT = lazily(r"\s*[$%❯➜]\s")
_SENTENCE_END = lazily(r"[\w)`\"'][.,:;!?]\s*\Z")


def read(document: Document) -> Reading:
    """Read a text file."""
    place = RegionContext(document, "doc", "txt:md")
    map = body(document)
    stretches = [] if map.text.startswith(("---", "+++")) else list(_commands(map.text))
    if not stretches:
        return read_document(place)
    rest = MapBuilder()
    position = 0
    regions: list[Region] = []
    for lines in stretches:
        regions.append(place.region(_script(map, lines), "shell", "line"))
        rest.verbatim(map.text, position, lines[0][0])
        position = lines[-1][1]
    rest.verbatim(map.text, position, len(map.text))
    reading = read_text(map.compose(rest.build(position)), place)
    ordered = sorted((*regions, *reading.regions), key=lambda region: region.map.outer_start(0))
    return reading._replace(regions=tuple(ordered))


def _script(map: TextMap, lines: list[Line]) -> TextMap:
    """The lines as one text, without their prompts."""
    builder = MapBuilder()
    text = map.text
    continued = False
    for start, end in lines:
        builder.verbatim(text, start if continued else prompt_end(text[start:end]) + start, end)
        if end < len(text):
            builder.verbatim(text, end, end + 1)
        continued = text.endswith("\\", start, end)
    return map.compose(builder.build(lines[-1][1]))


def _commands(text: str) -> Iterator[list[Line]]:
    """Groups of lines that are commands: with a prompt, or first in their paragraph, and outside of code."""
    if not names_command(text):
        return
    lines = line_spans(text)
    fence = ""
    first = True
    index = 0
    while index < len(lines):
        start, end = lines[index]
        line = text[start:end]
        if match := _FENCE.match(line):
            if not fence:
                fence = match[1]
            elif match[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            first = True
            index += 1
            continue
        found: list[Line] = []
        named = False
        stop = index + 1
        while not fence and index < len(lines):
            stop = _logical_end(text, lines, index)
            logical = text[lines[index][0] : lines[stop - 1][1]]
            prompted = _PROMPT.match(logical) is not None
            if not (prompted or ((first or found) and not _INDENTED.match(logical))):
                break
            if is_command(logical) and (prompted or not _reads_on(logical)):
                named = True
            elif not is_setting(logical):
                break
            found += lines[index:stop]
            index = stop
        if named:
            yield found
            first = True
        elif found:
            first = False
        else:
            first = not line.strip() or line.rstrip().endswith(":")
            index = stop


def _logical_end(text: str, lines: list[Line], index: int) -> int:
    """The line after the last continuation by backslash."""
    while index + 1 < len(lines) and text.endswith("\\", *lines[index]):
        index += 1
    return index + 1


def _reads_on(logical: str) -> bool:
    """True if the line reads like a sentence: it has words but neither options nor overrides, or a full stop."""
    named = NAMES.search(logical)
    words = logical[named.end() :].split() if named else []
    bare = len(words) > 2 and not any(word.startswith("-") or "=" in word for word in words)
    return bare or _SENTENCE_END.search(logical) is not None
