"""A text as a shell may read its words, before anything is parsed."""

from __future__ import annotations

from functools import lru_cache

from nemolint.base.patterns import lazily

# A joined line, with what a container may put before the next one: the tab of a recipe, the indent of a list, `> `, `#
# `.
_JOINED = lazily(r"\\\r?\n[ \t>#]*+")
_QUOTING = ("\\", '"', "'")


@lru_cache(maxsize=4)
def lowered(text: str) -> str:
    """`text` in lower case, which takes long for a text that is not ASCII."""
    return text.lower()


@lru_cache(maxsize=4)  # several looks at one text ask for it
def unquoted(text: str) -> str:
    """`text` without what may be inside a shell word but is not part of it: `nemo"tron"` is `nemotron`.

    Quotes, backslashes and joined lines are removed everywhere, so separate words may touch afterwards.
    """
    if "\\\n" in text or "\\\r" in text:
        text = _JOINED.sub("", text)
    for mark in _QUOTING:
        text = text.replace(mark, "")
    return text
