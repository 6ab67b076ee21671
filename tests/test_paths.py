"""Paths as texts: written, compared and taken apart as `pathlib` does it."""

from __future__ import annotations

import contextlib
import ntpath
import os
import posixpath
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from types import SimpleNamespace
from unittest import mock

import pytest
from hypothesis import example, given, strategies as st

from nemolint import Project, Settings, check_text
from nemolint.base import paths
from nemolint.linter.checker import Checker

POSIX = st.text("/.ab-", max_size=9)
_PARTS = st.sampled_from(["a", "A", "b.c", ".d", "..", ".", "a-b", ""])
WINDOWS = st.builds(
    lambda drive, root, first, more, ends: f"{drive}{root}{first}{''.join(map(''.join, more))}{ends}",
    st.sampled_from(["", "c:", "C:", "d:", "\\\\host\\share\\"]),
    st.sampled_from(["", "/", "\\"]),
    _PARTS.filter(bool),
    st.lists(st.tuples(st.sampled_from(["/", "\\", "//"]), _PARTS), max_size=3),
    st.sampled_from(["", "/", "\\"]),
)
PATHS = st.one_of(
    st.tuples(st.just(PurePosixPath), POSIX, POSIX), st.tuples(st.just(PureWindowsPath), WINDOWS, WINDOWS)
)


@contextlib.contextmanager
def on(kind: type[PurePath]) -> Iterator[None]:
    """The functions as they are on the system of these paths."""
    windows = kind is PureWindowsPath
    there = SimpleNamespace(
        path=ntpath if windows else posixpath, sep="\\" if windows else "/", curdir=".", fspath=os.fspath
    )
    with mock.patch.object(paths, "os", there):
        yield


@given(PATHS)
@example((PurePosixPath, "//a/./b/", "c"))
@example((PurePosixPath, "a/../.", "/b"))
@example((PurePosixPath, "", ".git"))
@example((PureWindowsPath, "c:a", "/b"))
def test_paths_are_written_as_by_pathlib(row: tuple[type[PurePath], str, str]) -> None:
    """Doubled and trailing separators and `.` are dropped, `..` stays, and an absolute name replaces the folder."""
    kind, path, other = row
    with on(kind):
        assert paths.plain(path) == paths.plain(kind(path)) == str(kind(path))
        assert paths.plain(paths.plain(path)) == paths.plain(path)
        found = paths.joined(path, other)
        assert found == paths.joined(kind(path), kind(other)) == str(kind(found))
        # Of two spellings of one drive either may be the result.
        assert kind(found) == kind(path) / other


@given(PATHS)
def test_folders_are_those_of_pathlib(row: tuple[type[PurePath], str, str]) -> None:
    """The folder of a path, and all above it: that of a name alone is `.`, and a root has none."""
    path = row[0](row[1])
    with on(row[0]):
        assert paths.parent(str(path)) == str(path.parent)
        assert [*paths.and_above(str(path))] == [str(path), *map(str, path.parents)]


@given(PATHS, st.integers(0, 3))
@example((PurePosixPath, "/tree-2/a", "/tree"), 0)
@example((PurePosixPath, "//a", "/"), 0)
@example((PurePosixPath, "/a/../b", "/a"), 0)
@example((PureWindowsPath, "C:/A/b.c", "c:\\a"), 0)
@example((PureWindowsPath, "c:a", "c:\\"), 0)
def test_what_is_below_is_decided_as_by_pathlib(row: tuple[type[PurePath], str, str], up: int) -> None:
    """Whole parts of paths are compared, as the system compares them."""
    kind, written, other = row
    path = kind(written)
    for folder in (kind(other), [path, *path.parents][: up + 1][-1]):
        if folder.drive and not folder.root:  # the current folder of a drive, which no file is known to be below
            continue
        try:
            wanted = path.relative_to(folder).as_posix()
        except ValueError:
            wanted = None
        with on(kind):
            assert paths.relative(str(path), str(folder)) == paths.relative(path, folder) == wanted
            assert paths.below(str(path), str(folder)) is (wanted is not None)
            assert paths.same(str(path), str(folder)) is (path == folder)


