"""Asks each installed hook about a command that it must refuse and one that it must let pass, as its host would.

The host itself is not run: what it does with the answer is read off by its documented rules.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nemolint.base.errors import UserError
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.version import __version__
from nemolint.base.visible import visible
from nemolint.guard import config_edit, start
from nemolint.guard.hosts import TARGETS, HookCommand, HookTarget, command_of, on_windows, own_command
from nemolint.guard.install import (
    HookScope,
    Registration,
    also_asked,
    command_of_words,
    files_read,
    read_config,
    registrations,
    which_to_keep,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from nemolint.guard.payload import Host

    Effect = Literal["refused", "asked", "silent", "broken"]

REFUSED = "nemotron steps run sft/automodel -c tiny --dryrun"
"""A command that every installation refuses, whose settings do not say otherwise: its dry run is misspelled."""
HARMLESS = "git status"
_REPLY = f"Verified.\n\n```bash\n{REFUSED}\n```\n"
_HARMLESS_REPLY = "Done."
# What is left of the environment where Gemini CLI is told to sanitise it, and what it adds.
_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TEMP", "TMP", "LANG", "TERM", "SYSTEMROOT", "COMSPEC")
_MOST_SHOWN = 200
_EDITS = ("PostToolUse", "postToolUse", "AfterTool")


class HostEffect(NamedTuple):
    """What a host makes of an answer: `broken` if it is none that it takes, with why."""

    effect: Effect
    why: str = ""


class Report(NamedTuple):
    """What is said about a registered hook, or a file: `ok` if it is as it should be. `line` is 0 without one."""

    ok: bool
    target: HookTarget
    path: Path
    line: int
    message: str
    notes: tuple[str, ...] = ()


def selftest(scopes: Sequence[HookScope], hosts: Sequence[Host], cwd: Path) -> Iterator[Report]:
    """A report on each registered hook of these hosts, and on what keeps one from being asked."""
    for name in hosts:
        target = TARGETS[name]
        asked: list[Registration] = []
        for scope in scopes:
            for path in own_files(target, scope):
                yield from _of_file(target, scope, path, cwd, asked)
        if asked:
            read = {entry.path for entry in asked}
            others = also_asked(target, scopes, asked[0].path)
            asked += [entry for entry in others if entry.path not in read]
        if (pair := _of_two_hosts(target, scopes, asked)) is not None:
            yield pair
        elif len(asked) > 1:
            places = " and ".join(dict.fromkeys(f"{entry.path}:{entry.line}" for entry in asked))
            message = (
                f"{target.title} asks nemolint {len(asked)} times about each command ({places}): uninstall all but one"
            )
            yield Report(False, target, asked[-1].path, asked[-1].line, message)


def _of_two_hosts(target: HookTarget, scopes: Sequence[HookScope], asked: Sequence[Registration]) -> Report | None:
    """A report on a host that is asked by a hook of its own and by one of Claude Code, which may both be needed."""
    of_claude = {path for scope in scopes for path in files_read(TARGETS["claude"], scope)}
    if target.name == "claude" or [entry.path in of_claude for entry in asked] != [False, True]:
        return None
    own, other = asked
    message = f"asks about each command twice, since {target.title} reads {other.path}:{other.line}, too"
    return Report(True, target, own.path, own.line, message, (which_to_keep(own.path, other.path, scopes),))


def own_files(target: HookTarget, scope: HookScope) -> list[Path]:
    """The files of a host that may have its hooks, those of other hosts aside."""
    files = files_read(target, scope)
    others = [] if target.name == "claude" else files_read(TARGETS["claude"], scope)
    return [file for file in files if file not in others]


def _of_file(
    target: HookTarget, scope: HookScope, path: Path, cwd: Path, asked: list[Registration]
) -> Iterator[Report]:
    data = b""
    try:
        given = read_config(path)
        if given is None:
            return
        data = given
        text = data.decode("utf-8")
        found = registrations(target, path, text)
    except UserError as error:
        yield Report(False, target, path, 0, str(error))
        return
    except ValueError:
        yield Report(False, target, path, 0, "is not UTF-8: save it as UTF-8")
        return
    except config_edit.InvalidConfig as error:
        if b"nemolint" in data or target.form == "json":
            also = "" if error.valid else f": {target.title} cannot read it, nor any hook in it"
            yield Report(False, target, path, error.line, f"{error}{also}")
        return
    if found and (off := _switched_off(target, path, text)) is not None:
        yield Report(False, target, path, *off)
    for entry in found:
        if entry.event in _EDITS or (
            _is_reply(entry.event) and entry.event in target.events and not _asks_replies(target, entry.event)
        ):
            continue  # it refuses nothing, or is in a file of another host, too, and what this one passes is unknown
        if entry.event in (target.events[0], *target.twins) and not entry.problem:
            asked.append(entry)
        yield _of_entry(target, scope, entry, cwd)


def _switched_off(target: HookTarget, path: Path, text: str) -> tuple[int, str] | None:
    """The line that switches all hooks of a file off, and what it says; None if nothing does."""
    if path.suffix == ".toml":
        features = config_edit.parse_toml(text).get("features")
        if isinstance(features, dict) and features.get("hooks") is False:
            return 0, "[features] has `hooks = false`, which switches all hooks off: remove it"
        return None
    if target.form != "json":
        return None
    root = config_edit.parse_json(text, comments=target.comments)
    switch = root.get("disableAllHooks")
    if switch is not None and switch.value is True:
        return config_edit.line_of(text, switch.start), "`disableAllHooks` switches all hooks off: remove it"
    config = root.get("hooksConfig") if target.name == "gemini" else None
    enabled = None if config is None else config.get("enabled")
    if enabled is not None and enabled.value is False:
        return config_edit.line_of(text, enabled.start), "`hooksConfig.enabled` is false: hooks are switched off"
    disabled = None if config is None else config.get("disabled")
    if disabled is not None and "nemolint" in (disabled.data() or ()):
        return config_edit.line_of(text, disabled.start), "`hooksConfig.disabled` names nemolint: remove it there"
    return None


def _is_reply(event: str) -> bool:
    return event in ("Stop", "SubagentStop", "AfterAgent", "agentStop", "stop")


def _asks_replies(target: HookTarget, event: str) -> bool:
    """Whether it is known what a host passes with an answer under this event."""
    return event == target.reply_event or (event == "SubagentStop" and target.reply_event == "Stop")


def _of_entry(target: HookTarget, scope: HookScope, entry: Registration, cwd: Path) -> Report:
    problem = _static_problem(target, entry)
    line = command_line(target, entry)
    if not problem and line is None and not entry.words:
        problem = "has no command for this system"
    if problem:
        return Report(False, target, entry.path, entry.line, problem)
    if scope.root is not None and not _may_start(target, entry):
        message = (
            "comes with the repository and starts more than nemolint, or another one, so it was not run: look at it"
        )
        return Report(False, target, entry.path, entry.line, message)
    problem, notes = _program_problem(target, scope, entry)
    if problem:
        return Report(False, target, entry.path, entry.line, problem)
    folder = scope.root or cwd
    outcome = _ask(target, scope, entry, line, folder, refused=True)
    if outcome.effect == "silent":
        # The folder's settings may accept what is refused elsewhere.
        with tempfile.TemporaryDirectory(prefix="nemolint-") as empty:
            outcome = _ask(target, scope, entry, line, Path(empty), refused=True)
        if outcome.effect in ("refused", "asked"):
            notes = (*notes, f"the settings for {folder} accept `{REFUSED}`, so it was asked about in an empty folder")
    if outcome.effect not in ("refused", "asked"):
        why = outcome.why or "it has no opinion"
        message = f"does not refuse `{REFUSED}`: {why}"
        return Report(False, target, entry.path, entry.line, message, notes)
    harmless = _ask(target, scope, entry, line, folder, refused=False)
    if harmless.effect != "silent":
        why = harmless.why or f"it is {harmless.effect}"
        message = f"does not let `{HARMLESS}` pass: {why}"
        return Report(False, target, entry.path, entry.line, message, notes)
    about = "an answer with " if _is_reply(entry.event) else ""
    and_lets = "lets a harmless one pass" if about else f"lets `{HARMLESS}` pass"
    return Report(True, target, entry.path, entry.line, f"refuses {about}`{REFUSED}`, and {and_lets}", notes)


def _may_start(target: HookTarget, entry: Registration) -> bool:
    """Whether an entry of a repository starts what the user has installed, and nothing that the repository chose.

    A host asks its user before it runs such hooks for the first time.
    """
    line = command_line(target, entry)
    shell = target.windows_shell if on_windows() else "posix"
    if entry.words:
        command = command_of_words(entry.words)
    else:
        command = entry.own if target.form != "json" else command_of(line or "", (shell,))
    if command is None:
        return False
    return command.portable or command.program == own_command((), portable=False).program


def command_line(target: HookTarget, entry: Registration) -> str | None:
    """The command line of an entry for this system; None if it has none."""
    systems = {"win32": ("windows", "powershell"), "darwin": ("osx", "bash")}.get(sys.platform, ("linux", "bash"))
    return next((entry.lines[key] for key in (*systems, "command") if key in entry.lines), None)


def _static_problem(target: HookTarget, entry: Registration) -> str:
    """What keeps a host from asking a hook, as far as its entry shows that."""
    if entry.problem:
        return entry.problem
    if entry.event not in target.events:
        return (
            f"stands under `{entry.event}`, where {target.title} does not ask about commands: use `{target.events[0]}`"
        )
    if entry.matcher is not None and not _is_reply(entry.event):
        subject = target.tool or (REFUSED if target.name == "cursor" else "")
        if not isinstance(entry.matcher, str):
            return f"has a matcher that is not a string, for which {target.title} ignores the file"
        try:
            matches = not subject or entry.matcher in ("", "*") or re.search(entry.matcher, subject) is not None
        except re.error as error:
            return f"has the matcher `{entry.matcher}`, which is not a regular expression: {error}"
        if not matches:
            return f"has the matcher `{entry.matcher}`, which does not match `{subject}`: it is never asked"
    key, usual = target.timeout
    if key and isinstance(entry.timeout, int | float):
        seconds = entry.timeout / (1000 if usual > 1000 else 1)
        if seconds <= start.SECONDS:
            shown = f"`{key}` of {entry.timeout}, which is {seconds:g} s"
            return f"has a {shown}: the check itself may take {start.SECONDS:g}, so write {usual}"
    return ""


def _program_problem(target: HookTarget, scope: HookScope, entry: Registration) -> tuple[str, tuple[str, ...]]:
    """What is wrong with the program of an entry, and what is to be known about it."""
    if target.form == "script" and not on_windows() and not os.access(entry.path, os.X_OK):
        return f"is not executable: run `chmod +x {entry.path}`", ()
    if entry.own is None:
        return "", ("the entry starts nemolint in its own way, which was not looked at",)
    program = entry.own.program
    again = f"`nemolint hook --install {target.name}{' --project' if scope.root is not None else ''}`"
    found = shutil.which(program[0], path=scope.environ.get("PATH"))
    if found is None:
        if entry.own.portable:
            return (
                "starts `nemolint`, which is not on the PATH: install it, with `uv tool install nemolint` for example",
                (),
            )
        if os.path.lexists(program[0]) and not os.path.isdir(program[0]):
            return f"starts {program[0]}, which is not executable, or a link to nothing: run {again}", ()
        return f"starts {program[0]}, which does not exist (was the environment moved or removed?): run {again}", ()
    script = next((word for word in program[1:] if word.endswith("start.py")), None)
    if script is not None and not os.path.isfile(script):
        return f"starts {script}, which does not exist (was nemolint removed there?): run {again}", ()
    version = _version_of(entry.own, scope.environ)
    if version != __version__:
        return "", (f"it starts nemolint {version or 'of a version that does not tell'}; this is {__version__}",)
    return "", ()


def _version_of(command: HookCommand, environ: Mapping[str, str]) -> str:
    """The version of the nemolint that a command starts, "" if it does not tell."""
    if command.portable or command.program[0].lower().endswith(("nemolint", "nemolint.exe")):
        words = [command.program[0], "--version"]
    else:
        words = [command.program[0], "-I", "-m", "nemolint", "--version"]
    try:
        done = subprocess.run(words, env=dict(environ), capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    found = re.fullmatch(rb"nemolint (\S+)\s*", done.stdout)
    return found[1].decode("ascii", "replace") if found else ""


# -- asking


def _ask(
    target: HookTarget, scope: HookScope, entry: Registration, line: str | None, folder: Path, *, refused: bool
) -> HostEffect:
    """What the host makes of the answer to a command, or to an assistant's answer."""
    if not _is_reply(entry.event):
        payload = payload_of(target, entry.event, REFUSED if refused else HARMLESS, folder)
        return _started(target, scope, entry, line, folder, payload)
    text = _REPLY if refused else _HARMLESS_REPLY
    with tempfile.TemporaryDirectory(prefix="nemolint-") as temporary:
        transcript = Path(temporary) / "transcript.jsonl"
        message = {"type": "assistant.message", "data": {"content": text}}
        transcript.write_text(json.dumps(message) + "\n", "utf-8")
        payload = _reply_payload(target, entry.event, text, transcript, folder)
        return _started(target, scope, entry, line, folder, payload)


