"""Override values, merging and inheritance are read as OmegaConf reads them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st
from omegaconf import OmegaConf
from omegaconf.errors import GrammarParseError
from omegaconf.grammar_parser import parse

from nemolint.base import yaml_values
from nemolint.base.interpolations import is_grammatical, is_taken
from nemolint.base.yaml_values import YamlError, load, parse_value, positions
from nemolint.document import Document
from nemolint.linter.checker import Checker
from nemolint.project import Project
from nemolint.project.configs import ConfigLoader
from nemolint.project.effective import apply
from nemolint.project.file_reader import FileReader
from nemolint.project.model import MISSING, UNKNOWN, ConfigFile, Place
from nemolint.project.overrides import Layers, MergeError, leaves, lookup, merge, set_key, split_key
from nemolint.settings import Settings
from support.shell import run_of

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
    """With text in the place of keys and bytes. What stands under a key that is not text is not compared."""
    if isinstance(value, dict):
        return {str(key): textual(item) if isinstance(key, str) else UNKNOWN for key, item in value.items()}
    if isinstance(value, list):
        return [textual(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def dotlist(items: Iterable[tuple[str, Any]]) -> Conf:
    """The mapping that `key=value` pairs build from left to right. Raises MergeError."""
    result: Conf = {}
    for key, value in items:
        set_key(result, key, value)
    return result


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
    assert ours({}, [f"k={text}"]) == oracle({}, [f"k={text}"])


scalar = st.sampled_from(
    ["1", "no", "x", "", "0x1f", "1e3", "'q'", "???", "[1, 2]", "[]", "{}", "{a: 1}", "{b: {c: 2}}"]
)
key = st.lists(st.sampled_from(["a", "b", "c", "0"]), min_size=1, max_size=3).map(".".join)
tree = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["x", "???"])), st.builds(list), st.builds(dict)
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, min_size=1, max_size=3),
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


_PARTS = [
    *"ab01.-_+[]{}:,'\" #&*!|>%@\n\t?`~<=$\\é\u2028\x85\r\ufeff\x07",
    *("- ", ": ", " #", "? ", "--- ", "...", "!!str ", "!!int ", "!!null ", "!!set ", "!!omap ", "!!seq ", "&a ", "*a"),
    *("<<: ", "null", "true", "1e3", "0x1F", "1_0", "12:30", "2026-01-01", "${", "${a}", "${a:", "???", ", ", "\\${"),
]


@given(st.lists(st.sampled_from(_PARTS), max_size=9).map("".join))
@settings(max_examples=1000)
def test_any_value(text: str) -> None:
    """Any text is the value that OmegaConf makes of it, or an error where OmegaConf refuses it."""
    assert ours({}, [f"k={text}"]) == oracle({}, [f"k={text}"])


@given(
    st.lists(st.sampled_from(["${", "}", ":", ".", "[", "]", "{", ",", "'", '"', " ", "\\", "a", "é", "\n", "oc.env:"]))
)
@settings(max_examples=1000)
def test_any_interpolation(parts: list[str]) -> None:
    """Which interpolations are well formed is what OmegaConf's own parser says."""
    text = "${" + "".join(parts)
    try:
        parse(text)
    except GrammarParseError:
        assert not is_grammatical(text)
    else:
        assert is_grammatical(text)
    try:
        OmegaConf.create({"a": text})
    except GrammarParseError:
        assert not is_taken(text)
    else:
        assert is_taken(text)


