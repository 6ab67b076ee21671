"""The values of strings and argument lists in a Python file, as far as the file alone shows them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources.argv import MAX_WORDS, add_word, is_argv, starts_shell
from nemolint.sources.command_text import names_command
from nemolint.sources.python_expressions import STRIPPERS, Expressions
from nemolint.sources.python_text import Source, field_name, map_constant, map_f_string, map_simple_f_string

_FORMAT_FIELD = lazily(r"\{\{|\}\}|\{([^{}]*)\}")
_PERCENT_FIELD = lazily(r"%(?:\((\w+)\))?[-#0 +]*+(?:\d++|\*)?(?:\.\d+)?[a-zA-Z]|%%")
_MAX_DEPTH = 40
_MAX_ADDITIONS = 200
# How many f-strings of a file are read by the slow parser.
_MAX_EXACT = 500
# The longest value of one name, and how many characters the names of a file may add to its length. An inserted word
# costs as much as some characters. Real files need some thousands.
_MAX_VALUE = 50_000
_MAX_PUT_IN = 200_000
_WORD_COST = 20


class FoundText(NamedTuple):
    """A value as shell text, mapped to the source, and the encoder for changes in it."""

    map: TextMap
    encoder: str


class _Word(NamedTuple):
    """One argument, or (`variadic`) an unknown number of them. `encoder` is empty if the source has another text."""

    map: TextMap
    encoder: str = ""
    variadic: bool = False


class _BoundWords(NamedTuple):
    """The arguments that a name is bound to, and the cost of inserting them."""

    words: list[_Word]
    cost: int


class Values(Expressions):
    """Evaluates expressions of one file. Names that are bound once are resolved, everything else is an expansion."""

    def __init__(self, source: Source, tree: ast.Module) -> None:
        super().__init__(tree)
        self._source = source
        self._exact_left = _MAX_EXACT
        self._left = _MAX_PUT_IN + len(source.text)
        self._found_words: dict[ast.expr, _BoundWords | None] = {}
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

    def text(self, node: ast.expr) -> FoundText | None:
        """The text of a complete string expression. None if it is not a string, or not a command."""
        if isinstance(node, ast.JoinedStr) and not names_command(self._plain_f_string(node)):
            return None  # locating its parts would take long
        found = self._text(node, 0)
        return self._with_additions(node, found) if found is not None else None

    def _with_additions(self, node: ast.expr, found: FoundText) -> FoundText:
        """A string that is extended later is open at its end."""
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
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in STRIPPERS or attr == "split":
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
        """Its text, without positions."""
        parts: list[str] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            else:
                name = part.value if isinstance(part, ast.FormattedValue) else None
                known = self._known(node, name.id) if isinstance(name, ast.Name) else None
                parts.append("${x}" if known is None else known)
        return "".join(parts)

    def arguments(self, node: ast.expr) -> FoundText | None:
        """An argument list that starts the command, written as a shell command. None if it is not one."""
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
        if not is_argv(values) and not starts_shell(values):
            return None
        return FoundText(_line(words), _common(word.encoder for word in words))

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
            case ast.Name():
                value = self._value_of(node)
                if value is None or isinstance(value, ast.Name):
                    return None
                found = self._value_words(value, depth + 1)
                if found is None or not self._put_in(node, found.cost):
                    return None
                extent = self._extent(node)
                added = [] if not self._additions(node) else [self._variadic(node)]
                return [word._replace(map=_moved(word.map.text, *extent), encoder="") for word in found.words] + added
            case ast.Call(func=ast.Name(id="list" | "tuple"), args=[argument]):
                return self._words(argument, depth + 1)
            case _:
                return None

    def _value_words(self, value: ast.expr, depth: int) -> _BoundWords | None:
        """The arguments of a value that is bound to a name, cached for all its uses."""
        if value not in self._found_words:
            self._found_words[value] = None  # if it contains itself
            words = self._words(value, depth)
            if words is not None:
                cost = sum(_WORD_COST + len(word.map.text) for word in words)
                self._found_words[value] = _BoundWords(words, cost)
        return self._found_words[value]

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
        if text is not None:
            return [_Word(text.map, text.encoder)]
        extent = self._extent(item)
        if isinstance(item, ast.Name) and (known := self._known(item, item.id)) is not None:
            return [_Word(_moved(known, *extent))]
        return [_Word(_moved(f"${{{field_name(self._written(item))}}}", *extent))]

    def _variadic(self, node: ast.AST) -> _Word:
        """An argument that may represent none or several."""
        return _Word(_moved(f"${field_name(self._written(node))}", *self._extent(node)), variadic=True)

    def _added_words(self, value: ast.expr, name: ast.Name) -> list[_Word]:
        """The arguments that later statements add. Those added on a condition may be absent."""
        start = self._parents.get(value)
        block = self._parents.get(start) if start is not None else None
        words: list[_Word] = []
        additions = self._additions(name)
        if len(additions) > _MAX_ADDITIONS:
            return [self._variadic(additions[0])]
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
            words += exact if exact is not None else [self._variadic(statement)]
        return words

    def _extent(self, node: ast.AST) -> tuple[int, int]:
        """The offset and length of a node."""
        assert isinstance(node, ast.expr | ast.stmt)
        start, end = self._source.span(node)
        return start, end - start

    def _written(self, node: ast.AST) -> str:
        start, length = self._extent(node)
        return self._source.text[start : start + min(length, 200)]

    def _as_escape(self, node: ast.expr, value: str) -> TextMap:
        return _moved(value, *self._extent(node))


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
