"""`nemolint hook --install`, `--uninstall` and `--selftest`: what they write, leave alone, and find out."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, example, given, strategies as st

from nemolint.guard import config_edit, hosts, log, start
from nemolint.guard.hosts import TARGETS, HookCommand, HookTarget, Shell, command_of
from nemolint.guard.install import HookScope, Wanted, install, registrations, uninstall
from nemolint.guard.payload import HOSTS
from nemolint.guard.selftest import HARMLESS, REFUSED, HostEffect, outcome_of, payload_of
from support.command import MAIN, Done, execute, git, nemolint
from support.credentials import FORMATS
from support.sizes import many

if TYPE_CHECKING:
    from nemolint.guard.payload import Host

pytestmark = pytest.mark.skipif(os.name == "nt", reason="its files and shells are those of POSIX systems")

JSON = [target for target in TARGETS.values() if target.form == "json"]
COMMAND = HookCommand((sys.executable, "-I", "-S", start.__file__), ())
# What else decides where a host's files are.
VARIABLES = dict.fromkeys(("CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME", "OPENCODE_CONFIG_DIR"), "")
CLAUDE = TARGETS["claude"]


class Home:
    """A home folder with a repository in it, and nemolint on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repository = folder / "repository"
        self.repository.mkdir()
        git(self.repository, "init", "-q")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        # Codex starts its hooks with a login shell, which sets the PATH anew.
        (folder / ".profile").write_text(f'PATH="{path}"\n', "utf-8")
        self.environ = {**VARIABLES, "HOME": str(folder), "PATH": path, "SHELL": "/bin/sh"}

    def hook(self, *arguments: str) -> Done:
        """Run `nemolint hook` in the repository."""
        return nemolint(self.repository, "hook", *arguments, env=self.environ)

    def files(self, target: HookTarget, *, project: bool = False) -> tuple[Path, ...]:
        """The files of a host."""
        return HookScope(self.repository if project else None, self.folder, {}).files(target)

    def write(self, target: HookTarget, content: str, *, project: bool = False) -> Path:
        """Write the file of a host."""
        file = self.files(target, project=project)[0]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8", newline="")
        return file


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home folder for one test."""
    return Home(tmp_path)


def in_memory(target: HookTarget, name: str, data: bytes, folder: Path) -> HookScope:
    """A scope in which a host's file has this content."""
    scope = HookScope(None, folder, {})
    file = next(file for file in scope.files(target) if file.name == name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return scope


# -- any file that is there already

_SPACE = st.sampled_from(["", "", " ", "\n", "\n  ", "\t", "\r\n", "\r\n\t", "  \n\n "])
_COMMENT = st.sampled_from(["/* c */", "// x, } ]\n", "/**/\n", '// "hooks": [\r\n', "/* // */"])
_SCALAR = st.sampled_from(
    ["0", "-1.5e3", "12345678901234567890", "true", "null", '"é \\u00e9 \\" // /*"', '"nemolint"']
)
_OTHER = st.sampled_from(
    [
        '{"matcher": "Edit", "hooks": [{"type": "command", "command": "lint"}]}',
        '{"matcher": "Bash", "hooks": []}',
        '{"command": "nemolint check ."}',
        "{}",
    ]
)


def _gaps(comments: bool) -> st.SearchStrategy[str]:
    return st.builds("".join, st.tuples(_SPACE, _COMMENT, _SPACE)) | _SPACE if comments else _SPACE


@st.composite
def _array(draw: st.DrawFn, gap: st.SearchStrategy[str], items: st.SearchStrategy[str], comments: bool) -> str:
    parts = [draw(gap) + item + draw(gap) for item in draw(st.lists(items, max_size=3))]
    last = "," + draw(gap) if parts and comments and draw(st.booleans()) else ""
    return f"[{','.join(parts) + last if parts else draw(gap)}]"


@st.composite
def _object(draw: st.DrawFn, gap: st.SearchStrategy[str], pairs: list[tuple[str, str]], comments: bool) -> str:
    parts = [f'{draw(gap)}"{key}"{draw(gap)}:{draw(gap)}{value}{draw(gap)}' for key, value in pairs]
    last = "," + draw(gap) if parts and comments and draw(st.booleans()) else ""
    return f"{{{','.join(parts) + last if parts else draw(gap)}}}"


@st.composite
def json_files(draw: st.DrawFn) -> tuple[HookTarget, str]:
    """A host, and a file of it without a hook of nemolint, as somebody or some program may have written it."""
    target = draw(st.sampled_from(JSON))
    comments, gap = target.comments, _gaps(target.comments)
    pairs = [
        (key, draw(_SCALAR)) for key in draw(st.lists(st.sampled_from(["a", "b", "env"]), max_size=2, unique=True))
    ]
    if draw(st.booleans()):
        pairs.append(("nested", draw(_object(gap, [("hooks", draw(_array(gap, _SCALAR, comments)))], comments))))
    if draw(st.booleans()):
        events = draw(st.lists(st.sampled_from([*target.events, "Other"]), max_size=3, unique=True))
        pairs.append(
            ("hooks", draw(_object(gap, [(name, draw(_array(gap, _OTHER, comments))) for name in events], comments)))
        )
    if draw(st.booleans()):
        pairs.append(("version", "1"))
    root = draw(_object(gap, draw(st.permutations(pairs)), comments))
    return target, draw(st.sampled_from(["", "\ufeff"])) + draw(gap) + root + draw(gap)


@given(json_files(), st.booleans())
@example((CLAUDE, "{}"), True)
@example((CLAUDE, '{\n  "hooks": {\n  }\n}\n'), True)
@example((TARGETS["cursor"], '{\n  "version": 1\n}\n'), False)
@example((TARGETS["cursor"], '{ "a": 1 }'), False)
@example((TARGETS["gemini"], '{ // c\n  "hooks": {"BeforeTool": [1, /* x */], // y\n },}'), True)
def test_a_json_file_is_left_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[HookTarget, str], replies: bool
) -> None:
    """Installing adds entries and changes nothing else, and nothing a second time; uninstalling restores each byte."""
    target, text = made
    wanted = Wanted(replies=replies and bool(target.reply_event))
    folder = tmp_path_factory.mktemp("home")
    scope = in_memory(target, Path(target.user).name, text.encode(), folder)
    change = install(target, scope, wanted)
    assert change.after is not None
    before = config_edit.parse_json(text, comments=target.comments).data()
    after = config_edit.parse_json(change.after.decode(), comments=target.comments).data()
    for event in (target.events[0], target.reply_event)[: 2 if wanted.replies else 1]:
        assert json.dumps(after["hooks"][event].pop()).count("start.py") == 1
    assert not [entry for entry in registrations(target, change.path, text) if entry.own is not None]
    added = {event for event, entries in after["hooks"].items() if not entries} - {*before.get("hooks", {})}
    assert {event: entries for event, entries in after.pop("hooks").items() if event not in added} == before.pop(
        "hooks", {}
    )
    assert {"version": 1, **after} == {"version": 1, **before}
    change.path.write_bytes(change.after)
    assert install(target, scope, wanted).after == change.after
    (restored,) = uninstall(target, scope)
    assert restored.after == text.encode()
    shutil.rmtree(folder)


