"""The GitHub action and the pages about CI: valid for their readers, and the action's script does what they say."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from nemolint.commands.arguments import SHELLS, parser_of
from support.command import CORRECT, MISSPELT, MODULE, execute, git

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "docs" / "integrations"
SCRIPT = ROOT / ".ci" / "action.sh"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


def _fences(page: str, language: str = "yaml") -> list[str]:
    text = (PAGES / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def _check_schema(schema: str, file: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = execute(command, file.parent)
    assert done.code == 0, done.shown


def test_the_action_is_valid() -> None:
    """The action is one by GitHub's schema, and hands over what people write as data only."""
    _check_schema("vendor.github-actions", ROOT / "action.yml")
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


SCHEMAS = {
    "workflows/*.yml": "vendor.github-workflows",
    "dependabot.yml": "vendor.dependabot",
    "ISSUE_TEMPLATE/[!c]*.yml": "vendor.github-issue-forms",
    "ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
}


@pytest.mark.parametrize("pattern", SCHEMAS)
def test_what_github_reads_is_valid(pattern: str) -> None:
    """Workflows, issue forms and Dependabot's settings are what GitHub's schemas ask for."""
    files = list((ROOT / ".github").glob(pattern))
    assert files
    for file in files:
        _check_schema(SCHEMAS[pattern], file)


@pytest.mark.parametrize("place", ["repository", "examples"])
def test_the_workflows_are_secure(tmp_path: Path, place: str) -> None:
    """zizmor, in its strictest mode, finds nothing in the workflows and the action, nor in those of the pages.

    On the pages, a version is what people read and copy; how they pin it is theirs.
    """
    program = shutil.which("zizmor", path=Path(sys.executable).parent)
    if program is None:
        pytest.skip("zizmor is not installed")
    command: list[str | Path] = [program, "--offline", "--quiet", "--no-progress"]
    if place == "repository":
        files = [ROOT / "action.yml", *(ROOT / ".github").glob("workflows/*.yml"), ROOT / ".github" / "dependabot.yml"]
        done = execute([*command, "--pedantic", *files], ROOT)
    else:
        settings = tmp_path / "zizmor.yml"
        settings.write_text("rules: {unpinned-uses: {config: {policies: {'*': ref-pin}}}}\n")
        workflows = tmp_path / ".github" / "workflows"
        workflows.mkdir(parents=True)
        for number, fence in enumerate(_fences("github-actions.md")):
            (workflows / f"{number}.yml").write_text(fence)
        done = execute([*command, "--config", settings, *workflows.iterdir()], tmp_path)
    assert done.code == 0, done.shown


def _used() -> list[tuple[str, str]]:
    """The foreign actions that are used, with what follows the commit on the line."""
    files = [ROOT / "action.yml", *(ROOT / ".github").glob("workflows/*.yml")]
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    used = [match.groups() for line in lines if (match := re.match(r"[ -]*uses: (\S+)(.*)$", line))]
    return [(name, comment) for name, comment in used if not name.startswith(("./", "$/"))]


def test_actions_are_pinned() -> None:
    """Each action is the commit that somebody looked at, with its version beside it, the same everywhere."""
    used = _used()
    assert len(used) > 5
    for name, comment in used:
        assert re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+@[0-9a-f]{40}", name), name
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), name
    assert len(dict.fromkeys(used)) == len({name.partition("@")[0] for name, _ in used})


def test_workflows_have_least_permissions() -> None:
    """Nothing is allowed by default, each job says what it needs, and no job keeps the token in its checkout."""
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        workflow = yaml.safe_load(file.read_text("utf-8"))
        assert workflow["permissions"] == {}
        for name, job in workflow["jobs"].items():
            assert "permissions" in job and (name == "test" or "timeout-minutes" in job), name
            allowed = {key for key, value in job["permissions"].items() if value == "write"}
            assert allowed == {"publish": {"id-token", "attestations"}, "announce": {"contents"}}.get(name, set())
            for step in job.get("steps", ()):
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False
                # What people name a tag or a branch never becomes part of a command.
                assert "${{" not in step.get("run", "")


