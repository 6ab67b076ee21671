"""What an editor offers for a finding: its fix, those of its rule, suppressions of it on the line, in the file, and in
the settings of the project.

Everything is tried on the text before it is offered: what does not clear its finding, or changes anything else, is not.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from itertools import accumulate, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nemolint.base.line_matcher import LineMatcher
from nemolint.base.named_tuple import NamedTuple
from nemolint.editor.client_positions import ClientRange, ClientText
from nemolint.editor.workspace import read
from nemolint.linter.fix import Chosen, Judged, applicable, apply_edits, fix_text, worse

if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.editor.workspace import AskedText, CheckedText, EditorWorkspace, TextOf
    from nemolint.linter.diagnostic import Diagnostic

ActionKind = Literal["quickfix", "source.fixAll.nemolint"]

FIX_ALL: ActionKind = "source.fixAll.nemolint"
QUICK_FIX: ActionKind = "quickfix"
# What a suppression of a secret says until somebody says more.
_REASON = "say here why this is accepted"
_ABOUT_SUPPRESSIONS = ("idle-suppression", "misread-suppression")


class ClientEdit(NamedTuple):
    """Replace a part of a text."""

    range: ClientRange
    text: str


class OfferedAction(NamedTuple):
    """Something that the editor can do, and what it is about (`items`).

    `edits` are those of the file `path`, None for the checked text itself; `creates`: that file does not exist yet.
    """

    title: str
    kind: ActionKind
    items: tuple[Diagnostic, ...]
    edits: tuple[ClientEdit, ...]
    path: str | None = None
    creates: bool = False
    preferred: bool = False


class Actions:
    """The actions for one version of a text. Answers are kept."""

    def __init__(self, checked: CheckedText, asked: AskedText, text: ClientText, places: EditorWorkspace) -> None:
        self._checked = checked
        self._asked = asked
        self._text = text
        self._places = places
        self._known: dict[tuple[object, ...], OfferedAction | None] = {}

    @cached_property
    def _state(self) -> Judged:
        """The text with all its findings, those that are not shown among them, but without the fixes of those."""
        document = self._document
        return Judged(document, [self._fixable(item) for item in self._checked.all if item.path == document.path])

    @property
    def _document(self) -> Document:
        assert self._checked.document is not None
        return self._checked.document

    def _fixable(self, item: Diagnostic) -> Diagnostic:
        return item if self._checked.shows(item) else item._replace(fix=None)

    def _judge(self, keep: Callable[[Diagnostic], bool]) -> Callable[[str], Judged]:
        """What checks a changed text, and leaves only some of the findings their fixes."""
        checker = self._checked.checker
        assert checker is not None

        def check(text: str) -> Judged:
            document = read(checker, self._asked._replace(text=text))
            found = [self._fixable(item) for item in checker.check(document) if item.path == document.path]
            return Judged(document, [item if keep(item) else item._replace(fix=None) for item in found])

        return check

    def _forget(self, document: Document) -> None:
        if document is not self._document and self._checked.checker is not None:
            self._checked.checker.forget(document)

    def offered(
        self,
        start: int,
        end: int,
        wants: Callable[[ActionKind], bool],
        text_of: TextOf,
        seconds: float = float("inf"),
    ) -> Iterator[OfferedAction]:
        """The actions for the findings in a part of the text, and for the whole text.

        `wants`: the kinds asked for. `text_of` gives the text of another file as it is in the editor, or on disk. After
        so many `seconds` no further action is tried; what was tried is known when the same is asked for again.
        """
        if self._checked.document is None:
            return
        touched = [item for item in self._state.diagnostics if _touches(item, self._text, start, end)]
        shown = [item for item in touched if self._checked.shows(item)]
        until = time.monotonic() + seconds
        if wants(QUICK_FIX):
            in_project = partial(self.ignore_in_project, text_of=text_of)
            for find in (self.fix, self.fix_rule, self.ignore, self.ignore_in_file, in_project):
                in_time = takewhile(lambda _: time.monotonic() < until, shown)
                yield from _without_repeats(action for item in in_time if (action := find(item)) is not None)
        if wants(FIX_ALL) and (action := self.fix_all()) is not None:
            yield action

    def _once(self, key: tuple[object, ...], make: Callable[[], OfferedAction | None]) -> OfferedAction | None:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    # -- fixes

    def fix(self, item: Diagnostic) -> OfferedAction | None:
        """The fix of a finding; None if it has none, or it would do harm."""
        return self._once(("fix", item), lambda: self._fix(item))

    def _fix(self, item: Diagnostic) -> OfferedAction | None:
        if item.fix is None or not item.fix.edits:
            return None
        state = self._state
        same = [other for other in state.diagnostics if other.fix is not None and other.fix.edits == item.fix.edits]
        chosen: list[Chosen] = applicable([item, *(other for other in same if other is not item)], unsafe=True)
        fixed = apply_edits(state.document.text, [item.fix])
        if fixed == state.document.text:
            return None
        after = self._judge(lambda item: True)(fixed)
        harmful = worse(state, after, chosen)
        self._forget(after.document)
        if harmful:
            return None
        edits = tuple(ClientEdit(self._text.range(edit.start, edit.end), edit.text) for edit in item.fix.edits)
        safe = item.fix.safe
        title = item.fix.title if safe else f"{item.fix.title} (unsafe)"
        return OfferedAction(title, QUICK_FIX, tuple(same), edits, preferred=safe)

    def fix_rule(self, item: Diagnostic) -> OfferedAction | None:
        """The fixes of all findings of the same rule, if it is not the only one. They are unsafe if its own is."""
        return self._once(("fix rule", item.rule), lambda: self._fix_rule(item))

    def _fix_rule(self, item: Diagnostic) -> OfferedAction | None:
        alike = [other for other in self._state.diagnostics if other.rule == item.rule and other.fix is not None]
        if item.fix is None or len(alike) < 2:
            return None
        unsafe = not all(other.fix.safe for other in alike if other.fix is not None)
        edits, count = self._fixed(lambda other: other.rule == item.rule, unsafe=unsafe)
        if count < 2:
            return None
        title = f"Fix all {count} findings of {item.rule} in this file{' (unsafe)' if unsafe else ''}"
        return OfferedAction(title, QUICK_FIX, tuple(alike), edits)

    def fix_all(self) -> OfferedAction | None:
        """All safe fixes, as `--fix` applies them."""
        return self._once(("fix all",), self._fix_all)

    def _fix_all(self) -> OfferedAction | None:
        fixable = [item for item in self._state.diagnostics if item.fix is not None and item.fix.safe]
        edits, count = self._fixed(lambda item: True, unsafe=False) if fixable else ((), 0)
        return OfferedAction("Fix all with nemolint", FIX_ALL, tuple(fixable), edits) if count else None

    def _fixed(self, keep: Callable[[Diagnostic], bool], *, unsafe: bool) -> tuple[tuple[ClientEdit, ...], int]:
        """What the fixes of some findings make of the text, and how many findings they resolve."""
        state = self._state
        chosen = [item if keep(item) else item._replace(fix=None) for item in state.diagnostics]
        done = fix_text(Judged(state.document, chosen), self._judge(keep), unsafe=unsafe, forget=self._forget)
        edits = tuple(edits_between(self._text, done.text))
        self._forget(done.document)
        return edits, done.applied

    # -- suppressions

    def ignore(self, item: Diagnostic) -> OfferedAction | None:
        """A suppression at the line, the command or the block of a finding."""
        return self._once(("ignore", item), lambda: self._suppressed(item, whole_file=False))

    def ignore_in_file(self, item: Diagnostic) -> OfferedAction | None:
        """A suppression of the rule in the whole file."""
        return self._once(("ignore in file", item.rule), lambda: self._suppressed(item, whole_file=True))

    def _suppressed(self, item: Diagnostic, *, whole_file: bool) -> OfferedAction | None:
        if item.final or self._is_about_suppressions(item):
            return None
        from nemolint.linter.add_suppressions import suppress

        reason = _REASON if item.needs_reason else ""
        found = suppress(
            self._state,
            self._judge(lambda item: True),
            item,
            reason,
            whole_file=whole_file,
            forget=self._forget,
        )
        if found is None:
            return None
        edits = tuple(edits_between(self._text, found.state.document.text))
        self._forget(found.state.document)
        title = f"Ignore {item.rule} in this file" if whole_file else f"Ignore {item.rule} on this line"
        if not whole_file and len(found.hidden) > 1:
            title = f"Ignore {item.rule} here ({len(found.hidden)} findings)"
        return OfferedAction(title, QUICK_FIX, tuple(found.hidden), edits)

    def ignore_in_project(self, item: Diagnostic, text_of: TextOf) -> OfferedAction | None:
        """The rule in `ignore` of the nearest settings file, or of a new one in the folder of the workspace."""
        if item.final or self._is_about_suppressions(item):
            return None
        from nemolint.settings_file import with_ignored

        folder = self._places.folder_of(self._asked.path)
        source = self._checked.settings.source if self._checked.settings is not None else None
        if source is None and folder is None:
            return None
        file = source or Path(folder or "") / "nemolint.toml"
        creates = not os.path.lexists(file)
        before = ClientText("", self._text.encoding) if creates else text_of(str(file))
        after = with_ignored(file, before.text, item.rule)
        if after is None:
            return None
        again = self._places.check(self._asked, {str(file): after.encode("utf-8")})
        own = [other for other in again.all if other.path == self._document.path]
        self._forget_all(again)
        # What a rule was reported instead of appears without it.
        lost = _places_of(self._state.diagnostics) - _places_of(own)
        if (
            again.broken is not None
            or any(other.rule == item.rule for other in own)
            or {rule for rule, _, _ in lost} != {item.rule}
        ):
            return None
        edits = tuple(edits_between(before, after))
        alike = tuple(other for other in self._state.diagnostics if other.rule == item.rule)
        title = f"Ignore {item.rule} in this project ({file.name})"
        return OfferedAction(title, QUICK_FIX, alike, edits, str(file), creates)

    def _forget_all(self, again: CheckedText) -> None:
        if again.document is not None and again.checker is not None:
            again.checker.forget(again.document)

    def _is_about_suppressions(self, item: Diagnostic) -> bool:
        """Whether a suppression of the finding would be the next to be wrong."""
        checker = self._checked.checker
        rule = checker.rules.get(item.rule) if checker is not None else None
        return rule is not None and rule.reports in _ABOUT_SUPPRESSIONS


def untried_fixes(items: Iterable[Diagnostic], text: ClientText, start: int, end: int) -> Iterator[OfferedAction]:
    """The safe fixes of findings in a part of a text that is too large for trying them."""
    for item in items:
        if item.fix is None or not item.fix.safe or not _touches(item, text, start, end):
            continue
        edits = tuple(ClientEdit(text.range(edit.start, edit.end), edit.text) for edit in item.fix.edits)
        yield OfferedAction(item.fix.title, QUICK_FIX, (item,), edits, preferred=True)


def _touches(item: Diagnostic, text: ClientText, start: int, end: int) -> bool:
    """Whether a finding is in a part of a text, or next to it."""
    first = text.at(item.line, item.column)
    return first <= end and start <= max(first, text.at(item.end_line, item.end_column))


def _places_of(items: Iterable[Diagnostic]) -> Counter[tuple[str, int, int]]:
    return Counter((item.rule, item.line, item.column) for item in items)


def _without_repeats(actions: Iterable[OfferedAction]) -> Iterator[OfferedAction]:
    """Actions of which none does the same as another."""
    seen: dict[tuple[object, ...], None] = {}
    for action in actions:
        key = (action.title, action.path, action.edits)
        if key not in seen:
            seen[key] = None
            yield action


def edits_between(old: ClientText, new: str) -> Iterator[ClientEdit]:
    """The edits that make `new` of a text: as few characters as the lines that differ allow."""
    before, after = old.text.split("\n"), new.split("\n")
    before, after = (
        [f"{line}\n" for line in before[:-1]] + before[-1:],
        [f"{line}\n" for line in after[:-1]] + after[-1:],
    )
    starts = [0, *accumulate(map(len, before))]
    for tag, first, last, begin, finish in LineMatcher(before, after).get_opcodes():
        if tag == "equal":
            continue
        text, start, end = "".join(after[begin:finish]), starts[first], starts[last]
        head = _common(old.text[start:end], text)
        while head and (old.text[start + head - 1] == "\r" or text[head - 1] == "\r"):
            head -= 1  # a position is never between the parts of CRLF
        start, text = start + head, text[head:]
        tail = _common(old.text[start:end][::-1], text[::-1])
        while tail and (old.text[end - tail] == "\n" or text[len(text) - tail] == "\n"):
            tail -= 1
        yield ClientEdit(old.range(start, end - tail), text[: len(text) - tail])


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    most = min(len(one), len(other))
    return next((at for at in range(most) if one[at] != other[at]), most)
