"""The options of a check, and its streams."""

from __future__ import annotations

from collections.abc import Iterable

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.streams import OutputError
from nemolint.secrets.outgoing import masked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, TextIO

    from nemolint.driver.progress import Progress

DEFAULT_OUTPUTS: tuple[tuple[str, str | None], ...] = (("text", None),)
# Options that say what to check and how to show it. The effect of any other is not covered by a signature.
_REPEATABLE = (
    "paths", "outputs", "show", "fail_on", "exit_zero", "statistics", "quiet", "force_exclude", "hook",
    "cache", "color", "jobs",
)  # fmt: skip


class Request(NamedTuple):
    """What the command line asks for. `outputs` pairs each format with its file (None: standard output).

    `jobs` is the highest number of processes (None: as many as are worth it). `add_ignores` is the
    reason of the suppressions to write; `named` are the rules that were selected by name.
    """

    paths: tuple[str, ...] = ()
    stdin_name: str | None = None
    prompt: str | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    add_ignores: str | None = None
    named: frozenset[str] = frozenset()
    outputs: tuple[tuple[str, str | None], ...] = DEFAULT_OUTPUTS
    show: str = "warning"
    fail_on: str = "warning"
    exit_zero: bool = False
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    force_exclude: bool = False
    hook: bool = False
    cache: bool = False
    color: str = "auto"
    jobs: int | None = None
    since: str | None = None
    baseline: str | None = None
    watch: bool = False

    @property
    def changes(self) -> bool:
        """True if files are changed, or changes of files are shown."""
        return self.fix or self.diff or self.add_ignores is not None

    @property
    def repeatable(self) -> bool:
        """True if the output depends only on files that the finder and the projects read, and goes to stdout."""
        asked = {name: getattr(self, name) for name in _REPEATABLE}
        return self == Request()._replace(**asked) and all(
            # The links of a summary depend on the job that it is made in.
            file is None and name != "markdown"
            for name, file in self.outputs
        )


class Streams(NamedTuple):
    """The standard streams: findings go to `out`, everything else to `err`."""

    stdin: BinaryIO
    out: TextIO
    err: TextIO

    def note(self, message: str, *more: str) -> None:
        """Show the user a message that is not a finding: one line, and `more` lines below it."""
        from nemolint.base.visible import opening, visible

        lines = [f"nemolint: {visible(message)}", *(opening(f"    {visible(line)}") for line in more)]
        self.err.writelines(f"{line}\n" for line in lines)


class CopyingStream:
    """A stream that also records what is written to it, secrets masked. It clears the progress line first.

    Raises OutputError if the stream is closed, which must not be taken for a failure of the check.
    """

    def __init__(self, stream: TextIO, progress: Progress | None) -> None:
        self._stream = stream
        self._progress = progress
        self._parts: list[str] = []

    def write(self, text: str) -> int:
        if self._progress is not None:
            self._progress.erase()
        text = masked(text)
        self._parts.append(text)
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.strerror or str(error)) from None

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def text(self) -> str:
        return "".join(self._parts)
