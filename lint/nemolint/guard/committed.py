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
        self.failed = False
        """Whether git cannot read the commit: the repository is broken, or somebody else's."""
        self.unknown = False
        """Whether what the commit holds is not known, so that nothing tells when that changes."""
        try:
            self._repository = repository_of(folder)
        except (OSError, ValueError):  # git must not be run there
            self.unknown = True
            return
        if self._repository is not None:
            self._ask_ahead(self._repository)

    @property
    def top(self) -> str | None:
        """The top level of the repository, None without one."""
        return None if self._repository is None else self._repository.top

    def files(self) -> list[str] | None:
        """The files that say which commit it is, and where a repository could begin; None if they do not tell."""
        from nemolint.base.gitfiles import head_files

        if self.unknown or self.failed:
            return None
        if self._repository is not None:
            try:
                return head_files(self._repository)
            except OSError:
                return None
        found = [os.path.join(folder, ".git") for folder in and_above(os.path.realpath(self._folder))]
        # One that is no repository may become one by what is put into it.
        return None if any(map(os.path.lexists, found)) else found

    def changed(self, paths: Iterable[str], links: int = _MOST_LINKS) -> dict[str, bytes | None]:
        """Those of some files, given by absolute path, that differ from the commit, with their content there.

        A settings file that the commit lacks has the content None, and so has each if git cannot read the commit, and a
        link that led elsewhere; at most so many `links` are followed. An env TOML that git does not know is not
        compared: most are never to be committed. Empty without a repository or a commit.
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
                if os.path.lexists(path) and not is_env_file(path):
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
        try:
            self._ahead = ask(repository, *_LIST, *names, options=_OPTIONS), names
        except OSError:
            self.unknown = True

    def _list(self, names: list[str]) -> None:
        """Learn what the commit has of some files."""
        if self._ahead is not None:
            (asked, ahead), self._ahead = self._ahead, None
            try:
                code, out, said = asked.answer()
            except OSError:
                self.unknown = True
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

    def _name(self, path: str) -> str | None:
        """The name of a file in the repository, None if it is outside."""
        assert self._repository is not None
        folder = os.path.realpath(os.path.dirname(path))
        name = os.path.relpath(os.path.join(folder, os.path.basename(path)), self._repository.top)
        return None if name.startswith("..") else name.replace(os.sep, "/")

    def _ask(self, *arguments: str) -> bytes | None:
        """What a git command prints, None if it fails."""
        from nemolint.base.gitfiles import ask

        assert self._repository is not None
        try:
            code, out, _ = ask(self._repository, *arguments, options=_OPTIONS).answer()
        except OSError:  # git is not installed, or took too long
            self.unknown = True
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
