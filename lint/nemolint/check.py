"""`nemolint check`: find files, check them, fix them, report."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from nemolint.discover import Finder, Found, project_files
from nemolint.exitcode import CLEAN, FAILED, FINDINGS

if TYPE_CHECKING:
    from nemolint.diagnostic import Diagnostic
    from nemolint.document import Document
    from nemolint.engine import Checker, InternalError
    from nemolint.report import Result
    from nemolint.rule import Severity
    from nemolint.settings import Settings

_PIPE_WIDTH = 120
_COUNTED: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for. `outputs` pairs each format with its file (None: standard output)."""

    paths: tuple[str, ...] = ()
    stdin_name: str | None = None
    prompt: str | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    outputs: tuple[tuple[str, Path | None], ...] = (("text", None),)
    show: str = "warning"
    fail_on: str = "warning"
    exit_zero: bool = False
    statistics: bool = False
    force_exclude: bool = False
    hook: bool = False
    color: str = "auto"


@dataclass(frozen=True, slots=True)
class Streams:
    """Where text comes from and goes to: findings to `out`, all else to `err`."""

    stdin: BinaryIO
    out: TextIO
    err: TextIO

    def note(self, message: str) -> None:
        """Tell the user something that is no finding."""
        self.err.write(f"nemolint: {message}\n")


@dataclass(eq=False)
class Reader:
    """The documents behind the paths of a request. `failed` is set when something given could not be checked."""

    request: Request
    settings: Settings
    streams: Streams
    failed: bool = False
    files: int = 0
    runs: int = 0

    @cached_property
    def cwd(self) -> Path:
        return Path.cwd()

    @cached_property
    def checker(self) -> Checker:
        """Made when the first file is found: without one nothing more is imported."""
        from nemolint.engine import Checker

        return Checker(self.settings, cwd=self.cwd, environ=os.environ, prompt=self.request.prompt)

    @property
    def internal_errors(self) -> list[InternalError]:
        """Rules that raised."""
        return self.checker.internal_errors if self.files else []

    def found(self) -> Iterator[Found]:
        """The files to check, standard input among them."""
        request = self.request
        if request.stdin_name is not None:
            yield Found(self.cwd / request.stdin_name, self.streams.stdin.read(), True)
            return
        paths = request.paths
        # Every file is judged by the project files, so a change of one is a change of all.
        if request.hook and project_files(paths):
            paths = (".",)
        finder = Finder(
            self.settings, self.cwd, self.streams.note, force_exclude=request.force_exclude, hook=request.hook
        )
        yield from finder.find(paths)
        self.failed = self.failed or bool(finder.failed)

    def documents(self) -> Iterator[tuple[Found, Document]]:
        """The files with their documents. What cannot be read, or breaks its reader, is told on stderr."""
        for found in self.found():
            from nemolint.engine import Unreadable

            try:
                document = self.checker.read(found.path, found.data, name=self.request.stdin_name)
            except Unreadable as error:
                self.streams.note(f"{found.path}: {error}")
                continue
            except Exception as error:  # noqa: BLE001 - one file must not keep the others from being checked
                self.crashed(found.path, error)
                continue
            self.files += 1
            self.runs += sum(run.role != "mention" for run in document.runs)
            yield found, document

    def crashed(self, path: Path, error: Exception) -> None:
        """Tell of a fault of nemolint itself. What the error says may quote the file, so only its place is shown."""
        self.failed = True
        frames = []
        trace = error.__traceback__
        while trace is not None:
            frames.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
            trace = trace.tb_next
        self.streams.note(f"{path}: internal error: {type(error).__name__} at {' > '.join(frames[-4:])}")


