"""The rule `typographic-character`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from nemolint import Edit, Finding, Fix, Project, Span, StepRun, Word, bad, good, lazily, misspellings, quoting, rule

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_LEADING_DASHES = lazily(rf"(?=-*+[{_DASHES}])[-{_DASHES}]++(?=\w)")
_INNER_DASH = lazily(rf"(?<=\w)[{_DASHES}](?=\w)")
_SPACE = lazily("[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]+")
_ZERO_WIDTH = frozenset("\u200b\u2060\ufeff")
_PAIRS = {"“": "”", "„": "“", "”": "”", "‘": "’", "‚": "‘", "’": "’", "«": "»"}
_INERT = lazily(r"[\w./:=@%+,^\x80-\U0010ffff-]*")
_QUOTE = lazily("[“”„‘’‚«»]")


@rule(
    good("nemotron steps run sft/automodel -c tiny --dry-run wandb.name=a–b"),
    good("nemotron steps run sdg/data_designer 'prompt=Say “hello” — politely' \"note=it’s\""),
    good("nemotron steps run sft/automodel wandb.name=it’s"),
    bad(
        """
        nemotron steps run sft/automodel -c tiny —dry-run
                                                 ^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
        severity="error",
        message="`--dry-run`",
    ),
    bad(
        """
        nemotron steps run sft/automodel –c tiny --dry–run
                                         ^            ^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
    ),
    bad(
        """
        nemotron steps run eval/model_eval -d ‘evaluation.tasks=[{name: mmlu}]’
                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run eval/model_eval -d 'evaluation.tasks=[{name: mmlu}]'",
        message="quotes",
    ),
    bad(
        """
        nemotron steps run sft/automodel wandb.name=“a b”
                                                    ^^^^^
        """,
        fixed='nemotron steps run sft/automodel wandb.name="a b"',
    ),
    bad(
        "nemotron steps run sft/automodel\\u00a0-c tiny\\n                                ^",
        fixed="nemotron steps run sft/automodel -c tiny",
        message="U+00A0",
    ),
    group="paths",
    supersedes=(
        "stray-argument",
        "shell-expanded-value",
        "unknown-config",
        "unknown-option",
        "unknown-override",
        "unknown-profile",
        "unknown-step",
    ),
    about="special-character",
)
def typographic_character(run: StepRun, project: Project) -> Iterator[Finding]:
    """Type ASCII dashes, quotes and spaces.

    Word processors, chats and rendered pages turn `--` into `—`, straight quotes into curly ones, and spaces into
    no-break spaces. To the shell these are ordinary characters: `—dry-run` is not an option, so the job launches; curly
    quotes do not quote and become part of the value; a no-break space does not end a word.

    Replace them. Inside straight quotes they are text and not reported.
    """
    opened: tuple[int, int, str] | None = None
    for index, word in enumerate(run.words):
        bare = quoting.bare_text(word)
        if word.derived or bare.isascii():
            continue
        if not (run.is_step(word) and misspellings.means_dry_run(word)):
            yield from _dashes(word, bare)
        for match in _SPACE.finditer(bare):
            yield _space(word, bare, *match.span())
        for match in _QUOTE.finditer(bare):
            at, mark = match.start(), match.group()
            if _apostrophe(bare, at):
                continue
            if opened is not None and mark == opened[2] and run.words[opened[0]].region is word.region:
                yield _quotes(run.words[opened[0] : index + 1], opened[1], at)
                opened = None
            elif opened is None and mark in _PAIRS:
                opened = (index, at, _PAIRS[mark])
    if opened is not None:
        word, at = run.words[opened[0]], opened[1]
        yield Finding(word.value_span(at, at + 1), f"`{word.value[at]}` does not quote in a shell: type a straight one")


def _apostrophe(text: str, at: int) -> bool:
    return text[at] in "’‘" and at > 0 and text[at - 1].isalnum() and text[at + 1 : at + 2].isalnum()


def _dashes(word: Word, bare: str) -> Iterator[Finding]:
    """Findings for dashes at the start of an option, and inside its name."""
    match = _LEADING_DASHES.match(bare)
    name = bare.partition("=")[0]
    if match is not None:
        rest = name[match.end() :]
        plain = "-" if len(rest) == 1 else "--"
        span = word.value_span(0, match.end())
        meant = plain + _INNER_DASH.sub("-", rest)
        yield Finding(
            span,
            f"`{word.value[: match.end()]}` does not begin an option, so the word is passed through to the step: "
            f"type `{meant}`",
            fix=Fix("Type plain dashes", (Edit(span, plain),)),
        )
    if match is not None or bare.startswith("-"):
        for inner in _INNER_DASH.finditer(name):
            span = word.value_span(*inner.span())
            yield Finding(
                span,
                f"`{inner.group()}` is not the `-` of `{_INNER_DASH.sub('-', name)}`: type a plain dash",
                fix=Fix("Type a plain dash", (Edit(span, "-"),)),
            )


def _space(word: Word, bare: str, start: int, end: int) -> Finding:
    span = word.value_span(start, end)
    char = word.value[start]
    text = "" if all(item in _ZERO_WIDTH for item in word.value[start:end]) else " "
    fix = None
    # No fix if a comment would begin, or the rest of the word would become the number of a redirection.
    if not bare.startswith("#", end) and word.region.text[word.end : word.end + 1] not in ("<", ">"):
        fix = Fix("Type a plain space" if text else "Remove it", (Edit(span, text),), safe=_inert(bare))
    advice = "type a plain space" if text else "remove it"
    return Finding(span, f"U+{ord(char):04X} does not separate words in a shell: {advice}", fix=fix)


def _inert(bare: str) -> bool:
    """True if no character of the word can gain a meaning to the shell when the word is split or joined.

    `#` may begin a comment, and `{1..3}` or `$X` may form.
    """
    return _INERT.fullmatch(bare) is not None


def _quotes(extent: tuple[Word, ...], start: int, end: int) -> Finding:
    first, last = extent[0], extent[-1]
    opening, closing = first.value_span(start, start + 1), last.value_span(end, end + 1)
    span = Span(first.region, opening.start, closing.end)
    plain = "'" if first.value[start] in "‘’‚" else '"'
    inside = Span(first.region, opening.end, closing.start).text
    fix = None
    words = [word for word in extent if word.region is first.region]
    # A redirection between the words would become part of the value.
    together = all(quoting.blank_between(*pair) for pair in pairwise(words))
    if together and plain not in inside and not (plain == '"' and any(char in inside for char in "$`\\")):
        # It is not safe either to pull an option, an expansion or a continuation into the value.
        safe = (
            all(map(quoting.plain_word, words))
            and not any(word.value.startswith("-") for word in words[1:])
            and not any(mark in inside for mark in "\\\r\n")
        )
        fix = Fix("Type straight quotes", (Edit(opening, plain), Edit(closing, plain)), safe)
    return Finding(
        span, f"`{opening.text}…{closing.text}` do not quote in a shell: type straight quotes ({plain})", fix=fix
    )
