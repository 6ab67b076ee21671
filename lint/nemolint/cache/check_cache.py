"""The cache of one check: entries of earlier checks, and everything that its own result depends on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nemolint.base import signature
from nemolint.base.files import NotRegular, read_regular
from nemolint.cache import project_facts, replay
from nemolint.cache.entries import Entries, Entry, key_of, signatures

if TYPE_CHECKING:
    from nemolint.project import Project
    from nemolint.project.compiled import Compiled
    from nemolint.settings import Settings


class CheckCache:
    """The cache as a check uses it. `certain` is False once something was used that no signature covers."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries
        self.certain = True
        self._seen: dict[str, str] = {}
        self._signed: dict[str, str] = {}

    @classmethod
    def of(cls, settings: Settings, cwd: Path, environ: Mapping[str, str]) -> CheckCache:
        """The cache for checks under these settings in this folder."""
        import sys

        from nemolint.linter.packs import packs

        cache = cls(Entries(key_of(settings, cwd, environ, packs(sys.path))))
        cache.entries.load()
        cache._signed.update(_of_settings(settings, cwd, cache.entries.begun))
        return cache

    # -- reports of the finder

    def recall(self, path: str, given: bool) -> Entry | None:
        """The entry of a file, None if it has to be read. A file that is given by name is checked in any case."""
        entry = self.entries.recall(path)
        if entry is None or (not entry.checked and (given or entry.candidate)):
            return None
        self._signed[path] = self.entries.signature_of(path)
        return entry

    def read(self, path: str, data: bytes, candidate: bool, *, given: bool) -> None:
        """A file was read; if `given` by name, it may be a symbolic link."""
        content = signature.digest(data)
        self.entries.add(path, content, candidate)
        self._seen[path] = f"{signature.FILE if given else signature.LISTED}{content}"

    def passed_over(self, path: str) -> None:
        """The path is not a regular file."""
        self._seen[path] = signature.OTHER

    def missing(self, path: str) -> None:
        """The path does not exist."""
        self._seen[path] = signature.NOTHING

    def walked(self, folder: str, names: list[str]) -> None:
        """A folder was listed."""
        self._seen[folder] = f"{signature.FOLDER}{signature.digest_of_names(names)}"

    def asked_git(self, folder: str, code: int, output: bytes) -> None:
        """git was asked for the files of a folder."""
        if code == 0:
            self._signed[os.path.join(folder, "")] = replay.of_git(code, output)
        else:
            real = Path(os.path.realpath(folder))
            for parent in (real, *real.parents):
                self.missing(str(parent / ".git"))

    def used(self, file: Path) -> None:
        """The check depends on the content of this file, besides the checked ones."""
        try:
            self._seen[str(file)] = f"{signature.FILE}{signature.digest(read_regular(file))}"
        except OSError:
            self.certain = False

    # -- at the end

    @property
    def looked_at(self) -> int:
        """How many files were read that had no entry yet."""
        return len(self._seen)

    def compiled(self) -> Compiled:
        """The compiled project files of earlier checks."""
        from nemolint.project.compiled import Compiled

        return Compiled(project_facts.load(self.entries.key))

    def save(self, projects: Mapping[str, Project], compiled: Compiled | None) -> None:
        """Write the entries and the compiled project files."""
        self.entries.save(projects)
        if compiled is not None and compiled.new:
            project_facts.save(self.entries.key, compiled.used, compiled.new)

    def keep(
        self, key: replay.Key, out: str, err: str, code: int, projects: Mapping[str, Project], *, utf8: bool
    ) -> None:
        """Write the whole invocation, if everything that it depended on is known."""
        if not self.certain:
            return
        begun = self.entries.begun
        depends = self.entries.depends()
        for project in projects.values():
            depends.update(signatures(project.reader.seen, begun))
        for path, seen in self._seen.items():
            depends[path] = signature.sign(path, seen[0], seen[1:], begun)
        replay.keep(key, out, err, code, {**depends, **self._signed}, utf8=utf8)


def _of_settings(settings: Settings, cwd: Path, begun: int) -> dict[str, str]:
    """Signatures of the files that the settings came from, or could have come from."""
    names: list[Path] = []
    for folder in (cwd, *cwd.parents):
        names += (folder / "nemolint.toml", folder / "pyproject.toml")
        if settings.source in names:
            break
    if settings.source is not None and settings.source not in names:
        names.append(settings.source)
    result = {}
    for path in names:
        try:
            content = signature.digest(read_regular(path))
        except NotRegular:  # a pipe has different content each time
            result[str(path)] = signature.UNKNOWN if path == settings.source else signature.ABSENT
            continue
        except OSError:
            content = None
        if content is None:
            result[str(path)] = signature.ABSENT
        else:
            result[str(path)] = signature.sign(str(path), signature.FILE, content, begun)
    if settings.nemotron is not None:
        steps = settings.nemotron / "src" / "nemotron" / "steps"
        try:
            names_there = os.listdir(steps)
        except OSError:
            result[f"{steps}/"] = signature.UNKNOWN
        else:
            content = signature.digest_of_names(names_there)
            result[f"{steps}/"] = signature.sign(f"{steps}/", signature.FOLDER, content, begun)
    return result