def test_the_tests_run_where_the_package_says_that_it_runs() -> None:
    """CI tries each Python of the package's classifiers on three systems, with the README's very command."""
    (job,) = (yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]["test"],)
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    versions = re.findall(r"Python :: (3\.\d+)", "\n".join(table["classifiers"]))
    assert job["strategy"]["matrix"]["python"] == versions
    systems = {system.partition("-")[0] for system in job["strategy"]["matrix"]["os"]}
    assert systems == {"ubuntu", "macos", "windows"}
    command = job["steps"][-1]["run"]
    assert f"\n{command} " in (ROOT / "README.md").read_text("utf-8")
    assert f"exec {command}\n" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_ci_installs_what_the_tests_start() -> None:
    """A test that is skipped where a shell or an editor is missing runs in CI, at least on Linux."""
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))["jobs"]["test"]
    (command,) = (step["run"] for step in job["steps"] if "apt-get install" in step.get("run", ""))
    installed = set(command.rpartition("apt-get install")[2].split())
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("*.py"))
    packages = {"vim": "vim-nox", "emacs": "emacs-nox", "nvim": "neovim"}
    editors = {package for name, package in packages.items() if f'which("{name}")' in tests}
    assert installed >= {*(set(SHELLS) - {"bash"}), *editors} and len(editors) == 3
    # The script installs what takes little time.
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    (installed_there,) = re.findall(r"--no-install-recommends ([\w ]+)'", script)
    assert set(installed_there.split()) == {*(set(SHELLS) - {"bash"}), "neovim"}


@pytest.mark.parametrize(
    ("page", "schema"),
    [("github-actions.md", "vendor.github-workflows"), ("gitlab.md", "vendor.gitlab-ci")],
)
def test_the_examples_are_valid(tmp_path: Path, page: str, schema: str) -> None:
    """Every example is valid by the schema of its CI."""
    fences = _fences(page)
    assert fences
    for fence in fences:
        file = tmp_path / "example.yml"
        file.write_text(fence)
        _check_schema(schema, file)


def test_the_pre_commit_example_is_valid(tmp_path: Path) -> None:
    """pre-commit takes the example, and its hooks exist."""
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    (tmp_path / "config.yaml").write_text(_fences("pre-commit.md")[0])
    command = [sys.executable, "-m", "pre_commit", "validate-config", "config.yaml"]
    execute(command, tmp_path, code=0)
    hooks = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {"nemolint", "nemolint-fix"} <= hooks


def test_the_pages_name_options_that_exist() -> None:
    """No page lags behind: options and inputs are those of today."""
    parser = parser_of("check")
    options = {option for action in parser._actions for option in action.option_strings}
    for page in PAGES.glob("*.md"):
        text = page.read_text("utf-8")
        for line in text.splitlines():
            if re.search(r"\bnemolint check\b|args: \[", line):
                line = line.partition("|")[0]
                assert set(re.findall(r"(?<![\w-])--[a-z-]+", line)) <= options, line
    rows = re.findall(r"^\| `([\w-]+)` \| (?:`([^`]*)`)? ?\|", (PAGES / "github-actions.md").read_text(), re.MULTILINE)
    assert dict(rows) == {name: str(given["default"]) for name, given in ACTION["inputs"].items()}


# -- the script


class Ran(NamedTuple):
    """What the script left: exit code, what it printed, its outputs, and the SARIF report."""

    code: int
    out: str
    outputs: dict[str, str]
    sarif: Any


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A Python whose virtual environments hold this very nemolint, and which notes what pip was asked to install."""
    stub = tmp_path / "python stub"
    stub.write_text(
        f"""#!/bin/bash
set -eu
if [[ "$1 $2 $3" == "-I -m venv" ]]; then
    mkdir -p "$4/bin"
    cp "$0" "$4/bin/python"
    printf '#!/bin/bash\\nexec "{sys.executable}" -m nemolint "$@"\\n' > "$4/bin/nemolint"
    chmod +x "$4/bin/nemolint"
else
    printf '%s\\n' "$*" >> "{tmp_path}/installed"
