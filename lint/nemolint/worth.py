"""A look at a text that tells whether anything in it could be reported."""

from __future__ import annotations

import re

from nemolint.pattern import lazily

# What no finding can do without: the command, a secret's name or format, a dump of the environment.
_WORTH = lazily(
    r"nemotron|token|key|secret|pass|login|mysql|cred|bearer|auth|\benv\b|printenv|\bset\b|export|declare|://|-----BEGIN|eyJ",
    re.IGNORECASE,
)


# What may stand before a word that begins there: no part of a word, or an escape of the container (`\n`, `\x20`).
_BEFORE = (
    r"(?<![\w.-]{word})",
    r"(?<=\\[A-Za-z]{word})",
    r"(?<=\\x[0-9A-Fa-f]{{2}}{word})",
    r"(?<=\\u[0-9A-Fa-f]{{4}}{word})",
    r"(?<=\\[0-7]{{3}}{word})",
)


def _standing(word: str) -> re.Pattern[str]:
    """Finds `word` where a shell could read it as a word, or as the last part of a path.

    What stands before is looked at last: a pattern that begins with its letters is found many times as fast.
    """
    before = "|".join(look.format(word=word) for look in _BEFORE)
    return lazily(rf"{word}(?:{before})(?![\w./-])")


_WORDS = tuple(_standing(word) for word in ("nemotron", "steps", "run"))
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


# Between two of its words stands no other, but for what an escape is made of; or a variable follows.
_GAP = r"(?:\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-7]{3}|[A-Za-z])|[^\w$%{}./])++"
_PAIRS = tuple(lazily(pair) for pair in (rf"steps{_GAP}run", rf"nemotron{_GAP}steps", rf"nemotron{_GAP}[$%{{]"))
# Kinds whose files may be cut off or misspelt, which is to be told where they seem to be about steps.
_CAN_BREAK = frozenset({"json", "toml", "yaml"})


def may_hold_run(text: str, kind: str) -> bool:
    """False for a text of this kind (see `nemolint.sources.kind_of`) in which no `nemotron steps run` can stand.

    That takes all three words, each as one that a shell could read: `src/nemotron/steps/…` names none. Quotes and
    joined lines may stand inside them, variables in their place, but not in that of all three.
    """
    if kind == "notebook":  # it may cut its text into strings within a word
        return True
    words = _WORDS[:2] if kind in _CAN_BREAK else _WORDS
    missing = [word for word in words if word.search(text) is None]
    bare = unquoted(text) if missing else ""
    if not all(word.search(bare) is not None for word in missing):
        return False
    # Python puts a list together from names.
    return kind in _CAN_BREAK or kind == "python" or any(pair.search(bare or text) is not None for pair in _PAIRS)


def is_worth(text: str) -> bool:
    """False for a text that cannot hold anything to judge."""
    return "nemotron" in text or _WORTH.search(text) is not None
