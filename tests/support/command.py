"""Starts programs for the tests: nemolint as its users do, git, and any other."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nemolint.driver.workers import VARIABLE as WORKERS

MISSPELT = "uv run nemotron steps run sft/automodel -c tiny --dryrun"
CORRECT = "uv run nemotron steps run sft/automodel -c tiny --dry-run"

# What changes an answer, and is set in some terminals, CI jobs and git hooks.
CI = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", "GITLAB_CI")
_COLORS = ("FORCE_COLOR", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE")
# Without byte code each start compiles all of nemolint, which takes three times as long as the rest of it.
_UNSET = (*CI, *_COLORS, "GITHUB_OUTPUT", "NEMOTRON_ENV_FILE", "COLUMNS", WORKERS, "PYTHONDONTWRITEBYTECODE")
# Variables for Python itself that a process which runs already can heed.
_HEEDED = ("PYTHONIOENCODING",)
_SERVER = Path(__file__).with_name("server.py")
MODULE = (sys.executable, "-m", "nemolint")
"""How a test starts nemolint itself."""
MAIN = '\nfrom nemolint.__main__ import main\nsys = __import__("sys")\nsys.argv[0] = "nemolint"\nsys.exit(main())\n'
"""The same in Python, behind other code."""


def clean_environment(cache: Path) -> None:
    """Make the answers of this process, and of those that it starts, independent of where the tests run."""
    for name in [name for name in os.environ if name in _UNSET or name.startswith("GIT_")]:
        del os.environ[name]
    os.environ["NEMOLINT_CACHE_DIR"] = str(cache)


class Done(NamedTuple):
    """What a program left: exit code, standard output, standard error. Bytes that are no UTF-8 are surrogates."""

    code: int
    out: str
    err: str

    @classmethod
    def of(cls, code: int, out: bytes, err: bytes) -> Done:
        """The same of bytes."""
        return cls(code, *(stream.decode("utf-8", "surrogateescape") for stream in (out, err)))

    @property
    def stdout(self) -> bytes:
        """Standard output as bytes."""
        return self.out.encode("utf-8", "surrogateescape")

    @property
    def screen(self) -> str:
        """What a person sees, with `! ` before each line of standard error, and an exit code that is not 0."""
        err = "".join(f"! {line}" for line in self.err.splitlines(keepends=True))
        return self.out + err + (f"exit code {self.code}\n" if self.code else "")

    @property
    def shown(self) -> str:
        """Both streams."""
        return self.out + self.err

    def rows(self) -> Any:
        """Standard output as JSON; a check that failed has none."""
        assert self.code in (0, 1), self.err
        return json.loads(self.out)


def execute(
    command: Sequence[str | Path],
    folder: Path,
    *,
    env: Mapping[str, str] | None = None,
    stdin: str | bytes = b"",
    code: int | None = None,
    timeout: float = 300,
) -> Done:
    """Run a program to its end in a folder; `env` is added to the environment. Fails if `code` is not its exit code."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=os.environ | (env or {}),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    assert code in (None, done.returncode), f"exit code {done.returncode}: {done.stderr!r}"
    return Done.of(done.returncode, done.stdout, done.stderr)


def python(source: str, folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Done:
    """Run Python code from nothing."""
    done = execute([sys.executable, "-c", source, *arguments], folder, env=env)
    assert "Traceback" not in done.err, done.err
    return done


def start(
    command: Sequence[str | Path], folder: Path, *, env: Mapping[str, str] | None = None, heard: bool = True
) -> subprocess.Popen[str]:
    """Start a program in a process group of its own, for tests that send it signals.

    What it says is thrown away unless it is `heard`.

    They reach it even where the tests run as a background job, in which they are ignored: a program ignores what its
    parent ignores, and takes by default what that one handles.
    """
    ignored = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, lambda *_: None)
    try:
        return subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=os.environ | (env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if heard else subprocess.DEVNULL,
            stderr=subprocess.PIPE if heard else subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
    finally:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)


