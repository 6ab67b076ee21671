"""Suppressions: comments that waive findings, and what is wrong with them.

`# nemolint: ignore[rule, …] reason` counts for the logical command that it stands on, or, on a line of its own, for the
one below. `<!-- nemolint: ignore[…] reason -->` counts for the block, table or paragraph below, or for its line if
other text stands before it. `ignore-file[…]` counts for the whole file. So does the front matter of a Markdown page
(`sources/front_matter.py`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cached_property
from itertools import accumulate, islice
from typing import TYPE_CHECKING, NamedTuple

from nemolint.base.close_matches import close_matches
from nemolint.base.patterns import lazily
from nemolint.document import LineIndex
from nemolint.linter.diagnostic import RULE_URL, Diagnostic, FileEdit, FileFix, RelatedPlace
from nemolint.linter.rule import reporters

if TYPE_CHECKING:
    from nemolint.document import Document, Event, Region
    from nemolint.linter.rule import Rule, Severity
    from nemolint.sources.front_matter import Switch

_DIRECTIVE = lazily(
    r"(?<![\w-])nemolint:[ \t]*(?P<verb>[A-Za-z][\w-]*)(?:[ \t]*\[(?P<names>[^\[\]\r\n]*)\])?(?P<reason>[^\r\n]*)"
)
# What waives nothing for a capital letter, a blank, or the lack of a colon; prose looks like that, too.
_ALMOST = lazily(
    r"(?<![\w-])(?!nemolint:)(?i:nemolint)(?P<colon>[ \t]*:[ \t]*|[ \t]+)(?P<verb>[A-Za-z][\w-]*)"
    r"(?:[ \t]*\[(?P<names>[^\[\]\r\n]*)\])?"
)
# A suppression of these is judged last, when nobody asks any more whether it was used.
_LATE: tuple[Event, ...] = ("idle-suppression", "misread-suppression")
_VERBS = ("ignore", "ignore-file")
_OTHER_VERBS = ("template",)
# What other tools call it.
_FOREIGN = {
    **dict.fromkeys(("allow", "disable", "exclude", "ignored", "ignores", "noqa", "nolint", "off"), "ignore"),
    **dict.fromkeys(("skip", "suppress", "waive"), "ignore"),
    **{f"{verb}-{place}": "ignore" for verb in ("ignore", "disable") for place in ("line", "next", "next-line")},
    **{f"{verb}-file": "ignore-file" for verb in ("allow", "disable", "skip", "suppress")},
}
_NAME = lazily(r"[^\s,]+")
# `disable=rule, rule`, `disable: rule`, `disable rule`
_ASSIGNED = lazily(r"[=:(]?[ \t]*([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)\)?")
# What may stand before a comment that has its line for itself: quote and list signs, prompts, a notebook's quotes.
_LEAD = lazily(r"[\s\"'>|*+-]*+(?:\d++[.)]\s++)?(?:[$%#]\s++)?\s*+")
_COMMENT_LINE = lazily(r"[\s\">|*+-]*(?:#|//|<!--)")
# A line that a statement or a value goes on behind.
_OPEN_END = lazily(r"(?:[(\[{,\\:]|[|>][+-]?\d?)[ \t\"]*+(?:\\n\",?)?[ \t]*+$")
_MOST_OPEN_LINES = 64
# Limits for texts that nobody writes.
_MOST_LOOKED_AT = 64
_MOST_NAMES = 512
_LONGEST_LIST = 300
_MOST_SUGGESTIONS = 100
_BLANK_LINE = lazily(r"\n[ \t>]*\r?(?=\n)|\r[ \t>]*(?=\r)")
_BLANK_LINE_IN_NOTEBOOK = lazily(r"\\n(?:\",\s*\")?[ \t>]*(?=\\n)")
_END_IN_NOTEBOOK = lazily(r"\\n|\"")
_GAP = lazily(r"[\s>]*")
_GAP_IN_NOTEBOOK = lazily(r"(?:[\s>]|\\n|\\r|\",\s*\"|\"(?=\s*,)|,(?=\s*\"))*")


class _Named(NamedTuple):
    """A rule's name inside the brackets, with its place in the file."""

    name: str
    start: int
    end: int


