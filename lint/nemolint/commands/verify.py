"""`nemolint commands --verify`: dry runs of the commands. The only place that starts anything that a document says.

What is started is restricted: the CLI by its name (or the executable that the user gives), with `--dry-run` right after
`run`, where no other word can take it as its value; no shell, no wrapper from the document, no words that a shell would
still have to expand.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nemolint.analysis import placeholders, quoting
from nemolint.base.named_tuple import NamedTuple
from nemolint.secrets import secret_key
from nemolint.secrets.redact import WINDOW, marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from nemolint.driver.request import Streams
    from nemolint.invocation import StepRun
    from nemolint.linter.checker import Checker
    from nemolint.project import Project
    from nemolint.shell.command import Word

_LAUNCHERS = ("uv run", "uv run --no-sync")
_SHOWN_LINES = 6
_SHOWN_BYTES = 16_384


class Attempt(NamedTuple):
    """How a dry run ended: `problem` is empty if it succeeded; `output` holds its last lines, as they came."""

    problem: str
    output: str = ""


@dataclass(eq=False)
class Verifier:
    """Runs the dry runs of one invocation, each different command once.

    `timeout` is in seconds. `executable`, if given, replaces `uv run nemotron`.
    """

    checker: Checker
    streams: Streams
    timeout: float
    executable: str | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _known: dict[tuple[str, ...], Attempt] = field(default_factory=dict)

    def verify(self, run: StepRun, project: Project) -> bool:
        """True if the run's dry run succeeds. Failures are shown on stderr, runs that cannot be tried are counted."""
        obstacle = obstacle_of(run, project)
        if obstacle or project.root is None:
            self.counts[obstacle] += 1
            return False
        argv = command_line(run, self.executable)
        key = (project.root, *argv)
        if key not in self._known:
            self._known[key] = dry_run(argv, project.root, self.timeout)
        attempt = self._known[key]
        self.counts["failed" if attempt.problem else "succeeded"] += 1
        if attempt.problem:
            self._tell(run, attempt)
        return not attempt.problem

    def _tell(self, run: StepRun, attempt: Attempt) -> None:
        document = run.document
        place = document.lines.position(run.span.file_span()[0])
        scrub = self.checker.redactor(document).scrub
        output = scrub(mask_environment(attempt.output, self.checker.environ))
        last = [line.rstrip() for line in output.splitlines() if line.strip()][-_SHOWN_LINES:]
        self.streams.note(f"{document.path}:{place.line}:{place.column}: verify: {attempt.problem}", *last)

    def summary(self) -> str:
        """One line for people: what ran, and why the rest did not."""
        ran = self.counts["succeeded"] + self.counts["failed"]
        text = f"verify: {self.counts['succeeded']} of {ran} dry runs succeeded"
        skipped = {name: count for name, count in self.counts.items() if name not in ("succeeded", "failed")}
        if skipped:
            text += f"; not run: {', '.join(f'{count} ({name})' for name, count in sorted(skipped.items()))}"
        return text


def obstacle_of(run: StepRun, project: Project) -> str:
    """Why a run cannot be tried as written; empty if it can."""
    if project.root is None:
        return "no checkout"
    if run.usage_error or run.help or run.step is None or not run.command.confident:
        return "not a complete run"
    if placeholders.in_run(run):
        return "a placeholder"
    if quoting.split_values(run) or any(word.expansion or _changes(word) for word in run.words):
        return "a value from the shell"
    return ""


def _changes(word: Word) -> bool:
    """True if the shell would pass anything but the word's value."""
    hazard = quoting.word_hazard(word) or quoting.cut_off(word)
    if hazard is not None and hazard.kind != "bracket":
        return True
    return not word.quoted and (word.value.startswith("~") or "=~" in word.value)


def command_line(run: StepRun, executable: str | None) -> list[str]:
    """The argv of a run's dry run. It has neither wrappers (`sudo`, `srun`, `ssh`) nor a path from the document."""
    rest = [word.value for word in run.words[run.head :]]
    if executable is not None:
        head = [executable]
    else:
        head = [*(run.launcher.split() if run.launcher in _LAUNCHERS else ()), "nemotron"]
    return [*head, "steps", "run", "--dry-run", *rest]


def dry_run(argv: Sequence[str], folder: str, timeout: float) -> Attempt:
    """Start `argv` in `folder` without a shell and without input; it and all that it starts get `timeout` seconds."""
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                argv,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:  # ValueError: a NUL character in a word
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return Attempt(f"`{argv[0]}` could not be started: {reason}")
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            return Attempt(f"the dry run took longer than {timeout:g} seconds", _tail(output))
        finally:
            if process.poll() is None:
                _end(process)
        return Attempt("" if code == 0 else f"the dry run ended with exit code {code}", _tail(output))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a running process, with all that it started."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)  # it leads its own group, and is not waited for yet
    else:
        process.kill()
    process.wait()


def _tail(output: BinaryIO) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(size - _SHOWN_BYTES, 0))
    return output.read().decode("utf-8", "replace")


def mask_environment(text: str, environ: Mapping[str, str]) -> str:
    """Mask the values of the environment's secrets: a dry run prints the resolved `${oc.env:…}`."""
    secrets = {value: name for name, value in environ.items() if len(value) >= WINDOW and secret_key(name)}
    for value in sorted(secrets, key=len, reverse=True):
        text = text.replace(value, marker(secrets[value]))
    return text
