#!/usr/bin/env python3
"""Times nemolint beside its peers: interleaved rounds on inputs that it makes itself.

    python benchmarks/run.py                        # all that follows
    python benchmarks/run.py tree                   # one tree and one file: nemolint and all peers
    python benchmarks/run.py scale                  # 1, 10 and 100 copies of the tree: nemolint, ruff, ripgrep
    python benchmarks/run.py guard                  # the hook of an assistant, before each of its commands
    python benchmarks/run.py hostile                # one and two megabytes of nasty shapes: nemolint
    python benchmarks/run.py tree --corpus CHECKOUT --peers VENV

Method: each round starts every command once, in a new order, so that a busy moment of the machine hits all alike. A
first round, which fills caches, does not count. Times are those that `wait4` gives: CPU time is that of a command and
all its children. Memory is taken in starts of its own, since looking for it costs time: `/proc` is read every
millisecond, less often in starts that take long. Where a row has to change a file or its cache first, that is done
before the clock starts. The environment holds nothing but PATH and a home and cache folders that are made for the run.
Nothing is asserted. `README.md` beside this file says what the rows mean.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "nemotron"
RUN = "uv run nemotron steps run sft/automodel -c tiny --dry-run"
PROFILES = """[slurm]
executor = "slurm"
account = "a"
partition = "b"
nodes = 2
gpus_per_node = 8
ntasks_per_node = 8

