#!/usr/bin/env python3
"""Times nemolint beside its peers on the same files, in the same run.

    python benchmarks/run.py [--corpus DIR] [--copies N] [--rounds N]

Method: the corpus is copied N times into a fresh git repository. Each round starts every command once, in an order that
rotates from round to round, so that a busy moment of the machine hits all alike. Reported are medians of wall time, of
CPU time (user and system, of the command and its children) and of the peak of resident memory, and the ratio of each
wall time to that of `ruff check --no-cache`. A command that is not installed is left out and named. Nothing here is
asserted: absolute times differ from machine to machine, ratios less so.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "nemotron"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "--corpus", type=Path, default=CORPUS, help="folder to copy (default: ../shared/corpus/nemotron)"
    )
    parser.add_argument("--copies", type=int, default=1, help="how many copies of it (default 1)")
    parser.add_argument("--rounds", type=int, default=11, help="how many rounds (default 11)")
    options = parser.parse_args()
    if not options.corpus.is_dir():
        print(f"{options.corpus} is not here: name a checkout with --corpus", file=sys.stderr)
        return 2
    with tree(options.corpus, options.copies) as folder:
        report(folder, commands(folder), options.rounds)
    return 0


@contextmanager
def tree(corpus: Path, copies: int) -> Iterator[Path]:
    """A git repository with `copies` copies of the corpus."""
    with tempfile.TemporaryDirectory(prefix="nemolint-bench-") as name:
        folder = Path(name)
        for number in range(copies):
            target = folder if copies == 1 else folder / f"copy{number}"
            shutil.copytree(corpus, target, dirs_exist_ok=True, copy_function=shutil.copyfile)
            subprocess.run(["chmod", "-R", "u+w", str(target)], check=True)
        for arguments in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *arguments], cwd=folder, check=True)
        (folder / "plain.sh").write_text("echo hello\n", "utf-8")
        (folder / "one.sh").write_text("uv run nemotron steps run sft/automodel -c tiny --dry-run\n", "utf-8")
        yield folder


def commands(folder: Path) -> dict[str, list[str]]:
    """What is timed: name -> command line. The `warm` ones keep their cache between rounds."""
    python = sys.executable
    tools = {
        "python -c pass": [python, "-c", "pass"],
        "nemolint --version": [python, "-m", "nemolint", "--version"],
        "nemolint, a file without runs": [python, "-m", "nemolint", "plain.sh"],
        "nemolint, a file with a run": [python, "-m", "nemolint", "--no-cache", "one.sh"],
        "nemolint, all, cold": [python, "-m", "nemolint", "--no-cache", "."],
        "nemolint, all, warm": [python, "-m", "nemolint", "."],
    }
    peers = {
        "ruff check --no-cache": ["ruff", "check", "--no-cache", "."],
        "ruff check, warm": ["ruff", "check", "."],
        "rg -l": ["rg", "-l", "nemotron steps run", "."],
    }
    beside = Path(python).parent
    for name, (program, *rest) in peers.items():
        found = shutil.which(program) or shutil.which(program, path=str(beside))
        if found is None:
            print(f"left out: {program} is not installed", file=sys.stderr)
        else:
            tools[name] = [found, *rest]
    return tools


def report(folder: Path, tools: dict[str, list[str]], rounds: int) -> None:
    """Run all commands `rounds` times and print the table."""
    taken: dict[str, list[tuple[float, float, int]]] = {name: [] for name in tools}
    names = list(tools)
    for command in tools.values():
        once(command, folder)
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            taken[name].append(once(tools[name], folder))
    files = sum(1 for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    print(f"{files} files, {rounds} rounds, medians\n")
    print(f"| {'command':<32} | {'wall ms':>8} | {'CPU ms':>8} | {'peak MB':>8} | {'x ruff':>7} |")
    print(f"|{'-' * 34}|{'-' * 10}|{'-' * 10}|{'-' * 10}|{'-' * 9}|")
    base = median(taken.get("ruff check --no-cache") or taken["python -c pass"], 0)
    for name in names:
        wall, cpu, memory = (median(taken[name], index) for index in range(3))
        print(f"| {name:<32} | {wall * 1e3:>8.0f} | {cpu * 1e3:>8.0f} | {memory / 1024:>8.0f} | {wall / base:>7.2f} |")


def median(rows: list[tuple[float, float, int]], index: int) -> float:
    return statistics.median(row[index] for row in rows)


def once(command: list[str], folder: Path) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and peak kilobytes of one start."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


if __name__ == "__main__":
    raise SystemExit(main())
