"""The rule `unknown-step`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Edit,
    Finding,
    Fix,
    Project,
    Span,
    StepRun,
    Word,
    bad,
    good,
    misspellings,
    or_list,
    placeholders,
    quoting,
    rule,
)


@rule(
    good("nemotron steps run sft/automodel -c tiny"),
    good("nemotron steps run mcq -c tiny"),
    good('nemotron steps run "$STEP" -c tiny'),
    good("nemotron steps run sft/$BACKEND -c tiny"),
    good("nemotron steps run <step> -c tiny", surface="doc"),
    good("nemotron steps run nosuch/step --help"),
    good("nemotron steps run $ARGS"),
    good("nemotron steps run $OPTIONS sft/automodel"),
    good('nemotron steps run "--$OPTION" sft/automodel'),
    good("nemotron steps run -c tiny -- sft/automodel seed=1"),
    bad(
        """
        nemotron steps run sft/auto_model -c tiny -d
                           ^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny -d",
        severity="error",
        message="`sft/automodel`",
    ),
    bad(
        """
        nemotron steps run automodel -c tiny
                           ^^^^^^^^^
        """,
        message="`sft/automodel`",
        severity="error",
    ),
    bad(
        """
        nemotron steps run deploy/vllm_server -c tiny
                           ^^^^^^^^^^^^^^^^^^
        """,
        severity="warning",
    ),
    bad(
        """
        nemotron steps run -c tiny
                       ^^^
        """,
        message="the step is missing",
    ),
    bad(
        """
        nemotron steps run -c sft/automodel -d
                       ^^^
        """,
        message="the step is missing",
    ),
    bad(
        """
        nemotron steps run -c tiny seed=1
                                   ^^^^^^
        """,
        message="read as the step",
        severity="error",
    ),
    bad(
        """
        nemotron steps run seed=1 -dc tiny sft/automodel
                           ^^^^^^
        """,
        fixed="nemotron steps run sft/automodel seed=1 -dc tiny",
        message="`sft/automodel`",
    ),
    bad(
        """
        nemotron steps run --dryrun sft/automodel -c tiny
                           ^^^^^^^^
        """,
        fixed="nemotron steps run --dry-run sft/automodel -c tiny",
        message="read as the step",
    ),
    bad(
        """
        nemotron steps run —dry-run sft/automodel -c tiny
                           ^^^^^^^^
        """,
        fixed="nemotron steps run --dry-run sft/automodel -c tiny",
    ),
    bad(
        """
        nemotron steps run --confg tiny sft/automodel -d
                           ^^^^^^^
        """,
        fixed="nemotron steps run --config tiny sft/automodel -d",
    ),
    bad(
        """
        nemotron steps run -xd sft/automodel -c tiny
                           ^^^
        """,
        message="`-x`",
    ),
    bad(
        """
        nemotron steps run -- --dryrun sft/automodel -c tiny
                              ^^^^^^^^
        """,
    ),
    good("ls steps | xargs -I{} nemotron steps run {} -c tiny -d", surface="script"),
    good("ls steps | xargs nemotron steps run -c tiny -d", surface="script"),
    good("find . -exec nemotron steps run {} -d \\;", surface="script"),
    bad(
        """
        nemotron steps run src/nemotron/steps/sft/automodel -c tiny -d
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny -d",
        message="write `sft/automodel`",
    ),
    group="contract",
    supersedes=("misplaced-option", "misspelled-dry-run", "unknown-option"),
)
def unknown_step(run: StepRun, project: Project) -> Iterator[Finding]:
    """Name a step that exists.

    The CLI takes a full id (`sft/automodel`) or the last part of an id where only one step has it: `mcq` is
    `byob/mcq`, while `automodel` could be three steps and is refused. The step is the first word that is neither an
    option of the CLI nor its value, whatever it is: in `seed=1 sft/automodel` and `--dryrun sft/automodel` it is
    `seed=1` and `--dryrun`, and the run fails.

    `nemolint catalog` lists the steps. In a Nemotron checkout they are read from `src/nemotron/steps/`; elsewhere from
    a snapshot that comes with nemolint. Other checkouts have other steps, so a step that is not in the snapshot and
    resembles none of its steps is only a warning.
    """
    word = run.step
    if word is None:
        if not run.may_gain_words and not run.misused and len(run.words) > run.head:
            at = run.words[run.head - 1]
            yield Finding(at.span, "the step is missing: give its id, e.g. `nemotron steps run sft/automodel`")
        return
    if not run.step_known or word.may_split or placeholders.in_word(word):
        return
    if word.value.startswith("-") or "=" in word.value or misspellings.means_dry_run(word):
        yield _no_id(run, word, project)
        return
    match = project.match(word.value)
    if match.step is not None:
        return
    written = project.match(word.value.rstrip("/").removeprefix("./").removeprefix("src/nemotron/steps/"))
    if written.step is not None:
        fix = Fix(f"Replace it with `{written.step.id}`", (Edit(word.span, written.step.id),))
        yield Finding(word.span, f"a step is named by its id, not by its folder: write `{written.step.id}`", fix=fix)
        return
    if not match.ambiguous and (project.may_exist_unseen(word.value) or project.is_unread(word.value)):
        return
    if match.ambiguous:
        yield Finding(word.span, f"`{word.value}` could be {or_list(match.ambiguous)}: give the full id")
        return
    message = f"there is no step `{word.value}` in {project.origin}"
    if match.close:
        fix = Fix(f"Replace it with `{match.close[0]}`", (Edit(word.span, match.close[0]),))
        yield Finding(word.span, f"{message}: did you mean {or_list(match.close)}?", fix=fix)
        return
    unsure = project.source == "snapshot"
    yield Finding(word.span, f"{message}: see `nemolint catalog`", severity="warning" if unsure else None)


def _no_id(run: StepRun, word: Word, project: Project) -> Finding:
    """A finding for an override or an option in place of the step."""
    shown = f"`{word.value}`"
    dashed = word.value.startswith("-")
    what = "is not an option of `nemotron steps run`, so it" if dashed else "comes before the step, so it"
    message = f"{shown} {what} is read as the step, so the run fails"
    fix = None
    option = misspellings.meant_option(run, word)
    if option is not None and not run.is_behind(word):
        message += f": did you mean `{option}`?"
        if quoting.plain_word(word):
            fix = Fix(f"Replace it with `{option}`", (Edit(word.span, option),))
    elif not dashed:
        named = next((item for item in run.passthrough if project.match(item.value).step is not None), None)
        if named is not None:
            message += f": put `{named.value}` first"
            fix = _put_first(run, named, word)
    return Finding(word.span, message, fix=fix)


def _put_first(run: StepRun, step: Word, first: Word) -> Fix | None:
    """Move the step before the word that is read as it."""
    before = run.words[run.place_of(step) - 1]
    if (
        step.derived
        or first.derived
        or before.derived
        or not step.region is before.region is first.region is run.region
    ):
        return None
    if run.region.text[before.end : step.start].strip(" \t"):
        return None
    gone = Edit(Span(run.region, before.end, step.end), "")
    put = Edit(Span(run.region, first.start, first.start), f"{step.source} ")
    return Fix(f"Put `{step.value}` first", (put, gone))
