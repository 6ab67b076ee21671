"""What the last commit holds of the files that decide how a command is judged: an assistant may have edited them.

Only `nemolint.base.gitfiles` starts git.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from nemolint.base.files import read_regular
from nemolint.base.paths import and_above, is_env_file
from nemolint.project.file_reader import FileReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.base.gitfiles import Asked, Repository

_MOST_NAMES = 200
_LINK = b"120000"
_LIST = ("ls-tree", "-z", "HEAD", "--")
# After `./` no name is pathspec magic, which cannot be turned off for this command.
_IGNORED = ("check-ignore", "--verbose", "--non-matching", "--")
# What `git replace` puts in the place of a commit is no commit of its own.
_OPTIONS = ("--literal-pathspecs", "--no-replace-objects")
_NO_COMMIT = b"Not a valid object name HEAD"
_MOST_LINKS = 8
_SETTINGS = ("nemolint.toml", "pyproject.toml")
_DECISIVE = (*_SETTINGS, "env.toml")


class CommittedReader(FileReader):
    """File access of a project in which some files have the content that the last commit gives them."""

    def __init__(self, cwd: str, contents: Mapping[str, bytes | None]) -> None:
        """`contents` are those of the files that differ, by absolute path; None for one that the commit lacks."""
        super().__init__(cwd)
        self._contents = contents

    def exists(self, path: str) -> bool:
        """True if the commit has it."""
        if path in self._contents:
            return self._contents[path] is not None
        return super().exists(path)

    def raw(self, path: str) -> bytes | None:
        """The bytes in the commit."""
        return self._contents[path] if path in self._contents else super().raw(path)


def reading(contents: Mapping[str, bytes | None]) -> Callable[[str | os.PathLike[str], int], bytes]:
    """What reads settings files, with the content that the last commit gives some of them (see `SettingsFiles`)."""

    def read(path: str | os.PathLike[str], most: int) -> bytes:
        name = os.fspath(path)
        if name not in contents:
            return read_regular(path, most)
        if (content := contents[name]) is None:
            from nemolint.settings_file import NoSettings

            raise NoSettings(name)
        return content

    return read


class LastCommit:
    """The last commit of the repository of a folder."""

    def __init__(self, folder: str) -> None:
        from nemolint.base.gitfiles import repository_of

        self._folder = folder
        self._repository: Repository | None = None
        self._objects: dict[str, tuple[bytes, str]] = {}
        self._listed: set[str] = set()
        self._ahead: tuple[Asked, list[str]] | None = None
        self._ignored_ahead: tuple[Asked, list[str]] | None = None
        self._ignored: dict[str, str] = {}
        self.failed = False
        """Whether git cannot read the commit: the repository is broken, or somebody else's."""
        try:
            self._repository = repository_of(folder)
        except (OSError, ValueError):  # git must not be run there
            return
        if self._repository is not None:
            self._ask_ahead(self._repository)

    @property
    def top(self) -> str | None:
        """The top level of the repository, None without one."""
        return None if self._repository is None else self._repository.top

    def files(self) -> list[str]:
        """The files that say which commit it is, what is ignored, and where a repository could begin."""
        from nemolint.base.gitfiles import head_files

        if self._repository is not None:
            patterns = [os.path.join(self._repository.top, by) for by in self._ignored.values() if by]
            try:
                return [*head_files(self._repository), *patterns]
            except OSError:
                return [self._repository.top + "/.git"]
        return [os.path.join(folder, ".git") for folder in and_above(os.path.realpath(self._folder))]

    def changed(self, paths: Iterable[str], links: int = _MOST_LINKS) -> dict[str, bytes | None]:
        """Those of some files, given by absolute path, that differ from the commit, with their content there.

        A file that the commit lacks has the content None, and so has each settings file if git cannot read the commit,
        and a link that led elsewhere; at most so many `links` are followed. An env TOML that git ignores is in no
        commit, so that it has not changed. Empty without a repository or a commit.
        """
        if self._repository is None:
            return {}
        names = {name: path for path in paths if (name := self._name(path)) is not None}
        if not names or len(names) > _MOST_NAMES:
            return {}
        self._list([name for name in names if name not in self._listed])
        found: dict[str, bytes | None] = {}
        for name, path in names.items():
            if name not in self._listed:  # there is no commit, or git failed
                if self.failed and name.endswith(_SETTINGS) and os.path.lexists(path):
                    found[path] = None
                continue
            mode, identity = self._objects.get(name, (b"", ""))
            if not identity:
                if os.path.lexists(path) and not (is_env_file(path) and self._is_ignored(name)):
                    found[path] = None
            elif mode == _LINK:
                found |= self._changed_link(path, identity, links)
            elif not _same(path, identity):
                found[path] = self._ask("cat-file", "blob", identity)
        return found

    def _changed_link(self, path: str, identity: str, links: int) -> dict[str, bytes | None]:
        """`changed` for a file that is a link in the commit."""
        try:
            leads = os.readlink(path)
        except OSError:  # it is a file now, or gone
            return {path: None}
        if os.fsencode(leads) != self._ask("cat-file", "blob", identity):
            return {path: None}
        if not links:
            return {path: None}
        target = os.path.normpath(os.path.join(os.path.dirname(path), leads))
        found = self.changed([target], links - 1)
        return {path: found[target]} if target in found else {}

    def _ask_ahead(self, repository: Repository) -> None:
        """Start asking for the files that matter wherever the folder is: git works while the engine is loaded."""
        from nemolint.base.gitfiles import ask

        parts = repository.inside.split("/") if repository.inside else []
        folders = ["".join(f"{part}/" for part in parts[:count]) for count in range(len(parts) + 1)]
        names = [folder + name for folder in folders for name in _DECISIVE][:_MOST_NAMES]
        own = [name for name in names if is_env_file(name) and os.path.lexists(os.path.join(repository.top, name))]
        try:
            self._ahead = ask(repository, *_LIST, *names, options=_OPTIONS), names
            if own:
                self._ignored_ahead = ask(repository, *_IGNORED, *map("./".__add__, own)), own
        except OSError:
            return

    def _list(self, names: list[str]) -> None:
        """Learn what the commit has of some files."""
        if self._ahead is not None:
            (asked, ahead), self._ahead = self._ahead, None
            try:
                code, out, said = asked.answer()
            except OSError:
                code, said = 1, _NO_COMMIT
            self.failed = code != 0 and _NO_COMMIT not in said
            if code == 0:
                self._take(ahead, out)
                names = [name for name in names if name not in self._listed]
        if names and not self.failed and (listed := self._ask(*_LIST, *names)) is not None:
            self._take(names, listed)

    def _take(self, names: list[str], listed: bytes) -> None:
        self._listed.update(names)
        for row in listed.split(b"\0"):
            about, _, own = row.partition(b"\t")
            if len(parts := about.split()) == 3:
                self._objects[os.fsdecode(own)] = (parts[0], parts[2].decode())

    def _is_ignored(self, name: str) -> bool:
        """Whether git passes a file over, by a pattern that is in the last commit, or in no file of the repository."""
        assert self._repository is not None
        if self._ignored_ahead is not None:
            (asked, names), self._ignored_ahead = self._ignored_ahead, None
            try:
                code, out, _ = asked.answer()
            except OSError:
                code, out = 1, b""
            self._take_ignored(names, out if code in (0, 1) else b"")
        if name not in self._ignored:
            self._take_ignored([name], self._ask(*_IGNORED, f"./{name}", options=()) or b"")
        by = self._ignored[name]
        if os.path.isabs(by) or by.startswith(".git/"):
            return True
        return by.endswith(".gitignore") and not self.changed([os.path.join(self._repository.top, by)])

    def _take_ignored(self, names: list[str], told: bytes) -> None:
        """Note of each name the file with the pattern that ignores it, "" if none does. git tells one line for each."""
        rows = told.split(b"\n")
        for number, name in enumerate(names):
            by, _, pattern = (rows[number] if number < len(rows) else b"").partition(b":")
            unusual = by.startswith(b'"') or pattern.partition(b":")[2].startswith(b"!")
            self._ignored[name] = "" if unusual else os.fsdecode(by)

    def _name(self, path: str) -> str | None:
        """The name of a file in the repository, None if it is outside."""
        assert self._repository is not None
        folder = os.path.realpath(os.path.dirname(path))
        name = os.path.relpath(os.path.join(folder, os.path.basename(path)), self._repository.top)
        return None if name.startswith("..") else name.replace(os.sep, "/")

    def _ask(self, *arguments: str, options: tuple[str, ...] = _OPTIONS) -> bytes | None:
        """What a git command prints, None if it fails."""
        from nemolint.base.gitfiles import ask

        assert self._repository is not None
        try:
            code, out, _ = ask(self._repository, *arguments, options=options).answer()
        except OSError:  # git is not installed, or took too long
            return None
        return out if code == 0 else None


def _same(path: str, identity: str) -> bool:
    """Whether a file has the content of a git object."""
    try:
        data = read_regular(path)
    except (OSError, ValueError):
        return False
    return _digest(b"blob %d\0" % len(data) + data, wide=len(identity) == 64) == identity


def _digest(data: bytes, *, wide: bool) -> str:
    """The SHA-1 of some bytes, or their SHA-256, in hexadecimal digits."""
    if not wide:
        try:
            # `hashlib` loads OpenSSL, which takes as long as the check.
            from _sha1 import sha1  # type: ignore[import-not-found]

            return str(sha1(data, usedforsecurity=False).hexdigest())
        except ImportError:
            pass
    import hashlib

    return hashlib.new("sha256" if wide else "sha1", data, usedforsecurity=False).hexdigest()
