"""How containers write a character by its number or name, as patterns for a text that was not read yet."""

from __future__ import annotations

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
