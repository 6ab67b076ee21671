"""`nemolint grade`: scores of answers, what is expected of them, data sets, trajectories, and the command itself.

`grades/` holds answers to the eight questions of the skill's own evaluation (`evals/expect.json` says what is expected
of them) and to the eight entries of `evals/negative.json`: an ideal one each, and one with a single fault. Those in
`answers/` are judged by the same expectations.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, strategies as st

from nemolint.base.choices import Metric
from nemolint.base.errors import UserError
from nemolint.grading.datasets import EvalEntry, read_entry
from nemolint.grading.expect_model import Expect, validated
from nemolint.grading.scores import Grade, grade
from nemolint.grading.trajectory import ToolCall, as_notebook, read_trajectory
from nemolint.linter.loader import load_rules
from nemolint.settings import Settings
from support.checkout import MANIFEST
from support.command import Done, execute, nemolint, python
from support.credentials import random_body
from support.sizes import many

ROOT = Path(__file__).resolve().parents[1]
EVALS = ROOT / "evals"
EXPECTED = json.loads((EVALS / "expect.json").read_text("utf-8"))
NEGATIVE = json.loads((EVALS / "negative.json").read_text("utf-8"))
SKILL = "nemotron-customize-"
# The requests in `answers/`, and the entries whose question they ask in other words.
ASKED = {
    "translate": "translate-llm-command",
    "profile": "lepton-profile-blocked",
    "benchmark": "byob-translation-routing",
    "pipeline": "sft-megatron-bridge-pipeline",
    "lora": "automodel-lora-choice",
    "export": "checkpoint-conversion",
    "endpoint": "eval-existing-endpoint",
    "smoke": "curate-before-translation",
}
NVIDIA_KEY = "nv" + "api-" + random_body("grade", 64)
CONFIRMED = "Repo-grounded. It takes GPUs, so please confirm first.\n\n"
RUN = "uv run nemotron steps run sft/automodel -c tiny --dry-run"
MISSPELT = RUN.replace("--dry-run", "--dryrun")
RIGHT = f"{CONFIRMED}```bash\n{RUN} run.env.nodes=1 run.env.gpus_per_node=2 distributed.ep_size=1\n```\n"


def entries() -> dict[str, EvalEntry]:
    """Every entry that `evals/` knows, by id; the skill's questions are in its own data set."""
    found = {name.removeprefix(SKILL): EvalEntry(name, None, valid(value)) for name, value in EXPECTED.items()}
    for row in NEGATIVE["evals"]:
        found[row["id"]] = EvalEntry(row["id"], row["prompt"], valid(row["expect"]))
    return found


def valid(value: object) -> Expect:
    """Expectations that are valid."""
    result = validated(value)
    assert isinstance(result, Expect), result
    return result


ENTRIES = entries()


def judge(
    text: str,
    folder: Path,
    *,
    expect: object = None,
    question: str | None = None,
    nemotron: Path | None = None,
    calls: tuple[ToolCall, ...] = (),
) -> Grade:
    """The grade of an answer in an empty folder."""
    entry = EvalEntry("a", question, None if expect is None else valid(expect))
    return grade(text, entry, Settings(root=folder, nemotron=nemotron, preset="answer"), cwd=folder, calls=calls)


def metrics(result: Grade) -> dict[str, float]:
    """The scores by metric."""
    return {name: item.score for name, item in result.scores.items()}


def lint(folder: Path, *arguments: str | Path, stdin: str | bytes = b"", env: dict[str, str] | None = None) -> Done:
    """Run the command."""
    return nemolint(folder, "grade", *map(str, arguments), stdin=stdin, env=env)


def graded(folder: Path, *arguments: str | Path, stdin: str | bytes = b"") -> dict[str, Any]:
    """What the command prints of a grade that it makes."""
    done = lint(folder, *arguments, stdin=stdin)
    assert done.code == 0 and done.err == "", done.err
    result: dict[str, Any] = json.loads(done.out)
    return result


# -- whole answers


def answers(quality: str) -> list[tuple[str, Path]]:
    """The answers of a quality, each with the entry that it answers."""
    own = [(path.name.split(".")[0], path) for path in sorted((ROOT / "tests/grades").glob(f"*.{quality}.md"))]
    more = [(name, ROOT / f"tests/answers/{short}.{quality}.answer.md") for short, name in ASKED.items()]
    return [*own, *more]


def question(name: str, shared: Path) -> str:
    """The question of an entry."""
    found = ENTRIES[name].question
    if found is not None:
        return found
    rows = json.loads((shared / "corpus/nemotron/skills/nemotron-customize/evals/evals.json").read_text("utf-8"))
    return str(next(row["question"] for row in rows if row["id"] == SKILL + name))


def test_every_entry_has_both_answers() -> None:
    """Eight questions of the skill and eight of our own, each with an ideal answer and one with a fault."""
    assert len(EXPECTED) == len(NEGATIVE["evals"]) == 8 and len(ENTRIES) == 16
    for quality in ("good", "bad"):
        assert sorted({name for name, _ in answers(quality)}) == sorted(ENTRIES)
        assert len(answers(quality)) == 24


@pytest.mark.parametrize("name, path", answers("good"), ids=lambda item: getattr(item, "stem", None))
def test_an_ideal_answer(name: str, path: Path, tmp_path: Path, nemotron: Path | None, shared: Path) -> None:
    """It gets at least 0.9 in any style, over the bundled catalog as in a checkout."""
    entry = ENTRIES[name]._replace(question=question(name, shared))
    settings = Settings(root=tmp_path, nemotron=nemotron, preset="answer")
    result = grade(path.read_text("utf-8"), entry, settings, cwd=tmp_path)
    assert result.overall >= 0.9, (result.scores, result.findings)
    assert result.as_json()["applicable"] is True
    assert all(item.ok for item in result.expectations)


@pytest.mark.parametrize("name, path", answers("bad"), ids=lambda item: getattr(item, "stem", None))
def test_an_answer_with_one_fault(name: str, path: Path, tmp_path: Path, nemotron: Path | None, shared: Path) -> None:
    """It gets at most 0.5."""
    entry = ENTRIES[name]._replace(question=question(name, shared))
    settings = Settings(root=tmp_path, nemotron=nemotron, preset="answer")
    assert grade(path.read_text("utf-8"), entry, settings, cwd=tmp_path).overall <= 0.5


BOTH = [(name, path) for name, path in answers("good") + answers("bad") if "steps run" in path.read_text("utf-8")]


@pytest.mark.parametrize("name, path", BOTH, ids=lambda item: getattr(item, "stem", None))
def test_the_style_makes_no_difference(name: str, path: Path, tmp_path: Path, shared: Path) -> None:
    """An answer has the same scores, however it writes its commands: with fences or without, typed, quoted."""
    entry = ENTRIES[name]._replace(question=question(name, shared))
    settings = Settings(root=tmp_path, preset="answer")
    text = path.read_text("utf-8")
    expected = metrics(grade(text, entry, settings, cwd=tmp_path))
    for style in (bare, typed, indented, quoted, windows):
        other = re.sub(r"^```\w*\n(.*?)^```$", style, text, flags=re.MULTILINE | re.DOTALL)
        assert metrics(grade(other, entry, settings, cwd=tmp_path)) == expected, style


def bare(block: re.Match[str]) -> str:
    """The commands alone."""
    return block[1]


