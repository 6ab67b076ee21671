"""What a document says outside its commands: names of files that it mentions, and its text without the runs."""

from __future__ import annotations

from functools import lru_cache

from nemolint.base.patterns import lazily
from nemolint.document import Document

_FILE_NAME = lazily(r"(?<![\w.-])[\w.-]+\.\w{1,8}")
_VARIABLE = lazily(r"[A-Z](?<!\w.)[A-Z0-9_]++\b")
_GENERATES = lazily(r"(?i)\bgenerat(?:es?|ed|ing)\b(?:[ ]+[\w`.-]+){0,3}[ ]+(?:configs?|ya?ml)\b")


@lru_cache(maxsize=4)
def outside_runs(document: Document) -> str:
    """The text of the document with every run replaced by spaces, so that offsets stay the same.

    Apostrophes are plain ones.
    """
    parts: list[str] = []
    position = 0
    for run in document.runs:
        start, end = run.span.file_span()
        if start < position:
            continue
        parts.append(document.text[position:start])
        parts.append(" " * (end - start))
        position = end
    parts.append(document.text[position:])
    return "".join(parts).replace("\u2019", "'")


@lru_cache(maxsize=4)
def file_names(document: Document) -> frozenset[str]:
    """The last path part of every file that the document names outside its runs.

    A page that names a file outside of the command creates it, or tells its reader to.
    """
    return frozenset(match.group().lstrip("-") for match in _FILE_NAME.finditer(outside_runs(document)))


@lru_cache(maxsize=4)
def variables(document: Document) -> frozenset[str]:
    """Every ALL_CAPS name in the document."""
    return frozenset(_VARIABLE.findall(document.text))


@lru_cache(maxsize=4)
def generates_config(document: Document) -> bool:
    """True if the document says that something generates a config."""
    return _GENERATES.search(outside_runs(document)) is not None
