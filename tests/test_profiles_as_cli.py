"""What the CLI makes of an env TOML, a profile, a config's `run.env` and overrides: recorded from the CLI itself."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nemolint.invocation import StepRun
from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.linter.loader import load_rules
from nemolint.project import Project
from nemolint.project.env_files import is_unresolved
from nemolint.project.env_toml import parse_env_file
from nemolint.project.model import EnvFile
from nemolint.reader import read_document
from nemolint.settings import Settings

_DEFAULT = re.compile(r"\$\{oc\.env:\w+,(\w*)\}")


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, Any]]:
    """What the real CLI made of some hundred env TOMLs."""
    text = (shared / "cases" / "cli-profiles.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def _stopped(env: EnvFile, name: str) -> bool:
    """Whether a dry run on a profile stops at what is wrong in the env TOML."""
    profile = env.profiles.get(name)
    for problem in env.problems:
        if problem.at_launch:
            continue
        if not problem.profile:
            return True
        if profile is not None and problem.profile in profile.chain:
            if problem.unresolved is None or is_unresolved(problem.unresolved, profile):
                return True
    return False


def _without_variables(value: Any) -> Any:
    """A value as it is where the environment sets nothing."""
    if isinstance(value, dict):
        return {key: _without_variables(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_variables(item) for item in value]
    return _DEFAULT.sub(r"\1", value) if isinstance(value, str) else value


def _run(words: list[str]) -> StepRun:
    line = shlex.join(["nemotron", "steps", "run", "sft/automodel", "-c", "./mine.yaml", "-d", *words])
    (run,) = read_document("a.sh", f"{line}\n".encode()).runs
    return run


def test_profiles_resolve_as_in_the_cli(rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """Each row resolves to the recorded profile and `run.env`, or has a fault that stops its run."""
    for number, row in enumerate(rows):
        env = parse_env_file(row["env_toml"], "env.toml")
        assert _stopped(env, row["profile"]) == ("error" in row), row
        if "error" in row:
            continue
        profile = env.profiles[row["profile"]]
        assert dict(profile.values) == row["resolved"], row
        folder = tmp_path / str(number)
        folder.mkdir()
        config = {} if row["config_run_env"] is None else {"run": {"env": row["config_run_env"]}}
        (folder / "mine.yaml").write_text(json.dumps(config), "utf-8")
        project = Project(None, cwd=folder)
        made = project.run_env(_run(["--batch", row["profile"], *row["overrides"]]), profile)
        assert _without_variables(made) == row["run_env"], row


def _check(folder: Path, line: str, env: str | None, **files: str) -> Iterator[Diagnostic]:
    (folder / "pyproject.toml").write_text("", "utf-8")
    if env is not None:
        (folder / "env.toml").write_text(env, "utf-8")
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    checker = Checker(Settings(root=folder), cwd=folder, environ={}, rules=load_rules())
    document = checker.read(folder / "a.sh", f"{line}\n".encode())
    return iter(checker.check(document))


_DRY = "nemotron steps run sft/automodel -c tiny -d --batch gpu"
_GOOD = '[gpu]\nexecutor = "slurm"\nnodes = 2\ngpus_per_node = 8\n'


@pytest.mark.parametrize(
    ("env", "severity"),
    [
        (_GOOD + "time = 04:00:00\n", "error"),
        (_GOOD + "when = [{ at = 2026-01-01 }]\n", "error"),
        (_GOOD + 'container_image = "${IMAGE}"\n', "error"),
        (_GOOD + 'container_image = "${oc.env:IMAGE"\n', "error"),
        (_GOOD + 'container_image = "${oc.env:IMAGE,${image}}"\n', "error"),
        (_GOOD + 'container_image = "${image}"\nimage = "???"\n', "error"),
        (_GOOD + "container_image = '\\${IMAGE}'\n", "error"),
        (_GOOD + 'extends = "base"\nimage = "x"\n[base]\nimage = "${nosuch}"\n', "warning"),
        (_GOOD + 'mounts = "/a:/b"\n', "warning"),
        (_GOOD + 'extends = "nosuch"\n', "error"),
        (_GOOD + 'extends = "base"\n[base]\ntime = 04:00:00\n', "error"),
        (_GOOD + 'extends = "base"\nports = { a = 1 }\n[base]\nports = ["a"]\n', "error"),
        (_GOOD + "[other]\ntime = 04:00:00\n", "warning"),
        (_GOOD + '[other]\nextends = "other"\n', "warning"),
        (_GOOD + "[wandb]\nsince = 2026-01-01\n", "error"),
        (_GOOD + "[artifacts]\nsince = 2026-01-01\n", "error"),
        (_GOOD + "[cli]\nsince = 2026-01-01\n", "error"),
        (_GOOD + "[cache]\nsince = 2026-01-01\n", "warning"),
        (_GOOD + "broken\n", "error"),
        (_GOOD + "[gpu]\nx = 1\n", "error"),
    ],
)
def test_one_fault_is_one_finding(env: str, severity: str, tmp_path: Path) -> None:
    """A fault is an error where it stops the run, else a warning, and nothing else follows from it."""
    (found,) = _check(tmp_path, _DRY, env)
    assert (found.rule, found.severity, found.path) == ("invalid-env-file", severity, "env.toml")


@pytest.mark.parametrize(
    ("words", "env", "count"),
    [
        ("", "[gpu]\nnodes = 2\n", 1),
        ("-d", "[gpu]\nnodes = 2\n", 0),
        ("run.env.executor=slurm", "[gpu]\nnodes = 2\n", 0),
        ("$MORE", "[gpu]\nnodes = 2\n", 0),
        ("", '[gpu]\nnodes = 2\nextends = "base"\n[base]\nexecutor = "slurm"\n', 0),
        ("", '[gpu]\nnodes = 2\nexecutor = "${oc.env:EXECUTOR}"\n[other]\n', 0),
        ("", '[gpu]\nnodes = 2\nexecutor = "docker"\n', 1),
    ],
)
def test_no_executor(words: str, env: str, count: int, tmp_path: Path) -> None:
    """A launch on a profile without an executor stops, unless the config or an override names one."""
    found = _check(tmp_path, f"nemotron steps run sft/automodel -c tiny --batch gpu {words}", env)
    assert len([item for item in found if item.rule == "invalid-env-file"]) == count


@pytest.mark.parametrize(
    "env",
    [
        _GOOD + 'time = "04:00:00"\n',
        _GOOD + 'container_image = "${oc.env:IMAGE,x}"\nmounts = ["/a:/b"]\nname = "${executor}-${nodes}"\n',
        _GOOD + 'extends = "base"\nimage = "x"\n[base]\ncontainer_image = "${image}"\n',
        _GOOD + "text = '" + "\\" * 3 + "${IMAGE} $HOME $(id) {x}'\n",
    ],
)
def test_sound_files_are_silent(env: str, tmp_path: Path) -> None:
    """What the CLI takes has no finding: references to own keys, and to keys that an extending profile gives."""
    assert not list(_check(tmp_path, _DRY, env))


@pytest.mark.parametrize(("name", "count"), [("gpu", 1), ("child", 0), ("other", 0)])
def test_a_reference_is_resolved_in_the_profile_that_is_used(name: str, count: int, tmp_path: Path) -> None:
    """A base may leave a key to those that extend it: only a run on the base itself stops."""
    env = _GOOD + 'image = "${nosuch}"\n[child]\nextends = "gpu"\nnosuch = "x"\n[other]\nextends = "gpu"\nimage = "y"\n'
    found = _check(tmp_path, f"nemotron steps run sft/automodel -c tiny -d --batch {name}", env)
    assert len([item for item in found if item.rule == "invalid-env-file"]) == count


@pytest.mark.parametrize(
    ("line", "env", "rule"),
    [
        (f"export NEMOTRON_ENV_FILE=env.gone.toml\n{_DRY}", _GOOD, "missing-env-file"),
        (f"export NEMOTRON_ENV_FILE=env.site.toml\n{_DRY}", None, "invalid-env-file"),
        ("nemotron steps run sft/automodel -c tiny -d --batch gpu --batch nosuch", _GOOD, "unknown-profile"),
    ],
)
def test_files_that_are_named(line: str, env: str | None, rule: str, tmp_path: Path) -> None:
    """A file that is named and missing, one that is named and broken, and a name that is in none: one finding each."""
    (found,) = _check(tmp_path, line, env, **{"env.site": "[gpu]\nx =\n"})
    assert (found.rule, found.severity) == (rule, "error")
