"""What a command deserves: checked like a script in the folder that it is started in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nemolint.guard.host_answers import KINDS, Kind, Verdict

if TYPE_CHECKING:
    from nemolint.guard.payload import Payload
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.rule import Rule
    from nemolint.settings import Settings

NAME = "command.sh"
"""What a command is called in findings."""


def judge(payload: Payload) -> Verdict:
    """The verdict on a command."""
    from nemolint.prefilter import may_hold_run

    if not may_hold_run(payload.command, "shell"):
        return Verdict("pass")
    from nemolint.linter.checker import Checker
    from nemolint.reader import read_text

    folder = Path(payload.folder or os.getcwd())  # noqa: PTH109
    settings = settings_of(folder)
    checker = Checker(settings, cwd=folder, environ=os.environ, suppressions=False)
    found = checker.check(read_text(NAME, payload.command))
    kinds = [(kind_of(item, checker.rules[item.rule]), item) for item in found]
    worst = max((KINDS.index(kind) for kind, _ in kinds), default=0)
    if worst == 0:
        return Verdict("pass")
    lines = [f"{item.rule}: {item.message}" for kind, item in kinds if kind != "pass"]
    return Verdict(KINDS[worst], "\n".join(lines))


def settings_of(folder: Path) -> Settings:
    """The settings in force for a command that is started in a folder."""
    from nemolint.settings_file import load_settings

    return load_settings(folder)._replace(preset="scripts")


def kind_of(item: Diagnostic, rule: Rule) -> Kind:
    """What a finding means for the command."""
    if item.severity == "info":
        return "pass"
    if rule.group == "tool" or item.severity == "warning":
        return "note"
    return "deny"
