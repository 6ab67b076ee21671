"""Nothing runs, nothing leaves, nothing leaks, and a fault costs no file."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from nemolint.base import atomic
from nemolint.driver.discover import Finder
from nemolint.report import FORMATS
from nemolint.settings import Settings
from support.command import MODULE, git, nemolint, start
from support.credentials import shown_of

RUN = "nemotron steps run sft/automodel -c tiny --batch gpu"
MISSPELT = f"{RUN} --dryrun"

# What Python itself reports of sockets, and of programs that are started.
_WATCH = """
import sys

def hook(event, arguments):
    if event.startswith("socket.") and event != "socket.gethostname":
        print("LEFT", event, file=sys.err)
    if event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.system", "os.spawn", "os.fork", "os.forkpty"):
        name = arguments[0] if event == "os.posix_spawn" else arguments
        print("STARTED", event, name, file=sys.err)
    if event in ("exec", "compile") and "/checked/" in str(arguments[-1]):
        print("LEFT", event, arguments, file=sys.err)

sys.addaudithook(hook)
"""


def _watched(folder: Path, arguments: Sequence[str]) -> None:
    """Run the command from nothing: it starts nothing but git, and opens no socket."""
    done = nemolint(folder, *arguments, before=_WATCH, cold=True)
    assert "Traceback" not in done.err and "LEFT" not in done.err, done.err
    started = [line for line in done.err.splitlines() if line.startswith("STARTED")]
    # A fork is this program, which the hook hears, too.
    assert all(line.startswith(("STARTED os.posix_spawn git", "STARTED os.fork ")) for line in started), started


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to check, with a home and a cache beside it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(home / "cache"))
    made = tmp_path / "checked"
    made.mkdir()
    return made


CALLS = (
    ["check", "--no-cache"],
    ["check"],
    ["check"],
    ["check", "--diff", "--unsafe-fixes", "--show", "info"],
    ["commands", "--json", "--all"],
    ["--preset", "answer", "--output-format", "sarif"],
    ["catalog"],
)


def test_nothing_is_started_and_nothing_leaves(folder: Path, shared: Path) -> None:
    """Over the whole corpus and the sample containers, whatever the subcommand, only git is asked."""
    shutil.copytree(shared / "corpus" / "nemotron", folder / "corpus")
    cases = (json.loads(line) for line in (shared / "cases" / "containers.jsonl").read_text("utf-8").splitlines())
    for case in cases:
        path = folder / "cases" / case["name"] / case["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(case["source"], "utf-8", newline="")
    step = {"source": "agent", "message": RUN, "tool_calls": [{"function_name": "bash", "arguments": {"command": RUN}}]}
    (folder / "trajectory.json").write_text(json.dumps({"steps": [step]}), "utf-8")
    grade = ["grade", "--trajectory", "trajectory.json", "--nemotron", "corpus"]
    for arguments in (*CALLS, grade, ["--fix", "--unsafe-fixes"]):
        _watched(folder, arguments)


def test_what_a_repository_configures_is_not_run(folder: Path) -> None:
    """Monitors, hooks, aliases, pagers, filters and signature programs in `.git/config` stay asleep."""
    if shutil.which("git") is None:
        pytest.skip("git is not here")
    (folder / "a.sh").write_text(f"{RUN}\n", "utf-8")
    (folder / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n", "utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "a")
    (folder / "a.sh").write_text(f"{RUN}\n{MISSPELT}\n", "utf-8")
    trace = folder.parent / "ran"
    program = folder / "evil.sh"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {trace}\ncat\n', "utf-8")
    program.chmod(0o755)
    evil = str(program)
    hooks = folder / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout"):
        shutil.copy(program, hooks / name)
    lines = [
        f'[core]\nfsmonitor = "{evil}"\nhooksPath = "{hooks}"\npager = "{evil}"\nsshCommand = "{evil}"',
        f'editor = "{evil}"\naskPass = "{evil}"\nuntrackedCache = true',
        f'[alias]\nls-files = "!{evil}"\nlog = "!{evil}"\ndiff = "!{evil}"\nrev-parse = "!{evil}"\nconfig = "!{evil}"',
        f'[pager]\nls-files = "{evil}"\nlog = "{evil}"\ndiff = "{evil}"',
        f'[diff]\nexternal = "{evil}"\n[diff "evil"]\ncommand = "{evil}"\ntextconv = "{evil}"',
        f'[filter "evil"]\nclean = "{evil}"\nsmudge = "{evil}"\nprocess = "{evil}"\nrequired = true',
        f'[log]\nshowSignature = true\n[gpg]\nprogram = "{evil}"\n[credential]\nhelper = "!{evil}"',
    ]
    with (folder / ".git" / "config").open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    for arguments in (*CALLS, ["--since", "HEAD"], ["--since", "HEAD", "--fix"]):
        _watched(folder, arguments)
    assert not trace.exists(), trace.read_text("utf-8")


def test_without_git_files_are_found(folder: Path) -> None:
    """Where no git is installed the folder is walked."""
    (folder / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    done = nemolint(folder, "--output-format", "concise", env={"PATH": str(folder.parent / "nowhere")})
    assert done.code == 1 and "a.sh:1:" in done.out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_odd_files_are_passed_over(folder: Path) -> None:
    """Loops of links, pipes, links to devices and folders that may not be read keep nothing from being checked."""
    (folder / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    (folder / "loop").symlink_to(folder)
    (folder / "self.sh").symlink_to("self.sh")
    (folder / "zero.sh").symlink_to("/dev/zero")
    (folder / "nowhere.md").symlink_to("/no/such/file")
    os.mkfifo(folder / "pipe.sh")
    os.mkfifo(folder / "env.toml")
    (folder / "pyproject.toml").symlink_to("/dev/zero")
    (folder / "sub").mkdir()
    (folder / "sub" / "env.toml").symlink_to("/dev/zero")
    (folder / "sub" / "b.sh").write_text(f"{MISSPELT}\n", "utf-8")
    for arguments in (["--output-format", "concise"], ["check", "--output-format", "concise"], ["commands"]):
        done = nemolint(folder, *arguments)
        assert "a.sh:1:" in done.out and "sub/b.sh:1:" in done.out
        assert "pipe.sh" not in done.out and "zero.sh" not in done.out
    given = nemolint(folder, "pipe.sh", "zero.sh", "self.sh", "a.sh")
    assert given.code == 2 and "a.sh:1:" in given.out
    assert all(f"{name}: " in given.err for name in ("pipe.sh", "zero.sh", "self.sh"))


def _find(folder: Path, notes: list[str]) -> list[str]:
    return [Path(found.path).name for found in Finder(Settings(str(folder)), str(folder), notes.append).find(["."])]


def test_a_folder_that_may_not_be_read_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One folder without permission costs one note, and the other files are found."""
    (folder / "a.sh").write_text(f"{RUN}\n", "utf-8")
    (folder / "shut").mkdir()
    scandir, exists = os.scandir, Path.exists

    def guarded(path: str) -> object:
        if os.fspath(path).endswith("shut"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scandir(path)

    def guarded_exists(self: Path) -> bool:
        if self.parent.name == "shut":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return exists(self)

    monkeypatch.setattr(os, "scandir", guarded)
    monkeypatch.setattr(Path, "exists", guarded_exists)
    notes: list[str] = []
    assert _find(folder, notes) == ["a.sh"]
    assert notes == ["shut: cannot be read: Permission denied"]


def test_a_file_that_is_gone_meanwhile(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file removed between listing and reading is passed over in silence; one that is given by name is reported."""
    (folder / "a.sh").write_text(f"{RUN}\n", "utf-8")
    (folder / "gone.sh").write_text(f"{RUN}\n", "utf-8")
    from nemolint.driver import discover

    read = discover.read_file

    def vanishing(path: str) -> bytes:
        Path(folder, "gone.sh").unlink(missing_ok=True)
        return read(path)

    monkeypatch.setattr(discover, "read_file", vanishing)
    notes: list[str] = []
    assert _find(folder, notes) == ["a.sh"] and not notes
    (folder / "gone.sh").write_text(f"{RUN}\n", "utf-8")
    finder = Finder(Settings(folder), folder, notes.append)
    assert not list(finder.find(["gone.sh"])) and [*finder.unchecked] == ["gone.sh"]
    assert len(notes) == 1 and notes[0].startswith("gone.sh: ")


# -- secrets

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


def _key(seed: int, length: int) -> str:
    return "".join(random.Random(seed).choices(_ALPHABET, k=length))


def _leaky(known: str, named: str, word: str) -> dict[str, str]:
    """Files that say secrets wherever rules, excerpts and fixes look."""
    script = f"""#!/bin/bash
export NVIDIA_API_KEY={known}
export SERVICE_TOKEN="{named}"
MY_PASSWORD='{word}' {MISSPELT} server.api_key={known} a={known} <x> k={{a,{named}}} \\
  server.api_key_env={named} 'seed={named}' seed={known} = {word} --{named} -c {known} # nemolint: ignore[{named}]
echo {known}; curl -H "Authorization: Bearer {named}" https://u:{word}@example.invalid/?token={named}
nemotron steps run {known} --batch {named} --run {word}
nemotron steps run sft/automodel -c {named}.yaml api_token=${{X:-{word}}} data=/d/{known}/*.jsonl \u2014dry-run
"""
    return {
        "a.sh": script,
        "a.md": f"Use `{known}`.\n\n```bash\n{script}```\n\n`nemotron steps run a/b token={named} x=1`\n",
        "a.answer.md": f"The key is {known}.\n\n```bash\n{script}```\n",
        "a.yaml": f"api_key: {named}\nrun: |\n  {MISSPELT} password={word}\n# {RUN} token={named}\n",
        "a.py": f'import os\nTOKEN = "{named}"\nos.system("{MISSPELT} server.api_key={known} api_token={named}")\n',
        "a.ipynb": json.dumps(
            {
                "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": f"%%bash\n{script}"}],
                "metadata": {},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        ),
        "Dockerfile": f"FROM a\nENV API_TOKEN={named}\nRUN {MISSPELT} server.api_key={known}\n",
        "env.toml": f'[gpu]\nexecutor = "{known}"\n[gpu.env_vars]\nAPI_TOKEN = "{named}"\nHF_TOKEN = "{word}"\n',
    }


def test_no_output_of_any_kind_holds_a_secret(folder: Path) -> None:
    """Every format, the cache, the differences, the listing, the baseline: no six characters of a secret in a row."""
    body, named, word = _key(1, 64), _key(2, 24), _key(3, 11)
    known = "nvapi" + "-" + body
    files = _leaky(known, named, word)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    secrets = (body, named, word)
    everything = ["--show", "info", "--extend-select", "all"]
    calls = [[*everything, "--output-format", name] for name in FORMATS]
    calls += [[*everything, "--preset", "answer", "--output-format", name] for name in ("text", "json")]
    calls += [["--diff", *everything], ["--diff", "--unsafe-fixes", *everything], ["--statistics", *everything]]
    calls += [["commands", "--all"], ["commands", "--all", "--json"], ["baseline", "--output", "../base.json"]]
    calls += [[known], ["--fix", "--statistics", *everything], ["--fix", "--unsafe-fixes", *everything]]
    leaks = []
    for arguments in calls:
        done = nemolint(folder, *arguments)
        if arguments == [known]:  # what the caller types is the caller's own
            continue
        if found := shown_of(done.shown, *secrets):
            at = done.shown.index(found[0])
            leaks.append((arguments, done.shown[max(at - 120, 0) : at].replace(body, "")[-120:]))
    assert not leaks
    kept = [path for path in folder.parent.rglob("*") if path.is_file() and folder not in path.parents]
    assert any("cache" in path.parts for path in kept)
    for path in kept:
        text = path.read_text("utf-8", "replace")
        assert not shown_of(text, *secrets), path


# -- faults while writing


def test_a_full_disk_loses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the fixed text cannot be written the old file stays, nothing is left beside it, and one line says so."""
    from nemolint.commands.cli import run

    target = folder / "a.sh"
    target.write_text(f"{MISSPELT}\n", "utf-8")
    monkeypatch.chdir(folder)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code = run(["--fix", "--no-cache", "a.sh"])
    said = capsys.readouterr().err
    assert code == 1
    assert said.count("No space left on device") == 1 and "a.sh: cannot be written" in said
    assert target.read_text("utf-8") == f"{MISSPELT}\n"
    assert [path.name for path in folder.iterdir()] == ["a.sh"]


def test_a_cache_that_cannot_be_written_is_left_be(folder: Path) -> None:
    """A cache folder that is a file, or full, costs the cache and nothing else."""
    (folder / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    blocked = folder.parent / "blocked"
    blocked.write_text("", "utf-8")
    for _ in range(2):
        done = nemolint(folder, "--output-format", "concise", env={"NEMOLINT_CACHE_DIR": str(blocked)})
        assert done.code == 1 and "a.sh:1:" in done.out


def test_a_killed_fix_leaves_whole_files(folder: Path) -> None:
    """Whenever `--fix` is killed, each file is the old one or the new one."""
    old = f"{MISSPELT}\n" * 40
    new = _fixed(folder, old)
    assert new != old
    for delay in (0.3, 0.45, 0.6, 0.8):
        for number in range(8):
            (folder / f"f{number}.sh").write_text(old, "utf-8")
        process = start([*MODULE, "--fix", "--no-cache", "."], folder, heard=False)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for number in range(8):
            assert (folder / f"f{number}.sh").read_text("utf-8") in (old, new)


def _fixed(folder: Path, text: str) -> str:
    path = folder / "sample.sh"
    path.write_text(text, "utf-8")
    nemolint(folder, "--fix", "--no-cache", "sample.sh")
    fixed = path.read_text("utf-8")
    path.unlink()
    return fixed


def test_two_fixes_at_once(folder: Path) -> None:
    """Two runs over the same files end, and every file is whole."""
    old = f"{MISSPELT}\n" * 10
    new = _fixed(folder, old)
    for number in range(6):
        (folder / f"f{number}.sh").write_text(old, "utf-8")
    for process in [start([*MODULE, "--fix", "."], folder) for _ in range(2)]:
        assert "Traceback" not in process.communicate(timeout=120)[1]
    assert {path.read_text("utf-8") for path in folder.glob("f*.sh")} == {new}
    assert not list(folder.glob(".nemolint-*"))


def test_what_a_killed_fix_left_is_removed(folder: Path) -> None:
    """A temporary file of a fix that was killed does not stay for ever; a young one may be another check's."""
    target = folder / "a.sh"
    target.write_text("a\n", "utf-8")
    stale, young = (folder / f".nemolint-{digit * 16}" for digit in "01")
    stale.write_text("half", "utf-8")
    young.write_text("half", "utf-8")
    os.utime(stale, (time.time() - 7200,) * 2)
    atomic.replace_file(target, b"b\n")
    assert target.read_text("utf-8") == "b\n"
    assert not stale.exists() and young.exists()
