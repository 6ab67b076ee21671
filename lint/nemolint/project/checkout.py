"""The steps of a checkout, from their manifests, headers and configs."""

from __future__ import annotations

import os
from collections.abc import Mapping

from nemolint.base import signature
from nemolint.base.paths import and_above, joined, parent, same
from nemolint.project import codec
from nemolint.project.compiled import InvalidManifest
from nemolint.project.configs import ConfigLoader, configs_of
from nemolint.project.file_reader import FileReader
from nemolint.project.model import ArtifactType, Header, Place, Step

STEPS = "src/nemotron/steps"


def steps_folder(root: str) -> str:
    """The folder of the steps of a checkout."""
    return joined(root, STEPS)


def is_checkout(folder: str) -> bool:
    """True if `folder` is the root of a checkout of the catalog."""
    return os.path.isfile(joined(folder, "pyproject.toml")) and os.path.isdir(steps_folder(folder))


def find_root(start: str) -> str | None:
    """The first folder from `start` upward that is a checkout."""
    return next(filter(is_checkout, and_above(start)), None)


def note_root(reader: FileReader, start: str, root: str | None) -> None:
    """Record what `find_root` looked for: a file or folder that appears there changes the root."""
    for folder in and_above(start):
        if reader.exists(joined(folder, "pyproject.toml")):
            if root is not None and same(folder, root):
                return
            reader.seen[steps_folder(folder)] = signature.NOTHING


def read_steps(reader: FileReader, loader: ConfigLoader, root: str, fallback: Mapping[str, Step]) -> dict[str, Step]:
    """The steps below `root` by id. `fallback` replaces `step.py` in a checkout without code."""
    result: dict[str, Step] = {}
    for path in reader.find(steps_folder(root), "step.toml"):
        step = _read_step(reader, loader, path, fallback)
        if step is not None:
            result[step.id] = step
    return dict(sorted(result.items()))


def _read_step(reader: FileReader, loader: ConfigLoader, path: str, fallback: Mapping[str, Step]) -> Step | None:
    text = reader.optional_text(path)
    if text is None:
        return None
    folder = parent(path)
    name, category = os.path.basename(folder), os.path.basename(parent(folder))

    def make() -> Step:
        from nemolint.project import manifest

        return manifest.read_step(text, name, category)

    try:
        step = reader.compiled.get(codec.STEP, f"{category}/{name}\n{text}", make)
    except InvalidManifest as error:
        reader.problem(path, f"step.toml {error}: the step is ignored until it is fixed", error.line, error.column)
        return None
    step = step._replace(place=Place(reader.report(path), step.place.line))
    script = joined(folder, "step.py")
    header = _header(reader, script)
    config_dir = joined(folder, (header or Header()).config_dir)
    if header is not None:
        step = step._replace(resources=header.resources, default_config=header.default_config)
    else:
        known = fallback.get(step.id)
        if known is not None and not reader.exists(script):
            step = step._replace(
                resources=known.resources,
                default_config=known.default_config,
                reads=known.reads,
                runner=known.runner,
            )
    return step._replace(configs=configs_of(loader, config_dir), config_dir=reader.report(config_dir))


def _header(reader: FileReader, path: str) -> Header | None:
    text = reader.optional_text(path)
    if text is None:
        return None

    def make() -> Header | None:
        from nemolint.project import manifest

        return manifest.read_header(text)

    try:
        return reader.compiled.get(codec.HEADER, text, make)
    except InvalidManifest as error:
        reader.problem(path, f"step.py {error}: fix it", error.line, error.column)
        return None


def read_types(reader: FileReader, root: str) -> Mapping[str, ArtifactType]:
    """The artifact types of a checkout by name; empty if `types.toml` is absent or broken."""
    path = joined(steps_folder(root), "types.toml")
    text = reader.optional_text(path)
    if text is None:
        return {}

    def make() -> Mapping[str, ArtifactType]:
        from nemolint.project import manifest

        return manifest.read_types(text)

    try:
        return reader.compiled.get(codec.TYPES, text, make)
    except InvalidManifest as error:
        reader.problem(path, f"types.toml {error}: fix it", error.line, error.column)
        return {}


def hidden_by_gitignore(reader: FileReader, root: str, step_id: str) -> bool:
    """True if the root's `.gitignore` would keep the folder of such a step out of git."""
    if "\0" in step_id or len(step_id) > 200:
        return False
    return ignored(reader, root, f"{STEPS}/{step_id}/step.toml")


def ignored(reader: FileReader, root: str, path: str) -> bool:
    """True if the root's `.gitignore` would keep a file out of git. `path` is relative to the root."""
    text = reader.optional_text(joined(root, ".gitignore"))
    if text is None:
        return False

    def make() -> bool:
        from nemolint.base.gitignore import IgnorePatterns

        return IgnorePatterns(text.splitlines()).match(path, False)

    return reader.compiled.get(codec.IGNORED, f"{path}\n{text}", make)
