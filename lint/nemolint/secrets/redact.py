"""Masks secrets in whatever is shown: excerpts, messages, fixes, JSON, tracebacks.

The contract: no masked text holds any six characters in a row of a secret's value behind its fixed prefix (of values
under a secret's name: where they have eight characters or more).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from nemolint.document import Document
from nemolint.pattern import lazily
from nemolint.secrets.collect import Secret, collect
from nemolint.secrets.formats import find_formats

WINDOW = 6
_SHORTEST = 8

# Words that a value may share with its own key or with this tool's messages, and that hide nothing.
_PROTECTED = lazily(
    r"(?i)pass(?:word|wd|phrase)|secrets?|tokens?|credentials?|authorization|bearer|nemotron|nvidia|api[_-]?key"
)


class _Range(NamedTuple):
    start: int
    end: int
    label: str


class MaskedText(NamedTuple):
    """A piece of a file with its secrets masked. `start:end` are file offsets, `masks` what was replaced, in order."""

    text: str
    start: int
    end: int
    masks: tuple[tuple[int, int, str], ...] = ()

    def offset(self, file_offset: int, *, end: bool = False) -> int:
        """Where a file offset stands in `text`. Inside a mask: its start, or its end for the `end` of a span."""
        shift = 0
        for first, last, label in self.masks:
            length = len(marker(label))
            if file_offset < first or (file_offset == first and end):
                break
            if file_offset < last:
                return first - self.start + shift + (length if end and file_offset > first else 0)
            shift += length - (last - first)
        return min(max(file_offset, self.start), self.end) - self.start + shift


def marker(label: str) -> str:
    """What stands in the place of a secret: `[REDACTED nvidia-nvapi]`."""
    return f"[REDACTED {label}]"


def mask_formats(text: str) -> str:
    """`text` with every credential of a known format masked. For text that belongs to no document."""
    return _replace(text, [_Range(match.start, match.end, match.label) for match in find_formats(text)])


class Redactor:
    """Knows the secrets of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.secrets = tuple(item for item in collect(document) if item.certain or item.site != "name-field")
        self._grams: dict[str, str] = {}
        self._short: dict[str, Secret] = {}
        for secret in {secret.value: secret for secret in reversed(self.secrets)}.values():
            self._learn(secret)
        self._ranges: list[_Range] | None = None

    def _learn(self, secret: Secret) -> None:
        value = secret.value[secret.value_start :]
        if len(value) < _SHORTEST and not secret.known_format:
            self._short.setdefault(value, secret)
            return
        for form in _written(value):
            for start in range(len(form) - WINDOW + 1):
                self._grams.setdefault(form[start : start + WINDOW], secret.label)

    def _found(self, text: str) -> list[_Range]:
        """All that must not be seen in `text`: pieces of known values, and credentials of a known format."""
        found = [_Range(match.start, match.end, match.label) for match in find_formats(text)]
        grams = self._grams
        if grams and len(text) >= WINDOW:
            found += self._windows(text)
        for value, secret in self._short.items():
            if value not in text:
                continue
            if text == value:
                found.append(_Range(0, len(text), secret.label))
            elif secret.key:
                pattern = rf"{re.escape(secret.key)}[\"']?\s{{0,8}}[=:\s]\s{{0,8}}[\"']?({re.escape(value)})(?!\w)"
                found += [_Range(*match.span(1), secret.label) for match in re.finditer(pattern, text)]
        return found

    def _windows(self, text: str) -> list[_Range]:
        """Runs of characters that known values hold, but for words that say only what kind of value it is."""
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

    @property
    def ranges(self) -> list[_Range]:
        """What must not be seen of the document itself, as file offsets, in order, without overlaps."""
        if self._ranges is None:
            found = [_Range(*secret.span.file_span(), secret.label) for secret in self.secrets]
            if found:
                found += self._found(self.document.text)
            self._ranges = _joined(found)
        return self._ranges

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


def _written(value: str) -> set[str]:
    """A value as outputs write it: bare, in JSON, HTML, a URL, a shell's quotes."""
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
