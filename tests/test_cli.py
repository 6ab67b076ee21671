"""The command as its users and their scripts meet it: arguments, streams, exit codes."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nemolint.commands.check import use_color
from nemolint.linter.loader import load_rules
from nemolint.report import FOR_PEOPLE, FORMATS
from support.command import CORRECT, MISSPELT, MODULE, WORKERS, execute, nemolint, python, start
from support.credentials import shown_of
from support.files import write
from support.rules import other
from support.samples import SAMPLES

LAUNCH = "uv run nemotron steps run sft/automodel -c tiny --batch lepton"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of each sort: one with an error, one with none, one without the command."""
    return write(tmp_path, {"bad.sh": f"{MISSPELT}\n", "good.sh": f"{CORRECT}\n", "other.md": "# Nothing here\n"})


@pytest.mark.parametrize(
    "arguments", ["--show info --extend-select all", "--output-format sarif", "commands --all --json"]
)
def test_the_answer_is_always_the_same(tmp_path: Path, arguments: str) -> None:
    """It does not depend on the order of Python's sets, nor on what the process has loaded before."""
    write(tmp_path, SAMPLES)
    answers = [nemolint(tmp_path, *arguments.split(), env={"PYTHONHASHSEED": seed}, cold=True) for seed in "012"]
    answers.append(nemolint(tmp_path, *arguments.split()))
    assert answers == answers[:1] * 4 and answers[0].out.count("\n") > 50


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet(option: str, folder: Path) -> None:
    """Findings as ever, no summary; what went wrong is still said, and the exit code is the same."""
    loud, quiet = nemolint(folder), nemolint(folder, option)
    assert (quiet.code, quiet.out, quiet.err) == (loud.code, loud.out, "")
    assert nemolint(folder, option, "good.sh").err == ""
    done = nemolint(folder, option, "absent.md")
    assert (done.code, done.err) == (2, "nemolint: absent.md: no such file or folder\n")


def test_more_findings_than_a_format_holds(folder: Path) -> None:
    """A SARIF report that had to be cut is mentioned on standard error."""
    (folder / "many.sh").write_text("nemotron steps run mcq --dryrun\n" * 5_001)
    done = nemolint(folder, "--select", "misspelled-dry-run", "--output-format", "sarif=r.sarif", "many.sh")
    assert len(json.loads((folder / "r.sarif").read_text())["runs"][0]["results"]) == 5_000
    assert "nemolint: sarif: only the 5000 most severe of 5001 findings are in the report\n" in done.err


def test_an_env_toml_that_is_named_and_not_there(folder: Path) -> None:
    """An environment variable that names a missing env TOML is mentioned, and not that the CLI reads `env.toml`."""
    (folder / "a.sh").write_text("nemotron steps run sft/automodel -c tiny --dry-run --batch three\n")
    named = {"NEMOTRON_ENV_FILE": "nope.toml"}
    why = "but NEMOTRON_ENV_FILE in the environment names nope.toml, which does not exist"
    assert why in nemolint(folder, "--show", "info", "a.sh", env=named).out
    (folder / "env.three.toml").write_text('[three]\nexecutor = "local"\n')
    shown = nemolint(folder, "a.sh", env=named).out
    assert f"profile `three` is in env.three.toml, {why}" in shown


def test_severities(folder: Path) -> None:
    """`--fail-on` decides the exit code alone, and what fails is shown; `--show` decides what is shown."""
    (folder / "bad.sh").write_text("uv run nemotron steps run sft/automodel -c tiny\n")
    base = ("--select", "missing-dry-run", "--output-format", "concise", "bad.sh")
    warning = nemolint(folder, *base)
    assert warning.code == 1 and ": warning[missing-dry-run] " in warning.out
    assert nemolint(folder, *base, "--fail-on", "error") == (0, warning.out, warning.err)
    assert nemolint(folder, *base, "--exit-zero") == (0, warning.out, warning.err)
    hidden = "Checked 1 file, 1 run.\n1 warning is hidden: --show warning shows it.\n"
    assert nemolint(folder, *base, "--show", "error") == (1, "", hidden)


