"""Env TOML files: profiles, inheritance, and what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from itertools import dropwhile

from nemolint.base.closest import Names
from nemolint.base.interpolations import is_taken, references
from nemolint.base.paths import as_posix, plain
from nemolint.base.positions import LineIndex
from nemolint.base.yaml_values import MISSING
from nemolint.project import toml_values
from nemolint.project.file_reader import UnreadableFile, read_regular
from nemolint.project.model import RESERVED, EnvFile, Place, Problem, Profile, Tree, Unresolved
from nemolint.project.overrides import Layers, is_interpolation, is_mandatory, lookup, split_key
from nemolint.project.resources import EXECUTORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.base.paths import Location

# How many profiles of one chain are followed. What comes after them is unknown.
MAX_CHAIN = 100
# How many links of all chains are followed to check inheritance: a hundred times what people write.
MAX_LINKS = 20_000
# Sections that the CLI reads for every run, whatever its profile.
READ_ALWAYS = frozenset({"wandb", "artifacts", "cli"})
RESOLVED_ALWAYS = frozenset({"wandb", "artifacts"})


def read_env_file(
    given: Location, reported: str | None = None, read: Callable[[str], bytes | None] = read_regular
) -> EnvFile:
    """The env TOML at a path, called `reported` in messages. An absent or broken file has no profiles.

    `read` gives the content of a file, None if there is none.
    """
    path = plain(given)
    name, last = reported or as_posix(path), os.path.basename(path)
    try:
        content = read(path)
        text = content.decode("utf-8") if content is not None else None
    except UnreadableFile as error:
        return _broken(name, f"{last} {error}")
    except UnicodeDecodeError as error:
        line = (content or b"").count(b"\n", 0, error.start) + 1
        return _broken(name, f"{last} is not UTF-8: save it as UTF-8", line)
    if text is None:
        return _broken(name, f"{last} does not exist")
    return parse_env_file(text, name)


def _broken(name: str, message: str, line: int = 0, column: int = 0) -> EnvFile:
    return EnvFile(name, {}, (Problem("broken-env-file", Place(name, line, column), message),), broken=True)


def parse_env_file(text: str, name: str) -> EnvFile:
    """The env TOML in `text`, called `name` in messages."""
    problems: list[Problem] = []
    if text.startswith("\ufeff"):
        problems.append(
            Problem(
                "broken-env-file",
                Place(name, 1, 1),
                "the file begins with a byte order mark, which the CLI's TOML parser rejects: save it without one",
                Place(name, 1, 2),
            )
        )
        text = f" {text[1:]}"  # a space keeps the columns
    try:
        data = toml_values.load(text)
    except toml_values.TomlError as error:
        where, line_end = _to_line_end(text, name, error)
        message = f"the file is not valid TOML, so the CLI cannot read its profiles: {error}"
        return EnvFile(name, {}, (*problems, Problem("broken-env-file", where, message, line_end)), broken=True)
    scan = toml_values.scan(text)

    def stands(*path: str, value: bool = False) -> tuple[Place, Place | None]:
        spot = scan.keys.get(path) or scan.tables.get(path)
        if spot is None:
            near = scan.nearest(path)
            return Place(name, near.line, near.column), None
        start, end = (scan.lines.position(at) for at in (spot.value if value else spot.key))
        return Place(name, start.line, start.column), Place(name, end.line, end.column)

    tables: dict[str, dict[str, Any]] = {key: value for key, value in data.items() if isinstance(value, dict)}
    places = {key: stands(key)[0] for key in tables}
    profiles = ProfileTable(tables, places.__getitem__)
    for key, path, message in profiles.faults():
        place, end = stands(key, *path, value=True)
        problems.append(Problem("broken-env-file", place, f"profile `{key}`: {message}", end, key))
    for key, reference, of_runs in profiles.unresolved():
        place, end = stands(key, *reference.path, value=True)
        message = f"`${{{reference.key}}}` names no value of the profile; for a variable write `${{oc.env:NAME}}`"
        problem = _in_section(key, RESOLVED_ALWAYS, message, place, end)
        problems.append(problem._replace(unresolved=reference, of_runs=of_runs))
    for key, table in tables.items():
        for path, message in _values_refused(table):
            place, end = stands(key, *path, value=True)
            problems.append(_in_section(key, READ_ALWAYS, message, place, end))
    refused = {problem.place for problem in problems}
    for key, table in tables.items():
        for about, message in _faults(table):
            place, end = stands(key, about, value=True)
            if place not in refused:
                fault = f"profile `{key}`: {message}"
                problems.append(Problem("broken-env-file", place, fault, end, key, at_launch=True))
    children = profiles.children()
    faulty = {problem.profile for problem in problems}
    for key in tables:
        if key in RESERVED or key in children or key in faulty:
            continue
        values = profiles.judged(key)
        if values is not None and "executor" not in values:
            place, end = stands(key)
            message = (
                f"profile `{key}` names no executor, and neither does the config, so that a launch stops; name one"
            )
            problems.append(
                Problem("broken-env-file", place, message, end, key, at_launch=True, lacks="executor", of_runs=True)
            )
    return EnvFile(name, profiles, tuple(problems), children)


def _faults(section: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong in one section: `(key, message)`, at most one per key. What is usual is not shown to pydantic."""
    executor = section.get("executor", "local")
    if (
        isinstance(executor, str)
        and (executor in EXECUTORS or is_interpolation(executor))
        and all(type(section.get(key, 1)) in (int, str) for key in ("nodes", "gpus_per_node"))
        and isinstance(section.get("env_vars", {}), dict)
        and isinstance(section.get("mounts", []), list)
    ):
        return []
    from nemolint.project import env_toml_model

    return env_toml_model.faults(section)


