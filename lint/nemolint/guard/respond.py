"""The answer to a payload that may concern nemolint, in time.

What judges the payload is loaded by the process that does (see `deadline.py`): the one that the host waits for holds
the deadline and writes the answer.
"""

from __future__ import annotations

import os
import time

from nemolint.guard import deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def respond(
    arguments: list[str],
    data: bytes,
    problem: str,
    seconds: float,
    left: float,
    value_of: Callable[[str, list[str]], str],
    set_timer: Callable[[float], None],
) -> int:
    """Write the answer to a payload, and return the exit code.

    `problem`: why the payload is incomplete, if it is; `seconds` is the deadline, of which so many are `left`;
    `value_of` gives the value of an option, and `set_timer` sets a timer that raises TimeoutError.
    """
    agent = value_of("--agent", arguments)
    closed, log = "--fail-closed" in arguments, value_of("--log", arguments)
    begun = time.monotonic() - (seconds - left)

    def work() -> tuple[tuple[str, ...], Callable[[], None] | None]:
        from nemolint.guard.hook_outcome import judged, masked_command

        outcome, after = judged(data, agent, closed)
        # Masking is part of what the deadline holds for; what may be said of a failure is said without the command.
        command = masked_command(data, agent) if log and outcome.kind not in ("", "failed") else ""
        return (command, *outcome.texts()), after

    if deadline.INSIDE in arguments:
        _write(1, deadline.dumped(work()[0]))
        return 0
    try:
        try:
            if problem:
                raise deadline.NoResult(problem)
            if hasattr(os, "fork"):
                set_timer(left)
                texts = deadline.forked(work, left)
            else:
                texts = deadline.spawned(arguments, data, left)
        finally:
            set_timer(0)
    except TimeoutError:
        texts = _failed(data, agent, closed, f"the check took longer than {seconds:g} s")
    except (deadline.NoResult, OSError, ValueError, EOFError) as error:
        texts = _failed(data, agent, closed, str(error))
    if log and texts[4]:
        texts = _logged(texts, log, data, agent, begun)
    _, out, err, code, *_ = texts
    _write(1, out.encode("utf-8", "backslashreplace"))
    _write(2, f"{err}\n".encode("utf-8", "backslashreplace") if err else b"")
    return int(code)


def _failed(data: bytes, agent: str, closed: bool, problem: str) -> tuple[str, ...]:
    from nemolint.guard.hook_outcome import failed

    return ("", *failed(data, agent, closed, problem).texts())


def _logged(texts: tuple[str, ...], file: str, data: bytes, agent: str, begun: float) -> tuple[str, ...]:
    """The texts of an outcome, once it is in the log; if that fails, its answer says so.

    The first text is the command with its secrets masked. Only the process that answers writes the log, so that there
    is one line.
    """
    from nemolint.guard import log
    from nemolint.guard.hook_outcome import HookOutcome, known_payload

    outcome = HookOutcome.of(texts[1:])
    payload = known_payload(data, agent)
    entry: dict[str, object] = {
        "host": payload.host,
        "event": payload.event,
        "folder": payload.folder,
        "verdict": outcome.kind,
        "rules": [*outcome.rules],
        "run": outcome.runs,
        "ms": round((time.monotonic() - begun) * 1000),
    }
    if outcome.failure:
        entry["failure"] = outcome.failure
    if texts[0]:
        entry["command"] = texts[0]
    if problem := log.add(file, entry):
        outcome = outcome.saying(f"nemolint cannot write its log: {problem}", payload)
    return (texts[0], *outcome.texts())


def _write(stream: int, data: bytes) -> None:
    """Write bytes. A reader that is gone is no error: nobody is left to tell."""
    try:
        while data:
            data = data[os.write(stream, data) :]
    except OSError:
        return
