"""Answers that were given before, as long as nothing has changed that they depend on.

An assistant tries the same command again and again. Only built-in modules are imported here.
"""

from __future__ import annotations

import os
import sys
import zlib

from nemolint.base import signature
from nemolint.base.version import __version__
from nemolint.cache import replay

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nemolint.guard.payload import Payload

_FORMAT = "hook 4"
_BETWEEN = "\x1e"
# What else decides which files are read, and which repository a folder is in.
_VARIABLES = ("NEMOTRON_ENV_FILE", "HOME", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
# So many answers are kept, in files of their own.
_MOST = 64


def key_of(payload: Payload, closed: bool) -> replay.Key:
    """What identifies a question, and whether failures refuse. The command may hold a secret: its digest is part."""
    command = signature.digest(payload.command.encode("utf-8", "surrogatepass"))
    environ = os.environ
    return (
        _FORMAT,
        __version__,
        sys.version,
        payload.host,
        payload.event,
        payload.name,
        payload.folder,
        f"{payload.powershell} {closed}",
        command,
        os.path.realpath(payload.folder),  # which repository that is in
        *(f"={environ[name]}" if name in environ else "" for name in _VARIABLES),
        *sys.path,
    )


def recall(key: replay.Key) -> list[str] | None:
    """The texts of the answer to a question; None if it is not known."""
    if key[4] != "command":
        return None
    known = replay.recall(key, _name(key))
    return None if known is None else known[0].split(_BETWEEN)


def keep(key: replay.Key, texts: tuple[str, ...], signatures: Callable[[], Mapping[str, str]]) -> None:
    """Remember an answer, with the signatures of all that it depends on; without any it is not remembered."""
    if any(_BETWEEN in text for text in texts):
        return
    if depends := signatures():
        replay.keep(key, _BETWEEN.join(texts), "", 0, depends, utf8=True, name=_name(key))


def _name(key: replay.Key) -> str:
    number = zlib.crc32("\0".join(key).encode("utf-8", "surrogatepass")) % _MOST
    return f"{number:08x}.run"
