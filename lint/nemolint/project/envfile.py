"""Env TOML files: profiles, inheritance, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nemolint.closest import Names
from nemolint.document import LineIndex
from nemolint.project import tomltext
from nemolint.project.config import MergeError, merge
from nemolint.project.facts import EnvFile, Place, Problem, Profile, Tree
from nemolint.project.reader import Unreadable, read_regular

RESERVED = frozenset({"wandb", "cli", "cache", "artifacts"})
MAX_CHAIN = 100
RULE = "invalid-env-file"


def read_env_file(path: Path, reported: str | None = None) -> EnvFile:
    """The env TOML at `path`, called `reported` in messages. A file that is absent or broken has no profiles."""
    name = reported or path.as_posix()
    try:
        content = read_regular(path)
        text = content.decode("utf-8") if content is not None else None
    except Unreadable as error:
        return _broken(name, f"{path.name} {error}")
    except UnicodeDecodeError as error:
        line = (content or b"").count(b"\n", 0, error.start) + 1
        return _broken(name, f"{path.name} is not UTF-8; save it as UTF-8", line)
    if text is None:
        return _broken(name, f"{path.name} is not there")
    return parse_env_file(text, name)


def _broken(name: str, message: str, line: int = 0, column: int = 0) -> EnvFile:
    return EnvFile(name, {}, (Problem(RULE, Place(name, line, column), message),))


def parse_env_file(text: str, name: str) -> EnvFile:
    """The env TOML in `text`, called `name` in messages."""
    problems: list[Problem] = []
    if text.startswith("\ufeff"):
        problems.append(
            Problem(
                RULE,
                Place(name, 1, 1),
                "the file begins with a byte order mark, which the CLI's TOML parser refuses; save it without one",
                Place(name, 1, 2),
            )
        )
        text = f" {text[1:]}"  # a space keeps the columns
    try:
        data = tomltext.load(text)
    except tomltext.TomlError as error:
        where, line_end = _to_line_end(text, name, error)
        message = f"the file is not valid TOML, so the CLI reads no profile of it: {error}"
        return EnvFile(name, {}, (*problems, Problem(RULE, where, message, line_end)))
    scan = tomltext.scan(text)

    def stands(*path: str, value: bool = False) -> tuple[Place, Place | None]:
        spot = scan.keys.get(path) or scan.tables.get(path)
        if spot is None:
            near = scan.nearest(path)
            return Place(name, near.line, near.column), None
        start, end = (scan.lines.position(at) for at in (spot.value if value else spot.key))
        return Place(name, start.line, start.column), Place(name, end.line, end.column)

    tables: dict[str, dict[str, Any]] = {key: value for key, value in data.items() if isinstance(value, dict)}
    places = {key: stands(key)[0] for key in tables}
    from nemolint.project import envmodel

    profiles, faults = resolve_profiles(tables, places, envmodel.faults)
    for key, about, message in faults:
        place, end = stands(key, about, value=True)
        problems.append(Problem(RULE, place, f"profile `{key}`: {message}", end))
    return EnvFile(name, profiles, tuple(problems))


def _to_line_end(text: str, name: str, error: tomltext.TomlError) -> tuple[Place, Place]:
    """Where a text stops being TOML, to the end of that line."""
    lines = LineIndex(text)
    line = min(max(error.line, 1), len(lines.starts))
    last = lines.position(lines.line_span(line)[1])
    column = max(error.column, 1)
    return Place(name, line, column), Place(name, line, max(last.column, column))


def resolve_profiles(
    tables: Mapping[str, Mapping[str, Any]],
    places: Mapping[str, Place],
    check: Callable[[Mapping[str, Any]], list[tuple[str, str]]] | None = None,
) -> tuple[dict[str, Profile], list[tuple[str, str, str]]]:
    """Profiles over `extends`, and faults as (table, key, message).

    `tables` are sections by name, `check` says what is wrong within one.
    """
    faults: list[tuple[str, str, str]] = []
    chains: dict[str, tuple[str, ...]] = {}
    names = Names(tables)
    for name, table in tables.items():
        chain, fault = _chain(name, tables, names)
        chains[name] = chain
        if fault:
            faults.append((name, "extends", fault))
        if check:
            faults.extend((name, key, message) for key, message in check(table))
    resolved: dict[str, Tree] = {}
    profiles = {}
    for name, table in tables.items():
        extends = table.get("extends")
        profiles[name] = Profile(
            name,
            places[name],
            _values(chains[name], tables, resolved),
            extends if isinstance(extends, str) else None,
            chains[name],
            name in RESERVED,
        )
    return profiles, faults


def _chain(name: str, tables: Mapping[str, Mapping[str, Any]], names: Names) -> tuple[tuple[str, ...], str]:
    """Names from child to root, and what breaks the chain at `name` itself. `names` are those of the tables."""
    chain = [name]
    seen = {name}
    current = name
    while "extends" in tables[current]:
        parent = tables[current]["extends"]
        if not isinstance(parent, str) or len(chain) >= MAX_CHAIN:
            return tuple(chain), ""
        if parent in seen:
            return tuple(chain), f"extends itself: {' -> '.join([*chain, parent][:12])}" if parent == name else ""
        if parent not in tables:
            if current != name:
                return tuple(chain), ""
            close = names.close_to(parent[:80], most=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            # A long name is not cut: a part of a secret could not be told as one.
            named = f"the unknown profile {parent!r}" if len(parent) <= 80 else "an unknown profile"
            return tuple(chain), f"extends {named}{hint}"
        chain.append(parent)
        seen.add(parent)
        current = parent
    return tuple(chain), ""


def _values(
    chain: tuple[str, ...], tables: Mapping[str, Mapping[str, Any]], resolved: dict[str, Tree]
) -> dict[str, Tree]:
    """The values of a profile with those of its parents below."""
    result: Tree = {}
    start = len(chain)
    for index, name in enumerate(chain):
        if name in resolved:
            result, start = resolved[name], index
            break
    for name in reversed(chain[:start]):
        own: dict[str, Tree] = {key: value for key, value in tables[name].items() if key != "extends"}
        try:
            result = merge(result, own)
        except MergeError:  # the CLI would stop here; the child's own values are what is certain
            result = own
        resolved[name] = result
    return result if isinstance(result, dict) else {}