def test_info_is_shown_where_it_fails(folder: Path) -> None:
    """With `--fail-on info` the findings that fail the check are not hidden."""
    (folder / "nemolint.toml").write_text('[severity]\nmisspelled-dry-run = "info"\n')
    done = nemolint(folder, "--select", "misspelled-dry-run")
    assert (done.code, done.out) == (0, "") and done.err.endswith("1 info finding is hidden: --show info shows it.\n")
    done = nemolint(folder, "--select", "misspelled-dry-run", "--fail-on", "info")
    assert done.code == 1 and done.out.startswith("info[misspelled-dry-run]: ")


def test_formats(folder: Path) -> None:
    """The format changes neither exit code nor findings; one goes to stdout, others to files."""
    done = nemolint(
        folder, "--output-format", "json", "--output-format", "sarif=r.sarif", "--output-format", "concise=r.txt"
    )
    assert done.code == 1 and done.err == ""
    rows = json.loads(done.out)
    assert [(row["rule"], row["path"]) for row in rows] == [("misspelled-dry-run", "bad.sh")]
    assert json.loads((folder / "r.sarif").read_text())["version"] == "2.1.0"
    assert (folder / "r.txt").read_text().startswith("bad.sh:1:")
    assert nemolint(folder, "good.sh", "--output-format", "json").out == "[]\n"
    assert nemolint(folder, "--output-format", "json=absent/r.json").code == 2


def test_unsafe_fixes(folder: Path) -> None:
    """What may change the meaning is applied only when it is asked for."""
    (folder / "bad.sh").write_text(f"{LAUNCH}\n")
    arguments = ("bad.sh", "--select", "missing-dry-run", "--fix")
    assert nemolint(folder, *arguments).code == 1
    assert (folder / "bad.sh").read_text() == f"{LAUNCH}\n"
    assert nemolint(folder, *arguments, "--unsafe-fixes").code == 0
    assert "--dry-run" in (folder / "bad.sh").read_text()


def test_stdin(folder: Path) -> None:
    """A text of standard input keeps its line ends, and what needs no fix comes out as it is."""
    fixed = nemolint(folder, "--fix", "--stdin-filename", "x.md", "-", stdin=f"```bash\r\n{MISSPELT}\r\n```\r\n")
    assert (fixed.code, fixed.out) == (0, f"```bash\r\n{CORRECT}\r\n```\r\n")
    untouched = nemolint(folder, "--fix", "--stdin-filename", "x.sh", "-", stdin="echo é\r\n\n")
    assert (untouched.code, untouched.out) == (0, "echo é\r\n\n")


def test_every_rule_is_listed_and_explained(folder: Path) -> None:
    """In each format; in an example, settings are shown, and a file is written out once."""
    names = [row["name"] for row in nemolint(folder, "rules", "--json").rows()]
    assert "missing-dry-run" in names
    lines = nemolint(folder, "rules").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == names
    assert nemolint(folder, "rules", "--output-format", "markdown").out.count("\n| `") == len(names)
    assert '#   "translate/nemo_curator:input_path" = ' in nemolint(folder, "explain", "simplified-glob").out
    long = nemolint(folder, "explain", "mismatched-profile").out
    assert long.count("#   [base]") == 1 and "# with env.toml as above:" in long


