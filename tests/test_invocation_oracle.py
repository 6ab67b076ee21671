"""Command lines are read as the real CLI reads them: beside its recorded answers, and beside click."""

from __future__ import annotations

import json
import shlex
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given, settings, strategies as st

from nemolint.linter.checker import Checker
from nemolint.linter.fix import FixState, fix_text
from nemolint.settings import Settings

STEPS = ("sft/automodel", "byob/mcq", "eval/model_eval", "rl/nemo_rl/dpo")
DEFAULT = "default"


def records(folder: Path, script: str, checkout: Path | None = None) -> list[dict[str, Any]]:
    """What `nemolint commands` lists of a shell script."""
    checker = Checker(Settings(root=folder, nemotron=checkout), cwd=folder, environ={})
    return checker.run_records(checker.read(folder / "a.sh", script.encode()))


def reading(record: dict[str, Any]) -> dict[str, Any]:
    """A listed run under the names of the recorded answers, as far as the CLI says so much."""
    answer: dict[str, Any] = {"outcome": record["outcome"]}
    if record["outcome"] == "unknown-step":
        answer["step_word"] = record["step"]
    if record["outcome"] != "runs":
        return answer
    return answer | {
        "step": record["step_id"],
        "config": record["config"] or None,
        "mode": "run" if record["run"] else "batch" if record["batch"] else "local",
        "profile": record["run"] or record["batch"] or None,
        "dry_run": record["dry_run"],
        "overrides": [f"{item['key']}={item['value']}" for item in record["overrides"]],
        "passthrough": record["passthrough"],
    }


def test_recorded_answers(shared: Path, tmp_path: Path) -> None:
    """Each recorded line is read as the CLI read it: outcome, step, config, profile, overrides, passthrough."""
    rows = [json.loads(line) for line in (shared / "cases/cli-lines.jsonl").read_text("utf-8").split("\n") if line]
    defaults = json.loads((shared / "corpus/runspec.json").read_text("utf-8"))
    script = "".join(f"{row['line']}\n" for row in rows)
    found = {item["line"]: item for item in records(tmp_path, script, shared / "corpus/nemotron")}
    assert len(rows) > 1900
    for number, row in enumerate(rows, 1):
        got = reading(found[number])
        if row["outcome"] == "runs":
            got["config"] = got["config"] or defaults[row["step"]]["config"]["default"]
            row["profile"] = row["profile"] or None
        row["outcome"] = row["outcome"].replace(" ", "-")
        assert got == {key: row.get(key) for key in got}, row["line"]


# The CLI's shape: groups that only know their options, and a command that leaves over what it does not know. What that
# is, click itself says.


def _options(*, stage: bool) -> list[click.Parameter]:
    valued = [click.Option([f"-{name[0]}", f"--{name}"], default=None) for name in ("config", "run", "batch")]
    flags = [click.Option(["-d", "--dry-run"], is_flag=True), click.Option(["--force-squash"], is_flag=True)]
    return [*valued, *flags, *([click.Option(["--stage"], is_flag=True)] if stage else [])]


def _run(**given: Any) -> dict[str, Any]:
    return given | {"left": click.get_current_context().args}


def _root(**given: Any) -> None:
    if given["run"] and given["batch"]:
        raise click.UsageError("not both")


@lru_cache(maxsize=1)
def _cli() -> click.Group:
    lenient = {"allow_extra_args": True, "ignore_unknown_options": True}
    arguments = [click.Argument(["step"]), *_options(stage=False)]
    run = click.Command("run", callback=_run, params=arguments, context_settings=lenient)
    steps = click.Group("steps", commands=[run])
    settings_ = {"help_option_names": ["-h", "--help"]}
    return click.Group("x", commands=[steps], params=_options(stage=True), callback=_root, context_settings=settings_)


