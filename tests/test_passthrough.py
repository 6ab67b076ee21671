"""What runners make of the words that the CLI passes through to them, beside the parsers that they use."""

from __future__ import annotations

import argparse
import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from nemolint.invocation import StepRun
from nemolint.project import Project
from nemolint.project.known import Passthrough
from nemolint.project.model import MISSING, UNKNOWN
from nemolint.project.passthrough import read
from nemolint.reader import read_document

PROJECT = Project(None, cwd=Path.cwd())


def run_of(words: str) -> StepRun:
    """The run of a shell line."""
    (run,) = read_document("a.sh", f"nemotron steps run {words}\n".encode()).runs
    return run


def fates(words: str) -> list[tuple[str, str]]:
    """The words that are passed through, and what becomes of them."""
    return [(" ".join(word.value for word in item.words), item.fate) for item in PROJECT.passed(run_of(words))]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("env/env_toml --force -x word", [("--force", "honoured"), ("-x", "drop"), ("word", "drop")]),
        ("env/env_toml --nosuch --dry_run=1", [("--nosuch", "drop"), ("--dry_run=1", "drop")]),
        ("env/env_toml --conf a.yaml", [("--conf a.yaml", "config")]),
        ("env/env_toml --conf=a.yaml", [("--conf=a.yaml", "config")]),
        ("env/env_toml --conf", [("--conf", "stop")]),
        ("sdg/data_designer -c tiny -- --help", [("--help", "print")]),
        ("sdg/data_designer -c tiny -- --hel", [("--hel", "print")]),
        ("translate/nemo_curator --verbose", [("--verbose", "stop")]),
        ("translate/nemo_curator word", [("word", "stop")]),
        ("translate/nemo_curator --conf a.yaml", [("--conf a.yaml", "config")]),
        ("curate/nemo_curator -v", [("-v", "stop")]),
        ("byob/mcq --stage=prepare --family mcq", [("--stage=prepare", "honoured"), ("--family mcq", "honoured")]),
        ("byob/mcq --st=all --skip X", [("--st=all", "honoured"), ("--skip X", "honoured")]),
        ("byob/mcq --list-families", [("--list-families", "print")]),
        ("byob/mcq --verbose", [("--verbose", "stop")]),
        ("eval/model_eval -t mmlu --task gpqa", [("-t mmlu", "drop"), ("--task gpqa", "drop")]),
        ("eval/model_eval --task=mmlu --x word", [("--task=mmlu", "drop"), ("--x", "stop"), ("word", "stop")]),
        ("sft/automodel --a.b=1 --c.d 2 --e", [("--a.b=1", "honoured"), ("--c.d 2", "honoured"), ("--e", "honoured")]),
        ("sft/automodel -v word", [("-v", "drop"), ("word", "drop")]),
        ("rl/nemo_rl/dpo --verbose word", [("--verbose", "stop"), ("word", "stop")]),
        ("rl/nemo_rl/dpo '~data.validation'", [("~data.validation", "honoured")]),
        ("rl/nemo_rl/rlvr -c nemo_gym --verbose", [("--verbose", "drop")]),
        ("rl/nemo_rl/rlvr -c default --verbose", [("--verbose", "stop")]),
        ("rl/nemo_rl/rlvr env.should_use_nemo_gym=$X --verbose", []),
        ("env/env_toml -c slurm $MORE --force", []),
        ("env/env_toml -c slurm --no-force --force $MORE", [("--no-force", "honoured")]),
        ("nosuch/step --verbose", []),
    ],
)
def test_fates(words: str, expected: list[tuple[str, str]]) -> None:
    """Each runner honours, drops or refuses words as its code does."""
    assert fates(words) == expected


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        ("env/env_toml --force", "force", True),
        ("env/env_toml force=true --no-force", "force", False),
        ("env/env_toml --force --no-force", "force", False),
        ("env/env_toml --sections", "sections", True),
        ("env/env_toml --nosuch", "nosuch", MISSING),
        ("sft/automodel --step_scheduler.max_steps=5", "step_scheduler.max_steps", 5),
        ("sft/automodel step_scheduler.max_steps=7 --step_scheduler.max_steps 5", "step_scheduler.max_steps", 5),
        ('sft/automodel -c tiny --model.name "$X"', "model.name", UNKNOWN),
        ("byob/mcq --stage=prepare", "stage", "prepare"),
        ("rl/nemo_rl/dpo '~data'", "data", UNKNOWN),
    ],
)
def test_honoured_words_are_overrides(words: str, key: str, value: Any) -> None:
    """What a runner honours counts as the override that it is, after those of the CLI."""
    effective = PROJECT.effective(run_of(words))
    assert effective is not None and effective.get(key) == value


def test_another_config_is_not_known() -> None:
    """Where the runner reads another file, nothing is said of its config."""
    assert PROJECT.effective(run_of("env/env_toml -c slurm --conf mine.yaml")) is None


class _Exit(Exception):
    """The parser ends the program."""


class _Parser(argparse.ArgumentParser):
    def exit(self, status: int = 0, message: str | None = None) -> Any:  # type: ignore[override]
        raise _Exit(status)

    def error(self, message: str) -> Any:  # type: ignore[override]
        raise _Exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser()
    parser.add_argument("--config")
    parser.add_argument("--family")
    parser.add_argument("--stage")
    parser.add_argument("--list-families", action="store_true")
    return parser


TAKES = (("--family", "family"), ("--stage", "stage"))
STRICT = Passthrough("stop", "stop", takes=TAKES, prints=frozenset({"--list-families"}))
LENIENT = STRICT._replace(options="drop", words="drop")
_WORDS = """
--config --conf --c --config=a --family --fam=x --stage --st --s=y --list-families --list --list=1 --help --hel -h
--verbose --x=1 word -v a/b.yaml --family=
"""
WORDS = st.sampled_from(_WORDS.split())


@given(st.lists(WORDS, max_size=5))
def test_words_are_read_as_argparse_reads_them(words: list[str]) -> None:
    """Stops, help, options and what is left over are those of the parser itself."""
    line = "nemotron steps run byob/mcq -- " + " ".join(f"'{word}'" for word in words)
    passed = read_document("a.sh", f"{line}\n".encode()).runs[0].passthrough
    values = [word.value for word in passed]  # the CLI takes `--config X` and `--stage` itself
    for known, parse in ((STRICT, "parse_args"), (LENIENT, "parse_known_args")):
        found = read(passed, known, {})
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                made = getattr(_parser(), parse)(values)
        except _Exit as end:
            ends = [item.fate for item in found if item.fate in ("stop", "print")]
            assert ends, values
            assert end.args[0] in (0, 2)
            if end.args[0] == 0:
                assert "print" in ends
            else:
                assert "stop" in ends, (values, found)
            continue
        names = made[0] if isinstance(made, tuple) else made
        assert not [item for item in found if item.fate == "stop"], (values, found)
        assert (names.config is not None) == any(item.fate == "config" for item in found)
        for key in ("family", "stage"):
            own = [item for item in found if item.override is not None and item.override.key == key]
            assert (own[-1].override.value.text if own and own[-1].override else None) == getattr(names, key)
        if isinstance(made, tuple):
            assert [word.value for item in found if item.fate == "drop" for word in item.words] == made[1]
