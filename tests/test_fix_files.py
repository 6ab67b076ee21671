"""Fixes on disk: what is written and what never, differences, and a whole repository."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from nemolint.base.atomic import NotWritten, target_of
from nemolint.linter.fix import write_atomically
from support.command import CORRECT, MISSPELT, execute, nemolint
from support.credentials import shown_of
from support.sizes import many

RUN = "nemotron steps run sft/automodel -c tiny"


# -- what is written, and what never


def test_other_encodings_are_never_written(tmp_path: Path) -> None:
    """UTF-16 and bytes that are no UTF-8 stay as they are, in files and on their way through standard input."""
    files = {
        "wide.sh": f"{MISSPELT}\n".encode("utf-16"),
        "latin.sh": f"{MISSPELT} name=é\n".encode("latin-1"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        done = nemolint(tmp_path, "check", "--fix", "--unsafe-fixes", name)
        assert (tmp_path / name).read_bytes() == data
        assert done.code == 1 and "nothing was fixed, since the file is not UTF-8" in done.err
        assert nemolint(tmp_path, "check", "--fix", "--stdin-filename", name, "-", stdin=data).stdout == data


def test_stdin_keeps_its_bytes(tmp_path: Path) -> None:
    """With `--fix` the text of standard input comes out with its BOM and line ends."""
    text = f"\ufeff#!/bin/sh\r\n{MISSPELT}\r\nprintf '\\t🚀'".encode()
    done = nemolint(tmp_path, "check", "--fix", "--stdin-filename", "a.sh", "-", stdin=text)
    assert done.stdout == text.replace(b"--dryrun", b"--dry-run")


def test_the_owner_may_change_the_file_meanwhile(tmp_path: Path) -> None:
    """What changed since it was read is not overwritten, nor what is read-only; nothing is left beside it."""
    file = tmp_path / "a.sh"
    file.write_text("new\n")
    with pytest.raises(NotWritten, match="modified during the check"):
        write_atomically(file, "fixed\n", was=b"old\n")
    file.chmod(0o444)
    with pytest.raises(NotWritten, match="read-only"):
        write_atomically(file, "fixed\n", was=b"new\n")
    file.chmod(0o755)
    write_atomically(file, "fixed\r\n", was=b"new\n")
    assert file.read_bytes() == b"fixed\r\n" and file.stat().st_mode & 0o777 == 0o755
    assert [item.name for item in tmp_path.iterdir()] == ["a.sh"]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_links_are_followed_inside_the_repository_only(tmp_path: Path) -> None:
    """A link inside the repository is followed and stays a link; one that leads out is left alone."""
    repo, other = tmp_path / "repo", tmp_path / "other"
    (repo / ".git").mkdir(parents=True)
    inner = repo / "inner"
    inner.mkdir()
    other.mkdir()
    for file in (repo / "real.sh", other / "out.sh"):
        file.write_text(f"{MISSPELT}\n")
    (inner / "in.sh").symlink_to(repo / "real.sh")
    (inner / "out.sh").symlink_to(other / "out.sh")
    (inner / "folder").symlink_to(other)
    done = nemolint(inner, "check", "--fix", "in.sh", "out.sh", "folder/out.sh")
    assert (repo / "real.sh").read_text() == f"{CORRECT}\n" and (inner / "in.sh").is_symlink()
    assert (other / "out.sh").read_text() == f"{MISSPELT}\n" and done.code == 1
    assert "outside of" in done.err
    # A file elsewhere that is given by its own name is meant.
    assert target_of(other / "out.sh", inner) == other / "out.sh"
    assert nemolint(inner, "check", "--fix", "../../other/out.sh").code == 0


# -- the difference


def _apply(folder: Path, diff: bytes) -> None:
    execute(["git", "apply", "-p1", "-"], folder, stdin=diff, code=0)


def test_the_difference_is_what_the_fix_does(tmp_path: Path) -> None:
    """`--diff` shows a patch that git applies, changes nothing, and exits with 1; without changes it says nothing."""
    lines = [f"echo {number}" for number in range(40)]
    lines[3] = lines[30] = MISSPELT
    text = "\n".join(lines) + f"\n{MISSPELT}"
    (tmp_path / "a.sh").write_text(text)
    (tmp_path / "b.sh").write_bytes(f"{MISSPELT}\r\n".encode())
    diff = nemolint(tmp_path, "check", "--diff", "--select", "misspelled-dry-run")
    assert diff.code == 1 and (tmp_path / "a.sh").read_text() == text
    assert b"\\ No newline at end of file" in diff.stdout
    _apply(tmp_path, diff.stdout)
    assert (tmp_path / "a.sh").read_text() == text.replace("--dryrun", "--dry-run")
    assert (tmp_path / "b.sh").read_bytes() == f"{CORRECT}\r\n".encode()
    again = nemolint(tmp_path, "check", "--diff", "--select", "misspelled-dry-run")
    assert (again.code, again.stdout) == (0, b"")


def test_a_difference_counts_as_a_finding(tmp_path: Path) -> None:
    """Whatever `--fail-on` says, a change that `--fix` would make is exit code 1."""
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel seed=1 seed=2 --dry-run\n")
    arguments = ("--select", "repeated-override", "--fail-on", "error")
    assert nemolint(tmp_path, "check", *arguments).code == 0
    assert nemolint(tmp_path, "check", *arguments, "--diff").code == 1
    assert nemolint(tmp_path, "check", *arguments, "--diff", "--exit-zero").code == 0


@pytest.mark.parametrize("unsafe", [(), ("--unsafe-fixes",)], ids=["safe", "unsafe"])
@pytest.mark.parametrize("select", ["all", "repeated-override", "typographic-character,unknown-rule"])
def test_suppressed_and_unselected_findings_are_not_fixed(tmp_path: Path, unsafe: tuple[str, ...], select: str) -> None:
    """A suppressed finding keeps its line, a rule that is not selected fixes nothing, and `--diff` shows both."""
    kept = f"{RUN} seed=1 seed=2 q=“a b” -d  # nemolint: ignore[repeated-override, typographic-character] as measured"
    lines = [
        "#!/bin/bash",
        kept,
        f"{RUN} seed=1 seed=2 q=“a b” -d",
        f"{RUN} u=http://h?a=1&b=2  # nemolint: ignore[unknown-stepp, zzqq, unknown-step]",
        f"{RUN} -d u=1;./post.sh",
        f"{RUN} \\",
        "  # nemolint: ignore[unknown-step]",
        "./post.sh seed=1",
    ]
    for name, text in {"a.sh": "\n".join(lines) + "\n", "b.md": f"```bash\n{lines[2]}\n```\n"}.items():
        (tmp_path / name).write_text(text, "utf-8")
    before = {name: (tmp_path / name).read_text("utf-8") for name in ("a.sh", "b.md")}
    arguments = ("--select", select, "--show", "info", *unsafe)
    diff = nemolint(tmp_path, "check", "--diff", *arguments)
    assert {name: (tmp_path / name).read_text("utf-8") for name in before} == before
    _apply(tmp_path, diff.stdout)
    shown = {name: (tmp_path / name).read_text("utf-8") for name in before}
    for name, text in before.items():
        (tmp_path / name).write_text(text, "utf-8")
    nemolint(tmp_path, "check", "--fix", *arguments)
    assert {name: (tmp_path / name).read_text("utf-8") for name in before} == shown != before
    fixed = shown["a.sh"].splitlines()
    assert "seed=1 seed=2 q=“a b” -d" in fixed[1]
    assert ("seed=1" in fixed[2]) == select.startswith("typographic")
    assert ("“" in fixed[2]) == select.startswith("repeated")
    assert fixed[4].endswith("u=1;./post.sh") and fixed[-1] == "./post.sh seed=1"
    assert nemolint(tmp_path, "check", "--diff", *arguments).stdout == b""


def test_no_secret_in_a_difference(tmp_path: Path) -> None:
    """Secrets are masked in lines that change, in those around them, and where the fix takes them out of a command."""
    key = "nvapi-" + "".join(chr(ord("A") + number % 26) + str(number % 7) for number in range(32))
    phrase = "k7Qw9" + "zLm2X" * 3
    body = [chr(ord("b") + number % 20) * 4 + f"{number:02d}Qz9" for number in range(20)]
    pem = "\n".join(["-----BEGIN " + "PRIVATE KEY-----", *body, "-----END " + "PRIVATE KEY-----"])
    (tmp_path / "a.sh").write_text(
        f"export NVIDIA_API_KEY={key}\ncat > k <<'EOF'\n{pem}\nEOF\n"
        f"nemotron steps run translate/nemo_curator server.api_key={phrase} --dryrun\n# {phrase}\n"
    )
    done = nemolint(tmp_path, "check", "--diff", "--unsafe-fixes")
    shown = done.shown
    assert "--dry-run" in shown and "server.api_key_env=" in shown and "[REDACTED" in shown
    assert not shown_of(shown, key.removeprefix("nvapi-"), phrase, *body)


def test_many_fixes_in_a_big_file(tmp_path: Path) -> None:
    """A file full of fixes is fixed whole, and its difference shows all of them."""
    count = many(4000)
    text = "".join(f"{MISSPELT} seed={number}\n" for number in range(count))
    (tmp_path / "a.sh").write_text(text)
    arguments = ("--select", "misspelled-dry-run", "a.sh")
    assert len(nemolint(tmp_path, "--diff", *arguments).out.splitlines()) == 2 * count + 3
    assert nemolint(tmp_path, "--fix", *arguments).code == 0
    assert (tmp_path / "a.sh").read_text() == text.replace("--dryrun", "--dry-run")


# -- a whole repository


def test_the_corpus(shared: Path, tmp_path: Path) -> None:
    """Over a real repository: findings never grow, and a second run changes nothing."""
    shutil.copytree(shared / "corpus" / "nemotron", tmp_path / "nemotron")
    folder = tmp_path / "nemotron"
    for inner in (folder, *folder.rglob("*")):
        inner.chmod(0o755)

    def found() -> Counter[tuple[str, str]]:
        rows = nemolint(folder, "check", "--no-cache", "--show", "info", "--output-format", "json").rows()
        return Counter((row["path"], row["rule"]) for row in rows)

    def content() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    before = found()
    original = content()
    nemolint(folder, "check", "--fix", "--unsafe-fixes", "--show", "info")
    after, fixed = found(), content()
    assert not after - before
    assert fixed != original
    nemolint(folder, "check", "--fix", "--unsafe-fixes", "--show", "info")
    assert content() == fixed
