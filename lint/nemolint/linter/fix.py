"""Applying fixes: to a text, until none is left; and to a file, atomically."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence

from nemolint.base.named_tuple import NamedTuple
from nemolint.linter.diagnostic import Diagnostic, FileEdit, FileFix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.paths import Location
    from nemolint.document import Document, Region

# How often a file is checked in one pass before the fixes still in doubt are skipped: less often if it is long.
_MAX_CHECKS = 60
_MIN_CHECKS = 8
_MAX_JUDGED = 2_000_000  # characters
# How many passes may skip some of their fixes. Passes that skip none go on as long as there are fixes.
_MAX_PARTIAL_PASSES = 10


class FixState(NamedTuple):
    """A document with its findings. A finding that is not to be fixed has no fix here."""

    document: Document
    diagnostics: list[Diagnostic]


class Fixed(NamedTuple):
    """The outcome for one file: its new state, how many findings were fixed, and which are left."""

    document: Document
    applied: int
    remaining: list[Diagnostic]

    @property
    def text(self) -> str:
        """The text with the fixes."""
        return self.document.text


class Chosen(NamedTuple):
    """A fix to apply, with the findings (all of one place) that it should resolve."""

    fix: FileFix
    rules: tuple[str, ...]


def applicable(diagnostics: Iterable[Diagnostic], *, unsafe: bool) -> list[Chosen]:
    """The fixes to apply in one pass. Of overlapping fixes only the first is kept."""
    chosen: dict[tuple[tuple[int, int, str], ...], Chosen] = {}
    taken = _Taken()
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or not fix.edits or not (fix.safe or unsafe):
            continue
        key = tuple((edit.start, edit.end, edit.text) for edit in fix.edits)
        if key in chosen:
            chosen[key] = Chosen(chosen[key].fix, (*chosen[key].rules, diagnostic.rule))
        elif taken.take(fix.edits):
            chosen[key] = Chosen(fix, (diagnostic.rule,))
    return list(chosen.values())


class _Taken:
    """The places that are already edited, in order."""

    def __init__(self) -> None:
        self._edits: list[tuple[int, int]] = []

    def take(self, edits: Sequence[FileEdit]) -> bool:
        """Take the places of a fix, unless one of them is already taken."""
        if any(self._overlaps(edit) for edit in edits):
            return False
        for edit in edits:
            self._edits.insert(bisect_right(self._edits, (edit.start, edit.end)), (edit.start, edit.end))
        return True

    def _overlaps(self, edit: FileEdit) -> bool:
        index = bisect_right(self._edits, (edit.start, edit.end))
        return any(_overlap(edit, *other) for other in self._edits[max(index - 1, 0) : index + 1])


def _overlap(edit: FileEdit, start: int, end: int) -> bool:
    if edit.start == edit.end or start == end:
        # Two insertions at one place, or one at the edge of a replacement, have no order.
        return edit.start <= end and start <= edit.end
    return edit.start < end and start < edit.end


def apply_edits(text: str, fixes: Iterable[FileFix]) -> str:
    """The text with all edits of `fixes` done. The edits must not overlap."""
    edits = sorted((edit for fix in fixes for edit in fix.edits), key=lambda edit: (edit.start, edit.end))
    parts: list[str] = []
    position = 0
    for edit in edits:
        parts.append(text[position : edit.start])
        parts.append(edit.text)
        position = edit.end
    parts.append(text[position:])
    return "".join(parts)


def fix_text(
    state: FixState,
    check: Callable[[str], FixState],
    *,
    unsafe: bool,
    forget: Callable[[Document], None] = lambda document: None,
) -> Fixed:
    """Apply fixes until none is left that helps.

    `check` checks a text. A fix is skipped if it would introduce a finding, does not resolve its own, or makes a
    container unparsable or a run disappear; a safe fix also if it would change other commands. So each pass leaves
    fewer findings, and the passes end; another call would skip the same fixes. `forget` is called with each
    intermediate document that is no longer needed.
    """
    applied = partial = 0
    original = state
    while partial < _MAX_PARTIAL_PASSES and (chosen := applicable(state.diagnostics, unsafe=unsafe)):
        after, taken = _most(state, chosen, _Budget(check, len(state.document.text), forget))
        if after is None:
            break
        partial += len(taken) < len(chosen)
        if state is not original:
            forget(state.document)
        state = after
        applied += sum(len(item.rules) for item in taken)
    return Fixed(state.document, applied, state.diagnostics)


class _Budget:
    """Checks a limited number of texts."""

    def __init__(self, check: Callable[[str], FixState], length: int, forget: Callable[[Document], None]) -> None:
        self._check = check
        self.forget = forget
        self._left = min(_MAX_CHECKS, max(_MIN_CHECKS, _MAX_JUDGED // (length + 1)))

    def attempt(self, before: FixState, chosen: Sequence[Chosen]) -> FixState | None:
        """The state after the fixes, or None if it is worse or the same, or the budget is used up."""
        text = before.document.text
        fixed = apply_edits(text, (item.fix for item in chosen))
        if fixed == text or not self._left:
            return None
        self._left -= 1
        after = self._check(fixed)
        if worse(before, after, chosen):
            self.forget(after.document)
            return None
        return after


def _most(before: FixState, chosen: Sequence[Chosen], budget: _Budget) -> tuple[FixState | None, list[Chosen]]:
    """The state after as many of the fixes as work together, and those fixes.

    First all of them are tried, then those of each rule: if one of a rule does harm, the others are likely to. A set
    that does harm is halved, one half down to single fixes before the other, so that some are found within the budget.
    """
    best: FixState | None = None
    taken: list[Chosen] = []
    of_rule: dict[tuple[str, ...], list[Chosen]] = {}
    for item in chosen:
        of_rule.setdefault(item.rules[:1], []).append(item)
    pending = deque([list(chosen)])
    if len(of_rule) > 1:
        pending += of_rule.values()
    harmful: list[list[Chosen]] = []
    while (pending or harmful) and len(taken) < len(chosen):
        group = pending.popleft() if pending else harmful.pop()
        after = budget.attempt(before, [*taken, *group])
        if after is not None:
            if best is not None:
                budget.forget(best.document)
            best = after
            taken += group
        elif len(group) > 1 and (len(group) < len(chosen) or len(of_rule) == 1):
            middle = len(group) // 2
            harmful += [group[middle:], group[:middle]]
    return best, taken


def worse(before: FixState, after: FixState, chosen: Sequence[Chosen]) -> bool:
    """True if the fixed document has a new finding, or lost something."""
    allowed = Counter(diagnostic.rule for diagnostic in before.diagnostics)
    for item in chosen:
        allowed.subtract(item.rules)
    # What yields to an error was true before the fix, too.
    found = Counter(diagnostic.rule for diagnostic in after.diagnostics if not diagnostic.yields)
    if any(count > allowed[rule] for rule, count in found.items()):
        return True
    if all(item.fix.safe for item in chosen) and not _same_commands(before.document, after.document):
        return True
    edits = sorted((edit for item in chosen for edit in item.fix.edits), key=lambda edit: (edit.start, edit.end))
    return not _same_shape(before.document, after.document, edits)


def _same_commands(old: Document, new: Document) -> bool:
    """Whether a shell runs the same commands in both, except for the words of runs, and each dry run still is one."""
    if len(old.runs) != len(new.runs) or _outlines(old) != _outlines(new):
        return False
    return all(after.dry_run for before, after in zip(old.runs, new.runs, strict=True) if before.dry_run)


def _outlines(document: Document) -> list[tuple[object, ...]]:
    """The shape of each command without its words, which may hold a run in quotes or in a substitution."""
    runs = {id(run.command) for run in document.runs}
    return [
        (
            command.name,
            0 if id(command) in runs else len(command.words),
            command.separator,
            command.piped_to,
            command.piped_from,
            [item.name for item in command.assignments],
            [item.operator for item in command.redirects],
        )
        for command in document.commands
        if not command.comment
    ]


def _same_shape(old: Document, new: Document, edits: list[FileEdit]) -> bool:
    """Whether both documents have the same regions in the same containers, and no further problems of the file."""
    notes = Counter(note.event for note in old.notes)
    notes.subtract(note.event for note in new.notes)
    if any(count < 0 for count in notes.values()):
        return False
    if len(old.mentions) > len(new.mentions) or len(old.runs) > len(new.runs):
        return False
    pieces = [(region, _touching(region, edits)) for region in _pieces(old)]
    kept = [(region, touching) for region, touching in pieces if not _gone(region, touching)]
    now = _pieces(new)
    return len(kept) == len(now) and all(
        _same_piece(region, touching, other) for (region, touching), other in zip(kept, now, strict=True)
    )


def _pieces(document: Document) -> list[Region]:
    """The regions of the file itself, in order."""
    return [region for region in document.regions if region.parent is None]


def _touching(region: Region, edits: list[FileEdit]) -> list[FileEdit]:
    """The edits that touch a region's place in the file."""
    start, end = region.map.to_outer(0, len(region.text))
    first = bisect_left(edits, start, key=lambda edit: edit.end)
    return edits[first : bisect_right(edits, end, key=lambda edit: edit.start)]


def _gone(region: Region, touching: list[FileEdit]) -> bool:
    """Whether an edit deletes the whole region, such as a comment."""
    start, end = region.map.to_outer(0, len(region.text))
    return any(edit.start <= start < end <= edit.end and not edit.text for edit in touching)


def _same_piece(old: Region, touching: list[FileEdit], new: Region) -> bool:
    """Whether a region has just the edits that touch it: its container did not read them as its own syntax."""
    if (old.kind, old.container) != (new.kind, new.container):
        return False
    if not touching:
        return old.text == new.text
    added = sum(edit.text.count("\n") for edit in touching)
    return new.text.count("\n") <= old.text.count("\n") + added


def write_atomically(target: Location, text: str, *, was: bytes) -> None:
    """Atomically replace a file's content with `text`, keeping its mode and owner.

    `was` is the content that was read; raises NotWritten if the file has changed since or is read-only, OSError if it
    cannot be written. `target` comes from `nemolint.base.atomic.target_of`.
    """
    from nemolint.base.atomic import replace_file

    replace_file(target, text.encode("utf-8"), was=was)
