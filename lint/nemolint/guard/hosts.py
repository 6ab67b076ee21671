"""Where each host reads its hooks from, in which shape, how it starts them, and what it makes of their failure."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.guard import start
from nemolint.guard.payload import HOSTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.guard.payload import Host

Shell = Literal["posix", "cmd", "powershell"]
SHELLS: tuple[Shell, ...] = get_args(Shell)
TIMEOUT = 30
"""Seconds that a host is to wait: more than the hook's own deadline, after which it answers itself."""

_BARE = lazily(r"[A-Za-z0-9_@%+=:,./\\~-]+")
_WORDS = lazily(r"""'(?:[^']|'')*'|"[^"]*"|[^\s'"]+""")
# The shells of all systems take both, and what stands between two commands in a POSIX shell stands there in PowerShell.
_TAIL = "; exit 0"


class HookTarget(NamedTuple):
    """A host, and how a hook is registered with it.

    `user` is the file below the folder that the variable `home_variable` names, or `user_folder` of the home folder;
    `project` the file in a repository. `form` is `json`, or what else the file is. `events` are those under which
    nemolint has something to say: the first is that of `--install`, `twins` are others before a command, and
    `reply_event` is that of `--replies`. `nested`: a handler stands in the `hooks` of an object with a `matcher`, which
    is to match `tool`; `typed`: it says that it is a command. `timeout` is a key and its value, `extra` what else a
    handler has. `command_keys` have the command for POSIX systems, `windows_keys` for Windows, and `tail` follows it.
    `version`: the file has one. `agent`: the command names the host.
    """

    name: Host
    title: str
    user_folder: str
    user: str
    project: str
    form: Literal["json", "script", "plugin"] = "json"
    home_variable: str = ""
    events: tuple[str, ...] = ()
    reply_event: str = ""
    twins: tuple[str, ...] = ()
    nested: bool = False
    typed: bool = False
    matcher: str = ""
    tool: str = ""
    timeout: tuple[str, int] = ("timeout", TIMEOUT)
    extra: tuple[tuple[str, Any], ...] = ()
    command_keys: tuple[str, ...] = ("command",)
    windows_keys: tuple[str, ...] = ("command",)
    windows_shell: Shell = "cmd"
    posix_shell: tuple[str, ...] = ("sh", "-c")
    comments: bool = False
    version: bool = False
    agent: bool = True
    tail: str = ""
    windows_tail: bool = True
    then: str = ""
    project_then: str = ""
    failure: str = ""
    unproven: str = ""

    def user_file(self, environ: Mapping[str, str], home: Path) -> Path:
        """The file of the user's own hooks."""
        given = environ.get(self.home_variable, "") if self.home_variable else ""
        return (Path(given) if given else home / self.user_folder) / self.user

    def project_file(self, root: Path) -> Path:
        """The file of a repository's hooks."""
        return root / self.project


