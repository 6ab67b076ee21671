"""Parallel checks: forked workers check a share of the files each, if there is enough to do.

A worker returns its results as cache entries. What it cannot settle (it died, or the findings depend on earlier
documents) is checked here again, so the result is that of a single process, whatever happens to the workers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from nemolint.base.errors import UserError
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import parent, suffix_of
from nemolint.driver.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.cache.entries import Entry
    from nemolint.driver.discover import Found
    from nemolint.linter.checker import InternalError

VARIABLE = "NEMOLINT_WORKERS"
# Forking a worker and reading its results takes as long as checking some 50 kB.
_WORTH_A_WORKER = 150_000
_MOST_WORKERS = 8
_MOST_ASKED_FOR = 128
# Bytes held in memory until they are checked.
_ROUND_BYTES = 32_000_000
_ROUND_FILES = 4_000
_TOKEN = 4
_RUN = b"steps run"


class Checked(NamedTuple):
    """The result of one file. `entry` is None if the parent has to check it."""

    entry: Entry | None = None
    errors: tuple[InternalError, ...] = ()


class Share:
    """The results of one worker, by the index of the file, and what it learned about projects.

    `folders` has a folder of each project by the project's name, `seen` what its reader saw.
    """

    def __init__(self) -> None:
        self.results: dict[int, Checked] = {}
        self.folders: dict[str, str] = {}
        self.seen: dict[str, dict[str, str]] = {}
        self.used: dict[str, Any] = {}
        self.new: dict[str, str] = {}


def checked_ahead(session: Session) -> Iterator[Found]:
    """The files to check, in the usual order. Those that workers have checked come with their entry."""
    if not _may_fork(session):
        yield from session.found()
        return
    waiting: list[Found] = []
    size = 0
    for found in session.found():
        if found.entry is not None:
            yield found
            continue
        waiting.append(found)
        size += len(found.data)
        if size >= _ROUND_BYTES or len(waiting) >= _ROUND_FILES:
            yield from _round(session, waiting, size)
            waiting, size = [], 0
    yield from _round(session, waiting, size)


def _may_fork(session: Session) -> bool:
    """Whether a copy of this process can do the work: on systems where forking is safe, and without threads."""
    request = session.request
    if request.changes or request.since is not None or request.stdin_name is not None:
        return False  # these need the documents themselves
    threading = sys.modules.get("threading")
    alone = threading is None or threading.active_count() == 1
    return alone and hasattr(os, "fork") and hasattr(os, "sched_getaffinity") and sys.platform != "darwin"


def forced() -> int | None:
    """How many workers the variable says, worth their cost or not. Raises UserError for a bad value."""
    wanted = os.environ.get(VARIABLE, "")
    if not wanted:
        return None
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 5):
        raise UserError(f"{VARIABLE} must be a number of processes: correct or unset it")
    return min(int(wanted), _MOST_ASKED_FOR)


def _crew(size: int, files: int, most: int | None) -> int:
    """How many workers are worth their cost: at most `most`."""
    wanted = forced()
    if wanted is not None and most is None:
        return min(wanted, files)
    most = min(len(os.sched_getaffinity(0)), _MOST_WORKERS) if most is None else min(most, _MOST_ASKED_FOR)
    return min(most, files // 2, size // _WORTH_A_WORKER)


def _round(session: Session, waiting: Sequence[Found], size: int) -> Iterator[Found]:
    count = _crew(size, len(waiting), session.request.jobs)
    if count < 2:
        yield from waiting
        return
    checker = session.checker
    before = checker.already_reported()
    results: dict[int, Checked] = {}
    for share in _shares(session, waiting, _queues(waiting), count):
        results.update(share.results)
        for name, folder in share.folders.items():
            known = checker.projects.of(folder).reader.seen
            known.update({path: state for path, state in share.seen[name].items() if path not in known})
        checker.projects.compiled.merge(share.used, share.new)
    if any(result.entry is None for result in results.values()):
        checker.restore(before)
    for index, found in enumerate(waiting):
        result = results.get(index)
        if result is None or result.entry is None:
            yield found
            continue
        checker.internal_errors += result.errors
        session.keep(found, result.entry)
        yield found._replace(data=b"", entry=result.entry, elsewhere=True)


def _queues(waiting: Sequence[Found]) -> tuple[list[int], list[int]]:
    """The files that seem to hold runs, and the others; large ones first, so that all workers end together.

    Files with runs need much that no other file does: the facts of the project, most rules, the parser of commands. So
    the same workers check them as long as there are any. The others begin with the types that no file with runs has:
    for those that are left at the end, every worker has the reader.
    """
    order = sorted(range(len(waiting)), key=lambda index: -len(waiting[index].data))
    running = [index for index in order if _RUN in waiting[index].data]
    known = set(running)
    types = {suffix_of(os.path.basename(waiting[index].path)) for index in running}
    others = [index for index in order if index not in known]
    return running, sorted(others, key=lambda index: suffix_of(os.path.basename(waiting[index].path)) in types)


def _shares(session: Session, waiting: Sequence[Found], todo: Sequence[Sequence[int]], count: int) -> Iterator[Share]:
    """The results of `count` workers for the files in the queues `todo`; incomplete if one died."""
    import pickle
    import selectors
    import signal

    # Each takes the next file from a queue that is filled before the first one starts, and then from the others.
    queues = []
    for indexes in todo:
        queue, end = os.pipe()
        queues.append(queue)
        os.write(end, b"".join(index.to_bytes(_TOKEN, "big") for index in indexes))
        os.close(end)
    sys.stdout.flush()
    sys.stderr.flush()
    workers: dict[int, tuple[int, bytearray]] = {}  # by the pipe that the results come from
    sound = []
    try:
        with selectors.DefaultSelector() as selector:
            for number in range(count):
                source, target = os.pipe()
                try:
                    process = os.fork()
                except OSError:  # no resources for another process
                    os.close(source)
                    os.close(target)
                    break
                if not process:
                    first = number % len(queues)
                    _work(session, waiting, queues[first:] + queues[:first], target)
                os.close(target)
                workers[source] = process, bytearray()
                selector.register(source, selectors.EVENT_READ)
            while selector.get_map():
                for key, _ in selector.select():
                    data = os.read(key.fd, 1 << 20)
                    workers[key.fd][1].extend(data)
                    if not data:
                        selector.unregister(key.fd)
    except BaseException:
        for process, _ in workers.values():
            os.kill(process, signal.SIGKILL)
        raise
    finally:
        for queue in queues:
            os.close(queue)
        for source, (process, received) in workers.items():
            os.close(source)
            # Files that a killed worker had taken have no result, and are checked here.
            if os.waitpid(process, 0)[1] == 0:
                sound.append(received)
    yield from map(pickle.loads, sound)


def _work(session: Session, waiting: Sequence[Found], queues: Sequence[int], target: int) -> None:
    """The whole run of a worker. It exits without flushing streams, whose buffered text belongs to the parent."""
    import pickle

    code = 1
    try:
        worker = _Worker(session)
        for queue in queues:
            while token := os.read(queue, _TOKEN):
                index = int.from_bytes(token, "big")
                worker.check(index, waiting[index])
        left = memoryview(pickle.dumps(worker.finish(), pickle.HIGHEST_PROTOCOL))
        while left:
            left = left[os.write(target, left) :]
        code = 0
    finally:
        os._exit(code)


class _Worker:
    """Checks files with the settings of a session, without changing it."""

    def __init__(self, session: Session) -> None:
        self.share = Share()
        self._session = session
        self._known = set(session.checker.projects.compiled.used)

    def check(self, index: int, found: Found) -> None:
        """Check one file."""
        checker = self._session.checker
        errors = len(checker.internal_errors)
        result = self._result(found)
        new = tuple(checker.internal_errors[errors:])
        del checker.internal_errors[errors:]
        self.share.results[index] = result._replace(errors=new)

    def _result(self, found: Found) -> Checked:
        checker = self._session.checker
        aside = self._session.aside()
        document = aside.read(found)
        if document is None:
            return Checked()
        try:
            diagnostics = checker.check(document)
        except Exception:  # noqa: BLE001 - the parent checks the file again and reports it
            return Checked()
        entry = aside.entry(found, document, diagnostics)
        if entry.project is not None:
            self.share.folders[entry.project] = parent(found.path)
        checker.forget(document)
        return Checked(None if document.path in checker.ordered else entry)

    def finish(self) -> Share:
        """All results."""
        checker = self._session.checker
        for name, folder in self.share.folders.items():
            self.share.seen[name] = checker.projects.of(folder).reader.seen
        compiled = checker.projects.compiled
        self.share.used = {key: value for key, value in compiled.used.items() if key not in self._known}
        self.share.new = {key: text for key, text in compiled.new.items() if key not in self._known}
        return self.share
