"""The rule `misspelled-dry-run`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Edit, Finding, Fix, Project, Span, StepRun, Word, bad, good, misspellings, quoting, rule


@rule(
    good("nemotron steps run sft/automodel -c tiny --dry-run"),
    good("nemotron steps run sft/automodel -dc tiny"),
    good("nemotron steps run sft/automodel -d -r dryrun"),
    good("nemotron steps run sft/automodel -c dry-run --dry-run"),
    good("nemotron steps run sft/automodel -c tiny --force-squash --dry-run"),
    good("nemotron steps run eval/model_eval -c tiny_chat dry_run=true"),
    good("nemotron steps run sft/automodel -c tiny note=—dry-run --dry-run"),
    good("nemotron steps run sft/automodel -c tiny --dryrun -d"),
    good("nemotron steps run sft/automodel -c tiny -dryrun --dry-run"),
    good("nemotron steps run eval/model_eval -c tiny_chat --dryrun dry_run=true"),
    good("nemotron steps run sft/automodel -c tiny --dry-run -- --dryrun"),
    good("nemotron steps run sft/automodel --dryrun -c"),
    good("nemotron steps run --dryrun sft/automodel -c tiny"),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dryrun
                                                 ^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
        severity="error",
        message="so it is passed through to the step and the job launches",
    ),
    bad(
        """
        nemotron steps run sft/automodel --dry_run -c tiny
                                         ^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel --dry-run -c tiny",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dry
                                                 ^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dry run
                                                 ^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -n
                                                 ^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -- dry-run
                                                    ^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny -- --dry-run",
    ),
    bad(
        """
        nemotron steps run sft/automodel -dryrun -c tiny
                                         ^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel --dry-run -c tiny",
        message="`-d --run yrun`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -preview
                                                 ^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
        message="`--run eview`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --preview
                                                 ^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny —dry-run
                                                 ^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
        message="dash",
    ),
    bad(
        """
        nemotron steps run sft/automodel –d -c tiny
                                         ^^
        """,
        fixed="nemotron steps run sft/automodel --dry-run -c tiny",
    ),
    group="launch",
    supersedes=(
        "unknown-option",
        "stray-argument",
        "typographic-character",
        "unknown-profile",
        "unread-env-file",
        "reserved-profile",
        "mismatched-profile",
    ),
    supersedes_run=("missing-dry-run", "conflicting-modes"),
    about="odd-word",
)
def misspelled_dry_run(run: StepRun, project: Project) -> Iterator[Finding]:
    """Spell the dry run `--dry-run` or `-d`.

    The CLI ignores options that it does not know: `--dryrun`, `--dry`, `-n` and `—dry-run` with an em dash are passed
    on, and the job launches for real. A single dash makes a cluster of short options: `-dryrun` is `-d --run yrun`, and
    `-preview` is `--run eview`. In a run that is a dry run anyway, such a word is an unknown option like any other.
    """
    word = misspellings.lost_dry_run(run, project)
    if word is None:
        return
    at = _with_lost_half(run, word)
    fix = None if word.derived else Fix("Write `--dry-run`", (Edit(at, "--dry-run"),), safe=quoting.plain_word(word))
    written = word.value if word.derived else at.text
    yield Finding(at, f"{_reading(run, word, written)}: write `--dry-run`", fix=fix)


def _with_lost_half(run: StepRun, word: Word) -> Span:
    """The word, together with the `run` of `--dry run`."""
    index = run.place_of(word)
    after = run.words[index + 1] if index + 1 < len(run.words) else None
    if (
        after is not None
        and word.value.lstrip("-") == "dry"
        and after.value == "run"
        and after.region is word.region
        and not after.derived
        and quoting.blank_between(word, after)
        and run.is_passed(after)
    ):
        return Span(word.region, word.start, after.end)
    return word.span


def _reading(run: StepRun, word: Word, written: str) -> str:
    """How the CLI reads the word, as the start of a message."""
    odd = next((index for index, char in enumerate(word.value) if not char.isascii()), None)
    if odd is not None and _is_dash(word.value[odd]):
        what = (
            f"has a typographic dash (U+{ord(word.value[odd]):04X}) where a `-` belongs"
            if word.value[:odd].strip("-")
            else "begins with a typographic dash"
        )
        return f"`{written}` {what}, so it is passed through to the step and the job launches"
    reading = misspellings.cluster_reading(run, word)
    if reading:
        return f"`{written}` is a cluster of short options, read as `{reading}`"
    return f"`{written}` is not an option of the CLI, so it is passed through to the step and the job launches"


def _is_dash(char: str) -> bool:
    from unicodedata import category

    return category(char) == "Pd" or char == "\N{MINUS SIGN}"
