"""`--since REF`: which lines changed since a commit, and which findings stand on them."""

from __future__ import annotations

import difflib
import os
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nemolint.errors import UserError
from nemolint.gitfiles import ask
from nemolint.pattern import lazily

if TYPE_CHECKING:
    from nemolint.diagnostic import Diagnostic
    from nemolint.document import Document
    from nemolint.fingerprint import Extents

_HUNK = lazily(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = lazily(rb"\\([0-7]{3}|.)", re.DOTALL)
_NAMED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
# The working tree as it is, renames followed; no program that the repository or the user configures is run.
_DIFF = (
    "diff",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--find-renames",
    "--submodule=diff",
    "--inter-hunk-context=0",
    "--no-relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-U0",
)


class Lines(NamedTuple):
    """Changed lines of a file: ranges of added or changed ones, and the lines below which others were deleted.

    Lines count from 1 and end at LF, as git has it.
    """

    ranges: tuple[tuple[int, int], ...] = ()
    gaps: tuple[int, ...] = ()

    def touch(self, first: int, last: int) -> bool:
        """True if one of the lines `first` to `last` changed, or lines between two of them were deleted."""
        index = bisect_right(self.ranges, (last, 1 << 62)) - 1
        if index >= 0 and self.ranges[index][1] >= first:
            return True
        at = bisect_left(self.gaps, first)
        return at < len(self.gaps) and self.gaps[at] < last


ALL = Lines(((1, 1 << 60),))


@dataclass(eq=False)
class Changes:
    """What changed in a repository: lines by path from its root; files that git does not track changed whole."""

    root: Path
    tracked: frozenset[str]
    lines: dict[str, Lines]
    _first: dict[str, tuple[str, Lines]] = field(default_factory=dict)

    def of(self, path: Path) -> Lines:
        """The changed lines of a file, given by its absolute path."""
        try:
            name = Path(os.path.realpath(path)).relative_to(self.root).as_posix()
        except ValueError:
            return ALL
        return self.lines.get(name, Lines() if name in self.tracked else ALL)

    def touched(self, document: Document, diagnostics: Iterable[Diagnostic], cwd: Path) -> list[Diagnostic]:
        """The findings on changed lines: of themselves, or of the command that they stand in.

        A document whose text was fixed since it was first asked for is compared with that first text.
        """
        from nemolint.fingerprint import Extents

        path = Path(document.absolute) if document.absolute else cwd / document.path
        first = self._first.setdefault(document.path, (document.text, self.of(path)))
        lines = first[1] if first[0] == document.text else carried(*first, document.text)
        starts = [0, *(match.end() for match in re.finditer("\n", document.text))]
        extents = Extents(document)

        def on_changed(item: Diagnostic) -> bool:
            if item.path != document.path:
                return self.of(cwd / item.path).touch(item.line, item.end_line)
            return lines.touch(*_extent(item, extents, starts))

        return [item for item in diagnostics if on_changed(item)]


def _extent(item: Diagnostic, extents: Extents, starts: list[int]) -> tuple[int, int]:
    """First and last line of a finding and of its command."""
    start, end = item.start, item.end
    if not end and item.line > 1:
        return item.line, item.end_line
    if end and (command := extents.command_at(start)) is not None:
        start, end = min(start, command[0]), max(end, command[1])
    return bisect_right(starts, start), bisect_right(starts, max(end - 1, start))


def carried(old: str, lines: Lines, new: str) -> Lines:
    """The changed lines of `new`, which was made of `old`: those of `old` where they are now, and all that differ."""
    before, after = old.split("\n"), new.split("\n")
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) > 2000)
    ranges: list[tuple[int, int]] = []
    gaps: list[int] = []
    for tag, old_start, old_end, start, end in matcher.get_opcodes():
        if tag != "equal":
            if end > start:
                ranges.append((start + 1, end))
            else:
                gaps.append(start)
            continue
        shift = start - old_start
        for first, last in lines.ranges:
            if first <= old_end and last > old_start:
                ranges.append((max(first, old_start + 1) + shift, min(last, old_end) + shift))
        gaps += [gap + shift for gap in lines.gaps if old_start < gap < old_end]
    return Lines(tuple(sorted(ranges)), tuple(sorted(gaps)))


