"""What an assistant's final answer deserves: checked with the preset `answer`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nemolint.guard.host_answers import Verdict

if TYPE_CHECKING:
    from nemolint.guard.payload import Payload

NAME = "reply.answer.md"
"""What an answer is called in findings."""


def judge_reply(payload: Payload) -> Verdict:
    """The verdict on an answer: `deny` sends it back. One that was sent back before stands."""
    if payload.again or not payload.text:
        return Verdict("pass")
    from nemolint.linter.checker import Checker
    from nemolint.reader import read_text
    from nemolint.settings_file import load_settings

    folder = Path(payload.folder or os.getcwd())
    settings = load_settings(folder)._replace(preset="answer")
    checker = Checker(settings, cwd=folder, environ=os.environ, prompt=payload.prompt)
    found = checker.check(read_text(NAME, payload.text, answer=True, prompt=payload.prompt))
    errors = [item for item in found if item.severity == "error"]
    if not errors:
        return Verdict("pass")
    return Verdict("deny", "\n".join(f"{item.rule}: line {item.line}: {item.message}" for item in errors))
