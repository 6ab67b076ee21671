"""Brace expansion: `{a,b}` and `{1..3}` make several words of one, before anything else is expanded."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from nemolint.base.patterns import lazily
from nemolint.shell.command import Piece, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBERS = lazily(r"(-?\d{1,6})\.\.(-?\d{1,6})")
_LETTERS = lazily(r"([A-Za-z])\.\.([A-Za-z])")
_MAX_WORDS = 64
_MAX_DEPTH = 8
# A bare character with its piece and place in it, or a whole piece that is not bare.
_Unit = tuple[str, Piece, int]


def has_braces(word: Word) -> bool:
    """True if a word may be more than one by its braces."""
    return any(piece.kind == "literal" and "{" in piece.text and not piece.quoted for piece in word.pieces) and any(
        "," in piece.text or ".." in piece.text for piece in word.pieces if piece.kind == "literal"
    )


def expanded(word: Word) -> list[tuple[Piece, ...]] | None:
    """The pieces of each word that the braces of a word make of it, None where there are too many."""
    units: list[_Unit] = []
    for piece in word.pieces:
        if piece.kind == "literal" and piece.end - piece.start == len(piece.text):
            units += [(char, piece, at) for at, char in enumerate(piece.text)]
        else:
            units.append(("", piece, 0))
    try:
        return [_pieces(found) for found in _expand(units, 0)]
    except OverflowError:
        return None


def _expand(units: Sequence[_Unit], depth: int) -> list[list[_Unit]]:
    """All that a stretch becomes. Raises OverflowError where that is too much."""
    if depth > _MAX_DEPTH:
        raise OverflowError
    for start, (char, _, _) in enumerate(units):
        if char != "{":
            continue
        end, commas = _closing(units, start)
        if end < 0:
            continue
        if commas:
            bounds = [start, *commas, end]
            options = [option for a, b in pairwise(bounds) for option in _expand(units[a + 1 : b], depth + 1)]
        else:
            options = _sequence(units[start + 1 : end])
        if not options:
            continue
        rests = _expand(units[end + 1 :], depth + 1)
        if len(options) * len(rests) > _MAX_WORDS:
            raise OverflowError
        return [[*units[:start], *option, *rest] for option in options for rest in rests]
    return [list(units)]


def _closing(units: Sequence[_Unit], start: int) -> tuple[int, list[int]]:
    """Where the brace at `start` is closed (-1: nowhere), and the commas that part what is between."""
    depth = 0
    commas: list[int] = []
    for at in range(start, len(units)):
        char = units[at][0]
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if not depth:
                return at, commas
        elif char == "," and depth == 1:
            commas.append(at)
    return -1, []


def _sequence(units: Sequence[_Unit]) -> list[list[_Unit]]:
    """`1..3` or `a..c`; nothing for anything else."""
    if not units or not all(char for char, _, _ in units):
        return []
    text, (_, piece, at) = "".join(char for char, _, _ in units), units[0]
    match = _NUMBERS.fullmatch(text) or _LETTERS.fullmatch(text)
    if match is None:
        return []
    numbers = match.re.pattern == _NUMBERS.pattern
    first, last = (int(match[1]), int(match[2])) if numbers else (ord(match[1]), ord(match[2]))
    if abs(last - first) >= _MAX_WORDS:
        raise OverflowError
    step = 1 if last >= first else -1
    place = piece._replace(start=piece.start + at, end=piece.start + at + len(text))
    values = (str(number) if numbers else chr(number) for number in range(first, last + step, step))
    return [[("", place._replace(text=value), 0)] for value in values]


def _pieces(units: Sequence[_Unit]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for char, piece, at in units:
        if not char:
            found.append(piece)
            continue
        start = piece.start + at
        last = found[-1] if found else None
        if (
            last is not None
            and last.kind == "literal"
            and last.end == start
            and len(last.text) == last.end - last.start
        ):
            found[-1] = last._replace(text=last.text + char, end=start + 1)
        else:
            found.append(Piece("literal", char, start, start + 1))
    return tuple(found)
