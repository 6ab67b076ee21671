"""Policies: what an entry of the settings demands, how it is written, and what is said about one that is wrong."""

from __future__ import annotations

import re
import textwrap
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli
from hypothesis import given, settings as hypothesis_settings, strategies as st

from nemolint.base.bounded_pattern import matches, matches_glob, pattern_problem
from nemolint.commands.rules import settings_schema
from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.linter.rule import Example
from nemolint.linter.wrapping import wrappings
from nemolint.policy_model import DEMANDS, SELECTS
from nemolint.settings import SettingsError
from nemolint.settings_file import SettingsFiles, load_settings
from nemolint.settings_model import validate_policies
from support.command import nemolint

ENV = """
[small]
executor = "slurm"
nodes = 1
gpus_per_node = 8
[small.env_vars]
WANDB_API_KEY = "${oc.env:WANDB_API_KEY}"

[large]
extends = "small"
nodes = 6
"""
RUN = "nemotron steps run sft/automodel -c tiny"
PAGES = {"a.md": "```bash\n{}\n```\n", "a.sh": "{}\n"}


def found(folder: Path, policy: str, text: str, *, name: str = "a.sh", env: str = ENV) -> list[Diagnostic]:
    """What a policy reports in a file of a folder with an env TOML."""
    body = textwrap.dedent(policy)
    (folder / "nemolint.toml").write_text(f'[[policy]]\nname = "p"\nmessage = "Said."\n{body}\n', "utf-8")
    (folder / "env.toml").write_text(env, "utf-8")
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    checker = Checker(load_settings(folder), cwd=folder, environ={})
    diagnostics = [item for item in checker.check(checker.read(file)) if item.rule == "p"]
    assert not checker.internal_errors
    return diagnostics


def places(folder: Path, policy: str, text: str, **more: Any) -> list[str]:
    """The texts at the places that a policy reports."""
    name = more.get("name", "a.sh")
    return [(folder / name).read_text("utf-8")[item.start : item.end] for item in found(folder, policy, text, **more)]


WANDB = 'require-override = "logger.wandb.project"'
URL = (
    "steps = ['translate/*']\nrequire-override = { 'server.url' = ['https://*.corp.example/*', 'http://localhost:*'] }"
)
TRANSLATE = "nemotron steps run translate/nemo_curator -c default server.model=m"
CASES = [
    # A key without a value, with one, behind an expansion; a key that the config in force has.
    (WANDB, RUN, ["sft/automodel"]),
    (WANDB, f"{RUN} logger.wandb.project=speech", []),
    (WANDB, f'{RUN} logger.wandb.project="$P"', []),
    (WANDB, f'{RUN} "$@"', []),
    (f"{WANDB}\nstrict = true", f'{RUN} "$@"', ["sft/automodel"]),
    (WANDB, f"{RUN} logger.wandb.project=null", ["null"]),
    ("require-override = 'wandb.project'", RUN, []),  # the config takes it from the environment
    ("require-override = 'wandb.project'\nstrict = true", RUN, ["sft/automodel"]),
    ("require-override = 'wandb.project'\nstrict = true", f"{RUN} 'wandb.project=${{oc.env:P}}'", []),
    (WANDB, f"{RUN} 'logger.wandb.project=<project>'", []),
    (WANDB, "nemotron steps run sft/automodel -c mine.yaml", []),
    (WANDB, "nemotron steps run sft/automodel --help", []),
    # Values: exact, one of several, with `*`, by pattern.
    (URL, f"{TRANSLATE} server.url=https://a.corp.example/v1", []),
    (URL, f"{TRANSLATE} server.url=https://a.corp.example.evil/v1", ["https://a.corp.example.evil/v1"]),
    (URL, f"{TRANSLATE} server.url=http://localhost:8000/v1", []),
    (URL, f'{TRANSLATE} server.url="$URL"', []),
    (f"{URL}\nstrict = true", f'{TRANSLATE} server.url="$URL"', ['"$URL"']),
    ("require-override = { 'a.b' = 3 }", f"{RUN} a.b=3", []),
    ("require-override = { 'a.b' = 3 }", f"{RUN} a.b=4", ["4"]),
    ("require-override = { 'a.b' = true }", f"{RUN} a.b=no", ["no"]),
    ("require-override = { 'a.b' = true }", f"{RUN} a.b=true", []),
    ("require-override = { 'a.b' = { pattern = 'team-[0-9]+' } }", f"{RUN} a.b=team-12", []),
    ("require-override = { 'a.b' = { pattern = 'team-[0-9]+' } }", f"{RUN} a.b=team-x", ["team-x"]),
    ("require-override = { 'a.b' = 'x' }", f"{RUN} a.b=[x,x]", []),
    ("require-override = { 'a.b' = 'x' }", f"{RUN} a.b=[x,y]", ["[x,y]"]),
    # What must not be overridden, or must not have a value.
    ("forbid-override = 'run.env.nodes'", f"{RUN} run.env.nodes=2", ["run.env.nodes"]),
    ("forbid-override = 'run.env.nodes'", f"{RUN} --batch large", []),
    ("forbid-override = { 'model.name' = 'secret-*' }", f"{RUN} model.name=secret-x", ["secret-x"]),
    ("forbid-override = { 'model.name' = 'secret-*' }", f"{RUN} model.name=open", []),
    ("forbid-override = { 'a' = 'x' }", f"{RUN} a=[y,x]", ["[y,x]"]),
    ("forbid-override = { 'run.env.nodes' = 6 }", f"{RUN} --batch large run.env.nodes=6", ["6"]),
    # Profiles.
    ("forbid-profiles = 'la*'", f"{RUN} --batch large", ["large"]),
    ("forbid-profiles = 'la*'", f"{RUN} --batch=large", ["large"]),
    ("forbid-profiles = 'la*'", f"{RUN} --batch small", []),
    ("forbid-profiles = 'la*'", f'{RUN} --batch "$P"', []),
    ("forbid-profiles = 'la*'\nstrict = true", f'{RUN} --batch "$P"', ['"$P"']),
    ("allow-profiles = ['small', 'tiny*']", f"{RUN} -r large", ["large"]),
    ("allow-profiles = ['small', 'tiny*']", f"{RUN} -r tiny2", []),
    ("allow-profiles = ['small', 'tiny*']", RUN, []),
    ("require-profile = true", RUN, ["sft/automodel"]),
    ("require-profile = true", f"{RUN} --batch small", []),
    ("require-profile = true", f"{RUN} $ARGS", []),
    # Resources: the header, the profile with what it extends, the override that wins.
    ("max-nodes = 4", f"{RUN} --batch large run.env.nodes=2", []),
    ("max-nodes = 4", f"{RUN} run.env.nodes=8", ["8"]),
    ("max-nodes = 4", f"{RUN} run.env.nodes=$N", []),
    ("max-nodes = 4\nstrict = true", f"{RUN} run.env.nodes=$N", ["$N"]),
    ("max-nodes = 1", RUN, ["tiny"]),
    ("max-nodes = 1", f"{RUN} --batch unknown", ["tiny"]),
    ("max-gpus = 8", f"{RUN} run.env.nodes=1 run.env.gpus_per_node=8", []),
    ("max-gpus = 8", f"{RUN} run.env.nodes=2 run.env.gpus_per_node=8", ["8"]),
    # Dry runs and options.
    ("require-dry-run = true", RUN, ["sft/automodel"]),
    ("require-dry-run = true", f"{RUN} -d", []),
    ("require-dry-run = true", f"{RUN} --dry-run\n{RUN}", []),
    ("require-dry-run = true", f'{RUN} "$@"', []),
    ("require-option = '--config'", "nemotron steps run sft/automodel", ["sft/automodel"]),
    ("require-option = ['-c', '--dry-run']", RUN, ["sft/automodel"]),
    ("forbid-option = '--force-squash'", f"{RUN} --force-squash", ["--force-squash"]),
    ("forbid-option = '--run'", f"{RUN} -r small", ["-r"]),
    ("forbid-option = '--run'", f"{RUN} --batch small", []),
    # Launchers.
    ("launcher = 'uv run'", RUN, ["sft/automodel"]),
    ("launcher = 'uv run'", f"uv run --no-sync {RUN}", []),
    ("launcher = 'uv run'", f"uv --project x run {RUN}", []),
    ("launcher = 'uv run'", f"poetry run {RUN}", ["poetry run"]),
    ("launcher = ['uv run', 'python* -m']", f"python3 -m {RUN}", []),
    ("launcher = 'uv run'", f"$LAUNCH {RUN}", []),
    # Variables.
    ("require-env = 'WANDB_API_KEY'", RUN, ["sft/automodel"]),
    ("require-env = 'WANDB_API_KEY'", f"export WANDB_API_KEY\n{RUN}", []),
    ("require-env = 'WANDB_API_KEY'", f"{RUN}\nexport WANDB_API_KEY", ["sft/automodel"]),
    ("require-env = 'WANDB_API_KEY'", f"WANDB_API_KEY=$K {RUN}", []),
    ("require-env = 'WANDB_API_KEY'", f"WANDB_API_KEY=$K\n{RUN}", ["sft/automodel"]),
    ("require-env = 'WANDB_API_KEY'", f"env WANDB_API_KEY=$K {RUN}", []),
    ("require-env = 'WANDB_API_KEY'", f': "${{WANDB_API_KEY:?}}"\n{RUN}', []),
    ("require-env = 'WANDB_API_KEY'", f"source keys.sh\n{RUN}", []),
    ("require-env = 'WANDB_API_KEY'", f"{RUN} --batch large", []),
    ("require-env = 'OTHER'", f"{RUN} --batch large", ["sft/automodel"]),
    # Steps.
    ("forbid-step = 'rl/*'", "nemotron steps run rl/nemo_rl/dpo", ["rl/nemo_rl/dpo"]),
    ("forbid-step = 'rl/*'", RUN, []),
    ("forbid-step = true\nsteps = 'sft/*'", RUN, ["sft/automodel"]),
    ("forbid-step = 'rl/*'", 'nemotron steps run "$STEP"', []),
    # What is looked at.
    ("forbid-step = true\nnot-steps = ['sft/auto*']", RUN, []),
    ("forbid-step = true\nconfigs = 'default'", RUN, []),
    ("forbid-step = true\nconfigs = 'ti*'", RUN, ["sft/automodel"]),
    ("forbid-step = true\nconfigs = 'default'", "nemotron steps run sft/automodel", ["sft/automodel"]),
    ("forbid-step = true\nprofiles = 'sm*'", f"{RUN} --batch small", ["sft/automodel"]),
    ("forbid-step = true\nprofiles = 'sm*'", RUN, []),
    ("forbid-step = true\nnot-profiles = 'sm*'", f"{RUN} --batch small", []),
    ("forbid-step = true\noptions = ['-b', '--run']", f"{RUN} --batch small", ["sft/automodel"]),
    ("forbid-step = true\noptions = '--batch'", RUN, []),
    ("forbid-step = true\noptions = '--batch'", f'{RUN} "$@"', []),
    ("forbid-step = true\noptions = '--batch'\nstrict = true", f'{RUN} "$@"', ["sft/automodel"]),
    ("forbid-step = true\nnot-options = '--dry-run'", f"{RUN} -dc tiny", []),
    ("forbid-step = true\nnot-options = '--dry-run'", RUN, ["sft/automodel"]),
    ("forbid-step = true\nnot-options = '--dry-run'", f"{RUN} $DRY", []),
    ("forbid-step = true\nnot-surfaces = ['script']", RUN, []),
    ("forbid-step = true\nsurfaces = ['doc']", RUN, []),
    ("forbid-step = true\nseverity = { doc = 'info' }", RUN, []),
]


