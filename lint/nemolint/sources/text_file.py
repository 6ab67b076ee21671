"""Plain text files and assistants' answers, read like Markdown, except that commands need no fence here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.base.positions import MapBuilder
from nemolint.sources.command_lines import command_groups, marked_lines, plain_lines, script
from nemolint.sources.lines import body
from nemolint.sources.markdown import read_document, read_text
from nemolint.sources.markdown_events import front_matter
from nemolint.sources.region_context import RegionContext

if TYPE_CHECKING:
    from nemolint.document import Document, Region
    from nemolint.sources import Reading


def read(document: Document) -> Reading:
    """Read a text file, or an answer."""
    place = RegionContext(document, "doc", "md" if document.kind == "markdown" else "txt:md")
    map = body(document)
    text = map.text
    if document.answer:
        front = front_matter(text)
        lines = marked_lines(text, front.end() if front is not None else 0)
        stretches = list(command_groups(text, lines, answer=True))
    else:
        lines = [] if text.startswith(("---", "+++")) else plain_lines(text)
        stretches = list(command_groups(text, lines))
    if not stretches:
        return read_document(place)
    rest = MapBuilder()
    position = 0
    regions: list[Region] = []
    for lines in stretches:
        regions.append(place.region(script(map, lines), "shell", "line"))
        rest.verbatim(text, position, lines[0].first)
        position = lines[-1].last
    rest.verbatim(text, position, len(text))
    reading = read_text(map.compose(rest.build(position)), place)
    ordered = sorted((*regions, *reading.regions), key=lambda region: region.map.outer_start(0))
    return reading._replace(regions=tuple(ordered))
