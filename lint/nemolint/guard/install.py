"""Puts a hook into the file that a host reads its hooks from, finds it there, and takes it out again."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from nemolint.base.errors import UserError
from nemolint.base.files import read_regular
from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.guard import config_edit
from nemolint.guard.config_edit import InvalidConfig, JsonNode
from nemolint.guard.hosts import (
    TARGETS,
    TIMEOUT,
    HookCommand,
    HookTarget,
    command_of,
    handler_of,
    on_windows,
    own_command,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MOST_BYTES = 5_000_000
_MOST_ENTRIES = 50
COMMAND_KEYS = ("command", "bash", "powershell", "windows", "linux", "osx")
"""What an entry of a host may have a command line under."""
_ADDED = "Added by `nemolint hook --install {name}`; `nemolint hook --uninstall {name}` takes it out."
_SCRIPT = "#!/bin/sh\n# {added}\nexec {command}\n"
_POWERSHELL_SCRIPT = "# {added}\n$input | {command}\nexit $LASTEXITCODE\n"
_SCRIPT_FORM = lazily(
    r"(?:#!/bin/sh\n)?# Added by `nemolint hook[^\n]*\n(?:exec |\$input \| )([^\n]*)\n(?:exit \$LASTEXITCODE\n)?"
)
_PLUGIN_FORM = lazily(r"// Added by `nemolint hook[^\n]*\n(?s:.*?)\nconst COMMAND = (\[[^\n]*\])\n")
_PLUGIN = """\
// {added}
import {{ spawn }} from "node:child_process"

const COMMAND = {command}

// What nemolint answers to a call. Where it cannot be asked, the call goes on, and the log says why.
function ask(payload) {{
  return new Promise((resolve) => {{
    let out = ""
    const child = spawn(COMMAND[0], COMMAND.slice(1), {{ timeout: {timeout}, windowsHide: true }})
    child.stdout.on("data", (data) => (out += data))
    child.on("error", (error) => resolve({{ message: `nemolint cannot be started: ${{error.message}}` }}))
    child.on("close", (code) => {{
      try {{
        resolve(JSON.parse(out))
      }} catch {{
        resolve({{ message: `nemolint gave no answer (exit code ${{code}})` }})
      }}
    }})
    child.stdin.on("error", () => {{}})
    child.stdin.end(JSON.stringify(payload))
  }})
}}

