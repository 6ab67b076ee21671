"""Facts about runners: what is shipped is what the tables say, and a fact counts as far as the checkout's code goes."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nemolint.commands.catalog import as_json, describe
from nemolint.invocation import StepRun
from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.linter.loader import load_rules
from nemolint.project import Project, known, snapshot
from nemolint.project.facts_model import FOLDER, Facts, InvalidFacts, compile_facts
from nemolint.project.stated_facts import StatedFacts
from nemolint.project.structure import confirmed, structure
from nemolint.reader import read_document
from nemolint.settings import Settings
from nemolint.settings_file import load_settings
from support.command import nemolint
from support.files import write

RULES = load_rules()
STEPS = "src/nemotron/steps"
LINT = Path(__file__).resolve().parents[1] / "lint"
CODE = sorted(LINT.rglob("*.py"))


def run_of(words: str) -> StepRun:
    """The run of a shell line."""
    (run,) = read_document("a.sh", f"nemotron steps run {words}\n".encode()).runs
    return run


def check(root: Path, line: str, **settings: object) -> list[Diagnostic]:
    """What is reported of a shell line in a folder."""
    checker = Checker(Settings(root=root, **settings), cwd=root, environ={}, rules=RULES)  # type: ignore[arg-type]
    found = checker.check(checker.read(root / "run.sh", f"nemotron steps run {line}\n".encode()))
    assert not checker.internal_errors
    return found


def test_the_snapshot_holds_the_facts() -> None:
    """The bundled snapshot has what the tables say, so that no TOML is read when a check starts."""
    data = snapshot.bundled()
    compiled = json.loads(json.dumps(compile_facts()))
    assert {"sources": data["sources"], "runners": data["facts"]} == compiled


def test_a_guard_confirms_no_other_key() -> None:
    """Code that names the key of one fact is a guard of that fact alone, so that its loss puts no other in doubt."""
    for runner in known.runners():
        tables: dict[tuple[str, tuple[str, ...]], set[str]] = {}
        for fact in known.of(runner.name).facts:
            tables.setdefault((fact.source, fact.guards), set()).add(fact.key)
        for (_, guards), keys in tables.items():
            for guard in guards:
                words = {part.value for part in ast.walk(ast.parse(guard)) if isinstance(part, ast.Constant)}
                named = {key for key in keys if key.rpartition(".")[2] in words}
                assert not named or named == keys, (runner.name, guard, keys)


def test_every_step_has_its_runner() -> None:
    """Each bundled step uses a runner with facts, and each runner is that of a bundled step."""
    used = {step.runner for step in snapshot.steps(snapshot.bundled()).values()}
    assert used == {runner.name for runner in known.runners()}


def test_keys_of_facts_are_keys_of_their_steps() -> None:
    """Each key in a fact is one that a step with that runner reads, where the runner reads fixed keys."""
    project = Project(None, cwd=Path.cwd())
    homes: dict[tuple[str | None, str], bool] = {}
    for step in project.steps.values():
        facts = project.known(step)
        keys = {item.key for item in facts.required} | facts.glob_only | facts.language_keys
        keys |= facts.dry_run_keys | facts.preview_keys
        keys |= facts.iteration_paths | facts.task_lists | {key for key, _ in facts.gpu_unless + facts.free_when}
        keys |= {key for item in facts.excludes for key, _ in item.values}
        for key in keys:
            at = step.runner, key
            homes[at] = homes.get(at, False) or (
                project.key_home(step, key) is not False or project.passes_unlisted_keys(step, key) is not False
            )
    assert [at for at, found in homes.items() if not found] == []


@pytest.mark.parametrize("step", sorted(snapshot.bundled()["steps"]))
def test_the_shape_of_a_manifest_tells_the_runner(step: str) -> None:
    """Manifest and configs alone lead to the same runner as the code, whatever the step is called."""
    from nemolint.project import _keys_of

    found = Project(None, cwd=Path.cwd()).steps[step]
    keys = {entry.name for entry in found.parameters} | _keys_of(found)
    assert known.by_shape(keys, [entry.type for entry in found.produces]) == found.runner


def test_facts_are_those_of_the_checkout() -> None:
    """The digests are those of a full checkout, and each guard stands in it (`NEMOTRON_CHECKOUT` names one)."""
    place = os.environ.get("NEMOTRON_CHECKOUT")
    if not place:
        pytest.skip("NEMOTRON_CHECKOUT names no checkout")
    root = Path(place)
    project = Project.find(root, cwd=root, environ={})
    for name in ("", *(runner.name for runner in known.runners())):
        for fact in known.of(name).facts:
            if fact.source and not fact.library:
                text = (root / fact.source).read_text("utf-8")
                assert set(confirmed(text, fact.guards)) == set(fact.guards), fact
                assert structure(text) == fact.digests[1]
    for step in project.steps.values():
        assert not [fact for fact in project.known(step).facts if project.doubt_of(step, fact)]
    assert nemolint(root, "catalog", "--drift").code == 0


def test_line_ends_are_no_drift(tmp_path: Path) -> None:
    """What git checks out with CRLF has not changed."""
    root = checkout(tmp_path)
    before = nemolint(root, "catalog", "--drift", "--output-format", "json").rows()
    changed = [root / row["file"] for row in before if row["state"] == "changed"]
    for file in changed:
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert changed and nemolint(root, "catalog", "--drift", "--output-format", "json").rows() == before


# -- what code does


@pytest.mark.parametrize("file", CODE[::7], ids=lambda file: file.name)
def test_structure_ignores_layout(file: Path) -> None:
    """Comments, layout and docstrings change nothing; any other change does."""
    text = file.read_text("utf-8")
    tree = ast.parse(text)
    assert structure(ast.unparse(tree)) == structure(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            node.body[0] = ast.Expr(ast.Constant("Another text."))
    assert structure(ast.unparse(ast.fix_missing_locations(tree))) == structure(text)
    assert structure(text + "\npass\n") != structure(text)


@pytest.mark.parametrize("file", CODE[::11], ids=lambda file: file.name)
def test_pieces_of_code_are_found(file: Path) -> None:
    """Each statement and each call of a file stands in it, however it is written, and none in another text."""
    tree = ast.parse(file.read_text("utf-8"))
    pieces = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call | ast.Raise | ast.Return)]
    assert confirmed(file.read_text("utf-8"), pieces) == tuple(pieces)
    assert confirmed("pass", pieces) == ()


def test_a_piece_is_not_a_text() -> None:
    """A piece in a comment or a string does not count, nor does one with another argument."""
    assert confirmed("# f(1)\nx = 'f(1)'\nf(2)", ["f(1)"]) == ()
    assert confirmed("x = g( f( 1 ) )", ["f(1)"]) == ("f(1)",)


# -- facts in other checkouts

HEADER = """\
# /// script
# [tool.runspec.run]
# launch = "python"
# [tool.runspec.config]
# default = "default"
# [tool.runspec.resources]
# nodes = 1
# gpus_per_node = 0
# ///
"""
MERGE = f"{HEADER}from nemotron.steps._runners.convert import run_merge_lora\n\nrun_merge_lora()\n"
CONVERT = """\
def run_merge_lora(cfg):
    return [_required_str(cfg, "lora_checkpoint")]


