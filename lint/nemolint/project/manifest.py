"""The schema of manifests, checked by pydantic, and their conversion to plain facts.

`step.toml` of a step, the runspec header of its `step.py`, and `types.toml`. A manifest that the CLI cannot use gives
one problem, with its place and what to do; the others are still used.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nemolint.base.patterns import lazily
from nemolint.project import toml_values
from nemolint.project.compiled import InvalidManifest
from nemolint.project.model import (
    Artifact,
    ArtifactType,
    Header,
    Model,
    Parameter,
    Place,
    Resources,
    Scalar,
    Step,
)
from nemolint.project.toml_values import TomlError

# How a manifest says that a parameter takes a language code.
_LANGUAGE = "ISO 639-1"


class _Table(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _StepTable(_Table):
    id: str = ""
    name: str = ""
    category: str = ""


class _Artifact(_Table):
    type: str
    required: bool = True


class _Parameter(_Table):
    name: str
    default: Any = None
    choices: list[str | int | float | bool] | None = None
    description: str = ""


class _Model(_Table):
    name: str
    min_gpus: int | None = None
    default: bool = False


class _Manifest(_Table):
    step: _StepTable = _StepTable()
    consumes: list[_Artifact] = Field(default_factory=list)
    produces: list[_Artifact] = Field(default_factory=list)
    parameters: list[_Parameter] = Field(default_factory=list)
    models: list[_Model] = Field(default_factory=list)


def read_step(text: str, folder: str, parent: str) -> Step:
    """The facts of a `step.toml` in the folder `parent/folder`. Raises InvalidManifest.

    Of the place it gives the line; header, configs and code are elsewhere.
    """
    data, scan = _load(text)
    try:
        manifest = _Manifest.model_validate(data)
    except ValidationError as error:
        raise _explain(error, scan) from None
    category = manifest.step.category or parent
    parameters = []
    for entry in manifest.parameters:
        choices: tuple[Scalar, ...] = tuple(entry.choices or ())
        default = _plain(entry.default)
        has_default = "default" in entry.model_fields_set
        parameters.append(Parameter(entry.name, default, choices, _LANGUAGE in entry.description, has_default))
    return Step(
        id=manifest.step.id or f"{category}/{folder}",
        name=manifest.step.name or folder,
        category=category,
        place=Place("", scan.nearest(("step", "id")).line),
        consumes=tuple(Artifact(entry.type, entry.required) for entry in manifest.consumes),
        produces=tuple(Artifact(entry.type, entry.required) for entry in manifest.produces),
        parameters=tuple(parameters),
        models=tuple(Model(entry.name, entry.min_gpus, entry.default) for entry in manifest.models),
    )


def _load(text: str) -> tuple[dict[str, Any], toml_values.Scan]:
    try:
        return toml_values.load(text), toml_values.scan(text)
    except TomlError as error:
        raise InvalidManifest(f"is not valid TOML: {error}", error.line or 1, error.column or 1) from None


def _explain(error: ValidationError, scan: toml_values.Scan, above: tuple[str, ...] = ()) -> InvalidManifest:
    """The first error of pydantic, with the place of the key. `above` is the path of the checked table."""
    first = error.errors(include_url=False)[0]
    path = (*above, *first["loc"])
    place = scan.nearest(path)
    dotted = ".".join(str(part) for part in path)
    return InvalidManifest(f"{dotted}: {first['msg'][:1].lower()}{first['msg'][1:]}", place.line, place.column)


def _plain(value: Any, depth: int = 0) -> Any:
    """TOML values as JSON-like ones: dates become text."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if depth > 50:
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    return str(value)


class _Run(_Table):
    launch: str = "torchrun"


class _Config(_Table):
    dir: str = "./config"
    default: str = "default"


class _Resources(_Table):
    nodes: int = 1
    gpus_per_node: int = 8


class _Runspec(_Table):
    image: str | None = None
    run: _Run = _Run()
    config: _Config = _Config()
    resources: _Resources = _Resources()


_BLOCK = lazily(r"^# /// script[ \t]*\r?\n((?:#(?! /// script)[^\n]*\n)*?)# ///[ \t]*\r?$", re.MULTILINE)


def read_header(text: str) -> Header | None:
    """The runspec header of a `step.py`, None if it has none. Raises InvalidManifest."""
    block = _BLOCK.search(text)
    if block is None:
        return None
    first_line = text.count("\n", 0, block.start(1)) + 1
    lines = [line[2:] if line.startswith("# ") else line[1:] for line in block.group(1).splitlines()]
    try:
        data, scan = _load("\n".join(lines) + "\n")
        spec = data.get("tool", {}).get("runspec")
        if spec is None:
            return None
        try:
            runspec = _Runspec.model_validate(spec)
        except ValidationError as error:
            raise _explain(error, scan, ("tool", "runspec")) from None
    except InvalidManifest as error:
        raise InvalidManifest(f"header: {error}", error.line + first_line - 1, error.column + 2) from None
    except AttributeError:
        raise InvalidManifest("header: [tool] must be a table", first_line) from None
    resources = runspec.resources
    return Header(
        resources=Resources(runspec.run.launch, resources.nodes, resources.gpus_per_node, runspec.image),
        config_dir=posixpath.normpath(runspec.config.dir),
        default_config=runspec.config.default,
    )


class _Type(_Table):
    is_a: list[str] = Field(default_factory=list)
    convert_to: dict[str, str] = Field(default_factory=dict)


def read_types(text: str) -> dict[str, ArtifactType]:
    """The artifact types of `types.toml` by name. Raises InvalidManifest."""
    data, scan = _load(text)
    result: dict[str, ArtifactType] = {}
    for name, table in data.items():
        if not isinstance(table, dict):
            continue
        try:
            entry = _Type.model_validate(table)
        except ValidationError as error:
            raise _explain(error, scan, (name,)) from None
        result[name] = ArtifactType(name, tuple(entry.is_a), entry.convert_to)
    return result
