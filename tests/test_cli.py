"""The command as its users and their scripts meet it: arguments, streams, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.command import nemolint
from support.rules import other

LAUNCH = "uv run nemotron steps run sft/automodel -c tiny --batch lepton"
MISSPELT = "uv run nemotron steps run sft/automodel -c tiny --dryrun"
CLEAN = "uv run nemotron steps run sft/automodel -c tiny --dry-run"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of each sort: one with an error, one with none, one without the command."""
    (tmp_path / "bad.sh").write_text(f"{MISSPELT}\n")
    (tmp_path / "good.sh").write_text(f"{CLEAN}\n")
    (tmp_path / "other.md").write_text("# Nothing here\n")
    return tmp_path


def test_exit_codes_and_streams(folder: Path) -> None:
    """0 without findings, 1 with; findings on stdout, all else on stderr."""
    found = nemolint(folder)
    assert found.code == 1
    assert "error[misspelled-dry-run]" in found.out and " --> bad.sh:1:" in found.out
    assert "Found 1 error" in found.err and "(checked 2 files, 2 runs)" in found.err
    clean = nemolint(folder, "good.sh")
    assert (clean.code, clean.out, clean.err) == (0, "", "All clear: 1 run in 1 file.\n")
    nothing = nemolint(folder, "check", "other.md")
    assert (nothing.code, nothing.out) == (0, "")


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet(option: str, folder: Path) -> None:
    """Findings as ever, no summary; what went wrong is still said, and the exit code is the same."""
    loud, quiet = nemolint(folder), nemolint(folder, option)
    assert (quiet.code, quiet.out, quiet.err) == (loud.code, loud.out, "")
    assert nemolint(folder, option, "good.sh").err == ""
    done = nemolint(folder, option, "absent.md")
    assert (done.code, done.err) == (2, "nemolint: absent.md: no such file or folder\n")


def test_more_findings_than_a_format_holds(folder: Path) -> None:
    """A SARIF that had to be cut is told of on standard error."""
    (folder / "many.sh").write_text(f"{MISSPELT}\n" * 5_001)
    done = nemolint(folder, "--output-format", "sarif=r.sarif", "many.sh")
    assert len(json.loads((folder / "r.sarif").read_text())["runs"][0]["results"]) == 5_000
    assert "nemolint: sarif: only the 5000 most severe of 5001 findings are in the report\n" in done.err


def test_what_a_variable_holds(folder: Path) -> None:
    """A finding about a part of a variable's value names that part, and where it is written."""
    (folder / "a.sh").write_text('ARGS="-c tiny seed=1 --dryrun"\nnemotron steps run sft/automodel $ARGS seed=2\n')
    shown = nemolint(folder, "a.sh").out
    assert "error[misspelled-dry-run]: `--dryrun` is not an option" in shown
    assert "--> a.sh:2:34" in shown and "note: this part of `$ARGS` is written here (a.sh:1:22)" in shown
    assert "warning[repeated-override]" in shown and "here (a.sh:1:15)" in shown
    assert "note: the value that counts (a.sh:2:40)" in shown


def test_an_env_toml_that_is_named_and_not_there(folder: Path) -> None:
    """A variable of the environment that names a missing env TOML is told of, and not that the CLI reads `env.toml`."""
    (folder / "a.sh").write_text("nemotron steps run sft/automodel -c tiny --dry-run --batch three\n")
    named = {"NEMOTRON_ENV_FILE": "nope.toml"}
    why = "but NEMOTRON_ENV_FILE in the environment names nope.toml, which is not there"
    assert why in nemolint(folder, "--show", "info", "a.sh", env=named).out
    (folder / "env.three.toml").write_text('[three]\nexecutor = "local"\n')
    shown = nemolint(folder, "a.sh", env=named).out
    assert f"profile `three` is in env.three.toml, {why}" in shown


def test_missing_path(folder: Path) -> None:
    """A path that does not exist makes exit code 2, and the others are checked and reported."""
    done = nemolint(folder, "absent.md", "bad.sh")
    assert done.code == 2
    assert "bad.sh" in done.out and "nemolint: absent.md: no such file or folder" in done.err


