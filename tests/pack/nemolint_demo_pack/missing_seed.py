"""A rule of a team's own."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Edit, Finding, Fix, StepRun, bad, good, rule


@rule(
    good("nemotron steps run sft/automodel seed=1"),
    good('nemotron steps run sft/automodel "$@"'),
    good("nemotron steps run rl/nemo_rl/dpo"),
    bad(
        """
        nemotron steps run sft/automodel -c tiny
                           ^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny seed=42",
        severity="warning",
    ),
    group="contract",
    severity="warning",
)
def missing_seed(run: StepRun) -> Iterator[Finding]:
    """Give fine-tuning a seed.

    Two runs without one cannot be compared.
    """
    step = run.step
    if step is None or run.may_gain_words or not step.value.startswith("sft/") or run.override("seed") is not None:
        return
    last = run.words[-1].span
    edit = Edit(last.sub(last.end - last.start, last.end - last.start), " seed=42")
    yield Finding(step.span, f"{step.value} runs without `seed=`", fix=Fix("Add seed=42", (edit,)))
