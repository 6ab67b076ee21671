"""Where a shell word passes the value of a secret variable, and what a variable holds that a script sets once."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Document, Span
from nemolint.secrets.names import secret_key
from nemolint.shell.command import Command, Word


class SecretExpansion(NamedTuple):
    """The expansion of a secret variable: its name, and characters `start:end` of the word's value."""

    name: str
    start: int
    end: int
    whole: bool

    def span(self, word: Word) -> Span:
        """The place of the expansion in the word's region."""
        return word.value_span(self.start, self.end)


# `${#X}` (a length), `${!X}` (a name), `${X:+set}` and `${{ secrets.X != '' }}` do not give the value, while
# `${{ secrets.X || 'a' }}` does.
_VARIABLE = lazily(
    r"""(?x) \$\{ (?: (?P<other>[\#!]) \w+ | (?P<braced>[A-Za-z_]\w{0,127}) (?P<alternative>:?\+)? )
    | \$ (?P<bare>[A-Za-z_]\w{0,127})
    | \$\{\{ \s{0,8} secrets\. (?P<workflow>\w{1,127}) \s{0,8} (?:\|\| [^{}]{0,64})? \}\}"""
)


def secret_expansions(word: Word) -> Iterator[SecretExpansion]:
    """Each expansion of a secret variable in a word: `$HF_TOKEN`, `${HF_TOKEN:-x}`, `${{ secrets.HF_TOKEN }}`.

    `whole`: the piece is only that variable. Expansions inside a nested `$(…)` belong to that command.
    """
    position = 0
    for piece in word.pieces:
        start, position = position, position + len(piece.text)
        if piece.kind != "expansion" or piece.text.startswith(("$(", "`", "{{")):
            continue
        for match in _VARIABLE.finditer(piece.text):
            name = match["workflow"] or match["bare"] or match["braced"]
            if name and not match["alternative"] and secret_key(name):
                whole = match.start() == 0 and match.end() >= len(piece.text) - (1 if match["braced"] else 0)
                end = len(piece.text) if match.start() == 0 and not match["bare"] else match.end()
                yield SecretExpansion(name, start + match.start(), start + end, whole)


def uses_secret(command: Command) -> SecretExpansion | None:
    """The first secret variable that a command expands, in its words or in its assignments."""
    for word in (*(assignment.word for assignment in command.assignments), *command.words):
        for expansion in secret_expansions(word):
            return expansion
    return None


# A variable by itself, and what gives one a value besides an assignment.
_ALONE = lazily(r"\$(?:([A-Za-z_]\w{0,127})|\{([A-Za-z_]\w{0,127})\})")
_SET_ELSEWHERE = lazily(r"(?<![\w-])(?:for|getopts|mapfile|printf[ \t]+-v|read|readarray|select)\b([^\n;|]{0,200})")
_NAME = lazily(r"[A-Za-z_]\w*")
_SETTERS = frozenset({"declare", "export", "local", "readonly", "typeset"})


class Resolved(NamedTuple):
    """The text of a part of a word with its variables filled in. `places`: where the values are that were filled in."""

    text: str
    places: tuple[Span, ...]


def resolved(document: Document, word: Word, start: int, end: int) -> Resolved | None:
    """Characters `start:end` of a word's value as the shell reads them, None where a variable in them is not known.

    Known is one that the commands of the document set once, to a literal.
    """
    variables = _variables(document)
    parts: list[str] = []
    places: list[Span] = []
    position = 0
    for piece in word.pieces:
        first, position = position, position + len(piece.text)
        if position <= start or first >= end:
            continue
        if piece.kind != "expansion":
            parts.append(piece.text[max(start - first, 0) : end - first])
            continue
        match = _ALONE.fullmatch(piece.text) if start <= first and position <= end else None
        value = variables.get(match[1] or match[2]) if match is not None else None
        if value is None:
            return None
        parts.append(value.text)
        places += value.places
    return Resolved("".join(parts), tuple(places)) if places else None


def _variables(document: Document) -> dict[str, Resolved]:
    """What the variables hold that are set once, to a literal."""
    kept: tuple[object, dict[str, Resolved]] | None = document.memo.get(_variables)
    commands = document.commands
    if kept is not None and kept[0] is commands:
        return kept[1]
    found: dict[str, Resolved | None] = {}
    for match in _SET_ELSEWHERE.finditer(document.text):
        found.update(dict.fromkeys(_NAME.findall(match[1])))
    for command in commands:
        words = [item.word for item in command.assignments]
        if command.name in _SETTERS:
            words += [word for word in command.words[1:] if "=" in word.value]
        for word in words:
            name, _, value = word.value.partition("=")
            if name in found or name.endswith("+"):
                found[name.rstrip("+")] = None
            elif word.expansion or not value:
                found[name] = None
            else:
                found[name] = Resolved(value, (word.value_span(len(name) + 1, len(word.value)),))
    known = {name: value for name, value in found.items() if value is not None}
    document.memo[_variables] = commands, known
    return known