def end(process: subprocess.Popen[str]) -> None:
    """Kill what `start` has started, and what that has started, if any of it still runs."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, with a name and an address of its own; what it prints."""
    settings = ("user.name=a", "user.email=a@example.org", "init.defaultBranch=main", "core.hooksPath=/dev/null")
    words = [word for setting in (*settings, "commit.gpgsign=false") for word in ("-c", setting)]
    return execute(["git", *words, *arguments], folder, code=0).out


def nemolint(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    stdin: str | bytes = b"",
    before: str = "",
    cold: bool = False,
) -> Done:
    """Run `nemolint` in a folder, in a process of its own.

    `before` is Python code to run first, such as a fault to put in the way. The process has loaded nemolint already,
    which is most of what a start costs; `cold` starts one from nothing, where that is the point.
    """
    if cold or not hasattr(os, "fork") or _for_a_start(env or {}):
        command = (sys.executable, "-c", f"{before}{MAIN}") if before else MODULE
        done = execute([*command, *arguments], folder, env=env, stdin=stdin)
    else:
        done = _Server.shared().run(folder, arguments, os.environ | (env or {}), stdin, before)
    assert before or not ("Traceback" in done.err or "internal error" in done.err), done.err
    # All that nemolint says is UTF-8; a text that it passes on keeps its bytes.
    (done.err if "-" in arguments else done.shown).encode("utf-8")
    return done


def _for_a_start(env: Mapping[str, str]) -> bool:
    """Whether variables have something to say to a Python that starts."""
    return any(name.startswith("PYTHON") and name not in _HEEDED for name in env)


class _Server:
    """A Python that has loaded nemolint and forks to run it; see `server.py`."""

    _shared: _Server | None = None

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection, theirs = socket.socketpair()
        self._connection.settimeout(300)
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-P", str(_SERVER), str(number)]
            self._process = subprocess.Popen(command, pass_fds=[number], start_new_session=True)

    @classmethod
    def shared(cls) -> _Server:
        """The one of this process."""
        if cls._shared is None:
            cls._shared = cls()
        return cls._shared

    def run(
        self, folder: Path, arguments: Sequence[str], environ: Mapping[str, str], stdin: str | bytes, before: str
    ) -> Done:
        """Run one command to its end."""
        request = json.dumps(
            {"folder": str(folder), "arguments": arguments, "environ": dict(environ), "before": before}
        ).encode()
        with self._lock, tempfile.TemporaryFile() as given:
            given.write(stdin.encode() if isinstance(stdin, str) else stdin)
            given.seek(0)
            out, err = _Pipe(), _Pipe()
            try:
                streams = [given.fileno(), out.end, err.end]
                socket.send_fds(self._connection, [len(request).to_bytes(8, "big")], streams)
                self._connection.sendall(request)
            finally:
                os.close(out.end)
                os.close(err.end)
            try:
                answer = self._connection.recv(4)
            except TimeoutError:
                os.killpg(self._process.pid, signal.SIGKILL)
                self.stop()
                raise
            return Done.of(int.from_bytes(answer, "big", signed=True), out.read(), err.read())

    def stop(self) -> None:
        """End the process, and what it runs."""
        type(self)._shared = None
        self._connection.close()
        self._process.wait(timeout=60)


def stop() -> None:
    """End what `nemolint` runs in."""
    if _Server._shared is not None:
        _Server._shared.stop()


class _Pipe:
    """Collects what is written to `end`."""

    def __init__(self) -> None:
        read, self.end = os.pipe()
        self._file = os.fdopen(read, "rb")
        self._data = b""
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def _collect(self) -> None:
        with self._file:
            self._data = self._file.read()

    def read(self) -> bytes:
        """All that was written, once nobody can write any more."""
        self._thread.join()
        return self._data