TARGETS: dict[Host, HookTarget] = {
    target.name: target
    for target in (
        # Claude Code's file is also read by VS Code, by the CLI of Copilot and, if told to, by Cursor: no `--agent`.
        HookTarget(
            "claude",
            "Claude Code",
            ".claude",
            "settings.json",
            ".claude/settings.json",
            home_variable="CLAUDE_CONFIG_DIR",
            events=("PreToolUse", "Stop", "SubagentStop"),
            reply_event="Stop",
            nested=True,
            typed=True,
            matcher="Bash|PowerShell",
            tool="Bash",
            windows_shell="posix",  # of Git for Windows
            agent=False,
            then="start a new session, and look at `/hooks`",
            failure="a hook that crashes, is not found or takes too long lets the command run; "
            'since 2.1.295, `"onFailure": "block"` in the entry changes that',
            unproven="whether managed settings allow the hook, which `/hooks` shows",
        ),
        HookTarget(
            "codex",
            "Codex",
            ".codex",
            "hooks.json",
            ".codex/hooks.json",
            home_variable="CODEX_HOME",
            events=("PreToolUse", "Stop", "SubagentStop"),
            reply_event="Stop",
            nested=True,
            typed=True,
            matcher="^Bash$",
            tool="Bash",
            posix_shell=("$SHELL", "-lc"),
            then="restart Codex, and trust the hook in `/hooks`: until then, and after each change, it does not run",
            project_then="the repository must be trusted, too",
            failure="a hook that fails, takes too long or is not trusted lets the command run; "
            "Code Mode and Windows are reported to start no hook before a command",
            unproven="whether the hook is trusted, which `/hooks` shows",
        ),
        HookTarget(
            "gemini",
            "Gemini CLI",
            ".gemini",
            "settings.json",
            ".gemini/settings.json",
            events=("BeforeTool", "AfterAgent"),
            reply_event="AfterAgent",
            nested=True,
            typed=True,
            matcher="run_shell_command",
            tool="run_shell_command",
            timeout=("timeout", TIMEOUT * 1000),
            extra=(("name", "nemolint"),),
            windows_shell="powershell",
            posix_shell=("bash", "-c"),
            comments=True,
            # An exit code above 1 without JSON, that of a program which is not found included, denies every command.
            tail=_TAIL,
            then="restart Gemini CLI, and look at `/hooks`",
            project_then="Gemini CLI asks for trust in the folder's hooks once, and after each change",
            failure="a hook that fails or takes too long lets the command run; without `; exit 0`, one that is not "
            "found would deny every command",
            unproven="whether hooks are switched on and those of the folder trusted, which `/hooks` shows",
        ),
        HookTarget(
            "cursor",
            "Cursor",
            ".cursor",
            "hooks.json",
            ".cursor/hooks.json",
            events=("beforeShellExecution", "preToolUse", "stop"),
            twins=("preToolUse",),
            version=True,
            then="restart Cursor, and look at Settings > Hooks",
            project_then="Cursor runs it only in a trusted workspace",
            failure='a hook that fails or takes too long lets the command run; `"failClosed": true` in the entry '
            "changes that",
            unproven="whether Cursor has loaded the file, which Settings > Hooks shows",
        ),
        HookTarget(
            "copilot",
            "Copilot",
            ".copilot",
            "hooks/nemolint.json",
            ".github/hooks/nemolint.json",
            home_variable="COPILOT_HOME",
            events=("preToolUse", "PreToolUse", "agentStop", "Stop"),
            reply_event="agentStop",
            twins=("PreToolUse",),
            timeout=("timeoutSec", TIMEOUT),
            typed=True,
            command_keys=("bash",),
            windows_keys=("powershell",),
            windows_shell="powershell",
            posix_shell=("bash", "-c"),
            version=True,
            agent=False,
            # Any exit code but 0 denies, that of a program which is not found included.
            tail=_TAIL,
            then="restart the CLI; the cloud agent reads only the file that `--project` writes",
            project_then="commit the file; the cloud agent reads it from the default branch, runs its `bash` command, "
            "and needs nemolint among its setup steps (copilot-setup-steps.yml)",
            failure="a hook that takes too long lets the command run; the cloud agent turns a question into a refusal",
            unproven="whether the file is on the default branch, and nemolint installed, where the cloud agent runs",
        ),
        HookTarget(
            "vscode",
            "VS Code",
            ".copilot",
            "hooks/nemolint.json",
            ".github/hooks/nemolint.json",
            home_variable="COPILOT_HOME",
            events=("PreToolUse", "preToolUse", "Stop", "agentStop"),
            twins=("preToolUse",),
            typed=True,
            command_keys=("command",),
            windows_keys=("windows",),
            windows_shell="powershell",
            comments=True,
            agent=False,
            # The CLI of Copilot reads the same file. On Windows this may be a line of cmd.exe, which has no `;`.
            tail=_TAIL,
            windows_tail=False,
            then="reload the window, and look at the output `GitHub Copilot Chat Hooks`",
            project_then="VS Code runs it only in a trusted workspace",
            failure="a hook that fails or takes too long lets the command run; matchers are ignored, so that it starts "
            "for every tool",
            unproven="whether hooks are switched on, and the workspace trusted (matchers have no effect)",
        ),
        HookTarget(
            "windsurf",
            "Windsurf",
            ".codeium/windsurf",
            "hooks.json",
            ".windsurf/hooks.json",
            events=("pre_run_command",),
            timeout=("", 0),
            extra=(("show_output", False),),
            windows_keys=("powershell",),
            windows_shell="powershell",
            then="restart Windsurf",
            failure="a hook that fails in any way but exit code 2 lets the command run",
            unproven="the keys of its input, which only others describe",
        ),
        HookTarget(
            "cline",
            "Cline",
            "Documents/Cline/Hooks",
            "PreToolUse",
            ".clinerules/hooks/PreToolUse",
            form="script",
            events=("PreToolUse",),
            windows_shell="powershell",
            then="switch hooks on in the settings of the extension",
            failure="a hook that fails or takes too long lets the command run; the CLI reads `.cline/hooks` instead",
            unproven="whether hooks are switched on in the settings of the extension",
        ),
        HookTarget(
            "opencode",
            "opencode",
            ".config/opencode",
            "plugins/nemolint.js",
            ".opencode/plugins/nemolint.js",
            form="plugin",
            home_variable="OPENCODE_CONFIG_DIR",
            events=("tool.execute.before",),
            then="restart opencode",
            failure="a check that fails or takes too long lets the command run, which the plugin says in the log; "
            "the plugin is for V1",
            unproven="the plugin itself, of which only the command was run",
        ),
    )
}
assert tuple(TARGETS) == HOSTS


