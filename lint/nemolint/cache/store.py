"""Where cache files are, how they are written, and when they are trusted.

The content of a cache is printed as if nemolint had found it, so it is trusted only if nobody else can have written it:
the folder must be the user's own, not a link, and closed to others, and each file begins with a keyed digest of the
rest. The key is a file in the folder. Its inode and the time of its last change, which the file system sets, are part
of it: a folder that came with a checkout or an archive, including the key, is not trusted.

Only built-in modules are imported here, since every check starts with this module.
"""

from __future__ import annotations

import os
import stat
import sys

from nemolint.base.signature import keyed_digest
from nemolint.base.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

VARIABLE = "NEMOLINT_CACHE_DIR"
SUFFIXES = (".run", ".json")
KEY = "key"
TAG = "CACHEDIR.TAG"  # https://bford.info/cachedir/: backup programs pass over the folder
TAG_TEXT = b"""\
Signature: 8a477f597d28d172789f06886806bc55
# nemolint made this folder for its cache, and `nemolint cache clean` removes it.
"""
MAX_FILES = 300
MAX_BYTES = 100_000_000
_KEY_BYTES = 32
_OTHERS = 0o077
_OTHERS_WRITE = 0o022
_STALE = 3600  # seconds

# If the system can open files relative to an open folder, nobody can exchange the folder in the meantime.
HANDLES = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
# Do not wait for a writer if a file was replaced by a pipe.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)

Key = tuple[bytes, bytes]

_failure: str | None = None


class Distrusted(Exception):
    """A folder that cannot be used as the cache. The message says which, why, and what to do."""


