"""The bundled snapshot: the catalog of a checkout as JSON, in the form of `codec.py` (`snapshot_builder.py` makes it).

The snapshot holds facts only (ids, keys, scalar values, types); prose is replaced by UNKNOWN. `steps` has the manifest
and the header of each, `configs` its configs after inheritance, `reads` the keys that its code reads: a check of one
step parses little of the others. `facts` and `sources` are what `facts/*.toml` say of runners (see `known.py`), and
`runner` of a step which of them it uses. Its section `compiled` holds what the project files of that checkout compile
to, by the digest of each text, or where in the snapshot that stands: in a checkout that has the same files, neither
pydantic nor a parser is loaded for them.
"""

from __future__ import annotations

import json
import os
import posixpath
from collections.abc import Mapping
from functools import cache

from nemolint.project import codec
from nemolint.project.model import ArtifactType, ConfigFile, Header, Lazy, Place, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = os.path.join(os.path.dirname(__file__), "snapshot.json")
FORMAT = 4
PREFIX = "<snapshot>/"


@cache
def bundled() -> Mapping[str, Any]:
    """The content of the bundled snapshot. An entry is parsed when it is asked for: most checks are about one step."""
    with open(FILE, encoding="utf-8") as file:
        return read(file.read())


def read(text: str) -> dict[str, Any]:
    """The content of a snapshot file: JSON with one line for each entry of a section (see `snapshot_builder.dump`)."""
    data: dict[str, Any] = {}
    lines = iter(text.strip().split("\n")[1:-1])
    for line in lines:
        name, _, value = line.partition(":")
        if value != "{":
            data[json.loads(name)] = json.loads(value.rstrip(","))
            continue
        entries: dict[str, str] = {}
        for entry in lines:
            if entry.startswith("}"):
                break
            key, separator, form = entry.partition('":')
            if "\\" in key:
                escaped, end = json.JSONDecoder().raw_decode(entry)
                entries[escaped] = entry[end + 1 :].rstrip(",")
            elif separator:
                entries[key[1:]] = form.rstrip(",")
        data[json.loads(name)] = Lazy(entries, _parsed)
    return data


def _parsed(_: str, text: str) -> Any:
    return json.loads(text)


def steps(data: Mapping[str, Any]) -> Mapping[str, Step]:
    """The steps of a snapshot by id."""

    def step(step_id: str, form: Mapping[str, Any]) -> Step:
        return _step(form, data["configs"][step_id], data["reads"][step_id])

    return Lazy(data["steps"], step)


def types(data: Mapping[str, Any]) -> Mapping[str, ArtifactType]:
    """The artifact types of a snapshot by name."""
    found: Mapping[str, ArtifactType] = codec.TYPES.decode(data["types"])
    return found


@cache
def bundled_steps() -> Mapping[str, Step]:
    """The steps of the bundled snapshot, each made once for all projects."""
    return steps(bundled())


@cache
def bundled_types() -> Mapping[str, ArtifactType]:
    """The artifact types of the bundled snapshot."""
    return types(bundled())


def _step(data: Mapping[str, Any], configs: Mapping[str, Any], reads: Mapping[str, Any] | None) -> Step:
    folder = f"{PREFIX}{data['folder']}"
    header = codec.HEADER.decode(data["header"]) or Header()
    config_dir = posixpath.normpath(f"{folder}/{header.config_dir}")

    def config(alias: str, form: Any) -> ConfigFile:
        tree = codec.CONFIG.decode(form)
        return ConfigFile(alias, Place(f"{config_dir}/{alias}.yaml"), tree if isinstance(tree, dict) else None)

    step: Step = codec.STEP.decode(data["manifest"])
    return step._replace(
        place=Place(f"{folder}/step.toml"),
        resources=header.resources,
        default_config=header.default_config,
        configs=Lazy(configs, config),
        reads=codec.READS.decode(reads),
        runner=data.get("runner", ""),
        config_dir=config_dir.removeprefix(PREFIX),
        source="snapshot",
    )


def compiled(key: str) -> Any:
    """The form of a fact by kind and digest (see `nemolint.project.compiled`). Raises KeyError if it is not known."""
    form = bundled()["compiled"][key]
    if not isinstance(form, list):
        return form
    found: Any = bundled()
    for name in form:  # its place
        found = found[name]
    return found
