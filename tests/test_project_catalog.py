"""The catalog of a checkout: manifests, headers, configs, the snapshot, and what is wrong with them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from nemolint.base import signature
from nemolint.commands.catalog import UnknownStep, as_json, describe
from nemolint.project import Project, checkout, codec, snapshot
from nemolint.project.compiled import Compiled
from nemolint.project.configs import ConfigLoader
from nemolint.project.file_reader import FileReader
from nemolint.project.model import (
    UNKNOWN,
    Artifact,
    ArtifactType,
    Code,
    Header,
    Import,
    Model,
    Parameter,
    Place,
    Reads,
    Resources,
    Step,
)
from nemolint.project.snapshot_builder import build_snapshot, dump
from support.command import python
from support.files import write
from support.shell import run_of

RUNNER = """\
#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# [tool.runspec]
# image = "registry/brew:1"
#
# [tool.runspec.run]
# launch = "torchrun"
#
# [tool.runspec.config]
# dir = "./config"
# default = "strong"
#
# [tool.runspec.resources]
# nodes = 2
# gpus_per_node = 4
# ///
import sys
import yaml
from nemotron.steps._shared.pots import heat
from dataclasses import dataclass

@dataclass
class Label:
    milk: bool = False

def main():
    cfg = yaml.safe_load(open(sys.argv[1]))
    label = Label(**cfg["label"])
    return cfg.get("water"), cfg["leaf"]["kind"], heat(cfg["pot"]), "sugar", f"{cfg}", label

main()
"""
MANIFEST = """\
[step]
id = "brew/tea"
name = "Tea"
category = "brew"

[[consumes]]
type = "leaves"

[[produces]]
type = "tea"
required = false

[[parameters]]
name = "minutes"
default = 3
choices = [3, 5]

[[parameters]]
name = "to"
description = "ISO 639-1 code of the label"

[[models]]
name = "pot"
min_gpus = 8
default = true
"""
TYPES = 'tea.is_a = ["drink"]\n[drink]\n[leaves]\nconvert_to = { tea = "brew/tea" }\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with ids and categories that no real one has."""
    steps = "src/nemotron/steps"
    write(
        tmp_path,
        {
            "pyproject.toml": "",
            f"{steps}/types.toml": TYPES,
            f"{steps}/brew/tea/step.toml": MANIFEST,
            f"{steps}/brew/tea/step.py": RUNNER,
            f"{steps}/brew/tea/config/strong.yaml": "minutes: 5\nwater: {}\npot: {size: 2}\nrun: {env: {nodes: 3}}\n",
            f"{steps}/brew/tea/config/weak.yml": "defaults: [strong]\nminutes: ???\nrun: {env: {nodes: '${oc.env:N}'}}",
            f"{steps}/_shared/pots.py": "def heat(cfg): return cfg.get('degrees')\n",
            f"{steps}/pour/tea/step.toml": "[step]\n",
            f"{steps}/pour/cup/step.toml": '[step]\nid = "pour/cup"\n[[parameters]]\nname = "server.api_key_env"\n',
        },
    )
    return tmp_path


def find(root: Path) -> Project:
    return Project.find(root, cwd=root, environ={})


def test_manifest(root: Path) -> None:
    """Manifest and header become plain facts, whatever the step is called."""
    project = find(root)
    step = project.steps["brew/tea"]
    assert project.source == "checkout"
    assert step.resources == Resources("torchrun", 2, 4, "registry/brew:1")
    assert step.default_config == "strong"
    assert step.consumes == (Artifact("leaves", True),)
    assert step.produces == (Artifact("tea", False),)
    assert step.parameters[0].choices == (3, 5)
    assert not step.parameters[1].has_default
    assert step.models[0].min_gpus == 8
    assert list(step.configs) == ["strong", "weak"]
    assert step.configs["weak"].tree == {
        "minutes": 5,
        "water": {},
        "pot": {"size": 2},
        "run": {"env": {"nodes": "${oc.env:N}"}},
    }
    assert project.categories == {"brew": ("brew/tea",), "pour": ("pour/cup", "pour/tea")}
    assert project.is_a("tea", "drink")
    assert not project.is_a("drink", "tea")
    assert project.problems() == ()


def test_match(root: Path) -> None:
    """A step is named by its id or by a last part that no other step has."""
    project = find(root)
    assert project.match("brew/tea").step is project.steps["brew/tea"]
    assert project.match("cup").step is project.steps["pour/cup"]
    assert project.match("tea").ambiguous == ("brew/tea", "pour/tea")
    assert project.match("brew/tee").close[0] == "brew/tea"
    assert project.match("x" * 100_000).close == ()


