"""A cross-check of the words of a command: bashlex, on a copy with only words and quotes."""

from __future__ import annotations

from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.shell.command import Piece, Word
    from nemolint.shell.raw import RawCommand

# bashlex takes more than linear time.
_MAX_LENGTH = 8_000
# Quoted parts on one line in which only expansions of names are special.
_PLAIN_QUOTES = lazily(
    r"""(?:[\w./:@%+,=~^*?\[\]-]|'[^'\r\n]*'|"(?:[^"\\`$\r\n]|\$\{[A-Za-z_]\w*\}|\$[A-Za-z_]\w*)*"|\$\{[A-Za-z_]\w*\})++"""
)
_SPECIAL = str.maketrans(dict.fromkeys("&;()|<>{}[]#!*?~^,\0\\$`\"'", "x"))


def agrees(raw: RawCommand, text: str) -> bool | None:
    """True if bashlex finds the same words in `raw` of `text`, False if it finds others, None if it cannot tell.

    Words without quotes and escapes, or with plain quotes, are not checked: there is only one way to read them.
    """
    words = sorted([*(a.word for a in raw.assignments), *raw.words], key=lambda word: word.start)
    if not any(word.quoted and not _PLAIN_QUOTES.fullmatch(text, word.start, word.end) for word in words):
        return True
    if raw.end - raw.start > _MAX_LENGTH:
        return None
    from nemolint.shell import tables

    bashlex = tables.load()
    words = [word for word in words if not word.derived]
    masked = [" "] * (raw.end - raw.start)
    for word in words:
        for offset, char in enumerate(_mask(word, text), word.start - raw.start):
            masked[offset] = char
    try:
        tree = bashlex.parsesingle("".join(masked), strictmode=False)
    except (
        bashlex.errors.ParsingError,
        NotImplementedError,
        AssertionError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
    ):
        return None
    if tree.kind != "command":
        return None
    spans = [(part.pos[0] + raw.start, part.pos[1] + raw.start) for part in tree.parts]
    return spans == [(word.start, word.end) for word in words]


def _mask(word: Word, text: str) -> str:
    """The word's source at equal length, without anything that bashlex misreads."""
    source = text[word.start : word.end]
    if "$'" in source or any(piece.quoted and piece.kind == "expansion" for piece in word.pieces):
        return "x" * len(source)
    parts: list[str] = []
    at = word.start
    for piece in word.pieces:
        parts.append(_between(text[at : piece.start]))
        parts.append(_piece(piece, text[piece.start : piece.end]))
        at = piece.end
    parts.append(_between(text[at : word.end]))
    return "".join(parts)


def _between(source: str) -> str:
    """Quotes stay; continuations and dropped characters become part of the word."""
    return "".join(char if char in "'\"" else "x" for char in source)


def _piece(piece: Piece, source: str) -> str:
    if piece.kind == "literal":
        return source.translate(_SPECIAL)
    if piece.kind in ("single", "double"):
        return "".join(" " if char.isspace() else "x" if char in "$`\\!" else char for char in source)
    return "x" * len(source)
