"""One check: its files, its documents, and their cache entries."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property

from nemolint.base.errors import UserError
from nemolint.base.paths import as_posix, display_path, is_candidate, is_subject, joined, parent
from nemolint.driver.discover import MAX_BYTES, Finder, Found, obstacle_of, project_files, read_file
from nemolint.driver.request import Request, Streams
from nemolint.prefilter import is_worth
from nemolint.secrets.hints import is_password_file
from nemolint.settings import SettingsTree
from nemolint.sources import OTHER, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.cache.check_cache import CheckCache
    from nemolint.cache.entries import Entry
    from nemolint.document import Document
    from nemolint.driver.progress import Progress
    from nemolint.driver.selection import Selection
    from nemolint.linter.checker import Checker, InternalError
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.project import Project
    from nemolint.settings import Settings

FEW = 16  # files that are checked faster than a cache is read


class Session:
    """The documents behind the paths of a request.

    `checked` has the path of each file that was checked, `unchecked` the reason for each that could not be.
    `passed_over` is set when nothing but files of other types was given, `failed` when a report could not be written.
    """

    def __init__(
        self,
        request: Request,
        settings: Settings,
        streams: Streams,
        progress: Progress | None = None,
        tree: SettingsTree | None = None,
    ) -> None:
        """`settings` are those of the check as a whole, `tree` has those of each folder (None: the same everywhere)."""
        self.progress = progress
        self.request = request
        self.settings = settings
        self.tree = tree or SettingsTree.same(settings)
        self.streams = streams
        self.failed = False
        self.unchecked: dict[str, str] = {}
        self.checked: set[str] = set()
        self.passed_over = False
        self.files = 0
        self.runs = 0
        self._checker: Checker | None = None
        self._cache: CheckCache | None = None
        self._may_cache = self._uses_cache()
        self._silent = False

    def aside(self) -> Session:
        """A session with the same checker that caches nothing and says nothing."""
        other = Session(self.request, self.settings, self.streams, tree=self.tree)
        other._checker = self.checker
        other._may_cache = False
        other._silent = True
        return other

    @cached_property
    def cwd(self) -> str:
        """The working directory."""
        return os.getcwd()

    @property
    def started(self) -> bool:
        """Whether a checker was needed."""
        return self._checker is not None

    @property
    def checker(self) -> Checker:
        """Created when the first file is found: without one, nothing more is imported."""
        if self._checker is None:
            from nemolint.linter.checker import Checker

            self._checker = Checker(
                self.settings, cwd=self.cwd, environ=os.environ, prompt=self.request.prompt, tree=self.tree
            )
            if self.cache is not None:
                self._checker.projects.compiled = self.cache.compiled()
        return self._checker

    def _uses_cache(self) -> bool:
        request = self.request
        if not request.cache or request.changes or request.prompt or request.stdin_name is not None:
            return False
        return request.since is None  # a cache entry does not hold the lines of the file

    @property
    def cache(self) -> CheckCache | None:
        """The cache, or None if this check must not use it. Opened on first use."""
        if self._cache is None and self._may_cache:
            from nemolint.cache.check_cache import CheckCache

            self._cache = CheckCache.of(self.settings, self.cwd, os.environ, self.tree)
        return self._cache

    @property
    def opened_cache(self) -> CheckCache | None:
        """The cache, if it has been opened."""
        return self._cache

    @cached_property
    def selection(self) -> Selection | None:
        """Selects the findings to report; None if all are. Raises UserError for an unusable commit or baseline."""
        request = self.request
        if request.since is None and request.baseline is None:
            return None
        from nemolint.driver.selection import Selection

        if self.cache is not None and request.baseline is not None:
            self.cache.used(joined(self.cwd, request.baseline))
        return Selection(self.cwd, self.note, since=request.since, baseline=request.baseline)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths to check."""
        # All findings depend on the project files, so a change of one affects every file.
        whole = self.request.hook and project_files(self.request.paths)
        return (".",) if whole else self.request.paths

    def note(self, message: str) -> None:
        """Show the user a message that is not cached."""
        if self._silent:
            return
        if self.cache is not None:
            self.cache.certain = False
        self.streams.note(message)

    @property
    def internal_errors(self) -> list[InternalError]:
        """Rules that raised."""
        return self._checker.internal_errors if self._checker is not None else []

    @property
    def incomplete(self) -> bool:
        """True if something that was to be checked could not be checked completely."""
        return bool(self.unchecked or self.internal_errors)

    @property
    def projects(self) -> Mapping[str, Project]:
        """The projects that were read, by name."""
        return self._checker.projects.by_name() if self._checker is not None else {}

    def found(self) -> Iterator[Found]:
        """The files to check, standard input among them."""
        request = self.request
        if request.stdin_name is not None:
            data = self.streams.stdin.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise UserError(f"{request.stdin_name}: is larger than {MAX_BYTES // 1_000_000} MB")
            yield Found(joined(self.cwd, request.stdin_name), data, True)
            return
        if request.hook and self._passes_over_all():
            return
        finder = Finder(
            self.settings,
            self.cwd,
            self.note,
            force_exclude=request.force_exclude,
            hook=request.hook,
            cache=self.cache,
            progress=self.progress,
            tree=self.tree,
        )
        yield from finder.find(self.paths)
        self.unchecked.update(finder.unchecked)
        self.passed_over = 0 < finder.looked_at == finder.skipped

    def _passes_over_all(self) -> bool:
        """Whether a hook was given a few files and none is a candidate: then the cache is not needed."""
        paths = [joined(self.cwd, path) for path in self.paths]

        def passes_over(path: str) -> bool:
            if not os.path.isfile(path):
                return False
            data = read_file(path)
            return obstacle_of(data) is None and not is_candidate(as_posix(path), data)

        try:
            return len(paths) < FEW and all(map(passes_over, paths))
        except (OSError, ValueError):  # the finder reports it
            return False

    def timed(self, files: Iterator[Found]) -> Iterator[Found]:
        """The same files; with `--verbose`, say of each what was done with it, and how long that took."""
        if not self.request.verbose:
            yield from files
            return
        from time import perf_counter

        for found in files:
            begun = perf_counter()
            yield found
            took = (perf_counter() - begun) * 1000
            how = f"checked in {took:.1f} ms"
            if found.entry is not None:
                how = "checked by another process" if found.elsewhere else "unchanged, taken from the cache"
            source = self.tree.of_file(found.path).source
            place = "no settings file" if source is None else display_path(source, self.cwd)
            self.streams.note(f"{self.request.stdin_name or display_path(found.path, self.cwd)}: {how} ({place})")

    def documents(self) -> Iterator[tuple[Found, Document]]:
        """All files with their documents, read again."""
        for found in self.found():
            document = self.read(found)
            if document is not None:
                yield found, document

    def is_blank(self, found: Found) -> bool:
        """True for a file that cannot have findings, which the prefilter decides without parsing it."""
        preset = self.tree.of_file(found.path).for_file(found.path).preset
        path = as_posix(found.path)
        if preset == "answer" or path.endswith(".answer.md") or is_subject(path):
            return False
        if not found.data.isascii() or b"\0" in found.data:
            return False
        text = found.data.decode("ascii")
        return not (is_worth(text, kind_of(path, text[:256]) or OTHER) or is_password_file(path))

    def read(self, found: Found) -> Document | None:
        """The document of a file; None, with a message on stderr, if it cannot be read."""
        from nemolint.linter.checker import Unreadable

        try:
            document = self.checker.read(found.path, found.data, name=self.request.stdin_name)
        except Unreadable as error:
            self.forget(found)
            name = self.request.stdin_name or display_path(found.path, self.cwd)
            self.unchecked[name] = str(error)
            self.note(f"{name}: {error}")
            return None
        except Exception as error:  # noqa: BLE001 - one file must not keep the others from being checked
            self.crashed(found.path, error)
            return None
        self.count(runs_of(document))
        return document

    def count(self, runs: int) -> None:
        """Count a checked file."""
        self.files += 1
        self.runs += runs

    def forget(self, found: Found) -> None:
        """Cache nothing for a file."""
        if self.cache is not None:
            self.cache.entries.forget(found.path)

    def keep(self, found: Found, entry: Entry) -> None:
        """Cache the result of checking a file."""
        if self.cache is not None:
            path = found.path
            self.cache.entries.keep(path, entry._replace(settings=self.cache.settings_of(path)))

    def entry(self, found: Found, document: Document, diagnostics: list[Diagnostic]) -> Entry:
        """The result of checking a file as plain data, without references to the document."""
        from nemolint.cache.entries import Entry, stored

        checker = self.checker
        project = None
        if document.path in checker.asked:
            project = checker.projects.name_of(parent(found.path))
            self._hide_secrets(document, checker.project(document).reader.seen)
        return Entry(True, project, runs_of(document), stored(document, diagnostics, checker.redactor))

    def _hide_secrets(self, document: Document, seen: dict[str, str]) -> None:
        """Do not cache the name of a looked-up file if it contains one of the document's secrets (`-c SECRET`)."""
        vetted = self.checker.vetted
        new = [path for path in seen if path not in vetted] if self.request.cache else []
        vetted.update(new)
        # pyproject.toml is looked up in each folder, whatever a document says. Most documents look up nothing else.
        new = [path for path in new if not path.endswith(f"{os.sep}pyproject.toml")]
        if not new:
            return
        redactor = self.checker.redactor(document)
        if not redactor.knows:
            return
        from nemolint.base.signature import UNKNOWN

        for path in [path for path in new if redactor.scrub(path) != path]:
            del seen[path]
            vetted.discard(path)  # another document may ask for it
            seen[os.path.dirname(path)] = UNKNOWN

    def crashed(self, path: str, error: Exception) -> None:
        """Report an error of nemolint itself. Its message may quote the file, so only its place is shown."""
        from nemolint.document import ReadingFailed

        if self.cache is not None:
            self.cache.entries.forget(path)
        if isinstance(error, ReadingFailed) and isinstance(error.__cause__, Exception):
            error = error.__cause__
        frames = []
        trace = error.__traceback__
        while trace is not None:
            frames.append(f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}")
            trace = trace.tb_next
        message = f"internal error: {type(error).__name__} at {' > '.join(frames[-4:])}"
        self.unchecked[self.request.stdin_name or display_path(path, self.cwd)] = message
        self.note(f"{path}: {message}")


def runs_of(document: Document) -> int:
    """How many runs a document has, not counting mentions."""
    return sum(run.role != "mention" for run in document.runs)
