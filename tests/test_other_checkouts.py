"""A catalog that nobody has: other ids, categories, artifacts, headers. What rules know comes from it, not from ours.

`⟦…⟧` marks the characters that a finding must cover.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nemolint.linter.checker import Checker
from nemolint.linter.diagnostic import Diagnostic
from nemolint.linter.loader import load_rules
from nemolint.linter.wrapping import Wrapped, console_fence, list_fence, plain, workflow
from nemolint.project import Project
from nemolint.settings import Settings
from support.command import nemolint
from support.files import write

RULES = load_rules()
STEPS = "src/nemotron/steps"


def header(gpus: int, default: str, nodes: int = 1, launch: str = "torchrun") -> str:
    """A `step.py` with its header and some code that reads keys."""
    return f"""\
# /// script
# [tool.runspec.run]
# launch = "{launch}"
#
# [tool.runspec.config]
# dir = "./config"
# default = "{default}"
#
# [tool.runspec.resources]
# nodes = {nodes}
# gpus_per_node = {gpus}
# ///
def main(cfg):
    return cfg.get("rounds"), cfg["note"]
"""


def manifest(step: str, consumes: str = "", produces: str = "", more: str = "") -> str:
    """A manifest; artifacts by name, `?` behind an optional one."""
    text = f'[step]\nid = "{step}"\nname = "{step}"\ncategory = "{step.split("/")[0]}"\n'
    for kind, names in (("consumes", consumes), ("produces", produces)):
        for name in names.split():
            required = "false" if name.endswith("?") else "true"
            text += f'[[{kind}]]\ntype = "{name.rstrip("?")}"\nrequired = {required}\n'
    return text + more


FILES = {
    "pyproject.toml": "[project]\nname = 'other'\n",
    f"{STEPS}/types.toml": """\
[tokens]
is_a = ["packed_parquet"]
[packed_parquet]
[weights_flat]
convert_to = { weights_shard = "swap/flat_to_shard" }
[weights_shard]
""",
    f"{STEPS}/tune/quick/step.toml": manifest(
        "tune/quick",
        "tokens weights_flat?",
        "weights_flat",
        """
[[parameters]]
name = "mood"
default = "calm"
choices = ["calm", "bold"]
[[models]]
name = "acme/giant"
min_gpus = 64
""",
    ),
    f"{STEPS}/tune/quick/step.py": header(4, "base", nodes=2, launch="ray"),
    f"{STEPS}/tune/quick/config/base.yaml": """\
mood: calm
rounds: 10
model: {name: acme/dwarf, tp_size: 4, start_path: null}
data: {seq_length: 512, train_path: data/tokens}
save_dir: out/quick
""",
    f"{STEPS}/tune/quick/config/small.yaml": "defaults: base\nrounds: 1\n",
    f"{STEPS}/tune/quick/config/draft.yaml": "defaults: base\nmodel: {name: /path/to/model}\n",
    f"{STEPS}/forge/bake/step.toml": manifest("forge/bake", "", "tokens"),
    f"{STEPS}/forge/bake/step.py": header(0, "oven"),
    f"{STEPS}/forge/bake/config/oven.yaml": "pack_size: 512\nflour_glob: data/*.jsonl\noutput_dir: data/tokens\n",
    f"{STEPS}/pour/bake/step.toml": manifest("pour/bake"),
    f"{STEPS}/pour/bake/step.py": header(0, "oven"),
    f"{STEPS}/pour/bake/config/oven.yaml": "heat: 3\n",
    f"{STEPS}/forge/deep/mold/step.toml": manifest("forge/deep/mold", "weights_shard", "weights_shard"),
    f"{STEPS}/forge/deep/mold/step.py": header(8, "cast"),
    f"{STEPS}/forge/deep/mold/config/cast.yaml": "weights_path: null\nsave_dir: out/mold\n",
    f"{STEPS}/swap/flat_to_shard/step.toml": manifest("swap/flat_to_shard", "weights_flat", "weights_shard"),
    f"{STEPS}/swap/flat_to_shard/step.py": header(1, "plain"),
    f"{STEPS}/swap/flat_to_shard/config/plain.yaml": "flat_path: null\nshard_path: null\n",
    f"{STEPS}/swap/flat_to_shard/config/small.yaml": "defaults: plain\nrun: {env: {nodes: 9}}\n",
    f"{STEPS}/speak/render/step.toml": manifest(
        "speak/render",
        more='[[parameters]]\nname = "tongue"\ndescription = "ISO 639-1 code"\n'
        '[[parameters]]\nname = "server.api_key_env"\ndefault = "ACME_API_KEY"\n',
    ),
    f"{STEPS}/speak/render/step.py": header(0, "loud"),
    f"{STEPS}/speak/render/config/loud.yaml": "tongue: en\nserver: {api_key_env: ACME_API_KEY}\ninput_path: data/a\n",
    f"{STEPS}/setup/profiles/step.toml": manifest("setup/profiles", "", "env_toml"),
    f"{STEPS}/setup/profiles/step.py": header(0, "site"),
    f"{STEPS}/setup/profiles/config/site.yaml": """\
