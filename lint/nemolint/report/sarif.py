"""SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import os
from urllib.parse import quote

from nemolint.base.version import __version__
from nemolint.base.visible import visible
from nemolint.linter.diagnostic import HOME, RULE_URL
from nemolint.linter.rule import RANK
from nemolint.report import MOST, Findings, Options, too_many
from nemolint.report.json import dumps
from nemolint.report.location import cell_of
from nemolint.secrets.outgoing import masked
from nemolint.secrets.redact import marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from nemolint.linter.diagnostic import Diagnostic, FileFix
    from nemolint.linter.rule import Rule

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
# Between 7 and 8.9 code scanning says "high", between 4 and 6.9 "medium", below "low".
_SCORES = {"error": "8.0", "warning": "5.0", "info": "2.0"}
_MASK = marker("").removesuffix("]")
_BASE = "%SRCROOT%"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(result: Findings, out: TextIO, options: Options) -> None:
    """Write one run. Columns count code points, ends are exclusive, as SARIF has them.

    Code scanning accepts at most `MOST["sarif"]` results: beyond that only the most severe are written, with a
    notification.
    """
    shown = _worst(result.diagnostics)
    names = sorted({item.rule for item in shown})
    index = {name: number for number, name in enumerate(names)}
    invocation: dict[str, Any] = {"executionSuccessful": not result.unchecked}
    notes: list[dict[str, Any]] = [
        {"level": "error", "message": {"text": f"{visible(path)}: {reason}"}, "locations": [_location(path, None)]}
        for path, reason in result.unchecked.items()
    ]
    if note := too_many("sarif", result):
        notes.append({"level": "warning", "message": {"text": note}})
    if notes:
        invocation["toolExecutionNotifications"] = notes
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "nemolint",
                        "version": __version__,
                        "informationUri": HOME,
                        "rules": [_rule(name, result.rules.get(name)) for name in names],
                    }
                },
                "invocations": [invocation],
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_BASE: {"description": {"text": "The folder that nemolint was run in."}}},
                "results": [_result(item, index[item.rule], result) for item in shown],
            }
        ],
    }
    out.write(dumps(log) + "\n")


def _worst(diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
    """The most severe diagnostics up to the limit, in the given order."""
    most = MOST["sarif"]
    if len(diagnostics) <= most:
        return diagnostics
    ranked = sorted(range(len(diagnostics)), key=lambda at: -RANK[diagnostics[at].severity])
    return tuple(diagnostics[at] for at in sorted(ranked[:most]))


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    page = RULE_URL.format(rule.page if rule is not None else f"docs/rules/{name}.md")
    row: dict[str, Any] = {"id": name, "helpUri": page}
    if rule is not None:
        row["shortDescription"] = {"text": rule.summary}
        row["fullDescription"] = {"text": rule.doc}
        row["help"] = {
            "text": f"{rule.doc}\n\nExamples: {page}",
            "markdown": f"{rule.doc}\n\n[Examples of `{name}`]({page})",
        }
        # The highest level of the rule: each result has its own.
        levels = [level for level in rule.severity.values() if level is not None]
        worst = max(levels, key=RANK.__getitem__, default=None)
        if worst is not None:
            row["defaultConfiguration"] = {"level": _LEVELS[worst]}
        row["properties"] = {"tags": [rule.group]}
        if rule.group == "secrets" and worst is not None:
            # Code scanning shows such a rule as a security alert, and names its severity by this number.
            row["properties"] = {"tags": ["security", rule.group], "security-severity": _SCORES[worst]}
    return row


def _result(item: Diagnostic, index: int, result: Findings) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ruleId": item.rule,
        "ruleIndex": index,
        "level": _LEVELS[item.severity],
        "message": {"text": f"{item.message}{cell_of(item)}"},
        "locations": [
            _location(item.path, _region(item.line, item.column, item.end_line, item.end_column)),
        ],
        "partialFingerprints": {"nemolint/v1": item.fingerprint},
    }
    if item.related:
        row["relatedLocations"] = [
            {
                # Some notes are about a whole file.
                **_location(other.path, _region(other.line, max(other.column, 1)) if other.line else None),
                "message": {"text": other.message},
            }
            for other in item.related
        ]
    # SARIF cannot mark a fix as unsafe, so only safe ones are offered.
    if item.fix is not None and item.fix.safe and (fix := _fix(item.path, item.fix, result, item)) is not None:
        row["fixes"] = [fix]
    return row


def _fix(path: str, fix: FileFix, result: Findings, item: Diagnostic) -> dict[str, Any] | None:
    """A fix in SARIF's form; None if its text holds a secret, since a mask must not end up in the file."""
    redactor = result.redactor_of(item)
    texts = [redactor.scrub(edit.text) if redactor is not None else edit.text for edit in fix.edits]
    if any(_MASK in text for text in texts):
        return None
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(path),
                "replacements": [
                    {
                        "deletedRegion": _region(edit.line, edit.column, edit.end_line, edit.end_column),
                        "insertedContent": {"text": text},
                    }
                    for edit, text in zip(fix.edits, texts, strict=True)
                ],
            }
        ],
    }


def _location(path: str, region: dict[str, int] | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(path)}
    return {"physicalLocation": place if region is None else {**place, "region": region}}


def _artifact(path: str, *, windows: bool = os.name == "nt") -> dict[str, str]:
    # The bytes of the name; on Windows names are not bytes.
    uri = quote(masked(path).encode("utf-8", "surrogatepass" if windows else "surrogateescape"), safe="/")
    if windows and path[1:2] == ":":
        # A drive is the first part of a path, `file:///C:/…`; elsewhere a name may have a colon.
        return {"uri": f"file:///{uri.replace('%3A', ':', 1)}"}
    if windows and path.startswith("//"):  # a share: its host is the URI's
        return {"uri": f"file:{uri}"}
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": _BASE}


def _region(line: int, column: int, end_line: int = 0, end_column: int = 0) -> dict[str, int]:
    row = {"startLine": line, "startColumn": column}
    return {**row, "endLine": end_line, "endColumn": end_column} if end_line else row
