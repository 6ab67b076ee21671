"""INI files: the lines of tox, supervisor and systemd that are commands, comments, and lines that name the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.sources.line_scan import scan_lines
from nemolint.sources.lines import body, normal_lines
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import TASK, filled

if TYPE_CHECKING:
    from nemolint.base.positions import TextMap
    from nemolint.document import Document
    from nemolint.sources import Reading


def read(document: Document) -> Reading:
    """Read an INI file."""
    return read_text(body(document), RegionContext(document, "script", "ini"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read INI text that stands in another container (see `nemolint.sources.ReadText`)."""
    comment = place.inside("comment")._replace(surface="comment")
    lines = filled(normal_lines(map), TASK)
    return scan_lines(lines, place=place.encoded("line")._replace(templated=True), comment_place=comment)
