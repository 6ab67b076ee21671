"""Files of a project, for an editor: which ones exist, and what is in them."""

from __future__ import annotations

from nemolint.base.paths import joined
from nemolint.project import manifest_text
from nemolint.project.snapshot import PREFIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.project import Project
    from nemolint.project.manifest_text import ManifestText
    from nemolint.project.model import Place, Step


def file_of(place: Place, project: Project) -> str | None:
    """The file that a place is in; None for one of the bundled snapshot, and where there is none now."""
    if place.path.startswith(PREFIX):
        return None
    path = joined(project.reader.cwd, place.path)
    return path if project.reader.exists(path) else None


def text_of(path: str, project: Project) -> str | None:
    """The text of a project file with its own line endings; None if it cannot be read."""
    return project.reader.optional_text(path)


def manifest_of(step: Step, project: Project) -> tuple[str, str, ManifestText] | None:
    """The manifest of a step, its text, and what it says to people; None where none can be read."""
    path = file_of(step.place, project)
    text = text_of(path, project) if path is not None else None
    return (path, text, manifest_text.read(text)) if path is not None and text is not None else None
