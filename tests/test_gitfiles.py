"""git is asked about repositories that somebody else made: nothing of theirs runs, hangs, or leads elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from nemolint.base import gitfiles
from nemolint.base.gitfiles import head_files, repository_of
from nemolint.driver.discover import Finder
from nemolint.settings import Settings
from support.command import MISSPELT, execute, git, nemolint

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
    pytest.mark.skipif(sys.platform == "win32", reason="the traps are shell scripts"),
]


class Trap:
    """A program that leaves a trace, and the settings of git by which a repository would have it started."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "trap"
        self.trace = folder / "sprung"
        self.program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{self.trace}"\nexit 1\n', "utf-8")
        self.program.chmod(0o755)

    @property
    def sprung(self) -> str:
        """What was started with which arguments, "" if nothing was."""
        return self.trace.read_text("utf-8") if self.trace.exists() else ""

    def set(self, repository: Path, text: str) -> None:
        """Add settings to the repository with this git folder; `TRAP` stands for the program."""
        with (repository / "config").open("a", encoding="utf-8") as file:
            file.write(text.replace("TRAP", str(self.program)))


PROMISOR = """
[core]
repositoryformatversion = 1
[extensions]
partialClone = origin
[remote "origin"]
promisor = true
"""
# Ways to have a program started while a missing object is fetched.
FETCHES = {
    "ssh": 'url = ssh://x/y\n[core]\nsshCommand = "TRAP"',
    "ext": 'url = "ext::TRAP x"\n[protocol "ext"]\nallow = always\n[protocol]\nallow = always',
    "proxy": 'url = git://x/y\n[core]\ngitProxy = "TRAP"',
    "uploadpack": 'url = .\nuploadpack = "TRAP"',
    "helper": 'url = x\nvcs = evil\n[alias]\nremote-evil = "!TRAP"',
    "helper without a name": 'url = x\nvcs = ""\n[alias]\nremote- = "!TRAP"',
    "bundle": 'url = ssh://x/y\n[fetch]\nbundleURI = "http://127.0.0.1:1/"\n[credential]\nhelper = "!TRAP"',
}


