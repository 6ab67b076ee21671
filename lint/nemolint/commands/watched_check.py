"""`nemolint check --watch`: check, and check again after each change, until Ctrl-C.

Each check is a whole one: the cache knows which files it has to read again, so that all findings are shown each time.
"""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from types import FrameType

from nemolint.base.errors import UserError
from nemolint.base.exitcode import INTERRUPTED
from nemolint.base.paths import display_path
from nemolint.base.visible import visible
from nemolint.commands.check import checked, use_color
from nemolint.driver.request import Request, Streams
from nemolint.driver.watched_files import Watch
from nemolint.settings import Settings, SettingsTree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, TextIO

Prepare = Callable[[], tuple[Request, Settings, SettingsTree]]

_CLEAR = "\x1b[H\x1b[2J\x1b[3J"
_PLAIN = "\x1b[0m"
_MOST_NAMED = 3


def watch(prepare: Prepare, streams: Streams, also: Iterable[str]) -> int:
    """Check whenever something changes, and return the exit code once interrupted: 130, or 143 for SIGTERM.

    `prepare` reads the settings anew for each check; `also` are files whose content the request has. Raises UserError
    for what keeps the first check from starting.
    """
    ended: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        ended.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        _watch(prepare, streams, also)
    except KeyboardInterrupt:
        if streams.out.isatty():
            # It may have come between two colours, and behind the terminal's own `^C`.
            streams.out.write(f"{_PLAIN if use_color('auto', streams.out, os.environ) else ''}\n")
        return 128 + ended[0] if ended else INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)


def _watch(prepare: Prepare, streams: Streams, also: Iterable[str]) -> NoReturn:
    request, settings, tree = prepare()
    cwd = os.getcwd()
    watched = Watch(request.paths, cwd, [file for _, file in request.outputs if file is not None], also)
    changed: Sequence[str] = ()
    try:
        while True:
            _clear(streams.out)
            if changed and not request.quiet:
                streams.err.write(_changed_line(changed, cwd))
            begun = time.time_ns()
            try:
                if changed:
                    request, settings, tree = prepare()
                _, session = checked(request, settings, streams, tree)
            except (UserError, SystemExit) as error:
                # The parser has said what is wrong with a file that is given on the command line.
                if isinstance(error, UserError):
                    streams.note(str(error))
            else:
                watched.depend(session, begun)
                del session
            if not request.quiet:
                streams.err.write("Watching for changes: press Ctrl-C to stop.\n")
            streams.out.flush()
            streams.err.flush()
            gc.collect()  # which a single check leaves to its end
            changed = watched.changes()
    finally:
        watched.close()


def _clear(out: TextIO) -> None:
    if out.isatty() and os.environ.get("TERM", "dumb") != "dumb":
        out.write(_CLEAR)


def _changed_line(paths: Sequence[str], cwd: str) -> str:
    names = [visible(display_path(path, cwd)) for path in paths[:_MOST_NAMED]]
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return f"Changed: {', '.join(names)}{more}\n"
