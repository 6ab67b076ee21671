"""The text of a string expression in a Python file."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources.python_changes import ChangedValues
from nemolint.sources.python_evaluation import MAX_DEPTH
from nemolint.sources.python_found import BoundText, FoundText, ValueChoice, common, followed_by, line, moved
from nemolint.sources.python_operations import (
    SOME_RUN,
    SPLITTERS,
    STRIPPERS,
    TEXT_METHODS,
    is_known,
    split_text,
    text_after,
    text_slice,
)
from nemolint.sources.python_text import field_name, map_constant, map_f_string, map_simple_f_string

_FORMAT_FIELD = lazily(r"\{\{|\}\}|\$?\{([^{}]*)\}")
_FIELD_NAME = lazily(r"\w*")
_BRACES = lazily(r"[{}]")
# What is text for Python where it splits at blanks, and syntax for a shell; `shlex` knows quotes.
_SHELL_SYNTAX = lazily(r"""["'\\`;|&<>(){},*?\[\]!#~]""")
_OPERATORS = lazily(r"[`;|&<>(){}*?\[\]!~]")
_PATTERN_SYNTAX = lazily(r"[.^$*+?{}\[\]\\|()]")
_PERCENT_FIELD = lazily(r"%(?:\((\w+)\))?[-#0 +]*+(?:\d++|\*)?(?:\.\d+)?[a-zA-Z]|%%")
# Calls that give the text of their argument.
_PATH_CALLS = frozenset({"Path", "PurePath", "PurePosixPath"})
_PLAIN_CALLS = frozenset({"fspath", "quote", "str", "which"}) | _PATH_CALLS
# Stands for a text that nobody knows.
_ANYTHING = "$"
_TEXT_NODES = (*(ast.Attribute, ast.BinOp, ast.Call, ast.Constant, ast.IfExp, ast.JoinedStr, ast.Name, ast.Subscript),)


