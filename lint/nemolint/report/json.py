"""A JSON list of all diagnostics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from nemolint.report import Options, Result, fix_edits

if TYPE_CHECKING:
    from nemolint.diagnostic import Diagnostic


def render(result: Result, out: TextIO, options: Options) -> None:
    """Write the list, one diagnostic after the other."""
    rows = [record(item, result) for item in result.diagnostics]
    out.write(json.dumps(rows, indent=2))
    out.write("\n")


def record(diagnostic: Diagnostic, result: Result) -> dict[str, Any]:
    """A diagnostic as JSON-ready data. Lone surrogates (bytes that are no UTF-8) become U+FFFD."""
    redactor = result.redactor_of(diagnostic)
    fix = diagnostic.fix
    row: dict[str, Any] = {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "path": diagnostic.path,
        "cell": diagnostic.cell,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "end_line": diagnostic.end_line,
        "end_column": diagnostic.end_column,
        "url": diagnostic.url,
        "related": [
            {"message": item.message, "path": item.path, "line": item.line, "column": item.column}
            for item in diagnostic.related
        ],
        "fix": None
        if fix is None
        else {
            "title": fix.title,
            "safe": fix.safe,
            "edits": fix_edits(fix, redactor.scrub if redactor is not None else str),
        },
        "fingerprint": diagnostic.fingerprint,
    }
    valid: dict[str, Any] = well_formed(row)
    return valid


def well_formed(value: Any) -> Any:
    """The same data with every string encodable."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {key: well_formed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [well_formed(item) for item in value]
    return value
