"""Where settings come from, and what is said about those that cannot be used."""

from __future__ import annotations

import errno
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from nemolint.commands.rules import settings_schema
from nemolint.linter.checker import Checker
from nemolint.project import Project
from nemolint.settings import Settings, SettingsError, with_command_line
from nemolint.settings_check import check_rules, input_problems
from nemolint.settings_file import load_settings, place_of
from support.command import git, nemolint, python
from support.rules import stub


@dataclass(frozen=True)
class _Options:
    max_length: int = 3
    names: tuple[str, ...] = ()


RULES = {
    rule.name: rule
    for rule in (
        stub("missing-dry-run", group="launch"),
        stub("unknown-step", group="contract"),
        stub("inlined-secret", group="secrets", options=_Options),
    )
}


def _write(folder: Path, text: str, name: str = "nemolint.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


FULL = """
select = ["secrets", "unknown-step"]
ignore = ["missing-dry-run"]
extend-select = ["launch"]
exclude = ["build/", "*.gen.md"]
env-file = "conf/env.lepton.toml"
profiles = ["lepton"]
nemotron = "../Nemotron"
preset = "answer"

[per-file-ignores]
"docs/**" = ["unknown-step"]

[severity]
missing-dry-run = "warning"
unknown-step = "off"

[inputs]
"curate/nemo_curator:input_glob" = "/data/news/*.jsonl"

[rules.inlined-secret]
max-length = 7
names = ["A", "B"]

[[overrides]]
files = ["answers/", "*.answer.txt"]
ignore = ["launch"]
extend-select = ["missing-dry-run", "unknown-step"]
severity = {missing-dry-run = "info"}
preset = "answer"

[[overrides]]
files = ["answers/old/"]
severity = {missing-dry-run = "error", unknown-step = "off"}
preset = "repo"
"""


def test_all_keys(tmp_path: Path) -> None:
    """Every key of the file arrives, paths counted from the file."""
    _write(tmp_path, FULL)
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    settings = load_settings(inner)
    assert settings.root == str(tmp_path)
    assert settings.source == str(tmp_path / "nemolint.toml")
    assert settings.select == ("secrets", "unknown-step")
    assert settings.exclude == ("build/", "*.gen.md")
    assert settings.env_file == str(tmp_path / "conf/env.lepton.toml")
    assert settings.nemotron == str(tmp_path / "../Nemotron")
    assert settings.profiles == ("lepton",)
    assert settings.preset == "answer"
    assert settings.severity == {"missing-dry-run": "warning", "unknown-step": "off"}
    assert settings.inputs == {"curate/nemo_curator:input_glob": "/data/news/*.jsonl"}
    assert settings.rules == {"inlined-secret": {"max_length": 7, "names": ("A", "B")}}
    assert settings.ignored_for(tmp_path / "docs/a/b.md") == {"unknown-step"}
    assert settings.ignored_for(tmp_path / "src/a.md") == frozenset()
    check_rules(settings, RULES)


def test_overrides(tmp_path: Path) -> None:
    """What an override says holds for its files only; of two that match, the later one wins."""
    _write(tmp_path, FULL)
    settings = load_settings(tmp_path)
    check_rules(settings, RULES)
    assert settings.for_file(tmp_path / "docs" / "a.md") is settings
    answers = settings.for_file(tmp_path / "answers" / "a.md")
    assert (answers.preset, answers.ignore) == ("answer", ("launch",))
    assert answers.extend_select == ("launch", "missing-dry-run", "unknown-step")
    assert answers.severity == {"missing-dry-run": "info"}
    old = settings.for_file(tmp_path / "answers" / "old" / "a.md")
    assert (old.preset, old.severity) == ("repo", {"missing-dry-run": "error", "unknown-step": "off"})
    chosen = with_command_line(settings, select=["secrets"], preset="repo").for_file(tmp_path / "answers" / "a.md")
    assert (chosen.preset, chosen.ignore, chosen.extend_select) == ("repo", ("launch",), ())


def test_overrides_in_force(tmp_path: Path) -> None:
    """The engine judges each file by its own settings."""
    _write(
        tmp_path,
        '[[overrides]]\nfiles = ["a/"]\nseverity = {misspelled-dry-run = "warning"}\n'
        '[[overrides]]\nfiles = ["b/"]\nignore = ["launch"]\n'
        '[[overrides]]\nfiles = ["c/"]\nextend-select = ["missing-launcher"]\npreset = "answer"\n',
    )
    checker = Checker(load_settings(tmp_path), cwd=tmp_path, environ={})
    text = b"```bash\nnemotron steps run sft/automodel -c tiny --dryrun\n```\n"

    def found(name: str) -> dict[str, str]:
        document = checker.read(tmp_path / name, text)
        return {item.rule: item.severity for item in checker.check(document)}

    assert found("x.md")["misspelled-dry-run"] == "error"
    assert found("a/x.md")["misspelled-dry-run"] == "warning"
    assert "misspelled-dry-run" not in found("b/x.md")
    answer = found("c/x.md")
    assert {"missing-launcher", "missing-source-tier"} <= set(answer) and answer["misspelled-dry-run"] == "error"


def test_table_in_pyproject(tmp_path: Path) -> None:
    """The nearest file that has settings counts: a nearer pyproject.toml without the table does not."""
    _write(tmp_path, '[tool.nemolint]\nignore = ["a"]\n', "pyproject.toml")
    _write(tmp_path / "in", '[project]\ndependencies = ["nemolint"]\n', "pyproject.toml")
    assert load_settings(tmp_path / "in").ignore == ("a",)
    _write(tmp_path, 'ignore = ["b"]\n')
    assert load_settings(tmp_path / "in").ignore == ("b",)


def test_others_broken_files_are_not_ours(tmp_path: Path) -> None:
    """A broken pyproject.toml without a table of ours is passed over; with one it is an error that has a line."""
    _write(tmp_path, "# uses nemolint\n[project\n", "pyproject.toml")
    assert load_settings(tmp_path).source is None
    _write(tmp_path, "[tool.nemolint]\nselect = [\n\nx\n", "pyproject.toml")
    with pytest.raises(SettingsError, match=r"pyproject\.toml: not valid TOML: .*line 4"):
        load_settings(tmp_path)


def test_explicit_file(tmp_path: Path) -> None:
    """A named file is taken whatever its name; one that is missing, or has no table, is an error."""
    file = _write(tmp_path, 'profiles = ["x"]\n', "other.toml")
    assert load_settings(tmp_path / "elsewhere", file).profiles == ("x",)
    with pytest.raises(SettingsError, match="No such file"):
        load_settings(tmp_path, tmp_path / "absent.toml")
    with pytest.raises(SettingsError, match=r"no \[tool\.nemolint\] table"):
        load_settings(tmp_path, _write(tmp_path, "[project]\n", "pyproject.toml"))


PROBLEMS = {
    "unknown key": ('profiles = []\nslect = ["a"]\n', ":2: ", 'unknown key "slect" (did you mean `select`?)'),
    "override key": ('[[overrides]]\nfiles = ["a"]\nignor = ["a"]\n', ":3: ", "(did you mean `ignore`?)"),
    "override without files": ('[[overrides]]\nignore = ["a"]\n', ":1: ", "overrides.0.files: this key is required"),
    "override with files misspelt": ('[[overrides]]\nfile = ["a"]\n', ":2: ", "(did you mean `files`?)"),
    "underscore": ('extend_select = ["a"]\n', ":1: ", "(did you mean `extend-select`?)"),
    "wrong type": ('\nselect = "secrets"\n', ":2: ", "select: expected a list, not a string"),
    "wrong item": ("profiles = [1]\n", ":1: ", "profiles.0: expected a string, not an integer"),
    "severity": ('[severity]\na = "error"\nb = "fatal"\n', ":3: ", """expected 'error', 'warning', 'info' or 'off'"""),
    "preset": (
        'preset = "answers"\n',
        ":1: ",
        """expected 'repo', 'docs', 'scripts', 'strict' or 'answer', not "answers\"""",
    ),
    "inputs": ('[inputs]\ncurate = "x"\n', ":2: ", 'expected "STEP:KEY" = "glob"'),
    "a list for a table": ("severity = []\n", ":1: ", "severity: expected a table, not a list"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems(name: str, tmp_path: Path) -> None:
    """What is wrong is named with file, line and the nearest key."""
    text, line, message = PROBLEMS[name]
    file = _write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path)
    assert str(caught.value).startswith(f"{file}{line}")
    assert message in str(caught.value)


def test_line_in_pyproject(tmp_path: Path) -> None:
    """Lines are those of the file, tables and dotted keys followed."""
    _write(tmp_path, '[tool.nemolint]\nprofiles = []\n\n[tool.nemolint.severity]\n"a-b" = "no"\n', "pyproject.toml")
    with pytest.raises(SettingsError, match=r"pyproject\.toml:5: severity\.a-b"):
        load_settings(tmp_path)


RULE_PROBLEMS = {
    "select": (
        'select = ["missing-dryrun"]\n',
        ":1: ",
        "select: there is no rule `missing-dryrun`",
        "missing-dry-run",
    ),
    "group": ('\nignore = ["secret"]\n', ":2: ", "there is no rule `secret`", "secrets"),
    "severity": (
        '[severity]\nunknown-stp = "off"\n',
        ":2: ",
        "severity: there is no rule `unknown-stp`",
        "unknown-step",
    ),
    "override": (
        '[[overrides]]\nfiles = ["a"]\n[[overrides]]\nfiles = ["a"]\nignore = ["x"]\n',
        ":5: ",
        "overrides.1.ignore: there is no rule `x`",
        "",
    ),
    "override severity": (
        '[[overrides]]\nfiles = ["a"]\n[overrides.severity]\nx = "off"\n',
        ":3: ",
        "overrides.0.severity: there is no rule `x`",
        "",
    ),
    "per file": ('[per-file-ignores]\n"a.b" = ["x"]\n', ":2: ", "per-file-ignores.a.b: there is no rule `x`", ""),
    "rules": ("[rules.unknown-stp]\na = 1\n", ":1: ", "rules: there is no rule `unknown-stp`", "unknown-step"),
    "no options": ("[rules.unknown-step]\na = 1\n", ":1: ", "this rule has no options", ""),
    "option": ("[rules.inlined-secret]\nmax-lenght = 1\n", ":2: ", "max-lenght: unknown option", "max-length"),
    "option type": (
        '[rules.inlined-secret]\nmax-length = "7"\n',
        ":2: ",
        "max-length: expected an integer, not a string",
        "",
    ),
}


@pytest.mark.parametrize("name", RULE_PROBLEMS)
def test_rule_problems(name: str, tmp_path: Path) -> None:
    """Names of rules, groups and options are checked against what is installed."""
    text, line, message, close = RULE_PROBLEMS[name]
    file = _write(tmp_path, text)
    settings = load_settings(tmp_path)
    with pytest.raises(SettingsError) as caught:
        check_rules(settings, RULES)
    assert str(caught.value).startswith(f"{file}{line}")
    assert message in str(caught.value)
    assert (f"(did you mean `{close}`?)" in str(caught.value)) == bool(close)


def _checkout(folder: Path) -> Project:
    """A checkout with one step of a closed schema, as far as its config and code say."""
    step = folder / "src/nemotron/steps/translate/nemo_curator"
    (step / "config").mkdir(parents=True)
    (step.parent / "broken").mkdir()
    _write(folder, "", "pyproject.toml")
    _write(step, '[step]\nid = "translate/nemo_curator"\nname = "x"\ncategory = "translate"\n', "step.toml")
    _write(step, "input_path: a\nserver: {url: b}\n", "config/default.yaml")
    _write(step, 'import sys, yaml\nprint(yaml.safe_load(open(sys.argv[1]))["input_path"])\n', "step.py")
    return Project.find(folder, cwd=folder, environ={})


INPUTS = {
    "step": ("translate/nemo_curatr:input_path", "there is no step `translate/nemo_curatr`", "translate/nemo_curator"),
    "short step": ("nemo_curator:input_path", "there is no step `nemo_curator`", "translate/nemo_curator"),
    "key": ("translate/nemo_curator:input_pth", "translate/nemo_curator does not read a key `input_pth`", "input_path"),
}


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_of_nothing(name: str, tmp_path: Path) -> None:
    """An input that no run can have is reported with its line, and not where no checkout says so."""
    key, message, close = INPUTS[name]
    known = {"translate/nemo_curator:input_path": "a/*", "translate/broken:x": "a/*"}
    written = "".join(f'"{item}" = "a/*"\n' for item in (*known, key))
    file = _write(tmp_path, f"[inputs]\n{written}")
    settings = load_settings(tmp_path)
    assert list(input_problems(settings, Project.find(tmp_path, cwd=tmp_path, environ={}))) == []
    project = _checkout(tmp_path)
    reported = f'{file}:4: inputs."{key}": {message} (did you mean `{close}`?)'
    assert list(input_problems(settings, project)) == [reported]
    assert list(input_problems(settings._replace(inputs=known), project)) == []
    (tmp_path / "a.sh").write_text("nemotron steps run translate/nemo_curator --dry-run\n")
    for _ in range(2):  # a second check, too
        done = nemolint(tmp_path, "--exit-zero", ".")
        assert (done.code, done.err.splitlines()[0]) == (0, f"nemolint: {reported}")


def test_command_line_wins() -> None:
    """`--select` starts afresh; what the command line turns on stays on, whatever the file says."""
    base = Settings(Path("/"), ignore=("a", "b"), severity={"a": "off", "c": "off"}, extend_select=("d",))
    chosen = with_command_line(base, select=["a"])
    assert (chosen.select, chosen.ignore, chosen.extend_select) == (("a",), (), ())
    assert chosen.severity == {"c": "off"}
    added = with_command_line(base, extend_select=["a"], ignore=["e"])
    assert (added.select, added.ignore, added.extend_select) == (None, ("b", "e"), ("d", "a"))
    assert added.severity == {"c": "off"}


def test_patterns() -> None:
    """Patterns are those of .gitignore, counted from the settings file; nothing outside it matches."""
    excluded = Settings(Path("/r"), exclude=("build/", "*.gen.md", "!keep.gen.md", "/top.md")).excludes
    assert excluded("/r/build", True)
    assert excluded("/r/a/build/x.md", False)
    assert excluded("/r/a/x.gen.md", False)
    assert excluded("/r/top.md", False)
    for name in ("/r/build", "/r/keep.gen.md", "/r/a/top.md", "/elsewhere/top.md", "/r"):
        assert not excluded(name, False)


def test_schema_agrees(tmp_path: Path) -> None:
    """The published schema accepts a full file and refuses an unknown key."""
    import tomli

    jsonschema.validate(tomli.loads(FULL), settings_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"slect": []}, settings_schema())


def test_no_pydantic_without_settings(tmp_path: Path) -> None:
    """Without a settings table nothing heavy is imported."""
    code = (
        "import sys; from pathlib import Path; from nemolint.settings_file import load_settings; "
        "load_settings(Path.cwd()); print([m for m in ('pydantic', 'tomli', 'pathspec') if m in sys.modules])"
    )
    assert python(code, tmp_path).out == "[]\n"


def test_too_many_patterns_are_refused(tmp_path: Path) -> None:
    """Settings whose patterns could not be matched in good time are reported, with the key and what to do."""
    lines = [f'  "a{number}*/*b.sh",' for number in range(50_000)]
    (tmp_path / "nemolint.toml").write_text("\n".join(["exclude = [", *lines, "]"]), "utf-8")
    with pytest.raises(SettingsError, match=r"nemolint.toml:1: exclude: there are 50,000 file.*at most 10,000"):
        load_settings(tmp_path)


def test_a_line_is_known_for_each_of_many_keys(tmp_path: Path) -> None:
    """The line of a faulty key is that of the longest part of it that stands on a line of its own."""
    rows = "".join(f'[[overrides]]\nfiles = ["{number}.sh"]\nignore = ["missing-dry-run"]\n' for number in range(50))
    (tmp_path / "nemolint.toml").write_text(f"{rows}[severity]\nnothing-like-it = 'off'\n", "utf-8")
    settings = load_settings(tmp_path)
    assert place_of(settings, "overrides", "7", "ignore") == f"{tmp_path / 'nemolint.toml'}:24"
    assert place_of(settings, "severity", "nothing-like-it").endswith(":152")
    assert place_of(settings, "severity", "other").endswith(":151")
    assert place_of(settings, "none") == str(tmp_path / "nemolint.toml")


DRYRUN = "uv run nemotron steps run sft/automodel -c tiny --dryrun\n"


@pytest.fixture(params=["walked", "git"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A tree of projects with settings of their own."""
    root = tmp_path / "root"
    files = {
        "a.sh": DRYRUN,
        "team/b.sh": DRYRUN,
        "team/deep/er/c.sh": DRYRUN,
        "team/gen/d.sh": DRYRUN,
        "team/gen/own/e.sh": DRYRUN,
        "plain/f.sh": DRYRUN,
        "plain/pyproject.toml": "[project]\nname = 'x'\n",
        "nemolint.toml": '[severity]\nmisspelled-dry-run = "warning"\n',
        "team/nemolint.toml": 'exclude = ["gen/"]\n[severity]\nmisspelled-dry-run = "info"\n',
        "team/deep/pyproject.toml": "[tool.nemolint]\nignore = ['misspelled-dry-run']\n",
        "team/gen/own/nemolint.toml": "",
    }
    for name, text in files.items():
        _write((root / name).parent, text, (root / name).name)
    if request.param == "git":
        git(root, "init", "-q")
    return root


def _severities(folder: Path, *arguments: str) -> dict[str, str]:
    rows = nemolint(folder, "--show", "info", "--output-format", "json", *arguments).rows()
    return {row["path"]: row["severity"] for row in rows if row["rule"] == "misspelled-dry-run"}


IN_TREE = {"a.sh": "warning", "plain/f.sh": "warning", "team/b.sh": "info"}


def test_each_file_has_the_nearest_settings(tree: Path) -> None:
    """However a file is named, wherever the check starts, and from the cache; an excluded folder is not entered."""
    for _ in range(3):
        assert _severities(tree) == IN_TREE
        time.sleep(0.1)
    for name, severity in IN_TREE.items():
        assert _severities(tree, name) == {name: severity}
    assert _severities(tree / "team") == {"b.sh": "info"}
    assert _severities(tree / "team/deep/er", "../../b.sh", "c.sh") == {str(tree / "team/b.sh"): "info"}
    assert _severities(tree.parent, str(tree)) == {f"root/{name}": severity for name, severity in IN_TREE.items()}
    (tree.parent / "elsewhere").mkdir()
    found = _severities(tree.parent / "elsewhere", str(tree))
    assert found == {str(tree / name): severity for name, severity in IN_TREE.items()}
    assert _severities(tree, "--jobs", "2") == IN_TREE
    # What is given by name is checked in any case, by the settings that are nearest to it.
    assert _severities(tree, "team/gen") == {"team/gen/d.sh": "info", "team/gen/own/e.sh": "error"}
    assert _severities(tree, "team/gen/own/e.sh") == {"team/gen/own/e.sh": "error"}
    assert _severities(tree, "--force-exclude", "team/gen/own/e.sh", "team/gen", "a.sh") == {"a.sh": "warning"}


@pytest.mark.parametrize("subcommand", ["commands", "baseline"])
def test_other_subcommands_have_the_nearest_settings(tree: Path, subcommand: str) -> None:
    """A run is blocked, and a finding recorded, by the settings of its file."""
    (tree / "nemolint.toml").unlink()
    rule = "misspelled-dry-run"
    if subcommand == "commands":
        rows = nemolint(tree, "commands", "--json").rows()
        assert {row["path"] for row in rows if rule in row["blockers"]} == {"a.sh", "plain/f.sh"}
        assert {row["path"] for row in rows if rule not in row["blockers"]} == {"team/b.sh", "team/deep/er/c.sh"}
    else:
        assert nemolint(tree, "baseline").code == 0
        known = json.loads((tree / "nemolint-baseline.json").read_text("utf-8"))["findings"]
        assert {item["path"] for item in known if item["rule"] == rule} == {"a.sh", "plain/f.sh"}


def test_a_cached_answer_follows_the_settings(tree: Path) -> None:
    """Settings that are added, changed or removed between the checked folder and a file count at once."""
    assert _severities(tree) == IN_TREE
    time.sleep(0.1)
    for folder in ("plain", "team", ""):
        file = tree / folder / "nemolint.toml"
        before = file.read_bytes() if file.is_file() else None
        file.write_text("exclude = ['/gen/']\nignore = ['all']\n", "utf-8")
        gone = {"plain": {"plain/f.sh"}, "team": {"team/b.sh"}, "": {"a.sh", "plain/f.sh"}}[folder]
        assert _severities(tree).keys() == IN_TREE.keys() - gone
        assert _severities(tree) == _severities(tree, "--no-cache")
        time.sleep(0.1)
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)
        assert _severities(tree) == IN_TREE
        time.sleep(0.1)


def test_one_file_or_none_instead(tree: Path) -> None:
    """`--config` and `--isolated` turn the search off, and exclude each other."""
    file = _write(tree.parent, "[severity]\nmisspelled-dry-run = 'info'\n", "other.toml")
    every = ["a.sh", "plain/f.sh", "team/b.sh", "team/deep/er/c.sh", "team/gen/d.sh", "team/gen/own/e.sh"]
    assert _severities(tree, "--config", str(file)) == dict.fromkeys(every, "info")
    assert _severities(tree, "--isolated") == dict.fromkeys(every, "error")
    done = nemolint(tree, "--isolated", "--config", str(file))
    assert done.code == 2 and "--config and --isolated contradict each other" in done.err
    (tree / "team/nemolint.toml").write_text("slect = 1\n", "utf-8")
    assert nemolint(tree, "--isolated").code == 1
    done = nemolint(tree)
    assert (done.code, done.out) == (2, "") and "team/nemolint.toml:1: unknown key" in done.err
    assert _severities(tree, "plain") == {"plain/f.sh": "warning"}


def test_exclude_on_the_command_line(tree: Path) -> None:
    """Its patterns are added to those of the settings, and count from the current folder."""
    assert _severities(tree, "--exclude", "plain/", "--exclude", "a.*") == {"team/b.sh": "info"}
    assert _severities(tree / "team", "--exclude", "/b.sh", "..").keys() == {
        str(tree / "a.sh"),
        str(tree / "plain/f.sh"),
    }
    assert _severities(tree, "--isolated", "--exclude", "/team", "--exclude", "plain") == {"a.sh": "error"}
    assert _severities(tree, "--exclude", "a.sh", "a.sh") == {"a.sh": "warning"}
    assert _severities(tree, "--exclude", "a.sh", "--force-exclude", "a.sh") == {}


def test_extended_settings(tmp_path: Path) -> None:
    """What a file sets wins key by key, lists are added to, and patterns count from the file that has them."""
    _write(
        tmp_path,
        "ignore = ['launch', 'unknown-step']\nexclude = ['/sub/gen/', '*.old.md']\nenv-file = 'env.toml'\n"
        "preset = 'docs'\nprofiles = ['a']\n[severity]\nunknown-step = 'off'\ninlined-secret = 'info'\n"
        "[per-file-ignores]\n'sub/x/*' = ['secrets']\n[[overrides]]\nfiles = ['/sub/y/']\nignore = ['contract']\n",
        "base.toml",
    )
    text = "extends = '../base.toml'\nignore = ['secrets']\nextend-select = ['unknown-step']\nprofiles = ['b']\n"
    _write(tmp_path / "sub", f"{text}exclude = ['/own/']\n[severity]\ninlined-secret = 'error'\n")
    settings = load_settings(tmp_path / "sub/deep")
    assert (settings.ignore, settings.extend_select) == (("launch", "secrets"), ("unknown-step",))
    assert (settings.preset, settings.profiles, settings.env_file) == ("docs", ("a", "b"), str(tmp_path / "env.toml"))
    assert settings.severity == {"inlined-secret": "error"}
    for name, excluded in {"gen/a.md": True, "b.old.md": True, "own/c.md": True, "x/gen/d.md": False}.items():
        assert settings.excludes(str(tmp_path / "sub" / name), False) is excluded
    assert not settings.excludes(str(tmp_path / "own/c.md"), False)
    assert settings.ignored_for(tmp_path / "sub/x/a.md") == {"secrets"}
    assert "contract" in settings.for_file(tmp_path / "sub/y/a.md").ignore
    assert "contract" not in settings.for_file(tmp_path / "sub/z/a.md").ignore
    # A new selection, and the table of a pyproject.toml as the base.
    _write(tmp_path, "[tool.nemolint]\nextends = 'base.toml'\npreset = 'repo'\n", "pyproject.toml")
    _write(tmp_path / "sub", "extends = '../pyproject.toml'\nselect = ['secrets']\n")
    settings = load_settings(tmp_path / "sub")
    assert (settings.select, settings.ignore, settings.preset) == (("secrets",), (), "repo")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends = 'absent.toml'", ":2: extends: cannot read FOLDER/absent.toml: No such file or directory"),
        ("extends = '.'", ":2: extends: cannot read FOLDER: is a folder"),
        ("extends = 'nemolint.toml'", ":2: extends: FOLDER/nemolint.toml extends itself"),
        ("extends = 'circle.toml'", "circle.toml:1: extends: FOLDER/nemolint.toml extends itself"),
        ("extends = 'pyproject.toml'", ":2: extends: FOLDER/pyproject.toml has no [tool.nemolint] table"),
        ("extends = 'broken.toml'", 'broken.toml:2: unknown key "slect" (did you mean `select`?)'),
        ("extends = 'rule.toml'", "rule.toml:1: ignore: there is no rule `unknown-stp` (did you mean `unknown-step`?)"),
        ("extends = 'long0.toml'", "more than 20 files extend each other"),
        ("extends = 3", ":2: extends: expected a string, not an integer"),
        ('extends = "a\\u0000b"', ":2: extends: is not the name of a file"),
        ("extends = ''", ":2: extends: is not the name of a file"),
    ],
)
def test_problems_of_extended_settings(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file, the line and what is wrong; nothing is checked."""
    _write(tmp_path, f"# mine\n{text}\n")
    _write(tmp_path, "extends = 'nemolint.toml'\n", "circle.toml")
    _write(tmp_path, "[project]\n", "pyproject.toml")
    _write(tmp_path, "ignore = []\nslect = []\n", "broken.toml")
    _write(tmp_path, "ignore = ['unknown-stp']\n", "rule.toml")
    for number in range(30):
        _write(tmp_path, f"extends = 'long{number + 1}.toml'\n", f"long{number}.toml")
    _write(tmp_path, DRYRUN, "a.sh")
    done = nemolint(tmp_path)
    assert (done.code, done.out) == (2, "")
    assert message.replace("FOLDER", str(tmp_path)) in done.err


def test_extended_settings_are_part_of_the_cache_key(tmp_path: Path) -> None:
    """A change of a file that is extended counts at once."""
    _write(tmp_path / "a", "extends = '../base.toml'\n")
    _write(tmp_path / "a", DRYRUN, "a.sh")
    for level in ("info", "warning", "error"):
        _write(tmp_path, f"[severity]\nmisspelled-dry-run = '{level}'\n", "base.toml")
        time.sleep(0.1)
        for _ in range(2):
            assert _severities(tmp_path) == {"a/a.sh": level}
            assert _severities(tmp_path / "a") == {"a.sh": level}


def test_where_each_setting_comes_from(tmp_path: Path) -> None:
    """`--show-settings FILE` says which file and line, or the command line, gave what."""
    _write(tmp_path, "ignore = ['launch']\npreset = 'docs'\n[severity]\nunknown-step = 'info'\n", "base.toml")
    _write(
        tmp_path / "sub",
        "extends = '../base.toml'\nignore = ['secrets']\n[severity]\nunknown-step = 'off'\n"
        "[[overrides]]\nfiles = ['x/']\nignore = ['contract']\nseverity = {unknown-step = 'error'}\n",
    )
    base, own = tmp_path / "base.toml", tmp_path / "sub/nemolint.toml"
    _write(tmp_path, "", "env.toml")
    shown = json.loads(nemolint(tmp_path, "--show-settings", "sub/x/a.sh", "--env-file", "env.toml").out)
    assert shown["file"] == str(tmp_path / "sub/x/a.sh") and shown["source"] == str(own)
    assert shown["ignore"] == ["launch", "secrets", "contract"] and shown["severity"] == {"unknown-step": "error"}
    assert shown["preset"] == "docs" and shown["env-file"] == str(tmp_path / "env.toml")
    assert shown["origins"] == {
        "ignore": [f"{base}:1", f"{own}:2", f"{own}:5"],
        "preset": [f"{base}:2"],
        "severity.unknown-step": [f"{base}:4", f"{own}:4", f"{own}:5"],
        "overrides": [f"{own}:5"],
        "env-file": ["command line"],
    }
    assert json.loads(nemolint(tmp_path, "--show-settings").out)["source"] is None
    assert json.loads(nemolint(tmp_path, "--show-settings", "sub").out)["source"] == str(own)
    assert nemolint(tmp_path, "--show-settings", "a.sh", "b.sh").code == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
@pytest.mark.parametrize("kind", ["a pipe", "a link to nowhere", "a link to itself"])
def test_settings_that_are_not_a_file(tmp_path: Path, kind: str) -> None:
    """A settings file that leads nowhere had settings for somebody; a folder of its name is a folder."""
    inner = tmp_path / "inner"
    inner.mkdir()
    _write(inner, DRYRUN, "a.sh")
    file = tmp_path / "nemolint.toml"
    file.mkdir()
    for _ in range(2):
        assert nemolint(inner).code == 1
    file.rmdir()
    for _ in range(2):  # the second answer is kept
        assert nemolint(inner).code == 1
    if kind == "a pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("nowhere.toml" if kind == "a link to nowhere" else file.name)
    done = nemolint(inner)
    assert (done.code, done.out) == (2, "") and f"{file}: cannot read the settings: " in done.err
    assert nemolint(inner, "--isolated").code == 1


@pytest.mark.parametrize("error", [errno.EACCES, errno.EIO])
def test_settings_that_cannot_be_read(tmp_path: Path, error: int) -> None:
    """They are not ignored in silence."""
    _write(tmp_path, "ignore = ['all']\n")
    _write(tmp_path, DRYRUN, "a.sh")
    fault = (
        "import os\nreal = os.open\ndef failing(path, *given, **named):\n"
        f"    if str(path).endswith('nemolint.toml'):\n        raise OSError({error}, os.strerror({error}), path)\n"
        "    return real(path, *given, **named)\nos.open = failing\n"
    )
    done = nemolint(tmp_path, "--no-cache", before=fault)
    assert (done.code, done.out) == (2, "") and "nemolint.toml: cannot read the settings: " in done.err
    assert nemolint(tmp_path, "--no-cache", "--isolated", "a.sh", before=fault).code == 1
