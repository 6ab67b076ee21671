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
    assert [word.value for word in run.passthrough] == ["key", "value"]
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
