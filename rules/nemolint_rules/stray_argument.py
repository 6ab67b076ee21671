"""The rule `stray-argument`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from nemolint import (
    OPTIONS,
    Edit,
    Finding,
    Fix,
    Project,
    Span,
    StepRun,
    Word,
    bad,
    context,
    good,
    lazily,
    placeholders,
    quoting,
    rule,
)

_REST = lazily(r"[ \t]*(?=[\r\n]|\Z)")
# `//text`, and not a path such as `//server/share`.
_COMMENT = lazily(r"//[^/]*")
_OVERRIDE = lazily(r"[A-Za-z_][\w.-]*=")
# What does more to a line than to give words to one command.
_ACTIVE = lazily(r"[;&|<>()#$`]")
# A line behind the break before it.
_LINE = lazily(r"\r?\n(?P<words>[^\r\n]*?)(?P<join>\\(?P<blanks>[ \t]*))?(?=[\r\n]|\Z)")
_SHELL_MARKS = lazily(r"[\"'\\{\[*?<>]")
_MOST_JOINED = 4_000  # characters


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
    bad(
        """
        nemotron steps run sft/automodel -c tiny -d   // only a test
                                                      ^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny -d   # only a test",
        message="write `#`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny //wait for it, seed=1 counts
                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="begins no comment",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny //nas/share
                                                 ^^^^^^^^^^^
        """,
        message="passed through",
    ),
    bad(
        "nemotron steps run sft/automodel \\ \n                                 ^^\n  -c tiny \\ \n  --dry-run",
        fixed="nemotron steps run sft/automodel \\\n  -c tiny \\\n  --dry-run",
        message="delete it",
        surface="script",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny \\ -d
                                                 ^^^^
        """,
        message="leave the `\\` out",
    ),
    group="contract",
    blocks=False,
)
def stray_argument(run: StepRun, project: Project) -> Iterator[Finding]:
    """Leave out words that are neither option nor override.

    Whatever holds no `=` and is no option is passed through to the step, which ignores it. `key = value` in three words
    therefore sets nothing, and the job runs with the config's own value.

    Write `key=value` without blanks, and put a value with blanks in quotes: `'key=two words'`. A comment begins with
    `#`, and a backslash joins lines only where nothing stands behind it, not even a blank.
    """
    words = run.words
    passed = {id(word) for word in run.passthrough}
    ignored = passed | {id(word) for word in run.unknown}
    overrides = {id(override.word): override for override in run.overrides}
    taken = {id(word) for extent in quoting.split_values(run) for word in extent}
    dry = context.meant_dry_run(run) if run.passthrough else None
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
        if not word.quoted and _COMMENT.fullmatch(word.value):
            tail = _on_one_line(words, index - 1)
            yield _no_comment(run, words[index - 2], tail)
            index += len(tail) - 1
        elif word.source.startswith(("\\ ", "\\\t")):
            yield _no_line_break(run, word)
        else:
            shown = word.value if word.value.strip() else word.source
            yield Finding(
                word.span, f"`{shown}` is neither an option nor `key=value`: it is passed through and ignored"
            )


def _is_value(before: Word, ignored: set[int]) -> bool:
    """True behind what is no option and would take a value if it were one: the option is the fault, and is reported."""
    if id(before) not in ignored or "=" in before.value:
        return False
    name = context.lost_option(before)
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


def _on_one_line(words: tuple[Word, ...], index: int) -> tuple[Word, ...]:
    """The word at `index` with those behind it on its line."""
    region, end = words[index].region, index + 1
    while end < len(words) and words[end].region is region:
        if "\n" in region.text[words[end - 1].end : words[end].start]:
            break
        end += 1
    return words[index:end]


def _no_comment(run: StepRun, before: Word, words: tuple[Word, ...]) -> Finding:
    """`// text`. That it is a comment is sure where it is the rest of a line, and nothing in it has an effect."""
    first, last = words[0], words[-1]
    text = run.region.text
    idle = all(
        not (word.derived or word.expansion or word.value.startswith(("-", "+", "~")) or "=" in word.value)
        for word in words
    )
    plain = not any(text[left.end : right.start].strip(" \t") for left, right in pairwise(words))
    # Behind a bare `<x>` the shell wants the name of a file.
    target = bool(before.pieces) and before.pieces[-1].kind == "placeholder"
    fix = None
    if idle and plain and not target and _REST.match(text, last.end):
        slashes = Span(run.region, first.start, first.start + 2)
        # A quote in it may reach over lines that a comment would set free, and a pattern may be one of an option.
        plain = not _SHELL_MARKS.search(text, first.start, last.end)
        fix = Fix("Begin the comment with `#`", (Edit(slashes, "#"),), safe=plain)
    return Finding(
        Span(run.region, first.start, last.end),
        "`//` begins no comment in a shell, so what follows is passed to the command as arguments: write `#`",
        fix=fix,
    )


def _no_line_break(run: StepRun, word: Word) -> Finding:
    """A backslash that a blank keeps from joining two lines, or that stands in the middle of one."""
    text = run.region.text
    rest = _REST.match(text, word.end)
    if rest is None or word.value.strip():
        message = "the `\\` makes the blank behind it a part of an argument, which is ignored: leave the `\\` out"
        return Finding(word.span, message)
    message = "a blank stands behind this `\\`, so the command ends here and does not go on below: delete it"
    joined, blanks = _below(text, rest.end())
    fix = None
    if joined is not None:
        # Not safe: the run gets more words, and the shell no longer takes the lines below for commands or assignments.
        gaps = ((word.start + 1, rest.end()), *blanks)
        fix = Fix("Delete the blank", tuple(Edit(Span(run.region, *gap), "") for gap in gaps))
    return Finding(word.span, message, fix=fix)


def _below(text: str, start: int) -> tuple[list[str] | None, list[tuple[int, int]]]:
    """The words on the lines that a run would go on with if that ending at `start` were joined, None if they are none
    of it; and the blanks that keep those lines from being joined, too."""
    words: list[str] = []
    blanks: list[tuple[int, int]] = []
    for match in _LINE.finditer(text, start, start + _MOST_JOINED):
        words += match["words"].split()
        if match["join"] is None:
            break
        if match["blanks"]:
            blanks.append(match.span("blanks"))
    before = ""
    for word in words:
        option = word.startswith("-")
        value = before.startswith("-") and "=" not in before
        if _ACTIVE.search(word) or not (option or value or _OVERRIDE.match(word)):
            return None, []
        before = word
    return words, blanks
