"""A look at a text that tells whether anything in it could be reported."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily

# What no finding can do without: the command, a secret's name or format, a dump of the environment.
_WORTH = lazily(
    r"nemotron|token|key|secret|pass|login|mysql|cred|bearer|auth|\benv\b|printenv|\bset\b|export|declare|://|-----BEGIN|eyJ",
    re.IGNORECASE,
)


# The command as it is named literally, whatever blanks or continuations stand between.
MENTION = lazily(r"nemotron(?<!\wnemotron)(?:\s|\\\r?\n)+steps(?:\s|\\\r?\n)+run\b")
# What a container writes for a character that no word holds, and that may touch one: a line end, a blank.
ESCAPES = (
    r"\\U[0-9A-Fa-f]{8}", r"\\u[0-9A-Fa-f]{4}", r"\\x[0-9A-Fa-f]{2}", r"\\[0-7]{3}", r"\\[0-7]{2}", r"\\[A-Za-z]",
)  # fmt: skip


def begun(word: str, inside: str = r"\w", before: str = "") -> str:
    """A pattern for `word` where nothing of the class `inside` stands before it, unless that is part of an escape.

    `before` gives further conditions, as lookbehinds from the end of the word. What stands before is looked at last: a
    pattern that begins with its letters is found many times as fast.
    """
    escapes = "|".join(rf"(?<={escape}{word})" for escape in ESCAPES)
    return rf"{word}(?:(?<![{inside}]{word}){before}|{escapes})"


# Where a shell could read each as a word, or as the last part of a path.
_WORDS = tuple(lazily(begun(word, r"\w.-") + r"(?![\w./-])") for word in ("nemotron", "steps", "run"))
# A joined line, with what a container may put before the next: the tab of a recipe, the indent of a list, `> `, `# `.
_JOINED = lazily(r"\\\r?\n[ \t>#]*+")
_QUOTING = ("\\", '"', "'")


def unquoted(text: str) -> str:
    """`text` without what may stand inside a word of a shell and is no part of it: `nemo"tron"` is `nemotron`.

    Quotes, backslashes and joined lines go wherever they stand, so that words may touch that did not.
    """
    if "\\\n" in text or "\\\r" in text:
        text = _JOINED.sub("", text)
    for mark in _QUOTING:
        text = text.replace(mark, "")
    return text


# In prose: between two of its words stands no other, or a variable follows, or the name ends a value, or a line that is
# joined to the next.
_GAP = rf"(?:{'|'.join(ESCAPES)}|[^\w$%{{}}./])++"
_TOGETHER = (
    lazily(rf"steps{_GAP}run"),
    lazily(rf"nemotron(?:{_GAP}(?:steps|[$%{{])|[ \t]*+(?:\\\r?\n|[\"')\]}}]))"),
)
# What stands before a name that begins a line, a command or a value, out of which another line may make a command.
_BEGINNING = lazily(r"(?:\A|[\r\n=(\[{,;&|$%!])[ \t>\"'-]*+(?:[^\s\"'`]*/)?\Z")
_MOST_BEFORE = 200
PROSE = frozenset({"markdown", "rst", "text"})
# Kinds whose files may be cut off or misspelt, which is to be told where they seem to be about steps.
_CAN_BREAK = frozenset({"json", "python", "toml", "yaml"})


def may_hold_run(text: str, kind: str) -> bool:
    """False for a text of this kind (see `nemolint.sources.kind_of`) in which no `nemotron steps run` can stand.

    That takes all three words, each as one that a shell could read: `src/nemotron/steps/…` names none. Quotes and
    joined lines may stand inside them. Prose that has all three (`nemotron` runs in steps) holds a run only where
    something puts them together.
    """
    if kind == "notebook" or MENTION.search(text):  # a notebook may cut its text into strings within a word
        return True
    words = _WORDS[:2] if kind in _CAN_BREAK else _WORDS
    missing = [word for word in words if word.search(text) is None]
    bare = unquoted(text) if missing else ""
    if not all(word.search(bare) is not None for word in missing):
        return False
    return kind not in PROSE or _puts_together(bare or text)


def _puts_together(text: str) -> bool:
    """Whether something in a text that has all three words may make a command of them."""
    if any(look.search(text) is not None for look in _TOGETHER):
        return True
    starts = (match.start() for match in _WORDS[0].finditer(text))
    return any(_BEGINNING.search(text, max(start - _MOST_BEFORE, 0), start) is not None for start in starts)


def is_worth(text: str) -> bool:
    """False for a text that cannot hold anything to judge."""
    return "nemotron" in text or _WORTH.search(text) is not None
