"""What an editor offers for a finding: its fix, those of its rule, suppressions of it on the line, in the file, and in
the settings of the project.

Everything is tried on the text: what does not clear its finding, or changes anything else, is not offered. To a client
that asks again for the edits of an action, what there was no time for is offered untried. It is tried when chosen.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import accumulate, chain
from typing import Literal

from nemolint.base.line_matcher import LineMatcher
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import joined
from nemolint.editor.client_positions import ClientRange, ClientText
from nemolint.editor.workspace import read
from nemolint.linter.add_suppressions import suppress
from nemolint.linter.added_places import proposals, proposals_for_file
from nemolint.linter.fix import Chosen, FixState, applicable, apply_edits, fix_text, worse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.editor.workspace import AskedText, CheckedText, EditorWorkspace, TextOf
    from nemolint.linter.diagnostic import Diagnostic, FileFix

    ActionKind = Literal["quickfix", "source.fixAll.nemolint"]

ActionName = Literal["fix", "fix-rule", "ignore", "ignore-in-file", "ignore-in-project", "fix-all"]

FIX_ALL: ActionKind = "source.fixAll.nemolint"
QUICK_FIX: ActionKind = "quickfix"
# What a suppression of a secret says until somebody says more.
_REASON = "say here why this is accepted"
_LONG = 0.25  # seconds of the first check, after which not even one trial is made without time for it
_SLOW = 5.0  # seconds of a check, after which nothing is tried
_OF_A_FINDING: tuple[ActionName, ...] = ("fix", "fix-rule", "ignore", "ignore-in-file", "ignore-in-project")
# How many checks a trial takes, roughly.
_CHECKS: dict[ActionName, int] = {
    "fix": 1,
    "fix-rule": 4,
    "ignore": 2,
    "ignore-in-file": 2,
    "ignore-in-project": 2,
    "fix-all": 4,
}
_ABOUT_SUPPRESSIONS = ("idle-suppression", "misread-suppression")


class ClientEdit(NamedTuple):
    """Replace a part of a text."""

    range: ClientRange
    text: str


class UntriedAction(NamedTuple):
    """Which action is to be tried: its name, and its finding, which is the one with this `number` of those of `rule`
    that begin at `start`. Findings may have come and gone since it was offered, if other files were changed.
    """

    name: ActionName
    rule: str = ""
    start: int = 0
    number: int = 0


class OfferedAction(NamedTuple):
    """Something that the editor can do, and what it is about (`items`).

    `edits` are those of the file `path`, None for the checked text itself; `creates`: that file does not exist yet.
    `untried` is set for an action without edits, and says which one it is.
    """

    title: str
    kind: ActionKind
    items: tuple[Diagnostic, ...]
    edits: tuple[ClientEdit, ...]
    path: str | None = None
    creates: bool = False
    preferred: bool = False
    untried: UntriedAction | None = None


class Actions:
    """The actions for one version of a text. Answers are kept."""

    def __init__(self, checked: CheckedText, asked: AskedText, text: ClientText, places: EditorWorkspace) -> None:
        self.text = text
        self._checked = checked
        self._asked = asked
        self._places = places
        self._known: dict[tuple[object, ...], OfferedAction | None] = {}
        self._seconds, self._has_tried = checked.seconds, False  # what a check takes, as the last one did

    @cached_property
    def _state(self) -> FixState:
        """The text with all its findings, those that are not shown among them, but without the fixes of those."""
        document = self._document
        return FixState(document, [self._fixable(item) for item in self._checked.all if item.path == document.path])

    @property
    def _document(self) -> Document:
        assert self._checked.document is not None
        return self._checked.document

    def _fixable(self, item: Diagnostic) -> Diagnostic:
        return item if self._checked.shows(item) else item._replace(fix=None)

    def _judge(self, keep: Callable[[Diagnostic], bool]) -> Callable[[str], FixState]:
        """What checks a changed text, and leaves only some of the findings their fixes."""
        checker = self._checked.checker
        assert checker is not None

        def check(text: str) -> FixState:
            begun = time.monotonic()
            document = read(checker, self._asked._replace(text=text))
            found = [self._fixable(item) for item in checker.check(document) if item.path == document.path]
            self._seconds, self._has_tried = time.monotonic() - begun, True
            return FixState(document, [item if keep(item) else item._replace(fix=None) for item in found])

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
        *,
        resolvable: bool = False,
    ) -> Iterator[OfferedAction]:
        """The actions for the findings in a part of the text, and for the whole text.

        `wants`: the kinds asked for. `text_of` gives the text of another file as it is in the editor, or on disk.
        No action is tried that may take more than so many `seconds` in all; what was tried is known when the same is
        asked for again. `resolvable`: the others are offered without edits, which `tried` gives. Where a check takes
        so long that nobody would wait for that, safe fixes are offered as they are, and nothing else is.
        """
        touched = [item for item in self._state.diagnostics if _touches(item, self.text, start, end)]
        shown = [item for item in touched if self._checked.shows(item)]
        until = time.monotonic() + seconds
        slow = self._checked.seconds > _SLOW

        def found(name: ActionName, item: Diagnostic | None) -> OfferedAction | None:
            key = _key(name, item)
            # The first check takes longer than those behind it.
            expected = self._seconds * _CHECKS[name] if self._has_tried or self._seconds > _LONG else 0.0
            if key in self._known or (not slow and time.monotonic() + expected < until):
                return self._tried(name, item, text_of)
            if slow:
                return self._as_it_is(item) if name == "fix" and item is not None else None
            return self._untried(name, item, text_of) if resolvable else None

        if wants(QUICK_FIX):
            for name in _OF_A_FINDING:
                yield from _without_repeats(action for item in shown if (action := found(name, item)) is not None)
        if wants(FIX_ALL) and (action := found("fix-all", None)) is not None:
            yield action

    def tried(self, untried: UntriedAction, text_of: TextOf) -> OfferedAction | None:
        """The action that was offered without edits; None if it would not do what its title says, and that alone."""
        if untried.name == "fix-all":
            return self._tried("fix-all", None, text_of)
        item = next(iter(self._alike(untried.rule, untried.start)[untried.number :]), None)
        return None if item is None else self._tried(untried.name, item, text_of)

    def _alike(self, rule: str, start: int) -> list[Diagnostic]:
        """The findings of a rule that begin at an offset of the text."""
        return [item for item in self._state.diagnostics if (item.rule, item.start) == (rule, start)]

    def _tried(self, name: ActionName, item: Diagnostic | None, text_of: TextOf) -> OfferedAction | None:
        key = _key(name, item)
        if key not in self._known:
            self._known[key] = self._made(name, item, text_of)
        return self._known[key]

    def _made(self, name: ActionName, item: Diagnostic | None, text_of: TextOf) -> OfferedAction | None:
        if name == "fix-all" or item is None:
            return self._fix_all()
        if name == "fix":
            return self._fix(item)
        if name == "fix-rule":
            return self._fix_rule(item)
        if name == "ignore-in-project":
            return self._ignore_in_project(item, text_of)
        return self._ignore(item, whole_file=name == "ignore-in-file")

    def _untried(self, name: ActionName, item: Diagnostic | None, text_of: TextOf) -> OfferedAction | None:
        """An action without edits, if there may be one."""
        untried = UntriedAction(name)
        if item is not None:
            number = next(at for at, other in enumerate(self._alike(item.rule, item.start)) if other is item)
            untried = UntriedAction(name, item.rule, item.start, number)
        fixable = [other for other in self._state.diagnostics if other.fix is not None and other.fix.edits]
        alike = [other for other in fixable if item is not None and other.rule == item.rule]
        unsafe = not all(other.fix.safe for other in alike if other.fix is not None)
        kind = QUICK_FIX
        preferred = creates = False
        if name == "fix-all" or item is None:
            kind = FIX_ALL
            if not any(other.fix.safe for other in fixable if other.fix is not None):
                return None
            title = "Fix all with nemolint"
        elif name == "fix":
            if item.fix is None or not item.fix.edits:
                return None
            title, preferred = _title_of(item.fix), item.fix.safe
        elif name == "fix-rule":
            if item.fix is None or len(alike) < 2:
                return None
            title = f"Fix all findings of {item.rule} in this file{' (unsafe)' if unsafe else ''}"
        elif item.final or self._is_about_suppressions(item):
            return None
        elif name == "ignore-in-project":
            changed = self._changed_settings(item, text_of)
            if changed is None:
                return None
            title, creates = _title_of_project(item, changed[0]), changed[1]
        elif name == "ignore":
            if next(proposals(self._document, item), None) is None:
                return None
            title = f"Ignore {item.rule} here"
        else:
            if next(chain(proposals_for_file(self._document), proposals(self._document, item)), None) is None:
                return None
            title = f"Ignore {item.rule} in this file"
        of_rule = tuple(other for other in self._state.diagnostics if item is not None and other.rule == item.rule)
        by_name = {"fix-all": fixable, "fix-rule": alike, "ignore-in-file": of_rule, "ignore-in-project": of_rule}
        items = tuple(by_name.get(name, () if item is None else (item,)))
        return OfferedAction(title, kind, items, (), creates=creates, preferred=preferred, untried=untried)

    def _as_it_is(self, item: Diagnostic) -> OfferedAction | None:
        """The fix of a finding without a trial, if it is safe."""
        if item.fix is None or not item.fix.safe or not item.fix.edits:
            return None
        return OfferedAction(item.fix.title, QUICK_FIX, (item,), self._edits_of(item.fix), preferred=True)

    def _edits_of(self, fix: FileFix) -> tuple[ClientEdit, ...]:
        return tuple(ClientEdit(self.text.range(edit.start, edit.end), edit.text) for edit in fix.edits)

    # -- fixes

    def _fix(self, item: Diagnostic) -> OfferedAction | None:
        """The fix of a finding; None if it has none, or it would do harm."""
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
        edits = self._edits_of(item.fix)
        return OfferedAction(_title_of(item.fix), QUICK_FIX, tuple(same), edits, preferred=item.fix.safe)

    def _fix_rule(self, item: Diagnostic) -> OfferedAction | None:
        """The fixes of all findings of the same rule, if it is not the only one. They are unsafe if one of them is."""
        alike = [other for other in self._state.diagnostics if other.rule == item.rule and other.fix is not None]
        if item.fix is None or len(alike) < 2:
            return None
        unsafe = not all(other.fix.safe for other in alike if other.fix is not None)
        edits, count = self._fixed(lambda other: other.rule == item.rule, unsafe=unsafe)
        if count < 2:
            return None
        title = f"Fix all {count} findings of {item.rule} in this file{' (unsafe)' if unsafe else ''}"
        return OfferedAction(title, QUICK_FIX, tuple(alike), edits)

    def _fix_all(self) -> OfferedAction | None:
        """All safe fixes, as `--fix` applies them."""
        fixable = [item for item in self._state.diagnostics if item.fix is not None and item.fix.safe]
        edits, count = self._fixed(lambda item: True, unsafe=False) if fixable else ((), 0)
        return OfferedAction("Fix all with nemolint", FIX_ALL, tuple(fixable), edits) if count else None

    def _fixed(self, keep: Callable[[Diagnostic], bool], *, unsafe: bool) -> tuple[tuple[ClientEdit, ...], int]:
        """What the fixes of some findings make of the text, and how many findings they resolve."""
        state = self._state
        chosen = [item if keep(item) else item._replace(fix=None) for item in state.diagnostics]
        done = fix_text(FixState(state.document, chosen), self._judge(keep), unsafe=unsafe, forget=self._forget)
        edits = tuple(edits_between(self.text, done.text))
        self._forget(done.document)
        return edits, done.applied

    # -- suppressions

    def _ignore(self, item: Diagnostic, *, whole_file: bool) -> OfferedAction | None:
        """A suppression at the line, the command or the block of a finding, or one of its rule in the whole file."""
        if item.final or self._is_about_suppressions(item):
            return None
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
        edits = tuple(edits_between(self.text, found.state.document.text))
        self._forget(found.state.document)
        title = f"Ignore {item.rule} in this file" if whole_file else f"Ignore {item.rule} on this line"
        if not whole_file and len(found.hidden) > 1:
            title = f"Ignore {item.rule} here ({len(found.hidden)} findings)"
        return OfferedAction(title, QUICK_FIX, tuple(found.hidden), edits)

    def _ignore_in_project(self, item: Diagnostic, text_of: TextOf) -> OfferedAction | None:
        """The rule in `ignore` of the nearest settings file, or of a new one in the folder of the workspace."""
        if item.final or self._is_about_suppressions(item):
            return None
        changed = self._changed_settings(item, text_of)
        if changed is None:
            return None
        file, creates, before, after = changed
        again = self._places.check(self._asked, {file: after.encode("utf-8")})
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
        return OfferedAction(_title_of_project(item, file), QUICK_FIX, alike, edits, file, creates)

    def _changed_settings(self, item: Diagnostic, text_of: TextOf) -> tuple[str, bool, ClientText, str] | None:
        """The settings file to change, whether it is a new one, and its text before and after; None without one."""
        from nemolint.settings_file import with_ignored

        folder = self._places.folder_of(self._asked.path)
        source = self._checked.settings.source if self._checked.settings is not None else None
        if source is None and folder is None:
            return None
        file = source or joined(folder or "", "nemolint.toml")
        creates = not os.path.lexists(file)
        before = ClientText("", self.text.encoding) if creates else text_of(file)
        after = with_ignored(file, before.text, item.rule)
        return None if after is None else (file, creates, before, after)

    def _forget_all(self, again: CheckedText) -> None:
        if again.document is not None and again.checker is not None:
            again.checker.forget(again.document)

    def _is_about_suppressions(self, item: Diagnostic) -> bool:
        """Whether a suppression of the finding would be the next to be wrong."""
        checker = self._checked.checker
        rule = checker.rules.get(item.rule) if checker is not None else None
        return rule is not None and rule.reports in _ABOUT_SUPPRESSIONS


def _key(name: ActionName, item: Diagnostic | None) -> tuple[object, ...]:
    """What an action is kept under: some are the same for all findings of a rule."""
    if item is None or name == "fix-all":
        return ("fix-all",)
    return (name, item if name in ("fix", "ignore") else item.rule)


def _title_of(fix: FileFix) -> str:
    return fix.title if fix.safe else f"{fix.title} (unsafe)"


def _title_of_project(item: Diagnostic, file: str) -> str:
    return f"Ignore {item.rule} in this project ({os.path.basename(file)})"


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
        key = (action.title, action.path, action.edits, action.untried and action.items)
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
