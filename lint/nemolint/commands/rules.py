"""`nemolint rules`: the table of all rules, as text, Markdown or JSON, and the schema of the settings."""

from __future__ import annotations

from collections.abc import Mapping

from nemolint.base.columns import columns_of, fitted
from nemolint.base.exitcode import CLEAN, FINDINGS
from nemolint.base.visible import opening, visible, wrapped
from nemolint.linter.rule import RANK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO

    from nemolint.linter.rule import Rule
    from nemolint.settings import Settings

_LEAST_SUMMARY = 30
_SURFACES = {"script": "scripts", "doc": "documents", "comment": "comments", "answer": "answers"}


def rules(out: TextIO, format: str, known: Mapping[str, Rule]) -> int:
    """Write the table of some rules."""
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


def test(out: TextIO, err: TextIO, settings: Settings) -> int:
    """Run the examples of the policies of some settings: a line for each policy, and what is wrong.

    An example without a path shows a command alone, so the patterns of files are not looked at for it.
    """
    from nemolint.linter.examples import check_example
    from nemolint.linter.policy_rules import rule_of
    from nemolint.project import Project
    from nemolint.settings_check import key_problems, policy_problems
    from nemolint.settings_file import masker_of, place_of_policy

    project = Project.find(settings.root, nemotron=settings.nemotron, cwd=settings.root, environ={})
    # As a check of the project's own files has them.
    facts: dict[str, object] = {"nemotron": project.root, "steps": settings.steps, "profiles": settings.profiles}
    failed = 0
    mask = masker_of(settings)

    def say(stream: TextIO, text: str) -> None:
        for line in str(mask(text)).split("\n"):
            stream.write(f"{opening(visible(line))}\n")

    for policy in settings.policies:
        # The files of an example are in a folder of its own.
        moved = policy._replace(roots=())
        exact, anywhere = rule_of(moved), rule_of(moved, any_file=True)
        problems: list[str] = []
        for number, example in enumerate(exact.examples):
            kind, at = ("good", number) if example.good else ("bad", number - len(policy.good))
            place = f"{place_of_policy(policy, kind, str(at))}: policy `{policy.name}`: {kind}.{at}"
            if not example.good and not example.carets:
                problems.append(f"{place}: has no line of carets (^) under what is reported")
                continue
            try:
                check_example(anywhere if example.path is None else exact, example._replace(settings=facts))
            except (AssertionError, OSError, ValueError) as error:  # the last two: a path that no file can have
                problems.append(f"{place}: {error}")
        failed += bool(problems)
        count = len(exact.examples)
        word = "FAILED" if problems else "no examples" if not count else "ok"
        say(out, f"{policy.name}: {word}" + (f" ({count} example{'s' if count > 1 else ''})" if count else ""))
        for problem in problems:
            say(out, problem)
        if not count:
            say(err, f"nemolint: {policy.place}: policy `{policy.name}` has no examples: add `good` and `bad`")
        elif not policy.good or not policy.bad:
            lacks = "bad" if policy.good else "good"
            say(err, f"nemolint: {policy.place}: policy `{policy.name}` has no `{lacks}` example")
    for message in (*policy_problems(settings, project), *key_problems(settings, project)):
        say(err, f"nemolint: {message}")
    if not settings.policies:
        say(err, "nemolint: there are no policies in these settings")
    return FINDINGS if failed else CLEAN


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
