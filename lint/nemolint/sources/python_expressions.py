"""The expressions of a Python file that contain the complete command, and where their values go."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.sources.argv import SHELLS, is_argv
from nemolint.sources.command_text import names_command
from nemolint.sources.python_names import ADDERS, Function, Growth, PythonNames
from nemolint.sources.python_operations import SPLITTERS, STRIPPERS, TEXT_METHODS

_METHODS = frozenset({"copy"}) | TEXT_METHODS | SPLITTERS
# Calls that pass on the items of their last argument, or some of them.
_ITERATORS = frozenset({"filter", "list", "reversed", "sorted", "tuple"})
# A call with more arguments than this is data.
_MAX_ARGUMENTS = 500
# How many calls of the file's own functions are followed: in all, and one inside another.
_MAX_FRAMES = 2_000
_MAX_CALL_DEPTH = 4
_MAX_FLOWS = 200
# The parts of a container's command, each with what it is called: `command` and `args`, `cmds` and `arguments`.
_FIRST_PARTS = (
    "entrypoint",
    "entry_point",
    "container_entry_point",
    "cmds",
    "command",
    "program",
    "executable",
    "path",
)
_LAST_PARTS = ("args", "arguments", "container_arguments", "command")
# Functions that start a program with a list of arguments: where the program is among theirs. The list follows it.
_NAMED_SPAWNERS = {"execv": 0, "execve": 0, "execvp": 0, "execvpe": 0, "posix_spawn": 0, "posix_spawnp": 0} | {
    "spawnv": 1,
    "spawnve": 1,
    "spawnvp": 1,
    "spawnvpe": 1,
}
_SPAWNERS = {"spawn": 0, "spawnu": 0} | _NAMED_SPAWNERS
# Functions that keep the words of what they get.
_KEEPING = frozenset(
    {"Path", "PurePath", "cleandoc", "dedent", "fspath", "join", "list", "quote", "split", "str", "tuple"}
)
# Functions that join their arguments to a path.
_PATHS = frozenset({"Path", "PurePath", "PurePosixPath", "join", "joinpath"})


class Frame:
    """A call of a function of the file: the expressions that its parameters stand for, which belong to `outer`.

    A parameter that takes several arguments stands for a list of expressions.
    """

    __slots__ = ("call", "depth", "function", "outer", "values")

    def __init__(
        self, call: ast.Call, function: Function, values: dict[str, ast.expr | list[ast.expr]], outer: Frame | None
    ) -> None:
        self.call, self.function, self.values, self.outer = call, function, values, outer
        self.depth: int = outer.depth + 1 if outer is not None else 1

    @property
    def anchor(self) -> ast.Call:
        """The outermost call."""
        return self.call if self.outer is None else self.outer.anchor


class Top(NamedTuple):
    """An expression that contains a command. `sinks`: where its value ends, itself if it goes nowhere.

    `open`: what may be unknown of it, since it may change at a place that is not followed.
    """

    node: ast.expr
    frame: Frame | None
    sinks: tuple[ast.expr, ...]
    open: Growth


class Expressions(PythonNames):
    """The expressions of one file, from their strings outward."""

    def __init__(self, tree: ast.Module) -> None:
        super().__init__(tree)
        self._found_tops: dict[ast.expr, ast.expr] = {}
        self._found_parts: dict[ast.expr, tuple[ast.expr | None, ast.expr | None]] = {}
        self._found_joined: dict[ast.expr, bool] = {}
        self._found_wrapped: dict[Function, bool] = {}
        self._found_frames: dict[tuple[ast.Call, Frame | None], Frame | None] = {}

    def tops(self) -> Iterator[Top]:
        """The complete expressions that contain the command, in order, each once for each call that it depends on.

        If a name is bound to a part of a command and used in a longer one, the longer one counts.
        """
        seen: set[tuple[ast.expr, Frame | None]] = set()
        queue: list[tuple[ast.expr, Frame | None]] = [(seed, None) for seed in reversed(self._seeds)]
        while queue:
            node, frame = queue.pop()
            top = self._top(node)
            if (top, frame) in seen:
                continue
            seen.add((top, frame))
            flows = _Flows(self, top, frame)
            queue.extend(reversed(flows.longer))
            if flows.sinks or not flows.longer:
                yield Top(top, frame, tuple(flows.sinks) or (top,), self._grows(top))

    def _top(self, node: ast.expr) -> ast.expr:
        """The outermost expression whose text, or argument list, contains a value."""
        path: list[ast.expr] = []
        while (found := self._found_tops.get(node)) is None:
            path.append(node)
            outer = self._outer(node)
            if outer is None:
                found = node
                break
            node = outer
        self._found_tops.update(dict.fromkeys(path, found))
        return found

    def _outer(self, node: ast.expr) -> ast.expr | None:
        """The enclosing expression of a value if the value is part of its text or of its arguments."""
        match self._parents.get(node):
            case ast.JoinedStr() | ast.Starred() | ast.FormattedValue() as parent:
                return parent
            case ast.IfExp(test=test) as parent if test is not node:
                return parent
            case ast.BinOp(op=ast.Add() | ast.Div() | ast.Mod()) as parent:
                return parent
            case ast.List() | ast.Tuple() as parent if self._is_argument_list(parent, node):
                return parent
            case ast.Tuple() as parent if self._is_filled_in(parent) or self._is_subscript(parent):
                return self._outer(parent) if self._is_filled_in(parent) else parent
            case ast.Dict() as parent:
                if self._is_filled_in(parent):
                    call = self._parents.get(parent)
                    return call if isinstance(call, ast.Call) else self._outer(parent)
                return parent if self._is_part(node, parent) else None
            case ast.Subscript(slice=index) as parent if index is node and self._is_program(parent.value):
                return parent
            case ast.Subscript(value=value) as parent if value is node and self._is_program(node):
                return parent
            case ast.Subscript(value=value, slice=index) as parent if value is node and self._takes_part(node, index):
                return parent
            case ast.comprehension(iter=items, target=target) as made if items is node:
                whole = self._parents.get(made)
                if isinstance(whole, ast.ListComp | ast.GeneratorExp) and _makes_words(whole.elt, target):
                    return whole
                return None
            case ast.Assign(targets=[ast.Subscript(value=owner, slice=index)]) if not isinstance(index, ast.Constant):
                held = self._value_of(owner)
                return held if isinstance(held, ast.List | ast.BinOp | ast.Call) and held is not node else None
            case ast.Attribute() as parent if self._is_program(parent):
                return parent
            case ast.Attribute(attr=attr) as parent if attr in _METHODS or (attr == "bake" and self._is_program(node)):
                call = self._parents.get(parent)
                return call if isinstance(call, ast.Call) and call.func is parent else None
            case ast.keyword() as parent:
                call = self._parents.get(parent)
                if not isinstance(call, ast.Call):
                    return None
                formats = isinstance(call.func, ast.Attribute) and call.func.attr == "format"
                return call if formats or self._is_part(node, call) else None
            case ast.Call() as parent if parent.func is node:
                return parent if self._is_program(node) else None
            case ast.Call() as parent:
                passes = self._passes(parent, node) or self._is_part(node, parent) or self.is_wrapped(parent, node)
                return self._added_to(node, parent) or (parent if passes else None)
            case ast.AugAssign(op=ast.Add(), target=target, value=value) if value is node:
                return self._value_of(target)
            case ast.For(iter=items) as loop if items is node and (appended := appending(loop)) is not None:
                return self._value_of(appended)
            case ast.Assign(targets=[target]) if self._extends(target):
                extended = self._value_of(target)
                return extended if extended is not node else None
            case _:
                return None

    def _takes_part(self, node: ast.expr, index: ast.expr) -> bool:
        """True if a subscript takes a part of a text or of a list of arguments."""
        if isinstance(index, ast.Slice):
            return True
        value = self._value_of(node) if isinstance(node, ast.Name | ast.Attribute) else node
        return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in SPLITTERS

    def _is_filled_in(self, node: ast.Tuple | ast.Dict) -> bool:
        """True for the values of a format: `"%s %s" % (a, b)`."""
        parent = self._parents.get(node)
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and isinstance(node, ast.Dict):
            return parent.func.attr == "format_map"
        return isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mod) and parent.right is node

    def _is_subscript(self, node: ast.Tuple) -> bool:
        parent = self._parents.get(node)
        return isinstance(parent, ast.Subscript) and parent.slice is node and self._is_program(parent.value)

    def _added_to(self, node: ast.expr, call: ast.Call) -> ast.expr | None:
        """The list that `append` and the like add a value to."""
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr in ("append", "extend", "insert"):
            value = self._value_of(function.value)
            return value if value is not node else None
        return None

    def _is_argument_list(self, parent: ast.List | ast.Tuple, node: ast.expr) -> bool:
        if isinstance(node, ast.Starred):
            return True
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not names_command(node.value):
            # A list of commands has them as complete strings; here the words are separate.
            return node.value == "steps" or node.value.rpartition("/")[2] == "nemotron" or self._is_joined(parent)
        first = parent.elts[0]
        if isinstance(first, ast.Constant) and str(first.value).rpartition("/")[2] in SHELLS:
            return True
        return self._is_joined(parent)

    def _is_joined(self, items: ast.expr) -> bool:
        """True if the items of a list become one text: `" ".join(items)`."""
        if items not in self._found_joined:
            uses: list[ast.AST] = [items]
            name = self._name_of(items)
            if name is not None and (key := self._key(name)) is not None:
                uses += self._loads.get(key, [])[:_MAX_FLOWS]
            joined = any(isinstance(call := self._parents.get(use), ast.Call) and _joins(call) for use in uses)
            self._found_joined[items] = joined
        return self._found_joined[items]

    def _is_part(self, node: ast.expr, whole: ast.Call | ast.Dict) -> bool:
        """True if a value is one part of a command whose other part is also an argument of the call."""
        first, last = self.parts(whole)
        return first is not None and last is not None and (node is first or node is last)

    def parts(self, whole: ast.Call | ast.Dict) -> tuple[ast.expr | None, ast.expr | None]:
        """The program and the arguments of a call, or a dictionary, that starts a container."""
        if whole not in self._found_parts:
            self._found_parts[whole] = self._find_parts(whole)
        return self._found_parts[whole]

    def _find_parts(self, whole: ast.Call | ast.Dict) -> tuple[ast.expr | None, ast.expr | None]:
        if isinstance(whole, ast.Call):
            if (pair := self._positional_parts(whole)) is not None:
                return pair
            given = {keyword.arg: keyword.value for keyword in whole.keywords if keyword.arg is not None}
        else:
            entries = self.entries(whole).values
            given = {str(key.value): value for key, value in entries.items() if isinstance(key, ast.Constant)}
        first = next((name for name in _FIRST_PARTS if name in given), None)
        last = next((name for name in _LAST_PARTS if name in given and name != first), None)
        if first is None or last is None:
            return None, None
        return given[first], given[last]

    def _positional_parts(self, call: ast.Call) -> tuple[ast.expr, ast.expr] | None:
        """The program and the arguments of a call that takes them one after the other."""
        name = called_name(call)
        if any(isinstance(item, ast.Starred) for item in call.args[:3]):
            return None
        if name in _SPAWNERS:
            at = _SPAWNERS[name]
            return (call.args[at], call.args[at + 1]) if len(call.args) > at + 1 else None
        if len(call.args) < 2:
            return None
        if name in ("create", "run") and isinstance(call.func, ast.Attribute):
            # A container: its image, and the command for the program in it.
            entry = next((keyword.value for keyword in call.keywords if keyword.arg == "entrypoint"), None)
            return (entry, call.args[1]) if entry is not None else None
        return (call.args[0], call.args[1]) if name == "invoke" and self._is_app(call.args[0]) else None

    def is_wrapped(self, call: ast.Call, node: ast.expr) -> bool:
        """True if a function of another file makes what is started from a value: `subprocess.run(wrap(cmd))`."""
        outer = self._parents.get(call)
        if node not in call.args or not isinstance(outer, ast.Call) or outer.args[:1] != [call]:
            return False
        return (
            isinstance(outer.func, ast.Attribute)
            and isinstance(outer.func.value, ast.Name)
            and outer.func.value.id in ("os", "subprocess")
            and self._function_of(call.func) is None
            and called_name(call) not in _KEEPING
        )

    def _is_app(self, node: ast.expr) -> bool:
        """True for a name that is imported from the package of the command."""
        return isinstance(node, ast.Name) and node.id in self._apps

    @staticmethod
    def has_own_name(whole: ast.Call | ast.Dict) -> bool:
        """True if the first of the arguments that a call takes is the name that the program is told it has."""
        return isinstance(whole, ast.Call) and called_name(whole) in _NAMED_SPAWNERS

    def _is_program(self, node: ast.expr, depth: int = 0) -> bool:
        """True for what `sh` and `plumbum` call a program: `sh.uv`, `local["uv"]`, `uv` imported from them."""
        match node:
            case ast.Name(id=name) if name in self._programs:
                return True
            case ast.Name() | ast.Attribute() if depth < _MAX_CALL_DEPTH and (value := self._value_of(node)):
                return self._is_program(value, depth + 1)
            case ast.Attribute(value=ast.Name(id="sh")):
                return True
            case ast.Attribute(value=ast.Attribute() as value, attr="steps" | "run") if depth < _MAX_CALL_DEPTH:
                return self._is_program(value, depth + 1)
            case ast.Attribute(value=ast.Name(id=name)) | ast.Attribute(value=ast.Attribute(value=ast.Name(id=name))):
                return name in self._programs and "steps" in (node.attr, getattr(node.value, "attr", ""))
            case ast.Subscript(value=ast.Name(id="local")):
                return True
            case ast.Subscript(value=value) if depth < _MAX_CALL_DEPTH:
                return self._is_program(value, depth + 1)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="sh"), attr="Command")):
                return True
            case ast.Call(func=ast.Attribute(value=value, attr="bake")) if depth < _MAX_CALL_DEPTH:
                return self._is_program(value, depth + 1)
            case _:
                return False

    def _passes(self, call: ast.Call, node: ast.expr) -> bool:
        """True if a call only joins, splits or strips its argument, or takes the arguments one by one."""
        function = call.func
        if node is function or len(call.args) > _MAX_ARGUMENTS or node not in call.args:
            return False
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name in ("join", "split") and isinstance(function, ast.Attribute):
            return _joins(call) if name == "join" else _is_name(function, "shlex")
        if name in _ITERATORS or (name == "map" and isinstance(call.args[0], ast.Name) and call.args[0].id == "str"):
            return node is call.args[-1]
        if name in ("replace", "sub") and isinstance(function, ast.Attribute):
            return len(call.args) > 1 and (node is call.args[1] or (name == "sub" and node in call.args[2:3]))
        if name in ("chain", "dedent", "cleandoc", "which", "str", "format", "fspath"):
            return True
        if name in _PATHS:
            return False
        if isinstance(node, ast.Starred) or self._is_program(function):
            return True
        words = [str(word.value) if isinstance(word, ast.Constant) else "" for word in call.args]
        if is_argv(words):
            return True
        # The program may be a name: `run(NEMOTRON, "steps", "run", …)`.
        known = isinstance(node, ast.Constant) and (node.value == "steps" or node.value == "nemotron")
        return known and len(words) > 1 and "steps" in words

    def is_adding(self, load: ast.expr) -> bool:
        """True if a use of a name is part of a statement that changes its value."""
        statement = self._statement(load)
        return statement is not None and any(statement is addition for addition in self._additions(load))

    def _grows(self, top: ast.expr) -> Growth:
        """What may be unknown of a value, since its name has several values, or since it is in a collection."""
        target = self._target_of(top)
        if target is not None and self._name_of(top) is None:
            key = self._key(target)
            assert key is not None
            elsewhere = isinstance(key[0], ast.ClassDef) and self._elsewhere(key[1])[0]
            if elsewhere or len(self._bound[key]) > _MAX_FLOWS:
                return Growth.ALL
            growth = max(self._growth(target), self._shared(target) if self._is_list(top) else Growth.NONE)
            longer = any(self._outer(load) is not None for load in self._loads.get(key, ())[:_MAX_FLOWS])
            return max(growth, Growth.END) if longer else growth
        holder: ast.AST | None = self._parents.get(top)
        if isinstance(holder, ast.For | ast.comprehension):
            return Growth.END
        if not isinstance(holder, ast.Dict | ast.List | ast.Tuple):
            return Growth.NONE
        while isinstance(holder, ast.Dict | ast.List | ast.Tuple):
            outer = self._parents.get(holder)
            if not isinstance(outer, ast.Dict | ast.List | ast.Tuple):
                break
            holder = outer
        assert isinstance(holder, ast.expr)
        held: list[ast.expr] = [holder]
        if (name := self._name_of(holder)) is not None and (key := self._key(name)) is not None:
            held = self._loads.get(key, [])[:_MAX_FLOWS]
        return max((self._grows_out_of(item) for item in held), default=Growth.NONE)

    def _is_list(self, node: ast.expr) -> bool:
        """True unless a value is a string for certain."""
        return not isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp)

    def _grows_out_of(self, node: ast.expr) -> Growth:
        """What may be unknown of an item taken out of a collection, since it is part of something, or is changed."""
        while True:
            match parent := self._parents.get(node):
                case ast.Subscript(value=value) | ast.Attribute(value=value) if value is node:
                    if self._changing(node) is not None:
                        adds = isinstance(parent, ast.Attribute) and parent.attr in ADDERS
                        return Growth.END if adds else Growth.ALL
                    node = parent
                    if self._outer(node) is not None:
                        return Growth.END
                case ast.Call(func=function) if function is node:
                    node = parent
                case ast.For(iter=items, target=target) | ast.comprehension(iter=items, target=target) if items is node:
                    names = [name for name in ast.walk(target) if isinstance(name, ast.Name)]
                    return max((self._grows_as(name) for name in names), default=Growth.NONE)
                case ast.Assign(targets=[ast.Name() as target]):
                    return self._grows_as(target)
                case _:
                    return Growth.NONE

    def _grows_as(self, name: ast.Name) -> Growth:
        """What may be unknown of a value that a name stands for, too."""
        key = self._key(name)
        loads = self._loads.get(key, ())[:_MAX_FLOWS] if key is not None else ()
        growth = max(self._growth(name), self._shared(name))
        return max(growth, Growth.END) if any(self._outer(load) is not None for load in loads) else growth

    # Calls of the file's own functions

    def frame(self, call: ast.Call, function: Function, outer: Frame | None) -> Frame | None:
        """The parameters of a call; None if it cannot be followed."""
        key = (call, outer)
        if key not in self._found_frames:
            deep = outer is not None and outer.depth >= _MAX_CALL_DEPTH
            full = deep or len(self._found_frames) >= _MAX_FRAMES
            values = None if full else self._parameters(call, function)
            self._found_frames[key] = Frame(call, function, values, outer) if values is not None else None
        return self._found_frames[key]

    def _is_wrapped(self, function: Function) -> bool:
        """True if a decorator of this file may call a function with other arguments than those that it is given."""
        if function not in self._found_wrapped:
            marks = [mark.func if isinstance(mark, ast.Call) else mark for mark in function.decorator_list]
            found = [self._function_of(mark) for mark in marks if isinstance(mark, ast.Name)]
            self._found_wrapped[function] = any(item is not None and not _passes_on(item) for item in found)
        return self._found_wrapped[function]

    def _parameters(self, call: ast.Call, function: Function) -> dict[str, ast.expr | list[ast.expr]] | None:
        if function.decorator_list and self._is_wrapped(function):
            return None
        spec = function.args
        names = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
        if isinstance(self._scopes[function], ast.ClassDef) and isinstance(call.func, ast.Attribute):
            decorators = {node.id for node in function.decorator_list if isinstance(node, ast.Name)}
            if "staticmethod" not in decorators:
                names = names[1:]
        given = list(call.args)
        starred = next((at for at, item in enumerate(given) if isinstance(item, ast.Starred)), len(given))
        if starred < min(len(names), len(given)):
            return None
        values: dict[str, ast.expr | list[ast.expr]] = dict(zip(names, given, strict=False))
        rest = given[len(names) :]
        if spec.vararg is not None:
            values[spec.vararg.arg] = rest
        elif rest:
            return None
        for keyword in call.keywords:
            if keyword.arg is not None:
                values[keyword.arg] = keyword.value
        if not any(keyword.arg is None for keyword in call.keywords):
            for argument, default in self._defaults(function):
                values.setdefault(argument, default)
        return values

    @staticmethod
    def _defaults(function: Function) -> Iterator[tuple[str, ast.expr]]:
        spec = function.args
        places = [*spec.posonlyargs, *spec.args]
        for argument, default in zip(places[len(places) - len(spec.defaults) :], spec.defaults, strict=True):
            yield argument.arg, default
        for argument, value in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
            if value is not None:
                yield argument.arg, value


def _passes_on(decorator: Function) -> bool:
    """True if a decorator calls what it gets as a parameter only with all the arguments that it takes for it."""
    nodes = list(ast.walk(decorator))
    given = {
        argument.arg
        for node in nodes
        if isinstance(node, ast.arguments)
        for argument in (*node.posonlyargs, *node.args, *node.kwonlyargs)
    }
    changed = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in given:
            passed = [item.value if isinstance(item, ast.Starred) else None for item in node.args]
            passed += [keyword.value if keyword.arg is None else None for keyword in node.keywords]
            if not all(isinstance(item, ast.Name) and item.id not in changed for item in passed):
                return False
    return True


class _Flows:
    """Where the value of an expression goes: `sinks`, where it is used as it is, and the uses in `longer` values."""

    def __init__(self, names: Expressions, top: ast.expr, frame: Frame | None) -> None:
        self._names = names
        self.sinks: list[ast.expr] = []
        self.longer: list[tuple[ast.expr, Frame | None]] = []
        self._seen: set[tuple[ast.expr, Frame | None]] = set()
        items = top.elts if isinstance(top, ast.List | ast.Tuple) else []
        name = names._name_of(top)
        changes = names._additions(name)[:_MAX_FLOWS] if name is not None else []
        # Items that are not one word each once they are joined.
        self._texts = any(_is_no_word(part) for item in items for part in _choices(item)) or any(
            _is_no_word(part) for change in changes for part in ast.walk(change)
        )
        self._follow(top, frame)

    def _follow(self, top: ast.expr, frame: Frame | None) -> None:
        stack = [(top, frame)]
        while stack:
            node, frame = stack.pop()
            if (node, frame) in self._seen or len(self._seen) >= _MAX_FLOWS:
                continue
            self._seen.add((node, frame))
            uses = list(self._uses(node, frame))
            if not uses:
                self.sinks.append(node)
            for use, inner in reversed(uses):
                whole = self._bare(use)
                target = self._names._target_of(whole)
                if self._names._outer(whole) is not None or self._names._is_changed_parameter(use):
                    self.longer.append((use, inner))
                elif target is not None and (self._names._additions(target) or self._names._shared(target)):
                    self.longer.append((whole, inner))
                else:
                    stack.append((whole, inner))
        self.longer.reverse()

    def _bare(self, use: ast.expr) -> ast.expr:
        """The outermost expression that has the same words as a use of a value."""
        names = self._names
        while True:
            parent = names.parent(use)
            if isinstance(parent, ast.Attribute) and parent.attr in (*STRIPPERS, "split", "copy"):
                call = names.parent(parent)
                if not isinstance(call, ast.Call) or call.func is not parent or call.args:
                    return use
                use = call
            elif isinstance(parent, ast.Call) and parent.args[:1] == [use] and len(parent.args) == 1:
                function = parent.func
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                split = name == "split" and _is_name(function, "shlex")
                blank = _joins(parent) and isinstance(glue := parent.func.value, ast.Constant) and glue.value == " "  # type: ignore[attr-defined]
                if not (split or name in ("dedent", "cleandoc", "list", "tuple") or (blank and not self._texts)):
                    return use
                use = parent
            elif isinstance(parent, ast.Starred):
                call = names.parent(parent)
                alone = isinstance(call, ast.Call) and call.args == [parent] and names._outer(parent) is call
                if not alone:
                    return use
                assert isinstance(call, ast.Call)
                return call
            else:
                return use

    def _uses(self, node: ast.expr, frame: Frame | None) -> Iterator[tuple[ast.expr, Frame | None]]:
        """The expressions that have the value of another: uses of its name, calls that return it, parameters."""
        names = self._names
        name = names._name_of(node)
        parent = names.parent(node)
        if name is not None:
            key = names._key(name)
            assert key is not None
            for load in names._loads.get(key, ())[:_MAX_FLOWS]:
                if not names.is_adding(load):
                    yield load, frame
        elif isinstance(parent, ast.Return):
            function = names._function_around(node)
            if function is not None and names._returned(function) is node:
                if frame is not None and frame.function is function:
                    yield frame.call, frame.outer
                elif frame is None:
                    for call in (names._calls_of(function) or [])[:_MAX_FLOWS]:
                        yield call, None
        elif isinstance(parent, ast.Call | ast.keyword):
            whole = parent if isinstance(parent, ast.Call) else names.parent(parent)
            if not isinstance(whole, ast.Call) or whole.func is node:
                return
            call = whole
            function = names._function_of(call.func)
            inner = names.frame(call, function, frame) if function is not None else None
            if function is None or inner is None:
                return
            for parameter, value in inner.values.items():
                if value is node:
                    for load in names._loads.get((function, parameter), ())[:_MAX_FLOWS]:
                        if not names.is_adding(load):
                            yield load, inner


def appending(loop: ast.For) -> ast.expr | None:
    """The list to which a loop appends each of its items, where it does nothing else."""
    match loop:
        case ast.For(
            target=ast.Name(id=target),
            body=[ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr="append"), args=[ast.Name(id=item)]))],
        ) if target == item:
            return value
        case _:
            return None


def _is_no_word(node: ast.AST) -> bool:
    """True for a string that is not one word."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and (" " in node.value or not node.value)


def _choices(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def _makes_words(item: ast.expr, target: ast.expr) -> bool:
    """True if a comprehension over arguments gives arguments, and does not call something with each."""
    match item:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if isinstance(target, ast.Name):
            return name == target.id or name == "shlex"
        case ast.Call(func=ast.Name(id=name)):
            return name in ("quote", "str")
        case _:
            return isinstance(item, ast.Name | ast.JoinedStr | ast.BinOp | ast.IfExp | ast.Subscript)


def called_name(call: ast.Call) -> str:
    """The last name of the function that is called."""
    function = call.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _joins(call: ast.Call) -> bool:
    """True for `" ".join(…)`."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr != "join" or len(call.args) != 1:
        return False
    if isinstance(function.value, ast.Constant):
        return isinstance(function.value.value, str)
    return _is_name(function, "shlex")


def _is_name(function: ast.expr, name: str) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == name