class _Suppression(NamedTuple):
    """One directive: the comment that holds it, its own place, what it names, and which names waived something."""

    comment: tuple[int, int]
    start: int
    end: int
    whole_file: bool
    names: list[_Named]
    reason: str
    used: set[str]
    front_matter: bool = False


class _Remark(NamedTuple):
    """What is wrong with a suppression, at file offsets."""

    event: Event
    message: str
    start: int
    end: int
    fix: FileFix | None = None


def apply(
    document: Document,
    diagnostics: list[Diagnostic],
    enabled: Mapping[str, Rule],
    rules: Mapping[str, Rule],
    severity: Callable[[str, Severity], Severity] = lambda rule, declared: declared,
) -> list[Diagnostic]:
    """The diagnostics that stay, with those about the suppressions themselves.

    `enabled` are the rules that judged the document, `rules` all that exist; `severity` gives the severity in force.
    Only findings in the document itself can be waived.
    """
    if not _named_in(document.text):
        return diagnostics
    suppressions, problems = _read(document, rules)
    whole = _front_matter(document, suppressions, problems) if "---" in document.text[:4] else None
    waived = [item for item in diagnostics if whole is not None and _with_the_file(document, item)]
    diagnostics = [item for item in diagnostics if not _with_the_file(document, item)] if waived else diagnostics
    waivers = _Waivers(document, suppressions)
    kept = [item for result in diagnostics if (item := waivers.judge(result)) is not None]
    waivers.settle()
    by_event = reporters(enabled)
    late = {rule.name for rule in by_event.values() if rule.reports in _LATE}
    own = [*problems, *_unknown(document, suppressions, rules), *_unused(document, suppressions, enabled, late)]
    if whole is not None:
        message = "nothing is waived by this switch: this page has no finding"
        own = [] if waived else [_Remark("idle-suppression", message, whole.start, whole.end)]
    for remark in own:
        rule = by_event.get(remark.event)
        if rule is None:
            continue
        own_finding = _diagnostic(document, rule, remark)
        if not waivers.waives(own_finding):
            kept.append(own_finding._replace(severity=severity(rule.name, own_finding.severity)))
    return kept


def _named_in(text: str) -> bool:
    """Whether a text may hold a suppression, or what was meant as one."""
    return any(name in text for name in ("nemolint", "NEMOLINT", "Nemolint", "NemoLint"))


def _read(document: Document, rules: Mapping[str, Rule]) -> tuple[list[_Suppression], list[_Remark]]:
    """The suppressions of a document, and those that cannot be understood."""
    found: list[_Suppression] = []
    problems: list[_Remark] = []
    seen: set[int] = set()
    for start, end, _ in document.comments:
        text = document.text[start:end]
        if not _named_in(text):
            continue
        for match in _ALMOST.finditer(text):
            if start + match.start() not in seen and (problem := _misspelt(document, start, match, rules)):
                seen.add(start + match.start())
                problems.append(problem)
        for match in _DIRECTIVE.finditer(text):
            begin = start + match.start()
            verb = match["verb"]
            if begin in seen or verb in _OTHER_VERBS:
                continue
            seen.add(begin)
            if verb not in _VERBS:
                if problem := _misspelt(document, start, match, rules):
                    problems.append(problem)
                continue
            reason = match["reason"].removesuffix("-->").strip(" \t-:*/")
            offset = start + match.start("names")
            listed = islice(_NAME.finditer(match["names"] or ""), _MOST_NAMES)
            names = [_Named(name.group(), offset + name.start(), offset + name.end()) for name in listed]
            finish = begin + len(match.group().removesuffix("-->").rstrip())
            if not names:
                message = f"name the rules that this comment waives: `nemolint: {verb}[rule]`"
                problems.append(_Remark("misread-suppression", message, begin, finish))
                continue
            found.append(_Suppression((start, end), begin, finish, verb == "ignore-file", names, reason, set()))
    return found, problems


