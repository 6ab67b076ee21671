"""The arguments of a list expression in a Python file, and of what starts a program without a list."""

from __future__ import annotations

import ast

from nemolint.base.patterns import lazily
from nemolint.sources.argv import MAX_WORDS
from nemolint.sources.python_evaluation import MAX_DEPTH
from nemolint.sources.python_expressions import Frame
from nemolint.sources.python_found import BoundWords, FoundText, PythonArgument, ValueChoice, moved
from nemolint.sources.python_texts import TextValues, operands

_WORDS = lazily(r"\S+")
_QUOTES = lazily(r"""["'\\#]""")
# An inserted word costs as much as some characters.
_WORD_COST = 20


class ArgumentValues(TextValues):
    """Evaluates argument lists. What is not known in one is an expansion, or several."""

    def _words(self, node: ast.expr, depth: int) -> list[PythonArgument] | None:
        """The arguments of a list expression. None if it is not a list."""
        if depth > MAX_DEPTH:
            return None
        match node:
            case ast.List(elts=items) | ast.Tuple(elts=items) if len(items) <= MAX_WORDS:
                return self._bounded(self._item(item, depth) for item in items)
            case ast.BinOp(op=ast.Add()):
                parts = operands(node)
                lists = [self._words(part, depth + 1) for part in parts]
                if all(part is None for part in lists):
                    return None
                return self._bounded(
                    found if found is not None else [self._variadic(part)]
                    for part, found in zip(parts, lists, strict=True)
                )
            case ast.IfExp(body=body, orelse=orelse, test=test):
                option = self._option(node)
                if option is not None:
                    return self._words((body, orelse)[option], depth + 1)
                if self._words(body, depth + 1) is None and self._words(orelse, depth + 1) is None:
                    return None
                self._choices.append(ValueChoice(node, 2, self._extent(node)))
                return [self._variadic(node, self._name_for(test))]
            case ast.Name() | ast.Attribute():
                return self._words_of_name(node, depth)
            case ast.Call(func=ast.Name(id="list" | "tuple"), args=[argument]):
                return self._words(argument, depth + 1)
            case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id="str"), argument]):
                return self._words(argument, depth + 1)
            case ast.Call(func=ast.Attribute(value=owner, attr="copy"), args=[]):
                return self._words(owner, depth + 1)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="shlex"), attr="split"), args=[argument, *_]):
                text = self._text(argument, depth + 1)
                return self._split(text, exact=False) if text is not None else None
            case ast.Call(func=ast.Attribute(value=owner, attr="split"), args=[]):
                text = self._text(owner, depth + 1)
                return self._split(text, exact=True) if text is not None else None
            case ast.Call():
                return self._words_of_call(node, depth)
            case _:
                return None

    def _split(self, found: FoundText, *, exact: bool) -> list[PythonArgument]:
        """The words of a text. `exact`: only at blanks, so that quotes belong to the words."""
        if not exact and _QUOTES.search(found.map.text):
            return [PythonArgument(found.map, found.encoder, True)]
        words: list[PythonArgument] = []
        for match in _WORDS.finditer(found.map.text):
            words.append(
                PythonArgument(found.map.slice(*match.span()), found.encoder, "$" in match[0] and "${" in match[0])
            )
        return words

    def _words_of_name(self, node: ast.expr, depth: int) -> list[PythonArgument] | None:
        """The arguments of a variable, as it is used."""
        resolved = self._resolved(node)
        if resolved is None:
            return None
        value, frame = resolved
        if isinstance(value, list):
            before, self._frame = self._frame, frame
            try:
                return self._bounded(self._item(item, depth + 1) for item in value)
            finally:
                self._frame = before
        if isinstance(value, ast.Name) and frame is self._frame:
            return None
        found = self._value_words(value, frame, depth + 1)
        if found is None or not self._put_in(node, found.cost):
            return None
        words = found.words
        extent = self._extent(node)
        if self._is_argument(value):
            self._choices += found.choices
        else:
            self._choices += [choice._replace(extent=extent) for choice in found.choices]
            words = [word._replace(map=moved(word.map.text, *extent), encoder="") for word in words]
        return words

    def _value_words(self, value: ast.expr, frame: Frame | None, depth: int) -> BoundWords | None:
        """The arguments of a value that is bound to a name, with what is added to them, cached for all its uses."""
        key = (value, frame, self._chosen)
        if key not in self._found_words:
            self._found_words[key] = None  # if it contains itself
            words, choices, met = self._apart(frame, lambda: self._words_and_added(value, depth))
            if words is not None:
                cost = sum(_WORD_COST + len(word.map.text) for word in words)
                self._found_words[key] = BoundWords(words, cost, choices, met)
        bound = self._found_words[key]
        if bound is not None:
            self._parameters_met |= bound.parameters_of
        return bound

    def _words_and_added(self, value: ast.expr, depth: int) -> list[PythonArgument] | None:
        words = self._words(value, depth)
        if words is not None and (name := self._name_of(value)) is not None:
            return self._with_added(words, value, name)
        return words

    def _words_of_call(self, node: ast.Call, depth: int) -> list[PythonArgument] | None:
        """The arguments that a function of this file returns."""
        entered = self._entered(node)
        if entered is None:
            return None
        found = self._value_words(*entered, depth + 1)
        if found is None or not self._put_in(node, found.cost):
            return None
        extent = self._extent(node)
        self._choices += [choice._replace(extent=extent) for choice in found.choices]
        return [word._replace(map=moved(word.map.text, *extent), encoder="") for word in found.words]

    def _item(self, item: ast.expr, depth: int) -> list[PythonArgument]:
        if isinstance(item, ast.Starred):
            found = self._words(item.value, depth + 1)
            return found if found is not None else [self._variadic(item)]
        text = self._text(item, depth + 1)
        if text is None:
            return [PythonArgument(moved(f"${{{self._name_for(item)}}}", *self._extent(item)))]
        if isinstance(item, ast.IfExp) and any(_is_nothing(value) for value in (item.body, item.orelse)):
            # What is nothing in one case may be left out by who gets the list.
            return (
                [self._variadic(item, self._name_for(item.test))]
                if "${" in text.map.text
                else [PythonArgument(*text[:2])]
            )
        return [PythonArgument(text.map, text.encoder)]

    def _words_of_parts(self, node: ast.Call | ast.Dict) -> list[PythonArgument] | None:
        """The command that a call which starts a container gets in two parts."""
        words: list[PythonArgument] = []
        for part in self.parts(node):
            assert part is not None
            found = self._words(part, 0)
            if found is None:
                text = self._text(part, 0)
                found = self._split(text, exact=False) if text is not None else [self._variadic(part)]
            words += found
        return words

    def _program(self, node: ast.expr, depth: int = 0) -> list[PythonArgument] | None:
        """The words of a program of `sh` or `plumbum` with its arguments. None if it is not one."""
        if depth > MAX_DEPTH or not (self._is_program(node) or isinstance(node, ast.Call)):
            return None
        extent = self._extent(node)
        match node:
            case ast.Subscript(value=ast.Name(id="local"), slice=index):
                return self._item(index, depth)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="sh"), attr="Command"), args=[argument]):
                return self._item(argument, depth)
            case ast.Subscript(value=value, slice=index):
                items = index.elts if isinstance(index, ast.Tuple) else [index]
            case ast.Call(func=ast.Attribute(value=value, attr="bake"), args=items) if self._is_program(value):
                pass
            case ast.Call(func=value, args=items) if self._is_program(value):
                pass
            case ast.Attribute(value=ast.Name(id="sh"), attr=name):
                return [PythonArgument(moved(name.replace("_", "-"), *extent))]
            case ast.Name(id=name) if name in self._programs:
                return [PythonArgument(moved(name.replace("_", "-"), *extent))]
            case ast.Attribute(value=value, attr=name) if self._is_program(value):
                command = self._program(value, depth + 1)
                at = self._source.span(node)[1] - len(name)
                return [*(command or ()), PythonArgument(moved(name.replace("_", "-"), at, len(name)))]
            case ast.Name() | ast.Attribute() if (bound := self._value_of(node)) is not None:
                found = self._program(bound, depth + 1)
                return [word._replace(map=moved(word.map.text, *extent), encoder="") for word in found or ()]
            case _:
                return None
        before = self._program(value, depth + 1)
        if before is None:
            return None
        words = [*before, *(word for item in items for word in self._item(item, depth))]
        if isinstance(node, ast.Call) and any(not (keyword.arg or "_").startswith("_") for keyword in node.keywords):
            words.append(self._variadic(node.keywords[0].value))
        return words


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value