def _starve(folder: Path) -> None:
    """Make a commit whose listing needs a tree that is missing: the index is sparse."""
    git(folder, "init", "-q")
    for name in ("kept", "gone"):
        (folder / name).mkdir()
        (folder / name / "a.sh").write_text(f"{MISSPELT}\necho {name}\n", "utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    tree = git(folder, "rev-parse", "HEAD:gone").strip()
    git(folder, "sparse-checkout", "set", "--cone", "--sparse-index", "kept")
    (folder / ".git" / "objects" / tree[:2] / tree[2:]).unlink()


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    """A trap outside of what is checked."""
    return Trap(tmp_path)


@pytest.fixture
def checked(tmp_path: Path) -> Path:
    """The folder that is checked."""
    folder = tmp_path / "checked"
    folder.mkdir()
    return folder


def _paths(folder: Path, *arguments: str, code: int = 1, env: dict[str, str] | None = None) -> list[str]:
    done = nemolint(folder, "--output-format", "json", *arguments, env=env)
    assert done.code == code, done.err
    return sorted({row["path"] for row in json.loads(done.out)})


def _find(folder: Path, *paths: str) -> tuple[list[str], list[str]]:
    """The names that are found, and the notes."""
    notes: list[str] = []
    finder = Finder(Settings(str(folder)), str(folder), notes.append)
    return [Path(found.path).relative_to(folder).as_posix() for found in finder.find(paths or (".",))], notes


def _old_git(folder: Path, version: str) -> dict[str, str]:
    """An environment whose git says that it is of this version, and obeys no GIT_NO_LAZY_FETCH."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(
        f"""#!/bin/sh
unset GIT_NO_LAZY_FETCH
for word; do last=$word; done
if [ "$last" = version ]; then echo "git version {version}"; exit; fi
exec "{shutil.which("git")}" "$@"
""",
        "utf-8",
    )
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("fetch", FETCHES)
def test_nothing_is_fetched(checked: Path, trap: Trap, fetch: str) -> None:
    """A missing object stays missing, with a new git and with one that only knows which protocols to allow."""
    _starve(checked)
    trap.set(checked / ".git", PROMISOR + FETCHES[fetch])
    # That the trap works is shown by git itself, for all but the network.
    if fetch != "bundle":
        execute(["git", "ls-files"], checked, timeout=20)
        assert trap.sprung
        trap.trace.unlink()
    old = _old_git(checked.parent / "old", "2.45.0")  # it says that it obeys, and does not
    for env in ({}, old):
        for arguments in (["."], ["."], ["kept"], ["--since", "HEAD"]):
            nemolint(checked, *arguments, env=env)
    assert not trap.sprung, trap.sprung


@pytest.mark.parametrize("where", ["config", "included", "config.worktree"])
def test_a_git_that_may_fetch_is_not_asked(checked: Path, trap: Trap, where: str) -> None:
    """A partial clone is walked where git cannot be prevented from fetching, wherever its settings say what it is."""
    (checked / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    git(checked, "init", "-q")
    text = (PROMISOR + FETCHES["ssh"]).replace("TRAP", str(trap.program))
    if where == "config":
        trap.set(checked / ".git", text)
    elif where == "included":
        (checked / "more").write_text(text, "utf-8")
        trap.set(checked / ".git", "[INCLUDE]\npath = ../more\n")
    else:
        (checked / ".git" / "config.worktree").write_text(text, "utf-8")
    old = _old_git(checked.parent / "old", "2.43.0")
    done = nemolint(checked, "--output-format", "json", ".", env=old)
    assert [row["path"] for row in json.loads(done.out)] == ["a.sh"] and "partial clone" in done.err
    since = nemolint(checked, "--since", "HEAD", env=old)
    assert since.code == 2 and "partial clone" in since.err
    assert "partial clone" not in nemolint(checked, ".").err


def test_an_honest_partial_clone_is_listed_by_git(checked: Path, tmp_path: Path) -> None:
    """A clone without old contents is not treated differently: what is ignored is left out, and lines are compared."""
    git(checked, "init", "-q")
    (checked / ".gitignore").write_text("ignored.sh\n", "utf-8")
    (checked / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    git(checked, "add", ".")
    git(checked, "commit", "-q", "-m", "first")
    git(checked, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--filter=blob:none", checked.as_uri(), str(clone))
    assert "partialclonefilter" in (clone / ".git" / "config").read_text("utf-8")
    (clone / "ignored.sh").write_text(f"{MISSPELT}\n", "utf-8")
    (clone / "a.sh").write_text(f"{MISSPELT}\n{MISSPELT} seed=1\n", "utf-8")
    assert _find(clone) == (["a.sh"], [])
    done = nemolint(clone, "--since", "HEAD", "--output-format", "concise")
    assert done.out.startswith("a.sh:2:") and done.out.count("\n") == 1


def test_which_git_obeys() -> None:
    """The releases that know GIT_NO_LAZY_FETCH, by the names that distributions give them."""
    for version in ("2.39.4", "2.39.5 (Apple Git-154)", "2.43.5.windows.1", "2.45.0", "2.51.0-rc1", "3.0.0", "2.100.1"):
        assert gitfiles._obeys(f"git version {version}\n".encode()), version
    for version in ("2.39.3", "2.38.9", "1.9", "2.43.0", "2.44.0", "2.40", "2.43.GIT", "", "x.y"):
        assert not gitfiles._obeys(f"git version {version}\n".encode()), version


def _bare(folder: Path) -> None:
    """Turn a work tree with its `.git` into a folder that git takes for a repository, as a clone delivers it."""
    for item in list((folder / ".git").iterdir()):
        shutil.move(str(item), folder / item.name)
    (folder / ".git").rmdir()


def test_a_folder_like_a_bare_repository_is_a_folder(checked: Path, trap: Trap) -> None:
    """Committed files that make up a repository are files of the repository that holds them."""
    docs = checked / "docs"
    docs.mkdir()
    _starve(docs)
    trap.set(docs / ".git", PROMISOR + FETCHES["ssh"] + '\nbare = false\nworktree = .\nfsmonitor = "TRAP"')
    _bare(docs)
    (docs / "b.sh").write_text(f"{MISSPELT}\n", "utf-8")
    (docs / "ignored.sh").write_text(f"{MISSPELT}\n", "utf-8")
    (checked / ".gitignore").write_text("ignored.sh\n", "utf-8")
    git(checked, "init", "-q")
    git(checked, "add", ".")
    git(checked, "commit", "-q", "-m", "all")
    clone = checked.parent / "clone"
    git(checked.parent, "clone", "-q", str(checked), "clone")
    (clone / "docs" / "refs" / "heads").mkdir(parents=True, exist_ok=True)
    execute(["git", "ls-files"], clone / "docs", timeout=20)
    assert trap.sprung
    trap.trace.unlink()
    for _ in range(2):
        assert _paths(clone, "docs") == ["docs/b.sh", "docs/kept/a.sh"]
        assert _paths(clone / "docs", ".") == ["b.sh", "kept/a.sh"]
        assert _paths(clone) == ["docs/b.sh", "docs/kept/a.sh"]
    assert _paths(clone / "docs", "--since", "HEAD", code=0) == []
    shutil.rmtree(clone / ".git")
    assert _paths(clone / "docs", ".") == ["b.sh", "kept/a.sh"]  # a folder in no repository
    assert not trap.sprung, trap.sprung


def test_another_tree_is_not_listed(checked: Path, tmp_path: Path) -> None:
    """`core.worktree` leads nowhere, and a `.git` file that names another repository brings no file of it."""
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    (other / "secret.sh").write_text(f"{MISSPELT}\n", "utf-8")
    git(other, "add", ".")
    (checked / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    git(checked, "init", "-q")
    git(checked, "config", "core.worktree", str(other))
    assert _find(checked) == (["a.sh"], [])
    shutil.rmtree(checked / ".git")
    (checked / ".git").write_text(f"gitdir: {other}/.git\n", "utf-8")
    assert _find(checked) == (["a.sh"], [])


def _index(names: dict[str, int]) -> bytes:
    """An index with these paths and modes, which git itself would not have written."""
    body = b"DIRC" + struct.pack(">II", 2, len(names))
    for name, mode in sorted(names.items()):
        path = name.encode()
        entry = struct.pack(">10I", *[0] * 6, mode, *[0] * 3) + b"\x11" * 20 + struct.pack(">H", len(path)) + path
        body += entry + b"\0" * (8 - len(entry) % 8)
    return body + hashlib.sha1(body).digest()


_FILE, _SUBMODULE = 0o100644, 0o160000


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize(
    "names",
    [
        {"../other/b.sh": _FILE},
        {"docs/../../other/b.sh": _FILE},
        {"link/b.sh": _FILE},
        {"docs/link/deep/c.sh": _FILE},
        {"../other": _SUBMODULE},
        {"up/other": _SUBMODULE},
        {"docs/..": _SUBMODULE, ".": _SUBMODULE},
    ],
)
def test_an_index_leads_nowhere(checked: Path, tmp_path: Path, names: dict[str, int], above: bool) -> None:
    """A forged or outdated index brings no file from outside, none behind a link, and `--fix` writes none."""
    other = tmp_path / "other"
    (other / "deep").mkdir(parents=True)
    git(other, "init", "-q")
    for file in (other / "b.sh", other / "deep" / "c.sh", checked / "a.sh"):
        file.write_text(f"{MISSPELT}\n", "utf-8")
    (checked / "docs").mkdir()
    (checked / "link").symlink_to(other)
    (checked / "docs" / "link").symlink_to(other)
    (checked / "up").symlink_to(tmp_path)
    git(checked, "init", "-q")
    (checked / ".git" / "index").write_bytes(_index(names))
    assert next(iter(names)) in git(checked, "ls-files")
    assert _find(checked) == (["a.sh"], [])
    cwd, folder = (tmp_path, checked.name) if above else (checked, ".")
    for _ in range(2):  # the second time from what was kept
        done = nemolint(cwd, "--output-format", "json", folder)
        assert [Path(row["path"]).name for row in json.loads(done.out)] == ["a.sh"]
    nemolint(cwd, "--fix", folder)
    assert (other / "b.sh").read_text() == (other / "deep" / "c.sh").read_text() == f"{MISSPELT}\n"


@pytest.mark.parametrize(
    "name", ["HEAD", "config", "commondir", "index", "info/exclude", "objects/info/alternates", "packed-refs"]
)
def test_a_pipe_in_a_repository_is_not_read(checked: Path, name: str) -> None:
    """A pipe in the place of a file that says what the repository is keeps nobody waiting."""
    (checked / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    git(checked, "init", "-q")
    (checked / ".git" / name).unlink(missing_ok=True)
    os.mkfifo(checked / ".git" / name)
    names, notes = _find(checked)
    assert names == ["a.sh"] and len(notes) == 1 and f"{name} is not a regular file" in notes[0]


def test_a_git_that_hangs_is_asked_once(checked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a repository makes git wait, the time is lost once, however many repositories there are."""
    for inner in ("one", "two", "three"):
        (checked / inner).mkdir()
        (checked / inner / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
        git(checked / inner, "init", "-q")
        os.mkfifo(checked / inner / "pipe")
        git(checked / inner, "config", "include.path", str(checked / inner / "pipe"))
    monkeypatch.setattr(gitfiles, "TIMEOUT", 0.5)
    monkeypatch.setattr(gitfiles, "_fetches", False)
    names, notes = _find(checked)
    assert names == ["one/a.sh", "three/a.sh", "two/a.sh"]
    assert len(notes) == 1 and "did not finish" in notes[0]


def test_a_repository_of_another_user_is_walked(checked: Path) -> None:
    """What git refuses is walked, and that is said once."""
    (checked / "a.sh").write_text(f"{MISSPELT}\n", "utf-8")
    git(checked, "init", "-q")
    env = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    done = nemolint(checked, "--output-format", "json", ".", env=env)
    assert [row["path"] for row in json.loads(done.out)] == ["a.sh"]
    assert done.err.count("dubious ownership") == 1 and "walking" in done.err
    since = nemolint(checked, "--since", "HEAD", env=env)
    assert since.code == 2 and "another user" in since.err


def test_variables_that_tie_git_are_dropped(checked: Path) -> None:
    """All that git itself calls local to a repository, and all that changes the meaning of a path."""
    git(checked, "init", "-q")
    assert set(git(checked, "rev-parse", "--local-env-vars").split()) <= gitfiles._LOCAL
    (checked / "a[b]").mkdir()
    (checked / ":(glob)x").mkdir()
    for name in ("a[b]/a.sh", ":(glob)x/b.sh"):
        (checked / name).write_text(f"{MISSPELT}\n", "utf-8")
    (checked / "a.ignored").mkdir()
    (checked / "a.ignored" / "c.sh").write_text(f"{MISSPELT}\n", "utf-8")
    (checked / ".gitignore").write_text("*.ignored\n", "utf-8")
    for name in ("LITERAL", "GLOB", "NOGLOB", "ICASE"):
        env = {f"GIT_{name}_PATHSPECS": "1"}
        assert _paths(checked, "a[b]", ":(glob)x", "a.ignored", env=env) == sorted(
            ["a[b]/a.sh", ":(glob)x/b.sh", "a.ignored/c.sh"]
        )


def _empty(folder: Path) -> None:
    (folder / ".git").mkdir()


def _headless(folder: Path) -> None:
    for inner in ("objects", "refs"):
        (folder / ".git" / inner).mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("nonsense\n", "utf-8")


def _detached(folder: Path) -> None:
    git(folder, "init", "-q")
    (folder / ".git" / "HEAD").write_text(f"{'0123456789' * 4}\n", "utf-8")


def _linked_head(folder: Path) -> None:
    git(folder, "init", "-q")
    (folder / ".git" / "HEAD").unlink()
    (folder / ".git" / "HEAD").symlink_to("refs/heads/main")


def _elsewhere(folder: Path) -> None:
    git(folder, "init", "-q", "--separate-git-dir=real")


def _broken_file(folder: Path) -> None:
    (folder / ".git").write_text("gitdir: gone\n", "utf-8")


def _malformed_file(folder: Path) -> None:
    (folder / ".git").write_text("nonsense\n", "utf-8")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / ".git")


def _link(folder: Path) -> None:
    git(folder, "init", "-q", "--separate-git-dir=real")
    (folder / ".git").unlink()
    (folder / ".git").symlink_to("real")


def _plain(folder: Path) -> None:
    git(folder, "init", "-q")


def _work_tree(folder: Path) -> None:
    main = folder / "main"
    git(folder, "init", "-q", str(main))
    git(main, "commit", "-q", "--allow-empty", "-m", "x")
    git(main, "worktree", "add", "-q", "../linked")
    (folder / ".git").write_text((folder / "linked" / ".git").read_text("utf-8"), "utf-8")


def _nothing(folder: Path) -> None:
    pass


KINDS = (
    _nothing, _plain, _empty, _headless, _detached, _linked_head, _elsewhere, _broken_file, _malformed_file, _pipe,
    _link, _work_tree,
)  # fmt: skip


@settings(max_examples=40)
@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3))
def test_the_repository_is_the_one_that_git_finds(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[Callable[[Path], None]]
) -> None:
    """From any folder, whatever stands in the place of a `.git` there and above, git names the same top level."""
    folder = tmp_path_factory.mktemp("top")
    for number, make in enumerate(kinds):
        folder = folder / f"d{number}: x"
        folder.mkdir()
        make(folder)
    done = execute(["git", "rev-parse", "--show-toplevel"], folder)
    wanted = done.out.removesuffix("\n") if done.code == 0 else None
    try:
        found = repository_of(str(folder))
    except OSError:
        found = None
    assert (found and found.top) == wanted
    if found is not None:
        assert os.path.join(found.top, found.inside).rstrip("/") == str(folder)  # noqa: PTH118
        assert gitfiles.ask_for_files(found).answer()[0] == 0