def _misspelt(document: Document, start: int, match: re.Match[str], rules: Mapping[str, Rule]) -> _Remark | None:
    """What is said about a directive that waives nothing for how it is written; None for prose.

    `match` is one of `_DIRECTIVE` or `_ALMOST` in the comment that begins at `start`.
    """
    exact = match.re.pattern == _DIRECTIVE.pattern
    verb, names = match["verb"], match["names"]
    place = start + match.start("verb"), start + match.end("verb")
    folded = verb.lower()
    known = folded if folded in (*_VERBS, *_OTHER_VERBS) else _FOREIGN.get(folded)
    if known is None:
        close = close_matches(verb, (*_VERBS, *_OTHER_VERBS), most=1, cutoff=0.7) if exact else ()
        if not close:
            return None
        suggested = _fix(document, f"Write `{close[0]}`", [(*place, close[0])], safe=False)
        message = f"nemolint knows no `{verb}`; did you mean `{close[0]}`?"
        return _Remark("misread-suppression", message, *place, suggested)
    if not _begins(match.string, match.start()):
        return None
    end = match.end("verb") if names is None else match.end("names") + 1
    line = (match.string[end : end + _LONGEST_LIST].splitlines() or [""])[0]
    rest = line.rstrip().removesuffix("-->").removesuffix("*/").rstrip()
    if names is None and (assigned := _ASSIGNED.fullmatch(rest)):
        names, end = assigned[1], end + len(rest)
    listed = _NAME.findall(names or "")[:_MOST_NAMES]
    ours = bool(listed) and all(name in rules for name in listed)
    bracket = bool(listed) and match["names"] is not None and ":" in match.group()
    alone = not rest and ":" in match.group() and (exact or known in _OTHER_VERBS)
    if not (ours or bracket or alone):
        return None
    written = f"nemolint: {known}"
    if known not in _OTHER_VERBS:
        written += f"[{', '.join(listed) if ours or bracket else 'rule'}]"
    begin = start + match.start()
    # Behind a command, `next-line` means another line than `ignore` does.
    sure = known in _OTHER_VERBS or (ours and "next" not in folded)
    fix = _fix(document, f"Write `{written}`", [(begin, start + end, written)], safe=False) if sure else None
    if exact:
        return _Remark("misread-suppression", f"nemolint knows no `{verb}`: write `{written}`", *place, fix)
    shown = document.text[begin : place[1]]
    return _Remark("misread-suppression", f"nemolint does not read `{shown}`: write `{written}`", begin, place[1], fix)


def _begins(comment: str, at: int) -> bool:
    """Whether a directive begins a comment, or one behind other words (`# words  # nemolint: …`)."""
    while at and comment[at - 1] in " \t":
        at -= 1
    if not at or comment[at - 1] in "\r\n" or comment[:at] in ("<!--", "//", "/*"):
        return True
    return comment[at - 1] == "#" and (at == 1 or comment[at - 2] in " \t#\r\n")


def _front_matter(document: Document, suppressions: list[_Suppression], problems: list[_Remark]) -> Switch | None:
    """Add what the front matter waives, and what is wrong with it. Returns the switch that waives the file, if any."""
    from nemolint.sources.front_matter import KINDS, switches

    whole: Switch | None = None
    added: list[_Suppression] = []
    for item in switches(document):
        if item.kind == "ignore-file":
            whole = item
        elif item.kind == "ignore":
            named = [_Named(item.text, item.start, item.end)]
            added.append(_Suppression((item.start, item.end), item.start, item.end, True, named, "", set(), True))
        elif item.kind == "unknown":
            close = close_matches(item.text, KINDS, most=1)
            known = ", ".join(f"`{kind}`" for kind in KINDS)
            hint = f"; did you mean `{close[0]}`?" if close else f": it knows {known}"
            message = f"nemolint cannot read {f'`{item.text}` here' if item.text else 'this'}{hint}"
            problems.append(_Remark("misread-suppression", message, item.start, item.end))
    suppressions[:0] = added
    return whole