def test_facts_of_unknown_steps(root: Path) -> None:
    """What a manifest can say is judged from it; what only a runner knows stays unknown."""
    project = find(root)
    tea, cup = project.steps["brew/tea"], project.steps["pour/cup"]
    assert project.is_gpu_step(tea) is True
    assert project.is_gpu_step(cup) is None
    assert project.passes_unlisted_keys(tea) is None
    assert not project.is_paid(tea)
    assert project.is_paid(cup)
    assert project.known(tea).language_keys == {"to"}


@pytest.mark.parametrize(
    ("key", "home"),
    [
        ("minutes", True),
        ("run.env.anything", True),
        ("pot", True),
        ("pot.size", True),
        ("pot.sise", False),
        ("water.cold", True),  # an empty mapping
        ("to", True),
        ("leaf.kind", True),  # read by the code
        ("leaf", True),
        ("kind", False),  # elsewhere
        ("pot.degrees", True),  # by a module that the code imports
        ("degrees", False),
        ("label.milk", True),  # a field of a class
        ("milk", False),
        ("label.sugar", False),
        ("sugar", False),
        ("artifacts.a", True),  # by the CLI itself
        ("a." * 1000 + "b", None),
    ],
)
def test_key_home(root: Path, key: str, home: bool | None) -> None:
    """A key has a home in a config, a sibling config, a parameter, an empty subtree, or where the code reads it."""
    project = find(root)
    assert project.key_home(project.steps["brew/tea"], key) is home


def test_key_home_without_code(root: Path) -> None:
    """Without the runner's code nothing is said about an unknown key."""
    project = find(root)
    assert project.key_home(project.steps["pour/cup"], "sugar") is None


@pytest.mark.parametrize(
    ("words", "nodes", "gpus"),
    [
        ("brew/tea", 3, 4),
        ("brew/tea -c weak", None, 4),
        ("brew/tea run.env.nodes=9 run.env.gpus_per_node=1", 9, 1),
        ("brew/tea run.env.nodes=$N", None, 4),
        ("pour/cup", None, None),
    ],
)
def test_launch_resources(root: Path, words: str, nodes: int | None, gpus: int | None) -> None:
    """YAML beats the header, an override beats both, and what is not known is None."""
    resources = find(root).launch_resources(run_of(words))
    assert (resources.nodes, resources.gpus_per_node) == (nodes, gpus)


@pytest.mark.parametrize(
    ("written", "kind", "close"),
    [
        (None, "alias", ()),
        ("weak", "alias", ()),
        ("week", "missing-alias", ("weak",)),
        ("strong.yaml", "missing-path", ("strong",)),
        ("src/nemotron/steps/brew/tea/config/strong.yaml", "path", ()),
        ("configs/none.yaml", "missing-path", ()),
        ("/abs/none.yaml", "unknowable", ()),
        ("../none.yaml", "unknowable", ()),
        ("~/none.yaml", "unknowable", ()),
        ("$DIR/none.yaml", "unknowable", ()),
        ("<config>", "unknowable", ()),
    ],
)
def test_config_path(root: Path, written: str | None, kind: str, close: tuple[str, ...]) -> None:
    """`-c` is an alias unless it has a slash or a YAML suffix, and absence is claimed only where we can look."""
    project = find(root)
    lookup = project.config_path(project.steps["brew/tea"], written)
    assert lookup.kind == kind
    assert lookup.close == close
    assert (lookup.config is not None) == (kind in ("alias", "path"))


