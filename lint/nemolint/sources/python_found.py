"""What is found in a Python file: texts and arguments, mapped to where they are written, and the choices in them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, Segment, TextMap
from nemolint.document import Alternative
from nemolint.sources.argv import add_word
from nemolint.sources.python_names import Function

_MOST_AROUND = 4
# How words are written that a condition may add.
_MAY_BE_MISSING = lazily(r"(?: \$(\w+))+\Z")


class FoundText(NamedTuple):
    """A value as shell text, mapped to the source, and the encoder for changes in it.

    `variants`: the same with one of the texts that a condition chooses.
    """

    map: TextMap
    encoder: str
    variants: tuple[Alternative, ...] = ()


class PythonArgument(NamedTuple):
    """One argument, or (`variadic`) an unknown number of them. `encoder` is empty if the source has another text."""

    map: TextMap
    encoder: str = ""
    variadic: bool = False


class ValueChoice(NamedTuple):
    """A condition in a value: the node that chooses, how many options it has, and where it is written, or used."""

    node: ast.AST
    options: int
    extent: tuple[int, int]


class BoundWords(NamedTuple):
    """The arguments that a name is bound to, and the cost of inserting them."""

    words: list[PythonArgument]
    cost: int
    choices: tuple[ValueChoice, ...]
    parameters_of: frozenset[Function]


class BoundText(NamedTuple):
    """The text that a name is bound to."""

    found: FoundText
    choices: tuple[ValueChoice, ...]
    parameters_of: frozenset[Function]


def variant(map: TextMap, extent: tuple[int, int]) -> Alternative | None:
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


def common(encoders: Iterable[str]) -> str:
    """The encoder that is correct in all parts of a value."""
    names = set(encoders) - {""}
    if len(names) > 1:
        names.discard("argv")
    return names.pop() if len(names) == 1 else "none"


def moved(text: str, start: int, length: int) -> TextMap:
    """A text that the source writes differently."""
    builder = MapBuilder()
    builder.escape(text, start, length)
    return builder.build(start)


def followed_by(map: TextMap, following: str) -> TextMap:
    """A text that another follows. Where that goes on in the same word, so does the word before what may be missing."""
    if not following or following[0].isspace() or following[0] in ";|&<>()":
        return map
    first = len(map.segments)
    while first and map.segments[first - 1].kind == "escape":
        first -= 1
    missing = _MAY_BE_MISSING.search(map.text, map.segments[first].start) if first < len(map.segments) else None
    if missing is None or map.text.endswith("steps run", 0, missing.start()):
        return map
    start, end = map.to_outer(*missing.span())
    builder = MapBuilder()
    builder.extend(map.slice(0, missing.start()))
    builder.escape(f"${{{missing[1]}}}", start, end - start)
    return builder.build()


def line(words: Iterable[PythonArgument]) -> TextMap:
    """ArgumentValues as one line of shell. A field that is one argument is quoted, a variadic one is not."""
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