def _with_the_file(document: Document, item: Diagnostic) -> bool:
    """Whether a switch that waives a whole page waives a finding, too."""
    return item.path == document.path and not item.needs_reason and not item.final


# -- which text a suppression counts for


class _Lines:
    """Lines of a text, with the commands on them joined to logical lines."""

    def __init__(self, text: str, commands: Iterable[tuple[int, int]]) -> None:
        self.text = text
        self.index = LineIndex(text)
        self._below: dict[int, int | None] = {}
        joined: list[list[int]] = []
        for start, end in sorted(commands):
            first, last = self.of(start), self.of(max(end - 1, start))
            if joined and first <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], last)
            else:
                joined.append([first, last])
        self._logical = joined
        self._starts = [first for first, _ in joined]

    def of(self, offset: int) -> int:
        return self.index.position(min(offset, len(self.text))).line

    def line(self, number: int) -> str:
        start, end = self.index.line_span(number)
        return self.text[start:end]

    def logical(self, first: int, last: int) -> tuple[int, int]:
        """The lines `first` to `last`, widened to whole logical lines."""
        index = bisect_right(self._starts, first) - 1
        if index >= 0 and self._logical[index][1] >= first:
            first = self._logical[index][0]
            last = max(last, self._logical[index][1])
        index = bisect_right(self._starts, last) - 1
        if index >= 0 and self._starts[index] >= first:
            last = max(last, self._logical[index][1])
        return first, last

    def below(self, number: int) -> int | None:
        """The first line below that is no mere comment; None at the end of the text."""
        walked = []
        found: int | None = None
        while number < len(self.index.starts):
            if number in self._below:
                found = self._below[number]
                break
            walked.append(number)
            number += 1
            if not _COMMENT_LINE.match(self.line(number)) or self._has_command(number):
                found = number
                break
        self._below.update(dict.fromkeys(walked, found))
        return found

    def _has_command(self, number: int) -> bool:
        index = bisect_right(self._starts, number) - 1
        return index >= 0 and self._logical[index][1] >= number

    def span(self, first: int, last: int) -> tuple[int, int]:
        return self.index.line_span(first)[0], self.index.line_span(last)[1]