def test_colors(folder: Path) -> None:
    """Colours only on request here, where stdout is not a terminal; NO_COLOR wins over FORCE_COLOR."""
    assert "\x1b" not in nemolint(folder).out
    assert "\x1b[" in nemolint(folder, "--color", "always").out
    assert "\x1b[" in nemolint(folder, env={"FORCE_COLOR": "1"}).out
    assert "\x1b" not in nemolint(folder, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out
    assert "\x1b" not in nemolint(folder, "--color", "never", env={"FORCE_COLOR": "1"}).out


def test_any_encoding_of_stdout(folder: Path) -> None:
    """Characters that stdout cannot take are escaped."""
    (folder / "bad.sh").write_text(f"{MISSPELT} name=日本語 \udcff\n", encoding="utf-8", errors="surrogateescape")
    done = nemolint(folder, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.code == 1 and "\\u65e5" in done.out


def test_help_and_version(folder: Path) -> None:
    """Every subcommand has its help; the version is answered without the rest of the tool."""
    for name in ("check", "commands", "baseline", "explain", "rules", "catalog", "cache"):
        done = nemolint(folder, name, "--help")
        assert done.code == 0 and done.out.startswith(f"usage: nemolint {name} [-h]") and done.err == ""
    code = (
        "import sys; sys.argv = ['nemolint', '--version']; from nemolint.__main__ import main; main(); "
        "print([m for m in ('argparse', 'dataclasses', 'pathlib', 'nemolint.commands.cli') if m in sys.modules])"
    )
    done = execute(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"], folder, code=0
    )
    version, modules = done.out.splitlines()
    assert version.startswith("nemolint ") and modules == "[]"


def test_light_without_candidates(folder: Path) -> None:
    """A tree without the command imports none of the heavy libraries, and not the engine."""
    (folder / "bad.sh").unlink()
    (folder / "good.sh").unlink()
    code = (
        "import sys; from nemolint.commands.cli import run; code = run([]); heavy = ('bashlex', 'libcst', 'pydantic', "
        "'pyromark', 'yaml', 'rich', 'asyncio', 'importlib.metadata', 'nemolint.linter.checker', 'nemolint_rules'); "
        "print(code, [m for m in heavy if m in sys.modules])"
    )
    assert python(code, folder).out == "0 []\n"


def test_broken_pipe(folder: Path) -> None:
    """A reader that has seen enough ends the command without a word."""
    (folder / "bad.sh").write_text(f"{MISSPELT}\n" * 1000)
    done = execute(["bash", "-c", f"'{sys.executable}' -m nemolint --output-format concise | head -n 1"], folder)
    assert done.out.count("\n") == 1 and done.err == ""


def test_interrupt(folder: Path) -> None:
    """Ctrl-C ends the command with 130 and one line."""
    process = start([*MODULE, "--stdin-filename", "a.sh", "-"], folder)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "nemolint: interrupted\n")


@pytest.mark.parametrize("at", ["nemolint.secrets.outgoing.GivenArguments.__init__", "gc.freeze"])
@pytest.mark.parametrize("arguments", ["--watch bad.sh", "explain unknown-step", "good.sh"])
def test_an_interrupt_at_the_start_or_the_end(folder: Path, at: str, arguments: str) -> None:
    """Ctrl-C before the command is set up, or when its work is done, ends it without a traceback, too."""
    before = (
        "import gc, os, signal, nemolint.secrets.outgoing, nemolint.commands.watched_check\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "nemolint.commands.watched_check.watch = lambda *_: 0\n"  # nothing ends it by itself
        f"{at} = lambda *_: os.kill(os.getpid(), signal.SIGINT)\n"
    )
    done = nemolint(folder, *arguments.split(), before=before, cold=True)
    assert done.code == 130 and done.err.endswith("nemolint: interrupted\n") and "Traceback" not in done.err


def test_hook_checks_the_whole_tree(folder: Path) -> None:
    """When a file is changed that others are judged by, all files are checked, else only the given ones."""
    (folder / "env.toml").write_text('[lepton]\nexecutor = "lepton"\n')
    assert nemolint(folder, "--hook", "good.sh").code == 0
    assert nemolint(folder, "--hook", "good.sh", "env.toml").code == 1
    quiet = nemolint(folder, "--hook", "other.md")
    assert (quiet.code, quiet.out) == (0, "")


def test_paths_are_relative(folder: Path) -> None:
    """Paths are reported from the working directory, absolute outside it."""
    inner = folder / "inner"
    inner.mkdir()
    assert "bad.sh:1:" in nemolint(folder, str(folder / "bad.sh"), "--output-format", "concise").out
    assert f"{folder}/bad.sh:1:" in nemolint(inner, "../bad.sh", "--output-format", "concise").out


def test_no_output_holds_a_secret(folder: Path) -> None:
    """Excerpts, differences, fixed copies on stdout, lists of commands: none shows six characters of a key."""
    secret = "nv" + "api-" + "Zq7Rk2Wm9Tx4Lp8Vb3Nc6Yd1Hf5Js0Ga" * 2
    (folder / "bad.sh").write_text(
        f"export NVIDIA_API_KEY={secret}\n{MISSPELT[:-1]}n server.api_key={secret} \\\n  a=1\n"
    )
    calls = [["--show", "info", "--output-format", name] for name in ("text", "concise", "json", "sarif", "github")]
    calls += [["--diff"], ["--diff", "--unsafe-fixes"], ["commands"], ["commands", "--json"], ["--fix", "--statistics"]]
    for arguments in calls:
        done = nemolint(folder, *arguments)
        assert "bad.sh" in done.shown, arguments
        assert not shown_of(done.shown, secret[6:]), arguments


def test_a_failing_rule(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule that raises makes exit code 2 and one line, and the other rules go on."""
    from nemolint.commands import cli
    from nemolint.linter import checker
    from nemolint.linter.loader import load_rules

    def fail(run: object, project: object) -> list[object]:
        raise RuntimeError("out of order")

    rules = dict(load_rules())
    rules["unknown-override"] = other(rules["unknown-override"], function=fail)
    monkeypatch.setattr(checker, "load_rules", lambda: rules)
    monkeypatch.chdir(folder)
    assert cli.run(["bad.sh", "good.sh"]) == 2
    captured = capsys.readouterr()
    assert "error[misspelled-dry-run]" in captured.out
    assert "bad.sh: rule unknown-override failed: RuntimeError: out of order (and 1 more)" in captured.err


def test_a_file_that_breaks_its_reader(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault on one file makes exit code 2 and names the place in the code, not the text; others are checked."""
    from nemolint.commands import cli
    from nemolint.linter import checker

    read = checker.read_document

    def fail(path: str, *arguments: object, **named: object) -> object:
        if path == "good.sh":
            raise ValueError("the text of the file")
        return read(path, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(checker, "read_document", fail)
    monkeypatch.chdir(folder)
    assert cli.run([]) == 2
    captured = capsys.readouterr()
    assert "error[misspelled-dry-run]" in captured.out
    assert "good.sh: internal error: ValueError at" in captured.err and "the text" not in captured.err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["chek"], "check"),
        (["CHECK"], "check"),
        (["lint", "bad.sh"], "check"),
        (["fix", "bad.sh"], "check --fix"),
        (["explian", "unknown-step", "--json"], "explain"),
        (["comands", "."], "commands"),
        (["base_line"], "baseline"),
        (["-q", "lint", "bad.sh"], "check"),
        (["--no-cache", "commands"], "commands"),
        (["xyzzy", "bad.sh"], ""),
        (["version2"], ""),
    ],
)
def test_a_word_that_is_neither_a_subcommand_nor_a_path(folder: Path, words: list[str], meant: str) -> None:
    """It is a usage error that names the nearest subcommand, and nothing is checked; a path of that name is checked."""
    done = nemolint(folder, *words)
    assert (done.code, done.out) == (2, "") and done.err.count("\n") == 1
    assert (f"nemolint {meant}`" in done.err) if meant else "see `nemolint --help`" in done.err
    word = next(word for word in words if not word.startswith("-"))
    assert f"`{word}`" in done.err or f"`nemolint {word}`" in done.err
    assert nemolint(folder, "--", word).err.startswith(f"nemolint: {word}: no such file or folder\n")
    write(folder, {f"{word}/a.sh": f"{MISSPELT}\n"})
    if word not in ("commands",):
        assert f"{word}/a.sh:1" in nemolint(folder, "--output-format=concise", word).out


