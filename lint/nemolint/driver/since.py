"""`--since REF`: which lines changed since a commit, and which findings are on them."""

from __future__ import annotations

import os
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator

from nemolint.base.errors import UserError
from nemolint.base.files import read_regular
from nemolint.base.gitfiles import Repository, ask, repository_of
from nemolint.base.line_matcher import LineMatcher
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import joined, plain, relative
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.fingerprint import Extents

_HUNK = lazily(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_SUBMODULE = b"160000"
_ESCAPE = lazily(rb"\\([0-7]{3}|.)", re.DOTALL)
_NAMED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
# The working tree as it is, renames followed; no program that the repository or the user configures is run. Submodules
# are compared one by one, since git would start another git in them, with their own settings.
_DIFF = (
    "diff",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--find-renames",
    "--ignore-submodules=all",
    "--inter-hunk-context=0",
    "--no-relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-O/dev/null",
)
_LINES = ("-U0",)
_BINARY = b"\nBinary files "
# Names on one command line.
_MOST_NAMES = 200


class Lines(NamedTuple):
    """Changed lines of a file: ranges of added or changed ones, and the lines below which others were deleted.

    Lines count from 1 and end at LF, as in git.
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


class Changes:
    """What changed in a repository: lines by path from its root; untracked files count as changed completely."""

    def __init__(self, root: str, tracked: frozenset[str], lines: dict[str, Lines]) -> None:
        self.root = root
        self.tracked = tracked
        self.lines = lines
        self._first: dict[str, tuple[str, Lines]] = {}

    def of(self, path: str) -> Lines:
        """The changed lines of a file, given by its absolute path."""
        name = relative(os.path.realpath(path), self.root)
        if name is None:
            return ALL
        return self.lines.get(name, Lines() if name in self.tracked else ALL)

    def touched(self, document: Document, diagnostics: Iterable[Diagnostic], cwd: str) -> list[Diagnostic]:
        """The findings on changed lines, or in a command with changed lines.

        A document that was fixed since the first call is compared by its original text.
        """
        from nemolint.linter.fingerprint import Extents

        path = document.absolute or joined(cwd, document.path)
        first = self._first.setdefault(document.path, (document.text, self.of(path)))
        lines = first[1] if first[0] == document.text else carried(*first, document.text)
        starts = [0, *(match.end() for match in re.finditer("\n", document.text))]
        extents = Extents(document)

        def on_changed(item: Diagnostic) -> bool:
            if item.path != document.path:
                return self.of(joined(cwd, item.path)).touch(item.line, item.end_line)
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
    """The changed lines of `new`, an edited `old`: those of `old` at their new places, and all that differ."""
    before, after = old.split("\n"), new.split("\n")
    matcher = LineMatcher(before, after, autojunk=len(before) > 2000)
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
        # Both are in order: only what touches these lines is looked at.
        at = bisect_right(lines.ranges, old_start, key=lambda item: item[1])
        for first, last in lines.ranges[at : bisect_right(lines.ranges, old_end, key=lambda item: item[0])]:
            ranges.append((max(first, old_start + 1) + shift, min(last, old_end) + shift))
        within = lines.gaps[bisect_right(lines.gaps, old_start) : bisect_left(lines.gaps, old_end)]
        gaps += [gap + shift for gap in within]
    return Lines(tuple(sorted(ranges)), tuple(sorted(gaps)))


def changes_since(ref: str, folder: str, note: Callable[[str], None]) -> Changes:
    """What changed in the repository of `folder` since `ref` was branched from (since `ref` itself if it is behind).

    A submodule is compared with the commit that its superproject had then; if it cannot be, `note` is called and all
    its lines count as changed. Raises UserError if there is no repository, no such commit, or no git.
    """
    if ref.startswith("-") or not ref:
        raise UserError(f'--since: "{ref}" is not the name of a commit')
    try:
        repository = repository_of(folder)
    except FileNotFoundError:
        repository = None
    except OSError as problem:
        raise UserError(f"--since: git failed: {problem}") from None
    if repository is None:
        raise UserError(f"--since: {folder} is not in a git repository: omit --since, or run nemolint in one")
    code, output, error = _git(repository, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if code:
        said = _said(error)
        if "safe.directory" in said:
            raise UserError(f"--since: git does not read a repository of another user: {said.splitlines()[0]}")
        raise UserError(f'--since: git does not know the commit "{ref}": fetch it first (CI clones are often shallow)')
    base = output.decode().strip()
    code, output, _ = _git(repository, "merge-base", base, "HEAD")
    if code == 0 and output.strip():
        base = output.decode().split()[0]
    tracked, lines = set[str](), dict[str, Lines]()
    names, submodules = _listed(repository)
    tracked |= names
    try:
        lines |= _compared(repository, base)
    except _NotCompared as problem:
        raise UserError(f"--since: git cannot compare with {ref}{problem}") from None
    pending = [(repository, base, "", submodules)]
    while pending:
        outer, base, prefix, submodules = pending.pop()
        bases = _bases(outer, base, submodules) if submodules else {}
        for path in submodules:
            try:
                inner = repository_of(os.path.join(outer.top, path))
            except OSError as problem:
                note(f"{prefix}{path}: all its lines count as changed: {problem}")
                continue
            # Without its own repository, or behind a symbolic link, the submodule is not checked out.
            if inner is None or inner.inside or inner.top != os.path.join(outer.top, path):
                continue
            names, deeper = _listed(inner)
            inside = f"{prefix}{path}/"
            was = bases.get(path)
            try:
                changed = dict.fromkeys(names, ALL) if was is None else _compared(inner, was)
            except _NotCompared as problem:
                note(f"{prefix}{path}: all its lines count as changed: git cannot compare it{problem}")
                changed, was = dict.fromkeys(names, ALL), None
            tracked.update(inside + name for name in names)
            lines.update((inside + name, found) for name, found in changed.items())
            pending.append((inner, was or "", inside, deeper))
    return Changes(plain(repository.top), frozenset(tracked), lines)


class _NotCompared(Exception):
    """git cannot compare a work tree with a commit. The message is a colon and what git said, or empty."""


def _git(repository: Repository, *arguments: str, options: Iterable[str] = ()) -> tuple[int, bytes, bytes]:
    try:
        return ask(repository, *arguments, options=options).answer()
    except FileNotFoundError:
        raise UserError("--since: git is not installed, or not on the PATH") from None
    except OSError as error:
        raise UserError(f"--since: git failed: {error}") from None


def _said(errors: bytes) -> str:
    return errors.decode("utf-8", "replace").strip()


def _listed(repository: Repository) -> tuple[set[str], dict[str, str]]:
    """The files that git tracks, and the submodules with the commits that are staged for them, by path."""
    _, output, _ = _git(repository, "ls-files", "-z", "--cached", "--stage")
    names, submodules = set(), {}
    for row in filter(None, output.split(b"\0")):
        entry, _, name = row.partition(b"\t")
        mode, commit, _ = entry.split()
        if mode == _SUBMODULE:
            submodules[os.fsdecode(name)] = commit.decode()
        else:
            names.add(os.fsdecode(name))
    return names, submodules


def _bases(repository: Repository, base: str, submodules: dict[str, str]) -> dict[str, str]:
    """The commits that submodules had in a commit of the superproject, by their current path."""
    code, output, _ = _git(repository, "ls-tree", "-r", "-z", base) if base else (1, b"", b"")
    if code:
        return {}
    had = {}
    for row in filter(None, output.split(b"\0")):
        entry, _, name = row.partition(b"\t")
        mode, _, commit = entry.split()
        if mode == _SUBMODULE:
            had[os.fsdecode(name)] = commit.decode()
    moved = {commit for path, commit in had.items() if path not in submodules}
    return {path: had.get(path, commit) for path, commit in submodules.items() if path in had or commit in moved}


def _compared(repository: Repository, base: str) -> dict[str, Lines]:
    """The changed lines of the files of a work tree. Raises _NotCompared."""
    code, output, error = _git(repository, "config", "-z", "--name-only", "--list")
    if code == 0:
        inert = _without_filters(os.fsdecode(output).split("\0"))
        code, output, error = _git(repository, *_DIFF, *_LINES, base, "--", options=inert)
    if code:
        said = _said(error)
        raise _NotCompared(f": {said}" if said else "")
    lines = dict(_changed_lines(output))
    if _BINARY in output:
        lines |= _compared_as_text(repository, base, inert)
    return lines


def _compared_as_text(repository: Repository, base: str, inert: list[str]) -> dict[str, Lines]:
    """The changed lines of files for which git shows no lines. Raises _NotCompared.

    `-diff` in `.gitattributes`, which the change itself may add, hides the lines of any file. git counts lines of
    UTF-16 differently, so such a file counts as changed completely.
    """
    code, output, error = _git(repository, *_DIFF, "--numstat", "-z", base, "--", options=inert)
    if code:
        raise _NotCompared(f": {_said(error)}")
    lines: dict[str, Lines] = {}
    texts: list[tuple[str, ...]] = []  # the names of a file, the old one before the new
    rows = iter(os.fsdecode(output).split("\0"))
    for row in rows:
        added, _, rest = row.partition("\t")
        if not rest:
            continue
        name = rest.partition("\t")[2]
        names = (name,) if name else (next(rows), next(rows))
        if added != "-":
            continue
        try:
            data = read_regular(os.path.join(repository.top, names[-1]))
        except OSError:  # deleted, or not a file that is checked
            continue
        if b"\0" in data:
            lines[names[-1]] = ALL
        else:
            texts.append(names)
    options = [*inert, "--literal-pathspecs"]
    for start in range(0, len(texts), _MOST_NAMES):
        some = [name for names in texts[start : start + _MOST_NAMES] for name in names]
        code, output, error = _git(repository, *_DIFF, *_LINES, "--text", base, "--", *some, options=options)
        if code:
            raise _NotCompared(f": {_said(error)}")
        lines |= dict(_changed_lines(output))
    return lines


def _without_filters(keys: Iterable[str]) -> list[str]:
    """Options that turn off the filters in git's settings, which would run on changed files.

    Raises _NotCompared for a filter that no option can name.
    """
    options = []
    for key in sorted(set(keys)):
        _, _, last = key.rpartition(".")
        if not key.startswith("filter.") or last not in ("clean", "process", "required"):
            continue
        if "=" in key:  # which ends the key in an option
            raise _NotCompared(f": its filter {key!r} cannot be turned off")
        options += ["-c", f"{key}={'false' if last == 'required' else ''}"]
    return options


def _changed_lines(diff: bytes) -> Iterator[tuple[str, Lines]]:
    """The changed lines of each file of a diff, which has context in submodules."""
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
