"""Diffs in pages: the lines that are there afterwards, each file as what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources import Reading, kind_of, nested_reader
from nemolint.sources.command_text import is_script
from nemolint.sources.line_scan import scan_lines
from nemolint.sources.lines import line_spans, normal_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.base.positions import TextMap
    from nemolint.sources.region_context import RegionContext

_CHANGED = lazily(r"(?m)^(?:[-+]|@@)")
_HEADER = lazily(r"\+\+\+ (?:[ab]/)?(?P<path>\S+)|(?:--- |@@|diff |index |\\\\ No newline|(?:new|deleted) file mode )")


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read a diff inside another container (see `nemolint.sources.ReadText`)."""
    map = normal_lines(map)
    place = place.encoded("line")
    if _CHANGED.search(map.text) is None:
        return Reading((place.for_people().region(map, "mention"),))
    return Reading.join(_read(map.compose(after), path, place) for path, after in _files(map.text))


def _files(text: str) -> Iterator[tuple[str, TextMap]]:
    """The path and the text afterwards of each file; a line without a sign is one that stays."""
    builder = MapBuilder()
    path, begin = "", 0
    for start, end in line_spans(text):
        if header := _HEADER.match(text, start, end):
            if header["path"] is not None:
                yield path, builder.build(begin)
                builder, path, begin = MapBuilder(), header["path"], end
        elif not text.startswith("-", start, end):
            signed = text.startswith(("+", " "), start, end)
            builder.verbatim(text, start + signed, min(end + 1, len(text)))
    yield path, builder.build(begin)


def _read(after: TextMap, path: str, place: RegionContext) -> Reading:
    if "nemotron" not in after.text:
        return Reading()
    kind = kind_of(path, after.text[:256]) if path else None
    if kind == "shell" or (kind is None and is_script(after.text)):
        return Reading((place.region(after, "shell"),))
    read = nested_reader(kind) if kind not in (None, "other") else None
    if read is not None:
        return read(after, place)._replace(notes=())
    return scan_lines(after, place=place, comment_place=None)
