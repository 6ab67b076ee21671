"""What differs on Windows and macOS: the same commands in a Python that lacks what these systems lack."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from nemolint.base.gitignore import quoted_letter
from nemolint.commands import arguments
from support.command import MAIN, MISSPELT, Done, execute, git, nemolint

# Modules and functions that Windows has not, its line ends, and the encoding of its consoles in western Europe. Python
# itself has loaded what it needs for its own work.
_WINDOWS = """
import io, os, select, signal, subprocess, sys
for name in (
    "O_CLOEXEC", "O_DIRECTORY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "chown", "fchmod", "fchown", "fork",
    "geteuid", "getpgid", "getpgrp", "getuid", "killpg", "mkfifo", "posix_spawn", "posix_spawnp", "sched_getaffinity", "uname",
):
    if hasattr(os, name): delattr(os, name)
for name in ("SIGALRM", "SIGHUP", "SIGKILL", "SIGPIPE"): delattr(signal, name)
if hasattr(select, "poll"): del select.poll
os.supports_dir_fd = os.supports_fd = set()
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"): sys.modules[name] = None
sys.stdout = io.TextIOWrapper(sys.stdout.detach(), "cp1252", newline="\\r\\n")
sys.stderr = io.TextIOWrapper(sys.stderr.detach(), "cp1252", newline="\\r\\n", line_buffering=True)
"""  # noqa: E501
# macOS has no descriptors of paths, starts no processes, and does not say which CPUs are allowed.
_MACOS = """
import os, sys, sysconfig, urllib.request
sysconfig.get_config_vars()  # what Python itself looks up about the system
sys.platform = "darwin"
for name in ("O_PATH", "sched_getaffinity"):
    if hasattr(os, name): delattr(os, name)
"""
LACKS = {"windows": _WINDOWS, "macos": _MACOS}
# Each is run once, and a check twice, the second time from the cache.
COMMANDS = [
    ".", ".", "--output-format json", "--output-format junit", "--diff", "--since HEAD", "--jobs 3 .", "--show-files",
    "--stdin-filename x.sh --fix", "baseline --output known.json", "--baseline known.json", "commands",
    "catalog sft/automodel", "rules --schema", "explain missing-dry-run", "--print-completion bash", "check --help",
    "no-such.sh", "--no-such", "--fix",
]  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with CRLF, with characters that no console of the west has, and with a change."""
    tree = tmp_path / "tree"
    (tree / "docs").mkdir(parents=True)
    git(tmp_path, "init", "-q", str(tree))
    (tree / "a.sh").write_bytes(f"{MISSPELT}\r\necho \xe9 \u65e5 \u2192\r\n".encode())
    (tree / "docs" / "b.md").write_bytes(f"```bash\n{MISSPELT}\n```\n".encode())
    (tree / "docs" / "\u65e5.yaml").write_bytes(f"run: {MISSPELT}\n".encode())
    git(tree, "add", "-A")
    git(tree, "commit", "-qm", "all")
    (tree / "a.sh").write_bytes(f"{MISSPELT}\r\necho \xe9 \u65e5 \u2192\r\n{MISSPELT} seed=1\r\n".encode())
    return tree


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


def _run(folder: Path, system: str, command: str) -> Done:
    # Nothing that is loaded afterwards may say that it knows the module by another name.
    cache = folder.parent / f"cache of {system}"
    environ = {"NEMOLINT_CACHE_DIR": str(cache), "PYTHONIOENCODING": "utf-8"}
    given = f"{MISSPELT}\r\n"
    if not system:
        return nemolint(folder, *command.split(), env=environ, stdin=given)
    return execute([sys.executable, "-c", LACKS[system] + MAIN, *command.split()], folder, env=environ, stdin=given)


@pytest.mark.skipif(sys.platform == "win32", reason="this is the system itself")
@pytest.mark.parametrize("system", LACKS)
def test_a_system_that_lacks_much(tree: Path, system: str) -> None:
    """Each command does and says the same, in the console's characters and line ends where people read it."""
    other = tree.parent / "other" / "tree"
    shutil.copytree(tree, other)
    for command in COMMANDS:
        wanted, done = _run(tree, "", command), _run(other, system, command)
        assert "Traceback" not in done.err and "internal error" not in done.err, (command, done.err)
        assert done.code == wanted.code, command
        for before, after in ((wanted.out, done.out), (wanted.err, done.err)):
            before = before.replace(str(tree), str(other))
            if after != before:
                assert system == "windows", (command, done)
                plain = before.encode("cp1252", "backslashreplace").decode("cp1252")
                assert after.encode("utf-8", "surrogateescape").decode("cp1252") == plain.replace("\n", "\r\n")
        assert _files(tree) == _files(other), command


