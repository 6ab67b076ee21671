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
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_CHANGERS = frozenset({"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"})
# Modules whose names are programs.
_PROGRAM_MODULES = frozenset({"sh", "plumbum.cmd"})


Function = ast.FunctionDef | ast.AsyncFunctionDef
Key = tuple[_Scope, str]


class DictEntries(NamedTuple):
    """The entries of a dictionary: the value of each key, and the key of each value (None for `**`)."""

    values: dict[ast.expr, ast.expr]
    keys: dict[ast.expr, ast.expr | None]


class _Uses:
    """The bindings and uses of a name in one scope, in the order of the text."""

    def __init__(self, bindings: list[ast.AST], loads: list[ast.expr], *, shared: bool) -> None:
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
    """The names of one file, attributes of `self` among them. One that is bound once has a known value.

    `_seeds` are the strings that may be part of the command, `_variables` those that name a variable of the CLI,
    `_programs` the names that a module gives to programs.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._parents: dict[ast.AST, ast.AST] = {}
        self._scopes: dict[ast.AST, _Scope] = {}
        self._bound: dict[Key, list[ast.AST]] = defaultdict(list)
        self._loads: dict[Key, list[ast.expr]] = defaultdict(list)
        self._seeds: list[ast.expr] = []
        self._variables: list[ast.Constant] = []
        self._programs: set[str] = set()
        self._functions: dict[Key, list[Function]] = defaultdict(list)
        self._returns: dict[ast.AST, list[ast.Return]] = defaultdict(list)
        self._generators: set[ast.AST] = set()
        self._found_bindings: dict[Key, ast.expr | None] = {}
        self._found_entries: dict[ast.Dict, DictEntries] = {}
        self._found_additions: dict[Key, list[ast.stmt]] = {}
        self._found_extending: dict[Key, set[ast.stmt | None]] = {}
        self._found_statements: dict[ast.AST, ast.stmt | None] = {}
        self._found_uses: dict[Key, _Uses] = {}
        self._tree = tree
        self._index(tree)

    def _index(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, _Scope]] = [(tree, tree)]
        names: list[ast.expr] = []
        parents, scopes = self._parents, self._scopes
        while stack:
            node, scope = stack.pop()
            scopes[node] = scope
            inner = node if isinstance(node, _SCOPES) else scope
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Load):
                    names.append(node)
                    if node.id == "nemotron" and node.id in self._programs:
                        self._seeds.append(node)
                else:
                    self._bound[scope, node.id].append(node)
            elif isinstance(node, ast.Attribute):
                if isinstance(node.ctx, ast.Load):
                    names.append(node)
                elif (key := self._key(node)) is not None:
                    self._bound[key].append(node)
            elif isinstance(node, ast.arg):
                self._bound[scope, node.arg].append(node)
            elif isinstance(node, _FUNCTIONS):
                self._functions[scope, node.name].append(node)
            elif isinstance(node, ast.Return):
                self._returns[scope].append(node)
            elif isinstance(node, ast.Yield | ast.YieldFrom):
                self._generators.add(scope)
            elif isinstance(node, ast.ImportFrom) and node.module in _PROGRAM_MODULES:
                self._programs.update(alias.asname or alias.name for alias in node.names)
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
            if (key := self._key(name)) is not None:
                self._loads[key].append(name)

    def _key(self, node: ast.AST) -> Key | None:
        """The scope and the name of a variable; the scope of an attribute of `self` is its class."""
        if isinstance(node, ast.Name):
            return self._home(self._scopes[node], node.id), node.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = node.value.id
            scope: _Scope = self._scopes[node]
            while scope is not self._tree:
                if isinstance(scope, ast.ClassDef) and owner in ("self", "cls", scope.name):
                    return scope, node.attr
                scope = self._scopes[scope]
        return None

    def _home(self, scope: _Scope, name: str) -> _Scope:
        """The scope whose variable a name is, as seen from `scope`."""
        here = scope
        while here is not self._tree:
            if (here, name) in self._bound and (here is scope or not isinstance(here, ast.ClassDef)):
                return here
            here = self._scopes[here]
        return self._tree

    def _function_of(self, function: ast.expr) -> Function | None:
        """The function of this file that a call calls by its name, or as a method of `self`."""
        if isinstance(function, ast.Name):
            scope: _Scope = self._scopes[function]
            while True:
                key = (scope, function.id)
                if found := self._functions.get(key):
                    return found[0] if len(found) == 1 and key not in self._bound else None
                if key in self._bound or scope is self._tree:
                    return None
                scope = self._scopes[scope]
        method = self._key(function)
        if method is None or not isinstance(method[0], ast.ClassDef):
            return None
        found = self._functions.get(method, [])
        return found[0] if len(found) == 1 and method not in self._bound else None

    def _calls_of(self, function: Function) -> list[ast.Call] | None:
        """The calls of a function in this file; None if something else may call it, too."""
        if isinstance(self._scopes[function], ast.ClassDef):
            loads = self._loads.get((self._scopes[function], function.name), [])
        else:
            loads = self._loads.get((self._scopes[function], function.name), [])
            if self._scopes[function] is not self._tree:
                loads = [*loads, *self._loads.get((self._tree, function.name), [])]
        calls: list[ast.Call] = []
        for load in loads:
            if self._function_of(load) is not function:
                continue
            call = self._parents.get(load)
            if not isinstance(call, ast.Call) or call.func is not load:
                return None
            calls.append(call)
        return calls

    def _returned(self, function: Function) -> ast.expr | None:
        """What a function returns, where that is one expression."""
        returns = self._returns.get(function, [])
        if len(returns) != 1 or function in self._generators or isinstance(function, ast.AsyncFunctionDef):
            return None
        return returns[0].value

    def _function_around(self, node: ast.AST) -> Function | None:
        scope = self._scopes[node]
        return scope if isinstance(scope, _FUNCTIONS) else None

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

    def _target_of(self, value: ast.expr) -> ast.Name | ast.Attribute | None:
        """The variable that a value is assigned to."""
        parent = self._parents.get(value)
        target: ast.expr | None = None
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and parent.value is value:
            target = parent.targets[0]
        elif isinstance(parent, ast.AnnAssign | ast.NamedExpr) and parent.value is value:
            target = parent.target
        return target if isinstance(target, ast.Name | ast.Attribute) and self._key(target) is not None else None

    def _name_of(self, value: ast.expr) -> ast.Name | ast.Attribute | None:
        """The variable that a value is bound to, if that is bound just once."""
        target = self._target_of(value)
        key = self._key(target) if target is not None else None
        return target if key is not None and self._binding(*key) is value else None

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
            if isinstance(statement, ast.AugAssign) or (value is not None and self._extends(node)):
                continue
            if value is not None or not isinstance(statement, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                return None
            if isinstance(statement, ast.Assign) and statement.targets != [node]:
                return None
            value = statement.value
        return value

    def _extends(self, target: ast.AST) -> bool:
        """True for `x = [*x, …]` and the like, which makes the value from the one before."""
        statement = self._parents.get(target)
        key = self._key(target)
        if key is None or not isinstance(statement, ast.Assign) or statement.targets != [target]:
            return False
        if key not in self._found_extending:
            self._found_extending[key] = {self._statement(load) for load in self._loads.get(key, ())}
        return statement in self._found_extending[key]

    def _value_of(self, name: ast.expr) -> ast.expr | None:
        key = self._key(name)
        return self._binding(*key) if key is not None else None

    def _additions(self, name: ast.expr) -> list[ast.stmt]:
        """The statements that change a list or string: `+=`, `append`, `extend`, `x = x + …`, item assignment."""
        key = self._key(name)
        if key is None:
            return []
        if key not in self._found_additions:
            self._found_additions[key] = self._find_additions(*key)
        return self._found_additions[key]

    def _find_additions(self, home: _Scope, name: str) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for node in self._bound.get((home, name), ()):
            statement = self._parents.get(node)
            if isinstance(statement, ast.AugAssign) or (isinstance(statement, ast.Assign) and self._extends(node)):
                found.append(statement)
        for load in self._loads.get((home, name), ()):
            parent = self._parents.get(load)
            changed = isinstance(parent, ast.Attribute) and parent.attr in _CHANGERS
            if changed or (isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load)):
                if (statement := self._statement(parent)) is not None:
                    found.append(statement)
        return sorted(found, key=lambda statement: (statement.lineno, statement.col_offset))

    def _statement(self, node: ast.AST | None) -> ast.stmt | None:
        """The statement that a node is part of."""
        path: list[ast.AST] = []
        while node is not None and not isinstance(node, ast.stmt) and node not in self._found_statements:
            path.append(node)
            node = self._parents.get(node)
        found = node if node is None or isinstance(node, ast.stmt) else self._found_statements[node]
        self._found_statements.update(dict.fromkeys(path, found))
        return found

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
