"""TOML: values by tomli (imported late), positions by a scan of the text."""

from __future__ import annotations

import re

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import LineIndex, Position

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Path = tuple[str | int, ...]
MAX_PARTS = 100


class TomlError(ValueError):
    """Text that is not TOML. `line` and `column` count from 1, 0 if unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def load(text: str) -> dict[str, Any]:
    """The content of a TOML text. Raises TomlError."""
    import tomli

    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        message = str(error.msg)
        return_at = _end(text) if error.pos >= len(text) else (error.lineno, error.colno)
        raise TomlError(message, *return_at) from None
    except ValueError:  # Python's own limit
        raise TomlError("a number has too many digits") from None
    except RecursionError:
        raise TomlError("nested too deeply") from None


def _end(text: str) -> tuple[int, int]:
    position = LineIndex(text).position(len(text))
    return position.line, position.column


class Spot(NamedTuple):
    """Offsets of a key and its value in the text. A table header has no value (`value` is empty)."""

    key: tuple[int, int]
    value: tuple[int, int]


class Scan:
    """Positions of table headers and keys by path; items of an array of tables count from 0.

    Keys inside inline tables and arrays are not listed: their parent is.
    """

    def __init__(self, lines: LineIndex) -> None:
        self.lines = lines
        self.tables: dict[Path, Spot] = {}
        self.keys: dict[Path, Spot] = {}

    def nearest(self, path: Path) -> Position:
        """Line and column of the key or table at `path`, else of the closest one above it, else of the file."""
        while path:
            spot = self.keys.get(path) or self.tables.get(path)
            if spot is not None:
                return self.lines.position(spot.key[0])
            path = path[:-1]
        return Position(1, 1)


_KEY_PART = lazily(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')[ \t]*""")
_SPACE = lazily(r"[ \t\r\n\ufeff]*")
_REST_OF_LINE = lazily(r"[^\n]*\n?")
# What matters inside a value: strings, comments, brackets, the end of the line. An unclosed quote ends it.
_VALUE = lazily(
    r'"""(?:[^\\]|\\[\s\S])*?"{3,5}|\'\'\'[\s\S]*?\'{3,5}|"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|["\']|#[^\n]*|[\[{\]}]|\n'
)
_OPEN = ('"""', "'''", '"', "'")


def scan(text: str) -> Scan:
    """Positions in a TOML text, in linear time; for broken text as many as possible."""
    result = Scan(LineIndex(text))
    counts: dict[Path, int] = {}
    prefix: Path = ()
    at = 0
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if at >= len(text):
            return result
        if text[at] == "[":
            double = text.startswith("[[", at)
            path, end = _key(text, at + (2 if double else 1))
            if path:
                prefix = _resolve(path, counts)
                if double:
                    counts[prefix] = counts.get(prefix, -1) + 1
                    prefix = (*prefix, counts[prefix])
                close = text.find("]", end)
                stop = min(close + (2 if double else 1), len(text)) if close >= 0 else end
                result.tables.setdefault(prefix, Spot((at, stop), (stop, stop)))
        elif text[at] != "#":
            path, end = _key(text, at)
            if path and text.startswith("=", end):
                start, stop = _value(text, end + 1)
                result.keys.setdefault((*prefix, *path), Spot((at, _trim(text, at, end)), (start, stop)))
                at = stop
        rest = _REST_OF_LINE.match(text, at)
        at = rest.end() if rest else len(text)


def _trim(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in " \t":
        end -= 1
    return end


def _resolve(path: tuple[str, ...], counts: dict[Path, int]) -> Path:
    """The path of a header with the current item of each array of tables above it."""
    result: Path = ()
    for index, part in enumerate(path):
        result = (*result, part)
        if index < len(path) - 1 and result in counts:
            result = (*result, counts[result])
    return result


def _key(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The parts of a dotted key from `at` on, and where it ends."""
    parts: list[str] = []
    while len(parts) < MAX_PARTS and (match := _KEY_PART.match(text, at)):
        bare, basic, literal = match.groups()
        parts.append(bare if bare is not None else literal if literal is not None else _unescape(basic))
        at = match.end()
        if not text.startswith(".", at):
            break
        at += 1
    return tuple(parts), at


_ESCAPE = lazily(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SHORT = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2)
        if code:
            number = int(code, 16)
            return chr(number) if number < 0x110000 else match.group()
        return _SHORT.get(match.group(3), match.group())

    return _ESCAPE.sub(replace, text)


def _value(text: str, at: int) -> tuple[int, int]:
    """Start and end of a value: up to its line's end, or to the end of its brackets."""
    while at < len(text) and text[at] in " \t":
        at += 1
    start = at
    depth = 0
    end = at
    while match := _VALUE.search(text, at):
        token = match.group()
        if (token == "\n" and depth <= 0) or token in _OPEN:
            return start, _stripped(text, start, match.start())
        if token.startswith("#"):
            if depth <= 0:
                return start, _stripped(text, start, match.start())
        elif token in "[{":
            depth += 1
        elif token in "]}":
            depth -= 1
        at = end = match.end()
    return start, _stripped(text, start, max(end, len(text)))


def _stripped(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    return end