def _started(
    target: HookTarget,
    scope: HookScope,
    entry: Registration,
    line: str | None,
    folder: Path,
    payload: Mapping[str, object],
) -> HostEffect:
    """What the host makes of the answer to a payload."""
    words = _words(target, scope, entry, line)
    limit = _limit(target, entry)
    where = folder if scope.root is None else scope.root
    options: dict[str, Any] = {"start_new_session": True} if os.name != "nt" else {}
    try:
        process = subprocess.Popen(
            words,
            cwd=where,
            env=_environment(target, scope, where),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )
    except OSError as error:
        return HostEffect("broken", f"{words[0]} cannot be started: {error.strerror or error}")
    try:
        out, err = process.communicate(json.dumps(payload).encode("utf-8"), limit)
    except subprocess.TimeoutExpired:
        _end(process)
        return HostEffect(
            "broken", f"it did not answer in {limit:g} seconds, after which the host lets the command run"
        )
    return outcome_of(target, entry.event, process.returncode, out, err)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with what it has started."""
    import signal

    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def _limit(target: HookTarget, entry: Registration) -> float:
    """The seconds that a host waits, but no more than a minute."""
    usual = target.timeout[1]
    given = entry.timeout if isinstance(entry.timeout, int | float) else usual or 30
    return min(max(given / (1000 if usual > 1000 else 1), 1.0), 60.0)


def _words(target: HookTarget, scope: HookScope, entry: Registration, line: str | None) -> list[str]:
    """The program that the host starts, with its arguments."""
    if entry.words:
        return [*entry.words]
    if target.form == "plugin":
        return [*entry.own.program, *entry.own.options] if entry.own is not None else []
    powershell = ["powershell", "-NoProfile"]
    if target.form == "script":
        return [*powershell, "-File", str(entry.path)] if on_windows() else [str(entry.path)]
    if not on_windows():
        shell = [
            scope.environ.get("SHELL", "") or "/bin/sh" if word == "$SHELL" else word for word in target.posix_shell
        ]
        return [*shell, line or ""]
    if target.windows_shell == "powershell":
        return [*powershell, "-Command", line or ""]
    if target.windows_shell == "posix":
        return ["bash", "-c", line or ""]
    return [scope.environ.get("COMSPEC", "cmd.exe"), "/C", line or ""]


def _environment(target: HookTarget, scope: HookScope, folder: Path) -> dict[str, str]:
    """The environment that the host gives its hooks."""
    environ = dict(scope.environ)
    if target.name == "gemini":
        kept = {name: value for name, value in environ.items() if name.upper() in _KEPT}
        return {**kept, **dict.fromkeys(("GEMINI_PROJECT_DIR", "GEMINI_CWD", "CLAUDE_PROJECT_DIR"), str(folder))}
    return {**environ, "CLAUDE_PROJECT_DIR": str(folder)} if target.name == "claude" else environ


def payload_of(target: HookTarget, event: str, command: str, folder: Path) -> dict[str, Any]:
    """What a host passes to a hook before a command."""
    cwd, time = str(folder), "2026-01-01T00:00:00.000Z"
    call = {"tool_name": target.tool or "Bash", "tool_input": {"command": command}, "tool_use_id": "selftest"}
    ids = {"session_id": "selftest", "transcript_path": None, "hook_event_name": event, "cwd": cwd}
    if target.name == "claude":
        return {**ids, "transcript_path": "", "permission_mode": "default", **call}
    if target.name == "codex":
        return {**ids, "turn_id": "selftest", "model": "selftest", "permission_mode": "default", **call}
    if target.name == "gemini":
        return {**ids, "timestamp": time, **call}
    if target.name == "cursor":
        shared: dict[str, Any] = {"conversation_id": "selftest", "generation_id": "selftest", "hook_event_name": event}
        shared |= {"cursor_version": "selftest", "workspace_roots": [cwd]}
        return {
            **shared,
            **({**call, "tool_name": "Shell"} if event == "preToolUse" else {"command": command, "cwd": cwd}),
        }
    if target.name == "copilot" and event[:1].islower():
        arguments = json.dumps({"command": command})
        return {"sessionId": "selftest", "timestamp": 0, "cwd": cwd, "toolName": "bash", "toolArgs": arguments}
    if target.name == "copilot":
        return {**ids, "timestamp": time, **call}
    if target.name == "vscode":
        tool = {**call, "tool_name": "run_in_terminal"}
        return {"timestamp": time, "sessionId": "selftest", "hookEventName": "PreToolUse", "cwd": cwd, **tool}
    if target.name == "windsurf":
        info = {"command_line": command, "cwd": cwd}
        return {"agent_action_name": event, "trajectory_id": "selftest", "timestamp": time, "tool_info": info}
    if target.name == "cline":
        tool = {"toolName": "execute_command", "parameters": {"command": command}}
        shared = {"clineVersion": "selftest", "hookName": event, "taskId": "selftest", "workspaceRoots": [cwd]}
        return {**shared, "preToolUse": tool}
    return {"hook_event_name": event, "tool": "bash", "args": {"command": command}, "cwd": cwd}


def _reply_payload(target: HookTarget, event: str, text: str, transcript: Path, folder: Path) -> dict[str, Any]:
    """What a host passes to a hook for an assistant's answer: the text, or the file with the conversation."""
    if target.name == "copilot":
        return {"sessionId": "selftest", "timestamp": 0, "cwd": str(folder), "transcriptPath": str(transcript)}
    shared = {"session_id": "selftest", "hook_event_name": event, "cwd": str(folder), "stop_hook_active": False}
    if target.name == "gemini":
        return {**shared, "timestamp": "2026-01-01T00:00:00.000Z", "prompt": "How?", "prompt_response": text}
    turn = {"turn_id": "selftest"} if target.name == "codex" else {}
    return {**shared, **turn, "last_assistant_message": text}


