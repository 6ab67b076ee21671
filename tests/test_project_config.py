"""Override values, merging and inheritance are read as OmegaConf reads them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from omegaconf import OmegaConf

from nemolint.base.yaml_values import YamlError, load, parse_value, positions
from nemolint.document import Document
from nemolint.invocation import StepRun
from nemolint.project import Project
from nemolint.project.model import MISSING, UNKNOWN, Place
from nemolint.project.overrides import MergeError, dotlist, leaves, merge, split_key
from nemolint.reader import read_document

Conf = dict[str, Any]

WORDS = """
no off yes on true Null ~ 0123 089 1_000 1:30 0x1f 0o7 1e3 1.5 .5 1. - a- a.b ./x ../x /x/y 2026-08-21
_x -1 +1 -0 00 1e-3 .inf .nan n y N None NULL tRue @x !x %x &a *a ? : , ] } = << a:b
"""


def oracle(base: Conf, overrides: list[str]) -> Any:
    """What OmegaConf makes of it, with keys as text; None where it refuses."""
    try:
        merged = OmegaConf.merge(OmegaConf.create(base), OmegaConf.from_dotlist(overrides))
        return textual(OmegaConf.to_container(merged, resolve=False))
    except Exception:  # noqa: BLE001 - a refusal has many types there
        return None


def textual(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): textual(item) for key, item in value.items()}
    if isinstance(value, list):
        return [textual(item) for item in value]
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def ours(base: Conf, overrides: list[str]) -> Any:
    try:
        pairs = [(text.partition("=")[0], parse_value(text.partition("=")[2])) for text in overrides]
        return textual(merge(base, dotlist(pairs)))  # type: ignore[arg-type]
    except ValueError:
        return None


@pytest.mark.parametrize(
    "text",
    [
        *WORDS.split(),
        *("", " ", "a b", "a: b", "a #b", "[1, no, {x: 1e3}]", "{a: 1, b: {c: }}", "{a: 1, a: 2}", "{2: a, true: b}"),
        *("[a", "'x", '"\\u00e9"', "{null: 1}", "{<<: {a: 1}, b: 2}", "!!str 1", "!!python/name:os.system x", "a\tb"),
        *("99999999999999999999", "1__0", "{[1]: 2}", "- a\n- b", "a: 1\nb: 2", "--- a\n--- b", "!!binary aGk=", "{a}"),
    ],
)
def test_value_as_omegaconf(text: str) -> None:
    """A value is what the CLI's YAML makes of it, traps such as `no` and `0123` included."""
    expected = oracle({}, [f"k={text}"])
    if isinstance(expected, dict) and isinstance(expected.get("k"), bytes):
        expected = None  # bytes reach no config: we call them no value
    assert ours({}, [f"k={text}"]) == expected


scalar = st.sampled_from(
    ["1", "no", "x", "", "0x1f", "1e3", "'q'", "???", "[1, 2]", "[]", "{}", "{a: 1}", "{b: {c: 2}}"]
)
key = st.lists(st.sampled_from(["a", "b", "c", "0"]), min_size=1, max_size=3).map(".".join)
tree = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["x", "???"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), tree, max_size=3),
    st.lists(st.tuples(key, scalar).map("=".join), max_size=4),
)
def test_dotlist_as_omegaconf(base: Conf, overrides: list[str]) -> None:
    """Overrides build up, merge and replace as OmegaConf's dotlist does."""
    assert ours(base, overrides) == oracle(base, overrides)


@given(st.text(alphabet="ab01.-_+[]{}:,'\" #&*!|>%@\n", max_size=12))
def test_any_value(text: str) -> None:
    """Any text is a value or a ValueError, and the same one as OmegaConf's."""
    expected = oracle({}, [f"k={text}"])
    if expected is not None and "$" not in text:
        assert ours({}, [f"k={text}"]) == expected
    else:
        ours({}, [f"k={text}"])


@pytest.mark.parametrize("text", ["a.b[c]", "[a].b", "a[b][c].d", "a..b", ".a", "a.", "", "a[b", "a[0].c"])
def test_split_key(text: str) -> None:
    """Keys split at dots and brackets."""
    from omegaconf._key_path import split_key as reference

    assert split_key(text) == reference(text)


def test_merge_keeps_its_arguments() -> None:
    """A config is shared by many runs, so merging must not change it."""
    base: Any = {"a": {"b": 1}}
    merge(base, {"a": {"c": 2}})
    assert base == {"a": {"b": 1}}


@pytest.mark.parametrize(("base", "over"), [({"a": [1]}, {"a": {"b": 1}}), ({"a": {"b": 1}}, {"a": [1]})])
def test_merge_refuses(base: Any, over: Any) -> None:
    """A list and a mapping cannot be merged either way."""
    with pytest.raises(MergeError):
        merge(base, over)


def bomb(levels: int = 30) -> str:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels: int = 30) -> str:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        bomb(),
        merge_bomb(),
        "a: &a [*a]",
        "[" * 500_000,
        "{a: " * 200_000,
        "- " * 400_000,
        "a: 1\n" * 200_000,
        "a: 1\n" * 59_000,
        "'" + "x" * 1_000_000,
        "\n".join(" " * n + "a:" for n in range(1400)),
        "&a " * 300_000,
    ],
    ids=range(11),
)
def test_hostile_yaml(text: str) -> None:
    """Alias bombs, deep nesting and broken text end soon, with an error."""
    with pytest.raises(YamlError):
        load(text)


