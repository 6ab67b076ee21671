"""The documents that are made from the rules: a page for each rule, and the table in the README.

`python -P -m nemolint.testing.pages` writes them; a test compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from nemolint.base.atomic import NotWritten, output_of, remove_file, replace_file
from nemolint.base.exitcode import CLEAN, FAILED
from nemolint.linter.loader import load_pack
from nemolint.linter.rule import RANK, Example, Rule
from nemolint.settings import as_toml

BEGIN = "<!-- begin: rules -->"
END = "<!-- end: rules -->"
_GROUPS = {
    "secrets": "Secrets",
    "profiles": "Profiles",
    "paths": "Paths and quoting",
    "launch": "Launch safety",
    "placeholders": "Placeholders",
    "contract": "Step contract",
    "pipelines": "Pipelines",
    "callouts": "Callouts of an answer",
    "optional": "Off by default",
    "tool": "The tool's own",
}
_SURFACES = {"script": "scripts", "doc": "documents", "comment": "comments", "answer": "answers"}


PACK = "nemolint_rules"


def own_rules() -> dict[str, Rule]:
    """The rules that come with nemolint, by name; rule packs document their own."""
    return {rule.name: rule for rule in sorted(load_pack(PACK), key=lambda rule: rule.name)}


def severity_text(rule: Rule) -> str:
    """The severity of a rule in words: what most surfaces have, then those that differ."""
    levels = {_SURFACES[surface]: level for surface, level in rule.severity.items() if level is not None}
    common = max(levels.values(), key=list(levels.values()).count)
    shown = [example.severity for example in rule.examples if example.severity is not None]
    least = min(shown, key=lambda level: RANK[level], default=common)
    lower = f", down to {least}" if RANK[least] < min(RANK[level] for level in levels.values()) else ""
    others = [f"{level} in {name}" for name, level in levels.items() if level != common]
    return "; ".join([common + lower, *others])


def rules_table(rules: Mapping[str, Rule]) -> str:
    """A Markdown table of the rules for each group, in the order of the policy."""
    parts = []
    for group, title in _GROUPS.items():
        mine = [rule for rule in rules.values() if rule.group == group]
        if not mine:
            continue
        rows = [
            f"| [`{rule.name}`](docs/rules/{rule.name}.md) | {rule.summary} | {severity_text(rule)} "
            f"| {'yes' if rule.fixable else ''} |"
            for rule in mine
        ]
        parts.append("\n".join([f"### {title}\n", "| rule | | severity | fix |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts)


def rule_page(rule: Rule) -> str:
    """The page of a rule: docs, severity, and its examples with the carets under what is reported."""
    facts = [f"Severity: {severity_text(rule)}.", f"Group: `{rule.group}`."]
    if not rule.default:
        facts.append("Off by default: turn it on with `extend-select`.")
    if rule.answers_only:
        facts.append("Judges answers only (`--preset answer`).")
    facts.append("It has a fix for findings where one is sure." if rule.fixable else "It has no fix.")
    lines = [f"# {rule.name}", "", rule.doc, "", " ".join(facts), ""]
    files: dict[str, str] = {}
    for title, wanted in (("Reported", False), ("Left alone", True)):
        shown = [example for example in rule.examples if example.good is wanted]
        lines += [f"## {title}", ""] if shown else []
        for example in shown:
            lines += _example(example, files)
    return "\n".join(lines).rstrip("\n") + "\n"


def _example(example: Example, files: dict[str, str]) -> list[str]:
    """The lines of an example. `files` holds the files that were written out before, path to content."""
    shown = [masked(text) for text in with_carets(example)]
    lines = []
    for path, content in example.files.items():
        if files.get(path) == content:
            lines += [f"with `{path}` as above:", ""]
            continue
        files[path] = content
        lines += [f"with `{path}`:", "", *_fenced("", masked(content).strip("\n").split("\n")), ""]
    if example.settings:
        lines += ["with the settings:", "", *_fenced("toml", as_toml(example.settings)), ""]
    where = {"doc": "in a document", "comment": "in a comment", "answer": "in an answer"}.get(example.surface or "")
    note = [f"`{example.path}`"] if example.path else []
    note += [where] if where else []
    note += [example.severity] if example.severity else []
    if note:
        lines += [", ".join(note) + ":", ""]
    lines += [*_fenced("console" if example.path is None else "text", shown), ""]
    if example.fixed is not None:
        lines += ["fixed:", "", *_fenced("console", masked(example.fixed).split("\n")), ""]
    return lines


def _fenced(language: str, lines: list[str]) -> list[str]:
    longest = max((len(run) for line in lines for run in re.findall(r"`{3,}", line)), default=2)
    fence = "`" * (longest + 1)
    return [f"{fence}{language}", *lines, fence]


def masked(text: str) -> str:
    """Example text for a page. Fake credentials are masked, so that no scanner takes the page for a leak."""
    from nemolint.secrets.formats import find_formats

    for match in reversed(find_formats(text)):
        text = f"{text[: match.value_start]}[REDACTED {match.label}]{text[match.end :]}"
    return text


def with_carets(example: Example) -> list[str]:
    """The lines of an example, each reported place underlined."""
    lines: list[str] = []
    start, carets = 0, example.carets
    for line in example.text.split("\n"):
        lines.append(line)
        marks = [" "] * len(line)
        for begin, end in carets:
            for index in range(max(begin - start, 0), min(end - start, len(line))):
                marks[index] = "^"
        if "^" in marks and masked(line) == line:
            lines.append("".join(marks).rstrip())
        start += len(line) + 1
    return lines


def with_table(readme: str, rules: Mapping[str, Rule]) -> str:
    """The README with its table of rules made anew. Raises ValueError if the markers are missing."""
    head, begin, rest = readme.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md lacks the lines {BEGIN} and {END}")
    return f"{head}{BEGIN}\n{rules_table(rules)}\n{END}{tail}"


def main() -> int:
    """Write the README's table and `docs/rules/` of the project in the working directory."""
    root = Path.cwd()
    rules = own_rules()
    readme = root / "README.md"
    folder = root / "docs" / "rules"
    texts = {folder / f"{name}.md": rule_page(rule) for name, rule in rules.items()}
    try:
        # All or none: what must not be written is met before anything is.
        targets = {output_of(file, root, root): text for file, text in texts.items()}
        targets[output_of(readme, root, root)] = with_table(readme.read_text("utf-8"), rules)
        gone = [output_of(page, root, root) for page in folder.glob("*.md") if page.stem not in rules]
        folder.mkdir(parents=True, exist_ok=True)
        for page in gone:
            remove_file(page)
        for target, text in targets.items():
            replace_file(target, text.encode("utf-8"))
    except NotWritten as problem:
        sys.stderr.write(f"{problem}\n")
        return FAILED
    sys.stderr.write(f"wrote {len(rules)} rule pages and the table of the README\n")
    return CLEAN


if __name__ == "__main__":
    raise SystemExit(main())