_TOML_LINES = st.sampled_from(
    [
        'model = "gpt"',
        "[a.b]",
        "x = [1,\n  2]",
        "[[hooks.Stop]]\nhooks = []",
        '[[hooks.PreToolUse]]\nmatcher = "Edit"\n\n[[hooks.PreToolUse.hooks]]\ntype = "command"\ncommand = "lint"',
        "# [[hooks.PreToolUse]]",
        "text = '''\n[[hooks.PreToolUse]]\nhooks = [{ command = \"nemolint hook\" }]\n'''",
        "",
        "[features]\nhooks = true",
    ]
)


@given(
    st.lists(_TOML_LINES, max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n", "\n\n"]),
    st.booleans(),
)
def test_a_toml_file_is_left_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], newline: str, end: str, replies: bool
) -> None:
    """The same of the settings of Codex, to which hooks are added if it has some already."""
    target = TARGETS["codex"]
    text = ("\n".join(lines) + end).replace("\n", newline)
    try:
        before = config_edit.parse_toml(text)
    except config_edit.InvalidConfig:
        assume(False)
    assume(any(isinstance(value, list) for value in before.get("hooks", {}).values()))
    folder = tmp_path_factory.mktemp("home")
    scope = in_memory(target, "config.toml", text.encode(), folder)
    change = install(target, scope, Wanted(replies=replies))
    assert change.path.name == "config.toml" and change.after is not None
    after = config_edit.parse_toml(change.after.decode())
    for event in ("PreToolUse", "Stop")[: 2 if replies else 1]:
        assert "start.py" in after["hooks"][event].pop()["hooks"][0]["command"]
    assert {k: v for k, v in after.pop("hooks").items() if v} == {k: v for k, v in before.pop("hooks").items() if v}
    assert after == before
    change.path.write_bytes(change.after)
    assert install(target, scope, Wanted(replies=replies)).after == change.after
    (restored,) = uninstall(target, scope)
    assert restored.after == text.encode()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("host", "name", "content", "line", "said"),
    [
        ("claude", "settings.json", '{\n  "a": 1,\n}\n', 2, 'has a comma before "}"'),
        ("claude", "settings.json", '{\n  // mine\n  "a": 1\n}\n', 2, "has a comment"),
        ("claude", "settings.json", "", 1, "is empty"),
        ("claude", "settings.json", '{\n"a": tru\n}', 2, "is not valid JSON"),
        ("claude", "settings.json", '{"a": 1', 1, 'is not valid JSON: "," is expected'),
        ("claude", "settings.json", "[]", 1, "has its JSON value, which is not an object"),
        ("claude", "settings.json", '{"hooks":\n []}', 2, "has `hooks`, which is not an object"),
        (
            "claude",
            "settings.json",
            '{"hooks": {"PreToolUse":\n {}}}',
            2,
            "has `hooks.PreToolUse`, which is not an array",
        ),
        ("gemini", "settings.json", "{/* mine", 1, "has a comment without an end"),
        ("cursor", "hooks.json", '{"hooks": {}}{}', 1, "has text behind the end"),
        ("codex", "config.toml", "[[hooks.Stop]]\n[a\n", 2, "is not valid TOML"),
        (
            "codex",
            "config.toml",
            "a = 1\nhooks.PreToolUse = [{ matcher = 'Edit', hooks = [] }]\n",
            2,
            "has `hooks` in a form that",
        ),
    ],
)
@pytest.mark.parametrize("option", ["--install", "--uninstall"])
def test_a_file_that_is_not_valid_is_not_changed(
    home: Home, host: Host, name: str, content: str, line: int, said: str, option: str
) -> None:
    """What a host cannot read either is reported with its line, and stays as it is."""
    file = next(file for file in home.files(TARGETS[host]) if file.name == name)
    file.parent.mkdir(parents=True)
    file.write_text(content, "utf-8")
    done = home.hook(option, host)
    assert file.read_text("utf-8") == content
    if option == "--install":
        assert done.code == 2 and f"{name}:{line}: {said}" in done.err
        assert "so nothing was changed: correct the line" in done.err
        assert ("does not read such a file either" in done.err) is ("not a" not in said and "in a form" not in said)


def test_a_file_in_another_encoding_is_not_changed(home: Home) -> None:
    """UTF-16 is not taken apart."""
    file = home.write(CLAUDE, "")
    file.write_bytes("{}".encode("utf-16"))
    done = home.hook("--install", "claude")
    assert done.code == 2 and "is not UTF-8, so it was not changed: save it as UTF-8" in done.err


