"""Directives: what suppresses findings, in comments and in the front matter of a Markdown page, and what is misspelled.

`# nemolint: ignore[rule, …] reason`, `<!-- nemolint: ignore[…] reason -->` (in MDX `{/* … */}`, in reStructuredText
`.. …`), `ignore-file[…]`, and the switches of `sources/front_matter.py`. `directive_scope.py` finds the text that each
applies to, `suppress.py` applies them to findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from nemolint.base.close_matches import close_matches
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.linter.diagnostic import FileEdit, FileFix
from nemolint.prefilter import may_hold_suppression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.choices import Event
    from nemolint.document import Document
    from nemolint.linter.rule import Rule
    from nemolint.sources.front_matter import Switch

_DIRECTIVE = lazily(
    r"(?<![\w-])nemolint:[ \t]*(?P<verb>[A-Za-z][\w-]*)(?:[ \t]*\[(?P<names>[^\[\]\r\n]*)\])?(?P<reason>[^\r\n]*)"
)
# What suppresses nothing for a capital letter, a blank, or the lack of a colon; prose looks like that, too.
_ALMOST = lazily(
    r"(?<![\w-])(?!nemolint:)(?i:nemolint)(?P<colon>[ \t]*:[ \t]*|[ \t]+)(?P<verb>[A-Za-z][\w-]*)"
    r"(?:[ \t]*\[(?P<names>[^\[\]\r\n]*)\])?"
)
# Beginnings and ends of the comments that apply to a block.
BLOCK_COMMENT = lazily(r"<!--|\{\s*/\*")
COMMENT_END = lazily(r"(?:-->|\*/\s*\}?)\s*\Z")
_VERBS = ("ignore", "ignore-file")
_OTHER_VERBS = ("template",)
# The keywords of other tools.
_FOREIGN = {
    **dict.fromkeys(("allow", "disable", "exclude", "ignored", "ignores", "noqa", "nolint", "off"), "ignore"),
    **dict.fromkeys(("skip", "suppress", "waive"), "ignore"),
    **{f"{verb}-{place}": "ignore" for verb in ("ignore", "disable") for place in ("line", "next", "next-line")},
    **{f"{verb}-file": "ignore-file" for verb in ("allow", "disable", "skip", "suppress")},
}
_NAME = lazily(r"[^\s,]+")
# `disable=rule, rule`, `disable: rule`, `disable rule`
_ASSIGNED = lazily(r"[=:(]?[ \t]*([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)\)?")
# Limits for texts that nobody writes by hand.
_MOST_NAMES = 512
_LONGEST_LIST = 300


class NamedRule(NamedTuple):
    """A rule's name inside the brackets, with its place in the file."""

    name: str
    start: int
    end: int


class Suppression(NamedTuple):
    """One directive: the comment that holds it, its own place, what it names, and which names suppressed something."""

    comment: tuple[int, int]
    start: int
    end: int
    whole_file: bool
    names: list[NamedRule]
    reason: str
    used: set[str]
    front_matter: bool = False


class Remark(NamedTuple):
    """What is wrong with a suppression, at file offsets."""

    event: Event
    message: str
    start: int
    end: int
    fix: FileFix | None = None


class Directives(NamedTuple):
    """What a document says about findings. `whole` is the switch that suppresses all of the page, if there is one."""

    suppressions: list[Suppression]
    remarks: list[Remark]
    whole: Switch | None


def read(document: Document, rules: Mapping[str, Rule]) -> Directives:
    """The directives of a document, in the order of the file, with those that cannot be understood."""
    suppressions, remarks = _in_comments(document, rules)
    whole = _front_matter(document, suppressions, remarks) if "---" in document.text[:4] else None
    return Directives(suppressions, remarks, whole)


