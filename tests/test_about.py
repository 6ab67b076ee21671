"""What a rule is about decides where it runs: it must never miss a finding for it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from nemolint.linter.checker import Checker
from nemolint.linter.examples import _settings
from nemolint.linter.loader import load_rules
from nemolint.linter.rule import Example, Rule, bad
from nemolint.linter.wrapping import Wrapped, wrappings
from nemolint.settings import Settings
from support.files import write
from support.sizes import THOROUGH

RULES = load_rules()
ABOUT = {name: rule for name, rule in RULES.items() if rule.about is not None}


def everywhere(rule: Rule) -> Rule:
    """The rule as if it declared no subject."""
    found = copy.copy(rule)
    found.__dict__["about"] = None
    return found


EVERYWHERE = {name: everywhere(rule) for name, rule in ABOUT.items()}


def same_everywhere(example: Example, wrapped: Wrapped, root: Path, rules: Mapping[str, Rule] = ABOUT) -> None:
    """Each rule says the same of an example in a container, whether or not it declares what it is about."""
    chosen = _settings(example, root, tuple(rules))
    checkers = [
        Checker(chosen, cwd=root, environ={}, rules=each, prompt=example.prompt)
        for each in (rules, {**rules, **EVERYWHERE})
    ]
    document = checkers[0].read(root / wrapped.path, wrapped.text.encode("utf-8", "surrogateescape"))
    found = [checker.check(document) for checker in checkers]
    if any(run.help for run in document.runs):  # which files of the project are read for these is of no account
        found = [[item for item in items if item.rule != "invalid-project-file"] for items in found]
    assert found[0] == found[1], wrapped.text
    assert not checkers[0].internal_errors and not checkers[1].internal_errors


def test_what_is_less_than_asked_for_is_left_out(tmp_path: Path) -> None:
    """A check from some severity upwards says the same of that as one of everything."""
    seen = set()
    for number, example in enumerate(example for rule in RULES.values() for example in rule.examples):
        root = write(tmp_path / str(number), example.files)
        checker = Checker(
            _settings(example, root, tuple(RULES)), cwd=root, environ={}, rules=RULES, prompt=example.prompt
        )
        _, wrapped = next(iter(wrappings(example)))
        data = wrapped.text.encode("utf-8", "surrogateescape")
        every, least = (checker.check(checker.read(root / wrapped.path, data), kind) for kind in ("info", "warning"))
        seen.update(item.severity for item in every)
        wanted = [(item.rule, item.start, item.end, item.message) for item in every if item.severity != "info"]
        assert [(item.rule, item.start, item.end, item.message) for item in least] == wanted, wrapped.text
    assert seen == {"error", "warning", "info"}


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_no_finding_of_an_example_is_missed(rule: Rule, tmp_path: Path) -> None:
    """All examples of all rules: each in one container by turns, thorough in all."""
    for number, example in enumerate(rule.examples):
        root = write(tmp_path / str(number), example.files)
        wrapped = [text for _, text in wrappings(example)]
        for text in wrapped if THOROUGH else dict.fromkeys((wrapped[0], wrapped[number % len(wrapped)])):
            same_everywhere(example, text, root)


STEPS = ("sft/automodel", "eval/model_eval", "translate/nemo_curator", "convert/megatron_to_hf", "env/env_toml")
WORDS = (
    *("-c tiny", "-c default", "--config=tiny", "-ctiny", "-dc tiny", "-config tiny", "-c", "-c ''", "-c $C"),
    *("-d", "--dry-run", "--dry-run=true", "--dryrun", "-dryrun", "-n", "—dry-run", "-d -d", "dry-run", "–d"),
    *("-b h100", "--batch=h100", "-bh100", "--run ''", "-r $P", "--bath h100", "-batch h100"),
    *("--stage", "--stage prepare", "--help", "-h", "--", "-- -dc tiny", "-x", "-xd", "tiny", "//x", "\\ -d", "..."),
    *("seed=1", "seed=2", "seed= 3", "seed = 3", "seed =3", "seed=1.5", "seed=on", "seed=0123", "+seed=1", "~seed"),
    *("force=true", "output_path=env.toml", "dry_run=true", "target.api_endpoint.type=chat", "task_filters=[mmlu]"),
    *("-t mmlu", "--task nosuch", "megatron_path=/a", "megatron_path=5", "megatron_path=x", "megatron_path=null"),
    *("input_path=/a/*.jsonl output_dir=/a", "input_path=/a output_dir=/a", "input_glob=5", "input_glob=x"),
    *("a={b,c}", "a=[{b: c}]", "a=b&c=d", "a=b;c=d", "a=b|c", "a>b", "a=*", "a=“b”", "a=b\u00a0c=d", "'a={b}'"),
    *("$X", "$X=1", "${X:+-d}", "<step>", "[-c CONFIG]", "[ --dryrun ]", "[key=value ...]", "key=value", "a=<b>"),
    "\\\n  -d",
)
BEFORE = (
    *("", "export NEMOTRON_ENV_FILE=a.toml\n", "NEMOTRON_ENV_FILE=a.toml ", 'export "NEMOTRON_ENV"_FILE=a.toml\n'),
    *(". ./site.sh\n", "uv run ", "env --env-file x ", "# NEMOTRON_ENV_FILE\n", "NEMOTRON_ENV\\\n_FILE=a.toml "),
)


@st.composite
def scripts(draw: st.DrawFn) -> str:
    """A few runs with faults, in a script."""
    runs = []
    for _ in range(draw(st.integers(1, 2))):
        head = draw(st.sampled_from(("nemotron", "nemotron -d", "nemotron -c tiny", "nemotron -x", "nemotron $X")))
        words = draw(st.lists(st.sampled_from(WORDS), max_size=5))
        words.insert(draw(st.integers(0, len(words))), draw(st.sampled_from((*STEPS, "nosuch", "$STEP", ""))))
        runs.append(f"{draw(st.sampled_from(BEFORE))}{head} steps run {' '.join(words)}")
    return draw(st.sampled_from(("\n", " && ", "; ", "\n\n"))).join(runs)


_AUTOMODEL = "src/nemotron/steps/sft/automodel"
TREES = {
    "snapshot": {},
    "profiles": {"env.toml": "[h100]\nexecutor = 'slurm'\ngpus_per_node = 8\n"},
    "broken profiles": {"env.toml": "[h100\n", "a.toml": "[h100]\nexecutor = 'none'\n"},
    "broken checkout": {
        "pyproject.toml": "[project]\nname = 'x'\n",
        "src/nemotron/steps/types.toml": "[\n",
        f"{_AUTOMODEL}/step.toml": "[step]\nid = 'sft/automodel'\nname = 'A'\n[[produces]]\ntype = 'x'\n",
        f"{_AUTOMODEL}/step.py": "def (\n",
        f"{_AUTOMODEL}/config/default.yaml": "seed: 1\n",
        f"{_AUTOMODEL}/config/tiny.yaml": "seed: [\n",
        "src/nemotron/steps/env/env_toml/step.toml": "[step\n",
    },
}


@settings(max_examples=100, deadline=None)
@given(text=scripts(), tree=st.sampled_from(sorted(TREES)), data=st.data())
def test_no_finding_of_a_script_is_missed(
    text: str, tree: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Runs with several faults at once, in files of several kinds, in a checkout or outside: all findings are the same,
    those about files of the project that a rule reads by the way, too."""
    root = write(tmp_path_factory.mktemp("about"), TREES[tree])
    example = bad(text, surface=data.draw(st.sampled_from(("script", "doc", "answer", None))))
    _, wrapped = data.draw(st.sampled_from(list(wrappings(example))))
    same_everywhere(example, wrapped, root, RULES)


@pytest.mark.parametrize(
    ("before", "found"), [("", "env.toml"), ("NEMOTRON_ENV_FILE=a.toml ", "a.toml"), (". ./site.sh; ", "")]
)
def test_an_env_file_is_read_for_its_own_rule(tmp_path: Path, before: str, found: str) -> None:
    """A fault of the env TOML that the CLI reads for a run is reported, if no other rule asks for that file, too."""
    text = f"{before}nemotron steps run sft/automodel -c tiny --dry-run\n"
    write(tmp_path, {"env.toml": "[h100\n", "a.toml": "[h100\n", "run.sh": text})
    checker = Checker(Settings(root=tmp_path, select=("invalid-env-file",)), cwd=tmp_path, environ={}, rules=RULES)
    assert [item.path for item in checker.check(checker.read(tmp_path / "run.sh"))] == ([found] if found else [])
