"""Processes that read and check texts for the server, which has nothing else to do than to talk to the client.

Each process answers one request after the other, since the engine is not made for several threads. What nobody wants
any more is not waited for: a process that goes on with it for longer than a moment is replaced by another one.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Protocol, TypeVar

from nemolint.base.named_tuple import NamedTuple
from nemolint.editor.watching import watch_process
from nemolint.editor.workspace import EditorWorkspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    Answer = TypeVar("Answer")

Result = TypeVar("Result", covariant=True)

_GRACE = 0.5  # seconds that a process has to finish what nobody waits for any more


class EditorRequest(Protocol[Result]):
    """Something to be done in another process. It and its answer can be pickled."""

    def answer(self, places: EditorWorkspace) -> Result:
        """Do it."""


class WorkFailed(Exception):
    """A request raised, or its process ended. The message quotes nothing of a text."""


class _Job(NamedTuple):
    """A request, and where its answer goes. The lowest `rank` is done first."""

    key: Hashable
    rank: int
    number: int
    request: EditorRequest[Any]
    future: Future[Any]


class Worker:
    """Answers requests in a process, which is started for the first one, and again after it has ended.

    `idle`: the seconds without a request after which the process ends, None to keep it.
    """

    def __init__(self, places: EditorWorkspace, idle: float | None = None) -> None:
        self._places = places
        self._idle = idle
        self._changed = threading.Condition()
        self._jobs: list[_Job] = []
        self._current: _Job | None = None
        self._number = 0
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._begun = float("inf")  # when the process got its request
        self._given_up = False
        self._closed = False

    def start(self) -> None:
        """Start the process before there is anything to do."""
        with self._changed:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="nemolint-worker", daemon=True)
                self._thread.start()

    def submit(self, key: Hashable, rank: int, request: EditorRequest[Answer]) -> Future[Answer]:
        """Have a request answered. One with the same key is cancelled.

        Who cancels the future does not want the answer; only `drop` keeps it from being found.
        """
        future: Future[Answer] = Future()
        self.drop(lambda other: other == key)
        with self._changed:
            self._number += 1
            job = _Job(key, rank, self._number, request, future)
            self._jobs.append(job)
            self._changed.notify()
        future.add_done_callback(lambda done: self._cancelled(job) if done.cancelled() else None)
        self.start()
        return future

    def drop(self, unwanted: Callable[[Any], bool]) -> None:
        """Cancel the requests with certain keys. One that is being answered has a moment to come to an end."""
        with self._changed:
            jobs = [job for job in self._jobs if unwanted(job.key)]
            if self._current is not None and unwanted(self._current.key):
                jobs.append(self._current)
                self._give_up_soon(self._current)
        for job in jobs:
            job.future.cancel()

    def hurry(self, unwanted: Callable[[Any], bool]) -> None:
        """Cancel the request that is being answered, if it has such a key and does not come to an end in a moment."""
        with self._changed:
            if (job := self._current) is not None and unwanted(job.key):
                self._give_up_soon(job)

    def close(self) -> None:
        """End the process, and answer nothing any more."""
        with self._changed:
            self._closed = True
            process = self._process
            if process is not None:
                process.kill()
            self._changed.notify()
        if process is not None:
            # Where the first process of a container reaps none, it would stay as a zombie.
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)

    def _cancelled(self, job: _Job) -> None:
        with self._changed:
            self._jobs = [other for other in self._jobs if other is not job]

    def _give_up_soon(self, job: _Job) -> None:
        timer = threading.Timer(_GRACE, self._give_up, (job,))
        timer.daemon = True
        timer.start()

    def _give_up(self, job: _Job) -> None:
        """End the process, if it has had a moment for a request and still has to do with it."""
        with self._changed:
            if self._current is not job or self._process is None:
                return
            if time.monotonic() - self._begun < _GRACE:
                self._give_up_soon(job)
                return
            self._given_up = True
            self._process.kill()
        job.future.cancel()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            answer, error = self._answered(job)
            with self._changed:
                self._current, self._begun = None, float("inf")
                if self._given_up and self._process is not None:
                    _end(self._process)
                    self._process = None
                self._given_up = False
            try:
                if error is None:
                    job.future.set_result(answer)
                else:
                    job.future.set_exception(WorkFailed(error))
            except InvalidStateError:  # it was cancelled
                continue

    def _next(self) -> _Job | None:
        """The next job, None after the end. Until there is one, a process is kept ready."""
        with self._changed:
            if not self._jobs and not self._closed and self._process is None:
                with suppress(OSError):  # the next job says so
                    self._process, self._is_ready = _started(), False
            while not self._jobs and not self._closed:
                if not self._changed.wait(self._idle) and self._process is not None:
                    _end(self._process)
                    self._process = None
            if self._closed:
                return None
            job = self._current = min(self._jobs, key=lambda job: (job.rank, job.number))
            self._jobs.remove(job)
            return job

    def _answered(self, job: _Job) -> tuple[Any, str | None]:
        """The answer of the process, or what went wrong. Another process tries once more if the first one ends."""
        try:
            data = pickle.dumps((os.getpid(), self._places.state, job.request))
            for last in (False, True):
                try:
                    return self._exchanged(data)
                except (OSError, EOFError, pickle.UnpicklingError) as error:
                    with self._changed:
                        ended, self._process = self._process, None
                        last = last or self._given_up or self._closed
                    code = type(error).__name__ if ended is None else _end(ended)
                    if last:
                        return None, f"internal error: the process of the check ended with {code}"
        except Exception as error:  # noqa: BLE001 - whoever waits for the answer handles it
            return None, described(error)
        return None, "there is no process"

    def _exchanged(self, data: bytes) -> tuple[Any, str | None]:
        """What the process answers. Raises OSError, EOFError or UnpicklingError if it ends."""
        with self._changed:
            if self._process is None or self._process.poll() is not None:
                self._process, self._is_ready = _started(), False
            process = self._process
        assert process.stdin is not None and process.stdout is not None
        if not self._is_ready:
            self._is_ready = pickle.load(process.stdout)
        self._begun = time.monotonic()
        process.stdin.write(data)
        process.stdin.flush()
        answer: tuple[Any, str | None] = pickle.load(process.stdout)
        return answer


def _started() -> subprocess.Popen[bytes]:
    """A new process. Raises OSError if the system has no resources for one."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _end(process: subprocess.Popen[bytes]) -> int:
    """End a process, and return its exit code."""
    process.kill()
    for stream in (process.stdin, process.stdout):
        assert stream is not None
        with suppress(OSError):  # what it did not read
            stream.close()
    return process.wait()


def described(error: BaseException) -> str:
    """An error of nemolint itself: its message may quote any file, so only its type and place are said."""
    if isinstance(error, WorkFailed):
        return str(error)
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}")
        trace = trace.tb_next
    place = f" at {' > '.join(frames[-4:])}" if frames else ""
    return f"internal error: {type(error).__name__}{place}"


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests, which come from the server, until there are no more."""
    places = EditorWorkspace(os.environ)
    watched = False
    answer: object = True  # it is ready
    while True:
        try:
            pickle.dump(answer, answers)
            answers.flush()
            parent, places.state, request = pickle.load(requests)
        except (BrokenPipeError, EOFError):
            return
        if not watched:
            watch_process(parent)
            watched = True
        try:
            answer = request.answer(places), None
        except Exception as error:  # noqa: BLE001 - the server says so
            answer = None, described(error)


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may be among the answers
    from nemolint.editor.requests import load

    load()
    _serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    _main()
