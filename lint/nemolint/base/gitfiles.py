"""git for untrusted repositories: nothing that they configure runs, and nothing is fetched.

The repository of a folder is found here, not by git, which would treat a folder that looks like a bare repository (a
clone may contain one as plain files) as a repository with its own settings. git runs in the background, so other work
can go on. Only built-in modules are imported here if the system has `posix_spawn`.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

TIMEOUT = 60.0
LIST = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
# Variables that tie git to one repository, as listed by `git rev-parse --local-env-vars` (inside a hook they point to
# the wrong one), and those that change the meaning of a path.
_LOCAL = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GLOB_PATHSPECS",
        "GIT_GRAFT_FILE",
        "GIT_ICASE_PATHSPECS",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_LITERAL_PATHSPECS",
        "GIT_NAMESPACE",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
# No program that the repository configures may run. An empty value turns the monitor off in every version of git.
_GIT = (
    *("git", "--no-pager"),
    *("-c", "core.fsmonitor="),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.alternateRefsCommand=:"),
    *("-c", "credential.helper="),
    *("-c", "diff.autoRefreshIndex=false"),
    *("-c", "fetch.bundleURI="),
    *("-c", "safe.bareRepository=explicit"),
)
# The first patch release of each series that respects GIT_NO_LAZY_FETCH; all do from 2.45 on.
_NEVER_FETCHES = {(2, 39): 4, (2, 40): 2, (2, 41): 1, (2, 42): 2, (2, 43): 4, (2, 44): 1}
_MAX_CONFIG = 1 << 20
_MAX_REF = 255
_MOST_REFS = 6  # git follows no more
# Files that git opens for these commands.
_WAITED_FOR = ("index", "info/exclude", "info/attributes", "objects/info/alternates", "packed-refs", "shallow")

_fetches: bool | None = None  # whether this git may fetch missing objects in any case; None until known


class Repository:
    """A work tree: its top level, with symbolic links resolved, and the path of a folder from there ("" for itself)."""

    __slots__ = ("inside", "top")

    def __init__(self, top: str, inside: str) -> None:
        self.top = top
        self.inside = inside


def repository_of(folder: str) -> Repository | None:
    """The repository of a folder, None if it is not in a work tree, or is inside a `.git`.

    Raises OSError for one in which git must not be run, FileNotFoundError for a dangling `.git`.
    """
    here = os.path.realpath(folder)
    top = here
    device = os.stat(here).st_dev
    # The limits of git's own search apply here, too.
    named = os.environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
    ceilings = [os.path.realpath(path) for path in named if os.path.isabs(path)]
    anywhere = os.environ.get("GIT_DISCOVERY_ACROSS_FILESYSTEM", "").lower() in ("1", "true", "yes", "on")
    while (git := _git_folder(os.path.join(top, ".git"))) is None:
        parent = os.path.dirname(top)
        if parent == top or parent in ceilings:
            return None
        if not anywhere and os.stat(parent).st_dev != device:
            return None
        top = parent
    inside = here[len(top) :].strip(os.sep).replace(os.sep, "/")
    if ".git" in inside.split("/"):
        return None
    for name in _WAITED_FOR:
        _regular(f"{git}/{name}")
    if _names_promisor(git) and _may_fetch():
        raise OSError(f"{top} is a partial clone, and this git is too old to turn off fetching")
    return Repository(top, inside)


def _regular(path: str) -> None:
    """Raise OSError if the path is not a regular file: git would wait for a writer of a pipe."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        raise OSError(f"{path} is not a regular file")


