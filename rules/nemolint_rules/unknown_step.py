"""The rule `unknown-step`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Edit, Finding, Fix, Project, StepRun, bad, good, or_list, placeholders, rule


@rule(
    good("nemotron steps run sft/automodel -c tiny"),
    good("nemotron steps run mcq -c tiny"),
    good('nemotron steps run "$STEP" -c tiny'),
    good("nemotron steps run sft/$BACKEND -c tiny"),
    good("nemotron steps run <step> -c tiny", surface="doc"),
    good("nemotron steps run nosuch/step --help"),
    good("nemotron steps run $ARGS"),
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
        nemotron steps run -c tiny seed=1
                       ^^^
        """,
        message="the step is missing",
    ),
    good("ls steps | xargs -I{} nemotron steps run {} -c tiny -d", surface="script"),
    bad(
        """
        nemotron steps run src/nemotron/steps/sft/automodel -c tiny -d
                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny -d",
        message="write `sft/automodel`",
    ),
    group="contract",
)
def unknown_step(run: StepRun, project: Project) -> Iterator[Finding]:
    """Name a step that exists.

    The CLI takes a full id (`sft/automodel`) or the last part of an id where only one step has it: `mcq` is
    `byob/mcq`, while `automodel` could be three steps and is refused.

    `nemolint catalog` lists the steps. In a Nemotron checkout they are read from `src/nemotron/steps/`; elsewhere from
    a snapshot that comes with nemolint. Other checkouts have other steps, so a step that is not in the snapshot and
    resembles none of its steps is only a warning.
    """
    word = run.step
    if word is None:
        if not run.open and (run.options or run.overrides):
            at = next(item for item in run.words if item.value == "run")
            yield Finding(at.span, "the step is missing: give its id, e.g. `nemotron steps run sft/automodel`")
        return
    if word.expansion or word.open or not word.value or "{}" in word.value or placeholders.in_word(word):
        return  # `{}` is what xargs, find and parallel fill in
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