def _required_str(cfg, key, *, fallback_keys=()):
    names = key
    raise ValueError(f"Missing required config value: {names}")
"""
MANIFEST = """\
[step]
id = "team/join"
category = "team"
[[parameters]]
name = "lora_checkpoint"
[[parameters]]
name = "base_hf_path"
"""
CONFIG = "lora_checkpoint: null\nbase_hf_path: /b\noutput_hf_path: /o\n"


def checkout(root: Path, *, step: str = MERGE, convert: str | None = CONVERT, config: str = CONFIG) -> Path:
    """A checkout with one step, `team/join`, and perhaps the runner that the bundled facts were read from."""
    files = {
        "pyproject.toml": "[project]\nname = 'x'\n",
        f"{STEPS}/team/join/step.toml": MANIFEST,
        f"{STEPS}/team/join/config/default.yaml": config,
    }
    if step:
        files[f"{STEPS}/team/join/step.py"] = step
    if convert is not None:
        files[f"{STEPS}/_runners/convert.py"] = convert
    return write(root, files)


def levels(found: list[Diagnostic], rule: str = "missing-value") -> list[tuple[str, str]]:
    """Severity and message of what a rule reports."""
    return [(item.severity, item.message) for item in found if item.rule == rule]


def test_a_fact_that_its_code_confirms(tmp_path: Path) -> None:
    """In another version of the file a fact holds if its guards stand there, under whatever id the step has."""
    ((severity, message),) = levels(check(checkout(tmp_path), "team/join"))
    assert severity == "error" and "`lora_checkpoint`" in message and "differs" not in message


@pytest.mark.parametrize(
    "convert",
    [
        CONVERT.replace('"lora_checkpoint"', '"adapter"'),
        CONVERT.replace("raise ValueError", "print"),
        "def run_merge_lora(cfg):\n    pass\n",
        "def run_merge_lora(:\n",
    ],
)
def test_a_fact_that_its_code_does_not_confirm(tmp_path: Path, convert: str) -> None:
    """Where the code is another, the finding is info and names the file."""
    found = levels(check(checkout(tmp_path, convert=convert), "team/join"))
    assert [severity for severity, _ in found] == ["info"]
    assert f"(known from {STEPS}/_runners/convert.py, which differs in this checkout)" in found[0][1]


def test_a_fact_without_its_file(tmp_path: Path) -> None:
    """A step that only looks like one of a known runner, and does not use its file, is in doubt."""
    ((severity, message),) = levels(check(checkout(tmp_path, step=f"{HEADER}run()\n"), "team/join"))
    assert severity == "info" and "does not use" in message


def test_a_fact_without_any_code(tmp_path: Path) -> None:
    """In a checkout of manifests and configs alone nothing speaks against a fact."""
    ((severity, _),) = levels(check(checkout(tmp_path, step="", convert=None), "team/join"))
    assert severity == "error"


def test_other_steps_are_not_taken_for_known_ones(tmp_path: Path) -> None:
    """A step with other keys and other imports has no facts, even under the id of a bundled one."""
    manifest = '[step]\nid = "convert/merge_lora"\ncategory = "convert"\n'
    root = write(
        tmp_path,
        {
            "pyproject.toml": "",
            f"{STEPS}/convert/merge_lora/step.toml": manifest,
            f"{STEPS}/convert/merge_lora/step.py": f"{HEADER}import os\n",
            f"{STEPS}/convert/merge_lora/config/default.yaml": "other: 1\n",
        },
    )
    project = Project.find(root, cwd=root, environ={})
    assert project.runner(project.steps["convert/merge_lora"]) == ""
    assert not levels(check(root, "convert/merge_lora"))


def test_a_runner_in_a_module_of_the_step(tmp_path: Path) -> None:
    """A `step.py` that hands over to its own module uses the runner that the module imports."""
    root = checkout(tmp_path, step=f"{HEADER}from nemotron.steps.team.join.work import main\n")
    write(root, {f"{STEPS}/team/join/work.py": "from ..._runners.convert import run_merge_lora as main\n"})
    project = Project.find(root, cwd=root, environ={})
    assert project.runner(project.steps["team/join"]) == "merge_lora"


def test_drift(tmp_path: Path) -> None:
    """What changed since is listed with the facts that are lost and those that the code confirms."""
    root = checkout(tmp_path)
    done = nemolint(root, "catalog", "--drift")
    assert done.code == 1
    assert f"{STEPS}/_runners/convert.py changed\n" in done.out
    assert "  confirmed by its code: required lora_checkpoint\n" in done.out
    assert "  facts/convert.toml, sources.convert\n" in done.out
    lacks = '    its code lacks: _required_str(cfg, "megatron_path")\n'
    assert f"  read again: required megatron_path\n{lacks}" in done.out
    assert f"{STEPS}/_runners/automodel.py is gone\n" in done.out
    rows = nemolint(root, "catalog", "--drift", "--output-format", "json").rows()
    assert {row["state"] for row in rows} == {"changed", "gone"}
    assert all(row["sources"] for row in rows)
    missing = {fact["fact"]: fact["missing"] for row in rows for fact in row["lost"] if row["state"] == "changed"}
    assert missing["required megatron_path"] == ['_required_str(cfg, "megatron_path")']
    assert nemolint(tmp_path.parent, "catalog", "--drift").code == 2


def test_catalog_shows_facts(tmp_path: Path) -> None:
    """Each fact of a step is shown with its source, and whether it holds here."""
    root = checkout(tmp_path)
    project = Project.find(root, cwd=root, environ={}, stated={"team/join": {"glob-only": ("shards",)}})
    text = "\n".join(describe(project, "join"))
    assert f"required lora_checkpoint  [{STEPS}/_runners/convert.py; holds]" in text
    assert f"closed  [{STEPS}/_runners/convert.py; in doubt, known from" in text
    assert "glob-only shards  [the settings; holds]" in text
    data = json.loads(json.dumps(as_json(project, "join")))
    assert data["runner"] == "merge_lora"
    assert {fact["kind"] for fact in data["facts"]} <= {field.alias for field in Facts.model_fields.values()}


# -- facts of the settings


def own(root: Path, facts: str) -> Settings:
    """The settings of a file that states facts of `team/own`."""
    write(root, {"nemolint.toml": f'[steps."team/own"]\n{facts}'})
    return load_settings(root)


# Hands its config to a library, so that no key is known to be read by nobody.
READS = "import sys\n\nimport reading\n\nreading.run(sys.argv[1])\n"


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A checkout with a step that no facts are known of."""
    return write(
        tmp_path,
        {
            "pyproject.toml": "",
            f"{STEPS}/team/own/step.toml": '[step]\nid = "team/own"\ncategory = "team"\n',
            f"{STEPS}/team/own/step.py": f"{HEADER}{READS}",
            f"{STEPS}/team/own/config/default.yaml": "rounds: 1\ndata: null\n",
        },
    )


