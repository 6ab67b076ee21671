"""Overrides that the CLI refuses: OmegaConf itself is the judge, and bash of the quotes that a fix writes."""

from __future__ import annotations

import json
import random
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st
from omegaconf import DictConfig, OmegaConf

from nemolint.analysis import quoting
from nemolint.invocation import StepRun
from nemolint.linter.checker import Checker
from nemolint.linter.loader import load_rules
from nemolint.project import Project
from nemolint.project.model import Place, Profile
from nemolint.project.overrides import MAX_KEY_PARTS
from nemolint.reader import read_document
from nemolint.settings import Settings
from support.command import execute

_ROWS = "cases/cli-configs.jsonl"
# Values of every kind that YAML, the grammar of interpolations or a merge treats in a way of its own.
_VALUES = [
    *(
        "1",
        "a",
        "",
        "~",
        "null",
        "???",
        "yes",
        ".nan",
        "1e400",
        "2026-01-01",
        "日本",
        "\a",
        "a\tb",
        "\ta",
        "a\nb",
        "\\n",
    ),
    *("[]", "{}", "[1, 2]", "{a: 1}", "{a: [1], b: {c: 1}}", "{b: [2]}", "[{a: 1}, [2]]", "{a: null}", "{a: ???}"),
    *("{a: 1, a: 2}", '{"a": 1, a: 2}', "{null: x}", "{[1]: x}", "{yes: 1, true: 2}", "{0: a}", "{<<: {a: 1}}"),
    *('"q', "'a", "[a", "{a", "=", "==", "@x", "%x", "`x`", "*a", "&a", "&a [*a]", "[&a 1, *a]", "a: b", "a: b: c"),
    *(
        "!x",
        "!!str 3",
        "!!int x",
        "!!set {a}",
        "!!omap [a: 1]",
        "!!binary aGk=",
        "--- a",
        "...",
        "|",
        "> x",
        "- a",
        "? a",
    ),
    *("${a", "${a}", "${b}", "${a.b}", "${.b}", "${..a}", "${a:${b}}", "a${b.c}", "${oc.env:HOME}", "${nosuch:1}"),
    *("${:x}", '{a: "${:x}"}', '{a: "${ :x"}', '"${a"', "[${a}]", "{a: ${b}}", "a #b", "<a>", "{a}", "a: 1\nb: 2"),
]
_NAMES = ("a", "b", "c", "0", "1", "-1", "name", "1_0", " 0", "x y", "é")
_KEYS = ("[", "[a", "a[", "a[b", "a]", "[a]", "a[b][c]", "a.", ".a", "a..b", "", "a[b]c", "[a.b]", "a[]", "+a", "~a")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The bundled catalog, with its steps' real configs."""
    return Project(None, cwd=tmp_path_factory.mktemp("project"))


