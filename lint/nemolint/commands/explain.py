"""`nemolint explain`: a rule's docs and examples."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping

from nemolint.base.exitcode import CLEAN, FAILED
from nemolint.base.visible import visible
from nemolint.commands.rules import default, fixes, severities
from nemolint.settings_file import as_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from nemolint.linter.rule import Example, Rule


def explain(name: str, out: TextIO, err: TextIO, known: Mapping[str, Rule]) -> int:
    """Write the docs and examples of one of some rules."""
    from nemolint.settings_check import group_text, unknown_rule

    rule = known.get(name)
    if rule is None:
        problem = visible(unknown_rule(name, known, groups=False) or "")
        err.write(f"nemolint: {problem}{'' if group_text(name, known) else ': `nemolint rules` lists them'}\n")
        return FAILED
    out.write(f"{rule.name}\n\n{rule.doc}\n\n")
    out.write(
        f"Group: {rule.group}. Severity: {severities(rule)}. Default: {default(rule)}. Fix: {fixes(rule) or 'no'}.\n"
    )
    shown: dict[str, str] = {}
    for title, wanted in (("Reported", False), ("Not reported", True)):
        examples = [example for example in rule.examples if example.good == wanted]
        if examples:
            out.write(f"\n{title}:\n")
        for example in examples:
            lines = rule.shown("\n".join(_example(example, shown)))
            out.write("\n" + textwrap.indent(lines, "    ") + "\n")
    return CLEAN


def _example(example: Example, shown: dict[str, str]) -> Iterator[str]:
    """The lines of an example, with its carets under them, and the fixed text.

    `shown` holds the files that were shown before, path to content.
    """
    if example.settings:
        yield "# with the settings:"
        yield from (f"#   {line}" for line in as_toml(example.settings))
    for path, text in example.files.items():
        if shown.get(path) == text:
            yield f"# with {path} as above:"
            continue
        shown[path] = text
        yield f"# with {path}:"
        yield from (f"#   {line}".rstrip() for line in text.strip("\n").split("\n"))
    if example.path is not None:
        yield f"# in {example.path}:"
    position, carets = 0, example.carets
    for line in example.text.split("\n"):
        yield visible(line)
        marks = "".join(
            "^" if any(start <= position + at < max(end, start + 1) for start, end in carets) else " "
            for at in range(len(line) + 1)
        ).rstrip()
        if marks:
            yield marks
        position += len(line) + 1
    if example.fixed is not None:
        yield "# fixed:"
        yield from (visible(line) for line in example.fixed.split("\n"))
