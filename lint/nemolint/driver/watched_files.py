"""What a watched check depends on, and the changes of it.

The folders to check are watched with all that is below them, for files that are new. The other files that the last
check read, or looked for, are watched in their folders: the settings, the project, a baseline. watchfiles reports what
changed; here is decided whether that can change a finding.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Sequence

from nemolint.base import gitfiles
from nemolint.base.errors import UserError
from nemolint.base.paths import is_candidate
from nemolint.base.patterns import lazily
from nemolint.base.signature import matching
from nemolint.driver.discover import SKIPPED_FOLDERS, Finder, head_of, obstacle_of, read_file
from nemolint.sources import kind_of, may_start_commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.driver.session import Session
    from nemolint.settings import Matcher

    Stream = Generator[set[tuple[int, str]], None, None]

_QUIET = 50  # milliseconds without a change after which a burst of them is over
_BURST = 1600  # milliseconds after which a longer one is reported in parts
_MODIFIED = 2  # `watchfiles.Change.modified`
_MOST_ASKED = 40  # new files and folders of one burst about which git is asked, one after the other
# What watchfiles says of such a name, and then it says nothing more.
_UNDECODED = lazily(r'Unable to decode path "(?P<path>.*)" to string')
_UNNAMEABLE = "{}: the name is not UTF-8, so that it cannot be watched: rename it, or give paths without it"
_OWN_FILE = ".nemolint-"  # what a report is written to before it replaces the last one


class Watch:
    """Waits for changes that may change the result of a check.

    `given` are the paths to check, relative to `cwd`; `reports` the files that the check writes; `also` those that it
    reads without saying so. Raises UserError if watchfiles is missing, or cannot watch.
    """

    def __init__(self, given: Sequence[str], cwd: str, reports: Iterable[str], also: Iterable[str]) -> None:
        self._given = [os.path.normpath(os.path.join(cwd, path)) for path in given]
        self._cwd = cwd
        self._reports = {os.path.normpath(os.path.join(cwd, path)) for path in reports}
        self._also = {os.path.normpath(os.path.join(cwd, path)) for path in also}
        self._depends: set[str] = set(self._also)
        self._forms: dict[str, list[str]] = {}
        self._folders: set[str] = set()
        self._excluders: dict[str, Matcher] = {}
        self._excluder_of: Callable[[str], Matcher] | None = None
        self._ignored: dict[str, bool] = {}
        self._unlisted: dict[str, frozenset[str]] = {}
        self._asked = 0
        self._pending: set[tuple[int, str]] = set()
        self._streams: dict[bool, tuple[dict[str, tuple[int, int]], Stream]] = {}
        self._watch_folders()

    def close(self) -> None:
        """Stop watching."""
        for _, stream in self._streams.values():
            stream.close()
        self._streams = {}

    def depend(self, session: Session, begun: int) -> None:
        """Watch what a check that began at `begun` (ns since the epoch) depended on."""
        files = {*self._given, *self._also, *session.checked, *session.tree.seen}
        for project in session.projects.values():
            files.update(project.reader.seen)
        if (cache := session.opened_cache) is not None:
            files.update(cache.entries.recalled())
        files = {path.removesuffix("/.") for path in files}  # of those whose links matter
        files.update({os.path.realpath(path) for path in files if os.path.islink(path)})
        self._forms = {}
        for form in [path for path in files if "*" in os.path.basename(path)]:
            self._forms.setdefault(os.path.dirname(form), []).append(os.path.basename(form))
        self._depends = files
        self._folders = set()
        for path in files:
            while (path := os.path.dirname(path)) not in self._folders and path:
                self._folders.add(path)
        self._excluders = {}
        self._excluder_of = Finder(session.settings, self._cwd, session.note, tree=session.tree).excluder
        self._ignored = {}
        self._unlisted = {}
        known = self._streams[False][0]
        self._watch_folders()
        # What changed between the check and the first look at a folder has not been reported.
        for folder in self._streams[False][0].keys() - known.keys():
            inside = [path for path in files if os.path.dirname(path) == folder]
            self._pending.update((_MODIFIED, path) for path in inside if _changed_since(path, begun))

    def changes(self) -> list[str]:
        """The paths of the next changes that matter, sorted. Waits until there are some."""
        while True:
            changes, self._pending = self._pending, set()
            for _, stream in list(self._streams.values()):
                changes |= self._next(stream)
            if not changes:
                continue
            self._asked = 0
            found = sorted({path for kind, path in map(self._named, changes) if self._matters(kind, path)})
            if found:
                self._watch_folders()
                return found

    # -- what is watched

    def _watch_folders(self) -> None:
        """Watch the folders that exist now. One that was replaced by another of the same name is watched anew."""
        tops = {path for path in self._given if os.path.isdir(path)}
        tops = {path for path in tops if not any(path != top and _is_below(path, top) for top in tops)}
        limits = {*tops, *(os.path.dirname(path) for path in self._given), self._cwd}
        flat = {os.path.dirname(path) for path in self._given}
        for path in self._depends:
            folder = path.rstrip("/" + os.sep) or os.sep if path.endswith("/") else os.path.dirname(path)
            if any(_is_below(folder, top) for top in tops):
                continue
            # Settings are looked for up to the root of the system, where everything else happens, too.
            if not os.path.lexists(path) and any(_is_below(limit, folder) and limit != folder for limit in limits):
                continue
            flat.add(folder)
        existing = {_existing(folder) for folder in flat}
        # The parent of a folder tells when the folder is replaced.
        wanted = {True: tops, False: {folder for folder in existing if not any(_is_below(folder, top) for top in tops)}}
        for recursive, folders in wanted.items():
            self._renew(recursive, {folder: _identity(folder) for folder in folders})

    def _renew(self, recursive: bool, folders: dict[str, tuple[int, int]]) -> None:
        old = self._streams.get(recursive)
        if old is not None and old[0] == folders:
            return
        stream = _stream(sorted(folders), recursive)
        self._pending |= self._next(stream)  # it watches from its first step on
        if old is not None:
            self._pending |= self._next(old[1])
            old[1].close()
        self._streams[recursive] = folders, stream

    def _next(self, stream: Stream) -> set[tuple[int, str]]:
        try:
            return next(stream)
        except StopIteration:
            return set()
        except UnicodeEncodeError as error:
            raise UserError(_UNNAMEABLE.format(error.object)) from None
        except (OSError, RuntimeError) as error:
            if (found := _UNDECODED.search(str(error))) is not None:
                raise UserError(_UNNAMEABLE.format(found["path"])) from None
            raise UserError(
                f"the folders cannot be watched: {error}: give fewer or smaller ones, raise the system's limit, "
                "or set WATCHFILES_FORCE_POLLING=1"
            ) from None

    def _named(self, change: tuple[int, str]) -> tuple[int, str]:
        """A change with its path as the check names it: some systems report paths with their links resolved."""
        kind, path = int(change[0]), change[1]
        if path not in self._depends:
            for folders, _ in self._streams.values():
                for folder in folders:
                    real = os.path.realpath(folder)
                    if real != folder and _is_below(path, real):
                        return kind, os.path.normpath(folder + path[len(real) :])
        return kind, path

    # -- what matters

    def _matters(self, kind: int, path: str) -> bool:
        folder, name = os.path.split(path)
        if path in self._reports or name.startswith(_OWN_FILE):
            return False
        if path in self._depends:
            return True
        if kind != _MODIFIED and not name.startswith("."):
            # A name is added to a folder that the check has listed, or taken from it; a folder has come or gone.
            if f"{folder}/" in self._depends and name not in SKIPPED_FOLDERS:
                return True
            if path in self._folders or f"{path}/" in self._depends:
                return True
        if any(matching([name], form) for form in self._forms.get(folder, ())):
            return True
        top = next((top for top in self._streams[True][0] if _is_below(path, top)), None)
        if top is None or path == top:
            return False
        if not self._skipped(top).isdisjoint(path[len(top) :].split(os.sep)):
            return False
        if name == ".gitignore":
            return True
        is_folder = os.path.isdir(path) and not os.path.islink(path)
        if kind == _MODIFIED if is_folder else not _may_have_findings(path):
            return False
        return not self._is_excluded(top, path, is_folder) and not self._is_ignored(top, path)

    def _skipped(self, top: str) -> frozenset[str]:
        """The names of folders below `top` in which nothing is checked: git lists what it does not ignore."""
        if top not in self._unlisted:
            try:
                in_git = gitfiles.repository_of(top) is not None
            except OSError:
                in_git = False
            self._unlisted[top] = frozenset({".git"}) if in_git else SKIPPED_FOLDERS
        return self._unlisted[top]

    def _is_excluded(self, top: str, path: str, is_folder: bool) -> bool:
        if self._excluder_of is None:
            return False
        if top not in self._excluders:
            self._excluders[top] = self._excluder_of(top)
        return self._excluders[top](path, is_folder)

    def _is_ignored(self, top: str, path: str) -> bool:
        """Whether git ignores a file or folder below `top`, or a folder above it."""
        if path not in self._ignored:
            above = os.path.dirname(path)
            ignored = above != top and _is_below(above, top) and self._is_ignored(top, above)
            if not ignored and self._asked < _MOST_ASKED:
                self._asked += 1
                ignored = _git_ignores(path)
            self._ignored[path] = ignored
        return self._ignored[path]


def _stream(folders: Sequence[str], recursive: bool) -> Stream:
    """The changes in folders, an empty set every now and then. It watches from its first step on."""
    try:
        from watchfiles import watch
    except ImportError:
        raise UserError("--watch needs watchfiles: install it with `pip install 'nemolint[watch]'`") from None
    if not folders:
        return _nothing()
    return watch(  # type: ignore[return-value]  # the kind of a change is an enumeration of numbers
        *folders,
        watch_filter=None,
        debounce=_BURST,
        step=_QUIET,
        rust_timeout=_QUIET,
        yield_on_timeout=True,
        recursive=recursive,
        ignore_permission_denied=True,
    )


def _nothing() -> Stream:
    while True:
        yield set()


def _may_have_findings(path: str) -> bool:
    """Whether a file that the last check did not check would be checked now."""
    name = path.replace(os.sep, "/")
    kind = kind_of(name, "")
    noted = kind is None and may_start_commands(name)
    if os.path.islink(path) or (kind is None and not noted and "." in os.path.basename(path).lstrip(".")):
        return False
    try:
        data = read_file(path)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):  # as the check will say
        return kind is not None
    if kind is None and kind_of(name, head_of(data)) is None and not (noted and obstacle_of(data) is None):
        return False
    return obstacle_of(data) is not None or is_candidate(name, data)


def _git_ignores(path: str) -> bool:
    """Whether the rules of git ignore a path. It need not exist."""
    folder, name = os.path.split(path)
    try:
        repository = gitfiles.repository_of(_existing(folder))
        if repository is None:
            return False
        inside = f"{repository.inside}/{name}" if repository.inside else name
        return gitfiles.ask_if_ignored(gitfiles.Repository(repository.top, inside)).answer()[0] == 0
    except OSError:  # without git, nothing is ignored
        return False


def _existing(folder: str) -> str:
    """The folder, or the nearest one above it that exists."""
    while not os.path.isdir(folder) and (above := os.path.dirname(folder)) != folder:
        folder = above
    return folder


def _identity(folder: str) -> tuple[int, int]:
    try:
        status = os.stat(folder)
    except OSError:
        return (0, 0)
    return status.st_dev, status.st_ino


def _is_below(path: str, top: str) -> bool:
    """Whether a path is a folder, or in it."""
    return path == top or path.startswith(top if top.endswith(os.sep) else top + os.sep)


def _changed_since(path: str, begun: int) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return max(status.st_mtime_ns, status.st_ctime_ns) >= begun
