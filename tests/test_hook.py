"""`nemolint hook`: what it answers, as each host reads it."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from nemolint.cache import declared_rules
from nemolint.guard import deadline, glance, hook_outcome, remembered, start
from nemolint.guard.host_answers import KINDS, Verdict, render
from nemolint.guard.payload import read_payload
from nemolint.guard.started import recipe_lines
from nemolint.guard.verdict import judge
from nemolint.linter.checker import Checker
from nemolint.linter.loader import load_rules
from nemolint.linter.packs import packs
from nemolint.linter.rule import Rule
from nemolint.prefilter import may_hold_run
from nemolint.reader import read_text
from nemolint.settings import Settings
from nemolint.settings_file import as_toml
from nemolint.testing import examples
from support.command import MISSPELT, Done, execute, git, nemolint
from support.credentials import FORMATS
from support.hosts import (
    ASKING,
    HOSTS,
    NOTED,
    Seen,
    command_payload,
    options,
    read_command,
    read_reply,
    reply_payload,
)

ROWS = [json.loads(line) for line in (Path(__file__).parent / "data/hook_bypass.jsonl").read_text("utf-8").splitlines()]
LAUNCH = "uv run nemotron steps run sft/automodel -c tiny --batch train"
UNKNOWN = "nemotron steps run sft/of_our_own -c tiny --dry-run"
START = str(Path(start.__file__))


def asked(folder: Path, host: str, command: str, *more: str) -> Seen:
    """What a host makes of the answer to a command."""
    payload = json.dumps(command_payload(host, command, str(folder)))
    done = nemolint(folder, "hook", *options(host), *more, stdin=payload)
    return read_command(host, done.out, done.err, done.code)


def kind(command: str, folder: Path) -> str:
    """The verdict on a command, without a host."""
    return judge(read_payload(command_payload("claude", command, str(folder))))[0].kind


@pytest.mark.parametrize("host", HOSTS)
def test_a_misspelled_dry_run_is_refused(tmp_path: Path, host: str) -> None:
    """A command that would launch by mistake runs in no host, and the model hears what is wrong and what to write."""
    seen = asked(tmp_path, host, MISSPELT)
    assert seen.does == "refuses"
    assert "misspelled-dry-run" in seen.model
    assert "    uv run nemotron steps run sft/automodel -c tiny --dry-run" in seen.model
    assert "nemolint explain misspelled-dry-run" in seen.model


@pytest.mark.parametrize("host", HOSTS)
def test_an_expensive_launch_is_the_users_decision(tmp_path: Path, host: str) -> None:
    """A host that can ask does; elsewhere the launch is refused, with what the assistant is to do."""
    seen = asked(tmp_path, host, LAUNCH)
    if host in ASKING:
        assert seen.does == "asks" and "missing-dry-run" in seen.user
    else:
        assert seen.does == "refuses"
        assert "show them the command" in seen.model
        assert f"    {LAUNCH.replace(' --batch', ' --dry-run --batch')}" in seen.model


def test_no_correction_is_made_that_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A correction costs two more checks: for a command of thousands of words they would take the time of an answer."""
    from nemolint.linter import fix

    made: list[object] = []
    fix_text = fix.fix_text
    monkeypatch.setattr(fix, "fix_text", lambda *given, **more: (made.append(given), fix_text(*given, **more))[1])
    for words, corrected in ((10, 1), (2_000, 0)):
        made.clear()
        assert kind(f"{MISSPELT} {'seed=1 ' * words}", tmp_path) == "deny"
        assert len(made) == corrected


@pytest.mark.parametrize("host", HOSTS)
def test_a_warning_is_a_note(tmp_path: Path, host: str) -> None:
    """A warning stops nothing, and reaches the model where the host has a way."""
    seen = asked(tmp_path, host, UNKNOWN)
    assert seen.does == "runs"
    assert host not in NOTED or "unknown-step" in seen.model


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("command", ["ls -la", "uv run nemotron steps run sft/automodel -c tiny --dry-run"])
def test_nothing_wrong_is_no_opinion(tmp_path: Path, host: str, command: str) -> None:
    """What is right is left to the host and its user: nothing is ever allowed."""
    assert asked(tmp_path, host, command) == Seen("runs")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_no_way_around(tmp_path: Path, row: dict[str, str]) -> None:
    """A command is judged by what it runs, however it is written, and text that nothing runs is not judged."""
    assert kind(row["command"], tmp_path) == row["verdict"]
    data = json.dumps(command_payload("claude", row["command"], str(tmp_path))).encode()
    assert row["verdict"] == "pass" or start.may_concern(data)


FIRST = [
    "nemotron steps run",
    "uv run nemotron steps run",
    "X=1 nemotron steps run",
    "nemotron",
    "echo nemotron steps run",
]
STEPS = ["sft/automodel", "sft/nope", "$STEP", "byob/mcq", "translate/nemo_curator", ""]
WORDS = ["-c tiny", "--dry-run", "--dryrun", "--batch x", "seed=1", "seed=2", "--nope", "a b", "> out.log", "| tee log"]
ENDS = ["", " # nemolint: ignore", " # nemolint: ignore[misspelled-dry-run] agreed", " && ls", " || true", " &"]
COMMANDS = st.builds(
    lambda first, step, words, end, more: f"{first} {step} {' '.join(words)}{end}{more}",
    *(st.sampled_from(FIRST), st.sampled_from(STEPS), st.lists(st.sampled_from(WORDS), max_size=4)),
    *(st.sampled_from(ENDS), st.sampled_from(["", "\nnemotron steps run sft/automodel --dryrun", "; cd nowhere"])),
)


@settings(max_examples=60, deadline=None)
@given(command=COMMANDS)
def test_a_verdict_is_never_laxer_than_a_check(tmp_path_factory: pytest.TempPathFactory, command: str) -> None:
    """What `nemolint check` reports of such a script, the hook at least notes; an error does not run unasked."""
    folder = tmp_path_factory.getbasetemp()
    checker = Checker(Settings(folder), cwd=folder, environ={})
    found = checker.check(read_text("command.sh", command))
    about = [item.severity for item in found if checker.rules[item.rule].group != "tool"]
    verdict = kind(command, folder)
    assert "warning" not in about or verdict != "pass"
    assert "error" not in about or verdict in ("ask", "deny")


PIECES = [
    "nemotron",
    "steps",
    "run",
    "nemo",
    "tron",
    '""',
    "''",
    "\\\n",
    "\\",
    "\u200b",
    "$'\\x6e'",
    " ",
    "\n",
    "`",
    "é",
    "-",
    "/",
]


