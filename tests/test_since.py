"""`--since`: only findings on lines that changed since a commit."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from nemolint.base.line_matcher import LineMatcher
from nemolint.driver.since import Lines, carried
from support.command import CORRECT, MISSPELT, git, nemolint

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository whose first commit has findings."""
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q")
    (repo / "a.sh").write_text(f"{MISSPELT} seed=1\necho a\n{MISSPELT} seed=2\n")
    (repo / "b c\té.sh").write_text(f"{MISSPELT}\necho a\necho b\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "first")
    return repo


def _lines(folder: Path, *arguments: str) -> list[tuple[str, int]]:
    rows = json.loads(nemolint(folder, "--since", "HEAD", "--output-format", "json", *arguments).out)
    return [(row["path"], row["line"]) for row in rows]


def test_only_changed_lines(repo: Path) -> None:
    """Old findings are silent, wherever they moved; findings on new and on changed lines are not."""
    assert _lines(repo) == []
    (repo / "a.sh").write_text(f"\n{MISSPELT} seed=1\necho a\n{MISSPELT} seed=3\n{MISSPELT} seed=4\n")
    assert _lines(repo) == [("a.sh", 4), ("a.sh", 5)]
    git(repo, "add", ".")  # what is staged counts as well
    assert _lines(repo) == [("a.sh", 4), ("a.sh", 5)]
    done = nemolint(repo, "--since", "HEAD")
    assert done.code == 1 and "(checked 1 file," in done.err


def test_a_command_counts_whole(repo: Path) -> None:
    """A finding is new if any line of its command changed, even if a line of it was deleted."""
    text = "uv run nemotron steps run sft/automodel \\\n  -c tiny \\\n  {}seed=1 \\\n  --batch lepton\n"
    (repo / "d.sh").write_text(text.format("--dry-run \\\n  "))
    (repo / "e.sh").write_text(text.format(""))
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "second")
    assert _lines(repo) == []
    (repo / "d.sh").write_text(text.format(""))
    (repo / "e.sh").write_text(text.format("").replace("seed=1", "seed=2"))
    assert {path for path, _ in _lines(repo, "--select", "missing-dry-run")} == {"d.sh", "e.sh"}


def test_renames_and_new_files(repo: Path) -> None:
    """A renamed file is not new; an untracked one is, and so is one that git ignores but somebody names."""
    git(repo, "mv", "a.sh", "moved.sh")
    git(repo, "mv", "b c\té.sh", "x\ty é.sh")
    assert _lines(repo) == []
    (repo / "x\ty é.sh").write_text(f"{MISSPELT}\n{MISSPELT} seed=5\necho a\necho b\n")
    assert _lines(repo) == [("x\ty é.sh", 2)]
    (repo / "new.sh").write_text(f"{MISSPELT}\n")
    assert _lines(repo) == [("new.sh", 1), ("x\ty é.sh", 2)]
    (repo / ".gitignore").write_text("ignored.sh\n")
    (repo / "ignored.sh").write_text(f"{MISSPELT}\n")
    assert ("ignored.sh", 1) in _lines(repo, "ignored.sh")


def test_since_a_branch_means_since_it_was_left(repo: Path) -> None:
    """What others changed meanwhile on the branch is not new here."""
    git(repo, "switch", "-q", "-c", "topic")
    git(repo, "switch", "-q", "main")
    (repo / "a.sh").write_text(f"{CORRECT} seed=1\necho a\n{CORRECT} seed=2\n")
    git(repo, "commit", "-q", "-a", "-m", "main goes on")
    git(repo, "switch", "-q", "topic")
    assert nemolint(repo, "--since", "main").code == 0
    assert nemolint(repo, "--since", "main~0").code == 0