@pytest.mark.parametrize(
    ("name", "text", "line", "part"),
    [
        ("step.toml", "[step\n", 1, "not valid TOML"),
        ("step.toml", "[step]\nid = 5\n", 2, "step.id"),
        ("step.toml", MANIFEST.replace("min_gpus = 8", 'min_gpus = "many"'), 24, "models.0.min_gpus"),
        ("step.toml", MANIFEST.replace("choices = [3, 5]", "choices = 3"), 16, "parameters.0.choices"),
        ("step.py", RUNNER.replace("nodes = 2", "nodes = two"), 15, "not valid TOML"),
        ("step.py", RUNNER.replace("nodes = 2", 'nodes = "two"'), 15, "nodes"),
        ("step.py", RUNNER + "\n  broken(\n", 0, "Python"),
        ("config/strong.yaml", "a: [\n", 0, "YAML"),
        ("config/strong.yaml", "- a\n", 1, "mapping"),
        ("config/weak.yml", "defaults: gone\n", 0, "gone"),
        ("config/weak.yml", "defaults: weak.yml\n", 0, "leads back"),
        ("config/strong.yaml", "a: 1\na: 2\n", 2, "given twice"),
    ],
)
def test_broken_files(root: Path, name: str, text: str, line: int, part: str) -> None:
    """A broken file gives one problem with its place, and the other steps still work."""
    path = root / "src/nemotron/steps/brew/tea" / name
    path.write_text(text)
    project = find(root)
    for step in project.steps.values():
        project.key_home(step, "x")
    problems = [problem for problem in project.problems() if problem.place.path.endswith(name)]
    assert len(problems) == 1
    assert problems[0].event == "broken-project-file"
    assert part in problems[0].message
    assert not line or problems[0].place.line == line
    assert project.match("cup").step is not None


def test_hostile_tree(root: Path) -> None:
    """Pipes, links in circles, binary and huge files in place of project files never hang or crash the reader."""
    steps = root / "src/nemotron/steps"
    if hasattr(os, "mkfifo"):
        (steps / "a/pipe").mkdir(parents=True)
        os.mkfifo(steps / "a/pipe/step.toml")
        os.mkfifo(steps / "brew/tea/config/pipe.yaml")
    (steps / "loop").symlink_to(steps)
    (steps / "brew/tea/config/self.yaml").symlink_to(steps / "brew/tea/config/self.yaml")
    write(root, {"src/nemotron/steps/b/big/step.toml": "#" * 2_100_000})
    (steps / "b/bin").mkdir()
    (steps / "b/bin/step.toml").write_bytes(b"\xff\0")
    project = find(root)
    tea = project.steps["brew/tea"]
    assert len(project.steps) == 3
    assert [config.tree for config in tea.configs.values() if config.alias in ("pipe", "self")] == [None, None]
    assert {problem.place.path for problem in project.problems()} == {
        "src/nemotron/steps/b/big/step.toml",
        "src/nemotron/steps/b/bin/step.toml",
    }


def test_no_code_at_hand(root: Path) -> None:
    """Where a checkout has no `step.py`, the snapshot says what the header of the same step would."""
    write(root, {"src/nemotron/steps/sft/automodel/step.toml": '[step]\nid = "sft/automodel"\n'})
    assert find(root).steps["sft/automodel"].resources.gpus_per_node == 4


def test_hidden_by_gitignore(root: Path) -> None:
    """A step that `.gitignore` hides is taken from the snapshot; one that is plainly absent is not."""
    write(root, {".gitignore": "env/\n!src/keep/\n"})
    project = find(root)
    assert project.may_exist_unseen("env/env_toml")
    assert not project.may_exist_unseen("sft/automodel")
    assert not project.may_exist_unseen("brew/tea")
    match = project.match("env_toml")
    assert match.step is not None
    assert match.step.source == "snapshot"
    assert "sft/automodel" not in project.steps
    assert "lepton_base" in project.generated_profiles()


def test_generated_profiles(root: Path) -> None:
    """Profiles are generated by whichever step produces env TOML files."""
    folder = "src/nemotron/steps/make/envs"
    write(
        root,
        {
            f"{folder}/step.toml": '[step]\nid = "make/envs"\n[[produces]]\ntype = "env_toml"\n',
            f"{folder}/config/one.yaml": "output_path: e.toml\nsections:\n  wandb: {}\n  b: {nodes: 1}\n"
            "  t: {extends: b, gpus_per_node: 2}\n",
            f"{folder}/config/two.yaml": "sections: {b: {nodes: 2}}\n",
        },
    )
    project = find(root)
    assert project.generated_profiles() == {"b": ("one", "two"), "t": ("one",)}
    profile = project.generated_profile("t")
    assert profile is not None
    assert profile.values == {"nodes": 1, "gpus_per_node": 2}
    assert project.generated_profile("wandb") is None
    assert project.generated[0].output == "e.toml"


def test_snapshot_without_checkout(tmp_path: Path) -> None:
    """Outside a checkout the bundled catalog serves, and a path is not said to be missing."""
    project = find(tmp_path)
    assert project.source == "snapshot"
    assert project.snapshot_date in project.origin
    step = project.match("sft/automodel").step
    assert step is not None
    assert project.config(step, None) is not None
    assert project.config_path(step, "configs/mine.yaml").kind == "unknowable"
    assert project.config_path(step, "tiny.yaml").kind == "missing-path"
    assert project.config_path(step, "src/nemotron/steps/sft/automodel/config/tiny.yaml").kind == "path"


