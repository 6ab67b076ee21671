"""Masks secrets in whatever is shown: excerpts, messages, fixes, JSON, tracebacks.

More is masked in a document than is reported (`conceal.py`).

The contract: no masked text contains six consecutive characters of a secret's value after its fixed prefix (of values
under a secret's name: if they have eight characters or more).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Document
from nemolint.secrets.beginnings import may_hold
from nemolint.secrets.collector import Secret, collect
from nemolint.secrets.conceal import conceal, texts_of
from nemolint.secrets.formats import find_masked
from nemolint.secrets.notations import Concealed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

WINDOW = 6
_SHORTEST = 8

# Words that a value may share with its own key or with this tool's messages, and that need no mask.
_PROTECTED = lazily(
    r"(?i)pass(?:word|wd|phrase)|secrets?|tokens?|credentials?|authorization|bearer|nemotron|nvidia|api[_-]?key"
)
# What comes between a name and its value, and its greatest length.
_SIGN = lazily(r"[\"']?\s{0,8}[=:\s]\s{0,8}[\"']?")
_LONGEST_SIGN = 19
_BEHIND = lazily(r"(?<=[\"'=:\s])")
_WORD = lazily(r"\w")
_FEW = 8  # up to this number, values are searched one by one
_BEGINNING = 6  # no credential is shorter


class _Range(NamedTuple):
    start: int
    end: int
    label: str


class _Short(NamedTuple):
    """The mask of a short value, and the name that it is given under."""

    label: str
    key: str


class MaskedText:
    """A piece of a file with its secrets masked. `start:end` are file offsets, `masks` what was replaced, in order."""

    __slots__ = ("_places", "end", "masks", "start", "text")

    def __init__(self, text: str, start: int, end: int, masks: tuple[tuple[int, int, str], ...] = ()) -> None:
        self.text, self.start, self.end, self.masks = text, start, end, masks
        self._places: tuple[list[int], list[int]] | None = None

    def offset(self, file_offset: int, *, end: bool = False) -> int:
        """The position of a file offset in `text`. Inside a mask: its start, or its end for the `end` of a span."""
        if self._places is None:
            grown = (len(marker(label)) - (last - first) for first, last, label in self.masks)
            self._places = [first for first, _, _ in self.masks], [0, *accumulate(grown)]
        firsts, shifts = self._places
        # The last mask that begins before the offset; at it, too, unless a span ends there.
        index = (bisect_left if end else bisect_right)(firsts, file_offset) - 1
        if index >= 0 and file_offset < self.masks[index][1]:
            first, _, label = self.masks[index]
            inner = len(marker(label)) if end and file_offset > first else 0
            return first - self.start + shifts[index] + inner
        return min(max(file_offset, self.start), self.end) - self.start + shifts[index + 1]


def marker(label: str) -> str:
    """What replaces a secret: `[REDACTED nvidia-nvapi]`."""
    return f"[REDACTED {label}]"


def mask_formats(text: str) -> str:
    """`text` with every credential of a known format masked. For text without a document.

    No mask spans two strings of a JSON text.
    """
    return _replace(
        text,
        [
            _Range(match.start, match.end, match.label)
            for match in find_masked(text)
            if match.label != "private-key" or '"' not in text[match.start : match.end]
        ],
    )


class Redactor:
    """Masks the secrets of one document. Expensive parts are computed on first use, which most documents never need."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets of the document that a rule may report, by position."""
        return tuple(item for item in collect(self.document) if item.certain or item.site != "name-field")

    @cached_property
    def _concealed(self) -> tuple[Concealed, ...]:
        return conceal(self.document)

    @property
    def knows(self) -> bool:
        """True if the document has anything to mask."""
        return bool(self.secrets or self._concealed)

    @cached_property
    def _values(self) -> tuple[dict[str, str], dict[str, _Short]]:
        """The mask of each run of six characters of a value, and the values that are too short for that."""
        grams: dict[str, str] = {}
        short: dict[str, _Short] = {}

        def learn(value: str, label: str, key: str, known_format: bool) -> None:
            if len(value) < _SHORTEST and not known_format:
                short.setdefault(value, _Short(label, key))
                return
            for form in _written(value):
                for start in range(len(form) - WINDOW + 1):
                    grams.setdefault(form[start : start + WINDOW], label)

        known = {secret.value: secret for secret in reversed(self.secrets)}
        for secret in known.values():
            learn(secret.value[secret.value_start :], secret.label, secret.key, secret.known_format)
        for item in self._concealed:
            if item.value not in known:
                learn(item.value[item.value_start :], item.label, item.key, not item.key)
        return grams, short

    @property
    def _grams(self) -> dict[str, str]:
        return self._values[0]

    @property
    def _short(self) -> dict[str, _Short]:
        return self._values[1]

    @cached_property
    def _spelt(self) -> dict[str, str]:
        return texts_of(self._concealed, self.document.text)

    def _found(self, text: str) -> list[_Range]:
        """Everything in `text` that must not be shown: pieces of known values, and credentials of a known format."""
        found = [_Range(match.start, match.end, match.label) for match in find_masked(text)] if may_hold(text) else []
        grams = self._grams
        if grams and len(text) >= WINDOW:
            found += self._windows(text)
        if self._spelt:
            found += self._spellings(text)
        if self._short:
            found += self._shorts(text)
        return found

    def _spellings(self, text: str) -> Iterator[_Range]:
        """Values as the document writes them: with escapes, quotes or line breaks in between."""
        spelt = self._spelt
        if len(spelt) <= _FEW and not any(value in text for value in spelt):
            return
        # Each possible start is visited once, however many values there are.
        for start in range(len(text) - _BEGINNING + 1):
            for value in self._beginnings.get(text[start : start + _BEGINNING], ()):
                if text.startswith(value, start):
                    yield _Range(start, start + len(value), spelt[value])

    @cached_property
    def _beginnings(self) -> dict[str, list[str]]:
        """The spellings of values in the document, by their first characters."""
        found: dict[str, list[str]] = {}
        for value in self._spelt:
            found.setdefault(value[:_BEGINNING], []).append(value)
        return found

    def _shorts(self, text: str) -> Iterator[_Range]:
        """Short values: as the whole text, and after their names."""
        short = self._short
        if (whole := short.get(text)) is not None:
            yield _Range(0, len(text), whole.label)
        if len(short) <= _FEW and not any(value in text for value in short):
            return
        # Each possible start is visited once, however many values there are.
        for match in _BEHIND.finditer(text):
            start = match.start()
            for length in self._lengths:
                secret = short.get(text[start : start + length])
                if secret is None or secret is whole or not secret.key or start + length > len(text):
                    continue
                if _WORD.match(text, start + length) is None and _stands_before(text, secret.key, start):
                    yield _Range(start, start + length, secret.label)

    @cached_property
    def _lengths(self) -> list[int]:
        """The lengths of the short values."""
        return sorted({len(value) for value in self._short})

    def _windows(self, text: str) -> list[_Range]:
        """Runs of characters from known values, except for words that only say what kind of value it is."""
        grams = self._grams
        runs: list[_Range] = []
        for start in range(len(text) - WINDOW + 1):
            label = grams.get(text[start : start + WINDOW])
            if label is None:
                continue
            if runs and start <= runs[-1].end:
                runs[-1] = _Range(runs[-1].start, start + WINDOW, runs[-1].label)
            else:
                runs.append(_Range(start, start + WINDOW, label))
        if not runs:
            return runs
        words = [match.span() for match in _PROTECTED.finditer(text)]
        starts = [start for start, _ in words]
        kept = []
        for run in runs:
            index = bisect_right(starts, run.start) - 1
            if index < 0 or words[index][1] < run.end:
                kept.append(run)
        return kept

    @cached_property
    def ranges(self) -> list[_Range]:
        """What must not be shown of the document itself, as file offsets, in order, without overlaps."""
        found = [_Range(*secret.span.file_span(), secret.label) for secret in self.secrets]
        found += [_Range(item.start, item.end, item.label) for item in self._concealed]
        if found:
            found += self._found(self.document.text)
        return _joined(found)

    def mask(self, start: int, end: int) -> MaskedText:
        """Characters `start:end` of the document's text, secrets masked."""
        ranges = self.ranges
        first = bisect_right(ranges, start, key=lambda item: item.end)
        inside: list[_Range] = []
        for item in ranges[first:]:
            if item.start >= end:
                break
            inside.append(_Range(max(item.start, start), min(item.end, end), item.label))
        relative = [_Range(item.start - start, item.end - start, item.label) for item in inside]
        return MaskedText(_replace(self.document.text[start:end], relative), start, end, tuple(inside))

    def scrub(self, text: str) -> str:
        """Any other text (a message, a fix, a JSON value, a traceback), secrets masked. Scrubbing twice is harmless."""
        return _replace(text, _joined(self._found(text)))


