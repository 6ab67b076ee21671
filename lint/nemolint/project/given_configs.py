"""The configs and env TOMLs that an answer gives its reader, as if they were files beside the command."""

from __future__ import annotations

from nemolint.base import yaml_values
from nemolint.base.paths import is_env_file
from nemolint.project.config_paths import alias_of, is_alias, is_open, name_of
from nemolint.project.model import ConfigFile, EnvFile, Place, Step, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.document import Document, GivenConfig
    from nemolint.project.model import ConfigLookup


def given_to(document: Document, step: Step | None, written: str, found: ConfigLookup) -> GivenConfig | None:
    """The block of an answer that `-c written` means: the one of that path, or the only one where no file is found."""
    blocks = [block for block in document.documentation.configs if block.language == "yaml"]
    if not blocks or is_open(written):
        return None
    if is_alias(written):
        inside = "" if step is None else f"{step.config_dir}/{written}"
        return next((block for block in reversed(blocks) if inside and block.name.rpartition(".")[0] == inside), None)
    name = name_of(written)
    named = [block for block in blocks if name_of(block.name) == name]
    if named:
        return named[-1]
    alone = len(blocks) == 1 and not blocks[0].name
    return blocks[0] if alone and found.kind in ("missing-path", "unknowable") else None


def place_of(document: Document, block: GivenConfig) -> Place:
    """The line of an answer on which the text of a block begins."""
    return Place(document.path, document.lines.position(block.map.outer_start(0)).line, 1)


def config_file(document: Document, block: GivenConfig, written: str, step: Step | None) -> ConfigFile:
    """A block as the config that `-c written` names. Its `tree` is None if that cannot be known."""
    place = place_of(document, block)
    try:
        tree = yaml_values.load(block.map.text)
    except yaml_values.YamlError:
        tree = None
    if not isinstance(tree, dict):
        return ConfigFile(written, place)
    if "defaults" in tree:
        return ConfigFile(written, place, _inherited(tree, step))
    return ConfigFile(written, place, tree)


def _inherited(tree: dict[str, Tree], step: Step | None) -> dict[str, Tree] | None:
    """The tree of a config that inherits one of its step, None where it inherits another."""
    from nemolint.project.overrides import MergeError, merge

    items = tree["defaults"]
    names = [items] if isinstance(items, str) else items
    own = {key: value for key, value in tree.items() if key != "defaults"}
    base: Tree = {}
    for name in names if isinstance(names, list) else [None]:
        if name == "_self_":
            continue
        alias = alias_of(name) if isinstance(name, str) else ""
        inherited = step.configs[alias].tree if step is not None and alias in step.configs else None
        if inherited is None:
            return None
        try:
            base = merge(base, dict(inherited))
        except MergeError:
            return None
    try:
        merged = merge(base, own)
    except MergeError:
        return None
    return merged if isinstance(merged, dict) else None


def env_file(document: Document, name: str) -> EnvFile | None:
    """The env TOML called `name` that an answer gives; None if it gives none."""
    wanted = name_of(name)
    for block in reversed(document.documentation.configs):
        own = name_of(block.name)
        if block.language != "toml" or (own and own != wanted):
            continue
        file = _parsed(document, block)
        if file.profiles:
            return file
    return None


def _parsed(document: Document, block: GivenConfig) -> EnvFile:
    """A block as an env TOML; lines in front keep those of the answer."""
    from nemolint.project.env_toml import parse_env_file

    return parse_env_file("\n" * (place_of(document, block).line - 1) + block.map.text, document.path)


def env_files(document: Document) -> Iterator[EnvFile]:
    """The env TOMLs that an answer gives, with what is wrong in them whatever else the reader's file holds.

    A section that the answer runs on counts as one that each run reads.
    """
    used = {run.profile.text for run in document.runs if run.profile is not None and run.role != "mention"}
    for block in document.documentation.configs:
        if block.language != "toml" or (block.name and not is_env_file(block.name)):
            continue
        file = _parsed(document, block)
        if not block.name and used.isdisjoint(file.profiles):
            continue  # of something else

        column = document.lines.position(block.map.outer_start(0)).column

        def moved(place: Place, indent: int = column - 1) -> Place:
            return place._replace(column=place.column + indent)

        yield file._replace(
            problems=tuple(
                problem._replace(
                    place=moved(problem.place),
                    end=moved(problem.end) if problem.end is not None else None,
                    profile="" if problem.profile in used else problem.profile,
                )
                for problem in file.problems
                if problem.at_launch and not problem.lacks
            )
        )
