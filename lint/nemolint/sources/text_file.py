"""Plain text files and assistants' answers, read like Markdown, except that commands need no fence here."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources.command_lines import command_groups, marked_lines, plain_lines, script
from nemolint.sources.lines import body
from nemolint.sources.markdown import read_document, read_text
from nemolint.sources.markdown_events import front_matter
from nemolint.sources.region_context import RegionContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Region
    from nemolint.sources import Reading

_OBJECT = lazily(r"(?:\A|\n)[ \t>]*(?=\{)")
_OBJECT_END = lazily(r"\n[ \t]*\n|\n[ \t]*(?=</|```|~~~)|\Z")
_MOST_OBJECTS = 50


def read(document: Document) -> Reading:
    """Read a text file, or an answer."""
    place = RegionContext(document, "doc", "md" if document.kind == "markdown" else "txt:md")
    map = body(document)
    text = map.text
    if document.answer:
        front = front_matter(text)
        lines = marked_lines(text, front.end() if front is not None else 0)
        found = [*_tool_calls(map, place)]
        stretches = list(command_groups(text, lines, answer=True))
    else:
        lines = [] if text.startswith(("---", "+++")) else plain_lines(text)
        found = []
        stretches = list(command_groups(text, lines))
    found += [
        (lines[0].first, lines[-1].last, (place.region(script(map, lines), "shell", "line"),)) for lines in stretches
    ]
    if not found:
        return read_document(place)
    found.sort(key=lambda item: item[:2])
    rest = MapBuilder()
    position = 0
    for start, end, _ in found:
        if start >= position:
            rest.verbatim(text, position, start)
        position = max(position, end)
    rest.verbatim(text, position, len(text))
    reading = read_text(map.compose(rest.build(position)), place)
    regions = [*reading.regions, *(region for _, _, own in found for region in own)]
    return reading._replace(regions=tuple(sorted(regions, key=lambda region: region.map.outer_start(0))))


def _tool_calls(map: TextMap, place: RegionContext) -> Iterator[tuple[int, int, tuple[Region, ...]]]:
    """The objects of JSON between the lines of an answer that hold a command, as a call of a tool does."""
    text = map.text
    if "{" not in text or "nemotron" not in text:
        return
    from nemolint.sources import json_file

    at = 0
    for _ in range(_MOST_OBJECTS):
        opened = _OBJECT.search(text, at)
        if opened is None:
            return
        start, at = opened.end(), _OBJECT_END.search(text, opened.end()).start()  # type: ignore[union-attr]
        if text.find("nemotron", start, at) < 0 or text.count("```", 0, start) % 2:
            continue
        reading = json_file.read_text(map.slice(start, at), place.inside("json"))
        if not reading.notes and any(region.kind == "shell" for region in reading.regions):
            yield start, at, reading.regions