def _paths(node: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The keys of a config, by their parts."""
    if above:
        yield above
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from _paths(value, (*above, str(key)))


def _key(chance: random.Random, paths: list[tuple[str, ...]]) -> str:
    kind = chance.random()
    if kind < 0.1:
        return chance.choice(_KEYS)
    if kind < 0.35:
        return ".".join(chance.choices(_NAMES, k=chance.randint(1, 3)))
    parts = [*chance.choice(paths), *chance.choices(_NAMES, k=chance.choice((0, 0, 0, 1, 2)))]
    parts = parts[: chance.randint(1, len(parts))]
    return parts[0] + "".join(f"[{part}]" if chance.random() < 0.2 else f".{part}" for part in parts[1:])


def _overrides(chance: random.Random, paths: list[tuple[str, ...]]) -> list[str]:
    """Some overrides, of which many meet under a key."""
    keys = [_key(chance, paths) for _ in range(chance.randint(1, 3))]
    words = []
    for _ in range(chance.randint(1, 4)):
        below = chance.choice(("", "", "", "", ".a", ".0", "[b]"))
        words.append(f"{chance.choice(keys)}{below}={chance.choice(_VALUES)}")
    return [word for word in words if not word.startswith("-")]


def _is_taken(config: DictConfig, words: list[str]) -> bool:
    try:
        OmegaConf.merge(config, OmegaConf.from_dotlist(words))
    except Exception:  # noqa: BLE001 - a refusal has many types there, of YAML and of Python, too
        return False
    return True


def _run(step: str, config: str, words: list[str]) -> StepRun:
    line = shlex.join(["nemotron", "steps", "run", step, "-c", config, "-d", *words])
    (run,) = read_document("a.sh", f"{line}\n".encode()).runs
    return run


@pytest.mark.parametrize("seed", range(12))
def test_refused_as_omegaconf(project: Project, seed: int) -> None:
    """Overrides of the steps' own configs are refused as OmegaConf refuses them; without those it takes the rest."""
    chance = random.Random(seed)
    configs = [
        (step.id, name, config.tree or {}) for step in project.steps.values() for name, config in step.configs.items()
    ]
    step, name, tree = chance.choice([entry for entry in configs if entry[2]])
    config, paths = OmegaConf.create(tree), list(_paths(tree))
    for _ in range(60):
        words = _overrides(chance, paths)
        refused = project.refused(_run(step, name, words))
        assert bool(refused) != _is_taken(config, words), (step, name, words, refused)
        while refused:
            bad = {refusal.override.word.value for refusal in refused}
            words = [word for word in words if word not in bad]
            refused = project.refused(_run(step, name, words))
        assert _is_taken(config, words), (step, name, words)


def _job(config: dict[str, Any], profile: dict[str, Any] | None, words: list[str]) -> str:
    """Where the CLI stops that compiles a job: `config`, `job` or `again`, as it merges; "" where it does not."""
    at = "config"
    try:
        over = OmegaConf.from_dotlist(words)
        own = OmegaConf.merge(OmegaConf.create(config), over)
        at = "job"
        env = OmegaConf.to_container(own.run.env, resolve=False) if "run" in own and "env" in own.run else {}
        if profile is not None:
            merged = {**env, **profile}
            if env.get("env_vars") or profile.get("env_vars"):
                merged["env_vars"] = {**(env.get("env_vars") or {}), **(profile.get("env_vars") or {})}
            if env.get("mounts") or profile.get("mounts"):
                merged["mounts"] = [*list(env.get("mounts") or []), *(profile.get("mounts") or [])]
            env = merged | {key: env[key] for key in ("container_image", "nodes") if key in env}
        run = OmegaConf.to_container(own.run, resolve=False) if "run" in own else {}
        cli = {"argv": [], "dotlist": words, "passthrough": [], "config": ""}
        own.run = {**run, "mode": "", "profile": "", "env": env, "cli": cli, "recipe": {"name": "", "script": ""}}
        at = "again"
        OmegaConf.merge(own, over)
    except Exception:  # noqa: BLE001 - as above
        return at
    return ""


_JOB_KEYS = ("run", "run.env", "run.env.mounts", "run.env.env_vars", "run.env.x", "run.env.nodes", "run.cli",
             "run.cli.argv", "run.recipe", "run.recipe.name", "run.mode", "run.other", "a", "a.b")  # fmt: skip
_ENVS = ({}, {"mounts": ["/a:/a"]}, {"env_vars": {"A": "1"}}, {"x": [1]}, {"x": {"y": 1}}, {"nodes": [1]},
         {"mounts": ["/a:/a"], "env_vars": {"A": "1"}, "x": "s"}, {"container_image": {"z": 1}})  # fmt: skip


@given(
    st.sampled_from((None, *_ENVS)),
    st.sampled_from(({}, {"cli": [1]}, {"other": {"z": 1}}, {"cli": {"argv": {"z": 1}}, "other": [1]})),
    st.sampled_from((None, None, *_ENVS)),
    st.lists(
        st.builds(
            "{}{}={}".format,
            st.sampled_from(_JOB_KEYS),
            st.sampled_from(("", "", "", ".0", ".y", ".A")),
            st.sampled_from(("1", "a", "''", "0", "true", "null", "[]", "[1]", "{}", "{a: 1}", "{0: x}")),
        ),
        min_size=1,
        max_size=3,
    ),
)
@example({}, {}, {}, ["run.env.mounts=a", "run.cli=[]"])
@settings(max_examples=400)
def test_the_job_is_put_together_as_by_the_cli(
    tmp_path_factory: pytest.TempPathFactory,
    env: dict[str, Any] | None,
    more: dict[str, Any],
    values: dict[str, Any] | None,
    words: list[str],
) -> None:
    """Where the CLI cannot put a job together, or cannot apply the overrides to it again, an override is at fault."""
    config = {"a": {"b": 1}, "run": more | ({} if env is None else {"env": env})}
    folder = tmp_path_factory.getbasetemp()
    (folder / "mine.yaml").write_text(json.dumps(config), "utf-8")
    project = Project(None, cwd=folder)
    profile = None if values is None else Profile("p", Place("env.toml"), values)
    run = _run("sft/automodel", "./mine.yaml", [*(["-b", "p"] if profile is not None else []), *words])
    stopped = _job(config, values, words)
    assert bool(project.refused(run, profile)) == (stopped in ("config", "again")), stopped
    assert (project.misfit(run) is not None) == (stopped == "job"), stopped
    if profile is not None:  # what it holds is not known
        assert stopped or not project.refused(run)


def test_interpolations_of_a_profile_are_its_own(tmp_path: Path) -> None:
    """What a profile refers to stands in the profile, whatever the config has under that key."""
    (tmp_path / "mine.yaml").write_text("a: {b: 1}\n", "utf-8")
    project = Project(None, cwd=tmp_path)
    run = _run("sft/automodel", "./mine.yaml", ["-b", "p", "run.env.x=[1]", "run.env.y.z=[1]"])
    for at in ({"x": "${a}", "a": "s"}, {"y": {"z": "${a}"}, "a": [2]}):
        assert not project.refused(run, Profile("p", Place("env.toml"), at))
    assert project.refused(run, Profile("p", Place("env.toml"), {"x": {"b": 1}}))


def test_what_the_runner_is_handed_is_not_refused_by_the_cli(project: Project) -> None:
    """An option that the runner takes for an override never reaches the CLI's own merge."""
    assert not project.refused(_run("sft/automodel", "tiny", ["--model=[1]"]))
    assert project.refused(_run("sft/automodel", "tiny", ["model=[1]"]))


def test_shared_rows(shared: Path) -> None:
    """What the real CLI refused has a finding on its line, at the words at fault, and what it took has none."""
    rows = [json.loads(line) for line in (shared / _ROWS).read_text("utf-8").split("\n") if line]
    root = shared / "corpus" / "nemotron"
    checker = Checker(Settings(root=root, select=("refused-override",)), cwd=root, environ={}, rules=load_rules())
    for row in rows:
        document = checker.read(root / "a.sh", (row["line"] + "\n").encode())
        found = [item for item in checker.check(document) if item.rule == "refused-override"]
        assert bool(found) == (row["outcome"] == "refused"), row
        (run,) = document.runs
        words = [override.span.file_span() for override in run.overrides]
        for item in found:
            assert any(start <= item.start <= item.end <= end for start, end in words), row


@pytest.mark.parametrize(
    "words",
    [
        ["$EXTRA", "evaluation.tasks.0=x"],
        ["evaluation=$E", "evaluation.tasks=5"],
        ["$KEY=[1", "a=$(cat f)"],
        ['"a=[$X"'],
        [".".join("a" * (MAX_KEY_PARTS + 1)) + "=1"],
        [f"a={'[' * 200}{']' * 200}"],
        [f"a={'${' * 200}b{'}' * 200}"],
    ],
    ids=["open", "unknown-above", "unknown", "partly-unknown", "long-key", "deep-list", "deep-interpolation"],
)
def test_silent_where_nobody_knows(project: Project, words: list[str]) -> None:
    """What an expansion may hold, and what is too deep to be followed, is not called refused."""
    line = " ".join(["nemotron steps run eval/model_eval -d", *words])
    (run,) = read_document("a.sh", f"{line}\n".encode()).runs
    assert not project.refused(run)


def test_an_interpolation_that_leads_to_a_list(tmp_path: Path) -> None:
    """A value that refers to a list or a mapping is merged as that is."""
    (tmp_path / "mine.yaml").write_text("a: [1]\nb: ${a}\nc: ${d}\nd: {e: 1}\nf: x${a}\ng: ${h}\n", "utf-8")
    config = OmegaConf.load(tmp_path / "mine.yaml")
    assert isinstance(config, DictConfig)
    project = Project(None, cwd=tmp_path)
    for words in (
        ["b.x=1"],
        ["b=[2]"],
        ["c=[1]"],
        ["c.x=1"],
        ["f.x=1"],
        ["f=[1]"],
        ["g=[1]"],
        ["d=5", "c.x=1"],
        ["b={}"],
    ):
        refused = project.refused(_run("sft/automodel", "./mine.yaml", words))
        assert bool(refused) != _is_taken(config, words), words


_TEXTS = st.text(st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), min_size=1, max_size=12)
_ODD = st.lists(st.sampled_from([*"*@%!&`=|>#?:-,a1 '\"\\$~\t\n{}[]", ": ", " #", "é"]), min_size=1, max_size=8).map(
    "".join
)