export const Nemolint = async ({{ client, directory }}) => ({{
  "tool.execute.before": async (input, output) => {{
    if (input.tool !== "bash") return
    const cwd = output.args.workdir ?? directory
    const answer = await ask({{ hook_event_name: "tool.execute.before", tool: input.tool, args: output.args, cwd }})
    if (answer.decision === "deny") throw new Error(answer.reason)
    if (answer.message) {{
      await client?.app?.log?.({{ body: {{ service: "nemolint", level: "warn", message: answer.message }} }})
    }}
  }},
}})
"""


class Registration(NamedTuple):
    """A hook in a host's file that starts nemolint. `line` counts from 1.

    `lines` has its command lines by key, `own` is the command if the entry has no other, else None; `problem` says what
    is wrong with the form of the entry. `place` is where an edit finds all that it consists of, `handler` where the
    command lines are. `words` are the program and its arguments, if the entry has them without a shell.
    """

    path: Path
    line: int
    event: str
    lines: Mapping[str, str]
    own: HookCommand | None
    matcher: object = None
    timeout: object = None
    problem: str = ""
    place: tuple[int, ...] = ()
    handler: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


class HookScope(NamedTuple):
    """Whose hooks are meant: those of the user, or those of the repository `root` (None for the user's)."""

    root: Path | None
    home: Path
    environ: Mapping[str, str]

    def files(self, target: HookTarget) -> tuple[Path, ...]:
        """The files that a host reads, the one that hooks are added to first."""
        if self.root is not None:
            file = target.project_file(self.root)
        else:
            file = target.user_file(self.environ, self.home)
        if target.name == "codex":
            return (file, file.with_name("config.toml"))
        if target.form == "script" and on_windows():
            return (file.with_name(f"{file.name}.ps1"),)
        return (file,)


class HookChange(NamedTuple):
    """What is to become of a file: its bytes before and after (None: there is no file), and what is to be said.

    `line` is where the entry stands afterwards, `command` what it starts.
    """

    path: Path
    before: bytes | None
    after: bytes | None
    notes: tuple[str, ...] = ()
    executable: bool = False
    line: int = 0
    command: HookCommand | None = None


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except ValueError:
        raise UserError(f"{path} is not UTF-8, so it was not changed: save it as UTF-8") from None


def read_config(path: Path) -> bytes | None:
    """The content of a file; None if there is none. Raises UserError for one that cannot be read."""
    try:
        return read_regular(path, _MOST_BYTES)
    except FileNotFoundError:
        if path.is_symlink():
            raise UserError(
                f"{path} is a link to a file that does not exist: make that file, or remove the link"
            ) from None
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _invalid(path: Path, error: InvalidConfig, target: HookTarget) -> UserError:
    also = "" if error.valid else f" ({target.title} does not read such a file either)"
    return UserError(f"{path}:{error.line}: {error}, so nothing was changed: correct the line{also}, then try again")


# -- finding


def registrations(target: HookTarget, path: Path, text: str) -> list[Registration]:
    """The hooks in a host's file that start nemolint, in the order of the file. Raises InvalidConfig."""
    if path.suffix == ".toml":
        entries = _of_toml(path, text)
    elif target.form == "json":
        entries = _of_json(target, path, text)
    else:
        entries = _of_program(target, path, text)
    found = list(islice(entries, _MOST_ENTRIES + 1))
    if len(found) > _MOST_ENTRIES:
        reason = f"has more than {_MOST_ENTRIES} hooks that start nemolint: remove most of them"
        raise InvalidConfig(found[-1].line, reason, valid=True)
    return found


def _of_json(target: HookTarget, path: Path, text: str) -> Iterator[Registration]:
    root = config_edit.parse_json(text, comments=target.comments)
    at = root.place("hooks")
    hooks = None if at is None else root.items[at]
    if at is None or hooks is None or hooks.kind != "object":
        return
    for event_at, (event, _) in enumerate(hooks.keys):
        for entry_at, entry in enumerate(hooks.items[event_at].items):
            way: tuple[int, ...] = (at, event_at, entry_at)
            inner_at = entry.place("hooks")
            inner = None if inner_at is None else entry.items[inner_at]
            handlers = [(entry, way)]
            if inner_at is not None and inner is not None:
                handlers = [(item, (*way, inner_at, number)) for number, item in enumerate(inner.items)]
            for handler, place in handlers:
                value = handler.data()
                lines, words = _lines_of(value), _exec_form(value)
                if not lines and not words:
                    continue
                whole = way if inner is None or len(inner.items) == 1 else place
                yield Registration(
                    path,
                    config_edit.line_of(text, handler.start),
                    event,
                    lines,
                    _own(lines) if not words else None,
                    None if (matcher := entry.get("matcher")) is None else matcher.data(),
                    value.get(target.timeout[0]),
                    _shape_problem(target, entry, inner, hooks.items[event_at]),
                    whole,
                    place,
                    words,
                )


def _lines_of(handler: Any) -> dict[str, str]:
    """The command lines of an entry by key, if one of them is about `nemolint hook`."""
    if not isinstance(handler, dict):
        return {}
    lines = {key: handler[key] for key in COMMAND_KEYS if isinstance(handler.get(key), str)}
    about = any("nemolint" in line and ("hook" in line or "start.py" in line) for line in lines.values())
    return lines if about else {}


def _exec_form(handler: Any) -> tuple[str, ...]:
    """The program and arguments of an entry that starts `nemolint hook` without a shell."""
    if not isinstance(handler, dict) or not isinstance(arguments := handler.get("args"), list):
        return ()
    program = handler.get("exec") or handler.get("command")
    words = [program, *arguments]
    if not all(isinstance(word, str) for word in words) or command_of_words(words) is None:
        return ()
    return tuple(words)


def _own(lines: Mapping[str, str]) -> HookCommand | None:
    found = [command_of(line) for line in lines.values()]
    return None if None in found or not found else found[0]


def _shape_problem(target: HookTarget, entry: JsonNode, inner: JsonNode | None, entries: JsonNode) -> str:
    if entries.kind != "array":
        return "the event is not an array of entries"
    if target.nested and inner is None:
        return 'the command stands beside the matcher: put it into the entry\'s "hooks"'
    if not target.nested and inner is not None and target.name != "vscode":
        return 'the command stands in "hooks" inside of the entry: put it into the entry itself'
    if inner is not None and inner.kind != "array":
        return '"hooks" of the entry is not an array'
    return ""


def _of_toml(path: Path, text: str) -> Iterator[Registration]:
    tables = config_edit.parse_toml(text).get("hooks")
    blocks = config_edit.toml_blocks(text)
    seen: dict[str, int] = {}
    for number, block in enumerate(blocks):
        seen[block.event] = seen.get(block.event, 0) + 1
        for handler in block.table["hooks"]:
            if lines := _lines_of(handler):
                line = config_edit.line_of(text, block.start)
                own = _own(lines) if len(block.table["hooks"]) == 1 else None
                matcher, timeout = block.table.get("matcher"), handler.get("timeout")
                yield Registration(path, line, block.event, lines, own, matcher, timeout, "", (number,), (number,))
    # Those in another form, of which an edit knows no place.
    known = [handler for block in blocks for handler in block.table["hooks"]]
    for event, entries in tables.items() if isinstance(tables, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            inner = entry.get("hooks") if isinstance(entry, dict) else None
            for handler in inner if isinstance(inner, list) else ():
                lines = _lines_of(handler)
                if not lines or handler in known:
                    continue
                shown = next(iter(lines.values()))
                numbers = [number for number, row in enumerate(text.splitlines(), 1) if "nemolint" in row]
                line = numbers[0] if numbers else 1
                yield Registration(
                    path, line, event, {"command": shown}, None, entry.get("matcher"), handler.get("timeout")
                )


def _of_program(target: HookTarget, path: Path, text: str) -> Iterator[Registration]:
    plain = text.replace("\r\n", "\n")
    form = _SCRIPT_FORM.fullmatch(plain) if target.form == "script" else _PLUGIN_FORM.match(plain)
    if form is None:
        if "nemolint" in text and "hook" in text:
            line = next(number for number, row in enumerate(text.splitlines(), 1) if "nemolint" in row)
            yield Registration(path, line, target.events[0], {"command": ""}, None)
        return
    line = config_edit.line_of(plain, form.start(1))
    if target.form == "script":
        shown = form[1]
        own = command_of(shown, ("posix",) if plain.startswith("#!") else ("powershell",))
    else:
        words = _words_of(form[1])
        shown = " ".join(words)
        # The rest of the file must be the rest of what was written, or somebody has made it their own.
        own = command_of_words(words)
        if own is not None and plain != _program(target, own):
            own = None
    yield Registration(path, line, target.events[0], {"command": shown}, own)


def _words_of(text: str) -> list[str]:
    import json

    try:
        words = json.loads(text)
    except ValueError:
        return []
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else []


def command_of_words(words: Sequence[str]) -> HookCommand | None:
    """The `nemolint hook` that a program with its arguments is; None for any other."""
    import shlex

    return command_of(shlex.join(words))


def _program(target: HookTarget, command: HookCommand) -> str:
    """The text of a script or a plugin."""
    import json

    added = _ADDED.format(name=target.name)
    if target.form == "plugin":
        words = json.dumps([*command.program, *command.options])
        return _PLUGIN.format(added=added, command=words, timeout=1000 * TIMEOUT)
    if on_windows():
        return _POWERSHELL_SCRIPT.format(added=added, command=command.shown("powershell"))
    return _SCRIPT.format(added=added, command=command.shown("posix"))


# -- putting in


class Wanted(NamedTuple):
    """What `--install` is asked for: `options` go to the installed command, `replies` adds the hook for answers."""

    options: tuple[str, ...] = ()
    replies: bool = False


def install(target: HookTarget, scope: HookScope, wanted: Wanted) -> HookChange:
    """What is to become of a host's file for nemolint to be asked. Raises UserError if nothing can be done."""
    agent = ("--agent", target.name) if target.agent else ()
    command = own_command((*agent, *wanted.options), portable=scope.root is not None)
    if any(not word.isprintable() for word in command.program):
        raise UserError(f"the path of this installation has characters that no host takes: {command.program[0]!r}")
    if wanted.replies and not target.reply_event:
        raise UserError(f"--replies: the hooks of {target.title} do not pass on the answer: leave it out")
    path, why = _file_for(target, scope)
    data = read_config(path)
    try:
        if path.suffix == ".toml":
            change = _into_toml(target, path, data or b"", command, wanted)
        elif target.form == "json":
            change = _into_json(target, path, data, command, wanted)
        else:
            change = _into_program(target, path, data, command)
    except InvalidConfig as error:
        raise _invalid(path, error, target) from None
    return change._replace(notes=(*why, *change.notes), command=command)


def _file_for(target: HookTarget, scope: HookScope) -> tuple[Path, tuple[str, ...]]:
    """The file to add a hook to, and why, if there is a choice.

    Codex reads both of its files and warns where both have hooks. `hooks.json` has nothing else, so it is taken unless
    the hooks are in `config.toml`, in which Codex itself writes.
    """
    first, *others = scope.files(target)
    why: tuple[str, ...] = ()
    for other in others:
        text = _decoded(other, read_config(other) or b"")
        if read_config(first) is None and "hooks" in text:
            try:
                tables = config_edit.parse_toml(text).get("hooks")
            except InvalidConfig as error:
                raise _invalid(other, error, target) from None
            if isinstance(tables, dict) and any(isinstance(value, list) for value in tables.values()):
                return other, (f"{first.name} does not exist and {other.name} has hooks, so the hook is there, too",)
        why = (f"the hook is in {first.name}, which has nothing else: {target.title} itself writes to {other.name}",)
    return first, why


def _entries(target: HookTarget, command: HookCommand, wanted: Wanted) -> list[tuple[str, dict[str, Any]]]:
    """What is to stand under which event."""
    handler = handler_of(target, command, windows=on_windows())
    if not target.nested:
        return [(event, handler) for event in _events(target, wanted)]
    entries = []
    for event in _events(target, wanted):
        matcher = {"matcher": target.matcher} if event != target.reply_event else {}
        entries.append((event, {**matcher, "hooks": [handler]}))
    return entries


def _events(target: HookTarget, wanted: Wanted) -> list[str]:
    return [target.events[0], *([target.reply_event] if wanted.replies else [])]


def _into_json(target: HookTarget, path: Path, data: bytes | None, command: HookCommand, wanted: Wanted) -> HookChange:
    entries = _entries(target, command, wanted)
    if data is None:
        after = new_file(target, entries)
        return HookChange(path, None, after, line=_line_of_first(target, path, after))
    text = before = _decoded(path, data)
    found = registrations(target, path, text)
    notes = []
    for number in range(len(found)):
        # Each edit moves what is behind it.
        entry = registrations(target, path, text)[number]
        if entry.own is None:
            said = "starts nemolint in its own way, and was left: remove it, or nemolint is asked twice"
            notes.append(f"{path}:{entry.line}: this entry {said}")
        else:
            text = _updated(target, text, entry, command)
    for event, value in entries:
        served = target.twins if event == target.events[0] else ()
        there = [entry for entry in found if entry.own is not None and entry.event in (event, *served)]
        if not there:
            text = config_edit.append(text, ("hooks", event), value, comments=target.comments)
        elif len(there) > 1:
            lines = " and ".join(str(entry.line) for entry in there)
            notes.append(
                f"{path}: lines {lines} both start nemolint, which is asked twice: uninstall, then install again"
            )
        elif there[0].event != event:
            notes.append(f"{path}:{there[0].line}: the entry under `{there[0].event}` serves {target.title}, too")
    if target.version and config_edit.parse_json(text, comments=target.comments).place("version") is None:
        if config_edit.parse_json(before, comments=target.comments).place("hooks") is None:
            text = config_edit.put(text, "version", 1, comments=target.comments)
        else:
            notes.append(f'{path}: {target.title} expects `"version": 1` beside "hooks", which is missing: add it')
    after = data if text == before else text.encode("utf-8")
    return HookChange(path, data, after, tuple(notes), line=_line_of_first(target, path, after))


def new_file(target: HookTarget, entries: Sequence[tuple[str, dict[str, Any]]]) -> bytes:
    """The content of a file that has these entries and nothing else.

    The version stands behind the hooks: a file that had it before has it in front of them.
    """
    import json

    hooks: dict[str, list[Any]] = {}
    for event, value in entries:
        hooks.setdefault(event, []).append(value)
    content = {"hooks": hooks, **({"version": 1} if target.version else {})}
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _line_of_first(target: HookTarget, path: Path, data: bytes) -> int:
    found = registrations(target, path, data.decode("utf-8"))
    return found[0].line if found else 1


def _updated(target: HookTarget, text: str, entry: Registration, command: HookCommand) -> str:
    """The text with the command of this installation in an entry of nemolint's. All else of the entry is the user's."""
    handler = handler_of(target, _with_options_of(entry.own, command), windows=on_windows())
    # From behind, so that the places in front stay.
    node = config_edit.parse_json(text, comments=target.comments)
    for index in entry.handler:
        node = node.items[index]
    for key in sorted(entry.lines, key=lambda key: node.get(key).start, reverse=True):  # type: ignore[union-attr]
        inner = node.get(key)
        if inner is not None and key in handler and handler[key] != inner.value:
            text = config_edit.replace(text, inner, handler[key])
    return text


def _with_options_of(old: HookCommand | None, command: HookCommand) -> HookCommand:
    """The command with the options that somebody has added to the one that it replaces."""
    if old is None:
        return command
    options, words = list(command.options), iter(old.options)
    for word in words:
        name, equals, _ = word.partition("=")
        value = [] if equals or name == "--fail-closed" else [next(words, "")]
        if name != "--agent" and not any(option.partition("=")[0] == name for option in command.options):
            options += [word, *value]
    return command._replace(options=tuple(options))


def _into_toml(target: HookTarget, path: Path, data: bytes, command: HookCommand, wanted: Wanted) -> HookChange:
    text = _decoded(path, data)
    found = registrations(target, path, text)
    entries = _entries(target, command, wanted)
    notes = []
    for number in range(len(found)):
        entry = registrations(target, path, text)[number]
        if entry.own is None:
            said = "starts nemolint in its own way, and was left: remove it, or nemolint is asked twice"
            notes.append(f"{path}:{entry.line}: this entry {said}")
            continue
        block = config_edit.toml_blocks(text)[entry.place[0]]
        old = block.table["hooks"][0]
        line = _with_options_of(entry.own, command).shown("cmd" if on_windows() else "posix", target.tail)
        if old["command"] != line:
            text = config_edit.replace_toml(text, block, {**block.table, "hooks": [{**old, "command": line}]})
    for event, value in entries:
        if not any(entry.own is not None and entry.event == event for entry in found):
            text = config_edit.append_toml(text, event, value)
    after = data if text == _decoded(path, data) else text.encode("utf-8")
    return HookChange(path, data, after, tuple(notes), line=_line_of_first(target, path, after))


def _into_program(target: HookTarget, path: Path, data: bytes | None, command: HookCommand) -> HookChange:
    script = target.form == "script"
    if data is None:
        after = _program(target, command).encode("utf-8")
        return HookChange(path, None, after, executable=script, line=_line_of_first(target, path, after))
    found = registrations(target, path, _decoded(path, data))
    if not found or found[0].own is None:
        shown = command.shown("posix")
        raise UserError(
            f"{path} is not a file of nemolint, so it was not changed: move it away, or call `{shown}` in it, with its "
            "standard input and output"
        )
    after = _program(target, _with_options_of(found[0].own, command)).encode("utf-8")
    notes: tuple[str, ...] = ()
    if script and not on_windows() and not path.stat().st_mode & stat.S_IXUSR:
        notes = (f"{path} is not executable: run `chmod +x` on it",)
    return HookChange(path, data, after, notes, script, _line_of_first(target, path, after))


def also_asked(target: HookTarget, scopes: Sequence[HookScope], path: Path) -> Iterator[Registration]:
    """The hooks before a command that a host finds in other files than `path`: it is asked by them, too."""
    for scope in scopes:
        for file in files_read(target, scope):
            if file == path:
                continue
            # A file of Claude Code is read as that.
            reader = TARGETS["claude"] if file in files_read(TARGETS["claude"], scope) else target
            try:
                found = registrations(reader, file, (read_config(file) or b"").decode("utf-8"))
            except (UserError, InvalidConfig, ValueError):  # a selftest says what is wrong with it
                continue
            yield from (entry for entry in found if entry.event in (reader.events[0], *target.twins))


def files_read(target: HookTarget, scope: HookScope) -> list[Path]:
    """The files that a host reads its hooks from, those of other hosts included."""
    files = [*scope.files(target)]
    if target.name in ("copilot", "vscode"):
        files += sorted(file for file in files[0].parent.glob("*.json") if file != files[0])
        # Those of the home folder are read by VS Code alone.
        if scope.root is not None or target.name == "vscode":
            files += files_read(TARGETS["claude"], scope)
    if target.name == "claude" and scope.root is not None:
        files.append(files[0].with_name("settings.local.json"))
    return files


def which_to_keep(own: Path, of_claude: Path, scopes: Sequence[HookScope]) -> str:
    """Which of two files with the hook a host needs that reads its own and that of Claude Code."""
    root = next((scope.root for scope in scopes if scope.root is not None), None)
    if root is not None and own.is_relative_to(root) and of_claude.is_relative_to(root):
        return (
            f"keep {of_claude.relative_to(root)}, which Claude Code, the CLI of Copilot and VS Code read; "
            f"{own.relative_to(root)} is for the cloud agent of Copilot, which reads no other file: without it, run "
            "`nemolint hook --uninstall copilot --project`"
        )
    return "VS Code needs one of them, and Claude Code and Copilot each their own: uninstall that of one not in use"


# -- taking out


def uninstall(target: HookTarget, scope: HookScope) -> list[HookChange]:
    """What is to become of a host's files without nemolint. Raises UserError if nothing can be done."""
    changes: list[HookChange] = []
    for path in scope.files(target):
        data = read_config(path)
        if data is None:
            continue
        try:
            changes += _out_of(target, path, data)
        except InvalidConfig as error:
            raise _invalid(path, error, target) from None
    return changes


def _out_of(target: HookTarget, path: Path, data: bytes) -> Iterator[HookChange]:
    text = _decoded(path, data)
    found = registrations(target, path, text)
    own = [entry for entry in found if entry.own is not None]
    notes = tuple(
        f"{path}:{entry.line}: this entry starts nemolint in its own way, and was left: remove it by hand"
        for entry in found
        if entry.own is None
    )
    if not found:
        return
    if not own:
        yield HookChange(path, data, data, notes)
        return
    if target.form != "json":
        yield HookChange(path, data, None, notes)
        return
    if path.suffix == ".toml":
        for entry in reversed(own):
            text = config_edit.remove_toml(text, config_edit.toml_blocks(text)[entry.place[0]])
        yield HookChange(path, data, text.encode("utf-8"), notes)
        return
    if not notes and _is_new_file(target, text, data):
        yield HookChange(path, data, None)
        return
    had = _version_behind_hooks(target, text)
    # What was added last goes first: only then does what is left show what was there before.
    while own:
        text = config_edit.remove(text, own[-1].place, comments=target.comments)
        own = [entry for entry in registrations(target, path, text) if entry.own is not None]
    root = config_edit.parse_json(text, comments=target.comments)
    at = root.place("version")
    if had and root.place("hooks") is None and at is not None:
        text = config_edit.remove(text, (at,), comments=target.comments)
    yield HookChange(path, data, text.encode("utf-8"), notes)


def _is_new_file(target: HookTarget, text: str, data: bytes) -> bool:
    """Whether the file is as `new_file` writes it, with whatever it has by way of entries."""
    root = config_edit.parse_json(text, comments=target.comments)
    hooks = root.get("hooks")
    if hooks is None:
        return False
    content = hooks.data()
    if not isinstance(content, dict) or not all(isinstance(entries, list) for entries in content.values()):
        return False
    pairs = [(event, entry) for event, entries in content.items() for entry in entries]
    own = [entry for entry in registrations(target, Path(), text) if entry.own is not None]
    return len(own) == len(pairs) and data == new_file(target, pairs)


def _version_behind_hooks(target: HookTarget, text: str) -> bool:
    """Whether an edit has added the version: it then is the last key, directly behind the hooks."""
    root = config_edit.parse_json(text, comments=target.comments)
    names = [key for key, _ in root.keys]
    return target.version and names[-2:] == ["hooks", "version"] and root.items[-1].data() == 1


# -- writing


def apply(change: HookChange, scope: HookScope) -> None:
    """Write a change. Raises UserError if the file cannot be written, or is not what it was."""
    from nemolint.base.atomic import NotWritten, output_of, own_file, remove_file, replace_file, target_of

    if change.after == change.before:
        return
    try:
        if scope.root is None:
            target = own_file(change.path)
        elif change.before is None:
            target = output_of(change.path, scope.root, scope.root)
        else:
            target = target_of(change.path, scope.root)
        if change.after is None:
            remove_file(target)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, change.after, was=change.before, executable=change.executable)
    except NotWritten as error:
        raise UserError(str(error)) from None
    except OSError as error:
        said = error.strerror or str(error)
        raise UserError(f"{error.filename or change.path} cannot be written: {said}") from None


def user_home() -> Path:
    """The home folder. Raises UserError if there is none."""
    try:
        return Path(os.path.expanduser("~")).absolute()
    except OSError as error:
        raise UserError(f"the home folder is not known: {error}") from None
