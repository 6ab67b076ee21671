"""The names of a Python file: where and to what they are bound, and where they are used."""

from __future__ import annotations

import ast
import itertools
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from enum import IntEnum

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

# Variables that affect a run.
_VARIABLE = lazily(r"NEMOTRON_[A-Z0-9_]+")
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
# Statements whose parts form one block.
_ONE_BLOCK = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.With, ast.AsyncWith)
# Fields of operators, names and numbers.
_WITHOUT_NODES = frozenset(
    {"arg", "attr", "conversion", "ctx", "id", "kind", "level", "module", "op", "ops", "simple", "type_comment"}
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_CHANGERS = frozenset({"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"})
ADDERS = frozenset({"append", "extend"})
# Methods of collections that keep what they are given.
_KEEPERS = frozenset({"add", "append", "appendleft", "insert", "put", "setattr", "setdefault"})
# Calls that make a new list, or something that is none.
_MAKERS = frozenset(
    {"ArgumentParser", "Counter", "OrderedDict", "Path", "copy", "defaultdict", "deque", "dict"}
) | frozenset({"getLogger", "list", "rsplit", "set", "sorted", "split", "splitlines", "tuple"})
# How many other names of a list are followed.
_MAX_ALIASES = 50
# Modules whose names are programs.
_PROGRAM_MODULES = frozenset({"sh", "plumbum.cmd"})


Function = ast.FunctionDef | ast.AsyncFunctionDef
Key = tuple[Scope, str]


class Growth(IntEnum):
    """What may be unknown of a value that something changes: nothing, what follows at its end, or all of it."""

    NONE = 0
    END = 1
    ALL = 2


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
        self._scopes: dict[ast.AST, Scope] = {}
        self._bound: dict[Key, list[ast.AST]] = defaultdict(list)
        self._loads: dict[Key, list[ast.expr]] = defaultdict(list)
        self._seeds: list[ast.expr] = []
        self._variables: list[ast.Constant] = []
        self._programs: set[str] = set()
        # Names imported from the package of the command: its app may be started in the same process.
        self._apps: set[str] = set()
        self._functions: dict[Key, list[Function]] = defaultdict(list)
        self._returns: dict[ast.AST, list[ast.Return]] = defaultdict(list)
        self._generators: set[ast.AST] = set()
        self._found_bindings: dict[Key, ast.expr | None] = {}
        self._found_entries: dict[ast.Dict, DictEntries] = {}
        self._found_additions: dict[Key, list[ast.stmt]] = {}
        # For each name, the ways in which each statement changes it.
        self._found_changes: dict[Key, dict[ast.stmt, list[ast.AST]]] = {}
        self._found_shared: dict[Key, Growth] = {}
        self._found_loose: Growth | None = None
        self._found_elsewhere: dict[str, tuple[bool, list[ast.Attribute]]] = {}
        self._found_mentions: dict[Scope, list[tuple[int, int]]] | None = None
        # Attributes of objects other than `self`, which something else may set or change.
        self._attributes: dict[str, list[ast.Attribute]] = defaultdict(list)
        self._found_extending: dict[Key, set[ast.stmt | None]] = {}
        self._found_statements: dict[ast.AST, ast.stmt | None] = {}
        self._found_uses: dict[Key, _Uses] = {}
        # The names of the file's functions and classes, and where names are used at all.
        self._callables: set[str] = set()
        self._uses_by_id: dict[str, list[ast.expr]] = defaultdict(list)
        # Where an item or a slice of something is set or deleted.
        self._stored: list[ast.Subscript] = []
        self._tree = tree
        self._index(tree)

    def _index(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, Scope]] = [(tree, tree)]
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
                self._attributes[node.attr].append(node)
                if isinstance(node.ctx, ast.Load):
                    names.append(node)
                    if node.attr == "nemotron" and isinstance(node.value, ast.Name) and node.value.id == "sh":
                        self._seeds.append(node)
                elif (key := self._key(node)) is not None:
                    self._bound[key].append(node)
            elif isinstance(node, ast.arg):
                self._bound[scope, node.arg].append(node)
            elif isinstance(node, _FUNCTIONS):
                self._functions[scope, node.name].append(node)
                self._callables.add(node.name)
            elif isinstance(node, ast.ClassDef):
                self._callables.add(node.name)
            elif isinstance(node, ast.Subscript):
                if not isinstance(node.ctx, ast.Load) and not _is_text(node.slice):
                    self._stored.append(node)
            elif isinstance(node, ast.Return):
                self._returns[scope].append(node)
            elif isinstance(node, ast.Yield | ast.YieldFrom):
                self._generators.add(scope)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "nemotron":
                self._apps.update(alias.asname or alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module in _PROGRAM_MODULES:
                self._programs.update(alias.asname or alias.name for alias in node.names)
            elif isinstance(node, ast.Global | ast.Nonlocal):
                for declared in node.names:
                    outer = scope
                    while isinstance(node, ast.Nonlocal) and outer is not tree:
                        self._bound[outer, declared].append(node)
                        outer = scopes[outer]
                    if isinstance(node, ast.Global):
                        self._bound[scope, declared].append(node)
                    self._bound[tree, declared].append(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                if _VARIABLE.fullmatch(node.value):
                    self._variables.append(node)
                elif "nemotron" in node.value or node.value == "steps" or (self._apps and node.value[:6] == "steps "):
                    self._seeds.append(node)
            for child in reversed(_children(node)):
                parents[child] = node
                stack.append((child, inner))
        for name in names:
            if (key := self._key(name)) is not None:
                self._loads[key].append(name)
            if isinstance(name, ast.Name) and name.id in self._callables:
                self._uses_by_id[name.id].append(name)

    def _key(self, node: ast.AST) -> Key | None:
        """The scope and the name of a variable; the scope of an attribute of `self` is its class."""
        if isinstance(node, ast.Name):
            return self._home(self._scopes[node], node.id), node.id
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = node.value.id
            scope: Scope = self._scopes[node]
            while scope is not self._tree:
                if isinstance(scope, ast.ClassDef) and owner in ("self", "cls", scope.name):
                    return scope, node.attr
                scope = self._scopes[scope]
        return None

    def _home(self, scope: Scope, name: str) -> Scope:
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
            scope: Scope = self._scopes[function]
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

    def uses(self, name: ast.expr) -> Sequence[ast.expr]:
        """Where the value of a variable is used, as far as names tell."""
        key = self._key(name)
        return self._loads.get(key, ()) if key is not None else ()

    def value_of(self, name: ast.expr) -> ast.expr | None:
        """The expression that a variable is bound to; None if it is bound in another way, or more than once."""
        return self._value_of(name)

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

    def _binding(self, scope: Scope, name: str) -> ast.expr | None:
        """The value that a name is bound to in a scope; None if it is bound in another way, or more than once."""
        key = (scope, name)
        if key not in self._found_bindings:
            self._found_bindings[key] = self._find_binding(scope, name)
        return self._found_bindings[key]

    def _find_binding(self, scope: Scope, name: str) -> ast.expr | None:
        value: ast.expr | None = None
        if isinstance(scope, ast.ClassDef) and self._elsewhere(name)[0]:
            return None
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

    def _find_additions(self, home: Scope, name: str) -> list[ast.stmt]:
        found: dict[ast.stmt, list[ast.AST]] = defaultdict(list)
        for node in self._bound.get((home, name), ()):
            statement = self._parents.get(node)
            if isinstance(statement, ast.AugAssign) or (isinstance(statement, ast.Assign) and self._extends(node)):
                found[statement].append(node)
        loads: list[ast.expr] = self._loads.get((home, name), [])
        if isinstance(home, ast.ClassDef):
            loads = [*loads, *self._elsewhere(name)[1]]
        for load in loads:
            if (statement := self._changing(load)) is not None:
                found[statement].append(load)
        self._found_changes[home, name] = found
        return sorted(found, key=_position)

    def _elsewhere(self, attribute: str) -> tuple[bool, list[ast.Attribute]]:
        """Whether the file sets an attribute of other objects than `self`, and where it changes one: each way once."""
        if attribute not in self._found_elsewhere:
            is_set = False
            changing: dict[bool, ast.Attribute] = {}
            for node in self._attributes.get(attribute, ()):
                if self._key(node) is not None:
                    continue
                if not isinstance(node.ctx, ast.Load):
                    is_set = True
                elif self._changing(node) is not None:
                    parent = self._parents.get(node)
                    changing.setdefault(isinstance(parent, ast.Attribute) and parent.attr in ADDERS, node)
            self._found_elsewhere[attribute] = is_set, list(changing.values())
        return self._found_elsewhere[attribute]

    def _changing(self, load: ast.expr) -> ast.stmt | None:
        """The statement that changes a list where it uses it; None if the use changes nothing."""
        parent = self._parents.get(load)
        changes = isinstance(parent, ast.Attribute) and parent.attr in _CHANGERS
        if changes or (isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load)):
            return self._statement(parent)
        return None

    def _changes(self, name: ast.expr) -> list[ast.stmt]:
        """The statements that change the words of a value, and not only whether it is a text or a list of them."""
        key = self._key(name)
        return [change for change in self._additions(name) if key is not None and not self._is_neutral(change, key)]

    def _is_neutral(self, statement: ast.stmt, key: Key) -> bool:
        """True for `x = x.split()` and the like."""
        ways = self._found_changes[key][statement]
        if not (isinstance(statement, ast.Assign) and len(ways) == 1 and statement.targets == ways):
            return False
        return self._has_words_of(statement.value, key)

    def _has_words_of(self, node: ast.expr, key: Key) -> bool:
        """True if an expression has the words of a name, as a list or as a text."""
        while True:
            match node:
                case ast.Name() | ast.Attribute():
                    return self._key(node) == key
                case ast.Call(func=ast.Attribute(value=ast.Name(id="shlex"), attr="split" | "join"), args=[inner]):
                    node = inner
                case ast.Call(func=ast.Attribute(value=ast.Constant(value=" "), attr="join"), args=[inner]):
                    node = inner
                case ast.Call(func=ast.Attribute(value=inner, attr="split" | "strip" | "copy"), args=[]):
                    node = inner
                case ast.Call(func=ast.Name(id="list" | "tuple" | "str"), args=[inner]):
                    node = inner
                case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id="str"), inner]):
                    node = inner
                case ast.ListComp(
                    elt=ast.Call(func=ast.Name(id="str"), args=[ast.Name(id=item)]),
                    generators=[ast.comprehension(target=ast.Name(id=target), iter=inner, ifs=[])],
                ) if item == target:
                    node = inner
                case ast.IfExp(body=body, orelse=orelse):
                    if not self._has_words_of(body, key):
                        return False
                    node = orelse
                case _:
                    return False

    def _growth(self, name: ast.expr) -> Growth:
        """What the statements that change a value leave unknown of it, if it is unknown when they run."""
        key = self._key(name)
        additions = self._changes(name)
        if key is None or not additions:
            return Growth.NONE
        only_adds = all(self._only_adds(statement, key) for statement in additions)
        return Growth.END if only_adds else Growth.ALL

    def _only_adds(self, statement: ast.stmt, key: Key) -> bool:
        """True if a statement leaves a value as it is, up to its end."""
        if self._is_neutral(statement, key):
            return True
        ways = self._found_changes.get(key, {}).get(statement, [])
        return all(self._adds(way, statement, key) for way in ways) and (
            len(ways) == 1 or not isinstance(statement, ast.Assign | ast.AugAssign)
        )

    def _adds(self, way: ast.AST, statement: ast.stmt, key: Key) -> bool:
        parent = self._parents.get(way)
        match parent:
            case ast.Attribute(value=value, attr=attr) if value is way:
                return attr in ADDERS
            case ast.AugAssign(op=op, target=target) if target is way:
                return isinstance(op, ast.Add)
            case ast.Assign(value=value) if parent is statement:
                return self._begins_with(value, key)
            case _:
                return False

    def _begins_with(self, node: ast.expr, key: Key) -> bool:
        """True if an expression is the value of a name with something after it."""
        while True:
            match node:
                case ast.Name() | ast.Attribute():
                    return self._key(node) == key
                case ast.BinOp(op=ast.Add(), left=first):
                    node = first
                case ast.List(elts=[ast.Starred(value=first), *_]):
                    node = first
                case ast.JoinedStr(values=[ast.FormattedValue(value=first, conversion=-1, format_spec=None), *_]):
                    node = first
                case _:
                    return False

    # Lists under several names

    def _shared(self, name: ast.expr) -> Growth:
        """What is unknown of a list since it may be changed under another name."""
        key = self._key(name)
        if key is None:
            return Growth.NONE
        if key not in self._found_shared:
            self._found_shared[key] = self._find_shared(key)
        return self._found_shared[key]

    def _find_shared(self, start: Key) -> Growth:
        seen = {start}
        stack = [start]
        growth = Growth.NONE
        kept = False
        while stack:
            key = stack.pop()
            if len(seen) > _MAX_ALIASES:
                return max(growth, self._loose_changes())
            value = self._binding(*key)
            sources = self._sources(value) if value is not None else []
            for load in self._loads.get(key, ()):
                others, is_kept = self._holders(load, key)
                kept = kept or is_kept
                sources += others
            for other in sources:
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
                    growth = max(growth, self._changes_in_place(other))
        return max(growth, self._loose_changes()) if kept else growth

    def _changes_in_place(self, key: Key) -> Growth:
        """What the statements leave unknown of a list that change it, and not only bind the name to another."""
        if key not in self._found_additions:
            self._found_additions[key] = self._find_additions(*key)
        changes = [statement for statement in self._found_additions[key] if not self._rebinds(statement, key)]
        if not changes:
            return Growth.NONE
        return Growth.END if all(self._only_adds(statement, key) for statement in changes) else Growth.ALL

    def _rebinds(self, statement: ast.stmt, key: Key) -> bool:
        ways = self._found_changes[key][statement]
        return isinstance(statement, ast.Assign) and len(ways) == 1 and ways[0] in statement.targets

    def _sources(self, value: ast.expr) -> list[Key]:
        """The names whose very list an expression may be."""
        match value:
            case ast.Name() | ast.Attribute():
                key = self._key(value)
                return [key] if key is not None else []
            case ast.IfExp(body=body, orelse=orelse):
                return [*self._sources(body), *self._sources(orelse)]
            case ast.BoolOp(values=values):
                return [key for item in values for key in self._sources(item)]
            case ast.NamedExpr(target=target, value=inner):
                return [*self._sources(target), *self._sources(inner)]
            case _:
                return []

    def _holders(self, load: ast.expr, key: Key) -> tuple[list[Key], bool]:
        """The other names that a use of a list gives it, and whether it is kept where no name is followed."""
        names: list[Key] = []
        node: ast.AST = load
        while True:
            parent = self._parents.get(node)
            match parent:
                case ast.Assign(value=value, targets=targets) if value is node:
                    for target in targets:
                        found = self._key(target)
                        if found is None:
                            return names, not isinstance(target, ast.Tuple | ast.List)
                        names.append(found)
                    return names, False
                case ast.AnnAssign(value=value, target=target) if value is node:
                    found = self._key(target)
                    return ([*names, found], False) if found is not None else (names, True)
                case ast.NamedExpr(value=value, target=target) if value is node:
                    if (found := self._key(target)) is not None:
                        names.append(found)
                    node = parent
                case ast.IfExp(test=test) if test is not node:
                    node = parent
                case ast.BoolOp():
                    node = parent
                case ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.arguments() | ast.Lambda():
                    return names, True
                case ast.Yield():
                    return names, True
                case ast.Return():
                    # A list of the function itself is as it is when it is returned.
                    own = self._function_around(parent) is key[0] and not self._is_parameter_key(key)
                    return names, not own
                case ast.keyword(arg=argument) as keyword:
                    call = self._parents.get(keyword)
                    return self._parameter(call, node, argument, names)
                case ast.Call(func=function) as call if function is not node:
                    return self._parameter(call, node, None, names)
                case _:
                    return names, False

    def _parameter(
        self, call: ast.AST | None, node: ast.AST, keyword: str | None, names: list[Key]
    ) -> tuple[list[Key], bool]:
        """The parameter that an argument becomes, where the function is one of the file."""
        if not isinstance(call, ast.Call):
            return names, True
        function = self._function_of(call.func)
        if function is None:
            if not isinstance(call.func, ast.Attribute | ast.Name):
                return names, True
            name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
            return names, name in _KEEPERS or name in self._callables
        spec = function.args
        given = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
        if keyword is not None:
            return ([*names, (function, keyword)], False) if keyword in given else (names, True)
        if isinstance(self._scopes[function], ast.ClassDef) and isinstance(call.func, ast.Attribute):
            if not any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in function.decorator_list):
                given = given[1:]
        at = next((at for at, item in enumerate(call.args) if item is node), len(given))
        if at >= len(given) or any(isinstance(item, ast.Starred) for item in call.args[:at]):
            return names, True
        return [*names, (function, given[at])], False

    def _loose_changes(self) -> Growth:
        """What statements leave unknown of a list that change one which they do not get by a name of its own."""
        if self._found_loose is None:
            self._found_loose = self._find_loose_changes()
        return self._found_loose

    def _find_loose_changes(self) -> Growth:
        growth = Growth.NONE
        for attr in _CHANGERS:
            for method in self._attributes.get(attr, ()):
                if self._is_loose(method.value):
                    growth = max(growth, Growth.END if attr in ADDERS else Growth.ALL)
        for subscript in self._stored:
            if self._is_loose(subscript.value):
                return Growth.ALL
        return growth

    def _is_loose(self, receiver: ast.expr, depth: int = 0) -> bool:
        """True if what is changed may be any list: no name is bound to it, or one that stands for several values."""
        match receiver:
            case ast.Name() | ast.Attribute():
                key = self._key(receiver)
                value = self._binding(*key) if key is not None and depth < _MAX_ALIASES else None
                return value is None or self._is_loose(value, depth + 1)
            case ast.Subscript(slice=index):
                return not isinstance(index, ast.Slice)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                return name not in _MAKERS
            case _:
                return isinstance(receiver, ast.IfExp | ast.BoolOp | ast.NamedExpr)

    def _is_parameter_key(self, key: Key) -> bool:
        return any(isinstance(node, ast.arg) for node in self._bound.get(key, ()))

    def _is_rebound(self, key: Key) -> bool:
        """True if a parameter is also bound to something that is not made from it."""
        return any(
            not isinstance(node, ast.arg)
            and not isinstance(self._parents.get(node), ast.AugAssign)
            and not self._extends(node)
            for node in self._bound.get(key, ())
        )

    def _is_changed_parameter(self, load: ast.expr) -> bool:
        """True if a name is a parameter whose value the function changes."""
        key = self._key(load)
        if key is None or not self._is_parameter_key(key):
            return False
        return bool(self._changes(load) or self._is_rebound(key) or self._shared(load))

    def _runs_between(self, scope: Scope, first: ast.stmt, last: ast.stmt) -> bool:
        """True if a function or class of the file is mentioned in `scope` between the starts of two statements."""
        if self._found_mentions is None:
            self._found_mentions = defaultdict(list)
            for name in self._callables:
                for load in (*self._uses_by_id.get(name, ()), *self._attributes.get(name, ())):
                    self._found_mentions[self._scopes[load]].append(_position(load))
            for places in self._found_mentions.values():
                places.sort()
        places = self._found_mentions.get(scope, [])
        return bisect_left(places, _position(first)) < bisect_left(places, _position(last))

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

    def _uses_of(self, scope: Scope, name: str) -> _Uses:
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


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