def _git_folder(path: str) -> str | None:
    """The folder of the repository whose `.git` is at `path`, None if git would not see one there.

    Raises OSError if git would give up, FileNotFoundError if the repository does not exist.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    if stat.S_ISREG(mode):
        text = _read(path, _MAX_CONFIG) or b""
        if not text.startswith(b"gitdir: "):
            raise OSError(f"{path} does not name a repository")
        named = os.fsdecode(text.removeprefix(b"gitdir: ").rstrip(b"\r\n"))
        path = os.path.join(os.path.dirname(path), named)
        if not _is_repository(path):
            raise FileNotFoundError(f"{path} is not a repository")
        return path
    return path if stat.S_ISDIR(mode) and _is_repository(path) else None


def _is_repository(path: str) -> bool:
    """True for a repository as git defines it: a valid `HEAD`, and folders for objects and refs."""
    try:
        is_head = os.readlink(f"{path}/HEAD").startswith("refs/")
    except (OSError, ValueError):  # usually not a link
        head = _read(f"{path}/HEAD", 255) or b""
        ref = head[4:].lstrip() if head.startswith(b"ref:") else b""
        is_head = ref.startswith(b"refs/") or (len(head) >= 40 and not head[:40].strip(b"0123456789abcdefABCDEF"))
    if not is_head:
        return False
    common = _common(path)
    return os.access(f"{common}/objects", os.X_OK) and os.access(f"{common}/refs", os.X_OK)


def _common(path: str) -> str:
    """The folder that a linked work tree shares with the others, else the repository's own."""
    named = _read(f"{path}/commondir", _MAX_CONFIG)
    return path if named is None else os.path.join(path, os.fsdecode(named.rstrip(b"\r\n")))


def head_files(repository: Repository) -> list[str]:
    """The files that tell the last commit, and where a nearer repository would begin. Some may be absent."""
    git = os.path.join(repository.top, ".git")
    inside = repository.inside.split("/") if repository.inside else []
    found = [os.path.join(repository.top, *inside[:count], ".git") for count in range(len(inside) + 1)]
    # Of a linked work tree, it is a file that names the folder.
    if not os.path.isdir(git) and (text := _read(git, _MAX_CONFIG)) is not None:
        git = os.path.join(repository.top, os.fsdecode(text.removeprefix(b"gitdir: ").rstrip(b"\r\n")))
    common = _common(git)
    found += [f"{git}/commondir", f"{git}/HEAD"]
    head = _read(f"{git}/HEAD", _MAX_REF) or b""
    for _ in range(_MOST_REFS):
        if not head.startswith(b"ref:"):
            break
        ref = os.fsdecode(head[4:].strip())
        found += [f"{git}/{ref}", f"{common}/{ref}"]
        # A ref may name another one, in place of a commit.
        head = _read(f"{git}/{ref}", _MAX_REF) or _read(f"{common}/{ref}", _MAX_REF) or b""
    tables = [f"{folder}/reftable/tables.list" for folder in (git, common)]
    return [*dict.fromkeys((*found, f"{common}/packed-refs", *tables))]


def _names_promisor(path: str) -> bool:
    """True if the settings of a repository may name a remote from which missing objects are fetched."""
    common = _common(path)
    for file in {f"{common}/config", f"{path}/config.worktree", f"{common}/config.worktree"}:
        text = (_read(file, _MAX_CONFIG) or b"").lower()
        # Names of sections and keys have no other spelling, and an included file may contain anything.
        if len(text) == _MAX_CONFIG or any(word in text for word in (b"promisor", b"partialclone", b"include")):
            return True
    return False


