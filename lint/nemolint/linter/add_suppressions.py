"""Writes suppressions into a text: a comment on a line of its own for each place, in the syntax of its container.

`added_places.py` proposes lines. What counts is how nemolint and the parser of the container read the text with the
comment: a proposal is taken only if the finding is gone, nothing new is found, and all else reads as before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from nemolint.base.named_tuple import NamedTuple
from nemolint.linter.added_places import Proposal, proposals, proposals_for_file, same_container, stripper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.fix import FixState

# How often a file is checked: less often if it is long.
_MAX_CHECKS = 400
_MIN_CHECKS = 40
_MAX_JUDGED = 10_000_000  # characters
_MOST_PASSES = 64
_MOST_TRIALS = 2
_MOST_PLACES = 12  # that are tried for one finding
_REFUSED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff`$\\<>]|\*/|/\*|\{\{|\{%|\}\}|%\}|nemolint:|--|##")


class Added(NamedTuple):
    """The outcome for one file: its new state, how many comments were written for how many findings, what is left."""

    state: FixState
    written: int
    hidden: int
    left: list[Diagnostic]


class _Trial(NamedTuple):
    """A proposal with the findings that it is meant for."""

    place: Proposal
    findings: list[Diagnostic]

    def comment(self, reason: str) -> str:
        names = ", ".join(sorted({item.rule for item in self.findings}))
        return f"nemolint: ignore[{names}] {reason}"


def problem_of(reason: str) -> str | None:
    """Why a text cannot be the reason of a suppression everywhere, or None."""
    if not reason.strip(" \t-:*/"):
        return "it is empty: say why the findings are accepted"
    if len(reason) > 200:
        return "it is longer than 200 characters"
    if found := _REFUSED.search(reason):
        return f"it has {found.group()!r}, which some comments cannot hold: write plain text in one line"
    return None


def add_suppressions(
    state: FixState,
    check: Callable[[str], FixState],
    wanted: Callable[[Diagnostic], bool],
    reason: str,
    forget: Callable[[Document], None] = lambda document: None,
) -> Added:
    """Suppress the findings of a document that are `wanted`, where that changes nothing else.

    `check` checks a text; `forget` is called with each document that is no longer needed. A rule that reports only the
    first of several places goes on to the next, so that the passes end when all of them are suppressed.
    """
    original, writers = state, list[_Writer]()
    left = Counter[tuple[str, int]]()
    hidden = 0

    def origin(item: Diagnostic) -> tuple[str, int]:
        start = item.start
        for writer in reversed(writers):
            start = writer.before(start)
        return item.rule, start

    while len(writers) < _MOST_PASSES:
        # What was left is tried once more: a comment that was written may make a place for another.
        items = [item for item in state.diagnostics if wanted(item) and left[origin(item)] < _MOST_TRIALS]
        if not items:
            break
        writer = _pass(state, check, items, reason, forget)
        open_ones = [item for item in items if writer.is_open(item)]
        left.update(map(origin, open_ones))
        hidden += len(items) - len(open_ones)
        if not writer.taken:
            break
        if state is not original:
            forget(state.document)
        state = writer.state
        writers.append(writer)
    written = sum(len(writer.taken) for writer in writers)
    return Added(state, written, hidden, [item for item in state.diagnostics if wanted(item)])


class Suppressed(NamedTuple):
    """A document with one suppression more, and the findings of the one before that it hides."""

    state: FixState
    hidden: list[Diagnostic]


def suppress(
    state: FixState,
    check: Callable[[str], FixState],
    item: Diagnostic,
    reason: str = "",
    *,
    whole_file: bool = False,
    forget: Callable[[Document], None] = lambda document: None,
) -> Suppressed | None:
    """Suppress one finding where that changes nothing else, or with `whole_file` all findings of its rule.

    `state` has all findings of the document. Where no suppression hides the finding alone, the one that hides the
    fewest of the same rule is taken. None if nothing can be written, or the finding cannot be suppressed.
    """
    old = state.document
    places = [*proposals_for_file(old), *proposals(old, item)] if whole_file else [*proposals(old, item)]
    comment = f"nemolint: {'ignore-file' if whole_file else 'ignore'}[{item.rule}] {reason}".rstrip()
    best: Suppressed | None = None
    for place in [*dict.fromkeys(places)][:_MOST_PLACES]:
        line = place.written(comment)
        offsets = [place.offset]
        after = check(_inserted(old.text, offsets, [line]))
        found = Counter((other.rule, _before(other.start, offsets, [line])) for other in after.diagnostics)
        more = found - Counter((other.rule, other.start) for other in state.diagnostics)
        hidden = []
        for other in state.diagnostics:
            if found[other.rule, other.start] > 0:
                found[other.rule, other.start] -= 1
            else:
                hidden.append(other)
        # A rule that reports only the first of several places may go on to the next.
        fits = item in hidden and all(other.rule == item.rule for other in hidden)
        fits = fits and all(rule == item.rule and start >= 0 for rule, start in more)
        if whole_file:
            fits = fits and all(other.rule != item.rule for other in after.diagnostics)
        if (
            not fits
            or (best is not None and len(best.hidden) <= len(hidden))
            or not _reads_the_same(old, after.document, [comment])
            or not same_container(old, _inserted, offsets, [place], [comment])
        ):
            forget(after.document)
            continue
        if best is not None:
            forget(best.state.document)
        best = Suppressed(after, hidden)
        if whole_file or len(hidden) == 1:
            break
    return best


def _pass(
    state: FixState,
    check: Callable[[str], FixState],
    items: Iterable[Diagnostic],
    reason: str,
    forget: Callable[[Document], None],
) -> _Writer:
    """Try the proposals for these findings, the best of each first."""
    groups: dict[tuple[Proposal, ...], list[Diagnostic]] = {}
    for item in items:
        groups.setdefault(tuple(dict.fromkeys(proposals(state.document, item))), []).append(item)
    writer = _Writer(state, check, reason, forget)
    for level in range(max(map(len, groups), default=0)):
        trials: dict[Proposal, _Trial] = {}
        for places, findings in groups.items():
            if level < len(places) and (open_ones := [item for item in findings if writer.is_open(item)]):
                place = places[level]
                trials.setdefault(place, _Trial(place, [])).findings.extend(open_ones)
        writer.take([*trials.values()])
    return writer


class _Writer:
    """The text so far, and what was taken into it."""

    def __init__(
        self, state: FixState, check: Callable[[str], FixState], reason: str, forget: Callable[[Document], None]
    ) -> None:
        self.original = self.state = state
        self.taken: list[_Trial] = []
        self._offsets: list[int] = []
        self._lines: list[str] = []
        self._check, self._reason, self._forget = check, reason, forget
        length = len(state.document.text)
        self._left = min(_MAX_CHECKS, max(_MIN_CHECKS, _MAX_JUDGED // (length + 1)))
        self._before = Counter((item.rule, item.start) for item in state.diagnostics)
        self._now = self._before

    def before(self, start: int) -> int:
        """An offset in the text so far as one in the original text; -1 inside a comment that was written."""
        return _before(start, self._offsets, self._lines)

    def is_open(self, item: Diagnostic) -> bool:
        """Whether a finding of the original text is still reported."""
        return self._now[item.rule, item.start] > 0

    def take(self, trials: list[_Trial]) -> None:
        """Take as many of the proposals as hold: those that fail together are tried in halves."""
        pending = [trials] if trials else []
        while pending:
            batch = pending.pop()
            # Another comment may apply to the same block.
            batch = [trial for trial in batch if any(self.is_open(item) for item in trial.findings)]
            if batch and not self._attempt(batch) and len(batch) > 1:
                middle = len(batch) // 2
                pending += [batch[middle:], batch[:middle]]

    def _attempt(self, batch: list[_Trial]) -> bool:
        if not self._left:
            return False
        self._left -= 1
        old = self.original.document
        trials = sorted([*self.taken, *batch], key=lambda trial: trial.place.offset)
        lines = [trial.place.written(trial.comment(self._reason)) for trial in trials]
        offsets = [trial.place.offset for trial in trials]
        after = self._check(_inserted(old.text, offsets, lines))
        now = Counter((item.rule, _before(item.start, offsets, lines)) for item in after.diagnostics)
        comments = [trial.comment(self._reason) for trial in trials]
        gone = not any(now[item.rule, item.start] for trial in trials for item in trial.findings)
        named = {item.rule for trial in trials for item in trial.findings}
        # A rule may go on to its next place.
        more = any(start < 0 or rule not in named for rule, start in now - self._before)
        if not gone or more or not _reads_the_same(old, after.document, comments):
            self._forget(after.document)
            return False
        if not same_container(old, _inserted, offsets, [trial.place for trial in trials], comments):
            self._forget(after.document)
            return False
        if self.state is not self.original:
            self._forget(self.state.document)
        self.state, self._now = after, now
        self.taken += batch
        self._offsets, self._lines = offsets, lines
        return True


def _inserted(text: str, offsets: Iterable[int], lines: Iterable[str]) -> str:
    """The text with lines at offsets, which are in order."""
    parts: list[str] = []
    position = 0
    for offset, line in zip(offsets, lines, strict=True):
        parts += (text[position:offset], line)
        position = offset
    return "".join([*parts, text[position:]])


def _before(start: int, offsets: Sequence[int], lines: Sequence[str]) -> int:
    """An offset in the text with the lines as one in the text without; -1 inside of one."""
    total = [0, *accumulate(map(len, lines))]
    begins = [offset + size for offset, size in zip(offsets, total[:-1], strict=True)]
    index = bisect_right(begins, start) - 1
    if index >= 0 and start < begins[index] + len(lines[index]):
        return -1
    return start - total[index + 1]


def _reads_the_same(old: Document, new: Document, comments: Iterable[str]) -> bool:
    """Whether the same commands run, with the same words, and every script is the same but for the comments."""
    if Counter(note.event for note in new.notes) - Counter(note.event for note in old.notes):
        return False
    if [item.kind for item in old.mentions] != [item.kind for item in new.mentions]:
        return False
    if _commands(old) != _commands(new) or _runs(old) != _runs(new):
        return False
    strip = stripper(comments)
    before = [(region.kind, region.container, region.surface, region.text) for region in old.regions]
    after = [(region.kind, region.container, region.surface, strip(region.text)) for region in new.regions]
    if before == after:
        return True
    # A comment may be a region of its own.
    filled = [item for item in after if item[3].strip()]
    return [item for item in before if item[3].strip()] == filled


def _commands(document: Document) -> list[tuple[object, ...]]:
    return [
        (command.name, [word.value for word in command.words], command.separator, command.piped_to)
        for command in document.commands
        if not command.comment
    ]


def _runs(document: Document) -> list[tuple[object, ...]]:
    runs = [*document.runs, *(run for run, _, _ in document.alternatives)]
    return [(run.role, run.surface, [(word.value, word.derived) for word in run.words]) for run in runs]
