"""Close matches and lists of names for messages: the one place that decides what resembles what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_LONGEST = 120  # longer texts are no misspelt name, and comparing them would cost time


def close_matches(text: str, names: Iterable[str], *, most: int = 3, cutoff: float = 0.6) -> tuple[str, ...]:
    """Up to `most` of `names` that resemble `text`, the closest first. Case and `-` or `_` make no difference."""
    if not text or len(text) > _LONGEST:
        return ()
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(_fold(name), name)
    return tuple(folded[found] for found in get_close_matches(_fold(text), list(folded), n=most, cutoff=cutoff))


def _fold(name: str) -> str:
    return name.lower().replace("-", "_")


def or_list(names: Sequence[str]) -> str:
    """`a`, `b` or `c`, each in backticks."""
    marked = [f"`{name}`" for name in names]
    if len(marked) < 2:
        return "".join(marked)
    return f"{', '.join(marked[:-1])} or {marked[-1]}"


def and_list(names: Sequence[str]) -> str:
    """`a`, `b` and `c`, each in backticks."""
    marked = [f"`{name}`" for name in names]
    if len(marked) < 2:
        return "".join(marked)
    return f"{', '.join(marked[:-1])} and {marked[-1]}"
