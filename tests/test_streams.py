"""Whatever standard input, output and the files named on the command line are: one line says so, and the code is 2."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from support.command import Done, execute

MISSPELT = "nemotron steps run sft/automodel -c tiny --batch gpu --dryrun"
_FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


def _shell(folder: Path, line: str) -> Done:
    """Run a line of shell text in which `$N` is nemolint, within limits of memory."""
    env = {"NEMOLINT_CACHE_DIR": str(folder.parent / "cache"), "N": f"{sys.executable} -m nemolint"}
    done = execute(["bash", "-c", f"ulimit -v 3000000; {line}"], folder, env=env, timeout=120)
    assert "Traceback" not in done.err and "internal error" not in done.err, done.err
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with more findings than a buffer holds."""
    made = tmp_path / "checked"
    made.mkdir()
    (made / "a.sh").write_text(f"{MISSPELT}\n" * 100, "utf-8")
    return made


_CALLS = (
    "$N --no-cache",
    "$N",
    "$N --diff",
    "$N --no-cache --output-format json",
    "$N --stdin-filename a.sh --fix - < a.sh",
    "$N commands",
    "$N commands --json",
    "$N rules",
    "$N catalog",
    "$N explain unknown-step",
    "$N --version",
    "$N --help",
)


@_FULL
@pytest.mark.parametrize("call", _CALLS)
def test_a_full_disk_behind_standard_output_is_reported(folder: Path, call: str) -> None:
    """Findings that could not be written make the check fail, without a crash."""
    done = _shell(folder, f"{call} > /dev/full")
    assert done.code == 2
    assert done.err.count("standard output: No space left on device") == 1


@pytest.mark.parametrize("call", _CALLS)
def test_a_closed_standard_output_is_reported(folder: Path, call: str) -> None:
    """`>&-` loses the findings, so the code is not that of a check."""
    done = _shell(folder, f"{call} >&-")
    assert done.code == 2
    assert done.err.count("standard output: is closed") == 1


@pytest.mark.parametrize("call", ["$N --output-format concise", "$N --diff", "$N commands"])
def test_a_reader_that_leaves_is_not_a_fault(folder: Path, call: str) -> None:
    """`| head -1` ends the check in silence, as with any other filter, with more to say than a pipe holds."""
    (folder / "a.sh").write_text(f"{MISSPELT}\n" * 1200, "utf-8")
    done = _shell(folder, f"set -o pipefail; {call} | head -1")
    assert done.code == 141
    assert done.out.count("\n") == 1
    assert "nemolint:" not in done.err


def test_other_closed_streams(folder: Path) -> None:
    """Without standard input and standard error files are checked all the same; a text to read is missed."""
    assert _shell(folder, "$N --no-cache <&-").code == 1
    assert _shell(folder, "$N --no-cache 2>&-").code == 1
    assert _shell(folder, "$N --no-cache >&- 2>&-").code == 2
    done = _shell(folder, "$N --stdin-filename a.sh - <&-")
    assert done.code == 2 and done.err == "nemolint: standard input: is closed\n"


@_FULL
def test_a_report_that_cannot_be_written_is_reported(folder: Path) -> None:
    """Into a missing folder, a folder, or a full disk."""
    for file, reason in (
        ("no/such/x.json", "No such file or directory"),
        (".", "Is a directory"),
        ("/dev/full", "No space left on device"),
    ):
        done = _shell(folder, f"$N --no-cache --output-format json={file}")
        assert done.code == 2
        assert done.err == f"nemolint: {file}: cannot be written: {reason}\n"


@_FULL
@pytest.mark.parametrize("call", ["--config {}", "--baseline {}", "--prompt {}", "--stdin-filename a.sh - < {}"])
def test_what_has_no_end_is_not_read_to_its_end(folder: Path, call: str) -> None:
    """A device given as settings, baseline, question or text costs neither the memory nor an afternoon."""
    done = _shell(folder, f"$N {call.format('/dev/zero')}")
    assert done.code == 2
    assert "is not a regular file" in done.err or "is larger than" in done.err


@_FULL
def test_a_device_is_written_to_and_never_replaced(folder: Path) -> None:
    """`baseline --output /dev/null` leaves the device what it is."""
    assert _shell(folder, "$N baseline --output /dev/null").code == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    done = _shell(folder, "$N baseline --output /dev/full")
    assert done.code == 2 and "/dev/full cannot be written: No space left on device" in done.err
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_a_working_directory_that_is_gone(folder: Path) -> None:
    """One line instead of a traceback."""
    done = _shell(folder, "mkdir gone; cd gone; rmdir ../gone; $N")
    assert done.code == 2 and done.err == "nemolint: working directory: No such file or directory\n"