@pytest.mark.parametrize(("policy", "text", "expected"), CASES)
def test_a_demand(tmp_path: Path, policy: str, text: str, expected: list[str]) -> None:
    """A demand is reported at the characters that break it, and where an expansion hides a value only if strict."""
    assert places(tmp_path, policy, f"{text}\n") == expected


def test_values_of_a_profile_and_of_a_config(tmp_path: Path) -> None:
    """What a profile inherits, and what a config of the project says, is in force like what the command says."""
    (tmp_path / "mine.yaml").write_text("logger:\n  wandb:\n    project: other\nrun:\n  env: {}\n", "utf-8")
    mine = "nemotron steps run sft/automodel -c mine.yaml"
    assert places(tmp_path, WANDB, f"{mine}\n") == []
    demand = "require-override = { 'logger.wandb.project' = 'team-*' }"
    assert places(tmp_path, demand, f"{mine}\n") == ["mine.yaml"]
    assert "other`" not in found(tmp_path, demand, f"{mine}\n")[0].message
    assert places(tmp_path, "max-nodes = 4", f"{mine} --batch large\n") == ["large"]
    assert places(tmp_path, "max-gpus = 8", f"{mine} --batch small\n") == []
    assert places(tmp_path, "forbid-override = { 'run.env.nodes' = 6 }", f"{mine} --batch large\n") == ["large"]


@pytest.mark.parametrize(
    ("selects", "name", "reported"),
    [
        ("files = ['docs/']", "docs/a.md", True),
        ("files = ['docs/']", "a.md", False),
        ("not-files = ['prod/']", "prod/a.sh", False),
        ("not-files = ['prod/']", "dev/a.sh", True),
        ("files = ['*.sh']\nnot-files = ['b.sh']", "x/b.sh", False),
    ],
)
def test_files(tmp_path: Path, selects: str, name: str, reported: bool) -> None:
    """Files are chosen by patterns as in .gitignore, relative to the settings."""
    text = PAGES["a.md" if name.endswith(".md") else "a.sh"].format(RUN)
    assert bool(found(tmp_path, f"forbid-step = true\n{selects}", text, name=name)) is reported


def test_severity_by_surface(tmp_path: Path) -> None:
    """One level is for all surfaces; a table says it for each."""
    policy = "forbid-step = true\nseverity = { doc = 'info', script = 'warning' }"
    assert [item.severity for item in found(tmp_path, policy, PAGES["a.md"].format(RUN), name="a.md")] == ["info"]
    assert [item.severity for item in found(tmp_path, policy, f"{RUN}\n")] == ["warning"]
    assert [item.severity for item in found(tmp_path, "forbid-step = true", f"{RUN}\n")] == ["error"]