@pytest.mark.parametrize(
    ("facts", "words", "rule"),
    [
        ("expensive = true", "team/own", "missing-dry-run"),
        ('required = ["data"]', "team/own", "missing-value"),
        ("closed = true", "team/own colour=red", "unknown-override"),
        ('glob-only = ["shards"]', "team/own shards=/data/x", "simplified-glob"),
        ('name-fields = ["reader"]', "team/own reader=$ACME_TOKEN", "secret-in-name-field"),
    ],
)
def test_stated_facts(team: Path, facts: str, words: str, rule: str) -> None:
    """Each fact that the settings can state of a team's own step is checked, and nothing without it."""
    assert rule not in {item.rule for item in check(team, words)}
    settings = own(team, facts)
    assert rule in {item.rule for item in check(team, words, steps=settings.steps)}


def test_stated_dry_run_key(team: Path) -> None:
    """A key that makes the step do nothing counts as a dry run."""
    settings = own(team, 'expensive = true\ndry-run-keys = ["plan"]')
    rules = [item.rule for item in check(team, "team/own plan=true", steps=settings.steps)]
    assert "missing-dry-run" not in rules


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ("colour = 1", 'unknown key "steps.team/own.colour"'),
        ("requird = []", "required"),
        ("closed = 1", "closed: expected true or false"),
        ('required = "data"', "required: expected a list"),
    ],
)
def test_broken_stated_facts(team: Path, facts: str, part: str) -> None:
    """A mistake in the settings is an error that names the key."""
    write(team, {"nemolint.toml": f'[steps."team/own"]\n{facts}\n', "run.sh": ""})
    done = nemolint(team, "run.sh")
    assert done.code == 2 and part in done.err