def test_find(root: Path, tmp_path: Path) -> None:
    """The root is found upward; a folder given by hand must be a checkout."""
    assert find(root / "src/nemotron").root == str(root)
    with pytest.raises(ValueError, match="is not a Nemotron checkout"):
        Project.find(root, nemotron=Path("src"), cwd=root, environ={})


def test_light_import() -> None:
    """The package starts without pydantic, yaml, tomli and pathspec, with the snapshot too."""
    code = (
        "import sys; from pathlib import Path; from nemolint.project import Project;"
        "p = Project.find(Path('/'), cwd=Path('/'), environ={}); p.match('sft/automodel');"
        "print([m for m in ('pydantic', 'yaml', 'tomli', 'pathspec') if m in sys.modules])"
    )
    assert python(code, Path("/")).out == "[]\n"


def test_seen(root: Path) -> None:
    """What was read, and what was looked for and not found, is on record for caches."""
    project = find(root)
    project.env_in_force()
    assert project.steps
    seen = project.reader.seen
    manifest = root / "src/nemotron/steps/brew/tea/step.toml"
    assert seen[str(root / "env.toml")] == signature.ABSENT
    assert seen[str(manifest)] == signature.digest(manifest.read_bytes())
    assert f"{root / 'src/nemotron/steps'}/" in seen


def test_paid_runs() -> None:
    """Translation is free of hosted models only with a local backend and without FAITH scoring."""
    project = Project(None, cwd=Path.cwd())
    step = project.steps["translate/nemo_curator"]
    assert project.is_paid(step)
    free = project.effective(run_of("translate/nemo_curator backend=nmt faith_eval.enabled=false"))
    scored = project.effective(run_of("translate/nemo_curator backend=nmt"))
    assert not project.is_paid(step, free)
    assert project.is_paid(step, scored)


def test_deploys() -> None:
    """An evaluation deploys a model on GPUs unless its deployment is switched off."""
    project = Project(None, cwd=Path.cwd())
    assert project.deploys(run_of("eval/model_eval")) is True
    assert project.deploys(run_of("eval/model_eval -c tiny_chat")) is False
    assert project.deploys(run_of("eval/model_eval deployment.type=$T")) is None
    assert project.deploys(run_of("sft/automodel")) is False


def test_catalog_view(root: Path) -> None:
    """The catalog is shown as text and as JSON, and an unknown step is an error that helps."""
    project = find(root)
    assert "brew/tea" in "\n".join(describe(project))
    text = "\n".join(describe(project, "brew/tea"))
    assert "minutes = 3  one of 3, 5" in text
    assert "pot, at least 8 GPUs (default)" in text
    assert json.loads(json.dumps(as_json(project, "cup")))["hosted_models"] is True
    assert len(as_json(project)) == 3
    with pytest.raises(UnknownStep, match="could be brew/tea, pour/tea"):
        describe(project, "tea")
    with pytest.raises(UnknownStep, match="did you mean brew/tea"):
        as_json(project, "brew/tee")


def test_corpus_checkout(shared: Path, tmp_path: Path) -> None:
    """A checkout copied without its code and without a folder that `.gitignore` hides is whole all the same."""
    root = tmp_path / "checkout"
    steps = root / "src/nemotron/steps"
    copied = shared / "corpus/nemotron"
    shutil.copytree(
        copied / "src/nemotron/steps", steps, ignore=shutil.ignore_patterns("env"), copy_function=shutil.copyfile
    )
    for name in ("pyproject.toml", ".gitignore"):
        shutil.copyfile(copied / name, root / name)
    project = find(root)
    assert len(project.steps) == 24
    assert project.steps["env/env_toml"].source == "snapshot"
    spec = json.loads((shared / "corpus/runspec.json").read_text())
    for step in project.steps.values():
        assert step.default_config == spec[step.id]["config"]["default"]
        assert step.resources.nodes == spec[step.id]["resources"]["nodes"]
        assert step.resources.gpus_per_node == spec[step.id]["resources"]["gpus_per_node"]
        assert all(config.tree for config in step.configs.values())
    assert sum(project.is_gpu_step(step) is True for step in project.steps.values()) == 15
    assert project.problems() == ()


def test_corpus_equals_snapshot(shared: Path) -> None:
    """What the corpus says of a step is what the snapshot says, as far as the snapshot says it."""
    project = find(shared / "corpus/nemotron")
    bundled = snapshot.steps(snapshot.bundled())
    for step in project.steps.values():
        other = bundled[step.id]
        assert (step.consumes, step.produces, step.models) == (other.consumes, other.produces, other.models)
        assert [entry.name for entry in step.parameters] == [entry.name for entry in other.parameters]
        assert list(step.configs) == sorted(other.configs)


def test_corpus_overrides_have_homes(shared: Path) -> None:
    """No override of the corpus's own commands is called unknown, but one that the runner drops for what it prefers."""
    project = find(shared / "corpus/nemotron")
    unknown = []
    count = 0
    for line in (shared / "corpus/runs.jsonl").read_text().splitlines():
        entry = json.loads(line)
        step = project.match(entry.get("step") or "").step if entry["role"] == "command" else None
        if step is None:
            continue
        config = project.config(step, entry.get("config"))
        for override in entry.get("overrides") or ():
            count += 1
            if project.key_home(step, override["key"], config) is False:
                unknown.append((step.id, override["key"]))
    assert count > 400
    assert set(unknown) == {("rl/nemo_rl/rlhf", "env.nemo_gym.genrm_model.responses_api_models.vllm_model.model")}


def test_what_is_shipped_is_what_the_code_makes(shared: Path) -> None:
    """What the snapshot says that a manifest compiles to is what it compiles to; build it anew where this fails."""
    root = shared / "corpus/nemotron"
    shipped = snapshot.bundled()["compiled"]
    reader = FileReader(root)
    reader.compiled = Compiled(shipped=False)
    for step in checkout.read_steps(reader, ConfigLoader(reader), root, {}).values():
        assert len(list(step.configs.values())) == len(step.configs)  # each is read when it is asked for
    checkout.read_types(reader, root)
    made = reader.compiled.used
    assert len([key for key in made if key.startswith("step ")]) > 20
    assert {key for key in made if key.startswith(("step ", "types "))} <= shipped.keys()
    assert len([key for key in made if key.startswith("config ") and key in shipped]) > 20
    for key in made.keys() & shipped.keys():
        assert json.dumps(snapshot.compiled(key)) == json.dumps(made[key]), key


def test_a_first_look_at_known_manifests_is_light(shared: Path) -> None:
    """Where a checkout has the files that the snapshot was built from, nothing is loaded to read and validate them."""
    code = (
        "import sys; from pathlib import Path; from nemolint.project import Project;"
        f"p = Project.find(Path({str(shared / 'corpus/nemotron')!r}), cwd=Path('/'), environ={{}});"
        "assert p.source == 'checkout' and len(p.steps) > 20;"
        "assert p.config(p.steps['sft/automodel'], 'tiny').tree['model'];"
        "print([m for m in ('pydantic', 'yaml', 'tomli') if m in sys.modules])"
    )
    assert python(code, Path("/")).out == "[]\n"


_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_trees = st.recursive(
    _scalars | st.just(UNKNOWN), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10
)
_choices = st.lists(st.text() | st.integers() | st.booleans()).map(tuple)
_parameters = st.builds(Parameter, st.text(), _trees, _choices, st.booleans(), st.booleans())
_artifacts = st.lists(st.builds(Artifact, st.text(), st.booleans())).map(tuple)
_counts = st.none() | st.integers()
_texts = st.none() | st.text()
_resources = st.builds(Resources, _texts, _counts, _counts, _texts)
_lists = st.lists(st.text()).map(tuple)
FACTS = {
    "step": (
        codec.STEP,
        st.tuples(
            *(st.text(), st.text(), st.text()),
            st.builds(Place, st.just(""), st.integers(1), st.just(0)),
            *(_artifacts, _artifacts),
            st.lists(_parameters).map(tuple),
            st.lists(st.builds(Model, st.text(), _counts, st.booleans())).map(tuple),
        ).map(lambda fields: Step(*fields)),
    ),
    "header": (codec.HEADER, st.none() | st.builds(Header, _resources, st.text(), st.text())),
    "types": (
        codec.TYPES,
        st.lists(st.builds(ArtifactType, st.text(), _lists, st.dictionaries(st.text(), st.text()))).map(
            lambda entries: {entry.name: entry for entry in entries}
        ),
    ),
    "code": (
        codec.CODE,
        st.builds(Code, st.lists(st.builds(Import, st.integers(0, 3), st.text(), _lists)).map(tuple)),
    ),
    "positions": (codec.POSITIONS, st.dictionaries(st.text(), st.tuples(st.integers(1), st.integers(1)))),
    "reads": (codec.READS, st.none() | st.builds(Reads, _lists, _lists)),
    "config": (codec.CONFIG, _trees),
    "ignored": (codec.IGNORED, st.booleans()),
    "confirmed": (codec.CONFIRMED, _lists),
}


@pytest.mark.parametrize("kind", FACTS)
@given(data=st.data())
def test_facts_come_back_from_their_form(kind: str, data: st.DataObject) -> None:
    """What the snapshot and the cache hold of a fact is that fact, to the type of each value."""
    codec_of, facts = FACTS[kind]
    fact = data.draw(facts)
    form = codec_of.encode(fact)
    if codec_of.round_trip(fact, form):
        again = codec_of.decode(json.loads(json.dumps(form)))
        assert again == fact
        shown = [repr(value).replace("mappingproxy({})", "{}") for value in (again, fact)]
        assert shown[0] == shown[1]  # 1 is neither 1.0 nor True
    else:
        assert not codec_of.exact


def test_each_kind_of_fact_is_proved() -> None:
    """The property above speaks of all kinds, and a text that looks like UNKNOWN is not kept as it."""
    kinds = {value.name for value in vars(codec).values() if isinstance(value, codec.Kind)}
    assert kinds == FACTS.keys()
    odd = {"a": dict(codec.UNKNOWN_FORM)}
    assert not codec.CONFIG.round_trip(odd, codec.CONFIG.encode(odd))  # type: ignore[arg-type]
    assert not codec.CONFIG.round_trip({1: 2}, {1: 2})  # type: ignore[dict-item]


def test_snapshot_is_built_the_same_twice(root: Path) -> None:
    """The snapshot of a checkout depends on its content alone, holds no prose, and reads back."""
    first = build_snapshot(root, "2026-01-01")
    second = build_snapshot(root, "2026-01-01")
    assert dump(first) == dump(second)
    assert json.loads(dump(first)) == first
    assert "ISO 639-1" not in dump(first)
    step = snapshot.steps(first)["brew/tea"]
    assert step.reads is not None
    assert {"water", "leaf.kind", "pot.degrees", "label.milk"} <= set(step.reads.keys)
    assert step.configs["strong"].tree is not None
    assert {key.partition(" ")[0] for key in first["compiled"]} == {
        "step",
        "header",
        "types",
        "code",
        "reads",
        "config",
    }
    assert any(parameter.language for parameter in step.parameters)
    with pytest.raises(ValueError, match="no steps"):
        build_snapshot(root / "src", "2026-01-01")


@pytest.mark.parametrize(("start", "name"), [(".", "."), ("src", ".."), ("..", "{own}"), ("src", "../../{own}")])
def test_snapshot_is_the_same_however_its_checkout_is_named(
    root: Path, start: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of a snapshot are named from the checkout, wherever the command is started."""
    whole = dump(build_snapshot(root, "2026-01-01"))
    monkeypatch.chdir(root / start)
    assert dump(build_snapshot(name.format(own=root.name), "2026-01-01")) == whole


NAMES = st.text(max_size=6)
VALUES = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)
)


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.integers() | st.text() | st.dictionaries(NAMES, VALUES))
)
def test_snapshot_reads_back(data: dict[str, Any]) -> None:
    """An entry that is parsed when it is asked for is what was written, whatever it holds."""
    text = dump(data)
    assert json.loads(text) == data
    found = snapshot.read(text)
    assert {name: dict(item) if isinstance(item, Mapping) else item for name, item in found.items()} == data


def test_committed_snapshot_is_current() -> None:
    """The committed snapshot is what a full checkout gives (`NEMOTRON_CHECKOUT` names one)."""
    place = os.environ.get("NEMOTRON_CHECKOUT")
    if not place:
        pytest.skip("NEMOTRON_CHECKOUT names no checkout")
    data = snapshot.bundled()
    assert dump(build_snapshot(Path(place), data["date"])) == Path(snapshot.FILE).read_text(encoding="utf-8")


def test_snapshot_size() -> None:
    """The snapshot stays small, and holds no sentence."""
    text = Path(snapshot.FILE).read_text(encoding="utf-8")
    assert len(text) < 250_000
    assert "description" not in snapshot.bundled()["steps"]["sft/automodel"]
