"""Policies: what an entry of the settings demands, how it is written, and what is said about one that is wrong."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from nemolint.base.bounded_pattern import matches, matches_glob, pattern_problem
from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.policy_model import DEMANDS, SELECTS
from nemolint.settings import SettingsError
from nemolint.settings_file import SettingsFiles, load_settings
from nemolint.settings_model import validate_policies

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
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_an_error_says_where_and_what(tmp_path: Path, text: str, said: str) -> None:
    """A policy that is wrong is an error with the line, and the nearest name."""
    (tmp_path / "nemolint.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as error:
        load_settings(tmp_path)
    assert said in str(error.value), error.value


@pytest.mark.parametrize(
    "pattern", [r"(a+)+b", r"(a|a)*b", r"(a?){30}", r"(x+x+)+y", ".*" * 4, r"(a)\1", "a" * 300, "["]
)
def test_a_dangerous_pattern_is_refused(pattern: str) -> None:
    """A pattern that could take long is refused before it is matched with anything."""
    assert pattern_problem(pattern)


@pytest.mark.parametrize("pattern", [r"https://[a-z.]+\.corp/.*", r"team-\d{1,4}", r"(dev|prod)/.*", r".*.*.*"])
def test_a_harmless_pattern_is_taken(pattern: str) -> None:
    """What people write is taken, and the worst of it ends at once."""
    assert pattern_problem(pattern) is None
    assert matches(pattern, "a" * 255 + "\n") is False
    assert matches(pattern, "a" * 1000) is None


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_a_glob_is_a_regular_expression(glob: str, value: str) -> None:
    """`*` stands for any text, everything else for itself."""
    import re

    expected = re.fullmatch(".*".join(map(re.escape, glob.split("*"))), value) is not None
    assert matches_glob(glob, value) is expected


_KEYS = st.sampled_from(["model.name", "run.env.nodes", "logger.wandb.project", "a[0]", "a", "run.env", "run"])
_VALUES = st.one_of(st.text(max_size=5), st.integers(), st.booleans(), st.floats(allow_nan=False))
_GLOBS = st.lists(st.text("a/*?[]b-", min_size=1, max_size=6), min_size=1, max_size=3)
_WANTED = st.one_of(
    _KEYS, st.dictionaries(_KEYS, st.one_of(_VALUES, st.lists(_VALUES, min_size=1, max_size=3)), min_size=1, max_size=3)
)
_OPTIONS = st.lists(st.sampled_from(["--config", "--run", "-b", "--dry-run", "-h"]), min_size=1, max_size=3)
_ENTRIES = st.fixed_dictionaries(
    {"name": st.just("p"), "message": st.just("m")},
    optional={
        **dict.fromkeys(("require-override", "forbid-override"), _WANTED),
        **dict.fromkeys(("allow-profiles", "forbid-profiles", "launcher", "require-env", "forbid-step"), _GLOBS),
        **dict.fromkeys(("require-profile", "require-dry-run"), st.just(True)),
        **dict.fromkeys(("max-nodes", "max-gpus"), st.integers(0, 20)),
        **dict.fromkeys(("require-option", "forbid-option"), _OPTIONS),
        **{f"{no}{name}": _GLOBS for name in SELECTS if name != "surfaces" for no in ("", "not-")},
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
        folder / "nemolint.toml", 1, (folder,),
    )  # fmt: skip
    checker = Checker(Settings(folder, policies=(policy,), select=("policy",)), cwd=folder, environ={}, rules={})
    document = checker.read(folder / "a.sh", text.encode())
    for item in checker.check(document):
        assert 0 <= item.start <= item.end <= len(text)
    assert checker.internal_errors == []


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