@given(st.text(max_size=60) | st.text(alphabet='{}[]",:/*\\ \n01truefalsn', max_size=40))
def test_json_is_what_python_reads(text: str) -> None:
    """A text is taken for JSON exactly if it is, and has the same value."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        expected = json.loads(text, parse_constant=refuse)
    except ValueError:
        with pytest.raises(config_edit.InvalidConfig):
            config_edit.parse_json(text)
    else:
        assert config_edit.parse_json(text).data() == expected


def test_nesting_has_an_end(home: Home) -> None:
    """A file that is nested too deeply is refused, not followed until the stack ends."""
    home.write(CLAUDE, "[" * 100_000)
    assert "is nested too deeply" in home.hook("--install", "claude").err


@pytest.mark.parametrize("form", ["json", "toml"])
def test_a_file_full_of_hooks_ends(home: Home, form: str) -> None:
    """Whoever writes a repository can have thousands of entries in a file: they are neither started nor taken apart."""
    file = home.files(TARGETS["codex"], project=True)[form == "toml"]
    file.parent.mkdir()
    if form == "json":
        file.write_text(json.dumps({"hooks": {"PreToolUse": [entry_of("nemolint hook")] * many(16_000)}}))
    else:
        block = "[[hooks.PreToolUse]]\nhooks = [{ type = 'command', command = 'nemolint hook' }]\n"
        file.write_text(block * many(16_000))
    assert "has more than 50 hooks that start nemolint" in home.hook("--selftest").out
    assert home.hook("--uninstall", "codex", "--project").code == 2


# -- what is written


@pytest.mark.parametrize("project", [False, True], ids=["user", "project"])
@pytest.mark.parametrize("host", HOSTS)
def test_an_installed_hook_answers(home: Home, host: Host, project: bool) -> None:
    """What is written is found again, answers as the host needs it, and is gone after uninstalling, file included."""
    scope = ["--project"] if project else []
    target = TARGETS[host]
    assert home.hook("--selftest", *scope).code == 1
    done = home.hook("--install", host, *scope)
    file = home.files(target, project=project)[0]
    assert done.code == 0, done.err
    assert f"{file.name}:" in done.out and "starts nemolint from now on" in done.out
    assert f"next: {target.then}" in done.out and f"mind: {target.failure}" in done.out
    again = home.hook("--install", host, *scope)
    assert "starts nemolint already; nothing was changed" in again.out
    tested = home.hook("--selftest", "--agent", host)
    assert (tested.code, tested.err) == (0, ""), tested.out
    assert f"ok: {target.title}" in tested.out and f"refuses `{REFUSED}`, and lets `{HARMLESS}` pass" in tested.out
    assert f"not tested: whether {target.title} starts the hook at all" in tested.out
    assert home.hook("--uninstall", host, *scope).code == 0
    assert not file.exists()
    assert f"{target.title}: no hook of nemolint in " in home.hook("--uninstall", host, *scope).out


def test_what_a_project_shares_names_no_path_of_one_machine(home: Home) -> None:
    """The file of a repository is committed: it finds nemolint by its name, on all systems."""
    for host in HOSTS:
        home.hook("--install", host, "--project")
        for file in home.files(TARGETS[host], project=True)[:1]:
            text = file.read_text("utf-8")
            assert "nemolint" in text and str(home.folder) not in text and sys.executable not in text


@pytest.mark.parametrize("host", HOSTS)
def test_print_writes_nothing(home: Home, host: Host) -> None:
    """A dry run shows the patch, and leaves no file and no folder behind."""
    done = home.hook("--install", host, "--print")
    assert done.code == 0 and done.out.startswith("--- /dev/null\n+++ ") and "nothing was written" in done.out
    assert {path.name for path in home.folder.iterdir()} == {".profile", "repository"}


def test_print_masks_secrets(home: Home) -> None:
    """The lines around a change may have a key, which a patch must not show."""
    key = FORMATS["nvidia"][1]()
    home.write(CLAUDE, json.dumps({"env": {"A": key, "MY_PASSWORD": "hunter2hunter2"}}, indent=2))
    out = home.hook("--install", "claude", "--print").out
    assert "PreToolUse" in out and key not in out and "hunter2hunter2" not in out


@pytest.mark.parametrize("host", ["claude", "codex", "gemini", "copilot"])
def test_replies(home: Home, host: Host) -> None:
    """The hook for answers is there if asked for, answers, and stays where the other one is installed again."""
    home.hook("--install", host, "--replies")
    home.hook("--install", host)
    tested = home.hook("--selftest")
    assert tested.code == 0, tested.out
    assert f"refuses an answer with `{REFUSED}`, and lets a harmless one pass" in tested.out
    home.hook("--uninstall", host)
    assert not home.files(TARGETS[host])[0].exists()


def test_replies_where_no_answer_is_passed_on(home: Home) -> None:
    """A hook that could never do anything is not installed."""
    done = home.hook("--install", "windsurf", "--replies")
    assert done.code == 2 and "the hooks of Windsurf do not pass on the answer" in done.err


def test_an_older_entry_is_updated_in_place(home: Home) -> None:
    """Only its command changes: the matcher, the timeout and the options are somebody's choice."""
    old = "/old/venv/bin/python -I -S /old/lib/nemolint/guard/start.py --deadline 3 --fail-closed"
    content = """{
    "hooks": {"PreToolUse": [
        {"matcher": "Bash", "hooks": [{"type": "command", "command": "other"},
            {"type": "command", "command": "OLD", "timeout": 99}]}
    ]}
}"""
    file = home.write(CLAUDE, content.replace("OLD", old))
    home.hook("--install", "claude")
    new = COMMAND._replace(program=(*_program(file),), options=("--deadline", "3", "--fail-closed")).shown("posix")
    assert old not in new and file.read_text("utf-8") == content.replace("OLD", new)
    home.hook("--uninstall", "claude")
    assert json.loads(file.read_text("utf-8"))["hooks"]["PreToolUse"] == [
        {"matcher": "Bash", "hooks": [{"type": "command", "command": "other"}]}
    ]


def _program(file: Path) -> list[str]:
    """The program of the first hook of nemolint in a file of Claude Code."""
    (entry, *_) = registrations(CLAUDE, file, file.read_text("utf-8"))
    assert entry.own is not None
    return [*entry.own.program]


@pytest.mark.parametrize(
    "command",
    [
        "nemolint hook | tee log",
        "cd x && nemolint hook",
        "nemolint hook > /dev/null",
        "sh nemolint-hook.sh",
        "A=1 nemolint hook",
    ],
)
def test_what_somebody_has_made_of_it_is_left(home: Home, command: str) -> None:
    """An entry that does more than to start the hook is not nemolint's to change or to remove."""
    content = json.dumps({"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": command}]}]}})
    file = home.write(CLAUDE, content)
    assert ":1: this entry starts nemolint in its own way" in home.hook("--uninstall", "claude").out
    assert file.read_text("utf-8") == content