def test_the_search_ends_where_the_user_ends_it(checked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ceiling of the user's own holds, and the inside of a `.git` is not a work tree."""
    git(checked, "init", "-q")
    (checked / "a" / "b").mkdir(parents=True)
    inner = repository_of(str(checked / "a" / "b"))
    assert inner is not None and (inner.top, inner.inside) == (str(checked), "a/b")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(checked))
    assert repository_of(str(checked / "a" / "b")) is None
    assert repository_of(str(checked)) is not None
    monkeypatch.delenv("GIT_CEILING_DIRECTORIES")
    assert repository_of(str(checked / ".git" / "refs")) is None


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_a_commit_changes_what_says_which_one_is_the_last(tmp_path: Path, linked: bool, packed: bool) -> None:
    """In a repository and in a linked work tree of it, with refs in files of their own or packed."""
    folder = tmp_path / "first"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "one")
    if linked:
        git(folder, "worktree", "add", "-q", "-b", "other", str(tmp_path / "second"))
        folder = tmp_path / "second"
    if packed:
        git(folder, "pack-refs", "--all")
    repository = repository_of(str(folder))
    assert repository is not None

    def contents() -> list[bytes | None]:
        return [path.read_bytes() if path.is_file() else None for path in map(Path, head_files(repository))]

    before = contents()
    assert before == contents() and any(before)
    git(folder, "commit", "-q", "--allow-empty", "-m", "two")
    assert contents() != before
    before = contents()
    git(folder, "checkout", "-q", "-b", "third")
    assert contents() != before
