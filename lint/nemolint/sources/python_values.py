"""The values of strings and argument lists in a Python file, as far as the file alone shows them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, Segment, TextMap
from nemolint.document import Alternative
from nemolint.sources.argv import MAX_WORDS, add_word, is_argv, starts_shell
from nemolint.sources.command_text import names_command
from nemolint.sources.python_expressions import STRIPPERS, Expressions, Frame, Top, appending
from nemolint.sources.python_names import Function
from nemolint.sources.python_text import Source, field_name, map_constant, map_f_string, map_simple_f_string

_Found = TypeVar("_Found")
_FORMAT_FIELD = lazily(r"\{\{|\}\}|\{([^{}]*)\}")
_WORDS = lazily(r"\S+")
_QUOTES = lazily(r"""["'\\#]""")
_PERCENT_FIELD = lazily(r"%(?:\((\w+)\))?[-#0 +]*+(?:\d++|\*)?(?:\.\d+)?[a-zA-Z]|%%")
_MAX_DEPTH = 40
_MAX_ADDITIONS = 200
# How many calls of a function are read as commands of their own.
_MAX_CALLS = 50
# How many f-strings of a file are read by the slow parser.
_MAX_EXACT = 500
# The longest value of one name, and how many characters the names of a file may add to its length. An inserted word
# costs as much as some characters. Real files need some thousands.
_MAX_VALUE = 50_000
_MAX_PUT_IN = 200_000
_WORD_COST = 20
# How many texts of choices are tried in one command, and how much longer than it they may be together.
_MAX_TRIED = 40
_LEAST_TRIED = 65_536
_MOST_AROUND = 4
# Calls that give the text of their argument.
_PLAIN_CALLS = frozenset({"Path", "PurePath", "PurePosixPath", "fspath", "quote", "str", "which"})


class FoundText(NamedTuple):
    """A value as shell text, mapped to the source, and the encoder for changes in it.

    `variants`: the same with one of the texts that a condition chooses.
    """

    map: TextMap
    encoder: str
    variants: tuple[Alternative, ...] = ()


class _Word(NamedTuple):
    """One argument, or (`variadic`) an unknown number of them. `encoder` is empty if the source has another text."""

    map: TextMap
    encoder: str = ""
    variadic: bool = False


class _Choice(NamedTuple):
    """A condition in a value: the node that chooses, how many options it has, and where it is written, or used."""

    node: ast.AST
    options: int
    extent: tuple[int, int]


class _BoundWords(NamedTuple):
    """The arguments that a name is bound to, and the cost of inserting them."""

    words: list[_Word]
    cost: int
    choices: tuple[_Choice, ...]
    parameters_of: frozenset[Function]


class _BoundText(NamedTuple):
    """The text that a name is bound to."""

    found: FoundText
    choices: tuple[_Choice, ...]
    parameters_of: frozenset[Function]


