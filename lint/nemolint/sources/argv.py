"""Lists of arguments, written as the shell command that would pass them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources.command_text import names_command

MAX_WORDS = 2_000
SHELLS = frozenset({"ash", "bash", "dash", "ksh", "mksh", "sh", "zsh"})

_SAFE = lazily(r"[\w@%+=:,./-]+", re.ASCII)
_EXPANSION = lazily(r"\$[\w({@*]|\{\{")
_IN_DOUBLE = lazily(r'["\\`]')
_IN_SINGLE = lazily("'")


def add_word(builder: MapBuilder, word: TextMap, *, expands: bool = False) -> None:
    """Add one argument, with quotes (which are not in the file) if a shell would split or change it.

    `expands`: `$X` and `{{ X }}` in it are expanded, so they are not quoted.
    """
    if _SAFE.fullmatch(word.text):
        builder.extend(word)
    elif expands and _EXPANSION.search(word.text):
        _add_quoted(builder, word, '"', _IN_DOUBLE, "\\", "")
    else:
        _add_quoted(builder, word, "'", _IN_SINGLE, "'\"", "\"'")


def _add_quoted(
    builder: MapBuilder, word: TextMap, quote: str, special: re.Pattern[str], before: str, after: str
) -> None:
    """Add a word in quotes, with `before` and `after` around each special character."""
    text, position = word.text, 0
    builder.synthetic(quote, word.outer_start(0))
    for match in special.finditer(text):
        if match.start() > position:
            builder.extend(word.slice(position, match.start()))
        builder.synthetic(before, word.outer_start(match.start()))
        builder.extend(word.slice(match.start(), match.end()))
        builder.synthetic(after, word.outer_end(match.end()))
        position = match.end()
    if position < len(text):
        builder.extend(word.slice(position, len(text)))
    builder.synthetic(quote, word.outer_end(len(text)))


def join_words(words: Iterable[TextMap], *, expands: bool = False) -> TextMap:
    """The arguments as one line of shell."""
    builder = MapBuilder()
    first = 0
    for word in words:
        at = word.outer_start(0)
        if len(builder):
            builder.synthetic(" ", at)
        else:
            first = at
        add_word(builder, word, expands=expands)
    return builder.build(first)


def join_lines(lines: Sequence[TextMap]) -> TextMap:
    """Texts joined, each on lines of its own."""
    builder = MapBuilder()
    open_line = False
    for line in lines:
        if open_line:
            builder.synthetic("\n", line.outer_start(0))
        builder.extend(line)
        if line.text:
            open_line = not line.text.endswith("\n")
    return builder.build(lines[0].outer_start(0) if lines else 0)


def is_argv(words: Sequence[str]) -> bool:
    """True if `nemotron` (or a path to it) and later `steps` are separate arguments. A huge list is data."""
    if len(words) > MAX_WORDS:
        return False
    for index, word in enumerate(words):
        if word.rpartition("/")[2] == "nemotron":
            return "steps" in words[index + 1 :]
    return False


def starts_shell(words: Sequence[str]) -> bool:
    """True if an argument is a shell and a later one is text that names the command: `bash`, `-c`, `nemotron …`."""
    if len(words) > MAX_WORDS:
        return False
    shell = next((at for at, word in enumerate(words) if word.rpartition("/")[2] in SHELLS), len(words))
    return any(map(names_command, words[shell + 1 :]))