def _stands_before(text: str, key: str, start: int) -> bool:
    """True if a key precedes a value that begins at `start`: `key=`, `"key": "`, `key `."""
    first = start
    while first > max(start - _LONGEST_SIGN, 0) and (text[first - 1] in "\"'=:" or text[first - 1].isspace()):
        first -= 1
    return any(text.endswith(key, 0, at) and _SIGN.fullmatch(text, at, start) is not None for at in range(first, start))


def scrubbed(value: Any, redactors: Iterable[Redactor]) -> Any:
    """JSON-ready data with the secrets of these redactors, and credentials of a known format, masked in every text."""
    known = [redactor for redactor in redactors if redactor.knows]

    def text(given: str) -> str:
        for redactor in known:
            given = redactor.scrub(given)
        return mask_formats(given) if may_hold(given) else given

    def data(given: Any) -> Any:
        if isinstance(given, str):
            return text(given)
        if isinstance(given, dict):
            return {data(key): data(item) for key, item in given.items()}
        return [data(item) for item in given] if isinstance(given, list | tuple) else given

    return data(value)


def _written(value: str) -> set[str]:
    """The spellings of a value in outputs: bare, in JSON, HTML, a URL, a shell's quotes."""
    import html
    from urllib.parse import quote

    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        quote(value, safe="", errors="surrogatepass"),
        value.replace("'", "'\\''"),
        value.replace("'", "'\"'\"'"),
        re.sub(r"([^\w@%+=:,./-])", r"\\\1", value),
    }


def _joined(ranges: Iterable[_Range]) -> list[_Range]:
    result: list[_Range] = []
    for item in sorted(ranges):
        if result and item.start < result[-1].end:
            if item.end > result[-1].end:
                result[-1] = result[-1]._replace(end=item.end)
        else:
            result.append(item)
    return result


def _replace(text: str, ranges: Iterable[_Range]) -> str:
    parts: list[str] = []
    at = 0
    for item in ranges:
        parts += (text[at : item.start], marker(item.label))
        at = item.end
    parts.append(text[at:])
    return "".join(parts)
