"""The thread that reads and checks texts, so that the editor is answered in the meantime.

There is one, because the engine is not made for several. What a person waits for comes first, then the shortest text;
of the jobs with the same key only the newest is done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

from nemolint.base.named_tuple import NamedTuple

Result = TypeVar("Result")


class _Job(NamedTuple):
    """Something to do, and where the result goes. The lowest `rank` is done first."""

    rank: int
    number: int
    work: Callable[[], Any]
    future: Future[Any]


class Worker:
    """Does jobs one after the other. It does not keep the process from ending."""

    def __init__(self) -> None:
        self._jobs: dict[Hashable, _Job] = {}
        self._changed = threading.Condition()
        self._number = 0
        self._thread: threading.Thread | None = None

    def submit(self, key: Hashable, rank: int, work: Callable[[], Result]) -> Future[Result]:
        """Do something soon. A job with the same key that has not begun is cancelled."""
        future: Future[Result] = Future()
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="nemolint-worker", daemon=True)
                self._thread.start()
            old = self._jobs.pop(key, None)
            self._number += 1
            self._jobs[key] = _Job(rank, self._number, work, future)
            self._changed.notify()
        if old is not None:
            old.future.cancel()
        return future

    def drop(self, key: Hashable) -> None:
        """Cancel a job that has not begun."""
        with self._changed:
            old = self._jobs.pop(key, None)
        if old is not None:
            old.future.cancel()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._jobs:
                    self._changed.wait()
                key = min(self._jobs, key=lambda key: (self._jobs[key].rank, self._jobs[key].number))
                job = self._jobs.pop(key)
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                result = job.work()
            except BaseException as error:  # noqa: BLE001 - whoever waits for the result handles it
                job.future.set_exception(error)
            else:
                job.future.set_result(result)