def test_options_go_to_the_installed_command(home: Home) -> None:
    """`--fail-closed` and the like are asked for once, when the hook is installed."""
    home.hook("--install", "claude", "--fail-closed", "--deadline", "7", "--log", "hook.log")
    (entry,) = registrations(CLAUDE, Path(), home.files(CLAUDE)[0].read_text("utf-8"))
    assert entry.own is not None
    assert entry.own.options == ("--fail-closed", "--deadline", "7", "--log", str(home.repository / "hook.log"))


def test_a_link_of_the_user_is_followed(home: Home) -> None:
    """People keep such files elsewhere and link to them: the link stays, and so does the mode of the file."""
    file, real = home.files(CLAUDE)[0], home.folder / "dotfiles.json"
    real.write_text("{}")
    real.chmod(0o600)
    file.parent.mkdir()
    file.symlink_to(real)
    assert home.hook("--install", "claude").code == 0
    assert file.is_symlink() and "PreToolUse" in real.read_text() and stat.S_IMODE(real.stat().st_mode) == 0o600
    home.hook("--uninstall", "claude")
    assert file.is_symlink() and real.read_text() == "{}"


def test_a_link_of_a_repository_leads_nowhere(home: Home) -> None:
    """Who writes a repository must not choose which file of the user is changed."""
    victim = home.folder / "victim.json"
    victim.write_text("{}")
    (home.repository / ".claude").symlink_to(home.folder)
    (home.folder / "settings.json").symlink_to(victim)
    done = home.hook("--install", "claude", "--project")
    assert done.code == 2 and victim.read_text() == "{}"


def test_a_read_only_file_is_not_changed(home: Home) -> None:
    """A file that somebody protected is reported, with what to do."""
    file = home.write(CLAUDE, "{}")
    file.chmod(0o400)
    done = home.hook("--install", "claude")
    assert done.code == 2 and "make it writable" in done.err and file.read_text() == "{}"


def test_a_script_of_somebody_else_is_left(home: Home) -> None:
    """Cline has one file for an event: one that is there already is not overwritten, nor removed."""
    file = home.write(TARGETS["cline"], "#!/bin/sh\nexec my-hook\n")
    done = home.hook("--install", "cline")
    assert done.code == 2 and "is not a file of nemolint, so it was not changed" in done.err
    assert "start.py --agent cline` in it" in done.err
    assert home.hook("--uninstall", "cline").code == 0
    assert file.read_text() == "#!/bin/sh\nexec my-hook\n"


def test_a_script_of_a_repository_is_not_started(home: Home) -> None:
    """The same of a script, if it is not what nemolint writes."""
    home.hook("--install", "cline", "--project")
    file = home.files(TARGETS["cline"], project=True)[0]
    for end in (' --log "$(touch PWNED)"', "; touch PWNED", "\ntouch PWNED"):
        file.write_text(file.read_text().partition(" --agent")[0] + end + "\n")
        done = home.hook("--selftest")
        assert done.code == 1 and "so it was not run: look at it" in done.out
    assert not [*home.repository.rglob("PWNED")]


def test_a_script_is_executable_and_updated(home: Home) -> None:
    """Cline starts the file itself; one of another installation is replaced."""
    file = home.write(TARGETS["cline"], "")
    file.unlink()
    home.hook("--install", "cline")
    text = file.read_text()
    assert text.startswith("#!/bin/sh\n") and os.access(file, os.X_OK)
    file.write_text(text.replace(sys.executable, "/old/bin/python3").replace("python\n", "python3\n"))
    home.hook("--install", "cline")
    assert file.read_text() == text


def test_hooks_of_codex_stay_together(home: Home) -> None:
    """Codex warns where two files of one folder have hooks: the hook goes to where others are."""
    codex = TARGETS["codex"]
    hooks, config = home.files(codex)
    config.parent.mkdir()
    config.write_text('model = "gpt"\n\n[features]\nhooks = true\n')
    assert "hooks.json:7 starts" in home.hook("--install", "codex").out
    home.hook("--uninstall", "codex")
    assert not hooks.exists()
    config.write_text("[[hooks.Stop]]\nhooks = []\n")
    assert "config.toml has hooks, so the hook is there, too" in home.hook("--install", "codex").out
    assert not hooks.exists() and home.hook("--selftest").code == 0


def test_one_entry_serves_both_readers_of_a_file(home: Home) -> None:
    """Copilot and VS Code read the same files: an entry in the form of one is not repeated for the other."""
    home.hook("--install", "vscode", "--project")
    done = home.hook("--install", "copilot", "--project")
    assert "the entry under `PreToolUse` serves Copilot, too" in done.out
    tested = home.hook("--selftest")
    assert tested.code == 0 and "ok: Copilot" in tested.out and "ok: VS Code" in tested.out


def test_two_registrations_are_noticed(home: Home) -> None:
    """Whoever installs the hook in both places hears that it is asked twice, at once and from the selftest."""
    home.hook("--install", "claude")
    done = home.hook("--install", "claude", "--project")
    assert "starts nemolint, too, so Claude Code asks it twice: uninstall one" in done.out
    tested = home.hook("--selftest")
    assert tested.code == 1 and "asks nemolint 2 times about each command" in tested.out


@pytest.mark.parametrize("project", [True, False])
def test_the_files_of_two_hosts_are_both_named(home: Home, project: bool) -> None:
    """With the files of both Claude Code and Copilot, whoever reads both asks twice, and hears which one to keep."""
    scope = ["--project"] if project else []
    home.hook("--install", "claude", *scope)
    said = home.hook("--install", "copilot", *scope).out
    what = "keep .claude/settings.json" if project else "uninstall that of one not in use"
    assert (what in said) is project  # the CLI of Copilot reads only its own in the home folder
    tested = home.hook("--selftest", *scope)
    assert tested.code == 0 and "FAILED" not in tested.out  # each may be needed, and answers
    lines = tested.out.splitlines()
    twice = [number for number, line in enumerate(lines) if "asks about each command twice" in line]
    assert [lines[number].split(": ")[1] for number in twice] == ["Copilot", "VS Code"][not project :]
    for number in twice:
        assert "nemolint.json:4" in lines[number] and "settings.json:7" in lines[number] and what in lines[number + 1]
    home.hook("--uninstall", "claude", *scope)
    assert "twice" not in home.hook("--selftest", *scope).out
    said = home.hook("--install", "claude", *scope).out
    assert (
        "nemolint.json:4 starts nemolint, too, so VS Code, which reads both, asks it twice: " in said and what in said
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--install", "claud"], "invalid choice: 'claud'"),
        (["--install", "claude", "--selftest"], "--install and --selftest contradict each other"),
        (["--uninstall", "claude", "--replies"], "--replies has no effect with --uninstall"),
        (["--selftest", "--print"], "--print has no effect with --selftest"),
        (["--install", "claude", "--agent", "codex"], "--agent has no effect with --install"),
    ],
)
def test_wrong_usage(home: Home, arguments: list[str], said: str) -> None:
    """A mistake in managing the hook is an error with exit code 2: no assistant is waiting for an answer."""
    done = home.hook(*arguments)
    assert done.code == 2 and said in done.err


