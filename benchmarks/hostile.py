"""CPU seconds of a check of each hostile shape at 1, 2 and 4 times a size: `hostile.py [BYTES] [NAME ...]`.

Each check runs in a process of its own. A shape whose time grows by more than the size is marked.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from hostile import SHAPES, Shape
from nemolint.engine import Checker, Unreadable
from nemolint.settings import Settings

LIMIT = 120.0
_NOISE = 0.2  # seconds; less says nothing about growth


def seconds(shape: Shape, size: int, folder: str, answer: multiprocessing.SimpleQueue[float]) -> None:
    """Put the CPU time of one check into `answer`."""
    checker = Checker(Settings(Path(folder)), cwd=Path(folder), environ={})
    assert checker.rules
    data = shape.make(size)
    begun = time.process_time()
    with contextlib.suppress(Unreadable):
        checker.check(checker.read(Path(folder, shape.path), data))
    answer.put(time.process_time() - begun)


def measured(shape: Shape, size: int, folder: str) -> float:
    """The time of one check, infinite where it takes longer than LIMIT."""
    answer: multiprocessing.SimpleQueue[float] = multiprocessing.SimpleQueue()
    process = multiprocessing.Process(target=seconds, args=(shape, size, folder, answer))
    process.start()
    process.join(LIMIT)
    if process.is_alive():
        process.kill()
        process.join()
        return float("inf")
    return float("inf") if answer.empty() else answer.get()


def main(arguments: list[str]) -> int:
    """Print a line for each shape."""
    base = int(arguments[0]) if arguments else 250_000
    names = arguments[1:]
    with tempfile.TemporaryDirectory() as folder:
        for shape in SHAPES:
            if names and not any(name in shape.name for name in names):
                continue
            times = [measured(shape, base * factor, folder) for factor in (1, 2, 4)]
            grows = times[2] > 5.5 * times[0] and times[2] > _NOISE
            print(f"{shape.name:<40}", *(f"{value:8.2f}" for value in times), " GROWS" if grows else "", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
