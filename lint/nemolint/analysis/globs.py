"""Globs as paths: their literal parent, and the globs that a document gives as input."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Document

_MAGIC = lazily(r"[*?]|\[[^\]/]{1,40}\]")
# A path with a `*` or `?` in it, as written in a text.
_TOKEN = lazily(r"[^\s`'\"<>|;,(){}=\\]+")
# How a text describes files that a run writes.
_OUTPUT = lazily(
    r"(?i)\b(?:out(?:puts?|come)|writ(?:es?|ten|ing)|produc\w+|creat\w+|sav(?:es?|ed)|emit\w*|generat\w+|results?)\b"
)
_LONGEST = 4096


class GlobText(NamedTuple):
    """A glob in a document's text: its place and its literal parent."""

    text: str
    parent: str
    start: int
    end: int


def has_magic(path: str) -> bool:
    """True if a path contains `*`, `?` or a character class."""
    return _MAGIC.search(path) is not None


def literal_parent(path: str) -> str:
    """The folder above the first part that contains a pattern, normalised; an empty string if there is none."""
    match = _MAGIC.search(path)
    if match is None or "/" not in path[: match.start()]:
        return ""
    return normal(path[: path.rindex("/", 0, match.start())]) or "/"


def normal(path: str) -> str:
    """A path without a leading `./` and a trailing `/`."""
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return path.rstrip("/")


def in_text(text: str) -> list[GlobText]:
    """The globs of a text that have a literal parent, in order."""
    found: list[GlobText] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if ("*" not in token and "?" not in token) or "/" not in token or len(token) > _LONGEST:
            continue
        if "://" in token and "?" in token and "*" not in token:
            continue  # the query of a URL
        start = match.start()
        token = token.rstrip(".:!")
        if token.startswith("**") and (token.endswith("**") or not token.startswith("**/")):  # bold text of a page
            token = token[2:].removesuffix("**")
            start += 2
        parent = literal_parent(token)
        if parent:
            found.append(GlobText(token, parent, start, start + len(token)))
    return found


@lru_cache(maxsize=4)
def given(document: Document) -> dict[str, GlobText]:
    """Literal parent -> the glob that a document's text gives as an input.

    Not included: globs in other commands (`ls data/*.jsonl`), globs that their line calls an output, and folders that a
    run of the document writes to. Variables that a script sets are.
    """
    spans = sorted(command.span.file_span() for command in document.commands if command.words)
    starts = [span[0] for span in spans]
    result: dict[str, GlobText] = {}
    for found in in_text(document.text):
        index = bisect_right(starts, found.start) - 1
        if index >= 0 and found.start < spans[index][1]:
            continue
        line_start = max(document.text.rfind("\n", 0, found.start), found.start - 200, 0)
        if _OUTPUT.search(document.text, line_start, found.start):
            continue
        result.setdefault(found.parent, found)
    return result


@lru_cache(maxsize=4)
def overridden(document: Document) -> dict[tuple[str, str], GlobText]:
    """(key, literal parent) -> the glob that a run of the document gives to the key."""
    result: dict[tuple[str, str], GlobText] = {}
    for run in document.runs:
        for override in run.overrides:
            text = override.value.text
            if has_magic(text) and (parent := literal_parent(text)):
                span = override.value.span.file_span()
                result.setdefault((override.key, parent), GlobText(text, parent, *span))
    return result


@lru_cache(maxsize=4)
def asked(document: Document) -> dict[str, str]:
    """Literal parent -> the glob that the question of an answer gives."""
    return {found.parent: found.text for found in reversed(in_text(document.prompt or ""))}


_WRITTEN_KEY = lazily(r"(?:^|[._])(?:output|out|save|dest|export|results?)(?:_|$|\.)")


@lru_cache(maxsize=4)
def written(document: Document) -> frozenset[str]:
    """The folders that the runs of a document write to, as their overrides say."""
    return frozenset(
        normal(override.value.text)
        for run in document.runs
        for override in run.overrides
        if _WRITTEN_KEY.search(override.key) and "/" in override.value.text
    )
