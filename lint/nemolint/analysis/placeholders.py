"""Placeholders for values that the reader has to fill in: the one place that knows their forms.

Forms: `<x>`, `YOUR_…`, `your-…`, `/path/to`, a bare `...` or `…`, `TODO`, `FIXME`, `CHANGEME`, `REPLACE_ME`, `xxx`,
`{x}`, `{{x}}`, the metavariables `CONFIG`, `PROFILE`, `STEP` where such a value is expected, and the pair `key=value`.
`my-…` counts only as the name of a profile or config.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.invocation import StepRun, Value
    from nemolint.shell.command import Word

# Where a name may begin and end: not inside another (`build-your-own-benchmark`), but after the prefix of a key.
_BEGIN = r"(?:(?<![\w.@%+~-])|(?<=nvapi-)|(?<=hf_)|(?<=sk-))"
_END = r"(?![\w%+~-])"
# Where a whole path part, list item or value begins and ends.
_PART_BEGIN = r"""(?:(?<![^\s=/,:;\[\]{}()"'])|(?<=nvapi-)|(?<=hf_)|(?<=sk-))"""
_PART_END = r"""(?![^\s/,:;\[\]{}()"'])"""

_FORMS = lazily(
    "|".join(
        (
            # A name in angle brackets; `(?<name>` and `(?P<name>` are regexes, `<|…|>` and `</…>` are markup.
            r"(?P<angle>(?<!\?)(?<!\?P)<(?P<inner>[A-Za-z_.…][^<>=\n\0]{0,80})>)",
            rf"(?P<your>{_BEGIN}(?:YOUR[-_][A-Za-z0-9][\w-]*|your[-_][a-z0-9][\w-]*))",
            r"(?P<path>/path/to(?![\w-])|(?<![\w./~-])path/to(?=/))",
            rf"(?P<todo>{_BEGIN}(?:TODO|FIXME|CHANGE[-_]?ME|REPLACE[-_]?(?:ME|WITH[-_]\w+)){_END}(?!\.\w))",
            rf"(?P<lower>{_PART_BEGIN}(?:change[-_]?me|replace[-_]me){_PART_END})",
            rf"(?P<run>{_PART_BEGIN}(?:x{{3,}}|X{{3,}}){_PART_END})",
            rf"(?P<dots>{_PART_BEGIN}(?:\.\.\.|…){_PART_END})",
            r"(?P<double>\{\{\s*(?P<jinja>[A-Za-z_][\w.-]{0,60})\s*\}\})",
            r"(?P<single>(?<![\w${}\\])\{(?P<brace>[A-Za-z_][\w-]{1,60}|[A-Za-z])\}(?!\}))",
        )
    )
)
# What each form holds, in small letters: looked for first, since most values have none.
_HINTS = ("<", "{", "…", "...", "path/to", "your-", "your_", "todo", "fixme", "change", "replace", "xxx")
# Tokens that models use, which look like `<x>`.
_MODEL_TOKEN = lazily(
    r"(?i)(?:s|pad|unk|bos|eos|mask|sep|cls|think|tool_call|tools?|image|video|audio|answer|br|sot|eot|eod|endoftext|"
    r"extra_id_\d+|special_\d+|reserved_\w+)\Z"
)
# Keys whose values may contain `{x}`, `{{ x }}` or `<x>` on purpose: texts for a model, patterns.
_TEXT_KEY = lazily(r"(?i)prompt|template|format|pattern|regex|message|instruction|expr|\bstop|tag")
_METAVARIABLE = lazily(r"(?:STEP|CONFIG|PROFILE)(?:_(?:ID|NAME|PATH|FILE|OR_PATH|ALIAS))?\Z|NAME_OR_PATH\Z")
_PAIR = lazily(r"(?i)(?:[\w-]+\.)*key\d?=(?:value|val)\d?\Z")
_REST_OF_PATH = lazily(r"[\w./*-]{0,80}")
_MINE = lazily(r"(?i)(?:\A|(?<=/))my-[\w-]+(?:\.ya?ml)?\Z")


class Placeholder(NamedTuple):
    """A placeholder in a word: offsets in the word's value. `bare`: an unquoted `<x>`, a redirection to the shell."""

    word: Word
    start: int
    end: int
    bare: bool = False

    @property
    def text(self) -> str:
        """The text to show: `/path/to` with the rest of its path."""
        text = self.word.value[self.start : self.end]
        if text.endswith("path/to"):
            rest = _REST_OF_PATH.match(self.word.value, self.end)
            return text + (rest.group() if rest else "")
        return text


def find(text: str, *, key: str = "", templated: bool = False) -> Iterator[tuple[int, int]]:
    """Offsets of each placeholder in a value, from left to right.

    `key` is the key that the value is for. `templated`: the file is filled in by a program (Jinja, an f-string), so
    `{x}` and `{{x}}` are its own syntax.
    """
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return
    name = next((part for part in reversed(key.split(".")) if not part.isdigit()), "")
    free_text = bool(_TEXT_KEY.search(name))
    for match in _FORMS.finditer(text):
        kind = match.lastgroup
        if match["angle"] is not None:
            if free_text or _MODEL_TOKEN.match(match["inner"]):
                continue
        elif match["double"] is not None or match["single"] is not None:
            if templated or free_text or _is_prose(text, match.start(), match.end()):
                continue
        elif kind == "dots" and free_text:
            continue
        yield match.span()


def _is_prose(text: str, start: int, end: int) -> bool:
    """True if there are words around `{x}`: then it is a variable in a text for a model."""
    near = text[max(start - 40, 0) : start] + "\0" + text[end : end + 40]
    return re.search(r"\w\s+\0|\0[,.]?\s+\w", near) is not None


def in_text(text: str) -> bool:
    """True if a value by itself is or contains a placeholder."""
    return next(find(text), None) is not None


def in_word(word: Word, *, key: str = "") -> list[Placeholder]:
    """The placeholders of a word, except in expansions."""
    masked = []
    found: list[Placeholder] = []
    bare: list[tuple[int, int]] = []
    position = 0
    for piece in word.pieces:
        length = len(piece.text)
        if piece.kind == "placeholder":
            found.append(Placeholder(word, position, position + length, bare=True))
        opaque = piece.kind == "placeholder" or (piece.kind == "expansion" and not piece.text.startswith("{{"))
        masked.append("\0" * length if opaque else piece.text)
        if piece.kind == "literal":
            bare.append((position, position + length))
        position += length
    text = "".join(masked) if word.pieces else word.value
    for start, end in find(text, key=key, templated=word.region.templated):
        unquoted = any(first <= start < last for first, last in bare)
        found.append(Placeholder(word, start, end, bare=unquoted and text[start] == "<"))
    return sorted(found, key=lambda item: item.start)


def value_has(value: Value, *, key: str = "") -> bool:
    """True if the value of an option or override (not its key) contains a placeholder."""
    return any(found.end > value.offset for found in in_word(value.word, key=key))


def is_metavariable(text: str) -> bool:
    """True for `CONFIG`, `PROFILE`, `STEP_ID` and the like, given in place of a config, a profile or a step."""
    return text.isupper() and _METAVARIABLE.match(text) is not None


def _is_pair(text: str) -> bool:
    """True for `key=value` and the like, given in place of an override."""
    return "=val" in text.lower() and _PAIR.match(text) is not None


def mine(text: str) -> tuple[int, int] | None:
    """Offsets of a `my-…` name in the value of a profile or config."""
    match = _MINE.search(text) if "my-" in text.lower() else None
    return match.span() if match else None


def in_run(run: StepRun) -> list[Placeholder]:
    """Every placeholder of a run in order, except `my-…` names (see `mine`)."""
    keys = {id(override.word): override.key for override in run.overrides}
    due = {id(option.value.word): option.value for option in run.options if option.value}
    found: list[Placeholder] = []
    for word in run.words:
        before = len(found)
        found.extend(in_word(word, key=keys.get(id(word), "")))
        if len(found) > before or word.expansion:
            continue
        value = due.get(id(word))
        if value is not None and is_metavariable(value.text):
            found.append(Placeholder(word, value.offset, len(word.value)))
        elif (word is run.step and is_metavariable(word.value)) or _is_pair(word.value):
            found.append(Placeholder(word, 0, len(word.value)))
    return found


def leaves_out(run: StepRun) -> bool:
    """True if a bare placeholder (`...`, `<overrides>`) represents further words, so nothing can be called missing."""
    return any(in_word(word) for word in run.passthrough)