# -- the page about it

PAGE = (Path(__file__).parents[1] / "docs/integrations/assistants.md").read_text("utf-8")


def section(target: HookTarget) -> str:
    """What the page says about a host."""
    (found,) = re.findall(rf"^## {re.escape(target.title)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.mark.parametrize("host", HOSTS)
def test_the_page_shows_what_is_written(home: Home, host: Host) -> None:
    """Who copies the snippet of a host gets what `--install --project` writes, under the names of its files."""
    target = TARGETS[host]
    patch = home.hook("--install", host, "--project", "--print").out.splitlines()
    written = [line[1:] for line in patch if line.startswith("+") and not line.startswith("+++")]
    names = f"`{target.project}`, or `~/{target.user_folder}/{target.user}`:"
    fence = {"json": "json", "script": "sh", "plugin": "js"}[target.form]
    assert f"{names}\n\n```{fence}\n" + "\n".join(written) + "\n```\n" in section(target)


def test_the_page_shows_what_is_written_as_toml(home: Home) -> None:
    """The same of the other file of Codex."""
    target = TARGETS["codex"]
    config = home.files(target, project=True)[1]
    config.parent.mkdir()
    config.write_text("[[hooks.Stop]]\nhooks = []\n")
    home.hook("--install", "codex", "--project")
    assert "```toml\n" + config.read_text().partition("\n\n")[2] + "```\n" in section(target)


def test_the_page_shows_a_line_of_the_log(home: Home) -> None:
    """The example of a line has the keys of one."""
    (example,) = re.findall(r'^{"time".*$', PAGE, re.MULTILINE)
    assert [*json.loads(example)] == [*decided(home, home.folder / "hook.log", REFUSED)]


def test_the_page_names_all_hosts() -> None:
    """What can be installed is listed, in one sentence and in the help."""
    listed = ", ".join(f"`{host}`" for host in HOSTS[:-1])
    assert f"The hosts are {listed} and `{HOSTS[-1]}`." in PAGE.replace("\n", " ")


# -- command lines

_WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=12)
_OPTIONS = st.sampled_from([(), ("--agent", "codex"), ("--fail-closed", "--log", "/a b/c'd")])


@given(_WORD, _OPTIONS, st.booleans())
def test_a_shell_reads_the_command_as_it_was_meant(name: str, options: tuple[str, ...], tail: bool) -> None:
    """Spaces, quotes and dollars in the path of an installation arrive, and the command is known again."""
    assume("/" not in name)
    command = HookCommand((f"/x/{name}/python3", "-I", "-S", f"/y/{name}/nemolint/guard/start.py"), options)
    line = command.shown("posix", "; exit 0" if tail else "")
    assert command_of(line) == command
    assert command_of(f"{line} && a") is None and command_of(f"A=1 {line}") is None
    shown = "; exit 0" if tail else ""
    script = f"printf '%s\\n' {line.removesuffix(shown)}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    assert done.stdout.decode().splitlines() == [*command.program, *options]


@given(st.sampled_from(["cmd", "powershell"]), _WORD, _OPTIONS)
def test_a_command_for_windows_is_known_again(shell: Shell, name: str, options: tuple[str, ...]) -> None:
    """The same for the shells of Windows, in whose names no double quote can be."""
    assume(not set(name) & set('"/\\;|&<>%') and name.strip() == name)
    assume(not any("'" in option for option in options) or shell == "powershell")
    command = HookCommand(
        (f"C:\\Users\\{name}\\python.exe", "-I", "-S", f"C:\\{name}\\nemolint\\guard\\start.py"), options
    )
    line = command.shown(shell)
    assert command_of(line) == command
    assert shell == "cmd" or not line.startswith("'")