output_path: env.site.toml
force: false
sections:
  site_base: {executor: slurm, nodes: 2, gpus_per_node: 4}
  site_tune_quick: {extends: site_base}
  site_bake: {executor: slurm, gpus_per_node: 0}
""",
}
ENV = """\
[site_base]
executor = "slurm"
nodes = 2
gpus_per_node = 4

[site_tune_quick]
extends = "site_base"

[site_bake]
executor = "slurm"
gpus_per_node = 0
"""
MORE = '[night_shift]\nexecutor = "slurm"\nnodes = 4\ngpus_per_node = 8\n'


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented checkout without an env TOML."""
    return write(tmp_path_factory.mktemp("bare"), FILES)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented checkout with its env TOML files."""
    return write(tmp_path_factory.mktemp("other"), {**FILES, "env.toml": ENV, "env.night.toml": MORE})


def check(root: Path, wrapped: Wrapped, *more: str, nemotron: Path | None = None) -> list[Diagnostic]:
    """Findings of a file in `root`; `more` turns on rules that are off by default."""
    settings = Settings(root=root, extend_select=more, nemotron=nemotron)
    checker = Checker(settings, cwd=root, environ={}, rules=RULES)
    found = checker.check(checker.read(root / wrapped.path, wrapped.text.encode()))
    assert not checker.internal_errors
    return found


CLEAN = [
    "uv run nemotron steps run tune/quick -c small --dry-run --batch site_tune_quick mood=bold",
    "uv run nemotron steps run quick --dry-run model.tp_size=2",
    "uv run nemotron steps run forge/bake -c oven 'flour_glob=corpus/*.jsonl' \\\n  output_dir=data/tokens",
    "uv run nemotron steps run forge/deep/mold -d weights_path=/out/w\nuv run nemotron steps run mold -d",
    "uv run nemotron steps run swap/flat_to_shard -c plain -d flat_path=/out/a shard_path=/out/b",
    "uv run nemotron steps run speak/render tongue=pt --dry-run server.api_key_env=OTHER_KEY",
    "uv run nemotron steps run setup/profiles output_path=env.fresh.toml",
    "uv run nemotron steps run forge/bake\n"
    "uv run nemotron steps run tune/quick -d\nuv run nemotron steps run tune/quick",
    "uv run nemotron steps run tune/quick -d save_dir=/out/q\n"
    "uv run nemotron steps run swap/flat_to_shard -c plain -d flat_path=/out/q shard_path=/out/s\n"
    "uv run nemotron steps run forge/deep/mold -d weights_path=/out/s",
]
# Rule and faulty text; the catalog has what each needs to know.
FAULTS = [
    ("bad-substitution", "uv run nemotron steps run tune/quick -d mood=⟦${mood.name}⟧"),
    ("conflicting-modes", "uv run nemotron steps run tune/quick -d ⟦-b site_base⟧ -r site_tune_quick"),
    ("converter-config", "uv run nemotron steps run swap/flat_to_shard -c ⟦small⟧ -d"),
    ("converter-config", "uv run nemotron steps run ⟦swap/flat_to_shard⟧ -d"),
    ("environment-dump", "⟦env⟧ | sort\nuv run nemotron steps run forge/bake"),
    ("ineffective-override", "uv run nemotron steps run forge/bake ⟦+heat⟧=1"),
    ("inherited-placeholder", "uv run nemotron steps run tune/quick -c ⟦draft⟧ -d"),
    ("inlined-secret", f"uv run nemotron steps run speak/render -d server.api_key=⟦{'k7Qw' + '9zLm2X' * 3}⟧"),
    ("invalid-value", "uv run nemotron steps run tune/quick -d mood=⟦angry⟧"),
    ("invalid-value", "uv run nemotron steps run speak/render -d tongue=⟦german⟧"),
    (
        "misaligned-lengths",
        "uv run nemotron steps run forge/bake -c oven pack_size=1024\n"
        "uv run nemotron steps run tune/quick -c ⟦small⟧ -d",
    ),
    ("local-parallel-run", "uv run nemotron steps run ⟦forge/deep/mold⟧ pipeline_parallel_size=2"),
    ("mismatched-profile", "uv run nemotron steps run tune/quick -d --batch ⟦site_bake⟧"),
    ("mismatched-profile", "uv run nemotron steps run tune/quick -d model.tp_size=16 --batch ⟦site_tune_quick⟧"),
    ("mismatched-profile", "uv run nemotron steps run tune/quick -d model.name=acme/giant --batch ⟦site_tune_quick⟧"),
    (
        "misordered-steps",
        "uv run nemotron steps run tune/quick -d\nuv run nemotron steps run ⟦tune/quick⟧\n"
        "uv run nemotron steps run forge/bake",
    ),
    ("wrong-artifact", "uv run nemotron steps run tune/quick -d data.train_path=⟦/data/chat.jsonl⟧"),
    ("wrong-artifact", "uv run nemotron steps run swap/flat_to_shard -c plain -d flat_path=/w/a shard_path=⟦/w/a⟧"),
    (
        "missing-conversion",
        "uv run nemotron steps run tune/quick -d save_dir=/out/q\n"
        "uv run nemotron steps run forge/deep/mold -d weights_path=⟦/out/q⟧",
    ),
    ("missing-dry-run", "uv run nemotron steps run ⟦tune/quick⟧ -c small"),
    ("missing-dry-run", "uv run nemotron steps run forge/deep/mold ⟦--batch site_tune_quick⟧"),
    ("missing-dry-run", "uv run nemotron steps run speak/render tongue=pt ⟦--run site_bake⟧"),
    ("missing-launcher", "⟦nemotron⟧ steps run forge/bake"),
    ("lost-words", "uv run nemotron steps run tune/quick -d\n  ⟦--force-squash⟧"),
    ("misplaced-option", "uv run nemotron ⟦--dry-run⟧ steps run tune/quick --batch site_tune_quick"),
    ("misspelled-dry-run", "uv run nemotron steps run tune/quick ⟦--dryrun⟧ --batch site_tune_quick"),
    ("overwritten-file", "uv run nemotron steps run setup/profiles output_path=env.toml ⟦force=true⟧"),
    ("printed-secret", "echo ⟦$ACME_API_KEY⟧\nuv run nemotron steps run forge/bake"),
    ("recipe-cli", "uv run ⟦nemotron super3⟧ sft\nuv run nemotron steps run forge/bake"),
    ("repeated-override", "uv run nemotron steps run tune/quick -d ⟦rounds=1⟧ rounds=2"),
    ("reserved-profile", "uv run nemotron steps run tune/quick -d --batch ⟦site_base⟧"),
    ("secret-in-name-field", "uv run nemotron steps run speak/render -d server.api_key_env=⟦$ACME_API_KEY⟧"),
    ("secret-on-command-line", "uv run nemotron steps run speak/render -d server.api_key=⟦$ACME_API_KEY⟧"),
    ("shell-expanded-value", "uv run nemotron steps run tune/quick -d note=⟦{a,b}⟧"),
    ("simplified-glob", "uv run nemotron steps run forge/bake -c oven flour_glob=⟦data⟧"),
    ("simplified-glob", "uv run nemotron steps run forge/bake -c oven flour_glob=⟦corpus⟧"),
    ("stray-argument", "uv run nemotron steps run tune/quick -d ⟦small⟧"),
    ("typographic-character", "uv run nemotron steps run tune/quick -d ⟦—⟧config=small"),
    ("unfilled-placeholder", "uv run nemotron steps run tune/quick -d model.name='⟦<model>⟧'"),
    ("unknown-config", "uv run nemotron steps run tune/quick -d -c ⟦default⟧"),
    ("unknown-config", "uv run nemotron steps run tune/quick -d -c ⟦small.yaml⟧"),
    ("refused-override", "uv run nemotron steps run tune/quick -d mood=⟦@me⟧"),
    ("unknown-option", "uv run nemotron steps run tune/quick -d ⟦--verbose⟧"),
    ("unknown-override", "uv run nemotron steps run tune/quick -d ⟦model.nmae⟧=acme/dwarf"),
    ("unknown-profile", "uv run nemotron steps run tune/quick -d --batch ⟦site_tune_quik⟧"),
    ("unknown-step", "uv run nemotron steps run ⟦bake⟧ -c oven"),
    ("unknown-step", "uv run nemotron steps run ⟦tune/quik⟧ -d"),
    ("unneeded-no-sync", "uv run ⟦--no-sync⟧ nemotron steps run forge/bake"),
    ("unparsed-shell", "uv run nemotron steps run forge/bake\necho 'begun\n\"⟦nemotron⟧ steps run forge/bake"),
    ("unread-env-file", "uv run nemotron steps run tune/quick -d --batch ⟦night_shift⟧"),
]
# What the runner of a bundled step is known to do says nothing of another step.
_BUNDLED_ONLY = {"checkpoint-parent", "mismatched-endpoint", "missing-value", "unknown-eval-task"}
_SEE_OTHER_TESTS = {"missing-env-file"}


WRAPPERS = {"script": plain, "fence in a list": list_fence, "console": console_fence, "workflow": workflow}


@pytest.mark.parametrize("text", CLEAN)
@pytest.mark.parametrize("wrap", WRAPPERS.values(), ids=WRAPPERS)
def test_clean(root: Path, wrap: object, text: str) -> None:
    """Commands that fit the invented catalog bring up nothing."""
    assert callable(wrap)
    found = [item for item in check(root, wrap(text)) if item.severity != "info"]
    assert not found


@pytest.mark.parametrize(("rule", "marked"), FAULTS)
@pytest.mark.parametrize("wrap", [plain, list_fence], ids=["script", "fence in a list"])
def test_fault(root: Path, wrap: object, rule: str, marked: str) -> None:
    """Each fault is found at its place, and alone."""
    assert callable(wrap)
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    wrapped = wrap(marked.replace("⟦", "").replace("⟧", ""))
    found = check(root, wrapped, *(() if RULES[rule].default else (rule,)))
    surface = "script" if wrap is plain else "doc"
    expected = [(rule, *wrapped.span(start, end))] if RULES[rule].severity[surface] is not None else []
    got = [(item.rule, item.start, item.end) for item in found if item.severity != "info" or item.rule == rule]
    assert got == expected, [(item.rule, item.message) for item in found]


def test_every_rule_is_tried_here() -> None:
    """A rule that judges runs is tried on the invented catalog, or is said to know bundled steps only."""
    tried = {rule for rule, _ in FAULTS} | _BUNDLED_ONLY | _SEE_OTHER_TESTS
    judging = {
        rule.name
        for rule in RULES.values()
        if rule.group in ("secrets", "profiles", "paths", "launch", "placeholders", "contract", "pipelines", "optional")
        and rule.name != "invalid-env-file"
    }
    assert judging <= tried


def test_a_profile_of_a_file_that_is_not_there(bare: Path) -> None:
    """Names that the generator would write are known under its own id; near misses name it."""
    (found,) = check(bare, plain("nemotron steps run tune/quick -d --batch site_tune_quick"))
    assert (found.rule, found.severity) == ("missing-env-file", "info")
    found = next(
        item
        for item in check(bare, plain("nemotron steps run tune/quick -d --batch site_tune_qick"))
        if item.rule == "unknown-profile"
    )
    assert "`setup/profiles`" in found.message
    assert "env/env_toml" not in found.message


@pytest.mark.parametrize("step", sorted(Project(None, cwd=Path("/")).steps))
def test_no_bundled_step_leaks(root: Path, step: str) -> None:
    """The bundled catalog's steps do not exist in another checkout, under no name."""
    for written in (step, step.rpartition("/")[2]):
        found = check(root, plain(f"nemotron steps run {written} -c tiny"))
        assert [(item.rule, item.severity) for item in found] == [("unknown-step", "error")]
        assert "bundled" not in found[0].message


