"""What the server takes from a check of a text; and such a check in a process of its own.

A text with hundreds of commands may take a minute. Its process is ended as soon as the text has changed, and the
server is free in the meantime.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Hashable, Mapping
from concurrent.futures import Future

from nemolint.base.files import read_regular
from nemolint.base.named_tuple import NamedTuple
from nemolint.driver.discover import MAX_BYTES
from nemolint.editor.client_positions import ClientText, Encoding
from nemolint.editor.diagnostics import ShownDiagnostic, shown
from nemolint.editor.watching import watch_process
from nemolint.editor.workspace import AskedText, BrokenSettings, EditorWorkspace

_MOST_CHARACTERS = 250_000
_MOST_NAMES = 200


class CheckOutcome(NamedTuple):
    """A check of a text, without references to anything large. `errors` are those of rules that raised."""

    version: int
    shown: list[ShownDiagnostic]
    depends: Mapping[str, str]
    broken: BrokenSettings | None
    notes: tuple[str, ...]
    errors: tuple[str, ...]


class CheckRequest(NamedTuple):
    """A version of a text to check."""

    asked: AskedText
    encoding: Encoding
    version: int

    def outcome(self, places: EditorWorkspace) -> CheckOutcome:
        """Check the text."""
        checked = places.current(self.asked)
        errors = () if checked.checker is None else checked.checker.internal_errors
        said = tuple(f"the rule {item.rule} failed on {item.path}: {item.message}" for item in errors)
        text = ClientText(self.asked.text, self.encoding)
        items = shown(checked, self.asked.path, text, lambda path: text_on_disk(path, self.encoding))
        return CheckOutcome(self.version, items, dict(checked.depends), checked.broken, checked.notes, said)


def text_on_disk(path: str, encoding: Encoding) -> ClientText:
    """The text of a file; empty if it cannot be read."""
    try:
        data = read_regular(path, MAX_BYTES)
    except (OSError, ValueError):
        data = b""
    return ClientText(data.decode("utf-8", "surrogateescape"), encoding)


def is_heavy(text: str) -> bool:
    """Whether a check of a text may take long."""
    return len(text) > _MOST_CHARACTERS or text.count("nemotron") > _MOST_NAMES


class ChecksApart:
    """Checks in processes of their own, one after the other, and only the newest for each key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._futures: dict[Hashable, Future[CheckOutcome]] = {}
        self._processes: dict[Hashable, subprocess.Popen[bytes]] = {}

    def submit(self, key: Hashable, request: CheckRequest, places: EditorWorkspace) -> Future[CheckOutcome]:
        """Check a text. A check with the same key is ended, and its future cancelled."""
        future: Future[CheckOutcome] = Future()
        data = pickle.dumps((os.getpid(), places.state, request))
        with self._lock:
            self._end(key)
            self._futures[key] = future
        threading.Thread(target=self._run, args=(key, data, future), name="nemolint-apart", daemon=True).start()
        return future

    def drop(self, key: Hashable) -> None:
        """End a check."""
        with self._lock:
            self._end(key)

    def close(self) -> None:
        """End all checks."""
        with self._lock:
            for key in [*self._futures]:
                self._end(key)

    def _end(self, key: Hashable) -> None:
        future = self._futures.pop(key, None)
        if (process := self._processes.pop(key, None)) is not None:
            process.kill()
        if future is not None:
            future.cancel()

    def _run(self, key: Hashable, data: bytes, future: Future[CheckOutcome]) -> None:
        with self._turn:
            with self._lock:
                if self._futures.get(key) is not future:
                    return
                command = [sys.executable, "-P", "-m", __name__]
                process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
                self._processes[key] = process
            answer, _ = process.communicate(data)
        with self._lock:
            if self._futures.get(key) is not future:
                return
            del self._futures[key], self._processes[key]
        if process.returncode:
            future.set_exception(ChildProcessError(f"the check ended with {process.returncode}"))
        else:
            future.set_result(pickle.loads(answer))


def _main() -> None:
    """Answer the request on standard input, which comes from the server."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may be in the answer
    parent, state, request = pickle.load(sys.stdin.buffer)
    watch_process(parent)
    places = EditorWorkspace(os.environ)
    places.state = state
    answers.write(pickle.dumps(request.outcome(places)))
    answers.close()


if __name__ == "__main__":
    _main()