@pytest.mark.parametrize("subcommand", ["", "check", "commands", "baseline"])
@pytest.mark.parametrize(
    "arguments",
    [
        [""],
        ["bad.sh", ""],
        ["--", ""],
        ["--config", ""],
        ["--env-file="],
        ["--nemotron", ""],
        ["--stdin-filename=", "-"],
    ],
)
def test_an_empty_path_is_a_usage_error(folder: Path, subcommand: str, arguments: list[str]) -> None:
    """An empty variable of a script does not become the current folder."""
    done = nemolint(folder, *filter(None, [subcommand]), *arguments)
    assert (done.code, done.out) == (2, "") and "is empty: give a path\n" in done.err
    assert not (folder / "nemolint-baseline.json").exists()


@pytest.mark.parametrize("option", ["--hoook", "--hok", "--hook-", "--hoo"])
def test_a_hidden_option_is_not_suggested(folder: Path, option: str) -> None:
    """An option that only the pre-commit hook uses is named in no suggestion and in no help."""
    done = nemolint(folder, option)
    assert done.code == 2 and "did you mean `--hook`" not in done.err
    assert "--hook" not in nemolint(folder, "check", "--help").out


@pytest.mark.parametrize(("typed", "meant"), [("--versio", "--version"), ("--print-complet", "--print-completion")])
def test_options_of_the_command_itself_are_suggested(folder: Path, typed: str, meant: str) -> None:
    """Without a subcommand there are more options than those of `check`; behind `check` these would be refused."""
    assert f"(did you mean `{meant}`?)" in nemolint(folder, typed).err
    assert meant not in nemolint(folder, "check", typed).err


