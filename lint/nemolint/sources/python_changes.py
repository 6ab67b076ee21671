"""Strings and argument lists that later statements of a Python file change."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from itertools import groupby

from nemolint.base.positions import MapBuilder
from nemolint.sources.argv import MAX_WORDS
from nemolint.sources.python_evaluation import MAX_DEPTH, Evaluation
from nemolint.sources.python_expressions import appending
from nemolint.sources.python_found import FoundText, PythonArgument, ValueChoice, common, moved

_MAX_ADDITIONS = 200


class ChangedValues(Evaluation):
    """Applies the statements that change the value of a name."""

    def _with_additions(self, value: ast.expr, name: ast.expr, found: FoundText) -> FoundText:
        """A string with what later statements add to it; what they do on a condition is open."""
        statement = self._statement(value)
        block = self._parents.get(statement) if statement is not None else None
        for number, addition in enumerate(self._additions(name)):
            added: FoundText | None = None
            holder = self._parents.get(addition)
            if isinstance(addition, ast.AugAssign) and isinstance(addition.op, ast.Add) and number < _MAX_ADDITIONS:
                if holder is block:
                    added = self._text(addition.value, 1)
                elif isinstance(holder, ast.If) and self._parents.get(holder) is block:
                    added = self._conditional(holder, addition)
            if added is None:
                return self._opened(found, addition)
            builder = MapBuilder()
            builder.extend(found.map)
            builder.extend(added.map)
            found = FoundText(builder.build(), common((found.encoder, added.encoder)))
        return found

    def _conditional(self, condition: ast.If, addition: ast.AugAssign) -> FoundText | None:
        """What a statement in a branch adds to a text: that in the branch looked at, else an expansion."""
        extent = self._extent(condition)
        branch = 0 if addition in condition.body else 1
        option = self._option(condition)
        if option is not None:
            empty = FoundText(moved("", *self._extent(addition)), "")
            return self._text(addition.value, 1) if option == branch else empty
        self._choices.append(ValueChoice(condition, 2, extent))
        return FoundText(moved(f" ${self._name_for(condition.test)}", *extent), "none")

    def _opened(self, found: FoundText, node: ast.AST) -> FoundText:
        """A text that may go on."""
        builder = MapBuilder()
        builder.extend(found.map)
        builder.escape(" $x", *self._extent(node))
        return found._replace(map=builder.build())

    def _with_added(self, words: list[PythonArgument], value: ast.expr, name: ast.expr) -> list[PythonArgument]:
        """The arguments with those that later statements add, as far as it is certain when they run."""
        additions = self._additions(name)
        if not additions:
            return words
        start = self._statement(value)
        assert start is not None
        paths = [self._path_to(addition, self._parents.get(start)) for addition in additions[: _MAX_ADDITIONS + 1]]
        key = self._key(name)
        uses = [load for load in self._loads.get(key, ()) if not self.is_adding(load)] if key is not None else []
        first = min((load.lineno for load in uses if self._scopes[load] is self._scopes[start]), default=sys.maxsize)
        if len(paths) > _MAX_ADDITIONS or any(addition.lineno > first for addition in additions):
            # A use that comes before has other words.
            return [*words, self._variadic(additions[0])]
        return (
            self._changed(words, [path for path in paths if path is not None], 0, name)
            if all(paths)
            else [
                *words,
                self._variadic(additions[0]),
            ]
        )

    def _path_to(self, statement: ast.stmt, block: ast.AST | None) -> list[ast.stmt] | None:
        """The statements around one, up to the block that holds them. None if it is elsewhere."""
        path = [statement]
        holder = self._parents.get(statement)
        while holder is not None and holder is not block:
            if not isinstance(holder, ast.stmt) or isinstance(holder, ast.FunctionDef | ast.AsyncFunctionDef):
                return None
            path.append(holder)
            holder = self._parents.get(holder)
        path.reverse()
        return path if holder is not None and len(path) <= MAX_DEPTH else None

    def _changed(
        self, words: list[PythonArgument], paths: list[list[ast.stmt]], level: int, name: ast.expr
    ) -> list[PythonArgument]:
        """The arguments after the statements at the ends of `paths`, which are equal up to `level`."""
        for step, group in groupby(paths, key=lambda path: path[level]):
            inside = list(group)
            if len(inside[0]) == level + 1:
                words = self._added(words, step, name)
            elif isinstance(step, ast.With | ast.AsyncWith):
                words = self._changed(words, inside, level + 1, name)
            elif isinstance(step, ast.If):
                bodies = (step.body, step.orelse)
                options = [[path for path in inside if path[level + 1] in body] for body in bodies]
                option = self._option(step)
                if option is not None:
                    words = self._changed(words, options[option], level + 1, name)
                else:
                    self._choices.append(ValueChoice(step, 2, self._extent(step)))
                    words = [*words, self._variadic(step, self._name_for(step.test))]
            elif isinstance(step, ast.For) and appending(step) is not None:
                items = self._words(step.iter, 1)
                words = [*words, *(items if items is not None else [self._variadic(step)])]
            else:
                words = [*words, self._variadic(step)]
        return words

    def _added(self, words: list[PythonArgument], statement: ast.stmt, name: ast.expr) -> list[PythonArgument]:
        """The arguments after a statement that changes them."""
        exact: list[PythonArgument] | None = None
        match statement:
            case ast.AugAssign(op=ast.Add(), value=added):
                exact = self._words(added, 1)
            case ast.Assign(value=ast.BinOp(op=ast.Add(), left=left, right=added)) if self._same(left, name):
                exact = self._words(added, 1)
            case ast.Assign(value=ast.List(elts=[ast.Starred(value=first), *items])) if self._same(first, name):
                exact = self._bounded(self._item(item, 1) for item in items)
            case ast.Assign(value=ast.BinOp(op=ast.Add(), left=added, right=right)) if self._same(right, name):
                before = self._words(added, 1)
                return [*(before if before is not None else [self._variadic(statement)]), *words]
            case ast.Assign(value=ast.List(elts=[*items, ast.Starred(value=last)])) if self._same(last, name):
                return [*(word for item in items for word in self._item(item, 1)), *words]
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="extend"), args=[added])):
                exact = self._words(added, 1)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append"), args=[added])):
                exact = self._item(added, 1)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="insert"), args=[ast.Constant(value=int(at)), added])):
                if 0 <= at <= len(words) and not any(word.variadic for word in words[:at]):
                    return [*words[:at], *self._item(added, 1), *words[at:]]
            case _:
                pass
        return [*words, *(exact if exact is not None else [self._variadic(statement)])]

    def _same(self, node: ast.expr, name: ast.expr) -> bool:
        return isinstance(node, ast.Name | ast.Attribute) and self._key(node) == self._key(name)

    @staticmethod
    def _bounded(parts: Iterable[list[PythonArgument]]) -> list[PythonArgument] | None:
        """The arguments of all parts. None if they are too many for a command."""
        words: list[PythonArgument] = []
        for part in parts:
            words += part
            if len(words) > MAX_WORDS:
                return None
        return words