fi
"""
    )
    stub.chmod(stub.stat().st_mode | stat.S_IXUSR)
    return stub


def _act(folder: Path, stub: Path, **given: str) -> Ran:
    temporary = stub.parent / "runner temp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    environ = {
        "RUNNER_TEMP": str(temporary),
        "GITHUB_OUTPUT": str(temporary / "output"),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary"),
        "NEMOLINT_PYTHON": str(stub),
        "NEMOLINT_SOURCE": str(ROOT),
        **{f"NEMOLINT_{name.upper()}": value for name, value in given.items()},
    }
    done = execute(["bash", SCRIPT], folder, env=environ)
    outputs = dict(line.split("=", 1) for line in (temporary / "output").read_text().splitlines())
    report = Path(outputs.get("sarif-file", os.devnull)).read_text()
    return Ran(done.code, done.shown, outputs, json.loads(report) if report else None)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A shallow clone of a topic branch, as CI checks it out."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    (origin / "a.sh").write_text(f"{MISSPELT}\necho a\n")
    git(origin, "add", ".")
    git(origin, "commit", "-q", "-m", "main")
    git(origin, "switch", "-q", "-c", "topic")
    (origin / "a.sh").write_text(f"{MISSPELT}\necho a\n{MISSPELT} seed=1\n")
    git(origin, "commit", "-q", "-a", "-m", "topic")
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=topic", origin.as_uri(), str(clone))
    return clone


def _lines(ran: Ran) -> list[int]:
    return [item["locations"][0]["physicalLocation"]["region"]["startLine"] for item in ran.sarif["runs"][0]["results"]]


@needs_bash
def test_the_script_checks_everything(clone: Path, stub: Path) -> None:
    """Without a wish, all lines are checked: annotations on stdout, a SARIF report, the exit code as an output."""
    ran = _act(clone, stub)
    assert ran.code == 1 and ran.outputs["exit-code"] == "1" and _lines(ran) == [1, 3]
    assert "::error title=misspelled-dry-run,file=a.sh,line=3" in ran.out
    assert (stub.parent / "installed").read_text() == f"-I -m pip install --quiet --disable-pip-version-check {ROOT}\n"
    plain = _act(clone, stub, annotate="false")
    assert "::error" not in plain.out and "error[misspelled-dry-run]" in plain.out


@needs_bash
def test_the_script_adds_to_the_summary_of_the_job(clone: Path, stub: Path) -> None:
    """What other steps wrote stays; a job may leave the summary to its own steps, and clean files have one, too."""
    ran = _act(clone, stub)
    summary = (stub.parent / "runner temp" / "summary").read_text()
    assert summary.startswith("### nemolint: 2 errors\n\n#### `a.sh`\n") and "misspelled-dry-run" in summary
    assert Path(ran.outputs["summary-file"]).read_text() == summary
    ran = _act(clone, stub, summary="false")
    assert not (stub.parent / "runner temp" / "summary").exists() and Path(ran.outputs["summary-file"]).is_file()
    (clone / "good.sh").write_text(f"{CORRECT}\n")
    _act(clone, stub, paths="good.sh")
    assert (stub.parent / "runner temp" / "summary").read_text() == "### nemolint: no findings\n"


@needs_bash
def test_the_script_checks_what_changed(clone: Path, stub: Path) -> None:
    """On a pull request, and on a push, only changed lines are judged, in a shallow clone, too."""
    assert _lines(_act(clone, stub, changed_only="true", branch="main")) == [3]
    before = git(clone.parent / "origin", "rev-parse", "main").strip()
    assert _lines(_act(clone, stub, changed_only="true", commit=before)) == [3]
    for missing in ({}, {"commit": "0" * 40}, {"branch": "no-such"}, {"commit": "1" * 40}, {"commit": "$(touch x)"}):
        ran = _act(clone, stub, changed_only="true", **missing)
        assert _lines(ran) == [1, 3] and "all lines are checked" in ran.out
    assert not (clone / "x").exists()


@needs_bash
def test_a_whole_clone_stays_whole(clone: Path, stub: Path) -> None:
    """Fetching the base of a pull request does not cut off the history of a clone that has all of it."""
    whole = clone.parent / "whole"
    git(clone.parent, "clone", "-q", "--branch=topic", (clone.parent / "origin").as_uri(), str(whole))
    assert _lines(_act(whole, stub, changed_only="true", branch="main")) == [3]
    assert git(whole, "rev-parse", "--is-shallow-repository").strip() == "false"


@needs_bash
def test_a_whole_clone_needs_no_credentials(clone: Path, stub: Path) -> None:
    """Where the base cannot be fetched, as without credentials, the one that was checked out serves."""
    whole = clone.parent / "whole"
    git(clone.parent, "clone", "-q", "--branch=topic", (clone.parent / "origin").as_uri(), str(whole))
    (clone.parent / "origin").rename(clone.parent / "out of reach")
    before = git(whole, "rev-parse", "origin/main").strip()
    for base in ({"branch": "main"}, {"commit": before}):
        ran = _act(whole, stub, changed_only="true", **base)
        assert _lines(ran) == [3] and "::warning" not in ran.out


@needs_bash
def test_the_script_takes_lines_as_data(clone: Path, stub: Path) -> None:
    """Paths and arguments come one a line; blanks and shell signs in them are part of a name."""
    (clone / "a b;touch x").mkdir()
    (clone / "a b;touch x" / "$(touch y).sh").write_text(f"{MISSPELT}\n")
    (clone / "good.sh").write_text(f"{CORRECT}\n")
    ran = _act(clone, stub, paths="\n  a b;touch x  \ngood.sh\n", arguments="--ignore\nunknown-step\n")
    assert ran.code == 1 and _lines(ran) == [1]
    assert not (clone / "x").exists() and not (clone / "y").exists()
    assert _act(clone, stub, paths="good.sh").code == 0
    assert _act(clone, stub, paths="absent.sh").outputs["exit-code"] == "2"


@needs_bash
def test_the_script_is_sound() -> None:
    """bash takes the script, and git knows it as a program."""
    execute(["bash", "-n", SCRIPT], ROOT, code=0)
    assert os.access(SCRIPT, os.X_OK)


# -- Python, started where files of others are


def test_no_page_and_no_script_has_python_import_what_is_checked() -> None:
    """Wherever a module is run by Python, nothing is imported from the working directory."""
    files = [*ROOT.glob("*.md"), *ROOT.glob(".*.yaml"), ROOT / "action.yml", *PAGES.glob("*.md"), SCRIPT]
    files += [ROOT / "lint" / "README.md", ROOT / "benchmarks" / "README.md"]
    starts = re.compile(
        r"""(?:python[\d.]*|NEMOLINT_PYTHON)["']?((?:[ ,"']+-\w+)*?)[ ,"']+-m[ ,"']+([\w.]+)""", re.IGNORECASE
    )
    found = {(file.name, match[2]): match[1] for file in files for match in starts.finditer(file.read_text("utf-8"))}
    # The README names the one way that is not safe.
    assert found.pop(("README.md", "nemolint")) == ""
    assert {("action.sh", "venv"), ("action.sh", "pip"), ("CONTRIBUTING.md", "nemolint.testing.pages")} <= found.keys()
    assert all("-I" in options or "-P" in options for options in found.values()), found