def run(request: Request, settings: Settings, streams: Streams) -> int:
    """Check, report, and return the exit code."""
    from nemolint.report import Options, Result, render
    from nemolint.rule import InvalidRule, at_least
    from nemolint.settings import SettingsError

    reader = Reader(request, settings, streams)
    shown: list[Diagnostic] = []
    hidden: Counter[Severity] = Counter()
    documents: dict[str, Document] = {}
    failing = fixed = fixed_files = 0
    for found, document in reader.documents():
        try:
            diagnostics = reader.checker.check(document)
            if request.fix or request.diff:
                from nemolint.rewrite import rewrite

                document, diagnostics, count = rewrite(found, document, diagnostics, request, reader.checker, streams)
                fixed += count
                fixed_files += count > 0
        except (InvalidRule, SettingsError):
            raise
        except Exception as error:  # noqa: BLE001 - as above
            reader.crashed(found.path, error)
            continue
        for diagnostic in diagnostics:
            failing += at_least(diagnostic.severity, request.fail_on)
            if at_least(diagnostic.severity, request.show):
                shown.append(diagnostic)
                documents[document.path] = document
            else:
                hidden[diagnostic.severity] += 1
    shown.sort(key=lambda diagnostic: diagnostic.sort_key)
    result = Result(tuple(shown))
    if shown:
        result = Result(tuple(shown), documents, reader.checker.redactor, reader.checker.rules)
    # With these, standard output is for the changed text.
    out = streams.err if request.diff or (request.fix and request.stdin_name is not None) else streams.out
    if not (request.diff and request.outputs == (("text", None),)):
        for name, file in request.outputs:
            target = out if file is None else None
            options = Options(
                color=target is not None and use_color(request.color, target, os.environ),
                width=_width(target),
            )
            if target is not None:
                render(name, result, target, options)
                continue
            assert file is not None
            try:
                with file.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as opened:
                    render(name, result, opened, options)
            except OSError as error:
                streams.note(f"{file}: cannot be written: {error.strerror or error}")
                reader.failed = True
    streams.out.flush()
    if request.statistics:
        _statistics(shown, streams.err)
    if any(name in ("text", "concise") and file is None for name, file in request.outputs):
        fixes = Fixes(fixed, fixed_files, request.diff)
        _summary(result, hidden, reader, fixes, streams.err)
    for problem in reader.internal_errors:
        streams.note(f"{problem.path}: rule {problem.rule} failed, which is a fault of nemolint: {problem.message}")
    if reader.failed or reader.internal_errors:
        return FAILED
    return FINDINGS if failing and not request.exit_zero else CLEAN


@dataclass(frozen=True, slots=True)
class Fixes:
    """How many fixes were applied (or would be), in how many files."""

    count: int
    files: int
    only_shown: bool


def _width(out: TextIO | None) -> int:
    """Columns of a terminal, or of a report that goes elsewhere."""
    if out is None or not (out.isatty() or os.environ.get("COLUMNS", "").isdigit()):
        return _PIPE_WIDTH
    return shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns


def _statistics(shown: list[Diagnostic], err: TextIO) -> None:
    counts = Counter((diagnostic.rule, diagnostic.severity) for diagnostic in shown)
    for (rule, severity), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        err.write(f"{count:>7}  {severity:<7}  {rule}\n")


def _summary(result: Result, hidden: Counter[Severity], reader: Reader, fixes: Fixes, err: TextIO) -> None:
    shown = result.diagnostics
    runs, files = plural(reader.runs, "run"), plural(reader.files, "file")
    if fixes.count:
        verb = "Would fix" if fixes.only_shown else "Fixed"
        err.write(f"{verb} {plural(fixes.count, 'finding')} in {plural(fixes.files, 'file')}.\n")
    if shown:
        counts = Counter(diagnostic.severity for diagnostic in shown)
        found = ", ".join(_count(counts[severity], severity) for severity in _COUNTED if counts[severity])
        places = len({diagnostic.path for diagnostic in shown})
        err.write(f"Found {found} in {plural(places, 'file')} (checked {files}, {runs}).\n")
        if not fixes.count and (fixable := sum(item.fix is not None and item.fix.safe for item in shown)):
            err.write(f"{plural(fixable, 'finding')} can be fixed with --fix.\n")
    elif reader.failed or reader.internal_errors:
        err.write(f"Checked {files}, {runs}; not everything could be checked.\n")
    elif reader.files:
        err.write(f"All clear: {runs} in {files}.\n")
    else:
        err.write("All clear: no file here names `nemotron steps run`.\n")
    if total := hidden.total():
        parts = " and ".join(_count(hidden[severity], severity) for severity in _COUNTED if hidden[severity])
        least = next(severity for severity in reversed(_COUNTED) if hidden[severity])
        err.write(
            f"{parts} {'is' if total == 1 else 'are'} hidden: --show {least} shows {'it' if total == 1 else 'them'}.\n"
        )


def plural(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _count(count: int, severity: Severity) -> str:
    return plural(count, "info finding" if severity == "info" else severity)


def use_color(choice: str, out: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour: as told, else by NO_COLOR and FORCE_COLOR, else if `out` is a terminal."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return out.isatty() and environ.get("TERM") != "dumb"