@pytest.mark.parametrize("name", ["slurm_sft_automodel", "slurm_sft_automdel", "lepton_base"])
def test_no_bundled_profile_leaks(bare: Path, name: str) -> None:
    """What the bundled generator writes is not a known name here."""
    found = check(bare, plain(f"nemotron steps run tune/quick -d --batch {name}"))
    assert [item.rule for item in found] == ["missing-env-file"]
    assert "env/env_toml" not in found[0].message


def test_a_checkout_inside_another_folder(tmp_path: Path) -> None:
    """Each document belongs to the checkout above it, wherever the command starts."""
    write(tmp_path / "a/b/checkout", {**FILES, "docs/deep/page.md": "```bash\nnemotron steps run quick -d\n```\n"})
    write(tmp_path, {"a/page.md": "```bash\nnemotron steps run quick -d\n```\n"})
    found = nemolint(tmp_path, "--output-format", "json", "--show", "warning", ".").rows()
    assert [(item["path"], item["rule"]) for item in found] == [("a/page.md", "unknown-step")]
    inside = nemolint(tmp_path / "a/b/checkout/docs", "commands", "--json", "deep/page.md").rows()
    assert [(item["step_id"], item["tier"]) for item in inside] == [("tune/quick", "repo-grounded")]


def test_the_checkout_of_documents_elsewhere(root: Path, tmp_path: Path) -> None:
    """`--nemotron PATH` gives documents outside any checkout its steps, and only its steps."""
    write(tmp_path, {"run.sh": "nemotron steps run tune/quick -d\nnemotron steps run sft/automodel -d\n"})
    found = nemolint(tmp_path, "--nemotron", str(root), "--output-format", "json", "run.sh").rows()
    assert [(item["line"], item["rule"]) for item in found] == [(2, "unknown-step")]
    listed = nemolint(tmp_path, "commands", "--nemotron", str(root), "--json", "run.sh").rows()
    assert [item["tier"] for item in listed] == ["repo-grounded", "blocked"]
    bad = nemolint(tmp_path, "--nemotron", str(tmp_path), "run.sh")
    assert bad.code == 2
    assert "is not a Nemotron checkout" in bad.err


