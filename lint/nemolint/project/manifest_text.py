"""What a manifest says to people, and where: the descriptions and places that no rule needs.

The facts of a manifest are kept without them (see `model.py`), so that is read again for an editor, once for each text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from nemolint.base.named_tuple import NamedTuple
from nemolint.project import toml_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NONE: Mapping[str, Any] = MappingProxyType({})
_MAX_KEPT = 64
Span = tuple[int, int]


class ManifestText(NamedTuple):
    """The descriptions of a `step.toml`, and the places of its id and of its parameters' names (code points).

    `consumes` and `produces` are the descriptions of artifacts by type, `parameters` those of keys.
    """

    summary: str = ""
    consumes: Mapping[str, str] = _NONE
    produces: Mapping[str, str] = _NONE
    parameters: Mapping[str, str] = _NONE
    id: Span = (0, 0)
    places: Mapping[str, Span] = _NONE


@lru_cache(maxsize=_MAX_KEPT)
def read(text: str) -> ManifestText:
    """Read the text of a manifest; what is not there, or not of the right type, is empty."""
    try:
        data = toml_values.load(text)
    except toml_values.TomlError:
        return ManifestText()
    scan = toml_values.scan(text)
    step = data.get("step")
    name = next((scan.keys[path] for path in (("step", "id"), ("step", "name")) if path in scan.keys), None)
    places = {
        entry: scan.keys[spot].value
        for index, entry, _ in _entries(data, "parameters", "name")
        if (spot := ("parameters", index, "name")) in scan.keys
    }
    return ManifestText(
        _text(step) if isinstance(step, dict) else "",
        {entry: _text(table) for _, entry, table in _entries(data, "consumes", "type")},
        {entry: _text(table) for _, entry, table in _entries(data, "produces", "type")},
        {entry: _text(table) for _, entry, table in _entries(data, "parameters", "name")},
        name.value if name is not None else (0, 0),
        places,
    )


def _entries(data: Mapping[str, Any], section: str, key: str) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """The tables of an array of tables, with their index and name."""
    tables = data.get(section)
    for index, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict) and isinstance(table.get(key), str):
            yield index, table[key], table


def _text(table: Mapping[str, Any]) -> str:
    description = table.get("description")
    return " ".join(description.split()) if isinstance(description, str) else ""
