"""Runs are read as the CLI itself reads them."""

from __future__ import annotations

import pytest

from nemolint.invocation import StepRun
from nemolint.reader import read_document


def run_of(line: str, path: str = "x.sh") -> StepRun:
    """The only run of a one-line script."""
    (run,) = read_document(path, line.encode()).runs
    return run


def text(value: object) -> str | None:
    return getattr(value, "text", None)


@pytest.mark.parametrize(
    ("words", "config", "profile", "dry"),
    [
        ("sft/automodel -c tiny", "tiny", None, False),
        ("sft/automodel -ctiny", "tiny", None, False),
        ("sft/automodel --config=tiny -d", "tiny", None, True),
        ("sft/automodel -dc tiny", "tiny", None, True),
        ("-c tiny --dry-run sft/automodel", "tiny", None, True),
        ("sft/automodel a=1 -c tiny b=2 --batch p", "tiny", "p", False),
        ("sft/automodel -- -c tiny -d", "tiny", None, True),
        ("sft/automodel -c one -c two", "two", None, False),
        ("sft/automodel --run a --batch b", None, "a", False),
        ("sft/automodel --batch= -d", None, None, True),
        ("sft/automodel --batch -d", None, "-d", False),
        ("sft/automodel -dryrun", None, "yrun", True),
        ("sft/automodel -preview", None, "eview", False),
        ("sft/automodel --dryrun", None, None, False),
        ('sft/automodel "$@"', None, None, None),
        ("sft/automodel ${DRY:+-d}", None, None, None),
        ("sft/automodel key=$X", None, None, False),
    ],
)
def test_options(words: str, config: str | None, profile: str | None, dry: bool | None) -> None:
    """Options count wherever they stand, joined or clustered, and the last of a repeated one wins."""
    run = run_of(f"nemotron steps run {words}\n")
    assert (text(run.config), text(run.profile), run.dry_run) == (config, profile, dry)


def test_overrides_and_passthrough() -> None:
    """A token with `=` is an override, any other is passed through; values keep their own `=`."""
    run = run_of("nemotron steps run a/b x.y=1 'z=[{name: a=b}]' +n=2 key = value --unknown\n")
    assert [(item.key, item.value.text) for item in run.overrides] == [
        ("x.y", "1"),
        ("z", "[{name: a=b}]"),
        ("+n", "2"),
        ("", ""),
    ]
    assert [word.value for word in run.passthrough] == ["key", "value", "--unknown"]
    assert [word.value for word in run.unknown] == ["--unknown"]


def test_spans_point_into_quotes() -> None:
    """Key, value and part of a value stand where they are written, quotes around or inside."""
    run = run_of("""nemotron steps run a/b 'k=[x]' key="v w"\n""")
    first, second = run.overrides
    assert first.key_span.text == "k"
    assert first.value.sub(1, 2).text == "x"
    assert second.value.span.text == '"v w"'
    assert second.value.sub(2, 3).text == "w"


@pytest.mark.parametrize(
    ("line", "outcome", "step"),
    [
        ("steps run sft/automodel --help", "help", "sft/automodel"),
        ("steps run sft/automodel -thellaswag", "help", "sft/automodel"),
        ("steps run sft/automodel --help -c", "usage error", "sft/automodel"),
        ("steps run sft/automodel --help=1", "usage error", "sft/automodel"),
        ("steps run sft/automodel -- --help", "runs", "sft/automodel"),
        ("steps run -c sft/automodel", "usage error", None),
        ("steps run", "usage error", None),
        ("steps run -- -d sft/automodel", "runs", "-d"),
        ("steps run seed=1 sft/automodel", "runs", "seed=1"),
        ("steps run -xd sft/automodel", "runs", "-x"),
        ("steps run ''", "runs", ""),
        ("-h steps run sft/automodel", "help", "sft/automodel"),
        ("--foo steps run sft/automodel --help", "usage error", "sft/automodel"),
        ("-r a -b b steps -h run sft/automodel", "usage error", "sft/automodel"),
        ("-r a --batch= steps run sft/automodel", "runs", "sft/automodel"),
        ("steps -c tiny run sft/automodel", "usage error", "sft/automodel"),
        ("steps -h run sft/automodel -c", "help", "sft/automodel"),
        ("-c run -- steps -- run sft/automodel", "runs", "sft/automodel"),
        ('steps run sft/automodel "$X"', None, "sft/automodel"),
        ("steps run sft/automodel --$X", None, "sft/automodel"),
        ('steps run sft/automodel a="$X" --config="$Y" -b "$Z"', "runs", "sft/automodel"),
        ("$X steps run sft/automodel", None, "sft/automodel"),
        ("steps run sft/automodel -c | cat", "usage error", "sft/automodel"),
    ],
)
def test_outcome(line: str, outcome: str | None, step: str | None) -> None:
    """What ends the CLI is decided in its order: group by group, errors before help; an expansion may change it."""
    run = run_of(f"nemotron {line}\n")
    assert (run.outcome, run.step.value if run.step is not None else None) == (outcome, step)


