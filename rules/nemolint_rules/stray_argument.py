"""The rule `stray-argument`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from nemolint import Edit, Finding, Fix, Project, Span, StepRun, Word, bad, good, rule
from nemolint.invocation import OPTIONS
from nemolint.judging import placeholders, quoting
from nemolint.judging.context import lost_option, meant_dry_run


@rule(
    good("nemotron steps run sft/automodel -c tiny seed=1 -b prof -- a=2"),
    good('nemotron steps run sft/automodel "$@" $EXTRA "$KEY=1" ${D:+-d}'),
    good("nemotron steps run sft/automodel -c tiny > log.txt 2>&1  # a comment"),
    good("nemotron steps run eval/model_eval evaluation.tasks=[{name: mmlu}] -d"),
    good("nemotron steps run sft/automodel -c tiny <more>", surface="doc"),
    good("nemotron steps run sft/automodel -c tiny ~trainer.steps dry-run"),
    good("nemotron steps run sft/automodel --stage prepare --bath train -d"),
    bad(
        """
        nemotron steps run sft/automodel trainer.steps = 10 seed=1
                                         ^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel trainer.steps=10 seed=1",
        severity="error",
        message="sets nothing",
    ),
    bad(
        """
        nemotron steps run sft/automodel trainer.steps= 10 run.env.nodes =1
                                         ^^^^^^^^^^^^^^^^^ ^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel trainer.steps=10 run.env.nodes=1",
    ),
    bad(
        """
        nemotron steps run sft/automodel tiny -b prof wandb.name=my run
                                         ^^^^                       ^^^
        """,
        message="passed through",
    ),
    group="contract",
)
def stray_argument(run: StepRun, project: Project) -> Iterator[Finding]:
    """Leave out words that are neither option nor override.

    Whatever holds no `=` and is no option is passed through to the step, which ignores it. `key = value` in three words
    therefore sets nothing, and the job runs with the config's own value.

    Write `key=value` without blanks, and put a value with blanks in quotes: `'key=two words'`.
    """
    words = run.words
    passed = {id(word) for word in run.passthrough}
    ignored = passed | {id(word) for word in run.unknown}
    overrides = {id(override.word): override for override in run.overrides}
    taken = {id(word) for extent in quoting.split_values(run) for word in extent}
    dry = meant_dry_run(run) if run.passthrough else None
    index = 0
    while index < len(words):
        extent = _torn(words, index, passed, overrides)
        if extent > 1 and not any(id(word) in taken for word in words[index : index + extent]):
            yield _joined(run, words[index : index + extent])
            index += extent
            continue
        word = words[index]
        index += 1
        if id(word) not in passed or id(word) in taken or word is dry or not _literal(word):
            continue
        if _is_value(words[index - 2], ignored):
            continue
        if word.value.strip():
            message = f"`{word.value}` is neither an option nor `key=value`: it is passed through and ignored"
        else:
            message = "a backslash before a blank is a word, not a line break: nothing after it on the line may stand"
        yield Finding(word.span, message)


def _is_value(before: Word, ignored: set[int]) -> bool:
    """True behind what is no option and would take a value if it were one: the option is the fault, and is reported."""
    if id(before) not in ignored or "=" in before.value:
        return False
    name = lost_option(before)
    return OPTIONS[name] if name is not None else before.value.startswith("--")


def _literal(word: Word) -> bool:
    """True for a word that says itself what it is, and that no other rule explains."""
    return not (
        word.expansion or word.derived or word.value.startswith("~") or not word.value or placeholders.in_word(word)
    )


def _torn(words: tuple[Word, ...], index: int, passed: set[int], overrides: Mapping[int, object]) -> int:
    """How many words from `index` on are one override that blanks tore apart: `a = 1`, `a= 1`, `a =1`; else 0."""

    def bare(position: int) -> bool:
        return position < len(words) and id(words[position]) in passed and _literal(words[position])

    def override(position: int) -> str:
        there = position < len(words) and id(words[position]) in overrides and not words[position].derived
        return words[position].value if there else ""

    if override(index) == "=":
        return 0
    if bare(index):
        if override(index + 1) == "=":
            return 3 if bare(index + 2) else 2
        return 2 if override(index + 1).startswith("=") else 0
    if override(index).endswith("=") and override(index).count("=") == 1 and not words[index].quoted:
        return 2 if bare(index + 1) else 0
    return 0


def _joined(run: StepRun, words: tuple[Word, ...]) -> Finding:
    first, last = words[0], words[-1]
    span = Span(run.region, first.start, last.end)
    text = "".join(word.source for word in words)
    gaps = [run.region.text[left.end : right.start] for left, right in pairwise(words)]
    fix = None
    if not any(gap.strip(" \t") for gap in gaps) and not text.endswith("="):
        fix = Fix("Join the words", (Edit(span, text),))
    return Finding(span, f"`{' '.join(word.value for word in words)}` sets nothing: write `{text}`", fix=fix)
