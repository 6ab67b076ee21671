"""The arguments of a list expression in a Python file, and of what starts a program without a list."""

from __future__ import annotations

import ast

from nemolint.base.patterns import lazily
from nemolint.sources.argv import MAX_WORDS
from nemolint.sources.python_evaluation import MAX_DEPTH
from nemolint.sources.python_expressions import Frame
from nemolint.sources.python_found import BoundWords, FoundText, PythonArgument, ValueChoice, moved
from nemolint.sources.python_operations import SOME_RUN, SPLITTERS, all_known, head, is_known, split_text
from nemolint.sources.python_texts import TextValues, operands

_WORDS = lazily(r"\S+")
_WIDE_BLANKS = lazily(r"[^\S ]|  |\A | \Z")
_EXPANSION = lazily(r"\$[\w{]")
# What is text for `shlex`, and syntax for a shell.
_NOT_SHELL = lazily(r"[`;|&<>(){}*?\[\]!#~]")
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
                options = [self._words(body, depth + 1), self._words(orelse, depth + 1)]
                if options == [None, None]:
                    return None
                self._choices.append(ValueChoice(node, 2, self._extent(node)))
                named = next((words for words in options if words and head(words)), [])
                extent = self._extent(node)
                named = [word._replace(map=moved(word.map.text, *extent), encoder="") for word in named]
                return self._some_words(named, node, self._name_for(test))
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
            case ast.Call(func=ast.Attribute(value=owner, attr=method), args=arguments) if method in SPLITTERS:
                return self._words_of_split(node, owner, method, arguments, depth)
            case ast.Call(func=ast.Name(id="filter"), args=[ast.Constant(value=None), argument]):
                return self._filtered(node, argument, "", [], depth)
            case ast.Call(func=ast.Name(id="filter"), args=[ast.Lambda(args=parameters, body=test), argument]):
                name = parameters.args[0].arg if len(parameters.args) == 1 else ""
                return self._filtered(node, argument, name, [test], depth)
            case ast.Call(func=ast.Name(id="filter" | "sorted" | "reversed" as name), args=[*_, argument]):
                words = self._words(argument, depth + 1)
                if words is None or (name == "reversed" and len(node.args) == 1):
                    return words and words[::-1]
                if name == "sorted" and not node.keywords and all_known(words):
                    return sorted(words, key=lambda word: word.map.text)
                return self._some_words(words, node)
            case ast.Call(func=ast.Name(id="chain") | ast.Attribute(attr="chain"), args=[_, *_] as parts):
                lists = [self._words(part, depth + 1) for part in parts]
                return self._bounded(
                    found if found is not None else [self._variadic(part)]
                    for part, found in zip(parts, lists, strict=True)
                )
            case ast.Call():
                return self._words_of_call(node, depth)
            case ast.ListComp(elt=item, generators=[made]) | ast.GeneratorExp(elt=item, generators=[made]):
                if not isinstance(made.target, ast.Name) or made.is_async:
                    return self._filtered(node, made.iter, "", [made.target], depth)
                same = isinstance(item, ast.Name) and item.id == made.target.id
                tests = made.ifs if same else [*made.ifs, made.target, item]
                return self._filtered(node, made.iter, made.target.id if same else "", tests, depth)
            case ast.Subscript(value=value, slice=ast.Slice() as index):
                words = self._words(value, depth + 1)
                bounds = self._word_bounds(words, index, None) if words is not None else None
                if words is None or bounds is not None:
                    return words[slice(*bounds)] if words is not None and bounds is not None else None
                return self._some_words(words if index.lower is None else [], node)
            case _:
                return None

    def _words_of_split(
        self, node: ast.Call, owner: ast.expr, method: str, arguments: list[ast.expr], depth: int
    ) -> list[PythonArgument] | None:
        """The parts into which a string is split."""
        found = self._text(owner, depth + 1)
        if found is None:
            return self._words_of_call(node, depth)
        given = self._arguments_of_method(arguments, depth)
        if given is not None and not node.keywords and (parts := split_text(found.map, method, given)) is not None:
            return [PythonArgument(part, found.encoder) for part in parts]
        at_blanks = given == [] or (given == [" "] and not _WIDE_BLANKS.search(found.map.text))
        if method == "split" and at_blanks and not node.keywords:
            return self._split(found, exact=True)
        return self._some_words(self._split(found, exact=True), node)

    def _filtered(
        self, node: ast.expr, source: ast.expr, name: str, tests: list[ast.expr], depth: int
    ) -> list[PythonArgument] | None:
        """The arguments that a test keeps, which calls each by `name`. Without a name, those that are not empty."""
        words = self._words(source, depth + 1)
        if words is None:
            return None
        kept: list[PythonArgument] = []
        for word in words:
            known = not word.variadic and is_known(word.map.text)
            if not known:
                # One without a text only says that places in the list are not certain.
                kept.append(self._variadic(node) if word.map.text and (tests or not name) else word)
                continue
            results = [_holds(test, name, word.map.text) for test in tests] if name or tests else [bool(word.map.text)]
            if None in results:
                return self._some_words(words, node)
            if all(results):
                kept.append(word)
        return kept

    def _split(self, found: FoundText, *, exact: bool) -> list[PythonArgument]:
        """The words of a text. `exact`: only at blanks, so that quotes belong to the words."""
        if SOME_RUN in found.map.text:
            start, end = found.map.to_outer(0, len(found.map.text))
            named = (PythonArgument(moved(word, start, end - start)) for word in SOME_RUN.split()[:-1])
            return [PythonArgument(moved("", start, 0), variadic=True), *named, self._variadic_at("x", start, end)]
        if not exact and _QUOTES.search(found.map.text):
            if is_known(found.map.text) and _NOT_SHELL.search(found.map.text):
                import shlex

                try:
                    start, end = found.map.to_outer(0, len(found.map.text))
                    return [PythonArgument(moved(word, start, end - start)) for word in shlex.split(found.map.text)]
                except ValueError:
                    pass
            return [PythonArgument(found.map, found.encoder, True)]
        words: list[PythonArgument] = []
        for match in _WORDS.finditer(found.map.text):
            words.append(
                PythonArgument(found.map.slice(*match.span()), found.encoder, _EXPANSION.search(match[0]) is not None)
            )
        return words

    def _words_of_name(self, node: ast.expr, depth: int) -> list[PythonArgument] | None:
        """The arguments of a variable, as it is used."""
        during = self._value_during(node)
        if during is not None:
            return during if isinstance(during, list) else None
        resolved = self._resolved(node)
        if resolved is None:
            return None
        value, frame = resolved
        inside = self._is_changed_in_call(node)
        if isinstance(value, list):
            before, self._frame = self._frame, frame
            try:
                given = self._bounded(self._item(item, depth + 1) for item in value)
            finally:
                self._frame = before
            return self._in_call(given, node, inside) if given is not None else None
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
        return self._in_call(words, node, inside)

    def _in_call(self, words: list[PythonArgument], name: ast.expr, frame: Frame | None) -> list[PythonArgument]:
        """The arguments that a parameter has in a call, after what the function changes."""
        if frame is None:
            return words
        before, self._frame = self._frame, frame
        try:
            return self._changed_words(words, None, name)
        finally:
            self._frame = before

    def _value_words(self, value: ast.expr, frame: Frame | None, depth: int) -> BoundWords | None:
        """The arguments of a value that is bound to a name, with what is added to them, cached for all its uses."""
        key = (value, frame, self._chosen)
        if key not in self._found_words:
            self._found_words[key] = None  # if it contains itself
            words, choices, met = self._apart(frame, lambda: self._words_and_added(value, depth))
            if words is not None:
                cost = 1 + sum(_WORD_COST + len(word.map.text) for word in words)
                self._found_words[key] = BoundWords(words, cost, choices, met)
        bound = self._found_words[key]
        if bound is not None:
            self._parameters_met |= bound.parameters_of
        return bound

    def _words_and_added(self, value: ast.expr, depth: int) -> list[PythonArgument] | None:
        words = self._words(value, depth)
        if words is not None and (name := self._name_of(value)) is not None:
            return self._changed_words(words, value, name)
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
        if text is None and _may_be_nothing(item):
            return [self._variadic(item)]
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
        program, arguments = self.parts(node)
        assert program is not None and arguments is not None
        for part in (program, arguments):
            if self._is_app(part):
                found: list[PythonArgument] | None = [PythonArgument(moved("nemotron", *self._extent(part)))]
            else:
                found = self._words(part, 0)
            if found is None:
                text = self._text(part, 0)
                found = self._split(text, exact=False) if text is not None else [self._variadic(part)]
            if part is arguments and self.has_own_name(node) and found and not found[0].variadic:
                if [word.map.text for word in words] == [found[0].map.text]:
                    words = []  # the list says it all, in one place
                else:
                    found = found[1:]
            words += found
        return words

    def words_of(self, node: ast.expr) -> list[str] | None:
        """The texts of a list of arguments, or of a command; what is not known has a `$`. None if it is neither."""
        words = self._words(node, 0)
        if words is None and (text := self._text(node, 0)) is not None:
            words = self._split(text, exact=True)
        return [word.map.text for word in words] if words is not None else None

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


