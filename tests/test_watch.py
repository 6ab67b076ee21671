"""A watched check shows after each change what a check would show, and ends without a trace."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.checkout import CHANGES, MANIFEST, RUN, change_file_behind_the_clock, change_manifest, make_tree
from support.command import CORRECT, MAIN, MISSPELT, git, nemolint, start
from support.files import write

pytest.importorskip("watchfiles", reason="watchfiles is not installed")

WATCHING = "Watching for changes: press Ctrl-C to stop.\n"
TIMEOUT = 120  # seconds; nothing here is expected to take as long


class Watching:
    """A running `nemolint --watch`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        # Findings and messages come through one pipe, so that their order is that on a terminal.
        joined = f"import os; os.dup2(1, 2){MAIN}"
        self.process = start([sys.executable, "-c", joined, "check", "--watch", *arguments], folder)
        assert self.process.stdout is not None
        self._lines: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def screen(self) -> tuple[str, str]:
        """What changed, and what the next check shows."""
        lines: list[str] = []
        while not lines or lines[-1] != WATCHING:
            line = self._lines.get(timeout=TIMEOUT)
            assert line, f"ended after {lines}"
            lines.append(line)
        assert not any("Traceback" in line or "internal error" in line for line in lines), lines
        lines.pop()
        changed = (
            lines.pop(0).removeprefix("Changed: ").rstrip("\n") if lines[:1] and lines[0][:9] == "Changed: " else ""
        )
        return changed, "".join(lines)

    def until(self, wanted: Callable[[str], bool]) -> str:
        """The first screen of which `wanted` holds: a burst of changes may be seen in parts."""
        while not wanted(shown := self.screen()[1]):
            pass
        return shown

    def end(self, number: int) -> tuple[int, str]:
        """The exit code after a signal, and what is said after it."""
        self.process.send_signal(number)
        code = self.process.wait(timeout=TIMEOUT)
        self._thread.join(timeout=TIMEOUT)
        rest = []
        with contextlib.suppress(queue.Empty):
            while line := self._lines.get_nowait():
                rest.append(line)
        return code, "".join(rest)


@pytest.fixture
def watch() -> Iterator[Callable[..., Watching]]:
    """Starts watched checks, which end with the test."""
    running: list[Watching] = []

    def begin(folder: Path, *arguments: str) -> Watching:
        running.append(Watching(folder, *arguments))
        return running[-1]

    yield begin
    for watching in running:
        watching.process.kill()
        watching.process.communicate()


