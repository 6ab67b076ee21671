"""Patterns as in `.gitignore`, matched like git does, in linear time.

A pattern becomes a regular expression that matches each piece between two stars at the first possible place and never
backtracks (atomic groups): if that fails, nothing else would have matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from nemolint.base.named_tuple import NamedTuple

MOST_PATTERNS = 10_000  # in all lists of one set of settings together

_LONGEST = 4096  # no path is longer, so a longer pattern matches none
_END = r"(?=/|\Z)"
_NAMED_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "\\x21-\\x7e",
    "lower": "a-z",
    "print": "\\x20-\\x7e",
    "punct": "\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e",
    "space": "\\t\\n\\v\\f\\r ",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}


class _Pattern:
    """One pattern. `name_only`: it matches the last part of a path. Compiled on first use."""

    def __init__(self, text: str) -> None:
        self.negated = text.startswith("!")
        text = text[self.negated :]
        self.folder_only = text.endswith("/")
        text = text.removesuffix("/")
        self.name_only = "/" not in text
        self._text = text.removeprefix("/")

    @cached_property
    def regex(self) -> re.Pattern[str] | None:
        """The expression for a whole path (a whole name), None for a pattern that matches nothing."""
        if not self._text or len(self._text) > _LONGEST:
            return None
        source = _segment(self._text) if self.name_only else _path(self._text)
        try:
            return re.compile(source, re.DOTALL) if source is not None else None
        except re.error:  # too large for the module
            return None


class IgnorePatterns:
    """Patterns in the order of their lines: the last one that matches decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        texts = (_stripped(line) for line in lines)
        self._patterns = [_Pattern(text) for text in reversed([*texts]) if text and not text.startswith("#")]
        self._last = ("", False)  # files of a folder come in sequence

    def match(self, path: str, folder: bool) -> bool:
        """True if a path (relative, with `/`) is matched, or a folder above it. `folder`: it is one itself."""
        above = path.rpartition("/")[0]
        if above != self._last[0]:
            ends = [at for at, char in enumerate(path) if char == "/"]
            self._last = (above, any(self._decided(path[:end], True) for end in ends))
        return (bool(above) and self._last[1]) or self._decided(path, folder)

    def _decided(self, path: str, folder: bool) -> bool:
        name = path.rpartition("/")[2]
        for pattern in self._patterns:
            if pattern.folder_only and not folder:
                continue
            regex = pattern.regex
            if regex is not None and regex.fullmatch(name if pattern.name_only else path):
                return not pattern.negated
        return False


def quoted_letter(pattern: str) -> str | None:
    """What is wrong with a pattern that quotes a letter or a digit, which nobody needs to, else None."""
    if not re.search(r"(?<!\\)(?:\\\\)*\\\w", pattern):
        return None
    return f"`{pattern}` has a backslash, which quotes the next character as in .gitignore: separate folders by `/`"


def unusable(pattern: str) -> str | None:
    """What is wrong with a pattern that no path matches, else None."""
    text = _stripped(pattern)
    if not text or text.startswith("#") or _Pattern(text).regex is None:
        return f"`{pattern}` matches no file: write it as in .gitignore"
    return None


def _stripped(line: str) -> str:
    """A line without trailing blanks, of which a backslash keeps one."""
    line = line.rstrip("\r\n")
    stripped = line.rstrip(" ")
    if len(stripped) < len(line) and (len(stripped) - len(stripped.rstrip("\\"))) % 2:
        stripped += " "
    return stripped


def _path(text: str) -> str | None:
    """The expression of a pattern with slashes."""
    groups: list[list[str]] = [[]]
    for part in _parts(text):
        if len(part) > 1 and not part.strip("*"):
            groups.append([])
            continue
        segment = _segment(part)
        if segment is None:
            return None
        groups[-1].append(segment)
    first, *others = ("/".join(group) for group in groups)
    if not others:
        return first
    *middle, last = others
    parts = [f"{first}/" if first else ""]
    parts += [f"(?>(?:[^/]+/)*?{group}/)" for group in middle if group]
    # `a/**` is everything inside the folder.
    parts.append(f"(?:[^/]+/)*?{last}" if last else ".+")
    return "".join(parts)


def _parts(text: str) -> list[str]:
    """The parts between slashes; a slash in a class does not separate, one after a backslash does."""
    parts: list[str] = [""]
    at = 0
    while at < len(text):
        end = at + 1
        if text[at] == "[" and (found := _class(text, end)) is not None:
            end = found.end
        elif text[at] == "\\" and text[end : end + 1] not in ("", "/"):
            end += 1
        if text[at] == "/":
            parts.append("")
        elif text[at:end] != "\\" or end == len(text):
            parts[-1] += text[at:end]
        at = end
    return parts


def _segment(text: str) -> str | None:
    """The expression of a part without slashes; None if it is invalid, so that it matches nothing."""
    pieces: list[str] = [""]
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            if pieces[-1] or len(pieces) == 1:
                pieces.append("")
        elif char == "?":
            pieces[-1] += "[^/]"
        elif char == "\\":
            if at == len(text):
                return None
            pieces[-1] += re.escape(text[at])
            at += 1
        elif char == "[":
            found = _class(text, at)
            if found is None:
                return None
            pieces[-1] += found.source
            at = found.end
        else:
            pieces[-1] += re.escape(char)
    if len(pieces) == 1:
        return pieces[0] + _END
    first, *middle, last = pieces
    return "".join([first, *(f"(?>[^/]*?{piece})" for piece in middle), "[^/]*", last, _END])


class _Bracket(NamedTuple):
    source: str
    end: int


def _class(text: str, at: int) -> _Bracket | None:
    """The class that begins after its bracket; None if it is not closed."""
    negated = text[at : at + 1] in ("!", "^")
    at += negated
    start = at
    parts: list[str] = []
    while at < len(text):
        if text[at] == "]" and at > start:
            return _Bracket(f"(?!/)[{'^' if negated else ''}{''.join(parts)}]", at + 1)
        if text.startswith("[:", at) and (close := text.find(":]", at + 2)) >= 0:
            named = _NAMED_CLASSES.get(text[at + 2 : close])
            if named is None:
                return None
            parts.append(named)
            at = close + 2
            continue
        low, at = _member(text, at)
        if low is None:
            return None
        if text.startswith("-", at) and at + 1 < len(text) and text[at + 1] != "]":
            high, at = _member(text, at + 1)
            if high is None:
                return None
            if low < high:
                parts.append(f"{re.escape(low)}-{re.escape(high)}")
        parts.append(re.escape(low))
    return None


def _member(text: str, at: int) -> tuple[str | None, int]:
    """A character of a class, and where it ends; None for a trailing backslash."""
    if text[at] != "\\":
        return text[at], at + 1
    return (text[at + 1], at + 2) if at + 1 < len(text) else (None, at)