def _may_be_nothing(node: ast.expr) -> bool:
    """True for `None`, which cannot be an argument, so that something leaves it out."""
    if isinstance(node, ast.IfExp):
        return _may_be_nothing(node.body) or _may_be_nothing(node.orelse)
    return isinstance(node, ast.Constant) and node.value is None


def _holds(test: ast.expr, name: str, text: str) -> bool | None:
    """Whether a test holds for a text that it calls by a name. None if that is not known."""
    match test:
        case ast.Name(id=other) if other == name:
            return bool(text)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            result = _holds(operand, name, text)
            return None if result is None else not result
        case ast.BoolOp(op=op, values=values):
            results = [_holds(value, name, text) for value in values]
            if None in results:
                return None
            return all(results) if isinstance(op, ast.And) else any(results)
        case ast.Compare(left=ast.Name(id=other), ops=[op], comparators=[right]) if other == name:
            return _compares(op, text, right)
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=other), attr="startswith" | "endswith" as method),
            args=[ast.Constant(value=str(part))],
        ) if other == name:
            return text.startswith(part) if method == "startswith" else text.endswith(part)
        case _:
            return None


def _compares(op: ast.cmpop, text: str, right: ast.expr) -> bool | None:
    if isinstance(right, ast.Constant) and right.value is None:
        return (
            isinstance(op, ast.IsNot | ast.NotEq) if isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq) else None
        )
    if isinstance(op, ast.Eq | ast.NotEq) and isinstance(right, ast.Constant):
        return (text == right.value) is isinstance(op, ast.Eq)
    if isinstance(op, ast.In | ast.NotIn):
        if isinstance(right, ast.Constant) and isinstance(right.value, str):
            return (text in right.value) is isinstance(op, ast.In)
        if isinstance(right, ast.List | ast.Tuple | ast.Set):
            values = [item.value for item in right.elts if isinstance(item, ast.Constant)]
            return (text in values) is isinstance(op, ast.In) if len(values) == len(right.elts) else None
    return None