def test_documents_outside_any_checkout(tmp_path: Path) -> None:
    """There the bundled catalog speaks, says so, and is less sure."""
    write(tmp_path, {"run.sh": "nemotron steps run sft/automodel -c tiny -d\nnemotron steps run tune/quick -d\n"})
    found = nemolint(tmp_path, "--output-format", "json", "run.sh").rows()
    assert [(item["line"], item["rule"], item["severity"]) for item in found] == [(2, "unknown-step", "warning")]
    assert "bundled catalog" in str(found[0]["message"])
    listed = nemolint(tmp_path, "commands", "--json", "run.sh").rows()
    assert [item["tier"] for item in listed] == ["reference-grounded", "reference-grounded"]


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ('[step\nid = "forge/bake"\n', 1),
        ('[step]\nid = "forge/bake"\nname = 3\n', 3),
        ('[step]\nname = "x"\n[[parameters]]\nname = ["a"]\n', 4),
    ],
)
def test_a_broken_manifest(tmp_path: Path, broken: str, line: int) -> None:
    """One diagnostic that says where; commands of the other steps are judged, and those of this one not accused."""
    write(tmp_path, {**FILES, f"{STEPS}/forge/bake/step.toml": broken})
    text = "nemotron steps run forge/bake\nnemotron steps run tune/quick -d mood=angry\n"
    write(tmp_path, {"a.sh": text, "b.sh": text})
    found = nemolint(tmp_path, "--output-format", "json", "a.sh", "b.sh").rows()
    places = [(item["path"], item["line"], item["rule"]) for item in found]
    assert places == [
        ("a.sh", 2, "invalid-value"),
        ("b.sh", 2, "invalid-value"),
        (f"{STEPS}/forge/bake/step.toml", line, "invalid-project-file"),
    ]