def _now(folder: Path, *arguments: str) -> list[str]:
    """The lines that a check from nothing shows; what comes first may differ between two streams and one."""
    return sorted(nemolint(folder, "check", "--no-cache", *arguments).shown.splitlines())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder outside git with one faulty script."""
    root = tmp_path / "folder"
    write(root, {"a.sh": f"{MISSPELT}\n"})
    return root


@pytest.mark.parametrize(
    ("change", "options"),
    [
        *((change, ()) for change in CHANGES),
        *((change, ("docs", "a.sh", "new.sh")) for change in CHANGES),
        (change_manifest, ("--no-cache",)),
        (change_file_behind_the_clock, ("--no-cache",)),
    ],
)
def test_what_changed_is_seen(
    tmp_path: Path, watch: Callable[..., Watching], change: Callable[[Path], None], options: tuple[str, ...]
) -> None:
    """Whatever an answer depends on, a change of it shows what a check from nothing shows."""
    root = make_tree(tmp_path / "tree")
    arguments = [*options, "--show", "info"]
    watching = watch(root, *arguments)
    before = _now(root, *arguments)
    assert sorted(watching.screen()[1].splitlines()) == before
    change(root)
    after = _now(root, *arguments)
    if after == before:  # with a file of its own, which was not to be checked
        assert "docs" in options
        (root / "a.sh").write_text("\n" * 9 + MISSPELT, "utf-8")
        after = _now(root, *arguments)
    watching.until(lambda shown: sorted(shown.splitlines()) == after)


def test_new_renamed_and_deleted_files(folder: Path, watch: Callable[..., Watching]) -> None:
    """Files come and go, alone, in new folders and with their folders; an editor replaces them by others."""
    watching = watch(folder, "--output-format", "concise")
    changed, first = watching.screen()
    assert changed == "" and first.startswith("a.sh:1:49: error")
    (folder / "a.tmp").write_text(f"{CORRECT}\n", "utf-8")
    (folder / "a.tmp").replace(folder / "a.sh")
    assert watching.screen() == ("a.sh", "All clear: 1 run in 1 file.\n")
    write(folder, {"x/y/b.sh": f"{MISSPELT}\n"})
    assert "x/y/b.sh:1:49: error" in watching.until(lambda shown: "b.sh" in shown)
    (folder / "x").rename(folder / "z")
    assert "z/y/b.sh:1:49: error" in watching.until(lambda shown: "z/y/b.sh" in shown)
    (folder / "z/y/b.sh").rename(folder / "c.sh")
    assert "\nc.sh:1:49: error" in "\n" + watching.until(lambda shown: "c.sh" in shown)
    (folder / "c.sh").unlink()
    assert watching.screen() == ("c.sh", "All clear: 1 run in 1 file.\n")
    write(folder, {"z/y/late.sh": f"{MISSPELT}\n"})
    assert watching.screen()[0] == "z/y/late.sh"


@pytest.mark.parametrize("in_git", [True, False], ids=["git", "plain"])
def test_what_nobody_checks_is_not_noticed(tmp_path: Path, watch: Callable[..., Watching], in_git: bool) -> None:
    """Ignored, excluded and other files, those of git and of editors, and what nemolint writes are passed over."""
    root = tmp_path / "tree"
    ignored = ["out/b.sh", "c.log.sh"] if in_git else [".venv/e.sh", "node_modules/f.sh"]
    settings = 'exclude = ["old/"]\n'
    write(root, {"a.sh": f"{MISSPELT}\n", ".gitignore": "out/\n*.log.sh\n", "nemolint.toml": settings, "old/x": ""})
    if in_git:
        git(root, "init", "-q")
    reports = ["--output-format", "concise", "--output-format", "json=report.json", "--output-format", "junit=sub.xml"]
    watching = watch(root, *reports)
    watching.screen()
    write(root, dict.fromkeys((*ignored, "old/d.sh", ".git/g.sh", "h.bin", ".a.sh.swp"), f"{MISSPELT}\n"))
    write(root, {"plain.md": "Nothing.\n", "4913": ""})
    (root / "4913").unlink()
    (root / "a.sh").write_text(f"{CORRECT}\n", "utf-8")
    assert watching.screen() == ("a.sh", "All clear: 1 run in 1 file.\n")
    assert (root / "report.json").is_file() and (root / "sub.xml").is_file()
    if in_git:
        (root / ".gitignore").write_text("out/\n", "utf-8")
        changed, shown = watching.screen()
        assert changed == ".gitignore" and "c.log.sh:1:49: error" in shown
        write(root, {"node_modules/f.sh": f"{MISSPELT}\n"})  # git ignores what it is told to, and nothing else
        assert "node_modules/f.sh:1:49: error" in watching.until(lambda shown: "f.sh" in shown)


def test_many_files_at_once(tmp_path: Path, watch: Callable[..., Watching]) -> None:
    """After a checkout of another branch all files are those of the branch."""
    root = tmp_path / "tree"
    write(root, {f"sub{number % 7}/{number}.sh": f"{CORRECT}\n" for number in range(150)})
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    git(root, "checkout", "-qb", "other")
    for file in sorted(root.glob("sub[0-5]/*.sh")):
        file.write_text(f"{MISSPELT}\n", "utf-8")
    git(root, "rm", "-rqf", "sub6")
    git(root, "commit", "-qam", "two")
    watching = watch(root, "--output-format", "concise")
    other = watching.screen()[1]
    assert "Found 129 errors in 129 files (checked 129 files, 129 runs)" in other
    git(root, "checkout", "-q", "main")
    watching.until(lambda shown: shown == "All clear: 150 runs in 150 files.\n")
    git(root, "checkout", "-q", "other")
    watching.until(lambda shown: shown == other)


def test_files_beside_the_checked_ones(tmp_path: Path, watch: Callable[..., Watching]) -> None:
    """What is read from elsewhere counts: settings above, a baseline, a prompt, a checkout that the settings name."""
    tree = make_tree(tmp_path / "tree")
    root = tmp_path / "elsewhere"
    write(root, {"docs/a.sh": f"{RUN} brew/tea leaves=green --dry-run\n", "known.json": "", "question.txt": "What?"})
    settings = f'nemotron = "{tree}"\n'
    (root / "nemolint.toml").write_text(settings, "utf-8")
    nemolint(root, "baseline", "--output", "known.json")
    arguments = ["docs", "--baseline", "known.json", "--prompt", "question.txt", "--output-format", "concise"]
    watching = watch(root, *arguments)
    assert watching.screen()[1] == "All clear: 1 run in 1 file.\n"
    manifest = tree / "src/nemotron/steps/brew/tea/step.toml"
    manifest.write_text(MANIFEST.replace("green", "white"), "utf-8")
    assert "docs/a.sh:1:" in watching.until(lambda shown: "clear" not in shown)
    nemolint(root, "baseline", "--output", "known.json", "docs")
    assert "1 known finding of known.json not shown" in watching.until(lambda shown: "known.json" in shown)
    (root / "question.txt").write_text("Give the command, please.", "utf-8")
    assert watching.screen()[0] == "question.txt"
    (root / "nemolint.toml").write_text(f"{settings}ignore = [\n", "utf-8")
    assert "not valid TOML" in watching.screen()[1]
    (root / "nemolint.toml").write_text(f'{settings}ignore = ["contract"]\n', "utf-8")
    watching.until(lambda shown: "not valid" not in shown)


def test_a_folder_comes_back(folder: Path, watch: Callable[..., Watching]) -> None:
    """A checked folder may be missing, be removed and be made anew; what is in it is watched again."""
    watching = watch(folder, "docs", "--output-format", "concise")
    assert "docs: no such file or folder" in watching.screen()[1]
    for word in ("one", "two"):
        write(folder, {f"docs/deep/{word}.sh": f"{MISSPELT}\n"})
        watching.until(lambda shown, name=f"docs/deep/{word}.sh:1": name in shown)  # type: ignore[misc]
        (folder / f"docs/deep/{word}.sh").write_text(f"{CORRECT}\n", "utf-8")
        watching.until(lambda shown: "All clear: 1 run" in shown)
        (folder / f"docs/deep/{word}.sh").unlink()
        (folder / "docs/deep").rmdir()
        (folder / "docs").rmdir()
        watching.until(lambda shown: "docs: no such file or folder" in shown)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_end(folder: Path, watch: Callable[..., Watching], number: int, code: int) -> None:
    """Ctrl-C and SIGTERM end it at once, without a word."""
    watching = watch(folder)
    watching.screen()
    assert watching.end(number) == (code, "")


def test_the_end_of_a_check(folder: Path, watch: Callable[..., Watching]) -> None:
    """A signal amid a check ends it as well."""
    write(folder, {f"{number}.sh": f"{MISSPELT}\n" * 100 for number in range(20)})
    watching = watch(folder, "--no-cache", "--output-format", "json=report.json")
    watching.screen()
    (folder / "a.sh").write_text(f"{CORRECT}\n", "utf-8")
    assert watching._lines.get(timeout=TIMEOUT) == "Changed: a.sh\n"
    code, rest = watching.end(signal.SIGTERM)
    assert code == 143 and "Traceback" not in rest


def test_on_a_terminal(folder: Path) -> None:
    """A terminal is cleared before each check, and left with a line and colours of its own."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo terminals")
    ours, theirs = pty.openpty()
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    environ.pop("CI", None)
    handled = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{handled}; sys.argv[0] = ''{MAIN}", "--watch"]
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)

    def read(wanted: str) -> str:
        text = ""
        while wanted not in text:
            text += os.read(ours, 1 << 16).decode()
        return text

    try:
        first = read("to stop.")
        (folder / "a.sh").write_text(f"{CORRECT}\n", "utf-8")
        second = read("to stop.")
        process.send_signal(signal.SIGINT)
        last = read("\x1b[0m\r\n")
        assert process.wait(timeout=TIMEOUT) == 130
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    clear = "\x1b[H\x1b[2J\x1b[3J"
    assert first.startswith(clear) and "Found 1 error in 1 file" in first
    assert f"{clear}Changed: a.sh\r\nAll clear: 1 run in 1 file.\r\n" in second
    assert "Traceback" not in last and "interrupted" not in last