def changes_since(ref: str, folder: Path) -> Changes:
    """What changed in the repository of `folder` since `ref` was branched from (since `ref` itself if it is behind).

    Raises UserError where there is no repository, no such commit, or no git.
    """
    if ref.startswith("-") or not ref:
        raise UserError(f'--since: "{ref}" is no name of a commit')
    at = str(folder)
    code, output, _ = _git(at, "rev-parse", "--show-toplevel")
    if code:
        raise UserError(f"--since: {folder} is in no git repository: leave --since out, or start nemolint in one")
    root = os.fsdecode(output.removesuffix(b"\n"))
    code, output, _ = _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if code:
        raise UserError(f'--since: git knows no commit "{ref}" here: fetch it first (CI clones are often shallow)')
    base = output.decode().strip()
    code, output, _ = _git(root, "merge-base", base, "HEAD")
    if code == 0 and output.strip():
        base = output.decode().split()[0]
    code, output, _ = _git(root, "ls-files", "-z", "--cached", "--recurse-submodules")
    tracked = frozenset(os.fsdecode(name) for name in output.split(b"\0") if name)
    inert = _without_filters(root)
    failed, changed, error = _git(root, *_DIFF, base, "--", options=inert)
    if code or failed:
        said = error.decode("utf-8", "replace").strip()
        raise UserError(f"--since: git cannot compare with {ref}{f': {said}' if said else ''}")
    return Changes(Path(os.path.realpath(root)), tracked, dict(_changed_lines(changed)))


def _git(folder: str, *arguments: str, options: Iterable[str] = ()) -> tuple[int, bytes, bytes]:
    try:
        return ask(folder, *options, *arguments).answer()
    except FileNotFoundError:
        raise UserError("--since: git is not installed, or not on the PATH") from None
    except OSError as error:
        raise UserError(f"--since: git failed: {error}") from None


def _without_filters(root: str) -> list[str]:
    """Options that turn off the filters which the configuration names: git would run them on changed files."""
    _, output, _ = _git(root, "config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process|required)$")
    options = []
    for key in sorted({os.fsdecode(key) for key in output.split(b"\0") if key}):
        options += ["-c", f"{key}={'false' if key.endswith('.required') else ''}"]
    return options


def _changed_lines(diff: bytes) -> Iterator[tuple[str, Lines]]:
    """The changed lines of each file of a difference, which has context in submodules."""
    name: str | None = None
    ranges: list[tuple[int, int]] = []
    gaps: list[int] = []
    at = old = new = 0  # the next line of the new file, and how many lines of each file the hunk still has
    for line in diff.split(b"\n"):
        sign = line[:1]
        if (old or new) and sign in b" +-":
            if sign == b"+":
                first = ranges.pop()[0] if ranges and ranges[-1][1] == at - 1 else at
                ranges.append((first, at))
            elif sign == b"-":
                gaps.append(at - 1)
            at += sign != b"-"
            new -= sign != b"-"
            old -= sign != b"+"
        elif line.startswith(b"+++ "):
            if name is not None:
                yield name, Lines(tuple(ranges), tuple(gaps))
            name, ranges, gaps = _name(line[4:]), [], []
        elif match := _HUNK.match(line):
            old, new = int(match[1] or 1), int(match[3] or 1)
            # Where a hunk has no line of the new file, its number is that of the line before.
            at = int(match[2]) + (new == 0)
    if name is not None:
        yield name, Lines(tuple(ranges), tuple(gaps))


def _name(written: bytes) -> str | None:
    """The path in a `+++` line; None for `/dev/null`."""
    # A name with a blank is followed by a tab.
    written = written.removesuffix(b"\t")
    if written.startswith(b'"'):
        written = _ESCAPE.sub(_unescaped, written[1:-1])
    return os.fsdecode(written.removeprefix(b"b/")) if written.startswith(b"b/") else None


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 255]) if len(code) == 3 else _NAMED.get(code, code)
