"""The text of a string expression in a Python file."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources.python_changes import ChangedValues
from nemolint.sources.python_evaluation import MAX_DEPTH
from nemolint.sources.python_expressions import STRIPPERS
from nemolint.sources.python_found import BoundText, FoundText, ValueChoice, common, line, moved
from nemolint.sources.python_text import field_name, map_constant, map_f_string, map_simple_f_string

_FORMAT_FIELD = lazily(r"\{\{|\}\}|\{([^{}]*)\}")
_PERCENT_FIELD = lazily(r"%(?:\((\w+)\))?[-#0 +]*+(?:\d++|\*)?(?:\.\d+)?[a-zA-Z]|%%")
# Calls that give the text of their argument.
_PLAIN_CALLS = frozenset({"Path", "PurePath", "PurePosixPath", "fspath", "quote", "str", "which"})


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
                return self._filled(left, _PERCENT_FIELD, _positional(right), _named(right), depth)
            case ast.Call(func=ast.Attribute(value=owner, attr="format"), args=args, keywords=keywords):
                named = {keyword.arg: keyword.value for keyword in keywords if keyword.arg is not None}
                return self._filled(owner, _FORMAT_FIELD, args, named, depth)
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(glue)), attr="join"), args=[items]):
                return self._joined(items, glue, depth)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="shlex"), attr="join"), args=[items]):
                words = self._words(items, depth + 1)
                return FoundText(line(words), "none") if words is not None else None
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
        if frame is self._frame and self._additions(node):
            return self._opened(text, node)
        return text

    def _text_of_condition(self, node: ast.IfExp, depth: int) -> FoundText | None:
        """One of the texts of a condition if that one is looked at, else an expansion."""
        option = self._option(node)
        if option is not None:
            return self._text((node.body, node.orelse)[option], depth + 1)
        if self._text(node.body, depth + 1) is None and self._text(node.orelse, depth + 1) is None:
            return None
        extent = self._extent(node)
        self._choices.append(ValueChoice(node, 2, extent))
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
        parts = operands(node)
        texts = [self._text(part, depth + 1) for part in parts]
        if not any(texts):
            return None
        builder = MapBuilder()
        for part, found in zip(parts, texts, strict=True):
            if found is not None:
                builder.extend(found.map)
            else:
                builder.escape(f"${{{self._name_for(part)}}}", *self._extent(part))
        return FoundText(builder.build(self._extent(node)[0]), common(found.encoder for found in texts if found))

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


def _positional(values: ast.expr) -> list[ast.expr]:
    """The values of `text % values`, in order."""
    return values.elts if isinstance(values, ast.Tuple) else [] if isinstance(values, ast.Dict) else [values]


def _named(values: ast.expr) -> dict[str, ast.expr]:
    """The values of `text % values`, by their keys."""
    if not isinstance(values, ast.Dict):
        return {}
    pairs = zip(values.keys, values.values, strict=True)
    return {str(key.value): value for key, value in pairs if isinstance(key, ast.Constant)}


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
