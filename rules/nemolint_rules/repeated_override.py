"""The rule `repeated-override`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

from nemolint import Edit, Finding, Fix, Override, Project, Related, Span, StepRun, bad, good, overrides, quoting, rule


@rule(
    good("nemotron steps run sft/automodel trainer.steps=10 seed=1"),
    good("nemotron steps run sft/automodel 'model={a: 1}' 'model={b: 2}'"),
    good('nemotron steps run sft/automodel seed=1 seed="$SEED"'),
    good("nemotron steps run sft/automodel a.seed=1 b.seed=2"),
    bad(
        """
        nemotron steps run sft/automodel seed=1 seed=2
                                         ^^^^^^
        """,
        fixed="nemotron steps run sft/automodel seed=2",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run sft/automodel \\
          trainer.steps=10 \\
          ^^^^^^^^^^^^^^^^
          seed=1 --dry-run \\
          trainer.steps=20
        """,
        fixed="""
        nemotron steps run sft/automodel \\
          seed=1 --dry-run \\
          trainer.steps=20
        """,
        message="`20`",
    ),
    bad(
        """
        nemotron steps run eval/model_eval 'evaluation.tasks=[a]' -d 'evaluation.tasks=[b]'
                                           ^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run eval/model_eval -d 'evaluation.tasks=[b]'",
    ),
    group="contract",
    severity="warning",
    unnecessary=True,
    about="overrides",
)
def repeated_override(run: StepRun, project: Project) -> Iterator[Finding]:
    """Give each override key once.

    Overrides are applied left to right, so an earlier value is silently dropped. Mappings are merged, so they may be
    given in parts.
    """
    last: dict[tuple[str, ...], Override] = {}
    groups = _groups(run)
    index = {id(word): position for position, word in enumerate(run.words)}
    for override in reversed(run.overrides):
        if not override.key or not override.value.known:
            continue
        key = tuple(overrides.split_key(override.key))
        later = last.setdefault(key, override)
        if later is override:
            continue
        kinds = [_kind(override), _kind(later)]
        if "mapping" in kinds or "" in kinds:
            continue
        first, second = index[id(override.word)], index[id(later.word)]
        # Text between the two may end the command, as `&>` does in `sh`.
        safe = kinds == ["scalar", "scalar"] and groups[first] == groups[second]
        safe = safe and all(quoting.plain_word(word) for word in (run.words[first - 1], override.word, later.word))
        yield Finding(
            override.span,
            f"`{override.key}` is set again to `{later.value.text}`, so this value is dropped: give the key once",
            fix=_removal(run, override, first, safe=safe),
            related=(Related("the value that counts", later.span),),
        )


def _kind(override: Override) -> str:
    """`mapping`, `list` or `scalar`; an empty string if the value is not valid YAML."""
    try:
        value = override.parsed()
    except ValueError:
        return ""
    return "mapping" if isinstance(value, dict) else "list" if isinstance(value, list) else "scalar"


def _groups(run: StepRun) -> list[int]:
    """For each word, the number of its group: words with only blanks between them share one."""
    numbers = accumulate(0 if quoting.blank_between(left, right) else 1 for left, right in pairwise(run.words))
    return [0, *numbers]


def _removal(run: StepRun, override: Override, index: int, *, safe: bool) -> Fix | None:
    """Delete the word, and the blanks and line continuation before it."""
    before = run.words[index - 1]
    if override.word.derived or before.derived or not quoting.blank_between(before, override.word):
        return None
    if run.region.text[override.word.end : override.word.end + 1] in ("<", ">"):
        return None  # the word before would become the number of the redirection: `2>log`
    return Fix("Drop the overridden value", (Edit(Span(run.region, before.end, override.word.end), ""),), safe)