HEAD = '[[policy]]\nname = "p"\nmessage = "m"\n'
WRONG = [
    (f'{HEAD}forbid-stp = "x"\n', ':4: unknown key "policy.0.forbid-stp" (did you mean `forbid-step`?)'),
    (HEAD, ":1: policy.0: it demands nothing: add one of require-override, "),
    (f"{HEAD}max-nodes = '4'\n", ":4: policy.0.max-nodes: expected an integer, not a string"),
    (f"{HEAD}require-override = {{ a = {{ pattern = '(' }} }}\n", ":4: policy.0.require-override: a: pattern: it is"),
    (f"{HEAD}require-override = {{ a = {{ pattern = '(a+)+' }} }}\n", "override: a: pattern: it may take too long"),
    (f"{HEAD}require-override = {{ a = {{ patern = 'a' }} }}\n", ":4: policy.0.require-override: a: expected a value"),
    (f"{HEAD}require-override = 'a b'\n", ':4: policy.0.require-override: "a b" is not the name of a key'),
    (f"{HEAD}forbid-option = '--dryrun'\n", "has no option \"--dryrun\" (did you mean `--dry-run`?)"),
    (f"{HEAD}severity = 'fatal'\nforbid-step = true\n", ":4: policy.0.severity"),
    (f"{HEAD}severity = {{ docs = 'info' }}\nforbid-step = true\n", '4: policy.0.severity: unknown surface "docs"'),
    (f"{HEAD}forbid-step = true\nbad = [{{ txt = 'x' }}]\n", 'unknown key "policy.0.bad.0.txt" (did you mean `text`?)'),
    ('[[policy]]\nname = "A b"\nmessage = "m"\nforbid-step = true\n', ':2: policy.0.name: expected small letters'),
    ("policy = ['a.toml', 3]\n", ":1: policy: name files alone"),
    # A type that is not the key's, and a number that there is not.
    (f"{HEAD}max-nodes = -1\n", ":4: policy.0.max-nodes: expected at least 0"),
    (f"{HEAD}max-nodes = inf\n", ":4: policy.0.max-nodes: expected an integer, not a number"),
    (f"{HEAD}max-nodes = 2020-01-01\n", ":4: policy.0.max-nodes: expected an integer, not a date or a time"),
    (f"{HEAD}require-override = {{ a = nan }}\n", ":4: policy.0.require-override: a: `nan` is not a number that"),
    (f"{HEAD}require-override = {{ a = [1, -inf] }}\n", ":4: policy.0.require-override: a: `-inf` is not a number"),
    (f"{HEAD}require-override = {{ a = 2020-01-01 }}\n", ":4: policy.0.require-override: a: expected strings"),
    (f"{HEAD}require-profile = false\n", ":4: policy.0.require-profile: expected true: remove the key"),
    (f"{HEAD}require-dry-run = 'yes'\n", ":4: policy.0.require-dry-run: expected true"),
    (f"{HEAD}forbid-step = false\n", ":4: policy.0.forbid-step: expected steps, or true: remove the key"),
    (f"{HEAD}forbid-step = 3\n", ":4: policy.0.forbid-step: expected a list, not an integer"),
    (f"{HEAD}severity = {{ doc = 'warn' }}\n", ':4: policy.0.severity: doc: expected `error`, `warning`, `info`'),
    (f"{HEAD}severity = 'warn'\n", ':4: policy.0.severity: expected `error`, `warning`, `info` or `off`, not "warn"'),
    # What says nothing, so that the policy would never, or always, report.
    (f"{HEAD}severity = {{}}\nforbid-step = true\n", ":4: policy.0.severity: the table is empty"),
    (f"{HEAD}steps = []\nforbid-step = true\n", ":4: policy.0.steps: the list is empty"),
    (f"{HEAD}not-surfaces = []\nforbid-step = true\n", ":4: policy.0.not-surfaces: the list is empty"),
    (f"{HEAD}forbid-option = []\n", ":4: policy.0.forbid-option: the list is empty"),
    (f"{HEAD}allow-profiles = ''\n", ":4: policy.0.allow-profiles: the pattern is empty"),
    (f"{HEAD}launcher = '  '\n", ":4: policy.0.launcher: the pattern is empty"),
    ('[[policy]]\nname = "p"\nmessage = " "\nforbid-step = true\n', ":3: policy.0.message: is empty: say what is wr"),
    # Names and patterns that nothing can have.
    (f"{HEAD}require-env = '$KEY'\n", ':4: policy.0.require-env: "$KEY" is not the name of a variable'),
    (f"{HEAD}require-env = ['A', 'B=1']\n", ':4: policy.0.require-env: "B=1" is not the name of a variable'),
    (f"{HEAD}forbid-step = '{{sft,rl}}/*'\n", ':4: policy.0.forbid-step: "{sft,rl}/*": `{sft,rl}` stands for itself'),
    (f"{HEAD}forbid-profiles = '[a'\n", ':4: policy.0.forbid-profiles: "[a" has a bracket that is not closed'),
    (f"{HEAD}files = 'docs\\a.md'\nforbid-step = true\n", ":4: policy.0.files: `docs\\a.md` has a backslash"),
    (f"{HEAD}not-files = ['a', '[b']\nforbid-step = true\n", ":4: policy.0.not-files: `[b` matches no file"),
    # Keys of TOML that say something else than what is meant.
    (f"{HEAD}require-override.model.name = 'x'\n", ':4: policy.0.require-override: model: expected a value, a li'),
    (f"{HEAD}[policy.forbid-override]\nmodel.name = 'x'\n", 'or quotes around the key: "model.name"'),
    (f"{HEAD}require-override = 'a.'\n", '"a." is not the name of a key'),
    ('[policy]\nname = "p"\n', ":1: policy: expected tables [[policy]], or a list of policy files: write the"),
    ('[[policies]]\nname = "p"\n', ':1: unknown key "policies" (did you mean `policy`?)'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_an_error_says_where_and_what(tmp_path: Path, text: str, said: str) -> None:
    """A policy that is wrong is an error with the line, and the nearest name."""
    (tmp_path / "nemolint.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(tmp_path)
    assert said in str(error.value), error.value


LOOKS_LIKE_SETTINGS = """\
[[policy]]
name = "o"
message = "m"
help = \"\"\"
[[policy]]
max-nodes = 1
\\\"\"\"
x = "y\"\"\"\"
good = [
  # a comment with a "
  "nemotron",
  '''
[[policy]]
max-nods = 1 '''
]
max-gpus = 1

[[policy]]
name = "p"
message = "m"
bad = [{ text = "x", files = { "env.toml" = '''
[a]
max-nods = 1
''' } }]
"""


@pytest.mark.parametrize("line", ["max-nods = 4", "max-nodes = '4'", "good = [{ txt = '' }]", "[policy.launcher]"])
def test_the_line_of_an_error_after_texts_that_look_like_settings(tmp_path: Path, line: str) -> None:
    """A header or a key that stands in a string or a list is none of the file."""
    text = f"{LOOKS_LIKE_SETTINGS}{line}\n"
    tomli.loads(text)
    (tmp_path / "nemolint.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(tmp_path)
    expected = text.count("\n")
    assert f"nemolint.toml:{expected}: " in str(error.value), error.value


@pytest.mark.parametrize(
    "written",
    ["surfaces = 'doc'", "steps = 'sft/*'", "files = 'a.md'", f"good = '{RUN} --batch x'", "good = { text = 'x' }"],
)
def test_one_is_a_list_of_one(tmp_path: Path, written: str) -> None:
    """Whatever takes a list takes one thing as well, in the schema, too."""
    text = f"{HEAD}require-profile = true\n{written}\n"
    (tmp_path / "nemolint.toml").write_text(text, "utf-8")
    assert found(tmp_path, f"require-profile = true\n{written}", PAGES["a.md"].format(RUN), name="a.md")
    jsonschema.validate(tomli.loads(text), settings_schema())


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+b",
        r"(a|a)*b",
        r"(a?){30}",
        r"(x+x+)+y",
        ".*" * 4,
        r"(a)\1",
        "a" * 300,
        "[",
        r"(?:a|aa){24}x",
        r"(a?){24}x",
        r"(?:(?:a|aa){4}){6}x",
        r"(?:a{0,3}){12}x",
        r"(?:.{1,50}){4}x",
        r"(?:\w\w?){22}",
        "a?" * 30 + "x",
        r"(?:aa?){14}.*x",
        r"(?=.*.*.*x).*.*",
        r"(?>a*)*x",
        r"(?(1)a|b)(c)",
        r"a{1000000000000000000000}",
    ],
)
def test_a_dangerous_pattern_is_refused(pattern: str) -> None:
    """A pattern that could take long is refused before it is matched with anything."""
    assert pattern_problem(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"https://[a-z.]+\.corp/.*", r"team-\d{1,4}", r"(dev|prod)/.*", r".*.*.*", r".+-.+-.+", r"[a-z]+(-\d+)?"],
)
def test_a_harmless_pattern_is_taken(pattern: str) -> None:
    """What people write is taken, and the worst of it ends at once."""
    assert pattern_problem(pattern) is None
    assert matches(pattern, "a" * 255 + "\n") is False
    assert matches(pattern, "a" * 1000) is None


_ATOMS = st.sampled_from(["a", "ab", ".", "[ab]", "a?", "a*", ".+?", "b{1,9}", "(?:a|aa)", "(?:a|b)?", "$", r"\b"])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=5).map("".join),
        st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,5}", "{7}", "{20}", "*?"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=12,
)


