"""The cache of one check: entries of earlier checks, and everything that its own result depends on."""

from __future__ import annotations

import os
from collections.abc import Mapping

from nemolint.base import signature
from nemolint.base.files import read_regular
from nemolint.base.paths import and_above, joined
from nemolint.cache import project_facts, replay
from nemolint.cache.entries import Entries, Entry, digest_of_settings, key_of, signatures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.project import Project
    from nemolint.project.compiled import Compiled
    from nemolint.settings import Settings, SettingsTree


class CheckCache:
    """The cache as a check uses it. `certain` is False once something was used that no signature covers."""

    def __init__(self, entries: Entries, settings: Settings, cwd: str, tree: SettingsTree) -> None:
        self.entries = entries
        self._cwd = cwd
        self._settings = settings
        self._tree = tree
        self._digests: dict[int, str] = {}
        self._folders: set[str] = set()  # of the candidates
        self.certain = True
        self._seen: dict[str, str] = {}
        self._signed: dict[str, str] = {}

    @classmethod
    def of(cls, settings: Settings, cwd: str, environ: Mapping[str, str], tree: SettingsTree) -> CheckCache:
        """The cache for checks under these settings in this folder. `tree` has the settings of each folder."""
        import sys

        from nemolint.linter.packs import packs

        cache = cls(Entries(key_of(settings, cwd, environ, packs(sys.path))), settings, cwd, tree)
        cache.entries.load()
        return cache

    def settings_of(self, path: str) -> str:
        """The digest of the settings of a file, empty if they are those of the whole check."""
        settings = self._tree.of_file(path)
        if settings is self._settings:
            return ""
        if id(settings) not in self._digests:
            self._digests[id(settings)] = digest_of_settings(settings)
        return self._digests[id(settings)]

    # -- reports of the finder

    def recall(self, path: str, given: bool) -> Entry | None:
        """The entry of a file, None if it has to be read. A file that is given by name is checked in any case."""
        entry = self.entries.recall(path)
        if entry is None or (not entry.checked and (given or entry.candidate)):
            return None
        if entry.checked and entry.settings != self.settings_of(path):
            return None
        if entry.checked:
            self._folders.add(os.path.dirname(path))
        self._signed[path] = self.entries.signature_of(path)
        return entry

    def read(self, path: str, data: bytes, candidate: bool, *, given: bool) -> None:
        """A file was read; if `given` by name, it may be a symbolic link."""
        content = signature.digest(data)
        self.entries.add(path, content, candidate)
        if candidate or given:
            self._folders.add(os.path.dirname(path))
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
            for inner in and_above(os.path.realpath(folder)):
                self.missing(os.path.join(inner, ".git"))

    def used(self, file: str) -> None:
        """The check depends on the content of this file, besides the checked ones."""
        try:
            self._seen[file] = f"{signature.FILE}{signature.digest(read_regular(file))}"
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
        depends.update(self._of_settings(begun))
        for path, seen in self._seen.items():
            depends[path] = signature.sign(path, seen[0], seen[1:], begun)
        replay.keep(key, out, err, code, {**depends, **self._signed}, utf8=utf8)

    def _of_settings(self, begun: int) -> dict[str, str]:
        """Signatures of the files that the settings came from, or could have come from."""
        # Of the folders without such a file only those matter that are above a file that was checked.
        above: set[str] = set()
        for folder in (self._cwd, *self._folders):
            while folder not in above:
                above.add(folder)
                folder = os.path.dirname(folder)
        seen = {
            path: state
            for path, state in self._tree.seen.items()
            if state not in (signature.ABSENT, signature.NOTHING) or os.path.dirname(path) in above
        }
        result = signatures(seen, begun)
        for settings in self._tree.all():
            result.update(_of_checkout(settings, begun))
        return result


def _of_checkout(settings: Settings, begun: int) -> dict[str, str]:
    """The signature of the folder of steps of the checkout that settings name."""
    if settings.nemotron is None:
        return {}
    steps = joined(settings.nemotron, "src", "nemotron", "steps")
    try:
        names = os.listdir(steps)
    except OSError:
        return {f"{steps}/": signature.UNKNOWN}
    return {f"{steps}/": signature.sign(f"{steps}/", signature.FOLDER, signature.digest_of_names(names), begun)}
