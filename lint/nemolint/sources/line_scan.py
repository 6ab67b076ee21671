"""Fallback for a file that does not parse: its comments, and the lines that name the command."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.document import Note
from nemolint.sources import Reading
from nemolint.sources.command_text import MENTION, is_command, names_command
from nemolint.sources.comments import own_line_comments, read_comments
from nemolint.sources.lines import line_spans
from nemolint.sources.region_context import RegionContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from nemolint.base.positions import TextMap
    from nemolint.document import Document

# What may precede a command on its line: a list marker, a key, an opening quote.
_LEAD = lazily(
    r"""[ \t]*+(?:-[ \t]++)*+(?:[-@!+:|]++(?=[\w/]))?(?:["']?[\w.-]++["']?[ \t]*+[:=][ \t]*+(?:[-@!+:|]++[ \t]*+)?)?"""
    r"""(?:[\w.]++\([ \t]*+)*+["']{0,3}(?:(?<=["'])!(?=\w))?"""
)
_TAIL = lazily(r"""["']{1,3}[ \t]*+[,)]*+[ \t]*+\Z""")


def broken(document: Document, map: TextMap, format: str, problem: str, offset: int) -> Note:
    """The note for a file that is not valid. `offset` is in `map.text`."""
    at = min(max(offset, 0), len(map.text))
    line = document.lines.position(map.outer_start(at)).line
    end = map.text.find("\n", at)
    message = (
        f"the {format} does not parse (line {line}: {problem}), so only comments and single lines were checked: "
        f"fix it, or exclude the file"
    )
    return Note("broken-file", message, *map.to_outer(at, end if end >= 0 else len(map.text)))


# Shells whose scripts are not checked: here nobody runs them on a cluster.
UNCHECKED_SHELLS = {"cmd": "cmd", "powershell": "PowerShell"}


def unchecked(map: TextMap, kind: str) -> list[Note]:
    """The note for a script of such a shell that names the command, so that it is not passed over in silence."""
    return noted(map, f"scripts of {UNCHECKED_SHELLS[kind]} are not checked, so what this one starts is not known")


def noted(map: TextMap, message: str) -> list[Note]:
    """An info note where a text first names the command, none if it does not. `map` leads to the file."""
    named = MENTION.search(map.text)
    if named is None:
        return []
    place = map.to_outer(named.start(), named.start() + len("nemotron"))
    return [Note("broken-shell", message, *place, info=True)]


def scan_lines(
    map: TextMap,
    *,
    place: RegionContext,
    comment_place: RegionContext | None,
    note: Note | None = None,
    signs: Literal["#", "#;"] = "#",
) -> Reading:
    """Read line by line: comments that begin with a sign, if `comment_place` is given, then commands and mentions.

    `place` is for commands; other lines that name the command are mentions. `note` says why the text is read so.
    """
    text = map.text
    comments = own_line_comments(text, signs=signs) if comment_place else []
    reading = read_comments(map, comments, comment_place) if comment_place else Reading()
    commented = {comment.start for comment in comments}
    regions = list(reading.regions)
    lines = line_spans(text)
    index = 0
    while index < len(lines):
        first = index
        start, end = lines[index]
        index += 1
        indent = len(text[start:end]) - len(text[start:end].lstrip())
        if "nemotron" not in text[start:end] or start + indent in commented:
            continue
        while text[end - 1 : end] == "\\" and index < len(lines):
            end = lines[index][1]
            index += 1
        begin = _LEAD.match(text, start, end).end()  # type: ignore[union-attr]
        if not names_command(text[begin:end]) and not names_command(text[start:end]):
            index = first + 1
            continue
        tail = _TAIL.search(text, max(begin, end - 12), end)
        stop = tail.start() if tail and begin > start and text[begin - 1] in "\"'!" else end
        if is_command(text[begin:stop]):
            regions.append(place.region(map.slice(begin, stop), "shell"))
        else:
            regions.append(place.region(map.slice(start, end), "mention"))
    regions.sort(key=lambda region: region.map.outer_start(0))
    return Reading(tuple(regions), (note,) if note else (), reading.suppress_comments)
