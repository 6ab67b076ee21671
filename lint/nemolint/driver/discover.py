"""From the given paths to the files worth reading: listing, excluding, and a look at the bytes.

git lists the files of a folder in a work tree; other folders are walked. Only candidates are passed on: nothing else is
decoded.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence

from nemolint.base.bom import wide_encoding
from nemolint.base.files import may_contain, read_regular
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import (
    COMMAND_WORDS,
    as_posix,
    display_path,
    is_candidate,
    is_env_file,
    is_step_file,
    is_subject,
    plain,
)
from nemolint.base.patterns import lazily
from nemolint.settings import Matcher, Settings, SettingsTree
from nemolint.sources import kind_of, may_start_commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.cache.check_cache import CheckCache
    from nemolint.cache.entries import Entry
    from nemolint.driver.progress import Progress

MAX_BYTES = 5_000_000
_HEAD = 1024

_UNLISTED = lazily(r"^warning: could not open directory '(?P<folder>.*)': (?P<reason>.*)$", re.MULTILINE)
SKIPPED_FOLDERS = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".tox",
        ".venv",
        "__pycache__",
        "node_modules",
        "site-packages",
    }
)
_SETTINGS_FILES = frozenset({"pyproject.toml", "nemolint.toml"})


class Found(NamedTuple):
    """A file to check: its absolute path, its bytes, and whether it was given by name.

    `entry` is its cache entry; with one, the file was not read. `elsewhere`: another process has checked it.
    """

    path: str
    data: bytes
    given: bool
    entry: Entry | None = None
    elsewhere: bool = False


class Finder:
    """Finds the files to check.

    `tree` has the settings of each folder (None: `settings` everywhere).
    `note` is called with each message to the user that is not a finding. `hook`: pre-commit chose the names, so a file
    given by name is checked only if it is a candidate. After `find`, `unchecked` has the reason for each path that
    could not be checked although it was given or may name the command, `looked_at` counts the files that were
    considered, and `skipped` those among them that were given by name, are not text, and do not name the command. One
    of another type is searched for credentials.
    """

    def __init__(
        self,
        settings: Settings,
        cwd: str,
        note: Callable[[str], None],
        *,
        force_exclude: bool = False,
        hook: bool = False,
        cache: CheckCache | None = None,
        progress: Progress | None = None,
        tree: SettingsTree | None = None,
    ) -> None:
        self.tree = tree or SettingsTree.same(settings)
        self.cwd = cwd
        self.note = note
        self.force_exclude = force_exclude
        self.hook = hook
        self.cache = cache
        self.progress = progress
        self.unchecked: dict[str, str] = {}
        self.looked_at = 0
        self.skipped = 0
        self._seen: set[str] = set()
        self._git_hangs = False

    def find(self, paths: Iterable[str]) -> Iterator[Found]:
        """The files in `paths` (files and folders), each once, folders in sorted order."""
        for given in self._counted([*paths]):
            path = os.path.normpath(os.path.join(self.cwd, given))
            try:
                mode = os.stat(path).st_mode
            except (OSError, ValueError) as error:
                reason = "no such file or folder" if isinstance(error, FileNotFoundError) else _reason(error)
                self._fail(given, reason)
                continue
            folder = stat.S_ISDIR(mode)
            if self.force_exclude and self.tree.excludes(path, folder):
                continue
            if folder:
                yield from self._folder(path, self.excluder(path))
            elif stat.S_ISREG(mode):
                yield from self._given_file(path, given)
            else:
                self._fail(given, "is not a regular file")

    def excluder(self, top: str) -> Matcher:
        """What is excluded in a folder that is to be checked: each part of a path by the settings of its own folder.

        A folder that is excluded and given by name is checked, so that the pattern says nothing about what is in it.
        """
        own = self.tree.of(top)
        muted = own if own.excludes(top, True) else None
        known = {top: False}

        def matches(path: str, folder: bool) -> bool:
            settings = self.tree.of_file(path)
            return settings is not muted and settings.excludes(path, folder)

        def excluded(path: str, folder: bool) -> bool:
            parent = os.path.dirname(path)
            pending = []
            while parent not in known and len(parent) > len(top):
                pending.append(parent)
                parent = os.path.dirname(parent)
            inside = known.get(parent, False)
            for parent in reversed(pending):
                inside = known[parent] = inside or matches(parent, True)
            return inside or matches(path, folder)

        return excluded

    def _fail(self, name: str, reason: str) -> None:
        self.unchecked[name] = reason
        self.note(f"{name}: {reason}")

    def _fail_listed(self, path: str, reason: str) -> None:
        self._fail(display_path(path, self.cwd), reason)

    def _given_file(self, path: str, given: str) -> Iterator[Found]:
        if not self._first_time(path):
            return
        if self.cache is not None and (entry := self.cache.recall(path, not self.hook)) is not None:
            self.looked_at += 1
            if entry.checked and (entry.candidate or not self.hook):
                self._tell_of_type(path, given, None, entry.candidate)
                yield Found(path, b"", True, entry)
            return
        try:
            data = read_file(path)
        except OSError as error:
            self._fail(given, _reason(error))
            return
        self.looked_at += 1
        name = as_posix(path)
        obstacle = obstacle_of(data)
        try:
            candidate = is_candidate(name, data) if obstacle is None else _may_name_command(name)
        except OSError as error:
            self._fail(given, _reason(error))
            return
        if self.cache is not None:
            self.cache.read(path, data, candidate, given=True)
        if self.hook and not candidate:
            return
        if obstacle is None:
            self._tell_of_type(path, given, data, candidate)
            yield Found(path, data, True)
        elif candidate:
            self._fail(given, f"not checked, since {obstacle}")
        else:
            self.skipped += 1
            self.note(f"{given}: not checked, since {obstacle}")

    def _tell_of_type(self, path: str, given: str, data: bytes | None, candidate: bool) -> None:
        """Say so where no commands are looked for in a file. `data` is None if it has not been read."""
        name = as_posix(path)
        if self.hook or kind_of(name, "") is not None:
            return
        if data is None:
            try:
                data = read_regular(name, _HEAD, whole=False)
            except OSError:  # gone since its entry was looked up
                return
        if kind_of(name, head_of(data)) is None:
            reason = "searched for credentials only, since its file type is not supported"
            if candidate:  # it may name the command
                self._fail(given, reason)
            else:
                self.note(f"{given}: {reason}")

    def _folder(self, folder: str, excluded: Matcher) -> Iterator[Found]:
        for name in self._counted(self._list(folder, excluded)):
            kind = kind_of(name, "")
            last = name.rpartition("/")[2]
            try:
                mode = os.lstat(name).st_mode
                if stat.S_ISDIR(mode):
                    if self.cache is not None:
                        self.cache.walked(name, os.listdir(name))
                    # A submodule, or another repository inside this one.
                    if _is_repository(name) and not excluded(name, True):
                        yield from self._folder(name, excluded)
                    continue
                # An extension gives the file type; without one, the first line may.
                noted = kind is None and may_start_commands(name)
                if kind is None and not noted and "." in last.lstrip("."):
                    continue
                if not stat.S_ISREG(mode):
                    if self.cache is not None:
                        self.cache.passed_over(name)
                    # A link is never followed here: what it leads to is checked where it is. A pipe has no other place.
                    if kind is not None and not stat.S_ISLNK(mode) and not excluded(name, False):
                        self._fail_listed(name, "is not a regular file")
                    continue
                if excluded(name, False) or not self._first_time(name):
                    continue
                if self.cache is not None and (entry := self.cache.recall(name, False)) is not None:
                    self.looked_at += 1
                    if entry.candidate and entry.checked:
                        yield Found(plain(name), b"", False, entry)
                    continue
                data = read_file(name)
            except FileNotFoundError:  # still listed by git, deleted in the work tree
                if self.cache is not None:
                    self.cache.missing(name)
                continue
            except (OSError, ValueError) as error:
                if not excluded(name, False):
                    self._fail_listed(name, _reason(error))
                continue
            self.looked_at += 1
            obstacle = obstacle_of(data)
            candidate = kind is not None or kind_of(name, head_of(data)) is not None or (noted and obstacle is None)
            if candidate:
                try:
                    candidate = is_candidate(name, data) if obstacle is None else _may_name_command(name)
                except OSError as error:
                    self._fail_listed(name, _reason(error))
                    continue
            if self.cache is not None:
                self.cache.read(name, data, candidate, given=False)
            if not candidate:
                continue
            if obstacle is not None:
                self._fail_listed(name, f"not checked, since {obstacle}")
                continue
            yield Found(plain(name), data, False)

    def _counted(self, names: list[str] | Iterator[str]) -> Iterator[str]:
        """The same names, counted for the progress display."""
        progress = self.progress
        if progress is None:
            yield from names
            return
        progress.expect(len(names) if isinstance(names, list) else None)
        for name in names:
            progress.step()
            yield name

    def _first_time(self, name: str) -> bool:
        if name in self._seen:
            return False
        self._seen.add(name)
        return True

    def _list(self, folder: str, excluded: Matcher) -> list[str] | Iterator[str]:
        """Absolute names of all files in `folder`, sorted: as git sees them, or by a walk."""
        names = self._git(folder, excluded)
        if names is None:
            return self._walk(folder, excluded)
        prefix = os.path.join(folder, "")
        return [prefix + name.removesuffix("/") for name in names]

    def _fail_unlisted(self, top: str, errors: str, excluded: Matcher) -> None:
        """Report the folders that git could not list, of which it only warns."""
        for match in _UNLISTED.finditer(errors):
            path = os.path.normpath(os.path.join(top, match["folder"]))
            if match["reason"] != os.strerror(errno.ENOENT) and not excluded(path, True):
                self._fail_listed(path, f"cannot be read: {match['reason']}")

    def _git(self, folder: str, excluded: Matcher) -> list[str] | None:
        """What git lists; None if the folder is not in a repository, or git is missing, fails or ignores it."""
        from nemolint.base.gitfiles import ask_for_files, ask_if_ignored, repository_of

        if self._git_hangs:
            return None
        code, output, errors, inside, ignored = 1, b"", b"", "", False
        try:
            repository = repository_of(folder)
            if repository is not None:
                inside = repository.inside
                code, output, errors = ask_for_files(repository).answer()
                if code == 0 and not output and inside:
                    ignored = ask_if_ignored(repository).answer()[0] == 0
        except FileNotFoundError:  # git is not installed, or `.git` is a dangling link
            pass
        except OSError as error:
            # A pipe in place of a file makes git wait: once is enough.
            self._git_hangs = isinstance(error, TimeoutError)
            self.note(f"git could not list files ({error}): walking {display_path(folder, self.cwd)}")
            return None
        if self.cache is not None:
            self.cache.asked_git(folder, code, output)
        said = errors.decode("utf-8", "replace").strip()
        if code != 0:
            if said and "not a git repository" not in said:
                first = said.splitlines()[0]
                self.note(f"{first}: walking {display_path(folder, self.cwd)}, including files that git ignores")
            return None
        if ignored:
            return None
        if repository is not None:
            self._fail_unlisted(repository.top, os.fsdecode(errors), excluded)
        prefix = f"{inside}/" if inside else ""
        names = {name[len(prefix) :] for name in os.fsdecode(output).split("\0") if name.startswith(prefix)} - {""}
        for name in _astray(folder, names):
            names.discard(name)
            if self.cache is not None:
                self.cache.passed_over(os.path.join(folder, name))
        return sorted(names)

    def _walk(self, folder: str, excluded: Matcher) -> Iterator[str]:
        """All files below a folder, sorted; no symlinks, no environments, no caches."""
        pending: list[tuple[str, bool]] = [(folder, True)]
        while pending:
            path, is_folder = pending.pop()
            if not is_folder:
                yield path
                continue
            try:
                with os.scandir(path) as entries:
                    everything = list(entries)
                found = [
                    (entry.path, entry.name, entry.is_dir(follow_symlinks=False))
                    for entry in everything
                    if not entry.is_symlink()
                ]
            except OSError as error:
                self._fail_listed(path, _reason(error))
                continue
            names = {name for _, name, _ in found}
            if self.cache is not None:
                self.cache.walked(path, [entry.name for entry in everything])
            if path != folder and "pyvenv.cfg" in names:
                continue
            for inner, name, is_inner_folder in sorted(found, reverse=True):
                if not is_inner_folder:
                    pending.append((inner, False))
                elif name not in SKIPPED_FOLDERS and not excluded(inner, True):
                    # A repository is passed on as one name, and git lists its files.
                    pending.append((inner, not _is_repository(inner)))


def _astray(folder: str, names: Iterable[str]) -> list[str]:
    """The names listed for `folder` that are outside of it, by `..` or through a symbolic link to a folder.

    git lists what is in its index, which may come from an archive and may be older than the work tree.
    """
    below = {"": True}
    found = []
    for name in names:
        parent, _, last = name.removesuffix("/").rpartition("/")
        pending = []
        while parent not in below:
            pending.append(parent)
            parent = parent.rpartition("/")[0]
        stands = below[parent]
        for inner in reversed(pending):
            stands = stands and _is_plain(inner.rpartition("/")[2]) and not os.path.islink(f"{folder}/{inner}")
            below[inner] = stands
        if not (stands and _is_plain(last)):
            found.append(name)
    return found


def _is_plain(part: str) -> bool:
    return part not in ("", ".", "..")


def project_files(paths: Sequence[str]) -> bool:
    """True if the check of other files depends on one of the paths: a manifest, config, env TOML or settings file."""
    return any(is_env_file(path) or path.rpartition("/")[2] in _SETTINGS_FILES or is_step_file(path) for path in paths)


def obstacle_of(data: bytes) -> str | None:
    """Why a file with these first bytes is not checked, or None."""
    if len(data) > MAX_BYTES:
        return f"it is larger than {MAX_BYTES // 1_000_000} MB"
    return "it is binary" if is_binary(data) else None


def _may_name_command(path: str) -> bool:
    """Whether a file that is not checked could have findings. Raises OSError."""
    return is_subject(path) or may_contain(path, COMMAND_WORDS)


def is_binary(data: bytes) -> bool:
    """True for data with NUL bytes that are not those of a marked UTF-16 or UTF-32 text."""
    return b"\0" in data and wide_encoding(data) is None


def head_of(data: bytes) -> str:
    """The beginning of a file, for detecting its type."""
    return data[:256].decode("utf-8", "replace").removeprefix("\ufeff")


def _is_repository(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, ".git"))


def read_file(path: str) -> bytes:
    """A file's bytes, at most `MAX_BYTES` + 1. Raises OSError, also if it is no longer a regular file."""
    return read_regular(path, MAX_BYTES, whole=False)


def _reason(error: Exception) -> str:
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"