def _in_section(key: str, always: frozenset[str], message: str, place: Place, end: Place | None) -> Problem:
    """A value that stops the runs on a profile, or each run if its section is one of `always`."""
    if key in always:
        return Problem("broken-env-file", place, f"section `{key}`, which every run reads: {message}", end)
    return Problem("broken-env-file", place, f"profile `{key}`: {message}", end, key)


def _leaves(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The values of a section that are neither tables nor lists, by the parts of their keys, in the order written."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), table)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, key), inner) for key, inner in [*value.items()][::-1]]
        elif isinstance(value, list):
            waiting += [(path, inner) for inner in value[::-1]]
        else:
            yield path, value


def _values_refused(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The values of a section that no config can hold, by the parts of their keys."""
    for path, value in _leaves(table):
        if isinstance(value, str):
            if not is_taken(value):
                yield path, "an interpolation `${…}` is not closed or not well formed; correct it"
        elif not isinstance(value, bool | int | float):
            yield path, "the CLI does not accept a TOML date or time: write it in quotes"


def _interpolated(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The texts of a section that hold an interpolation, by the parts of their keys."""
    return ((path, value) for path, value in _leaves(table) if isinstance(value, str) and "${" in value)


def _to_line_end(text: str, name: str, error: toml_values.TomlError) -> tuple[Place, Place]:
    """From where a text stops being TOML to the end of that line."""
    lines = LineIndex(text)
    line = min(max(error.line, 1), len(lines.starts))
    last = lines.position(lines.line_span(line)[1])
    column = max(error.column, 1)
    return Place(name, line, column), Place(name, line, max(last.column, column))


class ProfileTable(Mapping[str, Profile]):
    """The profiles of some sections, by name. Each is created on first use, and shares what it inherits.

    `tables` are the sections by name; `place` gives the place of one.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Any]], place: Callable[[str], Place]) -> None:
        self._place = place
        self._own: dict[str, Mapping[str, Tree]] = {}
        self._extends: dict[str, object] = {}
        for name, table in tables.items():
            if "extends" in table:
                self._extends[name] = table["extends"]
                table = {key: value for key, value in table.items() if key != "extends"}
            self._own[name] = table
        # Whether a section's own values can be merged into those that it inherits.
        self._fits: dict[str, bool] = {}
        self._links_left = MAX_LINKS

    def judged(self, name: str) -> Layers | None:
        """The values of a profile, None where it has been asked for more than MAX_LINKS links of chains."""
        self._links_left -= len(self._chain(name)) if self._links_left > 0 else 0
        return self._values(name) if self._links_left > 0 else None

    def __getitem__(self, name: str) -> Profile:
        extends = self._extends.get(name)
        return Profile(
            name,
            self._place(name),
            self._values(name),
            extends if isinstance(extends, str) else None,
            self._chain(name),
            name in RESERVED,
        )

    def __contains__(self, name: object) -> bool:
        return name in self._own

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)

    def children(self) -> dict[str, tuple[str, ...]]:
        """The names of the profiles that extend a section directly, sorted, by the name of the section."""
        found: dict[str, list[str]] = {}
        for name in sorted(self._extends):
            parent = self._extends[name]
            if isinstance(parent, str) and parent in self._own:
                found.setdefault(parent, []).append(name)
        return {parent: tuple(names) for parent, names in found.items()}

    def _parent(self, name: str) -> str | None:
        """The existing profile that a profile extends, else None."""
        parent = self._extends.get(name)
        return parent if isinstance(parent, str) and parent in self._own else None

    def _chain(self, name: str) -> tuple[str, ...]:
        """Names from child to root, at most MAX_CHAIN."""
        chain = {name: None}
        parent = self._parent(name)
        while parent is not None and parent not in chain and len(chain) < MAX_CHAIN:
            chain[parent] = None
            parent = self._parent(parent)
        return tuple(chain)

    def _values(self, name: str) -> Layers:
        """The values of a profile merged into those of its parents, up to one that does not fit.

        The CLI would stop there; the values of the child are certain.
        """
        waiting = []
        current: str | None = name
        while current is not None and current not in self._fits:
            waiting.append(current)
            self._fits[current] = True  # ends a cycle
            current = self._parent(current)
        for current in reversed(waiting):
            parent = self._parent(current)
            if parent is not None and self._may_misfit(current):
                self._fits[current] = self._layered(parent).fits(self._own[current])
        return self._layered(name)

    def _may_misfit(self, name: str) -> bool:
        """True if a section has values of its own that may not fit those that it inherits."""
        return any(isinstance(value, dict | list) or is_interpolation(value) for value in self._own[name].values())

    def _layered(self, name: str) -> Layers:
        chain = self._chain(name)
        end = next((index for index, link in enumerate(chain, 1) if not self._fits[link]), len(chain))
        # Open where the chain continues, or is a cycle, even behind a section that does not fit.
        return Layers([self._own[link] for link in reversed(chain[:end])], partial=self._parent(chain[-1]) is not None)

    def faults(self) -> Iterator[tuple[str, tuple[str, ...], str]]:
        """What stops a run on a profile, as (section, parts of the key, message)."""
        circles = self._circles()
        names = Names(self._own)
        for name, parent in self._extends.items():
            if not isinstance(parent, str):
                yield name, ("extends",), "extends: input should be a valid string"
            elif parent not in self._own:
                close = names.close_to(parent[:80], most=1)
                hint = f"; did you mean {close[0]}?" if close else ""
                # A long name is not cut: a part of a secret might not be recognised as one.
                named = f"the unknown profile {parent!r}" if len(parent) <= 80 else "an unknown profile"
                yield name, ("extends",), f"extends {named}{hint}"
            elif name in circles:
                shown = [name]
                following: str | None = parent
                while following is not None and len(shown) < 12:
                    shown.append(following)
                    following = self._parent(following) if following != name else None
                yield name, ("extends",), f"extends itself: {' -> '.join(shown)}"
            elif self._may_misfit(name):
                inherited = self.judged(parent)
                for path, reason in inherited.conflicts(self._own[name]) if inherited is not None else ():
                    yield name, path, f"{reason}, which it inherits; give both the same form"

    def unresolved(self) -> Iterator[tuple[str, Unresolved, bool]]:
        """References that lead nowhere, by section; True with those that a section which extends it may give a key.

        Sections that every run reads are resolved by themselves, without what they extend.
        """
        children, circles = self.children(), self._circles()
        for name, own in self._own.items():
            alone = name in RESOLVED_ALWAYS
            strings = list(_interpolated(own)) if alone or name not in circles else []
            values = (own if alone else self.judged(name)) if strings else None
            if values is None:
                continue
            for path, text in strings:
                for key in dict.fromkeys(references(text, twice=not alone)):
                    parts = split_key(key)
                    value = lookup(values, parts)
                    if value is MISSING or is_mandatory(value):
                        yield name, Unresolved(path, text, key), not alone and self._below_has(name, parts[0], children)
                        break

    def _below_has(self, name: str, key: str, children: Mapping[str, tuple[str, ...]]) -> bool:
        """True if a profile that extends a section may give a key that the section does not have."""
        below = [*children.get(name, ())[: MAX_CHAIN + 1]]
        for child in below:
            if key in self._own[child] or len(below) > MAX_CHAIN:
                return True
            below += children.get(child, ())[: MAX_CHAIN + 1]
        return False

    def _circles(self) -> set[str]:
        """The profiles that extend themselves through others."""
        found: set[str] = set()
        seen: set[str] = set()
        for name in self._extends:
            path: dict[str, None] = {}
            current: str | None = name
            while current is not None and current not in seen:
                seen.add(current)
                path[current] = None
                current = self._parent(current)
            if current in path:
                found.update(dropwhile(lambda link, start=current: link != start, path))  # type: ignore[misc]
        return found
