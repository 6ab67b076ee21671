"""Strings and argument lists that later statements of a Python file change."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from itertools import groupby

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.positions import MapBuilder
from nemolint.sources.argv import MAX_WORDS
from nemolint.sources.command_text import is_script, names_command
from nemolint.sources.python_evaluation import MAX_DEPTH, Evaluation
from nemolint.sources.python_expressions import appending
from nemolint.sources.python_found import FoundText, PythonArgument, ValueChoice, common, followed_by, moved
from nemolint.sources.python_names import Growth, Key, Scope
from nemolint.sources.python_operations import SOME_RUN, all_known, is_known, word_index, word_place, word_slice

_MAX_ADDITIONS = 200
_Value = FoundText | list[PythonArgument]


class _Addition(NamedTuple):
    """What may be added to a text at a node; `apart`: it is separated from what stands before it."""

    name: str
    node: ast.AST
    apart: bool


class ChangedValues(Evaluation):
    """Applies the statements that change the value of a name, in order, as far as it is certain when they run.

    What is not computed exactly leaves the value open: at its end, if the statements only add there, or all of it.
    """

    def _changed_text(self, found: FoundText, value: ast.expr | None, name: ast.expr) -> FoundText | None:
        """A string that is bound to a name, after the statements that change it. None if nothing of it is known.

        `value` is None for a parameter of the function that is looked at.
        """
        changed = self._after_changes(found, value, name)
        return changed if not isinstance(changed, list) else self._unknown(found, name)

    def _changed_words(
        self, words: list[PythonArgument], value: ast.expr | None, name: ast.expr
    ) -> list[PythonArgument]:
        """The arguments that are bound to a name, after the statements that change them; see `_changed_text`."""
        changed = self._after_changes(words, value, name)
        return changed if isinstance(changed, list) else self._some_words(words, name)

    def _after_changes(self, before: _Value, value: ast.expr | None, name: ast.expr) -> _Value | None:
        key = self._key(name)
        start: ast.AST | None = self._statement(value) if value is not None else key and key[0]
        if key is None or not isinstance(start, ast.stmt):
            return before
        shared = self._shared(name) if isinstance(before, list) else Growth.NONE
        changes = self._additions(name)
        growth = max(self._growth(name), shared)
        if growth is Growth.NONE and not (isinstance(before, list) and changes and _has_blanks(before)):
            return before
        block = self._parents.get(start) if value is not None else start
        paths = [path for change in changes[:_MAX_ADDITIONS] if (path := self._path_to(change, block)) is not None]
        certain = shared is Growth.NONE and len(paths) == len(changes) and (key, self._frame) not in self._following
        if not certain or self._is_used_before(key, start, self._scopes[changes[0]], changes):
            apart = isinstance(before, list) or self._joins_on(changes)
            return self._opened(before, growth, changes[0] if changes else name, apart=apart)
        first = len(self._choices)
        self._following.add((key, self._frame))
        after = self._followed(before, paths, 0, key)
        self._following.discard((key, self._frame))
        if after is None:
            del self._choices[first:]
            return self._opened(before, Growth.ALL, changes[0])
        return after

    def _is_used_before(self, key: Key, start: ast.stmt, scope: Scope, additions: list[ast.stmt]) -> bool:
        """True if something may use a value before the last statement that changes it, or if one stands before it."""
        last = additions[-1]
        if (additions[0].lineno, additions[0].col_offset) <= (start.lineno, start.col_offset):
            return True
        elsewhere = isinstance(key[0], ast.ClassDef) and len(self._attributes.get(key[1], ())) > 1
        for load in self._loads.get(key, ()):
            if self._statement(load) in self._found_changes[key] or self._is_only_looked_at(load):
                continue
            if self._scopes[load] is not scope:
                elsewhere = True
            elif (load.lineno, load.col_offset) < (last.lineno, last.col_offset):
                return True
        return elsewhere and self._runs_between(scope, start, last)

    def _is_only_looked_at(self, load: ast.expr) -> bool:
        """True if a use of a name takes nothing from its value: it is compared, tested, counted or printed."""
        match self._parents.get(load):
            case ast.Compare() | ast.If() | ast.While() | ast.Assert():
                return True
            case ast.Call(func=ast.Name(id=name)) as call if call.func is not load:
                return name in ("len", "print")
            case _:
                return False

    def _opened(self, before: _Value, growth: Growth, node: ast.AST, *, apart: bool = True) -> _Value | None:
        """A value of which only the beginning is known, or only that it starts the command.

        `apart`: what follows in a text is separated from it.
        """
        if growth is Growth.NONE:
            return before
        if isinstance(before, list):
            return [*before, self._variadic(node)] if growth is Growth.END else self._some_words(before, node)
        if growth is Growth.ALL:
            return self._unknown(before, node)
        return self._going_on(before, "x", node, apart=apart)

    def _going_on(self, found: FoundText, name: str, node: ast.AST, *, apart: bool) -> FoundText:
        """A text that may go on."""
        return self._with_additions(found, [_Addition(name, node, apart)])

    def _with_additions(self, found: FoundText, additions: list[_Addition]) -> FoundText:
        """A text to which something may be added at each of some places: all at once, as each would copy the text."""
        if not additions:
            return found
        builder = MapBuilder()
        builder.extend(found.map)
        apart = found.map.text[-1:].isspace() or found.map.text.endswith("steps run")
        for addition in additions:
            written = f" ${addition.name}" if apart or addition.apart else f"${{{addition.name}}}"
            builder.escape(written, *self._extent(addition.node))
            apart = False
        return found._replace(map=builder.build())

    def _unknown(self, found: FoundText, node: ast.AST) -> FoundText | None:
        """What is known of a text that is made from another in an unknown way: at most that it names the command."""
        if not names_command(found.map.text.lower()):
            return None
        # What does not begin as a command does not become one.
        start = "" if is_script(found.map.text) else "$x "
        return FoundText(moved(f"{start}{SOME_RUN}", *self._extent(node)), "none")

    def _joins_on(self, additions: Iterable[ast.stmt]) -> bool:
        """True if what statements add to a text is separated from it."""
        return all(self._adds_apart(statement) for statement in additions)

    def _adds_apart(self, statement: ast.stmt) -> bool:
        match statement:
            case (
                ast.AugAssign(value=added) | ast.Assign(value=ast.BinOp(left=ast.Name() | ast.Attribute(), right=added))
            ):
                found = self._text(added, 1)
                return found is not None and found.map.text[:1].isspace()
            case _:
                return False

    def _path_to(self, statement: ast.stmt, block: ast.AST | None) -> list[ast.stmt] | None:
        """The statements around one, up to the block that holds them. None if it is elsewhere."""
        path = [statement]
        holder = self._parents.get(statement)
        while holder is not None and holder is not block:
            if not isinstance(holder, ast.stmt) or isinstance(
                holder, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
            ):
                return None
            path.append(holder)
            holder = self._parents.get(holder)
        path.reverse()
        return path if holder is not None and len(path) <= MAX_DEPTH else None

    def _followed(self, value: _Value, paths: list[list[ast.stmt]], level: int, key: Key) -> _Value | None:
        """A value after the statements at the ends of `paths`, which are equal up to `level`. None if it is unknown."""
        additions: list[_Addition] = []
        for step, group in groupby(paths, key=lambda path: path[level]):
            inside = list(group)
            if not isinstance(value, list):
                added = self._added_in(step, inside, level, key) if isinstance(step, ast.If) else None
                if added is not None:
                    additions.append(added)
                    continue
                value = self._with_additions(value, additions)
                additions = []
            following: _Value | None
            if any(len(path) == level + 1 for path in inside):
                following = self._applied(value, step, key) if len(inside) == 1 else None
            elif isinstance(step, ast.With | ast.AsyncWith) and not _may_leave(step):
                following = self._followed(value, inside, level + 1, key)
            elif isinstance(step, ast.If):
                following = self._branched(value, step, inside, level, key)
            elif isinstance(step, ast.For) and isinstance(value, list) and appending(step) is not None:
                items = self._words(step.iter, 1)
                following = [*value, *(items if items is not None else [self._variadic(step)])]
            else:
                following = None
            if all(self._is_neutral(path[-1], key) for path in inside):
                following = following if isinstance(following, list) and isinstance(value, list) else value
            if following is None:
                if not all(self._only_adds(path[-1], key) for path in inside):
                    return None
                apart = isinstance(value, list) or self._joins_on(path[-1] for path in inside)
                following = self._opened(value, Growth.END, step, apart=apart)
                assert following is not None
            if isinstance(following, list) and len(following) > MAX_WORDS:
                return None
            value = following
        return value if isinstance(value, list) else self._with_additions(value, additions)

    def _added_in(self, step: ast.If, paths: list[list[ast.stmt]], level: int, key: Key) -> _Addition | None:
        """What a condition may add to a text, None if a branch of it is looked at, or if it may do something else."""
        if self._option(step) is not None or not all(
            len(path) > level + 1 and self._only_adds(path[-1], key) and not self._is_neutral(path[-1], key)
            for path in paths
        ):
            return None
        self._choices.append(ValueChoice(step, 2, self._extent(step)))
        return _Addition(self._name_for(step.test), step, self._joins_on(path[-1] for path in paths))

    def _branched(
        self, value: _Value, step: ast.If, paths: list[list[ast.stmt]], level: int, key: Key
    ) -> _Value | None:
        """A value after a condition: as in the branch that is looked at, else open where a branch adds to it."""
        options = [[path for path in paths if path[level + 1] in body] for body in (step.body, step.orelse)]
        option = self._option(step)
        if option is not None:
            return self._followed(value, options[option], level + 1, key)
        if not all(self._only_adds(path[-1], key) for path in paths):
            return None
        self._choices.append(ValueChoice(step, 2, self._extent(step)))
        name = self._name_for(step.test)
        if isinstance(value, list):
            return [*value, self._variadic(step, name)]
        return self._going_on(value, name, step, apart=self._joins_on(path[-1] for path in paths))

    def _applied(self, value: _Value, statement: ast.stmt, key: Key) -> _Value | None:
        """A value after a statement that changes it. None if it is unknown."""
        ways = self._found_changes[key][statement]
        if len(ways) != 1:
            return None
        before = self._during.get((statement, key))
        self._during[statement, key] = value
        try:
            if isinstance(value, list):
                return self._applied_to_words(value, statement, ways[0], key)
            match statement:
                case ast.AugAssign(op=ast.Add(), target=target, value=added) if target is ways[0]:
                    more = self._text(added, 1)
                    if more is None:
                        return None
                    builder = MapBuilder()
                    builder.extend(followed_by(value.map, more.map.text))
                    builder.extend(more.map)
                    return FoundText(builder.build(), common((value.encoder, more.encoder)))
                case ast.Assign(targets=[target], value=result) if target is ways[0]:
                    return self._text(result, 1) or self._words(result, 1)
                case _:
                    return None
        finally:
            if before is None:
                del self._during[statement, key]
            else:
                self._during[statement, key] = before

    def _applied_to_words(
        self, words: list[PythonArgument], statement: ast.stmt, way: ast.AST, key: Key
    ) -> list[PythonArgument] | None:
        """The arguments after a statement that changes them, where it names them as `way`. None if they are unknown."""
        match statement:
            case ast.AugAssign(op=ast.Add(), target=target, value=added) if target is way:
                more = self._words(added, 1)
                return [*words, *more] if more is not None else None
            case ast.Assign(targets=[target], value=result) if target is way:
                return self._words(result, 1)
            case ast.Assign(targets=[ast.Subscript(value=owner, slice=index)], value=result) if owner is way:
                more = self._words(result, 1) if isinstance(index, ast.Slice) else self._item(result, 1)
                bounds = self._word_bounds(words, index, key)
                return [*words[: bounds[0]], *more, *words[bounds[1] :]] if more is not None and bounds else None
            case ast.Delete(targets=[ast.Subscript(value=owner, slice=index)]) if owner is way:
                bounds = self._word_bounds(words, index, key)
                return [*words[: bounds[0]], *words[bounds[1] :]] if bounds else None
            case (
                ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=method), args=arguments, keywords=[]))
                | ast.Assign(value=ast.Call(func=ast.Attribute(value=owner, attr=method), args=arguments, keywords=[]))
            ) if owner is way:
                return self._after_method(words, method, arguments, key)
            case _:
                return None

    def _after_method(
        self, words: list[PythonArgument], method: str, arguments: list[ast.expr], key: Key
    ) -> list[PythonArgument] | None:
        """The arguments after a method of the list is called."""
        at: int | None
        match method, arguments:
            case "append", [added] if not isinstance(added, ast.Starred):
                return [*words, *self._item(added, 1)]
            case "extend", [added]:
                more = self._words(added, 1)
                return [*words, *more] if more is not None else None
            case "insert", [index, added]:
                place = self._integer(index, words, key)
                bounds = word_slice(words, place, place) if place is not None else None
                return [*words[: bounds[0]], *self._item(added, 1), *words[bounds[0] :]] if bounds else None
            case "pop", []:
                at = word_place(words, -1)
            case "pop", [index]:
                at = self._word_place(words, index, key)
            case "remove", [value]:
                found = self._text(value, 1)
                known = found is not None and is_known(found.map.text)
                at = word_index(words, found.map.text) if found is not None and known else None
            case "clear", []:
                return []
            case "reverse", []:
                return words[::-1]
            case "sort", [] if all_known(words):
                return sorted(words, key=lambda word: word.map.text)
            case _:
                return None
        return [*words[:at], *words[at + 1 :]] if at is not None else None

    def _word_place(self, words: list[PythonArgument], index: ast.expr, key: Key | None) -> int | None:
        place = self._integer(index, words, key)
        return word_place(words, place) if place is not None else None

    def _word_bounds(self, words: list[PythonArgument], index: ast.expr, key: Key | None) -> tuple[int, int] | None:
        """Where an item or a slice of a list is. None if that is not certain."""
        if not isinstance(index, ast.Slice):
            at = self._word_place(words, index, key)
            return (at, at + 1) if at is not None else None
        places: list[int | None] = []
        for bound in (index.lower, index.upper):
            place = self._integer(bound, words, key) if bound is not None else None
            if bound is not None and place is None:
                return None
            places.append(place)
        return word_slice(words, *places) if index.step is None else None

    def _integer(self, node: ast.expr, words: list[PythonArgument], key: Key | None) -> int | None:
        """The value of an index of a list: a number, the length of the list, or the place of an item, and sums."""
        match node:
            case ast.Constant(value=int(number)):
                return int(number)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
                return -number
            case ast.BinOp(op=ast.Add() | ast.Sub() as op, left=left, right=ast.Constant(value=int(number))):
                first = self._integer(left, words, key)
                if first is None or first < 0:
                    return None
                total = first + (number if isinstance(op, ast.Add) else -number)
                return total if total >= 0 else None
            case ast.Call(func=ast.Name(id="len"), args=[ast.Name() | ast.Attribute() as owner]):
                same = key is not None and self._key(owner) == key
                return len(words) if same and not any(word.variadic for word in words) else None
            case ast.Call(func=ast.Attribute(value=owner, attr="index"), args=[value]):
                found = self._text(value, 1)
                if key is None or self._key(owner) != key or found is None or not is_known(found.map.text):
                    return None
                return word_index(words, found.map.text)
            case ast.Name() if isinstance(bound := self._value_of(node), ast.Constant | ast.UnaryOp):
                return self._integer(bound, words, key) if not self._additions(node) else None
            case _:
                return None

    @staticmethod
    def _bounded(parts: Iterable[list[PythonArgument]]) -> list[PythonArgument] | None:
        """The arguments of all parts. None if they are too many for a command."""
        words: list[PythonArgument] = []
        for part in parts:
            words += part
            if len(words) > MAX_WORDS:
                return None
        return words


def _has_blanks(words: list[PythonArgument]) -> bool:
    """True if joining arguments and splitting the text gives others."""
    return any(not word.variadic and len(word.map.text.split()) != 1 for word in words)


def _may_leave(step: ast.With | ast.AsyncWith) -> bool:
    """True if a block may end early without an error: `with suppress(…)`, `with raises(…)`."""
    calls = (item.context_expr for item in step.items)
    names = (call.func for call in calls if isinstance(call, ast.Call))
    return any(
        (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")) in _LEAVERS for node in names
    )


_LEAVERS = frozenset({"assertRaises", "raises", "suppress"})