def _read(path: str, most: int) -> bytes | None:
    """The first bytes of a file, None if it does not exist. Raises OSError for a pipe, on which git would wait."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path} is not a regular file")
        return os.read(handle, most)
    finally:
        os.close(handle)


def _may_fetch() -> bool:
    """Whether this git fetches missing objects despite GIT_NO_LAZY_FETCH. Raises as `ask` does."""
    global _fetches
    if _fetches is None:
        _, output, _ = _start([*_GIT, "version"], _environ()).answer()
        _fetches = not _obeys(output)
    return _fetches


def _obeys(version: bytes) -> bool:
    """True if the git of this version respects GIT_NO_LAZY_FETCH."""
    numbers = version.removeprefix(b"git version ").split(b".")
    digits = [int(number) for number in numbers[:2] if number.isdigit()]
    if len(digits) < 2:
        return False
    patch = numbers[2].split()[0] if len(numbers) > 2 and numbers[2].strip() else b"0"
    first = _NEVER_FETCHES.get((digits[0], digits[1]))
    if first is None:
        return (digits[0], digits[1]) >= (2, 45)
    return patch.isdigit() and int(patch) >= first


def _program() -> str:
    """The git executable: never a file of the checked folder, where a relative `PATH` or Windows searches first.

    Raises FileNotFoundError.
    """
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if os.name != "nt" and all(os.path.isabs(folder) for folder in folders):
        return "git"
    for folder in filter(os.path.isabs, folders):
        path = os.path.join(folder, "git.exe" if os.name == "nt" else "git")
        if os.access(path, os.X_OK):
            return path
    raise FileNotFoundError("git")


def _environ(top: str | None = None) -> dict[str, str]:
    """The environment of git, tied to the repository at `top`."""
    kept = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    kept |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        # The only allowed protocol has a random name: for any other name, even the empty one, a repository could define
        # an alias (`remote-…`) that git runs as the helper of that protocol.
        "GIT_ALLOW_PROTOCOL": os.urandom(8).hex(),
        "LC_ALL": "C",
    }
    if top is not None:
        # git searches a repository here and no higher, and `core.worktree` cannot redirect it to another tree.
        kept |= {"GIT_CEILING_DIRECTORIES": os.path.dirname(top), "GIT_WORK_TREE": top}
    return kept


class Asked:
    """A running git command. Raises FileNotFoundError if git is not installed, OSError if it cannot start."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self._out, out = os.pipe()
        self._err, err = os.pipe()
        try:
            self._process = os.posix_spawnp(
                _program(),
                command,
                environ,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, out, 1),
                    (os.POSIX_SPAWN_DUP2, err, 2),
                ],
            )
        except OSError:
            os.close(self._out)
            os.close(self._err)
            raise
        finally:
            os.close(out)
            os.close(err)

    def answer(self) -> tuple[int, bytes, bytes]:
        """Exit code, standard output and standard error. Raises TimeoutError."""
        import select

        read: dict[int, list[bytes]] = {self._out: [], self._err: []}
        poll = select.poll()
        for pipe in read:
            poll.register(pipe, select.POLLIN)
        waiting = set(read)
        try:
            while waiting:
                ready = poll.poll(TIMEOUT * 1000)
                if not ready:
                    os.kill(self._process, 9)
                    os.waitpid(self._process, 0)
                    raise TimeoutError(f"git did not finish in {TIMEOUT:.0f} seconds")
                for pipe, _ in ready:
                    data = os.read(pipe, 1 << 16)
                    read[pipe].append(data)
                    if not data:
                        poll.unregister(pipe)
                        waiting.discard(pipe)
        finally:
            for pipe in read:
                os.close(pipe)
        _, status = os.waitpid(self._process, 0)
        return os.waitstatus_to_exitcode(status), b"".join(read[self._out]), b"".join(read[self._err])


class _Subprocess(Asked):
    """The same for systems without `posix_spawn`."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        import subprocess

        self._popen = subprocess.Popen(
            [_program(), *command[1:]],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def answer(self) -> tuple[int, bytes, bytes]:
        import subprocess

        try:
            out, err = self._popen.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.communicate()
            raise TimeoutError(f"git did not finish in {TIMEOUT:.0f} seconds") from None
        return self._popen.returncode, out, err


def _start(command: list[str], environ: dict[str, str]) -> Asked:
    kind = Asked if hasattr(os, "posix_spawnp") else _Subprocess
    return kind(command, environ)


def ask(repository: Repository, *arguments: str, options: Iterable[str] = ()) -> Asked:
    """Start a git command, with `options` of git itself before it, at the top level of a repository.

    Raises FileNotFoundError if git is not installed, OSError if it cannot start.
    """
    command = [*_GIT, *options, "-C", repository.top, *arguments]
    return _start(command, _environ(repository.top))


def ask_for_files(repository: Repository) -> Asked:
    """Start listing the files of the folder that the repository was found for; raises as `ask` does.

    git lists their paths from the top level.
    """
    paths = ("--", repository.inside) if repository.inside else ()
    return ask(repository, *LIST, *paths, options=("--literal-pathspecs",))


def ask_if_ignored(repository: Repository) -> Asked:
    """Start asking whether the folder that the repository was found for is ignored; raises as `ask` does.

    The exit code is 0 if it is.
    """
    # After `./` no name is pathspec magic, which cannot be turned off for this command.
    return ask(repository, "check-ignore", "-q", "--", f"./{repository.inside}")
