"""What a host passes on standard input, in whichever dialect: which command, answer or file, and in which folder."""

from __future__ import annotations

import json
import os

from nemolint.base.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    Host = Literal["claude", "codex", "gemini", "cursor", "copilot", "vscode", "windsurf", "cline", "opencode"]
    Event = Literal["command", "reply", "edit", "other"]

HOSTS: tuple[Host, ...] = ("claude", "codex", "gemini", "cursor", "copilot", "vscode", "windsurf", "cline", "opencode")
_HOSTS: dict[str, Host] = {host: host for host in HOSTS}
_EVENTS: dict[str, Event] = {
    **dict.fromkeys(("PreToolUse", "preToolUse", "BeforeTool", "tool_call"), "command"),
    **dict.fromkeys(("beforeShellExecution", "pre_run_command", "tool.execute.before"), "command"),
    **dict.fromkeys(("Stop", "SubagentStop", "AfterAgent", "agentStop", "subagentStop", "stop"), "reply"),
    **dict.fromkeys(("PostToolUse", "postToolUse", "AfterTool"), "edit"),
}
# Tools whose argument `command` is text that nothing runs.
_NO_SHELLS = frozenset(
    {"apply_patch", "applypatch", "write", "edit", "str_replace_editor", "str_replace_based_edit_tool"}
)
# Tools that write a file.
_WRITERS = frozenset({"write", "edit", "multiedit", "notebookedit", "create", "write_file", "replace", "create_file"})
_POWERSHELLS = frozenset({"powershell", "pwsh"})
# Tools that run a command, and events that are about nothing else.
_SHELLS = _POWERSHELLS | {
    "bash", "exec_command", "execute_command", "local_shell", "run_commands", "run_in_terminal", "run_shell_command",
    "runterminalcommand", "shell",
}  # fmt: skip
_OF_SHELLS = frozenset({"beforeShellExecution", "pre_run_command"})


class PayloadError(Exception):
    """A payload that cannot be read. The message says why, and quotes nothing of it."""


class Payload(NamedTuple):
    """What is about to happen. `name` is the event's as the host writes it, `folder` absolute.

    `powershell`: the command is for PowerShell. `text` is the final answer of `reply`, None if the host gives none, and
    `prompt` the question; `again`: the host asks once more after an answer was sent back. `transcript` is a file that
    holds the conversation, `file` one that was written, relative to `folder` or absolute.
    """

    host: Host
    event: Event
    name: str = ""
    tool: str = ""
    folder: str = ""
    command: str = ""
    powershell: bool = False
    text: str | None = None
    prompt: str | None = None
    again: bool = False
    transcript: str = ""
    file: str = ""


def parse(data: bytes) -> dict[str, Any]:
    """The object in a payload. Raises PayloadError."""
    try:
        value = json.loads(data.decode("utf-8-sig", "surrogateescape"))
    except RecursionError:
        raise PayloadError("the input is nested too deeply") from None
    except ValueError:  # also a number of thousands of digits
        raise PayloadError("the input is empty" if not data.strip() else "the input is not JSON") from None
    if not isinstance(value, dict):
        raise PayloadError("the input is not a JSON object")
    return value


def host_of(value: dict[str, Any]) -> Host:
    """The host that a payload comes from, by its keys."""
    name = _name(value)
    if "agent_action_name" in value:
        return "windsurf"
    if "clineVersion" in value:
        return "cline"
    if "cursor_version" in value or ("command" in value and "workspace_roots" in value):
        return "cursor"
    if "toolName" in value or name in ("agentStop", "preToolUse", "postToolUse", "subagentStop"):
        return "copilot"
    if name in ("BeforeTool", "AfterTool", "AfterAgent"):
        return "gemini"
    if "turn_id" in value:
        return "codex"
    if "timestamp" in value or "hookEventName" in value:
        return "vscode"
    if "transcriptPath" in value and "sessionId" in value:
        return "copilot"
    return "vscode" if "sessionId" in value else "claude"


def without_content(value: dict[str, Any], agent: str = "") -> Payload:
    """Who asks, and about what kind of event. `agent` is the host where it is known."""
    host: Host = _HOSTS.get(agent) or host_of(value)
    name = _name(value)
    if host == "copilot" and "toolName" not in value and name in _EVENTS and name[:1].isupper():
        host = "vscode"  # the form with PascalCase, in which both answer alike
    return Payload(host, _EVENTS.get(name) or _event_without_name(value), name)


