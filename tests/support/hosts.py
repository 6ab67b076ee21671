"""Hosts of `nemolint hook`: what each passes, and what it makes of the answer, by its documented rules.

The readers are as strict as the strictest version of a host: an answer that one of them would drop raises.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

HOSTS = (
    "claude",
    "codex",
    "gemini",
    "cursor",
    "copilot",
    "vscode",
    "windsurf",
    "cline",
    "cline-sdk",
    "cline-cli",
    "opencode",
)


class Seen(NamedTuple):
    """What a host does: `runs`, `asks` or `refuses` the command (or sends an answer back), and who hears what."""

    does: str
    model: str = ""
    user: str = ""


def command_payload(host: str, command: str, folder: str) -> dict[str, Any]:
    """What a host passes before a shell command."""
    nested = {"tool_name": "Bash", "tool_input": {"command": command, "description": "run it"}, "cwd": folder}
    made: dict[str, dict[str, Any]] = {
        "claude": {
            **nested,
            "session_id": "5c1f",
            "transcript_path": "/home/u/.claude/t.jsonl",
            "permission_mode": "default",
            "hook_event_name": "PreToolUse",
            "tool_use_id": "toolu_1",
        },
        "codex": {
            **nested,
            "session_id": "5c1f",
            "turn_id": "1",
            "model": "m",
            "transcript_path": None,
            "hook_event_name": "PreToolUse",
            "tool_use_id": "call_1",
        },
        "gemini": {
            "session_id": "5c1f",
            "transcript_path": "",
            "cwd": folder,
            "hook_event_name": "BeforeTool",
            "timestamp": "2026-11-29T10:00:00Z",
            "tool_name": "run_shell_command",
            "tool_input": {"command": command},
        },
        "cursor": {
            "conversation_id": "c",
            "generation_id": "g",
            "model": "m",
            "hook_event_name": "beforeShellExecution",
            "cursor_version": "3.0",
            "workspace_roots": [folder],
            "user_email": None,
            "command": command,
            "cwd": "",
        },
        "copilot": {
            "sessionId": "s",
            "timestamp": 1764400000000,
            "cwd": folder,
            "toolName": "bash",
            "toolArgs": json.dumps({"command": command}),
        },
        "vscode": {
            "timestamp": "2026-11-29T10:00:00Z",
            "cwd": folder,
            "sessionId": "s",
            "hookEventName": "PreToolUse",
            "tool_name": "run_in_terminal",
            "tool_input": {"command": command},
            "tool_use_id": "t",
        },
        "windsurf": {
            "agent_action_name": "pre_run_command",
            "trajectory_id": "t",
            "execution_id": "e",
            "timestamp": "2026-11-29T10:00:00Z",
            "tool_info": {"command_line": command, "cwd": folder},
        },
        "cline": {
            "clineVersion": "4.0",
            "hookName": "PreToolUse",
            "taskId": "t",
            "timestamp": "1764400000000",
            "workspaceRoots": [folder],
            "preToolUse": {"toolName": "execute_command", "parameters": {"command": command}},
        },
        "cline-sdk": {
            "clineVersion": "4.0",
            "hookName": "PreToolUse",
            "taskId": "t",
            "workspaceRoots": [folder],
            "preToolUse": {"toolName": "run_commands", "parameters": {"commands": json.dumps([command])}},
        },
        "cline-cli": {
            "clineVersion": "4.0",
            "hookName": "tool_call",
            "taskId": "t",
            "workspaceRoots": [folder],
            "tool_call": {"name": "execute_command", "input": {"command": command}},
        },
        "opencode": {"tool": "bash", "args": {"command": command}, "directory": folder},
    }
    return made[host]


def options(host: str) -> list[str]:
    """The options that the hook of a host needs: its plugin names it, all others are told by their keys."""
    return ["--agent", "opencode"] if host == "opencode" else []


def reply_payload(host: str, text: str, folder: str, *, again: bool = False) -> dict[str, Any]:
    """What a host passes with a final answer."""
    claude = {"session_id": "5c1f", "cwd": folder, "hook_event_name": "Stop", "stop_hook_active": again}
    made: dict[str, dict[str, Any]] = {
        "claude": {**claude, "transcript_path": "/t", "permission_mode": "default", "last_assistant_message": text},
        "codex": {**claude, "turn_id": "1", "model": "m", "transcript_path": None, "last_assistant_message": text},
        "gemini": {
            "session_id": "5c1f",
            "cwd": folder,
            "hook_event_name": "AfterAgent",
            "timestamp": "2026-11-29T10:00:00Z",
            "prompt": "How do I fine-tune?",
            "prompt_response": text,
            "stop_hook_active": again,
        },
        "vscode": {
            "timestamp": "2026-11-29T10:00:00Z",
            "sessionId": "s",
            "cwd": folder,
            "hookEventName": "Stop",
            "stop_hook_active": again,
            "last_assistant_message": text,
        },
    }
    return made[host]


def _object(out: str) -> dict[str, Any]:
    """The one JSON object that standard output is, {} if it is empty."""
    if not out:
        return {}
    seen: list[list[str]] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        seen.append([key for key, _ in items])
        return dict(items)

    value = json.loads(out, object_pairs_hook=pairs)
    assert isinstance(value, dict), out
    assert all(len(keys) == len(set(keys)) for keys in seen), "a key twice"
    inner = value.get("hookSpecificOutput", {})
    said = [of.get(key) for of in (value, inner) for key in ("permission", "decision", "permissionDecision")]
    assert not {"allow", "approve"} & {*said}, "nothing is ever allowed"
    return value


def _only(value: dict[str, Any], *keys: str) -> None:
    assert not set(value) - set(keys), f"keys that void the answer: {sorted(set(value) - set(keys))}"


def _nested(value: dict[str, Any], event: str, *, context_beside: bool) -> Seen:
    """The nested object of Claude Code, VS Code and Codex."""
    inner = value.get("hookSpecificOutput", {})
    user = value.get("systemMessage", "")
    if not inner:
        return Seen("runs", "", user)
    _only(inner, "hookEventName", "permissionDecision", "permissionDecisionReason", "additionalContext")
    assert inner["hookEventName"] == event
    decision = inner.get("permissionDecision")
    context = inner.get("additionalContext", "")
    if decision is None:
        assert context
        return Seen("runs", context, user)
    assert decision in ("deny", "ask") and inner["permissionDecisionReason"]
    assert context_beside or not context
    reason = inner["permissionDecisionReason"]
    return Seen("refuses", reason, user) if decision == "deny" else Seen("asks", "", reason)


def _claude(out: str, err: str, code: int) -> Seen:
    assert code == 0, "a failed hook is no opinion, and 2 hides the answer"
    value = _object(out)
    _only(value, "hookSpecificOutput", "systemMessage")
    return _nested(value, "PreToolUse", context_beside=True)


def _codex(out: str, err: str, code: int) -> Seen:
    assert code == 0
    value = _object(out)
    _only(value, "hookSpecificOutput", "systemMessage")
    seen = _nested(value, "PreToolUse", context_beside=False)
    assert seen.does != "asks", "Codex fails on `ask`, and runs the command"
    return seen


def _gemini(out: str, err: str, code: int) -> Seen:
    assert code == 0 and out, "with nothing on standard output, standard error is parsed"
    value = _object(out)
    _only(value, "decision", "reason", "systemMessage")
    if "decision" in value:
        assert value["decision"] == "deny" and value["reason"]
        return Seen("refuses", value["reason"])
    return Seen("runs", "", value.get("systemMessage", ""))


def _cursor(out: str, err: str, code: int) -> Seen:
    assert code == 0 and out, "what is not JSON blocks"
    value = _object(out)
    _only(value, "permission", "user_message", "agent_message")
    if "permission" in value:
        assert value["permission"] in ("deny", "ask") and value["user_message"] and value["agent_message"]
        does = "refuses" if value["permission"] == "deny" else "asks"
        return Seen(does, value["agent_message"] if does == "refuses" else "", value["user_message"])
    assert not value
    return Seen("runs", "", err)


def _copilot(out: str, err: str, code: int) -> Seen:
    assert code == 0, "every other exit code refuses"
    value = _object(out)
    _only(value, "permissionDecision", "permissionDecisionReason")
    if value:
        assert value["permissionDecision"] in ("deny", "ask") and value["permissionDecisionReason"]
        reason = value["permissionDecisionReason"]
        return Seen("refuses", reason) if value["permissionDecision"] == "deny" else Seen("asks", "", reason)
    return Seen("runs", "", err)


def _vscode(out: str, err: str, code: int) -> Seen:
    """VS Code reads what is nested, the CLI of Copilot what is beside it: they must agree."""
    assert code == 0
    value = _object(out)
    _only(value, "hookSpecificOutput", "permissionDecision", "permissionDecisionReason", "systemMessage")
    seen = _nested(value, "PreToolUse", context_beside=True)
    top = {key: value[key] for key in ("permissionDecision", "permissionDecisionReason") if key in value}
    assert _copilot(json.dumps(top), "", 0).does == seen.does
    return seen


def _windsurf(out: str, err: str, code: int) -> Seen:
    assert code in (0, 2) and not out
    assert code == 0 or err
    return Seen("refuses", err) if code == 2 else Seen("runs", "", err)


def _cline(out: str, err: str, code: int) -> Seen:
    assert code == 0
    value = _object(out)
    _only(value, "cancel", "errorMessage", "contextModification")
    assert isinstance(value["cancel"], bool)
    if value["cancel"]:
        assert value["errorMessage"]
        return Seen("refuses", value.get("contextModification", ""), value["errorMessage"])
    return Seen("runs", value.get("contextModification", ""))


def _opencode(out: str, err: str, code: int) -> Seen:
    """The plugin that nemolint installs."""
    assert code == 0
    value = _object(out)
    _only(value, "decision", "reason", "message")
    if "decision" in value:
        assert value["decision"] == "deny" and value["reason"]
        return Seen("refuses", value["reason"])
    return Seen("runs", "", value.get("message", ""))


_READERS: dict[str, Callable[[str, str, int], Seen]] = {
    "claude": _claude,
    "codex": _codex,
    "gemini": _gemini,
    "cursor": _cursor,
    "copilot": _copilot,
    "vscode": _vscode,
    "windsurf": _windsurf,
    "cline": _cline,
    "cline-sdk": _cline,
    "cline-cli": _cline,
    "opencode": _opencode,
}
ASKING = frozenset({"claude", "cursor", "copilot", "vscode"})
"""Hosts that can ask their user."""
NOTED = frozenset({"claude", "codex", "vscode", "cline", "cline-sdk", "cline-cli"})
"""Hosts in which a note reaches the model."""


def read_command(host: str, out: str, err: str, code: int) -> Seen:
    """What a host makes of the answer to a command."""
    return _READERS[host](out, err, code)


def read_reply(host: str, out: str, err: str, code: int) -> Seen:
    """What a host makes of the answer to a reply."""
    assert code == 0
    value = _object(out)
    if host == "gemini":
        _only(value, "decision", "reason", "systemMessage")
        sent = value.get("decision") == "deny"
    elif host == "vscode":
        _only(value, "decision", "reason", "hookSpecificOutput", "systemMessage")
        inner = value.get("hookSpecificOutput", {})
        _only(inner, "hookEventName", "decision", "reason")
        assert not inner or (inner["hookEventName"] == "Stop" and inner["reason"] == value["reason"])
        assert inner.get("decision") == value.get("decision")
        sent = inner.get("decision") == "block"
    else:
        _only(value, "decision", "reason", "systemMessage")
        sent = value.get("decision") == "block"
    assert not sent or value["reason"]
    return Seen("refuses" if sent else "runs", value.get("reason", ""), value.get("systemMessage", ""))
