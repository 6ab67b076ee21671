"""What strings and argument lists of a Python file come to, as far as the file alone says it."""

from __future__ import annotations

import ast
import itertools
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nemolint.base.patterns import lazily
from nemolint.document import MapBuilder, TextMap
from nemolint.sources.argv import MAX_WORDS, add_word, is_argv
from nemolint.sources.command_text import names_command
from nemolint.sources.python_text import Source, field_name, map_constant, map_f_string, map_simple_f_string

_STRIPPERS = frozenset({"dedent", "lstrip", "rstrip", "strip"})
_SHELLS = frozenset({"bash", "sh", "zsh"})
_FORMAT_FIELD = lazily(r"\{\{|\}\}|\{([^{}]*)\}")
_PERCENT_FIELD = lazily(r"%(?:\((\w+)\))?[-#0 +]*+(?:\d++|\*)?(?:\.\d+)?[a-zA-Z]|%%")
# Variables that change what a run reads.
_VARIABLE = lazily(r"NEMOTRON_[A-Z0-9_]+")
_MAX_DEPTH = 40
_MAX_ADDITIONS = 200
# How many f-strings of one file are read by the slow parser.
_MAX_EXACT = 500
# Characters that one name may stand for, and those that all names of a file may put in beyond its length. A word that
# is put in takes what some characters take. Real files need some thousands.
_MAX_VALUE = 50_000
_MAX_PUT_IN = 200_000
_WORD_COST = 20
# A call with more arguments than this is data.
_MAX_ARGUMENTS = 500
_Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class FoundText(NamedTuple):
    """A value as shell text, mapped to the source, and the encoder for changes in it."""

    map: TextMap
    encoder: str


class _Word(NamedTuple):
    """One argument, or (`open`) an unknown number of them. `encoder` is empty where the source has another text."""

    map: TextMap
    encoder: str = ""
    open: bool = False


class DictEntries(NamedTuple):
    """The entries of a dictionary: the value of each key, and the key of each value (None behind `**`)."""

    values: dict[ast.expr, ast.expr]
    keys: dict[ast.expr, ast.expr | None]


class _Words(NamedTuple):
    """The arguments that a name stands for, and what it takes to put them in."""

    words: list[_Word]
    cost: int


# Statements whose parts form one block.
_ONE_BLOCK = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.With, ast.AsyncWith)


class _Uses:
    """Where a name is bound and read in one scope, in the order of the text."""

    def __init__(self, bindings: list[ast.AST], loads: list[ast.Name], *, shared: bool) -> None:
        self._next = dict(itertools.pairwise(bindings))
        self._reads = sorted(_position(load) for load in loads)
        self._shared = shared

    def next_binding(self, binding: ast.AST) -> ast.AST | None:
        return self._next.get(binding)

    def read_between(self, first: ast.stmt, second: ast.stmt) -> bool:
        """True if something reads the name after `first` and up to the end of `second`, or may at any time."""
        end = (second.end_lineno or 0, second.end_col_offset or 0)
        return self._shared or bisect_left(self._reads, _position(first)) < bisect_left(self._reads, end)


_MARKS = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


