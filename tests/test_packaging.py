"""What is shipped is whole (data files, types, licence, the command itself), and takes what it declares, no more."""

from __future__ import annotations

import ast
import importlib.util
import itertools
import json
import re
import shutil
import stat
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from email import message_from_string
from email.message import Message
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from nemolint import __version__
from nemolint.linter.loader import load_rules
from nemolint.report import FORMATS
from support.command import execute, python

ROOT = Path(__file__).resolve().parents[1]
DATA = (
    "nemolint/project/snapshot.json",
    "nemolint/analysis/eval_tasks.json",
    "nemolint/shell/bashlex_tables.json",
    "nemolint/py.typed",
    "nemolint_rules/py.typed",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    pytest.importorskip("hatch_fancy_pypi_readme", reason="hatch-fancy-pypi-readme is not installed")
    folder = tmp_path_factory.mktemp("dist")
    execute([sys.executable, "-m", "hatchling", "build", "-d", folder], ROOT, code=0)
    return folder


def test_the_wheel_is_whole(built: Path) -> None:
    """Every module and data file of the tree is in the wheel, with the licence."""
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert not [name for name in DATA if name not in names]
    for base in ("lint", "rules"):
        for file in (*(ROOT / base).glob("nemo*/**/*.py"), *(ROOT / base).glob("nemo*/**/*.toml")):
            assert file.relative_to(ROOT / base).as_posix() in names
    assert [name for name in names if name.endswith("licenses/LICENSE")]
    assert not [name for name in names if name.startswith(("tests", "benchmarks")) or "__pycache__" in name]


def test_the_sdist_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    """The source distribution holds all that a build of the wheel takes."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        # Python 3.11.2, Debian's, has no filters.
        archive.extractall(tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (source,) = tmp_path.iterdir()
    execute([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], source, code=0)
    (wheel,) = tmp_path.glob("*.whl")
    (other,) = built.glob("*.whl")
    assert set(zipfile.ZipFile(wheel).namelist()) == set(zipfile.ZipFile(other).namelist())


def test_the_wheel_is_well_formed(built: Path) -> None:
    """It holds the two packages and nothing of the tree around them, by the judgement of check-wheel-contents."""
    pytest.importorskip("check_wheel_contents", reason="check-wheel-contents is not installed")
    execute([sys.executable, "-m", "check_wheel_contents", *built.glob("*.whl")], ROOT, code=0)


def _metadata(built: Path) -> Iterator[Message]:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        yield message_from_string(archive.read(name).decode())
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        file = archive.extractfile(f"{sdist.name.removesuffix('.tar.gz')}/PKG-INFO")
        assert file is not None
        yield message_from_string(file.read().decode())


def test_the_metadata_can_be_published(built: Path) -> None:
    """Both state the one version, in a form that every tool for uploads takes, and the description is the README."""
    for message in _metadata(built):
        assert (message["Name"], message["Version"], message["Metadata-Version"]) == ("nemolint", __version__, "2.4")
        assert message["Description-Content-Type"] == "text/markdown"
        text = message.get_payload()
        assert isinstance(text, str) and "\n## Rules\n" in text
        targets = re.findall(r"\]\(([^)\s]+)\)", text)
        assert len(targets) > 50
        # Where it is shown, a link to a file beside it would lead nowhere.
        for target in targets:
            assert target.startswith(("#", "https://")), target
            path = target.removeprefix(f"https://github.com/nemolint/nemolint/blob/v{__version__}/")
            assert path == target or (ROOT / path.partition("#")[0]).is_file(), target
        pictures = re.findall(r'\bsrc(?:set)?="([^"]*)"', text)
        assert len(pictures) == 2
        for target in pictures:
            path = target.removeprefix(f"https://raw.githubusercontent.com/nemolint/nemolint/v{__version__}/")
            assert path != target and (ROOT / path).is_file(), target


def _release() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_place_names_this_version() -> None:
    """A release of this version lacks no more than its date."""
    problems = [item for item in _release().problems(ROOT, f"v{__version__}") if "unreleased" not in item]
    assert problems == []


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A project that can be released as version 1.2.3."""
    for name, text in {
        "lint/nemolint/base/version.py": '__version__ = "1.2.3"\n',
        "CHANGELOG.md": "# Changelog\n\n## 1.2.3 (2026-01-31)\n\n* This.\n\n## 1.2.2 (2026-01-01)\n\n* That.\n",
        "README.md": "  - repo: https://github.com/nemolint/nemolint\n    rev: v1.2.3\n",
        "docs/integrations/github-actions.md": "- uses: nemolint/nemolint@v1.2.3\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_the_notes_are_the_section_of_the_changelog(
    released: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Where all agree, the release is described by its section, and by no older one."""
    release = _release()
    monkeypatch.setattr(release, "ROOT", released)
    assert release.main(["v1.2.3"]) == 0
    assert capfdbinary.readouterr() == (b"* This.\n", b"")


@pytest.mark.parametrize(
    ("file", "old", "new", "tag"),
    [
        ("README.md", "1.2.3", "1.2.3", "v1.2.4"),
        ("README.md", "1.2.3", "1.2.3", "1.2.3"),
        ("README.md", "v1.2.3", "v1.2.2", "v1.2.3"),
        ("docs/integrations/github-actions.md", "v1.2.3", "v1.2.3rc1", "v1.2.3"),
        ("lint/nemolint/base/version.py", "1.2.3", "1.2.30", "v1.2.3"),
        ("CHANGELOG.md", "1.2.3 (2026-01-31)", "1.2.3 (unreleased)", "v1.2.3"),
        ("CHANGELOG.md", "## 1.2.3", "## 1.2.4 (2026-02-01)\n\n## 1.2.3", "v1.2.3"),
    ],
)
def test_a_release_that_contradicts_itself_is_refused(
    released: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, tag: str
) -> None:
    """A forgotten place, a wrong tag or a section without a date stops the release before anything is built."""
    release = _release()
    monkeypatch.setattr(release, "ROOT", released)
    (released / file).write_text((released / file).read_text("utf-8").replace(old, new), "utf-8")
    assert release.main([tag]) == 1


def _name(text: str) -> str:
    """The normalised name that a requirement begins with."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", text, maxsplit=1)[0]).lower()


