"""The nodes of a YAML text with their offsets, read without recursion and without expanding aliases."""

from __future__ import annotations

import re
from functools import cache

from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


class Scalar:
    """A scalar: its offsets (properties included), its style (`|`, `>`, `"`, `'` or empty) and value.

    `flow`: it is inside `[…]` or `{…}`. `tag`: `!Ref` and the like, which only some program knows.
    """

    __slots__ = ("end", "flow", "start", "style", "tag", "value")

    def __init__(self, start: int, end: int, style: str, value: str, flow: bool = False, tag: str = "") -> None:
        self.start = start
        self.end = end
        self.style = style
        self.value = value
        self.flow = flow
        self.tag = tag


class Sequence:
    __match_args__ = ("items",)
    __slots__ = ("items", "tag")

    def __init__(self, tag: str = "") -> None:
        self.items: list[Node] = []
        self.tag = tag


class Mapping:
    __match_args__ = ("items",)
    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[tuple[Node, Node]] = []

    def fields(self) -> dict[str, Node]:
        """The values by name, for the keys that are scalars."""
        return {key.value: value for key, value in self.items if isinstance(key, Scalar)}


class AliasNode:
    """`*name`: the node is defined elsewhere and is read there."""

    __slots__ = ()


Node = Scalar | Sequence | Mapping | AliasNode


class YamlSyntaxError(ValueError):
    """Text that is not YAML: the parser's message and the offset of the problem."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def parse(text: str) -> list[Node]:
    """The root nodes of all documents of a text with LF line ends and no BOM.

    Raises YamlSyntaxError, also for nesting of more than the parser's 1,000 levels.
    """
    roots: list[Node] = []
    stack: list[_OpenNode] = []
    for event in _events(text):
        name = type(event).__name__
        node: Node
        if name == "ScalarEvent":
            style = event.style if event.style in ("|", ">", '"', "'") else ""
            node = Scalar(
                event.start_mark.index,
                event.end_mark.index,
                style,
                event.value,
                bool(stack) and stack[-1].flow,
                event.tag or "",
            )
        elif name == "AliasEvent":
            node = AliasNode()
        elif name in ("SequenceStartEvent", "MappingStartEvent"):
            node = Sequence(event.tag or "") if name == "SequenceStartEvent" else Mapping()
            stack.append(_OpenNode(node, bool(event.flow_style)))
            continue
        elif name in ("SequenceEndEvent", "MappingEndEvent"):
            node = stack.pop().node
        else:
            continue
        if stack:
            stack[-1].add(node)
        else:
            roots.append(node)
    return roots


# What YAML 1.2 takes as a mere character and the parser, which reads 1.1, does not: three line ends, and a colon that
# begins a word of a flow collection.
_FOREIGN_BREAK = lazily("[\x85\u2028\u2029]")
_WORD_COLON = lazily(r"(?<=[\[{,\s]):(?=[^\s,\[\]{}])")
# A template's own lines, and its expressions, whose signs mean nothing to YAML.
_TEMPLATE_LINE = lazily(r"^[ \t]*(?:\{\{[^\n]*\}\}|\{[%#][^\n]*[%#]\})[ \t]*$", re.MULTILINE)
_TEMPLATE = lazily(r"\{\{(?:[^}\n]|\}(?!\})){0,400}\}\}|\{%(?:[^%\n]|%(?!\})){0,400}%\}")
_SIGN = lazily(r"[\[\]{},:#&*!|>'\"%@`-]")
_PRIVATE = {"\x85": "\ue385", "\u2028": "\ue328", "\u2029": "\ue329"}
_PRIVATE |= {sign: chr(0xE400 + ord(sign)) for sign in "[]{},:#&*!|>'\"%@`-"}
_MEANT = {ord(private): meant for meant, private in _PRIVATE.items()}


def parse_as_written(text: str) -> tuple[list[Node], str]:
    """The root nodes of a text (see `parse`), and the text as the parser took it, of equal length.

    What only YAML 1.2 or a template engine takes is a private character in that text and in the values; `as_written`
    turns it back.
    """
    try:
        return parse(text), text
    except YamlSyntaxError as error:
        if any(private in text for private in _PRIVATE.values()):
            raise
        taken = text
        for rewrite in (_without_breaks, _without_colons, _without_templates):
            before, taken = taken, rewrite(taken)
            try:
                if taken != before:
                    return parse(taken), taken
            except YamlSyntaxError:
                continue
        raise error


def _without_breaks(text: str) -> str:
    return _FOREIGN_BREAK.sub(_private, text)


def _without_colons(text: str) -> str:
    return _WORD_COLON.sub(_private, text)


def _without_templates(text: str) -> str:
    """Expressions of a template as plain words, its own lines as blank ones."""
    text = _TEMPLATE_LINE.sub(lambda line: " " * len(line[0]), text)
    return _TEMPLATE.sub(lambda expression: _SIGN.sub(_private, expression[0]), text)


def _private(match: re.Match[str]) -> str:
    return _PRIVATE[match[0]]


def as_written(text: str) -> str:
    """The text with its own characters in place of the private ones of `parse_as_written`."""
    return text.translate(_MEANT)


def values(roots: Iterable[Node]) -> Iterator[Scalar]:
    """All scalars that are not keys, in the order of the text."""
    stack = list(roots)[::-1]
    while stack:
        match stack.pop():
            case Scalar() as scalar:
                yield scalar
            case Sequence(items):
                stack.extend(reversed(items))
            case Mapping(items):
                stack.extend(value for _, value in reversed(items))
            case AliasNode():
                pass


class _OpenNode:
    """An open collection."""

    __slots__ = ("flow", "key", "node")

    def __init__(self, node: Sequence | Mapping, flow: bool) -> None:
        self.node = node
        self.flow = flow
        self.key: Node | None = None

    def add(self, child: Node) -> None:
        if isinstance(self.node, Sequence):
            self.node.items.append(child)
        elif self.key is None:
            self.key = child
        else:
            self.node.items.append((self.key, child))
            self.key = None


@cache
def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _events(text: str) -> Iterator[Any]:
    import yaml

    try:
        yield from yaml.parse(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlSyntaxError(error.problem or "not readable as YAML", mark.index if mark else 0) from None
    except yaml.reader.ReaderError as error:
        raise YamlSyntaxError(f"character U+{_code(error):04X} is not allowed in YAML", error.position) from None
    except (UnicodeEncodeError, RecursionError) as error:
        raise YamlSyntaxError("not readable as YAML", getattr(error, "start", 0)) from None


def _code(error: Any) -> int:
    return ord(error.character) if isinstance(error.character, str) else int(error.character)
