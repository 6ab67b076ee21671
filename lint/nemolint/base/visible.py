"""Text made fit for a terminal: nothing in it moves the cursor, hides or reorders characters, and widths are known."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nemolint.base.patterns import lazily

TAB = "    "
# What a CI runner acts on: anywhere in a line of a log (Azure Pipelines, GitHub Actions, TeamCity), and at the start of
# one (GitHub Actions). GitLab's markers hold a carriage return and an escape, which `visible` never leaves.
_SECTION = lazily("(section_(?:start|end)):")
_COMMAND = lazily(r"#(?=#(?:vso|teamcity)?\[)")
_OPENING = lazily(r"\s*:(?=:)")
# Stands for a `#` that is to be written as an escape, in a text whose length must not change yet.
_INERT = "\udc23"
# Controls, bidirectional marks, invisible characters and lone surrogates. A joiner (U+200D) may be part of an emoji.
_UNSAFE = lazily("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
# Latin, Greek and Cyrillic letters, punctuation, currencies, arrows, mathematics, boxes: one column each, which is told
# without the tables of `wcwidth`, whose import takes a fifth of the check of a file.
_NARROW = lazily(
    "[ -~\xa0-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u2300"
    "\u2500-\u257f]*"
)


def visible(text: str) -> str:
    """The text with tabs expanded and every character that a terminal would act on, or not show, written as an escape.

    A byte that was no UTF-8 is shown as the byte, e.g. `\\xff`, and so is the `#` that begins a command to a CI runner.
    A line that begins with such a text goes through `opening`, too.
    """
    return _UNSAFE.sub(_escape, inert(text))


def inert(text: str) -> str:
    """The text, its length kept, with no command to a CI runner left once it, or its parts, are made visible."""
    return _COMMAND.sub(_INERT, text) if "##" in text else text


def opening(line: str) -> str:
    """A line of output that no CI runner takes for a command, if what it is made of is visible."""
    return _OPENING.sub(lambda match: f"{match.group()[:-1]}\\x3a", line, count=1) if _OPENING.match(line) else line


def without_commands(line: str) -> str:
    """A line as it is but for what a CI runner would act on, which becomes an escape."""
    return opening(_SECTION.sub(r"\1\\x3a", _COMMAND.sub(r"\\x23", line)))


def in_ci(environ: Mapping[str, str]) -> bool:
    """True if a runner that acts on what is written reads the output."""
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
    """Columns that a visible text takes in a terminal."""
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
    """The longest beginning of a visible text that fits, a combining character kept with what it combines with."""
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
    """A visible text in lines of at most `columns`, broken at blanks; one line where `columns` is None.

    The lines stand behind `indent` columns, the first behind `first` if that is given. A word is never broken, so that
    paths and commands can be copied.
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