def read_payload(value: dict[str, Any], agent: str = "") -> Payload:
    """What a payload says. `agent` is the host where it is known. Raises PayloadError."""
    host, event, name, *_ = without_content(value, agent)
    tool, given, folder = _call(value, host)
    if event == "reply":
        return _reply(value, host, name, folder)
    if event == "edit":
        return Payload(host, event, name, tool, folder, file=_file(given) if tool.lower() in _WRITERS else "")
    runs = tool.lower() in _SHELLS or name in _OF_SHELLS
    command = given if runs and isinstance(given, str) else _command(given)
    if event == "command" and command is None and (runs or not (tool or name)):
        raise PayloadError("the call of a tool is in a form that is not known, so its command was not found")
    if event != "command" or command is None or tool.lower() in _NO_SHELLS:
        return Payload(host, "other", name, tool, folder)
    if "\0" in command:
        raise PayloadError("the command contains NUL")
    return Payload(host, event, name, tool, folder, command, tool.lower() in _POWERSHELLS)


def _name(value: dict[str, Any]) -> str:
    for key in ("hook_event_name", "hookEventName", "hookName", "agent_action_name"):
        if isinstance(name := value.get(key), str):
            return name
    return ""


def _event_without_name(value: dict[str, Any]) -> Event:
    if "toolResult" in value or "tool_response" in value or "postToolUse" in value:
        return "edit"
    calls = ("toolName", "preToolUse", "tool_call", "tool_info", "command", "args", "input", "toolCalls", "toolCall")
    if any(key in value for key in (*calls, "toolArgs")):
        return "command"
    return "reply" if "transcriptPath" in value or "last_assistant_message" in value else "other"


def _call(value: dict[str, Any], host: Host) -> tuple[str, Any, str]:
    """The tool of a call, its arguments, and the folder that it runs in."""
    folder = value.get("cwd")
    tool: Any = value.get("tool_name") or value.get("toolName") or value.get("tool")
    given: Any = value.get("tool_input")
    if host == "windsurf":
        info = _object(value.get("tool_info"), "tool_info")
        given, folder = {"command": info.get("command_line")}, info.get("cwd") or folder
    elif host == "cline":
        call = _object(value.get("preToolUse") or value.get("tool_call"), "preToolUse")
        tool = call.get("toolName") or call.get("tool") or call.get("name")
        given = call.get("parameters") or call.get("input")
    elif host == "copilot" and "toolArgs" in value:
        given = value["toolArgs"]
    elif host == "opencode":
        given = value.get("args") or value.get("input") or value
        folder = folder or value.get("directory") or value.get("worktree")
    elif host == "cursor" and "command" in value:
        given = value
    folders = [folder]
    for key in ("workspace_roots", "workspaceRoots"):
        roots = value.get(key)
        folders += roots[:1] if isinstance(roots, list) else []
    if isinstance(given, str):
        given = _inner(given)
    return tool if isinstance(tool, str) else "", given, _first_folder(folders)


def _first_folder(named: list[Any]) -> str:
    """The absolute path of the first of these that is a folder, else that of the current one."""
    try:
        here = os.getcwd()
    except OSError:  # it is gone
        here = os.sep
    for name in named:
        if isinstance(name, str) and name and os.path.isdir(path := os.path.normpath(os.path.join(here, name))):
            return path
    return here


def _object(value: Any, name: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise PayloadError(f"`{name}` is not an object")
    return value


def _inner(text: str) -> Any:
    """JSON inside a string, or the string."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _command(given: Any) -> str | None:
    """The command among the arguments of a call; None if there is none. Raises PayloadError."""
    if not isinstance(given, dict):
        return None
    for key in ("command", "commands", "cmd"):
        value = given.get(key)
        if key == "commands" and isinstance(value, str):
            value = _inner(value)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return _joined(value, key)
        if value is not None:
            raise PayloadError(f"`{key}` is neither a string nor a list")
    return None


def _file(given: Any) -> str:
    """The file among the arguments of a call, "" without one."""
    for key in ("file_path", "filePath", "path"):
        if isinstance(given, dict) and isinstance(value := given.get(key), str):
            return value.replace("\0", "")
    return ""


def _joined(values: list[Any], key: str) -> str:
    """The text of several commands, or of one that is given as its words."""
    if key == "commands":
        texts = [item.get("command") if isinstance(item, dict) else item for item in values]
        if not all(isinstance(text, str) for text in texts):
            raise PayloadError("`commands` has an item that is not a command")
        return "\n".join(str(text) for text in texts)
    if not all(isinstance(word, str) for word in values):
        raise PayloadError(f"`{key}` has an item that is not a string")
    import shlex

    return shlex.join(values)


def _reply(value: dict[str, Any], host: Host, name: str, folder: str) -> Payload:
    text = value.get("last_assistant_message")
    if text is None:
        text = value.get("prompt_response")
    prompt = value.get("prompt")
    transcript = value.get("transcriptPath") or value.get("transcript_path")
    loops = value.get("loop_count")
    return Payload(
        host,
        "reply",
        name,
        folder=folder,
        text=text if isinstance(text, str) else None,
        prompt=prompt if isinstance(prompt, str) else None,
        again=value.get("stop_hook_active") is True or (isinstance(loops, int) and loops > 0),
        transcript=transcript if isinstance(transcript, str) else "",
    )
