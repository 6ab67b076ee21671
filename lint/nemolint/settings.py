"""Settings: `[tool.nemolint]` of the nearest `pyproject.toml`, or `nemolint.toml`, as plain data.

Pydantic validates a settings table and is imported only where there is one; what it accepted is a `Settings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nemolint.base.close_matches import and_list, did_you_mean
from nemolint.base.errors import UserError
from nemolint.base.files import read_given, read_regular
from nemolint.base.gitignore import MOST_PATTERNS
from nemolint.base.patterns import lazily
from nemolint.presets import Preset

if TYPE_CHECKING:
    from nemolint.base.gitignore import Patterns
    from nemolint.linter.rule import Rule
    from nemolint.project import Project
    from nemolint.settings_model import SettingsTable

Level = Literal["error", "warning", "info", "off"]

ALL = "all"
MOST_BYTES = 5_000_000  # of a settings file
_TABLE_HEADER = lazily(rb"^[ \t]*\[+[ \t]*[\"']?tool[\"']?[ \t]*\.[ \t]*[\"']?nemolint\b", re.MULTILINE)


_NONE: Mapping[str, Any] = MappingProxyType({})


class SettingsError(UserError):
    """Settings that cannot be used. The message names the file, the line if it is known, and what to do."""


# No dataclass, like all that a check without findings needs: importing `dataclasses` takes as long as starting Python.
class SettingsOverride(NamedTuple):
    """What holds for some files besides, or instead of, the rest. `preset` is None where it changes nothing."""

    files: tuple[str, ...]
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    severity: Mapping[str, Level] = _NONE
    preset: Preset | None = None


class Settings(NamedTuple):
    """What the user asked for, settings file and command line together.

    `root` is the folder that patterns and relative paths count from, `source` the settings file (None without one).
    `select` is None where the default rules are meant. `env_file`, `nemotron`, `baseline` are absolute. `rules` holds
    `rules.RULE.OPTION`, with `_` for `-` in the option's name and tuples for arrays.
    """

    root: Path
    source: Path | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = _NONE
    severity: Mapping[str, Level] = _NONE
    env_file: Path | None = None
    profiles: tuple[str, ...] = ()
    nemotron: Path | None = None
    inputs: Mapping[str, str] = _NONE
    rules: Mapping[str, Mapping[str, object]] = _NONE
    preset: Preset = "repo"
    baseline: Path | None = None
    overrides: tuple[SettingsOverride, ...] = ()

    @property
    def names_rules(self) -> bool:
        """True if a name stands in the settings that might be no rule's."""
        lists = (self.select, self.ignore, self.extend_select, self.per_file_ignores)
        return any((*lists, self.severity, self.rules, self.overrides))

    def for_file(self, file: Path) -> Settings:
        """The settings in force for a file, given by its absolute path: of overrides that match, the later one wins."""
        name = _name_below(self.root, file) if self.overrides else None
        if name is None:
            return self
        # Thousands of overrides may hold for one file, and they name the same rules again and again.
        ignore, extend_select = dict.fromkeys(self.ignore), dict.fromkeys(self.extend_select)
        severity, preset = dict(self.severity), self.preset
        matching = [item for item in self.overrides if _patterns(item.files).match(name, False)]
        for item in matching:
            for on in item.extend_select:
                ignore.pop(on, None)
                if severity.get(on) == "off":
                    del severity[on]
            ignore.update(dict.fromkeys(item.ignore))
            extend_select.update(dict.fromkeys(item.extend_select))
            severity.update(item.severity)
            preset = item.preset or preset
        if not matching:
            return self
        return self._replace(ignore=tuple(ignore), extend_select=tuple(extend_select), severity=severity, preset=preset)

    def ignored_for(self, file: Path) -> frozenset[str]:
        """The rules and groups that `per-file-ignores` turns off for a file, given by its absolute path."""
        name = _name_below(self.root, file)
        if name is None:
            return frozenset()
        found = (names for pattern, names in self.per_file_ignores.items() if _patterns((pattern,)).match(name, False))
        return frozenset(rule for names in found for rule in names)

    def scrubbed(self, value: Any) -> Any:
        """JSON-ready data about the settings, without the secrets that their file holds."""
        try:
            text = read_given(self.source).decode("utf-8", "replace") if self.source is not None else ""
        except OSError:
            text = ""
        return _scrubbed(value, text)

    def check_rules(self, rules: Mapping[str, Rule]) -> None:
        """Raise SettingsError for a name that is no rule, no group and not `all`, and for options no rule has."""
        try:
            self._check_rules(rules)
        except SettingsError as error:
            raise SettingsError(self.scrubbed(str(error))) from None

    def _check_rules(self, rules: Mapping[str, Rule]) -> None:
        for key, names in (
            ("select", self.select or ()),
            ("ignore", self.ignore),
            ("extend-select", self.extend_select),
            *((f"per-file-ignores.{pattern}", names) for pattern, names in self.per_file_ignores.items()),
        ):
            for name in names:
                if problem := unknown_rule(name, rules):
                    raise SettingsError(f"{self._place(*key.split('.', 1))}: {key}: {problem}")
        for key, keyed in (("severity", self.severity), ("rules", self.rules)):
            for name in keyed:
                if name not in rules:
                    raise SettingsError(f"{self._place(key, name)}: {key}: {unknown_rule(name, rules, groups=False)}")
        for number, item in enumerate(self.overrides):
            self._check_override(number, item, rules)
        for name, values in self.rules.items():
            self._check_options(rules[name], values)

    def _check_override(self, number: int, item: SettingsOverride, rules: Mapping[str, Rule]) -> None:
        for key, names in (("ignore", item.ignore), ("extend-select", item.extend_select), ("severity", item.severity)):
            for name in names:
                if problem := unknown_rule(name, rules, groups=key != "severity"):
                    place = self._place("overrides", str(number), key)
                    raise SettingsError(f"{place}: overrides.{number}.{key}: {problem}")

    def _check_options(self, rule: Rule, values: Mapping[str, object]) -> None:
        if rule.options is None:
            raise SettingsError(f"{self._place('rules', rule.name)}: rules.{rule.name}: this rule has no options")
        from dataclasses import fields

        known = [item.name for item in fields(rule.options)]
        for option in values:
            if option not in known:
                shown = option.replace("_", "-")
                hint = did_you_mean(shown, (name.replace("_", "-") for name in known))
                place = self._place("rules", rule.name, shown)
                raise SettingsError(f"{place}: rules.{rule.name}.{shown}: no such option{hint}")
        from nemolint.settings_model import option_problem

        if problem := option_problem(rule.options, values):
            raise SettingsError(f"{self._place('rules', rule.name, *problem.key)}: rules.{rule.name}.{problem.message}")

    def input_problems(self, project: Project) -> Iterator[str]:
        """What is wrong with inputs: of a step that the checkout lacks, or of a key that its step does not read.

        Nothing is said where there is no checkout, or where it does not tell. It is no error: another branch may have
        the step.
        """
        if project.root is None or not self.inputs:
            return
        from nemolint.base.close_matches import near_names
        from nemolint.project.checkout import STEPS

        for name in self.inputs:
            step_id, _, key = name.partition(":")
            step = project.steps.get(step_id)
            problem = ""
            if step is None:
                # A folder without a readable manifest has a finding of its own.
                if not (project.root / STEPS / step_id).exists():
                    problem = f'unknown step "{step_id}"{did_you_mean(step_id, project.steps)}'
            elif project.key_home(step, key) is False:
                close = near_names(key, project.known_keys(step), most=1)
                if close or project.is_open(step) is False:
                    hint = f' (did you mean "{close[0]}"?)' if close else ""
                    problem = f'{step_id} reads no key "{key}"{hint}'
            if problem:
                yield f'{self._place("inputs", name)}: inputs."{name}": {problem}'

    def _place(self, *key: str) -> str:
        """Where a key stands: `file:line`, the file alone, or the command line where no file holds it."""
        if self.source is None:
            return "command line"
        try:
            text = read_regular(self.source, MOST_BYTES).decode("utf-8")
        except (OSError, ValueError):
            return str(self.source)
        prefix = ("tool", "nemolint") if self.source.name == "pyproject.toml" else ()
        line = _line_of(text, (*prefix, *key))
        return f"{self.source}:{line}" if line else str(self.source)

    def show(self) -> dict[str, object]:
        """The settings under the names that the settings file uses, ready for JSON."""
        return {
            "source": None if self.source is None else str(self.source),
            "root": str(self.root),
            "select": None if self.select is None else list(self.select),
            "ignore": list(self.ignore),
            "extend-select": list(self.extend_select),
            "exclude": list(self.exclude),
            "per-file-ignores": {pattern: list(names) for pattern, names in self.per_file_ignores.items()},
            "severity": dict(self.severity),
            "env-file": None if self.env_file is None else str(self.env_file),
            "profiles": list(self.profiles),
            "nemotron": None if self.nemotron is None else str(self.nemotron),
            "inputs": dict(self.inputs),
            "rules": {name: dict(values) for name, values in self.rules.items()},
            "preset": self.preset,
            "baseline": None if self.baseline is None else str(self.baseline),
            "overrides": [
                {
                    "files": list(item.files),
                    "ignore": list(item.ignore),
                    "extend-select": list(item.extend_select),
                    "severity": dict(item.severity),
                    "preset": item.preset,
                }
                for item in self.overrides
            ],
        }


