"""Comments that begin with `#`, in INI files also with `;`: blocks of them, and the suppressions among them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import TextMap
from nemolint.document import Region
from nemolint.sources import Comment, Reading
from nemolint.sources.command_text import names_command
from nemolint.sources.prose import read_prose
from nemolint.sources.region_context import RegionContext

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

_SIGN = lazily(r"[#;]+[:!]?[ ]?")
_LINE_START = {sign: lazily(rf"^[ \t]*[{sign}]", re.MULTILINE) for sign in ("#", "#;")}


class CommentBlock(NamedTuple):
    """A comment in a text: offsets of its sign and of its end; `own_line` if nothing precedes it on the line."""

    start: int
    end: int
    own_line: bool


def own_line_comments(
    text: str, start: int = 0, end: int | None = None, *, signs: Literal["#", "#;"] = "#"
) -> list[CommentBlock]:
    """The lines of `text[start:end]` that are comments from their first visible character on, one of `signs`."""
    end = len(text) if end is None else end
    found: list[CommentBlock] = []
    for match in _LINE_START[signs].finditer(text, start, end):
        stop = text.find("\n", match.end(), end)
        found.append(CommentBlock(match.end() - 1, stop if stop >= 0 else end, True))
    return found


def _trailing(outer: TextMap, comment: CommentBlock, place: RegionContext) -> Iterator[Region]:
    """A comment after a value is about the value: what it names is a mention."""
    start = min(_sign_end(outer.text, comment.start), comment.end)
    if names_command(outer.text[start : comment.end]):
        yield place.region(outer.slice(start, comment.end), "mention")


def _sign_end(text: str, start: int) -> int:
    return _SIGN.match(text, start).end()  # type: ignore[union-attr]


def read_comments(outer: TextMap, comments: Iterable[CommentBlock], place: RegionContext) -> Reading:
    """Read comments of `outer.text`, given in order. Consecutive lines at the same column are one text."""
    text = outer.text
    regions: list[Region] = []
    suppressions: list[Comment] = []
    block: list[CommentBlock] = []
    named = False

    def flush() -> None:
        if block and named and not block[0].own_line:
            regions.extend(_trailing(outer, block[0], place))
        elif block and named:
            lines = [(min(_sign_end(text, start), end), end) for start, end, _ in block]
            regions.extend(read_prose(outer, lines, place))

    column = -1
    for comment in comments:
        mine = comment.start - (text.rfind("\n", 0, comment.start) + 1)
        joined = bool(
            block
            and comment.own_line
            and block[-1].own_line
            and mine == column
            and text.count("\n", block[-1].end, comment.start) == 1
        )
        if not joined:
            flush()
            block, named = [], False
        block.append(comment)
        column = mine
        words = text[comment.start : comment.end]
        named = named or "nemotron" in words
        if "nemolint" in words:
            outside = outer.to_outer(comment.start, comment.end)
            suppressions.append(Comment(*outside, words.lstrip("#;").strip()))
    flush()
    return Reading(tuple(regions), (), tuple(suppressions))