@given(_PATTERNS)
@hypothesis_settings(max_examples=300)
def test_what_is_nested_is_never_counted_for_less(pattern: str) -> None:
    """A pattern that is refused is refused as part of a longer one, and repeated, too."""
    if pattern_problem(pattern) and len(pattern) < 150:
        for longer in (f"{pattern}x", f"x?{pattern}", f"(?:{pattern})", f"(?:{pattern}|y)", f"(?:{pattern}){{3}}"):
            assert pattern_problem(longer), longer


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_a_glob_is_a_regular_expression(glob: str, value: str) -> None:
    """`*` stands for any text, everything else for itself."""

    expected = re.fullmatch(".*".join(map(re.escape, glob.split("*"))), value) is not None
    assert matches_glob(glob, value) is expected


_KEYS = st.sampled_from(["model.name", "run.env.nodes", "logger.wandb.project", "a[0]", "a", "run.env", "run"])
_VALUES = st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False))
_GLOB = st.one_of(st.text("a/*?]b-", min_size=1, max_size=6), st.sampled_from(["[ab]*", "[!a]", "[]]", "[[]x"]))
_GLOBS = st.lists(_GLOB, min_size=1, max_size=3)
_FILES = st.lists(st.sampled_from(["a/", "*.sh", "/a.sh", "!a.sh", "**/b", "[!a]*"]), min_size=1, max_size=3)
_VARIABLES = st.lists(st.sampled_from(["A", "WANDB_API_KEY", "_x"]), min_size=1, max_size=3)
_WANTED = st.one_of(
    _KEYS, st.dictionaries(_KEYS, st.one_of(_VALUES, st.lists(_VALUES, min_size=1, max_size=3)), min_size=1, max_size=3)
)
_OPTIONS = st.lists(st.sampled_from(["--config", "--run", "-b", "--dry-run", "-h"]), min_size=1, max_size=3)
_ENTRIES = st.fixed_dictionaries(
    {"name": st.just("p"), "message": st.just("m")},
    optional={
        **dict.fromkeys(("require-override", "forbid-override"), _WANTED),
        **dict.fromkeys(("allow-profiles", "forbid-profiles", "launcher", "forbid-step"), _GLOBS),
        "require-env": _VARIABLES,
        **dict.fromkeys(("require-profile", "require-dry-run"), st.just(True)),
        **dict.fromkeys(("max-nodes", "max-gpus"), st.integers(0, 20)),
        **dict.fromkeys(("require-option", "forbid-option"), _OPTIONS),
        **{f"{no}{name}": _GLOBS for name in ("steps", "configs", "profiles") for no in ("", "not-")},
        **dict.fromkeys(("files", "not-files"), _FILES),
        **dict.fromkeys(("options", "not-options"), _OPTIONS),
        "strict": st.booleans(),
    },
)
_TEXTS = st.lists(
    st.sampled_from(
        [RUN, "\n", " ", '"$@"', "$X", "--batch", "small", "large", "-r=large", "run.env.nodes=7", "run.env=3", "run=x",
         "a[0]=1", "a=[1,2]", "'", "`", "$(", "export A=1\n", "uv run ", "{{ x }}", "logger.wandb.project=<x>", "--",
         "model.name=~", "a=${b}", "nemotron steps run", "-c mine.yaml", "--help", "run.env.nodes=[1", "~a", "+a=1"]
    ),
    max_size=14,
).map(" ".join)  # fmt: skip


@given(_ENTRIES, _TEXTS)
@hypothesis_settings(max_examples=150)
def test_no_entry_raises(tmp_path_factory: pytest.TempPathFactory, entry: dict[str, Any], text: str) -> None:
    """Whatever an entry demands of whatever text, nothing raises, and what is reported lies in the file."""
    from nemolint.analysis.policy import Policy
    from nemolint.settings import Settings

    tables, problem = validate_policies([entry])
    if not set(entry) & set(DEMANDS):
        assert problem.message
        return
    assert not problem.message
    (table,) = tables
    folder = tmp_path_factory.getbasetemp()
    policy = Policy(
        "p", "m", "", dict(table.severity), table.selects(), table.demands(), (), (), table.strict, False,
        folder / "nemolint.toml", ("policy", "0"), 1, (folder,),
    )  # fmt: skip
    checker = Checker(Settings(folder, policies=(policy,), select=("policy",)), cwd=folder, environ={}, rules={})
    document = checker.read(folder / "a.sh", text.encode())
    for item in checker.check(document):
        assert 0 <= item.start <= item.end <= len(text)
    assert checker.internal_errors == []


WISHES = """
name = "a"
require-override = { "server.url" = ["https://*.corp.example/*"], "a.b" = { pattern = "x[0-9]+" } }
---
name = "b"
forbid-override = { "model.name" = ["secret-*"], "run.env.nodes" = 6, "c" = "x y" }
---
name = "c"
forbid-profiles = "la*"
---
name = "d"
max-nodes = 4
---
name = "e"
max-gpus = 8
---
name = "f"
require-option = "--config"
forbid-option = ["--run", "--force-squash"]
---
name = "g"
require-profile = true
not-options = "--dry-run"
---
name = "h"
steps = "sft/*"
configs = ["tiny", "default"]
forbid-override = "model.name"
---
name = "i"
require-dry-run = true
profiles = "large"
---
name = "j"
launcher = "uv run"
---
name = "k"
forbid-step = "peft/*"
---
name = "l"
require-env = "WANDB_API_KEY"
"""
_OVERRIDES = {
    "server.url": ["https://a.corp.example/v1", "http://evil.example"],
    "a.b": ["x1", "y"],
    "model.name": ["secret-x", "open"],
    "run.env.nodes": ["2", "6", "8"],
    "run.env.gpus_per_node": ["4", "8"],
    "c": ["x y", "z"],
}
_GIVEN = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in _OVERRIDES.items()})
_CHOSEN = st.fixed_dictionaries(
    {}, optional={"c": st.sampled_from(["tiny", "default"]), "d": st.just(""), "force-squash": st.just("")}
)
_PROFILE = st.one_of(st.none(), st.tuples(st.sampled_from("rb"), st.sampled_from(["small", "large", "lab"])))
_LONG_NAMES = {"c": "config", "d": "dry-run", "r": "run", "b": "batch", "force-squash": "force-squash"}


@st.composite
def written(draw: st.DrawFn, options: dict[str, str], overrides: dict[str, str], step: str, launcher: str) -> str:
    """A way to write a run: the words in some order, quoted in some way, on some lines."""
    items: list[list[str]] = [[f"{key}={value}"] for key, value in overrides.items()]
    for name, value in options.items():
        long, short = f"--{_LONG_NAMES[name]}", f"-{name}"
        ways = [[long]] if len(name) > 1 else [[long], [short]]
        if value:
            ways = [[long, value], [f"{long}={value}"], [short, value], [f"{short}{value}"]]
        items.append(draw(st.sampled_from(ways)))
    # The CLI takes the first word that is no option for the step.
    order = draw(st.permutations([*items, []]))
    at = next(index for index, item in enumerate(order) if not item or not item[0].startswith("-"))
    words = [word for item in [*order[:at], [step], *order[at:]] for word in item]
    quoted = [draw(st.sampled_from(_ways_to_quote(word))) for word in words]
    gaps = draw(st.lists(st.sampled_from([" ", "  ", " \\\n  "]), min_size=len(quoted), max_size=len(quoted)))
    return f"{launcher}nemotron steps run{''.join(gap + word for gap, word in zip(gaps, quoted, strict=True))}"