def typed(block: re.Match[str]) -> str:
    """The commands as typed at a prompt."""
    lines = block[1].splitlines()
    starts = [at == 0 or not lines[at - 1].endswith("\\") for at in range(len(lines))]
    shown = (f"$ {line.removeprefix('$ ')}" if start else line for line, start in zip(lines, starts, strict=True))
    return "\n".join(["```console", *shown, "```"])


def indented(block: re.Match[str]) -> str:
    """An indented block."""
    return "".join(f"    {line}\n" for line in block[1].splitlines())


def quoted(block: re.Match[str]) -> str:
    """A block in a quotation."""
    return "\n".join(f"> {line}" for line in block[0].splitlines())


def windows(block: re.Match[str]) -> str:
    """A block whose lines end as on Windows."""
    return block[0].replace("\n", "\r\n")


# -- metrics


def test_the_rules_say_what_they_count_as() -> None:
    """Every finding about an answer counts; what is about files, or about nemolint itself, does not."""
    rules = load_rules()
    assert {rule.metric for rule in rules.values()} == {*get_args(Metric), None}
    assert {rule.group for rule in rules.values() if rule.metric is None} == {"tool"}


@pytest.mark.parametrize(
    "words, expected",
    [
        ("", {}),
        (" --dryrun", {"cmd_contract": 0.0}),
        (" --batch a --run b", {"cmd_safety": 0.0, "cmd_contract": 0.0}),
        (" optimizer.betaz=1", {"cmd_contract": 0.75}),
        (" --confg x", {"cmd_contract": 0.0}),
        (" checkpoint.checkpoint_dir=“/a”", {"cmd_fidelity": 0.0}),
    ],
)
def test_what_a_fault_costs(words: str, expected: dict[str, float], tmp_path: Path) -> None:
    """An error takes the whole metric that it is about, a warning a quarter; the grade is the least metric."""
    text = RIGHT.replace("\n```\n", f"{words}\n```\n")
    result = judge(text, tmp_path)
    assert metrics(result) == {"cmd_safety": 1.0, "cmd_contract": 1.0, "cmd_fidelity": 1.0, **expected}, result.findings
    assert result.overall == min(metrics(result).values())


@pytest.mark.parametrize("count, score", [(1, 0.75), (2, 0.5), (5, 0.5)])
def test_warnings_have_a_floor(count: int, score: float, tmp_path: Path) -> None:
    """Many warnings are no error."""
    text = RIGHT.replace("\n```\n", "".join(f" optimizer.beta{letter}=1" for letter in "zyxwv"[:count]) + "\n```\n")
    assert metrics(judge(text, tmp_path))["cmd_contract"] == score


@pytest.mark.parametrize("text", ["", "  \n", "Use `sft/automodel`.", "```bash\npip install torch\n```\n"])
def test_an_answer_without_a_command(text: str, tmp_path: Path) -> None:
    """There is nothing to judge, so it gets no score; where a command is expected, it earns nothing."""
    result = judge(text, tmp_path).as_json()
    assert (result["applicable"], result["overall"], result["metrics"], result["runs"]) == (False, 0.0, {}, [])
    for expect in ({"runs": "one"}, {"runs": "some", "launches": False}, {"steps": "sft/automodel", "mode": "local"}):
        starved = judge(text, tmp_path, expect=expect).as_json()
        assert (starved["applicable"], starved["overall"]) == (True, 0.0)


def test_an_answer_without_a_command_where_none_is_expected(tmp_path: Path) -> None:
    """The expectations decide; an empty answer meets none of them."""
    expect = {"runs": "none", "launches": False, "forbidden_steps": ["sft/automodel"]}
    assert judge("No, there is none.", tmp_path, expect=expect).overall == 1.0
    empty = judge(" \n", tmp_path, expect=expect)
    assert empty.overall == 0.0 and {item.reason for item in empty.expectations} == {"there is no answer"}


def test_a_secret_counts_without_a_command(tmp_path: Path) -> None:
    """A key in an answer is unsafe whatever else it says, and is not in the output."""
    result = judge(f"Use the key {NVIDIA_KEY}.", tmp_path)
    assert metrics(result) == {"cmd_safety": 0.0}
    assert NVIDIA_KEY not in json.dumps(result.as_json()) + json.dumps(result.as_reward())


@pytest.mark.parametrize(
    "hidden",
    [
        f"```bash\n{MISSPELT}  # nemolint: ignore[misspelled-dry-run] checked by hand\n```\n",
        f"```bash\n# nemolint: ignore\n{MISSPELT}\n```\n",
        f"<!-- nemolint: ignore-file -->\n\n```bash\n{MISSPELT}\n```\n",
        f"<!-- nemolint: off -->\n\n```bash\n{MISSPELT}\n```\n\n<!-- nemolint: on -->\n",
        f"---\nnemolint: off\n---\n\n```bash\n{MISSPELT}\n```\n",
        f"---\nnemolint:\n  ignore: [misspelled-dry-run]\n---\n\n```bash\n{MISSPELT}\n```\n",
    ],
)
def test_a_suppression_changes_nothing(hidden: str, tmp_path: Path) -> None:
    """An answer cannot excuse itself."""
    result = judge(CONFIRMED + hidden, tmp_path)
    assert metrics(result)["cmd_safety"] == 0.0
    assert "misspelled-dry-run" in {row["rule"] for row in result.findings}


def test_a_command_only_reply_owes_no_callouts(tmp_path: Path) -> None:
    """Whether the question asked for the command alone stands in the entry."""
    text = (ROOT / "tests/answers/translate.good.answer.md").read_text("utf-8")
    assert judge(text, tmp_path, question="I only need the command, not a plan.").overall == 1.0
    assert judge(text, tmp_path, question="How do I translate my news?").overall < 1.0
    assert judge(text, tmp_path).overall < 1.0


def test_an_unquoted_glob_does_not_zero_a_metric(tmp_path: Path) -> None:
    """It is a warning with a fix, and the value that was asked for."""
    text = (ROOT / "tests/answers/translate.good.answer.md").read_text("utf-8").replace("'", "")
    entry = ENTRIES["translate-llm-command"]
    result = judge(text, tmp_path, question="Only the command.", expect=EXPECTED[entry.id or ""])
    assert metrics(result)["cmd_fidelity"] == 0.75 and metrics(result)["cmd_expected"] == 1.0


def test_faults_of_the_project_do_not_count(tmp_path: Path) -> None:
    """A broken file of the checkout is reported and not held against the answer."""
    for name, text in {"tea": MANIFEST, "pot": "[step\n"}.items():
        folder = tmp_path / "src/nemotron/steps/brew" / name
        folder.mkdir(parents=True)
        (folder / "step.toml").write_text(text, "utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'nemotron'\n", "utf-8")
    result = judge(RIGHT.replace("sft/automodel -c tiny", "brew/tea"), tmp_path)
    assert [(row["path"], row["severity"]) for row in result.findings] == [
        ("src/nemotron/steps/brew/pot/step.toml", "warning")
    ]
    assert result.overall == 1.0


def test_the_same_input_has_the_same_score(tmp_path: Path) -> None:
    """Neither hash seeds, nor settings, a cache or an environment that happen to be around change a byte."""
    (tmp_path / "a.md").write_text(RIGHT.replace("-c tiny", "-c tinny seeed=1 --dryrun"), "utf-8")
    first = lint(tmp_path, "a.md").out
    assert '"overall": 0.0' in first
    (tmp_path / "nemolint.toml").write_text('ignore = ["launch", "contract", "callouts"]\n', "utf-8")
    for seed in ("1", "2"):
        env = {"PYTHONHASHSEED": seed, "NEMOTRON_ENV_FILE": str(tmp_path / "none.toml")}
        assert lint(tmp_path, "a.md", env=env).out == first