[big]
extends = "slurm"
nodes = 4
"""
SECTIONS = ("tree", "scale", "guard", "hostile")
MEGABYTE = 1_000_000
NOISE = 0.1  # seconds of CPU; less says nothing about growth

PYTHON = "python -c pass"
VERSION = "nemolint --version"
PLAIN = "hook, a file without runs"
PLAIN_EDITED = "hook, the same, edited"
ONE = "hook, a file with a run, nothing known"
ONE_EDITED = "hook, the same, edited, facts known"
COLD = "all, nothing known"
FACTS = "all, facts known"
EDITED = "all, one file edited"
WARM = "all, warm"
RUFF = "ruff check --no-cache"
RUFF_WARM = "ruff check, warm"
RG = "rg -l"
SHELLCHECK = "shellcheck, the shell blocks"
DETECT_SECRETS = "detect-secrets scan"
SEMGREP = "semgrep, one pattern"

ISOLATED = "python -I -c pass"
OTHER = "guard, another command"
OTHER_NAMED = "guard, another command, as `nemolint hook`"
OTHER_SCRIPT = "guard, a script without runs"
RUN_AGAIN = "guard, one run, as before"
RUN_NEW = "guard, one run, never seen"
CHECKOUT_NEW = "guard, the same, in a checkout"
PROFILE_NEW = "guard, the same, with a profile"

# What is aimed at: what is compared, with what, how many times its wall time, or peak of memory, it may take.
TARGETS = (
    (VERSION, PYTHON, 1.8, "wall"),
    (PLAIN, PYTHON, 3.6, "wall"),
    (PLAIN_EDITED, PYTHON, 3.6, "wall"),
    (ONE, PYTHON, 10, "wall"),
    (WARM, RUFF_WARM, 0.7, "wall"),
    (WARM, RG, 2, "wall"),
    (COLD, RUFF, 7, "wall"),
    (WARM, SEMGREP, 1 / 25, "wall"),
    (COLD, SEMGREP, 1 / 3, "wall"),
    (WARM, RUFF_WARM, 1, "memory"),
)
GUARD_TARGETS = ((OTHER, ISOLATED, 1.2, "wall"), (RUN_AGAIN, ISOLATED, 6, "wall"), (RUN_NEW, ISOLATED, 6, "wall"))
AGAINST = {"python": PYTHON, "ruff warm": RUFF_WARM, "rg": RG}
GROWTH = 11  # times the time that ten times the tree may take


@dataclass(frozen=True)
class Command:
    """What is timed: `prepare` runs before each start, before the clock does. `home` is for its caches alone.

    `given` makes what stands on standard input.
    """

    name: str
    arguments: Sequence[str]
    folder: Path
    home: Path
    prepare: Callable[[], None] = field(default=lambda: None)
    given: Callable[[], bytes] = field(default=lambda: b"")


@dataclass
class Taken:
    """What the starts of a command took: seconds, and bytes of resident memory at the worst moment.

    `largest` is the peak of the largest process, `together` that of all processes at once, shared pages counted once.
    """

    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    largest: int = 0
    together: int = 0

    @property
    def wall(self) -> float:
        """The median."""
        return statistics.median(self.walls)

    @property
    def cpu(self) -> float:
        """The median."""
        return statistics.median(self.cpus)


Results = dict[str, Taken]


def main() -> int:
    """Make the inputs, time, and print a report in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)} (all)")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder to copy (../shared/corpus/nemotron)")
    parser.add_argument("--peers", type=Path, help="a virtual environment with peers (else they are sought on PATH)")
    parser.add_argument("--rounds", type=int, default=11, help="how many rounds count (11)")
    parser.add_argument("--copies", type=numbers, default=[1, 10, 100], help="sizes of the trees of scale (1,10,100)")
    parser.add_argument("--only", metavar="TEXT", default="", help="rows and hostile shapes whose name holds TEXT")
    options = parser.parse_args()
    sections = options.sections or SECTIONS
    if unknown := set(sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    if not options.corpus.is_dir() and not set(sections) <= {"hostile", "guard"}:
        parser.error(f"{options.corpus} is not here: name a checkout with --corpus")
    found = tools(options.peers)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # large folders are to be removed
    print(machine(found), flush=True)
    with tempfile.TemporaryDirectory(prefix="nemolint-bench-") as name:
        for section in sections:
            work = Path(name, section)
            work.mkdir()
            if section == "tree":
                one_tree(work, options.corpus, found, options.rounds, options.only)
            elif section == "guard":
                guard(work, options.corpus, found, options.rounds)
            elif section == "scale":
                scale(work, options.corpus, found, options.copies, options.rounds, options.only)
            else:
                hostile(work, found, options.rounds, options.only)
    return 0


def numbers(text: str) -> list[int]:
    """The numbers of `1,10,100`, in order. Raises ValueError."""
    return sorted({int(part) for part in text.split(",")})


# -- inputs


def make_tree(folder: Path, corpus: Path, copies: int = 1) -> Path:
    """A git repository with copies of the corpus, all files tracked. Several copies stand side by side."""
    for number in range(copies):
        copy(corpus, folder if copies == 1 else folder / f"copy{number}")
    for arguments in (["-c", "init.defaultBranch=main", "init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def copy(corpus: Path, target: Path) -> None:
    """Copy the corpus, so that it can be written, with one script that holds a run and one that holds none."""
    ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache")
    shutil.copytree(corpus, target, dirs_exist_ok=True, copy_function=shutil.copyfile, ignore=ignored)
    subprocess.run(["chmod", "-R", "u+w", str(target)], check=True)
    (target / "plain.sh").write_text("echo hello\n", "utf-8")
    (target / "one.sh").write_text(f"{RUN}\n", "utf-8")


def size_of(folder: Path) -> tuple[int, float]:
    """How many files a tree holds, and how many megabytes."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if ".git" not in path.parts and path.is_file()]
    return len(sizes), sum(sizes) / MEGABYTE


def shell_blocks(tree: Path, target: Path) -> list[str]:
    """Write each fenced shell block of the tree to a file, which is what a linter of scripts could be given.

    Each to its own, since a fault that ends the reading of one must not end that of all.
    """
    fence = re.compile(r"^[ \t]*```(?:bash|sh|shell)[ \t]*\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
    pages = (page.read_text("utf-8", "replace") for page in sorted(tree.rglob("*.md")))
    bodies = [body for page in pages for body in fence.findall(page)]
    target.mkdir()
    for number, body in enumerate(bodies):
        (target / f"{number}.sh").write_text(body, "utf-8")
    return [f"{number}.sh" for number in range(len(bodies))]


def shapes() -> dict[str, tuple[str, Callable[[int], bytes]]]:
    """The hostile files of the tests: name -> file name, and what makes about so many bytes."""
    sys.path.insert(0, str(ROOT / "tests"))
    return {shape.name: (shape.path, shape.make) for shape in importlib.import_module("support.hostile").SHAPES}


# -- commands


def tools(peers: Path | None) -> dict[str, str]:
    """The programs that are timed, by name. Those that are not installed are named."""
    places = [Path(sys.executable).parent, *map(Path, os.environ["PATH"].split(os.pathsep))]
    if peers is not None:
        places[:0] = [peers, peers / "bin"]
    path = os.pathsep.join(map(str, places))
    found = {"python": sys.executable}
    for name in ("nemolint", "ruff", "rg", "shellcheck", "detect-secrets", "semgrep"):
        program = shutil.which(name, path=path)
        if program is None:
            print(f"left out: {name} is not installed", file=sys.stderr)
        else:
            found[name] = program
    if "nemolint" not in found:
        raise SystemExit("install nemolint first")
    return found


def of_tree(tree: Path, homes: Path, found: dict[str, str], suffix: str = "") -> Iterator[Command]:
    """What is timed on trees of all sizes."""
    nemolint, every = found["nemolint"], [".", "-q"]
    yield Command(COLD + suffix, [nemolint, "--no-cache", *every], tree, homes / "cold")
    yield Command(FACTS + suffix, [nemolint, *every], tree, homes / "facts", lambda: keep_facts(homes / "facts"))
    yield Command(WARM + suffix, [nemolint, *every], tree, homes / "warm")
    if "ruff" in found:
        yield Command(RUFF + suffix, [found["ruff"], "check", "-q", "--no-cache", "."], tree, homes / "ruff")
        yield Command(RUFF_WARM + suffix, [found["ruff"], "check", "-q", "."], tree, homes / "ruff-warm")
    if "rg" in found:
        yield Command(RG + suffix, [found["rg"], "-l", "nemotron steps run", "."], tree, homes / "rg")


def of_nemolint(tree: Path, edited: Path, homes: Path, found: dict[str, str]) -> Iterator[Command]:
    """What else is timed of nemolint. `edited` is a second tree, so that the first stays as it was."""
    hook = [found["nemolint"], "check", "--hook"]
    yield Command(PYTHON, [found["python"], "-c", "pass"], tree, homes / "python")
    yield Command(VERSION, [found["nemolint"], "--version"], tree, homes / "version")
    yield Command(PLAIN, [*hook, "--no-cache", "plain.sh"], tree, homes / "plain")
    yield Command(PLAIN_EDITED, [*hook, "plain.sh"], edited, homes / "plain-edited", editor(edited / "plain.sh"))
    yield Command(ONE, [*hook, "--no-cache", "one.sh"], tree, homes / "one")
    yield Command(ONE_EDITED, [*hook, "one.sh"], edited, homes / "one-edited", editor(edited / "one.sh"))
    yield Command(EDITED, [found["nemolint"], ".", "-q"], edited, homes / "edited", editor(edited / "one.sh"))


def of_peers(tree: Path, homes: Path, found: dict[str, str]) -> Iterator[Command]:
    """What is timed on one tree alone. Nothing is looked up in the network."""
    if "shellcheck" in found:
        names = shell_blocks(tree, homes / "blocks")
        yield Command(SHELLCHECK, [found["shellcheck"], "-s", "bash", *names], homes / "blocks", homes / "shellcheck")
    if "detect-secrets" in found:
        arguments = [found["detect-secrets"], "scan", "--no-verify", "."]
        yield Command(DETECT_SECRETS, arguments, tree, homes / "detect-secrets")
    if "semgrep" in found:
        scan = [found["semgrep"], "scan", "--quiet", "--metrics=off", "--disable-version-check"]
        yield Command(SEMGREP, [*scan, "-l", "generic", "-e", "nemotron steps run", "."], tree, homes / "semgrep")


def editor(file: Path) -> Callable[[], None]:
    """What makes a file differ from all that it was before, by a comment at its end."""
    text, count = file.read_text("utf-8").rstrip("\n"), iter(range(sys.maxsize))

    def edit() -> None:
        file.write_text(f"{text}  # {next(count)}\n", "utf-8")

    return edit


def keep_facts(home: Path) -> None:
    """Forget all findings and invocations, and keep what was made of the project's files."""
    for file in home.rglob("*"):
        if file.is_file() and not file.name.startswith("facts-"):
            file.unlink()


# -- measuring


def interleaved(commands: Sequence[Command], rounds: int, memory_rounds: int = 3) -> Results:
    """Start each command once a round. One that fails is named and left out."""
    taken: Results = {}
    for command in commands:
        code = once(command)[2]
        if code in (0, 1):
            taken[command.name] = Taken()
        else:
            print(f"left out: {command.name} ended with {code}", file=sys.stderr)
        if command.name.startswith(FACTS) and not any(command.home.rglob("facts-*")):
            print(f"{command.name}: no facts were kept", file=sys.stderr)
    order = [command for command in commands if command.name in taken]
    shuffle = random.Random(0).shuffle
    for number in range(rounds):
        progress(f"round {number + 1} of {rounds}")
        shuffle(order)
        for command in order:
            wall, cpu, _ = once(command)
            taken[command.name].walls.append(wall)
            taken[command.name].cpus.append(cpu)
    for _ in range(memory_rounds):
        progress("memory")
        for command in order:
            largest, together = memory(command)
            result = taken[command.name]
            result.largest, result.together = max(result.largest, largest), max(result.together, together)
    progress("")
    return taken


def once(command: Command) -> tuple[float, float, int]:
    """Wall seconds, CPU seconds and exit code of one start."""
    with started(command) as (process, begun):
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    return wall, usage.ru_utime + usage.ru_stime, process.returncode


def memory(command: Command) -> tuple[int, int]:
    """Bytes of one start (see `Taken`); 0 where there is no `/proc`.

    `ru_maxrss` would not do: it counts the pages of this script, which a child has until it is another program.
    """
    largest = together = 0
    with started(command) as (process, begun):
        while process.poll() is None:
            total = 0
            for pid in family(process.pid):
                with suppress(OSError):  # it has ended
                    largest = max(largest, entry(pid, "status", "VmHWM:"))
                    total += entry(pid, "smaps_rollup", "Pss:")
            together = max(together, total)
            time.sleep(min(max(0.001, (time.perf_counter() - begun) / 100), 0.05))
    return largest, max(together, largest)


def family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text("ascii").split():
                yield from family(int(child))


def entry(pid: int, name: str, key: str) -> int:
    """Bytes that a line of a file in `/proc` gives, 0 where it has none. Raises OSError."""
    for line in Path(f"/proc/{pid}/{name}").read_text("ascii", "replace").splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    return 0


@contextmanager
def started(command: Command) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A start of the command, and when it was."""
    command.home.mkdir(exist_ok=True)
    environ = {
        "PATH": f"{Path(command.arguments[0]).parent}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "HOME": str(command.home),
        "NEMOLINT_CACHE_DIR": str(command.home / "cache"),
        "RUFF_CACHE_DIR": str(command.home / "cache"),
    }
    command.prepare()
    null = subprocess.DEVNULL
    with tempfile.TemporaryFile() as given:
        given.write(command.given())
        given.seek(0)
        begun = time.perf_counter()
        process = subprocess.Popen(
            command.arguments, cwd=command.folder, env=environ, stdin=given, stdout=null, stderr=null
        )
    try:
        yield process, begun
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()


# -- sections


def one_tree(work: Path, corpus: Path, found: dict[str, str], rounds: int, only: str) -> None:
    """One tree and one file: nemolint and all peers."""
    tree, edited, homes = make_tree(work / "tree", corpus), make_tree(work / "edited", corpus), work / "homes"
    homes.mkdir()
    commands = [
        *of_nemolint(tree, edited, homes, found),
        *of_tree(tree, homes, found),
        *of_peers(tree, homes, found),
    ]
    taken = interleaved([command for command in commands if only in command.name], rounds)
    files, megabytes = size_of(tree)
    print(f"\n## One tree and one file\n\n{files} files, {megabytes:.1f} MB, {rounds} rounds\n")
    against = {short: name for short, name in AGAINST.items() if name in taken}
    rows = (
        [name, *figures(result), *(f"{result.wall / taken[other].wall:.2f}" for other in against.values())]
        for name, result in taken.items()
    )
    table(["command", *FIGURES, *(f"x {short}" for short in against)], rows)
    print("\n### Aims\n")
    table(["command", "compared with", "of", "ratio", "of CPU", "aim", ""], aims(taken))


def guard(work: Path, corpus: Path, found: dict[str, str], rounds: int) -> None:
    """What an assistant waits for before each of its commands, in an empty folder and in a checkout."""
    code = "import nemolint.guard.start as start; print(start.__file__)"
    path = subprocess.run(
        [found["python"], "-I", "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    script, python = [found["python"], "-I", "-S", path], found["python"]
    homes, count = work / "homes", iter(range(sys.maxsize))
    homes.mkdir()
    (work / "plain.sh").write_text("echo hello\n", "utf-8")

    def payload(command: str, folder: Path = work) -> Callable[[], bytes]:
        call = {"command": command, "description": "what it is for"}
        asked = {"session_id": "a", "cwd": str(folder), "hook_event_name": "PreToolUse", "tool_name": "Bash"}
        return lambda: json.dumps({**asked, "tool_input": call}).replace("NUMBER", str(next(count))).encode()

    commands = [
        Command(ISOLATED, [python, "-I", "-c", "pass"], work, homes / "python"),
        Command(OTHER, script, work, homes / "other", given=payload("git status && ls -la")),
        Command(OTHER_NAMED, [found["nemolint"], "hook"], work, homes / "named", given=payload("git status && ls -la")),
        Command(OTHER_SCRIPT, script, work, homes / "script", given=payload("bash plain.sh")),
        Command(RUN_AGAIN, script, work, homes / "again", given=payload(RUN)),
        Command(RUN_NEW, script, work, homes / "new", given=payload(f"{RUN} seed=NUMBER")),
    ]
    if corpus.is_dir():
        tree = make_tree(work / "tree", corpus)
        names = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *names, "commit", "-qm", "first"], cwd=tree, check=True)
        (tree / ".git" / "info" / "exclude").write_text("env.toml\n", "utf-8")
        (tree / "env.toml").write_text(PROFILES, "utf-8")
        commands += [
            Command(CHECKOUT_NEW, script, tree, homes / "checkout", given=payload(f"{RUN} seed=NUMBER", tree)),
            Command(PROFILE_NEW, script, tree, homes / "profile", given=payload(f"{RUN} -b big seed=NUMBER", tree)),
        ]
    taken = interleaved(commands, rounds)
    print(f"\n## The hook of an assistant\n\n{rounds} rounds\n")
    rows = (
        [name, *figures(result), f"{result.wall / taken[ISOLATED].wall:.2f}", f"{result.cpu / taken[ISOLATED].cpu:.2f}"]
        for name, result in taken.items()
    )
    table(["command", *FIGURES, "x python -I", "of CPU"], rows)
    print("\n### Aims\n")
    table(["command", "compared with", "of", "ratio", "of CPU", "aim", ""], aims(taken, GUARD_TARGETS))


def aims(taken: Results, targets: Sequence[tuple[str, str, float, str]] = TARGETS) -> Iterator[list[str]]:
    """The measured ratios beside those that are aimed at. CPU time tells more where the machine was busy."""
    for name, other, limit, kind in targets:
        if name not in taken or other not in taken:
            yield [name, other, kind, "-", "-", f"{limit:g}", "not measured"]
            continue
        ours, theirs = taken[name], taken[other]
        cpu = ""
        if kind == "wall":
            ratio, cpu = ours.wall / theirs.wall, f"{ours.cpu / theirs.cpu:.2f}"
        else:
            ratio = ours.together / max(theirs.together, 1)
        yield [name, other, kind, f"{ratio:.2f}", cpu, f"{limit:g}", "met" if ratio <= limit else "missed"]


def scale(work: Path, corpus: Path, found: dict[str, str], sizes: list[int], rounds: int, only: str) -> None:
    """Trees of several sizes: nemolint, and the peers that take no minutes."""
    commands: list[Command] = []
    for copies in sizes:
        tree, homes = make_tree(work / f"tree{copies}", corpus, copies), work / f"homes{copies}"
        homes.mkdir()
        commands += [command for command in of_tree(tree, homes, found, f", x{copies}") if only in command.name]
    taken = interleaved(commands, rounds, memory_rounds=1)
    print(f"\n## Copies of the tree\n\n{rounds} rounds; growth is the ratio to the next smaller tree\n")
    rows: list[list[str]] = []
    for name, result in sorted(taken.items(), key=lambda item: item[0].partition(", x")[0]):
        row, _, size = name.rpartition(", x")
        smaller = [taken.get(f"{row}, x{copies}") for copies in sizes if copies < int(size)]
        before = smaller[-1] if smaller else None
        growth = ["", ""] if before is None else [f"{result.wall / before.wall:.1f}", ratio_of_memory(result, before)]
        rows.append([row, size, *figures(result), *growth])
    table(["command", "copies", *FIGURES, "x time", "x memory"], rows)
    print(f"\nAim: ten times the tree takes at most {GROWTH} times the time.")


def ratio_of_memory(result: Taken, before: Taken) -> str:
    """How many times the memory it is."""
    return f"{result.largest / max(before.largest, 1):.1f}"


def hostile(work: Path, found: dict[str, str], rounds: int, only: str) -> None:
    """All shapes once, then the slowest and those that grow most in rounds."""
    known = {name: shape for name, shape in shapes().items() if only in name}
    half: dict[str, float] = {}
    whole: dict[str, float] = {}
    for number, name in enumerate(known):
        progress(f"shape {number + 1} of {len(known)}")
        half[name], whole[name] = (
            once(of_shape(work, found, name, *known[name], size))[1] for size in (MEGABYTE // 2, MEGABYTE)
        )
    slowest = sorted(whole, key=lambda name: whole[name], reverse=True)[:8]
    growing = [name for name in whole if whole[name] - half[name] > NOISE and name not in slowest]
    growing.sort(key=lambda name: whole[name] / half[name], reverse=True)
    chosen = slowest + growing[:8]
    sizes = (1, MEGABYTE, 2 * MEGABYTE)
    commands = [of_shape(work, found, name, *known[name], size) for name in chosen for size in sizes]
    taken = interleaved(commands, rounds, memory_rounds=1)
    print(
        f"\n## Hostile files\n\n{len(known)} shapes of 1 MB; the eight slowest, and the eight others that grow most, in"
    )
    print(f"{rounds} rounds. Growth is that of CPU time from 1 MB to 2 MB, less that of a file of a few bytes.\n")
    rows = []
    for name in chosen:
        empty, one, two = (taken.get(f"{name}, {size}") for size in sizes)
        if empty is not None and one is not None and two is not None:
            growth = (two.cpu - empty.cpu) / max(one.cpu - empty.cpu, 0.001)
            rows.append([name, *figures(one), f"{growth:.2f}", ratio_of_memory(two, one)])
    table(["shape", *FIGURES, "x time", "x memory"], rows)
    times = sorted(whole.values())
    print(f"\nCPU seconds of all shapes at 1 MB: median {statistics.median(times):.2f}, worst {times[-1]:.2f}")


def of_shape(
    work: Path, found: dict[str, str], name: str, path: str, make: Callable[[int], bytes], size: int
) -> Command:
    """The check of a hostile file of about `size` bytes."""
    folder = work / f"{name}-{size}"
    folder.mkdir(exist_ok=True)
    (folder / path).write_bytes(make(size))
    return Command(f"{name}, {size}", [found["nemolint"], "--no-cache", "-q", path], folder, work / "home")


# -- printing

FIGURES = ("wall ms", "best ms", "CPU ms", "peak MB", "all MB")


def figures(result: Taken) -> list[str]:
    """The cells that every table has."""
    best = min(result.walls)
    return [
        *(f"{seconds * 1e3:.0f}" for seconds in (result.wall, best, result.cpu)),
        *(f"{size / 2**20:.0f}" if size else "-" for size in (result.largest, result.together)),
    ]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table: the first column to the left, all others to the right."""
    lines: list[Sequence[str]] = [head, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    for line in (head, rule, *lines[1:]):
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


def machine(found: dict[str, str]) -> str:
    """What the figures were taken on, and with which versions."""
    versions = []
    for name, program in found.items():
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        number = re.search(r"\d+(\.\d+)+", shown)
        versions.append(f"{name} {number[0] if number else '?'}")
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}; {', '.join(versions)}"


def progress(text: str) -> None:
    """Show on a terminal how far it is."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
