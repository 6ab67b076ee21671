"""A verdict in the words of each host: exactly the keys that it knows, and never `allow`."""

from __future__ import annotations

import json

from nemolint.base.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from nemolint.guard.payload import Event, Host

    Kind = Literal["pass", "note", "ask", "deny"]

KINDS: tuple[Kind, ...] = ("pass", "note", "ask", "deny")
"""From the mildest to the strictest."""

# Where a hook can make the host ask its user. Elsewhere a launch is denied, with what to do.
ASKING: frozenset[Host] = frozenset({"claude", "copilot", "cursor", "vscode"})
# Where a hook after a tool can tell the model something.
_TOLD_AFTERWARDS: frozenset[Host] = frozenset({"claude", "codex", "gemini", "vscode"})
_MOST = 9_500  # characters of a reason; Claude Code takes 10,000


class Verdict(NamedTuple):
    """What is to happen, why (for the model), and why nothing could be said (for the user), if so.

    `failure` is set where the check, or a part of it, failed. `refused` is the reason where the host cannot ask, and
    refuses the command instead. `rules` are those whose findings led to it, `runs` tells whether there was a run at
    all, and `unread` whether there is text with the words of a run that cannot be read.
    """

    kind: Kind
    reason: str = ""
    failure: str = ""
    refused: str = ""
    rules: tuple[str, ...] = ()
    runs: bool = False
    unread: bool = False


class HookAnswer(NamedTuple):
    """What the hook writes, and its exit code."""

    out: str
    err: str = ""
    code: int = 0


def render(verdict: Verdict, host: Host, event: Event, name: str) -> HookAnswer:
    """A verdict as the host reads it. `name` is the event's as the host writes it."""
    verdict = verdict._replace(reason=_cut(verdict.reason), failure=_cut(verdict.failure))
    if event == "reply":
        return _of_reply(verdict, host, name)
    if event == "edit" and verdict.kind == "note" and host in _TOLD_AFTERWARDS:
        inner = {"hookEventName": name, "additionalContext": verdict.reason}
        return _json({"hookSpecificOutput": inner})
    if event != "command":
        return _silent(verdict, host)
    if verdict.kind == "ask" and host not in ASKING:
        verdict = verdict._replace(kind="deny", reason=_cut(verdict.refused) or verdict.reason)
    return _OF_COMMAND[host](verdict, name)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"


def _json(value: dict[str, Any], err: str = "") -> HookAnswer:
    return HookAnswer(json.dumps(value), err)


def _silent(verdict: Verdict, host: Host) -> HookAnswer:
    """Nothing but a failure, where the host shows one."""
    return _OF_COMMAND[host](Verdict("pass", failure=verdict.failure), "")


def _nested(verdict: Verdict, name: str) -> dict[str, Any]:
    """The form of Claude Code, in which a note reaches the model."""
    event = {"hookEventName": name or "PreToolUse"}
    if verdict.kind in ("ask", "deny"):
        decision = {"permissionDecision": verdict.kind, "permissionDecisionReason": verdict.reason}
        return {"hookSpecificOutput": {**event, **decision}}
    if verdict.failure:
        return {"systemMessage": verdict.failure}
    if verdict.kind == "note":
        return {"hookSpecificOutput": {**event, "additionalContext": verdict.reason}}
    return {}


def _claude(verdict: Verdict, name: str) -> HookAnswer:
    return _json(_nested(verdict, name))


def _vscode(verdict: Verdict, name: str) -> HookAnswer:
    """VS Code reads the nested object, the CLI of Copilot the keys beside it."""
    nested = _nested(verdict, name)
    return _json({**nested, **_top(verdict)})


def _top(verdict: Verdict) -> dict[str, Any]:
    if verdict.kind in ("ask", "deny"):
        return {"permissionDecision": verdict.kind, "permissionDecisionReason": verdict.reason}
    return {}


def _copilot(verdict: Verdict, name: str) -> HookAnswer:
    return _json(_top(verdict), verdict.failure)


def _gemini(verdict: Verdict, name: str) -> HookAnswer:
    if verdict.kind == "deny":
        return _json({"decision": "deny", "reason": verdict.reason})
    message = verdict.failure or verdict.reason
    return _json({"systemMessage": message} if message else {})


def _cursor(verdict: Verdict, name: str) -> HookAnswer:
    if verdict.kind in ("ask", "deny"):
        said = {"user_message": verdict.reason, "agent_message": verdict.reason}
        return _json({"permission": verdict.kind, **said})
    return _json({}, verdict.failure)


def _windsurf(verdict: Verdict, name: str) -> HookAnswer:
    if verdict.kind == "deny":
        return HookAnswer("", verdict.reason, 2)
    return HookAnswer("", verdict.failure or verdict.reason)


def _cline(verdict: Verdict, name: str) -> HookAnswer:
    if verdict.kind == "deny":
        return _json({"cancel": True, "errorMessage": verdict.reason, "contextModification": verdict.reason})
    message = verdict.failure or verdict.reason
    return _json({"cancel": False, **({"contextModification": message} if message else {})})


def _opencode(verdict: Verdict, name: str) -> HookAnswer:
    """For the plugin that nemolint installs: it throws for `deny`, and logs a `message`."""
    if verdict.kind == "deny":
        return _json({"decision": "deny", "reason": verdict.reason})
    message = verdict.failure or verdict.reason
    return _json({"message": message} if message else {})


_OF_COMMAND = {
    "claude": _claude,
    "codex": _claude,
    "gemini": _gemini,
    "cursor": _cursor,
    "copilot": _copilot,
    "vscode": _vscode,
    "windsurf": _windsurf,
    "cline": _cline,
    "opencode": _opencode,
}


def _of_reply(verdict: Verdict, host: Host, name: str) -> HookAnswer:
    """The answer to a reply: `deny` sends it back with the reason, all else lets it stand."""
    if verdict.kind != "deny":
        return _silent(verdict, host)
    if host == "gemini":
        return _json({"decision": "deny", "reason": verdict.reason})
    if host == "cursor":
        return _json({"followup_message": verdict.reason})
    block = {"decision": "block", "reason": verdict.reason}
    if host in ("claude", "codex", "copilot"):
        return _json(block)
    if host == "vscode":
        return _json({**block, "hookSpecificOutput": {"hookEventName": name or "Stop", **block}})
    return _silent(verdict, host)
