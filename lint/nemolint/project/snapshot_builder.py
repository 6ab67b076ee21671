"""Builds a snapshot, the catalog of a checkout as JSON: `nemolint catalog --build CHECKOUT`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nemolint.project import checkout, runner
from nemolint.project.compiled import Compiled
from nemolint.project.configs import ConfigLoader
from nemolint.project.file_reader import FileReader
from nemolint.project.model import UNKNOWN, Step
from nemolint.project.snapshot import FORMAT, SET_TO_UNKNOWN

MAX_TEXT = 200
MAX_SPACES = 5
# Kinds of project files of which the snapshot holds what they compile to. Trees of configs it holds already.
_COMPILED = frozenset({"step", "header", "types", "code"})


def build_snapshot(root: Path, date: str) -> dict[str, Any]:
    """The facts of the checkout at `root`, dated `date` (ISO 8601). Raises ValueError if `root` is no checkout."""
    reader = FileReader(root)
    reader.compiled = Compiled(shipped=False)
    modules: runner.Modules = {}
    found = checkout.read_steps(reader, ConfigLoader(reader), root, {})
    if not found:
        raise ValueError(f"{root} holds no steps")
    folder = root / checkout.STEPS
    encoded = {
        step.id: _encode_step(
            step, runner.strings(reader, folder, (root / step.place.path).with_name("step.py"), modules)
        )
        for step in found.values()
    }
    data = {
        "format": FORMAT,
        "date": date,
        "steps": encoded,
        "types": {
            kind.name: {
                **({"is_a": list(kind.is_a)} if kind.is_a else {}),
                **({"convert_to": dict(sorted(kind.convert_to.items()))} if kind.convert_to else {}),
            }
            for _, kind in sorted(checkout.read_types(reader, root).items())
        },
    }
    return {**data, "compiled": dict(_compiled(reader.compiled.used, encoded))}


def _compiled(used: Mapping[str, Any], steps: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What to ship of the facts that a build `used`; of a config without prose, where its tree stands in the snapshot,
    or the tree itself where the step's config is another, since it inherits from one.
    """
    places = {
        json.dumps(tree): [step_id, alias] for step_id, step in steps.items() for alias, tree in step["configs"].items()
    }
    for key, value in used.items():
        kind = key.partition(" ")[0]
        if kind in _COMPILED and all(len(text) <= MAX_TEXT for text in _texts(value)):
            yield key, value
        elif kind == "config" and _encode(value) == value:
            yield key, places.get(json.dumps(value), {"tree": value})


def _encode(value: Any) -> Any:
    """A JSON value without prose."""
    if isinstance(value, Mapping):
        return {key: _encode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if value is UNKNOWN or (isinstance(value, str) and _is_prose(value)):
        return SET_TO_UNKNOWN
    return value


def _is_prose(text: str) -> bool:
    return len(text) > MAX_TEXT or text.count(" ") > MAX_SPACES or "\n" in text.strip()


def _texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _encode_step(step: Step, strings: frozenset[str] | None) -> dict[str, Any]:
    folder = step.place.path.removesuffix("/step.toml")
    resources = step.resources
    result: dict[str, Any] = {
        "name": step.name,
        "category": step.category,
        "folder": folder,
        "config_dir": step.config_dir.removeprefix(f"{folder}/"),
        "consumes": [[entry.type, entry.required] for entry in step.consumes],
        "produces": [[entry.type, entry.required] for entry in step.produces],
        "parameters": [
            {
                "name": entry.name,
                **({"default": _encode(entry.default)} if entry.has_default else {}),
                **({"choices": list(entry.choices)} if entry.choices else {}),
                **({"language": True} if entry.language else {}),
            }
            for entry in step.parameters
        ],
        "models": [[entry.name, entry.min_gpus, entry.default] for entry in step.models],
        "resources": [resources.launch, resources.nodes, resources.gpus_per_node, resources.image],
        "default_config": step.default_config,
        "configs": {alias: _encode(config.tree) for alias, config in step.configs.items() if config.tree is not None},
    }
    if strings is not None:
        result["strings"] = sorted(strings)
    return result


def dump(data: Mapping[str, Any]) -> str:
    """The text of a snapshot file: steps sorted, one a line, so that a change shows as a small difference.

    Inside, keys keep their order: findings name those of a config in it.
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
