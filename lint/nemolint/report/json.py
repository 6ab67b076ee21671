"""A JSON list of all diagnostics."""

from __future__ import annotations

import json

from nemolint.base.patterns import lazily
from nemolint.base.visible import visible
from nemolint.report import Findings, Options, fix_edits
from nemolint.secrets.outgoing import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from nemolint.linter.diagnostic import Diagnostic

_SURROGATE = lazily("[\ud800-\udfff]")


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write the list, one diagnostic after the other."""
    rows = [record(item, result) for item in result.diagnostics]
    out.write(dumps(rows) + "\n")


def record(diagnostic: Diagnostic, result: Findings) -> dict[str, Any]:
    """A diagnostic as data for `dumps`."""
    redactor = result.redactor_of(diagnostic)
    fix = diagnostic.fix
    return {
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


def dumps(value: Any, indent: int | None = 2) -> str:
    """A value as ASCII JSON that no CI runner reads as a command."""
    # Each `#` is in a string, where it may be escaped.
    return json.dumps(_well_formed(value), indent=indent).replace("##", "#\\u0023")


def _well_formed(value: Any) -> Any:
    """The same data with credentials masked (masking the JSON text could break it), and without lone surrogates, which
    most JSON readers reject: a byte that is not UTF-8 (in a file name) is shown as in the other reports, e.g. `\\xff`.
    """
    if isinstance(value, str):
        value = masked(value)
        return value if value.isascii() else _SURROGATE.sub(lambda match: visible(match.group()), value)
    if isinstance(value, dict):
        return {_well_formed(key): _well_formed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_well_formed(item) for item in value]
    return value
