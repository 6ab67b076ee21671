"""Where settings come from, and what is said about those that cannot be used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

from nemolint.linter.checker import Checker
from nemolint.project import Project
from nemolint.settings import Settings, SettingsError, matcher, with_command_line
from nemolint.settings_check import check_rules, input_problems
from nemolint.settings_file import load_settings, place_of
from nemolint.settings_model import json_schema
from support.command import nemolint, python
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
    assert settings.root == tmp_path
    assert settings.source == tmp_path / "nemolint.toml"
    assert settings.select == ("secrets", "unknown-step")
    assert settings.exclude == ("build/", "*.gen.md")
    assert settings.env_file == tmp_path / "conf/env.lepton.toml"
    assert settings.nemotron == tmp_path / "../Nemotron"
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
    excluded = matcher(Path("/r"), ("build/", "*.gen.md", "!keep.gen.md", "/top.md"))
    assert excluded(Path("/r/build"), True)
    assert excluded(Path("/r/a/build/x.md"), False)
    assert excluded(Path("/r/a/x.gen.md"), False)
    assert excluded(Path("/r/top.md"), False)
    for name in ("/r/build", "/r/keep.gen.md", "/r/a/top.md", "/elsewhere/top.md", "/r"):
        assert not excluded(Path(name), False)


def test_schema_agrees(tmp_path: Path) -> None:
    """The published schema accepts a full file and refuses an unknown key."""
    import tomli

    jsonschema.validate(tomli.loads(FULL), json_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"slect": []}, json_schema())


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
