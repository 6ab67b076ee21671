"""One cause, one finding: drops what another finding of the same word or run already explains, and what is a guess."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from nemolint.document import Span
from nemolint.invocation import StepRun
from nemolint.linter.diagnostic import Diagnostic, RelatedPlace
from nemolint.linter.rule import RANK, Hit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Severity


class _WordPlaces:
    """The places of the words of each run in the file, so that a finding's word is found without scanning the run."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[list[int], list[int]]] = {}

    def unit(self, hit: Hit) -> tuple[int, int]:
        """The word that a finding is about, as a file span; its own span if it is not about a single word."""
        at = hit.finding.at
        if not isinstance(at, Span):
            return -1, -1
        start, end = at.file_span()
        if hit.run is not None:
            starts, ends = self._spans(hit.run)
            index = bisect_right(starts, start) - 1
            if index >= 0 and start < ends[index]:
                return starts[index], max(ends[index], end)
        return start, max(end, start + 1)

    def _spans(self, run: StepRun) -> tuple[list[int], list[int]]:
        # Runs live as long as the document, so their ids are stable.
        known = self._known.get(id(run))
        if known is None:
            spans = sorted(word.span.file_span() for word in run.words)
            known = self._known[id(run)] = ([start for start, _ in spans], [end for _, end in spans])
        return known


class _Cover:
    """Spans of a file, with a lookup of whether one of them overlaps another span."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        spans.sort()
        self._starts = [start for start, _ in spans]
        self._furthest = list(accumulate((end for _, end in spans), max))

    def overlaps(self, start: int, end: int) -> bool:
        index = bisect_left(self._starts, end) - 1
        return index >= 0 and self._furthest[index] > start


def without_guesses(hits: Iterable[Hit], runs: Iterable[StepRun]) -> Iterator[Hit]:
    """The findings, in order, without those about a run whose words are a guess (see `Command.unclosed`).

    A secret is one wherever it is written, and what the engine itself detects does not depend on the words.
    """
    unsure = [run.command.span.file_span() for run in runs if run.command.unclosed]
    if not unsure:
        yield from hits
        return
    cover = _Cover(unsure)
    for hit in hits:
        if hit.rule.group != "secrets" and hit.rule.reports is None:
            if hit.run is not None:
                guessed = hit.run.command.unclosed
            else:
                at = hit.finding.at
                guessed = isinstance(at, Span) and cover.overlaps(*at.file_span())
            if guessed:
                continue
        yield hit


def without_superseded(hits: Iterable[Hit], severity: Callable[[Hit], Severity | None]) -> Iterator[Hit]:
    """The findings, in order, without those whose cause another one names. `severity` is what one is reported as."""
    found = list(hits)
    stopped = {id(hit.run) for hit in found if hit.run is not None and hit.rule.stops_runs and severity(hit) == "error"}
    words = _WordPlaces()
    spans: dict[str, list[tuple[int, int]]] = {}
    runs: set[tuple[int, str]] = set()
    for hit in found:
        for name in hit.rule.supersedes:
            spans.setdefault(name, []).append(words.unit(hit))
        if hit.run is not None:
            runs.update((id(hit.run), name) for name in (*hit.rule.supersedes_run, *hit.finding.supersedes_run))
    covers = {name: _Cover(places) for name, places in spans.items()}
    for hit in found:
        cover = covers.get(hit.rule.name)
        if hit.rule.yields and id(hit.run) in stopped:
            continue
        if (id(hit.run), hit.rule.name) in runs or (cover is not None and cover.overlaps(*words.unit(hit))):
            continue
        yield hit


def together(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics, those that belong together as one: the worst, with the places of the others as related ones."""
    groups: dict[tuple[str, str], list[Diagnostic]] = {}
    result: list[Diagnostic] = []
    for diagnostic in diagnostics:
        if diagnostic.together:
            groups.setdefault((diagnostic.rule, diagnostic.together), []).append(diagnostic)
        else:
            result.append(diagnostic)
    for group in groups.values():
        first, *others = sorted(group, key=lambda item: (-RANK[item.severity], item.start))
        places = tuple(
            RelatedPlace("here, too", item.path, item.line, item.column)
            for item in sorted(others, key=lambda item: item.start)
        )
        result.append(first._replace(related=first.related + places, together=""))
    return result
