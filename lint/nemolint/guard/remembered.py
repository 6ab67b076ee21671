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

_FORMAT = "hook 1"
# So many answers are kept, in files of their own.
_MOST = 64


def key_of(payload: Payload) -> replay.Key:
    """What identifies a question. The command may hold a secret, so it is not part of it, but its digest."""
    command = signature.digest(payload.command.encode("utf-8", "surrogatepass"))
    environ = os.environ
    return (
        _FORMAT,
        __version__,
        sys.version,
        payload.host,
        payload.event,
        payload.name,
        os.path.join(os.getcwd(), payload.folder),
        str(payload.powershell),
        command,
        *(f"={environ[name]}" if name in environ else "" for name in ("NEMOTRON_ENV_FILE", "HOME")),
        *sys.path,
    )


def recall(key: replay.Key) -> tuple[str, ...] | None:
    """The answer to a question; None if it is not known."""
    if key[4] != "command":
        return None
    known = replay.recall(key, _name(key))
    return None if known is None else (known[0], known[1], str(known[2]))


def keep(key: replay.Key, answer: tuple[str, str, str], signatures: Callable[[], Mapping[str, str]]) -> None:
    """Remember an answer, with the signatures of all that it depends on; without any it is not remembered."""
    out, err, code = answer
    if depends := signatures():
        replay.keep(key, out, err, int(code), depends, utf8=True, name=_name(key))


def _name(key: replay.Key) -> str:
    number = zlib.crc32("\0".join(key).encode("utf-8", "surrogatepass")) % _MOST
    return f"{number:08x}.run"
