"""Brace expansion: `{a,b}` and `{1..3}` make several words of one, before anything else is expanded."""

from __future__ import annotations

from itertools import pairwise

from nemolint.base.patterns import lazily
from nemolint.shell.command import Piece, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_SEQUENCE = lazily(r"([-+]?[0-9]+|[A-Za-z])\.\.([-+]?[0-9]+|[A-Za-z])(?:\.\.([-+]?[0-9]+))?")
_PADDED = lazily(r"-?0[0-9]+")
_MAX_BRACES = 64
_MAX_DIGITS = 12
_MAX_WORDS = 64
_MAX_DEPTH = 8
# A bare character with its piece and place in it, or a whole piece that is not bare.
_Unit = tuple[str, Piece, int]


def expanded(word: Word) -> list[tuple[Piece, ...]] | None:
    """The pieces of each word that the braces of a word make of it, None where there are too many."""
    units: list[_Unit] = []
    for piece in word.pieces:
        if piece.kind == "literal" and piece.end - piece.start == len(piece.text):
            units += [(char, piece, at) for at, char in enumerate(piece.text)]
        else:
            units.append(("", piece, 0))
    if sum(char == "{" for char, _, _ in units) > _MAX_BRACES:
        return None
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
        inner = units[start + 1 : end]
        # For bash even a comma in quotes means that this is not a sequence, although it separates nothing.
        if any(char == "," or (not char and piece.kind != "escaped" and "," in piece.text) for char, piece, _ in inner):
            bounds = [start, *commas, end]
            options = [option for a, b in pairwise(bounds) for option in _expand(units[a + 1 : b], depth + 1)]
        else:
            # What is not a sequence stays, with all that is inside it.
            options = _sequence(inner) or [list(units[start : end + 1])]
        rests = _expand(units[end + 1 :], depth + 1)
        if len(options) * len(rests) > _MAX_WORDS:
            raise OverflowError
        return [[*units[:start], *option, *rest] for option in options for rest in rests]
    return [list(units)]


def _closing(units: Sequence[_Unit], start: int) -> tuple[int, list[int]]:
    """Where the brace at `start` is closed (-1: nowhere), and the commas that part what is between.

    As in bash, a brace closes nothing if neither a comma nor `..` stands before it outside of other braces.
    """
    if not start and len(units) > 1 and units[1][0] == "}":
        return -1, []
    depth, dots = 0, False
    commas: list[int] = []
    for at in range(start + 1, len(units)):
        char = units[at][0]
        if char == "{":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif depth:
            continue
        elif char == "}" and (commas or dots):
            return at, commas
        elif char == ",":
            commas.append(at)
        else:
            following = [unit[0] for unit in units[at : at + 3]]
            dots = dots or (following[:2] == [".", "."] and following[2:] != ["}"])
    return -1, []


def _sequence(units: Sequence[_Unit]) -> list[list[_Unit]]:
    """`1..3`, `01..10..2` or `a..c`; nothing for anything else. Raises OverflowError where that is too much."""
    text = "".join(char or "\0" for char, _, _ in units)
    match = _SEQUENCE.fullmatch(text)
    if match is None or match[1].isalpha() is not match[2].isalpha():
        return []
    letters = match[1].isalpha()
    if max(map(len, match.groups(""))) > _MAX_DIGITS or (letters and match[1].isupper() is not match[2].isupper()):
        raise OverflowError  # what is between letters of both cases means something to the shell
    first, last = (ord(match[1]), ord(match[2])) if letters else (int(match[1]), int(match[2]))
    step = abs(int(match[3] or 1)) or 1
    found = range(first, last + 1, step) if last >= first else range(first, last - 1, -step)
    if len(found) > _MAX_WORDS:
        raise OverflowError
    padded = _PADDED.fullmatch(match[1]) or _PADDED.fullmatch(match[2])
    width = max(len(match[1]), len(match[2])) if padded else 0
    _, piece, at = units[0]
    place = piece._replace(start=piece.start + at, end=piece.start + at + len(text))
    names = (chr(number) if letters else f"{number:0{width}d}" for number in found)
    return [[("", place._replace(text=name), 0)] for name in names]


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