def _in_comments(document: Document, rules: Mapping[str, Rule]) -> tuple[list[Suppression], list[Remark]]:
    """The suppressions of a document, and what is wrong with unreadable ones."""
    found: list[Suppression] = []
    remarks: list[Remark] = []
    seen: set[int] = set()
    for start, end, _ in document.comments:
        text = document.text[start:end]
        if not may_hold_suppression(text):
            continue
        for match in _ALMOST.finditer(text):
            if start + match.start() not in seen and (remark := _misread(document, start, match, rules)):
                seen.add(start + match.start())
                remarks.append(remark)
        for match in _DIRECTIVE.finditer(text):
            begin = start + match.start()
            verb = match["verb"]
            if begin in seen or verb in _OTHER_VERBS:
                continue
            seen.add(begin)
            if verb not in _VERBS:
                if remark := _misread(document, start, match, rules):
                    remarks.append(remark)
                continue
            reason = COMMENT_END.sub("", match["reason"]).strip(" \t-:*/")
            offset = start + match.start("names")
            listed = islice(_NAME.finditer(match["names"] or ""), _MOST_NAMES)
            names = [NamedRule(name.group(), offset + name.start(), offset + name.end()) for name in listed]
            finish = begin + len(COMMENT_END.sub("", match.group()).rstrip())
            if not names:
                message = f"this suppression names no rule: write `nemolint: {verb}[rule]`"
                remarks.append(Remark("misread-suppression", message, begin, finish))
                continue
            found.append(Suppression((start, end), begin, finish, verb == "ignore-file", names, reason, set()))
    return found, remarks


def _misread(document: Document, start: int, match: re.Match[str], rules: Mapping[str, Rule]) -> Remark | None:
    """What is said about a directive that suppresses nothing for how it is written; None for prose.

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
        suggested = rewriting(document, f"Write `{close[0]}`", [(*place, close[0])], safe=False)
        message = f"unknown directive `{verb}`: did you mean `{close[0]}`?"
        return Remark("misread-suppression", message, *place, suggested)
    if not _begins(match.string, match.start()):
        return None
    end = match.end("verb") if names is None else match.end("names") + 1
    line = (match.string[end : end + _LONGEST_LIST].splitlines() or [""])[0]
    rest = COMMENT_END.sub("", line).rstrip()
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
    # After a command, `next-line` means another line than `ignore` does.
    sure = known in _OTHER_VERBS or (ours and "next" not in folded)
    fix = rewriting(document, f"Write `{written}`", [(begin, start + end, written)], safe=False) if sure else None
    if exact:
        return Remark("misread-suppression", f"unknown directive `{verb}`: write `{written}`", *place, fix)
    shown = document.text[begin : place[1]]
    return Remark("misread-suppression", f"`{shown}` is not a directive: write `{written}`", begin, place[1], fix)


def _begins(comment: str, at: int) -> bool:
    """Whether a directive begins a comment, or one after other words (`# words  # nemolint: …`)."""
    while at and comment[at - 1] in " \t":
        at -= 1
    if (
        not at
        or comment[at - 1] in "\r\n"
        or BLOCK_COMMENT.fullmatch(comment[:at])
        or comment[:at] in ("..", "//", "/*")
    ):
        return True
    return comment[at - 1] == "#" and (at == 1 or comment[at - 2] in " \t#\r\n")


def _front_matter(document: Document, suppressions: list[Suppression], remarks: list[Remark]) -> Switch | None:
    """Add what the front matter suppresses, and what is wrong with it. Returns the switch that hides all, if any."""
    from nemolint.sources.front_matter import KINDS, switches

    whole: Switch | None = None
    added: list[Suppression] = []
    for item in switches(document):
        if item.kind == "ignore-file":
            whole = item
        elif item.kind == "ignore":
            named = [NamedRule(item.text, item.start, item.end)]
            added.append(Suppression((item.start, item.end), item.start, item.end, True, named, "", set(), True))
        elif item.kind == "unknown":
            close = close_matches(item.text, KINDS, most=1)
            known = ", ".join(f"`{kind}`" for kind in KINDS)
            hint = f": did you mean `{close[0]}`?" if close else f": use one of {known}"
            message = f"{f'`{item.text}`' if item.text else 'this'} is not a nemolint setting of the front matter{hint}"
            remarks.append(Remark("misread-suppression", message, item.start, item.end))
    suppressions[:0] = added
    return whole


def rewriting(document: Document, title: str, edits: Iterable[tuple[int, int, str]], *, safe: bool) -> FileFix:
    """The fix that replaces characters of the file: start, end, text."""
    position = document.lines.position
    return FileFix(
        title,
        safe,
        tuple(FileEdit(start, end, text, *position(start), *position(end)) for start, end, text in edits),
    )
