"""`nemolint check`: find files, check them, fix them, report."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TextIO, cast

from nemolint.base.errors import UserError
from nemolint.base.exitcode import CLEAN, FAILED, FINDINGS
from nemolint.base.paths import display_path, is_candidate, is_subject
from nemolint.base.streams import OutputError
from nemolint.cache import replay, store
from nemolint.driver.discover import MAX_BYTES, Finder, Found, project_files, read_file
from nemolint.prefilter import is_worth
from nemolint.secrets.outgoing import masked

if TYPE_CHECKING:
    from nemolint.cache.entries import Entry
    from nemolint.cache.memory import Memory
    from nemolint.document import Document
    from nemolint.driver.progress import Progress
    from nemolint.driver.selection import Selection
    from nemolint.linter.checker import Checker, InternalError
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.excerpt import StoredText
    from nemolint.linter.rule import Severity
    from nemolint.project import Project
    from nemolint.settings import Settings

_PIPE_WIDTH = 120
_FEW = 16
_DEFAULT_OUTPUTS: tuple[tuple[str, Path | None], ...] = (("text", None),)
_COUNTED: tuple[Severity, ...] = ("error", "warning", "info")


# Options that say what to check and how to show it. Any other one is about something that no signature describes.
_REPEATABLE = (
    "paths", "outputs", "show", "fail_on", "exit_zero", "statistics", "quiet", "verbose", "force_exclude", "hook",
    "cache", "color",
)  # fmt: skip


class Request(NamedTuple):
    """What the command line asks for. `outputs` pairs each format with its file (None: standard output)."""

    paths: tuple[str, ...] = ()
    stdin_name: str | None = None
    prompt: str | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    outputs: tuple[tuple[str, Path | None], ...] = _DEFAULT_OUTPUTS
    show: str = "warning"
    fail_on: str = "warning"
    exit_zero: bool = False
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    force_exclude: bool = False
    hook: bool = False
    cache: bool = False
    color: str = "auto"
    since: str | None = None
    baseline: Path | None = None

    @property
    def repeatable(self) -> bool:
        """True if the answer depends on nothing but files that the finder and the projects read, and goes to stdout."""
        asked = {name: getattr(self, name) for name in _REPEATABLE}
        return self == Request()._replace(**asked) and all(file is None for _, file in self.outputs)


class Streams(NamedTuple):
    """Where text comes from and goes to: findings to `out`, all else to `err`."""

    stdin: BinaryIO
    out: TextIO
    err: TextIO

    def note(self, message: str, *more: str) -> None:
        """Tell the user something that is no finding: one line, and `more` ones below it."""
        from nemolint.base.visible import opening, visible

        lines = [f"nemolint: {visible(message)}", *(opening(f"    {visible(line)}") for line in more)]
        self.err.writelines(f"{line}\n" for line in lines)


class _Copy:
    """A stream that keeps what is written to it, too, secrets masked. A line that shows progress makes room.

    Raises OutputError where the stream takes nothing more, which no check of a file may take for a fault of its own.
    """

    def __init__(self, stream: TextIO, progress: Progress | None) -> None:
        self._stream = stream
        self._progress = progress
        self._parts: list[str] = []

    def write(self, text: str) -> int:
        if self._progress is not None:
            self._progress.erase()
        text = masked(text)
        self._parts.append(text)
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.strerror or str(error)) from None

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def text(self) -> str:
        return "".join(self._parts)


class Reader:
    """The documents behind the paths of a request. `failed` is set when something given could not be checked."""

    def __init__(
        self, request: Request, settings: Settings, streams: Streams, progress: Progress | None = None
    ) -> None:
        self.progress = progress
        self.request = request
        self.settings = settings
        self.streams = streams
        self.failed = False
        self.files = 0
        self.runs = 0

    @cached_property
    def cwd(self) -> Path:
        return Path.cwd()

    @cached_property
    def checker(self) -> Checker:
        """Made when the first file is found: without one nothing more is imported."""
        from nemolint.linter.checker import Checker

        checker = Checker(self.settings, cwd=self.cwd, environ=os.environ, prompt=self.request.prompt)
        if self.memory is not None:
            checker.compiled = self.memory.compiled()
        return checker

    @cached_property
    def memory(self) -> Memory | None:
        """What earlier checks left, None where this one must not use it."""
        request = self.request
        if not request.cache or request.fix or request.diff or request.prompt or request.stdin_name is not None:
            return None
        if request.since is not None:  # what the cache keeps of a file says nothing of its lines
            return None
        from nemolint.cache.memory import Memory

        return Memory.of(self.settings, self.cwd, os.environ)

    @cached_property
    def selection(self) -> Selection | None:
        """What picks the findings to report, None where all are. Raises UserError for what cannot be used."""
        request = self.request
        if request.since is None and request.baseline is None:
            return None
        from nemolint.driver.selection import Selection

        if self.memory is not None and request.baseline is not None:
            self.memory.used(self.cwd / request.baseline)
        return Selection(self.cwd, self.note, since=request.since, baseline=request.baseline)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths to check."""
        # Every file is judged by the project files, so a change of one is a change of all.
        whole = self.request.hook and project_files(self.request.paths)
        return (".",) if whole else self.request.paths

    def note(self, message: str) -> None:
        """Tell the user something that no cache knows."""
        if self.memory is not None:
            self.memory.certain = False
        self.streams.note(message)

    @property
    def internal_errors(self) -> list[InternalError]:
        """Rules that raised."""
        return self.checker.internal_errors if "checker" in self.__dict__ else []

    @property
    def projects(self) -> Mapping[str, Project]:
        """The projects that were read, by name."""
        return self.checker.projects() if "checker" in self.__dict__ else {}

    def found(self) -> Iterator[Found]:
        """The files to check, standard input among them."""
        request = self.request
        if request.stdin_name is not None:
            data = self.streams.stdin.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise UserError(f"{request.stdin_name}: is bigger than {MAX_BYTES // 1_000_000} MB")
            yield Found(self.cwd / request.stdin_name, data, True)
            return
        if request.hook and self._passes_over_all():
            return
        finder = Finder(
            self.settings,
            self.cwd,
            self.note,
            force_exclude=request.force_exclude,
            hook=request.hook,
            memory=self.memory,
            progress=self.progress,
        )
        yield from finder.find(self.paths)
        self.failed = self.failed or bool(finder.failed)

    def _passes_over_all(self) -> bool:
        """Whether a hook was given a few files that all are no candidates: then the cache has nothing to say."""
        paths = [self.cwd / path for path in self.paths]
        try:
            return len(paths) < _FEW and all(
                path.is_file() and not is_candidate(path.as_posix(), read_file(str(path))) for path in paths
            )
        except (OSError, ValueError):  # the finder tells
            return False

    def documents(self) -> Iterator[tuple[Found, Document]]:
        """All files with their documents, read anew."""
        for found in self.found():
            document = self.read(found)
            if document is not None:
                yield found, document

    def is_blank(self, found: Found) -> bool:
        """True for a file in which nothing can be found, which is told without reading it as a document."""
        preset = self.settings.for_file(found.path).preset
        answer = preset == "answer" or found.path.name.endswith(".answer.md")
        return (
            not answer
            and found.data.isascii()
            and not is_worth(found.data.decode("ascii"))
            and not is_subject(found.path.as_posix())
        )

    def read(self, found: Found) -> Document | None:
        """The document of a file. What cannot be read, or breaks its reader, is told on stderr."""
        from nemolint.linter.checker import Unreadable

        try:
            document = self.checker.read(found.path, found.data, name=self.request.stdin_name)
        except Unreadable as error:
            self.forget(found)
            self.note(f"{found.path}: {error}")
            return None
        except Exception as error:  # noqa: BLE001 - one file must not keep the others from being checked
            self.crashed(found.path, error)
            return None
        self.count(runs_of(document))
        return document

    def count(self, runs: int) -> None:
        """One file more was checked."""
        self.files += 1
        self.runs += runs

    def forget(self, found: Found) -> None:
        """Keep nothing of a file for later checks."""
        if self.memory is not None:
            self.memory.entries.forget(str(found.path))

    def keep(self, found: Found, entry: Entry) -> None:
        """Keep what came of checking a file for later checks."""
        if self.memory is not None:
            self.memory.entries.keep(str(found.path), entry)

    def entry(self, found: Found, document: Document, diagnostics: list[Diagnostic]) -> Entry:
        """What came of checking a file as plain data, in which nothing of the document lives on."""
        from nemolint.cache.entries import Entry, stored

        checker = self.checker
        project = None
        if document.path in checker.asked:
            project = checker.project_name(found.path.parent)
            self._hide_secrets(document, checker.project(document).reader.seen)
        return Entry(True, project, runs_of(document), stored(document, diagnostics, checker.redactor))

    def _hide_secrets(self, document: Document, seen: dict[str, str]) -> None:
        """Let no cache tell that a file was looked for whose name holds one of the document's secrets (`-c SECRET`)."""
        redactor = self.checker.redactor(document)
        if not redactor.knows:
            return
        from nemolint.base.signature import UNKNOWN

        for path in [path for path in seen if redactor.scrub(path) != path]:
            del seen[path]
            seen[os.path.dirname(path)] = UNKNOWN

    def crashed(self, path: Path, error: Exception) -> None:
        """Tell of a fault of nemolint itself. What the error says may quote the file, so only its place is shown."""
        from nemolint.document import ReadingFailed

        self.failed = True
        if self.memory is not None:
            self.memory.entries.forget(str(path))
        if isinstance(error, ReadingFailed) and isinstance(error.__cause__, Exception):
            error = error.__cause__
        frames = []
        trace = error.__traceback__
        while trace is not None:
            frames.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
            trace = trace.tb_next
        self.note(f"{path}: internal error: {type(error).__name__} at {' > '.join(frames[-4:])}")


