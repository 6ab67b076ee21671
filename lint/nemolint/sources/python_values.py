"""The values of strings and argument lists in a Python file, as far as the file alone shows them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nemolint.base.positions import MapBuilder, TextMap
from nemolint.document import Alternative
from nemolint.sources.argv import add_word, is_argv, starts_shell
from nemolint.sources.command_text import names_command
from nemolint.sources.python_arguments import ArgumentValues
from nemolint.sources.python_evaluation import MAX_DEPTH, MAX_TRIED
from nemolint.sources.python_expressions import Frame, Top
from nemolint.sources.python_found import FoundText, ValueChoice, common, line, variant
from nemolint.sources.python_names import Function, Growth
from nemolint.sources.python_text import map_constant

# How many calls of a function are read as commands of their own.
_MAX_CALLS = 50
# How much longer than a command the texts of its choices may be together.
_LEAST_TRIED = 16_384


class Values(ArgumentValues):
    """Evaluates expressions of one file. Names that are bound once are resolved, everything else is an expansion."""

    def exports(self) -> Iterator[FoundText]:
        """Variables that affect a run and that the file sets, as exports of a shell."""
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

    def commands(self, top: Top) -> Iterator[tuple[FoundText, bool]]:
        """The commands that an expression makes, and whether each is a list of arguments.

        Where it depends on the parameters of the function around it, there is one for each call in the file.
        """
        if (top.node, top.frame) in self._done:
            return
        self._done.add((top.node, top.frame))
        found, met = self._command(top, top.frame)
        function = self._function_around(top.node)
        calls: list[ast.Call] = []
        if function is not None and function in met and (top.frame is None or top.frame.function is not function):
            calls = (self._calls_of(function) or [])[:_MAX_CALLS]
        followed = 0
        for frame in self._frames(function, calls) if function is not None else ():
            inner, still_open = self._command(top, frame)
            followed += inner is not None and not still_open
            if inner is not None and (top.node, frame) not in self._done:
                self._done.add((top.node, frame))
                yield inner
        if found is not None and (not calls or followed < len(calls)):
            yield found

    def is_in_test(self, node: ast.AST) -> bool:
        """True in a function `test_…`."""
        function = self._function_around(node)
        return function is not None and function.name.startswith("test")

    def _frames(self, function: Function, calls: Iterable[ast.Call]) -> Iterator[Frame]:
        """The calls of a function, each in every call of the function around it, as far as they are followed."""
        for call in calls:
            around = self._function_around(call)
            outer: list[Frame | None] = [None]
            if around is not None and around is not function and self._uses_parameters(call, around):
                outer = [self.frame(other, around, None) for other in (self._calls_of(around) or [])[:_MAX_CALLS]] or [
                    None
                ]
            for frame in outer:
                inner = self.frame(call, function, frame)
                if inner is not None:
                    yield inner

    def _uses_parameters(self, call: ast.Call, function: Function) -> bool:
        """True if an argument of a call is a parameter of the function around it."""
        items = [*call.args, *(keyword.value for keyword in call.keywords)]
        names = (item.value if isinstance(item, ast.Starred) else item for item in items)
        return any(
            isinstance(name, ast.Name) and self._key(name) == (function, name.id) and self._is_parameter(name)
            for name in names
        )

    def _is_parameter(self, name: ast.Name) -> bool:
        key = self._key(name)
        return key is not None and any(isinstance(node, ast.arg) for node in self._bound.get(key, ()))

    def _command(self, top: Top, frame: Frame | None) -> tuple[tuple[FoundText, bool] | None, set[Function]]:
        """The command of an expression in one call, and the functions whose parameters it depends on."""
        self._parameters_met = set()
        base, choices = self._evaluated(top, frame, None)
        met = self._parameters_met
        if base is None:
            return None, met
        variants: list[Alternative] = []
        left = 2 * len(base[0].map.text) + _LEAST_TRIED
        for choice in dict.fromkeys(choices):
            for option in range(choice.options):
                left -= len(base[0].map.text)
                if left < 0 or len(variants) >= MAX_TRIED:
                    break
                other, _ = self._evaluated(top, frame, (choice.node, option))
                if other is not None and other[1] == base[1]:
                    other_text = variant(other[0].map, choice.extent)
                    if other_text is not None:
                        variants.append(other_text)
        return (base[0]._replace(variants=tuple(variants)), base[1]), met

    def _evaluated(
        self, top: Top, frame: Frame | None, chosen: tuple[ast.AST, int] | None
    ) -> tuple[tuple[FoundText, bool] | None, list[ValueChoice]]:
        self._frame, self._chosen, self._choices = frame, chosen, []
        try:
            found: tuple[FoundText, bool] | None = None
            if (arguments := self._arguments(top)) is not None:
                found = arguments, True
            elif (text := self._whole_text(top)) is not None or (text := self._text_of_lines(top.node, 0)) is not None:
                found = text, False
            if found is not None and frame is not None:
                anchored = found[0]._replace(map=self._anchored(found[0].map, frame.anchor), encoder="none")
                found = anchored, found[1]
                around = self._source.span(frame.anchor)
                self._choices = [
                    choice
                    if around[0] <= choice.extent[0] < around[1]
                    else choice._replace(extent=self._extent(frame.anchor.func))
                    for choice in self._choices
                ]
            return found, self._choices
        finally:
            self._frame = self._chosen = None

    def _text_of_lines(self, node: ast.expr, depth: int) -> FoundText | None:
        """The text whose lines, or other parts that a shell separates as well, an expression gives one by one."""
        match node:
            case _ if depth > MAX_DEPTH:
                return None
            case ast.Call(func=ast.Attribute(value=owner, attr="splitlines"), args=[]):
                return self._text(owner, depth + 1)
            case ast.Call(func=ast.Attribute(value=owner, attr="split"), args=[ast.Constant(value="\n" | ";" | "&&")]):
                return self._text(owner, depth + 1)
            case ast.Call(
                func=ast.Name(id="enumerate" | "filter" | "iter" | "list" | "map" | "reversed" | "sorted" | "tuple"),
                args=[*_, argument],
            ):
                return self._text_of_lines(argument, depth + 1)
            case ast.ListComp(generators=[made]) | ast.GeneratorExp(generators=[made]):
                return self._text_of_lines(made.iter, depth + 1)
            case ast.Subscript(value=value, slice=ast.Slice()):
                return self._text_of_lines(value, depth + 1)
            case _:
                return None

    def _anchored(self, map: TextMap, call: ast.Call) -> TextMap:
        """A map in which what is written outside of a call is put in by the name of the function."""
        start, end = self._source.span(call)
        at, length = self._extent(call.func)
        builder = MapBuilder()
        for segment in map.segments:
            text = map.text[segment.start : segment.start + segment.length]
            part = TextMap(text, (segment._replace(start=0),))
            if start <= segment.outer_start and segment.outer_start + segment.outer_length <= end:
                builder.extend(part)
            elif segment.kind == "synthetic":
                builder.synthetic(text, at)
            else:
                builder.escape(text, at, length)
        return builder.build(at)

    def _whole_text(self, top: Top) -> FoundText | None:
        """The text of a complete string expression. None if it is not a string, or not a command."""
        node = top.node
        if isinstance(node, ast.JoinedStr) and not names_command(self._plain_f_string(node)):
            return None  # locating its parts would take long
        found = self._text(node, 0)
        if found is None:
            return None
        name = self._name_of(node)
        if name is not None:
            changed = self._changed_text(found, node, name)
            if changed is None:
                return None
            found = changed
        unfinished = found.map.text.rstrip().endswith("steps run") and self._is_kept(top)
        unfinished = unfinished or self._is_written_on(top, found.map.text)
        opened = self._opened(found, max(top.open, Growth.END) if unfinished else top.open, node)
        assert opened is None or isinstance(opened, FoundText)
        return opened

    def _is_changed(self, node: ast.expr) -> bool:
        """True if a value is bound to a name, and statements change it."""
        name = self._name_of(node)
        return name is not None and bool(self._additions(name) or self._shared(name))

    def _is_kept(self, top: Top) -> bool:
        """True if a value is kept under a name or given back, so that another file may add to it."""
        return any(
            isinstance(
                self._parents.get(sink), ast.Assign | ast.AnnAssign | ast.Return | ast.Dict | ast.List | ast.Tuple
            )
            for sink in top.sinks
        )

    def _is_written_on(self, top: Top, text: str) -> bool:
        """True if a value is written to a file, and what is written next goes on with its last line."""
        for sink in top.sinks:
            match self._parents.get(sink):
                case ast.Call(func=ast.Attribute(attr="write") as method, args=[argument]) if argument is sink:
                    again = self._source.text.count(f"{self._written(method)}(") > 1
                    if again and (not text.endswith("\n") or text.endswith("\\\n")):
                        return True
                case ast.Call(func=ast.Name(id="print"), args=[argument, *others], keywords=keywords):
                    named = {keyword.arg for keyword in keywords}
                    if argument is sink and "file" in named and (others or "end" in named or text.endswith("\\")):
                        return True
                case _:
                    pass
        return False

    def _arguments(self, top: Top) -> FoundText | None:
        """An argument list that starts the command, written as a shell command. None if it is not one."""
        node = top.node
        if isinstance(node, ast.Call | ast.Dict) and any(part is not None for part in self.parts(node)):
            words = self._words_of_parts(node)
        elif isinstance(node, ast.Call | ast.Subscript) and (program := self._program(node)) is not None:
            words = program
        elif isinstance(node, ast.Call):
            is_text = self._text(node, 0) is not None
            words = self._words(node, 0) if not is_text or self._is_changed(node) else None
            if words is None and is_text:
                return None
            if words is None and (wrapped := next((item for item in node.args if self.is_wrapped(node, item)), None)):
                inner = self._words(wrapped, 1)
                if inner is None and (text := self._text(wrapped, 1)) is not None:
                    inner = self._split(text, exact=True)
                words = self._some_words(inner, node) if inner is not None else None
            if words is None:
                words = [word for item in node.args for word in self._item(item, 0)]
        else:
            words = self._words(node, 0)
        if words is None:
            return None
        name = self._name_of(node)
        if name is not None:
            words = self._changed_words(words, node, name)
        if top.open is Growth.ALL:
            words = self._some_words(words, node)
        elif top.open or (words and words[-1].map.text == "run" and self._is_kept(top)):
            words = [*words, self._variadic(node)]
        values = [value for word in words for value in (word.map.text.split() if word.variadic else [word.map.text])]
        if not is_argv(values) and not starts_shell(values):
            return None
        return FoundText(line(words), common(word.encoder for word in words))