# -- expectations

REMOTE = "uv run nemotron steps run byob/mcq -c tiny --batch x 'a={b: [hi]}' c=01"
TWO = f"Blocked.\n\n```bash\n{RUN} seed=1\n{REMOTE}\n```\n"


@pytest.mark.parametrize(
    "expect, text, ok",
    [
        ({"runs": "none"}, "Nothing.", True),
        ({"runs": "none"}, RIGHT, False),
        ({"runs": "one"}, RIGHT, True),
        ({"runs": "one"}, TWO, False),
        ({"runs": "some"}, TWO, True),
        ({"runs": "one"}, f"```\n$ {RUN}\n$ {RUN.replace(' --dry-run', '')}\n```\n", True),
        ({"runs": "one"}, f"```\n$ {RUN}\n$ {RUN.replace('tiny', 'default')}\n```\n", False),
        ({"steps": ["byob/mcq", "sft/automodel"]}, TWO, True),
        ({"steps": "sft/automodel"}, TWO, True),
        ({"steps": ["peft/automodel"]}, TWO, False),
        ({"steps": ["sft/automodel"]}, "Use `sft/automodel`.", False),
        ({"forbidden_steps": ["byob/mcq"]}, TWO, False),
        ({"forbidden_steps": ["byob/mcq"]}, "Not `byob/mcq`.", True),
        ({"forbidden_steps": ["no/step"]}, "```\nuv run nemotron steps run no/step\n```\n", False),
        ({"order": ["a/b", "c/d"]}, "First `a/b`, then `c/d`.", True),
        ({"order": ["a/b", "c/d"]}, "`c/d`, then `a/b`.", False),
        ({"order": ["a/b", "c/d"]}, "For `c/d` you need `a/b`. So: a/b -> c/d.", True),
        ({"order": ["a/b", "c/d"]}, "`a/b` and `c/d`:\n\n1. `c/d`\n2. `a/b`\n", False),
        ({"order": ["a/b", "c/d"]}, "`c/d` comes second:\n\n### Step 1: `a/b`\n\n### Step 2: `c/d`\n", True),
        ({"order": ["a/b", "c/d"]}, "| 1 | a/b |\n|---|---|\n| 2 | c/d, after a/b |\n", True),
        ({"order": ["a/b", "c/d"]}, "Only `a/b`.", False),
        ({"order": ["sft/automodel", "byob/mcq"]}, "`byob/mcq` `sft/automodel`\n\n" + TWO, True),
        ({"order": ["byob/mcq", "sft/automodel"]}, "`byob/mcq` `sft/automodel`\n\n" + TWO, False),
        ({"overrides": {"seed": 1}}, TWO, True),
        ({"overrides": {"seed": "1"}}, TWO, True),
        ({"overrides": {"seed": "01"}}, TWO, False),
        ({"overrides": {"seed": "1"}}, TWO.replace("seed=1", "seed='\"1\"'"), True),
        ({"overrides": {"seed": "[1,2]"}}, TWO.replace("seed=1", "'seed=[1, 2]'"), True),
        ({"overrides": {"seed": True}}, TWO, False),
        ({"overrides": {"seed": 2}}, TWO, False),
        ({"overrides": {"sed": 1}}, TWO, False),
        ({"overrides": {"a.b": ["hi"]}}, TWO, True),
        ({"overrides": {"a": {"b": ["hi"]}}}, TWO, True),
        ({"overrides": {"seed": 1}}, TWO.replace("c=01", "seed=2"), False),
        ({"overrides": {"seed": 1}}, TWO.replace("seed=1", "+seed='1'"), True),
        ({"overrides": {"seed": 1}}, TWO.replace("seed=1", "seed=2 seed=1"), True),
        ({"overrides": {"seed": 1}}, TWO.replace("seed=1", "seed=$SEED"), False),
        ({"overrides": {"glob": "/x/*.y"}}, TWO.replace("seed=1", "'glob=/x/*.y'"), True),
        ({"overrides": {"glob": "/x/*.y"}}, TWO.replace("seed=1", "glob=/x/*.y"), True),
        ({"override_values": ["hi", 1]}, TWO, True),
        ({"override_values": ["01"]}, TWO, True),
        ({"override_values": ["ho"]}, TWO, False),
        ({"mode": "local"}, RIGHT, True),
        ({"mode": "local"}, TWO, False),
        ({"mode": "remote"}, TWO, True),
        ({"mode": "remote"}, RIGHT, False),
        ({"mode": "local"}, TWO.replace("--batch x", "--batch="), True),
        ({"mode": "none"}, "Nothing.", True),
        ({"mode": "none"}, RIGHT, False),
        ({"tier": "blocked"}, TWO, True),
        ({"tier": "Repo-grounded"}, RIGHT, True),
        ({"tier": ["blocked", "verified"]}, RIGHT, False),
        ({"mentions": ["repo-grounded", "GPUS"]}, RIGHT, True),
        ({"mentions": ["sft/automode"]}, RIGHT, False),
        ({"mentions": [["nothing", "automodel"]]}, RIGHT, True),
        ({"mentions": [["nothing", "nowhere"]]}, RIGHT, False),
        ({"mentions": ["GPQA", "env TOML", "a.b"]}, "gpqa_diamond, an env\nTOML, a.b.", True),
        ({"mentions": ["GPQA"]}, "gpqax", False),
        ({"mentions": ["sft/automodel"]}, "peft/automodel", False),
        ({"launches": False}, RIGHT, True),
        ({"launches": False}, RIGHT.replace(" --dry-run", ""), False),
        ({"launches": True}, RIGHT.replace(" --dry-run", ""), True),
        ({"launches": True}, RIGHT, False),
        ({"launches": False}, f"```\n$ {RUN.replace('--dry-run', '--help')}\n```\n", True),
        ({"launches": False}, f"```\n$ {RUN.replace('--dry-run', '$MORE')}\n```\n", True),
        ({"launches": False}, "", False),
    ],
)
def test_an_expectation(expect: dict[str, Any], text: str, ok: bool, tmp_path: Path) -> None:
    """Each field of `expect`, met and not met."""
    (found,) = judge(text, tmp_path, expect=expect).expectations
    assert (found.name, found.ok) == (*expect, ok), found
    assert found.reason


@pytest.mark.parametrize(
    "key, value, ok",
    [("text_field", "body", True), ("a.b", 2, True), ("a", {"b": 2}, True), ("text_field", "x", False)],
)
def test_a_config_that_the_answer_gives_sets_values(key: str, value: object, ok: bool, tmp_path: Path) -> None:
    """It counts as overrides do, and they win over it; a config of the step does not count."""
    config = "```yaml\n# smoke.yaml\ntext_field: body\na: {b: 2}\n```\n"
    run = "uv run nemotron steps run curate/nemo_curator -c smoke.yaml --dry-run"
    text = f"Repo-grounded. Save this:\n\n{config}\n```bash\n{run}\n```\n"
    (found,) = judge(text, tmp_path, expect={"overrides": {key: value}}).expectations
    assert found.ok is ok, found
    (found,) = judge(
        text.replace(run, f"{run} text_field=x"), tmp_path, expect={"overrides": {key: value}}
    ).expectations
    assert found.ok is (ok if key != "text_field" else not ok)
    (found,) = judge(text.replace(" smoke.yaml", " tiny"), tmp_path, expect={"overrides": {key: value}}).expectations
    assert not found.ok