def home() -> str:
    """The folder of all versions: `NEMOLINT_CACHE_DIR`, else `nemolint` in the platform's cache folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return os.path.abspath(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # the XDG standard says to ignore a relative one
            base = os.path.expanduser("~/.cache")
    return os.path.join(base, "nemolint")


def folder() -> str:
    """The folder of this version."""
    return os.path.join(home(), __version__)


def read(name: str) -> str | None:
    """The content of a cache file, None if it cannot be read, or was not written here by nemolint."""
    try:
        with _CacheFolder() as opened:
            key = opened.key()
            data = b"" if key is None else opened.read(name)
        head, _, body = data.partition(b"\n")
        return None if key is None or head != _seal(key, body) else body.decode("utf-8", "surrogatepass")
    except (OSError, ValueError, Distrusted):
        return None


def write(name: str, text: str) -> None:
    """Write a cache file atomically, and keep the folder small. A folder that cannot be written is not used.

    A text with a credential is not written: the name of a file, an argument or a variable may contain one.
    """
    global _failure
    from nemolint.secrets.outgoing import masked

    if masked(text) != text:
        return
    body = text.encode("utf-8", "surrogatepass")
    try:
        _make()
        with _CacheFolder() as opened:
            opened.write(name, b"%b\n%b" % (_seal(opened.key() or opened.new_key(), body), body))
            opened.trim()
    except Distrusted as error:
        _failure = str(error)
    except (OSError, ValueError) as error:
        _failure = f"{folder()}: cannot be written: {getattr(error, 'strerror', None) or error}"


def problem() -> str | None:
    """Why the cache is not used, as far as this process has noticed; None if it is."""
    try:
        with _CacheFolder():
            return _failure
    except Distrusted as error:
        return str(error)
    except (OSError, ValueError):
        return _failure


def clean() -> tuple[int, str, list[str]]:
    """Remove the cache files of all versions, recognised by their names, from folders with nemolint's `CACHEDIR.TAG`.

    Returns how many, from where, and which other files were kept. Raises OSError for files that cannot be removed,
    Distrusted for a folder that is not the user's.
    """
    base = home()
    removed = 0
    left: list[str] = []
    try:
        _check(base, os.lstat(base), _OTHERS_WRITE)
        versions = sorted(os.scandir(base), key=lambda entry: entry.name)
    except FileNotFoundError:
        return 0, base, left
    for version in versions:
        if not version.is_dir(follow_symlinks=False) or not _is_tagged(version.path):
            left.append(version.path)
            continue
        others = []
        for entry in sorted(os.scandir(version.path), key=lambda entry: entry.name):
            if not (_is_own(entry.name) and entry.is_file(follow_symlinks=False)):
                others.append(entry.path)
            elif entry.name != TAG:
                os.remove(entry.path)
                removed += _is_entry(entry.name)
        if others:
            left += others
        else:
            os.remove(os.path.join(version.path, TAG))
            os.rmdir(version.path)
    return removed, base, left


class _CacheFolder:
    """The folder of this version, open. Raises OSError if there is none, Distrusted for an untrusted one."""

    def __init__(self) -> None:
        base, self.path = home(), folder()
        _check(base, os.lstat(base), _OTHERS_WRITE)
        status = os.lstat(self.path)
        _check(self.path, status, _OTHERS)
        self._handle = None
        if HANDLES:
            self._handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                _check(self.path, os.fstat(self._handle), _OTHERS)
            except BaseException:
                os.close(self._handle)
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)

    def _name(self, name: str) -> str:
        return name if self._handle is not None else os.path.join(self.path, name)

    def _open(self, name: str, flags: int) -> int:
        return os.open(self._name(name), flags | _BINARY, 0o600, dir_fd=self._handle)

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises OSError."""
        with open(self._open(name, os.O_RDONLY | _AT_ONCE), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                raise OSError(f"{name} is not a cache file")
            return file.read(MAX_BYTES)

    def write(self, name: str, data: bytes) -> None:
        """Write a file atomically. Raises OSError."""
        temporary = f"{name}{os.urandom(8).hex()}.tmp"
        handle = self._open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            with open(handle, "wb") as file:
                file.write(data)
            if self._handle is None:
                os.replace(self._name(temporary), self._name(name))
            else:
                os.replace(temporary, name, src_dir_fd=self._handle, dst_dir_fd=self._handle)
        except BaseException:
            self._remove(temporary)
            raise

    def _remove(self, name: str) -> None:
        import contextlib

        with contextlib.suppress(OSError):  # another check removed it first
            os.unlink(self._name(name), dir_fd=self._handle)

    def key(self) -> Key | None:
        """The key, with the inode and change time of its file; None if there is no valid one."""
        try:
            handle = self._open(KEY, os.O_RDONLY | _AT_ONCE)
        except FileNotFoundError:
            return None
        try:
            status = os.fstat(handle)
            secret = os.read(handle, _KEY_BYTES + 1) if stat.S_ISREG(status.st_mode) else b""
        finally:
            os.close(handle)
        if len(secret) != _KEY_BYTES or (hasattr(os, "geteuid") and status.st_mode & _OTHERS):
            return None
        most = 2**64 - 1
        return secret, b"".join((number & most).to_bytes(8, "big") for number in (status.st_ino, status.st_ctime_ns))

    def new_key(self) -> Key:
        """Make the folder a cache with a new key. Raises OSError; Distrusted if it has foreign files."""
        if not _is_tagged(self.path):
            names = os.listdir(self.path if self._handle is None else self._handle)
            if others := [name for name in names if not _is_own(name)]:
                raise Distrusted(
                    f"{self.path}: is not a cache folder of nemolint, since it contains {min(others)}: "
                    f"name another one in {VARIABLE}"
                )
            self.write(TAG, TAG_TEXT)
        self.write(KEY, os.urandom(_KEY_BYTES))
        key = self.key()
        if key is None:
            raise OSError("the key cannot be written")
        return key

    def trim(self) -> None:
        """Remove the oldest files if there are too many, and the temporary files of a killed check."""
        with os.scandir(self.path if self._handle is None else self._handle) as entries:
            found = [
                (entry.stat(), entry.name) for entry in entries if _is_entry(entry.name) or _is_temporary(entry.name)
            ]
        newest = max((status.st_mtime for status, _ in found), default=0.0)
        total = 0
        for count, (status, name) in enumerate(sorted(found, key=lambda item: -item[0].st_mtime), 1):
            total += status.st_size
            stale = _is_temporary(name) and newest - status.st_mtime > _STALE
            if stale or total > MAX_BYTES or count > MAX_FILES:
                self._remove(name)


def _make() -> None:
    """Create the folder, closed to others, if there is none. Raises OSError."""
    base, own = home(), folder()
    if not os.path.lexists(own):
        os.makedirs(base, mode=0o700, exist_ok=True)
        _check(base, os.lstat(base), _OTHERS_WRITE)
        try:
            os.mkdir(own, 0o700)
        except FileExistsError:  # another check made it first
            return


def _check(path: str, status: os.stat_result, closed: int) -> None:
    """Raise Distrusted unless `path` is a folder of the user on which others have none of the rights `closed`.

    Windows has no such rights, but protects the user's profile by other means.
    """
    if stat.S_ISLNK(status.st_mode):
        raise Distrusted(f"{path}: is a symbolic link: name the folder itself in {VARIABLE}")
    if not stat.S_ISDIR(status.st_mode):
        raise Distrusted(f"{path}: is not a folder: remove it, or name another one in {VARIABLE}")
    if not hasattr(os, "geteuid"):
        return
    if status.st_uid != os.geteuid():
        raise Distrusted(f"{path}: belongs to another user: name a folder of your own in {VARIABLE}")
    if status.st_mode & closed:
        raise Distrusted(f"{path}: is open to other users: close it with `chmod 700`, or name another in {VARIABLE}")


def _seal(key: Key, body: bytes) -> bytes:
    return keyed_digest(body, *key).encode()


def _is_tagged(path: str) -> bool:
    try:
        with open(os.open(os.path.join(path, TAG), os.O_RDONLY | _BINARY | _AT_ONCE), "rb") as file:
            return file.read(len(TAG_TEXT) + 1) == TAG_TEXT
    except OSError:
        return False


def _is_entry(name: str) -> bool:
    stem, dot, suffix = name.removeprefix("facts-").partition(".")
    return dot + suffix in SUFFIXES and len(stem) == 8 and not stem.strip("0123456789abcdef")


def _is_temporary(name: str) -> bool:
    if not name.endswith(".tmp"):
        return False
    name, digits = name[:-20], name[-20:-4]
    return len(digits) == 16 and not digits.strip("0123456789abcdef") and (name in (KEY, TAG) or _is_entry(name))


def _is_own(name: str) -> bool:
    return name in (KEY, TAG) or _is_entry(name) or _is_temporary(name)