# -- reading the answer


def outcome_of(target: HookTarget, event: str, code: int, out: bytes, err: bytes) -> HostEffect:
    """What a host makes of an answer, by its rules."""
    said = _first_line(err) or _first_line(out)
    if target.name == "windsurf":
        if code == 2:
            return HostEffect("refused", said)
        return HostEffect("silent") if code == 0 else _failed(code, said)
    value = _json(out if out.strip() or target.name != "gemini" else err)
    if target.name == "gemini":
        return _of_gemini(value, code, out, err)
    if target.name == "copilot" and code:
        return HostEffect("refused", f"every exit code but 0 refuses, and this is {code}: {said}")
    if code == 2 and target.name not in ("cline", "opencode"):
        if target.name == "codex" and not err.strip():
            return _failed(code, "nothing on standard error")
        return HostEffect("refused", said)
    if code:
        return _failed(code, said)
    if value is None:
        return HostEffect("silent") if not out.strip() else HostEffect("broken", f"its output is not JSON: {said}")
    if not isinstance(value, dict):
        return HostEffect("broken", "its output is not a JSON object")
    return _of_object(target, event, value)


def _failed(code: int, said: str) -> HostEffect:
    return HostEffect(
        "broken", f"exit code {code}, for which the host lets the command run{f': {said}' if said else ''}"
    )


