"""Atomic replacement of files, safe against links in a checked tree.

Links are resolved once, when a path becomes a target (`target_of`, `output_of`). After that no link is followed: if the
system supports it, the folder is opened one component of its path after the other, and everything else is done relative
to that handle.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from nemolint.base.paths import root_of
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.paths import Location

_TEMPORARY = lazily(r"\.nemolint-[0-9a-f]{16}")
_MOST_LINKS = 40  # in one path, as in Linux
_STALE = 3600  # seconds; a younger one may belong to another check
_HANDLES = {os.open, os.stat, os.rename, os.unlink} <= os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
# Traversing a folder needs fewer permissions than listing it.
_PASS = getattr(os, "O_PATH", getattr(os, "O_SEARCH", os.O_RDONLY))
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
# Links here refer to files that this process, or the shell, has open: `/dev/stdout`.
_STREAMS = (os.path.join(os.sep, "dev", ""), os.path.join(os.sep, "proc", ""))
# A folder that allows no new files, or a file that is a mount point.
_TAKES_NO_FILE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY)


class NotWritten(Exception):
    """A file that was not changed. The message says why and what to do."""


def _repository_above(folder: Path) -> Path | None:
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


def _straying(path: Path) -> Path | None:
    """The repository that a link in an absolute path is in and leads out of, else None.

    Links in a repository come from its authors; links outside of repositories are the user's own. Raises NotWritten for
    endless links.
    """
    place, left, links = Path(path.anchor), [*reversed(path.parts[1:])], 0
    within: list[Path] = []  # the repositories that a link was in
    while left:
        part = left.pop()
        step = place.parent if part == os.pardir else place / part
        try:
            leads = step.readlink()
        except OSError:  # usually not a link
            place = step
            continue
        links += 1
        if links > _MOST_LINKS:
            raise NotWritten(f"{path}: not changed, since it leads through too many links: name the file itself")
        repository = _repository_above(place)
        if repository is not None:
            within.append(repository)
        place = Path(leads.anchor) if leads.anchor else place
        left += reversed(leads.parts[1:] if leads.anchor else leads.parts)
    return next((repository for repository in within if not place.is_relative_to(repository)), None)


def target_of(file: Location, folder: Location) -> Path:
    """The file to write for a checked one: itself, or its link target inside of its repository.

    Raises NotWritten for a link that leads out of its own repository, or out of that of the working `folder` (out of
    that, if it is not in one).
    """
    path, cwd = Path(file), Path(folder)
    real = Path(os.path.realpath(path))
    lexical = Path(root_of(str(cwd)))
    root = Path(os.path.realpath(lexical))
    inside = Path(os.path.normpath(path)).is_relative_to(lexical) or path.is_symlink()
    left = root if inside and not real.is_relative_to(root) else _straying(Path(os.path.normpath(cwd / path)))
    if left is not None:
        raise NotWritten(f"{path}: not changed, since it is a link to a file outside of {left}: fix that file itself")
    return real


def output_of(file: Location, folder: Location, root: Location | None = None) -> Path:
    """The file to create or replace for a path (relative to `folder`). `root`: the path must not leave it.

    Without `root`, a path outside of the repository of `folder` (of that, if it is not in one) is the user's own, as
    are links outside of repositories. Inside, nothing may redirect it: raises NotWritten for a file that is a link, and
    for a folder that leads out.
    """
    path = Path(file)
    absolute = Path(os.path.normpath(os.path.join(folder, path)))
    if root is None and str(absolute).startswith(_STREAMS):
        return absolute
    lexical = Path(root_of(os.fspath(folder)) if root is None else root)
    tree = Path(os.path.realpath(lexical))
    parent = Path(os.path.realpath(absolute.parent))
    inside = parent.is_relative_to(tree)
    outside = root is None and not inside and not absolute.parent.is_relative_to(lexical)
    if not outside and not inside:
        raise NotWritten(f"{path}: not written, since it leads out of {tree}: name a file inside")
    if not outside and absolute.is_symlink():
        raise NotWritten(f"{path}: not written, since it is a symbolic link: remove it, or name another file")
    if root is None and (left := _straying(absolute)) is not None:
        raise NotWritten(f"{path}: not written, since it leads out of {left}: name a file inside")
    return Path(os.path.realpath(absolute)) if outside else parent / absolute.name


def own_file(path: Path) -> Path:
    """The file to create or replace for an absolute path that is the user's own, as links in it are.

    Raises NotWritten if a link in a repository leads out of it.
    """
    if (left := _straying(Path(os.path.normpath(path)))) is not None:
        raise NotWritten(f"{path}: not changed, since a link in {left} leads out of it: change the file itself")
    return Path(os.path.realpath(path))


def replace_file(
    file: Location, data: bytes, *, was: bytes | None = None, in_place: bool = False, executable: bool = False
) -> None:
    """Make `data` the content of a file, keeping its mode and owner if it exists; a new one may be `executable`.

    A reader sees the old content or the new, never a part, unless `in_place` allows writing into a file that cannot be
    replaced. Its path comes from `target_of` or `output_of`: raises NotWritten if it, or a folder in its path, is a
    link now; if it is read-only; if its content is no longer `was`, if given. Raises OSError. Temporary files of a
    killed check are removed from the folder. A device or a pipe is written to, never replaced.
    """
    target = Path(file)
    if str(target).startswith(_STREAMS):
        target.write_bytes(data)
        return
    with _opened(target) as folder:
        status = folder.status(target.name)
        if status is None:
            if was is not None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target))
        elif not stat.S_ISREG(status.st_mode):
            folder.overwrite(target.name, data)
            return
        elif not status.st_mode & stat.S_IWUSR:
            raise NotWritten(f"{target}: not changed, since it is read-only: make it writable")
        folder.check(target, was)
        try:
            folder.replace(target, data, status, was, 0o777 if executable else 0o666)
        except OSError as error:
            if not in_place or status is None or error.errno not in _TAKES_NO_FILE:
                raise
            folder.overwrite(target.name, data)
            return
        folder.sweep()


def remove_file(target: Path) -> None:
    """Remove a file. Raises NotWritten if a folder in its path is a link now, and OSError."""
    with _opened(target) as folder:
        folder.unlink(target.name)


class _Folder:
    """A folder to write files in, with a handle if the system supports that (else None)."""

    def __init__(self, path: Path, handle: int | None) -> None:
        self._path = path
        self._handle = handle

    def _name(self, name: str) -> str:
        return name if self._handle is not None else str(self._path / name)

    def _open(self, name: str, flags: int, mode: int = 0o666) -> int:
        return os.open(self._name(name), flags | _NO_LINK, mode, dir_fd=self._handle)

    def status(self, name: str) -> os.stat_result | None:
        """The status of a file, None if it does not exist. Raises NotWritten for a link, and OSError."""
        try:
            found = os.stat(self._name(name), dir_fd=self._handle, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(found.st_mode):
            raise NotWritten(f"{self._path / name}: not changed, since it has become a link: run nemolint again")
        return found

    def check(self, target: Path, was: bytes | None) -> None:
        """Raise NotWritten if the content of the file is not `was` (None: any content)."""
        if was is None:
            return
        with os.fdopen(self._open(target.name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if file.read(len(was) + 1) != was:
                raise NotWritten(f"{target}: not changed, since it was modified during the check: run nemolint again")

    def overwrite(self, name: str, data: bytes) -> None:
        """Write into an existing file."""
        with os.fdopen(self._open(name, os.O_WRONLY | os.O_TRUNC), "wb") as file:
            file.write(data)

    def replace(
        self, target: Path, data: bytes, status: os.stat_result | None, was: bytes | None, mode: int = 0o666
    ) -> None:
        """Replace the old file with a new one, which has `mode`, less the umask, if there was none."""
        temporary = f".nemolint-{os.urandom(8).hex()}"
        handle = self._open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                if status is not None:
                    self._take_over(handle, temporary, status)
                os.fsync(handle)
            # Writing takes time: somebody may have saved the file in the meantime.
            self.check(target, was)
            if self._handle is None:
                os.replace(self._name(temporary), self._name(target.name))
            else:
                os.replace(temporary, target.name, src_dir_fd=self._handle, dst_dir_fd=self._handle)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                self.unlink(temporary)
            raise

    def _take_over(self, handle: int, temporary: str, status: os.stat_result) -> None:
        """Give a new file the owner and the mode of the old one."""
        if hasattr(os, "fchown"):
            with contextlib.suppress(OSError):  # only root can change the owner
                os.fchown(handle, status.st_uid, status.st_gid)
        mode = stat.S_IMODE(status.st_mode)
        if hasattr(os, "fchmod"):
            os.fchmod(handle, mode)
        else:
            (self._path / temporary).chmod(mode)

    def unlink(self, name: str) -> None:
        """Remove a file."""
        os.unlink(self._name(name), dir_fd=self._handle)

    def sweep(self) -> None:
        """Remove temporary files that no check writes to any more."""
        with contextlib.suppress(OSError):  # already removed, or somebody else's: nothing depends on it
            names = os.listdir(self._path) if self._handle is None else self._listed()
            for name in names:
                if not _TEMPORARY.fullmatch(name):
                    continue
                found = os.stat(self._name(name), dir_fd=self._handle, follow_symlinks=False)
                if stat.S_ISREG(found.st_mode) and found.st_mtime < time.time() - _STALE:
                    self.unlink(name)

    def _listed(self) -> list[str]:
        handle = os.open(os.curdir, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._handle)
        try:
            return os.listdir(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _opened(target: Path) -> Iterator[_Folder]:
    """The folder of a file, opened without following links. Raises NotWritten if there is one now, and OSError."""
    parent = target.parent
    if not _HANDLES:
        if os.path.realpath(parent) != str(parent):
            raise NotWritten(_astray(target))
        yield _Folder(parent, None)
        return
    handle = os.open(parent.anchor, _PASS | os.O_DIRECTORY)
    try:
        for part in parent.parts[1:]:
            try:
                inner = os.open(part, _PASS | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENOTDIR):
                    if stat.S_ISLNK(os.stat(part, dir_fd=handle, follow_symlinks=False).st_mode):
                        raise NotWritten(_astray(target)) from None
                raise
            os.close(handle)
            handle = inner
        yield _Folder(parent, handle)
    finally:
        os.close(handle)


def _astray(target: Path) -> str:
    return f"{target}: not changed, since a folder in its path has become a link: run nemolint again"
