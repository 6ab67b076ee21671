"""How a place is shown to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.base.visible import visible

if TYPE_CHECKING:
    from nemolint.linter.diagnostic import Diagnostic


def place_of(diagnostic: Diagnostic) -> str:
    """`path:line:column`, and for notebooks the cell, counted from 1."""
    place = f"{visible(diagnostic.path)}:{diagnostic.line}:{diagnostic.column}"
    return place if diagnostic.cell is None else f"{place} (cell {diagnostic.cell})"
