"""The generated pages: one per rule, the table of rules in the README, the references of settings and API.

`python -P -m nemolint.testing.pages` writes them; a test compares.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import GenericAlias, UnionType
from typing import ForwardRef

import nemolint
from nemolint.base.atomic import NotWritten, output_of, remove_file, replace_file
from nemolint.base.exitcode import CLEAN, FAILED
from nemolint.commands.rules import settings_schema, severities
from nemolint.linter.loader import load_pack
from nemolint.linter.rule import Example, Rule
from nemolint.presets import PRESETS
from nemolint.project.facts_model import Facts
from nemolint.project.stated_facts import StatedFacts
from nemolint.settings_file import as_toml
from nemolint.testing import fix_safety, reported_severities
from nemolint.testing.picture import SCHEMES, picture, terminal_output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_GROUPS = {
    "secrets": "Secrets",
    "profiles": "Profiles",
    "paths": "Paths and quoting",
    "launch": "Launch safety",
    "placeholders": "Placeholders",
    "contract": "Step contract",
    "pipelines": "Pipelines",
    "callouts": "Callouts in answers",
    "optional": "Off by default",
    "tool": "About nemolint itself",
    "policy": "Policies of the settings",
}


PACK = "nemolint_rules"


def own_rules() -> dict[str, Rule]:
    """The rules of nemolint itself, by name; rule packs document their own."""
    return {rule.name: rule for rule in sorted(load_pack(PACK), key=lambda rule: rule.name)}


def rules_table(rules: Mapping[str, Rule]) -> str:
    """A Markdown table of the rules for each group, in the order of the policy."""
    parts = []
    for group, title in _GROUPS.items():
        mine = [rule for rule in rules.values() if rule.group == group]
        if not mine:
            continue
        rows = [
            f"| [`{rule.name}`](docs/rules/{rule.name}.md) | {rule.summary} | {severities(rule)} "
            f"| {'yes' if rule.fixable else ''} |"
            for rule in mine
        ]
        parts.append("\n".join([f"### {title}\n", "| rule | | severity | fix |", "|---|---|---|---|", *rows]))
    return "\n\n".join(parts)


def presets_table() -> str:
    """What each preset is for and changes."""
    rows = ["| preset | for | changes |", "|---|---|---|"]
    for name, changes in PRESETS.items():
        parts = [f"`{rule.name}` is {rule.presets[name]}" for rule in own_rules().values() if name in rule.presets]
        if name == "answer":
            parts += _in_answers()
        parts += [f"the group `{group}` is on" for group in changes.extend_select]
        if changes.least != "info":
            parts.append(f"info counts as {changes.least}")
        rows.append(f"| `{name}` | {changes.why} | {', '.join(parts)} |")
    return "\n".join(rows)


def _in_answers() -> list[str]:
    """What is different in answers: groups of rules that apply there alone, and other severities."""
    rules = own_rules().values()
    groups = sorted({rule.group for rule in rules if rule.answers_only})
    levels = [
        f"`{rule.name}` is {rule.severity['answer']}"
        for rule in rules
        if not rule.answers_only and rule.severity["answer"] not in (None, rule.severity["doc"])
    ]
    return [*(f"the group `{group}` is on" for group in groups), *levels]


def rule_page(rule: Rule) -> str:
    """The page of a rule: a bad and a good example, why, the facts, and all other examples with their carets."""
    facts = [f"Severity: {severities(rule)}.", f"Group: `{rule.group}`."]
    if not rule.default:
        facts.append("Off by default: enable it with `extend-select`.")
    if rule.answers_only:
        facts.append("Checks answers only (`--preset answer`).")
    facts.append(_fix_text(rule))
    summary, _, why = rule.doc.partition("\n")
    lines = [f"# {rule.name}", "", summary, ""]
    files: dict[str, str] = {}
    # An example without further files is the easiest to read.
    plain = sorted(rule.examples, key=lambda example: bool(example.files or example.settings))
    first = {good: next((item for item in plain if item.good is good), None) for good in (False, True)}
    bad = first[False]
    if bad is not None:
        lines += ["## Bad", "", *_example(bad, files, with_fix=False)]
        # The fixed text shows best what is correct.
        if bad.fixed:
            first[True] = None
            lines += ["## Good", "", *_fenced("console", masked(bad.fixed).split("\n")), ""]
    if (good := first[True]) is not None:
        lines += ["## Good", "", *_example(good, files)]
    if why.strip():
        lines += ["## Why", "", why.strip(), ""]
    lines += ["## Severity and fix", "", " ".join(facts), ""]
    others = [item for item in rule.examples if item is not bad and item is not first[True]]
    for title, wanted in (("Also reported", False), ("Not reported", True)):
        shown = [example for example in others if example.good is wanted and example.text.strip()]
        lines += [f"## {title}", ""] if shown else []
        levels = {} if wanted else reported_severities(rule, shown, own_rules())
        for example in shown:
            lines += _example(example, files, level=levels.get(id(example), ""))
    return "\n".join(lines).rstrip("\n") + "\n"


def _fix_text(rule: Rule) -> str:
    """Whether findings have a fix, and whether `--fix` applies it, as the examples show."""
    kinds = fix_safety(rule, own_rules())
    if not kinds:
        return "It has no fix."
    if len(kinds) > 1:
        return "Some findings have a fix, safe (`--fix`) or unsafe (`--fix --unsafe-fixes`)."
    return f"Some findings have a fix, {'safe (`--fix`)' if True in kinds else 'unsafe (`--fix --unsafe-fixes`)'}."


def _example(example: Example, files: dict[str, str], *, with_fix: bool = True, level: str = "") -> list[str]:
    """The lines of an example. `files` holds the files that were shown before, path to content.

    `level` is the severity of what is reported, if the example itself does not say it.
    """
    shown = [masked(text) for text in with_carets(example)]
    lines = []
    for path, content in example.files.items():
        if files.get(path) == content:
            lines += [f"with `{path}` as above:", ""]
            continue
        files[path] = content
        if content.strip():
            lines += [f"with `{path}`:", "", *_fenced("", masked(content).strip("\n").split("\n")), ""]
        else:
            lines += [f"with an empty `{path}`", ""]
    if example.settings:
        lines += ["with the settings:", "", *_fenced("toml", as_toml(example.settings)), ""]
    where = {"doc": "in a document", "comment": "in a comment", "answer": "in an answer"}.get(example.surface or "")
    note = [f"`{example.path}`"] if example.path else []
    note += [where] if where else []
    severity = example.severity or ("" if example.good else level)
    note += [severity] if severity else []
    if note:
        lines += [", ".join(note) + ":", ""]
    lines += [*_fenced("console" if example.path is None else "text", shown), ""]
    if with_fix and example.fixed is not None:
        fixed = masked(example.fixed)
        lines += (
            ["fixed:", "", *_fenced("console", fixed.split("\n")), ""] if fixed.strip() else ["The fix deletes it.", ""]
        )
    return lines


def _fenced(language: str, lines: list[str]) -> list[str]:
    longest = max((len(run) for line in lines for run in re.findall(r"`{3,}", line)), default=2)
    fence = "`" * (longest + 1)
    return [f"{fence}{language}", *lines, fence]


def masked(text: str) -> str:
    """Example text for a page. Fake credentials are masked, so that no scanner reports the page as a leak."""
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


def settings_reference() -> str:
    """The keys of the settings as Markdown, from the JSON schema."""
    schema = settings_schema()
    lines = []
    for key, entry in schema["properties"].items():
        lines += [f"### `{key}`", "", *_setting(entry), ""]
    lines += ["Keys of an entry of `overrides`:", "", *_keys_of(schema["definitions"]["OverrideTable"])]
    return "\n".join(lines)


def policy_reference() -> str:
    """The keys of a policy and of its examples, from the JSON schema."""
    definitions = settings_schema()["definitions"]
    lines = _keys_of(definitions["PolicyTable"])
    return "\n".join([*lines, "", "Keys of an example:", "", *_keys_of(definitions["PolicyExample"])])


def _keys_of(table: Mapping[str, Any]) -> list[str]:
    """The keys of a table of the settings, as a table of the page."""
    lines = ["| key | type | meaning |", "|---|---|---|"]
    required = table.get("required", ())
    for key, entry in table["properties"].items():
        need = " Required." if key in required else ""
        lines.append(f"| `{key}` | {_type(entry)} | {entry['description']}{need} |")
    return lines


def _setting(entry: Mapping[str, Any]) -> list[str]:
    default = as_toml({"x": entry["default"]})[0].partition(" = ")[2] if entry.get("default") else "none"
    return [
        entry["description"],
        "",
        f"Type: {_type(entry)}. Default: {f'`{default}`' if default != 'none' else default}.",
    ]


def _type(entry: Mapping[str, Any], *, several: bool = False) -> str:
    """A type of the schema in terms of TOML."""
    end = "s" if several else ""
    if "anyOf" in entry:
        return _type(next(item for item in entry["anyOf"] if item.get("type") != "null"), several=several)
    if "enum" in entry:
        return "one of " + ", ".join(f"`{value}`" for value in entry["enum"])
    if "$ref" in entry:
        named = entry["$ref"].rpartition("/")[2]
        return f"string{end}" if named in ("Rule", "Selector") else f"table{end}"
    if isinstance(entry["type"], list):
        return "value" + end
    if entry["type"] == "array":
        if "anyOf" in entry["items"]:
            return f"list{end} of strings or tables"
        return f"list{end} of {_type(entry['items'], several=True)}"
    if entry["type"] == "object":
        values = entry.get("additionalProperties") or next(iter(entry.get("properties", {}).values()), None)
        if not isinstance(values, dict) or values.get("type") == "object":
            return f"table{end}"
        if "enum" in values:
            return f"table; each value is {_type(values)}"
        return f"table of {_type(values, several=True)}"
    return str(entry["type"]) + end


def facts_table() -> str:
    """The kinds of facts, and which of them the settings take."""
    rows = ["| fact | meaning | in the settings |", "|---|---|---|"]
    for name, field in Facts.model_fields.items():
        stated = "yes" if name in StatedFacts.model_fields else ""
        rows.append(f"| `{field.alias or name}` | {field.description} | {stated} |")
    return "\n".join(rows)


def api_reference() -> str:
    """Every name of the public API with its signature and docstring, by the module that it comes from."""
    lines: list[str] = []
    for home, names in nemolint.HOMES.items():
        title = (inspect.getdoc(import_module(home)) or "").split("\n")[0]
        lines += [f"### {title}", ""]
        for name in names:
            lines += _described(name, getattr(nemolint, name))
    for package, names in nemolint.NAMESPACES.items():
        for name in names:
            module = import_module(f"{package}.{name}")
            lines += [f"### `{name}`", "", inspect.getdoc(module) or "", ""]
            for inner, value in vars(module).items():
                if not inner.startswith("_") and getattr(value, "__module__", "") == module.__name__:
                    lines += _described(f"{name}.{inner}", value)
    return "\n".join(lines).rstrip("\n")


def _described(name: str, value: object) -> list[str]:
    """A name of the API: a heading, its docstring, and for a class the list of its public members."""
    if not callable(value) or isinstance(value, GenericAlias | UnionType):
        kind = (
            "A type"
            if isinstance(value, GenericAlias | UnionType) or name == "Severity"
            else f"A constant ({type(value).__name__})"
        )
        return [f"#### `{name}`", "", f"{kind}.", ""]
    shown = "" if isinstance(value, type) else _signature(value)
    lines = [f"#### `{name}{shown}`", "", inspect.getdoc(value) or "", ""]
    if isinstance(value, type):
        lines += [*_members(value), ""]
    return lines


def _signature(value: Callable[..., object]) -> str:
    parameters = inspect.signature(value)
    return str(parameters).replace("'", "").replace("nemolint.", "")


def _members(kind: type) -> list[str]:
    """Fields, properties and methods that a class itself documents or declares."""
    fields = [
        f"* `{name}: {_plain(of)}`" for name, of in inspect.get_annotations(kind).items() if not name.startswith("_")
    ]
    others = []
    for name, member in vars(kind).items():
        function = getattr(member, "fget", None) or getattr(member, "func", None) or getattr(member, "__func__", member)
        doc = inspect.getdoc(function) if inspect.isfunction(function) else None
        if name.startswith("_") or not doc:
            continue
        shown = name if function is not member and not isinstance(member, classmethod) else name + _signature(function)
        first = doc.split("\n\n")[0].replace("\n", " ")
        others.append(f"* `{shown.replace('(self, ', '(').replace('(self)', '()')}`: {first}")
    return [*fields, *others]


def _plain(annotation: object) -> str:
    """An annotation as written."""
    if isinstance(annotation, ForwardRef):
        return annotation.__forward_arg__
    if isinstance(annotation, str):
        return annotation.removeprefix("Final[").removesuffix("]") if annotation.startswith("Final[") else annotation
    return getattr(annotation, "__name__", str(annotation))


def with_section(text: str, name: str, content: str) -> str:
    """A page with its generated section `name` replaced. Raises ValueError if its markers are missing."""
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"the lines {begin} and {end} are missing")
    return f"{head}{begin}\n{content}\n{end}{tail}"


def pages(root: Path) -> dict[Path, str]:
    """Every generated page of the project at `root`, with the text that it should have."""
    rules = own_rules()
    made = {root / "docs" / "rules" / f"{name}.md": _linked(rule_page(rule), "../") for name, rule in rules.items()}
    for path, name, content in (
        (root / "README.md", "rules", rules_table(rules)),
        (root / "docs" / "configuration.md", "settings", settings_reference()),
        (root / "docs" / "api.md", "api", api_reference()),
        (root / "docs" / "presets.md", "presets", presets_table()),
        (root / "docs" / "facts.md", "facts", facts_table()),
        (root / "docs" / "policies.md", "policies", policy_reference()),
    ):
        linked = content if path.parent == root else _linked(content, "")
        made[path] = with_section(path.read_text("utf-8"), name, linked)
    shown = terminal_output("train.sh", _readme_script(made[root / "README.md"]))
    for scheme in SCHEMES:
        made[root / "docs" / "images" / f"output-{scheme}.svg"] = picture("nemolint train.sh", shown, scheme)
    return made


def _linked(text: str, up: str) -> str:
    """A text of the program in which the pages of `docs/` that it names are links; `up` leads to that folder."""
    return re.sub(r"(?<![\w/`(\[])docs/(\w+\.md)(?![\w`:])", rf"[docs/\1]({up}\1)", text)


def _readme_script(readme: str) -> str:
    """The script that the README shows the findings of."""
    excerpt = readme[readme.index("<!-- begin: excerpt -->") :]
    return excerpt.split("```bash\n", 1)[1].split("```\n", 1)[0]


def main() -> int:
    """Write the generated pages of the project in the working directory."""
    root = Path.cwd()
    made = pages(root)
    try:
        # All or none: check every target before anything is written.
        targets = {output_of(path, root, root): text for path, text in made.items()}
        gone = [output_of(page, root, root) for page in (root / "docs" / "rules").glob("*.md") if page not in made]
        for name in ("images", "rules"):
            (root / "docs" / name).mkdir(parents=True, exist_ok=True)
        for page in gone:
            remove_file(page)
        for target, text in targets.items():
            replace_file(target, text.encode("utf-8"))
    except NotWritten as problem:
        sys.stderr.write(f"{problem}\n")
        return FAILED
    sys.stderr.write(f"wrote {len(made)} pages\n")
    return CLEAN


if __name__ == "__main__":
    raise SystemExit(main())
