"""The command as its users and their scripts meet it: arguments, streams, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LAUNCH = "uv run nemotron steps run sft/automodel -c tiny --batch lepton"
MISSPELT = "uv run nemotron steps run sft/automodel -c tiny --dryrun"
CLEAN = "uv run nemotron steps run sft/automodel -c tiny --dry-run"


def _run(
    folder: Path, *arguments: str, stdin: str | bytes | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    environ.pop("NEMOTRON_ENV_FILE", None)
    done = subprocess.run(
        [sys.executable, "-m", "nemolint", *arguments],
        cwd=folder,
        env=environ | (env or {}),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of each sort: one with an error, one with none, one without the command."""
    (tmp_path / "bad.sh").write_text(f"{MISSPELT}\n")
    (tmp_path / "good.sh").write_text(f"{CLEAN}\n")
    (tmp_path / "other.md").write_text("# Nothing here\n")
    return tmp_path


def test_exit_codes_and_streams(folder: Path) -> None:
    """0 without findings, 1 with; findings on stdout, all else on stderr."""
    found = _run(folder)
    assert found.returncode == 1
    assert "error[misspelled-dry-run]" in found.stdout and " --> bad.sh:1:" in found.stdout
    assert "Found 1 error" in found.stderr and "(checked 2 files, 2 runs)" in found.stderr
    clean = _run(folder, "good.sh")
    assert (clean.returncode, clean.stdout, clean.stderr) == (0, "", "All clear: 1 run in 1 file.\n")
    nothing = _run(folder, "check", "other.md")
    assert (nothing.returncode, nothing.stdout) == (0, "")


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet(option: str, folder: Path) -> None:
    """Findings as ever, no summary; what went wrong is still said, and the exit code is the same."""
    loud, quiet = _run(folder), _run(folder, option)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (loud.returncode, loud.stdout, "")
    assert _run(folder, option, "good.sh").stderr == ""
    done = _run(folder, option, "absent.md")
    assert (done.returncode, done.stderr) == (2, "nemolint: absent.md: no such file or folder\n")


def test_more_findings_than_a_format_holds(folder: Path) -> None:
    """A SARIF that had to be cut is told of on standard error."""
    (folder / "many.sh").write_text(f"{MISSPELT}\n" * 5_001)
    done = _run(folder, "--output-format", "sarif=r.sarif", "many.sh")
    assert len(json.loads((folder / "r.sarif").read_text())["runs"][0]["results"]) == 5_000
    assert "nemolint: sarif: only the 5000 most severe of 5001 findings are in the report\n" in done.stderr


def test_what_a_variable_holds(folder: Path) -> None:
    """A finding about a part of a variable's value names that part, and where it is written."""
    (folder / "a.sh").write_text('ARGS="-c tiny seed=1 --dryrun"\nnemotron steps run sft/automodel $ARGS seed=2\n')
    shown = _run(folder, "a.sh").stdout
    assert "error[misspelled-dry-run]: `--dryrun` is not an option" in shown
    assert "--> a.sh:2:34" in shown and "note: this part of `$ARGS` is written here (a.sh:1:22)" in shown
    assert "warning[repeated-override]" in shown and "here (a.sh:1:15)" in shown
    assert "note: the value that counts (a.sh:2:40)" in shown


def test_an_env_toml_that_is_named_and_not_there(folder: Path) -> None:
    """A variable of the environment that names a missing env TOML is told of, and not that the CLI reads `env.toml`."""
    (folder / "a.sh").write_text("nemotron steps run sft/automodel -c tiny --dry-run --batch three\n")
    named = {"NEMOTRON_ENV_FILE": "nope.toml"}
    why = "but NEMOTRON_ENV_FILE in the environment names nope.toml, which is not there"
    assert why in _run(folder, "--show", "info", "a.sh", env=named).stdout
    (folder / "env.three.toml").write_text('[three]\nexecutor = "local"\n')
    shown = _run(folder, "a.sh", env=named).stdout
    assert f"profile `three` is in env.three.toml, {why}" in shown


