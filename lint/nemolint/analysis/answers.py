"""What an assistant's answer says around its commands, and what its question asked for. Part of the plugin API.

The functions match English with patterns that err on one side: if a text probably says it, it counts as said, so that a
rule built on them stays silent. All of them take linear time.
"""

from __future__ import annotations

import re
from typing import Literal

from nemolint.analysis import page_text
from nemolint.analysis.caching import once_per_document
from nemolint.base.patterns import lazily
from nemolint.document import Document
from nemolint.secrets.names import last_segment

Tier = Literal["verified", "repo-grounded", "reference-grounded", "blocked"]

_MOST_WORDS_AROUND = 40


# -- the question


def asks_only_for_command(prompt: str) -> bool:
    """True if a question asks for the command and nothing around it ("I only need the command, not a plan")."""
    from nemolint.analysis import questions

    return questions.asks_only_for_command(prompt)


_NO_ENV_FILE = lazily(
    r"(?i)(?:\bno|n't|\bnot|\bwithout|\bnever|\black(?:s|ing)?|\bmissing)\b[^.?!\n]{0,40}"
    r"\b(?:env(?:ironment)?[ -](?:TOML|file|profile)s?\b|env(?:\.[\w-]+)?\.toml\b|NEMOTRON_ENV_FILE\b)"
)


def says_no_env_file(prompt: str) -> bool:
    """True if a question says that there is no env TOML, so an answer cannot name an existing profile."""
    return _NO_ENV_FILE.search(prompt) is not None


# -- the answer as a whole


@once_per_document
def is_command_only(document: Document) -> bool:
    """True if a reply consists of its command blocks with at most a sentence or two around them."""
    if not any(run.role != "mention" for run in document.runs):
        return False
    words = 0
    position = 0
    for region in document.regions:
        if region.kind != "shell" or region.parent is not None:
            continue
        start, end = region.map.to_outer(0, len(region.text))
        if start >= position:
            words += len(document.text[position:start].split())
        position = max(position, end)
    return words + len(document.text[position:].split()) <= _MOST_WORDS_AROUND


def answers_with_command(document: Document) -> bool:
    """True for an answer that gives only the command because that is all its question asked for."""
    return document.prompt is not None and is_command_only(document) and asks_only_for_command(document.prompt)


_TIER_WORDS: dict[Tier, re.Pattern[str]] = {
    # Capitalised it is the name of the tier; in lower case only if something marks it as one.
    "verified": lazily(
        r"(?<![\w-])(?:Verified|VERIFIED)\b|[*_`\"][Vv]erified[*_`\":.]|"
        r"(?i:\b(?:tier|source|status|confidence|grounding)\b[ \t]{0,8}+(?:is|[:=*_`-]){0,8}[ \t*_`\"]{0,8}verified\b)"
    ),
    "repo-grounded": lazily(r"(?i)\brepo(?:sitory)?[- ]grounded\b"),
    "reference-grounded": lazily(r"(?i)\breference[- ]grounded\b"),
    "blocked": lazily(
        r"(?<![\w-])(?:Blocked|BLOCKED)\b|[*_`\"]blocked\b|"
        r"(?i:\b(?:is|are|it's|remains?|stays?|currently|still|as|tier|status|mark(?:ed)?)\b"
        r"[ \t]{0,8}+[:=-]{0,8}+[ \t*_`\"]{0,8}+blocked\b)"
        r"(?![ ]by[ ](?:an?|the|your|our)[ ](?:\w+[ ])?(?:firewall|proxy|network))"
    ),
}
_NOT = lazily(
    r"(?i)(?:\bnot|n't|\bnever|\bno longer|\bnothing(?: is| was)?|\bnone(?: is| are)?|\bun|\bwithout(?: being)?|"
    r"\bwould be|\bwould have been|\bnon)[ \t*_`\"-]*(?:yet[ ]|currently[ ]|been[ ]|being[ ]|fully[ ])?[*_`\"]*\Z"
)


@once_per_document
def stated_tiers(document: Document) -> frozenset[Tier]:
    """The source tiers that an answer marks itself with: Verified, Repo-grounded, Reference-grounded, Blocked."""
    text = page_text.outside_runs(document)
    return frozenset(tier for tier, pattern in _TIER_WORDS.items() if _stated(pattern, text))


def _stated(pattern: re.Pattern[str], text: str) -> bool:
    return any(not _NOT.search(text[max(match.start() - 30, 0) : match.start()]) for match in pattern.finditer(text))


def is_blocked(document: Document) -> bool:
    """True if an answer says that it is blocked, so its commands are not meant to be run yet."""
    return "blocked" in stated_tiers(document)


_NEEDS = lazily(
    r"(?i)\b(?:I|we)(?:'ll|[ ]will|[ ]would|[ ]still|[ ]also|[ ]do){0,2}[ ]+(?:need|require)\b"
    r"(?![ ]+to[ ](?!know\b|see\b))|"
    r"\bstill[ ]+(?:\w+[ ]+){0,2}(?:needs?|needed|missing|required|unknown|open)\b|"
    r"\b(?:is|are|'s)[ ]+(?:still[ ]+|currently[ ]+)?(?:missing|unknown|not[ ]known|not[ ]given)\b|"
    r"\bmissing[ ]+(?:\w+[ ]+){0,2}(?:values?|inputs?|details?|information|fields?|paths?|metadata)\b|"
    r"\bmissing\W{0,3}:|"
    r"\b(?:required|needed|open)[ ]+(?:inputs?|values?|details?|fields?)\b|"
    r"\b(?:please|can[ ]you|could[ ]you|would[ ]you)[ ]+(?:\w+[ ]+)?"
    r"(?:provide|supply|give|share|tell|send|confirm|specify|fill)\b|"
    r"\b(?:tell|send|give)[ ]+me\b|\blet[ ]me[ ]know[ ]+(?:the|your|which|what|where|whether)\b|"
    r"\b(?:replace|substitute|fill[ ]in|fill)\b|"
    r"\b(?:needs?|requires?)[ ]+(?:your|these|the[ ]following|a[ ]value|values|from[ ]you|concrete)\b|"
    r"\bonce[ ]+(?:you|I)[ ]+(?:give|provide|supply|share|send|know|have|tell|fill)\b|"
    r"\b(?:you|must|should)[ ]+(?:provide|supply|specify|fill[ ]in)\b|"
    r"^(?![ \t]*#)[^?\n]{0,300}?\b(?:what|which|where)(?:'s)?[ ][^.?!\n]{3,120}\?",
    re.MULTILINE,
)
_NOTHING_MISSING = lazily(r"(?i)\b(?:nothing|none|no[ ]+(?:\w+[ ]+){0,2}\w+)[ ]*\Z")


@once_per_document
def says_what_is_missing(document: Document) -> bool:
    """True if an answer says that it still needs values from the reader, or that it is blocked."""
    if is_blocked(document):
        return True
    text = page_text.outside_runs(document)
    for match in _NEEDS.finditer(text):
        if not _NOTHING_MISSING.search(text[max(match.start() - 30, 0) : match.start()]):
            return True
    return False


def names_missing(document: Document, key: str) -> bool:
    """True if an answer is blocked, or says that it needs values and names this key (`hf_model_id`, "HF model ID")."""
    if is_blocked(document):
        return True
    if not says_what_is_missing(document):
        return False
    name = "[ _-]".join(re.escape(word) for word in last_segment(key).split("_"))
    return re.search(rf"(?i)(?<!\w){name}(?!\w)", page_text.outside_runs(document)) is not None
