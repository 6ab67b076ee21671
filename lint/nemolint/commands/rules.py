"""`nemolint rules`: the table of all rules, as text, Markdown or JSON, and the schema of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from nemolint.base.columns import columns_of, fitted
from nemolint.base.exitcode import CLEAN
from nemolint.base.visible import wrapped
from nemolint.linter.rule import RANK

if TYPE_CHECKING:
    from nemolint.linter.rule import Rule

_LEAST_SUMMARY = 30
_SURFACES = {"script": "scripts", "doc": "documents", "comment": "comments", "answer": "answers"}


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
    heads = ("Rule", "Group", "Severity", "Fix", "Default", "Summary")
    if format == "markdown":
        out.write(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n")
        for name, *cells in rows:
            out.write(f"| `{name}` | {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n")
        return CLEAN
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads) - 1)]
    columns = columns_of(out)
    taken = sum(widths) + 2 * len(widths)
    if columns is not None and columns < taken + _LEAST_SUMMARY:
        out.writelines(f"{fitted(line, columns)}\n" for row in rows for line in _stacked(row))
        return CLEAN
    for row in (heads, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        for number, line in enumerate(wrapped(row[-1], columns, taken)):
            start = " " * taken if number else "  ".join([*cells, ""])
            out.write(f"{start}{line}".rstrip() + "\n")
    return CLEAN


def _stacked(row: tuple[str, ...]) -> list[str]:
    """A row of the table for a narrow terminal."""
    name, group, severity, fix, default, summary = row
    facts = [group, severity, *(["fix"] if fix else []), *([] if default == "yes" else [f"default: {default}"])]
    return [name, f"    {'; '.join(facts)}", f"    {summary}"]


def schema(out: TextIO) -> int:
    """Write the JSON schema of the settings."""
    import json

    out.write(json.dumps(settings_schema(), indent=2) + "\n")
    return CLEAN


def settings_schema() -> dict[str, Any]:
    """The JSON schema of the settings, with the names of all loaded rules."""
    from nemolint.linter.loader import load_rules
    from nemolint.settings_model import json_schema

    known = load_rules().values()
    return json_schema({rule.name: rule.summary for rule in known}, {rule.group for rule in known})


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
    """The severity as text: that of most surfaces, with the lowest that an example shows, then those that differ."""
    levels = {_SURFACES[surface]: level for surface, level in rule.severity.items() if level is not None}
    common = max(levels.values(), key=list(levels.values()).count)
    shown = [example.severity for example in rule.examples if example.severity is not None]
    least = min(shown, key=RANK.__getitem__, default=common)
    lower = f" to {least}, by context" if RANK[least] < min(RANK[level] for level in levels.values()) else ""
    others = [f"{level} in {name}" for name, level in levels.items() if level != common]
    return "; ".join([common + lower, *others])


def fixes(rule: Rule) -> str:
    return "yes" if rule.fixable else ""


def default(rule: Rule) -> str:
    if rule.answers_only:
        return "answers"
    return "yes" if rule.default else "no"