class Outcome:
    """What a check brought up. `failing` counts the findings that make exit code 1, `hidden` those not shown."""

    def __init__(self) -> None:
        self.shown: list[Diagnostic] = []
        self.documents: dict[str, Document] = {}
        self.stored: dict[str, StoredText] = {}
        self.hidden: Counter[Severity] = Counter()
        self.failing = 0
        self.fixed = 0
        self.fixed_files = 0

    def add(self, diagnostics: list[Diagnostic], request: Request) -> bool:
        """Take in the findings of one file. True if some of them are shown."""
        from nemolint.linter.rule import at_least

        count = len(self.shown)
        for diagnostic in diagnostics:
            self.failing += at_least(diagnostic.severity, request.fail_on)
            if at_least(diagnostic.severity, request.show):
                self.shown.append(diagnostic)
            else:
                self.hidden[diagnostic.severity] += 1
        return len(self.shown) > count


def run(request: Request, settings: Settings, streams: Streams) -> int:
    """Check, report, and return the exit code. What was found is kept for later checks."""
    progress = None
    if not request.quiet and streams.err.isatty():
        from nemolint.driver.progress import progress_on

        progress = progress_on(streams.err, os.environ)
    out, err = _Copy(streams.out, progress), _Copy(streams.err, progress)
    reader = Reader(request, settings, Streams(streams.stdin, cast(TextIO, out), cast(TextIO, err)), progress)
    try:
        code = _run(reader)
    finally:
        if progress is not None:
            progress.erase()
    # Where nothing was to be judged in a few files, the next look is cheaper than keeping what came of this one.
    memory: Memory | None = reader.__dict__.get("memory")
    few = "checker" not in reader.__dict__ and memory is not None and memory.looked_at < _FEW
    if memory is not None and not reader.internal_errors and not few:
        projects = reader.projects
        memory.save(projects, reader.checker.compiled if projects else None)
        if replay.missed is not None and request.repeatable and code != FAILED:
            memory.keep(replay.missed, out.text, err.text, code, projects)
    if request.verbose and memory is not None and (problem := store.problem()):
        reader.streams.note(f"no cache was used: {problem}")
    return code


