"""The names of a Python file: where and to what they are bound, and where they are used."""

from __future__ import annotations

import ast
import itertools
from bisect import bisect_left
from collections import defaultdict

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

# Variables that affect a run.
_VARIABLE = lazily(r"NEMOTRON_[A-Z0-9_]+")
_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
# Statements whose parts form one block.
_ONE_BLOCK = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.With, ast.AsyncWith)
# Fields of operators, names and numbers.
_WITHOUT_NODES = frozenset(
    {"arg", "attr", "conversion", "ctx", "id", "kind", "level", "module", "op", "ops", "simple", "type_comment"}
)


class DictEntries(NamedTuple):
    """The entries of a dictionary: the value of each key, and the key of each value (None for `**`)."""

    values: dict[ast.expr, ast.expr]
    keys: dict[ast.expr, ast.expr | None]


class _Uses:
    """The bindings and uses of a name in one scope, in the order of the text."""

    def __init__(self, bindings: list[ast.AST], loads: list[ast.Name], *, shared: bool) -> None:
        self._next = dict(itertools.pairwise(bindings))
        self._reads = sorted(_position(load) for load in loads)
        self._shared = shared

    def next_binding(self, binding: ast.AST) -> ast.AST | None:
        return self._next.get(binding)

    def read_between(self, first: ast.stmt, second: ast.stmt) -> bool:
        """True if something reads the name between `first` and the end of `second`, or may at any time."""
        end = (second.end_lineno or 0, second.end_col_offset or 0)
        return self._shared or bisect_left(self._reads, _position(first)) < bisect_left(self._reads, end)


# The fields of each class of nodes that may hold nodes that are no operators.
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}


def _children(node: ast.AST) -> list[ast.AST]:
    """The child nodes of a node, without operators: a faster `ast.iter_child_nodes`, for files with many nodes."""
    result: list[ast.AST] = []
    kind = node.__class__
    fields = _FIELDS.get(kind)
    if fields is None:
        fields = _FIELDS[kind] = tuple(name for name in kind._fields if name not in _WITHOUT_NODES)
    for name in fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            result += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            result.append(value)
    return result