def test_hostile_overrides() -> None:
    """A key of a million parts is refused, and many overrides stay linear."""
    with pytest.raises(MergeError):
        dotlist([("a." * 500_000, 1)])
    assert len(dotlist((f"a.b{n}", n) for n in range(50_000))["a"]) == 50_000  # type: ignore[arg-type]


def test_positions() -> None:
    """Each key is found at its own line and column, list items too."""
    found = positions("a:\n  b: 1\n  c:\n    - x\n    - d: 2\ne: {f: 3}\n")
    assert found["a.b"] == (2, 3)
    assert found["a.c.1"] == (5, 7)
    assert found["a.c.1.d"] == (5, 7)
    assert found["e.f"] == (6, 5)


def test_leaves() -> None:
    """Leaves are scalars and empty containers, list items by index."""
    assert dict(leaves({"a": {"b": 1, "c": []}, "d": [{"e": None}]})) == {"a.b": 1, "a.c": [], "d.0.e": None}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A catalog of one invented step whose configs inherit."""
    step = tmp_path / "src/nemotron/steps/brew/kettle"
    (step / "config").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("")
    (step / "step.toml").write_text('[step]\nid = "brew/kettle"\ncategory = "brew"\n')
    (step / "config/default.yaml").write_text("heat:\n  watts: 900\n  coils: [a, b]\nlid: ${oc.env:LID}\n")
    (step / "config/tiny.yaml").write_text("defaults: default\nheat:\n  watts: 100\n")
    return Project.find(tmp_path, cwd=tmp_path, environ={})


def run_of(words: str) -> StepRun:
    (run,) = read_document("x.sh", f"nemotron steps run {words}\n".encode()).runs
    return run


def test_effective(project: Project) -> None:
    """The config in force is the file over what it inherits, under the overrides; the origin of each value is known."""
    run = run_of("kettle -c tiny heat.coils=[c] heat.watts=$W lid=no extra.x=1")
    effective = project.effective(run)
    assert effective is not None
    assert effective.exact
    assert effective.get("heat.coils") == ["c"]
    assert effective.get("heat.watts") is UNKNOWN
    assert effective.get("heat.watts.below") is UNKNOWN
    assert effective.get("lid") is False
    assert effective.get("heat.none") is MISSING
    assert effective.origin("lid") is run.overrides[2]
    assert effective.origin("heat.coils") is run.overrides[0]
    assert effective.origin("extra.x") is run.overrides[3]
    assert effective.origin("heat.none") is None
    assert dict(effective.leaves)["extra.x"] == 1


def test_origin_in_files(project: Project) -> None:
    """A value that no override sets stands in the config's own file, or in the one that it inherits."""
    effective = project.effective(run_of("kettle -c tiny"))
    assert effective is not None
    folder = "src/nemotron/steps/brew/kettle/config"
    assert effective.origin("heat.watts") == Place(f"{folder}/tiny.yaml", 3, 3)
    assert effective.origin("heat.coils") == Place(f"{folder}/default.yaml", 3, 3)
    assert effective.get("lid.any") is UNKNOWN


def test_refused(project: Project) -> None:
    """An override that the CLI refuses is named, and nothing is said about its key."""
    run = run_of("kettle heat=[1] lid='[a'")
    effective = project.effective(run)
    assert effective is not None
    assert {override.key for override in effective.refused} == {"heat", "lid"}
    assert effective.get("heat.watts") is UNKNOWN


@pytest.mark.parametrize("words", ["kettle $ARGS", "kettle -c $C", 'kettle "$@"', "kettle -c nope", "$STEP", "other"])
def test_nothing_in_force(project: Project, words: str) -> None:
    """Where the step or the config is not known, there is no config in force."""
    effective = project.effective(run_of(words))
    assert effective is None or not effective.exact


def test_mapping_replaced(project: Project) -> None:
    """`key={}` merges and changes nothing, a scalar replaces the whole mapping."""
    kept = project.effective(run_of("kettle 'heat={}'"))
    lost = project.effective(run_of("kettle heat=5"))
    assert kept is not None
    assert lost is not None
    assert kept.get("heat.watts") == 900
    assert lost.get("heat.watts") is MISSING


def test_document_without_place() -> None:
    """A document from standard input has no folder of its own."""
    assert Document("-", "").absolute is None


@given(
    st.text("aeE_$10.{}*?,[]=+@%-/yno", max_size=9)
    | st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,3})?(e-?[0-9])?", fullmatch=True)
)
def test_values_that_need_no_yaml(text: str) -> None:
    """What is told from the characters alone is what the YAML reader says."""
    try:
        expected: object = load(text)
    except YamlError:
        with pytest.raises(ValueError):
            parse_value(text)
        return
    assert (type(parse_value(text)), parse_value(text)) == (type(expected), expected)


@pytest.mark.parametrize("text", ["a: [", "a: [\n", 'a: "', "a: {b: [1,\n"])
def test_what_ends_too_early_is_told_on_its_last_line(text: str) -> None:
    """A config that is cut off has its problem on a line that it has."""
    with pytest.raises(YamlError) as caught:
        load(text)
    assert 1 <= caught.value.line <= len(text.splitlines())
