"""Shell completion, in the shells themselves, and the published schema."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from nemolint.base.choices import Group
from nemolint.base.errors import UserError
from nemolint.commands.arguments import SHELLS, SUBCOMMANDS, parser_of
from nemolint.commands.completion import Completion, complete
from nemolint.commands.rules import settings_schema
from nemolint.linter.loader import load_rules
from nemolint.report import FORMATS
from support.command import execute, nemolint

ROOT = Path(__file__).resolve().parents[1]


def _names(found: Completion) -> set[str]:
    return {name for name, _ in found.words}


# -- what is offered


def test_the_first_word() -> None:
    """It is a subcommand or a path; with a dash, an option of `check`, or one of the command itself."""
    assert complete([""]) == Completion(complete([""]).words, files=True)
    assert _names(complete(["tr"])) == set(SUBCOMMANDS)
    options = {option for action in parser_of("check")._actions for option in action.option_strings}
    assert _names(complete(["--fi"])) == (options - {"--hook"}) | {"--version", "--print-completion"}
    assert _names(complete(["--print-completion", ""])) == set(SHELLS)
    assert _names(complete(["--print-completion=z"])) == set(SHELLS)


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_options_are_those_of_the_subcommand(name: str) -> None:
    """Each subcommand offers its own options, with what its help says about them, and no hidden one."""
    shown = nemolint(ROOT, name, "--help", env={"COLUMNS": "1000"}).out
    found = complete([name, "-"])
    assert found.words and not found.files
    for option, meaning in found.words:
        assert option in shown and meaning in shown
    assert "--hook" not in _names(found)


def _with_value() -> Iterator[tuple[str, str, argparse.Action]]:
    for name in SUBCOMMANDS:
        for action in parser_of(name)._actions:
            for option in action.option_strings:
                if action.nargs != 0:
                    yield name, option, action


@pytest.mark.parametrize(("name", "option", "action"), list(_with_value()))
def test_every_value_is_known(name: str, option: str, action: argparse.Action) -> None:
    """A value is offered wherever one can be known, the same in both notations, and never an option in its place."""
    found = complete([name, option, ""])
    if action.metavar in ("REF", "N", "SECONDS", "TEXT", "ID"):
        assert found == Completion()
        return
    assert found.words or found.files or found.folders, action.metavar
    assert complete([name, f"{option}=x"]) == complete([name, option, "x"])._replace(kept=len(option) + 1)
    assert complete([name, option, "-"]).words == found.words


def test_ids_of_entries(tmp_path: Path) -> None:
    """The entries of the files that are named before, and none while there is no such file."""
    for name, data in {"set": {"evals": [{"id": "a"}, {"id": 7}, {}]}, "expect": {"b": {}, "a": {}}}.items():
        (tmp_path / name).write_text(json.dumps(data), "utf-8")
    given = ["grade", "--entry", str(tmp_path / "set"), "--expect", str(tmp_path / "expect"), "--id", ""]
    assert _names(complete(given)) == {"a", "7", "b"}
    assert _names(complete(["grade", "--expect", str(tmp_path / "expect"), "--id="])) == {"a", "b"}
    assert complete(["grade", "--id", ""]) == Completion()
    with pytest.raises(UserError):
        complete(["grade", "--entry", str(tmp_path / "gone"), "--id", ""])


def test_lists_of_rules() -> None:
    """After each comma a further rule or group is offered, and none that is in the list already."""
    everything = {*load_rules(), *get_args(Group), "all"}
    for before in (["--select"], ["check", "--ignore"], ["baseline", "-q", "--extend-select"]):
        assert _names(complete([*before, "mis"])) == everything
        second = complete([*before, "missing-value,secrets,pri"])
        assert (second.kept, second.listed) == (len("missing-value,secrets,"), True)
        assert _names(second) == everything - {"missing-value", "secrets"}
    assert _names(complete(["explain", "x"])) == set(load_rules())


def test_formats_and_their_files() -> None:
    """A format may be followed by a file."""
    assert _names(complete(["--output-format", "s"])) == set(FORMATS)
    assert complete(["--output-format", "sarif=a"]) == Completion(kept=len("sarif="), files=True)
    assert complete(["--output-format=sarif=a"]) == Completion(kept=len("--output-format=sarif="), files=True)


def test_after_two_dashes_comes_no_option() -> None:
    """What follows `--` is a path, whatever it looks like; an option that takes no value is followed by one, too."""
    for words in (["--", "--fi"], ["check", "--", "a.sh", "-"], ["--fix", "a"], ["check", "--select", "all", "a"]):
        assert complete(words) == Completion(files=True), words
    assert complete(["--fix=a"]) == complete(["--no-such-option=a"]) == Completion()


def test_steps_are_those_of_the_checkout(tmp_path: Path) -> None:
    """The steps come from the checkout that is meant; settings that cannot be read give no answer, and no message."""
    listed = nemolint(tmp_path, "catalog").out
    answer = nemolint(tmp_path, "--complete", "zsh", "catalog", "").out.splitlines()
    assert answer[0] == "0" and len(answer) > 5
    assert all(f"{line.strip()} " in listed or f"{line.strip()}\n" in listed for line in answer[1:])
    step = tmp_path / "other" / "src" / "nemotron" / "steps" / "mine" / "own"
    step.mkdir(parents=True)
    (step / "step.toml").write_text('[step]\nid = "mine/own"\nname = "x"\ncategory = "mine"\n', "utf-8")
    (tmp_path / "other" / "pyproject.toml").touch()
    for folder, before in ((tmp_path, ["--nemotron", "other"]), (tmp_path / "other", [])):
        done = nemolint(folder, "--complete", "fish", "catalog", *before, "mi")
        assert (done.code, done.out, done.err) == (0, "0\nmine/own\t\n", "")
    (tmp_path / "nemolint.toml").write_text("no-such-key = 1\n", "utf-8")
    done = nemolint(tmp_path, "--complete", "bash", "catalog", "")
    assert (done.code, done.out, done.err) == (2, "0\n"[:0], "")
    assert nemolint(tmp_path, "--complete", "bash", "tr").out == "0 files\n"


@pytest.mark.parametrize("words", [[], [""], ["--complete"], ["=", "="], ["--select", "="], ["\x00".strip("\x00")]])
@pytest.mark.parametrize("shell", [*SHELLS, "", "sh"])
def test_it_never_fails(tmp_path: Path, shell: str, words: list[str]) -> None:
    """Whatever is on the command line, an answer begins with a number."""
    done = nemolint(tmp_path, "--complete", shell, *words)
    assert done.code == 0 and done.err == "" and done.out.split()[0].isdigit()


# -- the shells


# `show` writes its arguments down.
_SHOW = 'show() { printf "<%s>" "$@" >> shown; echo >> shown; }'
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], _SHOW),
    "zsh": (["zsh", "-f", "-i"], f"{_SHOW}; autoload -U compinit; compinit -u"),
    "fish": (["fish", "--no-config", "-i"], 'function show; printf "<%s>" $argv >> shown; echo >> shown; end'),
}
LOAD = {"bash": 'eval "$({})"', "zsh": 'eval "$({})"', "fish": "{} | source"}
TYPED = {
    "--fi": "--fix",
    "tra": "train.sh",
    "ca c": "ca|c",
    "cat": "catalog",
    "check --unsa": "check|--unsafe-fixes",
    "explain missing-dry": "explain|missing-dry-run",
    "--select inlined-secret,pri": "--select|inlined-secret,printed-secret",
    "--select=inlined-secret,pri": "--select=inlined-secret,printed-secret",
    "--ignore callou": "--ignore|callouts",
    "--output-format sar": "--output-format|sarif",
    "--output-format=sar": "--output-format=sarif",
    "--output-format sarif=rep": "--output-format|sarif=report.json",
    "--output-format=sarif=rep": "--output-format=sarif=report.json",
    "--fail-on w": "--fail-on|warning",
    "catalog sft/auto": "catalog|sft/automodel",
    "cache cl": "cache|clean",
    "--print-completion fi": "--print-completion|fish",
    "check -- rep": "check|--|report.json",
    "--nemotron my": "--nemotron|my dir/",
    "my": "my dir/",
    r"my\ dir/o": "my dir/one two.sh",
    "--config=my": "--config=my dir/",
    "~/tra": "{home}/train.sh",
    "no-such": "no-such",
    "--nemotron tra": "--nemotron|tra",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_valid(tmp_path: Path, shell: str) -> None:
    """Each shell takes its completion script."""
    done = nemolint(tmp_path, "--print-completion", shell)
    assert done.code == 0 and done.err == "" and "nemolint --" not in done.out
    assert nemolint(tmp_path, f"--print-completion={shell}").out == done.out
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    execute([shell, "-n"], tmp_path, stdin=done.out, code=0)


@pytest.mark.skipif(importlib.util.find_spec("pty") is None, reason="this system has no terminals to type into")
@pytest.mark.parametrize("shell", SHELLS)
def test_the_tab_key(tmp_path: Path, shell: str) -> None:
    """Typed in a terminal, each beginning becomes the words that are meant, quoted as the shell needs it."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    if shell == "bash" and execute(["bash", "-c", "echo ${BASH_VERSINFO[0]}"], tmp_path).out < "4":
        pytest.skip("bash 3 cannot quote what a script completes")
    (tmp_path / "my dir").mkdir()
    for name in ("train.sh", "report.json", "my dir/one two.sh", "my dir/.hidden"):
        (tmp_path / name).touch()
    command, show = START[shell]
    # Ctrl-A goes to the beginning of the line, where a word is put in front that writes down what has become of it.
    keys = [
        show,
        LOAD[shell].format(f"nemolint --print-completion {shell}"),
        *(f"nemolint {word}\t\x01show " for word in TYPED),
    ]
    environ = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config"), "XDG_DATA_HOME": str(tmp_path / ".data"),
        "TERM": "dumb", "INPUTRC": os.devnull, "HISTFILE": os.devnull,
    }  # fmt: skip
    spawn = "import pty, sys; pty.spawn(sys.argv[1:])"
    stdin = "".join(f"{line}\r" for line in [*keys, "exit"])
    done = execute([sys.executable, "-c", spawn, *command], tmp_path, env=environ, stdin=stdin)
    lines = (tmp_path / "shown").read_text("utf-8").splitlines()
    # zsh takes the slash of a folder away again where a blank follows.
    wanted = [words.format(home=tmp_path).removesuffix("/" if shell == "zsh" else "") for words in TYPED.values()]
    assert dict(zip(TYPED, lines, strict=True)) == {
        typed: f"<nemolint><{words.replace('|', '><')}>" for typed, words in zip(TYPED, wanted, strict=True)
    }, done.out


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_shows_what_words_mean(tmp_path: Path) -> None:
    """Beside each option and rule is what it does."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    script = (
        "nemolint --print-completion fish | source; complete -C 'nemolint --unsa'; complete -C 'nemolint explain pri'"
    )
    done = execute(["fish", "--no-config", "-c", script], tmp_path, env={"PATH": path, "HOME": str(tmp_path)}, code=0)
    assert "--unsafe-fixes\twith --fix or --diff: include unsafe fixes\n" in done.out
    assert "printed-secret\tDo not print a secret" in done.out


def test_other_shells(tmp_path: Path) -> None:
    """A shell that is not known, or none, is wrong usage."""
    for arguments in (["--print-completion", "tcsh"], ["--print-completion"], ["--print-completion="]):
        done = nemolint(tmp_path, *arguments)
        assert (done.code, done.out) == (2, "") and "`bash`, `zsh` or `fish`" in done.err


# -- the schema


def test_the_published_schema(tmp_path: Path) -> None:
    """`nemolint.schema.json` is what `nemolint rules --schema` prints."""
    printed = nemolint(tmp_path, "rules", "--schema").out
    assert json.loads(printed) == settings_schema()
    published = ROOT / "nemolint.schema.json"
    assert published.read_text("utf-8") == printed, "run: nemolint rules --schema > nemolint.schema.json"


def _subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from _subschemas(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _subschemas(value)


def test_the_schema_is_one_for_a_catalog() -> None:
    """It is valid by its own metaschema, has an `$id`, describes every key, and refers to nothing outside."""
    schema = settings_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == "https://json.schemastore.org/nemolint.json"
    for item in _subschemas(schema):
        if isinstance(item.get("$ref"), str):
            assert item["$ref"].startswith("#/definitions/") and len(item) == 1
        assert item.get("type") != "null"
    for name, entry in schema["properties"].items():
        assert entry["description"].endswith((".", ")")), name
    names = load_rules()
    assert (
        set(schema["definitions"]["KnownRule"]["enum"])
        == names.keys()
        == schema["properties"]["severity"]["properties"].keys()
    )
    groups = {"policy", *(rule.group for rule in names.values())}
    assert set(schema["definitions"]["KnownSelector"]["enum"]) == {"all", *names, *groups}


VALID = """\
extends = "base.toml"
select = ["all", "secrets"]
ignore = ["unknown-step", "launch"]
preset = "docs"