def _of_gemini(value: Any, code: int, out: bytes, err: bytes) -> HostEffect:
    """JSON counts, whatever the exit code; other text denies from 2 on."""
    if isinstance(value, dict):
        decision = value.get("decision")
        if decision in ("deny", "block"):
            return HostEffect("refused", str(value.get("reason", "")))
        return HostEffect("asked") if decision == "ask" else HostEffect("silent", str(value.get("systemMessage", "")))
    said = _first_line(out) or _first_line(err)
    if code >= 2:
        return HostEffect("refused", f"exit code {code} without JSON refuses: {said}")
    if code or said:
        return HostEffect("broken", f"exit code {code} and no JSON, for which the host lets the command run: {said}")
    return HostEffect("silent")


def _of_object(target: HookTarget, event: str, value: dict[str, Any]) -> HostEffect:
    if _is_reply(event):
        return HostEffect("refused" if value.get("decision") == "block" else "silent", _message(value))
    if target.name == "cline":
        return HostEffect("refused" if value.get("cancel") is True else "silent", _message(value))
    if target.name == "opencode":
        return HostEffect("refused" if value.get("decision") == "deny" else "silent", _message(value))
    if target.name == "codex" and (problem := _codex_problem(value)):
        return HostEffect("broken", f"Codex does not take {problem}, and lets the command run")
    if target.name == "cursor":
        decision = value.get("permission")
    elif target.name == "copilot":
        decision = value.get("permissionDecision")
    else:
        nested = value.get("hookSpecificOutput")
        decision = nested.get("permissionDecision") if isinstance(nested, dict) else None
    if decision == "deny":
        return HostEffect("refused")
    return HostEffect("asked") if decision == "ask" else HostEffect("silent", _message(value))