@pytest.mark.parametrize("line", ["xargs nemotron steps run -c", "parallel -j 2 nemotron steps run a/b ::: x"])
def test_words_that_are_added(line: str) -> None:
    """What xargs or parallel adds may be anything, so that nothing can be said to be missing."""
    run = run_of(f"{line}\n")
    assert (run.may_gain_words, run.outcome, run.dry_run) == (True, None, None)


@pytest.mark.parametrize(
    "line",
    [
        "nemotron foo steps run sft/automodel",
        "nemotron -d foo steps run sft/automodel",
        "nemotron -c steps run sft/automodel",
        "nemotron steps foo run sft/automodel",
        "nemotron steps show run sft/automodel",
        "nemotron - steps run sft/automodel",
    ],
)
def test_only_options_stand_between(line: str) -> None:
    """Another command of the CLI is not a run, whatever words follow."""
    assert not read_document("x.sh", f"{line}\n".encode()).runs


@pytest.mark.parametrize(
    ("words", "left", "dry"),
    [
        ("-xd a=1 -dy", ["-x", "-y"], True),
        ("-d=true", ["-=t"], True),
        ("--stage x", ["x"], False),
        ("-- -dc tiny", ["-dc", "tiny"], False),
        ("-- --dry-run -- -c", ["--"], True),
        ("-t mmlu", ["-t", "mmlu"], False),
        ("-tmmlu -tarc", ["-tmmlu", "-ta"], False),
        ('-d"$X"', ['-"$X"'.replace('"', "")], True),
    ],
)
def test_what_is_left_over(words: str, left: list[str], dry: bool) -> None:
    """Of a cluster the letters are left that click does not know; behind `--` only exact words are options."""
    run = run_of(f"nemotron steps run sft/automodel {words}\n")
    assert ([word.value for word in run.passthrough], run.dry_run) == (left, dry)


def test_options_of_a_cluster_stand_where_they_are_written() -> None:
    """The letters that are left of a cluster keep their places, also in quotes."""
    (word,) = run_of("""nemotron steps run a/b -x'dy'd\n""").unknown
    assert (word.value, word.source, word.value_span(1, 2).text, word.value_span(2, 3).text) == (
        "-xy",
        "-x'dy'd",
        "x",
        "y",
    )


@pytest.mark.parametrize(
    ("line", "misplaced"),
    [
        ("-dc tiny --run=p steps run x", [("-dc tiny", False), ("--run=p", False)]),
        ("-h -d steps run x", [("-d", False)]),
        ("steps run x -- -dc tiny -c tiny --dry-run", [("-dc tiny", True)]),
        ("steps run x -- --config=a --dry-run=true -d=1 -h", [("--config=a", True), ("--dry-run=true", True),
                                                              ("-d=1", True), ("-h", True)]),
        ("steps run x -- --foo -xd -batch 4 -1 --task=a a=b", []),
        ("steps run x -dc tiny --config=a", []),
    ],
)  # fmt: skip
def test_misplaced(line: str, misplaced: list[tuple[str, bool]]) -> None:
    """Options that are not read where they stand are distinguished from those that the CLI does not know anywhere."""
    run = run_of(f"nemotron {line}\n")
    assert [(item.span.text, item.behind) for item in run.misplaced] == misplaced


@pytest.mark.parametrize(
    ("before", "launcher"),
    [
        ("", ""),
        ("uv run ", "uv run"),
        ("uv run --no-sync ", "uv run --no-sync"),
        ("A=1 uv run ", "uv run"),
        ("sudo -E ", ""),
        ("srun -N 2 uv run ", "uv run"),
    ],
)
def test_launcher(before: str, launcher: str) -> None:
    """The launcher is what starts `nemotron`, as written, without what runs the launcher."""
    assert run_of(f"{before}nemotron steps run a/b\n").launcher == launcher


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("sft/automodel -c tiny", "command"),
        ("<step_id> -c tiny", "template"),
        ("<category>/<step> -c tiny", "template"),
        ("sft/automodel [-c CONFIG] [KEY=VALUE ...]", "synopsis"),
        ("sft/automodel [-r <profile> | -b <profile>]", "synopsis"),
        ("sft/automodel 'tasks=[{name: <id>}]'", "command"),
    ],
)
def test_roles_in_a_document(words: str, role: str) -> None:
    """Only what someone could paste is a command; in a script everything is."""
    fence = f"```bash\nnemotron steps run {words}\n```\n"
    assert run_of(fence, "x.md").role == role
    assert run_of(f"nemotron steps run {words}\n").role == "command"


@pytest.mark.parametrize(
    ("sentence", "role"),
    [
        ("Run `{}`.", "command"),
        ("Do **not** run `{}`.", "mention"),
        ("You shouldn’t use `{}` here.", "mention"),
        ("Use the profile instead of `{}`.", "mention"),
        ("This does not cost much. Run `{}`.", "command"),
        ("The agent issues one `{} ...` command.", "mention"),
    ],
)
def test_roles_in_a_sentence(sentence: str, role: str) -> None:
    """A command that the sentence warns against, or that trails off, is not offered to be run."""
    assert run_of(sentence.format("nemotron steps run sft/automodel -c tiny"), "x.md").role == role