@given(st.one_of(_TEXTS, _ODD))
def test_quoted_for_yaml(text: str) -> None:
    """Where quotes are proposed, bash hands over one word, and OmegaConf reads it as the text that was meant."""
    bash = shutil.which("bash")
    word = quoting.for_yaml("a.b", text)
    if word is None or bash is None:
        return
    handed = execute([bash, "-c", f"printf '%s\\0' {word}"], Path("/"), code=0).stdout
    (argument,) = handed.decode().split("\0")[:-1]
    config = OmegaConf.from_dotlist([argument])
    assert OmegaConf.to_container(config) == {"a": {"b": text}}


def test_a_secret_is_not_shown(project: Project, tmp_path: Path) -> None:
    """The message about a refused value under a secret's name quotes no part of it, and no fix rewrites it."""
    value = "@" + "Zq7p" + '"' + "Lw9Xv3Rt5Yk2"
    checker = Checker(
        Settings(root=tmp_path, select=("refused-override",)), cwd=tmp_path, environ={}, rules=load_rules()
    )
    line = shlex.join(["nemotron", "steps", "run", "eval/model_eval", "-d", f"server.api_key={value}"])
    (found,) = checker.check(checker.read(tmp_path / "a.sh", f"{line}\n".encode()))
    assert found.fix is None and not any(value[at : at + 6] in found.message for at in range(len(value) - 5))