def test_entries_for_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A portable command is written for both systems where the host has a key for each, else for this one alone."""
    own = HookCommand(("C:\\my venv\\python.exe",), ())
    portable = HookCommand(("nemolint", "hook"), ())
    copilot, vscode, codex = TARGETS["copilot"], TARGETS["vscode"], TARGETS["codex"]
    assert hosts.handler_of(copilot, own, windows=True)["powershell"] == "& 'C:\\my venv\\python.exe'; exit 0"
    assert "bash" not in hosts.handler_of(copilot, own, windows=True)
    assert hosts.handler_of(codex, own, windows=True)["command"] == '"C:\\my venv\\python.exe"'
    assert hosts.handler_of(vscode, portable, windows=False)["windows"] == "nemolint hook"
    assert hosts.handler_of(copilot, portable, windows=False)["powershell"] == "nemolint hook; exit 0"


def test_the_host_waits_longer_than_the_check(home: Home) -> None:
    """The check answers by its own deadline: a host that gives up earlier lets the command run."""
    for target in TARGETS.values():
        seconds = target.timeout[1] / (1000 if target.timeout[1] > 1000 else 1)
        assert not target.timeout[0] or seconds > 2 * start.SECONDS


# -- the plugin


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize(
    ("command", "said"), [(REFUSED, "THROWN misspelled-dry-run"), (HARMLESS, "PASSED")], ids=["refused", "harmless"]
)
def test_the_plugin_throws_for_what_is_refused(home: Home, command: str, said: str) -> None:
    """The plugin of opencode stops a call by an exception with the reason, and lets all else go on."""
    home.hook("--install", "opencode", "--project")
    assert _plugin(home, command).startswith(said)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_plugin_says_that_nothing_was_checked(home: Home) -> None:
    """Where nemolint cannot be started the call goes on, and the log says so."""
    home.hook("--install", "opencode", "--project")
    home.environ["PATH"] = (
        str(Path(shutil.which("node") or "").parent) if shutil.which("nemolint") is None else "/nowhere"
    )
    assert "LOGGED nemolint cannot be started" in _plugin(home, REFUSED)


def _plugin(home: Home, command: str) -> str:
    """What the plugin does about a command."""
    code = """
    const { Nemolint } = await import(process.argv[1])
    const log = async ({ body }) => console.log("LOGGED", body.message)
    const hooks = await Nemolint({ client: { app: { log } }, directory: process.cwd() })
    try {
      await hooks["tool.execute.before"]({ tool: "bash" }, { args: { command: process.argv[2] } })
      console.log("PASSED")
    } catch (error) {
      console.log("THROWN", error.message)
    }
    """
    node = shutil.which("node") or ""
    plugin = home.repository / "plugin.mjs"
    shutil.copy(home.files(TARGETS["opencode"], project=True)[0], plugin)
    done = subprocess.run(
        [node, "--input-type=module", "-e", code, str(plugin), command],
        cwd=home.repository,
        env=os.environ | home.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


# -- the selftest


def broken(home: Home, entry: dict[str, Any], event: str = "PreToolUse", **more: object) -> str:
    """What the selftest says about an entry in the file of Claude Code; it must not be content with it."""
    home.write(CLAUDE, json.dumps({"hooks": {event: [entry]}, **more}, indent=1))
    done = home.hook("--selftest")
    assert done.code == 1, done.out
    return done.out


def entry_of(command: str, matcher: object = "Bash", **more: object) -> dict[str, Any]:
    """An entry of Claude Code."""
    return {"matcher": matcher, "hooks": [{"type": "command", "command": command, **more}]}


GOOD = COMMAND.shown("posix")


def _without_execution(home: Home) -> str:
    program = home.folder / "nemolint"
    program.write_text("#!/bin/sh\n")
    return f"{program} hook"


def _old_version(home: Home) -> str:
    program = home.folder / "nemolint"
    program.write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo nemolint 0.0.1 || { echo 'no such file: hook' >&2; exit 2; }\n"
    )
    program.chmod(0o755)
    return f"{program} hook"


def _stray(home: Home, text: str) -> str:
    program = home.folder / "nemolint"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exec nemolint --version\n{text}\n')
    program.chmod(0o755)
    return f"{program} hook"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (lambda home: "/nowhere/bin/nemolint hook", "starts /nowhere/bin/nemolint, which does not exist (was the"),
        (
            lambda home: f"{sys.executable} -I -S /gone/nemolint/guard/start.py",
            "starts /gone/nemolint/guard/start.py, which",
        ),
        (_without_execution, "which is not executable, or a link to nothing: run `nemolint hook --install claude`"),
        (_old_version, "it starts nemolint 0.0.1; this is"),
        (lambda home: _stray(home, "echo hello"), "its output is not JSON: hello"),
        (lambda home: _stray(home, "echo '{}'"), f"does not refuse `{REFUSED}`: it has no opinion"),
        (lambda home: _stray(home, "exit 3"), "exit code 3, for which the host lets the command run"),
        (lambda home: _stray(home, "echo no >&2; exit 2"), f"does not let `{HARMLESS}` pass: no"),
        (lambda home: _stray(home, "sleep 60"), "it did not answer in 6 seconds"),
    ],
    ids=["path", "script", "mode", "old", "text", "silent", "exit", "all", "slow"],
)
def test_a_program_that_does_not_work(home: Home, command: Callable[[Home], str], said: str) -> None:
    """Whatever keeps the installed command from answering is found by starting it, and reported with its line."""
    out = broken(home, entry_of(command(home), timeout=6))
    assert "FAILED: Claude Code: " in out and "settings.json:7: " in out and said in out


@pytest.mark.parametrize(
    ("entry", "event", "said"),
    [
        (
            entry_of(GOOD),
            "PreTooluse",
            "stands under `PreTooluse`, where Claude Code does not ask about commands: use `PreToo",
        ),
        (entry_of(GOOD), "BeforeTool", "use `PreToolUse`"),
        (
            entry_of(GOOD, "bash"),
            "PreToolUse",
            "has the matcher `bash`, which does not match `Bash`: it is never asked",
        ),
        (
            entry_of(GOOD, {"tool": "Bash"}),
            "PreToolUse",
            "has a matcher that is not a string, for which Claude Code ignores",
        ),
        (entry_of(GOOD, "("), "PreToolUse", "has the matcher `(`, which is not a regular expression"),
        (entry_of(GOOD, timeout=5), "PreToolUse", "`timeout` of 5, which is 5 s: the check itself may take 5"),
        ({"command": GOOD}, "PreToolUse", "the command stands beside the matcher"),
        (entry_of("nemolint hook && echo x"), "PreToolUse", "its output is not JSON"),
    ],
)
def test_an_entry_that_is_never_asked(home: Home, entry: dict[str, Any], event: str, said: str) -> None:
    """A mistake in the entry itself is told from its text, with what to write instead."""
    assert said in broken(home, entry, event)


@pytest.mark.parametrize(
    "command",
    [
        "nemolint hook; touch PWNED",
        'nemolint hook --log "$(touch PWNED)"',
        "nemolint hook --log `touch PWNED`",
        "& 'nemolint' hook",
        "./nemolint hook",
        "{root}/nemolint hook",
        "python3 -I -S nemolint/guard/start.py",
        "nemolint hook || touch PWNED",
    ],
)
def test_nothing_that_a_repository_chose_is_started(home: Home, command: str) -> None:
    """The selftest runs in repositories of others: of theirs it starts only the nemolint that the user has."""
    for name in ("nemolint", "nemolint/guard/start.py"):
        folder = home.repository / ("a" if "/" in name else "")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("#!/bin/sh\ntouch PWNED\n")
        (folder / name).chmod(0o755)
    entry = entry_of(command.format(root=home.repository))
    home.write(CLAUDE, json.dumps({"hooks": {"PreToolUse": [entry]}}), project=True)
    words = {"command": "./nemolint", "args": ["hook"], "type": "command"}
    content = {"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [words]}]}}
    file = home.repository / ".claude/settings.local.json"
    file.write_text(json.dumps(content))
    done = home.hook("--selftest")
    assert done.code == 1 and done.out.count("so it was not run: look at it") == 2, done.out
    assert not [*home.repository.rglob("PWNED")]


@pytest.mark.parametrize("host", ["claude", "vscode"])
def test_hooks_that_are_switched_off(home: Home, host: Host) -> None:
    """A file with a good entry may still say that none is to run."""
    home.hook("--install", host)
    file = home.files(TARGETS[host])[0]
    file.write_text(file.read_text("utf-8").replace("{", '{"disableAllHooks": true,', 1))
    done = home.hook("--selftest", "--agent", host)
    assert done.code == 1 and ":1: `disableAllHooks` switches all hooks off: remove it" in done.out


def test_a_file_that_the_host_cannot_read(home: Home) -> None:
    """No hook of a broken file runs, whatever it has."""
    home.write(CLAUDE, '{"hooks": {},\n}')
    done = home.hook("--selftest")
    assert done.code == 1 and 'settings.json:1: has a comma before "}"' in done.out
    assert "Claude Code cannot read it, nor any hook in it" in done.out


def test_an_entry_without_a_shell(home: Home) -> None:
    """Claude Code starts a command with `args` itself; the selftest does the same."""
    handler = {"type": "command", "command": sys.executable, "args": ["-I", "-S", start.__file__]}
    home.write(CLAUDE, json.dumps({"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [handler]}]}}))
    done = home.hook("--selftest")
    assert done.code == 0, done.out


def test_settings_that_accept_the_command(home: Home) -> None:
    """Whether the hook works does not depend on the settings of the folder, which are mentioned."""
    (home.repository / "nemolint.toml").write_text('ignore = ["all"]\n')
    git(home.repository, "add", ".")
    git(home.repository, "commit", "-qm", "a")
    home.hook("--install", "claude", "--project")
    done = home.hook("--selftest")
    assert done.code == 0 and "so it was asked about in an empty folder" in done.out, done.out


def test_a_script_that_is_not_executable(home: Home) -> None:
    """Cline cannot start it."""
    home.hook("--install", "cline")
    home.files(TARGETS["cline"])[0].chmod(0o644)
    done = home.hook("--selftest")
    assert done.code == 1 and "PreToolUse:3: is not executable: run `chmod +x " in done.out


DENIED = {"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": "why"}


def _rules() -> Iterator[tuple[Host, int, str, str, str]]:
    """How a host reads an exit code with its output and error: `refused`, `asked`, `silent` or `broken`."""
    nested = json.dumps({"hookSpecificOutput": DENIED})
    for host in ("claude", "vscode", "codex"):
        yield host, 0, nested, "", "refused"
        yield host, 0, "{}", "", "silent"
        yield host, 0, "", "", "silent"
        yield host, 2, "", "why", "refused"
        yield host, 1, nested, "", "broken"
        yield host, 127, "", "not found", "broken"
        yield host, 0, "hello", "", "broken"
    asking = json.dumps({"hookSpecificOutput": {**DENIED, "permissionDecision": "ask"}})
    yield "claude", 0, asking, "", "asked"
    yield "codex", 0, asking, "", "broken"
    yield "codex", 2, "", "", "broken"
    yield "codex", 0, json.dumps({"hookSpecificOutput": {**DENIED, "rule": "x"}}), "", "broken"
    yield "codex", 0, json.dumps({"hookSpecificOutput": {**DENIED, "additionalContext": "x"}}), "", "broken"
    yield "codex", 0, json.dumps({"hookSpecificOutput": {**DENIED, "permissionDecisionReason": ""}}), "", "broken"
    yield "gemini", 0, '{"decision": "deny", "reason": "x"}', "", "refused"
    yield "gemini", 2, "{}", "why", "silent"
    yield "gemini", 127, "", "not found", "refused"
    yield "gemini", 1, "", "oops", "broken"
    yield "gemini", 0, "", '{"decision": "deny"}', "refused"
    yield "cursor", 0, '{"permission": "deny"}', "", "refused"
    yield "cursor", 0, nested, "", "silent"
    yield "copilot", 0, '{"permissionDecision": "deny"}', "", "refused"
    yield "copilot", 0, nested, "", "silent"
    yield "copilot", 1, "", "", "refused"
    yield "copilot", 0, "{}{}", "", "broken"
    yield "windsurf", 2, "", "why", "refused"
    yield "windsurf", 0, nested, "", "silent"
    yield "windsurf", 1, "", "", "broken"
    yield "cline", 0, '{"cancel": true}', "", "refused"
    yield "cline", 0, '{"cancel": false}', "", "silent"
    yield "cline", 2, "", "", "broken"
    yield "opencode", 0, '{"decision": "deny", "reason": "x"}', "", "refused"


@pytest.mark.parametrize(("host", "code", "out", "err", "effect"), [*_rules()])
def test_an_answer_is_read_by_the_rules_of_its_host(host: Host, code: int, out: str, err: str, effect: str) -> None:
    """What one host takes for a refusal lets the command run elsewhere: each is read as it is documented."""
    target = TARGETS[host]
    outcome = outcome_of(target, target.events[0], code, out.encode(), err.encode())
    assert isinstance(outcome, HostEffect) and outcome.effect == effect
    assert outcome.why or effect != "broken"


# -- the log of decisions


def test_a_line_of_the_log(tmp_path: Path) -> None:
    """A decision is a line of JSON with its time, in a file that nobody else reads."""
    file = tmp_path / "hook.log"
    assert log.add(str(file), {"host": "claude", "verdict": "deny"}) == ""
    assert log.add(str(file), {"host": "claude", "verdict": "pass", "command": "é\n"}) == ""
    first, second = map(json.loads, file.read_text("ascii").splitlines())
    assert list(first) == ["time", "host", "verdict"] and second["command"] == "é\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def _to_folder(file: Path) -> None:
    file.mkdir()


def _to_link(file: Path) -> None:
    file.with_name("victim").write_text("")
    file.symlink_to("victim")


def _to_pipe(file: Path) -> None:
    os.mkfifo(file)


def _to_other(file: Path) -> None:
    file.write_text("export A=1\n")


def _to_nothing(file: Path) -> None:
    file.parent.rmdir()


@pytest.mark.parametrize("make", [_to_folder, _to_link, _to_pipe, _to_other, _to_nothing])
def test_what_is_no_log_is_not_written_to(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A name that was mistyped, or leads elsewhere, is reported; nothing is added to the file, and nothing waits."""
    file = tmp_path / "logs" / "hook.log"
    file.parent.mkdir()
    make(file)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert log.add(str(file), {"verdict": "deny"}).startswith(f"{file}: ")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_log_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large log makes room for a new one; a line is limited, too, and stays JSON."""
    monkeypatch.setattr(log, "MOST_BYTES", 50_000)
    file = tmp_path / "hook.log"
    for number in range(30):
        assert log.add(str(file), {"number": number, "command": "\U0001f600" * 9000, "folder": "x" * 9000}) == ""
    old = file.with_name("hook.log.1")
    assert old.stat().st_size < 70_000 and file.stat().st_size < 70_000
    lines = [json.loads(line) for part in (old, file) for line in part.read_text("ascii").splitlines()]
    assert [line["number"] for line in lines] == list(range(30))[-len(lines) :]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hook.log", "hook.log.1"]


def test_lines_of_several_processes_are_whole(tmp_path: Path) -> None:
    """Hooks run side by side: no line is lost, and none has part of another, while the log is renamed, too."""
    code = f"""
