"""A text as a shell may read its words, before anything is parsed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from nemolint.base.patterns import lazily
from nemolint.sources.command_text import SUBCOMMAND

# A joined line, also within a string of JSON, with what a container may put before the next one: the tab of a recipe,
# the indent of a list, `> `, `# `.
_JOINED = lazily(r"\\(?:\r?\n|\\\\n(?:\",\s{0,40}\")?)[ \t>#]*+")
_QUOTING = ("\\", '"', "'")
# Quotes between parts of a word, which are not an apostrophe, and empty quotes at its end or its beginning.
_INSIDE = r"[\"'\\](?<=[\w$}.\-].)(?!(?<=\w')(?:d|ll|m|re|s|t|ve)\b)%s[\"'\\]*+(?=[\w$.\-])"
_QUOTE_INSIDE = lazily(_INSIDE % "")
# In code, a letter before a string is its prefix, and what is escaped is no letter of a word.
_QUOTE_INSIDE_CODE = lazily(_INSIDE % r"(?<!\W[rbfuRBFU][\"'])(?!(?<=\\)[nt])")
_EMPTY = lazily(
    r"[\"'](?:(?<=[\w\-]\")\"|(?<=[\w\-]')')(?![\"'])|[\"'](?:(?<!['\"]\")(?<=\")\"|(?<!['\"]')(?<=')')(?=[\w\-])"
)
# Quotes in a string, in which words begin anew, and joined lines.
_ANYWHERE = ('\\"', "\\'", "\\\n", "\\\r", "\\\\\\n")


@lru_cache(maxsize=4)
def lowered(text: str) -> str:
    """`text` in lower case, which takes long for a text that is not ASCII."""
    return text.lower()


def may_name(text: str, start: int, end: int, words: Iterable[str]) -> bool:
    """False if none of these words, which are in lower case, stands in `text[start:end]` in whatever case."""
    small = lowered(text)
    # A letter that is two in lower case moves all that follows.
    return len(small) != len(text) or any(small.find(word, start, end) >= 0 for word in words)


@lru_cache(maxsize=4)  # several looks at one text ask for it
def unquoted(text: str) -> str:
    """`text` without what may be inside a shell word but is not part of it: `nemo"tron"` is `nemotron`.

    Quotes, backslashes and joined lines are removed everywhere, so separate words may touch afterwards.
    """
    if any(sign in text for sign in ("\\\n", "\\\r", "\\\\\\n")):
        text = _JOINED.sub("", text)
    for mark in _QUOTING:
        text = text.replace(mark, "")
    return text


def names_subcommand(text: str) -> bool:
    """True if a text has the words `steps run`, which are a command if a variable holds the name of the program."""
    if "steps" in text and SUBCOMMAND.search(text) is not None:
        return True
    bare = unquoted(text)
    return bare != text and "steps" in bare and SUBCOMMAND.search(bare) is not None


@lru_cache(maxsize=4)
def readings(text: str, *, code: bool = False) -> tuple[str, ...]:
    """`text`, and what else its words may be: `unquoted`, if that has other words, also with its escapes decoded.

    `code`: the text is code in which strings may have prefixes.
    """
    if not _has_other_words(text, code):
        return (text,)
    bare = unquoted(text)
    if code or "\\n" not in text or not ('\\"' in text or "\\\\" in text):
        return text, bare
    return text, bare, unquoted(_JOINED.sub("", text).replace("\\n", "\n"))


def _has_other_words(text: str, code: bool) -> bool:
    """False for a text of which the words, and what is on a line, are the same without its quotes."""
    if not any(sign in text for sign in _QUOTING):
        return False
    if any(sign in text for sign in _ANYWHERE):
        return True
    if (_QUOTE_INSIDE_CODE if code else _QUOTE_INSIDE).search(text) is not None:
        return True
    return ('""' in text or "''" in text) and _EMPTY.search(text) is not None
