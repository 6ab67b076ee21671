"""How a place is shown to people."""

from __future__ import annotations

from nemolint.base.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.linter.diagnostic import Diagnostic


def place_of(diagnostic: Diagnostic) -> str:
    """`path:line:column`, and for notebooks the cell and the line in it, counted from 1."""
    return f"{visible(diagnostic.path)}:{diagnostic.line}:{diagnostic.column}{cell_of(diagnostic)}"


def cell_of(diagnostic: Diagnostic) -> str:
    """` (cell 3, line 2)` for a place in a notebook, whose file no reader of it sees; else nothing."""
    if diagnostic.cell is None:
        return ""
    line = "" if diagnostic.cell_line is None else f", line {diagnostic.cell_line}"
    return f" (cell {diagnostic.cell}{line})"