def write_baseline(request: Request, settings: Settings, streams: Streams, file: Path | None) -> int:
    """Check, write what is found as known, and return the exit code.

    It goes to `file`, where that is None to the baseline of the settings, else to `baseline.DEFAULT`. Raises UserError
    for what must not be written.
    """
    from nemolint.base.visible import visible
    from nemolint.driver import baseline

    reader = Reader(request, settings, streams)
    # Settings come with the tree that is checked: what they name must not leave their folder.
    root = settings.root if file is None and settings.baseline is not None else None
    file = file or settings.baseline or Path(baseline.DEFAULT)
    target = baseline.place_of(file, reader.cwd, root)
    outcome = _judge(reader)
    for problem in reader.internal_errors:
        streams.note(f"{problem.path}: rule {problem.rule} failed: {problem.message}")
    if reader.failed or reader.internal_errors:
        streams.note(f"{file} was not written, because not everything could be checked")
        return FAILED
    known = [item for item in outcome.shown if baseline.may_wait(item)]
    # What is known of files that were not checked now stays known.
    paths = [reader.cwd / path for path in reader.paths]
    try:
        kept = baseline.load(target).outside(paths, settings.root) if target.is_file() else []
    except UserError:  # there is none yet, or one to be replaced
        kept = []
    baseline.write(target, baseline.dump(known, reader.cwd, settings.root, kept))
    places = plural(len({item.path for item in known}), "file")
    name = visible(display_path(file, reader.cwd))
    streams.err.write(f"Wrote {plural(len(known), 'finding')} in {places} to {name}.\n")
    if secrets := len(outcome.shown) - len(known):
        streams.note(
            f"{plural(secrets, 'secret')} of a known format stay reported: revoke and reissue, or waive it in its file "
            "with `nemolint: ignore[inlined-secret] reason`"
        )
    return CLEAN


