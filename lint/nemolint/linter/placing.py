"""Findings made concrete: spans of regions become lines and columns, fixes become edits of the file."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from nemolint.document import Document, Span
from nemolint.linter.diagnostic import RULE_URL, Diagnostic, FileEdit, FileFix, RelatedPlace
from nemolint.project.model import Place, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Severity
    from nemolint.document import Region
    from nemolint.linter.rule import Finding, Fix, Rule


def placed(document: Document, finding: Finding) -> Finding:
    """The finding, with a place in the document itself turned into a span."""
    at = finding.at
    if not isinstance(at, Place) or at.path != document.path or not at.line:
        return finding
    return finding._replace(at=_span_of(document, at, finding.end))


def _span_of(document: Document, start: Place, end: Place | None) -> Span:
    """A place of the document itself as a span."""

    def offset(place: Place) -> int:
        line = min(place.line, len(document.lines.starts))
        return min(document.lines.offset(line, max(place.column, 1)), len(document.text))

    first = offset(start)
    return Span(document.whole, first, max(first, offset(end)) if end is not None and end.line else first)


def diagnostic(
    document: Document, rule: Rule, finding: Finding, severity: Severity, scrub: Callable[[str], str]
) -> Diagnostic:
    """The diagnostic of a finding in a document. `scrub` masks secrets in what it says."""
    url = RULE_URL.format(rule.page)
    related = tuple(_related(document, item.message, item.at, scrub) for item in finding.related)
    at = finding.at
    if isinstance(at, Span) and at.origin is not None:
        written = _related(document, f"this part of `{at.text}` is written here", at.origin, scrub)
        related += (written._replace(written=True),)
    if isinstance(at, Place):
        line, column = max(at.line, 1), max(at.column, 1)
        end_line, end_column = (finding.end.line, finding.end.column) if finding.end else (line, column)
        return Diagnostic(
            rule.name, severity, scrub(finding.message), at.path, line, column, end_line, end_column, url=url
        )
    start, end = at.file_span()
    first, last = document.lines.position(start), document.lines.position(end)
    return Diagnostic(
        rule=rule.name,
        severity=severity,
        message=scrub(finding.message),
        path=document.path,
        line=first.line,
        column=first.column,
        end_line=last.line,
        end_column=last.column,
        start=start,
        end=end,
        cell=at.region.cell,
        url=url,
        related=related,
        fix=_scrubbed_fix(document, finding.fix, scrub) if finding.fix is not None else None,
        needs_reason=finding.needs_reason,
        final=rule.final,
        together=finding.together,
        yields=rule.yields,
    )


def in_cell(document: Document, item: Diagnostic) -> Diagnostic:
    """A diagnostic of a notebook with its cell, and the line in it."""
    from nemolint.sources.notebook import cell_at

    if item.path != document.path:
        return item
    start = item.start
    if item.end == 0 and item.line <= len(document.lines.starts):
        start = document.lines.offset(item.line, item.column)
    found = cell_at(document, start)
    return item if found is None else item._replace(cell=found[0], cell_line=found[1])


def of_problem(problem: Problem, rule: Rule, severity: Severity, scrub: Callable[[str], str]) -> Diagnostic:
    """The diagnostic of what is wrong in a project file."""
    place = problem.place
    line, column = max(place.line, 1), max(place.column, 1)
    return Diagnostic(
        rule.name,
        severity,
        scrub(problem.message),
        place.path,
        line,
        column,
        problem.end.line if problem.end else line,
        problem.end.column if problem.end else column,
        url=RULE_URL.format(rule.page),
    )


def _related(document: Document, message: str, at: Span | Place, scrub: Callable[[str], str]) -> RelatedPlace:
    if isinstance(at, Place):
        return RelatedPlace(scrub(message), at.path, at.line, at.column)
    line, column = document.lines.position((at.origin or at).file_span()[0])
    return RelatedPlace(scrub(message), document.path, line, column)


def _scrubbed_fix(document: Document, fix: Fix, scrub: Callable[[str], str]) -> FileFix | None:
    """The fix as edits of the file. Their texts are not masked: whoever shows them has to do that."""
    found = file_fix(document, fix)
    return None if found is None else found._replace(title=scrub(found.title))


def file_fix(document: Document, fix: Fix) -> FileFix | None:
    """The fix as edits of the file, or None if its container cannot hold it."""
    from nemolint.sources.encode import encode

    edits: list[FileEdit] = []
    for edit in fix.edits:
        region: Region = edit.at.region
        place = region.map.editable(edit.at.start, edit.at.end)
        text = encode(edit.text, region.encoders)
        if place is None or text is None:
            return None
        start, end = place
        first, last = document.lines.position(start), document.lines.position(end)
        edits.append(FileEdit(start, end, text, *first, *last))
    edits.sort(key=lambda edit: (edit.start, edit.end))
    if any(left.end > right.start for left, right in pairwise(edits)):
        return None
    return FileFix(fix.title, fix.safe, tuple(edits))