@pytest.mark.parametrize(
    "text", ["a.b[c]", "[a].b", "a[b][c].d", "a..b", ".a", "a.", "", "a[b", "a[0].c", "a[b\n].c", "a[\nb[c]d.e"]
)
def test_split_key(text: str) -> None:
    """Keys split at dots and brackets."""
    from omegaconf._utils import split_key as reference

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
    assert len(dotlist(("a", {f"b{n}": n}) for n in range(50_000))["a"]) == 50_000  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "unit", ["${", "${a", "${a}", "${f:", "${f:'", "\\", "[", "{[", "&a ", "*a ", "- ", "? ", "a: ", "\t"]
)
def test_hostile_values(unit: str) -> None:
    """A value of half a megabyte is read, refused or given up soon, whatever it is made of."""
    for text in (unit * (500_000 // len(unit)), "${" + unit * (500_000 // len(unit))):
        try:
            parse_value(text)
        except YamlError:
            continue


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


# What each file inherits, of those behind it, and the keys that it holds itself.
_FILES = st.lists(
    st.tuples(st.lists(st.integers(1, 4), max_size=3, unique=True), st.sets(st.sampled_from("abc"), min_size=1)),
    min_size=2,
    max_size=5,
)


@given(_FILES)
@example([([1, 2], {"a"}), ([1], {"b"}), ([], {"b"})])
def test_origin_is_where_the_value_stands(tmp_path_factory: pytest.TempPathFactory, files: list[Any]) -> None:
    """Of several files that are inherited, the last one wins, so that its line is the place of the value."""
    folder = tmp_path_factory.mktemp("configs")
    for number, (steps, keys) in enumerate(files):
        base = [f"f{number + step}" for step in steps if number + step < len(files)]
        text = "".join(f"{key}: {number}\n" for key in sorted(keys))
        (folder / f"f{number}.yaml").write_text(f"defaults: [{', '.join(base)}]\n{text}")
    loader = ConfigLoader(FileReader(folder))
    config = loader.config(folder / "f0.yaml", "f0")
    assert config.tree is not None
    for key, value in config.tree.items():
        if key != "defaults":
            assert loader.place(config, key).path == f"f{value}.yaml"


def test_refused(project: Project) -> None:
    """An override that the CLI refuses is named, and nothing is said about its key."""
    run = run_of("kettle heat=[1] lid='[a'")
    effective = project.effective(run)
    assert effective is not None
    assert {(refusal.override.key, refusal.fault) for refusal in effective.refused} == {
        ("heat", "fit"),
        ("lid", "value"),
    }
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
    st.text("aeE_$10.{}*?,[]=+@%-/yno:<> '\"#&!|~\n", max_size=9)
    | st.from_regex(r"[\"'][ a1:.,#=-]{0,4}[\"']", fullmatch=True)
    | st.from_regex(r"[a<./][ :a1<>.-]{0,6}", fullmatch=True)
    | st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,3})?(e-?[0-9])?", fullmatch=True)
)
@example("<<")
@example("a: b")
@example("a:")
@example("<hf-or-local-base>")
@example("s3://bucket/a b")
def test_values_that_need_no_yaml(text: str) -> None:
    """What the characters alone show is what the YAML reader says."""
    try:
        expected: object = yaml_values._parse(text)
    except YamlError:
        with pytest.raises(YamlError):
            parse_value(text)
        return
    assert (type(parse_value(text)), parse_value(text)) == (type(expected), expected)


