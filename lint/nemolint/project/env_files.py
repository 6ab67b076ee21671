"""Which env TOML the CLI reads, which others there are, and what the generator step would write."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache, partial

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import and_above, below, joined, parent, plain, root_of
from nemolint.project import checkout
from nemolint.project.file_reader import FileReader
from nemolint.project.model import (
    MISSING,
    ConfigFile,
    EnvFile,
    EnvInForce,
    Place,
    Problem,
    Profile,
    Step,
    Unresolved,
)
from nemolint.project.overrides import is_mandatory, lookup, split_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document

VARIABLE = "NEMOTRON_ENV_FILE"
ARTIFACT = "env_toml"
_MAX_KEPT = 4_096


class Profiles:
    """The profiles of one project. `setting` is what `--env-file` or the setting names."""

    def __init__(self, reader: FileReader, root: str | None, setting: str | None, environ: Mapping[str, str]) -> None:
        self._reader = reader
        self._root = root
        self._setting = setting
        self._environ = environ
        self._files: dict[str, EnvFile] = {}
        self._used: dict[str, EnvFile] = {}
        self._found = lru_cache(maxsize=_MAX_KEPT)(self._find)
        self._nearest: dict[str, str | None] = {}  # what `_upward` finds

    def file(self, path: str) -> EnvFile:
        """An env TOML, read once."""
        if path not in self._files:
            from nemolint.project import env_toml

            self._files[path] = env_toml.read_env_file(path, self._reader.report(path), self._reader.raw)
        return self._files[path]

    def in_force(self, exported: str | None, document: Document | None) -> EnvInForce:
        """What the CLI would read for a command in `document`."""
        found = self._found(exported, self._folder(document))
        if document is not None and document.answer and document.documenting is not None:
            name = exported or found.missing or (found.file.path if found.file is not None else "env.toml")
            if (given := self._given(document, name)) is not None:
                return EnvInForce(given, "the env TOML of this answer")
        if found.file is not None:
            self._used[found.file.path] = found.file
        return found

    def _given(self, document: Document, name: str) -> EnvFile | None:
        """The env TOML of that name that an answer gives its reader."""
        at = ("env TOML", name)
        if at not in document.memo:
            from nemolint.project import given_configs

            document.memo[at] = given_configs.env_file(document, name)
        given: EnvFile | None = document.memo[at]
        return given

    def _find(self, exported: str | None, folder: str) -> EnvInForce:
        if self._setting is not None:
            return self._named(self._setting, "--env-file or the setting env-file", [self._reader.cwd])
        places = [*([self._root] if self._root else []), folder, self._reader.cwd]
        if exported is not None:
            return self._named(exported, f"{VARIABLE}, exported in the same file", places, folder)
        variable = self._environ.get(VARIABLE)
        if variable:
            return self._named(variable, f"{VARIABLE} in the environment", [self._reader.cwd])
        path = self._upward(folder)
        if path is None:
            return EnvInForce()
        # Whether it is a link matters to what is remembered, too.
        if self._leads_out(path, folder) and os.path.islink(path):
            return EnvInForce(how="env.toml, a link to outside of the tree", unknowable=True)
        return EnvInForce(self.file(path), "env.toml, found upward from the file")

    def _upward(self, folder: str) -> str | None:
        """The env.toml in a folder or the nearest one above it, up to that of a pyproject.toml."""
        found: str | None = None
        passed: list[str] = []
        for current in and_above(folder):
            if current in self._nearest:
                found = self._nearest[current]
                break
            passed.append(current)
            path = joined(current, "env.toml")
            if self._reader.exists(path):
                found = path
                break
            if self._reader.exists(joined(current, "pyproject.toml")):
                break
        self._nearest.update(dict.fromkeys(passed, found))
        return found

    def _folder(self, document: Document | None) -> str:
        if document is not None and document.absolute:
            return parent(document.absolute)
        return self._reader.cwd

    def _leads_out(self, path: str, folder: str) -> bool:
        """Whether a file is outside of the checkout, the repository and the working directory.

        A document cannot have such a file read: a checked tree must not reach the files of the user who checks it.
        """
        real = self._reader.target(path)
        return not any(below(real, os.path.realpath(top)) for top in self._tops(folder))

    def _tops(self, folder: str) -> tuple[str, str]:
        """The checkout, or the repository of a folder, and the working directory."""
        return self._root or root_of(folder), self._reader.cwd

    def _named(self, text: str, how: str, places: list[str], within: str | None = None) -> EnvInForce:
        """The file that a name refers to, tried from several folders.

        `within` is the folder of the document that names it, None if the user does.
        """
        if not text or "$" in text or "\0" in text or text.startswith("~"):
            return EnvInForce(how=how, unknowable=True)
        for folder in places:
            path = joined(folder, text)
            if self._reader.exists(path):
                if within is not None and self._leads_out(path, within):
                    return EnvInForce(how=how, unknowable=True)
                return EnvInForce(self.file(path), how)
        path = plain(text)
        if os.path.isabs(path) and not any(below(path, folder) for folder in places):
            return EnvInForce(how=how, unknowable=True)
        name = os.path.basename(path)
        if within is not None and any(checkout.ignored(self._reader, top, name) for top in self._tops(within)):
            return EnvInForce(how=how, unknowable=True)
        return EnvInForce(how=how, missing=text)

    @cached_property
    def candidates(self) -> tuple[EnvFile, ...]:
        """`env.*.toml` of the root; without a checkout, of the working directory."""
        root = self._root or self._reader.cwd
        paths = [joined(root, name) for name in self._reader.matching(root, "env.*.toml")]
        return tuple(self.file(path) for path in paths if self._reader.exists(path))

    def used(self, path: str) -> EnvFile | None:
        """The env TOML with that reported path that was used for a command."""
        return self._used.get(path)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the env TOML that a setting names, and with those that were used for a command."""
        files = dict(self._used)
        if self._setting is not None:
            file = self.file(joined(self._reader.cwd, self._setting))
            files[file.path] = file
        return tuple(problem for file in files.values() for problem in file.problems)


def is_unresolved(reference: Unresolved, profile: Profile) -> bool:
    """True if a profile holds a value with a reference, and nothing that this leads to."""
    value = lookup(profile.values, reference.path)
    if value != reference.text and not (isinstance(value, list) and any(text == reference.text for text in value)):
        return False  # a section that extends the one with the reference has another value
    found = lookup(profile.values, split_key(reference.key))
    return found is MISSING or is_mandatory(found)


class Generated(NamedTuple):
    """What one config of the generator writes: the file's name and its profiles."""

    alias: str
    output: str | None
    profiles: Mapping[str, Profile]


def generated(steps: Mapping[str, Step], place: Callable[[ConfigFile, str], Place]) -> tuple[Generated, ...]:
    """What the step that produces env TOML files writes, one entry for each of its configs.

    `place` gives the place of a key of a config.
    """
    from nemolint.project import env_toml

    result = []
    for step in steps.values():
        if not any(artifact.type == ARTIFACT for artifact in step.produces):
            continue
        for alias, config in step.configs.items():
            sections = (config.tree or {}).get("sections")
            if not isinstance(sections, dict):
                continue
            tables = {name: table for name, table in sections.items() if isinstance(table, dict)}
            profiles = env_toml.ProfileTable(tables, partial(_section, place, config))
            output = (config.tree or {}).get("output_path")
            result.append(Generated(alias, output if isinstance(output, str) else None, profiles))
    return tuple(result)


def _section(place: Callable[[ConfigFile, str], Place], config: ConfigFile, name: str) -> Place:
    return place(config, f"sections.{name}")