def test_facts_of_a_step_that_is_not_there(team: Path) -> None:
    """Facts of an unknown step are noted, with the close match."""
    write(team, {"nemolint.toml": '[steps."team/owm"]\nclosed = true\n', "run.sh": ""})
    assert "unknown step (did you mean `team/own`?)" in nemolint(team, "run.sh").err


def test_settings_take_kinds_of_facts() -> None:
    """What the settings can state has the name and the meaning that it has in the tables."""
    assert set(StatedFacts.model_fields) < set(Facts.model_fields)
    for name, field in StatedFacts.model_fields.items():
        assert Facts.model_fields[name].description == field.description


# -- the tables themselves


def broken() -> Iterator[tuple[str, str]]:
    """Texts of a table with a mistake, and what is said of them."""
    source = '[sources.a]\nfile = "a.py"\nlibrary = "lib"\n'
    yield "[sources.a]\nfile = 'a.py'\n[runners.r]\n", "digests"
    yield f"{source}[runners.r]\nextends = 'none'\n", "no runner 'none'"
    yield f"{source}[[runners.r.facts]]\nsource = 'b'\nclosed = true\n", "no source 'b'"
    yield f"{source}[[runners.r.facts]]\nsource = 'a'\nclosd = true\n", "closd"
    yield f"{source}[[runners.r.facts]]\nsource = 'a'\nrequired = 'x'\n", "required"
    yield "[sources", "Expected"


@pytest.mark.parametrize(("text", "part"), [*broken()])
def test_broken_tables(tmp_path: Path, text: str, part: str) -> None:
    """A mistake in a table is an error that names the file."""
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(InvalidFacts, match=part) as raised:
        compile_facts(tmp_path)
    assert "x.toml" in str(raised.value)


def test_a_runner_stands_once(tmp_path: Path) -> None:
    """Two tables for one runner are an error."""
    text = (FOLDER / "env_toml.toml").read_text("utf-8").replace("cli.command_line", "step")
    for name in ("x.toml", "y.toml"):
        (tmp_path / name).write_text(text)
    with pytest.raises(InvalidFacts, match="another file"):
        compile_facts(tmp_path)
