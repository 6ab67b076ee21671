"""Applying fixes: to a text, until nothing is left to do; and to a file, at once or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nemolint.diagnostic import Diagnostic, FileEdit, FileFix

MAX_PASSES = 10


def applicable(diagnostics: Iterable[Diagnostic], *, unsafe: bool) -> list[FileFix]:
    """The fixes to apply in one pass, in file order. Of fixes that overlap the first stands, the others drop whole."""
    chosen: list[FileFix] = []
    taken: list[FileEdit] = []
    seen: set[tuple[tuple[int, int, str], ...]] = set()
    for diagnostic in diagnostics:
        fix = diagnostic.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        key = tuple((edit.start, edit.end, edit.text) for edit in fix.edits)
        if key in seen or any(_overlap(edit, other) for edit in fix.edits for other in taken):
            continue
        seen.add(key)
        chosen.append(fix)
        taken.extend(fix.edits)
    return chosen


def _overlap(left: FileEdit, right: FileEdit) -> bool:
    if left.start == left.end or right.start == right.end:
        return left.start <= right.end and right.start <= left.end
    return left.start < right.end and right.start < left.end


def apply_edits(text: str, fixes: Sequence[FileFix]) -> str:
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


@dataclass(frozen=True, slots=True)
class Fixed:
    """The outcome for one file: its text, how many fixes were applied, and what is still found in it."""

    text: str
    applied: int
    remaining: list[Diagnostic]


def fix_text(
    text: str, diagnostics: list[Diagnostic], check: Callable[[str], list[Diagnostic]], *, unsafe: bool
) -> Fixed:
    """Apply fixes until none is left, at most ten passes.

    `check` judges a text. A pass whose result has a finding that was not there before is undone, and its fixes are
    tried one by one, so that no fix leaves the file worse.
    """
    applied = 0
    for _ in range(MAX_PASSES):
        fixes = applicable(diagnostics, unsafe=unsafe)
        if not fixes:
            break
        done = _try(text, diagnostics, fixes, check)
        if done is None:
            for fix in fixes:
                done = _try(text, diagnostics, [fix], check)
                if done is not None:
                    break
        if done is None:
            break
        text, diagnostics, count = done
        applied += count
    return Fixed(text, applied, diagnostics)


def _try(
    text: str,
    before: list[Diagnostic],
    fixes: list[FileFix],
    check: Callable[[str], list[Diagnostic]],
) -> tuple[str, list[Diagnostic], int] | None:
    """Text and findings after `fixes`, or None if that adds a finding or changes nothing."""
    fixed = apply_edits(text, fixes)
    if fixed == text:
        return None
    after = check(fixed)
    return None if _worse(before, after) else (fixed, after, len(fixes))


def _worse(before: list[Diagnostic], after: list[Diagnostic]) -> bool:
    """True if a rule finds more than it did."""
    counts: dict[str, int] = {}
    for diagnostic in before:
        counts[diagnostic.rule] = counts.get(diagnostic.rule, 0) + 1
    for diagnostic in after:
        counts[diagnostic.rule] = counts.get(diagnostic.rule, 0) - 1
    return any(count < 0 for count in counts.values())


class FileChanged(Exception):
    """A file that was changed after it was read, so that it is not overwritten."""


def write_atomically(path: Path, text: str, *, was: bytes) -> None:
    """Replace a file's content by `text`, keeping its mode; all or nothing.

    `was` is what was read; raises FileChanged if the file holds something else by now, OSError if it cannot be written.
    A symlink's target is replaced, not the link.
    """
    target = Path(os.path.realpath(path))
    if target.read_bytes() != was:
        raise FileChanged(f"{path}: changed while it was checked, so it was left alone: run nemolint again")
    data = text.encode("utf-8", "surrogateescape")
    handle, name = tempfile.mkstemp(prefix=".nemolint-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(stat.S_IMODE(target.stat().st_mode))
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