[severity]
unknown-step = "off"

[per-file-ignores]
"docs/" = ["placeholders"]

[[overrides]]
files = ["x/"]
extend-select = ["optional"]
severity = { missing-dry-run = "info" }
"""
INVALID = {
    "unknown key": 'slect = ["all"]\n',
    "unknown rule": 'ignore = ["unknown-stp"]\n',
    "unknown group": 'extend-select = ["secret"]\n',
    "unknown rule of files": '[per-file-ignores]\n"a" = ["unknown-stp"]\n',
    "unknown rule with a severity": '[severity]\nunknown-stp = "off"\n',
    "a group with a severity": '[severity]\nsecrets = "off"\n',
    "unknown severity": '[severity]\nunknown-step = "fatal"\n',
    "unknown rule of an override": '[[overrides]]\nfiles = ["x"]\nignore = ["unknown-stp"]\n',
    "unknown preset": 'preset = "all"\n',
    "type": "select = 3\n",
}


def _check_jsonschema(schema: Path, file: Path) -> list[str | Path]:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    return [sys.executable, "-m", "check_jsonschema", "--schemafile", schema, file]


def _taplo(schema: Path, file: Path) -> list[str | Path]:
    return [_program("taplo"), "lint", "--no-auto-config", "--schema", schema.as_uri(), file]


def _tombi(schema: Path, file: Path) -> list[str | Path]:
    file.write_text(f"#:schema {schema.as_uri()}\n{file.read_text('utf-8')}", "utf-8")
    return [_program("tombi"), "lint", "--offline", file]


def _program(name: str) -> str:
    found = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.mark.parametrize("tool", [_check_jsonschema, _taplo, _tombi], ids=["check-jsonschema", "taplo", "tombi"])
@pytest.mark.parametrize("name", ["valid", *INVALID])
def test_tools_and_nemolint_agree_about_settings(tmp_path: Path, tool: Any, name: str) -> None:
    """What editors accept by the schema is what nemolint accepts."""
    file = tmp_path / "nemolint.toml"
    file.write_text(VALID if name == "valid" else INVALID[name], "utf-8")
    command = tool(ROOT / "nemolint.schema.json", file)
    done = execute(command, tmp_path, env={"RUST_LOG": "info"})
    assert (done.code == 0) == (name == "valid"), done
    (tmp_path / "base.toml").write_text("", "utf-8")
    assert nemolint(tmp_path, "--show-settings").code == (0 if name == "valid" else 2)