class HookCommand(NamedTuple):
    """A command line that starts `nemolint hook`: the program with its arguments up to `hook`, and the options.

    `portable` is True where the program is found by its name.
    """

    program: tuple[str, ...]
    options: tuple[str, ...]

    @property
    def portable(self) -> bool:
        return self.program[0] == "nemolint"

    def shown(self, shell: Shell, tail: str = "") -> str:
        """The command as it is written for a shell."""
        words = [*self.program, *self.options]
        line = " ".join(quoted(word, shell) for word in words)
        if shell == "powershell" and line.startswith("'"):
            line = f"& {line}"
        return line + tail


def own_command(options: Sequence[str], *, portable: bool) -> HookCommand:
    """The command of this installation, or one for all who have nemolint on their PATH."""
    if portable:
        return HookCommand(("nemolint", "hook"), tuple(options))
    # The interpreter is not resolved: that of a virtual environment is a link. The script itself starts fastest.
    return HookCommand((sys.executable, "-I", "-S", start.__file__), tuple(options))


def quoted(word: str, shell: Shell) -> str:
    """A word as a shell reads it."""
    if shell == "posix":
        return shlex.quote(word)
    if _BARE.fullmatch(word) and "%" not in word:
        return word
    return f'"{word}"' if shell == "cmd" else "'" + word.replace("'", "''") + "'"


def command_of(line: str, shells: Sequence[Shell] = SHELLS) -> HookCommand | None:
    """The `nemolint hook` that a command line consists of, as `shown` writes it for one of these shells.

    None for any other: one that does more, or in which the shell would find something to expand, is somebody's own.
    """
    if "nemolint" not in line:
        return None
    line = line.strip().removesuffix(_TAIL)
    for shell in shells:
        words = _posix_words(line) if shell == "posix" else _windows_words(line.removeprefix("& "))
        found = _hook_of(words or [])
        if found is not None and found.shown(shell) == line:
            return found
    return None


def _posix_words(line: str) -> list[str] | None:
    try:
        return shlex.split(line)
    except ValueError:
        return None


def _windows_words(line: str) -> list[str] | None:
    words: list[str] = []
    at = 0
    for found in _WORDS.finditer(line):
        if line[at : found.start()].strip() or (at and at == found.start()):
            return None
        word, at = found.group(), found.end()
        words.append(word[1:-1].replace("''", "'") if word[0] == "'" else word.strip('"'))
    return None if line[at:].strip() else words


def _hook_of(words: list[str]) -> HookCommand | None:
    name = re.split(r"[/\\]", words[0])[-1].lower().removesuffix(".exe") if words else ""
    if name == "nemolint" and words[1:2] == ["hook"]:
        size = 2
    elif name.startswith(("python", "pypy")):
        size = next((at for at in range(1, len(words)) if not words[at].startswith("-")), len(words))
        script = "/".join(re.split(r"[/\\]", words[size])) if size < len(words) else ""
        if script.endswith("/nemolint/guard/start.py"):
            size += 1
        elif words[size - 1 : size + 2] == ["-m", "nemolint", "hook"]:
            size += 2
        else:
            return None
    else:
        return None
    options = words[size:]
    # What is managed with `nemolint hook --install` is no hook.
    if any(option.partition("=")[0] in start.MANAGING for option in options):
        return None
    return HookCommand(tuple(words[:size]), tuple(options))


def handler_of(target: HookTarget, command: HookCommand, *, windows: bool) -> dict[str, Any]:
    """The entry of a hook: a command for all systems if it is portable, else for this one."""
    key, value = target.timeout
    handler: dict[str, Any] = {"type": "command"} if target.typed else {}
    if command.portable or not windows:
        handler |= dict.fromkeys(target.command_keys, command.shown("posix", target.tail))
    if windows or (command.portable and target.windows_keys != target.command_keys):
        tail = target.tail if target.windows_tail else ""
        handler |= dict.fromkeys(target.windows_keys, command.shown(target.windows_shell, tail))
    return {**handler, **({key: value} if key else {}), **dict(target.extra)}


def on_windows() -> bool:
    """Whether this is Windows."""
    return os.name == "nt"
