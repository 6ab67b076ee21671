"""Applies suppressions to findings, and finds unused suppressions and unknown rules in them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from itertools import accumulate

from nemolint.base.close_matches import close_matches
from nemolint.linter import directives
from nemolint.linter.diagnostic import RULE_URL, Diagnostic, FileFix, RelatedPlace
from nemolint.linter.directive_scope import Scopes
from nemolint.linter.directives import BLOCK_COMMENT, COMMENT_END, NamedRule, Remark, Suppression, rewriting
from nemolint.linter.rule import reporters
from nemolint.prefilter import may_hold_suppression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Event, Severity
    from nemolint.document import Document
    from nemolint.linter.rule import Rule

# A suppression of these is applied last, so whether it was used is not checked.
_LATE: tuple[Event, ...] = ("idle-suppression", "misread-suppression")
# Limits for texts that nobody writes by hand.
_MOST_LOOKED_AT = 64
_MOST_SUGGESTIONS = 100


def apply(
    document: Document,
    diagnostics: list[Diagnostic],
    enabled: Mapping[str, Rule],
    rules: Mapping[str, Rule],
    severity: Callable[[str, Severity], Severity] = lambda rule, declared: declared,
) -> list[Diagnostic]:
    """The diagnostics that remain, with those about the suppressions themselves.

    `enabled` are the rules that checked the document, `rules` all that exist; `severity` gives the effective severity.
    Only findings in the document itself can be suppressed.
    """
    if not may_hold_suppression(document.text):
        return diagnostics
    suppressions, remarks, whole = directives.read(document, rules)
    hidden = [item for item in diagnostics if whole is not None and _with_the_file(document, item)]
    diagnostics = [item for item in diagnostics if not _with_the_file(document, item)] if hidden else diagnostics
    account = _Account(document, suppressions)
    kept = [item for result in diagnostics if (item := account.filtered(result)) is not None]
    account.settle()
    by_event = reporters(enabled)
    late = {rule.name for rule in by_event.values() if rule.reports in _LATE}
    own = [*remarks, *_unknown(document, suppressions, rules), *_unused(document, suppressions, enabled, late)]
    if whole is not None:
        message = "unused suppression: this page has no findings, so remove it"
        own = [] if hidden else [Remark("idle-suppression", message, whole.start, whole.end)]
    for remark in own:
        rule = by_event.get(remark.event)
        if rule is None:
            continue
        own_finding = _diagnostic(document, rule, remark)
        if not account.hides(own_finding):
            kept.append(own_finding._replace(severity=severity(rule.name, own_finding.severity)))
    return kept


def _with_the_file(document: Document, item: Diagnostic) -> bool:
    """Whether a switch that suppresses a whole page suppresses a finding, too."""
    return item.path == document.path and not item.needs_reason and not item.final


class _Part:
    """All suppressions that name one rule for one part of the document. `reasoned`: one of them gives a reason."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.items: list[Suppression] = []
        self.reasoned = self.used = False


class _Account:
    """Answers which suppressions hide a diagnostic, and keeps account of what was used."""

    def __init__(self, document: Document, suppressions: list[Suppression]) -> None:
        self._document = document
        scopes = list(Scopes(document).of(suppressions))
        # Consecutive comments apply to the same block.
        scope_of: dict[int, tuple[int, int]] = {}
        for index in range(len(suppressions) - 1, -1, -1):
            if not suppressions[index].whole_file:
                scopes[index] = scope_of.get(scopes[index][0], scopes[index])
                scope_of[suppressions[index].comment[0]] = scopes[index]
        by_name: dict[str, dict[tuple[int, int], _Part]] = {}
        for item, scope in zip(suppressions, scopes, strict=True):
            for named in item.names:
                part = by_name.setdefault(named.name, {}).setdefault(scope, _Part(*scope))
                part.items.append(item)
                part.reasoned = part.reasoned or bool(item.reason)
        self._by_name: dict[str, tuple[list[_Part], list[int], list[int]]] = {}
        for name, parts in by_name.items():
            ordered = [parts[scope] for scope in sorted(parts)]
            furthest = list(accumulate((part.end for part in ordered), max))
            self._by_name[name] = ordered, [part.start for part in ordered], furthest

    def _matching(self, diagnostic: Diagnostic) -> Iterator[_Part]:
        known = self._by_name.get(diagnostic.rule)
        if known is None or diagnostic.path != self._document.path or diagnostic.final:
            return
        start, end = diagnostic.start, diagnostic.end
        lines = self._document.lines
        if end == 0 and diagnostic.line > 1:
            if diagnostic.line > len(lines.starts):
                return
            start = end = lines.offset(diagnostic.line, diagnostic.column)
        yield from self._at(known, start, max(end, start + 1))
        for place in diagnostic.related:
            if place.written and place.path == diagnostic.path:
                start = lines.offset(place.line, place.column)
                yield from self._at(known, start, start + 1)

    @staticmethod
    def _at(known: tuple[list[_Part], list[int], list[int]], start: int, end: int) -> Iterator[_Part]:
        """The parts that hold something of `start:end`."""
        ordered, starts, furthest = known
        index = bisect_left(starts, end) - 1
        stop = max(index - _MOST_LOOKED_AT, -1)
        while index > stop and furthest[index] >= start:
            part = ordered[index]
            if part.end > start or part.start == part.end == start:
                yield part
            index -= 1

    def hides(self, diagnostic: Diagnostic) -> bool:
        """True if a suppression hides the diagnostic; that suppression is then used."""
        hidden = False
        for part in self._matching(diagnostic):
            hidden = part.used = True
        return hidden

    def filtered(self, diagnostic: Diagnostic) -> Diagnostic | None:
        """None if it is hidden. One that may be hidden with a reason only says so where the reason lacks."""
        if not diagnostic.needs_reason:
            return None if self.hides(diagnostic) else diagnostic
        lacking: Suppression | None = None
        for part in self._matching(diagnostic):
            part.used = True
            if part.reasoned:
                return None
            lacking = part.items[0]
        if lacking is None:
            return diagnostic
        line, column = self._document.lines.position(lacking.start)
        note = RelatedPlace("this suppression needs a reason after the bracket", self._document.path, line, column)
        return diagnostic._replace(related=(*diagnostic.related, note))

    def settle(self) -> None:
        """Record in each suppression which of its names were used."""
        for name, (ordered, _, _) in self._by_name.items():
            for part in ordered:
                if part.used:
                    for item in part.items:
                        item.used.add(name)


