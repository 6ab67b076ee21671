"""Python scripts that jupytext keeps in place of notebooks, with magics in comments."""

from __future__ import annotations

import re
from itertools import pairwise

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources import Reading
from nemolint.sources.notebook import CELL_MAGIC, NotebookCell, cell_may_hold_command, is_cell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.sources.region_context import RegionContext

# A script of jupytext: its header, or the mark of a cell.
_JUPYTEXT = lazily(r"\A(?:#[^\n]*\n|\s)*?#[ ]---[ ]*\n#[ ]jupyter:|^#[ ]?%%(?![%\w])", re.MULTILINE)
_CELL_MARK = lazily(
    r"^#[ ]?(?:%%(?![%\w])|[+](?=[ \n]|\Z)|-(?=[ ]*(?:\n|\Z)))[^\n]*\n?|(?<=\n\n)(?=#[ ]%%\w)", re.MULTILINE
)
_MARKED_LANGUAGE = lazily(r"\blanguage=\"([\w-]+)\"")
_COMMENTED_MAGIC = lazily(r"\s*#[ ]%%\w")
_COMMENTED = lazily(r"^([ \t]*)(#[ ])(?=!|%{1,2}[A-Za-z!]|\?|[A-Za-z_][\w., \t]*=[ \t]*(?:!|%[a-z]))", re.MULTILINE)
_SIGN = lazily(r"[ \t]*(#[ ]?)")
_LINE_SIGN = lazily(r"^#[ ]?", re.MULTILINE)


def read_script(map: TextMap, place: RegionContext) -> Reading | None:
    """Read a script that jupytext keeps in place of a notebook. None if it is not such a script."""
    text = map.text
    if not _JUPYTEXT.search(text):
        return None
    restored = (lambda cell: cell) if is_cell(text) else uncommented  # some keep the magics as they are
    readings: list[Reading] = []
    python = MapBuilder()
    done = 0
    marks = [*_CELL_MARK.finditer(text), None]
    for mark, following in pairwise(marks):
        assert mark is not None  # only the last is None
        start, end = mark.end(), following.start() if following is not None else len(text)
        if not mark[0] and (blank := text.find("\n\n", start, end)) >= 0:
            end = blank + 1
        language = _MARKED_LANGUAGE.search(mark[0])
        if language is None:
            if not (CELL_MAGIC.match(text, start, end) or _COMMENTED_MAGIC.match(text, start, end)):
                continue
            cell = restored(map.slice(start, end))
        else:
            cell = map.slice(start, end)
            cell = cell.compose(_without_signs(cell.text))
        named = language[1] if language is not None else ""
        if cell_may_hold_command("code", cell.text, named):
            readings.append(NotebookCell("code", cell, place.encoded("line"), named).read())
        python.verbatim(text, done, start)
        python.escape("\n" * text.count("\n", start, end), start, end - start)
        done = end
    python.verbatim(text, done, len(text))
    rest = restored(map.compose(python.build()))
    readings.append(NotebookCell("code", rest, place.encoded("line")).read_python())
    return Reading.join(readings)


def uncommented(map: TextMap) -> TextMap:
    """Python with the magics that jupytext put into comments as themselves."""
    text = map.text
    builder = MapBuilder()
    done = at = 0
    while match := _COMMENTED.search(text, at):
        builder.verbatim(text, done, match.start(2))
        done = at = match.end(2)
        end = text.find("\n", at)
        while end > 0 and text[end - 1] == "\\" and (sign := _SIGN.match(text, end + 1)):
            builder.verbatim(text, done, sign.start(1))
            done = sign.end(1)
            end = text.find("\n", done)
        at = max(at, done)
    builder.verbatim(text, done, len(text))
    return map.compose(builder.build())


def _without_signs(text: str) -> TextMap:
    """The text without the sign of a comment before each line."""
    builder = MapBuilder()
    done = 0
    for match in _LINE_SIGN.finditer(text):
        builder.verbatim(text, done, match.start())
        done = match.end()
    builder.verbatim(text, done, len(text))
    return builder.build()