def load_settings(start: Path, explicit: Path | None = None) -> Settings:
    """The settings in force for `start`, a folder: from `explicit`, else the nearest file that has them, else defaults.

    `nemolint.toml` wins over the `pyproject.toml` beside it. Raises SettingsError for a file that cannot be used.
    """
    if explicit is not None:
        try:
            data = read_given(explicit, MOST_BYTES)
        except OSError as error:
            raise SettingsError(f"{explicit}: cannot read the settings: {error.strerror or error}") from None
        settings = _read(explicit, data)
        if settings is None:
            raise SettingsError(f"{explicit}: holds no [tool.nemolint] table")
        return settings
    for folder in (start, *start.parents):
        for name in ("nemolint.toml", "pyproject.toml"):
            file = folder / name
            try:
                data = read_regular(file, MOST_BYTES)
            except OSError:
                continue
            if (found := _read(file, data)) is not None:
                return found
    return Settings(start)


def with_command_line(
    settings: Settings,
    *,
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    env_file: Path | None = None,
    nemotron: Path | None = None,
    preset: Preset | None = None,
) -> Settings:
    """The settings with the command line on top: `--select` starts afresh, the other lists add to what is there.

    What the command line turns on stays on, whatever the settings file ignores or sets to `off`. A preset of the
    command line holds for all files, and with `--select` overrides turn nothing on.
    """
    wanted = {*(select or ()), *extend_select}
    severity = {name: level for name, level in settings.severity.items() if level != "off" or name not in wanted}
    if select is not None:
        settings = settings._replace(select=tuple(select), ignore=(), extend_select=())
        settings = settings._replace(overrides=tuple(item._replace(extend_select=()) for item in settings.overrides))
    if preset is not None:
        settings = settings._replace(overrides=tuple(item._replace(preset=None) for item in settings.overrides))
    kept = tuple(name for name in settings.ignore if name not in wanted)
    return settings._replace(
        ignore=(*kept, *ignore),
        extend_select=(*settings.extend_select, *extend_select),
        severity=severity,
        env_file=env_file or settings.env_file,
        nemotron=nemotron or settings.nemotron,
        preset=preset or settings.preset,
    )


