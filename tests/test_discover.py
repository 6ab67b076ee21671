"""Which files are checked, and what is said about those that are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nemolint.driver.discover import MAX_BYTES, Finder, is_candidate, project_files
from nemolint.settings import Settings
from support.command import git

RUN = "nemotron steps run sft/automodel\n"


def _write(root: Path, *names: str, text: str = RUN) -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


class _Run:
    """One search: the names found, what was noted, what failed."""

    def __init__(self, root: Path, *paths: str, exclude: tuple[str, ...] = (), force: bool = False, hook: bool = False):
        self.notes: list[str] = []
        settings = Settings(root, exclude=exclude)
        finder = Finder(settings, root, self.notes.append, force_exclude=force, hook=hook)
        self.names = [os.path.relpath(found.path, root) for found in finder.find(paths or (".",))]
        self.failed = [*finder.unchecked]


@pytest.fixture(params=[False, True], ids=["plain folder", "git"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder, outside git and as a work tree."""
    root = tmp_path / "root"
    root.mkdir()
    if request.param:
        git(root, "init", "-q")
    return root


def test_candidates_of_known_kinds(root: Path) -> None:
    """Files that may hold a run and that a source reads are found in order, others are not."""
    _write(root, "b.md", "a/deep/x.sh", "z.yaml", "Makefile", "x.png", "x.cpp", "x.dat")
    _write(root, "other.md", text="nemotron only")
    _write(root, "script", text=f"#!/bin/bash\n{RUN}")
    _write(root, "words", text=RUN)
    _write(root, "env.toml", "sub/env.lepton.toml", text="[a]\n")
    _write(root, "src/nemotron/steps/sft/x/config/tiny.yaml", text="a: 1\n")
    assert _Run(root).names == sorted(
        ["Makefile", "a/deep/x.sh", "b.md", "env.toml", "script", "src/nemotron/steps/sft/x/config/tiny.yaml",
         "sub/env.lepton.toml", "words", "x.cpp", "z.yaml"]
    )  # fmt: skip


def test_programs_of_other_languages(root: Path) -> None:
    """A file that may start commands is looked at in a folder, whatever its language; a binary one is passed over."""
    _write(root, "launch.js", "Rakefile", "sub/main.go", "x.png", "a.csv", "run.log", "weights.safetensors")
    _write(root, "launcher", "tool.rs", text=f"\0{RUN}")
    _write(root, "other.ts", "LICENSE", text="nemotron only")
    run = _Run(root)
    assert (run.names, run.failed) == (["Rakefile", "launch.js", str(Path("sub", "main.go"))], [])
    given = _Run(root, "launch.js")
    assert (given.names, given.failed) == (["launch.js"], ["launch.js"])


def test_git_decides(tmp_path: Path) -> None:
    """Ignored and deleted files are left out, untracked ones are not; an ignored folder that is given is walked."""
    git(tmp_path, "init", "-q")
    _write(tmp_path, "kept.md", "gone.md", "sub/tracked.md")
    _write(tmp_path, ".gitignore", text="out/\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    (tmp_path / "gone.md").unlink()
    _write(tmp_path, "new.md", "out/a.md")
    assert _Run(tmp_path).names == ["kept.md", "new.md", "sub/tracked.md"]
    assert _Run(tmp_path, "sub").names == ["sub/tracked.md"]
    assert _Run(tmp_path, "out").names == ["out/a.md"]


def test_hook_variables_do_not_mislead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside a git hook of another repository the folder's own repository is asked."""
    other = tmp_path / "other"
    mine = tmp_path / "mine"
    for folder in (other, mine):
        folder.mkdir()
        git(folder, "init", "-q")
    _write(mine, "a.md", "out/b.md")
    _write(mine, ".gitignore", text="out/\n")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert _Run(mine).names == ["a.md"]


def test_nothing_of_the_repository_runs(tmp_path: Path) -> None:
    """A repository's own fsmonitor program is not started."""
    git(tmp_path, "init", "-q")
    _write(tmp_path, "a.md")
    program = tmp_path / "monitor.sh"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(program))
    assert _Run(tmp_path).names == ["a.md"]
    assert not (tmp_path / "started").exists()