@pytest.mark.skipif(sys.platform == "win32", reason="this is the system itself")
@pytest.mark.parametrize("system", LACKS)
def test_a_diff_is_an_exact_patch(tree: Path, system: str) -> None:
    """What `--diff` prints can be applied, whatever line ends the system prints and the files have."""
    patch = tree.parent / "fixes.patch"
    patch.write_bytes(_run(tree, system, "--diff").stdout)
    git(tree, "apply", "--unidiff-zero", str(patch))
    assert _run(tree, system, "--quiet").code == 0
    assert (tree / "a.sh").read_bytes().count(b"\r\n") == 3


@pytest.mark.parametrize("ends", [("\n", "\r\n"), ("\r\n", "\n")], ids=["checked out with CRLF", "checked out with LF"])
def test_a_baseline_is_for_every_checkout(tmp_path: Path, ends: tuple[str, str]) -> None:
    """A finding stays known where git converts the line ends."""
    for name, text in (("a.sh", f"A=1 \\\n{MISSPELT} \\\n  seed=1\n"), ("b.md", f"# T\n\n```bash\n{MISSPELT}\n```\n")):
        (tmp_path / name).write_bytes(text.replace("\n", ends[0]).encode())
    assert nemolint(tmp_path, "baseline", "--output", "known.json", ".").code == 0
    for path in (tmp_path / "a.sh", tmp_path / "b.md"):
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", ends[1].encode()))
    done = nemolint(tmp_path, "--no-cache", "--baseline", "known.json", ".")
    assert done.code == 0 and "2 known findings" in done.err


@pytest.mark.parametrize("name", ["A.SH", "A.MD", "A.YML", "A.IPYNB", "MAKEFILE", "DOCKERFILE"])
def test_a_suffix_in_capitals(tmp_path: Path, name: str) -> None:
    """Where upper and lower case are the same file, they are the same type, here and there."""
    cell = {"cell_type": "code", "source": f"!{MISSPELT}", "metadata": {}, "outputs": [], "execution_count": None}
    texts = {
        "A.SH": MISSPELT,
        "A.MD": f"```bash\n{MISSPELT}\n```",
        "A.YML": f"run: {MISSPELT}",
        "A.IPYNB": json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}),
        "MAKEFILE": f"all:\n\t{MISSPELT}",
        "DOCKERFILE": f"FROM x\nRUN {MISSPELT}",
    }
    (tmp_path / name).write_text(f"{texts[name]}\n", "utf-8")
    done = nemolint(tmp_path, "--output-format", "concise")
    assert done.code == 1 and done.out.startswith(f"{name}:")


# -- patterns


def test_patterns_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows `--exclude` takes folders as people type them there; elsewhere it says what is wrong with that."""
    with pytest.raises(argparse.ArgumentTypeError, match="separate folders by `/`"):
        arguments._pattern(r"docs\archive")
    assert arguments._pattern(r"\!kept") == r"\!kept"
    monkeypatch.setattr(os, "sep", "\\")
    pattern = arguments._pattern("docs\\archive\\")
    assert pattern == "docs/archive/"


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        (r"docs\archive", True), (r"C:\repo", True), (r"a\\\b", True), (r"*\9", True), (r"\!a", False), (r"\#a", False),
        (r"a\ ", False), (r"a\*b", False), (r"a\\b", False), (r"\[a]", False), ("docs/archive/", False), ("\\", False),
    ],
)  # fmt: skip
def test_a_quoted_letter(pattern: str, wrong: bool) -> None:
    """What needs quoting may be quoted; a letter never needs it."""
    assert (quoted_letter(pattern) is not None) == wrong


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (r"exclude = ['a/', 'docs\archive']", "exclude"),
        ("[per-file-ignores]\n'docs\\archive' = ['all']", "per-file-ignores"),
        ("[[overrides]]\nfiles = ['docs\\archive']\nignore = ['all']", "overrides.0.files"),
    ],
)
def test_patterns_of_the_settings(tmp_path: Path, text: str, key: str) -> None:
    """Settings hold on every system, so that folders are separated by `/` there."""
    (tmp_path / "nemolint.toml").write_text(f"{text}\n", "utf-8")
    done = nemolint(tmp_path, ".")
    assert done.code == 2 and f"{key}: `docs\\archive` has a backslash" in done.err
    (tmp_path / "nemolint.toml").write_text(f"{text}\n".replace("docs\\", "docs/"), "utf-8")
    assert nemolint(tmp_path, ".").code == 0
