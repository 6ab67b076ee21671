"""`nemolint commands --verify`: what is started, what is not, and what becomes of it. A stand-in plays `nemotron`."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, Literal

import pytest

from nemolint import Rule
from nemolint.linter.checker import Checker
from nemolint.linter.loader import load_rules
from nemolint.linter.rule import Example
from nemolint.settings import Settings
from support.command import nemolint

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-in is a script")

# Writes its arguments and folder down, then does what an override asks for.
STAND_IN = f"""\
#!{sys.executable}
import json, os, subprocess, sys, time
with open(os.environ["STAND_IN_LOG"], "a") as log:
    log.write(json.dumps([os.getcwd(), *sys.argv]) + "\\n")
if "act=fail" in sys.argv:
    print("first\\nconfig: " + os.environ.get("HF_TOKEN", ""), flush=True)
    sys.exit("\\x1b[31mno such config")
if "act=hang" in sys.argv:
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(4); open(os_log, 'a').write('late')".replace(
        "os_log", repr(os.environ["STAND_IN_LOG"]))])
    time.sleep(60)
if "act=read" in sys.argv:
    sys.exit(1 if sys.stdin.read() == "" else 0)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one step, and the stand-in beside it."""
    steps = tmp_path / "repo/src/nemotron/steps/tune/quick"
    (steps / "config").mkdir(parents=True)
    (tmp_path / "repo/pyproject.toml").write_text("")
    (steps / "step.toml").write_text('[step]\nid = "tune/quick"\n')
    (steps / "config/default.yaml").write_text("rounds: 1\n")
    (tmp_path / "repo/sub").mkdir()
    for name in ("stand-in", "path/nemotron", "path/uv"):
        program = tmp_path / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(STAND_IN)
        program.chmod(0o755)
    return tmp_path / "repo"


def listed(
    checkout: Path, text: str, *arguments: str, stdin: str = "", **environ: str
) -> tuple[list[dict[str, Any]], list[list[str]], str]:
    """The rows of `nemolint commands`, what the stand-in was started with, and stderr."""
    name = "run.sh"
    (checkout / "sub" / name).write_text(text)
    log = checkout.parent / "log"
    log.unlink(missing_ok=True)
    path = f"{checkout.parent / 'path'}{os.pathsep}{os.environ['PATH']}"
    env = {"STAND_IN_LOG": str(log), "PATH": path, **environ}
    done = nemolint(checkout / "sub", "commands", "--json", *arguments, name, env=env, stdin=stdin)
    started = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return json.loads(done.out or "[]"), started, done.err


def verify(checkout: Path, text: str, *more: str, **environ: str) -> tuple[list[dict[str, Any]], list[list[str]], str]:
    return listed(checkout, text, "--verify", "--verify-with", str(checkout.parent / "stand-in"), *more, **environ)


def test_nothing_is_started_unless_asked(checkout: Path) -> None:
    """Without --verify the tier is what the files say; its options alone are a mistake."""
    rows, started, _ = listed(checkout, "nemotron steps run tune/quick -d\n")
    assert [row["tier"] for row in rows] == ["repo-grounded"]
    assert not started
    for option in (["--verify-with", "true"], ["--verify-timeout", "5"]):
        rows, started, err = listed(checkout, "nemotron steps run tune/quick -d\n", *option)
        assert not rows and not started and "need --verify" in err


def test_a_dry_run_that_succeeds_verifies(checkout: Path) -> None:
    """It is started at the root of the checkout, as dry run, once for equal commands."""
    rows, started, err = verify(checkout, "nemotron steps run tune/quick -d\n" * 2)
    assert [row["tier"] for row in rows] == ["verified", "verified"]
    ((folder, program, *arguments),) = started
    assert folder == str(checkout)
    assert program == str(checkout.parent / "stand-in")
    assert arguments == ["steps", "run", "--dry-run", "tune/quick", "-d"]
    assert "verify: 2 of 2 dry runs succeeded" in err


@pytest.mark.parametrize(
    "words",
    ["tune/quick", "tune/quick -c", "tune/quick rounds=2 --batch -d", "tune/quick -c -d", "-- tune/quick", "-b"],
)
def test_never_without_dry_run(checkout: Path, words: str) -> None:
    """The option stands where nothing before it can take it for a value."""
    _, started, _ = verify(checkout, f"nemotron steps run {words}\n")
    for _, _, *arguments in started:
        assert arguments[:3] == ["steps", "run", "--dry-run"]


def test_a_dry_run_that_fails_leaves_the_tier(checkout: Path) -> None:
    """Its last lines are shown, without secrets and without control characters; the exit code stays."""
    secret = "k7Qw" + "9zLm2X" * 3
    rows, started, err = verify(checkout, "nemotron steps run tune/quick act=fail\n", HF_TOKEN=secret)
    assert [row["tier"] for row in rows] == ["repo-grounded"]
    assert len(started) == 1
    assert "run.sh:1:1: verify: the dry run ended with exit code 1" in err
    assert "no such config" in err and "config: [REDACTED" in err
    assert secret not in err and "\x1b" not in err


def test_a_dry_run_that_hangs_is_ended(checkout: Path) -> None:
    """With all that it started, after the given time."""
    rows, started, err = verify(checkout, "nemotron steps run tune/quick act=hang\n", "--verify-timeout", "1.5")
    assert [row["tier"] for row in rows] == ["repo-grounded"]
    assert "took longer than 1.5 seconds" in err
    time.sleep(5)
    assert (checkout.parent / "log").read_text().count("\n") == len(started) == 1
    assert "late" not in (checkout.parent / "log").read_text()


def test_its_standard_input_is_empty(checkout: Path) -> None:
    """It can neither wait for an answer nor read one."""
    rows, _, err = listed(
        checkout,
        "nemotron steps run tune/quick act=read\n",
        "--verify",
        "--verify-with",
        str(checkout.parent / "stand-in"),
        stdin="yes\n",
    )
    assert [row["tier"] for row in rows] == ["repo-grounded"]
    assert "exit code 1" in err


def test_hostile_words_are_single_arguments(checkout: Path) -> None:
    """No shell reads them again."""
    words = ["a=$(touch x)", "b=; touch x", "c=x`touch x`", "d=x|&>x", "e=two  blanks", 'f=x"', "g=\n-b evil"]
    quoted = " ".join(f"'{word}'" for word in words)
    rows, started, _ = verify(checkout, f"nemotron steps run tune/quick {quoted}\n")
    assert [row["tier"] for row in rows] == ["verified"]
    assert started[0][2:] == ["steps", "run", "--dry-run", "tune/quick", *words]
    assert not (checkout / "x").exists() and not (checkout / "sub/x").exists()


@pytest.mark.parametrize(
    ("written", "program", "arguments"),
    [
        ("uv run nemotron", "uv", ["run", "nemotron"]),
        ("uv run --no-sync nemotron", "uv", ["run", "--no-sync", "nemotron"]),
        ("nemotron", "nemotron", []),
        ("sudo -E nemotron", "nemotron", []),
        ("srun -N 2 uv run nemotron", "uv", ["run", "nemotron"]),
        ("uv run --with evil nemotron", "nemotron", []),
        ("uvx --from ./evil nemotron", "nemotron", []),
        ("python -m nemotron", "nemotron", []),
        ("./evil/nemotron", "nemotron", []),
    ],
)
def test_only_the_plain_launcher_is_kept(checkout: Path, written: str, program: str, arguments: list[str]) -> None:
    """Wrappers, other launchers and paths of the document are never started."""
    _, started, _ = listed(checkout, f"{written} steps run tune/quick rounds=2\n", "--verify")
    tail = ["steps", "run", "--dry-run", "tune/quick", "rounds=2"]
    assert started == [[str(checkout), str(checkout.parent / "path" / program), *arguments, *tail]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nemotron steps run tune/quick rounds=$N", "a value from the shell"),
        ("nemotron steps run tune/quick rounds=$(rm -rf x)", "a value from the shell"),
        ("nemotron steps run tune/quick note=~/x", "a value from the shell"),
        ("nemotron steps run tune/quick note=~", "a value from the shell"),
        ("nemotron steps run tune/quick note=dir/*", "a value from the shell"),
        ("nemotron steps run tune/quick --help", "not a complete run"),
    ],
)
def test_what_is_not_literal_is_not_started(checkout: Path, text: str, reason: str) -> None:
    """It would be another command than the one that is written."""
    rows, started, err = verify(checkout, f"{text}\n")
    assert [row["tier"] for row in rows] == ["repo-grounded"]
    assert not started
    assert f"not run: 1 ({reason})" in err


def test_blocked_runs_templates_and_mentions_are_not_started(checkout: Path) -> None:
    """Nor is anything outside a checkout."""
    page = "`nemotron steps run tune/quick`\n\n```bash\nnemotron steps run <step> -c default\n```\n"
    (checkout / "sub/page.md").write_text(page)
    rows, started, _ = verify(checkout, "nemotron steps run tune/quik\n", "--all", "page.md")
    assert {row["tier"] for row in rows} >= {"blocked"} and not started
    assert {row["role"] for row in rows} == {"command", "template", "mention"}
    (checkout / "pyproject.toml").unlink()
    rows, started, err = verify(checkout, "nemotron steps run sft/automodel -c tiny -d\n")
    assert [row["tier"] for row in rows] == ["reference-grounded"] and not started
    assert "1 (no checkout)" in err


def test_a_program_that_is_not_there(checkout: Path) -> None:
    """Given by the user it is a mistake; missing from the path, a dry run that failed."""
    rows, _, err = listed(checkout, "nemotron steps run tune/quick\n", "--verify", "--verify-with", "no-such-program")
    assert not rows and "cannot find the program no-such-program" in err
    rows, _, err = listed(checkout, "nemotron steps run tune/quick\n", "--verify", PATH="/nonexistent")
    assert [row["tier"] for row in rows] == ["repo-grounded"]
    assert "`nemotron` could not be started" in err


ERRORS = [
    pytest.param(rule, example, id=f"{rule.name} {number}")
    for rule in load_rules().values()
    for number, example in enumerate(rule.examples)
    if not example.good and "error" in rule.severity.values()
]


@pytest.mark.parametrize("preset", ["repo", "strict", "answer"])
@pytest.mark.parametrize(("rule", "example"), ERRORS)
def test_a_run_is_blocked_by_the_errors_about_it(
    tmp_path: Path, rule: Rule, example: Example, preset: Literal["repo", "strict", "answer"]
) -> None:
    """What a check calls an error of a run blocks it, and nothing else does."""
    for name, text in (*example.files.items(), (example.path or "a.sh", example.text)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    settings = Settings(tmp_path, extend_select=(rule.name,), preset=preset)
    file = tmp_path / (example.path or "a.sh")
    checker = Checker(settings, cwd=tmp_path, environ={})
    errors = [item for item in checker.check(checker.read(file)) if item.severity == "error"]
    rows = checker.run_records(checker.read(file), mentions=True)
    for row in rows:
        assert (row["tier"] == "blocked") == bool(row["blockers"])
        first, last = (row["line"], row["column"]), (row["end_line"], row["end_column"])
        inside = {item.rule for item in errors if first <= (item.line, item.column) < last}
        assert inside <= {*row["blockers"]} <= {item.rule for item in errors}, row
    # An error that starts in no run has its run elsewhere, if it is about one; a documented key is in none.
    for item in errors:
        if (
            rule.visits == "StepRun"
            and checker.read(file).documenting is None
            and item.rule == rule.name
            and item.path == file.name
        ):
            assert any(item.rule in row["blockers"] for row in rows), item


def test_an_error_in_a_variable_blocks_its_run(tmp_path: Path) -> None:
    """A word that is written above the run blocks it, a suppressed error or a lower severity does not."""
    run = "nemotron steps run sft/automodel"
    script = (
        f"A='-c tiny --dryrun'\n{run} $A\n{run} -c tiny -d\n{run} --dryrun  # nemolint: ignore[misspelled-dry-run] x\n"
    )
    (tmp_path / "a.sh").write_text(script, "utf-8")
    rows = nemolint(tmp_path, "commands", "--json").rows()
    assert [row["blockers"] for row in rows] == [["misspelled-dry-run"], [], []]
    (tmp_path / "nemolint.toml").write_text('[severity]\nmisspelled-dry-run = "warning"\n', "utf-8")
    assert [row["tier"] for row in nemolint(tmp_path, "commands", "--json").rows()] == ["reference-grounded"] * 3
