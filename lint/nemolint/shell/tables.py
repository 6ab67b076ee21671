"""Imports bashlex without rebuilding its parse tables.

bashlex builds the LALR tables of its grammar on each import, which takes nearly all of the import time. The package
ships those tables as JSON, next to this module, with a digest of their grammar; if the installed bashlex has another
grammar, they are ignored, and bashlex builds its own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from contextlib import contextmanager
from importlib import import_module

from nemolint.base import signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

_CHECKS = (
    "find_unreachable",
    "infinite_cycles",
    "undefined_symbols",
    "unused_precedence",
    "unused_rules",
    "unused_terminals",
)
TABLES = os.path.join(os.path.dirname(__file__), "bashlex_tables.json")


def load() -> ModuleType:
    """The package bashlex, imported. Raises ImportError if it is not installed."""
    if "bashlex" in sys.modules:
        return sys.modules["bashlex"]
    try:
        with open(TABLES, encoding="ascii") as file:
            stored = json.load(file)
    except (OSError, ValueError):
        stored = None
    spec = importlib.util.find_spec("bashlex")
    if not isinstance(stored, dict) or spec is None or spec.loader is None:
        return import_module("bashlex")
    # The package's __init__ builds the parser, so its submodule has to be loaded and prepared before.
    package = importlib.util.module_from_spec(spec)
    sys.modules["bashlex"] = package
    try:
        yacc = import_module("bashlex.yacc")
        with _prepared(yacc, stored):
            spec.loader.exec_module(package)
    except BaseException:
        del sys.modules["bashlex"]
        raise
    return package


@contextmanager
def _prepared(yacc: Any, stored: dict[str, Any]) -> Iterator[None]:
    """PLY with the stored tables, and without the checks of the grammar that only warn."""
    table, kept = yacc.LRTable, {name: getattr(yacc.Grammar, name) for name in _CHECKS}
    yacc.LRTable = _reader(table, stored)
    for name in _CHECKS:
        setattr(yacc.Grammar, name, lambda self: [])
    try:
        yield
    finally:
        yacc.LRTable = table
        for name, function in kept.items():
            setattr(yacc.Grammar, name, function)


def digest(productions: list[Any]) -> str:
    """A digest of a grammar: its productions in order, with their precedence."""
    text = "\n".join(f"{production} {production.prec}" for production in productions)
    return signature.digest(text.encode())


def build() -> str:
    """The tables of the installed bashlex, in the format of `TABLES`."""
    yacc: Any = import_module("bashlex.yacc")
    parser = import_module("bashlex.parser")
    found: dict[str, Any] = {}

    class Recorder(yacc.LRTable):  # type: ignore[misc]
        def bind_callables(self, pdict: dict[str, object]) -> None:
            found["grammar"] = digest(self.lr_productions)
            found["action"] = _pack(self.lr_action)
            found["goto"] = _pack(self.lr_goto)
            super().bind_callables(pdict)

    original, yacc.LRTable = yacc.LRTable, Recorder
    try:
        yacc.yacc(module=parser, debug=False)
    finally:
        yacc.LRTable = original
    return json.dumps(found, separators=(",", ":"), sort_keys=True) + "\n"


def _reader(original: Any, stored: dict[str, Any]) -> Any:
    """A replacement for PLY's table class that uses `stored` if it belongs to the grammar."""

    class StoredTable(original):  # type: ignore[misc]
        def __init__(self, grammar: Any, log: object = None) -> None:
            action, goto = _unpack(stored.get("action")), _unpack(stored.get("goto"))
            if not action or not goto or stored.get("grammar") != digest(grammar.Productions):
                super().__init__(grammar, log)
                return
            self.grammar = grammar
            self.lr_productions = grammar.Productions
            self.lr_action, self.lr_goto = action, goto
            self.sr_conflicts: list[object] = []
            self.rr_conflicts: list[object] = []

    return StoredTable


def _pack(table: dict[int, dict[str, int]]) -> dict[str, list[list[int]]]:
    """By symbol: states and their entries. That writes far fewer names than by state."""
    packed: dict[str, list[list[int]]] = {}
    for state in sorted(table):
        for symbol, value in table[state].items():
            states, values = packed.setdefault(symbol, [[], []])
            states.append(state)
            values.append(value)
    return packed


def _unpack(packed: object) -> dict[int, dict[str, int]]:
    """The inverse of `_pack`; an empty table for anything else."""
    table: dict[int, dict[str, int]] = {}
    if not isinstance(packed, dict):
        return table
    for symbol, columns in packed.items():
        if not (isinstance(columns, list) and len(columns) == 2 and all(isinstance(c, list) for c in columns)):
            return {}
        for state, value in zip(*columns, strict=False):
            if not (isinstance(state, int) and isinstance(value, int)):
                return {}
            table.setdefault(state, {})[symbol] = value
    return table
