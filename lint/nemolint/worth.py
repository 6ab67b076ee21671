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


_NEMOTRON, _STEPS = _standing("nemotron"), _standing("steps")
# What may stand inside a word of a shell without being part of it.
_QUOTING = ("\\\n", "\\\r\n", "\\", '"', "'")


def unquoted(text: str) -> str:
    """`text` without quotes, backslashes and joined lines, wherever they stand: `nemo"tron"` is `nemotron`."""
    for mark in _QUOTING:
        text = text.replace(mark, "")
    return text


def names_command(text: str) -> bool:
    """False for a text in which no `nemotron steps run` can stand, in whatever container and over whatever variables.

    `src/nemotron/steps/…` and `nemotron.steps` name none.
    """
    nemotron, steps = _NEMOTRON.search(text) is not None, _STEPS.search(text) is not None
    if not (nemotron and steps):
        bare = unquoted(text)
        nemotron, steps = nemotron or _NEMOTRON.search(bare) is not None, steps or _STEPS.search(bare) is not None
    return nemotron and steps


def is_worth(text: str) -> bool:
    """False for a text that cannot hold anything to judge."""
    return "nemotron" in text or _WORTH.search(text) is not None