USAGE = {
    "unknown option": (["--dif"], '(did you mean "--diff"?)'),
    "unknown rule": (["--select", "missing-dryrun"], '--select: unknown rule "missing-dryrun" (did you mean'),
    "unknown ignored rule": (["--ignore", "unknown-profile,unknown-confg"], '(did you mean "unknown-config"?)'),
    "unknown format": (["--output-format", "sarf"], '(did you mean "sarif"?)'),
    "two formats for stdout": (["--output-format", "json", "--output-format", "text"], "only one format"),
    "unsafe alone": (["--unsafe-fixes"], "add --fix"),
    "stdin without a name": (["-"], "--stdin-filename"),
    "stdin with files": (["--stdin-filename", "a.md", "-", "b.md"], "together with files"),
    "no such prompt": (["--prompt", "absent.txt"], "absent.txt cannot be read"),
    "no such env file": (["--env-file", "absent.toml"], "absent.toml does not exist"),
    "no checkout": (["--nemotron", "."], "is not a Nemotron checkout"),
    "no such settings": (["--config", "absent.toml"], "absent.toml: cannot read the settings"),
    "a group for a rule": (["explain", "launch"], '"launch" is a group, not a rule (it holds `missing-dry-run`, '),
    "unknown subcommand": (["chek", "my"], "did you mean `nemolint check`?"),
    "no such rule": (["explain", "missing-dryrun"], 'did you mean "missing-dry-run"'),
}


