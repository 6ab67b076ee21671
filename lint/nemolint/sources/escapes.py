"""Character escapes of containers, as patterns, and the signs of templates, for a text that is not parsed yet."""

from __future__ import annotations

# What begins something that another program fills in, or leaves out (see `templates.py`).
TEMPLATE_SIGNS = ("{{", "{%", "<<#", "<<^")
# Escapes of a character that is not part of a word but may touch one: a line end, a blank.
ESCAPES = (
    r"\\U[0-9A-Fa-f]{8}", r"\\u[0-9A-Fa-f]{4}", r"\\x[0-9A-Fa-f]{2}", r"\\[0-7]{3}", r"\\[0-7]{2}", r"\\[A-Za-z]",
)  # fmt: skip


def begun(word: str, inside: str = r"\w", before: str = "", also: tuple[str, ...] = ()) -> str:
    """A pattern for `word` with nothing of the class `inside` before it, except as part of an escape.

    `before` gives further conditions, as lookbehinds from the end of the word, and `also` others that do instead. What
    precedes is matched last: a pattern that begins with its letters is many times as fast.
    """
    instead = "|".join([*(rf"(?<={escape}{word})" for escape in ESCAPES), *also])
    return rf"{word}(?:(?<![{inside}]{word}){before}|{instead})"