def test_withoutgit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no git, folders are walked, caches and environments left out."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    _write(tmp_path, "a.md", ".venv/b.md", "node_modules/c.md", "my env/d.md", ".github/workflows/e.yml", "build/f.sh")
    _write(tmp_path, "my env/pyvenv.cfg", text="")
    run = _Run(tmp_path)
    assert run.names == [".github/workflows/e.yml", "a.md", "build/f.sh"]
    assert run.notes == []


def test_repositories_inside(tmp_path: Path) -> None:
    """A repository inside the folder is listed by its own rules, in a plain folder and as a submodule."""
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    _write(inner, "a.md", "out/b.md")
    _write(inner, ".gitignore", text="out/\n")
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "x")
    assert _Run(tmp_path).names == ["inner/a.md"]
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "mod")
    assert _Run(outer).names == ["mod/a.md"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_links_and_pipes(root: Path) -> None:
    """Links are not followed (no loops, nothing twice), pipes are not opened; a link that is given is followed."""
    _write(root, "a.md")
    (root / "link.md").symlink_to("a.md")
    (root / "loop").symlink_to(".")
    for name in ("pipe.md", "pipe", "pipe.bin", "out/pipe.md"):
        (root / name).parent.mkdir(exist_ok=True)
        os.mkfifo(root / name)
    run = _Run(root, exclude=("out/",))
    assert run.names == ["a.md"]
    # git lists no pipes; on a walk, one that is named like a script stands where a file may have been meant.
    walked = not (root / ".git").exists()
    assert run.failed == (["pipe.md"] if walked else [])
    assert _Run(root, "link.md").names == ["link.md"]
    run = _Run(root, "pipe.md")
    assert run.names == [] and run.failed == ["pipe.md"] and "not a regular file" in run.notes[0]


def test_missing_paths(root: Path) -> None:
    """A path that does not exist is reported, and the others are found."""
    _write(root, "a.md")
    run = _Run(root, "absent.md", "a.md", "a.md", "./a.md", ".")
    assert run.names == ["a.md"]
    assert run.failed == ["absent.md"]
    assert run.notes == ["absent.md: no such file or folder"]


def test_exclude(root: Path) -> None:
    """Patterns hold inside folders; given paths are checked all the same, unless they are to be excluded, too."""
    _write(root, "a.md", "gen/b.md", "gen/deep/c.md", "d.gen.md")
    exclude = ("gen/", "*.gen.md")
    assert _Run(root, exclude=exclude).names == ["a.md"]
    assert _Run(root, "d.gen.md", "gen/b.md", exclude=exclude).names == ["d.gen.md", "gen/b.md"]
    assert _Run(root, "gen", exclude=exclude).names == ["gen/b.md", "gen/deep/c.md"]
    assert _Run(root, "d.gen.md", "gen/b.md", "gen", "a.md", exclude=exclude, force=True).names == ["a.md"]


def test_given_files(root: Path) -> None:
    """A given file needs no mention of the command; binary ones and other types are noted. A hook says nothing."""
    _write(root, "a.md", text="# nothing\n")
    _write(root, "x.cpp", text=RUN)
    (root / "b.md").write_bytes(b"nemotron steps run\0")
    run = _Run(root, "a.md", "x.cpp", "b.md")
    assert run.names == ["a.md", "x.cpp"]
    assert ["binary" in run.notes[1], "not supported" in run.notes[0]] == [True, True]
    assert run.failed == ["x.cpp", "b.md"]
    _write(root, "y.cpp", text="int main;\n")
    (root / "c.md").write_bytes(b"nemotron\0")
    run = _Run(root, "y.cpp", "c.md")
    assert (run.names, run.failed) == (["y.cpp"], []) and len(run.notes) == 2
    run = _Run(root, "a.md", "x.cpp", "y.cpp", "c.md", hook=True)
    assert (run.names, run.notes, run.failed) == (["x.cpp"], [], [])
    assert _Run(root, "b.md", hook=True).failed == ["b.md"]
    assert "x.cpp" in _Run(root).names and "y.cpp" not in _Run(root).names


def test_files_made_for_secrets(root: Path) -> None:
    """A dotenv file is looked at where it is given by name, else only if it names the command."""
    _write(root, ".env", ".netrc", text="X=1\n")
    _write(root, ".env.local", text=f"# {RUN}")
    assert _Run(root, ".env", ".netrc").names == [".env", ".netrc"]
    assert _Run(root).names == [".env.local"]


def test_encodings(root: Path) -> None:
    """UTF-16 and UTF-32 files and those of no encoding are candidates if they name the command."""
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        (root / f"{encoding}.md").write_bytes(RUN.encode(encoding))
    (root / "latin.md").write_bytes(RUN.encode() + b"caf\xe9")
    (root / "other.md").write_bytes("nothing".encode("utf-16"))
    (root / "binary.md").write_bytes(RUN.encode() + b"\0")
    (root / "plain.sh").write_bytes(RUN.encode("utf-16-le"))
    (root / "scattered.sh").write_bytes(b"\0".join([b"ne", b"motron st", b"eps run\n"]))
    (root / "picture.md").write_bytes(b"\0nemotron")
    (root / "picture.png").write_bytes(b"\0" + RUN.encode())
    run = _Run(root)
    assert run.names == ["latin.md", "utf-16.md", "utf-32.md", "utf-8-sig.md"]
    assert run.failed == ["binary.md", "plain.sh", "scattered.sh"]


@pytest.mark.parametrize("before", [0, MAX_BYTES - 3, MAX_BYTES - 3 + (1 << 20)])
def test_big_files(root: Path, before: int) -> None:
    """A file that is too big counts as unchecked only if it names the command, wherever that is."""
    _write(root, "big.md", text="x" * before + RUN + "x" * MAX_BYTES)
    _write(root, "wide.md", text="")
    (root / "wide.md").write_bytes(("x" * before + RUN + "x" * MAX_BYTES).encode("utf-16"))
    _write(root, "other.md", text="nemotron step" + "x" * (MAX_BYTES + 1))
    run = _Run(root)
    assert run.names == []
    assert run.failed == ["big.md", "wide.md"]
    assert run.notes[0] == "big.md: not checked, since it is larger than 5 MB"
    assert _Run(root, "other.md").failed == []


def test_odd_names(root: Path) -> None:
    """Blanks, line feeds, dashes and bytes that are no UTF-8 in names do no harm."""
    names = [b"a b.md", b"new\nline.md", b"-n.md", b"caf\xe9.md", "日本.md".encode()]
    for name in names:
        with open(os.path.join(os.fsencode(root), name), "w") as file:  # noqa: PTH118 - a name in bytes
            file.write(RUN)
    assert sorted(os.fsencode(name) for name in _Run(root).names) == sorted(names)


def test_project_files() -> None:
    """The files that others are judged by: after a change of one the whole tree is checked."""
    for name in (
        "env.toml",
        "a/env.slurm.toml",
        "pyproject.toml",
        "nemolint.toml",
        "src/nemotron/steps/types.toml",
        "src/nemotron/steps/sft/automodel/step.toml",
        "src/nemotron/steps/sft/automodel/step.py",
        "src/nemotron/steps/sft/automodel/config/tiny.yaml",
        "third_party/nemotron/src/nemotron/steps/x/config/deep.yml",
    ):
        assert project_files(["README.md", name]), name
    for name in ("README.md", "src/nemotron/steps/sft/automodel/README.md", "config/tiny.yaml", "step.toml"):
        assert not project_files([name]), name


def test_candidate_is_about_bytes() -> None:
    """Both words are needed."""
    assert is_candidate("a.md", b"steps ... nemotron")
    assert not is_candidate("a.md", b"nemotron")
    assert not is_candidate("config/tiny.yaml", b"a: 1")


def test_a_large_tree_without_commands(root: Path) -> None:
    """Of two thousand files without the command none is handed on."""
    for number in range(40):
        _write(root, *(f"d{number}/f{n}.md" for n in range(50)), text="text\n")
    assert _Run(root).names == []
