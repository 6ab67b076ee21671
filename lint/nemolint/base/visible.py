"""Text made safe for a terminal: nothing in it moves the cursor, hides or reorders characters, and widths are known."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nemolint.base.patterns import lazily

TAB = "    "
# Commands to CI runners: anywhere in a line of a log (Azure Pipelines, GitHub Actions, TeamCity), and at its start
# (GitHub Actions). GitLab's markers contain a carriage return and an escape, which `visible` removes.
_SECTION = lazily("(section_(?:start|end)):")
_COMMAND = lazily(r"#(?=#(?:vso|teamcity)?\[)")
_OPENING = lazily(r"\s*:(?=:)")
# Marks a `#` that will be escaped, in a text whose length must not change yet.
_INERT = "\udc23"
# Controls, bidirectional marks, invisible characters and lone surrogates. A joiner (U+200D) may be part of an emoji.
_UNSAFE = lazily("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
# Latin, Greek and Cyrillic letters, punctuation, currencies, arrows, mathematics, boxes: one column each, without the
# tables of `wcwidth`, whose import takes a fifth of the time of checking a file.
_NARROW = lazily(
    "[ -~\xa0-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u2300"
    "\u2500-\u257f]*"
)


def visible(text: str) -> str:
    """The text with tabs expanded and every control or invisible character escaped.

    A byte that was not UTF-8 is shown as the byte, e.g. `\\xff`, and so is the `#` that begins a command to a CI
    runner. A line that begins with such text must go through `opening`, too.
    """
    return _UNSAFE.sub(_escape, inert(text))


def inert(text: str) -> str:
    """The text, at equal length, without commands to a CI runner after it, or its parts, are made visible."""
    return _COMMAND.sub(_INERT, text) if "##" in text else text


def opening(line: str) -> str:
    """A line of output that no CI runner reads as a command, if its parts are visible."""
    return _OPENING.sub(lambda match: f"{match.group()[:-1]}\\x3a", line, count=1) if _OPENING.match(line) else line


def without_commands(line: str) -> str:
    """A line in which only commands to a CI runner are escaped."""
    return opening(_SECTION.sub(r"\1\\x3a", _COMMAND.sub(r"\\x23", line)))


def in_ci(environ: Mapping[str, str]) -> bool:
    """True if a CI runner reads the output."""
    return any(environ.get(name) for name in ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", "GITLAB_CI"))


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char == "\t":
        return TAB
    code = ord(char)
    if 0xDC00 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def width(text: str) -> int:
    """The width of a visible text in a terminal, in columns."""
    if text.isascii() or _NARROW.fullmatch(text):
        return len(text)
    return sum(char_width(char) for char in text)


def char_width(char: str) -> int:
    """Columns of one visible character: 2 for wide ones, 0 for combining ones."""
    if char.isascii() or _NARROW.fullmatch(char):
        return 1
    from wcwidth import wcwidth

    return max(int(wcwidth(char)), 0)


def cut(text: str, columns: int) -> str:
    """The longest beginning of a visible text that fits, with combining characters kept with their base."""
    if text.isascii():
        return text[:columns]
    used = 0
    for index, char in enumerate(text):
        used += char_width(char)
        if used > columns:
            return text[:index]
    return text


def cut_left(text: str, columns: int) -> str:
    """The longest end of a visible text that fits."""
    if text.isascii():
        return text[len(text) - min(columns, len(text)) :]
    used = 0
    index = len(text)
    while index > 0:
        used += char_width(text[index - 1])
        if used > columns:
            break
        index -= 1
    while index < len(text) and char_width(text[index]) == 0:
        index += 1
    return text[index:]


def wrapped(text: str, columns: int | None, indent: int, *, first: int | None = None) -> list[str]:
    """A visible text in lines of at most `columns`, broken at blanks; one line if `columns` is None.

    The lines are indented by `indent` columns, the first by `first` if given. Words are never broken, so that paths and
    commands can be copied.
    """
    if columns is None:
        return [text]
    lines: list[str] = []
    line = ""
    used = room = max(columns - (indent if first is None else first), 20)
    for word in text.split(" "):
        size = width(word)
        if line and used + 1 + size > room:
            lines.append(line)
            line, used, room = word, size, max(columns - indent, 20)
        elif line:
            line, used = f"{line} {word}", used + 1 + size
        else:
            line, used = word, size
    return [*lines, line]
