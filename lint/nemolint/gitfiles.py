"""What git lists: asked for without blocking, so that the answer can be awaited beside other work.

Only built-in modules are imported here where the system has `posix_spawn`.
"""

from __future__ import annotations

import os

TIMEOUT = 60.0
LIST = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
# Variables that tie git to one repository; inside a hook they point at the wrong one.
_LOCAL = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
    }
)
# Nothing that the repository configures may run a program.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


def _program() -> str:
    """What to start as git: never a file of the folder that is checked, where a relative `PATH` or Windows looks first.

    Raises FileNotFoundError.
    """
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if os.name != "nt" and all(os.path.isabs(folder) for folder in folders):  # noqa: PTH117 - no pathlib on the fast path
        return "git"
    for folder in filter(os.path.isabs, folders):
        path = os.path.join(folder, "git.exe" if os.name == "nt" else "git")  # noqa: PTH118
        if os.access(path, os.X_OK):
            return path
    raise FileNotFoundError("git")


def _environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


class Asked:
    """A git command under way in a folder. Raises FileNotFoundError where git is absent, OSError where it fails."""

    def __init__(self, folder: str, *arguments: str) -> None:
        command = [*_GIT, "-C", folder, *arguments]
        self._out, out = os.pipe()
        self._err, err = os.pipe()
        try:
            self._process = os.posix_spawnp(
                _program(),
                command,
                _environ(),
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
                    raise TimeoutError(f"git gave no answer in {TIMEOUT:.0f} seconds")
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

    def __init__(self, folder: str, *arguments: str) -> None:
        import subprocess

        self._popen = subprocess.Popen(
            [_program(), *_GIT[1:], "-C", folder, *arguments],
            env=_environ(),
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
            raise TimeoutError(f"git gave no answer in {TIMEOUT:.0f} seconds") from None
        return self._popen.returncode, out, err


def ask(folder: str, *arguments: str) -> Asked:
    """Start a git command in a folder. Raises FileNotFoundError where git is absent, OSError where it cannot start."""
    if hasattr(os, "posix_spawnp"):
        return Asked(folder, *arguments)
    return _Subprocess(folder, *arguments)
