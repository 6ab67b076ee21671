"""One JSON object per line, with the keys of the `json` format."""

from __future__ import annotations

from nemolint.report import Findings, Options
from nemolint.report.json import dumps, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write a line for each diagnostic."""
    for item in result.diagnostics:
        out.write(dumps(record(item, result), None) + "\n")
