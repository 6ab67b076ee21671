#!/usr/bin/env python3
"""Times nemolint beside its peers on the same files, in the same run.

    python benchmarks/run.py [--corpus DIR] [--copies N] [--rounds N]     # one tree, all commands
    python benchmarks/run.py --scale 1,10,100                             # nemolint alone on trees of several sizes
    python benchmarks/run.py --hostile                                    # one-megabyte files of nasty shapes

`README.md` beside this file says how it is done and what came out. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "nemotron"
RUN = "uv run nemotron steps run sft/automodel -c tiny --dry-run"
NEMOLINT = [sys.executable, "-m", "nemolint"]
BASE = "python -c pass"
MEGABYTE = 1_000_000

Taken = tuple[float, float, int]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder to copy (../shared/corpus/nemotron)")
    parser.add_argument("--copies", type=int, default=1, help="how many copies of it (1)")
    parser.add_argument("--rounds", type=int, default=11, help="how many rounds (11)")
    parser.add_argument("--scale", metavar="N,N,…", help="time nemolint on that many copies")
    parser.add_argument("--hostile", action="store_true", help="time nemolint on one-megabyte files of nasty shapes")
    options = parser.parse_args()
    if options.hostile:
        hostile()
        return 0
    if not options.corpus.is_dir():
        print(f"{options.corpus} is not here: name a checkout with --corpus", file=sys.stderr)
        return 2
    if options.scale:
        scale(options.corpus, [int(part) for part in options.scale.split(",")], options.rounds)
        return 0
    with tree(options.corpus, options.copies) as folder, tree(options.corpus, options.copies) as edited:
        report(folder, edited, commands(folder), options.rounds)
    return 0


@contextmanager
def tree(corpus: Path, copies: int) -> Iterator[Path]:
    """A git repository with `copies` copies of the corpus, and a cache folder of its own."""
    with tempfile.TemporaryDirectory(prefix="nemolint-bench-") as name:
        folder = Path(name, "tree")
        for number in range(copies):
            copy(corpus, folder if copies == 1 else folder / f"copy{number}")
        for arguments in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *arguments], cwd=folder, check=True)
        os.environ["NEMOLINT_CACHE_DIR"] = str(Path(name, "cache"))
        yield folder


def copy(corpus: Path, target: Path) -> None:
    """Copy the corpus, so that it can be written, with one script that holds a run and one that holds none."""
    ignored = shutil.ignore_patterns(".git", "__pycache__", ".*_cache")
    shutil.copytree(corpus, target, dirs_exist_ok=True, copy_function=shutil.copyfile, ignore=ignored)
    subprocess.run(["chmod", "-R", "u+w", str(target)], check=True)
    (target / "plain.sh").write_text("echo hello\n", "utf-8")
    (target / "one.sh").write_text(f"{RUN}\n", "utf-8")


def commands(folder: Path) -> dict[str, list[str]]:
    """What is timed: name -> command line. The `warm` ones keep their cache between rounds."""
    tools = {
        BASE: [sys.executable, "-c", "pass"],
        "nemolint --version": [*NEMOLINT, "--version"],
        "nemolint, a file without runs": [*NEMOLINT, "--no-cache", "plain.sh"],
        "nemolint, a file with a run": [*NEMOLINT, "--no-cache", "one.sh"],
        "nemolint, the same, edited": [*NEMOLINT, "one.sh"],
        "nemolint, all, cold": [*NEMOLINT, "--no-cache", "."],
        "nemolint, all, one file edited": [*NEMOLINT, "."],
        "nemolint, all, warm": [*NEMOLINT, "."],
    }
    blocks = folder.parent / "blocks.sh"
    blocks.write_text(shell_blocks(folder), "utf-8")
    peers = {
        "ruff check --no-cache": ["ruff", "check", "--no-cache", "."],
        "ruff check, warm": ["ruff", "check", "."],
        "rg -l": ["rg", "-l", "nemotron steps run", "."],
        "shellcheck, all shell blocks": ["shellcheck", "-s", "bash", str(blocks)],
        "detect-secrets scan": ["detect-secrets", "scan", "."],
        "semgrep, one local rule": ["semgrep", "--metrics=off", "--quiet", "--config", str(semgrep_rule(folder)), "."],
    }
    for name, (program, *rest) in peers.items():
        found = shutil.which(program) or shutil.which(program, path=str(Path(sys.executable).parent))
        if found is None:
            print(f"left out: {program} is not installed", file=sys.stderr)
        else:
            tools[name] = [found, *rest]
    return tools


def shell_blocks(folder: Path) -> str:
    """The bodies of all fenced shell blocks, which is what a linter of shell scripts alone could be given."""
    fence = re.compile(r"^[ \t]*```(?:bash|sh|shell)[ \t]*\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
    pages = sorted(folder.rglob("*.md"))
    return "\n".join(body for page in pages for body in fence.findall(page.read_text("utf-8", "replace")))


def semgrep_rule(folder: Path) -> Path:
    """A rule that finds the command by a regular expression."""
    file = folder.parent / "rule.yaml"
    file.write_text(
        "rules:\n"
        "- {id: run, pattern-regex: 'nemotron steps run', message: run, languages: [generic], severity: INFO}\n",
        "utf-8",
    )
    return file


def report(folder: Path, edited: Path, tools: dict[str, list[str]], rounds: int) -> None:
    """Run all commands `rounds` times and print the table. `edited` is a second tree, in which a file changes."""
    number = 0

    def place(name: str) -> Path:
        nonlocal number
        if "edited" not in name:
            return folder
        number += 1
        script = next(edited.rglob("one.sh"))
        script.write_text(f"{RUN} # {number}\n", "utf-8")
        return edited

    taken = interleaved(tools, rounds, place)
    files = sum(1 for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    print(f"{files} files, {rounds} rounds, medians\n")
    print(f"| {'command':<32} | {'wall ms':>8} | {'CPU ms':>8} | {'peak MB':>8} | {'x python':>8} |")
    print(f"|{'-' * 34}|{'-' * 9}:|{'-' * 9}:|{'-' * 9}:|{'-' * 9}:|")
    base = median(taken[BASE], 0)
    for name, rows in taken.items():
        wall, cpu, memory = (median(rows, index) for index in range(3))
        print(f"| {name:<32} | {wall * 1e3:>8.0f} | {cpu * 1e3:>8.0f} | {memory / 1024:>8.0f} | {wall / base:>8.1f} |")


def interleaved(tools: dict[str, list[str]], rounds: int, place: Callable[[str], Path]) -> dict[str, list[Taken]]:
    """Each command once a round, in an order that rotates, in the folder that `place` gives for it.

    A first round, which fills caches, does not count.
    """
    taken: dict[str, list[Taken]] = {name: [] for name in tools}
    names = list(tools)
    for number in range(-1, rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            result = once(tools[name], place(name))
            if number >= 0:
                taken[name].append(result)
    return taken


def scale(corpus: Path, sizes: list[int], rounds: int) -> None:
    """Time nemolint cold and warm on trees of several sizes."""
    print(f"| {'copies':>6} | {'files':>6} | {'cold ms':>8} | {'x first':>7} | {'warm ms':>8} | {'x first':>7} |")
    print(f"|{'-' * 7}:|{'-' * 7}:|{'-' * 9}:|{'-' * 8}:|{'-' * 9}:|{'-' * 8}:|")
    first: list[float] = []
    for copies in sizes:
        with tree(corpus, copies) as folder:
            tools = {"cold": [*NEMOLINT, "--no-cache", "."], "warm": [*NEMOLINT, "."]}
            taken = interleaved(tools, rounds if copies < 10 else 1, lambda name: folder)
            files = sum(1 for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
        walls = [median(rows, 0) for rows in taken.values()]
        first = first or walls
        cold, warm = (f"{wall * 1e3:>8.0f} | {wall / start:>7.1f}" for wall, start in zip(walls, first, strict=True))
        print(f"| {copies:>6} | {files:>6} | {cold} | {warm} |", flush=True)


def shapes(size: int) -> dict[str, str]:
    """File name -> hostile text of `size` characters."""

    def fill(part: str, before: str = "") -> str:
        return before + part * ((size - len(before)) // len(part))

    return {
        "runs.sh": fill(f"{RUN}\n"),
        "one-line.sh": fill("a=b ", f"{RUN} "),
        "quotes.sh": fill("'\"", f"{RUN} "),
        "continued.sh": fill("\\\n", f"{RUN} "),
        "substitutions.sh": fill("$(", f"{RUN} "),
        "here-documents.sh": fill("cat <<E\n", f"{RUN}\n"),
        "fences.md": fill("```bash\n", f"{RUN}\n"),
        "quoted.md": fill("> ", f"{RUN}\n"),
        "table.md": fill(f"| `{RUN}` |\n", "| a |\n|---|\n"),
        "brackets.yaml": fill("[", f"# {RUN}\n"),
        "comments.yaml": fill(f"# {RUN}\n"),
        "cell.ipynb": '{"cells": [{"cell_type": "code", "source": ["!' + fill(f"{RUN} ") + '"]}]}',
        "names.py": fill("x = y\n", f"'{RUN}'\n"),
    }


def hostile() -> None:
    """Time one megabyte and two of each shape: the second column shows whether time grows with the size alone."""
    print(f"| {'shape':<18} | {'1 MB: s':>8} | {'2 MB / 1 MB':>11} |\n|{'-' * 20}|{'-' * 9}:|{'-' * 12}:|")
    with tempfile.TemporaryDirectory(prefix="nemolint-bench-") as name:
        for shape in shapes(0):
            walls = []
            for size in (MEGABYTE, 2 * MEGABYTE):
                Path(name, shape).write_text(shapes(size)[shape], "utf-8")
                walls.append(once([*NEMOLINT, "--no-cache", shape], Path(name))[0])
            print(f"| {shape:<18} | {walls[0]:>8.2f} | {walls[1] / walls[0]:>11.1f} |", flush=True)


def median(rows: list[Taken], index: int) -> float:
    return statistics.median(row[index] for row in rows)


def once(command: list[str], folder: Path) -> Taken:
    """Wall seconds, CPU seconds and peak kilobytes of one start."""
    # What a user's environment has not: these make Python compile every module, or write every line, anew.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir(), "nemolint-bench-pyc"))
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


if __name__ == "__main__":
    raise SystemExit(main())