def test_from_a_folder_inside(repo: Path) -> None:
    """Paths are those of the repository, wherever nemolint was started."""
    inner = repo / "inner"
    inner.mkdir()
    (inner / "c.sh").write_text(f"{MISSPELT}\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "inner")
    assert _lines(inner) == []
    (inner / "c.sh").write_text(f"{MISSPELT}\n{MISSPELT} seed=1\n")
    assert _lines(inner) == [("c.sh", 2)]
    assert _lines(repo, "inner") == [("inner/c.sh", 2)]


def test_fixes_stay_on_changed_lines(repo: Path) -> None:
    """`--fix` changes nothing on lines that nobody touched."""
    (repo / "a.sh").write_text(f"{MISSPELT} seed=1\n{MISSPELT} seed=9 seed=10\necho a\n{MISSPELT} seed=2\n")
    nemolint(repo, "--fix", "--since", "HEAD")
    assert (repo / "a.sh").read_text() == f"{MISSPELT} seed=1\n{CORRECT} seed=10\necho a\n{MISSPELT} seed=2\n"


def test_what_cannot_be_compared(repo: Path, tmp_path: Path) -> None:
    """No repository, no such commit, an option in the place of a commit: exit code 2, and the reason."""
    (tmp_path / "x.sh").write_text(f"{MISSPELT}\n")
    outside = nemolint(tmp_path, "--since", "HEAD")
    assert (outside.code, outside.out) == (2, "") and "is not in a git repository" in outside.err
    unknown = nemolint(repo, "--since", "no-such-thing")
    assert unknown.code == 2 and 'the commit "no-such-thing"' in unknown.err
    assert nemolint(repo, "--since=--output=x").code == 2 and not (repo / "x").exists()
    assert nemolint(repo, "--since", "HEAD", "--stdin-filename", "a.sh", "-").code == 2
    missing = nemolint(repo, "--since", "HEAD", env={"PATH": ""})
    assert missing.code == 2 and "git is not installed" in missing.err


def test_no_program_of_the_repository_is_run(repo: Path) -> None:
    """Filters, text converters, external differs and monitors that a repository configures stay unused."""
    trap = repo / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{repo}/sprung'\ncat\n")
    trap.chmod(0o755)
    (repo / ".gitattributes").write_text("*.sh filter=evil diff=evil\n")
    for key in ("filter.evil.clean", "filter.evil.process", "diff.evil.textconv", "diff.evil.command"):
        git(repo, "config", key, str(trap))
    git(repo, "config", "diff.external", str(trap))
    git(repo, "config", "core.fsmonitor", str(trap))
    (repo / "a.sh").write_text(f"{MISSPELT} seed=1\necho a\n{MISSPELT} seed=2\n{MISSPELT} seed=3\n")
    os.utime(repo / "a.sh")
    assert ("a.sh", 4) in _lines(repo)
    assert not (repo / "sprung").exists()


def test_settings_of_git_do_not_matter(repo: Path) -> None:
    """Prefixes, colours and context that somebody configured for their own eyes change nothing."""
    for key, value in (
        ("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("color.ui", "always"), ("diff.context", "9"),
        ("diff.interHunkContext", "9"), ("diff.renames", "false"), ("core.quotePath", "true"),
        ("diff.relative", "true"),
    ):  # fmt: skip
        git(repo, "config", key, value)
    (repo / "a.sh").write_text(f"{MISSPELT} seed=1\n{MISSPELT} seed=7\necho a\n{MISSPELT} seed=2\n+++ b/a.sh\n")
    assert _lines(repo) == [("a.sh", 2)]


@pytest.mark.parametrize("attributes", ["*.sh -diff", "*.sh binary", "[attr]mine -diff -text\n* mine", "* diff=mine"])
def test_attributes_hide_no_change(repo: Path, attributes: str) -> None:
    """A file that `.gitattributes` calls binary has changed lines, renamed or not; unchanged ones stay silent."""
    git(repo, "config", "diff.mine.binary", "true")
    (repo / ".gitattributes").write_text(f"{attributes}\n")
    (repo / "a.sh").write_text(f"{MISSPELT} seed=1\necho a\n{MISSPELT} seed=3\n")
    git(repo, "mv", "b c\té.sh", "*.sh")
    (repo / "*.sh").write_text(f"{MISSPELT}\necho a\necho b\n{MISSPELT} seed=4\n")
    assert _lines(repo) == [("*.sh", 4), ("a.sh", 3)]
    git(repo, "rm", "-q", "-f", "a.sh")
    assert _lines(repo) == [("*.sh", 4)]


def test_a_text_that_git_takes_for_binary_changes_whole(repo: Path) -> None:
    """UTF-16, which is read here and not compared by git, counts whole once it changed, and not before."""
    (repo / "w.sh").write_bytes(f"{MISSPELT}\n".encode("utf-16"))
    (repo / "picture.png").write_bytes(b"\x89PNG\0")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "second")
    assert _lines(repo) == []
    (repo / "w.sh").write_bytes(f"{MISSPELT}\necho a\n".encode("utf-16"))
    (repo / "picture.png").write_bytes(b"\x89PNG\0\0")
    assert set(_lines(repo)) == {("w.sh", 1)}


def test_submodules_have_changes_of_their_own(repo: Path, tmp_path: Path) -> None:
    """In a submodule, too, only changed lines count."""
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo), "sub")
    git(outer, "commit", "-q", "-m", "first")
    assert _lines(outer) == []
    (outer / "sub" / "a.sh").write_text(f"{MISSPELT} seed=1\necho a\n{MISSPELT} seed=2\n{MISSPELT} seed=3\n")
    assert _lines(outer) == [("sub/a.sh", 4)]


