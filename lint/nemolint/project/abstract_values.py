"""The values of the abstract interpretation in `key_reads.py`: what a variable of the code of a step may be.

A `Value` is a set of atoms: `Const`, `Name`, `Node`, `Mark`, `Lib`, `Bound`, and the kinds of `Thing`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.project.model import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    Value = frozenset[Any]

Path = tuple[str, ...]


class Const(NamedTuple):
    """A literal; `kind` keeps True and 1 apart."""

    value: str | int | float | bool | None
    kind: str


class Name(NamedTuple):
    """A text of which a pattern is known (see `Reads`)."""

    pattern: str


class Node(NamedTuple):
    """What stands in the config under a path."""

    path: Path


class Mark(NamedTuple):
    """A value by its role: `unknown`; `data` (unknown, but not the config); `file` (the config's, or its name);
    `arguments` (those of the command line)."""

    role: str


class Lib(NamedTuple):
    """Something of a library, by its dotted name."""

    name: str


class Bound(NamedTuple):
    """A method of a value."""

    owner: Any
    name: str


class Thing:
    """An atom that is equal to itself alone."""


class Module(Thing):
    """A file of the steps' package, its names as far as it has run."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.scope = Scope()
        self.globals: set[str] = set()
        self.started = False


class Function(Thing):
    """A function or lambda with the scope that it was made in."""

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, module: Module, scope: Scope) -> None:
        self.node = node
        self.module = module
        self.scope = scope


class Class(Thing):
    def __init__(self, node: ast.ClassDef, module: Module, scope: Scope, bases: list[Value]) -> None:
        self.node = node
        self.module = module
        self.scope = scope
        self.bases = bases


class Instance(Thing):
    def __init__(self, kind: Class) -> None:
        self.kind = kind
        self.fields: dict[str, Value] = {}


class Box(Thing):
    """A dictionary, list, tuple or set of the code: `items` under known keys, `rest` under any.

    `sure` are texts that it holds in any case, where it is a set or list.
    """

    def __init__(self) -> None:
        self.items: dict[str | int, Value] = {}
        self.rest: Value = NONE
        self.sure: set[str] = set()


NONE: Final[Value] = frozenset()
OPAQUE = Mark("unknown")
UNKNOWN: Final[Value] = frozenset({OPAQUE})
DATA: Final[Value] = frozenset({Mark("data")})
FILE: Final[Value] = frozenset({Mark("file")})
ARGUMENTS: Final[Value] = frozenset({Mark("arguments")})
ANY_TEXT: Final[Value] = frozenset({OPAQUE, Mark("data"), Name(ANY)})


class Scope:
    """Variables of a function, class or module, and where the others are looked up.

    `shared` are those that `global` and `nonlocal` declare to be another scope's.
    """

    def __init__(self, parent: Scope | None = None) -> None:
        self.vars: dict[str, Value] = {}
        self.parent = parent
        self.shared: dict[str, Scope] = {}


def const(value: str | int | float | bool | None) -> Value:
    return frozenset({Const(value, type(value).__name__)})


class Arguments(NamedTuple):
    """What a call hands over."""

    positional: list[Value]
    keywords: dict[str, Value]
    stars: list[Value]
    mappings: list[Value]

    def all(self) -> Iterator[Value]:
        yield from (*self.positional, *self.keywords.values(), *self.stars, *self.mappings)

    def get(self, index: int, name: str) -> Value:
        if index < len(self.positional):
            return self.positional[index]
        return self.keywords.get(name, NONE)


NO_ARGUMENTS = Arguments([], {}, [], [])