@settings(max_examples=300, deadline=None)
@given(command=st.lists(st.sampled_from(PIECES), max_size=12).map("".join), ascii=st.booleans(), escaped=st.booleans())
def test_the_first_look_misses_nothing(command: str, ascii: bool, escaped: bool) -> None:
    """A command that may hold a run is never passed over at the bytes of its JSON, however a host writes them."""
    data = json.dumps(command_payload("claude", command, "/w"), ensure_ascii=ascii).encode("utf-8", "surrogatepass")
    if escaped:
        data = data.replace(b"nemotron", b"\\u006eemotron").replace(b"steps", b"st\\u0065ps")
    if may_hold_run(command, "shell"):
        assert start.may_concern(data)
        assert glance.may_hold_run(command)


def test_the_first_look_passes_over_the_rest() -> None:
    """A project whose folder is called after the package does not make each command a case for the engine."""
    ordinary = ["ls -la", "git commit -m 'Say what it does'", "npm test && cat a > b", "pytest -k run"]
    for command in (*ordinary, "ls | tr '\\n' ' '", "rev a.txt | sort", "hash -r", "curl -fsS https://x.org/i | sh"):
        data = json.dumps(command_payload("claude", command, "/home/u/nemotron")).encode()
        assert not start.may_concern(data)
    assert not start.may_concern(b'{"tool_input":{"command":"a \\u0026\\u0026 b \\u003e c"}}')


HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "not JSON": b"nemotron steps run",
    "cut off": b'{"tool_input": {"command": "nemotron steps run',
    "a list": b'["nemotron steps run"]',
    "a number": b"7",
    "deep": b'{"nemotron steps run": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "wrong types": b'{"hook_event_name": 7, "tool_name": [], "tool_input": {"command": {"nemotron steps run": 1}}}',
    "wrong input": b'{"hook_event_name": "PreToolUse", "tool_input": 5, "x": "nemotron steps run"}',
    "a command of numbers": b'{"hook_event_name": "PreToolUse", "tool_input": {"command": [1, "nemotron steps run"]}}',
    "no UTF-8": b'{"hook_event_name": "PreToolUse", "tool_input": {"command": "nemotron steps run \xff\xfe"}}',
    "a lone surrogate": b'{"hook_event_name": "PreToolUse", "tool_input": {"command": "nemotron steps run \\ud800"}}',
    "NUL": b'{"hook_event_name": "PreToolUse", "tool_input": {"command": "nemotron steps run \\u0000 a"}}',
    "a raw NUL": b'{"hook_event_name": "PreToolUse", "tool_input": {"command": "nemotron steps run \x00 a"}}',
    "a key twice": b'{"hook_event_name": "PreToolUse", "tool_input": {"command": "ls", '
    b'"command": "nemotron steps run x"}}',
    "a huge number": b'{"n": ' + b"9" * 10_000 + b', "x": "nemotron steps run"}',
    "a BOM": b'\xef\xbb\xbf{"hook_event_name": "PreToolUse", "tool_input": {"command": "ls nemotron steps run"}}',
    "a folder that is not one": b'{"hook_event_name": "PreToolUse", "cwd": "/no/such", "tool_input": '
    b'{"command": "nemotron steps run sft/automodel -c tiny --dry-run"}}',
    "a folder with an endless name": b'{"hook_event_name": "PreToolUse", "cwd": "' + b"9" * 400 + b'", "tool_input": '
    b'{"command": "nemotron steps run sft/automodel -c tiny --dry-run"}}',
    "a folder of another type": b'{"hook_event_name": "PreToolUse", "cwd": 5, "tool_input": '
    b'{"command": "nemotron steps run"}}',
    "too large": b'{"x": "' + b"nemotron steps run " * 600_000 + b'"}',
}
FLAT = ["claude", "codex", "gemini", "cursor", "copilot", "vscode", "windsurf", "cline", "opencode"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_input_breaks_the_hook(tmp_path: Path, name: str) -> None:
    """Whatever is passed, the hook has no opinion in the words of each host, and exits with 0."""
    for host in FLAT:
        done = nemolint(tmp_path, "hook", "--agent", host, stdin=HOSTILE[name])
        form = "vscode" if host == "copilot" else host  # these payloads are in PascalCase
        assert read_command(form, done.out, done.err, done.code).does == "runs"
        assert "Traceback" not in done.shown and "internal error" not in done.shown


@pytest.mark.parametrize("name", ["empty", "not JSON", "cut off", "deep", "a raw NUL", "too large"])
def test_a_failure_is_said_and_refused_where_that_is_wanted(tmp_path: Path, name: str) -> None:
    """A guard that could not check says so, since silence looks like consent; `--fail-closed` refuses."""
    for host in FLAT:
        done = nemolint(tmp_path, "hook", "--agent", host, stdin=HOSTILE[name])
        assert "could not check" in done.shown
        done = nemolint(tmp_path, "hook", "--fail-closed", "--agent", host, stdin=HOSTILE[name])
        seen = read_command(host, done.out, done.err, done.code)
        assert seen.does == "refuses" and "could not check" in seen.model + seen.user


_IDS = {"sessionId": "s", "timestamp": 1764400000000}
_PASCAL = {"session_id": "s", "timestamp": "2026-11-29T10:00:00Z", "hook_event_name": "PreToolUse"}
UNKNOWN_FORMS: dict[str, tuple[str, dict[str, Any]]] = {
    "another argument": ("copilot", {**_IDS, "toolName": "bash", "toolArgs": {"script": MISSPELT}}),
    "a list": ("copilot", {**_IDS, "toolName": "powershell", "toolArgs": [{"command": MISSPELT}]}),
    "another key": ("copilot", {**_IDS, "toolName": "bash", "toolInput": {"command": MISSPELT}}),
    "several calls": ("vscode", {**_IDS, "toolCalls": [{"name": "bash", "args": {"command": MISSPELT}}]}),
    "no time": ("vscode", {"sessionId": "s", "toolCalls": [{"name": "bash", "args": MISSPELT}]}),
    "PascalCase": ("vscode", {**_PASCAL, "tool_name": "bash", "tool_args": {"command": MISSPELT}}),
    "Claude Code": (
        "claude",
        {"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"script": MISSPELT}},
    ),
    "Cursor": ("cursor", {"cursor_version": "9", "hook_event_name": "beforeShellExecution", "line": MISSPELT}),
    "Windsurf": ("windsurf", {"agent_action_name": "pre_run_command", "tool_info": {"command": MISSPELT}}),
}


@pytest.mark.parametrize("name", UNKNOWN_FORMS)
def test_a_command_in_an_unknown_form_is_a_failure(tmp_path: Path, name: str) -> None:
    """A call of a shell whose command is not found is no call without one: that is said, or refused where wanted."""
    host, payload = UNKNOWN_FORMS[name]
    for more, does in (([], "runs"), (["--fail-closed"], "refuses")):
        done = nemolint(tmp_path, "hook", *more, stdin=json.dumps(payload))
        seen = read_command(host, done.out, done.err, done.code)
        assert seen.does == does and "could not check" in seen.model + seen.user
    for tool in ("edit", "view", "task", "read_bash"):
        other = {**_IDS, "toolName": tool, "toolArgs": {"script": MISSPELT}}
        done = nemolint(tmp_path, "hook", "--fail-closed", stdin=json.dumps(other))
        assert (done.out, done.err, done.code) == ("{}", "", 0)


def test_a_command_alone_is_the_arguments_of_a_shell(tmp_path: Path) -> None:
    """Copilot says nothing of the type of the arguments: a text that is no JSON can only be the command."""
    done = nemolint(tmp_path, "hook", stdin=json.dumps({**_IDS, "toolName": "bash", "toolArgs": MISSPELT}))
    assert read_command("copilot", done.out, done.err, done.code).does == "refuses"


def test_a_mistake_in_the_arguments_blocks_nothing(tmp_path: Path) -> None:
    """A hook with a misspelled option still judges, and never exits with 2, which blocks every command."""
    payload = json.dumps(command_payload("claude", MISSPELT, str(tmp_path)))
    for wrong in (
        ["--fail-close"],
        ["--agent"],
        ["--agent", "nobody"],
        ["--deadline", "soon"],
        ["x"],
        ["--deadline=-1"],
    ):
        done = nemolint(tmp_path, "hook", *wrong, stdin=payload)
        assert read_command("claude", done.out, done.err, done.code).does == "refuses"


def test_secrets_are_masked(tmp_path: Path) -> None:
    """A command with a credential does not run, and the answer does not repeat it, nor the cache keep it."""
    for _, make in [*FORMATS.values()][:4]:
        fake = make()
        command = f"NVIDIA_API_KEY={fake} nemotron steps run sft/automodel -c tiny --dryrun"
        done = nemolint(tmp_path, "hook", stdin=json.dumps(command_payload("claude", command, str(tmp_path))))
        assert read_command("claude", done.out, done.err, done.code).does == "refuses"
        assert fake not in done.shown
        cached = [file.read_bytes() for file in Path(os.environ["NEMOLINT_CACHE_DIR"]).rglob("*.run")]
        assert not any(fake.encode() in data for data in cached)


def test_an_internal_error_says_nothing_of_the_command(tmp_path: Path) -> None:
    """An error of nemolint itself is no opinion, without a traceback or its message, which may quote a file."""
    before = (
        "import nemolint.guard.verdict as v\n"
        "def judge(payload): raise RuntimeError('the secret ' + payload.command)\n"
        "v.judge = judge\n"
    )
    done = nemolint(
        tmp_path, "hook", stdin=json.dumps(command_payload("claude", MISSPELT, str(tmp_path))), before=before
    )
    seen = read_command("claude", done.out, done.err, done.code)
    assert seen.does == "runs" and "internal error: RuntimeError in " in seen.user
    assert "the secret" not in done.shown and "Traceback" not in done.shown


_HANG = "import re\ndef judge(payload): re.match('(a|aa)+$', 'a' * 64 + 'b')\n"
_DIES = "import os\ndef judge(payload): os.kill(os.getpid(), 11)\n"


@pytest.mark.parametrize(("fault", "says"), [(_HANG, "took longer than 0.5 s"), (_DIES, "ended with status -11")])
@pytest.mark.parametrize("closed", [False, True])
def test_the_deadline_holds_in_c_code(tmp_path: Path, fault: str, says: str, closed: bool) -> None:
    """A check that hangs where no thread of Python gets a turn, or that dies, is answered for all the same."""
    before = f"{fault}import nemolint.guard.verdict as v\nv.judge = judge\n"
    more = ["--fail-closed"] if closed else []
    payload = json.dumps(command_payload("claude", MISSPELT, str(tmp_path)))
    done = nemolint(tmp_path, "hook", "--deadline", "0.5", *more, stdin=payload, before=before)
    seen = read_command("claude", done.out, done.err, done.code)
    assert seen.does == ("refuses" if closed else "runs")
    assert says in seen.model + seen.user


def test_the_deadline_holds_while_the_host_writes(tmp_path: Path) -> None:
    """A host that never ends its input gets an answer, and one that writes in pieces is read to the end."""
    import subprocess

    command = [sys.executable, "-I", "-S", START, "--deadline", "1"]
    payload = json.dumps(command_payload("claude", MISSPELT, str(tmp_path))).encode()
    for ends, does in ((False, "runs"), (True, "refuses")):
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin is not None and process.stdout is not None
            for at in range(0, len(payload), 100):
                process.stdin.write(payload[at : at + 100])
                process.stdin.flush()
            if ends:
                process.stdin.close()
                out = process.stdout.read()
            else:
                out = process.stdout.read()
            assert read_command("claude", out.decode(), "", process.wait()).does in (does, "runs")


@pytest.mark.parametrize("host", FLAT)
def test_without_fork_another_process_checks(tmp_path: Path, host: str) -> None:
    """Where there is no `fork`, the answer is the same."""
    payload = json.dumps(command_payload(host, MISSPELT, str(tmp_path))).encode()
    texts = deadline.spawned(["--agent", host], payload, 60)
    assert hook_outcome.HookOutcome.of(texts[1:]) == hook_outcome.judged(payload, host, False)[0]


def test_the_script_is_the_command(tmp_path: Path) -> None:
    """The fastest form, a script without site packages, answers as `nemolint hook` does."""
    for command in (MISSPELT, LAUNCH, UNKNOWN, "ls", "bash x.sh"):
        payload = json.dumps(command_payload("claude", command, str(tmp_path)))
        done = execute([sys.executable, "-I", "-S", START], tmp_path, stdin=payload)
        assert done == nemolint(tmp_path, "hook", stdin=payload)


def test_streams_that_are_closed(tmp_path: Path) -> None:
    """A closed standard input is said; a closed output has nobody to be told."""
    run = f"{sys.executable} -I -S {START}"
    done = execute(["sh", "-c", f"{run} <&-"], tmp_path)
    assert read_command("claude", done.out, done.err, done.code).user.endswith("standard input cannot be read")
    payload = tmp_path / "p.json"
    payload.write_text(json.dumps(command_payload("claude", MISSPELT, str(tmp_path))), "utf-8")
    done = execute(["sh", "-c", f"{run} <{payload} >&-"], tmp_path)
    assert (done.code, done.err) == (0, "")
    done = execute(["sh", "-c", f"{run} <{payload} | true"], tmp_path, code=0)


def test_rules_that_raise_are_a_failure(tmp_path: Path) -> None:
    """A rule that raises leaves the verdict of the others, and is said, or refused with `--fail-closed`."""
    before = (
        "from nemolint.linter.loader import load_rules\n"
        "def broken(*given): raise ValueError('of a rule')\n"
        "load_rules()['unknown-override'].function = broken\n"
    )
    fine = "nemotron steps run sft/automodel -c tiny --dry-run"
    for more, does in (([], "runs"), (["--fail-closed"], "refuses")):
        payload = json.dumps(command_payload("claude", fine, str(tmp_path)))
        done = nemolint(tmp_path, "hook", *more, stdin=payload, before=before)
        seen = read_command("claude", done.out, done.err, done.code)
        assert seen.does == does and "rule unknown-override failed" in seen.model + seen.user
        assert "of a rule" not in done.shown


@pytest.mark.parametrize("command", ["perl -e 'system(\"{}\")'", 'nemotron steps run sft/automodel "-c tiny'])
def test_what_cannot_be_read_is_refused_where_that_is_wanted(tmp_path: Path, command: str) -> None:
    """Text that nemolint cannot read is a note; with `--fail-closed` it is refused, also if the note is remembered."""
    run = "nemotron steps run sft/automodel -c tiny"
    for _ in range(2):
        assert asked(tmp_path, "claude", command.format(run)).does == "runs"
    seen = asked(tmp_path, "claude", command.format(run), "--fail-closed")
    assert seen.does == "refuses" and "unparsed-shell" in seen.model
    assert asked(tmp_path, "claude", f"git commit -m '{run}'", "--fail-closed").does == "runs"
    assert asked(tmp_path, "claude", UNKNOWN, "--fail-closed").does == "runs"


# -- what counts


def repository(folder: Path, files: dict[str, str], digests: str = "sha1") -> None:
    """A repository in which these files are committed."""
    write(folder, files)
    git(folder, "init", "-q", f"--object-format={digests}")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")


def write(folder: Path, files: dict[str, str]) -> None:
    """Write some files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


LAX = 'ignore = ["missing-dry-run"]\n[severity]\nlocal-parallel-run = "off"\n'


@pytest.mark.parametrize("digests", ["sha1", "sha256"])
def test_settings_of_the_last_commit_count(tmp_path: Path, digests: str) -> None:
    """Settings count once they are committed: an assistant cannot edit, add or delete them to get its way."""
    repository(tmp_path, {"a.txt": ""}, digests)
    assert kind(LAUNCH, tmp_path) == "ask"
    write(tmp_path, {"nemolint.toml": LAX})
    verdict = judge(read_payload(command_payload("claude", LAUNCH, str(tmp_path))))[0]
    assert verdict.kind == "ask" and "Changes of nemolint.toml since the last commit do not count" in verdict.reason
    git(tmp_path, "add", "-A")
    assert kind(LAUNCH, tmp_path) == "ask"
    git(tmp_path, "commit", "-qm", "second")
    assert kind(LAUNCH, tmp_path) != "ask"
    write(tmp_path, {"nemolint.toml": ""})
    assert kind(LAUNCH, tmp_path) == "ask"  # stricter settings count at once
    write(tmp_path, {"nemolint.toml": '[severity]\nunknown-step = "error"\n'})
    git(tmp_path, "commit", "-qam", "third")
    (tmp_path / "nemolint.toml").unlink()
    assert kind(UNKNOWN, tmp_path) == "deny"


def test_a_link_is_what_the_commit_leads_to(tmp_path: Path) -> None:
    """Settings behind a committed link count as they are committed, and the link as it was."""
    repository(tmp_path, {"shared/strict.toml": "", "a.txt": ""})
    (tmp_path / "nemolint.toml").symlink_to("shared/strict.toml")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "second")
    assert kind(LAUNCH, tmp_path) == "ask"
    write(tmp_path, {"shared/strict.toml": LAX})
    assert kind(LAUNCH, tmp_path) == "ask"
    git(tmp_path, "checkout", "-q", "shared")
    (tmp_path / "nemolint.toml").unlink()
    write(tmp_path, {"lax.toml": LAX})
    (tmp_path / "nemolint.toml").symlink_to("lax.toml")
    assert kind(LAUNCH, tmp_path) == "ask"
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "third")
    assert kind(LAUNCH, tmp_path) != "ask"
    (tmp_path / "lax.toml").unlink()
    (tmp_path / "lax.toml").symlink_to("nemolint.toml")  # in a circle
    assert kind(LAUNCH, tmp_path) == "ask"


def test_a_commit_that_replaces_the_last_one_does_not_count(tmp_path: Path) -> None:
    """`git replace` changes what git shows of the last commit, but not the commit."""
    repository(tmp_path, {"a.txt": ""})
    write(tmp_path, {"nemolint.toml": LAX})
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "second")
    git(tmp_path, "branch", "lax")
    git(tmp_path, "reset", "-q", "--hard", "HEAD~1")
    git(tmp_path, "replace", "HEAD", "lax")
    write(tmp_path, {"nemolint.toml": LAX})
    assert kind(LAUNCH, tmp_path) == "ask"


def test_a_commit_that_cannot_be_read_excuses_nothing(tmp_path: Path) -> None:
    """Settings count as they are before the first commit, but not in a repository that is broken."""
    write(tmp_path, {"nemolint.toml": LAX})
    git(tmp_path, "init", "-q")
    assert kind(LAUNCH, tmp_path) != "ask"
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    assert kind(LAUNCH, tmp_path) != "ask"
    for file in [file for file in (tmp_path / ".git/objects").rglob("*") if file.is_file()]:
        file.unlink()
    verdict = judge(read_payload(command_payload("claude", LAUNCH, str(tmp_path))))[0]
    assert verdict.kind == "ask" and "nemolint.toml cannot make the check laxer" in verdict.reason


def test_broken_settings_are_the_default_ones(tmp_path: Path) -> None:
    """Settings that cannot be read do not turn the hook off."""
    write(tmp_path, {"nemolint.toml": "ignore = [\n"})
    verdict = judge(read_payload(command_payload("claude", MISSPELT, str(tmp_path))))[0]
    assert verdict.kind == "deny" and "default settings" in verdict.reason


def test_the_env_toml_of_the_last_commit_counts(tmp_path: Path) -> None:
    """A committed env TOML counts as it is committed; one that git does not know counts as it is."""
    profile = '[train]\nexecutor = "slurm"\nnodes = 2\ngpus_per_node = 8\n'
    command = "nemotron steps run sft/automodel -c tiny --dry-run --batch trian"
    write(tmp_path, {"env.toml": profile})
    assert kind(command, tmp_path) == "deny"
    repository(tmp_path, {})
    write(tmp_path, {"env.toml": profile.replace("train", "trian")})
    assert kind(command, tmp_path) == "deny"
    git(tmp_path, "commit", "-qam", "second")
    assert kind(command, tmp_path) != "deny"
    git(tmp_path, "rm", "-q", "--cached", "env.toml")
    git(tmp_path, "commit", "-qm", "third")
    assert kind(command, tmp_path) == "pass"
    assert kind(f"{command}0", tmp_path) == "deny"


def test_a_fault_of_another_profile_is_not_about_the_command(tmp_path: Path) -> None:
    """What is wrong in an env TOML counts where it stops the run: not a profile that the command does not use."""
    sound = '[train]\nexecutor = "slurm"\nnodes = 2\ngpus_per_node = 8\n'
    write(tmp_path, {"env.toml": f'{sound}[other]\nexecutor = "slrum"\n'})
    run = "nemotron steps run sft/automodel -c tiny --dry-run"
    assert (kind(run, tmp_path), kind(f"{run} --batch train", tmp_path)) == ("pass", "pass")
    assert kind(f"{run} --batch other", tmp_path) != "pass"
    write(tmp_path, {"env.toml": f"{sound}[other\n"})
    assert kind(f"{run} --batch train", tmp_path) == "deny"


def test_with_an_env_toml_that_is_not_committed_answers_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An env TOML that git ignores, as in upstream's checkout, costs no second look, and what was read is kept."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    work = tmp_path / "work"
    repository(work, {"a.txt": "", ".gitignore": "env.toml\n", "nemolint.toml": ""})
    write(work, {"env.toml": '[train]\nexecutor = "slurm"\nnodes = 2\ngpus_per_node = 8\n'})
    payload = command_payload("claude", "nemotron steps run sft/automodel -c tiny --dry-run --batch train", str(work))
    data = json.dumps(payload).encode()
    time.sleep(0.2)  # stamps of files that are this young are not trusted
    outcome, after = hook_outcome.judged(data, "", False)
    assert outcome.kind == "pass" and after is not None
    after()
    key = remembered.key_of(read_payload(payload), False)
    assert remembered.recall(key) is not None
    write(work, {"env.toml": '[other]\nexecutor = "slurm"\n'})
    assert remembered.recall(key) is None
    assert hook_outcome.judged(data, "", False)[0].kind == "deny"
    write(work, {"nemolint.toml": 'ignore = ["unknown-profile"]\n'})  # changed, so that both are tried
    time.sleep(0.2)
    outcome, after = hook_outcome.judged(data, "", False)
    assert outcome.kind == "deny" and after is not None
    after()
    assert remembered.recall(key) is not None
    git(work, "commit", "-qam", "second")
    assert remembered.recall(key) is None
    assert hook_outcome.judged(data, "", False)[0].kind != "deny"


def _nest(base: Path) -> None:
    git(base / "one/sub", "init", "-q")


def _lead_elsewhere(base: Path) -> None:
    (base / "link").unlink()
    (base / "link").symlink_to(base / "two")


def _name_another(base: Path) -> None:
    (base / "three/.git").write_text(f"gitdir: {base / 'two/.git'}\n")


def _move_through_refs(base: Path) -> None:
    git(base / "one", "update-ref", "refs/heads/third", "refs/heads/second")


def _become_a_repository(base: Path) -> None:
    shutil.copytree(base / "one/.git", base / "four/.git", dirs_exist_ok=True)


def _link_within(base: Path) -> None:
    (base / "one/env.toml").unlink()
    (base / "one/env.toml").symlink_to("other.toml")


@pytest.mark.parametrize(
    ("folder", "change"),
    [
        ("one/sub", _nest),
        ("link", _lead_elsewhere),
        ("three", _name_another),
        ("one", _move_through_refs),
        ("four", _become_a_repository),
        ("one", _link_within),
    ],
)
def test_no_answer_is_remembered_of_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, change: Callable[[Path], None]
) -> None:
    """A nearer repository, another one at the end of a link or behind `.git`, or another commit behind a ref counts."""
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "cache"))
    settings = {"nemolint.toml": '[hook]\nask = "note"\n'}
    for name in ("one", "two"):
        repository(tmp_path / name, {".gitignore": "*.toml\n", "sub/a.txt": "", "pyproject.toml": ""})
        write(tmp_path / name, settings)
        git(tmp_path / name, "branch", "third")
    for name in ("three", "four"):
        write(tmp_path / name, {**settings, "pyproject.toml": ""})
    git(tmp_path / "two", "add", "-f", "nemolint.toml")
    git(tmp_path / "two", "commit", "-qm", "second")
    one = tmp_path / "one"
    git(one, "checkout", "-q", "-b", "second")
    git(one, "add", "-f", "nemolint.toml")
    git(one, "commit", "-qm", "second")
    git(one, "symbolic-ref", "refs/heads/named", "refs/heads/third")
    git(one, "symbolic-ref", "HEAD", "refs/heads/named")
    (tmp_path / "three/.git").write_text(f"gitdir: {one / '.git'}\n")
    (tmp_path / "four/.git").mkdir()
    (tmp_path / "link").symlink_to(one)
    write(tmp_path, {"outside.toml": '[train]\nexecutor = "slurm"\n'})
    for name in ("one", "two"):
        write(tmp_path / name, {"other.toml": '[else]\nexecutor = "slurm"\n'})
        (tmp_path / name / "env.toml").symlink_to("../outside.toml")
    command = "nemotron steps run sft/automodel -c tiny --batch train"
    data = json.dumps(command_payload("claude", command, str(tmp_path / folder))).encode()
    time.sleep(0.2)  # stamps of files that are this young are not trusted
    before, after = hook_outcome.judged(data, "", False)
    assert after is not None
    after()
    change(tmp_path)
    remembering = hook_outcome.judged(data, "", False)[0]
    monkeypatch.setenv("NEMOLINT_CACHE_DIR", str(tmp_path / "empty"))
    assert remembering == hook_outcome.judged(data, "", False)[0] != before


@pytest.mark.parametrize(("asking", "does"), [("native", "asks"), ("deny", "refuses"), ("note", "runs")])
def test_what_happens_to_launches_is_a_setting(tmp_path: Path, asking: str, does: str) -> None:
    """`hook.ask` says whether the host asks, refuses, or only notes an expensive launch."""
    repository(tmp_path, {"nemolint.toml": f'[hook]\nask = "{asking}"\n'})
    assert asked(tmp_path, "claude", LAUNCH).does == does
    write(tmp_path, {"nemolint.toml": '[hook]\nask = "note"\n'})
    assert asked(tmp_path, "claude", LAUNCH).does == does


def test_answers_are_remembered_until_something_changes(tmp_path: Path) -> None:
    """The second answer is the first one, and a changed script, settings file, env TOML or commit gives a new one."""
    repository(tmp_path, {"go.sh": f"{MISSPELT}\n", "a.txt": ""})
    time.sleep(0.2)  # stamps of files that are this young are not trusted
    assert asked(tmp_path, "claude", "bash go.sh").does == "refuses"
    time.sleep(0.5)
    assert asked(tmp_path, "claude", "bash go.sh").does == "refuses"
    write(tmp_path, {"go.sh": f"{MISSPELT.replace('--dryrun', '--dry-run')}\n"})
    assert asked(tmp_path, "claude", "bash go.sh").does == "runs"
    assert asked(tmp_path, "claude", UNKNOWN).does == "runs"
    time.sleep(0.5)
    write(tmp_path, {"nemolint.toml": '[severity]\nunknown-step = "error"\n'})
    assert asked(tmp_path, "claude", UNKNOWN).does == "refuses"


# -- files and folders

SCRIPT = f"#!/bin/bash\nset -e\n{MISSPELT}\n"


@pytest.mark.parametrize(
    "command",
    [
        "bash scripts/go.sh",
        "./scripts/go.sh --fast",
        "sh -x scripts/go.sh",
        ". scripts/go.sh",
        "source ./scripts/go.sh",
        "sbatch --nodes 2 scripts/go.sh",
        "sudo -E bash scripts/go.sh",
        "cd scripts && bash go.sh",
        "(cd scripts; ./go.sh)",
        "bash < scripts/go.sh",
        "ssh login bash -s < scripts/go.sh",
        "sbatch < scripts/go.sh",
        "cat scripts/go.sh | tee log | bash",
        "bash <(cat scripts/go.sh)",
        'eval "$(cat scripts/go.sh)"',
        'bash -c "$(cat scripts/go.sh)"',
        "bash $PWD/scripts/go.sh",
        'bash "$(pwd)/scripts/go.sh"',
        "S=scripts/go.sh; bash $S",
        'D=scripts; bash "${D}/go.sh"',
        "poetry run bash scripts/go.sh",
        "watch scripts/go.sh",
        "nohup scripts/go.sh &",
        "make train",
        "make -j 4 all",
        "make",
        "make -C . train",
        "cd scripts && make -f ../Makefile train",
    ],
)
def test_files_that_a_command_runs_are_checked(tmp_path: Path, command: str) -> None:
    """A script or a target of the project is checked like a command, with the place of what is wrong."""
    makefile = f"all: train\n\ntrain:\n\t{MISSPELT}\n\nother:\n\techo hello\n"
    write(tmp_path, {"scripts/go.sh": SCRIPT, "Makefile": makefile})
    seen = asked(tmp_path, "claude", command)
    assert seen.does == "refuses"
    assert "Makefile:4: " in seen.model if "make" in command else "go.sh:3: " in seen.model


@pytest.mark.parametrize(
    "command",
    [
        "make other",
        "make -n train",
        "git add scripts/go.sh",
        "cat scripts/go.sh",
        "chmod +x scripts/go.sh",
        "shellcheck scripts/go.sh",
        "bash scripts/fine.sh",
        "bash -n scripts/go.sh",
        "cat scripts/go.sh | wc -l",
        'echo "$(cat scripts/go.sh)"',
        "S=scripts/go.sh; cat $S",
        "grep bash scripts/go.sh",
        "bash scripts/missing.sh",
        "(cd scripts); bash go.sh",
    ],
)
def test_files_that_a_command_does_not_run_are_not(tmp_path: Path, command: str) -> None:
    """A file that is only looked at, and the recipes of other targets, say nothing about a command."""
    makefile = f"train:\n\t{MISSPELT}\n\nother:\n\techo hello\n"
    write(tmp_path, {"scripts/go.sh": SCRIPT, "scripts/fine.sh": "echo hello\n", "Makefile": makefile})
    assert asked(tmp_path, "claude", command) == Seen("runs")


def test_files_outside_of_the_workspace_are_not_read(tmp_path: Path) -> None:
    """A command cannot have a file elsewhere read, directly or through a link."""
    write(tmp_path, {"other/go.sh": SCRIPT, "work/a.txt": ""})
    (tmp_path / "work/link.sh").symlink_to(tmp_path / "other/go.sh")
    for command in (f"bash {tmp_path}/other/go.sh", "bash ../other/go.sh", "bash link.sh"):
        assert asked(tmp_path / "work", "claude", command) == Seen("runs")


def test_suppressions_of_a_script_count_once_they_are_committed(tmp_path: Path) -> None:
    """A script may hold a suppression that the team has accepted, and not one that was written a moment ago."""
    suppressed = f"# nemolint: ignore[missing-dry-run] the queue asks\n{LAUNCH}\n"
    repository(tmp_path, {"go.sh": "echo\n"})
    write(tmp_path, {"go.sh": suppressed})
    assert kind("bash go.sh", tmp_path) == "ask"
    git(tmp_path, "commit", "-qam", "second")
    assert kind("bash go.sh", tmp_path) != "ask"


def test_each_run_is_checked_in_its_folder(tmp_path: Path) -> None:
    """`cd` before a run decides which env TOML it reads; in a folder that is not known, nothing is said of profiles."""
    profile = '[train]\nexecutor = "slurm"\n'
    write(tmp_path, {"a/env.toml": profile, "b/env.toml": profile.replace("train", "other")})
    run = "nemotron steps run sft/automodel -c tiny --dry-run --batch train"
    assert kind(f"cd a && {run}", tmp_path) == "pass"
    assert kind(f"cd b && {run}", tmp_path) == "deny"
    assert kind(f"(cd b && ls); cd a; {run}", tmp_path) == "pass"
    assert kind(f"(cd a; {run}); (cd b; {run})", tmp_path) == "deny"
    assert kind(f'bash -c "cd b; {run}"', tmp_path) == "deny"
    assert kind(f'cd "$SOMEWHERE" && {run}', tmp_path) in ("pass", "note")


def test_exports_before_a_run_count(tmp_path: Path) -> None:
    """An env TOML that the same command exports is the one that its runs read."""
    write(tmp_path, {"a.toml": '[train]\nexecutor = "slurm"\n', "env.toml": '[other]\nexecutor = "slurm"\n'})
    run = "nemotron steps run sft/automodel -c tiny --dry-run --batch train"
    assert kind(run, tmp_path) == "deny"
    assert kind(f"export NEMOTRON_ENV_FILE=a.toml; {run}", tmp_path) == "pass"


def test_powershell_is_read_as_powershell(tmp_path: Path) -> None:
    """What joins lines and escapes there is not what it is in bash."""
    for tool in ("powershell", "PowerShell"):
        payload = command_payload("copilot", "nemotron steps run sft/automodel `\n  -c tiny --dryrun", str(tmp_path))
        done = nemolint(tmp_path, "hook", stdin=json.dumps({**payload, "toolName": tool}))
        assert read_command("copilot", done.out, done.err, done.code).does == "refuses"


@pytest.mark.parametrize(
    ("targets", "lines"),
    [([], {1, 3, 4, 5}), (["a"], {3, 4, 5}), (["b"], {7, 8}), (["none"], set()), (["loop"], {10, 11})],
)
def test_the_recipes_of_targets(targets: list[str], lines: set[int]) -> None:
    """The lines of a target are those of its recipe, and of what it needs."""
    text = "all: a\n\na:\n\tone\n\ttwo\n\nb c:\n\tthree\n\nloop: loop\n\tfour\n"
    assert recipe_lines(text, targets) == lines


# -- replies

WRONG = f"Run this:\n\n```bash\n{MISSPELT}\n```\n"


@pytest.mark.parametrize("host", ["claude", "codex", "gemini", "vscode"])
def test_a_wrong_answer_is_sent_back_once(tmp_path: Path, host: str) -> None:
    """An answer with an error goes back with the reason, a right one stands, and so does one that went back before."""

    def seen(text: str, again: bool = False) -> Seen:
        done = nemolint(tmp_path, "hook", stdin=json.dumps(reply_payload(host, text, str(tmp_path), again=again)))
        return read_reply(host, done.out, done.err, done.code)

    sent = seen(WRONG)
    assert sent.does == "refuses" and "misspelled-dry-run: line 4: " in sent.model
    assert seen(WRONG, again=True) == Seen("runs")
    assert seen("The tests pass.") == Seen("runs")
    assert seen("nemotron has steps to run.") == Seen("runs")


def test_the_answer_is_judged_by_the_question(tmp_path: Path) -> None:
    """A host that passes the prompt has its answers judged by it: who asked for a command alone gets no callouts."""
    text = "```bash\nnemotron steps run sft/automodel -c tiny --dryrun\n```\n"
    payload = {**reply_payload("gemini", text, str(tmp_path)), "prompt": "Only the command."}
    done = nemolint(tmp_path, "hook", stdin=json.dumps(payload))
    assert read_reply("gemini", done.out, done.err, done.code).does == "refuses"


def test_an_answer_in_a_transcript(tmp_path: Path) -> None:
    """Copilot passes the file of the conversation: its last message of the assistant is the answer."""
    rows: list[dict[str, Any]] = [
        {"type": "user.message", "data": {"content": "How?"}},
        {"type": "assistant.message", "data": {"content": WRONG}},
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    payload = {"sessionId": "s", "timestamp": 1, "cwd": str(tmp_path), "transcriptPath": str(tmp_path / "t.jsonl")}
    done = nemolint(tmp_path, "hook", stdin=json.dumps(payload))
    assert json.loads(done.out)["decision"] == "block"
    done = nemolint(tmp_path, "hook", stdin=json.dumps({**payload, "stop_hook_active": True}))
    assert done.out == "{}"
    done = nemolint(tmp_path, "hook", stdin=json.dumps({**payload, "transcriptPath": str(tmp_path / "none")}))
    assert (done.code, json.loads(done.out)) == (0, {})


# -- dialects


@settings(max_examples=200, deadline=None)
@given(
    host=st.sampled_from(FLAT),
    verdict=st.sampled_from(KINDS),
    reason=st.text(min_size=1, max_size=30).map(lambda text: text * 900),
    failure=st.sampled_from(["", "it failed"]),
)
def test_each_verdict_in_each_dialect(host: Any, verdict: Any, reason: str, failure: str) -> None:
    """Whatever is to be said, the host reads it as what it is, and nothing of it is too long."""
    answer = render(Verdict(verdict, reason, failure, reason), host, "command", "")
    seen = read_command(host, answer.out, answer.err, answer.code)
    expected = {"pass": "runs", "note": "runs", "ask": "asks" if host in ASKING else "refuses", "deny": "refuses"}
    assert seen.does == expected[verdict]
    assert max(map(len, seen[1:])) < 10_000


def test_other_events_and_tools_are_no_concern(tmp_path: Path) -> None:
    """A host that runs its hook for every tool hears nothing about those that run no command."""
    for change in (
        {"hook_event_name": "SessionStart"},
        {"tool_name": "apply_patch"},
        {"tool_name": "Write", "tool_input": {"content": MISSPELT}},
        {"hook_event_name": "PostToolUse", "tool_response": {}},
    ):
        payload = {**command_payload("claude", MISSPELT, str(tmp_path)), **change}
        done: Done = nemolint(tmp_path, "hook", stdin=json.dumps(payload))
        assert (done.code, done.out, done.err) == (0, "{}", "")


def test_an_installation_that_is_broken_blocks_nothing(tmp_path: Path) -> None:
    """Where nemolint cannot even be loaded, there is no opinion, and no traceback; `--fail-closed` refuses."""
    copy = tmp_path / "start.py"
    copy.write_text(
        Path(START).read_text("utf-8").replace("from nemolint.guard.respond", "from no_such.module"), "utf-8"
    )
    payload = json.dumps(command_payload("claude", MISSPELT, str(tmp_path)))
    done = execute([sys.executable, "-I", "-S", copy], tmp_path, stdin=payload)
    said = "nemolint could not check this: ModuleNotFoundError\n"
    assert done == Done(0, "{}", said)
    done = execute([sys.executable, "-I", "-S", copy, "--fail-closed"], tmp_path, stdin=payload)
    assert done == Done(2, "", said)


@pytest.mark.parametrize("seconds", ["0.02", "0.05", "0.1", "0.2"])
def test_a_deadline_at_any_moment(tmp_path: Path, seconds: str) -> None:
    """Wherever the deadline falls, in whatever is being loaded, the answer is one that the host reads."""
    payload = json.dumps(command_payload("codex", MISSPELT, str(tmp_path)))
    done = execute([sys.executable, "-I", "-S", START, "--deadline", seconds], tmp_path, stdin=payload)
    assert read_command("codex", done.out, done.err, done.code).does in ("runs", "refuses")
    assert "Traceback" not in done.err


@pytest.mark.parametrize("host", ["claude", "codex", "gemini", "vscode"])
def test_what_was_written_is_told(tmp_path: Path, host: str) -> None:
    """After a file was written, the assistant hears what is wrong in it, and nothing is blocked."""
    write(tmp_path, {"work/go.sh": SCRIPT, "work/fine.sh": "echo\n", "other.sh": SCRIPT})
    names = {"vscode": "hookEventName"}
    event = "AfterTool" if host == "gemini" else "PostToolUse"
    payload = command_payload(host, "", str(tmp_path / "work"))
    payload |= {names.get(host, "hook_event_name"): event, "tool_name": "Write", "tool_response": {}}

    def said(file: str) -> dict[str, Any]:
        given = {"file_path": file, "content": SCRIPT}
        done = nemolint(tmp_path, "hook", stdin=json.dumps({**payload, "tool_input": given}))
        assert (done.code, done.err) == (0, "")
        found: dict[str, Any] = json.loads(done.out)
        return found

    inner = said(str(tmp_path / "work/go.sh"))["hookSpecificOutput"]
    assert inner["hookEventName"] == event and "misspelled-dry-run: go.sh:3: " in inner["additionalContext"]
    assert said("go.sh") and not said("fine.sh") and not said("missing.sh")
    assert not said(str(tmp_path / "other.sh")) and not said("../other.sh")


def test_decisions_are_logged(tmp_path: Path) -> None:
    """With a log, each payload that may hold a run leaves a line, without its secrets; a log that fails is said."""
    file = tmp_path / "hook.log"
    secret = FORMATS["nvidia"][1]()

    def lines(command: str, *more: str, before: str = "") -> list[dict[str, Any]]:
        known = len(file.read_text("utf-8").splitlines()) if file.exists() else 0
        payload = json.dumps(command_payload("claude", command, str(tmp_path)))
        nemolint(tmp_path, "hook", "--log", str(file), *more, stdin=payload, before=before)
        text = file.read_text("utf-8") if file.exists() else ""
        assert secret not in text
        return [json.loads(line) for line in text.splitlines()[known:]]

    assert lines("ls") == lines("bash none.sh") == []
    for command in (MISSPELT, MISSPELT):  # the second time it is remembered
        (line,) = lines(command)
        assert (line["host"], line["event"], line["verdict"], line["run"]) == ("claude", "command", "deny", True)
        assert (
            line["rules"] == ["misspelled-dry-run"] and line["command"] == MISSPELT and line["folder"] == str(tmp_path)
        )
    (line,) = lines(f"NVIDIA_API_KEY={secret} {MISSPELT}")
    assert "REDACTED" in line["command"] and line["ms"] >= 0
    hidden = base64.b64encode(f"NVIDIA_API_KEY={secret} {MISSPELT}".encode()).decode()
    (line,) = lines(f"echo {hidden} | base64 -d | sh")
    assert line["verdict"] == "deny" and hidden not in str(line)
    (line,) = lines(f"echo '{f'NVIDIA_API_KEY={secret} {MISSPELT}'[::-1]}' | rev | sh")
    assert line["verdict"] == "deny" and "command" not in line
    (line,) = lines("git commit -m 'nemotron steps run sft/automodel'")
    assert (line["verdict"], line["run"], line["rules"]) == ("pass", False, [])
    fault = f"{_HANG}import nemolint.guard.verdict as v\nv.judge = judge\n"
    (line,) = lines(LAUNCH, "--deadline", "0.5", before=fault)
    assert line["verdict"] == "failed" and "took longer" in line["failure"] and "command" not in line
    for command, does in (("nemotron steps run sft/automodel -c tiny --dry-run", "runs"), (MISSPELT, "refuses")):
        payload = json.dumps(command_payload("claude", command, str(tmp_path)))
        done = nemolint(tmp_path, "hook", "--log", str(tmp_path), stdin=payload)
        assert read_command("claude", done.out, done.err, done.code).does == does
        assert "cannot write its log" in done.shown


def test_settings_of_the_last_commit_count_for_answers(tmp_path: Path) -> None:
    """An assistant cannot edit the settings to get its answer through, either."""
    repository(tmp_path, {"a.txt": ""})
    write(tmp_path, {"nemolint.toml": 'select = ["unknown-step"]\nexclude = ["*"]\n'})
    text = "```bash\nnemotron steps run sft/automodel -c nope --dry-run\n```\n"
    payload = json.dumps(reply_payload("claude", text, str(tmp_path)))
    done = nemolint(tmp_path, "hook", stdin=payload)
    assert read_reply("claude", done.out, done.err, done.code).does == "refuses"
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "settings")
    done = nemolint(tmp_path, "hook", stdin=payload)
    assert read_reply("claude", done.out, done.err, done.code).does == "runs"


def test_the_folder_of_a_command(tmp_path: Path) -> None:
    """The folder is that which the host names, the root of its workspace, or the current one: the first that exists."""
    write(tmp_path, {"work/env.toml": '[train]\nexecutor = "slurm"\n'})
    work, none = str(tmp_path / "work"), str(tmp_path / "none")
    for cwd, roots, found in (
        (work, [none], work),
        ("", [work], work),
        (none, [work], work),
        (none, [5], str(Path.cwd())),
    ):
        payload = {**command_payload("cursor", "ls", ""), "cwd": cwd, "workspace_roots": roots}
        assert read_payload(payload).folder == found


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just(MISSPELT),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["command", "cwd", "a"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=120, deadline=None)
@given(host=st.sampled_from(HOSTS), data=st.data())
def test_a_payload_of_any_shape(host: str, data: st.DataObject) -> None:
    """A value of another type anywhere in a payload is read, passed over or said, and never an error of nemolint."""
    payload = command_payload(host, MISSPELT, "/")
    spot = payload
    while isinstance(inner := spot[key := data.draw(st.sampled_from(sorted(spot)))], dict) and data.draw(st.booleans()):
        spot = inner
    spot[key] = data.draw(JSON_VALUES)
    for agent in ("", host.partition("-")[0]):
        found, _ = hook_outcome.judged(json.dumps(payload).encode("utf-8", "surrogatepass"), agent, False)
        assert "internal error" not in found.failure


# -- the rules


@pytest.mark.parametrize("rule", load_rules().values(), ids=lambda rule: rule.name)
def test_rules_loaded_when_needed_judge_as_all_of_them(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each example of each rule gets the verdict that it gets with all rules loaded, as a command or in a script."""
    recall = declared_rules.recall
    if recall() is None:
        declared_rules.keep(load_rules(), packs(sys.path), time.time_ns())
    for number, example in enumerate(rule.examples):
        folder = tmp_path / str(number)
        write(folder, {**example.files, "go.sh": example.text})
        if example.settings:
            write(folder, {"nemolint.toml": "".join(f"{line}\n" for line in as_toml(example.settings))})
        for command in [example.text, *(["bash go.sh"] if number == 0 else [])]:
            payload = read_payload(command_payload("claude", command, str(folder)))
            monkeypatch.setattr(declared_rules, "recall", lambda: None)
            expected = judge(payload)[0]
            monkeypatch.setattr(declared_rules, "recall", recall)
            assert recall() is not None
            assert judge(payload)[0] == expected, command


KEEP = """
import sys, time
from nemolint.cache import declared_rules
from nemolint.linter.loader import load_rules
from nemolint.linter.packs import packs
declared_rules.keep(load_rules(), packs(sys.path), time.time_ns())
"""
JUDGE = """
import json, sys
from nemolint.cache import declared_rules
from nemolint.guard.payload import read_payload
from nemolint.guard.verdict import judge
print(declared_rules.recall() is not None, "nemolint_rules.unknown_step" in sys.modules, file=sys.stderr)
print(json.dumps([judge(read_payload(payload))[0] for payload in json.load(sys.stdin)]))
"""


@pytest.mark.parametrize("warm", [False, True])
def test_verdicts_of_a_process_without_rules(tmp_path: Path, warm: bool) -> None:
    """A process that loads each rule when a command first needs it says what one says that has loaded all of them."""
    commands = {rule.name: example.text for rule, example in examples(load_rules()) if not example.good}
    payloads = [command_payload("claude", command, str(tmp_path)) for command in commands.values()]
    env = {"NEMOLINT_CACHE_DIR": str(tmp_path / "cache")}
    if warm:
        execute([sys.executable, "-c", KEEP], tmp_path, env=env, code=0)
    done = execute([sys.executable, "-c", JUDGE], tmp_path, stdin=json.dumps(payloads), env=env)
    assert done.err.split() == [str(warm), "False"]
    expected = [[*judge(read_payload(payload))[0]] for payload in payloads]
    assert json.loads(done.out) == json.loads(json.dumps(expected))
