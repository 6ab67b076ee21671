"""INI files: the lines of tox, supervisor and systemd that are commands, comments, and lines that name the command."""

from __future__ import annotations

import re
from bisect import bisect_right

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.sources.line_scan import scan_lines
from nemolint.sources.lines import body, normal_lines, replaced
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import TASK, filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.positions import TextMap
    from nemolint.document import Document, Region
    from nemolint.sources import Reading

# What a unit of systemd and supervisor put in: `%i`, `%(here)s`.
_SPECIFIER = lazily(r"(?<!%)%(?:[A-Za-z]\b|\(\w+\)[sd])")
# A value for people, with the lines that continue it.
_PROSE = lazily(
    r"^[ \t]*(?:author|comment|desc(?:ription)?|doc(?:s|umentation)?|help|label|long_description|name|note|summary"
    r"|title|usage)[ \t]*[=:][^\n]*(?:\n[ \t]+[^\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)


# A command on several lines, which supervisor and circus split at blanks and ends of lines alike.
_COMMAND = lazily(r"^[ \t]*(?:cmd|command)[ \t]*[=:][^\n]*(?P<more>(?:\n[ \t]+(?![#;])[^\s][^\n]*)+)", re.MULTILINE)
_LINE_END = lazily(r"\n[ \t]+")


# A variable of a file that sets some for a program, `.env`. Other lines are nothing that anyone runs.
_ENV_FILE = lazily(r"\.env(?:\.[\w-]+)?\Z", re.IGNORECASE)
_VARIABLE = lazily(r"[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*[ \t]*=[ \t]*[\"']?\Z")


def read(document: Document) -> Reading:
    """Read an INI file, or one of variables."""
    reading = read_text(body(document), RegionContext(document, "script", "ini"))
    if _ENV_FILE.search(document.path) is None:
        return reading
    return reading._replace(regions=tuple(region for region in reading.regions if _is_kept(region, document.text)))


def _is_kept(region: Region, text: str) -> bool:
    """True for a comment, or the value of a variable."""
    start = region.map.outer_start(0)
    line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    return region.surface == "comment" or _VARIABLE.match(text[line:start]) is not None


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read INI text that stands in another container (see `nemolint.sources.ReadText`)."""
    comment = place.inside("comment")._replace(surface="comment")
    lines = filled(filled(_joined(normal_lines(map)), TASK), _SPECIFIER)
    place = place.encoded("line")._replace(templated=True)
    reading = scan_lines(lines, place=place, comment_place=comment, signs="#;")
    prose = [lines.to_outer(*match.span()) for match in _PROSE.finditer(lines.text)]
    if not prose:
        return reading
    regions: list[Region] = []
    for region in reading.regions:
        at = region.map.outer_start(0)
        index = bisect_right(prose, at, key=lambda span: span[0]) - 1
        shown = region.surface == "script" and index >= 0 and at < prose[index][1]
        regions.append(place.for_people().region(region.map, "mention") if shown else region)
    return reading._replace(regions=tuple(regions))


def _joined(map: TextMap) -> TextMap:
    """The text with commands on one line each."""
    text = map.text
    if "nemotron" not in text:
        return map
    builder, done = MapBuilder(), 0
    for match in _COMMAND.finditer(text):
        builder.verbatim(text, done, match.start("more"))
        builder.extend(replaced(text, *match.span("more"), _LINE_END, " "))
        done = match.end()
    builder.verbatim(text, done, len(text))
    return map.compose(builder.build(done))