@given(st.lists(POSIX, max_size=5))
def test_paths_are_sorted_folder_by_folder(names: list[str]) -> None:
    """What a folder holds is together."""
    found = [PurePosixPath(f"/tree/{path}") for path in names]
    with on(PurePosixPath):
        assert paths.in_order(map(str, found)) == [str(path) for path in sorted(found)]


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.yaml", ".yaml"),
        ("a.b.toml", ".toml"),
        (".env", ""),
        (".env.toml", ".toml"),
        ("a", ""),
        ("a.", ""),
        ("..", ""),
    ],
)
def test_extensions_of_names(name: str, suffix: str) -> None:
    """A dot at the beginning or at the end begins no extension."""
    assert paths.suffix_of(name) == suffix
    assert paths.stem_of(name) + suffix == name


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a.sh", "a.sh"),
        ("./b/../a.sh", "b/../a.sh"),
        ("/work/tree/b/a.sh", "b/a.sh"),
        ("/work/tree", "."),
        ("/work/tree-2/a.sh", "/work/tree-2/a.sh"),
        ("/work", "/work"),
    ],
)
def test_what_is_shown_of_a_path(path: str, shown: str) -> None:
    """What is below the working directory is relative to it, what is beside it is not."""
    with on(PurePosixPath):
        assert paths.display_path(path, "/work/tree") == paths.display_path(PurePosixPath(path), "/work/tree") == shown
    with on(PureWindowsPath):
        drive = path.startswith("/") and shown.startswith("/")
        written = path.replace("/work", "C:/work") if path.startswith("/") else path
        assert paths.display_path(written, "c:\\Work\\tree") == (f"C:{shown}" if drive else shown)


def test_the_repository_of_a_folder(tmp_path: Path) -> None:
    """It is the nearest one above, whether `.git` is a folder or a file, and without one the folder is on its own."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    outer = tmp_path / "a"
    (outer / ".git").write_text("gitdir: elsewhere\n", "utf-8")
    assert paths.root_of(str(inner)) == paths.root_of(str(outer)) == str(outer)
    assert paths.root_of("/no/such/folder") == "/no/such/folder"


def test_programs_may_give_paths_of_both_kinds(tmp_path: Path) -> None:
    """What takes a path takes a text and a `Path`; what has one has a text."""
    (tmp_path / "src/nemotron/steps").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    (tmp_path / "env.toml").write_text('[kettle]\nexecutor = "local"\n', "utf-8")
    found = []
    for kind in (str, Path):
        project = Project.find(kind(tmp_path / "src"), cwd=kind(tmp_path), environ={}, env_file=kind("env.toml"))
        named = Project.find(kind("/"), nemotron=kind("."), cwd=kind(tmp_path), environ={})
        env = project.env_file(kind(tmp_path / "env.toml"))
        settings = Settings(kind(tmp_path), per_file_ignores={"docs/": ("secrets",)})
        file = kind(tmp_path / "docs" / "a.md")
        text = "nemotron steps run sft/automodel --batch kettle --dryrun\n"
        diagnostics = check_text("a.sh", text, settings._replace(nemotron=kind(tmp_path)))
        checker = Checker(settings, cwd=kind(tmp_path), environ={})
        document = checker.read(kind("a.sh"), text.encode())
        found.append(
            (
                (
                    project.root,
                    named.root,
                    project.reader.cwd,
                    project.env_in_force().file,
                    env,
                    [*project.reader.seen],
                ),
                (settings.ignored_for(file), settings.for_file(file).root == kind(tmp_path), diagnostics),
                (checker.cwd, checker.settings.root, document.absolute, checker.check(document)),
            )
        )
    assert found[0] == found[1]
    assert found[0][0][:3] == (str(tmp_path),) * 3 and found[0][2][:2] == (str(tmp_path),) * 2 and found[0][1][2]