def _second_reading(got: dict[str, Any]) -> dict[str, Any]:
    """What the CLI does with what click leaves over: exact words are options still."""
    valued = {f"-{name[0]}": name for name in ("config", "run", "batch")}
    valued |= {f"--{name}": name for name in valued.values()}
    left, overrides, passthrough = list(got.pop("left")), [], []
    while left:
        word = left.pop(0)
        if word in valued:
            got.update({valued[word]: left.pop(0)} if left else {})
        elif word in ("-d", "--dry-run"):
            got["dry_run"] = True
        elif word in ("--stage", "--force-squash"):
            pass
        elif "=" in word and not word.startswith("-"):
            overrides.append(word)
        else:
            passthrough.append(word)
    return got | {"overrides": overrides, "passthrough": passthrough}


def answer(argv: list[str]) -> dict[str, Any]:
    """What the CLI makes of its arguments."""
    try:
        got = _cli().main(argv, prog_name="nemotron", standalone_mode=False)
    except click.UsageError:
        return {"outcome": "usage-error"}
    if not isinstance(got, dict):
        return {"outcome": "help"}
    got = _second_reading(got)
    named = [step for step in STEPS if got["step"] in (step, step.rpartition("/")[2])]
    if not named:
        return {"outcome": "unknown-step", "step_word": got["step"]}
    return {
        "outcome": "runs",
        "step": named[0],
        "config": got["config"] or None,
        "mode": "run" if got["run"] else "batch" if got["batch"] else "local",
        "profile": got["run"] or got["batch"] or None,
        **{key: got[key] for key in ("dry_run", "overrides", "passthrough")},
    }


VALUES = ("tiny", "", "-d", "--dry-run", "-c", "--", "x.yaml", "a=b", "=tiny", "-", "--help", "prof", "-x", "é",
          "--stage", "-t", "mmlu", "steps", "run", "mcq", "sft/automodel")  # fmt: skip
NAMES = ("--config", "--run", "--batch", "--dry-run", "--force-squash", "--help", "--stage", "--conf", "--dry",
         "--dryrun", "--Config", "--task", "--foo", "---config", "--no-dry-run", "--")  # fmt: skip
WORDS = ("a=b", "x.y=1", "=", "=v", "k=", "k==v", "-k=v", "+k=1", "~k", "{a=b}=c", "<k=1>=2", "a b=c d", "k=-d",
         "—dry-run", "–d", "--dry-run ", "//", "#x", "-\\", "nosuch/x", "~")  # fmt: skip
cluster = st.text("cbrdhtxnCD1=-é/a.", min_size=1, max_size=6).map("-".__add__)
words = st.one_of(
    st.sampled_from((*STEPS, "mcq", "model_eval", "dpo")),
    st.sampled_from(VALUES),
    st.sampled_from(NAMES),
    st.builds("{}={}".format, st.sampled_from(NAMES), st.sampled_from(VALUES)),
    st.sampled_from(WORDS),
    cluster,
    st.builds(str.__add__, cluster, st.sampled_from(VALUES)),
)
# Between the names of groups, words that are none of theirs are not for this command at all.
root_options = st.lists(
    st.one_of(
        st.sampled_from(("-d", "--stage", "-dd", "--config=x", "--run=p", "-bp", "--run=", "-h", "-dh", "--foo", "-dx",
                         "--dry-run=1", "--help=1")).map(lambda word: [word]),
        st.tuples(st.sampled_from(("-c", "--config", "-r", "--run", "-b", "--batch", "-dc")), st.sampled_from(VALUES)),
    ),
    max_size=2,
)  # fmt: skip
group_options = st.sampled_from(
    ((), (), (), (), ("-h",), ("--",), ("-c", "tiny"), ("--dry-run",), ("--help=1",), ("-hd",))
)


@given(root_options, st.booleans(), group_options, st.lists(words, max_size=8))
@settings(max_examples=300)
def test_as_click_reads_it(
    tmp_path_factory: pytest.TempPathFactory, root: list[list[str]], ends: bool, group: tuple[str, ...], rest: list[str]
) -> None:
    """Clusters, attached and missing values, `--`, unknown options, options before `steps`: all as click takes them."""
    argv = [*(word for part in root for word in part), *(["--"] if ends else []), "steps", *group, "run", *rest]
    folder = tmp_path_factory.getbasetemp()
    (record,) = records(folder, shlex.join(["nemotron", *argv]) + "\n")
    assert reading(record) == answer(argv)


