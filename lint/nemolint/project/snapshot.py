"""The bundled snapshot: the catalog of a checkout as JSON (`snapshot_builder.py` makes it).

The snapshot holds facts only (ids, keys, scalar values, types); prose is left out, and UNKNOWN stands in its place.
Its section `compiled` holds what the manifests and the code of that checkout compile to, by the digest of each text: in
a checkout that has the same files, neither pydantic nor a parser is loaded for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nemolint.project.model import (
    UNKNOWN,
    Artifact,
    ArtifactType,
    ConfigFile,
    Model,
    Parameter,
    Place,
    Resources,
    Step,
    Tree,
)

FILE = Path(__file__).with_name("snapshot.json")
FORMAT = 1
PREFIX = "<snapshot>/"

SET_TO_UNKNOWN = {"\0": "unknown"}


@cache
def bundled() -> dict[str, Any]:
    """The content of the bundled snapshot."""
    data: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return data


class Lazy(Mapping[str, Any]):
    """A mapping whose values are made from JSON on first use."""

    def __init__(self, data: Mapping[str, Any], make: Callable[[str, Any], Any]) -> None:
        self._data = data
        self._make = make
        self._made: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._made:
            self._made[key] = self._make(key, self._data[key])
        return self._made[key]

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


def steps(data: Mapping[str, Any]) -> Mapping[str, Step]:
    """The steps of a snapshot by id."""
    return Lazy(data["steps"], _step)


def types(data: Mapping[str, Any]) -> Mapping[str, ArtifactType]:
    """The artifact types of a snapshot by name."""
    return {
        name: ArtifactType(name, tuple(entry.get("is_a", ())), entry.get("convert_to", {}))
        for name, entry in data["types"].items()
    }


def _step(step_id: str, data: Mapping[str, Any]) -> Step:
    folder = data["folder"]
    config_dir = f"{folder}/{data.get('config_dir', 'config')}"

    def config(alias: str, tree: Any) -> ConfigFile:
        return ConfigFile(alias, Place(f"{PREFIX}{config_dir}/{alias}.yaml"), _decode(tree))  # type: ignore[arg-type]

    strings = data.get("strings")
    return Step(
        id=step_id,
        name=data["name"],
        category=data["category"],
        place=Place(f"{PREFIX}{folder}/step.toml"),
        consumes=tuple(Artifact(*entry) for entry in data.get("consumes", ())),
        produces=tuple(Artifact(*entry) for entry in data.get("produces", ())),
        parameters=tuple(_parameter(entry) for entry in data.get("parameters", ())),
        models=tuple(Model(*entry) for entry in data.get("models", ())),
        resources=Resources(*data["resources"]),
        default_config=data["default_config"],
        configs=Lazy(data.get("configs", {}), config),
        strings=None if strings is None else frozenset(strings),
        config_dir=config_dir,
        source="snapshot",
    )


def _parameter(data: Mapping[str, Any]) -> Parameter:
    return Parameter(
        data["name"],
        _decode(data.get("default")),
        tuple(data.get("choices", ())),
        data.get("language", False),
        "default" in data,
    )


def _decode(value: Any) -> Tree:
    if isinstance(value, dict):
        if value == SET_TO_UNKNOWN:
            return UNKNOWN
        return {key: _decode(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decode(item) for item in value]
    result: Tree = value
    return result


def compiled(key: str) -> Any:
    """What the text of a project file compiles to (see `nemolint.project.compiled`). Raises KeyError if not known."""
    value = bundled()["compiled"][key]
    if not key.startswith("config "):
        return value
    if isinstance(value, dict):
        return value["tree"]
    step_id, alias = value
    return bundled()["steps"][step_id]["configs"][alias]
