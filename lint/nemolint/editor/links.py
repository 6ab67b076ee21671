"""Document links: the files of the project that the runs of a document name."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple
from nemolint.editor.definition import config_of, project_file
from nemolint.editor.place import env_file_values, parts
from nemolint.editor.project_files import file_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.document import Document
    from nemolint.invocation import Value
    from nemolint.project import Project


class Link(NamedTuple):
    """`start:end` of the document's text (code points) names the file at `path`; `title` says what it is."""

    start: int
    end: int
    path: str
    title: str


def links(document: Document, project: Project) -> tuple[Link, ...]:
    """The manifests, configs, env TOMLs and other project files that runs name, where they exist, by their place."""
    found = {(link.start, link.end): link for link in _links(document, project)}
    return tuple(found[at] for at in sorted(found))


def _links(document: Document, project: Project) -> Iterator[Link]:
    named: dict[str, str | None] = {}

    def file_called(value: Value | None) -> str | None:
        if value is None or not value.known or not ("/" in value.text or "." in value.text):
            return None
        if value.text not in named:
            named[value.text] = project_file(document, value.text, project)
        return named[value.text]

    for part in parts(document):
        path: str | None = None
        title = "a file of the project"
        if part.word.derived:
            continue
        if part.kind == "step" and (step := project.step_of(part.run)) is not None:
            path, title = file_of(step.place, project), f"the manifest of {step.id}"
        elif part.kind == "config" and (config := config_of(part, project)) is not None:
            if config.place.path != document.path:  # else it is given in the document itself
                path, title = file_of(config.place, project), "the config"
        elif part.kind == "value":
            path = file_called(part.value)
        if path is not None:
            yield Link(part.start, part.end, path, title)
    for command in document.commands if document.can_run else ():
        for word, value in env_file_values(command):
            if not word.derived and (path := file_called(value)) is not None:
                yield Link(*value.span.file_span(), path, "the env file")
