"""Which keys of its config a step's code reads, and through which mapping, judged by the structure of the code.

The code is followed as it would run, from the file that the CLI starts, with sets of possible values for variables
(abstract interpretation); it is never executed. What is loaded from the file behind `--config` is the root of the
config; a subscript, `.get`, an attribute, an unpacked argument or a field of a class leads from a mapping to a key. A
mapping that is passed to a library is passed whole: the library may read any key below it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence

from nemolint.base.patterns import lazily
from nemolint.project.abstract_values import (
    ANY_TEXT,
    ARGUMENTS,
    DATA,
    FILE,
    NO_ARGUMENTS,
    NONE,
    OPAQUE,
    UNKNOWN,
    Arguments,
    Bound,
    Box,
    Class,
    Const,
    Function,
    Instance,
    Lib,
    Mark,
    Module,
    Name,
    Node,
    Path,
    Scope,
    Thing,
    const,
)
from nemolint.project.library_calls import (
    FILE_METHODS,
    KEYED,
    LOADERS,
    MAPPING_METHODS,
    MODEL_BASES,
    MODEL_METHODS,
    PLAIN_BASES,
    PROPERTIES,
    PURE,
    RETURN_MAPPING,
    SILENT,
    VALUE_METHODS,
    YAML_LOADERS,
)
from nemolint.project.model import ANY, BUT, OR, Reads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.project.abstract_values import Value

MAX_STEPS = 300_000
MAX_CALLS = 24
MAX_PARTS = 12
MAX_ATOMS = 40
MAX_READS = 2_000
MAX_NAME = 200
LOOPS = 3

_PART = lazily(r"[A-Za-z_][A-Za-z0-9_-]{0,99}\Z")
_WORD = lazily(r"[A-Za-z_]\w*")
_LOOKUP = lazily(r"\{[^{}]*[.\[]")


class TooMuch(Exception):
    """The code is more than is looked at."""


def _given(text: str) -> Arguments:
    return Arguments([const(text)], {}, [], [])


def reads(
    script: str,
    trees: Mapping[str, ast.Module],
    find: Callable[[str, int, str], str | None],
) -> Reads | None:
    """What the code reads that starts at the file `script`; None where that cannot be said.

    `trees` are the files of the steps' package. `find(file, level, module)` gives the file that an import of a module
    in a file loads, None for a library.
    """
    if not _acts(trees[script]):
        return Reads((), ("",))  # whatever takes the config is elsewhere
    interpreter = Interpreter(trees, find)
    try:
        interpreter.run(script)
    except (TooMuch, RecursionError):
        return None
    return interpreter.result()


class Interpreter:
    def __init__(self, trees: Mapping[str, ast.Module], find: Callable[[str, int, str], str | None]) -> None:
        self._trees = trees
        self._find = find
        self._modules: dict[str, Module] = {}
        self._module: Module = Module("")
        self._scope = Scope()
        self._returns: list[Value] = []
        self._steps = 0
        self._depth = 0
        self._unsure = 0
        self._loaded = False
        self._known: dict[tuple[Any, ...], Value] = {}
        self._running: set[tuple[Any, ...]] = set()
        self._made: dict[tuple[Any, Any], Any] = {}
        self._escaped: set[Thing] = set()
        self.reads: set[Path] = set()
        self.passed_whole: set[Path] = set()

    def run(self, script: str) -> None:
        self._import(script, "__main__")

    def result(self) -> Reads | None:
        if not self._loaded or len(self.reads) > MAX_READS:
            return None
        kept = {path for path in self.passed_whole if not _below(path, self.passed_whole)}
        read = {path for path in self.reads if _is_literal(path) or not _below((*path, ""), kept)}
        return Reads(tuple(sorted(".".join(path) for path in read)), tuple(sorted(".".join(path) for path in kept)))

    # -- what is noted

    def _key(self, node: Node, key: Value) -> Value:
        """What stands in a mapping of the config under a key."""
        result: set[Any] = set()
        for part in self._parts(key):
            path = (*node.path, part)
            if len(path) > MAX_PARTS or path[-3:] == (ANY, ANY, ANY):
                self.passed_whole.add(node.path)
                result.add(OPAQUE)
            else:
                self.reads.add(path)
                result.add(Node(path))
        return frozenset(result)

    @staticmethod
    def _parts(key: Value) -> set[str]:
        result = set()
        for atom in key:
            if isinstance(atom, Const) and isinstance(atom.value, str) and _PART.match(atom.value):
                result.add(atom.value)
            else:
                result.add(atom.pattern if isinstance(atom, Name) else ANY)
        return result

    def _escape(self, value: Value) -> None:
        """A library gets a value: it may read anything below it."""
        pending = [*value]
        while pending:
            atom = pending.pop()
            if isinstance(atom, Node):
                self.passed_whole.add(atom.path)
            elif isinstance(atom, Mark) and atom.role in ("file", "arguments"):
                self._loaded = True
                self.passed_whole.add(())
            elif isinstance(atom, Bound):
                pending.append(atom.owner)
            elif isinstance(atom, Box) and atom not in self._escaped:
                self._escaped.add(atom)
                pending += [inner for item in (*atom.items.values(), atom.rest) for inner in item]
            elif isinstance(atom, Instance) and atom not in self._escaped:
                self._escaped.add(atom)
                pending += [inner for item in atom.fields.values() for inner in item]
            elif isinstance(atom, Function) and atom not in self._escaped:
                self._escaped.add(atom)
                self._unsure += 1
                parameters = atom.node.args
                count = len(parameters.posonlyargs) + len(parameters.args)
                keywords = {entry.arg: UNKNOWN for entry in parameters.kwonlyargs}
                self._call_function(atom, Arguments([UNKNOWN] * count, keywords, [], []))
                self._unsure -= 1

    def _join(self, values: Iterable[Value]) -> Value:
        result: Value = frozenset().union(*values)
        if len(result) > MAX_ATOMS:
            self._escape(result)
            return UNKNOWN
        return result

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS or len(self.reads) > MAX_READS:
            raise TooMuch

    # -- modules

    def _import(self, file: str, name: str) -> Module:
        module = self._modules.get(file)
        if module is None:
            module = self._modules[file] = Module(file)
        if not module.started and file in self._trees:
            module.started = True
            tree = self._trees[file]
            module.globals = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
            module.scope.vars["__name__"] = const(name)
            module.scope.vars["__file__"] = DATA
            saved = self._module, self._scope, self._returns
            self._module, self._scope, self._returns = module, module.scope, []
            self._block(tree.body)
            self._module, self._scope, self._returns = saved
        return module

    def _module_named(self, level: int, name: str) -> Module | None:
        file = self._find(self._module.file, level, name)
        return self._import(file, name) if file is not None else None

    def _do_import(self, node: ast.Import) -> None:
        for alias in node.names:
            module = self._module_named(0, alias.name)
            name = alias.asname or alias.name.partition(".")[0]
            if alias.asname is None and "." in alias.name:
                self._scope.vars[name] = frozenset({Lib(name)})
            else:
                self._scope.vars[name] = frozenset({module or Lib(alias.name)})

    def _do_import_from(self, node: ast.ImportFrom) -> None:
        name = node.module or ""
        module = self._module_named(node.level, name)
        for alias in node.names:
            if alias.name == "*":
                if module is not None:
                    self._scope.vars.update(module.scope.vars)
                continue
            inner = self._module_named(node.level, f"{name}.{alias.name}" if name else alias.name)
            value: Value = NONE
            if module is not None:
                value = module.scope.vars.get(alias.name, NONE)
            if not value:
                library = f"{name or '.'}.{alias.name}"
                value = frozenset({inner or (OPAQUE if module is not None else Lib(library))})
            self._scope.vars[alias.asname or alias.name] = value

    # -- statements: True where none behind is reached

    def _block(self, body: Sequence[ast.stmt]) -> bool:
        return any(self._statement(node) for node in body)

    def _branches(self, blocks: Sequence[Callable[[], bool]]) -> bool:
        before = self._scope.vars
        after: list[dict[str, Value]] = []
        self._unsure += 1
        for block in blocks:
            self._scope.vars = dict(before)
            if not block():
                after.append(self._scope.vars)
        self._unsure -= 1
        self._scope.vars = self._merge(after) if after else before
        return not after

    def _merge(self, scopes: list[dict[str, Value]]) -> dict[str, Value]:
        if len(scopes) == 1:
            return scopes[0]
        result = dict(scopes[0])
        for other in scopes[1:]:
            for name, value in other.items():
                old = result.get(name)
                result[name] = value if old is None or old == value else self._join((old, value))
        return result

    def _loop(self, body: Callable[[], bool], orelse: Sequence[ast.stmt]) -> bool:
        for _ in range(LOOPS):
            before = dict(self._scope.vars)
            self._branches((body, lambda: False))
            if self._scope.vars == before:
                break
        self._block(orelse)
        return False

    def _statement(self, node: ast.stmt) -> bool:
        self._step()
        match node:
            case ast.Expr():
                self.value(node.value)
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self._assign(target, value)
            case ast.AnnAssign() if node.value is not None:
                self._assign(node.target, self.value(node.value))
            case ast.AugAssign():
                self._assign(node.target, self._join((self.value(node.target), self.value(node.value))))
            case ast.Return():
                self._returns.append(self.value(node.value) if node.value is not None else const(None))
                return True
            case ast.If():
                return self._if(node)
            case ast.For() | ast.AsyncFor():
                source = self.value(node.iter)

                def once() -> bool:
                    self._assign(node.target, self._elements(source))
                    self._block(node.body)
                    return False

                return self._loop(once, node.orelse)
            case ast.While():

                def round() -> bool:
                    self.value(node.test)
                    self._narrow(node.test, True)
                    self._block(node.body)
                    return False

                return self._loop(round, node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    entered = self.value(item.context_expr)
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, entered)
                return self._block(node.body)
            case ast.Try():
                return self._try(node)
            case ast.Match():
                return self._match(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(node)
            case ast.ClassDef():
                self._class(node)
            case ast.Import():
                self._do_import(node)
            case ast.ImportFrom():
                self._do_import_from(node)
            case ast.Raise():
                if node.exc is not None:
                    self.value(node.exc)
                return True
            case ast.Assert():
                self.value(node.test)
                if node.msg is not None:
                    self.value(node.msg)
            case ast.Continue() | ast.Break():
                return True
            case ast.Delete():
                for target in node.targets:
                    self.value(target)
            case ast.Global() if self._scope is not self._module.scope:
                self._scope.shared.update(dict.fromkeys(node.names, self._module.scope))
            case ast.Nonlocal():
                for name in node.names:
                    self._scope.shared[name] = self._scope_of(name, self._scope.parent) or self._module.scope
        return False

    def _if(self, node: ast.If) -> bool:
        truth = self._truth(self.value(node.test))
        if truth is not None:
            return self._block(node.body if truth else node.orelse)

        def branch(body: Sequence[ast.stmt], positive: bool) -> bool:
            self._narrow(node.test, positive)
            return self._block(body)

        return self._branches((lambda: branch(node.body, True), lambda: branch(node.orelse, False)))

    def _try(self, node: ast.Try) -> bool:
        before = dict(self._scope.vars)
        stopped = self._block(node.body) or self._block(node.orelse)
        tried = self._scope.vars

        def handle(handler: ast.ExceptHandler) -> bool:
            self._scope.vars = self._merge([before, tried])
            if handler.name is not None:
                self._scope.vars[handler.name] = DATA
            return self._block(handler.body)

        ends: list[Callable[[], bool]] = [lambda: stopped]
        ends += [lambda handler=handler: handle(handler) for handler in node.handlers]  # type: ignore[misc]
        stopped = self._branches(ends)
        return self._block(node.finalbody) or stopped

    def _match(self, node: ast.Match) -> bool:
        subject = self.value(node.subject)

        def case(entry: ast.match_case) -> bool:
            self._bind_pattern(entry.pattern, subject)
            if entry.guard is not None:
                self.value(entry.guard)
            return self._block(entry.body)

        cases: list[Callable[[], bool]] = [lambda entry=entry: case(entry) for entry in node.cases]  # type: ignore[misc]
        return self._branches([*cases, lambda: False])

    def _bind_pattern(self, pattern: ast.pattern, subject: Value) -> None:
        self._step()
        match pattern:
            case ast.MatchAs():
                if pattern.pattern is not None:
                    self._bind_pattern(pattern.pattern, subject)
                if pattern.name is not None:
                    self._scope.vars[pattern.name] = subject
            case ast.MatchMapping():
                for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
                    self._bind_pattern(inner, self._item(subject, self.value(key)))
                if pattern.rest is not None:
                    self._scope.vars[pattern.rest] = subject
            case ast.MatchSequence() | ast.MatchOr():
                for inner in pattern.patterns:
                    elements = subject if isinstance(pattern, ast.MatchOr) else self._elements(subject)
                    self._bind_pattern(inner, elements)
            case ast.MatchStar() if pattern.name is not None:
                self._scope.vars[pattern.name] = subject
            case ast.MatchClass():
                for inner in (*pattern.patterns, *pattern.kwd_patterns):
                    self._bind_pattern(inner, UNKNOWN)
                if pattern.patterns or pattern.kwd_patterns:
                    self._escape(subject)

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        function = self._make(node, lambda: Function(node, self._module, self._scope))
        self._scope.vars[node.name] = self._decorated(node, frozenset({function}))
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(called, ast.Attribute) and ast.unparse(called) == "hydra.main":
                self._loaded = True
                self._call_function(function, Arguments([frozenset({Node(())})], {}, [], []))

    def _class(self, node: ast.ClassDef) -> None:
        bases = [self.value(base) for base in node.bases]
        kind: Class = self._make(node, lambda: Class(node, self._module, Scope(self._scope), bases))
        outer = self._scope
        self._scope = kind.scope
        self._block(node.body)
        self._scope = outer
        self._scope.vars[node.name] = self._decorated(node, frozenset({kind}))

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, made: Value) -> Value:
        """What a definition makes, and what decorators of the steps' package make of it."""
        for decorator in reversed(node.decorator_list):
            for atom in self.value(decorator):
                if isinstance(atom, Function | Bound | Instance):
                    found = self._apply(node, atom, NO_ARGUMENTS._replace(positional=[made]))
                    made |= {one for one in found if isinstance(one, Thing | Bound)}
        return made

    def _make(self, node: ast.AST, make: Callable[[], Any], more: Any = None) -> Any:
        """One object for a place in the code, however often it runs; a function differs by its scope."""
        at = (id(node), id(self._scope) if isinstance(node, ast.stmt | ast.Lambda) else more)
        if at not in self._made:
            self._made[at] = make(), self._scope  # the scope is kept, so that its identity is
        return self._made[at][0]

    def _assign(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name():
                home = self._scope.shared.get(target.id)
                if home is not None:
                    home.vars[target.id] = self._join((home.vars.get(target.id, NONE), value))
                else:
                    shared = self._scope is self._module.scope and target.id in self._module.globals
                    self._scope.vars[target.id] = self._join((value, UNKNOWN)) if shared else value
            case ast.Tuple() | ast.List():
                for index, inner in enumerate(target.elts):
                    if isinstance(inner, ast.Starred):
                        self._assign(inner.value, value)
                    else:
                        self._assign(inner, self._item(value, const(index)))
            case ast.Attribute():
                for atom in self.value(target.value):
                    if isinstance(atom, Instance):
                        self._set_field(atom, target.attr, value)
                    else:
                        self._store(atom, const(target.attr), value)
            case ast.Subscript():
                key = self.value(target.slice)
                for atom in self.value(target.value):
                    self._store(atom, key, value)

    def _set_field(self, atom: Instance, name: str, value: Value) -> None:
        atom.fields[name] = self._join((atom.fields.get(name, NONE), value))
        if atom in self._escaped:
            self._escape(value)

    def _store(self, atom: Any, key: Value, value: Value) -> None:
        if isinstance(atom, Box):
            if atom in self._escaped:
                self._escape(value)
            names = _places(key)
            if len(names) == len(key) and len(atom.items) < MAX_ATOMS:
                for name in names:
                    atom.items[name] = self._join((atom.items.get(name, NONE), value))
            else:
                atom.rest = self._join((atom.rest, value))
        elif isinstance(atom, Node):
            same = {Node((*atom.path, part)) for part in self._parts(key)}
            self._escape(value - same)
        elif isinstance(atom, Module) or not (isinstance(atom, Mark) and atom.role == "data"):
            self._escape(value)

    # -- conditions

    def _truth(self, value: Value) -> bool | None:
        if not value or not all(isinstance(atom, Const) for atom in value):
            return None
        found = {bool(atom.value) for atom in value}
        return found.pop() if len(found) == 1 else None

    def _narrow(self, test: ast.expr, positive: bool) -> set[str]:
        """What a condition says of variables that hold the name of a key; which variables those are."""
        match test:
            case ast.UnaryOp(op=ast.Not()):
                return self._narrow(test.operand, not positive)
            case ast.BoolOp() if isinstance(test.op, ast.And) == positive:
                return {name for value in test.values for name in self._narrow(value, positive)}
            case ast.Compare(left=ast.Name(), ops=[op], comparators=[right]):
                if isinstance(op, ast.NotIn | ast.NotEq):
                    positive = not positive
                elif not isinstance(op, ast.In | ast.Eq):
                    return set()
                name = test.left.id if isinstance(test.left, ast.Name) else ""
                value = self._scope.vars.get(name, NONE)
                if value and all(isinstance(atom, Node | Const) or atom in ANY_TEXT for atom in value):
                    texts, sure = self._texts(right, isinstance(op, ast.In | ast.NotIn))
                    if positive and texts is not None:
                        self._scope.vars[name] = frozenset(Const(text, "str") for text in texts)
                    elif not positive and sure and value <= ANY_TEXT:
                        self._scope.vars[name] = frozenset({Name(BUT + OR.join(sorted(sure)))})
                    return {name}
        return set()

    def _texts(self, node: ast.expr, inside: bool) -> tuple[set[str] | None, set[str]]:
        """The texts that a value can be, or can hold, None if not all are known; and those it holds in any case."""
        found: set[str] = set()
        complete = True
        sure: list[set[str]] = []
        for atom in self.value(node):
            if isinstance(atom, Box) and inside:
                sure.append(atom.sure)
                inner = self._join((*atom.items.values(), atom.rest))
            else:
                inner = frozenset() if inside else frozenset({atom})
                complete = complete and not inside
                sure.append({atom.value} if not inside and _is_key(atom) else set())
            complete = complete and all(_is_key(entry) for entry in inner)
            found |= {entry.value for entry in inner if _is_key(entry)}
        common = set.intersection(*sure) if sure else set()
        return (found if complete and len(found) < MAX_ATOMS else None), common

    # -- expressions

    def value(self, node: ast.expr) -> Value:
        self._step()
        match node:
            case ast.Constant():
                known = isinstance(node.value, str | int | float | bool) or node.value is None
                return const(node.value) if known else DATA  # type: ignore[arg-type]
            case ast.Name():
                return self._lookup(node.id)
            case ast.Attribute():
                return self._join(self._attribute(atom, node.attr) for atom in self.value(node.value))
            case ast.Subscript():
                owner = self.value(node.value)
                if isinstance(node.slice, ast.Slice):
                    return self._sliced(node, owner)
                return self._item(owner, self.value(node.slice))
            case ast.Call():
                return self._call(node)
            case ast.JoinedStr():
                return self._joined(node)
            case ast.BoolOp():
                return self._bool(node)
            case ast.IfExp():
                truth = self._truth(self.value(node.test))
                if truth is not None:
                    return self.value(node.body if truth else node.orelse)
                return self._join((self.value(node.body), self.value(node.orelse)))
            case ast.Compare():
                return self._compare(node)
            case ast.UnaryOp():
                truth = self._truth(self.value(node.operand))
                return const(not truth) if isinstance(node.op, ast.Not) and truth is not None else DATA
            case ast.BinOp():
                return self._binary(node)
            case ast.Dict():
                return self._dict(node)
            case ast.List() | ast.Tuple() | ast.Set():
                return self._sequence(node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._comprehension(node, node.generators, lambda: (NONE, self.value(node.elt)))
            case ast.DictComp():
                return self._comprehension(
                    node, node.generators, lambda: (self.value(node.key), self.value(node.value))
                )
            case ast.Lambda():
                return frozenset({self._make(node, lambda: Function(node, self._module, self._scope))})
            case ast.Await() | ast.Starred() | ast.YieldFrom():
                return self.value(node.value)
            case ast.Yield():
                if node.value is not None:
                    box = self._make(node, Box)
                    box.rest = self._join((box.rest, self.value(node.value)))
                    self._returns.append(frozenset({box}))
                return UNKNOWN
            case ast.NamedExpr():
                value = self.value(node.value)
                self._assign(node.target, value)
                return value
            case ast.FormattedValue():
                return self.value(node.value)
        return UNKNOWN

    def _lookup(self, name: str) -> Value:
        scope = self._scope_of(name, self._scope)
        if scope is not None:
            return scope.vars[name]
        if name == "TYPE_CHECKING":
            return const(False)
        return frozenset({Lib(f"builtins.{name}")}) if hasattr(builtins, name) else UNKNOWN

    @staticmethod
    def _scope_of(name: str, scope: Scope | None) -> Scope | None:
        """The scope that holds a variable, from `scope` outward."""
        while scope is not None and name not in scope.vars:
            scope = scope.parent
        return scope

    def _attribute(self, atom: Any, name: str) -> Value:
        if isinstance(atom, Node):
            return frozenset({Bound(atom, name)}) if name in MAPPING_METHODS else self._key(atom, const(name))
        if isinstance(atom, Mark):
            return self._argument(name) if atom.role == "arguments" else DATA if atom.role == "data" else UNKNOWN
        if isinstance(atom, Lib):
            return frozenset({Lib(f"{atom.name}.{name}")}) if len(atom.name) < MAX_NAME else UNKNOWN
        if isinstance(atom, Module):
            return atom.scope.vars.get(name, UNKNOWN)
        if isinstance(atom, Instance):
            return self._field(atom, name)
        if isinstance(atom, Class):
            return self._member(atom, name) or UNKNOWN
        if isinstance(atom, Box):
            return atom.items.get(name, NONE) or frozenset({Bound(atom, name)})
        return UNKNOWN

    @staticmethod
    def _argument(name: str) -> Value:
        return FILE if any(word in name.lower() for word in ("conf", "cfg", "yaml")) else UNKNOWN

    def _field(self, atom: Instance, name: str) -> Value:
        if name in atom.fields:
            return atom.fields[name]
        found = self._member(atom.kind, name)
        if not found:
            return self._call_method(atom, "__getattr__", _given(name)) if self._has(atom, "__getattr__") else UNKNOWN
        result = []
        for member in found:
            if isinstance(member, Function):
                bound = frozenset({Bound(atom, name)})
                names = _decorators(member.node)
                result.append(self._call_method(atom, name, NO_ARGUMENTS) if names & PROPERTIES else bound)
            else:
                result.append(frozenset({member}))
        return self._join(result)

    def _has(self, atom: Any, name: str) -> bool:
        """True if an atom is an object whose class in the steps' package has that method."""
        return isinstance(atom, Instance) and any(
            isinstance(member, Function) for member in self._member(atom.kind, name)
        )

    def _member(self, kind: Class, name: str) -> Value:
        """What a class or one that it inherits from holds under a name."""
        for one in self._lineage(kind):
            if name in one.scope.vars:
                return one.scope.vars[name]
        return NONE

    @staticmethod
    def _lineage(kind: Class) -> list[Class]:
        result: list[Class] = []
        pending = [kind]
        while pending and len(result) < MAX_ATOMS:
            one = pending.pop(0)
            if one not in result:
                result.append(one)
                pending += [base for value in one.bases for base in value if isinstance(base, Class)]
        return result

    def _item(self, owner: Value, key: Value) -> Value:
        result = []
        for atom in owner:
            if isinstance(atom, Node):
                result.append(self._key(atom, key))
            elif isinstance(atom, Box):
                names = _places(key)
                if len(names) == len(key):
                    result += [atom.items.get(name, NONE) for name in names]
                else:
                    result += atom.items.values()
                result.append(atom.rest)
            elif atom == Lib("sys.argv"):
                result.append(FILE)
            elif isinstance(atom, Mark) and atom.role == "arguments":
                result += [self._argument(entry.value) if _is_key(entry) else FILE for entry in key]
            elif isinstance(atom, Mark) and atom.role == "data":
                result.append(DATA)
            elif isinstance(atom, Class | Lib):
                result.append(frozenset({atom}))  # `list[int]`, `Enum[name]`
            elif self._has(atom, "__getitem__"):
                result.append(self._call_method(atom, "__getitem__", NO_ARGUMENTS._replace(positional=[key])))
            else:
                result.append(UNKNOWN)
        return self._join(result)

    def _sliced(self, node: ast.AST, owner: Value) -> Value:
        """A part of a list or of a text."""
        boxes = frozenset(atom for atom in owner if isinstance(atom, Box))
        texts = frozenset(atom for atom in owner if _is_key(atom) or isinstance(atom, Name))
        result = [owner - boxes - texts, frozenset({Name(ANY)}) if texts else NONE]
        if boxes:
            result.append(self._listed((node, "slice"), self._elements(boxes)))
        return self._join(result)

    def _elements(self, value: Value) -> Value:
        """What a loop over a value meets."""
        result = []
        for atom in value:
            if isinstance(atom, Node):
                result += [self._key(atom, frozenset({Name(ANY)})), frozenset({Name(ANY)})]
            elif isinstance(atom, Box):
                result += [*atom.items.values(), atom.rest]
            elif isinstance(atom, Mark) and atom.role == "data":
                result.append(DATA)
            elif atom == Lib("sys.argv"):
                result.append(FILE)
            elif self._has(atom, "__iter__"):
                result.append(self._elements(self._call_method(atom, "__iter__", NO_ARGUMENTS)))
            elif not isinstance(atom, Const):
                result.append(UNKNOWN)
        return self._join(result)

    def _joined(self, node: ast.JoinedStr) -> Value:
        texts = [""]
        for part in node.values:
            value = self.value(part)
            inner = [atom.value for atom in value if _is_key(atom)]
            if len(inner) != len(value) or len(inner) * len(texts) > MAX_ATOMS:
                inner = [ANY]
            texts = (
                [f"{text}{more}" for text in texts for more in inner] if inner else [f"{text}{ANY}" for text in texts]
            )
        return frozenset(_text(text) for text in texts)

    def _bool(self, node: ast.BoolOp) -> Value:
        found: list[Value] = []
        stops = isinstance(node.op, ast.Or)
        saved = dict(self._scope.vars)
        narrowed: set[str] = set()
        for inner in node.values:
            value = self.value(inner)
            truth = self._truth(value)
            if truth is None:
                found.append(value)
            elif truth == stops:
                found.append(value)
                break
            elif inner is node.values[-1]:
                found.append(value)
            elif not stops:
                continue
            narrowed |= self._narrow(inner, not stops)
        self._scope.vars.update({name: saved[name] for name in narrowed if name in saved})
        return self._join(found)

    def _compare(self, node: ast.Compare) -> Value:
        left = self.value(node.left)
        if len(node.ops) > 1:
            for other in node.comparators:
                self.value(other)
            return DATA
        op, right = node.ops[0], self.value(node.comparators[0])
        truth: bool | None = None
        if isinstance(op, ast.In | ast.NotIn):
            for atom in right:
                # With a name that is not known, the test alone says nothing of the key.
                if isinstance(atom, Node) and not left & ANY_TEXT:
                    self._key(atom, left)
                elif self._has(atom, "__contains__"):
                    self._call_method(atom, "__contains__", NO_ARGUMENTS._replace(positional=[left]))
            texts, sure = self._texts(node.comparators[0], True)
            wanted = {atom.value for atom in left if _is_key(atom)}
            if len(wanted) == len(left) == 1:
                truth = True if wanted <= sure else False if texts is not None and not wanted & texts else None
        elif len(left) == len(right) == 1:
            (one,), (other,) = left, right
            if isinstance(one, Const) and isinstance(other, Const):
                truth = one == other if isinstance(op, ast.Eq | ast.Is | ast.NotEq | ast.IsNot) else None
            elif isinstance(one, Thing) and other == Const(None, "NoneType"):
                truth = False if isinstance(op, ast.Is | ast.IsNot) else None
        if truth is None:
            return DATA
        return const(truth != isinstance(op, ast.NotIn | ast.NotEq | ast.IsNot))

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(node.op, ast.BitOr):
            return self._join((left, right))
        if isinstance(node.op, ast.Mod) and not all(
            isinstance(one, Const) and "%(" not in str(one.value) for one in left
        ):
            self._escape(right)  # `"%(key)s" % mapping`
        if isinstance(node.op, ast.Add):
            if any(isinstance(atom, Box | Node) for atom in left | right):
                return self._join((left, right))
            if len(left) == len(right) == 1:
                (one,), (other,) = left, right
                parts = [atom.value if _is_key(atom) else getattr(atom, "pattern", ANY) for atom in (one, other)]
                if any(_is_key(atom) or isinstance(atom, Name) for atom in (one, other)):
                    return frozenset({_text("".join(part if BUT not in part else ANY for part in parts))})
        return UNKNOWN if OPAQUE in left | right or left | right & FILE else DATA

    def _dict(self, node: ast.Dict) -> Value:
        box = self._make(node, Box)
        spread: list[Value] = []
        for key, inner in zip(node.keys, node.values, strict=True):
            value = self.value(inner)
            if key is None:
                spread.append(frozenset(atom for atom in value if isinstance(atom, Node | Mark)))
                self._spread(box, value)
            else:
                self._store(box, self.value(key), value)
        return self._join((*spread, frozenset({box})))

    def _spread(self, box: Box, value: Value) -> None:
        for atom in value:
            if isinstance(atom, Box) and atom is not box:
                for name, item in atom.items.items():
                    box.items[name] = self._join((box.items.get(name, NONE), item))
                box.rest = self._join((box.rest, atom.rest))
                if box in self._escaped:
                    self._escape(frozenset({atom}))

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        box = self._make(node, Box)
        box.sure = set()
        known = True
        for index, inner in enumerate(node.elts):
            value = self.value(inner)
            if isinstance(inner, ast.Starred):
                box.rest = self._join((box.rest, self._elements(value)))
                known = False
            elif known and index < MAX_ATOMS:
                box.items[index] = self._join((box.items.get(index, NONE), value))
            else:
                box.rest = self._join((box.rest, value))
            if len(value) == 1 and not isinstance(inner, ast.Starred):
                box.sure |= {atom.value for atom in value if _is_key(atom)}
        if box in self._escaped:
            self._escape(self._join((*box.items.values(), box.rest)))
        return frozenset({box})

    def _comprehension(
        self, node: ast.expr, generators: list[ast.comprehension], item: Callable[[], tuple[Value, Value]]
    ) -> Value:
        outer = self._scope
        self._scope = Scope(outer)
        box: Box = self._make(node, Box)
        for generator in generators:
            self._assign(generator.target, self._elements(self.value(generator.iter)))
            for test in generator.ifs:
                self.value(test)
                self._narrow(test, True)
        key, value = item()
        self._store(box, key or UNKNOWN, value)
        self._scope = outer
        return frozenset({box})

    # -- calls

    def _call(self, node: ast.Call) -> Value:
        arguments = Arguments([], {}, [], [])
        function = node.func
        owner = self.value(function.value) if isinstance(function, ast.Attribute) else NONE
        for argument in node.args:
            value = self.value(argument)
            (arguments.stars if isinstance(argument, ast.Starred) else arguments.positional).append(value)
        for keyword in node.keywords:
            value = self.value(keyword.value)
            if keyword.arg is None:
                arguments.mappings.append(value)
            else:
                arguments.keywords[keyword.arg] = value
        if isinstance(function, ast.Attribute):
            return self._join(self._call_attribute(node, atom, function.attr, arguments) for atom in owner)
        return self._join(self._apply(node, atom, arguments) for atom in self.value(function))

    def _call_attribute(self, node: ast.AST, atom: Any, name: str, arguments: Arguments) -> Value:
        if isinstance(atom, Node):
            return self._call_node(atom, name, arguments)
        if isinstance(atom, Box):
            return self._call_box(node, atom, name, arguments)
        if isinstance(atom, Const | Name):
            return self._call_text(atom, name, arguments)
        if isinstance(atom, Mark) and atom.role == "file" and name in FILE_METHODS:
            return FILE
        if isinstance(atom, Mark) and atom.role in ("data", "file"):
            self._escape_all(arguments)
            return DATA if atom.role == "data" else UNKNOWN
        if isinstance(atom, Instance) and name not in atom.fields:
            if not self._member(atom.kind, name) and self._has(atom, "__getattr__"):
                return self._join(self._apply(node, entry, arguments) for entry in self._field(atom, name))
            return self._call_method(atom, name, arguments)
        if isinstance(atom, Class):
            member = self._member(atom, name)
            if not member and name in MODEL_METHODS:
                return self._instantiate(node, atom, Arguments([], {}, [], arguments.positional))
            functions = [entry for entry in member if isinstance(entry, Function)]
            if functions and "classmethod" in _decorators(functions[0].node):
                arguments = arguments._replace(positional=[frozenset({atom}), *arguments.positional])
            return self._join(self._apply(node, entry, arguments) for entry in member or UNKNOWN)
        return self._join(self._apply(node, entry, arguments) for entry in self._attribute(atom, name))

    def _call_node(self, node: Node, name: str, arguments: Arguments) -> Value:
        if name in ("get", "pop", "setdefault", "__getitem__", "__contains__"):
            default = arguments.get(1, "default")
            if name == "setdefault":
                self._store(node, arguments.get(0, "key"), default)
            return self._join((self._key(node, arguments.get(0, "key") or UNKNOWN), default))
        if name == "items":
            pair: Box = self._pair((node, "items"), frozenset({Name(ANY)}), self._key(node, frozenset({Name(ANY)})))
            return self._listed((node, name), frozenset({pair}))
        if name == "values":
            return self._listed((node, name), self._key(node, frozenset({Name(ANY)})))
        if name == "keys":
            self._key(node, frozenset({Name(ANY)}))
            return self._listed((node, name), frozenset({Name(ANY)}))
        if name == "copy":
            return frozenset({node})
        if name in ("update", "merge_with"):
            for value in arguments.all():
                self._escape(value - {node})
            return const(None)
        if name in VALUE_METHODS:
            self._escape_all(arguments)
            return DATA
        self._key(node, const(name))
        self._escape_all(arguments)
        return UNKNOWN

    def _listed(self, at: Any, rest: Value) -> Value:
        if ("list", at) not in self._made:
            self._made["list", at] = Box(), None
        box: Box = self._made["list", at][0]
        box.rest = self._join((box.rest, rest))
        return frozenset({box})

    def _pair(self, at: Any, *values: Value) -> Box:
        if ("pair", at) not in self._made:
            self._made["pair", at] = Box(), None
        box: Box = self._made["pair", at][0]
        for index, value in enumerate(values):
            box.items[index] = self._join((box.items.get(index, NONE), value))
        return box

    def _call_box(self, node: ast.AST, box: Box, name: str, arguments: Arguments) -> Value:
        me = frozenset({box})
        first = arguments.get(0, "key")
        if name in ("get", "pop", "setdefault"):
            default = arguments.get(1, "default")
            if name == "setdefault":
                self._store(box, first, default)
            return self._join((self._item(me, first or UNKNOWN), default))
        if name in ("append", "add", "insert"):
            value = arguments.get(1 if name == "insert" else 0, "object")
            self._store(box, UNKNOWN, value)
            if not self._unsure and len(value) == 1:
                box.sure |= {atom.value for atom in value if _is_key(atom)}
            return const(None)
        if name in ("extend", "update"):
            for value in arguments.all():
                boxes = frozenset(atom for atom in value if isinstance(atom, Box))
                self._spread(box, boxes) if name == "update" else self._store(box, UNKNOWN, self._elements(boxes))
                self._store(box, UNKNOWN, frozenset(atom for atom in value if isinstance(atom, Node)))
            for key, value in arguments.keywords.items():
                self._store(box, const(key), value)
            return const(None)
        if name in ("remove", "discard", "clear", "difference_update", "intersection_update"):
            box.sure.clear()
            return DATA
        if name == "items":
            keys = frozenset(Const(key, "str") for key in box.items if isinstance(key, str))
            values = self._join((*box.items.values(), box.rest))
            pair = self._pair((box, "items"), self._join((keys, UNKNOWN if box.rest else NONE)), values)
            return self._listed((box, name), frozenset({pair}))
        if name == "values":
            return self._listed((box, name), self._join((*box.items.values(), box.rest)))
        if name == "keys":
            return self._listed((box, name), frozenset(Const(key, "str") for key in box.items if isinstance(key, str)))
        if name in ("copy", "union", "__or__"):
            return self._join((me, *arguments.positional))
        self._escape_all(arguments)
        for value in self._attribute(box, name):
            if not isinstance(value, Bound):
                return self._apply(node, value, arguments)
        return UNKNOWN

    def _call_text(self, atom: Any, name: str, arguments: Arguments) -> Value:
        if name == "join":
            for value in arguments.positional:
                self._elements(value)
            return frozenset({Name(ANY)})
        if name in ("split", "rsplit", "splitlines", "partition", "rpartition"):
            return self._listed(("split",), frozenset({Name(ANY)}))
        if name in ("format", "format_map"):
            # `{key}` of a mapping, `{0[key]}`, `{0.key}`
            looks_up = not _is_key(atom) or name == "format_map" or bool(_LOOKUP.search(atom.value))
            for value in arguments.all() if looks_up else arguments.mappings:
                self._escape(value)
        if isinstance(atom, Const) and isinstance(atom.value, str) and name in ("lower", "upper", "strip"):
            return const(getattr(atom.value, name)())
        return frozenset({Name(ANY)}) if name in ("format", "replace", "removeprefix", "removesuffix") else DATA

    def _call_method(self, owner: Instance, name: str, arguments: Arguments) -> Value:
        member = self._member(owner.kind, name)
        result = []
        for atom in member:
            if isinstance(atom, Function):
                names = _decorators(atom.node)
                first: list[Value] = [frozenset({owner})]
                if "staticmethod" in names:
                    first = []
                elif "classmethod" in names:
                    first = [frozenset({owner.kind})]
                more = arguments._replace(positional=[*first, *arguments.positional])
                result.append(self._call_function(atom, more))
            else:
                self._escape_all(arguments)
                result.append(UNKNOWN)
        if not member:  # a library's class has it
            self._escape(frozenset({owner}))
            self._escape_all(arguments)
            return UNKNOWN
        return self._join(result)

    def _apply(self, node: ast.AST, atom: Any, arguments: Arguments) -> Value:
        if isinstance(atom, Function):
            return self._call_function(atom, arguments)
        if isinstance(atom, Class):
            return self._instantiate(node, atom, arguments)
        if isinstance(atom, Bound):
            return self._call_attribute(node, atom.owner, atom.name, arguments)
        if isinstance(atom, Instance):
            return self._call_method(atom, "__call__", arguments)
        if isinstance(atom, Lib):
            return self._call_library(node, atom.name, arguments)
        self._escape_all(arguments)
        return UNKNOWN

    def _escape_all(self, arguments: Arguments) -> None:
        for value in arguments.all():
            self._escape(value)

    def _call_function(self, function: Function, arguments: Arguments) -> Value:
        node = function.node
        given = self._bind(function, arguments)
        at = (function, *sorted(given.items(), key=lambda entry: entry[0]))
        if at in self._known:
            return self._known[at]
        if at in self._running:
            return UNKNOWN
        if self._depth >= MAX_CALLS:
            self._escape_all(arguments)
            return UNKNOWN
        self._step()
        self._running.add(at)
        self._depth += 1
        saved = self._module, self._scope, self._returns
        self._module, self._scope, self._returns = function.module, Scope(function.scope), []
        self._scope.vars = given
        if isinstance(node, ast.Lambda):
            self._returns.append(self.value(node.body))
        else:
            self._block(node.body)
        result = self._join(self._returns) or const(None)
        self._module, self._scope, self._returns = saved
        self._depth -= 1
        self._running.discard(at)
        self._known[at] = result
        return result

    def _bind(self, function: Function, arguments: Arguments) -> dict[str, Value]:
        """The parameters of a function by name."""
        parameters = function.node.args
        names = [entry.arg for entry in (*parameters.posonlyargs, *parameters.args)]
        given: dict[str, Value] = {}
        for name, value in zip(names, arguments.positional, strict=False):
            given[name] = value
        more = arguments.positional[len(names) :]
        every = [*names, *(entry.arg for entry in parameters.kwonlyargs)]
        rest: dict[str, Value] = {}
        for name, value in arguments.keywords.items():
            (given if name in every else rest)[name] = value
        free = [name for name in every if name not in given]
        for value in arguments.stars:
            elements = self._elements(value)
            for name in names[len(arguments.positional) :]:
                given[name] = self._join((given.get(name, NONE), elements))
        spread: list[Value] = []
        for value in arguments.mappings:
            for name in free:
                given[name] = self._join((given.get(name, NONE), self._item(value, const(name))))
            spread.append(value)
        saved = self._module, self._scope
        self._module, self._scope = function.module, function.scope
        defaults = dict(zip(reversed(names), reversed(parameters.defaults), strict=False))
        defaults |= {
            entry.arg: default
            for entry, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
            if default is not None
        }
        for name in every:
            if name not in given or arguments.mappings or arguments.stars:
                value = self.value(defaults[name]) if name in defaults else NONE
                given[name] = self._join((given.get(name, NONE), value)) or UNKNOWN
        self._module, self._scope = saved
        if parameters.vararg is not None:
            box: Box = self._pair((function, "*"))
            box.rest = self._join((box.rest, *more, *(self._elements(value) for value in arguments.stars)))
            given[parameters.vararg.arg] = frozenset({box})
        elif more:
            for value in more:
                self._escape(value)
        if parameters.kwarg is not None:
            box = self._pair((function, "**"))
            for name, value in rest.items():
                box.items[name] = self._join((box.items.get(name, NONE), value))
            given[parameters.kwarg.arg] = self._join((frozenset({box}), *spread))
        return given

    def _instantiate(self, node: ast.AST, kind: Class, arguments: Arguments) -> Value:
        lineage = self._lineage(kind)
        start = self._member(kind, "__init__")
        instance: Instance = self._make(node, lambda: Instance(kind), kind)
        bases = {
            base.name.rpartition(".")[2]
            for one in lineage
            for value in one.bases
            for base in value
            if isinstance(base, Lib)
        }
        if start:
            for function in start:
                if isinstance(function, Function):
                    more = arguments._replace(positional=[frozenset({instance}), *arguments.positional])
                    self._call_function(function, more)
                else:
                    self._escape_all(arguments)
            return frozenset({instance})
        fields = [name for one in reversed(lineage) for name in _fields(one.node)]
        declared = bool(bases & MODEL_BASES) or any(_is_dataclass(one.node) for one in lineage)
        if not declared or bases - MODEL_BASES - PLAIN_BASES or any(_takes_more(one.node) for one in lineage):
            self._escape_all(arguments)
            return UNKNOWN if not declared else frozenset({instance})
        for name, value in zip(dict.fromkeys(fields), arguments.positional, strict=False):
            self._set_field(instance, name, value)
        for name, value in arguments.keywords.items():
            self._set_field(instance, name, value)
        for value in arguments.mappings:
            for name in fields:
                self._set_field(instance, name, self._item(value, const(name)))
            self._nested(kind, value, 0)
        for value in arguments.stars:
            self._escape(value)
        for name in fields:
            if name not in instance.fields:
                instance.fields[name] = UNKNOWN
        after = self._member(kind, "__post_init__")
        for function in after:
            if isinstance(function, Function):
                self._call_function(function, Arguments([frozenset({instance})], {}, [], []))
        return frozenset({instance})

    def _nested(self, kind: Class, value: Value, depth: int) -> None:
        """Fields whose type is a class with fields itself: a library may fill it in from the mapping."""
        for one in self._lineage(kind):
            for name, annotation in _fields(one.node).items():
                for text in _WORD.findall(ast.unparse(annotation)):
                    if depth < MAX_PARTS:
                        self._step()
                        found = one.module.scope.vars.get(text, NONE)
                        for inner in found:
                            if isinstance(inner, Class) and (_fields(inner.node)):
                                below = self._item(value, const(name))
                                for field in (key for each in self._lineage(inner) for key in _fields(each.node)):
                                    self._item(below, const(field))
                                self._nested(inner, below, depth + 1)

    def _call_library(self, node: ast.AST, name: str, arguments: Arguments) -> Value:
        short = ".".join(name.rsplit(".", 2)[-2:])
        last = name.rpartition(".")[2]
        first = arguments.get(0, "")
        everything = self._join(arguments.all())
        if name.startswith("builtins."):
            return self._call_builtin(node, last, arguments)
        if short == "train_script.parse_config_and_overrides":
            return frozenset({self._pair((node, "parsed"), FILE, DATA)})
        if name.endswith("ArgumentParser().parse_args"):
            return ARGUMENTS
        if name.endswith("ArgumentParser().parse_known_args"):
            return frozenset({self._pair((node, "parsed"), ARGUMENTS, DATA)})
        if short in LOADERS:
            return self._load(short, everything)
        if short == "train_script.omegaconf_to_dataclass":
            kinds = [atom for atom in arguments.get(1, "cls") if isinstance(atom, Class)]
            if kinds:
                given = Arguments([], {}, [], [arguments.get(0, "config")])
                return self._join(self._instantiate(node, kind, given) for kind in kinds)
        if short == "recipe_loader.extract_recipe_config":
            for atom in self._item(arguments.get(0, "config"), const("recipe")):
                self._escape(frozenset({atom}))
            return frozenset({self._pair((node, "recipe"), DATA, DATA)})
        if short in ("OmegaConf.select", "OmegaConf.is_missing"):
            return self._select(first, arguments.get(1, "key"), arguments.keywords.get("default", NONE))
        if short in RETURN_MAPPING:
            if short.startswith("yaml.") and (arguments.positional[1:] or "stream" in arguments.keywords):
                self._escape(everything)  # a file that somebody else reads
            mappings = frozenset(atom for atom in everything if not isinstance(atom, Const))
            return mappings or frozenset({self._make(node, Box)})
        if short in SILENT:
            self._escape(arguments.get(2, "value"))
            return DATA
        if name in ("dataclasses.asdict", "dataclasses.replace", "typing.cast"):
            return everything
        if name == "dataclasses.fields":
            fields = [
                field
                for atom in first
                if isinstance(atom, Class)
                for one in self._lineage(atom)
                for field in _fields(one.node)
            ]
            found = [self._pair((node, field), DATA) for field in fields]
            for box, field in zip(found, fields, strict=True):
                box.items["name"] = const(field)
            return self._listed((node, "fields"), frozenset(found)) if found else UNKNOWN
        if name.startswith("pathlib.") and everything & FILE:
            return FILE
        if name.startswith(PURE) and not (name.startswith(KEYED) and any(isinstance(one, Node) for one in everything)):
            if name.endswith("()") or "()." in name or last[:1].isupper() or last == "getLogger":
                return (
                    frozenset({Lib(f"{name}()")})
                    if len(name) < MAX_NAME and "Path" not in last
                    else self._pure(everything)
                )
            return self._pure(everything)
        self._escape_all(arguments)
        # A library may read the file behind `--config`, and give its content back.
        return frozenset({Node(()), OPAQUE}) if "load" in last and everything & FILE else UNKNOWN

    @staticmethod
    def _pure(value: Value) -> Value:
        return UNKNOWN if OPAQUE in value or value & FILE else DATA

    def _load(self, short: str, value: Value) -> Value:
        if short == "loader.load_config" and value & (FILE | UNKNOWN):
            self.reads.add(("defaults",))  # what the config inherits from
        if value & FILE:
            self._loaded = True
            return frozenset({Node(())})
        if value & UNKNOWN and (short in YAML_LOADERS or short.startswith("yaml.")):
            # It may be the config.
            self._loaded = True
            return frozenset({Node(()), OPAQUE})
        # A text that was made of a mapping of the config gives it back.
        same = frozenset(atom for atom in value if isinstance(atom, Node | Box | Instance))
        return self._join((same, UNKNOWN if OPAQUE in value else DATA))

    def _select(self, value: Value, key: Value, default: Value) -> Value:
        result = [default]
        for atom in key:
            found = value
            if _is_key(atom):
                for part in atom.value.split("."):
                    found = self._item(found, const(part))
                result.append(found)
            else:
                self._escape(value)
                result.append(UNKNOWN)
        return self._join(result)

    def _call_builtin(self, node: ast.AST, name: str, arguments: Arguments) -> Value:
        everything = self._join(arguments.all())
        first = arguments.get(0, "")
        for value in (*arguments.stars, arguments.keywords.get("file", NONE) and everything):
            self._escape(value)
        if name in ("dict", "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "vars"):
            box: Box = self._make(node, Box)
            for key, value in arguments.keywords.items():
                if name == "dict":
                    self._store(box, const(key), value)
                elif key == "key":
                    self._call_each(node, value, [self._elements(first)])
            for value in arguments.mappings:
                self._spread(box, value)
            return self._join((first, *arguments.mappings, frozenset({box})))
        if name in ("next", "min", "max"):
            return self._join(
                (*(self._elements(value) for value in arguments.positional[:1]), *arguments.positional[1:])
            )
        if name == "enumerate":
            return self._listed((node, name), frozenset({self._pair(node, DATA, self._elements(first))}))
        if name == "zip":
            parts = [self._elements(value) for value in arguments.positional]
            return self._listed((node, name), frozenset({self._pair(node, *parts)}))
        if name in ("map", "filter"):
            parts = [self._elements(value) for value in arguments.positional[1:]]
            result = self._call_each(node, first, parts)
            return self._listed((node, name), result if name == "map" else self._join(parts))
        if name in ("getattr", "hasattr"):
            looked: list[Value] = []
            for key in arguments.get(1, ""):
                for atom in first:
                    if _is_key(key):
                        looked.append(self._attribute(atom, key.value))
                    elif isinstance(atom, Node):
                        looked.append(self._key(atom, frozenset({key})))
                    else:
                        looked.append(UNKNOWN)
            return DATA if name == "hasattr" else self._join((*looked, *arguments.positional[2:]))
        if name == "setattr":
            for atom in first:
                if isinstance(atom, Instance):
                    self._escape(arguments.get(2, ""))
                else:
                    self._store(atom, arguments.get(1, ""), arguments.get(2, ""))
            return const(None)
        if name in ("str", "open"):
            texts = frozenset(atom for atom in first if _is_key(atom) or isinstance(atom, Name))
            if first & FILE:
                return FILE
            return first if texts == first and first and name == "str" else self._pure(everything)
        if name == "super":
            return UNKNOWN
        if name in ("eval", "exec", "globals", "locals", "__import__"):
            self._escape(everything)
            return UNKNOWN
        return self._pure(everything)

    def _call_each(self, node: ast.AST, function: Value, parts: list[Value]) -> Value:
        return self._join(self._apply(node, atom, Arguments(parts, {}, [], [])) for atom in function)


def _below(path: Path, paths: set[Path]) -> bool:
    """True if a path lies below one of `paths`, as the two are written."""
    return any(path[:end] in paths for end in range(len(path)))


def _is_literal(path: Path) -> bool:
    return not any(ANY in part or part.startswith(BUT) for part in path)


def _acts(tree: ast.Module) -> bool:
    """True if a file does something when it runs, and not only defines functions and classes."""
    defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    statements = (node for node in tree.body if not isinstance(node, defined))
    if any(isinstance(part, ast.Call) for node in statements for part in ast.walk(node)):
        return True
    return any(getattr(node, "decorator_list", ()) for node in tree.body)


def _places(key: Value) -> list[str | int]:
    """The keys and indexes that a value spells out."""
    return [atom.value for atom in key if isinstance(atom, Const) and isinstance(atom.value, str | int)]


def _is_key(atom: Any) -> bool:
    return isinstance(atom, Const) and isinstance(atom.value, str)


def _text(text: str) -> Any:
    """A text with `ANY` in the place of what is not known."""
    if ANY not in text:
        return Const(text, "str")
    before, _, after = text.partition(ANY)
    return Name(f"{before}{ANY}{after.rpartition(ANY)[2]}")


def _decorators(node: ast.AST) -> set[str]:
    found = getattr(node, "decorator_list", [])
    return {ast.unparse(item.func if isinstance(item, ast.Call) else item).rpartition(".")[2] for item in found}


def _is_dataclass(node: ast.ClassDef) -> bool:
    return bool(_decorators(node) & {"dataclass", "define", "frozen", "attrs", "s"})


def _fields(node: ast.ClassDef) -> dict[str, ast.expr]:
    """The annotated names of a class, with their annotations."""
    return {
        item.target.id: item.annotation
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }


def _takes_more(node: ast.ClassDef) -> bool:
    """True if a class fills its fields from keys of other names, or keeps any key."""
    words = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
    named = {part.arg for part in ast.walk(node) if isinstance(part, ast.keyword)}
    return "allow" in words or bool(named & {"alias", "validation_alias", "alias_generator"})