def _children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below a node, signs left out: a faster `ast.iter_child_nodes`, for files with many nodes."""
    result: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            result += [item for item in value if isinstance(item, ast.AST) and not isinstance(item, _MARKS)]
        elif isinstance(value, ast.AST) and not isinstance(value, _MARKS):
            result.append(value)
    return result


class Values:
    """Evaluates expressions of one file. Names that are bound once are followed, all else is an expansion."""

    def __init__(self, source: Source, tree: ast.Module) -> None:
        self._source = source
        self._parents: dict[ast.AST, ast.AST] = {}
        self._scopes: dict[ast.AST, _Scope] = {}
        self._bound: dict[tuple[_Scope, str], list[ast.AST]] = defaultdict(list)
        self._loads: dict[tuple[_Scope, str], list[ast.Name]] = defaultdict(list)
        self._seeds: list[ast.expr] = []
        self._variables: list[ast.Constant] = []
        self._found_tops: dict[ast.expr, ast.expr] = {}
        self._found_bindings: dict[tuple[_Scope, str], ast.expr | None] = {}
        self._found_entries: dict[ast.Dict, DictEntries] = {}
        self._found_additions: dict[tuple[_Scope, str], list[ast.stmt]] = {}
        self._found_uses: dict[tuple[_Scope, str], _Uses] = {}
        self._tree = tree
        self._exact_left = _MAX_EXACT
        self._left = _MAX_PUT_IN + len(source.text)
        self._found_words: dict[ast.expr, _Words | None] = {}
        # The first use of a name that is not followed, since too much has been put in.
        self.unfollowed: ast.expr | None = None
        self._index(tree)

    def _index(self, tree: ast.Module) -> None:
        stack: list[tuple[ast.AST, _Scope]] = [(tree, tree)]
        names: list[ast.Name] = []
        while stack:
            node, scope = stack.pop()
            self._scopes[node] = scope
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
                self._parents[child] = node
                stack.append((child, inner))
        for name in names:
            self._loads[self._home(name), name.id].append(name)

    def _home(self, name: ast.Name) -> _Scope:
        scope = self._scopes[name]
        return scope if (scope, name.id) in self._bound else self._tree

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that holds a node."""
        return self._parents.get(node)

    def entries(self, node: ast.Dict) -> DictEntries:
        """The entries of a dictionary, which may be asked for each of thousands."""
        if node not in self._found_entries:
            pairs = list(zip(node.keys, node.values, strict=True))
            values = {key: value for key, value in pairs if key is not None}
            self._found_entries[node] = DictEntries(values, {value: key for key, value in pairs})
        return self._found_entries[node]

    def is_docstring(self, node: ast.expr) -> bool:
        """True if a string is a statement of its own."""
        return isinstance(node, ast.Constant) and isinstance(self.parent(node), ast.Expr)

    def exports(self) -> Iterator[FoundText]:
        """Variables that change what a run reads, where the file sets them, as exports of a shell."""
        for name in self._variables:
            value: ast.expr | None = None
            parent = self._parents.get(name)
            if isinstance(parent, ast.Subscript) and not isinstance(parent.ctx, ast.Load):
                statement = self._parents.get(parent)
                value = statement.value if isinstance(statement, ast.Assign) else None
            elif isinstance(parent, ast.Dict):
                value = self.entries(parent).values.get(name)
            mapped = map_constant(self._source, name)
            if value is None or mapped is None:
                continue
            builder = MapBuilder()
            builder.synthetic("export ", mapped[0].outer_start(0))
            builder.extend(mapped[0])
            builder.synthetic("=", mapped[0].outer_end(len(mapped[0].text)))
            for word in self._item(value, 0):
                add_word(builder, word.map, expands="${" in word.map.text)
            yield FoundText(builder.build(), mapped[1])

    # Which expressions matter

    def tops(self) -> Iterator[ast.expr]:
        """The whole expressions that hold the command, in order, each once.

        Where a name is bound to a part of a command and used in a longer one, the longer one counts.
        """
        seen: set[ast.expr] = set()
        queue = list(reversed(self._seeds))
        while queue:
            top = self._top(queue.pop())
            if top in seen:
                continue
            seen.add(top)
            uses = self._longer(top)
            if uses:
                queue.extend(reversed(uses))
            else:
                yield top

    def is_dropped(self, value: ast.expr) -> bool:
        """True if a value is bound to a name that is bound anew, in the same block, before anything reads it."""
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
            # Where an inner function may read it, nobody knows when.
            shared = any(self._scopes[load] is not scope for load in loads) or any(
                self._scopes[load] not in (scope, self._tree) for load in inner
            )
            self._found_uses[key] = _Uses(self._bound.get(key, []), loads, shared=shared)
        return self._found_uses[key]

    def _top(self, node: ast.expr) -> ast.expr:
        """The outermost expression whose text, or argument list, a value is part of."""
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
        """The expression around a value if the value is part of its text or of its arguments."""
        match self._parents.get(node):
            case ast.JoinedStr() | ast.Starred() as parent:
                return parent
            case ast.FormattedValue() as parent if isinstance(node, ast.Name):
                return parent
            case ast.BinOp(op=ast.Add()) as parent:
                return parent
            case ast.BinOp(op=ast.Mod(), left=left) as parent if left is node:
                return parent
            case ast.List() | ast.Tuple() as parent if self._is_argument_list(parent, node):
                return parent
            case ast.Attribute(attr=attr) as parent if attr in _METHODS:
                call = self._parents.get(parent)
                return call if isinstance(call, ast.Call) and call.func is parent else None
            case ast.Call() as parent if self._passes(parent, node):
                return parent
            case _:
                return None

    def _is_argument_list(self, parent: ast.List | ast.Tuple, node: ast.expr) -> bool:
        if isinstance(node, ast.Starred):
            return True
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not names_command(node.value):
            # A list of several commands has them as whole strings; here the words stand alone.
            return node.value == "steps" or node.value.rpartition("/")[2] == "nemotron"
        first = parent.elts[0]
        return isinstance(first, ast.Constant) and str(first.value).rpartition("/")[2] in _SHELLS

    @staticmethod
    def _passes(call: ast.Call, node: ast.expr) -> bool:
        """True if a call only joins, splits or strips what it is given, or takes the arguments one by one."""
        function = call.func
        if node is function or len(call.args) > _MAX_ARGUMENTS or node not in call.args:
            return False
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name in ("dedent", "cleandoc") or (name in ("join", "split") and isinstance(function, ast.Attribute)):
            return name != "split" or _is_name(function, "shlex")
        words = [str(word.value) if isinstance(word, ast.Constant) else "" for word in call.args]
        return is_argv(words)

    def _longer(self, top: ast.expr) -> list[ast.expr]:
        """The uses of a value in longer values, if it is bound to a name."""
        name = self._name_of(top)
        if name is None:
            return []
        uses: list[ast.expr] = []
        for load in self._loads[self._home(name), name.id]:
            outer = self._top(load)
            if outer is not load and not isinstance(self._parents.get(load), ast.Call | ast.Attribute):
                uses.append(load)
        return uses

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
        """The value that a name is bound to in a scope; None if it is bound otherwise, or more than once."""
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

    def _put_in(self, node: ast.expr, amount: int) -> bool:
        """Pay for what is put in at a name; False where it is too much, and the name stays an expansion."""
        if amount <= _MAX_VALUE:
            self._left -= amount
            if self._left >= 0:
                return True
        if self.unfollowed is None:
            self.unfollowed = node
        return False

    # Text

    def text(self, node: ast.expr) -> FoundText | None:
        """The text of a whole string expression. None if it is no string, or no command."""
        if isinstance(node, ast.JoinedStr) and not names_command(self._plain_f_string(node)):
            return None  # where its parts stand takes long to find out
        found = self._text(node, 0)
        return self._with_additions(node, found) if found is not None else None

    def _with_additions(self, node: ast.expr, found: FoundText) -> FoundText:
        """A string to which something is added later is open at its end."""
        name = self._name_of(node)
        if name is None:
            return found
        for statement in self._additions(name):
            builder = MapBuilder()
            builder.extend(found.map)
            builder.escape(" $x", *self._extent(statement))
            return FoundText(builder.build(), found.encoder)
        return found

    def _text(self, node: ast.expr, depth: int) -> FoundText | None:
        if depth > _MAX_DEPTH:
            return None
        match node:
            case ast.Constant(value=str(value)):
                mapped = map_constant(self._source, node)
                return FoundText(*mapped) if mapped is not None else FoundText(self._as_escape(node, value), "none")
            case ast.JoinedStr():
                text = self._f_string(node)
                if text is None:
                    text = self._as_escape(node, self._plain_f_string(node))
                return FoundText(text, "argv")
            case ast.BinOp(op=ast.Add()):
                return self._sum(node, depth)
            case ast.BinOp(op=ast.Mod(), left=left):
                return self._filled(left, _PERCENT_FIELD, depth)
            case ast.Call(func=ast.Attribute(value=owner, attr="format")):
                return self._filled(owner, _FORMAT_FIELD, depth)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(glue)), attr="join"), args=[items]):
                return self._joined(items, glue, depth)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="shlex"), attr="join"), args=[items]):
                words = self._words(items, depth + 1)
                return FoundText(_line(words), "none") if words is not None else None
            case ast.Call(func=ast.Attribute(value=ast.Name(id="shlex"), attr="split"), args=[argument, *_]):
                return self._text(argument, depth + 1)
            case ast.Call(func=ast.Attribute(attr="dedent" | "cleandoc"), args=[argument]):
                return self._text(argument, depth + 1)
            case ast.Call(func=ast.Name(id="dedent" | "cleandoc"), args=[argument]):
                return self._text(argument, depth + 1)
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _STRIPPERS or attr == "split":
                return self._text(owner, depth + 1)
            case _:
                return None

    def _f_string(self, node: ast.JoinedStr) -> TextMap | None:
        def value_of(name: str) -> str | None:
            return self._known(node, name)

        text = map_simple_f_string(self._source, node, value_of)
        if text is None and self._exact_left > 0:
            self._exact_left -= 1
            text = map_f_string(self._source, node, value_of)
        return text

    def _sum(self, node: ast.BinOp, depth: int) -> FoundText | None:
        parts = _operands(node)
        texts = [self._text(part, depth + 1) for part in parts]
        if not any(texts):
            return None
        builder = MapBuilder()
        for part, found in zip(parts, texts, strict=True):
            if found is not None:
                builder.extend(found.map)
            elif isinstance(part, ast.Name) and (known := self._known(part, part.id)) is not None:
                builder.escape(known, *self._extent(part))
            else:
                builder.escape(f"${{{field_name(self._written(part))}}}", *self._extent(part))
        return FoundText(builder.build(self._extent(node)[0]), _common(found.encoder for found in texts if found))

    def _filled(self, template: ast.expr, field: re.Pattern[str], depth: int) -> FoundText | None:
        """A format string; its fields are expansions."""
        found = self._text(template, depth + 1)
        if found is None:
            return None
        text = found.map.text
        builder = MapBuilder()
        position = 0
        for match in field.finditer(text):
            if match.start() > position:
                builder.verbatim(text, position, match.start())
            whole = match.group()
            doubled = whole in ("{{", "}}", "%%")
            builder.escape(whole[0] if doubled else f"${{{field_name(match[1] or '')}}}", match.start(), len(whole))
            position = match.end()
        builder.verbatim(text, position, len(text))
        return FoundText(found.map.compose(builder.build()), "argv")

    def _joined(self, items: ast.expr, glue: str, depth: int) -> FoundText | None:
        """`glue.join([…])`: nothing is quoted."""
        words = self._words(items, depth + 1)
        if words is None:
            return None
        builder = MapBuilder()
        for index, word in enumerate(words):
            if index:
                builder.synthetic(glue, word.map.outer_start(0))
            builder.extend(word.map)
        return FoundText(builder.build(self._extent(items)[0]), "none")

    def _known(self, at: ast.expr, name: str) -> str | None:
        """The text of a name that is bound once to a string constant."""
        scope = self._scopes[at]
        home = scope if (scope, name) in self._bound else self._tree
        value = self._binding(home, name)
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            return None
        return value.value if self._put_in(at, len(value.value)) else None

    def _plain_f_string(self, node: ast.JoinedStr) -> str:
        """Its text without the places where it stands."""
        parts: list[str] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            else:
                name = part.value if isinstance(part, ast.FormattedValue) else None
                known = self._known(node, name.id) if isinstance(name, ast.Name) else None
                parts.append("${x}" if known is None else known)
        return "".join(parts)

    # Arguments

    def arguments(self, node: ast.expr) -> FoundText | None:
        """An argument list that starts the command, written as a shell command. None if it is none."""
        if isinstance(node, ast.Call):
            items: Iterable[ast.expr] = node.args
            text = self._text(node, 0)
            if text is not None:
                return None
            words: list[_Word] | None = [word for item in items for word in self._item(item, 0)]
        else:
            words = self._words(node, 0)
        if words is None:
            return None
        name = self._name_of(node)
        if name is not None:
            words += self._added_words(node, name)
        values = [word.map.text for word in words]
        nested = len(values) > 1 and values[0].rpartition("/")[2] in _SHELLS and any(map(names_command, values))
        if not is_argv(values) and not nested:
            return None
        return FoundText(_line(words), _common(word.encoder for word in words))

    def _words(self, node: ast.expr, depth: int) -> list[_Word] | None:
        """The arguments of a list expression. None if it is no list."""
        if depth > _MAX_DEPTH:
            return None
        match node:
            case ast.List(elts=items) | ast.Tuple(elts=items) if len(items) <= MAX_WORDS:
                return self._bounded(self._item(item, depth) for item in items)
            case ast.BinOp(op=ast.Add()):
                parts = _operands(node)
                lists = [self._words(part, depth + 1) for part in parts]
                if all(part is None for part in lists):
                    return None
                return self._bounded(
                    found if found is not None else [self._open(part)] for part, found in zip(parts, lists, strict=True)
                )
            case ast.Name():
                value = self._value_of(node)
                if value is None or isinstance(value, ast.Name):
                    return None
                found = self._value_words(value, depth + 1)
                if found is None or not self._put_in(node, found.cost):
                    return None
                extent = self._extent(node)
                added = [] if not self._additions(node) else [self._open(node)]
                return [word._replace(map=_moved(word.map.text, *extent), encoder="") for word in found.words] + added
            case ast.Call(func=ast.Name(id="list" | "tuple"), args=[argument]):
                return self._words(argument, depth + 1)
            case _:
                return None

    def _value_words(self, value: ast.expr, depth: int) -> _Words | None:
        """The arguments of a value that is bound to a name, found once for all its uses."""
        if value not in self._found_words:
            self._found_words[value] = None  # what it is inside itself
            words = self._words(value, depth)
            if words is not None:
                cost = sum(_WORD_COST + len(word.map.text) for word in words)
                self._found_words[value] = _Words(words, cost)
        return self._found_words[value]

    @staticmethod
    def _bounded(parts: Iterable[list[_Word]]) -> list[_Word] | None:
        """The arguments of all parts. None where they are too many for a command."""
        words: list[_Word] = []
        for part in parts:
            words += part
            if len(words) > MAX_WORDS:
                return None
        return words

    def _item(self, item: ast.expr, depth: int) -> list[_Word]:
        if isinstance(item, ast.Starred):
            found = self._words(item.value, depth + 1)
            return found if found is not None else [self._open(item)]
        text = self._text(item, depth + 1)
        if text is not None:
            return [_Word(text.map, text.encoder)]
        extent = self._extent(item)
        if isinstance(item, ast.Name) and (known := self._known(item, item.id)) is not None:
            return [_Word(_moved(known, *extent))]
        return [_Word(_moved(f"${{{field_name(self._written(item))}}}", *extent))]

    def _open(self, node: ast.AST) -> _Word:
        """An argument that may stand for none or several."""
        return _Word(_moved(f"${field_name(self._written(node))}", *self._extent(node)), open=True)

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

    def _added_words(self, value: ast.expr, name: ast.Name) -> list[_Word]:
        """What later statements add. What is added on a condition may be there or not."""
        start = self._parents.get(value)
        block = self._parents.get(start) if start is not None else None
        words: list[_Word] = []
        additions = self._additions(name)
        if len(additions) > _MAX_ADDITIONS:
            return [self._open(additions[0])]
        for statement in additions:
            exact: list[_Word] | None = None
            if self._parents.get(statement) is block:
                match statement:
                    case ast.AugAssign(op=ast.Add(), value=added):
                        exact = self._words(added, 1)
                    case ast.Expr(value=ast.Call(func=ast.Attribute(attr="extend"), args=[added])):
                        exact = self._words(added, 1)
                    case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[added])):
                        exact = self._item(added, 1)
                    case _:
                        pass
            words += exact if exact is not None else [self._open(statement)]
        return words

    # Positions

    def _extent(self, node: ast.AST) -> tuple[int, int]:
        """Where a node stands: offset and length."""
        assert isinstance(node, ast.expr | ast.stmt)
        start, end = self._source.span(node)
        return start, end - start

    def _written(self, node: ast.AST) -> str:
        start, length = self._extent(node)
        return self._source.text[start : start + min(length, 200)]

    def _as_escape(self, node: ast.expr, value: str) -> TextMap:
        return _moved(value, *self._extent(node))


