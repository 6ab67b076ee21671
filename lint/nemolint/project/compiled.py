"""What validated project files say, as plain data that can be kept.

Each result is a pure function of a text, so it is filed under the text's digest and is never out of date. While a text
is known, neither pydantic nor a TOML or Python parser is needed for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from nemolint.base import signature
from nemolint.project.model import Artifact, ArtifactType, Model, Parameter, Resources


class InvalidManifest(Exception):
    """What is wrong, and where: line and column from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class StepFacts(NamedTuple):
    """The content of one `step.toml`, as facts."""

    id: str
    name: str
    category: str
    line: int
    consumes: tuple[Artifact, ...]
    produces: tuple[Artifact, ...]
    parameters: tuple[Parameter, ...]
    models: tuple[Model, ...]


class Header(NamedTuple):
    """The runspec header of a `step.py`."""

    resources: Resources
    config_dir: str
    default_config: str


class Compiled:
    """Results by kind and digest: those `used`, and the texts of the ones that the stored ones lacked (`new`).

    Where `shipped` is true, the bundled snapshot is asked, too.
    """

    def __init__(self, stored: Mapping[str, Any] | None = None, *, shipped: bool = True) -> None:
        self._stored = stored or {}
        self._ask_snapshot = shipped
        self.used: dict[str, Any] = {}
        self.new: dict[str, str] = {}

    def get(self, kind: str, text: str, make: Callable[[], Any], *, plain: bool = True) -> Any:
        """The plain data that `make` gives for a text. What `make` raises is passed on, and not kept.

        `plain`: whether all that `make` may give is plain; else what JSON would not give back as it was is not kept.
        """
        key = f"{kind} {signature.digest(text.encode('utf-8', 'surrogatepass'))}"
        if key in self.used:
            return self.used[key]
        if key in self._stored:
            self.used[key] = self._stored[key]
            return self.used[key]
        if self._ask_snapshot:
            from nemolint.project import snapshot

            with suppress(KeyError):  # what it knows need not be kept again
                return snapshot.compiled(key)
        value = make()
        if plain or _is_plain(value):
            self.used[key] = value
            self.new[key] = text
        return value

    def merge(self, used: dict[str, Any], new: dict[str, str]) -> None:
        """Take over what another check used and made."""
        self.used.update(used)
        self.new.update(new)


def _is_plain(value: Any) -> bool:
    try:
        return bool(json.loads(json.dumps(value)) == value)
    except (TypeError, ValueError, RecursionError):
        return False


def pack_step(step: StepFacts) -> list[Any]:
    """The plain data of a step."""
    return [
        step.id,
        step.name,
        step.category,
        step.line,
        [[entry.type, entry.required] for entry in step.consumes],
        [[entry.type, entry.required] for entry in step.produces],
        [
            [entry.name, entry.default, list(entry.choices), entry.language, entry.has_default]
            for entry in step.parameters
        ],
        [[entry.name, entry.min_gpus, entry.default] for entry in step.models],
    ]


def unpack_step(data: list[Any]) -> StepFacts:
    """The inverse of `pack_step`."""
    step_id, name, category, line, consumes, produces, parameters, models = data
    return StepFacts(
        step_id,
        name,
        category,
        line,
        tuple(Artifact(*entry) for entry in consumes),
        tuple(Artifact(*entry) for entry in produces),
        tuple(
            Parameter(key, default, tuple(choices), language, given)
            for key, default, choices, language, given in parameters
        ),
        tuple(Model(*entry) for entry in models),
    )


def pack_header(header: Header | None) -> list[Any] | None:
    """The plain data of a header."""
    if header is None:
        return None
    resources = header.resources
    return [
        [resources.launch, resources.nodes, resources.gpus_per_node, resources.image],
        header.config_dir,
        header.default_config,
    ]


def unpack_header(data: list[Any] | None) -> Header | None:
    """The inverse of `pack_header`."""
    return None if data is None else Header(Resources(*data[0]), data[1], data[2])


def pack_types(types: dict[str, ArtifactType]) -> dict[str, Any]:
    """The plain data of artifact types."""
    return {name: [list(entry.is_a), dict(entry.convert_to)] for name, entry in types.items()}


def unpack_types(data: dict[str, Any]) -> dict[str, ArtifactType]:
    """The inverse of `pack_types`."""
    return {name: ArtifactType(name, tuple(is_a), convert_to) for name, (is_a, convert_to) in data.items()}
