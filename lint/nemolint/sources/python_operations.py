"""What string methods and list operations of Python give, computed exactly, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources.python_found import PythonArgument, moved

SPLITTERS = frozenset({"partition", "rpartition", "rsplit", "split", "splitlines"})
CASES = frozenset({"capitalize", "casefold", "lower", "swapcase", "title", "upper"})
STRIPPERS = frozenset({"lstrip", "rstrip", "strip"})
# Methods of a string that give another string made from it.
TEXT_METHODS = (
    frozenset({"center", "decode", "encode", "expandtabs", "format", "format_map", "ljust", "removeprefix"})
    | frozenset({"removesuffix", "replace", "rjust", "translate", "zfill"})
    | CASES
    | STRIPPERS
)
# What is said of a text that is not known, if it may start the command.
SOME_RUN = "nemotron steps run $x"
# What stands for a part that is not known. A `$` that the source itself has counts as one.
_UNKNOWN = lazily(rf"{re.escape(SOME_RUN)}\b|\$(?:\{{[^{{}}]*\}}|\w+)?")
_MAX_RESULT = 50_000
_MAX_SEARCHED = 200


def is_known(text: str) -> bool:
    """True if nothing in a text stands for something that is not known."""
    return "$" not in text


def _certain_ends(text: str) -> tuple[int, int]:
    """Where the first unknown part of a text starts, and where the last one ends."""
    first, last = len(text), 0
    for match in _UNKNOWN.finditer(text):
        first, last = min(first, match.start()), match.end()
    return first, last


def text_after(found: TextMap, method: str, arguments: Sequence[str | int | None]) -> TextMap | None:
    """The text that a method of a string gives. None if that is not certain."""
    text = found.text
    first, last = _certain_ends(text)
    known = first == len(text)
    match method, tuple(arguments):
        case (("encode" | "decode"), _):
            return found
        case name, () if name in CASES and known:
            return _rewritten(found, getattr(text, name)())
        case "removeprefix", (str(prefix),):
            if text[:first].startswith(prefix):
                return found.slice(len(prefix), len(text))
            return found if known or not prefix.startswith(text[:first]) else None
        case "removesuffix", (str(suffix),):
            if suffix and text[last:].endswith(suffix):
                return found.slice(0, len(text) - len(suffix))
            return found if known or not suffix.endswith(text[last:]) else None
        case name, () | (None,) if name in STRIPPERS:
            return _stripped(found, name, None)
        case name, (str(characters),) if name in STRIPPERS:
            left = name == "rstrip" or bool(text[:first].lstrip(characters))
            right = name == "lstrip" or bool(text[last:].rstrip(characters))
            return _stripped(found, name, characters) if known or (left and right) else None
        case "replace", (str(old), str(new)):
            return _replaced(found, old, new)
        case "replace", (str(old), str(new), int(count)) if known:
            return _replaced(found, old, new, count)
        case _:
            return None


def _rewritten(found: TextMap, text: str) -> TextMap:
    start, end = found.to_outer(0, len(found.text))
    return moved(text, start, end - start)


def _stripped(found: TextMap, method: str, characters: str | None) -> TextMap:
    text = found.text
    start = len(text) - len(text.lstrip(characters)) if method != "rstrip" else 0
    end = len(text.rstrip(characters)) if method != "lstrip" else len(text)
    return found.slice(start, max(start, end))


def _replaced(found: TextMap, old: str, new: str, count: int = -1) -> TextMap | None:
    """A text with each `old` replaced. None if a part that is not known may hold the beginning or end of one."""
    text = found.text
    if not old or len(old) > _MAX_SEARCHED or len(text) + text.count(old) * len(new) > _MAX_RESULT:
        return None
    builder = MapBuilder()
    at = start = 0
    unknown = [match.span() for match in _UNKNOWN.finditer(text)]
    for open_start, open_end in [*unknown, (len(text), len(text))]:
        piece = text[start:open_start]
        if unknown and (
            (start > 0 and any(piece.startswith(old[cut:]) for cut in range(1, len(old))))
            or (open_start < len(text) and any(piece.endswith(old[:cut]) for cut in range(1, len(old))))
            or (0 < len(piece) < len(old) and piece in old)
        ):
            return None
        while count and (place := text.find(old, start, open_start)) >= 0:
            if place > at:
                builder.verbatim(text, at, place)
            builder.escape(new, place, len(old))
            at = start = place + len(old)
            count -= 1
        start = open_end
    if at < len(text):
        builder.verbatim(text, at, len(text))
    return found.compose(builder.build())


def text_slice(found: TextMap, start: int | None, stop: int | None) -> TextMap | None:
    """`text[start:stop]`. None if it is not certain where that is."""
    text = found.text
    first, last = _certain_ends(text)
    bounds = _bounds(len(text), first, len(text) - last, start, stop)
    return found.slice(*bounds) if bounds is not None else None


def split_text(found: TextMap, method: str, arguments: Sequence[str | int | None]) -> list[TextMap] | None:
    """The parts into which a method splits a string that is known. None if that is not certain."""
    text = found.text
    if not is_known(text):
        return None
    separator: str | None = None
    match method, tuple(arguments):
        case (("split" | "rsplit"), () | (None,) | (None, int())):
            pass
        case (("split" | "rsplit"), (str(separator),) | (str(separator), int())) if separator:
            pass
        case (("partition" | "rpartition"), (str(separator),)) if separator:
            pass
        case "splitlines", ():
            pass
        case _:
            return None
    parts: list[TextMap] = []
    at = 0
    for part in getattr(text, method)(*arguments):
        if separator is None:
            at = text.find(part, at)
        parts.append(found.slice(at, at + len(part)))
        at += len(part) + (len(separator or "") if "partition" not in method else 0)
    return parts


def _bounds(length: int, leading: int, trailing: int, start: int | None, stop: int | None) -> tuple[int, int] | None:
    """Where a slice starts and ends, if only so many items at the start and at the end are certain."""
    if leading >= length:
        first, last, _ = slice(start, stop).indices(length)
        return first, max(first, last)
    places: list[int] = []
    for place, default in ((start, 0), (stop, length)):
        if place is None:
            places.append(default)
        elif 0 <= place <= leading:
            places.append(place)
        elif place < 0 and -place <= trailing:
            places.append(length + place)
        else:
            return None
    return places[0], max(places)


def _single(words: Sequence[PythonArgument]) -> tuple[int, int]:
    """How many arguments at the start of a list, and at its end, are one each."""
    variadic = [at for at, word in enumerate(words) if word.variadic]
    return (variadic[0], len(words) - 1 - variadic[-1]) if variadic else (len(words), len(words))


def word_place(words: Sequence[PythonArgument], index: int) -> int | None:
    """Where `words[index]` is. None if that is not certain."""
    leading, trailing = _single(words)
    if 0 <= index < leading:
        return index
    return len(words) + index if 0 < -index <= trailing else None


def word_slice(words: Sequence[PythonArgument], start: int | None, stop: int | None) -> tuple[int, int] | None:
    """Where `words[start:stop]` is. None if that is not certain."""
    return _bounds(len(words), *_single(words), start, stop)


def word_index(words: Sequence[PythonArgument], text: str) -> int | None:
    """`words.index(text)`. None if that is not certain."""
    for at, word in enumerate(words):
        if word.variadic or not is_known(word.map.text):
            return None
        if word.map.text == text:
            return at
    return None


def all_known(words: Sequence[PythonArgument]) -> bool:
    """True if nothing in a list is unknown."""
    return not any(word.variadic or not is_known(word.map.text) for word in words)


def head(words: Sequence[PythonArgument]) -> list[PythonArgument]:
    """The arguments up to the end of `nemotron steps run`, or none where a list does not start it."""
    wanted = ["nemotron", "steps", "run"]
    for at, word in enumerate(words):
        if word.variadic and word.map.text:
            break
        if word.map.text.rpartition("/")[2] == "nemotron":
            texts = [other.map.text for other in words[at : at + 3]]
            count = next((n for n in (3, 2) if texts[1:n] == wanted[1:n] and len(texts) >= n), 1)
            return list(words[: at + count])
    return []