def test_a_changed_project_file_is_reported_with_the_files_that_it_breaks(repo: Path) -> None:
    """A manifest that no longer parses is new, although the files that name its step did not change."""
    step = repo / "src" / "nemotron" / "steps" / "sft" / "automodel"
    step.mkdir(parents=True)
    (repo / "pyproject.toml").write_text('[project]\nname = "nemotron"\n')
    (step / "step.toml").write_text('[step]\nid = "sft/automodel"\n')
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "steps")
    assert _lines(repo) == []
    (step / "step.toml").write_text('[step]\nid = "sft/automodel\n')
    assert [path for path, _ in _lines(repo)] == ["src/nemotron/steps/sft/automodel/step.toml"]


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12), st.data())
def test_changed_lines_are_carried(old: list[str], new: list[str], data: st.DataObject) -> None:
    """After a text was rewritten, a line is unchanged only if it was an unchanged line of the old one."""
    first = data.draw(st.integers(1, len(old) + 1))
    last = data.draw(st.integers(first, len(old) + 1))
    lines = carried("\n".join(old), Lines(((first, last),)), "\n".join(new))
    same = [line for number, line in enumerate(new, 1) if not lines.touch(number, number)]
    kept = [line for number, line in enumerate(old, 1) if not first <= number <= last]
    for line in set(same):
        assert same.count(line) <= kept.count(line)


def _with_submodule(repo: Path, tmp_path: Path) -> Path:
    """A superproject with `repo` as a submodule, which has a submodule of its own."""
    deep = tmp_path / "deep"
    deep.mkdir()
    git(deep, "init", "-q")
    (deep / "d.sh").write_text(f"{MISSPELT}\necho d\n")
    git(deep, "add", ".")
    git(deep, "commit", "-q", "-m", "first")
    allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet")
    git(repo, *allowed, "add", str(deep), "in ner")
    git(repo, "commit", "-q", "-m", "deeper")
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, *allowed, "add", str(repo), "sub")
    git(outer, *allowed, "update", "--init", "--recursive")
    git(outer, "commit", "-q", "-m", "first")
    return outer


def test_submodules_are_compared_with_what_the_superproject_had(repo: Path, tmp_path: Path) -> None:
    """At any depth, committed there or not, moved or not; one that is new is new as a whole."""
    outer = _with_submodule(repo, tmp_path)
    assert _lines(outer) == []
    (outer / "sub" / "in ner" / "d.sh").write_text(f"{MISSPELT}\n{MISSPELT} seed=1\n")
    assert _lines(outer) == [("sub/in ner/d.sh", 2)]
    git(outer / "sub" / "in ner", "commit", "-q", "-a", "-m", "second")
    assert _lines(outer) == [("sub/in ner/d.sh", 2)]
    (outer / "sub" / "a.sh").write_text(f"{MISSPELT} seed=1\necho a\n{MISSPELT} seed=2\n{MISSPELT} seed=3\n")
    git(outer / "sub", "commit", "-q", "-a", "-m", "third")
    assert _lines(outer) == [("sub/a.sh", 4), ("sub/in ner/d.sh", 2)]
    git(outer, "mv", "sub", "moved")
    assert _lines(outer) == [("moved/a.sh", 4), ("moved/in ner/d.sh", 2)]
    git(outer, "add", ".")
    git(outer, "commit", "-q", "-m", "all")
    assert _lines(outer) == []
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo), "new")
    assert ("new/a.sh", 1) in _lines(outer) and ("new/a.sh", 3) in _lines(outer)


def test_nothing_of_a_submodule_is_run(repo: Path, tmp_path: Path) -> None:
    """What a submodule configures stays unused, too, in its own settings and in its attributes."""
    outer = _with_submodule(repo, tmp_path)
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\ncat\n")
    trap.chmod(0o755)
    for folder in (outer, outer / "sub", outer / "sub" / "in ner"):
        (folder / ".gitattributes").write_text("*.sh filter=evil diff=evil\n")
        for key in ("filter.evil.clean", "filter.evil.process", "diff.evil.textconv", "diff.evil.command"):
            git(folder, "config", key, str(trap))
        for key in ("diff.external", "core.fsmonitor", "core.pager", "pager.diff", "core.alternateRefsCommand"):
            git(folder, "config", key, str(trap))
        git(folder, "config", "diff.submodule", "diff")
    (outer / "sub" / "a.sh").write_text(f"{MISSPELT} seed=1\necho a\n{MISSPELT} seed=2\n{MISSPELT} seed=3\n")
    (outer / "sub" / "in ner" / "d.sh").write_text(f"{MISSPELT}\n{MISSPELT} seed=1\n")
    assert _lines(outer) == [("sub/a.sh", 4), ("sub/in ner/d.sh", 2)]
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["evil", "", "a.b", "A", "é", "a=b", 'q"\\', " x "])
def test_no_name_keeps_a_filter_running(repo: Path, name: str) -> None:
    """A filter is off whatever it is called; where that cannot be said to git, nothing is compared."""
    trap = repo / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{repo}/sprung'\ncat\n")
    trap.chmod(0o755)
    (repo / ".gitattributes").write_text(f"*.sh filter={name}\n")
    written = name.replace("\\", "\\\\").replace('"', '\\"')
    with (repo / ".git" / "config").open("a") as file:
        file.write(f'[FILTER "{written}"]\nClean = {trap}\nrequired\n')
    (repo / "a.sh").write_text(f"{MISSPELT} seed=1\necho a\n{MISSPELT} seed=2\n{MISSPELT} seed=3\n")
    os.utime(repo / "a.sh")
    done = nemolint(repo, "--since", "HEAD", "--output-format", "concise", "a.sh")
    assert not (repo / "sprung").exists()
    if "=" in name:
        assert done.code == 2 and "cannot be turned off" in done.err
    else:
        assert done.code == 1 and done.out.startswith("a.sh:4:")


