"""Which project the documents of a folder belong to. Each project is read once."""

from __future__ import annotations

import os
from collections.abc import Mapping

from nemolint.base.paths import and_above, joined, parent, same
from nemolint.project.compiled import Compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.project import Project
    from nemolint.settings import SettingsTree


class Projects:
    """The projects of one check. `compiled` is what is known of their files, `unsaved` has contents by path that count
    instead of those on disk; `only` is the project of all folders.
    """

    def __init__(self, tree: SettingsTree, cwd: str, environ: Mapping[str, str], only: Project | None) -> None:
        self._tree = tree
        self._cwd = cwd
        self._environ = environ
        self._only = only
        self.compiled = Compiled()
        self.unsaved: Mapping[str, bytes] = {}
        self._by_folder: dict[str, Project] = {}
        self._by_root: dict[tuple[str, int], Project] = {}

    def of(self, folder: str) -> Project:
        """The project that the documents of a folder belong to."""
        known = self._by_folder.get(folder)
        if known is None:
            known = self._by_folder[folder] = self._only or self._find(folder)
        return known

    def _find(self, folder: str) -> Project:
        from nemolint.project import Project

        if (above := self._above(folder)) is not None:
            return above
        settings = self._tree.of(folder)
        found = Project.find(
            folder,
            nemotron=settings.nemotron,
            env_file=settings.env_file,
            profiles=settings.profiles,
            inputs=settings.inputs,
            stated=settings.steps,
            cwd=self._cwd,
            environ=self._environ,
        )
        found.reader.compiled = self.compiled
        found.reader.unsaved = self.unsaved
        if found.root is None:
            return found
        # One project for all folders of one root with the same settings, so that each manifest is read once.
        kept = self._by_root.setdefault((found.root, id(settings)), found)
        kept.reader.seen.update(
            {path: state for path, state in found.reader.seen.items() if path not in kept.reader.seen}
        )
        return kept

    def _above(self, folder: str) -> Project | None:
        """The known project of a parent folder, if no other project begins in between."""
        between: list[str] = []
        settings = self._tree.of(folder)
        for ancestor in and_above(folder):
            if self._tree.of(ancestor) is not settings:
                return None
            known = self._by_folder.get(ancestor)
            if known is not None:
                if known.root is None or any(known.reader.exists(joined(item, "pyproject.toml")) for item in between):
                    return None
                return known
            between.append(ancestor)
        return None

    def by_name(self) -> dict[str, Project]:
        """The projects read so far by name, which is their root, or the folder where there is no checkout."""
        return {self.name_of(folder): project for folder, project in self._by_folder.items()}

    def name_of(self, folder: str) -> str:
        """The name of the project of a folder, which must have been requested before."""
        project = self._by_folder[folder]
        source = self._tree.of(folder).source
        # Two projects may have the same root and different settings.
        name = project.root if project.root is not None else f"{folder}{os.sep}"
        own = source is None or (project.root is not None and same(parent(source), project.root))
        return name if own else f"{name}:{source}"
