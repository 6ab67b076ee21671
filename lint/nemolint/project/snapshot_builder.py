"""Builds a snapshot, the catalog of a checkout as JSON: `nemolint catalog --build CHECKOUT`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping

from nemolint.base.paths import joined, parent, plain
from nemolint.project import checkout, codec, known, runner
from nemolint.project.compiled import Compiled
from nemolint.project.configs import ConfigLoader
from nemolint.project.facts_model import compile_facts
from nemolint.project.file_reader import FileReader
from nemolint.project.model import UNKNOWN, Header, Step, Tree
from nemolint.project.snapshot import FORMAT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.base.paths import Location

MAX_TEXT = 200
MAX_SPACES = 5


def build_snapshot(given: Location, date: str) -> dict[str, Any]:
    """What a checkout says, dated `date` (ISO 8601), and the facts of `facts/*.toml`.

    Raises ValueError if there is none.
    """
    root = joined(os.getcwd(), given)  # what is read is named as seen from it
    facts = compile_facts()
    runners = known.runners_of(facts["runners"])
    reader = FileReader(root)
    reader.compiled = Compiled(shipped=False)
    modules: runner.Modules = {}
    found = checkout.read_steps(reader, ConfigLoader(reader), root, {})
    if not found:
        raise ValueError(f"{plain(given)} has no steps")
    folder = checkout.steps_folder(root)
    code = {
        step.id: runner.closure(reader, folder, joined(parent(joined(root, step.place.path)), "step.py"), modules)
        for step in found.values()
    }
    reads = {name: None if own is None else runner.reads(reader, folder, own, modules) for name, own in code.items()}
    data = {
        "format": FORMAT,
        "date": date,
        "steps": {step.id: _encode_step(step, code[step.id], runners) for step in found.values()},
        "configs": {step.id: _encode_configs(step) for step in found.values()},
        "reads": {name: codec.READS.encode(found) for name, found in reads.items()},
        "types": codec.TYPES.encode(dict(sorted(checkout.read_types(reader, root).items()))),
        "facts": facts["runners"],
        "sources": facts["sources"],
    }
    return {**data, "compiled": dict(_compiled(reader.compiled.used, data))}


def _encode_step(step: Step, code: runner.Closure | None, runners: Iterable[known.Runner]) -> dict[str, Any]:
    """A step as the snapshot holds it: manifest and header, and its runner."""
    folder = step.place.path.removesuffix("/step.toml")
    parameters = (entry._replace(default=_without_prose(entry.default)) for entry in step.parameters)
    header = Header(step.resources, step.config_dir.removeprefix(f"{folder}/"), step.default_config)
    result = {
        "folder": folder,
        "manifest": codec.STEP.encode(step._replace(parameters=tuple(parameters))),
        "header": codec.HEADER.encode(header),
    }
    if code is None:
        return result
    return {**result, "runner": known.by_code(code.own, code.imports, runners)}


def _encode_configs(step: Step) -> dict[str, Any]:
    """The configs of a step after inheritance."""
    trees = {alias: config.tree for alias, config in step.configs.items()}
    return {alias: codec.CONFIG.encode(_without_prose(dict(tree))) for alias, tree in trees.items() if tree is not None}


def _compiled(used: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The facts that a build `used` and that are shipped: where they are in the snapshot, or their form.

    No config with prose, and nothing with a long text.
    """
    places = {json.dumps(form): place for place, form in _places(data)}
    for key, form in used.items():
        kind = key.partition(" ")[0]
        place = places.get(json.dumps(form))
        if place is not None:
            yield key, place
        elif kind in (codec.STEP.name, codec.HEADER.name, codec.TYPES.name, codec.CODE.name, codec.READS.name):
            if all(len(text) <= MAX_TEXT for text in _texts(form)):
                yield key, form
        elif kind == codec.CONFIG.name and isinstance(form, dict) and not any(map(_is_prose, _texts(form))):
            yield key, form


def _places(data: Mapping[str, Any]) -> Iterator[tuple[list[str], Any]]:
    """The forms of facts that a snapshot holds, each with the names that lead to it."""
    yield ["types"], data["types"]
    for step_id, step in data["steps"].items():
        yield ["steps", step_id, "manifest"], step["manifest"]
        yield ["steps", step_id, "header"], step["header"]
        yield ["reads", step_id], data["reads"][step_id]
        for alias, form in data["configs"][step_id].items():
            yield ["configs", step_id, alias], form


def _without_prose(value: Tree) -> Tree:
    """A value with UNKNOWN in place of each text that is more than a word."""
    if isinstance(value, dict):
        return {key: _without_prose(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_prose(item) for item in value]
    return UNKNOWN if isinstance(value, str) and _is_prose(value) else value


def _is_prose(text: str) -> bool:
    return len(text) > MAX_TEXT or text.count(" ") > MAX_SPACES or "\n" in text.strip()


def _texts(form: Any) -> Iterator[str]:
    """All texts in a JSON value, but those that are names in it."""
    if isinstance(form, str):
        yield form
    elif isinstance(form, dict | list):
        for item in form.values() if isinstance(form, dict) else form:
            yield from _texts(item)


def dump(data: Mapping[str, Any]) -> str:
    """The text of a snapshot file: steps sorted, one per line, so that a change gives a small diff.

    Keys keep their order, in which findings list those of a config.
    """

    def compact(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    lines = ["{"]
    sections = sorted(data)
    for section in sections:
        comma = "," if section != sections[-1] else ""
        value = data[section]
        if isinstance(value, Mapping):
            lines.append(f"{json.dumps(section)}:{{")
            entries = [f"{json.dumps(key)}:{compact(item)}" for key, item in sorted(value.items())]
            lines.append(",\n".join(entries))
            lines.append(f"}}{comma}")
        else:
            lines.append(f"{json.dumps(section)}:{compact(value)}{comma}")
    lines.append("}")
    return "\n".join(lines) + "\n"