def _run(reader: Reader) -> int:
    request, streams = reader.request, reader.streams
    outcome = _judge(reader)
    if reader.settings.inputs:
        for message in reader.settings.input_problems(reader.checker.project_of(str(reader.settings.root))):
            reader.note(message)
    if reader.selection is not None and reader.selection.baseline is not None and not request.quiet:
        _tell_of_baseline(reader, reader.selection)
    _report(reader, outcome)
    streams.out.flush()
    if request.statistics:
        _statistics(outcome.shown, streams.err)
    if not request.quiet and any(name in ("text", "concise") and file is None for name, file in request.outputs):
        _summary(reader, outcome, streams.err)
    failures = Counter(problem.rule for problem in reader.internal_errors)
    for problem in reader.internal_errors:
        # One line for each rule: a fault of a rule shows on many files.
        if count := failures.pop(problem.rule, 0):
            more = f" (and {count - 1} more)" if count > 1 else ""
            streams.note(f"{problem.path}: rule {problem.rule} failed: {problem.message}{more}")
    if reader.failed or reader.internal_errors:
        return FAILED
    failing = outcome.failing or (request.diff and outcome.fixed)
    return FINDINGS if failing and not request.exit_zero else CLEAN


def _judge(reader: Reader) -> Outcome:
    """Check (and fix) every document."""
    from nemolint.driver.workers import checked_ahead

    request, selection = reader.request, reader.selection
    outcome = Outcome()
    for found in checked_ahead(reader):
        if selection is not None and selection.passes_over(found.path):
            continue
        if found.entry is not None:
            reader.count(found.entry.runs or 0)
            diagnostics = found.entry.diagnostics()
            if selection is not None:
                diagnostics = selection.of(diagnostics, None)
            if outcome.add(diagnostics, request):
                outcome.stored[display_path(found.path, reader.cwd)] = found.entry.text()
            continue
        if reader.is_blank(found):
            reader.count(0)
            continue
        document = reader.read(found)
        if document is None:
            continue
        try:
            diagnostics = reader.checker.check(document)
            entry = None
            if not (request.fix or request.diff):
                entry = reader.entry(found, document, diagnostics)
                reader.keep(found, entry)
                diagnostics = entry.diagnostics()  # their fixes are masked
            else:
                from nemolint.driver.rewrite import rewrite

                document, diagnostics, count = rewrite(
                    found, document, diagnostics, request, reader.checker, reader.streams, selection
                )
                outcome.fixed += count
                outcome.fixed_files += count > 0
            if selection is not None:
                diagnostics = selection.of(diagnostics, document)
        except (UserError, OutputError, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - one file must not keep the others from being checked
            reader.crashed(found.path, error)
            continue
        if outcome.add(diagnostics, request):
            if entry is not None:
                outcome.stored[document.path] = entry.text()
            else:
                outcome.documents[document.path] = document
        if entry is not None:
            reader.checker.forget(document)
    outcome.shown.sort(key=lambda diagnostic: diagnostic.sort_key)
    return outcome


def _report(reader: Reader, outcome: Outcome) -> None:
    """Write the findings in every format that was asked for."""
    request, streams = reader.request, reader.streams
    if request.diff and request.outputs == _DEFAULT_OUTPUTS:
        return
    if not outcome.shown and request.outputs == _DEFAULT_OUTPUTS:
        return
    from nemolint.report import Options, Result, render, too_many

    complete = not (reader.failed or reader.internal_errors)
    result = Result(tuple(outcome.shown), complete=complete)
    if outcome.shown:
        checker = reader.checker
        result = Result(
            tuple(outcome.shown), outcome.documents, checker.redactor, checker.rules, outcome.stored, complete
        )
    # With these, standard output is for the changed text.
    out = streams.err if request.diff or (request.fix and request.stdin_name is not None) else streams.out
    for name, file in request.outputs:
        if note := too_many(name, result):
            streams.note(note)
        if file is None:
            width = _width(out)
            color = use_color(request.color, out, os.environ)
            # A log is searched: there a message stays on its line.
            render(name, result, out, Options(color, width or _PIPE_WIDTH, wrap=width is not None))
            continue
        text = io.StringIO()
        render(name, result, text, Options(width=_PIPE_WIDTH))
        reader.failed |= not _written(file, masked(text.getvalue()), reader)


def _written(file: Path, text: str, reader: Reader) -> bool:
    """Write a report to a file. False, with a note, where that must not be or cannot be done."""
    from nemolint.base.atomic import NotWritten, output_of, replace_file

    try:
        target = output_of(file, reader.cwd)
        replace_file(target, text.encode("utf-8", "backslashreplace"), in_place=True)
    except NotWritten as problem:
        reader.streams.note(str(problem))
        return False
    except OSError as error:
        reader.streams.note(f"{file}: cannot be written: {error.strerror or error}")
        return False
    return True


def _width(out: TextIO) -> int | None:
    """Columns of a terminal; None for a report that goes elsewhere."""
    if not (out.isatty() or os.environ.get("COLUMNS", "").isdigit()):
        return None
    import shutil

    return shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns


def _tell_of_baseline(reader: Reader, selection: Selection) -> None:
    """Say which entries of the baseline match nothing any more."""
    baseline = selection.baseline
    if baseline is None or reader.failed or reader.request.stdin_name is not None:
        return
    if stale := len(selection.stale(reader.paths, reader.settings.root, reader.checker)):
        entries, verb = ("1 entry", "matches") if stale == 1 else (f"{stale} entries", "match")
        name = display_path(baseline.file, reader.cwd)
        reader.streams.note(f"{entries} of {name} {verb} nothing any more: write it anew with `nemolint baseline`")


def _statistics(shown: list[Diagnostic], err: TextIO) -> None:
    counts = Counter((diagnostic.rule, diagnostic.severity) for diagnostic in shown)
    for (rule, severity), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        err.write(f"{count:>7}  {severity:<7}  {rule}\n")


def _summary(reader: Reader, outcome: Outcome, err: TextIO) -> None:
    """Say in a few lines what was checked, found, fixed and hidden."""
    shown, hidden = outcome.shown, outcome.hidden
    runs, files = plural(reader.runs, "run"), plural(reader.files, "file")
    if outcome.fixed:
        verb = "Would fix" if reader.request.diff else "Fixed"
        err.write(f"{verb} {plural(outcome.fixed, 'finding')} in {plural(outcome.fixed_files, 'file')}.\n")
    if shown:
        counts = Counter(diagnostic.severity for diagnostic in shown)
        found = ", ".join(_count(counts[severity], severity) for severity in _COUNTED if counts[severity])
        places = len({diagnostic.path for diagnostic in shown})
        err.write(f"Found {found} in {plural(places, 'file')} (checked {files}, {runs}).\n")
        request = reader.request
        fixable = sum(item.fix is not None and (item.fix.safe or request.unsafe_fixes) for item in shown)
        # A difference is shown beside the findings of the file as it is.
        left = max(fixable - outcome.fixed, 0) if request.diff else fixable
        if left and (request.fix or request.diff):
            why = (
                "a fix is left out where it would bring up another finding or change other commands, "
                "or the file cannot be written"
            )
            err.write(f"{plural(left, 'finding')} left: {why}.\n")
        elif fixable and not outcome.fixed:
            err.write(f"{plural(fixable, 'finding')} can be fixed with --fix.\n")
        rules = {diagnostic.rule for diagnostic in shown}
        about = "RULE` says more about a rule" if len(rules) > 1 else f"{rules.pop()}` says more"
        err.write(f"`nemolint explain {about}.\n")
    elif reader.failed or reader.internal_errors:
        err.write(f"Checked {files}, {runs}; not everything could be checked.\n")
    elif reader.files:
        err.write(f"All clear: {runs} in {files}.\n")
    else:
        err.write("All clear: no file here names `nemotron steps run`.\n")
    baseline = reader.selection.baseline if reader.selection is not None else None
    if baseline is not None and baseline.hidden:
        from nemolint.base.visible import visible

        name = visible(display_path(baseline.file, reader.cwd))
        err.write(f"{plural(baseline.hidden, 'known finding')} of {name} left out.\n")
    if total := hidden.total():
        parts = " and ".join(_count(hidden[severity], severity) for severity in _COUNTED if hidden[severity])
        least = next(severity for severity in reversed(_COUNTED) if hidden[severity])
        verb, them = ("is", "it") if total == 1 else ("are", "them")
        err.write(f"{parts} {verb} hidden: --show {least} shows {them}.\n")


def runs_of(document: Document) -> int:
    """How many runs a document has; mentions are none."""
    return sum(run.role != "mention" for run in document.runs)


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