def as_toml(table: Mapping[str, object]) -> list[str]:
    """The lines of a `nemolint.toml` that holds these settings (`_` or `-` in names): texts, lists, tables of texts."""
    import json

    named = {name.replace("_", "-"): value for name, value in table.items()}
    tables = {name: value for name, value in named.items() if isinstance(value, Mapping)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in named.items() if name not in tables]
    for name, values in tables.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items())]
    return lines


def json_schema() -> dict[str, Any]:
    """The JSON schema of a `nemolint.toml` (and of the table `[tool.nemolint]`)."""
    from nemolint.settings_model import SettingsTable

    schema = SettingsTable.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def unknown_rule(name: str, rules: Mapping[str, Rule], *, groups: bool = True) -> str | None:
    """What is wrong with a rule name, with the nearest names; None if it is a rule (or a group, or `all`)."""
    if name in rules:
        return None
    known = list(rules)
    if groups:
        of_groups = {rule.group for rule in rules.values()}
        if name == ALL or name in of_groups:
            return None
        known += [*of_groups, ALL]
    elif group := group_text(name, rules):
        return group
    return f'unknown rule "{name}"{did_you_mean(name, known)}'


def group_text(name: str, rules: Mapping[str, Rule]) -> str | None:
    """The message for a group's name in place of a rule's; None if there is no such group."""
    inside = sorted(rule.name for rule in rules.values() if rule.group == name)
    return f'"{name}" is a group, not a rule (it holds {and_list(inside)})' if inside else None


Matcher = Callable[[Path, bool], bool]


# As many patterns as settings may hold.
@lru_cache(maxsize=MOST_PATTERNS)
def _patterns(patterns: tuple[str, ...]) -> Patterns:
    from nemolint.base.gitignore import Patterns

    return Patterns(patterns)


def _name_below(root: Path, path: Path) -> str | None:
    """A path as seen from `root`, with `/`; None for `root` itself and what is outside of it."""
    if not path.is_relative_to(root):
        return None
    name = path.relative_to(root).as_posix()
    return name if name != "." else None