@pytest.mark.parametrize(
    "words", ["rules foo", "explain missing-value foo", "cache clean foo", "catalog sft/automodel foo"]
)
def test_a_word_too_many_is_not_called_an_option(folder: Path, words: str) -> None:
    """A subcommand that takes no further word says so."""
    done = nemolint(folder, *words.split())
    assert (done.code, done.out) == (2, "") and done.err.startswith("nemolint: unexpected argument: foo\n")


@pytest.mark.parametrize("kind", ["folder", "missing", "pipe", "loop", "below a file"])
@pytest.mark.parametrize("subcommand", ["check", "commands", "baseline", "catalog"])
def test_an_env_file_that_cannot_be_read(folder: Path, subcommand: str, kind: str) -> None:
    """It is a usage error, and nothing else is said or done."""
    name = {"below a file": "bad.sh/env.toml"}.get(kind, "env.x.toml")
    if kind == "folder":
        (folder / name).mkdir()
    elif kind == "pipe":
        os.mkfifo(folder / name)
    elif kind == "loop":
        (folder / name).symlink_to(name)
    done = nemolint(folder, subcommand, "--env-file", name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"nemolint: --env-file: {name} ") and done.err.count("\n") == 1
    assert not (folder / "nemolint-baseline.json").exists()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "utf-16", "cp037"])
@pytest.mark.parametrize("format", [name for name in FORMATS if name not in FOR_PEOPLE])
def test_formats_for_programs_are_utf8(folder: Path, format: str, encoding: str) -> None:
    """Whatever the locale is, and from the cache, too: a reader of XML or JSON takes nothing else."""
    # A file of such a name, and such a value in a message.
    (folder / "caf\xe9 \u2713.sh").write_text("nemotron steps run sft/automodel -c ti\xf1y\u65e5 --dryrun\n", "utf-8")
    env = {"PYTHONIOENCODING": encoding}
    wanted = nemolint(folder, "--no-cache", "--output-format", format, env={"PYTHONIOENCODING": "utf-8"})
    time.sleep(0.1)
    for _ in range(2):
        # One format in a Python that starts in such a locale, the others in one whose streams are opened like that.
        done = nemolint(folder, "--output-format", format, env=env, cold=format == "json")
        assert (done.code, done.out) == (1, wanted.out)
    if format == "junit":
        suites = [item.get("name") for item in ElementTree.fromstring(done.stdout)]
        assert "caf\xe9 \u2713.sh" in suites


@pytest.mark.parametrize(
    "arguments",
    [
        ["commands", "--json"], ["rules", "--json"], ["rules", "--schema"], ["catalog", "--json"],
        ["rules", "--output-format", "markdown"], ["--show-settings"], ["--print-completion", "bash"], ["--diff"],
    ],
)  # fmt: skip
def test_other_outputs_for_programs_are_utf8(folder: Path, arguments: list[str]) -> None:
    """So is everything else that a program reads."""
    (folder / "bad.sh").write_text(f"{MISSPELT} a=\xe9\u65e5\n", "utf-8")
    wanted = nemolint(folder, *arguments, env={"PYTHONIOENCODING": "utf-8"})
    done = nemolint(folder, *arguments, env={"PYTHONIOENCODING": "utf-16", "PYTHONUTF8": "0"})
    assert (done.code, done.out) == (wanted.code, wanted.out) and done.out


NARROW = ["--help", "rules", "--statistics", "bad.sh", "good.sh", "commands --help", "check --help", "baseline --help"]
NARROW += ["explain --help", "rules --help", "catalog --help", "cache --help", "chek --help", "--diff bad.sh"]


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
@pytest.mark.parametrize("arguments", NARROW)
def test_a_narrow_terminal(folder: Path, arguments: str, columns: int) -> None:
    """Help, rules and the summary fit into the columns of the terminal, and lose no word by it."""
    done = nemolint(folder, *arguments.split(), env={"COLUMNS": str(columns)})
    lines = done.shown.splitlines() if arguments != "--diff bad.sh" else done.err.splitlines()
    if "chek" not in arguments:  # an error stays on one line, so that logs can be searched for it
        assert [line for line in lines if len(line) > columns] == []
    wide = nemolint(folder, *arguments.split())
    if arguments in ("--help", "good.sh"):
        assert done.shown.split() == wide.shown.split()
    if arguments == "rules":
        assert not set(load_rules()) - {*done.out.split()}