@pytest.mark.parametrize(
    "text", ["<hf-or-local-base>", "nvcr.io/nvidia/nemo:25.09", "https://x.org/a", "Say hello", '"0123"', "'a: b'"]
)
def test_usual_values_do_not_load_yaml(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Placeholders, images, addresses, words and quoted text are read without the parser."""
    monkeypatch.setattr(yaml_values, "_parse", lambda text: pytest.fail(text))
    assert parse_value(text) == text.strip("\"'")


@pytest.mark.parametrize("text", ["a: [", "a: [\n", 'a: "', "a: {b: [1,\n"])
def test_what_ends_too_early_is_reported_on_its_last_line(text: str) -> None:
    """A config that is cut off has its problem on a line that it has."""
    with pytest.raises(YamlError) as caught:
        load(text)
    assert 1 <= caught.value.line <= len(text.splitlines())


_SCALARS = st.sampled_from([1, "a", "???", "${x}", None, UNKNOWN])
_TREES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(_SCALARS, st.lists(st.integers(0, 3), max_size=2)),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
_MAPPINGS = st.dictionaries(st.sampled_from("abc"), _TREES, max_size=3)


@given(st.lists(_MAPPINGS, min_size=1, max_size=4))
def test_layers_are_what_merging_gives(mappings: list[Conf]) -> None:
    """Mappings read in layers are those merged one after the other, in order too; what does not fit is known before."""
    merged: Any = mappings[0]
    for index, over in enumerate(mappings[1:], 1):
        below = Layers(mappings[:index])
        try:
            merged = merge(merged, over)
        except MergeError:
            assert not below.fits(over)
            return
        assert below.fits(over)
    layers = Layers(mappings)
    assert layers.plain() == merged and list(layers) == list(merged)
    for key, value in leaves(merged):
        assert lookup(layers, key.split(".")) == value
    assert lookup(layers, ("a", "nothing")) == lookup(merged, ("a", "nothing"))


@given(_MAPPINGS)
def test_open_layers_miss_nothing(mapping: Conf) -> None:
    """Where more lies below than was read, no key is missing, and what was read counts."""
    layers = Layers((mapping,), partial=True)
    assert lookup(layers, ("nothing",)) is UNKNOWN
    for key, value in leaves(mapping):
        if value != "???":
            assert lookup(layers, key.split(".")) == value
    for key, value in mapping.items():
        if isinstance(value, dict):
            assert lookup(layers, (key, "nothing")) is UNKNOWN


_OVERRIDES = (
    "a=1",
    "a.b=2",
    "a.b.c=3",
    "b={}",
    "b={a: 1}",
    "c=[1]",
    "c.0=2",
    "c=???",
    "d.a=$X",
    "a={b: {d: 4}}",
    "b=x",
)


@given(_MAPPINGS, st.lists(st.sampled_from(_OVERRIDES), max_size=4))
def test_what_is_in_force_shares_the_config(tree: Conf, words: list[str]) -> None:
    """The leaves of a config in force, put together from those of the file, are the leaves of the merged tree."""
    config = ConfigFile("a", Place("a.yaml"), tree)
    run = run_of(" ".join(["kettle", *(f'"{word}"' for word in words)]))
    effective = apply(config, run, lambda found, key: found.place)
    assert effective is not None
    assert list(effective.leaves) == list(leaves(effective.tree))
    for key, value in effective.leaves:
        if lookup(effective.tree, split_key(key)) is not MISSING:
            assert effective.get(key) == lookup(effective.tree, split_key(key))
        assert effective.origin(key) is not None or value is UNKNOWN
    if not effective.refused:
        over = dotlist((item.key, UNKNOWN if not item.value.known else item.parsed()) for item in run.overrides)  # type: ignore[misc]
        assert effective.tree == merge(tree, over)


def test_aliases_expand_as_far_as_people_write_them() -> None:
    """A text may say each value some times over; one that doubles is refused at a size that follows its length."""
    shared = "base: &base {" + ", ".join(f"k{at}: {at}" for at in range(20)) + "}\n"
    assert load(shared + "".join(f"u{at}: {{<<: *base, own: 1}}\n" for at in range(10)))
    doubling = "a0: &a0 [x]\n" + "".join(f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]\n" for at in range(1, 12))
    with pytest.raises(YamlError, match="aliases expand"):
        load(doubling)
    assert parse_value("{" + doubling.replace("\n", ", ") + "}") is UNKNOWN


def test_configs_of_many_runs_end_somewhere(project: Project, tmp_path: Path) -> None:
    """After very many runs of a long config those that follow are not checked, and the first of them says so."""
    long = "".join(f"k{at}: /path/to/{at}\n" for at in range(4000))
    (tmp_path / "src/nemotron/steps/brew/kettle/config/long.yaml").write_text(long)
    text = "".join(f"nemotron steps run kettle -c long a{at}=1\n" for at in range(60))
    checker = Checker(Settings(tmp_path), cwd=tmp_path, environ={})
    document = checker.read(tmp_path / "a.sh", text.encode())
    found = [item for item in checker.check(document) if "are not checked" in item.message]
    first = checker.project(document).first_beyond_budget(document)
    assert [item.severity for item in found] == ["info"] and first is document.runs[found[0].line - 1]
    assert checker.project(document).effective(document.runs[0]) is not None
    assert checker.project(document).effective(document.runs[-1]) is None
    few = checker.read(tmp_path / "b.sh", text[: len(text) // 2].encode())
    assert checker.project(few).first_beyond_budget(few) is None


def test_runs_share_the_leaves_of_their_config(project: Project) -> None:
    """What the runs of one config keep is their overrides: the leaves that they leave alone are one and the same."""
    first, second = (project.effective(run_of(f"kettle -c tiny extra.{name}=1")) for name in "xy")
    assert first is not None and second is not None
    shared = {id(pair) for pair in first.leaves} & {id(pair) for pair in second.leaves}
    assert len(shared) == len(first.leaves) - 1 == len(second.leaves) - 1


def test_configs_that_inherit_too_much_say_so(tmp_path: Path) -> None:
    """Many configs over one long base are read up to a budget, and what is not read is a problem of its file."""
    folder = tmp_path / "src/nemotron/steps/brew/kettle/config"
    folder.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("")
    (folder.parent / "step.toml").write_text('[step]\nid = "brew/kettle"\ncategory = "brew"\n')
    (folder / "base.yaml").write_text("".join(f"k{at}: 1\n" for at in range(20_000)))
    for at in range(40):
        (folder / f"c{at:02}.yaml").write_text("defaults: [base]\nx: 1\n")
    project = Project.find(tmp_path, cwd=tmp_path, environ={})
    read = [config for config in project.steps["brew/kettle"].configs.values() if config.tree is not None]
    assert 10 < len(read) < 40
    assert len(project.problems()) == 41 - len(read)
    assert all("inherits too much" in problem.message for problem in project.problems())


@pytest.mark.parametrize(
    ("written", "named"),
    [("''", '""'), (".", "."), ("/", "/"), ("a.b", "a.b"), ("../x", "../x"), ('"a\\0b"', "a\0b"), ("base/", None)],
)
def test_whatever_is_inherited_is_read_or_named(tmp_path: Path, written: str, named: str | None) -> None:
    """A name of a config that no file can have is wrong, like that of a file that is not there."""
    (tmp_path / "base.yaml").write_text("size: 1\n", "utf-8")
    (tmp_path / "own.yaml").write_text(f"defaults: {written}\n", "utf-8")
    loader = ConfigLoader(FileReader(tmp_path))
    config = loader.config(str(tmp_path / "own.yaml"), "own")
    said = [problem.message for problem in loader.reader.problems.values()]
    if named is None:
        assert config.tree == {"size": 1} and not said
    else:
        assert config.tree is None
        assert said == [f"`defaults` names {named}, which does not exist: correct the name"]