_METHODS = frozenset({"format", "split", *_STRIPPERS})


def _position(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _common(encoders: Iterable[str]) -> str:
    """The encoder that is right in all parts of a value."""
    names = set(encoders) - {""}
    if len(names) > 1:
        names.discard("argv")
    return names.pop() if len(names) == 1 else "none"


def _moved(text: str, start: int, length: int) -> TextMap:
    """A text that the source writes as something else."""
    builder = MapBuilder()
    builder.escape(text, start, length)
    return builder.build(start)


def _operands(node: ast.BinOp) -> list[ast.expr]:
    """The operands of a chain of additions, from left to right."""
    parts: list[ast.expr] = []
    current: ast.expr = node
    while isinstance(current, ast.BinOp) and isinstance(current.op, ast.Add):
        parts.append(current.right)
        current = current.left
    parts.append(current)
    parts.reverse()
    return parts


def _line(words: Iterable[_Word]) -> TextMap:
    """Arguments as one line of shell. A field that stands for one argument is quoted, an open one is not."""
    builder = MapBuilder()
    first = 0
    for word in words:
        at = word.map.outer_start(0)
        if len(builder):
            builder.synthetic(" ", at)
        else:
            first = at
        if word.open:
            builder.extend(word.map)
        else:
            add_word(builder, word.map, expands="${" in word.map.text and word.encoder in ("", "argv", "none"))
    return builder.build(first)


def _is_name(function: ast.expr, name: str) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == name