def test_one_that_is_not_met_cannot_be_outweighed(tmp_path: Path) -> None:
    """The share of met expectations counts, and is at most half while one is not met."""
    expect: dict[str, Any] = {"runs": "one", "steps": "sft/automodel", "launches": False, "mode": "local"}
    assert metrics(judge(RIGHT, tmp_path, expect=expect))["cmd_expected"] == 1.0
    one = judge(RIGHT, tmp_path, expect={**expect, "mentions": ["x"]})
    assert metrics(one)["cmd_expected"] == 0.5 and sum(not item.ok for item in one.expectations) == 1
    three = {"mentions": ["x"], "tier": "verified", "override_values": ["x"], "launches": False}
    assert metrics(judge(RIGHT, tmp_path, expect=three))["cmd_expected"] == 0.25


def test_a_launch_of_the_agent_itself(tmp_path: Path) -> None:
    """What was not to be launched must not be launched by the agent either; it is not a command of the answer."""
    launch = ToolCall(RUN.replace(" --dry-run", ""))
    (found,) = judge("Done.", tmp_path, expect={"launches": False}, calls=(launch,)).expectations
    assert not found.ok and "the agent itself started `sft/automodel`" in found.reason
    assert judge("Done.", tmp_path, expect={"launches": False}, calls=(ToolCall(RUN),)).overall == 1.0
    (found,) = judge("Done.", tmp_path, expect={"runs": "none"}, calls=(launch,)).expectations
    assert found.ok


@pytest.mark.parametrize(
    "value, message",
    [
        ([], "expected an object, not an array"),
        ({"step": ["a/b"]}, 'unknown key "step" (did you mean `steps`?)'),
        ({"Runs": "one"}, 'unknown key "Runs" (did you mean `runs`?)'),
        ({"runs": "two"}, 'runs: expected `none`, `one` or `some`, not "two"'),
        ({"runs": 1}, "runs: expected `none`, `one` or `some`, not 1"),
        ({"runs": 1, "overide": {}}, 'unknown key "overide" (did you mean `overrides`?)'),
        ({"mode": "cluster"}, 'mode: expected `local`, `remote` or `none`, not "cluster"'),
        (
            {"tier": "grounded"},
            'tier.0: expected `verified`, `repo-grounded`, `reference-grounded` or `blocked`, not "grounded"',
        ),
        ({"steps": [1]}, "steps.0: expected a string, not a number"),
        ({"steps": []}, "steps: is empty: leave it out"),
        ({"steps": [" "]}, "steps.0: is empty: leave it out"),
        ({"overrides": ["a=1"]}, "overrides: expected an object, not an array"),
        ({"overrides": {}}, "overrides: is empty: leave it out"),
        ({"override_values": [{}]}, "override_values: expected single values, not an object"),
        ({"mentions": [1]}, "mentions: expected words, or lists of words of which one is enough"),
        ({"mentions": [["a", ""]]}, "mentions: expected words, or lists of words of which one is enough"),
        ({"launches": "no"}, "launches: expected true or false, not a string"),
        (
            {"runs": "none", "steps": ["a/b"]},
            'runs: no answer can have "runs": "none" and meet `steps`: leave out one of them',
        ),
    ],
)
def test_expectations_that_are_not_valid(value: object, message: str) -> None:
    """One sentence says what is wrong, with the nearest name for a key that does not exist."""
    assert validated(value) == message


@pytest.mark.parametrize(
    "value",
    [
        {"runs": "none", "launches": True},
        {"runs": "none", "mode": "remote"},
        {"mode": "none", "runs": "one"},
        {"mode": "none", "overrides": {"a": 1}},
        {"steps": ["a/b"], "forbidden_steps": ["a/b"]},
    ],
)
def test_expectations_that_nothing_meets(value: object) -> None:
    """They are a mistake of the data set, not of the answers."""
    assert "leave" in str(validated(value))


# -- data sets


def test_forms_of_data_sets(tmp_path: Path) -> None:
    """An entry alone, a data set, the flat list of older ones; questions under both names, ids that are numbers."""
    row = {"id": 7, "prompt": "Which?", "expected_output": "x", "expect": {"runs": "none"}}
    old = {"id": "b", "question": "What?", "ground_truth": "x", "expected_script": None}
    for name, data in {
        "entry": row,
        "set": {"skill_name": "a", "evals": [row, old]},
        "cases": {"cases": [row, old]},
        "flat": [row, old],
    }.items():
        file = tmp_path / f"{name}.json"
        file.write_text("\ufeff" + json.dumps(data), "utf-8")
        entry = read_entry(file, None, "7")
        assert (entry.id, entry.question, entry.expect) == ("7", "Which?", valid({"runs": "none"}))
        if name != "entry":
            assert read_entry(file, None, "b") == EvalEntry("b", "What?", None)
    apart = tmp_path / "expect.json"
    for data in ({"7": {"runs": "one"}, "b": {}}, [{"id": "7", "expect": {"runs": "one"}}, {"id": "b"}]):
        apart.write_text(json.dumps(data), "utf-8")
        assert read_entry(tmp_path / "entry.json", apart, None).expect == valid({"runs": "one"})
        assert read_entry(None, apart, "7") == EvalEntry("7", None, valid({"runs": "one"}))
    apart.write_text(json.dumps({"7": {"runs": "one"}}), "utf-8")
    assert read_entry(None, apart, None).id == "7"


ENTRY = '{"id": "a", "question": "q"}'


@pytest.mark.parametrize(
    "entry, expect, message",
    [
        ("", None, "--entry: entry.json is not JSON: line 1, column 1: Expecting value"),
        ("{", None, "--entry: entry.json is not JSON: line 1, column 2"),
        ("[" * 200_000, None, "--entry: entry.json is nested too deeply to be read"),
        ("1" * 5_000, None, "--entry: entry.json is not JSON that can be read"),
        (b"\xff", None, "--entry: entry.json is not UTF-8"),
        ("1", None, "--entry: entry.json holds a number"),
        ("[]", None, "--entry: entry.json has no entries"),
        ("[1]", None, "--entry: entry.json: entry 1 is a number, not an object"),
        ('{"id": [1]}', None, "--entry: entry.json: `id` is an array, not a string"),
        ('{"question": 1}', None, "--entry: entry.json: `question` is a number, not a string"),
        ('[{"id": "abc"}, {"id": "x"}]', None, "--entry: entry.json has 2 entries: name one with --id, such as `abc`"),
        ('{"expect": {"runz": "one"}}', None, 'expect: unknown key "runz" (did you mean `runs`?)'),
        ('{"expect": 3}', None, "--entry: entry.json: expect: expected an object, not a number"),
        (ENTRY, "{}", '--expect: expect.json has no expectations for "a"'),
        (ENTRY, '{"A": {}}', '--expect: expect.json has no expectations for "a" (did you mean `A`?)'),
        (ENTRY, '{"a": {"runs": "x"}}', "--expect: expect.json: a: runs: expected `none`"),
        (ENTRY, '{"a": 1}', "--expect: expect.json: a: expected an object, not a number"),
        (ENTRY, "3", "--expect: expect.json holds a number"),
        (ENTRY, '[{"id": "a"}]', "--expect: expect.json: the entry has no `expect`"),
        (None, '{"a": {}, "b": {}}', "--expect: expect.json has the expectations of 2 entries: name one with --id"),
    ],
)
def test_files_that_are_not_valid(entry: str | bytes | None, expect: str | None, message: str, tmp_path: Path) -> None:
    """Exit code 2 and one line that says which file, what is wrong and what to do."""
    arguments: list[str] = []
    for name, content in (("entry", entry), ("expect", expect)):
        if content is not None:
            (tmp_path / f"{name}.json").write_bytes(content.encode() if isinstance(content, str) else content)
            arguments += [f"--{name}", f"{name}.json"]
    done = lint(tmp_path, *arguments, "-", stdin=RIGHT)
    assert (done.code, done.out) == (2, "")
    assert message in done.err and done.err.count("\n") == 1, done.err