def test_files_that_would_be_checked(folder: Path) -> None:
    """`--show-files` lists them, and checks nothing; what cannot be read is exit code 2."""
    write(folder, {"env.toml": "", "nemolint.toml": 'exclude = ["good.sh"]\n', "sub/a.md": f"`{MISSPELT}`\n"})
    done = nemolint(folder, "--show-files")
    assert (done.code, done.out, done.err) == (0, "bad.sh\nenv.toml\nsub/a.md\n", "")
    assert nemolint(folder, "--show-files", "sub", "good.sh").out == "sub/a.md\ngood.sh\n"
    assert nemolint(folder, "--show-files", "--exclude", "sub", ".").out == "bad.sh\nenv.toml\n"
    assert nemolint(folder, "--show-files", "--stdin-filename", "x.sh", "-", stdin="x").out == "x.sh\n"
    (folder / "bad.sh").write_bytes(MISSPELT.encode() + b"\0")
    done = nemolint(folder, "--show-files")
    assert (done.code, done.out) == (2, "env.toml\nsub/a.md\n") and "bad.sh: not checked" in done.err


def test_verbose(folder: Path) -> None:
    """Standard error says what was read, by which settings, and how long it took; nothing else changes."""
    write(folder, {"nemolint.toml": "extends = 'base.toml'\n", "base.toml": "", "env.toml": "[lepton]\n"})
    write(folder, {"pyproject.toml": "", "more.sh": f"{LAUNCH} -d\n"})
    quiet = nemolint(folder)
    for count in range(2):
        done = nemolint(folder, "--verbose")
        assert (done.code, done.out) == (quiet.code, quiet.out)
        for word in ("settings from nemolint.toml", "settings from base.toml", "steps from the bundled catalog of ",
                     "\n    env.toml\n", " s to find and check files", "cache in "):  # fmt: skip
            assert word in done.err, count
        assert (
            "bad.sh: checked in " in done.err or "bad.sh: unchanged, taken from the cache (nemolint.toml)" in done.err
        )
    assert "more.sh: checked in" in nemolint(folder, "-v", "--no-cache").err
    assert "cache in" not in nemolint(folder, "-v", "--no-cache").err
    assert "more.sh: checked by another process" in nemolint(folder, "-v", "--no-cache", env={WORKERS: "2"}).err


@pytest.mark.parametrize("arguments", [["--version", "--verbose"], ["-V", "-v"], ["--verbose", "--version"]])
def test_versions(folder: Path, arguments: list[str]) -> None:
    """`--version --verbose` names what a finding may depend on."""
    done = nemolint(folder, *arguments)
    assert done.code == 0 and done.err == "" and done.out.startswith("nemolint ")
    for word in ("\nPython 3.", "\nbashlex ", "\nlibcst ", "\npydantic ", "\npyromark ", "\nbundled catalog of 20",
                 f"\nrule pack nemolint_rules: {len(load_rules())} rules\n"):  # fmt: skip
        assert word in done.out
    assert "not installed" not in done.out


@pytest.mark.parametrize(
    ("environ", "colored"),
    [
        ({}, False),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"CLICOLOR_FORCE": ""}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0", "CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR": "0", "CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR": "1"}, False),
        ({"NO_COLOR": "1", "CLICOLOR_FORCE": "1", "FORCE_COLOR": "1"}, False),
        ({"NO_COLOR": "", "CLICOLOR_FORCE": "1"}, True),
    ],
)
def test_variables_for_colors(folder: Path, environ: dict[str, str], colored: bool) -> None:
    """NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE count, also for a cached answer; `--color` wins over them."""
    nemolint(folder)
    time.sleep(0.1)
    for _ in range(2):
        assert ("\x1b[" in nemolint(folder, env=environ).out) is colored
    assert "\x1b[" in nemolint(folder, "--color", "always", env=environ).out
    assert "\x1b[" not in nemolint(folder, "--color", "never", env=environ).out


def test_no_color_on_a_terminal() -> None:
    """CLICOLOR=0 and a dumb terminal turn colours off where a terminal would have them."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for environ, colored in (
        ({}, True),
        ({"CLICOLOR": "0"}, False),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "x"}, False),
    ):
        assert use_color("auto", Terminal(), environ) is colored
