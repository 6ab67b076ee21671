"""The one form in which facts leave memory: JSON, the same in the bundled snapshot and in the cache.

A fact is a type of `model.py`. A field that has its default is left out, so that a new one needs nothing here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from nemolint.base.named_tuple import NamedTuple
from nemolint.project.model import (
    UNKNOWN,
    Artifact,
    ArtifactType,
    Code,
    Header,
    Import,
    Model,
    Parameter,
    Place,
    Reads,
    Resources,
    Scalar,
    Step,
    Tree,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Represents UNKNOWN. A mapping that really is this one is not stored (see `Kind.round_trip`).
UNKNOWN_FORM = {"\0": "unknown"}


class Kind(NamedTuple):
    """How the facts of one kind of project file become JSON and come back.

    `exact`: all of them survive the round trip; otherwise `round_trip` checks it.
    """

    name: str
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]
    exact: bool = True

    def round_trip(self, fact: Any, form: Any) -> bool:
        """Whether a fact survives the round trip."""
        try:
            return bool(self.exact or self.decode(json.loads(json.dumps(form))) == fact)
        except (TypeError, ValueError, RecursionError):
            return False


def _fields(fact: Any) -> dict[str, Any]:
    """The fields of a named tuple that do not have their default, tuples as lists."""
    defaults = fact._field_defaults
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in fact._asdict().items()
        if name not in defaults or value != defaults[name]
    }


def _encode_tree(value: Tree) -> Any:
    if isinstance(value, dict):
        return {key: _encode_tree(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encode_tree(item) for item in value]
    return UNKNOWN_FORM if value is UNKNOWN else value


def _decode_tree(form: Any) -> Tree:
    if isinstance(form, dict):
        return UNKNOWN if form == UNKNOWN_FORM else {key: _decode_tree(item) for key, item in form.items()}
    if isinstance(form, list):
        return [_decode_tree(item) for item in form]
    scalar: Scalar = form
    return scalar


def _encode_parameter(parameter: Parameter) -> dict[str, Any]:
    form = _fields(parameter)
    if "default" in form:
        form["default"] = _encode_tree(form["default"])
    return form


def _decode_parameter(form: Mapping[str, Any]) -> Parameter:
    parameter = Parameter(**form)
    return parameter._replace(default=_decode_tree(parameter.default), choices=tuple(parameter.choices))


def _encode_step(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "name": step.name,
        "category": step.category,
        "line": step.place.line,
        "consumes": [_fields(entry) for entry in step.consumes],
        "produces": [_fields(entry) for entry in step.produces],
        "parameters": [_encode_parameter(entry) for entry in step.parameters],
        "models": [_fields(entry) for entry in step.models],
    }


def _decode_step(form: Mapping[str, Any]) -> Step:
    return Step(
        form["id"],
        form["name"],
        form["category"],
        Place("", form["line"]),
        tuple(Artifact(**entry) for entry in form["consumes"]),
        tuple(Artifact(**entry) for entry in form["produces"]),
        tuple(_decode_parameter(entry) for entry in form["parameters"]),
        tuple(Model(**entry) for entry in form["models"]),
    )


def _encode_header(header: Header | None) -> dict[str, Any] | None:
    return None if header is None else {**_fields(header), "resources": _fields(header.resources)}


def _decode_header(form: Mapping[str, Any] | None) -> Header | None:
    return None if form is None else Header(**{**form, "resources": Resources(**form["resources"])})


def _encode_types(types: Mapping[str, ArtifactType]) -> dict[str, Any]:
    forms = {name: _fields(entry) for name, entry in types.items()}
    return {name: {key: value for key, value in form.items() if key != "name"} for name, form in forms.items()}


def _decode_types(form: Mapping[str, Any]) -> dict[str, ArtifactType]:
    return {name: ArtifactType(name, **{**entry, "is_a": tuple(entry.get("is_a", ()))}) for name, entry in form.items()}


def _encode_code(code: Code) -> dict[str, Any]:
    return {"imports": [[entry.level, entry.module, list(entry.names)] for entry in code.imports]}


def _decode_code(form: Mapping[str, Any]) -> Code:
    return Code(tuple(Import(level, module, tuple(names)) for level, module, names in form["imports"]))


def _encode_reads(reads: Reads | None) -> dict[str, Any] | None:
    return None if reads is None else {"keys": list(reads.keys), "open": list(reads.passed_whole)}


def _decode_reads(form: Mapping[str, Any] | None) -> Reads | None:
    return None if form is None else Reads(tuple(form["keys"]), tuple(form["open"]))


def _encode_positions(positions: Mapping[str, tuple[int, int]]) -> dict[str, list[int]]:
    return {key: list(place) for key, place in positions.items()}


def _decode_positions(form: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    return {key: (line, column) for key, (line, column) in form.items()}


STEP = Kind("step", _encode_step, _decode_step)
"""The facts of a `step.toml`: everything about the step except its place, header, configs and code."""
HEADER = Kind("header", _encode_header, _decode_header)
TYPES = Kind("types", _encode_types, _decode_types)
CODE = Kind("code", _encode_code, _decode_code)
"""What one file of a step's code imports."""
READS = Kind("reads", _encode_reads, _decode_reads)
"""Which keys the code of a step reads: its file and those that it imports."""
CONFIG = Kind("config", _encode_tree, _decode_tree, exact=False)
"""The tree of one YAML file, before inheritance."""
POSITIONS = Kind("positions", _encode_positions, _decode_positions)
"""Where the keys of one YAML file stand, as line and column."""
IGNORED = Kind("ignored", bool, bool)
"""Whether a `.gitignore` hides a path."""
CONFIRMED = Kind("confirmed", list, tuple)
"""The digest of what a file of code does, and which pieces of code stand in it (see `drift.py`)."""
