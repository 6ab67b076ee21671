"""A line diff of two texts like difflib's, in a time that many equal lines do not multiply.

difflib visits each pair of equal lines for each change, so thousands of fences or blank lines take hours, and all lines
for each of thousands of changes. For such texts the lines are compared in parallel, and after a change from the next
place where they continue alike.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Tag = Literal["replace", "delete", "insert", "equal"]
    Opcode = tuple[Tag, int, int, int, int]

# Up to this many pairs of equal lines, and lines, difflib is used.
_MOST_PAIRS = 100_000
_MOST_LINES = 2_000
# How far to search ahead for equal lines, in lines of both together, and how many lines must be equal.
_REACH = 60
_ALIKE = 3


class LineMatcher(difflib.SequenceMatcher[str]):
    """A matcher of the lines of two texts; `autojunk` is difflib's. Only its opcodes may be used."""

    def __init__(self, old: Sequence[str], new: Sequence[str], *, autojunk: bool = True) -> None:
        self._walked: list[Opcode] | None = None
        counts = Counter(new)
        pairs = sum(count * counts[line] for line, count in Counter(old).items())
        if pairs > _MOST_PAIRS or len(old) > _MOST_LINES:
            self._walked = list(_walk(old, new))
            old = new = ()
        super().__init__(None, old, new, autojunk)

    def get_opcodes(self) -> list[Opcode]:
        """The edits from the old lines to the new ones, as in `difflib.SequenceMatcher.get_opcodes`."""
        return super().get_opcodes() if self._walked is None else list(self._walked)


def _walk(old: Sequence[str], new: Sequence[str]) -> Iterator[Opcode]:
    i = j = 0
    while i < len(old) or j < len(new):
        start, begin = i, j
        while i < len(old) and j < len(new) and old[i] == new[j]:
            i, j = i + 1, j + 1
        if i > start:
            yield "equal", start, i, begin, j
        if i == len(old) and j == len(new):
            return
        ahead = _ahead(old, new, i, j)
        if ahead is None:
            # A longer change: rare enough for difflib, which then ignores frequent lines.
            matcher = difflib.SequenceMatcher(None, old[i:], new[j:], autojunk=True)
            yield from ((tag, a + i, b + i, c + j, d + j) for tag, a, b, c, d in matcher.get_opcodes())
            return
        skipped, added = ahead
        tag: Tag = "replace" if skipped and added else "delete" if skipped else "insert"
        yield tag, i, i + skipped, j, j + added
        i, j = i + skipped, j + added


def _ahead(old: Sequence[str], new: Sequence[str], i: int, j: int) -> tuple[int, int] | None:
    """How many lines of each are changed where they differ; None if the search ahead does not show it."""
    if i == len(old) or j == len(new):
        return len(old) - i, len(new) - j
    for both in range(1, _REACH + 1):
        # Prefer an equal number of lines, since most changes are within a line.
        for skipped in sorted(range(both + 1), key=lambda count: abs(2 * count - both)):
            a, b = i + skipped, j + both - skipped
            if a > len(old) or b > len(new):
                continue
            rest, other = old[a : a + _ALIKE], new[b : b + _ALIKE]
            if rest == other and (rest or (a == len(old) and b == len(new))):
                return skipped, both - skipped
    return None
