"""Where a shell word passes the value of a secret variable."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.document import Span
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
