"""Compiled project files (see `nemolint.project.compiled`), by working directory and program."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

from nemolint.base import signature
from nemolint.cache.entries import load_json, save_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def load(key: list[Any]) -> dict[str, Any]:
    """The cached facts; empty if there are none. `key` is that of the entries."""
    data = load_json(_name(key))
    found: dict[str, Any] = data["facts"] if data is not None and data["key"] == _key(key) else {}
    return found


def save(key: list[Any], facts: Mapping[str, Any], new: Mapping[str, str]) -> None:
    """Write the facts that this check used, except those that may contain a secret. `new` are the texts of those not
    yet checked for that.
    """
    kept = {name: value for name, value in facts.items() if name not in new or _harmless(name, value, new[name])}
    if not kept.keys().isdisjoint(new):
        save_json(_name(key), {"key": _key(key), "facts": kept})


def _harmless(name: str, value: Any, text: str) -> bool:
    from nemolint.project import codec
    from nemolint.reader import read_document
    from nemolint.secrets import Redactor, mask_formats, secret_key

    shown = json.dumps(value)
    if mask_formats(shown) != shown:
        return False
    kind = name.partition(" ")[0]
    if kind == "step":
        if any(secret_key(entry.name) and entry.default for entry in codec.STEP.decode(value).parameters):
            return False
    names = {"step": "step.toml", "config": "config.yaml"}
    if kind in names:
        return not Redactor(read_document(names[kind], text.encode("utf-8", "surrogatepass"))).knows
    return True


def _key(key: list[Any]) -> list[Any]:
    """Facts depend only on the program's code; the folder separates those of several projects."""
    _, version, python, folder, *_, program = key
    code = {path: signed for path, signed in program.items() if signed.startswith(signature.CODE)}
    return [version, python, folder, code]


def _name(key: list[Any]) -> str:
    return f"facts-{zlib.crc32(key[3].encode('utf-8', 'surrogateescape')):08x}.json"