def test_missing_path(folder: Path) -> None:
    """A path that does not exist makes exit code 2, and the others are checked and reported."""
    done = _run(folder, "absent.md", "bad.sh")
    assert done.returncode == 2
    assert "bad.sh" in done.stdout and "nemolint: absent.md: no such file or folder" in done.stderr


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
    done = _run(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_groups_are_named(folder: Path) -> None:
    """Who writes `--select` finds the groups in the help and in the list of rules."""
    assert " secrets, profiles, paths, launch, " in _run(folder, "--help").stdout
    [line] = [line for line in _run(folder, "rules").stdout.splitlines() if line.startswith("missing-dry-run ")]
    assert line.split()[1] == "launch"


def test_examples_with_settings(folder: Path) -> None:
    """An example that its settings make a finding is shown with them."""
    assert '#   "translate/nemo_curator:input_path" = ' in _run(folder, "explain", "simplified-glob").stdout


def test_settings_errors(folder: Path) -> None:
    """Settings that cannot be used make exit code 2 and name the place."""
    (folder / "nemolint.toml").write_text('\n[severity]\nmissing-dryrun = "off"\n')
    done = _run(folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert 'nemolint.toml:3: severity: unknown rule "missing-dryrun"' in done.stderr


def test_severities(folder: Path) -> None:
    """`--fail-on` decides the exit code alone, and what fails is shown; `--show` decides what is shown."""
    (folder / "bad.sh").write_text("uv run nemotron steps run sft/automodel -c tiny\n")
    warning = _run(folder, "--select", "missing-dry-run", "bad.sh")
    assert warning.returncode == 1 and "warning[missing-dry-run]" in warning.stdout
    lenient = _run(folder, "--select", "missing-dry-run", "--fail-on", "error", "bad.sh")
    assert lenient.returncode == 0 and "warning[missing-dry-run]" in lenient.stdout
    hidden = _run(folder, "--select", "missing-dry-run", "--show", "error", "bad.sh")
    assert (hidden.returncode, hidden.stdout) == (1, "")
    assert "1 warning is hidden: --show warning shows it." in hidden.stderr
    assert _run(folder, "--exit-zero", "bad.sh").returncode == 0


def test_info_is_shown_where_it_fails(folder: Path) -> None:
    """With `--fail-on info` the findings that fail the check are not hidden."""
    (folder / "nemolint.toml").write_text('[severity]\nmisspelled-dry-run = "info"\n')
    done = _run(folder, "--select", "misspelled-dry-run")
    assert (done.returncode, done.stdout) == (0, "") and "1 info finding is hidden" in done.stderr
    done = _run(folder, "--select", "misspelled-dry-run", "--fail-on", "info")
    assert done.returncode == 1 and "info[misspelled-dry-run]" in done.stdout


def test_formats(folder: Path) -> None:
    """The format changes neither exit code nor findings; one goes to stdout, others to files."""
    done = _run(
        folder, "--output-format", "json", "--output-format", "sarif=r.sarif", "--output-format", "concise=r.txt"
    )
    assert done.returncode == 1 and done.stderr == ""
    rows = json.loads(done.stdout)
    assert [(row["rule"], row["path"]) for row in rows] == [("misspelled-dry-run", "bad.sh")]
    assert json.loads((folder / "r.sarif").read_text())["version"] == "2.1.0"
    assert (folder / "r.txt").read_text().startswith("bad.sh:1:")
    assert _run(folder, "good.sh", "--output-format", "json").stdout == "[]\n"
    assert _run(folder, "--output-format", "json=absent/r.json").returncode == 2


def test_fix_and_diff(folder: Path) -> None:
    """`--diff` shows and changes nothing; `--fix` applies the safe fixes and reports what is left."""
    before = (folder / "bad.sh").read_text()
    diff = _run(folder, "--diff")
    assert diff.returncode == 1 and "Would fix 1 finding in 1 file." in diff.stderr
    assert f"-{MISSPELT}\n+{CLEAN}\n" in diff.stdout
    assert (folder / "bad.sh").read_text() == before
    fixed = _run(folder, "--fix")
    assert (fixed.returncode, fixed.stdout) == (0, "")
    assert "Fixed 1 finding in 1 file." in fixed.stderr
    assert (folder / "bad.sh").read_text() == f"{CLEAN}\n"
    assert _run(folder, "--diff").stdout == ""


def test_a_difference_tells_what_it_leaves(folder: Path) -> None:
    """A fix that would introduce another finding is left out of a diff, too, and the summary says so."""
    (folder / "a.sh").write_text("nemotron steps run sft/automodl -c tiny\n")
    done = _run(folder, "--diff", "--unsafe-fixes", "a.sh")
    assert done.stdout == "" and "1 finding left: a fix is skipped if it would introduce" in done.stderr
    assert "left:" not in _run(folder, "--diff", "bad.sh").stderr


def test_unsafe_fixes(folder: Path) -> None:
    """What may change the meaning is applied only when it is asked for."""
    (folder / "bad.sh").write_text(f"{LAUNCH}\n")
    arguments = ("bad.sh", "--select", "missing-dry-run", "--fix")
    assert _run(folder, *arguments).returncode == 1
    assert (folder / "bad.sh").read_text() == f"{LAUNCH}\n"
    assert _run(folder, *arguments, "--unsafe-fixes").returncode == 0
    assert "--dry-run" in (folder / "bad.sh").read_text()


def test_stdin(folder: Path) -> None:
    """Standard input is checked under its name; with `--fix` the fixed text is printed instead of findings."""
    found = _run(folder, "--stdin-filename", "docs/x.md", "-", stdin=f"```bash\r\n{MISSPELT}\r\n```\r\n")
    assert found.returncode == 1 and " --> docs/x.md:2:" in found.stdout
    fixed = _run(folder, "--fix", "--stdin-filename", "x.sh", "-", stdin=f"{MISSPELT}\n")
    assert (fixed.returncode, fixed.stdout) == (0, f"{CLEAN}\n")
    untouched = _run(folder, "--fix", "--stdin-filename", "x.sh", "-", stdin="echo é\r\n\n")
    assert (untouched.returncode, untouched.stdout) == (0, "echo é\r\n\n")


def test_commands(folder: Path) -> None:
    """Every run is listed with exactly the agreed keys; mentions only when asked for."""
    (folder / "note.md").write_text("The page of `nemotron steps run` says more.\n")
    rows = json.loads(_run(folder, "commands", "--output-format", "json").stdout)
    assert [(row["path"], row["step"], row["dry_run"]) for row in rows] == [
        ("bad.sh", "sft/automodel", False),
        ("good.sh", "sft/automodel", True),
    ]
    assert list(rows[0]) == [
        "path", "cell", "line", "column", "end_line", "end_column", "container", "surface", "role", "launcher", "step",
        "step_id", "config", "run", "batch", "dry_run", "overrides", "passthrough", "tier", "blockers",
    ]  # fmt: skip
    assert [row["passthrough"] for row in rows] == [["--dryrun"], []], "an option that the CLI lacks is passed through"
    everything = json.loads(_run(folder, "commands", "--all", "--json").stdout)
    assert [row["role"] for row in everything if row["path"] == "note.md"] == ["mention"]
    text = _run(folder, "commands")
    assert text.returncode == 0 and len(text.stdout.splitlines()) == 2 and "2 runs in 2 files." in text.stderr
    assert "-c tiny --dryrun\n" in text.stdout


def test_rules_and_explain(folder: Path) -> None:
    """Each rule is listed and explained, with examples and their carets."""
    listed = json.loads(_run(folder, "rules", "--json").stdout)
    assert "missing-dry-run" in [row["name"] for row in listed]
    assert "missing-dry-run" in _run(folder, "rules").stdout
    assert "| `missing-dry-run` |" in _run(folder, "rules", "--output-format", "markdown").stdout
    text = _run(folder, "explain", "missing-dry-run").stdout
    assert text.startswith("missing-dry-run\n") and "Reported:" in text and "^^^" in text
    long = _run(folder, "explain", "mismatched-profile").stdout
    assert long.count("#   [base]") == 1 and "# with env.toml as above:" in long, "a file is written out once"


def test_catalog(folder: Path) -> None:
    """The catalog names steps; an unknown one is an error that names close ones."""
    assert "sft/automodel" in _run(folder, "catalog").stdout
    assert "tiny" in _run(folder, "catalog", "sft/automodel").stdout
    assert json.loads(_run(folder, "catalog", "--json").stdout)
    unknown = _run(folder, "catalog", "sft/automodle")
    assert (unknown.returncode, unknown.stdout) == (2, "") and "sft/automodel" in unknown.stderr
    assert _run(folder, "catalog", "--build", "x.json").returncode == 2


def test_colors(folder: Path) -> None:
    """Colours only on request here, where stdout is no terminal; NO_COLOR wins over FORCE_COLOR."""
    assert "\x1b" not in _run(folder).stdout
    assert "\x1b[" in _run(folder, "--color", "always").stdout
    assert "\x1b[" in _run(folder, env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b" not in _run(folder, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout
    assert "\x1b" not in _run(folder, "--color", "never", env={"FORCE_COLOR": "1"}).stdout


def test_any_encoding_of_stdout(folder: Path) -> None:
    """Characters that stdout cannot take are escaped."""
    (folder / "bad.sh").write_text(f"{MISSPELT} name=日本語 \udcff\n", encoding="utf-8", errors="surrogateescape")
    done = _run(folder, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 1 and "\\u65e5" in done.stdout


def test_show_settings(folder: Path) -> None:
    """The settings in force are shown under the names of the settings file."""
    (folder / "nemolint.toml").write_text('profiles = ["x"]\n')
    shown = json.loads(_run(folder, "--show-settings", "--ignore", "unknown-step").stdout)
    assert (shown["profiles"], shown["ignore"]) == (["x"], ["unknown-step"])


def test_statistics(folder: Path) -> None:
    """The count of each rule goes to stderr."""
    done = _run(folder, "--statistics", "--output-format", "json")
    assert "1  error    misspelled-dry-run" in done.stderr and len(json.loads(done.stdout)) == 1


def test_help_and_version(folder: Path) -> None:
    """Help names every subcommand; the version is answered without the rest of the tool."""
    for arguments in (["--help"], ["check", "--help"], ["commands", "--help"], ["explain", "--help"]):
        done = _run(folder, *arguments)
        assert done.returncode == 0 and "nemolint" in done.stdout and done.stderr == ""
    code = (
        "import sys; sys.argv = ['nemolint', '--version']; from nemolint.__main__ import main; main(); "
        "print([m for m in ('argparse', 'dataclasses', 'pathlib', 'nemolint.commands.cli') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    version, modules = done.stdout.splitlines()
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
    assert done.stdout.strip() == "0 []"


def test_broken_pipe(folder: Path) -> None:
    """A reader that has seen enough ends the command without a word."""
    (folder / "bad.sh").write_text(f"{MISSPELT}\n" * 3000)
    command = f"'{sys.executable}' -m nemolint --output-format concise | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.count("\n") == 1 and done.stderr == ""


def test_interrupt(folder: Path) -> None:
    """Ctrl-C ends the command with 130 and one line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nemolint", "--stdin-filename", "a.sh", "-"],
        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "nemolint: interrupted\n")


def test_hook_checks_the_whole_tree(folder: Path) -> None:
    """When a file is changed that others are judged by, all files are checked, else only the given ones."""
    (folder / "env.toml").write_text('[lepton]\nexecutor = "lepton"\n')
    assert _run(folder, "--hook", "good.sh").returncode == 0
    assert _run(folder, "--hook", "good.sh", "env.toml").returncode == 1
    quiet = _run(folder, "--hook", "other.md")
    assert (quiet.returncode, quiet.stdout) == (0, "")


def test_paths_are_relative(folder: Path) -> None:
    """Paths are reported from the working directory, absolute outside it."""
    inner = folder / "inner"
    inner.mkdir()
    assert "bad.sh:1:" in _run(folder, str(folder / "bad.sh"), "--output-format", "concise").stdout
    assert f"{folder}/bad.sh:1:" in _run(inner, "../bad.sh", "--output-format", "concise").stdout


def test_no_output_holds_a_secret(folder: Path) -> None:
    """Excerpts, differences, fixed copies on stdout, lists of commands: none shows six characters of a key."""
    secret = "nv" + "api-" + "Zq7Rk2Wm9Tx4Lp8Vb3Nc6Yd1Hf5Js0Ga" * 2
    (folder / "bad.sh").write_text(
        f"export NVIDIA_API_KEY={secret}\n{MISSPELT[:-1]}n server.api_key={secret} \\\n  a=1\n"
    )
    calls = [["--show", "info", "--output-format", name] for name in ("text", "concise", "json", "sarif", "github")]
    calls += [["--diff"], ["--diff", "--unsafe-fixes"], ["commands"], ["commands", "--json"], ["--fix", "--statistics"]]
    for arguments in calls:
        done = _run(folder, *arguments)
        shown = done.stdout + done.stderr
        assert "bad.sh" in shown, arguments
        assert not any(secret[at : at + 6] in shown for at in range(6, len(secret) - 5)), arguments


def test_a_failing_rule(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A rule that raises makes exit code 2 and one line, and the other rules go on."""

    from nemolint.commands import cli
    from nemolint.linter import checker
    from nemolint.linter.loader import load_rules
    from nemolint.linter.rule import Rule

    def fail(run: object, project: object) -> list[object]:
        raise RuntimeError("out of order")

    rules = dict(load_rules())
    rules["missing-dry-run"] = Rule(**vars(rules["missing-dry-run"]) | {"function": fail})
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
