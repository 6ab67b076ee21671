"""Fingerprints: they identify a finding after lines moved, a command was rewrapped, or a secret was changed."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import accumulate

from nemolint.base import signature
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.secrets.redact import Redactor
    from nemolint.shell.command import Command, Word

_BLANK = lazily(r"(?:\\(?=[\r\n])|\s)+")
_NUMBER = lazily(r"\d+")
# How much of a long line around a place counts, and how deeply commands are nested.
_REACH = 200
_DEEPEST = 64
_LONGEST = 1000


class Extents:
    """Which command of a document contains a place."""

    def __init__(self, document: Document) -> None:
        spans = [(*command.span.file_span(), command) for command in document.commands]
        spans.sort(key=lambda item: (item[0], -item[1]))
        self._spans = spans
        self._starts = [start for start, _, _ in spans]
        self._furthest = list(accumulate((end for _, end, _ in spans), max))

    def command_at(self, offset: int) -> tuple[int, int, Command] | None:
        """The innermost command around a file offset (its end included), with its file span; None if there is none."""
        index = bisect_right(self._starts, offset) - 1
        stop = max(index - _DEEPEST, -1)
        while index > stop and self._furthest[index] >= offset:
            if self._spans[index][1] >= offset:
                return self._spans[index]
            index -= 1
        return None


def with_fingerprints(
    diagnostics: Iterable[Diagnostic], document: Document, redactor: Redactor, path_of: Callable[[str], str]
) -> list[Diagnostic]:
    """Give each diagnostic its `command` and its fingerprint: rule, path, command, and ordinal among equals.

    `path_of` maps a reported path to the one that counts, which must not depend on the working directory.
    """
    anchors = _Anchors(document, redactor)
    seen: Counter[tuple[str, str, str]] = Counter()
    result = []
    for diagnostic in diagnostics:
        command = anchors.of(diagnostic)
        key = (diagnostic.rule, path_of(diagnostic.path), command)
        result.append(diagnostic._replace(command=command, fingerprint=_digest("\0".join((*key, str(seen[key]))))))
        seen[key] += 1
    return result


class _Anchors:
    """What distinguishes findings of a rule: the words of the command, else of the line; secrets masked."""

    def __init__(self, document: Document, redactor: Redactor) -> None:
        self._document = document
        self._redactor = redactor
        self._extents: Extents | None = None
        self._commands: dict[int, str] = {}

    def of(self, diagnostic: Diagnostic) -> str:
        if diagnostic.path != self._document.path:
            # A problem of another file; its message may contain line numbers.
            return _NUMBER.sub("0", diagnostic.message)
        if self._extents is None:
            self._extents = Extents(self._document)
        found = self._extents.command_at(diagnostic.start) if diagnostic.end else None
        if found is None:
            return self._line(diagnostic.start)
        command = found[2]
        if id(command) not in self._commands:  # commands live as long as their document
            self._commands[id(command)] = self._words(command.words)
        return self._commands[id(command)]

    def _words(self, words: Iterable[Word]) -> str:
        return _plain(self._redactor.scrub(" ".join(word.value for word in words)))

    def _line(self, offset: int) -> str:
        lines = self._document.lines
        first, last = lines.line_span(lines.position(offset).line)
        first, last = max(first, offset - _REACH), min(last, offset + _REACH)
        return _plain(self._redactor.mask(first, max(first, last)).text)


def _plain(text: str) -> str:
    """Text without layout (blanks, line ends, continuations). A long one is replaced by its digest."""
    plain = _BLANK.sub(" ", text).strip(" \\")
    return plain if len(plain) <= _LONGEST else _digest(plain)


def _digest(text: str) -> str:
    return signature.digest(text.encode("utf-8", "surrogatepass"))[:24]