# -- trajectories


def trajectory(*steps: object) -> dict[str, Any]:
    """A trajectory of these steps."""
    return {"schema_version": "ATIF-v1.2", "session_id": "x", "agent": {"name": "a"}, "steps": list(steps)}


def said(message: object, *calls: object, source: str = "agent") -> dict[str, Any]:
    """A step in which the agent says something, and calls tools."""
    return {"step_id": 1, "source": source, "message": message, "tool_calls": list(calls)}


def ran(command: object, name: object = "Bash", key: str = "command") -> dict[str, Any]:
    """A call of a tool that runs a command."""
    return {"tool_call_id": "1", "function_name": name, "arguments": {key: command}}


@pytest.mark.parametrize(
    "steps, answer",
    [
        ([said("a"), said("b")], "b"),
        ([said("a"), said(""), said("  "), said(None)], "a"),
        ([said("a"), said("b", source="user"), said("c", source="system")], "a"),
        ([said([{"type": "text", "text": "a"}, {"type": "image", "source": {}}, "b"])], "a\nb"),
        ([said({"content": "a"})], "a"),
        ([said(5), said(["", 3]), said({"text": 1})], ""),
        ([said("a\0b")], "a\ufffdb"),
        ([1, None, "x", [], {}, {"source": "agent"}], ""),
        ([], ""),
    ],
)
def test_the_answer_of_a_trajectory(steps: list[object], answer: str) -> None:
    """The last message of the agent that says something, whatever form it has."""
    assert read_trajectory(trajectory(*steps), "x").answer == answer


@pytest.mark.parametrize(
    "call, text",
    [
        (ran("ls"), "ls"),
        (ran("ls", "exec_command", "cmd"), "ls"),
        (ran("ls", "run_code", "code"), "ls"),
        (ran("ls", "SHELL"), "ls"),
        (ran("ls", "functions.exec_command"), "ls"),
        (ran("ls", "mcp__sandbox__bash"), "ls"),
        (ran("ls", "bash_output"), None),
        (ran(["bash", "-lc", "ls a"], "shell"), "bash -lc 'ls a'"),
        ({"function_name": "shell", "arguments": '{"command": "ls"}'}, "ls"),
        ({"function_name": "shell", "arguments": "ls"}, "ls"),
        ({"function_name": "bash", "arguments": {"command": "", "cmd": "ls"}}, "ls"),
        (ran("ls", "read_file"), None),
        (ran("ls", None), None),
        (ran(5), None),
        (ran([1]), None),
        ({"function_name": "bash"}, None),
        ({"function_name": "bash", "arguments": [1]}, None),
        ({"function_name": "bash", "arguments": {"command": "  "}}, None),
        (7, None),
    ],
)
def test_the_commands_of_a_trajectory(call: object, text: str | None) -> None:
    """Tools that run something, with their arguments as agents record them."""
    found = read_trajectory(trajectory(said("x", call)), "x").calls
    assert [item.text for item in found] == ([] if text is None else [text])


@pytest.mark.parametrize(
    "command, safe",
    [
        ("ls", True),
        (RUN, True),
        ("env", False),
        ("echo $NVIDIA_API_KEY", False),
        (f"export NVIDIA_API_KEY={NVIDIA_KEY}", False),
        (MISSPELT, False),
        (MISSPELT + "  # nemolint: ignore[misspelled-dry-run] why not", False),
        (RUN.replace("tiny", "no-such-config"), True),
        ("uv run nemotron steps run byob/mcq -c tiny", False),
        ("uv run nemotron steps run byob/mcq -c tiny --dry-run", True),
        ("uv run nemotron steps run sft/automodel -c tiny --batch a100", False),
        ("git commit -m 'run nemotron steps run sft/automodel --dryrun'", True),
        ("grep -rn 'nemotron steps run sft/automodel --dryrun' docs", True),
        ('[ -n "$NVIDIA_API_KEY" ] && echo set', True),
        ("echo 'unterminated", True),
    ],
)
def test_the_commands_of_the_agent_count_for_safety(command: str, safe: bool, tmp_path: Path) -> None:
    """For nothing else, whatever the answer is like; and they are no commands of the answer."""
    (tmp_path / "t.json").write_text(json.dumps(trajectory(said("", ran(command)), said(RIGHT))), "utf-8")
    result = graded(tmp_path, "--trajectory", "t.json")
    assert result["metrics"] == {"cmd_safety": 1.0 if safe else 0.0, "cmd_contract": 1.0, "cmd_fidelity": 1.0}
    assert len(result["runs"]) == 1 and NVIDIA_KEY not in json.dumps(result)
    found = [(row["path"], row["cell"], row["line"]) for row in result["findings"]]
    assert {item[:2] for item in found} == (set() if safe else {("shell-calls.ipynb", 1)})


def test_a_dry_run_in_an_earlier_call(tmp_path: Path) -> None:
    """The calls are one session: what one did, the next ones follow. Where one leaves early, the next still run."""
    launch = "uv run nemotron steps run peft/automodel -c tiny run.env.nodes=1 distributed.ep_size=1"
    answer = "Done. Please confirm before you launch it again. Repo-grounded."
    assert metrics(judge(answer, tmp_path, calls=(ToolCall(launch),))) == {"cmd_safety": 0.0}
    assert judge(answer, tmp_path, calls=(ToolCall(f"{launch} --dry-run"), ToolCall(launch))).scores == {}
    assert metrics(judge(answer, tmp_path, calls=(ToolCall("exit 1"), ToolCall(launch)))) == {"cmd_safety": 0.0}
    dumped = (ToolCall(f"{launch} --dry-run"), ToolCall("env"))
    assert metrics(judge(answer, tmp_path, calls=dumped)) == {"cmd_safety": 0.0}


def test_calls_in_python(tmp_path: Path) -> None:
    """What a tool runs as Python is read as Python."""
    call = ran(f"import subprocess\nsubprocess.run({MISSPELT.split()!r})", "run_code", "code")
    call["arguments"]["language"] = "python"
    calls = read_trajectory(trajectory(said("x", call)), "x").calls
    assert calls[0].python and metrics(judge("x", tmp_path, calls=calls)) == {"cmd_safety": 0.0}