def _own_names() -> set[str]:
    """The modules that a Python has loaded, or looks for, before it comes to any code of nemolint's."""
    code = "import runpy, sys, nemolint; print(*sys.modules)"
    done = execute([sys.executable, "-I", "-c", code], ROOT, code=0)
    return {name.partition(".")[0] for name in done.out.split()} | set(sys.builtin_module_names)


@pytest.mark.parametrize("way", ["command", "module"])
def test_nothing_is_imported_from_the_folder_that_is_checked(tmp_path: Path, way: str) -> None:
    """Files called like modules, and a rule pack, in the working directory stay what they are: files."""
    folder = tmp_path / "checked"
    folder.mkdir()
    installed = {
        file.name.partition(".")[0] for place in sys.path if Path(place).is_dir() for file in Path(place).iterdir()
    }
    trap = f"open({str(tmp_path / 'sprung')!r}, 'a').write(__name__ + chr(10))\n"
    for name in (set(sys.stdlib_module_names) | installed | {"sitecustomize"}) - _own_names() - {"nemolint"}:
        if name.isidentifier():
            (folder / f"{name}.py").write_text(trap, "utf-8")
    (folder / "evil.py").write_text(trap, "utf-8")
    (folder / "evil-1.dist-info").mkdir()
    (folder / "evil-1.dist-info" / "entry_points.txt").write_text("[nemolint.rules]\nevil = evil\n", "utf-8")
    (folder / "evil-1.dist-info" / "METADATA").write_text("Name: evil\nVersion: 1\n", "utf-8")
    (folder / "a.md").write_text(f"```bash\n{MISSPELT} seed=\\x\n```\n", "utf-8")
    (folder / "a.yaml").write_text(f"run: {MISSPELT}\n", "utf-8")
    (folder / "a.py").write_text(f"import os\n\nos.system({MISSPELT!r})\n", "utf-8")
    command = [Path(sys.executable).parent / "nemolint"] if way == "command" else MODULE
    for arguments in (["."], ["."], ["--no-cache", "--fix", "--unsafe-fixes", "."], ["catalog"], ["rules"]):
        done = execute([*command, *arguments], folder)
        assert done.code in (0, 1) and "Traceback" not in done.err, done.err
    assert not (tmp_path / "sprung").exists(), (tmp_path / "sprung").read_text("utf-8")
