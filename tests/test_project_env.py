"""Env TOML files: which one is in force, what its profiles hold, and what is wrong with it."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from nemolint.document import Document
from nemolint.project import Project, env_toml, env_toml_model
from nemolint.project.env_toml import MAX_CHAIN, ProfileTable, parse_env_file, read_env_file
from nemolint.project.model import UNKNOWN, EnvFile, Place, Resources
from nemolint.project.overrides import MergeError, merge
from nemolint.project.resources import launch
from nemolint.project.toml_values import scan
from support.sizes import many


def faults(env: EnvFile) -> list[tuple[int, int, str]]:
    return [(problem.place.line, problem.place.column, problem.message) for problem in env.problems]


CHAIN = """\
# profiles
[wandb]
project = "p"

[base]
executor = "slurm" # one of four
nodes = 1
env_vars = { A = "1", B = "2" }

["my cluster"]   # quoted
extends = 'base'
nodes = 4
[ "my cluster" . env_vars ]
B = "3"

[local]
executor = "${oc.env:EXECUTOR,local}"
text = '''
[not a table]
extends = "nobody"
'''
"""


def test_profiles() -> None:
    """Values are merged over `extends`, reserved sections are not profiles, headers are found where they stand."""
    env = parse_env_file(CHAIN, "env.toml")
    assert env.problems == ()
    assert env.names == ("base", "my cluster", "local")
    profile = env.profiles["my cluster"]
    assert profile.values == {"executor": "slurm", "nodes": 4, "env_vars": {"A": "1", "B": "3"}}
    assert profile.chain == ("my cluster", "base")
    assert profile.place == Place("env.toml", 10, 1)
    assert env.profiles["wandb"].reserved


@pytest.mark.parametrize("change", [lambda text: text, lambda text: text.replace("\n", "\r\n")])
def test_line_endings(change: Any) -> None:
    """CRLF changes neither the profiles nor the places."""
    env = parse_env_file(change(CHAIN), "env.toml")
    assert env.problems == ()
    assert env.profiles["local"].place == Place("env.toml", 16, 1)


@pytest.mark.parametrize(
    ("text", "line", "column", "part"),
    [
        ('[a]\nextends = "b"\n', 2, 11, "unknown profile 'b'"),
        ('[base]\n[a]\nextends = "bsae"\n', 3, 11, "did you mean base?"),
        ('[a]\nextends = "a"\n', 2, 11, "extends itself: a -> a"),
        ("[a]\nexecutor = 'slrum'\n", 2, 12, "did you mean slurm?"),
        ("[a]\n'executor'= 'k8s'\n", 2, 13, "local, slurm, lepton, dgxcloud"),
        ("[a]\nexecutor = 5\n", 2, 12, "executor"),
        ("[a]\nextends = ['b']\n", 2, 11, "extends"),
        ("[a]\nnodes = [1]\n", 2, 9, "nodes"),
        ("[a]\nx = \n", 2, 5, "not valid TOML"),
        ("[a]\n[a]\n", 2, 3, "not valid TOML"),
        ("\ufeff[a]\n", 1, 1, "byte order mark"),
        ('a.extends = "x"\n', 1, 13, "unknown profile 'x'"),
    ],
)
def test_faults(text: str, line: int, column: int, part: str) -> None:
    """Each fault is one problem, at the value that causes it."""
    (problem,) = (problem for problem in parse_env_file(text, "env.toml").problems if not problem.of_runs)
    assert problem.event == "broken-env-file"
    assert (problem.place.line, problem.place.column) == (line, column)
    assert part in problem.message


def test_cycle() -> None:
    """Each member of a cycle is reported once, and one that only leads into it is not."""
    env = parse_env_file('[a]\nextends = "b"\n[b]\nextends = "a"\n[c]\nextends = "a"\nx = 1\n', "env.toml")
    assert [problem.place.line for problem in env.problems] == [2, 4]
    assert env.profiles["c"].values["x"] == 1


_VALUES = st.recursive(
    st.sampled_from([1, "a", "???", "${x}", [1]]),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=5,
)
_SECTIONS = st.dictionaries(
    st.sampled_from("abcde"),
    st.dictionaries(st.sampled_from("xyz"), _VALUES, max_size=3).flatmap(
        lambda own: st.sampled_from([own, *({**own, "extends": name} for name in "abcdeq")])
    ),
    min_size=1,
)


_ODD = st.sampled_from(
    [None, True, 1, 2.5, 10**30, "", "a", "2", "${x}", "local", "slurm", [], [1], {}, {"A": 1}, {"": {}}]
)
_KEYS = ("executor", "nodes", "gpus_per_node", "env_vars", "mounts", "_x", "model_config")


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(_KEYS, _ODD)))
def test_what_pydantic_is_not_asked_about_is_sound(section: dict[str, Any]) -> None:
    """A section that is not shown to pydantic is one in which it finds nothing."""
    assert env_toml._faults(section) == env_toml_model.faults(section)


@given(_SECTIONS)
@example({"c": {"x": [1], "extends": "d"}, "d": {"x": {}, "extends": "d"}})
def test_profiles_share_what_they_inherit(sections: dict[str, Any]) -> None:
    """Values found when asked for are those of the sections merged one over the other, in any order of asking."""
    profiles = ProfileTable(sections, lambda name: Place("env.toml"))
    for name in reversed(sections):
        profile = profiles[name]
        chain = [name]
        while (parent := sections[chain[-1]].get("extends")) in sections and parent not in chain:
            chain.append(parent)
        assert profile.chain == tuple(chain)
        if "extends" in sections[chain[-1]] and parent in sections:
            assert all(key in profile.values for key in "xyz")  # a circle, at which the CLI stops: nothing is missing
            continue
        expected: Any = {}
        for link in reversed(chain):
            own = {key: value for key, value in sections[link].items() if key != "extends"}
            try:
                expected = merge(expected, own)
            except MergeError:
                expected = own
        assert profile.values == expected
        assert all(profile.values[key] == value for key, value in expected.items())


def test_a_chain_that_is_too_long_is_unknown_at_its_end() -> None:
    """What the first profiles of an endless chain set is known, and nothing is missing behind them."""
    text = '[p0]\nexecutor = "local"\n' + "".join(f'[p{n}]\nextends = "p{n - 1}"\nk{n} = 1\n' for n in range(1, 300))
    profiles = parse_env_file(text, "env.toml").profiles
    assert profiles["p50"].values["executor"] == "local" and "nodes" not in profiles["p50"].values
    last = profiles["p299"]
    assert len(last.chain) == MAX_CHAIN and last.values["k250"] == 1
    assert last.values["executor"] is UNKNOWN and last.values.get("nodes") is UNKNOWN
    assert launch(Resources("torchrun", 1, 8, None), last, None).nodes is None
    assert launch(Resources("torchrun", 1, 8, None), profiles["p50"], None).nodes == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "[p0]\n" + "".join(f'[p{at}]\nextends = "p{at - 1}"\nk{at} = 1\n' for at in range(1, n)),
        lambda n: (
            "[p0]\n"
            + "".join(f"k{at} = 1\n" for at in range(n))
            + "".join(f'[p{at}]\nextends = "p0"\nx = 1\n' for at in range(1, n))
        ),
        lambda n: "".join(f'[p{at}]\nextends = "p{(at + 1) % n}"\n' for at in range(n)),
    ],
    ids=["chain", "fan", "circle"],
)
def test_profiles_take_memory_as_their_text_does(make: Callable[[int], str]) -> None:
    """Twice the profiles take about twice the memory, also when each of them was asked for."""

    def kept(count: int) -> int:
        text = make(count)
        tracemalloc.start()
        try:
            env = parse_env_file(text, "env.toml")
            assert all(profile.values.get("nothing", UNKNOWN) is UNKNOWN for profile in env.profiles.values())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    kept(10)  # what is imported
    assert kept(1600) < 2.6 * kept(800)


def test_byte_order_mark_keeps_profiles() -> None:
    """The CLI refuses a byte order mark; the profiles are known all the same, at their own columns."""
    env = parse_env_file("\ufeff[a]\nnodes = 2\n", "env.toml")
    assert env.names == ("a",)


@pytest.mark.parametrize(
    "text",
    [
        "".join(f'[p{n}]\nextends = "p{n + 1}"\n' for n in range(many(30_000))),
        "".join(f"[p{n}]\n" for n in range(many(100_000))),
        "[" * many(1_000_000),
        "a = " + "[" * many(900_000),
        "a = '''" * many(140_000),
        'a = "' + '\\"' * many(490_000),
        "a." * many(490_000) + "b = 1",
        "[" + "a." * many(490_000) + "b]",
    ],
)
def test_hostile(text: str) -> None:
    """A long text of any shape ends soon."""
    parse_env_file(text, "env.toml")
    scan(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src/nemotron/steps").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "docs").mkdir()
    return tmp_path


def find(root: Path, **options: Any) -> Project:
    return Project.find(root, **{"cwd": root, "environ": {}, **options})


def in_docs(root: Path) -> Document:
    return Document("docs/a.md", "", absolute=str(root / "docs/a.md"))


def test_walk(root: Path) -> None:
    """`env.toml` is found upward from the file, up to the first folder with a `pyproject.toml` and no further."""
    (root / "env.toml").write_text("[a]\n")
    env = find(root).env_in_force(None, in_docs(root))
    assert env.file is not None
    assert env.file.path == "env.toml"
    (root / "docs/pyproject.toml").write_text("")
    assert find(root).env_in_force(None, in_docs(root)).file is None


def test_order(root: Path) -> None:
    """The setting wins over an export, the export over the environment, the environment over `env.toml`."""
    for name in ("env.toml", "env.set.toml", "env.exp.toml", "env.var.toml"):
        (root / name).write_text("[a]\n")

    def path(exported: str | None, **options: Any) -> str:
        env = find(root, **options).env_in_force(exported, in_docs(root))
        assert env.file is not None
        return env.file.path

    variable = {"NEMOTRON_ENV_FILE": "env.var.toml"}
    assert path("env.exp.toml", env_file=Path("env.set.toml"), environ=variable) == "env.set.toml"
    assert path("env.exp.toml", environ=variable) == "env.exp.toml"
    assert path(None, environ=variable) == "env.var.toml"
    assert path(None) == "env.toml"


@pytest.mark.parametrize(
    ("exported", "missing", "unknowable"),
    [
        ("env.gone.toml", "env.gone.toml", False),
        ("$SITE/env.toml", None, True),
        ("~/env.toml", None, True),
        ("/nowhere/env.toml", None, True),
    ],
)
def test_named_and_absent(root: Path, exported: str, missing: str | None, unknowable: bool) -> None:
    """A file that is named and not there is said to be missing only where we could look."""
    env = find(root).env_in_force(exported, in_docs(root))
    assert (env.file, env.missing, env.unknowable) == (None, missing, unknowable)


def test_candidates(root: Path) -> None:
    """Other env TOML files of the root are candidates; `env.toml` itself is not."""
    (root / "env.toml").write_text("[a]\n")
    (root / "env.lepton.toml").write_text("[b]\n")
    (root / "env.dir.toml").mkdir()
    assert [env.path for env in find(root).candidates()] == ["env.lepton.toml"]


def test_setting_problems(root: Path) -> None:
    """What is wrong with the env TOML that a setting names is a problem of the project."""
    (root / "env.a.toml").write_text("[a]\nx =\n")
    (problem,) = find(root, env_file=Path("env.a.toml")).problems()
    assert problem.place.path == "env.a.toml"
    (absent,) = find(root, env_file=Path("gone.toml")).problems()
    assert "does not exist" in absent.message


def test_strange_files(root: Path) -> None:
    """A pipe, a folder, binary and huge files never hang or crash the reader."""
    pipe = root / "pipe.toml"
    if hasattr(os, "mkfifo"):
        os.mkfifo(pipe)
        assert "does not exist" in read_env_file(pipe).problems[0].message
    (root / "bin.toml").write_bytes(b"[a]\n\xff\xfe")
    assert "UTF-8" in read_env_file(root / "bin.toml").problems[0].message
    assert read_env_file(root / "bin.toml").problems[0].place.line == 2
    (root / "big.toml").write_bytes(b"#" * 2_100_000)
    assert "larger" in read_env_file(root / "big.toml").problems[0].message
    assert read_env_file(root / "docs").profiles == {}