class Values(Expressions):
    """Evaluates expressions of one file. Names that are bound once are resolved, everything else is an expansion."""

    def __init__(self, source: Source, tree: ast.Module) -> None:
        super().__init__(tree)
        self._source = source
        self._exact_left = _MAX_EXACT
        self._left = _MAX_PUT_IN + len(source.text)
        self._found_words: dict[tuple[object, ...], _BoundWords | None] = {}
        self._done: set[tuple[ast.expr, Frame | None]] = set()
        self._found_texts: dict[tuple[object, ...], _BoundText | None] = {}
        # What is being evaluated: inside which call, with which option of one condition.
        self._frame: Frame | None = None
        self._chosen: tuple[ast.AST, int] | None = None
        self._choices: list[_Choice] = []
        self._parameters_met: set[Function] = set()
        # The first use of a name that is not resolved, since the budget is used up.
        self.unfollowed: ast.expr | None = None

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

    def _put_in(self, node: ast.expr, amount: int) -> bool:
        """Charge the value of a name to the budget; False if it is used up, and the name stays an expansion."""
        if amount <= _MAX_VALUE:
            self._left -= amount
            if self._left >= 0:
                return True
        if self.unfollowed is None:
            self.unfollowed = node
        return False

    # Complete values

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
                if left < 0 or len(variants) >= _MAX_TRIED:
                    break
                other, _ = self._evaluated(top, frame, (choice.node, option))
                if other is not None and other[1] == base[1]:
                    variant = _variant(other[0].map, choice.extent)
                    if variant is not None:
                        variants.append(variant)
        return (base[0]._replace(variants=tuple(variants)), base[1]), met

    def _evaluated(
        self, top: Top, frame: Frame | None, chosen: tuple[ast.AST, int] | None
    ) -> tuple[tuple[FoundText, bool] | None, list[_Choice]]:
        self._frame, self._chosen, self._choices = frame, chosen, []
        try:
            found: tuple[FoundText, bool] | None = None
            if (arguments := self._arguments(top)) is not None:
                found = arguments, True
            elif (text := self._whole_text(top)) is not None:
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

    def text(self, node: ast.expr) -> FoundText | None:
        """The text of a complete string expression, by itself. None if it is not a string."""
        return self._text(node, 0)

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
            found = self._with_additions(node, name, found)
        unfinished = found.map.text.rstrip().endswith("steps run") and self._is_kept(top)
        return self._opened(found, node) if top.open or unfinished else found

    def _is_kept(self, top: Top) -> bool:
        """True if a value is kept under a name or given back, so that another file may add to it."""
        return any(
            isinstance(
                self._parents.get(sink), ast.Assign | ast.AnnAssign | ast.Return | ast.Dict | ast.List | ast.Tuple
            )
            for sink in top.sinks
        )

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
            found = FoundText(builder.build(), _common((found.encoder, added.encoder)))
        return found

    def _conditional(self, condition: ast.If, addition: ast.AugAssign) -> FoundText | None:
        """What a statement in a branch adds to a text: that in the branch looked at, else an expansion."""
        extent = self._extent(condition)
        branch = 0 if addition in condition.body else 1
        option = self._option(condition)
        if option is not None:
            empty = FoundText(_moved("", *self._extent(addition)), "")
            return self._text(addition.value, 1) if option == branch else empty
        self._choices.append(_Choice(condition, 2, extent))
        return FoundText(_moved(f" ${self._name_for(condition.test)}", *extent), "none")

    def _opened(self, found: FoundText, node: ast.AST) -> FoundText:
        """A text that may go on."""
        builder = MapBuilder()
        builder.extend(found.map)
        builder.escape(" $x", *self._extent(node))
        return found._replace(map=builder.build())

    # Texts

    def _text(self, node: ast.expr, depth: int) -> FoundText | None:
        if depth > _MAX_DEPTH:
            return None
        match node:
            case ast.Constant(value=str(value)):
                mapped = map_constant(self._source, node)
                return FoundText(*mapped) if mapped is not None else FoundText(self._as_escape(node, value), "none")
            case ast.JoinedStr():
                text = self._f_string(node, depth)
                if text is None:
                    text = self._as_escape(node, self._plain_f_string(node))
                return FoundText(text, "argv")
            case ast.Name() | ast.Attribute():
                return self._text_of_name(node, depth)
            case ast.IfExp():
                return self._text_of_condition(node, depth)
            case ast.BinOp(op=ast.Add()):
                return self._sum(node, depth)
            case ast.BinOp(op=ast.Div(), right=right):
                return self._path(node, right, depth)
            case ast.BinOp(op=ast.Mod(), left=left, right=right):
                return self._filled(left, _PERCENT_FIELD, _positional(right), _named(right), depth)
            case ast.Call(func=ast.Attribute(value=owner, attr="format"), args=args, keywords=keywords):
                named = {keyword.arg: keyword.value for keyword in keywords if keyword.arg is not None}
                return self._filled(owner, _FORMAT_FIELD, args, named, depth)
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
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in STRIPPERS or attr == "split":
                return self._text(owner, depth + 1)
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[argument]) if name in _PLAIN_CALLS:
                return self._text(argument, depth + 1)
            case ast.Call():
                return self._text_of_call(node, depth)
            case _:
                return None

    def _resolved(self, node: ast.expr) -> tuple[ast.expr | list[ast.expr], Frame | None] | None:
        """The expression that a variable stands for, and the call that it belongs to."""
        key = self._key(node)
        if key is None:
            return None
        frame = self._frame
        while frame is not None and frame.function is not key[0]:
            frame = frame.outer
        if frame is not None and key[1] in frame.values and not self._additions(node):
            return frame.values[key[1]], frame.outer
        value = self._binding(*key)
        if value is not None:
            return value, self._frame
        bindings = self._bound.get(key, ())
        if isinstance(key[0], ast.FunctionDef | ast.AsyncFunctionDef) and any(
            isinstance(node, ast.arg) for node in bindings
        ):
            self._parameters_met.add(key[0])
        elif len(bindings) == 1 and isinstance(loop := self._parents.get(bindings[0]), ast.For | ast.comprehension):
            if loop.target is bindings[0] and isinstance(items := self._listed(loop.iter), ast.List | ast.Tuple):
                return self._each(loop, items), self._frame
        return None

    def _listed(self, items: ast.expr) -> ast.expr | None:
        """The list that is written where a loop takes its items from."""
        return self._value_of(items) if isinstance(items, ast.Name | ast.Attribute) else items

    def _each(self, loop: ast.AST, items: ast.List | ast.Tuple) -> ast.expr:
        """The item of a loop that is looked at; the loop as a condition with these options, where none is."""
        if not 0 < len(items.elts) <= _MAX_TRIED or any(isinstance(item, ast.Starred) for item in items.elts):
            return _NOTHING
        if self._chosen is not None and self._chosen[0] is loop:
            return items.elts[self._chosen[1]]
        self._choices.append(_Choice(loop, len(items.elts), self._extent(items)))
        return _NOTHING

    def _apart(
        self, frame: Frame | None, evaluate: Callable[[], _Found]
    ) -> tuple[_Found, tuple[_Choice, ...], frozenset[Function]]:
        """Evaluate something in a frame: what it gives, the choices in it, and the parameters that it met."""
        before = self._frame, self._choices, self._parameters_met
        self._frame, self._choices, self._parameters_met = frame, [], set()
        found = evaluate()
        choices, met = tuple(self._choices), frozenset(self._parameters_met)
        self._frame, self._choices, self._parameters_met = before
        return found, choices, met

    def _text_of_name(self, node: ast.expr, depth: int) -> FoundText | None:
        """The text of a variable, as it is used; open at its end where it changes."""
        resolved = self._resolved(node)
        if resolved is None or isinstance(resolved[0], list):
            return None
        value, frame = resolved
        assert isinstance(value, ast.expr)
        key = (value, frame, self._chosen)
        if key not in self._found_texts:
            self._found_texts[key] = None  # if it contains itself
            found, choices, met = self._apart(frame, lambda: self._text(value, depth + 1))
            if found is not None:
                self._found_texts[key] = _BoundText(found, choices, met)
        bound = self._found_texts[key]
        if bound is None or not self._put_in(node, len(bound.found.map.text)):
            return None
        extent = self._extent(node)
        self._parameters_met |= bound.parameters_of
        if self._is_argument(value):
            # What a call gives to a function stays where it is written.
            self._choices += bound.choices
            text = bound.found
        else:
            self._choices += [choice._replace(extent=extent) for choice in bound.choices]
            text = FoundText(_moved(bound.found.map.text, *extent), "none")
        if frame is self._frame and self._additions(node):
            return self._opened(text, node)
        return text

    def _is_argument(self, value: ast.expr) -> bool:
        """True if a value is one that a call gives to the function that is looked at."""
        frame = self._frame
        while frame is not None:
            if any(value is given for given in frame.values.values()):
                return True
            frame = frame.outer
        return isinstance(parent := self._parents.get(value), ast.List | ast.Tuple) and self._is_looped(parent)

    def _is_looped(self, items: ast.expr) -> bool:
        return self._chosen is not None and self._listed_by(self._chosen[0]) is items

    def _listed_by(self, loop: ast.AST) -> ast.expr | None:
        return self._listed(loop.iter) if isinstance(loop, ast.For | ast.comprehension) else None

    def _text_of_condition(self, node: ast.IfExp, depth: int) -> FoundText | None:
        """One of the texts of a condition if that one is looked at, else an expansion."""
        option = self._option(node)
        if option is not None:
            return self._text((node.body, node.orelse)[option], depth + 1)
        if self._text(node.body, depth + 1) is None and self._text(node.orelse, depth + 1) is None:
            return None
        extent = self._extent(node)
        self._choices.append(_Choice(node, 2, extent))
        return FoundText(_moved(f"${{{self._name_for(node.test)}}}", *extent), "none")

    def _option(self, node: ast.If | ast.IfExp) -> int | None:
        """The branch of a condition that is looked at, or the only one that it can take."""
        if self._chosen is not None and self._chosen[0] is node:
            return self._chosen[1]
        truth = self._truth(node.test, 0)
        return None if truth is None else 0 if truth else 1

    def _truth(self, test: ast.expr, depth: int) -> bool | None:
        """Whether a condition holds, None if that is not known."""
        match test:
            case ast.Constant(value=value):
                return bool(value)
            case ast.UnaryOp(op=ast.Not(), operand=operand) if depth < _MAX_DEPTH:
                truth = self._truth(operand, depth + 1)
                return None if truth is None else not truth
            case ast.Name() if depth < _MAX_DEPTH:
                resolved = self._resolved(test)
                if resolved is None or isinstance(resolved[0], list) or resolved[0] is _NOTHING:
                    return None
                before, self._frame = self._frame, resolved[1]
                truth = self._truth(resolved[0], depth + 1)
                self._frame = before
                return truth
            case _:
                return None

    def _text_of_call(self, node: ast.Call, depth: int) -> FoundText | None:
        """The text that a function of this file returns."""
        entered = self._entered(node)
        if entered is None:
            return None
        value, frame = entered
        before, self._frame = self._frame, frame
        try:
            found = self._text(value, depth + 1)
        finally:
            self._frame = before
        if found is None or not self._put_in(node, len(found.map.text)):
            return None
        return FoundText(_moved(found.map.text, *self._extent(node)), "none")

    def _entered(self, node: ast.Call) -> tuple[ast.expr, Frame] | None:
        """What a call of a function of this file returns, and the call as a frame."""
        function = self._function_of(node.func)
        value = self._returned(function) if function is not None else None
        if function is None or value is None:
            return None
        frame = self.frame(node, function, self._frame)
        return (value, frame) if frame is not None else None

    def _field(self, node: ast.expr, depth: int) -> str | None:
        """The text of a value inside a longer text, None if it is not known."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return str(node.value)
        if isinstance(node, ast.Call | ast.BinOp | ast.JoinedStr | ast.Constant | ast.Name | ast.Attribute | ast.IfExp):
            found = self._text(node, depth + 1)
            return found.map.text if found is not None else None
        return None

    def _f_string(self, node: ast.JoinedStr, depth: int) -> TextMap | None:
        def reader() -> Callable[[str], str | None]:
            fields = (part for part in node.values if isinstance(part, ast.FormattedValue))

            def value_of(written: str) -> str | None:
                part = next(fields, None)
                if part is None or part.format_spec is not None or part.conversion not in (-1, 115):
                    return None
                return self._field(part.value, depth)

            return value_of

        text = map_simple_f_string(self._source, node, reader())
        if text is None and self._exact_left > 0:
            self._exact_left -= 1
            text = map_f_string(self._source, node, reader())
        return text

    def _path(self, node: ast.BinOp, right: ast.expr, depth: int) -> FoundText | None:
        """`folder / "bin"`, a path."""
        last = self._text(right, depth + 1)
        if last is None:
            return None
        before = self._text(node.left, depth + 1)
        extent = self._extent(node.left)
        builder = MapBuilder()
        if before is not None:
            builder.extend(before.map)
        else:
            builder.escape(f"${{{self._name_for(node.left)}}}", *extent)
        builder.synthetic("/", last.map.outer_start(0))
        builder.extend(last.map)
        return FoundText(builder.build(extent[0]), "none")

    def _sum(self, node: ast.BinOp, depth: int) -> FoundText | None:
        parts = _operands(node)
        texts = [self._text(part, depth + 1) for part in parts]
        if not any(texts):
            return None
        builder = MapBuilder()
        for part, found in zip(parts, texts, strict=True):
            if found is not None:
                builder.extend(found.map)
            else:
                builder.escape(f"${{{self._name_for(part)}}}", *self._extent(part))
        return FoundText(builder.build(self._extent(node)[0]), _common(found.encoder for found in texts if found))

    def _filled(
        self,
        template: ast.expr,
        field: re.Pattern[str],
        values: Sequence[ast.expr],
        named: Mapping[str, ast.expr],
        depth: int,
    ) -> FoundText | None:
        """A format string; a field whose value is not known is an expansion."""
        found = self._text(template, depth + 1)
        if found is None:
            return None
        text = found.map.text
        builder = MapBuilder()
        position = 0
        following = iter(values)
        for match in field.finditer(text):
            if match.start() > position:
                builder.verbatim(text, position, match.start())
            position = match.end()
            whole = match.group()
            if whole in ("{{", "}}", "%%"):
                builder.escape(whole[0], match.start(), len(whole))
                continue
            name = match[1] or ""
            value = named.get(name)
            if not name:
                value = next(following, None)
            elif name.isdecimal() and len(name) < 4 and int(name) < len(values):
                value = values[int(name)]
            known = self._field(value, depth) if value is not None else None
            written = f"${{{field_name(name)}}}" if value is None or name else f"${{{self._name_for(value)}}}"
            builder.escape(written if known is None else known, match.start(), len(whole))
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

    def _plain_f_string(self, node: ast.JoinedStr) -> str:
        """Its text, without positions."""
        parts: list[str] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            else:
                known = self._field(part.value, 1) if isinstance(part, ast.FormattedValue) else None
                parts.append("${x}" if known is None else known)
        return "".join(parts)

    # Arguments

    def _arguments(self, top: Top) -> FoundText | None:
        """An argument list that starts the command, written as a shell command. None if it is not one."""
        node = top.node
        if isinstance(node, ast.Call | ast.Dict) and any(part is not None for part in self.parts(node)):
            words = self._words_of_parts(node)
        elif isinstance(node, ast.Call | ast.Subscript) and (program := self._program(node)) is not None:
            words = program
        elif isinstance(node, ast.Call):
            if self._text(node, 0) is not None:
                return None
            words = self._words(node, 0)
            if words is None:
                words = [word for item in node.args for word in self._item(item, 0)]
        else:
            words = self._words(node, 0)
        if words is None:
            return None
        name = self._name_of(node)
        if name is not None:
            words = self._with_added(words, node, name)
        if top.open or (words and words[-1].map.text == "run" and self._is_kept(top)):
            words = [*words, self._variadic(node)]
        values = [value for word in words for value in (word.map.text.split() if word.variadic else [word.map.text])]
        if not is_argv(values) and not starts_shell(values):
            return None
        return FoundText(_line(words), _common(word.encoder for word in words))

    def _words_of_parts(self, node: ast.Call | ast.Dict) -> list[_Word] | None:
        """The command that a call which starts a container gets in two parts."""
        words: list[_Word] = []
        for part in self.parts(node):
            assert part is not None
            found = self._words(part, 0)
            if found is None:
                text = self._text(part, 0)
                found = self._split(text, exact=False) if text is not None else [self._variadic(part)]
            words += found
        return words

    def _program(self, node: ast.expr, depth: int = 0) -> list[_Word] | None:
        """The words of a program of `sh` or `plumbum` with its arguments. None if it is not one."""
        if depth > _MAX_DEPTH or not (self._is_program(node) or isinstance(node, ast.Call)):
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
                return [_Word(_moved(name.replace("_", "-"), *extent))]
            case ast.Name(id=name) if name in self._programs:
                return [_Word(_moved(name.replace("_", "-"), *extent))]
            case ast.Attribute(value=value, attr=name) if self._is_program(value):
                command = self._program(value, depth + 1)
                at = self._source.span(node)[1] - len(name)
                return [*(command or ()), _Word(_moved(name.replace("_", "-"), at, len(name)))]
            case ast.Name() | ast.Attribute() if (bound := self._value_of(node)) is not None:
                found = self._program(bound, depth + 1)
                return [word._replace(map=_moved(word.map.text, *extent), encoder="") for word in found or ()]
            case _:
                return None
        before = self._program(value, depth + 1)
        if before is None:
            return None
        words = [*before, *(word for item in items for word in self._item(item, depth))]
        if isinstance(node, ast.Call) and any(not (keyword.arg or "_").startswith("_") for keyword in node.keywords):
            words.append(self._variadic(node.keywords[0].value))
        return words

    def _words(self, node: ast.expr, depth: int) -> list[_Word] | None:
        """The arguments of a list expression. None if it is not a list."""
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
                    found if found is not None else [self._variadic(part)]
                    for part, found in zip(parts, lists, strict=True)
                )
            case ast.IfExp(body=body, orelse=orelse, test=test):
                option = self._option(node)
                if option is not None:
                    return self._words((body, orelse)[option], depth + 1)
                if self._words(body, depth + 1) is None and self._words(orelse, depth + 1) is None:
                    return None
                self._choices.append(_Choice(node, 2, self._extent(node)))
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

    def _split(self, found: FoundText, *, exact: bool) -> list[_Word]:
        """The words of a text. `exact`: only at blanks, so that quotes belong to the words."""
        if not exact and _QUOTES.search(found.map.text):
            return [_Word(found.map, found.encoder, True)]
        words: list[_Word] = []
        for match in _WORDS.finditer(found.map.text):
            words.append(_Word(found.map.slice(*match.span()), found.encoder, "$" in match[0] and "${" in match[0]))
        return words

    def _words_of_name(self, node: ast.expr, depth: int) -> list[_Word] | None:
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
            words = [word._replace(map=_moved(word.map.text, *extent), encoder="") for word in words]
        return words

    def _value_words(self, value: ast.expr, frame: Frame | None, depth: int) -> _BoundWords | None:
        """The arguments of a value that is bound to a name, with what is added to them, cached for all its uses."""
        key = (value, frame, self._chosen)
        if key not in self._found_words:
            self._found_words[key] = None  # if it contains itself
            words, choices, met = self._apart(frame, lambda: self._words_and_added(value, depth))
            if words is not None:
                cost = sum(_WORD_COST + len(word.map.text) for word in words)
                self._found_words[key] = _BoundWords(words, cost, choices, met)
        bound = self._found_words[key]
        if bound is not None:
            self._parameters_met |= bound.parameters_of
        return bound

    def _words_and_added(self, value: ast.expr, depth: int) -> list[_Word] | None:
        words = self._words(value, depth)
        if words is not None and (name := self._name_of(value)) is not None:
            return self._with_added(words, value, name)
        return words

    def _words_of_call(self, node: ast.Call, depth: int) -> list[_Word] | None:
        """The arguments that a function of this file returns."""
        entered = self._entered(node)
        if entered is None:
            return None
        found = self._value_words(*entered, depth + 1)
        if found is None or not self._put_in(node, found.cost):
            return None
        extent = self._extent(node)
        self._choices += [choice._replace(extent=extent) for choice in found.choices]
        return [word._replace(map=_moved(word.map.text, *extent), encoder="") for word in found.words]

    @staticmethod
    def _bounded(parts: Iterable[list[_Word]]) -> list[_Word] | None:
        """The arguments of all parts. None if they are too many for a command."""
        words: list[_Word] = []
        for part in parts:
            words += part
            if len(words) > MAX_WORDS:
                return None
        return words

    def _item(self, item: ast.expr, depth: int) -> list[_Word]:
        if isinstance(item, ast.Starred):
            found = self._words(item.value, depth + 1)
            return found if found is not None else [self._variadic(item)]
        text = self._text(item, depth + 1)
        if text is None:
            return [_Word(_moved(f"${{{self._name_for(item)}}}", *self._extent(item)))]
        if isinstance(item, ast.IfExp) and any(_is_nothing(value) for value in (item.body, item.orelse)):
            # What is nothing in one case may be left out by who gets the list.
            return [self._variadic(item, self._name_for(item.test))] if "${" in text.map.text else [_Word(*text[:2])]
        return [_Word(text.map, text.encoder)]

    def _variadic(self, node: ast.AST, name: str = "") -> _Word:
        """An argument that may represent none or several."""
        return _Word(_moved(f"${name or self._name_for(node)}", *self._extent(node)), variadic=True)

    def _with_added(self, words: list[_Word], value: ast.expr, name: ast.expr) -> list[_Word]:
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
        return path if holder is not None and len(path) <= _MAX_DEPTH else None

    def _changed(self, words: list[_Word], paths: list[list[ast.stmt]], level: int, name: ast.expr) -> list[_Word]:
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
                    self._choices.append(_Choice(step, 2, self._extent(step)))
                    words = [*words, self._variadic(step, self._name_for(step.test))]
            elif isinstance(step, ast.For) and appending(step) is not None:
                items = self._words(step.iter, 1)
                words = [*words, *(items if items is not None else [self._variadic(step)])]
            else:
                words = [*words, self._variadic(step)]
        return words

    def _added(self, words: list[_Word], statement: ast.stmt, name: ast.expr) -> list[_Word]:
        """The arguments after a statement that changes them."""
        exact: list[_Word] | None = None
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

    # Positions

    def _extent(self, node: ast.AST) -> tuple[int, int]:
        """The offset and length of a node."""
        assert isinstance(node, ast.expr | ast.stmt)
        start, end = self._source.span(node)
        return start, end - start

    def _written(self, node: ast.AST) -> str:
        start, length = self._extent(node)
        return self._source.text[start : start + min(length, 200)]

    def _name_for(self, node: ast.AST) -> str:
        """The name of a shell variable for what a node may be."""
        return field_name(self._written(node))

    def _as_escape(self, node: ast.expr, value: str) -> TextMap:
        return _moved(value, *self._extent(node))


# Stands for a value that is not known.
_NOTHING = ast.Constant(value=None)


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _positional(values: ast.expr) -> list[ast.expr]:
    """The values of `text % values`, in order."""
    return values.elts if isinstance(values, ast.Tuple) else [] if isinstance(values, ast.Dict) else [values]


def _named(values: ast.expr) -> dict[str, ast.expr]:
    """The values of `text % values`, by their keys."""
    if not isinstance(values, ast.Dict):
        return {}
    pairs = zip(values.keys, values.values, strict=True)
    return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}


def _variant(map: TextMap, extent: tuple[int, int]) -> Alternative | None:
    """A text with one option of a condition, which is written at `extent`. None if the option adds nothing."""
    start, end = extent[0], sum(extent)
    inside: list[Segment] = []
    for segment in map.segments:
        first, last = segment.outer_start, segment.outer_start + segment.outer_length
        if segment.kind == "synthetic" or not segment.length:
            continue
        # A field of a format has braces around it.
        if (start <= first and last <= end) or (
            start - _MOST_AROUND <= first <= start < end <= last <= end + _MOST_AROUND
        ):
            inside.append(segment)
            start, end = min(start, first), max(end, last)
    if not inside:
        return None
    return Alternative(map, inside[0].start, inside[-1].start + inside[-1].length, (start, end))


def _common(encoders: Iterable[str]) -> str:
    """The encoder that is correct in all parts of a value."""
    names = set(encoders) - {""}
    if len(names) > 1:
        names.discard("argv")
    return names.pop() if len(names) == 1 else "none"


def _moved(text: str, start: int, length: int) -> TextMap:
    """A text that the source writes differently."""
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
    """Arguments as one line of shell. A field that is one argument is quoted, a variadic one is not."""
    builder = MapBuilder()
    first = 0
    for word in words:
        at = word.map.outer_start(0)
        if len(builder):
            builder.synthetic(" ", at)
        else:
            first = at
        if word.variadic:
            builder.extend(word.map)
        else:
            add_word(builder, word.map, expands="${" in word.map.text and word.encoder in ("", "argv", "none"))
    return builder.build(first)