def test_without_words(folder: Path, watch: Callable[..., Watching]) -> None:
    """With `--quiet`, there are findings and nothing else."""
    watching = watch(folder, "--quiet", "--output-format", "concise")
    assert watching._lines.get(timeout=TIMEOUT).startswith("a.sh:1:49: ")
    (folder / "a.sh").write_text(f"\n{MISSPELT}\n", "utf-8")
    assert watching._lines.get(timeout=TIMEOUT).startswith("a.sh:2:49: ")


@pytest.mark.parametrize(
    "option",
    ["--fix", "--diff", "--since HEAD", "--show-files", "--show-settings", "--add-ignores --reason x", "--hook"],
)
def test_what_does_not_go_with_it(folder: Path, option: str) -> None:
    """Options that change files, or do something else than to check, are refused."""
    done = nemolint(folder, "--watch", *option.split())
    assert (done.code, done.out) == (2, "")
    assert f"nemolint: --watch only reports: it cannot be used with {option.split()[0]}\n" in done.err
    assert (folder / "a.sh").read_text("utf-8") == f"{MISSPELT}\n"


def test_standard_input_is_not_watched(folder: Path) -> None:
    """It comes once."""
    done = nemolint(folder, "--watch", "--stdin-filename", "a.sh", "-", stdin=MISSPELT)
    assert done.code == 2 and "--watch checks files again when they change" in done.err