def test_a_submodule_that_cannot_be_compared_counts_whole(repo: Path, tmp_path: Path) -> None:
    """Without the commit to compare with, all lines of a submodule are new, and a note says so."""
    outer = _with_submodule(repo, tmp_path)
    git(outer / "sub", "commit", "-q", "--amend", "-m", "other")
    git(outer, "add", "sub")
    git(outer, "commit", "-q", "-m", "other")
    shutil.rmtree(outer / "sub" / "in ner")
    git(outer / "sub", "update-ref", "refs/heads/main", "HEAD")
    objects = Path(git(outer / "sub", "rev-parse", "--git-path", "objects").strip())
    old = git(outer, "rev-parse", "HEAD~1:sub").strip()
    (objects / old[:2] / old[2:]).unlink(missing_ok=True)
    done = nemolint(outer, "--since", "HEAD~1", "--output-format", "concise")
    assert "sub/a.sh:1:" in done.out and "sub/a.sh:3:" in done.out
    assert "sub: all its lines count as changed" in done.err


def test_line_endings_are_compared_as_git_stores_them(repo: Path) -> None:
    """Files that git checks out with CRLF have no changed lines, by attribute and by setting."""
    (repo / ".gitattributes").write_text("c.sh text eol=crlf\n")
    (repo / "c.sh").write_text(f"{MISSPELT}\necho c\n")
    (repo / "d.sh").write_text(f"{MISSPELT}\necho d\n")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "more")
    git(repo, "config", "core.autocrlf", "true")
    for name in ("c.sh", "d.sh"):
        (repo / name).write_bytes((repo / name).read_bytes().replace(b"\n", b"\r\n"))
    assert _lines(repo) == []
    with (repo / "d.sh").open("ab") as file:
        file.write(f"{MISSPELT} seed=1\r\n".encode())
    assert _lines(repo) == [("d.sh", 3)]


_FEW = st.lists(st.sampled_from(("```", "", "a", "b", "c")), max_size=12)


@given(
    st.lists(st.tuples(_FEW, _FEW, _FEW), min_size=1, max_size=6),
    st.lists(st.sampled_from(("```bash", "```", "")), min_size=400, max_size=500),
)
def test_lines_that_repeat_are_matched(parts: list[tuple[list[str], list[str], list[str]]], many: list[str]) -> None:
    """Where lines repeat thousands of times, the opcodes still lead from one text to the other."""
    old = [*many, *(line for same, gone, _ in parts for line in (*same, *gone)), *many]
    new = [*many, *(line for same, _, come in parts for line in (*same, *come)), *many]
    built: list[str] = []
    at = 0
    for tag, first, last, begin, end in LineMatcher(old, new).get_opcodes():
        assert first == at and begin == len(built)
        assert (tag == "equal") == (old[first:last] == new[begin:end])
        built += new[begin:end]
        at = last
    assert built == new and at == len(old)


def test_thousands_of_changes_between_equal_lines() -> None:
    """Each of thousands of changes stays what it is, and no change is held against all others."""
    old = [line for at in range(3000) for line in ("```bash", f"run {at}", "```", "")]
    new = [line.replace("run", "go") if at % 8 == 1 else line for at, line in enumerate(old)]
    changes = [item for item in LineMatcher(old, new).get_opcodes() if item[0] != "equal"]
    assert changes == [("replace", at, at + 1, at, at + 1) for at in range(1, len(old), 8)]
    lines = Lines(tuple((at, at) for at in range(2, len(old), 16)), tuple(range(4, len(old), 40)))
    found = carried("\n".join(old), lines, "\n".join(new))
    assert set(found.ranges) == {(at, at) for at in range(2, len(old), 8)} and found.gaps == lines.gaps
