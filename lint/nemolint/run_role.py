"""What the text of a run is: something to run, a template, a usage line, or words about the command."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.document import Region
from nemolint.invocation import is_option
from nemolint.shell.command import Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Role

_PLACEHOLDER_STEP = lazily(
    r"<[^<>]+>|\{\{?[^{}]*\}?\}|\[[A-Z_]+\]|^(?:STEP|STEP_ID|STEP_NAME|step_id|YOUR[-_]\w+)$|^(?:\.\.\.|…)$"
)
# A metavariable for an override in a usage line.
METAVARIABLE = lazily(r"^(?:key=value|[A-Z][A-Z_]*=[A-Z][A-Z_]*)$")
# "Do not run", "never use", "instead of": what follows in the sentence is a counter-example.
_WARNING = lazily(
    r"\b(?:do|must|should|can|will|does)(?:\s|[*_])+not\b|n['’]t\b|\b(?:never|avoid|instead\s+of|rather\s+than)\b",
    re.IGNORECASE,
)
# Nobody reads what a comment says as part of the sentence.
_COMMENT = lazily(r"(?:<!--|\{/\*)(?:(?!-->|\*/\}).)*(?:-->|\*/\})", re.DOTALL)
_CUT_COMMENT = lazily(r"\A.*(?:-->|\*/\})", re.DOTALL)
_SENTENCE_END = lazily(r"[.!?:;](?:\s|$)|\n\s*\n|\|")


def _warned_against(region: Region) -> bool:
    """True if the words before a snippet, in the same sentence, say not to run it."""
    start = region.map.outer_start(0)
    before = region.document.text[max(0, start - 400) : start]
    if "-->" in before or "*/}" in before:
        before = _CUT_COMMENT.sub("", _COMMENT.sub("", before))
    sentence = _SENTENCE_END.split(before[-120:])[-1]
    return _WARNING.search(sentence) is not None


def role_of(
    region: Region, step: Word | None, rest: tuple[Word, ...], grammar: bool, start: int = 0, end: int = 0
) -> Role:
    """What the text is: something to run, a template, a usage line, or words about the command.

    The command is `region.text[start:end]`.
    """
    if region.kind == "mention":
        return "mention"
    if region.surface == "script":
        return "command"
    if region.surface == "answer":
        from nemolint.quoted_wrong import quoted_as_wrong

        if quoted_as_wrong(region, start, end):
            return "mention"
    placeholder = step is not None and (
        _PLACEHOLDER_STEP.search(step.value) is not None or any(piece.kind == "placeholder" for piece in step.pieces)
    )
    if region.kind == "snippet":
        # In running text a bare command with its step is a name for it, not something to paste; so is one that trails
        # off, one without a step, and one that the sentence warns against.
        named = step is not None and "=" not in step.value and not is_option(step.value)
        if not (grammar or placeholder) and (not named or len(rest) < 2 or rest[-1].value in ("...", "…")):
            return "mention"
        if _warned_against(region):
            return "mention"
    if grammar:
        return "synopsis"
    if placeholder or region.template:
        return "template"
    if any(METAVARIABLE.match(word.value) for word in rest):
        return "synopsis"
    return "command"


def role_as_written(region: Region, step: Word | None, words: tuple[Word, ...], role: Role) -> Role:
    """The role of a run whatever a comment before its block says that the block is."""
    if role != "template" or not region.template:
        return role
    return role_of(region.with_surface(region.surface, template=False), step, words, False)


def usage_groups(words: tuple[Word, ...]) -> frozenset[int]:
    """Indexes of the words in bare brackets (`[-c CONFIG]`, `[KEY=VALUE ...]`): usage grammar, not arguments."""
    found: set[int] = set()
    group: list[int] = []
    depth = 0
    for i, word in enumerate(words):
        bare = "".join(piece.text for piece in word.pieces if piece.kind == "literal")
        if not group and not (bare.startswith("[") and word.value.startswith("[")):
            continue
        group.append(i)
        depth += bare.count("[") - bare.count("]")
        if depth <= 0:
            found.update(group)
            group, depth = [], 0
    return frozenset(found)
