"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote

from nemolint import __version__
from nemolint.diagnostic import RULE_URL
from nemolint.report import Options, Result
from nemolint.report.json import well_formed

if TYPE_CHECKING:
    from nemolint.diagnostic import Diagnostic, FileFix
    from nemolint.rule import Rule

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(result: Result, out: TextIO, options: Options) -> None:
    """Write one run. Columns count code points, ends are exclusive, as SARIF has them."""
    names = sorted({item.rule for item in result.diagnostics})
    index = {name: number for number, name in enumerate(names)}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "nemolint",
                        "version": __version__,
                        "rules": [_rule(name, result.rules.get(name)) for name in names],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The folder that nemolint was run in."}}},
                "results": [_result(item, index[item.rule], result) for item in result.diagnostics],
            }
        ],
    }
    out.write(json.dumps(well_formed(log), indent=2))
    out.write("\n")


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": name, "name": name, "helpUri": RULE_URL.format(name)}
    if rule is not None:
        row["shortDescription"] = {"text": rule.summary}
        row["fullDescription"] = {"text": rule.doc}
        row["properties"] = {"tags": [rule.group]}
    return row


def _result(item: Diagnostic, index: int, result: Result) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ruleId": item.rule,
        "ruleIndex": index,
        "level": _LEVELS[item.severity],
        "message": {"text": item.message},
        "locations": [
            _location(item.path, _region(item.line, item.column, item.end_line, item.end_column)),
        ],
        "partialFingerprints": {"nemolint/v1": item.fingerprint},
    }
    if item.related:
        row["relatedLocations"] = [
            {
                **_location(other.path, _region(max(other.line, 1), max(other.column, 1))),
                "message": {"text": other.message},
            }
            for other in item.related
        ]
    # SARIF has no word for a fix that needs a person's judgement, so only the safe ones are offered.
    if item.fix is not None and item.fix.safe:
        row["fixes"] = [_fix(item.path, item.fix, result, item)]
    return row


def _fix(path: str, fix: FileFix, result: Result, item: Diagnostic) -> dict[str, Any]:
    redactor = result.redactor_of(item)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path),
                "replacements": [
                    {
                        "deletedRegion": _region(edit.line, edit.column, edit.end_line, edit.end_column),
                        "insertedContent": {"text": redactor.scrub(edit.text) if redactor is not None else edit.text},
                    }
                    for edit in fix.edits
                ],
            }
        ],
    }


def _location(path: str, region: dict[str, int]) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(path), "region": region}}


def _artifact(path: str) -> dict[str, str]:
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": "SRCROOT"}


def _region(line: int, column: int, end_line: int = 0, end_column: int = 0) -> dict[str, int]:
    row = {"startLine": line, "startColumn": column}
    return {**row, "endLine": end_line, "endColumn": end_column} if end_line else row
