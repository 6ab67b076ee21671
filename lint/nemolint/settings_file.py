"""Finds, reads and writes a settings file, locates its keys, and masks its secrets.

Pydantic validates a settings table and is imported only if there is one; the result is a `Settings`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nemolint.base.files import read_given, read_regular
from nemolint.base.patterns import lazily
from nemolint.settings import Settings, SettingsError, SettingsOverride

if TYPE_CHECKING:
    from nemolint.settings_model import SettingsTable

MOST_BYTES = 5_000_000  # of a settings file
_TABLE_HEADER = lazily(rb"^[ \t]*\[+[ \t]*[\"']?tool[\"']?[ \t]*\.[ \t]*[\"']?nemolint\b", re.MULTILINE)


def load_settings(start: Path, explicit: Path | None = None) -> Settings:
    """The settings for the folder `start`: from `explicit`, else the nearest file that has them, else defaults.

    `nemolint.toml` wins over a `pyproject.toml` in the same folder. Raises SettingsError for a file that cannot be
    used.
    """
    if explicit is not None:
        try:
            data = read_given(explicit, MOST_BYTES)
        except OSError as error:
            raise SettingsError(f"{explicit}: cannot read the settings: {error.strerror or error}") from None
        settings = _read(explicit, data)
        if settings is None:
            raise SettingsError(f"{explicit}: has no [tool.nemolint] table")
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
        # A broken pyproject.toml without our table is not our concern.
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


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


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
        steps={
            step: {
                name: _frozen(value)
                for name, value in facts.model_dump(by_alias=True, exclude_unset=True, exclude_none=True).items()
            }
            for step, facts in table.steps.items()
        },
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


def as_toml(table: Mapping[str, object]) -> list[str]:
    """The lines of a `nemolint.toml` that holds these settings (`_` or `-` in names): texts, lists, tables of texts."""
    import json

    named = {name.replace("_", "-"): value for name, value in table.items()}
    tables = {name: value for name, value in named.items() if isinstance(value, Mapping)}
    lines = [f"{name} = {json.dumps(value)}" for name, value in named.items() if name not in tables]
    for name, values in tables.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in values.items())]
    return lines


def without_secrets(settings: Settings, value: Any) -> Any:
    """JSON-ready data about the settings, with the secrets of their file masked."""
    try:
        text = read_given(settings.source).decode("utf-8", "replace") if settings.source is not None else ""
    except OSError:
        text = ""
    return _scrubbed(value, text)


def _scrubbed(value: Any, text: str) -> Any:
    """JSON-ready data with the secrets of a settings file's text masked."""
    from nemolint.document import Document
    from nemolint.secrets import Redactor, scrubbed

    return scrubbed(value, [Redactor(Document("nemolint.toml", text, kind="toml"))])


def place_of(settings: Settings, *key: str) -> str:
    """The place of a key: `file:line`, the file alone, or the command line if it is in no file."""
    if settings.source is None:
        return "command line"
    try:
        text = read_regular(settings.source, MOST_BYTES).decode("utf-8")
    except (OSError, ValueError):
        return str(settings.source)
    prefix = ("tool", "nemolint") if settings.source.name == "pyproject.toml" else ()
    line = _line_of(text, (*prefix, *key))
    return f"{settings.source}:{line}" if line else str(settings.source)


def _line_of(text: str, key: tuple[str, ...]) -> int | None:
    """The line of a key of a valid TOML text, or of its longest prefix that has a line of its own."""
    lines = _lines_of(text)
    return next((lines[key[:size]] for size in range(len(key), 0, -1) if key[:size] in lines), None)


@lru_cache(maxsize=1)
def _lines_of(text: str) -> Mapping[tuple[str, ...], int]:
    """The first line of each key and table of a valid TOML text that has a line of its own."""
    import tomli

    header: tuple[str, ...] = ()
    found: dict[tuple[str, ...], int] = {}
    tables: dict[tuple[str, ...], int] = {}  # how many tables of each array were seen
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
    """The path of a table, with an index after the name of each array of tables."""
    result: list[str] = []
    for index, name in enumerate(path, 1):
        result.append(name)
        if (number := tables.get(path[:index])) is not None:
            result.append(str(number))
    return tuple(result)


def _single_path(tree: Any) -> tuple[str, ...]:
    """The path of the only leaf of a tree."""
    path: list[str] = []
    while True:
        if isinstance(tree, list) and tree:
            tree = tree[0]
        if not isinstance(tree, dict) or not tree:
            return tuple(path)
        name, tree = next(iter(tree.items()))
        path.append(name)
