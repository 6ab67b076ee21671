"""The expressions of a Python file that contain the complete command: strings, argument lists, and so on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nemolint.sources.argv import SHELLS, is_argv
from nemolint.sources.command_text import names_command
from nemolint.sources.python_names import PythonNames

STRIPPERS = frozenset({"dedent", "lstrip", "rstrip", "strip"})
_METHODS = frozenset({"format", "split", *STRIPPERS})
# A call with more arguments than this is data.
_MAX_ARGUMENTS = 500


class Expressions(PythonNames):
    """The expressions of one file, from their strings outward."""

    def __init__(self, tree: ast.Module) -> None:
        super().__init__(tree)
        self._found_tops: dict[ast.expr, ast.expr] = {}

    def tops(self) -> Iterator[ast.expr]:
        """The complete expressions that contain the command, in order, each once.

        If a name is bound to a part of a command and used in a longer one, the longer one counts.
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
            # A list of commands has them as complete strings; here the words are separate.
            return node.value == "steps" or node.value.rpartition("/")[2] == "nemotron"
        first = parent.elts[0]
        return isinstance(first, ast.Constant) and str(first.value).rpartition("/")[2] in SHELLS

    @staticmethod
    def _passes(call: ast.Call, node: ast.expr) -> bool:
        """True if a call only joins, splits or strips its argument, or takes the arguments one by one."""
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


def _is_name(function: ast.expr, name: str) -> bool:
    return isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == name