@pytest.mark.parametrize("name", USAGE)
def test_wrong_usage(name: str, folder: Path) -> None:
    """Exit code 2, nothing on stdout, and a message that says what to do."""
    arguments, message = USAGE[name]
    done = nemolint(folder, *arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_groups_are_named(folder: Path) -> None:
    """Who writes `--select` finds the groups in the help and in the list of rules."""
    assert " secrets, profiles, paths, launch, " in nemolint(folder, "--help").out
    [line] = [line for line in nemolint(folder, "rules").out.splitlines() if line.startswith("missing-dry-run ")]
    assert line.split()[1] == "launch"


def test_examples_with_settings(folder: Path) -> None:
    """An example that its settings make a finding is shown with them."""
    assert '#   "translate/nemo_curator:input_path" = ' in nemolint(folder, "explain", "simplified-glob").out


def test_settings_errors(folder: Path) -> None:
    """Settings that cannot be used make exit code 2 and name the place."""
    (folder / "nemolint.toml").write_text('\n[severity]\nmissing-dryrun = "off"\n')
    done = nemolint(folder)
    assert (done.code, done.out) == (2, "")
    assert 'nemolint.toml:3: severity: unknown rule "missing-dryrun"' in done.err


def test_severities(folder: Path) -> None:
    """`--fail-on` decides the exit code alone, and what fails is shown; `--show` decides what is shown."""
    (folder / "bad.sh").write_text("uv run nemotron steps run sft/automodel -c tiny\n")
    warning = nemolint(folder, "--select", "missing-dry-run", "bad.sh")
    assert warning.code == 1 and "warning[missing-dry-run]" in warning.out
    lenient = nemolint(folder, "--select", "missing-dry-run", "--fail-on", "error", "bad.sh")
    assert lenient.code == 0 and "warning[missing-dry-run]" in lenient.out
    hidden = nemolint(folder, "--select", "missing-dry-run", "--show", "error", "bad.sh")
    assert (hidden.code, hidden.out) == (1, "")
    assert "1 warning is hidden: --show warning shows it." in hidden.err
    assert nemolint(folder, "--exit-zero", "bad.sh").code == 0


def test_info_is_shown_where_it_fails(folder: Path) -> None:
    """With `--fail-on info` the findings that fail the check are not hidden."""
    (folder / "nemolint.toml").write_text('[severity]\nmisspelled-dry-run = "info"\n')
    done = nemolint(folder, "--select", "misspelled-dry-run")
    assert (done.code, done.out) == (0, "") and "1 info finding is hidden" in done.err
    done = nemolint(folder, "--select", "misspelled-dry-run", "--fail-on", "info")
    assert done.code == 1 and "info[misspelled-dry-run]" in done.out


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


def test_fix_and_diff(folder: Path) -> None:
    """`--diff` shows and changes nothing; `--fix` applies the safe fixes and reports what is left."""
    before = (folder / "bad.sh").read_text()
    diff = nemolint(folder, "--diff")
    assert diff.code == 1 and "Would fix 1 finding in 1 file." in diff.err
    assert f"-{MISSPELT}\n+{CLEAN}\n" in diff.out
    assert (folder / "bad.sh").read_text() == before
    fixed = nemolint(folder, "--fix")
    assert (fixed.code, fixed.out) == (0, "")
    assert "Fixed 1 finding in 1 file." in fixed.err
    assert (folder / "bad.sh").read_text() == f"{CLEAN}\n"
    assert nemolint(folder, "--diff").out == ""


def test_a_difference_tells_what_it_leaves(folder: Path) -> None:
    """A fix that would introduce another finding is left out of a diff, too, and the summary says so."""
    (folder / "a.sh").write_text("nemotron steps run sft/automodl -c tiny\n")
    done = nemolint(folder, "--diff", "--unsafe-fixes", "a.sh")
    assert done.out == "" and "1 finding left: a fix is skipped if it would introduce" in done.err
    assert "left:" not in nemolint(folder, "--diff", "bad.sh").err


def test_unsafe_fixes(folder: Path) -> None:
    """What may change the meaning is applied only when it is asked for."""
    (folder / "bad.sh").write_text(f"{LAUNCH}\n")
    arguments = ("bad.sh", "--select", "missing-dry-run", "--fix")
    assert nemolint(folder, *arguments).code == 1
    assert (folder / "bad.sh").read_text() == f"{LAUNCH}\n"
    assert nemolint(folder, *arguments, "--unsafe-fixes").code == 0
    assert "--dry-run" in (folder / "bad.sh").read_text()


def test_stdin(folder: Path) -> None:
    """Standard input is checked under its name; with `--fix` the fixed text is printed instead of findings."""
    found = nemolint(folder, "--stdin-filename", "docs/x.md", "-", stdin=f"```bash\r\n{MISSPELT}\r\n```\r\n")
    assert found.code == 1 and " --> docs/x.md:2:" in found.out
    fixed = nemolint(folder, "--fix", "--stdin-filename", "x.sh", "-", stdin=f"{MISSPELT}\n")
    assert (fixed.code, fixed.out) == (0, f"{CLEAN}\n")
    untouched = nemolint(folder, "--fix", "--stdin-filename", "x.sh", "-", stdin="echo é\r\n\n")
    assert (untouched.code, untouched.out) == (0, "echo é\r\n\n")


def test_commands(folder: Path) -> None:
    """Every run is listed with exactly the agreed keys; mentions only when asked for."""
    (folder / "note.md").write_text("The page of `nemotron steps run` says more.\n")
    rows = json.loads(nemolint(folder, "commands", "--output-format", "json").out)
    assert [(row["path"], row["step"], row["dry_run"]) for row in rows] == [
        ("bad.sh", "sft/automodel", False),
        ("good.sh", "sft/automodel", True),
    ]
    assert list(rows[0]) == [
        "path", "cell", "line", "column", "end_line", "end_column", "container", "surface", "role", "launcher", "step",
        "step_id", "config", "run", "batch", "dry_run", "overrides", "passthrough", "tier", "blockers",
    ]  # fmt: skip
    assert [row["passthrough"] for row in rows] == [["--dryrun"], []], "an option that the CLI lacks is passed through"
    everything = json.loads(nemolint(folder, "commands", "--all", "--json").out)
    assert [row["role"] for row in everything if row["path"] == "note.md"] == ["mention"]
    text = nemolint(folder, "commands")
    assert text.code == 0 and len(text.out.splitlines()) == 2 and "2 runs in 2 files." in text.err
    assert "-c tiny --dryrun\n" in text.out


def test_rules_and_explain(folder: Path) -> None:
    """Each rule is listed and explained, with examples and their carets."""
    listed = json.loads(nemolint(folder, "rules", "--json").out)
    assert "missing-dry-run" in [row["name"] for row in listed]
    assert "missing-dry-run" in nemolint(folder, "rules").out
    assert "| `missing-dry-run` |" in nemolint(folder, "rules", "--output-format", "markdown").out
    text = nemolint(folder, "explain", "missing-dry-run").out
    assert text.startswith("missing-dry-run\n") and "Reported:" in text and "^^^" in text
    long = nemolint(folder, "explain", "mismatched-profile").out
    assert long.count("#   [base]") == 1 and "# with env.toml as above:" in long, "a file is written out once"


def test_catalog(folder: Path) -> None:
    """The catalog names steps; an unknown one is an error that names close ones."""
    assert "sft/automodel" in nemolint(folder, "catalog").out
    assert "tiny" in nemolint(folder, "catalog", "sft/automodel").out
    assert json.loads(nemolint(folder, "catalog", "--json").out)
    unknown = nemolint(folder, "catalog", "sft/automodle")
    assert (unknown.code, unknown.out) == (2, "") and "sft/automodel" in unknown.err
    assert nemolint(folder, "catalog", "--build", "x.json").code == 2


def test_colors(folder: Path) -> None:
    """Colours only on request here, where stdout is no terminal; NO_COLOR wins over FORCE_COLOR."""
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


def test_show_settings(folder: Path) -> None:
    """The settings in force are shown under the names of the settings file."""
    (folder / "nemolint.toml").write_text('profiles = ["x"]\n')
    shown = json.loads(nemolint(folder, "--show-settings", "--ignore", "unknown-step").out)
    assert (shown["profiles"], shown["ignore"]) == (["x"], ["unknown-step"])


def test_statistics(folder: Path) -> None:
    """The count of each rule goes to stderr."""
    done = nemolint(folder, "--statistics", "--output-format", "json")
    assert "1  error    misspelled-dry-run" in done.err and len(json.loads(done.out)) == 1


def test_help_and_version(folder: Path) -> None:
    """Help names every subcommand; the version is answered without the rest of the tool."""
    for arguments in (["--help"], ["check", "--help"], ["commands", "--help"], ["explain", "--help"]):
        done = nemolint(folder, *arguments)
        assert done.code == 0 and "nemolint" in done.out and done.err == ""
    code = (
        "import sys; sys.argv = ['nemolint', '--version']; from nemolint.__main__ import main; main(); "
        "print([m for m in ('argparse', 'dataclasses', 'pathlib', 'nemolint.commands.cli') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
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
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert done.out.strip() == "0 []"


def test_broken_pipe(folder: Path) -> None:
    """A reader that has seen enough ends the command without a word."""
    (folder / "bad.sh").write_text(f"{MISSPELT}\n" * 3000)
    command = f"'{sys.executable}' -m nemolint --output-format concise | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.out.count("\n") == 1 and done.err == ""


def test_interrupt(folder: Path) -> None:
    """Ctrl-C ends the command with 130 and one line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nemolint", "--stdin-filename", "a.sh", "-"],
        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.code, out, err) == (130, "", "nemolint: interrupted\n")


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
        shown = done.out + done.err
        assert "bad.sh" in shown, arguments
        assert not any(secret[at : at + 6] in shown for at in range(6, len(secret) - 5)), arguments


def test_a_failing_rule(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule that raises makes exit code 2 and one line, and the other rules go on."""

    from nemolint.commands import cli
    from nemolint.linter import checker
    from nemolint.linter.loader import load_rules

    def fail(run: object, project: object) -> list[object]:
        raise RuntimeError("out of order")

    rules = dict(load_rules())
    rules["missing-dry-run"] = other(rules["missing-dry-run"], function=fail)
    monkeypatch.setattr(checker, "load_rules", lambda: rules)
    monkeypatch.chdir(folder)
    assert cli.run(["bad.sh", "good.sh"]) == 2
    captured = capsys.readouterr()
    assert "error[misspelled-dry-run]" in captured.out
    assert "bad.sh: rule missing-dry-run failed: RuntimeError: out of order (and 1 more)" in captured.err


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
