"""What nemolint writes: through no link of the checked tree, into no folder that was exchanged, whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nemolint.base import atomic
from nemolint.base.atomic import NotWritten, output_of, remove_file, replace_file, target_of
from nemolint.testing import pages as docs
from support.command import CORRECT, MISSPELT, Done, git, nemolint
from support.files import write
from test_docs import made_pages

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")

MINE = "# keep me\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with a finding, and beside it a folder with a file of the user's."""
    root = tmp_path / "tree"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.sh").write_text(f"{MISSPELT}\n")
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "victim").write_text(MINE)
    return root


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with one step."""
    root = tmp_path_factory.mktemp("checkout")
    steps = root / "src/nemotron/steps/brew/tea"
    steps.mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    (steps / "step.toml").write_text('[step]\nid = "brew/tea"\nname = "Tea"\n')
    (steps / "config").mkdir()
    (steps / "config/default.yaml").write_text("cups: 1\n")
    return root


def _default_baseline(tree: Path, name: str, checkout: Path) -> Done:
    (tree / name).rename(tree / "nemolint-baseline.json")
    return nemolint(tree, "baseline")


def _named_baseline(tree: Path, name: str, checkout: Path) -> Done:
    return nemolint(tree, "baseline", "--output", name)


def _baseline_of_the_settings(tree: Path, name: str, checkout: Path) -> Done:
    (tree / "nemolint.toml").write_text(f'baseline = "{name}"\n')
    return nemolint(tree, "baseline")


def _report(tree: Path, name: str, checkout: Path) -> Done:
    return nemolint(tree, "check", "--output-format", f"json={name}")


def _report_by_its_absolute_path(tree: Path, name: str, checkout: Path) -> Done:
    return nemolint(tree, "check", "--output-format", f"sarif={tree / name}")


def _snapshot(tree: Path, name: str, checkout: Path) -> Done:
    return nemolint(tree, "catalog", "--build", str(checkout), "--output", name)


WRITERS: list[Callable[[Path, str, Path], Done]] = [
    _default_baseline,
    _named_baseline,
    _baseline_of_the_settings,
    _report,
    _report_by_its_absolute_path,
    _snapshot,
]
LINKS = {
    "out": ("out", "../home/victim"),
    "out, to nothing": ("out", "../home/new"),
    "inside": ("out", "a.sh"),
    "absolute": ("out", "{home}/victim"),
    "a folder": ("sub", "../home"),
}


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("write", WRITERS)
def test_a_planted_link_is_not_written_through(
    tree: Path, checkout: Path, write: Callable[[Path, str, Path], Done], link: str
) -> None:
    """Whatever writes, a link in the tree gets a message and exit code 2; the link and what it leads to stay."""
    name, leads = LINKS[link]
    home = tree.parent / "home"
    (tree / name).symlink_to(leads.format(home=home))
    if name == "sub":
        if write is _default_baseline:
            pytest.skip("its folder is the working directory")
        name = "sub/victim"
    done = write(tree, name, checkout)
    assert done.code == 2
    assert "not written" in done.err and any(word in done.err for word in ("is a symbolic link", "leads out of"))
    assert {file.name: file.read_text() for file in home.iterdir()} == {"victim": MINE}
    assert (tree / "a.sh").read_text() == f"{MISSPELT}\n"
    assert [path.name for path in tree.iterdir() if path.is_symlink()]


@pytest.mark.parametrize("write", WRITERS)
def test_what_no_link_leads_astray_is_written(
    tree: Path, checkout: Path, write: Callable[[Path, str, Path], Done]
) -> None:
    """A plain file is made and replaced, its mode kept; a folder that is a link inside the tree is followed."""
    (tree / "out").write_text("old")
    (tree / "out").chmod(0o640)
    assert write(tree, "out", checkout).code in (0, 1)
    file = tree / ("nemolint-baseline.json" if write is _default_baseline else "out")
    assert file.read_text().startswith(("[", "{")) and file.stat().st_mode & 0o777 == 0o640
    if write is not _default_baseline:
        (tree / "real").mkdir()
        (tree / "linked").symlink_to("real")
        assert write(tree, "linked/new", checkout).code in (0, 1)
        assert (tree / "real" / "new").is_file()
    assert not list(tree.rglob(".nemolint-*"))


@pytest.mark.parametrize("write", [_named_baseline, _report, _snapshot])
def test_what_the_user_names_outside_is_written(
    tree: Path, checkout: Path, write: Callable[[Path, str, Path], Done]
) -> None:
    """A path that leaves the tree is the user's own wish: relative, absolute, or a link of the user's."""
    outside = tree.parent / "outside"
    outside.mkdir()
    (outside / "link").symlink_to("behind")
    for name in ("../outside/relative", str(outside / "absolute"), str(outside / "link")):
        assert write(tree, name, checkout).code in (0, 1)
    assert sorted(path.name for path in outside.iterdir()) == ["absolute", "behind", "link", "relative"]
    assert (outside / "link").is_symlink()


def test_a_tree_behind_a_link_is_the_same_tree(tree: Path) -> None:
    """A path to the tree by another name does not make a planted link the user's own."""
    (tree.parent / "alias").symlink_to(tree)
    (tree / "out").symlink_to("../home/victim")
    done = nemolint(tree, "check", "--output-format", f"json={tree.parent / 'alias' / 'out'}")
    assert done.code == 2 and "is a symbolic link" in done.err
    assert (tree.parent / "home" / "victim").read_text() == MINE


