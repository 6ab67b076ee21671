"""`nemolint hook`: what it answers to each host."""

from __future__ import annotations

import json
from pathlib import Path

from support.command import MISSPELT, nemolint


def payload(command: str, folder: Path) -> str:
    """What Claude Code passes before a command."""
    return json.dumps(
        {
            "session_id": "a",
            "cwd": str(folder),
            "hook_event_name": "PreToolUse",
            "tool_name": "Bash",
            "tool_input": {"command": command},
        }
    )


def test_a_misspelled_dry_run_is_refused(tmp_path: Path) -> None:
    """A command that would launch by mistake does not run, and the assistant hears why."""
    done = nemolint(tmp_path, "hook", stdin=payload(MISSPELT, tmp_path))
    said = json.loads(done.out)["hookSpecificOutput"]
    assert (done.code, done.err) == (0, "")
    assert said["permissionDecision"] == "deny"
    assert "write `--dry-run`" in said["permissionDecisionReason"]


def test_other_commands_are_no_concern(tmp_path: Path) -> None:
    """There is no opinion on a command that has nothing to do with nemotron, and none is ever allowed."""
    done = nemolint(tmp_path, "hook", stdin=payload("ls -la", tmp_path))
    assert (done.code, done.out, done.err) == (0, "{}", "")


def test_a_mistake_in_the_arguments_blocks_nothing(tmp_path: Path) -> None:
    """A hook with a misspelled option still judges, and never exits with 2, which blocks every command."""
    done = nemolint(tmp_path, "hook", "--fail-close", stdin=payload(MISSPELT, tmp_path))
    assert done.code == 0
    assert json.loads(done.out)["hookSpecificOutput"]["permissionDecision"] == "deny"