class TextValues(ChangedValues):
    """Evaluates strings. What is not known in one is an expansion."""

    def text(self, node: ast.expr) -> FoundText | None:
        """The text of a complete string expression, by itself. None if it is not a string."""
        return self._text(node, 0)

    def _text(self, node: ast.expr, depth: int) -> FoundText | None:
        if depth > MAX_DEPTH:
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
                return self._filled(node, left, _PERCENT_FIELD, _positional(right), _named(right), depth)
            case ast.Call(func=ast.Attribute(value=owner, attr="format"), args=args, keywords=keywords):
                named = {keyword.arg: keyword.value for keyword in keywords if keyword.arg is not None}
                return self._filled(node, owner, _FORMAT_FIELD, args, named, depth)
            case ast.Call(func=ast.Attribute(value=owner, attr="format_map"), args=[ast.Dict() as values]):
                return self._filled(node, owner, _FORMAT_FIELD, [], _named(values), depth)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(glue)), attr="join"), args=[items]):
                return self._joined(items, glue, depth)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="shlex"), attr="join"), args=[items]):
                words = self._words(items, depth + 1)
                return FoundText(line(words), "none") if words is not None else None
            case ast.Call(func=ast.Attribute(value=ast.Name(id="shlex"), attr="split"), args=[argument, *_]):
                found = self._text(argument, depth + 1)
                return found if found is None or not _OPERATORS.search(found.map.text) else None
            case ast.Call(func=ast.Attribute(attr="dedent" | "cleandoc"), args=[argument]):
                return self._text(argument, depth + 1)
            case ast.Call(func=ast.Name(id="dedent" | "cleandoc"), args=[argument]):
                return self._text(argument, depth + 1)
            case ast.Call(func=ast.Attribute(value=owner, attr="split"), args=[]):
                found = self._text(owner, depth + 1)
                return found if found is None or not _SHELL_SYNTAX.search(found.map.text) else None
            case ast.Call(func=ast.Attribute(value=owner, attr=attr), args=arguments) if attr in SPLITTERS:
                found = self._text(owner, depth + 1)
                given = self._arguments_of_method(arguments, depth)
                if found is None or (given is not None and split_text(found.map, attr, given) is not None):
                    return None
                return self._unknown(found, node)
            case ast.Call(func=ast.Attribute(value=owner, attr=attr), args=arguments) if attr in TEXT_METHODS:
                return self._text_of_method(node, owner, attr, arguments, depth)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="sub"), args=[pattern, new, owner, *rest]):
                return self._text_of_substitution(node, (pattern, new, owner), exact=not rest, depth=depth)
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[argument]) if name in _PLAIN_CALLS:
                return self._text_of_plain_call(node, name, argument, depth)
            case ast.Call():
                return self._text_of_call(node, depth)
            case ast.Subscript():
                return self._text_of_subscript(node, depth)
            case _:
                return None

    def _arguments_of_method(self, arguments: list[ast.expr], depth: int) -> list[str | int | None] | None:
        """What is given to a method of a string. None if something of it is not a text or a number."""
        given: list[str | int | None] = []
        for argument in arguments:
            if isinstance(argument, ast.Constant) and argument.value is None:
                given.append(None)
            elif (number := self._integer(argument, [], None)) is not None:
                given.append(number)
            elif (found := self._text(argument, depth + 1)) is not None:
                given.append(found.map.text)
            else:
                return None
        return given

    def _text_of_method(
        self, node: ast.Call, owner: ast.expr, method: str, arguments: list[ast.expr], depth: int
    ) -> FoundText | None:
        """The text that a method of a string gives."""
        found = self._text(owner, depth + 1)
        if found is None:
            return self._text_of_call(node, depth)
        given = self._arguments_of_method(arguments, depth)
        if given is None and method == "replace" and len(arguments) == 2:
            old = self._text(arguments[0], depth + 1)
            given = [old.map.text, f"${{{self._name_for(arguments[1])}}}"] if old is not None else None
        changed: TextMap | None = None
        if given is not None and not node.keywords and all(_is_certain(value) for value in given[: len(given) != 2]):
            changed = text_after(found.map, method, given)
        if changed is None:
            return self._unknown(found, node)
        return FoundText(changed, found.encoder if method in STRIPPERS else "none")

    def _text_of_substitution(
        self, node: ast.Call, parts: tuple[ast.expr, ast.expr, ast.expr], *, exact: bool, depth: int
    ) -> FoundText | None:
        """`re.sub(pattern, new, text)`: no pattern of the file is run, only text that stands for itself is replaced."""
        pattern, new, found = (self._text(part, depth + 1) for part in parts)
        if found is None:
            return None
        changed: TextMap | None = None
        if exact and pattern is not None and new is not None and not node.keywords:
            if not _PATTERN_SYNTAX.search(pattern.map.text) and "\\" not in new.map.text:
                changed = text_after(found.map, "replace", [pattern.map.text, new.map.text])
        return FoundText(changed, "none") if changed is not None else self._unknown(found, node)

    def _text_of_plain_call(self, node: ast.Call, name: str, argument: ast.expr, depth: int) -> FoundText | None:
        """The text of a path or of a quoted text."""
        found = self._text(argument, depth + 1)
        if found is None:
            return None
        text = found.map.text
        if name == "quote" and is_known(text):
            from shlex import quote

            quoted = quote(text)
            return found if quoted == text else FoundText(self._as_escape(node, quoted), "none")
        if name in _PATH_CALLS:
            from posixpath import normpath

            if text and is_known(text) and ".." not in text:
                path = normpath(text)
                return found if path == text else FoundText(self._as_escape(node, path), "none")
        return found

    def _text_of_subscript(self, node: ast.Subscript, depth: int) -> FoundText | None:
        """An item of a list, or a part of a string."""
        words = self._words(node.value, depth + 1)
        if words is not None:
            at = self._word_place(words, node.slice, None)
            if at is not None:
                return FoundText(*words[at][:2])
            found = self._text(node.value, depth + 1) if not isinstance(node.slice, ast.Slice) else None
            return self._unknown(found, node) if found is not None else None
        if not isinstance(node.slice, ast.Slice):
            return None
        found = self._text(node.value, depth + 1)
        if found is None:
            return None
        bounds = (node.slice.lower, node.slice.upper)
        places = [self._integer(bound, [], None) if bound is not None else None for bound in bounds]
        certain = all((bound is None) == (place is None) for bound, place in zip(bounds, places, strict=True))
        part = text_slice(found.map, *places) if certain and node.slice.step is None else None
        return found._replace(map=part) if part is not None else self._unknown(found, node)

    def _text_of_name(self, node: ast.expr, depth: int) -> FoundText | None:
        """The text of a variable, after what changes it."""
        during = self._value_during(node)
        if during is not None:
            return during if isinstance(during, FoundText) else None
        resolved = self._resolved(node)
        if resolved is None or isinstance(resolved[0], list):
            return None
        value, frame = resolved
        assert isinstance(value, ast.expr)
        key = (value, frame, self._chosen)
        if key not in self._found_texts:
            self._found_texts[key] = None  # if it contains itself
            found, choices, met = self._apart(frame, lambda: self._text_and_changes(value, depth + 1))
            if found is not None:
                self._found_texts[key] = BoundText(found, choices, met)
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
            text = FoundText(moved(bound.found.map.text, *extent), "none")
        inside = self._is_changed_in_call(node)
        if inside is None:
            return text
        before, self._frame = self._frame, inside
        try:
            return self._changed_text(text, None, node)
        finally:
            self._frame = before

    def _text_and_changes(self, value: ast.expr, depth: int) -> FoundText | None:
        found = self._text(value, depth)
        if found is not None and (name := self._name_of(value)) is not None:
            return self._changed_text(found, value, name)
        return found

    def _text_of_condition(self, node: ast.IfExp, depth: int) -> FoundText | None:
        """One of the texts of a condition if that one is looked at, else an expansion."""
        option = self._option(node)
        if option is not None:
            return self._text((node.body, node.orelse)[option], depth + 1)
        options = [self._text(node.body, depth + 1), self._text(node.orelse, depth + 1)]
        if options == [None, None]:
            return None
        extent = self._extent(node)
        self._choices.append(ValueChoice(node, 2, extent))
        for found in options:
            if found is not None and (unknown := self._unknown(found, node)) is not None:
                return unknown
        return FoundText(moved(f"${{{self._name_for(node.test)}}}", *extent), "none")

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
        return FoundText(moved(found.map.text, *self._extent(node)), "none")

    def _field(self, node: ast.expr, depth: int, following: str, *, plain: bool = True) -> str | None:
        """The text of a value inside a longer text, before `following`, None if it is not known.

        `plain`: nothing changes it there.
        """
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            return str(node.value) if plain else None
        if isinstance(node, _TEXT_NODES):
            found = self._text(node, depth + 1)
            if found is not None and not plain:
                found = self._unknown(found, node)
            return followed_by(found.map, following).text if found is not None else None
        return None

    def _f_string(self, node: ast.JoinedStr, depth: int) -> TextMap | None:
        def reader() -> Callable[[str], str | None]:
            fields = (pair for pair in _with_following(node) if isinstance(pair[0], ast.FormattedValue))

            def value_of(written: str) -> str | None:
                part, following = next(fields, (None, ""))
                if not isinstance(part, ast.FormattedValue):
                    return None
                plain = part.format_spec is None and part.conversion in (-1, 115)
                return self._field(part.value, depth, following, plain=plain)

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
        parts = operands(node)
        texts = [self._text(part, depth + 1) for part in parts]
        if not any(texts):
            return None
        builder = MapBuilder()
        for part, found, after in zip(parts, texts, [*texts[1:], FoundText(TextMap("", ()), "")], strict=True):
            if found is not None:
                builder.extend(followed_by(found.map, after.map.text if after is not None else _ANYTHING))
            else:
                builder.escape(f"${{{self._name_for(part)}}}", *self._extent(part))
        return FoundText(builder.build(self._extent(node)[0]), common(found.encoder for found in texts if found))

    def _filled(
        self,
        node: ast.expr,
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
        following = iter(itertools.takewhile(lambda value: not isinstance(value, ast.Starred), values))
        for match in field.finditer(text):
            if "{" in text[position : match.start()] and field.pattern == _FORMAT_FIELD.pattern:
                return self._unknown(found, node)  # a field inside a field
            if match.start() > position:
                builder.verbatim(text, position, match.start())
            position = match.end()
            whole = match.group()
            if whole in ("{{", "}}", "%%"):
                builder.escape(whole[0], match.start(), len(whole))
                continue
            if whole[0] == "$":
                # What is not known in the format itself; a text in the source has none of these.
                if not isinstance(template, ast.Constant):
                    builder.verbatim(text, match.start(), match.end())
                    continue
                builder.verbatim(text, match.start(), match.start() + 1)
            content = match[1] or ""
            name = _FIELD_NAME.match(content)[0]  # type: ignore[index]
            value = named.get(name)
            if not name:
                if "*" in whole and whole[0] == "%":
                    next(following, None)
                value = next(following, None)
            elif name.isdecimal() and len(name) < 4 and int(name) < len(values):
                before = values[: int(name) + 1]
                value = before[-1] if not any(isinstance(item, ast.Starred) for item in before) else None
            plain = content[len(name) :] in ("", "!s") and (whole[0] != "%" or _is_plain(whole, value))
            known = self._field(value, depth, text[position:], plain=plain) if value is not None else None
            written = f"${{{field_name(content)}}}" if value is None or name else f"${{{self._name_for(value)}}}"
            builder.escape(written if known is None else known, match.start(), len(whole))
        if field.pattern == _FORMAT_FIELD.pattern and _BRACES.search(text, position):
            return self._unknown(found, node)
        builder.verbatim(text, position, len(text))
        return FoundText(found.map.compose(builder.build()), "argv")

    def _joined(self, items: ast.expr, glue: str, depth: int) -> FoundText | None:
        """`glue.join([…])`: nothing is quoted."""
        words = self._words(items, depth + 1)
        if words is None:
            return None
        if any(word.variadic and not word.map.text for word in words):
            return FoundText(self._as_escape(items, SOME_RUN), "none")
        builder = MapBuilder()
        apart = bool(glue) and glue.isspace()
        glued = True
        for index, word in enumerate(words):
            # Where there may be no item, there may be nothing between items either.
            whole = apart or not word.variadic
            if index and whole and glued:
                builder.synthetic(glue, word.map.outer_start(0))
            if whole:
                builder.extend(word.map)
            else:
                start, end = word.map.to_outer(0, len(word.map.text))
                builder.escape(f"${{{field_name(word.map.text)}}}", start, end - start)
            glued = whole
        return FoundText(builder.build(self._extent(items)[0]), "none")

    def _plain_f_string(self, node: ast.JoinedStr) -> str:
        """Its text, without positions."""
        parts: list[str] = []
        for part, following in _with_following(node):
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            else:
                known: str | None = None
                if isinstance(part, ast.FormattedValue):
                    plain = part.format_spec is None and part.conversion in (-1, 115)
                    known = self._field(part.value, 1, following, plain=plain)
                parts.append("${x}" if known is None else known)
        return "".join(parts)


def _with_following(node: ast.JoinedStr) -> Iterator[tuple[ast.expr, str]]:
    """The parts of an f-string, each with the text behind it."""
    for part, after in zip(node.values, [*node.values[1:], None], strict=True):
        yield part, str(after.value) if isinstance(after, ast.Constant) else "" if after is None else _ANYTHING


def _positional(values: ast.expr) -> list[ast.expr]:
    """The values of `text % values`, in order."""
    return values.elts if isinstance(values, ast.Tuple) else [] if isinstance(values, ast.Dict) else [values]


def _named(values: ast.expr) -> dict[str, ast.expr]:
    """The values of `text % values`, by their keys."""
    if not isinstance(values, ast.Dict):
        return {}
    pairs = list(zip(values.keys, values.values, strict=True))
    if not all(isinstance(key, ast.Constant) for key, _ in pairs):
        return {}
    return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}


def _is_certain(value: str | int | None) -> bool:
    return not isinstance(value, str) or is_known(value)


def _is_plain(field: str, value: ast.expr | None) -> bool:
    """True if a field of `text % values` has the text of its value as it is."""
    if field[-1] == "s":
        return field == "%s" or (field.startswith("%(") and field.endswith(")s"))
    number = isinstance(value, ast.Constant) and isinstance(value.value, int) and not isinstance(value.value, bool)
    return number and field[-1] in "di" and (field[:-1] == "%" or field.endswith(")", 0, -1))


def operands(node: ast.BinOp) -> list[ast.expr]:
    """The operands of a chain of additions, from left to right."""
    parts: list[ast.expr] = []
    current: ast.expr = node
    while isinstance(current, ast.BinOp) and isinstance(current.op, ast.Add):
        parts.append(current.right)
        current = current.left
    parts.append(current)
    parts.reverse()
    return parts