def _declared() -> tuple[set[str], set[str]]:
    """The distributions that `pyproject.toml` names: those that the command and its extras need, and those that the
    tests need.
    """
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = (text for texts in table["project"]["optional-dependencies"].values() for text in texts)
    return {_name(text) for text in (*table["project"]["dependencies"], *extras)}, {
        _name(text) for text in table["dependency-groups"]["test"]
    }


def _modules(distribution: metadata.Distribution) -> set[str]:
    """The top-level modules, stubs among them, that a distribution brings."""
    return {Path(file.parts[0]).name.partition(".")[0] for file in distribution.files or ()} - {""}


def _commands(distribution: metadata.Distribution) -> set[str]:
    return {file.stem for file in distribution.files or () if file.parent.name in ("bin", "Scripts")}


@cache
def _bringers() -> Mapping[str, set[str]]:
    """The names of the installed distributions that bring each top-level module."""
    found: dict[str, set[str]] = {}
    for distribution in metadata.distributions():
        for module in _modules(distribution):
            found.setdefault(module, set()).add(_name(distribution.metadata["Name"]))
    return found


@cache
def _imported_and_said(folder: str) -> tuple[set[str], set[str]]:
    """The top-level modules that the sources in a folder import, by a statement or by `import_module` and
    `importorskip`; and every string in them that could be the name of a module or of a command.
    """
    found, said = set(), set()
    trees = (ast.parse(file.read_text("utf-8")) for file in sorted((ROOT / folder).rglob("*.py")))
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.Constant(value=str(text)):
                said.add(text)
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module)
            case ast.Call(
                func=ast.Name(id="import_module" | "importorskip")
                | ast.Attribute(attr="import_module" | "importorskip"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                found.add(module)
    return {module.partition(".")[0] for module in found}, said


def _imported(*folders: str) -> set[str]:
    return set().union(*(_imported_and_said(folder)[0] for folder in folders))


def _said(*folders: str) -> set[str]:
    return set().union(*(_imported_and_said(folder)[1] for folder in folders))


def test_what_the_command_imports_is_what_it_declares() -> None:
    """No module comes from a distribution that only happens to be installed, and no dependency is idle."""
    bringers = _bringers()
    modules = _imported("lint", "rules") - sys.stdlib_module_names - {"nemolint", "nemolint_rules"}
    assert not {module for module in modules if module not in bringers}
    assert {name for module in modules for name in bringers[module]} == _declared()[0]


def test_what_the_tests_import_is_declared() -> None:
    """The tests, and the tools beside them, import nothing but the dependencies and the test group."""
    bringers = _bringers()
    own = {file.stem for folder in ("tests", "benchmarks") for file in (ROOT / folder).rglob("*.py")}
    own |= {"nemolint", "nemolint_rules", "nemolint_demo_pack", "support"}
    modules = _imported("tests", "benchmarks", ".ci") - sys.stdlib_module_names - own
    declared = set.union(*_declared())
    assert not {module for module in modules if not bringers.get(module, {_name(module)}) & declared}


def test_no_entry_of_the_test_group_is_idle() -> None:
    """Each is imported by the tests, started by name as a module or a command, or types what the command imports."""
    used = _imported("tests", ".ci") | _said("tests", ".ci")
    used |= {f"{module}-stubs" for module in _imported("lint", "rules")}
    group = [item for item in metadata.distributions() if _name(item.metadata["Name"]) in _declared()[1]]
    assert not [item.metadata["Name"] for item in group if not (_modules(item) | _commands(item)) & used]


@pytest.fixture(scope="module")
def alone(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed wheel, its dependencies and theirs, and nothing else."""
    site = tmp_path_factory.mktemp("alone") / "site"
    (wheel,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    execute(pip, site.parent, code=0)
    (own,) = metadata.distributions(name="nemolint", path=[str(site)])
    waiting, seen = list(own.requires or ()), {"nemolint"}
    while waiting:
        requirement = waiting.pop()
        name = _name(requirement)
        if name in seen or "extra ==" in requirement:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # it is for another Python or system
            continue
        waiting += distribution.requires or ()
        for file in distribution.files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                target = site / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target)
    return site


def _run(site: Path, cwd: Path, *arguments: str, code: int) -> str:
    """What the command prints, started in a Python that sees no installed package but those in `site`."""
    command = [sys.executable, "-S", "-m", "nemolint", *arguments]
    done = execute(command, cwd, env={"PYTHONPATH": str(site)}, code=code)
    assert "Traceback" not in done.err
    return done.out


def _check(site: Path, tree: Path) -> None:
    """Check a tree once with a report of each format, and apply each fix."""
    formats = [item for name in FORMATS for item in ("--output-format", f"{name}=../report.{name}")]
    _run(site, tree, "check", "--no-cache", *formats, ".", code=1)
    assert all((tree.parent / f"report.{name}").stat().st_size for name in FORMATS)
    before = json.loads((tree.parent / "report.json").read_text("utf-8"))
    fix = ("--fix", "--unsafe-fixes", "--output-format", "json")
    after = json.loads(_run(site, tree, "check", "--no-cache", *fix, ".", code=1))
    assert 0 < len(after) < len(before)


def test_the_command_needs_no_more_than_its_dependencies(alone: Path, tmp_path: Path) -> None:
    """Every subcommand and every format work on every kind of file where the wheel alone is installed."""
    tree = tmp_path / "tree"
    for line in (ROOT / "tests" / "data" / "containers.jsonl").read_text("utf-8").split("\n")[:-1]:
        row = json.loads(line)
        file = tree / row["name"] / row["path"]
        file.parent.mkdir(parents=True)
        file.write_bytes(row["source"].replace("-c tiny", "--dryrun -c tiny").encode())
    (tree / "nemolint.toml").write_text('exclude = ["old/"]\n', "utf-8")
    (tree / "a.sh").write_text("nemotron steps run sft/automodel -c tiny --dryrun\n", "utf-8")
    assert len(_run(alone, tree, "catalog", code=0).splitlines()) > 10
    _run(alone, tree, "catalog", "sft/automodel", code=0)
    _run(alone, tree, "baseline", "--output", "known.json", "a.sh", code=0)
    _run(alone, tree, "check", "--no-cache", "--baseline", "known.json", "a.sh", code=0)
    assert _run(alone, tree, "check", "--no-cache", "--diff", "a.sh", code=1)
    assert json.loads(_run(alone, tree, "commands", "--all", "--json", ".", code=0))
    _check(alone, tree)


def test_a_repository_needs_no_more_than_the_dependencies(alone: Path, tmp_path: Path, shared: Path) -> None:
    """Real documents with the manifests, configs and env TOML beside them load no other module, either."""
    tree = tmp_path / "tree"
    shutil.copytree(shared / "corpus" / "nemotron", tree)
    for path in (tree, *tree.rglob("*")):  # the original is read-only
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
    _run(alone, tree, "catalog", "sft/automodel", code=0)
    _check(alone, tree)


def test_the_rules_are_explained_without_the_source_tree(alone: Path, tmp_path: Path) -> None:
    """The rules come with the wheel, with their docs and examples, and so does the settings' schema."""
    rows = json.loads(_run(alone, tmp_path, "rules", "--json", code=0))
    assert {row["name"] for row in rows} == set(load_rules())
    assert _run(alone, tmp_path, "explain", "missing-dry-run", code=0).startswith("missing-dry-run")
    assert json.loads(_run(alone, tmp_path, "rules", "--schema", code=0))
    assert "nemolint" in _run(alone, tmp_path, "--print-completion", "bash", code=0)
    assert _run(alone, tmp_path, "--version", code=0).split() == ["nemolint", __version__]


def test_the_installed_command_works(alone: Path, tmp_path: Path) -> None:
    """Installed from the wheel, away from the source tree, the command itself finds its rules and its snapshot."""
    (tmp_path / "a.sh").write_text("nemotron steps run sft/automodel -c tiny --dryrun\n", "utf-8")
    environ = {"PYTHONPATH": str(alone)}
    (script,) = (alone / "bin").glob("nemolint*")
    done = execute([script, "--no-cache", "--output-format", "concise", "a.sh"], tmp_path, env=environ, code=1)
    assert done.out.startswith("a.sh:1:42: error[misspelled-dry-run]")
    assert str(alone) in python("import nemolint; print(nemolint.__file__)", tmp_path, env=environ).out


def test_the_grader_needs_the_wheel_alone(alone: Path, tmp_path: Path) -> None:
    """`evals/grader.py`, staged without its neighbours into an environment that holds nemolint and nothing else."""
    environment = tmp_path / "venv"
    execute([sys.executable, "-m", "venv", "--without-pip", environment], tmp_path, code=0)
    (site,) = environment.glob("lib/python*/site-packages")
    shutil.copytree(alone, site, dirs_exist_ok=True)
    tests, logs = tmp_path / "tests", tmp_path / "logs"
    tests.mkdir()
    (logs / "agent").mkdir(parents=True)
    shutil.copyfile(ROOT / "evals" / "grader.py", tests / "grader.py")
    rows = {row["id"]: row for row in json.loads((ROOT / "evals" / "negative.json").read_text("utf-8"))["evals"]}
    environ = {
        "HARBOR_LOGS_DIR": str(logs),
        "HARBOR_TESTS_DIR": str(tests),
        "HARBOR_GRADER": str(tests / "grader.py"),
        "HARBOR_ENTRY_JSON": str(tests / "entry.json"),
        "HARBOR_ATIF_PATH": str(logs / "agent" / "trajectory.json"),
        "HARBOR_REWARD_JSON": str(logs / "verifier" / "reward.json"),
        "HARBOR_REWARD_TXT": str(logs / "verifier" / "reward.txt"),
        "HOME": str(tmp_path / "nobody"),
        "PATH": "",
    }
    scores = {}
    for name, quality in itertools.product(("other-way-round", "print-the-key", "unrelated-csv"), ("good", "bad")):
        message = (ROOT / "tests" / "grades" / f"{name}.{quality}.md").read_text("utf-8")
        step = {"step_id": 1, "source": "agent", "message": message}
        (tests / "entry.json").write_text(json.dumps(rows[name]), "utf-8")
        (logs / "agent" / "trajectory.json").write_text(json.dumps({"steps": [step]}), "utf-8")
        execute([environment / "bin" / "python", tests / "grader.py"], logs, env=environ, code=0)
        reward = json.loads((logs / "verifier" / "reward.json").read_text("utf-8"))
        assert float((logs / "verifier" / "reward.txt").read_text("utf-8")) == reward["overall"]
        assert "not graded" not in json.dumps(reward)
        scores[name, quality] = reward["overall"]
    assert all(score >= 0.9 if quality == "good" else score <= 0.5 for (_, quality), score in scores.items()), scores