def _ways_to_quote(word: str) -> list[str]:
    half = len(word) // 2
    ways = [f"'{word}'", f'"{word}"', f"'{word[:half]}'\"{word[half:]}\"", word.replace(" ", "\\ ")]
    return ways if " " in word else [*ways, f"{word[:half]}'{word[half:]}'"]


@given(st.data())
@hypothesis_settings(max_examples=50)
def test_a_policy_judges_a_run_however_it_is_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The order of words, the quotes, the lines and the kind of file change no finding but its place."""
    folder = tmp_path_factory.getbasetemp() / "written"
    folder.mkdir(exist_ok=True)
    (folder / "env.toml").write_text(ENV, "utf-8")
    policies = "\n".join(f'[[policy]]\nmessage = "m"\n{text}' for text in WISHES.split("---"))
    (folder / "nemolint.toml").write_text(policies, "utf-8")
    settings = load_settings(folder)._replace(select=("policy",))
    options, profile = data.draw(_CHOSEN), data.draw(_PROFILE)
    if profile is not None:
        options[profile[0]] = profile[1]
    overrides = data.draw(_GIVEN)
    step = data.draw(st.sampled_from(["sft/automodel", "peft/automodel"]))
    launcher = data.draw(st.sampled_from(["", "uv run ", "uv run --no-sync ", "poetry run "]))
    reported = []
    for plain in (True, False):
        text = data.draw(written(options, overrides, step, launcher))
        containers = dict(wrappings(Example(text, good=True)))
        wrapped = containers["plain" if plain else data.draw(st.sampled_from(sorted(containers)))]
        checker = Checker(settings, cwd=folder, environ={}, rules={})
        found = checker.check(checker.read(folder / wrapped.path, wrapped.text.encode()))
        assert checker.internal_errors == []
        reported.append((sorted((item.rule, item.severity, item.message) for item in found), wrapped.text))
    (first, one), (second, other) = reported
    assert first == second, f"{one}\n{other}"


def test_each_demand_has_a_case() -> None:
    """No demand and no selection is without an example above."""
    written = "\n".join(policy for policy, _, _ in CASES) + "files = \nnot-files = \nnot-configs = "
    for name in (*DEMANDS, *SELECTS, *(f"not-{name}" for name in SELECTS)):
        assert f"{name} = " in written, name


def test_policies_are_part_of_what_identifies_settings(tmp_path: Path) -> None:
    """Another demand, another place in the cache."""
    shown = []
    for most in (1, 2):
        (tmp_path / "nemolint.toml").write_text(f"{HEAD}max-nodes = {most}\n", "utf-8")
        shown.append(SettingsFiles().of_file(tmp_path / "nemolint.toml").show())
    assert shown[0] != shown[1]
    assert shown[0]["policy"] == [
        {"file": str(tmp_path / "nemolint.toml"), "name": "p", "message": "m", "max-nodes": 1}
    ]


NO_H100 = """
[[policy]]
name = "no-h100-in-docs"
message = "A page must not use the H100 queue"
help = "Readers wait for days there."
surfaces = ["doc"]
files = ["docs/"]
forbid-profiles = ["h100*"]
[[policy.bad]]
text = '''
nemotron steps run sft/automodel -c tiny --batch h100_big
                                                 ^^^^^^^^
'''
[[policy.bad]]
path = "docs/a.md"
text = '''
```bash
nemotron steps run sft/automodel -r h100
                                    ^^^^
```
'''
[[policy.good]]
path = "a.md"
text = '''
```bash
nemotron steps run sft/automodel -r h100
```
'''
"""


def test_examples_are_tests(tmp_path: Path) -> None:
    """`rules --test` runs them in each kind of file; the patterns of files count for those with a path."""
    (tmp_path / "nemolint.toml").write_text(NO_H100, "utf-8")
    done = nemolint(tmp_path, "rules", "--test")
    assert (done.code, done.out, done.err) == (0, "no-h100-in-docs: ok (3 examples)\n", "")


def test_a_failing_example_is_named(tmp_path: Path) -> None:
    """One that fails is named with file and line, and gives exit code 1; a policy without any is a warning."""
    text = NO_H100.replace("                                    ^^^^\n", "                   ^^^^\n")
    (tmp_path / "nemolint.toml").write_text(f"{text}\n{HEAD}forbid-step = true\n", "utf-8")
    done = nemolint(tmp_path, "rules", "--test")
    assert done.code == 1
    assert done.out.startswith("no-h100-in-docs: FAILED (3 examples)\n")
    line = text.split("\n").index("[[policy.bad]]", text.split("\n").index("[[policy.bad]]") + 1) + 1
    assert f"{tmp_path / 'nemolint.toml'}:{line}: policy `no-h100-in-docs`: bad.1: " in done.out
    assert done.out.endswith("p: no examples\n")
    assert "policy `p` has no examples: add `good` and `bad`" in done.err
    (tmp_path / "nemolint.toml").write_text(text.replace("                   ^^^^\n", ""), "utf-8")
    assert "bad.1: has no line of carets" in nemolint(tmp_path, "rules", "--test").out


def test_a_good_example_that_is_reported_fails(tmp_path: Path) -> None:
    """A policy that reports what it should not is found by its examples."""
    (tmp_path / "nemolint.toml").write_text(f"{HEAD}forbid-step = true\ngood = ['{RUN}']\n", "utf-8")
    done = nemolint(tmp_path, "rules", "--test")
    assert done.code == 1
    assert "good.0: p, example in plain container" in done.out


def test_a_policy_is_a_rule_like_others(tmp_path: Path) -> None:
    """It is listed, explained, completed, selected and ignored by name and by group, suppressed and baselined."""
    (tmp_path / "nemolint.toml").write_text(NO_H100, "utf-8")
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs/a.md"
    page.write_text(PAGES["a.md"].format(f"{RUN} --batch h100 --dry-run"), "utf-8")
    assert "no-h100-in-docs" in nemolint(tmp_path, "rules").out
    assert "no-h100-in-docs" in nemolint(tmp_path, "--complete", "zsh", "explain", "").out
    explained = nemolint(tmp_path, "explain", "no-h100-in-docs").out
    assert "Readers wait for days there." in explained
    assert '`forbid-profiles = ["h100*"]`' in explained
    assert "Group: policy. Severity: error." in explained
    assert "^^^^" in explained

    def rules(*arguments: str) -> list[str]:
        return [row["rule"] for row in nemolint(tmp_path, "--output-format", "json", *arguments).rows()]

    for _ in range(2):  # from the cache, too
        assert "no-h100-in-docs" in rules()
    for name in ("policy", "no-h100-in-docs"):
        assert rules("--select", name) == ["no-h100-in-docs"]
        assert "no-h100-in-docs" not in rules("--ignore", name)
    assert nemolint(tmp_path, "--ignore", "no-h100-in-dcs").err.endswith(
        "--ignore: there is no rule `no-h100-in-dcs` (did you mean `no-h100-in-docs`?)\n"
    )
    sarif = nemolint(tmp_path, "--select", "policy", "--output-format", "sarif").out
    assert '"policy"' in sarif
    assert "docs/policies.md" in sarif
    assert nemolint(tmp_path, "baseline", "--select", "policy").code == 0
    assert rules("--select", "policy", "--baseline", "nemolint-baseline.json") == []
    page.write_text(f"<!-- nemolint: ignore[no-h100-in-docs] agreed -->\n\n{page.read_text('utf-8')}", "utf-8")
    assert rules("--select", "policy") == []


SECRET = "Tr0ub" + "4dor3" + "xkcdq"
KEY = "server.api_key"
OUTPUTS = [
    *(["--no-cache", "--output-format", name] for name in ("text", "json", "sarif", "junit", "gitlab", "markdown")),
    ["rules", "--test"],
    ["rules", "--output-format", "json"],
    ["explain", "p"],
    ["--show-settings"],
]


@pytest.mark.parametrize("in_a_file", [False, True], ids=["entry", "policy file"])
@pytest.mark.parametrize(
    "demand",
    [
        f"require-override = {{ '{KEY}' = '{SECRET}' }}",
        f"require-override = {{ '{KEY}' = ['{SECRET}', 'x'] }}",
        f"require-override = {{ '{KEY}' = {{ pattern = '{SECRET}' }} }}",
        f"forbid-override = {{ '{KEY}' = ['{SECRET}', 'o*'] }}",
        f'forbid-override = "{KEY}"\nbad = """\n{RUN} {KEY}={SECRET}\n^^^^^^^\n"""\ngood = "{RUN} {KEY}={SECRET}"',
    ],
    ids=["value", "list", "pattern", "forbidden", "examples"],
)
def test_no_output_shows_a_secret_of_a_policy(tmp_path: Path, demand: str, in_a_file: bool) -> None:
    """A value that a policy has for a key of a secret is masked in findings, docs and reports."""
    text = f"{HEAD}{demand}\n"
    settings = 'policy = ["p.toml"]\n' if in_a_file else text
    _written(tmp_path, {"nemolint.toml": settings, "p.toml": text, "a.sh": f"{RUN} --dry-run {KEY}=other\n"})
    assert "[p]" in nemolint(tmp_path, "--no-cache", "--output-format", "concise", "a.sh").out
    for arguments in OUTPUTS:
        done = nemolint(tmp_path, *arguments)
        for said in (done.out, done.err):
            assert not any(SECRET[at : at + 6] in said for at in range(len(SECRET) - 5)), (arguments, said)


LOCKED = f"{HEAD}forbid-step = true\nlocked = true\nseverity = 'warning'\n"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("ignore = ['p']\n", ":1: ignore: policy `p` is locked ("),
        ("[severity]\np = 'info'\n", ":2: severity: policy `p` is locked ("),
        ("[per-file-ignores]\n'*' = ['p']\n", ":2: per-file-ignores.*: policy `p` is locked ("),
        ("[[overrides]]\nfiles = ['*']\nignore = ['p']\n", ":3: overrides.0.ignore: policy `p` is locked ("),
        (
            "[[overrides]]\nfiles = ['*']\nseverity = { p = 'off' }\n",
            ":3: overrides.0.severity: policy `p` is locked (",
        ),
    ],
)
def test_a_locked_policy_cannot_be_turned_off(tmp_path: Path, settings: str, said: str) -> None:
    """Settings that name a locked policy to change it are an error, where they extend its file, too."""
    own = tmp_path / "team"
    own.mkdir()
    (tmp_path / "nemolint.toml").write_text(LOCKED, "utf-8")
    (own / "nemolint.toml").write_text(f'extends = "../nemolint.toml"\n{settings}', "utf-8")
    (own / "a.sh").write_text(f"{RUN}\n", "utf-8")
    done = nemolint(own, "a.sh")
    line = int(said.split(":")[1]) + 1
    assert done.code == 2
    assert f"{own / 'nemolint.toml'}:{line}:{said.split(':', 2)[2]}" in done.err


def test_what_does_not_name_a_locked_policy_leaves_it_on(tmp_path: Path) -> None:
    """No group, suppression, baseline or preset hides it, on a second check, too, and who tries is told so."""
    (tmp_path / "nemolint.toml").write_text(
        f"ignore = ['policy', 'launch', 'optional']\nselect = []\n{LOCKED}", "utf-8"
    )
    (tmp_path / "a.sh").write_text(f"{RUN}  # nemolint: ignore[p] never mind\n", "utf-8")
    assert nemolint(tmp_path, "baseline").code == 0
    for _ in range(2):
        done = nemolint(tmp_path, "--output-format", "concise", "--baseline", "nemolint-baseline.json")
        assert "a.sh:1:20: warning[p] m: the step `sft/automodel` is not allowed" in done.out
        assert "ignore: what is locked stays on: `p`" in done.err
    done = nemolint(tmp_path, "--extend-select", "unused-suppression", "--output-format", "concise")
    assert "unused suppression: `p` cannot be suppressed: remove it" in done.out
    assert "--ignore: policy `p` is locked" in nemolint(tmp_path, "--ignore", "p").err
    # Who asks for other rules alone gets those alone.
    assert "[p]" not in nemolint(tmp_path, "--select", "secrets", "--output-format", "concise").out


@pytest.mark.parametrize(
    "nearer", ["", "ignore = ['all']\n", "[[policy]]\nname = 'q'\nmessage = 'm'\nmax-nodes = 99\n"]
)
@pytest.mark.parametrize("name", ["nemolint.toml", "pyproject.toml"])
def test_nearer_settings_do_not_take_a_locked_policy_away(tmp_path: Path, nearer: str, name: str) -> None:
    """A locked policy holds in all folders below its file; one that is not holds where the nearest settings have it."""
    free = '[[policy]]\nname = "free"\nmessage = "m"\nforbid-step = true\n'
    own = nearer.replace("[[policy]]", "[[tool.nemolint.policy]]") if name != "nemolint.toml" else nearer
    table = "" if name == "nemolint.toml" or own.startswith("[[") else "[tool.nemolint]\n"
    _written(
        tmp_path,
        {"nemolint.toml": f"{LOCKED}{free}", f"a/b/{name}": f"{table}{own}", "a/b/c/x.sh": f"{RUN} run.env.nodes=2\n"},
    )
    for folder in (tmp_path, tmp_path / "a/b/c"):
        for _ in range(2):
            rows = nemolint(folder, "--output-format", "json").rows()
            assert [row["rule"] for row in rows if row["rule"] in ("p", "free", "q")] == ["p"]
    assert "\np " in nemolint(tmp_path / "a/b", "rules").out
    # Which settings there are above is part of what a check depends on.
    (tmp_path / "nemolint.toml").write_text(LOCKED.replace("forbid-step = true", "max-nodes = 9"), "utf-8")
    rows = nemolint(tmp_path / "a/b/c", "--output-format", "json").rows()
    assert not [row for row in rows if row["rule"] == "p"]


def test_a_name_of_a_locked_policy_above_is_taken(tmp_path: Path) -> None:
    """Nearer settings cannot define a harmless policy of the same name."""
    _written(tmp_path, {"nemolint.toml": LOCKED, "a/nemolint.toml": f"{HEAD}max-nodes = 9\n", "a/x.sh": f"{RUN}\n"})
    done = nemolint(tmp_path, "a/x.sh")
    assert done.code == 2
    assert f"{tmp_path}/a/nemolint.toml:2: policy: `p` is already defined in {tmp_path}/nemolint.toml:2" in done.err


@pytest.mark.parametrize(
    ("name", "directive"),
    [
        ("a.md", "<!-- nemolint: template -->\n{}"),
        ("a.md", "---\nnemolint: template\n---\n{}"),
        ("a.md", "<!-- nemolint: ignore-file[p] never mind -->\n\n{}"),
        ("a.md", "<!-- nemolint: ignore[p] never mind -->\n{}"),
        ("a.rst", ".. nemolint: template\n\n{}"),
    ],
)
def test_no_comment_takes_a_run_from_a_locked_policy(tmp_path: Path, name: str, directive: str) -> None:
    """Not even one that calls a block a template; what is a template by itself is left alone."""
    block = {
        "a.md": "```bash\n{}\nnemotron steps run <step> -c tiny\n```\n",
        "a.rst": ".. code-block:: bash\n\n   {}\n   nemotron steps run <step> -c tiny\n",
    }
    text = directive.format(block[name].format(RUN))
    line = text.split("\n").index(RUN if name == "a.md" else f"   {RUN}") + 1
    for locked, expected in (("locked = true\n", [line]), ("", [])):
        _written(tmp_path, {"nemolint.toml": f"{HEAD}forbid-step = 'sft/*'\n{locked}", name: text})
        rows = nemolint(tmp_path, "--no-cache", "--output-format", "json", name).rows()
        assert [row["line"] for row in rows if row["rule"] == "p"] == expected


def _written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


ONE = '[[policy]]\nname = "one"\nmessage = "One"\nforbid-step = "sft/*"\n'
TWO = '[[policy]]\nname = "two"\nmessage = "Two"\nfiles = ["prod/"]\nforbid-step = true\n'


@pytest.mark.parametrize(
    "settings",
    [
        'policy = ["policies/*.toml"]\n',
        'policy-files = ["policies/one.toml", "policies/t*.toml"]\n',
        f'policy-files = ["policies/two.toml"]\n{ONE}',
        f"{ONE}[tool]\n",
    ],
)
def test_policy_files(tmp_path: Path, settings: str) -> None:
    """Policies may be in files of their own, named by a list, besides entries; patterns count from the settings."""
    if "[tool]" in settings:  # a settings file that is extended
        base = 'policy-files = ["../policies/*.toml"]\n'
        _written(tmp_path, {"shared/nemolint.toml": base, "nemolint.toml": 'extends = "shared/nemolint.toml"\n'})
    else:
        (tmp_path / "nemolint.toml").write_text(settings, "utf-8")
    files = {"policies/two.toml": TWO, "prod/a.sh": f"{RUN}\n", "b.sh": f"{RUN}\n"}
    if ONE not in settings or "[tool]" in settings:
        files["policies/one.toml"] = ONE
    _written(tmp_path, files)
    for _ in range(2):
        rows = nemolint(tmp_path, "--select", "policy", "--output-format", "json").rows()
        assert [(row["path"], row["rule"]) for row in rows] == [
            ("b.sh", "one"),
            ("prod/a.sh", "one"),
            ("prod/a.sh", "two"),
        ]


def test_a_change_of_a_policy_file_is_seen(tmp_path: Path) -> None:
    """A check of an unchanged tree depends on the policy files, and on which there are."""
    _written(tmp_path, {"nemolint.toml": 'policy = ["p/*.toml"]\n', "p/one.toml": ONE, "a.sh": f"{RUN}\n"})

    def reported() -> list[str]:
        time.sleep(0.1)
        return [row["rule"] for row in nemolint(tmp_path, "--select", "policy", "--output-format", "json").rows()]

    assert reported() == reported() == ["one"]
    (tmp_path / "p/two.toml").write_text(TWO.replace('files = ["prod/"]\n', ""), "utf-8")
    assert reported() == ["one", "two"]
    (tmp_path / "p/one.toml").write_text(ONE.replace("sft/*", "rl/*"), "utf-8")
    assert reported() == ["two"]


def test_folders_may_have_policies_of_their_own(tmp_path: Path) -> None:
    """Two folders may give one name to two policies; each file has those of the nearest settings."""
    other = ONE.replace("sft/*", "rl/*")
    _written(tmp_path, {"a/nemolint.toml": ONE, "b/nemolint.toml": other, "a/x.sh": f"{RUN}\n", "b/x.sh": f"{RUN}\n"})
    rows = nemolint(tmp_path, "--output-format", "json").rows()
    assert [row["path"] for row in rows if row["rule"] == "one"] == ["a/x.sh"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"nemolint.toml": ONE + ONE}, "nemolint.toml:6: policy: `one` is already defined in {}/nemolint.toml:2"),
        ({"nemolint.toml": ONE.replace('"one"', '"unknown-step"')}, ":2: policy: `unknown-step` is a rule of nemolint"),
        ({"nemolint.toml": ONE.replace('"one"', '"secrets"')}, ":2: policy: `secrets` is a group of rules"),
        ({"nemolint.toml": 'policy = ["p/*.toml"]\n'}, ":1: policy: cannot read the folder"),
        ({"nemolint.toml": 'policy = ["p/*.toml"]\n', "p/a.txt": ""}, ':1: policy: "p/*.toml" matches no file'),
        ({"nemolint.toml": 'policy-files = ["p.toml"]\n'}, ':1: policy-files: there is no file "p.toml"'),
        ({"nemolint.toml": 'policy-files = ["*/p.toml"]\n'}, ':1: policy-files: "*/p.toml": name a file, or a pattern'),
        ({"nemolint.toml": 'policy = ["p.toml"]\n', "p.toml": f"x = 1\n{ONE}"}, 'p.toml:1: unknown key "x"'),
        ({"nemolint.toml": 'policy = ["p.toml"]\n', "p.toml": ONE.replace("step", "stp")}, "p.toml:4: unknown key"),
        ({"nemolint.toml": 'policy = ["p.toml"]\n', "p.toml": "["}, "p.toml: not valid TOML"),
        (
            {"nemolint.toml": f'policy-files = ["p.toml"]\n{ONE}', "p.toml": ONE},
            "policy: `one` is already defined in",
        ),
    ],
)
def test_policies_that_cannot_be_used(tmp_path: Path, files: dict[str, str], said: str) -> None:
    """What is wrong with a policy, or with the list of policy files, is an error that says where."""
    _written(tmp_path, {**files, "a.sh": f"{RUN}\n"})
    done = nemolint(tmp_path, "a.sh")
    assert done.code == 2
    assert said.format(tmp_path) in done.err


def test_a_step_that_no_catalog_has(tmp_path: Path) -> None:
    """A step that there is not is noted with file, line and the nearest one; a check goes on."""
    entry = ONE.replace("sft/*", "sft/automodl")
    _written(tmp_path, {"nemolint.toml": entry, "a.sh": "true\n"})
    said = f'{tmp_path / "nemolint.toml"}:4: policy `one`: forbid-step: no step matches "sft/automodl" (did you mean '
    for arguments in (["a.sh"], ["rules", "--test"]):
        done = nemolint(tmp_path, *arguments)
        assert done.code == 0
        assert done.err.count(said) == 1


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (
            "steps = 'translate/*'\nforbid-override = { bakend = 'x' }",
            ":5: policy `p`: forbid-override: no step that it",
        ),
        ("require-override = 'server.modl'", "reads `server.modl` (did you mean `server.model`?)"),
        ("steps = 'sft/*'\nrequire-override = 'logger.wandb.project'", "(did you mean `logger.wandb_project`?)"),
        ("steps = 'sft/*'\nrequire-override = 'some_library.own_key'", ""),
        ("steps = 'sft/*'\nforbid-override = { 'run.env.nodes' = 3, 'wandb.project' = 'x' }", ""),
        ("steps = 'own/*'\nrequire-override = 'server.modl'", ""),
    ],
)
def test_a_key_that_no_step_reads(tmp_path: Path, policy: str, said: str) -> None:
    """A misspelled key would make a policy that never, or always, reports; `rules --test` names the nearest."""
    _written(tmp_path, {"nemolint.toml": f"{HEAD}{policy}\ngood = '{RUN} --help'\nbad = '{RUN}\\n^'\n"})
    err = nemolint(tmp_path, "rules", "--test").err
    assert said in err if said else err == "", err


def test_a_profile_is_judged_by_its_own_name(tmp_path: Path) -> None:
    """What it extends may be a base that nobody names in a run; what it inherits from there is in force."""
    base = "[slurm_base]\nexecutor = 'slurm'\npartition = 'h100_big'\n"
    env = f"{base}[mine]\nextends = 'slurm_base'\n[other]\nextends = 'mine'\npartition = 'a100'\n"
    for text in (
        "forbid-profiles = '*_base'",
        "not-profiles = '*_base'\nforbid-step = 'rl/*'",
        "allow-profiles = '[mo]*'",
    ):
        assert places(tmp_path, text, f"{RUN} --batch mine\n{RUN} -r other\n", env=env) == []
    for text in ("forbid-profiles = '*_base'", "profiles = '*_base'\nforbid-step = true", "allow-profiles = '[mo]*'"):
        assert len(places(tmp_path, text, f"{RUN} --batch slurm_base\n", env=env)) == 1
    partition = "forbid-override = { 'run.env.partition' = 'h100*' }"
    assert places(tmp_path, partition, f"{RUN} --batch mine\n{RUN} -r other\n", env=env) == ["mine"]


PAGE = (Path(__file__).parents[1] / "docs/policies.md").read_text("utf-8")
FENCES = re.findall(r"^```toml\n(.*?)^```$", PAGE.partition("## Ten policies")[2], re.MULTILINE | re.DOTALL)
# Per policy of the page: a file that breaks it, with what is reported there, and one that does not.
OWN = "nemotron steps run sft/own"
BROKEN = {
    "no-h100-in-docs": ("docs/a.md", f"{RUN} --batch h100_big", "h100_big", "a.sh", f"{RUN} --batch h100_big"),
    "named-wandb-project": (
        "a.sh",
        "nemotron steps run sft/automodel",
        "sft/automodel",
        "a.sh",
        "nemotron steps run sft/automodel -c wandb",
    ),
    "few-nodes": ("a.sh", f"{OWN} --batch many", "many", "prod/a.sh", f"{OWN} --batch many"),
    "approved-endpoints": (
        "a.sh",
        "nemotron steps run translate/own -c cloud",
        "cloud",
        "a.sh",
        "nemotron steps run translate/own",
    ),
    "always-uv-run": ("a.sh", f"./{OWN}", "sft/own", "a.sh", f"uv run {OWN}"),
    "dry-run-in-ci": (".github/workflows/a.yml", OWN, "sft/own", "a.sh", OWN),
    "own-profiles": ("a.sh", f"{OWN} -r many", "many", "a.sh", f"{OWN} -r speech_1"),
    "exported-wandb-key": ("a.sh", OWN, "sft/own", "a.sh", f"{OWN} --batch many"),
    "rl-by-its-team": ("a.sh", "nemotron steps run rl/own", "rl/own", "rl-team/a.sh", "nemotron steps run rl/own"),
    "no-force-squash": ("a.sh", f"{RUN} --force-squash", "--force-squash", "a.sh", RUN),
    "seed-for-sft": ("a.sh", OWN, "sft/own", "a.sh", f"{OWN} -c seeded"),
}
CONFIGS = {
    "sft/own": {"default": "x: 1\n", "seeded": "seed: 3\n"},
    "sft/automodel": {"default": "x: 1\n", "wandb": "wandb: {project: speech}\n"},
    "rl/own": {"default": "x: 1\n"},
    "translate/own": {
        "default": "server: {url: 'https://mt.corp.example/v1'}\n",
        "cloud": "server: {url: 'https://api.example.com/v1'}\n",
    },
}


def _invented(folder: Path) -> None:
    """A checkout of a team with steps of its own."""
    files = {
        "pyproject.toml": "",
        "env.toml": "[base]\nexecutor = 'slurm'\nnodes = 8\n[base.env_vars]\nWANDB_API_KEY = '${oc.env:K}'\n"
        "[many]\nextends = 'base'\n[speech_1]\nexecutor = 'slurm'\n",
    }
    for step, configs in CONFIGS.items():
        home = f"src/nemotron/steps/{step}"
        category = step.partition("/")[0]
        files[f"{home}/step.toml"] = f'[step]\nid = "{step}"\nname = "x"\ncategory = "{category}"\n'
        files |= {f"{home}/config/{name}.yaml": text for name, text in configs.items()}
    _written(folder, files)


@pytest.mark.parametrize("fence", FENCES, ids=lambda fence: fence.split('"')[1])
def test_a_policy_of_the_page(tmp_path: Path, fence: str) -> None:
    """Each policy of the page is held by its examples, and in a checkout that a team might have."""
    (tmp_path / "nemolint.toml").write_text(fence, "utf-8")
    done = nemolint(tmp_path, "rules", "--test")
    assert (done.code, done.err) == (0, ""), done
    _invented(tmp_path)
    name = fence.split('"')[1]
    assert done.out.startswith(f"{name}: ok (")
    path, text, at, other_path, other = BROKEN[name]
    for file, command, expected in ((path, text, [at]), (other_path, other, [])):
        page = {".md": "```bash\n{}\n```\n", ".yml": "on: push\njobs:\n  a:\n    steps:\n      - run: {}\n"}
        content = page.get(Path(file).suffix, "{}\n").format(command)
        _written(tmp_path, {file: content})
        rows = nemolint(tmp_path, "--select", name, "--output-format", "json", "--show", "info", file).rows()
        lines = content.split("\n")
        assert [lines[row["line"] - 1][row["column"] - 1 : row["end_column"] - 1] for row in rows] == expected


def test_there_are_ten_and_one_from_python() -> None:
    """The page has what it announces, and each is run above."""
    names = [fence.split('"')[1] for fence in FENCES]
    assert len(names) == 11
    assert set(names) == BROKEN.keys()


def test_a_policy_decides_as_the_rule_that_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy of the page reports what the rule of CONTRIBUTING.md does, at the same places."""
    monkeypatch.syspath_prepend(Path(__file__).parent / "pack")
    from nemolint.linter.loader import load_pack

    (rule,) = load_pack("nemolint_demo_pack")
    (tmp_path / "nemolint.toml").write_text(FENCES[-1], "utf-8")
    texts = [example.text for example in rule.examples] + [
        f"{RUN}\n{RUN} seed=2",
        'X=sft/automodel\nnemotron steps run "$X"',
    ]
    for text in texts:
        (tmp_path / "a.sh").write_text(f"{text}\n", "utf-8")
        spans = []
        settings = load_settings(tmp_path)
        for only in (settings, settings._replace(policies=())):
            rules = {} if only.policies else {rule.name: rule}
            checker = Checker(only, cwd=tmp_path, environ={}, rules=rules)
            found = checker.check(checker.read(tmp_path / "a.sh"))
            spans.append([(item.start, item.end, item.severity) for item in found])
        assert spans[0] == spans[1], text


def test_the_schema_knows_policies_and_their_names() -> None:
    """The published schema accepts the policies of the page and settings that name them, and refuses what is wrong."""
    schema = settings_schema()
    for fence in FENCES:
        named = {"ignore": [fence.split('"')[1]], "severity": {fence.split('"')[1]: "info"}}
        jsonschema.validate({**tomli.loads(fence), **named}, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(named, schema)
    jsonschema.validate({"policy": ["policies/*.toml"]}, schema)
    for wrong in ({}, {"max-nodes": 4, "steps": []}, {"max-nodes": 4, "require-env": "A=b"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"policy": [{"name": "p", "message": "m", **wrong}]}, schema)
    for wrong in ({"max-nodes": "4"}, {"max-nods": 4}, {"severity": "fatal", "max-nodes": 4}, {"surfaces": ["docs"]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"policy": [{"name": "p", "message": "m", **wrong}]}, schema)
    for name, entry in schema["definitions"]["PolicyTable"]["properties"].items():
        assert entry["description"].endswith("."), name
