"""The rule `misplaced-option`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nemolint import (
    OPTIONS,
    Edit,
    Finding,
    Fix,
    Misplaced,
    Option,
    Project,
    Span,
    StepRun,
    bad,
    good,
    misspellings,
    rule,
)

_PROFILE = {"env.toml": '[prof]\nexecutor = "slurm"\nnodes = 2\ngpus_per_node = 8\n'}


@rule(
    good("nemotron steps run sft/automodel -dc tiny -- seed=1"),
    good("nemotron steps run sft/automodel -- -c tiny --dry-run"),
    good("nemotron steps run -c tiny sft/automodel --dry-run"),
    good("nemotron -d steps run sft/automodel -c tiny --help", surface="script"),
    good("nemotron super3 -d steps run"),
    good("nemotron steps run sft/automodel -c tiny -d -- $ARGS --$NAME=1"),
    good("nemotron $ROOT_OPTIONS steps run sft/automodel -c tiny -d"),
    good("nemotron steps run sft/automodel -c tiny -d -- a.b=--dry-run=true"),
    bad(
        """
        nemotron --dry-run steps run sft/automodel -c tiny
                 ^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel --dry-run -c tiny",
        severity="error",
        message="the job would launch",
    ),
    bad(
        """
        nemotron -c tiny steps run sft/automodel -d
                 ^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny -d",
        message="before `steps`",
    ),
    bad(
        """
        nemotron -d --batch=prof steps run sft/automodel -c tiny
                 ^^ ^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel --batch=prof -d -c tiny",
        files=_PROFILE,
    ),
    bad(
        """
        nemotron -d steps run sft/automodel -c tiny -d
                 ^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny -d",
    ),
    bad(
        """
        nemotron -c tiny --stage steps run sft/automodel -c default -d
                 ^^^^^^^ ^^^^^^^
        """,
    ),
    bad(
        """
        nemotron steps run sft/automodel -- -dc tiny
                                            ^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -dc tiny --",
        message="after `--`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -- --dry-run=true seed=1
                                                    ^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run -- seed=1",
        message="the job would launch",
    ),
    bad(
        """
        nemotron steps run sft/automodel -d -- --config=tiny -b=prof
                                               ^^^^^^^^^^^^^ ^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -d --config=tiny -b prof --",
        files=_PROFILE,
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -d -- -cdefault
                                                       ^^^^^^^^^
        """,
    ),
    bad(
        """
        nemotron steps run translate/nemo_curator -d -- --help
                                                        ^^^^^^
        """,
        severity="warning",
        message="its own usage",
    ),
    group="launch",
    blocks=False,
    about="odd-word",
)
def misplaced_option(run: StepRun, project: Project) -> Iterator[Finding]:
    """Put options where `nemotron steps run` reads them: after `run`, and before `--`.

    Options between `nemotron` and `steps` are for other commands of `nemotron`, and `steps run` never reads them:
    `nemotron --dry-run steps run …` launches the job. After `--` only exact words count, with the value in the next
    word (`-- --dry-run`, `-- -c tiny`). `-- -dc tiny`, `-- --dry-run=true` and `-- --config=tiny` are passed through to
    the step's own program.
    """
    lost = misspellings.lost_dry_run(run, project)
    times = Counter[str](option.name for item in run.misplaced for option in item.options)
    for item in run.misplaced:
        if item.options[0].word is not lost:
            yield _finding(run, item, times)


def _finding(run: StepRun, item: Misplaced, times: Counter[str]) -> Finding:
    names = {option.name for option in item.options}
    written = item.span.text if not item.options[0].word.derived else item.options[0].word.value
    fix = _moved(run, item, times)
    if item.behind:
        if "help" in names:
            message = f"`{written}` after `--` is for the step's own program: the job starts and prints its own usage"
            return Finding(item.span, message, severity="warning", fix=fix)
        message = f"`{written}` is after `--`, so it is passed through to the step"
    elif names == {"stage"}:
        return Finding(item.span, "`--stage` has no effect on `nemotron steps run`: remove it")
    else:
        message = f"`{written}` is before `steps`, where `steps run` does not read it"
    dry = "dry_run" in names and run.dry_run is not True
    launch = ", so the job would launch" if dry and not run.usage_error else ""
    where = "before `--`" if item.behind else "after `run`"
    return Finding(
        item.span,
        f"{message}{launch}: put it {where}",
        fix=fix,
        supersedes_run=("missing-dry-run",) if dry else (),
    )


def _moved(run: StepRun, item: Misplaced, times: Counter[str]) -> Fix | None:
    """Move the options to a place where the CLI takes them as meant; drop flags that are given there already."""
    first, span = item.options[0].word, item.span
    if first.derived or first.region is not run.region or span.region is not run.region:
        return None
    given = [option.name for option in item.options if run.option(option.name) is not None]
    if any(option.name == "help" or times[option.name] > 1 for option in item.options):
        return None
    # The blank before the word is removed with it.
    before = run.words[run.place_of(first) - 1]
    if before.region is not run.region or before.derived or run.region.text[before.end : span.start].strip(" \t"):
        return None
    gone = Edit(Span(run.region, before.end, span.end), "")
    if given:
        if len(given) < len(item.options) or any(OPTIONS[name] for name in given):
            return None
        return Fix("Remove it, since it is already given", (gone,))
    text = _as_taken(item, span)
    at = _place_for(run, item)
    if text is None or at is None:
        return None
    edit = Edit(Span(run.region, at, at), f"{text} " if item.behind else f" {text}")
    return Fix("Put it where it is read", (edit, gone))


def _as_taken(item: Misplaced, span: Span) -> str | None:
    """The options in a form that click reads as they were meant."""
    if not item.behind:
        return span.text
    option = item.options[0]
    name, equals, value = option.word.value.partition("=")
    if len(item.options) == 1 and equals and option.value is not None and option.value.word is option.word:
        if not OPTIONS[option.name]:
            return name if value.lower() in ("true", "1", "yes", "on") else None
        if option.value.offset == len(name) + 1:
            return span.text if name.startswith("--") else f"{name} {option.value.span.text}"
    if any(_attached(part) for part in item.options):
        return None  # `-rank` may be `--run ank`, or an option of another program
    return span.text


def _attached(option: Option) -> bool:
    return option.value is not None and option.value.word is option.word


def _place_for(run: StepRun, item: Misplaced) -> int | None:
    """Where to insert the options: before `--`, or after the step that follows `run`, else after `run`."""
    if item.behind:
        place = run.separator
        return place.start if place is not None and place.region is run.region and not place.derived else None
    last = run.words[run.head - 1]
    if len(run.words) > run.head and run.step is run.words[run.head]:
        last = run.words[run.head]
    return last.end if last.region is run.region and not last.derived else None
