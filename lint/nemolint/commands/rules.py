"""`nemolint rules`: the table of all rules, as text, Markdown or JSON, and the schema of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from nemolint.base.exitcode import CLEAN

if TYPE_CHECKING:
    from nemolint.linter.rule import Rule


def rules(out: TextIO, format: str) -> int:
    """Write the table of all rules."""
    from nemolint.linter.loader import load_rules

    known = load_rules()
    if format == "json":
        from nemolint.report.json import dumps

        out.write(dumps([_facts(rule) for rule in known.values()]) + "\n")
        return CLEAN
    rows = [
        (rule.name, rule.group, severities(rule), fixes(rule), default(rule), rule.summary) for rule in known.values()
    ]
    heads = ("Rule", "Group", "Severity", "Fix", "On", "What it asks for")
    if format == "markdown":
        out.write(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n")
        for name, *cells in rows:
            out.write(f"| `{name}` | {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n")
        return CLEAN
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads) - 1)]
    for row in (heads, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        out.write("  ".join([*cells, row[-1]]).rstrip() + "\n")
    return CLEAN


def schema(out: TextIO) -> int:
    """Write the JSON schema of the settings."""
    import json

    from nemolint.settings_model import json_schema

    out.write(json.dumps(json_schema(), indent=2) + "\n")
    return CLEAN


def _facts(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "group": rule.group,
        "severity": dict(rule.severity),
        "default": rule.default,
        "answers_only": rule.answers_only,
        "fixable": rule.fixable,
        "summary": rule.summary,
        "doc": rule.doc,
    }


def severities(rule: Rule) -> str:
    """The severity, or one for each surface where they differ."""
    given = {surface: level for surface, level in rule.severity.items() if level is not None}
    if len(set(given.values())) == 1:
        return next(iter(given.values()))
    return ", ".join(f"{surface} {level}" for surface, level in given.items())


def fixes(rule: Rule) -> str:
    return "yes" if rule.fixable else ""


def default(rule: Rule) -> str:
    if rule.answers_only:
        return "answers"
    return "yes" if rule.default else "no"
