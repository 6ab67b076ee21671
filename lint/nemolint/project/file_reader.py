"""Reads project files safely, and records what was read, or looked for and not found.

A tree may be hostile: only regular files up to a size are read, never a pipe or a device, and symbolic links to folders
are not followed.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping

from nemolint.base import files, signature
from nemolint.base.paths import and_above, display_path, in_order, joined, plain
from nemolint.project.compiled import Compiled
from nemolint.project.model import Place, Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.paths import Location

MAX_BYTES = 2_000_000
MAX_FOLDERS = 5_000
# The errors for names that no file can have, and for links that lead to none.
_NO_FILE = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.ENXIO, errno.ELOOP})


class UnreadableFile(Exception):
    """A file that exists but cannot be used; the message says why and what to do."""


class FileReader:
    """File access of one project.

    `seen` maps each path to the digest of its content, and each folder that was listed (its path with a trailing `/`)
    to the digest of its entries. Other states are `ABSENT` (no regular file), `PRESENT` (not read), `UNKNOWN`
    (unreadable) and `NOTHING` (no folder), see `signature`; `MATCHING` begins the digest of the names of a form, and
    `LEADS` that of where a path leads through links (with `/.` behind it). It is what a cache entry depends on.
    `unsaved` has contents by path that count instead of those on disk, `unsaved_read` those that were read; they are
    not among the `seen`.
    """

    def __init__(self, cwd: Location) -> None:
        self.cwd = plain(cwd)
        self.compiled = Compiled()
        self.seen: dict[str, str] = {}
        self.unsaved: Mapping[str, bytes] = {}
        self.unsaved_read: dict[str, bytes] = {}
        self.problems: dict[tuple[Place, str], Problem] = {}
        self._unlisted: set[str] = set()

    def report(self, path: str) -> str:
        """The path as shown: relative to the working directory with `/`, absolute outside it."""
        return display_path(path, self.cwd)

    def problem(self, path: str, message: str, line: int = 0, column: int = 0, *, to_cli: bool = False) -> None:
        """Record a problem in a project file; the same problem counts once. `to_cli`: the CLI fails with it, too."""
        place = Place(self.report(path), line, column)
        self.problems.setdefault((place, message), Problem("broken-project-file", place, message, to_cli=to_cli))

    def exists(self, path: str) -> bool:
        """True if it is a regular file."""
        try:
            found = stat.S_ISREG(os.stat(path).st_mode)
        except ValueError:  # no file can have that name, so there is nothing to watch
            return False
        except OSError:
            found = False
        self.seen.setdefault(path, signature.PRESENT if found else signature.ABSENT)
        return found

    def target(self, path: str) -> str:
        """The path that one leads to, through links."""
        self.seen[f"{path}/."] = f"{signature.LEADS}{signature.digest_of_target(path)}"
        return os.path.realpath(path)

    def raw(self, path: str) -> bytes | None:
        """The bytes of a file, None if it is not a regular file. Raises UnreadableFile."""
        if (unsaved := self.unsaved.get(path)) is not None and self.exists(path):
            self.unsaved_read[path] = unsaved
            return unsaved
        self.seen[path] = signature.UNKNOWN
        content = read_regular(path)
        if content is None and not _is_name(path):
            del self.seen[path]
            return None
        self.seen[path] = signature.ABSENT if content is None else signature.digest(content)
        return content

    def text(self, path: str) -> str | None:
        """The text of a file with its own line endings, None if there is none. Raises UnreadableFile."""
        content = self.raw(path)
        if content is None:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UnreadableFile(f"is not UTF-8 (line {line}): save it as UTF-8") from None

    def optional_text(self, path: str) -> str | None:
        """Like `text`; for an unusable file, None and a problem."""
        try:
            return self.text(path)
        except UnreadableFile as error:
            self.problem(path, f"{os.path.basename(path)} {error}")
            return None

    def names(self, folder: str) -> tuple[str, ...]:
        """Names in a folder, sorted; empty if it is absent."""
        try:
            names = [entry.name for entry in _entries(folder)]
        except (OSError, ValueError) as error:
            names = []
            self._without_entries(folder, error)
        else:
            self.seen[f"{folder}/"] = signature.digest_of_names(names)
        return tuple(names)

    def matching(self, folder: str, form: str) -> tuple[str, ...]:
        """Names in a folder of the form `before*after`, sorted; empty if it is absent."""
        try:
            names = signature.matching([entry.name for entry in _entries(folder)], form)
        except (OSError, ValueError) as error:
            self._without_entries(folder, error)
            return ()
        self.seen[joined(folder, form)] = f"{signature.MATCHING}{signature.digest_of_names(names)}"
        return tuple(names)

    def find(self, folder: str, name: str) -> list[str]:
        """Files called `name` below `folder`, sorted, hidden folders and links to folders left out."""
        found: list[str] = []
        pending = [folder]
        visited = 0
        while pending and visited < MAX_FOLDERS:
            current = pending.pop()
            visited += 1
            try:
                entries = _entries(current)
            except (OSError, ValueError) as error:
                self._without_entries(current, error)
                continue
            self.seen[f"{current}/"] = signature.digest_of_names([entry.name for entry in entries])
            for entry in entries:
                if entry.name == name:
                    found.append(plain(entry.path))
                elif not entry.name.startswith(".") and entry.name != "__pycache__":
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(entry.path)
                    except OSError:  # removed in the meantime
                        continue
        return in_order(found)

    def _without_entries(self, folder: str, error: OSError | ValueError) -> None:
        """Note a folder that is absent, or that exists and cannot be listed."""
        if isinstance(error, ValueError):
            return
        if isinstance(error, (FileNotFoundError, NotADirectoryError)) or error.errno in _NO_FILE:
            self.seen[folder] = signature.NOTHING
            return
        self.seen[folder] = signature.UNKNOWN
        self._unlisted.add(folder)
        self.problem(folder, f"{os.path.basename(folder)} cannot be listed: check its permissions")

    def is_unlisted(self, path: str) -> bool:
        """True if a folder cannot be listed: it, or one above it."""
        return bool(self._unlisted) and any(one in self._unlisted for one in and_above(path))


class NoFiles(FileReader):
    """File access of a project that reads nothing: for texts without a folder."""

    def exists(self, path: str) -> bool:
        """False."""
        return False

    def raw(self, path: str) -> bytes | None:
        """None."""
        return None

    def names(self, folder: str) -> tuple[str, ...]:
        """None at all."""
        return ()

    def matching(self, folder: str, form: str) -> tuple[str, ...]:
        """None at all."""
        return ()

    def find(self, folder: str, name: str) -> list[str]:
        """None at all."""
        return []


def _is_name(path: str) -> bool:
    """Whether a file can have that name. Caches and reports hold no other."""
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """The entries of a folder, sorted. Raises OSError, or ValueError for a name that no folder can have."""
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def read_regular(path: str) -> bytes | None:
    """The bytes of a regular file, None if it is not one. Raises UnreadableFile if it is too large or access fails."""
    try:
        return files.read_regular(path, MAX_BYTES)
    except PermissionError:
        raise UnreadableFile("cannot be read: check its permissions") from None
    except (FileNotFoundError, NotADirectoryError, files.NotRegular, ValueError):
        return None
    except OSError as error:
        if error.errno in _NO_FILE:
            return None
        raise UnreadableFile(f"cannot be read: {error.strerror}") from None
