"""The width of a terminal, and text that is fitted into it."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_USUAL = 80


def columns_of(stream: TextIO) -> int | None:
    """Columns of a terminal, or as many as COLUMNS says; None for output that goes elsewhere."""
    named = os.environ.get("COLUMNS", "")
    if named.isascii() and named.isdigit() and int(named[:6]):
        return int(named[:6])
    if not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL
    except (OSError, ValueError):
        return _USUAL


def fitted(text: str, columns: int | None) -> str:
    """A text whose longer lines are broken at blanks, and first where a second column of the text begins."""
    if columns is None:
        return text
    return "\n".join(line for whole in text.split("\n") for line in _lines(whole, columns))


def _lines(line: str, columns: int) -> list[str]:
    from nemolint.base.visible import width

    if width(line) <= columns:
        return [line]
    indent = len(line) - len(line.lstrip(" "))
    head, gap, tail = line[indent:].partition("  ")
    if gap:
        inner = indent + 4
        return [*_lines(" " * indent + head, columns), *_indented(tail.lstrip(" "), columns, inner, inner)]
    return _indented(head, columns, indent, indent + 2)


def _indented(text: str, columns: int, first: int, others: int) -> list[str]:
    from nemolint.base.visible import wrapped

    lines = wrapped(text, columns, others, first=first)
    return [" " * (others if number else first) + line for number, line in enumerate(lines)]
