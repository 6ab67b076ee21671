"""Whole invocations: the output is printed again while everything that it depended on is unchanged.

This is the path for a check of an unchanged tree, so it imports built-in modules only. A record is a list of strings
without NUL, joined by NUL: easy to read without a parser, hard to misread.
"""

from __future__ import annotations

import os
import sys
import time
import zlib

from nemolint.base import signature
from nemolint.base.gitfiles import Asked, ask_for_files, repository_of
from nemolint.base.version import __version__
from nemolint.cache import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

GIT = "g"  # a folder with this output of `git ls-files`
_FORMAT = "2"
_UTF8 = "utf-8"
_END = "end"
_MAX_TEXT = 20_000_000

Key = tuple[str, ...]

# The invocation of this process if it was not cached, so that the check can cache it.
missed: Key | None = None


def key(arguments: list[str]) -> Key:
    """What identifies an invocation: its arguments, folder, program, and the environment variables that it reads."""
    environ = os.environ
    width = ""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and stream.isatty():
            try:
                width += f"{os.get_terminal_size(stream.fileno()).columns} "
            except (OSError, ValueError):
                width += "? "
    if sys.stdout is not None and sys.stdout.isatty():
        from nemolint.base.terminals import takes_links

        width += "links" if takes_links(environ) else ""
    names = (
        "NEMOTRON_ENV_FILE", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS"
    )  # fmt: skip
    return (
        _FORMAT,
        __version__,
        sys.version,
        os.getcwd(),
        width,
        *(f"={environ[name]}" if name in environ else "" for name in names),
        str(len(sys.path)),
        *sys.path,
        *arguments,
    )


def name_of(key: Key) -> str:
    """The cache file of an invocation."""
    return f"{zlib.crc32(chr(0).join(key).encode('utf-8', 'surrogatepass')):08x}.run"


def attempt(arguments: list[str]) -> int | None:
    """Print the output of the same invocation and return its exit code; None if it is not cached (see `missed`)."""
    global missed
    missed = key(arguments)
    code = _replay(missed)
    if code is not None:
        missed = None
    return code


def recall(key: Key, name: str) -> tuple[str, str, int] | None:
    """The cached output of an invocation, standard output and error, and its exit code; None if it is not cached.

    `name` is its cache file.
    """
    found = _found(key, name)
    if found is None:
        return None
    out, err, code, encoding, stored, held = found
    if held != stored:
        _write(key, name, out, err, code, encoding, held)
    return out, err, int(code)


def _replay(key: Key) -> int | None:
    found = _found(key, name_of(key))
    if found is None:
        return None
    out, err, code, encoding, stored, held = found
    if encoding:
        from nemolint.base.streams import as_utf8

        as_utf8(sys.stdout)
    # It was masked before it was cached; masking it again would take longer than all the rest.
    getattr(sys.stdout, "pass_on", sys.stdout.write)(out)
    sys.stdout.flush()
    getattr(sys.stderr, "pass_on", sys.stderr.write)(err)
    if held != stored:
        _write(key, name_of(key), out, err, code, encoding, held)
    return int(code)


def _found(key: Key, name: str) -> tuple[str, str, str, str, list[str], list[str]] | None:
    """What a record holds, with the signatures to store from now on; None if there is none that is still valid."""
    text = store.read(name)
    if text is None:
        return None
    fields = text.split("\0")
    count = len(key)
    if fields[0] != str(count) or tuple(fields[1 : count + 1]) != key or fields[-1] != _END:
        return None
    out, err, code, encoding = fields[count + 1 : count + 5]
    stored = fields[count + 5 : -1]
    now = time.time_ns()
    held = _held(stored, now)
    return None if held is None else (out, err, code, encoding, stored, held)


def _held(stored: list[str], now: int) -> list[str] | None:
    """The signatures to store, or None if something changed. git runs while the files are compared."""
    pending: list[tuple[Asked, str]] = []
    try:
        listed = [index for index in range(0, len(stored), 2) if stored[index + 1].startswith(GIT)]
        repositories = [repository_of(stored[index]) for index in listed]
        for index, repository in zip(listed, repositories, strict=True):
            if repository is None:
                return None
            pending.append((ask_for_files(repository), stored[index + 1]))
        held = _signatures(stored, now)
        for asked, wanted in pending:
            if of_git(*asked.answer()[:2]) != wanted:
                held = None
        return held
    except OSError:  # git cannot be run: the check will say so
        return None


def _signatures(stored: list[str], now: int) -> list[str] | None:
    held = list(stored)
    for index in range(0, len(stored), 2):
        signed = stored[index + 1]
        if signed.startswith(GIT):
            continue
        kept = signature.unchanged(stored[index], signed, now)
        if kept is None:
            return None
        held[index + 1] = kept
    return held


def of_git(code: int, output: bytes) -> str:
    """The signature of an output of git."""
    return f"{GIT}{code} {len(output)} {zlib.crc32(output):08x} {zlib.adler32(output):08x}"


def keep(
    key: Key, out: str, err: str, code: int, depends: Mapping[str, str], *, utf8: bool, name: str | None = None
) -> None:
    """Cache the output of an invocation, with the signatures of everything that it depended on, by path.

    `utf8`: standard output is UTF-8 whatever the locale says; `name` is the cache file, None for that of the key.
    """
    stored = [part for item in depends.items() for part in item]
    if any(signed.startswith(signature.UNKNOWN) for signed in depends.values()):
        return
    if "\0" in out or "\0" in err or len(out) + len(err) > _MAX_TEXT:
        return
    _write(key, name or name_of(key), out, err, str(code), _UTF8 if utf8 else "", stored)


def _write(key: Key, name: str, out: str, err: str, code: str, encoding: str, stored: list[str]) -> None:
    store.write(name, "\0".join((str(len(key)), *key, out, err, code, encoding, *stored, _END)))
