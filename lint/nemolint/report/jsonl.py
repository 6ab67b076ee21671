"""One JSON object per line, with the keys of the `json` format."""

from __future__ import annotations

from typing import TextIO

from nemolint.report import Findings, Options
from nemolint.report.json import dumps, record


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write a line for each diagnostic."""
    for item in result.diagnostics:
        out.write(dumps(record(item, result), None) + "\n")