def _fixed(cwd: Path, name: str, checkout: Path) -> Done:
    return nemolint(cwd, "--fix", "--no-cache", name)


PLANTED = {
    "a file": ("link", "../home/victim"),
    "a folder": ("folder/victim", "../home"),
    "links after another": ("first/victim", "second"),
    "out and through": ("folder/alias/link", "../home"),
}


@pytest.mark.parametrize("start", [".", "elsewhere", "tree/inner"])
@pytest.mark.parametrize("planted", PLANTED)
@pytest.mark.parametrize("write", [_named_baseline, _report, _snapshot, _fixed])
def test_links_of_a_repository_stay_in_it_wherever_nemolint_starts(
    tree: Path, checkout: Path, write: Callable[[Path, str, Path], Done], planted: str, start: str
) -> None:
    """From above the repository, from beside it or from one inside it, its links lead no writer out of it."""
    victim = tree.parent / "home" / "victim"
    victim.write_text(f"#!/bin/sh\n{MISSPELT}\n")
    before = victim.read_bytes()
    name, leads = PLANTED[planted]
    (tree / name.partition("/")[0]).symlink_to(leads)
    (tree / "second").symlink_to("../home")
    (tree / "link").exists() or (tree / "link").symlink_to("../home/victim")
    (tree.parent / "home" / "alias").symlink_to(tree)
    cwd = tree.parent / start
    cwd.mkdir(exist_ok=True)
    if start == "tree/inner":
        git(cwd, "init", "-q")
    done = write(cwd, os.path.relpath(tree / name, cwd), checkout)
    assert victim.read_bytes() == before and not victim.is_symlink(), done.err
    assert ", since it " in done.err


def test_a_link_in_a_circle_is_not_written_through(tree: Path) -> None:
    """Links without end are reported, from outside, too."""
    (tree / "a").symlink_to("b")
    (tree / "b").symlink_to("a")
    with pytest.raises(NotWritten):
        output_of(tree / "a", tree.parent / "home")


@pytest.mark.parametrize("stream", ["/dev/stdout", "/dev/fd/1", "/dev/null"])
def test_streams_are_written_to(tree: Path, stream: str) -> None:
    """`/dev/stdout` and what a shell's process substitution names are links, and work."""
    done = nemolint(tree, "check", "--output-format", f"json={stream}", "--no-cache")
    assert done.code == 1 and (stream == "/dev/null" or done.out.startswith("["))


def test_the_settings_name_no_baseline_outside(tree: Path) -> None:
    """A baseline outside the settings' folder is read, as a regular file only, and never written."""
    (tree / "nemolint.toml").write_text('baseline = "../known.json"\n')
    done = nemolint(tree, "baseline")
    assert done.code == 2 and "leads out of" in done.err and not (tree.parent / "known.json").exists()
    assert nemolint(tree, "baseline", "--output", "../known.json").code == 0
    assert nemolint(tree).code == 0
    written = (tree.parent / "known.json").read_bytes()
    assert nemolint(tree, "baseline").code == 2 and (tree.parent / "known.json").read_bytes() == written
    (tree.parent / "known.json").unlink()
    os.mkfifo(tree.parent / "known.json")
    done = nemolint(tree)
    assert done.code == 2 and "is not a regular file" in done.err


