"""One line for each diagnostic: `path:line:column: severity[rule] message`."""

from __future__ import annotations

from nemolint.base.visible import opening, visible
from nemolint.report import Findings, Options
from nemolint.report.location import cell_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write a line for each diagnostic."""
    for item in result.diagnostics:
        place = f"{visible(item.path)}:{item.line}:{item.column}"
        message = visible(" ".join(item.message.split("\n")))
        out.write(opening(f"{place}: {item.severity}[{item.rule}] {message}{cell_of(item)}\n"))
