"""Workflow commands of GitHub Actions, which become annotations of a pull request."""

from __future__ import annotations

from nemolint.base.visible import visible
from nemolint.report import Findings, Options
from nemolint.report.location import cell_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write a line for each diagnostic, and for each path that could not be checked."""
    for item in result.diagnostics:
        fields = {
            "title": item.rule,
            "file": item.path,
            "line": str(item.line),
            "endLine": str(item.end_line),
        }
        if item.line == item.end_line:
            # GitHub refuses columns of spans over several lines, and its ends are inclusive.
            fields["col"] = str(item.column)
            fields["endColumn"] = str(max(item.end_column - 1, item.column))
        given = ",".join(f"{name}={_property(value)}" for name, value in fields.items())
        place = f"{item.path}:{item.line}:{item.column}"
        out.write(
            f"::{_LEVELS[item.severity]} {given}::{_data(f'{place}: {item.rule}: {item.message}{cell_of(item)}')}\n"
        )
    for path, reason in result.unchecked.items():
        out.write(f"::error title=unchecked,file={_property(path)}::{_data(f'{path}: {reason}')}\n")


def _data(text: str) -> str:
    lines = "\n".join(visible(line) for line in text.split("\n"))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
