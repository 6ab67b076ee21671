"""What is masked in a document besides the secrets that are reported.

A rule reports what it is sure of. A mask may be too large: credentials are read as the shell or a parser would put them
together (`joined.py`), and values under a secret's name are found in every notation (`notations.py`), whatever kind of
file it is. Offsets are code points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nemolint.document import Document
from nemolint.secrets.joined import credentials
from nemolint.secrets.notations import Concealed, named_values

_SEAM = 8


def conceal(document: Document) -> tuple[Concealed, ...]:
    """Everything in a document that must not be shown, by position. Formats may overlap."""
    text = document.text
    found = [*credentials(text, document.kind), *_apart(sorted(named_values(text, document.kind)))]
    return tuple(sorted(found))


def _apart(found: Iterable[Concealed]) -> Iterator[Concealed]:
    """Values in order without repetition, so that a long run of names and signs costs no more than its length."""
    reached = 0
    for item in found:
        if item.end <= reached:
            continue
        # The windows across the seam belong to the rest.
        start = max(item.start, reached - _SEAM)
        yield item._replace(start=start, value=item.value[start - item.start :])
        reached = item.end


def texts_of(found: Iterable[Concealed], text: str) -> dict[str, str]:
    """The spellings in the text of values that are written with escapes, with what is shown instead."""
    return {
        text[item.start : item.end]: item.label
        for item in found
        if not item.key and text[item.start : item.end] != item.value
    }