def test_the_missing_extra(folder: Path) -> None:
    """Without watchfiles, one line says what to install; without `--watch`, nobody misses it."""
    before = "import sys; sys.modules['watchfiles'] = None\n"
    done = nemolint(folder, "--watch", before=before)
    message = "nemolint: --watch needs watchfiles: install it with `pip install 'nemolint[watch]'`\n"
    assert (done.code, done.out, done.err) == (2, "", message)
    assert nemolint(folder, before=before).code == 1


def test_wrong_settings_at_the_start(folder: Path) -> None:
    """Nothing is watched with an option or settings that are wrong from the start."""
    (folder / "nemolint.toml").write_text("ignore = [\n", "utf-8")
    done = nemolint(folder, "--watch")
    assert done.code == 2 and "not valid TOML" in done.err and WATCHING not in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8 need a system that takes them")
@pytest.mark.parametrize("given", [[], [os.fsdecode(b"\xff")], ["a.sh", os.fsdecode(b"b\xfe.sh")]])
def test_names_that_cannot_be_watched(folder: Path, watch: Callable[..., Watching], given: list[str]) -> None:
    """A name that is not UTF-8 ends it with one line that says so: its changes would not be seen."""
    write(folder, {f"{os.fsdecode(bytes([255]))}/a.sh": f"{MISSPELT}\n"})
    watching = watch(folder, "--quiet", "--output-format", "json=report.json", *given)
    (folder / os.fsdecode(b"b\xfe.sh")).write_text(f"{MISSPELT}\n", "utf-8")
    code = watching.process.wait(timeout=TIMEOUT)
    line = watching._lines.get(timeout=TIMEOUT)
    assert code == 2 and "the name is not UTF-8, so that it cannot be watched: rename it" in line
    assert "Traceback" not in line and watching._lines.get(timeout=TIMEOUT) == ""


def test_the_limit_of_the_system(folder: Path) -> None:
    """Where the system watches no more folders, one line says what helps."""
    before = (
        "import watchfiles\ndef watch(*folders, **_):\n    raise OSError('OS file watch limit reached')\n    yield\n"
        "watchfiles.watch = watch\n"
    )
    done = nemolint(folder, "--watch", before=before)
    assert (done.code, done.out) == (2, "") and "OS file watch limit reached: give fewer" in done.err


def test_polling(folder: Path, watch: Callable[..., Watching], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system reports no changes, they are looked for."""
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")
    os.utime(folder / "a.sh", (1_700_000_000, 1_700_000_000))  # it looks at whole seconds
    watching = watch(folder)
    watching.screen()
    (folder / "a.sh").write_text(f"{CORRECT}\n", "utf-8")
    assert watching.screen() == ("a.sh", "All clear: 1 run in 1 file.\n")
