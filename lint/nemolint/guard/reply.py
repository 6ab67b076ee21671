"""What an assistant's final answer deserves: checked with the preset `answer`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping

from nemolint.guard.committed import LastCommit, reading
from nemolint.guard.host_answers import Verdict
from nemolint.guard.reasons import reply_reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.guard.payload import Payload
    from nemolint.settings import Settings

NAME = "reply.answer.md"
"""What an answer is called in findings."""
_MOST_READ = 2_000_000  # bytes at the end of a transcript


def judge_reply(payload: Payload) -> Verdict:
    """The verdict on an answer: `deny` sends it back. One that was sent back before stands."""
    if payload.again:
        return Verdict("pass")
    text = payload.text if payload.text is not None else last_answer(payload.transcript)
    from nemolint.guard.glance import may_hold_run

    if not text or not may_hold_run(text):
        return Verdict("pass")
    now, seen = _settings(payload.folder, {})
    verdict = _checked(payload, text, now)
    changed = LastCommit(payload.folder).changed(seen) if verdict.kind == "pass" else {}
    return _checked(payload, text, _settings(payload.folder, changed)[0]) if changed else verdict


def _settings(folder: str, contents: Mapping[str, bytes | None]) -> tuple[Settings, list[str]]:
    """The settings of a folder, in which `contents` takes the place of some files, and the files looked at."""
    from nemolint.settings import Settings, SettingsError, SettingsTree
    from nemolint.settings_file import SettingsFiles

    files = SettingsFiles(read=reading(contents))
    try:
        found = SettingsTree(lambda: Settings(folder), files.of_folder).of(folder)
    except SettingsError:  # the hook of its commands says so
        found = Settings(folder)
    return found, [path for path in files.seen if not path.endswith("/")]


def _checked(payload: Payload, text: str, settings: Settings) -> Verdict:
    """The verdict on a text under some settings."""
    from nemolint.linter.checker import Checker
    from nemolint.reader import read_text

    settings = settings._replace(preset="answer")
    checker = Checker(settings, cwd=payload.folder, environ=os.environ, prompt=payload.prompt)
    document = read_text(NAME, text, answer=True, prompt=payload.prompt)
    errors = [
        item
        for item in checker.check(document)
        if item.severity == "error" and checker.rules[item.rule].group != "tool"
    ]
    failure = "; ".join(dict.fromkeys(f"rule {error.rule} failed" for error in checker.internal_errors))
    runs = bool(document.runs)
    if not errors:
        return Verdict("pass", failure=failure, runs=runs)
    rules = tuple(dict.fromkeys(item.rule for item in errors))
    return Verdict("deny", reply_reason(errors), failure, rules=rules, runs=runs)


def last_answer(transcript: str) -> str | None:
    """The last message of the assistant in a transcript, JSON by lines; None if there is none."""
    from nemolint.base.files import read_regular

    if not transcript:
        return None
    try:
        with open(transcript, "rb") as file:
            # Refuses what is not a regular file.
            read_regular(transcript, 0, whole=False)
            file.seek(max(os.fstat(file.fileno()).st_size - _MOST_READ, 0))
            data = file.read(_MOST_READ)
    except (OSError, ValueError):
        return None
    for line in reversed(data.decode("utf-8", "replace").splitlines()):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):  # the beginning is cut off
            continue
        if text := _message(row):
            return text
    return None


def _message(row: Any) -> str:
    """The text of a message of the assistant, empty for anything else."""
    if not isinstance(row, dict):
        return ""
    for holder in (row, row.get("message"), row.get("data")):
        if isinstance(holder, dict) and _is_assistant(row, holder):
            if text := "\n".join(_texts(holder.get("content"))).strip():
                return text
    return ""


def _is_assistant(row: dict[str, Any], holder: dict[str, Any]) -> bool:
    kind = row.get("type")
    return holder.get("role") == "assistant" or kind in ("assistant", "assistant.message")


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
            yield part["text"]