class _Scopes:
    """Finds the part of a document that a suppression counts for, as a file span."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._notebook = document.kind == "notebook"
        regions = [region for region in document.regions if region.kind != "mention" and region.text]
        spans = [(*region.map.to_outer(0, len(region.text)), region) for region in regions]
        spans.sort(key=lambda item: (item[0], -item[1]))
        self._regions = spans
        self._region_starts = [start for start, _, _ in spans]
        self._furthest = list(accumulate((end for _, end, _ in spans), max))
        self._of_region: dict[int, _Lines] = {}
        self._of_file: _Lines | None = None
        self._blank: list[tuple[int, int]] | None = None

    def of(self, suppressions: Iterable[_Suppression]) -> Iterator[tuple[int, int]]:
        """The scope of each suppression, in the order given, which is that of the file."""
        open_regions: list[tuple[int, Region]] = []
        upcoming = 0
        for item in suppressions:
            start, end = item.comment
            while upcoming < len(self._regions) and self._regions[upcoming][0] <= start:
                _, last, region = self._regions[upcoming]
                upcoming += 1
                if last > start:
                    open_regions.append((last, region))
            while open_regions and open_regions[-1][0] <= start:
                open_regions.pop()
            if item.whole_file:
                yield 0, len(self._document.text) + 1
            elif open_regions and open_regions[-1][0] >= end:
                yield self._in_region(open_regions[-1][1], item)
            elif self._document.text.startswith("<!--", start):
                yield self._block(item)
            else:
                yield self._in_file(item)

    def _in_region(self, region: Region, item: _Suppression) -> tuple[int, int]:
        lines = self._of_region.get(id(region))
        if lines is None:
            lines = self._of_region[id(region)] = _Lines(region.text, self._commands.get(id(region), ()))
        begin = region.map.inner_start(item.comment[0])
        number = lines.of(begin)
        before = region.text[lines.index.line_span(number)[0] : begin]
        if _LEAD.fullmatch(before):
            below = lines.below(number)
            if below is None:
                return item.comment
            number = below
        return region.map.to_outer(*lines.span(*lines.logical(number, number)))

    @cached_property
    def _commands(self) -> Mapping[int, list[tuple[int, int]]]:
        """The spans of commands by the region that holds them."""
        by_region: dict[int, list[tuple[int, int]]] = {}
        for command in self._document.commands:
            by_region.setdefault(id(command.region), []).append((command.start, command.end))
        return by_region

    def _in_file(self, item: _Suppression) -> tuple[int, int]:
        lines = self._of_file
        if lines is None:
            spans = (command.span.file_span() for command in self._document.commands)
            lines = self._of_file = _Lines(self._document.text, spans)
        number = lines.of(item.comment[0])
        start = lines.index.line_span(number)[0]
        if not _LEAD.fullmatch(lines.text[start : item.comment[0]]):
            return lines.span(*lines.logical(number, number))
        below = lines.below(number)
        if below is None:
            return item.comment
        last = below
        while last - below < _MOST_OPEN_LINES and last < len(lines.index.starts) and _OPEN_END.search(lines.line(last)):
            last += 1
        begin, end = lines.span(*lines.logical(below, last))
        # A script that begins in these lines (`run: |`) belongs to them whole.
        return begin, self._with_regions(begin, end) if last > below else end

    def _block(self, item: _Suppression) -> tuple[int, int]:
        """From an HTML comment on: the next block. With text before the comment, its line."""
        text = self._document.text
        start, end = item.comment
        lines = self._document.lines
        first, last = lines.line_span(lines.position(start).line)
        if self._notebook:
            # A line of a cell ends at an escape, or with the JSON string that holds it.
            first = max(first, text.rfind('"', first, start) + 1, text.rfind("\\n", first, start) + 2)
            match = _END_IN_NOTEBOOK.search(text, end, last)
            last = match.start() if match is not None else last
        if not _LEAD.fullmatch(text[first:start]):
            return first, last
        gap = _GAP_IN_NOTEBOOK if self._notebook else _GAP
        begin = end
        match = gap.match(text, begin)
        begin = match.end() if match is not None else begin
        if self._blank is None:
            blank = _BLANK_LINE_IN_NOTEBOOK if self._notebook else _BLANK_LINE
            self._blank = [match.span() for match in blank.finditer(text)]
        index = bisect_left(self._blank, (begin, begin))
        stop, blank_end = self._blank[index] if index < len(self._blank) else (len(text), len(text))
        # A fence may begin with a blank line of its own.
        return begin, max(stop, self._with_regions(begin, blank_end))

    def _with_regions(self, begin: int, end: int) -> int:
        """The end of the last region that begins in the span, its end included, or `end` if that is further."""
        index = bisect_right(self._region_starts, end) - 1
        if index >= 0 and self._region_starts[index] >= begin:
            return max(end, self._furthest[index])
        return end


# -- waiving


class _Waiver:
    """All suppressions that name one rule for one part of the document. `reasoned`: one of them gives a reason."""

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.items: list[_Suppression] = []
        self.reasoned = self.used = False


class _Waivers:
    """Answers which suppressions waive a diagnostic, and keeps account of what was used."""

    def __init__(self, document: Document, suppressions: list[_Suppression]) -> None:
        self._document = document
        scopes = list(_Scopes(document).of(suppressions))
        # Comments one below the other count for the same block.
        scope_of: dict[int, tuple[int, int]] = {}
        for index in range(len(suppressions) - 1, -1, -1):
            if not suppressions[index].whole_file:
                scopes[index] = scope_of.get(scopes[index][0], scopes[index])
                scope_of[suppressions[index].comment[0]] = scopes[index]
        by_name: dict[str, dict[tuple[int, int], _Waiver]] = {}
        for item, scope in zip(suppressions, scopes, strict=True):
            for named in item.names:
                waiver = by_name.setdefault(named.name, {}).setdefault(scope, _Waiver(*scope))
                waiver.items.append(item)
                waiver.reasoned = waiver.reasoned or bool(item.reason)
        self._by_name: dict[str, tuple[list[_Waiver], list[int], list[int]]] = {}
        for name, waivers in by_name.items():
            ordered = [waivers[scope] for scope in sorted(waivers)]
            furthest = list(accumulate((waiver.end for waiver in ordered), max))
            self._by_name[name] = ordered, [waiver.start for waiver in ordered], furthest

    def _matching(self, diagnostic: Diagnostic) -> Iterator[_Waiver]:
        known = self._by_name.get(diagnostic.rule)
        if known is None or diagnostic.path != self._document.path or diagnostic.final:
            return
        start, end = diagnostic.start, diagnostic.end
        if end == 0 and diagnostic.line > 1:
            lines = self._document.lines
            if diagnostic.line > len(lines.starts):
                return
            start = end = lines.offset(diagnostic.line, diagnostic.column)
        end = max(end, start + 1)
        ordered, starts, furthest = known
        index = bisect_left(starts, end) - 1
        stop = max(index - _MOST_LOOKED_AT, -1)
        while index > stop and furthest[index] >= start:
            waiver = ordered[index]
            if waiver.end > start or waiver.start == waiver.end == start:
                yield waiver
            index -= 1

    def waives(self, diagnostic: Diagnostic) -> bool:
        """True if a suppression waives the diagnostic; that suppression is then used."""
        waived = False
        for waiver in self._matching(diagnostic):
            waived = waiver.used = True
        return waived

    def judge(self, diagnostic: Diagnostic) -> Diagnostic | None:
        """None if it is waived. One that may be waived with a reason only says so where the reason lacks."""
        if not diagnostic.needs_reason:
            return None if self.waives(diagnostic) else diagnostic
        lacking: _Suppression | None = None
        for waiver in self._matching(diagnostic):
            waiver.used = True
            if waiver.reasoned:
                return None
            lacking = waiver.items[0]
        if lacking is None:
            return diagnostic
        line, column = self._document.lines.position(lacking.start)
        note = RelatedPlace(
            "this comment waives it only with a reason behind the bracket", self._document.path, line, column
        )
        return diagnostic._replace(related=(*diagnostic.related, note))

    def settle(self) -> None:
        """Tell each suppression which of its names waived something."""
        for name, (ordered, _, _) in self._by_name.items():
            for waiver in ordered:
                if waiver.used:
                    for item in waiver.items:
                        item.used.add(name)


# -- what is wrong with the suppressions themselves


def _unknown(document: Document, suppressions: Iterable[_Suppression], rules: Mapping[str, Rule]) -> Iterator[_Remark]:
    from nemolint.settings import group_text

    suggested: dict[str, str] = {}
    for item in suppressions:
        unknown = [named for named in item.names if named.name not in rules and not group_text(named.name, rules)]
        for named in unknown:
            if named.name not in suggested and len(suggested) < _MOST_SUGGESTIONS:
                suggested[named.name] = next(iter(close_matches(named.name, rules, most=1)), "")
        gone = {named for named in unknown if suggested.get(named.name) == ""}
        # One fix for them all: each alone would leave the others to a pass of their own.
        removal = _removal(document, item, gone) if gone else None
        for named in item.names:
            if named.name in rules:
                continue
            message = f'no rule is called "{named.name}"'
            fix = removal if named in gone else None
            if group := group_text(named.name, rules):
                message = f"{group}: name those that this comment waives"
            elif close := suggested.get(named.name):
                message += f'; did you mean "{close}"?'
                fix = _fix(document, f"Write `{close}`", [(named.start, named.end, close)], safe=False)
            yield _Remark("misread-suppression", message, named.start, named.end, fix)


def _unused(
    document: Document, suppressions: Iterable[_Suppression], enabled: Mapping[str, Rule], late: Set[str]
) -> Iterator[_Remark]:
    for item in suppressions:
        idle = {named for named in item.names if named.name in enabled and named.name not in item.used | late}
        if not idle:
            continue
        names = ", ".join(f"`{named.name}`" for named in sorted(idle, key=lambda named: named.start))
        where = "in this file" if item.whole_file else "here"
        message = f"nothing is waived by this comment: {where} {names} finds nothing"
        if len(idle) < len(item.names):
            start, end = min(named.start for named in idle), max(named.end for named in idle)
        else:
            start, end = item.start, item.end
        yield _Remark("idle-suppression", message, start, end, _removal(document, item, idle))


def _removal(document: Document, item: _Suppression, gone: set[_Named]) -> FileFix | None:
    """The fix that takes names out of a suppression, or the whole comment where none is left.

    A reason is somebody's words, so what deletes one is not safe.
    """
    text = document.text
    if item.front_matter:
        return None
    left = [named for named in item.names if named not in gone]
    if left:
        whole = (item.names[0].start, item.names[-1].end, ", ".join(named.name for named in left))
        return _fix(document, "Take out what waives nothing", [whole], safe=True)
    start, end = item.comment
    shell = not text.startswith("<!--", start)
    words = text[start:end].removeprefix("<!--").removeprefix("#").lstrip("# \t")
    behind = text[item.end : end].removesuffix("-->").strip()
    if not words.startswith("nemolint:") or behind:
        # Other words stand before the directive, or on lines below it: they stay.
        start, end = item.start, end if shell and not behind else item.end
        while shell and text[start - 1] in "# \t":
            start -= 1
        return _fix(document, "Delete the suppression", [(start, end, "")], safe=not item.reason)
    first, last = document.lines.line_span(document.lines.position(start).line)
    if not text[first:start].strip() and not text[end:last].strip():
        line = document.lines.position(start).line
        following = document.lines.starts[line] if line < len(document.lines.starts) else len(text)
        if document.lines.position(end).line == line:
            # A line that a backslash joins to the one above ends the command there, and has to go on doing that.
            if document.kind != "dockerfile" and text[max(first - 3, 0) : first].rstrip("\r\n").endswith("\\"):
                following = end
            return _fix(document, "Delete the suppression", [(first, following, "")], safe=not item.reason)
    while start > first and text[start - 1] in " \t":
        start -= 1
    if start > first and text[start - 1] == "\\":
        start += 1  # a backslash before a line's end would join the next line
    return _fix(document, "Delete the suppression", [(start, end, "")], safe=not item.reason)


def _fix(document: Document, title: str, edits: Iterable[tuple[int, int, str]], *, safe: bool) -> FileFix:
    position = document.lines.position
    return FileFix(
        title,
        safe,
        tuple(FileEdit(start, end, text, *position(start), *position(end)) for start, end, text in edits),
    )


def _diagnostic(document: Document, rule: Rule, remark: _Remark) -> Diagnostic:
    return Diagnostic(
        rule.name,
        rule.severity["script"] or "warning",
        remark.message,
        document.path,
        *document.lines.position(remark.start),
        *document.lines.position(remark.end),
        start=remark.start,
        end=remark.end,
        url=RULE_URL.format(rule.name),
        fix=remark.fix,
    )