def test_the_docs_are_not_written_through_a_link(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pages are neither written into nor removed from a folder that a link leads to."""
    monkeypatch.chdir(tree)
    project = Path(__file__).resolve().parents[1]
    made = {page.relative_to(project).as_posix(): text for page, text in made_pages().items()}
    monkeypatch.setattr(docs, "pages", lambda root: {root / name: text for name, text in made.items()})
    write(tree, {name: text for name, text in made.items() if not name.startswith("docs/rules/")})
    pages = tree.parent / "home" / "pages"
    pages.mkdir()
    (pages / "mine.md").write_text(MINE)
    (tree / "docs" / "rules").symlink_to(pages)
    assert docs.main() == 2 and "leads out of" in capsys.readouterr().err
    assert [page.name for page in pages.iterdir()] == ["mine.md"]
    (tree / "docs" / "rules").unlink()
    (tree / "docs" / "rules").mkdir()
    (tree / "docs" / "rules" / "gone.md").write_text("")
    assert docs.main() == 0
    assert {page.stem for page in (tree / "docs" / "rules").iterdir()} == docs.own_rules().keys()
    (tree / "README.md").unlink()
    (tree.parent / "home" / "README.md").write_text(made["README.md"])
    (tree / "README.md").symlink_to("../home/README.md")
    assert docs.main() == 2
    assert (tree.parent / "home" / "README.md").read_text() == made["README.md"]


# -- a folder that is exchanged meanwhile


def _exchange(tree: Path) -> None:
    """Put a link to the user's folder in the place of the one that is written in."""
    if not (tree / "sub").is_symlink():
        (tree / "sub").rename(tree / "moved")
        (tree / "sub").symlink_to("../home")


_CALLS = ("open", "stat", "fsync", "fchmod", "replace")


@pytest.mark.skipif(not atomic._HANDLES, reason="without handles of folders a moment remains")
@pytest.mark.parametrize("moment", range(24))
def test_no_moment_is_right_for_an_exchange(tree: Path, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    """Whenever a folder becomes a link, before any call of the system, the file behind the link stays."""
    # That file holds the same text, so that only the way to it can save it.
    (tree / "sub").mkdir()
    for folder in (tree / "sub", tree.parent / "home"):
        (folder / "a.sh").write_text(f"{MISSPELT}\n")
    target = target_of(tree / "sub" / "a.sh", tree)
    passed = 0

    def watched(call: Callable[..., object]) -> Callable[..., object]:
        def inner(*arguments: object, **more: object) -> object:
            nonlocal passed
            passed += 1
            if passed == moment + 1:
                _exchange(tree)
            return call(*arguments, **more)

        return inner

    for name in _CALLS:
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    was = f"{MISSPELT}\n".encode()
    try:
        replace_file(target, f"{CORRECT}\n".encode(), was=was)
    except (NotWritten, OSError) as problem:
        assert isinstance(problem, NotWritten) or problem.errno == errno.ENOENT
    assert (tree.parent / "home" / "a.sh").read_bytes() == was
    assert sorted(path.name for path in (tree.parent / "home").iterdir()) == ["a.sh", "victim"]
    assert not list(tree.rglob(".nemolint-*"))


def test_the_moments_are_all(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above has a moment for each call of a whole replacement."""
    calls = 0

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def inner(*arguments: object, **more: object) -> object:
            nonlocal calls
            calls += 1
            return call(*arguments, **more)

        return inner

    (tree / "sub").mkdir()
    (tree / "sub" / "a.sh").write_text("old")
    for name in _CALLS:
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    replace_file(tree / "sub" / "a.sh", b"new", was=b"old")
    assert 10 < calls <= 24


def test_pages_are_removed_where_they_were(tree: Path) -> None:
    """A folder that became a link loses nothing."""
    (tree / "sub").mkdir()
    (tree / "sub" / "victim").write_text("old")
    target = output_of(Path("sub/victim"), tree)
    _exchange(tree)
    with pytest.raises(NotWritten, match="a folder in its path has become a link"):
        remove_file(target)
    assert (tree.parent / "home" / "victim").read_text() == MINE


# -- the fallbacks


@pytest.fixture(params=["by handle", "by path", "without O_PATH"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Systems with handles of folders, without (Windows), and such where a folder must be readable (macOS, BSD)."""
    if request.param == "by path":
        monkeypatch.setattr(atomic, "_HANDLES", False)
        monkeypatch.delattr(os, "fchmod")
        monkeypatch.delattr(os, "fchown")
    if request.param == "without O_PATH":
        monkeypatch.setattr(atomic, "_PASS", os.O_RDONLY)
    yield request.param


def test_every_system_replaces_alike(tree: Path, system: str) -> None:
    """New files, old ones with their mode, files that changed, links and folders that are links: as everywhere."""
    file = tree / "x"
    replace_file(file, b"new")
    file.chmod(0o751)
    replace_file(file, b"newer", was=b"new")
    assert file.read_bytes() == b"newer" and file.stat().st_mode & 0o777 == 0o751
    with pytest.raises(NotWritten, match="was modified during the check"):
        replace_file(file, b"newest", was=b"new")
    file.chmod(0o444)
    with pytest.raises(NotWritten, match="is read-only"):
        replace_file(file, b"newest")
    with pytest.raises(FileNotFoundError):
        replace_file(tree / "absent", b"", was=b"x")
    with pytest.raises(OSError, match="directory"):
        replace_file(tree / "absent" / "x", b"")
    (tree / "link").symlink_to("x")
    with pytest.raises(NotWritten, match="has become a link"):
        replace_file(tree / "link", b"newest")
    (tree / "folder").symlink_to("../home")
    with pytest.raises(NotWritten, match="a folder in its path has become a link"):
        replace_file(tree / "folder" / "victim", b"newest")
    assert file.read_bytes() == b"newer" and (tree.parent / "home" / "victim").read_text() == MINE
    assert not list(tree.glob(".nemolint-*"))


def test_a_mounted_file_is_written_into(tree: Path, system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that cannot be replaced (a file that is mounted by itself) is written in place; a fix never is."""

    def busy(*_: object, **__: object) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(os, "replace", busy)
    (tree / "report").write_text("a long old report")
    inode = (tree / "report").stat().st_ino
    with pytest.raises(OSError, match="busy"):
        replace_file(tree / "report", b"fixed")
    assert (tree / "report").read_text() == "a long old report"
    replace_file(tree / "report", b"new", in_place=True)
    assert (tree / "report").read_text() == "new" and (tree / "report").stat().st_ino == inode
    assert not list(tree.glob(".nemolint-*"))