def _unknown(document: Document, suppressions: Iterable[Suppression], rules: Mapping[str, Rule]) -> Iterator[Remark]:
    from nemolint.settings_check import group_text

    suggested: dict[str, str] = {}
    for item in suppressions:
        unknown = [named for named in item.names if named.name not in rules and not group_text(named.name, rules)]
        for named in unknown:
            if named.name not in suggested and len(suggested) < _MOST_SUGGESTIONS:
                suggested[named.name] = next(iter(close_matches(named.name, rules, most=1)), "")
        gone = {named for named in unknown if suggested.get(named.name) == ""}
        # One fix for all of them: separate fixes would need a pass each.
        removal = _removal(document, item, gone) if gone else None
        for named in item.names:
            if named.name in rules:
                continue
            message = f"there is no rule `{named.name}`"
            fix = removal if named in gone else None
            if group := group_text(named.name, rules):
                message = f"{group}: name the rules to suppress"
            elif close := suggested.get(named.name):
                message += f": did you mean `{close}`?"
                fix = rewriting(document, f"Write `{close}`", [(named.start, named.end, close)], safe=False)
            else:
                message += ": see `nemolint rules`"
            yield Remark("misread-suppression", message, named.start, named.end, fix)


def _unused(
    document: Document, suppressions: Iterable[Suppression], enabled: Mapping[str, Rule], late: Set[str]
) -> Iterator[Remark]:
    for item in suppressions:
        idle = {named for named in item.names if named.name in enabled and named.name not in item.used | late}
        if not idle:
            continue
        names = ", ".join(f"`{named.name}`" for named in sorted(idle, key=lambda named: named.start))
        where = "in this file" if item.whole_file else "here"
        does = f"reports nothing {where}"
        if all(enabled[named.name].final for named in idle):
            does = "cannot be suppressed"
        message = f"unused suppression: {names} {does}: remove it"
        if len(idle) < len(item.names):
            start, end = min(named.start for named in idle), max(named.end for named in idle)
        else:
            start, end = item.start, item.end
        yield Remark("idle-suppression", message, start, end, _removal(document, item, idle))


def _removal(document: Document, item: Suppression, gone: set[NamedRule]) -> FileFix | None:
    """The fix that removes names from a suppression, or the whole comment if none is left.

    A reason is text that somebody wrote, so a fix that deletes one is not safe.
    """
    text = document.text
    if item.front_matter:
        return None
    left = [named for named in item.names if named not in gone]
    if left:
        whole = (item.names[0].start, item.names[-1].end, ", ".join(named.name for named in left))
        return rewriting(document, "Remove unused names", [whole], safe=True)
    start, end = item.comment
    block = BLOCK_COMMENT.match(text, start, end)
    shell = block is None
    words = text[block.end() if block is not None else start : end].removeprefix("..").lstrip("#%*/; \t")
    behind = COMMENT_END.sub("", text[item.end : end]).strip()
    if not words.startswith("nemolint:") or behind:
        # Other words before the directive, or on lines below it, stay.
        start, end = item.start, end if shell and not behind else item.end
        while shell and text[start - 1] in "# \t":
            start -= 1
        return rewriting(document, "Delete the suppression", [(start, end, "")], safe=not item.reason)
    first, last = document.lines.line_span(document.lines.position(start).line)
    if not text[first:start].strip() and not text[end:last].strip():
        line = document.lines.position(start).line
        following = document.lines.starts[line] if line < len(document.lines.starts) else len(text)
        if document.lines.position(end).line == line:
            # A line joined to the one above by a backslash ends the command there, so the line itself has to stay.
            if document.kind != "dockerfile" and text[max(first - 3, 0) : first].rstrip("\r\n").endswith("\\"):
                following = end
            return rewriting(document, "Delete the suppression", [(first, following, "")], safe=not item.reason)
    while start > first and text[start - 1] in " \t":
        start -= 1
    if start > first and text[start - 1] == "\\":
        start += 1  # a backslash before a line's end would join the next line
    return rewriting(document, "Delete the suppression", [(start, end, "")], safe=not item.reason)


def _diagnostic(document: Document, rule: Rule, remark: Remark) -> Diagnostic:
    return Diagnostic(
        rule.name,
        rule.severity["script"] or "warning",
        remark.message,
        document.path,
        *document.lines.position(remark.start),
        *document.lines.position(remark.end),
        start=remark.start,
        end=remark.end,
        url=RULE_URL.format(rule.page),
        fix=remark.fix,
    )