from nemolint.guard import log
log.MOST_BYTES = 200_000
for number in range(300):
    assert not log.add({str(tmp_path / "hook.log")!r}, {{"command": "x" * 400}})
"""
    runs = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [run.wait(60) for run in runs] == [0] * 4
    for part in tmp_path.iterdir():
        assert {len(json.loads(line)["command"]) for line in part.read_text("ascii").splitlines()} == {400}


def decided(home: Home, file: Path, command: str, *arguments: str) -> dict[str, Any]:
    """The line that the hook logs about a command; an empty one if it logs none."""
    before = file.read_text("ascii") if file.is_file() else ""
    payload = payload_of(TARGETS["claude"], "PreToolUse", command, home.repository)
    done = nemolint(
        home.repository, "hook", "--log", str(file), *arguments, env=home.environ, stdin=json.dumps(payload)
    )
    assert done.code == 0 and not done.err, done
    line = (file.read_text("ascii") if file.is_file() else "")[len(before) :]
    return dict(json.loads(line)) if line else {}


def test_decisions_are_logged(home: Home) -> None:
    """What was refused, what has no fault, and what was looked at in vain are told apart; the rest leaves no line."""
    file = home.folder / "hook.log"
    refused = decided(home, file, REFUSED)
    assert refused.pop("time").endswith("Z") and refused.pop("ms") >= 0
    assert refused == {
        "host": "claude",
        "event": "command",
        "folder": str(home.repository),
        "verdict": "deny",
        "rules": ["misspelled-dry-run"],
        "run": True,
        "command": REFUSED,
    }
    again = decided(home, file, REFUSED)
    assert {**again, "time": 0, "ms": 0} == {**refused, "time": 0, "ms": 0}
    right = decided(home, file, "nemotron steps run sft/automodel -c tiny --dry-run")
    assert (right["verdict"], right["rules"], right["run"]) == ("pass", [], True)
    vain = decided(home, file, "git commit -m 'how nemotron steps run'")
    assert (vain["verdict"], vain["rules"], vain["run"]) == ("pass", [], False)
    assert decided(home, file, HARMLESS) == {}


def test_what_was_not_checked_is_logged(home: Home) -> None:
    """A check that failed is no check that found nothing."""
    file = home.folder / "hook.log"
    payload = json.dumps({"cwd": str(home.repository), "tool_input": {"command": {"nemotron steps run": 1}}})
    nemolint(home.repository, "hook", "--log", str(file), env=home.environ, stdin=payload)
    (line,) = map(json.loads, file.read_text("ascii").splitlines())
    assert line["verdict"] == "failed" and line["failure"] == "`command` is neither a string nor a list"
    late = f"nemotron steps run sft/automodel a={'x' * 400_000}"
    assert decided(home, file, late, "--deadline", "0.001").get("verdict") in ("failed", "pass", "note")


def test_the_log_has_no_secret(home: Home) -> None:
    """A key in a command is masked, as it is in the answer."""
    key = FORMATS["nvidia"][1]()
    line = decided(home, home.folder / "hook.log", f"NVIDIA_API_KEY={key} {REFUSED}")
    assert line["verdict"] == "deny" and "misspelled-dry-run" in line["rules"]
    assert key not in (home.folder / "hook.log").read_text() and REFUSED in line["command"]


@pytest.mark.parametrize("command", [REFUSED, "nemotron steps run sft/automodel -c tiny --dry-run"])
def test_a_log_that_cannot_be_written_changes_no_verdict(home: Home, command: str) -> None:
    """The answer is the same, and says so, each time."""
    payload = json.dumps(payload_of(CLAUDE, "PreToolUse", command, home.repository))
    plain = nemolint(home.repository, "hook", env=home.environ, stdin=payload)
    for _ in range(2):
        done = nemolint(home.repository, "hook", "--log", "/nowhere/hook.log", env=home.environ, stdin=payload)
        note = "nemolint cannot write its log: /nowhere/hook.log: No such file or directory"
        assert done.code == 0 and note in done.shown
        wanted, found = (outcome_of(CLAUDE, "PreToolUse", 0, out.stdout, b"").effect for out in (plain, done))
        assert wanted == found


def test_the_log_is_loaded_where_it_is_written(home: Home) -> None:
    """Without a log, and for what is none of its concern, nothing of it is loaded, and no file is made."""
    code = (
        "import os, sys\nend = os._exit\ndef seen(code):\n"
        "    print('LOADED', 'nemolint.guard.log' in sys.modules, file=sys.stderr, flush=True)\n    end(code)\n"
        "os._exit = seen\n" + MAIN
    )
    file = home.folder / "hook.log"
    for command, arguments in ((REFUSED, []), (HARMLESS, ["--log", str(file)])):
        payload = json.dumps(payload_of(CLAUDE, "PreToolUse", command, home.repository))
        words = [sys.executable, "-c", code, "hook", *arguments]
        done = execute(words, home.repository, env=home.environ, stdin=payload)
        assert "LOADED False" in done.err and not file.exists(), done.err
