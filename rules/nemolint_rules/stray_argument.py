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
    eval_tasks,
    good,
    lazily,
    misspellings,
    placeholders,
    quoting,
    rule,
)

_REST = lazily(r"[ \t]*(?=[\r\n]|\Z)")
# `//text`, and not a path such as `//server/share`.
_COMMENT = lazily(r"//[^/]*")
_OVERRIDE = lazily(r"[A-Za-z_][\w.-]*=")
# Characters that do more than separate the words of one command.
_ACTIVE = lazily(r"[;&|<>()#$`]")
# A line, with the line break before it.
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
    good("nemotron steps run sft/automodel -config tiny -batch prof -d"),
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
        message="does not begin a comment",
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
        message="remove the `\\`",
    ),
    group="contract",
    blocks=False,
    about="odd-word",
)
def stray_argument(run: StepRun, project: Project) -> Iterator[Finding]:
    """Remove words that are neither options nor overrides.

    A word that is not an option and has no `=` is passed through to the step, which ignores it or stops with an error.
    `key = value` in three words therefore sets nothing, and the job runs with the config's own value.

    Write `key=value` without spaces, and quote a value that contains spaces: `'key=two words'`. A comment begins with
    `#`, and a backslash joins lines only if nothing follows it, not even a space.
    """
    words = run.words
    passed = {id(word) for word in run.passthrough} - {id(word) for word in run.unknown}
    ignored = {id(word) for word in (run.step, *run.passthrough)}
    ignored.update(
        id(option.word) for option in run.options if option.name == "stage" or misspellings.lacks_dash(option.word)
    )
    overrides = {id(override.word): override for override in run.overrides}
    taken = {id(word) for extent in quoting.split_values(run) for word in extent}
    taken.update(id(word) for task in eval_tasks.task_words(run, project) for word in task)
    passed_on = {id(word): item for item in project.passed(run) for word in item.words}
    taken.update(at for at, item in passed_on.items() if item.fate in ("honoured", "config"))
    taken.update(id(option.value.word) for item in run.misplaced for option in item.options if option.value)
    dry = misspellings.lost_dry_run(run, project) if run.passthrough else None
    index = 0
    while index < len(words):
        extent = _split_override(words, index, passed, overrides)
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
        elif not _may_be_step(word, run, project):
            shown = word.value if word.value.strip() else word.source
            item = passed_on.get(id(word))
            fate = (
                "it is passed through to the step, which ignores it"
                if item is not None
                else "it is passed through to the step"
            )
            if item is not None and item.fate == "stop":
                fate = f"the step stops with an error (exit code {item.status})"
            yield Finding(word.span, f"`{shown}` is neither an option nor `key=value`, so {fate}: remove it")


def _may_be_step(word: Word, run: StepRun, project: Project) -> bool:
    """True if the word is probably the step, but the CLI reads another word as the step."""
    if run.step is None or run.step.may_split:
        return True
    return project.step_of(run) is None and project.match(word.value).step is not None


def _is_value(before: Word, ignored: set[int]) -> bool:
    """True after an unknown option that looks as if it took a value: the option itself is reported."""
    if id(before) not in ignored or "=" in before.value:
        return False
    name = misspellings.lost_option(before)
    return OPTIONS[name] if name is not None else before.value.startswith("--")


def _literal(word: Word) -> bool:
    """True for a word whose text is certain, and that no other rule reports."""
    return not (
        word.expansion or word.derived or word.value.startswith("~") or not word.value or placeholders.in_word(word)
    )


def _split_override(words: tuple[Word, ...], index: int, passed: set[int], overrides: Mapping[int, object]) -> int:
    """How many words from `index` on are one override split by blanks: `a = 1`, `a= 1`, `a =1`; else 0."""

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
    """The word at `index` and those after it on its line."""
    region, end = words[index].region, index + 1
    while end < len(words) and words[end].region is region:
        if "\n" in region.text[words[end - 1].end : words[end].start]:
            break
        end += 1
    return words[index:end]


def _no_comment(run: StepRun, before: Word, words: tuple[Word, ...]) -> Finding:
    """A finding for `// text`, with a fix if it is the rest of a line and none of its words has an effect."""
    first, last = words[0], words[-1]
    text = run.region.text
    idle = all(
        not (word.derived or word.expansion or word.value.startswith(("-", "+", "~")) or "=" in word.value)
        for word in words
    )
    plain = not any(text[left.end : right.start].strip(" \t") for left, right in pairwise(words))
    # After a bare `<x>` the shell expects a file name.
    target = bool(before.pieces) and before.pieces[-1].kind == "placeholder"
    fix = None
    if idle and plain and not target and _REST.match(text, last.end):
        slashes = Span(run.region, first.start, first.start + 2)
        # A quote in it may span lines that a comment would uncover, and a glob may match an option.
        plain = not _SHELL_MARKS.search(text, first.start, last.end)
        fix = Fix("Begin the comment with `#`", (Edit(slashes, "#"),), safe=plain)
    return Finding(
        Span(run.region, first.start, last.end),
        "`//` does not begin a comment in a shell, so the rest of the line is passed as arguments: write `#`",
        fix=fix,
    )


def _no_line_break(run: StepRun, word: Word) -> Finding:
    """A finding for a backslash that a blank keeps from joining two lines, or that is in the middle of one."""
    text = run.region.text
    rest = _REST.match(text, word.end)
    if rest is None or word.value.strip():
        message = "the `\\` makes the space after it part of an argument, which is ignored: remove the `\\`"
        return Finding(word.span, message)
    message = "a space after this `\\` ends the command instead of continuing it on the next line: delete it"
    joined, blanks = _below(text, rest.end())
    fix = None
    if joined is not None:
        # Not safe: the run gets more words, and the shell no longer reads the next lines as commands or assignments.
        gaps = ((word.start + 1, rest.end()), *blanks)
        fix = Fix("Delete the space", tuple(Edit(Span(run.region, *gap), "") for gap in gaps))
    return Finding(word.span, message, fix=fix)


def _below(text: str, start: int) -> tuple[list[str] | None, list[tuple[int, int]]]:
    """The words on the lines that would continue a run ending at `start`, None if they do not belong to it; and the
    blanks that keep those lines from being joined as well."""
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