def matcher(root: Path, patterns: tuple[str, ...]) -> Matcher:
    """A test of absolute paths against gitignore-style patterns that count from `root`; True where one matches.

    Its second argument says whether the path is a folder. Paths outside `root` never match.
    """
    if not patterns:
        return lambda path, folder: False
    spec = _patterns(patterns)

    def matches(path: Path, folder: bool) -> bool:
        name = _name_below(root, path)
        return name is not None and spec.match(name, folder)

    return matches


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _read(file: Path, data: bytes) -> Settings | None:
    """The settings of a file, or None if it is a `pyproject.toml` without the table."""
    own = file.name != "pyproject.toml"
    if not own and b"nemolint" not in data:
        return None
    import tomli

    try:
        text = data.decode("utf-8")
        tree: dict[str, Any] = tomli.loads(text)
    except (ValueError, RecursionError) as error:
        # Somebody else's broken pyproject.toml is not ours to report.
        if not own and not _TABLE_HEADER.search(data):
            return None
        message = _scrubbed(str(error), data.decode("utf-8", "replace"))
        raise SettingsError(f"{file}: not valid TOML: {message}") from None
    prefix: tuple[str, ...] = () if own else ("tool", "nemolint")
    table: Any = tree
    for part in prefix:
        if not isinstance(table, dict) or part not in table:
            return None
        table = table[part]
    from nemolint.settings_model import validate

    model, problem = validate(table)
    if model is None:
        line = _line_of(text, (*prefix, *problem.key))
        raise SettingsError(f"{file}{f':{line}' if line else ''}: {_scrubbed(problem.message, text)}")
    return _settings(file, model)


def _scrubbed(value: Any, text: str) -> Any:
    """JSON-ready data without the secrets of the text of a settings file."""
    from nemolint.document import Document
    from nemolint.secrets import Redactor, scrubbed

    return scrubbed(value, [Redactor(Document("nemolint.toml", text, kind="toml"))])


def _settings(file: Path, table: SettingsTable) -> Settings:
    root = file.absolute().parent
    return Settings(
        root=root,
        source=file.absolute(),
        select=None if table.select is None else tuple(table.select),
        ignore=tuple(table.ignore),
        extend_select=tuple(table.extend_select),
        exclude=tuple(table.exclude),
        per_file_ignores={pattern: tuple(names) for pattern, names in table.per_file_ignores.items()},
        severity=dict(table.severity),
        env_file=None if table.env_file is None else root / table.env_file,
        profiles=tuple(table.profiles),
        nemotron=None if table.nemotron is None else root / table.nemotron,
        inputs=dict(table.inputs),
        rules={
            name: {option.replace("-", "_"): _frozen(value) for option, value in values.items()}
            for name, values in table.rules.items()
        },
        preset=table.preset,
        baseline=None if table.baseline is None else root / table.baseline,
        overrides=tuple(
            SettingsOverride(
                tuple(item.files), tuple(item.ignore), tuple(item.extend_select), dict(item.severity), item.preset
            )
            for item in table.overrides
        ),
    )


def _line_of(text: str, key: tuple[str, ...]) -> int | None:
    """The line on which a key of a valid TOML text stands: of its longest prefix that stands on a line of its own."""
    lines = _lines_of(text)
    return next((lines[key[:size]] for size in range(len(key), 0, -1) if key[:size] in lines), None)


@lru_cache(maxsize=1)
def _lines_of(text: str) -> Mapping[tuple[str, ...], int]:
    """The first line of each key and table of a valid TOML text that stands on a line of its own."""
    import tomli

    header: tuple[str, ...] = ()
    found: dict[tuple[str, ...], int] = {}
    tables: dict[tuple[str, ...], int] = {}  # how many tables of each array came so far
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        is_header = stripped.startswith("[")
        left, equals, _ = stripped.partition("=")
        if not is_header and not equals:
            continue
        try:
            path = _single_path(tomli.loads(stripped if is_header else f"{left}= 0"))
        except (ValueError, RecursionError):
            continue
        if is_header:
            if stripped.startswith("[["):
                tables[path] = tables.get(path, -1) + 1
            path = header = _numbered(path, tables)
        found.setdefault(path if is_header else header + path, number)
    return found


def _numbered(path: tuple[str, ...], tables: Mapping[tuple[str, ...], int]) -> tuple[str, ...]:
    """The path of a table with the number of the table behind the name of each array that it leads through."""
    result: list[str] = []
    for index, name in enumerate(path, 1):
        result.append(name)
        if (number := tables.get(path[:index])) is not None:
            result.append(str(number))
    return tuple(result)


def _single_path(tree: Any) -> tuple[str, ...]:
    """The keys that lead to the only leaf of a tree."""
    path: list[str] = []
    while True:
        if isinstance(tree, list) and tree:
            tree = tree[0]
        if not isinstance(tree, dict) or not tree:
            return tuple(path)
        name, tree = next(iter(tree.items()))
        path.append(name)