def _codex_problem(value: dict[str, Any]) -> str:
    """What voids an answer for Codex, which takes no key that it does not know."""
    nested = value.get("hookSpecificOutput", {})
    if not isinstance(nested, dict):
        return "`hookSpecificOutput` in this form"
    known = {"hookEventName", "permissionDecision", "permissionDecisionReason", "additionalContext"}
    if unknown := [*(set(value) - {"hookSpecificOutput", "systemMessage"}), *(set(nested) - known)]:
        return f"the key `{unknown[0]}`"
    decision = nested.get("permissionDecision")
    if decision not in (None, "deny"):
        return f"the decision `{decision}`"
    if decision == "deny" and (not nested.get("permissionDecisionReason") or "additionalContext" in nested):
        return "a refusal without a reason, or with `additionalContext`"
    return ""


def _message(value: dict[str, Any]) -> str:
    """What an answer that refuses nothing says, for a person."""
    for key in ("systemMessage", "message", "contextModification"):
        if isinstance(text := value.get(key), str):
            return _first_line(text.encode("utf-8", "replace"))
    return ""


def _json(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def _first_line(data: bytes) -> str:
    lines = data.decode("utf-8", "replace").strip().splitlines()
    # Of a traceback the last line says what it is.
    text = lines[-1] if lines and lines[0].startswith("Traceback") else "".join(lines[:1])
    return visible(text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…")