def test_the_calls_are_one_notebook() -> None:
    """Each call is one cell with its text unchanged."""
    calls = (ToolCall("a\nb '\"\\"), ToolCall("x = 1", True))
    cells = json.loads(as_notebook(calls))["cells"]
    assert [cell["source"] for cell in cells] == ["%%bash\na\nb '\"\\", "x = 1"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1]",
        b"null",
        b'{"steps": {}}',
        b'{"steps": "x"}',
        b'{"Steps": []}',
        b"[" * 300_000,
        b'{"steps": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"steps": [' + b"9" * 6_000 + b"]}",
    ],
)
def test_what_is_not_a_trajectory(data: bytes, tmp_path: Path) -> None:
    """Exit code 2, and one line."""
    (tmp_path / "t.json").write_bytes(data)
    done = lint(tmp_path, "--trajectory", "t.json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("nemolint: --trajectory: t.json ") and done.err.count("\n") == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
STEPS = st.lists(
    JSON
    | st.fixed_dictionaries(
        {},
        optional={
            "source": st.sampled_from(["agent", "user"]) | JSON,
            "message": JSON,
            "tool_calls": JSON
            | st.lists(
                JSON
                | st.fixed_dictionaries(
                    {},
                    optional={
                        "function_name": st.sampled_from(["bash", "Shell", "read"]) | JSON,
                        "arguments": JSON
                        | st.dictionaries(st.sampled_from(["command", "cmd", "code", "language"]), JSON, max_size=4),
                    },
                ),
                max_size=3,
            ),
        },
    ),
    max_size=4,
)


@given(STEPS)
def test_any_steps_are_read(steps: list[Any]) -> None:
    """Whatever an agent left: the answer and the commands are texts."""
    found = read_trajectory({"steps": steps}, "x")
    assert isinstance(found.answer, str)
    assert all(isinstance(call.text, str) and call.text.strip() and "\0" not in call.text for call in found.calls)
    json.loads(as_notebook(found.calls))


@given(JSON | st.dictionaries(st.sampled_from([*Expect.model_fields, "run"]), JSON, max_size=3))
def test_any_expectations_are_judged(value: Any) -> None:
    """They are valid, or one sentence says what is wrong with them."""
    result = validated(value)
    assert isinstance(result, Expect) or (result and "\n" not in result.replace(repr(value), ""))


@pytest.mark.parametrize("value", [{"\n": 1}, {"steps\r\n": 1}, {"overrides": {"\n": [1]}}])
def test_expectations_under_a_key_with_a_line_end(value: object) -> None:
    """The sentence about a key stays on one line."""
    result = validated(value)
    assert isinstance(result, str) and len(result.splitlines()) == 1


HALF = "\ud800"  # of a surrogate pair, as JSON may have it


@pytest.mark.parametrize("value", [{HALF: 1}, {"overrides": {HALF: 1}}, {"steps": [HALF]}, {"runs": HALF}])
def test_half_of_a_character_in_expectations(value: object) -> None:
    """JSON can write what is not text; that is said, and shown by no message."""
    assert isinstance(result := validated(value), str) and HALF not in result.replace(repr(HALF), "")


def test_what_is_not_text_in_a_trajectory(tmp_path: Path) -> None:
    """Halves of characters, NUL and control sequences reach neither the terminal nor a reader of the JSON."""
    odd = f"{HALF}\0\x1b[31m\x85"
    entry = {"id": odd, "question": odd, "expect": {"mentions": [odd], "override_values": [odd]}}
    (tmp_path / "e.json").write_text(json.dumps(entry), "utf-8")
    (tmp_path / "t.json").write_text(json.dumps(trajectory(said(f"{odd} {RIGHT}", ran(f"env; {odd}")))), "utf-8")
    done = lint(tmp_path, "--entry", "e.json", "--trajectory", "t.json")
    assert done.code == 0 and done.out.isascii() and "\x1b" not in done.out
    json.dumps(json.loads(done.out), ensure_ascii=False).encode("utf-8")
    assert json.loads(done.out)["metrics"]["cmd_safety"] == 0.0
    wrong = lint(tmp_path, "--entry", "e.json", "--trajectory", "t.json", "--id", "x")
    assert wrong.code == 2 and "\x1b" not in wrong.err and wrong.err.count("\n") == 1


def test_a_large_trajectory(tmp_path: Path) -> None:
    """Ten megabytes of messages, observations and commands are graded."""
    size = many(10_000_000)
    talk = "Let me look at `nemotron steps run` again. " * (size // 4 // 43)
    calls = [ran(f"cat src/file-{number}.py | grep nemotron") for number in range(size // 4 // 100)]
    seen = {**said(""), "observation": {"results": [{"content": "x" * (size // 2)}]}}
    (tmp_path / "t.json").write_text(json.dumps(trajectory(said(talk, *calls), seen, said(RIGHT))), "utf-8")
    assert graded(tmp_path, "--trajectory", "t.json")["overall"] == 1.0


@pytest.mark.parametrize(
    "text", ["1. a/b\n" * 100, "a/b " * 100, "|" * 100, "env TOML " * 100, "`" * 100, RUN + " a=[" + "1," * 50 + "]\n"]
)
def test_hostile_answers_stay_linear(text: str, tmp_path: Path) -> None:
    """A long answer of any of the words that expectations look for is judged."""
    expect = {
        "order": ["a/b", "c/d"],
        "mentions": ["env TOML files", "a/b/c"],
        "override_values": ["x"],
        "overrides": {"a": 1},
        "tier": "blocked",
    }
    result = judge(text * (many(1_000_000) // len(text)), tmp_path, expect=expect)
    assert 0 <= result.overall <= 0.5


# -- the command


def test_what_it_prints(tmp_path: Path) -> None:
    """A grade as data, with the runs as in `commands` and the findings as in a check."""
    (tmp_path / "reply.md").write_text(RIGHT.replace("--dry-run", "--dryrun"), "utf-8")
    (tmp_path / "entry.json").write_text('{"id": "x", "question": "q", "expect": {"runs": "one"}}', "utf-8")
    result = graded(tmp_path, "--entry", "entry.json", "reply.md")
    assert list(result) == ["id", "overall", "applicable", "metrics", "runs", "findings", "expectations"]
    assert (result["id"], result["overall"], result["applicable"]) == ("x", 0.0, True)
    assert result["expectations"] == [{"name": "runs", "ok": True, "reason": "the answer has 1 command"}]
    shared = ("--preset", "answer", "--isolated", "reply.md")
    assert result["runs"] == nemolint(tmp_path, "commands", "--json", *shared).rows()
    check = nemolint(tmp_path, "check", "--output-format", "json", "--show", "info", *shared).rows()
    assert result["findings"] == check


def test_the_answer_may_be_piped(tmp_path: Path) -> None:
    """Standard input, files of any name, and the question of a file of its own."""
    text = (ROOT / "tests/answers/translate.good.answer.md").read_text("utf-8")
    (tmp_path / "q.txt").write_text("I only need the command.", "utf-8")
    (tmp_path / "reply").write_text(text, "utf-8")
    for name in ("-", "reply"):
        assert graded(tmp_path, name, stdin=text)["overall"] < 1.0
        assert graded(tmp_path, "--prompt", "q.txt", name, stdin=text)["overall"] == 1.0


def test_the_reward(tmp_path: Path) -> None:
    """The form that evaluators read: each metric with its score and the reason; written to a file if one is named."""
    (tmp_path / "reply.md").write_text(RIGHT.replace("--dry-run", "--dryrun"), "utf-8")
    done = lint(tmp_path, "--format", "reward", "--output", "reward.json", "reply.md")
    assert (done.code, done.out, done.err) == (0, "", "")
    reward = json.loads((tmp_path / "reward.json").read_text("utf-8"))
    assert list(reward) == ["overall", "custom_metrics", "details"]
    assert reward["custom_metrics"] == {"cmd_safety": 0.0, "cmd_contract": 1.0, "cmd_fidelity": 1.0}
    assert reward["details"]["cmd_safety"] == {"score": 0.0, "reason": "errors: misspelled-dry-run"}


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "give the answer, `-` for standard input, or a trajectory with --trajectory: one of them"),
        (["a.md", "--trajectory", "t.json"], "one of them"),
        (["gone.md"], "ANSWER: gone.md cannot be read: No such file or directory"),
        (["."], "ANSWER: . cannot be read: is a folder"),
        (["nul.md"], "nul.md contains NUL bytes"),
        (["--trajectory", "gone.json"], "--trajectory: gone.json cannot be read: No such file or directory"),
        (["--prompt", "gone.txt", "a.md"], "--prompt: gone.txt cannot be read"),
        (["--id", "x", "a.md"], "--id chooses an entry of --entry or --expect"),
        (["--config", "gone.toml", "a.md"], "gone.toml"),
        (["--nemotron", "gone", "a.md"], "--nemotron: gone does not exist"),
        (["--output", "no/such/folder.json", "a.md"], "--output: no/such/folder.json"),
        (["--formt", "json", "a.md"], "no such option: --formt (did you mean `--format`?)"),
    ],
)
def test_what_is_not_usable(arguments: list[str], message: str, tmp_path: Path) -> None:
    """Exit code 2, a message on standard error, and nothing on standard output."""
    (tmp_path / "a.md").write_text(RIGHT, "utf-8")
    (tmp_path / "nul.md").write_bytes(b"a\0b")
    done = lint(tmp_path, *arguments)
    assert (done.code, done.out) == (2, "") and message in done.err, done.err


def test_the_facts_come_from_the_checkout(tmp_path: Path, shared: Path) -> None:
    """The one of the current folder, or the one that is named; else from the bundled catalog."""
    checkout = shared / "corpus" / "nemotron"
    (tmp_path / "a.md").write_text(RIGHT, "utf-8")
    tiers = [
        graded(folder, *arguments, tmp_path / "a.md")["runs"][0]["tier"]
        for folder, arguments in ((tmp_path, []), (checkout, []), (tmp_path, ["--nemotron", checkout]))
    ]
    assert tiers == ["reference-grounded", "repo-grounded", "repo-grounded"]


def test_a_policy_counts_if_its_file_is_named(tmp_path: Path) -> None:
    """Settings apply only where somebody asks for them."""
    policy = '[[policy]]\nname = "no-tiny"\nmessage = "not tiny"\nforbid-step = true\nconfigs = ["tiny"]\n'
    (tmp_path / "nemolint.toml").write_text(policy, "utf-8")
    (tmp_path / "a.md").write_text(RIGHT, "utf-8")
    assert graded(tmp_path, "a.md")["overall"] == 1.0
    assert graded(tmp_path, "--config", "nemolint.toml", "a.md")["metrics"]["cmd_contract"] == 0.0


def test_a_rule_that_fails_gives_no_grade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is not judged by half of the rules."""

    def fails(*_: object) -> object:
        raise RuntimeError("x")

    rule = load_rules()["unknown-step"]
    monkeypatch.setattr(rule, "function", fails)
    with pytest.raises(UserError, match="rule unknown-step failed, so there is no grade"):
        judge(RIGHT, tmp_path)


def test_an_answer_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs and the findings of a grade come from the same check."""
    rule = load_rules()["unknown-step"]
    original, seen = rule.function, []

    def counting(run: Any, project: Any) -> Any:
        seen.append(run)
        return original(run, project)

    monkeypatch.setattr(rule, "function", counting)
    assert len(judge(RIGHT, tmp_path).runs) == len(seen) == 1


def test_secrets_in_reasons(tmp_path: Path) -> None:
    """An expectation that is not met quotes the value of the answer, but no secret."""
    for value in (NVIDIA_KEY, "tulipgarden"):
        text = RIGHT.replace(" --dry-run", f" --dry-run server.api_key={value}")
        result = judge(text, tmp_path, expect={"overrides": {"server.api_key": "x"}, "override_values": ["y"]})
        assert "`server.api_key` is " in result.expectations[0].reason
        assert value not in json.dumps([result.as_json(), result.as_reward()])


@given(st.lists(st.sampled_from(["\n", "```", RUN, "<x>", "--dryrun", "`", "# ", "1. ", "Blocked.", "a=1", "env\n"])))
def test_scores_are_scores(parts: list[str]) -> None:
    """Between 0 and 1, the least of them is the grade, and what suppressions say makes no difference."""
    text = " ".join(parts)
    result = judge(text, Path(os.sep), expect={"launches": False})
    assert all(0 <= score <= 1 for score in metrics(result).values())
    assert result.overall == min(metrics(result).values())
    excused = judge(f"<!-- nemolint: ignore-file -->\n\n{text}", Path(os.sep), expect={"launches": False})
    if text.strip():
        assert metrics(excused) == metrics(result)


# -- the grader that evaluators run

RESERVED = {
    "security", "skill_execution", "skill_efficiency", "accuracy", "goal_accuracy", "behavior_check", "details",
    "entry_id", "evaluation_errors", "evaluation_status", "has_skill", "metric_set", "metrics", "overall",
    "trajectory_source",
}  # fmt: skip
METRICS = {"cmd_safety", "cmd_contract", "cmd_fidelity", "cmd_expected"}


def reward(folder: Path, *, script: str | None = None, env: dict[str, str] | None = None) -> dict[str, Any]:
    """What `grader.py` leaves in a folder that holds an `entry.json` and a `trajectory.json`."""
    grader = folder / "grader.py"
    grader.write_text(script or (EVALS / "grader.py").read_text("utf-8"), "utf-8")
    places = {
        "HARBOR_ENTRY_JSON": "entry.json",
        "HARBOR_ATIF_PATH": "trajectory.json",
        "HARBOR_REWARD_JSON": "verifier/reward.json",
        "HARBOR_REWARD_TXT": "verifier/reward.txt",
    }
    done = execute([sys.executable, grader], folder, env={**places, **(env or {})}, code=0)
    assert "Traceback" not in done.err
    result: dict[str, Any] = json.loads((folder / "verifier/reward.json").read_text("utf-8"))
    assert float((folder / "verifier/reward.txt").read_text("utf-8")) == result["overall"]
    assert set(result) == {"overall", "custom_metrics", "details"} and 0 <= result["overall"] <= 1
    assert set(result["custom_metrics"]) == set(result["details"]) <= METRICS - RESERVED
    assert json.loads(done.out) == result
    return result


@pytest.mark.parametrize("quality, least, most", [("good", 0.9, 1.0), ("bad", 0.0, 0.5)])
def test_the_grader(quality: str, least: float, most: float, tmp_path: Path) -> None:
    """It writes what `nemolint grade` says of a trajectory, in both forms, and exits with 0."""
    row = next(row for row in NEGATIVE["evals"] if row["id"] == "other-way-round")
    text = (ROOT / f"tests/grades/other-way-round.{quality}.md").read_text("utf-8")
    (tmp_path / "entry.json").write_text(json.dumps({**row, "has_skill": True}), "utf-8")
    (tmp_path / "trajectory.json").write_text(json.dumps(trajectory(said("", ran("ls")), said(text))), "utf-8")
    result = reward(tmp_path)
    assert least <= result["overall"] <= most and set(result["custom_metrics"]) == METRICS
    assert all(item["reason"] for item in result["details"].values())


@pytest.mark.parametrize(
    "entry, steps, reason",
    [
        (None, "[]", "--entry: "),
        ("{}", None, "--trajectory: "),
        ("{", "[]", "is not JSON"),
        ('{"expect": {"run": "one"}}', "[]", 'unknown key "run" (did you mean `runs`?)'),
        ("{}", "5", "`steps` is a number, not an array"),
        ("{}", "[" * 100_000, "nested too deeply"),
    ],
)
def test_the_grader_fails_softly(entry: str | None, steps: str | None, reason: str, tmp_path: Path) -> None:
    """What cannot be graded is a score of 0 with the reason, in every metric."""
    for name, text in (("entry", entry), ("trajectory", None if steps is None else f'{{"steps": {steps}}}')):
        if text is not None:
            (tmp_path / f"{name}.json").write_text(text, "utf-8")
    result = reward(tmp_path)
    assert result["overall"] == 0 and result["custom_metrics"] == dict.fromkeys(METRICS, 0.0)
    assert all(item["reason"].startswith("not graded: ") for item in result["details"].values())
    assert reason in result["details"]["cmd_safety"]["reason"]


@pytest.mark.parametrize(
    "said_by_nemolint, overall, kept",
    [
        ('{"overall": 7, "custom_metrics": {"cmd_safety": 3, "cmd_contract": -1, "accuracy": 1, "x": 1}}', 1.0, 2),
        ('{"overall": "a", "custom_metrics": [], "details": 3}', 0.0, 0),
        ('{"overall": NaN, "custom_metrics": {"cmd_safety": NaN}, "details": {"cmd_safety": 1}}', 0.0, 1),
        ("[]", 0.0, 4),
        ("x", 0.0, 4),
        ("", 0.0, 4),
    ],
)
def test_the_grader_believes_no_output(said_by_nemolint: str, overall: float, kept: int, tmp_path: Path) -> None:
    """Scores are in range and names are its own, whatever another version of nemolint prints."""
    (tmp_path / "fake.py").write_text(f"print({said_by_nemolint!r})\n", "utf-8")
    script = (EVALS / "grader.py").read_text("utf-8")
    fake = f"def command() -> list[str]:\n    return [sys.executable, {str(tmp_path / 'fake.py')!r}]\n\n\ndef unused("
    result = reward(tmp_path, script=script.replace("def command(", fake, 1))
    assert (result["overall"], len(result["custom_metrics"])) == (overall, kept)


def test_the_grader_waits_no_longer_than_it_may(tmp_path: Path) -> None:
    """A check that does not end is cut off, with a score of 0, before the verifier is."""
    (tmp_path / "fake.py").write_text("import time\ntime.sleep(60)\n", "utf-8")
    script = (EVALS / "grader.py").read_text("utf-8").replace("LIMIT = 150.0", "LIMIT = 0.2")
    fake = f"def command() -> list[str]:\n    return [sys.executable, {str(tmp_path / 'fake.py')!r}]\n\n\ndef unused("
    result = reward(tmp_path, script=script.replace("def command(", fake, 1))
    assert "nemolint took more than" in result["details"]["cmd_expected"]["reason"]


def test_the_grader_without_nemolint(tmp_path: Path) -> None:
    """An image without it gives scores of 0, and says so."""
    script = (EVALS / "grader.py").read_text("utf-8").replace('"nemolint', '"nemolint-that-is-not-there')
    result = reward(tmp_path, script=script, env={"PATH": str(tmp_path)})
    assert "is not installed in the verifier's image" in result["details"]["cmd_safety"]["reason"]


def test_the_grader_writes_where_it_can(tmp_path: Path) -> None:
    """A file that cannot be written does not make it fail."""
    (tmp_path / "verifier").write_text("", "utf-8")
    env = {"HARBOR_REWARD_JSON": "verifier/reward.json", "HARBOR_REWARD_TXT": "reward.txt"}
    done = execute([sys.executable, EVALS / "grader.py"], tmp_path, env=env, code=0)
    assert "reward.json cannot be written" in done.err and (tmp_path / "reward.txt").read_text("utf-8") == "0.0\n"


def test_the_grader_stands_alone() -> None:
    """It imports the standard library alone, and the data sets are in the form that evaluators read."""
    tree = ast.parse((EVALS / "grader.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    for row in NEGATIVE["evals"]:
        assert {"id", "prompt", "expected_output", "assertions", "expect"} <= row.keys()


# -- the page about it

PAGE = (ROOT / "docs/grading.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of a language on the page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_page(tmp_path: Path, shared: Path) -> None:
    """Each command that the page shows makes a grade, and the one that is shown with its output has that output."""
    skill = shared / "corpus/nemotron/skills/nemotron-customize/evals/evals.json"
    row = NEGATIVE["evals"][0]
    files = {
        "evals.json": skill.read_text("utf-8"),
        "expect.json": json.dumps(EXPECTED),
        "answer.md": (ROOT / "tests/grades/checkpoint-conversion.good.md").read_text("utf-8"),
        "entry.json": json.dumps(row),
        "trajectory.json": json.dumps(
            trajectory(said((ROOT / f"tests/grades/{row['id']}.good.md").read_text("utf-8")))
        ),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    for folder in ("evals", "tests"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    first, *others = blocks("console")
    command, output = first.split("\n", 1)
    assert nemolint(tmp_path, *command.removeprefix("$ nemolint ").split()).out == output
    for block in others:
        done = nemolint(tmp_path, *block.removeprefix("$ nemolint ").split())
        assert done.code == 0 and json.loads(done.out)["overall"] == 1.0
    assert len(others) == 2


def test_the_data_of_the_page(tmp_path: Path) -> None:
    """The keys of a grade and the entry that it shows are as the command writes and reads them."""
    shown, data = (json.loads(text) for text in blocks("json"))
    assert list(shown) == list(judge(RIGHT, tmp_path).as_json())
    (tmp_path / "evals.json").write_text(json.dumps(data), "utf-8")
    entry = read_entry(tmp_path / "evals.json", None, None)
    assert entry.expect is not None and entry.question == data["evals"][0]["prompt"]


def test_the_script_of_the_page(tmp_path: Path, shared: Path) -> None:
    """It puts the expectations into a data set of either form."""
    skill = json.loads((shared / "corpus/nemotron/skills/nemotron-customize/evals/evals.json").read_text("utf-8"))
    (script,) = blocks("python")
    (tmp_path / "expect.json").write_text(json.dumps(EXPECTED), "utf-8")
    for data in (skill, {"skill_name": "a", "evals": skill}):
        (tmp_path / "evals.json").write_text(json.dumps(data), "utf-8")
        python(script, tmp_path)
        for name in EXPECTED:
            assert read_entry(tmp_path / "evals.json", None, name).expect == valid(EXPECTED[name])


def test_the_tables_of_the_page() -> None:
    """They name each field of `expect`, each entry, and what the rules count as."""
    table = PAGE[PAGE.index("<!-- begin: expect -->") : PAGE.index("<!-- end: expect -->")]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE))
    assert list(rows) == list(Expect.model_fields)
    for name, field in Expect.model_fields.items():
        assert rows[name].startswith((field.description or "").removesuffix(".")), name
    assert re.findall(r"^\| `([a-z]+(?:-[a-z]+)+)` \| ", PAGE, re.MULTILINE) == [
        name.removeprefix(SKILL) for name in EXPECTED
    ]
    metrics_of: dict[str, set[str]] = {}
    for metric in get_args(Metric):
        (row,) = re.findall(rf"^\| `cmd_{metric}` \| (.*?) \|", PAGE, re.MULTILINE)
        for name in re.findall(r"`([\w-]+)`", row):
            metrics_of.setdefault(name, set()).add(metric)
    for rule in load_rules().values():
        own = metrics_of.get(rule.name) or metrics_of.get(rule.group, {None})
        assert own == {rule.metric}, rule.name
