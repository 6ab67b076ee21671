"""Go to definition: where what a run names is written, in the document or in a file of the project."""

from __future__ import annotations

from nemolint.analysis.profile_in_force import profile_named
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import joined, parent
from nemolint.base.positions import LineIndex
from nemolint.editor.place import parts_at
from nemolint.editor.project_files import file_of, manifest_of, text_of
from nemolint.invocation import Value
from nemolint.project.model import MISSING
from nemolint.project.overrides import join_key, lookup, split_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.document import Document, Span
    from nemolint.editor.place import RunPart
    from nemolint.project import Project
    from nemolint.project.model import ConfigFile, Place, Profile, Step

_LONGEST_PATH = 1_000
_MOST_PARTS = 50  # an array may hold any number at one place


class Target(NamedTuple):
    """Where something is written: `start:end` of the file's `text`, in code points.

    `path` is absolute, None for the document itself.
    """

    path: str | None
    text: str
    start: int
    end: int


class Definition(NamedTuple):
    """Where the part `start:end` of the document's text leads."""

    start: int
    end: int
    target: Target


def definitions(document: Document, offset: int, project: Project) -> tuple[Definition, ...]:
    """Where what is at `offset`, a code point of the document's text, is written; empty outside runs.

    The places are in the document (for what comes from a variable) and in files that exist, in this order.
    """
    found: dict[Definition, None] = {}
    for part in parts_at(document, offset)[:_MOST_PARTS]:
        targets = [*_origins(part), *targets_of(part, project)]
        found.update((Definition(part.start, part.end, target), None) for target in targets)
    return tuple(found)


def targets_of(part: RunPart, project: Project) -> Iterator[Target]:
    """The files, and places in them, that a part of a run names."""
    run = part.run
    step = project.step_of(run)
    match part.kind:
        case "step" if step is not None and (manifest := manifest_of(step, project)) is not None:
            yield Target(manifest[0], manifest[1], *manifest[2].id)
        case "config" if (config := config_of(part, project)) is not None:
            yield from _of_place(run.document, config.place, project)
        case "profile" if (profile := profile_of(part, project)) is not None:
            yield from _of_place(run.document, profile.place, project, profile.name)
        case "key" if part.override is not None:
            yield from _of_key(run.document, part.override.key, step, project.config_of(run), project)
        case "value" | "env-file" | "passthrough":
            value = part.value or Value(part.word)
            path = project_file(run.document, value.text, project) if value.known else None
            if path is not None:
                yield Target(path, text_of(path, project) or "", 0, 0)


def config_of(part: RunPart, project: Project) -> ConfigFile | None:
    """The config that the value of a `-c` names, if it can be known, whether or not a later one counts."""
    if part.value is None or not part.value.known or not part.value.text:
        return None
    return project.config(project.step_of(part.run), part.value.text, part.run.document)


def profile_of(part: RunPart, project: Project) -> Profile | None:
    """The profile that the value of a `--run` or `--batch` names, if it can be known."""
    if part.value is None or not part.value.known or not part.value.text:
        return None
    return profile_named(part.run, part.value.text, project)


def project_file(document: Document, written: str, project: Project) -> str | None:
    """The existing file that a relative path names, from the checkout, the working directory or the document's folder.

    None for one that leads out of these folders.
    """
    if not written or len(written) > _LONGEST_PATH or "\0" in written:
        return None
    if written.startswith("/") or ".." in written.split("/"):
        return None
    near = parent(document.absolute) if document.absolute else None
    for folder in (project.root, project.reader.cwd, near):
        if folder is not None and project.reader.exists(path := joined(folder, written)):
            return path
    return None


def _origins(part: RunPart) -> Iterator[Target]:
    """Where the characters of a word are written that stand elsewhere in the document."""
    document = part.run.document
    origin = part.word.origin
    if origin is not None:
        yield Target(None, document.text, *_sub(origin, part, part.word.value).file_span())


def _sub(origin: Span, part: RunPart, value: str) -> Span:
    """The part of a value in the place where the whole value is written."""
    if part.value is not None and part.value.offset and origin.text == value:
        return origin.sub(part.value.offset, len(value))
    return origin


def _of_key(
    document: Document, key: str, step: Step | None, config: ConfigFile | None, project: Project
) -> Iterator[Target]:
    """Where the config sets a key, and where the manifest describes it."""
    name = join_key(split_key(key))
    if config is not None and config.tree is not None and lookup(config.tree, split_key(key)) is not MISSING:
        yield from _of_place(document, project.position(config, name), project, name.rpartition(".")[2])
    manifest = manifest_of(step, project) if step is not None else None
    if manifest is not None and name in manifest[2].places:
        path, text, described = manifest
        yield Target(path, text, *described.places[name])


def _of_place(document: Document, place: Place, project: Project, name: str = "") -> Iterator[Target]:
    """A place that the project reports, with the `name` that is there."""
    path = None
    text: str | None = document.text
    if place.path != document.path:
        path = file_of(place, project)
        text = text_of(path, project) if path is not None else None
    if text is None:
        return
    lines = LineIndex(text)
    line = min(max(place.line, 1), len(lines.starts))
    start = min(lines.offset(line, max(place.column, 1)), len(text))
    at = text.find(name, start, lines.line_span(line)[1]) if name else -1
    yield Target(path, text, at, at + len(name)) if at >= 0 else Target(path, text, start, start)