class PythonNames:
    """The names of one file. One that is bound once has a known value.

    `_seeds` are the strings that may be part of the command, `_variables` those that name a variable of the CLI.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._parents: dict[ast.AST, ast.AST] = {}
        self._scopes: dict[ast.AST, _Scope] = {}
        self._bound: dict[tuple[_Scope, str], list[ast.AST]] = defaultdict(list)
        self._loads: dict[tuple[_Scope, str], list[ast.Name]] = defaultdict(list)
        self._seeds: list[ast.expr] = []
        self._variables: list[ast.Constant] = []
        self._found_bindings: dict[tuple[_Scope, str], ast.expr | None] = {}
        self._found_entries: dict[ast.Dict, DictEntries] = {}
        self._found_additions: dict[tuple[_Scope, str], list[ast.stmt]] = {}
        self._found_uses: dict[tuple[_Scope, str], _Uses] = {}
        self._tree = tree
        self._index(tree)

    def _index(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, _Scope]] = [(tree, tree)]
        names: list[ast.Name] = []
        parents, scopes = self._parents, self._scopes
        while stack:
            node, scope = stack.pop()
            scopes[node] = scope
            inner = node if isinstance(node, _SCOPES) else scope
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load):
                    names.append(node)
                else:
                    self._bound[scope, node.id].append(node)
            elif isinstance(node, ast.arg):
                self._bound[scope, node.arg].append(node)
            elif isinstance(node, ast.Global | ast.Nonlocal):
                for declared in node.names:
                    self._bound[scope, declared].append(node)
                    self._bound[tree, declared].append(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                if _VARIABLE.fullmatch(node.value):
                    self._variables.append(node)
                elif "nemotron" in node.value or node.value == "steps":
                    self._seeds.append(node)
            for child in reversed(_children(node)):
                parents[child] = node
                stack.append((child, inner))
        for name in names:
            self._loads[self._home(name), name.id].append(name)

    def _home(self, name: ast.Name) -> _Scope:
        scope = self._scopes[name]
        return scope if (scope, name.id) in self._bound else self._tree

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The parent of a node."""
        return self._parents.get(node)

    def entries(self, node: ast.Dict) -> DictEntries:
        """The entries of a dictionary, cached."""
        if node not in self._found_entries:
            pairs = list(zip(node.keys, node.values, strict=True))
            values = {key: value for key, value in pairs if key is not None}
            self._found_entries[node] = DictEntries(values, {value: key for key, value in pairs})
        return self._found_entries[node]

    def is_docstring(self, node: ast.expr) -> bool:
        """True if a string is a statement by itself."""
        return isinstance(node, ast.Constant) and isinstance(self.parent(node), ast.Expr)

    def _name_of(self, value: ast.expr) -> ast.Name | None:
        """The name that a value is bound to, if that name is bound just once."""
        parent = self._parents.get(value)
        target: ast.expr | None = None
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and parent.value is value:
            target = parent.targets[0]
        elif isinstance(parent, ast.AnnAssign):
            target = parent.target
        if not isinstance(target, ast.Name) or self._binding(self._scopes[target], target.id) is not value:
            return None
        return target

    def _binding(self, scope: _Scope, name: str) -> ast.expr | None:
        """The value that a name is bound to in a scope; None if it is bound in another way, or more than once."""
        key = (scope, name)
        if key not in self._found_bindings:
            self._found_bindings[key] = self._find_binding(scope, name)
        return self._found_bindings[key]

    def _find_binding(self, scope: _Scope, name: str) -> ast.expr | None:
        value: ast.expr | None = None
        for node in self._bound.get((scope, name), ()):
            statement = self._parents.get(node)
            if isinstance(statement, ast.AugAssign):
                continue
            if value is not None or not isinstance(statement, ast.Assign | ast.AnnAssign):
                return None
            if isinstance(statement, ast.Assign) and statement.targets != [node]:
                return None
            value = statement.value
        return value

    def _value_of(self, name: ast.Name) -> ast.expr | None:
        return self._binding(self._home(name), name.id)

    def _additions(self, name: ast.Name) -> list[ast.stmt]:
        """The statements that add to a list or string: `+=`, `append`, `extend`, `insert`, item assignment."""
        key = (self._home(name), name.id)
        if key not in self._found_additions:
            self._found_additions[key] = self._find_additions(*key)
        return self._found_additions[key]

    def _find_additions(self, home: _Scope, name: str) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for node in self._bound.get((home, name), ()):
            if isinstance(statement := self._parents.get(node), ast.AugAssign):
                found.append(statement)
        for load in self._loads.get((home, name), ()):
            parent = self._parents.get(load)
            changed = isinstance(parent, ast.Attribute) and parent.attr in (
                "append",
                "extend",
                "insert",
                "remove",
                "pop",
            )
            if changed or (isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load)):
                holder: ast.AST | None = parent
                while holder is not None and not isinstance(holder, ast.stmt):
                    holder = self._parents.get(holder)
                if holder is not None:
                    found.append(holder)
        return sorted(found, key=lambda statement: (statement.lineno, statement.col_offset))

    def is_dropped(self, value: ast.expr) -> bool:
        """True if a value is bound to a name that is rebound, in the same block, before anything reads it."""
        statement = self._parents.get(value)
        if not (isinstance(statement, ast.Assign) and statement.value is value and len(statement.targets) == 1):
            return False
        target = statement.targets[0]
        if not isinstance(target, ast.Name):
            return False
        following = self._uses_of(self._scopes[target], target.id).next_binding(target)
        if not isinstance(following, ast.Name):
            return False
        again = self._parents.get(following)
        return (
            isinstance(again, ast.Assign)
            and again.targets == [following]
            and isinstance(self._parents.get(again), _ONE_BLOCK)
            and self._parents.get(again) is self._parents.get(statement)
            and not self._uses_of(self._scopes[target], target.id).read_between(statement, again)
        )

    def _uses_of(self, scope: _Scope, name: str) -> _Uses:
        key = (scope, name)
        if key not in self._found_uses:
            loads = self._loads.get(key, [])
            inner = self._loads.get((self._tree, name), []) if scope is not self._tree else loads
            # An inner function may read it at any time.
            shared = any(self._scopes[load] is not scope for load in loads) or any(
                self._scopes[load] not in (scope, self._tree) for load in inner
            )
            self._found_uses[key] = _Uses(self._bound.get(key, []), loads, shared=shared)
        return self._found_uses[key]


def _position(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset
