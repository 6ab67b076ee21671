"""`nemolint explain-run`: what it says is so, is all that a check says, fits on a screen, and holds no secret."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st
from omegaconf import OmegaConf

from nemolint.base.visible import visible, width
from nemolint.commands.completion import complete
from nemolint.document import Document
from nemolint.explanation import mermaid, run_text
from nemolint.explanation.config_changes import difference
from nemolint.explanation.pipeline import pipeline
from nemolint.explanation.run_facts import run_facts
from nemolint.linter.checker import Checker
from nemolint.linter.loader import load_rules
from nemolint.linter.rule import Rule
from nemolint.settings import Settings
from support.command import nemolint
from support.credentials import random_body
from support.files import write

RUN = "nemotron steps run"
SFT = "sft/automodel"


RULES = load_rules()


def _facts_of(document: Document, checker: Checker, environ: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    project, findings = checker.project(document), checker.findings_of_runs(document)
    runs = [run for run in document.runs if run.role != "mention"]
    return [run_facts(run, project, findings, environ or {}) for run in runs]


def _facts(
    root: Path, text: str, environ: Mapping[str, str] | None = None, rules: Mapping[str, Rule] = RULES
) -> list[dict[str, Any]]:
    """The facts of all runs of a script."""
    checker = Checker(Settings(root), cwd=root, environ=environ or {}, rules=rules)
    return _facts_of(checker.read(root / "a.sh", text.encode()), checker, environ)


def _pipeline(root: Path, text: str) -> dict[str, Any]:
    checker = Checker(Settings(root), cwd=root, environ={}, rules={})
    document = checker.read(root / "a.sh", text.encode())
    return pipeline(_facts_of(document, checker), checker.project(document))


# -- what happens


@pytest.mark.parametrize(
    ("command", "kind", "words"),
    {
        "a dry run": (f"{RUN} {SFT} -c tiny --dry-run", "dry-run", "nothing is launched"),
        "a dry run in a cluster of letters": (f"{RUN} {SFT} -dc tiny", "dry-run", "nothing is launched"),
        "a misspelled dry run launches": (f"{RUN} {SFT} --dryrun", "local", "no profile is given"),
        "a step's own switch": (f"{RUN} translate/nemo_curator dry_run=true", "local", "`dry_run` is set"),
        "a preview": (f"{RUN} sdg/data_designer preview=true", "local", "a few records"),
        "detached": (f"{RUN} {SFT} -c tiny -b kettle", "detached", "job to slurm (profile `kettle`), detached"),
        "attached": (f"{RUN} {SFT} -c tiny --run kettle", "attached", "attached: waits"),
        "--run wins over --batch": (f"{RUN} {SFT} -c tiny --run kettle -b stove", "attached", "`kettle`"),
        "a profile for this machine": (f"{RUN} {SFT} -c tiny -b here", "local", "`here` has the executor local"),
        "an executor without a profile": (f"{RUN} {SFT} run.env.executor=slurm", "detached", "run.env.executor"),
        "no executor": (f"{RUN} {SFT} -c tiny -b bare", "no-executor", "names no executor"),
        "an executor that the CLI does not have": (f"{RUN} {SFT} -b odd", "no-executor", "`docker` is not an executor"),
        "what a dry run stands for": (f"{RUN} {SFT} -d -b kettle", "dry-run", "Without `--dry-run`, it submits a job"),
        "a dry run for this machine": (f"{RUN} {SFT} -d", "dry-run", "Without `--dry-run`, it runs here"),
        "a dry run of what cannot start": (f"{RUN} {SFT} -d -b bare", "dry-run", "names no executor"),
        "a dry run for an unknown profile": (f"{RUN} {SFT} -d -b $P", "dry-run", "where is not known"),
        "an env TOML that is not there": (
            f"export NEMOTRON_ENV_FILE=gone.toml\n{RUN} {SFT} -c tiny -d",
            "no-env-file",
            "names gone.toml, which does not exist",
        ),
        "an env TOML that the script writes": (
            f"export NEMOTRON_ENV_FILE=gone.toml\ncp env.toml gone.toml\n{RUN} {SFT} -c tiny -d",
            "dry-run",
            "nothing is launched",
        ),
        "no such profile": (f"{RUN} {SFT} -c tiny -b kettel", "no-profile", "did you mean `kettle`?"),
        "no such step": (f"{RUN} sft/automodl", "no-step", "did you mean `sft/automodel`"),
        "several steps": (f"{RUN} automodel", "no-step", "could be"),
        "no such config": (f"{RUN} {SFT} -c tinny", "no-config", "did you mean `tiny`?"),
        "a refused override": (f"{RUN} {SFT} 'x=[1,2'", "refused", "the CLI refuses `x`"),
        "a usage error": (f"{RUN} {SFT} --dry-run=true", "usage-error", "`--dry-run` takes no value"),
        "no step at all": (f"{RUN} -c tiny", "usage-error", "no word of the line is a step"),
        "help": (f"{RUN} {SFT} -c tiny --help", "help", "prints its usage"),
        "an expansion decides on the step": (f"{RUN} $STEP", None, "not known"),
        "an expansion may add the option": (f"{RUN} {SFT} $MORE", None, "whether this is a dry run"),
        "an expansion names the profile": (f'{RUN} {SFT} -b "$P"', None, "where is not known"),
    }.values(),
)
def test_what_happens(command: str, kind: str | None, words: str, tmp_path: Path) -> None:
    """The outcome is that of the CLI, and what an expansion decides is not guessed."""
    profiles = (
        "[stove]\nexecutor = 'slurm'\n[kettle]\nextends = 'stove'\n[here]\nexecutor = 'local'\n[bare]\nnodes = 1\n"
        "[odd]\nexecutor = 'docker'\n"
    )
    write(tmp_path, {"env.toml": profiles})
    (facts,) = _facts(tmp_path, command)
    assert (facts["happens"]["kind"], words in facts["happens"]["text"]) == (kind, True), facts["happens"]
    assert "the step itself" not in facts["happens"]["text"] or "is set" in facts["happens"]["text"]


_KINDS = {"unknown step": "no-step", "usage error": "usage-error", "help": "help", "refused": "refused"}
# What becomes of a run that the CLI starts, once it looks for its config and its profile, which are not there.
_LATER = (None, "no-config", "no-profile", "refused")


@pytest.mark.parametrize("rows", ["cli-lines.jsonl", "cli-configs.jsonl"])
def test_what_the_cli_does(rows: str, shared: Path, tmp_path: Path) -> None:
    """What is said to happen is what the CLI did with each recorded line, as are config, mode and profile."""
    checker = Checker(Settings(tmp_path), cwd=tmp_path, environ={}, rules={})
    for row in map(json.loads, (shared / "cases" / rows).read_text("utf-8").rstrip("\n").split("\n")):
        document = checker.read(tmp_path / "a.sh", f"{row['line']}\n".encode())
        (facts,) = _facts_of(document, checker)
        checker.forget(document)
        kind = facts["happens"]["kind"]
        if row["outcome"] not in ("runs", "applied"):
            assert kind == _KINDS[row["outcome"]], row
        elif row["outcome"] == "applied":
            assert kind == "dry-run", row
        else:
            assert kind in _LATER or (kind == "dry-run") == row["dry_run"], row
            assert kind in ("local", "dry-run", *_LATER) and (kind != "local" or row["mode"] == "local"), row
            profile = facts["profile"] or {"name": None, "option": None}
            option = {"run": "--run", "batch": "--batch"}.get(row["mode"])
            wanted = (row["config"], row["profile"] or None, option)
            assert (facts["config"]["name"], profile["name"], profile["option"]) == wanted, row


@pytest.mark.parametrize("rule", RULES)
def test_blockers_are_those_of_the_check(rule: str, tmp_path: Path) -> None:
    """Of each bad example of each rule, `commands` and `explain-run` name the same blockers, each with its message."""
    for number, example in enumerate(RULES[rule].examples):
        if example.good or example.settings or example.path is not None or example.prompt is not None:
            continue
        root = write(tmp_path / str(number), {**example.files, "a.sh": example.text})
        checker = Checker(Settings(root), cwd=root, environ={}, rules=RULES)
        document = checker.read(root / "a.sh", example.text.encode())
        records = checker.run_records(document)
        facts = _facts_of(document, checker)
        here = [[one for one in run["blockers"] if one["path"] == "a.sh"] for run in facts]
        assert [sorted({one["rule"] for one in run}) for run in here] == [record["blockers"] for record in records]
        assert all(one["message"] and one["line"] for run in here for one in run)


def test_a_broken_project_file_blocks(tmp_path: Path) -> None:
    """What is wrong in the env TOML, and stops the run, is among its blockers, with the place there."""
    write(tmp_path, {"env.toml": "[kettle]\nexecutor = 'slurm'\nextends = 'gone'\n[other]\nextends = 'gone too'\n"})
    (facts,) = _facts(tmp_path, f"{RUN} {SFT} -c tiny -b kettle --dry-run")
    assert [(one["path"], one["line"]) for one in facts["blockers"]] == [("env.toml", 3)]


@pytest.mark.parametrize(
    ("files", "kind", "words"),
    {
        "no YAML": ({"m.yaml": "a: [1\n"}, "broken-config", "m.yaml:"),
        "no mapping of a base": (
            {"m.yaml": "defaults: base\n", "base.yaml": "a: b: c\n"},
            "broken-config",
            "base.yaml:1",
        ),
        "a base that is not there": ({"m.yaml": "defaults: [base, _self_]\n"}, "broken-config", "names base"),
        "a base of a base": (
            {"m.yaml": "defaults: base\n", "base.yaml": "defaults: gone\n"},
            "broken-config",
            "base.yaml: `defaults` names gone",
        ),
        "a circle": ({"m.yaml": "defaults: base\n", "base.yaml": "defaults: m\n"}, "broken-config", "leads back"),
        "a list over a mapping": (
            {"m.yaml": "defaults: base\na: [1]\n", "base.yaml": "a: {b: 1}\n"},
            "broken-config",
            "does not fit",
        ),
        "more than is read here": ({"m.yaml": f"a: {'[' * 200}{']' * 200}\n"}, "dry-run", ""),
    }.values(),
)
def test_configs_that_cannot_be_loaded(files: dict[str, str], kind: str, words: str, tmp_path: Path) -> None:
    """The CLI ends with an error, in a dry run, too, unless only nemolint does not read the file."""
    write(tmp_path, files)
    (facts,) = _facts(tmp_path, f"{RUN} {SFT} -c ./m.yaml --dry-run")
    assert (facts["happens"]["kind"], words in facts["happens"]["text"]) == (kind, True), facts["happens"]
    assert facts["config"]["problem"] and facts["config"]["values"] is None
    assert "invalid-project-file" in [one["rule"] for one in facts["warnings"]]


def test_an_empty_config_is_the_default(tmp_path: Path) -> None:
    """To the CLI, `--config=` is no config at all, also after another one."""
    for command in (f"{RUN} {SFT} --config=", f"{RUN} {SFT} -c tiny --config=", f"{RUN} {SFT}"):
        (facts,) = _facts(tmp_path, command)
        config = facts["config"]
        assert (config["name"], config["given"], facts["executor"]["name"]) == ("default", False, "local")
        assert config["values"] and facts["happens"]["kind"] == "local"


def test_an_env_file_that_is_not_read(tmp_path: Path) -> None:
    """One that has the profile, and that no variable names, is told; a broken one that is read stops each run."""
    files = {"pyproject.toml": "", "src/nemotron/steps/brew/tea/step.toml": "[step]\nid = 'brew/tea'\n"}
    files["src/nemotron/steps/brew/tea/config/default.yaml"] = "a: 1\n"
    write(tmp_path, {**files, "env.slurm.toml": "[kettle]\nexecutor = 'slurm'\n"})
    (facts,) = _facts(tmp_path, f"{RUN} brew/tea -b kettle")
    assert "env.slurm.toml has it, if NEMOTRON_ENV_FILE names that file" in facts["happens"]["text"]
    write(tmp_path, {"env.toml": "[kettle\n"})
    for more in ("", "-b kettle", "--dry-run"):
        (facts,) = _facts(tmp_path, f"{RUN} brew/tea {more}")
        assert facts["happens"]["kind"] == "broken-env-file", more
        assert "env.toml:1: the file is not valid TOML" in facts["happens"]["text"]


# -- the config in force

scalar = st.sampled_from(["1", "no", "x", "", "1e3", "'q'", "???", "[1, 2]", "[]", "{}", "{a: 1}", "{b: {c: 2}}"])
key = st.lists(st.sampled_from(["a", "b", "c", "0"]), min_size=1, max_size=3).map(".".join)
tree = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["x", "???"]) | st.builds(list) | st.builds(dict),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)
config = st.dictionaries(st.sampled_from(["a", "b", "c"]), tree, max_size=3)


def _merged(base: dict[str, Any], overrides: list[str]) -> Any:
    """What OmegaConf makes of a config and a dotlist; None where it refuses."""
    try:
        made = OmegaConf.merge(OmegaConf.create(base), OmegaConf.from_dotlist(overrides))
        return OmegaConf.to_container(made, resolve=False)
    except Exception:  # noqa: BLE001 - a refusal has many types there
        return None


def _at(tree: Any, dotted: str) -> Any:
    for part in dotted.split("."):
        tree = tree[int(part)] if isinstance(tree, list) else tree[part]
    return tree


@given(config, st.lists(st.tuples(key, scalar).map("=".join), max_size=4))
def test_config_as_omegaconf(tmp_path_factory: pytest.TempPathFactory, base: Any, overrides: list[str]) -> None:
    """The values in force are those of OmegaConf, each change leads to them, and the CLI's refusals are told."""
    root = tmp_path_factory.mktemp("merge", numbered=True)
    (root / "mine.yaml").write_text(json.dumps(base), "utf-8")
    (facts,) = _facts(root, f"{RUN} {SFT} -c ./mine.yaml --dry-run {shlex.join(overrides)}", rules={})
    wanted = _merged(base, overrides)
    if wanted is None:
        assert facts["happens"]["kind"] == "refused"
        return
    assert facts["happens"]["kind"] == "dry-run"
    assert (facts["config"]["values"], facts["config"]["unknown"]) == (wanted, [])
    for change in facts["config"]["changes"]:
        if change["effect"] != "superseded":
            assert change["new"] == _at(wanted, change["key"])
        if change["old_place"] is not None:
            assert change["old"] == _at(base, change["key"])
        if change["effect"] == "same":
            assert change["old"] == change["new"] and type(change["old"]) is type(change["new"])
        assert (change["effect"] == "added") <= (change["old_place"] is None)


def test_what_overrides_change(tmp_path: Path) -> None:
    """Each override with the value and the line that it replaces, in whichever file; what nothing reads says so."""
    write(tmp_path, {"base.yaml": "a: 1\nb:\n  c: 2\n  d: 3\nl: [1]\n", "mine.yaml": "defaults: base\na: 4\n"})
    command = f"{RUN} {SFT} -c ./mine.yaml a=5 b.c=2 'b={{d: 7}}' l=[] e=$E x.$K='[1,2' a=6 b.d=8"
    (facts,) = _facts(tmp_path, command)
    changes = [(one["key"], one["old"], one["new"], one["effect"]) for one in facts["config"]["changes"]]
    assert changes == [
        ("a", 4, "5", "superseded"),
        ("b.c", 2, 2, "same"),
        ("b.d", 3, 8, "changed"),
        ("l", [1], [], "changed"),
        ("e", None, "$E", "added"),
        ("x.$K", None, "[1,2", "unknown"),
        ("a", 4, 6, "changed"),
        ("b.d", 3, 8, "changed"),
    ]
    places = [
        one["old_place"] and (one["old_place"]["path"], one["old_place"]["line"]) for one in facts["config"]["changes"]
    ]
    assert places == [
        ("mine.yaml", 2),
        ("base.yaml", 3),
        ("base.yaml", 4),
        ("base.yaml", 5),
        None,
        None,
        ("mine.yaml", 2),
        ("base.yaml", 4),
    ]
    (facts,) = _facts(tmp_path, f"{RUN} translate/nemo_curator no.such.key=1 text_field=x")
    (unread, read) = facts["config"]["changes"]
    assert (unread["effect"], unread["note"]) == ("added", "nothing reads it")
    assert (read["effect"], read["note"]) == ("changed", "")


def test_values_that_json_has_not(tmp_path: Path) -> None:
    """Infinity and the like are written as YAML has them, so that the JSON can be read anywhere."""
    (tmp_path / "mine.yaml").write_text("a: .inf\nb: [-.inf, .nan]\n", "utf-8")
    (facts,) = _facts(tmp_path, f"{RUN} {SFT} -c ./mine.yaml")
    assert json.loads(json.dumps(facts, allow_nan=False))["config"]["values"] == {"a": ".inf", "b": ["-.inf", ".nan"]}


def _leaves(tree: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


@given(config, config)
def test_difference_of_two_configs(tmp_path_factory: pytest.TempPathFactory, one: Any, other: Any) -> None:
    """Each key is the same, changed, only here or only there, and the other way round it is the other way round."""
    root = tmp_path_factory.mktemp("difference", numbered=True)
    for name, tree in (("one", one), ("other", other)):
        (root / f"{name}.yaml").write_text(json.dumps(tree), "utf-8")
    found = []
    for here, there in (("one", "other"), ("other", "one")):
        checker = Checker(Settings(root), cwd=root, environ={}, rules={})
        document = checker.read(root / "a.sh", f"{RUN} {SFT} -c ./{here}.yaml".encode())
        project = checker.project(document)
        effective = project.effective(document.runs[0])
        wanted = project.config(project.step_of(document.runs[0]), f"./{there}.yaml", document)
        assert effective is not None and wanted is not None
        found.append(difference(effective, wanted, project))
    mine, theirs = dict(_leaves(one)), dict(_leaves(other))
    assert {item["key"]: item["value"] for item in found[0]["only_here"]} == {
        k: v for k, v in mine.items() if k not in theirs
    }
    assert found[1]["only_there"] == found[0]["only_here"] and found[0]["only_there"] == found[1]["only_here"]
    changed = {item["key"]: (item["here"]["value"], item["there"]["value"]) for item in found[0]["changed"]}
    assert changed == {
        k: (v, theirs[k]) for k, v in mine.items() if k in theirs and (type(v), v) != (type(theirs[k]), theirs[k])
    }
    assert found[0]["same"] + len(changed) + len(found[0]["only_here"]) == len(mine)


_WORDS = st.sampled_from(
    [
        *(SFT, "automodel", "translate/nemo_curator", "$STEP", "<step>", "-c", "tiny", "./m.yaml", "--config=", "-b"),
        *("kettle", "--run", '"$P"', "-d", "--dry-run", "--", "-xd", "a=1", "a.b=2", "a={b: 3}", "'a=[1,2'", "$K=1"),
        *("run=", "run.env=null", "run.env.nodes=two", "run.env.executor=$E", "run.env.env_vars=x", "dataset=1"),
        *("output_dir=~/x", "'x=${oc.env:HOME}'", "'y=${a}'", "z=$(date)", "key", "=", "+a=1", "~a", "--help", '"$@"'),
        *("server.api_key_env=X", "evaluation.tasks.0=x", "input_path=*.jsonl", "run.env.gpus_per_node=99999999999999"),
    ]
)


@given(
    st.lists(_WORDS, max_size=7), st.sampled_from(["a: {b: 1}", "a: [1]", "", "- 1", "a: {", "defaults: m", "run: 1"])
)
def test_any_command(tmp_path_factory: pytest.TempPathFactory, words: list[str], content: str) -> None:
    """Whatever the words and the config, the facts are JSON, and there is a page of them and a chart."""
    root = tmp_path_factory.mktemp("any", numbered=True)
    write(root, {"m.yaml": content, "env.toml": "[kettle]\nexecutor = 'slurm'\nenv_vars = 1\nnodes = '${x}'\n"})
    command = f"{RUN} {' '.join(words)}"
    for facts in _facts(root, command):
        assert json.loads(json.dumps(facts, allow_nan=False)) == facts
        assert 4 < len(run_text.run_page(facts, 80)) <= 45
    data = _pipeline(root, f"{command}\n{command}\n")
    if data["runs"]:
        assert run_text.pipeline_page(data, 80) and _is_strict(mermaid.flowchart(data))


# -- the job


def test_what_a_job_takes(tmp_path: Path) -> None:
    """Nodes, GPUs and processes of the header, the profile, the config and the command, in this order of precedence."""
    profile = "[stove]\nexecutor = 'slurm'\ngpus_per_node = 8\n[kettle]\nextends = 'stove'\nnodes = 4\n"
    write(tmp_path, {"env.toml": profile, "mine.yaml": "run: {env: {nodes: 2}}\n"})
    wanted = {"-c ./mine.yaml -b kettle": (2, 8, 16, 8), "-c ./mine.yaml -b kettle run.env.nodes=6": (6, 8, 48, 8)}
    for more, (nodes, per_node, gpus, processes) in wanted.items():
        (facts,) = _facts(tmp_path, f"{RUN} {SFT} {more}")
        resources = facts["resources"]
        assert (resources["nodes"], resources["gpus_per_node"], resources["gpus"]) == (nodes, per_node, gpus)
        assert resources["processes_per_node"] == processes
        by = "command" if "run.env" in more else "config"
        assert [
            (one["key"], one["of_profile"], one["in_force"], one["by"]) for one in facts["profile"]["replaced"]
        ] == [("nodes", 4, nodes, by)]
        assert facts["profile"]["chain"] == ["kettle", "stove"]
    (local,) = _facts(tmp_path, f"{RUN} {SFT} -c ./mine.yaml")
    assert (local["executor"]["name"], local["resources"]["processes_per_node"]) == ("local", 1)
    write(tmp_path, {"gone.yaml": "defaults: nosuch\n"})
    for unknown in ("-b $P", "-b nosuch", "-c $C", "-c ./gone.yaml"):
        (facts,) = _facts(tmp_path, f"{RUN} {SFT} -c ./mine.yaml {unknown}")
        assert facts["resources"]["gpus"] is None and facts["resources"]["processes_per_node"] is None
    for unknown in ("run.env.nodes=$N", "run.env.gpus_per_node=$N"):
        (facts,) = _facts(tmp_path, f"{RUN} {SFT} -c ./mine.yaml -b kettle {unknown}")
        assert facts["resources"]["gpus"] is None
        assert "$N" in [one["in_force"] for one in facts["profile"]["replaced"]]
    (ray,) = _facts(tmp_path, f"{RUN} rl/nemo_rl/dpo -c tiny -b kettle")
    assert ray["resources"]["launch"] == "ray" and ray["resources"]["processes_per_node"] is None


def _row(facts: Mapping[str, Any], label: str) -> str:
    """A row of the page of a run, without its label and its line breaks."""
    rows = re.split(r"\n(?=\S)", "\n".join(run_text.run_page(facts, None)))
    return " ".join(next((row for row in rows if row.startswith(label)), "")[len(label) :].split())


@pytest.mark.parametrize(
    ("command", "words"),
    {
        "as many processes as GPUs": ("sft/megatron_bridge -b kettle", "64 (8 nodes x 8); 8 processes per node (run"),
        "more than GPUs": ("sft/megatron_bridge -b kettle run.env.gpus_per_node=4", "8 processes per node of 4 GPUs"),
        "no multiple": (
            "sft/megatron_bridge -b kettle run.env.ntasks_per_node=3 run.env.nodes=2",
            "or a multiple, not 6",
        ),
        "experts of two stages": (
            "sft/megatron_bridge -b kettle model.pipeline_model_parallel_size=2",
            "TP 4 x PP 2 x EP 8 needs 16 processes or a multiple",
        ),
        "on this machine": (
            "sft/megatron_bridge run.env.nodes=4",
            "1 process (a local torchrun starts one); TP 4 x EP 8 needs 8 processes or a multiple, not 1",
        ),
        "unknown nodes": (
            "sft/megatron_bridge -b kettle run.env.nodes=$N",
            "not known how many: $N nodes x 8",
        ),
        "GPUs of a variable": (
            "convert/hf_to_megatron -c tiny -b kettle",
            " nodes x ${oc.env:NEMOTRON_CONVERT_GPUS_PER",
        ),
        "a dry run": ("sft/megatron_bridge -d -b kettle", "none now; launched, 64 (8 nodes x 8)"),
        "a model besides the job": ("eval/model_eval -b kettle", "64 (8 nodes x 8), and those of the model"),
    }.values(),
)
def test_gpus_and_processes(command: str, words: str, tmp_path: Path) -> None:
    """What a cluster gives, and whether the processes fit the GPUs of a node and the parallel sizes."""
    profile = "[kettle]\nexecutor = 'slurm'\nnodes = 8\ngpus_per_node = 8\nntasks_per_node = 8\n"
    write(tmp_path, {"env.toml": profile})
    (facts,) = _facts(tmp_path, f"{RUN} {command}")
    assert words in _row(facts, "GPUs")


def test_the_partition_of_a_job(tmp_path: Path) -> None:
    """Attached and detached jobs may go to partitions of their own, which Slurm takes before `partition`."""
    both = "run_partition = 'quick'\nbatch_partition = 'slow'\n"
    plain = "[kettle]\nexecutor = 'slurm'\npartition = 'any'\n"
    for env, option, queue in (
        (plain + both, "--run", "run_partition=quick"),
        (plain + both, "--batch", "batch_partition=slow"),
        (plain, "--batch", "partition=any"),
    ):
        write(tmp_path, {"env.toml": env})
        (facts,) = _facts(tmp_path, f"{RUN} {SFT} {option} kettle")
        assert f" executor=slurm {queue} " in _row(facts, "profile")


def test_what_a_dry_run_misses(tmp_path: Path) -> None:
    """The job of a later launch does not see the variables of this shell, which the dry run itself passes with."""
    write(tmp_path, {"env.toml": "[kettle]\nexecutor = 'slurm'\n", "m.yaml": "a: ${oc.env:OUT}/b\n"})
    for more, words in {"-b kettle": "set in this shell, which the job does not see: $OUT", "": ""}.items():
        (facts,) = _facts(tmp_path, f"{RUN} {SFT} -c ./m.yaml -d {more}", {"OUT": "/x"})
        assert _row(facts, "missing") == words


def test_what_is_missing(tmp_path: Path) -> None:
    """`???`, what the runner requires with its reason, and variables by name: given by the job, the shell, or not."""
    (facts,) = _facts(tmp_path, f"{RUN} translate/nemo_curator input_path=/a.jsonl target_language=de")
    values = {item["key"]: item for item in facts["missing"]["values"]}
    assert set(values) == {"source_language", "server.model"}
    assert "???" in values["source_language"]["note"] and values["server.model"]["because"]
    assert {"name": "NVIDIA_API_KEY", "key": "server.api_key_env", "given": ""} in facts["missing"]["variables"]
    secret = random_body("missing", 24)
    (facts,) = _facts(tmp_path, f"{RUN} translate/nemo_curator", {"NVIDIA_API_KEY": secret})
    assert {"name": "NVIDIA_API_KEY", "key": "server.api_key_env", "given": "shell"} in facts["missing"]["variables"]
    assert secret not in json.dumps(facts)
    files = {
        "env.toml": "[kettle]\nexecutor = 'slurm'\n[kettle.env_vars]\nOUT = 'x'\n",
        "m.yaml": "a: ${oc.env:OUT}/b\n",
    }
    write(tmp_path, files)
    given = {
        more: _facts(tmp_path, f"{RUN} {SFT} -c ./m.yaml {more}")[0]["missing"]["variables"]
        for more in ("", "-b kettle")
    }
    assert {more: [item["given"] for item in items] for more, items in given.items()} == {
        "": [""],
        "-b kettle": ["job"],
    }


def test_variables_that_the_cli_hands_on(tmp_path: Path) -> None:
    """The CLI gives a job its own tokens, the caches of the job's folder, and what `[wandb]` says."""
    names = ("HF_TOKEN", "HF_HOME", "WANDB_API_KEY", "WANDB_PROJECT", "WANDB_NAME", "WANDB_ENTITY", "MINE")
    shell = dict.fromkeys(("HF_TOKEN", "WANDB_API_KEY", "MINE"), "x")
    files = {
        "m.yaml": "".join(f"k{number}: ${{oc.env:{name}}}\n" for number, name in enumerate(names)),
        "env.toml": "[wandb]\nproject = 'p'\n[stove]\nexecutor = 'slurm'\n"
        "[kettle]\nextends = 'stove'\nremote_job_dir = '/jobs'\n",
    }
    write(tmp_path, files)
    for profile, home in {"kettle": "job", "stove": ""}.items():
        (facts,) = _facts(tmp_path, f"{RUN} {SFT} -c ./m.yaml -b {profile}", shell)
        given = {item["name"]: item["given"] for item in facts["missing"]["variables"]}
        job = dict.fromkeys(("HF_TOKEN", "WANDB_API_KEY", "WANDB_PROJECT", "WANDB_NAME"), "job")
        assert given == {**job, "HF_HOME": home, "WANDB_ENTITY": "", "MINE": "shell"}
        (about,) = [one["message"] for one in facts["warnings"] if one["rule"] == "missing-value"]
        assert [name for name in names if f"`{name}`" in about] == ["WANDB_ENTITY", "MINE"]


def test_hosted_models(tmp_path: Path) -> None:
    """A run that calls models names each with its service; one that is told to call none names none."""
    (facts,) = _facts(tmp_path, f"{RUN} translate/nemo_curator server.model=$M")
    (service,) = facts["cost"]["services"]
    assert (facts["cost"]["hosted"], service["model"], service["key"]) == (True, "$M", "NVIDIA_API_KEY")
    (facts,) = _facts(tmp_path, f"{RUN} translate/nemo_curator backend=nmt faith_eval.enabled=false")
    assert (facts["cost"]["hosted"], facts["cost"]["services"]) == (False, [])


# -- pipelines


def _arrows(data: dict[str, Any]) -> list[tuple[int, int, str, str]]:
    return [(flow["from"], flow["to"], flow["type"], flow["by"]) for flow in data["flows"]]


PACK = f"{RUN} data_prep/sft_packing -c default"
TRAIN = f"{RUN} sft/megatron_bridge -c default"
TRAINED = "dataset.packed_sequence_specs.packed_train_data_path"


@pytest.mark.parametrize(
    ("script", "arrows"),
    {
        "a folder in the output": (
            f"{PACK} output_dir=/d/packed\n{TRAIN} {TRAINED}=/d/packed/splits/train\n",
            [(1, 2, "packed_parquet", "path")],
        ),
        "the same open path": (
            f'{PACK} output_dir="$D/packed"\n{TRAIN} {TRAINED}="${{D}}/packed/splits/train/*.parquet"\n',
            [(1, 2, "packed_parquet", "path")],
        ),
        "paths that are not known": (f"{PACK}\n{TRAIN}\n", [(1, 2, "packed_parquet", "type")]),
        "paths elsewhere": (f"{PACK} output_dir=/d/one\n{TRAIN} {TRAINED}=/d/two/train\n", []),
        "a folder whose name begins the same": (f"{PACK} output_dir=/d/one\n{TRAIN} {TRAINED}=/d/one2\n", []),
        "the last one that writes there": (
            f"{PACK} output_dir=/d/p\n{PACK} output_dir=/d/p\n{TRAIN} {TRAINED}=/d/p/splits/train\n",
            [(2, 3, "packed_parquet", "path")],
        ),
        "a dry run writes nothing": (f"{PACK} --dry-run\n{TRAIN}\n", []),
        "nothing but dry runs": (f"{PACK} -d\n{TRAIN} -d\n", [(1, 2, "packed_parquet", "type")]),
        "in the wrong order": (f"{TRAIN} {TRAINED}=/d/p/train\n{PACK} output_dir=/d/p\n", []),
        "a kind of the type": (
            f"{RUN} translate/nemo_curator output_dir=/d/t\n{PACK} input_path=/d/t/a.jsonl\n",
            [(1, 2, "translated_jsonl", "path")],
        ),
        "a model of a hub": (f"{RUN} sft/automodel -c tiny\n{RUN} convert/hf_to_megatron hf_model_id=org/name\n", []),
        "an env TOML": (
            f"{RUN} env/env_toml -c slurm output_path=env.toml\n{RUN} {SFT} -c tiny -b slurm_sft_automodel\n",
            [(1, 2, "env_toml", "path")],
        ),
    }.values(),
)
def test_what_flows(script: str, arrows: list[tuple[int, int, str, str]], tmp_path: Path) -> None:
    """An output is an input where the paths say so, by its type where they cannot, and never where they say not."""
    assert _arrows(_pipeline(tmp_path, script)) == arrows


def test_what_nothing_produces(tmp_path: Path) -> None:
    """Required inputs that no run writes are told, with the path that the config has; so is what nobody reads."""
    data = _pipeline(tmp_path, f"{PACK} output_dir=/d/p\n{TRAIN} {TRAINED}=/d/p/splits/train checkpoint.save=/d/c\n")
    assert [(item["run"], item["type"]) for item in data["unproduced"] if item["required"]] == [(1, "training_jsonl")]
    assert [(item["run"], item["type"], item["path"]) for item in data["results"]] == [
        (2, "checkpoint_megatron", "/d/c")
    ]


# -- Mermaid

_ID = r"(?:r|in|out)\d+"
_LABEL = r'"(?:[^"\[\]{}()|<>#;:`*\n]|#\d+;|<br/>)*"'
_LINE = re.compile(
    rf"  (?:{_ID}(?:\[{_LABEL}\]|\{{\{{{_LABEL}\}}\}}|\(\[{_LABEL}\]\))?"
    rf"(?: (?:-->|-\.->)(?:\|{_LABEL}\|)? {_ID}(?:\(\[{_LABEL}\]\))?)?)\n"
)


def _is_strict(chart: str) -> bool:
    """True for a chart of plain ids, quoted labels and arrows, and nothing else."""
    head, _, rest = chart.partition("\n")
    return head == "flowchart TD" and re.fullmatch(f"(?:{_LINE.pattern})+", rest) is not None


def _decoded(label: str) -> str:
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label)


_NASTY = st.lists(
    st.sampled_from(
        [*'"#;:<>[]{}()|`*_~-+=&%$\\/\n\r\t .1aé·…\u202e', "end", "<br/>", "-->", "%%", "style x:y#z;", "1. "]
    ),
    max_size=20,
).map("".join)


def _chart(texts: list[str]) -> dict[str, Any]:
    """A pipeline of two runs with these texts in all labels."""
    first, second, path = texts

    def run(number: int, step: str) -> dict[str, Any]:
        return {
            "number": number,
            "step": {"id": step, "written": step},
            "config": {"name": path},
            "profile": {"option": "--batch", "name": first},
            "happens": {"kind": "dry-run" if number == 2 else "local"},
        }

    return {
        "runs": [run(1, first), run(2, second)],
        "flows": [{"from": 1, "to": 2, "type": first or "x", "by": "type", "path": path}],
        "unproduced": [{"run": 1, "type": second or "x", "path": path}],
        "results": [{"run": 2, "type": second or "x", "path": path}],
    }


@given(st.lists(_NASTY, min_size=3, max_size=3))
def test_any_label(texts: list[str]) -> None:
    """Whatever a path or a name holds, the chart keeps its form, and the label says the same."""
    assert _is_strict(mermaid.flowchart(_chart(texts)))
    for text in texts:
        shown = visible(text)
        if len(shown) <= 80:
            assert _decoded(mermaid.label(text)) == shown


def test_charts_as_the_parser_reads_them(tmp_path: Path) -> None:
    """Mermaid's own parser takes the charts. It needs node and a folder with the packages mermaid and jsdom."""
    modules, node = os.environ.get("MERMAID_MODULES"), shutil.which("node")
    if modules is None or node is None:
        pytest.skip("MERMAID_MODULES names no folder with the npm packages mermaid and jsdom, or there is no node")
    nasty = [
        '"quoted" #1; <b>',
        "a[b](c){d}|e|`f`",
        "end\nclick r1 x",
        "style x:y#z;",
        "1. one",
        "%%{init}%%",
        "*a* _b_",
    ]
    charts = [mermaid.flowchart(_chart([a, b, a + b])) for a in nasty for b in nasty]
    charts.append(mermaid.flowchart(_pipeline(tmp_path, f"{PACK}\n{TRAIN}\n{TRAIN} --dry-run -b 'x\"y'\n")))
    program = """
        import { createRequire } from "node:module";
        import { pathToFileURL } from "node:url";
        const require = createRequire(process.argv[2] + "/x.js");
        const { JSDOM } = require("jsdom");
        const dom = new JSDOM("<!DOCTYPE html><body></body>");
        globalThis.window = dom.window; globalThis.document = dom.window.document;
        const path = require("node:path").join(process.argv[2], "node_modules/mermaid/dist/mermaid.core.mjs");
        const { default: mermaid } = await import(pathToFileURL(path).href);
        mermaid.initialize({ startOnLoad: false });
        let text = ""; for await (const part of process.stdin) text += part;
        const found = [];
        for (const chart of JSON.parse(text)) {
            const diagram = await mermaid.mermaidAPI.getDiagramFromText(chart);
            found.push([...diagram.db.getVertices().keys()]);
        }
        console.log(JSON.stringify(found));
    """
    (tmp_path / "parse.mjs").write_text(program, "utf-8")
    done = subprocess.run(
        [node, "parse.mjs", modules],
        cwd=tmp_path,
        input=json.dumps(charts),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert all(re.fullmatch(_ID, name) for names in json.loads(done.stdout) for name in names)


# -- the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A script and a page with several commands."""
    block = f"$ {RUN} {SFT} -c tiny --dry-run\n$ {RUN} {SFT} \\\n    -c tiny"
    page = f"# Train\n\n```console\n{block}\n```\n\n`{RUN} <step>`\n"
    return write(tmp_path, {"a.sh": f"{PACK} && {TRAIN}\necho done\n", "page.md": page, "none.sh": "echo nemotron\n"})


@pytest.mark.parametrize(
    ("arguments", "steps"),
    {
        "a command": ([f"uv run {RUN} {SFT} -c tiny"], [SFT]),
        "a line of a command that goes on": (["page.md:6"], [SFT]),
        "a usage line": (["page.md:9"], [None]),
        "all commands of a page": (["page.md"], [SFT, SFT]),
        "all of a line": (["a.sh:1"], ["data_prep/sft_packing", "sft/megatron_bridge"]),
        "a line and a column": ([f"a.sh:1:{len(PACK) + 10}"], ["sft/megatron_bridge"]),
        "a column of a finding": (["page.md:4:12"], [SFT]),
    }.values(),
)
def test_which_runs(arguments: list[str], steps: list[str | None], folder: Path) -> None:
    """A command, a file, or a line of one with or without a column, as findings have them."""
    done = nemolint(folder, "explain-run", "--json", *arguments)
    data = json.loads(done.out)
    assert (done.code, [run["step"]["id"] for run in data.get("runs", [data])]) == (0, steps)


@pytest.mark.parametrize(
    ("arguments", "message"),
    {
        "a line without a run": (["a.sh:2"], "no `nemotron steps run` at line 2 of a.sh: there are some at 1\n"),
        "a line that no file has": (["a.sh:0"], "a.sh has no line 0: lines count from 1"),
        "a line far behind the end": ([f"a.sh:{'9' * 300}"], "…"),
        "a long word": (["x" * 3000], f"`{'x' * 200}…` is neither"),
        "a file without a run": (["none.sh"], "no `nemotron steps run` in none.sh"),
        "a folder": (["."], ". cannot be read: is a folder"),
        "binary data": (["data.sh"], "data.sh contains NUL bytes"),
        "a config that is not there": (
            ["--compare", "tinny", "a.sh:1:30"],
            "has no config `tinny`: use `tiny`, or a path",
        ),
        "a config file that is not there": (
            ["--compare", "./no.yaml", "a.sh:1:30"],
            "there is no config file ./no.yaml",
        ),
        "a broken config": (["--compare", "./bad.yaml", "a.sh:1:30"], "bad.yaml:1: is not YAML"),
        "a config of a broken one": (["--compare", "./of.yaml", "a.sh:1:30"], "names gone.yaml, which does not exist"),
        "several runs to compare": (["--compare", "tiny", "a.sh"], "there are 2: give FILE:LINE"),
        "nothing to compare": (["--compare", "tiny", f"{RUN} $STEP"], "its step or its config is not there"),
    }.values(),
)
def test_what_cannot_be_explained(arguments: list[str], message: str, folder: Path) -> None:
    """One clear message on standard error, nothing on standard output, and exit code 2."""
    (folder / "data.sh").write_bytes(b"nemotron\0steps run")
    write(folder, {"bad.yaml": "a: [1\n", "of.yaml": "defaults: gone.yaml\n"})
    done = nemolint(folder, "explain-run", *arguments)
    assert (done.code, done.out, message in done.err, done.err.count("\n")) == (2, "", True, 1), done.err


def test_standard_input(folder: Path) -> None:
    """`-` is a command on standard input, and no output gives it a file name."""
    done = nemolint(folder, "explain-run", "-", stdin=f"{RUN} {SFT} -c tiny\n")
    assert (done.code, done.out.splitlines()[:2]) == (0, [f"{SFT}: SFT Training (AutoModel)", f"{RUN} {SFT} -c tiny"])
    for format in ("text", "json", "mermaid"):
        done = nemolint(folder, "explain-run", "--output-format", format, f"{RUN} {SFT} -c tiny --dryrun x=$Y")
        assert (done.code, "command.sh" in done.out) == (0, False)


@pytest.mark.parametrize("columns", [60, 80, 100, 300])
def test_at_most_a_screen(columns: int, tmp_path: Path) -> None:
    """However much there is to say, it is some forty lines, none wider than the screen but for what has no blank."""
    keys = " ".join(f"dataset.key_{number}=/some/long/path/{number}" for number in range(60))
    script = f"{RUN} {SFT} -c tiny -b kettle {keys} {keys} --odd x y z\n"
    (facts,) = _facts(tmp_path, script)
    data = _pipeline(tmp_path, script * 60)
    for lines in (run_text.run_page(facts, columns), run_text.pipeline_page(data, columns)):
        assert 5 < len(lines) <= 45
        assert all(width(line) <= min(columns, 100) or " " not in line[11:].strip() for line in lines)
    assert any("more (--output-format json)" in line for line in run_text.run_page(facts, columns))
    long = "x/" * 20_000
    for command in (f"{RUN} {long}", f"{RUN} {SFT} -c {long}", f"{RUN} {SFT} -b {long}", f"{RUN} {SFT} {long}"):
        (facts,) = _facts(tmp_path, command)
        assert sum(map(width, run_text.run_page(facts, columns))) < 45 * 100


SECRET = random_body("explain-run", 32)
NUMBER = "90817263544536271809"


@pytest.mark.parametrize("format", ["text", "json", "mermaid"])
def test_no_secret(format: str, tmp_path: Path) -> None:
    """Of a command, a config, a profile and the environment, no output holds a credential, also if it is a number."""
    write(
        tmp_path,
        {
            "mine.yaml": f"server: {{api_key: {SECRET}-in, token: {NUMBER}}}\ninput_path: /x?api_key={SECRET}-path\n",
            "env.toml": f"[kettle]\nexecutor = 'slurm'\nregistry_password = '{SECRET}-in-profile'\n"
            f"[kettle.env_vars]\nHF_TOKEN = '{SECRET}-in-vars'\n",
            "a.sh": f"export API_TOKEN={SECRET}-exported\n"
            f"{RUN} {SFT} -c ./mine.yaml -b kettle wandb.api_key={SECRET}-given db.password={NUMBER} "
            f"logger.url=https://me:{SECRET}-inurl@host/x\n"
            f"{RUN} {SFT} -c ./other.yaml wandb.api_key={SECRET}-second\n",
            "other.yaml": "a: 1\n",
        },
    )
    env = {"NVIDIA_API_KEY": SECRET}
    for arguments in (
        ["a.sh"],
        ["a.sh:2"],
        ["a.sh:3"],
        *([["--compare", "./other.yaml", "a.sh:2"]] if format != "mermaid" else []),
    ):
        done = nemolint(tmp_path, "explain-run", "--output-format", format, *arguments, env=env)
        assert done.code == 0
        for secret in (SECRET, NUMBER):
            for start in range(len(secret) - 8):
                assert secret[start : start + 8] not in done.out + done.err


def test_completion_of_configs() -> None:
    """After `--compare` come the configs of the step in the command, and files."""
    found = complete(["explain-run", f"{RUN} {SFT} -c tiny", "--compare", ""])
    assert {name for name, _ in found.words} == {"default", "tiny"} and found.files
    assert complete(["explain-run", ""]).files


PAGE = Path(__file__).parents[1] / "docs/explain-run.md"


def test_the_page_shows_what_is_printed(tmp_path: Path) -> None:
    """Each command of the page prints, for the files of the page, what follows it there."""
    text = PAGE.read_text("utf-8")
    blocks = dict(re.findall(r"^```(toml|bash)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    write(tmp_path, {"env.toml": blocks["toml"], "train.sh": blocks["bash"]})
    shown = re.findall(r"^```console\n\$ nemolint ([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(shown) == 4
    (facts,) = _facts(tmp_path, f"{RUN} {SFT}")
    assert set(facts) <= set(re.findall(r"`(\w+)`", text))
    for command, output in shown:
        assert nemolint(tmp_path, *command.split(), env={"COLUMNS": "100"}).out == output
