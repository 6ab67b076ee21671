"""Signatures of files and folders that a result depends on, to tell whether they changed.

A signature is a word: its kind, a digest, and the stamp (size, times, inode) of the file. An equal stamp is trusted;
otherwise the content is hashed. A stamp that is hardly older than the check itself is not stored, since a later change
might get the same time.

Only built-in modules are imported here, since every check starts with this module.
"""

from __future__ import annotations

import os

try:
    # `hashlib` loads OpenSSL, which takes as long as checking a small file.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

ABSENT = "-"  # not a regular file
NOTHING = "0"  # does not exist, not even as a link to nowhere
FILE = "f"  # a regular file with this content
LISTED = "l"  # the same, and not a symbolic link
OTHER = "n"  # something that is not a regular file
PRESENT = "e"  # a regular file with any content
FOLDER = "d"  # a folder with these names
MATCHING = "m"  # a folder with these names of the form that the path's last part gives: `env.*.toml`
LEADS = "t"  # a path, with `/.` behind it, that leads to the file of this path
PACKAGES = "p"  # a folder of `sys.path` with these distributions
CODE = "s"  # a file whose stamp alone counts
UNKNOWN = "?"  # unknown, and never unchanged

_REGULAR = 0o100000
_FORMAT = 0o170000
_COARSE = 2_000_000_000
_FINE = 50_000_000


def digest(data: bytes) -> str:
    """The digest of data."""
    return blake2b(data, digest_size=16).hexdigest()


def keyed_digest(data: bytes, key: bytes, salt: bytes) -> str:
    """A digest of data that cannot be made without the key (at most 64 bytes; `salt`: at most 16)."""
    return blake2b(data, digest_size=16, key=key, salt=salt).hexdigest()


def digest_of_names(names: list[str]) -> str:
    """The digest of a folder's entries."""
    return digest("\0".join(sorted(names)).encode("utf-8", "surrogateescape"))


def digest_of_target(path: str) -> str:
    """The digest of the path that one leads to, through links."""
    return digest(os.path.realpath(path).encode("utf-8", "surrogateescape"))


def sign(path: str, kind: str, content: str, before: int) -> str:
    """The signature of a file with the digest `content` when it was read, at `before` (ns since the epoch) or later."""
    if kind in (ABSENT, NOTHING, OTHER, PRESENT, UNKNOWN):
        return kind
    try:
        status = _status(path, kind)
    except (OSError, ValueError):
        return UNKNOWN
    return f"{kind}{content} {_stamp(status, before)}"


def unchanged(path: str, signature: str, now: int) -> str | None:
    """The signature to store from now on (`now` in ns since the epoch) if `path` is unchanged, else None."""
    kind = signature[:1]
    if kind == LEADS:
        return signature if signature[1:] == digest_of_target(path) else None
    try:
        status = _status(path, kind)
    except (OSError, ValueError):
        return signature if kind in (ABSENT, NOTHING) else None
    regular = status.st_mode & _FORMAT == _REGULAR
    if kind in (ABSENT, OTHER):
        return None if regular else signature
    if kind == PRESENT:
        return signature if regular else None
    content, _, stamp = signature[1:].partition(" ")
    if stamp == _plain(status):
        return signature
    if kind in (FILE, LISTED):
        found = _content(path) if regular else None
    elif kind == FOLDER:
        found = _names(path)
    elif kind == MATCHING:
        found = _matching(path)
    elif kind == PACKAGES:
        found = distributions(path)
    else:
        return None
    return f"{kind}{content} {_stamp(status, now)}" if found == content else None


def _status(path: str, kind: str) -> os.stat_result:
    if kind in (LISTED, OTHER, NOTHING):
        return os.lstat(path)
    return os.stat(os.path.dirname(path) if kind == MATCHING else path)


def code(path: str) -> str:
    """The signature of a file of the program itself."""
    try:
        return f"{CODE} {_plain(os.stat(path))}"
    except OSError:
        return UNKNOWN


def distributions(folder: str) -> str | None:
    """The digest of the names of the distributions that are installed in a folder of `sys.path`."""
    try:
        names = os.listdir(folder)
    except (OSError, ValueError):
        return None
    return digest_of_names([name for name in names if name.endswith((".dist-info", ".egg-info"))])


def _plain(status: os.stat_result) -> str:
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def _stamp(status: os.stat_result, before: int) -> str:
    """The stamp of a file that was read at `before`, or one that equals no other if the file is too young to trust."""
    latest = max(status.st_mtime_ns, status.st_ctime_ns)
    slack = _FINE if latest % 1_000_000 else _COARSE
    return _plain(status) if latest + slack < before else "young"


def _content(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            hashed = blake2b(digest_size=16)
            while part := file.read(1 << 20):
                hashed.update(part)
            return hashed.hexdigest()
    except OSError:
        return None


def matching(names: list[str], form: str) -> list[str]:
    """The names of the form `before*after`."""
    before, _, after = form.partition("*")
    least = len(before) + len(after)
    return [name for name in names if name.startswith(before) and name.endswith(after) and len(name) >= least]


def _matching(path: str) -> str | None:
    folder, form = os.path.split(path)
    try:
        return digest_of_names(matching(os.listdir(folder), form))
    except OSError:
        return None


def _names(folder: str) -> str | None:
    try:
        return digest_of_names(os.listdir(folder))
    except OSError:
        return None