# How an option goes wrong: what the CLI should take, and what is written before `steps`, behind `run`, behind `--`.
FAULTS = (
    ({"dry_run": True}, "-d", "", ""),
    ({"dry_run": True}, "--dry-run", "", ""),
    ({"config": "tiny"}, "-c tiny", "", ""),
    ({"config": "tiny", "dry_run": True}, "-dc tiny", "", ""),
    ({"profile": "prof", "mode": "batch"}, "--batch=prof", "", ""),
    ({"profile": "prof", "mode": "run"}, "-rprof", "", ""),
    ({"config": "a b"}, "--config 'a b'", "", ""),
    ({"config": "tiny", "dry_run": True}, "", "", "-dc tiny"),
    ({"dry_run": True}, "", "", "--dry-run=true"),
    ({"dry_run": True}, "", "", "-d=true"),
    ({"config": "tiny"}, "", "", "--config=tiny"),
    ({"config": "a b"}, "", "", "--config='a b'"),
    ({"config": "tiny"}, "", "", "-c=tiny"),
    ({"profile": "prof", "mode": "batch", "dry_run": True}, "", "", "-db prof"),
    ({"config": "tiny"}, "", "", "--confg=tiny"),
    ({"config": "tiny"}, "", "", "--confg tiny"),
    ({"dry_run": True}, "", "", "--dryrun"),
    ({"config": "tiny"}, "", "--confg tiny", ""),
    ({"config": "tiny"}, "", "--confg=tiny", ""),
    ({"profile": "prof", "mode": "batch"}, "", "--bath prof", ""),
    ({"dry_run": True}, "", "--dryrun", ""),
    ({"dry_run": True}, "", "-dryrun", ""),
    ({"dry_run": True}, "", "--dry-run=true", ""),
    ({"dry_run": True}, "", "--dry_run", ""),
)
KEPT = ("a.b=1", "'c d=e f'", "--force-squash", "x=-1")
# The rules whose fixes write options.
RULES = ("misplaced-option", "misspelled-dry-run", "unknown-option", "unknown-step")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: " ".join(fault[1:]).strip())
@given(
    kept=st.lists(st.sampled_from(KEPT), unique=True, max_size=3),
    step_at=st.integers(0, 3),
    fault_at=st.integers(0, 3),
    prompt=st.sampled_from(("", "$ ")),
)
@settings(max_examples=10)
def test_fixes_write_what_the_cli_takes(
    tmp_path_factory: pytest.TempPathFactory,
    kept: list[str],
    step_at: int,
    fault_at: int,
    prompt: str,
    fault: tuple[dict[str, Any], str, str, str],
) -> None:
    """Where a fix moves or rewrites an option, the CLI then takes it as it was meant, and all else as before."""
    meant, before, behind, after = fault
    rest = list(kept)
    rest.insert(min(fault_at, len(rest)), behind)
    rest.insert(min(step_at, len(rest)), "sft/automodel")
    line = " ".join(word for word in ("nemotron", before, "steps run", *rest, f"-- {after}" if after else "") if word)
    folder = tmp_path_factory.getbasetemp()
    checker = Checker(Settings(root=folder, select=RULES), cwd=folder, environ={})
    text = f"```console\n{prompt}{line}\n```\n"

    def check(now: str) -> FixState:
        document = checker.read(folder / "a.md", now.encode())
        return FixState(document, checker.check(document))

    fixed = fix_text(check(text), check, unsafe=True).text
    argv = shlex.split(fixed.split("\n")[1].removeprefix("$ "))[1:]
    got = answer(argv)
    wanted = {"outcome": "runs", "step": "sft/automodel", "config": None, "mode": "local", "profile": None}
    wanted |= {"dry_run": False} | meant
    if not kept or step_at == 0 or all(word == "--force-squash" for word in kept[:step_at]):
        # Behind an override the step is not the first word that is left, and one finding at a time says so.
        assert {key: got.get(key) for key in wanted} == wanted, (line, fixed)
        assert sorted(got["overrides"]) == sorted(shlex.split(word)[0] for word in kept if "=" in word), (line, fixed)
    else:
        assert got["outcome"] != "usage-error", (line, fixed)
