"""MIME messages of several parts, which hand scripts and cloud-config to a new machine: each is read as what it is."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.sources import Reading, kind_of, nested_reader
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.base.positions import TextMap
    from nemolint.document import Document

_BOUNDARY = lazily(r"""\bboundary=(?:"([^"\n]+)"|'([^'\n]+)'|([^\s;"']+))""")
_HEADERS = lazily(r"\n?(?:[\w-]+:[^\n]*\n(?:[ \t]+\S[^\n]*\n)*)*\n?")
_TYPE = lazily(r"(?im)^Content-Type:[ \t]*([\w./+-]+)")
_KINDS = {
    "text/cloud-boothook": "shell",
    "text/cloud-config": "yaml",
    "text/x-shellscript": "shell",
    "text/x-shellscript-per-boot": "shell",
    "text/x-shellscript-per-instance": "shell",
    "text/x-shellscript-per-once": "shell",
}


def read(document: Document) -> Reading:
    """Read a message of several parts."""
    return read_text(body(document), RegionContext(document, "script", "mime"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read a message inside another container (see `nemolint.sources.ReadText`)."""
    map = normal_lines(map)
    return Reading.join(_read_part(map, start, end, place) for start, end in _parts(map.text))


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Where the parts are, with their headers."""
    named = _BOUNDARY.search(text)
    if named is None:
        return
    line = f"\n--{named[1] or named[2] or named[3]}"
    at = text.find(line, named.end())
    while at >= 0:
        start = text.find("\n", at + 1)
        if start < 0 or text.startswith("--", at + len(line)):
            return
        at = text.find(line, start)
        yield start + 1, at + 1 if at >= 0 else len(text)


def _read_part(map: TextMap, start: int, end: int, place: RegionContext) -> Reading:
    headers = _HEADERS.match(map.text, start, end)
    begin = headers.end() if headers is not None else start
    if map.text.find("nemotron", begin, end) < 0:
        return Reading()
    type = _TYPE.search(map.text, start, begin)
    kind = (_KINDS.get(type[1].lower()) if type is not None else None) or kind_of("", map.text[begin : begin + 256])
    part = map.slice(begin, end)
    if kind == "shell":
        return Reading((place.region(part, "shell", "script"),))
    reader = nested_reader(kind) if kind in ("python", "yaml") else None
    return reader(part, place.inside(kind)) if reader is not None and kind is not None else Reading()
