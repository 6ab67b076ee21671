"""From a payload to the answer: read and judged. The process that holds the deadline has no use for it."""

from __future__ import annotations

import os
from functools import partial

from nemolint.base.named_tuple import NamedTuple
from nemolint.guard.host_answers import HookAnswer, Verdict, render
from nemolint.guard.payload import Payload, PayloadError, parse, read_payload, without_content

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class HookOutcome(NamedTuple):
    """An answer, and what led to it: `kind` is the verdict, and `rules` are those behind it.

    `kind` is `failed` if there is no verdict, and empty where none was needed.
    """

    answer: HookAnswer
    kind: str
    rules: tuple[str, ...] = ()
    failure: str = ""
    runs: bool = False

    def texts(self) -> tuple[str, ...]:
        """It as plain texts."""
        out, err, code = self.answer
        return (out, err, str(code), self.kind, " ".join(self.rules), self.failure, "run" if self.runs else "")

    @classmethod
    def of(cls, texts: Sequence[str]) -> HookOutcome:
        """It from plain texts."""
        out, err, code, kind, rules, failure, runs = texts
        return cls(HookAnswer(out, err, int(code)), kind, tuple(rules.split()), failure, bool(runs))

    def saying(self, problem: str, payload: Payload) -> HookOutcome:
        """The same outcome with an answer that also says what went wrong besides the check."""
        out, err, code = self.answer
        if not err and out in ("{}", ""):
            quiet = render(Verdict("pass", failure=problem), payload.host, payload.event, payload.name)
            return self._replace(answer=quiet._replace(code=code))
        return self._replace(answer=HookAnswer(out, f"{err}\n{problem}".strip(), code))


def masked_command(data: bytes, agent: str) -> str:
    """The command of a payload with its secrets masked; empty if it has some in a form that cannot be masked."""
    from nemolint.guard.glance import TURNED, decoded_runs

    command = read_payload(parse(data), agent).command
    texts = decoded_runs(command)
    if any(word in command for word in TURNED):  # `rev` or `tr` may make a run of it
        import codecs

        texts += [command[::-1], codecs.encode(command, "rot13")]
    if not command or any(_masked(text) != text for text in texts):
        return ""
    return _masked(command)


def _masked(command: str) -> str:
    from nemolint.document import Document
    from nemolint.secrets import Redactor
    from nemolint.secrets.outgoing import masked

    return masked(Redactor(Document("command.sh", command, kind="shell")).scrub(command))


def known_payload(data: bytes, agent: str) -> Payload:
    """What a payload says; one that cannot be read says who asks, as far as that can be told."""
    try:
        return read_payload(parse(data), agent)
    except PayloadError:
        return _without_content(data, agent)


def judged(data: bytes, agent: str, closed: bool) -> tuple[HookOutcome, Callable[[], None] | None]:
    """The answer to a payload, and what is to be done after it."""
    try:
        payload = read_payload(parse(data), agent)
        if payload.event == "command" and not _concerns(payload):
            return HookOutcome(render(Verdict("pass"), payload.host, payload.event, payload.name), ""), None
        from nemolint.guard import remembered

        key = remembered.key_of(payload, closed)
        if (known := remembered.recall(key)) is not None:
            return HookOutcome.of(known), None
        verdict, depends = _verdict(payload)
        if closed and payload.event == "command" and verdict.kind in ("pass", "note"):
            if problem := verdict.failure or (verdict.reason if verdict.unread else ""):
                return failed(data, agent, closed, problem), None
        if verdict.failure:
            verdict = verdict._replace(failure=f"nemolint could not check all of this: {verdict.failure}")
        answer = render(verdict, payload.host, payload.event, payload.name)
        outcome = HookOutcome(answer, verdict.kind, verdict.rules, verdict.failure, verdict.runs)
        if depends is None or verdict.failure:
            return outcome, None
        return outcome, partial(remembered.keep, key, outcome.texts(), depends)
    except PayloadError as error:
        return failed(data, agent, closed, str(error)), None
    except Exception as error:  # noqa: BLE001 - its message may quote the command, or any file
        return failed(data, agent, closed, f"internal error: {type(error).__name__}{_place(error)}"), None


def _concerns(payload: Payload) -> bool:
    """False for a command that needs no check."""
    from nemolint.guard.glance import decoded_runs, may_hold_run, may_run_file

    command = payload.command
    return may_hold_run(command) or may_run_file(command, payload.folder) or bool(decoded_runs(command))


def _verdict(payload: Payload) -> tuple[Verdict, Callable[[], dict[str, str]] | None]:
    """The verdict, and what gives the signatures of all that it depends on; None if it must not be remembered."""
    if payload.event == "command":
        from nemolint.guard.verdict import judge

        return judge(payload)
    if payload.event == "reply":
        from nemolint.guard.reply import judge_reply

        return judge_reply(payload), None
    if payload.event == "edit" and payload.file:
        from nemolint.guard.edited import judge_edit

        return judge_edit(payload), None
    return Verdict("pass"), None


def failed(data: bytes, agent: str, closed: bool, problem: str) -> HookOutcome:
    """The answer where nothing could be said: none, and why; a refusal with `--fail-closed`."""
    payload = _without_content(data, agent)
    subject = "answer" if payload.event == "reply" else "command"
    message = f"nemolint could not check this {subject}: {problem}"
    refuses = closed and payload.event == "command"
    verdict = Verdict("deny", message) if refuses else Verdict("pass", failure=message)
    return HookOutcome(render(verdict, payload.host, payload.event, payload.name), "failed", failure=problem)


def _without_content(data: bytes, agent: str) -> Payload:
    """Who asks, as far as that can be told."""
    try:
        return without_content(parse(data), agent)
    except PayloadError:
        return without_content(_guessed(data), agent)._replace(event="command")


def _guessed(data: bytes) -> dict[str, object]:
    """The keys of a payload that is not JSON, as far as they tell the host."""
    known = ("agent_action_name", "clineVersion", "cursor_version", "toolName", "turn_id", "timestamp")
    guessed: dict[str, object] = {key: "" for key in known if f'"{key}"'.encode() in data}
    if b'"BeforeTool"' in data:
        guessed["hook_event_name"] = "BeforeTool"
    return guessed


def _place(error: BaseException) -> str:
    """The module and line that raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f" in {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
